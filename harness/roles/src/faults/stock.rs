//! Peers that implement nothing of GBA: a case that one of them passes checks nothing.

use gbaspec_wire::http::{LineEnd, Message};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::role::{
    Action, After, ClientOutcome, ConnectionId, Input, Moment, Output, Peer, Role, Transport,
};
use crate::text;

/// How many requests a stock client sends before it rests.
const REQUESTS: u32 = 10;
/// How many octets of garbage one message has.
const GARBAGE: usize = 200;
/// How long a stock client waits for an answer, in milliseconds.
const PATIENCE_MILLIS: i64 = 2_000;

/// The stock peers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StockPeer {
    /// Closes each connection; as a client it sends an empty head.
    CloseAll,
    /// Answers 401 without a challenge to everything; as a client it repeats a bare GET whatever
    /// the answer.
    Unauthorized401All,
    /// Answers 200 without a body to everything; as a client it repeats a bare GET and reports
    /// success.
    Ok200All,
    /// Sends back what it got.
    Echo,
    /// Says nothing at all.
    Mute,
    /// Sends random octets.
    Garbage,
}

impl StockPeer {
    /// Every stock peer.
    pub const ALL: [StockPeer; 6] = [
        StockPeer::CloseAll,
        StockPeer::Unauthorized401All,
        StockPeer::Ok200All,
        StockPeer::Echo,
        StockPeer::Mute,
        StockPeer::Garbage,
    ];

    /// The name used in reports, e.g. `close-all`.
    pub const fn as_str(self) -> &'static str {
        match self {
            StockPeer::CloseAll => "close-all",
            StockPeer::Unauthorized401All => "401-all",
            StockPeer::Ok200All => "200-all",
            StockPeer::Echo => "echo",
            StockPeer::Mute => "mute",
            StockPeer::Garbage => "garbage",
        }
    }

    /// The peer in place of a BSF, NAF or portal; the seed decides about garbage.
    pub fn server(self, seed: u64) -> StockServer {
        StockServer {
            peer: self,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    /// The peer in place of a UE; the seed decides about garbage.
    pub fn client(self, seed: u64) -> StockClient {
        StockClient {
            peer: self,
            to: Peer::Bsf,
            sent: 0,
            overdue: None,
            generator: ChaCha8Rng::seed_from_u64(seed),
        }
    }
}

/// A stock peer in place of a server.
pub struct StockServer {
    peer: StockPeer,
    generator: ChaCha8Rng,
}

/// A stock peer in place of a UE.
pub struct StockClient {
    peer: StockPeer,
    to: Peer,
    sent: u32,
    overdue: Option<Moment>,
    generator: ChaCha8Rng,
}

impl StockServer {
    fn answer(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        got: Option<&Message>,
    ) -> Vec<Output> {
        let message = match (self.peer, got) {
            (StockPeer::Mute, _) => return Vec::new(),
            (StockPeer::CloseAll, _) | (StockPeer::Echo, None) => {
                return vec![Output::Drop { connection }];
            }
            (StockPeer::Echo, Some(request)) => request.clone(),
            (StockPeer::Unauthorized401All, _) => bare_answer(401, now),
            (StockPeer::Ok200All, _) => bare_answer(200, now),
            (StockPeer::Garbage, _) => garbage(&mut self.generator),
        };
        vec![Output::Respond {
            connection,
            message,
            after: After::KeepOpen,
        }]
    }
}

impl Role for StockServer {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Message {
                connection,
                message,
            } => self.answer(now, connection, Some(message)),
            Input::Unreadable { connection } => self.answer(now, connection, None),
            Input::Start(_)
            | Input::Reach(_)
            | Input::Secured { .. }
            | Input::Diameter { .. }
            | Input::Closed { .. }
            | Input::Forwarded { .. }
            | Input::Asked { .. }
            | Input::TimedOut => Vec::new(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

impl StockClient {
    fn start(&mut self, now: Moment, action: Action) -> Vec<Output> {
        self.to = match action {
            Action::Bootstrap => Peer::Bsf,
            Action::Fetch => Peer::Naf,
            Action::Enrol | Action::CaCertificate => Peer::Portal,
        };
        self.sent = 0;
        match self.peer {
            StockPeer::Mute => vec![Output::Finished(ClientOutcome::Failed)],
            StockPeer::CloseAll => self.send(now, Message::request("")),
            StockPeer::Garbage => {
                let message = garbage(&mut self.generator);
                self.send(now, message)
            }
            StockPeer::Unauthorized401All | StockPeer::Ok200All | StockPeer::Echo => {
                self.send(now, bare_request())
            }
        }
    }

    fn answered(&mut self, now: Moment, answer: &Message) -> Vec<Output> {
        let rests = matches!(
            self.peer,
            StockPeer::Mute | StockPeer::CloseAll | StockPeer::Garbage
        );
        if rests || self.sent >= REQUESTS {
            return self.finish();
        }
        match self.peer {
            StockPeer::Echo => self.send(now, answer.clone()),
            _ => self.send(now, bare_request()),
        }
    }

    fn send(&mut self, now: Moment, message: Message) -> Vec<Output> {
        self.sent += 1;
        self.overdue = Some(now.plus_millis(PATIENCE_MILLIS));
        vec![Output::Send {
            to: self.to,
            secure: Transport::Tcp,
            message,
        }]
    }

    fn finish(&mut self) -> Vec<Output> {
        self.overdue = None;
        let outcome = match self.peer {
            StockPeer::Ok200All => ClientOutcome::Success,
            _ => ClientOutcome::Failed,
        };
        vec![Output::Finished(outcome)]
    }
}

impl Role for StockClient {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Start(action) => self.start(now, action),
            Input::Reach(_)
            | Input::Secured { .. }
            | Input::Diameter { .. }
            | Input::Forwarded { .. }
            | Input::Asked { .. } => Vec::new(),
            Input::Message { message, .. } => self.answered(now, message),
            Input::Closed { .. } | Input::Unreadable { .. } | Input::TimedOut => self.finish(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        self.overdue
    }
}

fn bare_answer(status: u16, now: Moment) -> Message {
    text::with_body(text::response(status, "Stock", now), b"")
}

fn bare_request() -> Message {
    let mut message = Message::request("GET / HTTP/1.1");
    message.push("Host", "localhost");
    message
}

/// A message that is nothing but a start line of random octets.
fn garbage(generator: &mut ChaCha8Rng) -> Message {
    Message {
        start_line: text::random::<GARBAGE>(generator).to_vec(),
        start_end: LineEnd::None,
        fields: Vec::new(),
        head_end: LineEnd::None,
        body: Vec::new(),
    }
}
