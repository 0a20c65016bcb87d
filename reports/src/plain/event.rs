//! `gbaspec.events/1`: the lines of `events.ndjson`.

use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseHeader, CaseResult, Event, Probe, RunInfo, RunSummary};
use gbaspec_case::property::Found;
use gbaspec_case::transcript::Evidence;
use gbaspec_case::verdict::Verdict;
use serde::{Deserialize, Serialize};

use super::case::PlainCase;
use super::names::Name;
use super::run::{PlainFile, PlainFound, PlainProbe, PlainRunInfo, PlainSummary};
use super::verdict::PlainVerdict;

/// The schema name, in the first line.
pub(crate) const SCHEMA: &str = "gbaspec.events/1";

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum EventLine {
    RunStarted { schema: String, run: PlainRunInfo },
    Probed { probe: PlainProbe },
    CaseSkipped { case: PlainCase, reason: String },
    CaseStarted { case: PlainCase },
    CaseFinished(Box<PlainFinished>),
    CircuitOpened { role: Name<Element>, after: usize },
    RunFinished { summary: PlainSummary },
}

/// The end of a case; the evidence stands in the file that it names.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlainFinished {
    pub(crate) case: PlainCase,
    pub(crate) verdict: PlainVerdict,
    pub(crate) duration_micros: u64,
    pub(crate) transcript: PlainFile,
    #[serde(default)]
    pub(crate) found: Option<PlainFound>,
}

impl EventLine {
    /// The line for this event. The end of a case needs the file of its evidence and has its own
    /// constructor, so there is no line for it here.
    pub(crate) fn without_evidence(event: &Event) -> Option<Self> {
        Some(match event {
            Event::RunStarted(info) => Self::RunStarted {
                schema: SCHEMA.to_owned(),
                run: PlainRunInfo::from(info),
            },
            Event::Probed(probe) => Self::Probed {
                probe: PlainProbe::from(probe),
            },
            Event::CaseSkipped { case, reason } => Self::CaseSkipped {
                case: PlainCase::from(case),
                reason: reason.clone(),
            },
            Event::CaseStarted { case } => Self::CaseStarted {
                case: PlainCase::from(case),
            },
            Event::CaseFinished(_) => return None,
            Event::CircuitOpened { role, after } => Self::CircuitOpened {
                role: Name(*role),
                after: *after,
            },
            Event::RunFinished(run) => Self::RunFinished {
                summary: PlainSummary::from(run),
            },
        })
    }

    /// The line for the end of a case whose evidence stands in `transcript`, and whose shortest
    /// sequence, if it is a property that does not hold, stands in the file `found`.
    pub(crate) fn finished(
        result: &CaseResult,
        transcript: PlainFile,
        found: Option<&str>,
    ) -> Self {
        Self::CaseFinished(Box::new(PlainFinished {
            case: PlainCase::from(&result.case),
            verdict: PlainVerdict::from(&result.verdict),
            duration_micros: result.duration_micros,
            transcript,
            found: PlainFound::of(result, found),
        }))
    }

    /// The event; `evidence` gives the evidence of a finished case.
    pub(crate) fn into_event<E>(
        self,
        evidence: impl FnOnce(&PlainFinished) -> Result<Evidence, E>,
    ) -> Result<Event, E> {
        Ok(match self {
            Self::RunStarted { run, .. } => Event::RunStarted(RunInfo::from(run)),
            Self::Probed { probe } => Event::Probed(Probe::from(probe)),
            Self::CaseSkipped { case, reason } => Event::CaseSkipped {
                case: CaseHeader::from(case),
                reason,
            },
            Self::CaseStarted { case } => Event::CaseStarted {
                case: CaseHeader::from(case),
            },
            Self::CaseFinished(finished) => {
                let evidence = evidence(&finished)?;
                Event::CaseFinished(Box::new(CaseResult {
                    case: CaseHeader::from(finished.case),
                    verdict: Verdict::from(finished.verdict),
                    evidence,
                    duration_micros: finished.duration_micros,
                    found: finished.found.map(|found| Box::new(Found::from(found))),
                }))
            }
            Self::CircuitOpened { role, after } => Event::CircuitOpened {
                role: role.0,
                after,
            },
            Self::RunFinished { summary } => Event::RunFinished(RunSummary::from(summary)),
        })
    }
}
