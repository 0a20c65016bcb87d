//! What two elements speak, told from a message.

use std::fmt;

use gbaspec_wire::diameter::{Packet, notation};

/// A protocol that carries messages of GBA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// HTTP/1.1: Ub, Ua, and the web service of Zn.
    #[default]
    Http,
    /// Diameter: Zh and Zn (TS 29.109).
    Diameter,
    /// HTTP/2: the service-based interfaces (TS 29.309, TS 29.562). A transcript holds such a message
    /// as the text that HTTP/1.1 would have for it, with HTTP/2 as its version.
    Http2,
}

impl Protocol {
    /// The protocol of a message of a transcript.
    pub fn of(bytes: &[u8]) -> Self {
        // Diameter begins with its version; no message of HTTP begins with a control character.
        if bytes.first().is_some_and(|octet| *octet < 0x20) {
            return Self::Diameter;
        }
        let line = bytes
            .split(|&octet| octet == b'\r' || octet == b'\n')
            .next();
        Self::of_start_line(line.unwrap_or_default())
    }

    /// The protocol of a template.
    pub fn of_template(text: &str) -> Self {
        if notation::is_notation(text) {
            return Self::Diameter;
        }
        Self::of_start_line(text.lines().next().unwrap_or_default().as_bytes())
    }

    fn of_start_line(line: &[u8]) -> Self {
        if line.ends_with(b" HTTP/2") || line.starts_with(b"HTTP/2 ") {
            Self::Http2
        } else {
            Self::Http
        }
    }

    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Diameter => "diameter",
            Self::Http2 => "http/2",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A message of Diameter as lines for people; what the target sent is escaped in them. None for
/// anything else.
pub fn shown_diameter(bytes: &[u8]) -> Option<Vec<String>> {
    let is_one = Protocol::of(bytes) == Protocol::Diameter;
    let packet = is_one.then(|| Packet::from_bytes(bytes).ok())??;
    // Random octets are none, though something can be read from them.
    let is_likely = packet.version == 1 && packet.wrong_length.is_none();
    is_likely.then(|| {
        notation::write(&packet)
            .lines()
            .map(str::to_owned)
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Protocol, shown_diameter};

    #[test]
    fn diameter_is_shown_line_by_line() {
        let mut octets = vec![1, 0, 0, 32, 0x80, 0, 1, 0x18];
        octets.extend([0; 12]);
        octets.extend([0, 0, 1, 12, 0x40, 0, 0, 12, 0, 0, 7, 0xd1]);
        let lines = shown_diameter(&octets).expect("a message");
        assert_eq!(lines[1..], ["Result-Code: 2001"]);
        assert_eq!(shown_diameter(b"GET / HTTP/1.1"), None);
        assert_eq!(shown_diameter(&[1; 20]), None);
    }

    #[rstest]
    #[case::diameter(b"\x01\0\0\x14", Protocol::Diameter)]
    #[case::wrong_version(b"\x02\0\0\x14", Protocol::Diameter)]
    #[case::request(b"POST / HTTP/2\r\n\r\n", Protocol::Http2)]
    #[case::response(b"HTTP/2 200\r\n\r\n", Protocol::Http2)]
    #[case::older_request(b"POST / HTTP/1.1\r\n\r\nHTTP/2", Protocol::Http)]
    #[case::older_response(b"HTTP/1.1 200 OK\r\n\r\n", Protocol::Http)]
    #[case::nothing(b"", Protocol::Http)]
    fn is_told_from_a_message(#[case] bytes: &[u8], #[case] expected: Protocol) {
        assert_eq!(Protocol::of(bytes), expected);
    }
}
