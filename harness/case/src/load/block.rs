//! Where the parts of a YAML file in block style stand: by lines and indentation, without reading
//! what they say. A part that is read several times over, each time with other values, is cut out
//! here and given to the reader with its line numbers.

use std::ops::Range;

use super::yaml::Source;
use crate::verdict::Place;

/// The lines of a file.
#[derive(Clone, Debug)]
pub(crate) struct Lines<'a> {
    name: &'a str,
    lines: Vec<&'a str>,
}

/// A key of a block map with all that belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Its name.
    pub(crate) name: String,
    /// Its lines, counted from 0.
    pub(crate) lines: Range<usize>,
}

/// An entry of a block list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its lines, counted from 0.
    pub(crate) lines: Range<usize>,
    /// How many blanks stand before its hyphen.
    pub(crate) dash: usize,
}

impl<'a> Lines<'a> {
    /// The lines of a source.
    pub(crate) fn new(source: &'a Source) -> Self {
        Self {
            name: &source.name,
            lines: source.text.split('\n').collect(),
        }
    }

    /// A line, counted from 0; empty beyond the end.
    pub(crate) fn line(&self, index: usize) -> &'a str {
        self.lines.get(index).copied().unwrap_or("")
    }

    /// All lines.
    pub(crate) fn all(&self) -> Range<usize> {
        0..self.lines.len()
    }

    /// A place, from a line and a column that are counted from 0.
    pub(crate) fn place(&self, line: usize, column: usize) -> Place {
        Place {
            file: self.name.to_owned(),
            line: line as u64 + 1,
            column: column as u64 + 1,
        }
    }

    /// These lines as a text of their own, in which they have the numbers that they have here.
    pub(crate) fn document(&self, lines: &Range<usize>) -> String {
        let mut text = "\n".repeat(lines.start);
        for line in lines.clone() {
            text.push_str(self.line(line));
            text.push('\n');
        }
        text
    }

    /// The place of the value of a key.
    pub(crate) fn value_place(&self, key: &Key) -> Place {
        let line = self.line(key.lines.start);
        let colon = line.find(':').map_or(0, |colon| colon + 1);
        let value = line[colon..].len() - line[colon..].trim_start().len();
        let column = line[..colon].chars().count() + value;
        self.place(key.lines.start, column)
    }

    /// The keys of the block map that fills these lines.
    pub(crate) fn keys(&self, lines: &Range<usize>) -> Vec<Key> {
        let Some(indent) = lines.clone().find_map(|line| self.map_indent(line)) else {
            return Vec::new();
        };
        let is_key = |line: &usize| self.map_indent(*line) == Some(indent);
        let starts: Vec<usize> = lines.clone().filter(is_key).collect();
        let ends = starts.iter().copied().skip(1).chain([lines.end]);
        starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| Key {
                name: self.key_name(start),
                lines: self.trimmed(start..end, indent),
            })
            .collect()
    }

    /// The entries of the block list that is the value of a key; none if it is written otherwise.
    pub(crate) fn entries(&self, key: &Key) -> Vec<Entry> {
        let inside = key.lines.start + 1..key.lines.end;
        let first = inside.clone().find(|&line| self.indent(line).is_some());
        let Some(first) = first.filter(|&line| self.starts_with_dash(line)) else {
            return Vec::new();
        };
        let dash = self.indent(first).unwrap_or(0);
        let is_start =
            |line: &usize| self.indent(*line) == Some(dash) && self.starts_with_dash(*line);
        let starts: Vec<usize> = inside.filter(is_start).collect();
        let ends = starts.iter().copied().skip(1).chain([key.lines.end]);
        starts
            .iter()
            .zip(ends)
            .map(|(&start, end)| Entry {
                lines: self.trimmed(start..end, dash),
                dash,
            })
            .collect()
    }

    /// The keys of an entry that is a block map.
    pub(crate) fn keys_of(&self, entry: &Entry) -> Vec<Key> {
        self.keys(&entry.lines)
    }

    /// How many blanks stand before what a line says; none for a blank line and for a comment.
    pub(crate) fn indent(&self, line: usize) -> Option<usize> {
        let text = self.line(line);
        let rest = text.trim_start_matches(' ');
        let says = rest.trim_end();
        (!says.is_empty() && !says.starts_with('#')).then_some(text.len() - rest.len())
    }

    /// The same for a line of a map, where a hyphen before it counts as a blank: the first line of a
    /// list's entry is a line of the entry.
    pub(crate) fn map_indent(&self, line: usize) -> Option<usize> {
        let indent = self.indent(line)?;
        let rest = &self.line(line)[indent..];
        let Some(inside) = rest.strip_prefix("- ") else {
            return (rest.trim_end() != "-").then_some(indent);
        };
        let says = inside.trim_start_matches(' ');
        (!says.starts_with('#')).then_some(indent + rest.len() - says.len())
    }

    fn starts_with_dash(&self, line: usize) -> bool {
        let text = self.line(line).trim();
        text == "-" || text.starts_with("- ")
    }

    fn key_name(&self, line: usize) -> String {
        let text = self.line(line).trim_start_matches([' ', '-']);
        let name = text.split(':').next().unwrap_or("");
        name.trim_matches(['"', '\'', ' ']).to_owned()
    }

    /// The lines without blank lines and comments at their end that belong to what follows.
    fn trimmed(&self, lines: Range<usize>, indent: usize) -> Range<usize> {
        let mut end = lines.end;
        while end > lines.start + 1 {
            let text = self.line(end - 1);
            let rest = text.trim_start_matches(' ');
            let is_remark = rest.starts_with('#') && text.len() - rest.len() <= indent;
            if !rest.trim_end().is_empty() && !is_remark {
                break;
            }
            end -= 1;
        }
        lines.start..end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# A file.
topic: a/b
cases:
  - id: first
    wire: |
      GET / HTTP/1.1

      # no comment
    steps:
    - send
    - check

  # About the second.
  - title: x
    id: second
properties: []
";

    fn source() -> Source {
        Source {
            name: "a/b.yaml".to_owned(),
            text: FILE.to_owned(),
        }
    }

    fn names_and_lines(keys: &[Key]) -> Vec<(&str, Range<usize>)> {
        let pair = |key: &'_ Key| (key.lines.start, key.lines.end);
        keys.iter()
            .map(|key| (key.name.as_str(), pair(key).0..pair(key).1))
            .collect()
    }

    #[test]
    fn finds_keys_entries_and_their_keys() {
        let source = source();
        let lines = Lines::new(&source);
        let keys = lines.keys(&lines.all());
        assert_eq!(
            names_and_lines(&keys),
            [("topic", 1..2), ("cases", 2..15), ("properties", 15..16)]
        );
        let entries = lines.entries(&keys[1]);
        let ranges: Vec<_> = entries.iter().map(|entry| entry.lines.clone()).collect();
        assert_eq!(ranges, [3..11, 13..15]);
        assert_eq!(
            names_and_lines(&lines.keys_of(&entries[0])),
            [("id", 3..4), ("wire", 4..8), ("steps", 8..11)]
        );
        assert_eq!(
            names_and_lines(&lines.keys_of(&entries[1])),
            [("title", 13..14), ("id", 14..15)]
        );
    }

    #[test]
    fn tells_where_a_value_stands() {
        let source = source();
        let lines = Lines::new(&source);
        let keys = lines.keys(&(3..11));
        assert_eq!(lines.value_place(&keys[0]).to_string(), "a/b.yaml:4:9");
    }
}
