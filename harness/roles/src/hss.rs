//! The home subscriber server of a BSF (TS 29.109 clause 4): it makes vectors, and it keeps the user
//! security settings.

mod policy;
pub mod sbi;

use std::collections::BTreeMap;

use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::digest::{self, Hash};
use gbaspec_crypto::secret::{DigestPassword, Ha1};
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_crypto::token::{Auts, Rand};
use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::guss_xml::Guss;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use policy::{
    DigestItem, GussAge, HssPolicy, ResyncFacts, Scheme, check, digest_item, guss, identity,
    read_resync, resynchronise, scheme, sends_guss, unknown_user, vector_item,
};

use crate::auc::{UsimRecord, VectorCause, VectorOrder, VectorSeed};
use crate::diameter::{self, Failure, Node};
use crate::names;
use crate::role::{After, Input, Moment, Output, Role};
use crate::subscriber::{Subscriber, SubscriberKeys};
use crate::text;

/// What an HSS is set up with.
pub struct HssConfig {
    /// Its name; what follows the first dot is its realm.
    pub fqdn: String,
    /// Its subscribers.
    pub subscribers: Vec<HssSubscriber>,
    /// The layout and window of the sequence numbers.
    pub scheme: SqnScheme,
}

/// A subscriber as an HSS has it.
pub struct HssSubscriber {
    /// The private identity and what it shares with the home network: a USIM or a password. A SIM
    /// has no scheme over Zh.
    pub subscriber: Subscriber,
    /// The user security settings.
    pub guss: Guss,
    /// When these were changed for the last time.
    pub guss_changed: Moment,
}

/// A home subscriber server.
pub struct Hss {
    node: Node,
    records: BTreeMap<String, Record>,
    policy: HssPolicy,
    generator: ChaCha8Rng,
}

struct Record {
    keys: Keys,
    /// The vector that was made last.
    previous: Option<VectorSeed>,
    guss: Guss,
    guss_changed: Moment,
}

#[expect(
    clippy::large_enum_variant,
    reason = "a run has a handful of subscribers, nearly all of them with a USIM"
)]
enum Keys {
    Usim(UsimRecord),
    Digest(DigestPassword),
}

impl Hss {
    /// An HSS that has made no vector yet; equal seeds give equal challenges.
    pub fn new(config: HssConfig, policy: HssPolicy, seed: u64) -> Self {
        let records = config.subscribers.into_iter();
        let records = records.filter_map(|subscriber| Record::new(config.scheme, subscriber));
        Hss {
            node: Node::new(&config.fqdn),
            records: records.collect(),
            policy,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The answer to one request over Zh.
    fn answer(&mut self, now: Moment, request: &Packet) -> Packet {
        self.answered(now, request)
            .unwrap_or_else(|why| (self.policy.failure)(request, &self.node, &why))
    }

    fn answered(&mut self, now: Moment, request: &Packet) -> Result<Packet, Failure> {
        let policy = self.policy;
        (policy.check)(request)?;
        let impi = (policy.identity)(request)?;
        let scheme = (policy.scheme)(request)?;
        let item = match scheme {
            Scheme::Aka => self.vector(now, &impi, request.avp("SIP-Authorization"))?,
            Scheme::Digest => self.digest(&impi)?,
        };
        let mut answer = diameter::success(request, &self.node);
        answer.push(Avp::new("User-Name", impi.as_str()));
        answer.push(item);
        let record = self.record(&impi)?;
        let known = request.avp("GUSS-Timestamp");
        let age = GussAge {
            known: known.and_then(|time| time.unix_seconds()),
            changed: record.guss_changed.unix_seconds(),
        };
        if (policy.sends_guss)(&age) {
            answer.push(Avp::new("GBA-UserSecSettings", (policy.guss)(&record.guss)));
            answer.push(Avp::of_time("GUSS-Timestamp", age.changed));
        }
        Ok((policy.finish)(answer))
    }

    /// A new vector, after a synchronisation failure where the request tells of one (TS 33.102
    /// clause 6.3.5).
    fn vector(
        &mut self,
        now: Moment,
        impi: &str,
        authorization: Option<Avp>,
    ) -> Result<Avp, Failure> {
        let policy = self.policy;
        let resync = authorization
            .map(|authorization| (policy.read_resync)(&authorization))
            .transpose()?;
        let vector = self.next_vector(now, impi, resync)?;
        Ok((policy.vector_item)(&vector))
    }

    fn next_vector(
        &mut self,
        now: Moment,
        impi: &str,
        resync: Option<(Rand, Auts)>,
    ) -> Result<AuthenticationVector, Failure> {
        let policy = self.policy;
        let fresh_rand = Rand::from(text::random(&mut self.generator));
        let record = self.record_mut(impi)?;
        let Keys::Usim(usim) = &mut record.keys else {
            return Err(Failure::UnableToComply);
        };
        let cause = match resync {
            Some((rand, auts)) => {
                recover(usim, now, rand, auts, &policy)?;
                VectorCause::Resynchronisation
            }
            None => VectorCause::Initial,
        };
        let order = VectorOrder {
            fresh_rand,
            previous: record.previous,
            cause,
        };
        let (vector, sqn) = usim.next_vector(now, &order, policy.choose_vector);
        let rand = vector.rand;
        record.previous = Some(VectorSeed { rand, sqn });
        Ok(vector)
    }

    /// H(A1) of a subscriber with a password, for the realm of the home network.
    fn digest(&self, impi: &str) -> Result<Avp, Failure> {
        let (realm, ha1) = (names::domain(impi), self.ha1(impi)?);
        Ok((self.policy.digest_item)(&DigestItem { realm, ha1: &ha1 }))
    }

    fn ha1(&self, impi: &str) -> Result<Ha1, Failure> {
        let Keys::Digest(password) = &self.record(impi)?.keys else {
            return Err(Failure::UnableToComply);
        };
        Ok(digest::ha1(
            Hash::Sha256,
            impi.as_bytes(),
            names::domain(impi).as_bytes(),
            password.expose().as_bytes(),
        ))
    }

    fn record(&self, impi: &str) -> Result<&Record, Failure> {
        let record = self.records.get(impi);
        record.ok_or_else(self.policy.unknown_user)
    }

    fn record_mut(&mut self, impi: &str) -> Result<&mut Record, Failure> {
        let record = self.records.get_mut(impi);
        record.ok_or_else(self.policy.unknown_user)
    }
}

/// Moves the counter where the AUTS is authentic.
fn recover(
    usim: &mut UsimRecord,
    now: Moment,
    rand: Rand,
    auts: Auts,
    policy: &HssPolicy,
) -> Result<(), Failure> {
    let moved_to = (policy.resynchronise)(&ResyncFacts {
        functions: &usim.functions,
        counter: &usim.counter,
        rand,
        auts,
    })?;
    if let Some(sqn_ms) = moved_to {
        usim.resynchronise(now, sqn_ms, policy.reset_counter);
    }
    Ok(())
}

impl Record {
    /// The record of a subscriber and its identity; none for a SIM.
    fn new(scheme: SqnScheme, entry: HssSubscriber) -> Option<(String, Self)> {
        let Subscriber { impi, keys } = entry.subscriber;
        let keys = match keys {
            SubscriberKeys::Usim {
                functions,
                amf,
                last_sqn,
                algorithms,
            } => Keys::Usim(UsimRecord::new(
                scheme, functions, amf, last_sqn, algorithms,
            )),
            SubscriberKeys::Digest(password) => Keys::Digest(password),
            SubscriberKeys::Sim(_) => return None,
        };
        let record = Record {
            keys,
            previous: None,
            guss: entry.guss,
            guss_changed: entry.guss_changed,
        };
        Some((impi, record))
    }
}

impl Role for Hss {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Diameter {
                connection,
                message,
            } if message.is_request() => vec![Output::Answer {
                connection,
                message: self.answer(now, message),
            }],
            Input::Message {
                connection,
                message,
            } => vec![Output::Respond {
                connection,
                message: self.sbi_answer(now, message),
                after: After::KeepOpen,
            }],
            Input::Unreadable { connection } => vec![Output::Drop { connection }],
            Input::Diameter { .. }
            | Input::Reach(_)
            | Input::Secured { .. }
            | Input::Closed { .. }
            | Input::Forwarded { .. }
            | Input::Asked { .. }
            | Input::TimedOut => Vec::new(),
            Input::Start(_) => vec![Output::Note(
                "a server takes no action of its own".to_owned(),
            )],
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}
