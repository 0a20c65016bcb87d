//! `gbaspec coverage`.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::path::Path;

use gbaspec_case::coverage::{Coverage, CoverageRow, coverage as rows_of};
use gbaspec_case::load::nearest;
use gbaspec_case::requirement::Level;
use gbaspec_drive::runner::exit;
use gbaspec_reports::{Detail, Style, coverage_json, coverage_text};

use crate::arguments::{CoverageOptions, FactFormat};
use crate::failure::Failure;
use crate::workspace;

/// Prints the clause map.
pub(crate) fn coverage(vectors: Option<&Path>, options: &CoverageOptions) -> Result<u8, Failure> {
    let workspace = workspace::open(vectors)?;
    let all = rows_of(&workspace.library.requirements, &workspace.library.cases);
    check_names(options, &all)?;
    let rows: Vec<CoverageRow> = all
        .into_iter()
        .filter(|row| is_asked_for(options, row))
        .collect();
    if rows.is_empty() {
        let name = options.clause.join(",");
        let advice = "`gbaspec coverage -v` shows all clauses".to_owned();
        return Err(Failure::Unknown {
            what: "clause",
            name,
            advice,
        });
    }
    // Whoever asks for a clause wants to see its rows; the whole register would fill screens.
    let is_narrow = !options.spec.is_empty() || !options.clause.is_empty();
    let detail = if options.verbose || is_narrow {
        Detail::Verbose
    } else {
        Detail::Brief
    };
    match options.format {
        FactFormat::Text => print!(
            "{}",
            coverage_text(
                &rows,
                Style {
                    detail,
                    ..Style::default()
                }
            )
        ),
        FactFormat::Json => println!("{}", coverage_json(&rows)),
    }
    let has_gap = rows
        .iter()
        .any(|row| row.coverage == Coverage::Untested && row.requirement.level == Level::Shall);
    Ok(if options.strict && has_gap {
        exit::FAILED
    } else {
        exit::OK
    })
}

fn number(row: &CoverageRow) -> &str {
    row.requirement.document.rsplit(' ').next().unwrap_or("")
}

/// A document that is not there is a mistake, not an empty map.
fn check_names(options: &CoverageOptions, rows: &[CoverageRow]) -> Result<(), Failure> {
    for name in &options.spec {
        if !rows
            .iter()
            .any(|row| number(row) == name || row.requirement.document == *name)
        {
            let near = nearest(name, rows.iter().map(number));
            let advice = near.map_or(
                "`gbaspec coverage` lists all documents".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::Unknown {
                what: "specification",
                name: name.clone(),
                advice,
            });
        }
    }
    Ok(())
}

fn is_asked_for(options: &CoverageOptions, row: &CoverageRow) -> bool {
    let is_document = options.spec.is_empty()
        || options
            .spec
            .iter()
            .any(|name| number(row) == name || row.requirement.document == *name);
    let clause = &row.requirement.clause;
    let is_clause = options.clause.is_empty()
        || options.clause.iter().any(|wanted| {
            clause == wanted
                || clause
                    .strip_prefix(wanted.as_str())
                    .is_some_and(|rest| rest.starts_with('.'))
        });
    is_document && is_clause
}
