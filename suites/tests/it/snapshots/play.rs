//! Plays a case in one process: the harness on one side, a script or a correct role on the other.

use std::collections::VecDeque;
use std::time::Duration;

use gbaspec_case::case::{Case, Errand, Transport};
use gbaspec_case::element::Element;
use gbaspec_case::load::{self, Library, Source, load_profile};
use gbaspec_case::player::{Action as Next, Occurrence, Player, Start};
use gbaspec_case::protocol::Protocol;
use gbaspec_case::redact::redact;
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::{ClientOutcome, EntryKind, Transcript};
use gbaspec_crypto::sqn::{HeSqn, Sqn, SqnScheme};
use gbaspec_roles::{Action, ConnectionId, Input, Output, Peer, Role, Upstream};
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;

use super::NOW;
use super::peers::tls_session;

/// Who the harness talks to.
pub(super) enum Partner {
    /// Says what is written, whatever comes.
    Script(Script),
    /// Answers what comes; a UE acts when it is triggered.
    Role(Box<dyn Role>),
}

/// Messages that arrive at one element of the harness, one whenever it waits.
pub(super) struct Script {
    at: Element,
    lines: VecDeque<Vec<u8>>,
}

/// What a play leaves.
pub(super) struct Played {
    /// What the harness sent, in order.
    pub(super) sent: Vec<Vec<u8>>,
    /// Everything.
    pub(super) transcript: Transcript,
}

impl Script {
    pub(super) fn new(at: Element, lines: &[&str]) -> Self {
        let lines = lines.iter().map(|line| line.as_bytes().to_vec());
        Self {
            at,
            lines: lines.collect(),
        }
    }
}

/// Plays a case with the messages of this release.
pub(super) fn play(case: &Case, release: u8, partner: &mut Partner) -> Played {
    let scene = scene(case.target, release);
    let start = Start {
        subscriber: scene.first_of(case.subscriber_kind).unwrap_or_default(),
        unix_millis: NOW.unix_millis,
        seed: 1,
        he: HeSqn::new(
            SqnScheme::default(),
            Sqn::from_bytes([0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0x07]),
        ),
    };
    let mut arriving = VecDeque::new();
    let mut sent = Vec::new();
    let mut player = Player::new(case, &scene, start);
    if case.transport == Transport::Tls {
        partner.secure();
        player.record(Duration::ZERO, handshake());
    }
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Next::Done => break,
            Next::Send(outgoing) => {
                sent.push(outgoing.bytes.clone());
                arriving.extend(partner.hear(outgoing.from, &outgoing.bytes));
                Occurrence::Sent {
                    connection: connection_of(outgoing.from),
                    outgoing,
                }
            }
            Next::Wait => match arriving.pop_front().or_else(|| partner.speak()) {
                Some((at, bytes)) => Occurrence::Received {
                    connection: connection_of(at),
                    at,
                    bytes,
                },
                None => Occurrence::Finished(ClientOutcome::Unknown),
            },
            Next::Trigger(errand) => {
                arriving.extend(partner.start(errand));
                Occurrence::Triggered(errand)
            }
            Next::Connect(_) => Occurrence::Unreachable {
                why: "nobody shakes hands here".to_owned(),
            },
            Next::Control => Occurrence::Control { answered: false },
            Next::Hang(_) => continue,
        };
        player.record(Duration::ZERO, occurrence);
    }
    let (mut transcript, _) = player.finish();
    // Keys are what elements of the network tell each other; of these messages the form counts.
    let is_of_network = |bytes: &Vec<u8>| Protocol::of(bytes) != Protocol::Http;
    if sent.iter().any(is_of_network) {
        redact(&scene, &mut transcript);
        sent = sent_by_harness(&transcript);
    }
    Played { sent, transcript }
}

fn sent_by_harness(transcript: &Transcript) -> Vec<Vec<u8>> {
    let entries = transcript.entries.iter();
    let sent = entries.filter_map(|entry| match &entry.kind {
        EntryKind::Sent { bytes, .. } => Some(bytes.clone()),
        _ => None,
    });
    sent.collect()
}

/// The vectors with these cases.
pub(super) fn library(cases: &str) -> Library {
    let mut sources = gbaspec_suites::vectors();
    sources.push(Source {
        name: "snapshot/cases.yaml".to_owned(),
        text: cases.to_owned(),
    });
    let loaded = load::load(&sources);
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    loaded.library
}

/// The name of the BSF in the print of the release.
pub(super) fn bsf_name(release: u8) -> &'static str {
    if release == 6 {
        "registrar.home1.net"
    } else {
        "bsf.home1.net"
    }
}

/// The profile of the embedded peers, with the name of the BSF that the print of the release has.
fn scene(role: Element, release: u8) -> Scene {
    let profiles = gbaspec_suites::profiles();
    let source = profiles
        .into_iter()
        .find(|source| source.text.contains(&format!("role: {role}\n")))
        .expect("each role has a profile");
    let text = source
        .text
        .replace("bsf: bsf.home1.net", &format!("bsf: {}", bsf_name(release)));
    let source = Source { text, ..source };
    let mut scene = load_profile(&source, &|_| None)
        .expect("the profile is sound")
        .scene;
    scene.release = release;
    scene
}

impl Partner {
    fn start(&mut self, errand: Errand) -> Vec<(Element, Vec<u8>)> {
        let action = match errand {
            Errand::Bootstrap => Action::Bootstrap,
            Errand::Fetch => Action::Fetch,
            Errand::Enrol => Action::Enrol,
            Errand::CaCertificate => Action::CaCertificate,
        };
        self.take(Input::Start(action))
    }

    /// The handshake around the one connection, as client or server sees it.
    fn secure(&mut self) {
        let Self::Role(role) = self else { return };
        // A client looks for the names in the certificate; a server does not mind that they are
        // there.
        let input = Input::Secured {
            connection: ConnectionId(1),
            tls: &tls_session(),
        };
        assert_eq!(role.handle(NOW, input), []);
    }

    fn hear(&mut self, from: Element, bytes: &[u8]) -> Vec<(Element, Vec<u8>)> {
        if Protocol::of(bytes) == Protocol::Diameter {
            return self.hear_packet(from, bytes);
        }
        let message = Message::from_bytes(bytes).expect("the harness sends something");
        let connection = ConnectionId(connection_of(from).into());
        // The partner has asked on behalf of the request on the first connection.
        let is_asked = from == Element::As || message.start_line.starts_with(b"HTTP/2");
        if is_asked {
            return self.take(Input::Forwarded {
                connection: ConnectionId(1),
                answer: Ok(&message),
            });
        }
        let message = &message;
        let said = self.take(Input::Message {
            connection,
            message,
        });
        answered_to(from, said)
    }

    fn hear_packet(&mut self, from: Element, bytes: &[u8]) -> Vec<(Element, Vec<u8>)> {
        let packet = Packet::from_bytes(bytes).expect("the harness sends something");
        if !packet.is_request() {
            let connection = ConnectionId(1);
            let answer = Ok(&packet);
            return self.take(Input::Asked { connection, answer });
        }
        let connection = ConnectionId(connection_of(from).into());
        let message = &packet;
        let said = self.take(Input::Diameter {
            connection,
            message,
        });
        answered_to(from, said)
    }

    fn take(&mut self, input: Input<'_>) -> Vec<(Element, Vec<u8>)> {
        let Self::Role(role) = self else {
            return Vec::new();
        };
        let said = role
            .handle(NOW, input)
            .into_iter()
            .filter_map(|output| match output {
                Output::Respond { message, .. } => Some((Element::Ue, message.to_bytes())),
                Output::Send { to, message, .. } => Some((element(to), message.to_bytes())),
                Output::Forward { to, message, .. } => Some((behind(to), message.to_bytes())),
                Output::Answer { message, .. } => Some((Element::Ue, message.to_bytes())),
                Output::Ask { to, message, .. } => Some((behind(to), message.to_bytes())),
                Output::Drop { .. } | Output::Finished(_) | Output::Note(_) => None,
            });
        said.collect()
    }

    fn speak(&mut self) -> Option<(Element, Vec<u8>)> {
        match self {
            Self::Script(script) => Some((script.at, script.lines.pop_front()?)),
            Self::Role(_) => None,
        }
    }
}

/// What a server answers goes to whoever has asked.
fn answered_to(from: Element, said: Vec<(Element, Vec<u8>)>) -> Vec<(Element, Vec<u8>)> {
    let to = |at| if at == Element::Ue { from } else { at };
    said.into_iter()
        .map(|(at, bytes)| (to(at), bytes))
        .collect()
}

/// Whom a server asks.
fn behind(to: Upstream) -> Element {
    match to {
        Upstream::As => Element::As,
        Upstream::Hss => Element::Hss,
        Upstream::Bsf => Element::Bsf,
    }
}

/// What elements of the network say to each other goes over connections of its own.
fn connection_of(element: Element) -> u32 {
    match element {
        Element::As => 2,
        Element::Hss => 3,
        Element::Naf => 4,
        _ => 1,
    }
}

fn handshake() -> Occurrence {
    Occurrence::Secured {
        connection: 1,
        exporter: tls_session().mk_extr,
        server_name: None,
        version: "TLSv1.3".to_owned(),
        suite: "TLS_AES_128_GCM_SHA256".to_owned(),
        suite_number: 0x1301,
        psk_identity: None,
        psk_hint: None,
    }
}

fn element(peer: Peer) -> Element {
    match peer {
        Peer::Bsf => Element::Bsf,
        Peer::Naf => Element::Naf,
        Peer::Portal => Element::Portal,
    }
}
