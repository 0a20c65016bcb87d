//! The user equipment with its USIM (TS 24.109 clauses 4 and 5, Annex E; TS 33.102 clause 6.3.3).

mod policy;

use data_encoding::BASE64;
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::digest::{Password, digests_equal};
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::sqn::UsimSqn;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::digest_header::{AuthenticationInfo, Challenge, Credentials};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) use policy::session_facts;
pub use policy::{
    AutsFacts, ChallengeJudgement, ChallengeVerdict, Freshness, FreshnessFacts, NafKeyFacts,
    NextStep, OfferedChallenges, Proof, QopOffer, RealmCheck, ReferencePoint, RefusalFacts,
    ResultFacts, SessionAge, SessionFacts, Stale, UbAnswer, UbPasswordFacts, UePolicy,
    UsernameFacts, UsimUpdate, accept_realm, after_refusal, auts, check_sqn, choose_challenge,
    choose_qop, freshness, judge_challenge, judge_result, naf_key, read_nonce, read_session,
    ua_password, ub_password, update_usim, username,
};

use crate::proof::{DigestFacts, qop_value};
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Moment, Output, Peer, Role, Transport,
};
use crate::text;

/// The certification request of tables E.3.1-1: the portal of this project does not look inside.
const CERTIFICATION_REQUEST: &[u8] =
    b"-----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n";

/// What a UE is set up with.
pub struct UeConfig {
    /// The private identity.
    pub impi: String,
    /// The functions f1 to f5* with K inside.
    pub functions: AkaFunctions,
    /// The sequence numbers that the USIM has accepted.
    pub usim: UsimSqn,
    /// The name of the BSF: `Host` and first realm on Ub.
    pub bsf_fqdn: String,
    /// The name of the NAF.
    pub naf_fqdn: String,
    /// The name of the PKI portal.
    pub portal_fqdn: String,
    /// How long the UE waits for an answer, in milliseconds.
    pub patience_millis: i64,
}

/// User equipment. It keeps its USIM and its session over several actions.
pub struct Ue {
    config: UeConfig,
    policy: UePolicy,
    generator: ChaCha8Rng,
    session: Option<UeSession>,
    state: State,
    /// Requests with credentials that this UE sent in its life.
    requests: u32,
    /// Requests with credentials that the present action sent on Ub and on Ua.
    answers: (u32, u32),
    /// The moment at which the answer to the last request is overdue.
    overdue: Moment,
    /// The connection whose end goes with the last answer.
    closing: Option<ConnectionId>,
}

/// The state is named after what the UE waits for.
enum State {
    Idle,
    ExpectChallenge {
        resynchronisations: u32,
        errand: Option<Errand>,
    },
    ExpectResult {
        run: Run,
        errand: Option<Errand>,
    },
    ExpectUaChallenge {
        errand: Errand,
    },
    ExpectUaResult {
        exchange: Exchange,
        errand: Errand,
    },
}

/// A request with credentials whose answer has to prove that its sender knows the password.
struct Exchange {
    facts: DigestFacts,
    password: Vec<u8>,
}

/// A Ub run that waits for its result.
struct Run {
    exchange: Exchange,
    rand: Rand,
    ks: Ks,
}

/// A session as the UE has it after a Ub run.
struct UeSession {
    btid: String,
    rand: Rand,
    ks: Ks,
    expires: Moment,
}

/// What is to be done at a NAF or portal.
struct Errand {
    peer: Peer,
    challenge: Option<Challenge>,
    session: SessionAge,
}

impl Ue {
    /// A UE that has no session yet; equal seeds give equal client nonces.
    pub fn new(config: UeConfig, policy: UePolicy, seed: u64) -> Self {
        Ue {
            config,
            policy,
            generator: ChaCha8Rng::seed_from_u64(seed),
            session: None,
            state: State::Idle,
            requests: 0,
            answers: (0, 0),
            overdue: Moment { unix_millis: 0 },
            closing: None,
        }
    }

    /// The B-TID of the session, if there is one whose lifetime has not ended.
    pub fn btid(&self, now: Moment) -> Option<&str> {
        self.session
            .as_ref()
            .filter(|session| now < session.expires)
            .map(|session| session.btid.as_str())
    }

    /// The sequence numbers that the USIM has accepted.
    pub fn usim(&self) -> &UsimSqn {
        &self.config.usim
    }

    fn start(&mut self, now: Moment, action: Action) -> Vec<Output> {
        let peer = match action {
            Action::Bootstrap => return self.start_run(now, None),
            Action::Fetch => Peer::Naf,
            Action::Enrol => Peer::Portal,
        };
        let errand = Errand {
            peer,
            challenge: None,
            session: SessionAge::Earlier,
        };
        let message = self.ua_request(now, &errand, None);
        self.send(now, peer, message, State::ExpectUaChallenge { errand })
    }

    /// The first request of a Ub run (TS 24.109 clause 4.2 a, table A.3-1).
    fn start_run(&mut self, now: Moment, errand: Option<Errand>) -> Vec<Output> {
        let username = (self.policy.username)(&UsernameFacts::Ub {
            impi: &self.config.impi,
        });
        let credentials = Credentials {
            username: Some(username.into_bytes()),
            realm: Some(self.config.bsf_fqdn.clone().into_bytes()),
            nonce: Some(Vec::new()),
            uri: Some(b"/".to_vec()),
            response: Some(Vec::new()),
            ..Credentials::default()
        };
        let message = self.ub_request(now, &credentials);
        let state = State::ExpectChallenge {
            resynchronisations: 0,
            errand,
        };
        self.send(now, Peer::Bsf, message, state)
    }

    fn receive(&mut self, now: Moment, message: &Message) -> Vec<Output> {
        let Ok(status) = message.status() else {
            return self.finish(ClientOutcome::Failed);
        };
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => vec![Output::Note("a message that nobody waits for".to_owned())],
            State::ExpectChallenge {
                resynchronisations,
                errand,
            } if status == 401 => self.challenged(now, message, resynchronisations, errand),
            State::ExpectResult { run, errand } => {
                self.concluded(now, message, status, run, errand)
            }
            State::ExpectUaChallenge { errand } if status == 401 => {
                self.ua_challenged(now, message, errand)
            }
            State::ExpectUaResult { exchange, errand } => {
                self.ua_concluded(now, message, status, &exchange, errand)
            }
            State::ExpectChallenge { .. } | State::ExpectUaChallenge { .. } => {
                self.finish(ClientOutcome::Failed)
            }
        }
    }

    /// An AKA challenge: RES, AUTS or silence (TS 33.102 clause 6.3.3).
    fn challenged(
        &mut self,
        now: Moment,
        message: &Message,
        resynchronisations: u32,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let Some((challenge, nonce)) = self.chosen_challenge(message, ReferencePoint::Ub) else {
            return self.finish(ClientOutcome::Failed);
        };
        let Some((rand, autn)) = (self.policy.read_nonce)(&nonce) else {
            return self.finish(ClientOutcome::Failed);
        };
        let functions = &self.config.functions;
        let opened = functions.open_autn(rand, &autn);
        let verdict = (self.policy.judge_challenge)(&ChallengeJudgement {
            mac: opened.mac,
            sqn: (self.policy.check_sqn)(&self.config.usim, opened.sqn),
            resynchronisations,
        });
        let vector = functions.vector(rand, opened.sqn, opened.amf);
        let usim = (self.policy.update_usim)(&UsimUpdate {
            usim: &self.config.usim,
            sqn: opened.sqn,
            verdict,
        });
        let (answer, report) = match verdict {
            ChallengeVerdict::Stop(outcome) => return self.finish(outcome),
            ChallengeVerdict::Answer => (UbAnswer::Response, None),
            ChallengeVerdict::Resynchronise => {
                let octets = (self.policy.auts)(&AutsFacts {
                    functions,
                    rand,
                    sqn_ms: self.config.usim.sqn_ms(),
                    received_sqn: opened.sqn,
                    amf: opened.amf,
                });
                (UbAnswer::Resynchronisation, Some(BASE64.encode(&octets)))
            }
        };
        self.config.usim = usim;
        let password = (self.policy.ub_password)(&UbPasswordFacts {
            res: &vector.xres,
            answer,
        });
        let username = (self.policy.username)(&UsernameFacts::Ub {
            impi: &self.config.impi,
        });
        let request = Message::request("GET / HTTP/1.1");
        let Some((exchange, mut credentials)) =
            self.answer_to(&challenge, username, password, ReferencePoint::Ub, &request)
        else {
            return self.finish(ClientOutcome::Failed);
        };
        credentials.auts = report.map(String::into_bytes);
        self.answers.0 = self.answers.0.saturating_add(1);
        let message = self.ub_request(now, &credentials);
        let state = match answer {
            UbAnswer::Response => {
                let run = Run {
                    exchange,
                    rand,
                    ks: vector.ks(),
                };
                State::ExpectResult { run, errand }
            }
            UbAnswer::Resynchronisation => State::ExpectChallenge {
                resynchronisations: resynchronisations.saturating_add(1),
                errand,
            },
        };
        self.send(now, Peer::Bsf, message, state)
    }

    /// The result of a Ub run (TS 24.109 clauses 4.2 and 4.3).
    fn concluded(
        &mut self,
        now: Moment,
        message: &Message,
        status: u16,
        run: Run,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let outcome = (self.policy.judge_result)(&ResultFacts {
            point: ReferencePoint::Ub,
            status,
            proof: run.exchange.proof_in(message),
        });
        if outcome != ClientOutcome::Success {
            let step = self.step_after(message, ReferencePoint::Ub, status, SessionAge::New);
            return match step {
                NextStep::Stop => self.finish(outcome),
                NextStep::AnswerAgain => self.challenged(now, message, 0, errand),
                NextStep::BootstrapAgain => self.start_run(now, errand),
            };
        }
        let content = message.content().unwrap_or_default();
        let Some(facts) = (self.policy.read_session)(&content) else {
            return self.finish(ClientOutcome::Failed);
        };
        self.session = Some(UeSession {
            btid: facts.btid,
            rand: run.rand,
            ks: run.ks,
            expires: facts.expires,
        });
        match errand {
            None => self.finish(ClientOutcome::Success),
            Some(errand) => self.answer_ua(
                now,
                Errand {
                    session: SessionAge::New,
                    ..errand
                },
            ),
        }
    }

    /// The 401 that asks for bootstrapping (TS 24.109 clause 5.2.4).
    fn ua_challenged(&mut self, now: Moment, message: &Message, mut errand: Errand) -> Vec<Output> {
        errand.challenge = self.ua_challenge(message, errand.peer);
        if errand.challenge.is_none() {
            return self.finish(ClientOutcome::Failed);
        }
        if self.btid(now).is_some() {
            self.answer_ua(now, errand)
        } else {
            self.start_run(now, Some(errand))
        }
    }

    /// The request with the digest of the session (TS 24.109 clause 5.2.2).
    fn answer_ua(&mut self, now: Moment, errand: Errand) -> Vec<Output> {
        let (Some(session), Some(challenge)) = (&self.session, &errand.challenge) else {
            return self.finish(ClientOutcome::Failed);
        };
        let key = (self.policy.naf_key)(&NafKeyFacts {
            ks: &session.ks,
            rand: session.rand,
            impi: &self.config.impi,
            fqdn: self.fqdn_of(errand.peer),
            ua_id: ua_id_of(errand.peer),
        });
        let password = (self.policy.ua_password)(&key);
        let username = (self.policy.username)(&UsernameFacts::Ua {
            impi: &self.config.impi,
            btid: &session.btid,
        });
        let challenge = challenge.clone();
        let plain = self.ua_request(now, &errand, None);
        let Some((exchange, credentials)) =
            self.answer_to(&challenge, username, password, ReferencePoint::Ua, &plain)
        else {
            return self.finish(ClientOutcome::Failed);
        };
        self.answers.1 = self.answers.1.saturating_add(1);
        let message = self.ua_request(now, &errand, Some(&credentials));
        let peer = errand.peer;
        self.send(
            now,
            peer,
            message,
            State::ExpectUaResult { exchange, errand },
        )
    }

    /// The answer to a request with credentials: believed only with a valid proof
    /// (TS 24.109 clause E.4 step 8).
    fn ua_concluded(
        &mut self,
        now: Moment,
        message: &Message,
        status: u16,
        exchange: &Exchange,
        errand: Errand,
    ) -> Vec<Output> {
        let outcome = (self.policy.judge_result)(&ResultFacts {
            point: ReferencePoint::Ua,
            status,
            proof: exchange.proof_in(message),
        });
        if status == 200 {
            return self.finish(outcome);
        }
        let step = self.step_after(message, ReferencePoint::Ua, status, errand.session);
        if step == NextStep::Stop {
            return self.finish(outcome);
        }
        // A refusal without a challenge leaves the one at hand in use.
        let challenge = self.ua_challenge(message, errand.peer).or(errand.challenge);
        let errand = Errand {
            challenge,
            ..errand
        };
        if step == NextStep::AnswerAgain {
            return self.answer_ua(now, errand);
        }
        self.session = None;
        self.start_run(now, Some(errand))
    }

    fn step_after(
        &self,
        message: &Message,
        point: ReferencePoint,
        status: u16,
        session: SessionAge,
    ) -> NextStep {
        let stale = self
            .chosen_challenge(message, point)
            .is_some_and(|(challenge, _)| challenge.stale == Some(true));
        (self.policy.after_refusal)(&RefusalFacts {
            point,
            status,
            stale: if stale { Stale::Yes } else { Stale::No },
            session,
            answers: match point {
                ReferencePoint::Ub => self.answers.0,
                ReferencePoint::Ua => self.answers.1,
            },
        })
    }

    /// The challenge to answer, with its nonce.
    fn chosen_challenge(
        &self,
        message: &Message,
        point: ReferencePoint,
    ) -> Option<(Challenge, Vec<u8>)> {
        let challenges = challenges_of(message);
        let place = (self.policy.choose_challenge)(&OfferedChallenges {
            point,
            challenges: &challenges,
            message,
        })?;
        let challenge = challenges.into_iter().nth(place)?;
        let nonce = challenge.nonce.clone()?;
        Some((challenge, nonce))
    }

    /// The challenge of a NAF whose realm this UE accepts.
    fn ua_challenge(&self, message: &Message, peer: Peer) -> Option<Challenge> {
        let (challenge, _) = self.chosen_challenge(message, ReferencePoint::Ua)?;
        let accepted = (self.policy.accept_realm)(&RealmCheck {
            realm: challenge.realm.as_deref().unwrap_or_default(),
            contacted: self.fqdn_of(peer),
        });
        accepted.then_some(challenge)
    }

    /// The credentials that answer a challenge, and what is needed to check the answer to them.
    /// `None` where the challenge offers no usable quality of protection.
    fn answer_to(
        &mut self,
        challenge: &Challenge,
        username: String,
        password: Vec<u8>,
        point: ReferencePoint,
        request: &Message,
    ) -> Option<(Exchange, Credentials)> {
        let values = challenge.qop.as_slice();
        let qop = (self.policy.choose_qop)(&QopOffer { point, values })?;
        let fresh = (self.policy.freshness)(&FreshnessFacts {
            random: text::random(&mut self.generator),
            requests_before: self.requests,
        });
        self.requests = self.requests.saturating_add(1);
        let (method, target) = text::request_line(request)?;
        let facts = DigestFacts {
            username: username.into_bytes(),
            realm: challenge.realm.clone().unwrap_or_default(),
            nonce: challenge.nonce.clone().unwrap_or_default(),
            uri: target.to_vec(),
            nc: fresh.nc.into_bytes(),
            cnonce: fresh.cnonce.into_bytes(),
            qop: Some(qop),
            method: method.to_vec(),
            body: request.body.clone(),
        };
        let response = facts
            .input(Password::Octets(&password), &facts.body)
            .response();
        let credentials = Credentials {
            username: Some(facts.username.clone()),
            realm: Some(facts.realm.clone()),
            nonce: Some(facts.nonce.clone()),
            uri: Some(facts.uri.clone()),
            response: Some(response.into_bytes()),
            algorithm: challenge.algorithm.clone(),
            cnonce: Some(facts.cnonce.clone()),
            nc: Some(facts.nc.clone()),
            qop: Some(qop_value(qop)),
            opaque: challenge.opaque.clone(),
            ..Credentials::default()
        };
        Some((Exchange { facts, password }, credentials))
    }

    /// A request on Ub in the order of table A.3-1.
    fn ub_request(&self, now: Moment, credentials: &Credentials) -> Message {
        let mut message = Message::request("GET / HTTP/1.1");
        message.push("Host", self.config.bsf_fqdn.as_str());
        let agent = "Bootstrapping Client Agent; Release-6 3gpp-gba";
        message.push("User-Agent", agent);
        message.push("Date", text::http_date(now));
        message.push("Accept", "*/*");
        message.push("Authorization", credentials.emit());
        message
    }

    /// A request on Ua in the order of tables B.3-1 and E.3.1-1.
    fn ua_request(
        &self,
        now: Moment,
        errand: &Errand,
        credentials: Option<&Credentials>,
    ) -> Message {
        let portal = errand.peer == Peer::Portal;
        let (method, agent) = if portal {
            ("POST", "SCEnrolmentAgent; Release-6 3gpp-gba")
        } else {
            ("GET", "NAF1 Application Agent; Release-6 3gpp-gba")
        };
        let target = target_of(errand.peer);
        let mut message = Message::request(&format!("{method} {target} HTTP/1.1"));
        message.push("Host", self.fqdn_of(errand.peer));
        if portal {
            message.push("Content-Type", "application/x-pkcs10");
            message = text::with_body(message, CERTIFICATION_REQUEST);
        }
        message.push("User-Agent", agent);
        message.push("Date", text::http_date(now));
        message.push("Accept", "*/*");
        if let Some(credentials) = credentials {
            message.push("Authorization", credentials.emit());
        }
        message
    }

    fn fqdn_of(&self, peer: Peer) -> &str {
        match peer {
            Peer::Bsf => &self.config.bsf_fqdn,
            Peer::Naf => &self.config.naf_fqdn,
            Peer::Portal => &self.config.portal_fqdn,
        }
    }

    fn send(&mut self, now: Moment, to: Peer, message: Message, state: State) -> Vec<Output> {
        self.state = state;
        self.overdue = now.plus_millis(self.config.patience_millis);
        vec![Output::Send {
            to,
            secure: Transport::Tcp,
            message,
        }]
    }

    fn finish(&mut self, outcome: ClientOutcome) -> Vec<Output> {
        self.state = State::Idle;
        vec![Output::Finished(outcome)]
    }

    /// The peer is silent, gone or not understood.
    fn give_up(&mut self) -> Vec<Output> {
        if matches!(self.state, State::Idle) {
            return Vec::new();
        }
        self.finish(ClientOutcome::Failed)
    }
}

impl Role for Ue {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Start(action) => {
                self.answers = (0, 0);
                self.start(now, action)
            }
            Input::Message {
                connection,
                message,
            } => {
                self.closing = text::closes(message).then_some(connection);
                self.receive(now, message)
            }
            // A connection that ends after its answer takes no answer with it.
            Input::Secured { .. } => Vec::new(),
            Input::Closed { connection } if self.closing == Some(connection) => Vec::new(),
            Input::Closed { .. } | Input::Unreadable { .. } | Input::TimedOut => self.give_up(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        (!matches!(self.state, State::Idle)).then_some(self.overdue)
    }
}

impl Exchange {
    /// Whether an answer proves that its sender knows the password (RFC 7616 clause 3.5).
    fn proof_in(&self, message: &Message) -> Proof {
        let Some(field) = message.field("Authentication-Info") else {
            return Proof::Absent;
        };
        let (info, _) = AuthenticationInfo::parse(&DirectiveList::parse_info(&field.text()));
        let body = message.content().unwrap_or_default();
        let expected = self
            .facts
            .input(Password::Octets(&self.password), &body)
            .rspauth();
        let valid = info.qop == self.facts.qop.map(qop_value)
            && info.cnonce.as_deref() == Some(self.facts.cnonce.as_slice())
            && info.nc.as_deref() == Some(self.facts.nc.as_slice())
            && digests_equal(&expected, info.rspauth.as_deref().unwrap_or_default());
        if valid { Proof::Valid } else { Proof::Wrong }
    }
}

/// The digest challenges of a message, in order.
fn challenges_of(message: &Message) -> Vec<Challenge> {
    message
        .fields_named("WWW-Authenticate")
        .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
        .filter(|list| {
            list.scheme
                .as_deref()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Digest"))
        })
        .map(|list| Challenge::parse(&list).0)
        .collect()
}

/// The request target at each peer.
fn target_of(peer: Peer) -> &'static str {
    match peer {
        Peer::Bsf | Peer::Naf => "/",
        Peer::Portal => "/enrol?response=single",
    }
}

/// The Ua protocol identifier of each peer (TS 33.220 Annex H.3).
fn ua_id_of(peer: Peer) -> UaProtocolId {
    match peer {
        Peer::Portal => UaProtocolId::PKI_PORTAL,
        Peer::Bsf | Peer::Naf => UaProtocolId::HTTP_DIGEST,
    }
}
