//! Faults of a NAF in what it makes of the words of a client about itself.

use gbaspec_wire::product::has_token;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::proof::{self, MalformedCredentials};
use crate::ua::REALM_PREFIX;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    INTENDED_IDENTITY_NOT_READ,
    INTENDED_IDENTITY_IS_PROOF,
    UICC_FOR_EVERYBODY,
    PRODUCT_TOKENS_IGNORED,
    SERVES_WHO_ANNOUNCES_NOTHING,
];

const INTENDED_IDENTITY_NOT_READ: Fault = fault(
    "naf/intended-identity-not-read",
    "UA-5.2.3-01",
    "The credentials of a request with an intended identity count as broken.",
    Seam::Ua(|policy| {
        policy.read_credentials = |request| {
            if request.field("X-3GPP-Intended-Identity").is_some() {
                return Err(MalformedCredentials);
            }
            proof::read_credentials(request)
        };
    }),
    &["ua/identity/reads-an-intended-identity"],
);
const INTENDED_IDENTITY_IS_PROOF: Fault = fault(
    "naf/intended-identity-is-proof",
    "UA-5.2.4-01",
    "A request with an intended identity needs no credentials.",
    Seam::Ua(|policy| {
        policy.must_authenticate =
            |request| request.message.field("X-3GPP-Intended-Identity").is_none();
    }),
    &["ua/identity/serves-nobody-for-an-intended-identity"],
);
const UICC_FOR_EVERYBODY: Fault = fault(
    "naf/uicc-for-everybody",
    "UA-5.2.4-03",
    "The realm offers GBA_U to every client.",
    Seam::Ua(|policy| {
        policy.challenge = |facts| {
            let fqdn = facts.fqdn;
            let realm = format!("3GPP-bootstrapping-uicc@{fqdn};{REALM_PREFIX}{fqdn}");
            edit::with_realm(facts, &realm)
        };
    }),
    &[
        "ua/identity/offers-what-a-client-with-3gpp-gba-can-do",
        "ua/identity/asks-nobody-to-use-the-card-for-a-longer-token",
        "ua/identity/asks-nobody-to-use-the-card-for-capitals",
    ],
);
const PRODUCT_TOKENS_IGNORED: Fault = fault(
    "naf/product-tokens-ignored",
    "UA-5.2.4-03",
    "The realm offers GBA_ME to every client.",
    Seam::Ua(|policy| {
        policy.challenge =
            |facts| edit::with_realm(facts, &format!("{REALM_PREFIX}{}", facts.fqdn));
    }),
    &[
        "ua/identity/offers-what-a-client-with-3gpp-gba-uicc-can-do",
        "ua/identity/offers-what-a-client-with-3gpp-gba-digest-can-do",
    ],
);
const SERVES_WHO_ANNOUNCES_NOTHING: Fault = fault(
    "naf/serves-who-announces-nothing",
    "UA-5.2.4-04",
    "A client without a product token of GBA gets the page without a challenge.",
    Seam::Ua(|policy| {
        policy.must_authenticate = |request| {
            let agent = request.message.field("User-Agent");
            agent.is_some_and(|agent| has_token(&agent.text(), "3gpp-gba"))
        };
    }),
    &[
        "ua/identity/answers-a-client-without-token",
        "ua/identity/answers-a-client-without-user-agent",
    ],
);
