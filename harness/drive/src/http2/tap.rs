//! A byte stream whose first incoming octets are kept: what a peer said that speaks something else.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many octets are kept.
const MOST_KEPT: usize = 4096;

/// The type of a SETTINGS frame, with which both ends begin (RFC 9113 clause 3.4).
const SETTINGS: u8 = 4;

/// What a client sends before its first frame (RFC 9113 clause 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The first octets that came in.
#[derive(Clone, Default)]
pub(super) struct First(Arc<Mutex<Vec<u8>>>);

impl First {
    /// The octets, if they are not the beginning of what a server of HTTP/2 says; none as well if
    /// there are none.
    pub(super) fn of_no_server(&self) -> Option<Vec<u8>> {
        let octets = self.octets();
        // A frame begins with three octets of length, then comes its type.
        let is_server = matches!(octets.as_slice(), [] | [_, _, _, SETTINGS, ..]);
        (!is_server).then_some(octets)
    }

    /// The octets, if they are not the beginning of what a client of HTTP/2 says; none as well if
    /// there are none.
    pub(super) fn of_no_client(&self) -> Option<Vec<u8>> {
        let octets = self.octets();
        let is_client = octets.is_empty() || octets.starts_with(PREFACE);
        (!is_client).then_some(octets)
    }

    fn octets(&self) -> Vec<u8> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn keep(&self, came: &[u8]) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_KEPT.saturating_sub(kept.len());
        kept.extend_from_slice(&came[..came.len().min(room)]);
    }
}

/// A stream that keeps its first incoming octets.
pub(super) struct Tapped<S> {
    stream: S,
    first: First,
}

impl<S> Tapped<S> {
    pub(super) fn new(stream: S, first: First) -> Self {
        Self { stream, first }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.first.keep(&buffer.filled()[before..]);
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
