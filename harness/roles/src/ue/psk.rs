//! TLS handshakes with a shared key as a UE makes them (TS 24.109 clause 5.3.3).

use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
use gbaspec_crypto::secret::{KsNaf, Psk};
use gbaspec_wire::http::Message;

use super::{Errand, KeyKind, SessionAge, State, Ue};
use crate::psk::{PskAnswer, PskHandshake, PskOffer};
use crate::role::{ClientOutcome, Moment, Output, Peer, Transport};
use crate::ua::psk::{PSK_PREFIX, ua_protocol};

/// `TLS_PSK_WITH_AES_128_GCM_SHA256` (RFC 5487), then two that older servers know: with SHA-256
/// (RFC 5487) and with SHA-1 (RFC 4279).
const SUITES: [CipherSuite; 3] = [
    CipherSuite(0x00a8),
    CipherSuite(0x00ae),
    CipherSuite(0x008c),
];

/// Every decision of a UE about a handshake with a shared key. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct UePskPolicy {
    /// Writes the identity (TS 24.109 clause 5.3.3.1: the prefix and the B-TID).
    pub identity: fn(&PskIdentityFacts<'_>) -> String,
    /// Says which name the handshake asks for, of the NAF with this one (TS 24.109 clause 5.3.3.1).
    pub server_name: fn(&str) -> Option<String>,
    /// Names the Ua protocol that the key is bound to (TS 33.220 Annex H.3).
    pub ua_protocol: fn(&PskHandshake<'_>) -> Option<UaProtocolId>,
    /// Makes the shared key from the key of the NAF (TS 24.109 clause 5.3.3.1: its octets).
    pub key: fn(&KsNaf) -> Psk,
}

impl Default for UePskPolicy {
    fn default() -> Self {
        UePskPolicy {
            identity,
            server_name: |fqdn| Some(fqdn.to_owned()),
            ua_protocol,
            key: |key| Psk::from(key),
        }
    }
}

/// What [`UePskPolicy::identity`] may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PskIdentityFacts<'a> {
    /// The transaction identifier of the session.
    pub btid: &'a str,
    /// The private identity.
    pub impi: &'a str,
}

/// The default of [`UePskPolicy::identity`].
pub fn identity(facts: &PskIdentityFacts<'_>) -> String {
    format!("{PSK_PREFIX};{}", facts.btid)
}

impl Ue {
    /// Whether this server is reached with a shared key.
    pub(super) fn shares_keys_with(&self, peer: Peer) -> bool {
        peer == Peer::Naf && matches!(self.config.ua_transport, Transport::Psk(_))
    }

    /// Begins with the session at hand, or bootstraps first: without a key there is no handshake.
    pub(super) fn start_shared(&mut self, now: Moment, errand: Errand) -> Vec<Output> {
        if self.has_session_for(now, errand.peer) {
            self.request_shared(now, errand)
        } else {
            self.start_run(now, Some(errand))
        }
    }

    /// A request without credentials: the handshake before it has proved who both ends are.
    pub(super) fn request_shared(&mut self, now: Moment, errand: Errand) -> Vec<Output> {
        self.note_use(errand.peer);
        let message = self.ua_request(now, &errand, None);
        let peer = errand.peer;
        self.send(now, peer, message, State::ExpectSharedResult { errand })
    }

    pub(super) fn shared_concluded(
        &mut self,
        now: Moment,
        message: &Message,
        status: u16,
        errand: Errand,
    ) -> Vec<Output> {
        match status {
            401 => self.ua_challenged(now, message, errand),
            200 => self.finish(ClientOutcome::Success),
            _ => self.finish(ClientOutcome::Failed),
        }
    }

    /// The NAF has refused the handshake, which is how it asks for a new run (TS 24.109
    /// clauses 5.3.3.3 and 5.3.3.4); once is enough.
    pub(super) fn unshared(&mut self, now: Moment) -> Vec<Output> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::ExpectSharedResult { errand } if errand.session == SessionAge::Earlier => {
                self.session = None;
                self.start_run(now, Some(errand))
            }
            _ => self.finish(ClientOutcome::Failed),
        }
    }

    /// What a handshake with the NAF begins with; none without a session.
    pub(super) fn offer(&self) -> Option<PskOffer> {
        let session = self.session.as_ref()?;
        let identity = (self.policy.psk.identity)(&PskIdentityFacts {
            btid: &session.btid,
            impi: &self.impi,
        });
        Some(PskOffer {
            identity: identity.into_bytes(),
            server_name: (self.policy.psk.server_name)(self.fqdn_of(Peer::Naf)),
            suites: SUITES.to_vec(),
        })
    }

    /// The key of the session for the NAF and the Ua protocol of this handshake.
    pub(super) fn shared_key(&self, handshake: &PskHandshake<'_>) -> PskAnswer {
        let policy = &self.policy.psk;
        let (Some(session), Some(protocol)) = (&self.session, (policy.ua_protocol)(handshake))
        else {
            return PskAnswer::Unknown;
        };
        let key = self.naf_key_for(session, Peer::Naf, (protocol, KeyKind::Terminal));
        PskAnswer::Key((policy.key)(&key))
    }
}
