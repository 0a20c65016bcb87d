//! Host, listeners and links with TLS, over loopback. Every wait has a bound of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use gbaspec_case::case::{Certificate, Closing, Errand, Transport as CaseTransport};
use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;
use gbaspec_case::transcript::ClientOutcome;
use gbaspec_roles::faults::Tamper;
use gbaspec_roles::{
    Action, After, BsfPolicy, ClientOutcome as RoleOutcome, Input, Moment, Output, Peer, Role,
    TlsSession, Transport, UePolicy, embedded,
};
use gbaspec_wire::http::Message;
use rstest::rstest;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::client::{Clients, Embedded, Starter, Told};
use crate::host::{Host, TlsPort};
use crate::link::{ClientLink, ServerLink, Setting, Who};
use crate::listen::{ANY_PORT, Arrival, Listeners, TlsDoor};
use crate::play::Link;
use crate::stream::{Incoming, Stream, Way};
use crate::target::{Origin, Permission, Target};
use crate::tls::{Authority, Connector, EXPORTER_LABEL, Naming};

/// Far more than anything on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// For what is meant to run into its deadline.
const SHORT: Duration = Duration::from_millis(50);

const BSF: &str = "bsf.home1.net";
const OTHER: &str = "other-bsf.home1.net";
const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: bsf.home1.net\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

fn authority() -> Authority {
    Authority::new().expect("a CA can be made")
}

fn connector(authority: &Authority) -> Connector {
    Connector::of_run(authority, BSF, Naming::Checked).expect("a connector")
}

// ---------------------------------------------------------------- the host

/// What a role was told, in a form that can be compared.
type Log = Arc<StdMutex<Vec<String>>>;

fn told(log: &Log, words: impl Into<String>) {
    let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
    log.push(words.into());
}

fn taken(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Answers everything and writes down what it was told.
struct Listening(Log);

impl Role for Listening {
    fn handle(&mut self, _: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Secured { tls, .. } => {
                told(&self.0, described(tls));
                Vec::new()
            }
            Input::Message { connection, .. } | Input::Unreadable { connection } => {
                told(&self.0, "message");
                vec![Output::Respond {
                    connection,
                    message: Message::from_bytes(ANSWER).expect("a message"),
                    after: After::KeepOpen,
                }]
            }
            _ => Vec::new(),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

fn described(tls: &TlsSession) -> String {
    format!("{:02x?} {:?}", tls.mk_extr.expose(), tls.peer_names)
}

async fn host(authority: &Authority, log: &Log) -> Host {
    let port = TlsPort {
        address: ANY_PORT,
        name: BSF,
        authority,
    };
    let role = Box::new(Listening(Arc::clone(log)));
    let host = Host::start(role, Tamper::default(), ANY_PORT, Some(port)).await;
    host.expect("free ports")
}

fn way(address: SocketAddr, connector: Option<Connector>) -> Way {
    Way {
        address: address.to_string(),
        connector,
    }
}

#[tokio::test]
async fn host_tells_its_role_of_tls_before_the_first_message() {
    let (authority, log) = (authority(), Log::default());
    let host = host(&authority, &log).await;
    let address = host.tls_address.expect("it has a second port");
    let way = way(address, Some(connector(&authority)));
    let mut stream = Stream::connect(&way, PATIENCE).await.expect("a handshake");
    let exporter = *stream.agreement().expect("TLS").exporter.expose();
    for _ in 0..2 {
        stream.write(REQUEST).await.expect("it is open");
        let incoming = timeout(PATIENCE, stream.read()).await.expect("in time");
        assert!(matches!(incoming, Incoming::Message(_)), "{incoming:?}");
    }
    let secured = format!("{exporter:02x?} []");
    assert_eq!(taken(&log), [secured.as_str(), "message", "message"]);
}

#[tokio::test]
async fn host_says_nothing_of_tls_on_its_plain_port() {
    let log = Log::default();
    let host = host(&authority(), &log).await;
    let way = way(host.address.expect("it listens"), None);
    let mut stream = Stream::connect(&way, PATIENCE).await.expect("it listens");
    stream.write(REQUEST).await.expect("it is open");
    let incoming = timeout(PATIENCE, stream.read()).await.expect("in time");
    assert!(matches!(incoming, Incoming::Message(_)), "{incoming:?}");
    assert_eq!(taken(&log), ["message"]);
}

// ---------------------------------------------------------------- towards a server

fn outgoing(route: Route) -> Outgoing {
    Outgoing {
        protocol: Protocol::Http,
        from: Element::Ue,
        to: Element::Bsf,
        route,
        bytes: REQUEST.to_vec(),
        closing: Closing::Open,
    }
}

#[tokio::test]
async fn link_tells_of_each_handshake_before_what_follows() {
    let (authority, log) = (authority(), Log::default());
    let host = host(&authority, &log).await;
    let secured = way(
        host.tls_address.expect("it has a second port"),
        Some(connector(&authority)),
    );
    let mut link = ServerLink::new(way(host.address.expect("it listens"), None), Some(secured));
    link.reset(CaseTransport::Tls);
    let mut seen = Vec::new();
    for route in [Route::Current, Route::Current, Route::New] {
        link.prepare(route, &[], PATIENCE)
            .await
            .expect("a handshake");
        let fresh = link.news();
        let sent = link.send(outgoing(route), PATIENCE).await;
        assert!(link.news().is_empty());
        let Occurrence::Sent { connection, .. } = sent else {
            panic!("{sent:?}");
        };
        seen.push((fresh.len(), connection));
        let answer = link.wait(PATIENCE).await;
        assert!(matches!(answer, Occurrence::Received { .. }), "{answer:?}");
    }
    assert_eq!(seen, [(1, 1), (0, 1), (1, 2)]);
    link.reset(CaseTransport::Tcp);
    let prepared = link.prepare(Route::Current, &[], PATIENCE).await;
    assert_eq!(prepared, Ok(()));
    link.send(outgoing(Route::Current), PATIENCE).await;
    assert!(link.news().is_empty());
}

#[tokio::test]
async fn link_connects_again_where_the_server_has_closed() {
    let authority = authority();
    let listeners = listeners(&authority, PATIENCE).await;
    let secured = way(
        listeners.tls_addresses[&Element::Bsf],
        Some(connector(&authority)),
    );
    let mut link = ServerLink::new(secured.clone(), Some(secured));
    link.reset(CaseTransport::Tls);
    let exchange = async {
        let mut listeners = listeners;
        for connection in [1, 2] {
            link.prepare(Route::Current, &[], PATIENCE)
                .await
                .expect("a handshake");
            assert_eq!(link.news().len(), 1);
            link.send(outgoing(Route::Current), PATIENCE).await;
            assert!(matches!(
                listeners.next().await,
                Some(Arrival::Secured { .. })
            ));
            assert!(matches!(
                listeners.next().await,
                Some(Arrival::Request { .. })
            ));
            let last = crate::listen::Reply::Last(ANSWER.to_vec());
            assert!(listeners.reply(connection, last).await);
            // Its end comes after the answer was written and the connection closed.
            assert!(matches!(
                listeners.next().await,
                Some(Arrival::Ended { .. })
            ));
            let answer = link.wait(PATIENCE).await;
            assert!(matches!(answer, Occurrence::Received { .. }), "{answer:?}");
        }
    };
    timeout(PATIENCE, exchange).await.expect("in time");
}

enum Server {
    /// Its certificate is signed by somebody else.
    OfOtherAuthority,
    /// Its certificate is for another name.
    OfOtherName,
    /// It speaks HTTP in the clear.
    Plain,
    /// It takes connections and says nothing.
    Silent,
}

#[rstest]
#[case::untrusted(Server::OfOtherAuthority, "certificate verify failed")]
#[case::wrong_name(Server::OfOtherName, "hostname mismatch")]
#[case::plain(Server::Plain, "what came is no TLS")]
#[case::silent(Server::Silent, "no TLS handshake within ")]
#[tokio::test]
async fn link_says_why_there_is_no_handshake(#[case] server: Server, #[case] reason: &str) {
    let authority = authority();
    let mut limit = PATIENCE;
    let trusted = connector(&authority);
    let silent = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let (host, connector) = match server {
        Server::OfOtherAuthority => (
            host(&self::authority(), &Log::default()).await,
            trusted.clone(),
        ),
        Server::OfOtherName => {
            let other = Connector::of_run(&authority, OTHER, Naming::Checked);
            let host = host(&authority, &Log::default()).await;
            (host, other.expect("a connector"))
        }
        Server::Plain | Server::Silent => {
            (host(&authority, &Log::default()).await, trusted.clone())
        }
    };
    let address = match server {
        Server::OfOtherAuthority | Server::OfOtherName => host.tls_address.expect("it has one"),
        Server::Plain => host.address.expect("it listens"),
        Server::Silent => {
            limit = SHORT;
            silent.local_addr().expect("it has an address")
        }
    };
    let way = way(address, Some(connector));
    let mut link = ServerLink::new(way.clone(), Some(way));
    link.reset(CaseTransport::Tls);
    let prepared = timeout(PATIENCE, link.prepare(Route::Current, &[], limit)).await;
    let Err(Occurrence::Unreachable { why }) = prepared.expect("in time") else {
        panic!("there was a handshake");
    };
    assert!(why.contains(reason), "{why}");
    assert!(link.news().is_empty());
}

#[tokio::test]
async fn link_in_the_clear_finds_no_http_at_a_tls_port() {
    let authority = authority();
    let host = host(&authority, &Log::default()).await;
    let plain = way(host.tls_address.expect("it has one"), None);
    let mut link = ServerLink::new(plain, None);
    link.reset(CaseTransport::Tcp);
    link.send(outgoing(Route::Current), PATIENCE).await;
    let answer = timeout(PATIENCE, link.wait(PATIENCE)).await;
    let answer = answer.expect("in time");
    // OpenSSL closes, with or without an alert before it.
    assert!(
        matches!(
            answer,
            Occurrence::Closed { .. } | Occurrence::Unreadable { .. }
        ),
        "{answer:?}"
    );
}

// ---------------------------------------------------------------- the harness listens

async fn listeners(authority: &Authority, patience: Duration) -> Listeners {
    let door = TlsDoor {
        element: Element::Bsf,
        address: ANY_PORT.to_owned(),
        name: BSF,
        authority,
        patience,
        label: EXPORTER_LABEL,
    };
    let listeners = Listeners::bind(&[Element::Bsf], &BTreeMap::new(), vec![door]).await;
    listeners.expect("free ports")
}

async fn next(listeners: &mut Listeners) -> Arrival {
    let arrival = timeout(PATIENCE, listeners.next()).await;
    arrival.expect("in time").expect("the listeners are there")
}

#[tokio::test]
async fn listener_tells_of_a_handshake_before_the_request() {
    let authority = authority();
    let mut listeners = listeners(&authority, PATIENCE).await;
    let way = way(
        listeners.tls_addresses[&Element::Bsf],
        Some(connector(&authority)),
    );
    let mut stream = Stream::connect(&way, PATIENCE).await.expect("a handshake");
    stream.write(REQUEST).await.expect("it is open");
    let Arrival::Secured { agreement, .. } = next(&mut listeners).await else {
        panic!("no handshake");
    };
    let ours = stream.agreement().expect("TLS");
    assert_eq!(agreement.exporter.expose(), ours.exporter.expose());
    assert_eq!(agreement.server_name.as_deref(), Some(BSF));
    let request = next(&mut listeners).await;
    assert!(matches!(request, Arrival::Request { .. }), "{request:?}");
}

#[tokio::test]
async fn listener_shows_the_certificate_of_the_case() {
    let authority = authority();
    let listeners = listeners(&authority, PATIENCE).await;
    let connector = Connector::of_run(&authority, BSF, Naming::LeftToOthers);
    let way = way(
        listeners.tls_addresses[&Element::Bsf],
        Some(connector.expect("a connector")),
    );
    for (certificate, name) in [
        (Certificate::Right, BSF),
        (Certificate::OfOtherName, OTHER),
        (Certificate::Right, BSF),
    ] {
        listeners.show(Element::Bsf, certificate, &[]);
        let stream = Stream::connect(&way, PATIENCE).await.expect("a handshake");
        assert_eq!(stream.agreement().expect("TLS").peer_names, [name]);
    }
}

#[tokio::test]
async fn listener_says_that_the_client_refused_the_certificate() {
    let mut listeners = listeners(&authority(), PATIENCE).await;
    let way = way(
        listeners.tls_addresses[&Element::Bsf],
        Some(connector(&authority())),
    );
    let connected = Stream::connect(&way, PATIENCE).await;
    assert!(connected.is_err());
    let Arrival::Unsecured { why, at, .. } = next(&mut listeners).await else {
        panic!("there was a handshake");
    };
    assert_eq!(at, Element::Bsf);
    assert!(why.contains("alert unknown ca"), "{why}");
    assert!(matches!(next(&mut listeners).await, Arrival::Ended { .. }));
}

#[rstest]
#[case::plain_http(REQUEST, PATIENCE, "plain HTTP came instead of a TLS handshake")]
#[case::silence(b"", SHORT, "no TLS handshake within 50 ms")]
#[case::half_a_record(b"\x16\x03\x01\x02\x00\x01", SHORT, "no TLS handshake within 50 ms")]
#[tokio::test]
async fn listener_says_why_there_is_no_handshake(
    #[case] bytes: &[u8],
    #[case] patience: Duration,
    #[case] reason: &str,
) {
    let mut listeners = listeners(&authority(), patience).await;
    let address = listeners.tls_addresses[&Element::Bsf];
    let mut client = TcpStream::connect(address).await.expect("it listens");
    client.write_all(bytes).await.expect("it is open");
    let Arrival::Unsecured { why, .. } = next(&mut listeners).await else {
        panic!("there was a handshake");
    };
    assert!(why.contains(reason), "{why}");
    assert!(matches!(next(&mut listeners).await, Arrival::Ended { .. }));
}

#[tokio::test]
async fn plain_listener_does_not_wait_for_the_end_of_a_handshake() {
    let authority = authority();
    let mut listeners = listeners(&authority, PATIENCE).await;
    let way = way(
        listeners.addresses[&Element::Bsf],
        Some(connector(&authority)),
    );
    let connecting = Stream::connect(&way, PATIENCE);
    let (connected, arrival) = tokio::join!(connecting, next(&mut listeners));
    assert!(connected.is_err());
    let Arrival::Unreadable { why, .. } = arrival else {
        panic!("{arrival:?}");
    };
    assert_eq!(why, "a TLS record came instead of HTTP");
}

#[tokio::test]
async fn a_handshake_of_an_earlier_play_is_not_told() {
    let authority = authority();
    let mut listeners = listeners(&authority, PATIENCE).await;
    let address = listeners.tls_addresses[&Element::Bsf];
    let way = way(address, Some(connector(&authority)));
    let early = Stream::connect(&way, PATIENCE).await.expect("a handshake");
    // It has its number once it is told.
    assert!(matches!(
        next(&mut listeners).await,
        Arrival::Secured { connection: 1, .. }
    ));
    listeners.clear();
    drop(early);
    let _late = Stream::connect(&way, PATIENCE).await.expect("a handshake");
    let arrival = next(&mut listeners).await;
    let Arrival::Secured { connection, .. } = arrival else {
        panic!("{arrival:?}");
    };
    assert_eq!(connection, 1);
}

// ---------------------------------------------------------------- a client in this process

/// Asks the BSF once; judges the name in the certificate when it has seen it.
struct Asking {
    log: Log,
    secure: Transport,
}

impl Role for Asking {
    fn handle(&mut self, _: Moment, input: Input<'_>) -> Vec<Output> {
        match input {
            Input::Start(Action::Bootstrap) => vec![Output::Send {
                to: Peer::Bsf,
                secure: self.secure,
                message: Message::from_bytes(REQUEST).expect("a message"),
            }],
            Input::Secured { tls, .. } => {
                told(&self.log, format!("{:?}", tls.peer_names));
                if tls.peer_names == [BSF] {
                    Vec::new()
                } else {
                    vec![Output::Finished(RoleOutcome::NotAuthentic)]
                }
            }
            Input::Message { .. } => vec![Output::Finished(RoleOutcome::Success)],
            _ => vec![Output::Finished(RoleOutcome::Failed)],
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

fn setting(transport: CaseTransport, certificate: Certificate) -> Setting {
    Setting {
        transport,
        certificate,
        ..Setting::default()
    }
}

/// Whose client it is does not matter here.
const NOBODY: Who<'_> = Who {
    subscriber: 0,
    impi: "",
    handed: None,
};

async fn client_link(secure: Transport, log: &Log) -> ClientLink {
    let authority = authority();
    let connector = Connector::of_run(&authority, BSF, Naming::LeftToOthers);
    let role: Box<dyn Role> = Box::new(Asking {
        log: Arc::clone(log),
        secure,
    });
    let starter = Starter::Embedded(Embedded {
        roles: Clients::from([(0, Arc::new(Mutex::new(role)))]),
        tamper: Tamper::default(),
        connectors: BTreeMap::from([(Element::Bsf, connector.expect("a connector"))]),
    });
    ClientLink::new(
        listeners(&authority, PATIENCE).await,
        starter,
        String::new(),
    )
}

#[tokio::test]
async fn client_asks_inside_tls_and_is_answered() {
    let log = Log::default();
    let mut link = client_link(Transport::Tls, &log).await;
    link.reset(setting(CaseTransport::Tls, Certificate::Right))
        .await;
    link.trigger(Errand::Bootstrap, NOBODY, "");
    let began = Instant::now();
    let request = link.wait(PATIENCE).await;
    let Occurrence::Received { connection, .. } = request else {
        panic!("{request:?}");
    };
    let news = link.news();
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].connection, connection);
    assert!(news[0].at >= began);
    let agreement = news[0].outcome.as_ref().expect("a handshake");
    assert_eq!(agreement.server_name.as_deref(), Some(BSF));
    let mut answer = outgoing(Route::Reply(connection));
    answer.bytes = ANSWER.to_vec();
    link.send(answer).await;
    let end = link.wait(PATIENCE).await;
    assert_eq!(end, Occurrence::Finished(ClientOutcome::Success));
    assert_eq!(taken(&log), [r#"["bsf.home1.net"]"#]);
}

#[tokio::test]
async fn client_sees_the_other_name_and_says_nothing() {
    let log = Log::default();
    let mut link = client_link(Transport::Tls, &log).await;
    link.reset(setting(CaseTransport::Tls, Certificate::OfOtherName))
        .await;
    link.trigger(Errand::Bootstrap, NOBODY, "");
    let end = link.wait(PATIENCE).await;
    assert_eq!(end, Occurrence::Finished(ClientOutcome::NotAuthentic));
    assert_eq!(link.news().len(), 1);
    assert_eq!(taken(&log), [r#"["other-bsf.home1.net"]"#]);
}

#[rstest]
#[case::plain_client_at_a_tls_port(Transport::Tcp, CaseTransport::Tls)]
#[case::tls_client_at_a_plain_port(Transport::Tls, CaseTransport::Tcp)]
#[tokio::test]
async fn client_and_case_disagree_and_the_play_ends(
    #[case] client: Transport,
    #[case] case: CaseTransport,
) {
    let mut link = client_link(client, &Log::default()).await;
    link.reset(setting(case, Certificate::Right)).await;
    link.trigger(Errand::Bootstrap, NOBODY, "");
    let occurrence = timeout(PATIENCE, link.wait(PATIENCE)).await;
    let occurrence = occurrence.expect("in time");
    match case {
        CaseTransport::Tls => {
            assert_eq!(occurrence, Occurrence::Finished(ClientOutcome::Failed));
            let news = link.news();
            let why = news[0].outcome.as_ref().expect_err("no handshake");
            assert!(why.why.contains("plain HTTP came"), "{why:?}");
        }
        CaseTransport::Tcp => {
            let Occurrence::Unreadable { why, .. } = occurrence else {
                panic!("{occurrence:?}");
            };
            assert_eq!(why, "a TLS record came instead of HTTP");
        }
        CaseTransport::Psk(_) => panic!("no case of this test"),
    }
}

#[tokio::test]
async fn command_is_told_a_ca_file_that_goes_with_the_run() {
    let source = Source {
        name: "ue.yaml".to_owned(),
        text: "role: ue\nhooks: { trigger: [test, -s, \"{ca}\"] }\nsubscribers: [{ \
               impi: user1@home1.net, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", \
               opc: \"cd63cb71954a9f4e48a5994e37a02baf\" }]\n"
            .to_owned(),
    };
    let target = Target {
        profile: load_profile(&source, &|_| None).expect("it is sound"),
        origin: Origin::Network,
    };
    let mut ready = target
        .make_ready(1, Permission::OwnOnly)
        .await
        .expect("it can be made ready");
    let Some(Link::Client(link)) = ready.lanes.first_mut().map(|lane| &mut lane.link) else {
        panic!("no way to the client");
    };
    link.reset(setting(CaseTransport::Tls, Certificate::Right))
        .await;
    link.trigger(Errand::Bootstrap, NOBODY, "");
    let end = link.wait(PATIENCE).await;
    assert_eq!(end, Occurrence::Finished(ClientOutcome::Success));
    let path = ready.ca_file.as_ref().expect("it was asked for").path();
    let path = path.to_owned();
    assert!(path.exists());
    drop(ready);
    assert!(!path.exists());
}

// ---------------------------------------------------------------- the roles of this project

/// The UE of 2G GBA and of `GBA_Digest` reaches its BSF inside TLS only, the one with a USIM in the
/// clear; each proves to the other that it has the keys of the session.
#[rstest]
#[case::usim(0, Transport::Tcp, ClientOutcome::Success)]
#[case::second_generation(6, Transport::Tls, ClientOutcome::Success)]
#[case::gba_digest(7, Transport::Tls, ClientOutcome::Success)]
#[case::second_generation_at_a_plain_port(6, Transport::Tcp, ClientOutcome::Failed)]
#[case::gba_digest_at_a_plain_port(7, Transport::Tcp, ClientOutcome::Failed)]
#[tokio::test]
async fn roles_bootstrap_over_the_network(
    #[case] subscriber: usize,
    #[case] port: Transport,
    #[case] outcome: ClientOutcome,
) {
    let authority = authority();
    let bsf = Box::new(embedded::bsf(BsfPolicy::default(), 1));
    let tls = TlsPort {
        address: ANY_PORT,
        name: BSF,
        authority: &authority,
    };
    let host = Host::start(bsf, Tamper::default(), ANY_PORT, Some(tls)).await;
    let host = host.expect("free ports");
    let role: Box<dyn Role> = Box::new(embedded::ue(subscriber, UePolicy::default(), 1));
    let connector = Connector::of_run(&authority, BSF, Naming::LeftToOthers);
    let client = Starter::Embedded(Embedded {
        roles: Clients::from([(0, Arc::new(Mutex::new(role)))]),
        tamper: Tamper::default(),
        connectors: BTreeMap::from([(Element::Bsf, connector.expect("a connector"))]),
    });
    let address = match port {
        Transport::Tcp => host.address.expect("it listens"),
        Transport::Tls => host.tls_address.expect("it has a second port"),
        Transport::Psk(_) => panic!("no port of this test"),
    };
    let addresses = BTreeMap::from([(Element::Bsf, address)]);
    let running = client.run(Errand::Bootstrap, 0, addresses, Told::default());
    let ended = timeout(PATIENCE, running).await.expect("in time");
    assert_eq!(ended.expect("it ran").outcome, outcome);
}
