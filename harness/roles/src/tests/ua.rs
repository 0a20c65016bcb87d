//! What the correct NAF and PKI portal answer.

use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::pki::{CertificationRequest, certificates};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::{Answer, user};
use super::world::{NOW, ask, challenge_value, directive};
use crate::embedded::{self, PORTAL_FQDN};
use crate::role::Role;
use crate::ua::UaPolicy;
use crate::ua::keys::{BootstrappedSession, StandIn};

/// B-TID and password of user 1 at the NAF: base64 of RAND of set 1, base64 of the key.
const NAF_USER: (&str, &str) = (
    "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=",
);
/// The same for the portal.
const PORTAL_USER: (&str, &str) = (
    "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    "o+G/c73de+dVkjOx9HoUgBxd9huz+6JGkxN/tbPtbx0=",
);

fn challenged(server: &mut dyn Role, post: bool) -> Message {
    let plain = Answer::to_naf("", "", post, &Message::request("")).plain();
    let challenge = ask(server, NOW, &plain);
    assert_eq!(challenge.status(), Ok(401));
    challenge
}

#[rstest]
#[case::right(|_: &mut Answer| (), 200, None)]
#[case::qop_auth(|answer: &mut Answer| answer.qop = Some(Qop::Auth), 401, None)]
#[case::qop_absent(|answer: &mut Answer| answer.qop = None, 401, None)]
#[case::wrong_password(|answer: &mut Answer| answer.password = b"wrong".to_vec(), 401, None)]
#[case::unknown_btid(|answer: &mut Answer| answer.username = "AAAA@bsf.home1.net".to_owned(), 401, None)]
#[case::private_identity(|answer: &mut Answer| answer.username = "user1_private@home1.net".to_owned(), 401, None)]
#[case::nonce_of_nobody(|answer: &mut Answer| answer.nonce = "0".repeat(32), 401, Some("true"))]
#[case::uri_of_another_resource(|answer: &mut Answer| answer.uri = "/x".to_owned(), 400, None)]
#[case::foreign_realm(|answer: &mut Answer| answer.realm = "naf1.home1.net".to_owned(), 401, None)]
#[case::count_of_one_digit(|answer: &mut Answer| answer.nc = "1", 400, None)]
#[case::count_of_no_hex(|answer: &mut Answer| answer.nc = "0000000x", 400, None)]
#[case::count_of_zero(|answer: &mut Answer| answer.nc = "00000000", 401, Some("true"))]
#[case::unknown_algorithm(|answer: &mut Answer| answer.algorithm = "FOO", 400, None)]
#[case::posted(|answer: &mut Answer| answer.method = "POST", 200, None)]
#[case::put(|answer: &mut Answer| answer.method = "PUT", 405, None)]
fn serves_its_page_to_whom_it_knows(
    #[case] change: fn(&mut Answer),
    #[case] status: u16,
    #[case] stale: Option<&str>,
) {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let challenge = challenged(&mut naf, false);
    assert_eq!(
        challenge_value(&challenge, "realm").as_deref(),
        Some("3GPP-bootstrapping@naf1.home1.net")
    );
    let mut answer = Answer::to_naf(NAF_USER.0, NAF_USER.1, false, &challenge);
    change(&mut answer);
    let reply = ask(&mut naf, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(status));
    assert_eq!(reply.field("Authentication-Info").is_some(), status == 200);
    assert_eq!(challenge_value(&reply, "stale").as_deref(), stale);
}

#[test]
fn serves_a_nonce_count_once() {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let challenge = challenged(&mut naf, false);
    let mut answer = Answer::to_naf(NAF_USER.0, NAF_USER.1, false, &challenge);
    assert_eq!(ask(&mut naf, NOW, &answer.sign()).status(), Ok(200));
    assert_eq!(ask(&mut naf, NOW, &answer.sign()).status(), Ok(401));
    answer.nc = "00000002";
    assert_eq!(ask(&mut naf, NOW, &answer.sign()).status(), Ok(200));
}

#[test]
fn serves_the_nonce_that_it_proposed() {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let challenge = challenged(&mut naf, false);
    let mut answer = Answer::to_naf(NAF_USER.0, NAF_USER.1, false, &challenge);
    let served = ask(&mut naf, NOW, &answer.sign());
    answer.nonce = directive(&served, "Authentication-Info", "nextnonce").expect("a nextnonce");
    assert_eq!(ask(&mut naf, NOW, &answer.sign()).status(), Ok(200));
    assert_eq!(ask(&mut naf, NOW, &answer.sign()).status(), Ok(401));
}

/// The realms that TS 24.109 clause 5.2.4 and the field have for each announcement.
#[rstest]
#[case::terminal("Agent 3gpp-gba", "3GPP-bootstrapping@naf1.home1.net")]
#[case::card("Agent 3gpp-gba-uicc", "3GPP-bootstrapping-uicc@naf1.home1.net")]
#[case::both(
    "Agent 3gpp-gba 3gpp-gba-uicc",
    "3GPP-bootstrapping-uicc@naf1.home1.net;3GPP-bootstrapping@naf1.home1.net"
)]
#[case::password("Agent 3gpp-gba-digest", "3GPP-bootstrapping-digest@naf1.home1.net")]
#[case::nothing("Agent", "3GPP-bootstrapping@naf1.home1.net")]
#[case::other_case("Agent 3GPP-GBA-UICC", "3GPP-bootstrapping@naf1.home1.net")]
fn offers_what_a_client_announces(#[case] agent: &str, #[case] realm: &str) {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let mut request = Message::request("GET / HTTP/1.1");
    request.push("Host", "naf1.home1.net");
    request.push("User-Agent", agent);
    let challenge = ask(&mut naf, NOW, &request);
    assert_eq!(challenge_value(&challenge, "realm").as_deref(), Some(realm));
}

#[test]
fn offers_four_algorithms_with_one_nonce() {
    let mut naf = embedded::naf(UaPolicy::default(), 1);
    let challenge = challenged(&mut naf, false);
    let lists = challenge
        .fields_named("WWW-Authenticate")
        .map(|field| DirectiveList::parse_credentials(&field.value));
    let lists: Vec<DirectiveList> = lists.collect();
    let values = |name: &str| -> Vec<Vec<u8>> {
        let values = lists.iter().map(|list| list.value(name));
        values
            .map(|value| value.unwrap_or_default().to_vec())
            .collect()
    };
    assert_eq!(
        values("algorithm"),
        [&b"MD5"[..], b"SHA-256", b"MD5-sess", b"SHA-256-sess"]
    );
    let nonces = values("nonce");
    assert!(nonces.iter().all(|nonce| *nonce == nonces[0]));
}

#[test]
fn asks_for_bootstrapping_after_the_end_of_a_key() {
    let source = StandIn::new([BootstrappedSession {
        expires: Some(NOW),
        ..user(0).session()
    }]);
    let mut naf = embedded::naf_with(Box::new(source), UaPolicy::default(), 1);
    let challenge = challenged(&mut naf, false);
    let answer = Answer::to_naf(NAF_USER.0, NAF_USER.1, false, &challenge);
    let reply = ask(&mut naf, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(401));
    assert_eq!(challenge_value(&reply, "stale"), None);
}

#[rstest]
#[case::without_permission(0, |_: &mut Answer| (), 403)]
#[case::with_permission(1, |_: &mut Answer| (), 200)]
#[case::unknown_form(1, |answer: &mut Answer| target(answer, "/enrol?response=postcard"), 400)]
#[case::no_form(1, |answer: &mut Answer| target(answer, "/enrol"), 400)]
#[case::pointer(1, |answer: &mut Answer| target(answer, "/enrol?response=pointer"), 200)]
#[case::chain(1, |answer: &mut Answer| target(answer, "/enrol?response=chain"), 200)]
#[case::no_request(1, |answer: &mut Answer| answer.body = b"request".to_vec(), 400)]
#[case::too_long_a_request(1, |answer: &mut Answer| answer.body = vec![0x30; 1 << 20], 413)]
#[case::refused_whatever_the_request(0, |answer: &mut Answer| answer.body = b"request".to_vec(), 403)]
#[case::another_media_type(1, |answer: &mut Answer| answer.content_type = Some("text/plain"), 415)]
#[case::qop_auth(1, |answer: &mut Answer| answer.qop = Some(Qop::Auth), 401)]
#[case::wrong_password(1, |answer: &mut Answer| answer.password = b"wrong".to_vec(), 401)]
#[case::read_instead_of_posted(1, |answer: &mut Answer| answer.method = "GET", 405)]
fn decides_on_an_enrolment(
    #[case] place: usize,
    #[case] change: fn(&mut Answer),
    #[case] status: u16,
) {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let key = user(place).naf_key(PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let password = data_encoding::BASE64.encode(key.key.expose());
    let challenge = challenged(&mut portal, true);
    let mut answer = Answer::to_naf(&key.btid, &password, true, &challenge);
    change(&mut answer);
    let reply = ask(&mut portal, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(status));
}

#[rstest]
#[case::own(OWN_CA, 200)]
#[case::own_with_equals_signs_as_printed(
    "MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB%2BIDIwMDQ%2FIQ==",
    200
)]
#[case::own_not_escaped(
    "MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB+IDIwMDQ/IQ==",
    200
)]
#[case::another("MBExDzANBgNVBAMMBk5vYm9keQ%3D%3D", 404)]
#[case::table_e_5_1("aabbccdd==", 400)]
#[case::empty("", 400)]
fn decides_on_the_certificate_of_a_ca(#[case] issuer: &str, #[case] status: u16) {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let key = user(0).naf_key(PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let password = data_encoding::BASE64.encode(key.key.expose());
    let challenge = challenged(&mut portal, true);
    let mut answer = Answer::to_naf(&key.btid, &password, false, &challenge);
    target(&mut answer, &format!("/getcertificate?in={issuer}"));
    let reply = ask(&mut portal, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(status));
    assert!(reply.field("Authentication-Info").is_some());
    let subject = certificates(&reply.body).map(|(found, _)| found[0].subject().to_string());
    let expected = (status == 200).then(|| "CN=Subscriber CA ~ 2004?!,O=Home network".to_owned());
    assert_eq!(subject.ok(), expected);
}

/// The name of the authority, escaped.
const OWN_CA: &str =
    "MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB%2BIDIwMDQ%2FIQ%3D%3D";

#[rstest]
#[case::single("single", 1)]
#[case::chain("chain", 2)]
fn certifies_the_key_of_the_request(#[case] form: &str, #[case] count: usize) {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let key = user(1).naf_key(PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let password = data_encoding::BASE64.encode(key.key.expose());
    let challenge = challenged(&mut portal, true);
    let mut answer = Answer::to_naf(&key.btid, &password, true, &challenge);
    target(&mut answer, &format!("/enrol?response={form}"));
    let reply = ask(&mut portal, NOW, &answer.sign());
    let (found, _) = certificates(&reply.body).expect("certificates");
    let (request, _) = CertificationRequest::read(&answer.body).expect("a request");
    assert_eq!(found.len(), count);
    assert_eq!(found[0].key(), request.key());
    assert_eq!(found[0].subject(), request.subject());
}

fn target(answer: &mut Answer, target: &str) {
    answer.target = target.to_owned();
    answer.uri = target.to_owned();
}

#[test]
fn holds_the_published_key_of_the_portal() {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let challenge = challenged(&mut portal, true);
    let answer = Answer::to_naf(PORTAL_USER.0, PORTAL_USER.1, true, &challenge);
    assert_eq!(ask(&mut portal, NOW, &answer.sign()).status(), Ok(403));
}

#[test]
fn refuses_a_certification_request_that_was_altered() {
    let mut portal = embedded::portal(UaPolicy::default(), 1);
    let challenge = challenged(&mut portal, true);
    let mut request = Answer::to_naf(PORTAL_USER.0, PORTAL_USER.1, true, &challenge).sign();
    request.body = b"REQUEST".to_vec();
    assert_eq!(ask(&mut portal, NOW, &request).status(), Ok(401));
}
