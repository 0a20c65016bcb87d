//! How a UE picks a challenge, answers it and checks the proof of the other side (RFC 7616).

use gbaspec_crypto::digest::{Password, digests_equal};
use gbaspec_wire::digest_header::{Algorithm, AuthenticationInfo, Challenge, Credentials};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{
    FreshnessFacts, NextStep, OfferedChallenges, Proof, QopOffer, ReferencePoint, RefusalFacts,
    SessionAge, Stale, Ue,
};
use crate::proof::{DigestFacts, qop_value};
use crate::role::Transport;
use crate::subscriber::SubscriberKind;
use crate::text;
use crate::ub;

/// A request with credentials whose answer has to prove that its sender knows the password.
pub(super) struct Exchange {
    pub(super) facts: DigestFacts,
    pub(super) password: Vec<u8>,
    /// The response that was sent.
    pub(super) response: String,
}

impl Ue {
    /// What follows an answer other than 200 to a request with credentials.
    pub(super) fn step_after(
        &self,
        message: &Message,
        point: ReferencePoint,
        status: u16,
        session: SessionAge,
    ) -> NextStep {
        let stale = self
            .chosen_challenge(message, point)
            .is_some_and(|(challenge, _)| challenge.stale == Some(true));
        (self.policy.after_refusal)(&RefusalFacts {
            point,
            status,
            stale: if stale { Stale::Yes } else { Stale::No },
            session,
            answers: match point {
                ReferencePoint::Ub => self.answers.0,
                ReferencePoint::Ua => self.answers.1,
            },
        })
    }

    fn transport_at(&self, point: ReferencePoint) -> Transport {
        match point {
            ReferencePoint::Ub => (self.policy.transport)(self.config.keys.kind()),
            ReferencePoint::Ua => self.config.ua_transport,
        }
    }

    /// The challenge to answer, with its nonce.
    pub(super) fn chosen_challenge(
        &self,
        message: &Message,
        point: ReferencePoint,
    ) -> Option<(Challenge, Vec<u8>)> {
        let challenges = challenges_of(message);
        let place = (self.policy.choose_challenge)(&OfferedChallenges {
            point,
            known: self.known_algorithms(point),
            challenges: &challenges,
            message,
        })?;
        let challenge = challenges.into_iter().nth(place)?;
        let nonce = challenge.nonce.clone()?;
        Some((challenge, nonce))
    }

    /// The algorithms that this UE can answer, the preferred one first.
    fn known_algorithms(&self, point: ReferencePoint) -> &[Algorithm] {
        match (point, self.config.keys.kind()) {
            (ReferencePoint::Ua, _) => &[Algorithm::Md5],
            (ReferencePoint::Ub, SubscriberKind::Usim) => &self.config.algorithms,
            (ReferencePoint::Ub, SubscriberKind::Sim) => &[Algorithm::AkaV1Md5],
            (ReferencePoint::Ub, SubscriberKind::Digest) => &[Algorithm::Sha256, Algorithm::Md5],
        }
    }

    /// The credentials that answer a challenge, and what is needed to check the answer to them.
    /// `None` where the challenge offers no usable quality of protection.
    pub(super) fn answer_to(
        &mut self,
        challenge: &Challenge,
        username: String,
        password: Vec<u8>,
        point: ReferencePoint,
        request: &Message,
    ) -> Option<(Exchange, Credentials)> {
        let values = challenge.qop.as_slice();
        let qop = (self.policy.choose_qop)(&QopOffer {
            point,
            values,
            transport: self.transport_at(point),
        })?;
        let fresh = (self.policy.freshness)(&FreshnessFacts {
            random: text::random(&mut self.generator),
            requests_before: self.requests,
        });
        self.requests = self.requests.saturating_add(1);
        let (method, target) = text::request_line(request)?;
        let facts = DigestFacts {
            hash: ub::hash_of(challenge.algorithm.as_ref()),
            username: username.into_bytes(),
            realm: challenge.realm.clone().unwrap_or_default(),
            nonce: challenge.nonce.clone().unwrap_or_default(),
            uri: target.to_vec(),
            nc: fresh.nc.into_bytes(),
            cnonce: fresh.cnonce.into_bytes(),
            session_cnonce: None,
            qop: Some(qop),
            method: method.to_vec(),
            body: request.body.clone(),
        };
        let response = (self.policy.response)(&facts, &password);
        let credentials = Credentials {
            username: Some(facts.username.clone()),
            realm: Some(facts.realm.clone()),
            nonce: Some(facts.nonce.clone()),
            uri: Some(facts.uri.clone()),
            response: Some(response.clone().into_bytes()),
            algorithm: challenge.algorithm.clone(),
            cnonce: Some(facts.cnonce.clone()),
            nc: Some(facts.nc.clone()),
            qop: Some(qop_value(qop)),
            opaque: challenge.opaque.clone(),
            ..Credentials::default()
        };
        let exchange = Exchange {
            facts,
            password,
            response,
        };
        Some((exchange, credentials))
    }
}

impl Exchange {
    /// Whether an answer proves that its sender knows the password (RFC 7616 clause 3.5).
    /// `content` takes from it what `rspauth` covers.
    pub(super) fn proof_in(&self, message: &Message, content: fn(&Message) -> Vec<u8>) -> Proof {
        let Some(field) = message.field("Authentication-Info") else {
            return Proof::Absent;
        };
        let (info, _) = AuthenticationInfo::parse(&DirectiveList::parse_info(&field.text()));
        let body = content(message);
        let expected = self
            .facts
            .input(Password::Octets(&self.password), &body)
            .rspauth();
        let valid = info.qop == self.facts.qop.map(qop_value)
            && info.cnonce.as_deref() == Some(self.facts.cnonce.as_slice())
            && info.nc.as_deref() == Some(self.facts.nc.as_slice())
            && digests_equal(&expected, info.rspauth.as_deref().unwrap_or_default());
        if valid { Proof::Valid } else { Proof::Wrong }
    }
}

/// The digest challenges of a message, in order.
fn challenges_of(message: &Message) -> Vec<Challenge> {
    message
        .fields_named("WWW-Authenticate")
        .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
        .filter(|list| {
            list.scheme
                .as_deref()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"Digest"))
        })
        .map(|list| Challenge::parse(&list).0)
        .collect()
}

/// The nonce that the other side proposes for the next request (RFC 7616 clause 3.5).
pub(super) fn nextnonce(message: &Message) -> Option<Vec<u8>> {
    let field = message.field("Authentication-Info")?;
    let list = DirectiveList::parse_info(&field.text());
    AuthenticationInfo::parse(&list).0.nextnonce
}
