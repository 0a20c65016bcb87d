//! What a BSF remembers: subscribers with their counters and vectors, and sessions.
//!
//! Every list has a fixed bound and drops its oldest entry, so no sequence of requests can make a
//! role grow without limit.

use std::collections::{BTreeMap, VecDeque};

use gbaspec_crypto::aka::{AkaFunctions, AuthenticationVector};
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::sqn::{HeSqn, SqnScheme};
use gbaspec_crypto::token::{Amf, Rand, Sqn};

use crate::role::Moment;
use crate::subscriber::Subscriber;

/// How many challenges of one subscriber stay known after they were replaced or spent.
const ISSUED_PER_SUBSCRIBER: usize = 64;
/// How many sessions are kept.
const SESSIONS: usize = 1024;

/// The authentication centre: private identity to functions, counter and issued vectors.
#[derive(Default)]
pub struct SubscriberStore {
    records: BTreeMap<String, SubscriberRecord>,
}

/// What is known of one subscriber.
pub struct SubscriberRecord {
    /// The functions f1 to f5* with the subscriber's K inside.
    pub functions: AkaFunctions,
    /// The authentication management field.
    pub amf: Amf,
    /// The counter `SQN_HE` (TS 33.102 clause C.1.1.2).
    pub counter: HeSqn,
    issued: VecDeque<IssuedVector>,
}

/// A vector that went out in a challenge.
pub struct IssuedVector {
    /// The nonce text of the challenge, exactly as sent.
    pub nonce: String,
    /// The vector.
    pub vector: AuthenticationVector,
    /// Its sequence number.
    pub sqn: Sqn,
    /// Whether it answered a synchronisation failure.
    pub cause: VectorCause,
    /// What has become of it.
    pub state: VectorState,
}

/// Why a vector was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorCause {
    /// An initial request.
    Initial,
    /// A response that was wrong, late or for another nonce.
    Failure,
    /// A synchronisation failure with a valid AUTS.
    Resynchronisation,
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
    /// RAND of the vector that made the session; a parameter of the key derivation.
    pub rand: Rand,
    /// Ks = CK || IK.
    pub ks: Ks,
    /// The end of the lifetime.
    pub expires: Moment,
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
                let record = SubscriberRecord {
                    functions: subscriber.functions,
                    amf: subscriber.amf,
                    counter: HeSqn::new(scheme, subscriber.last_sqn),
                    issued: VecDeque::new(),
                };
                (subscriber.impi, record)
            })
            .collect();
        SubscriberStore { records }
    }

    /// The record of one private identity.
    pub fn record(&self, impi: &str) -> Option<&SubscriberRecord> {
        self.records.get(impi)
    }

    /// The record of one private identity, to be changed.
    pub fn record_mut(&mut self, impi: &str) -> Option<&mut SubscriberRecord> {
        self.records.get_mut(impi)
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

impl SubscriberRecord {
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

    /// The session of this B-TID, if its lifetime has not ended.
    pub fn session(&self, btid: &str, now: Moment) -> Option<&Session> {
        self.sessions
            .iter()
            .find(|(known, session)| known == btid && now < session.expires)
            .map(|(_, session)| session)
    }
}
