//! The parameters of a scheme, and the named sets of them (TS 33.102 Annex C).

use super::usim::SqnOutOfRange;
use crate::token::Sqn;

/// The numbers of a scheme: SQN = SEQ || IND, with an array of SEQ indexed by IND.
///
/// The default is [`SqnScheme::C_3_2`]: 5 bits of IND, a delta of 2^28, no age limit, no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqnScheme {
    /// The bits of IND, 0 to 16; more counts as 16. The array has 2^`ind_bits` slots.
    pub ind_bits: u32,
    /// The greatest accepted jump of SEQ above the highest accepted one (TS 33.102 clause C.2.1).
    pub delta: u64,
    /// L, the least distance below the highest accepted SEQ that is too old; `None` where the
    /// scheme has no age limit (TS 33.102 clause C.2.3).
    pub age_limit: Option<u64>,
    /// How an `AuC` makes the next SEQ (TS 33.102 clause C.1.1); nothing to a USIM.
    pub generation: Generation,
}

/// How SEQ rises from one vector to the next (TS 33.102 clause C.1.1). Units are milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Generation {
    /// By one for each vector, without a clock (TS 33.102 clause C.1.1.2).
    #[default]
    Counter,
    /// The less significant bits of SEQ follow the global counter GLC (TS 33.102 clause C.1.1.1).
    PartlyTimeBased {
        /// n, the bits of GLC and of the part of SEQ that follows it; p = 2^n. At most the bits of
        /// SEQ count.
        glc_bits: u32,
        /// D, how far SEQ may run ahead of GLC without being taken for its wrap-around; from 1.
        safety: u64,
        /// The time in which GLC rises by one; zero counts as one.
        unit_millis: u64,
    },
    /// The whole of SEQ is GLC and the subscriber's own distance DIF (TS 33.102 clause C.1.1.3).
    TimeBased {
        /// The time in which GLC rises by one; zero counts as one.
        unit_millis: u64,
    },
}

/// The profiles of TS 33.102 clause C.3. Numbers beside the width of 48 bits are those in common
/// use; L, which is a matter of the operator, is set in none of them.
impl SqnScheme {
    /// Partly time based: GLC has 24 bits of one second each, and D is 2^16 (TS 33.102
    /// clause C.3.1).
    pub const C_3_1: Self = Self {
        generation: Generation::PartlyTimeBased {
            glc_bits: 24,
            safety: 1 << 16,
            unit_millis: 1_000,
        },
        ..Self::C_3_2
    };
    /// Not time based (TS 33.102 clause C.3.2).
    pub const C_3_2: Self = Self {
        ind_bits: 5,
        delta: 1 << 28,
        age_limit: None,
        generation: Generation::Counter,
    };
    /// Entirely time based, in tenths of a second (TS 33.102 clause C.3.3).
    pub const C_3_3: Self = Self {
        generation: Generation::TimeBased { unit_millis: 100 },
        ..Self::C_3_2
    };
}

impl Default for SqnScheme {
    fn default() -> Self {
        Self::C_3_2
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
    pub(super) const fn check_distance(&self, seq: u64, seq_ms: u64) -> Result<(), SqnOutOfRange> {
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
