//! The JSON documents that are not about a run.

use gbaspec_case::coverage::CoverageRow;
use gbaspec_case::event::CaseHeader;
use gbaspec_case::proof::KillMatrix;
use serde::Serialize;

use crate::plain;
use crate::plain::case::ListDocument;
use crate::plain::coverage::CoverageDocument;
use crate::plain::prove::ProveDocument;

/// The cases as a `gbaspec.list/1` document, ended by a line feed.
pub fn list_json(cases: &[CaseHeader]) -> String {
    written(&ListDocument::from(cases))
}

/// The kill matrix as a `gbaspec.prove/1` document, ended by a line feed.
pub fn prove_json(matrix: &KillMatrix) -> String {
    written(&ProveDocument::from(matrix))
}

/// The clause map as a `gbaspec.coverage/1` document, ended by a line feed.
pub fn coverage_json(rows: &[CoverageRow]) -> String {
    written(&CoverageDocument::from(rows))
}

/// The plain forms here are structs, lists, strings and numbers, none of which `serde_json` can
/// refuse; should that ever change, the document says so instead of being empty.
fn written<T: Serialize>(document: &T) -> String {
    plain::document(document)
        .unwrap_or_else(|error| format!("{{\"error\": {:?}}}\n", error.to_string()))
}
