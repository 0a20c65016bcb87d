//! The bodies of the libFuzzer targets: each takes any bytes and asserts what has to hold of
//! every input. The targets themselves are one line each.

use crate::auts;
use crate::bsf_xml::BootstrappingInfo;
use crate::btid::BTid;
use crate::date;
use crate::diameter::{Packet, notation};
use crate::digest_header::{AuthenticationInfo, Challenge, Credentials};
use crate::directive::DirectiveList;
use crate::error::{DecodeError, Deviation};
use crate::guss_xml::{Guss, UssList};
use crate::http::{Decoder, Expecting, FrameError, Limits, Message};
use crate::nonce::AkaNonce;
use crate::sbi;

/// Reads the input as each of the three digest headers.
///
/// # Panics
///
/// If a list loses an octet, or if what was read without deviation is not the same, and without
/// deviation, after it was written and read again.
pub fn fuzz_digest_headers(data: &[u8]) {
    let credentials = DirectiveList::parse_credentials(data);
    assert_eq!(credentials.to_bytes(), data, "credentials lose octets");
    check_repr(Credentials::parse(&credentials), |repr| {
        Credentials::parse(&DirectiveList::parse_credentials(&repr.emit()))
    });

    let info = DirectiveList::parse_info(data);
    assert_eq!(info.to_bytes(), data, "authentication info loses octets");
    check_repr(AuthenticationInfo::parse(&info), |repr| {
        AuthenticationInfo::parse(&DirectiveList::parse_info(&repr.emit()))
    });

    let challenges = DirectiveList::parse_challenges(data);
    let bytes: Vec<u8> = challenges
        .iter()
        .flat_map(DirectiveList::to_bytes)
        .collect();
    assert_eq!(bytes, data, "challenges lose octets");
    for list in &challenges {
        check_repr(Challenge::parse(list), |repr| {
            let lists = DirectiveList::parse_challenges(&repr.emit());
            assert_eq!(lists.len(), 1, "one challenge becomes several");
            Challenge::parse(&lists[0])
        });
    }

    check_edits(credentials);
}

/// Reads the input as nonce, AUTS, B-TID and as both forms of a date.
///
/// # Panics
///
/// If a value that was read is not the input, or not the same time, when it is written.
pub fn fuzz_nonce_auts(data: &[u8]) {
    if let Ok(nonce) = AkaNonce::decode(data) {
        assert_eq!(nonce.encode().as_bytes(), data, "a nonce changes");
    }
    if let Ok(auts) = auts::decode(data) {
        assert_eq!(auts::encode(auts).as_bytes(), data, "an AUTS changes");
    }
    if let Ok(btid) = BTid::decode(data) {
        assert_eq!(btid.encode().as_bytes(), data, "a B-TID changes");
        let _ = btid.rand();
    }
    if let Ok(time) = date::parse_http_date(data) {
        let text = date::http_date(time);
        assert_eq!(
            date::parse_http_date(text.as_bytes()),
            Ok(time),
            "an HTTP-date changes"
        );
    }
    if let Ok(time) = date::parse_utc_date_time(data) {
        let text = date::utc_date_time(time);
        assert_eq!(
            date::parse_utc_date_time(text.as_bytes()),
            Ok(time),
            "a dateTime changes"
        );
    }
}

/// Reads the input as a bootstrapping document.
///
/// # Panics
///
/// If the document that is written for what was read does not say the same.
pub fn fuzz_bsf_xml(data: &[u8]) {
    let Ok((info, _)) = BootstrappingInfo::parse(data) else {
        return;
    };
    let written = info.emit();
    match BootstrappingInfo::parse(written.as_bytes()) {
        Ok((again, _)) => assert_eq!(again.emit(), written, "a document changes"),
        // References make a text longer than it was in a CDATA section.
        Err(error) => assert!(matches!(error, DecodeError::TooLong(_)), "{error}"),
    }
}

/// Reads the input as user security settings, all of them and those of single services.
///
/// # Panics
///
/// If the document that is written for what was read does not say the same.
pub fn fuzz_guss_xml(data: &[u8]) {
    if let Ok((guss, _)) = Guss::parse(data) {
        let written = guss.emit();
        match Guss::parse(written.as_bytes()) {
            Ok((again, _)) => assert_eq!(again.emit(), written, "settings change"),
            // References make a text longer than it was in a CDATA section, and indents do.
            Err(error) => assert!(matches!(error, DecodeError::TooLong(_)), "{error}"),
        }
    }
    if let Ok((list, _)) = UssList::parse(data) {
        let written = list.emit();
        match UssList::parse(written.as_bytes()) {
            Ok((again, _)) => assert_eq!(again.emit(), written, "a list changes"),
            Err(error) => assert!(matches!(error, DecodeError::TooLong(_)), "{error}"),
        }
    }
}

/// Reads the input as each of the JSON bodies, and as a path.
///
/// # Panics
///
/// If what was read without deviation is not the same, and without deviation, after it was written
/// and read again.
pub fn fuzz_sbi(data: &[u8]) {
    macro_rules! check_body {
        ($($body:ident),*) => { $(
            if let Ok(read) = sbi::$body::parse(data) {
                check_repr(read, |repr| {
                    sbi::$body::parse(repr.emit().as_bytes()).expect("an object was written")
                });
            }
        )* };
    }
    check_body!(
        BootstrappingInfoRequest,
        BootstrappingInfoResponse,
        PushInfoRequest,
        PushInfoResponse,
        AuthDataRequest,
        AuthDataResponse,
        SubscriberData,
        ProblemDetails
    );
    if let Ok((target, found)) = sbi::Target::parse(data) {
        let written = target.operation.target(&target.prefix);
        let again = sbi::Target::parse(written.as_bytes());
        assert_eq!(again, Ok((target, found)), "a path changes");
    }
}

/// Reads the input as a message of Diameter, and its text as that message again.
///
/// # Panics
///
/// If a message loses an octet, on the wire or in its notation.
pub fn fuzz_diameter(data: &[u8]) {
    let _ = Packet::framed_length(data);
    if let Ok(text) = str::from_utf8(data) {
        let _ = notation::parse(text);
    }
    let Ok(packet) = Packet::from_bytes(data) else {
        return;
    };
    assert_eq!(packet.to_bytes(), data, "a message loses octets");
    let _ = packet.deviations();
    let _ = packet.result();
    let text = notation::write(&packet);
    match notation::parse(&text) {
        Ok(again) => assert_eq!(again.to_bytes(), data, "a message changes in its notation"),
        Err(why) => panic!("what was written cannot be read: {why}"),
    }
}

/// Reads the input as one message and as a stream of requests and of responses.
///
/// # Panics
///
/// If a message loses an octet, or if the messages of a stream depend on the sizes of its pieces.
pub fn fuzz_http(data: &[u8]) {
    if let Ok(message) = Message::from_bytes(data) {
        assert_eq!(message.to_bytes(), data, "a message loses octets");
        let _ = message.deviations();
        let _ = message.content();
    }
    for expecting in [
        Expecting::Request,
        Expecting::Response,
        Expecting::ResponseToHead,
    ] {
        let whole = stream(expecting, data.chunks(data.len().max(1)));
        assert_eq!(
            stream(expecting, data.chunks(1)),
            whole,
            "single octets change the stream"
        );
        assert_eq!(
            stream(expecting, data.chunks(7)),
            whole,
            "pieces change the stream"
        );
        for message in &whole.0 {
            let again = Message::from_bytes(&message.to_bytes());
            assert_eq!(again.as_ref(), Ok(message), "a message of a stream changes");
        }
    }
}

fn check_repr<T, F>((repr, deviations): (T, Vec<Deviation>), again: F)
where
    T: std::fmt::Debug + PartialEq,
    F: Fn(&T) -> (T, Vec<Deviation>),
{
    let (second, second_deviations) = again(&repr);
    if deviations.is_empty() {
        assert_eq!(second, repr, "a repr without deviations changes");
        assert_eq!(second_deviations, [], "the strict form deviates");
    }
}

fn check_edits(mut list: DirectiveList) {
    list.set_raw("nonce", b"\"x\"");
    assert_eq!(
        list.value("nonce"),
        Some(&b"x"[..]),
        "a value that was set is not there"
    );
    list.push_raw("auts", b"\"y");
    list.remove("auts");
    list.remove("nonce");
    assert!(
        list.value("auts").is_none(),
        "a directive survives its removal"
    );
    assert!(
        list.value("nonce").is_none(),
        "a directive survives its removal"
    );
    let _ = list.deviations();
}

type Stream = (Vec<Message>, Result<Option<Message>, FrameError>);

fn stream<'a>(expecting: Expecting, pieces: impl Iterator<Item = &'a [u8]>) -> Stream {
    let mut decoder = Decoder::new(
        expecting,
        Limits {
            head: 256,
            body: 128,
        },
    );
    for piece in pieces {
        if decoder.feed(piece).is_err() {
            break;
        }
    }
    let messages = std::iter::from_fn(|| decoder.next_message()).collect();
    let end = decoder.eof();
    (messages, end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::empty(b"")]
    #[case::first_request(br#"Digest username="a@b", realm="c", nonce="", uri="/", response="""#)]
    #[case::two_challenges(
        br#"Basic realm="a", Digest realm="b", nonce="c", qop="auth, auth-int", stale=TRUE"#
    )]
    #[case::missing_quote(br#"Digest response="66, opaque="5c", algorithm=AKAv1-MD5"#)]
    #[case::token68(b"Negotiate YII==, , Digest")]
    #[case::backslashes(br#"Digest realm="\\\"", nonce="\"#)]
    #[case::escaped_tab(b"Digest realm=\"a\\\tb\", nonce=\"\\\\\", qop=\"auth\"")]
    #[case::info(
        br#"qop=auth-int, rspauth="6629fae49394a05397450978507c4ef1", cnonce="a", nc=00000001"#
    )]
    #[case::commas(b",,=,\"=\",a==,b= ,c =\t")]
    fn digest_headers_hold(#[case] seed: &[u8]) {
        fuzz_digest_headers(seed);
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::nonce(b"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=")]
    #[case::auts(b"uoU/PBLcTIsCWhx6zb8=")]
    #[case::btid(b"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net")]
    #[case::http_date(b"Sat, 31 Dec 2016 23:59:60 GMT")]
    #[case::last_second(b"Fri, 31 Dec 9999 23:59:59 GMT")]
    #[case::date_time(b"2004-01-09T24:00:00Z")]
    fn nonce_and_auts_hold(#[case] seed: &[u8]) {
        fuzz_nonce_auts(seed);
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::document(b"<BootstrappingInfo xmlns='uri:3gpp-gba'><btid>a</btid></BootstrappingInfo>")]
    #[case::cdata(b"<a><btid>&#13;<![CDATA[<&>]]></btid></a>")]
    #[case::attribute(b"<a btid='&lt;' lifetime='&#10; x'/>")]
    fn bsf_xml_holds(#[case] seed: &[u8]) {
        fuzz_bsf_xml(seed);
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::settings(
        b"<guss id='a'><bsfInfo><lifeTime> 60 </lifeTime></bsfInfo><ussList><uss id='&#10;'/></ussList></guss>"
    )]
    #[case::list(
        b"<ussList><uss id='1' type='&quot;'><uids><uid>&#13;</uid></uids></uss></ussList>"
    )]
    #[case::list_in_list(b"<ussList><ussList><uss/></ussList></ussList>")]
    fn guss_xml_holds(#[case] seed: &[u8]) {
        fuzz_guss_xml(seed);
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::request(
        br#"{"btId":"a@b","nafId":{"nafFqdn":"c","uaSecProtId":"0100000002"},"gsIds":[1]}"#
    )]
    #[case::response(
        br#"{"meKeyMaterial":"0x00","ussList":[{"uss":{"gsId":1,"ueIds":[{"ueId":"a"}]}}]}"#
    )]
    #[case::vector(
        br#"{"3gAkaAv":{"rand":"I1U8vpY3qJ0hiuZNrke/NQ==","xres":"00","ck":1,"ik":null}}"#
    )]
    #[case::deep(b"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[")]
    #[case::path(b"http://a:1/x//nhss-gba-sdm/v1/impi-a%40b%2Fc/subscriber-data?d#e")]
    #[case::path_with_odd_escapes(
        b"/nhss-gba-ueau/v1/%ff%/security-information/generate-auth-data"
    )]
    fn sbi_holds(#[case] seed: &[u8]) {
        fuzz_sbi(seed);
    }

    #[rstest]
    #[case::empty(b"")]
    #[case::blank_lines(b"\r\n\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")]
    #[case::two_requests(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\n\n")]
    #[case::chunked(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\nHTTP/1.1 204 \r\n\r\n")]
    #[case::folded(b"GET / HTTP/1.1\r\n a: b\r\nc: d\r\n e\r\n\r\n")]
    #[case::until_close(b"HTTP/1.1 200 OK\n\nbody")]
    #[case::bad_length(b"HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\n")]
    fn http_holds(#[case] seed: &[u8]) {
        fuzz_http(seed);
    }

    #[rstest]
    #[case::head(&b"GET / HTTP/1.1\r\nA: ".repeat(40))]
    #[case::body(&[&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[b'x'; 400]].concat())]
    #[case::chunks(&[&b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"[..], &b"1\r\nx\r\n".repeat(60)].concat())]
    fn http_holds_beyond_the_limits(#[case] seed: &[u8]) {
        fuzz_http(seed);
    }

    proptest! {
        #[test]
        fn digest_headers_hold_for_likely_text(
            text in r#"(Digest|realm|nonce|qop|nc|auts|stale|,|, |=| |"|\\|auth|auth-int|00000001|true|[a-f0-9]{32}|\PC){0,40}"#
        ) {
            fuzz_digest_headers(text.as_bytes());
        }

        #[test]
        fn http_holds_for_likely_text(
            text in "(GET / HTTP/1.1|HTTP/1.1 200 OK|HTTP/1.1 204 |Content-Length|Transfer-Encoding|chunked|: |[0-9]{1,2}|\r\n|\r\n\r\n|\n|\r|;| |[a-z]){0,40}"
        ) {
            fuzz_http(text.as_bytes());
        }

        #[test]
        fn sbi_holds_for_likely_text(
            text in r#"(\{|\}|\[|\]|:|,|"|"(meKeyMaterial|ussList|uss|gsId|gsType|ueIds|guss|bsfInfo|lifeTime|rand|auts)":|"[0-9a-f]{32}"|"GBA"|[0-9]{1,12}|null|true){0,30}"#
        ) {
            fuzz_sbi(text.as_bytes());
        }

        #[test]
        fn all_hold_for_any_bytes(bytes: Vec<u8>) {
            fuzz_digest_headers(&bytes);
            fuzz_nonce_auts(&bytes);
            fuzz_bsf_xml(&bytes);
            fuzz_guss_xml(&bytes);
            fuzz_diameter(&bytes);
            fuzz_http(&bytes);
            fuzz_sbi(&bytes);
        }
    }
}
