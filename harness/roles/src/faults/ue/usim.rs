//! Faults of a UE in the checks of its USIM: MAC-A, and the array of sequence numbers
//! (TS 33.102 clause 6.3.3 and Annex C.2).

use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::sqn::{Sqn, SqnOutOfRange, SqnScheme, UsimSqn};
use gbaspec_crypto::token::Amf;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue::{self, AutsFacts, ChallengeVerdict, MacFacts, UsimUpdate};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    MAC_OVER_AMF_ZERO,
    MAC_OVER_FIXED_AMF,
    COMPARES_FIRST_HALF_OF_MAC,
    COMPARES_SECOND_HALF_OF_MAC,
    IGNORES_ONE_BIT_OF_MAC,
    MAC_COVERS_NO_SQN,
    MAC_COVERS_NO_AMF,
    EMPTY_PASSWORD_ON_BAD_MAC,
    WANTS_SEQ_TWO_AHEAD,
    ACCEPTS_OLD_SEQ_IN_SLOT,
    FORGETS_OTHER_SLOTS,
    COMPARES_WHOLE_SQN,
    DELTA_ONE_SHORT,
    DELTA_ONE_LONG,
    AGE_LIMIT_ONE_SHORT,
    NO_AGE_LIMIT,
    AUTS_REPORTS_SLOT,
    ACCEPTS_SEQ_ZERO,
];

const MAC_OVER_AMF_ZERO: Fault = fault(
    "ue/mac-over-amf-zero",
    "UB-4.2-30",
    "MAC-A is checked over an AMF of two zero octets instead of the one in AUTN.",
    Seam::Ue(|policy| policy.check_mac = |facts| mac_over(facts, [0, 0])),
    &[
        "ue/challenges/takes-a-vector-with-amf-8000",
        "ue/challenges/takes-a-vector-with-amf-b9b9",
        "ue/challenges/takes-a-vector-with-amf-ffff",
    ],
);
const MAC_OVER_FIXED_AMF: Fault = fault(
    "ue/mac-over-fixed-amf",
    "UB-4.2-30",
    "MAC-A is checked over the AMF that the home network uses as a rule.",
    Seam::Ue(|policy| policy.check_mac = |facts| mac_over(facts, [0xb9, 0xb9])),
    &[
        "ue/challenges/takes-a-vector-with-amf-0000",
        "ue/challenges/takes-a-vector-with-amf-8000",
        "ue/challenges/takes-a-vector-with-amf-ffff",
    ],
);
const COMPARES_FIRST_HALF_OF_MAC: Fault = fault(
    "ue/compares-first-half-of-mac",
    "UB-4.4-01",
    "Only the first four octets of MAC-A are compared.",
    Seam::Ue(|policy| policy.check_mac = |facts| mac_under(facts, 0xffff_ffff_0000_0000)),
    &[
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-thirty-third-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-forty-second-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-fifty-second-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-fifty-seventh-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-last-bit-flipped",
        "ue/sqn/no-forged-challenge-moves-the-array",
    ],
);
const COMPARES_SECOND_HALF_OF_MAC: Fault = fault(
    "ue/compares-second-half-of-mac",
    "UB-4.4-01",
    "Only the last four octets of MAC-A are compared.",
    Seam::Ue(|policy| policy.check_mac = |facts| mac_under(facts, 0xffff_ffff)),
    &[
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-first-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-second-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-ninth-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-twentieth-bit-flipped",
        "ue/network-authentication/sends-no-res-for-a-mac-with-its-middle-bit-flipped",
        "ue/sqn/no-forged-challenge-moves-the-array",
    ],
);
const IGNORES_ONE_BIT_OF_MAC: Fault = fault(
    "ue/ignores-one-bit-of-mac",
    "UB-4.4-01",
    "The last bit of MAC-A is not compared.",
    Seam::Ue(|policy| policy.check_mac = |facts| mac_under(facts, !1)),
    &["ue/network-authentication/sends-no-res-for-a-mac-with-its-last-bit-flipped"],
);
const MAC_COVERS_NO_SQN: Fault = fault(
    "ue/mac-covers-no-sqn",
    "UB-4.4-01",
    "MAC-A is taken for right if it is so for an SQN with one other bit.",
    Seam::Ue(|policy| {
        policy.check_mac = |facts| {
            let (sqn, amf) = (facts.sqn.value(), facts.autn.amf());
            let others = (0..48).filter_map(|bit| Sqn::new(sqn ^ (1 << bit)));
            mac_of_any(facts, others.map(|sqn| (sqn, amf)))
        };
    }),
    &[
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-seq",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-ind",
    ],
);
const MAC_COVERS_NO_AMF: Fault = fault(
    "ue/mac-covers-no-amf",
    "UB-4.4-01",
    "MAC-A is taken for right if it is so for an AMF with one other bit.",
    Seam::Ue(|policy| {
        policy.check_mac = |facts| {
            let amf = u16::from_be_bytes(*facts.autn.amf().as_bytes());
            let others = (0..16).map(|bit| Amf::from((amf ^ (1 << bit)).to_be_bytes()));
            mac_of_any(facts, others.map(|amf| (facts.sqn, amf)))
        };
    }),
    &[
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-amf-first-bit",
        "ue/network-authentication/sends-no-res-for-an-autn-with-another-amf-last-bit",
    ],
);
const EMPTY_PASSWORD_ON_BAD_MAC: Fault = fault(
    "ue/empty-password-on-bad-mac",
    "UB-4.4-02",
    "A challenge whose MAC does not verify is answered with the empty password and without AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch => ChallengeVerdict::Answer,
            MacCheck::Valid => ue::judge_challenge(challenge),
        };
        policy.ub_password = |facts| match facts.mac {
            MacCheck::Mismatch => Vec::new(),
            MacCheck::Valid => ue::ub_password(facts),
        };
    }),
    &["ue/network-authentication/sends-nothing-but-an-empty-response-for-a-wrong-mac"],
);
const WANTS_SEQ_TWO_AHEAD: Fault = fault(
    "ue/wants-seq-two-ahead",
    "SQN-UE-02",
    "A SEQ is accepted only if it is two above that of its slot.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            ue::check_sqn(usim, sqn)?;
            match slot_of(usim, sqn) {
                Some(held) if sqn.seq(usim.scheme()) == held + 1 => {
                    Err(SqnOutOfRange::NotGreaterThanSlot)
                }
                _ => Ok(()),
            }
        };
    }),
    &["ue/usim/accepts-the-next-seq-in-the-same-slot"],
);
const ACCEPTS_OLD_SEQ_IN_SLOT: Fault = fault(
    "ue/accepts-old-seq-in-slot",
    "SQN-UE-02",
    "A SEQ is accepted whatever its slot holds, if it lies within a hundred of the highest one.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            let scheme = usim.scheme();
            let behind = usim.sqn_ms().seq(scheme).saturating_sub(sqn.seq(scheme));
            match ue::check_sqn(usim, sqn) {
                Err(SqnOutOfRange::NotGreaterThanSlot) if behind <= 100 => Ok(()),
                verdict => verdict,
            }
        };
    }),
    &[
        "ue/usim/refuses-the-same-seq-in-the-same-slot",
        "ue/usim/refuses-the-seq-before-in-the-same-slot",
        "ue/usim/refuses-a-seq-fifty-before-in-the-same-slot",
        "ue/usim/refuses-the-same-seq-again-in-an-older-slot",
        "ue/resync/auts-for-a-replayed-challenge",
        "ue/sqn/answers-as-its-array-says",
        "ue/sqn/no-challenge-is-accepted-twice",
    ],
);
const FORGETS_OTHER_SLOTS: Fault = fault(
    "ue/forgets-other-slots",
    "SQN-UE-02",
    "An accepted SEQ empties all slots but its own.",
    Seam::Ue(|policy| policy.update_usim = keep_one_slot),
    &[
        "ue/usim/refuses-the-same-seq-again-in-an-older-slot",
        "ue/sqn/no-challenge-is-accepted-twice",
    ],
);
const COMPARES_WHOLE_SQN: Fault = fault(
    "ue/compares-whole-sqn",
    "SQN-UE-03",
    "An SQN is accepted only if the whole of it is above the highest one.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            ue::check_sqn(usim, sqn)?;
            if sqn.value() > usim.sqn_ms().value() {
                Ok(())
            } else {
                Err(SqnOutOfRange::NotGreaterThanSlot)
            }
        };
    }),
    &[
        "ue/resync/accepts-an-older-sqn-in-another-slot",
        "ue/usim/accepts-an-older-seq-in-a-slot-beside-the-latest",
        "ue/usim/accepts-an-older-seq-in-a-slot-three-further",
        "ue/usim/accepts-an-older-seq-in-a-slot-seven-further",
        "ue/sqn/answers-as-its-array-says",
    ],
);
const DELTA_ONE_SHORT: Fault = fault(
    "ue/delta-one-short",
    "SQN-UE-04",
    "A jump of delta is refused.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| with_scheme(usim, sqn, |scheme| scheme.delta -= 1);
    }),
    &["ue/usim/accepts-a-jump-of-delta"],
);
const DELTA_ONE_LONG: Fault = fault(
    "ue/delta-one-long",
    "SQN-UE-04",
    "A jump of one more than delta is accepted.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| with_scheme(usim, sqn, |scheme| scheme.delta += 1);
    }),
    &["ue/usim/refuses-a-jump-of-one-more-than-delta"],
);
const AGE_LIMIT_ONE_SHORT: Fault = fault(
    "ue/age-limit-one-short",
    "SQN-UE-05",
    "A SEQ is too old one step before the age limit.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            with_scheme(usim, sqn, |scheme| {
                scheme.age_limit = scheme.age_limit.map(|limit| limit - 1);
            })
        };
    }),
    &["ue/usim/accepts-a-seq-within-the-age-limit"],
);
const NO_AGE_LIMIT: Fault = fault(
    "ue/no-age-limit",
    "SQN-UE-05",
    "A SEQ is never too old.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| with_scheme(usim, sqn, |scheme| scheme.age_limit = None);
    }),
    &["ue/usim/refuses-a-seq-at-the-age-limit"],
);
const AUTS_REPORTS_SLOT: Fault = fault(
    "ue/auts-reports-slot",
    "SQN-UE-06",
    "AUTS reports the SEQ of the slot of the refused challenge instead of the highest one.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let scheme = *facts.usim.scheme();
            let ind = facts.received_sqn.ind(&scheme);
            let held = slot_of(facts.usim, facts.received_sqn);
            // A slot that was never used says nothing, so that a first challenge is met rightly.
            let held = held.filter(|seq| *seq > 0);
            let of_slot = held.and_then(|seq| Sqn::from_parts(&scheme, seq, ind));
            ue::auts(&AutsFacts {
                sqn_ms: of_slot.unwrap_or(facts.sqn_ms),
                ..*facts
            })
        };
    }),
    &[
        "ue/usim/reports-the-highest-seq-of-all-slots",
        "ue/sqn/each-auts-reports-the-highest-and-changes-nothing",
    ],
);
const ACCEPTS_SEQ_ZERO: Fault = fault(
    "ue/accepts-seq-zero",
    "SQN-UE-07",
    "A SEQ of zero is accepted as the start of everything.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| match sqn.seq(usim.scheme()) {
            0 => Ok(()),
            _ => ue::check_sqn(usim, sqn),
        };
    }),
    &[
        "ue/usim/refuses-seq-zero-in-its-own-slot",
        "ue/usim/refuses-seq-zero-in-the-next-slot",
        "ue/usim/refuses-seq-zero-in-a-slot-seven-further",
    ],
);

/// The check of MAC-A with this AMF in place of the one in AUTN.
fn mac_over(facts: &MacFacts<'_>, amf: [u8; 2]) -> MacCheck {
    let right = facts.functions.f1(facts.rand, facts.sqn, Amf::from(amf));
    verdict(right.as_ref() == facts.autn.mac().as_ref())
}

/// The check of the bits of MAC-A that this mask has.
fn mac_under(facts: &MacFacts<'_>, mask: u64) -> MacCheck {
    let number = |octets: &[u8]| u64::from_be_bytes(octets.try_into().unwrap_or_default());
    let right = facts.functions.f1(facts.rand, facts.sqn, facts.autn.amf());
    let differ = number(right.as_ref()) ^ number(facts.autn.mac().as_ref());
    verdict(differ & mask == 0)
}

/// The check of MAC-A, or of the same over one of these pairs.
fn mac_of_any(facts: &MacFacts<'_>, mut others: impl Iterator<Item = (Sqn, Amf)>) -> MacCheck {
    let fits = |(sqn, amf)| {
        let right = facts.functions.f1(facts.rand, sqn, amf);
        right.as_ref() == facts.autn.mac().as_ref()
    };
    if others.any(fits) {
        MacCheck::Valid
    } else {
        ue::check_mac(facts)
    }
}

fn verdict(equal: bool) -> MacCheck {
    if equal {
        MacCheck::Valid
    } else {
        MacCheck::Mismatch
    }
}

/// The check of an SQN against the same array with changed numbers.
fn with_scheme(usim: &UsimSqn, sqn: Sqn, change: fn(&mut SqnScheme)) -> Result<(), SqnOutOfRange> {
    let mut scheme = *usim.scheme();
    change(&mut scheme);
    let slots = (0..).zip(usim.slots().iter().copied());
    ue::check_sqn(&UsimSqn::with_slots(scheme, slots), sqn)
}

/// The SEQ in the slot of an SQN.
fn slot_of(usim: &UsimSqn, sqn: Sqn) -> Option<u64> {
    let index = usize::try_from(sqn.ind(usim.scheme())).ok()?;
    usim.slots().get(index).copied()
}

/// The array with nothing but the SQN that it has accepted.
fn keep_one_slot(update: &UsimUpdate<'_>) -> UsimSqn {
    if update.verdict != ChallengeVerdict::Answer {
        return ue::update_usim(update);
    }
    let scheme = *update.usim.scheme();
    let (ind, seq) = (update.sqn.ind(&scheme), update.sqn.seq(&scheme));
    UsimSqn::with_slots(scheme, [(ind, seq)])
}
