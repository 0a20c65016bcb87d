//! Faults of a UE with 2G GBA.

use super::fault;
use crate::faults::{Fault, Seam, keys};
use crate::role::Transport;
use crate::subscriber::SubscriberKind;
use crate::ue;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    GBA_2G_OVER_PLAIN_HTTP,
    CERTIFICATE_NAME_NOT_COMPARED,
    KC_ONCE,
    GBA_2G_ORDER_SWAPPED,
    GBA_2G_NOT_TRUNCATED,
    GBA_2G_PASSWORD_IS_SRES,
    GBA_2G_LABEL_BEFORE_KS_INPUT,
];

const GBA_2G_OVER_PLAIN_HTTP: Fault = fault(
    "ue/2g-over-plain-http",
    "UB-H-02",
    "A UE with a SIM bootstraps outside TLS.",
    Seam::Ue(|policy| {
        policy.transport = |kind| match kind {
            SubscriberKind::Sim => Transport::Tcp,
            SubscriberKind::Usim | SubscriberKind::Digest => ue::transport(kind),
        };
    }),
    &["ue/gba-2g/bootstraps-inside-tls"],
);
const CERTIFICATE_NAME_NOT_COMPARED: Fault = fault(
    "ue/certificate-name-not-compared",
    "UB-H-02",
    "A challenge is answered whatever the name in the certificate of the BSF.",
    Seam::Ue(|policy| policy.accept_certificate = |_| true),
    &["ue/gba-2g/stops-at-a-certificate-of-another-name"],
);
const KC_ONCE: Fault = fault(
    "ue/kc-once",
    "UB-H-04",
    "The keys of 2G GBA are derived from Kc and RAND instead of Kc, Kc and RAND.",
    Seam::Ue(|policy| policy.second_generation_keys = keys::kc_once),
    ANSWERED,
);
const GBA_2G_ORDER_SWAPPED: Fault = fault(
    "ue/2g-order-swapped",
    "UB-H-04",
    "The keys of 2G GBA are derived from RAND, Kc and Kc.",
    Seam::Ue(|policy| policy.second_generation_keys = keys::rand_before_kc),
    ANSWERED,
);
const GBA_2G_NOT_TRUNCATED: Fault = fault(
    "ue/2g-not-truncated",
    "UB-H-04",
    "RES of 2G GBA has all 32 octets of the derivation.",
    Seam::Ue(|policy| policy.second_generation_keys = keys::res_not_truncated),
    ANSWERED,
);
const GBA_2G_PASSWORD_IS_SRES: Fault = fault(
    "ue/2g-password-is-sres",
    "UB-H-04",
    "The password of 2G GBA is SRES.",
    Seam::Ue(|policy| policy.second_generation_keys = keys::sres_as_res),
    ANSWERED,
);
const GBA_2G_LABEL_BEFORE_KS_INPUT: Fault = fault(
    "ue/2g-label-before-ks-input",
    "UB-H-04",
    "Ks of 2G GBA is derived with the label before Ks-input.",
    Seam::Ue(|policy| policy.second_generation_keys = keys::label_before_ks_input),
    &["ue/gba-2g/fetches-with-the-key-of-2g-gba"],
);

const ANSWERED: &[&str] = &["ue/gba-2g/completes-the-run"];
