//! What a fact must be: literal values and relations to other messages.

use std::fmt;

use crate::fact::{FactPath, Value};

/// The condition on one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// The fact is there, whatever its value.
    Present,
    /// The fact is not there.
    Absent,
    /// It is there and equals one of these.
    AnyOf(Vec<Literal>),
    /// It is there, and all of these relations hold.
    Relations(Vec<Relation>),
}

/// A value as the vector writes it; may hold placeholders such as `{bsf.fqdn}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Literal(pub String);

/// A fact of a named message, for comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The name that a step gave to the message.
    pub message: String,
    /// The fact; the same one as the compared if none is named.
    pub fact: Option<FactPath>,
}

/// A relation that a value must meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It equals none of these.
    Not(Vec<Literal>),
    /// A list that holds this element, or a text that holds this part.
    Contains(Literal),
    /// A list without this element, or a text without this part.
    Lacks(Literal),
    /// A product token of a header such as `User-Agent`.
    HasToken(String),
    /// It equals the other.
    SameAs(Reference),
    /// It does not equal the other.
    DiffersFrom(Reference),
    /// An SQN greater than the other.
    Above(Reference),
    /// An SQN not greater than the other.
    NotAbove(Reference),
    /// An SQN whose SEQ lies at most delta beyond the other.
    WithinDeltaOf(Reference),
    /// A number of at least this.
    AtLeast(u64),
    /// A number of at most this.
    AtMost(u64),
}

/// How matchers look up what they need.
pub trait Surroundings {
    /// The text with its placeholders filled.
    fn fill(&self, literal: &Literal) -> String;
    /// A fact of another message.
    fn look_up(&self, reference: &Reference, same: &FactPath) -> Option<Value>;
    /// What tells which of two SQNs is the later one: SEQ where the profile states how many bits IND
    /// has, else the whole number, which is right for any division.
    fn rank(&self, sqn: u64) -> u64;
    /// SEQ of an SQN under the profile's scheme.
    fn seq(&self, sqn: u64) -> u64;
    /// The largest allowed jump of SEQ.
    fn delta(&self) -> u64;
}

impl Matcher {
    /// Whether the value meets the condition.
    pub fn matches(
        &self,
        path: &FactPath,
        value: Option<&Value>,
        around: &dyn Surroundings,
    ) -> bool {
        match (self, value) {
            (Self::Present, value) => value.is_some(),
            (Self::Absent, value) => value.is_none(),
            (_, None) => false,
            (Self::AnyOf(allowed), Some(value)) => allowed
                .iter()
                .any(|literal| value.equals(&around.fill(literal))),
            (Self::Relations(relations), Some(value)) => relations
                .iter()
                .all(|relation| relation.holds(path, value, around)),
        }
    }

    /// The condition in words, with its placeholders and references resolved.
    pub fn describe(&self, path: &FactPath, around: &dyn Surroundings) -> String {
        match self {
            Self::Present => "present".to_owned(),
            Self::Absent => "absent".to_owned(),
            Self::AnyOf(allowed) => one_of(allowed, around),
            Self::Relations(relations) => relations
                .iter()
                .map(|relation| relation.describe(path, around))
                .collect::<Vec<_>>()
                .join(", "),
        }
    }
}

impl Relation {
    fn holds(&self, path: &FactPath, value: &Value, around: &dyn Surroundings) -> bool {
        match self {
            Self::Not(refused) => !refused
                .iter()
                .any(|literal| value.equals(&around.fill(literal))),
            Self::Contains(part) => value.contains(&around.fill(part)),
            Self::Lacks(part) => !value.contains(&around.fill(part)),
            Self::HasToken(token) => value.has_token(token),
            Self::SameAs(other) => around
                .look_up(other, path)
                .is_some_and(|other| other == *value),
            Self::DiffersFrom(other) => around
                .look_up(other, path)
                .is_some_and(|other| other != *value),
            Self::Above(other) => compare(value, other, path, around, |value, other| {
                around.rank(value) > around.rank(other)
            }),
            Self::NotAbove(other) => {
                compare(value, other, path, around, |value, other| value <= other)
            }
            Self::WithinDeltaOf(other) => compare(value, other, path, around, |value, other| {
                around.seq(value).saturating_sub(around.seq(other)) <= around.delta()
            }),
            Self::AtLeast(bound) => value.number().is_some_and(|number| number >= *bound),
            Self::AtMost(bound) => value.number().is_some_and(|number| number <= *bound),
        }
    }

    fn describe(&self, path: &FactPath, around: &dyn Surroundings) -> String {
        let show = |reference: &Reference| {
            let value = around
                .look_up(reference, path)
                .map_or_else(|| "nothing".to_owned(), |value| value.to_string());
            let fact = reference.fact.as_ref().unwrap_or(path);
            format!("{value} ({fact} of \"{}\")", reference.message)
        };
        match self {
            Self::Not(refused) if refused.len() == 1 => format!("not {}", one_of(refused, around)),
            Self::Not(refused) => format!(
                "not {}",
                one_of(refused, around).replacen("one ", "any ", 1)
            ),
            Self::Contains(part) => format!("containing {}", around.fill(part)),
            Self::Lacks(part) => format!("without {}", around.fill(part)),
            Self::HasToken(token) => format!("with the product token {token}"),
            Self::SameAs(other) => format!("the same as {}", show(other)),
            Self::DiffersFrom(other) => format!("other than {}", show(other)),
            Self::Above(other) => format!("above {}", show(other)),
            Self::NotAbove(other) => format!("not above {}", show(other)),
            Self::WithinDeltaOf(other) => {
                format!(
                    "at most {} SEQ steps beyond {}",
                    around.delta(),
                    show(other)
                )
            }
            Self::AtLeast(bound) => format!("at least {bound}"),
            Self::AtMost(bound) => format!("at most {bound}"),
        }
    }
}

fn compare(
    value: &Value,
    other: &Reference,
    path: &FactPath,
    around: &dyn Surroundings,
    holds: impl Fn(u64, u64) -> bool,
) -> bool {
    let other = around.look_up(other, path).and_then(|other| other.number());
    value
        .number()
        .zip(other)
        .is_some_and(|(value, other)| holds(value, other))
}

fn one_of(allowed: &[Literal], around: &dyn Surroundings) -> String {
    let quoted = |literal: &Literal| {
        let text = around.fill(literal);
        if text.is_empty() {
            "\"\" (empty)".to_owned()
        } else {
            text
        }
    };
    match allowed {
        [only] => quoted(only),
        many => format!(
            "one of {}",
            many.iter().map(quoted).collect::<Vec<_>>().join(", ")
        ),
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.fact {
            Some(fact) => write!(f, "{}:{fact}", self.message),
            None => f.write_str(&self.message),
        }
    }
}
