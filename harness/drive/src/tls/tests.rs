//! Handshakes over loopback: both ends are ours, or one end is no TLS at all.

use std::net::Ipv4Addr;
use std::process::Stdio;
use std::time::Duration;

use gbaspec_case::profile::{TlsSettings, Verification};
use rstest::rstest;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::time::timeout;

use super::{Acceptor, Agreement, Authority, Connector, Holder, Naming, TlsTrouble};

/// Far more than a handshake on loopback takes.
const PATIENCE: Duration = Duration::from_secs(20);

const BSF: &str = "bsf.home1.net";

fn authority() -> Authority {
    Authority::new().expect("a CA can be made")
}

fn acceptor(authority: &Authority, name: &str) -> Acceptor {
    let holder = Holder::new(name, Ipv4Addr::LOCALHOST.into());
    authority.acceptor(&holder).expect("a certificate")
}

fn connector(authority: &Authority, name: &str, naming: Naming) -> Connector {
    Connector::of_run(authority, name, naming).expect("a connector")
}

/// Two ends of a connection.
async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let (server, client) = tokio::join!(listener.accept(), TcpStream::connect(address));
    (server.expect("it comes").0, client.expect("it listens"))
}

/// What the server and the client make of one handshake.
async fn shake(
    acceptor: &Acceptor,
    connector: &Connector,
) -> (Result<Agreement, TlsTrouble>, Result<Agreement, TlsTrouble>) {
    let (server, client) = connected().await;
    // Each end closes as soon as it has its result, so that the other one is never left alone.
    let shaking = async {
        tokio::join!(
            async { acceptor.accept(server).await.map(|(_, agreed)| agreed) },
            async { connector.connect(client).await.map(|(_, agreed)| agreed) },
        )
    };
    timeout(PATIENCE, shaking)
        .await
        .expect("a bounded handshake")
}

#[tokio::test]
async fn both_ends_export_the_same_octets() {
    let authority = authority();
    let acceptor = acceptor(&authority, BSF);
    let connector = connector(&authority, BSF, Naming::Checked);
    let (server, client) = shake(&acceptor, &connector).await;
    let (server, client) = (server.expect("it holds"), client.expect("it holds"));
    assert_eq!(server.exporter.expose(), client.exporter.expose());
    assert_ne!(server.exporter.expose(), &[0; 48]);
    assert_eq!(server.version, client.version);
    assert_eq!(server.suite, client.suite);
    assert!(server.suite.starts_with("TLS_"), "{}", server.suite);
    assert_eq!(server.server_name.as_deref(), Some(BSF));
    assert_eq!(client.server_name.as_deref(), Some(BSF));
    assert_eq!(server.peer_names, Vec::<String>::new());
    assert_eq!(client.peer_names, [BSF]);
    let (again, _) = shake(&acceptor, &connector).await;
    let again = again.expect("it holds");
    assert_ne!(again.exporter.expose(), server.exporter.expose());
}

/// A client that is not ours; the test is void where OpenSSL's command line tool is not installed.
#[tokio::test]
async fn exports_what_the_tool_of_openssl_exports() {
    let authority = authority();
    let file = authority.file().expect("there is room for a file");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let line = format!(
        "s_client -connect {address} -servername {BSF} -verify_hostname {BSF} \
         -verify_return_error -keymatexport EXPORTER_GBA_Digest -keymatexportlen 48"
    );
    let tool = Command::new("openssl")
        .args(line.split_whitespace())
        .arg("-CAfile")
        .arg(file.path())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(tool) = tool else { return };
    let acceptor = acceptor(&authority, BSF);
    let serving = async {
        let (tcp, _) = listener.accept().await.expect("it comes");
        // Kept until the tool has ended, so that it is not cut off.
        acceptor.accept(tcp).await.expect("a handshake")
    };
    let both = timeout(PATIENCE, async {
        tokio::join!(serving, tool.wait_with_output())
    });
    let ((_stream, agreement), output) = both.await.expect("in time");
    let output = String::from_utf8(output.expect("it ran").stdout).expect("text");
    let hex = agreement
        .exporter
        .expose()
        .map(|octet| format!("{octet:02X}"));
    let line = format!("Keying material: {}", hex.concat());
    assert!(output.contains(&line), "no `{line}` in\n{output}");
}

#[rstest]
#[case::right_name(BSF, Naming::Checked, None)]
#[case::other_name("other-bsf.home1.net", Naming::Checked, Some("hostname mismatch"))]
#[case::other_name_left_to_the_role("other-bsf.home1.net", Naming::LeftToOthers, None)]
#[tokio::test]
async fn compares_the_name_unless_somebody_above_does(
    #[case] shown: &str,
    #[case] naming: Naming,
    #[case] refused: Option<&str>,
) {
    let authority = authority();
    let connector = connector(&authority, BSF, naming);
    let (server, client) = shake(&acceptor(&authority, shown), &connector).await;
    match refused {
        None => assert_eq!(client.expect("it holds").peer_names, [shown]),
        Some(reason) => {
            let why = client.expect_err("it is refused").to_string();
            assert!(why.contains(reason), "{why}");
            let why = server.expect_err("the client says so").to_string();
            assert!(why.contains("alert"), "{why}");
        }
    }
}

#[rstest]
#[case(Naming::Checked)]
#[case(Naming::LeftToOthers)]
#[tokio::test]
async fn always_refuses_another_authority(#[case] naming: Naming) {
    let connector = connector(&authority(), BSF, naming);
    let (server, client) = shake(&acceptor(&authority(), BSF), &connector).await;
    let why = client.expect_err("it is refused").to_string();
    assert!(why.starts_with("certificate verify failed: "), "{why}");
    let why = server.expect_err("the client says so").to_string();
    assert!(why.contains("alert"), "{why}");
}

#[rstest]
#[case::name_of_the_profile(Some(BSF), "127.0.0.1:1", Verification::Required, Ok(()))]
#[case::address_for_want_of_a_name(None, "127.0.0.1:1", Verification::Required, Ok(()))]
#[case::other_address(
    None,
    "127.0.0.2:1",
    Verification::Required,
    Err("IP address mismatch")
)]
#[case::other_address_unchecked(None, "[::1]:1", Verification::Off, Ok(()))]
#[case::other_name(
    Some("bsf.home2.net"),
    "127.0.0.1:1",
    Verification::Required,
    Err("hostname mismatch")
)]
#[case::part_of_the_name(
    Some("home1.net"),
    "127.0.0.1:1",
    Verification::Required,
    Err("hostname mismatch")
)]
#[tokio::test]
async fn follows_the_profile(
    #[case] server_name: Option<&str>,
    #[case] address: &str,
    #[case] verification: Verification,
    #[case] expected: Result<(), &str>,
) {
    let authority = authority();
    let file = authority.file().expect("there is room for a file");
    let settings = TlsSettings {
        ca: Some(file.path().display().to_string()),
        server_name: server_name.map(str::to_owned),
        verification,
        exporter_label: None,
    };
    let connector = Connector::of_profile(&settings, address).expect("a connector");
    let (_, client) = shake(&acceptor(&authority, BSF), &connector).await;
    match (client, expected) {
        (Ok(agreement), Ok(())) => assert_eq!(agreement.peer_names, [BSF]),
        (Err(why), Err(reason)) => assert!(why.to_string().contains(reason), "{why}"),
        (client, _) => panic!("{client:?}"),
    }
}

#[tokio::test]
async fn exports_under_the_label_of_the_profile() {
    let authority = authority();
    let file = authority.file().expect("there is room for a file");
    let settings = TlsSettings {
        ca: Some(file.path().display().to_string()),
        server_name: Some(BSF.to_owned()),
        verification: Verification::Required,
        exporter_label: Some("EXPORTER_other".to_owned()),
    };
    let connector = Connector::of_profile(&settings, "127.0.0.1:1").expect("a connector");
    let (server, client) = shake(&acceptor(&authority, BSF), &connector).await;
    let (server, client) = (server.expect("it holds"), client.expect("it holds"));
    assert_ne!(server.exporter.expose(), client.exporter.expose());
    let holder = Holder {
        label: "EXPORTER_other".to_owned(),
        ..Holder::new(BSF, Ipv4Addr::LOCALHOST.into())
    };
    let acceptor = authority.acceptor(&holder).expect("a certificate");
    let (server, client) = shake(&acceptor, &connector).await;
    let (server, client) = (server.expect("it holds"), client.expect("it holds"));
    assert_eq!(server.exporter.expose(), client.exporter.expose());
}

#[test]
fn names_the_ca_file_that_it_cannot_use() {
    let settings = TlsSettings {
        ca: Some("nowhere/ca.pem".to_owned()),
        server_name: None,
        verification: Verification::Required,
        exporter_label: None,
    };
    let why = Connector::of_profile(&settings, "127.0.0.1:1").expect_err("there is none");
    let why = why.to_string();
    assert!(
        why.starts_with("the CA file nowhere/ca.pem cannot be used: "),
        "{why}"
    );
}

#[rstest]
#[case::http(
    b"GET / HTTP/1.1\r\n\r\n",
    "plain HTTP came instead of a TLS handshake"
)]
#[case::anything(b"\x00\x01\x02\x03\x04\x05\x06\x07", "what came is no TLS")]
#[case::nothing(b"", "the peer closed the connection")]
#[tokio::test]
async fn server_says_what_came_instead_of_a_handshake(#[case] bytes: &[u8], #[case] reason: &str) {
    let (server, mut client) = connected().await;
    client.write_all(bytes).await.expect("it is open");
    client.shutdown().await.expect("it is open");
    let accepted = timeout(PATIENCE, acceptor(&authority(), BSF).accept(server)).await;
    let why = accepted.expect("a bounded handshake").map(|_| ());
    let why = why.expect_err("no handshake").to_string();
    assert!(why.starts_with(reason), "{why}");
}

#[tokio::test]
async fn client_says_that_the_server_does_not_speak_tls() {
    let (mut server, client) = connected().await;
    server
        .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        .await
        .expect("it is open");
    let connector = connector(&authority(), BSF, Naming::Checked);
    let connected = timeout(PATIENCE, connector.connect(client)).await;
    let why = connected.expect("a bounded handshake").map(|_| ());
    let why = why.expect_err("no handshake").to_string();
    assert!(why.starts_with("what came is no TLS"), "{why}");
}

#[test]
fn leaves_no_file_behind() {
    let authority = authority();
    let file = authority.file().expect("there is room for a file");
    let path = file.path().to_owned();
    let pem = std::fs::read(&path).expect("it can be read");
    assert_eq!(pem, authority.pem());
    assert!(pem.starts_with(b"-----BEGIN CERTIFICATE-----\n"));
    drop(file);
    assert!(!path.exists());
}

#[test]
fn shows_no_key_material() {
    let authority = authority();
    let text = format!("{authority:?} {:?}", acceptor(&authority, BSF));
    assert_eq!(text, "Authority(gbaspec test CA of one run) Acceptor");
}

#[test]
fn makes_certificates_for_names_longer_than_a_common_name() {
    let label = "a".repeat(60);
    let name = format!("{label}.{label}.net");
    acceptor(&authority(), &name);
}
