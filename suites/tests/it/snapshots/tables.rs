//! The printed tables in both forms and releases, as the harness sends them.

use std::sync::LazyLock;

use gbaspec_case::element::Element;
use gbaspec_case::load::Library;
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::pki::{Armour, CertificationRequest, Signed};
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_roles::embedded::SUBSCRIBERS;
use gbaspec_wire::nonce::AkaNonce;
use rstest::rstest;

use super::play::{Partner, Script, bsf_name, library, play};
use super::{AUTS, FIRST_NONCE, snapshot, text_of};

static LIBRARY: LazyLock<Library> = LazyLock::new(|| library(CASES));

/// Cases whose only purpose is to send the tables.
const CASES: &str = r#"
topic: snapshot/tables
specification: { document: "TS 24.109", clause: "4.5" }
cases:
  - id: t456-corrected
    title: The request with AUTS as a conforming UE sends it
    target: bsf
    requirements: [UB-4.5-01]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { table: "4.5-6", password: empty, auts: { sqn-ms-ahead: 7 }, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 401 }
  - id: t456-as-printed
    title: The request with AUTS with the errors of the print
    target: bsf
    requirements: [UB-4.5-01]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { table: "4.5-6", form: as-printed, password: empty, auts: { sqn-ms-ahead: 7 }, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 401 }
  - id: t458-corrected
    title: The challenge as a conforming BSF sends it
    target: ue
    requirements: [UB-4.5-07]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { table: "4.5-8" }
      - expect: { at: bsf, method: GET }
  - id: t458-as-printed
    title: The challenge with the errors of the print
    target: ue
    requirements: [UB-4.5-07]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { table: "4.5-8", form: as-printed, then: close }
      - expect: { at: bsf, method: GET }
  - id: te41-corrected
    title: The refusal as a conforming portal sends it
    target: ue
    requirements: [PKI-E4-01]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { table: "E.4-1" }
      - finish: {}
  - id: te41-as-printed
    title: The refusal with the errors of the print
    target: ue
    requirements: [PKI-E4-01]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { table: "E.4-1", form: as-printed, then: close }
      - finish: {}
  - id: te311-corrected
    title: The enrolment request as a conforming UE sends it
    target: portal
    requirements: [PKI-6.2-02]
    steps:
      - send: { table: "E.3.1-1" }
      - expect: { status: 401 }
  - id: te311-as-printed
    title: The enrolment request with the errors of the print
    target: portal
    requirements: [PKI-6.2-02]
    steps:
      - send: { table: "E.3.1-1", form: as-printed }
      - expect: { status: 401 }
  - id: te51-corrected
    title: The request for a certificate of a CA as a conforming UE sends it
    target: portal
    requirements: [PKI-6.3-01]
    steps:
      - send: { message: pki/enrol }
      - given: { status: 200 }
      - send: { table: "E.5-1" }
      - expect: { status: 401 }
  - id: te51-as-printed
    title: The request for a certificate of a CA with the errors of the print
    target: portal
    requirements: [PKI-6.3-01]
    steps:
      - send: { table: "E.5-1", form: as-printed }
      - expect: { status: 401 }
  - id: te61-corrected
    title: The failure as a conforming portal sends it
    target: ue
    requirements: [PKI-6.3-03]
    steps:
      - trigger: get-ca
      - given: { at: portal }
      - send: { table: "E.6-1" }
      - finish: {}
  - id: te61-as-printed
    title: The failure with the errors of the print
    target: ue
    requirements: [PKI-6.3-03]
    steps:
      - trigger: get-ca
      - given: { at: portal }
      - send: { table: "E.6-1", form: as-printed, then: close }
      - finish: {}
"#;

#[rstest]
#[case::corrected_6("t456-corrected", 6)]
#[case::corrected_17("t456-corrected", 17)]
#[case::as_printed_6("t456-as-printed", 6)]
#[case::as_printed_17("t456-as-printed", 17)]
fn sends_table_4_5_6(#[case] slug: &str, #[case] release: u8) {
    let realm = bsf_name(release);
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"{realm}\", \
         nonce=\"{FIRST_NONCE}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n"
    );
    let sent = sent(slug, release, &[&challenge, &challenge]);
    let [_, request] = sent.as_slice() else {
        panic!("two requests, not {}", sent.len());
    };
    let text = text_of(request);
    // step6_auts_base64 and step6_response_empty_password of ub_resync_flow.
    assert!(text.contains(AUTS), "{text}");
    let response = if release == 6 {
        "6f9ea419c2e4598cbf4b61a28a74aafc"
    } else {
        "0c6b780251d1cc17f1efdcbe83e90720"
    };
    // The print of Release 6 has no quote after the response and so spoils its own digest.
    let is_readable = slug.ends_with("corrected") || release == 17;
    assert_eq!(
        text.contains(&format!("response=\"{response}\"")),
        is_readable,
        "{text}"
    );
    snapshot(&format!("{slug}-release-{release}"), &text);
}

#[rstest]
#[case::corrected_6("t458-corrected", 6)]
#[case::corrected_17("t458-corrected", 17)]
#[case::as_printed_6("t458-as-printed", 6)]
#[case::as_printed_17("t458-as-printed", 17)]
fn sends_table_4_5_8(#[case] slug: &str, #[case] release: u8) {
    let realm = bsf_name(release);
    let initial = format!(
        "GET / HTTP/1.1\r\nHost: {realm}\r\nAuthorization: Digest \
         username=\"user1_private@home1.net\", realm=\"{realm}\", nonce=\"\", uri=\"/\", \
         response=\"\"\r\n\r\n"
    );
    let sent = sent(slug, release, &[&initial]);
    let [challenge] = sent.as_slice() else {
        panic!("one challenge, not {}", sent.len());
    };
    let text = text_of(challenge);
    // The RAND comes from the seed; with it AUTN is the one for the first SQN after ff9bb4d0b607.
    let nonce = text.split("nonce=").nth(1).expect("a nonce");
    let nonce = nonce.trim_start_matches([' ', '"']);
    let nonce = nonce.split(['"', ',']).next().expect("its end");
    let nonce = AkaNonce::decode(nonce.as_bytes()).expect("RAND and AUTN");
    let opened = SUBSCRIBERS[0]
        .functions()
        .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
    assert_eq!(opened.mac, MacCheck::Valid);
    assert_eq!(opened.sqn.to_bytes(), [0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0x28]);
    snapshot(&format!("{slug}-release-{release}"), &text);
}

#[rstest]
#[case::corrected_6("te41-corrected", 6)]
#[case::corrected_17("te41-corrected", 17)]
#[case::as_printed_6("te41-as-printed", 6)]
#[case::as_printed_17("te41-as-printed", 17)]
fn sends_table_e_4_1(#[case] slug: &str, #[case] release: u8) {
    let sent = sent(slug, release, &[ENROLMENT]);
    let [refusal] = sent.as_slice() else {
        panic!("one refusal, not {}", sent.len());
    };
    let text = text_of(refusal);
    // error_403_rspauth of ua_pki_e4_flow covers the body that the print does not have.
    let proves_the_body = text.contains("rspauth=\"1afc60af49b8fda27aa964fd26d6855d\"");
    assert_eq!(proves_the_body, slug.ends_with("corrected"), "{text}");
    snapshot(&format!("{slug}-release-{release}"), &text);
}

/// The enrolment request of `ua_pki_e4_flow`.
const ENROLMENT: &str = "POST /enrol?response=single HTTP/1.1\r\n\
    Host: pkiportal.home1.net\r\n\
    Content-Type: application/x-pkcs10\r\n\
    Content-Length: 82\r\n\
    Authorization: Digest username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\", \
    realm=\"3GPP-bootstrapping@pkiportal.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", \
    uri=\"/enrol?response=single\", qop=auth-int, nc=00000001, \
    cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"0f5d22fb5a473670fea228e5f15e7a14\", \
    algorithm=MD5\r\n\
    \r\n\
    -----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n";

#[rstest]
#[case::corrected_6("te311-corrected", 6)]
#[case::corrected_17("te311-corrected", 17)]
#[case::as_printed_6("te311-as-printed", 6)]
#[case::as_printed_17("te311-as-printed", 17)]
fn sends_table_e_3_1_1(#[case] slug: &str, #[case] release: u8) {
    let sent = sent(slug, release, &[CHALLENGE]);
    let [request] = sent.as_slice() else {
        panic!("one request, not {}", sent.len());
    };
    let text = text_of(request);
    let body = request.windows(4).position(|octets| octets == b"\r\n\r\n");
    let body = &request[body.expect("an empty line") + 4..];
    let (read, armour) = CertificationRequest::read(body).expect("a request");
    assert_eq!((read.signed(), armour), (Signed::Valid, Armour::Pem));
    // The first session is that of test set 1.
    assert_eq!(read.subject().to_string(), "CN=user1_private@home1.net");
    assert!(
        text.contains(&format!("Content-Length: {}\\r", body.len())),
        "{text}"
    );
    snapshot(&format!("{slug}-release-{release}"), &text);
}

#[rstest]
#[case::corrected_6("te51-corrected", 6)]
#[case::corrected_17("te51-corrected", 17)]
#[case::as_printed_6("te51-as-printed", 6)]
#[case::as_printed_17("te51-as-printed", 17)]
fn sends_table_e_5_1(#[case] slug: &str, #[case] release: u8) {
    let certificate = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{LEAF}",
        LEAF.len()
    );
    let sent = sent(slug, release, &[&certificate, CHALLENGE]);
    let text = text_of(sent.last().expect("a request"));
    // The issuer of that certificate, as OpenSSL has written it.
    let issuer =
        "?in=MDkxFTATBgNVBAoMDEhvbWUgbmV0d29yazEgMB4GA1UEAwwXU3Vic2NyaWJlciBjZXJ0aWZpY2F0ZXM%3D ";
    assert_eq!(text.contains(issuer), slug.ends_with("corrected"), "{text}");
    snapshot(&format!("{slug}-release-{release}"), &text);
}

#[rstest]
#[case::corrected_6("te61-corrected", 6)]
#[case::corrected_17("te61-corrected", 17)]
#[case::as_printed_6("te61-as-printed", 6)]
#[case::as_printed_17("te61-as-printed", 17)]
fn sends_table_e_6_1(#[case] slug: &str, #[case] release: u8) {
    let sent = sent(slug, release, &[CA_REQUEST]);
    let [failure] = sent.as_slice() else {
        panic!("one failure, not {}", sent.len());
    };
    let text = text_of(failure);
    // Computed by other means from the key of ua_pki_e4_flow.
    let proves_the_body = text.contains("rspauth=\"3fd82278a0106d26b387ad8bcfc4dcde\"");
    assert_eq!(proves_the_body, slug.ends_with("corrected"), "{text}");
    snapshot(&format!("{slug}-release-{release}"), &text);
}

const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest \
    realm=\"3GPP-bootstrapping@pkiportal.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", \
    algorithm=MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n";

const LEAF: &str = include_str!("../../../../harness/crypto/tests/published/pki/leaf.pem");

/// The request for the certificate of a CA that no portal has, with the key of `ua_pki_e4_flow`.
const CA_REQUEST: &str = "GET /getcertificate?in=MBExDzANBgNVBAMMBk5vYm9keQ%3D%3D HTTP/1.1\r\n\
    Host: pkiportal.home1.net\r\n\
    Authorization: Digest username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\", \
    realm=\"3GPP-bootstrapping@pkiportal.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", \
    uri=\"/getcertificate?in=MBExDzANBgNVBAMMBk5vYm9keQ%3D%3D\", qop=auth-int, nc=00000001, \
    cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"af647a96a48c4b3b366a65c2f0955b4c\", \
    algorithm=MD5\r\n\
    \r\n";

/// Plays a case against a target that says these messages, and gives back what the harness sent.
fn sent(slug: &str, release: u8, script: &[&str]) -> Vec<Vec<u8>> {
    let mut partner = Partner::Script(Script::new(
        if slug.starts_with("te41") || slug.starts_with("te61") {
            Element::Portal
        } else if slug.starts_with("t458") {
            Element::Bsf
        } else {
            Element::Ue
        },
        script,
    ));
    let case = LIBRARY.case(&format!("snapshot/tables/{slug}"));
    let case = case.expect("the case is there");
    play(case, release, &mut partner).sent
}
