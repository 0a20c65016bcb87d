//! Faults of a BSF with `GBA_Digest`.

use data_encoding::BASE64;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::fault;
use crate::bsf;
use crate::faults::{Fault, Seam, edit, keys};
use crate::proof;
use crate::subscriber::SubscriberKind;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    GBA_DIGEST_OVER_PLAIN_HTTP,
    GBA_DIGEST_FALLS_BACK,
    GBA_DIGEST_REALM_IS_BSF,
    GBA_DIGEST_QOP_AUTH,
    GBA_DIGEST_AKA_NONCE,
    GBA_DIGEST_NONCE_REPEATED,
    GBA_DIGEST_LABEL_WITH_BLANK,
    GBA_DIGEST_LABEL_OF_KS,
    GBA_DIGEST_WITHOUT_TLS_KEY,
    GBA_DIGEST_ANY_RESPONSE,
];

const GBA_DIGEST_OVER_PLAIN_HTTP: Fault = fault(
    "bsf/gba-digest-over-plain-http",
    "UB-I-01",
    "A subscriber with a password is challenged outside TLS.",
    Seam::Bsf(|policy| policy.admit_gba_digest = |_| Ok(())),
    &["ub/gba-digest/refuses-a-password-outside-tls"],
);
const GBA_DIGEST_FALLS_BACK: Fault = fault(
    "bsf/gba-digest-falls-back",
    "UB-I-02",
    "A client that announces GBA_Digest and may not use it is served with Digest AKA.",
    Seam::Bsf(|policy| {
        policy.admit_gba_digest = |admission| match admission.kind {
            SubscriberKind::Digest => bsf::admit_gba_digest(admission),
            SubscriberKind::Usim | SubscriberKind::Sim => Ok(()),
        };
    }),
    &["ub/gba-digest/rejects-a-client-that-may-not-use-it"],
);
const GBA_DIGEST_REALM_IS_BSF: Fault = fault(
    "bsf/gba-digest-realm-is-bsf",
    "UB-I-03",
    "The realm of GBA_Digest is the name of the BSF instead of the home domain.",
    Seam::Bsf(|policy| policy.gba_digest_realm = |facts| facts.fqdn.to_owned()),
    &["ub/gba-digest/challenge-realm-is-the-home-domain"],
);
const GBA_DIGEST_QOP_AUTH: Fault = fault(
    "bsf/gba-digest-qop-auth",
    "UB-I-03",
    "The challenge of GBA_Digest offers auth instead of auth-int.",
    Seam::Message(|message| {
        change_digest_challenge(message, |list| list.set_raw("qop", b"\"auth\""));
    }),
    &["ub/gba-digest/challenge-offers-auth-int"],
);
const GBA_DIGEST_AKA_NONCE: Fault = fault(
    "bsf/gba-digest-aka-nonce",
    "UB-I-03",
    "A subscriber with a password gets a challenge of Digest AKA.",
    Seam::Message(|message| {
        change_digest_challenge(message, |list| {
            edit::with_value(list, "nonce", as_rand_and_autn);
            list.set_raw("algorithm", b"AKAv1-MD5");
        });
    }),
    &["ub/gba-digest/challenge-is-none-of-aka"],
);
const GBA_DIGEST_NONCE_REPEATED: Fault = fault(
    "bsf/gba-digest-nonce-repeated",
    "UB-I-03",
    "Each challenge of GBA_Digest has the same nonce.",
    Seam::Bsf(|policy| policy.gba_digest_nonce = |_| BASE64.encode(&[0x5a; 16])),
    &["ub/gba-digest/each-challenge-has-a-nonce-of-its-own"],
);
const GBA_DIGEST_LABEL_WITH_BLANK: Fault = fault(
    "bsf/gba-digest-label-with-blank",
    "UB-I-04",
    "The label of passwd begins with a blank.",
    Seam::Bsf(|policy| policy.gba_digest_password = keys::label_with_blank),
    COMPLETED,
);
const GBA_DIGEST_LABEL_OF_KS: Fault = fault(
    "bsf/gba-digest-label-of-ks",
    "UB-I-04",
    "passwd is derived with the label of Ks.",
    Seam::Bsf(|policy| policy.gba_digest_password = keys::passwd_with_label_of_ks),
    COMPLETED,
);
const GBA_DIGEST_WITHOUT_TLS_KEY: Fault = fault(
    "bsf/gba-digest-without-tls-key",
    "UB-I-04",
    "passwd is derived without the key material of the TLS session.",
    Seam::Bsf(|policy| policy.gba_digest_password = keys::passwd_without_tls),
    COMPLETED,
);
const GBA_DIGEST_ANY_RESPONSE: Fault = fault(
    "bsf/gba-digest-any-response",
    "UB-I-04",
    "A response of GBA_Digest is accepted whatever it was made with.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            // RES of 2G GBA is shorter than any form of passwd.
            let is_gba_digest = check.aka.is_none() && check.password.len() > 16;
            is_gba_digest || proof::accept_response(check)
        };
    }),
    &[
        "ub/gba-digest/refuses-the-plain-password",
        "ub/gba-digest/refuses-a-label-with-a-blank",
    ],
);

const COMPLETED: &[&str] = &["ub/gba-digest/completes-the-run"];

/// Changes the challenge of `GBA_Digest`, which is the one with SHA-256.
fn change_digest_challenge(message: &mut Message, change: impl FnOnce(&mut DirectiveList)) {
    edit::challenge(message, |list| {
        if list.value("algorithm") == Some(b"SHA-256") {
            change(list);
        }
    });
}

/// The octets of a nonce twice, as if they were RAND and AUTN.
fn as_rand_and_autn(nonce: &[u8]) -> Vec<u8> {
    let octets = BASE64.decode(nonce).unwrap_or_default();
    let twice = [octets.as_slice(), &octets].concat();
    format!("\"{}\"", BASE64.encode(&twice)).into_bytes()
}
