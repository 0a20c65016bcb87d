//! NAF, portal and UE inside TLS: keys are bound to the suite, and a certificate to a name
//! (TS 33.220 Annex H.3, TS 24.109 clause 5.3.2). The passwords are the ones of `gba_kdf`.

use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::Answer;
use super::variants::known_bsf;
use super::world::{NOW, World, ask_on};
use crate::embedded;
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Output, Role, TlsSession, TlsVersion, Transport,
};
use crate::ua::UaPolicy;
use crate::ue::{Ue, UePolicy};

const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const PLAIN_KEY: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";
const KEY_C02F: &str = "Bu/zxSDfoHxV+piNOwM+uFeXmpZTWuqfLaG2Y1Ql9mQ=";
const KEY_002F: &str = "uEx63bUrJxabRBW3HUABry855CsmTtiWsJjuO/jQcl8=";
const PORTAL_KEY: &str = "o+G/c73de+dVkjOx9HoUgBxd9huz+6JGkxN/tbPtbx0=";

const FIRST: ConnectionId = ConnectionId(1);
const SECOND: ConnectionId = ConnectionId(2);
const REALM: &str = "3GPP-bootstrapping@naf1.home1.net";

fn session(suite: u16, name: &str) -> TlsSession {
    TlsSession {
        mk_extr: TlsMkExtr::new([0; 48]),
        peer_names: vec![name.to_owned()],
        suite: CipherSuite(suite),
        version: TlsVersion::Tls12,
        psk_identity: None,
    }
}

/// The status that a server gives to a request with this password inside this session.
fn status(server: &mut dyn Role, on: ConnectionId, tls: &TlsSession, password: &str) -> u16 {
    let connection = on;
    assert_eq!(server.handle(NOW, Input::Secured { connection, tls }), []);
    let post = password == PORTAL_KEY;
    let plain = Answer::to_naf("", "", post, &Message::request("")).plain();
    let challenge = ask_on(server, NOW, connection, &plain);
    let answer = Answer::to_naf(BTID, password, post, &challenge);
    let answer = ask_on(server, NOW, connection, &answer.sign());
    answer.status().expect("a status")
}

#[rstest]
#[case::of_its_suite(session(0xc02f, ""), KEY_C02F, 200)]
#[case::of_another_suite(session(0xc02f, ""), KEY_002F, 401)]
#[case::of_the_octets_swapped(session(0x2fc0, ""), KEY_C02F, 401)]
#[case::of_plain_digest(session(0xc02f, ""), PLAIN_KEY, 401)]
#[case::of_an_old_suite(session(0x002f, ""), KEY_002F, 200)]
fn a_naf_knows_the_key_of_the_connection(
    #[case] tls: TlsSession,
    #[case] password: &str,
    #[case] expected: u16,
) {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    assert_eq!(status(&mut naf, FIRST, &tls, password), expected);
}

#[test]
fn a_naf_keeps_connections_apart() {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let (first, second) = (session(0xc02f, ""), session(0x002f, ""));
    assert_eq!(status(&mut naf, FIRST, &first, KEY_C02F), 200);
    assert_eq!(status(&mut naf, SECOND, &second, KEY_002F), 200);
    assert_eq!(status(&mut naf, SECOND, &second, KEY_C02F), 401);
    naf.handle(NOW, Input::Closed { connection: FIRST });
    let plain = Answer::to_naf("", "", false, &Message::request("")).plain();
    let challenge = ask_on(&mut naf, NOW, FIRST, &plain);
    let answer = Answer::to_naf(BTID, PLAIN_KEY, false, &challenge).sign();
    assert_eq!(ask_on(&mut naf, NOW, FIRST, &answer).status(), Ok(200));
}

#[rstest]
#[case::tls_1_2(session(0xc02f, ""))]
#[case::another_suite(session(0x1301, ""))]
fn a_portal_has_a_protocol_of_its_own(#[case] tls: TlsSession) {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    // The subscriber is known and may not enrol.
    assert_eq!(status(&mut portal, FIRST, &tls, PORTAL_KEY), 403);
}

/// What a server shows on two connections with different suites.
pub(super) fn shown_by_server(server: &mut dyn Role, post: bool) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    for (connection, suite, key) in [(FIRST, 0xc02f, KEY_C02F), (SECOND, 0x002f, KEY_002F)] {
        let tls = &session(suite, "");
        server.handle(NOW, Input::Secured { connection, tls });
        let password = if post { PORTAL_KEY } else { key };
        let plain = Answer::to_naf("", "", post, &Message::request("")).plain();
        let challenge = ask_on(server, NOW, connection, &plain);
        let answer = Answer::to_naf(BTID, password, post, &challenge).sign();
        shown.push(challenge.to_bytes());
        shown.push(ask_on(server, NOW, connection, &answer).to_bytes());
    }
    shown
}

/// What a UE shows to servers that are who they are, or not.
pub(super) fn shown_by_ue(policy: &UePolicy) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    for (action, own) in [
        (Action::Fetch, "naf1.home1.net"),
        (Action::Enrol, "pkiportal.home1.net"),
    ] {
        for (name, host) in [
            (own, own),
            ("naf2.home1.net", own),
            (own, "naf2.home1.net"),
            ("naf2.home1.net", "naf2.home1.net"),
        ] {
            let mut ue = bootstrapped_with(policy);
            ue.handle(NOW, Input::Start(action));
            let tls = &session(0xc02f, name);
            let connection = FIRST;
            ue.handle(NOW, Input::Secured { connection, tls });
            let realm = format!("3GPP-bootstrapping@{host}");
            let outputs = challenged(&mut ue, &realm, "auth-int");
            shown.push(format!("{outputs:?}").into_bytes());
        }
    }
    shown
}

/// A UE that holds the session of RAND of test set 1 and goes to its NAF inside TLS.
fn bootstrapped() -> Ue {
    let ue = bootstrapped_with(&UePolicy::default());
    assert_eq!(ue.btid(NOW), Some(BTID));
    ue
}

fn bootstrapped_with(policy: &UePolicy) -> Ue {
    let ue = embedded::ue(0, *policy, 4);
    let bsf = embedded::bsf(known_bsf(), 1);
    let mut world = World::of(ue, bsf, &UaPolicy::default());
    world.run(Action::Bootstrap);
    let mut ue = world.ue;
    ue.handle(NOW, Input::Reach(Transport::Tls));
    ue
}

fn sent(outputs: &[Output]) -> &Message {
    match outputs {
        [
            Output::Send {
                secure: Transport::Tls,
                message,
                ..
            },
        ] => message,
        other => panic!("a request inside TLS: {other:?}"),
    }
}

fn challenged(ue: &mut Ue, realm: &str, qop: &str) -> Vec<Output> {
    let mut message = Message::response(401, "Unauthorized");
    message.push(
        "WWW-Authenticate",
        format!("Digest realm=\"{realm}\", nonce=\"0123\", algorithm=MD5, qop=\"{qop}\""),
    );
    let input = Input::Message {
        connection: FIRST,
        message: &message,
    };
    ue.handle(NOW, input)
}

/// Whether the credentials of a GET were made with this password.
fn is_made_with(request: &Message, password: &str) -> bool {
    let field = request.field("Authorization").expect("credentials");
    let list = DirectiveList::parse_credentials(&field.value);
    let value = |name| list.value(name).unwrap_or_default();
    let qop = match value("qop") {
        b"auth" => Qop::Auth,
        _ => Qop::AuthInt,
    };
    let digest = DigestInput {
        hash: Hash::Md5,
        username: BTID.as_bytes(),
        realm: REALM.as_bytes(),
        password: Password::Octets(password.as_bytes()),
        nonce: b"0123",
        uri: b"/",
        nc: value("nc"),
        cnonce: value("cnonce"),
        qop: Some(qop),
        method: b"GET",
        body: b"",
    };
    digest.response().as_bytes() == value("response")
}

#[rstest]
#[case::integrity(0xc02f, "auth-int", KEY_C02F)]
#[case::integrity_beside_auth(0x002f, "auth,auth-int", KEY_002F)]
#[case::auth_alone(0xc02f, "auth", KEY_C02F)]
fn a_ue_answers_with_the_key_of_the_suite(
    #[case] suite: u16,
    #[case] qop: &str,
    #[case] password: &str,
) {
    let mut ue = bootstrapped();
    let outputs = ue.handle(NOW, Input::Start(Action::Fetch));
    assert!(sent(&outputs).field("Authorization").is_none());
    let tls = &session(suite, "naf1.home1.net");
    let connection = FIRST;
    assert_eq!(ue.handle(NOW, Input::Secured { connection, tls }), []);
    let outputs = challenged(&mut ue, REALM, qop);
    assert!(is_made_with(sent(&outputs), password));
}

#[test]
fn a_ue_answers_anew_on_a_connection_with_another_suite() {
    let mut ue = bootstrapped();
    ue.handle(NOW, Input::Start(Action::Fetch));
    let tls = &session(0xc02f, "naf1.home1.net");
    let connection = FIRST;
    ue.handle(NOW, Input::Secured { connection, tls });
    assert!(is_made_with(
        sent(&challenged(&mut ue, REALM, "auth-int")),
        KEY_C02F
    ));
    let connection = SECOND;
    assert_eq!(ue.handle(NOW, Input::Secured { connection, tls }), []);
    let tls = &session(0x002f, "naf1.home1.net");
    let outputs = ue.handle(NOW, Input::Secured { connection, tls });
    assert!(is_made_with(sent(&outputs), KEY_002F));
}

#[rstest]
#[case::certificate_of_another("naf2.home1.net", REALM, ClientOutcome::NotAuthentic)]
#[case::longer_name("naf1.home1.net.example", REALM, ClientOutcome::NotAuthentic)]
#[case::realm_and_certificate_of_another(
    "naf2.home1.net",
    "3GPP-bootstrapping@naf2.home1.net",
    ClientOutcome::Failed
)]
#[case::realm_of_another(
    "naf1.home1.net",
    "3GPP-bootstrapping@naf2.home1.net",
    ClientOutcome::Failed
)]
fn a_ue_tells_no_other_server_its_digest(
    #[case] name: &str,
    #[case] realm: &str,
    #[case] outcome: ClientOutcome,
) {
    let mut ue = bootstrapped();
    ue.handle(NOW, Input::Start(Action::Fetch));
    let tls = &session(0xc02f, name);
    let connection = FIRST;
    ue.handle(NOW, Input::Secured { connection, tls });
    let outputs = challenged(&mut ue, realm, "auth-int");
    assert_eq!(outputs, [Output::Finished(outcome)]);
}

#[test]
fn a_ue_asks_for_integrity_protection_in_the_clear() {
    let mut ue = bootstrapped();
    ue.handle(NOW, Input::Reach(Transport::Tcp));
    ue.handle(NOW, Input::Start(Action::Fetch));
    let outputs = challenged(&mut ue, REALM, "auth");
    assert_eq!(outputs, [Output::Finished(ClientOutcome::Failed)]);
}
