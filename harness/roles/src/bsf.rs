//! The bootstrapping server function with its authentication centre (TS 24.109 clause 4 and
//! Annexes H and I, TS 33.220 clause 4.5.2 and Annexes I and M).

mod aka;
mod gba_digest;
mod home;
pub mod network;
mod policy;
pub mod sbi;
mod second_generation;
pub mod soap;
mod tmpi;
mod zn;

use std::collections::BTreeMap;

use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_crypto::secret::{Ks, KsNaf};
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::digest_header::{Algorithm, Challenge, Credentials, QopValue};
use gbaspec_wire::guss_xml::UiccType;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use gba_digest::{DigestChallengeFacts, admit_gba_digest, gba_digest_nonce, gba_digest_realm};
pub use home::Home;
pub use network::{HomeAnswer, HomeMaterial, NetworkPolicy};
pub use policy::{
    Admission, AnsweredRand, BsfPolicy, BtidFacts, FailureAnswer, FoundBy, Refusal, RefusalReason,
    RequestCheck, ResyncDecision, ResyncRequest, ResyncResponse, SuccessFacts, VectorUse,
    answerable, answered_rand, btid, check_request, fail_authentication, first_challenge,
    frame_success, nonce, refuse, resynchronise, success_body,
};
pub use second_generation::{
    SecondGenerationChoice, admit_second_generation, choose_second_generation,
};
pub use tmpi::{IdentityFacts, TmpiStore, identify};

pub use crate::auc::{VectorChoice, VectorSeed, choose_vector, reset_counter};
use crate::channel::{Channel, Channels};
use crate::diameter::Node;
use crate::names;
use crate::proof::{self, DigestFacts, InfoFacts, ResponseCheck};
use crate::role::{After, ConnectionId, Input, Moment, Output, Role};
use crate::sbi::is_http2;
use crate::store::{
    GbaType, IssuedKeys, IssuedVector, RecordKeys, Session, SessionStore, SubscriberRecord,
    SubscriberStore, Terms, VectorCause,
};
use crate::subscriber::{Subscriber, SubscriberKind};
use crate::text;
use crate::ub::tmpi::TmpiFacts;
use crate::ub::{self, KeyInput, ProductToken};
use home::{HomeQuestion, Stop, Waiting};

/// The product text of every answer (TS 24.109 clause 4.2 and the form of table A.3-1).
const SERVER: &str = "Bootstrapping Server; Release-6; 3gpp-gba-tmpi";
/// The media type of the 200 (TS 24.109 clause 4.2 c).
const CONTENT_TYPE: &str = "application/vnd.3gpp.bsf+xml";

/// What a BSF is set up with.
pub struct BsfConfig {
    /// Its name: realm of the challenges, domain of the B-TIDs.
    pub fqdn: String,
    /// The subscribers of its authentication centre.
    pub subscribers: Vec<Subscriber>,
    /// The layout and window of the sequence numbers.
    pub scheme: SqnScheme,
    /// The lifetime of a key in seconds.
    pub lifetime_seconds: u32,
    /// The ways of bootstrapping.
    pub offer: BsfOffer,
    /// What is around it in the network.
    pub network: BsfNetwork,
}

/// What a BSF knows of the network around it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BsfNetwork {
    /// Where the authentication centre is.
    pub home: Home,
    /// Which NAF may have which keys over Zn.
    pub nafs: Vec<NafGrant>,
}

/// Leave to have the keys of a NAF.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NafGrant {
    /// The Origin-Host of the element that may have them; any, if there is none.
    pub host: Option<String>,
    /// The name of the NAF in its NAF-Id.
    pub fqdn: String,
}

/// The ways of bootstrapping that a BSF offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BsfOffer {
    /// The algorithms of Digest AKA, in the order of the message; one challenge each.
    pub algorithms: Vec<Algorithm>,
    /// 2G GBA for subscribers with a SIM (TS 24.109 clause H.2: configurable).
    pub second_generation: Switch,
    /// `GBA_Digest` for subscribers with a password (TS 24.109 clause I.2: configurable).
    pub gba_digest: Switch,
}

/// Whether something is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It is.
    On,
    /// It is not.
    Off,
}

impl Default for BsfOffer {
    /// Digest AKA version 1 with MD5 and nothing else.
    fn default() -> Self {
        BsfOffer {
            algorithms: vec![Algorithm::AkaV1Md5],
            second_generation: Switch::Off,
            gba_digest: Switch::Off,
        }
    }
}

/// A bootstrapping server function.
pub struct Bsf {
    fqdn: String,
    lifetime_seconds: u32,
    offer: BsfOffer,
    subscribers: SubscriberStore,
    sessions: SessionStore,
    tmpis: TmpiStore,
    channels: Channels,
    policy: BsfPolicy,
    generator: ChaCha8Rng,
    node: Node,
    home: Home,
    nafs: Vec<NafGrant>,
    /// The requests that wait for the HSS.
    waiting: BTreeMap<ConnectionId, Waiting>,
    /// How many questions the HSS was asked.
    questions: u32,
}

/// A request that answers a challenge, taken apart.
struct Exchange<'a> {
    request: &'a Message,
    channel: &'a Channel,
    impi: String,
    kind: SubscriberKind,
    nonce: Vec<u8>,
    facts: DigestFacts,
    credentials: Credentials,
}

/// What an answer is held against, and what follows where it holds.
struct Expectation {
    password: Vec<u8>,
    /// The vector that the password comes from, in Digest AKA.
    vector: Option<AuthenticationVector>,
    rand: Rand,
    input: KeyInput,
    ks: Ks,
}

impl Bsf {
    /// A BSF that has answered no one yet; equal seeds give equal challenges.
    pub fn new(config: BsfConfig, policy: BsfPolicy, seed: u64) -> Self {
        Bsf {
            node: Node::new(&config.fqdn),
            home: config.network.home,
            nafs: config.network.nafs,
            waiting: BTreeMap::new(),
            questions: 0,
            fqdn: config.fqdn,
            lifetime_seconds: config.lifetime_seconds,
            offer: config.offer,
            subscribers: SubscriberStore::new(config.scheme, config.subscribers),
            sessions: SessionStore::default(),
            tmpis: TmpiStore::default(),
            channels: Channels::default(),
            policy,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The session of a B-TID whose lifetime has not ended.
    pub fn session(&self, btid: &str, now: Moment) -> Option<&Session> {
        self.sessions.session(btid, now)
    }

    /// The TMPI under which a subscriber may start its next run, if there is one.
    pub fn tmpi(&self, impi: &str) -> Option<&str> {
        self.tmpis.tmpi(impi)
    }

    /// The key that a NAF would get for a B-TID over Zn: `Ks_NAF` of TS 33.220 Annex B.3 or B.6
    /// and the end of its lifetime.
    pub fn naf_key(
        &self,
        btid: &str,
        naf_fqdn: &str,
        ua_id: UaProtocolId,
        now: Moment,
    ) -> Option<(KsNaf, Moment)> {
        let session = self.sessions.session(btid, now)?;
        let naf_id = NafId::new(naf_fqdn, ua_id);
        let key = session.input.ks_naf(&session.ks, &session.impi, &naf_id);
        Some((key, session.expires))
    }

    /// The answer to one request, or the question that it leads to.
    fn request(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        request: &Message,
        channel: &Channel,
    ) -> Output {
        match self.answered(now, request, channel) {
            Ok(message) => Output::Respond {
                connection,
                message,
                after: text::after(request),
            },
            Err(Stop::Refused(reason)) => self.refusal(now, connection, request, reason),
            Err(Stop::Ask(question)) => self.ask_home(now, connection, request, question),
        }
    }

    fn refusal(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        request: &Message,
        reason: RefusalReason,
    ) -> Output {
        Output::Respond {
            connection,
            message: self.refuse(now, reason),
            after: text::after(request),
        }
    }

    fn answered(
        &mut self,
        now: Moment,
        request: &Message,
        channel: &Channel,
    ) -> Result<Message, Stop> {
        let (method, target) =
            text::request_line(request).ok_or(RefusalReason::MalformedRequest)?;
        if method != b"GET" {
            return Err(RefusalReason::MethodNotAllowed.into());
        }
        if !policy::is_root(target, &self.fqdn) {
            return Err(RefusalReason::NotFound.into());
        }
        let credentials = (self.policy.read_credentials)(request)
            .map_err(|_| RefusalReason::MalformedCredentials)?;
        let username = credentials.username.as_deref().unwrap_or_default();
        let impi = (self.policy.identify)(&IdentityFacts {
            username: str::from_utf8(username).map_err(|_| RefusalReason::UnknownIdentity)?,
            subscribers: &self.subscribers,
            tmpis: &self.tmpis,
            home: &self.home,
        })?;
        let kind = self.kind(&impi, request)?;
        let terms = self.terms(&impi, kind);
        self.admit(kind, request, channel)?;
        // An empty nonce is the first request of a run (TS 24.109 clause 4.2 a).
        let nonce = credentials.nonce.clone().unwrap_or_default();
        if nonce.is_empty() {
            let challenge = self.challenge(now, &impi, kind, VectorCause::Initial)?;
            return Ok((self.policy.first_challenge)(
                challenge,
                request,
                &credentials,
            ));
        }
        let issued = self.subscribers.issued(&nonce).map(|(_, issued)| issued);
        (self.policy.check_request)(&RequestCheck {
            target,
            fqdn: &self.fqdn,
            terms: issued.map_or(&terms, |issued| &issued.terms),
            credentials: &credentials,
            cause: issued.map(|issued| issued.cause),
        })?;
        let exchange = Exchange {
            request,
            channel,
            impi,
            kind,
            nonce,
            facts: DigestFacts {
                hash: ub::hash_of(credentials.algorithm.as_ref()),
                ..DigestFacts::of_request(request, &credentials)
            },
            credentials,
        };
        if exchange.credentials.auts.is_some() {
            if self.home != Home::Local && kind == SubscriberKind::Usim {
                return self.resynchronise_at_home(&exchange);
            }
            self.resynchronise(now, &exchange)
        } else {
            self.conclude(now, &exchange)
        }
    }

    /// What the subscriber has. Of one whom only the HSS knows it is not known yet; a client that
    /// wants to use a password says so.
    fn kind(&self, impi: &str, request: &Message) -> Result<SubscriberKind, RefusalReason> {
        match (self.record(impi), &self.home) {
            (Ok(record), _) => Ok(record.kind()),
            (Err(reason), Home::Local) => Err(reason),
            (Err(_), _) => {
                let token = ub::product_token(request, "User-Agent", ub::gba_digest::TOKEN);
                Ok(match token {
                    ProductToken::Present => SubscriberKind::Digest,
                    ProductToken::Absent => SubscriberKind::Usim,
                })
            }
        }
    }

    /// Whether this subscriber may bootstrap in this way on this connection.
    fn admit(
        &self,
        kind: SubscriberKind,
        request: &Message,
        channel: &Channel,
    ) -> Result<(), RefusalReason> {
        let admission = Admission {
            kind,
            transport: channel.transport(),
            gba_digest_token: ub::product_token(request, "User-Agent", ub::gba_digest::TOKEN),
            offer: &self.offer,
        };
        let announced = admission.gba_digest_token == ProductToken::Present;
        if announced || admission.kind == SubscriberKind::Digest {
            (self.policy.admit_gba_digest)(&admission)?;
        }
        if admission.kind == SubscriberKind::Sim {
            (self.policy.admit_second_generation)(&admission)?;
        }
        Ok(())
    }

    /// Realm and algorithms of the challenges for a subscriber.
    fn terms(&self, impi: &str, kind: SubscriberKind) -> Terms {
        let record = self.subscribers.record(impi);
        let fqdn = self.fqdn.clone();
        match kind {
            SubscriberKind::Usim => Terms {
                realm: fqdn,
                algorithms: record
                    .and_then(|record| record.usim()?.algorithms.clone())
                    .unwrap_or_else(|| self.offer.algorithms.clone()),
            },
            SubscriberKind::Sim => Terms {
                realm: fqdn,
                algorithms: vec![Algorithm::AkaV1Md5],
            },
            SubscriberKind::Digest => Terms {
                realm: match record.map(|record| &record.keys) {
                    Some(RecordKeys::Ha1 { realm, .. }) => realm.clone(),
                    _ => (self.policy.gba_digest_realm)(&DigestChallengeFacts {
                        domain: names::domain(impi),
                        fqdn: &self.fqdn,
                    }),
                },
                algorithms: vec![Algorithm::Sha256],
            },
        }
    }

    /// A 401 with a new vector (TS 24.109 clause 4.2 b, table 4.5-8).
    fn challenge(
        &mut self,
        now: Moment,
        impi: &str,
        kind: SubscriberKind,
        cause: VectorCause,
    ) -> Result<Message, Stop> {
        let is_elsewhere = self.home != Home::Local;
        let record = self.subscribers.record_mut(impi);
        if is_elsewhere && !record.is_some_and(SubscriberRecord::take_fresh) {
            return Err(Stop::Ask(HomeQuestion {
                impi: impi.to_owned(),
                kind,
                cause,
                resync: None,
            }));
        }
        let terms = self.terms(impi, kind);
        let (nonce, rand, keys) = match kind {
            SubscriberKind::Usim => self.aka_challenge(now, impi, cause)?,
            SubscriberKind::Sim => self.second_generation_challenge(impi)?,
            SubscriberKind::Digest => self.gba_digest_challenge(),
        };
        let mut message = text::response(401, SERVER, now);
        for algorithm in &terms.algorithms {
            let challenge = Challenge {
                realm: Some(terms.realm.clone().into_bytes()),
                nonce: Some(nonce.clone().into_bytes()),
                algorithm: Some(algorithm.clone()),
                qop: vec![QopValue::AuthInt],
                ..Challenge::default()
            };
            message.push("WWW-Authenticate", challenge.emit());
        }
        self.record_mut(impi)?
            .issue(IssuedVector::new(nonce, terms, rand, keys, cause));
        Ok(text::with_body(message, b""))
    }

    /// The answer to a request with a response: 200 with a session, or a new challenge
    /// (TS 24.109 clauses 4.2 c and 4.3).
    fn conclude(&mut self, now: Moment, exchange: &Exchange<'_>) -> Result<Message, Stop> {
        let Some(expected) = self.expectation(exchange) else {
            return self.challenge(now, &exchange.impi, exchange.kind, VectorCause::Failure);
        };
        let accepted = (self.policy.accept_response)(&ResponseCheck {
            facts: &exchange.facts,
            password: &expected.password,
            aka: expected.aka(exchange),
            response: exchange.response(),
        });
        // One attempt a vector: a wrong answer must not leave a 64-bit RES open to guessing.
        self.subscribers.spend(&exchange.nonce);
        if !accepted {
            return match (self.policy.fail_authentication)() {
                FailureAnswer::Challenge => {
                    self.challenge(now, &exchange.impi, exchange.kind, VectorCause::Failure)
                }
                FailureAnswer::Refuse => Err(RefusalReason::WrongResponse.into()),
            };
        }
        let record = self.record(&exchange.impi)?;
        let lifetime = self.lifetime_of(record);
        let guss = record.guss().cloned().unwrap_or_default();
        let first_rand = record
            .first_issued()
            .map_or(expected.rand, |issued| issued.rand);
        let btid = (self.policy.btid)(&BtidFacts {
            rand: expected.rand,
            first_rand,
            fqdn: &self.fqdn,
            host: &exchange
                .request
                .field("Host")
                .map_or_else(Vec::new, |host| host.text().into_owned()),
        });
        self.renew_tmpi(exchange, &expected);
        let expires = now.plus_seconds(i64::from(lifetime));
        let session = Session {
            impi: exchange.impi.clone(),
            input: expected.input.clone(),
            ks: expected.ks.clone(),
            created: now,
            expires,
            gba_type: GbaType::from(exchange.kind),
            uicc_type: guss.bsf_info.uicc_type.unwrap_or(UiccType::Gba),
            settings: guss.uss_list,
        };
        self.sessions.insert(btid.clone(), session);
        let facts = SuccessFacts {
            btid: &btid,
            now,
            expires,
        };
        Ok(self.success(now, exchange, &expected, &facts))
    }

    /// What the response is held against; `None` where the challenge may not be answered or, in
    /// `GBA_Digest`, not on this connection.
    fn expectation(&self, exchange: &Exchange<'_>) -> Option<Expectation> {
        let issued = self.usable(exchange)?;
        let record = self.subscribers.record(&exchange.impi)?;
        match &issued.keys {
            IssuedKeys::Aka { vector, sqn } => self.aka_expectation(exchange, record, vector, *sqn),
            IssuedKeys::SecondGeneration(ks_input) => {
                self.second_generation_expectation(record, issued.rand, *ks_input)
            }
            IssuedKeys::Digest => self.gba_digest_expectation(exchange, record, issued),
        }
    }

    /// The TMPI of a subscriber with a USIM after a successful run (TS 33.220 clause 4.5.2). The
    /// other ways of bootstrapping always use the private identity (TS 24.109 clauses H.2, I.2).
    fn renew_tmpi(&mut self, exchange: &Exchange<'_>, expected: &Expectation) {
        if exchange.kind != SubscriberKind::Usim {
            return;
        }
        let tmpi = (self.policy.tmpi)(&TmpiFacts {
            ks: &expected.ks,
            rand: expected.rand,
            impi: &exchange.impi,
            bsf_fqdn: &self.fqdn,
            token: ub::product_token(exchange.request, "User-Agent", ub::tmpi::TOKEN),
            previous: self.tmpis.tmpi(&exchange.impi),
        });
        self.tmpis.replace(&exchange.impi, tmpi);
    }

    /// The 200 that ends a run (TS 24.109 table A.3 and Annex C).
    fn success(
        &self,
        now: Moment,
        exchange: &Exchange<'_>,
        expected: &Expectation,
        facts: &SuccessFacts<'_>,
    ) -> Message {
        let body = (self.policy.success_body)(facts).into_bytes();
        let mut message = text::response(200, SERVER, now);
        let info = (self.policy.authentication_info)(&InfoFacts {
            facts: &exchange.facts,
            password: &expected.password,
            aka: expected.aka(exchange),
            body: &body,
            status: 200,
        });
        if let Some(info) = info {
            message.push("Authentication-Info", info.emit());
        }
        message.push("Expires", text::http_date(facts.expires));
        message.push("Cache-Control", "no-store");
        message.push("Content-Type", CONTENT_TYPE);
        (self.policy.frame_success)(message, &body)
    }

    /// The issued vector that this exchange may use. Whether one without its nonce will do is a
    /// decision like the others (TS 33.220 clause 4.5.2: it will not).
    fn usable(&self, exchange: &Exchange<'_>) -> Option<&IssuedVector> {
        let claimed_by = exchange.impi.as_str();
        let named = self.subscribers.issued(&exchange.nonce);
        let (issued_to, vector, found_by) = if let Some((issued_to, vector)) = named {
            (issued_to, vector, FoundBy::Nonce)
        } else {
            let latest = self.subscribers.record(claimed_by)?.last_issued()?;
            (claimed_by, latest, FoundBy::Subscriber)
        };
        let usable = (self.policy.answerable)(&VectorUse {
            state: vector.state,
            issued_to,
            claimed_by,
            found_by,
        });
        usable.then_some(vector)
    }

    fn record(&self, impi: &str) -> Result<&SubscriberRecord, RefusalReason> {
        self.subscribers
            .record(impi)
            .ok_or(RefusalReason::UnknownIdentity)
    }

    fn record_mut(&mut self, impi: &str) -> Result<&mut SubscriberRecord, RefusalReason> {
        self.subscribers
            .record_mut(impi)
            .ok_or(RefusalReason::UnknownIdentity)
    }

    fn refuse(&mut self, now: Moment, reason: RefusalReason) -> Message {
        (self.policy.refuse)(&Refusal {
            reason,
            fqdn: &self.fqdn,
            now,
            random: text::random(&mut self.generator),
        })
    }
}

impl Role for Bsf {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        let channel = self.channels.follow(&input);
        match input {
            Input::Message {
                connection,
                message,
            } if is_http2(message) => vec![Output::Respond {
                connection,
                message: self.sbi_answer(now, message),
                after: After::KeepOpen,
            }],
            Input::Message {
                connection,
                message,
            } if soap::is_soap(message) => vec![Output::Respond {
                connection,
                message: self.soap_answer(now, message),
                after: text::after(message),
            }],
            Input::Message {
                connection,
                message,
            } => vec![self.request(now, connection, message, &channel)],
            Input::Asked { connection, answer } => self.home_answered(now, connection, answer),
            Input::Forwarded { connection, answer } => {
                self.home_answered_by_sbi(now, connection, answer)
            }
            Input::Diameter {
                connection,
                message,
            } if message.is_request() => vec![Output::Answer {
                connection,
                message: self.zn_answer(now, message),
            }],
            Input::Closed { connection } => {
                self.waiting.remove(&connection);
                Vec::new()
            }
            other => proof::serve(other, |_| self.refuse(now, RefusalReason::MalformedRequest)),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

impl Exchange<'_> {
    fn response(&self) -> &[u8] {
        self.credentials.response.as_deref().unwrap_or_default()
    }

    /// RAND as the nonce of the request has it.
    fn rand(&self) -> Option<Rand> {
        let nonce = AkaNonce::decode(&self.nonce).ok()?;
        Some(Rand::from(nonce.rand))
    }

    fn response_is(&self, password: Password<'_>) -> bool {
        self.facts.proves(password, self.response())
    }
}
