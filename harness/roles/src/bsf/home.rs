//! A BSF whose home network is elsewhere: it asks an HSS for each vector (TS 29.109 clause 4).

use gbaspec_crypto::digest::Password;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::http::Message;

use super::network::{
    HomeAnswer, HomeAnswerFacts, HomeMaterial, HomeResync, HomeResyncDecision, LifetimeFacts,
    MarFacts,
};
use super::sbi::{AuthDataAnswer, AuthDataFacts};
use super::{Bsf, Exchange, RefusalReason, ResyncResponse};
use crate::diameter::{self, Node};
use crate::role::{After, ConnectionId, Moment, Output, Unanswered, Upstream};
use crate::store::{SubscriberRecord, VectorCause};
use crate::subscriber::SubscriberKind;
use crate::text;

/// So many requests may wait for the HSS; the oldest is forgotten first.
pub(super) const WAITING: usize = 1024;

/// Where the authentication centre and the user security settings are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Home {
    /// In the BSF itself, for the subscribers that it is set up with.
    #[default]
    Local,
    /// In the HSS of this name, over Zh; every private identity is asked for there.
    Diameter(Node),
    /// The same over its service-based interfaces (TS 29.562).
    Sbi(Node),
}

/// Why a request has no answer at once.
pub(super) enum Stop {
    /// It is refused.
    Refused(RefusalReason),
    /// The HSS has to be asked first.
    Ask(HomeQuestion),
}

impl From<RefusalReason> for Stop {
    fn from(reason: RefusalReason) -> Self {
        Stop::Refused(reason)
    }
}

/// A vector is needed for a challenge.
pub(super) struct HomeQuestion {
    pub(super) impi: String,
    pub(super) kind: SubscriberKind,
    pub(super) cause: VectorCause,
    /// RAND || AUTS after a synchronisation failure.
    pub(super) resync: Option<Vec<u8>>,
}

impl HomeQuestion {
    /// What a question over HTTP/2 is made of.
    fn facts<'a>(&'a self, hss: &'a Node) -> AuthDataFacts<'a> {
        AuthDataFacts {
            host: &hss.host,
            impi: &self.impi,
            kind: self.kind,
            resync: self.resync.as_deref(),
        }
    }

    /// What came of it.
    fn answer<'a>(&'a self, answer: Result<&'a Message, Unanswered>) -> AuthDataAnswer<'a> {
        AuthDataAnswer {
            answer,
            impi: &self.impi,
            kind: self.kind,
            is_resync: self.resync.is_some(),
        }
    }
}

/// A request that waits for the HSS.
pub(super) struct Waiting {
    question: HomeQuestion,
    request: Message,
    after: After,
    /// What the HSS has given, while it is asked for the settings.
    material: Option<HomeMaterial>,
}

impl Bsf {
    /// Asks the HSS, and remembers for whom.
    pub(super) fn ask_home(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        request: &Message,
        question: HomeQuestion,
    ) -> Output {
        self.questions = self.questions.wrapping_add(1);
        let output = match &self.home {
            Home::Local => {
                return self.refusal(now, connection, request, RefusalReason::UnknownIdentity);
            }
            Home::Diameter(hss) => Output::Ask {
                connection,
                to: Upstream::Hss,
                message: self.mar(now, hss, &question),
            },
            Home::Sbi(hss) => Output::Forward {
                connection,
                to: Upstream::Hss,
                message: (self.policy.network.sbi.auth_data_request)(&question.facts(hss)),
            },
        };
        self.wait(
            connection,
            Waiting {
                question,
                request: request.clone(),
                after: text::after(request),
                material: None,
            },
        );
        output
    }

    fn mar(&self, now: Moment, hss: &Node, question: &HomeQuestion) -> Packet {
        let record = self.subscribers.record(&question.impi);
        (self.policy.network.mar)(&MarFacts {
            from: &self.node,
            to: hss,
            session: &diameter::session_id(&self.node, now, self.questions),
            impi: &question.impi,
            kind: question.kind,
            resync: question.resync.as_deref(),
            guss_timestamp: record.and_then(SubscriberRecord::guss_timestamp),
        })
    }

    fn wait(&mut self, connection: ConnectionId, waiting: Waiting) {
        if self.waiting.len() == WAITING {
            self.waiting.pop_first();
        }
        self.waiting.insert(connection, waiting);
    }

    /// Goes on with the request that waited for this.
    pub(super) fn home_answered(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        answer: Result<&Packet, Unanswered>,
    ) -> Vec<Output> {
        let Some(waiting) = self.waiting.remove(&connection) else {
            return Vec::new();
        };
        let question = &waiting.question;
        let answer = (self.policy.network.home_answer)(&HomeAnswerFacts {
            answer,
            impi: &question.impi,
            kind: question.kind,
            is_resync: question.resync.is_some(),
        });
        vec![self.settled(now, connection, &waiting, answer)]
    }

    /// The same over HTTP/2, where vector and settings are two questions.
    pub(super) fn home_answered_by_sbi(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        answer: Result<&Message, Unanswered>,
    ) -> Vec<Output> {
        let Some(mut waiting) = self.waiting.remove(&connection) else {
            return Vec::new();
        };
        let Home::Sbi(hss) = &self.home else {
            return Vec::new();
        };
        let policy = self.policy.network.sbi;
        let material = waiting.material.take();
        let facts = waiting.question.answer(answer);
        if let Some(material) = material {
            let settings = (policy.subscriber_data)(&facts);
            let answer = settings.map(|guss| HomeAnswer {
                material,
                guss,
                guss_timestamp: None,
            });
            return vec![self.settled(now, connection, &waiting, answer)];
        }
        match (policy.auth_data)(&facts) {
            Ok(material) => {
                let message = (policy.subscriber_data_request)(&waiting.question.facts(hss));
                waiting.material = Some(material);
                self.wait(connection, waiting);
                vec![Output::Forward {
                    connection,
                    to: Upstream::Hss,
                    message,
                }]
            }
            Err(reason) => vec![self.settled(now, connection, &waiting, Err(reason))],
        }
    }

    /// The answer to the request that waited.
    fn settled(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        waiting: &Waiting,
        answer: Result<HomeAnswer, RefusalReason>,
    ) -> Output {
        let message = answer.and_then(|answer| self.challenge_after(now, waiting, answer));
        Output::Respond {
            connection,
            message: message.unwrap_or_else(|reason| self.refuse(now, reason)),
            after: waiting.after,
        }
    }

    fn challenge_after(
        &mut self,
        now: Moment,
        waiting: &Waiting,
        answer: HomeAnswer,
    ) -> Result<Message, RefusalReason> {
        let question = &waiting.question;
        self.subscribers.deposit(&question.impi, answer);
        let challenge = self
            .challenge(now, &question.impi, question.kind, question.cause)
            .map_err(|stop| match stop {
                Stop::Refused(reason) => reason,
                // The deposit is there, so nothing is to be asked for.
                Stop::Ask(_) => RefusalReason::HomeMalformed,
            })?;
        if question.cause != VectorCause::Initial {
            return Ok(challenge);
        }
        let credentials: Credentials = (self.policy.read_credentials)(&waiting.request)
            .map_err(|_| RefusalReason::MalformedCredentials)?;
        Ok((self.policy.first_challenge)(
            challenge,
            &waiting.request,
            &credentials,
        ))
    }

    /// The answer to a request with an AUTS whose MAC-S the HSS checks (TS 24.109 clause 4.5).
    pub(super) fn resynchronise_at_home(
        &mut self,
        exchange: &Exchange<'_>,
    ) -> Result<Message, Stop> {
        let response = if exchange.response_is(Password::Empty) {
            ResyncResponse::Right
        } else {
            ResyncResponse::Wrong
        };
        let decision = (self.policy.network.forward_auts)(&HomeResync {
            issued_rand: self.usable(exchange).map(|issued| issued.rand),
            auts: exchange.credentials.auts.as_deref().unwrap_or_default(),
            response,
        });
        let (cause, resync) = match decision {
            HomeResyncDecision::Forward(octets) => {
                self.subscribers.spend(&exchange.nonce);
                (VectorCause::Resynchronisation, Some(octets))
            }
            HomeResyncDecision::ChallengeAgain => (VectorCause::Failure, None),
            HomeResyncDecision::Refuse(reason) => return Err(Stop::Refused(reason)),
        };
        Err(Stop::Ask(HomeQuestion {
            impi: exchange.impi.clone(),
            kind: exchange.kind,
            cause,
            resync,
        }))
    }

    /// The lifetime of a session of this subscriber in seconds.
    pub(super) fn lifetime_of(&self, record: &SubscriberRecord) -> u32 {
        let settings = record.guss();
        (self.policy.network.lifetime)(&LifetimeFacts {
            own: self.lifetime_seconds,
            of_settings: settings.and_then(|guss| guss.bsf_info.life_time),
        })
    }
}
