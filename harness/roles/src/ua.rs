//! The digest server half that the NAF and the PKI portal share (TS 24.109 clause 5.2).

pub mod keys;
mod policy;
pub mod psk;

use std::collections::VecDeque;

use gbaspec_crypto::kdf::NafId;
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::http::Message;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use keys::Enrolment;
pub use policy::{
    ChallengeFacts, KeyAge, KeyName, NonceCount, Presence, REALM_PREFIX, Rejection,
    RejectionAnswer, RequestFacts, Service, Staleness, UaChannel, UaPolicy, accept_nonce_count,
    accept_qop, challenge, key_is_valid, must_authenticate, names_key, nonce, password, reject,
    ua_protocol,
};

use crate::channel::Channel;
use crate::proof::{DigestFacts, InfoFacts, ResponseCheck};
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::Moment;
use crate::text;
use keys::{CachedKey, KeyCache, KeySource, NafKey, ZnRefusal};

/// How many nonces stay known; the oldest is forgotten first, which costs its owner one more
/// challenge.
const NONCES: usize = 1024;

/// The digest server of a NAF or portal.
pub(crate) struct UaServer {
    fqdn: String,
    service: Service,
    keys: KeyCache,
    nonces: VecDeque<KnownNonce>,
    opaque: String,
    server: &'static str,
    pub(crate) policy: UaPolicy,
    generator: ChaCha8Rng,
}

/// Who sent a request, proved by its digest.
pub(crate) struct Authenticated {
    pub(crate) key: NafKey,
    facts: DigestFacts,
    password: Vec<u8>,
}

struct KnownNonce {
    text: String,
    highest: u32,
}

/// What a server half is set up with.
pub(crate) struct UaConfig {
    pub(crate) fqdn: String,
    pub(crate) service: Service,
    pub(crate) source: Box<dyn KeySource>,
    pub(crate) server: &'static str,
}

impl UaServer {
    pub(crate) fn new(config: UaConfig, policy: UaPolicy, seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        let opaque = text::hex(&text::random::<16>(&mut generator));
        UaServer {
            fqdn: config.fqdn,
            service: config.service,
            keys: KeyCache::new(config.source),
            nonces: VecDeque::new(),
            opaque,
            server: config.server,
            policy,
            generator,
        }
    }

    pub(crate) fn fqdn(&self) -> &str {
        &self.fqdn
    }

    /// The head of an answer, up to the fields that depend on its kind.
    pub(crate) fn response(&self, now: Moment, status: u16) -> Message {
        text::response(status, self.server, now)
    }

    /// Finds out who sent the request: `Ok(None)` where the policy lets it pass without proof,
    /// `Err` with the answer that rejects it.
    pub(crate) fn authenticate(
        &mut self,
        now: Moment,
        request: &Message,
        channel: &Channel,
    ) -> Result<Option<Authenticated>, Message> {
        let (method, target) = text::request_line(request).unwrap_or_default();
        let authorization = match request.field("Authorization") {
            Some(_) => Presence::Present,
            None => Presence::Absent,
        };
        let facts = RequestFacts {
            method,
            target,
            authorization,
            transport: channel.transport(),
        };
        if !(self.policy.must_authenticate)(&facts) {
            return Ok(None);
        }
        if authorization == Presence::Absent {
            return Err(self.rejected(now, Rejection::NoCredentials));
        }
        self.verify(now, request, target, channel)
            .map(Some)
            .map_err(|rejection| self.rejected(now, rejection))
    }

    /// Answers a handshake with a shared key (TS 24.109 clause 5.3.3.1).
    pub(crate) fn shared_key(&mut self, now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        let policy = self.policy.psk;
        let (Some(btid), Some(protocol)) = (
            (policy.btid)(handshake.identity),
            (policy.ua_protocol)(handshake),
        ) else {
            return (policy.unknown)();
        };
        let naf_id = NafId::new(&self.fqdn, protocol);
        let (keys, _) = self
            .keys
            .with(now, btid.as_bytes(), &naf_id, self.policy.has_key);
        let named = keys.iter().find(|known| {
            let expires = known.key.expires;
            let name = known.name(btid.as_bytes(), &naf_id);
            (self.policy.names_key)(&name) && (self.policy.key_is_valid)(&KeyAge { expires, now })
        });
        named.map_or_else(policy.unknown, |known| {
            PskAnswer::Key((policy.key)(&known.key.key))
        })
    }

    /// Adds `Authentication-Info` over `body` to an answer (RFC 7616 clause 3.5).
    pub(crate) fn sign(&self, to: &Authenticated, status: u16, body: &[u8], answer: &mut Message) {
        let info = (self.policy.authentication_info)(&InfoFacts {
            aka: None,
            facts: &to.facts,
            password: &to.password,
            body,
            status,
        });
        if let Some(info) = info {
            answer.push("Authentication-Info", info.emit());
        }
    }

    /// The answer to bytes that are no request.
    pub(crate) fn malformed(&self, now: Moment) -> Message {
        text::with_body(self.response(now, 400), b"")
    }

    fn verify(
        &mut self,
        now: Moment,
        request: &Message,
        target: &[u8],
        channel: &Channel,
    ) -> Result<Authenticated, Rejection> {
        let credentials =
            (self.policy.read_credentials)(request).map_err(|_| Rejection::MalformedCredentials)?;
        let received = self.check_directives(&credentials, target)?;
        let facts = DigestFacts::of_request(request, &credentials);
        let response = credentials.response.as_deref().unwrap_or_default();
        let naf_id = self.naf_id(channel);
        let (key, password) = self.matching_key(now, &facts, response, &naf_id)?;
        if !(self.policy.accept_qop)(facts.qop) {
            return Err(Rejection::WeakProtection);
        }
        self.use_nonce(&facts.nonce, received)?;
        Ok(Authenticated {
            key,
            facts,
            password,
        })
    }

    /// What a key for this connection is derived with (TS 33.220 Annex H.3).
    fn naf_id(&self, channel: &Channel) -> NafId {
        let protocol = (self.policy.ua_protocol)(&UaChannel {
            service: self.service,
            tls: channel.tls(),
        });
        NafId::new(&self.fqdn, protocol)
    }

    /// The key that the username names, as the password that made the response. A username names
    /// at most one key, unless the policy says otherwise.
    fn matching_key(
        &mut self,
        now: Moment,
        facts: &DigestFacts,
        response: &[u8],
        naf_id: &NafId,
    ) -> Result<(NafKey, Vec<u8>), Rejection> {
        let (keys, refusal) = self
            .keys
            .with(now, &facts.username, naf_id, self.policy.has_key);
        let named = keys.iter().filter(|known| {
            let expires = known.key.expires;
            let name = known.name(&facts.username, naf_id);
            (self.policy.names_key)(&name) && (self.policy.key_is_valid)(&KeyAge { expires, now })
        });
        let mut why = match refusal {
            Some(ZnRefusal::NotAuthorized) => Rejection::NotAuthorized,
            Some(ZnRefusal::UnknownTransaction) | None => Rejection::NoKey,
        };
        for CachedKey { key, .. } in named {
            let password = (self.policy.password)(&key.key);
            let accepted = (self.policy.accept_response)(&ResponseCheck {
                aka: None,
                facts,
                password: &password,
                response,
            });
            if accepted {
                return Ok((key.clone(), password));
            }
            why = Rejection::WrongResponse;
        }
        Err(why)
    }

    /// The directives that must fit the request and this server; gives the nonce count.
    fn check_directives(&self, credentials: &Credentials, target: &[u8]) -> Result<u32, Rejection> {
        // RFC 7616 clause 3.4.6: a request whose uri names another resource is not served. The
        // absolute form of a URL names the same resource as its path.
        let uri = credentials.uri.as_deref().unwrap_or_default();
        if path_of(uri) != path_of(target) {
            return Err(Rejection::MalformedCredentials);
        }
        let realm = format!("{REALM_PREFIX}{}", self.fqdn);
        if credentials.realm.as_deref() != Some(realm.as_bytes()) {
            return Err(Rejection::NoKey);
        }
        if credentials.qop.is_none() && credentials.nc.is_none() {
            // The form of RFC 2069 has no count, so its nonce serves one request.
            return Ok(1);
        }
        credentials
            .nc
            .as_deref()
            .filter(|nc| nc.len() == 8)
            .and_then(|nc| str::from_utf8(nc).ok())
            .filter(|nc| nc.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|nc| u32::from_str_radix(nc, 16).ok())
            .ok_or(Rejection::MalformedCredentials)
    }

    fn use_nonce(&mut self, nonce: &[u8], received: u32) -> Result<(), Rejection> {
        let known = self
            .nonces
            .iter_mut()
            .find(|known| known.text.as_bytes() == nonce);
        let count = NonceCount {
            highest: known.as_ref().map(|known| known.highest),
            received,
        };
        if !(self.policy.accept_nonce_count)(&count) {
            return Err(match count.highest {
                Some(_) => Rejection::RepeatedNonceCount,
                None => Rejection::OldNonce,
            });
        }
        if let Some(known) = known {
            known.highest = known.highest.max(received);
        }
        Ok(())
    }

    fn rejected(&mut self, now: Moment, rejection: Rejection) -> Message {
        match (self.policy.reject)(rejection) {
            RejectionAnswer::Status(status) => text::with_body(self.response(now, status), b""),
            RejectionAnswer::Challenge(staleness) => self.challenged(now, rejection, staleness),
        }
    }

    fn challenged(&mut self, now: Moment, rejection: Rejection, staleness: Staleness) -> Message {
        let nonce = (self.policy.nonce)(text::random(&mut self.generator));
        let challenge = (self.policy.challenge)(&ChallengeFacts {
            fqdn: &self.fqdn,
            nonce: &nonce,
            opaque: &self.opaque,
            staleness,
            rejection,
        });
        if self.nonces.len() == NONCES {
            self.nonces.pop_front();
        }
        self.nonces.push_back(KnownNonce {
            text: nonce,
            highest: 0,
        });
        let mut answer = self.response(now, 401);
        answer.push("WWW-Authenticate", challenge.emit());
        text::with_body(answer, b"")
    }
}

/// The path and query of a target in origin or absolute form.
pub(crate) fn path_of(target: &[u8]) -> &[u8] {
    let rest = [b"http://".as_slice(), b"https://"]
        .iter()
        .find_map(|scheme| target.strip_prefix(*scheme));
    let Some(rest) = rest else {
        return target;
    };
    match rest.iter().position(|&octet| octet == b'/') {
        Some(start) => &rest[start..],
        None => b"/",
    }
}
