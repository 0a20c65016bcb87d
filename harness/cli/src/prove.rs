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
    // Only peers in the place of a selected case's target are tried.
    let has_cases = |role: &str| {
        selected
            .iter()
            .any(|&index| workspace.library.cases[index].target.as_str() == role)
    };
    let faults: Vec<&'static Fault> = faults::all()
        .filter(|fault| has_cases(fault.role.as_str()))
        .collect();
    let mut profiles = workspace::built_in_profiles()?;
    profiles.retain(|profile| has_cases(profile.role.as_str()));
    let plan = Plan {
        library: workspace.library.clone(),
        selected,
        sanity: workspace.suite.sanity.clone(),
        seed: 1,
        permission: Permission::OwnOnly,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        vectors_digest: workspace.digest.clone(),
        min_cases: 1,
        tries: None,
        folder: None,
    };
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
