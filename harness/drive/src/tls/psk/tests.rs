//! Handshakes over loopback: both ends are ours, one is the tool of OpenSSL, or one is no TLS at all.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use gbaspec_case::handshake::HandshakeEnd;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::Psk;
use gbaspec_roles::TlsVersion;
use gbaspec_roles::psk::{PskAnswer, PskOffer};
use rstest::rstest;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::super::{Agreement, Keys, PskAcceptor, PskConnector, PskFailure};

/// Far more than a handshake on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// So long is waited for what never comes.
const SHORT: Duration = Duration::from_millis(200);

const NAF: &str = "naf1.home1.net";
const IDENTITY: &str = "3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const HINT: &str = "3GPP-bootstrapping";
const GCM: CipherSuite = CipherSuite(0x00a8);

/// A key for every suite: the number is part of it, so that the wrong one is found out.
fn key_of(suite: Option<CipherSuite>) -> Psk {
    let mut octets = vec![0x5a; 30];
    octets.extend(suite.map_or([0x13, 0x13], CipherSuite::octets));
    Psk::new(octets)
}

/// Who knows one identity.
fn knows(identity: &'static str) -> Keys {
    Arc::new(move |handshake| {
        if handshake.identity == identity.as_bytes() {
            PskAnswer::Key(key_of(handshake.suite))
        } else {
            PskAnswer::Unknown
        }
    })
}

/// Who has this answer to everything.
fn says(answer: PskAnswer) -> Keys {
    Arc::new(move |_| answer.clone())
}

fn acceptor(version: TlsVersion, keys: Keys) -> PskAcceptor {
    PskAcceptor {
        version: Some(version),
        suites: Vec::new(),
        hint: Some(HINT.to_owned()),
        keys,
    }
}

fn connector(version: TlsVersion, identity: &'static str, suite: CipherSuite) -> PskConnector {
    PskConnector {
        version,
        offer: PskOffer {
            identity: identity.as_bytes().to_vec(),
            server_name: Some(NAF.to_owned()),
            suites: vec![suite],
        },
        keys: knows(identity),
    }
}

/// Two ends of a connection.
async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let (server, client) = tokio::join!(listener.accept(), TcpStream::connect(address));
    (server.expect("it comes").0, client.expect("it listens"))
}

type Outcome = Result<Agreement, Box<PskFailure>>;

/// What the server and the client make of one handshake.
async fn shake(acceptor: &PskAcceptor, connector: &PskConnector) -> (Outcome, Outcome) {
    let (server, client) = connected().await;
    let limit = PATIENCE / 2;
    // Each end closes as soon as it has its result, so that the other one is never left alone.
    let shaking = async {
        tokio::join!(
            async {
                acceptor
                    .accept(server, limit)
                    .await
                    .map(|(_, agreed)| agreed)
            },
            async {
                connector
                    .connect(client, limit)
                    .await
                    .map(|(_, agreed)| agreed)
            },
        )
    };
    timeout(PATIENCE, shaking)
        .await
        .expect("a bounded handshake")
}

#[rstest]
#[case(
    TlsVersion::Tls12,
    "TLSv1.2",
    "TLS_PSK_WITH_AES_128_GCM_SHA256",
    Some(HINT)
)]
#[case(TlsVersion::Tls13, "TLSv1.3", "TLS_AES_128_GCM_SHA256", None)]
#[tokio::test]
async fn both_ends_agree(
    #[case] version: TlsVersion,
    #[case] name: &str,
    #[case] suite: &str,
    #[case] hint: Option<&str>,
) {
    let acceptor = acceptor(version, knows(IDENTITY));
    let (server, client) = shake(&acceptor, &connector(version, IDENTITY, GCM)).await;
    let (server, client) = (server.expect("it holds"), client.expect("it holds"));
    assert_eq!(server.exporter.expose(), client.exporter.expose());
    for end in [&server, &client] {
        assert_eq!(end.version, name);
        assert_eq!(end.suite, suite);
        assert_eq!(end.psk_identity.as_deref(), Some(IDENTITY.as_bytes()));
        assert_eq!(end.server_name.as_deref(), Some(NAF));
        assert_eq!(end.peer_names, Vec::<String>::new());
    }
    assert_eq!(client.psk_hint.as_deref(), hint.map(str::as_bytes));
    let hello = server.hello.expect("it is the server");
    assert!(!hello.suites.is_empty());
    assert_eq!(hello.server_name.as_deref(), Some(NAF));
}

#[rstest]
#[case(0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256")]
#[case(0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384")]
#[case(0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256")]
#[case(0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384")]
#[case(0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA")]
#[case(0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA")]
#[case(0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256")]
#[case(0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256")]
#[case(0xc038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384")]
#[case(0xc035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA")]
#[case(0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA")]
#[case(0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256")]
#[case(0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256")]
#[case(0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384")]
#[case(0x00b2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256")]
#[case(0x00b3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384")]
#[case(0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA")]
#[case(0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA")]
#[tokio::test]
async fn takes_the_key_of_the_suite(#[case] number: u16, #[case] name: &str) {
    let suite = CipherSuite(number);
    let acceptor = acceptor(TlsVersion::Tls12, knows(IDENTITY));
    let (server, client) = shake(&acceptor, &connector(TlsVersion::Tls12, IDENTITY, suite)).await;
    let (server, client) = (server.expect("it holds"), client.expect("it holds"));
    assert_eq!((server.suite.as_str(), client.suite.as_str()), (name, name));
    assert_eq!((server.suite_number, client.suite_number), (suite, suite));
    assert_eq!(server.hello.expect("it is the server").suites, [number]);
}

#[tokio::test]
async fn tells_which_suite_was_chosen_before_the_key_is_asked_for() {
    let version = TlsVersion::Tls12;
    let chosen = CipherSuite(0x00ae);
    let acceptor = PskAcceptor {
        suites: vec![chosen],
        ..acceptor(version, knows(IDENTITY))
    };
    let mut connector = connector(version, IDENTITY, GCM);
    connector.offer.suites = vec![GCM, CipherSuite(0x008c), chosen];
    let (server, client) = shake(&acceptor, &connector).await;
    assert_eq!(client.expect("it holds").suite_number, chosen);
    let hello = server.expect("it holds").hello;
    assert_eq!(
        hello.expect("it is the server").suites,
        [GCM.0, 0x008c, 0x00ae]
    );
}

#[rstest]
#[case(TlsVersion::Tls12, "TLSv1.2")]
#[case(TlsVersion::Tls13, "TLSv1.3")]
#[tokio::test]
async fn a_server_may_speak_both_versions(#[case] version: TlsVersion, #[case] name: &str) {
    let acceptor = PskAcceptor {
        version: None,
        ..acceptor(version, knows(IDENTITY))
    };
    let (server, _) = shake(&acceptor, &connector(version, IDENTITY, GCM)).await;
    assert_eq!(server.expect("it holds").version, name);
}

#[tokio::test]
async fn gives_no_hint_unless_it_has_one() {
    let version = TlsVersion::Tls12;
    let acceptor = PskAcceptor {
        hint: None,
        ..acceptor(version, knows(IDENTITY))
    };
    let (_, client) = shake(&acceptor, &connector(version, IDENTITY, GCM)).await;
    assert_eq!(client.expect("it holds").psk_hint, None);
}

/// RFC 4279 2 names the alert for an unknown identity of TLS 1.2; OpenSSL answers a wrong key with
/// `bad_record_mac`, and in TLS 1.3 with `illegal_parameter`, an unknown identity with
/// `handshake_failure`.
#[rstest]
#[case::unknown(TlsVersion::Tls12, says(PskAnswer::Unknown), &[115])]
#[case::wrong_key(TlsVersion::Tls12, says(PskAnswer::Key(Psk::new([7; 32]))), &[20, 51])]
#[case::unknown(TlsVersion::Tls13, says(PskAnswer::Unknown), &[40])]
#[case::wrong_key(TlsVersion::Tls13, says(PskAnswer::Key(Psk::new([7; 32]))), &[47, 51])]
#[tokio::test]
async fn is_refused_with_an_alert(
    #[case] version: TlsVersion,
    #[case] keys: Keys,
    #[case] alerts: &[u8],
) {
    let (server, client) =
        shake(&acceptor(version, keys), &connector(version, IDENTITY, GCM)).await;
    let refusal = client.expect_err("it is refused").attempt;
    let HandshakeEnd::Refused(alert) = refusal.end else {
        panic!("{refusal:?}");
    };
    assert!(alerts.contains(&alert), "{alert}");
    let suite = (version == TlsVersion::Tls12).then_some(GCM.0);
    assert_eq!(refusal.suite_number, suite);
    assert_eq!(refusal.identity.as_deref(), Some(IDENTITY.as_bytes()));
    let seen = server.expect_err("it refuses");
    let identity = seen.attempt.identity.as_deref();
    assert_eq!(identity, Some(IDENTITY.as_bytes()));
    assert_eq!(seen.hello.server_name.as_deref(), Some(NAF));
    assert!(!seen.hello.suites.is_empty());
}

#[rstest]
#[case(TlsVersion::Tls12)]
#[case(TlsVersion::Tls13)]
#[tokio::test]
async fn a_server_can_fall_silent(#[case] version: TlsVersion) {
    let (server, client) = connected().await;
    let acceptor = acceptor(version, says(PskAnswer::Silence));
    let connector = connector(version, IDENTITY, GCM);
    let (_, client) = tokio::join!(
        acceptor.accept(server, SHORT * 2),
        connector.connect(client, SHORT)
    );
    let failure = client.map(|_| ()).expect_err("nothing comes");
    assert_eq!(failure.attempt.end, HandshakeEnd::Silent);
    assert_eq!(failure.why.to_string(), "no TLS handshake within 200 ms");
}

#[rstest]
#[case(TlsVersion::Tls12)]
#[case(TlsVersion::Tls13)]
#[tokio::test]
async fn a_server_can_hang_up(#[case] version: TlsVersion) {
    let acceptor = acceptor(version, says(PskAnswer::HangUp));
    let (_, client) = shake(&acceptor, &connector(version, IDENTITY, GCM)).await;
    let refusal = client.expect_err("it is gone").attempt;
    assert_eq!(refusal.end, HandshakeEnd::Closed);
}

#[tokio::test]
async fn a_client_without_common_suite_is_told_so() {
    let acceptor = PskAcceptor {
        suites: vec![CipherSuite(0x00ae)],
        ..acceptor(TlsVersion::Tls12, knows(IDENTITY))
    };
    let (server, client) = shake(&acceptor, &connector(TlsVersion::Tls12, IDENTITY, GCM)).await;
    let refusal = client.expect_err("it is refused").attempt;
    assert_eq!(
        (refusal.end, refusal.suite_number),
        (HandshakeEnd::Refused(40), None)
    );
    let seen = server.expect_err("it refuses");
    assert_eq!(seen.hello.suites, [GCM.0]);
    assert_eq!(seen.why.to_string(), "no shared cipher");
}

#[rstest]
#[case::http(b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice(), HandshakeEnd::Broken)]
#[case::end(b"", HandshakeEnd::Closed)]
#[case::half_a_record(&[22, 3, 3, 0, 80, 2, 0], HandshakeEnd::Closed)]
#[case::alert(&[21, 3, 3, 0, 2, 2, 115], HandshakeEnd::Refused(115))]
#[tokio::test]
async fn client_says_how_a_handshake_stops_half_way(
    #[case] bytes: &[u8],
    #[case] end: HandshakeEnd,
    #[values(TlsVersion::Tls12, TlsVersion::Tls13)] version: TlsVersion,
) {
    let (mut server, client) = connected().await;
    let connector = connector(version, IDENTITY, GCM);
    let speaking = async {
        let mut hello = [0; 64];
        server.read_exact(&mut hello).await.expect("a hello");
        server.write_all(bytes).await.expect("it is open");
        server.shutdown().await.expect("it is open");
    };
    let (connected, ()) = tokio::join!(connector.connect(client, PATIENCE), speaking);
    let failure = connected.map(|_| ()).expect_err("no handshake");
    assert_eq!(failure.attempt.end, end, "{}", failure.why);
}

#[tokio::test]
async fn client_does_not_wait_longer_than_its_limit() {
    let (_server, client) = connected().await;
    let connector = connector(TlsVersion::Tls12, IDENTITY, GCM);
    let failure = timeout(PATIENCE, connector.connect(client, SHORT)).await;
    let failure = failure
        .expect("in time")
        .map(|_| ())
        .expect_err("no handshake");
    assert_eq!(failure.attempt.end, HandshakeEnd::Silent);
}

#[rstest]
#[case::http(b"GET / HTTP/1.1\r\n\r\n".as_slice(), HandshakeEnd::Broken, "plain HTTP came instead of a TLS handshake")]
#[case::nothing(b"", HandshakeEnd::Closed, "the peer closed the connection")]
#[case::half_a_record(&[22, 3, 1, 0, 80, 1, 0], HandshakeEnd::Closed, "the peer closed the connection")]
#[tokio::test]
async fn server_says_how_a_handshake_stops_half_way(
    #[case] bytes: &[u8],
    #[case] end: HandshakeEnd,
    #[case] why: &str,
    #[values(TlsVersion::Tls12, TlsVersion::Tls13)] version: TlsVersion,
) {
    let (server, mut client) = connected().await;
    client.write_all(bytes).await.expect("it is open");
    client.shutdown().await.expect("it is open");
    let acceptor = acceptor(version, knows(IDENTITY));
    let failure = acceptor.accept(server, PATIENCE).await.map(|_| ());
    let failure = failure.expect_err("no handshake");
    assert_eq!(failure.attempt.end, end);
    assert!(failure.why.to_string().starts_with(why), "{}", failure.why);
}

#[tokio::test]
async fn server_does_not_wait_longer_than_its_limit() {
    let (server, mut client) = connected().await;
    client
        .write_all(&[22, 3, 1, 0, 80, 1, 0])
        .await
        .expect("it is open");
    let acceptor = acceptor(TlsVersion::Tls12, knows(IDENTITY));
    let failure = timeout(PATIENCE, acceptor.accept(server, SHORT)).await;
    let failure = failure
        .expect("in time")
        .map(|_| ())
        .expect_err("no handshake");
    assert_eq!(failure.attempt.end, HandshakeEnd::Silent);
}

#[test]
fn an_identity_that_has_no_room_is_not_cut() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let long: &'static str = "x".repeat(400).leak();
    runtime.expect("a runtime").block_on(async {
        let acceptor = acceptor(TlsVersion::Tls12, knows(long));
        let (_, client) = shake(&acceptor, &connector(TlsVersion::Tls12, long, GCM)).await;
        assert_eq!(
            client.expect_err("no room").attempt.end,
            HandshakeEnd::Broken
        );
    });
}

/// The tool of OpenSSL, if it is installed; the tests with it are void elsewhere.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn tool(arguments: &[&str]) -> Option<Child> {
    let spawned = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    if spawned.is_err() {
        eprintln!("skipped: there is no command `openssl`");
    }
    spawned.ok()
}

/// The key as the tool takes it.
fn hex(key: &Psk) -> String {
    data_encoding::HEXLOWER.encode(key.expose())
}

#[rstest]
#[case(TlsVersion::Tls12, "-tls1_2", Some(GCM))]
#[case(TlsVersion::Tls13, "-tls1_3", None)]
#[tokio::test]
async fn speaks_with_the_client_of_openssl(
    #[case] version: TlsVersion,
    #[case] option: &str,
    #[case] suite: Option<CipherSuite>,
) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener
        .local_addr()
        .expect("it has an address")
        .to_string();
    let key = hex(&key_of(suite));
    let arguments = [
        "s_client",
        "-connect",
        &address,
        "-servername",
        NAF,
        option,
        "-psk",
        &key,
        "-psk_identity",
        IDENTITY,
        "-cipher",
        "PSK-AES128-GCM-SHA256",
    ];
    let Some(tool) = tool(&arguments) else { return };
    let acceptor = acceptor(version, knows(IDENTITY));
    let (tcp, _) = timeout(PATIENCE, listener.accept())
        .await
        .expect("in time")
        .expect("it comes");
    let (mut stream, agreed) = acceptor.accept(tcp, PATIENCE).await.expect("a handshake");
    assert_eq!(agreed.psk_identity.as_deref(), Some(IDENTITY.as_bytes()));
    assert_eq!(agreed.server_name.as_deref(), Some(NAF));
    stream
        .write_all(b"good evening\n")
        .await
        .expect("it is open");
    stream.shutdown().await.expect("it is open");
    let output = timeout(PATIENCE, tool.wait_with_output())
        .await
        .expect("in time");
    let output = String::from_utf8_lossy(&output.expect("it ran").stdout).into_owned();
    assert!(output.contains("good evening"), "{output}");
    if version == TlsVersion::Tls12 {
        assert!(
            output.contains("PSK identity hint: 3GPP-bootstrapping"),
            "{output}"
        );
    }
}

#[rstest]
#[case(TlsVersion::Tls12, "-tls1_2", Some(GCM), Some(HINT))]
#[case(TlsVersion::Tls13, "-tls1_3", None, None)]
#[tokio::test]
async fn speaks_with_the_server_of_openssl(
    #[case] version: TlsVersion,
    #[case] option: &str,
    #[case] suite: Option<CipherSuite>,
    #[case] hint: Option<&str>,
) {
    let key = hex(&key_of(suite));
    let arguments = [
        "s_server",
        "-accept",
        "127.0.0.1:0",
        option,
        "-nocert",
        "-psk",
        &key,
        "-psk_hint",
        HINT,
        "-psk_identity",
        IDENTITY,
    ];
    let Some(mut tool) = tool(&arguments) else {
        return;
    };
    // It says which port it was given.
    let mut lines = BufReader::new(tool.stdout.take().expect("a pipe")).lines();
    let address = timeout(PATIENCE, async {
        loop {
            let line = lines.next_line().await.expect("text").expect("it listens");
            if let Some(address) = line.strip_prefix("ACCEPT ") {
                return address.to_owned();
            }
        }
    });
    let address = address.await.expect("in time");
    let tcp = TcpStream::connect(&address).await.expect("it listens");
    let connector = connector(version, IDENTITY, GCM);
    let (stream, agreed) = connector.connect(tcp, PATIENCE).await.expect("a handshake");
    assert_eq!(agreed.psk_hint.as_deref(), hint.map(str::as_bytes));
    drop(stream);
    let unknown = PskConnector {
        keys: says(PskAnswer::Key(Psk::new([7; 32]))),
        ..connector
    };
    let tcp = TcpStream::connect(&address).await.expect("it listens");
    let failure = unknown.connect(tcp, PATIENCE).await.map(|_| ());
    let end = failure.expect_err("the wrong key").attempt.end;
    assert!(matches!(end, HandshakeEnd::Refused(_)), "{end:?}");
}
