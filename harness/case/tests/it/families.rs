//! An entry with rows stands for as many cases, each as if it had been written out.

use gbaspec_case::case::{SqnMs, StepKind};
use gbaspec_case::load::{Library, Source, load};

use crate::broken::fixture;

const WRITTEN_ONCE: &str = r#"topic: ub/families
specification: { document: "TS 24.109", clause: "4.5" }
target: bsf
cases:
  - id: before
    title: An entry of its own
    requirements: [UB-4.2-20]
    steps:
      - send: { message: ub/initial-get }
      - expect: { status: 401 }

  # Far and near.
  - id: answers-an-auts-that-is-<<distance>>
    title: An AUTS <<steps>> steps ahead is answered
    requirements: [<<rule>>]
    for-each:
      - { distance: near, steps: 7, rule: UB-4.2-20 }
      - distance: far
        steps: 1048576
        rule: UB-4.5-07
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401, as: first-<<distance>> }
      - send: { message: ub/answer, auts: { sqn-ms-ahead: <<steps>> } }
      - expect: { status: 401, challenge.rand: { differs-from: first-<<distance>> } }

  - id: behind
    title: One more entry of its own
    requirements: [UB-4.2-20]
    twin: answers-an-auts-that-is-far
    steps:
      - send: { message: ub/initial-get }
      - expect: { status: 401 }
"#;

fn library() -> Library {
    let mut sources = fixture();
    sources.push(Source {
        name: "ub/families.yaml".to_owned(),
        text: WRITTEN_ONCE.to_owned(),
    });
    let loaded = load(&sources);
    assert_eq!(loaded.problems, []);
    loaded.library
}

#[test]
fn each_row_is_a_case_in_the_order_of_the_file() {
    let library = library();
    let cases: Vec<_> = library
        .cases
        .iter()
        .map(|case| (case.id.as_str(), case.title.as_str(), case.place.line))
        .collect();
    assert_eq!(
        cases,
        [
            ("ub/families/before", "An entry of its own", 5),
            (
                "ub/families/answers-an-auts-that-is-near",
                "An AUTS 7 steps ahead is answered",
                13
            ),
            (
                "ub/families/answers-an-auts-that-is-far",
                "An AUTS 1048576 steps ahead is answered",
                13
            ),
            ("ub/families/behind", "One more entry of its own", 27),
        ]
    );
}

#[test]
fn a_row_fills_every_place_of_the_entry() {
    let library = library();
    for (id, rule, steps) in [("near", "UB-4.2-20", 7), ("far", "UB-4.5-07", 1_048_576)] {
        let case = library
            .case(&format!("ub/families/answers-an-auts-that-is-{id}"))
            .expect("the case of this row");
        assert_eq!(case.requirements, [rule]);
        assert_eq!(case.step_named(&format!("first-{id}")), Some(1));
        let StepKind::Send(send) = &case.steps[2].kind else {
            panic!("the third step sends");
        };
        assert_eq!(send.auts.sqn_ms, SqnMs::Ahead(steps));
        assert_eq!(case.steps[2].place.line, 24);
    }
}
