//! What a case found: the outcome, and the findings that explain it.

use std::fmt;

/// The outcome of a case; the worst one wins, so the order is part of the meaning (ISO 9646 keeps
/// the same order).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Hash)]
pub enum Outcome {
    /// At least one observation about the target was asserted, and all of them held.
    Pass,
    /// The purpose of the case was not reached: nothing can be said about the target.
    Inconclusive,
    /// The target broke a requirement.
    Fail,
    /// The harness itself is at fault.
    Error,
}

impl Outcome {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A place in a vector file; lines and columns count from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named when it was loaded.
    pub file: String,
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// One thing that was not as expected. Both sides are kept; sentences are made by the reports.
///
/// `actual` comes from the target and is already escaped: it holds printable ASCII only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The requirement that the check speaks for, for example `UB-4.5-07`.
    pub requirement: String,
    /// The fact that was checked, for example `challenge.sqn`.
    pub check: String,
    /// What was allowed.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// Where the vector asks for it.
    pub place: Place,
    /// The part of the evidence in which it was seen.
    pub part: Part,
}

/// The part of a case's evidence: a negative case plays its valid twin before and after itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The valid twin, before the case.
    TwinBefore,
    /// The case itself.
    Case,
    /// The valid twin again, after the case.
    TwinAfter,
}

impl Part {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TwinBefore => "twin-before",
            Self::Case => "case",
            Self::TwinAfter => "twin-after",
        }
    }
}

/// A value that the specification leaves open, as this target chose it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The fact, for example `status`.
    pub check: String,
    /// What the target did, escaped.
    pub seen: String,
}

/// The judgement of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The worst of all that was found.
    pub outcome: Outcome,
    /// What made it worse than a pass.
    pub findings: Vec<Finding>,
    /// Recommendations that the target does not follow; they never change the outcome.
    pub warnings: Vec<Finding>,
    /// Choices of the target, for the record.
    pub observations: Vec<Observation>,
    /// How many checks of the target held; a pass has at least one.
    pub assertions: usize,
}

impl Verdict {
    /// The verdict when the harness itself failed, with the reason.
    pub fn error(reason: impl Into<String>, place: Place) -> Self {
        let finding = Finding {
            requirement: String::new(),
            check: "harness".to_owned(),
            expected: "a case that can be played".to_owned(),
            actual: reason.into(),
            place,
            part: Part::Case,
        };
        Self {
            outcome: Outcome::Error,
            findings: vec![finding],
            warnings: Vec::new(),
            observations: Vec::new(),
            assertions: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Outcome;

    #[test]
    fn the_worst_outcome_wins() {
        let seen = [Outcome::Pass, Outcome::Fail, Outcome::Inconclusive];
        assert_eq!(seen.into_iter().max(), Some(Outcome::Fail));
        assert!(Outcome::Error > Outcome::Fail);
        assert!(Outcome::Inconclusive > Outcome::Pass);
    }
}
