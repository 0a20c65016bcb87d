//! The rules themselves: what a UE decides unless a fault says otherwise.

use data_encoding::BASE64;
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::digest::{Password, Qop};
use gbaspec_crypto::gba_digest;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::sqn::{SqnOutOfRange, UsimSqn};
use gbaspec_crypto::token::{Autn, Rand, Sqn};
use gbaspec_wire::bsf_xml::BootstrappingInfo;
use gbaspec_wire::date;
use gbaspec_wire::digest_header::{Algorithm, QopValue};
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use super::super::Card;
use super::{
    AutsFacts, CertificateCheck, ChallengeJudgement, ChallengeVerdict, DigestNafKey, Freshness,
    FreshnessFacts, IntendedIdentity, KeptSession, KeyKind, MacFacts, NafKeyFacts, NextStep,
    OfferedChallenges, OtherSchemeFacts, Proof, QopOffer, RealmCheck, ReferencePoint, RefusalFacts,
    ResultFacts, SessionAge, SessionChange, SessionFacts, SessionUse, Stale, TmpiRefusal, TmpiStep,
    TokenFacts, UbAnswer, UbPasswordFacts, UeChannel, UsernameFacts, UsimUpdate,
};
use crate::proof::DigestFacts;
use crate::role::{ClientOutcome, Moment, Peer, Transport};
use crate::subscriber::SubscriberKind;
use crate::ua::{DIGEST_PREFIX, REALM_PREFIX, UICC_PREFIX};
use crate::{text, ub};

/// How many resynchronisations may follow each other (row UB-4.5-13: a UE limits them).
const RESYNCHRONISATIONS: u32 = 2;
/// How many times one action may answer a challenge at a reference point.
const ANSWERS: u32 = 3;

/// The default of [`UePolicy::transport`].
pub fn transport(kind: SubscriberKind) -> Transport {
    match kind {
        SubscriberKind::Usim => Transport::Tcp,
        SubscriberKind::Sim | SubscriberKind::Digest => Transport::Tls,
    }
}

/// The default of [`UePolicy::first_nonce`]: a proposed one is no AKA challenge (RFC 7616
/// clause 3.5 leaves it to the client).
pub fn first_nonce(_proposed: Option<&[u8]>) -> Vec<u8> {
    Vec::new()
}

/// The default of [`UePolicy::username`].
pub fn username(facts: &UsernameFacts<'_>) -> String {
    match facts {
        UsernameFacts::Ub { impi, tmpi } => tmpi.unwrap_or(impi).to_owned(),
        UsernameFacts::Ua { btid, .. } => (*btid).to_owned(),
    }
}

/// The default of [`UePolicy::choose_challenge`]: the algorithm that this UE prefers among those
/// that are offered (RFC 4169 clause 4.1), and of several challenges with it the first.
pub fn choose_challenge(offered: &OfferedChallenges<'_>) -> Option<usize> {
    offered.known.iter().find_map(|wanted| {
        // RFC 7616 clause 3.3: a digest challenge without the directive means MD5.
        offered
            .challenges
            .iter()
            .position(|challenge| challenge.algorithm.as_ref().unwrap_or(&Algorithm::Md5) == wanted)
    })
}

/// The default of [`UePolicy::accept_certificate`]: the server is the one that was contacted, and the
/// certificate is its own.
pub fn accept_certificate(check: &CertificateCheck<'_>) -> bool {
    check
        .claimed
        .eq_ignore_ascii_case(check.contacted.as_bytes())
        && check
            .names
            .iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(check.claimed))
}

/// The default of [`UePolicy::answer_other_scheme`].
pub fn answer_other_scheme(_facts: &OtherSchemeFacts<'_>) -> Option<String> {
    None
}

/// The default of [`UePolicy::check_mac`].
pub fn check_mac(facts: &MacFacts<'_>) -> MacCheck {
    facts.functions.open_autn(facts.rand, facts.autn).mac
}

/// The default of [`UePolicy::read_nonce`].
pub fn read_nonce(nonce: &[u8]) -> Option<(Rand, Autn)> {
    let nonce = AkaNonce::decode(nonce).ok()?;
    Some((Rand::from(nonce.rand), Autn::from(nonce.autn)))
}

/// The default of [`UePolicy::check_sqn`].
pub fn check_sqn(usim: &UsimSqn, sqn: Sqn) -> Result<(), SqnOutOfRange> {
    usim.check(sqn)
}

/// The default of [`UePolicy::judge_challenge`].
pub fn judge_challenge(challenge: &ChallengeJudgement) -> ChallengeVerdict {
    match (challenge.mac, challenge.sqn) {
        (MacCheck::Mismatch, _) => ChallengeVerdict::Stop(ClientOutcome::NotAuthentic),
        (MacCheck::Valid, Ok(())) => ChallengeVerdict::Answer,
        (MacCheck::Valid, Err(_)) if challenge.resynchronisations < RESYNCHRONISATIONS => {
            ChallengeVerdict::Resynchronise
        }
        (MacCheck::Valid, Err(_)) => ChallengeVerdict::Stop(ClientOutcome::Failed),
    }
}

/// The default of [`UePolicy::update_usim`].
pub fn update_usim(update: &UsimUpdate<'_>) -> UsimSqn {
    let mut usim = update.usim.clone();
    if update.verdict == ChallengeVerdict::Answer {
        // An SQN that the array refuses leaves it as it is, also where a policy answers to it.
        let _ = usim.accept(update.sqn);
    }
    usim
}

/// The default of [`UePolicy::choose_qop`].
pub fn choose_qop(offer: &QopOffer<'_>) -> Option<Qop> {
    let is_protected = offer.point == ReferencePoint::Ua && offer.transport != Transport::Tcp;
    if offer.values.contains(&QopValue::AuthInt) {
        Some(Qop::AuthInt)
    } else if is_protected && offer.values.contains(&QopValue::Auth) {
        Some(Qop::Auth)
    } else {
        None
    }
}

/// The default of [`UePolicy::freshness`]: each nonce is used for one request, so the count is
/// always one.
pub fn freshness(facts: &FreshnessFacts) -> Freshness {
    Freshness {
        nc: "00000001".to_owned(),
        cnonce: text::hex(&facts.random),
    }
}

/// The default of [`UePolicy::response`].
pub fn response(facts: &DigestFacts, password: &[u8]) -> String {
    facts
        .input(Password::Octets(password), &facts.body)
        .response()
}

/// The default of [`UePolicy::content`]; content whose chunks cannot be read is none.
pub fn content(message: &Message) -> Vec<u8> {
    message.content().unwrap_or_default().into_owned()
}

/// The default of [`UePolicy::ub_password`].
pub fn ub_password(facts: &UbPasswordFacts<'_>) -> Vec<u8> {
    match facts.answer {
        UbAnswer::Response => ub::aka::password(&facts.aka),
        UbAnswer::Resynchronisation => Vec::new(),
    }
}

/// The default of [`UePolicy::auts`].
pub fn auts(facts: &AutsFacts<'_>) -> Vec<u8> {
    facts
        .functions
        .auts(facts.rand, facts.sqn_ms)
        .as_bytes()
        .to_vec()
}

/// The default of [`UePolicy::read_session`].
pub fn read_session(body: &[u8]) -> Option<SessionFacts> {
    let (info, _) = BootstrappingInfo::parse(body).ok()?;
    session_facts(info.btid, &info.lifetime)
}

/// A session from the texts of its two elements; `None` where the B-TID is empty or the lifetime
/// is no UTC moment.
pub(crate) fn session_facts(btid: String, lifetime: &str) -> Option<SessionFacts> {
    let seconds = date::parse_utc_date_time(lifetime.as_bytes()).ok()?;
    (!btid.is_empty()).then_some(SessionFacts {
        btid,
        expires: Moment::from_unix_seconds(seconds),
    })
}

/// The default of [`UePolicy::after_tmpi_refusal`].
pub fn after_tmpi_refusal(refusal: &TmpiRefusal) -> TmpiStep {
    match refusal.status {
        400..=599 => TmpiStep::UseImpi,
        _ => TmpiStep::Stop,
    }
}

/// The default of [`UePolicy::judge_result`].
pub fn judge_result(facts: &ResultFacts) -> ClientOutcome {
    match (facts.point, facts.status, facts.proof) {
        (_, 200, Proof::Valid) => ClientOutcome::Success,
        (ReferencePoint::Ua, 400..=499, Proof::Valid) => ClientOutcome::Refused,
        (_, 200, Proof::Wrong | Proof::Absent) | (ReferencePoint::Ua, 400..=499, Proof::Wrong) => {
            ClientOutcome::NotAuthentic
        }
        _ => ClientOutcome::Failed,
    }
}

/// The default of [`UePolicy::ua_protocol`]: a portal has an identifier of its own; elsewhere it
/// follows from what protects the connection.
pub fn ua_protocol(channel: &UeChannel<'_>) -> UaProtocolId {
    match (channel.peer, channel.tls) {
        (Peer::Portal, _) => UaProtocolId::PKI_PORTAL,
        (Peer::Bsf | Peer::Naf, Some(tls)) => tls.ua_protocol(),
        (Peer::Bsf | Peer::Naf, None) => UaProtocolId::HTTP_DIGEST,
    }
}

/// The default of [`UePolicy::accept_realm`]. A realm may list several forms with `;` between
/// them.
pub fn accept_realm(check: &RealmCheck<'_>) -> bool {
    check.offers(REALM_PREFIX)
        || check.card == Card::GbaU && check.offers(UICC_PREFIX)
        || check.subscriber == SubscriberKind::Digest && check.offers(DIGEST_PREFIX)
}

/// The default of [`UePolicy::product_tokens`].
pub fn product_tokens(facts: &TokenFacts) -> &'static str {
    match (facts.subscriber, facts.card) {
        (SubscriberKind::Digest, _) => "3gpp-gba-digest",
        (SubscriberKind::Usim, Card::GbaU) => "3gpp-gba 3gpp-gba-uicc",
        (SubscriberKind::Usim | SubscriberKind::Sim, _) => "3gpp-gba",
    }
}

/// The default of [`UePolicy::key_kind`].
pub fn key_kind(check: &RealmCheck<'_>) -> KeyKind {
    let is_of_card = check.card == Card::GbaU && check.offers(UICC_PREFIX);
    if is_of_card && !check.offers(REALM_PREFIX) {
        KeyKind::Card
    } else {
        KeyKind::Terminal
    }
}

/// The default of [`UePolicy::digest_naf_key`].
pub fn digest_naf_key(facts: &DigestNafKey<'_>) -> KsNaf {
    gba_digest::ks_naf(facts.ks, facts.nonce, facts.impi, facts.naf_id)
}

/// The default of [`UePolicy::intended_identity`].
pub fn intended_identity(identity: &IntendedIdentity<'_>) -> Option<String> {
    identity.public.map(|public| format!("\"{public}\""))
}

/// The default of [`UePolicy::session_is_usable`].
pub fn session_is_usable(session: &SessionUse<'_>) -> bool {
    session.now < session.expires
}

/// The default of [`UePolicy::kept_session`].
pub fn kept_session(_change: &SessionChange) -> KeptSession {
    KeptSession::New
}

/// The default of [`UePolicy::next_nonce_at_naf`].
pub fn next_nonce_at_naf(proposed: &[u8]) -> Option<Vec<u8>> {
    Some(proposed.to_vec())
}

/// The default of [`UePolicy::naf_key`].
pub fn naf_key(facts: &NafKeyFacts<'_>) -> KsNaf {
    let naf_id = NafId::new(facts.fqdn, facts.ua_id);
    match facts.kind {
        KeyKind::Terminal => kdf::ks_naf(facts.ks, facts.rand, facts.impi, &naf_id),
        KeyKind::Card => kdf::ks_int_naf(facts.ks, facts.rand, facts.impi, &naf_id),
    }
}

/// The default of [`UePolicy::ua_password`].
pub fn ua_password(key: &KsNaf) -> Vec<u8> {
    BASE64.encode(key.expose()).into_bytes()
}

/// The default of [`UePolicy::after_refusal`].
pub fn after_refusal(facts: &RefusalFacts) -> NextStep {
    if facts.status != 401 || facts.answers >= ANSWERS {
        return NextStep::Stop;
    }
    match (facts.stale, facts.point, facts.session) {
        (Stale::Yes, _, _) => NextStep::AnswerAgain,
        // TS 24.109 clause 5.2.5: the network has withdrawn the key that the UE still had.
        (Stale::No, ReferencePoint::Ua, SessionAge::Earlier) => NextStep::BootstrapAgain,
        (Stale::No, _, _) => NextStep::Stop,
    }
}
