//! HTTP/2 in the clear, known beforehand (RFC 9113 clause 3.3), for the service-based interfaces.
//!
//! A message is the same text here as one of HTTP/1.1, so that cases, roles and reports need to know
//! one form only: a request says `POST /path HTTP/2`, an answer `HTTP/2 200`, field names are in
//! lower case, and `host` stands for the pseudo-field `:authority`. Each exchange of a connection,
//! a request with its answer, counts as a connection of its own, as the streams of one connection
//! have nothing to do with each other.

mod line;
mod served;
mod tap;
#[cfg(test)]
mod tests;
mod text;

use std::io::Cursor;

use h2::RecvStream;

pub(crate) use line::Http2Line;
pub(crate) use served::{Exchange, Stranger, serve};
pub(crate) use text::is_http2;

/// What is written as a body.
type Body = Cursor<Vec<u8>>;

/// A list of fields of more octets is refused.
const MOST_FIELDS: u32 = 64 * 1024;

/// A body of more octets is refused; bodies of the services have a thousandth of it.
const MOST_BODY: usize = 1024 * 1024;

/// Why a body did not come to its end.
enum Unfinished {
    TooLong,
    Broken(h2::Error),
}

/// Reads a body to its end.
async fn body_of(stream: &mut RecvStream) -> Result<Vec<u8>, Unfinished> {
    let mut body = Vec::new();
    while let Some(piece) = stream.data().await {
        let piece = piece.map_err(Unfinished::Broken)?;
        if body.len() + piece.len() > MOST_BODY {
            return Err(Unfinished::TooLong);
        }
        body.extend_from_slice(&piece);
        let released = stream.flow_control().release_capacity(piece.len());
        released.map_err(Unfinished::Broken)?;
    }
    Ok(body)
}
