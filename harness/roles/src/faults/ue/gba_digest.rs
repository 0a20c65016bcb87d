//! Faults of a UE with `GBA_Digest`.

use super::fault;
use crate::faults::{Fault, Seam, edit, keys};
use crate::role::Transport;
use crate::subscriber::SubscriberKind;
use crate::ub::gba_digest;
use crate::ue;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    GBA_DIGEST_OVER_PLAIN_HTTP,
    GBA_DIGEST_TOKEN_MISSING,
    GBA_DIGEST_TOKEN_ONLY_IN_FIRST_REQUEST,
    GBA_DIGEST_TOKEN_IN_LOWER_CASE,
    GBA_DIGEST_REALM_IS_BSF,
    GBA_DIGEST_LABEL_WITH_BLANK,
    GBA_DIGEST_LABEL_OF_KS,
    GBA_DIGEST_WITHOUT_TLS_KEY,
];

const GBA_DIGEST_OVER_PLAIN_HTTP: Fault = fault(
    "ue/gba-digest-over-plain-http",
    "UB-I-01",
    "A UE with a password bootstraps outside TLS.",
    Seam::Ue(|policy| {
        policy.transport = |kind| match kind {
            SubscriberKind::Digest => Transport::Tcp,
            SubscriberKind::Usim | SubscriberKind::Sim => ue::transport(kind),
        };
    }),
    &["ue/gba-digest/bootstraps-inside-tls"],
);
const GBA_DIGEST_TOKEN_MISSING: Fault = fault(
    "ue/gba-digest-token-missing",
    "UB-I-01",
    "The User-Agent header lacks the product token of GBA_Digest.",
    Seam::Message(|message| edit::replace_in_field(message, "User-Agent", GONE, "")),
    &[
        "ue/gba-digest/announces-gba-digest-in-the-first-request",
        "ue/gba-digest/announces-gba-digest-in-the-answer",
    ],
);
const GBA_DIGEST_TOKEN_ONLY_IN_FIRST_REQUEST: Fault = fault(
    "ue/gba-digest-token-only-in-first-request",
    "UB-I-01",
    "Only the first request of a run has the product token of GBA_Digest.",
    Seam::Message(|message| {
        if !edit::is_initial(message) {
            edit::replace_in_field(message, "User-Agent", GONE, "");
        }
    }),
    &["ue/gba-digest/announces-gba-digest-in-the-answer"],
);
const GBA_DIGEST_TOKEN_IN_LOWER_CASE: Fault = fault(
    "ue/gba-digest-token-in-lower-case",
    "UB-I-01",
    "The product token of GBA_Digest is written gba_digest.",
    Seam::Message(|message| {
        edit::replace_in_field(message, "User-Agent", gba_digest::TOKEN, "gba_digest");
    }),
    &[
        "ue/gba-digest/announces-gba-digest-in-the-first-request",
        "ue/gba-digest/announces-gba-digest-in-the-answer",
    ],
);
const GBA_DIGEST_REALM_IS_BSF: Fault = fault(
    "ue/gba-digest-realm-is-bsf",
    "UB-I-03",
    "The answer of GBA_Digest names the BSF as realm instead of the home domain.",
    Seam::Message(|message| {
        let agent = message
            .field("User-Agent")
            .map(|field| field.text().to_vec());
        let announces = gba_digest::TOKEN.as_bytes();
        let is_gba_digest =
            agent.is_some_and(|agent| agent.windows(announces.len()).any(|part| part == announces));
        if is_gba_digest {
            edit::credentials(message, |list| {
                list.set_raw("realm", b"\"bsf.home1.net\"");
            });
        }
    }),
    &["ue/gba-digest/answers-under-auth-int"],
);
const GBA_DIGEST_LABEL_WITH_BLANK: Fault = fault(
    "ue/gba-digest-label-with-blank",
    "UB-I-04",
    "The label of passwd begins with a blank.",
    Seam::Ue(|policy| policy.gba_digest_password = keys::label_with_blank),
    ANSWERED,
);
const GBA_DIGEST_LABEL_OF_KS: Fault = fault(
    "ue/gba-digest-label-of-ks",
    "UB-I-04",
    "passwd is derived with the label of Ks.",
    Seam::Ue(|policy| policy.gba_digest_password = keys::passwd_with_label_of_ks),
    ANSWERED,
);
const GBA_DIGEST_WITHOUT_TLS_KEY: Fault = fault(
    "ue/gba-digest-without-tls-key",
    "UB-I-04",
    "passwd is derived without the key material of the TLS session.",
    Seam::Ue(|policy| policy.gba_digest_password = keys::passwd_without_tls),
    ANSWERED,
);

const GONE: &str = "; GBA_Digest";
const ANSWERED: &[&str] = &["ue/gba-digest/completes-the-run"];
