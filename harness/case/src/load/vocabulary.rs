//! The words that a case file may use, in one place for the loader and for the JSON schema.

use crate::case::{
    AutsAmf, Certificate, CertificateKey, CertificateName, Closing, Coding, ConnectionChoice,
    CsrDefect, DocumentForm, OtherNafId, Password, PskSpec, ResponseSpec, RspauthSpec, ServerName,
    SessionChoice, Silence, SubscriberChoice, Transport, TwinRepeat, VectorSqn,
};
use crate::handshake::{PskSeparator, PskVersion};
use crate::subscriber::SubscriberKind;

/// Words of a vector and what they stand for; the first is the default.
pub type Words<T> = &'static [(&'static str, T)];

/// `connection` of a send.
pub const CONNECTIONS: Words<ConnectionChoice> = &[
    ("current", ConnectionChoice::Current),
    ("new", ConnectionChoice::New),
];
/// `subscriber` of a send, and `key` of `auts` and `vector`.
pub const SUBSCRIBERS: Words<SubscriberChoice> = &[
    ("first", SubscriberChoice::First),
    ("second", SubscriberChoice::Second),
    ("unknown", SubscriberChoice::Unknown),
];
/// `password` of a send.
pub const PASSWORDS: Words<Password> = &[
    ("res", Password::Form("res")),
    ("akav2", Password::Form("akav2")),
    ("gba-digest", Password::Form("gba-digest")),
    ("empty", Password::Empty),
    ("ks-naf", Password::KsNaf),
    ("res-as-hex", Password::Form("res-as-hex")),
    ("res-as-base64", Password::Form("res-as-base64")),
    ("res-padded", Password::Form("res-padded")),
    ("res-4", Password::Form("res-4")),
    ("res-of-second", Password::ResOfSecond),
    ("res-of-nonce", Password::ResOfNonce),
    ("akav2-raw", Password::Form("akav2-raw")),
    ("akav2-as-hex", Password::Form("akav2-as-hex")),
    ("akav2-ck-ik", Password::Form("akav2-ck-ik")),
    ("akav2-swapped", Password::Form("akav2-swapped")),
    ("res-2g-kc-once", Password::Form("res-2g-kc-once")),
    ("res-2g-rand-first", Password::Form("res-2g-rand-first")),
    ("res-2g-sres-first", Password::Form("res-2g-sres-first")),
    ("res-2g-last-half", Password::Form("res-2g-last-half")),
    ("res-2g-untruncated", Password::Form("res-2g-untruncated")),
    ("sres", Password::Form("sres")),
    (
        "gba-digest-label-with-blank",
        Password::Form("gba-digest-label-with-blank"),
    ),
    ("plain-password", Password::Form("plain-password")),
    ("ks-naf-raw", Password::KsNafRaw),
    ("ks-naf-as-hex", Password::KsNafAsHex),
    ("ks-naf-as-base64url", Password::KsNafAsBase64Url),
    ("ks-naf-of-other", Password::KsNafOfOther),
    (
        "ks-naf-other-ua-id",
        Password::KsNafFor(OtherNafId::Protocol),
    ),
    ("ks-naf-port", Password::KsNafFor(OtherNafId::Port)),
    (
        "ks-naf-upper-case",
        Password::KsNafFor(OtherNafId::UpperCase),
    ),
    ("ks-naf-of-other-naf", Password::KsNafFor(OtherNafId::Name)),
    ("ks-naf-of-other-host", Password::KsNafOfOtherHost),
];
/// `amf` of `auts`.
pub const AUTS_AMFS: Words<AutsAmf> = &[
    ("zero", AutsAmf::Zero),
    ("of-challenge", AutsAmf::OfChallenge),
];
/// `sqn` of `vector`.
pub const VECTOR_SQNS: Words<VectorSqn> = &[
    ("next", VectorSqn::Next),
    ("zero", VectorSqn::Zero),
    ("beyond-delta", VectorSqn::BeyondDelta),
    ("at-delta", VectorSqn::AtDelta),
    ("just-beyond-delta", VectorSqn::JustBeyondDelta),
    ("at-age-limit", VectorSqn::AtAgeLimit),
    ("within-age-limit", VectorSqn::WithinAgeLimit),
    ("repeated", VectorSqn::Repeated),
    ("older-in-another-slot", VectorSqn::OlderInAnotherSlot),
    ("after-auts", VectorSqn::AfterAuts),
];
/// How a response is made from its password.
pub const RESPONSES: Words<ResponseSpec> = &[
    ("right", ResponseSpec::Right),
    ("without-body-hash", ResponseSpec::WithoutBodyHash),
    ("upper-case", ResponseSpec::UpperCase),
];

/// `rspauth` of a send.
pub const RSPAUTHS: Words<RspauthSpec> = &[
    ("right", RspauthSpec::Right),
    ("flipped-bit", RspauthSpec::FlippedBit),
    ("over-request-body", RspauthSpec::OverRequestBody),
    ("with-method", RspauthSpec::WithMethod),
];
/// `transport` of a case.
pub const TRANSPORTS: Words<Transport> = &[
    ("tcp", Transport::Tcp),
    ("tls", Transport::Tls),
    ("psk-tls-1.2", Transport::Psk(PskVersion::Tls12)),
    ("psk-tls-1.3", Transport::Psk(PskVersion::Tls13)),
];
/// `key` of a connect.
pub const PSK_SPECS: Words<PskSpec> = &[
    ("right", PskSpec::Right),
    ("as-base64", PskSpec::AsBase64),
    ("as-hex", PskSpec::AsHex),
    ("of-http-digest", PskSpec::OfHttpDigest),
    ("little-endian-suite", PskSpec::LittleEndianSuite),
    ("of-other-suite", PskSpec::OfOtherSuite),
    ("of-other-version", PskSpec::OfOtherVersion),
];
/// `server-name` of a connect.
pub const SERVER_NAMES: Words<ServerName> =
    &[("right", ServerName::Right), ("absent", ServerName::Absent)];
/// `separator` of the identities in a profile.
pub const PSK_SEPARATORS: Words<PskSeparator> = &[
    ("semicolon", PskSeparator::Semicolon),
    ("nothing", PskSeparator::Nothing),
];
/// `certificate` of a case.
pub const CERTIFICATES: Words<Certificate> = &[
    ("right", Certificate::Right),
    ("of-other-name", Certificate::OfOtherName),
];
/// `algorithm` of a send: the challenge that it answers, of a message with several.
pub const ALGORITHMS: [&str; 8] = [
    "AKAv1-MD5",
    "AKAv2-MD5",
    "AKAv2-SHA-256",
    "MD5",
    "SHA-256",
    "SHA-512-256",
    "MD5-sess",
    "SHA-256-sess",
];
/// `subscriber-kind` of a case.
pub const SUBSCRIBER_KINDS: Words<SubscriberKind> = &[
    ("usim", SubscriberKind::Usim),
    ("imsi", SubscriberKind::Imsi),
    ("tuak-128", SubscriberKind::Tuak128),
    ("tuak-256", SubscriberKind::Tuak256),
    ("sim", SubscriberKind::Sim),
    ("digest", SubscriberKind::Digest),
];
/// `session` of a case.
pub const SESSIONS: Words<SessionChoice> = &[
    ("any", SessionChoice::Any),
    ("refused", SessionChoice::Refused),
    ("allowed", SessionChoice::Allowed),
    ("expired", SessionChoice::Expired),
];
/// `coding` of a send.
pub const CODINGS: Words<Coding> = &[("identity", Coding::Identity), ("chunked", Coding::Chunked)];
/// `then` of a send.
pub const CLOSINGS: Words<Closing> = &[("open", Closing::Open), ("close", Closing::Close)];
/// `twin-after` of a case.
pub const TWIN_REPEATS: Words<TwinRepeat> = &[
    ("again", TwinRepeat::BeforeAndAfter),
    ("not", TwinRepeat::BeforeOnly),
];
/// `form` of `csr` and `certificate`.
pub const DOCUMENT_FORMS: Words<DocumentForm> =
    &[("pem", DocumentForm::Pem), ("der", DocumentForm::Der)];
/// `defect` of `csr`.
pub const CSR_DEFECTS: Words<CsrDefect> = &[
    ("none", CsrDefect::None),
    ("wrong-signature", CsrDefect::WrongSignature),
    ("other-key", CsrDefect::OtherKey),
    ("cut", CsrDefect::Cut),
    ("nested", CsrDefect::Nested),
];
/// `key` of `certificate`.
pub const CERTIFICATE_KEYS: Words<CertificateKey> = &[
    ("of-request", CertificateKey::OfRequest),
    ("other", CertificateKey::Other),
];
/// `name` of `certificate`.
pub const CERTIFICATE_NAMES: Words<CertificateName> = &[
    ("right", CertificateName::Right),
    ("other", CertificateName::Other),
];
/// `or` of a step that waits for a message.
pub const SILENCES: Words<Silence> = &[("answer", Silence::Unmet), ("closed", Silence::Allowed)];
/// `form` of a table that is sent.
pub const FORMS: Words<Form> = &[
    ("corrected", Form::Corrected),
    ("as-printed", Form::AsPrinted),
];

/// The form of a printed table that a case sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As a conforming element sends it.
    #[default]
    Corrected,
    /// With its errors.
    AsPrinted,
}
