//! What no source file may hold. The words are put together here, so that this file holds none.

use std::path::Path;

use crate::files;

const MOST_LINES: usize = 800;

/// Nobody but the loader's reader names the YAML library.
pub(super) fn only_the_loader_names_yaml(root: &Path) -> Vec<String> {
    let reader = "harness/case/src/load/yaml.rs";
    // The other place is the rule itself.
    let rule = "xtask/src/tidy/graph.rs";
    let mut problems = holding(
        root,
        &[concat!("serde", "_yaml"), concat!("serde", "_saphyr")],
    );
    problems.retain(|problem| !problem.starts_with(reader) && !problem.starts_with(rule));
    problems
}

/// Of the codecs only the one for bodies in JSON names the JSON library.
pub(super) fn only_one_codec_names_json(root: &Path) -> Vec<String> {
    let mut problems = holding(root, &[concat!("serde", "_json")]);
    problems.retain(|problem| {
        problem.starts_with("harness/wire/") && !problem.starts_with("harness/wire/src/sbi")
    });
    problems
}

/// `expect` with a reason instead: it tells when it is no longer needed.
pub(super) fn no_lint_is_switched_off(root: &Path) -> Vec<String> {
    holding(root, &[concat!("#[al", "low("), concat!("#![al", "low(")])
}

/// The one function of another language that is called stands in one file.
pub(super) fn one_place_calls_another_language(root: &Path) -> Vec<String> {
    let place = "harness/drive/src/tls/hint.rs";
    let mut problems = holding(
        root,
        &[
            concat!("uns", "afe {"),
            concat!("uns", "afe fn"),
            concat!("uns", "afe impl"),
            concat!("uns", "afe extern"),
            concat!("uns", "afe_code"),
        ],
    );
    problems.retain(|problem| !problem.starts_with(place));
    problems
}

/// What is not written is not in the tree.
pub(super) fn nothing_is_left_unwritten(root: &Path) -> Vec<String> {
    holding(
        root,
        &[
            concat!("to", "do!("),
            concat!("unimpl", "emented!("),
            concat!("// TO", "DO"),
        ],
    )
}

/// A file fits the head of a reader.
pub(super) fn no_file_is_too_long(root: &Path) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, text) in sources(root) {
        let lines = text.lines().count();
        if lines > MOST_LINES {
            problems.push(format!("{name} has {lines} lines"));
        }
    }
    problems
}

/// Each line of a source file that holds one of the words.
fn holding(root: &Path, words: &[&str]) -> Vec<String> {
    let mut problems = Vec::new();
    for (name, text) in sources(root) {
        for (index, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(*word)) {
                problems.push(format!("{name}:{}: `{word}`", index + 1));
            }
        }
    }
    problems
}

fn sources(root: &Path) -> Vec<(String, String)> {
    let folders = ["harness", "reports", "suites", "fuzz/fuzz_targets", "xtask"];
    let paths = folders
        .iter()
        .flat_map(|folder| files::below(&root.join(folder), ".rs"));
    paths
        .filter_map(|path| Some((files::shown(root, &path), files::read(&path).ok()?)))
        .collect()
}
