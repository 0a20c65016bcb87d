//! The other side of Zn: what a BSF tells a NAF (TS 29.109 clause 5).

use gbaspec_wire::diameter::{Avp, Packet};

use super::Bsf;
use super::network::{NafAuthorization, ZnKeyFacts};
use crate::diameter::{self, Failure};
use crate::role::Moment;

/// The most services that a NAF may ask for at once.
const GSIDS: usize = 64;
/// `GBA_U-Awareness-Indicator` of a NAF that knows of `GBA_U`.
const AWARE: u32 = 1;

impl Bsf {
    /// The answer to one question of a NAF.
    pub(super) fn zn_answer(&self, now: Moment, request: &Packet) -> Packet {
        let policy = &self.policy.network;
        self.key_for_naf(now, request)
            .unwrap_or_else(|why| (policy.failure)(request, &self.node, &why))
    }

    fn key_for_naf(&self, now: Moment, request: &Packet) -> Result<Packet, Failure> {
        let policy = &self.policy.network;
        (policy.check)(request)?;
        let btid = (policy.transaction)(request)?;
        let naf = (policy.naf)(request)?;
        let may_have_it = (policy.authorize)(&NafAuthorization {
            host: &diameter::own_text(request, "Origin-Host").unwrap_or_default(),
            fqdn: &naf.fqdn,
            grants: &self.nafs,
        });
        if !may_have_it {
            return Err((policy.not_authorized)());
        }
        let session = (policy.session)(&self.sessions, &btid, now);
        let session = session.ok_or_else(policy.no_session)?;
        let awareness = request.avp("GBA_U-Awareness-Indicator");
        let facts = ZnKeyFacts {
            session,
            naf: &naf,
            is_aware: awareness.and_then(|avp| avp.number()) == Some(AWARE),
        };
        let mut answer = diameter::success(request, &self.node);
        answer.push(Avp::new("User-Name", session.impi.as_str()));
        answer.push(Avp::new("ME-Key-Material", (policy.me_key)(&facts)));
        if let Some(key) = (policy.uicc_key)(&facts) {
            answer.push(Avp::new("UICC-Key-Material", key));
        }
        let expiry = (policy.key_expiry)(session).unix_seconds();
        answer.push(Avp::of_time("Key-ExpiryTime", expiry));
        let created = session.created.unix_seconds();
        answer.push(Avp::of_time("BootstrapInfoCreationTime", created));
        if let Some(settings) = (policy.settings)(&session.settings, &gsids(request)) {
            answer.push(Avp::new("GBA-UserSecSettings", settings));
        }
        answer.push(Avp::of_number("GBA-Type", session.gba_type.number()));
        Ok((policy.finish)(answer))
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
