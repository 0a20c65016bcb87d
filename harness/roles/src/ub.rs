//! What both ends of Ub compute in the same way, each behind a decision of its own policy.

pub mod aka;
pub mod gba_digest;
pub mod second_generation;
pub mod tmpi;

use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::kdf::{self, NafId};
use gbaspec_crypto::secret::{Ks, KsNaf};
use gbaspec_crypto::token::Rand;
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;
use gbaspec_wire::product;

/// What stands beside Ks in the derivation of the keys of NAFs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyInput {
    /// RAND of the run, where a card took part (TS 33.220 Annex B.3).
    Rand(Rand),
    /// The text of the nonce, in `GBA_Digest` (TS 33.220 Annex B.6).
    Nonce(Vec<u8>),
}

impl KeyInput {
    /// `Ks_NAF` of a session with this input.
    pub fn ks_naf(&self, ks: &Ks, impi: &str, naf_id: &NafId) -> KsNaf {
        match self {
            KeyInput::Rand(rand) => kdf::ks_naf(ks, *rand, impi, naf_id),
            KeyInput::Nonce(nonce) => gbaspec_crypto::gba_digest::ks_naf(ks, nonce, impi, naf_id),
        }
    }
}

/// Whether a product token stands in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProductToken {
    /// It is there.
    Present,
    /// It is not.
    Absent,
}

/// Whether a product token stands in one of the headers of this name.
pub(crate) fn product_token(message: &Message, header: &str, token: &str) -> ProductToken {
    let is_there = message
        .fields_named(header)
        .any(|field| product::has_token(&field.text(), token));
    if is_there {
        ProductToken::Present
    } else {
        ProductToken::Absent
    }
}

/// The hash of a digest algorithm. One that nobody knows counts as MD5, which RFC 7616 clause 3.3
/// takes where none is named; a correct role does not use it.
pub(crate) fn hash_of(algorithm: Option<&Algorithm>) -> Hash {
    match algorithm {
        Some(Algorithm::Sha256 | Algorithm::Sha256Sess | Algorithm::AkaV2Sha256) => Hash::Sha256,
        Some(Algorithm::Sha512Trunc256 | Algorithm::Sha512Trunc256Sess) => Hash::Sha512Trunc256,
        _ => Hash::Md5,
    }
}
