//! The decisions of a BSF, one function each; the defaults are the rules of the specifications.

use gbaspec_crypto::aka::{AkaFunctions, MacCheck};
use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_crypto::kdf;
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand, Sqn};
use gbaspec_wire::auts;
use gbaspec_wire::bsf_xml::BootstrappingInfo;
use gbaspec_wire::digest_header::{AuthenticationInfo, Credentials, QopValue};
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use super::gba_digest::{
    DigestChallengeFacts, admit_gba_digest, gba_digest_nonce, gba_digest_realm,
};
use super::network::NetworkPolicy;
use super::second_generation::{
    SecondGenerationChoice, admit_second_generation, choose_second_generation,
};
use super::tmpi::{IdentityFacts, identify};
use super::{BsfOffer, SERVER};
use crate::auc::{VectorChoice, VectorSeed, choose_vector, reset_counter};
use crate::proof::{self, InfoFacts, MalformedCredentials, ResponseCheck};
use crate::role::{Moment, Transport};
use crate::store::{Terms, VectorCause, VectorState};
use crate::subscriber::SubscriberKind;
use crate::text;
use crate::ub::aka::AkaPasswordFacts;
use crate::ub::gba_digest::GbaDigestFacts;
use crate::ub::second_generation::{SecondGenerationFacts, SecondGenerationKeys};
use crate::ub::tmpi::TmpiFacts;
use crate::ub::{self, ProductToken};

/// Every decision that a BSF takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct BsfPolicy {
    /// Reads the credentials of a request, or says that they are malformed
    /// (RFC 7616 clause 3.4: a missing or broken directive gives 400).
    pub read_credentials: fn(&Message) -> Result<Credentials, MalformedCredentials>,
    /// Finds the subscriber behind a username (TS 33.220 clause 4.5.2: its form says whether it is
    /// a TMPI).
    pub identify: fn(&IdentityFacts<'_>) -> Result<String, RefusalReason>,
    /// Says whether a subscriber with a SIM may bootstrap (TS 24.109 clause H.2).
    pub admit_second_generation: fn(&Admission<'_>) -> Result<(), RefusalReason>,
    /// Says whether a client may use `GBA_Digest` (TS 24.109 clause I.2); asked where the client
    /// announces it or the subscriber has nothing else.
    pub admit_gba_digest: fn(&Admission<'_>) -> Result<(), RefusalReason>,
    /// Judges the directives of a request that answers a challenge (TS 24.109 clause 4.2,
    /// RFC 7616 clause 3.4).
    pub check_request: fn(&RequestCheck<'_>) -> Result<(), RefusalReason>,
    /// Chooses RAND and SQN of the next vector (TS 33.102 clause 6.3.2: both are fresh).
    pub choose_vector: fn(&VectorChoice) -> VectorSeed,
    /// Writes the nonce of a challenge (RFC 3310 clause 3.2: base64 of RAND and AUTN).
    pub nonce: fn(Rand, Autn) -> String,
    /// Chooses RAND and Ks-input of the next challenge of 2G GBA (TS 33.220 Annex I: both are
    /// fresh).
    pub choose_second_generation: fn(&SecondGenerationChoice) -> Nonce2g,
    /// Writes the nonce of a challenge of 2G GBA (TS 33.220 Annex I).
    pub second_generation_nonce: fn(Nonce2g) -> String,
    /// Writes the nonce of a challenge of `GBA_Digest` from random octets (TS 24.109 clause I.2).
    pub gba_digest_nonce: fn(Rand) -> String,
    /// Chooses the realm of `GBA_Digest` (TS 24.109 clause I.2: the home network domain).
    pub gba_digest_realm: fn(&DigestChallengeFacts<'_>) -> String,
    /// Writes the challenge of a first request (TS 24.109 clause 4.2 b: realm, qop and algorithm are
    /// those of the BSF, whatever the request says).
    pub first_challenge: fn(Message, &Message, &Credentials) -> Message,
    /// Says whether an issued vector may still be answered (TS 33.220 clause 4.5.2: only the
    /// outstanding one, only by the subscriber that it was made for).
    pub answerable: fn(&VectorUse<'_>) -> bool,
    /// Chooses the RAND whose XRES the response is held against (RFC 3310 clause 2: the one of the
    /// vector that was issued).
    pub answered_rand: fn(&AnsweredRand) -> Rand,
    /// Makes the password of Digest AKA (RFC 3310 clause 3.3, RFC 4169 clause 2.1).
    pub aka_password: fn(&AkaPasswordFacts<'_>) -> Vec<u8>,
    /// Makes password and Ks of 2G GBA (TS 33.220 Annex I).
    pub second_generation_keys: fn(&SecondGenerationFacts<'_>) -> SecondGenerationKeys,
    /// Makes the password of `GBA_Digest` (TS 33.220 Annex B.5).
    pub gba_digest_password: fn(&GbaDigestFacts<'_>) -> Vec<u8>,
    /// Makes Ks of `GBA_Digest` from the octets of the response as well (TS 33.220 Annex B.5).
    pub gba_digest_ks: fn(&GbaDigestFacts<'_>, &[u8]) -> Ks,
    /// Compares the response (RFC 3310 clause 2: computed with XRES).
    pub accept_response: fn(&ResponseCheck<'_>) -> bool,
    /// Chooses how a wrong response is answered (TS 24.109 clause 4.3: the user authentication has
    /// failed; RFC 7616 clause 3.6: 401 with a new challenge, or 403).
    pub fail_authentication: fn() -> FailureAnswer,
    /// Judges a synchronisation failure (TS 33.102 clause 6.3.5).
    pub resynchronise: fn(&ResyncRequest<'_>) -> ResyncDecision,
    /// Moves the counter after a valid AUTS (TS 33.102 clause 6.3.5).
    pub reset_counter: fn(HeSqn, Sqn) -> HeSqn,
    /// Writes the answer to a request that is refused.
    pub refuse: fn(&Refusal<'_>) -> Message,
    /// Names the session (TS 33.220 clause 4.5.2: base64 of RAND, `@`, BSF name).
    pub btid: fn(&BtidFacts<'_>) -> String,
    /// Makes the TMPI for the next run (TS 33.220 clause 4.5.2 and Annex B.4).
    pub tmpi: fn(&TmpiFacts<'_>) -> Option<String>,
    /// Writes the body of the 200 (TS 24.109 Annex C).
    pub success_body: fn(&SuccessFacts<'_>) -> String,
    /// Puts the body into the 200 (RFC 9112 clause 6.3).
    pub frame_success: fn(Message, &[u8]) -> Message,
    /// Writes the proof of the 200 (RFC 3310 clause 3.5, RFC 7616 clause 3.5).
    pub authentication_info: fn(&InfoFacts<'_>) -> Option<AuthenticationInfo>,
    /// The decisions towards HSS and NAF.
    pub network: NetworkPolicy,
}

impl Default for BsfPolicy {
    fn default() -> Self {
        BsfPolicy {
            read_credentials: proof::read_credentials,
            identify,
            admit_second_generation,
            admit_gba_digest,
            check_request,
            choose_vector,
            nonce,
            choose_second_generation,
            second_generation_nonce: ub::second_generation::nonce,
            gba_digest_nonce,
            gba_digest_realm,
            first_challenge,
            answerable,
            answered_rand,
            aka_password: ub::aka::password,
            second_generation_keys: ub::second_generation::keys,
            gba_digest_password: ub::gba_digest::password,
            gba_digest_ks: ub::gba_digest::ks,
            accept_response: proof::accept_response,
            fail_authentication,
            resynchronise,
            reset_counter,
            refuse,
            btid,
            tmpi: ub::tmpi::tmpi,
            success_body,
            frame_success,
            authentication_info: proof::authentication_info,
            network: NetworkPolicy::default(),
        }
    }
}

/// What [`BsfPolicy::check_request`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct RequestCheck<'a> {
    /// The request target as it stands in the request line.
    pub target: &'a [u8],
    /// The name of this BSF.
    pub fqdn: &'a str,
    /// What the challenge asks for.
    pub terms: &'a Terms,
    /// The credentials of the request.
    pub credentials: &'a Credentials,
    /// Why the vector with the nonce of these credentials was issued, if it is known.
    pub cause: Option<VectorCause>,
}

/// What the decisions on the way of bootstrapping look at.
#[derive(Clone, Copy, Debug)]
pub struct Admission<'a> {
    /// What the subscriber has.
    pub kind: SubscriberKind,
    /// How the request came.
    pub transport: Transport,
    /// Whether the client announces `GBA_Digest`.
    pub gba_digest_token: ProductToken,
    /// What this BSF is set up to offer.
    pub offer: &'a BsfOffer,
}

/// An attempt to use an issued vector.
#[derive(Clone, Copy, Debug)]
pub struct VectorUse<'a> {
    /// What has become of the vector.
    pub state: VectorState,
    /// The identity that it was issued to.
    pub issued_to: &'a str,
    /// The identity in the credentials.
    pub claimed_by: &'a str,
    /// How the vector was found.
    pub found_by: FoundBy,
}

/// How the vector that an answer is held against was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FoundBy {
    /// It went out with the nonce of the credentials.
    Nonce,
    /// No vector has that nonce; this is the latest one of the claimed identity.
    Subscriber,
}

/// What [`BsfPolicy::answered_rand`] chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnsweredRand {
    /// RAND of the vector that was issued.
    pub issued: Rand,
    /// RAND as the client's nonce has it, if the nonce can be read.
    pub client: Option<Rand>,
}

/// What a wrong response is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureAnswer {
    /// A 401 with a new vector.
    Challenge,
    /// A refusal.
    Refuse,
}

/// A request with an `auts` directive.
#[derive(Clone, Copy)]
pub struct ResyncRequest<'a> {
    /// The functions of the subscriber named in the credentials.
    pub functions: &'a AkaFunctions,
    /// The counter of that subscriber.
    pub counter: &'a HeSqn,
    /// RAND as the client's nonce has it, if the nonce can be read.
    pub client_rand: Option<Rand>,
    /// RAND of the vector with this nonce, if the BSF issued one that may still be answered.
    pub issued_rand: Option<Rand>,
    /// RAND of the vector that was issued last to that subscriber, with whatever nonce.
    pub latest_rand: Option<Rand>,
    /// AMF in the challenges of that subscriber.
    pub amf: Amf,
    /// The text of the directive.
    pub auts: &'a [u8],
    /// Whether the response is the one of the empty password (RFC 3310 clause 3.4).
    pub response: ResyncResponse,
}

/// Whether the response beside an AUTS is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResyncResponse {
    /// It is the digest with the empty password.
    Right,
    /// It is anything else.
    Wrong,
}

/// What follows from a request with an `auts` directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResyncDecision {
    /// The AUTS is authentic: move the counter to this `SQN_MS` where needed, challenge again.
    Resynchronise(Sqn),
    /// Leave the counter and challenge again.
    ChallengeAgain,
    /// Leave the counter and refuse.
    Refuse(RefusalReason),
}

/// Why a request is refused without a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalReason {
    /// The request line or head is no HTTP/1.1 request.
    MalformedRequest,
    /// The method is not GET.
    MethodNotAllowed,
    /// The target is not the root of this BSF.
    NotFound,
    /// No `Authorization`, or one that cannot be read.
    MalformedCredentials,
    /// The `uri` directive does not name the request target (RFC 7616 clause 3.4.6).
    UriMismatch,
    /// The realm is not the one of the challenge.
    ForeignRealm,
    /// `qop` is not `auth-int` or the algorithm is none of the challenge.
    Downgrade,
    /// `nc` is not 00000001 although each AKA nonce is used once.
    NonceCount,
    /// The response is not the one of XRES.
    WrongResponse,
    /// The `auts` directive is not the base64 text of 14 octets.
    MalformedAuts,
    /// MAC-S does not verify.
    ForgedAuts,
    /// An AUTS of a subscriber who has no sequence numbers.
    UnexpectedAuts,
    /// The private identity is not known.
    UnknownIdentity,
    /// The username has the form of a TMPI, and nobody has this one.
    UnknownTmpi,
    /// 2G GBA and `GBA_Digest` run inside TLS.
    TlsRequired,
    /// 2G GBA is switched off.
    SecondGenerationDisallowed,
    /// `GBA_Digest` is switched off, is not for this subscriber, or was not announced.
    GbaDigestDisallowed,
    /// The HSS cannot be reached.
    HomeUnreachable,
    /// The HSS did not answer in time.
    HomeSilent,
    /// The HSS answered with an error.
    HomeRefused,
    /// The answer of the HSS cannot be used.
    HomeMalformed,
}

/// What [`BsfPolicy::refuse`] may use for its answer.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// Why.
    pub reason: RefusalReason,
    /// The name of this BSF.
    pub fqdn: &'a str,
    /// The moment of the request.
    pub now: Moment,
    /// Random octets that no one else uses.
    pub random: [u8; 32],
}

/// What [`BsfPolicy::btid`] may use.
#[derive(Clone, Copy, Debug)]
pub struct BtidFacts<'a> {
    /// The `Host` of the request.
    pub host: &'a [u8],
    /// RAND of the vector that was answered.
    pub rand: Rand,
    /// RAND of the first vector that this BSF remembers of the subscriber.
    pub first_rand: Rand,
    /// The name of this BSF.
    pub fqdn: &'a str,
}

/// What [`BsfPolicy::success_body`] may use.
#[derive(Clone, Copy, Debug)]
pub struct SuccessFacts<'a> {
    /// The transaction identifier.
    pub btid: &'a str,
    /// The moment of the answer.
    pub now: Moment,
    /// The end of the key's lifetime.
    pub expires: Moment,
}

/// The default of [`BsfPolicy::check_request`].
pub fn check_request(check: &RequestCheck<'_>) -> Result<(), RefusalReason> {
    let credentials = check.credentials;
    if !names_target(credentials.uri.as_deref().unwrap_or_default(), check) {
        return Err(RefusalReason::UriMismatch);
    }
    if credentials.realm.as_deref() != Some(check.terms.realm.as_bytes()) {
        return Err(RefusalReason::ForeignRealm);
    }
    let offered = credentials
        .algorithm
        .as_ref()
        .is_some_and(|algorithm| check.terms.algorithms.contains(algorithm));
    if credentials.qop != Some(QopValue::AuthInt) || !offered {
        return Err(RefusalReason::Downgrade);
    }
    if credentials.nc.as_deref() != Some(b"00000001") {
        return Err(RefusalReason::NonceCount);
    }
    Ok(())
}

/// The default of [`BsfPolicy::nonce`].
pub fn nonce(rand: Rand, autn: Autn) -> String {
    AkaNonce {
        rand: *rand.as_bytes(),
        autn: *autn.as_bytes(),
        server_data: Vec::new(),
    }
    .encode()
}

/// The default of [`BsfPolicy::first_challenge`].
pub fn first_challenge(challenge: Message, _: &Message, _: &Credentials) -> Message {
    challenge
}

/// The default of [`BsfPolicy::answerable`].
pub fn answerable(vector: &VectorUse<'_>) -> bool {
    vector.found_by == FoundBy::Nonce
        && vector.state == VectorState::Outstanding
        && vector.issued_to == vector.claimed_by
}

/// The default of [`BsfPolicy::answered_rand`].
pub fn answered_rand(rand: &AnsweredRand) -> Rand {
    rand.issued
}

/// The default of [`BsfPolicy::fail_authentication`].
pub fn fail_authentication() -> FailureAnswer {
    FailureAnswer::Challenge
}

/// The default of [`BsfPolicy::resynchronise`].
///
/// A malformed AUTS comes first, since nothing else can be said of it; then the binding to the
/// challenge; then the digest; MAC-S last (TS 33.102 clause 6.3.5, RFC 3310 clause 3.4).
pub fn resynchronise(request: &ResyncRequest<'_>) -> ResyncDecision {
    let Ok(auts) = auts::decode(request.auts) else {
        return ResyncDecision::Refuse(RefusalReason::MalformedAuts);
    };
    let Some(rand) = request.issued_rand else {
        return ResyncDecision::ChallengeAgain;
    };
    if request.response == ResyncResponse::Wrong {
        return ResyncDecision::ChallengeAgain;
    }
    let opened = request.functions.open_auts(rand, &Auts::from(auts));
    match opened.mac {
        MacCheck::Valid => ResyncDecision::Resynchronise(opened.sqn_ms),
        MacCheck::Mismatch => ResyncDecision::Refuse(RefusalReason::ForgedAuts),
    }
}

/// The default of [`BsfPolicy::refuse`]: a 4xx with a short text, never a challenge.
pub fn refuse(refusal: &Refusal<'_>) -> Message {
    let (status, why) = match refusal.reason {
        RefusalReason::MalformedRequest => (400, "the request is malformed"),
        RefusalReason::MethodNotAllowed => (405, "bootstrapping uses GET"),
        RefusalReason::NotFound => (404, "bootstrapping is at /"),
        RefusalReason::MalformedCredentials => (400, "the Authorization field is malformed"),
        RefusalReason::UriMismatch => (400, "uri does not name the request target"),
        RefusalReason::ForeignRealm => (400, "realm is not the one of the challenge"),
        RefusalReason::Downgrade => (400, "qop and algorithm are not those of the challenge"),
        RefusalReason::NonceCount => (400, "nc must be 00000001"),
        RefusalReason::WrongResponse => (403, "the response is wrong"),
        RefusalReason::MalformedAuts => (400, "auts is not 14 octets of base64"),
        RefusalReason::ForgedAuts => (403, "auts does not verify"),
        RefusalReason::UnexpectedAuts => (400, "this subscriber has no sequence numbers"),
        RefusalReason::UnknownIdentity => (403, "no such subscriber"),
        RefusalReason::UnknownTmpi => (403, "no such temporary identity"),
        RefusalReason::TlsRequired => (403, "this subscriber bootstraps inside TLS"),
        RefusalReason::SecondGenerationDisallowed => (403, "2G GBA is not allowed"),
        RefusalReason::GbaDigestDisallowed => (403, "GBA_Digest is not allowed"),
        RefusalReason::HomeUnreachable => (503, "the home network cannot be reached"),
        RefusalReason::HomeSilent => (504, "the home network does not answer"),
        RefusalReason::HomeRefused => (500, "the home network refuses"),
        RefusalReason::HomeMalformed => (502, "the home network gives no vector"),
    };
    let mut message = text::response(status, SERVER, refusal.now);
    if refusal.reason == RefusalReason::MethodNotAllowed {
        message.push("Allow", "GET");
    }
    message.push("Content-Type", "text/plain");
    text::with_body(message, format!("{why}\n").as_bytes())
}

/// The default of [`BsfPolicy::btid`].
pub fn btid(facts: &BtidFacts<'_>) -> String {
    kdf::btid(facts.rand, facts.fqdn)
}

/// The default of [`BsfPolicy::success_body`].
pub fn success_body(facts: &SuccessFacts<'_>) -> String {
    BootstrappingInfo {
        btid: facts.btid.to_owned(),
        lifetime: text::utc_date_time(facts.expires),
        current_time: None,
    }
    .emit()
}

/// The default of [`BsfPolicy::frame_success`]: the body as it is, with its length.
pub fn frame_success(message: Message, body: &[u8]) -> Message {
    text::with_body(message, body)
}

/// Whether `uri` names the request target: the same text, or the absolute and the origin form of
/// the root of this BSF (TS 24.109 clause 4.2 a).
fn names_target(uri: &[u8], check: &RequestCheck<'_>) -> bool {
    uri == check.target || (is_root(uri, check.fqdn) && is_root(check.target, check.fqdn))
}

/// Whether a target is the root of this BSF, in origin form or as an absolute URL of its name.
pub(super) fn is_root(target: &[u8], fqdn: &str) -> bool {
    if target == b"/" {
        return true;
    }
    let Ok(target) = str::from_utf8(target) else {
        return false;
    };
    let Some(rest) = target
        .strip_prefix("http://")
        .or_else(|| target.strip_prefix("https://"))
    else {
        return false;
    };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let host = authority
        .split_once(':')
        .map_or(authority, |(host, _)| host);
    host.eq_ignore_ascii_case(fqdn)
}
