//! Small pieces of HTTP text that several roles write: dates, heads, bodies.

use data_encoding::HEXLOWER;
use gbaspec_wire::date;
use gbaspec_wire::http::Message;
use rand::Rng;
use rand::rngs::ChaCha8Rng;

use crate::role::{After, Moment};

/// The moment as an HTTP-date of RFC 9110 clause 5.6.7, e.g. `Thu, 08 Jan 2004 10:13:17 GMT`.
pub(crate) fn http_date(moment: Moment) -> String {
    date::http_date(moment.unix_seconds())
}

/// The moment as an `xs:dateTime` in UTC with `Z` and whole seconds (TS 24.109 Annex C).
pub(crate) fn utc_date_time(moment: Moment) -> String {
    date::utc_date_time(moment.unix_seconds())
}

/// A response head with its status, `Server` and `Date`, in the order of the tables of TS 24.109.
pub(crate) fn response(status: u16, server: &str, now: Moment) -> Message {
    let mut message = Message::response(status, reason_phrase(status));
    message.push("Server", server);
    message.push("Date", http_date(now));
    message
}

/// Ends a message with its body and the matching `Content-Length`.
pub(crate) fn with_body(mut message: Message, body: &[u8]) -> Message {
    message.body = body.to_vec();
    message.with_length()
}

/// Whether the request lets its connection live on: HTTP/1.1 without `Connection: close`
/// (RFC 9112 clause 9.3).
pub(crate) fn after(request: &Message) -> After {
    let old = request.start_line.ends_with(b"HTTP/1.0");
    let close = request.fields_named("Connection").any(|field| {
        field
            .value
            .split(|&octet| octet == b',')
            .any(|token| token.trim_ascii().eq_ignore_ascii_case(b"close"))
    });
    if old || close {
        After::Close
    } else {
        After::KeepOpen
    }
}

/// Whether a response ends its connection: it says so, it is HTTP/1.0, or its body has no other
/// end (RFC 9112 clauses 6.3 and 9.3).
pub(crate) fn closes(response: &Message) -> bool {
    let framed =
        response.field("Content-Length").is_some() || response.field("Transfer-Encoding").is_some();
    let bodiless = matches!(response.status(), Ok(100..=199 | 204 | 304));
    after(response) == After::Close
        || response.start_line.starts_with(b"HTTP/1.0")
        || !(framed || bodiless)
}

/// Method and target of a request line; `None` where the line does not have three parts or does
/// not name HTTP/1.x.
pub(crate) fn request_line(request: &Message) -> Option<(&[u8], &[u8])> {
    let mut parts = request.start_line.split(|&octet| octet == b' ');
    let (method, target, version) = (parts.next()?, parts.next()?, parts.next()?);
    let sound = parts.next().is_none()
        && !method.is_empty()
        && !target.is_empty()
        && version.starts_with(b"HTTP/1.");
    sound.then_some((method, target))
}

/// `N` octets of the role's own generator.
pub(crate) fn random<const N: usize>(generator: &mut ChaCha8Rng) -> [u8; N] {
    let mut octets = [0; N];
    generator.fill_bytes(&mut octets);
    octets
}

/// Sixteen octets as 32 lower-case hex digits, the form in which the tables show nonces.
pub(crate) fn hex(octets: &[u8]) -> String {
    HEXLOWER.encode(octets)
}

/// The usual phrase for the status codes that the roles send.
pub(crate) fn reason_phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Unnamed",
    }
}
