//! A UE and its three servers in one process, with a hand on every message.

use std::sync::{Arc, Mutex};

use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_crypto::sqn::{SqnScheme, UsimSqn};
use gbaspec_crypto::token::Sqn;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::diameter::{exchange, tell};
use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded::{self, BSF_FQDN, SUBSCRIBERS};
use crate::faults::{Tamper, tampered_bytes};
use crate::hss::Hss;
use crate::naf::Naf;
use crate::names::Identity;
use crate::portal::Portal;
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Moment, Output, Peer, Role, TlsSession, TlsVersion,
    Transport,
};
use crate::ua::UaPolicy;
use crate::ua::keys::{BootstrappedSession, StandIn};
use crate::ue::{Ue, UeKeys, UePolicy};

/// 2004-01-08T10:13:17Z, the moment of the tables of TS 24.109.
pub(super) const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);
/// The key material that the test sets use for a TLS session.
const EXPORTED: [u8; 48] = {
    let mut octets = [0; 48];
    let mut value = 0;
    while value < 48 {
        octets[value as usize] = value;
        value += 1;
    }
    octets
};
/// The connection in the clear.
pub(super) const PLAIN: ConnectionId = ConnectionId(1);
/// The connection inside TLS.
pub(super) const SECURED: ConnectionId = ConnectionId(2);
/// More messages than any right conversation has; ends the endless ones.
const MESSAGES: usize = 24;

pub(super) struct World {
    pub(super) ue: Ue,
    pub(super) bsf: Bsf,
    /// The home network of the BSF, where that is elsewhere.
    pub(super) hss: Option<Hss>,
    pub(super) naf: Naf,
    pub(super) portal: Portal,
    pub(super) now: Moment,
    pub(super) ue_tamper: Tamper,
    pub(super) server_tamper: Tamper,
    /// What both ends know of the TLS session, once there is one.
    pub(super) tls: TlsSession,
    /// Zn: what the BSF tells NAF and portal.
    zn: Arc<Mutex<StandIn>>,
    secured: bool,
    /// How each request of the UE travelled.
    pub(super) transports: Vec<Transport>,
    /// Everything that went over the wire, in order, requests and answers.
    pub(super) wire: Vec<Vec<u8>>,
}

/// What the USIM has accepted before.
#[derive(Clone, Copy, Debug)]
pub(super) enum Usim {
    /// The SQN before the first vector of the BSF.
    InStep,
    /// SQN ff9bb4d0b6e7, seven SEQ ahead of the first vector of user 1, in the same slot.
    Ahead,
}

impl World {
    pub(super) fn with_usim(usim: Usim, bsf: &BsfPolicy, ua: &UaPolicy, ue: &UePolicy) -> Self {
        Self::of(user1(usim, ue), embedded::bsf(*bsf, 1), ua)
    }

    /// Any UE and BSF; their TLS sessions export the octets 00 to 2f.
    pub(super) fn of(ue: Ue, bsf: Bsf, ua: &UaPolicy) -> Self {
        let zn = Arc::new(Mutex::new(StandIn::default()));
        World {
            ue,
            bsf,
            hss: None,
            naf: embedded::naf_with(Box::new(Arc::clone(&zn)), *ua, 2),
            portal: embedded::portal_with(Box::new(Arc::clone(&zn)), *ua, 3),
            zn,
            now: NOW,
            ue_tamper: Tamper::default(),
            server_tamper: Tamper::default(),
            tls: TlsSession {
                mk_extr: TlsMkExtr::new(EXPORTED),
                peer_names: vec![BSF_FQDN.to_owned()],
                suite: CipherSuite(0x1301),
                version: TlsVersion::Tls13,
                psk_identity: None,
            },
            secured: false,
            transports: Vec::new(),
            wire: Vec::new(),
        }
    }

    /// Runs one action to its end; `None` where the UE still sends after many messages.
    pub(super) fn run(&mut self, action: Action) -> Option<ClientOutcome> {
        let mut outputs = self.ue.handle(self.now, Input::Start(action));
        for _ in 0..MESSAGES {
            match outputs.as_slice() {
                [Output::Finished(outcome)] => return Some(*outcome),
                [
                    Output::Send {
                        to,
                        secure,
                        message,
                    },
                ] => {
                    let connection = self.connect(*secure);
                    let (to, bytes) = (*to, tampered_bytes(message, &self.ue_tamper));
                    let answer = self.serve(to, connection, bytes);
                    let message = &answer;
                    outputs = self.ue.handle(
                        self.now,
                        Input::Message {
                            connection,
                            message,
                        },
                    );
                }
                other => panic!("a UE sends or finishes: {other:?}"),
            }
        }
        None
    }

    /// Lets the BSF see another TLS session than the UE.
    pub(super) fn connect_bsf_with(&mut self, mk_extr: TlsMkExtr) {
        self.connect(Transport::Tls);
        let tls = TlsSession {
            mk_extr,
            peer_names: Vec::new(),
            ..self.tls.clone()
        };
        let input = Input::Secured {
            connection: SECURED,
            tls: &tls,
        };
        assert_eq!(self.bsf.handle(self.now, input), []);
    }

    /// The connection for a transport; one inside TLS begins with its handshake.
    fn connect(&mut self, secure: Transport) -> ConnectionId {
        self.transports.push(secure);
        if secure == Transport::Tcp {
            return PLAIN;
        }
        if !self.secured {
            self.secured = true;
            let (connection, tls) = (SECURED, &self.tls);
            assert_eq!(
                self.ue.handle(self.now, Input::Secured { connection, tls }),
                []
            );
            let at_server = TlsSession {
                peer_names: Vec::new(),
                ..tls.clone()
            };
            let tls = &at_server;
            assert_eq!(
                self.bsf
                    .handle(self.now, Input::Secured { connection, tls }),
                []
            );
        }
        SECURED
    }

    fn serve(&mut self, to: Peer, connection: ConnectionId, request: Vec<u8>) -> Message {
        let message = read(&request);
        self.wire.push(request);
        if to != Peer::Bsf {
            self.share_key(&message);
        }
        let server: &mut dyn Role = match (to, &mut self.hss) {
            (Peer::Bsf, Some(hss)) => {
                let server = &mut self.bsf;
                let answer = ask_through(server, hss, self.now, (connection, &message));
                return self.received(&answer);
            }
            (Peer::Bsf, None) => &mut self.bsf,
            (Peer::Naf, _) => {
                let server = &mut self.naf;
                let answer = ask_through(server, &mut self.bsf, self.now, (connection, &message));
                return self.received(&answer);
            }
            (Peer::Portal, _) => &mut self.portal,
        };
        let answer = ask_on(server, self.now, connection, &message);
        self.received(&answer)
    }

    /// The answer as the UE gets it.
    fn received(&mut self, answer: &Message) -> Message {
        let answer = tampered_bytes(answer, &self.server_tamper);
        let message = read(&answer);
        self.wire.push(answer);
        message
    }

    /// Zn in memory: what the BSF knows of the B-TID is what both servers are told.
    fn share_key(&mut self, request: &Message) {
        let Some(btid) = username(request) else {
            return;
        };
        let Some(session) = self.bsf.session(&btid, self.now) else {
            return;
        };
        let session = BootstrappedSession {
            btid,
            ks: session.ks.clone(),
            input: session.input.clone(),
            impi: session.impi.clone(),
            enrolment: SUBSCRIBERS[0].enrolment,
            expires: Some(session.expires),
            public_identities: Vec::new(),
            flags: Vec::new(),
        };
        self.zn.lock().expect("nobody panics").add(session);
    }

    /// The messages on the wire as text.
    pub(super) fn text(&self, place: usize) -> String {
        String::from_utf8_lossy(&self.wire[place]).into_owned()
    }

    /// The start lines on the wire.
    pub(super) fn start_lines(&self) -> Vec<String> {
        let line = |bytes: &Vec<u8>| String::from_utf8_lossy(&read(bytes).start_line).into_owned();
        self.wire.iter().map(line).collect()
    }
}

/// User 1 with its USIM.
pub(super) fn user1(usim: Usim, policy: &UePolicy) -> Ue {
    let subscriber = &SUBSCRIBERS[0];
    let scheme = SqnScheme::default();
    let usim = match usim {
        Usim::InStep => subscriber.usim(),
        Usim::Ahead => {
            let sqn = Sqn::from_bytes([0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0xe7]);
            UsimSqn::with_slots(scheme, [(sqn.ind(&scheme), sqn.seq(&scheme))])
        }
    };
    let identity = Identity::Isim {
        impi: subscriber.impi.to_owned(),
    };
    let keys = UeKeys::Usim {
        functions: subscriber.functions(),
        usim,
    };
    embedded::ue_with(identity, keys, *policy, 4)
}

/// One request in the clear and the answer to it.
pub(super) fn ask(server: &mut dyn Role, now: Moment, request: &Message) -> Message {
    ask_on(server, now, PLAIN, request)
}

/// One request on a connection, and the answer to it of a server that may ask another one.
pub(super) fn ask_through(
    server: &mut dyn Role,
    upstream: &mut dyn Role,
    now: Moment,
    (connection, message): (ConnectionId, &Message),
) -> Message {
    let input = Input::Message {
        connection,
        message,
    };
    let mut outputs = server.handle(now, input);
    for _ in 0..MESSAGES {
        match outputs.as_slice() {
            [Output::Respond { message, .. }] => return message.clone(),
            [
                Output::Ask {
                    connection,
                    message,
                    ..
                },
            ] => {
                let answer = exchange(upstream, now, message);
                outputs = tell(server, now, *connection, Ok(&answer));
            }
            [
                Output::Forward {
                    connection,
                    message,
                    ..
                },
            ] => {
                let answer = ask_on(upstream, now, *connection, message);
                let input = Input::Forwarded {
                    connection: *connection,
                    answer: Ok(&answer),
                };
                outputs = server.handle(now, input);
            }
            other => panic!("an answer or a question: {other:?}"),
        }
    }
    panic!("a server asks without end");
}

/// One request on a connection and the answer to it.
pub(super) fn ask_on(
    server: &mut dyn Role,
    now: Moment,
    connection: ConnectionId,
    message: &Message,
) -> Message {
    let input = Input::Message {
        connection,
        message,
    };
    match server.handle(now, input).into_iter().next() {
        Some(Output::Respond { message, .. }) => message,
        other => panic!("a server answers: {other:?}"),
    }
}

/// The message in these bytes.
pub(super) fn read(bytes: &[u8]) -> Message {
    Message::from_bytes(bytes).expect("the bytes are not empty")
}

/// The value of a directive of the first challenge.
pub(super) fn challenge_value(message: &Message, name: &str) -> Option<String> {
    directive(message, "WWW-Authenticate", name)
}

fn username(message: &Message) -> Option<String> {
    directive(message, "Authorization", "username")
}

/// A directive of a header field of a message.
pub(super) fn directive(message: &Message, field: &str, name: &str) -> Option<String> {
    let list = DirectiveList::parse_credentials(&message.field(field)?.value);
    Some(String::from_utf8_lossy(list.value(name)?).into_owned())
}
