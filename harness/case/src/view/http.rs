//! What any message says: start line, syntax, body, dates.

use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_wire::date;
use gbaspec_wire::http::Message;

use super::{View, deviations};
use crate::fact::Value;
use crate::handshake::suite_name;
use crate::transcript::EntryKind;

/// The field in which a UE names the public identity that it wants to act as (TS 24.109 B.3).
const INTENDED_IDENTITY: &str = "X-3GPP-Intended-Identity";

impl View<'_> {
    pub(crate) fn status(&self) -> Option<Value> {
        self.message
            .status()
            .ok()
            .map(|status| Value::Number(status.into()))
    }

    pub(crate) fn method(&self) -> Option<Value> {
        self.message
            .request_line()
            .ok()
            .map(|line| Value::escaped(line.method))
    }

    pub(crate) fn target(&self) -> Option<Value> {
        self.message
            .request_line()
            .ok()
            .map(|line| Value::escaped(line.target))
    }

    pub(crate) fn intended_identity(&self) -> Option<Value> {
        let field = self.message.field(INTENDED_IDENTITY)?.text();
        Some(Value::escaped(quoted(&field).unwrap_or(field.trim_ascii())))
    }

    pub(crate) fn intended_identity_form(&self) -> Option<Value> {
        let field = self.message.field(INTENDED_IDENTITY)?.text();
        let is_quoted = quoted(&field).is_some();
        Some(Value::word(if is_quoted { "quoted" } else { "bare" }))
    }

    pub(crate) fn target_form(&self) -> Option<Value> {
        let line = self.message.request_line().ok()?;
        let has_scheme = line
            .target
            .windows(3)
            .position(|octets| octets == b"://")
            .is_some_and(|place| line.target[..place].iter().all(u8::is_ascii_alphabetic));
        Some(Value::word(if line.target.starts_with(b"/") {
            "origin"
        } else if has_scheme {
            "absolute"
        } else {
            "other"
        }))
    }

    pub(crate) fn host(&self) -> Option<Value> {
        Some(Value::escaped(self.host_parts()?.0.as_bytes()))
    }

    /// The name in Host, in lower case and without its port.
    pub(crate) fn host_name(&self) -> Option<String> {
        Some(self.host_parts()?.0)
    }

    pub(crate) fn host_port(&self) -> Option<Value> {
        Some(Value::escaped(self.host_parts()?.1?.as_bytes()))
    }

    fn host_parts(&self) -> Option<(String, Option<String>)> {
        host_parts(&self.message)
    }

    pub(crate) fn syntax(&self) -> Value {
        let found = match &self.packet {
            Some(packet) => packet.deviations(),
            None => self.message.deviations(),
        };
        deviations(&found)
    }

    pub(crate) fn tls(&self) -> Option<Value> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { version, .. } => Some(Value::escaped(version.as_bytes())),
            _ => None,
        }
    }

    pub(crate) fn tls_server_name(&self) -> Option<Value> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { server_name, .. } => {
                Some(Value::escaped(server_name.as_ref()?.as_bytes()))
            }
            EntryKind::Unshared { .. } => {
                let hello = self.transcript.hello_of(self.index)?;
                Some(Value::escaped(hello.server_name.as_ref()?.as_bytes()))
            }
            _ => None,
        }
    }

    pub(crate) fn tls_suite(&self) -> Option<Value> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { suite, .. } => Some(Value::escaped(suite.as_bytes())),
            EntryKind::Unshared { attempt, .. } => {
                attempt.suite_number.map(suite_name).map(Value::Text)
            }
            _ => None,
        }
    }

    /// The number of the suite, if the message went inside TLS.
    pub(super) fn suite(&self) -> Option<CipherSuite> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { suite_number, .. } => Some(CipherSuite(*suite_number)),
            _ => None,
        }
    }

    pub(crate) fn body(&self) -> Option<Value> {
        self.message
            .content()
            .ok()
            .map(|content| Value::escaped(&content))
    }

    pub(crate) fn body_octets(&self) -> Option<Value> {
        self.message
            .content()
            .ok()
            .map(|content| Value::Number(content.len() as u64))
    }

    pub(crate) fn content_type(&self) -> Option<Value> {
        let field = self.message.field("Content-Type")?;
        let text = field.text().to_ascii_lowercase();
        let media_type = text.split(|&b| b == b';').next()?;
        Some(Value::escaped(media_type.trim_ascii()))
    }

    pub(crate) fn shared_caches(&self) -> Option<Value> {
        self.message.status().ok()?;
        let keeps_out = self.message.fields_named("Cache-Control").any(|field| {
            field.text().split(|&b| b == b',').any(|directive| {
                let name = directive.split(|&b| b == b'=').next().unwrap_or_default();
                let name = name.trim_ascii();
                name.eq_ignore_ascii_case(b"no-store") || name.eq_ignore_ascii_case(b"private")
            })
        });
        Some(Value::word(if keeps_out { "kept-out" } else { "let-in" }))
    }

    pub(crate) fn expires(&self) -> Option<Value> {
        let expires = self.message.field("Expires")?.text();
        let Ok(expires) = date::parse_http_date(&expires) else {
            return Some(Value::word("broken"));
        };
        let date = self
            .message
            .field("Date")
            .and_then(|field| date::parse_http_date(&field.text()).ok());
        let is_after = date.is_none_or(|date| expires >= date);
        Some(Value::word(if is_after {
            "after-date"
        } else {
            "before-date"
        }))
    }
}

/// Name in lower case and port of Host; an IPv6 address keeps its brackets.
pub(crate) fn host_parts(message: &Message) -> Option<(String, Option<String>)> {
    let field = message.field("Host")?;
    let text = String::from_utf8_lossy(&field.text()).to_ascii_lowercase();
    match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => Some((name.to_owned(), Some(port.to_owned()))),
        _ => Some((text, None)),
    }
}

/// What stands in a field value that is one quoted string without escapes.
fn quoted(value: &[u8]) -> Option<&[u8]> {
    let inner = value
        .trim_ascii()
        .strip_prefix(b"\"")?
        .strip_suffix(b"\"")?;
    (!inner.contains(&b'"')).then_some(inner)
}
