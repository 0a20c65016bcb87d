//! Who may depend on whom, read from the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::files;

/// What each package of the project may name under `[dependencies]`; of the others nothing.
const MAY_USE: &[(&str, &[&str])] = &[
    ("gbaspec-wire", &[]),
    ("gbaspec-crypto", &[]),
    ("gbaspec-case", &["gbaspec-wire", "gbaspec-crypto"]),
    ("gbaspec-roles", &["gbaspec-wire", "gbaspec-crypto"]),
    (
        "gbaspec-drive",
        &[
            "gbaspec-wire",
            "gbaspec-crypto",
            "gbaspec-case",
            "gbaspec-roles",
        ],
    ),
    ("gbaspec-reports", &["gbaspec-case"]),
    ("gbaspec-suites", &["gbaspec-case"]),
    (
        "gbaspec-fuzz",
        &["gbaspec-wire", "gbaspec-crypto", "gbaspec-case"],
    ),
    (
        "xtask",
        &[
            "gbaspec-wire",
            "gbaspec-case",
            "gbaspec-roles",
            "gbaspec-suites",
        ],
    ),
    (
        "gbaspec",
        &[
            "gbaspec-wire",
            "gbaspec-crypto",
            "gbaspec-case",
            "gbaspec-roles",
            "gbaspec-drive",
            "gbaspec-reports",
            "gbaspec-suites",
        ],
    ),
];

/// Packages of others that only these of ours may use.
const KEPT_FOR: &[(&[&str], &[&str])] = &[
    (
        &["tokio", "reqwest", "h2", "openssl", "tokio-openssl"],
        &["gbaspec-drive", "gbaspec"],
    ),
    (&["serde_yaml"], &["gbaspec-case"]),
    (&["x509-cert", "der", "p256"], &["gbaspec-crypto"]),
    (
        &["serde_json"],
        &["gbaspec-wire", "gbaspec-reports", "xtask"],
    ),
    (&["clap", "anyhow"], &["gbaspec"]),
    (&["libfuzzer-sys"], &["gbaspec-fuzz"]),
];

/// `case` cannot see `roles`, `wire` and `crypto` are siblings, and so on.
pub(super) fn dependencies_point_down(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    let manifests = manifests(root);
    for (name, used) in &manifests {
        let Some((_, allowed)) = MAY_USE.iter().find(|(known, _)| known == name) else {
            problems.push(format!("{name} has no line in xtask/src/tidy/graph.rs"));
            continue;
        };
        let ours = used.iter().filter(|used| used.starts_with("gbaspec"));
        for other in ours.filter(|other| !allowed.contains(&other.as_str())) {
            problems.push(format!("{name} depends on {other}"));
        }
    }
    for (name, _) in MAY_USE
        .iter()
        .filter(|(name, _)| !manifests.contains_key(*name))
    {
        problems.push(format!("there is no package {name}"));
    }
    problems
}

/// Only `drive` and `cli` reach the network, only `case` reads YAML, only `crypto` ASN.1, only
/// `reports` writes JSON; the JSON of messages is beside the other codecs.
pub(super) fn edges_have_one_place(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, used) in manifests(root) {
        for (kept, owners) in KEPT_FOR {
            if owners.contains(&name.as_str()) {
                continue;
            }
            for other in kept.iter().filter(|other| used.contains(**other)) {
                problems.push(format!("{name} depends on {other}"));
            }
        }
    }
    problems
}

/// The names under `[dependencies]` of every package, by package.
fn manifests(root: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let folders = ["harness", "reports", "suites", "fuzz", "xtask"];
    let paths = folders
        .iter()
        .flat_map(|folder| files::below(&root.join(folder), "Cargo.toml"));
    paths
        .filter_map(|path| manifest(&files::read(&path).ok()?))
        .collect()
}

/// Name and dependencies of one manifest. Ours are simple enough to be read by the line.
fn manifest(text: &str) -> Option<(String, BTreeSet<String>)> {
    let mut section = "";
    let mut name = None;
    let mut used = BTreeSet::new();
    for line in text.lines() {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
        } else if let Some((key, value)) = line.split_once('=') {
            let key = key.trim().split('.').next().unwrap_or("");
            match section {
                "package" if key == "name" => {
                    name = Some(value.trim().trim_matches('"').to_owned());
                }
                "dependencies" => drop(used.insert(key.to_owned())),
                _ => {}
            }
        }
    }
    Some((name?, used))
}

#[cfg(test)]
mod tests {
    use super::manifest;

    #[test]
    fn reads_both_ways_to_name_a_dependency_and_no_other_section() {
        let text = "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nc = { version = \"1\" }\n[dev-dependencies]\nd = \"1\"\n";
        let (name, used) = manifest(text).expect("a package");
        assert_eq!(name, "a");
        assert_eq!(used.into_iter().collect::<Vec<_>>(), ["b", "c"]);
    }
}
