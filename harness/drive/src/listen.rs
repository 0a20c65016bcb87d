//! The harness's own listeners, for a client under test.

mod http2;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gbaspec_case::case::Certificate;
use gbaspec_case::element::Element;
use gbaspec_case::player::Introducer;
use gbaspec_wire::http::Message;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::DriveError;
use crate::diameter::{self, DiameterIdentity};
use crate::stream::{Incoming, Stream};
use crate::tls::{Acceptor, Agreement, Authority, Holder, PskAcceptor, PskFailure, TlsTrouble};

/// A free port of the loopback interface.
pub(crate) const ANY_PORT: &str = "127.0.0.1:0";

/// So many connections are served at once at one address; more have to wait in the system's queue.
const MOST_CONNECTIONS: usize = 256;

/// What comes in at a listener.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A TLS handshake came to its end.
    Secured {
        connection: u32,
        agreement: Agreement,
    },
    /// A TLS handshake came to nothing: the client refused the certificate, for example.
    Unsecured {
        connection: u32,
        at: Element,
        why: String,
    },
    /// A handshake with a shared key came to nothing.
    Unshared {
        connection: u32,
        at: Element,
        failure: Box<PskFailure>,
    },
    /// A request.
    Request {
        connection: u32,
        at: Element,
        message: Message,
    },
    /// A request of Diameter, with an exchange of its own.
    Packet {
        connection: u32,
        at: Element,
        bytes: Vec<u8>,
    },
    /// Two peers of Diameter have told each other what they can do.
    Introduced {
        connection: u32,
        at: Element,
        first: Introducer,
        request: Vec<u8>,
        answer: Vec<u8>,
    },
    /// Something that is no request.
    Unreadable {
        connection: u32,
        at: Element,
        bytes: Vec<u8>,
        why: String,
    },
    /// The end of a connection.
    Ended { connection: u32 },
}

impl Arrival {
    fn connection(&mut self) -> &mut u32 {
        match self {
            Self::Secured { connection, .. }
            | Self::Unsecured { connection, .. }
            | Self::Unshared { connection, .. }
            | Self::Request { connection, .. }
            | Self::Packet { connection, .. }
            | Self::Introduced { connection, .. }
            | Self::Unreadable { connection, .. }
            | Self::Ended { connection } => connection,
        }
    }
}

/// What is written on a connection, or that it is to be closed.
#[derive(Debug)]
pub(crate) enum Reply {
    Bytes(Vec<u8>),
    Last(Vec<u8>),
    Close,
    /// The play is over: whoever still waits need not wait any longer.
    Over,
}

/// Listens at an address; says where that is, as the system may choose the port.
pub(crate) async fn listen(address: &str) -> Result<(TcpListener, SocketAddr), DriveError> {
    let fault = |source| DriveError::Listen {
        address: address.to_owned(),
        source,
    };
    let listener = TcpListener::bind(address).await.map_err(fault)?;
    let address = listener.local_addr().map_err(fault)?;
    Ok((listener, address))
}

/// A listener that speaks TLS, before it listens.
pub(crate) struct TlsDoor<'a> {
    /// The element that the harness plays there.
    pub(crate) element: Element,
    /// Where to listen, `host:port`.
    pub(crate) address: String,
    /// The name of the element.
    pub(crate) name: &'a str,
    /// Who signs the certificates.
    pub(crate) authority: &'a Authority,
    /// So long a client may take for the handshake.
    pub(crate) patience: Duration,
    /// The label under which the keys of the session are exported.
    pub(crate) label: &'a str,
}

/// Listeners for the elements that the harness plays; they end when this is dropped.
pub(crate) struct Listeners {
    pub(crate) addresses: BTreeMap<Element, SocketAddr>,
    /// Where they listen inside TLS, if they do.
    pub(crate) tls_addresses: BTreeMap<Element, SocketAddr>,
    /// Where the NAF shares keys in handshakes, if it does.
    pub(crate) psk_address: Option<SocketAddr>,
    /// Where they listen for Diameter, if they do.
    pub(crate) diameter_addresses: BTreeMap<Element, SocketAddr>,
    /// Where they speak HTTP/2 in the clear, if they do.
    pub(crate) http2_addresses: BTreeMap<Element, SocketAddr>,
    sharing: Sharing,
    /// Without any door nothing ever arrives, which is not the end of the listeners.
    sender: mpsc::Sender<Arrival>,
    arrivals: mpsc::Receiver<Arrival>,
    exchanges: Exchanges,
    certificates: BTreeMap<Element, Certificates>,
    tasks: JoinSet<()>,
}

/// With whom keys are shared just now, if with anybody.
type Sharing = Arc<Mutex<Option<PskAcceptor>>>;

/// The numbers of the connections of a play, from 1, whoever opens them: those that come in at the
/// listeners and those that the harness opens itself share one row, so that a number names one
/// connection of the transcript.
#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    /// The number that was given last, of all plays.
    given: Arc<AtomicU32>,
    /// Connections up to this number belong to earlier plays.
    before: Arc<AtomicU32>,
}

impl Numbers {
    /// The number of a new connection, of all plays.
    fn take(&self) -> u32 {
        self.given.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// The number of a new connection within the play.
    pub(crate) fn next(&self) -> u32 {
        self.take()
            .saturating_sub(self.before.load(Ordering::Relaxed))
    }

    /// The number within the play; none if the connection belongs to an earlier one.
    fn in_play(&self, number: u32) -> Option<u32> {
        let number = number.checked_sub(self.before.load(Ordering::Relaxed))?;
        (number > 0).then_some(number)
    }

    /// The number of all plays that this one of the play stands for.
    fn of_all(&self, number: u32) -> u32 {
        number.saturating_add(self.before.load(Ordering::Relaxed))
    }

    /// Starts a play: its connections are numbered from 1 again.
    pub(crate) fn restart(&self) {
        let given = self.given.load(Ordering::Relaxed);
        self.before.store(given, Ordering::Relaxed);
    }
}

/// The connections of all doors; where one of them carries several exchanges, each of these.
#[derive(Clone, Default)]
pub(crate) struct Exchanges {
    /// How they are numbered.
    numbers: Numbers,
    /// The open ones, each with the way to write on it.
    open: Arc<Mutex<BTreeMap<u32, WayBack>>>,
}

/// What takes what is written on an exchange, with its number.
type WayBack = mpsc::Sender<(u32, Reply)>;

impl Exchanges {
    /// The number of something that is not written on.
    pub(crate) fn take(&self) -> u32 {
        self.numbers.take()
    }

    /// A new exchange with this way to write on it.
    pub(crate) fn begin(&self, sender: mpsc::Sender<(u32, Reply)>) -> u32 {
        let number = self.take();
        locked(&self.open).insert(number, sender);
        number
    }

    /// The end of an exchange.
    pub(crate) fn end(&self, number: u32) {
        locked(&self.open).remove(&number);
    }

    /// A number of the play that is under way.
    pub(crate) fn play(&self) -> u32 {
        self.numbers.before.load(Ordering::Relaxed)
    }
}

/// The certificates of one element, and which of them is shown to the next client.
struct Certificates {
    right: Acceptor,
    of_other_name: Acceptor,
    shown: Arc<Mutex<Acceptor>>,
}

impl Certificates {
    fn new(tls: &TlsDoor<'_>, address: SocketAddr) -> Result<Self, TlsTrouble> {
        let made_out_to = |name: &str| {
            let mut holder = Holder::new(name, address.ip());
            tls.label.clone_into(&mut holder.label);
            tls.authority.acceptor(&holder)
        };
        let right = made_out_to(tls.name)?;
        Ok(Self {
            shown: Arc::new(Mutex::new(right.clone())),
            right,
            // It shares all but the first label, so that it must be compared as a whole.
            of_other_name: made_out_to(&format!("other-{}", tls.name))?,
        })
    }
}

impl Listeners {
    /// Listens for these elements: at the given addresses, or at free loopback ports.
    pub(crate) async fn bind(
        elements: &[Element],
        wanted: &BTreeMap<Element, String>,
        secured: Vec<TlsDoor<'_>>,
    ) -> Result<Self, DriveError> {
        let (sender, arrivals) = mpsc::channel(256);
        let exchanges = Exchanges::default();
        let mut addresses = BTreeMap::new();
        let mut tasks = JoinSet::new();
        let door = |element, security| Door {
            element,
            security,
            sender: sender.clone(),
            exchanges: exchanges.clone(),
        };
        for &element in elements {
            let address = wanted.get(&element).map_or(ANY_PORT, String::as_str);
            let (listener, address) = listen(address).await?;
            addresses.insert(element, address);
            tasks.spawn(door(element, None).accept(listener));
        }
        let mut tls_addresses = BTreeMap::new();
        let mut certificates = BTreeMap::new();
        for tls in secured {
            let (listener, address) = listen(&tls.address).await?;
            let made = Certificates::new(&tls, address)?;
            let security = Security::Certificate {
                shown: Arc::clone(&made.shown),
                patience: tls.patience,
            };
            tasks.spawn(door(tls.element, Some(security)).accept(listener));
            tls_addresses.insert(tls.element, address);
            certificates.insert(tls.element, made);
        }
        Ok(Self {
            addresses,
            tls_addresses,
            psk_address: None,
            diameter_addresses: BTreeMap::new(),
            http2_addresses: BTreeMap::new(),
            sharing: Sharing::default(),
            sender,
            arrivals,
            exchanges,
            certificates,
            tasks,
        })
    }

    /// Opens a door of the NAF at which keys are shared, with so much time for a handshake.
    pub(crate) async fn share_keys_at(
        &mut self,
        address: &str,
        patience: Duration,
    ) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.psk_address = Some(address);
        let sharing = Arc::clone(&self.sharing);
        let door = Door {
            element: Element::Naf,
            security: Some(Security::SharedKey { sharing, patience }),
            sender: self.sender.clone(),
            exchanges: self.exchanges.clone(),
        };
        self.tasks.spawn(door.accept(listener));
        Ok(())
    }

    /// Opens a door for Diameter.
    pub(crate) async fn speak_diameter_at(
        &mut self,
        element: Element,
        identity: DiameterIdentity,
        address: &str,
    ) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        let (exchanges, sender) = (self.exchanges.clone(), self.sender.clone());
        self.tasks.spawn(accept_each(listener, move |tcp| {
            let (identity, exchanges) = (identity.clone(), exchanges.clone());
            diameter::serve_door(tcp, element, identity, exchanges, sender.clone())
        }));
        self.diameter_addresses.insert(element, address);
        Ok(())
    }

    /// Which keys the next clients may share.
    pub(crate) fn share(&self, acceptor: Option<PskAcceptor>) {
        *locked(&self.sharing) = acceptor;
    }

    /// Which certificate the next clients are shown at this element, and which suites it takes there;
    /// elsewhere all is as usual.
    pub(crate) fn show(&self, at: Element, certificate: Certificate, suites: &[String]) {
        for (element, certificates) in &self.certificates {
            let (certificate, suites) = if *element == at {
                (certificate, suites)
            } else {
                (Certificate::Right, [].as_slice())
            };
            let acceptor = match certificate {
                Certificate::Right => &certificates.right,
                Certificate::OfOtherName => &certificates.of_other_name,
            };
            *locked(&certificates.shown) = acceptor.with_suites(suites);
        }
    }

    /// The next thing that comes in. Connections are numbered from 1 within a play.
    pub(crate) async fn next(&mut self) -> Option<Arrival> {
        loop {
            let mut arrival = self.arrivals.recv().await?;
            let connection = arrival.connection();
            if let Some(number) = self.exchanges.numbers.in_play(*connection) {
                *connection = number;
                return Some(arrival);
            }
        }
    }

    /// Writes a reply; whether the connection was still there.
    pub(crate) async fn reply(&self, connection: u32, reply: Reply) -> bool {
        let connection = self.exchanges.numbers.of_all(connection);
        let sender = locked(&self.exchanges.open).get(&connection).cloned();
        match sender {
            Some(sender) => sender.send((connection, reply)).await.is_ok(),
            None => false,
        }
    }

    /// Forgets what an earlier play left behind.
    pub(crate) fn clear(&mut self) {
        for (number, sender) in std::mem::take(&mut *locked(&self.exchanges.open)) {
            // An exchange with so much to write has an end of its own.
            drop(sender.try_send((number, Reply::Over)));
        }
        while self.arrivals.try_recv().is_ok() {}
        self.exchanges.numbers.restart();
    }

    /// How connections are numbered, for those that the harness opens in the same play.
    pub(crate) fn numbers(&self) -> Numbers {
        self.exchanges.numbers.clone()
    }
}

/// Serves each connection that comes, so many at once as there are places.
pub(crate) async fn accept_each<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else {
            return;
        };
        let Ok((tcp, _)) = listener.accept().await else {
            return;
        };
        let serving = serve(tcp);
        connections.spawn(async move {
            serving.await;
            drop(place);
        });
        while connections.try_join_next().is_some() {}
    }
}

/// What it guards stays sound even if a holder of the lock panicked.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[derive(Clone)]
struct Door {
    element: Element,
    security: Option<Security>,
    sender: mpsc::Sender<Arrival>,
    exchanges: Exchanges,
}

/// TLS of a door.
#[derive(Clone)]
enum Security {
    /// Its server shows a certificate.
    Certificate {
        shown: Arc<Mutex<Acceptor>>,
        patience: Duration,
    },
    /// Its ends share a key.
    SharedKey {
        sharing: Sharing,
        patience: Duration,
    },
}

impl Door {
    async fn accept(self, listener: TcpListener) {
        accept_each(listener, move |tcp| self.clone().serve(tcp)).await;
    }

    async fn serve(self, tcp: TcpStream) {
        let (sender, mut replies) = mpsc::channel(8);
        let connection = self.exchanges.begin(sender);
        if let Some(stream) = self.enter(tcp, connection, &mut replies).await {
            self.talk(stream, connection, &mut replies).await;
        }
        self.exchanges.end(connection);
        drop(self.sender.send(Arrival::Ended { connection }).await);
    }

    /// Shakes hands, if the door is one with TLS.
    async fn enter(
        &self,
        tcp: TcpStream,
        connection: u32,
        replies: &mut mpsc::Receiver<(u32, Reply)>,
    ) -> Option<Stream> {
        let (shown, patience) = match &self.security {
            None => return Stream::accept(tcp, None).await.ok(),
            Some(Security::SharedKey { sharing, patience }) => {
                let acceptor = locked(sharing).clone()?;
                return self
                    .enter_shared(tcp, connection, &acceptor, *patience)
                    .await;
            }
            Some(Security::Certificate { shown, patience }) => (shown, patience),
        };
        let acceptor = locked(shown).clone();
        let handshake = timeout(*patience, Stream::accept(tcp, Some(&acceptor)));
        let outcome = tokio::select! {
            biased;
            // There is nothing to answer yet: the play is over that the connection belongs to.
            _ = replies.recv() => return None,
            outcome = handshake => outcome,
        };
        let why = match outcome {
            Ok(Ok(stream)) => {
                let agreement = stream.agreement()?.clone();
                let arrival = Arrival::Secured {
                    connection,
                    agreement,
                };
                return self.sender.send(arrival).await.is_ok().then_some(stream);
            }
            Ok(Err(why)) => why.to_string(),
            Err(_) => format!("no TLS handshake within {} ms", patience.as_millis()),
        };
        let arrival = Arrival::Unsecured {
            connection,
            at: self.element,
            why,
        };
        drop(self.sender.send(arrival).await);
        None
    }

    /// Shakes hands with a shared key.
    async fn enter_shared(
        &self,
        tcp: TcpStream,
        connection: u32,
        acceptor: &PskAcceptor,
        patience: Duration,
    ) -> Option<Stream> {
        match Stream::accept_shared(tcp, acceptor, patience).await {
            Ok(stream) => {
                let agreement = stream.agreement()?.clone();
                let arrival = Arrival::Secured {
                    connection,
                    agreement,
                };
                self.sender.send(arrival).await.is_ok().then_some(stream)
            }
            Err(failure) => {
                let arrival = Arrival::Unshared {
                    connection,
                    at: self.element,
                    failure,
                };
                drop(self.sender.send(arrival).await);
                None
            }
        }
    }

    /// Reads requests and writes replies until one side closes.
    async fn talk(
        &self,
        mut stream: Stream,
        connection: u32,
        replies: &mut mpsc::Receiver<(u32, Reply)>,
    ) {
        loop {
            tokio::select! {
                incoming = stream.read() => {
                    let arrival = match incoming {
                        Incoming::Message(message) => {
                            Arrival::Request { connection, at: self.element, message }
                        }
                        Incoming::Unreadable { bytes, why } => {
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
                    Some((_, Reply::Bytes(bytes))) => {
                        if stream.write(&bytes).await.is_err() {
                            break;
                        }
                    }
                    Some((_, Reply::Last(bytes))) => {
                        drop(stream.write(&bytes).await);
                        stream.shut_down().await;
                        break;
                    }
                    Some((_, Reply::Close | Reply::Over)) | None => break,
                },
            }
        }
    }
}
