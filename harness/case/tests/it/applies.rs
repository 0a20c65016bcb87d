//! What a case is not about: a choice that the specification leaves to the target.

use gbaspec_case::judge::known_not_applicable;
use gbaspec_case::load::{Library, Source, load};
use gbaspec_case::transcript::Evidence;
use rstest::rstest;

use crate::world::{From, Play, scene};

/// A valid case that is about targets which answer 401, and a negative one beside it.
const CASES: &str = "\
topic: ub/choice
specification: { document: \"TS 24.109\", clause: \"4.5\" }
target: bsf
cases:
  - id: valid
    title: t
    requirements: [UB-4.5-01]
    steps:
      - send: { wire: \"GET / HTTP/1.1\" }
      - expect: { status: 4xx }
      - applies: { status: 401 }
  - id: negative
    title: t
    requirements: [UB-4.5-01]
    twin: valid
    steps:
      - send: { wire: \"GET / HTTP/1.1\" }
      - expect: { status: 4xx }
";

fn library() -> Library {
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let requirements = include_str!("../fixture/requirements.yaml");
    let loaded = load(&[
        source("requirements/fixture.yaml", requirements),
        source("ub/choice.yaml", CASES),
    ]);
    assert_eq!(loaded.problems, []);
    loaded.library
}

/// A play in which the target answered with this status.
fn answered(status: u16) -> Play {
    let mut play = Play::default();
    play.add(From::Target, &format!("HTTP/1.1 {status} No\n\n"));
    play.transcript.entries[0].step = Some(1);
    play
}

#[rstest]
#[case::as_the_twin_is_about(401, None)]
#[case::otherwise(403, Some("does not apply: status is 403, the case is about 401"))]
fn a_case_applies_where_its_twin_does(#[case] status: u16, #[case] expected: Option<&str>) {
    let library = library();
    let case = library.case("ub/choice/negative").expect("it is there");
    let evidence = Evidence {
        before: Some(answered(status).transcript),
        ..Evidence::default()
    };
    let reason = known_not_applicable(&library, case, &scene(""), &evidence);
    assert_eq!(reason.as_deref(), expected);
}
