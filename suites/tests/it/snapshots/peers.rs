//! A correct UE and its three servers in one process, with the random values of the published flows.

use std::sync::{Arc, Mutex};

use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_crypto::sqn::{Sqn, SqnScheme, UsimSqn};
use gbaspec_crypto::token::{KsInput, Rand};
use gbaspec_roles::bsf::{self, VectorSeed};
use gbaspec_roles::embedded::{self, BSF_FQDN, SUBSCRIBERS};
use gbaspec_roles::ue::pki::PkiPolicy;
use gbaspec_roles::ue::{self, Freshness};
use gbaspec_roles::{
    Action, BootstrappedSession, Bsf, BsfOffer, BsfPolicy, ClientOutcome, ConnectionId, Enrolment,
    Identity, Input, Naf, Output, Peer, Portal, ProxyPolicy, Role, StandIn, TlsSession, TlsVersion,
    Transport, UaPolicy, Ue, UeKeys, UePolicy,
};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{CNONCE, NOW, assert_tells_no_secret, text_of};

const RAND_1: u128 = 0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35;
const RAND_2: u128 = 0xc00d_6031_03dc_ee52_c447_8119_4942_02e8;
/// More messages than any right conversation has.
const MESSAGES: usize = 24;
/// The connection in the clear.
pub(super) const PLAIN: ConnectionId = ConnectionId(1);
/// The connection inside TLS.
pub(super) const SECURED: ConnectionId = ConnectionId(2);

/// The client nonce of the published flows.
pub(super) fn known_ue() -> UePolicy {
    UePolicy {
        freshness: |facts| Freshness {
            cnonce: CNONCE.to_owned(),
            ..ue::freshness(facts)
        },
        ..UePolicy::default()
    }
}

/// The same with the body of `ua_pki_e4_flow` in place of a certification request.
pub(super) fn placeholder_ue() -> UePolicy {
    UePolicy {
        pki: PkiPolicy {
            certification_request: |_| {
                b"-----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n"
                    .to_vec()
            },
            ..PkiPolicy::default()
        },
        ..known_ue()
    }
}

/// RAND of test set 1 first, then that of test set 2 with SQN ff9bb4d0b708; Ks-input and the nonce
/// of `GBA_Digest` as in the computed flows.
pub(super) fn known_bsf() -> BsfPolicy {
    BsfPolicy {
        choose_vector: |choice| match choice.previous {
            None => VectorSeed {
                rand: Rand::from(RAND_1.to_be_bytes()),
                ..bsf::choose_vector(choice)
            },
            Some(_) => VectorSeed {
                rand: Rand::from(RAND_2.to_be_bytes()),
                sqn: Sqn::from_bytes([0xff, 0x9b, 0xb4, 0xd0, 0xb7, 0x08]),
            },
        },
        choose_second_generation: |_| Nonce2g {
            rand: Rand::from(RAND_1.to_be_bytes()),
            ks_input: KsInput::from(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes()),
        },
        gba_digest_nonce: |_| "I1U8vpY3qJ0hiuZNrke/NQ==".to_owned(),
        ..BsfPolicy::default()
    }
}

/// A BSF whose first vector has this RAND and the next SQN of the subscriber.
pub(super) fn bsf_with_rand_of_tuak_1() -> BsfPolicy {
    BsfPolicy {
        choose_vector: |choice| VectorSeed {
            rand: Rand::from([0x42; 16]),
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    }
}

/// The same with RAND of TUAK test set 5.
pub(super) fn bsf_with_rand_of_tuak_5() -> BsfPolicy {
    BsfPolicy {
        choose_vector: |choice| VectorSeed {
            rand: Rand::from(0xc570_aac6_8cde_651f_b1e3_0883_2249_8bef_u128.to_be_bytes()),
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    }
}

/// The nonce of the published flows.
pub(super) fn known_ua() -> UaPolicy {
    UaPolicy {
        nonce: |_| CNONCE.to_owned(),
        ..UaPolicy::default()
    }
}

/// The proxy with that nonce.
pub(super) fn known_proxy() -> ProxyPolicy {
    ProxyPolicy {
        ua: known_ua(),
        ..ProxyPolicy::default()
    }
}

/// The first UE, whose USIM has accepted SQN ff9bb4d0b6e7: seven SEQ ahead of the first vector, in
/// the same slot.
pub(super) fn ue_ahead() -> Ue {
    let subscriber = &SUBSCRIBERS[0];
    let identity = Identity::Isim {
        impi: subscriber.impi.to_owned(),
    };
    let keys = UeKeys::Usim {
        functions: subscriber.functions(),
        usim: UsimSqn::with_slots(SqnScheme::default(), [(7, 8_782_631_830_967)]),
    };
    embedded::ue_with(identity, keys, known_ue(), 1)
}

/// The octets 00 to 2f, which the test sets use for what a TLS session exports.
pub(super) fn tls_session() -> TlsSession {
    let octets: Vec<u8> = (0..48).collect();
    TlsSession {
        mk_extr: TlsMkExtr::new(octets.try_into().expect("48 octets")),
        peer_names: vec![BSF_FQDN.to_owned()],
        suite: CipherSuite(0x1301),
        version: TlsVersion::Tls13,
        psk_identity: None,
    }
}

/// The same as a server sees it.
pub(super) fn tls_session_at_server() -> TlsSession {
    TlsSession {
        peer_names: Vec::new(),
        ..tls_session()
    }
}

/// The correct roles and what went between them.
pub(super) struct World {
    pub(super) ue: Ue,
    pub(super) bsf: Bsf,
    pub(super) naf: Naf,
    portal: Portal,
    /// Zn: what the BSF tells NAF and portal.
    zn: Arc<Mutex<StandIn>>,
    enrolment: Enrolment,
    is_secured: bool,
    wire: Vec<(Transport, Message)>,
}

impl World {
    /// The reference UE of this index, and the reference BSF.
    pub(super) fn new(index: usize) -> Self {
        let world = Self::of(
            embedded::ue(index, known_ue(), 1),
            embedded::bsf(known_bsf(), 1),
        );
        let enrolment = SUBSCRIBERS.get(index).map(|user| user.enrolment);
        Self {
            enrolment: enrolment.unwrap_or(Enrolment::Refused),
            ..world
        }
    }

    /// The first UE with a card that has no `GBA_U`, as in the published flows.
    pub(super) fn published(policy: &UePolicy) -> Self {
        let user = &SUBSCRIBERS[0];
        let identity = Identity::Isim {
            impi: user.impi.to_owned(),
        };
        let ue = embedded::ue_with(identity, user.ue_keys(), *policy, 1);
        Self::of(ue, embedded::bsf(known_bsf(), 1))
    }

    /// The first UE, and a BSF with these ways of bootstrapping.
    pub(super) fn with_offer(offer: BsfOffer) -> Self {
        Self::of(
            embedded::ue(0, known_ue(), 1),
            embedded::bsf_with(offer, known_bsf(), 1),
        )
    }

    /// Any UE and BSF.
    pub(super) fn of(ue: Ue, bsf: Bsf) -> Self {
        let zn = Arc::new(Mutex::new(embedded::sessions()));
        Self {
            ue,
            bsf,
            naf: embedded::naf_with(Box::new(Arc::clone(&zn)), known_ua(), 1),
            portal: embedded::portal_with(Box::new(Arc::clone(&zn)), known_ua(), 1),
            zn,
            enrolment: SUBSCRIBERS[0].enrolment,
            is_secured: false,
            wire: Vec::new(),
        }
    }

    /// The portal with nonces of its own, so that it can be visited twice.
    pub(super) fn renew_portal(&mut self) {
        let zn = Box::new(Arc::clone(&self.zn));
        self.portal = embedded::portal_with(zn, UaPolicy::default(), 1);
    }

    pub(super) fn run(&mut self, action: Action) -> ClientOutcome {
        let mut outputs = self.ue.handle(NOW, Input::Start(action));
        for _ in 0..MESSAGES {
            match outputs.as_slice() {
                [Output::Finished(outcome)] => return *outcome,
                [
                    Output::Send {
                        to,
                        secure,
                        message,
                    },
                ] => {
                    let (to, secure, request) = (*to, *secure, message.clone());
                    let connection = self.connect(secure);
                    let answer = self.serve(to, connection, &request);
                    self.wire
                        .extend([(secure, request), (secure, answer.clone())]);
                    let input = Input::Message {
                        connection,
                        message: &answer,
                    };
                    outputs = self.ue.handle(NOW, input);
                }
                other => panic!("a UE sends or finishes: {other:?}"),
            }
        }
        panic!("the UE does not end");
    }

    /// The connection for a transport; one inside TLS begins with its handshake.
    fn connect(&mut self, secure: Transport) -> ConnectionId {
        if secure == Transport::Tcp {
            return PLAIN;
        }
        if !self.is_secured {
            self.is_secured = true;
            let connection = SECURED;
            let (at_client, at_server) = (tls_session(), tls_session_at_server());
            let tls = &at_client;
            let said = self.ue.handle(NOW, Input::Secured { connection, tls });
            assert_eq!(said, []);
            let tls = &at_server;
            let said = self.bsf.handle(NOW, Input::Secured { connection, tls });
            assert_eq!(said, []);
        }
        SECURED
    }

    fn serve(&mut self, to: Peer, connection: ConnectionId, request: &Message) -> Message {
        if to != Peer::Bsf {
            self.share_key(request);
        }
        let server: &mut dyn Role = match to {
            Peer::Bsf => &mut self.bsf,
            Peer::Naf => &mut self.naf,
            Peer::Portal => &mut self.portal,
        };
        ask(server, connection, request)
    }

    /// Zn in memory: what the BSF knows of the B-TID is what NAF and portal are told.
    fn share_key(&mut self, request: &Message) {
        let Some(field) = request.field("Authorization") else {
            return;
        };
        let list = DirectiveList::parse_credentials(&field.value);
        let btid = String::from_utf8_lossy(list.value("username").unwrap_or_default()).into_owned();
        let Some(session) = self.bsf.session(&btid, NOW) else {
            return;
        };
        let session = BootstrappedSession {
            btid,
            ks: session.ks.clone(),
            input: session.input.clone(),
            impi: session.impi.clone(),
            enrolment: self.enrolment,
            expires: Some(session.expires),
            public_identities: Vec::new(),
            flags: Vec::new(),
        };
        self.zn.lock().expect("nobody panics").add(session);
    }

    /// The conversation as a snapshot shows it; no secret is in it.
    pub(super) fn text(&self) -> String {
        let messages: Vec<Vec<u8>> = self.wire.iter().map(|(_, said)| said.to_bytes()).collect();
        assert_tells_no_secret("the conversation", messages.iter().map(Vec::as_slice));
        let texts: Vec<String> = self
            .wire
            .iter()
            .zip(&messages)
            .map(|((transport, _), bytes)| match transport {
                Transport::Tcp => text_of(bytes),
                Transport::Tls | Transport::Psk(_) => {
                    format!("(inside TLS)\n{}", text_of(bytes))
                }
            })
            .collect();
        texts.join("\n--------\n")
    }
}

/// One request on a connection and the answer to it.
pub(super) fn ask(server: &mut dyn Role, connection: ConnectionId, message: &Message) -> Message {
    let input = Input::Message {
        connection,
        message,
    };
    match server.handle(NOW, input).into_iter().next() {
        Some(Output::Respond { message, .. }) => message,
        other => panic!("a server answers: {other:?}"),
    }
}
