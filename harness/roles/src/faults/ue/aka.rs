//! Faults of a UE that judges a challenge and resynchronises.

use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::sqn::SqnOutOfRange;
use gbaspec_wire::http::Message;

use super::decisions::{
    advance_on_refusal, auts_as_hex, auts_below_sqn_ms, auts_with_f1, auts_with_f5, on_old_sqn,
    store_in_all_slots, store_one_seq_lower, store_refused_sqn,
};
use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::role::ClientOutcome;
use crate::ue::{self, AutsFacts, ChallengeJudgement, ChallengeVerdict, UbAnswer, UbPasswordFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    SQN_BEFORE_MAC,
    ANSWERS_BAD_MAC,
    AUTS_ON_BAD_MAC,
    GIVES_UP_ON_OLD_SQN,
    STARTS_ANEW_ON_OLD_SQN,
    ACCEPTS_REPEATED_SQN,
    ANSWERS_OLD_SQN,
    ONE_MAXIMUM_FOR_ALL_SLOTS,
    NO_DELTA_CHECK,
    AUTS_UNQUOTED,
    AUTS_HEX,
    AUTS_16_OCTETS,
    AUTS_RESPONSE_WITH_RES,
    AUTS_RESPONSE_EMPTY,
    AUTS_RESPONSE_OMITTED,
    AUTS_REQUEST_WITHOUT_QOP,
    AUTS_REQUEST_WITHOUT_OPAQUE,
    AUTS_WITH_F5,
    AUTS_WITH_F1,
    AUTS_WITH_CHALLENGE_AMF,
    AUTS_WITH_RECEIVED_SQN,
    AUTS_MAC_FIRST,
    AUTS_BELOW_SQN_MS,
    REFUSED_SQN_STORED,
    REFUSAL_ADVANCES_SQN_MS,
    STOPS_AFTER_AUTS,
    RESYNCHRONISES_FOR_EVER,
];

const SQN_BEFORE_MAC: Fault = fault(
    "ue/sqn-before-mac",
    "UB-4.2-30",
    "SQN is checked before the MAC, so a forged AUTN can draw an AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| {
            let mac = if challenge.sqn.is_err() {
                MacCheck::Valid
            } else {
                challenge.mac
            };
            ue::judge_challenge(&ChallengeJudgement { mac, ..*challenge })
        };
    }),
    &["ue/network-authentication/sends-no-auts-for-a-wrong-mac-and-an-old-sqn"],
);
const ANSWERS_BAD_MAC: Fault = fault(
    "ue/answers-bad-mac",
    "UB-4.4-01",
    "A challenge whose MAC does not verify is answered with RES.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch => ChallengeVerdict::Answer,
            MacCheck::Valid => ue::judge_challenge(challenge),
        };
    }),
    &[
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-first-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-middle-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-last-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-wrong-mac-before-server-data",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-seq",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-ind",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-amf-first-bit",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-amf-last-bit",
        "ue/network-authentication/sends-no-res-for-a-vector-of-another-subscriber",
        "ue/network-authentication/keeps-no-session-after-a-wrong-mac",
        "ue/sqn/no-forged-challenge-moves-the-array",
    ],
);
const AUTS_ON_BAD_MAC: Fault = fault(
    "ue/auts-on-bad-mac",
    "UB-4.4-01",
    "A challenge whose MAC does not verify is answered with AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch if challenge.resynchronisations < 2 => {
                ChallengeVerdict::Resynchronise
            }
            _ => ue::judge_challenge(challenge),
        };
    }),
    &[
        "ue/network-authentication/sends-no-auts-for-a-wrong-mac",
        "ue/network-authentication/sends-no-auts-for-a-vector-of-another-key",
        "ue/sqn/no-forged-challenge-moves-the-array",
    ],
);
const GIVES_UP_ON_OLD_SQN: Fault = fault(
    "ue/gives-up-on-old-sqn",
    "UB-4.5-01",
    "An SQN out of range ends the run without AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge =
            |challenge| on_old_sqn(*challenge, ChallengeVerdict::Stop(ClientOutcome::Failed));
    }),
    &[
        "ue/resync/auts-for-an-sqn-out-of-range",
        "ue/sqn/one-resynchronisation-is-enough",
    ],
);
const STARTS_ANEW_ON_OLD_SQN: Fault = fault(
    "ue/starts-anew-on-old-sqn",
    "UB-4.5-01",
    "An SQN out of range is met with another first request.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            if list.value("auts").is_some() {
                list.set_raw("nonce", b"\"\"");
                list.set_raw("response", b"\"\"");
                for name in ["auts", "qop", "nc", "cnonce", "algorithm"] {
                    list.remove(name);
                }
            }
        });
    }),
    &["ue/resync/auts-for-an-sqn-out-of-range"],
);
const ACCEPTS_REPEATED_SQN: Fault = fault(
    "ue/accepts-repeated-sqn",
    "SQN-UE-02",
    "A SEQ equal to the one in its slot is accepted.",
    Seam::Ue(|policy| policy.update_usim = store_one_seq_lower),
    &[
        "ue/resync/auts-for-a-replayed-challenge",
        "ue/sqn/answers-as-its-array-says",
        "ue/sqn/no-challenge-is-accepted-twice",
    ],
);
const ANSWERS_OLD_SQN: Fault = fault(
    "ue/answers-old-sqn",
    "UB-4.5-01",
    "An SQN out of range is answered with RES.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| on_old_sqn(*challenge, ChallengeVerdict::Answer);
    }),
    &[
        "ue/resync/auts-for-an-sqn-out-of-range",
        "ue/resync/sends-no-res-for-table-4-5-8-as-printed",
        "ue/sqn/one-resynchronisation-is-enough",
    ],
);
const ONE_MAXIMUM_FOR_ALL_SLOTS: Fault = fault(
    "ue/one-maximum-for-all-slots",
    "SQN-UE-03",
    "An accepted SEQ counts for all slots of the array, so that none may come out of order.",
    Seam::Ue(|policy| policy.update_usim = store_in_all_slots),
    &[
        "ue/resync/accepts-an-older-sqn-in-another-slot",
        "ue/sqn/answers-as-its-array-says",
    ],
);
const NO_DELTA_CHECK: Fault = fault(
    "ue/no-delta-check",
    "SQN-UE-04",
    "A SEQ however far ahead is accepted.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| {
            let sqn = match challenge.sqn {
                Err(SqnOutOfRange::BeyondDelta) => Ok(()),
                sqn => sqn,
            };
            ue::judge_challenge(&ChallengeJudgement { sqn, ..*challenge })
        };
    }),
    &[
        "ue/resync/auts-for-a-jump-beyond-delta",
        "ue/sqn/delta-is-the-last-jump",
    ],
);
const AUTS_UNQUOTED: Fault = fault(
    "ue/auts-unquoted",
    "UB-4.5-02",
    "auts is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "auts"))),
    &["ue/resync/auts-has-fourteen-octets"],
);
const AUTS_HEX: Fault = fault(
    "ue/auts-hex",
    "UB-4.5-02",
    "auts is hex text.",
    Seam::Message(|message| {
        edit::credentials(message, |list| edit::with_value(list, "auts", auts_as_hex));
    }),
    &["ue/resync/auts-has-fourteen-octets"],
);
const AUTS_16_OCTETS: Fault = fault(
    "ue/auts-16-octets",
    "UB-4.5-02",
    "auts holds 16 octets.",
    Seam::Ue(|policy| policy.auts = |facts| [ue::auts(facts).as_slice(), &[0, 0]].concat()),
    &["ue/resync/auts-has-fourteen-octets"],
);
const AUTS_RESPONSE_WITH_RES: Fault = fault(
    "ue/auts-response-with-res",
    "UB-4.5-03",
    "The response beside auts is made with RES instead of the empty password.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| {
            ue::ub_password(&UbPasswordFacts {
                answer: UbAnswer::Response,
                ..*facts
            })
        };
    }),
    &["ue/resync/auts-request-uses-the-empty-password"],
);
const AUTS_RESPONSE_EMPTY: Fault = fault(
    "ue/auts-response-empty",
    "UB-4.5-03",
    "The response beside auts is empty.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            if list.value("auts").is_some() {
                list.set_raw("response", b"\"\"");
            }
        });
    }),
    &["ue/resync/auts-request-uses-the-empty-password"],
);
const AUTS_RESPONSE_OMITTED: Fault = fault(
    "ue/auts-response-omitted",
    "UB-4.5-03",
    "There is no response beside auts.",
    Seam::Message(|message| without_beside_auts(message, &["response"])),
    &[
        "ue/resync/auts-request-uses-the-empty-password",
        "ue/resync/auts-request-is-a-whole-answer",
    ],
);
const AUTS_REQUEST_WITHOUT_QOP: Fault = fault(
    "ue/auts-request-without-qop",
    "UB-4.5-03",
    "There is no qop, no count and no client nonce beside auts.",
    Seam::Message(|message| without_beside_auts(message, &["qop", "nc", "cnonce"])),
    &[
        "ue/resync/auts-request-uses-the-empty-password",
        "ue/resync/auts-request-is-a-whole-answer",
    ],
);
const AUTS_REQUEST_WITHOUT_OPAQUE: Fault = fault(
    "ue/auts-request-without-opaque",
    "UB-4.5-03",
    "opaque is not sent back beside auts.",
    Seam::Message(|message| without_beside_auts(message, &["opaque"])),
    &["ue/resync/auts-request-is-a-whole-answer"],
);
const AUTS_WITH_F5: Fault = fault(
    "ue/auts-with-f5",
    "UB-4.5-04",
    "SQN_MS is concealed with f5 instead of f5*.",
    Seam::Ue(|policy| policy.auts = auts_with_f5),
    &[
        "ue/resync/auts-verifies",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const AUTS_WITH_F1: Fault = fault(
    "ue/auts-with-f1",
    "UB-4.5-04",
    "MAC-S is made with f1 instead of f1*.",
    Seam::Ue(|policy| policy.auts = auts_with_f1),
    &[
        "ue/resync/auts-verifies",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const AUTS_WITH_CHALLENGE_AMF: Fault = fault(
    "ue/auts-with-challenge-amf",
    "UB-4.5-04",
    "MAC-S covers the AMF of the challenge instead of zeros.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let (rand, sqn) = (facts.rand, facts.sqn_ms);
            facts
                .functions
                .auts_with_amf(rand, sqn, facts.amf)
                .as_bytes()
                .to_vec()
        };
    }),
    &[
        "ue/resync/auts-verifies",
        "ue/resync/auts-verifies-for-a-challenge-with-amf-8000",
        "ue/resync/auts-verifies-for-a-challenge-with-amf-b9b9",
        "ue/resync/auts-verifies-for-a-challenge-with-amf-ffff",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const AUTS_WITH_RECEIVED_SQN: Fault = fault(
    "ue/auts-with-received-sqn",
    "UB-4.5-05",
    "AUTS reports the SQN of the challenge, where that is one, instead of SQN_MS.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let sqn_ms = match facts.received_sqn.value() {
                0 => facts.sqn_ms,
                _ => facts.received_sqn,
            };
            ue::auts(&AutsFacts { sqn_ms, ..*facts })
        };
    }),
    &[
        "ue/resync/auts-reports-the-highest-sqn-for-an-older-challenge",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const AUTS_MAC_FIRST: Fault = fault(
    "ue/auts-mac-first",
    "UB-4.5-04",
    "AUTS has MAC-S before the concealed SQN_MS.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let mut octets = ue::auts(facts);
            octets.rotate_left(6);
            octets
        };
    }),
    &["ue/resync/auts-verifies"],
);
const AUTS_BELOW_SQN_MS: Fault = fault(
    "ue/auts-below-sqn-ms",
    "UB-4.5-05",
    "AUTS reports an SQN below the highest accepted one.",
    Seam::Ue(|policy| policy.auts = auts_below_sqn_ms),
    &[
        "ue/resync/auts-reports-the-highest-accepted-sqn",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const REFUSED_SQN_STORED: Fault = fault(
    "ue/refused-sqn-stored",
    "UB-4.5-06",
    "A refused SQN takes the place of the array's values.",
    Seam::Ue(|policy| policy.update_usim = store_refused_sqn),
    &["ue/resync/refused-jump-moves-no-counter"],
);
const REFUSAL_ADVANCES_SQN_MS: Fault = fault(
    "ue/refusal-advances-sqn-ms",
    "UB-4.5-06",
    "A synchronisation failure raises SQN_MS by one SEQ.",
    Seam::Ue(|policy| policy.update_usim = advance_on_refusal),
    &[
        "ue/resync/auts-is-the-same-for-the-same-challenge",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const STOPS_AFTER_AUTS: Fault = fault(
    "ue/stops-after-auts",
    "UB-4.5-12",
    "The challenge that follows an AUTS ends the run.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.resynchronisations {
            0 => ue::judge_challenge(challenge),
            _ => ChallengeVerdict::Stop(ClientOutcome::Failed),
        };
    }),
    &[
        "ue/resync/completes-the-run-after-resynchronisation",
        "ue/sqn/one-resynchronisation-is-enough",
    ],
);
const RESYNCHRONISES_FOR_EVER: Fault = fault(
    "ue/resynchronises-for-ever",
    "UB-4.5-13",
    "Every challenge out of range is answered with one more AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| {
            ue::judge_challenge(&ChallengeJudgement {
                resynchronisations: 0,
                ..*challenge
            })
        };
    }),
    &["ue/resync/limits-resynchronisations"],
);

/// A request without these directives, if it has AUTS.
fn without_beside_auts(message: &mut Message, names: &[&str]) {
    edit::credentials(message, |list| {
        if list.value("auts").is_some() {
            for name in names {
                list.remove(name);
            }
        }
    });
}
