//! Values that must not appear in any artefact of a run.
//!
//! A secret prints its name and size only, is wiped when it is dropped, and is compared in
//! constant time. It has no textual form: whoever needs the octets writes `expose()`, which is
//! easy to find in a review.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop};

pub use crate::length::WrongLength;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident($octets:literal, $printed:literal);)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Zeroize, ZeroizeOnDrop)]
        pub struct $name([u8; $octets]);

        impl $name {
            /// The length in octets.
            pub const LEN: usize = $octets;

            /// Takes the octets in the order in which the specification prints them.
            pub const fn new(octets: [u8; $octets]) -> Self {
                Self(octets)
            }

            /// The octets themselves; not for anything that is written or logged.
            pub const fn expose(&self) -> &[u8; $octets] {
                &self.0
            }

            /// The length in octets, always [`Self::LEN`].
            #[expect(clippy::len_without_is_empty, reason = "a fixed length is never zero")]
            pub const fn len(&self) -> usize {
                $octets
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

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.0.ct_eq(&other.0).into()
            }
        }

        impl Eq for $name {}

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} octets)", stringify!($name), $octets)
            }
        }
    )+};
}

secrets! {
    /// The subscriber key K, 16 octets (TS 33.102 clause 6.3.2).
    K(16, "K");
    /// The longer subscriber key K that TUAK may have, 32 octets (TS 35.231 clause 5).
    K256(32, "K");
    /// The operator variant of TUAK, TOP, 32 octets (TS 35.231 clause 5).
    Top(32, "TOP");
    /// TOP bound to one K, 32 octets (TS 35.231 clause 6).
    Topc(32, "TOPc");
    /// The operator variant of Milenage, OP, 16 octets (TS 35.206).
    Op(16, "OP");
    /// OP encrypted with K, 16 octets (TS 35.206 clause 4.1).
    Opc(16, "OPc");
    /// The cipher key CK, output of f3, 16 octets (TS 33.102 clause 6.3.2).
    Ck(16, "CK");
    /// The integrity key IK, output of f4, 16 octets (TS 33.102 clause 6.3.2).
    Ik(16, "IK");
    /// The anonymity key AK, output of f5 or f5*, 6 octets (TS 33.102 clause 6.3.2).
    Ak(6, "AK");
    /// The bootstrapped key Ks, 32 octets (TS 33.220 clause 4.5.2).
    Ks(32, "Ks");
    /// `Ks_NAF`, `Ks_ext_NAF` or `Ks_int_NAF`, 32 octets (TS 33.220 Annex B.3).
    KsNaf(32, "Ks_NAF");
    /// The cipher key Kc of GSM, 8 octets (TS 33.102 clause 6.8.1.2).
    Kc(8, "Kc");
    /// The response SRES of GSM, 4 octets (TS 33.102 clause 6.8.1.2).
    Sres(4, "SRES");
    /// The key material `TLS_MK_Extr` that a TLS session exports, 48 octets
    /// (TS 33.220 Annex M, RFC 5705).
    TlsMkExtr(48, "TLS_MK_Extr");
    /// The password passwd of `GBA_Digest`, 32 octets (TS 33.220 Annex B.5).
    Passwd(32, "passwd");
}

/// The response RES or XRES, output of f2, 4 to 16 octets (TS 33.102 clause 6.3.7).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Res(Vec<u8>);

impl Res {
    /// The least length in octets.
    pub const MIN_LEN: usize = 4;
    /// The greatest length in octets.
    pub const MAX_LEN: usize = 16;

    /// Takes 4 to 16 octets.
    pub fn new(octets: &[u8]) -> Result<Self, WrongLength> {
        let expected = Self::MIN_LEN..=Self::MAX_LEN;
        if !expected.contains(&octets.len()) {
            return Err(WrongLength {
                what: "RES",
                expected,
                actual: octets.len(),
            });
        }
        Ok(Self(octets.to_vec()))
    }

    /// The octets themselves; not for anything that is written or logged.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The length in octets, 4 to 16.
    #[expect(clippy::len_without_is_empty, reason = "RES has at least four octets")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The RES of Milenage has 8 octets.
impl From<[u8; 8]> for Res {
    fn from(octets: [u8; 8]) -> Self {
        Self(octets.to_vec())
    }
}

/// The shortest RES of TUAK.
impl From<[u8; 4]> for Res {
    fn from(octets: [u8; 4]) -> Self {
        Self(octets.to_vec())
    }
}

/// The longest RES of TUAK that AKA has room for.
impl From<[u8; 16]> for Res {
    fn from(octets: [u8; 16]) -> Self {
        Self(octets.to_vec())
    }
}

impl TryFrom<&[u8]> for Res {
    type Error = WrongLength;

    fn try_from(octets: &[u8]) -> Result<Self, WrongLength> {
        Self::new(octets)
    }
}

impl PartialEq for Res {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Res {}

impl fmt::Debug for Res {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Res({} octets)", self.0.len())
    }
}

/// The password that a subscriber of `GBA_Digest` shares with the home network, as UTF-8
/// (TS 33.220 Annex M).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct DigestPassword(String);

impl DigestPassword {
    /// Takes any text.
    pub fn new(password: impl Into<String>) -> Self {
        Self(password.into())
    }

    /// The text itself; not for anything that is written or logged.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for DigestPassword {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for DigestPassword {}

impl fmt::Debug for DigestPassword {
    /// Leaves the length out as well: it would help a guess.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DigestPassword")
    }
}

/// H(A1) of HTTP digest as octets, 16 with MD5 and 32 with SHA-256 (RFC 7616 clause 3.4.2).
///
/// It is worth as much as the password inside it.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Ha1(Vec<u8>);

impl Ha1 {
    /// The octets themselves; not for anything that is written or logged.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The length in octets, 16 or 32.
    #[expect(clippy::len_without_is_empty, reason = "a hash is never empty")]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// H(A1) made with MD5.
impl From<[u8; 16]> for Ha1 {
    fn from(octets: [u8; 16]) -> Self {
        Self(octets.to_vec())
    }
}

/// H(A1) made with SHA-256 or SHA-512/256.
impl From<[u8; 32]> for Ha1 {
    fn from(octets: [u8; 32]) -> Self {
        Self(octets.to_vec())
    }
}

impl PartialEq for Ha1 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Ha1 {}

impl fmt::Debug for Ha1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ha1({} octets)", self.0.len())
    }
}

/// The octets that both ends of a TLS handshake take as their shared key (RFC 4279 clause 2, RFC
/// 8446 clause 4.2.11); by the rule those of `Ks_NAF` as they are (TS 24.109 clause 5.3.3.1).
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Psk(Vec<u8>);

impl Psk {
    /// Takes any octets.
    pub fn new(octets: impl Into<Vec<u8>>) -> Self {
        Self(octets.into())
    }

    /// The octets themselves; not for anything that is written or logged.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

/// The 32 octets of the key of a NAF.
impl From<&KsNaf> for Psk {
    fn from(key: &KsNaf) -> Self {
        Self(key.expose().to_vec())
    }
}

impl PartialEq for Psk {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Psk {}

impl fmt::Debug for Psk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Psk({} octets)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::k(K::new([0xab; 16]), "K(16 octets)")]
    #[case::op(Op::new([0xab; 16]), "Op(16 octets)")]
    #[case::opc(Opc::new([0xab; 16]), "Opc(16 octets)")]
    #[case::ck(Ck::new([0xab; 16]), "Ck(16 octets)")]
    #[case::ik(Ik::new([0xab; 16]), "Ik(16 octets)")]
    #[case::ak(Ak::new([0xab; 6]), "Ak(6 octets)")]
    #[case::ks(Ks::new([0xab; 32]), "Ks(32 octets)")]
    #[case::ks_naf(KsNaf::new([0xab; 32]), "KsNaf(32 octets)")]
    #[case::kc(Kc::new([0xab; 8]), "Kc(8 octets)")]
    #[case::sres(Sres::new([0xab; 4]), "Sres(4 octets)")]
    #[case::tls_mk_extr(TlsMkExtr::new([0xab; 48]), "TlsMkExtr(48 octets)")]
    #[case::passwd(Passwd::new([0xab; 32]), "Passwd(32 octets)")]
    #[case::k_256(K256::new([0xab; 32]), "K256(32 octets)")]
    #[case::top(Top::new([0xab; 32]), "Top(32 octets)")]
    #[case::topc(Topc::new([0xab; 32]), "Topc(32 octets)")]
    #[case::res(Res::from([0xab; 8]), "Res(8 octets)")]
    #[case::ha1_md5(Ha1::from([0xab; 16]), "Ha1(16 octets)")]
    #[case::ha1_sha_256(Ha1::from([0xab; 32]), "Ha1(32 octets)")]
    #[case::password(DigestPassword::new("open sesame"), "DigestPassword")]
    #[case::psk(Psk::new([0xab; 32]), "Psk(32 octets)")]
    fn prints_name_and_size_only(#[case] secret: impl Debug, #[case] printed: &str) {
        assert_eq!(format!("{secret:?}"), printed);
        assert_eq!(format!("{secret:#?}"), printed);
    }

    #[rstest]
    #[case::empty(0)]
    #[case::one_short(15)]
    #[case::one_long(17)]
    fn refuses_k_of_another_length(#[case] length: usize) {
        let octets = vec![0; length];
        let expected = WrongLength {
            what: "K",
            expected: 16..=16,
            actual: length,
        };
        assert_eq!(K::try_from(octets.as_slice()), Err(expected));
    }

    #[rstest]
    #[case::least(4)]
    #[case::milenage(8)]
    #[case::most(16)]
    fn takes_res_of_4_to_16_octets(#[case] length: usize) {
        let res = Res::new(&vec![7; length]).map(|res| (res.len(), res.expose().to_vec()));
        assert_eq!(res, Ok((length, vec![7; length])));
    }

    #[rstest]
    #[case::empty(0)]
    #[case::one_short(3)]
    #[case::one_long(17)]
    fn refuses_res_of_another_length(#[case] length: usize) {
        let expected = WrongLength {
            what: "RES",
            expected: 4..=16,
            actual: length,
        };
        assert_eq!(Res::new(&vec![0; length]), Err(expected));
    }

    #[test]
    fn differs_in_one_bit() {
        let mut octets = [0; 32];
        octets[31] = 1;
        assert_ne!(Ks::new([0; 32]), Ks::new(octets));
        assert_eq!(Ks::new(octets), Ks::new(octets));
    }

    #[test]
    fn differs_when_one_res_begins_the_other() {
        assert_ne!(Res::new(&[1, 2, 3, 4]), Res::new(&[1, 2, 3, 4, 0]));
    }

    #[test]
    fn is_wiped_on_drop() {
        const fn wipes<T: ZeroizeOnDrop>() {}
        wipes::<K>();
        wipes::<Res>();
        wipes::<KsNaf>();
        wipes::<TlsMkExtr>();
        wipes::<Ha1>();
        wipes::<DigestPassword>();
        wipes::<Psk>();
    }

    #[test]
    fn wipes_its_octets() {
        let mut ks = Ks::new([0xab; 32]);
        ks.zeroize();
        assert_eq!(ks.expose(), &[0; 32]);
    }
}
