//! Properties over the network: a planted fault is shortened to what is known to show it, the file
//! that is left says the same to the faulty peer and to a correct one, and no correct home network
//! is failed, whichever way of TS 33.102 C.3 its numbers rise.

use std::sync::Arc;

use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseResult, Event};
use gbaspec_case::load::{self, Source};
use gbaspec_case::property::Found;
use gbaspec_case::verdict::Outcome;
use gbaspec_crypto::sqn::{Generation, SqnScheme};
use gbaspec_crypto::token::Sqn;
use gbaspec_drive::host::Host;
use gbaspec_drive::runner::{self, Plan};
use gbaspec_drive::target::{Origin, Peer, Target};
use gbaspec_roles::bsf::{self, BsfConfig, BsfNetwork, BsfOffer, VectorChoice, VectorSeed};
use gbaspec_roles::embedded::{self, SUBSCRIBERS, TestSubscriber};
use gbaspec_roles::faults::{self, Tamper};
use gbaspec_roles::{Bsf, BsfPolicy};
use rstest::rstest;
use tokio::sync::mpsc;

use crate::world::{LIBRARY, embedded, network, plan, profile, results, run, runtime};

/// How a home network chooses RAND and SQN.
type ChooseVector = fn(&VectorChoice) -> VectorSeed;

const IND_AS_IT_COMES: ChooseVector = bsf::choose_vector;
/// IND has 5 bits in all profiles.
const IND_CONSTANT: ChooseVector = |choice| {
    let seed = bsf::choose_vector(choice);
    let sqn = Sqn::new(seed.sqn.value() / 32 * 32 + 3).unwrap_or(seed.sqn);
    VectorSeed { sqn, ..seed }
};

/// A plan for this property alone.
fn plan_for(id: &str, seed: u64) -> Plan {
    let index = LIBRARY.cases.iter().position(|case| case.id.as_str() == id);
    Plan {
        selected: vec![index.expect("the property is there")],
        seed,
        ..plan()
    }
}

fn faulty(role: Element, fault: &str) -> Target {
    let fault = faults::all().find(|known| known.id == fault);
    Target::embedded(
        profile(role),
        Peer::Faulty(fault.expect("the fault is there")),
    )
}

fn correct(role: Element) -> Target {
    Target::embedded(profile(role), Peer::Correct)
}

fn only_result(events: &[Event]) -> &CaseResult {
    let mut results = results(events);
    let result = results.next().expect("the property was tried");
    assert!(results.next().is_none());
    result
}

fn found_with(id: &str, seed: u64, target: Target) -> Found {
    let (events, _) = run(&plan_for(id, seed), &[target]);
    let result = only_result(&events);
    assert_eq!(
        result.verdict.outcome,
        Outcome::Fail,
        "{:?}",
        result.verdict
    );
    let found = result.found.as_deref().expect("a sequence was found");
    assert_eq!(result.evidence.sequence.as_ref(), Some(&found.sequence));
    found.clone()
}

/// The expected sequences follow from what the faults do, not from a run: one challenge shows a RAND
/// that never changes, an SQN_MS one below the counter is the nearest that can lower it, and so on.
#[rstest]
#[case::rand_never_changes(
    "ub/sqn/every-vector-is-fresh",
    "bsf/rand-constant",
    "ask (connection current)"
)]
#[case::counter_follows_a_lower_report(
    "ub/sqn/no-report-from-below-lowers-the-counter",
    "bsf/counter-lowered-by-auts",
    "report (behind 1)"
)]
#[case::mac_s_is_not_checked(
    "ub/sqn/no-altered-auts-moves-the-counter",
    "bsf/auts-without-mac-check",
    "alter-mac-s (bit 48)"
)]
#[case::an_auts_is_obeyed_twice(
    "ub/sqn/a-repeated-auts-moves-nothing-back",
    "bsf/counter-lowered-by-repeated-auts",
    "repeat-at-once (ahead 1, connection current)"
)]
#[case::slots_are_forgotten(
    "ue/sqn/no-challenge-is-accepted-twice",
    "ue/forgets-other-slots",
    "accept (ahead 1, ind 1)"
)]
fn shortens_a_planted_fault(
    #[case] id: &str,
    #[case] fault: &str,
    #[case] shortest: &str,
    #[values(1, 2)] seed: u64,
) {
    let role = if fault.starts_with("ue/") {
        Element::Ue
    } else {
        Element::Bsf
    };
    let found = found_with(id, seed, faulty(role, fault));
    assert_eq!(found.sequence.to_string(), shortest);
    assert!(found.replays <= 64, "{} replays", found.replays);
    assert!(found.shrunk_from >= 1);
}

#[test]
fn the_file_that_is_left_fails_the_faulty_peer_and_passes_a_correct_one() {
    let id = "ub/sqn/no-report-from-below-lowers-the-counter";
    let fault = || faulty(Element::Bsf, "bsf/counter-lowered-by-auts");
    let found = found_with(id, 7, fault());
    let mut sources = gbaspec_suites::vectors();
    let name = "run/found/property.yaml".to_owned();
    sources.push(Source {
        name: name.clone(),
        text: found.text,
    });
    let loaded = load::load(&sources);
    assert_eq!(loaded.problems, []);
    let cases = &loaded.library.cases;
    let index = cases.iter().position(|case| case.place.file == name);
    let index = index.expect("the file holds a case");
    assert_eq!(cases[index].id.as_str(), format!("{id}-found"));
    let plan = Plan {
        library: Arc::new(loaded.library),
        selected: vec![index],
        ..plan()
    };
    for (target, outcome) in [
        (fault(), Outcome::Fail),
        (correct(Element::Bsf), Outcome::Pass),
    ] {
        let (events, _) = run(&plan, &[target]);
        let result = only_result(&events);
        assert_eq!(result.verdict.outcome, outcome, "{:?}", result.verdict);
        assert_eq!(result.found, None);
    }
}

/// The same seed sends the same sequences, so a finding can be had again.
#[test]
fn a_seed_repeats_a_finding() {
    let id = "ub/sqn/no-altered-auts-moves-the-counter";
    let found = |seed| found_with(id, seed, faulty(Element::Bsf, "bsf/compares-half-of-mac-s"));
    assert_eq!(found(3), found(3));
}

#[rstest]
fn the_correct_peers_hold_every_property(#[values(11, 12)] seed: u64) {
    let properties = LIBRARY.cases.iter().enumerate();
    let properties = properties.filter(|(_, case)| case.property.is_some());
    let plan = Plan {
        selected: properties.map(|(index, _)| index).collect(),
        seed,
        ..plan()
    };
    assert!(
        plan.selected.len() >= 13,
        "{} properties",
        plan.selected.len()
    );
    let (events, summary) = run(&plan, &embedded(17));
    for result in results(&events) {
        let (id, verdict) = (&result.case.id, &result.verdict);
        assert_eq!(verdict.outcome, Outcome::Pass, "{id}: {verdict:?}");
        assert_eq!(verdict.warnings, [], "{id}");
    }
    assert_eq!(summary.passed, plan.selected.len());
}

/// The profiles of TS 33.102 C.3 with clocks of several speeds, and an IND that never changes.
#[rstest]
#[case::partly_time_based(SqnScheme::C_3_1)]
#[case::not_time_based(SqnScheme::C_3_2)]
#[case::time_based(SqnScheme::C_3_3)]
#[case::time_based_and_fast(SqnScheme {
    generation: Generation::TimeBased { unit_millis: 1 },
    ..SqnScheme::C_3_3
})]
#[case::partly_time_based_and_fast(SqnScheme {
    generation: Generation::PartlyTimeBased { glc_bits: 24, safety: 1 << 16, unit_millis: 1 },
    ..SqnScheme::C_3_1
})]
fn a_home_network_of_any_profile_holds_every_property(
    #[case] scheme: SqnScheme,
    #[values(IND_AS_IT_COMES, IND_CONSTANT)] choose_vector: ChooseVector,
) {
    let _alone = network();
    let bsf = Bsf::new(
        BsfConfig {
            fqdn: embedded::BSF_FQDN.to_owned(),
            subscribers: SUBSCRIBERS.iter().map(TestSubscriber::subscriber).collect(),
            scheme,
            lifetime_seconds: embedded::LIFETIME_SECONDS,
            offer: BsfOffer::default(),
            network: BsfNetwork::default(),
        },
        BsfPolicy {
            choose_vector,
            ..BsfPolicy::default()
        },
        1,
    );
    let selected = LIBRARY.cases.iter().enumerate();
    let selected = selected.filter(|(_, case)| case.id.topic() == "ub/sqn");
    let plan = Plan {
        selected: selected.map(|(index, _)| index).collect(),
        seed: 5,
        ..plan()
    };
    let events = runtime().block_on(async {
        let host = Host::start(Box::new(bsf), Tamper::default(), "127.0.0.1:0", None);
        let host = host.await.expect("a free port");
        let mut profile = profile(Element::Bsf);
        profile.address = host.address.expect("it listens").to_string();
        let target = Target {
            profile,
            origin: Origin::Network,
        };
        let (sender, mut events) = mpsc::unbounded_channel();
        runner::run(&plan, &[target], &sender).await;
        drop(sender);
        let mut all = Vec::new();
        while let Some(event) = events.recv().await {
            all.push(event);
        }
        all
    });
    let mut held = 0;
    for result in results(&events) {
        let (id, verdict) = (&result.case.id, &result.verdict);
        assert_eq!(verdict.outcome, Outcome::Pass, "{id}: {verdict:?}");
        held += 1;
    }
    assert_eq!(held, plan.selected.len());
}
