//! TLS handshakes with a shared key, as plays and transcripts have them (TS 24.109 5.3.3).

use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::Psk;

/// The versions of TLS in which keys are shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PskVersion {
    /// RFC 4279.
    Tls12,
    /// External keys of RFC 8446.
    Tls13,
}

/// What the harness begins a handshake with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PskClient {
    /// The only version that it offers.
    pub version: PskVersion,
    /// The identity.
    pub identity: Vec<u8>,
    /// The host name that it asks for (SNI).
    pub server_name: Option<String>,
    /// The suites of TLS 1.2 that it offers, each with the key that goes with it; of TLS 1.3 the key
    /// alone counts.
    pub keys: Vec<(CipherSuite, Psk)>,
}

/// What was seen of a handshake with a shared key that came to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PskAttempt {
    /// How it ended.
    pub end: HandshakeEnd,
    /// The identity of the client, if it got so far.
    pub identity: Option<Vec<u8>>,
    /// The hint of the server, as its client sees it.
    pub hint: Option<Vec<u8>>,
    /// The suite, if the server had chosen one.
    pub suite_number: Option<u16>,
}

/// What a client says first in a handshake with a shared key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// The host name that it asks for (SNI).
    pub server_name: Option<String>,
    /// The IANA numbers of the suites that it offers.
    pub suites: Vec<u16>,
    /// The identity that it is about to send; known of the harness's own handshakes only.
    pub identity: Option<Vec<u8>>,
}

impl PskClient {
    /// What it says first.
    pub fn hello(&self) -> Hello {
        Hello {
            server_name: self.server_name.clone(),
            suites: self.keys.iter().map(|(suite, _)| suite.0).collect(),
            identity: Some(self.identity.clone()),
        }
    }
}

/// How a handshake ended that came to nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HandshakeEnd {
    /// The target refused with this alert (RFC 8446 6).
    Refused(u8),
    /// The target closed the connection.
    Closed,
    /// The target said nothing more within the deadline.
    Silent,
    /// This end gave up: what came was no handshake with the shared key.
    #[default]
    Broken,
}

impl HandshakeEnd {
    /// The word of the fact `tls.handshake`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Closed => "closed",
            Self::Silent => "silent",
            Self::Broken => "broken",
        }
    }
}

/// The registered alerts (RFC 8446 6, RFC 5246 7.2, RFC 4279 2).
const ALERTS: [(u8, &str); 34] = [
    (0, "close-notify"),
    (10, "unexpected-message"),
    (20, "bad-record-mac"),
    (21, "decryption-failed"),
    (22, "record-overflow"),
    (30, "decompression-failure"),
    (40, "handshake-failure"),
    (41, "no-certificate"),
    (42, "bad-certificate"),
    (43, "unsupported-certificate"),
    (44, "certificate-revoked"),
    (45, "certificate-expired"),
    (46, "certificate-unknown"),
    (47, "illegal-parameter"),
    (48, "unknown-ca"),
    (49, "access-denied"),
    (50, "decode-error"),
    (51, "decrypt-error"),
    (60, "export-restriction"),
    (70, "protocol-version"),
    (71, "insufficient-security"),
    (80, "internal-error"),
    (86, "inappropriate-fallback"),
    (90, "user-canceled"),
    (100, "no-renegotiation"),
    (109, "missing-extension"),
    (110, "unsupported-extension"),
    (111, "certificate-unobtainable"),
    (112, "unrecognized-name"),
    (113, "bad-certificate-status-response"),
    (114, "bad-certificate-hash-value"),
    (115, "unknown-psk-identity"),
    (116, "certificate-required"),
    (120, "no-application-protocol"),
];

/// The name of an alert, or its number if it has none.
pub fn alert_name(number: u8) -> String {
    let known = ALERTS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| number.to_string(), |(_, name)| (*name).to_owned())
}

/// The IANA names of the suites with a shared key, and of those of TLS 1.3 that an external key may
/// be used with.
const SUITES: [(u16, &str); 20] = [
    (0x00a8, "TLS_PSK_WITH_AES_128_GCM_SHA256"),
    (0x00a9, "TLS_PSK_WITH_AES_256_GCM_SHA384"),
    (0x00ae, "TLS_PSK_WITH_AES_128_CBC_SHA256"),
    (0x00af, "TLS_PSK_WITH_AES_256_CBC_SHA384"),
    (0x008c, "TLS_PSK_WITH_AES_128_CBC_SHA"),
    (0x008d, "TLS_PSK_WITH_AES_256_CBC_SHA"),
    (0xccab, "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256"),
    (0xc037, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256"),
    (0xc038, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384"),
    (0xc035, "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA"),
    (0xc036, "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA"),
    (0xccac, "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"),
    (0x00aa, "TLS_DHE_PSK_WITH_AES_128_GCM_SHA256"),
    (0x00ab, "TLS_DHE_PSK_WITH_AES_256_GCM_SHA384"),
    (0x00b2, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA256"),
    (0x00b3, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384"),
    (0x0090, "TLS_DHE_PSK_WITH_AES_128_CBC_SHA"),
    (0x0091, "TLS_DHE_PSK_WITH_AES_256_CBC_SHA"),
    (0x1301, "TLS_AES_128_GCM_SHA256"),
    (0x1303, "TLS_CHACHA20_POLY1305_SHA256"),
];

/// The suite of TLS 1.2 that a play uses where nothing else is said.
pub const USUAL_SUITE: CipherSuite = CipherSuite(0x00a8);

/// The suites of TLS 1.2 with a shared key that the harness can speak, by their IANA names.
pub fn psk_suites() -> impl Iterator<Item = (CipherSuite, &'static str)> + Clone {
    let named = SUITES
        .into_iter()
        .filter(|(_, name)| name.contains("_PSK_") || name.starts_with("TLS_PSK"));
    named.map(|(number, name)| (CipherSuite(number), name))
}

/// The IANA name of a suite, or its number in hex if it is none of those with a shared key.
pub fn suite_name(number: u16) -> String {
    let known = SUITES.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("0x{number:04X}"), |(_, name)| (*name).to_owned())
}

/// The prefix of an identity that stands for a key of `GBA_ME` (TS 24.109 5.3.3.1).
pub const PSK_PREFIX: &str = "3GPP-bootstrapping";

/// What is left open of handshakes with a shared key, as the profile says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskForms {
    /// The suite of TLS 1.2 that the harness offers a server where a case names none.
    pub suite: CipherSuite,
    /// What stands between prefix and B-TID in an identity that the harness sends (open question
    /// U-08).
    pub separator: PskSeparator,
}

impl Default for PskForms {
    fn default() -> Self {
        Self {
            suite: USUAL_SUITE,
            separator: PskSeparator::default(),
        }
    }
}

impl PskForms {
    /// The identity of a client with this B-TID.
    pub fn identity(&self, btid: &str) -> String {
        let separator = match self.separator {
            PskSeparator::Semicolon => ";",
            PskSeparator::Nothing => "",
        };
        format!("{PSK_PREFIX}{separator}{btid}")
    }
}

/// What stands between prefix and B-TID in an identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PskSeparator {
    /// A semicolon.
    #[default]
    Semicolon,
    /// Nothing.
    Nothing,
}

/// The prefix of an identity, if it has one of those that TS 24.109 knows, and the B-TID behind it,
/// whatever stands between them that is no base64 (open question U-08).
pub fn identity_parts(identity: &[u8]) -> (Option<&'static str>, &[u8]) {
    let prefixes = ["3GPP-bootstrapping-uicc", PSK_PREFIX];
    let found = prefixes.into_iter().find_map(|prefix| {
        let rest = identity.strip_prefix(prefix.as_bytes())?;
        Some((Some(prefix), rest))
    });
    let (prefix, rest) = found.unwrap_or((None, identity));
    let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
    let start = rest.iter().position(is_base64).unwrap_or(rest.len());
    (prefix, &rest[start..])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("3GPP-bootstrapping;AAAA@b", Some("3GPP-bootstrapping"), "AAAA@b")]
    #[case("3GPP-bootstrappingAAAA@b", Some("3GPP-bootstrapping"), "AAAA@b")]
    #[case(
        "3GPP-bootstrapping-uicc;AAAA@b",
        Some("3GPP-bootstrapping-uicc"),
        "AAAA@b"
    )]
    #[case("3GPP-bootstrapping: +AAA@b", Some("3GPP-bootstrapping"), "+AAA@b")]
    #[case("3GPP-bootstrapping;", Some("3GPP-bootstrapping"), "")]
    #[case("AAAA@b", None, "AAAA@b")]
    #[case("3gpp-bootstrapping;AAAA@b", None, "3gpp-bootstrapping;AAAA@b")]
    #[case("", None, "")]
    fn takes_an_identity_apart(
        #[case] identity: &str,
        #[case] prefix: Option<&str>,
        #[case] btid: &str,
    ) {
        assert_eq!(
            identity_parts(identity.as_bytes()),
            (prefix, btid.as_bytes())
        );
    }

    #[test]
    fn writes_both_forms_of_an_identity() {
        let mut forms = PskForms::default();
        assert_eq!(forms.identity("AAAA@b"), "3GPP-bootstrapping;AAAA@b");
        forms.separator = PskSeparator::Nothing;
        assert_eq!(forms.identity("AAAA@b"), "3GPP-bootstrappingAAAA@b");
    }

    #[test]
    fn names_alerts_and_suites() {
        assert_eq!(alert_name(115), "unknown-psk-identity");
        assert_eq!(alert_name(250), "250");
        assert_eq!(suite_name(0x00a8), "TLS_PSK_WITH_AES_128_GCM_SHA256");
        assert_eq!(suite_name(0xc02f), "0xC02F");
        assert_eq!(psk_suites().count(), 18);
    }
}
