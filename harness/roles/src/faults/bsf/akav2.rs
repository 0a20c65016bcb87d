//! Faults of a BSF with Digest AKA version 2.

use gbaspec_crypto::digest::{Hash, Password};
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Field;

use super::fault;
use crate::faults::{Fault, Seam, keys};
use crate::proof::{self, DigestFacts, InfoFacts, ResponseCheck};
use crate::ub::aka::{self, AkaPasswordFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    AKAV2_NOT_OFFERED,
    AKAV2_RSPAUTH_WITH_MD5,
    AKAV2_RSPAUTH_WITH_RES,
    AKAV2_ORDER_CK_IK,
    AKAV2_RAW_OCTETS,
    AKAV2_KEY_AND_DATA_SWAPPED,
    AKAV2_PASSWORD_IS_RES,
    AKAV2_ALWAYS_MD5,
    ACCEPTS_AKAV2_OCTETS,
    ACCEPTS_AKAV2_CK_IK,
    ACCEPTS_AKAV2_SWAPPED,
    ACCEPTS_AKAV2_WITH_RES,
    AKAV2_FOR_EACH_ALGORITHM,
];

const AKAV2_NOT_OFFERED: Fault = fault(
    "bsf/akav2-not-offered",
    "DG-11",
    "The challenges with AKAv2 are left out, though the BSF is set up to offer them.",
    Seam::Message(|message| {
        message.fields.retain(|field| !offers_version_two(field));
    }),
    &["ub/akav2/offers-akav2-md5", "ub/akav2/offers-akav2-sha-256"],
);

const AKAV2_RSPAUTH_WITH_MD5: Fault = fault(
    "bsf/akav2-rspauth-with-md5",
    "DG-11",
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
const AKAV2_RSPAUTH_WITH_RES: Fault = fault(
    "bsf/akav2-rspauth-with-res",
    "DG-11",
    "rspauth is keyed with RES where the algorithm is AKAv2.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            let res = info.aka.map(|aka| aka.res.expose());
            proof::authentication_info(&InfoFacts {
                password: res.unwrap_or(info.password),
                ..*info
            })
        };
    }),
    &[
        "ub/akav2/proves-itself-with-akav2-md5",
        "ub/akav2/proves-itself-with-akav2-sha-256",
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

const ACCEPTS_AKAV2_OCTETS: Fault = fault(
    "bsf/accepts-akav2-octets",
    "DG-11",
    "A response made with the octets of the keyed hash is accepted as well.",
    Seam::Bsf(|policy| policy.accept_response = |check| or_with(check, keys::akav2_octets)),
    &["ub/akav2/refuses-akav2-md5-with-the-octets-of-the-hmac"],
);
const ACCEPTS_AKAV2_CK_IK: Fault = fault(
    "bsf/accepts-akav2-ck-ik",
    "DG-11",
    "A response made with CK before IK is accepted as well.",
    Seam::Bsf(|policy| policy.accept_response = |check| or_with(check, keys::akav2_ck_before_ik)),
    &["ub/akav2/refuses-akav2-md5-with-ck-before-ik"],
);
const ACCEPTS_AKAV2_SWAPPED: Fault = fault(
    "bsf/accepts-akav2-swapped",
    "DG-11",
    "A response made with key and data of the keyed hash swapped is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| or_with(check, keys::akav2_key_and_data_swapped);
    }),
    &["ub/akav2/refuses-akav2-md5-with-key-and-data-swapped"],
);
const ACCEPTS_AKAV2_WITH_RES: Fault = fault(
    "bsf/accepts-akav2-with-res",
    "DG-11",
    "A response of AKAv2 made with RES is accepted as well.",
    Seam::Bsf(|policy| policy.accept_response = |check| or_with(check, keys::akav2_res)),
    &[
        "ub/akav2/refuses-akav2-md5-with-res",
        "ub/akav2/refuses-akav2-sha-256-with-res",
    ],
);
const AKAV2_FOR_EACH_ALGORITHM: Fault = fault(
    "bsf/akav2-for-each-algorithm",
    "UB-4.2-40",
    "The password of AKAv2 is wanted for a response of AKAv1 too.",
    Seam::Bsf(|policy| {
        policy.aka_password = |facts| {
            aka::password(&AkaPasswordFacts {
                algorithm: match facts.algorithm {
                    Algorithm::AkaV1Md5 => &Algorithm::AkaV2Md5,
                    other => other,
                },
                ..*facts
            })
        };
    }),
    &[
        "ub/akav2/version-1-still-works-beside-akav2-md5",
        "ub/akav2/version-1-still-works-beside-akav2-sha-256",
    ],
);

const COMPLETED: &[&str] = &[
    "ub/akav2/completes-the-run-with-akav2-md5",
    "ub/akav2/completes-the-run-with-akav2-sha-256",
];

/// The right response, or the one with this password where the algorithm is AKAv2.
fn or_with(check: &ResponseCheck<'_>, password: fn(&AkaPasswordFacts<'_>) -> Vec<u8>) -> bool {
    let aka = check.aka.filter(|aka| aka.version_two().is_some());
    proof::accept_response(check)
        || aka.is_some_and(|aka| {
            let password = password(&aka);
            check
                .facts
                .proves(Password::Octets(&password), check.response)
        })
}

/// Whether a header offers AKAv2.
fn offers_version_two(field: &Field) -> bool {
    let text = field.text();
    field.is_named("WWW-Authenticate") && text.windows(7).any(|word| word == b"=AKAv2-")
}
