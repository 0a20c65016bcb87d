//! Framing, and an exchange between the harness's client and a role, with and without TLS.

use gbaspec_case::case::Closing;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;
use gbaspec_roles::faults::Tamper;
use gbaspec_roles::{HssPolicy, embedded};
use rstest::rstest;
use tokio::net::TcpListener;

use super::*;
use crate::host::{Host, TlsPort, Upstreams};
use crate::listen::{ANY_PORT, Arrival, Listeners, Reply};
use crate::stream::Way;
use crate::tls::{Authority, IS_BUILT_IN, Naming};

const PATIENCE: Duration = Duration::from_secs(20);
const HSS: &str = "hss.home1.net";

/// A pair of connected streams, of which one reads messages.
async fn pair() -> (DiameterStream, TcpStream) {
    let listener = TcpListener::bind(ANY_PORT).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (ours, theirs) = tokio::join!(listener.accept(), TcpStream::connect(address));
    let stream = DiameterStream::new(ours.expect("it comes").0);
    (stream.expect("an address"), theirs.expect("it listens"))
}

async fn read(stream: &mut DiameterStream) -> Framed {
    timeout(PATIENCE, stream.read()).await.expect("in time")
}

fn question() -> Packet {
    let mut packet = Packet::request(dictionary::MULTIMEDIA_AUTH, dictionary::ZH);
    packet.hop_by_hop = 7;
    packet.push(Avp::new("Session-Id", &b"bsf.home1.net;1;2"[..]));
    let application = [
        Avp::of_number("Vendor-Id", dictionary::VENDOR_3GPP),
        Avp::of_number("Auth-Application-Id", dictionary::ZH),
    ];
    packet.push(Avp::of_group(
        "Vendor-Specific-Application-Id",
        &application,
    ));
    packet.push(Avp::of_number("Auth-Session-State", 1));
    packet.push(Avp::new("Origin-Host", &b"bsf.home1.net"[..]));
    packet.push(Avp::new("Origin-Realm", &b"home1.net"[..]));
    packet.push(Avp::new("Destination-Realm", &b"home1.net"[..]));
    packet.push(Avp::new("User-Name", &b"user1_private@home1.net"[..]));
    let scheme = Avp::new("SIP-Authentication-Scheme", &b"Digest-AKAv1-MD5"[..]);
    packet.push(Avp::of_group("SIP-Auth-Data-Item", &[scheme]));
    packet
}

#[tokio::test]
async fn reads_messages_in_whatever_pieces_they_come() {
    let (mut stream, mut theirs) = pair().await;
    let octets = question().to_bytes();
    let twice = [octets.as_slice(), &octets].concat();
    for piece in twice.chunks(5) {
        theirs.write_all(piece).await.expect("written");
    }
    drop(theirs);
    for _ in 0..2 {
        let Framed::Packet(read, _) = read(&mut stream).await else {
            panic!("no message");
        };
        assert_eq!(read, octets);
    }
    assert!(matches!(read(&mut stream).await, Framed::End));
}

#[rstest]
#[case::of_another_version(&[2, 0, 0, 20], "the version is not 1")]
#[case::of_an_odd_length(&[1, 0, 0, 22], "the length is no multiple of 4")]
#[case::of_too_many_octets(&[1, 0xff, 0, 0], "too long")]
#[case::that_breaks_off(&[1, 0, 0, 24, 0x80], "ended within a message")]
#[tokio::test]
async fn tells_why_nothing_can_be_read(#[case] octets: &[u8], #[case] reason: &str) {
    let (mut stream, mut theirs) = pair().await;
    theirs.write_all(octets).await.expect("written");
    drop(theirs);
    let Framed::Unreadable { bytes, why } = read(&mut stream).await else {
        panic!("it was read");
    };
    assert_eq!(bytes, octets);
    assert!(why.contains(reason), "{why}");
}

/// The result of a question on a line to the reference HSS.
async fn asked(way: Way) -> Option<u32> {
    let identity = DiameterIdentity::asking(Element::Bsf, "bsf.home1.net");
    let mut line = DiameterLine::new(Element::Bsf, identity.expect("a BSF asks"), way);
    let outgoing = Outgoing {
        from: Element::Bsf,
        to: Element::Hss,
        protocol: Protocol::Diameter,
        route: Route::Current,
        bytes: question().to_bytes(),
        closing: Closing::Open,
    };
    let sent = line.send(outgoing, PATIENCE).await;
    assert!(matches!(sent, Occurrence::Sent { .. }), "{sent:?}");
    let introduced = line.wait(PATIENCE).await;
    let Occurrence::Introduced { answer, .. } = introduced else {
        panic!("no capabilities: {introduced:?}");
    };
    let capabilities = Packet::from_bytes(&answer).expect("a message");
    assert_eq!(capabilities.result(), Some(SUCCESS));
    match line.wait(PATIENCE).await {
        Occurrence::Received { bytes, .. } => Packet::from_bytes(&bytes).expect("read").result(),
        other => panic!("no answer: {other:?}"),
    }
}

fn hss() -> Host {
    let role = Box::new(embedded::hss(HssPolicy::default(), 1));
    Host::new(role, Tamper::default(), Upstreams::default())
}

#[tokio::test]
async fn asks_a_role_in_the_clear() {
    let mut host = hss();
    let identity = DiameterIdentity::serving(Element::Hss, HSS).expect("an HSS serves");
    host.serve_diameter(ANY_PORT, identity)
        .await
        .expect("a free port");
    let address = host.diameter_address.expect("it listens");
    assert_eq!(asked(Way::plain(address.to_string())).await, Some(SUCCESS));
}

#[tokio::test]
async fn asks_a_role_inside_tls() {
    if !IS_BUILT_IN {
        return;
    }
    let authority = Authority::new().expect("an authority");
    let port = TlsPort {
        address: ANY_PORT,
        name: HSS,
        authority: &authority,
    };
    let mut host = hss();
    let identity = DiameterIdentity::serving(Element::Hss, HSS).expect("an HSS serves");
    let served = host.serve_diameter_inside_tls(&port, identity).await;
    served.expect("a free port");
    let address = host.diameter_tls_address.expect("it listens").to_string();
    let connector = Connector::of_run(&authority, HSS, Naming::Checked);
    let way = Way {
        address,
        connector: Some(connector.expect("a connector")),
    };
    assert_eq!(asked(way).await, Some(SUCCESS));
}

#[tokio::test]
async fn is_asked_at_a_listener() {
    let none = std::collections::BTreeMap::new();
    let mut listeners = Listeners::bind(&[], &none, Vec::new()).await.expect("none");
    let identity = DiameterIdentity::serving(Element::Hss, HSS).expect("an HSS serves");
    let opened = listeners.speak_diameter_at(Element::Hss, identity, ANY_PORT);
    opened.await.expect("a free port");
    let address = listeners.diameter_addresses[&Element::Hss].to_string();
    let identity = DiameterIdentity::asking(Element::Bsf, "bsf.home1.net");
    let client = Client::new(identity.expect("a BSF asks"), address);
    let asking = tokio::spawn(async move {
        let encode = |packet: &Packet| packet.to_bytes();
        client.ask(question(), encode, PATIENCE).await
    });
    let Some(Arrival::Introduced { request, .. }) = listeners.next().await else {
        panic!("no capabilities");
    };
    let capabilities = Packet::from_bytes(&request).expect("a message");
    assert_eq!(capabilities.command, dictionary::CAPABILITIES_EXCHANGE);
    let Some(Arrival::Packet {
        connection, bytes, ..
    }) = listeners.next().await
    else {
        panic!("no question");
    };
    let mut answer = Packet::from_bytes(&bytes).expect("a message").answer();
    answer.push(Avp::of_number("Result-Code", 5012));
    // An answer to another question leaves the request open.
    let mut other = answer.clone();
    other.hop_by_hop ^= 1;
    other.avps.clear();
    listeners
        .reply(connection, Reply::Bytes(other.to_bytes()))
        .await;
    listeners
        .reply(connection, Reply::Bytes(answer.to_bytes()))
        .await;
    let answer = timeout(PATIENCE, asking).await.expect("in time");
    let answer = answer.expect("it ends").expect("an answer");
    assert_eq!(answer.result(), Some(5012));
}
