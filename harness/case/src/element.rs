//! The network elements that talk to each other in a case.

use std::fmt;

/// An element of the architecture of TS 33.220, either the target or played by the harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Element {
    /// The user equipment with its USIM.
    Ue,
    /// The bootstrapping server function (Ub).
    Bsf,
    /// A network application function (Ua).
    Naf,
    /// The PKI portal, a NAF that issues certificates (TS 24.109 clause 6).
    Portal,
}

impl Element {
    /// All elements, in the order in which they are listed for people.
    pub const ALL: [Self; 4] = [Self::Ue, Self::Bsf, Self::Naf, Self::Portal];

    /// The name in vectors, profiles and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ue => "ue",
            Self::Bsf => "bsf",
            Self::Naf => "naf",
            Self::Portal => "portal",
        }
    }

    /// The element with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|element| element.as_str() == name)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
