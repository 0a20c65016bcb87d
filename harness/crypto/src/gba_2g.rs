//! GBA with a SIM, which has Kc and SRES only (TS 33.220 Annex I).

use std::error::Error;
use std::fmt;

use zeroize::Zeroizing;

use crate::aka::AkaFunctions;
use crate::kdf::{FC_GBA, kdf};
use crate::length::WrongLength;
use crate::secret::{Ck, Ik, Kc, Ks, Res, Sres};
use crate::token::{KsInput, Rand, part};

/// The triplet of GSM (TS 33.102 clause 6.8.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Triplet {
    /// The challenge.
    pub rand: Rand,
    /// The response of the SIM.
    pub sres: Sres,
    /// The cipher key of the SIM.
    pub kc: Kc,
}

impl Triplet {
    /// The triplet that the functions of AKA give by conversion.
    pub fn from_aka(functions: &AkaFunctions, rand: Rand) -> Self {
        Self {
            rand,
            sres: sres(&functions.f2(rand)),
            kc: kc(&functions.f3(rand), &functions.f4(rand)),
        }
    }

    /// RES, the password on Ub: the first 16 octets of the derivation from `3gpp-gba-res` and SRES
    /// (TS 33.220 Annex I).
    pub fn res(&self) -> Res {
        let params: [&[u8]; 2] = [b"3gpp-gba-res", self.sres.expose()];
        let octets = Zeroizing::new(kdf(&*self.key(), FC_GBA, &params));
        Res::from(part::<0, 16, _>(&octets))
    }

    /// Ks, derived from Ks-input, `3gpp-gba-ks` and SRES in this order (TS 33.220 Annex I).
    pub fn ks(&self, ks_input: KsInput) -> Ks {
        let params: [&[u8]; 3] = [ks_input.as_bytes(), b"3gpp-gba-ks", self.sres.expose()];
        Ks::new(kdf(&*self.key(), FC_GBA, &params))
    }

    /// The key of both derivations, Kc || Kc || RAND.
    fn key(&self) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        key[..8].copy_from_slice(self.kc.expose());
        key[8..16].copy_from_slice(self.kc.expose());
        key[16..].copy_from_slice(self.rand.as_bytes());
        key
    }
}

/// SRES by the conversion function c2: RES is filled with zeros to 16 octets, and its four words
/// are added without carry (TS 33.102 clause 6.8.1.2).
pub fn sres(res: &Res) -> Sres {
    let mut octets = [0; Sres::LEN];
    for word in res.expose().chunks(Sres::LEN) {
        for (sum, octet) in octets.iter_mut().zip(word) {
            *sum ^= octet;
        }
    }
    Sres::new(octets)
}

/// Kc by the conversion function c3: the halves of CK and IK are added without carry
/// (TS 33.102 clause 6.8.1.2).
pub fn kc(ck: &Ck, ik: &Ik) -> Kc {
    let (ck, ik) = (ck.expose(), ik.expose());
    Kc::new(std::array::from_fn(|i| {
        ck[i] ^ ck[i + 8] ^ ik[i] ^ ik[i + 8]
    }))
}

/// What a nonce of 2G GBA encodes: RAND, 16 zero octets where AUTN stands in AKA, and Ks-input
/// (TS 33.220 Annex I).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce2g {
    /// The challenge.
    pub rand: Rand,
    /// The network's part of Ks.
    pub ks_input: KsInput,
}

impl Nonce2g {
    /// The length in octets.
    pub const LEN: usize = 48;

    /// The 48 octets, which the header carries in base64.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut octets = [0; Self::LEN];
        octets[..16].copy_from_slice(self.rand.as_bytes());
        octets[32..].copy_from_slice(self.ks_input.as_bytes());
        octets
    }
}

impl TryFrom<&[u8]> for Nonce2g {
    type Error = NotNonce2g;

    fn try_from(octets: &[u8]) -> Result<Self, NotNonce2g> {
        let octets: &[u8; Self::LEN] = octets.try_into().map_err(|_| {
            NotNonce2g::Length(WrongLength::fixed("nonce", Self::LEN, octets.len()))
        })?;
        if part::<16, 16, _>(octets) != [0; 16] {
            return Err(NotNonce2g::AutnNotZero);
        }
        Ok(Self {
            rand: Rand::from(part::<0, 16, _>(octets)),
            ks_input: KsInput::from(part::<32, 16, _>(octets)),
        })
    }
}

/// Why octets are no nonce of 2G GBA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotNonce2g {
    /// They are not 48.
    Length(WrongLength),
    /// The second 16 octets, where AUTN stands in AKA, are not all zero.
    AutnNotZero,
}

impl fmt::Display for NotNonce2g {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length(error) => error.fmt(f),
            Self::AutnNotZero => f.write_str("the octets in the place of AUTN are not all zero"),
        }
    }
}

impl Error for NotNonce2g {}
