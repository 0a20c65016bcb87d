//! The bodies of the libFuzzer targets for the loader and the judge; the targets themselves are one
//! line each.

use std::sync::LazyLock;

use super::{Loaded, Source, load, load_profile};
use crate::case::Case;
use crate::element::Element;
use crate::fact::all_facts;
use crate::judge::{judge, judge_play};
use crate::profile::TargetProfile;
use crate::transcript::{Entry, EntryKind, Evidence, Transcript};

/// Reads the input as each kind of file that people write, and judges what it makes of it.
///
/// # Panics
///
/// If a problem has no place in the file, or if a case that was loaded cannot be judged.
pub fn fuzz_vector_loader(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    for name in [
        "fuzz/input.yaml",
        "requirements/input.yaml",
        "tables/input.yaml",
    ] {
        load_as(name, text);
    }
    load_as("tables/errata.yaml", text);
    load_as("messages/input.yaml", text);
    let source = source("profile.yaml", text);
    if let Err(problems) = load_profile(&source, &|_| None) {
        assert!(
            !problems.is_empty(),
            "a profile is refused without a reason"
        );
        for problem in &problems {
            assert!(
                problem.place.line > 0 && problem.place.column > 0,
                "{problem}"
            );
        }
    }
}

/// Takes the input as what a target answered: the first octet chooses the target, the second what
/// became of the connection, the rest are the octets of the message.
///
/// # Panics
///
/// If the judge panics, or if it gives another verdict the second time.
pub fn fuzz_judge(data: &[u8]) {
    let [target, ending, bytes @ ..] = data else {
        return;
    };
    let stage = &STAGE[usize::from(*target) % STAGE.len()];
    for case in &stage.cases {
        let evidence = Evidence {
            case: transcript(case.target, *ending, bytes),
            ..Evidence::default()
        };
        let verdict = judge(case, None, &stage.profile.scene, &evidence);
        let again = judge(case, None, &stage.profile.scene, &evidence);
        assert_eq!(verdict, again, "a verdict changes");
    }
}

/// Loads the input beside the few rules and messages of the fuzzing stage.
fn load_as(name: &str, text: &str) {
    let Loaded { library, problems } = load(&[
        source("requirements/stage.yaml", REGISTER),
        source("messages/stage.yaml", MESSAGES),
        source(name, text),
    ]);
    for problem in &problems {
        assert!(
            problem.place.line > 0 && problem.place.column > 0,
            "{problem}"
        );
        assert!(
            !problem.what.is_empty() && !problem.advice.is_empty(),
            "{problem}"
        );
    }
    for case in &library.cases {
        judge_play(
            case,
            &STAGE[0].profile.scene,
            &transcript(case.target, 0, b""),
        );
    }
}

/// A target with cases that ask for everything.
struct Stage {
    profile: TargetProfile,
    cases: Vec<Case>,
}

static STAGE: LazyLock<Vec<Stage>> =
    LazyLock::new(|| Element::TARGETS.into_iter().filter_map(stage).collect());

/// A case of each kind of step, with every fact there is.
fn stage(element: Element) -> Option<Stage> {
    let names: Vec<&str> = all_facts().map(|fact| fact.name).collect();
    let facts = names.join(": present, ");
    let first = if element.is_server() {
        "send: { message: stage/get, as: sent }"
    } else {
        "trigger: bootstrap"
    };
    let text = format!(
        "topic: fuzz/stage\n\
         specification: {{ document: \"TS 24.109\", clause: \"4.5\" }}\n\
         target: {element}\n\
         cases:\n\
         \x20 - id: asks-for-everything\n\
         \x20   title: Every fact is read\n\
         \x20   requirements: [STAGE-01]\n\
         \x20   steps:\n\
         \x20     - {first}\n\
         \x20     - expect: {{ as: got, {facts}: present, header.Date: present }}\n\
         \x20     - should: {{ challenge.sqn: {{ above: got, within-delta-of: got }} }}\n\
         \x20     - check: {{ when: {{ info: present }}, body: {{ same-as: got }} }}\n"
    );
    let loaded = load(&[
        source("requirements/stage.yaml", REGISTER),
        source("messages/stage.yaml", MESSAGES),
        source("fuzz/stage.yaml", &text),
    ]);
    let address = if element.is_server() {
        "address: \"127.0.0.1:8080\"\n"
    } else {
        ""
    };
    let profile = format!("role: {element}\n{address}{SUBSCRIBER}");
    let profile = load_profile(&source("profile.yaml", &profile), &|_| None).ok()?;
    Some(Stage {
        profile,
        cases: loaded.library.cases,
    })
}

/// What the harness sent, and the octets as the answer of the target; a client only asks.
fn transcript(target: Element, ending: u8, bytes: &[u8]) -> Transcript {
    let (from, to) = if target.is_server() {
        (Element::Ue, target)
    } else {
        (Element::Bsf, Element::Ue)
    };
    let first = if target.is_server() {
        EntryKind::Sent {
            from,
            to,
            bytes: REQUEST.into(),
        }
    } else {
        EntryKind::Triggered {
            errand: "bootstrap".to_owned(),
        }
    };
    let second = match ending % 4 {
        0 | 1 => EntryKind::Received {
            from: to,
            to: from,
            bytes: bytes.to_vec(),
        },
        2 => EntryKind::Unreadable {
            to: from,
            bytes: bytes.to_vec(),
            why: "no message".to_owned(),
        },
        _ => EntryKind::Closed,
    };
    let entry = |step, kind| Entry {
        step: Some(step),
        at_micros: 0,
        connection: 1,
        kind,
    };
    Transcript {
        started_unix_millis: 1_073_558_435_000,
        subscriber: 0,
        entries: vec![entry(0, first), entry(1, second)],
    }
}

fn source(name: &str, text: &str) -> Source {
    Source {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

const REGISTER: &str = r#"
specification: { document: "TS 24.109", title: "Ub" }
requirements:
  - { id: "STAGE-01", source: "4.5", clause: "4.5", actor: [bsf], level: shall, confidence: "S", text: "t", fault: "", observable: true }
"#;

const MESSAGES: &str = r"
messages:
  - id: stage/get
    title: A request
    wire: |
      GET / HTTP/1.1
      Host: {bsf.authority}
";

/// The published test set 1 of TS 35.207; no secret.
const SUBSCRIBER: &str = r#"
subscribers:
  - { impi: user1_private@home1.net, k: "465b5ce8b199b49faa5f0a2ee238a6bc", opc: "cd63cb71954a9f4e48a5994e37a02baf" }
sessions:
  - { subscriber: user1_private@home1.net, rand: "23553cbe9637a89d218ae64dae47bf35" }
"#;

const REQUEST: &str = "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a053\", response=\"00000000000000000000000000000000\", algorithm=AKAv1-MD5\r\n\r\n";

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn the_stage_has_a_case_for_every_target() {
        assert_eq!(STAGE.len(), Element::TARGETS.len());
        for stage in STAGE.iter() {
            assert_eq!(stage.cases.len(), 1, "{}", stage.profile.role);
        }
    }

    #[rstest]
    #[case::empty("")]
    #[case::no_map("- a\n- b\n")]
    #[case::unknown_field("topic: a/b\nwrong: 1\n")]
    #[case::case_file(
        "topic: a/b\nspecification: { document: \"TS 24.109\", clause: \"4.5\" }\ncases:\n  - id: c\n    title: t\n    requirements: [STAGE-01]\n    target: bsf\n    steps:\n      - send: { message: stage/get }\n      - expect: { status: 401, challenge.sqn: { above: \"x:status\" } }\n"
    )]
    #[case::property(
        "topic: a/b\nspecification: { document: \"TS 24.109\", clause: \"4.5\" }\ntarget: bsf\nproperties:\n  - id: p\n    title: t\n    requirements: [STAGE-01]\n    most-moves: 3\n    tries: 1\n    start:\n    - send: { message: stage/get }\n    - expect: { status: 401, as: challenge-0 }\n    moves:\n    - name: m\n      choose: { x: [1, 2] }\n      steps:\n      - check: { status: <<x>> } # <<earlier>>\n      -\n    end: 7\n  - moves\n"
    )]
    #[case::rows(
        "topic: a/b\nspecification: { document: \"TS 24.109\", clause: \"4.5\" }\ncases:\n  - id: c-<<x>>\n    for-each:\n    - x: 1\n    - { x: 2 }\n    title: <<y>>\n  -\n    for-each: <<x>>\n- for-each:\n  id: <<\n"
    )]
    #[case::profile("role: bsf\nsubscribers:\n  - { impi: a, k: 1, opc: \"00\" }\n")]
    #[case::alias_bomb("a: &a [1]\nb: [*a, *a]\n")]
    #[case::deep("topic: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    fn the_loader_holds(#[case] text: &str) {
        fuzz_vector_loader(text.as_bytes());
    }

    #[rstest]
    #[case::challenge(b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", qop=\"auth-int\", algorithm=AKAv1-MD5\r\n\r\n")]
    #[case::resynchronisation(b"GET / HTTP/1.1\r\nAuthorization: Digest username=\"a\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", auts=\"uoU/PBLcTIsCWhx6zb8=\"\r\n\r\n")]
    #[case::nonsense(b"\0\xff")]
    fn the_judge_holds(#[case] bytes: &[u8]) {
        for target in 0..5 {
            for ending in 0..4 {
                fuzz_judge(&[&[target, ending], bytes].concat());
            }
        }
    }
}
