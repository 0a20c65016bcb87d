//! The user equipment with its card (TS 24.109 clauses 4 and 5, Annexes E, H and I; TS 33.102
//! clause 6.3.3).

mod answer;
pub mod pki;
mod policy;
pub mod psk;
mod ua;
mod ub;

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::pki::DistinguishedName;
use gbaspec_crypto::secret::{DigestPassword, Ks};
use gbaspec_crypto::sqn::UsimSqn;
use gbaspec_wire::digest_header::{Algorithm, Challenge};
use gbaspec_wire::http::Message;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub(crate) use policy::session_facts;
pub use policy::{
    AutsFacts, CertificateCheck, ChallengeJudgement, ChallengeVerdict, DigestNafKey, Freshness,
    FreshnessFacts, IntendedIdentity, KeptSession, KeyKind, MacFacts, NafKeyFacts, NextStep,
    OfferedChallenges, OtherSchemeFacts, Proof, QopOffer, RealmCheck, ReferencePoint, RefusalFacts,
    ResultFacts, SessionAge, SessionChange, SessionFacts, SessionUse, Stale, TmpiRefusal, TmpiStep,
    TokenFacts, UbAnswer, UbPasswordFacts, UeChannel, UePolicy, UsernameFacts, UsimUpdate,
    accept_certificate, accept_realm, after_refusal, after_tmpi_refusal, answer_other_scheme, auts,
    check_mac, check_sqn, choose_challenge, choose_qop, content, digest_naf_key, first_nonce,
    freshness, intended_identity, judge_challenge, judge_result, kept_session, key_kind, naf_key,
    next_nonce_at_naf, product_tokens, read_nonce, read_session, response, session_is_usable,
    transport, ua_password, ua_protocol, ub_password, update_usim, username,
};

use crate::names::Identity;
use crate::psk::{PskAnswer, PskHandshake, PskOffer};
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Moment, Output, Peer, Role, TlsSession, Transport,
};
use crate::subscriber::SubscriberKind;
use crate::text;
use crate::ub::KeyInput;
use answer::Exchange;
use pki::{PkiState, UaRequest};
use ub::{Round, Run};

/// What a UE is set up with.
pub struct UeConfig {
    /// Who it is.
    pub identity: Identity,
    /// What it shares with the home network.
    pub keys: UeKeys,
    /// The algorithms of Digest AKA that it knows, the preferred one first (RFC 4169 clause 4.1:
    /// version 2 before version 1).
    pub algorithms: Vec<Algorithm>,
    /// The name of the NAF.
    pub naf_fqdn: String,
    /// The name of the PKI portal.
    pub portal_fqdn: String,
    /// The name of the CA whose certificate it fetches before it has one of its own.
    pub ca_name: DistinguishedName,
    /// How NAF and portal are reached, unless the driver says otherwise.
    pub ua_transport: Transport,
    /// What its card can do beside Digest AKA.
    pub card: Card,
    /// The public identity that it acts as at a NAF, if it says so (TS 24.109 table B.3-1).
    pub public_identity: Option<String>,
    /// How long the UE waits for an answer, in milliseconds.
    pub patience_millis: i64,
}

/// What a card can do beside the functions of a USIM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Card {
    /// Nothing: all keys are in the terminal (`GBA_ME`).
    Plain,
    /// It makes keys that never leave it (`GBA_U`). The bootstrapping run itself is that of any USIM
    /// here: MAC* of TS 33.220 clause 5.3.2 is between card and BSF.
    GbaU,
}

/// What a UE shares with the home network.
pub enum UeKeys {
    /// The keys of a USIM or ISIM.
    Usim {
        /// The functions f1 to f5* with K inside.
        functions: AkaFunctions,
        /// The sequence numbers that the card has accepted.
        usim: UsimSqn,
    },
    /// The keys of a SIM, as the functions whose outputs give SRES and Kc by conversion.
    Sim(AkaFunctions),
    /// A password.
    Digest(DigestPassword),
}

/// User equipment. It keeps its card, its session and its TMPI over several actions.
pub struct Ue {
    config: UeConfig,
    policy: UePolicy,
    generator: ChaCha8Rng,
    /// The private identity.
    impi: String,
    /// The name of the BSF: `Host` and first realm on Ub.
    bsf_fqdn: String,
    session: Option<UeSession>,
    /// What the BSF proposed for the nonce of the next run.
    nextnonce: Option<Vec<u8>>,
    /// The temporary identity of the last run.
    tmpi: Option<String>,
    state: State,
    /// The last connection inside TLS.
    secured: Option<(ConnectionId, TlsSession)>,
    /// The last TLS session with each server on Ua.
    ua_sessions: Vec<(Peer, TlsSession)>,
    /// Requests with credentials that this UE sent in its life.
    requests: u32,
    /// Requests with credentials that the present action sent on Ub and on Ua.
    answers: (u32, u32),
    /// The moment at which the answer to the last request is overdue.
    overdue: Moment,
    /// The connection whose end goes with the last answer.
    closing: Option<ConnectionId>,
    /// Keys and names for certificates.
    pki: PkiState,
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
    /// The answer to a request inside TLS whose handshake has proved who both ends are.
    ExpectSharedResult {
        errand: Errand,
    },
}

/// A session as the UE has it after a Ub run.
struct UeSession {
    btid: String,
    input: KeyInput,
    ks: Ks,
    expires: Moment,
    /// Where it was used, each once.
    used_at: Vec<Peer>,
    /// The challenges that go with the nonces that NAF and portal proposed for the next request.
    proposed: Vec<(Peer, Challenge)>,
}

/// What is to be done at a NAF or portal.
struct Errand {
    peer: Peer,
    request: UaRequest,
    challenge: Option<Challenge>,
    session: SessionAge,
}

/// A message that the UE received.
#[derive(Clone, Copy)]
struct Received<'a> {
    connection: ConnectionId,
    message: &'a Message,
    status: u16,
}

impl UeKeys {
    /// The way of bootstrapping that goes with them.
    pub fn kind(&self) -> SubscriberKind {
        match self {
            UeKeys::Usim { .. } => SubscriberKind::Usim,
            UeKeys::Sim(_) => SubscriberKind::Sim,
            UeKeys::Digest(_) => SubscriberKind::Digest,
        }
    }
}

impl Ue {
    /// A UE that has no session yet; equal seeds give equal client nonces.
    pub fn new(config: UeConfig, policy: UePolicy, seed: u64) -> Self {
        let impi = (policy.impi)(&config.identity);
        Ue {
            pki: PkiState::new(&impi, config.ca_name.clone(), seed),
            impi,
            bsf_fqdn: (policy.bsf_fqdn)(&config.identity),
            config,
            policy,
            generator: ChaCha8Rng::seed_from_u64(seed),
            session: None,
            nextnonce: None,
            tmpi: None,
            state: State::Idle,
            secured: None,
            ua_sessions: Vec::new(),
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

    /// The TMPI of the last run, if both sides could do it.
    pub fn tmpi(&self) -> Option<&str> {
        self.tmpi.as_deref()
    }

    /// The sequence numbers that the USIM has accepted, if there is a USIM.
    pub fn usim(&self) -> Option<&UsimSqn> {
        match &self.config.keys {
            UeKeys::Usim { usim, .. } => Some(usim),
            UeKeys::Sim(_) | UeKeys::Digest(_) => None,
        }
    }

    fn start(&mut self, now: Moment, action: Action) -> Vec<Output> {
        match action {
            Action::Bootstrap => self.start_run(now, None),
            Action::Fetch => self.start_errand(now, UaRequest::Page),
            Action::Enrol => self.start_errand(now, UaRequest::Enrolment),
            Action::CaCertificate => self.start_errand(now, UaRequest::CaCertificate),
        }
    }

    fn receive(&mut self, now: Moment, connection: ConnectionId, message: &Message) -> Vec<Output> {
        let Ok(status) = message.status() else {
            return self.finish(ClientOutcome::Failed);
        };
        let received = Received {
            connection,
            message,
            status,
        };
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Idle => vec![Output::Note("a message that nobody waits for".to_owned())],
            State::ExpectChallenge {
                resynchronisations,
                errand,
            } if status == 401 => {
                let round = Round {
                    resynchronisations,
                    refused: None,
                };
                self.challenged(now, received, round, errand)
            }
            State::ExpectChallenge {
                resynchronisations: 0,
                errand,
            } => self.unchallenged(now, status, errand),
            State::ExpectResult { run, errand } => self.concluded(now, received, run, errand),
            State::ExpectUaChallenge { errand } if status == 401 => {
                self.ua_challenged(now, message, errand)
            }
            State::ExpectUaResult { exchange, errand } => {
                self.ua_concluded(now, received, &exchange, errand)
            }
            State::ExpectSharedResult { errand } => {
                self.shared_concluded(now, message, status, errand)
            }
            State::ExpectChallenge { .. } | State::ExpectUaChallenge { .. } => {
                self.finish(ClientOutcome::Failed)
            }
        }
    }

    fn fqdn_of(&self, peer: Peer) -> &str {
        match peer {
            Peer::Bsf => &self.bsf_fqdn,
            Peer::Naf => &self.config.naf_fqdn,
            Peer::Portal => &self.config.portal_fqdn,
        }
    }

    fn send(&mut self, now: Moment, to: Peer, message: Message, state: State) -> Vec<Output> {
        self.state = state;
        self.overdue = now.plus_millis(self.config.patience_millis);
        let secure = match to {
            Peer::Bsf => (self.policy.transport)(self.config.keys.kind()),
            Peer::Naf | Peer::Portal => self.config.ua_transport,
        };
        vec![Output::Send {
            to,
            secure,
            message,
        }]
    }

    fn finish(&mut self, outcome: ClientOutcome) -> Vec<Output> {
        self.state = State::Idle;
        vec![Output::Finished(outcome)]
    }

    /// An answer holds nothing that this UE can go on with.
    fn not_understood(&mut self) -> Vec<Output> {
        let outcome = (self.policy.not_understood)();
        self.finish(outcome)
    }

    /// The peer is silent, gone or not understood.
    fn give_up(&mut self) -> Vec<Output> {
        if matches!(self.state, State::Idle) {
            return Vec::new();
        }
        self.finish(ClientOutcome::Failed)
    }

    /// The TLS session around a connection, if there is one.
    fn tls(&self, connection: ConnectionId) -> Option<&TlsSession> {
        self.secured
            .as_ref()
            .filter(|(secured, _)| *secured == connection)
            .map(|(_, tls)| tls)
    }
}

impl Role for Ue {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Start(action) => {
                self.answers = (0, 0);
                self.start(now, action)
            }
            Input::Reach(transport) => {
                self.config.ua_transport = transport;
                self.ua_sessions.clear();
                Vec::new()
            }
            Input::Secured { connection, tls } => {
                self.secured = Some((connection, tls.clone()));
                self.ua_secured(now, tls)
            }
            Input::Message {
                connection,
                message,
            } => {
                self.closing = text::closes(message).then_some(connection);
                self.receive(now, connection, message)
            }
            // A connection that ends after its answer takes no answer with it.
            Input::Closed { connection } if self.closing == Some(connection) => Vec::new(),
            Input::Closed { .. } if matches!(self.state, State::ExpectSharedResult { .. }) => {
                self.unshared(now)
            }
            Input::Diameter { .. } | Input::Forwarded { .. } | Input::Asked { .. } => Vec::new(),
            Input::Unreadable { .. } if !matches!(self.state, State::Idle) => self.not_understood(),
            Input::Closed { .. } | Input::Unreadable { .. } | Input::TimedOut => self.give_up(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        (!matches!(self.state, State::Idle)).then_some(self.overdue)
    }

    fn psk(&mut self, _now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        self.shared_key(handshake)
    }

    fn psk_offer(&self) -> Option<PskOffer> {
        self.offer()
    }
}
