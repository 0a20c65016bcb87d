//! The verdict on the target in words: one place decides, every format states it.

use std::collections::BTreeMap;

use gbaspec_case::event::{Event, Probe, ProbeResult, RunSummary};
use gbaspec_case::verdict::Outcome;

use crate::text::counted;

/// What a run says about its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conclusion {
    /// Every required case that was selected and not skipped passed, and at least one ran.
    Conformant,
    /// At least one case failed.
    NotConformant {
        /// The failures by level, for example `2 shall failed`.
        reason: String,
    },
    /// Nothing can be said.
    NoVerdict {
        /// Why not, for example `interrupted`.
        reason: String,
    },
}

impl Conclusion {
    /// The name in JSON: `conformant`, `not-conformant` or `no-verdict`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Conformant => "conformant",
            Self::NotConformant { .. } => "not-conformant",
            Self::NoVerdict { .. } => "no-verdict",
        }
    }

    /// The words for people, without the reason.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Conformant => "CONFORMANT",
            Self::NotConformant { .. } => "NOT CONFORMANT",
            Self::NoVerdict { .. } => "NO VERDICT",
        }
    }

    /// Why the run does not end in `Conformant`.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Conformant => None,
            Self::NotConformant { reason } | Self::NoVerdict { reason } => Some(reason),
        }
    }
}

/// What has to be counted while a run goes on to reach its conclusion.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    failed: BTreeMap<usize, (String, usize)>,
    required_inconclusive: usize,
    insane: Option<String>,
}

impl Tally {
    /// Counts what this event says about the target.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Probed(probe) => self.probed(probe),
            Event::CaseFinished(result) => self.finished(result.case.level, result.verdict.outcome),
            Event::RunStarted(_)
            | Event::CaseSkipped { .. }
            | Event::CaseStarted { .. }
            | Event::CircuitOpened { .. }
            | Event::RunFinished(_) => {}
        }
    }

    /// The conclusion of a run with these counts.
    ///
    /// A failure stands whatever else happened. Everything else that keeps a required case from its
    /// verdict, and every exit code that is not 0, keeps the run from being called conformant.
    pub fn conclude(&self, run: &RunSummary) -> Conclusion {
        if run.failed > 0 {
            return Conclusion::NotConformant {
                reason: self.failures(run.failed),
            };
        }
        match self.obstacle(run) {
            Some(reason) => Conclusion::NoVerdict { reason },
            None => Conclusion::Conformant,
        }
    }

    fn probed(&mut self, probe: &Probe) {
        if probe.result != ProbeResult::Sane && self.insane.is_none() {
            self.insane = Some(format!("{} {}", probe.role, probe_words(probe.result)));
        }
    }

    fn finished(&mut self, level: &str, outcome: Outcome) {
        match outcome {
            Outcome::Fail => {
                let slot = self.failed.entry(strictness(level));
                slot.or_insert_with(|| (level.to_owned(), 0)).1 += 1;
            }
            Outcome::Inconclusive if level == "shall" => self.required_inconclusive += 1,
            Outcome::Pass | Outcome::Inconclusive | Outcome::Error => {}
        }
    }

    fn failures(&self, failed: usize) -> String {
        let by_level: Vec<String> = self
            .failed
            .values()
            .map(|(level, count)| format!("{count} {level}"))
            .collect();
        if by_level.is_empty() {
            // The counts say more than the events did: a summary that was made elsewhere.
            return format!("{failed} failed");
        }
        format!("{} failed", by_level.join(", "))
    }

    fn obstacle(&self, run: &RunSummary) -> Option<String> {
        if let Some(insane) = &self.insane {
            return Some(insane.clone());
        }
        if let Some(stopped) = &run.stopped {
            return Some(format!("stopped: {stopped}"));
        }
        if run.is_partial() {
            let missing = run
                .planned
                .saturating_sub(run.ran.saturating_add(run.skipped));
            return Some(format!("{missing} of {} cases have no result", run.planned));
        }
        if run.errors > 0 {
            return Some(format!(
                "{} broken by the harness",
                counted(run.errors, "case")
            ));
        }
        if run.ran == 0 {
            return Some("no case ran".to_owned());
        }
        if self.required_inconclusive > 0 {
            return Some(format!("{} shall inconclusive", self.required_inconclusive));
        }
        exit_words(run.exit_code)
    }
}

/// The words for a probe.
pub(crate) fn probe_words(result: ProbeResult) -> &'static str {
    match result {
        ProbeResult::Sane => "sane",
        ProbeResult::NotSane => "answers, but its sanity case does not pass",
        ProbeResult::Silent => "does not answer",
        ProbeResult::Unreachable => "cannot be reached",
    }
}

/// What an exit code says that keeps a run without failures from being conformant.
fn exit_words(code: u8) -> Option<String> {
    match code {
        0 => None,
        3 => Some("target not reachable or not sane".to_owned()),
        4 => Some("fewer cases ran than were asked for".to_owned()),
        5 => Some("stale or expired baseline entry".to_owned()),
        6 => Some("required cases inconclusive".to_owned()),
        70 => Some("bug in the tool".to_owned()),
        130 => Some("interrupted".to_owned()),
        other => Some(format!("exit code {other}")),
    }
}

fn strictness(level: &str) -> usize {
    match level {
        "shall" => 0,
        "should" => 1,
        "may" => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use gbaspec_case::element::Element;
    use gbaspec_case::event::{Event, Probe, ProbeResult, RunSummary};
    use gbaspec_case::verdict::Outcome;
    use rstest::rstest;

    use super::{Conclusion, Tally};

    fn counts(planned: usize, passed: usize, failed: usize, inconclusive: usize) -> RunSummary {
        let ran = passed + failed + inconclusive;
        RunSummary {
            planned,
            ran,
            passed,
            failed,
            inconclusive,
            ..RunSummary::default()
        }
    }

    fn none(reason: &str) -> Conclusion {
        Conclusion::NoVerdict {
            reason: reason.to_owned(),
        }
    }

    #[rstest]
    #[case::all_passed(counts(2, 2, 0, 0), Conclusion::Conformant)]
    #[case::nothing_planned(counts(0, 0, 0, 0), none("no case ran"))]
    #[case::all_skipped(RunSummary { skipped: 2, ..counts(2, 0, 0, 0) }, none("no case ran"))]
    #[case::a_result_is_missing(counts(3, 2, 0, 0), none("1 of 3 cases have no result"))]
    #[case::interrupted(
        RunSummary { stopped: Some("interrupted".into()), ..counts(2, 2, 0, 0) },
        none("stopped: interrupted")
    )]
    #[case::harness_error(
        RunSummary { ran: 2, errors: 1, ..counts(2, 1, 0, 0) },
        none("1 case broken by the harness")
    )]
    #[case::too_few(
        RunSummary { exit_code: 4, ..counts(2, 2, 0, 0) },
        none("fewer cases ran than were asked for")
    )]
    fn concludes_from_counts(#[case] run: RunSummary, #[case] expected: Conclusion) {
        assert_eq!(Tally::default().conclude(&run), expected);
    }

    #[test]
    fn names_the_failures_by_level() {
        let mut tally = Tally::default();
        tally.finished("may", Outcome::Fail);
        tally.finished("shall", Outcome::Fail);
        tally.finished("shall", Outcome::Fail);
        let conclusion = tally.conclude(&counts(4, 1, 3, 0));
        assert_eq!(conclusion.reason(), Some("2 shall, 1 may failed"));
        assert_eq!(conclusion.as_str(), "not-conformant");
    }

    #[rstest]
    #[case::required("shall", none("1 shall inconclusive"))]
    #[case::recommended("should", Conclusion::Conformant)]
    fn an_inconclusive_case_counts_by_its_level(#[case] level: &str, #[case] expected: Conclusion) {
        let mut tally = Tally::default();
        tally.finished(level, Outcome::Inconclusive);
        assert_eq!(tally.conclude(&counts(2, 1, 0, 1)), expected);
    }

    #[test]
    fn an_insane_target_is_not_conformant_however_many_cases_passed() {
        let mut tally = Tally::default();
        tally.on_event(&Event::Probed(Probe {
            role: Element::Bsf,
            result: ProbeResult::Silent,
            detail: String::new(),
        }));
        assert_eq!(
            tally.conclude(&counts(2, 2, 0, 0)),
            none("bsf does not answer")
        );
    }
}
