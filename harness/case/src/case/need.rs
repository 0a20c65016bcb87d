//! What a case needs of the profile of its target.

use super::{Errand, Step, StepKind};
use crate::element::Element;

/// What a case needs of the target profile; without it the case is skipped, with this reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// Two provisioned subscribers.
    SecondSubscriber,
    /// A client whose exit status tells how its errand ended.
    ReportsOutcome,
    /// A client that keeps its USIM state from one errand to the next.
    KeepsUsim,
    /// A client that can enrol at a PKI portal.
    Enrols,
    /// A client that can fetch a resource at a NAF.
    Fetches,
    /// A Ua session whose subscriber may not enrol.
    RefusedSession,
    /// A Ua session whose subscriber may enrol.
    AllowedSession,
    /// The target forgets a challenge when a newer one is sent (open question U-07).
    ReplacesChallenge,
    /// TMPI: the target says that it knows them, and uses them (TS 33.220 4.5.2).
    Tmpi,
    /// AKAv2-MD5 (RFC 4169).
    AkaV2Md5,
    /// AKAv2-SHA-256, which no RFC defines (open question U-12).
    AkaV2Sha256,
    /// GBA with a SIM (TS 33.220 Annex I).
    Gba2g,
    /// GBA with a password (TS 33.220 Annex M).
    GbaDigest,
    /// A client that keeps its bootstrapped session from one errand to the next.
    KeepsSession,
    /// A test USIM or `AuC` whose sequence numbers may be moved by delta and more.
    ExpendableSqn,
    /// A Ua session whose lifetime has ended.
    ExpiredSession,
    /// A first Ua session that is given by subscriber and RAND, so that other keys can be derived.
    DerivedSession,
    /// An age limit L of the USIM, stated in the profile (TS 33.102 C.2.3).
    AgeLimit,
    /// A card that makes `Ks_int_NAF` after a usual run (TS 33.220 clause 5).
    GbaU,
    /// A client that can bootstrap; one that is handed a B-TID with its `Ks_NAF` need not.
    Bootstraps,
    /// A client that goes to NAF and portal inside TLS where its hook says so (TS 24.109 5.3.2).
    UaTls,
    /// A client that can fetch the certificate of a CA from a PKI portal.
    FetchesCa,
    /// A session whose subscriber has a public identity that the profile names.
    PublicIdentity,
    /// A session whose subscriber has two of them.
    SecondPublicIdentity,
    /// Two application servers behind an authentication proxy, with keys that can be derived.
    SecondApplication,
    /// TLS 1.2 with shared keys (TS 24.109 5.3.3).
    PskTls12,
    /// TLS 1.3 with external shared keys (TS 24.109 5.3.3.1.3).
    PskTls13,
    /// A BSF that asks the harness for vectors over Diameter.
    Zh,
    /// A BSF that asks the harness for vectors over the service-based interface of the HSS.
    ZhSbi,
    /// A BSF that the harness can ask for keys over Diameter, or a NAF that asks it.
    Zn,
    /// The same over the service-based interface of the BSF.
    ZnSbi,
    /// A BSF that NAFs can ask for keys by its web service (TS 29.109, open question U-14).
    ZnSoap,
}

impl Need {
    /// All needs with their names in vectors and profiles.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("second-subscriber", Self::SecondSubscriber),
        ("reports-outcome", Self::ReportsOutcome),
        ("keeps-usim", Self::KeepsUsim),
        ("enrols", Self::Enrols),
        ("fetches", Self::Fetches),
        ("refused-session", Self::RefusedSession),
        ("allowed-session", Self::AllowedSession),
        ("replaces-challenge", Self::ReplacesChallenge),
        ("tmpi", Self::Tmpi),
        ("akav2-md5", Self::AkaV2Md5),
        ("akav2-sha-256", Self::AkaV2Sha256),
        ("gba-2g", Self::Gba2g),
        ("gba-digest", Self::GbaDigest),
        ("keeps-session", Self::KeepsSession),
        ("expendable-sqn", Self::ExpendableSqn),
        ("expired-session", Self::ExpiredSession),
        ("derived-session", Self::DerivedSession),
        ("age-limit", Self::AgeLimit),
        ("gba-u", Self::GbaU),
        ("bootstraps", Self::Bootstraps),
        ("ua-tls", Self::UaTls),
        ("fetches-ca", Self::FetchesCa),
        ("public-identity", Self::PublicIdentity),
        ("second-public-identity", Self::SecondPublicIdentity),
        ("second-application", Self::SecondApplication),
        ("psk-tls-1.2", Self::PskTls12),
        ("psk-tls-1.3", Self::PskTls13),
        ("zh", Self::Zh),
        ("zh-sbi", Self::ZhSbi),
        ("zn", Self::Zn),
        ("zn-sbi", Self::ZnSbi),
        ("zn-soap", Self::ZnSoap),
    ];

    /// What the steps of a case ask of its target, whether or not the case says so: a client that is
    /// sent to the BSF, or awaited there, has to be one that bootstraps.
    pub(crate) fn implied(target: Element, steps: &[Step]) -> Option<Self> {
        let is_bootstrapping = |step: &Step| match &step.kind {
            StepKind::Trigger(errand) => *errand == Errand::Bootstrap,
            StepKind::Await(wait) => wait.at == Some(Element::Bsf),
            StepKind::Send(_)
            | StepKind::Connect(_)
            | StepKind::Check(_)
            | StepKind::Never(_)
            | StepKind::Finish(_) => false,
        };
        let is_implied = target == Element::Ue && steps.iter().any(is_bootstrapping);
        is_implied.then_some(Self::Bootstraps)
    }

    /// The name in vectors and profiles.
    pub fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(_, need)| *need == self)
            .map_or("", |(name, _)| name)
    }

    /// The need with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, need)| *need)
    }
}
