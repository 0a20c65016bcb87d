use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::error::{DecodeError, DeviationKind as Kind};

/// The request of table A.3-1.
const INITIAL: &[u8] = b"GET / HTTP/1.1\r\n\
Host: bsf.home1.net:80\r\n\
User-Agent: Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi\r\n\
Date: Thu, 08 Jan 2004 10:13:17 GMT\r\n\
Accept: */*\r\n\
Authorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\"\r\n\
\r\n";
/// The response of table E.4-1 with the body of the computed flow and its length.
const FORBIDDEN: &[u8] = b"HTTP/1.1 403 Forbidden\r\n\
Server: Apache/1.3.22 (Unix) mod_perl/1.27\r\n\
Content-Type: text/html\r\n\
Authentication-Info: qop=auth-int, rspauth=\"1afc60af49b8fda27aa964fd26d6855d\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\r\n\
Date: Thu, 08 Jan 2004 10:50:35 GMT\r\n\
Expires: Fri, 09 Jan 2004 10:50:36 GMT\r\n\
Content-Length: 88\r\n\
\r\n\
<html><head><title>403 Forbidden</title></head><body>Enrolment not allowed</body></html>";

fn message(bytes: &[u8]) -> Message {
    Message::from_bytes(bytes).expect("a message")
}

fn kinds(bytes: &[u8]) -> Vec<(&'static str, Kind)> {
    message(bytes)
        .deviations()
        .iter()
        .map(|one| (one.field, one.kind))
        .collect()
}

#[test]
fn deconstructs_a_request() {
    let message = message(INITIAL);
    let line = message.request_line().expect("a request line");
    assert_eq!(
        (line.method, line.target, line.version),
        (&b"GET"[..], &b"/"[..], &b"HTTP/1.1"[..])
    );
    assert!(message.is_request());
    assert_eq!(message.fields.len(), 5);
    let host = message.field("host").expect("a host");
    assert_eq!(host.name, b"Host");
    assert_eq!(host.separator, b": ");
    assert_eq!(host.value, b"bsf.home1.net:80");
    assert_eq!(host.end, LineEnd::Crlf);
    assert_eq!(
        (message.head_end, message.body.as_slice()),
        (LineEnd::Crlf, &b""[..])
    );
    assert_eq!(message.deviations(), []);
    assert_eq!(message.to_bytes(), INITIAL);
}

#[test]
fn deconstructs_a_response() {
    let message = message(FORBIDDEN);
    assert_eq!(message.status(), Ok(403));
    assert!(!message.is_request());
    assert_eq!(message.content().expect("a body").len(), 88);
    assert_eq!(message.deviations(), []);
    assert_eq!(message.to_bytes(), FORBIDDEN);
}

#[test]
fn constructs_a_request() {
    let mut message = Message::request("GET / HTTP/1.1");
    message.push("Host", "bsf.home1.net:80");
    message.push(
        "User-Agent",
        "Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi",
    );
    message.push("Date", "Thu, 08 Jan 2004 10:13:17 GMT");
    message.push("Accept", "*/*");
    message.push(
        "Authorization",
        &b"Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\""[..],
    );
    assert_eq!(message.to_bytes(), INITIAL);
}

#[test]
fn constructs_a_response_with_its_length() {
    let mut message = Message::response(200, "OK");
    message.push("Server", "a");
    message.body = b"body".to_vec();
    let bytes = message.with_length().to_bytes();
    assert_eq!(
        bytes,
        b"HTTP/1.1 200 OK\r\nServer: a\r\nContent-Length: 4\r\n\r\nbody"
    );
}

#[test]
fn edits_fields_in_place() {
    let mut message = message(b"GET / HTTP/1.1\nHOST:a\nX: 1\nx: 2\nnocolon\n\n");
    message.set("host", "b");
    message.set("nocolon", "c");
    message.set("New", "d");
    message.remove("X");
    assert_eq!(
        message.to_bytes(),
        b"GET / HTTP/1.1\nHOST:b\nnocolon: c\nNew: d\r\n\n"
    );
}

#[test]
fn finds_all_fields_of_a_name() {
    let message = message(b"HTTP/1.1 401 \r\nA: 1\r\nB: 2\r\na: 3\r\n\r\n");
    let values: Vec<&[u8]> = message
        .fields_named("A")
        .map(|field| field.value.as_slice())
        .collect();
    assert_eq!(values, [b"1", b"3"]);
}

#[rstest]
#[case::one_line("a", "a")]
#[case::blanks_at_the_end("a \t", "a")]
#[case::folded("a\r\n  b\n\tc", "a b c")]
#[case::folded_start("\r\n b", "b")]
fn unfolds_values(#[case] value: &str, #[case] text: &str) {
    let bytes = format!("GET / HTTP/1.1\r\nA: {value}\r\n\r\n");
    let message = message(bytes.as_bytes());
    let field = &message.fields[0];
    assert_eq!(&*field.text(), text.as_bytes().trim_ascii());
    assert_eq!(message.to_bytes(), bytes.as_bytes());
}

#[test]
fn refuses_empty_input_only() {
    assert_eq!(
        Message::from_bytes(b""),
        Err(DecodeError::MissingData("start line"))
    );
    assert_eq!(message(b"\x00").start_line, b"\x00");
}

#[rstest]
#[case::two_parts("GET /", "three parts")]
#[case::two_blanks("GET  / HTTP/1.1", "three parts")]
#[case::four_parts("GET / x HTTP/1.1", "three parts")]
#[case::no_method(" / HTTP/1.1", "method")]
#[case::method("G@T / HTTP/1.1", "method")]
#[case::target("GET /\u{e9} HTTP/1.1", "target")]
#[case::no_target("GET  HTTP/1.1", "target")]
#[case::lower_case_version("GET / http/1.1", "version")]
#[case::long_version("GET / HTTP/1.10", "version")]
fn refuses_request_lines(#[case] line: &str, #[case] hint: &str) {
    let Err(DecodeError::BadValue {
        field: "start line",
        why,
    }) = Message::request(line).request_line()
    else {
        panic!("accepted, or another error");
    };
    assert!(why.contains(hint), "{why}");
}

#[rstest]
#[case::with_reason("HTTP/1.1 401 Unauthorized", Some(401))]
#[case::long_reason("HTTP/1.1 404 Not Found here", Some(404))]
#[case::empty_reason("HTTP/1.1 200 ", Some(200))]
#[case::no_reason("HTTP/1.0 200", Some(200))]
#[case::two_digits("HTTP/1.1 20 OK", None)]
#[case::four_digits("HTTP/1.1 2000 OK", None)]
#[case::sign("HTTP/1.1 +20 OK", None)]
#[case::version("HTTP/11 200 OK", None)]
#[case::request("GET / HTTP/1.1", None)]
fn reads_status_lines(#[case] line: &str, #[case] status: Option<u16>) {
    assert_eq!(Message::request(line).status().ok(), status);
}

#[rstest]
#[case::bare_lf(b"GET / HTTP/1.1\nHost: a\n\n", &[("start line", Kind::BareLf), ("header field", Kind::BareLf)])]
#[case::bare_cr(b"GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", &[("header field", Kind::BareCr)])]
#[case::blank_before_colon(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", &[("header field", Kind::BlankBeforeColon)])]
#[case::folded(b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", &[("header field", Kind::ObsFold)])]
#[case::no_colon(b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", &[("header field", Kind::MissingColon)])]
#[case::no_name(b"GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", &[("header field", Kind::BadFieldName)])]
#[case::blank_first(b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", &[("header field", Kind::BadFieldName), ("Host", Kind::MissingHost)])]
#[case::nul(b"GET / HTTP/1.1\r\nHost: a\0\r\n\r\n", &[("header field", Kind::ControlCharacter)])]
#[case::not_ascii(b"GET / HTTP/1.1\r\nHost: \xc3\xa9\r\n\r\n", &[("header field", Kind::NonAscii)])]
#[case::no_end(b"GET / HTTP/1.1\r\nHost: a\r\n", &[("header field", Kind::UnfinishedHead)])]
#[case::start_line(b"GET /\r\n\r\n", &[("start line", Kind::BadStartLine)])]
#[case::no_host(b"GET / HTTP/1.1\r\n\r\n", &[("Host", Kind::MissingHost)])]
#[case::no_host_1_0(b"GET / HTTP/1.0\r\n\r\n", &[])]
#[case::two_hosts(b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", &[("Host", Kind::RepeatedHost)])]
#[case::no_reason(b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", &[])]
#[case::both_lengths(
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    &[("Content-Length", Kind::LengthAndTransferEncoding)]
)]
#[case::two_lengths(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n", &[("Content-Length", Kind::RepeatedContentLength)])]
#[case::length_list(b"HTTP/1.1 200 OK\r\nContent-Length: 0, 0\r\n\r\n", &[("Content-Length", Kind::RepeatedContentLength)])]
#[case::length_sign(b"HTTP/1.1 200 OK\r\nContent-Length: +0\r\n\r\n", &[("Content-Length", Kind::BadContentLength)])]
#[case::length_huge(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", &[("Content-Length", Kind::BadContentLength)])]
#[case::short_body(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na", &[("body", Kind::BodyLengthMismatch)])]
#[case::not_modified(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", &[])]
#[case::bad_chunk(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx", &[("body", Kind::BadChunkedBody)])]
fn names_the_deviation(#[case] bytes: &[u8], #[case] expected: &[(&str, Kind)]) {
    assert_eq!(kinds(bytes), expected);
}

#[rstest]
#[case::one(b"3\r\nabc\r\n0\r\n\r\n", b"abc")]
#[case::two_with_extension(b"1;x=\"y\"\r\na\r\n002 ;z\r\nbc\r\n0\r\n\r\n", b"abc")]
#[case::hex(b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789")]
#[case::trailer(b"1\r\na\r\n0\r\nT: u\r\n\r\n", b"a")]
#[case::bare_lf(b"1\na\n0\n\n", b"a")]
#[case::empty(b"0\r\n\r\n", b"")]
#[case::line_end_in_data(b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n")]
fn removes_chunks(#[case] body: &[u8], #[case] content: &[u8]) {
    let mut message = Message::response(200, "OK");
    message.push("Transfer-Encoding", "gzip, Chunked");
    message.body = body.to_vec();
    assert_eq!(message.content().as_deref(), Ok(content));
}

#[rstest]
#[case::empty(b"", DecodeError::MissingData("chunked body"))]
#[case::no_last(b"1\r\na\r\n", DecodeError::MissingData("chunked body"))]
#[case::no_end(b"0\r\n", DecodeError::MissingData("chunked body"))]
#[case::more(b"0\r\n\r\nx", DecodeError::TrailingData("chunked body"))]
fn refuses_chunks_that_end_elsewhere(#[case] body: &[u8], #[case] error: DecodeError) {
    let mut message = Message::response(200, "OK");
    message.push("Transfer-Encoding", "chunked");
    message.body = body.to_vec();
    assert_eq!(message.content(), Err(error));
}

#[rstest]
#[case::no_hex(b"x\r\n\r\n", "not hex")]
#[case::sign(b"+1\r\na\r\n0\r\n\r\n", "not hex")]
#[case::no_size(b"\r\n0\r\n\r\n", "no number")]
#[case::too_large(b"fffffffffffffffff\r\n", "no number")]
#[case::data_too_long(b"1\r\nab\r\n0\r\n\r\n", "no line end")]
#[case::line_too_long(&[b'0'; 5000], "too long")]
fn refuses_broken_chunks(#[case] body: &[u8], #[case] hint: &str) {
    let mut message = Message::response(200, "OK");
    message.push("Transfer-Encoding", "chunked");
    message.body = body.to_vec();
    let Err(DecodeError::BadValue {
        field: "chunked body",
        why,
    }) = message.content()
    else {
        panic!("accepted, or another error");
    };
    assert!(why.contains(hint), "{why}");
}

/// Feeds all bytes; yields the bodies of the complete messages, the error, and what is left.
fn decode(expecting: Expecting, bytes: &[u8]) -> (Vec<Vec<u8>>, Result<(), FrameError>, Vec<u8>) {
    let mut decoder = Decoder::new(
        expecting,
        Limits {
            head: 100,
            body: 50,
        },
    );
    let result = decoder.feed(bytes);
    let bodies = std::iter::from_fn(|| decoder.next_message())
        .map(|message| message.body)
        .collect();
    (bodies, result, decoder.buffered().to_vec())
}

#[rstest]
#[case::no_body("GET / HTTP/1.1\r\n\r\n", &[""], "")]
#[case::length("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\nab", &["ab"], "")]
#[case::same_length_twice("POST / HTTP/1.1\r\nContent-Length: 2, 2\r\n\r\nab", &["ab"], "")]
#[case::surplus("GET / HTTP/1.1\r\n\r\nGET /b", &[""], "GET /b")]
#[case::pipelined("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\naPOST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nb", &["a", "b"], "")]
#[case::chunked_wins("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nx", &["1\r\na\r\n0\r\n\r\n"], "x")]
#[case::incomplete("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na", &[], "POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na")]
#[case::blank_lines("\r\n\nGET / HTTP/1.1\n\n", &[""], "")]
fn frames_requests(#[case] bytes: &str, #[case] bodies: &[&str], #[case] left: &str) {
    let (found, result, buffered) = decode(Expecting::Request, bytes.as_bytes());
    let bodies: Vec<Vec<u8>> = bodies.iter().map(|body| body.as_bytes().to_vec()).collect();
    assert_eq!(
        (found, result, buffered.as_slice()),
        (bodies, Ok(()), left.as_bytes())
    );
}

#[rstest]
#[case::continues("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", &["", "a"])]
#[case::no_content("HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 x\r\nContent-Length: 9\r\n\r\n", &["", ""])]
fn frames_responses(#[case] bytes: &str, #[case] bodies: &[&str]) {
    let (found, result, buffered) = decode(Expecting::Response, bytes.as_bytes());
    let bodies: Vec<Vec<u8>> = bodies.iter().map(|body| body.as_bytes().to_vec()).collect();
    assert_eq!((found, result, buffered), (bodies, Ok(()), vec![]));
}

#[test]
fn frames_responses_to_head_without_a_body() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    assert_eq!(
        decode(Expecting::ResponseToHead, bytes),
        (vec![vec![]], Ok(()), vec![])
    );
}

#[test]
fn ends_a_response_without_length_with_the_stream() {
    let mut decoder = Decoder::new(Expecting::Response, Limits::default());
    assert_eq!(decoder.feed(b"HTTP/1.1 200 OK\r\n\r\nab"), Ok(()));
    assert_eq!(decoder.feed(b"c"), Ok(()));
    assert_eq!(decoder.next_message(), None);
    let message = decoder.eof().expect("a whole message").expect("a message");
    assert_eq!(message.body, b"abc");
    assert_eq!(decoder.eof(), Ok(None));
}

#[rstest]
#[case::length_letters(
    "POST / HTTP/1.1\r\nContent-Length: a\r\n\r\n",
    FrameError::BadContentLength
)]
#[case::lengths_differ(
    "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    FrameError::BadContentLength
)]
#[case::length_beyond_the_limit(
    "POST / HTTP/1.1\r\nContent-Length: 51\r\n\r\n",
    FrameError::BodyTooLong
)]
#[case::coding_without_chunks(
    "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
    FrameError::BadChunk
)]
#[case::bad_chunk(
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
    FrameError::BadChunk
)]
#[case::chunk_beyond_the_limit(
    "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n0123456789012345678901234567890123456789012345678",
    FrameError::BodyTooLong
)]
#[case::head_in_one_line(
    "GET /0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789",
    FrameError::HeadTooLong
)]
#[case::complete_head(
    "GET / HTTP/1.1\r\nA: 01234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n\r\n",
    FrameError::HeadTooLong
)]
fn refuses_and_keeps_the_evidence(#[case] bytes: &str, #[case] error: FrameError) {
    let (found, result, buffered) = decode(Expecting::Request, bytes.as_bytes());
    assert_eq!(
        (found, result, buffered.as_slice()),
        (vec![], Err(error), bytes.as_bytes())
    );
}

#[rstest]
#[case::in_head("GET / HTTP/1.1\r\n")]
#[case::in_body("POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\na")]
#[case::in_chunk("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n")]
fn refuses_a_stream_that_ends_inside(#[case] bytes: &str) {
    let mut decoder = Decoder::new(Expecting::Request, Limits::default());
    assert_eq!(decoder.feed(bytes.as_bytes()), Ok(()));
    assert_eq!(decoder.eof(), Err(FrameError::Truncated));
    assert_eq!(decoder.feed(b"x"), Err(FrameError::Truncated));
    assert_eq!(decoder.buffered(), bytes.as_bytes());
}

#[rstest]
#[case::one_long_head(&[&b"GET / HTTP/1.1\r\nA: "[..], &b"a".repeat(60_000), b"\r\n\r\n"].concat())]
#[case::many_short_lines(&[&b"GET / HTTP/1.1\r\n"[..], &b"a\n".repeat(30_000), b"\r\n"].concat())]
#[case::many_chunks(&[&b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"[..], &b"1\r\nx\r\n".repeat(170_000), b"0\r\n\r\n"].concat())]
fn takes_linear_time_for_single_octets(#[case] bytes: &[u8]) {
    // With a search that starts over at each octet this would not end.
    let mut decoder = Decoder::new(Expecting::Request, Limits::default());
    for octet in bytes.chunks(1) {
        assert_eq!(decoder.feed(octet), Ok(()));
    }
    let message = decoder.next_message().expect("a message");
    assert_eq!(message.to_bytes(), bytes);
}

proptest! {
    #[test]
    fn yields_the_bytes_that_it_read(bytes in "(GET / HTTP/1.1|a|:|: | |\t|\r|\n|\r\n|\x00|é)*") {
        if let Ok(message) = Message::from_bytes(bytes.as_bytes()) {
            prop_assert_eq!(message.to_bytes(), bytes.as_bytes());
        }
    }

    /// The oracle is an independent parser: what it takes for a head has the same parts here.
    #[test]
    fn splits_like_httparse(
        bytes in "(GET / HTTP/1\\.1|POST /x HTTP/1\\.0)(\r\n|\n)([a-zA-Z-]{1,5}:[ \t]{0,2}[a-z0-9:,= \t\"]{0,9}(\r\n|\n)){0,5}(\r\n|\n)[a-z]{0,5}"
    ) {
        let mut headers = [httparse::EMPTY_HEADER; 8];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(length)) = request.parse(bytes.as_bytes()) else {
            return Ok(());
        };
        let message = message(bytes.as_bytes());
        let line = message.request_line().expect("httparse took it");
        prop_assert_eq!(request.method.map(str::as_bytes), Some(line.method));
        prop_assert_eq!(request.path.map(str::as_bytes), Some(line.target));
        prop_assert_eq!(message.body.as_slice(), &bytes.as_bytes()[length..]);
        prop_assert_eq!(request.headers.len(), message.fields.len());
        for (theirs, ours) in request.headers.iter().zip(&message.fields) {
            prop_assert_eq!(theirs.name.as_bytes(), ours.name.as_slice());
            prop_assert_eq!(theirs.value, &*ours.text());
        }
    }
}
