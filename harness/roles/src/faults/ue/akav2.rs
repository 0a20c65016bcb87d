//! Faults of a UE with Digest AKA version 2.

use gbaspec_wire::digest_header::Algorithm;

use super::fault;
use crate::faults::{Fault, Seam, keys};
use crate::ub::aka::AkaPasswordFacts;
use crate::ue::{self, OfferedChallenges, ReferencePoint, UbAnswer, UbPasswordFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    PREFERS_AKAV1,
    TAKES_FIRST_LISTED_ALGORITHM,
    AKAV2_ORDER_CK_IK,
    AKAV2_RAW_OCTETS,
    AKAV2_KEY_AND_DATA_SWAPPED,
    AKAV2_PASSWORD_IS_RES,
    AKAV2_ALWAYS_MD5,
];

const PREFERS_AKAV1: Fault = fault(
    "ue/prefers-akav1",
    "UB-4.2-38",
    "AKAv1 is answered wherever it is offered beside AKAv2.",
    Seam::Ue(|policy| {
        policy.choose_challenge =
            |offered| version_one(offered).or_else(|| ue::choose_challenge(offered));
    }),
    &[
        "ue/akav2/prefers-akav2-listed-first",
        "ue/akav2/prefers-akav2-listed-last",
    ],
);
const TAKES_FIRST_LISTED_ALGORITHM: Fault = fault(
    "ue/takes-first-listed-algorithm",
    "UB-4.2-38",
    "Of AKAv1 and AKAv2 the one is answered that is listed first.",
    Seam::Ue(|policy| policy.choose_challenge = first_listed),
    &["ue/akav2/prefers-akav2-listed-last"],
);
const AKAV2_ORDER_CK_IK: Fault = fault(
    "ue/akav2-order-ck-ik",
    "DG-11",
    "The key of the password of AKAv2 has CK before IK.",
    Seam::Ue(|policy| policy.ub_password = |facts| with(facts, keys::akav2_ck_before_ik)),
    ANSWERED,
);
const AKAV2_RAW_OCTETS: Fault = fault(
    "ue/akav2-raw-octets",
    "DG-11",
    "The password of AKAv2 is the keyed hash itself instead of its base64 text.",
    Seam::Ue(|policy| policy.ub_password = |facts| with(facts, keys::akav2_octets)),
    ANSWERED,
);
const AKAV2_KEY_AND_DATA_SWAPPED: Fault = fault(
    "ue/akav2-key-and-data-swapped",
    "DG-11",
    "The label is the key of the password of AKAv2, and RES, IK and CK are its data.",
    Seam::Ue(|policy| policy.ub_password = |facts| with(facts, keys::akav2_key_and_data_swapped)),
    ANSWERED,
);
const AKAV2_PASSWORD_IS_RES: Fault = fault(
    "ue/akav2-password-is-res",
    "DG-11",
    "The password of AKAv2 is RES, as in version 1.",
    Seam::Ue(|policy| policy.ub_password = |facts| with(facts, keys::akav2_res)),
    ANSWERED,
);
const AKAV2_ALWAYS_MD5: Fault = fault(
    "ue/akav2-always-md5",
    "DG-11",
    "The password of AKAv2-SHA-256 is made with HMAC-MD5.",
    Seam::Ue(|policy| policy.ub_password = |facts| with(facts, keys::akav2_always_md5)),
    &["ue/akav2/answers-akav2-sha-256"],
);

const ANSWERED: &[&str] = &[
    "ue/akav2/answers-akav2-md5",
    "ue/akav2/answers-akav2-sha-256",
];

/// This password in an answer with RES; AUTS keeps the empty one.
fn with(facts: &UbPasswordFacts<'_>, form: fn(&AkaPasswordFacts<'_>) -> Vec<u8>) -> Vec<u8> {
    match facts.answer {
        UbAnswer::Response => form(&facts.aka),
        UbAnswer::Resynchronisation => ue::ub_password(facts),
    }
}

fn version_one(offered: &OfferedChallenges<'_>) -> Option<usize> {
    offered
        .challenges
        .iter()
        .position(|challenge| challenge.algorithm == Some(Algorithm::AkaV1Md5))
}

fn first_listed(offered: &OfferedChallenges<'_>) -> Option<usize> {
    if offered.point == ReferencePoint::Ua {
        return ue::choose_challenge(offered);
    }
    offered.challenges.iter().position(|challenge| {
        let algorithm = challenge.algorithm.as_ref();
        algorithm.is_some_and(|algorithm| offered.known.contains(algorithm))
    })
}
