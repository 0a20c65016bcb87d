use proptest::option;
use proptest::prelude::*;
use rstest::rstest;

use super::*;

const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";

/// First request, table A.3-1.
const INITIAL: &str = r#"Digest username="user1_private@home1.net", realm="bsf.home1.net", nonce="", uri="/", response="""#;
/// Second request of clause A.3 with computed values.
const ANSWER: &str = r#"Digest username="user1_private@home1.net", realm="bsf.home1.net", nonce="I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", uri="/", qop=auth-int, nc=00000001, cnonce="6629fae49393a05397450978507c4ef1", response="c3010b8b0c8fe3d6425a4d50b6a66ba8", opaque="5ccc069c403ebaf9f0171e9517f30e41", algorithm=AKAv1-MD5"#;
/// Table 4.5-6 corrected, Release 6 names, computed values.
const RESYNC: &str = r#"Digest username="user1_private@home1.net", realm="registrar.home1.net", nonce="I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=", uri="/", qop=auth-int, nc=00000001, cnonce="6629fae49393a05397450978507c4ef1", response="6f9ea419c2e4598cbf4b61a28a74aafc", opaque="5ccc069c403ebaf9f0171e9517f30e41", algorithm=AKAv1-MD5, auts="uoU/PBLcTIsCWhx6zb8=""#;
/// Table 4.5-6 as printed (ERR-01, ERR-02, ERR-03).
const RESYNC_PRINTED: &str = r#"Digest username="user1_private@home1.net", realm="registrar.home1.net", nonce=base64(RAND + AUTN + server specific data), uri="/", qop=auth-int, nc=00000001, cnonce="6629fae49393a05397450978507c4ef1", response="6629fae49393a05397450978507c4ef1, opaque="5ccc069c403ebaf9f0171e9517f30e41", algorithm=AKAv1-MD5, auts=base64(AUTS)"#;
/// Challenge of table 4.5-8 corrected, computed nonce.
const CHALLENGE: &str = r#"Digest realm="registrar.home1.net", nonce="wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=", algorithm=AKAv1-MD5, qop="auth-int""#;
/// Table 4.5-8 as printed (ERR-02, ERR-14).
const CHALLENGE_PRINTED: &str = r#"Digest realm="registrar.home1.net", nonce= base64(RAND + AUTN + server specific data), algorithm=AKAv1-MD5, qop="auth-int""#;
/// Challenge of clause B.3.
const UA_CHALLENGE: &str = r#"Digest realm="3GPP-bootstrapping@naf1.home1.net", nonce="6629fae49393a05397450978507c4ef1", algorithm=MD5, qop="auth,auth-int", opaque="5ccc069c403ebaf9f0171e9517f30e41""#;
/// `Authentication-Info` of the computed flow of clause A.3.
const INFO: &str = r#"qop=auth-int, rspauth="555af6499afdd4138f23c23ab0e0a81f", cnonce="6629fae49393a05397450978507c4ef1", nc=00000001"#;

fn bytes(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn kinds(found: &[Deviation]) -> Vec<(&'static str, Kind)> {
    found.iter().map(|one| (one.field, one.kind)).collect()
}

fn credentials(value: &str) -> (Credentials, Vec<Deviation>) {
    Credentials::parse(&DirectiveList::parse_credentials(value.as_bytes()))
}

fn challenge(value: &str) -> (Challenge, Vec<Deviation>) {
    let lists = DirectiveList::parse_challenges(value.as_bytes());
    Challenge::parse(lists.first().expect("one challenge"))
}

fn info(value: &str) -> (AuthenticationInfo, Vec<Deviation>) {
    AuthenticationInfo::parse(&DirectiveList::parse_info(value.as_bytes()))
}

#[test]
fn deconstructs_credentials_with_auts() {
    let expected = Credentials {
        username: Some(bytes("user1_private@home1.net")),
        realm: Some(bytes("registrar.home1.net")),
        nonce: Some(bytes(NONCE)),
        uri: Some(bytes("/")),
        qop: Some(QopValue::AuthInt),
        nc: Some(bytes("00000001")),
        cnonce: Some(bytes("6629fae49393a05397450978507c4ef1")),
        response: Some(bytes("6f9ea419c2e4598cbf4b61a28a74aafc")),
        opaque: Some(bytes("5ccc069c403ebaf9f0171e9517f30e41")),
        algorithm: Some(Algorithm::AkaV1Md5),
        auts: Some(bytes("uoU/PBLcTIsCWhx6zb8=")),
    };
    assert_eq!(credentials(RESYNC), (expected, vec![]));
}

#[test]
fn deconstructs_challenges() {
    let expected = Challenge {
        realm: Some(bytes("3GPP-bootstrapping@naf1.home1.net")),
        nonce: Some(bytes("6629fae49393a05397450978507c4ef1")),
        algorithm: Some(Algorithm::Md5),
        qop: vec![QopValue::Auth, QopValue::AuthInt],
        opaque: Some(bytes("5ccc069c403ebaf9f0171e9517f30e41")),
        stale: None,
        domain: None,
    };
    assert_eq!(challenge(UA_CHALLENGE), (expected, vec![]));
}

#[test]
fn deconstructs_authentication_info() {
    let expected = AuthenticationInfo {
        qop: Some(QopValue::AuthInt),
        rspauth: Some(bytes("555af6499afdd4138f23c23ab0e0a81f")),
        cnonce: Some(bytes("6629fae49393a05397450978507c4ef1")),
        nc: Some(bytes("00000001")),
        nextnonce: None,
    };
    assert_eq!(info(INFO), (expected, vec![]));
}

#[rstest]
#[case::initial(INITIAL)]
#[case::answer(ANSWER)]
#[case::resync(RESYNC)]
fn constructs_credentials(#[case] value: &str) {
    let (credentials, found) = credentials(value);
    assert_eq!(
        (credentials.emit().as_slice(), found),
        (value.as_bytes(), vec![])
    );
}

#[rstest]
#[case::table_4_5_8(CHALLENGE)]
#[case::annex_b(UA_CHALLENGE)]
#[case::not_stale(r#"Digest realm="a", nonce="b", qop="auth", stale=false"#)]
#[case::stale(
    r#"Digest realm="a", nonce="b", algorithm=SHA-256, qop="auth", stale=true, domain="/ /b""#
)]
fn constructs_challenges(#[case] value: &str) {
    let (challenge, found) = challenge(value);
    assert_eq!(
        (challenge.emit().as_slice(), found),
        (value.as_bytes(), vec![])
    );
}

#[rstest]
#[case::flow(INFO)]
#[case::only_nextnonce(r#"nextnonce="a""#)]
fn constructs_authentication_info(#[case] value: &str) {
    let (info, found) = info(value);
    assert_eq!((info.emit().as_slice(), found), (value.as_bytes(), vec![]));
}

#[test]
fn names_every_erratum_of_table_4_5_6() {
    let (credentials, found) = credentials(RESYNC_PRINTED);
    let expected = [
        ("nonce", Kind::StrayText),
        ("response", Kind::UnterminatedQuote),
        ("nonce", Kind::UnquotedString),
        ("auts", Kind::UnquotedString),
        ("nonce", Kind::BadBase64),
        ("auts", Kind::BadBase64),
    ];
    assert_eq!(kinds(&found), expected);
    // The missing quote does not swallow the directive behind it (ERR-01).
    assert_eq!(
        credentials.opaque,
        Some(bytes("5ccc069c403ebaf9f0171e9517f30e41"))
    );
}

#[test]
fn names_every_erratum_of_table_4_5_8() {
    let (_, found) = challenge(CHALLENGE_PRINTED);
    let expected = [
        ("nonce", Kind::BlankAroundEquals),
        ("nonce", Kind::StrayText),
        ("nonce", Kind::UnquotedString),
        ("nonce", Kind::BadBase64),
    ];
    assert_eq!(kinds(&found), expected);
}

#[rstest]
// Each case changes one place of the correct answer.
#[case::qop_quoted("qop=auth-int", "qop=\"auth-int\"", "qop", Kind::QuotedToken)]
#[case::nc_quoted("nc=00000001", "nc=\"00000001\"", "nc", Kind::QuotedToken)]
#[case::algorithm_quoted("=AKAv1-MD5", "=\"AKAv1-MD5\"", "algorithm", Kind::QuotedToken)]
#[case::uri_unquoted("uri=\"/\"", "uri=/", "uri", Kind::UnquotedString)]
#[case::nc_short("nc=00000001", "nc=1", "nc", Kind::NcNotEightHex)]
#[case::nc_upper_case("nc=00000001", "nc=0000000A", "nc", Kind::NcNotEightHex)]
#[case::nc_no_hex("nc=00000001", "nc=0000000g", "nc", Kind::NcNotEightHex)]
#[case::response_upper_case("\"c3010b8b", "\"C3010B8B", "response", Kind::ResponseNot32LowerHex)]
#[case::response_short("\"c3010b8b", "\"", "response", Kind::ResponseNot32LowerHex)]
#[case::response_of_sha_256(
    "\"c3010b8b",
    "\"c3010b8bc3010b8b0c8fe3d6425a4d50b6a66ba8",
    "response",
    Kind::ResponseNot32LowerHex
)]
#[case::response_empty(
    "\"c3010b8b0c8fe3d6425a4d50b6a66ba8\"",
    "\"\"",
    "response",
    Kind::ResponseNot32LowerHex
)]
#[case::algorithm_unknown("=AKAv1-MD5", "=FOO", "algorithm", Kind::UnknownAlgorithm)]
#[case::qop_unknown("qop=auth-int", "qop=auth-conf", "qop", Kind::UnknownQop)]
#[case::no_qop("qop=auth-int, ", "", "qop", Kind::MissingDirective)]
#[case::no_nc("nc=00000001, ", "", "nc", Kind::MissingDirective)]
#[case::no_realm("realm=\"bsf.home1.net\", ", "", "realm", Kind::MissingDirective)]
#[case::no_username(
    "username=\"user1_private@home1.net\", ",
    "",
    "username",
    Kind::MissingDirective
)]
#[case::twice("uri=\"/\"", "uri=\"/\", uri=\"/x\"", "uri", Kind::DuplicateDirective)]
#[case::blank("uri=\"/\"", "uri = \"/\"", "uri", Kind::BlankAroundEquals)]
#[case::no_comma("uri=\"/\", ", "uri=\"/\" ", "qop", Kind::MissingComma)]
#[case::open_quote("uri=\"/\"", "uri=\"/", "uri", Kind::UnterminatedQuote)]
#[case::other_scheme("Digest", "Basic", "scheme", Kind::WrongScheme)]
#[case::nonce_url("rke/NVX", "rke_NVX", "nonce", Kind::BadBase64)]
#[case::nonce_short("NVXzKLQ1d7m5Sp/6w1Tfr7M=", "NQ==", "nonce", Kind::NonceTooShort)]
#[case::auts_13(
    "=AKAv1-MD5",
    "=AKAv1-MD5, auts=\"uoU/PBLcTIsCWhx6zQ==\"",
    "auts",
    Kind::AutsNot14Octets
)]
#[case::auts_15(
    "=AKAv1-MD5",
    "=AKAv1-MD5, auts=\"uoU/PBLcTIsCWhx6zb8A\"",
    "auts",
    Kind::AutsNot14Octets
)]
#[case::auts_no_base64("=AKAv1-MD5", "=AKAv1-MD5, auts=\"uoU\"", "auts", Kind::BadBase64)]
#[case::auts_unquoted(
    "=AKAv1-MD5",
    "=AKAv1-MD5, auts=uoU/PBLcTIsCWhx6zb8=",
    "auts",
    Kind::UnquotedString
)]
#[case::auts_nothing("=AKAv1-MD5", "=AKAv1-MD5, auts=\"\"", "auts", Kind::AutsNot14Octets)]
fn names_the_deviation_of_credentials(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: &str,
    #[case] kind: Kind,
) {
    let value = ANSWER.replacen(from, to, 1);
    assert_ne!(value, ANSWER);
    let (_, found) = credentials(&value);
    assert_eq!(kinds(&found), [(field, kind)]);
}

#[rstest]
#[case::qop_unquoted("qop=\"auth-int\"", "qop=auth-int", "qop", Kind::UnquotedString)]
#[case::no_qop(", qop=\"auth-int\"", "", "qop", Kind::MissingDirective)]
#[case::no_realm("realm=\"registrar.home1.net\", ", "", "realm", Kind::MissingDirective)]
#[case::algorithm_quoted("=AKAv1-MD5", "=\"AKAv1-MD5\"", "algorithm", Kind::QuotedToken)]
#[case::stale_quoted("=AKAv1-MD5", "=AKAv1-MD5, stale=\"true\"", "stale", Kind::QuotedToken)]
#[case::stale_number("=AKAv1-MD5", "=AKAv1-MD5, stale=1", "stale", Kind::BadStale)]
#[case::nonce_hex(
    "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=",
    "c00d6031",
    "nonce",
    Kind::NonceTooShort
)]
#[case::no_scheme("Digest ", "", "scheme", Kind::WrongScheme)]
fn names_the_deviation_of_challenges(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: &str,
    #[case] kind: Kind,
) {
    let value = CHALLENGE.replacen(from, to, 1);
    assert_ne!(value, CHALLENGE);
    let (_, found) = challenge(&value);
    assert_eq!(kinds(&found), [(field, kind)]);
}

#[rstest]
#[case::qop_quoted("qop=auth-int", "qop=\"auth-int\"", "qop", Kind::QuotedToken)]
#[case::rspauth_unquoted(
    "\"555af6499afdd4138f23c23ab0e0a81f\"",
    "555af6499afdd4138f23c23ab0e0a81f",
    "rspauth",
    Kind::UnquotedString
)]
#[case::rspauth_upper_case("\"555af649", "\"555AF649", "rspauth", Kind::RspauthNot32LowerHex)]
#[case::no_cnonce(
    ", cnonce=\"6629fae49393a05397450978507c4ef1\"",
    "",
    "cnonce",
    Kind::MissingDirective
)]
#[case::no_rspauth(
    ", rspauth=\"555af6499afdd4138f23c23ab0e0a81f\"",
    "",
    "rspauth",
    Kind::MissingDirective
)]
fn names_the_deviation_of_authentication_info(
    #[case] from: &str,
    #[case] to: &str,
    #[case] field: &str,
    #[case] kind: Kind,
) {
    let value = INFO.replacen(from, to, 1);
    assert_ne!(value, INFO);
    let (_, found) = info(&value);
    assert_eq!(kinds(&found), [(field, kind)]);
}

#[test]
fn tells_an_absent_directive_from_an_empty_one() {
    let (initial, _) = credentials(INITIAL);
    assert_eq!(
        (initial.nonce, initial.response),
        (Some(bytes("")), Some(bytes("")))
    );
    assert_eq!((initial.opaque, initial.auts), (None, None));
}

#[test]
fn accepts_the_realm_list_and_names_the_quoted_algorithm_of_open_clients() {
    // ERR-35: two realms in one value, MD5-sess in quotes.
    let value = r#"Digest realm="3GPP-bootstrapping-uicc@f;3GPP-bootstrapping@f", nonce="a", algorithm="MD5-sess", qop="auth""#;
    let (challenge, found) = challenge(value);
    assert_eq!(
        challenge.realm,
        Some(bytes("3GPP-bootstrapping-uicc@f;3GPP-bootstrapping@f"))
    );
    assert_eq!(challenge.algorithm, Some(Algorithm::Md5Sess));
    assert_eq!(kinds(&found), [("algorithm", Kind::QuotedToken)]);
}

#[test]
fn reads_the_sample_of_rfc_7616() {
    // RFC 7616 clause 3.9.1, the SHA-256 answer; it is folded in the text.
    let value = "Digest username=\"Mufasa\",\r\n       realm=\"http-auth@example.org\",\r\n       uri=\"/dir/index.html\",\r\n       algorithm=SHA-256,\r\n       nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\r\n       nc=00000001,\r\n       cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\",\r\n       qop=auth,\r\n       response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\",\r\n       opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    let (credentials, found) = credentials(value);
    assert_eq!(credentials.algorithm, Some(Algorithm::Sha256));
    assert_eq!(credentials.qop, Some(QopValue::Auth));
    assert_eq!(kinds(&found), []);
}

#[test]
fn never_ends_the_line_with_a_value() {
    let realm = Some(b"a\r\nX: y\"\\\x00".to_vec());
    let emitted = Challenge {
        realm,
        ..Challenge::default()
    }
    .emit();
    assert_eq!(emitted, b"Digest realm=\"a  X: y\\\"\\\\ \"");
}

#[test]
fn reads_any_case_of_known_names_and_keeps_unknown_ones() {
    assert_eq!(Algorithm::from_bytes(b"akaV1-md5"), Algorithm::AkaV1Md5);
    assert_eq!(
        Algorithm::from_bytes(b"akav2-sha-256"),
        Algorithm::AkaV2Sha256
    );
    assert_eq!(
        Algorithm::from_bytes(b"AKAv2-SHA-512").as_bytes(),
        b"AKAv2-SHA-512"
    );
    assert_eq!(QopValue::from_bytes(b"Auth-Int"), QopValue::AuthInt);
    assert_eq!(QopValue::from_bytes(b"auth-conf").as_bytes(), b"auth-conf");
}

/// Any text that a quoted string can carry.
fn string() -> impl Strategy<Value = Option<Vec<u8>>> {
    option::of("[^\\x00-\\x08\\x0a-\\x1f\\x7f]{0,12}".prop_map(String::into_bytes))
}

proptest! {
    #[test]
    fn credentials_round_trip(
        username in string(), realm in string(), uri in string(), opaque in string(),
        nc in option::of("[0-9a-f]{8}"), response in option::of("[0-9a-f]{32}"),
    ) {
        let written = Credentials {
            username,
            realm,
            uri,
            opaque,
            nc: nc.map(String::into_bytes),
            response: response.map(String::into_bytes),
            algorithm: Some(Algorithm::AkaV2Md5),
            ..Credentials::default()
        };
        let list = DirectiveList::parse_credentials(&written.emit());
        prop_assert_eq!(list.deviations(), vec![]);
        prop_assert_eq!(Credentials::parse(&list).0, written);
    }

    #[test]
    fn challenges_round_trip(realm in string(), nonce in string(), domain in string(), stale: Option<bool>) {
        let qop = vec![QopValue::AuthInt, QopValue::Auth];
        let written = Challenge { realm, nonce, qop, stale, domain, ..Challenge::default() };
        let lists = DirectiveList::parse_challenges(&written.emit());
        prop_assert_eq!(lists.len(), 1);
        prop_assert_eq!(Challenge::parse(&lists[0]).0, written);
    }
}
