//! Faults of a UE whose keys or challenges have run out: expired sessions, stale nonces, proposed
//! ones.

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    EXPIRED_BTID_USED,
    STARTS_FROM_NEXTNONCE,
    OLD_RES_FOR_STALE_NONCE,
];

const EXPIRED_BTID_USED: Fault = fault(
    "ue/expired-btid-used",
    "UB-4.2-62",
    "A session is used at a NAF after its end.",
    Seam::Ue(|policy| policy.session_is_usable = |_| true),
    &[
        "ue/session/uses-no-session-that-has-expired",
        "ue/session/bootstraps-anew-when-its-session-has-expired",
    ],
);
const STARTS_FROM_NEXTNONCE: Fault = fault(
    "ue/starts-from-nextnonce",
    "UB-4.2-63",
    "The next run starts with the nextnonce of the run before instead of an empty nonce.",
    Seam::Ue(|policy| {
        policy.first_nonce = |proposed| proposed.unwrap_or_default().to_vec();
    }),
    &["ue/session/starts-each-run-anew"],
);
const OLD_RES_FOR_STALE_NONCE: Fault = fault(
    "ue/old-res-for-stale-nonce",
    "UB-4.3-04",
    "A new nonce that is called stale is answered with RES of the old one.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| match facts.refused {
            Some(refused) => refused.to_vec(),
            None => ue::ub_password(facts),
        };
    }),
    &["ue/user-authentication/uses-no-old-res-for-a-stale-nonce"],
);
