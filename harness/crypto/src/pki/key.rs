//! Keys that sign, and public keys.

use std::fmt;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::ops::Reduce;
use p256::{FieldBytes, NonZeroScalar};

use super::encode::{SEQUENCE, bit_string, tlv};

/// The algorithm of a public key on P-256: id-ecPublicKey with prime256v1 (RFC 5480 clause 2.1.1).
const EC_PUBLIC_KEY: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07,
];
/// The algorithm of the signatures: ecdsa-with-SHA256 (RFC 5758 clause 3.2).
pub(super) const ECDSA_WITH_SHA256: &[u8] = &[
    0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02,
];

/// A key pair on P-256. It prints nothing of itself and is wiped when it is dropped.
#[derive(Clone)]
pub struct KeyPair(SigningKey);

impl KeyPair {
    /// The key pair of 32 random octets; equal octets give equal keys. The secret number is that of
    /// the octets, reduced, plus one, so that any octets make one.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let scalar = NonZeroScalar::reduce(&FieldBytes::from(*seed));
        KeyPair(SigningKey::from(scalar))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        let point = self.0.verifying_key().to_sec1_point(false);
        let key = bit_string(point.as_bytes());
        PublicKey(tlv(SEQUENCE, &[EC_PUBLIC_KEY, &key]))
    }

    /// A signature in DER, ECDSA with SHA-256.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let signature: DerSignature = self.0.sign(message);
        signature.as_bytes().to_vec()
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyPair(P-256)")
    }
}

/// A public key of any algorithm: its `SubjectPublicKeyInfo` as it stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(pub(super) Vec<u8>);

impl PublicKey {
    /// The `SubjectPublicKeyInfo` in DER (RFC 5280 clause 4.1.2.7).
    pub fn as_der(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::KeyPair;

    /// RFC 6979 appendix A.2.5, message `sample`; the seed is one below the printed number.
    #[test]
    fn signs_as_rfc_6979_prints_it() {
        let seed = [
            0xc9, 0xaf, 0xa9, 0xd8, 0x45, 0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1,
            0xd6, 0x93, 0x4e, 0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b,
            0x12, 0x0f, 0x67, 0x20,
        ];
        let signature = KeyPair::from_seed(&seed).sign(b"sample");
        assert_eq!(
            HEXLOWER.encode(&signature),
            "3046\
             022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716\
             022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8"
        );
    }
}
