//! The harness as a server of Diameter for an element under test.

use std::collections::BTreeMap;

use gbaspec_case::element::Element;
use gbaspec_case::player::Introducer;
use gbaspec_wire::diameter::{Avp, Packet, dictionary};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{DiameterIdentity, DiameterStream, Framed, is_base};
use crate::listen::{Arrival, Exchanges, Reply};

/// So many requests of one connection may wait for their answers.
const MOST_WAITING: usize = 256;
/// `DIAMETER_UNABLE_TO_COMPLY` (RFC 6733 clause 7.1.5).
const UNABLE_TO_COMPLY: u32 = 5012;

/// Serves one connection until one side closes it.
pub(crate) async fn serve(
    tcp: TcpStream,
    at: Element,
    identity: DiameterIdentity,
    exchanges: Exchanges,
    arrivals: mpsc::Sender<Arrival>,
) {
    let Ok(stream) = DiameterStream::new(tcp) else {
        return;
    };
    let (sender, replies) = mpsc::channel(MOST_WAITING);
    let mut peer = Peer {
        stream,
        at,
        identity,
        exchanges,
        arrivals,
        sender,
        introduction: None,
        told_in: None,
        waiting: BTreeMap::new(),
    };
    peer.talk(replies).await;
    for number in peer.waiting.into_keys() {
        peer.exchanges.end(number);
    }
}

struct Peer {
    stream: DiameterStream,
    at: Element,
    identity: DiameterIdentity,
    exchanges: Exchanges,
    arrivals: mpsc::Sender<Arrival>,
    /// What answers of the harness are sent by.
    sender: mpsc::Sender<(u32, Reply)>,
    /// What both said when the connection began.
    introduction: Option<(Vec<u8>, Vec<u8>)>,
    /// The play that has been told of it.
    told_in: Option<u32>,
    /// What the answers to requests begin with that wait for them, by the number of the exchange.
    waiting: BTreeMap<u32, Packet>,
}

/// Whether a connection goes on.
enum Line {
    Open,
    Done,
}

impl Peer {
    async fn talk(&mut self, mut replies: mpsc::Receiver<(u32, Reply)>) {
        loop {
            let line = tokio::select! {
                framed = self.stream.read() => self.came(framed).await,
                Some((number, reply)) = replies.recv() => self.reply(number, reply).await,
            };
            if matches!(line, Line::Done) {
                return;
            }
        }
    }

    async fn came(&mut self, framed: Framed) -> Line {
        let (bytes, packet) = match framed {
            Framed::Packet(bytes, packet) => (bytes, packet),
            Framed::Unreadable { bytes, why } => {
                let arrival = Arrival::Unreadable {
                    connection: self.exchanges.take(),
                    at: self.at,
                    bytes,
                    why,
                };
                drop(self.arrivals.send(arrival).await);
                return Line::Done;
            }
            Framed::End => return Line::Done,
        };
        if !packet.is_request() {
            // The harness asks nothing on this connection.
            return Line::Open;
        }
        if is_base(&packet) {
            return self.answer_base(bytes, &packet).await;
        }
        self.tell_introduction().await;
        if self.waiting.len() >= MOST_WAITING {
            return Line::Done;
        }
        let number = self.exchanges.begin(self.sender.clone());
        self.waiting.insert(number, packet.answer());
        let arrival = Arrival::Packet {
            connection: number,
            at: self.at,
            bytes,
        };
        match self.arrivals.send(arrival).await {
            Ok(()) => Line::Open,
            Err(_) => Line::Done,
        }
    }

    async fn answer_base(&mut self, bytes: Vec<u8>, request: &Packet) -> Line {
        let local = self.stream.local();
        let Some(answer) = self.identity.base_answer(request, local) else {
            return Line::Open;
        };
        let answer = answer.to_bytes();
        if self.stream.write(&answer).await.is_err() {
            return Line::Done;
        }
        match request.command {
            dictionary::CAPABILITIES_EXCHANGE => {
                self.introduction = Some((bytes, answer));
                self.told_in = None;
                Line::Open
            }
            dictionary::DISCONNECT_PEER => Line::Done,
            _ => Line::Open,
        }
    }

    /// Tells the play what the peer said of itself, which may have been in an earlier one.
    async fn tell_introduction(&mut self) {
        let play = self.exchanges.play();
        if self.told_in == Some(play) {
            return;
        }
        if let Some((request, answer)) = self.introduction.clone() {
            self.told_in = Some(play);
            let arrival = Arrival::Introduced {
                connection: self.exchanges.take(),
                at: self.at,
                first: Introducer::Target,
                request,
                answer,
            };
            drop(self.arrivals.send(arrival).await);
        }
    }

    async fn reply(&mut self, number: u32, reply: Reply) -> Line {
        let (bytes, line) = match reply {
            Reply::Bytes(bytes) => (bytes, Line::Open),
            Reply::Last(bytes) => (bytes, Line::Done),
            // The request on this exchange has no answer; the connection is for others as well.
            Reply::Close => return Line::Open,
            Reply::Over => match self.waiting.get(&number) {
                Some(answer) => (self.refusal(answer.clone()), Line::Open),
                None => return Line::Open,
            },
        };
        if self.is_answered_by(number, &bytes) {
            self.exchanges.end(number);
            self.waiting.remove(&number);
        }
        match self.stream.write(&bytes).await {
            Ok(()) => line,
            Err(_) => Line::Done,
        }
    }

    /// Whether these octets end the wait for an answer: one with another hop-by-hop identifier is
    /// discarded (RFC 6733 clause 6.2.1), so that the request waits on.
    fn is_answered_by(&self, number: u32, bytes: &[u8]) -> bool {
        let waiting = self.waiting.get(&number);
        let said = Packet::from_bytes(bytes).ok();
        match waiting.zip(said) {
            Some((answer, said)) => answer.hop_by_hop == said.hop_by_hop,
            None => true,
        }
    }

    /// The answer to a request of a play that is over. A peer that asks one thing after the other would
    /// take the next play to be as long as its patience for this one.
    fn refusal(&self, mut answer: Packet) -> Vec<u8> {
        self.identity.sign(&mut answer);
        answer.push(Avp::of_number("Result-Code", UNABLE_TO_COMPLY));
        answer.to_bytes()
    }
}
