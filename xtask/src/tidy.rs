//! The invariants of `ARCHITECTURE.md`, as checks. Each check returns what is wrong, in words.

mod graph;
mod lists;
mod source;
mod vectors;

use std::path::Path;

/// One check: the root of the repository in, problems out.
pub type Check = fn(&Path) -> Vec<String>;

/// All checks with their names.
pub const CHECKS: &[(&str, Check)] = &[
    (
        "dependencies point down only",
        graph::dependencies_point_down,
    ),
    (
        "I/O, YAML and JSON have one place each",
        graph::edges_have_one_place,
    ),
    (
        "only the loader knows YAML",
        source::only_the_loader_names_yaml,
    ),
    (
        "only one codec knows JSON",
        source::only_one_codec_names_json,
    ),
    ("no lint is switched off", source::no_lint_is_switched_off),
    (
        "unsafe code has one place",
        source::one_place_calls_another_language,
    ),
    (
        "nothing is left unwritten",
        source::nothing_is_left_unwritten,
    ),
    (
        "no source file is over 800 lines",
        source::no_file_is_too_long,
    ),
    (
        "every fault names cases and rules that exist",
        vectors::faults_name_what_exists,
    ),
    ("every vector file is loaded", vectors::every_file_is_loaded),
    (
        "every fuzz target is complete",
        lists::fuzz_targets_are_complete,
    ),
    (
        "every link of a document leads somewhere",
        lists::links_lead_somewhere,
    ),
];

/// Runs all checks.
pub fn run(root: &Path) -> Result<String, String> {
    let mut problems = Vec::new();
    for (name, check) in CHECKS {
        problems.extend(
            check(root)
                .into_iter()
                .map(|problem| format!("{name}: {problem}")),
        );
    }
    if problems.is_empty() {
        Ok(format!("{} checks, nothing wrong", CHECKS.len()))
    } else {
        Err(problems.join("\n"))
    }
}
