//! Whether a signature is right, for the algorithms that are known here.

use der::asn1::{ObjectIdentifier, UintRef};
use der::{Decode, Reader, SliceReader};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::ecdsa::{DerSignature, VerifyingKey};
use p256::elliptic_curve::bigint::modular::{FixedMontyForm, FixedMontyParams};
use p256::elliptic_curve::bigint::{Odd, U64, U4096};
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::spki::SubjectPublicKeyInfoRef;

use super::PublicKey;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The longest modulus that is looked at, in octets.
const MOST_MODULUS: usize = 512;
/// The longest public exponent that is looked at, in octets.
const MOST_EXPONENT: usize = 8;

/// What is known of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// The key made it over this message.
    Valid,
    /// It did not.
    Wrong,
    /// Key or algorithm are none that are known here.
    Unknown,
}

impl Signed {
    /// Right or wrong.
    pub(super) fn is(right: bool) -> Self {
        if right { Signed::Valid } else { Signed::Wrong }
    }
}

/// The hash of a signature algorithm, and the kind of key that goes with it.
#[derive(Clone, Copy)]
enum Algorithm {
    Ecdsa(Hash),
    RsaPkcs1(Hash),
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// Checks a signature over a message with the public key of its maker.
pub(super) fn check(
    key: &PublicKey,
    algorithm: ObjectIdentifier,
    message: &[u8],
    signature: &[u8],
) -> Signed {
    let (Some(algorithm), Ok(info)) = (
        Algorithm::of(algorithm),
        SubjectPublicKeyInfoRef::from_der(key.as_der()),
    ) else {
        return Signed::Unknown;
    };
    let key = info.subject_public_key.raw_bytes();
    match algorithm {
        Algorithm::Ecdsa(hash) if info.algorithm.oid == EC_PUBLIC_KEY => {
            let curve = info.algorithm.parameters_oid();
            if curve != Ok(P256) {
                return Signed::Unknown;
            }
            Signed::is(ecdsa(key, &hash.of(message), signature).is_some())
        }
        Algorithm::RsaPkcs1(hash) if info.algorithm.oid == RSA => match Rsa::from_der(key) {
            Some(key) => Signed::is(key.proves(hash, message, signature) == Some(true)),
            None => Signed::Unknown,
        },
        // A key of another kind than the signature cannot have made it, but may be unknown.
        Algorithm::Ecdsa(_) | Algorithm::RsaPkcs1(_) => Signed::Wrong,
    }
}

impl Algorithm {
    /// RFC 5758 clause 3.2, RFC 8017 appendix A.2.4.
    fn of(oid: ObjectIdentifier) -> Option<Self> {
        const KNOWN: [(ObjectIdentifier, Algorithm); 6] = [
            (
                ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
                Algorithm::Ecdsa(Hash::Sha256),
            ),
            (
                ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"),
                Algorithm::Ecdsa(Hash::Sha384),
            ),
            (
                ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"),
                Algorithm::Ecdsa(Hash::Sha512),
            ),
            (
                ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"),
                Algorithm::RsaPkcs1(Hash::Sha256),
            ),
            (
                ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"),
                Algorithm::RsaPkcs1(Hash::Sha384),
            ),
            (
                ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"),
                Algorithm::RsaPkcs1(Hash::Sha512),
            ),
        ];
        let found = KNOWN.iter().find(|(known, _)| *known == oid);
        found.map(|(_, algorithm)| *algorithm)
    }
}

impl Hash {
    fn of(self, message: &[u8]) -> Vec<u8> {
        match self {
            Hash::Sha256 => Sha256::digest(message).to_vec(),
            Hash::Sha384 => Sha384::digest(message).to_vec(),
            Hash::Sha512 => Sha512::digest(message).to_vec(),
        }
    }

    /// The `DigestInfo` before the digest (RFC 8017 clause 9.2, note 1).
    fn digest_info(self) -> [u8; 19] {
        let (last_arc, octets) = match self {
            Hash::Sha256 => (1, 32),
            Hash::Sha384 => (2, 48),
            Hash::Sha512 => (3, 64),
        };
        [
            0x30,
            17 + octets,
            0x30,
            0x0d,
            0x06,
            0x09,
            0x60,
            0x86,
            0x48,
            0x01,
            0x65,
            0x03,
            0x04,
            0x02,
            last_arc,
            0x05,
            0x00,
            0x04,
            octets,
        ]
    }
}

/// `None` where the signature is wrong.
fn ecdsa(point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()> {
    let key = VerifyingKey::from_sec1_bytes(point).ok()?;
    let signature = DerSignature::from_bytes(signature).ok()?;
    key.verify_prehash(digest, &signature).ok()
}

/// A public key of RSA.
struct Rsa {
    modulus: Odd<U4096>,
    /// The length of the modulus, and so of a signature.
    octets: usize,
    exponent: U64,
}

impl Rsa {
    /// Reads `RSAPublicKey` (RFC 8017 appendix A.1.1); `None` where it is broken, or larger than
    /// what is looked at.
    fn from_der(der: &[u8]) -> Option<Self> {
        let mut reader = SliceReader::new(der).ok()?;
        let numbers = reader.sequence(|inside| -> der::Result<_> {
            Ok((UintRef::decode(inside)?, UintRef::decode(inside)?))
        });
        let (modulus, exponent) = numbers.ok()?;
        let odd: Option<Odd<U4096>> = Odd::new(number(modulus.as_bytes())?).into();
        let exponent: [u8; MOST_EXPONENT] = padded(exponent.as_bytes())?;
        Some(Rsa {
            modulus: odd?,
            octets: modulus.as_bytes().len(),
            exponent: U64::from_be_slice(&exponent),
        })
    }

    /// RSASSA-PKCS1-v1_5 (RFC 8017 clause 8.2.2); `None` where it cannot be right.
    fn proves(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Option<bool> {
        let digest = hash.of(message);
        let tail = [hash.digest_info().as_slice(), &digest].concat();
        let padding = self.octets.checked_sub(tail.len() + 3)?;
        if signature.len() != self.octets || padding < 8 {
            return None;
        }
        let expected = [&[0, 1], vec![0xff; padding].as_slice(), &[0], &tail].concat();
        let signature = number(signature)?;
        if signature >= *self.modulus.as_ref() {
            return None;
        }
        let params = FixedMontyParams::new_vartime(self.modulus);
        let opened = FixedMontyForm::new(&signature, &params).pow_vartime(&self.exponent);
        Some(opened.retrieve() == number(&expected)?)
    }
}

/// A number of at most 4096 bits, the most significant octet first.
fn number(octets: &[u8]) -> Option<U4096> {
    let octets: [u8; MOST_MODULUS] = padded(octets)?;
    Some(U4096::from_be_slice(&octets))
}

/// The octets with zeros before them.
fn padded<const SIZE: usize>(octets: &[u8]) -> Option<[u8; SIZE]> {
    let mut padded = [0; SIZE];
    let start = SIZE.checked_sub(octets.len())?;
    padded[start..].copy_from_slice(octets);
    Some(padded)
}
