//! Faults of a BSF with Digest AKA version 2.

use gbaspec_crypto::digest::Hash;

use super::fault;
use crate::faults::{Fault, Seam, keys};
use crate::proof::{self, DigestFacts, InfoFacts, ResponseCheck};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    AKAV1_REFUSED_BESIDE_AKAV2,
    AKAV2_RSPAUTH_WITH_MD5,
    AKAV2_NOT_OFFERED,
    AKAV2_ANY_RESPONSE,
    AKAV2_ORDER_CK_IK,
    AKAV2_RAW_OCTETS,
    AKAV2_KEY_AND_DATA_SWAPPED,
    AKAV2_PASSWORD_IS_RES,
    AKAV2_ALWAYS_MD5,
];

const AKAV1_REFUSED_BESIDE_AKAV2: Fault = fault(
    "bsf/akav1-refused-beside-akav2",
    "UB-4.2-40",
    "A response of version 1 is refused though its challenge was offered.",
    Seam::Bsf(|policy| {
        policy.accept_response =
            |check| is_password_of_version_2(check) && proof::accept_response(check);
    }),
    &[
        "ub/akav2/version-1-still-works-beside-akav2-md5",
        "ub/akav2/version-1-still-works-beside-akav2-sha-256",
    ],
);
const AKAV2_RSPAUTH_WITH_MD5: Fault = fault(
    "bsf/akav2-rspauth-with-md5",
    "UB-4.2-56",
    "rspauth is made with MD5 where the algorithm is AKAv2-SHA-256.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            proof::authentication_info(&InfoFacts {
                facts: &DigestFacts {
                    hash: Hash::Md5,
                    ..info.facts.clone()
                },
                ..*info
            })
        };
    }),
    &["ub/akav2/proves-itself-with-akav2-sha-256"],
);
const AKAV2_NOT_OFFERED: Fault = fault(
    "bsf/akav2-not-offered",
    "DG-11",
    "Only version 1 is offered, though version 2 is claimed.",
    Seam::Message(|message| {
        let offered: Vec<Vec<u8>> = message
            .fields_named("WWW-Authenticate")
            .map(|field| field.text().to_vec())
            .collect();
        message.remove("WWW-Authenticate");
        for challenge in offered {
            if !challenge.windows(5).any(|part| part == b"AKAv2") {
                message.push("WWW-Authenticate", challenge);
            }
        }
    }),
    &["ub/akav2/offers-akav2-md5", "ub/akav2/offers-akav2-sha-256"],
);
const AKAV2_ANY_RESPONSE: Fault = fault(
    "bsf/akav2-any-response",
    "DG-11",
    "A response of version 2 is accepted whatever it was made with.",
    Seam::Bsf(|policy| {
        policy.accept_response =
            |check| is_password_of_version_2(check) || proof::accept_response(check);
    }),
    &[
        "ub/akav2/refuses-akav2-md5-with-the-octets-of-the-hmac",
        "ub/akav2/refuses-akav2-md5-with-ck-before-ik",
        "ub/akav2/refuses-akav2-md5-with-key-and-data-swapped",
        "ub/akav2/refuses-akav2-md5-with-res",
        "ub/akav2/refuses-akav2-sha-256-with-res",
    ],
);
const AKAV2_ORDER_CK_IK: Fault = fault(
    "bsf/akav2-order-ck-ik",
    "DG-11",
    "The key of the password of AKAv2 has CK before IK.",
    Seam::Bsf(|policy| policy.aka_password = keys::akav2_ck_before_ik),
    COMPLETED,
);
const AKAV2_RAW_OCTETS: Fault = fault(
    "bsf/akav2-raw-octets",
    "DG-11",
    "The password of AKAv2 is the keyed hash itself instead of its base64 text.",
    Seam::Bsf(|policy| policy.aka_password = keys::akav2_octets),
    COMPLETED,
);
const AKAV2_KEY_AND_DATA_SWAPPED: Fault = fault(
    "bsf/akav2-key-and-data-swapped",
    "DG-11",
    "The label is the key of the password of AKAv2, and RES, IK and CK are its data.",
    Seam::Bsf(|policy| policy.aka_password = keys::akav2_key_and_data_swapped),
    COMPLETED,
);
const AKAV2_PASSWORD_IS_RES: Fault = fault(
    "bsf/akav2-password-is-res",
    "DG-11",
    "The password of AKAv2 is RES, as in version 1.",
    Seam::Bsf(|policy| policy.aka_password = keys::akav2_res),
    COMPLETED,
);
const AKAV2_ALWAYS_MD5: Fault = fault(
    "bsf/akav2-always-md5",
    "DG-11",
    "The password of AKAv2-SHA-256 is made with HMAC-MD5.",
    Seam::Bsf(|policy| policy.aka_password = keys::akav2_always_md5),
    &["ub/akav2/completes-the-run-with-akav2-sha-256"],
);

const COMPLETED: &[&str] = &[
    "ub/akav2/completes-the-run-with-akav2-md5",
    "ub/akav2/completes-the-run-with-akav2-sha-256",
];

/// Whether the password is longer than any RES, as the base64 text of a keyed hash is.
fn is_password_of_version_2(check: &ResponseCheck<'_>) -> bool {
    check.password.len() > 16
}
