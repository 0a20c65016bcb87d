//! What a message does against the syntax of RFC 9112.

use super::decoder::content_length;
use super::message::{Field, LineEnd, Message, is_token, trim_blanks};
use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};

const START_LINE: &str = "start line";
const FIELD: &str = "header field";
const CONTENT_LENGTH: &str = "Content-Length";
const HOST: &str = "Host";
const BODY: &str = "body";

pub(super) fn deviations(message: &Message) -> Vec<Deviation> {
    let mut found = Deviations::default();
    check_start_line(message, &mut found);
    for field in &message.fields {
        check_field(field, &mut found);
    }
    if message.head_end == LineEnd::None {
        let rule = "an empty line ends the head (RFC 9112 2.1)";
        found.note(Kind::UnfinishedHead, FIELD, rule, b"");
    }
    check_line_end(message.head_end, FIELD, b"", &mut found);
    check_host(message, &mut found);
    check_framing(message, &mut found);
    found.into_vec()
}

fn check_start_line(message: &Message, found: &mut Deviations) {
    let line = &message.start_line;
    check_line_end(message.start_end, START_LINE, line, found);
    check_octets(START_LINE, line, found);
    let is_sound = if message.is_request() {
        message.request_line().is_ok()
    } else {
        message.status().is_ok()
    };
    if !is_sound {
        let rule = "the first line is a request line or a status line (RFC 9112 3 and 4)";
        found.note(Kind::BadStartLine, START_LINE, rule, line);
    }
}

fn check_field(field: &Field, found: &mut Deviations) {
    check_line_end(field.end, FIELD, &field.name, found);
    check_octets(FIELD, &field.name, found);
    if field.separator.is_empty() {
        let rule = "a colon follows the field name (RFC 9112 5)";
        found.note(Kind::MissingColon, FIELD, rule, &field.name);
        return;
    }
    if !is_token(&field.name) {
        let rule = "the field name is a token (RFC 9110 5.1)";
        found.note(Kind::BadFieldName, FIELD, rule, &field.name);
    }
    if !field.separator.starts_with(b":") {
        let rule = "no blank stands between field name and colon (RFC 9112 5.1)";
        found.note(Kind::BlankBeforeColon, FIELD, rule, &field.name);
    }
    let lines: Vec<&[u8]> = field.value.split(|&byte| byte == b'\n').collect();
    if lines.len() > 1 {
        let rule = "a field value is not folded (RFC 9112 5.2)";
        found.note(Kind::ObsFold, FIELD, rule, &field.value);
    }
    for (place, line) in lines.iter().enumerate() {
        let is_last = place + 1 == lines.len();
        let line = match line.strip_suffix(b"\r") {
            Some(line) if !is_last => line,
            _ => line,
        };
        check_octets(FIELD, line, found);
    }
}

fn check_line_end(end: LineEnd, field: &'static str, line: &[u8], found: &mut Deviations) {
    if end == LineEnd::Lf {
        found.note(
            Kind::BareLf,
            field,
            "a line ends in CR LF (RFC 9112 2.2)",
            line,
        );
    }
}

fn check_octets(field: &'static str, bytes: &[u8], found: &mut Deviations) {
    if bytes.contains(&b'\r') {
        found.note(
            Kind::BareCr,
            field,
            "CR stands only before LF (RFC 9112 2.2)",
            bytes,
        );
    }
    if bytes
        .iter()
        .any(|&byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\r'))
    {
        let rule = "control characters are not allowed (RFC 9110 5.5)";
        found.note(Kind::ControlCharacter, field, rule, bytes);
    }
    if !bytes.is_ascii() {
        found.note(
            Kind::NonAscii,
            field,
            "new fields use ASCII only (RFC 9110 5.5)",
            bytes,
        );
    }
}

fn check_host(message: &Message, found: &mut Deviations) {
    let Ok(line) = message.request_line() else {
        return;
    };
    let mut hosts = message.fields_named(HOST);
    let first = hosts.next();
    if first.is_none() && line.version == b"HTTP/1.1" {
        found.note(
            Kind::MissingHost,
            HOST,
            "an HTTP/1.1 request names its host (RFC 9112 3.2)",
            b"",
        );
    }
    if let Some(second) = hosts.next() {
        let rule = "a request names its host once (RFC 9112 3.2)";
        found.note(Kind::RepeatedHost, HOST, rule, &second.value);
    }
}

fn check_framing(message: &Message, found: &mut Deviations) {
    if message.is_bodiless() {
        return;
    }
    let is_coded = message.field("Transfer-Encoding").is_some();
    let mut lengths = message.fields_named(CONTENT_LENGTH);
    let first = lengths.next();
    if let (true, Some(length)) = (is_coded, first) {
        let rule = "a message has either a length or a transfer coding (RFC 9112 6.2)";
        found.note(
            Kind::LengthAndTransferEncoding,
            CONTENT_LENGTH,
            rule,
            &length.value,
        );
    }
    let repeated = lengths
        .next()
        .or(first.filter(|length| length.value.contains(&b',')));
    if let Some(repeated) = repeated {
        let rule = "the length is given once (RFC 9112 6.3)";
        found.note(
            Kind::RepeatedContentLength,
            CONTENT_LENGTH,
            rule,
            &repeated.value,
        );
    }
    if message.is_chunked() {
        if let Err(error) = message.content() {
            let rule = match error {
                DecodeError::MissingData(_) => "the last chunk has size 0 (RFC 9112 7.1)",
                DecodeError::TrailingData(_) => "nothing follows the last chunk (RFC 9112 7.1)",
                _ => "the body is chunks with their sizes in hex (RFC 9112 7.1)",
            };
            found.note(Kind::BadChunkedBody, BODY, rule, &message.body);
        }
        return;
    }
    match content_length(message) {
        Ok(Some(length)) if length != message.body.len() => {
            let rule = "the body has the length that the head says (RFC 9112 6.3)";
            let is = message.body.len().to_string();
            found.note(Kind::BodyLengthMismatch, BODY, rule, is.as_bytes());
        }
        Ok(_) => {}
        Err(_) => {
            let value = first
                .map(|length| trim_blanks(&length.value))
                .unwrap_or_default();
            let rule = "the length is one decimal number (RFC 9110 8.6)";
            found.note(Kind::BadContentLength, CONTENT_LENGTH, rule, value);
        }
    }
}
