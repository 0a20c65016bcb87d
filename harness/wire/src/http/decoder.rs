//! Finding whole messages in a stream of bytes (RFC 9112 clause 6.3), without doing the reading.

use std::collections::VecDeque;
use std::fmt;

use super::chunked::Scanner;
use super::message::{Message, trim_blanks};

/// What the peer sends, which decides where a body ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Expecting {
    /// Requests: without a length there is no body.
    Request,
    /// Responses: without a length the body ends with the connection.
    Response,
    /// Responses to HEAD: there is never a body.
    ResponseToHead,
}

/// How much of one message is read before it counts as an attack.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// The octets of a head with its empty line; 64 KiB by default.
    pub head: usize,
    /// The octets of a body as on the wire, framing included; 1 MiB by default.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            body: 1024 * 1024,
        }
    }
}

/// Why the end of a message cannot be found. The stream cannot be used any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FrameError {
    /// The head exceeds [`Limits::head`].
    HeadTooLong,
    /// The body exceeds [`Limits::body`], or says that it will.
    BodyTooLong,
    /// `Content-Length` is no number, or its values differ.
    BadContentLength,
    /// The chunked framing is broken, or a request has transfer codings that do not end in
    /// `chunked` (RFC 9112 clause 6.3).
    BadChunk,
    /// The stream ended inside a message.
    Truncated,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HeadTooLong => "the head is too long",
            Self::BodyTooLong => "the body is too long",
            Self::BadContentLength => "Content-Length is not one number",
            Self::BadChunk => "the chunked body has broken framing",
            Self::Truncated => "the stream ended inside a message",
        })
    }
}

impl std::error::Error for FrameError {}

/// Cuts a stream of bytes into messages. Bytes go in by [`Decoder::feed`] in pieces of any size;
/// the time is linear in their number. Empty lines before a start line are skipped
/// (RFC 9112 clause 2.2).
///
/// Memory is bounded by the limits, by the piece that is fed, and by the complete messages that
/// the caller has not taken yet.
#[derive(Debug)]
pub struct Decoder {
    expecting: Expecting,
    limits: Limits,
    buffer: Vec<u8>,
    /// Where the incomplete message begins in `buffer`; behind it everything is still needed.
    start: usize,
    expect: Expect,
    ready: VecDeque<Message>,
    failed: Option<FrameError>,
}

/// Which part of the message comes next; places count from [`Decoder::start`].
#[derive(Debug)]
enum Expect {
    /// The head: `line` is where its current line begins, `scanned` how far it was searched.
    Head { line: usize, scanned: usize },
    /// The body of this message, which begins at `body`.
    Body {
        message: Message,
        body: usize,
        framing: Framing,
    },
}

#[derive(Debug)]
enum Framing {
    Length(usize),
    Chunked(Scanner),
    UntilClose,
}

impl Decoder {
    /// A decoder at the start of a stream.
    pub fn new(expecting: Expecting, limits: Limits) -> Self {
        Self {
            expecting,
            limits,
            buffer: Vec::new(),
            start: 0,
            expect: Expect::Head {
                line: 0,
                scanned: 0,
            },
            ready: VecDeque::new(),
            failed: None,
        }
    }

    /// Takes the next bytes of the stream. Messages that they complete can be taken by
    /// [`Decoder::next_message`], also after an error, which concerns a later message only.
    ///
    /// After an error the decoder takes no more bytes and repeats the error.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.buffer.extend_from_slice(bytes);
        let result = self.scan();
        self.buffer.drain(..self.start);
        self.start = 0;
        self.failed = result.err();
        result
    }

    /// Says that the stream has ended. Yields the message that only the end completes: a response
    /// without a length.
    ///
    /// [`FrameError::Truncated`] if the stream ended inside a message, else the error of an
    /// earlier [`Decoder::feed`].
    pub fn eof(&mut self) -> Result<Option<Message>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if self.buffer.is_empty() && matches!(self.expect, Expect::Head { .. }) {
            return Ok(None);
        }
        let expect = std::mem::replace(&mut self.expect, Expect::head());
        let Expect::Body {
            mut message,
            body,
            framing: Framing::UntilClose,
        } = expect
        else {
            self.failed = Some(FrameError::Truncated);
            return Err(FrameError::Truncated);
        };
        message.body = self.buffer.split_off(body);
        self.buffer.clear();
        Ok(Some(message))
    }

    /// The next complete message, in the order of the stream.
    pub fn next_message(&mut self) -> Option<Message> {
        self.ready.pop_front()
    }

    /// The bytes of the message that is not complete yet: evidence for a report.
    pub fn buffered(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    fn scan(&mut self) -> Result<(), FrameError> {
        loop {
            let is_complete = match self.expect {
                Expect::Head { .. } => self.scan_head()?,
                Expect::Body { .. } => self.scan_body()?,
            };
            if !is_complete {
                return Ok(());
            }
        }
    }

    /// Searches the end of the head; true once it was found.
    fn scan_head(&mut self) -> Result<bool, FrameError> {
        let Expect::Head {
            mut line,
            mut scanned,
        } = self.expect
        else {
            return Ok(false);
        };
        loop {
            let pending = &self.buffer[self.start..];
            let Some(distance) = pending[scanned..].iter().position(|&byte| byte == b'\n') else {
                self.expect = Expect::Head {
                    line,
                    scanned: pending.len(),
                };
                return if pending.len() > self.limits.head {
                    Err(FrameError::HeadTooLong)
                } else {
                    Ok(false)
                };
            };
            let lf = scanned + distance;
            let is_empty = matches!(&pending[line..lf], b"" | b"\r");
            scanned = lf + 1;
            if is_empty && line > 0 {
                return self.end_head(scanned);
            }
            if is_empty {
                self.start += scanned;
                scanned = 0;
            }
            line = scanned;
        }
    }

    /// Reads the head of this length and decides where the body ends.
    fn end_head(&mut self, length: usize) -> Result<bool, FrameError> {
        // The state stays a head if this fails, which is what `buffered` then shows.
        self.expect = Expect::Head {
            line: 0,
            scanned: length,
        };
        if length > self.limits.head {
            return Err(FrameError::HeadTooLong);
        }
        let message = Message::parse_head(&mut &self.buffer[self.start..self.start + length]);
        let framing = self.framing(&message)?;
        if matches!(framing, Framing::Length(length) if length > self.limits.body) {
            return Err(FrameError::BodyTooLong);
        }
        self.expect = Expect::Body {
            message,
            body: length,
            framing,
        };
        Ok(true)
    }

    /// The rules of RFC 9112 clause 6.3 in their order.
    fn framing(&self, head: &Message) -> Result<Framing, FrameError> {
        let is_bodiless = match self.expecting {
            Expecting::Request => false,
            Expecting::Response => head.is_bodiless(),
            Expecting::ResponseToHead => true,
        };
        if is_bodiless {
            return Ok(Framing::Length(0));
        }
        if head.is_chunked() {
            return Ok(Framing::Chunked(Scanner::new()));
        }
        let is_coded = head.field("Transfer-Encoding").is_some();
        match (self.expecting, is_coded) {
            (Expecting::Request, true) => Err(FrameError::BadChunk),
            (_, true) => Ok(Framing::UntilClose),
            (Expecting::Request, false) => Ok(Framing::Length(content_length(head)?.unwrap_or(0))),
            (_, false) => Ok(content_length(head)?.map_or(Framing::UntilClose, Framing::Length)),
        }
    }

    /// Searches the end of the body; true once the message is complete.
    fn scan_body(&mut self) -> Result<bool, FrameError> {
        let Expect::Body {
            body: body_start,
            framing,
            ..
        } = &mut self.expect
        else {
            return Ok(false);
        };
        let body_start = self.start + *body_start;
        let pending = &self.buffer[body_start..];
        let end = match framing {
            Framing::Length(length) => (*length <= pending.len()).then_some(*length),
            // What lies beyond the limit is not looked at, so that the verdict does not depend on
            // the sizes of the pieces.
            Framing::Chunked(scanner) => scanner
                .advance(&pending[..pending.len().min(self.limits.body)], |_| ())
                .map_err(|_| FrameError::BadChunk)?,
            Framing::UntilClose => None,
        };
        if end.unwrap_or(pending.len()) > self.limits.body {
            return Err(FrameError::BodyTooLong);
        }
        let Some(length) = end else {
            return Ok(false);
        };
        let body = pending[..length].to_vec();
        if let Expect::Body { mut message, .. } =
            std::mem::replace(&mut self.expect, Expect::head())
        {
            message.body = body;
            self.ready.push_back(message);
        }
        self.start = body_start + length;
        Ok(true)
    }
}

impl Expect {
    fn head() -> Self {
        Self::Head {
            line: 0,
            scanned: 0,
        }
    }
}

/// The one length that all `Content-Length` values agree on (RFC 9112 clause 6.3, rule 5).
pub(super) fn content_length(head: &Message) -> Result<Option<usize>, FrameError> {
    let mut length = None;
    for field in head.fields_named("Content-Length") {
        for value in field.text().split(|&byte| byte == b',') {
            let value = parse_length(trim_blanks(value)).ok_or(FrameError::BadContentLength)?;
            if length.is_some_and(|known| known != value) {
                return Err(FrameError::BadContentLength);
            }
            length = Some(value);
        }
    }
    Ok(length)
}

fn parse_length(digits: &[u8]) -> Option<usize> {
    // `usize::from_str` would take a plus sign too.
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}
