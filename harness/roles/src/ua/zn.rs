//! A NAF that asks its BSF for keys, over Zn (TS 29.109 clause 5).

use gbaspec_crypto::kdf::NafId;
use gbaspec_crypto::secret::KsNaf;
use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::guss_xml::UssList;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::{self, BootstrappingInfoRequest, BootstrappingInfoResponse, Operation};

use super::keys::{Enrolment, KeySource, NafKey, ZnRefusal};
use crate::diameter::{self, NOT_AUTHORIZED, Node, SUCCESS, TRANSACTION_IDENTIFIER_INVALID, ZN};
use crate::role::{Moment, Unanswered};

/// The service of the PKI portal (TS 29.109), whose flag lets a subscriber enrol.
const PKI_PORTAL: &str = "1";
/// The flag that lets a subscriber enrol (TS 33.221).
const ENROLMENT_FLAG: &str = "1";

/// What a NAF asks for the keys of its users.
pub enum ZnSource {
    /// What stands in for a BSF and answers at once.
    StandIn(Box<dyn KeySource>),
    /// The BSF of this name, over Diameter.
    Diameter(Node),
    /// The BSF of this name, over its service-based interface (TS 29.309).
    Sbi(Node),
}

/// Every decision of a NAF towards its BSF. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct UaZnPolicy {
    /// Writes NAF-Id (TS 29.109 clause 5: the name and five octets).
    pub naf_id: fn(&NafId) -> Vec<u8>,
    /// Lists the services whose settings are asked for (GSIDs).
    pub services: fn() -> Vec<String>,
    /// Says whether the NAF knows of `GBA_U`, if it says anything.
    pub awareness: fn() -> Option<u32>,
    /// Writes the question to the BSF (TS 29.109 clause 5).
    pub bir: fn(&BirFacts<'_>) -> Packet,
    /// Reads what the BSF says.
    pub bia: fn(&BiaFacts<'_>) -> Result<NafKey, ZnRefusal>,
    /// Writes the question to the BSF over HTTP/2 (TS 29.309).
    pub info_request: fn(&BirFacts<'_>) -> Message,
    /// Reads what the BSF says over HTTP/2.
    pub info: fn(&InfoAnswer<'_>) -> Result<NafKey, ZnRefusal>,
}

impl Default for UaZnPolicy {
    fn default() -> Self {
        UaZnPolicy {
            naf_id: |naf_id| naf_id.as_bytes().to_vec(),
            services: Vec::new,
            awareness: || None,
            bir,
            bia,
            info_request,
            info,
        }
    }
}

/// What [`UaZnPolicy::bir`] and [`UaZnPolicy::info_request`] may use.
#[derive(Clone, Debug)]
pub struct BirFacts<'a> {
    /// This NAF.
    pub from: &'a Node,
    /// The BSF.
    pub to: &'a Node,
    /// A Session-Id that was never used.
    pub session: &'a str,
    /// The username of the client.
    pub btid: &'a str,
    /// The octets of NAF-Id.
    pub naf_id: Vec<u8>,
    /// The services whose settings are asked for.
    pub services: Vec<String>,
    /// `GBA_U-Awareness-Indicator`, if there is to be one.
    pub awareness: Option<u32>,
}

/// What [`UaZnPolicy::bia`] reads.
#[derive(Clone, Copy, Debug)]
pub struct BiaFacts<'a> {
    /// The answer of the BSF, or why there is none.
    pub answer: Result<&'a Packet, Unanswered>,
    /// The B-TID that was asked for.
    pub btid: &'a str,
}

/// What [`UaZnPolicy::info`] reads.
#[derive(Clone, Copy, Debug)]
pub struct InfoAnswer<'a> {
    /// The answer of the BSF, or why there is none.
    pub answer: Result<&'a Message, Unanswered>,
    /// The B-TID that was asked for.
    pub btid: &'a str,
}

/// A key that is not at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ZnQuestion {
    pub(crate) btid: String,
    pub(crate) naf_id: NafId,
}

/// The default of [`UaZnPolicy::bir`].
pub fn bir(facts: &BirFacts<'_>) -> Packet {
    let mut bir = diameter::request(&ZN, facts.from, facts.to, facts.session);
    bir.push(Avp::new("Transaction-Identifier", facts.btid));
    bir.push(Avp::new("NAF-Id", facts.naf_id.as_slice()));
    for gsid in &facts.services {
        bir.push(Avp::new("GAA-Service-Identifier", gsid.as_str()));
    }
    if let Some(awareness) = facts.awareness {
        bir.push(Avp::of_number("GBA_U-Awareness-Indicator", awareness));
    }
    bir
}

/// The default of [`UaZnPolicy::bia`].
pub fn bia(facts: &BiaFacts<'_>) -> Result<NafKey, ZnRefusal> {
    let answer = facts.answer.map_err(|_| ZnRefusal::Unavailable)?;
    match answer.result() {
        Some(SUCCESS) => {}
        Some(TRANSACTION_IDENTIFIER_INVALID) => return Err(ZnRefusal::UnknownTransaction),
        Some(NOT_AUTHORIZED) => return Err(ZnRefusal::NotAuthorized),
        _ => return Err(ZnRefusal::Unavailable),
    }
    let key = answer.avp("ME-Key-Material");
    let key = key.and_then(|key| KsNaf::try_from(key.data.as_slice()).ok());
    let expires = answer.avp("Key-ExpiryTime");
    let settings = answer.avp("GBA-UserSecSettings");
    let settings = settings.and_then(|settings| UssList::parse(&settings.data).ok());
    let (settings, _) = settings.unwrap_or_default();
    Ok(naf_key(
        facts.btid,
        key.ok_or(ZnRefusal::Unavailable)?,
        expires.and_then(|time| time.unix_seconds()),
        &settings,
    ))
}

/// The default of [`UaZnPolicy::info_request`].
pub fn info_request(facts: &BirFacts<'_>) -> Message {
    let split = facts.naf_id.len().saturating_sub(5);
    let (fqdn, protocol) = facts.naf_id.split_at(split);
    let gsids = facts.services.iter();
    let body = BootstrappingInfoRequest {
        bt_id: facts.btid.to_owned(),
        naf_id: sbi::NafId {
            naf_fqdn: String::from_utf8_lossy(fqdn).into_owned(),
            ua_sec_prot_id: protocol.to_vec(),
        },
        gba_u_aware: facts.awareness.map(|awareness| awareness == 1),
        gs_ids: gsids.filter_map(|gsid| gsid.parse().ok()).collect(),
    };
    let operation = Operation::BootstrappingInfo;
    crate::sbi::request(&operation, &facts.to.host, Some(body.emit()))
}

/// The default of [`UaZnPolicy::info`].
pub fn info(facts: &InfoAnswer<'_>) -> Result<NafKey, ZnRefusal> {
    let answer = facts.answer.map_err(|_| ZnRefusal::Unavailable)?;
    match answer.status() {
        Ok(200) => {}
        Ok(404) => return Err(ZnRefusal::UnknownTransaction),
        Ok(403) => return Err(ZnRefusal::NotAuthorized),
        _ => return Err(ZnRefusal::Unavailable),
    }
    let read = BootstrappingInfoResponse::parse(&answer.body);
    let (body, _) = read.map_err(|_| ZnRefusal::Unavailable)?;
    let key = KsNaf::try_from(body.me_key_material.0.as_slice());
    let expires = body.key_expiry_time.map(|time| sbi::date_time(&time));
    let expires = expires.transpose().map_err(|_| ZnRefusal::Unavailable)?;
    Ok(naf_key(
        facts.btid,
        key.map_err(|_| ZnRefusal::Unavailable)?,
        expires,
        &crate::sbi::uss_from_json(&body.uss_list),
    ))
}

/// A key with what the settings say of its subscriber; the end of its lifetime in seconds of Unix
/// time.
fn naf_key(btid: &str, key: KsNaf, expires: Option<i64>, settings: &UssList) -> NafKey {
    let may_enrol = settings
        .of_services(&[PKI_PORTAL])
        .0
        .iter()
        .any(|uss| uss.flags.iter().any(|flag| flag == ENROLMENT_FLAG));
    let first = settings.0.first();
    NafKey {
        btid: btid.to_owned(),
        key,
        enrolment: if may_enrol {
            Enrolment::Allowed
        } else {
            Enrolment::Refused
        },
        expires: expires.map(Moment::from_unix_seconds),
        public_identities: first.map_or_else(Vec::new, |uss| uss.uids.clone()),
        flags: first.map_or_else(Vec::new, |uss| uss.flags.clone()),
    }
}
