//! What the player asks of the driver, and what the driver tells it.

use gbaspec_crypto::secret::TlsMkExtr;

use crate::case::{Closing, Errand};
use crate::element::Element;
use crate::handshake::{Hello, PskAttempt, PskClient};
use crate::protocol::Protocol;
use crate::transcript::ClientOutcome;

/// What the driver does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Write these bytes.
    Send(Outgoing),
    /// Wait for the next occurrence.
    Wait,
    /// Close this connection: the request on it has no answer.
    Hang(u32),
    /// Begin a handshake with a shared key.
    Connect(PskClient),
    /// Ask the client under test to act.
    Trigger(Errand),
    /// Send a well-formed request, to see whether the target is alive after a silence.
    Control,
    /// The play is over.
    Done,
}

/// Bytes to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The element that the harness speaks as.
    pub from: Element,
    /// The element that it speaks to.
    pub to: Element,
    /// What the two speak.
    pub protocol: Protocol,
    /// The connection.
    pub route: Route,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Whether to close the connection afterwards.
    pub closing: Closing,
}

/// Which connection bytes go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// The one in use towards the target, or a new one if there is none.
    Current,
    /// A new one.
    New,
    /// The one on which this request came in.
    Reply(u32),
}

/// The way of a message that is not composed yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextWay<'a> {
    /// The element that the harness speaks as.
    pub from: Element,
    /// What it speaks.
    pub protocol: Protocol,
    /// The connection.
    pub route: Route,
    /// The only cipher suites that a new connection offers inside TLS, by their IANA names; what is
    /// usual if empty.
    pub suites: &'a [String],
}

/// What the driver saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Occurrence {
    /// The bytes were written on this connection.
    Sent {
        /// The connection.
        connection: u32,
        /// What was written.
        outgoing: Outgoing,
    },
    /// The client was started.
    Triggered(Errand),
    /// A complete message came.
    Received {
        /// The connection.
        connection: u32,
        /// The element of the harness at which it came.
        at: Element,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// Something came that is no message.
    Unreadable {
        /// The connection.
        connection: u32,
        /// The element of the harness at which it came.
        at: Element,
        /// What came.
        bytes: Vec<u8>,
        /// What is wrong with it.
        why: String,
    },
    /// A TLS handshake ended well, before the first message of the connection.
    Secured {
        /// The connection.
        connection: u32,
        /// The exporter value.
        exporter: TlsMkExtr,
        /// The name that the client asked for (SNI).
        server_name: Option<String>,
        /// The version.
        version: String,
        /// The cipher suite.
        suite: String,
        /// The IANA number of that suite.
        suite_number: u16,
        /// The identity with which a client made a handshake with a shared key.
        psk_identity: Option<Vec<u8>>,
        /// The identity hint that the server gave in such a handshake of TLS 1.2.
        psk_hint: Option<Vec<u8>>,
    },
    /// A handshake at a listener of the harness came to nothing. The play goes on: the client may
    /// come again.
    Unsecured {
        /// The connection.
        connection: u32,
        /// The element of the harness at which it was.
        at: Element,
        /// Why.
        why: String,
    },
    /// A handshake with a shared key began.
    Hello {
        /// The connection.
        connection: u32,
        /// The element of the harness at which it came, or that it went out from.
        at: Element,
        /// What its client said first.
        hello: Hello,
    },
    /// A handshake with a shared key came to nothing.
    Unshared {
        /// The connection.
        connection: u32,
        /// The element of the harness at which it was.
        at: Element,
        /// Why.
        why: String,
        /// What was seen of it.
        attempt: PskAttempt,
    },
    /// Two peers of Diameter told each other what they can do (RFC 6733 5.3), before the first
    /// request between them.
    Introduced {
        /// The exchange.
        connection: u32,
        /// The element of the harness at which it was.
        at: Element,
        /// Who began.
        first: Introducer,
        /// What the one that began said.
        request: Vec<u8>,
        /// What the other one answered.
        answer: Vec<u8>,
    },
    /// The target closed the connection while its answer was awaited.
    Closed {
        /// The connection.
        connection: u32,
    },
    /// The target could not be reached.
    Unreachable {
        /// Why.
        why: String,
    },
    /// Nothing came in time.
    TimedOut {
        /// The deadline, in milliseconds.
        after_millis: u64,
    },
    /// Whether the control request was answered.
    Control {
        /// It was.
        answered: bool,
    },
    /// The client ended.
    Finished(ClientOutcome),
    /// The driver cannot go on.
    Stopped {
        /// Why.
        why: String,
    },
}

/// Who begins an exchange of capabilities: whoever has opened the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Introducer {
    /// The target.
    Target,
    /// The harness.
    Harness,
}
