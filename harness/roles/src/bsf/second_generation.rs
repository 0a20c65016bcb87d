//! 2G GBA at a BSF (TS 24.109 clause H.2, TS 33.220 Annex I).

use gbaspec_crypto::gba_2g::{Nonce2g, Triplet};
use gbaspec_crypto::token::{KsInput, Rand};

use super::{Admission, Bsf, Expectation, RefusalReason, Switch};
use crate::role::Transport;
use crate::store::{IssuedKeys, IssuedVector, RecordKeys, SubscriberRecord};
use crate::text;
use crate::ub::KeyInput;
use crate::ub::second_generation::SecondGenerationFacts;

/// The default of [`super::BsfPolicy::admit_second_generation`]: where it is switched on, and
/// inside TLS only.
pub fn admit_second_generation(admission: &Admission<'_>) -> Result<(), RefusalReason> {
    if admission.offer.second_generation == Switch::Off {
        return Err(RefusalReason::SecondGenerationDisallowed);
    }
    match admission.transport {
        Transport::Tcp | Transport::Psk(_) => Err(RefusalReason::TlsRequired),
        Transport::Tls => Ok(()),
    }
}

/// What RAND and Ks-input of the next challenge are chosen from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondGenerationChoice {
    /// Random ones that were never used.
    pub fresh: Nonce2g,
    /// Those of the challenge before, if any.
    pub previous: Option<Nonce2g>,
}

/// The default of [`super::BsfPolicy::choose_second_generation`].
pub fn choose_second_generation(choice: &SecondGenerationChoice) -> Nonce2g {
    choice.fresh
}

impl Bsf {
    /// Nonce and Ks-input of the next challenge for a subscriber with a SIM.
    pub(super) fn second_generation_challenge(
        &mut self,
        impi: &str,
    ) -> Result<(String, Rand, IssuedKeys), RefusalReason> {
        let fresh = Nonce2g {
            rand: Rand::from(text::random(&mut self.generator)),
            ks_input: KsInput::from(text::random(&mut self.generator)),
        };
        let previous = self.record(impi)?.last_issued().and_then(nonce_of);
        let chosen =
            (self.policy.choose_second_generation)(&SecondGenerationChoice { fresh, previous });
        let keys = IssuedKeys::SecondGeneration(chosen.ks_input);
        Ok((
            (self.policy.second_generation_nonce)(chosen),
            chosen.rand,
            keys,
        ))
    }

    /// What the answer to such a challenge is held against.
    pub(super) fn second_generation_expectation(
        &self,
        record: &SubscriberRecord,
        rand: Rand,
        ks_input: KsInput,
    ) -> Option<Expectation> {
        let RecordKeys::Sim(functions) = &record.keys else {
            return None;
        };
        let triplet = Triplet::from_aka(functions, rand);
        let keys = (self.policy.second_generation_keys)(&SecondGenerationFacts {
            triplet: &triplet,
            ks_input,
        });
        Some(Expectation {
            password: keys.password,
            rand,
            input: KeyInput::Rand(rand),
            ks: keys.ks,
            vector: None,
        })
    }
}

fn nonce_of(issued: &IssuedVector) -> Option<Nonce2g> {
    match issued.keys {
        IssuedKeys::SecondGeneration(ks_input) => Some(Nonce2g {
            rand: issued.rand,
            ks_input,
        }),
        IssuedKeys::Aka { .. } | IssuedKeys::Digest => None,
    }
}
