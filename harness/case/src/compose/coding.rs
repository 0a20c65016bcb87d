//! Transfer codings of a composed message.

use gbaspec_wire::http::Message;

/// So many octets a chunk: short enough that each body of more than one line has several.
const CHUNK: usize = 16;

/// The message with its body in chunks, and `Transfer-Encoding` in place of `Content-Length`
/// (RFC 9112 7.1). Digests that stand in its head stay as they were made, over the body itself.
pub(super) fn chunked(mut message: Message) -> Message {
    message.remove("Content-Length");
    message.set("Transfer-Encoding", "chunked");
    let mut body = Vec::with_capacity(message.body.len() * 2 + 5);
    for chunk in message.body.chunks(CHUNK) {
        body.extend(format!("{:x}\r\n", chunk.len()).bytes());
        body.extend(chunk);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    message.body = body;
    message
}

#[cfg(test)]
mod tests {
    use gbaspec_wire::http::Message;

    use super::chunked;

    #[test]
    fn cuts_a_body_into_chunks_of_sixteen_octets() {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n0123456789abcdefghij";
        let message = Message::from_bytes(text.as_bytes()).expect("a message");
        let expected = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                        10\r\n0123456789abcdef\r\n4\r\nghij\r\n0\r\n\r\n";
        assert_eq!(chunked(message).to_bytes(), expected.as_bytes());
    }

    #[test]
    fn ends_an_empty_body_with_the_last_chunk() {
        let message = Message::from_bytes(b"GET / HTTP/1.1\r\n\r\n").expect("a message");
        let expected = b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
        assert_eq!(chunked(message).to_bytes(), expected);
    }
}
