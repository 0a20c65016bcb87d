//! Where a NAF gets its keys from: the other side of Zn (TS 29.109 clause 4.2).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use gbaspec_crypto::kdf::NafId;
use gbaspec_crypto::secret::{Ks, KsNaf};

use super::policy::KeyName;
use super::zn::{ZnQuestion, ZnSource};
use crate::role::Moment;
use crate::ub::KeyInput;

/// How many sessions stay known; the oldest is forgotten first.
const SESSIONS: usize = 1024;

/// What a NAF asks for the key of a B-TID: a BSF, or what stands in for one.
pub trait KeySource: Send {
    /// The key of this B-TID for the NAF with this identifier, at the moment `now`.
    ///
    /// # Errors
    ///
    /// The refusal of the BSF.
    fn key(&mut self, now: Moment, btid: &str, naf_id: &NafId) -> Result<NafKey, ZnRefusal>;
}

/// Why a BSF gives no key (TS 29.109 clause 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZnRefusal {
    /// It knows no such B-TID, or none any more (5403).
    UnknownTransaction,
    /// The subscriber may not use this service (5402).
    NotAuthorized,
    /// It cannot be reached, or what it says is neither a key nor one of these.
    Unavailable,
}

/// Whether the home network lets a subscriber enrol at the PKI portal (the PKI flag of the user
/// security settings, TS 33.221).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Enrolment {
    /// Certificates are issued.
    Allowed,
    /// The request ends in the 403 of TS 24.109 table E.4-1.
    Refused,
}

/// A key as a NAF has it from the BSF over Zn.
#[derive(Clone)]
pub struct NafKey {
    /// The transaction identifier, username of the digest.
    pub btid: String,
    /// `Ks_NAF` for the name of the server and the Ua protocol of the connection.
    pub key: KsNaf,
    /// What the subscriber may do at a PKI portal.
    pub enrolment: Enrolment,
    /// The end of the key's lifetime; `None` where it does not end.
    pub expires: Option<Moment>,
    /// The public identities of the subscriber, the default one first.
    pub public_identities: Vec<String>,
    /// The authorization flags of the user security settings.
    pub flags: Vec<String>,
}

/// A session as a BSF has it after a Ub run.
#[derive(Clone)]
pub struct BootstrappedSession {
    /// The transaction identifier.
    pub btid: String,
    /// The bootstrapped key.
    pub ks: Ks,
    /// What stands beside Ks in the derivation of the keys of NAFs: RAND, where a card took part.
    pub input: KeyInput,
    /// The private identity of the subscriber.
    pub impi: String,
    /// What the subscriber may do at a PKI portal.
    pub enrolment: Enrolment,
    /// The end of the lifetime; `None` where it does not end.
    pub expires: Option<Moment>,
    /// The public identities of the subscriber, the default one first.
    pub public_identities: Vec<String>,
    /// The authorization flags of the user security settings.
    pub flags: Vec<String>,
}

/// What a BSF would answer, from a list of sessions: it derives the key of any NAF. It does not
/// look at the clock, so that a NAF can be given a key whose lifetime has ended.
#[derive(Clone, Default)]
pub struct StandIn {
    sessions: VecDeque<BootstrappedSession>,
}

impl StandIn {
    /// A source that knows these sessions.
    pub fn new(sessions: impl IntoIterator<Item = BootstrappedSession>) -> Self {
        let mut source = StandIn::default();
        for session in sessions {
            source.add(session);
        }
        source
    }

    /// Learns a session; one of the same B-TID is replaced.
    pub fn add(&mut self, session: BootstrappedSession) {
        self.sessions.retain(|known| known.btid != session.btid);
        if self.sessions.len() == SESSIONS {
            self.sessions.pop_front();
        }
        self.sessions.push_back(session);
    }
}

impl BootstrappedSession {
    /// The key of this session for one NAF (TS 33.220 Annexes B.3 and B.6).
    pub fn naf_key(&self, naf_id: &NafId) -> NafKey {
        NafKey {
            btid: self.btid.clone(),
            key: self.input.ks_naf(&self.ks, &self.impi, naf_id),
            enrolment: self.enrolment,
            expires: self.expires,
            public_identities: self.public_identities.clone(),
            flags: self.flags.clone(),
        }
    }
}

impl KeySource for StandIn {
    fn key(&mut self, _now: Moment, btid: &str, naf_id: &NafId) -> Result<NafKey, ZnRefusal> {
        let session = self.sessions.iter().find(|session| session.btid == btid);
        let session = session.ok_or(ZnRefusal::UnknownTransaction)?;
        Ok(session.naf_key(naf_id))
    }
}

impl<S: KeySource> KeySource for Arc<Mutex<S>> {
    /// A source that several servers ask.
    fn key(&mut self, now: Moment, btid: &str, naf_id: &NafId) -> Result<NafKey, ZnRefusal> {
        let mut source = self.lock().unwrap_or_else(PoisonError::into_inner);
        source.key(now, btid, naf_id)
    }
}

/// The keys that a NAF has asked for, until the end of their lifetimes.
pub(super) struct KeyCache {
    source: ZnSource,
    keys: VecDeque<CachedKey>,
    settled: Settled,
}

/// What the BSF was asked because of one request, and what it refused.
#[derive(Default)]
pub(crate) struct Settled(Vec<(ZnQuestion, Option<ZnRefusal>)>);

/// A key and the identifier of the NAF that it was made for.
pub(super) struct CachedKey {
    pub(super) naf_id: NafId,
    pub(super) key: NafKey,
}

impl CachedKey {
    /// What a policy looks at when a request with this username comes on a connection to this NAF.
    pub(super) fn name<'a>(&'a self, username: &'a [u8], naf_id: &'a NafId) -> KeyName<'a> {
        KeyName {
            btid: &self.key.btid,
            username,
            made_for: &self.naf_id,
            wanted_for: naf_id,
        }
    }
}

impl KeyCache {
    pub(super) fn new(source: ZnSource) -> Self {
        KeyCache {
            source,
            keys: VecDeque::new(),
            settled: Settled::default(),
        }
    }

    /// Whom it asks.
    pub(super) fn source(&self) -> &ZnSource {
        &self.source
    }

    /// Whether the BSF has yet to be asked for this key because of the request at hand.
    pub(super) fn lacks(
        &mut self,
        now: Moment,
        question: &ZnQuestion,
        has_key: fn(&KeyName<'_>) -> bool,
    ) -> bool {
        self.forget_old(now);
        let is_known = self
            .keys
            .iter()
            .any(|known| has_key(&known.name(question.btid.as_bytes(), &question.naf_id)));
        let is_settled = self
            .settled
            .0
            .iter()
            .any(|(settled, _)| settled == question);
        !is_known && !is_settled
    }

    /// Keeps what the BSF said until the request is answered for which it was `earlier` asked the
    /// rest, and a key until its end.
    pub(super) fn settle(
        &mut self,
        earlier: Settled,
        question: ZnQuestion,
        answer: Result<NafKey, ZnRefusal>,
    ) {
        let refusal = match answer {
            Ok(key) => {
                self.keep(&question.naf_id, key);
                None
            }
            Err(refusal) => Some(refusal),
        };
        self.settled = earlier;
        self.settled.0.push((question, refusal));
    }

    /// Ends the request at hand, or puts it off until there is another answer.
    pub(super) fn take_settled(&mut self) -> Settled {
        std::mem::take(&mut self.settled)
    }

    /// All keys at hand, the one of this B-TID for this NAF among them if the BSF gives it.
    ///
    /// The BSF is asked once for each pair (TS 33.220 clause 4.5.3): another suite of TLS is another
    /// Ua protocol, and so another key.
    pub(super) fn with(
        &mut self,
        now: Moment,
        btid: &[u8],
        naf_id: &NafId,
        has_key: fn(&KeyName<'_>) -> bool,
    ) -> (&VecDeque<CachedKey>, Option<ZnRefusal>) {
        self.forget_old(now);
        let is_known = self
            .keys
            .iter()
            .any(|known| has_key(&known.name(btid, naf_id)));
        let refusal = if is_known {
            None
        } else {
            self.ask(now, btid, naf_id).err()
        };
        (&self.keys, refusal)
    }

    fn ask(&mut self, now: Moment, btid: &[u8], naf_id: &NafId) -> Result<(), ZnRefusal> {
        let btid = str::from_utf8(btid).map_err(|_| ZnRefusal::UnknownTransaction)?;
        let ZnSource::StandIn(source) = &mut self.source else {
            let is_asked_for =
                |question: &ZnQuestion| question.btid == btid && question.naf_id == *naf_id;
            let settled = self.settled.0.iter().find(|(known, _)| is_asked_for(known));
            let refusal = settled.and_then(|(_, refusal)| *refusal);
            return Err(refusal.unwrap_or(ZnRefusal::UnknownTransaction));
        };
        let key = source.key(now, btid, naf_id)?;
        self.keep(naf_id, key);
        Ok(())
    }

    fn keep(&mut self, naf_id: &NafId, key: NafKey) {
        if self.keys.len() == SESSIONS {
            self.keys.pop_front();
        }
        self.keys.push_back(CachedKey {
            naf_id: naf_id.clone(),
            key,
        });
    }

    fn forget_old(&mut self, now: Moment) {
        self.keys
            .retain(|known| known.key.expires.is_none_or(|expires| now < expires));
    }
}

#[cfg(test)]
mod tests {
    use gbaspec_crypto::kdf::UaProtocolId;

    use super::*;
    use crate::embedded::SUBSCRIBERS;
    use crate::ua::names_key;

    const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
    const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);

    /// Counts what it is asked, and knows one key that ends a second after [`NOW`].
    struct Counting(usize);

    impl KeySource for Counting {
        fn key(&mut self, _: Moment, btid: &str, naf_id: &NafId) -> Result<NafKey, ZnRefusal> {
            self.0 += 1;
            let mut session = SUBSCRIBERS[0].session();
            session.expires = Some(NOW.plus_seconds(1));
            if btid == session.btid {
                Ok(session.naf_key(naf_id))
            } else {
                Err(ZnRefusal::NotAuthorized)
            }
        }
    }

    #[test]
    fn asks_once_for_each_naf_and_again_after_the_end_of_a_key() {
        let source = Arc::new(Mutex::new(Counting(0)));
        let mut cache = KeyCache::new(ZnSource::StandIn(Box::new(Arc::clone(&source))));
        let asked = || source.lock().expect("nobody panics").0;
        let naf = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
        let tls = NafId::new("naf1.home1.net", UaProtocolId::PSK_TLS13);
        for (at, naf_id, times) in [
            (NOW, &naf, 1),
            (NOW, &naf, 1),
            (NOW, &tls, 2),
            (NOW, &naf, 2),
            (NOW.plus_seconds(1), &naf, 3),
        ] {
            let (keys, refusal) = cache.with(at, BTID.as_bytes(), naf_id, names_key);
            assert!(keys.iter().any(|known| known.naf_id == *naf_id));
            assert_eq!(refusal, None);
            assert_eq!(asked(), times);
        }
    }

    #[test]
    fn tells_the_refusal_of_the_bsf() {
        let mut cache = KeyCache::new(ZnSource::StandIn(Box::new(Counting(0))));
        let naf = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
        let (keys, refusal) = cache.with(NOW, b"AAAA@bsf.home1.net", &naf, names_key);
        assert_eq!(keys.len(), 0);
        assert_eq!(refusal, Some(ZnRefusal::NotAuthorized));
    }

    #[test]
    fn a_stand_in_knows_the_latest_session_of_a_btid() {
        let session = SUBSCRIBERS[0].session();
        let expired = BootstrappedSession {
            expires: Some(NOW),
            ..session.clone()
        };
        let mut source = StandIn::new([session, expired]);
        let naf = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
        let key = source.key(NOW, BTID, &naf).ok();
        assert_eq!(key.and_then(|key| key.expires), Some(NOW));
        let unknown = source.key(NOW, "AAAA@bsf.home1.net", &naf).err();
        assert_eq!(unknown, Some(ZnRefusal::UnknownTransaction));
    }
}
