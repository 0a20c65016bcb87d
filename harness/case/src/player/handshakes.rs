//! Handshakes with a shared key in a play (TS 24.109 5.3.3).

use std::time::Duration;

use super::Player;
use crate::case::{Awaits, Connect, StepKind};
use crate::compose::psk_client;
use crate::element::Element;
use crate::handshake::{Hello, PskClient};
use crate::judge;
use crate::transcript::EntryKind;

impl Player<'_> {
    /// What the handshake before the next message begins with, or what is missing for it; none if the
    /// case shares no key.
    pub fn next_handshake(&self) -> Option<Result<PskClient, String>> {
        self.handshake(&Connect::default())
    }

    pub(super) fn handshake(&self, connect: &Connect) -> Option<Result<PskClient, String>> {
        let version = self.case.transport.psk_version()?;
        let subscriber = self.transcript.subscriber;
        let client = psk_client(self.scene, self.case, subscriber, version, connect);
        Some(client.map_err(|why| format!("the handshake needs {}", why.missing)))
    }

    pub(super) fn hello(&mut self, elapsed: Duration, connection: u32, at: Element, hello: Hello) {
        let is_ours = at == Element::Ue;
        let target = self.case.target;
        let kind = EntryKind::Hello {
            from: if is_ours { Element::Ue } else { target },
            to: if is_ours { target } else { at },
            hello,
        };
        let step = self.case.steps.get(self.cursor).map(|step| &step.kind);
        if is_ours && matches!(step, Some(StepKind::Connect(_))) {
            self.enter(elapsed, connection, kind);
            self.leave_step();
        } else {
            self.enter_for(None, elapsed, connection, kind);
        }
    }

    /// The end of a handshake. A step may wait for just that; otherwise the play goes on, and what
    /// came to nothing explains why a message is missing.
    pub(super) fn handshake_ended(
        &mut self,
        elapsed: Duration,
        connection: u32,
        at: Element,
        kind: EntryKind,
    ) {
        let explains = matches!(kind, EntryKind::Unshared { .. });
        let index = self.transcript.entries.len();
        self.enter_for(None, elapsed, connection, kind);
        let step = self.case.steps.get(self.cursor).map(|step| &step.kind);
        let (is_awaited, explains) = match step {
            Some(StepKind::Await(wait)) if wait.awaits == Awaits::Handshake => {
                let is_here = self.case.target != Element::Ue
                    || wait.at.is_none_or(|expected| expected == at);
                let is_meant =
                    judge::meets(self.case, self.scene, &self.transcript, index, &wait.only);
                (is_here && is_meant, false)
            }
            _ => (false, explains),
        };
        if is_awaited || explains {
            let is_known = self.cursor < self.case.steps.len();
            self.transcript.entries[index].step = is_known.then_some(self.cursor);
        }
        if is_awaited {
            self.leave_step();
        }
    }
}
