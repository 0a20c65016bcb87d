//! The `auts` directive of a synchronisation failure (RFC 3310 clause 3.4).
//!
//! ```text
//! base64( SQN_MS xor AK* 6 octets | MAC-S 8 octets )      20 characters, one of them padding
//! ```

use crate::base64;
use crate::error::DecodeError;

const FIELD: &str = "auts";

/// Reads the text between the quotes of an `auts` directive as AUTS of 14 octets
/// (TS 33.102 clause 6.3.3). Base64 is read strictly.
///
/// `BadValue` for text that is not base64, `MissingData` for fewer octets, `TrailingData` for more.
pub fn decode(text: &[u8]) -> Result<[u8; 14], DecodeError> {
    let octets = base64::decode(FIELD, text)?;
    let Some((auts, rest)) = octets.split_first_chunk() else {
        return Err(DecodeError::MissingData(FIELD));
    };
    if !rest.is_empty() {
        return Err(DecodeError::TrailingData(FIELD));
    }
    Ok(*auts)
}

/// The base64 text of AUTS, without quotes.
pub fn encode(auts: [u8; 14]) -> String {
    base64::encode(&auts)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// AUTS of Milenage test set 1 with `SQN_MS` ff9bb4d0b6e7.
    const OCTETS: [u8; 14] = [
        0xba, 0x85, 0x3f, 0x3c, 0x12, 0xdc, 0x4c, 0x8b, 0x02, 0x5a, 0x1c, 0x7a, 0xcd, 0xbf,
    ];
    const TEXT: &str = "uoU/PBLcTIsCWhx6zb8=";

    #[test]
    fn deconstructs() {
        assert_eq!(decode(TEXT.as_bytes()), Ok(OCTETS));
    }

    #[test]
    fn constructs() {
        assert_eq!(encode(OCTETS), TEXT);
    }

    #[rstest]
    #[case::empty(b"", DecodeError::MissingData(FIELD))]
    #[case::octets_13(b"uoU/PBLcTIsCWhx6zQ==", DecodeError::MissingData(FIELD))]
    #[case::octets_15(b"uoU/PBLcTIsCWhx6zb8A", DecodeError::TrailingData(FIELD))]
    #[case::octets_16(b"uoU/PBLcTIsCWhx6zb8AAA==", DecodeError::TrailingData(FIELD))]
    // The second sample of RFC 3310 clause 4 has 11 octets (ERR-32).
    #[case::rfc3310(b"5PYxMuX2NOT2NeQ=", DecodeError::MissingData(FIELD))]
    fn refuses_other_than_14_octets(#[case] text: &[u8], #[case] error: DecodeError) {
        assert_eq!(decode(text), Err(error));
    }

    #[rstest]
    #[case::hex(b"ba853f3c12dc4c8b025a1c7acdbf\"")]
    #[case::no_padding(b"uoU/PBLcTIsCWhx6zb8")]
    #[case::formula_of_the_table(b"base64(AUTS)")]
    #[case::rfc3310(b"CjkyMzRfOiwg5CfkJ2UK=")]
    fn refuses_what_is_not_base64(#[case] text: &[u8]) {
        assert!(matches!(
            decode(text),
            Err(DecodeError::BadValue { field: FIELD, .. })
        ));
    }

    proptest! {
        #[test]
        fn round_trips(octets: [u8; 14]) {
            prop_assert_eq!(decode(encode(octets).as_bytes()), Ok(octets));
        }
    }
}
