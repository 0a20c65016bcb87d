//! A target profile as it is written.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};

use crate::load::yaml::Located;

/// A target profile (IXIT).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ProfileFile {
    pub name: Option<String>,
    pub role: Located<String>,
    pub address: Option<Located<String>>,
    pub tls_address: Option<Located<String>>,
    pub tls: Option<Located<Tls>>,
    pub psk_address: Option<Located<String>>,
    pub diameter_address: Option<Located<String>>,
    pub sbi_address: Option<Located<String>>,
    #[serde(default)]
    pub listen: BTreeMap<String, Located<String>>,
    pub release: Option<Located<u8>>,
    #[serde(default)]
    pub names: BTreeMap<String, Located<String>>,
    pub keys: Option<Located<String>>,
    #[serde(default)]
    pub subscribers: Vec<Located<Subscriber>>,
    #[serde(default)]
    pub sessions: Vec<Located<Session>>,
    pub sqn: Option<SqnParameters>,
    pub gba_digest: Option<GbaDigest>,
    pub psk: Option<Psk>,
    #[serde(default)]
    pub claims: Vec<Located<String>>,
    pub hooks: Option<Hooks>,
    pub deadlines: Option<Deadlines>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Tls {
    pub ca: Option<Located<String>>,
    pub server_name: Option<Located<String>>,
    pub verify: Option<Located<String>>,
    pub exporter_label: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Subscriber {
    pub impi: Located<String>,
    pub imsi: Option<Located<String>>,
    pub mnc_digits: Option<Located<u8>>,
    pub kind: Option<Located<String>>,
    pub algorithm: Option<Located<String>>,
    pub k: Option<Located<Secret>>,
    pub opc: Option<Located<Secret>>,
    pub op: Option<Located<Secret>>,
    pub topc: Option<Located<Secret>>,
    pub top: Option<Located<Secret>>,
    pub keccak_iterations: Option<Located<u8>>,
    pub res_octets: Option<Located<u8>>,
    pub password: Option<Located<Secret>>,
    pub amf: Option<Located<String>>,
    pub sqn: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Session {
    pub btid: Option<Located<String>>,
    pub ks_naf: Option<Located<Secret>>,
    pub subscriber: Option<Located<String>>,
    pub rand: Option<Located<String>>,
    pub enrolment: Option<Located<String>>,
    pub subject: Option<Located<String>>,
    pub state: Option<Located<String>>,
    #[serde(default)]
    pub public_identities: Vec<String>,
    #[serde(default)]
    pub flags: Vec<String>,
}

/// A secret, mostly in hex, or the name of the environment variable that holds it. Its `Debug`
/// shows none.
pub(crate) enum Secret {
    Text(String),
    Variable(String),
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("Text(..)"),
            Self::Variable(name) => write!(f, "Variable({name})"),
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Variable {
            env: String,
        }
        struct SecretVisitor;
        impl<'de> Visitor<'de> for SecretVisitor {
            type Value = Secret;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("hex in double quotes (a password: its text), or `{ env: NAME }`")
            }
            fn visit_str<E>(self, text: &str) -> Result<Secret, E> {
                Ok(Secret::Text(text.to_owned()))
            }
            // The default messages of these repeat the value, and a key must not be printed.
            fn visit_u64<E: de::Error>(self, _: u64) -> Result<Secret, E> {
                Err(E::invalid_type(de::Unexpected::Other("integer"), &self))
            }
            fn visit_u128<E: de::Error>(self, _: u128) -> Result<Secret, E> {
                Err(E::invalid_type(de::Unexpected::Other("integer"), &self))
            }
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<Secret, E> {
                Err(E::invalid_type(de::Unexpected::Other("integer"), &self))
            }
            fn visit_f64<E: de::Error>(self, _: f64) -> Result<Secret, E> {
                Err(E::invalid_type(
                    de::Unexpected::Other("floating point"),
                    &self,
                ))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Secret, A::Error> {
                let variable = Variable::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Secret::Variable(variable.env))
            }
        }
        deserializer.deserialize_any(SecretVisitor)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SqnParameters {
    pub ind_bits: Option<Located<u32>>,
    pub delta: Option<u64>,
    pub age_limit: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GbaDigest {
    pub passwd: Option<Located<String>>,
    pub hashes: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Psk {
    pub suite: Option<Located<String>>,
    pub separator: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Hooks {
    pub trigger: Option<Vec<String>>,
    pub reset: Option<Vec<String>>,
    pub install_key: Option<Located<Vec<String>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Deadlines {
    pub answer: Option<Located<String>>,
    pub client: Option<Located<String>>,
}
