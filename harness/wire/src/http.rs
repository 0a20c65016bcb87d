//! HTTP/1.1 messages (RFC 9110, RFC 9112).

mod check;
mod chunked;
mod decoder;
mod message;

pub use decoder::{Decoder, Expecting, FrameError, Limits};
pub use message::{Field, LineEnd, Message, RequestLine};
pub(crate) use message::{is_token, is_token_char, trim_blanks};

#[cfg(test)]
mod tests;
