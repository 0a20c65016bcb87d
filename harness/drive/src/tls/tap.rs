//! A byte stream whose first octets are kept, so that the hello messages of a handshake can be read
//! while it is under way.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many octets of each direction are kept; a hello message has no more.
const MOST_KEPT: usize = 16 * 1024;

/// What went through a stream.
#[derive(Clone, Default)]
pub(super) struct Tap(Arc<Mutex<Tapped>>);

#[derive(Default)]
struct Tapped {
    heard: Vec<u8>,
    spoken: Vec<u8>,
    muted: Option<Muted>,
}

/// What becomes of a connection whose end says nothing any more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Muted {
    /// It stays open.
    Lingers,
    /// It is closed.
    Leaves,
}

impl Tap {
    /// The first octets that the peer sent.
    pub(super) fn heard(&self) -> Vec<u8> {
        self.lock().heard.clone()
    }

    /// The first octets that this end sent.
    pub(super) fn spoken(&self) -> Vec<u8> {
        self.lock().spoken.clone()
    }

    /// From now on nothing that is written leaves this end.
    pub(super) fn mute(&self, muted: Muted) {
        self.lock().muted = Some(muted);
    }

    /// Whether nothing leaves this end any more, and what becomes of the connection then.
    pub(super) fn muted(&self) -> Option<Muted> {
        self.lock().muted
    }

    fn lock(&self) -> MutexGuard<'_, Tapped> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream with a tap.
pub(crate) struct Tapping<S> {
    stream: S,
    tap: Tap,
}

impl<S> Tapping<S> {
    pub(super) fn new(stream: S, tap: Tap) -> Self {
        Self { stream, tap }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Tapping<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if polled.is_ready() {
            keep(&mut self.tap.lock().heard, &buffer.filled()[before..]);
        }
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Tapping<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.tap.muted().is_some() {
            return Poll::Ready(Ok(octets.len()));
        }
        let polled = Pin::new(&mut self.stream).poll_write(context, octets);
        if let Poll::Ready(Ok(count)) = polled {
            keep(&mut self.tap.lock().spoken, &octets[..count]);
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

fn keep(kept: &mut Vec<u8>, more: &[u8]) {
    let room = MOST_KEPT.saturating_sub(kept.len());
    kept.extend(&more[..more.len().min(room)]);
}
