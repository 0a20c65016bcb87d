//! The bootstrapping server function with its authentication centre (TS 24.109 clause 4,
//! TS 33.220 clause 4.5.2).

mod policy;

use gbaspec_crypto::digest::Password;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::digest_header::{Algorithm, Challenge, Credentials, QopValue};
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use policy::{
    AnsweredRand, BsfPolicy, BtidFacts, FailureAnswer, FoundBy, Refusal, RefusalReason,
    RequestCheck, ResyncDecision, ResyncRequest, ResyncResponse, SuccessFacts, VectorChoice,
    VectorSeed, VectorUse, answerable, answered_rand, btid, check_request, choose_vector,
    fail_authentication, frame_success, nonce, refuse, reset_counter, resynchronise, success_body,
};

use crate::proof::{self, DigestFacts, InfoFacts, ResponseCheck};
use crate::role::{Input, Moment, Output, Role};
use crate::store::{
    IssuedVector, Session, SessionStore, SubscriberStore, VectorCause, VectorState,
};
use crate::subscriber::Subscriber;
use crate::text;

/// The product text of every answer (TS 24.109 tables A.3 and 4.5-8).
const SERVER: &str = "Bootstrapping Server; Release-6";
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
}

/// A bootstrapping server function.
pub struct Bsf {
    fqdn: String,
    lifetime_seconds: u32,
    subscribers: SubscriberStore,
    sessions: SessionStore,
    policy: BsfPolicy,
    generator: ChaCha8Rng,
}

impl Bsf {
    /// A BSF that has answered no one yet; equal seeds give equal challenges.
    pub fn new(config: BsfConfig, policy: BsfPolicy, seed: u64) -> Self {
        Bsf {
            fqdn: config.fqdn,
            lifetime_seconds: config.lifetime_seconds,
            subscribers: SubscriberStore::new(config.scheme, config.subscribers),
            sessions: SessionStore::default(),
            policy,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The session of a B-TID whose lifetime has not ended.
    pub fn session(&self, btid: &str, now: Moment) -> Option<&Session> {
        self.sessions.session(btid, now)
    }

    /// The key that a NAF would get for a B-TID over Zn: `Ks_NAF` of TS 33.220 Annex B.3 and the
    /// end of its lifetime.
    pub fn naf_key(
        &self,
        btid: &str,
        naf_fqdn: &str,
        ua_id: UaProtocolId,
        now: Moment,
    ) -> Option<(KsNaf, Moment)> {
        let session = self.sessions.session(btid, now)?;
        let naf_id = NafId::new(naf_fqdn, ua_id);
        let key = kdf::ks_naf(&session.ks, session.rand, &session.impi, &naf_id);
        Some((key, session.expires))
    }

    /// The answer to one request.
    fn answer(&mut self, now: Moment, request: &Message) -> Message {
        let Some((method, target)) = text::request_line(request) else {
            return self.refuse(now, RefusalReason::MalformedRequest);
        };
        if method != b"GET" {
            return self.refuse(now, RefusalReason::MethodNotAllowed);
        }
        if !policy::is_root(target, &self.fqdn) {
            return self.refuse(now, RefusalReason::NotFound);
        }
        let Ok(credentials) = (self.policy.read_credentials)(request) else {
            return self.refuse(now, RefusalReason::MalformedCredentials);
        };
        let username = credentials.username.as_deref().unwrap_or_default();
        let Some(impi) = str::from_utf8(username)
            .ok()
            .filter(|impi| self.subscribers.record(impi).is_some())
            .map(str::to_owned)
        else {
            return self.refuse(now, RefusalReason::UnknownIdentity);
        };
        // An empty nonce is the first request of a run (TS 24.109 clause 4.2 a).
        let nonce = credentials.nonce.clone().unwrap_or_default();
        if nonce.is_empty() {
            return self.challenge(now, &impi, VectorCause::Initial);
        }
        let cause = self
            .subscribers
            .issued(&nonce)
            .map(|(_, vector)| vector.cause);
        let check = RequestCheck {
            target,
            fqdn: &self.fqdn,
            credentials: &credentials,
            cause,
        };
        if let Err(reason) = (self.policy.check_request)(&check) {
            return self.refuse(now, reason);
        }
        let exchange = Exchange {
            impi,
            nonce,
            facts: DigestFacts::of_request(request, &credentials),
            credentials,
        };
        if exchange.credentials.auts.is_some() {
            self.resynchronise(now, &exchange)
        } else {
            self.conclude(now, &exchange)
        }
    }

    /// A 401 with a new vector (TS 24.109 clause 4.2 b, table 4.5-8).
    fn challenge(&mut self, now: Moment, impi: &str, cause: VectorCause) -> Message {
        let fresh_rand = Rand::from(text::random(&mut self.generator));
        let Some(record) = self.subscribers.record_mut(impi) else {
            return self.refuse(now, RefusalReason::UnknownIdentity);
        };
        let choice = VectorChoice {
            fresh_rand,
            next_sqn: record.counter.advance(),
            previous: record.last_issued().map(|issued| VectorSeed {
                rand: issued.vector.rand,
                sqn: issued.sqn,
            }),
            cause,
        };
        let seed = (self.policy.choose_vector)(&choice);
        let vector = record.functions.vector(seed.rand, seed.sqn, record.amf);
        let nonce = (self.policy.nonce)(vector.rand, vector.autn);
        let challenge = Challenge {
            realm: Some(self.fqdn.clone().into_bytes()),
            nonce: Some(nonce.clone().into_bytes()),
            algorithm: Some(Algorithm::AkaV1Md5),
            qop: vec![QopValue::AuthInt],
            ..Challenge::default()
        };
        record.issue(IssuedVector {
            nonce,
            vector,
            sqn: seed.sqn,
            cause,
            state: VectorState::Outstanding,
        });
        let mut message = text::response(401, SERVER, now);
        message.push("WWW-Authenticate", challenge.emit());
        text::with_body(message, b"")
    }

    /// The answer to a request with an AUTS (TS 24.109 clause 4.5, TS 33.102 clause 6.3.5).
    fn resynchronise(&mut self, now: Moment, exchange: &Exchange) -> Message {
        let issued_rand = self.usable(exchange).map(|vector| vector.vector.rand);
        let Some(record) = self.subscribers.record_mut(&exchange.impi) else {
            return self.refuse(now, RefusalReason::UnknownIdentity);
        };
        let response = if exchange.response_is(Password::Empty) {
            ResyncResponse::Right
        } else {
            ResyncResponse::Wrong
        };
        let decision = (self.policy.resynchronise)(&ResyncRequest {
            functions: &record.functions,
            counter: &record.counter,
            client_rand: exchange.rand(),
            issued_rand,
            latest_rand: record.last_issued().map(|issued| issued.vector.rand),
            amf: record.amf,
            auts: exchange.credentials.auts.as_deref().unwrap_or_default(),
            response,
        });
        match decision {
            ResyncDecision::Resynchronise(sqn_ms) => {
                record.counter = (self.policy.reset_counter)(record.counter.clone(), sqn_ms);
                self.subscribers.spend(&exchange.nonce);
                self.challenge(now, &exchange.impi, VectorCause::Resynchronisation)
            }
            ResyncDecision::ChallengeAgain => {
                self.challenge(now, &exchange.impi, VectorCause::Failure)
            }
            ResyncDecision::Refuse(reason) => self.refuse(now, reason),
        }
    }

    /// The answer to a request with a response: 200 with a session, or a new challenge
    /// (TS 24.109 clauses 4.2 c and 4.3).
    fn conclude(&mut self, now: Moment, exchange: &Exchange) -> Message {
        let (Some(issued), Some(record)) = (
            self.usable(exchange),
            self.subscribers.record(&exchange.impi),
        ) else {
            return self.challenge(now, &exchange.impi, VectorCause::Failure);
        };
        let rand = (self.policy.answered_rand)(&AnsweredRand {
            issued: issued.vector.rand,
            client: exchange.rand(),
        });
        let (ks, xres) = if rand == issued.vector.rand {
            (issued.vector.ks(), issued.vector.xres.clone())
        } else {
            let vector = record.functions.vector(rand, issued.sqn, record.amf);
            (vector.ks(), vector.xres)
        };
        let accepted = (self.policy.accept_response)(&ResponseCheck {
            facts: &exchange.facts,
            password: xres.expose(),
            response: exchange.response(),
        });
        // One attempt a vector: a wrong answer must not leave a 64-bit RES open to guessing.
        self.subscribers.spend(&exchange.nonce);
        if !accepted {
            return match (self.policy.fail_authentication)() {
                FailureAnswer::Challenge => {
                    self.challenge(now, &exchange.impi, VectorCause::Failure)
                }
                FailureAnswer::Refuse => self.refuse(now, RefusalReason::WrongResponse),
            };
        }
        let first_rand = self
            .subscribers
            .record(&exchange.impi)
            .and_then(|record| record.first_issued())
            .map_or(rand, |issued| issued.vector.rand);
        let btid = (self.policy.btid)(&BtidFacts {
            rand,
            first_rand,
            fqdn: &self.fqdn,
        });
        let expires = now.plus_seconds(i64::from(self.lifetime_seconds));
        let session = Session {
            impi: exchange.impi.clone(),
            rand,
            ks,
            expires,
        };
        self.sessions.insert(btid.clone(), session);
        self.success(
            now,
            exchange,
            xres.expose(),
            &SuccessFacts {
                btid: &btid,
                now,
                expires,
            },
        )
    }

    /// The 200 that ends a run (TS 24.109 table A.3 and Annex C).
    fn success(
        &self,
        now: Moment,
        exchange: &Exchange,
        xres: &[u8],
        facts: &SuccessFacts<'_>,
    ) -> Message {
        let body = (self.policy.success_body)(facts).into_bytes();
        let mut message = text::response(200, SERVER, now);
        let info = (self.policy.authentication_info)(&InfoFacts {
            facts: &exchange.facts,
            password: xres,
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
    fn usable(&self, exchange: &Exchange) -> Option<&IssuedVector> {
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
        proof::serve(input, |request| match request {
            Some(request) => self.answer(now, request),
            None => self.refuse(now, RefusalReason::MalformedRequest),
        })
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

/// A request that answers a challenge, taken apart.
struct Exchange {
    impi: String,
    nonce: Vec<u8>,
    facts: DigestFacts,
    credentials: Credentials,
}

impl Exchange {
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
