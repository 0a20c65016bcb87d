//! Faults of a UE in the derivation of the keys for NAF and portal (TS 33.220 Annexes B and H).

use data_encoding::BASE64;
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::kdf::{self, FC_GBA, NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue::{self, NafKeyFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    KEY_LENGTHS_LITTLE_ENDIAN,
    KEY_LENGTHS_FIRST,
    KEY_WITHOUT_LENGTHS,
    KEY_LABEL_GBA_U,
    KEY_LABEL_WITH_ZERO,
    KEY_FC_00,
    KEY_WITH_BTID,
    KEY_WITH_TMPI,
    KEY_WITH_RAND_AS_TEXT,
    NAF_ID_OF_ANOTHER_PROTOCOL,
    NAF_ID_UPPER_CASE,
    SAME_KEY_FOR_ALL_SERVERS,
    KS_GOES_TO_THE_SERVER,
];

/// The name of the BSF of the reference UE.
const BSF: &str = "bsf.home1.net";
/// The name of its NAF.
const NAF: &str = "naf1.home1.net";

const KEY_LENGTHS_LITTLE_ENDIAN: Fault = fault(
    "ue/key-lengths-little-endian",
    "KD-01",
    "The lengths in the key derivation have the least significant octet first.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| key_over(facts, |value, length| [value, &[length, 0]].concat());
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-with-lengths-of-two-octets-behind-the-values",
        "ue/keys/derives-the-key-of-the-portal-with-lengths-of-two-octets-behind-the-values",
    ],
);
const KEY_LENGTHS_FIRST: Fault = fault(
    "ue/key-lengths-first",
    "KD-01",
    "The lengths in the key derivation stand before their values.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| key_over(facts, |value, length| [&[0, length], value].concat());
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-with-lengths-of-two-octets-behind-the-values",
        "ue/keys/derives-the-key-of-the-portal-with-lengths-of-two-octets-behind-the-values",
    ],
);
const KEY_WITHOUT_LENGTHS: Fault = fault(
    "ue/key-without-lengths",
    "KD-01",
    "There are no lengths in the key derivation.",
    Seam::Ue(|policy| policy.naf_key = |facts| key_over(facts, |value, _| value.to_vec())),
    &[
        "ue/keys/derives-the-key-of-the-naf-with-lengths-of-two-octets-behind-the-values",
        "ue/keys/derives-the-key-of-the-portal-with-lengths-of-two-octets-behind-the-values",
    ],
);
const KEY_LABEL_GBA_U: Fault = fault(
    "ue/key-label-gba-u",
    "KD-02",
    "The label of the key is the one of the key inside the card.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| key_from(facts, |parts| parts.label = b"gba-u".to_vec());
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-under-the-label-gba-me",
        "ue/keys/derives-the-key-of-the-portal-under-the-label-gba-me",
    ],
);
const KEY_LABEL_WITH_ZERO: Fault = fault(
    "ue/key-label-with-zero",
    "KD-02",
    "The label of the key has the zero that ends a text of C.",
    Seam::Ue(|policy| policy.naf_key = |facts| key_from(facts, |parts| parts.label.push(0))),
    &[
        "ue/keys/derives-the-key-of-the-naf-under-the-label-gba-me",
        "ue/keys/derives-the-key-of-the-portal-under-the-label-gba-me",
    ],
);
const KEY_FC_00: Fault = fault(
    "ue/key-fc-00",
    "KD-02",
    "FC of the key derivation is 00 instead of 01.",
    Seam::Ue(|policy| policy.naf_key = |facts| key_from(facts, |parts| parts.fc = 0)),
    &[
        "ue/keys/derives-the-key-of-the-naf-under-the-label-gba-me",
        "ue/keys/derives-the-key-of-the-portal-under-the-label-gba-me",
    ],
);
const KEY_WITH_BTID: Fault = fault(
    "ue/key-with-btid",
    "KD-03",
    "The key is derived with the B-TID in place of the private identity.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let btid = kdf::btid(facts.rand, BSF);
            ue::naf_key(&NafKeyFacts {
                impi: &btid,
                ..*facts
            })
        };
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-from-rand-and-private-identity",
        "ue/keys/derives-the-key-of-the-portal-from-rand-and-private-identity",
    ],
);
const KEY_WITH_TMPI: Fault = fault(
    "ue/key-with-tmpi",
    "KD-03",
    "The key is derived with the TMPI of the session in place of the private identity.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let tmpi = kdf::tmpi(facts.ks, facts.rand, facts.impi, BSF);
            ue::naf_key(&NafKeyFacts {
                impi: &tmpi,
                ..*facts
            })
        };
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-from-rand-and-private-identity",
        "ue/keys/derives-the-key-of-the-portal-from-rand-and-private-identity",
    ],
);
const KEY_WITH_RAND_AS_TEXT: Fault = fault(
    "ue/key-with-rand-as-text",
    "KD-03",
    "The key is derived with the base64 text of RAND.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            key_from(facts, |parts| {
                parts.rand = BASE64.encode(&parts.rand).into_bytes();
            })
        };
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-from-rand-and-private-identity",
        "ue/keys/derives-the-key-of-the-portal-from-rand-and-private-identity",
    ],
);
const NAF_ID_OF_ANOTHER_PROTOCOL: Fault = fault(
    "ue/naf-id-of-another-protocol",
    "KD-05",
    "NAF_Id has the identifier of the MBMS protocol.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            ue::naf_key(&NafKeyFacts {
                ua_id: UaProtocolId::MBMS,
                ..*facts
            })
        };
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-for-its-name-and-protocol",
        "ue/enrolment/binds-the-key-to-the-portal",
    ],
);
const NAF_ID_UPPER_CASE: Fault = fault(
    "ue/naf-id-upper-case",
    "KD-05",
    "NAF_Id has the name of the server in capitals.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            ue::naf_key(&NafKeyFacts {
                fqdn: &facts.fqdn.to_uppercase(),
                ..*facts
            })
        };
    }),
    &[
        "ue/keys/derives-the-key-of-the-naf-for-its-name-and-protocol",
        "ue/enrolment/binds-the-key-to-the-portal",
    ],
);
const SAME_KEY_FOR_ALL_SERVERS: Fault = fault(
    "ue/same-key-for-all-servers",
    "KD-12",
    "Every server gets the key of the NAF.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            ue::naf_key(&NafKeyFacts {
                fqdn: NAF,
                ua_id: UaProtocolId::HTTP_DIGEST,
                ..*facts
            })
        };
    }),
    &["ue/session/takes-one-session-to-two-servers"],
);
const KS_GOES_TO_THE_SERVER: Fault = fault(
    "ue/ks-goes-to-the-server",
    "SD-01",
    "The key at a server is Ks itself.",
    Seam::Ue(|policy| policy.naf_key = |facts| KsNaf::new(*facts.ks.expose())),
    &[
        "ue/keys/shows-no-ks-to-the-naf",
        "ue/keys/shows-no-ks-to-the-portal",
    ],
);

/// The parameters of the derivation, open to change.
struct Parts {
    fc: u8,
    label: Vec<u8>,
    rand: Vec<u8>,
}

/// The key from changed parameters.
fn key_from(facts: &NafKeyFacts<'_>, change: fn(&mut Parts)) -> KsNaf {
    let mut parts = Parts {
        fc: FC_GBA,
        label: b"gba-me".to_vec(),
        rand: facts.rand.as_ref().to_vec(),
    };
    change(&mut parts);
    let naf_id = NafId::new(facts.fqdn, facts.ua_id);
    let values = [
        parts.label.as_slice(),
        &parts.rand,
        facts.impi.as_bytes(),
        naf_id.as_bytes(),
    ];
    KsNaf::new(kdf::kdf(facts.ks.expose(), parts.fc, &values))
}

/// The key over parameters of which each is written by `write` from its octets and their number.
fn key_over(facts: &NafKeyFacts<'_>, write: fn(&[u8], u8) -> Vec<u8>) -> KsNaf {
    let naf_id = NafId::new(facts.fqdn, facts.ua_id);
    let values = [
        b"gba-me",
        facts.rand.as_ref(),
        facts.impi.as_bytes(),
        naf_id.as_bytes(),
    ];
    let mut input = vec![FC_GBA];
    for value in values {
        // Names of test subscribers and servers are short.
        input.extend(write(value, u8::try_from(value.len()).unwrap_or(u8::MAX)));
    }
    let octets = Hash::Sha256.hmac(facts.ks.expose(), &input);
    KsNaf::new(octets.first_chunk().copied().unwrap_or_default())
}
