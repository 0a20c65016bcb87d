//! `gbaspec.prove/1`: the kill matrix.

use gbaspec_case::element::Element;
use gbaspec_case::proof::{CaseRow, FaultRow, KillMatrix, PeerRow, StockRow};
use gbaspec_case::verdict::Outcome;
use serde::Serialize;

use super::names::Name;

/// The kill matrix.
#[derive(Debug, Serialize)]
pub(crate) struct ProveDocument {
    schema: &'static str,
    holds: bool,
    problems: Vec<String>,
    plays: usize,
    duration_micros: u64,
    correct: Vec<PlainPeer>,
    faults: Vec<PlainFault>,
    stock: Vec<PlainStock>,
    cases: Vec<PlainCaseRow>,
}

#[derive(Debug, Serialize)]
struct PlainPeer {
    role: Name<Element>,
    cases: usize,
    passed: usize,
}

#[derive(Debug, Serialize)]
struct PlainFault {
    id: String,
    role: Name<Element>,
    requirement: String,
    what: String,
    caught_by: Vec<String>,
    killed_by: Vec<String>,
    failed_otherwise: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PlainStock {
    name: String,
    role: Name<Element>,
    cases: usize,
    passed: Vec<String>,
}

#[derive(Debug, Serialize)]
struct PlainCaseRow {
    id: String,
    correct: Option<Name<Outcome>>,
    kills: Vec<String>,
}

impl From<&KillMatrix> for ProveDocument {
    fn from(matrix: &KillMatrix) -> Self {
        Self {
            schema: "gbaspec.prove/1",
            holds: matrix.holds(),
            problems: matrix.problems.clone(),
            plays: matrix.plays,
            duration_micros: matrix.duration_micros,
            correct: matrix.correct.iter().map(PlainPeer::from).collect(),
            faults: matrix.faults.iter().map(PlainFault::from).collect(),
            stock: matrix.stock.iter().map(PlainStock::from).collect(),
            cases: matrix.cases.iter().map(PlainCaseRow::from).collect(),
        }
    }
}

impl From<&PeerRow> for PlainPeer {
    fn from(row: &PeerRow) -> Self {
        Self {
            role: Name(row.role),
            cases: row.cases,
            passed: row.passed,
        }
    }
}

impl From<&FaultRow> for PlainFault {
    fn from(row: &FaultRow) -> Self {
        Self {
            id: row.id.clone(),
            role: Name(row.role),
            requirement: row.requirement.clone(),
            what: row.what.clone(),
            caught_by: row.caught_by.clone(),
            killed_by: row.killed_by.clone(),
            failed_otherwise: row.failed_otherwise.clone(),
        }
    }
}

impl From<&StockRow> for PlainStock {
    fn from(row: &StockRow) -> Self {
        Self {
            name: row.name.clone(),
            role: Name(row.role),
            cases: row.cases,
            passed: row.passed.clone(),
        }
    }
}

impl From<&CaseRow> for PlainCaseRow {
    fn from(row: &CaseRow) -> Self {
        Self {
            id: row.id.clone(),
            correct: row.correct.map(Name),
            kills: row.kills.clone(),
        }
    }
}
