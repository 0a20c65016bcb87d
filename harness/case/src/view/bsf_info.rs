//! What the end of a run hands out: the document application/vnd.3gpp.bsf+xml.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_wire::bsf_xml::BootstrappingInfo;
use gbaspec_wire::btid::BTid;
use gbaspec_wire::date;
use gbaspec_wire::error::Deviation;

use super::{View, deviations};
use crate::fact::Value;

impl View<'_> {
    fn bootstrapping_info(&self) -> Option<(BootstrappingInfo, Vec<Deviation>)> {
        BootstrappingInfo::parse(&self.message.content().ok()?).ok()
    }

    pub(crate) fn bsf_info(&self) -> Option<Value> {
        // A page that says why something was refused is well-formed XML now and then, but hands out
        // no B-TID.
        let (info, _) = self.bootstrapping_info()?;
        (!info.btid.is_empty()).then(|| Value::word("there"))
    }

    pub(crate) fn bsf_info_form(&self) -> Option<Value> {
        self.bootstrapping_info()
            .map(|(_, found)| deviations(&found))
    }

    /// B-TID and end of the lifetime, in seconds of Unix time.
    pub(crate) fn session_told(&self) -> Option<(String, i64)> {
        let (info, _) = self.bootstrapping_info()?;
        let lifetime = date::parse_utc_date_time(info.lifetime.as_bytes()).ok()?;
        Some((info.btid, lifetime))
    }

    pub(crate) fn bsf_info_btid(&self) -> Option<Value> {
        self.bootstrapping_info()
            .map(|(info, _)| Value::escaped(info.btid.as_bytes()))
    }

    pub(crate) fn bsf_info_btid_rand(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let btid = BTid::decode(info.btid.as_bytes()).ok()?;
        let octets = BASE64.decode(&btid.key).ok()?;
        Some(Value::Text(HEXLOWER.encode(&octets)))
    }

    pub(crate) fn bsf_info_btid_domain(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let btid = BTid::decode(info.btid.as_bytes()).ok()?;
        Some(Value::escaped(btid.domain.as_bytes()))
    }

    pub(crate) fn bsf_info_lifetime(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let Ok(expires) = date::parse_utc_date_time(info.lifetime.as_bytes()) else {
            return Some(Value::word("broken"));
        };
        let is_future = expires.saturating_mul(1000) > self.transcript.started_unix_millis;
        Some(Value::word(if is_future { "future" } else { "past" }))
    }

    /// How long the session lives, by the clock of whoever made it where the message tells its time.
    pub(crate) fn bsf_info_lifetime_seconds(&self) -> Option<Value> {
        let (_, expires) = self.session_told()?;
        let arrival = || {
            let elapsed = self.transcript.entries.get(self.index)?.at_micros / 1000;
            let elapsed = i64::try_from(elapsed).ok()?;
            Some((self.transcript.started_unix_millis.saturating_add(elapsed)) / 1000)
        };
        let date = self.message.field("Date");
        let date = date.and_then(|date| date::parse_http_date(&date.text()).ok());
        let seconds = expires.saturating_sub(date.or_else(arrival)?);
        Some(Value::Number(u64::try_from(seconds).unwrap_or(0)))
    }

    pub(crate) fn expires_lifetime(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let lifetime = date::parse_utc_date_time(info.lifetime.as_bytes()).ok()?;
        let expires = date::parse_http_date(&self.message.field("Expires")?.text()).ok()?;
        let is_same = expires == lifetime;
        Some(Value::word(if is_same { "same" } else { "other" }))
    }
}
