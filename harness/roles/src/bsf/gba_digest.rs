//! `GBA_Digest` at a BSF (TS 24.109 clause I.2, TS 33.220 Annex M).

use data_encoding::BASE64;
use gbaspec_crypto::digest;
use gbaspec_crypto::token::Rand;

use super::{Admission, Bsf, Exchange, Expectation, RefusalReason, Switch};
use crate::channel::Channel;
use crate::role::Transport;
use crate::store::{IssuedKeys, IssuedVector, RecordKeys, SubscriberRecord};
use crate::subscriber::SubscriberKind;
use crate::text;
use crate::ub::gba_digest::{self, GbaDigestFacts};
use crate::ub::{KeyInput, ProductToken};

/// What the realm of a challenge is chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DigestChallengeFacts<'a> {
    /// The domain of the private identity.
    pub domain: &'a str,
    /// The name of this BSF.
    pub fqdn: &'a str,
}

/// The default of [`super::BsfPolicy::admit_gba_digest`]: where it is switched on, inside TLS only,
/// for a subscriber with a password whose client asks for it. A client that asks for it and may
/// not have it is rejected, never served in another way.
pub fn admit_gba_digest(admission: &Admission<'_>) -> Result<(), RefusalReason> {
    let allowed = admission.offer.gba_digest == Switch::On
        && admission.kind == SubscriberKind::Digest
        && admission.gba_digest_token == ProductToken::Present;
    if !allowed {
        return Err(RefusalReason::GbaDigestDisallowed);
    }
    match admission.transport {
        Transport::Tcp | Transport::Psk(_) => Err(RefusalReason::TlsRequired),
        Transport::Tls => Ok(()),
    }
}

/// The default of [`super::BsfPolicy::gba_digest_realm`]: the home network domain.
pub fn gba_digest_realm(facts: &DigestChallengeFacts<'_>) -> String {
    facts.domain.to_owned()
}

/// The default of [`super::BsfPolicy::gba_digest_nonce`]: base64 of the random octets.
pub fn gba_digest_nonce(rand: Rand) -> String {
    BASE64.encode(rand.as_bytes())
}

impl Bsf {
    /// The nonce of the next challenge for a subscriber with a password.
    pub(super) fn gba_digest_challenge(&mut self) -> (String, Rand, IssuedKeys) {
        let fresh = Rand::from(text::random(&mut self.generator));
        let nonce = (self.policy.gba_digest_nonce)(fresh);
        // The octets of the nonce name the session, as RAND does elsewhere.
        let octets = BASE64.decode(nonce.as_bytes()).unwrap_or_default();
        let rand = Rand::try_from(octets.as_slice()).unwrap_or(fresh);
        (nonce, rand, IssuedKeys::Digest)
    }

    /// What the answer to such a challenge is held against on this connection.
    pub(super) fn gba_digest_expectation(
        &self,
        exchange: &Exchange<'_>,
        record: &SubscriberRecord,
        issued: &IssuedVector,
    ) -> Option<Expectation> {
        let Channel::Secured(tls) = exchange.channel else {
            return None;
        };
        let ha1 = match &record.keys {
            RecordKeys::Digest(password) => digest::ha1(
                exchange.facts.hash,
                exchange.impi.as_bytes(),
                issued.terms.realm.as_bytes(),
                password.expose().as_bytes(),
            ),
            RecordKeys::Ha1 { ha1, .. } => ha1.clone(),
            _ => return None,
        };
        let facts = GbaDigestFacts {
            ha1: &ha1,
            tls_mk_extr: &tls.mk_extr,
        };
        let resp = gba_digest::resp(exchange.response());
        Some(Expectation {
            password: (self.policy.gba_digest_password)(&facts),
            rand: issued.rand,
            input: KeyInput::Nonce(issued.nonce.clone().into_bytes()),
            ks: (self.policy.gba_digest_ks)(&facts, &resp),
            vector: None,
        })
    }
}
