//! What several modules need: the vectors of this build, the profiles, and whole runs.

use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseResult, Event, RunSummary};
use gbaspec_case::load::{self, Library, Suite, load_profile, load_suite};
use gbaspec_case::profile::TargetProfile;
use gbaspec_drive::runner::{self, Plan};
use gbaspec_drive::target::{Peer, Permission, Target};
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

/// The vectors of this build; they have no problem.
pub(crate) static LIBRARY: LazyLock<Arc<Library>> = LazyLock::new(|| {
    let loaded = load::load(&gbaspec_suites::vectors());
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    Arc::new(loaded.library)
});

static SUITE: LazyLock<Suite> = LazyLock::new(|| {
    load_suite(&gbaspec_suites::manifest(), &LIBRARY).expect("the manifest is sound")
});

/// The sockets of one test at a time: a silence must not be the fault of a busy machine.
static NETWORK: Mutex<()> = Mutex::new(());

/// Waits until no other test uses the network.
pub(crate) fn network() -> MutexGuard<'static, ()> {
    NETWORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The profiles of the embedded peers.
pub(crate) fn profiles() -> Vec<TargetProfile> {
    gbaspec_suites::profiles()
        .iter()
        .map(|source| load_profile(source, &|_| None).expect("the profile is sound"))
        .collect()
}

/// The profile of one embedded peer.
pub(crate) fn profile(role: Element) -> TargetProfile {
    let mut profiles = profiles().into_iter();
    profiles
        .find(|profile| profile.role == role)
        .expect("each role has a profile")
}

/// A plan for all cases.
pub(crate) fn plan() -> Plan {
    Plan {
        library: Arc::clone(&LIBRARY),
        selected: (0..LIBRARY.cases.len()).collect(),
        sanity: SUITE.sanity.clone(),
        seed: 1,
        permission: Permission::OwnOnly,
        tool_version: "0.0.0".to_owned(),
        vectors_digest: "0".repeat(64),
        min_cases: 1,
        tries: None,
        folder: None,
    }
}

/// The correct embedded peers, sent to in the forms of this release.
pub(crate) fn embedded(release: u8) -> Vec<Target> {
    let embed = |mut profile: TargetProfile| {
        profile.scene.release = release;
        Target::embedded(profile, Peer::Correct)
    };
    profiles().into_iter().map(embed).collect()
}

/// Runs a plan to its end and keeps all its events.
pub(crate) fn run(plan: &Plan, targets: &[Target]) -> (Vec<Event>, RunSummary) {
    let _alone = network();
    let (sender, mut events) = mpsc::unbounded_channel();
    let summary = runtime().block_on(runner::run(plan, targets, &sender));
    drop(sender);
    let mut all = Vec::new();
    while let Ok(event) = events.try_recv() {
        all.push(event);
    }
    (all, summary)
}

/// The results among these events.
pub(crate) fn results(events: &[Event]) -> impl Iterator<Item = &CaseResult> {
    events.iter().filter_map(|event| match event {
        Event::CaseFinished(result) => Some(result.as_ref()),
        _ => None,
    })
}

pub(crate) fn runtime() -> Runtime {
    Runtime::new().expect("the system gives threads")
}
