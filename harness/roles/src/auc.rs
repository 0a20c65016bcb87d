//! The authentication centre of a home network: functions, counter and the next vector of each
//! subscriber with a USIM (TS 33.102 clauses 6.3.2, 6.3.5 and C.1). A BSF with its own subscribers
//! has one inside, an HSS is one.

use gbaspec_crypto::aka::{AkaFunctions, AuthenticationVector};
use gbaspec_crypto::sqn::{HeSqn, SqnScheme};
use gbaspec_crypto::token::{Amf, Rand, Sqn};
use gbaspec_wire::digest_header::Algorithm;

use crate::role::Moment;

/// The state of a USIM's subscriber in the authentication centre.
pub struct UsimRecord {
    /// The functions f1 to f5* with the subscriber's K inside.
    pub functions: AkaFunctions,
    /// The authentication management field.
    pub amf: Amf,
    /// The counter `SQN_HE` (TS 33.102 clause C.1.1.2).
    pub counter: HeSqn,
    /// The algorithms that this subscriber is offered, if they are not those of everybody.
    pub algorithms: Option<Vec<Algorithm>>,
}

/// What the decision on the next vector chooses from.
#[derive(Clone, Copy, Debug)]
pub struct VectorChoice {
    /// A random RAND that was never used.
    pub fresh_rand: Rand,
    /// The next sequence number of the counter.
    pub next_sqn: Sqn,
    /// The vector that was issued to this subscriber before, if any.
    pub previous: Option<VectorSeed>,
    /// Why a vector is needed.
    pub cause: VectorCause,
}

/// RAND and SQN of a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VectorSeed {
    /// The random challenge.
    pub rand: Rand,
    /// The sequence number.
    pub sqn: Sqn,
}

/// Why a vector was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorCause {
    /// An initial request.
    Initial,
    /// A response that was wrong, late or for another nonce.
    Failure,
    /// A synchronisation failure with a valid AUTS.
    Resynchronisation,
}

/// What the next vector of a subscriber is made for.
pub(crate) struct VectorOrder {
    pub(crate) fresh_rand: Rand,
    pub(crate) previous: Option<VectorSeed>,
    pub(crate) cause: VectorCause,
}

impl UsimRecord {
    /// A subscriber whose latest vector had this sequence number.
    pub(crate) fn new(
        scheme: SqnScheme,
        functions: AkaFunctions,
        amf: Amf,
        last_sqn: Sqn,
        algorithms: Option<Vec<Algorithm>>,
    ) -> Self {
        UsimRecord {
            functions,
            amf,
            counter: HeSqn::new(scheme, last_sqn),
            algorithms,
        }
    }

    /// The next vector and its sequence number.
    pub(crate) fn next_vector(
        &mut self,
        now: Moment,
        order: &VectorOrder,
        choose: fn(&VectorChoice) -> VectorSeed,
    ) -> (AuthenticationVector, Sqn) {
        self.counter.read_clock(millis_of(now));
        let VectorSeed { rand, sqn } = choose(&VectorChoice {
            fresh_rand: order.fresh_rand,
            next_sqn: self.counter.advance(),
            previous: order.previous,
            cause: order.cause,
        });
        (self.functions.vector(rand, sqn, self.amf), sqn)
    }

    /// Moves the counter after a synchronisation failure whose MAC-S is right.
    pub(crate) fn resynchronise(
        &mut self,
        now: Moment,
        sqn_ms: Sqn,
        reset: fn(HeSqn, Sqn) -> HeSqn,
    ) {
        self.counter.read_clock(millis_of(now));
        self.counter = reset(self.counter.clone(), sqn_ms);
    }
}

/// The default of the decision on the next vector: both parts are fresh.
pub fn choose_vector(choice: &VectorChoice) -> VectorSeed {
    VectorSeed {
        rand: choice.fresh_rand,
        sqn: choice.next_sqn,
    }
}

/// The default of the decision on the counter after a valid AUTS.
pub fn reset_counter(mut counter: HeSqn, sqn_ms: Sqn) -> HeSqn {
    counter.resynchronise(sqn_ms);
    counter
}

/// The clock of the authentication centre, for sequence numbers that follow one (TS 33.102
/// clause C.1.1).
fn millis_of(now: Moment) -> u64 {
    u64::try_from(now.unix_millis).unwrap_or(0)
}
