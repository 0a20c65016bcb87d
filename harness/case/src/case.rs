//! A conformance case as typed data: what a vector file says, checked and resolved.

mod connect;
mod need;
mod send;

use std::fmt;
use std::sync::Arc;

use crate::element::Element;
use crate::event::CaseHeader;
use crate::fact::FactPath;
use crate::handshake::PskVersion;
use crate::matcher::Matcher;
use crate::property::Property;
use crate::requirement::Level;
use crate::subscriber::SubscriberKind;
use crate::verdict::Place;

pub use connect::{Connect, PskSpec, ServerName};
pub use need::Need;
pub use send::{
    AutsAmf, AutsSpec, CertificateKey, CertificateName, CertificateSpec, Closing, Coding,
    ConnectionChoice, CsrDefect, CsrSpec, DocumentForm, OtherNafId, Password, ResponseSpec,
    RspauthSpec, Send, SeqDistance, SqnFrom, SqnMs, SqnSpec, SubscriberChoice, Template,
    VectorSpec, VectorSqn,
};

/// Stable identity of a case, `interface/topic/slug`; never a number, assigned once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(String);

impl CaseId {
    /// An identity from its parts, for example `ub/resync` and `fresh-challenge-after-auts`.
    pub fn new(topic: &str, slug: &str) -> Self {
        Self(format!("{topic}/{slug}"))
    }

    /// The whole identity.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `interface/topic`.
    pub fn topic(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(topic, _)| topic)
    }

    /// The last part.
    pub fn slug(&self) -> &str {
        self.0
            .rsplit_once('/')
            .map_or(self.0.as_str(), |(_, slug)| slug)
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// Identity.
    pub id: CaseId,
    /// Identities that it had before it was renamed.
    pub aliases: Vec<String>,
    /// What it shows, one sentence.
    pub title: String,
    /// The requirements that it tests, at least one; the first speaks for checks that name none.
    pub requirements: Vec<String>,
    /// The specification.
    pub document: String,
    /// The clause.
    pub clause: String,
    /// The printed tables that it replays.
    pub tables: Vec<String>,
    /// What the target is.
    pub target: Element,
    /// How strictly it binds.
    pub level: Level,
    /// Capabilities that the profile must claim or have, for example `second-subscriber`.
    pub needs: Vec<Need>,
    /// The valid form of a negative case: tried before and after it.
    pub twin: Option<Twin>,
    /// Which of the profile's Ua sessions it uses.
    pub session: SessionChoice,
    /// Which kind of subscriber it is played for.
    pub subscriber_kind: SubscriberKind,
    /// Whether it is played inside TLS.
    pub transport: Transport,
    /// What stands in the certificate that the harness shows to a client under test.
    pub certificate: Certificate,
    /// The only cipher suites that the harness offers inside TLS, by their IANA names; all that it
    /// knows if empty. A case is not for a target that has none of them.
    pub suites: Vec<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
    /// Standing answers to requests that the current step does not wait for.
    pub answers: Vec<Answer>,
    /// If it stands for a property: what its sequences are made of. Its own steps are then an example.
    pub property: Option<Arc<Property>>,
    /// Where it stands.
    pub place: Place,
}

impl Case {
    /// What reports say about it.
    pub fn header(&self) -> CaseHeader {
        CaseHeader {
            id: self.id.to_string(),
            title: self.title.clone(),
            document: self.document.clone(),
            clause: self.clause.clone(),
            level: self.level.as_str(),
            requirements: self.requirements.clone(),
            tables: self.tables.clone(),
            target: self.target,
            place: format!("{}:{}", self.place.file, self.place.line),
        }
    }

    /// The element at which a client under test is expected first: the one of the first errand.
    pub fn about(&self) -> Element {
        let errands = self.steps.iter().filter_map(|step| match step.kind {
            StepKind::Trigger(errand) => Some(errand),
            _ => None,
        });
        let mut errands = errands.peekable();
        let first = errands.peek().copied();
        // A run on Ub before an errand is the way to it.
        let last = errands
            .find(|errand| *errand != Errand::Bootstrap)
            .or(first);
        last.map_or(Element::Bsf, Errand::leads_to)
    }

    /// What stands around a target of this project that the case is played against.
    pub fn surroundings(&self) -> Surroundings {
        let (diameter, sbi) = match self.target {
            Element::Bsf => (Need::Zh, Need::ZhSbi),
            Element::Naf => (Need::Zn, Need::ZnSbi),
            _ => return Surroundings::Provisioned,
        };
        if self.needs.contains(&sbi) {
            Surroundings::Sbi
        } else if self.needs.contains(&diameter) {
            Surroundings::Diameter
        } else {
            Surroundings::Provisioned
        }
    }

    /// The order of clauses as a table of contents has it: numbers by value, annexes last.
    pub fn clause_order(&self) -> Vec<(u32, &str)> {
        let part = |part| match str::parse(part) {
            Ok(number) => (number, ""),
            Err(_) => (u32::MAX, part),
        };
        self.clause.split('.').map(part).collect()
    }

    /// Whether the case shows that something wrong is refused or survived.
    pub fn is_negative(&self) -> bool {
        self.twin.is_some()
    }

    /// The requirement that a check without one of its own speaks for.
    pub fn first_requirement(&self) -> &str {
        self.requirements.first().map_or("", String::as_str)
    }

    /// Whether the case, or one of its checks, tests this requirement.
    pub fn speaks_for(&self, requirement: &str) -> bool {
        let of_step = |step: &Step| match &step.kind {
            StepKind::Await(wait) => wait.requirement.as_deref() == Some(requirement),
            StepKind::Check(check) => check.requirement.as_deref() == Some(requirement),
            StepKind::Never(never) => never.requirement.as_deref() == Some(requirement),
            StepKind::Finish(finish) => finish.requirement.as_deref() == Some(requirement),
            StepKind::Send(_) | StepKind::Trigger(_) | StepKind::Connect(_) => false,
        };
        self.requirements.iter().any(|known| known == requirement) || self.steps.iter().any(of_step)
    }

    /// The step that gives a message this name.
    pub fn step_named(&self, name: &str) -> Option<usize> {
        self.steps.iter().position(|step| match &step.kind {
            StepKind::Send(send) => send.name.as_deref() == Some(name),
            StepKind::Await(wait) => wait.name.as_deref() == Some(name),
            _ => false,
        })
    }
}

/// What a target has around it: a real one has what its profile says; of the peers of this project
/// there is one for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Surroundings {
    /// Nobody: it knows all keys beforehand.
    #[default]
    Provisioned,
    /// The harness as the server that it asks, over Diameter.
    Diameter,
    /// The same over the service-based interface.
    Sbi,
}

impl Surroundings {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Provisioned, Self::Diameter, Self::Sbi];
}

/// The valid twin of a negative case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twin {
    /// The case that shows the valid form.
    pub case: CaseId,
    /// Whether it is tried again afterwards.
    pub repeat: TwinRepeat,
}

/// Whether the valid twin is played again after the negative case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TwinRepeat {
    /// Before and after: the target must still work.
    #[default]
    BeforeAndAfter,
    /// Only before, where the state does not allow it afterwards.
    BeforeOnly,
}

/// How a case reaches its target (TS 24.109 Annexes H and I: 2G GBA and `GBA_Digest` run inside TLS
/// whose server shows a certificate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// As the profile says.
    #[default]
    Tcp,
    /// Inside TLS: at the TLS address of a server, at a TLS port of the harness for a client.
    Tls,
    /// Inside TLS of this version whose ends share a key (TS 24.109 5.3.3): at the PSK address of a
    /// NAF, at the PSK port of the harness for a client that fetches.
    Psk(PskVersion),
}

impl Transport {
    /// The version of a handshake with a shared key, if it is one.
    pub fn psk_version(self) -> Option<PskVersion> {
        match self {
            Self::Tcp | Self::Tls => None,
            Self::Psk(version) => Some(version),
        }
    }

    /// The name in vectors and hooks.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Psk(PskVersion::Tls12) => "psk-tls-1.2",
            Self::Psk(PskVersion::Tls13) => "psk-tls-1.3",
        }
    }
}

/// The name in the certificate that the harness shows as the server that a case is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// The name of the BSF.
    #[default]
    Right,
    /// The name of another server, by the same authority.
    OfOtherName,
}

/// Which Ua session of the profile a case uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionChoice {
    /// The first one.
    #[default]
    Any,
    /// One whose subscriber may not enrol.
    Refused,
    /// One whose subscriber may enrol.
    Allowed,
    /// One whose lifetime has ended.
    Expired,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What to do.
    pub kind: StepKind,
    /// Where it stands.
    pub place: Place,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// Send a message.
    Send(Box<Send>),
    /// Shake hands with a shared key and send nothing.
    Connect(Box<Connect>),
    /// Ask the client under test to act.
    Trigger(Errand),
    /// Wait for the next message of the target and check it.
    Await(Await),
    /// Check a message that is there already.
    Check(Check),
    /// Until the client ends or the server answers, no message may match all of this.
    Never(Never),
    /// Wait until the client ends, and check what it reports.
    Finish(Finish),
}

/// What a client under test is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Errand {
    /// Run the bootstrapping procedure (Ub).
    Bootstrap,
    /// Fetch a resource at the NAF, bootstrapping if needed (Ua).
    Fetch,
    /// Enrol for a subscriber certificate at the PKI portal, bootstrapping if needed.
    Enrol,
    /// Fetch the certificate of a CA from the PKI portal, bootstrapping if needed.
    CaCertificate,
}

impl Errand {
    /// All errands.
    pub const ALL: [Self; 4] = [
        Self::Bootstrap,
        Self::Fetch,
        Self::Enrol,
        Self::CaCertificate,
    ];

    /// The name in vectors, hooks and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Fetch => "fetch",
            Self::Enrol => "enrol",
            Self::CaCertificate => "get-ca",
        }
    }

    /// The element at which the errand is done.
    pub fn leads_to(self) -> Element {
        match self {
            Self::Bootstrap => Element::Bsf,
            Self::Fetch => Element::Naf,
            Self::Enrol | Self::CaCertificate => Element::Portal,
        }
    }

    /// The errand with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.as_str() == name)
    }
}

/// The next message, and what must be true of it.
#[derive(Clone, Debug)]
pub struct Await {
    /// What an unmet expectation means.
    pub weight: Weight,
    /// What is waited for.
    pub awaits: Awaits,
    /// The name by which later steps refer to it.
    pub name: Option<String>,
    /// The element of the harness at which it arrives.
    pub at: Option<Element>,
    /// Only a message that matches this is the awaited one; others go to the standing answers.
    pub only: Vec<Condition>,
    /// The requirement that the checks speak for.
    pub requirement: Option<String>,
    /// What must be true.
    pub conditions: Vec<Condition>,
    /// Facts to note in the verdict.
    pub note: Vec<FactPath>,
    /// Whether the target may close the connection instead.
    pub silence: Silence,
}

/// What it means that the target closes the connection instead of answering.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Silence {
    /// The same as an answer that meets nothing.
    #[default]
    Unmet,
    /// As good as the answer that is described; what comes after it does not apply.
    Allowed,
}

impl Await {
    /// Whether a message that arrives at this element can be the awaited one: where the step names
    /// none, any request of a client, and the answer of a server.
    pub fn is_at(&self, target: Element, at: Element) -> bool {
        match self.at {
            Some(expected) => expected == at,
            None => !target.is_server() || !target.behind().contains(&at),
        }
    }
}

/// What a step waits for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Awaits {
    /// A message.
    #[default]
    Message,
    /// The end of a handshake with a shared key.
    Handshake,
}

/// What an unmet condition means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// A precondition: the case is inconclusive.
    Given,
    /// A requirement: the case fails.
    Expect,
    /// A recommendation: a warning.
    Should,
    /// What the case is about: it does not apply to a target that chose otherwise.
    Applies,
}

/// Checks of a message that has been seen.
#[derive(Clone, Debug)]
pub struct Check {
    /// What an unmet condition means.
    pub weight: Weight,
    /// The message (name of a step); the latest received one by default.
    pub on: Option<String>,
    /// The requirement that the checks speak for.
    pub requirement: Option<String>,
    /// The checks apply only to a message that meets these, for example one with an optional header.
    pub when: Vec<Condition>,
    /// What must be true.
    pub conditions: Vec<Condition>,
    /// Facts to note in the verdict.
    pub note: Vec<FactPath>,
}

/// What must not arrive until the client ends, or until the answer of the server comes.
#[derive(Clone, Debug)]
pub struct Never {
    /// The element of the harness at which it must not arrive; any if absent.
    pub at: Option<Element>,
    /// The requirement that it speaks for.
    pub requirement: Option<String>,
    /// A message that meets all of these is forbidden.
    pub conditions: Vec<Condition>,
    /// At most so many messages may arrive that meet them; 0 by default.
    pub at_most: usize,
    /// What a forbidden message means.
    pub weight: Weight,
}

impl Never {
    /// Whether a message that arrives at this element is its business.
    pub fn is_at(&self, at: Element) -> bool {
        self.at.is_none_or(|expected| expected == at)
    }
}

/// How the errand must end.
#[derive(Clone, Debug)]
pub struct Finish {
    /// What an unmet condition means.
    pub weight: Weight,
    /// The requirement that it speaks for.
    pub requirement: Option<String>,
    /// The outcomes that are right; any if empty.
    pub outcomes: Vec<crate::transcript::ClientOutcome>,
}

/// One fact and what it must be.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The fact.
    pub fact: FactPath,
    /// What it must be.
    pub matcher: Matcher,
    /// Where it stands.
    pub place: Place,
}

/// A standing answer: a request that meets the conditions is answered with the message.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The element of the harness at which it arrives.
    pub at: Element,
    /// The conditions.
    pub conditions: Vec<Condition>,
    /// The message; without one the connection is closed.
    pub send: Option<Box<Send>>,
    /// Where it stands.
    pub place: Place,
}
