//! The ways to one target during one play: a line to a server that we connect to, or a client that
//! comes. A server that is a client of others as well has [`crate::server`] around its lines.

use std::io;
use std::time::{Duration, Instant};

use gbaspec_case::case::{Case, Certificate, Closing, Errand, Transport};
use gbaspec_case::element::Element;
use gbaspec_case::handshake::PskClient;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_wire::http::Message;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::client::{Ended, Errands, Starter};
use crate::hook::Handed;
use crate::listen::{Arrival, Listeners, Numbers, Reply};
use crate::news::{News, Refusal, Told, keep};
use crate::psk::connector_of;
use crate::stream::{Incoming, Stream, Way, reached};
use crate::tls::{PskAcceptor, PskFailure};

/// A request that any HTTP server answers in some way: the sign of life after a silence.
fn control_request(host: &str) -> Vec<u8> {
    format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").into_bytes()
}

/// What the harness writes to answer on a connection that came in.
pub(crate) fn reply_of(outgoing: &Outgoing) -> Reply {
    match outgoing.closing {
        Closing::Open => Reply::Bytes(outgoing.bytes.clone()),
        Closing::Close => Reply::Last(outgoing.bytes.clone()),
    }
}

/// The line on which the harness speaks to a server under test as one of its clients.
pub struct ServerLink {
    /// What the profile gives as the address of the target.
    usual: Way,
    /// For cases inside TLS.
    secured: Option<Way>,
    /// What the case of this play asks for.
    transport: Transport,
    /// The only suites that it offers inside TLS; what is usual if empty.
    suites: Vec<String>,
    /// Where the target shares keys in handshakes.
    psk_address: Option<String>,
    /// What the handshake before the next message begins with, if keys are shared.
    sharing: Option<PskClient>,
    /// A handshake that has begun and that nobody has waited for yet.
    shaking: Option<Shaking>,
    current: Option<Open>,
    /// Whether the current connection was made for the message that comes next.
    is_prepared: bool,
    news: Vec<News>,
    numbers: Numbers,
    /// Whether something was sent that has no answer yet.
    is_asking: bool,
}

/// A handshake with a shared key before its first message.
struct Shaking {
    id: u32,
    tcp: TcpStream,
    client: PskClient,
}

struct Open {
    id: u32,
    /// The element that the harness spoke as when it wrote last.
    speaker: Element,
    stream: Stream,
    /// What was sent last, to be repeated once if a kept connection turns out to be closed.
    last: Vec<u8>,
    answered: bool,
}

impl ServerLink {
    /// A link without an open connection.
    pub(crate) fn new(usual: Way, secured: Option<Way>) -> Self {
        Self {
            usual,
            secured,
            transport: Transport::Tcp,
            suites: Vec::new(),
            psk_address: None,
            sharing: None,
            shaking: None,
            current: None,
            is_prepared: false,
            news: Vec::new(),
            numbers: Numbers::default(),
            is_asking: false,
        }
    }

    /// The way outside of what a case asks for.
    pub(crate) fn usual(&self) -> &Way {
        &self.usual
    }

    /// The same for a target that shares keys in handshakes at this address.
    pub(crate) fn sharing_at(mut self, address: Option<String>) -> Self {
        self.psk_address = address;
        self
    }

    /// The same line with connections that are numbered together with others of the play.
    pub(crate) fn numbered(mut self, numbers: Numbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// Whether something was sent that has no answer yet.
    pub(crate) fn is_asking(&self) -> bool {
        self.is_asking
    }

    /// Starts a play: connections are numbered from 1 again.
    pub(crate) fn reset(&mut self, transport: Transport) {
        self.transport = transport;
        self.suites.clear();
        self.sharing = None;
        self.shaking = None;
        self.current = None;
        self.is_prepared = false;
        self.is_asking = false;
        self.news.clear();
        self.numbers.restart();
    }

    /// What happened before the occurrence that was returned last.
    pub(crate) fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    fn way(&self) -> Result<Way, String> {
        let secured = self.secured.as_ref();
        let way = match self.transport {
            Transport::Tcp => &self.usual,
            Transport::Tls => secured.ok_or_else(|| "there is no address inside TLS".to_owned())?,
            Transport::Psk(_) => return Err("keys are shared at another address".to_owned()),
        };
        let connector = way.connector.as_ref();
        Ok(Way {
            address: way.address.clone(),
            connector: connector.map(|connector| connector.with_suites(&self.suites)),
        })
    }

    /// What the handshake before the next message begins with.
    pub(crate) fn share(&mut self, client: PskClient) {
        self.sharing = Some(client);
    }

    /// Connects for a handshake with a shared key; its end is waited for.
    pub(crate) async fn connect(&mut self, client: PskClient, limit: Duration) -> Occurrence {
        self.current = None;
        let id = self.numbers.next();
        match self.reach(limit).await {
            Ok(tcp) => {
                let hello = client.hello();
                self.is_asking = true;
                self.shaking = Some(Shaking { id, tcp, client });
                Occurrence::Hello {
                    connection: id,
                    at: Element::Ue,
                    hello,
                }
            }
            Err(why) => Occurrence::Unreachable { why },
        }
    }

    async fn reach(&self, limit: Duration) -> Result<TcpStream, String> {
        let address = self.psk_address.as_deref();
        let address = address.ok_or("there is no address at which keys are shared")?;
        reached(address, limit).await
    }

    /// Waits for the end of the handshake that has begun.
    async fn shake(&mut self, shaking: Shaking, limit: Duration) -> Occurrence {
        let Shaking { id, tcp, client } = shaking;
        self.is_asking = false;
        let shared = Stream::over_shared(tcp, &connector_of(&client), limit).await;
        let outcome = match shared {
            Ok(stream) => {
                let agreement = stream.agreement().cloned();
                self.current = Some(Open::new(id, stream));
                agreement.ok_or_else(|| Refusal::ours("no TLS".to_owned(), None))
            }
            Err(failure) => {
                let PskFailure { attempt, why, .. } = *failure;
                Err(Refusal::ours(why.to_string(), Some(attempt)))
            }
        };
        let news = News {
            at: Instant::now(),
            connection: id,
            outcome,
            hello: None,
        };
        let mut occurrences = news.occurrences();
        occurrences
            .next()
            .unwrap_or(Occurrence::Closed { connection: id })
    }

    /// Opens connection `id` with the shared key of the next message.
    async fn open_shared(&mut self, id: u32, limit: Duration) -> Result<Open, String> {
        let client = self.sharing.clone();
        let client = client.ok_or("the case has no key to share")?;
        let tcp = self.reach(limit).await?;
        let stream = Stream::over_shared(tcp, &connector_of(&client), limit).await;
        let stream = stream.map_err(|failure| {
            let end = failure.attempt.end;
            format!(
                "the handshake with the shared key failed ({}): {}",
                end.as_str(),
                failure.why
            )
        })?;
        if let Some(agreement) = stream.agreement() {
            self.news.push(News {
                at: Instant::now(),
                connection: id,
                outcome: Ok(agreement.clone()),
                hello: Some((Element::Ue, client.hello())),
            });
        }
        Ok(Open::new(id, stream))
    }

    /// Makes sure of a connection for the next message before that is composed: inside TLS its
    /// digest may depend on the keys of the session (TS 33.220 Annex M).
    pub(crate) async fn prepare(
        &mut self,
        route: Route,
        suites: &[String],
        limit: Duration,
    ) -> Result<(), Occurrence> {
        self.suites = suites.to_vec();
        let is_plain = self.way().is_ok_and(|way| way.connector.is_none());
        if is_plain {
            return Ok(());
        }
        if let Some(open) = &mut self.current
            && (route == Route::New || open.stream.has_ended().await)
        {
            self.current = None;
        }
        if self.current.is_none() {
            let connection = self.numbers.next();
            let open = self.open(connection, limit).await;
            self.current = Some(open.map_err(|why| Occurrence::Unreachable { why })?);
        }
        self.is_prepared = true;
        Ok(())
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        let is_prepared = std::mem::take(&mut self.is_prepared);
        if outgoing.route == Route::New && !is_prepared {
            self.current = None;
        }
        self.is_asking = true;
        if let Some(open) = &mut self.current {
            if open.write(outgoing.from, &outgoing.bytes).await.is_ok() {
                return Occurrence::Sent {
                    connection: open.id,
                    outgoing,
                };
            }
            self.current = None;
        }
        let connection = self.numbers.next();
        match self
            .open_and_write(outgoing.from, &outgoing.bytes, connection, limit)
            .await
        {
            Ok(()) => Occurrence::Sent {
                connection,
                outgoing,
            },
            Err(why) => Occurrence::Unreachable { why },
        }
    }

    /// Opens connection `id`.
    async fn open(&mut self, id: u32, limit: Duration) -> Result<Open, String> {
        if self.transport.psk_version().is_some() {
            return self.open_shared(id, limit).await;
        }
        let stream = Stream::connect(&self.way()?, limit).await?;
        if let Some(agreement) = stream.agreement() {
            self.news.push(News {
                at: Instant::now(),
                connection: id,
                outcome: Ok(agreement.clone()),
                hello: None,
            });
        }
        Ok(Open::new(id, stream))
    }

    async fn open_and_write(
        &mut self,
        speaker: Element,
        bytes: &[u8],
        id: u32,
        limit: Duration,
    ) -> Result<(), String> {
        let mut open = self.open(id, limit).await?;
        // A server need not read a request to its end to answer it, or to hang up on it; what it
        // did shows when its answer is awaited.
        drop(open.write(speaker, bytes).await);
        self.current = Some(open);
        Ok(())
    }

    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        if let Some(shaking) = self.shaking.take() {
            return self.shake(shaking, limit).await;
        }
        let deadline = Instant::now() + limit;
        loop {
            let Some(open) = &mut self.current else {
                return Occurrence::Closed { connection: 0 };
            };
            let (id, at) = (open.id, open.speaker);
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
                    self.is_asking = false;
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
                        why,
                    };
                }
                // A kept connection may be closed at any time (RFC 9112 9.5): once more, on a new
                // one, which stands for the old one in the transcript.
                Incoming::End if open.answered => {
                    let bytes = std::mem::take(&mut open.last);
                    self.current = None;
                    if self.open_and_write(at, &bytes, id, limit).await.is_err() {
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
            let (mut stream, host) = if let Some(client) = &self.sharing {
                let tcp = self.reach(limit).await.ok()?;
                let connector = connector_of(client);
                let stream = Stream::over_shared(tcp, &connector, limit).await;
                (stream.ok()?, self.psk_address.clone()?)
            } else {
                let way = self.way().ok()?;
                (Stream::connect(&way, limit).await.ok()?, way.address)
            };
            stream.write(&control_request(&host)).await.ok()?;
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

impl Open {
    fn new(id: u32, stream: Stream) -> Self {
        Self {
            id,
            speaker: Element::Ue,
            stream,
            last: Vec::new(),
            answered: false,
        }
    }

    async fn write(&mut self, speaker: Element, bytes: &[u8]) -> io::Result<()> {
        self.stream.write(bytes).await?;
        self.speaker = speaker;
        self.last = bytes.to_vec();
        Ok(())
    }
}

/// Whether another response to the same request follows (RFC 9110 15.2); 101 is not among these, as
/// nobody asked for another protocol.
pub(crate) fn is_interim(message: &Message) -> bool {
    message
        .status()
        .is_ok_and(|status| (100..200).contains(&status) && status != 101)
}

/// Whether the sender closes the connection after this response (RFC 9112 9.3).
pub(crate) fn closes_connection(message: &Message) -> bool {
    let has_option = |name: &str| {
        message.fields_named("Connection").any(|field| {
            let text = field.text();
            text.split(|&b| b == b',')
                .any(|option| option.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
        })
    };
    has_option("close") || message.start_line.starts_with(b"HTTP/1.0") && !has_option("keep-alive")
}

/// What the case of a play asks for towards a client.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// Whether the harness speaks TLS.
    pub(crate) transport: Transport,
    /// The element that the case is about; what follows is for its listener.
    pub(crate) about: Element,
    /// The certificate that it shows.
    pub(crate) certificate: Certificate,
    /// The only suites that it takes; what is usual if empty.
    pub(crate) suites: Vec<String>,
    /// Which kind of subscriber it is.
    pub(crate) kind: SubscriberKind,
}

impl Setting {
    /// What this case asks for.
    pub(crate) fn of(case: &Case) -> Self {
        Self {
            transport: case.transport,
            about: case.about(),
            certificate: case.certificate,
            suites: case.suites.clone(),
            kind: case.subscriber_kind,
        }
    }

    /// Whether bootstrapping goes inside TLS: where the case is about it, and where the subscriber
    /// has no other way (TS 24.109 H.2, I.2).
    fn is_ub_inside(&self, errand: Errand) -> bool {
        errand == Errand::Bootstrap
            || matches!(self.kind, SubscriberKind::Sim | SubscriberKind::Digest)
    }
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            transport: Transport::default(),
            about: Element::Bsf,
            certificate: Certificate::default(),
            suites: Vec::new(),
            kind: SubscriberKind::default(),
        }
    }
}

/// Whose client is started.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    /// The subscriber (index).
    pub(crate) subscriber: usize,
    /// Its private identity.
    pub(crate) impi: &'a str,
    /// The session that it is handed if it does not bootstrap.
    pub(crate) handed: Option<&'a Handed>,
}

/// Towards a client under test.
pub struct ClientLink {
    pub(crate) listeners: Listeners,
    starter: Starter,
    /// The file with the certificate of the run's authority; empty if there is none.
    ca: String,
    /// What the case of this play asks for.
    setting: Setting,
    running: Option<JoinHandle<Result<Ended, String>>>,
    seen_connections: usize,
    ended: Option<Ended>,
    news: Vec<News>,
}

/// After a client of another process has ended, so long is waited for what is still on its way.
const AFTERMATH: Duration = Duration::from_millis(100);

/// So long the user's command may take to end when its play is over.
const FAREWELL: Duration = Duration::from_millis(500);

impl ClientLink {
    pub(crate) fn new(listeners: Listeners, starter: Starter, ca: String) -> Self {
        Self {
            listeners,
            starter,
            ca,
            setting: Setting::default(),
            running: None,
            seen_connections: 0,
            ended: None,
            news: Vec::new(),
        }
    }

    /// Starts a play: ends what an earlier one left.
    pub(crate) async fn reset(&mut self, setting: Setting) {
        if matches!(self.starter, Starter::Command(_)) {
            self.dismiss().await;
        }
        self.stop();
        self.listeners.clear();
        let Setting {
            about,
            certificate,
            suites,
            ..
        } = &setting;
        self.listeners.show(*about, *certificate, suites);
        self.setting = setting;
        self.seen_connections = 0;
        self.ended = None;
        self.news.clear();
    }

    /// What happened before the occurrence that was returned last.
    pub(crate) fn news(&mut self) -> Vec<News> {
        std::mem::take(&mut self.news)
    }

    /// Which keys the next clients share with the harness as a NAF, if the play is about that.
    pub(crate) fn share(&self, acceptor: Option<PskAcceptor>) {
        self.listeners.share(acceptor);
    }

    /// Lets the user's command end by itself, with all its connections closed. What it has started
    /// would outlive it if it were ended, and come into the next play.
    async fn dismiss(&mut self) {
        let until = tokio::time::Instant::now() + FAREWELL;
        while self.running.is_some() {
            self.listeners.clear();
            tokio::select! {
                biased;
                ended = finished(&mut self.running) => {
                    drop(ended);
                    self.running = None;
                }
                arrival = self.listeners.next() => if arrival.is_none() { return },
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }

    fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.abort();
        }
    }

    pub(crate) fn trigger(&mut self, errand: Errand, who: Who<'_>, case: &str) -> Occurrence {
        self.stop();
        self.ended = None;
        let mut addresses = self.listeners.addresses.clone();
        if self.setting.transport == Transport::Tls {
            let secured = self.listeners.tls_addresses.iter();
            let is_meant = |element| element != Element::Bsf || self.setting.is_ub_inside(errand);
            addresses.extend(secured.filter(|(element, _)| is_meant(**element)));
        }
        if self.setting.transport.psk_version().is_some() {
            let address = self.listeners.psk_address;
            addresses.extend(address.map(|address| (Element::Naf, address)));
        }
        let told = self.starter.told(&Errands {
            errand,
            addresses: &addresses,
            impi: who.impi,
            case,
            ca: &self.ca,
            transport: self.setting.transport,
            handed: who.handed,
        });
        self.running = Some(tokio::spawn(self.starter.clone().run(
            errand,
            who.subscriber,
            addresses,
            told,
        )));
        Occurrence::Triggered(errand)
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing) -> Occurrence {
        let connection = match outgoing.route {
            Route::Reply(connection) => connection,
            Route::Current | Route::New => 0,
        };
        let reply = reply_of(&outgoing);
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
                arrival = self.listeners.next() => match arrival.map(Arrival::told) {
                    Some(Told::Occurrence(occurrence)) => return occurrence,
                    Some(Told::News(news)) => keep(&mut self.news, news),
                    Some(Told::Ended) => self.seen_connections += 1,
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

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
