//! The certificates of a body: one or a chain, in any of the forms that are in use. TS 24.109 6.2.1
//! leaves the form of a chain to its media types, which are open (U-10), so all of them are read.

use der::{Decode, Header, Reader, SliceReader};

use super::armour::{self, Armour, Piece};
use super::encode::{SEQUENCE, context};
use super::{Certificate, NotRead};

/// So many certificates are read of one body.
const MOST_CERTIFICATES: usize = 16;
/// The object identifier of signedData, 1.2.840.113549.1.7.2, whole (RFC 5652 clause 5.1).
const SIGNED_DATA: &[u8] = &[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02,
];

/// Reads the certificates of a body in their order, at least one and at most 16: a certificate or
/// several in PEM, DER or base64, a `PkiPath` (ITU-T X.509), or a PKCS#7 message that carries
/// certificates only (RFC 5652).
pub fn certificates(body: &[u8]) -> Result<(Vec<Certificate>, Armour), NotRead> {
    let (armour, pieces) = armour::unwrap(body)?;
    let mut found = Vec::new();
    for Piece { label, der } in &pieces {
        // Of PEM, whatever is labelled as something else than certificates is passed over.
        let is_other = label.as_deref().is_some_and(|label| {
            !["CERTIFICATE", "X509 CERTIFICATE", "PKCS7", "CMS"].contains(&label)
        });
        if !is_other {
            found.extend(of_der(der)?);
        }
    }
    if found.is_empty() {
        return Err(NotRead::WrongStructure);
    }
    found.truncate(MOST_CERTIFICATES);
    Ok((found, armour))
}

fn of_der(der: &[u8]) -> Result<Vec<Certificate>, NotRead> {
    if let Ok(certificate) = Certificate::from_der(der) {
        return Ok(vec![certificate]);
    }
    let elements = message(der).or_else(|| path(der));
    let elements = elements.ok_or(NotRead::WrongStructure)?;
    elements
        .into_iter()
        .take(MOST_CERTIFICATES)
        .map(Certificate::from_der)
        .collect()
}

/// The elements of a SEQUENCE OF Certificate.
fn path(der: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = SliceReader::new(der).ok()?;
    let elements = reader.sequence(|inside| elements_of(inside)).ok()?;
    reader.finish().ok()?;
    Some(elements)
}

/// The certificates of a PKCS#7 message.
fn message(der: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = SliceReader::new(der).ok()?;
    let content = reader.sequence(|inside| -> der::Result<_> {
        let kind = inside.tlv_bytes()?;
        Ok((kind, inside.tlv_bytes()?))
    });
    let (kind, content) = content.ok()?;
    if kind != SIGNED_DATA {
        return None;
    }
    let signed_data = content_of(content, context(0))?;
    let mut fields = SliceReader::new(content_of(signed_data, SEQUENCE)?).ok()?;
    while !fields.is_finished() {
        let field = fields.tlv_bytes().ok()?;
        if let Some(set) = content_of(field, context(0)) {
            return elements_of(&mut SliceReader::new(set).ok()?).ok();
        }
    }
    None
}

fn elements_of<'a>(reader: &mut SliceReader<'a>) -> der::Result<Vec<&'a [u8]>> {
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(reader.tlv_bytes()?);
    }
    Ok(elements)
}

/// The content of a value with this tag.
fn content_of(der: &[u8], tag: u8) -> Option<&[u8]> {
    if der.first() != Some(&tag) {
        return None;
    }
    let mut reader = SliceReader::new(der).ok()?;
    let header = Header::decode(&mut reader).ok()?;
    reader.read_slice(header.length()).ok()
}
