//! The nonce of a Digest AKA challenge (RFC 3310 clause 3.2).
//!
//! ```text
//! base64( RAND 16 octets | AUTN 16 octets | server data 0 or more octets )
//! ```

use crate::base64;
use crate::error::DecodeError;

const FIELD: &str = "nonce";

/// What an AKA nonce carries.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AkaNonce {
    /// The random challenge (TS 33.102 clause 6.3).
    pub rand: [u8; 16],
    /// The authentication token: SQN xor AK, AMF, MAC-A (TS 33.102 clause 6.3).
    pub autn: [u8; 16],
    /// Whatever the server appended; a client carries it without looking at it.
    pub server_data: Vec<u8>,
}

impl AkaNonce {
    /// Reads the text between the quotes of a `nonce` directive. Base64 is read strictly:
    /// standard alphabet, full padding, no line breaks.
    ///
    /// `BadValue` for text that is not such base64, `MissingData` for fewer than 32 octets.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        let octets = base64::decode(FIELD, text)?;
        let (rand, rest) = octets
            .split_first_chunk()
            .ok_or(DecodeError::MissingData("RAND"))?;
        let (autn, server_data) = rest
            .split_first_chunk()
            .ok_or(DecodeError::MissingData("AUTN"))?;
        Ok(Self {
            rand: *rand,
            autn: *autn,
            server_data: server_data.to_vec(),
        })
    }

    /// The base64 text of the nonce, without quotes.
    pub fn encode(&self) -> String {
        base64::encode(&[&self.rand[..], &self.autn, &self.server_data].concat())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// RAND and AUTN of Milenage test set 1 (TS 35.207) in the flow of TS 24.109 clause A.3.
    const TEXT: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
    const RAND: [u8; 16] = [
        0x23, 0x55, 0x3c, 0xbe, 0x96, 0x37, 0xa8, 0x9d, 0x21, 0x8a, 0xe6, 0x4d, 0xae, 0x47, 0xbf,
        0x35,
    ];
    const AUTN: [u8; 16] = [
        0x55, 0xf3, 0x28, 0xb4, 0x35, 0x77, 0xb9, 0xb9, 0x4a, 0x9f, 0xfa, 0xc3, 0x54, 0xdf, 0xaf,
        0xb3,
    ];
    /// The nonce after the resynchronisation of table 4.5-8.
    const AFTER_RESYNC: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";

    #[test]
    fn deconstructs() {
        let nonce = AkaNonce::decode(TEXT.as_bytes()).expect("a correct nonce");
        assert_eq!(
            nonce,
            AkaNonce {
                rand: RAND,
                autn: AUTN,
                server_data: vec![]
            }
        );
    }

    #[test]
    fn constructs() {
        let nonce = AkaNonce {
            rand: RAND,
            autn: AUTN,
            server_data: vec![],
        };
        assert_eq!(nonce.encode(), TEXT);
    }

    #[test]
    fn keeps_server_data() {
        let text = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7MA/w==";
        let nonce = AkaNonce::decode(text.as_bytes()).expect("a correct nonce");
        assert_eq!(
            (nonce.autn, nonce.server_data.as_slice()),
            (AUTN, &[0x00, 0xff][..])
        );
        assert_eq!(nonce.encode(), text);
    }

    #[test]
    fn reads_the_challenge_after_a_resynchronisation() {
        let nonce = AkaNonce::decode(AFTER_RESYNC.as_bytes()).expect("a correct nonce");
        assert_eq!(nonce.rand[..4], [0xc0, 0x0d, 0x60, 0x31]);
        assert_eq!(nonce.autn[12..], [0xf4, 0x4a, 0x68, 0xc4]);
    }

    #[rstest]
    #[case::empty(b"", DecodeError::MissingData("RAND"))]
    #[case::octets_15(b"I1U8vpY3qJ0hiuZNrke/", DecodeError::MissingData("RAND"))]
    #[case::octets_16(b"I1U8vpY3qJ0hiuZNrke/NQ==", DecodeError::MissingData("AUTN"))]
    #[case::octets_31(
        b"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfrw==",
        DecodeError::MissingData("AUTN")
    )]
    fn refuses_fewer_than_32_octets(#[case] text: &[u8], #[case] error: DecodeError) {
        assert_eq!(AkaNonce::decode(text), Err(error));
    }

    #[rstest]
    #[case::base64url(b"I1U8vpY3qJ0hiuZNrke_NVXzKLQ1d7m5Sp_6w1Tfr7M=", "alphabet")]
    #[case::line_break(b"I1U8vpY3qJ0hiuZNrke/\r\n  NVXzKLQ1d7m5Sp/6w1Tfr7M=", "alphabet")]
    #[case::blanks(b"I1U8vpY3qJ0hiuZNrke/    NVXzKLQ1d7m5Sp/6w1Tfr7M=", "alphabet")]
    #[case::no_padding(b"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M", "multiple")]
    #[case::unused_bits(b"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7N=", "unused bits")]
    #[case::formula_of_the_table(b"base64(RAND + AUTN + server specific data)", "multiple")]
    // The samples of RFC 3310 clause 4 (ERR-32).
    #[case::rfc3310_first(b"MzQ0a2xrbGtmbGtsZm9wb2tsc2tqaHJzZXNy9uQyMzMzMzQK=", "multiple")]
    #[case::rfc3310_second(b"CjPk9mRqNuT25eRkajM09uTl9nM09uTl9nMz5OX25PZz==", "multiple")]
    #[case::rfc3310_third(b"9uQzNPbk9jM05Pbl5Pbl5DIz9uTl9uTl9jM0NTHk9uXk==", "multiple")]
    fn refuses_what_is_not_strict_base64(#[case] text: &[u8], #[case] hint: &str) {
        let Err(DecodeError::BadValue {
            field: "nonce",
            why,
        }) = AkaNonce::decode(text)
        else {
            panic!("accepted, or another error");
        };
        assert!(why.contains(hint), "{why}");
    }

    proptest! {
        #[test]
        fn round_trips(rand: [u8; 16], autn: [u8; 16], server_data: Vec<u8>) {
            let nonce = AkaNonce { rand, autn, server_data };
            prop_assert_eq!(AkaNonce::decode(nonce.encode().as_bytes()), Ok(nonce));
        }

        #[test]
        fn yields_the_text_that_it_read(text: Vec<u8>) {
            if let Ok(nonce) = AkaNonce::decode(&text) {
                prop_assert_eq!(nonce.encode().into_bytes(), text);
            }
        }
    }
}
