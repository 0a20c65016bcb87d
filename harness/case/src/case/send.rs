//! A message to send: its template, how its computed values are made, and what is changed in it.

use gbaspec_wire::diameter::notation;

use crate::compose::{Body, Edit};
use crate::element::Element;
use crate::protocol::Protocol;

/// A message to send: a template, the way its computed values are made, and changes to it.
#[derive(Clone, Debug)]
pub struct Send {
    /// The text with placeholders, resolved from the message or table that the vector names; one
    /// form a release.
    pub template: Template,
    /// The name by which later steps refer to it.
    pub name: Option<String>,
    /// The element that the harness speaks as, if it is not the first one before the target.
    pub from: Option<Element>,
    /// Whether to use a connection of its own.
    pub connection: ConnectionChoice,
    /// The only cipher suites that the harness offers on that new connection, by their IANA names; what
    /// the case says if empty.
    pub suites: Vec<String>,
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
    /// How `{csr}` is made when the harness asks for a certificate.
    pub csr: CsrSpec,
    /// How `{certificate}` and its kin are made when the harness is the PKI portal.
    pub certificate: CertificateSpec,
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

    /// Whether it is the answer to a request (RFC 9112 4: a status line begins with the version).
    pub fn is_response(&self) -> bool {
        match self.protocol() {
            Protocol::Http | Protocol::Http2 => self.release_17.starts_with("HTTP/"),
            Protocol::Diameter => notation::is_answer(&self.release_17),
        }
    }

    /// What it is a message of.
    pub fn protocol(&self) -> Protocol {
        Protocol::of_template(&self.release_17)
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
    /// A near miss: Ks_NAF in the alphabet for URLs (RFC 4648 5), without padding where that is all
    /// the difference.
    KsNafAsBase64Url,
    /// A key that is right for another NAF.
    KsNafOfOther,
    /// The key of the other application server behind the same proxy.
    KsNafOfOtherHost,
    /// A near miss: the key of the session for another identifier than that of the target.
    KsNafFor(OtherNafId),
}

/// An identifier that is not that of the target, though it resembles it (TS 33.220 H.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OtherNafId {
    /// Its name with another Ua protocol.
    Protocol,
    /// Its name with the port of HTTP.
    Port,
    /// Its name in capitals.
    UpperCase,
    /// The name of another NAF.
    Name,
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

/// How a certification request is made (TS 24.109 table E.3.1-1, RFC 2986).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CsrSpec {
    /// How it travels.
    pub form: DocumentForm,
    /// What is wrong with it.
    pub defect: CsrDefect,
    /// So many octets of text are in it that ask for nothing.
    pub padding: usize,
}

/// How a certification request or a certificate travels (erratum ERR-28).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DocumentForm {
    /// Base64 between the markers of PEM.
    #[default]
    Pem,
    /// As DER.
    Der,
}

/// What is wrong with a certification request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CsrDefect {
    /// Nothing.
    #[default]
    None,
    /// One bit of its signature.
    WrongSignature,
    /// Another key than the one in it has signed it.
    OtherKey,
    /// Its second half is missing.
    Cut,
    /// It is sequences inside of sequences and nothing else.
    Nested,
}

/// The certificates that the harness makes as PKI portal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CertificateSpec {
    /// How they travel.
    pub form: DocumentForm,
    /// The key in the one of the subscriber.
    pub key: CertificateKey,
    /// The name in the one of the CA.
    pub name: CertificateName,
}

/// The key in a certificate of a subscriber.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateKey {
    /// The one of the certification request.
    #[default]
    OfRequest,
    /// Another one.
    Other,
}

/// The name in a certificate of a CA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CertificateName {
    /// The one of the CA of the harness.
    #[default]
    Right,
    /// Another one.
    Other,
}
