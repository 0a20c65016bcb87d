//! What went over the network while a case was played: the evidence that a verdict rests on.

use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
pub use gbaspec_crypto::secret::TlsMkExtr;

use crate::element::Element;
use crate::handshake::{Hello, PskAttempt};
use crate::property::{Sequence, Trial};
use crate::scene::ua_protocol;

/// One play of one case, in the order in which things happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// When the play began, in milliseconds of Unix time.
    pub started_unix_millis: i64,
    /// The subscriber of the profile that the play used first (index).
    pub subscriber: usize,
    /// What happened.
    pub entries: Vec<Entry>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The step of the case that it belongs to, if any (index).
    pub step: Option<usize>,
    /// Microseconds since the play began.
    pub at_micros: u64,
    /// The connection, numbered from 1 within the play; 0 where there is none.
    pub connection: u32,
    /// What it was.
    pub kind: EntryKind,
}

/// The kinds of things that happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryKind {
    /// The harness sent these bytes.
    Sent {
        /// The element that the harness spoke as.
        from: Element,
        /// The element that it spoke to.
        to: Element,
        /// The bytes as they were written.
        bytes: Vec<u8>,
    },
    /// The target sent one complete message.
    Received {
        /// The element that spoke.
        from: Element,
        /// The element that the harness played.
        to: Element,
        /// The bytes as they were read, secrets redacted.
        bytes: Vec<u8>,
    },
    /// The target sent something that cannot be framed as a message.
    Unreadable {
        /// The element that the harness played.
        to: Element,
        /// What was read, cut at the limit.
        bytes: Vec<u8>,
        /// The rule of the framing that it broke.
        why: String,
    },
    /// The target closed the connection while an answer was awaited.
    Closed,
    /// A TLS handshake ended well; messages of the connection follow.
    Secured {
        /// The exporter value that both sides share (RFC 5705, TS 33.220 Annex M).
        exporter: TlsMkExtr,
        /// The name that the client asked for (SNI).
        server_name: Option<String>,
        /// The version, for example `TLSv1.3`.
        version: String,
        /// The cipher suite, for example `TLS_AES_128_GCM_SHA256`.
        suite: String,
        /// The IANA number of that suite.
        suite_number: u16,
        /// The identity with which a client made a handshake with a shared key.
        psk_identity: Option<Vec<u8>>,
        /// The identity hint that the server gave in such a handshake of TLS 1.2.
        psk_hint: Option<Vec<u8>>,
    },
    /// A TLS handshake at a listener of the harness came to nothing.
    Unsecured {
        /// The element that the harness played.
        to: Element,
        /// Why.
        why: String,
    },
    /// A handshake with a shared key began (TS 24.109 5.3.3).
    Hello {
        /// The element that began it.
        from: Element,
        /// The element that it is meant for.
        to: Element,
        /// What it said.
        hello: Hello,
    },
    /// A handshake with a shared key came to nothing.
    Unshared {
        /// The element that the harness played.
        to: Element,
        /// Why.
        why: String,
        /// What was seen of it.
        attempt: PskAttempt,
    },
    /// The target could not be reached.
    Unreachable {
        /// The reason that the operating system gave.
        why: String,
    },
    /// Nothing came within the deadline.
    TimedOut {
        /// The deadline, in milliseconds.
        after_millis: u64,
    },
    /// After a silence, a well-formed request was sent to see whether the target is alive.
    Control {
        /// Whether it answered.
        answered: bool,
    },
    /// The client under test was asked to act.
    Triggered {
        /// What it was asked to do, for example `bootstrap`.
        errand: String,
    },
    /// The client under test ended.
    Finished {
        /// What it reported.
        outcome: ClientOutcome,
    },
    /// The harness could not go on.
    Stopped {
        /// The reason.
        why: String,
    },
}

/// What a client under test says about its own run (exit status of the trigger hook).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientOutcome {
    /// It did what it was asked to do.
    Success,
    /// It was refused, and believes the refusal.
    Refused,
    /// It received something that it could not authenticate.
    NotAuthentic,
    /// It failed otherwise.
    Failed,
    /// It does not say.
    Unknown,
}

impl ClientOutcome {
    /// All outcomes.
    pub const ALL: [Self; 5] = [
        Self::Success,
        Self::Refused,
        Self::NotAuthentic,
        Self::Failed,
        Self::Unknown,
    ];

    /// The name in vectors and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Refused => "refused",
            Self::NotAuthentic => "not-authentic",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }

    /// The outcome with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

impl EntryKind {
    /// The Ua security protocol towards this element after this handshake (TS 33.220 H.3): the one of
    /// the suite, or the one of TLS 1.3 with a shared key. The portal has one of its own.
    pub fn ua_protocol(&self, at: Element) -> UaProtocolId {
        match self {
            Self::Secured {
                version,
                psk_identity: Some(_),
                ..
            } if at != Element::Portal && version == "TLSv1.3" => UaProtocolId::PSK_TLS13,
            Self::Secured { suite_number, .. } if at != Element::Portal => {
                UaProtocolId::of_suite(CipherSuite(*suite_number))
            }
            _ => ua_protocol(at),
        }
    }
}

impl Transcript {
    /// The bytes of the message in entry `index`, if that entry holds one.
    pub fn message_bytes(&self, index: usize) -> Option<&[u8]> {
        match &self.entries.get(index)?.kind {
            EntryKind::Sent { bytes, .. } | EntryKind::Received { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// The first entry of this step that holds a message.
    pub fn message_of_step(&self, step: usize) -> Option<usize> {
        self.entries.iter().position(|entry| {
            entry.step == Some(step)
                && matches!(
                    entry.kind,
                    EntryKind::Sent { .. } | EntryKind::Received { .. }
                )
        })
    }

    /// The first entry of this step that holds the end of a handshake.
    pub fn handshake_of_step(&self, step: usize) -> Option<usize> {
        self.entries.iter().position(|entry| {
            entry.step == Some(step)
                && matches!(
                    entry.kind,
                    EntryKind::Secured { .. } | EntryKind::Unshared { .. }
                )
        })
    }

    /// What the client said first on the connection of entry `index`.
    pub fn hello_of(&self, index: usize) -> Option<&Hello> {
        let connection = self.entries.get(index)?.connection;
        let before = self.entries.get(..index)?.iter().rev();
        let mut same = before.filter(|entry| entry.connection == connection);
        same.find_map(|entry| match &entry.kind {
            EntryKind::Hello { hello, .. } => Some(hello),
            _ => None,
        })
    }

    /// The handshake of the connection on which entry `index` went, if it went inside TLS; the entry
    /// itself if it is the end of one.
    pub fn handshake_of(&self, index: usize) -> Option<&EntryKind> {
        let own = self.entries.get(index)?;
        if matches!(
            own.kind,
            EntryKind::Secured { .. } | EntryKind::Unshared { .. }
        ) {
            return Some(&own.kind);
        }
        let connection = own.connection;
        let before = self.entries.get(..index)?.iter().rev();
        before
            .filter(|entry| entry.connection == connection)
            .map(|entry| &entry.kind)
            .find(|kind| matches!(kind, EntryKind::Secured { .. }))
    }

    /// The Ua security protocol of the connection on which entry `index` went to or from this
    /// element.
    pub fn ua_protocol(&self, index: usize, at: Element) -> UaProtocolId {
        self.handshake_of(index)
            .map_or_else(|| ua_protocol(at), |handshake| handshake.ua_protocol(at))
    }

    /// The message that entry `index` answers: the last one before it that went the other way on
    /// the same connection.
    pub fn answered_by(&self, index: usize) -> Option<usize> {
        let entry = self.entries.get(index)?;
        let sent = matches!(entry.kind, EntryKind::Sent { .. });
        (0..index).rev().find(|&earlier| {
            let other = &self.entries[earlier];
            other.connection == entry.connection
                && match other.kind {
                    EntryKind::Sent { .. } => !sent,
                    EntryKind::Received { .. } => sent,
                    _ => false,
                }
        })
    }
}

/// Everything that the verdict of one case rests on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The valid twin, played before a negative case.
    pub before: Option<Transcript>,
    /// The case itself.
    pub case: Transcript,
    /// The valid twin, played again afterwards.
    pub after: Option<Transcript>,
    /// Of a property: the sequence that was played as the case.
    pub sequence: Option<Sequence>,
    /// Of a property: the sequences that it held for before.
    pub earlier: Vec<Trial>,
}

impl Evidence {
    /// Every play that it holds.
    pub fn plays(&self) -> impl Iterator<Item = &Transcript> {
        let twin_and_case = [self.before.as_ref(), Some(&self.case), self.after.as_ref()];
        let earlier = self.earlier.iter().map(|trial| &trial.transcript);
        twin_and_case.into_iter().flatten().chain(earlier)
    }
}
