//! Faults of an HSS that is told of a synchronisation failure.

use data_encoding::HEXLOWER;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Auts, Rand, Sqn};
use gbaspec_wire::diameter::Avp;

use super::fault;
use crate::auc::{VectorCause, VectorChoice, VectorSeed, choose_vector, reset_counter};
use crate::diameter::Failure;
use crate::embedded;
use crate::faults::{Fault, Seam};
use crate::hss::{self, ResyncFacts};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    SURPLUS_OCTETS_DROPPED,
    HEX_TEXT_READ,
    AUTS_OF_ANY_LENGTH,
    AUTS_READ_FIRST,
    COUNTER_LOWERED,
    COUNTER_LOWERED_BELOW_SQN_MS,
    COUNTER_NEVER_LOWERED,
    MAC_S_UNCHECKED,
    FIRST_HALF_OF_MAC_S_CHECKED,
    LAST_HALF_OF_MAC_S_CHECKED,
    AUTS_OF_ANY_SUBSCRIBER,
    AUTS_FOR_THE_WRONG_SUBSCRIBER,
    COUNTER_NOT_MOVED,
    SQN_MS_AGAIN,
    JUMP_BEYOND_DELTA,
    OLD_RANGE_AFTER_RESET,
    MAC_S_OVER_CHALLENGE_AMF,
];

const SURPLUS_OCTETS_DROPPED: Fault = fault(
    "hss/octets-behind-auts-dropped",
    "ZH-03",
    "What stands behind RAND and AUTS is dropped.",
    Seam::Hss(|policy| {
        policy.read_resync = |authorization| read_cut(authorization, &authorization.data);
    }),
    &["hss/resync/reads-no-surplus-octet"],
);
const HEX_TEXT_READ: Fault = fault(
    "hss/resync-as-hex-read",
    "ZH-03",
    "RAND and AUTS are taken as text in hex as well.",
    Seam::Hss(|policy| {
        policy.read_resync = |authorization| {
            let octets = HEXLOWER.decode(&authorization.data);
            read_cut(authorization, &octets.unwrap_or_default())
                .or_else(|_| hss::read_resync(authorization))
        };
    }),
    &["hss/resync/reads-no-hex-text"],
);
const AUTS_OF_ANY_LENGTH: Fault = fault(
    "hss/resync-of-any-length-obeyed",
    "ZH-03",
    "SIP-Authorization is cut or filled up to 30 octets, and what comes out of it is obeyed.",
    Seam::Hss(|policy| {
        policy.read_resync = |authorization| {
            let mut octets = authorization.data.clone();
            octets.resize(30, 0);
            read_cut(authorization, &octets)
        };
        policy.resynchronise = |facts| Ok(Some(reported(facts)));
    }),
    &[
        "hss/resync/reads-no-auts-alone",
        "hss/resync/reads-no-missing-octet",
        "hss/resync/reads-no-surplus-octet",
        "hss/resync/reads-no-empty-value",
    ],
);
const AUTS_READ_FIRST: Fault = fault(
    "hss/auts-read-before-rand",
    "ZH-03",
    "AUTS is taken from the first octets if it is not at the end.",
    Seam::Hss(|policy| {
        policy.resynchronise = |facts| {
            hss::resynchronise(facts).or_else(|_| {
                let octets = [facts.rand.as_bytes().as_slice(), facts.auts.as_bytes()].concat();
                let (auts, rand) = octets.split_at(Auts::LEN);
                hss::resynchronise(&ResyncFacts {
                    rand: Rand::try_from(rand).unwrap_or(facts.rand),
                    auts: Auts::try_from(auts).unwrap_or(facts.auts),
                    ..*facts
                })
            })
        };
    }),
    &["hss/resync/reads-no-auts-before-rand"],
);
const COUNTER_LOWERED: Fault = fault(
    "hss/counter-lowered",
    "SQN-AUC-02",
    "A valid AUTS sets the counter to SQN_MS although the next SQN was acceptable.",
    Seam::Hss(|policy| {
        policy.reset_counter = |counter, sqn_ms| HeSqn::new(*counter.scheme(), sqn_ms);
    }),
    &[
        "hss/resync/keeps-the-counter-for-sqn-ms-below-it",
        "hss/resync/same-auts-twice-brings-no-number-back",
    ],
);
const COUNTER_LOWERED_BELOW_SQN_MS: Fault = fault(
    "hss/counter-lowered-below-sqn-ms",
    "SQN-AUC-02",
    "Every valid AUTS sets the counter such that its next number is SQN_MS.",
    Seam::Hss(|policy| {
        policy.reset_counter =
            |counter, sqn_ms| HeSqn::new(*counter.scheme(), one_step_below(sqn_ms));
    }),
    &[
        "hss/resync/keeps-the-counter-for-sqn-ms-below-it",
        "hss/resync/keeps-the-counter-for-equal-sqn-ms",
    ],
);
const COUNTER_NEVER_LOWERED: Fault = fault(
    "hss/counter-never-lowered",
    "SQN-AUC-02",
    "A valid AUTS does not lower the counter, even if the next SQN is beyond delta.",
    Seam::Hss(|policy| {
        policy.reset_counter = |counter, sqn_ms| {
            if sqn_ms < counter.last() {
                counter
            } else {
                reset_counter(counter, sqn_ms)
            }
        };
    }),
    &["hss/resync/lowers-the-counter-for-sqn-ms-far-below-it"],
);
const MAC_S_UNCHECKED: Fault = fault(
    "hss/mac-s-unchecked",
    "SQN-AUC-02",
    "Whatever its MAC-S, an AUTS moves the counter.",
    Seam::Hss(|policy| policy.resynchronise = |facts| Ok(Some(reported(facts)))),
    &[
        "hss/resync/forged-sqn-bit-resets-nothing",
        "hss/resync/forged-first-mac-bit-resets-nothing",
        "hss/resync/forged-last-mac-bit-resets-nothing",
        "hss/resync/auts-of-another-subscriber-resets-nothing",
        "hss/resync/auts-beside-another-rand-resets-nothing",
    ],
);
const FIRST_HALF_OF_MAC_S_CHECKED: Fault = fault(
    "hss/first-half-of-mac-s-checked",
    "SQN-AUC-02",
    "Of MAC-S only the first 32 bits are compared.",
    Seam::Hss(|policy| policy.resynchronise = |facts| agreeing(facts, 6..10)),
    &[
        "hss/resync/forged-thirty-third-mac-bit-resets-nothing",
        "hss/resync/forged-last-mac-bit-resets-nothing",
    ],
);
const LAST_HALF_OF_MAC_S_CHECKED: Fault = fault(
    "hss/last-half-of-mac-s-checked",
    "SQN-AUC-02",
    "Of MAC-S only the last 32 bits are compared.",
    Seam::Hss(|policy| policy.resynchronise = |facts| agreeing(facts, 10..14)),
    &["hss/resync/forged-first-mac-bit-resets-nothing"],
);
const AUTS_OF_ANY_SUBSCRIBER: Fault = fault(
    "hss/auts-of-any-subscriber",
    "SQN-AUC-02",
    "An AUTS is valid if the key of any subscriber fits, and moves the counter by what the own one reads.",
    Seam::Hss(|policy| {
        policy.resynchronise = |facts| {
            let mut keys = embedded::SUBSCRIBERS.iter();
            let fits = keys.any(|other| {
                let functions = &other.functions();
                hss::resynchronise(&ResyncFacts {
                    functions,
                    ..*facts
                })
                .is_ok()
            });
            if fits {
                Ok(Some(reported(facts)))
            } else {
                hss::resynchronise(facts)
            }
        };
    }),
    &["hss/resync/auts-of-another-subscriber-resets-nothing"],
);
const AUTS_FOR_THE_WRONG_SUBSCRIBER: Fault = fault(
    "hss/auts-for-the-wrong-subscriber",
    "SQN-AUC-02",
    "An AUTS moves the counter of the second subscriber, whoever it is from.",
    Seam::Hss(|policy| {
        policy.identity = |request| {
            let impi = hss::identity(request)?;
            let second = || embedded::SUBSCRIBERS[1].impi.to_owned();
            Ok(request.avp("SIP-Authorization").map_or(impi, |_| second()))
        };
        policy.resynchronise = |facts| Ok(Some(reported(facts)));
    }),
    &["hss/resync/auts-for-one-user-leaves-the-other-alone"],
);
const COUNTER_NOT_MOVED: Fault = fault(
    "hss/auts-ignored",
    "SQN-AUC-03",
    "A valid AUTS gets the next vector of the old range.",
    Seam::Hss(|policy| policy.reset_counter = |counter, _| counter),
    &[
        "hss/resync/vector-beyond-sqn-ms",
        "hss/resync/stays-in-the-new-range",
        "hss/resync/moves-again-for-the-next-auts",
    ],
);
const SQN_MS_AGAIN: Fault = fault(
    "hss/sqn-ms-again",
    "SQN-AUC-03",
    "The vector after a reset has SQN_MS itself.",
    Seam::Hss(|policy| policy.choose_vector = |choice| after_reset(choice, one_step_below)),
    &["hss/resync/vector-beyond-sqn-ms"],
);
const JUMP_BEYOND_DELTA: Fault = fault(
    "hss/jump-beyond-delta",
    "SQN-AUC-03",
    "The vector after a reset lies further than delta beyond SQN_MS.",
    Seam::Hss(|policy| {
        policy.choose_vector = |choice| {
            after_reset(choice, |sqn| {
                Sqn::new(sqn.value().wrapping_add(1 << 35) & 0xffff_ffff_ffff).unwrap_or(sqn)
            })
        };
    }),
    &["hss/resync/vector-beyond-sqn-ms"],
);
const OLD_RANGE_AFTER_RESET: Fault = fault(
    "hss/old-range-after-reset",
    "SQN-AUC-03",
    "The vector after that of a reset is one of 100 steps before it, made in advance.",
    Seam::Hss(|policy| {
        policy.choose_vector = |choice| match choice.cause {
            VectorCause::Initial if choice.previous.is_some() => VectorSeed {
                rand: choice.fresh_rand,
                sqn: (0..100).fold(choice.next_sqn, |sqn, _| one_step_below(sqn)),
            },
            _ => choose_vector(choice),
        };
    }),
    &["hss/resync/stays-in-the-new-range"],
);
const MAC_S_OVER_CHALLENGE_AMF: Fault = fault(
    "hss/mac-s-over-challenge-amf",
    "SQN-AUC-04",
    "MAC-S over the AMF of the challenge counts as valid.",
    Seam::Hss(|policy| {
        policy.resynchronise = |facts| {
            let mut subscribers = embedded::SUBSCRIBERS.iter();
            let sqn_ms = reported(facts);
            let covers_it = subscribers.any(|subscriber| {
                let auts = facts
                    .functions
                    .auts_with_amf(facts.rand, sqn_ms, subscriber.amf());
                auts == facts.auts
            });
            if covers_it {
                Ok(Some(sqn_ms))
            } else {
                hss::resynchronise(facts)
            }
        };
    }),
    &["hss/resync/auts-with-amf-of-the-challenge-resets-nothing"],
);

/// RAND and AUTS at the start of these octets.
fn read_cut(authorization: &Avp, octets: &[u8]) -> Result<(Rand, Auts), Failure> {
    let octets = octets.get(..30).unwrap_or(&authorization.data);
    hss::read_resync(&authorization.clone().with_data(octets))
}

/// `SQN_MS` of an AUTS, whatever its MAC-S.
fn reported(facts: &ResyncFacts<'_>) -> Sqn {
    facts.functions.open_auts(facts.rand, &facts.auts).sqn_ms
}

/// `SQN_MS` of an AUTS that is right in these octets.
fn agreeing(
    facts: &ResyncFacts<'_>,
    octets: std::ops::Range<usize>,
) -> Result<Option<Sqn>, Failure> {
    let sqn_ms = reported(facts);
    let right = facts.functions.auts(facts.rand, sqn_ms);
    if right.as_bytes().get(octets.clone()) == facts.auts.as_bytes().get(octets) {
        Ok(Some(sqn_ms))
    } else {
        hss::resynchronise(facts)
    }
}

/// The next vector, after a reset with another SQN.
fn after_reset(choice: &VectorChoice, change: fn(Sqn) -> Sqn) -> VectorSeed {
    let seed = choose_vector(choice);
    match choice.cause {
        VectorCause::Resynchronisation => VectorSeed {
            sqn: change(seed.sqn),
            ..seed
        },
        VectorCause::Initial | VectorCause::Failure => seed,
    }
}

/// SEQ and IND one lower, in the layout of five bits that the reference peers use.
pub(super) fn one_step_below(sqn: Sqn) -> Sqn {
    Sqn::new(sqn.value().saturating_sub(33)).unwrap_or(sqn)
}
