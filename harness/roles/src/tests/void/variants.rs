//! What the other ways of bootstrapping show of a fault.

use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;

use crate::bsf::{self, Bsf, BsfOffer, BsfPolicy, RefusalReason, SuccessFacts, Switch};
use crate::embedded;
use crate::faults::{Fault, by_id, tampered_bytes};
use crate::names::{Identity, Imsi, MncDigits};
use crate::role::{Action, Role as _, TlsSession};
use crate::tests::probe::{initial, user};
use crate::tests::world::{NOW, PLAIN, SECURED, World, ask_on};
use crate::ua::UaPolicy;
use crate::ub::tmpi::is_tmpi;
use crate::ue::{Ue, UePolicy};

use Action::{Bootstrap, Fetch};

/// A UE and a BSF, and what they do with each other.
struct Meeting {
    /// The place of the subscriber.
    index: usize,
    offer: fn() -> BsfOffer,
    bsf: fn(&mut BsfPolicy),
    server: Option<fn(&mut Message)>,
    tls: fn(&mut TlsSession),
    actions: &'static [Action],
}

const USUAL: Meeting = Meeting {
    index: 0,
    offer: everything,
    bsf: |_| (),
    server: None,
    tls: |_| (),
    actions: &[Bootstrap],
};

const MEETINGS: &[Meeting] = &[
    // A TMPI that is renewed, one that is forgotten, and a BSF that has none.
    Meeting {
        actions: &[Bootstrap, Bootstrap, Bootstrap],
        ..USUAL
    },
    Meeting {
        bsf: |policy| {
            policy.identify = |facts| {
                if is_tmpi(facts.username) {
                    return Err(RefusalReason::UnknownTmpi);
                }
                bsf::identify(facts)
            };
        },
        actions: &[Bootstrap, Bootstrap],
        ..USUAL
    },
    Meeting {
        server: Some(|message| message.set("Server", "Bootstrapping Server; Release-6")),
        actions: &[Bootstrap, Bootstrap],
        ..USUAL
    },
    // Version 2, last and first.
    Meeting {
        offer: || offering(&[Algorithm::AkaV1Md5, Algorithm::AkaV2Md5]),
        ..USUAL
    },
    Meeting {
        offer: || offering(&[Algorithm::AkaV2Sha256, Algorithm::AkaV1Md5]),
        ..USUAL
    },
    // RES of four octets.
    Meeting { index: 4, ..USUAL },
    // A session that has ended, a nonce that is stale, and one that is proposed.
    Meeting {
        bsf: |policy| {
            policy.success_body = |facts| {
                bsf::success_body(&SuccessFacts {
                    expires: facts.now,
                    ..*facts
                })
            };
        },
        actions: &[Bootstrap, Fetch],
        ..USUAL
    },
    Meeting {
        bsf: |policy| policy.accept_response = |_| false,
        server: Some(|message| append(message, "WWW-Authenticate", ", stale=true")),
        ..USUAL
    },
    Meeting {
        server: Some(|message| append(message, "Authentication-Info", ", nextnonce=\"AAAA\"")),
        actions: &[Bootstrap, Bootstrap],
        ..USUAL
    },
    // A SIM, with a certificate of the BSF and of somebody else.
    Meeting {
        index: 6,
        actions: &[Bootstrap, Bootstrap, Fetch],
        ..USUAL
    },
    Meeting {
        index: 6,
        tls: |tls| tls.peer_names = vec!["bsf.home2.net".to_owned()],
        ..USUAL
    },
    // A password.
    Meeting {
        index: 7,
        actions: &[Bootstrap, Fetch],
        ..USUAL
    },
];

/// What a UE with this fault shows to correct servers.
pub(super) fn shown_by_ue(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = || fault.map_or_else(UePolicy::default, Fault::ue_policy);
    let mut shown = Vec::new();
    for meeting in MEETINGS {
        let mut world = meeting.world(embedded::ue(meeting.index, policy(), 4), |_| ());
        world.ue_tamper = fault.map(Fault::tamper).unwrap_or_default();
        shown.append(&mut meeting.play(world));
    }
    // The derived names stand in the first request; the BSF has another one and refuses it.
    let imsi = Imsi::new("001010123456789", MncDigits::Two).expect("an IMSI");
    let keys = user(0).ue_keys();
    let ue = embedded::ue_with(Identity::Imsi(imsi), keys, policy(), 4);
    let mut world = USUAL.world(ue, |_| ());
    world.ue_tamper = fault.map(Fault::tamper).unwrap_or_default();
    shown.append(&mut USUAL.play(world));
    shown
}

/// What a BSF with this fault shows to correct UEs, and to requests that it has to refuse.
pub(super) fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let change = |policy: &mut BsfPolicy| {
        if let Some(fault) = fault {
            fault.seam.apply_to_bsf(policy);
        }
    };
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut shown = Vec::new();
    for meeting in MEETINGS.iter().filter(|meeting| meeting.server.is_none()) {
        let ue = embedded::ue(meeting.index, UePolicy::default(), 4);
        let mut world = meeting.world(ue, change);
        world.server_tamper = tamper;
        shown.append(&mut meeting.play(world));
    }
    for (index, id) in WRONG_CLIENTS {
        let client = by_id(id).expect("the fault is there").ue_policy();
        let meeting = Meeting {
            offer: || offering(&[Algorithm::AkaV2Md5]),
            ..USUAL
        };
        let mut world = meeting.world(embedded::ue(*index, client, 4), change);
        world.server_tamper = tamper;
        shown.append(&mut meeting.play(world));
    }
    let mut policy = BsfPolicy::default();
    change(&mut policy);
    for (impi, agent, connection) in ODD_REQUESTS {
        let mut bsf = embedded::bsf(policy, 1);
        secure(&mut bsf);
        let mut request = initial(impi);
        request.push("User-Agent", *agent);
        let answer = ask_on(&mut bsf, NOW, *connection, &request);
        shown.push(tampered_bytes(&answer, &tamper));
    }
    shown.append(&mut after_a_run_without_token(&policy));
    shown
}

/// The clients whose passwords of AKAv2, 2G GBA and `GBA_Digest` are wrong, with their subscribers.
const WRONG_CLIENTS: &[(usize, &str)] = &[
    (0, "ue/akav2-order-ck-ik"),
    (0, "ue/akav2-raw-octets"),
    (0, "ue/akav2-key-and-data-swapped"),
    (0, "ue/akav2-password-is-res"),
    (6, "ue/kc-once"),
    (7, "ue/gba-digest-label-of-ks"),
];

/// Who asks, what the User-Agent says, and on which connection.
const ODD_REQUESTS: &[(&str, &str, crate::role::ConnectionId)] = &[
    (
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@tmpi.bsf.3gppnetwork.org",
        "x",
        PLAIN,
    ),
    ("user7_private@home1.net", "x", PLAIN),
    ("user8_private@home1.net", "GBA_Digest", PLAIN),
    ("user8_private@home1.net", "x", SECURED),
    ("user1_private@home1.net", "GBA_Digest", SECURED),
];

/// The TMPIs of the BSF after a UE has bootstrapped that does not announce them.
fn after_a_run_without_token(policy: &BsfPolicy) -> Vec<Vec<u8>> {
    let ue = embedded::ue(0, UePolicy::default(), 4);
    let mut world = World::of(ue, embedded::bsf(*policy, 1), &UaPolicy::default());
    world.ue_tamper.message = Some(|message| message.set("User-Agent", "x"));
    world.run(Bootstrap);
    let tmpi = world.bsf.tmpi("user1_private@home1.net");
    vec![tmpi.unwrap_or_default().as_bytes().to_vec()]
}

impl Meeting {
    fn world(&self, ue: Ue, change: impl Fn(&mut BsfPolicy)) -> World {
        let mut policy = BsfPolicy::default();
        (self.bsf)(&mut policy);
        change(&mut policy);
        let bsf = embedded::bsf_with((self.offer)(), policy, 1);
        let mut world = World::of(ue, bsf, &UaPolicy::default());
        world.server_tamper.message = self.server;
        (self.tls)(&mut world.tls);
        world
    }

    /// Everything on the wire, the transports and the outcomes.
    fn play(&self, mut world: World) -> Vec<Vec<u8>> {
        for action in self.actions {
            let outcome = world.run(*action);
            world.wire.push(format!("{outcome:?}").into_bytes());
        }
        let transports = format!("{:?}", world.transports);
        world.wire.push(transports.into_bytes());
        world.wire
    }
}

fn secure(bsf: &mut Bsf) {
    let tls = World::of(
        embedded::ue(0, UePolicy::default(), 4),
        embedded::bsf(BsfPolicy::default(), 1),
        &UaPolicy::default(),
    )
    .tls;
    let input = crate::role::Input::Secured {
        connection: SECURED,
        tls: &tls,
    };
    assert_eq!(bsf.handle(NOW, input), []);
}

fn everything() -> BsfOffer {
    offering(&[Algorithm::AkaV1Md5])
}

fn offering(algorithms: &[Algorithm]) -> BsfOffer {
    BsfOffer {
        algorithms: algorithms.to_vec(),
        second_generation: Switch::On,
        gba_digest: Switch::On,
    }
}

fn append(message: &mut Message, name: &str, text: &str) {
    if let Some(field) = message.field(name) {
        let value = [field.value.as_slice(), text.as_bytes()].concat();
        message.set(name, value);
    }
}
