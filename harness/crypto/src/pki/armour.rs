//! The texts in which DER travels: PEM (RFC 7468), and base64 alone.

use data_encoding::BASE64;

use super::{MOST_OCTETS, NotRead};

/// The label of a certification request in PEM.
pub const REQUEST_LABEL: &str = "CERTIFICATE REQUEST";
/// The label of a certificate in PEM.
pub const CERTIFICATE_LABEL: &str = "CERTIFICATE";
/// The octets of a line of PEM.
const LINE: usize = 64;
/// Text is longer than what it wraps: four characters for three octets, line ends, markers.
const MOST_CHARACTERS: usize = MOST_OCTETS * 2;

/// How DER travels in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armour {
    /// As it is.
    Der,
    /// Between the markers of PEM.
    Pem,
    /// As base64 without markers.
    Base64,
}

impl Armour {
    /// `der`, `pem` or `base64`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Armour::Der => "der",
            Armour::Pem => "pem",
            Armour::Base64 => "base64",
        }
    }
}

/// PEM: markers with this label around base64 in lines of 64 characters, a line feed after each.
pub fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64.encode(der);
    let lines: String = text
        .as_bytes()
        .chunks(LINE)
        .flat_map(|line| line.iter().copied().map(char::from).chain(['\n']))
        .collect();
    format!("-----BEGIN {label}-----\n{lines}-----END {label}-----\n")
}

/// The pieces of DER in a body with their labels, which only PEM has, and how they travel.
///
/// Of PEM every piece is given; blanks inside the markers, text around the markers is passed over, and so are blanks and line
/// ends of any sort inside them.
pub(super) fn unwrap(body: &[u8]) -> Result<(Armour, Vec<Piece>), NotRead> {
    if body.len() > MOST_CHARACTERS {
        return Err(NotRead::TooLong);
    }
    if body.first() == Some(&super::encode::SEQUENCE) {
        let der = super::within_bounds(body)?.to_vec();
        return Ok((Armour::Der, vec![Piece { label: None, der }]));
    }
    let text = str::from_utf8(body).map_err(|_| NotRead::NoDer)?;
    // Table E.3.1-1 prints blanks between the dashes and the label.
    let dense = text.replace("----- ", "-----").replace(" -----", "-----");
    let pieces = pieces_of(&dense)?;
    if !pieces.is_empty() {
        return Ok((Armour::Pem, pieces));
    }
    let der = base64(text)?;
    Ok((Armour::Base64, vec![Piece { label: None, der }]))
}

/// Some DER, and the label that PEM gives it.
pub(super) struct Piece {
    pub(super) label: Option<String>,
    pub(super) der: Vec<u8>,
}

fn pieces_of(text: &str) -> Result<Vec<Piece>, NotRead> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("-----BEGIN ") {
        let (label, after) = after.split_once("-----").ok_or(NotRead::NoDer)?;
        let end = format!("-----END {label}-----");
        let (inside, after) = after.split_once(&end).ok_or(NotRead::NoDer)?;
        pieces.push(Piece {
            label: Some(label.to_owned()),
            der: base64(inside)?,
        });
        rest = after;
    }
    Ok(pieces)
}

fn base64(text: &str) -> Result<Vec<u8>, NotRead> {
    let dense: Vec<u8> = text
        .bytes()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    let der = BASE64.decode(&dense).map_err(|_| NotRead::NoDer)?;
    if der.is_empty() {
        return Err(NotRead::NoDer);
    }
    super::within_bounds(&der).map(<[u8]>::to_vec)
}
