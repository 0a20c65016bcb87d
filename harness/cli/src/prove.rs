//! `gbaspec prove`.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::path::Path;

use anyhow::Context as _;
use gbaspec_drive::runner::{Plan, exit};
use gbaspec_drive::target::Permission;
use gbaspec_reports::{Detail, Style, prove_json, prove_text};
use gbaspec_roles::faults::{self, Fault};

use crate::arguments::{FactFormat, ProveOptions};
use crate::failure::Failure;
use crate::workspace;

/// Proves the selected cases; fails (exit 1) if the proof has a gap.
pub(crate) fn prove(vectors: Option<&Path>, options: &ProveOptions) -> Result<u8, Failure> {
    let workspace = workspace::open(vectors)?;
    let selected = workspace::select(&workspace.library, &options.select)?;
    let is_selected = |id: &str| {
        selected
            .iter()
            .any(|&index| workspace.library.cases[index].id.as_str() == id)
    };
    // With a selection, only the faults that it must catch are tried.
    let faults: Vec<&'static Fault> = faults::all()
        .filter(|fault| {
            options.select.is_empty() || fault.caught_by.iter().any(|id| is_selected(id))
        })
        .collect();
    let plan = Plan {
        library: workspace.library.clone(),
        selected,
        sanity: workspace.suite.sanity.clone(),
        seed: 1,
        permission: Permission::OwnOnly,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        vectors_digest: workspace.digest.clone(),
        min_cases: 1,
    };
    let profiles = workspace::built_in_profiles()?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let matrix = runtime.block_on(gbaspec_drive::prove::prove(&plan, &profiles, &faults));
    let detail = if options.verbose {
        Detail::Verbose
    } else {
        Detail::Brief
    };
    match options.format {
        FactFormat::Text => print!(
            "{}",
            prove_text(
                &matrix,
                Style {
                    detail,
                    ..Style::default()
                }
            )
        ),
        FactFormat::Json => println!("{}", prove_json(&matrix)),
    }
    Ok(if matrix.holds() {
        exit::OK
    } else {
        exit::FAILED
    })
}
