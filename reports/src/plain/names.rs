//! Values of `case` that JSON writes as a name. An unknown name is an error at its line, because it
//! would change what a verdict means.

use std::fmt;

use gbaspec_case::element::Element;
use gbaspec_case::event::ProbeResult;
use gbaspec_case::requirement::Level;
use gbaspec_case::transcript::ClientOutcome;
use gbaspec_case::verdict::{Outcome, Part};
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A value that JSON writes as its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name<T>(pub(crate) T);

/// A value with a fixed name in JSON.
pub(crate) trait Named: Copy + 'static {
    /// All values.
    const ALL: &'static [Self];
    /// What the value is, for error messages.
    const WHAT: &'static str;
    /// The name of the value.
    fn name(self) -> &'static str;
}

impl<T: Named> Serialize for Name<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.name())
    }
}

impl<'de, T: Named> Deserialize<'de> for Name<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_str(NameVisitor(std::marker::PhantomData))
            .map(Name)
    }
}

struct NameVisitor<T>(std::marker::PhantomData<T>);

impl<T: Named> Visitor<'_> for NameVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the name of {}", T::WHAT)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<T, E> {
        T::ALL
            .iter()
            .copied()
            .find(|value| value.name() == name)
            .ok_or_else(|| E::custom(format_args!("`{name}` is not the name of {}", T::WHAT)))
    }
}

impl Named for Element {
    const ALL: &'static [Self] = &Element::ALL;
    const WHAT: &'static str = "an element";
    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Named for Outcome {
    const ALL: &'static [Self] = &[Self::Pass, Self::Inconclusive, Self::Fail, Self::Error];
    const WHAT: &'static str = "an outcome";
    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Named for Part {
    const ALL: &'static [Self] = &[Self::TwinBefore, Self::Case, Self::TwinAfter];
    const WHAT: &'static str = "a part of the evidence";
    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Named for Level {
    const ALL: &'static [Self] = &[Self::Shall, Self::Should, Self::May, Self::Fact];
    const WHAT: &'static str = "a level";
    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Named for ClientOutcome {
    const ALL: &'static [Self] = &ClientOutcome::ALL;
    const WHAT: &'static str = "an outcome of a client";
    fn name(self) -> &'static str {
        self.as_str()
    }
}

impl Named for ProbeResult {
    const ALL: &'static [Self] = &[Self::Sane, Self::NotSane, Self::Silent, Self::Unreachable];
    const WHAT: &'static str = "a result of a probe";
    fn name(self) -> &'static str {
        match self {
            Self::Sane => "sane",
            Self::NotSane => "not-sane",
            Self::Silent => "silent",
            Self::Unreachable => "unreachable",
        }
    }
}

#[cfg(test)]
mod tests {
    use gbaspec_case::element::Element;
    use gbaspec_case::verdict::Outcome;

    use super::Name;

    #[test]
    fn reads_and_writes_a_name() {
        let read: Name<Element> = serde_json::from_str("\"bsf\"").expect("a name");
        assert_eq!(read, Name(Element::Bsf));
        assert_eq!(
            serde_json::to_string(&Name(Outcome::Fail)).expect("JSON"),
            "\"fail\""
        );
    }

    #[test]
    fn refuses_an_unknown_name() {
        let error = serde_json::from_str::<Name<Outcome>>("\"great\"").expect_err("not a name");
        assert!(
            error
                .to_string()
                .contains("`great` is not the name of an outcome"),
            "{error}"
        );
    }
}
