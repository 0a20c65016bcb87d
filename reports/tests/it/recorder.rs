//! The folder of a run: what was written is what is read, and what was altered is refused.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use gbaspec_case::element::Element;
use gbaspec_case::event::{Event, RunSummary};
use gbaspec_case::handshake::{HandshakeEnd, Hello, PskAttempt};
use gbaspec_case::property::{Drawn, Sequence, Trial};
use gbaspec_case::transcript::{ClientOutcome, Entry, EntryKind, Evidence, TlsMkExtr, Transcript};
use gbaspec_case::verdict::{Finding, Observation, Outcome, Part, Place, Verdict};
use gbaspec_reports::{ReadError, Recorder, Reporter, read_run, recover_run};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::prop_assert_eq;
use proptest::sample::select;
use rstest::rstest;

use crate::common::{failing_run, finished, header, passing_run, play};

const FOUND: &str = "found/ub__sqn__vectors-rise.yaml";
const TRANSCRIPT: &str = "transcripts/ub__resync__fresh-challenge.json";

#[test]
fn reads_what_was_written() {
    let dir = recorded(&failing_run());
    let stored = read_run(dir.path()).expect("a run");
    assert_eq!(stored.info.seed, 0x71c2);
    assert_eq!(stored.info.targets[0].address, "http://192.0.2.7:8080/");
    assert!(!stored.partial);
    assert_eq!(stored.summary.failed, 3);
    let ids: Vec<&str> = stored
        .cases()
        .map(|result| result.case.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "ub/bootstrap/first",
            "ub/resync/fresh-challenge",
            "ub/resync/markup",
            "ub/resync/silent",
            "ub/resync/broken",
            "ub/sqn/vectors-rise"
        ]
    );
    // Every event has a plain form that loses nothing.
    assert_eq!(
        format!("{:?}", stored.events),
        format!("{:?}", failing_run())
    );
}

#[test]
fn the_shortest_sequence_of_a_property_is_a_case_file() {
    let dir = recorded(&failing_run());
    let text = fs::read_to_string(dir.path().join(FOUND)).expect("the case file");
    assert_eq!(text, "# A sequence.\ntopic: ub/sqn\n# 7\n");
}

#[test]
fn refuses_to_write_over_a_run() {
    let dir = recorded(&passing_run());
    let error = Recorder::new(dir.path()).expect_err("a second recorder");
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
}

#[rstest]
#[case::result("result.json")]
#[case::events("events.ndjson")]
#[case::transcript(TRANSCRIPT)]
#[case::sequence(FOUND)]
fn names_a_file_that_is_missing(#[case] file: &str) {
    let dir = recorded(&failing_run());
    fs::remove_file(dir.path().join(file)).expect("the file is removed");
    let error = read_run(dir.path()).expect_err("no run");
    assert!(
        matches!(&error, ReadError::Missing { file: named } if named == file),
        "{error}"
    );
}

#[rstest]
#[case::a_verdict_in_the_events("events.ndjson", "\"outcome\":\"fail\"", "\"outcome\":\"pass\"")]
#[case::a_byte_of_evidence(TRANSCRIPT, "GET", "PUT")]
#[case::a_step_of_a_sequence(FOUND, "ub/sqn", "ub/sqm")]
#[case::a_verdict_in_the_result("result.json", "\"outcome\": \"fail\"", "\"outcome\": \"pass\"")]
#[case::the_conclusion("result.json", "\"not-conformant\"", "\"conformant\"")]
#[case::a_count("result.json", "\"failed\": 3", "\"failed\": 0")]
#[case::a_digest("result.json", "ba7816bf", "ca7816bf")]
fn names_a_file_that_was_altered(#[case] file: &str, #[case] from: &str, #[case] to: &str) {
    let dir = recorded(&failing_run());
    replace(dir.path(), file, from, to);
    let error = read_run(dir.path()).expect_err("no run");
    assert!(
        matches!(&error, ReadError::Altered { file: named, .. } if named == file),
        "{error}"
    );
}

#[test]
fn finds_every_flipped_bit_of_the_evidence() {
    let dir = recorded(&failing_run());
    let path = dir.path().join(TRANSCRIPT);
    let whole = fs::read(&path).expect("the transcript");
    for index in 0..whole.len() {
        let mut flipped = whole.clone();
        flipped[index] ^= 1;
        fs::write(&path, &flipped).expect("the transcript is written");
        let error = read_run(dir.path()).expect_err("no run");
        assert!(
            matches!(&error, ReadError::Altered { file, .. } if file == TRANSCRIPT),
            "{error}"
        );
    }
}

#[rstest]
#[case::not_json("result.json", "{", "{{", 1, "key must be a string")]
#[case::an_unknown_outcome(
    "result.json",
    "\"inconclusive\",",
    "\"great\",",
    0,
    "`great` is not the name of an outcome"
)]
#[case::a_later_version("result.json", "run/1", "run/2", 1, "the schema is `gbaspec.run/2`")]
fn names_the_line_of_a_malformed_result(
    #[case] file: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] line: usize,
    #[case] reason: &str,
) {
    let dir = recorded(&failing_run());
    replace(dir.path(), file, from, to);
    let error = read_run(dir.path()).expect_err("no run");
    let ReadError::Malformed {
        file: named,
        line: at,
        reason: why,
    } = &error
    else {
        panic!("{error}");
    };
    assert_eq!(named, file);
    assert!(why.contains(reason), "{error}");
    assert!(if line == 0 { *at > 1 } else { *at == line }, "{error}");
}

#[rstest]
#[case::no_event("", 1, "there is no event")]
#[case::no_start(
    "{\"event\":\"circuit-opened\",\"role\":\"bsf\",\"after\":1}\n",
    1,
    "not `run-started`"
)]
#[case::no_event_of_ours("{\"event\":\"lunch\"}\n", 1, "unknown variant")]
#[case::invalid_utf8("\"\u{fffd}\"\n", 1, "invalid type")]
fn names_the_line_of_malformed_events(
    #[case] events: &str,
    #[case] line: usize,
    #[case] reason: &str,
) {
    let dir = tempfile::tempdir().expect("a folder");
    fs::write(dir.path().join("events.ndjson"), events).expect("the events are written");
    let error = recover_run(dir.path()).expect_err("no run");
    let ReadError::Malformed {
        line: at,
        reason: why,
        ..
    } = &error
    else {
        panic!("{error}")
    };
    assert_eq!(*at, line);
    assert!(why.contains(reason), "{error}");
}

#[test]
fn reads_no_file_outside_its_folder() {
    let dir = recorded(&failing_run());
    replace(
        dir.path(),
        "events.ndjson",
        TRANSCRIPT,
        "transcripts/../result.json",
    );
    let error = recover_run(dir.path()).expect_err("no run");
    assert!(
        error
            .to_string()
            .contains("the transcript is no file of this folder"),
        "{error}"
    );
}

#[test]
fn ignores_fields_that_a_later_version_added() {
    let dir = recorded(&passing_run());
    replace(
        dir.path(),
        "result.json",
        "\"partial\": false,",
        "\"partial\": false, \"mood\": 1,",
    );
    assert_eq!(read_run(dir.path()).expect("a run").summary.passed, 3);
}

#[test]
fn keeps_everything_that_was_measured_before_a_crash() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut recorder = Recorder::new(dir.path()).expect("a recorder");
    // The run breaks off after the end of its second case; nothing is dropped or finished.
    for event in &failing_run()[..7] {
        recorder
            .on_event(event)
            .expect("the recorder takes the event");
    }
    assert!(matches!(
        read_run(dir.path()),
        Err(ReadError::Missing { .. })
    ));
    let stored = recover_run(dir.path()).expect("a run");
    assert_eq!(stored.cases().count(), 2);
    assert!(stored.partial);
    assert_eq!(stored.summary.stopped.as_deref(), Some("the run broke off"));
    assert_eq!(
        (
            stored.summary.planned,
            stored.summary.ran,
            stored.summary.failed
        ),
        (7, 2, 1)
    );
}

#[test]
fn leaves_out_a_last_line_that_was_cut_off() {
    let dir = recorded(&failing_run());
    let path = dir.path().join("events.ndjson");
    let whole = fs::read(&path).expect("the events");
    fs::write(&path, &whole[..whole.len() - 20]).expect("the events are written");
    let stored = recover_run(dir.path()).expect("a run");
    assert_eq!(stored.cases().count(), 6);
    assert_eq!(stored.summary.stopped.as_deref(), Some("the run broke off"));
}

#[test]
fn an_interrupted_run_is_marked_partial() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut recorder = Recorder::new(dir.path()).expect("a recorder");
    for event in &passing_run()[..4] {
        recorder
            .on_event(event)
            .expect("the recorder takes the event");
    }
    let stopped = Some("interrupted".to_owned());
    let run = RunSummary {
        planned: 3,
        ran: 1,
        passed: 1,
        stopped,
        ..RunSummary::default()
    };
    recorder.finish(&run).expect("the recorder ends");
    let stored = read_run(dir.path()).expect("a run");
    assert!(stored.partial);
    assert_eq!(stored.summary, run);
    let result = fs::read_to_string(dir.path().join("result.json")).expect("the result");
    assert!(result.contains("\"partial\": true"), "{result}");
    assert!(
        result.contains("\"reason\": \"stopped: interrupted\""),
        "{result}"
    );
}

#[test]
fn a_case_that_runs_twice_has_two_transcripts() {
    let mut events = Vec::from(&passing_run()[..2]);
    for id in ["ub/a", "ub/a", "UB/A"] {
        let judged = crate::common::verdict(Outcome::Pass, vec![]);
        events.extend(finished(header(id, "4", "may", "t"), judged, b"x"));
    }
    let dir = recorded(&events);
    for file in ["ub__a.json", "ub__a~2.json", "UB__A~3.json"] {
        assert!(dir.path().join("transcripts").join(file).exists(), "{file}");
    }
    assert_eq!(read_run(dir.path()).expect("a run").cases().count(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn evidence_and_verdict_survive_the_folder(
        id in any::<String>(),
        verdict in verdicts(),
        evidence in evidences(),
    ) {
        let mut events = Vec::from(&passing_run()[..2]);
        let mut last = finished(header(&id, "4.5", "shall", "t"), verdict.clone(), b"");
        if let Event::CaseFinished(result) = &mut last[1] {
            result.evidence = evidence.clone();
        }
        events.extend(last);
        let dir = recorded(&events);
        let stored = read_run(dir.path()).expect("a run");
        let result = stored.cases().next().expect("a case");
        prop_assert_eq!(&result.case.id, &id);
        prop_assert_eq!(&result.verdict, &verdict);
        prop_assert_eq!(&result.evidence, &evidence);
    }

    #[test]
    fn no_events_make_the_reader_panic(bytes in vec(any::<u8>(), 0..200)) {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("events.ndjson"), &bytes).expect("the events are written");
        fs::write(dir.path().join("result.json"), &bytes).expect("the result is written");
        prop_assert_eq!(recover_run(dir.path()).is_err(), true);
        prop_assert_eq!(read_run(dir.path()).is_err(), true);
    }
}

fn recorded(events: &[Event]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a folder");
    play(&mut Recorder::new(dir.path()).expect("a recorder"), events);
    dir
}

/// Replaces the first occurrence in a file; it must be there.
fn replace(dir: &Path, file: &str, from: &str, to: &str) {
    let text = fs::read_to_string(dir.join(file)).expect("the file");
    assert!(text.contains(from), "{from} is not in {file}");
    fs::write(dir.join(file), text.replacen(from, to, 1)).expect("the file is written");
}

fn verdicts() -> impl Strategy<Value = Verdict> {
    let outcome = select(vec![
        Outcome::Pass,
        Outcome::Inconclusive,
        Outcome::Fail,
        Outcome::Error,
    ]);
    let observation =
        any::<(String, String)>().prop_map(|(check, seen)| Observation { check, seen });
    let findings = || vec(findings(), 0..3);
    (
        outcome,
        findings(),
        findings(),
        vec(observation, 0..3),
        any::<usize>(),
    )
        .prop_map(
            |(outcome, findings, warnings, observations, assertions)| Verdict {
                outcome,
                findings,
                warnings,
                observations,
                assertions,
            },
        )
}

fn findings() -> impl Strategy<Value = Finding> {
    let place =
        any::<(String, u64, u64)>().prop_map(|(file, line, column)| Place { file, line, column });
    let part = select(vec![Part::TwinBefore, Part::Case, Part::TwinAfter]);
    (any::<(String, String, String, String)>(), place, part).prop_map(
        |((requirement, check, expected, actual), place, part)| Finding {
            requirement,
            check,
            expected,
            actual,
            place,
            part,
        },
    )
}

fn evidences() -> impl Strategy<Value = Evidence> {
    (
        option::of(transcripts()),
        transcripts(),
        option::of(transcripts()),
        option::of(sequences()),
        vec((sequences(), transcripts()), 0..3),
    )
        .prop_map(|(before, case, after, sequence, earlier)| Evidence {
            before,
            case,
            after,
            sequence,
            earlier: earlier
                .into_iter()
                .map(|(sequence, transcript)| Trial {
                    sequence,
                    transcript,
                })
                .collect(),
        })
}

fn sequences() -> impl Strategy<Value = Sequence> {
    let values = btree_map(any::<String>(), any::<String>(), 0..3);
    let drawn = (any::<String>(), values).prop_map(|(name, values)| Drawn { name, values });
    vec(drawn, 0..4).prop_map(|moves| Sequence { moves })
}

fn transcripts() -> impl Strategy<Value = Transcript> {
    let entry = (any::<(Option<usize>, u64, u32)>(), kinds()).prop_map(
        |((step, at_micros, connection), kind)| Entry {
            step,
            at_micros,
            connection,
            kind,
        },
    );
    (any::<(i64, usize)>(), vec(entry, 0..6)).prop_map(
        |((started_unix_millis, subscriber), entries)| Transcript {
            started_unix_millis,
            subscriber,
            entries,
        },
    )
}

/// An exporter value that begins with these octets.
fn exporter(octets: [u8; 32]) -> TlsMkExtr {
    let mut all = [0; TlsMkExtr::LEN];
    all[..32].copy_from_slice(&octets);
    TlsMkExtr::new(all)
}

fn kinds() -> impl Strategy<Value = EntryKind> {
    let element = || select(Element::ALL.to_vec());
    // Text with line ends is as likely as any octets, so both forms of bytes are met.
    let bytes = || {
        prop_oneof![
            vec(any::<u8>(), 0..64),
            "([ -~]|\r\n|\r|\n){0,40}".prop_map(String::into_bytes),
        ]
    };
    prop_oneof![
        (element(), element(), bytes()).prop_map(|(from, to, bytes)| EntryKind::Sent {
            from,
            to,
            bytes
        }),
        (element(), element(), bytes()).prop_map(|(from, to, bytes)| EntryKind::Received {
            from,
            to,
            bytes
        }),
        (element(), bytes(), any::<String>()).prop_map(|(to, bytes, why)| EntryKind::Unreadable {
            to,
            bytes,
            why
        }),
        (
            any::<[u8; 32]>(),
            option::of(any::<String>()),
            any::<String>(),
            any::<u16>(),
            option::of(bytes()),
            option::of(bytes())
        )
            .prop_map(
                |(octets, server_name, suite, suite_number, psk_identity, psk_hint)| {
                    EntryKind::Secured {
                        exporter: exporter(octets),
                        server_name,
                        version: "TLSv1.3".to_owned(),
                        suite,
                        suite_number,
                        psk_identity,
                        psk_hint,
                    }
                }
            ),
        (element(), any::<String>()).prop_map(|(to, why)| EntryKind::Unsecured { to, why }),
        (
            element(),
            element(),
            option::of(any::<String>()),
            vec(any::<u16>(), 0..4),
            option::of(bytes())
        )
            .prop_map(|(from, to, server_name, suites, identity)| {
                let hello = Hello {
                    server_name,
                    suites,
                    identity,
                };
                EntryKind::Hello { from, to, hello }
            }),
        (
            element(),
            any::<String>(),
            any::<u8>(),
            option::of(bytes()),
            option::of(any::<u16>())
        )
            .prop_map(|(to, why, end, identity, suite_number)| {
                let end = match end {
                    0 => HandshakeEnd::Closed,
                    1 => HandshakeEnd::Silent,
                    2 => HandshakeEnd::Broken,
                    alert => HandshakeEnd::Refused(alert),
                };
                let attempt = PskAttempt {
                    end,
                    identity,
                    hint: None,
                    suite_number,
                };
                EntryKind::Unshared { to, why, attempt }
            }),
        Just(EntryKind::Closed),
        any::<String>().prop_map(|why| EntryKind::Unreachable { why }),
        any::<u64>().prop_map(|after_millis| EntryKind::TimedOut { after_millis }),
        any::<bool>().prop_map(|answered| EntryKind::Control { answered }),
        any::<String>().prop_map(|errand| EntryKind::Triggered { errand }),
        select(ClientOutcome::ALL.to_vec()).prop_map(|outcome| EntryKind::Finished { outcome }),
        any::<String>().prop_map(|why| EntryKind::Stopped { why }),
    ]
}
