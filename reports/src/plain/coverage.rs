//! `gbaspec.coverage/1`: the clause map.

use gbaspec_case::coverage::{Coverage, CoverageRow};
use gbaspec_case::requirement::Level;
use serde::Serialize;

use super::names::Name;
use super::verdict::PlainPlace;

/// The clause map.
#[derive(Debug, Serialize)]
pub(crate) struct CoverageDocument {
    schema: &'static str,
    totals: Totals,
    documents: Vec<DocumentTotals>,
    requirements: Vec<PlainRow>,
}

/// How many requirements there are, and of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) requirements: usize,
    pub(crate) tested: usize,
    pub(crate) untested: usize,
    pub(crate) elsewhere: usize,
    pub(crate) excluded: usize,
}

/// The counts of one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DocumentTotals {
    pub(crate) document: String,
    pub(crate) totals: Totals,
}

#[derive(Debug, Serialize)]
struct PlainRow {
    id: String,
    document: String,
    clause: String,
    source: String,
    actor: Vec<String>,
    level: Name<Level>,
    confidence: String,
    text: String,
    fault: String,
    coverage: &'static str,
    cases: Vec<String>,
    reason: Option<String>,
    place: PlainPlace,
}

impl Totals {
    /// The counts of these rows.
    pub(crate) fn of<'a>(rows: impl IntoIterator<Item = &'a CoverageRow>) -> Self {
        let mut totals = Self::default();
        for row in rows {
            totals.count(&row.coverage);
        }
        totals
    }

    fn count(&mut self, coverage: &Coverage) {
        self.requirements += 1;
        match coverage {
            Coverage::Tested(_) => self.tested += 1,
            Coverage::Untested => self.untested += 1,
            Coverage::Elsewhere(_) => self.elsewhere += 1,
            Coverage::Excluded(_) => self.excluded += 1,
        }
    }
}

/// The counts by document, in the order of the register.
pub(crate) fn by_document(rows: &[CoverageRow]) -> Vec<DocumentTotals> {
    let mut documents: Vec<DocumentTotals> = Vec::new();
    for row in rows {
        let document = &row.requirement.document;
        let index = documents.iter().position(|seen| seen.document == *document);
        let index = index.unwrap_or_else(|| {
            let totals = Totals::default();
            documents.push(DocumentTotals {
                document: document.clone(),
                totals,
            });
            documents.len() - 1
        });
        documents[index].totals.count(&row.coverage);
    }
    documents
}

impl From<&[CoverageRow]> for CoverageDocument {
    fn from(rows: &[CoverageRow]) -> Self {
        Self {
            schema: "gbaspec.coverage/1",
            totals: Totals::of(rows),
            documents: by_document(rows),
            requirements: rows.iter().map(PlainRow::from).collect(),
        }
    }
}

impl From<&CoverageRow> for PlainRow {
    fn from(row: &CoverageRow) -> Self {
        let (coverage, cases, reason) = match &row.coverage {
            Coverage::Tested(cases) => ("tested", cases.clone(), None),
            Coverage::Untested => ("untested", Vec::new(), None),
            Coverage::Elsewhere(point) => {
                ("elsewhere", Vec::new(), Some(point.reason().to_owned()))
            }
            Coverage::Excluded(reason) => ("excluded", Vec::new(), Some(reason.clone())),
        };
        let requirement = &row.requirement;
        Self {
            id: requirement.id.clone(),
            document: requirement.document.clone(),
            clause: requirement.clause.clone(),
            source: requirement.source.clone(),
            actor: requirement.actor.clone(),
            level: Name(requirement.level),
            confidence: requirement.confidence.clone(),
            text: requirement.text.clone(),
            fault: requirement.fault.clone(),
            coverage,
            cases,
            reason,
            place: PlainPlace::from(&requirement.place),
        }
    }
}
