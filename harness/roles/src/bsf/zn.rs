//! The other side of Zn: what a BSF tells a NAF (TS 29.109 clause 5).

use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::guss_xml::UssList;

use super::Bsf;
use super::network::{NafAuthorization, ZnKeyFacts, ZnNaf};
use crate::diameter::{self, Failure};
use crate::role::Moment;
use crate::store::Session;

/// The most services that a NAF may ask for at once.
const GSIDS: usize = 64;
/// `GBA_U-Awareness-Indicator` of a NAF that knows of `GBA_U`.
const AWARE: u32 = 1;

/// The question of a NAF, over whatever interface it came.
pub(super) struct ZnQuestion {
    /// Who asks.
    pub(super) host: String,
    pub(super) btid: String,
    pub(super) naf: ZnNaf,
    /// Whether the NAF knows of `GBA_U`.
    pub(super) is_aware: bool,
    /// The GSIDs of the services whose settings it wants.
    pub(super) services: Vec<String>,
}

/// What the NAF gets.
pub(super) struct ZnGrant<'a> {
    pub(super) session: &'a Session,
    pub(super) me_key: Vec<u8>,
    pub(super) uicc_key: Option<Vec<u8>>,
    pub(super) expiry: Moment,
    pub(super) settings: UssList,
}

impl Bsf {
    /// The answer to one question of a NAF over Diameter.
    pub(super) fn zn_answer(&self, now: Moment, request: &Packet) -> Packet {
        let policy = &self.policy.network;
        self.key_for_naf(now, request)
            .unwrap_or_else(|why| (policy.failure)(request, &self.node, &why))
    }

    fn key_for_naf(&self, now: Moment, request: &Packet) -> Result<Packet, Failure> {
        let policy = &self.policy.network;
        (policy.check)(request)?;
        let awareness = request.avp("GBA_U-Awareness-Indicator");
        let grant = self.grant(
            now,
            &ZnQuestion {
                host: diameter::own_text(request, "Origin-Host").unwrap_or_default(),
                btid: (policy.transaction)(request)?,
                naf: (policy.naf)(request)?,
                is_aware: awareness.and_then(|avp| avp.number()) == Some(AWARE),
                services: gsids(request),
            },
        )?;
        let session = grant.session;
        let mut answer = diameter::success(request, &self.node);
        answer.push(Avp::new("User-Name", session.impi.as_str()));
        answer.push(Avp::new("ME-Key-Material", grant.me_key));
        if let Some(key) = grant.uicc_key {
            answer.push(Avp::new("UICC-Key-Material", key));
        }
        let expiry = grant.expiry.unix_seconds();
        answer.push(Avp::of_time("Key-ExpiryTime", expiry));
        let created = session.created.unix_seconds();
        answer.push(Avp::of_time("BootstrapInfoCreationTime", created));
        if let Some(settings) = (policy.settings)(&grant.settings) {
            answer.push(Avp::new("GBA-UserSecSettings", settings));
        }
        answer.push(Avp::of_number("GBA-Type", session.gba_type.number()));
        Ok((policy.finish)(answer))
    }

    /// What the NAF gets, if it may have it.
    pub(super) fn grant(&self, now: Moment, question: &ZnQuestion) -> Result<ZnGrant<'_>, Failure> {
        let policy = &self.policy.network;
        let may_have_it = (policy.authorize)(&NafAuthorization {
            host: &question.host,
            fqdn: &question.naf.fqdn,
            grants: &self.nafs,
        });
        if !may_have_it {
            return Err((policy.not_authorized)());
        }
        let session = (policy.session)(&self.sessions, &question.btid, now);
        let session = session.ok_or_else(policy.no_session)?;
        let facts = ZnKeyFacts {
            session,
            naf: &question.naf,
            is_aware: question.is_aware,
        };
        Ok(ZnGrant {
            session,
            me_key: (policy.me_key)(&facts),
            uicc_key: (policy.uicc_key)(&facts),
            expiry: (policy.key_expiry)(session),
            settings: (policy.services)(&session.settings, &question.services),
        })
    }
}

/// The services that the NAF asks for (TS 29.109: GSIDs as text).
fn gsids(request: &Packet) -> Vec<String> {
    let asked_for = request.avps_named("GAA-Service-Identifier").into_iter();
    asked_for
        .take(GSIDS)
        .filter_map(|avp| String::from_utf8(avp.data).ok())
        .collect()
}
