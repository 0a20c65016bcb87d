//! `gbaspec.run/1`: one run, from its events.

use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseResult, Event, Probe, ProbeResult, RunInfo, RunSummary, TargetInfo};
use gbaspec_case::property::Found;
use serde::{Deserialize, Serialize};

use super::case::PlainCase;
use super::names::Name;
use super::transcript::{PlainMove, plain_moves, sequence};
use super::verdict::PlainVerdict;
use crate::conclusion::{Conclusion, Tally};

/// The schema name of a run.
pub(crate) const SCHEMA: &str = "gbaspec.run/1";

/// One run. Without evidence, which stands in the transcripts.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RunDocument {
    pub(crate) schema: String,
    pub(crate) partial: bool,
    pub(crate) conclusion: PlainConclusion,
    pub(crate) run: Option<PlainRunInfo>,
    pub(crate) summary: PlainSummary,
    pub(crate) probes: Vec<PlainProbe>,
    pub(crate) cases: Vec<PlainResult>,
    pub(crate) skipped: Vec<PlainSkipped>,
    pub(crate) circuits: Vec<PlainCircuit>,
    pub(crate) files: Vec<PlainFile>,
}

/// The verdict on the target in words.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainConclusion {
    word: String,
    reason: Option<String>,
}

/// What is known before the first case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainRunInfo {
    tool_version: String,
    /// For people; reading takes the milliseconds.
    started: Option<String>,
    started_unix_millis: i64,
    #[serde(with = "hex_seed")]
    seed: u64,
    release: u8,
    vectors_digest: String,
    planned: usize,
    targets: Vec<PlainTarget>,
    #[serde(default)]
    folder: Option<String>,
}

/// One target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainTarget {
    name: String,
    role: Name<Element>,
    address: String,
    profile: Option<String>,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainSummary {
    planned: usize,
    ran: usize,
    passed: usize,
    failed: usize,
    inconclusive: usize,
    errors: usize,
    skipped: usize,
    warned: usize,
    stopped: Option<String>,
    exit_code: u8,
    duration_micros: u64,
}

/// The sanity case of one role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainProbe {
    role: Name<Element>,
    result: Name<ProbeResult>,
    detail: String,
}

/// The result of one case; `transcript` names its file, if the run has a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainResult {
    pub(crate) case: PlainCase,
    pub(crate) verdict: PlainVerdict,
    pub(crate) duration_micros: u64,
    pub(crate) transcript: Option<String>,
    #[serde(default)]
    pub(crate) found: Option<PlainFound>,
}

/// The shortest sequence of a property that the target was seen to fail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainFound {
    sequence: Vec<PlainMove>,
    shrunk_from: usize,
    replays: usize,
    /// The case file as a whole; `file` is where it stands in the folder of the run.
    pub(crate) text: String,
    pub(crate) file: Option<String>,
}

/// The files of the run folder that belong to one case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CaseFiles<'a> {
    pub(crate) transcript: &'a str,
    pub(crate) found: Option<&'a str>,
}

/// A case that was not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainSkipped {
    pub(crate) case: PlainCase,
    pub(crate) reason: String,
}

/// A target that was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainCircuit {
    pub(crate) role: Name<Element>,
    pub(crate) after: usize,
}

/// A file of the run folder and its digest (SHA-256, hex).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainFile {
    pub(crate) file: String,
    pub(crate) sha256: String,
}

/// Gathers the document of a run from its events.
#[derive(Debug, Default)]
pub(crate) struct Collector {
    run: Option<PlainRunInfo>,
    probes: Vec<PlainProbe>,
    cases: Vec<PlainResult>,
    skipped: Vec<PlainSkipped>,
    circuits: Vec<PlainCircuit>,
    tally: Tally,
}

impl Collector {
    /// Takes one event; `files` are the files of a finished case, if the run has a folder.
    pub(crate) fn on_event(&mut self, event: &Event, files: Option<CaseFiles<'_>>) {
        self.tally.on_event(event);
        match event {
            Event::RunStarted(info) => self.run = Some(PlainRunInfo::from(info)),
            Event::Probed(probe) => self.probes.push(PlainProbe::from(probe)),
            Event::CaseSkipped { case, reason } => self.skipped.push(PlainSkipped {
                case: PlainCase::from(case),
                reason: reason.clone(),
            }),
            Event::CaseFinished(result) => self.cases.push(PlainResult {
                case: PlainCase::from(&result.case),
                verdict: PlainVerdict::from(&result.verdict),
                duration_micros: result.duration_micros,
                transcript: files.map(|files| files.transcript.to_owned()),
                found: PlainFound::of(result, files.and_then(|files| files.found)),
            }),
            Event::CircuitOpened { role, after } => {
                self.circuits.push(PlainCircuit {
                    role: Name(*role),
                    after: *after,
                });
            }
            Event::CaseStarted { .. } | Event::RunFinished(_) => {}
        }
    }

    /// The document of the run with these counts and these files. The collector is empty afterwards.
    pub(crate) fn document(&mut self, run: &RunSummary, files: Vec<PlainFile>) -> RunDocument {
        let gathered = std::mem::take(self);
        RunDocument {
            schema: SCHEMA.to_owned(),
            partial: run.is_partial(),
            conclusion: PlainConclusion::from(&gathered.tally.conclude(run)),
            run: gathered.run,
            summary: PlainSummary::from(run),
            probes: gathered.probes,
            cases: gathered.cases,
            skipped: gathered.skipped,
            circuits: gathered.circuits,
            files,
        }
    }
}

impl PlainFound {
    /// What was found with this case, if anything; `file` is where the case file stands.
    pub(crate) fn of(result: &CaseResult, file: Option<&str>) -> Option<Self> {
        let found = result.found.as_ref()?;
        Some(Self {
            sequence: plain_moves(&found.sequence),
            shrunk_from: found.shrunk_from,
            replays: found.replays,
            text: found.text.clone(),
            file: file.map(str::to_owned),
        })
    }
}

impl From<PlainFound> for Found {
    fn from(found: PlainFound) -> Self {
        Self {
            sequence: sequence(found.sequence),
            shrunk_from: found.shrunk_from,
            replays: found.replays,
            text: found.text,
        }
    }
}

impl From<&Conclusion> for PlainConclusion {
    fn from(conclusion: &Conclusion) -> Self {
        Self {
            word: conclusion.as_str().to_owned(),
            reason: conclusion.reason().map(str::to_owned),
        }
    }
}

impl From<&RunInfo> for PlainRunInfo {
    fn from(info: &RunInfo) -> Self {
        let started = jiff::Timestamp::from_millisecond(info.started_unix_millis);
        Self {
            tool_version: info.tool_version.clone(),
            started: started.ok().map(|time| time.to_string()),
            started_unix_millis: info.started_unix_millis,
            seed: info.seed,
            release: info.release,
            vectors_digest: info.vectors_digest.clone(),
            planned: info.planned,
            targets: info.targets.iter().map(PlainTarget::from).collect(),
            folder: info.folder.clone(),
        }
    }
}

impl From<PlainRunInfo> for RunInfo {
    fn from(info: PlainRunInfo) -> Self {
        Self {
            tool_version: info.tool_version,
            started_unix_millis: info.started_unix_millis,
            seed: info.seed,
            targets: info.targets.into_iter().map(TargetInfo::from).collect(),
            vectors_digest: info.vectors_digest,
            release: info.release,
            planned: info.planned,
            folder: info.folder,
        }
    }
}

impl From<&TargetInfo> for PlainTarget {
    fn from(target: &TargetInfo) -> Self {
        Self {
            name: target.name.clone(),
            role: Name(target.role),
            address: target.address.clone(),
            profile: target.profile.clone(),
        }
    }
}

impl From<PlainTarget> for TargetInfo {
    fn from(target: PlainTarget) -> Self {
        Self {
            name: target.name,
            role: target.role.0,
            address: target.address,
            profile: target.profile,
        }
    }
}

impl From<&RunSummary> for PlainSummary {
    fn from(run: &RunSummary) -> Self {
        Self {
            planned: run.planned,
            ran: run.ran,
            passed: run.passed,
            failed: run.failed,
            inconclusive: run.inconclusive,
            errors: run.errors,
            skipped: run.skipped,
            warned: run.warned,
            stopped: run.stopped.clone(),
            exit_code: run.exit_code,
            duration_micros: run.duration_micros,
        }
    }
}

impl From<PlainSummary> for RunSummary {
    fn from(run: PlainSummary) -> Self {
        Self {
            planned: run.planned,
            ran: run.ran,
            passed: run.passed,
            failed: run.failed,
            inconclusive: run.inconclusive,
            errors: run.errors,
            skipped: run.skipped,
            warned: run.warned,
            stopped: run.stopped,
            exit_code: run.exit_code,
            duration_micros: run.duration_micros,
        }
    }
}

impl From<&Probe> for PlainProbe {
    fn from(probe: &Probe) -> Self {
        Self {
            role: Name(probe.role),
            result: Name(probe.result),
            detail: probe.detail.clone(),
        }
    }
}

impl From<PlainProbe> for Probe {
    fn from(probe: PlainProbe) -> Self {
        Self {
            role: probe.role.0,
            result: probe.result.0,
            detail: probe.detail,
        }
    }
}

/// A seed as hex digits in a string: as a JSON number, many readers would round it.
mod hex_seed {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes fields by reference"
    )]
    pub(super) fn serialize<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{seed:x}"))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let digits = String::deserialize(deserializer)?;
        u64::from_str_radix(&digits, 16)
            .map_err(|_| serde::de::Error::custom("`seed` is not a hexadecimal number of 64 bits"))
    }
}
