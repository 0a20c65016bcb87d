//! Strict base64 of RFC 4648 clause 4, with errors that name the field.

use data_encoding::{BASE64, DecodeKind};

use crate::error::DecodeError;

/// Decodes base64 in its only canonical form: the standard alphabet, full padding, zero bits at
/// the end, no line breaks and no blanks. RFC 3310 clause 3.2 puts no other form into a nonce.
pub(crate) fn decode(field: &'static str, text: &[u8]) -> Result<Vec<u8>, DecodeError> {
    // The decoder takes several padded texts one after the other; a value is one.
    let padding = text.iter().position(|&octet| octet == b'=');
    if padding.is_some_and(|at| at + 2 < text.len()) {
        let why = "the padding is wrong";
        return Err(DecodeError::BadValue { field, why });
    }
    BASE64.decode(text).map_err(|error| {
        let why = match error.kind {
            DecodeKind::Length => "the length is no multiple of four characters",
            DecodeKind::Symbol => "a character is not in the base64 alphabet",
            DecodeKind::Trailing => "the unused bits before the padding are not zero",
            DecodeKind::Padding => "the padding is wrong",
        };
        DecodeError::BadValue { field, why }
    })
}

pub(crate) fn encode(octets: &[u8]) -> String {
    BASE64.encode(octets)
}
