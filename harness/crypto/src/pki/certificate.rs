//! Certificates (X.509, RFC 5280), and who issues them.

use std::time::Duration;

use der::asn1::ObjectIdentifier;
use der::{DateTime, Decode, Reader, SliceReader};
use sha2::{Digest, Sha256};
use x509_cert::certificate::{CertificateInner, Raw};

use super::encode::{
    BIT_STRING, GENERALIZED_TIME, OCTET_STRING, SEQUENCE, TRUE, UTC_TIME, bit_string, context,
    integer, tlv,
};
use super::key::ECDSA_WITH_SHA256;
use super::{DistinguishedName, KeyPair, NotRead, PublicKey, Signed, signature, within_bounds};

/// The last year of `UTCTime` (RFC 5280 clause 4.1.2.5).
const LAST_UTC_YEAR: u16 = 2049;
/// The octets of a key identifier: the first ones of a SHA-256 (RFC 7093 clause 2, method 1).
const KEY_IDENTIFIER: usize = 20;

/// When a certificate is valid, both ends in Unix seconds; moments before 1970 or after 9999 are
/// taken for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub from: i64,
    /// The last second.
    pub to: i64,
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    subject: DistinguishedName,
    issuer: DistinguishedName,
    key: PublicKey,
    signature: Signature,
}

/// What a certificate is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Signature {
    algorithm: ObjectIdentifier,
    /// The signed part of the certificate.
    message: Vec<u8>,
    octets: Vec<u8>,
}

impl Certificate {
    /// Reads a certificate, all of these octets.
    pub fn from_der(der: &[u8]) -> Result<Self, NotRead> {
        let wrong = |_| NotRead::WrongStructure;
        // Serial numbers and dates that bend the rules are no concern of the reader.
        let certificate = CertificateInner::<Raw>::from_der(within_bounds(der)?).map_err(wrong)?;
        let mut reader = SliceReader::new(der).map_err(wrong)?;
        let message = reader.sequence(|inside| -> der::Result<_> {
            let message = inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            Ok(message)
        });
        let message = message.map_err(wrong)?;
        let fields = Fields::of(message).map_err(wrong)?;
        Ok(Certificate {
            der: der.to_vec(),
            subject: DistinguishedName::from_der(fields.subject)?,
            issuer: DistinguishedName::from_der(fields.issuer)?,
            key: PublicKey(fields.key.to_vec()),
            signature: Signature {
                algorithm: certificate.signature_algorithm().oid,
                message: message.to_vec(),
                octets: certificate.signature().raw_bytes().to_vec(),
            },
        })
    }

    /// The certificate as DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Whom it names.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// Who issued it.
    pub fn issuer(&self) -> &DistinguishedName {
        &self.issuer
    }

    /// The key of the subject.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether the holder of `key` signed it.
    pub fn signed_by(&self, key: &PublicKey) -> Signed {
        let Signature {
            algorithm,
            message,
            octets,
        } = &self.signature;
        signature::check(key, *algorithm, message, octets)
    }
}

/// Names and key of the signed part, as they stand there.
struct Fields<'a> {
    issuer: &'a [u8],
    subject: &'a [u8],
    key: &'a [u8],
}

impl<'a> Fields<'a> {
    fn of(signed: &'a [u8]) -> der::Result<Self> {
        let mut reader = SliceReader::new(signed)?;
        reader.sequence(|inside| {
            // The version, which the first one leaves out, then serial number and algorithm.
            if inside.peek_byte() == Some(context(0)) {
                inside.tlv_bytes()?;
            }
            inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            let issuer = inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            let fields = Fields {
                issuer,
                subject: inside.tlv_bytes()?,
                key: inside.tlv_bytes()?,
            };
            while !inside.is_finished() {
                inside.tlv_bytes()?;
            }
            Ok(fields)
        })
    }
}

/// A certificate authority: its name and its key.
#[derive(Clone, Debug)]
pub struct Authority {
    name: DistinguishedName,
    key: KeyPair,
}

impl Authority {
    /// An authority of this name with this key.
    pub fn new(name: DistinguishedName, key: KeyPair) -> Self {
        Authority { name, key }
    }

    /// Its name, which stands as the issuer in what it signs.
    pub fn name(&self) -> &DistinguishedName {
        &self.name
    }

    /// Its own certificate, signed with its own key.
    pub fn certificate(&self, validity: Validity) -> Certificate {
        let key = self.key.public();
        let extensions = tlv(
            SEQUENCE,
            &[
                // cA TRUE, critical.
                &extension(19, Some(TRUE), &tlv(SEQUENCE, &[TRUE])),
                // keyCertSign and cRLSign, critical.
                &extension(15, Some(TRUE), &tlv(BIT_STRING, &[&[1, 0x06]])),
                &subject_key_identifier(&key),
            ],
        );
        let identifier = key_identifier(&key);
        let (_, serial) = identifier.split_at(KEY_IDENTIFIER - 8);
        self.signed(serial, &self.name, &key, validity, &extensions)
    }

    /// A certificate for a subject and its key. `serial` is the serial number, at most 19 octets
    /// of it, a zero before them if they would make a negative one.
    pub fn issue(
        &self,
        subject: &DistinguishedName,
        key: &PublicKey,
        serial: &[u8],
        validity: Validity,
    ) -> Certificate {
        let issuer = self.key.public();
        let authority = tlv(SEQUENCE, &[&tlv(0x80, &[&key_identifier(&issuer)])]);
        let extensions = tlv(
            SEQUENCE,
            &[
                // digitalSignature, critical.
                &extension(15, Some(TRUE), &tlv(BIT_STRING, &[&[7, 0x80]])),
                &subject_key_identifier(key),
                &extension(35, None, &authority),
            ],
        );
        self.signed(serial, subject, key, validity, &extensions)
    }

    fn signed(
        &self,
        serial: &[u8],
        subject: &DistinguishedName,
        key: &PublicKey,
        validity: Validity,
        extensions: &[u8],
    ) -> Certificate {
        let serial = serial.get(..19).unwrap_or(serial);
        let message = tlv(
            SEQUENCE,
            &[
                // Version 3.
                &tlv(context(0), &[&integer(&[2])]),
                &integer(serial),
                ECDSA_WITH_SHA256,
                self.name.as_der(),
                &tlv(SEQUENCE, &[&time(validity.from), &time(validity.to)]),
                subject.as_der(),
                key.as_der(),
                &tlv(context(3), &[extensions]),
            ],
        );
        let octets = self.key.sign(&message);
        let der = tlv(
            SEQUENCE,
            &[&message, ECDSA_WITH_SHA256, &bit_string(&octets)],
        );
        Certificate {
            der,
            subject: subject.clone(),
            issuer: self.name.clone(),
            key: key.clone(),
            signature: Signature {
                algorithm: ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"),
                message,
                octets,
            },
        }
    }
}

/// An extension of id-ce, 2.5.29 (RFC 5280 clause 4.2.1).
fn extension(number: u8, critical: Option<&[u8]>, value: &[u8]) -> Vec<u8> {
    let identifier = [0x06, 0x03, 0x55, 0x1d, number];
    let value = tlv(OCTET_STRING, &[value]);
    tlv(
        SEQUENCE,
        &[&identifier, critical.unwrap_or_default(), &value],
    )
}

fn subject_key_identifier(key: &PublicKey) -> Vec<u8> {
    extension(14, None, &tlv(OCTET_STRING, &[&key_identifier(key)]))
}

fn key_identifier(key: &PublicKey) -> [u8; KEY_IDENTIFIER] {
    let digest: [u8; 32] = Sha256::digest(key.as_der()).into();
    let mut identifier = [0; KEY_IDENTIFIER];
    identifier.copy_from_slice(&digest[..KEY_IDENTIFIER]);
    identifier
}

/// A moment (RFC 5280 clause 4.1.2.5: `UTCTime` until 2049).
fn time(unix_seconds: i64) -> Vec<u8> {
    let seconds = Duration::from_secs(u64::try_from(unix_seconds).unwrap_or_default());
    let moment = DateTime::from_unix_duration(seconds).unwrap_or(DateTime::INFINITY);
    let rest = format!(
        "{:02}{:02}{:02}{:02}{:02}Z",
        moment.month(),
        moment.day(),
        moment.hour(),
        moment.minutes(),
        moment.seconds()
    );
    if moment.year() <= LAST_UTC_YEAR {
        let text = format!("{:02}{rest}", moment.year() % 100);
        return tlv(UTC_TIME, &[text.as_bytes()]);
    }
    let text = format!("{:04}{rest}", moment.year());
    tlv(GENERALIZED_TIME, &[text.as_bytes()])
}
