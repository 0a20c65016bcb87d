//! Lists that are kept in more than one place.

use std::path::Path;

use crate::files;

/// A fuzz target has a file, an entry in the manifest, a dictionary and seeds.
pub(super) fn fuzz_targets_are_complete(root: &Path) -> Vec<String> {
    let fuzz = root.join("fuzz");
    let targets = files::stems(&fuzz.join("fuzz_targets"));
    let manifest = files::read(&fuzz.join("Cargo.toml")).unwrap_or_default();
    let mut problems = Vec::new();
    for target in &targets {
        if !manifest.contains(&format!("path = \"fuzz_targets/{target}.rs\"")) {
            problems.push(format!("{target} is not in fuzz/Cargo.toml"));
        }
        if files::below(&fuzz.join("corpus").join(target), "").is_empty() {
            problems.push(format!("{target} has no seeds: `cargo xtask corpus`"));
        }
    }
    if manifest.matches("[[bin]]").count() != targets.len() {
        problems.push("fuzz/Cargo.toml names a target without a file".to_owned());
    }
    for (what, names) in [
        ("dictionary", files::stems(&fuzz.join("dictionaries"))),
        ("corpus", files::stems(&fuzz.join("corpus"))),
    ] {
        for name in names.iter().filter(|name| !targets.contains(name)) {
            problems.push(format!("there is a {what} for {name}, which is no target"));
        }
        for target in targets.iter().filter(|target| !names.contains(target)) {
            problems.push(format!("{target} has no {what}"));
        }
    }
    problems
}

/// A path in a link of a document is there.
pub(super) fn links_lead_somewhere(root: &Path) -> Vec<String> {
    let folders = ["vectors", "reports", "fuzz", "harness", "suites"];
    let mut documents = ["README", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG"]
        .map(|name| root.join(format!("{name}.md")))
        .to_vec();
    documents.extend(
        folders
            .iter()
            .flat_map(|folder| files::below(&root.join(folder), ".md")),
    );
    let mut problems = Vec::new();
    for document in documents {
        let shown = files::shown(root, &document);
        match files::read(&document) {
            Ok(text) => {
                let folder = document.parent().unwrap_or(root);
                for link in links(&text).filter(|link| !folder.join(link).exists()) {
                    problems.push(format!("{shown} links to {link}"));
                }
            }
            Err(why) => problems.push(why),
        }
    }
    problems
}

/// The paths that a Markdown text links to.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|link| !link.is_empty() && !link.contains("://"))
}
