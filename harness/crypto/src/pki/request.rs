//! Certification requests (PKCS#10, RFC 2986).

use der::{Decode, Reader, SliceReader};
use x509_cert::request::CertReq;

use super::armour::{self, Armour};
use super::encode::{SEQUENCE, SET, UTF8_STRING, bit_string, context, integer, tlv};
use super::key::ECDSA_WITH_SHA256;
use super::{DistinguishedName, KeyPair, NotRead, PublicKey, Signed, signature, within_bounds};

/// The object identifier of unstructuredName, 1.2.840.113549.1.9.2, whole (RFC 2985 clause 5.4.3).
const UNSTRUCTURED_NAME: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x02,
];

/// A certification request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificationRequest {
    der: Vec<u8>,
    subject: DistinguishedName,
    key: PublicKey,
    signed: Signed,
}

impl CertificationRequest {
    /// A request for this name and key, signed by `signer`, who ought to hold the key. `padding`
    /// octets of text make it longer, in an attribute that asks for nothing.
    pub fn new(
        subject: &DistinguishedName,
        key: &PublicKey,
        signer: &KeyPair,
        padding: usize,
    ) -> Self {
        let attributes = if padding == 0 {
            tlv(context(0), &[])
        } else {
            let text = tlv(UTF8_STRING, &[&vec![b'x'; padding]]);
            let values = tlv(SET, &[&text]);
            tlv(context(0), &[&tlv(SEQUENCE, &[UNSTRUCTURED_NAME, &values])])
        };
        let version = integer(&[0]);
        let info = tlv(
            SEQUENCE,
            &[&version, subject.as_der(), key.as_der(), &attributes],
        );
        let signature = bit_string(&signer.sign(&info));
        CertificationRequest {
            der: tlv(SEQUENCE, &[&info, ECDSA_WITH_SHA256, &signature]),
            subject: subject.clone(),
            key: key.clone(),
            signed: Signed::is(signer.public() == *key),
        }
    }

    /// Reads the body of an enrolment request (TS 24.109 table E.3.1-1 and erratum ERR-28: DER or
    /// PEM), and says how it travelled. Of PEM the first piece counts.
    pub fn read(body: &[u8]) -> Result<(Self, Armour), NotRead> {
        let (armour, pieces) = armour::unwrap(body)?;
        let piece = pieces.first().ok_or(NotRead::NoDer)?;
        Ok((Self::from_der(&piece.der)?, armour))
    }

    /// Reads a request, all of these octets.
    pub fn from_der(der: &[u8]) -> Result<Self, NotRead> {
        let wrong = |_| NotRead::WrongStructure;
        let request = CertReq::from_der(within_bounds(der)?).map_err(wrong)?;
        // What is signed is what stands there, not what it would be if it were written again.
        let mut reader = SliceReader::new(der).map_err(wrong)?;
        let parts = reader.sequence(|inside| -> der::Result<_> {
            let info = inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            inside.tlv_bytes()?;
            let mut fields = SliceReader::new(info)?;
            let (name, key) = fields.sequence(|fields| -> der::Result<_> {
                fields.tlv_bytes()?;
                let name = fields.tlv_bytes()?;
                let key = fields.tlv_bytes()?;
                fields.tlv_bytes()?;
                Ok((name, key))
            })?;
            Ok((info, name, key))
        });
        let (info, name, key) = parts.map_err(wrong)?;
        let key = PublicKey(key.to_vec());
        let signed = signature::check(
            &key,
            request.algorithm.oid,
            info,
            request.signature.raw_bytes(),
        );
        Ok(CertificationRequest {
            der: der.to_vec(),
            subject: DistinguishedName::from_der(name)?,
            key,
            signed,
        })
    }

    /// The request as DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Whose certificate it asks for.
    pub fn subject(&self) -> &DistinguishedName {
        &self.subject
    }

    /// The key that shall stand in the certificate.
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Whether its signature was made with that key: the proof of possession.
    pub fn signed(&self) -> Signed {
        self.signed
    }
}
