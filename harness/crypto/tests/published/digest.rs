//! The examples of RFC 2617 and RFC 7616, and the smaller rules of `digest`.

use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop, digests_equal};
use rstest::rstest;

const RFC_2617: DigestInput<'_> = DigestInput {
    hash: Hash::Md5,
    username: b"Mufasa",
    realm: b"testrealm@host.com",
    password: Password::Octets(b"Circle Of Life"),
    nonce: b"dcd98b7102dd2f0e8b11d0f600bfb0c093",
    uri: b"/dir/index.html",
    nc: b"00000001",
    cnonce: b"0a4f113b",
    qop: Some(Qop::Auth),
    method: b"GET",
    body: b"",
};

const RFC_7616_SIMPLE: DigestInput<'_> = DigestInput {
    realm: b"http-auth@example.org",
    password: Password::Octets(b"Circle of Life"),
    nonce: b"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
    cnonce: b"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    ..RFC_2617
};

// The RFC prints another response, a known erratum; this one is of SHA-512/256 as FIPS has it.
const RFC_7616_UTF_8: DigestInput<'_> = DigestInput {
    hash: Hash::Sha512Trunc256,
    username: b"J\xc3\xa4s\xc3\xb8n Doe",
    realm: b"api@example.org",
    password: Password::Octets(b"Secret, or not?"),
    nonce: b"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
    uri: b"/doe.json",
    cnonce: b"NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    ..RFC_2617
};

#[rstest]
#[case::rfc_2617_clause_3_5(RFC_2617, "6629fae49393a05397450978507c4ef1")]
#[case::rfc_7616_clause_3_9_1_md5(RFC_7616_SIMPLE, "8ca523f5e9506fed4657c9700eebdbec")]
#[case::rfc_7616_clause_3_9_1_sha_256(
    DigestInput { hash: Hash::Sha256, ..RFC_7616_SIMPLE },
    "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
)]
#[case::rfc_7616_clause_3_9_2(
    RFC_7616_UTF_8,
    "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"
)]
#[case::rfc_2069_form(
    DigestInput { qop: None, ..RFC_2617 },
    "670fd8c2df070c60b045671b8b24ff02"
)]
fn gives_the_published_response(#[case] input: DigestInput<'_>, #[case] response: &str) {
    assert_eq!(input.response(), response);
}

#[rstest]
#[case::username(DigestInput { username: b"mufasa", ..RFC_2617 })]
#[case::realm(DigestInput { realm: b"", ..RFC_2617 })]
#[case::password(DigestInput { password: Password::Empty, ..RFC_2617 })]
#[case::nonce(DigestInput { nonce: b"", ..RFC_2617 })]
#[case::uri(DigestInput { uri: b"/", ..RFC_2617 })]
#[case::nc(DigestInput { nc: b"00000002", ..RFC_2617 })]
#[case::cnonce(DigestInput { cnonce: b"", ..RFC_2617 })]
#[case::qop(DigestInput { qop: Some(Qop::AuthInt), ..RFC_2617 })]
#[case::method(DigestInput { method: b"get", ..RFC_2617 })]
fn differs_when_one_value_differs(#[case] input: DigestInput<'_>) {
    assert_ne!(input.response(), "6629fae49393a05397450978507c4ef1");
}

#[test]
fn leaves_the_body_alone_without_auth_int() {
    let input = DigestInput {
        body: b"other",
        ..RFC_2617
    };
    assert_eq!(input.response(), "6629fae49393a05397450978507c4ef1");
}

#[test]
fn finishes_any_a2() {
    assert_eq!(
        RFC_2617.finish(b"GET:/dir/index.html"),
        "6629fae49393a05397450978507c4ef1"
    );
}

#[test]
fn takes_no_octets_for_the_empty_password() {
    let octets = DigestInput {
        password: Password::Octets(b""),
        ..RFC_2617
    };
    let empty = DigestInput {
        password: Password::Empty,
        ..RFC_2617
    };
    assert_eq!(octets.response(), empty.response());
}

#[rstest]
#[case::same("6629fae4", b"6629fae4")]
#[case::upper_case_received("6629fae4", b"6629FAE4")]
#[case::upper_case_expected("6629FAE4", b"6629fae4")]
#[case::both_empty("", b"")]
fn equal(#[case] expected: &str, #[case] actual: &[u8]) {
    assert!(digests_equal(expected, actual));
}

#[rstest]
#[case::last_digit("6629fae4", b"6629fae5")]
#[case::shorter("6629fae4", b"6629fae")]
#[case::longer("6629fae4", b"6629fae40")]
#[case::nothing("6629fae4", b"")]
#[case::not_ascii("6629fae4", b"\xff\xff\xff\xff\xff\xff\xff\xff")]
#[case::quoted("6629fae4", b"\"6629fae4\"")]
fn not_equal(#[case] expected: &str, #[case] actual: &[u8]) {
    assert!(!digests_equal(expected, actual));
}

#[rstest]
#[case::octets(Password::Octets(b"Circle Of Life"), "Octets(14 octets)")]
#[case::empty(Password::Empty, "Empty")]
fn prints_no_password(#[case] password: Password<'_>, #[case] printed: &str) {
    assert_eq!(format!("{password:?}"), printed);
    let input = format!(
        "{:?}",
        DigestInput {
            password,
            ..RFC_2617
        }
    );
    assert!(input.contains(&format!("password: {printed}, nonce")));
}

#[rstest]
#[case::auth(Qop::Auth, "auth")]
#[case::auth_int(Qop::AuthInt, "auth-int")]
fn names_qop(#[case] qop: Qop, #[case] word: &str) {
    assert_eq!(qop.as_str(), word);
}
