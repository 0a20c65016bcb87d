//! Faults of a UE in its requests to a NAF, and in the answers that it believes (TS 24.109
//! clause 5.2).

use gbaspec_crypto::digest::Qop;
use gbaspec_wire::digest_header::QopValue;

use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::role::ClientOutcome;
use crate::ue::{self, Proof, ReferencePoint, UsernameFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    INTENDED_IDENTITY_BARE,
    INTENDED_IDENTITY_IS_IMPI,
    USERNAME_WITHOUT_HOST,
    ANY_REALM_ACCEPTED,
    REALM_ENDS_WITH_NAME,
    RESOURCE_WITHOUT_PROOF_BELIEVED,
    BOOTSTRAPPING_REALM_IGNORED,
    TAKES_NONSENSE_FOR_SUCCESS,
    FIRST_QOP_OF_A_LIST,
    NO_LIST_OF_QOP,
    WRONG_PROOF_COUNTS_AS_NONE,
    OPAQUE_OF_NAF_DROPPED,
];

const INTENDED_IDENTITY_BARE: Fault = fault(
    "ue/intended-identity-bare",
    "UA-5.2.1-03",
    "The intended identity stands without quotes.",
    Seam::Ue(|policy| {
        policy.intended_identity = |identity| identity.public.map(str::to_owned);
    }),
    &["ue/fetch/quotes-its-intended-identity"],
);
const INTENDED_IDENTITY_IS_IMPI: Fault = fault(
    "ue/intended-identity-is-impi",
    "UA-5.2.1-03",
    "The intended identity is the private identity.",
    Seam::Ue(|policy| {
        policy.intended_identity = |identity| Some(format!("\"{}\"", identity.impi));
    }),
    &["ue/fetch/quotes-its-intended-identity"],
);
const USERNAME_WITHOUT_HOST: Fault = fault(
    "ue/username-without-host",
    "UA-5.2.2-01",
    "The username at a NAF is the B-TID without the name of the BSF.",
    Seam::Ue(|policy| {
        policy.username = |facts| {
            let username = ue::username(facts);
            match facts {
                UsernameFacts::Ub { .. } => username,
                UsernameFacts::Ua { .. } => {
                    let end = username.find('@').unwrap_or(username.len());
                    username[..end].to_owned()
                }
            }
        };
    }),
    &["ue/fetch/uses-the-btid-as-username"],
);
const ANY_REALM_ACCEPTED: Fault = fault(
    "ue/any-realm-accepted",
    "UA-5.2.2-05",
    "The realm of a NAF is not looked at.",
    Seam::Ue(|policy| policy.accept_realm = |_| true),
    &[
        "ue/fetch/stops-at-a-realm-without-at-sign",
        "ue/fetch/stops-at-a-realm-that-is-empty",
        "ue/fetch/stops-at-a-realm-of-another-host",
        "ue/fetch/stops-at-a-realm-without-host",
    ],
);
const REALM_ENDS_WITH_NAME: Fault = fault(
    "ue/realm-ends-with-name",
    "UA-5.2.2-05",
    "Any realm that ends with the name of the NAF is accepted.",
    Seam::Ue(|policy| {
        policy.accept_realm = |check| check.realm.ends_with(check.contacted.as_bytes());
    }),
    &[
        "ue/fetch/stops-at-a-realm-without-prefix",
        "ue/fetch/stops-at-a-realm-with-another-prefix",
        "ue/fetch/stops-at-a-realm-of-two-hosts",
    ],
);
const RESOURCE_WITHOUT_PROOF_BELIEVED: Fault = fault(
    "ue/resource-without-proof-believed",
    "UA-5.2.2-08",
    "A 200 of a NAF without Authentication-Info is believed.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match (facts.point, facts.status, facts.proof) {
            (ReferencePoint::Ua, 200, Proof::Absent) => ClientOutcome::Success,
            _ => ue::judge_result(facts),
        };
    }),
    &["ue/fetch/should-disbelieve-a-200-without-authentication-info"],
);
const BOOTSTRAPPING_REALM_IGNORED: Fault = fault(
    "ue/bootstrapping-realm-ignored",
    "UA-5.2.4-02",
    "A challenge that asks for bootstrapping ends the errand.",
    Seam::Ue(|policy| policy.accept_realm = |_| false),
    &["ue/fetch/bootstraps-and-comes-back"],
);
const TAKES_NONSENSE_FOR_SUCCESS: Fault = fault(
    "ue/takes-nonsense-for-success",
    "UA-5.2.4-02",
    "A 401 without a challenge that can be answered ends the errand with success.",
    Seam::Ue(|policy| policy.not_understood = || ClientOutcome::Success),
    &[
        "ue/fetch/survives-a-challenge-without-nonce",
        "ue/fetch/survives-a-challenge-without-realm",
        "ue/fetch/survives-a-challenge-with-an-endless-quote",
        "ue/fetch/survives-a-challenge-of-commas-alone",
        "ue/fetch/survives-a-challenge-of-another-scheme",
        "ue/fetch/survives-a-challenge-with-two-at-signs",
        "ue/fetch/survives-a-challenge-of-a-megabyte",
    ],
);
const FIRST_QOP_OF_A_LIST: Fault = fault(
    "ue/first-qop-of-a-list",
    "UA-5.2.6-01",
    "Of a list of qop values at a NAF the first known one is taken.",
    Seam::Ue(|policy| {
        policy.choose_qop = |offer| match offer.point {
            ReferencePoint::Ub => ue::choose_qop(offer),
            ReferencePoint::Ua => offer.values.iter().find_map(|value| match value {
                QopValue::Auth => Some(Qop::Auth),
                QopValue::AuthInt => Some(Qop::AuthInt),
                QopValue::Unknown(_) => None,
            }),
        };
    }),
    &["ue/fetch/takes-a-qop-from-a-list-of-auth-and-auth-int"],
);
const NO_LIST_OF_QOP: Fault = fault(
    "ue/no-list-of-qop",
    "UA-5.2.6-01",
    "A list of qop values at a NAF is not read.",
    Seam::Ue(|policy| {
        policy.choose_qop = |offer| match (offer.point, offer.values) {
            (ReferencePoint::Ua, [_, _, ..]) => None,
            _ => ue::choose_qop(offer),
        };
    }),
    &[
        "ue/fetch/takes-a-qop-from-a-list-of-auth-and-auth-int",
        "ue/fetch/takes-a-qop-from-a-list-of-auth-int-and-auth",
        "ue/fetch/takes-a-qop-from-a-list-of-an-unknown-one-and-auth-int",
    ],
);
const WRONG_PROOF_COUNTS_AS_NONE: Fault = fault(
    "ue/wrong-proof-counts-as-none",
    "UA-5.2.6-01",
    "An Authentication-Info that does not fit the body of a NAF's 200 is passed over.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match (facts.point, facts.status) {
            (ReferencePoint::Ua, 200) => ClientOutcome::Success,
            _ => ue::judge_result(facts),
        };
    }),
    &[
        "ue/fetch/disbelieves-a-200-whose-body-was-exchanged",
        "ue/fetch/disbelieves-a-200-whose-body-was-emptied",
    ],
);
const OPAQUE_OF_NAF_DROPPED: Fault = fault(
    "ue/opaque-of-naf-dropped",
    "DG-01",
    "The opaque of a NAF is not sent back.",
    Seam::Message(|message| edit::credentials(message, |list| list.remove("opaque"))),
    &["ue/fetch/repeats-the-opaque-of-the-naf"],
);
