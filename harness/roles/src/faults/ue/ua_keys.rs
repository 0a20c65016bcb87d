//! Faults of a UE in the choice of the key for a NAF: terminal, card or password (TS 24.109
//! clauses 5.2.1 and 5.2.4, TS 33.220 Annex B.6).

use gbaspec_crypto::kdf::{FC_GBA, kdf};
use gbaspec_crypto::secret::KsNaf;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue::{self, KeyKind};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ANNOUNCES_TERMINAL_ONLY,
    TERMINAL_KEY_FOR_THE_CARD,
    CARD_KEY_FOR_THE_TERMINAL,
    NO_LIST_OF_REALMS,
    DIGEST_KEY_UNDER_GBA_ME,
];

const ANNOUNCES_TERMINAL_ONLY: Fault = fault(
    "ue/announces-terminal-only",
    "UA-5.2.1-02",
    "Every client announces itself as one of GBA_ME, whatever it can do.",
    Seam::Ue(|policy| policy.product_tokens = |_| "3gpp-gba"),
    &[
        "ue/gba-u/announces-its-card-to-the-naf",
        "ue/gba-digest/announces-gba-digest-to-the-naf",
    ],
);
const TERMINAL_KEY_FOR_THE_CARD: Fault = fault(
    "ue/terminal-key-for-the-card",
    "UA-5.2.4-05",
    "The realm of the card is answered with Ks_NAF.",
    Seam::Ue(|policy| policy.key_kind = |_| KeyKind::Terminal),
    &[
        "ue/gba-u/answers-the-card-with-ks-int-naf",
        "ue/gba-u/believes-a-naf-that-knows-ks-int-naf",
    ],
);
const CARD_KEY_FOR_THE_TERMINAL: Fault = fault(
    "ue/card-key-for-the-terminal",
    "UA-5.2.4-05",
    "Every realm is answered with Ks_int_NAF.",
    Seam::Ue(|policy| policy.key_kind = |_| KeyKind::Card),
    &["ue/gba-u/answers-the-terminal-with-ks-naf"],
);
const NO_LIST_OF_REALMS: Fault = fault(
    "ue/no-list-of-realms",
    "UA-5.2.4-05",
    "A realm that lists several offers is not read.",
    Seam::Ue(|policy| {
        policy.accept_realm = |check| !check.realm.contains(&b';') && ue::accept_realm(check);
    }),
    &["ue/gba-u/answers-a-list-with-one-of-them"],
);
const DIGEST_KEY_UNDER_GBA_ME: Fault = fault(
    "ue/digest-key-under-gba-me",
    "KD-15",
    "After GBA_Digest the key for a NAF is derived under the label gba-me.",
    Seam::Ue(|policy| {
        policy.digest_naf_key = |facts| {
            let (nonce, naf_id) = (facts.nonce, facts.naf_id.as_bytes());
            let values = [b"gba-me".as_slice(), nonce, facts.impi.as_bytes(), naf_id];
            KsNaf::new(kdf(facts.ks.expose(), FC_GBA, &values))
        };
    }),
    &["ue/gba-digest/derives-the-key-of-the-naf-from-the-nonce"],
);
