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
    /// The authentication proxy: a NAF in front of application servers (TS 24.109 clause 7).
    Proxy,
    /// An application server behind an authentication proxy; never a target.
    As,
    /// The home subscriber server with the authentication centre (Zh).
    Hss,
}

impl Element {
    /// All elements, in the order in which they are listed for people.
    pub const ALL: [Self; 7] = [
        Self::Ue,
        Self::Bsf,
        Self::Naf,
        Self::Portal,
        Self::Proxy,
        Self::As,
        Self::Hss,
    ];

    /// The elements that can be the target of a case.
    pub const TARGETS: [Self; 6] = [
        Self::Ue,
        Self::Bsf,
        Self::Naf,
        Self::Portal,
        Self::Proxy,
        Self::Hss,
    ];

    /// The elements to which this one is a client itself: the harness plays them while it tests
    /// this one, and listens for it as each of them.
    pub fn behind(self) -> &'static [Self] {
        match self {
            Self::Ue => &[Self::Bsf, Self::Naf, Self::Portal],
            Self::Proxy => &[Self::As],
            Self::Bsf => &[Self::Hss],
            Self::Naf => &[Self::Bsf],
            Self::Portal | Self::As | Self::Hss => &[],
        }
    }

    /// The elements that are clients of this one: the harness plays them while it tests this one,
    /// and opens connections as each of them; the first one where a step names none.
    pub fn before(self) -> &'static [Self] {
        match self {
            Self::Ue => &[],
            Self::Bsf => &[Self::Ue, Self::Naf],
            Self::Naf | Self::Portal | Self::Proxy => &[Self::Ue],
            Self::As => &[Self::Proxy],
            Self::Hss => &[Self::Bsf],
        }
    }

    /// Whether the harness can connect to it. A target that is no server is started instead.
    pub fn is_server(self) -> bool {
        !self.before().is_empty()
    }

    /// The name in vectors, profiles and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ue => "ue",
            Self::Bsf => "bsf",
            Self::Naf => "naf",
            Self::Portal => "portal",
            Self::Proxy => "proxy",
            Self::As => "as",
            Self::Hss => "hss",
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
