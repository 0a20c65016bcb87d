//! `gbaspec run`.

use std::fs::File;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, IsTerminal as _, Write};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use gbaspec_case::event::{Event, RunSummary};
use gbaspec_drive::runner::{self, Plan, exit};
use gbaspec_drive::target::{Origin, Peer, Permission, Target};
use gbaspec_reports::{Colour, Detail, Format, Progress, Recorder, Reporter, Style, reporter};
use tokio::sync::mpsc;

use crate::arguments::{ColourChoice, RunOptions};
use crate::failure::Failure;
use crate::workspace::{self, Workspace};

/// Runs the selected cases and reports; the exit code is the run's.
pub(crate) fn run(vectors: Option<&Path>, options: &RunOptions) -> Result<u8, Failure> {
    let given = Given::new(&options.select);
    let workspace = workspace::open_with(vectors, &given.files)?;
    let seed = options.seed.unwrap_or_else(new_seed);
    let targets = targets(options, seed)?;
    let selected = selected(vectors, &workspace, &given, &targets)?;
    let folder = folder(options, seed);
    let plan = plan(&workspace, options, selected, seed, folder.as_deref());
    let mut reporters = reporters(options, folder)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let summary = runtime.block_on(conduct(&plan, &targets, &mut reporters))?;
    for report in &mut reporters {
        report.finish(&summary).context("cannot finish a report")?;
    }
    // What still runs (a client under test, a silent connection) ends with the process.
    runtime.shutdown_background();
    Ok(summary.exit_code)
}

/// What the user wants to run: patterns, and case files.
struct Given {
    patterns: Vec<String>,
    files: Vec<PathBuf>,
}

impl Given {
    fn new(select: &[String]) -> Self {
        let is_file = |argument: &&String| workspace::is_case_file(argument);
        let (files, patterns): (Vec<&String>, Vec<&String>) = select.iter().partition(is_file);
        Self {
            patterns: patterns.into_iter().cloned().collect(),
            files: files.into_iter().map(PathBuf::from).collect(),
        }
    }
}

/// The user's target, or the built-in peers.
fn targets(options: &RunOptions, seed: u64) -> Result<Vec<Target>, Failure> {
    let mut targets: Vec<Target> = if let Some(path) = &options.target {
        let profile = workspace::read_profile(path, seed)?;
        vec![Target {
            profile,
            origin: Origin::Network,
        }]
    } else {
        let embed = |profile| Target::embedded(profile, Peer::Correct);
        workspace::built_in_profiles()?
            .into_iter()
            .map(embed)
            .collect()
    };
    if let Some(release) = &options.release {
        for target in &mut targets {
            target.profile.scene.release = if release == "6" { 6 } else { 17 };
        }
    }
    Ok(targets)
}

fn selected(
    vectors: Option<&Path>,
    workspace: &Workspace,
    given: &Given,
    targets: &[Target],
) -> Result<Vec<usize>, Failure> {
    let sources = workspace::sources(vectors)?;
    let files = given.files.iter();
    let names: Vec<String> = files
        .map(|file| workspace::name_among(file, &sources))
        .collect();
    let mut selected = workspace::select_with(&workspace.library, &given.patterns, &names)?;
    let has_target = |index: &usize| {
        targets
            .iter()
            .any(|target| target.profile.role == workspace.library.cases[*index].target)
    };
    selected.retain(has_target);
    if selected.is_empty() {
        let role = targets
            .first()
            .map_or_else(String::new, |target| target.profile.role.to_string());
        return Err(Failure::NothingFor(role));
    }
    Ok(selected)
}

fn plan(
    workspace: &Workspace,
    options: &RunOptions,
    selected: Vec<usize>,
    seed: u64,
    folder: Option<&Path>,
) -> Plan {
    Plan {
        library: workspace.library.clone(),
        selected,
        sanity: workspace.suite.sanity.clone(),
        seed,
        permission: if options.i_own_this_target {
            Permission::Given
        } else {
            Permission::OwnOnly
        },
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        vectors_digest: workspace.digest.clone(),
        min_cases: options.min_cases,
        tries: options.tries,
        folder: folder.map(|folder| folder.display().to_string()),
    }
}

/// Where the evidence goes, if it is kept.
fn folder(options: &RunOptions, seed: u64) -> Option<PathBuf> {
    let chosen = || options.run_dir.clone();
    (!options.no_evidence).then(|| chosen().unwrap_or_else(|| default_folder(seed)))
}

/// Runs the plan and hands every event to every report, until the run ends or is interrupted.
async fn conduct(
    plan: &Plan,
    targets: &[Target],
    reporters: &mut [Box<dyn Reporter>],
) -> anyhow::Result<RunSummary> {
    let (events, mut stream) = mpsc::unbounded_channel();
    let mut emitted = RunSummary {
        planned: plan.selected.len(),
        ..RunSummary::default()
    };
    let interruption = interruption();
    let running = runner::run(plan, targets, &events);
    tokio::pin!(running, interruption);
    let summary = loop {
        tokio::select! {
            biased;
            Some(event) = stream.recv() => report(&event, &mut emitted, reporters)?,
            summary = &mut running => break summary,
            () = &mut interruption => {
                break runner::interrupted(&emitted, "interrupted", exit::INTERRUPTED);
            }
        }
    };
    while let Ok(event) = stream.try_recv() {
        report(&event, &mut emitted, reporters)?;
    }
    Ok(summary)
}

fn report(
    event: &Event,
    emitted: &mut RunSummary,
    reporters: &mut [Box<dyn Reporter>],
) -> anyhow::Result<()> {
    match event {
        Event::CaseFinished(result) => emitted.count(&result.verdict),
        Event::CaseSkipped { .. } => emitted.skipped += 1,
        _ => {}
    }
    for reporter in reporters {
        reporter.on_event(event).context("cannot write a report")?;
    }
    Ok(())
}

/// The user's or the system's wish to stop.
async fn interruption() {
    let control_c = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = control_c => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    drop(control_c.await);
}

fn reporters(
    options: &RunOptions,
    folder: Option<PathBuf>,
) -> Result<Vec<Box<dyn Reporter>>, Failure> {
    let mut reporters = vec![reporter(
        options.format,
        Box::new(io::stdout()),
        style(options),
    )];
    for (path, format) in [
        (&options.json, Format::Json),
        (&options.junit, Format::Junit),
    ] {
        if let Some(path) = path {
            let file: Box<dyn Write + Send> =
                Box::new(File::create(path).map_err(|why| Failure::File(path.clone(), why))?);
            reporters.push(reporter(format, file, Style::default()));
        }
    }
    if let Some(folder) = folder {
        let recorder = Recorder::new(&folder).map_err(|why| Failure::File(folder, why))?;
        reporters.push(Box::new(recorder));
    }
    Ok(reporters)
}

fn style(options: &RunOptions) -> Style {
    let is_terminal = io::stdout().is_terminal();
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = match options.color {
        ColourChoice::Always => Colour::On,
        ColourChoice::Auto if is_terminal && !is_plain => Colour::On,
        ColourChoice::Auto | ColourChoice::Never => Colour::Off,
    };
    let is_ci = std::env::var_os("CI").is_some();
    Style {
        colour,
        progress: if is_terminal && !is_ci {
            Progress::Live
        } else {
            Progress::Plain
        },
        detail: if options.verbose {
            Detail::Verbose
        } else {
            Detail::Brief
        },
    }
}

/// A seed that nobody chose, from the randomness of the standard library's hash tables.
fn new_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A folder of its own for each run, so that nothing measured is overwritten.
fn default_folder(seed: u64) -> PathBuf {
    let now = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S").to_string();
    PathBuf::from("run").join(format!("{now}-{seed:016x}"))
}
