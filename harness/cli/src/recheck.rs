//! `gbaspec recheck`: the verdicts of a stored run, recomputed from its evidence alone.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::fs;
use std::path::{Path, PathBuf};

use gbaspec_case::event::CaseResult;
use gbaspec_case::judge::judge_known;
use gbaspec_case::load::Library;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::transcript::Evidence;
use gbaspec_case::verdict::{Finding, Outcome, Verdict};
use gbaspec_drive::runner::exit;
use gbaspec_reports::read_run;

use crate::arguments::RecheckOptions;
use crate::failure::{Failure, counted};
use crate::workspace;

/// Rechecks a run; any difference is a failure (exit 1).
pub(crate) fn recheck(vectors: Option<&Path>, options: &RecheckOptions) -> Result<u8, Failure> {
    let workspace = workspace::open_with(vectors, &options.file)?;
    let folder = latest(&options.run)?;
    let stored = read_run(&folder).map_err(|why| Failure::Run(why.to_string()))?;
    if stored.info.vectors_digest != workspace.digest {
        let advice =
            "use the vectors of the run: the same version of the tool, --vectors, or --file";
        return Err(Failure::Run(format!(
            "the run was made with other vectors\n  advice: {advice}"
        )));
    }
    // The keys are in no artefact, so the profile is read again.
    let recorded = stored
        .info
        .targets
        .iter()
        .find_map(|target| target.profile.as_ref());
    let file = options
        .target
        .clone()
        .or_else(|| recorded.map(PathBuf::from));
    let mut profiles = match file {
        Some(path) => vec![workspace::read_profile(&path, stored.info.seed)?],
        None => workspace::built_in_profiles()?,
    };
    for profile in &mut profiles {
        profile.scene.release = stored.info.release;
    }
    let mut equal = 0;
    let mut differences = 0;
    for result in stored.cases() {
        match difference(&workspace.library, &profiles, result)? {
            None => equal += 1,
            Some(words) => {
                differences += 1;
                println!("DIFFERS  {}  {words}", result.case.id);
            }
        }
    }
    println!(
        "{}: {} recomputed, {differences} differ",
        folder.display(),
        counted(equal + differences, "verdict")
    );
    Ok(if differences == 0 {
        exit::OK
    } else {
        exit::FAILED
    })
}

/// How the recomputed verdict differs from the recorded one.
fn difference(
    library: &Library,
    profiles: &[TargetProfile],
    result: &CaseResult,
) -> Result<Option<String>, Failure> {
    let id = &result.case.id;
    let missing = |what: &str| Failure::Run(format!("{what} for case {id}"));
    let case = library
        .case(id)
        .ok_or_else(|| missing("there is no vector"))?;
    let profile = profiles.iter().find(|profile| profile.role == case.target);
    let profile = profile.ok_or_else(|| missing("there is no profile"))?;
    // A case that the circuit breaker left out has no evidence, and says so.
    if result.evidence == Evidence::default() && result.verdict.outcome == Outcome::Inconclusive {
        return Ok(None);
    }
    let verdict = judge_known(library, case, &profile.scene, &result.evidence);
    Ok((essence(&verdict) != essence(&result.verdict)).then(|| {
        format!(
            "recorded {}, recomputed {}",
            result.verdict.outcome, verdict.outcome
        )
    }))
}

/// What two verdicts must have in common: all but the place in the vector file.
fn essence(verdict: &Verdict) -> (Outcome, Vec<[&str; 4]>, Vec<[&str; 4]>, usize) {
    (
        verdict.outcome,
        words(&verdict.findings),
        words(&verdict.warnings),
        verdict.assertions,
    )
}

fn words(findings: &[Finding]) -> Vec<[&str; 4]> {
    findings
        .iter()
        .map(|finding| {
            [
                finding.requirement.as_str(),
                finding.check.as_str(),
                finding.expected.as_str(),
                finding.actual.as_str(),
            ]
        })
        .collect()
}

/// The folder of the run itself: the given one, or the latest below it.
fn latest(folder: &Path) -> Result<PathBuf, Failure> {
    if folder.join("result.json").is_file() {
        return Ok(folder.to_owned());
    }
    let entries = fs::read_dir(folder).map_err(|why| Failure::File(folder.to_owned(), why))?;
    let runs = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let latest = runs.filter(|path| path.join("result.json").is_file()).max();
    latest.ok_or_else(|| {
        Failure::Run(format!(
            "{}: there is no result.json of a finished run",
            folder.display()
        ))
    })
}
