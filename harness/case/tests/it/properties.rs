//! A property is a case for each sequence of its moves.

use std::collections::BTreeSet;

use gbaspec_case::case::Case;
use gbaspec_case::load::{Library, Source, load};
use gbaspec_case::property::{Drawn, Property, Sequence};

use crate::broken::fixture;

const FILE: &str = r#"# A file with a property beside a case.
topic: ub/properties
specification: { document: "TS 24.109", clause: "4.5" }
target: bsf
properties:
  - id: challenges-differ
    title: Each challenge has a RAND of its own
    requirements: [UB-4.2-20, UB-4.5-07]
    clause: "4.2"
    invariants: [P-HE-1]
    most-moves: 5
    tries: 3
    start:
      - send: { message: ub/initial-get }
      - expect: { status: 401, as: challenge-0 }
    moves:
      - name: ask
        steps:
          - send: { message: ub/initial-get }
          - given: { status: 401, as: challenge-<<n>> }
          # One check for each challenge before it.
          - check: { challenge.rand: { differs-from: challenge-<<earlier>> } }
      - name: report
        choose:
          ahead: [1, 7, 32]
          password: [empty, res]
        steps:
          - send:
              message: ub/answer
              answers: challenge-<<before>>
              password: <<password>>
              auts: { sqn-ms-ahead: <<ahead>> }
              as: resync-<<n>>
          - given: { status: 401, as: challenge-<<n>> }
    end:
      - check: { on: challenge-<<n>>, status: 401 }

cases:
  - id: behind
    title: A case
    requirements: [UB-4.2-20]
    steps:
      - send: { message: ub/initial-get }
      - expect: { status: 401 }
"#;

fn library() -> Library {
    let mut sources = fixture();
    sources.push(Source {
        name: "ub/properties.yaml".to_owned(),
        text: FILE.to_owned(),
    });
    let loaded = load(&sources);
    assert_eq!(loaded.problems, []);
    loaded.library
}

fn property(library: &Library) -> (&Case, &Property) {
    let case = library.case("ub/properties/challenges-differ");
    let case = case.expect("the case of the property");
    (case, case.property.as_ref().expect("its property"))
}

fn sequence(moves: &[(&str, &[(&str, &str)])]) -> Sequence {
    let values = |values: &[(&str, &str)]| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        values.iter().map(owned).collect()
    };
    let drawn = |(name, list): &(&str, &[(&str, &str)])| Drawn {
        name: (*name).to_owned(),
        values: values(list),
    };
    Sequence {
        moves: moves.iter().map(drawn).collect(),
    }
}

#[test]
fn a_property_is_listed_as_a_case() {
    let library = library();
    let ids: Vec<_> = library.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(
        ids,
        ["ub/properties/challenges-differ", "ub/properties/behind"]
    );
    let (case, property) = property(&library);
    assert_eq!(case.place.to_string(), "ub/properties.yaml:6:9");
    assert_eq!(case.requirements, ["UB-4.2-20", "UB-4.5-07"]);
    assert_eq!(case.clause, "4.2");
    assert_eq!(property.invariants, ["P-HE-1"]);
    assert_eq!((property.most_moves, property.tries), (5, 3));
}

#[test]
fn a_sequence_is_written_as_a_case_file() {
    let library = library();
    let (_, property) = property(&library);
    let report: &[(&str, &str)] = &[("ahead", "7"), ("password", "empty")];
    let sequence = sequence(&[("ask", &[]), ("report", report), ("ask", &[])]);
    let text = property.case_file(&sequence).expect("the moves are known");
    assert_eq!(
        text,
        r#"# A sequence of the property ub/properties/challenges-differ: ask, report (ahead 7, password empty), ask.
# Replay it with `gbaspec run FILE -t PROFILE`.
topic: ub/properties
specification: { document: "TS 24.109", clause: "4.5" }
target: bsf
cases:
  - id: challenges-differ-found
    title: Each challenge has a RAND of its own
    requirements: [UB-4.2-20, UB-4.5-07]
    clause: "4.2"
    steps:
      # start
      - send: { message: ub/initial-get }
      - expect: { status: 401, as: challenge-0 }
      # 1: ask
      - send: { message: ub/initial-get }
      - given: { status: 401, as: challenge-1 }
      - check: { challenge.rand: { differs-from: challenge-0 } }
      # 2: report (ahead 7, password empty)
      - send:
          message: ub/answer
          answers: challenge-1
          password: empty
          auts: { sqn-ms-ahead: 7 }
          as: resync-2
      - given: { status: 401, as: challenge-2 }
      # 3: ask
      - send: { message: ub/initial-get }
      - given: { status: 401, as: challenge-3 }
      - check: { challenge.rand: { differs-from: challenge-0 } }
      - check: { challenge.rand: { differs-from: challenge-1 } }
      - check: { challenge.rand: { differs-from: challenge-2 } }
      # end
      - check: { on: challenge-3, status: 401 }
"#
    );
}

#[test]
fn the_written_file_is_the_case_that_was_played() {
    let library = library();
    let (case, property) = property(&library);
    for number in 0..50 {
        let sequence = property.draw(7 + number as u64, number);
        let played = library.case_of(property, &sequence).expect("a sound case");
        assert_eq!(played.header().requirements, case.requirements);
        let mut sources = fixture();
        sources.push(Source {
            name: played.place.file.clone(),
            text: property.case_file(&sequence).expect("known moves"),
        });
        let written = load(&sources);
        assert_eq!(written.problems, []);
        let [written] = written.library.cases.as_slice() else {
            panic!("one case");
        };
        assert_eq!(written.id.as_str(), "ub/properties/challenges-differ-found");
        assert_eq!(
            format!("{:?}", written.steps),
            format!("{:?}", played.steps)
        );
    }
}

#[test]
fn the_same_seed_draws_the_same_sequences() {
    let library = library();
    let (_, property) = property(&library);
    let draw = |seed| {
        let sequences = (0..20).map(|number| property.draw(seed + number as u64, number));
        sequences.collect::<Vec<_>>()
    };
    assert_eq!(draw(100), draw(100));
    assert_ne!(draw(100), draw(200));
}

#[test]
fn draws_every_move_and_every_value_within_the_bounds() {
    let library = library();
    let (_, property) = property(&library);
    let mut seen = BTreeSet::new();
    for number in 0..200 {
        let sequence = property.draw(3 * number as u64, number);
        assert!((1..=5).contains(&sequence.moves.len()), "{sequence}");
        if number == 0 {
            let names: BTreeSet<&str> = sequence.moves.iter().map(|d| d.name.as_str()).collect();
            assert_eq!((sequence.moves.len(), names.len()), (5, 2), "{sequence}");
        }
        seen.extend(sequence.moves.iter().map(ToString::to_string));
    }
    // One move without a choice, and one with three values and two.
    assert_eq!(seen.len(), 7, "{seen:?}");
}

#[test]
fn what_is_simpler_is_shorter_or_stands_further_to_the_front() {
    let library = library();
    let (_, property) = property(&library);
    let report: &[(&str, &str)] = &[("ahead", "32"), ("password", "res")];
    let whole = sequence(&[("ask", &[]), ("report", report)]);
    let simpler: Vec<String> = property.simpler(&whole).map(|s| s.to_string()).collect();
    assert_eq!(
        simpler,
        [
            "no move",
            "ask",
            "report (ahead 32, password res)",
            "ask, report (ahead 1, password res)",
            "ask, report (ahead 7, password res)",
            "ask, report (ahead 32, password empty)",
            "ask, ask",
        ]
    );
    assert_eq!(property.simpler(&Sequence::default()).count(), 0);
}

#[test]
fn a_move_that_the_property_does_not_have_makes_no_case() {
    let library = library();
    let (_, property) = property(&library);
    let unknown = sequence(&[("vanish", &[])]);
    let why = library.case_of(property, &unknown).expect_err("no case");
    assert_eq!(why, "the property has no move `vanish`");
}

/// What would take a minute to read is refused at once.
#[test]
fn refuses_a_property_that_grows_beyond_a_case_file() {
    let step = format!(
        "          - send: {{ wire: \"{}\" }} # <<earlier>>\n",
        "x".repeat(2_000)
    );
    let moves = (0..64).map(|number| {
        format!(
            "      - name: m{number}\n        steps:\n          - send: {{ message: ub/initial-get }}\n          - given: {{ status: 401, as: challenge-<<n>> }}\n{step}"
        )
    });
    let start = FILE.find("    moves:\n").expect("moves");
    let text = format!(
        "{}    moves:\n{}",
        &FILE[..start],
        moves.collect::<String>()
    );
    let mut sources = fixture();
    sources.push(Source {
        name: "ub/properties.yaml".to_owned(),
        text,
    });
    let problems = load(&sources).problems;
    let whats: Vec<&str> = problems
        .iter()
        .map(|problem| problem.what.as_str())
        .collect();
    assert_eq!(whats, ["the sequence is longer than a case file may be"]);
    assert_eq!(problems[0].place.line, 6);
}
