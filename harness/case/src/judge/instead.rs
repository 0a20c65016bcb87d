//! What happened in place of what a step waited for.

use super::Judge;
use crate::transcript::EntryKind;

impl Judge<'_> {
    /// Whether the missing message says something about the target. A silence does only if the
    /// target answered a well-formed request right after it.
    pub(super) fn proves_absence(&self, step: usize) -> bool {
        let of_step = |kind: fn(&EntryKind) -> bool| {
            let entries = &self.around.transcript.entries;
            entries
                .iter()
                .any(|entry| entry.step == Some(step) && kind(&entry.kind))
        };
        of_step(|kind| {
            matches!(
                kind,
                EntryKind::Closed
                    | EntryKind::Unreadable { .. }
                    | EntryKind::Finished { .. }
                    | EntryKind::Control { answered: true }
            )
        })
    }

    /// Whether the target closed the connection while its answer was awaited.
    pub(super) fn was_closed_on(&self, step: usize) -> bool {
        let mut entries = self.around.transcript.entries.iter();
        entries.any(|entry| entry.step == Some(step) && matches!(entry.kind, EntryKind::Closed))
    }

    /// What is there in place of the message of a step, in words.
    pub(super) fn what_happened_instead(&self, step: usize) -> String {
        let entries = &self.around.transcript.entries;
        let words: Vec<String> = entries
            .iter()
            .filter(|entry| entry.step == Some(step))
            .filter_map(|entry| match &entry.kind {
                EntryKind::Unreadable { why, bytes, .. } => {
                    let start = &bytes[..bytes.len().min(60)];
                    Some(format!("{why}: {}", gbaspec_wire::escape::escape(start)))
                }
                EntryKind::Unsecured { why, .. } => {
                    let why = gbaspec_wire::escape::escape(why.as_bytes());
                    Some(format!("a TLS handshake came to nothing: {why}"))
                }
                EntryKind::Unshared { why, .. } => {
                    let why = gbaspec_wire::escape::escape(why.as_bytes());
                    Some(format!(
                        "a handshake with a shared key came to nothing: {why}"
                    ))
                }
                EntryKind::Closed => Some("the connection was closed without an answer".to_owned()),
                EntryKind::Unreachable { why } => Some(format!("not reachable: {why}")),
                EntryKind::TimedOut { after_millis } => {
                    Some(format!("nothing within {after_millis} ms"))
                }
                EntryKind::Control { answered: true } => {
                    Some("while a well-formed request was answered".to_owned())
                }
                EntryKind::Control { answered: false } => {
                    Some("nor was a well-formed request answered".to_owned())
                }
                EntryKind::Finished { outcome } => {
                    Some(format!("the client ended: {}", outcome.as_str()))
                }
                EntryKind::Stopped { why } => Some(why.clone()),
                EntryKind::Sent { .. }
                | EntryKind::Received { .. }
                | EntryKind::Secured { .. }
                | EntryKind::Hello { .. }
                | EntryKind::Triggered { .. } => None,
            })
            .collect();
        if words.is_empty() {
            "the play did not get there".to_owned()
        } else {
            words.join(", ")
        }
    }
}
