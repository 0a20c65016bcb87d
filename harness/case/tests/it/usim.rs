//! The USIM model behind `challenge.usim`, against the scenarios of TS 33.102 Annex C
//! (`sqn_scenarios`): array, received SEQ and IND, verdict.

use gbaspec_case::scene::Scene;
use gbaspec_crypto::token::Sqn;
use rstest::rstest;

use crate::world::{From, Play, answer, challenge, resynchronisation, scene};

const DIVIDED: &str = "sqn: { ind-bits: 5, delta: 268435456 }\n";
const WITH_AGE_LIMIT: &str = "sqn: { ind-bits: 5, delta: 268435456, age-limit: 50 }\n";

const ACCEPTS: &str = "accepts";
const NOT_ABOVE: &str = "not above its slot";
const BEYOND_DELTA: &str = "beyond delta";
const TOO_OLD: &str = "older than the age limit";

fn sqn(seq: u64, ind: u64) -> Sqn {
    Sqn::new(seq * 32 + ind).expect("48 bits")
}

/// A client that has shown an empty array and then accepted these (IND, SEQ).
fn client_with(scene: &Scene, slots: &[(u64, u64)]) -> Play {
    let mut play = Play::default();
    let refused = challenge(scene, 0xee, sqn(0, 0));
    play.add(From::Harness, &refused);
    play.add(From::Target, &resynchronisation(scene, &refused, sqn(0, 0)));
    for (octet, &(ind, seq)) in (1..).zip(slots) {
        let accepted = challenge(scene, octet, sqn(seq, ind));
        play.add(From::Harness, &accepted);
        play.add(From::Target, &answer(scene, &accepted));
    }
    play
}

#[rstest]
#[case::sqn_01(DIVIDED, &[], (1, 0), ACCEPTS)]
#[case::sqn_02(DIVIDED, &[], (0, 0), NOT_ABOVE)]
#[case::sqn_03(DIVIDED, &[(3, 100)], (100, 3), NOT_ABOVE)]
#[case::sqn_04(DIVIDED, &[(3, 100)], (99, 3), NOT_ABOVE)]
#[case::sqn_05(DIVIDED, &[(3, 100)], (99, 4), ACCEPTS)]
#[case::sqn_06(DIVIDED, &[(3, 100), (4, 99)], (99, 4), NOT_ABOVE)]
#[case::sqn_07(DIVIDED, &[(3, 100)], (101, 3), ACCEPTS)]
#[case::sqn_08(DIVIDED, &[(0, 5)], (268_435_461, 0), ACCEPTS)]
#[case::sqn_09(DIVIDED, &[(0, 5)], (268_435_462, 0), BEYOND_DELTA)]
#[case::sqn_10(WITH_AGE_LIMIT, &[(3, 100)], (50, 9), TOO_OLD)]
#[case::sqn_11(WITH_AGE_LIMIT, &[(3, 100)], (51, 9), ACCEPTS)]
#[case::sqn_12(DIVIDED, &[(0, 8_796_093_022_207)], (8_796_093_022_207, 1), ACCEPTS)]
#[case::sqn_13(DIVIDED, &[(0, 10), (5, 200), (9, 30)], (30, 9), NOT_ABOVE)]
#[case::sqn_14(DIVIDED, &[(7, 8_782_631_830_967)], (8_782_631_830_960, 7), NOT_ABOVE)]
fn says_what_annex_c_says(
    #[case] profile: &str,
    #[case] slots: &[(u64, u64)],
    #[case] received: (u64, u64),
    #[case] verdict: &str,
) {
    let scene = scene(profile);
    let mut play = client_with(&scene, slots);
    let text = challenge(&scene, 0xff, sqn(received.0, received.1));
    let index = play.add(From::Harness, &text);
    assert_eq!(
        play.fact(&scene, index, "challenge.usim").as_deref(),
        Some(verdict)
    );
    // The answer is measured by the state before it.
    let replied = play.add(From::Target, &answer(&scene, &text));
    assert_eq!(
        play.fact(&scene, replied, "credentials.usim").as_deref(),
        Some(verdict)
    );
}

#[test]
fn does_not_guess_what_a_client_holds() {
    let scene = scene(DIVIDED);
    let mut play = Play::default();
    let first = challenge(&scene, 1, sqn(100, 3));
    let index = play.add(From::Harness, &first);
    assert_eq!(play.fact(&scene, index, "challenge.usim"), None);
    play.add(From::Target, &answer(&scene, &first));
    for (seq, ind, says) in [
        (101, 3, Some(ACCEPTS)),
        (100, 3, Some(NOT_ABOVE)),
        (101, 4, None),
        (268_435_557, 3, None),
    ] {
        let mut play = Play {
            transcript: play.transcript.clone(),
        };
        let index = play.add(From::Harness, &challenge(&scene, 2, sqn(seq, ind)));
        let fact = play.fact(&scene, index, "challenge.usim");
        assert_eq!(fact.as_deref(), says, "{seq} in slot {ind}");
    }
}

#[test]
fn says_nothing_of_a_client_whose_division_is_not_stated() {
    let scene = scene("");
    let mut play = client_with(&scene, &[(3, 100)]);
    let index = play.add(From::Harness, &challenge(&scene, 9, sqn(100, 3)));
    assert_eq!(play.fact(&scene, index, "challenge.usim"), None);
}

#[test]
fn takes_no_answer_to_a_challenge_that_was_never_sent() {
    let scene = scene(DIVIDED);
    let mut play = client_with(&scene, &[]);
    play.add(
        From::Target,
        &answer(&scene, &challenge(&scene, 7, sqn(100, 3))),
    );
    let index = play.add(From::Harness, &challenge(&scene, 8, sqn(100, 3)));
    assert_eq!(
        play.fact(&scene, index, "challenge.usim").as_deref(),
        Some(ACCEPTS)
    );
}

/// What a home network sends: (SEQ, IND) of the challenges before, an AUTS that answers the last of
/// them, and the next challenge.
#[rstest]
#[case::the_first_vector(&[], None, (5, 0), Some(ACCEPTS))]
#[case::the_very_first_is_zero(&[], None, (0, 0), Some(NOT_ABOVE))]
#[case::rising(&[(5, 1)], None, (6, 2), Some(ACCEPTS))]
#[case::the_same_again(&[(5, 1)], None, (5, 1), Some(NOT_ABOVE))]
#[case::older_in_another_slot(&[(5, 1)], None, (4, 2), Some(ACCEPTS))]
#[case::a_jump_of_delta(&[(5, 1)], None, (268_435_461, 2), Some(ACCEPTS))]
#[case::a_jump_beyond_delta(&[(5, 1)], None, (268_435_462, 2), Some(BEYOND_DELTA))]
#[case::after_auts(&[(5, 1)], Some(12), (13, 2), Some(ACCEPTS))]
#[case::sqn_ms_itself(&[(5, 1)], Some(12), (12, 2), Some(NOT_ABOVE))]
#[case::the_old_range(&[(5, 1)], Some(12), (6, 2), Some(NOT_ABOVE))]
#[case::beyond_delta_of_sqn_ms(&[(5, 1)], Some(12), (268_435_469, 2), Some(BEYOND_DELTA))]
#[case::lowered_after_a_jump(&[(5, 1), (900_000_000, 2)], Some(5), (6, 3), Some(ACCEPTS))]
fn judges_what_a_home_network_sends(
    #[case] before: &[(u64, u64)],
    #[case] seq_ms: Option<u64>,
    #[case] next: (u64, u64),
    #[case] says: Option<&str>,
) {
    let scene = scene(DIVIDED);
    let mut play = Play::default();
    for (octet, &(seq, ind)) in (1..).zip(before) {
        play.add(From::Target, &challenge(&scene, octet, sqn(seq, ind)));
    }
    if let Some((seq_ms, (octet, &(seq, ind)))) = seq_ms.zip((1..).zip(before).last()) {
        let refused = challenge(&scene, octet, sqn(seq, ind));
        let auts = resynchronisation(&scene, &refused, sqn(seq_ms, 9));
        play.add(From::Harness, &auts);
    }
    let index = play.add(From::Target, &challenge(&scene, 0xff, sqn(next.0, next.1)));
    let fact = play.fact(&scene, index, "challenge.usim");
    assert_eq!(fact.as_deref(), says);
}

/// The same AUTS again says nothing new: what was sent since stays used.
#[test]
fn a_repeated_auts_does_not_free_a_used_number() {
    let scene = scene(DIVIDED);
    let mut play = Play::default();
    let first = challenge(&scene, 1, sqn(5, 1));
    let auts = resynchronisation(&scene, &first, sqn(12, 1));
    play.add(From::Target, &first);
    play.add(From::Harness, &auts);
    play.add(From::Target, &challenge(&scene, 2, sqn(13, 2)));
    play.add(From::Harness, &auts);
    let index = play.add(From::Target, &challenge(&scene, 3, sqn(13, 2)));
    let fact = play.fact(&scene, index, "challenge.usim");
    assert_eq!(fact.as_deref(), Some(NOT_ABOVE));
}

#[rstest]
#[case::rising(6 * 32, ACCEPTS)]
#[case::lower_but_not_used(4 * 32, ACCEPTS)]
#[case::used(5 * 32, NOT_ABOVE)]
// With an IND of eight bits this is within delta.
#[case::beyond_delta_of_the_usual_division((5 + 268_435_457) * 32, ACCEPTS)]
fn refuses_only_what_any_division_refuses(#[case] next: u64, #[case] says: &str) {
    let scene = scene("");
    let mut play = Play::default();
    play.add(From::Target, &challenge(&scene, 1, sqn(5, 0)));
    let next = Sqn::new(next).expect("48 bits");
    let index = play.add(From::Target, &challenge(&scene, 2, next));
    let fact = play.fact(&scene, index, "challenge.usim");
    assert_eq!(fact.as_deref(), Some(says));
}

#[test]
fn is_absent_for_a_forged_challenge() {
    let scene = scene(DIVIDED);
    let mut play = Play::default();
    // One bit of MAC-A of test set 1 is wrong.
    let forged = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7I=\", algorithm=AKAv1-MD5, qop=\"auth-int\"\n\n";
    let index = play.add(From::Target, forged);
    assert_eq!(play.fact(&scene, index, "challenge.usim"), None);
    assert_eq!(
        play.fact(&scene, index, "challenge.mac").as_deref(),
        Some("mismatch")
    );
}
