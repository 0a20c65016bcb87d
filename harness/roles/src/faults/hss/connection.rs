//! Faults of what stands around each answer of an HSS, and of its connections.

use gbaspec_wire::diameter::dictionary::{CAPABILITIES_EXCHANGE, DEVICE_WATCHDOG, MULTIMEDIA_AUTH};
use gbaspec_wire::diameter::{Avp, Packet};

use super::{change, fault, remove};
use crate::diameter;
use crate::embedded;
use crate::faults::{Fault, Seam};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    ANNOUNCES_CX,
    ANNOUNCES_NO_VENDOR,
    ANSWERS_AS_CX,
    END_TO_END_OF_ITS_OWN,
    CAPABILITIES_WITHOUT_RESULT,
    WATCHDOG_REFUSED,
    WATCHDOG_WITHOUT_ORIGIN,
    SESSION_OF_ITS_OWN,
    SESSION_MISSING,
    SESSION_MISSING_IN_REFUSALS,
    ORIGIN_OF_THE_REQUEST,
];

/// Cx of IMS.
const CX: u32 = 16_777_216;

const ANNOUNCES_CX: Fault = fault(
    "hss/announces-cx",
    "ZH-01",
    "The HSS says at the start of a connection that it speaks Cx.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE {
            change(packet, "Auth-Application-Id", |_| CX.to_be_bytes().to_vec());
        }
    }),
    &["hss/connection/announces-zh"],
);
const ANNOUNCES_NO_VENDOR: Fault = fault(
    "hss/announces-no-vendor",
    "ZH-01",
    "The application is announced as one of no vendor.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE {
            change(packet, "Vendor-Id", |_| vec![0; 4]);
        }
    }),
    &["hss/connection/announces-zh"],
);
const ANSWERS_AS_CX: Fault = fault(
    "hss/answers-as-cx",
    "ZH-01",
    "Answers have the application of Cx.",
    Seam::Packet(|packet| {
        if packet.command == MULTIMEDIA_AUTH {
            packet.application = CX;
        }
    }),
    &["hss/vectors/gives-a-vector"],
);
const END_TO_END_OF_ITS_OWN: Fault = fault(
    "hss/end-to-end-of-its-own",
    "DIA-3-01",
    "An answer has another end-to-end identifier than its request.",
    Seam::Packet(|packet| {
        if packet.command == MULTIMEDIA_AUTH {
            packet.end_to_end ^= 1;
        }
    }),
    &[
        "hss/connection/returns-the-identifiers",
        "hss/connection/answers-two-at-once",
        "hss/connection/returns-them-in-a-refusal",
    ],
);
const CAPABILITIES_WITHOUT_RESULT: Fault = fault(
    "hss/capabilities-without-result",
    "DIA-5.3-01",
    "The answer at the start of a connection has no result.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE {
            remove(packet, "Result-Code");
        }
    }),
    &["hss/connection/agrees-to-talk"],
);
const WATCHDOG_REFUSED: Fault = fault(
    "hss/watchdog-refused",
    "DIA-5.5-01",
    "A watchdog request is refused as an unknown command.",
    Seam::Packet(|packet| {
        if packet.command == DEVICE_WATCHDOG {
            change(packet, "Result-Code", |_| 3001_u32.to_be_bytes().to_vec());
        }
    }),
    &["hss/connection/answers-the-watchdog"],
);
const WATCHDOG_WITHOUT_ORIGIN: Fault = fault(
    "hss/watchdog-without-origin",
    "DIA-5.5-01",
    "The answer to a watchdog request does not say who sends it.",
    Seam::Packet(|packet| {
        if packet.command == DEVICE_WATCHDOG {
            remove(packet, "Origin-Host");
        }
    }),
    &["hss/connection/answers-the-watchdog"],
);
const SESSION_OF_ITS_OWN: Fault = fault(
    "hss/session-of-its-own",
    "DIA-6.2-01",
    "An answer has a Session-Id of the HSS.",
    Seam::Packet(|packet| change(packet, "Session-Id", |_| b"hss.home1.net;1;1".to_vec())),
    &[
        "hss/connection/returns-the-session",
        "hss/connection/returns-them-in-a-refusal",
    ],
);
const SESSION_MISSING: Fault = fault(
    "hss/session-missing",
    "DIA-6.2-01",
    "An answer has no Session-Id.",
    Seam::Packet(|packet| remove(packet, "Session-Id")),
    &["hss/connection/returns-the-session"],
);
const SESSION_MISSING_IN_REFUSALS: Fault = fault(
    "hss/session-missing-in-refusals",
    "DIA-6.2-01",
    "A refusal has no Session-Id.",
    Seam::Hss(|policy| {
        policy.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            remove(&mut answer, "Session-Id");
            answer
        };
    }),
    &["hss/connection/returns-them-in-a-refusal"],
);
const ORIGIN_OF_THE_REQUEST: Fault = fault(
    "hss/origin-of-the-request",
    "DIA-6.2-02",
    "An answer says that it comes from the BSF.",
    Seam::Packet(as_the_bsf),
    &["hss/connection/says-who-answers"],
);

fn as_the_bsf(packet: &mut Packet) {
    if packet.command == MULTIMEDIA_AUTH {
        remove(packet, "Origin-Host");
        packet.push(Avp::new("Origin-Host", embedded::BSF_FQDN));
    }
}
