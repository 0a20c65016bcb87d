//! The harness's own listeners, for a client under test.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use gbaspec_case::element::Element;
use gbaspec_wire::http::{Expecting, Message};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::DriveError;
use crate::stream::{Incoming, Stream};

/// So many connections of a client are served at once; more have to wait.
const MOST_CONNECTIONS: usize = 64;

/// What comes in at a listener.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A request.
    Request {
        connection: u32,
        at: Element,
        message: Message,
    },
    /// Something that is no request.
    Unreadable {
        connection: u32,
        at: Element,
        bytes: Vec<u8>,
        why: String,
    },
    /// The end of a connection.
    Ended,
}

/// What is written on a connection, or that it is to be closed.
#[derive(Debug)]
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    Last(Vec<u8>),
    Close,
}

/// Listeners for the elements that the harness plays; they end when this is dropped.
pub(crate) struct Listeners {
    pub(crate) addresses: BTreeMap<Element, SocketAddr>,
    arrivals: mpsc::Receiver<Arrival>,
    replies: Arc<std::sync::Mutex<BTreeMap<u32, mpsc::Sender<Reply>>>>,
    _tasks: JoinSet<()>,
}

impl Listeners {
    /// Listens for these elements: at the given addresses, or at free loopback ports.
    pub(crate) async fn bind(
        elements: &[Element],
        wanted: &BTreeMap<Element, String>,
    ) -> Result<Self, DriveError> {
        let (sender, arrivals) = mpsc::channel(256);
        let replies = Arc::default();
        let next = Arc::new(AtomicU32::new(1));
        let mut addresses = BTreeMap::new();
        let mut tasks = JoinSet::new();
        for &element in elements {
            let address = wanted.get(&element).map_or("127.0.0.1:0", String::as_str);
            let fault = |source| DriveError::Listen {
                address: address.to_owned(),
                source,
            };
            let listener = TcpListener::bind(address).await.map_err(fault)?;
            addresses.insert(element, listener.local_addr().map_err(fault)?);
            let door = Door {
                element,
                sender: sender.clone(),
                replies: Arc::clone(&replies),
                next: Arc::clone(&next),
            };
            tasks.spawn(door.accept(listener));
        }
        Ok(Self {
            addresses,
            arrivals,
            replies,
            _tasks: tasks,
        })
    }

    /// The next thing that comes in.
    pub(crate) async fn next(&mut self) -> Option<Arrival> {
        self.arrivals.recv().await
    }

    /// Writes a reply; whether the connection was still there.
    pub(crate) async fn reply(&self, connection: u32, reply: Reply) -> bool {
        let sender = self.replies().get(&connection).cloned();
        match sender {
            Some(sender) => sender.send(reply).await.is_ok(),
            None => false,
        }
    }

    /// Forgets what an earlier play left behind.
    pub(crate) fn clear(&mut self) {
        self.replies().clear();
        while self.arrivals.try_recv().is_ok() {}
    }

    fn replies(&self) -> std::sync::MutexGuard<'_, BTreeMap<u32, mpsc::Sender<Reply>>> {
        // The map stays sound even if a holder of the lock panicked.
        self.replies
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[derive(Clone)]
struct Door {
    element: Element,
    sender: mpsc::Sender<Arrival>,
    replies: Arc<std::sync::Mutex<BTreeMap<u32, mpsc::Sender<Reply>>>>,
    next: Arc<AtomicU32>,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let Ok((tcp, _)) = listener.accept().await else {
                return;
            };
            let door = self.clone();
            connections.spawn(async move {
                door.serve(tcp).await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    }

    async fn serve(self, tcp: TcpStream) {
        let connection = self.next.fetch_add(1, Ordering::Relaxed);
        // Without it the answer is only later.
        drop(tcp.set_nodelay(true));
        let (sender, mut replies) = mpsc::channel(8);
        self.replies
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(connection, sender);
        let mut stream = Stream::new(tcp, Expecting::Request);
        loop {
            tokio::select! {
                incoming = stream.read() => {
                    let arrival = match incoming {
                        Incoming::Message(message) => {
                            Arrival::Request { connection, at: self.element, message }
                        }
                        Incoming::Unreadable { bytes, why } => {
                            let why = why.to_string();
                            Arrival::Unreadable { connection, at: self.element, bytes, why }
                        }
                        Incoming::End => break,
                    };
                    let is_last = matches!(arrival, Arrival::Unreadable { .. });
                    if self.sender.send(arrival).await.is_err() || is_last {
                        break;
                    }
                }
                reply = replies.recv() => match reply {
                    Some(Reply::Bytes(bytes)) => {
                        if stream.write(&bytes).await.is_err() {
                            break;
                        }
                    }
                    Some(Reply::Last(bytes)) => {
                        drop(stream.write(&bytes).await);
                        stream.shut_down().await;
                        break;
                    }
                    Some(Reply::Close) | None => break,
                },
            }
        }
        self.replies
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .remove(&connection);
        drop(self.sender.send(Arrival::Ended).await);
    }
}
