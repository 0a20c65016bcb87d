//! The files as they are written: structs of optional fields, no unknown field allowed. They are
//! turned into typed cases by `lower`.

mod profile;

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::yaml::Located;

pub(crate) use profile::{
    Deadlines, GbaDigest, ProfileFile, Psk, Secret, Session, SqnParameters, Subscriber, Tls,
};

/// A file of cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CaseFile {
    pub topic: Located<String>,
    pub specification: Specification,
    pub target: Option<Located<String>>,
    #[serde(default)]
    pub needs: Vec<Located<String>>,
    #[serde(default)]
    pub answers: Vec<Located<Answer>>,
    pub cases: Option<Vec<Located<Case>>>,
    /// They have been read already, by `properties`.
    pub properties: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Specification {
    pub document: Located<String>,
    pub clause: Located<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Case {
    pub id: Located<String>,
    pub title: String,
    pub requirements: Vec<Located<String>>,
    #[serde(default)]
    pub aliases: Vec<String>,
    pub clause: Option<Located<String>>,
    #[serde(default)]
    pub tables: Vec<Located<String>>,
    pub target: Option<Located<String>>,
    pub level: Option<Located<String>>,
    #[serde(default)]
    pub needs: Vec<Located<String>>,
    pub twin: Option<Located<String>>,
    pub twin_after: Option<Located<String>>,
    pub session: Option<Located<String>>,
    pub subscriber_kind: Option<Located<String>>,
    pub transport: Option<Located<String>>,
    pub certificate: Option<Located<String>>,
    pub suite: Option<Located<Suites>>,
    #[serde(default)]
    pub answers: Vec<Located<Answer>>,
    /// Its rows have been read already, by `expand`.
    pub for_each: Option<IgnoredAny>,
    pub steps: Vec<Located<Step>>,
}

/// One cipher suite, or several of which one will do.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Suites {
    One(String),
    Several(Vec<String>),
}

impl Suites {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

/// A property as it is written. What it has in common with a case is read with the cases that are
/// made of it, and so are its steps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "read to refuse unknown keys")]
pub(crate) struct Property {
    pub id: Located<String>,
    pub title: IgnoredAny,
    pub requirements: IgnoredAny,
    pub aliases: Option<IgnoredAny>,
    pub clause: Option<IgnoredAny>,
    pub tables: Option<IgnoredAny>,
    pub target: Option<IgnoredAny>,
    pub level: Option<IgnoredAny>,
    pub needs: Option<IgnoredAny>,
    pub session: Option<IgnoredAny>,
    pub subscriber_kind: Option<IgnoredAny>,
    pub transport: Option<IgnoredAny>,
    pub certificate: Option<IgnoredAny>,
    pub suite: Option<IgnoredAny>,
    pub answers: Option<IgnoredAny>,
    #[serde(default)]
    pub invariants: Vec<String>,
    pub most_moves: Located<usize>,
    pub tries: Located<usize>,
    pub start: Option<IgnoredAny>,
    pub moves: Vec<Located<Move>>,
    pub end: Option<IgnoredAny>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Move {
    pub name: Located<String>,
    #[serde(default)]
    pub choose: BTreeMap<String, Vec<Located<Scalar>>>,
    #[expect(dead_code, reason = "read to refuse unknown keys")]
    pub steps: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Answer {
    pub at: Located<String>,
    #[serde(default)]
    pub when: Facts,
    pub send: Option<Located<Send>>,
}

/// Exactly one of these is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Step {
    pub send: Option<Located<Send>>,
    pub connect: Option<Connect>,
    pub trigger: Option<Located<String>>,
    pub given: Option<Expectation>,
    pub expect: Option<Expectation>,
    pub check: Option<Expectation>,
    pub should: Option<Expectation>,
    pub applies: Option<Expectation>,
    pub never: Option<Expectation>,
    pub finish: Option<Finish>,
}

impl Step {
    /// How many things it does, as written.
    pub(crate) fn keys(&self) -> usize {
        let expectations = [
            &self.given,
            &self.expect,
            &self.check,
            &self.should,
            &self.applies,
            &self.never,
        ];
        usize::from(self.send.is_some())
            + usize::from(self.connect.is_some())
            + usize::from(self.trigger.is_some())
            + usize::from(self.finish.is_some())
            + expectations.into_iter().flatten().count()
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Send {
    pub message: Option<Located<String>>,
    pub table: Option<Located<String>>,
    pub form: Option<Located<String>>,
    pub wire: Option<Located<String>>,
    #[serde(rename = "as")]
    pub name: Option<Located<String>>,
    pub from: Option<Located<String>>,
    pub connection: Option<Located<String>>,
    pub suite: Option<Located<Suites>>,
    pub subscriber: Option<Located<String>>,
    pub answers: Option<Located<String>>,
    pub algorithm: Option<Located<String>>,
    pub password: Option<Located<String>>,
    pub response: Option<Located<String>>,
    pub auts: Option<Auts>,
    pub vector: Option<Vector>,
    pub rspauth: Option<Located<String>>,
    pub csr: Option<Csr>,
    pub certificate: Option<Certificate>,
    pub body: Option<String>,
    #[serde(default)]
    pub change: Vec<Located<Edit>>,
    #[serde(default)]
    pub spoil: Vec<Located<Edit>>,
    pub coding: Option<Located<String>>,
    pub then: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Connect {
    pub identity: Option<Located<String>>,
    pub key: Option<Located<String>>,
    #[serde(default)]
    pub suites: Vec<Located<String>>,
    pub server_name: Option<Located<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Auts {
    pub sqn_ms_ahead: Option<Located<u64>>,
    pub sqn_ms_behind: Option<Located<u64>>,
    pub amf: Option<Located<String>>,
    pub flip_bit: Option<Located<u8>>,
    pub octets: Option<u8>,
    pub key: Option<Located<String>>,
    pub junk: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Vector {
    pub sqn: Option<Located<VectorSqn>>,
    pub rand: Option<VectorRand>,
    pub flip_mac_bit: Option<Located<u8>>,
    pub flip_bit: Option<Located<u8>>,
    pub key: Option<Located<String>>,
    pub amf: Option<Located<String>>,
    pub server_data: Option<Located<String>>,
    pub cut_to: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Csr {
    pub form: Option<Located<String>>,
    pub defect: Option<Located<String>>,
    pub padding: Option<Located<usize>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Certificate {
    pub form: Option<Located<String>>,
    pub key: Option<Located<String>>,
    pub name: Option<Located<String>>,
}

/// A word, or a distance from an SQN that the play has seen.
#[derive(Debug)]
pub(crate) enum VectorSqn {
    Word(String),
    CountedFrom(Box<SqnFrom>),
}

impl<'de> Deserialize<'de> for VectorSqn {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct VectorSqnVisitor;
        impl<'de> Visitor<'de> for VectorSqnVisitor {
            type Value = VectorSqn;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(
                    "a word such as `next`, or a map such as `{ from: first, seq-ahead: 1 }`",
                )
            }
            fn visit_str<E>(self, text: &str) -> Result<VectorSqn, E> {
                Ok(VectorSqn::Word(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<VectorSqn, A::Error> {
                let counted = SqnFrom::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(VectorSqn::CountedFrom(Box::new(counted)))
            }
        }
        deserializer.deserialize_any(VectorSqnVisitor)
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SqnFrom {
    pub from: Located<String>,
    pub seq_ahead: Option<Located<u64>>,
    pub seq_behind: Option<Located<u64>>,
    pub ind_ahead: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct VectorRand {
    pub same_as: Located<String>,
}

/// Exactly one of the first nine is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Edit {
    pub set: Option<String>,
    pub add: Option<String>,
    pub drop: Option<String>,
    pub flip: Option<String>,
    pub header: Option<String>,
    pub drop_header: Option<String>,
    pub start_line: Option<String>,
    pub replace: Option<String>,
    pub to: Option<String>,
    pub times: Option<Located<u32>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Finish {
    #[serde(rename = "for")]
    pub requirement: Option<Located<String>>,
    pub outcome: Option<Located<Literals>>,
}

/// An expectation: control words beside facts.
#[derive(Debug, Default)]
pub(crate) struct Expectation {
    pub name: Option<Located<String>>,
    pub on: Option<Located<String>>,
    pub at: Option<Located<String>>,
    pub requirement: Option<Located<String>>,
    pub note: Vec<Located<String>>,
    pub only: Facts,
    pub when: Facts,
    pub at_most: Option<u64>,
    pub or: Option<Located<String>>,
    pub facts: Facts,
}

/// Conditions on facts, in the order in which they are written.
#[derive(Debug, Default)]
pub(crate) struct Facts(pub Vec<(String, Located<Matcher>)>);

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FactsVisitor;
        impl<'de> Visitor<'de> for FactsVisitor {
            type Value = Facts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of facts, for example `status: 401`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
                let mut facts = Facts::default();
                while let Some(name) = map.next_key::<String>()? {
                    facts.0.push((name, map.next_value()?));
                }
                Ok(facts)
            }
        }
        deserializer.deserialize_map(FactsVisitor)
    }
}

impl<'de> Deserialize<'de> for Expectation {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ExpectationVisitor;
        impl<'de> Visitor<'de> for ExpectationVisitor {
            type Value = Expectation;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of facts, for example `status: 401`")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expectation, A::Error> {
                let mut expectation = Expectation::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "as" => expectation.name = Some(map.next_value()?),
                        "on" => expectation.on = Some(map.next_value()?),
                        "at" => expectation.at = Some(map.next_value()?),
                        "for" => expectation.requirement = Some(map.next_value()?),
                        "note" => expectation.note = map.next_value()?,
                        "only" => expectation.only = map.next_value()?,
                        "when" => expectation.when = map.next_value()?,
                        "at-most" => expectation.at_most = Some(map.next_value()?),
                        "or" => expectation.or = Some(map.next_value()?),
                        _ => expectation.facts.0.push((key, map.next_value()?)),
                    }
                }
                Ok(expectation)
            }
        }
        deserializer.deserialize_map(ExpectationVisitor)
    }
}

/// One value or several.
#[derive(Clone, Debug, Default)]
pub(crate) struct Literals(pub Vec<String>);

/// What a fact must be.
#[derive(Debug)]
pub(crate) enum Matcher {
    AnyOf(Literals),
    Relations(Box<Relations>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Relations {
    pub not: Option<Literals>,
    pub contains: Option<String>,
    pub lacks: Option<String>,
    pub has_token: Option<String>,
    pub same_as: Option<Located<String>>,
    pub differs_from: Option<Located<String>>,
    pub above: Option<Located<String>>,
    pub not_above: Option<Located<String>>,
    pub within_delta_of: Option<Located<String>>,
    pub at_least: Option<u64>,
    pub at_most: Option<u64>,
}

/// Digits without quotes would change (`00000001` is a number, `1e10` another one), so only a plain
/// number without leading zeros is taken as text.
struct LiteralVisitor;

impl LiteralVisitor {
    fn one(text: impl Into<String>) -> Literals {
        Literals(vec![text.into()])
    }
}

impl<'de> Visitor<'de> for LiteralVisitor {
    type Value = Literals;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text (digits and hex in double quotes), a status code, or a list of them")
    }

    fn visit_str<E>(self, text: &str) -> Result<Literals, E> {
        Ok(Self::one(text))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Literals, E> {
        Ok(Self::one(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Literals, E> {
        u64::try_from(number)
            .map(|number| Self::one(number.to_string()))
            .map_err(|_| E::invalid_value(de::Unexpected::Signed(number), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Literals, A::Error> {
        let mut all = Vec::new();
        while let Some(Literals(more)) = list.next_element()? {
            all.extend(more);
        }
        Ok(Literals(all))
    }
}

/// One text, or a plain number as its text.
#[derive(Clone, Debug)]
pub(crate) struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScalarVisitor;
        impl Visitor<'_> for ScalarVisitor {
            type Value = Scalar;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text (digits and hex in double quotes) or a number")
            }
            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar(text.to_owned()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
                Ok(Scalar(number.to_string()))
            }
        }
        deserializer.deserialize_any(ScalarVisitor)
    }
}

impl<'de> Deserialize<'de> for Literals {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LiteralVisitor)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: de::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MatcherVisitor;
        impl<'de> Visitor<'de> for MatcherVisitor {
            type Value = Matcher;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                LiteralVisitor.expecting(f)
            }
            fn visit_str<E>(self, text: &str) -> Result<Matcher, E> {
                Ok(Matcher::AnyOf(LiteralVisitor::one(text)))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Matcher, E> {
                Ok(Matcher::AnyOf(LiteralVisitor::one(number.to_string())))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Matcher, E> {
                LiteralVisitor.visit_i64(number).map(Matcher::AnyOf)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Matcher, A::Error> {
                LiteralVisitor.visit_seq(list).map(Matcher::AnyOf)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Matcher, A::Error> {
                let relations = Relations::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Matcher::Relations(Box::new(relations)))
            }
        }
        deserializer.deserialize_any(MatcherVisitor)
    }
}

/// A file of messages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MessageFile {
    #[serde(default)]
    pub messages: Vec<Located<Message>>,
    #[serde(default)]
    pub standing: Vec<Located<Standing>>,
}

/// What the harness answers in every case about this target, unless the case says otherwise.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Standing {
    pub target: Located<String>,
    pub answer: Located<Answer>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Message {
    pub id: Located<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    pub title: String,
    pub wire: Located<String>,
    pub release_6: Option<Located<String>>,
}

/// A file with one printed table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TableFile {
    pub table: Located<String>,
    pub title: String,
    pub from: Located<String>,
    pub to: Located<String>,
    pub errata: Vec<Located<String>>,
    pub printed: Forms,
    pub as_printed: Forms,
    pub corrected: Forms,
}

/// A text a release.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Forms {
    pub release_6: Located<String>,
    pub release_17: Located<String>,
}

/// The errata of the tables.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ErrataFile {
    pub errata: Vec<Erratum>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Erratum {
    pub id: Located<String>,
    #[serde(rename = "where")]
    pub tables: String,
    pub wrong: String,
    pub handling: String,
}

/// A file of the requirement register.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RequirementFile {
    pub specification: RegisterDocument,
    pub requirements: Vec<Located<Requirement>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RegisterDocument {
    pub document: Located<String>,
    #[expect(dead_code, reason = "for the reader of the file")]
    pub title: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Requirement {
    pub id: Located<String>,
    pub source: String,
    pub clause: String,
    pub actor: Vec<String>,
    pub level: Located<String>,
    pub confidence: String,
    pub text: String,
    pub fault: String,
    pub observable: Option<Located<bool>>,
    pub observed_on: Option<Located<String>>,
    pub excluded: Option<String>,
}

/// A suite.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ManifestFile {
    pub suite: String,
    pub title: String,
    pub sanity: BTreeMap<String, Vec<Located<String>>>,
}
