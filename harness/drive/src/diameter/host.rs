//! Roles that speak Diameter: as servers, and as clients of others.

use std::sync::Arc;
use std::time::Duration;

use gbaspec_roles::Unanswered;
use gbaspec_wire::diameter::{Packet, dictionary};
use tokio::net::TcpStream;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, timeout, timeout_at};

use super::{DiameterIdentity, DiameterStream, Framed, is_base};
use crate::stream::reached;
use crate::tls::Acceptor;

/// So many requests of one connection are worked on at once.
const MOST_AT_ONCE: usize = 64;

/// So long a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// A connection that stays silent for so long is closed.
const IDLE: Duration = Duration::from_secs(120);

/// Serves one connection: each request goes to `answer`, whose octets are written as they come, and
/// `encode` makes the octets of what is said about the connection itself.
pub(crate) async fn accept<E, F, A>(
    (tcp, acceptor): (TcpStream, Option<&Acceptor>),
    identity: &DiameterIdentity,
    encode: E,
    answer: F,
) where
    E: Fn(&Packet) -> Vec<u8>,
    F: Fn(Packet) -> A,
    A: Future<Output = Option<Vec<u8>>> + Send + 'static,
{
    let entered = timeout(HANDSHAKE, DiameterStream::accept(tcp, acceptor)).await;
    let Ok(Ok(mut stream)) = entered else {
        return;
    };
    let (sender, mut answers) = mpsc::channel::<Vec<u8>>(MOST_AT_ONCE);
    let mut working = tokio::task::JoinSet::new();
    loop {
        let framed = tokio::select! {
            framed = timeout(IDLE, stream.read()) => framed,
            Some(bytes) = answers.recv() => {
                if stream.write(&bytes).await.is_err() {
                    return;
                }
                continue;
            }
        };
        while working.try_join_next().is_some() {}
        let Ok(Framed::Packet(_, packet)) = framed else {
            return;
        };
        if !packet.is_request() {
            continue;
        }
        if is_base(&packet) {
            let Some(said) = identity.base_answer(&packet, stream.local()) else {
                continue;
            };
            let is_over = packet.command == dictionary::DISCONNECT_PEER;
            if stream.write(&encode(&said)).await.is_err() || is_over {
                return;
            }
            continue;
        }
        if working.len() >= MOST_AT_ONCE {
            return;
        }
        let (sender, answering) = (sender.clone(), answer(packet));
        working.spawn(async move {
            if let Some(bytes) = answering.await {
                // Without a connection there is nobody to answer.
                drop(sender.send(bytes).await);
            }
        });
    }
}

/// The client of one server. Its requests go one after the other on one connection.
#[derive(Clone)]
pub(crate) struct Client {
    identity: DiameterIdentity,
    address: String,
    open: Arc<Mutex<Option<Open>>>,
}

struct Open {
    stream: DiameterStream,
    next: u32,
}

impl Client {
    pub(crate) fn new(identity: DiameterIdentity, address: String) -> Self {
        Self {
            identity,
            address,
            open: Arc::default(),
        }
    }

    /// The answer to a request, whose identifiers are given here; `encode` makes its octets, and those
    /// of what a new connection begins with.
    pub(crate) async fn ask(
        &self,
        request: Packet,
        encode: impl Fn(&Packet) -> Vec<u8>,
        patience: Duration,
    ) -> Result<Packet, Unanswered> {
        let deadline = Instant::now() + patience;
        let asking = self.asked(request, encode, patience);
        let answer = timeout_at(deadline, asking).await;
        answer.map_err(|_| Unanswered::TooLate)?
    }

    async fn asked(
        &self,
        mut request: Packet,
        encode: impl Fn(&Packet) -> Vec<u8>,
        patience: Duration,
    ) -> Result<Packet, Unanswered> {
        let mut place = self.open.lock().await;
        let mut kept = place.take();
        if let Some(open) = &mut kept
            && open.stream.has_ended().await
        {
            kept = None;
        }
        let mut open = match kept {
            Some(open) => open,
            None => self.connect(&encode, patience).await?,
        };
        open.next = open.next.wrapping_add(1);
        request.hop_by_hop = open.next;
        request.end_to_end = open.next;
        let written = open.stream.write(&encode(&request)).await;
        written.map_err(|_| Unanswered::Broken)?;
        loop {
            match open.stream.read().await {
                Framed::Packet(_, answer)
                    if !answer.is_request() && answer.hop_by_hop == request.hop_by_hop =>
                {
                    *place = Some(open);
                    return Ok(answer);
                }
                Framed::Packet(_, other) if other.is_request() => {
                    let local = open.stream.local();
                    if let Some(said) = self.identity.base_answer(&other, local) {
                        let written = open.stream.write(&said.to_bytes()).await;
                        written.map_err(|_| Unanswered::Broken)?;
                    }
                }
                Framed::Packet(..) => {}
                Framed::Unreadable { .. } | Framed::End => return Err(Unanswered::Broken),
            }
        }
    }

    async fn connect(
        &self,
        encode: impl Fn(&Packet) -> Vec<u8>,
        patience: Duration,
    ) -> Result<Open, Unanswered> {
        let tcp = reached(&self.address, patience).await;
        let stream = DiameterStream::new(tcp.map_err(|_| Unanswered::Broken)?);
        let mut stream = stream.map_err(|_| Unanswered::Broken)?;
        let request = self.identity.capabilities_request(stream.local());
        let written = stream.write(&encode(&request)).await;
        written.map_err(|_| Unanswered::Broken)?;
        match stream.read().await {
            Framed::Packet(_, answer) if answer.result() == Some(super::SUCCESS) => {
                Ok(Open { stream, next: 1 })
            }
            _ => Err(Unanswered::Broken),
        }
    }
}
