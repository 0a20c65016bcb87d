//! Keys between NAF and BSF (TS 29.109 clause 5, TS 29.309).

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::token::Rand;
use gbaspec_wire::btid::BTid;
use gbaspec_wire::date;
use gbaspec_wire::diameter::{Avp, dictionary};
use gbaspec_wire::guss_xml::UssList;
use gbaspec_wire::sbi::{GbaType, date_time};

use super::super::near_misses::Derivation;
use super::{View, secrets};
use crate::element::Element;
use crate::fact::Value;
use crate::redact::rands;
use crate::scene::{Session, SessionKey, SessionState};
use crate::subscriber::Subscriber;

/// The octets of a Ua security protocol identifier at the end of a NAF-Id (TS 33.220 H.2).
const UA_ID: usize = 5;
/// How long after its own expiry a key of the NAF may end because both are rounded, in seconds.
const ROUNDING: i64 = 1;

/// The NAF-Id of a request, taken apart.
struct NafAsked {
    fqdn: String,
    protocol: UaProtocolId,
}

impl<'a> View<'a> {
    /// The AVP of a message of Zn.
    fn zn_avp(&self, name: &str) -> Option<Avp> {
        let packet = self.packet.as_ref()?;
        let is_one = packet.command == dictionary::BOOTSTRAPPING_INFO;
        is_one.then(|| packet.avp(name))?
    }

    /// The B-TID that a request of a NAF names.
    pub(crate) fn btid_asked(&self) -> Option<Vec<u8>> {
        if let Some(request) = self.key_request() {
            return Some(request.bt_id.into_bytes());
        }
        if let Some(request) = self.soap_request() {
            return Some(request.btid.into_bytes());
        }
        Some(self.zn_avp("Transaction-Identifier")?.data)
    }

    /// The octets of the NAF-Id that a request of a NAF names.
    fn naf_id_octets(&self) -> Option<Vec<u8>> {
        if let Some(request) = self.key_request() {
            return Some(request.naf_id.octets());
        }
        if let Some(request) = self.soap_request() {
            return Some(request.naf_id);
        }
        Some(self.zn_avp("NAF-Id")?.data)
    }

    /// The NAF-Id that a request of a NAF names.
    pub(crate) fn naf_id_asked(&self) -> Option<NafId> {
        let asked = self.naf_asked()?;
        Some(NafId::new(&asked.fqdn, asked.protocol))
    }

    fn naf_asked(&self) -> Option<NafAsked> {
        let octets = self.naf_id_octets()?;
        let (fqdn, id) = octets.split_last_chunk::<UA_ID>()?;
        Some(NafAsked {
            fqdn: str::from_utf8(fqdn).ok()?.to_owned(),
            protocol: UaProtocolId::new(*id),
        })
    }

    pub(crate) fn zn_btid(&self) -> Option<Value> {
        Some(Value::escaped(&self.btid_asked()?))
    }

    pub(crate) fn zn_session(&self) -> Option<Value> {
        let btid = self.btid_asked()?;
        let is_live = |session: &&Session| {
            session.state == SessionState::Live && session.btid.as_bytes() == btid
        };
        let is_known = self.scene.sessions.iter().find(is_live).is_some();
        Some(Value::word(if is_known { "known" } else { "unknown" }))
    }

    pub(crate) fn zn_naf_fqdn(&self) -> Option<Value> {
        let octets = self.naf_id_octets()?;
        let (fqdn, _) = octets.split_last_chunk::<UA_ID>()?;
        Some(Value::escaped(fqdn))
    }

    pub(crate) fn zn_naf_ua_id(&self) -> Option<Value> {
        let octets = self.naf_id_octets()?;
        let (_, id) = octets.split_last_chunk::<UA_ID>()?;
        Some(Value::Text(HEXLOWER.encode(id)))
    }

    /// The subscriber and RAND of the run that left this B-TID.
    fn run_of(&self, btid: &[u8]) -> Option<(&'a Subscriber, Rand)> {
        let rand = Rand::from(BTid::decode(btid).ok()?.rand().ok()?);
        let session = self.scene.sessions.iter();
        let mut session = session.filter(|session| session.btid.as_bytes() == btid);
        if let Some(SessionKey::Derived { impi, rand }) = session.next().map(|session| &session.key)
        {
            return Some((self.scene.subscriber_named(impi.as_bytes())?, *rand));
        }
        let own = || self.scene.subscribers.get(self.transcript.subscriber);
        let subscriber = self.subscriber_of_rand(rand).or_else(own)?;
        Some((subscriber, rand))
    }

    /// Whose run used this RAND in the play.
    fn subscriber_of_rand(&self, rand: Rand) -> Option<&'a Subscriber> {
        (0..self.index).rev().find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let list = view.credentials_list()?;
            let nonce = gbaspec_wire::nonce::AkaNonce::decode(list.value("nonce")?).ok()?;
            (Rand::from(nonce.rand) == rand).then(|| view.subscriber_of(list.value("username")))?
        })
    }

    /// What the octets of a key are, seen by whoever has the keys of the card.
    fn zn_key(&self, octets: &[u8]) -> Option<Value> {
        let request = self.answered()?;
        let btid = request.btid_asked()?;
        let (subscriber, rand) = self.run_of(&btid)?;
        let functions = subscriber.aka()?;
        let ks = kdf::ks(&functions.f3(rand), &functions.f4(rand));
        let impi = &subscriber.impi;
        let mut known = Vec::new();
        if let Some(naf) = request.naf_id_asked() {
            let key = kdf::ks_naf(&ks, rand, impi, &naf);
            known.push(("ks-naf", key.expose().to_vec()));
            let key = kdf::ks_int_naf(&ks, rand, impi, &naf);
            known.push(("ks-int-naf", key.expose().to_vec()));
        }
        known.push(("ks", ks.expose().to_vec()));
        for naf in self.other_nafs() {
            let key = kdf::ks_naf(&ks, rand, impi, &naf);
            known.push(("ks-naf of another NAF-Id", key.expose().to_vec()));
        }
        if let Some(asked) = request.naf_asked() {
            let derivation = Derivation {
                subscriber,
                functions,
                rand,
                btid: &btid,
                bsf: &self.scene.names.bsf,
                protocol: asked.protocol,
                suite: None,
                naf: &asked.fqdn,
                host: &asked.fqdn,
                others: Vec::new(),
                other_runs: &rands(self.transcript),
            };
            let misses = derivation.near_misses().into_iter();
            // They are made as passwords of Ua, which are base64 text.
            known
                .extend(misses.filter_map(|(name, text)| Some((name, BASE64.decode(&text).ok()?))));
        }
        Some(Value::Text(secrets::named(octets, &known)))
    }

    /// Identifiers that a BSF may confuse with the one that was asked for.
    fn other_nafs(&self) -> Vec<NafId> {
        let names = [Element::Naf, Element::Portal, Element::Proxy, Element::Bsf];
        let protocols = [
            UaProtocolId::HTTP_DIGEST,
            UaProtocolId::PKI_PORTAL,
            UaProtocolId::MBMS,
        ];
        let of = |at: &Element| protocols.map(|protocol| self.scene.naf_id(*at, protocol));
        names.iter().flat_map(of).collect()
    }

    pub(crate) fn key_me(&self) -> Option<Value> {
        if let Some(response) = self.key_response() {
            return self.zn_key(&response.me_key_material.0);
        }
        if let Some(response) = self.soap_response() {
            return self.zn_key(&response.me_key_material.0);
        }
        self.zn_key(&self.zn_avp("ME-Key-Material")?.data)
    }

    pub(crate) fn key_uicc(&self) -> Option<Value> {
        if let Some(response) = self.key_response() {
            return self.zn_key(&response.uicc_key_material?.0);
        }
        if let Some(response) = self.soap_response() {
            return self.zn_key(&response.uicc_key_material?.0);
        }
        self.zn_key(&self.zn_avp("UICC-Key-Material")?.data)
    }

    /// The end of the lifetime of a key, in seconds of Unix time.
    fn key_expiry_seconds(&self) -> Option<i64> {
        if let Some(response) = self.key_response() {
            return date_time(&response.key_expiry_time?).ok();
        }
        if let Some(response) = self.soap_response() {
            return date_time(&response.key_expiry_time?).ok();
        }
        self.zn_avp("Key-ExpiryTime")?.unix_seconds()
    }

    pub(crate) fn key_expiry(&self) -> Option<Value> {
        let seconds = self.key_expiry_seconds()?;
        Some(Value::Text(date::utc_date_time(seconds)))
    }

    /// The end of the key's lifetime beside what the UE was told on Ub.
    pub(crate) fn key_expiry_told(&self) -> Option<Value> {
        let expiry = self.key_expiry_seconds()?;
        let btid = self.answered()?.btid_asked()?;
        let told = (0..self.index).rev().find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let (told, lifetime) = view.session_told()?;
            (told.as_bytes() == btid).then_some(lifetime)
        })?;
        let difference = expiry - told;
        Some(Value::word(if difference.abs() <= ROUNDING {
            "same"
        } else if difference > 0 {
            "later"
        } else {
            "earlier"
        }))
    }

    pub(crate) fn key_created(&self) -> Option<Value> {
        let seconds = if let Some(response) = self.key_response() {
            date_time(&response.bootstrapping_info_creation_time?).ok()?
        } else if let Some(response) = self.soap_response() {
            date_time(&response.bootstrapping_info_creation_time?).ok()?
        } else {
            self.zn_avp("BootstrapInfoCreationTime")?.unix_seconds()?
        };
        let started = self.transcript.started_unix_millis / 1000;
        let is_near = (started - 3600..=started + 3600).contains(&seconds);
        Some(Value::word(if is_near { "now" } else { "another-time" }))
    }

    pub(crate) fn key_gba_type(&self) -> Option<Value> {
        if let Some(response) = self.key_response() {
            return Some(Value::word(match response.gba_type? {
                GbaType::ThreeG => "3g",
                GbaType::TwoG => "2g",
                GbaType::Digest => "digest",
                GbaType::Unknown(_) => "other",
            }));
        }
        let number = self.zn_avp("GBA-Type")?.number()?;
        Some(Value::word(match number {
            0 => "3g",
            1 => "2g",
            2 => "digest",
            _ => "other",
        }))
    }

    /// The document of user security settings in a message.
    fn settings(&self) -> Option<Vec<u8>> {
        Some(self.packet.as_ref()?.avp("GBA-UserSecSettings")?.data)
    }

    pub(crate) fn uss_root(&self) -> Option<Value> {
        let settings = self.settings()?;
        let text = String::from_utf8_lossy(&settings).into_owned();
        let named =
            |name: &str| text.contains(&format!("<{name}")) || text.contains(&format!(":{name}"));
        // A guss holds a list, so it is looked for first.
        Some(Value::word(match (named("guss"), named("ussList")) {
            (true, _) => "guss",
            (false, true) => "ussList",
            (false, false) => "other",
        }))
    }

    /// The services that settings are given for.
    pub(crate) fn uss_gsids(&self) -> Option<Value> {
        let mut found: Vec<String> = if let Some(response) = self.key_response() {
            let services = response.uss_list.iter();
            services.map(|uss| uss.gs_id.to_string()).collect()
        } else {
            let (list, _) = UssList::parse(&self.settings()?).ok()?;
            list.0.into_iter().map(|uss| uss.id).collect()
        };
        found.sort_unstable();
        found.dedup();
        Some(Value::List(found))
    }
}
