//! GBA with a password inside TLS, `GBA_Digest` (TS 24.109 clause I.2, TS 33.220 Annexes B.5 and M).
//!
//! No text at hand says in which form H(A1) and RESP enter the derivations and how passwd becomes
//! the password of the digest. The roles take octets for the former and base64 text for the latter.

use data_encoding::HEXLOWER_PERMISSIVE;
use gbaspec_crypto::gba_digest::{self, HashForm, PasswdForm};
use gbaspec_crypto::secret::{Ha1, Ks, TlsMkExtr};

/// The product token of a client that wants to use it.
pub const TOKEN: &str = "GBA_Digest";

/// What the keys of a run are made of.
#[derive(Clone, Copy, Debug)]
pub struct GbaDigestFacts<'a> {
    /// H(A1) of private identity, realm and the subscriber's password.
    pub ha1: &'a Ha1,
    /// What the TLS session exports.
    pub tls_mk_extr: &'a TlsMkExtr,
}

/// The correct password of the digest: passwd as base64 text.
pub fn password(facts: &GbaDigestFacts<'_>) -> Vec<u8> {
    let passwd = gba_digest::passwd(HashForm::Octets, facts.ha1, facts.tls_mk_extr);
    PasswdForm::Base64.password(&passwd).to_vec()
}

/// The correct bootstrapped key; `resp` is what the digits of `response` stand for.
pub fn ks(facts: &GbaDigestFacts<'_>, resp: &[u8]) -> Ks {
    gba_digest::ks(HashForm::Octets, facts.ha1, facts.tls_mk_extr, resp)
}

/// The octets that the digits of a `response` stand for; none where it is no hexadecimal text.
pub(crate) fn resp(response: &[u8]) -> Vec<u8> {
    HEXLOWER_PERMISSIVE.decode(response).unwrap_or_default()
}
