//! The same properties against peers with a fault: a property that cannot fail proves nothing.
//!
//! An error by one is planted in delta, in the comparison with the slot and in AMF*. Each must be
//! found, and the counterexample must shrink to the one that explains it.

use std::fmt::Debug;

use gbaspec_crypto::sqn::{HeSqn, SqnScheme, UsimSqn};
use gbaspec_crypto::token::Sqn;
use gbaspec_roles::bsf::{self, ResyncRequest};
use gbaspec_roles::faults::{self, Fault, Seam};
use gbaspec_roles::role::RoleName;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestError, TestRng, TestRunner};
use rstest::rstest;

use super::model::{Array, Challenge, Kit, Profile, SLOTS, office, script};
use super::system::{Event, Pair, Story};
use super::{Verdict, he, system, ue};

type Property<T> = fn(&T, Profile, Option<&'static Fault>) -> Verdict;

// ---------------------------------------------------------------- errors by one

static DELTA_TOO_WIDE: Fault = planted(
    "A SEQ one beyond delta is accepted.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            let delta = usim.scheme().delta + 1;
            with_delta(usim, delta).check(sqn)
        };
    }),
);
static DELTA_TOO_NARROW: Fault = planted(
    "A SEQ at delta is refused.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            let delta = usim.scheme().delta - 1;
            with_delta(usim, delta).check(sqn)
        };
    }),
);
static SLOT_NOT_STRICT: Fault = planted(
    "A SEQ equal to the one in its slot is accepted.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| match usim.check(sqn) {
            Err(_) if is_that_of_its_slot(usim, sqn) => Ok(()),
            verdict => verdict,
        };
    }),
);
static SLOT_TOO_STRICT: Fault = planted(
    "A SEQ one above that in its slot is refused.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            let before = Sqn::new(sqn.value().saturating_sub(32)).unwrap_or(sqn);
            usim.check(sqn)?;
            if is_that_of_its_slot(usim, before) {
                usim.check(before)?;
            }
            Ok(())
        };
    }),
);

const fn planted(what: &'static str, seam: Seam) -> Fault {
    Fault {
        id: "ue/planted",
        role: RoleName::Ue,
        requirement: "SQN-UE-02",
        what,
        seam,
        caught_by: &[],
    }
}

fn with_delta(usim: &UsimSqn, delta: u64) -> UsimSqn {
    let scheme = SqnScheme {
        delta,
        ..*usim.scheme()
    };
    UsimSqn::with_slots(scheme, (0..).zip(usim.slots().iter().copied()))
}

fn is_that_of_its_slot(usim: &UsimSqn, sqn: Sqn) -> bool {
    let (scheme, array) = (usim.scheme(), usim.slots());
    let slot = usize::try_from(sqn.ind(scheme)).ok();
    slot.and_then(|slot| array.get(slot)) == Some(&sqn.seq(scheme))
}

/// The fault that is in the register: AMF* is the AMF of the challenge.
fn amf_of_the_challenge() -> &'static Fault {
    faults::by_id("ue/auts-with-challenge-amf").expect("the fault is there")
}

// A USIM that has accepted nothing meets one challenge.
#[rstest]
#[case::delta_too_wide(&DELTA_TOO_WIDE, 268_435_457)]
#[case::delta_too_narrow(&DELTA_TOO_NARROW, 268_435_456)]
#[case::slot_not_strict(&SLOT_NOT_STRICT, 0)]
#[case::slot_too_strict(&SLOT_TOO_STRICT, 1)]
fn shrinks_to_one_challenge_for_an_empty_array(
    #[case] fault: &'static Fault,
    #[case] seq: u64,
    #[values(Profile::C31, Profile::C32, Profile::C33)] profile: Profile,
) {
    let found = smallest(&script(6), ue::answers_with_res_or_auts, profile, fault);
    assert_eq!(
        challenges(&found),
        (empty_array(), vec![challenge(seq, [0, 0])])
    );
}

#[test]
fn shrinks_amf_star_to_one_refused_challenge_with_another_amf() {
    let strategy = (script(6), 1_u16..);
    let property: Property<_> = ue::auts_makes_the_round_trip;
    let (found, _) = smallest(&strategy, property, Profile::C32, amf_of_the_challenge());
    assert_eq!(
        challenges(&found),
        (empty_array(), vec![challenge(0, [0x80, 0])])
    );
}

// What was accepted, sent again: the shortest story of a replay.
#[test]
fn shrinks_a_replay_to_five_events() {
    let strategy = system::with_replays(young_pair(), 1);
    let property = system::survives;
    let found = smallest(&strategy, property, Profile::C32, &SLOT_NOT_STRICT);
    let Story { pair, events, .. } = found;
    assert_eq!((pair.array, pair.office.he), (empty_array(), (0, 0)));
    assert_eq!(
        events,
        [
            Event::Start(0),
            Event::Request(0),
            Event::Answer(0),
            Event::Start(0),
            Event::RepeatAnswer(0, 0),
        ]
    );
}

// The first vector has SEQ 1 and IND 1, and the slot of that IND has SEQ 1 already.
#[test]
fn shrinks_a_lock_out_to_a_usim_that_is_one_ahead() {
    let property = system::two_challenges_suffice;
    let fault = amf_of_the_challenge();
    let Pair { array, office } = smallest(&young_pair(), property, Profile::C32, fault);
    assert_eq!((array, office.he), (Array::of_one(1, 1), (0, 0)));
}

/// A USIM and a counter of which each can become simpler without the other: the USIM has accepted
/// at most one number.
fn young_pair() -> impl Strategy<Value = Pair> {
    let after = (0_u64..2_000, 0..SLOTS);
    (office(), 0_u64..2_000, after).prop_map(|(mut office, seq, (accepted, distance))| {
        office.he.0 = seq;
        office.kit = Kit::Milenage;
        let ind = (office.he.1 + 1 + distance) % SLOTS;
        Pair {
            array: Array::of_one(accepted, ind),
            office,
        }
    })
}

/// The array that a script begins with, and the challenges that it comes to.
fn challenges((start, moves): &ue::Script) -> (Array, Vec<Challenge>) {
    assert_eq!(start.kit, Kit::Milenage);
    let mut array = start.array.clone();
    let mut all = Vec::new();
    for one in moves {
        let challenge = one.against(&array);
        if array.accepts(challenge.seq, challenge.ind) {
            array.slots[challenge.ind] = challenge.seq;
        }
        all.push(challenge);
    }
    (start.array.clone(), all)
}

fn challenge(seq: u64, amf: [u8; 2]) -> Challenge {
    Challenge {
        seq,
        ind: 0,
        rand: [0; 16],
        amf,
    }
}

fn empty_array() -> Array {
    Array {
        slots: [0; SLOTS],
        limit: None,
    }
}

/// Two errors that do nothing without each other: RAND for the AUTS is that of any nonce, also of
/// one that was answered, and every AUTS sets the counter.
static AUTS_TAKEN_AGAIN: Fault = Fault {
    id: "bsf/planted",
    role: RoleName::Bsf,
    ..planted(
        "An AUTS that is sent again sets the counter again.",
        Seam::Bsf(|policy| {
            policy.resynchronise = |request| {
                bsf::resynchronise(&ResyncRequest {
                    issued_rand: request.client_rand,
                    ..*request
                })
            };
            policy.reset_counter = |counter, sqn_ms| HeSqn::new(*counter.scheme(), sqn_ms);
        }),
    )
};

// A counter that never moved, one resynchronisation, and its AUTS again at once.
#[test]
fn shrinks_an_auts_taken_again_to_two_reports() {
    let strategy = (he::failure(), 0_usize..4);
    let property: Property<_> = he::replayed_auts_resets_nothing;
    let (failure, runs) = smallest(&strategy, property, Profile::C32, &AUTS_TAKEN_AGAIN);
    assert_eq!((failure.office.he, runs), ((0, 0), 0));
}

// ---------------------------------------------------------------- every property can fail

/// Defines one test for each invariant: every one of these faults violates it.
macro_rules! each_finds {
    ($($name:ident: $strategy:expr => $property:path, [$($id:literal),+];)+) => {$(
        #[rstest]
        fn $name(#[values($($id),+)] id: &str) {
            let fault = faults::by_id(id).expect("the fault is there");
            let found = search(&$strategy, $property, Profile::C32, fault, 0);
            assert!(found.is_some(), "{id} goes unnoticed");
        }
    )+};
}

each_finds! {
    p_ue_1_can_fail: ue::forged() => ue::draws_nothing,
        ["ue/answers-bad-mac", "ue/auts-on-bad-mac", "ue/sqn-before-mac"];
    p_ue_2_can_fail: script(1) => ue::answers_with_res_or_auts,
        ["ue/answers-old-sqn", "ue/gives-up-on-old-sqn", "ue/auts-response-with-res",
         "ue/auts-response-empty", "ue/no-delta-check"];
    p_ue_3_can_fail: script(6) => ue::stores_what_it_accepts,
        ["ue/accepts-repeated-sqn", "ue/one-maximum-for-all-slots", "ue/refused-sqn-stored"];
    p_ue_4_can_fail: script(1) => ue::auts_changes_nothing,
        ["ue/refused-sqn-stored", "ue/refusal-advances-sqn-ms"];
    p_ue_5_can_fail: (script(1), 1_u16..) => ue::auts_makes_the_round_trip,
        ["ue/auts-hex", "ue/auts-16-octets", "ue/auts-with-f5", "ue/auts-with-f1",
         "ue/auts-with-challenge-amf", "ue/auts-with-received-sqn", "ue/auts-mac-first",
         "ue/auts-below-sqn-ms"];
    p_ue_6_can_fail: (script(6), any::<[usize; 6]>()) => ue::refuses_replays,
        ["ue/accepts-repeated-sqn", "ue/answers-old-sqn"];
    p_ue_7_can_fail: ue::interleaved() => ue::accepts_any_order,
        ["ue/one-maximum-for-all-slots"];
    p_ue_8_can_fail: ue::bordered() => ue::has_exact_borders,
        ["ue/no-delta-check", "ue/answers-old-sqn"];
    p_ue_9_can_fail: script(6) => ue::seq_rises_in_each_slot,
        ["ue/answers-old-sqn", "ue/accepts-repeated-sqn"];
    p_ue_10_can_fail: ue::wrapping() => ue::never_wraps,
        ["ue/no-delta-check", "ue/answers-old-sqn"];
    p_ue_11_can_fail: (script(1), any::<[u8; 16]>()) => ue::masks_differ,
        ["ue/auts-with-f5"];
    p_ue_12_can_fail: (script(1), any::<u64>()) => ue::lives_after_auts,
        ["ue/auts-below-sqn-ms", "ue/auts-with-received-sqn"];
    p_he_1_can_fail: he::talk(8) => he::vectors_differ_and_rise,
        ["bsf/rand-constant", "bsf/sqn-not-advanced", "bsf/sqn-counts-down",
         "bsf/same-vector-again"];
    p_he_2_can_fail: he::talk(8) => he::vectors_are_accepted,
        ["bsf/sqn-not-advanced", "bsf/sqn-counts-down", "bsf/same-vector-again"];
    p_he_3_can_fail: he::failure() => he::next_vector_is_in_range,
        ["bsf/nonce-again-after-auts", "bsf/auts-ignored", "bsf/auts-gives-403",
         "bsf/sqn-ms-again-after-auts", "bsf/seq-ms-again-with-new-ind",
         "bsf/old-vector-after-auts", "bsf/counter-never-lowered"];
    p_he_4_can_fail: he::failure() => he::lowers_nothing_without_need,
        ["bsf/counter-lowered-by-auts", "bsf/counter-lowered-below-sqn-ms",
         "bsf/counter-never-lowered"];
    p_he_5_can_fail: he::failure() => he::forged_auts_moves_nothing,
        ["bsf/auts-without-mac-check", "bsf/auts-with-challenge-amf-accepted",
         "bsf/sqn-not-advanced"];
    p_he_6_can_fail: he::failure() => he::auts_is_bound,
        ["bsf/auts-without-mac-check", "bsf/auts-nonce-ignored"];
    p_he_7_can_fail: (he::failure(), 0_usize..4) => he::replayed_auts_resets_nothing,
        ["bsf/sqn-not-advanced"];
    p_he_8_can_fail: he::failure() => he::renews_nonce_and_rand,
        ["bsf/nonce-again-after-auts", "bsf/rand-constant"];
    p_he_9_can_fail: (he::failure(), 0_usize..4) => he::old_vectors_are_gone,
        ["bsf/old-vector-after-auts", "bsf/accepts-replay", "bsf/accepts-replaced-vector"];
    p_he_10_can_fail: he::failure() => he::no_key_before_res,
        ["bsf/accepts-any-response", "bsf/btid-of-first-rand", "bsf/btid-not-from-rand"];
    p_he_11_can_fail: he::failure() => he::retry_is_harmless,
        ["bsf/auts-ignored", "bsf/auts-gives-403", "bsf/sqn-not-advanced"];
    p_sys_1_can_fail: system::pair() => system::two_challenges_suffice,
        ["ue/auts-with-challenge-amf", "ue/answers-old-sqn", "bsf/auts-ignored",
         "bsf/counter-lowered-below-sqn-ms", "bsf/counter-never-lowered"];
    p_sys_2_can_fail: system::with_losses() => system::survives,
        ["ue/stops-after-auts", "ue/gives-up-on-old-sqn", "bsf/auts-ignored",
         "bsf/counter-never-lowered"];
    p_sys_3_can_fail: system::with_replays(system::with_room(), 2) => system::survives,
        ["ue/accepts-repeated-sqn", "ue/answers-old-sqn", "bsf/accepts-replay"];
    p_sys_4_can_fail: system::bits() => system::same_keys,
        ["ue/ik-before-ck", "ue/naf-id-with-port", "ue/naf-id-without-protocol",
         "ue/naf-password-raw", "bsf/btid-not-from-rand"];
    p_sys_5_can_fail: (office(), any::<bool>()) => system::runs_do_not_mix,
        ["bsf/accepts-any-response", "bsf/same-vector-again", "ue/one-maximum-for-all-slots"];
}

// ---------------------------------------------------------------- the search

/// The smallest counterexample.
fn smallest<S: Strategy>(
    strategy: &S,
    property: Property<S::Value>,
    profile: Profile,
    fault: &'static Fault,
) -> S::Value
where
    S::Value: Debug,
{
    let found = search(strategy, property, profile, fault, 1 << 16);
    found.unwrap_or_else(|| panic!("goes unnoticed: {}", fault.what))
}

/// A counterexample among 1,000 cases, always the same, after so many attempts to make it smaller.
fn search<S: Strategy>(
    strategy: &S,
    property: Property<S::Value>,
    profile: Profile,
    fault: &'static Fault,
    max_shrink_iters: u32,
) -> Option<S::Value> {
    let config = ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        max_shrink_iters,
        ..ProptestConfig::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let outcome = TestRunner::new_with_rng(config, rng)
        .run(strategy, |input| property(&input, profile, Some(fault)));
    match outcome {
        Err(TestError::Fail(_, input)) => Some(input),
        _ => None,
    }
}
