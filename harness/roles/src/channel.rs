//! Which connections of a server run inside TLS.

use std::collections::BTreeMap;

use crate::role::{ConnectionId, Input, TlsSession, Transport};

/// How many connections inside TLS stay known. A driver may end one without a word; the oldest
/// goes first.
const CONNECTIONS: usize = 1024;

/// What a request came through.
#[derive(Clone, Debug)]
pub(crate) enum Channel {
    /// The clear.
    Open,
    /// TLS.
    Secured(TlsSession),
}

/// The connections inside TLS.
#[derive(Default)]
pub(crate) struct Channels {
    secured: BTreeMap<ConnectionId, TlsSession>,
}

impl Channel {
    pub(crate) fn transport(&self) -> Transport {
        match self {
            Channel::Open => Transport::Tcp,
            Channel::Secured(TlsSession {
                psk_identity: Some(_),
                version,
                ..
            }) => Transport::Psk(*version),
            Channel::Secured(_) => Transport::Tls,
        }
    }

    /// The TLS session, if there is one.
    pub(crate) fn tls(&self) -> Option<&TlsSession> {
        match self {
            Channel::Open => None,
            Channel::Secured(tls) => Some(tls),
        }
    }
}

impl Channels {
    /// Learns from an input, and says what it came through.
    pub(crate) fn follow(&mut self, input: &Input<'_>) -> Channel {
        match input {
            Input::Secured { connection, tls } => {
                self.secured.insert(*connection, (*tls).clone());
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
                .map_or(Channel::Open, |tls| Channel::Secured(tls.clone())),
            Input::Start(_)
            | Input::Reach(_)
            | Input::Diameter { .. }
            | Input::Forwarded { .. }
            | Input::Asked { .. }
            | Input::TimedOut => Channel::Open,
        }
    }
}
