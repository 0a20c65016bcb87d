use rstest::rstest;
use xtask::{root, tidy::CHECKS};

/// Each check by its number, so that a failure names the invariant.
#[rstest]
fn holds(#[values(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)] number: usize) {
    let (name, check) = CHECKS[number];
    let problems = check(&root());
    assert!(problems.is_empty(), "{name}:\n{}", problems.join("\n"));
}

#[test]
fn every_check_is_tried() {
    assert_eq!(CHECKS.len(), 12);
}
