//! Links and listeners with shared keys over loopback. The keys are those of the first subscriber of
//! the reference peers (TS 33.220 Annex H.3).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use gbaspec_case::case::{Closing, Transport};
use gbaspec_case::element::Element;
use gbaspec_case::handshake::{HandshakeEnd, PskClient, PskVersion};
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::Psk;
use gbaspec_roles::faults::Tamper;
use gbaspec_roles::psk::PskAnswer;
use gbaspec_roles::{Role, UaPolicy, UePolicy, embedded};
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{connector_of, connector_of_role};
use crate::host::Host;
use crate::link::ServerLink;
use crate::listen::{ANY_PORT, Arrival, Listeners};
use crate::news::News;
use crate::stream::Way;
use crate::tls::PskAcceptor;

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long is waited for what never comes.
const SHORT: Duration = Duration::from_millis(200);

const GCM: CipherSuite = CipherSuite(0x00a8);
const IDENTITY: &str = "3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const KEY_00A8: u128 = 0x2646_5417_b78d_c96a_987c_8f05_237c_1b53;
const KEY_00A8_REST: u128 = 0x354e_e569_ba2b_8e15_bbb1_4f4a_ee2b_a57c;
const KEY_1_3: u128 = 0x931b_99df_c888_330d_0539_5b42_b662_52f6;
const KEY_1_3_REST: u128 = 0x4695_0215_d5cc_8fcb_89cf_c063_46cd_57c6;

fn psk(halves: [u128; 2]) -> Psk {
    Psk::new(halves.map(u128::to_be_bytes).concat())
}

fn client(version: PskVersion) -> PskClient {
    let key = match version {
        PskVersion::Tls12 => [KEY_00A8, KEY_00A8_REST],
        PskVersion::Tls13 => [KEY_1_3, KEY_1_3_REST],
    };
    PskClient {
        version,
        identity: IDENTITY.as_bytes().to_vec(),
        server_name: Some("naf1.home1.net".to_owned()),
        keys: vec![(GCM, psk(key))],
    }
}

/// The reference NAF, and the line to it.
async fn naf() -> (Host, ServerLink) {
    let role: Box<dyn Role> = Box::new(embedded::naf(UaPolicy::default(), 1));
    let host = Host::start(role, Tamper::default(), ANY_PORT, None).await;
    let mut host = host.expect("a free port");
    host.share_keys(ANY_PORT).await.expect("a free port");
    let link = link_to(host.psk_address.expect("it shares keys"));
    (host, link)
}

fn link_to(address: SocketAddr) -> ServerLink {
    let nowhere = Way {
        address: "127.0.0.1:1".to_owned(),
        connector: None,
    };
    let mut link = ServerLink::new(nowhere, None).sharing_at(Some(address.to_string()));
    link.reset(Transport::Psk(PskVersion::Tls12));
    link
}

fn get() -> Outgoing {
    Outgoing {
        protocol: Protocol::Http,
        from: Element::Ue,
        to: Element::Naf,
        route: Route::Current,
        bytes: b"GET / HTTP/1.1\r\nHost: naf1.home1.net\r\n\r\n".to_vec(),
        closing: Closing::Open,
    }
}

async fn is_served(link: &mut ServerLink) -> bool {
    let sent = link.send(get(), PATIENCE).await;
    assert!(
        matches!(sent, Occurrence::Sent { connection: 1, .. }),
        "{sent:?}"
    );
    match link.wait(PATIENCE).await {
        Occurrence::Received { bytes, .. } => bytes.starts_with(b"HTTP/1.1 200 "),
        other => panic!("{other:?}"),
    }
}

#[rstest]
#[case(PskVersion::Tls12, Some("3GPP-bootstrapping"))]
#[case(PskVersion::Tls13, None)]
#[tokio::test]
async fn a_handshake_is_told_before_its_end_and_carries_what_follows(
    #[case] version: PskVersion,
    #[case] hint: Option<&str>,
) {
    let (_host, mut link) = naf().await;
    let began = link.connect(client(version), PATIENCE).await;
    let Occurrence::Hello { hello, .. } = began else {
        panic!("{began:?}");
    };
    assert_eq!(hello.suites, [GCM.0]);
    assert!(link.is_asking());
    let ended = link.wait(PATIENCE).await;
    let Occurrence::Secured {
        psk_identity,
        psk_hint,
        ..
    } = ended
    else {
        panic!("{ended:?}");
    };
    assert_eq!(psk_identity.as_deref(), Some(IDENTITY.as_bytes()));
    assert_eq!(psk_hint.as_deref(), hint.map(str::as_bytes));
    assert!(is_served(&mut link).await);
}

#[tokio::test]
async fn a_message_makes_the_handshake_that_it_needs() {
    let (_host, mut link) = naf().await;
    link.share(client(PskVersion::Tls12));
    let prepared = link.prepare(Route::Current, &[], PATIENCE).await;
    assert_eq!(prepared, Ok(()));
    let told: Vec<_> = link
        .news()
        .into_iter()
        .flat_map(News::occurrences)
        .collect();
    assert!(matches!(
        told[0],
        Occurrence::Hello {
            at: Element::Ue,
            ..
        }
    ));
    assert!(matches!(told[1], Occurrence::Secured { .. }));
    assert!(is_served(&mut link).await);
    let alive = link.control(PATIENCE).await;
    assert_eq!(alive, Occurrence::Control { answered: true });
}

/// How a handshake of the line with this server ends.
async fn end_with(link: &mut ServerLink, client: PskClient, limit: Duration) -> HandshakeEnd {
    let began = link.connect(client, PATIENCE).await;
    assert!(matches!(began, Occurrence::Hello { .. }), "{began:?}");
    match timeout(PATIENCE, link.wait(limit)).await.expect("in time") {
        Occurrence::Unshared {
            attempt,
            at: Element::Ue,
            ..
        } => attempt.end,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let (_host, mut link) = naf().await;
    let wrong = PskClient {
        keys: vec![(GCM, psk([0, 1]))],
        ..client(PskVersion::Tls12)
    };
    let end = end_with(&mut link, wrong, PATIENCE).await;
    assert_eq!(end, HandshakeEnd::Refused(20));
    let unknown = PskClient {
        identity: b"3GPP-bootstrapping;AAAA@bsf.home1.net".to_vec(),
        ..client(PskVersion::Tls12)
    };
    let end = end_with(&mut link, unknown, PATIENCE).await;
    assert_eq!(end, HandshakeEnd::Refused(115));
}

#[rstest]
#[case::silence(b"".as_slice(), false, HandshakeEnd::Silent)]
#[case::half_a_record(&[22, 3, 3, 0, 80, 2, 0], false, HandshakeEnd::Silent)]
#[case::end(b"", true, HandshakeEnd::Closed)]
#[case::http(b"HTTP/1.1 400 Bad Request\r\n\r\n", false, HandshakeEnd::Broken)]
#[tokio::test]
async fn a_server_that_stops_half_way_ends_the_wait(
    #[case] bytes: &'static [u8],
    #[case] closes: bool,
    #[case] expected: HandshakeEnd,
) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let mut link = link_to(listener.local_addr().expect("it has an address"));
    let serving = tokio::spawn(async move {
        let (mut tcp, _) = listener.accept().await.expect("it comes");
        let mut hello = [0; 16];
        tcp.read_exact(&mut hello).await.expect("a hello");
        tcp.write_all(bytes).await.expect("it is open");
        if closes {
            return;
        }
        std::future::pending::<()>().await;
    });
    let end = end_with(&mut link, client(PskVersion::Tls12), SHORT).await;
    assert_eq!(end, expected);
    serving.abort();
}

#[tokio::test]
async fn nobody_at_the_address_is_no_end_of_a_handshake() {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let mut link = link_to(listener.local_addr().expect("it has an address"));
    drop(listener);
    let began = link.connect(client(PskVersion::Tls12), PATIENCE).await;
    assert!(matches!(began, Occurrence::Unreachable { .. }), "{began:?}");
}

/// Listeners at whose PSK port everybody has this key.
async fn listeners(patience: Duration) -> (Listeners, SocketAddr) {
    let bound = Listeners::bind(&[Element::Naf], &BTreeMap::new(), Vec::new()).await;
    let mut listeners = bound.expect("free ports");
    let shared = listeners.share_keys_at(ANY_PORT, patience).await;
    shared.expect("a free port");
    let address = listeners.psk_address.expect("it shares keys");
    listeners.share(Some(PskAcceptor {
        version: None,
        suites: Vec::new(),
        hint: Some("3GPP-bootstrapping".to_owned()),
        keys: std::sync::Arc::new(|_| PskAnswer::Key(psk([KEY_00A8, KEY_00A8_REST]))),
    }));
    (listeners, address)
}

async fn next(listeners: &mut Listeners) -> Arrival {
    let arrival = timeout(PATIENCE, listeners.next()).await;
    arrival.expect("in time").expect("they listen")
}

#[tokio::test]
async fn a_listener_tells_what_a_client_says_first() {
    let (mut listeners, address) = listeners(PATIENCE).await;
    let mut link = link_to(address);
    link.connect(client(PskVersion::Tls12), PATIENCE).await;
    let (ended, arrival) = tokio::join!(link.wait(PATIENCE), next(&mut listeners));
    assert!(matches!(ended, Occurrence::Secured { .. }), "{ended:?}");
    let Arrival::Secured { agreement, .. } = arrival else {
        panic!("{arrival:?}");
    };
    let hello = agreement.hello.expect("keys are shared");
    assert_eq!(hello.suites, [GCM.0]);
    assert_eq!(hello.server_name.as_deref(), Some("naf1.home1.net"));
}

#[rstest]
#[case::half_a_record(&[22, 3, 1, 0, 80, 1, 0], false, HandshakeEnd::Silent)]
#[case::half_a_record_and_gone(&[22, 3, 1, 0, 80, 1, 0], true, HandshakeEnd::Closed)]
#[case::http(b"GET / HTTP/1.1\r\n\r\n", false, HandshakeEnd::Broken)]
#[tokio::test]
async fn a_client_that_stops_half_way_is_told_within_the_patience(
    #[case] bytes: &[u8],
    #[case] closes: bool,
    #[case] expected: HandshakeEnd,
) {
    let (mut listeners, address) = listeners(SHORT).await;
    let mut tcp = TcpStream::connect(address).await.expect("it listens");
    tcp.write_all(bytes).await.expect("it is open");
    if closes {
        tcp.shutdown().await.expect("it is open");
    }
    let arrival = next(&mut listeners).await;
    let Arrival::Unshared { failure, at, .. } = arrival else {
        panic!("{arrival:?}");
    };
    assert_eq!((failure.attempt.end, at), (expected, Element::Naf));
}

#[tokio::test]
async fn a_listener_without_keys_closes_the_connection() {
    let (mut listeners, address) = listeners(PATIENCE).await;
    listeners.share(None);
    let mut tcp = TcpStream::connect(address).await.expect("it listens");
    let arrival = next(&mut listeners).await;
    assert!(matches!(arrival, Arrival::Ended { .. }), "{arrival:?}");
    let read = timeout(PATIENCE, tcp.read(&mut [0; 8])).await;
    assert_eq!(read.expect("in time").expect("an end"), 0);
}

#[test]
fn a_role_without_a_session_shares_nothing() {
    let mut ue = embedded::ue(0, UePolicy::default(), 1);
    let connector = connector_of_role(&mut ue, gbaspec_roles::TlsVersion::Tls12);
    assert!(connector.is_none());
}

#[test]
fn each_suite_has_its_own_key() {
    let other = CipherSuite(0x00ae);
    let mut client = client(PskVersion::Tls12);
    client.keys.push((other, psk([0, 1])));
    let connector = connector_of(&client);
    assert_eq!(connector.offer.suites, [GCM, other]);
    let asked = |suite| {
        (connector.keys)(&gbaspec_roles::psk::PskHandshake {
            version: gbaspec_roles::TlsVersion::Tls12,
            suite: Some(suite),
            identity: IDENTITY.as_bytes(),
            hint: None,
        })
    };
    assert_eq!(asked(other), PskAnswer::Key(psk([0, 1])));
    assert_eq!(asked(CipherSuite(0x008c)), PskAnswer::Unknown);
}
