//! The chunked transfer coding (RFC 9112 clause 7.1).
//!
//! ```text
//! size in hex [ ; extensions ] line end     a chunk; size 0 is the last one
//! data of that size line end                absent after the last one
//! field lines                               0 or more trailer fields
//! line end                                  the end
//! ```

use crate::error::DecodeError;

const FIELD: &str = "chunked body";
/// The longest line with a chunk size that is read: extensions count.
const SIZE_LINE: usize = 4096;

/// The framing is broken; which way, [`decode`] says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct BadChunk(&'static str);

/// Finds the end of a chunked body that arrives in pieces. Each octet is looked at once, however
/// small the pieces are.
#[derive(Debug)]
pub(super) struct Scanner {
    /// What the next octets are.
    expect: Expect,
    /// The octets of the body that were looked at.
    position: usize,
}

#[derive(Clone, Copy, Debug)]
enum Expect {
    /// A line with a size, which began at this octet.
    Size { start: usize },
    /// So many more octets of data.
    Data { left: usize },
    /// The line end behind the data; `true` once its CR was seen.
    DataEnd { after_cr: bool },
    /// A trailer field or the empty line, which began at this octet.
    Trailer { start: usize },
    /// Nothing: the body is complete.
    Nothing,
}

impl Scanner {
    pub(super) fn new() -> Self {
        Self {
            expect: Expect::Size { start: 0 },
            position: 0,
        }
    }

    /// Goes on through `body`, which starts with everything that was passed before, and hands
    /// data to `sink`. Yields the length of the framed body once it is complete.
    pub(super) fn advance(
        &mut self,
        body: &[u8],
        mut sink: impl FnMut(&[u8]),
    ) -> Result<Option<usize>, BadChunk> {
        while self.position < body.len() {
            match self.expect {
                Expect::Size { start } => {
                    let end = self.line_end(body);
                    if end.unwrap_or(self.position) - start > SIZE_LINE {
                        return Err(BadChunk("the line with the chunk size is too long"));
                    }
                    let Some(end) = end else {
                        return Ok(None);
                    };
                    self.expect = after_size(&body[start..end], self.position)?;
                }
                Expect::Data { left } => {
                    let there = left.min(body.len() - self.position);
                    sink(&body[self.position..self.position + there]);
                    self.position += there;
                    self.expect = match left - there {
                        0 => Expect::DataEnd { after_cr: false },
                        left => Expect::Data { left },
                    };
                }
                Expect::DataEnd { after_cr } => {
                    self.expect = match body[self.position] {
                        b'\r' if !after_cr => Expect::DataEnd { after_cr: true },
                        b'\n' => Expect::Size {
                            start: self.position + 1,
                        },
                        _ => return Err(BadChunk("no line end follows the data of a chunk")),
                    };
                    self.position += 1;
                }
                Expect::Trailer { start } => {
                    let Some(end) = self.line_end(body) else {
                        return Ok(None);
                    };
                    let is_empty = matches!(&body[start..end], b"" | b"\r");
                    self.expect = if is_empty {
                        Expect::Nothing
                    } else {
                        Expect::Trailer {
                            start: self.position,
                        }
                    };
                }
                Expect::Nothing => break,
            }
        }
        Ok(matches!(self.expect, Expect::Nothing).then_some(self.position))
    }

    /// Moves behind the next LF and yields its place; moves to the end if there is none.
    fn line_end(&mut self, body: &[u8]) -> Option<usize> {
        let Some(distance) = body[self.position..].iter().position(|&byte| byte == b'\n') else {
            self.position = body.len();
            return None;
        };
        let end = self.position + distance;
        self.position = end + 1;
        Some(end)
    }
}

/// The data of a complete chunked body.
pub(super) fn decode(body: &[u8]) -> Result<Vec<u8>, DecodeError> {
    let mut data = Vec::new();
    let end = Scanner::new()
        .advance(body, |piece| data.extend_from_slice(piece))
        .map_err(|BadChunk(why)| DecodeError::BadValue { field: FIELD, why })?;
    match end {
        None => Err(DecodeError::MissingData(FIELD)),
        Some(end) if end < body.len() => Err(DecodeError::TrailingData(FIELD)),
        Some(_) => Ok(data),
    }
}

/// What follows a line with a chunk size; `next` is where the line after it begins.
fn after_size(line: &[u8], next: usize) -> Result<Expect, BadChunk> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let digits = line
        .iter()
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    let (digits, rest) = line.split_at(digits);
    // Blanks before the semicolon are bad whitespace that a recipient has to accept
    // (RFC 9112 clause 7.1.1).
    let rest = super::message::trim_blanks(rest);
    if !rest.is_empty() && !rest.starts_with(b";") {
        return Err(BadChunk("the chunk size is not hex digits"));
    }
    let size = str::from_utf8(digits)
        .ok()
        .and_then(|digits| usize::from_str_radix(digits, 16).ok())
        .ok_or(BadChunk("the chunk size is no number"))?;
    Ok(match size {
        0 => Expect::Trailer { start: next },
        left => Expect::Data { left },
    })
}
