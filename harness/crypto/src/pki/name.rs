//! Distinguished names (RFC 5280 clause 4.1.2.4).

use std::fmt;

use data_encoding::BASE64;
use der::Decode;
use x509_cert::name::Name;

use super::encode::{SEQUENCE, SET, UTF8_STRING, tlv};
use super::{NotRead, within_bounds};

/// The object identifier of organizationName, 2.5.4.10, whole.
const ORGANIZATION: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x0a];
/// The object identifier of commonName, 2.5.4.3, whole.
const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];

/// The name of a subject or an issuer, as DER and as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistinguishedName {
    der: Vec<u8>,
    text: String,
}

impl DistinguishedName {
    /// A name with a common name, and an organization before it if there is one.
    pub fn new(organization: Option<&str>, common_name: &str) -> Self {
        let organization = organization.map(|text| relative(ORGANIZATION, text));
        let common_name = relative(COMMON_NAME, common_name);
        let parts = [organization.as_deref().unwrap_or_default(), &common_name];
        let der = tlv(SEQUENCE, &parts);
        let text = text_of(&der).unwrap_or_default();
        DistinguishedName { der, text }
    }

    /// Reads a name, all of these octets.
    pub fn from_der(der: &[u8]) -> Result<Self, NotRead> {
        Ok(DistinguishedName {
            text: text_of(within_bounds(der)?)?,
            der: der.to_vec(),
        })
    }

    /// The name as DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// The base64 text of its DER: what `in` of TS 24.109 table E.5-1 holds, not yet escaped.
    pub fn base64(&self) -> String {
        BASE64.encode(&self.der)
    }
}

impl fmt::Display for DistinguishedName {
    /// The text of RFC 4514, the last part first: `CN=Certificates,O=Home network`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn text_of(der: &[u8]) -> Result<String, NotRead> {
    let name = Name::from_der(der).map_err(|_| NotRead::WrongStructure)?;
    Ok(name.to_string())
}

fn relative(kind: &[u8], text: &str) -> Vec<u8> {
    let value = tlv(UTF8_STRING, &[text.as_bytes()]);
    tlv(SET, &[&tlv(SEQUENCE, &[kind, &value])])
}
