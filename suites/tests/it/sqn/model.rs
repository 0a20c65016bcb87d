//! The rules of TS 33.102 Annex C, written again without the code under test, and the generators of
//! all that the properties range over.

use std::sync::LazyLock;

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::secret::{K, Topc};
use gbaspec_crypto::sqn::{Sqn, SqnScheme, UsimSqn};
use gbaspec_crypto::token::{Amf, Rand};
use gbaspec_crypto::tuak::{ResLength, Tuak, TuakKey};
use gbaspec_roles::embedded::SUBSCRIBERS;
use proptest::prelude::*;
use proptest::sample::select;

/// Delta of the profiles of TS 33.102 C.3.
pub(super) const DELTA: u64 = 268_435_456;
/// 43 bits of SEQ beside 5 of IND.
pub(super) const MOST_SEQ: u64 = 8_796_093_022_207;
/// Slots of the array.
pub(super) const SLOTS: usize = 32;

const AMFS: [[u8; 2]; 4] = [[0, 0], [0x80, 0], [0xb9, 0xb9], [0xff, 0xff]];
/// More than any sequence of vectors in a test can use up: twenty of them, each with a jump of 2^24.
pub(super) const ROOM: u64 = 1 << 30;

// ---------------------------------------------------------------- the rules

/// The profiles of TS 33.102 C.3.
#[derive(Clone, Copy, Debug)]
pub(super) enum Profile {
    /// Partly time based.
    C31,
    /// Not time based.
    C32,
    /// Entirely time based.
    C33,
}

impl Profile {
    pub(super) fn scheme(self, limit: Option<u64>) -> SqnScheme {
        let scheme = match self {
            Self::C31 => SqnScheme::C_3_1,
            Self::C32 => SqnScheme::C_3_2,
            Self::C33 => SqnScheme::C_3_3,
        };
        SqnScheme {
            age_limit: limit,
            ..scheme
        }
    }
}

/// The array A of a USIM (TS 33.102 C.2).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Array {
    /// The highest accepted SEQ of each IND.
    pub(super) slots: [u64; SLOTS],
    /// L, if the USIM has an age limit.
    pub(super) limit: Option<u64>,
}

impl Array {
    /// The array of which nothing is known but its highest SEQ: whatever all these accept, every
    /// array with that highest SEQ does.
    pub(super) fn full(highest: u64) -> Self {
        Self {
            slots: [highest; SLOTS],
            limit: None,
        }
    }

    /// A USIM that has accepted one number in its life.
    pub(super) fn of_one(seq: u64, ind: usize) -> Self {
        let mut slots = [0; SLOTS];
        slots[ind] = seq;
        Self { slots, limit: None }
    }

    /// M.
    pub(super) fn highest(&self) -> u64 {
        self.slots.iter().copied().max().unwrap_or(0)
    }

    /// Not more than delta above M, not L or more below it, above its slot.
    pub(super) fn accepts(&self, seq: u64, ind: usize) -> bool {
        let (wide, m) = (i128::from(seq), i128::from(self.highest()));
        wide - m <= i128::from(DELTA)
            && self.limit.is_none_or(|limit| m - wide < i128::from(limit))
            && seq > self.slots[ind]
    }

    /// The array of the code under test in the same state.
    pub(super) fn usim(&self, profile: Profile) -> UsimSqn {
        UsimSqn::with_slots(profile.scheme(self.limit), (0..).zip(self.slots))
    }
}

/// The counter of an authentication centre (TS 33.102 C.1.1 and 6.3.5).
#[derive(Clone, Debug)]
pub(super) struct Home {
    profile: Profile,
    seq: i128,
    ind: usize,
    /// SEQ less the clock, where all of SEQ follows it.
    dif: Option<i128>,
}

impl Home {
    pub(super) fn new(profile: Profile, (seq, ind): (u64, usize)) -> Self {
        Self {
            profile,
            seq: i128::from(seq),
            ind,
            dif: None,
        }
    }

    /// SEQ and IND of the next vector at this moment.
    pub(super) fn next(&mut self, millis: i64) -> (u64, usize) {
        self.seq = self.next_seq(millis).min(i128::from(MOST_SEQ));
        self.ind = (self.ind + 1) % SLOTS;
        (u64::try_from(self.seq).expect("SEQ fits"), self.ind)
    }

    /// An AUTS with a right MAC-S: the counter stays if its next number would be accepted.
    pub(super) fn resynchronise(&mut self, (seq, ind): (u64, usize), millis: i64) {
        let seq = i128::from(seq);
        let next = self.next_seq(millis).min(i128::from(MOST_SEQ));
        if next > seq && next - seq <= i128::from(DELTA) {
            return;
        }
        (self.seq, self.ind, self.dif) = (seq, ind, None);
        self.next_seq(millis);
    }

    fn next_seq(&mut self, millis: i64) -> i128 {
        match self.profile {
            Profile::C32 => self.seq + 1,
            Profile::C31 => {
                let (p, d) = (1 << 24, 1 << 16);
                let glc = i128::from(millis / 1_000) % p;
                let (seq1, seq2) = (self.seq / p, self.seq % p);
                if seq2 < glc && glc < seq2 + p - d + 1 {
                    seq1 * p + glc
                } else if (glc <= seq2 && seq2 < glc + d) || seq2 + p - d < glc {
                    self.seq + 1
                } else {
                    (seq1 + 1) * p + glc
                }
            }
            Profile::C33 => {
                let glc = i128::from(millis / 100);
                let dif = *self.dif.get_or_insert(self.seq - glc);
                (glc + dif).max(self.seq + 1)
            }
        }
    }
}

/// SEQ || IND.
pub(super) fn sqn(seq: u64, ind: usize) -> Sqn {
    Sqn::new(seq * 32 + ind as u64).expect("SEQ and IND fit 48 bits")
}

// ---------------------------------------------------------------- the functions

/// The functions of a subscriber, with RES of 8, 4, 8 and 16 octets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kit {
    Milenage,
    Tuak32,
    Tuak64,
    Tuak128,
}

/// Test set 1 of TS 35.207; K and `TOPc` of test set 1 of TS 35.233.
static KITS: LazyLock<[AkaFunctions; 4]> = LazyLock::new(|| {
    let tuak = |res| {
        let key = TuakKey::Bits128(K::new([0xab; 16]));
        let topc = Topc::new([
            0xbd, 0x04, 0xd9, 0x53, 0x0e, 0x87, 0x51, 0x3c, 0x5d, 0x83, 0x7a, 0xc2, 0xad, 0x95,
            0x46, 0x23, 0xa8, 0xe2, 0x33, 0x0c, 0x11, 0x53, 0x05, 0xa7, 0x3e, 0xb4, 0x5d, 0x1f,
            0x40, 0xcc, 0xcb, 0xff,
        ]);
        AkaFunctions::Tuak(Tuak::new(key, topc, std::num::NonZeroU8::MIN, res))
    };
    [
        SUBSCRIBERS[0].functions(),
        tuak(ResLength::Bits32),
        tuak(ResLength::Bits64),
        tuak(ResLength::Bits128),
    ]
});

impl Kit {
    pub(super) fn functions(self) -> &'static AkaFunctions {
        &KITS[self as usize]
    }
}

pub(super) fn kit() -> impl Strategy<Value = Kit> {
    prop_oneof![
        1 => Just(Kit::Milenage),
        1 => select(vec![Kit::Tuak32, Kit::Tuak64, Kit::Tuak128]),
    ]
}

// ---------------------------------------------------------------- what a USIM meets

/// A USIM before the first challenge.
#[derive(Clone, Debug)]
pub(super) struct Start {
    pub(super) array: Array,
    pub(super) kit: Kit,
}

/// What stands in slots that do not hold M.
#[derive(Clone, Copy, Debug)]
enum Fill {
    Zero,
    Below(u64),
    Anywhere(u64),
}

impl Fill {
    /// A SEQ of at most `m`, another one for each slot.
    fn seq(self, m: u64, ind: usize) -> u64 {
        let turn = u32::try_from(ind).expect("IND is small");
        match self {
            Self::Zero => 0,
            Self::Below(distance) => m.saturating_sub((distance + u64::from(turn) * 7) % 50),
            Self::Anywhere(seq) => seq.rotate_left(turn * 2) % (m + 1),
        }
    }
}

fn fill() -> impl Strategy<Value = Fill> {
    prop_oneof![
        2 => Just(Fill::Zero),
        3 => (0_u64..50).prop_map(Fill::Below),
        5 => any::<u64>().prop_map(Fill::Anywhere),
    ]
}

/// M first, then the slots: most of them alike, some of their own kind.
pub(super) fn start() -> impl Strategy<Value = Start> {
    let limit = prop_oneof![1 => Just(None), 1 => (1_u64..2_000_000).prop_map(Some)];
    let own = prop::collection::vec((0..SLOTS, fill()), 0..6);
    (highest(), 0..SLOTS, fill(), own, limit, kit()).prop_map(
        |(m, holder, common, own, limit, kit)| {
            let mut slots = std::array::from_fn(|ind| common.seq(m, ind));
            for (ind, fill) in own {
                slots[ind] = fill.seq(m, ind);
            }
            slots[holder] = m;
            Start {
                array: Array { slots, limit },
                kit,
            }
        },
    )
}

fn highest() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 0_u64..2_000,
        2 => DELTA - 5..DELTA + 5,
        3 => 0..=MOST_SEQ,
        2 => MOST_SEQ - DELTA - 5..=MOST_SEQ,
    ]
}

/// A challenge with a right MAC whose SEQ depends on the state that it meets.
#[derive(Clone, Debug)]
pub(super) struct Move {
    pub(super) pick: Pick,
    pub(super) ind: usize,
    pub(super) rand: [u8; 16],
    pub(super) amf: [u8; 2],
}

/// Which SEQ is received, the simplest first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pick {
    Zero,
    BelowSlot,
    Slot,
    AboveSlot,
    Highest,
    AboveHighest,
    AtDelta,
    BeyondDelta,
    AtLimit,
    WithinLimit,
    Most,
    Anywhere(u64),
}

/// Near every border of the acceptance rule with weight 8, anywhere with 2.
pub(super) fn one_move() -> impl Strategy<Value = Move> {
    let borders = vec![
        Pick::Zero,
        Pick::BelowSlot,
        Pick::Slot,
        Pick::AboveSlot,
        Pick::Highest,
        Pick::AboveHighest,
        Pick::AtDelta,
        Pick::BeyondDelta,
        Pick::AtLimit,
        Pick::WithinLimit,
        Pick::Most,
    ];
    let pick = prop_oneof![8 => select(borders), 2 => (0..=MOST_SEQ).prop_map(Pick::Anywhere)];
    let amf = select(AMFS.to_vec());
    (pick, 0..SLOTS, any::<[u8; 16]>(), amf).prop_map(|(pick, ind, rand, amf)| Move {
        pick,
        ind,
        rand,
        amf,
    })
}

/// A challenge with a right MAC.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Challenge {
    pub(super) seq: u64,
    pub(super) ind: usize,
    pub(super) rand: [u8; 16],
    pub(super) amf: [u8; 2],
}

impl Move {
    /// The challenge for a USIM in this state.
    pub(super) fn against(&self, array: &Array) -> Challenge {
        let (m, slot) = (array.highest(), array.slots[self.ind]);
        let limit = array.limit.unwrap_or(1_000);
        let seq = match self.pick {
            Pick::Zero => 0,
            Pick::BelowSlot => slot.saturating_sub(1),
            Pick::Slot => slot,
            Pick::AboveSlot => slot + 1,
            Pick::Highest => m,
            Pick::AboveHighest => m + 1,
            Pick::AtDelta => m + DELTA,
            Pick::BeyondDelta => m + DELTA + 1,
            Pick::AtLimit => m.saturating_sub(limit),
            Pick::WithinLimit => (m + 1).saturating_sub(limit),
            Pick::Most => MOST_SEQ,
            Pick::Anywhere(seq) => seq,
        };
        self.with_seq(seq.min(MOST_SEQ))
    }

    /// The challenge with this SEQ.
    pub(super) fn with_seq(&self, seq: u64) -> Challenge {
        Challenge {
            seq,
            ind: self.ind,
            rand: self.rand,
            amf: self.amf,
        }
    }
}

impl Challenge {
    pub(super) fn rand(&self) -> Rand {
        Rand::from(self.rand)
    }

    /// The same challenge, or one with SEQ 0, which is above no slot.
    pub(super) fn refused_by(mut self, array: &Array) -> Self {
        if array.accepts(self.seq, self.ind) {
            self.seq = 0;
        }
        self
    }

    /// RAND and AUTN.
    pub(super) fn octets(&self, kit: Kit) -> [u8; 32] {
        let sqn = sqn(self.seq, self.ind);
        let autn = kit.functions().autn(self.rand(), sqn, Amf::from(self.amf));
        let mut octets = [0; 32];
        octets[..16].copy_from_slice(&self.rand);
        octets[16..].copy_from_slice(autn.as_bytes());
        octets
    }
}

/// A USIM and the challenges that it meets.
pub(super) fn script(moves: usize) -> impl Strategy<Value = (Start, Vec<Move>)> {
    (start(), prop::collection::vec(one_move(), 1..=moves))
}

// ---------------------------------------------------------------- what a BSF meets

/// A BSF before the first request.
#[derive(Clone, Debug)]
pub(super) struct Office {
    /// SEQ and IND of the vector before the first one.
    pub(super) he: (u64, usize),
    /// What its clock shows, in milliseconds.
    pub(super) clock: i64,
    pub(super) seed: u64,
    pub(super) kit: Kit,
}

pub(super) fn office() -> impl Strategy<Value = Office> {
    // The counter must have room for the vectors of a property; SEQ never wraps.
    let he = prop_oneof![1 => 0_u64..100, 1 => DELTA - 5..DELTA + 5, 2 => 0..=MOST_SEQ - ROOM];
    (he, 0..SLOTS, clock(), any::<u64>(), kit()).prop_map(|(seq, ind, clock, seed, kit)| Office {
        he: (seq, ind),
        clock: clock.beside(seq),
        seed,
        kit,
    })
}

/// What the clock of a BSF shows.
#[derive(Clone, Copy, Debug)]
enum Clock {
    Anywhere(i64),
    /// So many seconds behind the part of SEQ that follows it in the first profile.
    Near(i64),
}

/// Anywhere in a century, or near the borders of TS 33.102 C.1.1.1.
fn clock() -> impl Strategy<Value = Clock> {
    let (d, p) = (1 << 16, 1 << 24);
    let borders = vec![0, 1, -1, -d + 1, -d, -d - 1, p - d, p - d + 1, p - d + 2];
    prop_oneof![
        1 => (0_i64..3_000_000_000_000).prop_map(Clock::Anywhere),
        1 => select(borders).prop_map(Clock::Near),
    ]
}

impl Clock {
    fn beside(self, seq: u64) -> i64 {
        match self {
            Self::Anywhere(millis) => millis,
            Self::Near(seconds) => {
                let seq2 = i64::try_from(seq % (1 << 24)).expect("24 bits fit");
                // One round of the clock, so that it never shows less than nothing.
                ((1 << 24) + seq2 + seconds) * 1_000
            }
        }
    }
}

/// The SEQ that an AUTS reports, near the borders of what the next vector must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Report {
    Equal,
    Behind(u64),
    Ahead(u64),
    Anywhere(u64),
}

pub(super) fn report() -> impl Strategy<Value = Report> {
    // SQN_HE + 1 is the next number of a counter, so a distance of delta is one border and
    // delta - 1 the other.
    let behind = vec![1, 40, DELTA - 2, DELTA - 1, DELTA, DELTA + 1, 4 * DELTA];
    let ahead = vec![1, 2, 40, DELTA, DELTA + 1, 4 * DELTA, MOST_SEQ];
    prop_oneof![
        1 => Just(Report::Equal),
        4 => select(behind).prop_map(Report::Behind),
        4 => select(ahead).prop_map(Report::Ahead),
        2 => (0..=MOST_SEQ).prop_map(Report::Anywhere),
    ]
}

impl Report {
    /// `SEQ_MS` for a counter that stands at this SEQ.
    pub(super) fn against(self, he: u64) -> u64 {
        let seq = match self {
            Self::Equal => he,
            Self::Behind(distance) => he.saturating_sub(distance),
            Self::Ahead(distance) => he.saturating_add(distance),
            Self::Anywhere(seq) => seq,
        };
        seq.min(MOST_SEQ - ROOM)
    }
}

/// The time between two messages in milliseconds: nothing, less than a unit, a unit, and up to ten
/// days, of which twenty are less than delta units of any clock.
pub(super) fn pause() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        2 => 1_i64..100,
        2 => select(vec![100, 999, 1_000, 65_536_000, 65_537_000]),
        2 => 0_i64..864_000_000,
    ]
}
