//! What reports say about a case, and `gbaspec.list/1`.

use gbaspec_case::element::Element;
use gbaspec_case::event::CaseHeader;
use gbaspec_case::requirement::Level;
use serde::{Deserialize, Deserializer, Serialize};

use super::names::{Name, Named};

/// A case without its steps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainCase {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) document: String,
    pub(crate) clause: String,
    pub(crate) level: PlainLevel,
    pub(crate) requirements: Vec<String>,
    pub(crate) tables: Vec<String>,
    pub(crate) target: Name<Element>,
    pub(crate) place: String,
}

/// The level of a case as its header holds it: a static name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PlainLevel(pub(crate) &'static str);

/// `gbaspec.list/1`.
#[derive(Debug, Serialize)]
pub(crate) struct ListDocument {
    schema: &'static str,
    count: usize,
    cases: Vec<PlainCase>,
}

// By hand, because serde would borrow the name from its input.
impl<'de> Deserialize<'de> for PlainLevel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Name(level) = Name::<Level>::deserialize(deserializer)?;
        Ok(Self(level.name()))
    }
}

impl From<&CaseHeader> for PlainCase {
    fn from(case: &CaseHeader) -> Self {
        Self {
            id: case.id.clone(),
            title: case.title.clone(),
            document: case.document.clone(),
            clause: case.clause.clone(),
            level: PlainLevel(case.level),
            requirements: case.requirements.clone(),
            tables: case.tables.clone(),
            target: Name(case.target),
            place: case.place.clone(),
        }
    }
}

impl From<PlainCase> for CaseHeader {
    fn from(case: PlainCase) -> Self {
        Self {
            id: case.id,
            title: case.title,
            document: case.document,
            clause: case.clause,
            level: case.level.0,
            requirements: case.requirements,
            tables: case.tables,
            target: case.target.0,
            place: case.place,
        }
    }
}

impl From<&[CaseHeader]> for ListDocument {
    fn from(cases: &[CaseHeader]) -> Self {
        Self {
            schema: "gbaspec.list/1",
            count: cases.len(),
            cases: cases.iter().map(PlainCase::from).collect(),
        }
    }
}
