//! `JUnit` XML, for CI systems.

use std::fmt;
use std::io::{self, Write};
use std::time::Duration;

use gbaspec_case::event::{CaseHeader, CaseResult, Event, RunInfo, RunSummary};
use gbaspec_case::verdict::{Finding, Outcome, Verdict};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::Reporter;
use crate::conclusion::{Conclusion, Tally};
use crate::escape::shown;
use crate::text::{clipped, finding_text, found_text};

/// The name of the report, and of the suite that speaks about the run itself.
const TOOL: &str = "gbaspec";
/// Where the one-line message of a finding is cut, in characters; the text below has more.
const LONGEST_MESSAGE: usize = 320;

/// Collects a run and writes one `JUnit` document at its end: a suite is a topic, a test is a case.
///
/// A failure of the target is a `failure`. An inconclusive case is an `error` of type
/// `inconclusive` and a fault of the harness one of type `harness`, because a `JUnit` reader knows
/// no third colour and neither may look green. A run without a verdict has one more test,
/// `gbaspec` / `run`, with an `error` of type `no-verdict`, so an empty run is red as well.
pub struct Junit {
    out: Box<dyn Write + Send>,
    info: Option<RunInfo>,
    suites: Vec<TestSuite>,
    tally: Tally,
}

impl Junit {
    /// A reporter that writes to `out`.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            info: None,
            suites: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn add(&mut self, case: &CaseHeader, status: TestCaseStatus, result: Option<&CaseResult>) {
        let (topic, slug) = case.id.rsplit_once('/').unwrap_or((TOOL, case.id.as_str()));
        let (topic, slug) = (shown(topic), shown(slug));
        let mut test = TestCase::new(slug, status);
        test.set_classname(topic.as_ref());
        test.add_property(("title", shown(&case.title).as_ref()));
        test.add_property(("place", shown(&case.place).as_ref()));
        if let Some(result) = result {
            test.set_time(Duration::from_micros(result.duration_micros));
            test.set_assertions(result.verdict.assertions);
            if !result.verdict.warnings.is_empty() {
                test.set_system_out(warnings_text(&result.verdict));
            }
        }
        let known = self
            .suites
            .iter()
            .position(|suite| suite.name.as_str() == topic);
        let index = known.unwrap_or_else(|| {
            self.suites.push(TestSuite::new(topic.as_ref()));
            self.suites.len() - 1
        });
        self.suites[index].add_test_case(test);
    }
}

impl fmt::Debug for Junit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Junit")
            .field("suites", &self.suites)
            .finish_non_exhaustive()
    }
}

impl Reporter for Junit {
    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.tally.on_event(event);
        match event {
            Event::RunStarted(info) => self.info = Some(info.clone()),
            Event::CaseSkipped { case, reason } => {
                let mut status = TestCaseStatus::skipped();
                status.set_message(shown(reason));
                self.add(case, status, None);
            }
            Event::CaseFinished(result) => {
                self.add(&result.case, status(result), Some(result));
            }
            Event::Probed(_)
            | Event::CaseStarted { .. }
            | Event::CircuitOpened { .. }
            | Event::RunFinished(_) => {}
        }
        Ok(())
    }

    fn finish(&mut self, run: &RunSummary) -> io::Result<()> {
        let mut report = Report::new(TOOL);
        report.set_time(Duration::from_micros(run.duration_micros));
        report.add_test_suites(std::mem::take(&mut self.suites));
        let conclusion = self.tally.conclude(run);
        report.add_test_suite(run_suite(self.info.as_ref(), &conclusion));
        report.serialize(&mut self.out).map_err(io::Error::other)?;
        self.out.flush()
    }
}

/// The suite of the run itself: what was tested, and a red test if there is no verdict.
fn run_suite(info: Option<&RunInfo>, conclusion: &Conclusion) -> TestSuite {
    let mut suite = TestSuite::new(TOOL);
    suite.add_property(("verdict", conclusion.words()));
    if let Some(info) = info {
        suite.add_property(("tool-version", shown(&info.tool_version).as_ref()));
        suite.add_property(("seed", format!("{:x}", info.seed).as_str()));
        suite.add_property(("release", info.release.to_string().as_str()));
        suite.add_property(("vectors-digest", shown(&info.vectors_digest).as_ref()));
        for target in &info.targets {
            let text = format!("{} {} {}", target.role, target.name, target.address);
            suite.add_property(("target", shown(&text).as_ref()));
        }
    }
    if let Conclusion::NoVerdict { reason } = conclusion {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("no-verdict").set_message(shown(reason));
        let mut test = TestCase::new("run", status);
        test.set_classname(TOOL);
        suite.add_test_case(test);
    }
    suite
}

fn status(result: &CaseResult) -> TestCaseStatus {
    let verdict = &result.verdict;
    let (kind, of_type) = match verdict.outcome {
        Outcome::Pass => return TestCaseStatus::success(),
        Outcome::Fail => (NonSuccessKind::Failure, "fail"),
        Outcome::Inconclusive => (NonSuccessKind::Error, "inconclusive"),
        Outcome::Error => (NonSuccessKind::Error, "harness"),
    };
    let mut status = TestCaseStatus::non_success(kind);
    status
        .set_type(of_type)
        .set_message(message(verdict))
        .set_description(description(result));
    status
}

/// The first finding in a line.
fn message(verdict: &Verdict) -> String {
    verdict
        .findings
        .first()
        .map_or_else(String::new, |finding| {
            let text = format!(
                "{} {}: expected {}, actual {}",
                finding.requirement, finding.check, finding.expected, finding.actual
            );
            clipped(text.trim_start(), LONGEST_MESSAGE)
        })
}

fn description(result: &CaseResult) -> String {
    let case = &result.case;
    let mut text = format!(
        "{}\n{} {}, {}\n",
        shown(&case.title),
        shown(&case.document),
        shown(&case.clause),
        case.level
    );
    for finding in &result.verdict.findings {
        text.push_str(&finding_text(finding, ""));
    }
    if let Some(found) = &result.found {
        text.push_str(&found_text(found));
    }
    text
}

fn warnings_text(verdict: &Verdict) -> String {
    let texts: Vec<String> = verdict
        .warnings
        .iter()
        .map(|warning: &Finding| finding_text(warning, "warning "))
        .collect();
    texts.concat()
}
