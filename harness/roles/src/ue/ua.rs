//! The errands of a UE at a NAF or PKI portal (TS 24.109 clause 5, Annex E).

use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_wire::digest_header::{Challenge, Credentials};
use gbaspec_wire::http::Message;

use super::answer::{Exchange, nextnonce};
use super::pki::UaRequest;
use super::{
    CertificateCheck, DigestNafKey, Errand, IntendedIdentity, KeyKind, NafKeyFacts, NextStep,
    Proof, RealmCheck, Received, ReferencePoint, ResultFacts, SessionAge, SessionUse, State,
    TokenFacts, Ue, UeChannel, UeSession, UsernameFacts,
};
use crate::role::{ClientOutcome, Moment, Output, Peer, TlsSession};
use crate::text;
use crate::ub::KeyInput;

impl Ue {
    /// The first request to a NAF or portal.
    pub(super) fn start_errand(&mut self, now: Moment, request: UaRequest) -> Vec<Output> {
        let peer = request.peer();
        let errand = Errand {
            peer,
            request,
            challenge: self.proposed_challenge(now, peer),
            session: SessionAge::Earlier,
        };
        if self.shares_keys_with(peer) {
            return self.start_shared(now, errand);
        }
        if errand.challenge.is_some() {
            return self.answer_ua(now, errand);
        }
        let message = self.ua_request(now, &errand, None);
        self.send(now, peer, message, State::ExpectUaChallenge { errand })
    }

    /// The 401 that asks for bootstrapping (TS 24.109 clause 5.2.4).
    pub(super) fn ua_challenged(
        &mut self,
        now: Moment,
        message: &Message,
        mut errand: Errand,
    ) -> Vec<Output> {
        errand.challenge = self.ua_challenge(message, errand.peer);
        if errand.challenge.is_none() {
            return self.not_understood();
        }
        if self.has_session_for(now, errand.peer) {
            self.answer_ua(now, errand)
        } else {
            self.start_run(now, Some(errand))
        }
    }

    pub(super) fn has_session_for(&self, now: Moment, peer: Peer) -> bool {
        self.session.as_ref().is_some_and(|session| {
            (self.policy.session_is_usable)(&SessionUse {
                expires: session.expires,
                now,
                peer,
                used_at: &session.used_at,
            })
        })
    }

    /// The challenge that this server has proposed for the next request, which serves once
    /// (RFC 7616 clause 3.5).
    fn proposed_challenge(&mut self, now: Moment, peer: Peer) -> Option<Challenge> {
        if !self.has_session_for(now, peer) {
            return None;
        }
        let proposed = &mut self.session.as_mut()?.proposed;
        let place = proposed.iter().position(|(server, _)| *server == peer)?;
        Some(proposed.swap_remove(place).1)
    }

    /// Remembers what a server proposes for the next request.
    fn remember_proposal(&mut self, message: &Message, peer: Peer, challenge: Option<Challenge>) {
        let nonce = nextnonce(message).and_then(|nonce| (self.policy.next_nonce_at_naf)(&nonce));
        if let (Some(session), Some(nonce), Some(challenge)) = (&mut self.session, nonce, challenge)
        {
            let nonce = Some(nonce);
            session.proposed.retain(|(server, _)| *server != peer);
            session
                .proposed
                .push((peer, Challenge { nonce, ..challenge }));
        }
    }

    /// Learns the TLS session with the server that the next request goes to. Credentials that were
    /// made for another session are made anew, as their key is bound to its suite.
    pub(super) fn ua_secured(&mut self, now: Moment, tls: &TlsSession) -> Vec<Output> {
        let (State::ExpectUaChallenge { errand }
        | State::ExpectUaResult { errand, .. }
        | State::ExpectSharedResult { errand }) = &self.state
        else {
            return Vec::new();
        };
        let peer = errand.peer;
        let is_same = self.ua_session(peer).is_some_and(|known| {
            known.ua_protocol() == tls.ua_protocol() && known.peer_names == tls.peer_names
        });
        self.ua_sessions.retain(|(server, _)| *server != peer);
        self.ua_sessions.push((peer, tls.clone()));
        if is_same || !matches!(self.state, State::ExpectUaResult { .. }) {
            return Vec::new();
        }
        match std::mem::replace(&mut self.state, State::Idle) {
            State::ExpectUaResult { errand, .. } => {
                // The request that it takes the place of never went out.
                self.answers.1 = self.answers.1.saturating_sub(1);
                self.answer_ua(now, errand)
            }
            _ => Vec::new(),
        }
    }

    /// The last TLS session with this server, if it is reached inside TLS.
    fn ua_session(&self, peer: Peer) -> Option<&TlsSession> {
        self.ua_sessions
            .iter()
            .find(|(server, _)| *server == peer)
            .map(|(_, tls)| tls)
    }

    /// Whether the certificate of the server is the one of the host that was contacted and that the
    /// realm names (TS 24.109 clause 5.3.2). Outside of TLS there is none.
    fn trusts_certificate(&self, peer: Peer, challenge: &Challenge) -> bool {
        let realm = challenge.realm.as_deref().unwrap_or_default();
        let host = realm.rsplit(|&octet| octet == b'@').next();
        self.ua_session(peer).is_none_or(|tls| {
            let is_proved = tls.psk_identity.is_some();
            is_proved
                || (self.policy.accept_certificate)(&CertificateCheck {
                    point: ReferencePoint::Ua,
                    names: &tls.peer_names,
                    claimed: host.unwrap_or_default(),
                    contacted: self.fqdn_of(peer),
                })
        })
    }

    /// The request with the digest of the session (TS 24.109 clause 5.2.2).
    pub(super) fn answer_ua(&mut self, now: Moment, errand: Errand) -> Vec<Output> {
        if errand.challenge.is_none() && self.shares_keys_with(errand.peer) {
            return self.request_shared(now, errand);
        }
        let (Some(session), Some(challenge)) = (&self.session, &errand.challenge) else {
            return self.finish(ClientOutcome::Failed);
        };
        if !self.trusts_certificate(errand.peer, challenge) {
            return self.finish(ClientOutcome::NotAuthentic);
        }
        let kind = (self.policy.key_kind)(&self.realm_check(challenge, errand.peer));
        let key = self.naf_key(session, errand.peer, kind);
        let password = (self.policy.ua_password)(&key);
        let username = (self.policy.username)(&UsernameFacts::Ua {
            impi: &self.impi,
            btid: &session.btid,
        });
        let challenge = challenge.clone();
        let plain = self.ua_request(now, &errand, None);
        let Some((exchange, credentials)) =
            self.answer_to(&challenge, username, password, ReferencePoint::Ua, &plain)
        else {
            return self.finish(ClientOutcome::Failed);
        };
        self.answers.1 = self.answers.1.saturating_add(1);
        self.note_use(errand.peer);
        let message = self.ua_request(now, &errand, Some(&credentials));
        let peer = errand.peer;
        self.send(
            now,
            peer,
            message,
            State::ExpectUaResult { exchange, errand },
        )
    }

    /// Remembers where the session is used.
    pub(super) fn note_use(&mut self, peer: Peer) {
        if let Some(session) = &mut self.session
            && !session.used_at.contains(&peer)
        {
            session.used_at.push(peer);
        }
    }

    /// The answer to a request with credentials: believed only with a valid proof
    /// (TS 24.109 clause E.4 step 8).
    pub(super) fn ua_concluded(
        &mut self,
        now: Moment,
        received: Received<'_>,
        exchange: &Exchange,
        errand: Errand,
    ) -> Vec<Output> {
        let Received {
            message, status, ..
        } = received;
        let proof = exchange.proof_in(message, self.policy.content);
        let outcome = (self.policy.judge_result)(&ResultFacts {
            point: ReferencePoint::Ua,
            request: Some(errand.request),
            status,
            proof,
        });
        if proof == Proof::Valid {
            self.remember_proposal(message, errand.peer, errand.challenge.clone());
        }
        if status == 200 {
            let outcome = self.with_content(message, errand.request, outcome);
            return self.finish(outcome);
        }
        let step = self.step_after(message, ReferencePoint::Ua, status, errand.session);
        if step == NextStep::Stop {
            return self.finish(outcome);
        }
        // A refusal without a challenge leaves the one at hand in use.
        let challenge = self.ua_challenge(message, errand.peer).or(errand.challenge);
        let errand = Errand {
            challenge,
            ..errand
        };
        if step == NextStep::AnswerAgain {
            return self.answer_ua(now, errand);
        }
        self.session = None;
        self.start_run(now, Some(errand))
    }

    /// How an errand ends whose answer is authentic, by what came with it.
    fn with_content(
        &mut self,
        message: &Message,
        request: UaRequest,
        outcome: ClientOutcome,
    ) -> ClientOutcome {
        if outcome != ClientOutcome::Success {
            return outcome;
        }
        let body = (self.policy.content)(message);
        self.pki.receive(&self.policy.pki, request, &body)
    }

    /// The key of the session for one peer (TS 33.220 Annexes B.3 and B.6).
    fn naf_key(&self, session: &UeSession, peer: Peer, kind: KeyKind) -> KsNaf {
        let ua_id = (self.policy.ua_protocol)(&UeChannel {
            peer,
            tls: self.ua_session(peer),
        });
        self.naf_key_for(session, peer, (ua_id, kind))
    }

    /// The same for a given Ua protocol, wherever the key is.
    pub(super) fn naf_key_for(
        &self,
        session: &UeSession,
        peer: Peer,
        (ua_id, kind): (UaProtocolId, KeyKind),
    ) -> KsNaf {
        let fqdn = self.fqdn_of(peer);
        match &session.input {
            KeyInput::Rand(rand) => (self.policy.naf_key)(&NafKeyFacts {
                ks: &session.ks,
                rand: *rand,
                impi: &self.impi,
                fqdn,
                ua_id,
                kind,
            }),
            KeyInput::Nonce(nonce) => (self.policy.digest_naf_key)(&DigestNafKey {
                ks: &session.ks,
                nonce,
                impi: &self.impi,
                naf_id: &NafId::new(fqdn, ua_id),
            }),
        }
    }

    /// The challenge of a NAF whose realm this UE accepts.
    fn ua_challenge(&self, message: &Message, peer: Peer) -> Option<Challenge> {
        let (challenge, _) = self.chosen_challenge(message, ReferencePoint::Ua)?;
        let accepted = (self.policy.accept_realm)(&self.realm_check(&challenge, peer));
        accepted.then_some(challenge)
    }

    fn realm_check<'a>(&'a self, challenge: &'a Challenge, peer: Peer) -> RealmCheck<'a> {
        RealmCheck {
            realm: challenge.realm.as_deref().unwrap_or_default(),
            contacted: self.fqdn_of(peer),
            subscriber: self.config.keys.kind(),
            card: self.config.card,
        }
    }

    /// A request on Ua in the order of tables B.3-1, E.3.1-1 and E.5-1.
    pub(super) fn ua_request(
        &self,
        now: Moment,
        errand: &Errand,
        credentials: Option<&Credentials>,
    ) -> Message {
        let agent = match errand.peer {
            Peer::Portal => "SCEnrolmentAgent; Release-6",
            Peer::Bsf | Peer::Naf => "NAF1 Application Agent; Release-6",
        };
        let (fqdn, policy) = (self.fqdn_of(errand.peer), &self.policy.pki);
        let (method, target) = self.pki.request_line(policy, errand.request, fqdn);
        let tokens = (self.policy.product_tokens)(&TokenFacts {
            subscriber: self.config.keys.kind(),
            card: self.config.card,
        });
        let mut message = Message::request(&format!("{method} {target} HTTP/1.1"));
        message.push("Host", fqdn);
        if errand.request == UaRequest::Enrolment {
            message.push("Content-Type", (policy.media_type)());
            message = text::with_body(message, self.pki.certification_request(policy));
        }
        message.push("User-Agent", format!("{agent} {tokens}"));
        message.push("Date", text::http_date(now));
        message.push("Accept", "*/*");
        let identity = (self.policy.intended_identity)(&IntendedIdentity {
            impi: &self.impi,
            public: self.config.public_identity.as_deref(),
        });
        if let Some(identity) = identity.filter(|_| errand.peer == Peer::Naf) {
            message.push("X-3GPP-Intended-Identity", identity);
        }
        if let Some(credentials) = credentials {
            message.push("Authorization", credentials.emit());
        }
        message
    }
}
