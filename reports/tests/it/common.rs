//! One run that shows everything, hostile bytes included, and one that is all good.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use gbaspec_case::element::Element;
use gbaspec_case::event::{
    CaseHeader, CaseResult, Event, Probe, ProbeResult, RunInfo, RunSummary, TargetInfo,
};
use gbaspec_case::property::{Drawn, Found, Sequence, Trial};
use gbaspec_case::transcript::{Entry, EntryKind, Evidence, Transcript};
use gbaspec_case::verdict::{Finding, Observation, Outcome, Part, Place, Verdict};
use gbaspec_reports::{Format, Reporter, Style, reporter};

/// Strings that break reports: controls, escape sequences, markup, direction overrides.
pub(crate) const HOSTILE: [&str; 8] = [
    "nul \0 nul",
    "\x1b[31mred\x1b]0;title\x07",
    r"escaped already \xff\xfe",
    "]]><script>alert(1)</script>&amp;\"'",
    "\u{202e}gpj.exe \u{200b}\u{feff}\u{2028}",
    "\u{9b}31m \u{7f} \u{85}",
    "line\r\nbreak\ttab",
    "\u{fffe}\u{ffff}\u{1f600}",
];

/// Where a report goes in a test.
#[derive(Clone, Default)]
pub(crate) struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic while writing").clone()).expect("UTF-8")
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("no panic while writing")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The report of these events in this format.
pub(crate) fn rendered(format: Format, style: Style, events: &[Event]) -> String {
    let out = Shared::default();
    let mut reporter = reporter(format, Box::new(out.clone()), style);
    play(reporter.as_mut(), events);
    out.text()
}

/// Gives a whole run to a reporter.
pub(crate) fn play(reporter: &mut dyn Reporter, events: &[Event]) {
    let mut summary = RunSummary::default();
    for event in events {
        reporter
            .on_event(event)
            .expect("the reporter takes the event");
        if let Event::RunFinished(run) = event {
            summary = run.clone();
        }
    }
    reporter.finish(&summary).expect("the reporter ends");
}

/// Escapes nothing: a finding as a careless judge might make it.
pub(crate) fn finding(check: &str, expected: &str, actual: &str) -> Finding {
    Finding {
        requirement: "UB-4.5-07".to_owned(),
        check: check.to_owned(),
        expected: expected.to_owned(),
        actual: actual.to_owned(),
        place: Place {
            file: "vectors/ub/resync.yaml".to_owned(),
            line: 12,
            column: 9,
        },
        part: Part::Case,
    }
}

pub(crate) fn header(id: &str, clause: &str, level: &'static str, title: &str) -> CaseHeader {
    CaseHeader {
        id: id.to_owned(),
        title: title.to_owned(),
        document: "TS 24.109".to_owned(),
        clause: clause.to_owned(),
        level,
        requirements: vec!["UB-4.5-07".to_owned()],
        tables: vec!["4.5-6".to_owned()],
        target: Element::Bsf,
        place: "vectors/ub/resync.yaml:4".to_owned(),
    }
}

pub(crate) fn verdict(outcome: Outcome, findings: Vec<Finding>) -> Verdict {
    Verdict {
        outcome,
        findings,
        warnings: vec![],
        observations: vec![],
        assertions: 3,
    }
}

/// A request and an answer.
pub(crate) fn evidence(answer: &[u8]) -> Evidence {
    let entry = |at_micros, kind| Entry {
        step: Some(0),
        at_micros,
        connection: 1,
        kind,
    };
    let request = b"GET / HTTP/1.1\r\nHost: bsf.example\r\n\r\n".to_vec();
    let (ue, bsf) = (Element::Ue, Element::Bsf);
    let case = Transcript {
        started_unix_millis: 1_795_262_400_250,
        subscriber: 0,
        entries: vec![
            entry(
                40,
                EntryKind::Sent {
                    from: ue,
                    to: bsf,
                    bytes: request,
                },
            ),
            entry(
                910,
                EntryKind::Received {
                    from: bsf,
                    to: ue,
                    bytes: answer.to_vec(),
                },
            ),
        ],
    };
    Evidence {
        before: None,
        case,
        ..Evidence::default()
    }
}

/// A sequence of two moves, the second one with values.
pub(crate) fn sequence(ahead: &str) -> Sequence {
    let drawn = |name: &str, values: &[(&str, &str)]| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Drawn {
            name: name.to_owned(),
            values: values.iter().map(owned).collect(),
        }
    };
    Sequence {
        moves: vec![
            drawn("ask", &[]),
            drawn("report", &[("ahead", ahead), ("amf", "zero")]),
        ],
    }
}

/// A property that a sequence of two moves fails, after another sequence passed.
pub(crate) fn property_failed(case: CaseHeader, ahead: &str) -> [Event; 2] {
    let of_failure = evidence(b"HTTP/1.1 401 Unauthorized\r\n\r\n");
    let passed = Trial {
        sequence: Sequence::default(),
        transcript: of_failure.case.clone(),
    };
    let found = Found {
        sequence: sequence(ahead),
        shrunk_from: 9,
        replays: 14,
        text: format!("# A sequence.\ntopic: ub/sqn\n# {ahead}\n"),
    };
    let verdict = verdict(
        Outcome::Fail,
        vec![finding("challenge.sqn", "above it", ahead)],
    );
    let result = CaseResult {
        case: case.clone(),
        verdict,
        evidence: Evidence {
            sequence: Some(sequence(ahead)),
            earlier: vec![passed],
            ..of_failure
        },
        duration_micros: 9_750,
        found: Some(Box::new(found)),
    };
    [
        Event::CaseStarted { case },
        Event::CaseFinished(Box::new(result)),
    ]
}

pub(crate) fn finished(case: CaseHeader, verdict: Verdict, answer: &[u8]) -> [Event; 2] {
    let result = CaseResult {
        case: case.clone(),
        verdict,
        evidence: evidence(answer),
        duration_micros: 1_250,
        found: None,
    };
    [
        Event::CaseStarted { case },
        Event::CaseFinished(Box::new(result)),
    ]
}

fn start(planned: usize, name: &str, address: &str) -> [Event; 2] {
    let target = TargetInfo {
        name: name.to_owned(),
        role: Element::Bsf,
        address: address.to_owned(),
        profile: (address != "in process").then(|| "lab.yaml".to_owned()),
    };
    let info = RunInfo {
        tool_version: "0.1.0".to_owned(),
        started_unix_millis: 1_795_262_400_000,
        seed: 0x71c2,
        targets: vec![target],
        vectors_digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
            .to_owned(),
        release: 17,
        planned,
        folder: (address != "in process").then(|| "run/20261121-120000-71c2".to_owned()),
    };
    let probe = Probe {
        role: Element::Bsf,
        result: ProbeResult::Sane,
        detail: "200 OK in 3.1 ms".to_owned(),
    };
    [Event::RunStarted(info), Event::Probed(probe)]
}

fn ended(events: &mut Vec<Event>, exit_code: u8) {
    let mut run = RunSummary {
        exit_code,
        duration_micros: 1_950_000,
        ..RunSummary::default()
    };
    for event in &*events {
        match event {
            Event::RunStarted(info) => run.planned = info.planned,
            Event::CaseSkipped { .. } => run.skipped += 1,
            Event::CaseFinished(result) => run.count(&result.verdict),
            _ => {}
        }
    }
    events.push(Event::RunFinished(run));
}

/// Three cases of two clauses pass against the embedded peer.
pub(crate) fn passing_run() -> Vec<Event> {
    let mut events = Vec::from(start(3, "reference", "in process"));
    for (id, clause) in [
        ("ub/bootstrap/first", "4.2"),
        ("ub/bootstrap/second", "4.2"),
        ("ub/resync/fresh-challenge", "4.5"),
    ] {
        let case = header(id, clause, "shall", "The BSF answers");
        events.extend(finished(
            case,
            verdict(Outcome::Pass, vec![]),
            b"HTTP/1.1 200 OK\r\n\r\n",
        ));
    }
    ended(&mut events, 0);
    events
}

/// One case of each outcome, a property, a warning, a skipped case, an open circuit; the target is
/// hostile.
pub(crate) fn failing_run() -> Vec<Event> {
    let mut events = Vec::from(start(7, "lab-bsf", "http://192.0.2.7:8080/"));
    let skipped = header("ub/timer/expiry", "4.2", "may", "The lifetime is kept");
    let reason = "not claimed: timers".to_owned();
    events.push(Event::CaseSkipped {
        case: skipped,
        reason,
    });

    let warned = Verdict {
        warnings: vec![finding("header.date", "a Date header", HOSTILE[4])],
        observations: vec![Observation {
            check: "status".to_owned(),
            seen: "200".to_owned(),
        }],
        ..verdict(Outcome::Pass, vec![])
    };
    let case = header("ub/bootstrap/first", "4.2", "shall", "The BSF answers");
    events.extend(finished(case, warned, b"HTTP/1.1 200 OK\r\n\r\n"));

    let mut twin = finding("status", "200", HOSTILE[0]);
    twin.part = Part::TwinAfter;
    let findings = vec![finding("challenge.sqn", "above usim", HOSTILE[1]), twin];
    let title = "The BSF challenges again, from the new range, after a valid AUTS";
    let case = header("ub/resync/fresh-challenge", "4.5", "shall", title);
    events.extend(finished(
        case,
        verdict(Outcome::Fail, findings),
        b"HTTP/1.1 200 \x1b[31m\0\xff",
    ));

    let findings = vec![finding("body", "no markup", HOSTILE[3])];
    let case = header("ub/resync/markup", "4.5", "should", "The body is plain");
    events.extend(finished(
        case,
        verdict(Outcome::Fail, findings),
        b"]]><script>",
    ));

    let findings = vec![finding("precondition", "401", HOSTILE[5])];
    let case = header("ub/resync/silent", "4.5", "shall", "The target speaks");
    events.extend(finished(
        case,
        verdict(Outcome::Inconclusive, findings),
        b"",
    ));

    let place = Place {
        file: "vectors/ub/resync.yaml".to_owned(),
        line: 40,
        column: 3,
    };
    let case = header(
        "ub/resync/broken",
        "4.5",
        "shall",
        "A case that cannot be played",
    );
    events.extend(finished(case, Verdict::error(HOSTILE[6], place), b""));

    let title = "Sequence numbers rise, whatever came before";
    let case = header("ub/sqn/vectors-rise", "4.5", "shall", title);
    events.extend(property_failed(case, "7"));

    events.push(Event::CircuitOpened {
        role: Element::Bsf,
        after: 5,
    });
    ended(&mut events, 1);
    events
}
