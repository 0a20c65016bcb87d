//! Faults of a UE whose key or nonce a NAF does not take any more (TS 24.109 clause 5.2.5).

use super::fault;
use crate::faults::{Fault, Seam};
use crate::ue::{self, NextStep, ReferencePoint, Stale};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    GIVES_UP_A_WITHDRAWN_KEY,
    BOOTSTRAPS_FOR_EVER,
    STOPS_AT_A_STALE_NONCE,
    BOOTSTRAPS_FOR_A_STALE_NONCE,
    COUNTS_OVER_ALL_NONCES,
];

const GIVES_UP_A_WITHDRAWN_KEY: Fault = fault(
    "ue/gives-up-a-withdrawn-key",
    "UA-5.2.5-02",
    "A 401 to the existing key ends the errand.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match ue::after_refusal(facts) {
            NextStep::BootstrapAgain => NextStep::Stop,
            step => step,
        };
    }),
    &[
        "ue/renewal/comes-back-with-the-key-of-the-new-run",
        "ue/renewal/ends-with-success-after-a-withdrawn-key",
    ],
);
const BOOTSTRAPS_FOR_EVER: Fault = fault(
    "ue/bootstraps-for-ever",
    "UA-5.2.5-02",
    "Every refusal of a NAF leads to a new run, however many there were.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match (facts.point, facts.status, facts.stale) {
            (ReferencePoint::Ua, 401, Stale::No) => NextStep::BootstrapAgain,
            _ => ue::after_refusal(facts),
        };
    }),
    &["ue/renewal/gives-a-refusing-naf-up"],
);
const STOPS_AT_A_STALE_NONCE: Fault = fault(
    "ue/stops-at-a-stale-nonce",
    "UA-5.2.5-03",
    "A challenge of a NAF with stale=true ends the errand.",
    Seam::Ue(|policy| policy.after_refusal = |facts| on_stale(facts, NextStep::Stop)),
    &[
        "ue/renewal/answers-a-stale-nonce-true-with-the-same-key",
        "ue/renewal/answers-a-stale-nonce-in-capitals-with-the-same-key",
    ],
);
const BOOTSTRAPS_FOR_A_STALE_NONCE: Fault = fault(
    "ue/bootstraps-for-a-stale-nonce",
    "UA-5.2.5-03",
    "A challenge of a NAF with stale=true leads to a new run.",
    Seam::Ue(|policy| policy.after_refusal = |facts| on_stale(facts, NextStep::BootstrapAgain)),
    &["ue/renewal/needs-no-new-run-for-a-stale-nonce"],
);
const COUNTS_OVER_ALL_NONCES: Fault = fault(
    "ue/counts-over-all-nonces",
    "DG-07",
    "The nonce count goes on from one nonce to the next.",
    Seam::Ue(|policy| {
        policy.freshness = |facts| ue::Freshness {
            nc: format!("{:08x}", facts.requests_before.saturating_add(1)),
            ..ue::freshness(facts)
        };
    }),
    &["ue/renewal/counts-from-one-under-a-new-nonce"],
);

/// The default, but for what follows a stale nonce at a NAF.
fn on_stale(facts: &ue::RefusalFacts, step: NextStep) -> NextStep {
    match (facts.point, facts.stale) {
        (ReferencePoint::Ua, Stale::Yes) if facts.answers < 3 => step,
        _ => ue::after_refusal(facts),
    }
}
