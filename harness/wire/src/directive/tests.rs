use proptest::prelude::*;
use rstest::rstest;

use super::*;

/// `Authorization` of table 4.5-6 as the Release 6 text prints it (ERR-01, ERR-02, ERR-03).
const TABLE_4_5_6: &[u8] = br#"Digest username="user1_private@home1.net", realm="registrar.home1.net", nonce=base64(RAND + AUTN + server specific data), uri="/", qop=auth-int, nc=00000001, cnonce="6629fae49393a05397450978507c4ef1", response="6629fae49393a05397450978507c4ef1, opaque="5ccc069c403ebaf9f0171e9517f30e41", algorithm=AKAv1-MD5, auts=base64(AUTS)"#;
/// `WWW-Authenticate` of table 4.5-8 as the Release 6 text prints it (ERR-02, ERR-14).
const TABLE_4_5_8: &[u8] = br#"Digest realm="registrar.home1.net", nonce= base64(RAND + AUTN + server specific data), algorithm=AKAv1-MD5, qop="auth-int""#;

fn kinds(list: &DirectiveList) -> Vec<(&'static str, Kind)> {
    list.deviations()
        .iter()
        .map(|one| (one.field, one.kind))
        .collect()
}

/// Name, value and form of each directive.
fn parts(list: &DirectiveList) -> Vec<(&str, &str, Form)> {
    let text = |bytes| str::from_utf8(bytes).expect("the test data is UTF-8");
    list.directives()
        .map(|one| (text(&one.name), text(&one.value), one.form))
        .collect()
}

#[test]
fn deconstructs_table_4_5_6_as_printed() {
    let list = DirectiveList::parse_credentials(TABLE_4_5_6);
    assert_eq!(list.scheme.as_deref(), Some(&b"Digest"[..]));
    let expected = [
        ("username", "user1_private@home1.net", Form::Quoted),
        ("realm", "registrar.home1.net", Form::Quoted),
        (
            "nonce",
            "base64(RAND + AUTN + server specific data)",
            Form::Broken,
        ),
        ("uri", "/", Form::Quoted),
        ("qop", "auth-int", Form::Token),
        ("nc", "00000001", Form::Token),
        ("cnonce", "6629fae49393a05397450978507c4ef1", Form::Quoted),
        ("response", "6629fae49393a05397450978507c4ef1", Form::Broken),
        ("opaque", "5ccc069c403ebaf9f0171e9517f30e41", Form::Quoted),
        ("algorithm", "AKAv1-MD5", Form::Token),
        ("auts", "base64(AUTS)", Form::Token),
    ];
    assert_eq!(parts(&list), expected);
    assert_eq!(
        kinds(&list),
        [
            ("nonce", Kind::StrayText),
            ("response", Kind::UnterminatedQuote)
        ]
    );
    assert_eq!(list.to_bytes(), TABLE_4_5_6);
}

#[test]
fn deconstructs_table_4_5_8_as_printed() {
    let lists = DirectiveList::parse_challenges(TABLE_4_5_8);
    let [list] = lists.as_slice() else {
        panic!("not one challenge");
    };
    let expected = [
        ("realm", "registrar.home1.net", Form::Quoted),
        (
            "nonce",
            "base64(RAND + AUTN + server specific data)",
            Form::Broken,
        ),
        ("algorithm", "AKAv1-MD5", Form::Token),
        ("qop", "auth-int", Form::Quoted),
    ];
    assert_eq!(parts(list), expected);
    assert_eq!(
        kinds(list),
        [
            ("nonce", Kind::BlankAroundEquals),
            ("nonce", Kind::StrayText)
        ]
    );
    let nonce = list.directive("nonce").expect("a nonce");
    assert_eq!(
        nonce.raw,
        b"nonce= base64(RAND + AUTN + server specific data)"
    );
    assert_eq!(list.to_bytes(), TABLE_4_5_8);
}

#[test]
fn deconstructs_the_info_of_table_e_4_1() {
    let value = br#"qop=auth-int, rspauth="6629fae49394a05397450978507c4ef1", cnonce="6629fae49393a05397450978507c4ef1", nc=00000001"#;
    let list = DirectiveList::parse_info(value);
    let expected = [
        ("qop", "auth-int", Form::Token),
        ("rspauth", "6629fae49394a05397450978507c4ef1", Form::Quoted),
        ("cnonce", "6629fae49393a05397450978507c4ef1", Form::Quoted),
        ("nc", "00000001", Form::Token),
    ];
    assert_eq!(
        (list.scheme.as_deref(), parts(&list)),
        (None, expected.to_vec())
    );
    assert_eq!(kinds(&list), []);
}

#[rstest]
#[case::escapes(r#"realm="a\"b\\c""#, &[("realm", r#"a"b\c"#, Form::Quoted)], &[])]
#[case::comma_in_quotes(r#"a="b,c",d=e"#, &[("a", "b,c", Form::Quoted), ("d", "e", Form::Token)], &[])]
#[case::empty_string(r#"nonce="""#, &[("nonce", "", Form::Quoted)], &[])]
#[case::unquoted_base64("auts=uoU/PBLcTIsCWhx6zb8=", &[("auts", "uoU/PBLcTIsCWhx6zb8=", Form::Token)], &[])]
#[case::nothing("nonce=, nc=1", &[("nonce", "", Form::Empty), ("nc", "1", Form::Token)], &[("nonce", Kind::EmptyValue)])]
#[case::nothing_at_the_end("nonce= ", &[("nonce", "", Form::Empty)], &[("nonce", Kind::EmptyValue)])]
#[case::blanks(
    "nonce\t = \"a\" , nc=1 ",
    &[("nonce", "a", Form::Quoted), ("nc", "1", Form::Token)],
    &[("nonce", Kind::BlankAroundEquals)]
)]
#[case::no_comma(
    r#"realm="a" nonce="b" nc=1 qop="c""#,
    &[("realm", "a", Form::Quoted), ("nonce", "b", Form::Quoted), ("nc", "1", Form::Token), ("qop", "c", Form::Quoted)],
    &[("nonce", Kind::MissingComma), ("nc", Kind::MissingComma), ("qop", Kind::MissingComma)]
)]
#[case::open_quote(r#"nonce="a, nc=1"#, &[("nonce", "a", Form::Broken), ("nc", "1", Form::Token)], &[("nonce", Kind::UnterminatedQuote)])]
#[case::lone_quote("nonce=\"", &[("nonce", "", Form::Broken)], &[("nonce", Kind::UnterminatedQuote)])]
#[case::escaped_end(r#"nonce="a\""#, &[("nonce", r#"a\""#, Form::Broken)], &[("nonce", Kind::UnterminatedQuote)])]
#[case::text_behind_quote(r#"nonce="a"b, nc=1"#, &[("nonce", r#"a"b"#, Form::Broken), ("nc", "1", Form::Token)], &[("nonce", Kind::UnterminatedQuote)])]
#[case::stray("nonce, nc=1", &[("nonce", "", Form::Broken), ("nc", "1", Form::Token)], &[("nonce", Kind::StrayText)])]
#[case::no_name("=a", &[("", "a", Form::Token)], &[("directive", Kind::StrayText)])]
#[case::twice("nc=1, NC=2", &[("nc", "1", Form::Token), ("NC", "2", Form::Token)], &[("nc", Kind::DuplicateDirective)])]
#[case::empty_elements(",nc=1,,qop=a,", &[("nc", "1", Form::Token), ("qop", "a", Form::Token)], &[("directive", Kind::EmptyElement)])]
#[case::nul("nonce=\"a\u{0}\"", &[("nonce", "a\u{0}", Form::Quoted)], &[("nonce", Kind::ControlCharacter)])]
#[case::folded("nc=1,\r\n qop=a", &[("nc", "1", Form::Token), ("qop", "a", Form::Token)], &[])]
#[case::empty("", &[], &[])]
fn splits(
    #[case] value: &str,
    #[case] expected: &[(&str, &str, Form)],
    #[case] deviations: &[(&str, Kind)],
) {
    let list = DirectiveList::parse_info(value.as_bytes());
    assert_eq!(parts(&list), expected);
    assert_eq!(kinds(&list), deviations);
    assert_eq!(list.to_bytes(), value.as_bytes());
}

#[rstest]
#[case::one(r#"Digest realm="a""#, &[(Some("Digest"), 1)])]
#[case::two_with_directives(r#"Digest realm="a", nonce="b", Basic realm="c""#, &[(Some("Digest"), 2), (Some("Basic"), 1)])]
#[case::bare_scheme(r#"Negotiate, Digest realm="a""#, &[(Some("Negotiate"), 0), (Some("Digest"), 1)])]
#[case::token68("NTLM TlRMTVNTUAAB, Basic realm=a", &[(Some("NTLM"), 1), (Some("Basic"), 1)])]
#[case::no_scheme(r#"realm="a", nonce="b""#, &[(None, 2)])]
#[case::blank_before_equals(r#"Digest realm = "a", nonce = "b""#, &[(Some("Digest"), 2)])]
#[case::scheme_in_quotes(r#"Digest realm="a, Basic realm=b""#, &[(Some("Digest"), 1)])]
#[case::nothing("", &[])]
#[case::only_commas(" , ", &[(None, 0)])]
fn splits_challenges(#[case] value: &str, #[case] expected: &[(Option<&str>, usize)]) {
    let lists = DirectiveList::parse_challenges(value.as_bytes());
    let found: Vec<(Option<&[u8]>, usize)> = lists
        .iter()
        .map(|list| (list.scheme.as_deref(), list.directives().count()))
        .collect();
    let expected: Vec<(Option<&[u8]>, usize)> = expected
        .iter()
        .map(|(scheme, count)| (scheme.map(str::as_bytes), *count))
        .collect();
    assert_eq!(found, expected);
    let bytes: Vec<u8> = lists.iter().flat_map(DirectiveList::to_bytes).collect();
    assert_eq!(bytes, value.as_bytes());
}

#[test]
fn accepts_the_comma_between_two_challenges() {
    let lists = DirectiveList::parse_challenges(b"Digest realm=\"a\", Basic realm=\"b\"");
    assert_eq!(lists.iter().flat_map(DirectiveList::deviations).count(), 0);
    let lists = DirectiveList::parse_challenges(b"Digest realm=\"a\",, Basic realm=\"b\"");
    assert_eq!(kinds(&lists[0]), [("directive", Kind::EmptyElement)]);
}

#[test]
fn finds_the_first_directive_in_any_case() {
    let list = DirectiveList::parse_credentials(b"Digest Nonce=\"a\", nonce=\"b\"");
    assert_eq!(list.value("NONCE"), Some(&b"a"[..]));
    assert_eq!(list.value("realm"), None);
}

#[rstest]
#[case::quoted("b", "\"x, y\"", "Digest a=1, b=\"x, y\", c=3", Form::Quoted)]
#[case::token("b", "x", "Digest a=1, b=x, c=3", Form::Token)]
#[case::nothing("b", "", "Digest a=1, b=, c=3", Form::Empty)]
#[case::broken_quote("b", "\"x", "Digest a=1, b=\"x, c=3", Form::Broken)]
#[case::two_directives("b", "x, d=4", "Digest a=1, b=x, d=4, c=3", Form::Broken)]
#[case::keeps_the_spelling("A", "x", "Digest a=x, b=2, c=3", Form::Token)]
#[case::new("d", "x", "Digest a=1, b=2, c=3, d=x", Form::Token)]
fn sets_a_raw_value_in_place(
    #[case] name: &str,
    #[case] raw_value: &str,
    #[case] expected: &str,
    #[case] form: Form,
) {
    let mut list = DirectiveList::parse_credentials(b"Digest a=1, b=2, c=3");
    list.set_raw(name, raw_value.as_bytes());
    assert_eq!(list.to_bytes(), expected.as_bytes());
    assert_eq!(
        list.directive(name).map(|directive| directive.form),
        Some(form)
    );
}

#[rstest]
#[case::first("a", "Digest b=2, a=3, c=4", "Digest b=2, c=4")]
#[case::all("a", "Digest a=1, b=2, a=3, c=4", "Digest b=2, c=4")]
#[case::last("c", "Digest a=1, b=2, c=4", "Digest a=1, b=2")]
#[case::only("a", "Digest a=1", "Digest")]
#[case::none("x", "Digest a=1 , b=2", "Digest a=1 , b=2")]
fn removes(#[case] name: &str, #[case] value: &str, #[case] expected: &str) {
    let mut list = DirectiveList::parse_credentials(value.as_bytes());
    list.remove(name);
    assert_eq!(list.to_bytes(), expected.as_bytes());
}

#[rstest]
#[case::behind_scheme("Digest", "Digest a=1, a=2")]
#[case::behind_directive("Digest b=0", "Digest b=0, a=1, a=2")]
fn pushes_duplicates(#[case] value: &str, #[case] expected: &str) {
    let mut list = DirectiveList::parse_credentials(value.as_bytes());
    list.push_raw("a", b"1");
    list.push_raw("a", b"2");
    assert_eq!(list.to_bytes(), expected.as_bytes());
}

#[test]
fn takes_linear_time_on_text_made_to_look_back() {
    // With a search that starts over at each blank or quote these would not end.
    for piece in ["a=\"", "a ", "a=b c ", "\\\"a=\"", " , ", "a=\"b\"c,"] {
        let value = piece.repeat(300_000);
        let lists = DirectiveList::parse_challenges(value.as_bytes());
        let length: usize = lists.iter().map(|list| list.to_bytes().len()).sum();
        assert_eq!(length, value.len());
    }
}

proptest! {
    #[test]
    fn yields_the_bytes_that_it_read(value in r#"(Digest |a|nonce|=|"|\\|,| |\t|\r\n |[\x00-\x7f]|é)*"#) {
        let value = value.as_bytes();
        prop_assert_eq!(DirectiveList::parse_credentials(value).to_bytes(), value);
        prop_assert_eq!(DirectiveList::parse_info(value).to_bytes(), value);
        let lists = DirectiveList::parse_challenges(value);
        let bytes: Vec<u8> = lists.iter().flat_map(DirectiveList::to_bytes).collect();
        prop_assert_eq!(bytes, value);
    }
}
