//! A conformance case as typed data: what a vector file says, checked and resolved.

use std::fmt;
use std::sync::Arc;

use crate::compose::{Body, Edit};
use crate::element::Element;
use crate::event::CaseHeader;
use crate::fact::FactPath;
use crate::matcher::Matcher;
use crate::property::Property;
use crate::requirement::Level;
use crate::subscriber::SubscriberKind;
use crate::verdict::Place;

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
            StepKind::Send(_) | StepKind::Trigger(_) => false,
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
    /// An age limit L of the USIM, stated in the profile (TS 33.102 C.2.3).
    AgeLimit,
}

impl Need {
    /// All needs with their names in vectors and profiles.
    pub const NAMES: [(&'static str, Self); 16] = [
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
        ("age-limit", Self::AgeLimit),
    ];

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

/// How a case reaches its target (TS 24.109 Annexes H and I: 2G GBA and `GBA_Digest` run inside TLS
/// whose server shows a certificate).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// As the profile says.
    #[default]
    Tcp,
    /// Inside TLS: at the TLS address of a server, at a TLS port of the harness for a client.
    Tls,
}

/// The name in the certificate that the harness shows as a BSF.
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
    /// Ask the client under test to act.
    Trigger(Errand),
    /// Wait for the next message of the target and check it.
    Await(Await),
    /// Check a message that is there already.
    Check(Check),
    /// Until the client ends, no message may match all of this.
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
}

impl Errand {
    /// All errands.
    pub const ALL: [Self; 3] = [Self::Bootstrap, Self::Fetch, Self::Enrol];

    /// The name in vectors, hooks and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bootstrap => "bootstrap",
            Self::Fetch => "fetch",
            Self::Enrol => "enrol",
        }
    }

    /// The errand with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|errand| errand.as_str() == name)
    }
}

/// A message to send: a template, the way its computed values are made, and changes to it.
#[derive(Clone, Debug)]
pub struct Send {
    /// The text with placeholders, resolved from the message or table that the vector names; one
    /// form a release.
    pub template: Template,
    /// The name by which later steps refer to it.
    pub name: Option<String>,
    /// Whether to use a connection of its own.
    pub connection: ConnectionChoice,
    /// Which subscriber's identity and keys it uses.
    pub subscriber: SubscriberChoice,
    /// The message that it answers or refers to (name of a step); the latest one by default.
    pub answers: Option<String>,
    /// The algorithm of the challenge that it answers, of a message with several.
    pub algorithm: Option<String>,
    /// The password of `{response}`.
    pub password: Password,
    /// How `{response}` is computed from it.
    pub response: ResponseSpec,
    /// How `{auts}` is computed.
    pub auts: AutsSpec,
    /// How `{nonce}` is computed when the harness is the BSF.
    pub vector: VectorSpec,
    /// How `{rspauth}` is computed.
    pub rspauth: RspauthSpec,
    /// Another body than the template's.
    pub body: Option<Body>,
    /// Changes before the digest is computed: the message stays consistent.
    pub change: Vec<Edit>,
    /// Changes after it: the message's integrity is broken on purpose.
    pub spoil: Vec<Edit>,
    /// How its body travels.
    pub coding: Coding,
    /// Whether the harness closes the connection after it.
    pub closing: Closing,
}

/// The forms of a message, one a release.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    /// What the vector called it, for messages to people.
    pub name: String,
    /// The Release 6 form.
    pub release_6: String,
    /// The Release 17 form.
    pub release_17: String,
}

impl Template {
    /// The form of this release; everything before Release 7 is Release 6.
    pub fn text(&self, release: u8) -> &str {
        if release < 7 {
            &self.release_6
        } else {
            &self.release_17
        }
    }
}

/// The connection that a request uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionChoice {
    /// The one in use, if it is still open.
    #[default]
    Current,
    /// A new one.
    New,
}

/// How the body of a message travels (RFC 9112 7.1). Digests cover the body before any coding
/// (RFC 7616 3.4.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Coding {
    /// As it is, with the length that the message gives.
    #[default]
    Identity,
    /// In chunks, with `Transfer-Encoding` in place of `Content-Length`.
    Chunked,
}

/// What the harness does with the connection after a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// It stays open.
    #[default]
    Open,
    /// It is closed, as a message without a length needs (RFC 9112 6.3).
    Close,
}

/// Which subscriber a message is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SubscriberChoice {
    /// The one that the play was given.
    #[default]
    First,
    /// Another one of the profile.
    Second,
    /// None of the profile: an identity that the target cannot know, with keys of its own.
    Unknown,
}

/// The password of a digest response (RFC 3310 3.3 and 3.4, RFC 4169 2.1, TS 33.220 Annexes I and M,
/// TS 24.109 5.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Password {
    /// What the subscriber makes of the challenge, in the form with this name: a right one or a
    /// near miss, as [`crate::fact::MADE_WITH`] has it.
    Form(&'static str),
    /// None, as in a resynchronisation request.
    Empty,
    /// RES of the other subscriber for the same RAND.
    ResOfSecond,
    /// RES for the RAND in the nonce that the message itself names, whoever made it.
    ResOfNonce,
    /// The base64 text of Ks_NAF.
    KsNaf,
    /// A near miss: Ks_NAF raw.
    KsNafRaw,
    /// A near miss: Ks_NAF as hex text.
    KsNafAsHex,
    /// A key that is right for another NAF.
    KsNafOfOther,
}

impl Default for Password {
    fn default() -> Self {
        Self::Form("res")
    }
}

/// How a digest response is made from its password (RFC 7616 3.4.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResponseSpec {
    /// By the rule.
    #[default]
    Right,
    /// A near miss: under auth-int, but without the hash of the body in A2.
    WithoutBodyHash,
    /// By the rule, but in upper case digits (RFC 7616 3.4.1 knows lower case only).
    UpperCase,
}

/// How AUTS is made (TS 33.102 6.3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AutsSpec {
    /// The SQN_MS that it reports.
    pub sqn_ms: SqnMs,
    /// AMF*; two zero octets by the rule.
    pub amf: AutsAmf,
    /// A bit of the 112 to flip, counted from the most significant one of octet 0.
    pub flip_bit: Option<u8>,
    /// How many octets to send; 14 by the rule. Zero octets are added, or the end is cut.
    pub octets: Option<u8>,
    /// Whose key makes it.
    pub key: SubscriberChoice,
    /// Characters to put into the middle of its base64 text.
    pub junk: String,
}

/// The SQN_MS in an AUTS, seen from the SQN of the challenge that is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqnMs {
    /// So many SEQ steps beyond it, in the same slot.
    Ahead(u64),
    /// So many SEQ steps below it, in the same slot.
    Behind(u64),
}

impl Default for SqnMs {
    /// Seven steps, as in the worked example of the resynchronisation.
    fn default() -> Self {
        Self::Ahead(7)
    }
}

/// AMF* of an AUTS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AutsAmf {
    /// Two zero octets (TS 33.102 6.3.3).
    #[default]
    Zero,
    /// A near miss: the AMF of the challenge.
    OfChallenge,
}

/// The authentication vector that the harness sends as BSF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VectorSpec {
    /// Its SQN.
    pub sqn: SqnSpec,
    /// The message whose challenge lends its RAND (name of a step); a new RAND otherwise.
    pub rand_of: Option<String>,
    /// A bit of MAC-A to flip (0 to 63).
    pub flip_mac_bit: Option<u8>,
    /// A bit of AUTN to flip (0 to 127): the concealed SQN begins at 0, AMF at 48, MAC-A at 64.
    pub flip_bit: Option<u8>,
    /// Whose key makes it.
    pub key: SubscriberChoice,
    /// Another AMF than the profile's, two octets.
    pub amf: Option<[u8; 2]>,
    /// Server specific data after AUTN (RFC 3310 3.2).
    pub server_data: Vec<u8>,
    /// How many octets of the nonce to send; the rest is cut.
    pub cut_to: Option<usize>,
}

/// How the SQN of a vector is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqnSpec {
    /// From the harness's counter, or against it.
    Chosen(VectorSqn),
    /// From an SQN that the play has seen.
    CountedFrom(SqnFrom),
}

impl Default for SqnSpec {
    fn default() -> Self {
        Self::Chosen(VectorSqn::default())
    }
}

/// An SQN counted from the one of a named message: the SQN_MS of a right AUTS in it, else the SQN
/// of the challenge that it holds or answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqnFrom {
    /// The message (name of a step).
    pub message: String,
    /// How far its SEQ lies from that one's; at the ends of the range it stays there.
    pub seq: SeqDistance,
    /// How many slots its IND lies after that one's, modulo their number.
    pub ind_ahead: u64,
}

/// A distance between two SEQ, in steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeqDistance {
    /// So many steps beyond the other.
    Ahead(u64),
    /// So many steps below the other.
    Behind(u64),
}

/// The SQN of a vector, seen from the harness's counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum VectorSqn {
    /// The next one of the harness's counter.
    #[default]
    Next,
    /// Zero: never greater than any slot (TS 33.102 C.2.2), so always out of range.
    Zero,
    /// So far ahead that the delta check refuses it in any state (TS 33.102 C.2.1).
    BeyondDelta,
    /// As far ahead of the vector before as delta allows (TS 33.102 C.2.1).
    AtDelta,
    /// One SEQ step further ahead than delta allows (TS 33.102 C.2.1).
    JustBeyondDelta,
    /// So old that the age limit just refuses it, in another slot than the vector before
    /// (TS 33.102 C.2.3).
    AtAgeLimit,
    /// As old as the age limit allows, in that slot (TS 33.102 C.2.3).
    WithinAgeLimit,
    /// The same as in the vector before.
    Repeated,
    /// One SEQ step older than the vector before, in a slot that has seen none so new: the array
    /// scheme accepts it (TS 33.102 C.2.2).
    OlderInAnotherSlot,
    /// The next one after the SQN_MS of the AUTS that it answers.
    AfterAuts,
}

/// How rspauth is made when the harness answers (RFC 7616 3.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RspauthSpec {
    /// By the rule: over the body of the response, no method.
    #[default]
    Right,
    /// Right, but for one bit.
    FlippedBit,
    /// A near miss: over the body of the request.
    OverRequestBody,
    /// A near miss: the method of the request in A2.
    WithMethod,
}

/// The next message, and what must be true of it.
#[derive(Clone, Debug)]
pub struct Await {
    /// What an unmet expectation means.
    pub weight: Weight,
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

/// What must not arrive until the client ends.
#[derive(Clone, Debug)]
pub struct Never {
    /// The requirement that it speaks for.
    pub requirement: Option<String>,
    /// A message that meets all of these is forbidden.
    pub conditions: Vec<Condition>,
    /// At most so many messages may arrive that meet them; 0 by default.
    pub at_most: usize,
    /// What a forbidden message means.
    pub weight: Weight,
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
    /// The message.
    pub send: Box<Send>,
    /// Where it stands.
    pub place: Place,
}
