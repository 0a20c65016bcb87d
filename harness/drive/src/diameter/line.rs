//! The line on which the harness speaks Diameter to a server under test.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use gbaspec_case::element::Element;
use gbaspec_case::player::{Introducer, Occurrence, Outgoing, Route};
use gbaspec_wire::diameter::{Packet, dictionary};
use tokio::time::{timeout, timeout_at};

use super::{DiameterIdentity, DiameterStream, Framed, is_base};
use crate::listen::Numbers;
use crate::stream::{Way, reached};

/// So many messages about the connection itself are answered during one wait.
const MOST_BASE_MESSAGES: usize = 16;

/// So long a server may take to end a connection that is over, or to answer a watchdog before the
/// first request.
const PATIENCE: Duration = Duration::from_millis(500);

/// Towards one server, as one element. The connection outlives a play, as peers of Diameter expect it,
/// and there is never a second one, which they refuse (RFC 6733 clause 5.6).
pub(crate) struct DiameterLine {
    speaker: Element,
    identity: DiameterIdentity,
    way: Way,
    numbers: Numbers,
    open: Option<DiameterStream>,
    /// What both said when the connection began.
    introduction: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether the play has been told of it.
    is_told: bool,
    /// The exchanges whose answers are awaited, by their hop-by-hop identifiers.
    pending: BTreeMap<u32, u32>,
    /// Answers that came before the one to a watchdog.
    kept: VecDeque<(Vec<u8>, Packet)>,
    /// Whether the last connection ended as peers end one.
    has_parted: bool,
}

impl DiameterLine {
    pub(crate) fn new(speaker: Element, identity: DiameterIdentity, way: Way) -> Self {
        Self {
            speaker,
            identity,
            way,
            numbers: Numbers::default(),
            open: None,
            introduction: None,
            is_told: false,
            pending: BTreeMap::new(),
            kept: VecDeque::new(),
            has_parted: false,
        }
    }

    /// The same line with exchanges that are numbered together with the connections of the play.
    pub(crate) fn numbered(mut self, numbers: Numbers) -> Self {
        self.numbers = numbers;
        self
    }

    /// Starts a play.
    pub(crate) fn reset(&mut self) {
        self.pending.clear();
        self.kept.clear();
        self.is_told = false;
    }

    /// Whether something was sent that has no answer yet.
    pub(crate) fn is_asking(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        if outgoing.route == Route::New {
            self.part(limit).await;
        }
        if let Some(open) = &mut self.open
            && open.has_ended().await
        {
            self.open = None;
        }
        if self.open.is_none()
            && let Err(why) = self.connect(limit).await
        {
            return Occurrence::Unreachable { why };
        }
        let connection = self.numbers.next();
        let sent = Packet::from_bytes(&outgoing.bytes).ok();
        let hop_by_hop = sent.map_or(0, |packet| packet.hop_by_hop);
        self.pending.insert(hop_by_hop, connection);
        if let Some(open) = &mut self.open {
            // A server may hang up on a message before it has read it to its end.
            drop(open.write(&outgoing.bytes).await);
        }
        Occurrence::Sent {
            connection,
            outgoing,
        }
    }

    /// Connects, and lets both say what they can do.
    async fn connect(&mut self, limit: Duration) -> Result<(), String> {
        let deadline = Instant::now() + limit;
        self.introduction = None;
        self.is_told = false;
        let tcp = reached(&self.way.address, limit).await?;
        let shaking = DiameterStream::over(tcp, self.way.connector.as_ref());
        let shaken = timeout_at(deadline.into(), shaking).await;
        let shaken = shaken.map_err(|_| "no TLS handshake in time".to_owned())?;
        let mut stream = shaken.map_err(|why| why.to_string())?;
        let request = self
            .identity
            .capabilities_request(stream.local())
            .to_bytes();
        stream
            .write(&request)
            .await
            .map_err(|why| why.to_string())?;
        let answer = timeout_at(deadline.into(), stream.read()).await;
        match answer.map_err(|_| "no answer to CER in time".to_owned())? {
            Framed::Packet(bytes, packet)
                if packet.command == dictionary::CAPABILITIES_EXCHANGE && !packet.is_request() =>
            {
                self.introduction = Some((request, bytes));
                self.open = Some(stream);
                if !std::mem::take(&mut self.has_parted) {
                    self.settle(limit.min(PATIENCE)).await;
                }
                Ok(())
            }
            Framed::Packet(..) => Err("the answer to CER is no CEA".to_owned()),
            Framed::Unreadable { why, .. } => Err(format!("the answer to CER: {why}")),
            Framed::End => Err("the connection ended instead of a CEA".to_owned()),
        }
    }

    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        if let (false, Some((request, answer))) = (self.is_told, &self.introduction) {
            self.is_told = true;
            return Occurrence::Introduced {
                connection: self.numbers.next(),
                at: self.speaker,
                first: Introducer::Harness,
                request: request.clone(),
                answer: answer.clone(),
            };
        }
        let after_millis = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let deadline = Instant::now() + limit;
        let connection = self.pending.values().next().copied().unwrap_or(0);
        for _ in 0..MOST_BASE_MESSAGES {
            let kept = self.kept.pop_front();
            let framed = match (kept, &mut self.open) {
                (Some((bytes, packet)), _) => Ok(Framed::Packet(bytes, packet)),
                (None, Some(open)) => timeout_at(deadline.into(), open.read()).await,
                (None, None) => {
                    self.pending.clear();
                    return Occurrence::Closed { connection };
                }
            };
            let Ok(framed) = framed else {
                return Occurrence::TimedOut { after_millis };
            };
            match framed {
                Framed::Packet(bytes, packet) if !packet.is_request() => {
                    if let Some(connection) = self.pending.remove(&packet.hop_by_hop) {
                        let at = self.speaker;
                        return Occurrence::Received {
                            connection,
                            at,
                            bytes,
                        };
                    }
                    // An answer to nothing is discarded (RFC 6733 clause 6.2.1).
                }
                Framed::Packet(_, packet) => self.answer_base(&packet).await,
                Framed::Unreadable { bytes, why } => {
                    self.open = None;
                    self.pending.clear();
                    return Occurrence::Unreadable {
                        connection,
                        at: self.speaker,
                        bytes,
                        why,
                    };
                }
                Framed::End => self.open = None,
            }
        }
        Occurrence::TimedOut { after_millis }
    }

    async fn answer_base(&mut self, request: &Packet) {
        let Some(open) = &mut self.open else { return };
        if !is_base(request) {
            return;
        }
        if let Some(answer) = self.identity.base_answer(request, open.local()) {
            drop(open.write(&answer.to_bytes()).await);
        }
    }

    /// Whether the target is alive: it answers a watchdog, or the start of a connection.
    pub(crate) async fn control(&mut self, limit: Duration) -> Occurrence {
        if self.watch(limit).await.is_some() {
            return Occurrence::Control { answered: true };
        }
        self.part(limit).await;
        let identity = self.identity.clone();
        let mut line = Self::new(self.speaker, identity, self.way.clone());
        let answered = line.connect(limit).await.is_ok();
        line.part(limit).await;
        Occurrence::Control { answered }
    }

    /// Answers the watchdogs of the peer until it has no more of them: after a connection that failed,
    /// it watches the next one before it uses it (RFC 3539 clause 3.4.1).
    async fn settle(&mut self, limit: Duration) {
        for _ in 0..MOST_BASE_MESSAGES {
            if self.watch(limit).await.is_none_or(|asked| asked == 0) {
                return;
            }
        }
    }

    /// How often the target asked itself before it answered a watchdog on the open connection; none if
    /// it does not answer. The answers to requests that come before are kept.
    async fn watch(&mut self, limit: Duration) -> Option<usize> {
        let deadline = Instant::now() + limit;
        let mut asked = 0;
        let request = self.identity.watchdog_request().to_bytes();
        if let Some(open) = &mut self.open
            && open.write(&request).await.is_err()
        {
            self.open = None;
        }
        while self.kept.len() < MOST_BASE_MESSAGES {
            let open = self.open.as_mut()?;
            match timeout_at(deadline.into(), open.read()).await {
                Ok(Framed::Packet(_, packet)) if packet.is_request() => {
                    self.answer_base(&packet).await;
                    asked += 1;
                    if asked > MOST_BASE_MESSAGES {
                        return None;
                    }
                }
                Ok(Framed::Packet(bytes, packet)) => {
                    if packet.command == dictionary::DEVICE_WATCHDOG
                        && !self.pending.contains_key(&packet.hop_by_hop)
                    {
                        return Some(asked);
                    }
                    self.kept.push_back((bytes, packet));
                }
                Ok(Framed::Unreadable { .. } | Framed::End) => self.open = None,
                Err(_) => return None,
            }
        }
        None
    }

    /// Ends the connection as peers do (RFC 6733 clause 5.4), and waits for the other end: until then
    /// a server may refuse the next one.
    async fn part(&mut self, limit: Duration) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let request = self.identity.disconnect_request().to_bytes();
        let parting = async {
            open.write(&request).await.ok()?;
            loop {
                match open.read().await {
                    Framed::Packet(_, packet)
                        if packet.command == dictionary::DISCONNECT_PEER
                            && !packet.is_request() =>
                    {
                        open.finish().await;
                        return Some(());
                    }
                    Framed::Packet(..) => {}
                    Framed::Unreadable { .. } | Framed::End => return None,
                }
            }
        };
        let parted = timeout(limit.min(PATIENCE), parting).await;
        self.has_parted = matches!(parted, Ok(Some(())));
    }
}

#[cfg(test)]
mod tests;
