//! The AUTS that the harness makes as UE.

use data_encoding::BASE64;
use gbaspec_crypto::token::{Amf, Sqn};

use super::edit::flip_bit;
use super::{CannotCompose, Composer};
use crate::case::{AutsAmf, Send, SqnMs, SubscriberChoice};

impl Composer<'_> {
    /// AUTS as base64, with what a step puts into its text.
    pub(super) fn auts(&self, send: &Send) -> Result<String, CannotCompose> {
        let mut text = BASE64.encode(&self.auts_octets(send)?);
        text.insert_str(text.len() / 2, &send.auts.junk);
        Ok(text)
    }

    /// AUTS for the challenge that is answered (TS 33.102 6.3.3), with the step's deviations.
    pub(super) fn auts_octets(&self, send: &Send) -> Result<Vec<u8>, CannotCompose> {
        let (rand, autn) = self.aka_challenge(send)?;
        let scheme = &self.scene.scheme;
        // The SQN is read with the key that belongs to the challenge, whoever makes the AUTS.
        let received = self
            .usim(send.subscriber)?
            .functions
            .open_autn(rand, &autn)
            .sqn;
        let seq = match send.auts.sqn_ms {
            SqnMs::Ahead(steps) => received.seq(scheme).saturating_add(steps),
            SqnMs::Behind(steps) => received.seq(scheme).saturating_sub(steps),
        };
        let sqn_ms = Sqn::from_parts(scheme, seq, received.ind(scheme)).unwrap_or(received);
        let amf = match send.auts.amf {
            AutsAmf::Zero => Amf::RESYNC,
            AutsAmf::OfChallenge => autn.amf(),
        };
        let key = match send.auts.key {
            SubscriberChoice::First => self.usim(send.subscriber)?,
            other => self.usim(other)?,
        };
        let mut octets = key
            .functions
            .auts_with_amf(rand, sqn_ms, amf)
            .as_bytes()
            .to_vec();
        if let Some(bit) = send.auts.flip_bit {
            flip_bit(&mut octets, bit);
        }
        if let Some(length) = send.auts.octets {
            octets.resize(length.into(), 0);
        }
        Ok(octets)
    }
}
