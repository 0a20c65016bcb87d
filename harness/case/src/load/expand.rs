//! Cases that are written once and stand for many: an entry with `for-each` is read once for each
//! of its rows, with the row's values in the place of its variables.
//!
//! It is the text of the entry that is filled in, before anything reads it, so a variable may stand
//! wherever a word may. All lines keep their numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::block::{Entry, Key, Lines};
use super::problem::{Problem, did_you_mean};
use super::raw;
use super::yaml::{self, Located, Source};
use crate::verdict::Place;

/// So many rows are more than any list that somebody reads.
const MOST_ROWS: usize = 256;

/// So much text is more than all rows of a file need together.
const MOST_OCTETS: usize = 8 << 20;

/// The values of one row by the names of their variables.
type Row = BTreeMap<String, raw::Scalar>;

/// The rows of an entry, with the lines that they stand in.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Rows {
    for_each: Located<Vec<Located<Row>>>,
}

/// Reads the entries of `cases` that have rows, one case a row, and takes them out of the text.
pub(crate) fn expand(
    source: &Source,
    problems: &mut Vec<Problem>,
) -> (String, Vec<Located<raw::Case>>) {
    if !source.text.contains("for-each:") {
        return (source.text.clone(), Vec::new());
    }
    let lines = Lines::new(source);
    let mut cases = Vec::new();
    let mut taken = Vec::new();
    let mut octets = 0;
    let keys = lines.keys(&lines.all());
    let lists = keys.iter().filter(|key| key.name == "cases");
    for entry in lists.flat_map(|key| lines.entries(key)) {
        let keys = lines.keys_of(&entry);
        let Some(for_each) = keys.iter().find(|key| key.name == "for-each") else {
            continue;
        };
        taken.push(entry.lines.clone());
        let family = Family {
            source,
            lines: &lines,
            keys: &keys,
            entry: &entry,
            for_each,
        };
        match family.cases(&mut octets) {
            Ok(more) => cases.extend(more),
            Err(more) => problems.extend(more),
        }
    }
    (without(&source.text, &taken), cases)
}

/// The text with these lines blank.
pub(crate) fn without(text: &str, taken: &[Range<usize>]) -> String {
    let lines = text.split('\n').enumerate().map(|(index, line)| {
        let is_taken = taken.iter().any(|range| range.contains(&index));
        if is_taken { "" } else { line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// An entry with rows.
struct Family<'a> {
    source: &'a Source,
    lines: &'a Lines<'a>,
    keys: &'a [Key],
    entry: &'a Entry,
    for_each: &'a Key,
}

impl Family<'_> {
    fn cases(&self, octets: &mut usize) -> Result<Vec<Located<raw::Case>>, Vec<Problem>> {
        let rows = self.rows().map_err(|problem| vec![problem])?;
        let mut problems = self.wrong_rows(&rows);
        if problems.is_empty() {
            let names = rows.value.iter().flat_map(|row| row.value.keys());
            problems = self.wrong_variables(&names.map(String::as_str).collect(), &rows);
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut cases = Vec::new();
        let mut seen = BTreeSet::new();
        for row in &rows.value {
            let text = self.filled(&row.value);
            *octets += text.len();
            if *octets > MOST_OCTETS {
                let what = "the rows of this file are too many".to_owned();
                let advice = "split the file by topic".to_owned();
                problems.push(problem(yaml::place(self.source, row), what, advice));
                break;
            }
            let name = self.source.name.clone();
            match yaml::read::<Vec<Located<raw::Case>>>(&Source { name, text }) {
                Ok(more) => cases.extend(more),
                // What is wrong with the entry is wrong in each row, and said once.
                Err(why) if seen.insert(why.to_string()) => problems.push(why),
                Err(_) => {}
            }
        }
        if problems.is_empty() {
            Ok(cases)
        } else {
            Err(problems)
        }
    }

    /// The rows, read from their own lines.
    fn rows(&self) -> Result<Located<Vec<Located<Row>>>, Problem> {
        let mut text = self.lines.document(&self.for_each.lines);
        if self.for_each.lines.start == self.entry.lines.start {
            // The hyphen belongs to the entry.
            text = text.replacen('-', " ", 1);
        }
        let name = self.source.name.clone();
        let rows: Rows = yaml::read(&Source { name, text })?;
        Ok(rows.for_each)
    }

    /// What is wrong with the rows, whatever the entry says.
    fn wrong_rows(&self, rows: &Located<Vec<Located<Row>>>) -> Vec<Problem> {
        let Some(first) = rows.value.first().filter(|row| !row.value.is_empty()) else {
            let what = "`for-each` gives no values".to_owned();
            let advice = "write one row a case, for example `- { octets: 13 }`".to_owned();
            return vec![problem(self.lines.value_place(self.for_each), what, advice)];
        };
        if rows.value.len() > MOST_ROWS {
            let what = format!("`for-each` has {} rows", rows.value.len());
            let advice = format!("{MOST_ROWS} are the most; choose those that differ");
            return vec![problem(yaml::place(self.source, first), what, advice)];
        }
        let mut problems = Vec::new();
        for name in first.value.keys().filter(|name| !is_name(name)) {
            let what = format!("`{name}` is no name of a variable");
            let advice = "write lower case words joined by hyphens".to_owned();
            problems.push(problem(yaml::place(self.source, first), what, advice));
        }
        for row in &rows.value {
            if !row.value.keys().eq(first.value.keys()) {
                let what = format!(
                    "this row gives {}, the first one {}",
                    listed(&row.value),
                    listed(&first.value)
                );
                let advice = "all rows give a value to the same variables".to_owned();
                problems.push(problem(yaml::place(self.source, row), what, advice));
            }
            let odd = row.value.values().find(|value| !fits_a_line(&value.0));
            if let Some(value) = odd {
                let what = format!("`{}` cannot stand in a line", value.0.escape_debug());
                let advice =
                    "a value is the text of one line, without `<<`; write longer parts out"
                        .to_owned();
                problems.push(problem(yaml::place(self.source, row), what, advice));
            }
        }
        problems
    }

    /// What is wrong with the variables in the entry.
    fn wrong_variables(
        &self,
        names: &BTreeSet<&str>,
        rows: &Located<Vec<Located<Row>>>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut used: BTreeSet<&str> = BTreeSet::new();
        for index in self.entry.lines.clone() {
            for (column, name) in variables(self.lines.line(index)) {
                if names.contains(name) {
                    used.insert(name);
                    continue;
                }
                let what = format!("unknown variable `<<{name}>>`");
                let advice = did_you_mean(name, names.iter().copied());
                problems.push(problem(self.lines.place(index, column), what, advice));
            }
        }
        for name in names.difference(&used) {
            let what = format!("nothing uses the variable `{name}`");
            let advice = format!("write `<<{name}>>` where its value shall stand, or remove it");
            let place = rows
                .value
                .first()
                .map(|row| yaml::place(self.source, row))
                .unwrap_or_default();
            problems.push(problem(place, what, advice));
        }
        if let Some(id) = self.keys.iter().find(|key| key.name == "id")
            && variables(self.lines.line(id.lines.start)).is_empty()
        {
            let what = "the cases of all rows would have the same identity".to_owned();
            let example = names.first().copied().unwrap_or_default();
            let advice = format!("put a variable into the id, for example `...-<<{example}>>`");
            problems.push(problem(self.lines.value_place(id), what, advice));
        }
        problems
    }

    /// The entry as a list of its own, with the values of a row, at the line where it stands.
    fn filled(&self, row: &Row) -> String {
        let Range { start, end } = self.entry.lines;
        let mut text = "\n".repeat(start);
        for index in start..end {
            text.push_str(&fill(self.lines.line(index), |name| {
                row.get(name).map(|value| value.0.clone())
            }));
            text.push('\n');
        }
        text
    }
}

/// A text with the values of its variables; a variable without a value stays.
pub(crate) fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_variable(rest) {
        filled.push_str(before);
        match value(name) {
            Some(value) => filled.push_str(&value),
            None => filled.push_str(&rest[before.len()..rest.len() - after.len()]),
        }
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The variables of a line with their columns, counted in characters from 0.
pub(crate) fn variables(line: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((before, name, after)) = next_variable(rest) {
        let start = line.len() - rest.len() + before.len();
        found.push((line[..start].chars().count(), name));
        rest = after;
    }
    found
}

/// What stands before the first `<<name>>`, the name, and what stands behind it.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find("<<")?;
        let inside = &text[open + 2..];
        let end = inside
            .find(['<', '>', ' ', '"', '\''])
            .unwrap_or(inside.len());
        let (name, after) = inside.split_at(end);
        match after.strip_prefix(">>") {
            Some(after) if !name.is_empty() => return Some((&text[..open], name, after)),
            _ => from = open + 1,
        }
    }
}

/// Whether this can be the name of a variable.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Whether a value can take the place of a variable.
pub(crate) fn fits_a_line(value: &str) -> bool {
    !value.contains("<<") && !value.contains(char::is_control)
}

fn listed(row: &Row) -> String {
    let names: Vec<String> = row.keys().map(|name| format!("`{name}`")).collect();
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}

pub(crate) fn problem(place: Place, what: String, advice: String) -> Problem {
    Problem {
        place,
        what,
        advice,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{fill, variables};

    #[rstest]
    #[case::alone("<<a>>", "[a]")]
    #[case::inside("x-<<a>>-y: \"<<b>>\"", "x-[a]-y: \"[b]\"")]
    #[case::no_variable("a << b >> c <<<d>> <<>>", "a << b >> c <[d] <<>>")]
    #[case::cut_off("<<a", "<<a")]
    fn fills_variables(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(fill(text, |name| Some(format!("[{name}]"))), expected);
        assert_eq!(fill(text, |_| None), text);
    }

    #[test]
    fn tells_columns_in_characters() {
        assert_eq!(variables("\u{fc}: <<a>> <<b>>"), [(3, "a"), (9, "b")]);
    }
}
