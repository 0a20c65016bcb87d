//! Which connections of a BSF run inside TLS.

use std::collections::BTreeMap;

use gbaspec_crypto::secret::TlsMkExtr;

use crate::role::{ConnectionId, Input, Transport};

/// How many connections inside TLS stay known. A driver may end one without a word; the oldest
/// goes first.
const CONNECTIONS: usize = 1024;

/// What a request came through.
#[derive(Clone, Debug)]
pub(super) enum Channel {
    /// The clear.
    Open,
    /// TLS, with what its session exports.
    Secured(TlsMkExtr),
}

/// The connections inside TLS.
#[derive(Default)]
pub(super) struct Channels {
    secured: BTreeMap<ConnectionId, TlsMkExtr>,
}

impl Channel {
    pub(super) fn transport(&self) -> Transport {
        match self {
            Channel::Open => Transport::Tcp,
            Channel::Secured(_) => Transport::Tls,
        }
    }
}

impl Channels {
    /// Learns from an input, and says what it came through.
    pub(super) fn follow(&mut self, input: &Input<'_>) -> Channel {
        match input {
            Input::Secured { connection, tls } => {
                self.secured.insert(*connection, tls.mk_extr.clone());
                if self.secured.len() > CONNECTIONS {
                    self.secured.pop_first();
                }
                Channel::Open
            }
            Input::Closed { connection } => {
                self.secured.remove(connection);
                Channel::Open
            }
            Input::Message { connection, .. } | Input::Unreadable { connection } => self
                .secured
                .get(connection)
                .map_or(Channel::Open, |mk_extr| Channel::Secured(mk_extr.clone())),
            Input::Start(_) | Input::TimedOut => Channel::Open,
        }
    }
}
