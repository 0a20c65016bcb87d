//! Faults of a UE in what its digest and the MAC of a challenge cover.

use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::token::Amf;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::proof::DigestFacts;
use crate::ue::{self, MacFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[RESPONSE_WITHOUT_BODY_HASH, MAC_OVER_NEAR_AMF];

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
const MAC_OVER_NEAR_AMF: Fault = fault(
    "ue/mac-over-near-amf",
    "UB-4.4-01",
    "MAC-A is right if it fits any AMF that differs from the one in AUTN in one bit.",
    Seam::Ue(|policy| policy.check_mac = over_near_amf),
    &["ue/network-authentication/sends-no-res-for-amf-changed-under-the-mac"],
);

fn without_body_hash(facts: &DigestFacts, password: &[u8]) -> String {
    let a2 = [facts.method.as_slice(), b":", &facts.uri].concat();
    facts
        .input(Password::Octets(password), &facts.body)
        .finish(&a2)
}

fn over_near_amf(facts: &MacFacts<'_>) -> MacCheck {
    let amf = u16::from_be_bytes(*facts.autn.amf().as_bytes());
    let fits = |bit: u32| {
        let near = Amf::from((amf ^ (1 << bit)).to_be_bytes());
        facts.functions.f1(facts.rand, facts.sqn, near).as_ref() == facts.autn.mac().as_ref()
    };
    if (0..16).any(fits) {
        MacCheck::Valid
    } else {
        ue::check_mac(facts)
    }
}
