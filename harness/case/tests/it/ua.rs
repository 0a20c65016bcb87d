//! Ua: what a NAF asks for, whose key a request is made with, and what it means that a NAF hangs up.
//! The keys are those of `gba_kdf`, the response for the own name is that of `ua_digest_flow`; the
//! others were computed from them with another library.

use gbaspec_case::case::{Case, Need, SessionChoice};
use gbaspec_case::element::Element;
use gbaspec_case::judge::judge_play;
use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::{Entry, EntryKind};
use gbaspec_case::verdict::Outcome;
use rstest::rstest;

use crate::stage::{directive, sent, stage_case};
use crate::world::{From, Play};

const CNONCE: &str = "6629fae49393a05397450978507c4ef1";

/// A NAF with these sessions.
fn naf(sessions: &str) -> Scene {
    let text = format!(
        "role: naf\naddress: \"127.0.0.1:8081\"\nnames: {{ bsf: bsf.home1.net, naf: naf1.home1.net, portal: pkiportal.home1.net }}\nsubscribers:\n  - {{ impi: user1_private@home1.net, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\" }}\nsessions:\n{sessions}"
    );
    let name = "profile.yaml".to_owned();
    let profile = load_profile(&Source { name, text }, &|_| None);
    profile.expect("the profile is sound").scene
}

const DERIVED: &str =
    "  - { subscriber: user1_private@home1.net, rand: \"23553cbe9637a89d218ae64dae47bf35\" }\n";
const EXPIRED: &str = "  - { subscriber: user1_private@home1.net, rand: \"c00d603103dcee52c4478119494202e8\", state: expired }\n";

/// What the stage's player says in place of a connection in the clear is TLS with suite 1301, so
/// that the key of the own protocol is the one of that suite.
#[rstest]
#[case::own("ks-naf", "a08546a4a193263e0fb306a2d2d6bde3")]
#[case::port("ks-naf-port", "58557f84276160b8a01451f613299fb5")]
#[case::capitals("ks-naf-upper-case", "c977266a5140c9d444a8f67f6b5990bb")]
#[case::other_protocol("ks-naf-other-ua-id", "769093069e60309fde8d994a33cd0e71")]
#[case::other_naf("ks-naf-of-other-naf", "d0d5600ad7add08624729883c204b9d1")]
fn sends_the_key_for_another_identifier(#[case] password: &str, #[case] response: &str) {
    let request = format!(
        "send: {{ password: {password}, wire: \"GET / HTTP/1.1\\nHost: naf1.home1.net\\nAuthorization: Digest username=\\\"{{session.btid}}\\\", realm=\\\"3GPP-bootstrapping@naf1.home1.net\\\", nonce=\\\"{CNONCE}\\\", uri=\\\"/\\\", qop=auth-int, nc=00000001, cnonce=\\\"{CNONCE}\\\", response=\\\"{{response}}\\\"\\n\" }}"
    );
    let case = stage_case(Element::Naf, &[&request, "expect: { status: 200 }"]);
    let messages = sent(&case, &naf(DERIVED), &[]);
    assert_eq!(directive(&messages[0], "response"), response);
}

#[test]
fn sends_no_key_for_another_identifier_where_the_key_is_given() {
    let given = "  - { btid: \"a@b\", ks-naf: \"7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501\" }\n";
    let request = "send: { password: ks-naf-port, wire: \"GET / HTTP/1.1\\nAuthorization: Digest username=\\\"{session.btid}\\\", response=\\\"{response}\\\"\\n\" }";
    let case = stage_case(Element::Naf, &[request, "expect: { status: 200 }"]);
    assert!(sent(&case, &naf(given), &[]).is_empty());
}

#[rstest]
#[case::live_alone(DERIVED, true, false)]
#[case::both(&format!("{EXPIRED}{DERIVED}"), true, true)]
fn uses_no_expired_session_unless_asked(
    #[case] sessions: &str,
    #[case] has_live: bool,
    #[case] has_expired: bool,
) {
    let scene = naf(sessions);
    let live = scene.session(SessionChoice::Any).expect("a live session");
    assert_eq!(live.btid, "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net");
    let has = |need| scene.capabilities.contains(&need);
    assert_eq!(has(Need::DerivedSession), has_live);
    assert_eq!(has(Need::ExpiredSession), has_expired);
    assert_eq!(scene.session(SessionChoice::Expired).is_some(), has_expired);
}

#[rstest]
#[case::terminal(
    "Digest realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"n\"",
    "asked"
)]
#[case::card(
    "Digest realm=\"3GPP-bootstrapping-uicc@naf1.home1.net\", nonce=\"n\"",
    "asked"
)]
#[case::list(
    "digest realm=\"x@y;3GPP-bootstrapping@naf1.home1.net\", nonce=\"n\"",
    "asked"
)]
#[case::no_nonce("Digest realm=\"3GPP-bootstrapping@naf1.home1.net\"", "not-asked")]
#[case::empty_nonce(
    "Digest realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"\"",
    "not-asked"
)]
#[case::no_realm("Digest nonce=\"n\"", "not-asked")]
#[case::other_host(
    "Digest realm=\"3GPP-bootstrapping@naf2.home1.net\", nonce=\"n\"",
    "not-asked"
)]
#[case::lower_case(
    "Digest realm=\"3gpp-bootstrapping@naf1.home1.net\", nonce=\"n\"",
    "not-asked"
)]
#[case::name_alone("Digest realm=\"naf1.home1.net\", nonce=\"n\"", "not-asked")]
#[case::basic("Basic realm=\"3GPP-bootstrapping@naf1.home1.net\"", "not-asked")]
fn tells_whether_bootstrapping_is_asked_for(#[case] challenge: &str, #[case] asked: &str) {
    let mut play = Play::default();
    let text = format!("HTTP/1.1 401 Unauthorized\nWWW-Authenticate: {challenge}\n\n");
    let index = play.add_between(From::Target, Element::Naf, Element::Ue, &text);
    let fact = play.fact(&naf(DERIVED), index, "challenge.bootstrapping");
    assert_eq!(fact.as_deref(), Some(asked));
}

#[rstest]
#[case::quoted("\"user@as1.home1.net\"", "user@as1.home1.net", "quoted")]
#[case::bare("user@as1.home1.net", "user@as1.home1.net", "bare")]
#[case::one_quote("\"user@as1.home1.net", "\"user@as1.home1.net", "bare")]
#[case::quote_inside("\"a\"b\"", "\"a\"b\"", "bare")]
#[case::empty("\"\"", "", "quoted")]
fn reads_an_intended_identity(#[case] field: &str, #[case] value: &str, #[case] form: &str) {
    let mut play = Play::default();
    let text = format!("GET / HTTP/1.1\nX-3GPP-Intended-Identity: {field}\n\n");
    let index = play.add_between(From::Target, Element::Ue, Element::Naf, &text);
    let scene = naf(DERIVED);
    let empty = "\"\" (empty)";
    let value = if value.is_empty() { empty } else { value };
    let fact = |name| play.fact(&scene, index, name);
    assert_eq!(fact("intended-identity").as_deref(), Some(value));
    assert_eq!(fact("intended-identity.form").as_deref(), Some(form));
}

/// The request, and what came of it.
fn after(case: &Case, end: EntryKind) -> Outcome {
    let mut play = Play::default();
    play.add_between(
        From::Harness,
        Element::Ue,
        Element::Naf,
        "GET / HTTP/1.1\n\n",
    );
    play.transcript.entries.push(Entry {
        step: Some(1),
        at_micros: 0,
        connection: 1,
        kind: end,
    });
    judge_play(case, &naf(DERIVED), &play.transcript).outcome
}

#[rstest]
#[case::allowed(
    "expect: { status: 4xx, or: closed }",
    EntryKind::Closed,
    Outcome::Pass
)]
#[case::not_allowed("expect: { status: 4xx }", EntryKind::Closed, Outcome::Fail)]
#[case::said_to_be_wrong(
    "expect: { status: 4xx, or: answer }",
    EntryKind::Closed,
    Outcome::Fail
)]
#[case::silent("expect: { status: 4xx, or: closed }", EntryKind::TimedOut { after_millis: 1 }, Outcome::Inconclusive)]
fn takes_a_hung_up_connection_for_an_answer_where_that_is_allowed(
    #[case] step: &str,
    #[case] end: EntryKind,
    #[case] outcome: Outcome,
) {
    let case = stage_case(Element::Naf, &["send: { message: stage/get }", step]);
    assert_eq!(after(&case, end), outcome);
}

#[test]
fn repeats_what_an_edit_puts_in() {
    let step =
        "send: { message: stage/get, change: [{ header: X-Long, to: \"long \", times: 3 }] }";
    let case = stage_case(Element::Naf, &[step, "expect: { status: 401 }"]);
    let messages = sent(&case, &naf(DERIVED), &[]);
    assert!(
        messages[0].contains("X-Long: long long long"),
        "{}",
        messages[0]
    );
}
