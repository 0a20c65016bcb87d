//! Faults of what stands around each answer to a NAF, and of the connections with NAFs.

use gbaspec_wire::diameter::dictionary::{CAPABILITIES_EXCHANGE, DEVICE_WATCHDOG};
use gbaspec_wire::diameter::{Avp, ERROR};

use super::{fault, is_answer};
use crate::diameter::{self, ZH};
use crate::embedded::NAF_FQDN;
use crate::faults::{Fault, Seam, edit};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    ANNOUNCES_CX,
    ANNOUNCES_NO_VENDOR,
    ANSWERS_AS_ZH,
    END_TO_END_OF_ITS_OWN,
    CAPABILITIES_WITHOUT_RESULT,
    WATCHDOG_REFUSED,
    SESSION_OF_ITS_OWN,
    SESSION_MISSING_IN_REFUSALS,
    ORIGIN_OF_THE_QUESTION,
    ERROR_FLAG_MISSING,
    ERROR_FLAG_ON_SUCCESS,
];

/// Cx of IMS.
const CX: u32 = 16_777_216;

const ANNOUNCES_CX: Fault = fault(
    "bsf/zn-announces-cx",
    "ZN-01",
    "The BSF says at the start of a connection with a NAF that it speaks Cx.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE && !packet.is_request() {
            edit::change_avp(packet, "Auth-Application-Id", |_| CX.to_be_bytes().to_vec());
        }
    }),
    &["zn/connection/announces-zn"],
);
const ANNOUNCES_NO_VENDOR: Fault = fault(
    "bsf/zn-announces-no-vendor",
    "ZN-01",
    "The application is announced to a NAF as one of no vendor.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE && !packet.is_request() {
            edit::change_avp(packet, "Vendor-Id", |_| vec![0; 4]);
        }
    }),
    &["zn/connection/announces-zn"],
);
const ANSWERS_AS_ZH: Fault = fault(
    "bsf/zn-answers-as-zh",
    "ZN-01",
    "Answers to a NAF have the application of Zh.",
    Seam::Packet(|packet| {
        if is_answer(packet) {
            packet.application = ZH.application;
        }
    }),
    &["zn/keys/gives-the-key-of-a-run"],
);
const END_TO_END_OF_ITS_OWN: Fault = fault(
    "bsf/zn-end-to-end-of-its-own",
    "DIA-3-01",
    "An answer to a NAF has another end-to-end identifier than its question.",
    Seam::Packet(|packet| {
        if is_answer(packet) {
            packet.end_to_end ^= 1;
        }
    }),
    &[
        "zn/connection/returns-session-and-identifiers",
        "zn/connection/returns-them-in-a-refusal",
        "zn/connection/answers-two-questions-at-once",
    ],
);
const CAPABILITIES_WITHOUT_RESULT: Fault = fault(
    "bsf/zn-capabilities-without-result",
    "DIA-5.3-01",
    "The answer at the start of a connection with a NAF has no result.",
    Seam::Packet(|packet| {
        if packet.command == CAPABILITIES_EXCHANGE {
            edit::drop_avp(packet, "Result-Code");
        }
    }),
    &["zn/connection/agrees-to-talk"],
);
const WATCHDOG_REFUSED: Fault = fault(
    "bsf/zn-watchdog-refused",
    "DIA-5.5-01",
    "A watchdog request of a NAF is refused as an unknown command.",
    Seam::Packet(|packet| {
        if packet.command == DEVICE_WATCHDOG {
            edit::change_avp(packet, "Result-Code", |_| 3001_u32.to_be_bytes().to_vec());
        }
    }),
    &["zn/connection/answers-the-watchdog"],
);
const SESSION_OF_ITS_OWN: Fault = fault(
    "bsf/zn-session-of-its-own",
    "DIA-6.2-01",
    "An answer to a NAF has a Session-Id of the BSF.",
    Seam::Packet(|packet| {
        if is_answer(packet) {
            edit::change_avp(packet, "Session-Id", |_| b"bsf.home1.net;1;1".to_vec());
        }
    }),
    &[
        "zn/connection/returns-session-and-identifiers",
        "zn/connection/returns-them-in-a-refusal",
    ],
);
const SESSION_MISSING_IN_REFUSALS: Fault = fault(
    "bsf/zn-session-missing-in-refusals",
    "DIA-6.2-01",
    "A refusal towards a NAF has no Session-Id.",
    Seam::Bsf(|policy| {
        policy.network.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            edit::drop_avp(&mut answer, "Session-Id");
            answer
        };
    }),
    &["zn/connection/returns-them-in-a-refusal"],
);
const ORIGIN_OF_THE_QUESTION: Fault = fault(
    "bsf/zn-origin-of-the-question",
    "DIA-6.2-02",
    "An answer to a NAF says that it comes from the NAF.",
    Seam::Packet(|packet| {
        if is_answer(packet) {
            edit::drop_avp(packet, "Origin-Host");
            packet.push(Avp::new("Origin-Host", NAF_FQDN));
        }
    }),
    &["zn/connection/says-who-answers"],
);
const ERROR_FLAG_MISSING: Fault = fault(
    "bsf/zn-error-flag-missing",
    "DIA-7.1-01",
    "Errors of the protocol have no E flag.",
    Seam::Packet(|packet| packet.flags &= !ERROR),
    &["zn/connection/marks-errors-of-the-protocol"],
);
const ERROR_FLAG_ON_SUCCESS: Fault = fault(
    "bsf/zn-error-flag-on-success",
    "DIA-7.1-01",
    "An answer with a key has the E flag.",
    Seam::Bsf(|policy| {
        policy.network.finish = |mut answer| {
            answer.flags |= ERROR;
            answer
        };
    }),
    &["zn/connection/marks-errors-of-the-protocol"],
);
