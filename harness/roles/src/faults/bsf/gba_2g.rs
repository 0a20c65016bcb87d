//! Faults of a BSF with 2G GBA.

use data_encoding::BASE64;
use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_wire::http::Message;

use super::fault;
use crate::bsf::{self, SecondGenerationChoice};
use crate::faults::{Fault, Seam, edit, keys};
use crate::proof;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    GBA_2G_OVER_PLAIN_HTTP,
    GBA_2G_REALM_IS_HOME_DOMAIN,
    AUTN_RANDOM,
    KS_INPUT_MISSING,
    KS_INPUT_REPEATED,
    KC_ONCE,
    GBA_2G_ORDER_SWAPPED,
    GBA_2G_NOT_TRUNCATED,
    GBA_2G_PASSWORD_IS_SRES,
    GBA_2G_ANY_RESPONSE,
];

/// The length of the text of a nonce of 48 octets.
const NONCE_TEXT: usize = 64;
/// The length of RES of 2G GBA (TS 33.220 Annex I).
const RES: usize = 16;

const GBA_2G_OVER_PLAIN_HTTP: Fault = fault(
    "bsf/2g-over-plain-http",
    "UB-H-02",
    "A subscriber with a SIM is challenged outside TLS.",
    Seam::Bsf(|policy| policy.admit_second_generation = |_| Ok(())),
    &["ub/gba-2g/refuses-a-sim-outside-tls"],
);
const GBA_2G_REALM_IS_HOME_DOMAIN: Fault = fault(
    "bsf/2g-realm-is-home-domain",
    "UB-H-02",
    "The realm of 2G GBA is the home domain, which the certificate does not name.",
    Seam::Message(|message| {
        if is_second_generation(message) {
            edit::challenge(message, |list| list.set_raw("realm", b"\"home1.net\""));
        }
    }),
    &["ub/gba-2g/challenge-realm-is-the-bsf-name"],
);
const AUTN_RANDOM: Fault = fault(
    "bsf/autn-random",
    "UB-H-03",
    "The nonce of 2G GBA has other octets than zeros in the place of AUTN.",
    Seam::Bsf(|policy| {
        policy.second_generation_nonce = |nonce| {
            let mut octets = nonce.to_bytes();
            octets.copy_within(..16, 16);
            BASE64.encode(&octets)
        };
    }),
    &["ub/gba-2g/nonce-holds-rand-zeros-and-ks-input"],
);
const KS_INPUT_MISSING: Fault = fault(
    "bsf/ks-input-missing",
    "UB-H-03",
    "The nonce of 2G GBA ends after the zeros.",
    Seam::Bsf(|policy| {
        policy.second_generation_nonce = |nonce| BASE64.encode(&nonce.to_bytes()[..32]);
    }),
    &["ub/gba-2g/nonce-holds-rand-zeros-and-ks-input"],
);
const KS_INPUT_REPEATED: Fault = fault(
    "bsf/ks-input-repeated",
    "UB-H-03",
    "RAND and Ks-input of 2G GBA are those of the challenge before.",
    Seam::Bsf(|policy| policy.choose_second_generation = previous),
    &["ub/gba-2g/each-challenge-has-rand-and-ks-input-of-its-own"],
);
const KC_ONCE: Fault = fault(
    "bsf/kc-once",
    "UB-H-04",
    "The keys of 2G GBA are derived from Kc and RAND instead of Kc, Kc and RAND.",
    Seam::Bsf(|policy| policy.second_generation_keys = keys::kc_once),
    COMPLETED,
);
const GBA_2G_ORDER_SWAPPED: Fault = fault(
    "bsf/2g-order-swapped",
    "UB-H-04",
    "The keys of 2G GBA are derived from RAND, Kc and Kc.",
    Seam::Bsf(|policy| policy.second_generation_keys = keys::rand_before_kc),
    COMPLETED,
);
const GBA_2G_NOT_TRUNCATED: Fault = fault(
    "bsf/2g-not-truncated",
    "UB-H-04",
    "RES of 2G GBA has all 32 octets of the derivation.",
    Seam::Bsf(|policy| policy.second_generation_keys = keys::res_not_truncated),
    COMPLETED,
);
const GBA_2G_PASSWORD_IS_SRES: Fault = fault(
    "bsf/2g-password-is-sres",
    "UB-H-04",
    "The password of 2G GBA is SRES.",
    Seam::Bsf(|policy| policy.second_generation_keys = keys::sres_as_res),
    COMPLETED,
);

const GBA_2G_ANY_RESPONSE: Fault = fault(
    "bsf/2g-any-response",
    "UB-H-04",
    "A response of 2G GBA is accepted whatever it was made with.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            let is_second_generation = check.aka.is_none() && check.password.len() == RES;
            is_second_generation || proof::accept_response(check)
        };
    }),
    &[
        "ub/gba-2g/refuses-a-response-made-with-sres",
        "ub/gba-2g/refuses-a-response-made-with-kc-once",
        "ub/gba-2g/refuses-a-response-made-with-rand-before-kc",
        "ub/gba-2g/refuses-a-response-made-with-all-octets-of-the-derivation",
    ],
);

const COMPLETED: &[&str] = &["ub/gba-2g/completes-the-run"];

fn previous(choice: &SecondGenerationChoice) -> Nonce2g {
    choice
        .previous
        .unwrap_or_else(|| bsf::choose_second_generation(choice))
}

/// Whether a message is a challenge with a nonce of 48 octets.
fn is_second_generation(message: &Message) -> bool {
    let mut has_long_nonce = false;
    edit::challenge(&mut message.clone(), |list| {
        has_long_nonce = list
            .value("nonce")
            .is_some_and(|nonce| nonce.len() == NONCE_TEXT);
    });
    has_long_nonce
}
