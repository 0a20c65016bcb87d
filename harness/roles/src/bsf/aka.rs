//! Digest AKA at a BSF: vectors, synchronisation failures and passwords (RFC 3310, RFC 4169).

use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::token::{Rand, Sqn};
use gbaspec_wire::http::Message;

use super::home::Stop;
use super::{
    AnsweredRand, Bsf, Exchange, Expectation, RefusalReason, ResyncDecision, ResyncRequest,
    ResyncResponse,
};
use crate::auc::{VectorOrder, VectorSeed};
use crate::role::Moment;
use crate::store::{IssuedKeys, IssuedVector, RecordKeys, SubscriberRecord, VectorCause};
use crate::text;
use crate::ub::KeyInput;
use crate::ub::aka::AkaPasswordFacts;

impl Bsf {
    /// Nonce and vector of the next challenge for a subscriber with a USIM.
    pub(super) fn aka_challenge(
        &mut self,
        now: Moment,
        impi: &str,
        cause: VectorCause,
    ) -> Result<(String, Rand, IssuedKeys), RefusalReason> {
        if let RecordKeys::Vector(vector) = &self.record(impi)?.keys {
            let vector = vector.clone();
            let nonce = (self.policy.nonce)(vector.rand, vector.autn);
            return Ok((nonce, vector.rand, IssuedKeys::Aka { vector, sqn: None }));
        }
        let fresh_rand = Rand::from(text::random(&mut self.generator));
        let policy = self.policy;
        let record = self.record_mut(impi)?;
        let previous = record.last_issued().and_then(seed_of);
        let usim = record.usim_mut().ok_or(RefusalReason::UnknownIdentity)?;
        let order = VectorOrder {
            fresh_rand,
            previous,
            cause,
        };
        let (vector, sqn) = usim.next_vector(now, &order, policy.choose_vector);
        let nonce = (policy.nonce)(vector.rand, vector.autn);
        let sqn = Some(sqn);
        Ok((nonce, vector.rand, IssuedKeys::Aka { vector, sqn }))
    }

    /// The answer to a request with an AUTS (TS 24.109 clause 4.5, TS 33.102 clause 6.3.5).
    pub(super) fn resynchronise(
        &mut self,
        now: Moment,
        exchange: &Exchange<'_>,
    ) -> Result<Message, Stop> {
        let issued_rand = self.usable(exchange).map(|issued| issued.rand);
        let policy = self.policy;
        let record = self.record_mut(&exchange.impi)?;
        let latest_rand = record.last_issued().map(|issued| issued.rand);
        let usim = record.usim_mut().ok_or(RefusalReason::UnexpectedAuts)?;
        let response = if exchange.response_is(Password::Empty) {
            ResyncResponse::Right
        } else {
            ResyncResponse::Wrong
        };
        let decision = (policy.resynchronise)(&ResyncRequest {
            functions: &usim.functions,
            counter: &usim.counter,
            client_rand: exchange.rand(),
            issued_rand,
            latest_rand,
            amf: usim.amf,
            auts: exchange.credentials.auts.as_deref().unwrap_or_default(),
            response,
        });
        match decision {
            ResyncDecision::Resynchronise(sqn_ms) => {
                usim.resynchronise(now, sqn_ms, policy.reset_counter);
                self.subscribers.spend(&exchange.nonce);
                let cause = VectorCause::Resynchronisation;
                self.challenge(now, &exchange.impi, exchange.kind, cause)
            }
            ResyncDecision::ChallengeAgain => {
                self.challenge(now, &exchange.impi, exchange.kind, VectorCause::Failure)
            }
            ResyncDecision::Refuse(reason) => Err(reason.into()),
        }
    }

    /// What the answer to a vector is held against.
    pub(super) fn aka_expectation(
        &self,
        exchange: &Exchange<'_>,
        record: &SubscriberRecord,
        issued: &AuthenticationVector,
        sqn: Option<Sqn>,
    ) -> Option<Expectation> {
        let rand = (self.policy.answered_rand)(&AnsweredRand {
            issued: issued.rand,
            client: exchange.rand(),
        });
        let vector = match &record.keys {
            RecordKeys::Usim(usim) if rand != issued.rand => {
                usim.functions.vector(rand, sqn?, usim.amf)
            }
            RecordKeys::Usim(_) | RecordKeys::Vector(_) => issued.clone(),
            RecordKeys::Sim(_) | RecordKeys::Digest(_) | RecordKeys::Ha1 { .. } => return None,
        };
        let rand = vector.rand;
        let algorithm = exchange.credentials.algorithm.as_ref();
        let facts = AkaPasswordFacts::new(algorithm, &vector);
        let password = (self.policy.aka_password)(&facts);
        Some(Expectation {
            password,
            rand,
            input: KeyInput::Rand(rand),
            ks: vector.ks(),
            vector: Some(vector),
        })
    }
}

impl Expectation {
    /// What the password was made of, in Digest AKA.
    pub(super) fn aka<'a>(&'a self, exchange: &'a Exchange<'_>) -> Option<AkaPasswordFacts<'a>> {
        let algorithm = exchange.credentials.algorithm.as_ref();
        let vector = self.vector.as_ref()?;
        Some(AkaPasswordFacts::new(algorithm, vector))
    }
}

fn seed_of(issued: &IssuedVector) -> Option<VectorSeed> {
    match issued.keys {
        IssuedKeys::Aka { sqn, .. } => Some(VectorSeed {
            rand: issued.rand,
            sqn: sqn?,
        }),
        IssuedKeys::SecondGeneration(_) | IssuedKeys::Digest => None,
    }
}
