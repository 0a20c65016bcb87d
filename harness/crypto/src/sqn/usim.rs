//! What a USIM accepts (TS 33.102 clause C.2).

use std::error::Error;
use std::fmt;

use super::profile::SqnScheme;
use crate::token::Sqn;

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

    /// The array: the highest accepted SEQ of each IND, in the order of IND.
    pub fn slots(&self) -> &[u64] {
        &self.slots
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
