//! The way to one target during one play: a server that we connect to, or a client that comes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gbaspec_case::case::{Closing, Errand};
use gbaspec_case::element::Element;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::profile::TlsSettings;
use gbaspec_wire::http::Message;
use tokio::task::JoinHandle;

use crate::client::{Ended, Errands, Starter};
use crate::listen::{Arrival, Listeners, Reply};
use crate::stream::{Incoming, Stream};

/// A request that any HTTP server answers in some way: the sign of life after a silence.
fn control_request(host: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Towards a server under test.
pub struct ServerLink {
    /// `host:port`.
    pub address: String,
    /// TLS, if any.
    pub tls: Option<TlsSettings>,
    current: Option<Open>,
    next: u32,
}

struct Open {
    id: u32,
    stream: Stream,
    /// What was sent last, to be repeated once if a kept connection turns out to be closed.
    last: Vec<u8>,
    answered: bool,
}

impl ServerLink {
    /// A link without an open connection.
    pub fn new(address: String, tls: Option<TlsSettings>) -> Self {
        Self {
            address,
            tls,
            current: None,
            next: 1,
        }
    }

    /// Starts a play: connections are numbered from 1 again.
    pub(crate) fn reset(&mut self) {
        self.current = None;
        self.next = 1;
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        if outgoing.route == Route::New {
            self.current = None;
        }
        if let Some(open) = &mut self.current {
            if open.stream.write(&outgoing.bytes).await.is_ok() {
                open.last.clone_from(&outgoing.bytes);
                return Occurrence::Sent {
                    connection: open.id,
                    outgoing,
                };
            }
            self.current = None;
        }
        let connection = self.next;
        self.next += 1;
        match self.open(&outgoing.bytes, connection, limit).await {
            Ok(()) => Occurrence::Sent {
                connection,
                outgoing,
            },
            Err(why) => Occurrence::Unreachable { why },
        }
    }

    /// Opens connection `id` and writes these bytes on it.
    async fn open(&mut self, bytes: &[u8], id: u32, limit: Duration) -> Result<(), String> {
        let connecting = Stream::connect(&self.address, self.tls.as_ref());
        let mut stream = match tokio::time::timeout(limit, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(why)) => return Err(why.to_string()),
            Err(_) => return Err(format!("no connection within {} ms", limit.as_millis())),
        };
        stream.write(bytes).await.map_err(|why| why.to_string())?;
        self.current = Some(Open {
            id,
            stream,
            last: bytes.to_vec(),
            answered: false,
        });
        Ok(())
    }

    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        let deadline = Instant::now() + limit;
        loop {
            let Some(open) = &mut self.current else {
                return Occurrence::Closed { connection: 0 };
            };
            let (id, at) = (open.id, Element::Ue);
            let read = tokio::time::timeout_at(deadline.into(), open.stream.read()).await;
            // A stream of interim responses is always ready; it must not outlast the deadline.
            let read = read.ok().filter(|_| Instant::now() <= deadline);
            let Some(incoming) = read else {
                return Occurrence::TimedOut {
                    after_millis: millis(limit),
                };
            };
            match incoming {
                Incoming::Message(message) if is_interim(&message) => {}
                Incoming::Message(message) => {
                    open.answered = true;
                    let bytes = message.to_bytes();
                    let closes = closes_connection(&message);
                    if closes {
                        self.current = None;
                    }
                    return Occurrence::Received {
                        connection: id,
                        at,
                        bytes,
                    };
                }
                Incoming::Unreadable { bytes, why } => {
                    self.current = None;
                    return Occurrence::Unreadable {
                        connection: id,
                        at,
                        bytes,
                        why: why.to_string(),
                    };
                }
                // A kept connection may be closed at any time (RFC 9112 9.5): once more, on a new
                // one, which stands for the old one in the transcript.
                Incoming::End if open.answered => {
                    let bytes = std::mem::take(&mut open.last);
                    self.current = None;
                    if self.open(&bytes, id, limit).await.is_err() {
                        // The target took the request, and is gone.
                        return Occurrence::Closed { connection: id };
                    }
                }
                Incoming::End => {
                    self.current = None;
                    return Occurrence::Closed { connection: id };
                }
            }
        }
    }

    pub(crate) async fn control(&self, limit: Duration) -> Occurrence {
        let talk = async {
            let mut stream = Stream::connect(&self.address, self.tls.as_ref())
                .await
                .ok()?;
            stream.write(&control_request(&self.address)).await.ok()?;
            match stream.read().await {
                Incoming::Message(_) | Incoming::Unreadable { .. } => Some(()),
                Incoming::End => None,
            }
        };
        let answered = tokio::time::timeout(limit, talk)
            .await
            .is_ok_and(|talk| talk.is_some());
        Occurrence::Control { answered }
    }
}

/// Whether another response to the same request follows (RFC 9110 15.2); 101 is not among these, as
/// nobody asked for another protocol.
fn is_interim(message: &Message) -> bool {
    message
        .status()
        .is_ok_and(|status| (100..200).contains(&status) && status != 101)
}

/// Whether the sender closes the connection after this response (RFC 9112 9.3).
fn closes_connection(message: &Message) -> bool {
    let has_option = |name: &str| {
        message.fields_named("Connection").any(|field| {
            let text = field.text();
            text.split(|&b| b == b',')
                .any(|option| option.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    has_option("close") || message.start_line.starts_with(b"HTTP/1.0") && !has_option("keep-alive")
}

/// Towards a client under test.
pub struct ClientLink {
    pub(crate) listeners: Listeners,
    starter: Starter,
    running: Option<JoinHandle<Result<Ended, String>>>,
    open_connections: usize,
    seen_connections: usize,
    ended: Option<Ended>,
}

/// After a client of another process has ended, so long is waited for what is still on its way.
const AFTERMATH: Duration = Duration::from_millis(100);

impl ClientLink {
    pub(crate) fn new(listeners: Listeners, starter: Starter) -> Self {
        Self {
            listeners,
            starter,
            running: None,
            open_connections: 0,
            seen_connections: 0,
            ended: None,
        }
    }

    /// Where the harness listens, by element.
    pub fn addresses(&self) -> &BTreeMap<Element, SocketAddr> {
        &self.listeners.addresses
    }

    /// Starts a play: ends what an earlier one left.
    pub(crate) fn reset(&mut self) {
        self.stop();
        self.listeners.clear();
        self.open_connections = 0;
        self.seen_connections = 0;
        self.ended = None;
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }

    pub(crate) fn trigger(&mut self, errand: Errand, impi: &str, case: &str) -> Occurrence {
        self.stop();
        self.ended = None;
        let addresses = self.listeners.addresses.clone();
        let arguments = self.starter.arguments(&Errands {
            errand,
            addresses: &addresses,
            impi,
            case,
        });
        self.running = Some(tokio::spawn(
            self.starter.clone().run(errand, addresses, arguments),
        ));
        Occurrence::Triggered(errand)
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing) -> Occurrence {
        let connection = match outgoing.route {
            Route::Reply(connection) => connection,
            Route::Current | Route::New => 0,
        };
        let reply = match outgoing.closing {
            Closing::Open => Reply::Bytes(outgoing.bytes.clone()),
            Closing::Close => Reply::Last(outgoing.bytes.clone()),
        };
        // The answer stands in the transcript even if the client has hung up before it.
        self.listeners.reply(connection, reply).await;
        Occurrence::Sent {
            connection,
            outgoing,
        }
    }

    pub(crate) async fn hang(&self, connection: u32) {
        self.listeners.reply(connection, Reply::Close).await;
    }

    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        let deadline = tokio::time::Instant::now() + limit;
        loop {
            if let Some(ended) = &self.ended
                && ended
                    .connections
                    .is_some_and(|count| self.seen_connections >= count)
            {
                return Occurrence::Finished(ended.outcome);
            }
            let until = match &self.ended {
                Some(_) => deadline.min(tokio::time::Instant::now() + AFTERMATH),
                None => deadline,
            };
            tokio::select! {
                biased;
                arrival = self.listeners.next() => match arrival {
                    Some(Arrival::Request { connection, at, message }) => {
                        return Occurrence::Received { connection, at, bytes: message.to_bytes() };
                    }
                    Some(Arrival::Unreadable { connection, at, bytes, why }) => {
                        return Occurrence::Unreadable { connection, at, bytes, why };
                    }
                    Some(Arrival::Ended) => self.seen_connections += 1,
                    None => return Occurrence::Stopped { why: "the listeners are gone".to_owned() },
                },
                ended = finished(&mut self.running) => {
                    self.running = None;
                    match ended {
                        Ok(ended) => self.ended = Some(ended),
                        Err(why) => return Occurrence::Stopped { why },
                    }
                }
                () = tokio::time::sleep_until(until) => {
                    return match &self.ended {
                        Some(ended) => Occurrence::Finished(ended.outcome),
                        None => Occurrence::TimedOut { after_millis: millis(limit) },
                    };
                }
            }
        }
    }
}

impl Drop for ClientLink {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The end of the running client; never, if none is running.
async fn finished(
    running: &mut Option<JoinHandle<Result<Ended, String>>>,
) -> Result<Ended, String> {
    match running {
        Some(running) => running.await.unwrap_or_else(|why| Err(why.to_string())),
        None => std::future::pending().await,
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
