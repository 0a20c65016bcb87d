//! Hosts a server role on a TCP port, and on a second one inside TLS: the embedded peers and
//! `gbaspec serve`.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gbaspec_roles::faults::{Tamper, tampered_bytes};
use gbaspec_roles::{After, ConnectionId, Input, Moment, Output, Role};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::DriveError;
use crate::listen::listen;
use crate::stream::{Incoming, Stream};
use crate::tls::{Acceptor, Authority, Holder};

/// So many connections are served at once; more have to wait in the system's queue.
const MOST_CONNECTIONS: usize = 256;

/// A connection that stays silent for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// So long a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// A role on a port, or on two; it goes when this is dropped.
#[derive(Debug)]
pub struct Host {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it listens inside TLS, if it does.
    pub tls_address: Option<SocketAddr>,
    tasks: JoinSet<()>,
}

/// A second port, inside TLS.
#[derive(Debug)]
pub struct TlsPort<'a> {
    /// Where to listen, `host:port`.
    pub address: &'a str,
    /// The DNS name in the certificate.
    pub name: &'a str,
    /// Who signs the certificate.
    pub authority: &'a Authority,
}

impl Host {
    /// Puts a role on an address, and on a second one where it speaks TLS.
    pub async fn start(
        role: Box<dyn Role>,
        tamper: Tamper,
        address: &str,
        tls: Option<TlsPort<'_>>,
    ) -> Result<Self, DriveError> {
        let role = Arc::new(Mutex::new(role));
        let next = Arc::new(AtomicU64::new(1));
        let (listener, address) = listen(address).await?;
        let mut doors = vec![(listener, None)];
        let mut tls_address = None;
        if let Some(port) = tls {
            let (listener, address) = listen(port.address).await?;
            let holder = Holder::new(port.name, address.ip());
            doors.push((listener, Some(port.authority.acceptor(&holder)?)));
            tls_address = Some(address);
        }
        let mut tasks = JoinSet::new();
        for (listener, acceptor) in doors {
            let door = Door {
                role: Arc::clone(&role),
                tamper,
                acceptor,
                next: Arc::clone(&next),
            };
            tasks.spawn(door.accept(listener));
        }
        Ok(Self {
            address,
            tls_address,
            tasks,
        })
    }

    /// Runs until the host ends, which it does not do by itself.
    pub async fn wait(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

type SharedRole = Arc<Mutex<Box<dyn Role>>>;

/// One port of a role.
#[derive(Clone)]
struct Door {
    role: SharedRole,
    tamper: Tamper,
    acceptor: Option<Acceptor>,
    /// The number of the next connection, whichever port it comes to.
    next: Arc<AtomicU64>,
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
            let connection = ConnectionId(self.next.fetch_add(1, Ordering::Relaxed));
            let door = self.clone();
            connections.spawn(async move {
                let handshake = Stream::accept(tcp, door.acceptor.as_ref());
                // Whoever does not get through the handshake has nothing to say to the role.
                if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, handshake).await {
                    serve(&door.role, door.tamper, stream, connection).await;
                    ask(&door.role, Input::Closed { connection });
                }
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn serve(role: &SharedRole, tamper: Tamper, mut stream: Stream, connection: ConnectionId) {
    if let Some(agreement) = stream.agreement() {
        let tls = &agreement.session();
        ask(role, Input::Secured { connection, tls });
    }
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
            Incoming::End => return,
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
