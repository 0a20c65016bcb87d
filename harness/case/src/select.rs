//! Which cases a run takes: patterns that name them by identity, clause or property.
//!
//! ```text
//! ub  ub/resync  ub/resync/*  ub/resync/fresh-challenge-after-auts
//! 24.109  24.109/4.5  table:4.5-6  role:bsf  bsf  level:shall  req:UB-4.5-07
//! ```

use crate::case::Case;
use crate::load::nearest;

/// A pattern of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
}

/// A pattern that selects nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchesNothing {
    /// The pattern.
    pub pattern: String,
    /// A near one that would match.
    pub near: Option<String>,
}

impl Pattern {
    /// A pattern from its text.
    pub fn new(text: &str) -> Self {
        Self {
            text: text.to_owned(),
        }
    }

    /// Whether it selects the case.
    pub fn matches(&self, case: &Case) -> bool {
        if let Some((kind, value)) = self.text.split_once(':') {
            return match kind {
                "role" => case.target.as_str() == value,
                "level" => case.level.as_str() == value,
                "req" => case.requirements.iter().any(|id| glob(value, id)),
                "table" => case.tables.iter().any(|table| glob(value, table)),
                _ => false,
            };
        }
        self.names_clause_of(case)
            || case.target.as_str() == self.text
            || is_prefix_or_glob(&self.text, case.id.as_str())
            || case.aliases.iter().any(|alias| alias == &self.text)
    }

    /// `24.109` or `24.109/4.5`: a document, and a clause with its subclauses.
    fn names_clause_of(&self, case: &Case) -> bool {
        let (document, clause) = self.text.split_once('/').unwrap_or((&self.text, ""));
        let number = case.document.rsplit(' ').next().unwrap_or("");
        let is_document = document == number || document == case.document;
        let is_clause = clause.is_empty()
            || case.clause == clause
            || case
                .clause
                .strip_prefix(clause)
                .is_some_and(|rest| rest.starts_with('.'));
        is_document && is_clause
    }
}

/// The cases that any of the patterns selects, in their own order; all if there is no pattern.
pub fn select<'a>(
    cases: &'a [Case],
    patterns: &[Pattern],
) -> Result<Vec<&'a Case>, MatchesNothing> {
    for pattern in patterns {
        if !cases.iter().any(|case| pattern.matches(case)) {
            let known = known_patterns(cases);
            let near = nearest(&pattern.text, known.iter().map(String::as_str));
            return Err(MatchesNothing {
                pattern: pattern.text.clone(),
                near: near.map(str::to_owned),
            });
        }
    }
    let is_selected =
        |case: &&Case| patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(case));
    Ok(cases.iter().filter(is_selected).collect())
}

fn known_patterns(cases: &[Case]) -> Vec<String> {
    let mut known = Vec::new();
    for case in cases {
        known.push(case.id.to_string());
        known.push(case.id.topic().to_owned());
        known.push(case.target.to_string());
        known.push(format!("role:{}", case.target));
        known.push(format!("level:{}", case.level.as_str()));
        known.push(format!(
            "{}/{}",
            case.document.rsplit(' ').next().unwrap_or(""),
            case.clause
        ));
        known.extend(case.requirements.iter().map(|id| format!("req:{id}")));
    }
    known.sort();
    known.dedup();
    known
}

fn is_prefix_or_glob(pattern: &str, id: &str) -> bool {
    if pattern.contains('*') {
        return glob(pattern, id);
    }
    id == pattern
        || id
            .strip_prefix(pattern)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// Matches a text against a pattern in which `*` stands for any characters.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or("");
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some(at) = rest.find(piece) else {
            return false;
        };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{glob, is_prefix_or_glob};

    #[test]
    fn a_star_stands_for_any_characters() {
        assert!(glob("ub/resync/*", "ub/resync/a"));
        assert!(glob("*-auts", "fresh-challenge-after-auts"));
        assert!(glob("UB-4.5-*", "UB-4.5-07"));
        assert!(!glob("ub/*/x", "ub/resync/y"));
        assert!(!glob("ab*ba", "aba"));
    }

    #[test]
    fn a_prefix_ends_at_a_slash() {
        assert!(is_prefix_or_glob("ub/resync", "ub/resync/a"));
        assert!(!is_prefix_or_glob("ub/res", "ub/resync/a"));
    }
}
