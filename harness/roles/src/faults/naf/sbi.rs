//! Faults of a NAF that asks its BSF over the service-based interface.

use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::BootstrappingInfoResponse;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::keys::{NafKey, ZnRefusal};
use crate::ua::zn::{self, BirFacts, InfoAnswer};
use crate::ua::{self, Rejection, RejectionAnswer};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ASKS_BY_PUT,
    QUESTION_OF_TEXT,
    BTID_WITHOUT_DOMAIN,
    PROTOCOL_BEHIND_0X,
    NAME_WITH_PORT,
    ASKS_FOR_ANOTHER_PROTOCOL_TOO,
    ANSWER_COMPARED,
    MEDIA_TYPE_COMPARED,
    EXPIRY_IGNORED,
    UNKNOWN_B_TID_FORBIDDEN,
    KEY_NOT_USED,
    SERVES_WITHOUT_A_KEY,
    STATUS_IGNORED,
];

const ASKS_BY_PUT: Fault = fault(
    "naf/sbi-asks-by-put",
    "SB-01",
    "The BSF is asked for a key by PUT.",
    Seam::Ua(|policy| {
        policy.zn.info_request = |facts| {
            let mut question = zn::info_request(facts);
            edit::method(&mut question, "POST", "PUT");
            question
        };
    }),
    &["ua/zn-sbi/serves-with-the-key-of-the-bsf"],
);
const QUESTION_OF_TEXT: Fault = fault(
    "naf/sbi-question-of-text",
    "SB-01",
    "The question to the BSF says that its body is plain text.",
    Seam::Ua(|policy| {
        policy.zn.info_request = |facts| {
            let mut question = zn::info_request(facts);
            question.set("content-type", "text/plain");
            question
        };
    }),
    &["ua/zn-sbi/serves-with-the-key-of-the-bsf"],
);
const BTID_WITHOUT_DOMAIN: Fault = fault(
    "naf/sbi-b-tid-without-domain",
    "SB-01",
    "The BSF is asked for what stands before the @ of the B-TID.",
    Seam::Ua(|policy| {
        policy.zn.info_request = |facts| {
            zn::info_request(&BirFacts {
                btid: facts.btid.split('@').next().unwrap_or_default(),
                ..facts.clone()
            })
        };
    }),
    &["ua/zn-sbi/serves-with-the-key-of-the-bsf"],
);
const PROTOCOL_BEHIND_0X: Fault = fault(
    "naf/sbi-protocol-behind-0x",
    "SB-01",
    "The Ua protocol in the question to the BSF begins with 0x.",
    Seam::Ua(|policy| {
        policy.zn.info_request = |facts| {
            let mut question = zn::info_request(facts);
            let body = String::from_utf8_lossy(&question.body);
            let body = body.replace("\"uaSecProtId\":\"", "\"uaSecProtId\":\"0x");
            question.body = body.into_bytes();
            question
        };
    }),
    &[
        "ua/zn-sbi/serves-with-the-key-of-the-bsf",
        "ua/zn-sbi/names-itself-and-its-protocol",
    ],
);
const NAME_WITH_PORT: Fault = fault(
    "naf/sbi-name-with-port",
    "SB-01",
    "The name of the NAF in the question to the BSF has a port behind it.",
    Seam::Ua(|policy| {
        policy.zn.naf_id = |naf_id| {
            let (name, protocol) = naf_id.as_bytes().split_at(naf_id.as_bytes().len() - 5);
            [name, b":80", protocol].concat()
        };
    }),
    &["ua/zn-sbi/names-itself-and-its-protocol"],
);
const ASKS_FOR_ANOTHER_PROTOCOL_TOO: Fault = fault(
    "naf/sbi-asks-for-another-protocol-too",
    "SB-01",
    "For each request the BSF is asked for the key of the MBMS protocol as well.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let other = NafId::new(facts.fqdn, UaProtocolId::MBMS);
            ua::naf_ids(facts).into_iter().chain([other]).collect()
        };
    }),
    &["ua/zn-sbi/asks-once"],
);
const ANSWER_COMPARED: Fault = fault(
    "naf/sbi-answer-compared",
    "SB-02",
    "A key is not used if its answer is not letter by letter what the NAF would have written.",
    Seam::Ua(|policy| {
        policy.zn.info = |facts| {
            let body = facts.answer.map_or(&[][..], |answer| &answer.body);
            let read = BootstrappingInfoResponse::parse(body);
            if read.is_ok_and(|(info, _)| info.emit().as_bytes() == body) {
                zn::info(facts)
            } else {
                Err(ZnRefusal::Unavailable)
            }
        };
    }),
    &[
        "ua/zn-sbi/serves-with-an-answer-of-another-release",
        "ua/zn-sbi/serves-with-an-answer-with-all-members",
        "ua/zn-sbi/serves-with-an-answer-with-blanks",
    ],
);
const MEDIA_TYPE_COMPARED: Fault = fault(
    "naf/sbi-media-type-compared",
    "SB-02",
    "The media type of an answer is held letter by letter against application/json.",
    Seam::Ua(|policy| {
        policy.zn.info = |facts| {
            let field = facts.answer.ok().and_then(|it| it.field("content-type"));
            if field.is_some_and(|field| field.value != b"application/json") {
                return Err(ZnRefusal::Unavailable);
            }
            zn::info(facts)
        };
    }),
    &["ua/zn-sbi/serves-with-an-answer-with-a-parameter-of-the-media-type"],
);
const EXPIRY_IGNORED: Fault = fault(
    "naf/sbi-expiry-ignored",
    "KD-11",
    "The end of a key's lifetime that the BSF tells is not looked at.",
    Seam::Ua(|policy| {
        policy.zn.info = |facts| {
            zn::info(facts).map(|key| NafKey {
                expires: None,
                ..key
            })
        };
    }),
    &["ua/zn-sbi/does-not-serve-a-key-beyond-its-lifetime"],
);
const UNKNOWN_B_TID_FORBIDDEN: Fault = fault(
    "naf/sbi-unknown-b-tid-forbidden",
    "SD-02",
    "A client whose B-TID the BSF does not know is sent away without a challenge.",
    Seam::Ua(|policy| {
        policy.zn.info = |facts| {
            zn::info(facts).map_err(|why| match why {
                ZnRefusal::UnknownTransaction => ZnRefusal::NotAuthorized,
                other => other,
            })
        };
    }),
    &["ua/zn-sbi/asks-for-bootstrapping-where-the-bsf-knows-nothing"],
);
const KEY_NOT_USED: Fault = fault(
    "naf/sbi-key-not-used",
    "UA-5.2.3-01",
    "Any response of 32 digits is accepted once the BSF has given a key.",
    Seam::Ua(|policy| policy.accept_response = |check| check.response.len() == 32),
    &["ua/zn-sbi/key-of-the-bsf-counts"],
);
const SERVES_WITHOUT_A_KEY: Fault = fault(
    "naf/sbi-serves-without-a-key",
    "UA-5.2.3-01",
    "A client is served where the BSF refuses its key or says nothing of use.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| match rejection {
            Rejection::NotAuthorized | Rejection::NoBsf => RejectionAnswer::Status(200),
            other => ua::reject(other),
        };
    }),
    &[
        "ua/zn-sbi/serves-nobody-for-a-refusal",
        "ua/zn-sbi/serves-nobody-for-a-fault",
        "ua/zn-sbi/serves-nobody-for-a-busy-bsf",
        "ua/zn-sbi/serves-nobody-for-an-empty-body",
        "ua/zn-sbi/serves-nobody-for-garbage",
        "ua/zn-sbi/serves-nobody-for-a-body-cut-off",
        "ua/zn-sbi/serves-nobody-for-no-key",
        "ua/zn-sbi/serves-nobody-for-a-key-too-long",
        "ua/zn-sbi/serves-nobody-for-a-key-in-a-list",
        "ua/zn-sbi/serves-nobody-for-a-body-of-deep-lists",
        "ua/zn-sbi/serves-nobody-with-a-key-of-no-octets",
        "ua/zn-sbi/serves-nobody-while-the-bsf-hangs-up",
    ],
);
const STATUS_IGNORED: Fault = fault(
    "naf/sbi-status-of-bsf-ignored",
    "UA-5.2.3-01",
    "A key is used though the BSF says that it failed.",
    Seam::Ua(|policy| {
        policy.zn.info = |facts| {
            let answer = facts.answer.map(succeeded);
            zn::info(&InfoAnswer {
                answer: answer.as_ref().map_err(|why| *why),
                ..*facts
            })
        };
    }),
    &["ua/zn-sbi/serves-nobody-for-an-error-with-a-key"],
);

/// The same answer with the status of success.
fn succeeded(answer: &Message) -> Message {
    let mut answer = answer.clone();
    answer.start_line = b"HTTP/2 200".to_vec();
    answer
}
