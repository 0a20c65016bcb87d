//! Faults in the keys that a NAF gets, and in what is said of them.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::kdf::{self, FC_GBA, NafId, UaProtocolId};
use gbaspec_crypto::token::Rand;
use gbaspec_wire::guss_xml::Guss;

use super::fault;
use crate::bsf::network::{self, ZnKeyFacts, ZnNaf};
use crate::embedded::{BSF_FQDN, LIFETIME_SECONDS};
use crate::faults::{Fault, Seam, edit};
use crate::ub::KeyInput;

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    KEY_IN_BASE64,
    KEY_IS_KS,
    KEY_IS_MISSING,
    KEY_OF_THE_LATEST_SESSION,
    TYPE_ALWAYS_3G,
    TYPE_ALWAYS_2G,
    NAME_AS_URI,
    CREATED_AT_THE_EPOCH,
    LENGTHS_LITTLE_ENDIAN,
    LENGTHS_FIRST,
    NO_LENGTHS,
    LABEL_GBA_U,
    FC_00,
    CARD_KEY_LIKE_ME_KEY,
    BTID_FOR_IMPI,
    TMPI_FOR_IMPI,
    RAND_AS_TEXT,
    KS_FROM_IK_CK,
    ID_OF_HTTP_DIGEST,
    ID_OF_MBMS,
    ID_MISSING,
    ID_AS_TEXT,
    NAME_WITH_PORT,
    NAME_IN_CAPITALS,
    LATER_END,
    END_AS_CONFIGURED,
    END_IS_MISSING,
    CARD_KEY_WITHOUT_CARD,
    CARD_KEY_FOR_THE_UNAWARE,
    CARD_KEY_FOR_ALL,
    SETTINGS_AS_GUSS,
    SETTINGS_OF_ALL_SERVICES,
    SETTINGS_WITHOUT_QUESTION,
];

const GIVES: &str = "zn/keys/gives-the-key-of-a-run";
const LENGTHS: &str = "zn/keys/derives-the-key-with-lengths-of-two-octets-behind-the-values";
const LABEL: &str = "zn/keys/derives-the-key-under-the-label-gba-me";
const INPUT: &str = "zn/keys/derives-the-key-from-rand-and-private-identity";
const NAF_ID: &str = "zn/keys/derives-the-key-for-name-and-protocol";
const SAYS: &str = "zn/keys/says-how-the-run-was";

const KEY_IN_BASE64: Fault = fault(
    "bsf/zn-key-in-base64",
    "ZN-03",
    "ME-Key-Material holds base64 text.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| BASE64.encode(&network::me_key(facts)).into_bytes();
    }),
    &[
        GIVES,
        "zn/keys/gives-the-same-key-again",
        "zn/whole/key-of-a-run-with-a-vector-of-the-hss",
        "zn/whole/asks-no-hss-for-a-naf",
    ],
);
const KEY_IS_KS: Fault = fault(
    "bsf/zn-key-is-ks",
    "ZN-03",
    "The NAF gets Ks itself.",
    Seam::Bsf(|policy| policy.network.me_key = |facts| facts.session.ks.expose().to_vec()),
    &[
        GIVES,
        "zn/whole/key-after-a-resynchronisation",
        "zn/whole/answers-a-naf-while-it-waits-for-the-hss",
        "zn/whole/no-run-without-a-vector",
    ],
);
const KEY_IS_MISSING: Fault = fault(
    "bsf/zn-key-is-missing",
    "ZN-03",
    "An answer that succeeds has no key.",
    Seam::Packet(|packet| edit::drop_avp(packet, "ME-Key-Material")),
    &[GIVES],
);
const KEY_OF_THE_LATEST_SESSION: Fault = fault(
    "bsf/zn-key-of-the-latest-session",
    "ZN-03",
    "Where the B-TID is known, the NAF gets the key of the session that began last.",
    Seam::Bsf(|policy| {
        policy.network.session = |sessions, btid, now| {
            sessions.session(btid, now)?;
            Some(sessions.all().next_back()?.1)
        };
    }),
    &["zn/keys/keeps-subscribers-apart"],
);
const TYPE_ALWAYS_3G: Fault = fault(
    "bsf/zn-type-always-3g",
    "ZN-03",
    "GBA-Type says 3G of every session.",
    Seam::Packet(|packet| edit::change_avp(packet, "GBA-Type", |_| vec![0; 4])),
    &["zn/keys/says-that-the-run-was-one-of-2g"],
);
const TYPE_ALWAYS_2G: Fault = fault(
    "bsf/zn-type-always-2g",
    "ZN-03",
    "GBA-Type says 2G of every session.",
    Seam::Packet(|packet| edit::change_avp(packet, "GBA-Type", |_| vec![0, 0, 0, 1])),
    &[SAYS],
);
const NAME_AS_URI: Fault = fault(
    "bsf/zn-name-as-uri",
    "ZN-03",
    "User-Name is a SIP URI made of the private identity.",
    Seam::Bsf(|policy| {
        policy.network.finish = |mut answer| {
            let as_uri = |name: &[u8]| [b"sip:", name].concat();
            edit::change_avp(&mut answer, "User-Name", as_uri);
            answer
        };
    }),
    &[SAYS, "zn/whole/key-of-a-run-with-a-vector-of-the-hss"],
);
const CREATED_AT_THE_EPOCH: Fault = fault(
    "bsf/zn-created-at-the-epoch",
    "ZN-03",
    "BootstrapInfoCreationTime is 0.",
    Seam::Packet(|packet| {
        edit::change_avp(packet, "BootstrapInfoCreationTime", |_| vec![0; 4]);
    }),
    &["zn/keys/says-when-the-run-was"],
);
const LENGTHS_LITTLE_ENDIAN: Fault = fault(
    "bsf/zn-lengths-little-endian",
    "KD-01",
    "The lengths in the key derivation have the least significant octet first.",
    Seam::Bsf(|policy| {
        policy.network.me_key =
            |facts| key_over(facts, |value, length| [value, &[length, 0]].concat());
    }),
    &[LENGTHS],
);
const LENGTHS_FIRST: Fault = fault(
    "bsf/zn-lengths-first",
    "KD-01",
    "The lengths in the key derivation stand before their values.",
    Seam::Bsf(|policy| {
        policy.network.me_key =
            |facts| key_over(facts, |value, length| [&[0, length], value].concat());
    }),
    &[LENGTHS],
);
const NO_LENGTHS: Fault = fault(
    "bsf/zn-no-lengths",
    "KD-01",
    "There are no lengths in the key derivation.",
    Seam::Bsf(|policy| policy.network.me_key = |facts| key_over(facts, |value, _| value.to_vec())),
    &[LENGTHS],
);
const LABEL_GBA_U: Fault = fault(
    "bsf/zn-label-gba-u",
    "KD-02",
    "The key for the phone is derived with the label of the key inside the card.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| key_from(facts, |parts| parts.label = b"gba-u".to_vec());
    }),
    &[LABEL],
);
const FC_00: Fault = fault(
    "bsf/zn-fc-00",
    "KD-02",
    "FC of the key derivation is 00 instead of 01.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| key_from(facts, |parts| parts.fc = 0);
    }),
    &[LABEL],
);
const CARD_KEY_LIKE_ME_KEY: Fault = fault(
    "bsf/zn-card-key-like-me-key",
    "KD-02",
    "The key of the card is derived with the label of the key for the phone.",
    Seam::Bsf(|policy| {
        policy.network.uicc_key = |facts| network::uicc_key(facts).map(|_| network::me_key(facts));
    }),
    &["zn/settings/gives-the-key-of-the-card-to-a-naf-that-knows-of-it"],
);
const BTID_FOR_IMPI: Fault = fault(
    "bsf/zn-btid-for-impi",
    "KD-03",
    "The key is derived with the B-TID in place of the private identity.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            let btid = kdf::btid(rand_of(facts), BSF_FQDN).into_bytes();
            key_from(facts, |parts| parts.impi = btid)
        };
    }),
    &[INPUT],
);
const TMPI_FOR_IMPI: Fault = fault(
    "bsf/zn-tmpi-for-impi",
    "KD-03",
    "The key is derived with the TMPI of the session in place of the private identity.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            let session = facts.session;
            let tmpi = kdf::tmpi(&session.ks, rand_of(facts), &session.impi, BSF_FQDN);
            key_from(facts, |parts| parts.impi = tmpi.into_bytes())
        };
    }),
    &[INPUT],
);
const RAND_AS_TEXT: Fault = fault(
    "bsf/zn-rand-as-text",
    "KD-03",
    "The key is derived with the base64 text of RAND.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            key_from(facts, |parts| {
                parts.rand = BASE64.encode(&parts.rand).into_bytes();
            })
        };
    }),
    &[INPUT],
);
const KS_FROM_IK_CK: Fault = fault(
    "bsf/zn-ks-from-ik-ck",
    "KD-04",
    "Ks is IK || CK.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| key_from(facts, |parts| parts.ks.rotate_left(16));
    }),
    &["zn/keys/derives-the-key-from-ck-and-ik"],
);
const ID_OF_HTTP_DIGEST: Fault = fault(
    "bsf/zn-id-of-http-digest",
    "KD-05",
    "The key is the one for HTTP digest, whatever Ua protocol is asked for.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            network::me_key(&ZnKeyFacts {
                naf: &ZnNaf {
                    protocol: UaProtocolId::HTTP_DIGEST,
                    ..facts.naf.clone()
                },
                ..*facts
            })
        };
    }),
    &[
        "zn/keys/gives-the-key-of-a-tls-suite",
        "zn/keys/gives-the-key-of-psk-tls",
        "zn/keys/gives-the-key-of-mbms",
        "zn/keys/gives-the-key-of-the-portal",
    ],
);
const ID_OF_MBMS: Fault = fault(
    "bsf/zn-id-of-mbms",
    "KD-05",
    "The key is the one for MBMS, whatever Ua protocol is asked for.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            network::me_key(&ZnKeyFacts {
                naf: &ZnNaf {
                    protocol: UaProtocolId::MBMS,
                    ..facts.naf.clone()
                },
                ..*facts
            })
        };
    }),
    &[NAF_ID],
);
const ID_MISSING: Fault = fault(
    "bsf/zn-id-missing",
    "KD-05",
    "NAF_Id in the derivation is the name of the NAF alone.",
    Seam::Bsf(|policy| {
        policy.network.me_key =
            |facts| key_from(facts, |parts| parts.naf_id = facts.naf.fqdn.clone().into());
    }),
    &[NAF_ID],
);
const ID_AS_TEXT: Fault = fault(
    "bsf/zn-id-as-text",
    "KD-05",
    "NAF_Id in the derivation has the identifier of the Ua protocol as hex text.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| {
            let id = HEXLOWER.encode(facts.naf.protocol.as_bytes());
            key_from(facts, |parts| {
                parts.naf_id = format!("{}{id}", facts.naf.fqdn).into_bytes();
            })
        };
    }),
    &[NAF_ID],
);
const NAME_WITH_PORT: Fault = fault(
    "bsf/zn-name-with-port",
    "KD-05",
    "NAF_Id in the derivation has the port 80 behind the name.",
    Seam::Bsf(|policy| policy.network.me_key = |facts| named(facts, |name| format!("{name}:80"))),
    &[NAF_ID],
);
const NAME_IN_CAPITALS: Fault = fault(
    "bsf/zn-name-in-capitals",
    "KD-05",
    "NAF_Id in the derivation has the name in capitals.",
    Seam::Bsf(|policy| policy.network.me_key = |facts| named(facts, str::to_uppercase)),
    &[NAF_ID],
);
const LATER_END: Fault = fault(
    "bsf/zn-later-end",
    "KD-10",
    "The NAF hears of an end of the lifetime one hour after the one that the UE was told.",
    Seam::Bsf(|policy| {
        policy.network.key_expiry = |session| session.expires.plus_seconds(3600);
    }),
    &["zn/keys/key-ends-when-the-ue-was-told"],
);
const END_AS_CONFIGURED: Fault = fault(
    "bsf/zn-end-as-configured",
    "KD-10",
    "The NAF hears of the lifetime of the BSF's own, whatever the user security settings say.",
    Seam::Bsf(|policy| {
        policy.network.key_expiry =
            |session| session.created.plus_seconds(i64::from(LIFETIME_SECONDS));
    }),
    &["zn/settings/key-ends-when-the-ue-was-told-if-the-settings-say-so"],
);
const END_IS_MISSING: Fault = fault(
    "bsf/zn-end-is-missing",
    "KD-10",
    "The NAF hears of no end of the lifetime.",
    Seam::Packet(|packet| edit::drop_avp(packet, "Key-ExpiryTime")),
    &[
        "zn/keys/key-ends-when-the-ue-was-told",
        "zn/keys/gives-the-same-key-again",
    ],
);
const CARD_KEY_WITHOUT_CARD: Fault = fault(
    "bsf/zn-card-key-without-card",
    "KD-14",
    "A NAF that knows of GBA_U gets a key of the card, whatever the card can do.",
    Seam::Bsf(|policy| {
        policy.network.uicc_key =
            |facts| facts.is_aware.then(|| network::ks_int_naf(facts)).flatten();
    }),
    &["zn/keys/keeps-the-key-of-the-card-from-a-naf-that-knows-of-it"],
);
const CARD_KEY_FOR_THE_UNAWARE: Fault = fault(
    "bsf/zn-card-key-for-the-unaware",
    "KD-14",
    "After a run with a GBA_U card every NAF gets the key of the card.",
    Seam::Bsf(|policy| {
        policy.network.uicc_key = |facts| {
            network::uicc_key(&ZnKeyFacts {
                is_aware: true,
                ..*facts
            })
        };
    }),
    &[
        "zn/settings/keeps-the-key-of-the-card-from-a-naf-that-says-nothing",
        "zn/settings/keeps-the-key-of-the-card-from-a-naf-that-does-not-know-of-it",
    ],
);
const CARD_KEY_FOR_ALL: Fault = fault(
    "bsf/zn-card-key-for-all",
    "KD-14",
    "Every NAF gets a key of the card after every run.",
    Seam::Bsf(|policy| policy.network.uicc_key = network::ks_int_naf),
    &[
        "zn/keys/keeps-the-key-of-the-card-from-a-naf-that-says-nothing",
        "zn/keys/keeps-the-key-of-the-card-from-a-naf-that-does-not-know-of-it",
    ],
);
const SETTINGS_AS_GUSS: Fault = fault(
    "bsf/zn-settings-as-guss",
    "ZN-07",
    "The settings for a NAF are a document of the form that the HSS sends.",
    Seam::Bsf(|policy| {
        policy.network.settings = |list| {
            network::settings(list)?;
            let guss = Guss {
                uss_list: list.clone(),
                ..Guss::default()
            };
            Some(guss.emit().into_bytes())
        };
    }),
    &["zn/settings/passes-on-the-settings-of-one-service"],
);
const SETTINGS_OF_ALL_SERVICES: Fault = fault(
    "bsf/zn-settings-of-all-services",
    "ZN-07",
    "A NAF that asks for any service gets the settings of all.",
    Seam::Bsf(|policy| {
        policy.network.services = |all, gsids| {
            if gsids.is_empty() {
                network::services(all, gsids)
            } else {
                all.clone()
            }
        };
    }),
    &[
        "zn/settings/passes-on-the-settings-of-one-service",
        "zn/settings/passes-on-the-settings-of-the-other-service",
        "zn/settings/passes-on-the-settings-that-there-are",
        "zn/settings/keeps-settings-from-a-naf-that-asks-for-those-of-an-unknown-service",
        "zn/settings/keeps-settings-from-a-naf-that-asks-for-those-of-an-empty-name",
    ],
);
const SETTINGS_WITHOUT_QUESTION: Fault = fault(
    "bsf/zn-settings-without-question",
    "ZN-07",
    "A NAF that asks for no service gets the settings of all.",
    Seam::Bsf(|policy| {
        policy.network.services = |all, gsids| {
            if gsids.is_empty() {
                all.clone()
            } else {
                network::services(all, gsids)
            }
        };
    }),
    &["zn/settings/keeps-settings-from-a-naf-that-asks-for-none"],
);

/// The parameters of the derivation, open to change.
struct Parts {
    fc: u8,
    ks: [u8; 32],
    label: Vec<u8>,
    rand: Vec<u8>,
    impi: Vec<u8>,
    naf_id: Vec<u8>,
}

impl Parts {
    fn of(facts: &ZnKeyFacts<'_>) -> Self {
        let session = facts.session;
        Parts {
            fc: FC_GBA,
            ks: *session.ks.expose(),
            label: b"gba-me".to_vec(),
            rand: rand_of(facts).as_ref().to_vec(),
            impi: session.impi.clone().into_bytes(),
            naf_id: facts.naf_id().as_bytes().to_vec(),
        }
    }

    fn values(&self) -> [&[u8]; 4] {
        [&self.label, &self.rand, &self.impi, &self.naf_id]
    }
}

/// RAND of the run; the faults are about runs with a card.
fn rand_of(facts: &ZnKeyFacts<'_>) -> Rand {
    match facts.session.input {
        KeyInput::Rand(rand) => rand,
        KeyInput::Nonce(_) => Rand::from([0; 16]),
    }
}

/// The key from changed parameters.
fn key_from(facts: &ZnKeyFacts<'_>, change: impl FnOnce(&mut Parts)) -> Vec<u8> {
    let mut parts = Parts::of(facts);
    change(&mut parts);
    kdf::kdf(&parts.ks, parts.fc, &parts.values()).to_vec()
}

/// The key over parameters of which each is written by `write` from its octets and their number.
fn key_over(facts: &ZnKeyFacts<'_>, write: fn(&[u8], u8) -> Vec<u8>) -> Vec<u8> {
    let parts = Parts::of(facts);
    let mut input = vec![parts.fc];
    for value in parts.values() {
        // Names of test subscribers and servers are short.
        input.extend(write(value, u8::try_from(value.len()).unwrap_or(u8::MAX)));
    }
    Hash::Sha256.hmac(&parts.ks, &input)
}

/// The key for another spelling of the name.
fn named(facts: &ZnKeyFacts<'_>, spell: fn(&str) -> String) -> Vec<u8> {
    let naf_id = NafId::new(&spell(&facts.naf.fqdn), facts.naf.protocol);
    key_from(facts, |parts| parts.naf_id = naf_id.as_bytes().to_vec())
}
