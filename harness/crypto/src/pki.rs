//! Certification requests and certificates of the PKI portal (TS 33.221, TS 24.109 clause 6):
//! PKCS#10 (RFC 2986) and X.509 (RFC 5280), signed with ECDSA on P-256.
//!
//! | what | read | made |
//! |---|---|---|
//! | certification request | [`CertificationRequest::read`]: DER, PEM or base64 | [`CertificationRequest::new`] |
//! | certificate | [`certificates`]: one or several, in any of the forms that carry them | [`Authority::issue`], [`Authority::certificate`] |
//! | issuer name of a `GET` | [`DistinguishedName::from_der`] | [`DistinguishedName::new`] |
//!
//! Signatures are made with nonces from key and message (RFC 6979), so equal input gives equal
//! octets. What is read may hold any algorithm; a signature is judged where the algorithm is ECDSA on
//! P-256 or RSA PKCS#1 v1.5, and is [`Signed::Unknown`] elsewhere. Nothing longer than
//! [`MOST_OCTETS`] is read, and no reader follows nested values.

mod armour;
mod bundle;
mod certificate;
mod encode;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod key;
mod name;
mod request;
mod signature;

use std::fmt;

pub use self::armour::{Armour, CERTIFICATE_LABEL, REQUEST_LABEL, pem};
pub use self::bundle::certificates;
pub use self::certificate::{Authority, Certificate, Validity};
pub use self::encode::nested;
pub use self::key::{KeyPair, PublicKey};
pub use self::name::DistinguishedName;
pub use self::request::CertificationRequest;
pub use self::signature::Signed;

/// So much is read of one request, certificate or bundle of certificates; a longer one is refused
/// unread.
pub const MOST_OCTETS: usize = 64 * 1024;

/// Octets that are no request, certificate or name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRead {
    /// There are more than [`MOST_OCTETS`].
    TooLong,
    /// They are neither DER nor a text that wraps DER.
    NoDer,
    /// They are DER of something else, or with something wrong inside.
    WrongStructure,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotRead::TooLong => write!(f, "more than {MOST_OCTETS} octets"),
            NotRead::NoDer => f.write_str("neither DER nor a text around it"),
            NotRead::WrongStructure => f.write_str("DER of something else"),
        }
    }
}

impl std::error::Error for NotRead {}

/// Refuses what is too long to be read.
fn within_bounds(octets: &[u8]) -> Result<&[u8], NotRead> {
    if octets.len() > MOST_OCTETS {
        return Err(NotRead::TooLong);
    }
    Ok(octets)
}
