//! Messages of HTTP/2 as text, and back.

use gbaspec_wire::http::Message;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, request, response};

/// Fields that belong to a connection of HTTP/1.1 and may not be in a message of HTTP/2 (RFC 9113
/// clause 8.2.2), and the one that is a pseudo-field there.
const OF_HTTP_1: [&str; 6] = [
    "connection",
    "host",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

/// Whether the start line of a message, as text, names HTTP/2.
pub(crate) fn is_http2(bytes: &[u8]) -> bool {
    let line = bytes.split(|octet| *octet == b'\n').next();
    let line = line.unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.ends_with(b" HTTP/2") || line.starts_with(b"HTTP/2 ") || line == b"HTTP/2"
}

/// The request that a text stands for, and its body. Where it has no `host`, it is for `authority`.
pub(super) fn request_of(
    bytes: &[u8],
    authority: &str,
) -> Result<(Request<()>, Vec<u8>), &'static str> {
    let message = read(bytes)?;
    let line = message.request_line();
    let line = line.map_err(|_| "the request has no sound start line")?;
    let target = std::str::from_utf8(line.target).unwrap_or_default();
    let host = message.field("host").map(|host| host.text().into_owned());
    let host = host.map_or_else(
        || authority.to_owned(),
        |host| String::from_utf8_lossy(&host).into_owned(),
    );
    let uri = if target.starts_with('/') {
        format!("http://{host}{target}")
    } else {
        target.to_owned()
    };
    let mut request = Request::builder().method(line.method).uri(uri).body(());
    if let Ok(request) = &mut request {
        *request.headers_mut() = fields_of(&message)?;
    }
    let request = request.map_err(|_| "HTTP/2 cannot carry this method or target")?;
    Ok((request, content(&message)?))
}

/// The answer that a text stands for, and its body.
pub(super) fn response_of(bytes: &[u8]) -> Result<(Response<()>, Vec<u8>), &'static str> {
    let message = read(bytes)?;
    let status = message.status();
    let status = status.map_err(|_| "the answer has no sound start line")?;
    let mut response = Response::builder().status(status).body(());
    if let Ok(response) = &mut response {
        *response.headers_mut() = fields_of(&message)?;
    }
    let response = response.map_err(|_| "HTTP/2 cannot carry this status")?;
    Ok((response, content(&message)?))
}

/// A request as text.
pub(super) fn text_of_request(head: &request::Parts, body: Vec<u8>) -> Message {
    let target = head.uri.path_and_query();
    let target = target.map_or("*", http::uri::PathAndQuery::as_str);
    let mut message = Message::request(&format!("{} {target} HTTP/2", head.method));
    if let Some(authority) = head.uri.authority() {
        message.push("host", authority.as_str());
    }
    with(message, &head.headers, body)
}

/// An answer as text.
pub(super) fn text_of_response(head: &response::Parts, body: Vec<u8>) -> Message {
    let message = Message::request(&format!("HTTP/2 {}", head.status.as_str()));
    with(message, &head.headers, body)
}

fn with(mut message: Message, fields: &HeaderMap, body: Vec<u8>) -> Message {
    for (name, value) in fields {
        message.push(name.as_str(), value.as_bytes());
    }
    message.body = body;
    message
}

fn read(bytes: &[u8]) -> Result<Message, &'static str> {
    Message::from_bytes(bytes).map_err(|_| "there is no message")
}

fn content(message: &Message) -> Result<Vec<u8>, &'static str> {
    let content = message.content();
    content
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| "the body has broken framing")
}

fn fields_of(message: &Message) -> Result<HeaderMap, &'static str> {
    let mut fields = HeaderMap::new();
    for field in &message.fields {
        if OF_HTTP_1.iter().any(|name| field.is_named(name)) {
            continue;
        }
        // This makes the name lower case.
        let name = HeaderName::from_bytes(&field.name);
        let name = name.map_err(|_| "a field name is no token")?;
        let value = HeaderValue::from_bytes(&field.text());
        let value = value.map_err(|_| "a field value holds a control character")?;
        let added = fields.try_append(name, value);
        added.map_err(|_| "there are too many fields")?;
    }
    Ok(fields)
}
