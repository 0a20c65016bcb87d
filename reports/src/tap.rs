//! The Test Anything Protocol, version 14, for the tools that read nothing else.

use std::io::{self, Write};

use gbaspec_case::event::{CaseHeader, CaseResult, Event, RunSummary};
use gbaspec_case::verdict::Outcome;

use crate::Reporter;
use crate::conclusion::{Conclusion, Tally};
use crate::escape::shown;
use crate::text::{finding_text, found_text};

/// Writes one test point a case as it ends, and the plan at the end.
///
/// TAP knows two colours: a case that did not pass is `not ok`, whatever the reason, and the
/// reason stands in its diagnostics. A case that was not run is `ok` with `# SKIP`, as TAP wants
/// it; a run without a verdict has one more point that is `not ok`, so it is never green.
pub struct Tap {
    out: Box<dyn Write + Send>,
    points: usize,
    tally: Tally,
}

impl Tap {
    /// A reporter that writes to `out`.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        Self {
            out,
            points: 0,
            tally: Tally::default(),
        }
    }

    fn skipped(&mut self, case: &CaseHeader, reason: &str) -> io::Result<()> {
        self.points += 1;
        let (number, id, reason) = (self.points, escaped(&case.id), escaped(reason));
        writeln!(self.out, "ok {number} - {id} # SKIP {reason}")
    }

    fn finished(&mut self, result: &CaseResult) -> io::Result<()> {
        self.points += 1;
        let word = if result.verdict.outcome == Outcome::Pass {
            "ok"
        } else {
            "not ok"
        };
        writeln!(
            self.out,
            "{word} {} - {}",
            self.points,
            escaped(&result.case.id)
        )?;
        if result.verdict.outcome != Outcome::Pass {
            writeln!(self.out, "# {}", result.verdict.outcome)?;
        }
        for finding in &result.verdict.findings {
            for line in finding_text(finding, "").lines() {
                writeln!(self.out, "# {line}")?;
            }
        }
        let found = result.found.iter().map(|found| found_text(found));
        for line in found.collect::<String>().lines() {
            writeln!(self.out, "# {line}")?;
        }
        Ok(())
    }
}

impl Reporter for Tap {
    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.tally.on_event(event);
        match event {
            Event::RunStarted(_) => writeln!(self.out, "TAP version 14"),
            Event::CaseSkipped { case, reason } => self.skipped(case, reason),
            Event::CaseFinished(result) => self.finished(result),
            Event::Probed(_)
            | Event::CaseStarted { .. }
            | Event::CircuitOpened { .. }
            | Event::RunFinished(_) => Ok(()),
        }
    }

    fn finish(&mut self, run: &RunSummary) -> io::Result<()> {
        let conclusion = self.tally.conclude(run);
        if let Conclusion::NoVerdict { reason } = &conclusion {
            self.points += 1;
            writeln!(self.out, "not ok {} - gbaspec/run", self.points)?;
            writeln!(self.out, "# {}", shown(reason))?;
        }
        writeln!(self.out, "1..{}", self.points)?;
        writeln!(self.out, "# verdict {}", conclusion.words())?;
        self.out.flush()
    }
}

/// A description without a `#`, which would begin a directive.
fn escaped(text: &str) -> String {
    shown(text).replace('\\', "\\\\").replace('#', "\\#")
}
