//! A network application function that serves one page (TS 24.109 clause 5, Annex B.3).

use std::collections::BTreeMap;

use gbaspec_wire::diameter::Packet;
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;

use crate::channel::{Channel, Channels};
use crate::proof;
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::{ConnectionId, Input, Moment, Output, Role, Unanswered};
use crate::text;
use crate::ua::keys::Settled;
use crate::ua::zn::{ZnQuestion, ZnSource};
use crate::ua::{Service, UaConfig, UaPolicy, UaServer};

/// So many requests may wait for the BSF; the oldest is forgotten first.
const WAITING: usize = 1024;
/// The page.
const PAGE: &[u8] = b"<html><body>ok</body></html>\n";

/// What a NAF or portal is set up with.
pub struct NafConfig {
    /// The name under which clients reach it; part of its realm and of its keys.
    pub fqdn: String,
    /// What it asks for the keys of its users: the BSF, over Zn.
    pub zn: ZnSource,
    /// The algorithms of its challenges, in this order (RFC 7616 clause 3.7).
    pub algorithms: Vec<Algorithm>,
}

/// A network application function.
pub struct Naf {
    ua: UaServer,
    channels: Channels,
    /// The requests that wait for the BSF.
    waiting: BTreeMap<ConnectionId, Waiting>,
    /// How many questions the BSF was asked.
    questions: u32,
}

/// A request that waits for the BSF.
struct Waiting {
    request: Message,
    channel: Channel,
    question: ZnQuestion,
    /// The answers to other questions because of it.
    settled: Settled,
}

impl Naf {
    /// A NAF that has challenged no one yet; equal seeds give equal nonces.
    pub fn new(config: NafConfig, policy: UaPolicy, seed: u64) -> Self {
        let config = UaConfig {
            fqdn: config.fqdn,
            service: Service::Naf,
            source: config.zn,
            algorithms: config.algorithms,
            server: "NAF1 Application Server; Release-6",
        };
        Naf {
            ua: UaServer::new(config, &policy, seed),
            channels: Channels::default(),
            waiting: BTreeMap::new(),
            questions: 0,
        }
    }

    /// The name under which clients reach it.
    pub fn fqdn(&self) -> &str {
        self.ua.fqdn()
    }

    /// The answer to a request, or the question that comes first.
    fn request(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        request: &Message,
        channel: &Channel,
    ) -> Output {
        let question = self.ua.question(now, request, channel);
        if let Some(question) = question.filter(|_| !is_known(channel)) {
            self.questions = self.questions.wrapping_add(1);
            let asked = self.ua.ask(now, connection, self.questions, &question);
            if let Some(asked) = asked {
                if self.waiting.len() == WAITING {
                    self.waiting.pop_first();
                }
                let waiting = Waiting {
                    request: request.clone(),
                    channel: channel.clone(),
                    question,
                    settled: self.ua.take_settled(),
                };
                self.waiting.insert(connection, waiting);
                return asked;
            }
        }
        let message = self.answer(now, request, channel);
        self.ua.take_settled();
        Output::Respond {
            connection,
            message,
            after: text::after(request),
        }
    }

    /// Goes on with the request that waited for this.
    fn settle(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        answer: Result<&Packet, Unanswered>,
    ) -> Vec<Output> {
        let Some(waiting) = self.waiting.remove(&connection) else {
            return Vec::new();
        };
        self.ua.settle(waiting.settled, waiting.question, answer);
        vec![self.request(now, connection, &waiting.request, &waiting.channel)]
    }

    /// The same over HTTP/2.
    fn settle_by_sbi(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        answer: Result<&Message, Unanswered>,
    ) -> Vec<Output> {
        let Some(waiting) = self.waiting.remove(&connection) else {
            return Vec::new();
        };
        self.ua
            .settle_by_sbi(waiting.settled, waiting.question, answer);
        vec![self.request(now, connection, &waiting.request, &waiting.channel)]
    }

    fn answer(&mut self, now: Moment, request: &Message, channel: &Channel) -> Message {
        let Some((method, _)) = text::request_line(request) else {
            return self.ua.malformed(now);
        };
        if ![b"GET".as_slice(), b"POST"].contains(&method) {
            let mut answer = self.ua.response(now, 405);
            answer.push("Allow", "GET, POST");
            return text::with_body(answer, b"");
        }
        let authenticated = if is_known(channel) {
            None
        } else {
            match self.ua.authenticate(now, request, channel) {
                Ok(authenticated) => authenticated,
                Err(rejection) => return rejection,
            }
        };
        let mut answer = self.ua.response(now, 200);
        answer.push("Content-Type", "text/html");
        if let Some(user) = authenticated {
            let next = self.ua.next_nonce();
            self.ua
                .sign_and_propose(&user, 200, (PAGE, next), &mut answer);
        }
        text::with_body(answer, PAGE)
    }
}

impl Role for Naf {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        let channel = self.channels.follow(&input);
        match input {
            Input::Message {
                connection,
                message,
            } => vec![self.request(now, connection, message, &channel)],
            Input::Asked { connection, answer } => self.settle(now, connection, answer),
            Input::Forwarded { connection, answer } => self.settle_by_sbi(now, connection, answer),
            Input::Closed { connection } => {
                self.waiting.remove(&connection);
                Vec::new()
            }
            other => proof::serve(other, |_| self.ua.malformed(now)),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }

    fn psk(&mut self, now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        self.ua.shared_key(now, handshake)
    }

    fn psk_hint(&self) -> Option<String> {
        (self.ua.policy.psk.hint)()
    }
}

/// Whether a handshake with the key of the NAF has proved who the client is (TS 24.109
/// clause 5.3.3).
fn is_known(channel: &Channel) -> bool {
    channel.tls().is_some_and(|tls| tls.psk_identity.is_some())
}
