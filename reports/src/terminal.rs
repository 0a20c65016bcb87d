//! Text for people while a run goes on: quiet when all is good, complete about what is not.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

use gbaspec_case::event::{CaseHeader, CaseResult, Event, Probe, ProbeResult, RunInfo, RunSummary};
use gbaspec_case::property::Found;
use gbaspec_case::verdict::{Finding, Outcome, Verdict};

use crate::conclusion::{Conclusion, Tally, probe_words};
use crate::escape::shown;
use crate::recorder::{FOUND, file_stem};
use crate::text::{Page, Seconds, Tone, clipped, counted, finding_text, found_text};
use crate::{Detail, Progress, Reporter, Style};

/// How many inconclusive cases and warnings are named when not all are asked for.
const MOST_FOLDED: usize = 10;
/// The width of the progress line: it must not wrap, or it could not be redrawn.
const PROGRESS_WIDTH: usize = 78;
/// Returns to the beginning of the line and clears it.
const REDRAW: &str = "\r\x1b[2K";

/// Writes a run as text.
///
/// Head and progress come as the run goes on: one line a group of cases, a group being a clause.
/// What is wrong comes at the end, where it is read, with the command that repeats it.
pub struct Terminal {
    out: Box<dyn Write + Send>,
    style: Style,
    /// The profiles of targets on the network: what a failure is repeated with.
    profiles: String,
    /// The seed, as an option of the command line.
    seed: String,
    /// The folder of the run.
    folder: Option<String>,
    groups: Vec<Group>,
    /// Whether the last thing written is a progress line without its end.
    is_drawn: bool,
    problems: Vec<Problem>,
    inconclusive: Vec<String>,
    warnings: Vec<String>,
    skipped: BTreeMap<String, usize>,
    /// The printed tables, and how many of the cases that ran replay each.
    tables: BTreeMap<String, usize>,
    circuits: Vec<String>,
    tally: Tally,
}

/// A case that failed, or that the harness broke.
struct Problem {
    case: CaseHeader,
    verdict: Verdict,
    found: Option<Box<Found>>,
}

/// The cases of one clause for one role.
#[derive(Debug)]
struct Group {
    name: String,
    active: usize,
    ran: usize,
    /// How many had run when the line of the group was last written.
    told: usize,
    failed: usize,
    inconclusive: usize,
    errors: usize,
}

impl Terminal {
    /// A reporter that writes to `out`.
    pub fn new(out: Box<dyn Write + Send>, style: Style) -> Self {
        Self {
            out,
            style,
            profiles: String::new(),
            seed: String::new(),
            folder: None,
            groups: Vec::new(),
            is_drawn: false,
            problems: Vec::new(),
            inconclusive: Vec::new(),
            warnings: Vec::new(),
            skipped: BTreeMap::new(),
            tables: BTreeMap::new(),
            circuits: Vec::new(),
            tally: Tally::default(),
        }
    }

    fn head(&mut self, info: &RunInfo) -> io::Result<()> {
        let mut page = Page::default();
        for target in &info.targets {
            let text = format!("{}  {}  {}", target.name, target.address, target.role);
            page.line(format_args!(
                "target  {}, Release {}",
                clipped(&text, 200),
                info.release
            ));
        }
        let profiles = info
            .targets
            .iter()
            .filter_map(|target| target.profile.as_ref());
        for file in profiles {
            // Writing to a string does not fail.
            let _ = write!(self.profiles, " -t {}", clipped(file, 200));
        }
        self.seed = format!(" --seed {:x}", info.seed);
        self.folder.clone_from(&info.folder);
        page.line(format_args!(
            "plan    {}, seed {:x}",
            counted(info.planned, "case"),
            info.seed
        ));
        self.out.write_all(page.text.as_bytes())
    }

    fn probed(&mut self, probe: &Probe) -> io::Result<()> {
        // The next target begins, so the groups of the one before are complete.
        self.tell_groups(|_, _| true)?;
        let tone = if probe.result == ProbeResult::Sane {
            Tone::Good
        } else {
            Tone::Bad
        };
        let words = tone.paint(self.style, probe_words(probe.result));
        let mut page = Page::default();
        let detail = clipped(&probe.detail, 200);
        page.line(format_args!("probe   {}  {words}  {detail}", probe.role));
        self.out.write_all(page.text.as_bytes())?;
        self.out.flush()
    }

    fn started(&mut self, case: &CaseHeader) -> io::Result<()> {
        let current = self.group(case);
        self.groups[current].active += 1;
        // A group is over for now when another one has begun and none of its cases is under way.
        self.tell_groups(|index, group| index != current && group.active == 0)?;
        self.draw(current)
    }

    /// A case that had begun turned out not to apply.
    fn left(&mut self, case: &CaseHeader) {
        let name = group_name(case);
        if let Some(group) = self.groups.iter_mut().rfind(|group| group.name == name) {
            group.active = group.active.saturating_sub(1);
        }
    }

    fn finished(&mut self, result: &CaseResult) -> io::Result<()> {
        let index = self.group(&result.case);
        let group = &mut self.groups[index];
        group.active = group.active.saturating_sub(1);
        group.ran += 1;
        match result.verdict.outcome {
            Outcome::Pass => {}
            Outcome::Fail => group.failed += 1,
            Outcome::Inconclusive => group.inconclusive += 1,
            Outcome::Error => group.errors += 1,
        }
        for table in &result.case.tables {
            *self.tables.entry(table.clone()).or_default() += 1;
        }
        self.keep(result);
        self.draw(index)
    }

    /// Keeps what the end of the report tells about this case. Evidence is not part of it.
    fn keep(&mut self, result: &CaseResult) {
        let case = &result.case;
        match result.verdict.outcome {
            Outcome::Pass => {}
            Outcome::Fail | Outcome::Error => {
                self.problems.push(Problem {
                    case: case.clone(),
                    verdict: result.verdict.clone(),
                    found: result.found.clone(),
                });
            }
            Outcome::Inconclusive => {
                let reason = result
                    .verdict
                    .findings
                    .first()
                    .map_or_else(String::new, in_a_line);
                self.inconclusive
                    .push(format!("{}  {reason}", shown(&case.id)));
            }
        }
        for warning in &result.verdict.warnings {
            self.warnings
                .push(format!("{}  {}", shown(&case.id), in_a_line(warning)));
        }
    }

    fn group(&mut self, case: &CaseHeader) -> usize {
        let name = group_name(case);
        // The group in question is nearly always the last one.
        if let Some(index) = self.groups.iter().rposition(|group| group.name == name) {
            return index;
        }
        self.groups.push(Group {
            name,
            active: 0,
            ran: 0,
            told: 0,
            failed: 0,
            inconclusive: 0,
            errors: 0,
        });
        self.groups.len() - 1
    }

    /// Redraws the progress line for this group, on a terminal only.
    fn draw(&mut self, index: usize) -> io::Result<()> {
        if self.style.progress == Progress::Plain {
            return Ok(());
        }
        let mut line = self.groups[index].words();
        line.truncate(PROGRESS_WIDTH);
        write!(self.out, "{REDRAW}{line}")?;
        self.is_drawn = true;
        self.out.flush()
    }

    /// Writes the lines of the groups of this kind that have news.
    fn tell_groups(&mut self, is_meant: impl Fn(usize, &Group) -> bool) -> io::Result<()> {
        let mut page = Page::default();
        for (index, group) in self.groups.iter_mut().enumerate() {
            if group.told < group.ran && is_meant(index, group) {
                group.told = group.ran;
                page.line(format_args!(
                    "{}",
                    group.tone().paint(self.style, &group.words())
                ));
            }
        }
        if page.text.is_empty() {
            return Ok(());
        }
        self.clear()?;
        self.out.write_all(page.text.as_bytes())?;
        self.out.flush()
    }

    fn clear(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.is_drawn) {
            self.out.write_all(REDRAW.as_bytes())?;
        }
        Ok(())
    }

    fn problem(&self, page: &mut Page, problem: &Problem) {
        let Problem {
            case,
            verdict,
            found,
        } = problem;
        let word = match verdict.outcome {
            Outcome::Error => "ERROR",
            _ => "FAIL",
        };
        page.line(format_args!(""));
        page.line(format_args!(
            "{}  {}  {}   {} {}, {}",
            Tone::Bad.paint(self.style, word),
            shown(&case.id),
            shown(&case.title),
            shown(&case.document),
            shown(&case.clause),
            case.level
        ));
        for finding in &verdict.findings {
            page.indented(&finding_text(finding, ""), 6);
        }
        if let Some(found) = found {
            page.indented(&found_text(found), 6);
        }
        // The shortest sequence stands in a file of its own, and needs no seed.
        let again = match (found, &self.folder) {
            (Some(_), Some(folder)) => {
                let file = format!("{folder}/{FOUND}/{}.yaml", file_stem(&case.id));
                format!("{}{}", clipped(&file, 400), self.profiles)
            }
            _ => format!("{}{}{}", shown(&case.id), self.profiles, self.seed),
        };
        page.line(format_args!("      again  gbaspec run {again}"));
    }

    /// A heading with a count, and lines below it, at most some of them.
    fn folded(&self, page: &mut Page, heading: &str, lines: &[String], most: usize) {
        if lines.is_empty() {
            return;
        }
        let advice = if most == 0 { "  (-v names them)" } else { "" };
        let heading = format!("{heading}  {}{advice}", lines.len());
        page.line(format_args!(""));
        page.line(format_args!("{}", Tone::Unsure.paint(self.style, &heading)));
        for line in lines.iter().take(most) {
            page.line(format_args!("  {line}"));
        }
        if most > 0 && lines.len() > most {
            page.line(format_args!("  ... and {} more", lines.len() - most));
        }
    }

    fn tail(&self, run: &RunSummary) -> String {
        let mut page = Page::default();
        for problem in &self.problems {
            self.problem(&mut page, problem);
        }
        let (most, most_warnings) = match self.style.detail {
            Detail::Brief => (MOST_FOLDED, 0),
            Detail::Verbose => (usize::MAX, usize::MAX),
        };
        self.folded(&mut page, "INCONCLUSIVE", &self.inconclusive, most);
        self.folded(&mut page, "WARNINGS", &self.warnings, most_warnings);
        self.folded(&mut page, "GIVEN UP", &self.circuits, most);
        page.line(format_args!(""));
        if !self.tables.is_empty() {
            let tables = self.tables.iter();
            let tables = tables.map(|(table, count)| format!("{} ({count})", shown(table)));
            let tables: Vec<String> = tables.collect();
            page.line(format_args!("tables  {}", tables.join("  ")));
        }
        for (reason, count) in &self.skipped {
            page.line(format_args!("not run: {count} {}", shown(reason)));
        }
        self.last_lines(&mut page, run);
        page.text
    }

    fn last_lines(&self, page: &mut Page, run: &RunSummary) {
        let mut counts = vec![format!("{} passed", run.passed)];
        for (count, word) in [
            (run.failed, "failed"),
            (run.inconclusive, "inconclusive"),
            (run.errors, "broken by the harness"),
        ] {
            if count > 0 {
                counts.push(format!("{count} {word}"));
            }
        }
        let warned = if run.warned > 0 {
            format!(" ({} warned)", run.warned)
        } else {
            String::new()
        };
        counts[0].push_str(&warned);
        let skipped = if run.skipped > 0 {
            format!(", {} not run", run.skipped)
        } else {
            String::new()
        };
        page.line(format_args!(
            "{} ran: {}{skipped} in {}",
            run.ran,
            counts.join(", "),
            Seconds(run.duration_micros)
        ));
        let conclusion = self.tally.conclude(run);
        let tone = match conclusion {
            Conclusion::Conformant => Tone::Good,
            Conclusion::NotConformant { .. } => Tone::Bad,
            Conclusion::NoVerdict { .. } => Tone::Unsure,
        };
        let reason = conclusion
            .reason()
            .map_or_else(String::new, |reason| format!(" ({})", shown(reason)));
        let partial = if run.is_partial() {
            "  PARTIAL RESULT"
        } else {
            ""
        };
        let words = tone.paint(self.style, conclusion.words());
        page.line(format_args!("verdict {words}{reason}{partial}"));
        page.line(format_args!("exit {}", run.exit_code));
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Terminal")
            .field("style", &self.style)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

impl Reporter for Terminal {
    fn on_event(&mut self, event: &Event) -> io::Result<()> {
        self.tally.on_event(event);
        match event {
            Event::RunStarted(info) => self.head(info),
            Event::Probed(probe) => self.probed(probe),
            Event::CaseSkipped { case, reason } => {
                *self.skipped.entry(reason.clone()).or_default() += 1;
                self.left(case);
                Ok(())
            }
            Event::CaseStarted { case } => self.started(case),
            Event::CaseFinished(result) => self.finished(result),
            Event::CircuitOpened { role, after } => {
                let cases = counted(*after, "case");
                self.circuits
                    .push(format!("{role}  after {cases} without an answer"));
                Ok(())
            }
            Event::RunFinished(_) => Ok(()),
        }
    }

    fn finish(&mut self, run: &RunSummary) -> io::Result<()> {
        self.clear()?;
        self.tell_groups(|_, _| true)?;
        let tail = self.tail(run);
        self.out.write_all(tail.as_bytes())?;
        self.out.flush()
    }
}

impl Group {
    fn words(&self) -> String {
        let sign = self.tone().sign();
        let mut words = format!("{sign} {:28}  {} ran", self.name, self.ran);
        for (count, word) in [
            (self.failed, "failed"),
            (self.errors, "broken by the harness"),
            (self.inconclusive, "inconclusive"),
        ] {
            if count > 0 {
                // Writing to a string does not fail.
                let _ = write!(words, "  {count} {word}");
            }
        }
        words
    }

    fn tone(&self) -> Tone {
        if self.failed + self.errors > 0 {
            return Tone::Bad;
        }
        if self.inconclusive > 0 {
            Tone::Unsure
        } else {
            Tone::Good
        }
    }
}

/// The group that a case belongs to.
fn group_name(case: &CaseHeader) -> String {
    format!(
        "{:6}  {} {}",
        case.target,
        shown(&case.document),
        shown(&case.clause)
    )
}

/// A finding in one line, cut where a screen ends.
fn in_a_line(finding: &Finding) -> String {
    let text = format!(
        "{} {}: expected {}, actual {}",
        finding.requirement, finding.check, finding.expected, finding.actual
    );
    clipped(text.trim_start(), 160)
}
