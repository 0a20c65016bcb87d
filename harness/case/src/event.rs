//! The events of a run: the runner emits them in this order, reporters consume them.

use crate::element::Element;
use crate::property::Found;
use crate::transcript::Evidence;
use crate::verdict::{Outcome, Verdict};

/// What happens in a run. `RunStarted` comes first and `RunFinished` last, exactly once each.
#[derive(Clone, Debug)]
pub enum Event {
    /// The run begins.
    RunStarted(RunInfo),
    /// The target was tried with its sanity case before anything else.
    Probed(Probe),
    /// A selected case will not be run. This is no outcome and never counts as passed.
    CaseSkipped {
        /// The case.
        case: CaseHeader,
        /// Why.
        reason: String,
    },
    /// A case begins.
    CaseStarted {
        /// The case.
        case: CaseHeader,
    },
    /// A case ended.
    CaseFinished(Box<CaseResult>),
    /// So many cases in a row were left unanswered that the rest is not tried.
    CircuitOpened {
        /// The role of the target that fell silent.
        role: Element,
        /// How many cases in a row the target left unanswered.
        after: usize,
    },
    /// The run is over, whatever the reason.
    RunFinished(RunSummary),
}

/// What is known before the first case.
#[derive(Clone, Debug)]
pub struct RunInfo {
    /// Version of the tool.
    pub tool_version: String,
    /// When the run began, in milliseconds of Unix time.
    pub started_unix_millis: i64,
    /// The seed of all choices; the same seed sends the same bytes.
    pub seed: u64,
    /// The targets, one a role.
    pub targets: Vec<TargetInfo>,
    /// Digest (SHA-256, hex) of all vector files.
    pub vectors_digest: String,
    /// The release whose message forms are sent (6 or 17).
    pub release: u8,
    /// How many cases were selected, skipped ones included.
    pub planned: usize,
    /// The folder of the run as the user named it; none if no evidence is kept.
    pub folder: Option<String>,
}

/// One target of the run.
#[derive(Clone, Debug)]
pub struct TargetInfo {
    /// The name that the profile gives it.
    pub name: String,
    /// What it is.
    pub role: Element,
    /// Where it is; `in process` for the embedded peers.
    pub address: String,
    /// The file of its profile as the user named it; none for the embedded peers.
    pub profile: Option<String>,
}

/// The sanity case of one role.
#[derive(Clone, Debug)]
pub struct Probe {
    /// The role of the target.
    pub role: Element,
    /// How it ended.
    pub result: ProbeResult,
    /// What was seen, for people (escaped).
    pub detail: String,
}

/// How a sanity case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// The target works.
    Sane,
    /// It answers, but the sanity case does not pass.
    NotSane,
    /// It does not answer.
    Silent,
    /// It cannot be reached.
    Unreachable,
}

/// What reports say about a case without knowing its steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseHeader {
    /// Stable identity, `interface/topic/slug`.
    pub id: String,
    /// What it shows, one sentence.
    pub title: String,
    /// The specification, for example `TS 24.109`.
    pub document: String,
    /// The clause, for example `4.5`.
    pub clause: String,
    /// `shall`, `should` or `may`.
    pub level: &'static str,
    /// The requirement ids.
    pub requirements: Vec<String>,
    /// The tables that it replays, for example `4.5-6`.
    pub tables: Vec<String>,
    /// What the target is.
    pub target: Element,
    /// File and line of the vector.
    pub place: String,
}

/// The result of one case.
#[derive(Clone, Debug)]
pub struct CaseResult {
    /// The case.
    pub case: CaseHeader,
    /// The judgement.
    pub verdict: Verdict,
    /// What it rests on.
    pub evidence: Evidence,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
    /// Of a property that does not hold: the shortest sequence that shows it.
    pub found: Option<Box<Found>>,
}

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunSummary {
    /// Cases selected.
    pub planned: usize,
    /// Cases with a verdict.
    pub ran: usize,
    /// Passed.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Inconclusive.
    pub inconclusive: usize,
    /// Errors of the harness.
    pub errors: usize,
    /// Not run, each with a reason.
    pub skipped: usize,
    /// Passed with at least one warning.
    pub warned: usize,
    /// Why the run stopped before its end, if it did: the results are then partial.
    pub stopped: Option<String>,
    /// The process exit code that this run leads to.
    pub exit_code: u8,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
}

impl RunSummary {
    /// Counts one verdict.
    pub fn count(&mut self, verdict: &Verdict) {
        self.ran += 1;
        match verdict.outcome {
            Outcome::Pass => self.passed += 1,
            Outcome::Inconclusive => self.inconclusive += 1,
            Outcome::Fail => self.failed += 1,
            Outcome::Error => self.errors += 1,
        }
        if verdict.outcome == Outcome::Pass && !verdict.warnings.is_empty() {
            self.warned += 1;
        }
    }

    /// Whether cases of the plan have neither a verdict nor a reason.
    pub fn is_partial(&self) -> bool {
        self.stopped.is_some() || self.ran + self.skipped < self.planned
    }
}
