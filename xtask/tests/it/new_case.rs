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
