//! Hostile strings through every format: nothing of the target's bytes reaches a reader raw.

use gbaspec_case::coverage::{Coverage, CoverageRow};
use gbaspec_case::element::Element;
use gbaspec_case::event::{Event, Probe, ProbeResult, RunInfo, RunSummary, TargetInfo};
use gbaspec_case::proof::{CaseRow, FaultRow, KillMatrix, StockRow};
use gbaspec_case::requirement::{Level, Observability, Requirement};
use gbaspec_case::verdict::{Outcome, Place};
use gbaspec_reports::{
    Colour, Detail, Format, Progress, Style, coverage_json, coverage_text, list_json, list_text,
    prove_json, prove_text,
};
use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::prop_assert_eq;
use rstest::rstest;
use serde_json::Value;

use crate::common::{
    HOSTILE, failing_run, finding, finished, header, property_failed, rendered, verdict,
};

const VERBOSE: Style = Style {
    colour: Colour::Off,
    progress: Progress::Plain,
    detail: Detail::Verbose,
};

#[rstest]
#[case::terminal(Format::Terminal)]
#[case::json(Format::Json)]
#[case::junit(Format::Junit)]
#[case::tap(Format::Tap)]
fn shows_hostile_strings_as_printable_ascii(#[case] format: Format) {
    for hostile in HOSTILE {
        assert_tame(&rendered(format, VERBOSE, &hostile_run(hostile)), hostile);
    }
}

#[test]
fn pages_show_hostile_strings_as_printable_ascii() {
    for hostile in HOSTILE {
        let cases = [header(hostile, hostile, "shall", hostile)];
        let (matrix, rows) = (hostile_matrix(hostile), [hostile_row(hostile)]);
        for text in [
            list_text(&cases, VERBOSE),
            prove_text(&matrix, VERBOSE),
            coverage_text(&rows, VERBOSE),
        ] {
            assert_tame(&text, hostile);
        }
        for json in [list_json(&cases), prove_json(&matrix), coverage_json(&rows)] {
            assert_tame(&json, hostile);
            serde_json::from_str::<Value>(&json).expect("JSON");
        }
    }
}

#[test]
fn xml_of_hostile_strings_parses_and_keeps_their_text() {
    let xml = rendered(Format::Junit, VERBOSE, &hostile_run("]]><script>\0"));
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let failure = document
        .descendants()
        .find(|node| node.has_tag_name("failure"))
        .expect("a failure");
    assert_eq!(failure.attribute("type"), Some("fail"));
    assert!(
        failure
            .text()
            .expect("text")
            .contains("actual    ]]><script>\\x00\n")
    );
    assert!(
        !document
            .descendants()
            .any(|node| node.has_tag_name("script"))
    );
}

#[test]
fn junit_tells_outcomes_apart() {
    let xml = rendered(Format::Junit, VERBOSE, &failing_run());
    let document = roxmltree::Document::parse(&xml).expect("XML");
    let seen: Vec<(&str, &str, Option<&str>)> = document
        .descendants()
        .filter(|node| ["failure", "error", "skipped"].contains(&node.tag_name().name()))
        .map(|node| {
            let test = node.parent().expect("a test");
            let name = test.attribute("name").expect("a name");
            (name, node.tag_name().name(), node.attribute("type"))
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("expiry", "skipped", None),
            ("fresh-challenge", "failure", Some("fail")),
            ("markup", "failure", Some("fail")),
            ("silent", "error", Some("inconclusive")),
            ("broken", "error", Some("harness")),
            ("vectors-rise", "failure", Some("fail")),
        ]
    );
}

#[rstest]
#[case::terminal(Format::Terminal, "verdict NO VERDICT (no case ran)")]
#[case::json(Format::Json, r#""word": "no-verdict""#)]
#[case::junit(Format::Junit, r#"<error message="no case ran" type="no-verdict"/>"#)]
#[case::tap(Format::Tap, "not ok 1 - gbaspec/run\n# no case ran")]
fn an_empty_run_is_never_green(#[case] format: Format, #[case] expected: &str) {
    let text = rendered(
        format,
        VERBOSE,
        &[Event::RunFinished(RunSummary::default())],
    );
    assert!(text.contains(expected), "{text}");
}

#[test]
fn json_keeps_hostile_strings_exactly() {
    for hostile in HOSTILE {
        let json = rendered(Format::Json, VERBOSE, &hostile_run(hostile));
        let document: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(
            document["cases"][0]["verdict"]["findings"][0]["actual"],
            hostile
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_leaves_every_report_well_formed(hostile in any::<String>()) {
        let events = hostile_run(&hostile);
        assert_tame(&rendered(Format::Terminal, VERBOSE, &events), &hostile);
        let xml = rendered(Format::Junit, VERBOSE, &events);
        assert_tame(&xml, &hostile);
        roxmltree::Document::parse(&xml).expect("XML");
        let json = rendered(Format::Json, VERBOSE, &events);
        assert_tame(&json, &hostile);
        let document: Value = serde_json::from_str(&json).expect("JSON");
        prop_assert_eq!(&document["cases"][0]["verdict"]["findings"][0]["actual"], &hostile);
    }
}

#[track_caller]
fn assert_tame(text: &str, hostile: &str) {
    let raw = text
        .chars()
        .find(|&character| !matches!(character, '\n' | ' '..='~'));
    assert_eq!(raw, None, "from {hostile:?} in:\n{text}");
}

/// A run in which every string that can come from elsewhere is hostile.
fn hostile_run(hostile: &str) -> Vec<Event> {
    let case = header(hostile, hostile, "shall", hostile);
    let target = TargetInfo {
        name: hostile.to_owned(),
        role: Element::Bsf,
        address: hostile.to_owned(),
        profile: Some(hostile.to_owned()),
    };
    let info = RunInfo {
        tool_version: hostile.to_owned(),
        started_unix_millis: i64::MAX,
        seed: u64::MAX,
        targets: vec![target],
        vectors_digest: hostile.to_owned(),
        release: 6,
        folder: Some(hostile.to_owned()),
        planned: 5,
    };
    let probe = Probe {
        role: Element::Bsf,
        result: ProbeResult::NotSane,
        detail: hostile.to_owned(),
    };
    let mut events = vec![Event::RunStarted(info), Event::Probed(probe)];
    for outcome in [
        Outcome::Fail,
        Outcome::Pass,
        Outcome::Inconclusive,
        Outcome::Error,
    ] {
        let mut found = finding(hostile, hostile, hostile);
        hostile.clone_into(&mut found.requirement);
        hostile.clone_into(&mut found.place.file);
        let mut judged = verdict(outcome, vec![found.clone()]);
        judged.warnings.push(found);
        events.extend(finished(case.clone(), judged, hostile.as_bytes()));
    }
    events.extend(property_failed(case.clone(), hostile));
    events.push(Event::CaseSkipped {
        case,
        reason: hostile.to_owned(),
    });
    events.push(Event::CircuitOpened {
        role: Element::Bsf,
        after: 3,
    });
    let stopped = Some(hostile.to_owned());
    events.push(Event::RunFinished(RunSummary {
        stopped,
        ..RunSummary::default()
    }));
    events
}

fn hostile_matrix(hostile: &str) -> KillMatrix {
    let text = || hostile.to_owned();
    let role = Element::Naf;
    let fault = FaultRow {
        id: text(),
        role,
        requirement: text(),
        what: text(),
        caught_by: vec![text()],
        killed_by: vec![],
        failed_otherwise: vec![text()],
    };
    KillMatrix {
        faults: vec![fault],
        stock: vec![StockRow {
            name: text(),
            role,
            cases: 1,
            passed: vec![text()],
        }],
        cases: vec![CaseRow {
            id: text(),
            correct: None,
            kills: vec![text()],
        }],
        problems: vec![text()],
        ..KillMatrix::default()
    }
}

fn hostile_row(hostile: &str) -> CoverageRow {
    let text = || hostile.to_owned();
    CoverageRow {
        requirement: Requirement {
            id: text(),
            document: text(),
            source: text(),
            clause: text(),
            actor: vec![text()],
            level: Level::Fact,
            confidence: text(),
            text: text(),
            fault: text(),
            observability: Observability::Excluded(text()),
            place: Place {
                file: text(),
                line: 1,
                column: 1,
            },
        },
        coverage: Coverage::Excluded(text()),
    }
}
