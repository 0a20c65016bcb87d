//! `gbaspec.transcript/1`: the evidence of one case, one file each.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_case::element::Element;
use gbaspec_case::handshake::{HandshakeEnd, Hello, PskAttempt};
use gbaspec_case::property::{Drawn, Sequence, Trial};
use gbaspec_case::protocol::shown_diameter;
use gbaspec_case::transcript::{ClientOutcome, Entry, EntryKind, Evidence, TlsMkExtr, Transcript};
use serde::{Deserialize, Serialize};

use super::names::Name;

/// The schema name of a transcript file.
pub(crate) const SCHEMA: &str = "gbaspec.transcript/1";

/// Everything that the verdict of one case rests on.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TranscriptDocument {
    pub(crate) schema: String,
    pub(crate) id: String,
    pub(crate) before: Option<PlainTranscript>,
    pub(crate) case: PlainTranscript,
    pub(crate) after: Option<PlainTranscript>,
    #[serde(default)]
    pub(crate) sequence: Option<Vec<PlainMove>>,
    #[serde(default)]
    pub(crate) earlier: Vec<PlainTrial>,
}

/// One move of the sequence of a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlainMove {
    name: String,
    values: BTreeMap<String, String>,
}

/// A sequence of a property, and its play.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlainTrial {
    sequence: Vec<PlainMove>,
    play: PlainTranscript,
}

/// One play of one case.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlainTranscript {
    started_unix_millis: i64,
    subscriber: usize,
    entries: Vec<PlainEntry>,
}

/// One thing that happened.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlainEntry {
    step: Option<usize>,
    at_micros: u64,
    connection: u32,
    what: PlainKind,
}

/// What it was. The tag stands inside, beside its fields: scalars of JSON carry their type, so the
/// objection to such tags in YAML does not hold here.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub(crate) enum PlainKind {
    Sent {
        from: Name<Element>,
        to: Name<Element>,
        bytes: PlainBytes,
    },
    Received {
        from: Name<Element>,
        to: Name<Element>,
        bytes: PlainBytes,
    },
    Unreadable {
        to: Name<Element>,
        bytes: PlainBytes,
        why: String,
    },
    Secured {
        exporter: PlainExporter,
        server_name: Option<String>,
        version: String,
        suite: String,
        suite_number: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        psk_identity: Option<PlainBytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        psk_hint: Option<PlainBytes>,
    },
    Unsecured {
        to: Name<Element>,
        why: String,
    },
    Hello {
        from: Name<Element>,
        to: Name<Element>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        server_name: Option<String>,
        suites: Vec<u16>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<PlainBytes>,
    },
    Unshared {
        to: Name<Element>,
        why: String,
        end: PlainEnd,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        identity: Option<PlainBytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hint: Option<PlainBytes>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suite_number: Option<u16>,
    },
    Closed,
    Unreachable {
        why: String,
    },
    TimedOut {
        after_millis: u64,
    },
    Control {
        answered: bool,
    },
    Triggered {
        errand: String,
    },
    Finished {
        outcome: Name<ClientOutcome>,
    },
    Stopped {
        why: String,
    },
}

/// The exporter value of a TLS session in hex. It is of use to nobody after the session, but the
/// digests of `GBA_Digest` in the transcript cannot be checked again without it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct PlainExporter(TlsMkExtr);

impl From<PlainExporter> for String {
    fn from(exporter: PlainExporter) -> Self {
        HEXLOWER.encode(exporter.0.expose())
    }
}

impl TryFrom<String> for PlainExporter {
    type Error = String;

    fn try_from(hex: String) -> Result<Self, String> {
        let octets = HEXLOWER.decode(hex.as_bytes());
        let octets = octets.map_err(|error| format!("`exporter` is no hex: {error}"))?;
        let exporter = TlsMkExtr::try_from(octets.as_slice());
        exporter.map(Self).map_err(|error| error.to_string())
    }
}

/// Bytes as `{"text": ...}` when all of them are printable ASCII or CR LF pairs, as
/// `{"base64": ...}` otherwise: a readable form with escapes could not be turned back safely.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "RawBytes", try_from = "RawBytes")]
pub(crate) struct PlainBytes(Vec<u8>);

/// The first two fields, of which exactly one is there.
#[derive(Serialize, Deserialize)]
struct RawBytes {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// A message of Diameter for people; nobody reads it back, as the octets are the evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    diameter: Option<Vec<String>>,
}

impl TranscriptDocument {
    /// The document for the evidence of the case with this id.
    pub(crate) fn new(id: &str, evidence: &Evidence) -> Self {
        Self {
            schema: SCHEMA.to_owned(),
            id: id.to_owned(),
            before: evidence.before.as_ref().map(PlainTranscript::from),
            case: PlainTranscript::from(&evidence.case),
            after: evidence.after.as_ref().map(PlainTranscript::from),
            sequence: evidence.sequence.as_ref().map(plain_moves),
            earlier: evidence.earlier.iter().map(PlainTrial::from).collect(),
        }
    }
}

impl From<TranscriptDocument> for Evidence {
    fn from(document: TranscriptDocument) -> Self {
        Self {
            before: document.before.map(Transcript::from),
            case: Transcript::from(document.case),
            after: document.after.map(Transcript::from),
            sequence: document.sequence.map(sequence),
            earlier: document.earlier.into_iter().map(Trial::from).collect(),
        }
    }
}

impl From<&Trial> for PlainTrial {
    fn from(trial: &Trial) -> Self {
        Self {
            sequence: plain_moves(&trial.sequence),
            play: PlainTranscript::from(&trial.transcript),
        }
    }
}

impl From<PlainTrial> for Trial {
    fn from(trial: PlainTrial) -> Self {
        Self {
            sequence: sequence(trial.sequence),
            transcript: Transcript::from(trial.play),
        }
    }
}

/// The moves of a sequence.
pub(crate) fn plain_moves(sequence: &Sequence) -> Vec<PlainMove> {
    let plain = |drawn: &Drawn| PlainMove {
        name: drawn.name.clone(),
        values: drawn.values.clone(),
    };
    sequence.moves.iter().map(plain).collect()
}

/// The sequence of these moves.
pub(crate) fn sequence(moves: Vec<PlainMove>) -> Sequence {
    let drawn = |plain: PlainMove| Drawn {
        name: plain.name,
        values: plain.values,
    };
    Sequence {
        moves: moves.into_iter().map(drawn).collect(),
    }
}

impl From<&Transcript> for PlainTranscript {
    fn from(transcript: &Transcript) -> Self {
        Self {
            started_unix_millis: transcript.started_unix_millis,
            subscriber: transcript.subscriber,
            entries: transcript.entries.iter().map(PlainEntry::from).collect(),
        }
    }
}

impl From<PlainTranscript> for Transcript {
    fn from(transcript: PlainTranscript) -> Self {
        Self {
            started_unix_millis: transcript.started_unix_millis,
            subscriber: transcript.subscriber,
            entries: transcript.entries.into_iter().map(Entry::from).collect(),
        }
    }
}

impl From<&Entry> for PlainEntry {
    fn from(entry: &Entry) -> Self {
        Self {
            step: entry.step,
            at_micros: entry.at_micros,
            connection: entry.connection,
            what: PlainKind::from(&entry.kind),
        }
    }
}

impl From<PlainEntry> for Entry {
    fn from(entry: PlainEntry) -> Self {
        Self {
            step: entry.step,
            at_micros: entry.at_micros,
            connection: entry.connection,
            kind: EntryKind::from(entry.what),
        }
    }
}

impl From<&EntryKind> for PlainKind {
    fn from(kind: &EntryKind) -> Self {
        match kind {
            EntryKind::Sent { from, to, bytes } => Self::Sent {
                from: Name(*from),
                to: Name(*to),
                bytes: PlainBytes(bytes.clone()),
            },
            EntryKind::Received { from, to, bytes } => Self::Received {
                from: Name(*from),
                to: Name(*to),
                bytes: PlainBytes(bytes.clone()),
            },
            EntryKind::Unreadable { to, bytes, why } => Self::Unreadable {
                to: Name(*to),
                bytes: PlainBytes(bytes.clone()),
                why: why.clone(),
            },
            EntryKind::Secured {
                exporter,
                server_name,
                version,
                suite,
                suite_number,
                psk_identity,
                psk_hint,
            } => Self::Secured {
                exporter: PlainExporter(exporter.clone()),
                server_name: server_name.clone(),
                version: version.clone(),
                suite: suite.clone(),
                suite_number: *suite_number,
                psk_identity: psk_identity.clone().map(PlainBytes),
                psk_hint: psk_hint.clone().map(PlainBytes),
            },
            EntryKind::Unsecured { to, why } => Self::Unsecured {
                to: Name(*to),
                why: why.clone(),
            },
            EntryKind::Hello { from, to, hello } => Self::Hello {
                from: Name(*from),
                to: Name(*to),
                server_name: hello.server_name.clone(),
                suites: hello.suites.clone(),
                identity: hello.identity.clone().map(PlainBytes),
            },
            EntryKind::Unshared { to, why, attempt } => Self::Unshared {
                to: Name(*to),
                why: why.clone(),
                end: PlainEnd::from(attempt.end),
                identity: attempt.identity.clone().map(PlainBytes),
                hint: attempt.hint.clone().map(PlainBytes),
                suite_number: attempt.suite_number,
            },
            EntryKind::Closed => Self::Closed,
            EntryKind::Unreachable { why } => Self::Unreachable { why: why.clone() },
            EntryKind::TimedOut { after_millis } => Self::TimedOut {
                after_millis: *after_millis,
            },
            EntryKind::Control { answered } => Self::Control {
                answered: *answered,
            },
            EntryKind::Triggered { errand } => Self::Triggered {
                errand: errand.clone(),
            },
            EntryKind::Finished { outcome } => Self::Finished {
                outcome: Name(*outcome),
            },
            EntryKind::Stopped { why } => Self::Stopped { why: why.clone() },
        }
    }
}

impl From<PlainKind> for EntryKind {
    fn from(kind: PlainKind) -> Self {
        match kind {
            PlainKind::Sent { from, to, bytes } => Self::Sent {
                from: from.0,
                to: to.0,
                bytes: bytes.0,
            },
            PlainKind::Received { from, to, bytes } => Self::Received {
                from: from.0,
                to: to.0,
                bytes: bytes.0,
            },
            PlainKind::Unreadable { to, bytes, why } => Self::Unreadable {
                to: to.0,
                bytes: bytes.0,
                why,
            },
            PlainKind::Secured {
                exporter,
                server_name,
                version,
                suite,
                suite_number,
                psk_identity,
                psk_hint,
            } => Self::Secured {
                exporter: exporter.0,
                server_name,
                version,
                suite,
                suite_number,
                psk_identity: psk_identity.map(|bytes| bytes.0),
                psk_hint: psk_hint.map(|bytes| bytes.0),
            },
            PlainKind::Unsecured { to, why } => Self::Unsecured { to: to.0, why },
            PlainKind::Hello {
                from,
                to,
                server_name,
                suites,
                identity,
            } => Self::Hello {
                from: from.0,
                to: to.0,
                hello: Hello {
                    server_name,
                    suites,
                    identity: identity.map(|bytes| bytes.0),
                },
            },
            PlainKind::Unshared {
                to,
                why,
                end,
                identity,
                hint,
                suite_number,
            } => Self::Unshared {
                to: to.0,
                why,
                attempt: PskAttempt {
                    end: HandshakeEnd::from(end),
                    identity: identity.map(|bytes| bytes.0),
                    hint: hint.map(|bytes| bytes.0),
                    suite_number,
                },
            },
            PlainKind::Closed => Self::Closed,
            PlainKind::Unreachable { why } => Self::Unreachable { why },
            PlainKind::TimedOut { after_millis } => Self::TimedOut { after_millis },
            PlainKind::Control { answered } => Self::Control { answered },
            PlainKind::Triggered { errand } => Self::Triggered { errand },
            PlainKind::Finished { outcome } => Self::Finished { outcome: outcome.0 },
            PlainKind::Stopped { why } => Self::Stopped { why },
        }
    }
}

/// How a handshake with a shared key ended; an alert stands as its number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum PlainEnd {
    Refused(u8),
    Closed,
    Silent,
    Broken,
}

impl From<HandshakeEnd> for PlainEnd {
    fn from(end: HandshakeEnd) -> Self {
        match end {
            HandshakeEnd::Refused(alert) => Self::Refused(alert),
            HandshakeEnd::Closed => Self::Closed,
            HandshakeEnd::Silent => Self::Silent,
            HandshakeEnd::Broken => Self::Broken,
        }
    }
}

impl From<PlainEnd> for HandshakeEnd {
    fn from(end: PlainEnd) -> Self {
        match end {
            PlainEnd::Refused(alert) => Self::Refused(alert),
            PlainEnd::Closed => Self::Closed,
            PlainEnd::Silent => Self::Silent,
            PlainEnd::Broken => Self::Broken,
        }
    }
}

impl From<PlainBytes> for RawBytes {
    fn from(bytes: PlainBytes) -> Self {
        if !is_text(&bytes.0) {
            return Self {
                text: None,
                base64: Some(BASE64.encode(&bytes.0)),
                diameter: shown_diameter(&bytes.0),
            };
        }
        // Text is ASCII, so nothing is lost here.
        Self {
            text: Some(String::from_utf8_lossy(&bytes.0).into_owned()),
            base64: None,
            diameter: None,
        }
    }
}

impl TryFrom<RawBytes> for PlainBytes {
    type Error = String;

    fn try_from(raw: RawBytes) -> Result<Self, String> {
        match (raw.text, raw.base64) {
            (Some(text), None) if is_text(text.as_bytes()) => Ok(Self(text.into_bytes())),
            (Some(_), None) => {
                Err("`text` holds more than printable ASCII and CR LF pairs".to_owned())
            }
            (None, Some(base64)) => BASE64
                .decode(base64.as_bytes())
                .map(Self)
                .map_err(|error| format!("`base64` cannot be decoded: {error}")),
            (None, None) => Err("bytes need `text` or `base64`".to_owned()),
            (Some(_), Some(_)) => Err("bytes have both `text` and `base64`".to_owned()),
        }
    }
}

/// Whether these bytes are printable ASCII and CR LF pairs only.
fn is_text(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some((first, tail)) = rest.split_first() {
        rest = match (first, tail) {
            (b' '..=b'~', _) => tail,
            (b'\r', [b'\n', tail @ ..]) => tail,
            _ => return false,
        };
    }
    true
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::PlainBytes;

    #[rstest]
    #[case::nothing(b"", r#"{"text":""}"#)]
    #[case::a_head(b"GET / HTTP/1.1\r\n\r\n", r#"{"text":"GET / HTTP/1.1\r\n\r\n"}"#)]
    #[case::a_lone_line_feed(b"a\n", r#"{"base64":"YQo="}"#)]
    #[case::a_lone_carriage_return(b"a\r", r#"{"base64":"YQ0="}"#)]
    #[case::invalid_utf8(b"\xff\xfe", r#"{"base64":"//4="}"#)]
    #[case::an_escape_sequence(b"\x1b[31m", r#"{"base64":"G1szMW0="}"#)]
    fn writes_and_reads_bytes(#[case] bytes: &[u8], #[case] json: &str) {
        let written = serde_json::to_string(&PlainBytes(bytes.to_vec())).expect("JSON");
        assert_eq!(written, json);
        let read: PlainBytes = serde_json::from_str(json).expect("bytes");
        assert_eq!(read.0, bytes);
    }

    #[rstest]
    #[case::neither("{}", "bytes need")]
    #[case::both(r#"{"text":"a","base64":"YQ=="}"#, "have both")]
    #[case::text_with_a_control(r#"{"text":"\u0000"}"#, "more than printable")]
    #[case::text_beyond_ascii(r#"{"text":"\u202e"}"#, "more than printable")]
    #[case::bad_base64(r#"{"base64":"YQ"}"#, "cannot be decoded")]
    fn refuses_bytes(#[case] json: &str, #[case] reason: &str) {
        let error = serde_json::from_str::<PlainBytes>(json).expect_err("no bytes");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
