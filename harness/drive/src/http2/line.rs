//! The line on which the harness speaks HTTP/2 to a server.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::time::Duration;

use gbaspec_case::element::Element;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use h2::client::{Builder, ResponseFuture, SendRequest};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};

use super::tap::{First, Tapped};
use super::text::{request_of, text_of_response};
use super::{Body, MOST_FIELDS, Unfinished, body_of};
use crate::link::millis;
use crate::listen::Numbers;
use crate::stream::reached;

/// A request that any server of HTTP/2 answers in some way: the sign of life after a silence.
const CONTROL: &[u8] = b"GET / HTTP/2\r\n\r\n";

/// The line on which the harness speaks HTTP/2 to a server, over one connection for a play.
pub(crate) struct Http2Line {
    /// `host:port`.
    address: String,
    numbers: Numbers,
    connection: Option<Connection>,
    /// The exchanges that have no end yet.
    asked: BTreeMap<u32, Asked>,
    /// An exchange that begins again, as its connection was closed.
    repeated: Option<(u32, Vec<u8>)>,
    ends: Ends,
    /// What drives connections and exchanges of this play.
    tasks: JoinSet<()>,
}

struct Connection {
    requests: SendRequest<Body>,
    first: First,
    /// Whether an answer has come on it.
    answered: bool,
}

struct Asked {
    /// The element that the harness spoke as.
    speaker: Element,
    /// What was sent, to be repeated once if a kept connection turns out to be closed.
    again: Option<Vec<u8>>,
}

/// Both ends of the way on which exchanges say, by their numbers, what they came to.
type Ends = (mpsc::Sender<(u32, End)>, mpsc::Receiver<(u32, End)>);

/// What an exchange came to.
enum End {
    Answer(Vec<u8>),
    Unreadable {
        bytes: Vec<u8>,
        why: String,
    },
    /// The server wants no more of this exchange; others of the connection go on.
    Refused,
    /// The connection ended.
    Closed,
}

impl Http2Line {
    /// A line without an open connection.
    pub(crate) fn new(address: String) -> Self {
        Self {
            address,
            numbers: Numbers::default(),
            connection: None,
            asked: BTreeMap::new(),
            repeated: None,
            ends: mpsc::channel(16),
            tasks: JoinSet::new(),
        }
    }

    /// The same line with exchanges that are numbered together with others of the play.
    pub(crate) fn numbered(mut self, numbers: Numbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// Whether something was sent that has no answer yet.
    pub(crate) fn is_asking(&self) -> bool {
        !self.asked.is_empty()
    }

    /// Starts a play: what an earlier one left is forgotten.
    pub(crate) fn reset(&mut self) {
        self.connection = None;
        self.asked.clear();
        self.repeated = None;
        self.tasks = JoinSet::new();
        self.ends = mpsc::channel(16);
    }

    /// Sends a request, within the limit.
    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        if outgoing.route == Route::New {
            self.connection = None;
        }
        let connection = self.numbers.next();
        let is_kept = self.connection.as_ref().is_some_and(|open| open.answered);
        let sent = self.ask(connection, &outgoing.bytes, limit).await;
        if let Err(why) = sent {
            return Occurrence::Unreachable { why };
        }
        let asked = Asked {
            speaker: outgoing.from,
            again: is_kept.then(|| outgoing.bytes.clone()),
        };
        self.asked.insert(connection, asked);
        Occurrence::Sent {
            connection,
            outgoing,
        }
    }

    /// The end of the exchange that ends first, within the limit.
    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        let deadline = Instant::now() + limit;
        loop {
            // It is forgotten only when it is done, as a wait may be given up at any time.
            if let Some((connection, bytes)) = self.repeated.clone() {
                let left = deadline.saturating_duration_since(Instant::now());
                let asked = self.ask(connection, &bytes, left).await;
                self.repeated = None;
                if asked.is_err() {
                    self.asked.remove(&connection);
                    return Occurrence::Closed { connection };
                }
            }
            let end = timeout_at(deadline, self.ends.1.recv()).await;
            let Ok(Some((connection, end))) = end else {
                return Occurrence::TimedOut {
                    after_millis: millis(limit),
                };
            };
            if let Some(occurrence) = self.ended(connection, end) {
                return occurrence;
            }
        }
    }

    /// What the end of an exchange means; nothing if it begins again.
    fn ended(&mut self, connection: u32, end: End) -> Option<Occurrence> {
        let asked = self.asked.get_mut(&connection)?;
        let at = asked.speaker;
        let occurrence = match end {
            End::Refused => Occurrence::Closed { connection },
            End::Closed => {
                self.connection = None;
                // A kept connection may be closed at any time (RFC 9113 9.1): once more, on a new
                // one.
                if let Some(bytes) = asked.again.take() {
                    self.repeated = Some((connection, bytes));
                    return None;
                }
                Occurrence::Closed { connection }
            }
            End::Answer(bytes) => {
                if let Some(open) = &mut self.connection {
                    open.answered = true;
                }
                Occurrence::Received {
                    connection,
                    at,
                    bytes,
                }
            }
            End::Unreadable { bytes, why } => Occurrence::Unreadable {
                connection,
                at,
                bytes,
                why,
            },
        };
        self.asked.remove(&connection);
        Some(occurrence)
    }

    /// Whether the server answers anything, on a connection of its own.
    pub(crate) async fn control(&self, limit: Duration) -> Occurrence {
        let talk = async {
            let mut line = Self::new(self.address.clone());
            line.ask(0, CONTROL, limit).await.ok()?;
            let (_, end) = line.ends.1.recv().await?;
            (!matches!(end, End::Closed | End::Refused)).then_some(())
        };
        let answered = timeout(limit, talk).await;
        Occurrence::Control {
            answered: answered.is_ok_and(|talk| talk.is_some()),
        }
    }

    /// Begins exchange `id` on the connection that is open, or on a new one.
    async fn ask(&mut self, id: u32, bytes: &[u8], limit: Duration) -> Result<(), String> {
        let (request, body) = request_of(bytes, &self.address)?;
        let late = |_| format!("no stream of HTTP/2 within {} ms", limit.as_millis());
        let begun = timeout(limit, async {
            let mut open = self.ready(limit).await?;
            let is_empty = body.is_empty();
            let sent = open.requests.send_request(request, is_empty);
            let (answer, mut stream) = sent.map_err(|why| why.to_string())?;
            if !is_empty {
                let written = stream.send_data(Cursor::new(body), true);
                written.map_err(|why| why.to_string())?;
            }
            Ok::<_, String>((open, answer))
        });
        let (open, answer) = begun.await.map_err(late)??;
        let first = open.first.clone();
        self.connection = Some(open);
        let ends = self.ends.0.clone();
        self.tasks.spawn(async move {
            let end = end_of(answer, &first).await;
            drop(ends.send((id, end)).await);
        });
        Ok(())
    }

    /// The open connection if a stream can be opened on it, or a new one.
    async fn ready(&mut self, limit: Duration) -> Result<Connection, String> {
        if let Some(open) = self.connection.take()
            && let Ok(requests) = open.requests.ready().await
        {
            return Ok(Connection { requests, ..open });
        }
        let tcp = reached(&self.address, limit).await?;
        // Without it a request is only later.
        drop(tcp.set_nodelay(true));
        let first = First::default();
        let mut builder = Builder::new();
        builder.enable_push(false).max_header_list_size(MOST_FIELDS);
        let opened = builder.handshake(Tapped::new(tcp, first.clone())).await;
        let (requests, connection) = opened.map_err(|why| why.to_string())?;
        self.tasks.spawn(async move {
            // Its exchanges learn of what ends it.
            drop(connection.await);
        });
        let requests = requests.ready().await.map_err(|why| why.to_string())?;
        Ok(Connection {
            requests,
            first,
            answered: false,
        })
    }
}

/// Waits for an answer to its end. Whoever asks has the deadline.
async fn end_of(answer: ResponseFuture, first: &First) -> End {
    let (head, mut stream) = match answer.await {
        Ok(answer) => answer.into_parts(),
        Err(why) => return broken(&why, first),
    };
    match body_of(&mut stream).await {
        Ok(body) => End::Answer(text_of_response(&head, body).to_bytes()),
        Err(Unfinished::TooLong) => End::Unreadable {
            bytes: text_of_response(&head, Vec::new()).to_bytes(),
            why: "the body is too long".to_owned(),
        },
        Err(Unfinished::Broken(why)) => broken(&why, first),
    }
}

/// What the end of a stream or of a connection means: the server hung up or refused, which it says by
/// GOAWAY or `RST_STREAM` (RFC 9113 clause 5.4), or it broke the protocol.
fn broken(why: &h2::Error, first: &First) -> End {
    if let Some(bytes) = first.of_no_server() {
        let what = if bytes.starts_with(b"HTTP/1.") {
            "an answer of HTTP/1 came instead of HTTP/2"
        } else {
            "something else came instead of HTTP/2"
        };
        return End::Unreadable {
            bytes,
            why: what.to_owned(),
        };
    }
    if why.is_reset() && why.is_remote() {
        return End::Refused;
    }
    if why.is_io() || why.is_remote() {
        return End::Closed;
    }
    End::Unreadable {
        bytes: Vec::new(),
        why: format!("the rules of HTTP/2 are broken: {why}"),
    }
}
