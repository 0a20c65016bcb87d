//! Sequence numbers on both sides: what a USIM accepts, and what an `AuC` sends next.
//!
//! TS 33.102 Annex C describes both as examples; its profiles (C.3) differ in numbers only, which
//! are therefore the fields of [`SqnScheme`].

use std::error::Error;
use std::fmt;

pub use crate::token::Sqn;

/// The numbers of a scheme: SQN = SEQ || IND, with an array of SEQ indexed by IND.
///
/// The default has 5 bits of IND, a delta of 2^28 and no age limit, as the profiles of TS 33.102
/// clause C.3 do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqnScheme {
    /// The bits of IND, 0 to 16; more counts as 16. The array has 2^`ind_bits` slots.
    pub ind_bits: u32,
    /// The greatest accepted jump of SEQ above the highest accepted one (TS 33.102 clause C.2.1).
    pub delta: u64,
    /// L, the least distance below the highest accepted SEQ that is too old; `None` where the
    /// scheme has no age limit (TS 33.102 clause C.2.3).
    pub age_limit: Option<u64>,
}

impl Default for SqnScheme {
    fn default() -> Self {
        Self {
            ind_bits: 5,
            delta: 1 << 28,
            age_limit: None,
        }
    }
}

impl SqnScheme {
    /// The greatest number of bits that IND may have.
    pub const MAX_IND_BITS: u32 = 16;

    /// a, the number of slots of the array and the modulus of IND.
    pub const fn slots(&self) -> u64 {
        1 << self.effective_ind_bits()
    }

    /// The greatest SEQ.
    pub const fn max_seq(&self) -> u64 {
        Sqn::MAX.value() >> self.effective_ind_bits()
    }

    const fn effective_ind_bits(&self) -> u32 {
        if self.ind_bits > Self::MAX_IND_BITS {
            Self::MAX_IND_BITS
        } else {
            self.ind_bits
        }
    }

    /// The tests that look at the highest accepted SEQ only: first delta, then L.
    const fn check_distance(&self, seq: u64, seq_ms: u64) -> Result<(), SqnOutOfRange> {
        if seq.saturating_sub(seq_ms) > self.delta {
            return Err(SqnOutOfRange::BeyondDelta);
        }
        if let Some(limit) = self.age_limit
            && seq <= seq_ms
            && seq_ms - seq >= limit
        {
            return Err(SqnOutOfRange::OlderThanAgeLimit);
        }
        Ok(())
    }
}

impl Sqn {
    /// SEQ || IND; `None` if one of them needs more bits than the scheme gives it.
    pub fn from_parts(scheme: &SqnScheme, seq: u64, ind: u64) -> Option<Self> {
        if seq > scheme.max_seq() || ind >= scheme.slots() {
            return None;
        }
        Self::new(seq * scheme.slots() + ind)
    }

    /// SEQ, the more significant part.
    pub fn seq(self, scheme: &SqnScheme) -> u64 {
        self.value() / scheme.slots()
    }

    /// IND, the less significant part.
    pub fn ind(self, scheme: &SqnScheme) -> u64 {
        self.value() % scheme.slots()
    }
}

/// The array of a USIM: for each IND the highest accepted SEQ (TS 33.102 clause C.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsimSqn {
    scheme: SqnScheme,
    slots: Vec<u64>,
}

impl UsimSqn {
    /// A USIM that has accepted nothing yet: all slots are zero.
    pub fn new(scheme: SqnScheme) -> Self {
        let slots = (0..scheme.slots()).map(|_| 0).collect();
        Self { scheme, slots }
    }

    /// A USIM with these pairs of IND and SEQ in its array, and zero in all other slots.
    ///
    /// The last pair for an IND holds. A pair that the scheme cannot express is left out.
    pub fn with_slots(scheme: SqnScheme, slots: impl IntoIterator<Item = (u64, u64)>) -> Self {
        let mut usim = Self::new(scheme);
        for (ind, seq) in slots {
            if let Some(sqn) = Sqn::from_parts(&scheme, seq, ind) {
                usim.store(sqn);
            }
        }
        usim
    }

    /// The numbers that this USIM works with.
    pub fn scheme(&self) -> &SqnScheme {
        &self.scheme
    }

    /// `SQN_MS`: the highest SEQ accepted in any slot, with the IND of that slot, the lowest if
    /// there are several (TS 33.102 clauses 6.3.3 and C.2).
    pub fn sqn_ms(&self) -> Sqn {
        let mut highest = Sqn::default();
        for (ind, &seq) in (0..).zip(&self.slots) {
            if seq > highest.seq(&self.scheme) {
                highest = Sqn::from_parts(&self.scheme, seq, ind).unwrap_or(highest);
            }
        }
        highest
    }

    /// Whether SQN is fresh: delta first, then the age limit, then its slot (TS 33.102 clause C.2).
    pub fn check(&self, sqn: Sqn) -> Result<(), SqnOutOfRange> {
        let seq = sqn.seq(&self.scheme);
        self.scheme
            .check_distance(seq, self.sqn_ms().seq(&self.scheme))?;
        let slot = self
            .slot(sqn)
            .and_then(|index| self.slots.get(index).copied());
        if slot.is_some_and(|highest| seq <= highest) {
            return Err(SqnOutOfRange::NotGreaterThanSlot);
        }
        Ok(())
    }

    /// Checks SQN and, if it is fresh, stores its SEQ; a refused one changes nothing.
    pub fn accept(&mut self, sqn: Sqn) -> Result<(), SqnOutOfRange> {
        self.check(sqn)?;
        self.store(sqn);
        Ok(())
    }

    fn store(&mut self, sqn: Sqn) {
        let seq = sqn.seq(&self.scheme);
        if let Some(slot) = self.slot(sqn).and_then(|index| self.slots.get_mut(index)) {
            *slot = seq;
        }
    }

    fn slot(&self, sqn: Sqn) -> Option<usize> {
        usize::try_from(sqn.ind(&self.scheme)).ok()
    }
}

/// Why a USIM refuses a sequence number; the first that applies, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SqnOutOfRange {
    /// SEQ - `SEQ_MS` > delta (TS 33.102 clause C.2.1).
    BeyondDelta,
    /// `SEQ_MS` - SEQ >= L (TS 33.102 clause C.2.3).
    OlderThanAgeLimit,
    /// SEQ is not greater than the one in the slot of its IND (TS 33.102 clause C.2.2).
    NotGreaterThanSlot,
}

impl fmt::Display for SqnOutOfRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::BeyondDelta => "SEQ jumps by more than delta",
            Self::OlderThanAgeLimit => "SEQ is older than the age limit",
            Self::NotGreaterThanSlot => "SEQ is not greater than the one in its slot",
        })
    }
}

impl Error for SqnOutOfRange {}

/// The counter `SQN_HE` of an `AuC`, not time based: SEQ + 1 and IND + 1 modulo a for each vector
/// (TS 33.102 clause C.1.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeSqn {
    scheme: SqnScheme,
    last: Sqn,
}

impl HeSqn {
    /// A counter that has used `last`, so that the next number comes after it.
    pub fn new(scheme: SqnScheme, last: Sqn) -> Self {
        Self { scheme, last }
    }

    /// The numbers that this counter works with.
    pub fn scheme(&self) -> &SqnScheme {
        &self.scheme
    }

    /// `SQN_HE`, the number of the latest vector.
    pub fn last(&self) -> Sqn {
        self.last
    }

    /// The number of the next vector, which stays unused.
    ///
    /// SEQ never wraps: at its greatest value it stays there, and a USIM that has accepted this
    /// value in all slots can be served no more. Delta makes that point unreachable in a USIM's
    /// lifetime (TS 33.102 clause C.2.1).
    pub fn peek_next(&self) -> Sqn {
        let seq = (self.last.seq(&self.scheme) + 1).min(self.scheme.max_seq());
        let ind = (self.last.ind(&self.scheme) + 1) % self.scheme.slots();
        Sqn::from_parts(&self.scheme, seq, ind).unwrap_or(self.last)
    }

    /// Takes the number of the next vector.
    pub fn advance(&mut self) -> Sqn {
        self.last = self.peek_next();
        self.last
    }

    /// Brings the counter into the range of a USIM that reported this `SQN_MS` (TS 33.102 clause
    /// 6.3.5). The caller has verified MAC-S.
    ///
    /// The counter is kept if the next number would be accepted. Of the USIM's array the `AuC`
    /// knows only the highest SEQ, so "accepted" here means by any array with this highest SEQ: a
    /// next SEQ that is not above it could hit the fullest slot.
    pub fn resynchronise(&mut self, sqn_ms: Sqn) -> Resynchronisation {
        let next = self.peek_next().seq(&self.scheme);
        let seq_ms = sqn_ms.seq(&self.scheme);
        if next > seq_ms && self.scheme.check_distance(next, seq_ms).is_ok() {
            return Resynchronisation::Kept;
        }
        self.last = sqn_ms;
        Resynchronisation::Reset
    }
}

/// What a resynchronisation did to `SQN_HE` (TS 33.102 clause 6.3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resynchronisation {
    /// The next number is accepted anyway: the counter stays.
    Kept,
    /// The counter is now `SQN_MS`.
    Reset,
}
