//! Faults of a NAF in what it makes of the words of a client about itself.

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::proof::{self, MalformedCredentials};
use crate::ua::REALM_PREFIX;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[INTENDED_IDENTITY_NOT_READ, UICC_FOR_EVERYBODY];

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
