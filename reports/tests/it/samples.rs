//! The golden reports in `samples/`: what users see, checked in. `UPDATE_SAMPLES=1` rewrites them.

use std::fs;
use std::path::PathBuf;

use gbaspec_case::coverage::{Coverage, CoverageRow};
use gbaspec_case::element::Element;
use gbaspec_case::event::CaseHeader;
use gbaspec_case::proof::{CaseRow, FaultRow, KillMatrix, PeerRow, StockRow};
use gbaspec_case::requirement::{Level, Observability, ReferencePoint, Requirement};
use gbaspec_case::verdict::{Outcome, Place};
use gbaspec_reports::{
    Colour, Detail, Format, Progress, Recorder, Style, coverage_json, coverage_text, list_json,
    list_text, prove_json, prove_text, read_run,
};
use rstest::rstest;

use crate::common::{self, failing_run, header, passing_run, play, rendered};

const BRIEF: Style = Style {
    colour: Colour::Off,
    progress: Progress::Plain,
    detail: Detail::Brief,
};
const VERBOSE: Style = Style {
    detail: Detail::Verbose,
    ..BRIEF
};
const LIVE: Style = Style {
    colour: Colour::On,
    progress: Progress::Live,
    ..BRIEF
};

#[rstest]
#[case::passing_terminal("passing.txt", rendered(Format::Terminal, BRIEF, &passing_run()))]
#[case::failing_terminal("failing.txt", rendered(Format::Terminal, BRIEF, &failing_run()))]
#[case::verbose_terminal("failing-verbose.txt", rendered(Format::Terminal, VERBOSE, &failing_run()))]
#[case::json("failing.json", rendered(Format::Json, BRIEF, &failing_run()))]
#[case::junit("failing.xml", rendered(Format::Junit, BRIEF, &failing_run()))]
#[case::tap("failing.tap", rendered(Format::Tap, BRIEF, &failing_run()))]
#[case::passing_junit("passing.xml", rendered(Format::Junit, BRIEF, &passing_run()))]
#[case::list_json("list.json", list_json(&cases()))]
#[case::list_text("list.txt", list_text(&cases(), BRIEF))]
#[case::prove_json("prove.json", prove_json(&matrix()))]
#[case::prove_text("prove.txt", prove_text(&matrix(), BRIEF))]
#[case::coverage_json("coverage.json", coverage_json(&rows()))]
#[case::coverage_text("coverage.txt", coverage_text(&rows(), VERBOSE))]
fn is_the_golden_report(#[case] name: &str, #[case] text: String) {
    compare(name, &text);
}

#[test]
fn a_recorded_run_is_the_golden_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    play(
        &mut Recorder::new(dir.path()).expect("a recorder"),
        &failing_run(),
    );
    for (name, file) in [
        ("run/events.ndjson", "events.ndjson"),
        ("run/result.json", "result.json"),
        (
            "run/transcripts/ub__resync__fresh-challenge.json",
            "transcripts/ub__resync__fresh-challenge.json",
        ),
    ] {
        compare(
            name,
            &fs::read_to_string(dir.path().join(file)).expect("the file"),
        );
    }
}

#[rstest]
#[case::terminal(Format::Terminal)]
#[case::json(Format::Json)]
#[case::junit(Format::Junit)]
#[case::tap(Format::Tap)]
fn a_stored_run_gives_the_same_report_as_the_run_itself(#[case] format: Format) {
    let dir = tempfile::tempdir().expect("a folder");
    play(
        &mut Recorder::new(dir.path()).expect("a recorder"),
        &failing_run(),
    );
    let stored = read_run(dir.path()).expect("a run");
    let out = common::Shared::default();
    let mut reporter = gbaspec_reports::reporter(format, Box::new(out.clone()), BRIEF);
    stored.replay(reporter.as_mut()).expect("a report");
    assert_eq!(out.text(), rendered(format, BRIEF, &failing_run()));
}

#[test]
fn a_live_report_redraws_and_ends_with_the_same_text() {
    let live = rendered(
        Format::Terminal,
        Style {
            colour: Colour::Off,
            ..LIVE
        },
        &failing_run(),
    );
    assert!(
        live.contains("\r\x1b[2K? bsf     TS 24.109 4.5")
            || live.contains("\r\x1b[2Kx bsf     TS 24.109 4.5")
    );
    // What is left on the screen once every redrawn line is gone.
    let seen: String = live
        .split_inclusive('\n')
        .map(|line| line.rsplit("\r\x1b[2K").next().unwrap_or(line))
        .collect();
    assert_eq!(seen, rendered(Format::Terminal, BRIEF, &failing_run()));
}

#[test]
fn colours_add_nothing_but_colours() {
    let coloured = rendered(
        Format::Terminal,
        Style {
            colour: Colour::On,
            ..BRIEF
        },
        &failing_run(),
    );
    let mut plain = String::new();
    let mut pieces = coloured.split("\x1b[");
    plain.push_str(pieces.next().unwrap_or(""));
    for piece in pieces {
        let (digits, rest) = piece.split_once('m').expect("a colour ends with m");
        assert!(
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b';'),
            "{digits}"
        );
        plain.push_str(rest);
    }
    assert_eq!(plain, rendered(Format::Terminal, BRIEF, &failing_run()));
}

fn compare(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name);
    if std::env::var_os("UPDATE_SAMPLES").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, text).expect("the sample is written");
    }
    let golden = fs::read_to_string(&path).expect("the sample is there");
    assert_eq!(
        text, golden,
        "{name} has changed; UPDATE_SAMPLES=1 rewrites it"
    );
}

fn cases() -> Vec<CaseHeader> {
    vec![
        header("ub/bootstrap/first", "4.2", "shall", "The BSF answers"),
        header(
            "ub/resync/fresh-challenge",
            "4.5",
            "shall",
            "The BSF challenges again",
        ),
        header("ub/resync/markup", "4.5", "should", "The body is plain"),
    ]
}

fn matrix() -> KillMatrix {
    let fault = |id: &str, killed_by: &[&str], failed_otherwise: &[&str]| FaultRow {
        id: id.to_owned(),
        role: Element::Bsf,
        requirement: "UB-4.5-07".to_owned(),
        what: "It challenges with the same RAND again".to_owned(),
        caught_by: vec![
            "ub/resync/fresh-challenge".to_owned(),
            "ub/resync/markup".to_owned(),
        ],
        killed_by: killed_by.iter().map(|&id| id.to_owned()).collect(),
        failed_otherwise: failed_otherwise.iter().map(|&id| id.to_owned()).collect(),
    };
    let both = ["ub/resync/fresh-challenge", "ub/resync/markup"];
    let row = |id: &str, kills: &[&str]| CaseRow {
        id: id.to_owned(),
        correct: Some(Outcome::Pass),
        kills: kills.iter().map(|&id| id.to_owned()).collect(),
    };
    KillMatrix {
        correct: vec![PeerRow {
            role: Element::Bsf,
            cases: 3,
            passed: 3,
        }],
        faults: vec![
            fault("bsf/same-rand", &both, &[]),
            fault("bsf/no-nonce", &both[..1], &both[1..]),
        ],
        stock: vec![StockRow {
            name: "close-all".to_owned(),
            role: Element::Bsf,
            cases: 3,
            passed: vec![],
        }],
        cases: vec![
            row("ub/bootstrap/first", &[]),
            row(
                "ub/resync/fresh-challenge",
                &["bsf/same-rand", "bsf/no-nonce"],
            ),
            CaseRow {
                correct: None,
                ..row("ub/resync/markup", &["bsf/same-rand"])
            },
        ],
        problems: vec!["ub/bootstrap/first: no fault names it".to_owned()],
        plays: 12,
        duration_micros: 420_000,
    }
}

fn rows() -> Vec<CoverageRow> {
    let row = |id: &str, document: &str, level, coverage: Coverage| CoverageRow {
        requirement: Requirement {
            id: id.to_owned(),
            document: document.to_owned(),
            source: format!("{document} 4.5"),
            clause: "4.5".to_owned(),
            actor: vec!["BSF".to_owned()],
            level,
            confidence: "S/K".to_owned(),
            text: "The BSF sends a new challenge".to_owned(),
            fault: "It repeats the old one".to_owned(),
            observability: match &coverage {
                Coverage::Excluded(reason) => Observability::Excluded(reason.clone()),
                Coverage::Elsewhere(point) => Observability::Elsewhere(*point),
                Coverage::Tested(_) | Coverage::Untested => Observability::Observable,
            },
            place: Place {
                file: "vectors/requirements/24.109.yaml".into(),
                line: 7,
                column: 3,
            },
        },
        coverage,
    };
    let tested = Coverage::Tested(vec!["ub/resync/fresh-challenge".to_owned()]);
    let elsewhere = Coverage::Elsewhere(ReferencePoint::Zn);
    let excluded = Coverage::Excluded("internal to the HSS".to_owned());
    vec![
        row("UB-4.5-07", "TS 24.109", Level::Shall, tested),
        row("UB-4.5-09", "TS 24.109", Level::Should, Coverage::Untested),
        row("UB-4.2-61", "TS 24.109", Level::Shall, elsewhere),
        row("SQN-AUC-03", "TS 33.102", Level::Shall, excluded),
    ]
}
