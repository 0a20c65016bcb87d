//! Faults of the vectors and settings that an HSS gives.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_wire::diameter::{Avp, Packet};

use super::{anybody, change, fault};
use crate::auc::VectorSeed;
use crate::diameter::{self, Failure};
use crate::faults::{Fault, Seam};
use crate::hss;

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    CK_AND_IK_SWAPPED,
    XRES_AS_HEX,
    XRES_OF_8_OCTETS,
    CK_WHERE_XRES_BELONGS,
    CHALLENGE_AS_BASE64,
    RAND_ALONE,
    AUTN_BEFORE_RAND,
    AUTN_WITH_WRONG_MAC,
    KEYS_MISSING,
    VECTOR_OF_ANYBODY,
    SCHEME_MISSPELT,
    TWO_ITEMS_ANNOUNCED,
    M_FLAG_MISSING,
    SUCCESS_WITHOUT_VECTOR,
    REFUSES_REPEATED_REQUESTS,
    RAND_CONSTANT,
    SQN_NOT_ADVANCED,
    SQN_COUNTS_DOWN,
    USS_LIST_AS_SETTINGS,
    SETTINGS_NEVER_RENEWED,
    TIMESTAMP_REFUSED,
];

const CK_AND_IK_SWAPPED: Fault = fault(
    "hss/ck-and-ik-swapped",
    "ZH-04",
    "CK stands where IK belongs, and the other way round.",
    Seam::Hss(|policy| {
        policy.vector_item = |vector| {
            hss::vector_item(&AuthenticationVector {
                ck: gbaspec_crypto::secret::Ck::new(*vector.ik.expose()),
                ik: gbaspec_crypto::secret::Ik::new(*vector.ck.expose()),
                ..vector.clone()
            })
        };
    }),
    &[
        "hss/vectors/gives-a-vector",
        "hss/vectors/gives-a-tuak-card-of-128-bits-its-vector",
        "hss/resync/vector-beyond-sqn-ms",
    ],
);
const XRES_AS_HEX: Fault = fault(
    "hss/xres-as-hex",
    "ZH-04",
    "XRES is text in hex.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authorization", |xres| {
            HEXLOWER.encode(xres).into_bytes()
        });
    }),
    &["hss/vectors/gives-a-vector"],
);
const XRES_OF_8_OCTETS: Fault = fault(
    "hss/xres-of-8-octets",
    "ZH-04",
    "XRES is cut or filled up to the 8 octets of Milenage.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authorization", |xres| {
            let mut xres = xres.to_vec();
            xres.resize(8, 0);
            xres
        });
    }),
    &[
        "hss/vectors/gives-a-tuak-card-of-128-bits-its-vector",
        "hss/vectors/gives-a-tuak-card-of-256-bits-its-vector",
    ],
);
const CK_WHERE_XRES_BELONGS: Fault = fault(
    "hss/ck-where-xres-belongs",
    "ZH-04",
    "CK stands where XRES belongs.",
    Seam::Packet(|packet| {
        if let Some(ck) = packet.avp("Confidentiality-Key") {
            change(packet, "SIP-Authorization", |_| ck.data.clone());
        }
    }),
    &["hss/vectors/gives-a-vector"],
);
const CHALLENGE_AS_BASE64: Fault = fault(
    "hss/challenge-as-base64",
    "ZH-04",
    "RAND and AUTN are text in base64, as in a nonce.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authenticate", |octets| {
            BASE64.encode(octets).into_bytes()
        });
    }),
    &[
        "hss/vectors/gives-a-vector",
        "hss/vectors/names-the-scheme-of-the-vector",
    ],
);
const RAND_ALONE: Fault = fault(
    "hss/rand-without-autn",
    "ZH-04",
    "SIP-Authenticate has RAND and no AUTN.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authenticate", |octets| {
            octets.iter().take(16).copied().collect()
        });
    }),
    &["hss/vectors/gives-a-vector"],
);
const AUTN_BEFORE_RAND: Fault = fault(
    "hss/autn-before-rand",
    "ZH-04",
    "AUTN stands before RAND.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authenticate", |octets| {
            let (rand, autn) = octets.split_at(octets.len() / 2);
            [autn, rand].concat()
        });
    }),
    &["hss/vectors/gives-a-vector"],
);
const AUTN_WITH_WRONG_MAC: Fault = fault(
    "hss/autn-with-wrong-mac",
    "ZH-04",
    "The last bit of MAC-A is wrong.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authenticate", |octets| {
            let mut octets = octets.to_vec();
            if let Some(last) = octets.last_mut() {
                *last ^= 1;
            }
            octets
        });
    }),
    &[
        "hss/vectors/gives-a-vector",
        "hss/connection/takes-a-repeated-request",
    ],
);
const KEYS_MISSING: Fault = fault(
    "hss/keys-missing",
    "ZH-04",
    "The item with the vector has neither CK nor IK.",
    Seam::Hss(|policy| {
        policy.vector_item = |vector| {
            let item = hss::vector_item(vector);
            let without: Vec<Avp> = item.children().into_iter().take(3).collect();
            Avp::of_group("SIP-Auth-Data-Item", &without)
        };
    }),
    &["hss/vectors/gives-a-vector"],
);
const VECTOR_OF_ANYBODY: Fault = fault(
    "hss/vector-of-another-subscriber",
    "ZH-04",
    "Whoever is asked for, the vector is one of the first subscriber.",
    Seam::Hss(|policy| {
        policy.identity = |request| hss::identity(request).map(|_| anybody());
    }),
    &["hss/vectors/keeps-subscribers-apart"],
);
const SCHEME_MISSPELT: Fault = fault(
    "hss/scheme-misspelt",
    "ZH-04",
    "The scheme of the vector is spelt as in HTTP: AKAv1-MD5.",
    Seam::Packet(|packet| {
        change(packet, "SIP-Authentication-Scheme", |_| {
            b"AKAv1-MD5".to_vec()
        });
    }),
    &["hss/vectors/names-the-scheme-of-the-vector"],
);
const TWO_ITEMS_ANNOUNCED: Fault = fault(
    "hss/two-items-announced",
    "ZH-04",
    "The answer says that it has two vectors, and has one.",
    Seam::Hss(|policy| {
        policy.finish = |mut answer| {
            answer.push(Avp::of_number("SIP-Number-Auth-Items", 2));
            answer
        };
    }),
    &["hss/vectors/names-the-scheme-of-the-vector"],
);
const M_FLAG_MISSING: Fault = fault(
    "hss/m-flag-missing",
    "ZH-04",
    "The item with the vector has no M flag.",
    Seam::Packet(|packet| {
        let mut items = packet.avps.iter_mut();
        if let Some(item) = items.find(|avp| super::is(avp, "SIP-Auth-Data-Item")) {
            item.flags = gbaspec_wire::diameter::VENDOR;
        }
    }),
    &["hss/vectors/answers-in-the-form-of-diameter"],
);
const SUCCESS_WITHOUT_VECTOR: Fault = fault(
    "hss/success-without-vector",
    "ZH-04",
    "A request without a scheme, or with one that nobody knows, succeeds without a vector.",
    Seam::Hss(|policy| {
        policy.failure = |request, node, why| match why {
            Failure::MissingAvp("SIP-Auth-Data-Item") | Failure::InvalidValue(_) => {
                diameter::success(request, node)
            }
            _ => diameter::failure(request, node, why),
        };
    }),
    &[
        "hss/vectors/does-without-the-item",
        "hss/vectors/no-vector-under-a-scheme-that-nobody-knows",
    ],
);
const REFUSES_REPEATED_REQUESTS: Fault = fault(
    "hss/repeated-request-refused",
    "ZH-04",
    "A request that may have been sent before is refused.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            if request.flags & gbaspec_wire::diameter::RETRANSMITTED == 0 {
                hss::check(request)
            } else {
                Err(Failure::UnableToComply)
            }
        };
    }),
    &["hss/connection/takes-a-repeated-request"],
);
const RAND_CONSTANT: Fault = fault(
    "hss/rand-constant",
    "SQN-AUC-01",
    "Each vector of a subscriber has the same RAND.",
    Seam::Hss(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            rand: choice.previous.map_or(choice.fresh_rand, |seed| seed.rand),
            sqn: choice.next_sqn,
        };
    }),
    &[
        "hss/vectors/no-rand-occurs-twice",
        "hss/vectors/two-vectors-at-once-differ",
    ],
);
const SQN_NOT_ADVANCED: Fault = fault(
    "hss/sqn-not-advanced",
    "SQN-AUC-01",
    "Each vector of a subscriber has the same SQN.",
    Seam::Hss(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            rand: choice.fresh_rand,
            sqn: choice.previous.map_or(choice.next_sqn, |seed| seed.sqn),
        };
    }),
    &[
        "hss/vectors/sequence-numbers-rise",
        "hss/vectors/two-vectors-at-once-differ",
    ],
);
const SQN_COUNTS_DOWN: Fault = fault(
    "hss/sqn-counts-down",
    "SQN-AUC-01",
    "Each vector has a lower SQN than the one before it.",
    Seam::Hss(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            rand: choice.fresh_rand,
            sqn: choice.previous.map_or(choice.next_sqn, |seed| {
                super::resync::one_step_below(seed.sqn)
            }),
        };
    }),
    &["hss/vectors/sequence-numbers-rise"],
);
const USS_LIST_AS_SETTINGS: Fault = fault(
    "hss/uss-list-as-settings",
    "ZH-07",
    "The settings have the root ussList, as on Zn.",
    Seam::Hss(|policy| policy.guss = |guss| guss.uss_list.emit().into_bytes()),
    &["hss/guss/settings-are-a-guss"],
);
const SETTINGS_NEVER_RENEWED: Fault = fault(
    "hss/settings-never-renewed",
    "ZH-07",
    "A BSF that has any settings gets none, however old they are.",
    Seam::Hss(|policy| policy.sends_guss = |age| age.known.is_none()),
    &["hss/guss/settings-newer-than-those-of-the-bsf"],
);
const TIMESTAMP_REFUSED: Fault = fault(
    "hss/guss-timestamp-refused",
    "ZH-07",
    "A request that names the time of the settings is refused as one with an AVP that nobody knows.",
    Seam::Hss(|policy| policy.check = without_timestamp),
    &["hss/guss/timestamp-costs-no-vector"],
);

fn without_timestamp(request: &Packet) -> Result<(), Failure> {
    request.avp("GUSS-Timestamp").map_or_else(
        || hss::check(request),
        |timestamp| Err(Failure::UnsupportedAvp(timestamp)),
    )
}
