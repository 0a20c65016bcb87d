//! The temporary private identity, TMPI (TS 33.220 clause 4.5.2 and Annex B.4).

use gbaspec_crypto::kdf;
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::token::Rand;

use super::ProductToken;

/// The product token of a side that can do TMPI.
pub const TOKEN: &str = "3gpp-gba-tmpi";

/// The domain of each TMPI.
const DOMAIN: &str = "@tmpi.bsf.3gppnetwork.org";

/// What a decision on the TMPI after a successful run looks at.
#[derive(Clone, Copy, Debug)]
pub struct TmpiFacts<'a> {
    /// Ks of the run.
    pub ks: &'a Ks,
    /// RAND of the run.
    pub rand: Rand,
    /// The private identity.
    pub impi: &'a str,
    /// The name of the BSF.
    pub bsf_fqdn: &'a str,
    /// Whether the other side said that it can do TMPI.
    pub token: ProductToken,
    /// The TMPI that was in use before the run.
    pub previous: Option<&'a str>,
}

/// The correct TMPI after a successful run: a new one if both sides can do it, otherwise none. It
/// takes the place of the previous one (TS 33.220 clause 4.5.2).
pub fn tmpi(facts: &TmpiFacts<'_>) -> Option<String> {
    match facts.token {
        ProductToken::Present => Some(derived(facts)),
        ProductToken::Absent => None,
    }
}

/// The TMPI of a run (TS 33.220 Annex B.4).
pub fn derived(facts: &TmpiFacts<'_>) -> String {
    kdf::tmpi(facts.ks, facts.rand, facts.impi, facts.bsf_fqdn)
}

/// Whether an identity has the form of a TMPI.
pub fn is_tmpi(identity: &str) -> bool {
    identity.ends_with(DOMAIN)
}
