//! The authentication vector that the harness makes as BSF.

use data_encoding::BASE64;
use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Amf, Auts, KsInput, Rand, Sqn};
use gbaspec_wire::auts;
use gbaspec_wire::nonce::AkaNonce;
use rand::RngExt as _;

use super::edit::flip_bit;
use super::{CannotCompose, Composer, Stores};
use crate::case::{SeqDistance, SqnFrom, SqnSpec, SubscriberChoice, VectorSpec, VectorSqn};
use crate::subscriber::{SubscriberKeys, Usim};
use crate::view::View;

impl Composer<'_> {
    /// A new nonce for the keys of the subscriber: RAND and AUTN (RFC 3310 3.2) with the step's
    /// deviations, RAND and Ks-input for a SIM (TS 33.220 Annex I), or random octets.
    pub(super) fn nonce(
        &self,
        spec: &VectorSpec,
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let new = Rand::from(stores.rng.random::<[u8; 16]>());
        let rand = match &spec.rand_of {
            None => new,
            Some(name) => {
                let missing = || format!("a challenge with a RAND in the message \"{name}\"");
                self.named(name)
                    .and_then(|view| view.rand_of_message())
                    .ok_or_else(|| CannotCompose { missing: missing() })?
            }
        };
        let mut octets = match &self.subscriber(spec.key).keys {
            SubscriberKeys::Usim(usim) => self.aka_challenge_of(usim, rand, spec, stores.he)?,
            SubscriberKeys::Sim(_) => {
                let ks_input = KsInput::from(stores.rng.random::<[u8; 16]>());
                Nonce2g { rand, ks_input }.to_bytes().to_vec()
            }
            SubscriberKeys::Digest(_) => rand.as_bytes().to_vec(),
        };
        octets.extend(&spec.server_data);
        octets.truncate(spec.cut_to.unwrap_or(usize::MAX));
        Ok(BASE64.encode(&octets))
    }

    /// RAND and AUTN.
    pub(super) fn aka_challenge_of(
        &self,
        usim: &Usim,
        rand: Rand,
        spec: &VectorSpec,
        he: &mut HeSqn,
    ) -> Result<Vec<u8>, CannotCompose> {
        let sqn = match &spec.sqn {
            SqnSpec::Chosen(choice) => self.chosen_sqn(*choice, he)?,
            SqnSpec::CountedFrom(counted) => self.counted_sqn(counted)?,
        };
        let amf = spec.amf.map_or(usim.amf, Amf::from);
        let mut autn = *usim.functions.autn(rand, sqn, amf).as_bytes();
        if let Some(bit) = spec.flip_mac_bit {
            flip_bit(&mut autn[8..], bit);
        }
        if let Some(bit) = spec.flip_bit {
            flip_bit(&mut autn, bit);
        }
        Ok([rand.as_bytes().as_slice(), &autn].concat())
    }

    /// The message of a step with a name, seen in its surroundings.
    fn named(&self, name: &str) -> Option<View<'_>> {
        let step = self.case.step_named(name)?;
        let index = self.transcript.message_of_step(step)?;
        View::new(self.scene, self.transcript, index)
    }

    fn counted_sqn(&self, counted: &SqnFrom) -> Result<Sqn, CannotCompose> {
        let name = &counted.message;
        let missing = || format!("an SQN of this subscriber in the message \"{name}\"");
        let from = self
            .named(name)
            .and_then(|view| view.sqn_of_message())
            .ok_or_else(|| CannotCompose { missing: missing() })?;
        let scheme = &self.scene.scheme;
        let seq = match counted.seq {
            SeqDistance::Ahead(steps) => from.seq(scheme).saturating_add(steps),
            SeqDistance::Behind(steps) => from.seq(scheme).saturating_sub(steps),
        };
        let ind = from.ind(scheme).wrapping_add(counted.ind_ahead) % scheme.slots();
        Ok(Sqn::from_parts(scheme, seq.min(scheme.max_seq()), ind).unwrap_or(from))
    }

    fn chosen_sqn(&self, choice: VectorSqn, he: &mut HeSqn) -> Result<Sqn, CannotCompose> {
        let scheme = &self.scene.scheme;
        Ok(match choice {
            VectorSqn::Next => he.advance(),
            VectorSqn::Zero => Sqn::default(),
            VectorSqn::Repeated => he.last(),
            VectorSqn::OlderInAnotherSlot => self.older_in_another_slot(he.last(), 1)?,
            VectorSqn::AtAgeLimit => self.older_in_another_slot(he.last(), self.age_limit()?)?,
            VectorSqn::WithinAgeLimit => {
                self.older_in_another_slot(he.last(), self.age_limit()?.saturating_sub(1))?
            }
            VectorSqn::AtDelta => self.newer(he.last(), scheme.delta),
            VectorSqn::JustBeyondDelta => self.newer(he.last(), scheme.delta.saturating_add(1)),
            VectorSqn::BeyondDelta => {
                let far = self.newer(he.last(), scheme.delta.saturating_mul(4));
                Sqn::from_parts(scheme, far.seq(scheme), 0).unwrap_or_default()
            }
            VectorSqn::AfterAuts => {
                let sqn_ms = self.reported_sqn_ms().ok_or_else(|| CannotCompose {
                    missing: "an AUTS in the request that is answered".to_owned(),
                })?;
                he.resynchronise(sqn_ms);
                he.advance()
            }
        })
    }

    /// An SQN so many SEQ steps above this one, in the same slot; zero where there is none.
    fn newer(&self, last: Sqn, steps: u64) -> Sqn {
        let scheme = &self.scene.scheme;
        let seq = last.seq(scheme).saturating_add(steps);
        Sqn::from_parts(scheme, seq, last.ind(scheme)).unwrap_or_default()
    }

    /// An SQN so many SEQ steps below this one, in the slot farthest from its own.
    fn older_in_another_slot(&self, last: Sqn, steps: u64) -> Result<Sqn, CannotCompose> {
        let scheme = &self.scene.scheme;
        let slots = scheme.slots();
        if slots < 2 {
            return Err(CannotCompose {
                missing: "an SQN scheme with more than one slot".to_owned(),
            });
        }
        let ind = (last.ind(scheme) + slots / 2) % slots;
        let seq = last.seq(scheme).saturating_sub(steps);
        Ok(Sqn::from_parts(scheme, seq, ind).unwrap_or_default())
    }

    fn age_limit(&self) -> Result<u64, CannotCompose> {
        let missing = || CannotCompose {
            missing: "an age limit in the profile".to_owned(),
        };
        self.scene.scheme.age_limit.ok_or_else(missing)
    }

    /// SQN_MS of the AUTS in the request that is answered.
    fn reported_sqn_ms(&self) -> Option<Sqn> {
        if let Some(opened) = self.answered()?.opened_resync() {
            return Some(opened.sqn_ms);
        }
        let list = self.answered()?.credentials_list()?;
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let auts = Auts::from(auts::decode(list.value("auts")?).ok()?);
        let usim = self.subscriber(SubscriberChoice::First).usim()?;
        Some(
            usim.functions
                .open_auts(Rand::from(nonce.rand), &auts)
                .sqn_ms,
        )
    }
}
