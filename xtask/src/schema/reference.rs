//! The tables of facts and placeholders in `vectors/README.md`.

use std::path::Path;

use gbaspec_case::compose::all_placeholders;
use gbaspec_case::fact::{MADE_WITH, all_facts};

use super::REFERENCE;
use crate::files;

/// The page with its tables made anew.
pub fn reference(root: &Path) -> Result<String, String> {
    let page = files::read(&root.join(REFERENCE))?;
    let facts = all_facts().map(|fact| (fact.name.to_owned(), fact.doc));
    let placeholders = all_placeholders().map(|(name, doc)| (format!("{{{name}}}"), *doc));
    let page = replaced(&page, "facts", &table("fact", facts))?;
    let made_with = MADE_WITH
        .iter()
        .map(|(word, doc)| ((*word).to_owned(), *doc));
    let page = replaced(&page, "made-with", &table("made with", made_with))?;
    replaced(&page, "placeholders", &table("placeholder", placeholders))
}

/// The page with another text between the mark of this name and the next end mark.
fn replaced(page: &str, name: &str, table: &str) -> Result<String, String> {
    let mark = format!("<!-- {name}: written by `cargo xtask schema` -->\n");
    let missing = || format!("{REFERENCE} has no place for the {name}");
    let (before, rest) = page.split_once(&mark).ok_or_else(missing)?;
    let (_, after) = rest.split_once("<!-- end -->").ok_or_else(missing)?;
    Ok(format!("{before}{mark}{table}<!-- end -->{after}"))
}

fn table<'a>(title: &str, rows: impl Iterator<Item = (String, &'a str)>) -> String {
    let rows = rows.map(|(name, doc)| format!("| `{name}` | {doc} |\n"));
    let rows: Vec<String> = rows.collect();
    format!("| {title} | meaning |\n|---|---|\n{}", rows.concat())
}
