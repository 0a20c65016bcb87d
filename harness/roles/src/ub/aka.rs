//! The password of Digest AKA (RFC 3310 clause 3.3, RFC 4169 clause 2.1).

use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::akav2;
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::secret::{Ck, Ik, Res};
use gbaspec_wire::digest_header::Algorithm;

/// What a decision on the password of Digest AKA looks at.
#[derive(Clone, Copy, Debug)]
pub struct AkaPasswordFacts<'a> {
    /// The algorithm of the challenge that is answered.
    pub algorithm: &'a Algorithm,
    /// RES of the vector.
    pub res: &'a Res,
    /// CK of the vector.
    pub ck: &'a Ck,
    /// IK of the vector.
    pub ik: &'a Ik,
}

impl<'a> AkaPasswordFacts<'a> {
    /// The facts of a vector; no algorithm counts as version 1.
    pub fn new(algorithm: Option<&'a Algorithm>, vector: &'a AuthenticationVector) -> Self {
        AkaPasswordFacts {
            algorithm: algorithm.unwrap_or(&Algorithm::AkaV1Md5),
            res: &vector.xres,
            ck: &vector.ck,
            ik: &vector.ik,
        }
    }

    /// The hash of version 2; `None` with version 1.
    pub fn version_two(&self) -> Option<Hash> {
        match self.algorithm {
            Algorithm::AkaV2Md5 => Some(Hash::Md5),
            Algorithm::AkaV2Sha256 => Some(Hash::Sha256),
            _ => None,
        }
    }
}

/// The correct password: RES itself in version 1, the keyed hash of RES, IK and CK as base64 text
/// in version 2.
pub fn password(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    match facts.version_two() {
        None => facts.res.expose().to_vec(),
        Some(hash) => akav2::password(hash, facts.res, facts.ik, facts.ck)
            .as_bytes()
            .to_vec(),
    }
}
