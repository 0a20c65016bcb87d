//! A BSF as `Nbsp_GBA` (TS 29.309), and as a client of an HSS (TS 29.562).

use data_encoding::HEXLOWER_PERMISSIVE;
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::secret::{Ck, Ha1, Ik, Res};
use gbaspec_crypto::token::{Autn, Auts, Rand};
use gbaspec_wire::date;
use gbaspec_wire::guss_xml::Guss;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::{
    AkaAv, AuthDataRequest, AuthDataResponse, AuthenticationScheme, BootstrappingInfoRequest,
    BootstrappingInfoResponse, DigestAuth, GbaType as Word, Operation, Resynchronization,
    SubscriberData, UeId, Undisclosed,
};

use super::network::{HomeMaterial, ZnNaf};
use super::zn::{ZnGrant, ZnQuestion};
use super::{Bsf, RefusalReason};
use crate::role::{Moment, Unanswered};
use crate::sbi::{self, BAD_REQUEST, NOT_FOUND, Problem};
use crate::store::GbaType;
use crate::subscriber::SubscriberKind;

/// Every decision that a BSF takes on these interfaces only. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct BsfSbiPolicy {
    /// Reads the question of a NAF (TS 29.309: by the schema).
    pub read: fn(&[u8]) -> Result<BootstrappingInfoRequest, Problem>,
    /// Writes the answer to it (TS 29.309: keys in hex).
    pub info: fn(&BootstrappingInfoResponse) -> String,
    /// Writes the answer to a question that is refused.
    pub refusal: fn(&Problem) -> Message,
    /// Writes the question for a vector (TS 29.562).
    pub auth_data_request: fn(&AuthDataFacts<'_>) -> Message,
    /// Reads the answer to it; no vector, no challenge.
    pub auth_data: fn(&AuthDataAnswer<'_>) -> Result<HomeMaterial, RefusalReason>,
    /// Writes the question for the user security settings (TS 29.562).
    pub subscriber_data_request: fn(&AuthDataFacts<'_>) -> Message,
    /// Reads the answer to it. A user may have no settings.
    pub subscriber_data: fn(&AuthDataAnswer<'_>) -> Result<Option<Guss>, RefusalReason>,
}

impl Default for BsfSbiPolicy {
    fn default() -> Self {
        BsfSbiPolicy {
            read: |body| sbi::strict(BootstrappingInfoRequest::parse(body)),
            info: BootstrappingInfoResponse::emit,
            refusal: sbi::refusal,
            auth_data_request,
            auth_data,
            subscriber_data_request,
            subscriber_data,
        }
    }
}

/// What the questions to an HSS are made of.
#[derive(Clone, Copy, Debug)]
pub struct AuthDataFacts<'a> {
    /// The name of the HSS.
    pub host: &'a str,
    /// The private identity.
    pub impi: &'a str,
    /// What the subscriber has.
    pub kind: SubscriberKind,
    /// RAND || AUTS after a synchronisation failure.
    pub resync: Option<&'a [u8]>,
}

/// What an HSS says, and to what.
#[derive(Clone, Copy, Debug)]
pub struct AuthDataAnswer<'a> {
    /// The answer, or why there is none.
    pub answer: Result<&'a Message, Unanswered>,
    /// The private identity that was asked for.
    pub impi: &'a str,
    /// What was asked for.
    pub kind: SubscriberKind,
    /// Whether an AUTS was in the question.
    pub is_resync: bool,
}

/// The default of [`BsfSbiPolicy::auth_data_request`].
pub fn auth_data_request(facts: &AuthDataFacts<'_>) -> Message {
    let scheme = match facts.kind {
        SubscriberKind::Usim | SubscriberKind::Sim => AuthenticationScheme::AkaV1Md5,
        SubscriberKind::Digest => AuthenticationScheme::Http,
    };
    let resync = facts.resync.map(|octets| {
        let (rand, auts) = octets.split_at(octets.len().saturating_sub(Auts::LEN));
        Resynchronization {
            rand: rand.to_vec(),
            auts: auts.to_vec(),
        }
    });
    let body = AuthDataRequest {
        authentication_scheme: Some(scheme),
        resynchronization: resync,
    };
    let operation = Operation::GenerateAuthData(UeId::Impi(facts.impi.to_owned()));
    sbi::request(&operation, facts.host, Some(body.emit()))
}

/// The default of [`BsfSbiPolicy::subscriber_data_request`].
pub fn subscriber_data_request(facts: &AuthDataFacts<'_>) -> Message {
    let operation = Operation::SubscriberData(UeId::Impi(facts.impi.to_owned()));
    sbi::request(&operation, facts.host, None)
}

/// The default of [`BsfSbiPolicy::auth_data`].
pub fn auth_data(facts: &AuthDataAnswer<'_>) -> Result<HomeMaterial, RefusalReason> {
    let answer = received(facts)?;
    match answer.status() {
        Ok(200) => {}
        Ok(404) => return Err(RefusalReason::UnknownIdentity),
        Ok(300..) if facts.is_resync => return Err(RefusalReason::ForgedAuts),
        Ok(300..) => return Err(RefusalReason::HomeRefused),
        _ => return Err(RefusalReason::HomeMalformed),
    }
    let read = AuthDataResponse::parse(&answer.body);
    let (body, deviations) = read.map_err(|_| RefusalReason::HomeMalformed)?;
    if body.impi.is_some_and(|impi| impi != facts.impi) {
        return Err(RefusalReason::HomeMalformed);
    }
    let material = match facts.kind {
        // Octets in another form than hex may be anything.
        SubscriberKind::Usim | SubscriberKind::Sim => {
            let av = body.aka_av.filter(|_| deviations.is_empty());
            av.and_then(|av| vector(&av))
        }
        SubscriberKind::Digest => body.digest_auth.and_then(ha1),
    };
    material.ok_or(RefusalReason::HomeMalformed)
}

/// The default of [`BsfSbiPolicy::subscriber_data`].
pub fn subscriber_data(facts: &AuthDataAnswer<'_>) -> Result<Option<Guss>, RefusalReason> {
    let answer = received(facts)?;
    match answer.status() {
        Ok(200) => {}
        Ok(404) => return Ok(None),
        Ok(300..) => return Err(RefusalReason::HomeRefused),
        _ => return Err(RefusalReason::HomeMalformed),
    }
    let read = SubscriberData::parse(&answer.body);
    let (data, _) = read.map_err(|_| RefusalReason::HomeMalformed)?;
    let guss = data.guss.as_ref();
    Ok(guss.map(|guss| sbi::guss_from_json(facts.impi, guss)))
}

fn received<'a>(facts: &AuthDataAnswer<'a>) -> Result<&'a Message, RefusalReason> {
    facts.answer.map_err(|why| match why {
        Unanswered::Broken => RefusalReason::HomeUnreachable,
        Unanswered::TooLate => RefusalReason::HomeSilent,
    })
}

fn vector(av: &AkaAv) -> Option<HomeMaterial> {
    Some(HomeMaterial::Vector(AuthenticationVector {
        rand: Rand::try_from(av.rand.as_slice()).ok()?,
        autn: Autn::try_from(av.autn.as_slice()).ok()?,
        xres: Res::new(&av.xres.0).ok()?,
        ck: Ck::try_from(av.ck.0.as_slice()).ok()?,
        ik: Ik::try_from(av.ik.0.as_slice()).ok()?,
    }))
}

fn ha1(digest: DigestAuth) -> Option<HomeMaterial> {
    let octets = HEXLOWER_PERMISSIVE.decode(&digest.ha1.0).ok()?;
    let octets: [u8; 32] = octets.try_into().ok()?;
    Some(HomeMaterial::Ha1 {
        ha1: Ha1::from(octets),
        realm: digest.digest_realm,
    })
}

impl Bsf {
    /// The answer to one request over HTTP/2.
    pub(super) fn sbi_answer(&self, now: Moment, request: &Message) -> Message {
        let policy = &self.policy.network.sbi;
        self.sbi_answered(now, request)
            .map_or_else(|why| (policy.refusal)(&why), sbi::success)
    }

    fn sbi_answered(&self, now: Moment, request: &Message) -> Result<String, Problem> {
        if sbi::operation(request)? != Operation::BootstrappingInfo {
            return Err(NOT_FOUND);
        }
        let policy = &self.policy.network.sbi;
        let asked = (policy.read)(&request.body)?;
        let protocol = asked.naf_id.ua_sec_prot_id.as_slice().try_into();
        let fqdn = asked.naf_id.naf_fqdn;
        let protocol = protocol.map_err(|_| BAD_REQUEST)?;
        if fqdn.is_empty() || asked.bt_id.is_empty() {
            return Err(BAD_REQUEST);
        }
        let question = ZnQuestion {
            // Nothing in the request says who asks but this (TS 29.309).
            host: fqdn.clone(),
            btid: asked.bt_id,
            naf: ZnNaf {
                fqdn,
                protocol: UaProtocolId::new(protocol),
            },
            is_aware: asked.gba_u_aware == Some(true),
            services: asked.gs_ids.iter().map(u32::to_string).collect(),
        };
        let grant = self.grant(now, &question);
        let grant = grant.map_err(|why| Problem::from(&why))?;
        Ok((policy.info)(&info(grant)))
    }
}

fn info(grant: ZnGrant<'_>) -> BootstrappingInfoResponse {
    let session = grant.session;
    let created = session.created.unix_seconds();
    BootstrappingInfoResponse {
        me_key_material: Undisclosed::from(grant.me_key),
        uicc_key_material: grant.uicc_key.map(Undisclosed::from),
        key_expiry_time: Some(date::utc_date_time(grant.expiry.unix_seconds())),
        bootstrapping_info_creation_time: Some(date::utc_date_time(created)),
        uss_list: sbi::uss_to_json(&grant.settings),
        gba_type: Some(match session.gba_type {
            GbaType::ThirdGeneration => Word::ThreeG,
            GbaType::SecondGeneration => Word::TwoG,
            GbaType::Digest => Word::Digest,
        }),
        impi: Some(session.impi.clone()),
    }
}
