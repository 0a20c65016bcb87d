//! What the harness sends: responses and results against published values (`ub_success_flow`), and
//! the challenge that it picks of several.

use std::time::Duration;

use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load};
use gbaspec_case::player::{Action, Occurrence, Player, Start};
use gbaspec_case::scene::Scene;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::Sqn;
use rstest::rstest;

use crate::world::{From, Play, scene};

const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
const SECOND_NONCE: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";

/// The answer of the published flow, with its cnonce.
const ANSWER: &str = "GET / HTTP/1.1
Host: bsf.home1.net
Authorization: Digest username=\"{ue.impi}\", realm=\"{challenge.realm}\", nonce=\"{challenge.nonce}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"{response}\", algorithm={challenge.algorithm}
";

/// A case of one topic whose steps are these lines.
fn case(target: Element, steps: &[&str]) -> Case {
    let steps: Vec<String> = steps
        .iter()
        .map(|step| format!("      - {step}\n"))
        .collect();
    let text = format!(
        "topic: ub/stage\nspecification: {{ document: \"TS 24.109\", clause: \"4.5\" }}\ntarget: {target}\ncases:\n  - id: sends\n    title: t\n    requirements: [UB-4.5-01]\n    steps:\n{}",
        steps.concat()
    );
    let messages = |id: &str, wire: &str| {
        let lines: Vec<String> = wire.lines().map(|line| format!("      {line}\n")).collect();
        format!(
            "  - id: stage/{id}\n    title: t\n    wire: |\n{}",
            lines.concat()
        )
    };
    let source = |name: &str, text: String| Source {
        name: name.to_owned(),
        text,
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml").to_owned(),
        ),
        source(
            "messages/stage.yaml",
            format!(
                "messages:\n{}{}{}",
                messages("get", "GET / HTTP/1.1\nHost: bsf.home1.net"),
                messages("answer", ANSWER),
                messages("ok", OK),
            ),
        ),
        source("ub/stage.yaml", text),
    ]);
    assert_eq!(loaded.problems, []);
    loaded.library.cases[0].clone()
}

/// The end of the published flow, without its body.
const OK: &str = "HTTP/1.1 200 OK
Authentication-Info: qop=auth-int, rspauth=\"{rspauth}\", cnonce=\"{request.cnonce}\", nc={request.nc}
Content-Length: {body.length}
";

/// The body of the published flow.
const BODY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BootstrappingInfo xmlns=\"uri:3gpp-gba\">\n  <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>\n  <lifetime>2004-01-09T10:13:17Z</lifetime>\n</BootstrappingInfo>\n";

/// What the harness sends while the target says this, one text a wait.
fn sent(case: &Case, scene: &Scene, says: &[&str]) -> Vec<String> {
    let start = Start {
        subscriber: 0,
        unix_millis: 0,
        seed: 1,
        he: HeSqn::new(scene.scheme, Sqn::default()),
    };
    let mut player = Player::new(case, scene, start);
    let mut sent = Vec::new();
    let mut says = says.iter();
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Action::Trigger(errand) => Occurrence::Triggered(errand),
            Action::Wait => match says.next() {
                Some(text) => Occurrence::Received {
                    connection: 1,
                    at: if case.target == Element::Ue {
                        Element::Bsf
                    } else {
                        Element::Ue
                    },
                    bytes: crlf(text),
                },
                None => break,
            },
            Action::Send(outgoing) => {
                sent.push(String::from_utf8(outgoing.bytes.clone()).expect("a text"));
                Occurrence::Sent {
                    connection: 1,
                    outgoing,
                }
            }
            _ => break,
        };
        player.record(Duration::ZERO, occurrence);
    }
    sent
}

/// Head lines end in CR LF; the body stays.
fn crlf(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}

fn challenge(algorithm: &str, nonce: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth-int\"\n"
    )
}

fn directive<'a>(message: &'a str, name: &str) -> &'a str {
    let (_, rest) = message
        .split_once(&format!("{name}="))
        .expect("the directive");
    rest.split(['"', ',', '\r'])
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}

#[rstest]
#[case::res("AKAv1-MD5", "", "c3010b8b0c8fe3d6425a4d50b6a66ba8")]
#[case::hex(
    "AKAv1-MD5",
    ", password: res-as-hex",
    "62f9c39659df90633d6e8f635fdc3ae4"
)]
#[case::base64(
    "AKAv1-MD5",
    ", password: res-as-base64",
    "8006503b2a2afff6368822d36bb9cc2d"
)]
#[case::padded(
    "AKAv1-MD5",
    ", password: res-padded",
    "89af76fd5c79383353dfe95ca24735ce"
)]
#[case::cut("AKAv1-MD5", ", password: res-4", "0edd275866ceba72d685b5d84b1f4587")]
#[case::empty("AKAv1-MD5", ", password: empty", "0c6b780251d1cc17f1efdcbe83e90720")]
#[case::of_nonce(
    "AKAv1-MD5",
    ", password: res-of-nonce",
    "c3010b8b0c8fe3d6425a4d50b6a66ba8"
)]
#[case::akav2("AKAv2-MD5", ", password: akav2", "3a912f43f0f899c2bc13e4f80281f73d")]
#[case::akav2_raw(
    "AKAv2-MD5",
    ", password: akav2-raw",
    "5c2ea27a1997f0198ee89d107d7189e1"
)]
#[case::akav2_ck_ik(
    "AKAv2-MD5",
    ", password: akav2-ck-ik",
    "bd50bc8e0249e4155b6fc286d02e31f2"
)]
#[case::akav2_swapped(
    "AKAv2-MD5",
    ", password: akav2-swapped",
    "7f047e7d67d5ebe4071a847b7b8ca1bf"
)]
#[case::akav2_sha_256(
    "AKAv2-SHA-256",
    ", password: akav2",
    "519b303232567686e10862b0fd5ee89805d6ef6e0155fee34b3ffd29eb6dec1f"
)]
fn answers_with_the_password(
    #[case] algorithm: &str,
    #[case] password: &str,
    #[case] response: &str,
) {
    let answer = format!("send: {{ message: stage/answer{password} }}");
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        &answer,
        "expect: { status: 200 }",
    ];
    let asked = format!(
        "HTTP/1.1 401 Unauthorized\n{}\n",
        challenge(algorithm, NONCE)
    );
    let sent = sent(&case(Element::Bsf, &steps), &scene(""), &[&asked]);
    assert_eq!(directive(&sent[1], "response"), response);
    assert_eq!(directive(&sent[1], "algorithm"), algorithm);
}

#[rstest]
#[case::version_1_by_itself("", "AKAv1-MD5", SECOND_NONCE)]
#[case::version_2_if_asked_for(", algorithm: AKAv2-MD5", "AKAv2-MD5", NONCE)]
#[case::whatever_the_case(", algorithm: akav2-md5", "AKAv2-MD5", NONCE)]
#[case::plain_digest(", algorithm: MD5, password: empty", "MD5", "n")]
fn picks_the_challenge(#[case] algorithm: &str, #[case] picked: &str, #[case] nonce: &str) {
    let answer = format!("send: {{ message: stage/answer{algorithm} }}");
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        &answer,
        "expect: { status: 200 }",
    ];
    let asked = format!(
        "HTTP/1.1 401 Unauthorized\n{}{}{}\n",
        challenge("AKAv2-MD5", NONCE),
        challenge("MD5", "n"),
        challenge("AKAv1-MD5", SECOND_NONCE)
    );
    let sent = sent(&case(Element::Bsf, &steps), &scene(""), &[&asked]);
    assert_eq!(directive(&sent[1], "algorithm"), picked);
    assert_eq!(directive(&sent[1], ", nonce"), nonce);
}

#[test]
fn has_no_answer_to_a_challenge_that_was_not_made() {
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        "send: { message: stage/answer, algorithm: AKAv2-SHA-256 }",
        "expect: { status: 200 }",
    ];
    let asked = format!(
        "HTTP/1.1 401 Unauthorized\n{}\n",
        challenge("AKAv1-MD5", NONCE)
    );
    let sent = sent(&case(Element::Bsf, &steps), &scene(""), &[&asked]);
    assert_eq!(sent.len(), 1);
}

/// The request of the published flow that a client under test sends.
fn request(algorithm: &str, response: &str) -> String {
    format!(
        "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"{NONCE}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"{response}\", algorithm={algorithm}\n\n"
    )
}

#[rstest]
#[case::version_1("AKAv1-MD5", "555af6499afdd4138f23c23ab0e0a81f")]
#[case::version_2("AKAv2-MD5", "cc54955ab58935f3675556ef20d9b4f3")]
#[case::version_2_sha_256(
    "AKAv2-SHA-256",
    "b7ff3b9034692c1d22c3d293ec6bee29f53063f19c9491c8c051e4977cc8327c"
)]
fn signs_the_result_and_knows_a_right_one(#[case] algorithm: &str, #[case] rspauth: &str) {
    let body = BODY.replace('\n', "\\n").replace('"', "\\\"");
    let ok = format!("send: {{ message: stage/ok, body: \"{body}\" }}");
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        &ok,
        "finish: { outcome: success }",
    ];
    let scene = scene("");
    let sent = sent(
        &case(Element::Ue, &steps),
        &scene,
        &[&request(algorithm, "0")],
    );
    assert_eq!(directive(&sent[0], "rspauth"), rspauth);
    let mut play = Play::default();
    play.add(From::Harness, &request(algorithm, "0"));
    let result = format!(
        "HTTP/1.1 200 OK\nAuthentication-Info: qop=auth-int, rspauth=\"{rspauth}\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\nContent-Length: 199\n\n"
    );
    let index = play.add_octets(
        From::Target,
        &[crlf(&result), BODY.as_bytes().to_vec()].concat(),
    );
    let made_with = play.fact(&scene, index, "info.rspauth.made-with");
    assert_eq!(made_with.as_deref(), Some("response-body"));
}

#[test]
fn fills_the_identities_of_the_play() {
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        "send: { message: stage/answer }",
        "given: { status: 200 }",
        "send: { wire: \"GET /{ue.domain} HTTP/1.1\\nX: {ue.tmpi}\", change: [ { header: Y, to: \"<{ue.tmpi}>\" } ] }",
        "expect: { status: 401 }",
    ];
    let asked = format!(
        "HTTP/1.1 401 Unauthorized\n{}\n",
        challenge("AKAv1-MD5", NONCE)
    );
    let scene = scene("names: { bsf: bsf.home1.net }\n");
    let sent = sent(
        &case(Element::Bsf, &steps),
        &scene,
        &[&asked, "HTTP/1.1 200 OK\n\n"],
    );
    let tmpi = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";
    assert_eq!(
        sent[2],
        format!("GET /home1.net HTTP/1.1\r\nX: {tmpi}\r\nY: <{tmpi}>\r\n\r\n")
    );
}

#[test]
fn has_no_tmpi_before_a_run_is_over() {
    let steps = [
        "send: { message: stage/get, change: [ { header: Y, to: \"{ue.tmpi}\" } ] }",
        "expect: { status: 401 }",
    ];
    let sent = sent(&case(Element::Bsf, &steps), &scene(""), &[]);
    assert_eq!(sent, [""; 0]);
}
