//! The decisions of a UE, one function each; the defaults are the rules of the specifications.

mod rules;

use gbaspec_crypto::aka::{AkaFunctions, MacCheck};
use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_crypto::secret::{Ks, KsNaf};
use gbaspec_crypto::sqn::{SqnOutOfRange, UsimSqn};
use gbaspec_crypto::token::{Amf, Autn, Rand, Sqn};
use gbaspec_wire::digest_header::{Algorithm, Challenge, QopValue};
use gbaspec_wire::http::Message;

use super::Card;
use super::pki::{PkiPolicy, UaRequest};
use super::psk::UePskPolicy;
use crate::names::{self, Identity};
use crate::proof::DigestFacts;
use crate::role::{ClientOutcome, Moment, Peer, TlsSession, Transport};
use crate::subscriber::SubscriberKind;
use crate::ub;
use crate::ub::aka::AkaPasswordFacts;
use crate::ub::gba_digest::GbaDigestFacts;
use crate::ub::second_generation::{SecondGenerationFacts, SecondGenerationKeys};
use crate::ub::tmpi::TmpiFacts;

pub(crate) use rules::session_facts;
pub use rules::{
    accept_certificate, accept_realm, after_refusal, after_tmpi_refusal, answer_other_scheme, auts,
    check_mac, check_sqn, choose_challenge, choose_qop, content, digest_naf_key, first_nonce,
    freshness, intended_identity, judge_challenge, judge_result, kept_session, key_kind, naf_key,
    next_nonce_at_naf, product_tokens, read_nonce, read_session, response, session_is_usable,
    transport, ua_password, ua_protocol, ub_password, update_usim, username,
};

/// Every decision that a UE takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct UePolicy {
    /// Derives the private identity (TS 23.003 clause 13.3).
    pub impi: fn(&Identity) -> String,
    /// Derives the name of the BSF (TS 23.003 clause 16.2).
    pub bsf_fqdn: fn(&Identity) -> String,
    /// Chooses the transport to the BSF (TS 24.109 clauses H.2 and I.2: TLS where there is no
    /// USIM).
    pub transport: fn(SubscriberKind) -> Transport,
    /// Chooses the nonce of the first request of a run, which the BSF of the run before may have
    /// proposed (TS 24.109 clause 4.2 a: it is empty).
    pub first_nonce: fn(Option<&[u8]>) -> Vec<u8>,
    /// Chooses the digest username (TS 24.109 clauses 4.2 a and 5.2.2).
    pub username: fn(&UsernameFacts<'_>) -> String,
    /// Chooses the challenge to answer, by its place (RFC 3310 clause 3.1, RFC 7616 clause 3.7).
    pub choose_challenge: fn(&OfferedChallenges<'_>) -> Option<usize>,
    /// Compares the certificate of a server with what it claims to be (TS 24.109 clauses H.2 and
    /// 5.3.2).
    pub accept_certificate: fn(&CertificateCheck<'_>) -> bool,
    /// Takes RAND and AUTN from the nonce (RFC 3310 clause 3.2).
    pub read_nonce: fn(&[u8]) -> Option<(Rand, Autn)>,
    /// Answers a challenge of another scheme than Digest with the text of `Authorization`
    /// (RFC 3310 clause 5.3: RES is for no other).
    pub answer_other_scheme: fn(&OtherSchemeFacts<'_>) -> Option<String>,
    /// Verifies MAC-A (TS 33.102 clause 6.3.3).
    pub check_mac: fn(&MacFacts<'_>) -> MacCheck,
    /// Takes RAND and Ks-input from the nonce of 2G GBA (TS 33.220 Annex I).
    pub read_second_generation_nonce: fn(&[u8]) -> Option<Nonce2g>,
    /// Holds the SQN of a challenge against the array of the USIM (TS 33.102 clause C.2).
    pub check_sqn: fn(&UsimSqn, Sqn) -> Result<(), SqnOutOfRange>,
    /// Judges a challenge (TS 33.102 clause 6.3.3: MAC first, then SQN).
    pub judge_challenge: fn(&ChallengeJudgement) -> ChallengeVerdict,
    /// Makes the array of the USIM as it is after a challenge (TS 33.102 clause C.2.2: only an
    /// accepted SQN changes it).
    pub update_usim: fn(&UsimUpdate<'_>) -> UsimSqn,
    /// Chooses the quality of protection (TS 24.109 clauses 4.2 and 5.2.6: `auth-int`).
    pub choose_qop: fn(&QopOffer<'_>) -> Option<Qop>,
    /// Makes nonce count and client nonce (RFC 7616 clause 3.4).
    pub freshness: fn(&FreshnessFacts) -> Freshness,
    /// Computes the response from the parts of the digest and the password (RFC 7616
    /// clause 3.4.1).
    pub response: fn(&DigestFacts, &[u8]) -> String,
    /// Takes the content that `rspauth` covers from an answer (RFC 7616 clause 3.4.3: before any
    /// transfer coding).
    pub content: fn(&Message) -> Vec<u8>,
    /// Makes the digest password of Digest AKA (RFC 3310 clauses 3.3 and 3.4, RFC 4169
    /// clause 2.1).
    pub ub_password: fn(&UbPasswordFacts<'_>) -> Vec<u8>,
    /// Makes password and Ks of 2G GBA (TS 33.220 Annex I).
    pub second_generation_keys: fn(&SecondGenerationFacts<'_>) -> SecondGenerationKeys,
    /// Makes the password of `GBA_Digest` (TS 33.220 Annex B.5).
    pub gba_digest_password: fn(&GbaDigestFacts<'_>) -> Vec<u8>,
    /// Makes Ks of `GBA_Digest` from the octets of the response as well (TS 33.220 Annex B.5).
    pub gba_digest_ks: fn(&GbaDigestFacts<'_>, &[u8]) -> Ks,
    /// Makes the octets of AUTS (TS 33.102 clause 6.3.3).
    pub auts: fn(&AutsFacts<'_>) -> Vec<u8>,
    /// Reads the body of the 200 (TS 24.109 Annex C).
    pub read_session: fn(&[u8]) -> Option<SessionFacts>,
    /// Makes the TMPI for the next run (TS 33.220 clause 4.5.2 and Annex B.4).
    pub tmpi: fn(&TmpiFacts<'_>) -> Option<String>,
    /// Chooses what follows an error answer to a request with a TMPI (TS 33.220 clause 4.5.2).
    pub after_tmpi_refusal: fn(&TmpiRefusal) -> TmpiStep,
    /// Judges an answer by its status and its proof (TS 24.109 clauses 4.2 and E.4).
    pub judge_result: fn(&ResultFacts) -> ClientOutcome,
    /// Says whether a realm asks this UE to bootstrap for the server that it contacted
    /// (TS 24.109 clause 5.2.4, TS 33.220 clause 4.4).
    pub accept_realm: fn(&RealmCheck<'_>) -> bool,
    /// Announces what this UE can do on Ua, as product tokens (TS 24.109 clause 5.2.1).
    pub product_tokens: fn(&TokenFacts) -> &'static str,
    /// Chooses the key of the session that a realm asks for (TS 24.109 clause 5.2.4: Ks_int_NAF for
    /// the offer of the card alone).
    pub key_kind: fn(&RealmCheck<'_>) -> KeyKind,
    /// Chooses the text of the intended identity at a NAF (TS 24.109 table B.3-1: a public identity
    /// between quotes).
    pub intended_identity: fn(&IntendedIdentity<'_>) -> Option<String>,
    /// Chooses how an errand ends whose NAF sent no challenge that can be answered, or an answer that
    /// cannot be read.
    pub not_understood: fn() -> ClientOutcome,
    /// Says whether the session at hand may be used at a NAF (TS 33.220 clause 4.5.2: before its
    /// end, and clause 4.5.3: at any number of them).
    pub session_is_usable: fn(&SessionUse<'_>) -> bool,
    /// Chooses between the session at hand and the one of a new run (TS 24.109 clause 4.2: the new
    /// one).
    pub kept_session: fn(&SessionChange) -> KeptSession,
    /// Chooses the nonce of the next request at a NAF from the one that it proposes (RFC 7616
    /// clause 3.5); `None` waits for a challenge.
    pub next_nonce_at_naf: fn(&[u8]) -> Option<Vec<u8>>,
    /// Derives the key for a NAF (TS 33.220 Annex B.3).
    pub naf_key: fn(&NafKeyFacts<'_>) -> KsNaf,
    /// Names the Ua protocol of a connection, which its key is bound to (TS 33.220 Annex H.3).
    pub ua_protocol: fn(&UeChannel<'_>) -> UaProtocolId,
    /// Derives the key for a NAF after `GBA_Digest` (TS 33.220 Annex B.6).
    pub digest_naf_key: fn(&DigestNafKey<'_>) -> KsNaf,
    /// Makes the digest password on Ua (TS 24.109 clause 5.2.2).
    pub ua_password: fn(&KsNaf) -> Vec<u8>,
    /// Chooses what follows an answer other than 200 to a request with credentials
    /// (TS 24.109 clauses 4.3, 5.2.5 and E.4).
    pub after_refusal: fn(&RefusalFacts) -> NextStep,
    /// Decides about certificates.
    pub pki: PkiPolicy,
    /// The decisions about handshakes with a shared key.
    pub psk: UePskPolicy,
}

impl Default for UePolicy {
    fn default() -> Self {
        UePolicy {
            impi: names::impi,
            bsf_fqdn: names::bsf_fqdn,
            transport,
            first_nonce,
            username,
            choose_challenge,
            accept_certificate,
            read_nonce,
            answer_other_scheme,
            check_mac,
            read_second_generation_nonce: ub::second_generation::read_nonce,
            check_sqn,
            judge_challenge,
            update_usim,
            choose_qop,
            freshness,
            response,
            content,
            ub_password,
            second_generation_keys: ub::second_generation::keys,
            gba_digest_password: ub::gba_digest::password,
            gba_digest_ks: ub::gba_digest::ks,
            auts,
            read_session,
            tmpi: ub::tmpi::tmpi,
            after_tmpi_refusal,
            judge_result,
            accept_realm,
            product_tokens,
            key_kind,
            intended_identity,
            not_understood: || ClientOutcome::Failed,
            session_is_usable,
            kept_session,
            next_nonce_at_naf,
            naf_key,
            digest_naf_key,
            ua_protocol,
            ua_password,
            after_refusal,
            pki: PkiPolicy::default(),
            psk: UePskPolicy::default(),
        }
    }
}

/// The reference point of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferencePoint {
    /// Between UE and BSF.
    Ub,
    /// Between UE and NAF or PKI portal.
    Ua,
}

/// What [`UePolicy::username`] chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsernameFacts<'a> {
    /// For the BSF.
    Ub {
        /// The private identity.
        impi: &'a str,
        /// The temporary identity of the last run, if there is one.
        tmpi: Option<&'a str>,
    },
    /// For a NAF or portal.
    Ua {
        /// The private identity.
        impi: &'a str,
        /// The transaction identifier of the session.
        btid: &'a str,
    },
}

/// What [`UePolicy::choose_challenge`] chooses from.
#[derive(Clone, Copy, Debug)]
pub struct OfferedChallenges<'a> {
    /// Where.
    pub point: ReferencePoint,
    /// The algorithms that this UE can answer there, the preferred one first.
    pub known: &'a [Algorithm],
    /// The digest challenges in the order of the message.
    pub challenges: &'a [Challenge],
    /// The message itself.
    pub message: &'a Message,
}

/// What [`UePolicy::accept_certificate`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CertificateCheck<'a> {
    /// Where.
    pub point: ReferencePoint,
    /// The DNS names in the certificate, whose chain is in order.
    pub names: &'a [String],
    /// The name that the server gives itself: the realm in 2G GBA, on Ua what stands behind its
    /// prefix.
    pub claimed: &'a [u8],
    /// The name that the UE contacted.
    pub contacted: &'a str,
}

/// What [`UePolicy::answer_other_scheme`] may use.
#[derive(Clone, Copy)]
pub struct OtherSchemeFacts<'a> {
    /// The answer that holds the challenges.
    pub message: &'a Message,
    /// The private identity.
    pub impi: &'a str,
    /// The password of the digest challenge beside it; `None` where there is none to answer.
    pub password: Option<&'a [u8]>,
}

/// What [`UePolicy::check_mac`] looks at.
#[derive(Clone, Copy)]
pub struct MacFacts<'a> {
    /// The functions f1 to f5* of the USIM.
    pub functions: &'a AkaFunctions,
    /// RAND of the challenge.
    pub rand: Rand,
    /// AUTN of the challenge.
    pub autn: &'a Autn,
    /// SQN in it, uncovered.
    pub sqn: Sqn,
}

/// What [`UePolicy::judge_challenge`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct ChallengeJudgement {
    /// Whether MAC-A verifies.
    pub mac: MacCheck,
    /// Whether SQN is acceptable.
    pub sqn: Result<(), SqnOutOfRange>,
    /// How many resynchronisations this run had.
    pub resynchronisations: u32,
}

/// What follows from a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChallengeVerdict {
    /// Answer with RES.
    Answer,
    /// Answer with AUTS.
    Resynchronise,
    /// Send nothing and end the action.
    Stop(ClientOutcome),
}

/// What [`UePolicy::update_usim`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct UsimUpdate<'a> {
    /// The array before the challenge.
    pub usim: &'a UsimSqn,
    /// SQN of the challenge.
    pub sqn: Sqn,
    /// What follows from the challenge.
    pub verdict: ChallengeVerdict,
}

/// What [`UePolicy::choose_qop`] chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QopOffer<'a> {
    /// Where.
    pub point: ReferencePoint,
    /// The values of the challenge, in its order.
    pub values: &'a [QopValue],
    /// How the request travels.
    pub transport: Transport,
}

/// What [`UePolicy::freshness`] may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreshnessFacts {
    /// Octets that no one foresees.
    pub random: [u8; 16],
    /// How many requests with credentials this UE sent before.
    pub requests_before: u32,
}

/// Nonce count and client nonce of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// The text of `nc`.
    pub nc: String,
    /// The text of `cnonce`.
    pub cnonce: String,
}

/// What [`UePolicy::ub_password`] may use.
#[derive(Clone, Copy)]
pub struct UbPasswordFacts<'a> {
    /// Algorithm, RES, CK and IK of the challenge.
    pub aka: AkaPasswordFacts<'a>,
    /// For which kind of answer.
    pub answer: UbAnswer,
    /// Whether MAC-A of the challenge verifies.
    pub mac: MacCheck,
    /// The password that the BSF refused with this challenge, if it is not the first one.
    pub refused: Option<&'a [u8]>,
}

/// The two kinds of answer to an AKA challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UbAnswer {
    /// With RES.
    Response,
    /// With AUTS.
    Resynchronisation,
}

/// What [`UePolicy::auts`] may use.
#[derive(Clone, Copy)]
pub struct AutsFacts<'a> {
    /// The functions f1 to f5* of the USIM.
    pub functions: &'a AkaFunctions,
    /// RAND of the challenge.
    pub rand: Rand,
    /// `SQN_MS`, the highest SQN accepted so far (TS 33.102 clause C.2).
    pub sqn_ms: Sqn,
    /// The array of the USIM.
    pub usim: &'a UsimSqn,
    /// SQN of the challenge.
    pub received_sqn: Sqn,
    /// AMF of the challenge.
    pub amf: Amf,
}

/// What a UE takes from the body of the 200.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionFacts {
    /// The transaction identifier.
    pub btid: String,
    /// The end of the lifetime.
    pub expires: Moment,
}

/// What [`UePolicy::after_tmpi_refusal`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TmpiRefusal {
    /// The status code of the answer to the first request of a run, other than 401.
    pub status: u16,
}

/// What follows an error answer to a request with a TMPI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TmpiStep {
    /// Forget the TMPI and start with the private identity.
    UseImpi,
    /// Start with the same TMPI again.
    TryAgain,
    /// End the action.
    Stop,
}

/// What [`UePolicy::judge_result`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResultFacts {
    /// Where.
    pub point: ReferencePoint,
    /// What was asked for on Ua.
    pub request: Option<UaRequest>,
    /// The status code.
    pub status: u16,
    /// Whether `Authentication-Info` verifies.
    pub proof: Proof,
}

/// Whether an answer proves who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// `rspauth`, `cnonce` and `nc` are those expected.
    Valid,
    /// One of them is not.
    Wrong,
    /// There is no `Authentication-Info`.
    Absent,
}

/// What [`UePolicy::accept_realm`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RealmCheck<'a> {
    /// The realm of the challenge.
    pub realm: &'a [u8],
    /// The host name that the UE contacted.
    pub contacted: &'a str,
    /// What the UE bootstraps with.
    pub subscriber: SubscriberKind,
    /// What its card can do.
    pub card: Card,
}

impl RealmCheck<'_> {
    /// Whether the realm has an offer with this prefix for the host that was contacted.
    pub fn offers(&self, prefix: &str) -> bool {
        self.realm
            .split(|&octet| octet == b';')
            .filter_map(|form| form.trim_ascii().strip_prefix(prefix.as_bytes()))
            .any(|fqdn| fqdn.eq_ignore_ascii_case(self.contacted.as_bytes()))
    }
}

/// What [`UePolicy::product_tokens`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// What the UE bootstraps with.
    pub subscriber: SubscriberKind,
    /// What its card can do.
    pub card: Card,
}

/// Where a key for a NAF is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// In the terminal: `Ks_NAF`, which is `Ks_ext_NAF` where the card has another one.
    Terminal,
    /// In the card: `Ks_int_NAF`.
    Card,
}

/// What [`UePolicy::digest_naf_key`] derives from.
#[derive(Clone, Copy)]
pub struct DigestNafKey<'a> {
    /// Ks of `GBA_Digest`.
    pub ks: &'a Ks,
    /// The text of the nonce of the run.
    pub nonce: &'a [u8],
    /// The private identity.
    pub impi: &'a str,
    /// The name of the NAF and the Ua protocol.
    pub naf_id: &'a NafId,
}

/// What [`UePolicy::intended_identity`] chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IntendedIdentity<'a> {
    /// The private identity.
    pub impi: &'a str,
    /// The public identity that the user acts as, if there is one.
    pub public: Option<&'a str>,
}

/// What [`UePolicy::session_is_usable`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionUse<'a> {
    /// The end of the session's lifetime.
    pub expires: Moment,
    /// The present.
    pub now: Moment,
    /// Where it is to be used.
    pub peer: Peer,
    /// Where it was used before, each once.
    pub used_at: &'a [Peer],
}

/// What [`UePolicy::kept_session`] chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionChange {
    /// The end of the session at hand.
    pub old_expires: Moment,
    /// The end of the new one.
    pub new_expires: Moment,
}

/// The session that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptSession {
    /// The one of the run that has just ended.
    New,
    /// The one before it.
    Old,
}

/// What [`UePolicy::naf_key`] derives from.
#[derive(Clone, Copy)]
pub struct NafKeyFacts<'a> {
    /// Ks = CK || IK.
    pub ks: &'a Ks,
    /// RAND of the session.
    pub rand: Rand,
    /// The private identity.
    pub impi: &'a str,
    /// The host name that the UE contacted.
    pub fqdn: &'a str,
    /// The Ua protocol identifier.
    pub ua_id: UaProtocolId,
    /// Where the key is.
    pub kind: KeyKind,
}

/// What [`UePolicy::ua_protocol`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct UeChannel<'a> {
    /// The server.
    pub peer: Peer,
    /// The TLS session with it, if there is one.
    pub tls: Option<&'a TlsSession>,
}

/// What [`UePolicy::after_refusal`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefusalFacts {
    /// Where.
    pub point: ReferencePoint,
    /// The status code.
    pub status: u16,
    /// Whether the challenge that came with it has `stale=true`.
    pub stale: Stale,
    /// When the session in use was made.
    pub session: SessionAge,
    /// How many requests with credentials this action sent at this reference point.
    pub answers: u32,
}

/// The `stale` flag of a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The same key works with the new nonce (RFC 7616 clause 3.3).
    Yes,
    /// The flag is absent or false.
    No,
}

/// When a session was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionAge {
    /// In this action.
    New,
    /// Before it.
    Earlier,
}

/// What follows a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextStep {
    /// End the action.
    Stop,
    /// Answer the new challenge: on Ua with the same key, on Ub with an AKA computation of its own.
    AnswerAgain,
    /// Run Ub anew.
    BootstrapAgain,
}
