//! The acceptance scenarios of TS 33.102 clauses C.1.2 and C.2.1 to C.2.3.

use gbaspec_crypto::sqn::SqnOutOfRange::{BeyondDelta, NotGreaterThanSlot, OlderThanAgeLimit};
use gbaspec_crypto::sqn::{
    Generation, HeSqn, Resynchronisation, Sqn, SqnOutOfRange, SqnScheme, UsimSqn,
};
use rstest::rstest;

use crate::hex;

const ACCEPT: Result<(), SqnOutOfRange> = Ok(());

// The columns: array as (IND, SEQ), L, received as (SEQ, IND, SQN), verdict, SQN_MS in the AUTS.
#[rstest]
// First use, all zero array.
#[case::sqn_01(&[], None, (1, 0, "000000000020"), ACCEPT, None)]
// SEQ 0 is never greater than the initial 0.
#[case::sqn_02(&[], None, (0, 0, "000000000000"), Err(NotGreaterThanSlot), Some("000000000000"))]
// Replay of the last accepted SQN.
#[case::sqn_03(&[(3, 100)], None, (100, 3, "000000000c83"), Err(NotGreaterThanSlot), Some("000000000c83"))]
// Older in the same slot.
#[case::sqn_04(&[(3, 100)], None, (99, 3, "000000000c63"), Err(NotGreaterThanSlot), Some("000000000c83"))]
// Older SEQ but another, empty slot: out-of-order acceptance is required by the array scheme.
#[case::sqn_05(&[(3, 100)], None, (99, 4, "000000000c64"), ACCEPT, None)]
// Replay in the other slot.
#[case::sqn_06(&[(3, 100), (4, 99)], None, (99, 4, "000000000c64"), Err(NotGreaterThanSlot), Some("000000000c83"))]
#[case::sqn_07(&[(3, 100)], None, (101, 3, "000000000ca3"), ACCEPT, None)]
// Exactly delta: accepted.
#[case::sqn_08(&[(0, 5)], None, (268_435_461, 0, "0002000000a0"), ACCEPT, None)]
// Delta + 1: refused.
#[case::sqn_09(&[(0, 5)], None, (268_435_462, 0, "0002000000c0"), Err(BeyondDelta), Some("0000000000a0"))]
// SEQ_MS - SEQ = L: refused.
#[case::sqn_10(&[(3, 100)], Some(50), (50, 9, "000000000649"), Err(OlderThanAgeLimit), Some("000000000c83"))]
// SEQ_MS - SEQ = L - 1: accepted.
#[case::sqn_11(&[(3, 100)], Some(50), (51, 9, "000000000669"), ACCEPT, None)]
// Top of the 43-bit range, other slot.
#[case::sqn_12(&[(0, 8_796_093_022_207)], None, (8_796_093_022_207, 1, "ffffffffffe1"), ACCEPT, None)]
// AUTS must carry the maximum anywhere in the array (200), not the slot value (30).
#[case::sqn_13(&[(0, 10), (5, 200), (9, 30)], None, (30, 9, "0000000003c9"), Err(NotGreaterThanSlot), Some("000000001905"))]
// The case of ub_resync_flow.
#[case::sqn_14(&[(7, 8_782_631_830_967)], None, (8_782_631_830_960, 7, "ff9bb4d0b607"), Err(NotGreaterThanSlot), Some("ff9bb4d0b6e7"))]
fn judges_the_scenarios(
    #[case] array: &[(u64, u64)],
    #[case] age_limit: Option<u64>,
    #[case] (seq, ind, received): (u64, u64, &str),
    #[case] verdict: Result<(), SqnOutOfRange>,
    #[case] sqn_ms: Option<&str>,
) {
    let scheme = SqnScheme {
        age_limit,
        ..SqnScheme::default()
    };
    let received = Sqn::from_bytes(hex(received));
    assert_eq!(Sqn::from_parts(&scheme, seq, ind), Some(received));
    assert_eq!((received.seq(&scheme), received.ind(&scheme)), (seq, ind));

    let before = UsimSqn::with_slots(scheme, array.iter().copied());
    let mut usim = before.clone();
    assert_eq!(usim.check(received), verdict);
    assert_eq!(usim, before);
    assert_eq!(usim.accept(received), verdict);
    if verdict.is_ok() {
        assert_eq!(usim.accept(received), Err(NotGreaterThanSlot));
        return;
    }
    assert_eq!(usim, before);
    assert_eq!(Some(usim.sqn_ms().to_string().as_str()), sqn_ms);
}

// The columns: SQN_HE and SQN_MS as (SEQ, IND), outcome, the next number as (SEQ, IND). The next
// SEQ of the counter is 1001, and delta is 100.
#[rstest]
#[case::far_behind((1000, 7), (900, 3), Resynchronisation::Reset, (901, 4))]
#[case::next_one_beyond_delta((1000, 7), (900, 7), Resynchronisation::Reset, (901, 8))]
#[case::next_at_delta((1000, 7), (901, 7), Resynchronisation::Kept, (1001, 8))]
#[case::behind((1000, 7), (999, 7), Resynchronisation::Kept, (1001, 8))]
#[case::equal((1000, 7), (1000, 7), Resynchronisation::Kept, (1001, 8))]
#[case::equal_to_next((1000, 7), (1001, 8), Resynchronisation::Reset, (1002, 9))]
#[case::equal_seq_in_another_slot((1000, 7), (1001, 3), Resynchronisation::Reset, (1002, 4))]
#[case::ahead((1000, 7), (5000, 31), Resynchronisation::Reset, (5001, 0))]
fn resets_only_where_the_next_is_refused(
    #[case] (seq_he, ind_he): (u64, u64),
    #[case] (seq_ms, ind_ms): (u64, u64),
    #[case] outcome: Resynchronisation,
    #[case] (next_seq, next_ind): (u64, u64),
) {
    let scheme = SqnScheme {
        delta: 100,
        ..SqnScheme::default()
    };
    let sqn = |seq, ind| Sqn::from_parts(&scheme, seq, ind).expect("the parts fit the scheme");
    let mut counter = HeSqn::new(scheme, sqn(seq_he, ind_he));
    assert_eq!(counter.resynchronise(sqn(seq_ms, ind_ms)), outcome);
    assert_eq!(counter.peek_next(), sqn(next_seq, next_ind));
    assert_eq!(counter.advance(), sqn(next_seq, next_ind));
    assert_eq!(counter.last(), sqn(next_seq, next_ind));
}

#[rstest]
#[case::seq_and_ind("ff9bb4d0b607", "ff9bb4d0b628")]
#[case::ind_goes_round("00000000001f", "000000000020")]
#[case::top_of_the_range("ffffffffffe0", "ffffffffffe1")]
#[case::last_of_all("ffffffffffff", "ffffffffffe0")]
fn advances(#[case] last: &str, #[case] next: &str) {
    let mut counter = HeSqn::new(SqnScheme::default(), Sqn::from_bytes(hex(last)));
    assert_eq!(counter.advance().to_bytes(), hex(next));
}

// TS 33.102 C.1.1.1 with n = 4, so p = 16, and D = 4: the digits of SEQ are SEQ1 and SEQ2.
#[rstest]
#[case::clock_just_ahead(0x25, 6, 0x26)]
#[case::clock_ahead(0x25, 15, 0x2f)]
#[case::clock_equal(0x25, 5, 0x26)]
#[case::ahead_of_the_clock_by_less_than_d(0x25, 2, 0x26)]
#[case::ahead_of_the_clock_by_d(0x25, 1, 0x31)]
#[case::clock_gone_round(0x25, 0, 0x30)]
#[case::clock_gone_round_twice(0x25, 16 + 16, 0x30)]
#[case::clock_as_far_ahead_as_believed(0x21, 13, 0x2d)]
#[case::clock_so_far_ahead_that_it_is_behind(0x21, 14, 0x22)]
#[case::end_of_seq2(0x2f, 15, 0x30)]
#[case::end_of_seq2_with_the_clock_gone_round(0x2f, 0, 0x30)]
fn follows_the_clock_in_part(#[case] last: u64, #[case] glc: u64, #[case] next: u64) {
    let scheme = SqnScheme {
        generation: Generation::PartlyTimeBased {
            glc_bits: 4,
            safety: 4,
            unit_millis: 1_000,
        },
        ..SqnScheme::default()
    };
    let sqn = |seq, ind| Sqn::from_parts(&scheme, seq, ind).expect("the parts fit the scheme");
    let mut counter = HeSqn::new(scheme, sqn(last, 30));
    assert_eq!(counter.peek_next(), sqn(last + 1, 31));
    counter.read_clock(glc * 1_000 + 999);
    assert_eq!(counter.advance(), sqn(next, 31));
}

// TS 33.102 C.1.1.3 in tenths of a second; the columns are readings and the SEQ after each.
#[rstest]
#[case::one_unit_each(&[(5_000, 41), (5_100, 42), (5_200, 43)])]
#[case::a_pause(&[(5_000, 41), (6_000, 50), (3_605_000, 36_040)])]
#[case::two_within_a_unit(&[(5_000, 41), (5_099, 42), (5_100, 43), (5_500, 45)])]
#[case::clock_put_back(&[(5_000, 41), (0, 42), (5_200, 43)])]
fn follows_the_clock_entirely(#[case] readings: &[(u64, u64)]) {
    let scheme = SqnScheme::C_3_3;
    let sqn = |seq, ind| Sqn::from_parts(&scheme, seq, ind).expect("the parts fit the scheme");
    let mut counter = HeSqn::new(scheme, sqn(40, 0));
    for (ind, &(millis, seq)) in (1..).zip(readings) {
        counter.read_clock(millis);
        assert_eq!(counter.advance(), sqn(seq, ind));
    }
}

#[rstest]
#[case::far_ahead(40, 7_000_000, Resynchronisation::Reset, 7_000_001, 7_000_010)]
#[case::far_behind(1_000_000_000, 3, Resynchronisation::Reset, 4, 13)]
#[case::behind(
    1_000_000_000,
    999_999_990,
    Resynchronisation::Kept,
    1_000_000_001,
    1_000_000_010
)]
fn keeps_the_distance_of_sqn_ms_from_the_clock(
    #[case] seq_he: u64,
    #[case] seq_ms: u64,
    #[case] outcome: Resynchronisation,
    #[case] next: u64,
    #[case] a_second_later: u64,
) {
    let scheme = SqnScheme::C_3_3;
    let sqn = |seq, ind| Sqn::from_parts(&scheme, seq, ind).expect("the parts fit the scheme");
    let mut counter = HeSqn::new(scheme, sqn(seq_he, 3));
    counter.read_clock(5_000);
    assert_eq!(counter.resynchronise(sqn(seq_ms, 3)), outcome);
    assert_eq!(counter.advance(), sqn(next, 4));
    counter.read_clock(6_000);
    assert_eq!(counter.advance(), sqn(a_second_later, 5));
}

#[rstest]
#[case::partly_time_based(SqnScheme::C_3_1)]
#[case::not_time_based(SqnScheme::C_3_2)]
#[case::time_based(SqnScheme::C_3_3)]
fn has_three_profiles_of_one_layout(#[case] profile: SqnScheme) {
    assert_eq!((profile.slots(), profile.delta), (32, 268_435_456));
    assert_eq!(profile.max_seq(), 8_796_093_022_207);
    assert_eq!(profile.age_limit, None);
    let mut counter = HeSqn::new(profile, Sqn::from_bytes(hex("ff9bb4d0b607")));
    assert_eq!(counter.advance().to_bytes(), hex("ff9bb4d0b628"));
}

#[rstest]
#[case::ind_32(32, 5)]
#[case::seq_of_44_bits(0, 1 << 43)]
fn leaves_out_what_the_scheme_cannot_express(#[case] ind: u64, #[case] seq: u64) {
    let scheme = SqnScheme::default();
    assert_eq!(
        UsimSqn::with_slots(scheme, [(ind, seq)]),
        UsimSqn::new(scheme)
    );
}

#[test]
fn reports_the_lowest_ind_of_equal_slots() {
    let usim = UsimSqn::with_slots(SqnScheme::default(), [(9, 40), (4, 40), (2, 39)]);
    assert_eq!(usim.sqn_ms().to_bytes(), hex("000000000504"));
    assert_eq!(usim.slots()[..5], [0, 0, 39, 0, 40]);
}

#[rstest]
#[case::delta(BeyondDelta, "SEQ jumps by more than delta")]
#[case::age(OlderThanAgeLimit, "SEQ is older than the age limit")]
#[case::slot(NotGreaterThanSlot, "SEQ is not greater than the one in its slot")]
fn says_why(#[case] reason: SqnOutOfRange, #[case] text: &str) {
    assert_eq!(reason.to_string(), text);
}
