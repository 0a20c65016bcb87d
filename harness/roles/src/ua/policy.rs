//! The decisions of a NAF or PKI portal, one function each; the defaults are the rules of the
//! specifications.

use data_encoding::BASE64;
use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_wire::digest_header::{
    Algorithm, AuthenticationInfo, Challenge, Credentials, QopValue,
};
use gbaspec_wire::http::Message;
use gbaspec_wire::realm::{Prefix, UaRealm};

use super::path_of;
use super::psk::UaPskPolicy;
use super::zn::UaZnPolicy;
use crate::portal::PortalPolicy;
use crate::proof::{self, InfoFacts, MalformedCredentials, ResponseCheck};
use crate::role::{Moment, TlsSession, Transport};
use crate::text;
use crate::ub::{ProductToken, product_token};

/// The prefix of a realm that asks for `GBA_ME` bootstrapping (TS 24.109 clause 5.2.4).
pub const REALM_PREFIX: &str = "3GPP-bootstrapping@";
/// The prefix of a realm that asks for `GBA_U`: the key of the card, Ks_int_NAF.
pub const UICC_PREFIX: &str = "3GPP-bootstrapping-uicc@";
/// The prefix of a realm that asks for `GBA_Digest` (seen in the field; open question U-11).
pub const DIGEST_PREFIX: &str = "3GPP-bootstrapping-digest@";

/// Every decision that a NAF or PKI portal takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct UaPolicy {
    /// Says whether a request must prove who sends it (TS 33.221, TS 24.109 clause 5.2.4: all).
    pub must_authenticate: fn(&RequestFacts<'_>) -> bool,
    /// Reads the credentials of a request, or says that they are malformed.
    pub read_credentials: fn(&Message) -> Result<Credentials, MalformedCredentials>,
    /// Makes a nonce from octets that no client can foresee.
    pub nonce: fn([u8; 16]) -> String,
    /// Writes the challenge for one algorithm (TS 24.109 clause 5.2.4).
    pub challenge: fn(&ChallengeFacts<'_>) -> Challenge,
    /// Names the Ua protocol of a connection, which its key is bound to (TS 33.220 Annex H.3).
    pub ua_protocol: fn(&UaChannel<'_>) -> UaProtocolId,
    /// Makes the identifiers for which the BSF is asked for a key, one after the other (TS 33.220
    /// Annex H.1: the name of this server and the protocol).
    pub naf_ids: fn(&NafIdFacts<'_>) -> Vec<NafId>,
    /// Makes the digest password of the NAF key (TS 24.109 clause 5.2.2: its base64 text).
    pub password: fn(&KsNaf) -> Vec<u8>,
    /// Says whether a key may still be used (TS 24.109 clause 5.2.5).
    pub key_is_valid: fn(&KeyAge) -> bool,
    /// Compares the response (RFC 7616 clause 3.4.1).
    pub accept_response: fn(&ResponseCheck<'_>) -> bool,
    /// Says whether a key is the one that a username asks for (TS 24.109 clause 5.2.2: the
    /// username is its B-TID; it serves the NAF and protocol that it was made for).
    pub names_key: fn(&KeyName<'_>) -> bool,
    /// Says whether the `uri` directive names the resource of the request (RFC 7616
    /// clause 3.4.6).
    pub accept_uri: fn(&UriFacts<'_>) -> bool,
    /// Says whether a realm is one that this server offers.
    pub accept_realm: fn(&RealmFacts<'_>) -> bool,
    /// Reads a nonce count (RFC 7616 clause 3.4: eight hexadecimal digits).
    pub read_nonce_count: fn(&[u8]) -> Option<u32>,
    /// Says whether a key that is at hand spares a question to the BSF (TS 33.220 clause 4.5.3).
    pub has_key: fn(&KeyName<'_>) -> bool,
    /// Says whether a nonce count is new for its nonce (RFC 7616 clause 3.4: it rises).
    pub accept_nonce_count: fn(&NonceCount) -> bool,
    /// Says whether the quality of protection is enough; `None` where the directive is absent or
    /// unknown (TS 24.109 clauses 5.2.6 and 6.2.1: `auth-int`, which is all that is offered).
    pub accept_qop: fn(Option<Qop>) -> bool,
    /// Chooses how a request is rejected (TS 24.109 clause 5.2.3: by a new challenge).
    pub reject: fn(Rejection) -> RejectionAnswer,
    /// Says whether the answer of a NAF proposes the nonce of the next request (RFC 7616
    /// clause 3.5).
    pub propose_nonce: fn() -> Proposal,
    /// Chooses the status of the answer to octets that are no request.
    pub unreadable: fn() -> u16,
    /// Writes the proof of an answer (RFC 7616 clause 3.5, TS 24.109 table E.4-1).
    pub authentication_info: fn(&InfoFacts<'_>) -> Option<AuthenticationInfo>,
    /// Decides about certificates, at a PKI portal.
    pub portal: PortalPolicy,
    /// The decisions about handshakes with a shared key.
    pub psk: UaPskPolicy,
    /// The decisions towards the BSF.
    pub zn: UaZnPolicy,
}

impl Default for UaPolicy {
    fn default() -> Self {
        UaPolicy {
            must_authenticate,
            read_credentials: proof::read_credentials,
            nonce,
            challenge,
            ua_protocol,
            naf_ids,
            password,
            key_is_valid,
            names_key,
            has_key: names_key,
            accept_response: proof::accept_response,
            accept_uri,
            accept_realm,
            read_nonce_count,
            accept_nonce_count,
            accept_qop,
            reject,
            propose_nonce: || Proposal::NextNonce,
            unreadable: || 400,
            authentication_info: proof::authentication_info,
            portal: PortalPolicy::default(),
            psk: UaPskPolicy::default(),
            zn: UaZnPolicy::default(),
        }
    }
}

/// What [`UaPolicy::must_authenticate`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestFacts<'a> {
    /// The request method.
    pub method: &'a [u8],
    /// The request target.
    pub target: &'a [u8],
    /// Whether the request has an `Authorization` field.
    pub authorization: Presence,
    /// The request itself.
    pub message: &'a Message,
    /// How it travelled.
    pub transport: Transport,
}

/// Whether a field is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Present,
    /// It is not.
    Absent,
}

/// What [`UaPolicy::challenge`] may use.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeFacts<'a> {
    /// The name under which the client reached this server.
    pub fqdn: &'a str,
    /// The algorithm that it is for.
    pub algorithm: &'a Algorithm,
    /// What the client says that it can do.
    pub announced: Announced,
    /// The new nonce.
    pub nonce: &'a str,
    /// Text that the client has to echo.
    pub opaque: &'a str,
    /// Whether only the nonce of the request was at fault.
    pub staleness: Staleness,
    /// Why the request was rejected.
    pub rejection: Rejection,
}

/// The product tokens of a client (TS 24.109 clause 5.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// `3gpp-gba`: `GBA_ME`.
    pub me: ProductToken,
    /// `3gpp-gba-uicc`: `GBA_U`.
    pub uicc: ProductToken,
    /// `3gpp-gba-digest`: `GBA_Digest`.
    pub digest: ProductToken,
}

impl Announced {
    /// Those in the `User-Agent` of a request.
    pub(crate) fn of(request: &Message) -> Self {
        let token = |token| product_token(request, "User-Agent", token);
        Announced {
            me: token("3gpp-gba"),
            uicc: token("3gpp-gba-uicc"),
            digest: token("3gpp-gba-digest"),
        }
    }
}

/// Whether the digest of a rejected request was right (RFC 7616 clause 3.3, `stale`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Staleness {
    /// The digest was right and the nonce old: the same key works with the new nonce.
    Stale,
    /// Anything else: bootstrapping is required.
    BootstrappingRequired,
}

/// What [`UaPolicy::ua_protocol`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct UaChannel<'a> {
    /// What the server does.
    pub service: Service,
    /// The TLS session of the connection, if there is one.
    pub tls: Option<&'a TlsSession>,
}

/// What [`UaPolicy::naf_ids`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NafIdFacts<'a> {
    /// The name of this server.
    pub fqdn: &'a str,
    /// The Ua protocol of the connection.
    pub protocol: UaProtocolId,
}

/// What [`UaPolicy::accept_uri`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UriFacts<'a> {
    /// The `uri` directive; empty where it is absent.
    pub uri: &'a [u8],
    /// The request target.
    pub target: &'a [u8],
}

/// What [`UaPolicy::accept_realm`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealmFacts<'a> {
    /// The `realm` directive; empty where it is absent.
    pub realm: &'a [u8],
    /// The name of this server.
    pub fqdn: &'a str,
}

/// Whether an answer proposes a nonce for the next request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// With a `nextnonce`.
    NextNonce,
    /// The nonce at hand stays in use.
    None,
}

/// What a server on Ua does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// It serves pages to whoever proves the digest (TS 24.109 clause 5).
    Naf,
    /// It issues certificates (TS 33.221).
    Portal,
}

/// What [`UaPolicy::key_is_valid`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyAge {
    /// The end of the key's lifetime, if it has one.
    pub expires: Option<Moment>,
    /// The moment of the request.
    pub now: Moment,
}

/// What [`UaPolicy::names_key`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyName<'a> {
    /// The B-TID that the key belongs to.
    pub btid: &'a str,
    /// The username of the request.
    pub username: &'a [u8],
    /// The name and protocol that the key was made for.
    pub made_for: &'a NafId,
    /// Those of the connection of the request.
    pub wanted_for: &'a NafId,
}

/// What [`UaPolicy::accept_nonce_count`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonceCount {
    /// The highest count that was accepted with this nonce; zero before the first, `None` where
    /// this server issued no such nonce.
    pub highest: Option<u32>,
    /// The highest count that was accepted with any nonce.
    pub highest_of_all: u32,
    /// The count of the request.
    pub received: u32,
}

/// Why a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// It has no credentials.
    NoCredentials,
    /// Its credentials cannot be read, or do not belong to this request or realm.
    MalformedCredentials,
    /// The B-TID names no key of this server, or one whose lifetime has ended.
    NoKey,
    /// The BSF says that the subscriber may not use this service.
    NotAuthorized,
    /// The BSF says nothing of use.
    NoBsf,
    /// The response is wrong.
    WrongResponse,
    /// The response is right, for a nonce that is not known any more.
    OldNonce,
    /// The response is right, but the nonce count was used before.
    RepeatedNonceCount,
    /// The quality of protection is too weak for the request.
    WeakProtection,
}

/// How a request is rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RejectionAnswer {
    /// 401 with a new challenge.
    Challenge(Staleness),
    /// This status code and no challenge.
    Status(u16),
}

/// The default of [`UaPolicy::must_authenticate`].
pub fn must_authenticate(_request: &RequestFacts<'_>) -> bool {
    true
}

/// The default of [`UaPolicy::nonce`]: 32 hex digits, as the tables show them.
pub fn nonce(random: [u8; 16]) -> String {
    text::hex(&random)
}

/// The default of [`UaPolicy::challenge`].
pub fn challenge(facts: &ChallengeFacts<'_>) -> Challenge {
    Challenge {
        realm: Some(realm(facts).into_bytes()),
        nonce: Some(facts.nonce.as_bytes().to_vec()),
        algorithm: Some(facts.algorithm.clone()),
        qop: vec![QopValue::AuthInt],
        opaque: Some(facts.opaque.as_bytes().to_vec()),
        stale: (facts.staleness == Staleness::Stale).then_some(true),
        ..Challenge::default()
    }
}

/// The realm for what the client announces. One that announces nothing is taken for a client of
/// `GBA_ME` (TS 24.109 clause 5.2.4).
fn realm(facts: &ChallengeFacts<'_>) -> String {
    use ProductToken::{Absent, Present};
    let fqdn = facts.fqdn;
    match (
        facts.announced.me,
        facts.announced.uicc,
        facts.announced.digest,
    ) {
        (Present, Present, _) => format!("{UICC_PREFIX}{fqdn};{REALM_PREFIX}{fqdn}"),
        (Absent, Present, _) => format!("{UICC_PREFIX}{fqdn}"),
        (Absent, Absent, Present) => format!("{DIGEST_PREFIX}{fqdn}"),
        (_, Absent, _) => format!("{REALM_PREFIX}{fqdn}"),
    }
}

/// The default of [`UaPolicy::ua_protocol`]: a portal has an identifier of its own; elsewhere it
/// follows from what protects the connection.
pub fn ua_protocol(channel: &UaChannel<'_>) -> UaProtocolId {
    match (channel.service, channel.tls) {
        (Service::Portal, _) => UaProtocolId::PKI_PORTAL,
        (Service::Naf, None) => UaProtocolId::HTTP_DIGEST,
        (Service::Naf, Some(tls)) => tls.ua_protocol(),
    }
}

/// The default of [`UaPolicy::naf_ids`].
pub fn naf_ids(facts: &NafIdFacts<'_>) -> Vec<NafId> {
    vec![NafId::new(facts.fqdn, facts.protocol)]
}

/// The default of [`UaPolicy::accept_uri`]. The absolute form of a URL names the same resource as
/// its path.
pub fn accept_uri(facts: &UriFacts<'_>) -> bool {
    path_of(facts.uri) == path_of(facts.target)
}

/// The default of [`UaPolicy::accept_realm`]: one or several offers, each of a known kind and for
/// this server.
pub fn accept_realm(facts: &RealmFacts<'_>) -> bool {
    UaRealm::decode(facts.realm).is_ok_and(|realm| {
        realm
            .offers
            .iter()
            .all(|offer| offer.fqdn == facts.fqdn && !matches!(offer.prefix, Prefix::Unknown(_)))
    })
}

/// The default of [`UaPolicy::read_nonce_count`].
pub fn read_nonce_count(nc: &[u8]) -> Option<u32> {
    let digits = str::from_utf8(nc).ok()?;
    let is_count = digits.len() == 8 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_count.then(|| u32::from_str_radix(digits, 16).ok())?
}

/// The default of [`UaPolicy::password`].
pub fn password(key: &KsNaf) -> Vec<u8> {
    BASE64.encode(key.expose()).into_bytes()
}

/// The default of [`UaPolicy::key_is_valid`].
pub fn key_is_valid(age: &KeyAge) -> bool {
    age.expires.is_none_or(|expires| age.now < expires)
}

/// The default of [`UaPolicy::names_key`].
pub fn names_key(name: &KeyName<'_>) -> bool {
    name.btid.as_bytes() == name.username && name.made_for == name.wanted_for
}

/// The default of [`UaPolicy::accept_nonce_count`].
pub fn accept_nonce_count(count: &NonceCount) -> bool {
    count
        .highest
        .is_some_and(|highest| count.received > highest)
}

/// The default of [`UaPolicy::accept_qop`].
pub fn accept_qop(qop: Option<Qop>) -> bool {
    qop == Some(Qop::AuthInt)
}

/// The default of [`UaPolicy::reject`].
pub fn reject(rejection: Rejection) -> RejectionAnswer {
    match rejection {
        Rejection::MalformedCredentials => RejectionAnswer::Status(400),
        // Another run would not help (TS 29.109 clause 6.2, 5402).
        Rejection::NotAuthorized => RejectionAnswer::Status(403),
        Rejection::NoBsf => RejectionAnswer::Status(503),
        Rejection::OldNonce | Rejection::RepeatedNonceCount => {
            RejectionAnswer::Challenge(Staleness::Stale)
        }
        Rejection::NoCredentials
        | Rejection::NoKey
        | Rejection::WrongResponse
        | Rejection::WeakProtection => RejectionAnswer::Challenge(Staleness::BootstrappingRequired),
    }
}
