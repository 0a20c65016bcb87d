//! Faults of a NAF whose key is missing or has ended.

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::{self, Rejection, RejectionAnswer, Staleness};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[NO_KEY_GIVES_403, NO_KEY_IS_STALE, LIFETIME_IN_WRONG_UNIT];

const NO_KEY_GIVES_403: Fault = fault(
    "naf/no-key-gives-403",
    "SD-02",
    "A B-TID without a key leads to 403 instead of a key update.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::NoKey, 403);
    }),
    &["ua/renewal/asks-for-a-key-update-when-no-key-is-known"],
);
const NO_KEY_IS_STALE: Fault = fault(
    "naf/no-key-is-stale",
    "SD-02",
    "A B-TID without a key is told to try the same key with another nonce.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| match rejection {
            Rejection::NoKey => RejectionAnswer::Challenge(Staleness::Stale),
            other => ua::reject(other),
        };
    }),
    &["ua/renewal/asks-for-a-key-update-when-no-key-is-known"],
);
const LIFETIME_IN_WRONG_UNIT: Fault = fault(
    "naf/lifetime-in-wrong-unit",
    "KD-11",
    "The end of a lifetime in milliseconds is compared with the present in seconds.",
    Seam::Ua(|policy| {
        policy.key_is_valid = |age| {
            age.expires
                .is_none_or(|expires| age.now.unix_millis / 1000 < expires.unix_millis)
        };
    }),
    &["ua/renewal/does-not-serve-a-key-beyond-its-lifetime"],
);
