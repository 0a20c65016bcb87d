//! What the text for people does beyond the golden samples.

use gbaspec_case::event::{Event, RunSummary};
use gbaspec_case::verdict::Outcome;
use gbaspec_reports::{Colour, Detail, Format, Progress, Style};
use rstest::rstest;

use crate::common::{failing_run, finding, finished, header, passing_run, rendered, verdict};

const BRIEF: Style = Style {
    colour: Colour::Off,
    progress: Progress::Plain,
    detail: Detail::Brief,
};

#[rstest]
#[case::brief(Detail::Brief, 10, true)]
#[case::verbose(Detail::Verbose, 12, false)]
fn folds_inconclusive_cases(#[case] detail: Detail, #[case] named: usize, #[case] has_rest: bool) {
    let mut events = Vec::from(&passing_run()[..2]);
    for number in 0..12 {
        let judged = verdict(
            Outcome::Inconclusive,
            vec![finding("status", "401", "silence")],
        );
        events.extend(finished(
            header(&format!("ub/a/{number}"), "4", "shall", "t"),
            judged,
            b"",
        ));
    }
    let text = rendered(Format::Terminal, Style { detail, ..BRIEF }, &events);
    assert!(text.contains("\nINCONCLUSIVE  12\n"), "{text}");
    assert_eq!(
        text.matches("UB-4.5-07 status: expected 401, actual silence")
            .count(),
        named
    );
    assert_eq!(text.contains("\n  ... and 2 more\n"), has_rest, "{text}");
}

#[test]
fn says_how_to_run_a_failure_again() {
    let mut events = passing_run();
    let judged = verdict(Outcome::Fail, vec![finding("status", "401", "200")]);
    let [started, ended] = finished(header("ub/a/b", "4", "shall", "t"), judged, b"");
    events.splice(2..2, [started, ended]);
    let embedded = rendered(Format::Terminal, BRIEF, &events);
    assert!(
        embedded.contains("\n      again  gbaspec run ub/a/b --seed 71c2\n"),
        "{embedded}"
    );
    let external = rendered(Format::Terminal, BRIEF, &failing_run());
    assert!(
        external.contains("again  gbaspec run ub/resync/markup -t lab.yaml --seed 71c2\n"),
        "{external}"
    );
}

#[test]
fn tells_a_group_once_when_the_cases_of_two_groups_are_mixed() {
    let mut events = Vec::from(&passing_run()[..2]);
    let pass = || verdict(Outcome::Pass, vec![]);
    let [start_a, end_a] = finished(header("ub/a/a", "1", "shall", "t"), pass(), b"");
    let [start_b, end_b] = finished(header("ub/b/b", "2", "shall", "t"), pass(), b"");
    let [start_c, end_c] = finished(header("ub/a/c", "1", "shall", "t"), pass(), b"");
    events.extend([start_a, start_b, start_c, end_b, end_a, end_c]);
    let text = rendered(Format::Terminal, BRIEF, &events);
    assert_eq!(
        text.matches("+ bsf     TS 24.109 1           2 ran\n")
            .count(),
        1,
        "{text}"
    );
    assert_eq!(
        text.matches("+ bsf     TS 24.109 2           1 ran\n")
            .count(),
        1,
        "{text}"
    );
}

#[test]
fn marks_a_partial_result() {
    let mut events = Vec::from(&passing_run()[..4]);
    let stopped = Some("interrupted".to_owned());
    let run = RunSummary {
        planned: 3,
        ran: 1,
        passed: 1,
        stopped,
        exit_code: 130,
        ..RunSummary::default()
    };
    events.push(Event::RunFinished(run));
    let text = rendered(Format::Terminal, BRIEF, &events);
    let tail = "1 ran: 1 passed in 0 ms\n\
                verdict NO VERDICT (stopped: interrupted)  PARTIAL RESULT\n\
                exit 130\n";
    assert!(text.ends_with(tail), "{text}");
}
