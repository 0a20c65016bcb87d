//! Faults of a UE in what its digest covers.

use gbaspec_crypto::digest::Password;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::proof::DigestFacts;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[RESPONSE_WITHOUT_BODY_HASH];

const RESPONSE_WITHOUT_BODY_HASH: Fault = fault(
    "ue/response-without-body-hash",
    "UB-4.2-32",
    "The response names auth-int, but its A2 ends after the uri.",
    Seam::Ue(|policy| policy.response = without_body_hash),
    &[
        "ue/bootstrap/answers-under-auth-int",
        "ue/bootstrap/takes-auth-int-from-a-list",
    ],
);
fn without_body_hash(facts: &DigestFacts, password: &[u8]) -> String {
    let a2 = [facts.method.as_slice(), b":", &facts.uri].concat();
    facts
        .input(Password::Octets(password), &facts.body)
        .finish(&a2)
}
