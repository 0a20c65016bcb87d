//! What ties the vectors to the code.

use std::collections::BTreeSet;
use std::path::Path;

use gbaspec_case::load::Library;
use gbaspec_roles::faults;

use crate::files;

/// A fault names a rule of the register, and cases that are there and meet its role.
pub(super) fn faults_name_what_exists(root: &Path) -> Vec<String> {
    let library = match files::library(root) {
        Ok(loaded) => loaded.library,
        Err(why) => return vec![why],
    };
    let mut problems = Vec::new();
    for fault in faults::all() {
        if library.requirement(fault.requirement).is_none() {
            problems.push(format!(
                "{} breaks `{}`, which is no rule",
                fault.id, fault.requirement
            ));
        }
        for id in fault.caught_by {
            match library.cases.iter().find(|case| case.id.as_str() == *id) {
                None => problems.push(format!(
                    "{} is caught by `{id}`, which is no case",
                    fault.id
                )),
                Some(case) if case.target.as_str() != fault.role.as_str() => {
                    problems.push(format!(
                        "{} is caught by `{id}`, which tries a {}",
                        fault.id, case.target
                    ));
                }
                Some(_) => {}
            }
        }
    }
    problems
}

/// A file that nobody reads would be a test that never runs.
pub(super) fn every_file_is_loaded(root: &Path) -> Vec<String> {
    let (Ok(sources), Ok(loaded)) = (files::vectors(root), files::library(root)) else {
        return vec!["the vectors have problems: `gbaspec lint vectors`".to_owned()];
    };
    let embedded = gbaspec_suites::vectors();
    let embedded: BTreeSet<&str> = embedded.iter().map(|source| source.name.as_str()).collect();
    let mut problems = Vec::new();
    for source in &sources {
        if !embedded.contains(source.name.as_str()) {
            problems.push(format!("{} is not in the binary", source.name));
        }
        if !gives_something(&loaded.library, &source.name, &source.text) {
            problems.push(format!("{} gives nothing", source.name));
        }
    }
    problems
}

/// Whether something of the file is in the library. Published values (`data/`) are read by people
/// and copied into tests as literals, so that a test does not depend on a reader of its own.
fn gives_something(library: &Library, name: &str, text: &str) -> bool {
    let ids = || {
        text.lines()
            .filter_map(|line| line.strip_prefix("  - id: "))
    };
    match name.split('/').next() {
        Some("data") => true,
        Some("requirements") => library
            .requirements
            .iter()
            .any(|rule| rule.place.file == name),
        Some("messages") => ids().any(|id| library.messages.contains_key(id)),
        Some("tables") if name.ends_with("errata.yaml") => !library.errata.is_empty(),
        Some("tables") => {
            let number = name.trim_start_matches("tables/").trim_end_matches(".yaml");
            library.tables.contains_key(number)
        }
        _ => library.cases.iter().any(|case| case.place.file == name),
    }
}
