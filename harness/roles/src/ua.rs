//! The digest server half that the NAF and the PKI portal share (TS 24.109 clause 5.2).

pub mod keys;
mod policy;
pub mod psk;
pub mod zn;

use std::collections::VecDeque;

use gbaspec_crypto::kdf::NafId;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::digest_header::{Algorithm, Credentials};
use gbaspec_wire::http::Message;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use keys::Enrolment;
pub use policy::{
    Announced, ChallengeFacts, DIGEST_PREFIX, KeyAge, KeyName, NafIdFacts, NonceCount, Presence,
    Proposal, REALM_PREFIX, RealmFacts, Rejection, RejectionAnswer, RequestFacts, Service,
    Staleness, UICC_PREFIX, UaChannel, UaPolicy, UriFacts, accept_nonce_count, accept_qop,
    accept_realm, accept_uri, challenge, key_is_valid, must_authenticate, naf_ids, names_key,
    nonce, password, read_nonce_count, reject, ua_protocol,
};

use crate::channel::Channel;
use crate::diameter::{self, Node};
use crate::proof::{DigestFacts, InfoFacts, ResponseCheck};
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::{ConnectionId, Moment, Output, Unanswered, Upstream};
use crate::text;
use crate::ub;
use keys::{CachedKey, KeyCache, NafKey, Settled, ZnRefusal};
use zn::{BiaFacts, BirFacts, InfoAnswer, ZnQuestion, ZnSource};

/// How many nonces stay known; the oldest is forgotten first, which costs its owner one more
/// challenge.
const NONCES: usize = 1024;

/// The digest server of a NAF or portal.
pub(crate) struct UaServer {
    fqdn: String,
    service: Service,
    keys: KeyCache,
    nonces: VecDeque<KnownNonce>,
    opaque: String,
    algorithms: Vec<Algorithm>,
    server: &'static str,
    pub(crate) policy: UaPolicy,
    generator: ChaCha8Rng,
}

/// Who sent a request, proved by its digest.
pub(crate) struct Authenticated {
    pub(crate) key: NafKey,
    facts: DigestFacts,
    password: Vec<u8>,
}

struct KnownNonce {
    text: String,
    highest: u32,
    /// The client nonce of the first request that was accepted under it.
    first_cnonce: Option<Vec<u8>>,
}

/// What a server half is set up with.
pub(crate) struct UaConfig {
    pub(crate) fqdn: String,
    pub(crate) service: Service,
    pub(crate) source: ZnSource,
    /// The algorithms that it offers, in this order.
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) server: &'static str,
}

impl UaServer {
    pub(crate) fn new(config: UaConfig, policy: &UaPolicy, seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let opaque = text::hex(&text::random::<16>(&mut generator));
        UaServer {
            fqdn: config.fqdn,
            service: config.service,
            keys: KeyCache::new(config.source),
            nonces: VecDeque::new(),
            opaque,
            algorithms: config.algorithms,
            server: config.server,
            policy: *policy,
            generator,
        }
    }

    pub(crate) fn fqdn(&self) -> &str {
        &self.fqdn
    }

    /// The head of an answer, up to the fields that depend on its kind.
    pub(crate) fn response(&self, now: Moment, status: u16) -> Message {
        text::response(status, self.server, now)
    }

    /// Finds out who sent the request: `Ok(None)` where the policy lets it pass without proof,
    /// `Err` with the answer that rejects it.
    pub(crate) fn authenticate(
        &mut self,
        now: Moment,
        request: &Message,
        channel: &Channel,
    ) -> Result<Option<Authenticated>, Message> {
        let (method, target) = text::request_line(request).unwrap_or_default();
        let authorization = match request.field("Authorization") {
            Some(_) => Presence::Present,
            None => Presence::Absent,
        };
        let facts = RequestFacts {
            method,
            target,
            authorization,
            message: request,
            transport: channel.transport(),
        };
        if !(self.policy.must_authenticate)(&facts) {
            return Ok(None);
        }
        if authorization == Presence::Absent {
            return Err(self.rejected(now, request, Rejection::NoCredentials));
        }
        self.verify(now, request, target, channel)
            .map(Some)
            .map_err(|rejection| self.rejected(now, request, rejection))
    }

    /// The key that the BSF has to be asked for before this request can be answered. Requests that
    /// are rejected whatever the key ask for none.
    pub(crate) fn question(
        &mut self,
        now: Moment,
        request: &Message,
        channel: &Channel,
    ) -> Option<ZnQuestion> {
        if matches!(self.keys.source(), ZnSource::StandIn(_)) {
            return None;
        }
        let (_, target) = text::request_line(request)?;
        let credentials = (self.policy.read_credentials)(request).ok()?;
        self.check_directives(&credentials, target).ok()?;
        let facts = self.digest(request, &credentials).ok()?;
        let btid = String::from_utf8(facts.username).ok()?;
        let naf_ids = self.naf_ids(channel).into_iter();
        let mut questions = naf_ids.map(|naf_id| ZnQuestion {
            btid: btid.clone(),
            naf_id,
        });
        questions.find(|question| self.keys.lacks(now, question, self.policy.has_key))
    }

    /// The question to the BSF; `number` is one that no other question has.
    pub(crate) fn ask(
        &self,
        now: Moment,
        connection: ConnectionId,
        number: u32,
        question: &ZnQuestion,
    ) -> Option<Output> {
        let policy = &self.policy.zn;
        let from = Node::new(&self.fqdn);
        let session = diameter::session_id(&from, now, number);
        let facts = |to| BirFacts {
            from: &from,
            to,
            session: &session,
            btid: &question.btid,
            naf_id: (policy.naf_id)(&question.naf_id),
            services: (policy.services)(),
            awareness: (policy.awareness)(),
        };
        let to = Upstream::Bsf;
        match self.keys.source() {
            ZnSource::StandIn(_) => None,
            ZnSource::Diameter(bsf) => Some(Output::Ask {
                connection,
                to,
                message: (policy.bir)(&facts(bsf)),
            }),
            ZnSource::Sbi(bsf) => Some(Output::Forward {
                connection,
                to,
                message: (policy.info_request)(&facts(bsf)),
            }),
        }
    }

    /// Takes the answer of the BSF over HTTP/2; `earlier` are those to other questions because of
    /// this request.
    pub(crate) fn settle_by_sbi(
        &mut self,
        earlier: Settled,
        question: ZnQuestion,
        answer: Result<&Message, Unanswered>,
    ) {
        let key = (self.policy.zn.info)(&InfoAnswer {
            answer,
            btid: &question.btid,
        });
        self.keys.settle(earlier, question, key);
    }

    /// Takes the answer of the BSF; `earlier` are those to other questions because of this request.
    pub(crate) fn settle(
        &mut self,
        earlier: Settled,
        question: ZnQuestion,
        answer: Result<&Packet, Unanswered>,
    ) {
        let key = (self.policy.zn.bia)(&BiaFacts {
            answer,
            btid: &question.btid,
        });
        self.keys.settle(earlier, question, key);
    }

    /// Ends a request, or puts it off until the BSF has answered again.
    pub(crate) fn take_settled(&mut self) -> Settled {
        self.keys.take_settled()
    }

    /// Answers a handshake with a shared key (TS 24.109 clause 5.3.3.1).
    pub(crate) fn shared_key(&mut self, now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        let policy = self.policy.psk;
        let (Some(btid), Some(protocol)) = (
            (policy.btid)(handshake.identity),
            (policy.ua_protocol)(handshake),
        ) else {
            return (policy.unknown)();
        };
        let naf_id = NafId::new(&self.fqdn, protocol);
        let (keys, _) = self
            .keys
            .with(now, btid.as_bytes(), &naf_id, self.policy.has_key);
        let named = keys.iter().find(|known| {
            let expires = known.key.expires;
            let name = known.name(btid.as_bytes(), &naf_id);
            (self.policy.names_key)(&name) && (self.policy.key_is_valid)(&KeyAge { expires, now })
        });
        named.map_or_else(policy.unknown, |known| {
            PskAnswer::Key((policy.key)(&known.key.key))
        })
    }

    /// Adds `Authentication-Info` over `body` to an answer (RFC 7616 clause 3.5).
    pub(crate) fn sign(&self, to: &Authenticated, status: u16, body: &[u8], answer: &mut Message) {
        self.sign_and_propose(to, status, (body, None), answer);
    }

    /// The nonce that the next answer proposes for the request after it, if the policy wants one.
    pub(crate) fn next_nonce(&mut self) -> Option<String> {
        match (self.policy.propose_nonce)() {
            Proposal::NextNonce => Some(self.issue_nonce()),
            Proposal::None => None,
        }
    }

    /// [`UaServer::sign`] over the body, with a `nextnonce` beside it.
    pub(crate) fn sign_and_propose(
        &self,
        to: &Authenticated,
        status: u16,
        (body, nextnonce): (&[u8], Option<String>),
        answer: &mut Message,
    ) {
        let info = (self.policy.authentication_info)(&InfoFacts {
            aka: None,
            facts: &to.facts,
            password: &to.password,
            body,
            status,
        });
        if let Some(mut info) = info {
            info.nextnonce = nextnonce.map(String::into_bytes).or(info.nextnonce);
            answer.push("Authentication-Info", info.emit());
        }
    }

    /// The answer to bytes that are no request.
    pub(crate) fn malformed(&self, now: Moment) -> Message {
        text::with_body(self.response(now, (self.policy.unreadable)()), b"")
    }

    fn verify(
        &mut self,
        now: Moment,
        request: &Message,
        target: &[u8],
        channel: &Channel,
    ) -> Result<Authenticated, Rejection> {
        let credentials =
            (self.policy.read_credentials)(request).map_err(|_| Rejection::MalformedCredentials)?;
        let received = self.check_directives(&credentials, target)?;
        let facts = self.digest(request, &credentials)?;
        let response = credentials.response.as_deref().unwrap_or_default();
        let (key, password) = self.key_of_channel(now, &facts, response, channel)?;
        if !(self.policy.accept_qop)(facts.qop) {
            return Err(Rejection::WeakProtection);
        }
        self.use_nonce(&facts, received)?;
        Ok(Authenticated {
            key,
            facts,
            password,
        })
    }

    /// The digest that the credentials claim, under one of the algorithms that are offered.
    fn digest(
        &self,
        request: &Message,
        credentials: &Credentials,
    ) -> Result<DigestFacts, Rejection> {
        // RFC 7616 clause 3.4: without the directive it is MD5.
        let algorithm = credentials.algorithm.as_ref().unwrap_or(&Algorithm::Md5);
        if !self.algorithms.contains(algorithm) {
            return Err(Rejection::MalformedCredentials);
        }
        let facts = DigestFacts::of_request(request, credentials);
        let is_session = matches!(algorithm, Algorithm::Md5Sess | Algorithm::Sha256Sess);
        let first_cnonce = self.known_nonce(&facts.nonce);
        let first_cnonce = first_cnonce.and_then(|known| known.first_cnonce.clone());
        Ok(DigestFacts {
            hash: ub::hash_of(Some(algorithm)),
            session_cnonce: is_session
                .then(|| first_cnonce.unwrap_or_else(|| facts.cnonce.clone())),
            ..facts
        })
    }

    fn known_nonce(&self, nonce: &[u8]) -> Option<&KnownNonce> {
        self.nonces
            .iter()
            .find(|known| known.text.as_bytes() == nonce)
    }

    /// The key for this connection that made the response (TS 33.220 Annexes H.1 and H.3).
    fn key_of_channel(
        &mut self,
        now: Moment,
        facts: &DigestFacts,
        response: &[u8],
        channel: &Channel,
    ) -> Result<(NafKey, Vec<u8>), Rejection> {
        let naf_ids = self.naf_ids(channel);
        let mut found = Err(Rejection::NoKey);
        for naf_id in &naf_ids {
            found = self.matching_key(now, facts, response, naf_id);
            if found.is_ok() {
                break;
            }
        }
        found
    }

    /// The identifiers of this server on such a connection.
    fn naf_ids(&self, channel: &Channel) -> Vec<NafId> {
        let protocol = (self.policy.ua_protocol)(&UaChannel {
            service: self.service,
            tls: channel.tls(),
        });
        (self.policy.naf_ids)(&NafIdFacts {
            fqdn: &self.fqdn,
            protocol,
        })
    }

    /// The key that the username names, as the password that made the response. A username names
    /// at most one key, unless the policy says otherwise.
    fn matching_key(
        &mut self,
        now: Moment,
        facts: &DigestFacts,
        response: &[u8],
        naf_id: &NafId,
    ) -> Result<(NafKey, Vec<u8>), Rejection> {
        let (keys, refusal) = self
            .keys
            .with(now, &facts.username, naf_id, self.policy.has_key);
        let named = keys.iter().filter(|known| {
            let expires = known.key.expires;
            let name = known.name(&facts.username, naf_id);
            (self.policy.names_key)(&name) && (self.policy.key_is_valid)(&KeyAge { expires, now })
        });
        let mut why = match refusal {
            Some(ZnRefusal::NotAuthorized) => Rejection::NotAuthorized,
            Some(ZnRefusal::Unavailable) => Rejection::NoBsf,
            Some(ZnRefusal::UnknownTransaction) | None => Rejection::NoKey,
        };
        for CachedKey { key, .. } in named {
            let password = (self.policy.password)(&key.key);
            let accepted = (self.policy.accept_response)(&ResponseCheck {
                aka: None,
                facts,
                password: &password,
                response,
            });
            if accepted {
                return Ok((key.clone(), password));
            }
            why = Rejection::WrongResponse;
        }
        Err(why)
    }

    /// The directives that must fit the request and this server; gives the nonce count.
    fn check_directives(&self, credentials: &Credentials, target: &[u8]) -> Result<u32, Rejection> {
        let uri = credentials.uri.as_deref().unwrap_or_default();
        if !(self.policy.accept_uri)(&UriFacts { uri, target }) {
            return Err(Rejection::MalformedCredentials);
        }
        let realm = credentials.realm.as_deref().unwrap_or_default();
        let fqdn = &self.fqdn;
        if !(self.policy.accept_realm)(&RealmFacts { realm, fqdn }) {
            return Err(Rejection::NoKey);
        }
        if credentials.qop.is_none() && credentials.nc.is_none() {
            // The form of RFC 2069 has no count, so its nonce serves one request.
            return Ok(1);
        }
        credentials
            .nc
            .as_deref()
            .and_then(|nc| (self.policy.read_nonce_count)(nc))
            .ok_or(Rejection::MalformedCredentials)
    }

    fn use_nonce(&mut self, facts: &DigestFacts, received: u32) -> Result<(), Rejection> {
        let highest_of_all = self.nonces.iter().map(|known| known.highest).max();
        let known = self
            .nonces
            .iter_mut()
            .find(|known| known.text.as_bytes() == facts.nonce);
        let count = NonceCount {
            highest: known.as_ref().map(|known| known.highest),
            highest_of_all: highest_of_all.unwrap_or(0),
            received,
        };
        if !(self.policy.accept_nonce_count)(&count) {
            return Err(match count.highest {
                Some(_) => Rejection::RepeatedNonceCount,
                None => Rejection::OldNonce,
            });
        }
        if let Some(known) = known {
            known.highest = known.highest.max(received);
            known
                .first_cnonce
                .get_or_insert_with(|| facts.cnonce.clone());
        }
        Ok(())
    }

    fn rejected(&mut self, now: Moment, request: &Message, rejection: Rejection) -> Message {
        match (self.policy.reject)(rejection) {
            RejectionAnswer::Status(status) => text::with_body(self.response(now, status), b""),
            RejectionAnswer::Challenge(staleness) => {
                self.challenged(now, request, rejection, staleness)
            }
        }
    }

    /// One challenge an algorithm, all with one nonce (RFC 7616 clause 3.7).
    fn challenged(
        &mut self,
        now: Moment,
        request: &Message,
        rejection: Rejection,
        staleness: Staleness,
    ) -> Message {
        let nonce = self.issue_nonce();
        let mut answer = self.response(now, 401);
        for algorithm in &self.algorithms {
            let challenge = (self.policy.challenge)(&ChallengeFacts {
                fqdn: &self.fqdn,
                algorithm,
                announced: Announced::of(request),
                nonce: &nonce,
                opaque: &self.opaque,
                staleness,
                rejection,
            });
            answer.push("WWW-Authenticate", challenge.emit());
        }
        text::with_body(answer, b"")
    }

    fn issue_nonce(&mut self) -> String {
        let nonce = (self.policy.nonce)(text::random(&mut self.generator));
        if self.nonces.len() == NONCES {
            self.nonces.pop_front();
        }
        self.nonces.push_back(KnownNonce {
            text: nonce.clone(),
            highest: 0,
            first_cnonce: None,
        });
        nonce
    }
}

/// The path and query of a target in origin or absolute form.
pub(crate) fn path_of(target: &[u8]) -> &[u8] {
    let rest = [b"http://".as_slice(), b"https://"]
        .iter()
        .find_map(|scheme| target.strip_prefix(*scheme));
    let Some(rest) = rest else {
        return target;
    };
    match rest.iter().position(|&octet| octet == b'/') {
        Some(start) => &rest[start..],
        None => b"/",
    }
}
