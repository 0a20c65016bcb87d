//! P-SYS-1 to 5: a UE and a BSF, between which messages get lost, change their order, come again,
//! and of which the UE may have a clone.

use std::collections::HashSet;

use data_encoding::BASE64;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::token::Rand;
use gbaspec_roles::embedded::NAF_FQDN;
use gbaspec_roles::faults::Fault;
use gbaspec_roles::{Action, Moment};
use gbaspec_wire::http::Message;
use proptest::prelude::*;

use super::model::{
    Array, DELTA, Home, Kit, MOST_SEQ, Office, Profile, ROOM, Start, office, pause, start,
};
use super::peers::{Client, IMPI, Opened, Reply, Said, Server, User, btid, opened, unmasked};
use super::{Verdict, invariants};

invariants! {
    /// P-SYS-1: from every pair of A and `SQN_HE` two challenges suffice, or SEQ is at its end.
    p_sys_1_two_challenges_suffice: pair() => two_challenges_suffice;
    /// P-SYS-2: no number of lost messages locks a UE out.
    p_sys_2_losses_lock_nobody_out: with_losses() => survives;
    /// P-SYS-3: with a clone and an attacker who sends all again, nobody accepts a replay.
    p_sys_3_clones_accept_no_replay: with_replays(with_room(), 2) => survives;
    /// P-SYS-4: both sides have the same keys, which depend on every bit of their inputs.
    p_sys_4_both_sides_have_the_same_keys: bits() => same_keys;
    /// P-SYS-5: of two runs at once none fails to synchronise, and neither answers for the other.
    p_sys_5_concurrent_runs_do_not_mix: (office(), any::<bool>()) => runs_do_not_mix;
}

// ---------------------------------------------------------------- what is generated

/// A USIM and a counter that is at most 2 delta away from it.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) array: Array,
    pub(super) office: Office,
}

pub(super) fn pair() -> impl Strategy<Value = Pair> {
    let borders = vec![
        0,
        1,
        2,
        40,
        DELTA - 1,
        DELTA,
        DELTA + 1,
        DELTA + 2,
        2 * DELTA - 1,
        2 * DELTA,
    ];
    let distance = prop_oneof![
        5 => proptest::sample::select(borders),
        5 => 0..=2 * DELTA
    ];
    (start(), office(), distance, any::<bool>()).prop_map(
        |(Start { array, kit }, mut office, distance, is_ahead)| {
            let m = array.highest();
            office.he.0 = if is_ahead {
                (m + distance).min(MOST_SEQ)
            } else {
                m.saturating_sub(distance)
            };
            office.kit = kit;
            Pair { array, office }
        },
    )
}

/// Something that happens between UEs and the BSF. Numbers choose among what is there.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// A UE begins a run.
    Start(usize),
    /// One of the requests under way arrives.
    Request(usize),
    /// One of the answers under way arrives.
    Answer(usize),
    /// One of the requests under way gets lost.
    LoseRequest(usize),
    /// One of the answers under way gets lost.
    LoseAnswer(usize),
    /// A UE waits no longer.
    GiveUp(usize),
    /// Time passes.
    Wait(i64),
    /// A request that was there before arrives again.
    RepeatRequest(usize),
    /// An answer that was there before arrives at a UE.
    RepeatAnswer(usize, usize),
}

/// A story of one BSF and some UEs with the same K.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) pair: Pair,
    pub(super) ues: usize,
    pub(super) events: Vec<Event>,
}

fn ordinary() -> impl Strategy<Value = Event> {
    let which = 0_usize..4;
    prop_oneof![
        4 => (0_usize..2).prop_map(Event::Start),
        6 => which.clone().prop_map(Event::Request),
        6 => which.clone().prop_map(Event::Answer),
        2 => which.clone().prop_map(Event::LoseRequest),
        2 => which.prop_map(Event::LoseAnswer),
        1 => (0_usize..2).prop_map(Event::GiveUp),
        1 => pause().prop_map(Event::Wait),
    ]
}

pub(super) fn with_losses() -> impl Strategy<Value = Story> {
    let events = prop::collection::vec(ordinary(), 0..16);
    (with_room(), events).prop_map(|(pair, events)| Story {
        pair,
        ues: 1,
        events,
    })
}

pub(super) fn with_replays(
    pair: impl Strategy<Value = Pair>,
    ues: usize,
) -> impl Strategy<Value = Story> {
    let event = prop_oneof![
        8 => ordinary(),
        2 => (0_usize..8).prop_map(Event::RepeatRequest),
        2 => (0_usize..2, 0_usize..8).prop_map(|(ue, which)| Event::RepeatAnswer(ue, which)),
    ];
    let events = prop::collection::vec(event, 0..20);
    (pair, events).prop_map(move |(pair, events)| Story { pair, ues, events })
}

/// A pair that is so far from the end of SEQ that a story does not reach it.
pub(super) fn with_room() -> impl Strategy<Value = Pair> {
    pair().prop_map(|mut pair| {
        for seq in &mut pair.array.slots {
            *seq %= MOST_SEQ - ROOM;
        }
        pair.office.he.0 = pair.office.he.0.min(MOST_SEQ - ROOM);
        pair
    })
}

/// One bit of each input of the key of a NAF.
#[derive(Clone, Debug)]
pub(super) struct Bits {
    office: Office,
    rand: usize,
    impi: usize,
    fqdn: usize,
    ua_id: usize,
}

pub(super) fn bits() -> impl Strategy<Value = Bits> {
    // Seven bits a character, so that a name stays one.
    let (impi, fqdn) = (0..7 * IMPI.len(), 0..7 * NAF_FQDN.len());
    (office(), 0_usize..128, impi, fqdn, 0_usize..40).prop_map(
        |(office, rand, impi, fqdn, ua_id)| Bits {
            office,
            rand,
            impi,
            fqdn,
            ua_id,
        },
    )
}

// ---------------------------------------------------------------- the properties

pub(super) fn two_challenges_suffice(
    pair: &Pair,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let Pair { array, office } = pair;
    let mut client = Client::new(office.kit, array, profile, fault);
    let mut server = Server::new(office, profile, fault);
    let mut home = Home::new(profile, office.he);
    let millis = server.now.unix_millis;
    let run = bootstrap(&mut client, &mut server, array)?;
    for challenge in &run.challenges {
        prop_assert_eq!((challenge.seq, challenge.ind), home.next(millis));
        home.resynchronise((array.highest(), run.reported_ind), millis);
    }
    if run.succeeded {
        prop_assert!(run.challenges.len() <= 2, "{:?}", run.challenges);
    } else {
        prop_assert_eq!(
            array.highest(),
            MOST_SEQ,
            "locked out: {:?}",
            run.challenges
        );
    }
    Ok(())
}

pub(super) fn survives(story: &Story, profile: Profile, fault: Option<&'static Fault>) -> Verdict {
    let mut world = World::new(story, profile, fault);
    for event in &story.events {
        world.happen(event)?;
    }
    for ue in &mut world.ues {
        ue.client.give_up(world.server.now)?;
        let run = bootstrap(&mut ue.client, &mut world.server, &ue.array)?;
        prop_assert!(run.succeeded, "locked out: {:?}", run.challenges);
        prop_assert!(run.challenges.len() <= 2, "{:?}", run.challenges);
    }
    Ok(())
}

pub(super) fn same_keys(bits: &Bits, profile: Profile, fault: Option<&'static Fault>) -> Verdict {
    let office = &bits.office;
    let array = Array::of_one(office.he.0, office.he.1);
    let mut client = Client::new(office.kit, &array, profile, fault);
    let mut server = Server::new(office, profile, fault);
    let run = bootstrap(&mut client, &mut server, &array)?;
    prop_assert!(run.succeeded);
    let now = server.now;
    let rand = run.challenges[run.challenges.len() - 1].rand;
    let btid = btid(rand);
    prop_assert_eq!(client.ue.btid(now), Some(btid.as_str()));
    let (of_bsf, _) = server
        .bsf
        .naf_key(&btid, NAF_FQDN, UaProtocolId::HTTP_DIGEST, now)
        .ok_or_else(|| TestCaseError::fail("the BSF has no key"))?;
    let reply = fetch(&mut client, now)?;
    prop_assert_eq!(reply.value("username"), btid.as_bytes());
    let password = BASE64.encode(of_bsf.expose());
    let expected = reply.digest(&btid, password.as_bytes());
    prop_assert_eq!(reply.value("response"), expected.as_bytes());

    let session = server.bsf.session(&btid, now);
    let ks = &session
        .ok_or_else(|| TestCaseError::fail("the BSF has no session"))?
        .ks;
    let [rand_bit, ua_bit] = [bits.rand, bits.ua_id];
    let key = |rand, impi: &str, fqdn: &str, ua_id| {
        let naf_id = NafId::new(fqdn, UaProtocolId::new(ua_id));
        kdf::ks_naf(ks, rand, impi, &naf_id)
    };
    let (ua_id, octets) = ([1, 0, 0, 0, 2], *rand.as_bytes());
    prop_assert_eq!(&key(rand, IMPI, NAF_FQDN, ua_id), &of_bsf);
    let others: [KsNaf; 4] = [
        key(Rand::from(flipped(octets, rand_bit)), IMPI, NAF_FQDN, ua_id),
        key(rand, &flipped_text(IMPI, bits.impi), NAF_FQDN, ua_id),
        key(rand, IMPI, &flipped_text(NAF_FQDN, bits.fqdn), ua_id),
        key(rand, IMPI, NAF_FQDN, flipped(ua_id, ua_bit)),
    ];
    prop_assert!(!others.contains(&of_bsf), "a bit without effect");
    Ok(())
}

pub(super) fn runs_do_not_mix(
    (office, is_reversed): &(Office, bool),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let user = User::first(office);
    let mut server = Server::new(office, profile, fault);
    let runs = begun(&mut server, user)?;
    prop_assert_ne!(runs[0].ind, runs[1].ind);

    // One USIM meets both, in either order.
    let array = Array::of_one(office.he.0, office.he.1);
    let mut client = Client::new(office.kit, &array, profile, fault);
    let mut failures = 0;
    for place in if *is_reversed { [1, 0] } else { [0, 1] } {
        let octets = BASE64.decode(runs[place].nonce.as_bytes());
        let octets = octets.ok().and_then(|octets| octets.try_into().ok());
        let octets = octets.ok_or_else(|| TestCaseError::fail("no AKA nonce"))?;
        failures += u32::from(client.meet_octets(octets)? != Said::Res);
    }
    prop_assert_eq!(failures, 0, "runs with different IND");

    // The RES of one is no answer to the other.
    let res = |run: &Opened| user.functions().f2(run.rand);
    for (answered, other) in [(0, 1), (1, 0)] {
        let mut server = Server::new(office, profile, fault);
        let runs = begun(&mut server, user)?;
        let nonce = &runs[answered].nonce;
        let answer = server.conclude_with(user, nonce, res(&runs[other]).expose())?;
        prop_assert_ne!(answer.status().ok(), Some(200), "the RES of the other run");
        prop_assert!(
            server
                .bsf
                .session(&btid(runs[other].rand), server.now)
                .is_none()
        );
    }
    // The run that began last ends well, with its own key.
    let answer = server.conclude(user, &runs[1])?;
    prop_assert_eq!(answer.status().ok(), Some(200));
    prop_assert!(
        server
            .bsf
            .session(&btid(runs[1].rand), server.now)
            .is_some()
    );
    prop_assert!(
        server
            .bsf
            .session(&btid(runs[0].rand), server.now)
            .is_none()
    );
    Ok(())
}

/// Two runs of one user, neither of which has been answered.
fn begun(server: &mut Server, user: User) -> Result<[Opened; 2], TestCaseError> {
    Ok([server.challenge(user)?, server.challenge(user)?])
}

// ---------------------------------------------------------------- the world of the stories

struct World {
    server: Server,
    ues: Vec<Equipment>,
    /// Under way to the BSF, with the UE that waits for the answer.
    requests: Vec<(usize, Message)>,
    /// Under way to a UE.
    answers: Vec<(usize, Message)>,
    /// What an attacker has seen.
    seen: (Vec<Message>, Vec<Message>),
    /// The nonces for which the BSF has let somebody in.
    granted: HashSet<String>,
}

struct Equipment {
    client: Client,
    kit: Kit,
    array: Array,
    /// The nonces to which this UE has given RES.
    accepted: HashSet<String>,
}

impl World {
    fn new(story: &Story, profile: Profile, fault: Option<&'static Fault>) -> Self {
        let Pair { array, office } = &story.pair;
        let ues = (0..story.ues).map(|_| Equipment {
            client: Client::new(office.kit, array, profile, fault),
            kit: office.kit,
            array: array.clone(),
            accepted: HashSet::new(),
        });
        Self {
            server: Server::new(office, profile, fault),
            ues: ues.collect(),
            requests: Vec::new(),
            answers: Vec::new(),
            seen: (Vec::new(), Vec::new()),
            granted: HashSet::new(),
        }
    }

    fn happen(&mut self, event: &Event) -> Verdict {
        match *event {
            Event::Start(ue) => self.start(ue),
            Event::Request(which) => {
                taken(&mut self.requests, which).map_or(Ok(()), |(ue, request)| {
                    self.seen.0.push(request.clone());
                    self.arrive_at_server(ue, &request)
                })
            }
            Event::Answer(which) => {
                taken(&mut self.answers, which).map_or(Ok(()), |(ue, answer)| {
                    self.seen.1.push(answer.clone());
                    self.arrive_at_client(ue, &answer)
                })
            }
            Event::LoseRequest(which) => {
                taken(&mut self.requests, which);
                Ok(())
            }
            Event::LoseAnswer(which) => {
                taken(&mut self.answers, which);
                Ok(())
            }
            Event::GiveUp(ue) => {
                let place = ue % self.ues.len();
                self.ues[place].client.give_up(self.server.now)
            }
            Event::Wait(millis) => {
                self.server.wait(millis);
                Ok(())
            }
            Event::RepeatRequest(which) => {
                let Some(request) = chosen(&self.seen.0, which) else {
                    return Ok(());
                };
                self.arrive_at_server(0, &request)
            }
            Event::RepeatAnswer(ue, which) => {
                let Some(answer) = chosen(&self.seen.1, which) else {
                    return Ok(());
                };
                self.arrive_at_client(ue, &answer)
            }
        }
    }

    fn start(&mut self, ue: usize) -> Verdict {
        let place = ue % self.ues.len();
        let request = self.ues[place]
            .client
            .start(self.server.now, Action::Bootstrap)?;
        self.requests
            .extend(request.map(|request| (place, request)));
        Ok(())
    }

    /// The BSF lets nobody in twice for one nonce.
    fn arrive_at_server(&mut self, ue: usize, request: &Message) -> Verdict {
        let answer = self.server.answer(request)?;
        if answer.status().ok() == Some(200) {
            let nonce = Reply::read(request)?.nonce().to_owned();
            prop_assert!(
                self.granted.insert(nonce),
                "a replay of a response is accepted"
            );
        }
        self.answers.push((ue, answer));
        Ok(())
    }

    /// A UE gives RES exactly to what its array accepts, and never to the same challenge twice.
    fn arrive_at_client(&mut self, ue: usize, answer: &Message) -> Verdict {
        let place = ue % self.ues.len();
        let request = self.ues[place].receive(self.server.now, answer)?;
        self.requests
            .extend(request.map(|request| (place, request)));
        Ok(())
    }
}

impl Equipment {
    fn receive(&mut self, now: Moment, answer: &Message) -> Result<Option<Message>, TestCaseError> {
        let Some(request) = self.client.receive(now, answer)? else {
            return Ok(None);
        };
        let reply = Reply::read(&request)?;
        if reply.nonce().is_empty() {
            return Ok(Some(request));
        }
        let vector = opened(answer, self.user())?;
        let acceptable = self.array.accepts(vector.seq, vector.ind);
        match reply.said(self.kit)? {
            Said::Res => {
                let is_new = self.accepted.insert(vector.nonce.clone());
                prop_assert!(is_new, "a replay of a challenge is accepted");
                prop_assert!(acceptable, "RES to {:?}", vector);
                self.array.slots[vector.ind] = vector.seq;
            }
            Said::Auts(auts) => {
                prop_assert!(!acceptable, "AUTS to {:?}", vector);
                let (seq, _) = unmasked(auts, self.kit.functions(), vector.rand);
                prop_assert_eq!(seq, self.array.highest());
            }
            said => prop_assert!(false, "{:?} to {:?}", said, vector),
        }
        prop_assert_eq!(self.client.slots(), self.array.slots);
        Ok(Some(request))
    }

    fn user(&self) -> User {
        User {
            impi: IMPI,
            kit: Some(self.kit),
        }
    }
}

fn taken<T>(under_way: &mut Vec<T>, which: usize) -> Option<T> {
    let count = under_way.len();
    (count > 0).then(|| under_way.remove(which % count))
}

fn chosen(seen: &[Message], which: usize) -> Option<Message> {
    seen.get(which % seen.len().max(1)).cloned()
}

// ---------------------------------------------------------------- whole runs

/// A run without losses.
struct Run {
    challenges: Vec<Opened>,
    /// IND of the latest AUTS.
    reported_ind: usize,
    succeeded: bool,
}

/// Runs Ub to its end; each answer of the UE is the one that its array demands.
fn bootstrap(
    client: &mut Client,
    server: &mut Server,
    array: &Array,
) -> Result<Run, TestCaseError> {
    let (now, kit) = (server.now, client.kit());
    let user = User {
        impi: IMPI,
        kit: Some(kit),
    };
    let mut run = Run {
        challenges: Vec::new(),
        reported_ind: 0,
        succeeded: false,
    };
    let mut request = client.start(now, Action::Bootstrap)?;
    let mut requests = 0;
    while let Some(sent) = request {
        requests += 1;
        prop_assert!(requests < 8, "no end");
        let answer = server.answer(&sent)?;
        request = client.receive(now, &answer)?;
        let reply = request.as_ref().map(Reply::read).transpose()?;
        match (answer.status().ok(), &reply) {
            (Some(200), _) => run.succeeded = true,
            // A TMPI that the run of a clone has replaced: the UE starts over with its IMPI.
            (Some(403), Some(reply)) if reply.nonce().is_empty() => continue,
            _ => run.challenges.push(opened(&answer, user)?),
        }
        let (Some(reply), Some(vector)) = (reply, run.challenges.last()) else {
            continue;
        };
        let acceptable = array.accepts(vector.seq, vector.ind);
        match reply.said(kit)? {
            Said::Res if acceptable => {}
            Said::Auts(auts) if !acceptable => {
                let (seq, ind) = unmasked(auts, kit.functions(), vector.rand);
                prop_assert_eq!(seq, array.highest());
                run.reported_ind = ind;
            }
            said => prop_assert!(false, "{:?} to {:?}", said, vector),
        }
    }
    let last = run.challenges.last();
    let agreed = last.is_some_and(|last| client.ue.btid(now) == Some(&btid(last.rand)));
    prop_assert_eq!(run.succeeded, agreed, "the two sides disagree");
    Ok(run)
}

/// The request of a UE at a NAF that has challenged it.
fn fetch(client: &mut Client, now: Moment) -> Result<Reply, TestCaseError> {
    client.start(now, Action::Fetch)?;
    let text = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest \
         realm=\"3GPP-bootstrapping@{NAF_FQDN}\", nonce=\"6629fae49393a05397450978507c4ef1\", \
         algorithm=MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n"
    );
    let message = Message::from_bytes(text.as_bytes()).expect("the text is a message");
    let request = client.receive(now, &message)?;
    Reply::read(&request.ok_or_else(|| TestCaseError::fail("no request to the NAF"))?)
}

fn flipped<const N: usize>(mut octets: [u8; N], bit: usize) -> [u8; N] {
    octets[bit / 8] ^= 0x80 >> (bit % 8);
    octets
}

fn flipped_text(text: &str, bit: usize) -> String {
    let mut octets = text.as_bytes().to_vec();
    octets[bit / 7] ^= 0x40 >> (bit % 7);
    String::from_utf8(octets).expect("seven bits are a character")
}
