//! TLS handshakes with a shared key (TS 24.109 clause 5.3.3, RFC 4279, RFC 8446 clause 4.2.11): what
//! a driver asks of a role while it shakes hands.

use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::Psk;

use crate::role::TlsVersion;

/// A handshake at the point where the shared key is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskHandshake<'a> {
    /// The version of TLS.
    pub version: TlsVersion,
    /// The suite that the server has chosen; of TLS 1.3, where the key comes first, `None`.
    pub suite: Option<CipherSuite>,
    /// The identity that the client has sent, or is about to send.
    pub identity: &'a [u8],
    /// The hint of the server, as its client sees it; TLS 1.3 has none.
    pub hint: Option<&'a [u8]>,
}

/// What a role says to a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PskAnswer {
    /// This is the key.
    Key(Psk),
    /// There is no key of this identity: the handshake is refused.
    Unknown,
    /// Nothing is said any more. No correct role does that.
    Silence,
    /// The connection ends without a word. No correct role does that either.
    HangUp,
}

/// What a client puts into its first message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PskOffer {
    /// The identity of its key.
    pub identity: Vec<u8>,
    /// The host name that it asks for (SNI).
    pub server_name: Option<String>,
    /// Its suites for TLS 1.2, the preferred one first; TLS 1.3 is offered with those whose hash is
    /// SHA-256.
    pub suites: Vec<CipherSuite>,
}
