//! What an `AuC` sends next (TS 33.102 clauses 6.3.5 and C.1).

use super::profile::{Generation, SqnScheme};
use crate::token::Sqn;

/// The counter `SQN_HE` of an `AuC`: SEQ rises as the scheme says, IND by one modulo a for each
/// vector (TS 33.102 clause C.1).
///
/// It has no clock of its own: whoever has one hands in each reading with
/// [`read_clock`](Self::read_clock). Before the first reading, and for as long as the reading stays
/// the same, every scheme adds one to SEQ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeSqn {
    scheme: SqnScheme,
    last: Sqn,
    clock: Option<Clock>,
}

/// A reading of the global counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Clock {
    /// GLC, not yet reduced to its bits.
    glc: u64,
    /// DIF, the distance of SEQ from GLC (TS 33.102 clause C.1.1.3).
    dif: i128,
}

impl HeSqn {
    /// A counter that has used `last`, so that the next number comes after it.
    ///
    /// Where the whole of SEQ follows a clock, DIF is the distance of `last` from the first reading
    /// (TS 33.102 clause C.1.1.3).
    pub fn new(scheme: SqnScheme, last: Sqn) -> Self {
        Self {
            scheme,
            last,
            clock: None,
        }
    }

    /// The numbers that this counter works with.
    pub fn scheme(&self) -> &SqnScheme {
        &self.scheme
    }

    /// `SQN_HE`, the number of the latest vector.
    pub fn last(&self) -> Sqn {
        self.last
    }

    /// Hands in what the clock of the `AuC` shows, in milliseconds from any start; a counter without
    /// a clock ignores it.
    pub fn read_clock(&mut self, millis: u64) {
        let unit = match self.scheme.generation {
            Generation::Counter => return,
            Generation::PartlyTimeBased { unit_millis, .. }
            | Generation::TimeBased { unit_millis } => unit_millis.max(1),
        };
        let glc = millis / unit;
        let dif = self
            .clock
            .map_or_else(|| self.distance_from(glc), |clock| clock.dif);
        self.clock = Some(Clock { glc, dif });
    }

    /// The number of the next vector, which stays unused.
    ///
    /// SEQ never wraps: at its greatest value it stays there, and a USIM that has accepted this
    /// value in all slots can be served no more. Delta makes that point unreachable in a USIM's
    /// lifetime (TS 33.102 clause C.2.1).
    pub fn peek_next(&self) -> Sqn {
        let seq = self.next_seq().min(self.scheme.max_seq());
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
        if let Some(Clock { glc, .. }) = self.clock {
            let dif = self.distance_from(glc);
            self.clock = Some(Clock { glc, dif });
        }
        Resynchronisation::Reset
    }

    /// DIF for a counter that stands at `last` while the clock shows this.
    fn distance_from(&self, glc: u64) -> i128 {
        i128::from(self.last.seq(&self.scheme)) - i128::from(glc)
    }

    /// SEQ of the next vector, which may need more bits than the scheme has.
    fn next_seq(&self) -> u64 {
        let last = self.last.seq(&self.scheme);
        let by_one = last + 1;
        let Some(clock) = self.clock else {
            return by_one;
        };
        match self.scheme.generation {
            Generation::Counter => by_one,
            Generation::PartlyTimeBased {
                glc_bits, safety, ..
            } => {
                let bits = glc_bits.min(self.scheme.max_seq().count_ones());
                partly_time_based(last, clock.glc, bits, safety)
            }
            // Two vectors within one unit of time have SEQ in a row, as those of a batch.
            Generation::TimeBased { .. } => u64::try_from(i128::from(clock.glc) + clock.dif)
                .unwrap_or(by_one)
                .max(by_one),
        }
    }
}

/// The three cases of TS 33.102 clause C.1.1.1, with SEQ = SEQ1 || SEQ2: GLC is ahead of SEQ2, SEQ2
/// is ahead of GLC by less than D, or GLC has wrapped around since.
fn partly_time_based(last: u64, glc: u64, glc_bits: u32, safety: u64) -> u64 {
    let p = 1_u64 << glc_bits;
    let glc = glc % p;
    let (seq1, seq2) = (last / p, last % p);
    // D lies between 1 and p, so that each of the three cases can be met.
    let safety = safety.clamp(1, p);
    if glc > seq2 {
        if glc - seq2 < p - safety + 1 {
            seq1 * p + glc
        } else {
            last + 1
        }
    } else if seq2 - glc < safety {
        last + 1
    } else {
        (seq1 + 1) * p + glc
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
