//! What a challenge says: the WWW-Authenticate header of a response.

use data_encoding::HEXLOWER;
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;
use gbaspec_wire::realm::{Offer, Prefix, UaRealm};

use super::proof::nonce_2g;
use super::{View, deviations};
use crate::fact::Value;

impl View<'_> {
    pub(crate) fn challenge(&self) -> Option<Value> {
        self.challenge_list()?.scheme.as_deref().map(Value::escaped)
    }

    pub(crate) fn challenge_schemes(&self) -> Option<Value> {
        let mut schemes: Vec<String> = Vec::new();
        for list in self.challenge_lists() {
            let scheme = list.scheme.as_deref().unwrap_or_default();
            let scheme = gbaspec_wire::escape::escape(&scheme.to_ascii_lowercase());
            if !schemes.contains(&scheme) {
                schemes.push(scheme);
            }
        }
        (!schemes.is_empty()).then_some(Value::List(schemes))
    }

    pub(crate) fn challenge_basic(&self) -> Option<Value> {
        let is_basic = |list: &DirectiveList| {
            let scheme = list.scheme.as_deref().unwrap_or_default();
            scheme.eq_ignore_ascii_case(b"basic")
        };
        let has_basic = self.challenge_lists().iter().any(is_basic);
        has_basic.then(|| Value::word("there"))
    }

    pub(crate) fn challenge_algorithms(&self) -> Option<Value> {
        let lists = self.challenge_lists();
        let is_digest = |list: &&DirectiveList| {
            let scheme = list.scheme.as_deref().unwrap_or_default();
            scheme.eq_ignore_ascii_case(b"digest")
        };
        let algorithms = lists.iter().filter(is_digest).map(|list| {
            let algorithm = list.value("algorithm").unwrap_or(b"MD5");
            gbaspec_wire::escape::escape(algorithm)
        });
        let algorithms: Vec<String> = algorithms.collect();
        (!algorithms.is_empty()).then_some(Value::List(algorithms))
    }

    pub(crate) fn challenge_directive(&self, name: &str) -> Option<Value> {
        self.challenge_list()?.value(name).map(Value::escaped)
    }

    pub(crate) fn challenge_form(&self) -> Option<Value> {
        let (_, found) = gbaspec_wire::digest_header::Challenge::parse(&self.challenge_list()?);
        Some(deviations(&found))
    }

    pub(crate) fn challenge_realm_prefixes(&self) -> Option<Value> {
        let realm = UaRealm::decode(self.challenge_list()?.value("realm")?).ok()?;
        let (from, _) = self.ends()?;
        let host = self.answered().and_then(|request| request.host_name());
        let name = self.scene.name_under(from, &host.unwrap_or_default());
        let own = realm.offers.iter().filter(|offer| offer.fqdn == name);
        let prefixes =
            own.map(|offer| gbaspec_wire::escape::escape(offer.prefix.as_str().as_bytes()));
        Some(Value::List(prefixes.collect()))
    }

    pub(crate) fn challenge_bootstrapping(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        let is_digest = list
            .scheme
            .as_deref()
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"digest"));
        let has_nonce = list.value("nonce").is_some_and(|nonce| !nonce.is_empty());
        let (from, _) = self.ends()?;
        let own = self.scene.names.of(from);
        let is_own = |offer: &Offer| {
            offer.fqdn.eq_ignore_ascii_case(own) && !matches!(offer.prefix, Prefix::Unknown(_))
        };
        let realm = UaRealm::decode(list.value("realm").unwrap_or_default());
        let asks =
            is_digest && has_nonce && realm.is_ok_and(|realm| realm.offers.iter().any(is_own));
        Some(Value::word(if asks { "asked" } else { "not-asked" }))
    }

    pub(crate) fn challenge_qop(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        let words = list
            .value("qop")?
            .split(|&b| b == b',')
            .map(|word| gbaspec_wire::escape::escape(word.trim_ascii()));
        Some(Value::List(words.collect()))
    }

    pub(crate) fn challenge_nonce_aka(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        Some(match AkaNonce::decode(list.value("nonce")?) {
            Ok(_) => Value::word("decodes"),
            Err(why) => Value::Text(why.to_string()),
        })
    }

    pub(crate) fn challenge_nonce_2g(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        Some(match nonce_2g(list.value("nonce")?) {
            Ok(_) => Value::word("decodes"),
            Err(why) => Value::Text(why),
        })
    }

    pub(crate) fn challenge_ks_input(&self) -> Option<Value> {
        let nonce = nonce_2g(self.challenge_list()?.value("nonce")?).ok()?;
        Some(Value::Text(HEXLOWER.encode(nonce.ks_input.as_bytes())))
    }

    pub(crate) fn challenge_rand(&self) -> Option<Value> {
        Some(Value::Text(HEXLOWER.encode(&self.aka_nonce()?.rand)))
    }

    pub(crate) fn challenge_mac(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        let opened = self
            .challenged()?
            .aka()?
            .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
        Some(mac_word(opened.mac))
    }

    pub(crate) fn challenge_sqn(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        let opened = self
            .challenged()?
            .aka()?
            .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
        Some(Value::Sqn(opened.sqn.value()))
    }

    pub(crate) fn challenge_amf(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        Some(Value::Text(
            HEXLOWER.encode(Autn::from(nonce.autn).amf().as_bytes()),
        ))
    }

    pub(crate) fn seq_of(&self, sqn: &Value) -> Option<Value> {
        let bits = self.scene.scheme.ind_bits.min(47);
        sqn.number().map(|sqn| Value::Number(sqn >> bits))
    }
}

fn mac_word(mac: MacCheck) -> Value {
    Value::word(if mac == MacCheck::Valid {
        "valid"
    } else {
        "mismatch"
    })
}
