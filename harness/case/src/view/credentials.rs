//! What a request proves: the Authorization header, AUTS and the password of the response.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::token::{Autn, Auts, Rand};
use gbaspec_wire::auts;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;

use super::digest::{digest_input, is_aka, response_of};
use super::{View, deviations};
use crate::fact::Value;
use crate::scene::Subscriber;

impl<'a> View<'a> {
    pub(crate) fn credential(&self, name: &str) -> Option<Value> {
        self.credentials_list()?.value(name).map(Value::escaped)
    }

    pub(crate) fn credentials(&self) -> Option<Value> {
        self.credentials_list()?
            .scheme
            .as_deref()
            .map(Value::escaped)
    }

    pub(crate) fn credentials_form(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let (_, found) = gbaspec_wire::digest_header::Credentials::parse(&list);
        Some(deviations(&found))
    }

    pub(crate) fn credentials_auts_octets(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let octets = BASE64.decode(list.value("auts")?).ok()?;
        Some(Value::Number(octets.len() as u64))
    }

    /// The AUTS of a request with the RAND of the nonce that it names.
    pub(super) fn resynchronisation(&self) -> Option<(&'a Subscriber, Rand, Autn, Auts)> {
        let list = self.credentials_list()?;
        let auts = Auts::from(auts::decode(list.value("auts")?).ok()?);
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let subscriber = self.subscriber_of(list.value("username"))?;
        Some((
            subscriber,
            Rand::from(nonce.rand),
            Autn::from(nonce.autn),
            auts,
        ))
    }

    pub(crate) fn credentials_auts_mac(&self) -> Option<Value> {
        let (subscriber, rand, challenge, auts) = self.resynchronisation()?;
        let opened = subscriber.functions.open_auts(rand, &auts);
        if opened.mac == MacCheck::Valid {
            return Some(Value::word("valid"));
        }
        // The near misses name the likely fault (TS 33.102 6.3.3: AMF* is all zero, f1* not f1).
        let with_amf = subscriber
            .functions
            .auts_with_amf(rand, opened.sqn_ms, challenge.amf());
        if with_amf.mac_s() == auts.mac_s() {
            return Some(Value::word("challenge-amf"));
        }
        let f1 = subscriber
            .functions
            .f1(rand, opened.sqn_ms, gbaspec_crypto::token::Amf::RESYNC);
        let is_f1 = f1.as_bytes() == auts.mac_s().as_bytes();
        Some(Value::word(if is_f1 { "f1" } else { "mismatch" }))
    }

    pub(crate) fn credentials_auts_sqn_ms(&self) -> Option<Value> {
        let (subscriber, rand, _, auts) = self.resynchronisation()?;
        Some(Value::Sqn(
            subscriber.functions.open_auts(rand, &auts).sqn_ms.value(),
        ))
    }

    pub(crate) fn credentials_made_with(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        Some(Value::word(self.made_with(&list)?))
    }

    /// What the response in these credentials was computed with.
    pub(super) fn made_with(&self, list: &DirectiveList) -> Option<&'static str> {
        let response = list.value("response")?;
        let method = self.message.request_line().ok()?.method.to_vec();
        let body = self.message.content().ok()?;
        let secrets = self.candidates(list);
        let made_with = secrets.iter().find(|(_, password)| {
            let input = digest_input(list, password, &method, &body);
            gbaspec_crypto::digest::digests_equal(&response_of(list, &input), response)
        });
        Some(made_with.map_or("unknown", |(name, _)| name))
    }

    /// The passwords that a response can have been computed with, right and near miss.
    fn candidates(&self, list: &DirectiveList) -> Vec<(&'static str, Vec<u8>)> {
        let mut found = vec![("empty-password", Vec::new())];
        if is_aka(list) {
            if let Some(res) = self.res(list) {
                found.push(("res", res.clone()));
                found.push(("res-as-hex", HEXLOWER.encode(&res).into_bytes()));
                found.push(("res-as-base64", BASE64.encode(&res).into_bytes()));
            }
        } else if let Some(key) = self.ks_naf(list) {
            found.push(("ks-naf", BASE64.encode(&key).into_bytes()));
            found.push(("ks-naf-as-hex", HEXLOWER.encode(&key).into_bytes()));
            found.push(("ks-naf-raw", key));
        }
        found
    }

    /// RES for the RAND in the nonce of these credentials.
    fn res(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let subscriber = self.subscriber_of(list.value("username"))?;
        Some(
            subscriber
                .functions
                .f2(Rand::from(nonce.rand))
                .expose()
                .to_vec(),
        )
    }

    /// The password that the rule asks for: RES for an AKA algorithm (RFC 3310 3.3), else the
    /// base64 text of Ks_NAF (TS 24.109 5.2.2).
    pub(crate) fn right_password(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        if is_aka(list) {
            return self.res(list);
        }
        Some(BASE64.encode(&self.ks_naf(list)?).into_bytes())
    }

    /// Ks_NAF for the B-TID in these credentials, at the element that hears them.
    fn ks_naf(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let (_, at) = self.ends()?;
        let key = self
            .scene
            .ks_naf(list.value("username")?, at, self.transcript.subscriber)?;
        Some(key.expose().to_vec())
    }
}
