//! P-HE-1 to 11: the suite plays the UE with the K of the subscriber.

use std::collections::{HashMap, HashSet};

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::token::{Amf, Rand};
use gbaspec_roles::embedded::NAF_FQDN;
use gbaspec_roles::faults::Fault;
use gbaspec_wire::http::Message;
use proptest::prelude::*;

use super::model::{
    Array, DELTA, Home, Office, Profile, Report, SLOTS, office, pause, report, sqn,
};
use super::peers::{Opened, Server, User, amf, btid, is_no_server_error, opened};
use super::{Verdict, invariants};

invariants! {
    /// P-HE-1: vectors for one user have different RANDs, and SEQ rises for each IND.
    p_he_1_vectors_differ_and_rise: talk(8) => vectors_differ_and_rise;
    /// P-HE-2: vectors are accepted in their order, whichever of them get lost.
    p_he_2_vectors_in_order_are_accepted: talk(8) => vectors_are_accepted;
    /// P-HE-3: after a valid AUTS the next vector is in the range of the USIM.
    p_he_3_next_vector_is_in_range: failure() => next_vector_is_in_range;
    /// P-HE-4: an AUTS that needs no reset lowers nothing.
    p_he_4_auts_from_behind_lowers_nothing: failure() => lowers_nothing_without_need;
    /// P-HE-5: an AUTS with a flipped bit moves nothing.
    p_he_5_forged_auts_moves_nothing: failure() => forged_auts_moves_nothing;
    /// P-HE-6: an AUTS is bound to its user and its RAND.
    p_he_6_auts_is_bound_to_user_and_rand: failure() => auts_is_bound;
    /// P-HE-7: an AUTS that is sent again takes back nothing that was used.
    p_he_7_a_replayed_auts_resets_nothing: (failure(), 0_usize..4) => replayed_auts_resets_nothing;
    /// P-HE-8: the challenge after a resynchronisation has a new nonce and a new RAND.
    p_he_8_resynchronisation_renews_nonce_and_rand: failure() => renews_nonce_and_rand;
    /// P-HE-9: what was issued before a reset is neither served nor accepted after it.
    p_he_9_old_vectors_are_gone: (failure(), 0_usize..4) => old_vectors_are_gone;
    /// P-HE-10: before a right RES nobody has a key, and then only its own RAND has one.
    p_he_10_no_key_before_res: failure() => no_key_before_res;
    /// P-HE-11: an AUTS that is sent twice at once does no harm.
    p_he_11_a_retry_of_auts_is_harmless: failure() => retry_is_harmless;
}

// ---------------------------------------------------------------- what is generated

/// A BSF and what is asked of it, with the time before each request.
pub(super) type Talk = (Office, Vec<(Step, i64)>);

#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A first request whose challenge gets lost.
    Lost,
    /// A run to its end.
    Concluded,
    /// A run with a wrong RES.
    Failed,
    /// A run with an AUTS from a USIM that is not ahead.
    Behind,
}

pub(super) fn talk(steps: usize) -> impl Strategy<Value = Talk> {
    let step = prop_oneof![
        Just(Step::Lost),
        Just(Step::Concluded),
        Just(Step::Failed),
        Just(Step::Behind)
    ];
    (office(), prop::collection::vec((step, pause()), 1..=steps))
}

/// A USIM that fails to synchronise.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) office: Office,
    pub(super) report: Report,
    pub(super) ind: usize,
    pub(super) forgery: Forgery,
    /// The time between two messages.
    pub(super) pause: i64,
}

/// What somebody without K does to an AUTS.
#[derive(Clone, Copy, Debug)]
pub(super) enum Forgery {
    /// One of its 112 bits is another.
    Bit(usize),
    /// Its MAC-S covers the AMF of the challenge in place of AMF*.
    ChallengeAmf,
}

pub(super) fn failure() -> impl Strategy<Value = Failure> {
    let forgery = prop_oneof![
        9 => (0_usize..112).prop_map(Forgery::Bit),
        1 => Just(Forgery::ChallengeAmf),
    ];
    (office(), report(), 0..SLOTS, forgery, pause()).prop_map(
        |(office, report, ind, forgery, pause)| Failure {
            office,
            report,
            ind,
            forgery,
            pause,
        },
    )
}

impl Failure {
    /// What the AUTS reports to a counter that has sent this challenge.
    fn ms(&self, challenge: &Opened) -> (u64, usize) {
        (self.report.against(challenge.seq), self.ind)
    }

    fn user(&self) -> User {
        User::first(&self.office)
    }
}

/// TS 33.102 C.2.1 for a vector that is meant for a USIM which reported `ms`.
fn is_in_range(seq: u64, ms: u64) -> bool {
    seq > ms && seq - ms <= DELTA
}

// ---------------------------------------------------------------- the properties

pub(super) fn vectors_differ_and_rise(
    talk: &Talk,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut rands, mut highest) = (HashSet::new(), HashMap::new());
    for vector in vectors(talk, profile, fault)? {
        prop_assert!(rands.insert(vector.rand), "{:?} again", vector.rand);
        let before = highest.insert(vector.ind, vector.seq);
        prop_assert!(
            before.is_none_or(|before| vector.seq > before),
            "SEQ {} after {:?} for IND {}",
            vector.seq,
            before,
            vector.ind
        );
    }
    Ok(())
}

pub(super) fn vectors_are_accepted(
    talk: &Talk,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (office, steps) = talk;
    let (seq, ind) = office.he;
    // One USIM gets every vector, the other only those whose challenge is not lost.
    let mut usims = [Array::of_one(seq, ind), Array::of_one(seq, ind)];
    let sent = vectors(talk, profile, fault)?;
    let lost = steps.iter().flat_map(|(step, _)| match step {
        Step::Lost => vec![true],
        Step::Concluded => vec![false],
        Step::Failed | Step::Behind => vec![false, false],
    });
    for (vector, lost) in sent.iter().zip(lost) {
        for usim in usims.iter_mut().skip(usize::from(lost)) {
            let accepted = usim.accepts(vector.seq, vector.ind);
            prop_assert!(accepted, "SEQ {} IND {}", vector.seq, vector.ind);
            usim.slots[vector.ind] = vector.seq;
        }
    }
    Ok(())
}

/// Every vector of a talk, in order.
fn vectors(
    (office, steps): &Talk,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Result<Vec<Opened>, TestCaseError> {
    let mut server = Server::new(office, profile, fault);
    let user = User::first(office);
    let mut all = Vec::new();
    for &(step, pause) in steps {
        server.wait(pause);
        let vector = server.challenge(user)?;
        let next = match step {
            Step::Lost => None,
            Step::Concluded => {
                let answer = server.conclude(user, &vector)?;
                prop_assert_eq!(answer.status().ok(), Some(200));
                None
            }
            Step::Failed => Some(server.conclude_with(user, &vector.nonce, b"no RES")?),
            Step::Behind => {
                let behind = (vector.seq.saturating_sub(1), vector.ind);
                Some(server.report(user, &vector, behind)?)
            }
        };
        all.push(vector);
        if let Some(answer) = next {
            all.push(opened(&answer, user)?);
        }
    }
    Ok(all)
}

pub(super) fn next_vector_is_in_range(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let first = server.challenge(user)?;
    let (ms, ind) = failure.ms(&first);
    server.wait(failure.pause);
    let second = opened(&server.report(user, &first, (ms, ind))?, user)?;
    prop_assert!(
        is_in_range(second.seq, ms),
        "SEQ {} for SEQ_MS {}",
        second.seq,
        ms
    );
    prop_assert!(Array::full(ms).accepts(second.seq, second.ind));
    prop_assert!(sqn(second.seq, second.ind) > sqn(ms, ind));
    Ok(())
}

pub(super) fn lowers_nothing_without_need(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let mut home = Home::new(profile, failure.office.he);
    let first = server.challenge(user)?;
    home.next(server.now.unix_millis);
    let (ms, ind) = failure.ms(&first);
    server.wait(failure.pause);
    let unreset = home.clone().next(server.now.unix_millis);
    let second = opened(&server.report(user, &first, (ms, ind))?, user)?;
    if is_in_range(unreset.0, ms) {
        prop_assert!(
            second.seq > first.seq,
            "lowered from {} to {}",
            first.seq,
            second.seq
        );
    }
    // The counter of the model decides the same.
    home.resynchronise((ms, ind), server.now.unix_millis);
    let expected = home.next(server.now.unix_millis);
    prop_assert_eq!((second.seq, second.ind), expected);
    Ok(())
}

pub(super) fn forged_auts_moves_nothing(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let mut home = Home::new(profile, failure.office.he);
    let first = server.challenge(user)?;
    comes_next(&mut home, &server, &first, 1)?;
    let (ms, ind) = failure.ms(&first);
    let amf = match failure.forgery {
        Forgery::Bit(_) => Amf::RESYNC,
        Forgery::ChallengeAmf => amf(),
    };
    let functions = user.functions();
    let mut auts = *functions
        .auts_with_amf(first.rand, sqn(ms, ind), amf)
        .as_bytes();
    if let Forgery::Bit(bit) = failure.forgery {
        auts[bit / 8] ^= 0x80 >> (bit % 8);
    }
    let answer = server.report_octets(user, &first.nonce, &auts)?;
    is_no_server_error(&answer)?;
    if answer.field("WWW-Authenticate").is_some() {
        comes_next(&mut home, &server, &opened(&answer, user)?, 2)?;
    }
    let next = server.challenge(user)?;
    comes_next(&mut home, &server, &next, 2)
}

/// Fails unless a vector is one of the next few of a counter that nobody reset; the counter of the
/// model then stands there.
fn comes_next(home: &mut Home, server: &Server, vector: &Opened, most: usize) -> Verdict {
    let mut passed = Vec::new();
    while passed.len() < most {
        let next = home.next(server.now.unix_millis);
        if next == (vector.seq, vector.ind) {
            return Ok(());
        }
        passed.push(next);
    }
    prop_assert!(false, "{:?} is none of {:?}", vector, passed);
    Ok(())
}

pub(super) fn auts_is_bound(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let [mut of_user, mut of_other] = [(); 2].map(|()| Home::new(profile, failure.office.he));
    let other = server.challenge(User::OTHER)?;
    comes_next(&mut of_other, &server, &other, 1)?;
    let first = server.challenge(user)?;
    let second = server.challenge(user)?;
    comes_next(&mut of_user, &server, &second, 2)?;
    let (ms, ind) = failure.ms(&second);
    let auts = |rand| *user.functions().auts(rand, sqn(ms, ind)).as_bytes();

    // Under the name of another user, with each nonce that is there.
    for nonce in [&second.nonce, &other.nonce] {
        let answer = server.report_octets(User::OTHER, nonce, &auts(second.rand))?;
        is_no_server_error(&answer)?;
    }
    let next = server.challenge(User::OTHER)?;
    comes_next(&mut of_other, &server, &next, 3)?;

    // For another RAND than that of the nonce.
    for (nonce, rand) in [(&second.nonce, first.rand), (&first.nonce, second.rand)] {
        let answer = server.report_octets(user, nonce, &auts(rand))?;
        is_no_server_error(&answer)?;
    }
    let third = server.challenge(user)?;
    comes_next(&mut of_user, &server, &third, 3)?;

    // The right one moves the counter of its user only.
    server.report_octets(user, &third.nonce, &auts(third.rand))?;
    let next = server.challenge(User::OTHER)?;
    comes_next(&mut of_other, &server, &next, 1)
}

pub(super) fn replayed_auts_resets_nothing(
    (failure, runs): &(Failure, usize),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let first = server.challenge(user)?;
    let ms = failure.ms(&first);
    let mut latest = opened(&server.report(user, &first, ms)?, user)?;
    server.conclude(user, &latest)?;
    for _ in 0..*runs {
        server.wait(failure.pause);
        latest = server.challenge(user)?;
        server.conclude(user, &latest)?;
    }
    let again = server.report(user, &first, ms)?;
    is_no_server_error(&again)?;
    if again.field("WWW-Authenticate").is_some() {
        let offered = opened(&again, user)?;
        prop_assert!(offered.seq > latest.seq, "{:?} after {:?}", offered, latest);
    }
    let next = server.challenge(user)?;
    prop_assert!(next.seq > latest.seq, "{:?} after {:?}", next, latest);
    Ok(())
}

pub(super) fn renews_nonce_and_rand(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let first = server.challenge(user)?;
    let ms = failure.ms(&first);
    server.wait(failure.pause);
    let second = opened(&server.report(user, &first, ms)?, user)?;
    prop_assert_ne!(&second.nonce, &first.nonce);
    prop_assert_ne!(second.rand, first.rand);
    Ok(())
}

pub(super) fn old_vectors_are_gone(
    (failure, unused): &(Failure, usize),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let mut old = Vec::new();
    for _ in 0..=*unused {
        old.push(server.challenge(user)?);
    }
    let failed = old[*unused].clone();
    let ms = failure.ms(&failed);
    server.wait(failure.pause);
    let mut vector = opened(&server.report(user, &failed, ms)?, user)?;
    for before in &old {
        let answer = server.conclude(user, before)?;
        prop_assert_ne!(answer.status().ok(), Some(200), "an old vector is accepted");
        is_served_anew(&old, &vector, ms)?;
        vector = opened(&answer, user)?;
    }
    is_served_anew(&old, &vector, ms)
}

fn is_served_anew(old: &[Opened], vector: &Opened, (ms, _): (u64, usize)) -> Verdict {
    prop_assert!(vector.seq > ms, "SEQ {} for SEQ_MS {}", vector.seq, ms);
    for before in old {
        prop_assert_ne!(&vector.nonce, &before.nonce);
        prop_assert_ne!(vector.rand, before.rand);
    }
    Ok(())
}

pub(super) fn no_key_before_res(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let first = server.challenge(user)?;
    prop_assert!(!has_key(&server, first.rand));
    let ms = failure.ms(&first);
    let second = opened(&server.report(user, &first, ms)?, user)?;
    prop_assert!(!has_key(&server, first.rand) && !has_key(&server, second.rand));
    let refused = server.conclude_with(user, &second.nonce, b"no RES")?;
    let third = opened(&refused, user)?;
    for vector in [&first, &second, &third] {
        prop_assert!(!has_key(&server, vector.rand), "a key for {:?}", vector);
    }
    let answer = server.conclude(user, &third)?;
    prop_assert_eq!(answer.status().ok(), Some(200));
    prop_assert!(says(&answer, &btid(third.rand)));
    prop_assert!(has_key(&server, third.rand));
    prop_assert!(!has_key(&server, first.rand) && !has_key(&server, second.rand));
    Ok(())
}

/// Whether a NAF would get a key for the B-TID of this RAND.
fn has_key(server: &Server, rand: Rand) -> bool {
    let (bsf, btid) = (&server.bsf, btid(rand));
    let naf_key = bsf.naf_key(&btid, NAF_FQDN, UaProtocolId::HTTP_DIGEST, server.now);
    bsf.session(&btid, server.now).is_some() || naf_key.is_some()
}

fn says(answer: &Message, text: &str) -> bool {
    String::from_utf8_lossy(&answer.body).contains(text)
}

pub(super) fn retry_is_harmless(
    failure: &Failure,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let (mut server, user) = (Server::new(&failure.office, profile, fault), failure.user());
    let first = server.challenge(user)?;
    let (ms, ind) = failure.ms(&first);
    let auts = *user.functions().auts(first.rand, sqn(ms, ind)).as_bytes();
    let mut usim = Array::full(ms);
    let mut challenges = 0;
    for _ in 0..2 {
        let answer = server.report_octets(user, &first.nonce, &auts)?;
        is_no_server_error(&answer)?;
        if answer.field("WWW-Authenticate").is_none() {
            continue;
        }
        challenges += 1;
        let vector = opened(&answer, user)?;
        prop_assert!(usim.accepts(vector.seq, vector.ind), "{:?}", vector);
        usim.slots[vector.ind] = vector.seq;
    }
    prop_assert!(challenges > 0, "no challenge at all");
    Ok(())
}
