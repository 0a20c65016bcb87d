//! What a request proves: the Authorization header, AUTS and the password of the response.

use data_encoding::BASE64;
use gbaspec_crypto::aka::{AkaFunctions, MacCheck};
use gbaspec_crypto::token::{Amf, Autn, Auts, MacS, Rand, Sqn};
use gbaspec_wire::auts;
use gbaspec_wire::btid::BTid;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;
use gbaspec_wire::realm::{Prefix, UaRealm};

use super::digest::{aka_version, digest_input, response_of};
use super::near_misses::{self, Candidate, Derivation, is_other_form};
use super::proof;
use super::{View, deviations};
use crate::element::Element;
use crate::fact::Value;
use crate::redact::rands;

/// The right password in a digest that leaves the body out, as some clients make it under auth-int.
const OVER_NO_BODY: &str = "ks-naf-over-no-body";

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
    pub(super) fn resynchronisation(&self) -> Option<(&'a AkaFunctions, Rand, Autn, Auts)> {
        let list = self.credentials_list()?;
        let auts = Auts::from(auts::decode(list.value("auts")?).ok()?);
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let functions = self.subscriber_of(list.value("username"))?.aka()?;
        Some((
            functions,
            Rand::from(nonce.rand),
            Autn::from(nonce.autn),
            auts,
        ))
    }

    pub(crate) fn credentials_auts_mac(&self) -> Option<Value> {
        let (functions, rand, challenge, auts) = self.resynchronisation()?;
        let opened = functions.open_auts(rand, &auts);
        if opened.mac == MacCheck::Valid {
            return Some(Value::word("valid"));
        }
        // The near misses name the likely fault (TS 33.102 6.3.3: AMF* is all zero, f1* and f5*).
        let with_amf = functions.auts_with_amf(rand, opened.sqn_ms, challenge.amf());
        if with_amf.mac_s() == auts.mac_s() {
            return Some(Value::word("challenge-amf"));
        }
        let f1 = functions.f1(rand, opened.sqn_ms, Amf::RESYNC);
        if f1.as_bytes() == auts.mac_s().as_bytes() {
            return Some(Value::word("f1"));
        }
        let (concealed, ak) = (auts.concealed_sqn(), functions.f5(rand));
        let with_f5 = Sqn::from_bytes(std::array::from_fn(|i| concealed[i] ^ ak.expose()[i]));
        if functions.f1_star(rand, with_f5, Amf::RESYNC) == auts.mac_s() {
            return Some(Value::word("f5"));
        }
        let mut turned = *auts.as_bytes();
        turned.rotate_left(MacS::LEN);
        let is_turned = functions.open_auts(rand, &Auts::from(turned)).mac == MacCheck::Valid;
        Some(Value::word(if is_turned {
            "mac-first"
        } else {
            "mismatch"
        }))
    }

    pub(crate) fn credentials_auts_sqn_ms(&self) -> Option<Value> {
        let (functions, rand, _, auts) = self.resynchronisation()?;
        Some(Value::Sqn(functions.open_auts(rand, &auts).sqn_ms.value()))
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
        let is_made = |password: &[u8], body: &[u8]| {
            let input = digest_input(list, password, &method, body);
            gbaspec_crypto::digest::digests_equal(&response_of(list, &input), response)
        };
        let made_with = secrets
            .iter()
            .find(|(_, password)| is_made(password, &body))
            .map(|(name, _)| *name);
        let over_no_body = || {
            let mut right = secrets.iter().filter(|(name, _)| *name == "ks-naf");
            let is_found = right.any(|(_, password)| is_made(password, &[]));
            is_found.then_some(OVER_NO_BODY)
        };
        Some(made_with.or_else(over_no_body).unwrap_or("unknown"))
    }

    /// The passwords that a response can have been computed with, right and near miss.
    fn candidates(&self, list: &DirectiveList) -> Vec<Candidate> {
        let mut found = vec![("empty-password", Vec::new())];
        if let Some(proof) = self.proof(list) {
            found.extend(proof.candidates(list));
        } else if let Some(key) = self.ks_naf(list).filter(|_| aka_version(list).is_none()) {
            found.extend(near_misses::of_key(&key));
            found.extend(self.derivation_near_misses(list).unwrap_or_default());
        }
        found
    }

    /// What the known mistakes make of the key of these credentials, where the harness knows the
    /// subscriber that it belongs to.
    fn derivation_near_misses(&self, list: &DirectiveList) -> Option<Vec<Candidate>> {
        let (_, at) = self.ends()?;
        let btid = list.value("username")?;
        let rand = Rand::from(BTid::decode(btid).ok()?.rand().ok()?);
        let subscriber = self.scene.subscribers.get(self.transcript.subscriber)?;
        let names = &self.scene.names;
        let host = self
            .message
            .field("Host")
            .map(|field| field.text().to_vec());
        let others = [Element::Naf, Element::Portal].into_iter();
        let others = others.filter(|other| *other != at);
        let derivation = Derivation {
            subscriber,
            functions: subscriber.aka()?,
            rand,
            btid,
            bsf: &names.bsf,
            protocol: self.transcript.ua_protocol(self.index, at),
            suite: self.suite(),
            naf: names.of(at),
            host: &String::from_utf8_lossy(host.as_deref().unwrap_or_default()),
            others: others
                .map(|other| {
                    let protocol = self.transcript.ua_protocol(self.index, other);
                    (names.of(other), protocol)
                })
                .collect(),
            other_runs: &rands(self.transcript),
        };
        Some(derivation.near_misses())
    }

    /// The password that the rule asks for: what the subscriber proves itself with on Ub, or the
    /// base64 text of Ks_NAF (TS 24.109 5.2.2). Where the rule leaves forms open, it is the one that
    /// the client of this request took.
    pub(crate) fn right_password(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let Some(proof) = self.proof(list) else {
            if let Some(password) = self.key_of_card(list) {
                return Some(password);
            }
            let is_aka = aka_version(list).is_some();
            let key = self.ks_naf(list).filter(|_| !is_aka)?;
            return Some(BASE64.encode(&key).into_bytes());
        };
        let taken = self.made_with(list).filter(|form| is_other_form(form));
        let form = taken.unwrap_or(proof.right_form(list));
        proof.password(list, form)
    }

    /// Ks_int_NAF as the password, if the realm offers it and the response was made with it (TS 24.109
    /// 5.2.4).
    fn key_of_card(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        const KEY_OF_CARD: &str = "ks-naf-gba-u";
        let realm = UaRealm::decode(list.value("realm")?).ok()?;
        let mut offers = realm.offers.iter();
        let is_offered = offers.any(|offer| offer.prefix == Prefix::BootstrappingUicc);
        if !is_offered || self.made_with(list)? != KEY_OF_CARD {
            return None;
        }
        let mut candidates = self.candidates(list).into_iter();
        Some(candidates.find(|(name, _)| *name == KEY_OF_CARD)?.1)
    }

    /// Ks_NAF for the B-TID in these credentials, at the element that hears them on this connection.
    fn ks_naf(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let btid = list.value("username")?;
        let naf = self.naf_id()?;
        let key = proof::ks_naf(self.scene, self.transcript, self.index, btid, &naf)?;
        Some(key.expose().to_vec())
    }
}
