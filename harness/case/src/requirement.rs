//! The requirement register: one entry a rule of a specification.

use crate::verdict::Place;

/// How strictly a rule binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Breaking it is a failure.
    Shall,
    /// Not following it is a warning.
    Should,
    /// A choice.
    May,
    /// No rule, a fact.
    Fact,
}

impl Level {
    /// The name in vectors and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Shall => "shall",
            Self::Should => "should",
            Self::May => "may",
            Self::Fact => "fact",
        }
    }

    /// The level with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Shall, Self::Should, Self::May, Self::Fact]
            .into_iter()
            .find(|level| level.as_str() == name)
    }
}

/// Where a rule can be seen that nothing on Ub shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReferencePoint {
    /// Between BSF and HSS.
    Zh,
    /// Between NAF and BSF.
    Zn,
    /// Between terminal and card.
    Uicc,
}

impl ReferencePoint {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Zh, Self::Zn, Self::Uicc];

    /// The name in the register.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::Zn => "zn",
            Self::Uicc => "uicc",
        }
    }

    /// The reference point with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|point| point.as_str() == name)
    }

    /// Why a rule that is seen there only is not tested: what a test of it needs.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Zh => "not observable on Ub yet: needs Zh",
            Self::Zn => "not observable on Ub yet: needs Zn",
            Self::Uicc => "not observable on Ub yet: needs a UICC",
        }
    }
}

/// Whether a black box test can see a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Observability {
    /// It can be seen over the network.
    Observable,
    /// It can be seen, but no part of it on Ub.
    Elsewhere(ReferencePoint),
    /// It cannot; the reason.
    Excluded(String),
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// Stable identity, for example `UB-4.5-07`.
    pub id: String,
    /// The document of the file that it stands in, for example `TS 24.109`.
    pub document: String,
    /// All sources, as in the catalogue.
    pub source: String,
    /// The clause inside the document.
    pub clause: String,
    /// The elements that it binds, by the register's own names.
    pub actor: Vec<String>,
    /// How strictly it binds.
    pub level: Level,
    /// How sure the catalogue is of it, for example `S/K`.
    pub confidence: String,
    /// The rule in own words.
    pub text: String,
    /// The faults that a check must catch.
    pub fault: String,
    /// Whether a test can see it.
    pub observability: Observability,
    /// Where it stands.
    pub place: Place,
}
