//! Text for people: what the reports share, and the pages that are not about a run.

use std::fmt::{self, Write as _};

use anstyle::{AnsiColor, Effects, Style as Paint};
use gbaspec_case::coverage::{Coverage, CoverageRow};
use gbaspec_case::event::CaseHeader;
use gbaspec_case::proof::{FaultRow, KillMatrix};
use gbaspec_case::property::Found;
use gbaspec_case::verdict::{Finding, Part};

use crate::escape::shown;
use crate::plain::coverage::{Totals, by_document};
use crate::{Colour, Detail, Style};

/// Where expected and actual values are wrapped, in characters.
const WRAP: usize = 160;
/// How many lines of one value are shown; the transcript has all of it.
const MOST_LINES: usize = 8;

/// The cases by topic, one line each: slug, level, specification and clause, title. With
/// `Detail::Verbose` the requirements and the place as well.
pub fn list_text(cases: &[CaseHeader], style: Style) -> String {
    let mut page = Page::default();
    let width = cases
        .iter()
        .map(|case| slug(&case.id).len())
        .max()
        .unwrap_or(0)
        .min(48);
    let mut last_topic = None;
    for case in cases {
        let topic = topic(&case.id);
        if last_topic != Some(topic) {
            page.line(format_args!("{}", Tone::Strong.paint(style, &shown(topic))));
            last_topic = Some(topic);
        }
        let slug = shown(slug(&case.id));
        let (document, clause) = (shown(&case.document), shown(&case.clause));
        let title = shown(&case.title);
        page.line(format_args!(
            "  {slug:width$}  {:6}  {document} {clause}  {title}",
            case.level
        ));
        if style.detail == Detail::Verbose {
            let requirements = case.requirements.join(", ");
            page.line(format_args!(
                "    {}  target {}  {}",
                shown(&requirements),
                case.target,
                shown(&case.place)
            ));
        }
    }
    page.line(format_args!("{}", counted(cases.len(), "case")));
    page.text
}

/// What the proof shows: correct peers, faults killed, stock peers, and each problem. With
/// `Detail::Verbose` each fault and its killers as well.
pub fn prove_text(matrix: &KillMatrix, style: Style) -> String {
    let mut page = Page::default();
    for peer in &matrix.correct {
        let sign = sign(style, peer.passed, peer.cases);
        page.line(format_args!(
            "{sign} correct {:6}  passes {} of {}",
            peer.role.as_str(),
            peer.passed,
            counted(peer.cases, "case")
        ));
    }
    let killed = matrix
        .faults
        .iter()
        .filter(|fault| is_killed(fault))
        .count();
    let sign = sign(style, killed, matrix.faults.len());
    page.line(format_args!(
        "{sign} {killed} of {} killed",
        counted(matrix.faults.len(), "fault")
    ));
    for fault in &matrix.faults {
        if style.detail == Detail::Verbose || !is_killed(fault) {
            fault_lines(&mut page, fault, style);
        }
    }
    for stock in &matrix.stock {
        page.line(format_args!(
            "  stock {} as {}  passes {} of {}",
            shown(&stock.name),
            stock.role,
            stock.passed.len(),
            counted(stock.cases, "case")
        ));
    }
    let idle = matrix
        .cases
        .iter()
        .filter(|case| case.kills.is_empty())
        .count();
    if idle > 0 {
        page.line(format_args!("  {} killed no fault", counted(idle, "case")));
    }
    for problem in &matrix.problems {
        let word = Tone::Bad.paint(style, "PROBLEM");
        page.line(format_args!("{word}  {}", shown(problem)));
    }
    page.line(format_args!(
        "{} in {}",
        counted(matrix.plays, "play"),
        Seconds(matrix.duration_micros)
    ));
    let verdict = if matrix.holds() {
        Tone::Good.paint(style, "THE PROOF HOLDS")
    } else {
        Tone::Bad.paint(style, "THE PROOF DOES NOT HOLD")
    };
    page.line(format_args!(
        "verdict {verdict} ({})",
        counted(matrix.problems.len(), "problem")
    ));
    page.text
}

/// The clause map: counts by document and the total. With `Detail::Verbose` also each requirement:
/// the cases that test it, that none does, or the reason why it is excluded.
pub fn coverage_text(rows: &[CoverageRow], style: Style) -> String {
    let mut page = Page::default();
    let documents = by_document(rows);
    let width = documents
        .iter()
        .map(|counts| counts.document.len())
        .max()
        .unwrap_or(0)
        .min(40);
    for counts in &documents {
        let sign = sign(style, counts.totals.untested, 0);
        let document = shown(&counts.document);
        page.line(format_args!(
            "{sign} {document:width$}  {}",
            totals_text(counts.totals)
        ));
    }
    if style.detail == Detail::Verbose {
        for row in rows {
            coverage_lines(&mut page, row, style);
        }
    }
    page.line(format_args!(
        "  {:width$}  {}",
        "total",
        totals_text(Totals::of(rows))
    ));
    page.text
}

fn fault_lines(page: &mut Page, fault: &FaultRow, style: Style) {
    let word = if is_killed(fault) {
        Tone::Good.paint(style, "killed  ")
    } else {
        Tone::Bad.paint(style, "SURVIVES")
    };
    page.line(format_args!(
        "  {word}  {}  {}  {}",
        shown(&fault.id),
        shown(&fault.requirement),
        shown(&fault.what)
    ));
    for case in &fault.caught_by {
        let how = if fault.killed_by.contains(case) {
            "fails it for this reason"
        } else if fault.failed_otherwise.contains(case) {
            "fails it for another reason"
        } else {
            "does not fail it"
        };
        page.line(format_args!("            {}  {how}", shown(case)));
    }
}

/// A fault is killed when each case that must catch it failed it for the reason that it names.
fn is_killed(fault: &FaultRow) -> bool {
    !fault.killed_by.is_empty()
        && fault
            .caught_by
            .iter()
            .all(|case| fault.killed_by.contains(case))
}

fn coverage_lines(page: &mut Page, row: &CoverageRow, style: Style) {
    let requirement = &row.requirement;
    let (word, detail) = match &row.coverage {
        Coverage::Untested => (
            Tone::Unsure.paint(style, "UNTESTED"),
            requirement.text.clone(),
        ),
        Coverage::Tested(cases) => (Tone::Good.paint(style, "tested  "), cases.join(", ")),
        Coverage::Elsewhere(point) => (
            Tone::Faint.paint(style, "not yet "),
            point.reason().to_owned(),
        ),
        Coverage::Excluded(reason) => (Tone::Faint.paint(style, "excluded"), reason.clone()),
    };
    page.line(format_args!(
        "  {word}  {}  {} {}, {}  {}",
        shown(&requirement.id),
        shown(&requirement.document),
        shown(&requirement.clause),
        requirement.level.as_str(),
        shown(&detail)
    ));
}

/// A good sign if as many were found as are wanted, a bad one otherwise.
fn sign(style: Style, found: usize, wanted: usize) -> String {
    let tone = if found == wanted {
        Tone::Good
    } else {
        Tone::Bad
    };
    tone.paint(style, &tone.sign().to_string())
}

fn totals_text(totals: Totals) -> String {
    format!(
        "{}: {} tested, {} untested, {} seen elsewhere, {} excluded",
        counted(totals.requirements, "requirement"),
        totals.tested,
        totals.untested,
        totals.elsewhere,
        totals.excluded
    )
}

/// A finding in four lines, each ended by a line feed: what, expected, actual, where. `label` stands
/// before the first line.
pub(crate) fn finding_text(finding: &Finding, label: &str) -> String {
    let mut page = Page::default();
    let part = match finding.part {
        Part::Case => "",
        Part::TwinBefore => "  (valid twin, before the case)",
        Part::TwinAfter => "  (valid twin, after the case)",
    };
    let what = format!("{}  {}", finding.requirement, finding.check);
    page.line(format_args!("{label}{}{part}", shown(what.trim_start())));
    page.value("expected", &finding.expected);
    page.value("actual", &finding.actual);
    page.line(format_args!(
        "  at        {}",
        shown(&finding.place.to_string())
    ));
    page.text
}

/// How a property was failed: the shortest sequence, each ended by a line feed.
pub(crate) fn found_text(found: &Found) -> String {
    let mut page = Page::default();
    page.value("sequence", &found.sequence.to_string());
    page.line(format_args!(
        "  {:8}  shortened from {} in {}",
        "",
        counted(found.shrunk_from, "move"),
        counted(found.replays, "replay")
    ));
    page.text
}

/// `text` as it may be shown, cut after `most` characters with a note.
pub(crate) fn clipped(text: &str, most: usize) -> String {
    let text = shown(text);
    // What may be shown is ASCII, so characters are octets and every cut is between two.
    if text.len() <= most {
        return text.into_owned();
    }
    format!(
        "{}... ({} more characters)",
        &text[..most],
        text.len() - most
    )
}

/// `1 case`, `2 cases`.
pub(crate) fn counted(count: usize, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{plural}")
}

/// The first parts of the identity of a case.
pub(crate) fn topic(id: &str) -> &str {
    id.rsplit_once('/').map_or("", |(topic, _)| topic)
}

fn slug(id: &str) -> &str {
    id.rsplit_once('/').map_or(id, |(_, slug)| slug)
}

/// Microseconds, shown as seconds with one decimal, or as milliseconds below one second.
pub(crate) struct Seconds(pub(crate) u64);

impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 < 1_000_000 {
            return write!(f, "{} ms", self.0 / 1_000);
        }
        let tenths = self.0 / 100_000;
        write!(f, "{}.{} s", tenths / 10, tenths % 10)
    }
}

/// Text that grows by lines.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) text: String,
}

impl Page {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = self.text.write_fmt(line);
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        self.text.push('\n');
    }

    /// Adds lines that exist already, each moved to the right.
    pub(crate) fn indented(&mut self, lines: &str, indent: usize) {
        for line in lines.lines() {
            self.line(format_args!("{:indent$}{line}", ""));
        }
    }

    /// Adds a named value, wrapped, and cut after some lines.
    fn value(&mut self, name: &str, value: &str) {
        let value = shown(value);
        let mut rest: &str = &value;
        let mut name = name;
        for _ in 0..MOST_LINES {
            // What may be shown is ASCII, so every cut is between two characters.
            let (line, next) = rest.split_at(rest.len().min(WRAP));
            self.line(format_args!("  {name:8}  {line}"));
            name = "";
            rest = next;
            if rest.is_empty() {
                return;
            }
        }
        let left = rest.len();
        self.line(format_args!(
            "  {name:8}  ... ({left} more characters, see the transcript)"
        ));
    }
}

/// What a colour means. The word beside it says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Bad,
    Unsure,
    Strong,
    Faint,
}

impl Tone {
    /// `text` in this tone, if colours are on. It must be fit to be shown already.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        match style.colour {
            Colour::Off => text.to_owned(),
            Colour::On => {
                let paint = self.colours();
                format!("{}{text}{}", paint.render(), paint.render_reset())
            }
        }
    }

    /// The sign at the beginning of a line.
    pub(crate) fn sign(self) -> char {
        match self {
            Self::Good => '+',
            Self::Bad => 'x',
            Self::Unsure | Self::Strong | Self::Faint => '?',
        }
    }

    fn colours(self) -> Paint {
        match self {
            Self::Good => AnsiColor::Green.on_default(),
            Self::Bad => AnsiColor::Red.on_default().effects(Effects::BOLD),
            Self::Unsure => AnsiColor::Yellow.on_default(),
            Self::Strong => Paint::new().effects(Effects::BOLD),
            Self::Faint => Paint::new().effects(Effects::DIMMED),
        }
    }
}

#[cfg(test)]
mod tests {
    use gbaspec_case::verdict::{Finding, Part, Place};
    use rstest::rstest;

    use super::{Seconds, clipped, finding_text};

    #[rstest]
    #[case::nothing(0, "0 ms")]
    #[case::milliseconds(999_999, "999 ms")]
    #[case::seconds(1_950_000, "1.9 s")]
    #[case::the_largest(u64::MAX, "18446744073709.5 s")]
    fn shows_a_duration(#[case] micros: u64, #[case] expected: &str) {
        assert_eq!(Seconds(micros).to_string(), expected);
    }

    #[rstest]
    #[case::short("abc", "abc")]
    #[case::long("abcdef", "abc... (3 more characters)")]
    #[case::hostile("\u{202e}", "\\u{... (5 more characters)")]
    fn clips(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(clipped(text, 3), expected);
    }

    #[test]
    fn wraps_a_long_value_and_stops() {
        let finding = Finding {
            requirement: "UB-4.5-07".into(),
            check: "body".into(),
            expected: "nothing".into(),
            actual: "a".repeat(160 * 8 + 7),
            place: Place {
                file: "v.yaml".into(),
                line: 3,
                column: 9,
            },
            part: Part::TwinAfter,
        };
        let line = "a".repeat(160);
        let next = format!("            {line}\n").repeat(7);
        assert_eq!(
            finding_text(&finding, ""),
            format!(
                "UB-4.5-07  body  (valid twin, after the case)\n  expected  nothing\n  \
                 actual    {line}\n{next}            ... (7 more characters, see the transcript)\n  \
                 at        v.yaml:3:9\n"
            )
        );
    }
}
