//! What every role has in common: its inputs, its outputs and the trait that ties them.

use std::fmt;

use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;

use crate::psk::{PskAnswer, PskHandshake, PskOffer};

/// A point of the wall clock in milliseconds since 1970-01-01T00:00:00Z, handed in by the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Milliseconds since the Unix epoch; negative before it.
    pub unix_millis: i64,
}

impl Moment {
    /// The moment `seconds` after the Unix epoch.
    pub const fn from_unix_seconds(seconds: i64) -> Self {
        Moment {
            unix_millis: seconds.saturating_mul(1000),
        }
    }

    /// Whole seconds since the Unix epoch, rounded down.
    pub const fn unix_seconds(self) -> i64 {
        self.unix_millis.div_euclid(1000)
    }

    /// The moment `millis` milliseconds later; stops at the end of the number range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Moment {
            unix_millis: self.unix_millis.saturating_add(millis),
        }
    }

    /// The moment `seconds` seconds later; stops at the end of the number range.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }
}

/// The driver's name for one transport connection; roles only hand it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// Whom a UE talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// The bootstrapping server, over Ub.
    Bsf,
    /// The network application function, over Ua.
    Naf,
    /// The PKI portal, over Ua.
    Portal,
}

/// Whom a server asks before it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Upstream {
    /// The application servers behind an authentication proxy (TS 24.109 clause 7). Which of them is
    /// meant, Host of the request says.
    As,
    /// The home subscriber server of a BSF, over Zh (TS 29.109 clause 4, TS 29.562).
    Hss,
    /// The BSF of a NAF, over Zn (TS 29.109 clause 5, TS 29.309).
    Bsf,
}

/// How a message travels to its addressee.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// In the clear, over TCP.
    Tcp,
    /// Inside TLS whose server end has shown a certificate (TS 33.220 Annexes I and M).
    Tls,
    /// Inside TLS of this version whose two ends prove that they share a key (TS 24.109
    /// clause 5.3.3).
    Psk(TlsVersion),
}

/// What the driver knows of the TLS session around a connection. It has checked the chain of the
/// certificate; the name in it is judged by the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSession {
    /// What the exporter of RFC 5705 gives for `EXPORTER_GBA_Digest` without a context.
    pub mk_extr: TlsMkExtr,
    /// The DNS names of the server's certificate as a client sees them; empty on a server.
    pub peer_names: Vec<String>,
    /// The suite that both ends agreed on; keys of a NAF are bound to it (TS 33.220 Annex H.3).
    pub suite: CipherSuite,
    /// The version that both ends agreed on.
    pub version: TlsVersion,
    /// The identity whose key the handshake used instead of a certificate, if it did.
    pub psk_identity: Option<Vec<u8>>,
}

impl TlsSession {
    /// The Ua protocol of a connection to a NAF inside this session (TS 33.220 Annex H.3): TLS 1.3
    /// with a shared key has an identifier of its own, anything else is named by its suite.
    pub fn ua_protocol(&self) -> UaProtocolId {
        if self.version == TlsVersion::Tls13 && self.psk_identity.is_some() {
            UaProtocolId::PSK_TLS13
        } else {
            UaProtocolId::of_suite(self.suite)
        }
    }
}

/// The versions of TLS that GBA may run in (TS 33.310 Annex E).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsVersion {
    /// RFC 5246.
    Tls12,
    /// RFC 8446.
    Tls13,
}

/// What a UE is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// One Ub run and nothing else.
    Bootstrap,
    /// A GET at the NAF, with a Ub run before it where the UE holds no valid session.
    Fetch,
    /// A POST of a certification request at the PKI portal, with a Ub run where needed.
    Enrol,
    /// A GET of the certificate of a CA at the PKI portal, with a Ub run where needed.
    CaCertificate,
}

/// What reaches a role.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// The application asks a UE to begin; servers ignore it.
    Start(Action),
    /// A UE's errands at NAF and portal go this way from now on, as if their addresses had been
    /// changed; servers ignore it.
    Reach(Transport),
    /// The TLS handshake around a connection is over; comes once, before the first message of a
    /// connection inside TLS, and asks for nothing.
    Secured {
        /// Which connection.
        connection: ConnectionId,
        /// Its TLS session.
        tls: &'a TlsSession,
    },
    /// One complete HTTP message arrived.
    Message {
        /// Where it arrived.
        connection: ConnectionId,
        /// What arrived.
        message: &'a Message,
    },
    /// One complete Diameter message arrived. Those about the connection itself the driver answers.
    Diameter {
        /// The exchange: a request and its answer have one to themselves.
        connection: ConnectionId,
        /// What arrived.
        message: &'a Packet,
    },
    /// The peer closed the connection.
    Closed {
        /// Which connection.
        connection: ConnectionId,
    },
    /// The bytes on the connection could not be framed as HTTP messages.
    Unreadable {
        /// Which connection.
        connection: ConnectionId,
    },
    /// What came of an [`Output::Forward`].
    Forwarded {
        /// The connection of the request that was forwarded.
        connection: ConnectionId,
        /// The complete answer, or why there is none.
        answer: Result<&'a Message, Unanswered>,
    },
    /// What came of an [`Output::Ask`].
    Asked {
        /// The connection of the request that waits for it.
        connection: ConnectionId,
        /// The answer, or why there is none.
        answer: Result<&'a Packet, Unanswered>,
    },
    /// The moment of [`Role::deadline`] passed.
    TimedOut,
}

/// Why a forwarded request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// Nobody takes connections there, or the connection ended before an answer was complete, or
    /// what came is no answer (RFC 9110 clause 15.6.3).
    Broken,
    /// Nothing complete came in time (RFC 9110 clause 15.6.5).
    TooLate,
}

/// What a role wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// A server's answer on the connection of the request.
    Respond {
        /// Where the request came in.
        connection: ConnectionId,
        /// The answer.
        message: Message,
        /// What becomes of the connection.
        after: After,
    },
    /// A server's answer to a Diameter request; the identifiers of the request are in it.
    Answer {
        /// Where the request came in.
        connection: ConnectionId,
        /// The answer.
        message: Packet,
    },
    /// A UE's request.
    Send {
        /// The addressee.
        to: Peer,
        /// How it travels there.
        secure: Transport,
        /// The request.
        message: Message,
    },
    /// A server asks another server over Diameter before it answers; the driver fills in the
    /// identifiers of the message and tells what came of it by [`Input::Asked`].
    Ask {
        /// The connection of the request that waits for it.
        connection: ConnectionId,
        /// The addressee.
        to: Upstream,
        /// The request for it.
        message: Packet,
    },
    /// A server asks another server over HTTP before it answers; the driver tells what came of it by
    /// [`Input::Forwarded`]. Where the start line names HTTP/2, it goes that way (TS 29.309,
    /// TS 29.562).
    Forward {
        /// The connection of the request that waits for its answer.
        connection: ConnectionId,
        /// The addressee.
        to: Upstream,
        /// The request for it.
        message: Message,
    },
    /// Close the connection without an answer.
    Drop {
        /// Which connection.
        connection: ConnectionId,
    },
    /// A UE's action ended.
    Finished(ClientOutcome),
    /// A remark for the log; never holds a secret.
    Note(String),
}

/// What becomes of a connection after an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum After {
    /// Further requests are welcome.
    KeepOpen,
    /// The connection ends after the answer.
    Close,
}

/// How a UE's action ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientOutcome {
    /// The peer did what was asked and proved who it is.
    Success,
    /// The peer refused, and the refusal is authentic (TS 24.109 E.4 step 8).
    Refused,
    /// The peer or its answer failed authentication.
    NotAuthentic,
    /// Anything else: no usable challenge, too many attempts, silence.
    Failed,
}

/// A party of GBA as a state machine.
pub trait Role: Send {
    /// Takes one input at the moment `now` and says what is to be done, in order.
    ///
    /// Odd input never panics: it leads to an error answer, to a note or to nothing.
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output>;

    /// The moment at which the driver shall hand in [`Input::TimedOut`]; `None` where the role
    /// waits for nothing.
    fn deadline(&self) -> Option<Moment>;

    /// The key of a TLS handshake with a shared key; a role that shares none refuses.
    fn psk(&mut self, now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        let _ = (now, handshake);
        PskAnswer::Unknown
    }

    /// The hint that a server gives in such handshakes of TLS 1.2.
    fn psk_hint(&self) -> Option<String> {
        None
    }

    /// What a client begins such a handshake with; none if it has no key to share.
    fn psk_offer(&self) -> Option<PskOffer> {
        None
    }
}

/// The roles of this crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoleName {
    /// User equipment.
    Ue,
    /// Bootstrapping server function.
    Bsf,
    /// Network application function.
    Naf,
    /// PKI portal.
    Portal,
    /// Authentication proxy.
    Proxy,
    /// Home subscriber server.
    Hss,
}

impl RoleName {
    /// Every role, in the order in which reports list them.
    pub const ALL: [RoleName; 6] = [
        RoleName::Ue,
        RoleName::Bsf,
        RoleName::Naf,
        RoleName::Portal,
        RoleName::Proxy,
        RoleName::Hss,
    ];

    /// The name used in fault and case identities: `ue`, `bsf`, `naf`, `portal`, `proxy`,
    /// `hss`.
    pub const fn as_str(self) -> &'static str {
        match self {
            RoleName::Ue => "ue",
            RoleName::Bsf => "bsf",
            RoleName::Naf => "naf",
            RoleName::Portal => "portal",
            RoleName::Proxy => "proxy",
            RoleName::Hss => "hss",
        }
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
