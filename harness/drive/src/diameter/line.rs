//! The line on which the harness speaks Diameter to a server under test.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use gbaspec_case::element::Element;
use gbaspec_case::player::{Introducer, Occurrence, Outgoing, Route};
use gbaspec_wire::diameter::{Packet, dictionary};
use tokio::time::timeout_at;

use super::{DiameterIdentity, DiameterStream, Framed, is_base};
use crate::listen::Numbers;
use crate::stream::reached;

/// So many messages about the connection itself are answered during one wait.
const MOST_BASE_MESSAGES: usize = 16;

/// Towards one server, as one element. The connection outlives a play, as peers of Diameter expect it.
pub(crate) struct DiameterLine {
    speaker: Element,
    identity: DiameterIdentity,
    address: String,
    numbers: Numbers,
    open: Option<DiameterStream>,
    /// What both said when the connection began.
    introduction: Option<(Vec<u8>, Vec<u8>)>,
    /// Whether the play has been told of it.
    is_told: bool,
    /// The exchanges whose answers are awaited, by their hop-by-hop identifiers.
    pending: BTreeMap<u32, u32>,
}

impl DiameterLine {
    pub(crate) fn new(speaker: Element, identity: DiameterIdentity, address: String) -> Self {
        Self {
            speaker,
            identity,
            address,
            numbers: Numbers::default(),
            open: None,
            introduction: None,
            is_told: false,
            pending: BTreeMap::new(),
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
        self.is_told = false;
    }

    /// Whether something was sent that has no answer yet.
    pub(crate) fn is_asking(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        if outgoing.route == Route::New {
            self.open = None;
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
        let tcp = reached(&self.address, limit).await?;
        let mut stream = DiameterStream::new(tcp).map_err(|why| why.to_string())?;
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
            let Some(open) = &mut self.open else {
                self.pending.clear();
                return Occurrence::Closed { connection };
            };
            let Ok(framed) = timeout_at(deadline.into(), open.read()).await else {
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

    /// Whether the target is alive: it answers a watchdog on a connection of its own.
    pub(crate) async fn control(&self, limit: Duration) -> Occurrence {
        let identity = self.identity.clone();
        let mut line = Self::new(self.speaker, identity, self.address.clone());
        let answered = line.connect(limit).await.is_ok();
        Occurrence::Control { answered }
    }
}
