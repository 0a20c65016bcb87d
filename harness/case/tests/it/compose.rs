//! What the harness sends: responses and results against published values (`ub_success_flow`), and
//! the challenge that it picks of several.

use gbaspec_case::element::Element;
use rstest::rstest;

use crate::stage::{BODY, crlf, directive, sent, stage_case};
use crate::world::{From, Play, scene};

const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
const SECOND_NONCE: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";

fn challenge(algorithm: &str, nonce: &str) -> String {
    format!(
        "WWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm={algorithm}, qop=\"auth-int\"\n"
    )
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
    let sent = sent(&stage_case(Element::Bsf, &steps), &scene(""), &[&asked]);
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
    let sent = sent(&stage_case(Element::Bsf, &steps), &scene(""), &[&asked]);
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
    let sent = sent(&stage_case(Element::Bsf, &steps), &scene(""), &[&asked]);
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
    let ok = "send: { message: stage/ok, body: BODY }";
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        ok,
        "finish: { outcome: success }",
    ];
    let scene = scene("");
    let sent = sent(
        &stage_case(Element::Ue, &steps),
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
        &stage_case(Element::Bsf, &steps),
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
    let sent = sent(&stage_case(Element::Bsf, &steps), &scene(""), &[]);
    assert_eq!(sent, [""; 0]);
}
