//! What the correct authentication proxy passes on and what it answers itself.

use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::Answer;
use super::world::{NOW, PLAIN, challenge_value, read};
use crate::embedded;
use crate::faults::{Fault, Tamper, tampered_bytes};
use crate::proxy::{Proxy, ProxyPolicy};
use crate::role::{Input, Output, Role, TlsSession, TlsVersion, Unanswered, Upstream};

/// B-TID of user 1: base64 of RAND of set 1.
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
/// Names of the servers with the password of user 1 at each, computed by other means.
const SERVERS: [(&str, &str); 2] = [
    (
        "as1.home1.net",
        "ZB8+SfIgytJm+OUeX48sQdf0nkr1lqGm6DvfgyErw+c=",
    ),
    (
        "as2.home1.net",
        "2yMnhz1oMe4i3SSekuYxi/w586lK1KYnGpaOLwkXWDA=",
    ),
];
/// The password at the first server inside TLS with `TLS_AES_128_GCM_SHA256`, computed by other means.
const INSIDE_TLS: &str = "UJi6VQQh70v3VJI0lCdEXR2xRbYifRyGw1EtA39Uzkw=";
const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\npage";

/// What comes of a forwarded request.
type Reply<'a> = Result<&'a [u8], Unanswered>;

/// A proxy, with all that it has said.
struct Talk {
    proxy: Proxy,
    tamper: Tamper,
    shown: Vec<Vec<u8>>,
}

impl Talk {
    fn new(fault: Option<&Fault>) -> Self {
        let policy = fault.map_or_else(ProxyPolicy::default, Fault::proxy_policy);
        Talk {
            proxy: embedded::proxy(policy, 5),
            tamper: fault.map(Fault::tamper).unwrap_or_default(),
            shown: Vec::new(),
        }
    }

    /// The connection is one inside TLS from now on.
    fn secure(&mut self) {
        let tls = &TlsSession {
            mk_extr: TlsMkExtr::new([0; 48]),
            peer_names: Vec::new(),
            suite: CipherSuite(0x1301),
            version: TlsVersion::Tls13,
            psk_identity: None,
        };
        let connection = PLAIN;
        let said = self.proxy.handle(NOW, Input::Secured { connection, tls });
        assert_eq!(said, []);
    }

    /// One request with this answer of the server behind: what the server was asked, and what the
    /// client gets.
    fn say(&mut self, request: &Message, reply: Reply<'_>) -> (Option<String>, Message) {
        let mut outputs = self.proxy.handle(
            NOW,
            Input::Message {
                connection: PLAIN,
                message: request,
            },
        );
        let mut forwarded = None;
        if let [
            Output::Forward {
                connection,
                to: Upstream::As,
                message,
            },
        ] = outputs.as_slice()
        {
            let bytes = tampered_bytes(message, &self.tamper);
            forwarded = Some(String::from_utf8_lossy(&bytes).into_owned());
            self.shown.push(bytes);
            let connection = *connection;
            let answer = reply.map(read);
            let answer = answer.as_ref().map_err(|why| *why);
            outputs = self
                .proxy
                .handle(NOW, Input::Forwarded { connection, answer });
        }
        let [Output::Respond { message, .. }] = outputs.as_slice() else {
            panic!("a proxy answers: {outputs:?}");
        };
        let answer = tampered_bytes(message, &self.tamper);
        self.shown.push(answer.clone());
        (forwarded, read(&answer))
    }

    /// The answer to a new challenge for one of the servers, after `change`; then `spoil` of the
    /// signed request.
    fn prove(
        &mut self,
        place: usize,
        change: impl FnOnce(&mut Answer),
        spoil: impl FnOnce(&mut Message),
        reply: Reply<'_>,
    ) -> (Option<String>, Message) {
        let (name, password) = SERVERS[place];
        let mut plain = Answer::to_naf(BTID, password, false, &Message::request("")).plain();
        plain.set("Host", name);
        let (_, challenge) = self.say(&plain, Ok(PAGE));
        let mut answer = Answer::to_naf(BTID, password, false, &challenge);
        change(&mut answer);
        let mut request = answer.sign();
        request.set("Host", name);
        spoil(&mut request);
        self.say(&request, reply)
    }
}

#[rstest]
#[case::first(0, "3GPP-bootstrapping@as1.home1.net")]
#[case::second(1, "3GPP-bootstrapping@as2.home1.net")]
fn challenges_in_the_name_of_the_server(#[case] place: usize, #[case] realm: &str) {
    let mut talk = Talk::new(None);
    let mut request = Message::request("GET / HTTP/1.1");
    request.push("Host", format!("{}:8083", SERVERS[place].0.to_uppercase()));
    let (forwarded, challenge) = talk.say(&request, Ok(PAGE));
    assert_eq!((forwarded, challenge.status()), (None, Ok(401)));
    assert_eq!(challenge_value(&challenge, "realm").as_deref(), Some(realm));
}

#[rstest]
#[case::get("GET", b"", "")]
#[case::put("PUT", b"text", "Content-Length: 4\r\n")]
fn forwards_with_the_default_identity_and_no_credentials(
    #[case] method: &'static str,
    #[case] body: &[u8],
    #[case] length: &str,
) {
    let mut talk = Talk::new(None);
    let change = |answer: &mut Answer| {
        answer.method = method;
        answer.body = body.to_vec();
    };
    let (forwarded, answer) = talk.prove(0, change, |_| (), Ok(PAGE));
    let expected = format!(
        "{method} / HTTP/1.1\r\nHost: as1.home1.net\r\n\
         X-3GPP-Asserted-Identity: \"sip:user1_public1@home1.net\"\r\n\
         X-3GPP-Authorization-Flags: \"1\"\r\nConnection: close\r\n{length}\r\n{}",
        String::from_utf8_lossy(body)
    );
    assert_eq!(forwarded.as_deref(), Some(expected.as_str()));
    assert_eq!(answer.status(), Ok(200));
    assert_eq!(answer.body, b"page");
    assert!(answer.field("Authentication-Info").is_some());
}

#[rstest]
#[case::claimed("X-3GPP-Asserted-Identity", "mallory", true)]
#[case::claimed_in_lower_case("x-3gpp-asserted-identity", "mallory", true)]
#[case::claimed_flags("X-3GPP-AUTHORIZATION-FLAGS", "mallory", true)]
#[case::more_credentials("Proxy-Connection", "mallory", true)]
#[case::blank_before_colon("X-3GPP-Asserted-Identity ", "mallory", false)]
#[case::two_hosts("Host", "mallory", false)]
#[case::foreign_identity("X-3GPP-Intended-Identity", "\"mallory\"", false)]
#[case::longer_identity(
    "X-3GPP-Intended-Identity",
    "\"sip:user1_public1@home1.net.mallory\"",
    false
)]
fn never_passes_on_what_a_client_claims(
    #[case] name: &str,
    #[case] value: &str,
    #[case] is_forwarded: bool,
) {
    let mut talk = Talk::new(None);
    let claim = |request: &mut Message| request.push(name, value);
    let (forwarded, answer) = talk.prove(0, |_| (), claim, Ok(PAGE));
    assert_eq!(forwarded.is_some(), is_forwarded);
    assert!(!forwarded.unwrap_or_default().contains("mallory"));
    assert_eq!(
        answer.status().map(|status| status / 100 == 2),
        Ok(is_forwarded)
    );
}

#[rstest]
#[case::second("\"sip:user1_public2@home1.net\"", "\"sip:user1_public2@home1.net\"")]
#[case::without_quotes("sip:user1_public2@home1.net", "\"sip:user1_public2@home1.net\"")]
#[case::both(
    "\"sip:user1_public2@home1.net\", \"sip:user1_public1@home1.net\"",
    "\"sip:user1_public2@home1.net\", \"sip:user1_public1@home1.net\""
)]
fn asserts_the_intended_identity_of_the_user(#[case] intended: &str, #[case] asserted: &str) {
    let mut talk = Talk::new(None);
    let intend = |request: &mut Message| request.push("X-3GPP-Intended-Identity", intended);
    let (forwarded, _) = talk.prove(1, |_| (), intend, Ok(PAGE));
    let line = format!("X-3GPP-Asserted-Identity: {asserted}\r\n");
    assert!(forwarded.unwrap_or_default().contains(&line));
}

#[rstest]
#[case::foreign_identity(|request: &mut Message| request.push("X-3GPP-Intended-Identity", "x"), 403)]
#[case::unknown_server(|request: &mut Message| request.set("Host", "as3.home1.net"), 421)]
#[case::no_host(|request: &mut Message| request.remove("Host"), 400)]
#[case::other_method(|request: &mut Message| request.start_line = b"CONNECT / HTTP/1.1".to_vec(), 501)]
#[case::no_request(|request: &mut Message| request.start_line = b"hello".to_vec(), 400)]
#[case::the_other_server(|request: &mut Message| request.set("Host", "as2.home1.net"), 401)]
fn answers_itself(#[case] spoil: fn(&mut Message), #[case] status: u16) {
    let mut talk = Talk::new(None);
    let (forwarded, answer) = talk.prove(0, |_| (), spoil, Ok(PAGE));
    assert_eq!((forwarded, answer.status()), (None, Ok(status)));
}

#[rstest]
#[case::gone(Err(Unanswered::Broken), 502)]
#[case::silent(Err(Unanswered::TooLate), 504)]
#[case::no_status(Ok(b"HTTP/1.1 2x0 OK\r\n\r\n".as_slice()), 502)]
#[case::status_of_nothing(Ok(b"HTTP/1.1 999 OK\r\n\r\n".as_slice()), 502)]
#[case::broken_chunks(Ok(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz".as_slice()), 502)]
#[case::no_content(Ok(b"HTTP/1.1 204 No Content\r\n\r\n".as_slice()), 204)]
#[case::refusal(Ok(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".as_slice()), 404)]
fn tells_what_came_of_the_server(#[case] reply: Reply<'_>, #[case] status: u16) {
    let mut talk = Talk::new(None);
    let (_, answer) = talk.prove(0, |_| (), |_| (), reply);
    assert_eq!(answer.status(), Ok(status));
}

#[test]
fn writes_a_head_of_its_own_around_the_body_of_the_server() {
    let reply = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-Gone: 1\r\n\
                  Connection: close, X-Gone\r\nAuthentication-Info: forged\r\nX-Note: a\rb\r\n\
                  Bad Name: 1\r\n\r\n2\r\npa\r\n2\r\nge\r\n0\r\n\r\n";
    let mut talk = Talk::new(None);
    let (_, answer) = talk.prove(0, |_| (), |_| (), Ok(reply));
    let names: Vec<String> = answer
        .fields
        .iter()
        .map(|field| String::from_utf8_lossy(&field.name).into_owned())
        .collect();
    assert_eq!(names, ["X-Note", "Authentication-Info", "Content-Length"]);
    assert_eq!(answer.fields[0].value, b"a b");
    assert_eq!(answer.body, b"page");
}

#[test]
fn answers_nothing_that_nobody_waits_for() {
    let mut talk = Talk::new(None);
    let late = Input::Forwarded {
        connection: PLAIN,
        answer: Err(Unanswered::TooLate),
    };
    assert_eq!(talk.proxy.handle(NOW, late), []);
}

/// The Ua protocol of the keys is 01 00 01 13 01 inside TLS with the suite 1301 (TS 33.220 H.3).
#[rstest]
#[case::for_the_suite(INSIDE_TLS, true)]
#[case::for_a_connection_in_the_clear(SERVERS[0].1, false)]
fn wants_the_key_for_the_suite_inside_tls(#[case] password: &str, #[case] is_forwarded: bool) {
    let mut talk = Talk::new(None);
    talk.secure();
    let change = |answer: &mut Answer| answer.password = password.as_bytes().to_vec();
    let (forwarded, _) = talk.prove(0, change, |_| (), Ok(PAGE));
    assert_eq!(forwarded.is_some(), is_forwarded);
}

/// All that a proxy shows in conversations that try each of its decisions.
pub(super) fn shown_by_proxy(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let mut talk = Talk::new(fault);
    let push = |name: &'static str, value: &'static str| {
        move |request: &mut Message| request.push(name, value)
    };
    for place in [0, 1] {
        talk.prove(place, |_| (), |_| (), Ok(PAGE));
    }
    for (name, value) in [
        ("Authorization", "Basic eDp5"),
        ("X-3GPP-Asserted-Identity", "mallory"),
        ("X-3GPP-Asserted-Identity ", "mallory"),
        ("x-3gpp-asserted-identity", "mallory"),
        ("X-3GPP-Authorization-Flags", "mallory"),
        ("X-3GPP-Intended-Identity", "mallory"),
        ("X-3GPP-Intended-Identity", "sip:user1_public2@home1.net"),
        ("X-3GPP-Intended-Identity", "sip:user1_public2@home1.net.x"),
        ("X-3GPP-Intended-Identity", "x;sip:user1_public2@home1.net"),
        (
            "X-3GPP-Intended-Identity",
            "sip:user1_public2@home1.net, mallory",
        ),
        ("Connection", "X-3GPP-Asserted-Identity"),
    ] {
        talk.prove(0, |_| (), push(name, value), Ok(PAGE));
    }
    for name in ["X-3GPP-Asserted-Identity", "X-3GPP-Authorization-Flags"] {
        let twice = |request: &mut Message| {
            request.push(name, "x");
            request.push(name, "mallory");
        };
        talk.prove(0, |_| (), twice, Ok(PAGE));
    }
    let put = |answer: &mut Answer| {
        answer.method = "PUT";
        answer.body = b"text".to_vec();
    };
    talk.prove(0, put, |_| (), Ok(PAGE));
    let alter = |request: &mut Message| request.body = b"TEXT".to_vec();
    talk.prove(0, put, alter, Ok(PAGE));
    let wrong = |answer: &mut Answer| answer.password = b"wrong".to_vec();
    talk.prove(0, wrong, |_| (), Ok(PAGE));
    let stranger = |answer: &mut Answer| answer.username = "AAAA@bsf.home1.net".to_owned();
    talk.prove(0, stranger, |_| (), Ok(PAGE));
    odd_credentials(&mut talk);
    let mut again = Message::request("");
    let keep = |request: &mut Message| again = request.clone();
    talk.prove(0, |_| (), keep, Ok(PAGE));
    talk.say(&again, Ok(PAGE));
    let odd = b"HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nAuthentication-Info: x\r\n\
                X-Note: a\rb\r\n\r\n4\r\npage\r\n0\r\n\r\n";
    let replies: [Reply<'_>; 3] = [Ok(odd), Err(Unanswered::Broken), Err(Unanswered::TooLate)];
    for reply in replies {
        talk.prove(0, |_| (), |_| (), reply);
    }
    talk.secure();
    let inside = |answer: &mut Answer| answer.password = INSIDE_TLS.as_bytes().to_vec();
    talk.prove(0, inside, |_| (), Ok(PAGE));
    talk.shown
}

/// Credentials that each break one rule of Digest.
fn odd_credentials(talk: &mut Talk) {
    for change in [
        |answer: &mut Answer| answer.qop = Some(Qop::Auth),
        |answer: &mut Answer| answer.qop = None,
        |answer: &mut Answer| answer.nonce = "0".repeat(32),
        |answer: &mut Answer| answer.uri = "/other".to_owned(),
    ] {
        talk.prove(0, change, |_| (), Ok(PAGE));
    }
    for respond in [
        |_: &str| String::new(),
        |right: &str| format!("{}{}", &right[..31], i32::from(right.ends_with('0'))),
    ] {
        let odd = |request: &mut Message| {
            let value = request.field("Authorization").expect("signed").text();
            let value = String::from_utf8_lossy(&value).into_owned();
            let (_, rest) = value.split_once("response=\"").expect("a response");
            let right = &rest[..32];
            request.set("Authorization", value.replace(right, &respond(right)));
        };
        talk.prove(0, |_| (), odd, Ok(PAGE));
    }
}
