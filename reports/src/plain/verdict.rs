//! A verdict and its findings.

use gbaspec_case::verdict::{Finding, Observation, Outcome, Part, Place, Verdict};
use serde::{Deserialize, Serialize};

use super::names::Name;

/// The judgement of one case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainVerdict {
    pub(crate) outcome: Name<Outcome>,
    pub(crate) assertions: usize,
    pub(crate) findings: Vec<PlainFinding>,
    pub(crate) warnings: Vec<PlainFinding>,
    pub(crate) observations: Vec<PlainObservation>,
}

/// One thing that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainFinding {
    pub(crate) requirement: String,
    pub(crate) check: String,
    pub(crate) expected: String,
    pub(crate) actual: String,
    pub(crate) part: Name<Part>,
    pub(crate) place: PlainPlace,
}

/// A choice that the specification leaves to the target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainObservation {
    pub(crate) check: String,
    pub(crate) seen: String,
}

/// A place in a vector file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainPlace {
    pub(crate) file: String,
    pub(crate) line: u64,
    pub(crate) column: u64,
}

impl From<&Verdict> for PlainVerdict {
    fn from(verdict: &Verdict) -> Self {
        Self {
            outcome: Name(verdict.outcome),
            assertions: verdict.assertions,
            findings: verdict.findings.iter().map(PlainFinding::from).collect(),
            warnings: verdict.warnings.iter().map(PlainFinding::from).collect(),
            observations: verdict
                .observations
                .iter()
                .map(PlainObservation::from)
                .collect(),
        }
    }
}

impl From<PlainVerdict> for Verdict {
    fn from(verdict: PlainVerdict) -> Self {
        Self {
            outcome: verdict.outcome.0,
            findings: verdict.findings.into_iter().map(Finding::from).collect(),
            warnings: verdict.warnings.into_iter().map(Finding::from).collect(),
            observations: verdict
                .observations
                .into_iter()
                .map(Observation::from)
                .collect(),
            assertions: verdict.assertions,
        }
    }
}

impl From<&Finding> for PlainFinding {
    fn from(finding: &Finding) -> Self {
        Self {
            requirement: finding.requirement.clone(),
            check: finding.check.clone(),
            expected: finding.expected.clone(),
            actual: finding.actual.clone(),
            part: Name(finding.part),
            place: PlainPlace::from(&finding.place),
        }
    }
}

impl From<PlainFinding> for Finding {
    fn from(finding: PlainFinding) -> Self {
        Self {
            requirement: finding.requirement,
            check: finding.check,
            expected: finding.expected,
            actual: finding.actual,
            place: Place::from(finding.place),
            part: finding.part.0,
        }
    }
}

impl From<&Observation> for PlainObservation {
    fn from(observation: &Observation) -> Self {
        Self {
            check: observation.check.clone(),
            seen: observation.seen.clone(),
        }
    }
}

impl From<PlainObservation> for Observation {
    fn from(observation: PlainObservation) -> Self {
        Self {
            check: observation.check,
            seen: observation.seen,
        }
    }
}

impl From<&Place> for PlainPlace {
    fn from(place: &Place) -> Self {
        Self {
            file: place.file.clone(),
            line: place.line,
            column: place.column,
        }
    }
}

impl From<PlainPlace> for Place {
    fn from(place: PlainPlace) -> Self {
        Self {
            file: place.file,
            line: place.line,
            column: place.column,
        }
    }
}
