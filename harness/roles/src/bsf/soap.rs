//! A BSF as the web service of Zn: SOAP 1.1 over HTTP (TS 29.109).

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::date;
use gbaspec_wire::error::DeviationKind;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::Undisclosed;
use gbaspec_wire::soap::{Fault, InfoRequest, InfoResponse, MEDIA_TYPE};

use super::network::ZnNaf;
use super::zn::{ZnGrant, ZnQuestion};
use super::{Bsf, SERVER};
use crate::role::Moment;
use crate::text;

/// The octets of a Ua security protocol identifier at the end of a NAF-Id (TS 33.220 H.2).
const UA_ID: usize = 5;

/// Every decision that a BSF takes on this interface only. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct BsfSoapPolicy {
    /// Reads the question of a NAF.
    pub read: fn(&[u8]) -> Result<InfoRequest, Trouble>,
    /// Writes the answer to it (TS 29.109: the key in base64).
    pub info: fn(&InfoResponse) -> String,
    /// Chooses status and envelope for a question that is refused (SOAP 1.1 clauses 4.4 and 6.2).
    pub refusal: fn(Trouble) -> (u16, String),
}

impl Default for BsfSoapPolicy {
    fn default() -> Self {
        BsfSoapPolicy {
            read,
            info: InfoResponse::emit,
            refusal,
        }
    }
}

/// Why a question gets a Fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It is not what the service takes.
    Malformed,
    /// The NAF may not have the key, or there is none.
    NoKey,
}

/// The default of [`BsfSoapPolicy::read`]: a B-TID and a NAF-Id, each of them once.
pub fn read(body: &[u8]) -> Result<InfoRequest, Trouble> {
    let (asked, deviations) = InfoRequest::parse(body).map_err(|_| Trouble::Malformed)?;
    let is_twofold = |kind| kind == DeviationKind::DuplicateElement;
    if deviations.iter().any(|found| is_twofold(found.kind)) || asked.btid.is_empty() {
        return Err(Trouble::Malformed);
    }
    Ok(asked)
}

/// The default of [`BsfSoapPolicy::refusal`].
pub fn refusal(trouble: Trouble) -> (u16, String) {
    let (code, text) = match trouble {
        Trouble::Malformed => ("soap:Client", "the request is none of this service"),
        Trouble::NoKey => ("soap:Server", "there is no key for that"),
    };
    let fault = Fault {
        code: code.to_owned(),
        text: text.to_owned(),
    };
    (500, fault.emit())
}

/// Whether a request is one for this service: its paths are not specified, its media type is.
pub(super) fn is_soap(request: &Message) -> bool {
    let is_post = text::request_line(request).is_some_and(|(method, _)| method == b"POST");
    let media_type = request.field("Content-Type").is_some_and(|field| {
        let text = field.text().to_ascii_lowercase();
        let first = text.split(|&octet| octet == b';').next();
        first.is_some_and(|first| first.trim_ascii() == MEDIA_TYPE.as_bytes())
    });
    is_post && media_type
}

impl Bsf {
    /// The answer to one request for the service.
    pub(super) fn soap_answer(&self, now: Moment, request: &Message) -> Message {
        let policy = &self.policy.network.soap;
        let (status, body) = match self.soap_answered(now, request) {
            Ok(body) => (200, body),
            Err(trouble) => (policy.refusal)(trouble),
        };
        let mut answer = text::response(status, SERVER, now);
        answer.push("Content-Type", format!("{MEDIA_TYPE}; charset=utf-8"));
        text::with_body(answer, body.as_bytes())
    }

    fn soap_answered(&self, now: Moment, request: &Message) -> Result<String, Trouble> {
        let policy = &self.policy.network.soap;
        let content = request.content().map_err(|_| Trouble::Malformed)?;
        let asked = (policy.read)(&content)?;
        let parts = asked.naf_id.split_last_chunk::<UA_ID>();
        let (fqdn, protocol) = parts.ok_or(Trouble::Malformed)?;
        let fqdn = str::from_utf8(fqdn).map_err(|_| Trouble::Malformed)?;
        if fqdn.is_empty() {
            return Err(Trouble::Malformed);
        }
        let question = ZnQuestion {
            // Nothing in the request says who asks but this.
            host: fqdn.to_owned(),
            btid: asked.btid,
            naf: ZnNaf {
                fqdn: fqdn.to_owned(),
                protocol: UaProtocolId::new(*protocol),
            },
            is_aware: asked.gba_u_aware == Some(true),
            services: asked.gsids,
        };
        let grant = self.grant(now, &question);
        let grant = grant.map_err(|_| Trouble::NoKey)?;
        Ok((policy.info)(&info(grant)))
    }
}

fn info(grant: ZnGrant<'_>) -> InfoResponse {
    let session = grant.session;
    let time = |moment: Moment| Some(date::utc_date_time(moment.unix_seconds()));
    InfoResponse {
        impi: Some(session.impi.clone()),
        me_key_material: Undisclosed::from(grant.me_key),
        uicc_key_material: grant.uicc_key.map(Undisclosed::from),
        key_expiry_time: time(grant.expiry),
        bootstrapping_info_creation_time: time(session.created),
    }
}
