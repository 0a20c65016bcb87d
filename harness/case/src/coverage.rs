//! The clause map: which requirement is tested by which cases, and which is excluded, and why.

use std::collections::BTreeMap;

use crate::case::Case;
use crate::requirement::{Observability, ReferencePoint, Requirement};

/// What covers one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// These cases test it.
    Tested(Vec<String>),
    /// It could be observed, but no case does so yet.
    Untested,
    /// It could be observed where no case plays yet.
    Elsewhere(ReferencePoint),
    /// It cannot be observed by a black box test; the reason.
    Excluded(String),
}

/// One row of the map.
#[derive(Clone, Debug)]
pub struct CoverageRow {
    /// The requirement.
    pub requirement: Requirement,
    /// What covers it.
    pub coverage: Coverage,
}

/// The whole map, in the order of the register.
pub fn coverage(requirements: &[Requirement], cases: &[Case]) -> Vec<CoverageRow> {
    let mut tested_by: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for case in cases {
        for requirement in &case.requirements {
            tested_by
                .entry(requirement)
                .or_default()
                .push(case.id.to_string());
        }
    }
    requirements
        .iter()
        .map(|requirement| {
            let coverage = match (
                tested_by.remove(requirement.id.as_str()),
                &requirement.observability,
            ) {
                (Some(cases), _) => Coverage::Tested(cases),
                (None, Observability::Observable) => Coverage::Untested,
                (None, Observability::Elsewhere(point)) => Coverage::Elsewhere(*point),
                (None, Observability::Excluded(reason)) => Coverage::Excluded(reason.clone()),
            };
            CoverageRow {
                requirement: requirement.clone(),
                coverage,
            }
        })
        .collect()
}
