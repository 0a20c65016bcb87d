//! TLS on both sides of the harness: certificates made at run time, and what a handshake agreed on.
//!
//! 2G GBA and `GBA_Digest` run inside TLS whose server shows a certificate (TS 24.109 H.2, I.2). A
//! build without the feature `tls` has the same types, but nobody can make one.

#[cfg(not(feature = "tls"))]
mod absent;
#[cfg(feature = "tls")]
mod hello;
#[cfg(feature = "tls")]
mod hint;
#[cfg(feature = "tls")]
mod psk;
#[cfg(feature = "tls")]
mod secured;
#[cfg(feature = "tls")]
mod tap;
#[cfg(all(test, feature = "tls"))]
mod tests;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use gbaspec_case::handshake::{Hello, PskAttempt};
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_roles::psk::{PskAnswer, PskHandshake};
use gbaspec_roles::{TlsSession, TlsVersion};

#[cfg(not(feature = "tls"))]
pub(crate) use absent::{Acceptor, Connector, PskAcceptor, PskConnector};
#[cfg(not(feature = "tls"))]
pub use absent::{Authority, CaFile};
#[cfg(feature = "tls")]
pub(crate) use psk::{PskAcceptor, PskConnector};
#[cfg(feature = "tls")]
pub(crate) use secured::{Acceptor, Connector};
#[cfg(feature = "tls")]
pub use secured::{Authority, CaFile};

/// Whether this build can speak TLS at all.
pub const IS_BUILT_IN: bool = cfg!(feature = "tls");

/// Why TLS cannot be set up, or why a handshake came to nothing. The words are OpenSSL's reasons
/// and our own; nothing that the peer wrote is among them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TlsTrouble(pub(crate) String);

/// The label under which both ends export `TLS_MK_Extr` (TS 33.220 Annex M; it stands in the IANA
/// registry of exporter labels).
pub(crate) const EXPORTER_LABEL: &str = "EXPORTER_GBA_Digest";

/// A server that a certificate is made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The DNS name.
    pub(crate) name: String,
    /// Where it listens, for clients that were told an address instead of a name.
    pub(crate) address: Option<IpAddr>,
    /// The label under which it exports `TLS_MK_Extr`.
    pub(crate) label: String,
}

impl Holder {
    /// A server with the registered label.
    pub(crate) fn new(name: &str, address: IpAddr) -> Self {
        Self {
            name: name.to_owned(),
            address: Some(address).filter(|address| !address.is_unspecified()),
            label: EXPORTER_LABEL.to_owned(),
        }
    }
}

/// Who knows the key of a handshake with a shared key. It is asked in the middle of the handshake,
/// and must not wait.
pub(crate) type Keys = Arc<dyn Fn(&PskHandshake<'_>) -> PskAnswer + Send + Sync>;

/// A handshake with a shared key that came to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PskFailure {
    /// What was seen of it.
    pub(crate) attempt: PskAttempt,
    /// What the client said first, as its server sees it.
    pub(crate) hello: Hello,
    /// Why it ended.
    pub(crate) why: TlsTrouble,
}

impl From<TlsTrouble> for Box<PskFailure> {
    /// Our own trouble before the handshake.
    fn from(why: TlsTrouble) -> Self {
        Box::new(PskFailure {
            attempt: PskAttempt::default(),
            hello: Hello::default(),
            why,
        })
    }
}

/// Who compares the name in the server's certificate with the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// The TLS layer does, and refuses another one.
    Checked,
    /// Somebody above does: a role compares it with the realm (TS 24.109 H.2).
    LeftToOthers,
}

/// What a handshake agreed on.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Agreement {
    /// The exporter value of RFC 5705, `TLS_MK_Extr`.
    pub(crate) exporter: TlsMkExtr,
    /// The name that the client asked for (SNI).
    pub(crate) server_name: Option<String>,
    /// The version, for example `TLSv1.3`.
    pub(crate) version: String,
    /// The IANA name of the suite, for example `TLS_AES_128_GCM_SHA256`.
    pub(crate) suite: String,
    /// Its number.
    pub(crate) suite_number: CipherSuite,
    /// The identity of the shared key, if the handshake used one.
    pub(crate) psk_identity: Option<Vec<u8>>,
    /// The identity hint of the server, if it gave one.
    pub(crate) psk_hint: Option<Vec<u8>>,
    /// What the client said first, if a key was shared and this is the server.
    pub(crate) hello: Option<Hello>,
    /// The DNS names of the server's certificate as the client sees them; empty on the server.
    pub(crate) peer_names: Vec<String>,
}

impl Agreement {
    /// The same as a role takes it.
    pub(crate) fn session(&self) -> TlsSession {
        TlsSession {
            mk_extr: self.exporter.clone(),
            peer_names: self.peer_names.clone(),
            suite: self.suite_number,
            version: match self.version.as_str() {
                "TLSv1.3" => TlsVersion::Tls13,
                _ => TlsVersion::Tls12,
            },
            psk_identity: self.psk_identity.clone(),
        }
    }
}

impl fmt::Debug for Agreement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Agreement({}, {})", self.version, self.suite)
    }
}
