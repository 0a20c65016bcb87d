//! GBA with a SIM (TS 24.109 clause H.2, TS 33.220 Annex I).

use data_encoding::BASE64;
use gbaspec_crypto::gba_2g::{Nonce2g, Triplet};
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::token::KsInput;

/// What the keys of a run are made of.
#[derive(Clone, Copy, Debug)]
pub struct SecondGenerationFacts<'a> {
    /// RAND, SRES and Kc.
    pub triplet: &'a Triplet,
    /// The network's part of Ks.
    pub ks_input: KsInput,
}

/// What follows from them.
#[derive(Clone)]
pub struct SecondGenerationKeys {
    /// RES, the password of the digest.
    pub password: Vec<u8>,
    /// The bootstrapped key.
    pub ks: Ks,
}

/// The correct keys (TS 33.220 Annex I).
pub fn keys(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    SecondGenerationKeys {
        password: facts.triplet.res().expose().to_vec(),
        ks: facts.triplet.ks(facts.ks_input),
    }
}

/// The nonce of a challenge: base64 of RAND, 16 zero octets and Ks-input.
pub fn nonce(nonce: Nonce2g) -> String {
    BASE64.encode(&nonce.to_bytes())
}

/// RAND and Ks-input from the nonce of a challenge; `None` where it is no base64, not of 48
/// octets, or has something else than zeros in the place of AUTN.
pub fn read_nonce(nonce: &[u8]) -> Option<Nonce2g> {
    let octets = BASE64.decode(nonce).ok()?;
    Nonce2g::try_from(octets.as_slice()).ok()
}
