//! The decisions of a NAF about TLS handshakes with a shared key (TS 24.109 clause 5.3.3); the
//! defaults are the rules of the specifications.

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::secret::{KsNaf, Psk};

use crate::psk::{PskAnswer, PskHandshake};
use crate::role::TlsVersion;

/// The hint of a NAF that takes keys of `GBA_ME`, and the prefix of the identities of its clients
/// (TS 24.109 clause 5.3.3.1).
pub const PSK_PREFIX: &str = "3GPP-bootstrapping";

/// Every decision about a handshake with a shared key. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct UaPskPolicy {
    /// Writes the hint of TLS 1.2 (TS 24.109 clause 5.3.3.1).
    pub hint: fn() -> Option<String>,
    /// Finds the B-TID in an identity (TS 24.109 clause 5.3.3.1).
    pub btid: fn(&[u8]) -> Option<&str>,
    /// Names the Ua protocol that the key is bound to (TS 33.220 Annex H.3).
    pub ua_protocol: fn(&PskHandshake<'_>) -> Option<UaProtocolId>,
    /// Makes the shared key from the key of the NAF (TS 24.109 clause 5.3.3.1: its octets).
    pub key: fn(&KsNaf) -> Psk,
    /// Answers an identity that names no key (RFC 4279 clause 2: the handshake is refused).
    pub unknown: fn() -> PskAnswer,
}

impl Default for UaPskPolicy {
    fn default() -> Self {
        UaPskPolicy {
            hint,
            btid,
            ua_protocol,
            key: |key| Psk::from(key),
            unknown: || PskAnswer::Unknown,
        }
    }
}

/// The default of [`UaPskPolicy::hint`].
pub fn hint() -> Option<String> {
    Some(PSK_PREFIX.to_owned())
}

/// The default of [`UaPskPolicy::btid`]: what follows the prefix, with or without the semicolon that
/// no text at hand confirms.
pub fn btid(identity: &[u8]) -> Option<&str> {
    let identity = str::from_utf8(identity).ok()?;
    let rest = identity.strip_prefix(PSK_PREFIX)?;
    Some(rest.strip_prefix(';').unwrap_or(rest))
}

/// The default of [`UaPskPolicy::ua_protocol`]: TLS 1.3 with an external key has an identifier of
/// its own, TLS 1.2 is named by its suite.
pub fn ua_protocol(handshake: &PskHandshake<'_>) -> Option<UaProtocolId> {
    match handshake.version {
        TlsVersion::Tls12 => handshake.suite.map(UaProtocolId::of_suite),
        TlsVersion::Tls13 => Some(UaProtocolId::PSK_TLS13),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::with_semicolon("3GPP-bootstrapping;AAAA@bsf.home1.net", Some("AAAA@bsf.home1.net"))]
    #[case::without("3GPP-bootstrappingAAAA@bsf.home1.net", Some("AAAA@bsf.home1.net"))]
    #[case::no_prefix("AAAA@bsf.home1.net", None)]
    #[case::lower_case("3gpp-bootstrapping;AAAA@bsf.home1.net", None)]
    #[case::nothing("", None)]
    fn finds_the_btid(#[case] identity: &str, #[case] expected: Option<&str>) {
        assert_eq!(btid(identity.as_bytes()), expected);
    }
}
