//! Hosts a server role on a TCP port: the embedded peers and `gbaspec serve`.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gbaspec_roles::faults::{Tamper, tampered_bytes};
use gbaspec_roles::{After, ConnectionId, Input, Moment, Output, Role};
use gbaspec_wire::http::Expecting;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::stream::{Incoming, Stream};

/// So many connections are served at once; more have to wait in the system's queue.
const MOST_CONNECTIONS: usize = 256;

/// A connection that stays silent for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// A role on a port; it goes when this is dropped.
#[derive(Debug)]
pub struct Host {
    /// Where it listens.
    pub address: SocketAddr,
    tasks: JoinSet<()>,
}

impl Host {
    /// Puts a role on an address.
    pub async fn start(role: Box<dyn Role>, tamper: Tamper, address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(Arc::new(Mutex::new(role)), tamper, listener));
        Ok(Self { address, tasks })
    }

    /// Runs until the host ends, which it does not do by itself.
    pub async fn wait(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

type SharedRole = Arc<Mutex<Box<dyn Role>>>;

async fn accept(role: SharedRole, tamper: Tamper, listener: TcpListener) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    let mut next = 0;
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((tcp, _)) = listener.accept().await else {
            return;
        };
        next += 1;
        let role = Arc::clone(&role);
        let connection = ConnectionId(next);
        connections.spawn(async move {
            serve(&role, tamper, tcp, connection).await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(role: &SharedRole, tamper: Tamper, tcp: TcpStream, connection: ConnectionId) {
    // Without it the answer is only later.
    drop(tcp.set_nodelay(true));
    let mut stream = Stream::new(tcp, Expecting::Request);
    loop {
        let Ok(incoming) = tokio::time::timeout(IDLE, stream.read()).await else {
            return;
        };
        let outputs = match &incoming {
            Incoming::Message(message) => ask(
                role,
                Input::Message {
                    connection,
                    message,
                },
            ),
            Incoming::Unreadable { .. } => ask(role, Input::Unreadable { connection }),
            Incoming::End => {
                ask(role, Input::Closed { connection });
                return;
            }
        };
        for output in outputs {
            match output {
                Output::Respond { message, after, .. } => {
                    if stream
                        .write(&tampered_bytes(&message, &tamper))
                        .await
                        .is_err()
                    {
                        return;
                    }
                    if after == After::Close {
                        return stream.shut_down().await;
                    }
                }
                Output::Drop { .. } => return,
                // A server has no requests of its own and no errand that could end.
                Output::Send { .. } | Output::Finished(_) | Output::Note(_) => {}
            }
        }
        if matches!(incoming, Incoming::Unreadable { .. }) {
            return stream.shut_down().await;
        }
    }
}

fn ask(role: &SharedRole, input: Input<'_>) -> Vec<Output> {
    // A role is sound after a panic of another connection: its stores change in whole steps.
    role.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .handle(now(), input)
}

/// The wall clock, in the form that roles take.
pub(crate) fn now() -> Moment {
    Moment {
        unix_millis: unix_millis(),
    }
}

/// Milliseconds of Unix time.
pub fn unix_millis() -> i64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
