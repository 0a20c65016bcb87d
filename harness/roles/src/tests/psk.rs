//! NAF and UE in handshakes with a shared key (TS 24.109 clause 5.3.3). The keys are those of the
//! first subscriber for the Ua protocols of TS 33.220 Annex H.3; the one of TLS 1.3 is printed in
//! `gba_kdf` as well.

use data_encoding::HEXLOWER;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::{Psk, TlsMkExtr};
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::variants::known_bsf;
use super::world::{NOW, World, ask_on};
use crate::embedded;
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Output, Peer, Role, TlsSession, TlsVersion,
    Transport,
};
use crate::ua::UaPolicy;
use crate::ue::{Ue, UePolicy};

const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const IDENTITY: &str = "3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const KEY_00A8: &str = "26465417b78dc96a987c8f05237c1b53354ee569ba2b8e15bbb14f4aee2ba57c";
const KEY_00AE: &str = "8c7d45272d4b46175d1c29fed8a55819a0b82db86150e9ccb7bd628d796586b2";
const KEY_1_3: &str = "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6";

const FIRST: ConnectionId = ConnectionId(1);

fn handshake(identity: &str, suite: Option<u16>) -> PskHandshake<'_> {
    PskHandshake {
        version: match suite {
            Some(_) => TlsVersion::Tls12,
            None => TlsVersion::Tls13,
        },
        suite: suite.map(CipherSuite),
        identity: identity.as_bytes(),
        hint: None,
    }
}

fn key(hex: &str) -> PskAnswer {
    let octets = HEXLOWER.decode(hex.as_bytes()).expect("hex");
    PskAnswer::Key(Psk::new(octets))
}

fn session(version: TlsVersion) -> TlsSession {
    TlsSession {
        mk_extr: TlsMkExtr::new([0; 48]),
        peer_names: Vec::new(),
        suite: CipherSuite(0x00a8),
        version,
        psk_identity: Some(IDENTITY.as_bytes().to_vec()),
    }
}

#[rstest]
#[case::gcm(IDENTITY, Some(0x00a8), key(KEY_00A8))]
#[case::cbc(IDENTITY, Some(0x00ae), key(KEY_00AE))]
#[case::tls_1_3(IDENTITY, None, key(KEY_1_3))]
#[case::no_semicolon(
    "3GPP-bootstrappingI1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    Some(0x00a8),
    key(KEY_00A8)
)]
#[case::no_prefix(BTID, Some(0x00a8), PskAnswer::Unknown)]
#[case::private_identity("user1_private@home1.net", Some(0x00a8), PskAnswer::Unknown)]
#[case::of_a_card_key(
    "3GPP-bootstrapping-uicc;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    Some(0x00a8),
    PskAnswer::Unknown
)]
#[case::unknown("3GPP-bootstrapping;AAAA@bsf.home1.net", None, PskAnswer::Unknown)]
#[case::ended_long_ago(
    "3GPP-bootstrapping;wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net",
    Some(0x00a8),
    PskAnswer::Unknown
)]
#[case::nothing("", None, PskAnswer::Unknown)]
fn a_naf_knows_the_key_of_the_handshake(
    #[case] identity: &str,
    #[case] suite: Option<u16>,
    #[case] expected: PskAnswer,
) {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    // After the end of the run that the tables show.
    let now = NOW.plus_seconds(40 * 365 * 86_400);
    assert_eq!(naf.psk(now, &handshake(identity, suite)), expected);
    assert_eq!(naf.psk_hint().as_deref(), Some("3GPP-bootstrapping"));
}

#[test]
fn a_portal_and_a_bsf_share_no_keys() {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let mut bsf = embedded::bsf(known_bsf(), 1);
    for server in [&mut portal as &mut dyn Role, &mut bsf] {
        let answer = server.psk(NOW, &handshake(IDENTITY, None));
        assert_eq!(answer, PskAnswer::Unknown);
        assert_eq!(server.psk_hint(), None);
        assert_eq!(server.psk_offer(), None);
    }
}

#[test]
fn a_naf_asks_nobody_again_whom_the_handshake_has_proved() {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let (connection, tls) = (FIRST, &session(TlsVersion::Tls12));
    assert_eq!(naf.handle(NOW, Input::Secured { connection, tls }), []);
    let mut get = Message::request("GET / HTTP/1.1");
    get.push("Host", "naf1.home1.net");
    assert_eq!(ask_on(&mut naf, NOW, FIRST, &get).status(), Ok(200));
    assert_eq!(
        ask_on(&mut naf, NOW, ConnectionId(2), &get).status(),
        Ok(401)
    );
}

/// A UE that goes to its NAF with a shared key, after so many runs.
fn bootstrapped(version: TlsVersion, runs: usize) -> Ue {
    let ue = embedded::ue(0, UePolicy::default(), 4);
    let bsf = embedded::bsf(known_bsf(), 1);
    let mut world = World::of(ue, bsf, &UaPolicy::default());
    for _ in 0..runs {
        assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    }
    let mut ue = world.ue;
    assert_eq!(ue.handle(NOW, Input::Reach(Transport::Psk(version))), []);
    ue
}

fn sent(outputs: &[Output]) -> (Peer, Transport, &Message) {
    match outputs {
        [
            Output::Send {
                to,
                secure,
                message,
            },
        ] => (*to, *secure, message),
        other => panic!("one request: {other:?}"),
    }
}

#[rstest]
#[case(TlsVersion::Tls12, Some(0x00ae), KEY_00AE)]
#[case(TlsVersion::Tls12, Some(0x00a8), KEY_00A8)]
#[case(TlsVersion::Tls13, None, KEY_1_3)]
fn a_ue_offers_its_btid_and_knows_the_key(
    #[case] version: TlsVersion,
    #[case] suite: Option<u16>,
    #[case] expected: &str,
) {
    let mut ue = bootstrapped(version, 1);
    let outputs = ue.handle(NOW, Input::Start(Action::Fetch));
    let (to, secure, message) = sent(&outputs);
    assert_eq!((to, secure), (Peer::Naf, Transport::Psk(version)));
    assert!(message.field("Authorization").is_none());
    let offer = ue.psk_offer().expect("it has a session");
    assert_eq!(offer.identity, IDENTITY.as_bytes());
    assert_eq!(offer.server_name.as_deref(), Some("naf1.home1.net"));
    assert_eq!(offer.suites.first(), Some(&CipherSuite(0x00a8)));
    let answer = ue.psk(NOW, &handshake(IDENTITY, suite));
    assert_eq!(answer, key(expected));
    let (connection, tls) = (FIRST, &session(version));
    assert_eq!(ue.handle(NOW, Input::Secured { connection, tls }), []);
    let message = &Message::response(200, "OK");
    let outputs = ue.handle(
        NOW,
        Input::Message {
            connection,
            message,
        },
    );
    assert_eq!(outputs, [Output::Finished(ClientOutcome::Success)]);
}

#[test]
fn a_ue_without_a_session_bootstraps_first() {
    let mut ue = bootstrapped(TlsVersion::Tls12, 0);
    assert_eq!(ue.psk_offer(), None);
    let outputs = ue.handle(NOW, Input::Start(Action::Fetch));
    assert_eq!(sent(&outputs).0, Peer::Bsf);
}

#[test]
fn a_refused_handshake_asks_a_ue_for_one_new_run() {
    let mut ue = bootstrapped(TlsVersion::Tls12, 1);
    ue.handle(NOW, Input::Start(Action::Fetch));
    let connection = FIRST;
    let outputs = ue.handle(NOW, Input::Closed { connection });
    assert_eq!(sent(&outputs).0, Peer::Bsf);
    assert_eq!(ue.psk_offer(), None);
}

#[test]
fn a_ue_gives_up_on_a_silent_naf() {
    let mut ue = bootstrapped(TlsVersion::Tls12, 1);
    ue.handle(NOW, Input::Start(Action::Fetch));
    let outputs = ue.handle(NOW, Input::TimedOut);
    assert_eq!(outputs, [Output::Finished(ClientOutcome::Failed)]);
}
