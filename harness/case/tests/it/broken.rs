//! Each broken vector gets a problem with its place and advice, at once.
//!
//! A vector marks the line that its author should be sent to with `# <-- here`; the rendered
//! problems are snapshots, so that a poor message is seen in review.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use gbaspec_case::load::{Loaded, Problem, Source, load};
use rstest::rstest;

/// The comment that marks the line at fault.
const MARK: &str = "# <-- here";

/// No author waits longer; the loader takes a few milliseconds.
const AT_ONCE: Duration = Duration::from_secs(5);

#[rstest]
fn names_place_and_advice(#[files("tests/broken/*.yaml")] path: PathBuf) {
    let name = path
        .file_stem()
        .expect("a file has a name")
        .to_string_lossy()
        .into_owned();
    let text = fs::read_to_string(&path).expect("the vector is readable");
    let problems = problems_of(&name, &text);
    assert_points_to_the_mark(&problems, &text);
    insta::assert_snapshot!(name, rendered(&problems));
}

/// What a vector says must not be dropped in silence: a check that is never made passes always.
#[rstest]
fn refuses_what_would_have_no_effect(#[files("tests/dropped/*.yaml")] path: PathBuf) {
    let text = fs::read_to_string(&path).expect("the vector is readable");
    assert_points_to_the_mark(&problems_of("dropped", &text), &text);
}

#[rstest]
#[case::sequences("[", 40_960)]
#[case::maps("{a: ", 10_240)]
#[case::block_sequences("- ", 20_480)]
fn refuses_deep_nesting(#[case] opening: &str, #[case] times: usize) {
    let text = format!("topic: {}", opening.repeat(times));
    drop(problems_of("nested", &text));
}

#[test]
fn refuses_a_file_of_more_than_a_mebibyte() {
    let problems = problems_of("large", &"# padding\n".repeat(120_000));
    assert_eq!(problems[0].what, "the file is larger than 1 MiB");
}

#[test]
fn reports_all_problems_of_a_file_at_once() {
    let text = "topic: ub/broken\n\
        specification: { document: \"TS 24.109\", clause: \"4.5\" }\n\
        target: bsf\n\
        cases:\n  \
        - id: first\n    title: One\n    requirements: [UB-9]\n    steps:\n      \
        - send: { message: ub/nothing }\n      \
        - expect: { statsu: 401 }\n";
    let problems = problems_of("many", text);
    let places: Vec<u64> = problems.iter().map(|problem| problem.place.line).collect();
    assert!(
        [7, 9, 10].iter().all(|line| places.contains(line)),
        "{}",
        rendered(&problems)
    );
}

/// The fixture has no problem of its own, so whatever is found is the broken file's.
#[test]
fn the_fixture_is_sound() {
    assert_eq!(load(&fixture()).problems, []);
}

/// Where the parser itself gives up, the line is the parser's, and the vector has no mark.
fn assert_points_to_the_mark(problems: &[Problem], text: &str) {
    let Some(index) = text.lines().position(|line| line.contains(MARK)) else {
        return;
    };
    let expected = index as u64 + 1;
    assert!(
        problems
            .iter()
            .any(|problem| problem.place.line == expected),
        "no problem at the marked line {expected}: {}",
        rendered(problems)
    );
}

fn problems_of(name: &str, text: &str) -> Vec<Problem> {
    let mut sources = fixture();
    let file = format!("broken/{name}.yaml");
    sources.push(Source {
        name: file.clone(),
        text: text.to_owned(),
    });
    let began = Instant::now();
    let Loaded { problems, .. } = load(&sources);
    assert!(began.elapsed() < AT_ONCE, "{:?}", began.elapsed());
    assert!(!problems.is_empty(), "{name} has no problem");
    for problem in &problems {
        assert_eq!(problem.place.file, file, "{problem}");
        assert!(
            problem.place.line > 0 && problem.place.column > 0,
            "{problem}"
        );
        assert!(
            !problem.what.is_empty() && !problem.advice.is_empty(),
            "{problem}"
        );
        assert!(problem.to_string().len() < 2000, "{problem}");
    }
    problems
}

fn rendered(problems: &[Problem]) -> String {
    let mut text = String::new();
    for problem in problems {
        writeln!(text, "{problem}").expect("a string takes text");
    }
    text
}

pub(crate) fn fixture() -> Vec<Source> {
    let files = [
        (
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml"),
        ),
        (
            "messages/fixture.yaml",
            include_str!("../fixture/messages.yaml"),
        ),
        ("tables/4.5-6.yaml", include_str!("../fixture/table.yaml")),
    ];
    files
        .into_iter()
        .map(|(name, text)| Source {
            name: name.to_owned(),
            text: text.to_owned(),
        })
        .collect()
}
