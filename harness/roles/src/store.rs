//! What a BSF remembers: subscribers with their counters and vectors, and sessions.
//!
//! Every list has a fixed bound and drops its oldest entry, so no sequence of requests can make a
//! role grow without limit.

use std::collections::{BTreeMap, VecDeque};

use gbaspec_crypto::aka::{AkaFunctions, AuthenticationVector};
use gbaspec_crypto::secret::{DigestPassword, Ha1, Ks};
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_crypto::token::{KsInput, Rand, Sqn};
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::guss_xml::{Guss, UiccType, UssList};

pub use crate::auc::{UsimRecord, VectorCause};
use crate::bsf::{HomeAnswer, HomeMaterial};
use crate::role::Moment;
use crate::subscriber::{Subscriber, SubscriberKeys, SubscriberKind};
use crate::ub::KeyInput;

/// How many challenges of one subscriber stay known after they were replaced or spent.
const ISSUED_PER_SUBSCRIBER: usize = 64;
/// How many subscribers of an HSS stay known; the oldest is forgotten first.
const VISITORS: usize = 1024;
/// How many sessions are kept.
const SESSIONS: usize = 1024;

/// The authentication centre: private identity to functions, counter and issued vectors.
#[derive(Default)]
pub struct SubscriberStore {
    records: BTreeMap<String, SubscriberRecord>,
    /// Those whom the HSS knows, in the order in which they came.
    visitors: VecDeque<String>,
}

/// What is known of one subscriber.
pub struct SubscriberRecord {
    /// What the subscriber shares with the home network.
    pub keys: RecordKeys,
    issued: VecDeque<IssuedVector>,
    /// Whether the HSS gave something that no challenge was made of yet.
    is_fresh: bool,
    settings: Option<Settings>,
}

/// The user security settings of a subscriber, as the HSS gave them.
struct Settings {
    guss: Guss,
    timestamp: Option<i64>,
}

/// What a subscriber shares with the home network, with the state that goes with it.
pub enum RecordKeys {
    /// Of a USIM.
    Usim(UsimRecord),
    /// Of a SIM: the functions whose outputs give SRES and Kc.
    Sim(AkaFunctions),
    /// A password.
    Digest(DigestPassword),
    /// Of a USIM, with the HSS; this is the vector that it gave last.
    Vector(AuthenticationVector),
    /// A password, with the HSS.
    Ha1 {
        /// H(A1), made with SHA-256.
        ha1: Ha1,
        /// The realm inside it.
        realm: String,
    },
}

/// A challenge that went out.
pub struct IssuedVector {
    /// The nonce text of the challenge, exactly as sent.
    pub nonce: String,
    /// What the answer has to keep to.
    pub terms: Terms,
    /// RAND of the challenge; in `GBA_Digest` the random octets of its nonce.
    pub rand: Rand,
    /// What its answer is held against.
    pub keys: IssuedKeys,
    /// Whether it answered a synchronisation failure.
    pub cause: VectorCause,
    /// What has become of it.
    pub state: VectorState,
}

/// What the answer to a challenge has to keep to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The realm of the challenge.
    pub realm: String,
    /// The algorithms of the challenge, of which the answer uses one.
    pub algorithms: Vec<Algorithm>,
}

/// What the answer to a challenge is held against, as far as it was known then.
pub enum IssuedKeys {
    /// An authentication vector.
    Aka {
        /// The vector.
        vector: AuthenticationVector,
        /// Its sequence number, where the vector was made here.
        sqn: Option<Sqn>,
    },
    /// Ks-input of 2G GBA; SRES and Kc follow from RAND.
    SecondGeneration(KsInput),
    /// Nothing: `GBA_Digest` needs the TLS session and the response as well.
    Digest,
}

/// What has become of an issued vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorState {
    /// The one challenge of the subscriber that waits for its answer.
    Outstanding,
    /// A newer challenge took its place.
    Replaced,
    /// It was answered, rightly or wrongly.
    Spent,
}

/// A bootstrapped session (TS 33.220 clause 4.5.2).
#[derive(Clone)]
pub struct Session {
    /// The subscriber.
    pub impi: String,
    /// What stands beside Ks in the derivation of the keys of NAFs.
    pub input: KeyInput,
    /// The bootstrapped key.
    pub ks: Ks,
    /// When it began.
    pub created: Moment,
    /// The end of the lifetime.
    pub expires: Moment,
    /// How the subscriber bootstrapped.
    pub gba_type: GbaType,
    /// What the subscriber's card can do, as the user security settings say.
    pub uicc_type: UiccType,
    /// The user security settings for single services.
    pub settings: UssList,
}

/// How a session came about (TS 29.109: GBA-Type).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GbaType {
    /// With AKA.
    ThirdGeneration,
    /// With a SIM.
    SecondGeneration,
    /// With a password.
    Digest,
}

impl GbaType {
    /// The value of the AVP.
    pub const fn number(self) -> u32 {
        match self {
            GbaType::ThirdGeneration => 0,
            GbaType::SecondGeneration => 1,
            GbaType::Digest => 2,
        }
    }
}

impl From<SubscriberKind> for GbaType {
    fn from(kind: SubscriberKind) -> Self {
        match kind {
            SubscriberKind::Usim => GbaType::ThirdGeneration,
            SubscriberKind::Sim => GbaType::SecondGeneration,
            SubscriberKind::Digest => GbaType::Digest,
        }
    }
}

/// The sessions of a BSF by B-TID.
#[derive(Default)]
pub struct SessionStore {
    sessions: VecDeque<(String, Session)>,
}

impl SubscriberStore {
    /// A store with these subscribers; a later entry replaces an earlier one of the same identity.
    pub fn new(scheme: SqnScheme, subscribers: impl IntoIterator<Item = Subscriber>) -> Self {
        let records = subscribers
            .into_iter()
            .map(|subscriber| {
                let keys = RecordKeys::new(scheme, subscriber.keys);
                (subscriber.impi, SubscriberRecord::new(keys))
            })
            .collect();
        SubscriberStore {
            records,
            visitors: VecDeque::new(),
        }
    }

    /// Keeps what the HSS gave for a challenge to this subscriber.
    pub(crate) fn deposit(&mut self, impi: &str, answer: HomeAnswer) {
        let keys = match answer.material {
            HomeMaterial::Vector(vector) => RecordKeys::Vector(vector),
            HomeMaterial::Ha1 { ha1, realm } => RecordKeys::Ha1 { ha1, realm },
        };
        let mut record = if let Some(known) = self.records.remove(impi) {
            SubscriberRecord { keys, ..known }
        } else {
            self.make_room();
            self.visitors.push_back(impi.to_owned());
            SubscriberRecord::new(keys)
        };
        record.is_fresh = true;
        if let Some(guss) = answer.guss {
            let timestamp = answer.guss_timestamp;
            record.settings = Some(Settings { guss, timestamp });
        } else if record.guss_timestamp().is_none() {
            // The HSS leaves out settings of which it was told that they are known.
            record.settings = None;
        }
        self.records.insert(impi.to_owned(), record);
    }

    fn make_room(&mut self) {
        if self.visitors.len() == VISITORS
            && let Some(oldest) = self.visitors.pop_front()
        {
            self.records.remove(&oldest);
        }
    }

    /// The record of one private identity.
    pub fn record(&self, impi: &str) -> Option<&SubscriberRecord> {
        self.records.get(impi)
    }

    /// The record of one private identity, to be changed.
    pub fn record_mut(&mut self, impi: &str) -> Option<&mut SubscriberRecord> {
        self.records.get_mut(impi)
    }

    /// Every private identity, in the order of their letters.
    pub fn identities(&self) -> impl Iterator<Item = &str> {
        self.records.keys().map(String::as_str)
    }

    /// The newest vector that went out with this nonce, with the identity that it was made for.
    pub fn issued(&self, nonce: &[u8]) -> Option<(&str, &IssuedVector)> {
        self.records.iter().find_map(|(impi, record)| {
            let vector = record
                .issued
                .iter()
                .rev()
                .find(|vector| vector.nonce.as_bytes() == nonce)?;
            Some((impi.as_str(), vector))
        })
    }

    /// Marks every vector with this nonce as answered.
    pub fn spend(&mut self, nonce: &[u8]) {
        let all = self
            .records
            .values_mut()
            .flat_map(|record| &mut record.issued);
        for vector in all.filter(|vector| vector.nonce.as_bytes() == nonce) {
            vector.state = VectorState::Spent;
        }
    }
}

impl IssuedVector {
    /// A challenge that goes out now and waits for its answer.
    pub fn new(
        nonce: String,
        terms: Terms,
        rand: Rand,
        keys: IssuedKeys,
        cause: VectorCause,
    ) -> Self {
        IssuedVector {
            nonce,
            terms,
            rand,
            keys,
            cause,
            state: VectorState::Outstanding,
        }
    }
}

impl RecordKeys {
    fn new(scheme: SqnScheme, keys: SubscriberKeys) -> Self {
        match keys {
            SubscriberKeys::Usim {
                functions,
                amf,
                last_sqn,
                algorithms,
            } => RecordKeys::Usim(UsimRecord::new(
                scheme, functions, amf, last_sqn, algorithms,
            )),
            SubscriberKeys::Sim(functions) => RecordKeys::Sim(functions),
            SubscriberKeys::Digest(password) => RecordKeys::Digest(password),
        }
    }
}

impl SubscriberRecord {
    fn new(keys: RecordKeys) -> Self {
        SubscriberRecord {
            keys,
            issued: VecDeque::new(),
            is_fresh: false,
            settings: None,
        }
    }

    /// The user security settings, if the HSS gave any.
    pub fn guss(&self) -> Option<&Guss> {
        self.settings.as_ref().map(|settings| &settings.guss)
    }

    /// Their time in seconds of Unix time, if the HSS gave one.
    pub fn guss_timestamp(&self) -> Option<i64> {
        self.settings.as_ref()?.timestamp
    }

    /// Whether the HSS gave something for the next challenge. It is for one only.
    pub(crate) fn take_fresh(&mut self) -> bool {
        std::mem::take(&mut self.is_fresh)
    }

    /// Which way of bootstrapping the subscriber can take.
    pub fn kind(&self) -> SubscriberKind {
        match self.keys {
            RecordKeys::Usim(_) | RecordKeys::Vector(_) => SubscriberKind::Usim,
            RecordKeys::Sim(_) => SubscriberKind::Sim,
            RecordKeys::Digest(_) | RecordKeys::Ha1 { .. } => SubscriberKind::Digest,
        }
    }

    /// The state of the subscriber's USIM; `None` where there is none.
    pub fn usim(&self) -> Option<&UsimRecord> {
        match &self.keys {
            RecordKeys::Usim(usim) => Some(usim),
            _ => None,
        }
    }

    /// The state of the subscriber's USIM, to be changed.
    pub fn usim_mut(&mut self) -> Option<&mut UsimRecord> {
        match &mut self.keys {
            RecordKeys::Usim(usim) => Some(usim),
            _ => None,
        }
    }

    /// Remembers a vector that goes out; the one that was outstanding is replaced by it.
    pub fn issue(&mut self, vector: IssuedVector) {
        for older in &mut self.issued {
            if older.state == VectorState::Outstanding {
                older.state = VectorState::Replaced;
            }
        }
        if self.issued.len() == ISSUED_PER_SUBSCRIBER {
            self.issued.pop_front();
        }
        self.issued.push_back(vector);
    }

    /// The oldest vector that is still known.
    pub fn first_issued(&self) -> Option<&IssuedVector> {
        self.issued.front()
    }

    /// The vector that went out last.
    pub fn last_issued(&self) -> Option<&IssuedVector> {
        self.issued.back()
    }
}

impl SessionStore {
    /// Keeps a session under its B-TID; the subscriber's older sessions end with it
    /// (TS 24.109 clause 4.2: a new run replaces the old).
    pub fn insert(&mut self, btid: String, session: Session) {
        self.sessions
            .retain(|(known, old)| *known != btid && old.impi != session.impi);
        if self.sessions.len() == SESSIONS {
            self.sessions.pop_front();
        }
        self.sessions.push_back((btid, session));
    }

    /// All sessions with their B-TIDs, the oldest first; the lifetimes of some may have ended.
    pub fn all(&self) -> impl DoubleEndedIterator<Item = (&str, &Session)> {
        let sessions = self.sessions.iter();
        sessions.map(|(btid, session)| (btid.as_str(), session))
    }

    /// The session of this B-TID, if its lifetime has not ended.
    pub fn session(&self, btid: &str, now: Moment) -> Option<&Session> {
        self.sessions
            .iter()
            .find(|(known, session)| known == btid && now < session.expires)
            .map(|(_, session)| session)
    }
}
