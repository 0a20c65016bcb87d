//! Faults of a NAF in its nonces and nonce counts (RFC 7616 clauses 3.4 and 5.4).

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::{self, Rejection, RejectionAnswer, Staleness};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    NC_COMPARED_WITH_THE_LAST,
    NC_WRAPS,
    NC_OF_ZERO_SERVED,
    NC_READ_AS_DECIMAL,
    NC_OF_ONE_ONLY,
    NC_OVER_ALL_NONCES,
    PROPOSES_FOREIGN_NONCE,
    NEVER_STALE,
    NONCE_NEVER_CHANGES,
];

const NC_COMPARED_WITH_THE_LAST: Fault = fault(
    "naf/nc-compared-with-the-last",
    "UA-5.2.2-09",
    "A nonce count is refused only where it is that of the request before.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count = |count| {
            count
                .highest
                .is_some_and(|highest| count.received != highest)
        };
    }),
    &["ua/replay/refuses-a-nonce-count-used-before-the-last"],
);
const NC_WRAPS: Fault = fault(
    "naf/nc-wraps",
    "UA-5.2.2-09",
    "After the highest nonce count any other one is new again.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count =
            |count| count.highest == Some(u32::MAX) || ua::accept_nonce_count(count);
    }),
    &["ua/replay/refuses-a-nonce-count-that-wraps"],
);
const NC_OF_ZERO_SERVED: Fault = fault(
    "naf/nc-of-zero-served",
    "UA-5.2.2-09",
    "A nonce count of zero is never compared.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count =
            |count| count.highest.is_some() && count.received == 0 || ua::accept_nonce_count(count);
    }),
    &[
        "ua/replay/advises-to-refuse-a-nonce-count-of-zero",
        "ua/replay/refuses-a-nonce-count-of-zero-twice",
    ],
);
const NC_READ_AS_DECIMAL: Fault = fault(
    "naf/nc-read-as-decimal",
    "UA-5.2.2-09",
    "The nonce count is read as a decimal number.",
    Seam::Ua(|policy| policy.read_nonce_count = |nc| str::from_utf8(nc).ok()?.parse().ok()),
    &["ua/replay/reads-the-nonce-count-as-hex"],
);
const NC_OF_ONE_ONLY: Fault = fault(
    "naf/nc-of-one-only",
    "UA-5.2.2-09",
    "A nonce count other than 00000001 counts as broken.",
    Seam::Ua(|policy| policy.read_nonce_count = |nc| (nc == b"00000001").then_some(1)),
    &[
        "ua/replay/serves-a-second-request-on-the-same-connection",
        "ua/replay/serves-a-second-request-on-another-connection",
    ],
);
const NC_OVER_ALL_NONCES: Fault = fault(
    "naf/nc-over-all-nonces",
    "UA-5.2.2-09",
    "The nonce count of one nonce has to lie above those of all others.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count =
            |count| count.highest.is_some() && count.received > count.highest_of_all;
    }),
    &["ua/replay/counts-per-nonce"],
);
const PROPOSES_FOREIGN_NONCE: Fault = fault(
    "naf/proposes-foreign-nonce",
    "UA-5.2.2-09",
    "The nonce that an answer proposes is not known afterwards.",
    Seam::Message(|message| {
        edit::info(message, |list| {
            if list.value("nextnonce").is_some() {
                list.set_raw("nextnonce", b"\"dcd98b7102dd2f0e8b11d0f600bfb0c0\"");
            }
        });
    }),
    &["ua/replay/advises-to-serve-the-nonce-that-it-proposed"],
);
const NEVER_STALE: Fault = fault(
    "naf/never-stale",
    "DG-06",
    "The challenge after a right response with an old nonce asks for bootstrapping.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| match rejection {
            Rejection::OldNonce | Rejection::RepeatedNonceCount => {
                RejectionAnswer::Challenge(Staleness::BootstrappingRequired)
            }
            other => ua::reject(other),
        };
    }),
    &["ua/replay/calls-a-right-digest-with-a-used-count-stale"],
);
const NONCE_NEVER_CHANGES: Fault = fault(
    "naf/nonce-never-changes",
    "UA-5.2.3-01",
    "Every challenge holds the same nonce.",
    Seam::Ua(|policy| policy.nonce = |_| "dcd98b7102dd2f0e8b11d0f600bfb0c0".to_owned()),
    &["ua/replay/challenges-with-another-nonce"],
);
