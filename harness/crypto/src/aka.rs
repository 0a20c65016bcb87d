//! Tokens and vectors of AKA, made from any set of f1 to f5* (TS 33.102 clause 6.3).

use subtle::ConstantTimeEq;

use crate::kdf;
use crate::milenage::Milenage;
use crate::secret::{Ak, Ck, Ik, Ks, Res};
use crate::token::{Amf, Autn, Auts, MacA, MacS, Rand, Sqn};
use crate::tuak::Tuak;

/// The authentication functions of one subscriber, with the keys inside.
#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a run has a handful of subscribers, nearly all of them with Milenage"
)]
pub enum AkaFunctions {
    /// The example set of TS 35.206.
    Milenage(Milenage),
    /// The set of TS 35.231.
    Tuak(Tuak),
}

impl AkaFunctions {
    /// f1: the network authentication code MAC-A.
    pub fn f1(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacA {
        match self {
            Self::Milenage(functions) => functions.f1(rand, sqn, amf),
            Self::Tuak(functions) => functions.f1(rand, sqn, amf),
        }
    }

    /// f1*: the resynchronisation authentication code MAC-S.
    pub fn f1_star(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacS {
        match self {
            Self::Milenage(functions) => functions.f1_star(rand, sqn, amf),
            Self::Tuak(functions) => functions.f1_star(rand, sqn, amf),
        }
    }

    /// f2: the response RES.
    pub fn f2(&self, rand: Rand) -> Res {
        match self {
            Self::Milenage(functions) => functions.f2(rand),
            Self::Tuak(functions) => functions.f2(rand),
        }
    }

    /// f3: the cipher key CK.
    pub fn f3(&self, rand: Rand) -> Ck {
        match self {
            Self::Milenage(functions) => functions.f3(rand),
            Self::Tuak(functions) => functions.f3(rand),
        }
    }

    /// f4: the integrity key IK.
    pub fn f4(&self, rand: Rand) -> Ik {
        match self {
            Self::Milenage(functions) => functions.f4(rand),
            Self::Tuak(functions) => functions.f4(rand),
        }
    }

    /// f5: the anonymity key AK of AUTN.
    pub fn f5(&self, rand: Rand) -> Ak {
        match self {
            Self::Milenage(functions) => functions.f5(rand),
            Self::Tuak(functions) => functions.f5(rand),
        }
    }

    /// f5*: the anonymity key AK* of AUTS.
    pub fn f5_star(&self, rand: Rand) -> Ak {
        match self {
            Self::Milenage(functions) => functions.f5_star(rand),
            Self::Tuak(functions) => functions.f5_star(rand),
        }
    }

    /// AUTN = (SQN xor AK) || AMF || MAC-A (TS 33.102 clause 6.3.2).
    pub fn autn(&self, rand: Rand, sqn: Sqn, amf: Amf) -> Autn {
        let concealed = xor(sqn.to_bytes(), &self.f5(rand));
        Autn::from_parts(concealed, amf, self.f1(rand, sqn, amf))
    }

    /// Uncovers SQN and checks MAC-A, as a USIM does first (TS 33.102 clause 6.3.3).
    ///
    /// Whether SQN is fresh is a later question: see [`UsimSqn`](crate::sqn::UsimSqn).
    pub fn open_autn(&self, rand: Rand, autn: &Autn) -> OpenedAutn {
        let sqn = Sqn::from_bytes(xor(autn.concealed_sqn(), &self.f5(rand)));
        let amf = autn.amf();
        let mac = MacCheck::of(self.f1(rand, sqn, amf).as_ref(), autn.mac().as_ref());
        OpenedAutn { sqn, amf, mac }
    }

    /// AUTS = (`SQN_MS` xor AK*) || MAC-S, with the all-zero AMF* (TS 33.102 clause 6.3.3).
    pub fn auts(&self, rand: Rand, sqn_ms: Sqn) -> Auts {
        self.auts_with_amf(rand, sqn_ms, Amf::RESYNC)
    }

    /// AUTS whose MAC-S is computed with this AMF; only [`Amf::RESYNC`] makes a right one.
    pub fn auts_with_amf(&self, rand: Rand, sqn_ms: Sqn, amf: Amf) -> Auts {
        let concealed = xor(sqn_ms.to_bytes(), &self.f5_star(rand));
        Auts::from_parts(concealed, self.f1_star(rand, sqn_ms, amf))
    }

    /// Uncovers `SQN_MS` and checks MAC-S, as an `AuC` does (TS 33.102 clause 6.3.5).
    pub fn open_auts(&self, rand: Rand, auts: &Auts) -> OpenedAuts {
        let sqn_ms = Sqn::from_bytes(xor(auts.concealed_sqn(), &self.f5_star(rand)));
        let right = self.f1_star(rand, sqn_ms, Amf::RESYNC);
        OpenedAuts {
            sqn_ms,
            mac: MacCheck::of(right.as_ref(), auts.mac_s().as_ref()),
        }
    }

    /// The vector for this RAND, SQN and AMF (TS 33.102 clause 6.3.2).
    pub fn vector(&self, rand: Rand, sqn: Sqn, amf: Amf) -> AuthenticationVector {
        AuthenticationVector {
            rand,
            autn: self.autn(rand, sqn, amf),
            xres: self.f2(rand),
            ck: self.f3(rand),
            ik: self.f4(rand),
        }
    }
}

/// An authentication vector, the quintet of TS 33.102 clause 6.3.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticationVector {
    /// The challenge.
    pub rand: Rand,
    /// The token that proves the network.
    pub autn: Autn,
    /// The response to expect.
    pub xres: Res,
    /// The cipher key.
    pub ck: Ck,
    /// The integrity key.
    pub ik: Ik,
}

impl AuthenticationVector {
    /// Ks = CK || IK (TS 33.220 clause 4.5.2).
    pub fn ks(&self) -> Ks {
        kdf::ks(&self.ck, &self.ik)
    }
}

/// What the holder of K reads in an AUTN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedAutn {
    /// The uncovered sequence number; it means nothing unless `mac` is valid.
    pub sqn: Sqn,
    /// AMF, which travels in clear.
    pub amf: Amf,
    /// Whether MAC-A is right.
    pub mac: MacCheck,
}

/// What the holder of K reads in an AUTS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenedAuts {
    /// The uncovered sequence number; it means nothing unless `mac` is valid.
    pub sqn_ms: Sqn,
    /// Whether MAC-S is right.
    pub mac: MacCheck,
}

/// The outcome of a comparison of authentication codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacCheck {
    /// The codes are equal.
    Valid,
    /// The codes differ: the token is forged, damaged, or made with another key.
    Mismatch,
}

impl MacCheck {
    fn of(right: &[u8], received: &[u8]) -> Self {
        if bool::from(right.ct_eq(received)) {
            Self::Valid
        } else {
            Self::Mismatch
        }
    }
}

fn xor(sqn: [u8; 6], ak: &Ak) -> [u8; 6] {
    let ak = ak.expose();
    std::array::from_fn(|i| sqn[i] ^ ak[i])
}
