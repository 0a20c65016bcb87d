//! `cargo xtask interop`: runs of the suite against programs of others on loopback, compared with
//! the findings that are known to be right.
//!
//! A lane is a foreign program with a folder `interop/<lane>/`: the profile of the run, what starts
//! the program or is started by the run, and `expected.yaml`. A finding that is not expected fails
//! the lane, and so does an expected one that is not there any more: either the program, a case or
//! the harness has changed.
//!
//! The lane of a decoder has no profile: it reads what a run of this project's own roles has said.

mod decoder;
mod findings;
mod lanes;
mod process;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use self::findings::{Expected, Findings};
use self::lanes::{LANES, Lane, Started, Tool};
use crate::files;

/// A run of one lane takes seconds, or a few minutes on a busy machine; one that hangs is ended.
const RUN_LIMIT: Duration = Duration::from_secs(600);
/// The longest that a build of the binary may take.
const BUILD_LIMIT: Duration = Duration::from_secs(1800);
/// The longest that an installation of packages may take.
const INSTALL_LIMIT: Duration = Duration::from_secs(600);
/// Findings must not hang on the seed; a fixed one makes a difference repeatable.
const SEED: &str = "4";

/// Runs the lanes that are named, or all whose programs are there.
///
/// # Errors
///
/// What differs from the expected findings, which named lane cannot be run, or that none can.
pub fn run(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let wanted = Wanted::new(arguments)?;
    if wanted.installs {
        install(&wanted.lanes)?;
    }
    let mut told = Vec::new();
    let mut ready = Vec::new();
    for lane in &wanted.lanes {
        match lane.missing() {
            missing if missing.is_empty() => ready.push(*lane),
            missing => told.push(left_out(lane, &missing)),
        }
    }
    if ready.is_empty() || wanted.is_named && ready.len() < wanted.lanes.len() {
        return Err(told.join("\n"));
    }
    let binary = binary(root)?;
    let mut differs = false;
    for lane in ready {
        match try_lane(root, lane, &binary) {
            Ok(words) => told.push(words),
            Err(why) => {
                differs = true;
                told.push(format!("{}: {why}", lane.name));
            }
        }
    }
    let told = told.join("\n");
    if differs { Err(told) } else { Ok(told) }
}

/// What the command line asks for.
struct Wanted {
    lanes: Vec<&'static Lane>,
    is_named: bool,
    installs: bool,
}

impl Wanted {
    fn new(arguments: &[&str]) -> Result<Self, String> {
        let (options, names): (Vec<&str>, Vec<&str>) =
            arguments.iter().partition(|word| word.starts_with('-'));
        if let Some(option) = options.iter().find(|option| **option != "--install") {
            return Err(format!("there is no option {option}, only --install"));
        }
        let known = || LANES.iter().map(|lane| lane.name).collect::<Vec<_>>();
        let mut lanes = Vec::new();
        for name in &names {
            let lane = LANES.iter().find(|lane| lane.name == *name);
            let unknown = || format!("there is no lane {name}; known are {}", known().join(", "));
            lanes.push(lane.ok_or_else(unknown)?);
        }
        if names.is_empty() {
            lanes.extend(LANES);
        }
        Ok(Self {
            lanes,
            is_named: !names.is_empty(),
            installs: !options.is_empty(),
        })
    }
}

fn left_out(lane: &Lane, missing: &[&Tool]) -> String {
    let needs: Vec<String> = missing
        .iter()
        .map(|tool| format!("{} (Debian: {}{})", tool.what, tool.package, tool.remark))
        .collect();
    let name = lane.name;
    format!(
        "{name}: left out; it needs {}; `cargo xtask interop --install {name}` installs packages",
        needs.join(" and ")
    )
}

/// Installs the Debian packages of what is missing.
fn install(lanes: &[&Lane]) -> Result<(), String> {
    let missing = lanes.iter().flat_map(|lane| lane.missing());
    let mut packages: Vec<&str> = missing.map(|tool| tool.package).collect();
    packages.sort_unstable();
    packages.dedup();
    if packages.is_empty() {
        return Ok(());
    }
    let mut command = Command::new("apt-get");
    command
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "-y", "--no-install-recommends"])
        .args(&packages);
    process::finish(&mut command, INSTALL_LIMIT)?
        .well()
        .map(drop)
}

/// The binary beside this one, built anew.
fn binary(root: &Path) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|why| why.to_string())?;
    let folder = own.parent().unwrap_or(root);
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(root)
        .args(["build", "--quiet", "--locked", "-p", "gbaspec"]);
    if folder.ends_with("release") {
        command.arg("--release");
    }
    process::finish(&mut command, BUILD_LIMIT)?.well()?;
    Ok(folder.join("gbaspec"))
}

/// Runs one lane: a sentence if it finds what is expected, else what differs.
fn try_lane(root: &Path, lane: &Lane, binary: &Path) -> Result<String, String> {
    let own = root.join("interop").join(lane.name);
    let expected = Expected::parse(&files::read(&own.join("expected.yaml"))?)?;
    let scratch = process::Scratch::new(lane.name)?;
    let started = lane.start(&own, scratch.path(), binary)?;
    let Outcome { found, told, said } = if lane.is_decoder() {
        decode(root, lane, binary, &started, scratch.path())?
    } else {
        play(root, lane, binary, &started, scratch.path())?
    };
    let differences = found.differences(&expected);
    let version = &started.version;
    if differences.is_empty() {
        let (passed, known) = (found.passed, expected.findings.len());
        let name = lane.name;
        return Ok(format!(
            "{name} ({version}): {passed} cases pass, {known} findings as expected{told}"
        ));
    }
    Err(format!("{version}\n{}\n{said}", differences.join("\n")))
}

/// What came of a lane.
struct Outcome {
    found: Findings,
    /// What there is to say if all is as expected.
    told: String,
    /// What helps if it is not.
    said: String,
}

/// A run of the suite, by the binary.
fn run_of_suite(root: &Path, lane: &Lane, binary: &Path) -> Command {
    let mut command = Command::new(binary);
    // The run reads the hooks of the profile relative to the root of the repository.
    command.current_dir(root).arg("--vectors").arg("vectors");
    command.args(["run", "--seed", SEED]).args(lane.select);
    command
}

/// Runs the suite against the peer of the lane.
fn play(
    root: &Path,
    lane: &Lane,
    binary: &Path,
    started: &Started,
    scratch: &Path,
) -> Result<Outcome, String> {
    let own = root.join("interop").join(lane.name);
    let mut profile = files::read(&own.join("profile.yaml"))?;
    for (mark, text) in started.texts() {
        profile = profile.replace(mark, text);
    }
    let target = scratch.join("target.yaml");
    files::write(&target, profile.as_bytes())?;
    let json = scratch.join("run.json");
    let mut command = run_of_suite(root, lane, binary);
    command.arg("--no-evidence").arg("-t").arg(&target);
    command.arg("--json").arg(&json);
    let said = process::finish(&mut command, RUN_LIMIT)?.said;
    let text = files::read(&json).map_err(|why| format!("{why}\n{said}"))?;
    let found = Findings::parse(&text)?;
    let told = String::new();
    Ok(Outcome { found, told, said })
}

/// Runs the suite between roles of this project, and lets the decoder read what they say.
fn decode(
    root: &Path,
    lane: &Lane,
    binary: &Path,
    started: &Started,
    scratch: &Path,
) -> Result<Outcome, String> {
    let evidence = scratch.join("run");
    let mut command = run_of_suite(root, lane, binary);
    command.arg("--run-dir").arg(&evidence);
    let said = process::finish(&mut command, RUN_LIMIT)?.said;
    let messages =
        decoder::messages(&evidence.join("transcripts")).map_err(|why| format!("{why}\n{said}"))?;
    let capture = scratch.join("messages.pcap");
    files::write(&capture, &decoder::capture(&messages))?;
    let mut command = Command::new(&started.program);
    command.args(decoder::ARGUMENTS).arg(&capture);
    let ended = process::finish(&mut command, RUN_LIMIT)?;
    let reading = decoder::reading(ended, &messages)?;
    let avps: Vec<&str> = reading.avps.iter().map(String::as_str).collect();
    let (number, avps) = (messages.len(), avps.join(", "));
    Ok(Outcome {
        found: Findings::new(reading.clean, reading.findings),
        told: format!("; {number} messages with the AVPs {avps}"),
        said,
    })
}
