//! Runs a plan: sanity case first, then the cases lane by lane, with their twins, and a circuit
//! breaker for a target that falls silent. It prints nothing: it emits events.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use gbaspec_case::case::{Case, Need, Surroundings, Transport, TwinRepeat};
use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseResult, Event, Probe, ProbeResult, RunInfo, RunSummary, TargetInfo};
use gbaspec_case::fact::{FactPath, Value};
use gbaspec_case::judge::{judge, judge_known, judge_play, known_not_applicable};
use gbaspec_case::load::Library;
use gbaspec_case::player::Start;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::requirement::Level;
use gbaspec_case::scene::Scene;
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_case::transcript::{EntryKind, Evidence, Transcript};
use gbaspec_case::verdict::{Finding, Outcome, Part, Verdict};
use gbaspec_case::view::View;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::Sqn;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::host::unix_millis;
use crate::pace::Pace;
use crate::play::{Patiences, play};
use crate::probe::second_opinion;
use crate::property::{Effort, Stage, Tried};
use crate::target::{Lane, Origin, Permission, Ready, Target};
use crate::{DriveError, hook};

/// So many cases in a row may be left unanswered before the rest is given up.
const MOST_BLOCKED: usize = 3;

/// What a run does.
#[derive(Clone)]
pub struct Plan {
    /// All that the vectors say.
    pub library: Arc<Library>,
    /// The selected cases (indices into the library).
    pub selected: Vec<usize>,
    /// The sanity cases of each role; the first that the profile has everything for is played.
    pub sanity: BTreeMap<Element, Vec<String>>,
    /// The seed of all choices.
    pub seed: u64,
    /// Whether targets outside our own networks are allowed.
    pub permission: Permission,
    /// What to say of the run itself.
    pub tool_version: String,
    /// Digest of the vectors.
    pub vectors_digest: String,
    /// At least so many cases must get a verdict.
    pub min_cases: usize,
    /// How many sequences of each property are tried; what the property says if not given.
    pub tries: Option<usize>,
    /// The folder of the run as the user named it, if evidence is kept.
    pub folder: Option<String>,
}

/// Exit codes of a run; fixed numbers, never a count.
pub mod exit {
    /// All required cases passed.
    pub const OK: u8 = 0;
    /// At least one failure.
    pub const FAILED: u8 = 1;
    /// Wrong command line, profile or vector.
    pub const USAGE: u8 = 2;
    /// The target cannot be reached, or its sanity case failed.
    pub const NO_TARGET: u8 = 3;
    /// Nothing selected, or too few cases ran.
    pub const TOO_FEW: u8 = 4;
    /// Required cases are inconclusive.
    pub const INCONCLUSIVE: u8 = 6;
    /// A bug of the tool.
    pub const BUG: u8 = 70;
    /// Interrupted.
    pub const INTERRUPTED: u8 = 130;
}

/// Where events go.
pub type Events = mpsc::UnboundedSender<Event>;

/// Runs the plan against the targets, one after the other. Dropping the future interrupts it; what
/// was emitted stays emitted, and the caller ends the run with [`interrupted`].
pub async fn run(plan: &Plan, targets: &[Target], events: &Events) -> RunSummary {
    let began = Instant::now();
    emit(events, Event::RunStarted(run_info(plan, targets)));
    let mut tally = Tally::new(plan.selected.len());
    for target in targets {
        run_target(plan, target, events, &mut tally).await;
    }
    let mut summary = tally.summary;
    summary.duration_micros = micros(began);
    summary.exit_code = exit_code(
        &summary,
        tally.no_target,
        tally.required_inconclusive,
        plan.min_cases,
    );
    emit(events, Event::RunFinished(summary.clone()));
    summary
}

/// The summary of a run that was stopped from outside, from the events that it had emitted.
pub fn interrupted(emitted: &RunSummary, why: &str, exit_code: u8) -> RunSummary {
    RunSummary {
        stopped: Some(why.to_owned()),
        exit_code,
        ..emitted.clone()
    }
}

struct Tally {
    summary: RunSummary,
    no_target: bool,
    required_inconclusive: bool,
}

impl Tally {
    fn new(planned: usize) -> Self {
        let summary = RunSummary {
            planned,
            ..RunSummary::default()
        };
        Self {
            summary,
            no_target: false,
            required_inconclusive: false,
        }
    }
}

fn exit_code(
    summary: &RunSummary,
    no_target: bool,
    required_inconclusive: bool,
    min_cases: usize,
) -> u8 {
    if summary.errors > 0 {
        exit::BUG
    } else if summary.failed > 0 {
        exit::FAILED
    } else if no_target {
        exit::NO_TARGET
    } else if required_inconclusive {
        exit::INCONCLUSIVE
    } else if summary.ran < min_cases.max(1) {
        exit::TOO_FEW
    } else {
        exit::OK
    }
}

fn run_info(plan: &Plan, targets: &[Target]) -> RunInfo {
    RunInfo {
        tool_version: plan.tool_version.clone(),
        started_unix_millis: unix_millis(),
        seed: plan.seed,
        targets: targets.iter().map(target_info).collect(),
        vectors_digest: plan.vectors_digest.clone(),
        release: targets
            .first()
            .map_or(17, |target| target.profile.scene.release),
        planned: plan.selected.len(),
        folder: plan.folder.clone(),
    }
}

fn target_info(target: &Target) -> TargetInfo {
    let TargetProfile {
        name,
        role,
        address,
        file,
        ..
    } = &target.profile;
    let (address, profile) = match target.origin {
        Origin::Embedded(_) => ("in process", None),
        Origin::Network if *role == Element::Ue => ("comes to the harness", Some(file)),
        Origin::Network => (address.as_str(), Some(file)),
    };
    TargetInfo {
        name: name.clone(),
        role: *role,
        address: address.to_owned(),
        profile: profile.cloned(),
    }
}

async fn run_target(plan: &Plan, target: &Target, events: &Events, tally: &mut Tally) {
    let role = target.profile.role;
    let mut cases: Vec<usize> = plan
        .selected
        .iter()
        .copied()
        .filter(|&index| plan.library.cases[index].target == role)
        .collect();
    cases.sort_by_key(|&index| plan.library.cases[index].clause_order());
    if cases.is_empty() {
        return;
    }
    let (runnable, skipped) = split_by_needs(plan, target, &cases);
    for (index, reason) in skipped {
        skip(plan, index, &reason, events, tally);
    }
    if runnable.is_empty() {
        return;
    }
    let mut ready = match prepare(plan, target).await {
        Ok(ready) => ready,
        Err(why) => {
            let probe = Probe {
                role,
                result: ProbeResult::Unreachable,
                detail: why.to_string(),
            };
            return give_up(plan, &runnable, probe, events, tally);
        }
    };
    let probe = sanity(plan, target, &mut ready).await;
    match probe.result {
        ProbeResult::Sane => {}
        // It answers, though not as it should: the cases say which rule it breaks.
        ProbeResult::NotSane => tally.no_target = true,
        ProbeResult::Silent | ProbeResult::Unreachable => {
            return give_up(plan, &runnable, probe, events, tally);
        }
    }
    emit(events, Event::Probed(probe));
    run_lanes(plan, ready, runnable, events, tally).await;
}

async fn prepare(plan: &Plan, target: &Target) -> Result<Ready, DriveError> {
    let TargetProfile {
        role,
        scene,
        hooks,
        deadlines,
        ..
    } = &target.profile;
    if let Some(reset) = &hooks.reset {
        hook::run(reset, deadlines.client).await?;
    }
    if let Some(install_key) = &hooks.install_key {
        hook::install_keys(install_key, deadlines.client, scene, *role).await?;
    }
    target.make_ready(plan.seed, plan.permission).await
}

/// The cases that the profile has everything for, and the others, each with what is missing.
fn split_by_needs(
    plan: &Plan,
    target: &Target,
    cases: &[usize],
) -> (Vec<usize>, Vec<(usize, String)>) {
    let mut runnable = Vec::new();
    let mut skipped = Vec::new();
    for &index in cases {
        let case = &plan.library.cases[index];
        // Without its valid twin a negative case says nothing.
        let twin = plan.library.twin_of(case);
        match [Some(case), twin]
            .into_iter()
            .flatten()
            .find_map(|case| missing(case, target))
        {
            None => runnable.push(index),
            Some(what) => skipped.push((index, what)),
        }
    }
    (runnable, skipped)
}

/// What the profile does not have for this case.
fn missing(case: &Case, target: &Target) -> Option<String> {
    let profile = &target.profile;
    let scene = &profile.scene;
    if let Some(need) = scene.unmet(&case.needs) {
        return Some(format!("the profile does not claim `{}`", need.as_str()));
    }
    let kind = case.subscriber_kind;
    let takes_any = match profile.role {
        Element::Naf | Element::Portal | Element::Proxy | Element::As => true,
        Element::Ue => !scene.capabilities.contains(&Need::Bootstraps),
        Element::Bsf | Element::Hss => false,
    };
    if scene.first_of(kind).is_none() && !(takes_any && kind == SubscriberKind::Usim) {
        let kind = kind.as_str();
        return Some(format!("the profile has no subscriber of kind `{kind}`"));
    }
    if case.transport == Transport::Tls && !target.speaks_tls() {
        return Some("the profile has no address inside TLS".to_owned());
    }
    if case.transport.psk_version().is_some() && !target.shares_keys() {
        return Some("the profile has no address for handshakes with shared keys".to_owned());
    }
    hook::unknown_key(case, profile)
}

fn skip(plan: &Plan, index: usize, reason: &str, events: &Events, tally: &mut Tally) {
    tally.summary.skipped += 1;
    let case = plan.library.cases[index].header();
    emit(
        events,
        Event::CaseSkipped {
            case,
            reason: reason.to_owned(),
        },
    );
}

fn give_up(plan: &Plan, cases: &[usize], probe: Probe, events: &Events, tally: &mut Tally) {
    tally.no_target = true;
    emit(events, Event::Probed(probe));
    for &index in cases {
        skip(
            plan,
            index,
            "blocked: the sanity case did not pass",
            events,
            tally,
        );
    }
}

/// The first sanity case of the role that the profile has everything for.
fn sanity_case<'a>(plan: &'a Plan, target: &Target) -> Option<&'a Case> {
    let named = plan.sanity.get(&target.profile.role)?.iter();
    named
        .filter_map(|id| plan.library.case(id))
        .find(|case| missing(case, target).is_none())
}

/// Plays the sanity case before anything else; where the client's USIM is ahead of the harness's
/// counter, its AUTS is obeyed once, as a home network would (TS 33.102 6.3.5).
async fn sanity(plan: &Plan, target: &Target, ready: &mut Ready) -> Probe {
    let role = target.profile.role;
    let Some(case) = sanity_case(plan, target) else {
        let detail = format!("the suite names no sanity case for such a {role}");
        return Probe {
            role,
            result: ProbeResult::NotSane,
            detail,
        };
    };
    let Ready {
        profile,
        lanes,
        pace,
        ..
    } = ready;
    let mut probe = Probe {
        role,
        result: ProbeResult::NotSane,
        detail: String::new(),
    };
    for lane in &mut *lanes {
        probe = sanity_of_lane(plan, case, profile, lane, pace).await;
        if probe.result != ProbeResult::Sane {
            return probe;
        }
    }
    if let Some(lane) = lanes.first_mut() {
        align_other_usims(plan, case, profile, lane, pace).await;
    }
    let speaks_http = !matches!(role, Element::Ue | Element::Hss);
    if speaks_http && (profile.tls.is_none() || profile.tls_address.is_some()) {
        probe.detail = second_opinion(&profile.address, pace.deadline()).await;
    }
    probe
}

/// Brings the counters of the client's other USIMs into their range before a case asks for one; what
/// is wrong with such a client, the case will say.
async fn align_other_usims(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
) {
    if profile.role != Element::Ue {
        return;
    }
    let scene = &profile.scene;
    let kinds = [SubscriberKind::Tuak128, SubscriberKind::Tuak256];
    for kind in kinds {
        let is_asked_for = |&index: &usize| {
            let case = &plan.library.cases[index];
            case.target == Element::Ue && case.subscriber_kind == kind
        };
        let subscriber = scene
            .first_of(kind)
            .filter(|other| *other != lane.subscriber);
        if let Some(subscriber) = subscriber.filter(|_| plan.selected.iter().any(is_asked_for)) {
            play_sanity(plan, case, profile, lane, pace, subscriber).await;
        }
    }
}

/// Plays the sanity case for a subscriber, and again if the client reported its SQN_MS.
async fn play_sanity(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
    subscriber: usize,
) -> Transcript {
    let mut transcript = Transcript::default();
    for attempt in 0..2 {
        let seed = seed_of(plan.seed, case, attempt, subscriber);
        transcript = play_once(case, profile, lane, pace, (subscriber, seed)).await;
        let reported = reported_sqn_ms(&profile.scene, &transcript);
        let Some(sqn_ms) = reported.filter(|_| profile.role == Element::Ue) else {
            break;
        };
        lane.counter(subscriber, &profile.scene)
            .resynchronise(sqn_ms);
    }
    transcript
}

async fn sanity_of_lane(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
) -> Probe {
    let evidence = Evidence {
        case: play_sanity(plan, case, profile, lane, pace, lane.subscriber).await,
        ..Evidence::default()
    };
    let verdict = judge(case, None, &profile.scene, &evidence);
    let of_kind = |kind: fn(&EntryKind) -> bool| {
        let entries = &evidence.case.entries;
        entries.iter().any(|entry| kind(&entry.kind))
    };
    let has_answered = of_kind(|kind| {
        matches!(
            kind,
            EntryKind::Received { .. }
                | EntryKind::Secured { .. }
                | EntryKind::Unshared { .. }
                | EntryKind::Unreadable { .. }
                | EntryKind::Closed
        )
    });
    let result = if verdict.outcome == Outcome::Pass {
        ProbeResult::Sane
    } else if has_answered {
        ProbeResult::NotSane
    } else if of_kind(|kind| matches!(kind, EntryKind::Unreachable { .. })) {
        ProbeResult::Unreachable
    } else {
        ProbeResult::Silent
    };
    let detail = verdict
        .findings
        .first()
        .map_or_else(String::new, |finding| {
            format!(
                "{}: expected {}, got {}",
                finding.check, finding.expected, finding.actual
            )
        });
    Probe {
        role: profile.role,
        result,
        detail,
    }
}

/// SQN_MS of the last AUTS that a client sent with a right MAC-S.
fn reported_sqn_ms(scene: &Scene, transcript: &Transcript) -> Option<Sqn> {
    let mac = FactPath::from_name("credentials.auts.mac")?;
    let sqn_ms = FactPath::from_name("credentials.auts.sqn-ms")?;
    (0..transcript.entries.len()).rev().find_map(|index| {
        let view = View::new(scene, transcript, index)?;
        (mac.read(&view)? == Value::word("valid")).then_some(())?;
        Sqn::new(sqn_ms.read(&view)?.number()?)
    })
}

/// What the lanes share.
struct Shared {
    plan: Plan,
    profile: TargetProfile,
    pace: Arc<Pace>,
    blocked: AtomicUsize,
    events: Events,
    results: mpsc::UnboundedSender<Done>,
}

/// What became of a case.
enum Done {
    /// It has a verdict.
    Judged(Level, Verdict),
    /// It does not apply to this target.
    Skipped,
}

async fn run_lanes(
    plan: &Plan,
    ready: Ready,
    cases: Vec<usize>,
    events: &Events,
    tally: &mut Tally,
) {
    let Ready {
        profile,
        lanes,
        pace,
        hosts,
        ca_file,
    } = ready;
    let (results, mut verdicts) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        plan: plan.clone(),
        profile,
        pace,
        blocked: AtomicUsize::new(0),
        events: events.clone(),
        results,
    });
    let mut tasks = JoinSet::new();
    let count = lanes.len().max(1);
    for (number, lane) in lanes.into_iter().enumerate() {
        // Dealt out beforehand, so that a case is always played for the same subscriber and the same
        // seed sends the same bytes.
        let share = share_of(plan, &cases, number, count);
        tasks.spawn(run_lane(Arc::clone(&shared), lane, share));
    }
    drop(shared);
    while let Some(done) = verdicts.recv().await {
        match done {
            Done::Skipped => tally.summary.skipped += 1,
            Done::Judged(level, verdict) => {
                tally.summary.count(&verdict);
                tally.required_inconclusive |=
                    verdict.outcome == Outcome::Inconclusive && level == Level::Shall;
            }
        }
    }
    while let Some(joined) = tasks.join_next().await {
        // A bug of the harness must not look like a verdict, nor like cases that were never planned.
        if let Err(why) = joined {
            tally.summary.errors += 1;
            tally.summary.stopped = Some(format!("a lane of the harness broke off: {why}"));
        }
    }
    drop((hosts, ca_file));
}

/// The cases of one lane of several. Those of another kind of subscriber than the usual one share a
/// subscriber, so that they are all played by the first lane, after its own.
fn share_of(plan: &Plan, cases: &[usize], lane: usize, lanes: usize) -> Vec<usize> {
    let is_usual = |index: &usize| {
        let case = &plan.library.cases[*index];
        case.subscriber_kind == SubscriberKind::Usim
            && case.surroundings() == Surroundings::Provisioned
    };
    let (usual, others): (Vec<usize>, Vec<usize>) = cases.iter().partition(|index| is_usual(index));
    let mut share: Vec<usize> = usual.into_iter().skip(lane).step_by(lanes).collect();
    if lane == 0 {
        share.extend(others);
    }
    share
}

async fn run_lane(shared: Arc<Shared>, mut lane: Lane, cases: Vec<usize>) {
    for index in cases {
        let case = &shared.plan.library.cases[index];
        emit(
            &shared.events,
            Event::CaseStarted {
                case: case.header(),
            },
        );
        let began = Instant::now();
        let Tried { evidence, found } = shared.tried(case, &mut lane).await;
        let (library, scene) = (&shared.plan.library, &shared.profile.scene);
        if let Some(reason) = known_not_applicable(library, case, scene, &evidence) {
            shared.tell(Done::Skipped);
            emit(
                &shared.events,
                Event::CaseSkipped {
                    case: case.header(),
                    reason,
                },
            );
            continue;
        }
        let verdict = if evidence == Evidence::default() {
            not_tried(case)
        } else {
            judge_known(library, case, scene, &evidence)
        };
        shared.watch_breaker(case, &verdict, &evidence);
        shared.tell(Done::Judged(case.level, verdict.clone()));
        let result = CaseResult {
            case: case.header(),
            verdict,
            evidence,
            duration_micros: micros(began),
            found,
        };
        emit(&shared.events, Event::CaseFinished(Box::new(result)));
    }
}

impl Shared {
    /// Plays the case; no evidence at all if the target is given up.
    async fn tried(&self, case: &Case, lane: &mut Lane) -> Tried {
        if self.blocked.load(Ordering::Relaxed) >= MOST_BLOCKED {
            return Tried::default();
        }
        let (plan, profile, pace) = (&self.plan, &self.profile, &self.pace);
        gather(plan, case, profile, lane, pace, Effort::Shorten).await
    }

    fn tell(&self, done: Done) {
        // The receiver ends only after all lanes.
        drop(self.results.send(done));
    }

    fn watch_breaker(&self, case: &Case, verdict: &Verdict, evidence: &Evidence) {
        // Where a second address inside TLS is out of reach, the usual one may well answer.
        if *evidence == Evidence::default() || case.transport != Transport::Tcp {
            return;
        }
        if !is_blocked(verdict, evidence) {
            return self.blocked.store(0, Ordering::Relaxed);
        }
        if self.blocked.fetch_add(1, Ordering::Relaxed) + 1 == MOST_BLOCKED {
            let role = case.target;
            emit(
                &self.events,
                Event::CircuitOpened {
                    role,
                    after: MOST_BLOCKED,
                },
            );
        }
    }
}

/// Whether the target left the case unanswered.
fn is_blocked(verdict: &Verdict, evidence: &Evidence) -> bool {
    let is_silent = |transcript: &Transcript| {
        transcript.entries.iter().any(|entry| {
            matches!(
                entry.kind,
                EntryKind::Unreachable { .. } | EntryKind::Control { answered: false }
            )
        })
    };
    verdict.outcome == Outcome::Inconclusive && evidence.plays().any(is_silent)
}

fn not_tried(case: &Case) -> Verdict {
    let finding = Finding {
        requirement: case.requirements.first().cloned().unwrap_or_default(),
        check: "message".to_owned(),
        expected: "a target that answers".to_owned(),
        actual: format!("not tried: the target left {MOST_BLOCKED} cases in a row unanswered"),
        place: case.place.clone(),
        part: Part::Case,
    };
    Verdict {
        outcome: Outcome::Inconclusive,
        findings: vec![finding],
        warnings: Vec::new(),
        observations: Vec::new(),
        assertions: 0,
    }
}

/// Plays a case of any kind and gathers the evidence.
pub(crate) async fn gather(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
    effort: Effort,
) -> Tried {
    if let Some(property) = &case.property {
        let mut stage = Stage {
            plan,
            case,
            property,
            profile,
            lane,
            pace,
        };
        return stage.try_all(effort).await;
    }
    Tried {
        evidence: with_twin(plan, case, profile, lane, pace).await,
        found: None,
    }
}

/// Plays a case with its twin around it. The twin afterwards is left out where the verdict stands
/// already.
async fn with_twin(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
) -> Evidence {
    let mut evidence = Evidence::default();
    let twin = plan.library.twin_of(case);
    let scene = &profile.scene;
    let of_twin = twin.map(|twin| lane.subscriber_of(twin, scene));
    let own = lane.subscriber_of(case, scene);
    let of_twin = of_twin.unwrap_or(own);
    let seed = |subscriber, play| (subscriber, seed_of(plan.seed, case, play, subscriber));
    let (first, second, third) = (seed(of_twin, 0), seed(own, 1), seed(of_twin, 2));
    if let Some(twin) = twin {
        let before = play_once(twin, profile, lane, pace, first).await;
        let holds = judge_play(twin, scene, &before).outcome == Outcome::Pass;
        evidence.before = Some(before);
        if !holds {
            return evidence;
        }
    }
    evidence.case = play_once(case, profile, lane, pace, second).await;
    let Some(twin) = twin else { return evidence };
    let repeats = case
        .twin
        .as_ref()
        .is_some_and(|twin| twin.repeat == TwinRepeat::BeforeAndAfter);
    let passed = judge_play(case, scene, &evidence.case).outcome == Outcome::Pass;
    if repeats && passed {
        evidence.after = Some(play_once(twin, profile, lane, pace, third).await);
    }
    evidence
}

pub(crate) async fn play_once(
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &Pace,
    (subscriber, seed): (usize, u64),
) -> Transcript {
    let start = Start {
        subscriber,
        unix_millis: unix_millis(),
        seed,
        he: lane.counter(subscriber, &profile.scene).clone(),
    };
    let patiences = Patiences {
        pace,
        client: profile.deadlines.client,
    };
    let (transcript, he): (Transcript, HeSqn) =
        play(case, &profile.scene, start, &mut lane.link, &patiences).await;
    *lane.counter(subscriber, &profile.scene) = he;
    transcript
}

/// Each play has its own seed, so that a case sends the same bytes whatever ran before it. The hash
/// is FNV-1a: it must be the same in every build of the tool.
pub(crate) fn seed_of(seed: u64, case: &Case, play: u8, subscriber: usize) -> u64 {
    let subscriber = u8::try_from(subscriber).unwrap_or(u8::MAX);
    let bytes = case
        .id
        .as_str()
        .bytes()
        .chain([play, subscriber])
        .chain(seed.to_be_bytes());
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn emit(events: &Events, event: Event) {
    // Without a listener there is nobody to tell.
    drop(events.send(event));
}

fn micros(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}
