//! Authentication vectors between BSF and HSS (TS 29.109 clause 4, TS 29.562).

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};
use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAuts};
use gbaspec_crypto::token::{Autn, Auts, Rand};
use gbaspec_wire::diameter::{Avp, dictionary};

use super::{View, hex, secrets};
use crate::fact::Value;
use crate::subscriber::Subscriber;

/// The octets of RAND and AUTS one after the other.
const RAND_AUTS: usize = 30;
/// The octets of RAND and AUTN one after the other.
const RAND_AUTN: usize = 32;

/// What an answer says of one vector, as octets.
struct VectorItem {
    challenge: Vec<u8>,
    xres: Option<Vec<u8>>,
    ck: Option<Vec<u8>>,
    ik: Option<Vec<u8>>,
}

impl<'a> View<'a> {
    /// The private identity that a request for a vector is about.
    pub(crate) fn vector_impi(&self) -> Option<String> {
        let Some(packet) = &self.packet else {
            return self.sbi_impi();
        };
        if packet.command != dictionary::MULTIMEDIA_AUTH {
            return None;
        }
        String::from_utf8(packet.avp("User-Name")?.data).ok()
    }

    /// What a request for a vector carries for a resynchronisation, as it was sent.
    pub(crate) fn resync_octets(&self) -> Option<Vec<u8>> {
        let Some(packet) = &self.packet else {
            let resync = self.auth_data_request()?.resynchronization?;
            return Some([resync.rand, resync.auts].concat());
        };
        let is_one = packet.command == dictionary::MULTIMEDIA_AUTH && packet.is_request();
        let authorization = is_one.then(|| packet.avp("SIP-Authorization"))??;
        Some(authorization.data)
    }

    /// RAND and AUTS of a resynchronisation that has both in octets.
    pub(crate) fn resync(&self) -> Option<(Rand, Auts)> {
        let octets = self.resync_octets()?;
        let (rand, auts) = octets.split_first_chunk::<16>()?;
        Some((
            Rand::from(*rand),
            Auts::from(<[u8; 14]>::try_from(auts).ok()?),
        ))
    }

    /// The subscriber that a request for a vector, or the answer to it, is about; whatever name the
    /// answer has, it is about the one who was asked for.
    pub(crate) fn vector_subscriber(&self) -> Option<&'a Subscriber> {
        let asked = self.answered().and_then(|request| request.vector_impi());
        let impi = asked.or_else(|| self.vector_impi())?;
        self.scene.subscriber_named(impi.as_bytes())
    }

    fn vector_functions(&self) -> Option<&'a AkaFunctions> {
        self.vector_subscriber()?.aka()
    }

    /// The AUTS of a resynchronisation, opened with the keys of its subscriber.
    pub(crate) fn opened_resync(&self) -> Option<OpenedAuts> {
        let (rand, auts) = self.resync()?;
        Some(self.vector_functions()?.open_auts(rand, &auts))
    }

    /// RAND and AUTN of an answer with a vector.
    pub(crate) fn given_challenge(&self) -> Option<(Rand, Autn)> {
        let item = self.vector_item()?;
        let (rand, autn) = item.challenge.split_first_chunk::<16>()?;
        Some((
            Rand::from(*rand),
            Autn::from(<[u8; 16]>::try_from(autn).ok()?),
        ))
    }

    /// The realm for which an HSS gives H(A1) instead of a vector.
    pub(crate) fn given_realm(&self) -> Option<Vec<u8>> {
        if let Some(response) = self.auth_data_response() {
            return Some(response.digest_auth?.digest_realm.into_bytes());
        }
        Some(self.packet.as_ref()?.avp("Digest-Realm")?.data)
    }

    fn vector_item(&self) -> Option<VectorItem> {
        let Some(packet) = &self.packet else {
            let vector = self.auth_data_response()?.aka_av?;
            return Some(VectorItem {
                challenge: [vector.rand, vector.autn].concat(),
                xres: Some(vector.xres.0),
                ck: Some(vector.ck.0),
                ik: Some(vector.ik.0),
            });
        };
        let is_one = packet.command == dictionary::MULTIMEDIA_AUTH && !packet.is_request();
        let item = is_one
            .then(|| packet.avp("SIP-Auth-Data-Item"))??
            .children();
        let of = |name: &str| {
            let mut named = item
                .iter()
                .filter(|avp: &&Avp| avp.info().is_some_and(|info| info.name == name));
            named.next().map(|avp| avp.data.clone())
        };
        Some(VectorItem {
            challenge: of("SIP-Authenticate")?,
            xres: of("SIP-Authorization"),
            ck: of("Confidentiality-Key"),
            ik: of("Integrity-Key"),
        })
    }

    pub(crate) fn zh_impi(&self) -> Option<Value> {
        Some(Value::escaped(self.vector_impi()?.as_bytes()))
    }

    pub(crate) fn zh_user(&self) -> Option<Value> {
        let impi = self.vector_impi()?;
        let mut known = self.scene.subscribers.iter();
        let is_known = known.any(|subscriber| subscriber.impi == impi);
        Some(Value::word(if is_known { "known" } else { "unknown" }))
    }

    pub(crate) fn zh_resync(&self) -> Option<Value> {
        let octets = self.resync_octets()?;
        let is_text = octets.is_ascii();
        let decodes_to = |length: usize| {
            let base64 = BASE64.decode(&octets).ok();
            let hex = HEXLOWER_PERMISSIVE.decode(&octets).ok();
            let is = |decoded: Option<Vec<u8>>| decoded.is_some_and(|it| it.len() == length);
            (is(base64), is(hex))
        };
        let word = match octets.len() {
            RAND_AUTS => "rand-auts",
            14 => "auts-alone",
            _ if is_text && decodes_to(RAND_AUTS).0 => "base64",
            _ if is_text && decodes_to(RAND_AUTS).1 => "hex",
            _ if is_text && decodes_to(14).0 => "auts-alone-base64",
            _ => "other",
        };
        Some(Value::word(word))
    }

    pub(crate) fn zh_resync_octets(&self) -> Option<Value> {
        Some(Value::Number(self.resync_octets()?.len() as u64))
    }

    pub(crate) fn zh_resync_rand(&self) -> Option<Value> {
        Some(hex(self.resync()?.0.as_bytes()))
    }

    pub(crate) fn zh_resync_mac(&self) -> Option<Value> {
        let opened = self.opened_resync()?;
        let is_valid = opened.mac == MacCheck::Valid;
        Some(Value::word(if is_valid { "valid" } else { "wrong" }))
    }

    pub(crate) fn zh_resync_sqn_ms(&self) -> Option<Value> {
        Some(Value::Sqn(self.opened_resync()?.sqn_ms.value()))
    }

    pub(crate) fn vector(&self) -> Option<Value> {
        let octets = self.vector_item()?.challenge;
        let text = octets.trim_ascii();
        let is_base64 = BASE64.decode(text).is_ok_and(|it| it.len() == RAND_AUTN);
        let is_hex = HEXLOWER_PERMISSIVE.decode(text).is_ok();
        Some(Value::word(match octets.len() {
            RAND_AUTN => "rand-autn",
            16 => "rand-alone",
            _ if is_base64 => "base64",
            _ if is_hex => "hex",
            _ => "other",
        }))
    }

    pub(crate) fn vector_rand(&self) -> Option<Value> {
        Some(hex(self.given_challenge()?.0.as_bytes()))
    }

    pub(crate) fn vector_sqn(&self) -> Option<Value> {
        let (rand, autn) = self.given_challenge()?;
        let opened = self.vector_functions()?.open_autn(rand, &autn);
        Some(Value::Sqn(opened.sqn.value()))
    }

    pub(crate) fn vector_mac(&self) -> Option<Value> {
        let (rand, autn) = self.given_challenge()?;
        let opened = self.vector_functions()?.open_autn(rand, &autn);
        let is_valid = opened.mac == MacCheck::Valid;
        Some(Value::word(if is_valid { "valid" } else { "wrong" }))
    }

    pub(crate) fn vector_amf(&self) -> Option<Value> {
        let (_, autn) = self.given_challenge()?;
        Some(Value::Text(HEXLOWER.encode(autn.amf().as_bytes())))
    }

    pub(crate) fn vector_xres(&self) -> Option<Value> {
        self.vector_part(self.vector_item()?.xres)
    }

    pub(crate) fn vector_ck(&self) -> Option<Value> {
        self.vector_part(self.vector_item()?.ck)
    }

    pub(crate) fn vector_ik(&self) -> Option<Value> {
        self.vector_part(self.vector_item()?.ik)
    }

    /// What the octets of one part of a vector are, seen by whoever has the keys.
    fn vector_part(&self, octets: Option<Vec<u8>>) -> Option<Value> {
        let octets = octets?;
        let (rand, _) = self.given_challenge()?;
        let functions = self.vector_functions()?;
        let known = [
            ("xres", functions.f2(rand).expose().to_vec()),
            ("ck", functions.f3(rand).expose().to_vec()),
            ("ik", functions.f4(rand).expose().to_vec()),
        ];
        Some(Value::Text(secrets::named(&octets, &known)))
    }
}
