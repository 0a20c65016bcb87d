//! What `credentials.response.made-with` says of the right passwords and of the known mistakes. The
//! responses and keys are published ones (`ub_success_flow`, `gba_kdf`) or were computed with other
//! libraries from the values of Milenage test set 1.

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use gbaspec_case::element::Element;
use gbaspec_case::fact::MADE_WITH;
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use rstest::rstest;

use crate::world::{From, Play, scene};

/// The nonce and the cnonce of the published flow.
const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

#[rstest]
#[case::res("AKAv1-MD5", "c3010b8b0c8fe3d6425a4d50b6a66ba8", "res")]
#[case::hex_text("AKAv1-MD5", "62f9c39659df90633d6e8f635fdc3ae4", "res-as-hex")]
#[case::base64_text("AKAv1-MD5", "8006503b2a2afff6368822d36bb9cc2d", "res-as-base64")]
#[case::empty("AKAv1-MD5", "0c6b780251d1cc17f1efdcbe83e90720", "empty-password")]
#[case::padded_to_16("AKAv1-MD5", "89af76fd5c79383353dfe95ca24735ce", "res-padded")]
#[case::cut_to_4("AKAv1-MD5", "0edd275866ceba72d685b5d84b1f4587", "res-4")]
#[case::password_of_version_2("AKAv1-MD5", "3a912f43f0f899c2bc13e4f80281f73d", "akav2")]
#[case::ik("AKAv1-MD5", "3500ba27f4fba068a2466235577a4afd", "unknown")]
#[case::version_2("AKAv2-MD5", "3a912f43f0f899c2bc13e4f80281f73d", "akav2")]
#[case::version_2_raw("AKAv2-MD5", "5c2ea27a1997f0198ee89d107d7189e1", "akav2-raw")]
#[case::version_2_hex("AKAv2-MD5", "cc49930d87d3a588f0854528026ad10c", "akav2-as-hex")]
#[case::version_2_ck_ik("AKAv2-MD5", "bd50bc8e0249e4155b6fc286d02e31f2", "akav2-ck-ik")]
#[case::version_2_swapped("AKAv2-MD5", "7f047e7d67d5ebe4071a847b7b8ca1bf", "akav2-swapped")]
#[case::password_of_version_1("AKAv2-MD5", "c3010b8b0c8fe3d6425a4d50b6a66ba8", "res")]
#[case::sha_256(
    "AKAv2-SHA-256",
    "519b303232567686e10862b0fd5ee89805d6ef6e0155fee34b3ffd29eb6dec1f",
    "akav2"
)]
#[case::sha_256_ck_ik(
    "AKAv2-SHA-256",
    "0e8bf6a97fb7ee5a52ec5246a9addc7d79d910a1798247a75f22982fcf69c594",
    "akav2-ck-ik"
)]
fn names_the_password_of_an_answer_on_ub(
    #[case] algorithm: &str,
    #[case] response: &str,
    #[case] made_with: &str,
) {
    let scene = scene("");
    let mut play = Play::default();
    let index = play.add(
        From::Target,
        &format!(
            "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"{NONCE}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm={algorithm}\n\n"
        ),
    );
    let fact = play.fact(&scene, index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some(made_with));
    assert!(is_known(made_with));
}

const RIGHT: &str = "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501";

#[rstest]
#[case::base64(|key: &[u8]| BASE64.encode(key).into_bytes(), "ks-naf")]
#[case::raw(|key: &[u8]| key.to_vec(), "ks-naf-raw")]
#[case::hex(|key: &[u8]| HEXLOWER.encode(key).into_bytes(), "ks-naf-as-hex")]
#[case::base64url(|key: &[u8]| BASE64URL.encode(key).into_bytes(), "ks-naf-as-base64url")]
fn names_the_form_of_the_key(#[case] form: fn(&[u8]) -> Vec<u8>, #[case] made_with: &str) {
    assert_eq!(read(&form(&octets(RIGHT))), made_with);
    assert!(is_known(made_with));
}

#[rstest]
#[case::right(RIGHT, "ks-naf")]
#[case::ks(
    "b40ba9a3c58b2a05bbf0d987b21bf8cbf769bcd751044604127672711c6d3441",
    "ks"
)]
#[case::ks_is_ik_then_ck(
    "2b150df370762e307d105560dc398c3bfa9791abc4d864d8ab29e448cf75de0f",
    "ks-naf-ik-ck"
)]
#[case::naf_id_without_ua_id(
    "7d7af1e35eca835e6d3eb752822cff49deec37556fc9084e4ecd131d165ec8af",
    "ks-naf-without-ua-id"
)]
#[case::ua_id_as_text(
    "c26e28509a859018e522097ae3840d2769bc6aa6827c31994c9d282285da6910",
    "ks-naf-id-text"
)]
#[case::ua_id_of_the_portal(
    "c20a60dd547c79d45423582d3d634a9c0b98a7dd4803e3eccadfe6b1b4c9ef8a",
    "ks-naf-other-ua-id"
)]
#[case::ua_id_of_tls_1_3(
    "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6",
    "ks-naf-other-ua-id"
)]
#[case::key_of_the_portal(
    "a3e1bf73bddd7be7559233b1f47a14801c5df61bb3fba24693137fb5b3ed6f1d",
    "ks-naf-of-other-naf"
)]
#[case::length_octets_little_endian(
    "fca928a37bd9a7d0fc5927a475a767ed77695925cffe1e795bb1c8f720ac4579",
    "ks-naf-little-endian"
)]
#[case::length_before_value(
    "7e2a99ae1c64330bab68983a42c563ee229cbf6b166432d94b805e17b4b5e1e0",
    "ks-naf-length-first"
)]
#[case::no_length_fields(
    "e935eefcb0d86ddff4f237ca4dfa0008d851071b338652d4e4be6a741b8cef16",
    "ks-naf-no-lengths"
)]
#[case::fc_00(
    "43426f49d912657a5c5d4590de90b6f0f1d19ab6a67e8f8db061d508b19d192b",
    "ks-naf-fc-00"
)]
#[case::label_gba_u(
    "dc1ceb72700b7c0e17c8eac76838f8bafb134885011e713f782bfca16a2df691",
    "ks-naf-gba-u"
)]
#[case::label_with_a_zero(
    "269fc8059eca1f5d7a2cb12f3611ba50c9edfe52344a24b8387ddab11daf5279",
    "ks-naf-label-with-zero"
)]
#[case::impi_replaced_by_btid(
    "9d8eba96aa807f1b63a49d12dca6291dd6e1a929991b399a76b3eccb3f25f433",
    "ks-naf-with-btid"
)]
#[case::impi_replaced_by_tmpi(
    "e78314623977cc4d392ba5c32aa6f04ef13480a828e2afddb06cf6267df1b5a8",
    "ks-naf-with-tmpi"
)]
#[case::naf_fqdn_with_port(
    "f6f2832765b46171012b05c1dd05b3094fe7889f421bc70bb15ff33b236944ef",
    "ks-naf-port"
)]
#[case::naf_fqdn_with_the_default_port(
    "6ca280847a31d629270cc667d1b066d34acbf80dded11056462052427c1f9acf",
    "ks-naf-port"
)]
#[case::naf_fqdn_upper_case(
    "d3d294b8ad68e44058d856072af5f3cf7f46233640e211736d648d2523f3b3aa",
    "ks-naf-upper-case"
)]
#[case::rand_as_base64_text(
    "d7960a63be1beef3f97d64f689bee50626856fca37cbfb42856fe9425468befc",
    "ks-naf-rand-as-base64"
)]
#[case::key_of_another_run(
    "366f865cbd1ab67a7c8801c7a37d5735c16f96044f749c89d315a81d5eb6e82e",
    "ks-naf-of-other-run"
)]
fn names_the_mistake_in_the_key(#[case] key: &str, #[case] made_with: &str) {
    assert_eq!(read(BASE64.encode(&octets(key)).as_bytes()), made_with);
    assert!(is_known(made_with));
}

/// The responses were computed with another library.
#[rstest]
#[case::over_the_body("455453f47ce3e9f800a6ebae7c0316c4", "ks-naf")]
#[case::over_no_body("ba99b2822c44685ae52397fabc2f92c0", "ks-naf-over-no-body")]
#[case::over_another_body("5b694fb62d18cb8d309cac8ba994564f", "unknown")]
fn names_a_digest_that_leaves_the_body_out(#[case] response: &str, #[case] made_with: &str) {
    let mut play = Play::default();
    let request = format!(
        "POST / HTTP/1.1\nHost: naf1.home1.net\nContent-Length: 8\nAuthorization: Digest username=\"{BTID}\", realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"{CNONCE}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm=MD5\n\nresource"
    );
    let index = play.add_between(From::Target, Element::Ue, Element::Naf, &request);
    let scene = scene("names: { bsf: bsf.home1.net, naf: naf1.home1.net }\n");
    let fact = play.fact(&scene, index, "credentials.response.made-with");
    assert_eq!(fact.as_deref(), Some(made_with));
    assert!(made_with == "unknown" || is_known(made_with));
}

/// The keys inside TLS: the published ones of c02f and 002f, of TLS 1.3 with a shared key and of plain
/// HTTP digest; the others were computed with another library.
#[rstest]
#[case::of_the_suite(
    Element::Naf,
    0xc02f,
    "06eff3c520dfa07c55fa988d3b033eb857979a96535aea9f2da1b6635425f664",
    "ks-naf"
)]
#[case::of_a_suite_of_tls_1_3(
    Element::Naf,
    0x1301,
    "dda8a4d9889fb82dbdb26bfe2cdbed65404b2017c5ede57f645c219e754c1837",
    "ks-naf"
)]
#[case::of_plain_digest(Element::Naf, 0xc02f, RIGHT, "ks-naf-other-ua-id")]
#[case::of_a_shared_key_in_tls_1_3(
    Element::Naf,
    0xc02f,
    "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6",
    "ks-naf-other-ua-id"
)]
#[case::octets_swapped(
    Element::Naf,
    0xc02f,
    "1767617da62679874d08ad840fe9a8596a25b0e31f5d34c92aa9e2bb4f90241b",
    "ks-naf-suite-little-endian"
)]
#[case::of_another_suite(
    Element::Naf,
    0xc02f,
    "b84c7addb52b27169b4415b71d4001af2f39e42b264ed896b098ee3bf8d0725f",
    "ks-naf-other-suite"
)]
#[case::portal(
    Element::Portal,
    0xc02f,
    "a3e1bf73bddd7be7559233b1f47a14801c5df61bb3fba24693137fb5b3ed6f1d",
    "ks-naf"
)]
#[case::portal_bound_to_the_suite(
    Element::Portal,
    0xc02f,
    "ffb65c5bbe1bfd656f45d50126176a68518593349ef1fe966770fd1a1b917a43",
    "ks-naf-other-ua-id"
)]
#[case::portal_bound_to_swapped_octets(
    Element::Portal,
    0xc02f,
    "b42832b939b45ecf939401f642e4b0af1d019fb686f53f195671bd5d2955c2ff",
    "ks-naf-suite-little-endian"
)]
fn names_the_key_inside_tls(
    #[case] at: Element,
    #[case] suite: u16,
    #[case] key: &str,
    #[case] made_with: &str,
) {
    let mut play = Play::default();
    play.secure_with(1, None, suite, None);
    let password = BASE64.encode(&octets(key));
    assert_eq!(read_in(play, at, password.as_bytes()), made_with);
    assert!(is_known(made_with));
}

#[test]
fn knows_the_key_of_tls_1_3_with_a_shared_key() {
    let mut play = Play::default();
    play.secure_with(1, None, 0x1301, Some(BTID.as_bytes().to_vec()));
    let key = "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6";
    let password = BASE64.encode(&octets(key));
    assert_eq!(read_in(play, Element::Naf, password.as_bytes()), "ks-naf");
}

/// The request of the published resynchronisation, with AUTS as it stands in `ub_resync_flow`.
#[rstest]
#[case::right("uoU/PBLcTIsCWhx6zb8=", "valid")]
#[case::challenge_amf("uoU/PBLcG2H6hO/YWyg=", "challenge-amf")]
#[case::f5_instead_of_f5_star("VfMotDWXTIsCWhx6zb8=", "f5")]
#[case::f1_instead_of_f1_star("uoU/PBLcSNeTMy3Uq1k=", "f1")]
#[case::mac_first("TIsCWhx6zb+6hT88Etw=", "mac-first")]
#[case::one_bit("uoU/PBLcTIsCWhx6zb4=", "mismatch")]
fn names_the_mistake_in_auts(#[case] auts: &str, #[case] mac: &str) {
    let mut play = Play::default();
    let request = format!(
        "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"{NONCE}\", uri=\"/\", response=\"\", auts=\"{auts}\", algorithm=AKAv1-MD5\n\n"
    );
    let index = play.add(From::Target, &request);
    let fact = play.fact(&scene(""), index, "credentials.auts.mac");
    assert_eq!(fact.as_deref(), Some(mac));
}

/// Whether the page for people explains the word.
fn is_known(made_with: &str) -> bool {
    MADE_WITH.iter().any(|(word, _)| *word == made_with)
}

fn octets(hex: &str) -> Vec<u8> {
    HEXLOWER.decode(hex.as_bytes()).expect("hex")
}

/// What the fact says of a request to the NAF whose response was made with this password.
fn read(password: &[u8]) -> String {
    read_in(Play::default(), Element::Naf, password)
}

/// The same of a request to this element in a play that has begun.
fn read_in(mut play: Play, at: Element, password: &[u8]) -> String {
    let scene =
        scene("names: { bsf: bsf.home1.net, naf: naf1.home1.net, portal: pkiportal.home1.net }\n");
    let response = DigestInput {
        hash: Hash::Md5,
        username: BTID.as_bytes(),
        realm: b"3GPP-bootstrapping@naf1.home1.net",
        password: Password::Octets(password),
        nonce: CNONCE.as_bytes(),
        uri: b"/",
        nc: b"00000001",
        cnonce: CNONCE.as_bytes(),
        qop: Some(Qop::AuthInt),
        method: b"GET",
        body: b"",
    }
    .response();
    // The challenge of another run: RAND of test set 2.
    play.add(
        From::Harness,
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=\", algorithm=AKAv1-MD5, qop=\"auth-int\"\n\n",
    );
    let request = format!(
        "GET / HTTP/1.1\nHost: naf1.home1.net:1234\nAuthorization: Digest username=\"{BTID}\", realm=\"3GPP-bootstrapping@naf1.home1.net\", nonce=\"{CNONCE}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm=MD5\n\n"
    );
    let index = play.add_between(From::Target, Element::Ue, at, &request);
    play.fact(&scene, index, "credentials.response.made-with")
        .expect("the response can be read")
}
