//! Proves of each case that it can fail: faults x cases against the embedded peers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::judge::judge_known;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::proof::{CaseRow, FaultRow, KillMatrix, PeerRow, StockRow};
use gbaspec_case::requirement::Level;
use gbaspec_case::verdict::{Finding, Outcome, Verdict};
use gbaspec_roles::faults::Fault;
use gbaspec_roles::{RoleName, StockPeer};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::DriveError;
use crate::property::Effort;
use crate::runner::{Plan, gather};
use crate::target::{Lane, Peer, Permission, Ready, Target};

/// So many peers are tried side by side; most of the time goes into waiting for silent ones.
const PEERS_AT_ONCE: usize = 12;

/// Our own peers on loopback answer at once, or never.
const ANSWER: Duration = Duration::from_millis(700);

/// The same for clients.
const CLIENT: Duration = Duration::from_millis(1500);

/// A stock peer may pass at most this share of the cases.
const MOST_STOCK_PERCENT: usize = 2;

/// After so many unanswered cases in a row a silent peer is not asked further.
const MOST_SILENT: usize = 3;

/// Every play of one peer: the case (index) and its verdict.
type Verdicts = BTreeMap<usize, Verdict>;

/// Plays all cases of the plan against the correct peers, each fault and each stock peer.
pub async fn prove(
    plan: &Plan,
    profiles: &[TargetProfile],
    faults: &[&'static Fault],
) -> KillMatrix {
    let began = Instant::now();
    let places = Arc::new(Semaphore::new(PEERS_AT_ONCE));
    let mut tasks = JoinSet::new();
    for (number, (profile, peer)) in peers(profiles, faults).into_iter().enumerate() {
        let (plan, places) = (plan.clone(), Arc::clone(&places));
        tasks.spawn(async move {
            let place = places.acquire_owned().await;
            let role = profile.role;
            let verdicts = play_all(&plan, profile, peer).await;
            drop(place);
            (number, role, peer, verdicts)
        });
    }
    let mut played = BTreeMap::new();
    let mut matrix = KillMatrix::default();
    while let Some(done) = tasks.join_next().await {
        match done {
            Ok((number, role, peer, Ok(verdicts))) => {
                played.insert(number, (role, peer, verdicts));
            }
            Ok((_, role, peer, Err(why))) => {
                matrix.problems.push(format!(
                    "{} for a {role} could not be tried: {why}",
                    name_of(peer)
                ));
            }
            Err(why) => matrix.problems.push(format!("a peer broke off: {why}")),
        }
    }
    fill(plan, played.into_values().collect(), &mut matrix);
    for fault in faults.iter().filter(|fault| fault.caught_by.is_empty()) {
        let problem = format!("fault {} names no case that must catch it", fault.id);
        matrix.problems.push(problem);
    }
    find_problems(plan, &mut matrix);
    matrix.duration_micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    matrix
}

/// Every peer of every role.
fn peers(profiles: &[TargetProfile], faults: &[&'static Fault]) -> Vec<(TargetProfile, Peer)> {
    let mut peers = Vec::new();
    for profile in profiles {
        // A correct peer answers, so that it costs nothing to wait longer where the machine is busy.
        peers.push((profile.clone(), Peer::Correct));
        let mut profile = profile.clone();
        profile.deadlines.answer = ANSWER;
        profile.deadlines.client = CLIENT;
        peers.extend(
            StockPeer::ALL
                .into_iter()
                .map(|stock| (profile.clone(), Peer::Stock(stock))),
        );
        let of_role = faults
            .iter()
            .filter(|fault| element(fault.role) == profile.role);
        peers.extend(of_role.map(|&fault| (profile.clone(), Peer::Faulty(fault))));
    }
    peers
}

/// The element whose part a role plays.
pub fn element(role: RoleName) -> Element {
    match role {
        RoleName::Ue => Element::Ue,
        RoleName::Bsf => Element::Bsf,
        RoleName::Naf => Element::Naf,
        RoleName::Portal => Element::Portal,
        RoleName::Proxy => Element::Proxy,
        RoleName::Hss => Element::Hss,
    }
}

async fn play_all(plan: &Plan, profile: TargetProfile, peer: Peer) -> Result<Verdicts, DriveError> {
    let role = profile.role;
    let cases = plan.selected.iter().copied().filter(|&index| {
        let case = &plan.library.cases[index];
        case.target == role && is_worth_playing(case, peer)
    });
    let cases: Vec<usize> = cases.collect();
    if cases.is_empty() {
        return Ok(Verdicts::new());
    }
    let target = Target::embedded(profile, peer);
    let Ready {
        profile,
        lanes,
        pace,
        ..
    } = &mut target.make_ready(plan.seed, Permission::OwnOnly).await?;
    let mut verdicts = Verdicts::new();
    let mut silent = 0;
    // One lane is enough here: the peers run side by side already.
    let Some(lane) = lanes.first_mut() else {
        return Ok(verdicts);
    };
    for index in cases {
        let case = &plan.library.cases[index];
        if silent >= MOST_SILENT {
            break;
        }
        let (verdict, answered) = play_one(plan, case, profile, lane, pace).await;
        silent = if answered { 0 } else { silent + 1 };
        verdicts.insert(index, verdict);
    }
    Ok(verdicts)
}

/// A fault proves a case only by breaking the rule that it names: it is tried with the cases that must
/// catch it, and with all others that speak for this rule. Peers without a named fault play everything.
fn is_worth_playing(case: &Case, peer: Peer) -> bool {
    match peer {
        Peer::Faulty(fault) => {
            fault.caught_by.contains(&case.id.as_str()) || case.speaks_for(fault.requirement)
        }
        Peer::Correct | Peer::Stock(_) => true,
    }
}

async fn play_one(
    plan: &Plan,
    case: &Case,
    profile: &TargetProfile,
    lane: &mut Lane,
    pace: &crate::pace::Pace,
) -> (Verdict, bool) {
    use gbaspec_case::transcript::EntryKind;
    let tried = gather(plan, case, profile, lane, pace, Effort::FirstFailure).await;
    let evidence = tried.evidence;
    let verdict = judge_known(&plan.library, case, &profile.scene, &evidence);
    let answered = evidence.plays().any(|transcript| {
        transcript.entries.iter().any(|entry| {
            matches!(
                entry.kind,
                EntryKind::Received { .. }
                    | EntryKind::Secured { .. }
                    | EntryKind::Unshared { .. }
                    | EntryKind::Closed
                    | EntryKind::Finished { .. }
                    | EntryKind::Unreadable { .. }
            )
        })
    });
    (verdict, answered)
}

fn fill(plan: &Plan, played: Vec<(Element, Peer, Verdicts)>, matrix: &mut KillMatrix) {
    let id = |index: &usize| plan.library.cases[*index].id.to_string();
    let mut correct: BTreeMap<usize, Outcome> = BTreeMap::new();
    let mut kills: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for (role, peer, verdicts) in played {
        matrix.plays += verdicts.len();
        match peer {
            Peer::Correct => {
                let passed = verdicts
                    .values()
                    .filter(|verdict| verdict.outcome == Outcome::Pass)
                    .count();
                matrix.correct.push(PeerRow {
                    role,
                    cases: verdicts.len(),
                    passed,
                });
                for (index, verdict) in verdicts {
                    correct.insert(index, verdict.outcome);
                    report_correct(&id(&index), &verdict, matrix);
                }
            }
            Peer::Stock(stock) => {
                let passed = verdicts
                    .iter()
                    .filter(|(_, verdict)| verdict.outcome == Outcome::Pass);
                let passed = passed.map(|(index, _)| id(index)).collect();
                let cases = plan
                    .selected
                    .iter()
                    .filter(|&&index| plan.library.cases[index].target == role);
                let row = StockRow {
                    name: stock.as_str().to_owned(),
                    role,
                    cases: cases.count(),
                    passed,
                };
                matrix.stock.push(row);
            }
            Peer::Faulty(fault) => {
                let row = fault_row(plan, fault, role, &verdicts);
                let killed = verdicts.iter().filter(|(index, verdict)| {
                    is_killed_for(fault, &plan.library.cases[**index], verdict)
                });
                for (&index, _) in killed {
                    kills.entry(index).or_default().push(fault.id.to_owned());
                }
                let is_meant = !row.caught_by.is_empty() || !row.killed_by.is_empty();
                if is_meant {
                    matrix.faults.push(row);
                }
            }
        }
    }
    matrix.cases = plan
        .selected
        .iter()
        .map(|index| CaseRow {
            id: id(index),
            correct: correct.get(index).copied(),
            kills: kills.remove(index).unwrap_or_default(),
        })
        .collect();
}

fn report_correct(id: &str, verdict: &Verdict, matrix: &mut KillMatrix) {
    if verdict.outcome == Outcome::Pass {
        return;
    }
    let why = verdict
        .findings
        .first()
        .map_or_else(String::new, |finding| {
            format!(
                ": {} expected {}, got {}",
                finding.check, finding.expected, finding.actual
            )
        });
    matrix.problems.push(format!(
        "the correct peer does not pass {id} ({}){why}",
        verdict.outcome
    ));
}

fn fault_row(plan: &Plan, fault: &Fault, role: Element, verdicts: &Verdicts) -> FaultRow {
    let id = |index: &usize| plan.library.cases[*index].id.to_string();
    // Where only some cases are tried, the others owe nothing.
    let is_tried = |id: &&str| {
        let known = plan
            .library
            .cases
            .iter()
            .position(|case| case.id.as_str() == *id);
        known.is_none_or(|index| plan.selected.contains(&index))
    };
    let (killed, others): (Vec<_>, Vec<_>) = verdicts
        .iter()
        .partition(|(index, verdict)| is_killed_for(fault, &plan.library.cases[**index], verdict));
    let otherwise = others
        .into_iter()
        .filter(|(_, verdict)| verdict.outcome == Outcome::Fail);
    FaultRow {
        id: fault.id.to_owned(),
        role,
        requirement: fault.requirement.to_owned(),
        what: fault.what.to_owned(),
        caught_by: fault
            .caught_by
            .iter()
            .copied()
            .filter(is_tried)
            .map(str::to_owned)
            .collect(),
        killed_by: killed.into_iter().map(|(index, _)| id(index)).collect(),
        failed_otherwise: otherwise.map(|(index, _)| id(index)).collect(),
    }
}

/// Whether the case catches the fault for the reason that it names: it fails it. A warning is enough
/// only where the case itself is about a recommendation.
fn is_killed_for(fault: &Fault, case: &Case, verdict: &Verdict) -> bool {
    let names_it = |finding: &Finding| finding.requirement == fault.requirement;
    match verdict.outcome {
        Outcome::Fail => verdict.findings.iter().any(names_it),
        Outcome::Pass => case.level != Level::Shall && verdict.warnings.iter().any(names_it),
        Outcome::Inconclusive | Outcome::Error => false,
    }
}

fn find_problems(plan: &Plan, matrix: &mut KillMatrix) {
    let mut problems = Vec::new();
    for row in &matrix.faults {
        for case in row
            .caught_by
            .iter()
            .filter(|case| !row.killed_by.contains(case))
        {
            let how = if plan.library.case(case).is_none() {
                "is not there"
            } else if row.failed_otherwise.contains(case) {
                "fails it for another reason"
            } else {
                "does not fail it"
            };
            problems.push(format!(
                "fault {} ({}): case {case} {how}",
                row.id, row.requirement
            ));
        }
    }
    for row in matrix.cases.iter().filter(|row| row.kills.is_empty()) {
        problems.push(format!(
            "case {} is failed by no fault for its reason",
            row.id
        ));
    }
    for row in &matrix.stock {
        if row.passed.len() * 100 > row.cases * MOST_STOCK_PERCENT {
            let (name, role, passed) = (&row.name, row.role, row.passed.len());
            problems.push(format!(
                "stock peer {name} passes {passed} of {} cases for a {role}",
                row.cases
            ));
        }
        for case in &row.passed {
            if plan.library.case(case).is_some_and(Case::is_negative) {
                problems.push(format!(
                    "stock peer {} passes the negative case {case}",
                    row.name
                ));
            }
        }
    }
    matrix.problems.extend(problems);
}

fn name_of(peer: Peer) -> String {
    match peer {
        Peer::Correct => "the correct peer".to_owned(),
        Peer::Faulty(fault) => format!("fault {}", fault.id),
        Peer::Stock(stock) => format!("stock peer {}", stock.as_str()),
    }
}
