//! Faults of a UE in what it does with a session after the run: TS 33.220 clauses 4.5.2 and 4.5.3.

use gbaspec_crypto::secret::Ks;

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue::{self, KeptSession, NafKeyFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    FORGETS_KS,
    KEEPS_FIRST_SESSION,
    SESSION_FOR_ONE_SERVER,
    SESSION_FOR_ONE_ERRAND,
    IGNORES_NEXTNONCE_OF_NAF,
];

const FORGETS_KS: Fault = fault(
    "ue/forgets-ks",
    "UB-4.2-60",
    "The B-TID of a run is kept, but not its Ks.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            ue::naf_key(&NafKeyFacts {
                ks: &Ks::new([0; Ks::LEN]),
                ..*facts
            })
        };
    }),
    &["ue/session/uses-the-session-of-the-run"],
);
const KEEPS_FIRST_SESSION: Fault = fault(
    "ue/keeps-first-session",
    "UB-4.2-60",
    "A session stays in use although a newer run has made another one.",
    Seam::Ue(|policy| policy.kept_session = |_| KeptSession::Old),
    &["ue/session/uses-the-session-of-the-latest-run"],
);
const SESSION_FOR_ONE_SERVER: Fault = fault(
    "ue/session-for-one-server",
    "KD-12",
    "Each server gets a Ub run of its own.",
    Seam::Ue(|policy| {
        policy.session_is_usable = |session| {
            let is_own = session.used_at.iter().all(|server| *server == session.peer);
            is_own && ue::session_is_usable(session)
        };
    }),
    &["ue/session/takes-one-session-to-two-servers"],
);
const SESSION_FOR_ONE_ERRAND: Fault = fault(
    "ue/session-for-one-errand",
    "SD-03",
    "Each errand begins with a Ub run.",
    Seam::Ue(|policy| policy.session_is_usable = |_| false),
    &["ue/session/bootstraps-once-for-two-servers"],
);
const IGNORES_NEXTNONCE_OF_NAF: Fault = fault(
    "ue/ignores-nextnonce-of-naf",
    "DG-07",
    "The nextnonce of a NAF is not used.",
    Seam::Ue(|policy| policy.next_nonce_at_naf = |_| None),
    &["ue/digest/uses-the-nextnonce-of-the-naf"],
);
