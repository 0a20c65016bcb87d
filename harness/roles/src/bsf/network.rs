//! The decisions of a BSF towards its home network (Zh) and towards NAFs (Zn), one function each; the
//! defaults are the rules of the specifications.

use data_encoding::HEXLOWER_PERMISSIVE;
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::secret::{Ck, Ha1, Ik, Res};
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::auts;
use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::guss_xml::{Guss, UiccType, UssList};

use super::sbi::BsfSbiPolicy;
use super::soap::BsfSoapPolicy;
use super::{NafGrant, RefusalReason, ResyncResponse};
use crate::diameter::{
    self, AKA_SCHEME, DIGEST_SCHEME, Failure, IDENTITY_UNKNOWN, NOT_AUTHORIZED, Node, SUCCESS,
    TRANSACTION_IDENTIFIER_INVALID, ZH, ZN,
};
use crate::role::{Moment, Unanswered};
use crate::store::{Session, SessionStore};
use crate::subscriber::SubscriberKind;
use crate::ub::KeyInput;

/// Every decision that a BSF takes towards HSS and NAF. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct NetworkPolicy {
    /// Writes the question to the HSS (TS 29.109 clause 4).
    pub mar: fn(&MarFacts<'_>) -> Packet,
    /// Judges a synchronisation failure whose MAC-S only the HSS can check (TS 24.109 clause 4.5).
    pub forward_auts: fn(&HomeResync<'_>) -> HomeResyncDecision,
    /// Reads what the HSS says; no vector, no challenge (TS 29.109 clause 4).
    pub home_answer: fn(&HomeAnswerFacts<'_>) -> Result<HomeAnswer, RefusalReason>,
    /// Chooses the lifetime of a session in seconds (TS 33.220 clause 4.5.2: the one of the user
    /// security settings, otherwise the BSF's own).
    pub lifetime: fn(&LifetimeFacts) -> u32,
    /// Judges the form of a question of a NAF (RFC 6733 clause 7.1).
    pub check: fn(&Packet) -> Result<(), Failure>,
    /// Finds the B-TID in a question (TS 29.109 clause 5: Transaction-Identifier).
    pub transaction: fn(&Packet) -> Result<String, Failure>,
    /// Finds for which NAF a key is asked for (TS 29.109 clause 5: NAF-Id).
    pub naf: fn(&Packet) -> Result<ZnNaf, Failure>,
    /// Says whether the asking NAF may have the key (TS 33.220 clause 4.5.3).
    pub authorize: fn(&NafAuthorization<'_>) -> bool,
    /// The result for a NAF that may not (TS 29.109 clause 6.2: 5402).
    pub not_authorized: fn() -> Failure,
    /// Finds the session of a B-TID (TS 29.109 clause 5: one whose lifetime has not ended).
    pub session: for<'a> fn(&'a SessionStore, &str, Moment) -> Option<&'a Session>,
    /// The result where there is none (TS 29.109 clause 6.2: 5403).
    pub no_session: fn() -> Failure,
    /// Makes ME-Key-Material: the 32 octets of `Ks_NAF` (TS 33.220 Annexes B.3 and B.6).
    pub me_key: fn(&ZnKeyFacts<'_>) -> Vec<u8>,
    /// Makes UICC-Key-Material: `Ks_int_NAF`, if the session is one of `GBA_U` and the NAF says that
    /// it knows of that (TS 33.220 clause 5.3.3).
    pub uicc_key: fn(&ZnKeyFacts<'_>) -> Option<Vec<u8>>,
    /// Chooses the end of the key's lifetime (TS 33.220 clause 4.5.2: as the UE was told).
    pub key_expiry: fn(&Session) -> Moment,
    /// Chooses the settings that the NAF gets (TS 29.109 clause 5: for the services that it asks for,
    /// and no others).
    pub services: fn(&UssList, &[String]) -> UssList,
    /// Writes them (TS 29.109 clause 5: the root is `ussList`); none where there are none.
    pub settings: fn(&UssList) -> Option<Vec<u8>>,
    /// Gives an answer that succeeds its last touch; there is none by the rules.
    pub finish: fn(Packet) -> Packet,
    /// Writes the answer to a question that fails.
    pub failure: fn(&Packet, &Node, &Failure) -> Packet,
    /// The decisions on the service-based interfaces only.
    pub sbi: BsfSbiPolicy,
    /// The decisions on the web service only.
    pub soap: BsfSoapPolicy,
}

impl Default for NetworkPolicy {
    fn default() -> Self {
        NetworkPolicy {
            mar,
            forward_auts,
            home_answer,
            lifetime,
            check: |request| diameter::check(request, &ZN),
            transaction,
            naf,
            authorize,
            not_authorized: || Failure::Experimental(NOT_AUTHORIZED),
            session: SessionStore::session,
            no_session: || Failure::Experimental(TRANSACTION_IDENTIFIER_INVALID),
            me_key,
            uicc_key,
            key_expiry: |session| session.expires,
            services,
            settings,
            finish: |answer| answer,
            failure: diameter::failure,
            sbi: BsfSbiPolicy::default(),
            soap: BsfSoapPolicy::default(),
        }
    }
}

/// What [`NetworkPolicy::mar`] may use.
#[derive(Clone, Copy, Debug)]
pub struct MarFacts<'a> {
    /// This BSF.
    pub from: &'a Node,
    /// The HSS.
    pub to: &'a Node,
    /// A Session-Id that was never used.
    pub session: &'a str,
    /// The private identity.
    pub impi: &'a str,
    /// What the subscriber has.
    pub kind: SubscriberKind,
    /// RAND || AUTS after a synchronisation failure.
    pub resync: Option<&'a [u8]>,
    /// The time of the user security settings that the BSF has, in seconds of Unix time.
    pub guss_timestamp: Option<i64>,
}

/// What [`NetworkPolicy::forward_auts`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HomeResync<'a> {
    /// RAND of the vector with this nonce, if the BSF issued one that may still be answered.
    pub issued_rand: Option<Rand>,
    /// The text of the `auts` directive.
    pub auts: &'a [u8],
    /// Whether the response is the one of the empty password (RFC 3310 clause 3.4).
    pub response: ResyncResponse,
}

/// What follows from a synchronisation failure where the HSS is elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeResyncDecision {
    /// The HSS is asked for a vector with these octets in SIP-Authorization.
    Forward(Vec<u8>),
    /// The HSS is asked for a vector as if there had been no AUTS.
    ChallengeAgain,
    /// Nobody is asked.
    Refuse(RefusalReason),
}

/// What [`NetworkPolicy::home_answer`] reads.
#[derive(Clone, Copy, Debug)]
pub struct HomeAnswerFacts<'a> {
    /// The answer of the HSS, or why there is none.
    pub answer: Result<&'a Packet, Unanswered>,
    /// The private identity that was asked for.
    pub impi: &'a str,
    /// What was asked for.
    pub kind: SubscriberKind,
    /// Whether an AUTS was in the question.
    pub is_resync: bool,
}

/// What an HSS gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HomeAnswer {
    /// What a challenge is made of.
    pub material: HomeMaterial,
    /// The user security settings, if there are any in the answer.
    pub guss: Option<Guss>,
    /// Their time in seconds of Unix time.
    pub guss_timestamp: Option<i64>,
}

/// What a challenge is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeMaterial {
    /// A vector.
    Vector(AuthenticationVector),
    /// H(A1) of `GBA_Digest` and the realm inside it.
    Ha1 {
        /// H(A1), made with SHA-256.
        ha1: Ha1,
        /// The realm.
        realm: String,
    },
}

/// What [`NetworkPolicy::lifetime`] chooses from, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LifetimeFacts {
    /// The lifetime that the BSF is set up with.
    pub own: u32,
    /// The one of the user security settings.
    pub of_settings: Option<u32>,
}

/// A NAF-Id taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZnNaf {
    /// The name of the NAF.
    pub fqdn: String,
    /// The Ua protocol.
    pub protocol: UaProtocolId,
}

/// What [`NetworkPolicy::authorize`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct NafAuthorization<'a> {
    /// Who asks.
    pub host: &'a str,
    /// The name that the key is for.
    pub fqdn: &'a str,
    /// Who may have which keys.
    pub grants: &'a [NafGrant],
}

/// What the decisions on the keys of a NAF look at.
#[derive(Clone, Copy)]
pub struct ZnKeyFacts<'a> {
    /// The session.
    pub session: &'a Session,
    /// The NAF.
    pub naf: &'a ZnNaf,
    /// Whether the NAF says that it knows of `GBA_U`.
    pub is_aware: bool,
}

impl ZnKeyFacts<'_> {
    /// The identifier that the keys are derived with.
    pub fn naf_id(&self) -> NafId {
        NafId::new(&self.naf.fqdn, self.naf.protocol)
    }
}

/// The default of [`NetworkPolicy::mar`].
pub fn mar(facts: &MarFacts<'_>) -> Packet {
    let mut mar = diameter::request(&ZH, facts.from, facts.to, facts.session);
    mar.push(Avp::new("User-Name", facts.impi));
    let scheme = match facts.kind {
        SubscriberKind::Usim | SubscriberKind::Sim => AKA_SCHEME,
        SubscriberKind::Digest => DIGEST_SCHEME,
    };
    let mut item = vec![Avp::new("SIP-Authentication-Scheme", scheme)];
    item.extend(
        facts
            .resync
            .map(|resync| Avp::new("SIP-Authorization", resync)),
    );
    mar.push(Avp::of_group("SIP-Auth-Data-Item", &item));
    if let Some(timestamp) = facts.guss_timestamp {
        mar.push(Avp::of_time("GUSS-Timestamp", timestamp));
    }
    mar
}

/// The default of [`NetworkPolicy::forward_auts`]: what the BSF can see itself comes first, as with a
/// home network of its own; MAC-S is left to the HSS.
pub fn forward_auts(resync: &HomeResync<'_>) -> HomeResyncDecision {
    let Ok(auts) = auts::decode(resync.auts) else {
        return HomeResyncDecision::Refuse(RefusalReason::MalformedAuts);
    };
    match (resync.issued_rand, resync.response) {
        (Some(rand), ResyncResponse::Right) => {
            HomeResyncDecision::Forward([rand.as_bytes().as_slice(), &auts].concat())
        }
        _ => HomeResyncDecision::ChallengeAgain,
    }
}

/// The default of [`NetworkPolicy::home_answer`].
pub fn home_answer(facts: &HomeAnswerFacts<'_>) -> Result<HomeAnswer, RefusalReason> {
    let answer = facts.answer.map_err(|why| match why {
        Unanswered::Broken => RefusalReason::HomeUnreachable,
        Unanswered::TooLate => RefusalReason::HomeSilent,
    })?;
    match answer.result() {
        Some(SUCCESS) => {}
        Some(IDENTITY_UNKNOWN) => return Err(RefusalReason::UnknownIdentity),
        Some(_) if facts.is_resync => return Err(RefusalReason::ForgedAuts),
        Some(_) => return Err(RefusalReason::HomeRefused),
        None => return Err(RefusalReason::HomeMalformed),
    }
    let is_for = diameter::own_text(answer, "User-Name");
    if is_for.is_some_and(|name| name != facts.impi) {
        return Err(RefusalReason::HomeMalformed);
    }
    let material = match facts.kind {
        SubscriberKind::Usim | SubscriberKind::Sim => vector(answer).map(HomeMaterial::Vector),
        SubscriberKind::Digest => ha1(answer),
    };
    let settings = answer.avp("GBA-UserSecSettings");
    let guss = settings.map(|settings| Guss::parse(&settings.data));
    let guss = guss.transpose();
    let guss = guss.map_err(|_| RefusalReason::HomeMalformed)?;
    Ok(HomeAnswer {
        material: material.ok_or(RefusalReason::HomeMalformed)?,
        guss: guss.map(|(guss, _)| guss),
        guss_timestamp: answer
            .avp("GUSS-Timestamp")
            .and_then(|time| time.unix_seconds()),
    })
}

/// The vector in an answer of an HSS, if it is complete.
pub fn vector(answer: &Packet) -> Option<AuthenticationVector> {
    let data = |name| answer.avp(name).map(|avp| avp.data);
    let challenge = data("SIP-Authenticate")?;
    let (rand, autn) = challenge.split_first_chunk::<{ Rand::LEN }>()?;
    Some(AuthenticationVector {
        rand: Rand::from(*rand),
        autn: Autn::try_from(autn).ok()?,
        xres: Res::new(&data("SIP-Authorization")?).ok()?,
        ck: Ck::try_from(data("Confidentiality-Key")?.as_slice()).ok()?,
        ik: Ik::try_from(data("Integrity-Key")?.as_slice()).ok()?,
    })
}

fn ha1(answer: &Packet) -> Option<HomeMaterial> {
    let digits = answer.avp("Digest-HA1")?.data;
    let octets = HEXLOWER_PERMISSIVE.decode(&digits).ok()?;
    let octets: [u8; 32] = octets.try_into().ok()?;
    Some(HomeMaterial::Ha1 {
        ha1: Ha1::from(octets),
        realm: diameter::text(answer, "Digest-Realm")?,
    })
}

/// The default of [`NetworkPolicy::lifetime`].
pub fn lifetime(facts: &LifetimeFacts) -> u32 {
    facts.of_settings.unwrap_or(facts.own)
}

/// The default of [`NetworkPolicy::transaction`]. One that is no text is one that nobody has.
pub fn transaction(request: &Packet) -> Result<String, Failure> {
    const NAME: &str = "Transaction-Identifier";
    let avp = request.avp(NAME).ok_or(Failure::MissingAvp(NAME))?;
    String::from_utf8(avp.data).map_err(|_| Failure::Experimental(TRANSACTION_IDENTIFIER_INVALID))
}

/// The default of [`NetworkPolicy::naf`]: a name and five octets.
pub fn naf(request: &Packet) -> Result<ZnNaf, Failure> {
    const NAME: &str = "NAF-Id";
    let avp = request.avp(NAME).ok_or(Failure::MissingAvp(NAME))?;
    let parts = avp.data.split_last_chunk::<5>();
    let parts = parts.filter(|(fqdn, _)| !fqdn.is_empty());
    let naf = parts.and_then(|(fqdn, protocol)| {
        Some(ZnNaf {
            fqdn: str::from_utf8(fqdn).ok()?.to_owned(),
            protocol: UaProtocolId::new(*protocol),
        })
    });
    naf.ok_or(Failure::InvalidValue(avp))
}

/// The default of [`NetworkPolicy::authorize`]: there is a grant for this name, and for this NAF.
pub fn authorize(facts: &NafAuthorization<'_>) -> bool {
    facts.grants.iter().any(|grant| {
        let is_for_host = grant.host.as_ref();
        grant.fqdn.eq_ignore_ascii_case(facts.fqdn)
            && is_for_host.is_none_or(|host| host.eq_ignore_ascii_case(facts.host))
    })
}

/// The default of [`NetworkPolicy::me_key`].
pub fn me_key(facts: &ZnKeyFacts<'_>) -> Vec<u8> {
    let session = facts.session;
    let key = session
        .input
        .ks_naf(&session.ks, &session.impi, &facts.naf_id());
    key.expose().to_vec()
}

/// The default of [`NetworkPolicy::uicc_key`].
pub fn uicc_key(facts: &ZnKeyFacts<'_>) -> Option<Vec<u8>> {
    let is_wanted = facts.is_aware && facts.session.uicc_type == UiccType::GbaU;
    is_wanted.then(|| ks_int_naf(facts)).flatten()
}

/// `Ks_int_NAF` of a session that a card took part in (TS 33.220 Annex B.3).
pub fn ks_int_naf(facts: &ZnKeyFacts<'_>) -> Option<Vec<u8>> {
    let session = facts.session;
    let KeyInput::Rand(rand) = session.input else {
        return None;
    };
    let key = kdf::ks_int_naf(&session.ks, rand, &session.impi, &facts.naf_id());
    Some(key.expose().to_vec())
}

/// The default of [`NetworkPolicy::services`].
pub fn services(all: &UssList, gsids: &[String]) -> UssList {
    let gsids: Vec<&str> = gsids.iter().map(String::as_str).collect();
    all.of_services(&gsids)
}

/// The default of [`NetworkPolicy::settings`].
pub fn settings(list: &UssList) -> Option<Vec<u8>> {
    (!list.0.is_empty()).then(|| list.emit().into_bytes())
}
