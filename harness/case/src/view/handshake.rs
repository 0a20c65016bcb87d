//! Facts about a TLS handshake with a shared key, on its own or around a message.

use super::View;
use crate::fact::Value;
use crate::handshake::{HandshakeEnd, alert_name, identity_parts, suite_name};
use crate::transcript::EntryKind;

impl View<'_> {
    /// How the handshake of this connection ended.
    fn end(&self) -> Option<Result<&EntryKind, HandshakeEnd>> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Unshared { attempt, .. } => Some(Err(attempt.end)),
            secured => Some(Ok(secured)),
        }
    }

    pub(crate) fn tls_handshake(&self) -> Option<Value> {
        Some(Value::word(match self.end()? {
            Ok(_) => "done",
            Err(end) => end.as_str(),
        }))
    }

    pub(crate) fn tls_end(&self) -> Option<Value> {
        Some(match self.end()? {
            Ok(_) => Value::word("done"),
            Err(HandshakeEnd::Refused(alert)) => {
                Value::Text(format!("refused: {}", alert_name(alert)))
            }
            Err(end) => Value::word(end.as_str()),
        })
    }

    pub(crate) fn tls_alert(&self) -> Option<Value> {
        match self.end()? {
            Err(HandshakeEnd::Refused(alert)) => Some(Value::Text(alert_name(alert))),
            _ => None,
        }
    }

    pub(crate) fn tls_psk_hint(&self) -> Option<Value> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { psk_hint, .. } => psk_hint.as_deref(),
            EntryKind::Unshared { attempt, .. } => attempt.hint.as_deref(),
            _ => None,
        }
        .map(Value::escaped)
    }

    pub(crate) fn tls_suites(&self) -> Option<Value> {
        let suites = &self.transcript.hello_of(self.index)?.suites;
        let names = suites.iter().map(|number| suite_name(*number));
        Some(Value::List(names.collect()))
    }

    fn psk_identity(&self) -> Option<&[u8]> {
        match self.transcript.handshake_of(self.index)? {
            EntryKind::Secured { psk_identity, .. } => psk_identity.as_deref(),
            EntryKind::Unshared { attempt, .. } => attempt.identity.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn tls_psk_identity(&self) -> Option<Value> {
        self.psk_identity().map(Value::escaped)
    }

    pub(crate) fn tls_psk_identity_prefix(&self) -> Option<Value> {
        let (prefix, _) = identity_parts(self.psk_identity()?);
        prefix.map(Value::word)
    }

    pub(crate) fn tls_psk_identity_btid(&self) -> Option<Value> {
        let (_, btid) = identity_parts(self.psk_identity()?);
        Some(Value::escaped(btid))
    }
}
