//! Hosts a server role on a TCP port, and on a second one inside TLS: the embedded peers and
//! `gbaspec serve`.

mod http2;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gbaspec_roles::faults::{Tamper, tampered_bytes, tampered_packet};
use gbaspec_roles::{After, ConnectionId, Input, Moment, Output, Role, Unanswered, Upstream};
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::DriveError;
use crate::diameter::{self, DiameterIdentity};
use crate::http2::is_http2;
use crate::link::is_interim;
use crate::listen::{accept_each, listen};
use crate::psk::acceptor_of;
use crate::stream::{Incoming, Stream, Way};
use crate::tls::{self, Acceptor, Authority, Holder, PskAcceptor, TlsTrouble};

/// A connection that stays silent for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// So long a client may take for a TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// So much a role may ask others before it answers one request; one that wants more loops.
const MOST_FORWARDED: usize = 16;

/// Where the servers are that a role asks before it answers, and how long it waits for them.
#[derive(Clone, Debug)]
pub struct Upstreams {
    /// `host:port` of each that is asked over HTTP.
    pub addresses: BTreeMap<Upstream, String>,
    /// The same of each that is asked over Diameter, and who asks.
    pub diameter: BTreeMap<Upstream, (DiameterIdentity, String)>,
    /// `host:port` of each where it speaks HTTP/2 in the clear.
    pub sbi: BTreeMap<Upstream, String>,
    /// From the connection to the end of the answer.
    pub patience: Duration,
}

impl Default for Upstreams {
    fn default() -> Self {
        Self {
            addresses: BTreeMap::new(),
            diameter: BTreeMap::new(),
            sbi: BTreeMap::new(),
            patience: Duration::from_secs(5),
        }
    }
}

/// A role on a port, or on two; it goes when this is dropped.
pub struct Host {
    /// Where it listens for HTTP/1.1 in the clear, if it does.
    pub address: Option<SocketAddr>,
    /// Where it listens inside TLS, if it does.
    pub tls_address: Option<SocketAddr>,
    /// Where it shares keys in handshakes, if it does.
    pub psk_address: Option<SocketAddr>,
    /// Where it speaks Diameter, if it does.
    pub diameter_address: Option<SocketAddr>,
    /// Where it speaks Diameter inside TLS, if it does.
    pub diameter_tls_address: Option<SocketAddr>,
    /// Where it speaks HTTP/2 in the clear, if it does.
    pub http2_address: Option<SocketAddr>,
    role: SharedRole,
    tamper: Tamper,
    next: Arc<AtomicU64>,
    upstreams: Arc<Asked>,
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

impl TlsPort<'_> {
    /// What shows its certificate at this address.
    fn acceptor(&self, address: SocketAddr) -> Result<Acceptor, TlsTrouble> {
        let holder = Holder::new(self.name, address.ip());
        self.authority.acceptor(&holder)
    }
}

impl Host {
    /// Puts a role on an address, and on a second one where it speaks TLS.
    pub async fn start(
        role: Box<dyn Role>,
        tamper: Tamper,
        address: &str,
        tls: Option<TlsPort<'_>>,
    ) -> Result<Self, DriveError> {
        Self::start_before(role, tamper, address, tls, Upstreams::default()).await
    }

    /// The same for a role that asks other servers before it answers.
    pub async fn start_before(
        role: Box<dyn Role>,
        tamper: Tamper,
        address: &str,
        tls: Option<TlsPort<'_>>,
        upstreams: Upstreams,
    ) -> Result<Self, DriveError> {
        let mut host = Self::new(role, tamper, upstreams);
        host.serve_http(address).await?;
        if let Some(port) = tls {
            host.serve_https(&port).await?;
        }
        Ok(host)
    }

    /// A role that nobody can reach yet.
    pub fn new(role: Box<dyn Role>, tamper: Tamper, upstreams: Upstreams) -> Self {
        Self {
            address: None,
            tls_address: None,
            psk_address: None,
            diameter_address: None,
            diameter_tls_address: None,
            http2_address: None,
            role: Arc::new(Mutex::new(role)),
            tamper,
            next: Arc::new(AtomicU64::new(1)),
            upstreams: Arc::new(Asked::new(upstreams)),
            tasks: JoinSet::new(),
        }
    }

    async fn serve_http(&mut self, address: &str) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.address = Some(address);
        self.open(listener, Security::None);
        Ok(())
    }

    async fn serve_https(&mut self, port: &TlsPort<'_>) -> Result<(), DriveError> {
        let (listener, address) = listen(port.address).await?;
        let acceptor = port.acceptor(address)?;
        self.tls_address = Some(address);
        self.open(listener, Security::Certificate(acceptor));
        Ok(())
    }

    /// Lets the role share keys in handshakes at one more address (TS 24.109 5.3.3).
    pub async fn share_keys(&mut self, address: &str) -> Result<(), DriveError> {
        if !tls::IS_BUILT_IN {
            return Err(TlsTrouble("this build has no TLS (feature `tls`)".to_owned()).into());
        }
        let (listener, address) = listen(address).await?;
        self.psk_address = Some(address);
        let acceptor = acceptor_of(&self.role);
        self.open(listener, Security::SharedKey(acceptor));
        Ok(())
    }

    /// Lets the role serve others of the network at one more address, over Diameter.
    pub async fn serve_diameter(
        &mut self,
        address: &str,
        identity: DiameterIdentity,
    ) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.diameter_address = Some(address);
        self.open_for_diameter(listener, Security::None, identity);
        Ok(())
    }

    /// The same inside TLS (RFC 6733 clause 2.2).
    pub async fn serve_diameter_inside_tls(
        &mut self,
        port: &TlsPort<'_>,
        identity: DiameterIdentity,
    ) -> Result<(), DriveError> {
        let (listener, address) = listen(port.address).await?;
        let acceptor = port.acceptor(address)?;
        self.diameter_tls_address = Some(address);
        self.open_for_diameter(listener, Security::Certificate(acceptor), identity);
        Ok(())
    }

    fn open_for_diameter(
        &mut self,
        listener: TcpListener,
        security: Security,
        identity: DiameterIdentity,
    ) {
        let door = self.door(security);
        self.tasks.spawn(accept_each(listener, move |tcp| {
            door.clone().serve_diameter(tcp, identity.clone())
        }));
    }

    fn open(&mut self, listener: TcpListener, security: Security) {
        let door = self.door(security);
        self.tasks.spawn(door.accept(listener));
    }

    fn door(&self, security: Security) -> Door {
        Door {
            role: Arc::clone(&self.role),
            tamper: self.tamper,
            security,
            next: Arc::clone(&self.next),
            upstreams: Arc::clone(&self.upstreams),
        }
    }

    /// Runs until the host ends, which it does not do by itself.
    pub async fn wait(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

type SharedRole = Arc<Mutex<Box<dyn Role>>>;

/// What a port protects its connections with.
#[derive(Clone)]
enum Security {
    None,
    Certificate(Acceptor),
    SharedKey(PskAcceptor),
}

impl Security {
    /// Shakes hands, where that is needed; whoever does not get through has nothing to say.
    async fn enter(&self, tcp: TcpStream) -> Option<Stream> {
        let acceptor = match self {
            Self::None => None,
            Self::Certificate(acceptor) => Some(acceptor),
            Self::SharedKey(acceptor) => {
                return Stream::accept_shared(tcp, acceptor, HANDSHAKE).await.ok();
            }
        };
        let handshake = Stream::accept(tcp, acceptor);
        tokio::time::timeout(HANDSHAKE, handshake).await.ok()?.ok()
    }
}

/// One port of a role.
#[derive(Clone)]
struct Door {
    role: SharedRole,
    tamper: Tamper,
    security: Security,
    /// The number of the next connection, whichever port it comes to.
    next: Arc<AtomicU64>,
    upstreams: Arc<Asked>,
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        accept_each(listener, move |tcp| self.clone().enter(tcp)).await;
    }

    async fn enter(self, tcp: TcpStream) {
        let connection = self.next_connection();
        if let Some(stream) = self.security.enter(tcp).await {
            self.serve(stream, connection).await;
            ask(&self.role, Input::Closed { connection });
        }
    }

    /// The number of the next connection, or of the next exchange on one of Diameter.
    fn next_connection(&self) -> ConnectionId {
        ConnectionId(self.next.fetch_add(1, Ordering::Relaxed))
    }

    async fn serve_diameter(self, tcp: TcpStream, identity: DiameterIdentity) {
        let encode = |packet: &Packet| tampered_packet(packet, &self.tamper);
        let answer = |request| self.clone().answer_diameter(request);
        let acceptor = match &self.security {
            Security::Certificate(acceptor) => Some(acceptor),
            Security::None | Security::SharedKey(_) => None,
        };
        Box::pin(diameter::accept((tcp, acceptor), &identity, encode, answer)).await;
    }

    /// The octets of the answer to one request, if there is one.
    async fn answer_diameter(self, request: Packet) -> Option<Vec<u8>> {
        let connection = self.next_connection();
        let message = &request;
        let outputs = ask(
            &self.role,
            Input::Diameter {
                connection,
                message,
            },
        );
        let mut answer = None;
        let mut answering = Answering::new(outputs);
        while let Some(output) = answering.next(&self).await {
            if let Output::Answer { message, .. } = output {
                answer = Some(tampered_packet(&message, &self.tamper));
            }
        }
        ask(&self.role, Input::Closed { connection });
        answer
    }
}

/// The way back to whoever sent a request.
trait WayBack {
    /// Writes an answer; an error means that nobody reads it.
    async fn answer(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Ends the sending direction.
    async fn end(&mut self);
}

impl WayBack for Stream {
    async fn answer(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write(bytes).await
    }

    async fn end(&mut self) {
        self.shut_down().await;
    }
}

/// Whether more is said on a connection.
enum Line {
    Open,
    Done,
}

impl Door {
    async fn serve(&self, mut stream: Stream, connection: ConnectionId) {
        if let Some(agreement) = stream.agreement() {
            let tls = &agreement.session();
            ask(&self.role, Input::Secured { connection, tls });
        }
        loop {
            let Ok(incoming) = tokio::time::timeout(IDLE, stream.read()).await else {
                return;
            };
            let outputs = match &incoming {
                Incoming::Message(message) => ask(
                    &self.role,
                    Input::Message {
                        connection,
                        message,
                    },
                ),
                Incoming::Unreadable { .. } => ask(&self.role, Input::Unreadable { connection }),
                Incoming::End => return,
            };
            if matches!(self.carry_out(outputs, &mut stream).await, Line::Done) {
                return;
            }
            if matches!(incoming, Incoming::Unreadable { .. }) {
                return stream.shut_down().await;
            }
        }
    }

    /// Does what the role wants, in order.
    async fn carry_out(&self, outputs: Vec<Output>, back: &mut impl WayBack) -> Line {
        let mut answering = Answering::new(outputs);
        while let Some(output) = answering.next(self).await {
            match output {
                Output::Respond { message, after, .. } => {
                    let bytes = tampered_bytes(&message, &self.tamper);
                    if back.answer(&bytes).await.is_err() {
                        return Line::Done;
                    }
                    if after == After::Close {
                        back.end().await;
                        return Line::Done;
                    }
                }
                Output::Drop { .. } => return Line::Done,
                // A server has no requests of its own and no errand that could end.
                Output::Answer { .. }
                | Output::Ask { .. }
                | Output::Forward { .. }
                | Output::Send { .. }
                | Output::Finished(_)
                | Output::Note(_) => {}
            }
        }
        if answering.is_looping() {
            return Line::Done;
        }
        Line::Open
    }
}

/// What a role wants while it answers one request; what comes of a question to another server may make
/// it want more.
struct Answering {
    outputs: VecDeque<Output>,
    asked: usize,
}

impl Answering {
    fn new(outputs: Vec<Output>) -> Self {
        Self {
            outputs: outputs.into(),
            asked: 0,
        }
    }

    fn is_looping(&self) -> bool {
        self.asked > MOST_FORWARDED
    }

    /// The next output that is no question; questions are asked on the way to it.
    async fn next(&mut self, door: &Door) -> Option<Output> {
        loop {
            let more = match self.outputs.pop_front()? {
                Output::Forward {
                    connection,
                    to,
                    message,
                } => {
                    self.asked += 1;
                    if self.is_looping() {
                        return None;
                    }
                    let bytes = tampered_bytes(&message, &door.tamper);
                    let answer = door.upstreams.ask(to, &bytes).await;
                    let answer = answer.as_ref().map_err(|why| *why);
                    ask(&door.role, Input::Forwarded { connection, answer })
                }
                Output::Ask {
                    connection,
                    to,
                    message,
                } => {
                    self.asked += 1;
                    if self.is_looping() {
                        return None;
                    }
                    let encode = |packet: &Packet| tampered_packet(packet, &door.tamper);
                    let answer = door.upstreams.ask_diameter(to, message, encode).await;
                    let answer = answer.as_ref().map_err(|why| *why);
                    ask(&door.role, Input::Asked { connection, answer })
                }
                other => return Some(other),
            };
            self.outputs.extend(more);
        }
    }
}

/// The servers that a role asks, with the connections to them.
struct Asked {
    upstreams: Upstreams,
    diameter: BTreeMap<Upstream, diameter::Client>,
}

impl Asked {
    fn new(upstreams: Upstreams) -> Self {
        let clients = upstreams.diameter.iter();
        let clients = clients.map(|(to, (identity, address))| {
            let client = diameter::Client::new(identity.clone(), address.clone());
            (*to, client)
        });
        Self {
            diameter: clients.collect(),
            upstreams,
        }
    }

    /// Asks over Diameter; `encode` makes the octets of the request.
    async fn ask_diameter(
        &self,
        to: Upstream,
        request: Packet,
        encode: impl Fn(&Packet) -> Vec<u8>,
    ) -> Result<Packet, Unanswered> {
        let client = self.diameter.get(&to).ok_or(Unanswered::Broken)?;
        client.ask(request, encode, self.upstreams.patience).await
    }

    /// Asks on a connection of its own, so that nothing of another request can be in the answer.
    async fn ask(&self, to: Upstream, bytes: &[u8]) -> Result<Message, Unanswered> {
        if is_http2(bytes) {
            return self.ask_http2(to, bytes).await;
        }
        let Upstreams {
            addresses,
            patience,
            ..
        } = &self.upstreams;
        let address = addresses.get(&to).ok_or(Unanswered::Broken)?;
        let way = Way {
            address: address.clone(),
            connector: None,
        };
        let asking = async {
            let connected = Stream::connect(&way, *patience).await;
            let mut stream = connected.map_err(|_| Unanswered::Broken)?;
            let written = stream.write(bytes).await;
            written.map_err(|_| Unanswered::Broken)?;
            loop {
                match stream.read().await {
                    Incoming::Message(answer) if is_interim(&answer) => {}
                    Incoming::Message(answer) => return Ok(answer),
                    Incoming::Unreadable { .. } | Incoming::End => return Err(Unanswered::Broken),
                }
            }
        };
        let deadline = tokio::time::Instant::now() + *patience;
        let asked = tokio::time::timeout_at(deadline, asking).await;
        // Interim answers without end are always ready; they must not outlast the deadline.
        asked
            .ok()
            .filter(|_| tokio::time::Instant::now() <= deadline)
            .ok_or(Unanswered::TooLate)?
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
