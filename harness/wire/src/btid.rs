//! The bootstrapping transaction identifier, B-TID (TS 33.220 clause 4.5.2).
//!
//! ```text
//! base64( RAND 16 octets ) "@" domain name of the BSF
//! ```

use crate::base64;
use crate::error::DecodeError;

const FIELD: &str = "B-TID";

/// A B-TID in its two parts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BTid {
    /// The part before the `@`, as text: base64 of RAND if the BSF is correct.
    pub key: Vec<u8>,
    /// The part after the `@`: the domain name of the BSF.
    pub domain: String,
}

impl BTid {
    /// Splits a B-TID at its only `@`. Both parts are printable ASCII and not empty; the first
    /// one need not be base64, for which see [`BTid::rand`].
    ///
    /// `BadValue` for no `@`, more than one, an empty part, or a character that is not printable.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        let bad = |why| DecodeError::BadValue { field: FIELD, why };
        if !text.iter().all(u8::is_ascii_graphic) {
            return Err(bad("a character is not printable ASCII"));
        }
        let mut parts = text.split(|&byte| byte == b'@');
        let (Some(key), Some(domain), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(bad("there is not exactly one @"));
        };
        if key.is_empty() {
            return Err(bad("nothing stands before the @"));
        }
        if domain.is_empty() {
            return Err(bad("nothing stands after the @"));
        }
        let domain = domain.iter().copied().map(char::from).collect();
        Ok(Self {
            key: key.to_vec(),
            domain,
        })
    }

    /// The B-TID as text. Octets of `key` that are not ASCII, which [`BTid::decode`] never
    /// yields, become the replacement character.
    pub fn encode(&self) -> String {
        format!("{}@{}", String::from_utf8_lossy(&self.key), self.domain)
    }

    /// RAND of the bootstrapping run.
    ///
    /// `BadValue` if the first part is not base64, `MissingData` or `TrailingData` if it does not
    /// decode to 16 octets.
    pub fn rand(&self) -> Result<[u8; 16], DecodeError> {
        let octets = base64::decode(FIELD, &self.key)?;
        let Some((rand, rest)) = octets.split_first_chunk() else {
            return Err(DecodeError::MissingData("RAND"));
        };
        if !rest.is_empty() {
            return Err(DecodeError::TrailingData("RAND"));
        }
        Ok(*rand)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const TEXT: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

    #[test]
    fn deconstructs() {
        let btid = BTid::decode(TEXT.as_bytes()).expect("a correct B-TID");
        assert_eq!(btid.key, b"I1U8vpY3qJ0hiuZNrke/NQ==");
        assert_eq!(btid.domain, "bsf.home1.net");
        let rand = [
            0x23, 0x55, 0x3c, 0xbe, 0x96, 0x37, 0xa8, 0x9d, 0x21, 0x8a, 0xe6, 0x4d, 0xae, 0x47,
            0xbf, 0x35,
        ];
        assert_eq!(btid.rand(), Ok(rand));
    }

    #[test]
    fn constructs() {
        let key = b"I1U8vpY3qJ0hiuZNrke/NQ==".to_vec();
        assert_eq!(
            BTid {
                key,
                domain: "bsf.home1.net".to_owned()
            }
            .encode(),
            TEXT
        );
    }

    #[rstest]
    #[case::empty(b"", "exactly one @")]
    #[case::no_at(b"I1U8vpY3qJ0hiuZNrke/NQ==", "exactly one @")]
    #[case::two_ats(b"I1U8vpY3qJ0hiuZNrke/NQ==@bsf@home1.net", "exactly one @")]
    #[case::no_key(b"@bsf.home1.net", "before the @")]
    #[case::no_domain(b"I1U8vpY3qJ0hiuZNrke/NQ==@", "after the @")]
    #[case::blank(b" I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", "printable")]
    #[case::not_ascii(b"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.h\xc3\xb6me1.net", "printable")]
    fn refuses_what_does_not_split(#[case] text: &[u8], #[case] hint: &str) {
        let Err(DecodeError::BadValue {
            field: "B-TID",
            why,
        }) = BTid::decode(text)
        else {
            panic!("accepted, or another error");
        };
        assert!(why.contains(hint), "{why}");
    }

    #[rstest]
    #[case::octets_15(b"I1U8vpY3qJ0hiuZNrke/@a", DecodeError::MissingData("RAND"))]
    #[case::octets_17(b"I1U8vpY3qJ0hiuZNrke/NVU=@a", DecodeError::TrailingData("RAND"))]
    fn refuses_a_rand_of_other_size(#[case] text: &[u8], #[case] error: DecodeError) {
        let btid = BTid::decode(text).expect("two parts");
        assert_eq!(btid.rand(), Err(error));
    }

    #[test]
    fn refuses_a_rand_in_hex() {
        let btid = BTid::decode(b"23553cbe9637a89d218ae64dae47bf3@a").expect("two parts");
        assert!(matches!(
            btid.rand(),
            Err(DecodeError::BadValue { field: "B-TID", .. })
        ));
    }

    proptest! {
        #[test]
        fn yields_the_text_that_it_read(text in "[ -~]{0,8}@?[ -~]{0,8}") {
            if let Ok(btid) = BTid::decode(text.as_bytes()) {
                prop_assert_eq!(btid.encode(), text);
            }
        }
    }
}
