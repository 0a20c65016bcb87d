//! Public values of AKA: what travels in challenges and resynchronisation tokens.

use std::fmt;

use data_encoding::HEXLOWER;

pub use crate::length::WrongLength;

macro_rules! tokens {
    ($($(#[$doc:meta])* $name:ident($octets:literal, $printed:literal);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $octets]);

        impl $name {
            /// The length in octets.
            pub const LEN: usize = $octets;

            /// The octets in the order in which they are sent.
            pub const fn as_bytes(&self) -> &[u8; $octets] {
                &self.0
            }
        }

        impl From<[u8; $octets]> for $name {
            fn from(octets: [u8; $octets]) -> Self {
                Self(octets)
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = WrongLength;

            fn try_from(octets: &[u8]) -> Result<Self, WrongLength> {
                match octets.try_into() {
                    Ok(octets) => Ok(Self(octets)),
                    Err(_) => Err(WrongLength::fixed($printed, $octets, octets.len())),
                }
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), HEXLOWER.encode(&self.0))
            }
        }
    )+};
}

tokens! {
    /// The random challenge RAND, 16 octets (TS 33.102 clause 6.3.2).
    Rand(16, "RAND");
    /// The network's token AUTN, 16 octets: SQN xor AK, AMF, MAC-A (TS 33.102 clause 6.3.2).
    Autn(16, "AUTN");
    /// The resynchronisation token AUTS, 14 octets: `SQN_MS` xor AK*, MAC-S
    /// (TS 33.102 clause 6.3.3).
    Auts(14, "AUTS");
    /// The authentication management field AMF, 2 octets (TS 33.102 clause 6.3.2).
    Amf(2, "AMF");
    /// The network authentication code MAC-A, output of f1, 8 octets (TS 33.102 clause 6.3.2).
    MacA(8, "MAC-A");
    /// The resynchronisation authentication code MAC-S, output of f1*, 8 octets
    /// (TS 33.102 clause 6.3.3).
    MacS(8, "MAC-S");
    /// The network's part of the keys of 2G GBA, 16 octets in the nonce (TS 33.220 Annex I).
    KsInput(16, "Ks-input");
}

impl Amf {
    /// AMF*, the all-zero value that MAC-S is computed with (TS 33.102 clause 6.3.3).
    pub const RESYNC: Self = Self([0, 0]);
}

impl Autn {
    pub(crate) fn from_parts(concealed_sqn: [u8; 6], amf: Amf, mac: MacA) -> Self {
        let mut octets = [0; Self::LEN];
        octets[..6].copy_from_slice(&concealed_sqn);
        octets[6..8].copy_from_slice(&amf.0);
        octets[8..].copy_from_slice(&mac.0);
        Self(octets)
    }

    /// SQN xor AK, the first 6 octets.
    pub fn concealed_sqn(&self) -> [u8; 6] {
        part::<0, _, _>(&self.0)
    }

    /// AMF, octets 7 and 8.
    pub fn amf(&self) -> Amf {
        Amf(part::<6, _, _>(&self.0))
    }

    /// MAC-A, the last 8 octets.
    pub fn mac(&self) -> MacA {
        MacA(part::<8, _, _>(&self.0))
    }
}

impl Auts {
    pub(crate) fn from_parts(concealed_sqn: [u8; 6], mac_s: MacS) -> Self {
        let mut octets = [0; Self::LEN];
        octets[..6].copy_from_slice(&concealed_sqn);
        octets[6..].copy_from_slice(&mac_s.0);
        Self(octets)
    }

    /// `SQN_MS` xor AK*, the first 6 octets.
    pub fn concealed_sqn(&self) -> [u8; 6] {
        part::<0, _, _>(&self.0)
    }

    /// MAC-S, the last 8 octets.
    pub fn mac_s(&self) -> MacS {
        MacS(part::<6, _, _>(&self.0))
    }
}

/// A sequence number SQN of 48 bits (TS 33.102 clause 6.3.2).
///
/// How it divides into SEQ and IND is the choice of an operator: see
/// [`SqnScheme`](crate::sqn::SqnScheme).
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sqn(u64);

impl Sqn {
    /// The length in octets.
    pub const LEN: usize = 6;
    /// The number of bits.
    pub const BITS: u32 = 48;
    /// The greatest sequence number.
    pub const MAX: Self = Self((1 << Self::BITS) - 1);

    /// The sequence number of this value; `None` if it needs more than 48 bits.
    pub const fn new(value: u64) -> Option<Self> {
        if value > Self::MAX.0 {
            return None;
        }
        Some(Self(value))
    }

    /// Reads six octets, the most significant first.
    pub fn from_bytes(octets: [u8; 6]) -> Self {
        Self(
            octets
                .into_iter()
                .fold(0, |value, octet| value << 8 | u64::from(octet)),
        )
    }

    /// Six octets, the most significant first.
    pub fn to_bytes(self) -> [u8; 6] {
        part::<2, _, _>(&self.0.to_be_bytes())
    }

    /// The number, less than 2^48.
    pub const fn value(self) -> u64 {
        self.0
    }
}

/// Twelve lower-case hexadecimal digits.
impl fmt::Display for Sqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:012x}", self.0)
    }
}

impl fmt::Debug for Sqn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sqn({self})")
    }
}

/// N octets of a value from an offset on; that they lie inside is checked when this is compiled.
pub(crate) fn part<const FROM: usize, const N: usize, const LEN: usize>(
    octets: &[u8; LEN],
) -> [u8; N] {
    const { assert!(FROM + N <= LEN, "the part lies inside the value") };
    std::array::from_fn(|i| octets[FROM + i])
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const AUTN: Autn = Autn([
        0x55, 0xf3, 0x28, 0xb4, 0x35, 0x77, 0xb9, 0xb9, 0x4a, 0x9f, 0xfa, 0xc3, 0x54, 0xdf, 0xaf,
        0xb3,
    ]);
    const AUTS: Auts = Auts([
        0xba, 0x85, 0x3f, 0x3c, 0x12, 0x3c, 0xcf, 0x44, 0xe9, 0x35, 0x96, 0xe3, 0x55, 0xc6,
    ]);

    #[test]
    fn splits_autn() {
        assert_eq!(AUTN.concealed_sqn(), [0x55, 0xf3, 0x28, 0xb4, 0x35, 0x77]);
        assert_eq!(AUTN.amf(), Amf([0xb9, 0xb9]));
        assert_eq!(
            AUTN.mac(),
            MacA([0x4a, 0x9f, 0xfa, 0xc3, 0x54, 0xdf, 0xaf, 0xb3])
        );
        assert_eq!(
            Autn::from_parts(AUTN.concealed_sqn(), AUTN.amf(), AUTN.mac()),
            AUTN
        );
    }

    #[test]
    fn splits_auts() {
        assert_eq!(AUTS.concealed_sqn(), [0xba, 0x85, 0x3f, 0x3c, 0x12, 0x3c]);
        assert_eq!(
            AUTS.mac_s(),
            MacS([0xcf, 0x44, 0xe9, 0x35, 0x96, 0xe3, 0x55, 0xc6])
        );
        assert_eq!(Auts::from_parts(AUTS.concealed_sqn(), AUTS.mac_s()), AUTS);
    }

    #[rstest]
    #[case::empty(0)]
    #[case::octets_11_as_in_rfc_3310(11)]
    #[case::octets_13(13)]
    #[case::octets_15_as_in_rfc_3310(15)]
    fn refuses_auts_of_another_length(#[case] length: usize) {
        let expected = WrongLength {
            what: "AUTS",
            expected: 14..=14,
            actual: length,
        };
        assert_eq!(Auts::try_from(vec![0; length].as_slice()), Err(expected));
    }

    #[test]
    fn takes_auts_of_14_octets() {
        assert_eq!(Auts::try_from(AUTS.as_ref()), Ok(AUTS));
    }

    #[test]
    fn prints_hexadecimal() {
        assert_eq!(format!("{AUTS:?}"), "Auts(ba853f3c123ccf44e93596e355c6)");
        assert_eq!(format!("{:?}", Amf([0xb9, 0x0a])), "Amf(b90a)");
        assert_eq!(format!("{:?}", Sqn(0x20)), "Sqn(000000000020)");
        assert_eq!(Sqn(0xff9b_b4d0_b607).to_string(), "ff9bb4d0b607");
    }

    #[rstest]
    #[case::zero(0, [0, 0, 0, 0, 0, 0])]
    #[case::one(1, [0, 0, 0, 0, 0, 1])]
    #[case::published(0xff9b_b4d0_b607, [0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0x07])]
    #[case::greatest(0xffff_ffff_ffff, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff])]
    fn takes_sqn_of_48_bits(#[case] value: u64, #[case] octets: [u8; 6]) {
        let sqn = Sqn::from_bytes(octets);
        assert_eq!(Sqn::new(value), Some(sqn));
        assert_eq!((sqn.value(), sqn.to_bytes()), (value, octets));
    }

    #[rstest]
    #[case::bit_49(1 << 48)]
    #[case::all_bits(u64::MAX)]
    fn refuses_sqn_of_more_bits(#[case] value: u64) {
        assert_eq!(Sqn::new(value), None);
    }
}
