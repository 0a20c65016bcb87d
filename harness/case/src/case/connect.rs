//! A TLS handshake with a shared key that a case is about, without a message inside it.

use gbaspec_crypto::kdf::CipherSuite;

/// A handshake with a shared key towards a NAF under test (TS 24.109 5.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Connect {
    /// The identity, with placeholders; by default what the profile says a UE sends.
    pub identity: Option<String>,
    /// The key.
    pub key: PskSpec,
    /// The suites of TLS 1.2 that are offered; the one of the case by default.
    pub suites: Vec<CipherSuite>,
    /// The host name that is asked for.
    pub server_name: ServerName,
}

/// The host name that a handshake asks for (RFC 6066 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServerName {
    /// The name of the NAF.
    #[default]
    Right,
    /// None.
    Absent,
}

/// The key of a handshake: the right one or a near miss (TS 24.109 5.3.3.1, TS 33.220 H.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PskSpec {
    /// The octets of Ks_NAF for the Ua protocol of the handshake.
    #[default]
    Right,
    /// A near miss: the base64 text of that key, as it is the password of a digest.
    AsBase64,
    /// A near miss: its hex text.
    AsHex,
    /// A near miss: Ks_NAF for the Ua protocol of HTTP digest.
    OfHttpDigest,
    /// A near miss: Ks_NAF for the suite with its octets swapped.
    LittleEndianSuite,
    /// A near miss: Ks_NAF for another suite.
    OfOtherSuite,
    /// A near miss: Ks_NAF for the other version of TLS.
    OfOtherVersion,
}
