//! 2G GBA and `GBA_Digest`: what a request was made with, what a result was signed with, and which
//! key follows for a NAF. The values of `gba_2g` and `gba_digest` are published ones or were computed
//! from them with another library.

use gbaspec_case::element::Element;
use gbaspec_case::scene::Scene;
use rstest::rstest;

use crate::stage::{BODY, crlf, directive, sent, stage_case};
use crate::world::{From, Play, scene_with};

const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
const NONCE_2G: &str = "I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/";
const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NQ==";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

const SIM: &str = "names: { bsf: bsf.home1.net, naf: naf1.home1.net }\nsubscribers:\n  - { impi: user1_private@home1.net, kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\" }\n";
const PASSWORD: &str = "names: { bsf: bsf.home1.net, naf: naf1.home1.net }\nsubscribers:\n  - { impi: user8_private@home1.net, kind: digest, password: \"correct horse battery staple\" }\n";

fn sim() -> Scene {
    scene_with(SIM)
}

fn password(more: &str) -> Scene {
    scene_with(&format!("{more}{PASSWORD}"))
}

/// The request that answers a challenge of a BSF.
fn answer(user: &str, realm: &str, nonce: &str, response: &str, algorithm: &str) -> String {
    format!(
        "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm={algorithm}\n\n"
    )
}

fn answer_2g(response: &str) -> String {
    answer(
        "user1_private@home1.net",
        "bsf.home1.net",
        NONCE_2G,
        response,
        "AKAv1-MD5",
    )
}

fn answer_digest(response: &str, algorithm: &str) -> String {
    answer(
        "user8_private@home1.net",
        "home1.net",
        NONCE,
        response,
        algorithm,
    )
}

/// The request to the NAF with the B-TID of the run.
fn at_naf(response: &str) -> String {
    format!(
        "GET / HTTP/1.1\nHost: naf1.home1.net\nAuthorization: Digest username=\"{BTID}\", realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"{CNONCE}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm=MD5\n\n"
    )
}

/// The 200 of the published flow with this rspauth.
fn result(rspauth: &str) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\nAuthentication-Info: qop=auth-int, rspauth=\"{rspauth}\", cnonce=\"{CNONCE}\", nc=00000001\nContent-Length: 199\n\n"
    );
    [crlf(&head), BODY.as_bytes().to_vec()].concat()
}

#[rstest]
#[case::right("c15dc1503aa278782b7254f303dc1825", "res")]
#[case::hex("fadde81e1e37d97e3ce31d92b2d4b03c", "res-as-hex")]
#[case::kc_once("484c7427869122b1c90c847f82db52ad", "res-2g-kc-once")]
#[case::rand_first("e727a04192401e96a7a3bd5960efaf29", "res-2g-rand-first")]
#[case::sres_first("74d6f6cbb6cb95e776585a43206a74f8", "res-2g-sres-first")]
#[case::last_half("f2d8e37e95d6db65c1d9e24dc6f780d1", "res-2g-last-half")]
#[case::untruncated("172ea15e85c4809ef257d0f38c0aaf86", "res-2g-untruncated")]
#[case::sres("24a983530f636a93eb8998fa3f614b61", "sres")]
#[case::res_of_a_usim("ae411379d91726eab872aa851aac7c8b", "unknown")]
fn names_the_password_of_2g_gba(#[case] response: &str, #[case] made_with: &str) {
    let mut play = Play::default();
    let index = play.add(From::Target, &answer_2g(response));
    let fact = play.fact(&sim(), index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some(made_with));
}

#[rstest]
#[case::right(NONCE_2G, "decodes", Some("00112233445566778899aabbccddeeff"))]
#[case::nonce_of_aka(
    "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
    "nonce has 32 octets, expected 48",
    None
)]
#[case::autn_random(
    "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7MAESIzRFVmd4iZqrvM3e7/",
    "the octets in the place of AUTN are not all zero",
    None
)]
#[case::no_base64("#", "nonce: not base64 with its padding", None)]
fn reads_the_nonce_of_2g_gba(
    #[case] nonce: &str,
    #[case] reads: &str,
    #[case] ks_input: Option<&str>,
) {
    let mut play = Play::default();
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\n\n"
    );
    let index = play.add(From::Target, &challenge);
    let fact = |name| play.fact(&sim(), index, name);
    assert_eq!(fact("challenge.nonce.2g").as_deref(), Some(reads));
    assert_eq!(fact("challenge.ks-input").as_deref(), ks_input);
}

#[rstest]
#[case::right(
    "base64",
    "octets",
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a",
    "gba-digest"
)]
#[case::other_form(
    "base64",
    "octets",
    "4fdc235edb2df3688af039b61ab3c87c342c1f97f3b83cde3e1ef9f9a06085e6",
    "gba-digest-as-octets"
)]
#[case::hex(
    "base64",
    "octets",
    "d7f04ec5f42392d1fed683c953f531d34d8a785a5f551180f6bce638c43ae93d",
    "gba-digest-as-hex"
)]
#[case::right_by_the_profile(
    "octets",
    "octets",
    "4fdc235edb2df3688af039b61ab3c87c342c1f97f3b83cde3e1ef9f9a06085e6",
    "gba-digest"
)]
#[case::other_than_the_profile(
    "octets",
    "octets",
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a",
    "gba-digest-as-base64"
)]
#[case::hash_as_text(
    "base64",
    "octets",
    "e1f87913a06515c1637f7cabc01856ce6baeeadc658511fedd3e854b58f72de1",
    "gba-digest-of-other-hashes"
)]
#[case::hash_as_text_by_the_profile(
    "base64",
    "hex",
    "e1f87913a06515c1637f7cabc01856ce6baeeadc658511fedd3e854b58f72de1",
    "gba-digest"
)]
#[case::label_with_blank(
    "base64",
    "octets",
    "c010b1f49beb74dbe88e3973f8a5b5e74eea75963ac65bec3078307deed8492e",
    "gba-digest-label-with-blank"
)]
#[case::plain(
    "base64",
    "octets",
    "45387b9e39935ae259596c274bbe4a177e8128ccb92a1f72851aa39422b32b4a",
    "plain-password"
)]
fn names_the_password_of_gba_digest(
    #[case] passwd: &str,
    #[case] hashes: &str,
    #[case] response: &str,
    #[case] made_with: &str,
) {
    let scene = password(&format!(
        "gba-digest: {{ passwd: {passwd}, hashes: {hashes} }}\n"
    ));
    let mut play = Play::default();
    play.secure(1, None);
    let index = play.add(From::Target, &answer_digest(response, "SHA-256"));
    let fact = play.fact(&scene, index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some(made_with));
}

#[rstest]
#[case::md5("MD5", "7d9dbcc723806ea34ccf417eedff579b")]
#[case::sha_256(
    "SHA-256",
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a"
)]
fn takes_the_hash_of_the_algorithm(#[case] algorithm: &str, #[case] response: &str) {
    let mut play = Play::default();
    play.secure(1, None);
    let index = play.add(From::Target, &answer_digest(response, algorithm));
    let fact = play.fact(&password(""), index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some("gba-digest"));
}

/// Without TLS there is nothing that the password could be bound to.
#[test]
fn knows_no_password_outside_tls() {
    let mut play = Play::default();
    let response = "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a";
    let index = play.add(From::Target, &answer_digest(response, "SHA-256"));
    let fact = play.fact(&password(""), index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some("unknown"));
}

/// rspauth is made with the form that the request was made with.
#[rstest]
#[case::profile_form(
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a",
    "e31e494c8d2ffe4141c7944dc4226d145afe91528f5d1b7eae0d131c05d29401"
)]
#[case::other_form(
    "4fdc235edb2df3688af039b61ab3c87c342c1f97f3b83cde3e1ef9f9a06085e6",
    "ec672f5f2d6c94c1eaa47e0b9e0926f646465bfbd6994f4e6a4eeda74aecc785"
)]
fn signs_the_result_of_gba_digest(#[case] response: &str, #[case] rspauth: &str) {
    let scene = password("");
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        "send: { message: stage/ok, body: BODY }",
        "finish: { outcome: success }",
    ];
    let case = stage_case(Element::Ue, &steps);
    let request = answer_digest(response, "SHA-256");
    let made = sent(&case, &scene, &[&request]);
    assert_eq!(directive(&made[0], "rspauth"), rspauth);
    let mut play = Play::default();
    play.secure(1, None);
    play.add(From::Harness, &request);
    let index = play.add_octets(From::Target, &result(rspauth));
    let fact = play.fact(&scene, index, "info.rspauth.made-with");
    assert_eq!(fact.as_deref(), Some("response-body"));
}

#[test]
fn signs_the_result_of_2g_gba() {
    let rspauth = "edf36856045862dccf53f237be5abddd";
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        "send: { message: stage/ok, body: BODY }",
        "finish: { outcome: success }",
    ];
    let case = stage_case(Element::Ue, &steps);
    let made = sent(
        &case,
        &sim(),
        &[&answer_2g("c15dc1503aa278782b7254f303dc1825")],
    );
    assert_eq!(directive(&made[0], "rspauth"), rspauth);
}

#[rstest]
#[case::right("", "c15dc1503aa278782b7254f303dc1825")]
#[case::kc_once(", password: res-2g-kc-once", "484c7427869122b1c90c847f82db52ad")]
#[case::untruncated(", password: res-2g-untruncated", "172ea15e85c4809ef257d0f38c0aaf86")]
fn answers_a_challenge_of_2g_gba(#[case] password: &str, #[case] response: &str) {
    let answer = format!("send: {{ message: stage/answer{password} }}");
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        &answer,
        "expect: { status: 200 }",
    ];
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{NONCE_2G}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\n\n"
    );
    let made = sent(&stage_case(Element::Bsf, &steps), &sim(), &[&challenge]);
    assert_eq!(directive(&made[1], "response"), response);
}

#[rstest]
#[case::right(
    "gba-digest",
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a"
)]
#[case::label_with_blank(
    "gba-digest-label-with-blank",
    "c010b1f49beb74dbe88e3973f8a5b5e74eea75963ac65bec3078307deed8492e"
)]
#[case::plain(
    "plain-password",
    "45387b9e39935ae259596c274bbe4a177e8128ccb92a1f72851aa39422b32b4a"
)]
fn answers_a_challenge_of_gba_digest(#[case] form: &str, #[case] response: &str) {
    let answer = format!("send: {{ message: stage/answer, password: {form} }}");
    let steps = [
        "send: { message: stage/get }",
        "given: { status: 401 }",
        &answer,
        "expect: { status: 200 }",
    ];
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"home1.net\", nonce=\"{NONCE}\", algorithm=SHA-256, qop=\"auth-int\"\n\n"
    );
    let case = stage_case(Element::Bsf, &steps);
    let made = sent(&case, &password(""), &[&challenge]);
    assert_eq!(directive(&made[1], "response"), response);
}

/// The nonce of a challenge that the harness makes, by the keys of the subscriber.
#[rstest]
#[case::sim(SIM, 64)]
#[case::password(PASSWORD, 24)]
fn challenges_by_the_keys(#[case] profile: &str, #[case] characters: usize) {
    let scene = scene_with(profile);
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        "send: { message: stage/challenge }",
        "finish: { outcome: success }",
    ];
    let case = stage_case(Element::Ue, &steps);
    let made = sent(&case, &scene, &["GET / HTTP/1.1\n\n"]);
    assert_eq!(directive(&made[0], ", nonce").len(), characters);
    let mut play = Play::default();
    let index = play.add(From::Harness, &made[0].replace("\r\n", "\n"));
    let is_2g = play.fact(&scene, index, "challenge.nonce.2g").as_deref() == Some("decodes");
    assert_eq!(is_2g, characters == 64);
}

#[test]
fn hands_out_the_btid_of_each_run() {
    let steps = [
        "trigger: bootstrap",
        "given: { at: bsf }",
        "send: { wire: \"HTTP/1.1 200 OK\\nX: {btid}\" }",
        "finish: { outcome: success }",
    ];
    let case = stage_case(Element::Ue, &steps);
    let runs = [
        (sim(), answer_2g("0")),
        (password(""), answer_digest("0", "SHA-256")),
    ];
    for (scene, request) in runs {
        let made = sent(&case, &scene, &[&request]);
        assert_eq!(made[0], format!("HTTP/1.1 200 OK\r\nX: {BTID}\r\n\r\n"));
    }
}

/// The key for a NAF follows from the run on Ub that the play has seen.
#[test]
fn derives_the_key_of_a_run_of_2g_gba() {
    let mut play = Play::default();
    let response = "27585d533c8deb789d3e9338cea782b4";
    let before = play.add_between(From::Target, Element::Ue, Element::Naf, &at_naf(response));
    play.add(From::Target, &answer_2g("c15dc1503aa278782b7254f303dc1825"));
    let after = play.add_between(From::Target, Element::Ue, Element::Naf, &at_naf(response));
    let fact = |index| play.fact(&sim(), index, "credentials.response.made-with");
    assert_eq!(fact(before).as_deref(), Some("unknown"));
    assert_eq!(fact(after).as_deref(), Some("ks-naf"));
}

#[rstest]
#[case::sha_256(
    "SHA-256",
    "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a",
    "d961ace480f577f0638436051a1faaf5"
)]
#[case::md5(
    "MD5",
    "7d9dbcc723806ea34ccf417eedff579b",
    "0c1c1dfaea1c7c4946f29574bb818db5"
)]
fn derives_the_key_of_a_run_of_gba_digest(
    #[case] algorithm: &str,
    #[case] proof: &str,
    #[case] response: &str,
) {
    let mut play = Play::default();
    play.secure(1, None);
    play.add(From::Target, &answer_digest(proof, algorithm));
    let index = play.add_between(From::Target, Element::Ue, Element::Naf, &at_naf(response));
    // The NAF is reached in the clear.
    play.transcript.entries[index].connection = 2;
    let fact = play.fact(&password(""), index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some("ks-naf"));
}
