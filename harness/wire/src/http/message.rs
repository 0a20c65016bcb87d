//! One message, byte for byte (RFC 9112 clause 2.1).
//!
//! ```text
//! start line   line end
//! name separator value   line end        0 or more fields; a folded line belongs to the value
//! line end                               the end of the head
//! body                                   as on the wire, chunked framing included
//! ```

use std::borrow::Cow;

use super::{check, chunked};
use crate::error::{DecodeError, Deviation};

const START_LINE: &str = "start line";

/// How a line of the head ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LineEnd {
    /// CR LF, as RFC 9112 clause 2.2 demands.
    Crlf,
    /// LF alone, which a recipient may accept (RFC 9112 clause 2.2).
    Lf,
    /// The input ended before the line did.
    None,
}

impl LineEnd {
    fn as_bytes(self) -> &'static [u8] {
        match self {
            Self::Crlf => b"\r\n",
            Self::Lf => b"\n",
            Self::None => b"",
        }
    }
}

/// One field line of a head, with the lines that are folded into it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// The name as written. For a line without a colon this is the whole line.
    pub name: Vec<u8>,
    /// The colon and all blanks around it, usually `": "`; empty for a line without a colon.
    pub separator: Vec<u8>,
    /// The value as written: blanks at its end and folded lines are kept.
    pub value: Vec<u8>,
    /// How the last line of the field ends.
    pub end: LineEnd,
}

impl Field {
    /// The value as RFC 9110 clause 5.5 defines it: each line fold is one blank, and blanks at
    /// both ends are gone.
    pub fn text(&self) -> Cow<'_, [u8]> {
        let value = trim_blanks(&self.value);
        if !value.contains(&b'\n') {
            return Cow::Borrowed(value);
        }
        let lines: Vec<&[u8]> = value
            .split(|&byte| byte == b'\n')
            .map(|line| trim_blanks(line.strip_suffix(b"\r").unwrap_or(line)))
            .filter(|line| !line.is_empty())
            .collect();
        Cow::Owned(lines.join(&b' '))
    }

    /// Whether the field has this name; case does not matter (RFC 9110 clause 5.1).
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// A request or a response: the packet layer, which makes no judgement. What was read can be
/// written back byte for byte, and nonsense can be built on purpose.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Message {
    /// The request line or status line without its line end.
    pub start_line: Vec<u8>,
    /// How the start line ends.
    pub start_end: LineEnd,
    /// The field lines in their order.
    pub fields: Vec<Field>,
    /// The empty line that ends the head; [`LineEnd::None`] if the input ended before it.
    pub head_end: LineEnd,
    /// The body as on the wire: chunked framing is kept.
    pub body: Vec<u8>,
}

/// The three parts of a request line (RFC 9112 clause 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RequestLine<'a> {
    /// The method, case-sensitive.
    pub method: &'a [u8],
    /// The request target as written.
    pub target: &'a [u8],
    /// The version, `HTTP/` digit `.` digit, or `HTTP/2`.
    pub version: &'a [u8],
}

impl Message {
    /// Splits a whole message into head and body; everything behind the head is body. Bare LF,
    /// lines without a colon and a head without its end are taken as they are.
    ///
    /// `MissingData` for empty input, and nothing else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.is_empty() {
            return Err(DecodeError::MissingData(START_LINE));
        }
        let mut rest = bytes;
        let mut message = Self::parse_head(&mut rest);
        message.body = rest.to_vec();
        Ok(message)
    }

    /// The bytes of the message: exactly those that were read, if it was read and not changed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.start_line.clone();
        bytes.extend_from_slice(self.start_end.as_bytes());
        for field in &self.fields {
            bytes.extend_from_slice(&field.name);
            bytes.extend_from_slice(&field.separator);
            bytes.extend_from_slice(&field.value);
            bytes.extend_from_slice(field.end.as_bytes());
        }
        bytes.extend_from_slice(self.head_end.as_bytes());
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// A request with this request line, no fields and no body.
    pub fn request(start_line: &str) -> Self {
        Self {
            start_line: start_line.as_bytes().to_vec(),
            start_end: LineEnd::Crlf,
            fields: Vec::new(),
            head_end: LineEnd::Crlf,
            body: Vec::new(),
        }
    }

    /// An HTTP/1.1 response with this status line, no fields and no body.
    pub fn response(status: u16, reason: &str) -> Self {
        Self::request(&format!("HTTP/1.1 {status:03} {reason}"))
    }

    /// Appends a field in the usual form `name: value` and CR LF.
    pub fn push(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        self.fields.push(Field {
            name: name.as_bytes().to_vec(),
            separator: b": ".to_vec(),
            value: value.into(),
            end: LineEnd::Crlf,
        });
    }

    /// Replaces the value of the first field with this name, or appends the field. The name, the
    /// blanks and the line end of an existing field stay as they are.
    pub fn set(&mut self, name: &str, value: impl Into<Vec<u8>>) {
        let Some(field) = self.fields.iter_mut().find(|field| field.is_named(name)) else {
            self.push(name, value);
            return;
        };
        field.value = value.into();
        if field.separator.is_empty() {
            field.separator = b": ".to_vec();
        }
    }

    /// Removes every field with this name.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|field| !field.is_named(name));
    }

    /// The message with a `Content-Length` that fits its body.
    #[must_use]
    pub fn with_length(mut self) -> Self {
        let length = self.body.len().to_string();
        self.set("Content-Length", length);
        self
    }

    /// The first field with this name; case does not matter.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.is_named(name))
    }

    /// All fields with this name in their order; case does not matter.
    pub fn fields_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Field> {
        self.fields.iter().filter(move |field| field.is_named(name))
    }

    /// Whether the message is a request: its start line does not begin with `HTTP/`.
    pub fn is_request(&self) -> bool {
        !self.start_line.starts_with(b"HTTP/")
    }

    /// The request line in its parts, each separated by exactly one blank (RFC 9112 clause 3).
    ///
    /// `BadValue` if there are not three parts, the method is no token, the target holds a
    /// character that is not printable ASCII, or the version has another form.
    pub fn request_line(&self) -> Result<RequestLine<'_>, DecodeError> {
        let bad = |why| DecodeError::BadValue {
            field: START_LINE,
            why,
        };
        let mut parts = self.start_line.split(|&byte| byte == b' ');
        let (Some(method), Some(target), Some(version), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("there are not three parts with one blank between each"));
        };
        if !is_token(method) {
            return Err(bad("the method is no token"));
        }
        if target.is_empty() || !target.iter().all(u8::is_ascii_graphic) {
            return Err(bad("the target is empty or not printable ASCII"));
        }
        if !is_version(version) {
            return Err(bad("the version is not HTTP/ digit . digit"));
        }
        Ok(RequestLine {
            method,
            target,
            version,
        })
    }

    /// The status code of a response (RFC 9112 clause 4). The reason phrase, and the blank before
    /// it, may be absent.
    ///
    /// `BadValue` if the version has another form or the status is not three digits.
    pub fn status(&self) -> Result<u16, DecodeError> {
        let bad = |why| DecodeError::BadValue {
            field: START_LINE,
            why,
        };
        let mut parts = self.start_line.splitn(3, |&byte| byte == b' ');
        if !parts.next().is_some_and(is_version) {
            return Err(bad("the version is not HTTP/ digit . digit"));
        }
        match parts.next() {
            Some(digits @ &[a, b, c]) if digits.iter().all(u8::is_ascii_digit) => {
                let digit = |byte: u8| u16::from(byte - b'0');
                Ok(digit(a) * 100 + digit(b) * 10 + digit(c))
            }
            _ => Err(bad("the status is not three digits")),
        }
    }

    /// The body with the chunked coding removed, if the message has it (RFC 9112 clause 7.1);
    /// trailer fields are dropped.
    ///
    /// `BadValue` for broken framing, `MissingData` if it ends too early, `TrailingData` if bytes
    /// follow the last chunk.
    pub fn content(&self) -> Result<Cow<'_, [u8]>, DecodeError> {
        if self.is_chunked() && !self.is_bodiless() {
            return chunked::decode(&self.body).map(Cow::Owned);
        }
        Ok(Cow::Borrowed(&self.body))
    }

    /// Every departure from the syntax of RFC 9112 that the message shows, each kind once a field.
    pub fn deviations(&self) -> Vec<Deviation> {
        check::deviations(self)
    }

    /// Takes the head, up to and with its empty line, off the front of `rest`.
    pub(super) fn parse_head(rest: &mut &[u8]) -> Self {
        let (start_line, start_end) = take_line(rest);
        let mut message = Self {
            start_line: start_line.to_vec(),
            start_end,
            fields: Vec::new(),
            head_end: LineEnd::None,
            body: Vec::new(),
        };
        while !rest.is_empty() {
            let (line, end) = take_line(rest);
            if line.is_empty() {
                message.head_end = end;
                break;
            }
            match message.fields.last_mut() {
                Some(field) if is_blank(line[0]) => field.fold(line, end),
                _ => message.fields.push(Field::parse(line, end)),
            }
        }
        message
    }

    /// Whether the status alone says that there is no body (RFC 9112 clause 6.3, rule 1); the
    /// fields then describe the body of another message.
    pub(super) fn is_bodiless(&self) -> bool {
        matches!(self.status(), Ok(100..=199 | 204 | 304))
    }

    /// Whether the last transfer coding is `chunked` (RFC 9112 clause 6.1).
    pub(super) fn is_chunked(&self) -> bool {
        self.fields_named("Transfer-Encoding")
            .last()
            .is_some_and(|field| {
                let value = field.text();
                let last = value
                    .rsplit(|&byte| byte == b',')
                    .next()
                    .unwrap_or_default();
                trim_blanks(last).eq_ignore_ascii_case(b"chunked")
            })
    }
}

impl Field {
    fn parse(line: &[u8], end: LineEnd) -> Self {
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            return Self {
                name: line.to_vec(),
                separator: Vec::new(),
                value: Vec::new(),
                end,
            };
        };
        let is_solid = |byte: &u8| !is_blank(*byte);
        let name_end = line[..colon]
            .iter()
            .rposition(is_solid)
            .map_or(0, |last| last + 1);
        let after = &line[colon + 1..];
        let value_start = after
            .iter()
            .position(is_solid)
            .map_or(line.len(), |blanks| colon + 1 + blanks);
        Self {
            name: line[..name_end].to_vec(),
            separator: line[name_end..value_start].to_vec(),
            value: line[value_start..].to_vec(),
            end,
        }
    }

    /// Appends a folded line (RFC 9112 clause 5.2) to the value.
    fn fold(&mut self, line: &[u8], end: LineEnd) {
        self.value.extend_from_slice(self.end.as_bytes());
        self.value.extend_from_slice(line);
        self.end = end;
    }
}

/// Whether these bytes are a token of RFC 9110 clause 5.6.2.
pub(crate) fn is_token(bytes: &[u8]) -> bool {
    !bytes.is_empty() && bytes.iter().copied().all(is_token_char)
}

pub(crate) fn is_token_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(crate) fn trim_blanks(bytes: &[u8]) -> &[u8] {
    let is_solid = |byte: &u8| !is_blank(*byte);
    let start = bytes.iter().position(is_solid).unwrap_or(bytes.len());
    let end = bytes
        .iter()
        .rposition(is_solid)
        .map_or(start, |last| last + 1);
    &bytes[start..end]
}

/// Takes one line off the front: its bytes without the line end, and the line end.
fn take_line<'a>(rest: &mut &'a [u8]) -> (&'a [u8], LineEnd) {
    let Some(lf) = rest.iter().position(|&byte| byte == b'\n') else {
        return (std::mem::take(rest), LineEnd::None);
    };
    let line = &rest[..lf];
    *rest = &rest[lf + 1..];
    match line.strip_suffix(b"\r") {
        Some(line) => (line, LineEnd::Crlf),
        None => (line, LineEnd::Lf),
    }
}

/// HTTP/2 names no version on the wire; where this crate writes such a message as text, it has no
/// minor number (RFC 9113 clause 1).
fn is_version(bytes: &[u8]) -> bool {
    bytes == b"HTTP/2"
        || matches!(bytes, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
        if major.is_ascii_digit() && minor.is_ascii_digit())
}
