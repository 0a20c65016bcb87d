//! What is wrong with an input file: where, what, and what to do about it.

use std::fmt;

use crate::verdict::Place;

/// One problem of an input file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// What is wrong, one sentence without a full stop.
    pub what: String,
    /// What to do about it, one sentence without a full stop.
    pub advice: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n  advice: {}",
            self.place, self.what, self.advice
        )
    }
}

/// The known name nearest to a mistyped one, if there is one near enough to be meant.
pub fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + typed.chars().count() / 4;
    known
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Advice for a name that is not known.
pub(super) fn did_you_mean<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> String {
    if let Some(near) = nearest(typed, known.clone()) {
        return format!("did you mean `{near}`?");
    }
    let mut names: Vec<_> = known.into_iter().take(13).collect();
    if names.is_empty() {
        return "nothing has a name here".to_owned();
    }
    let more = if names.len() == 13 { ", ..." } else { "" };
    names.truncate(12);
    format!("known are {}{more}", names.join(", "))
}

/// Levenshtein distance, cut at lengths that no name has.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().take(80).collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, left) in one.chars().take(80).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in other.iter().enumerate() {
            let substituted = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_the_nearest_name_but_not_a_far_one() {
        let known = ["challenge.sqn", "challenge.rand", "status"];
        assert_eq!(nearest("challenge.sqm", known), Some("challenge.sqn"));
        assert_eq!(nearest("stauts", known), Some("status"));
        assert_eq!(nearest("lifetime", known), None);
    }
}
