use gbaspec_case::load::{Source, load};
use rstest::rstest;
use xtask::{files, new_case, root};

#[rstest]
#[case::bsf("ub/scaffold", "UB-4.5-07")]
#[case::client("ue/scaffold", "UB-4.2-03")]
#[case::naf("ua/scaffold", "UA-5.2.4-01")]
#[case::portal("pki/scaffold", "PKI-6.2-01")]
fn the_scaffold_is_a_case_that_loads(#[case] topic: &str, #[case] requirement: &str) {
    let mut sources = files::vectors(&root()).expect("vectors");
    let library = load(&sources).library;
    let requirement = library
        .requirement(requirement)
        .expect("a rule of the register");
    let text = format!(
        "{}\n{}",
        new_case::header(topic, requirement),
        new_case::entry(topic, "a-case", requirement)
    );
    let name = format!("{topic}.yaml");
    sources.push(Source {
        name: name.clone(),
        text,
    });
    let problems = load(&sources).problems;
    assert!(
        problems.iter().all(|problem| problem.place.file != name),
        "{problems:#?}"
    );
}

#[rstest]
#[case::no_slug("ub/resync", "UB-4.5-07", "is no identity")]
#[case::no_rule("ub/resync/a", "UB-9.9-99", "is not in vectors/requirements")]
#[case::taken(
    "ub/resync/fresh-challenge-after-auts",
    "UB-4.5-07",
    "is there already"
)]
fn refuses(#[case] id: &str, #[case] requirement: &str, #[case] why: &str) {
    let refusal = new_case::append(&root(), id, requirement).expect_err("a refusal");
    assert!(refusal.contains(why), "{refusal}");
}

#[rstest]
#[case::cases_alone("topic: a/b\ncases:\n", Ok("topic: a/b\ncases:\n"))]
#[case::properties_alone(
    "topic: a/b\nproperties:\n  - id: x\n",
    Ok("topic: a/b\nproperties:\n  - id: x\n\ncases:")
)]
#[case::cases_last("a\nproperties:\n\ncases:\n", Ok("a\nproperties:\n\ncases:\n"))]
#[case::properties_last(
    "a\ncases:\n\nproperties:\n",
    Err("put `cases:` behind `properties:`, as new cases stand at the end of the file")
)]
fn opens_the_list_of_cases_at_the_end(
    #[case] text: &str,
    #[case] expected: Result<&str, &'static str>,
) {
    let mut opened = text.to_owned();
    let result = new_case::open_list(&mut opened);
    assert_eq!(result.map(|()| opened.as_str()), expected);
}
