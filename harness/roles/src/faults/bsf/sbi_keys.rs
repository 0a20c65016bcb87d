//! Faults of a BSF towards NAFs that ask over its service-based interface.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::guss_xml::UiccType;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::BootstrappingInfoRequest;

use super::fault;
use crate::bsf::network;
use crate::faults::{Fault, Seam};
use crate::sbi::{self as service, BAD_REQUEST, NOT_FOUND, Problem};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    QUESTION_COMPARED,
    NAF_WITHOUT_GBA_U_REFUSED,
    PROTOCOL_BEHIND_0X_MISREAD,
    ERRORS_WITH_STATUS_200,
    KEY_IN_BASE64,
    KEY_MISSING,
    KEY_IS_KS,
    KEY_OF_HTTP_DIGEST,
    EMPTY_KEY_FOR_NOBODY,
    NOBODY_GIVES_500,
    KEY_FOR_ANY_NAME,
    SETTINGS_OF_ALL_SERVICES,
    KEY_OF_CARD_FOR_ANY_NAF,
    PUSH_FOR_ANYBODY,
    PUSH_IN_BASE64,
];

const QUESTION_COMPARED: Fault = fault(
    "bsf/sbi-question-compared",
    "SB-01",
    "A question of a NAF is refused that is not letter by letter what the BSF would have written.",
    Seam::Bsf(|policy| {
        policy.network.sbi.read = |body| {
            let asked = service::strict(BootstrappingInfoRequest::parse(body))?;
            if asked.emit().as_bytes() == body {
                Ok(asked)
            } else {
                Err(BAD_REQUEST)
            }
        };
    }),
    &[
        "sbi/keys/gives-the-key-to-a-naf-of-another-release",
        "sbi/keys/gives-the-key-for-json-with-blanks",
        "sbi/keys/gives-the-key-for-json-with-escapes",
    ],
);
const NAF_WITHOUT_GBA_U_REFUSED: Fault = fault(
    "bsf/sbi-naf-without-gba-u-refused",
    "SB-01",
    "A NAF that says that it does not know GBA_U gets no key at all.",
    Seam::Bsf(|policy| {
        policy.network.sbi.read = |body| {
            let asked = service::strict(BootstrappingInfoRequest::parse(body))?;
            match asked.gba_u_aware {
                Some(false) => Err(BAD_REQUEST),
                _ => Ok(asked),
            }
        };
    }),
    &["sbi/keys/gives-the-key-to-a-naf-that-does-not-know-gba-u"],
);
const PROTOCOL_BEHIND_0X_MISREAD: Fault = fault(
    "bsf/sbi-protocol-behind-0x-misread",
    "SB-01",
    "A Ua protocol that is not ten digits of hex stands for zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.read = |body| {
            let read = BootstrappingInfoRequest::parse(body);
            let (mut asked, deviations) = read.map_err(|_| BAD_REQUEST)?;
            if !deviations.is_empty() {
                asked.naf_id.ua_sec_prot_id = vec![0; 5];
            }
            Ok(asked)
        };
    }),
    &[
        "sbi/keys/no-wrong-key-for-digits-behind-0x",
        "sbi/keys/no-key-for-a-request-without-a-protocol",
        "sbi/keys/no-key-for-a-request-with-a-protocol-of-8-digits",
        "sbi/keys/no-key-for-a-request-with-a-protocol-of-12-digits",
        "sbi/keys/no-key-for-a-request-with-a-protocol-that-is-no-hex",
    ],
);
const ERRORS_WITH_STATUS_200: Fault = fault(
    "bsf/sbi-errors-with-status-200",
    "SB-01",
    "Whatever is refused on the interface to NAFs has the status 200.",
    Seam::Bsf(|policy| {
        policy.network.sbi.refusal = |problem| {
            let mut answer = service::refusal(problem);
            answer.start_line = b"HTTP/2 200".to_vec();
            answer
        };
    }),
    &[
        "sbi/keys/no-key-for-a-request-without-a-b-tid",
        "sbi/keys/no-key-for-a-request-with-a-list-as-b-tid",
        "sbi/keys/no-key-for-a-request-without-a-naf",
        "sbi/keys/no-key-for-a-request-with-a-text-as-naf",
        "sbi/keys/no-key-for-a-request-without-a-name",
        "sbi/keys/no-key-for-a-request-with-an-empty-name",
        "sbi/keys/no-key-for-a-request-without-a-body",
        "sbi/keys/no-key-for-a-request-that-is-no-json",
        "sbi/keys/no-key-for-a-request-cut-off",
        "sbi/keys/no-key-for-a-request-of-64-kib",
        "sbi/keys/no-key-for-a-request-of-deep-lists",
        "sbi/keys/no-key-at-another-method",
        "sbi/keys/no-key-at-another-version",
        "sbi/keys/no-key-at-another-resource",
        "sbi/keys/no-key-at-another-service",
    ],
);
const KEY_IN_BASE64: Fault = fault(
    "bsf/sbi-key-in-base64",
    "SB-02",
    "The key is written as base64.",
    Seam::Bsf(|policy| {
        policy.network.sbi.info = |info| {
            let key = &info.me_key_material.0;
            info.emit()
                .replace(&HEXLOWER.encode(key), &BASE64.encode(key))
        };
    }),
    &["sbi/keys/gives-the-key-of-a-run"],
);
const KEY_MISSING: Fault = fault(
    "bsf/sbi-key-missing",
    "SB-02",
    "The answer to a NAF has the end of the key's lifetime and no key.",
    Seam::Bsf(|policy| {
        policy.network.sbi.info = |info| info.emit().replace("meKeyMaterial", "keyMaterial");
    }),
    &[
        "sbi/keys/gives-the-key-of-a-run",
        "sbi/keys/gives-the-key-to-a-naf-of-another-release",
    ],
);
const KEY_IS_KS: Fault = fault(
    "bsf/sbi-key-is-ks",
    "SB-02",
    "A NAF gets Ks itself.",
    Seam::Bsf(|policy| {
        policy.network.me_key = |facts| facts.session.ks.expose().to_vec();
    }),
    &[
        "sbi/keys/gives-the-key-of-a-run",
        "sbi/keys/key-is-the-same-when-asked-for-again",
    ],
);
const KEY_OF_HTTP_DIGEST: Fault = fault(
    "bsf/sbi-key-of-http-digest",
    "SB-02",
    "Whatever Ua protocol a NAF names, the key is the one of HTTP digest.",
    Seam::Bsf(|policy| {
        policy.network.sbi.read = |body| {
            let mut asked = service::strict(BootstrappingInfoRequest::parse(body))?;
            asked.naf_id.ua_sec_prot_id = UaProtocolId::HTTP_DIGEST.as_bytes().to_vec();
            Ok(asked)
        };
    }),
    &[
        "sbi/keys/key-is-for-the-protocol-in-lower-case-digits",
        "sbi/keys/key-is-for-the-protocol-in-upper-case-digits",
    ],
);
const EMPTY_KEY_FOR_NOBODY: Fault = fault(
    "bsf/sbi-empty-key-for-nobody",
    "SB-03",
    "A B-TID that nobody has gets an empty key.",
    Seam::Bsf(|policy| {
        policy.network.sbi.refusal = |problem| match problem.status {
            400 | 404 => service::success("{\"meKeyMaterial\":\"\"}".to_owned()),
            _ => service::refusal(problem),
        };
    }),
    UNKNOWN_BTID,
);
const NOBODY_GIVES_500: Fault = fault(
    "bsf/sbi-unknown-b-tid-gives-500",
    "SB-03",
    "A B-TID that nobody has leads to 500.",
    Seam::Bsf(|policy| {
        policy.network.sbi.refusal = |problem| {
            let mut answer = service::refusal(problem);
            answer.start_line = b"HTTP/2 500".to_vec();
            answer
        };
    }),
    UNKNOWN_BTID,
);
const KEY_FOR_ANY_NAME: Fault = fault(
    "bsf/sbi-key-for-any-name",
    "KD-08",
    "A NAF gets the key for whatever name it asks for.",
    Seam::Bsf(|policy| policy.network.authorize = |_| true),
    &[
        "sbi/keys/no-key-for-a-foreign-name",
        "sbi/keys/no-key-for-a-longer-name",
    ],
);
const SETTINGS_OF_ALL_SERVICES: Fault = fault(
    "bsf/sbi-settings-of-all-services",
    "ZN-07",
    "A NAF gets the settings of all services, whichever it names.",
    Seam::Bsf(|policy| policy.network.services = |all, _| all.clone()),
    &["sbi/keys/settings-are-those-of-the-services-asked-for"],
);
const KEY_OF_CARD_FOR_ANY_NAF: Fault = fault(
    "bsf/sbi-key-of-card-for-any-naf",
    "KD-14",
    "The key of a card that can do GBA_U goes to NAFs that do not know of it.",
    Seam::Bsf(|policy| {
        policy.network.uicc_key = |facts| {
            let is_of_card = facts.session.uicc_type == UiccType::GbaU;
            is_of_card.then(|| network::ks_int_naf(facts)).flatten()
        };
    }),
    &["sbi/keys/no-key-of-the-card-for-a-naf-that-does-not-know-it"],
);
const PUSH_FOR_ANYBODY: Fault = fault(
    "bsf/sbi-push-for-anybody",
    "SB-04",
    "Whoever asks for push information gets some, whatever the question.",
    Seam::Bsf(|policy| {
        policy.network.sbi.refusal = |problem| pushed_for(problem, &HEXLOWER.encode(&PUSHED_KEY));
    }),
    &[
        "sbi/keys/no-push-for-nobody",
        "sbi/keys/no-push-for-no-naf",
        "sbi/keys/no-push-for-an-empty-body",
    ],
);
const PUSH_IN_BASE64: Fault = fault(
    "bsf/sbi-push-in-base64",
    "UPA-07",
    "The key for a push is written as base64.",
    Seam::Bsf(|policy| {
        policy.network.sbi.refusal = |problem| pushed_for(problem, &BASE64.encode(&PUSHED_KEY));
    }),
    &["sbi/keys/push-information-has-its-form"],
);

/// The cases about B-TIDs of no run.
const UNKNOWN_BTID: &[&str] = &[
    "sbi/keys/no-key-for-a-b-tid-that-nobody-has",
    "sbi/keys/no-key-for-a-b-tid-of-another-bsf",
    "sbi/keys/no-key-for-a-private-identity",
    "sbi/keys/no-key-for-an-at-sign",
    "sbi/keys/no-key-for-an-empty-b-tid",
    "sbi/keys/no-key-for-a-b-tid-beyond-a-nul",
];

/// The key of a push that nobody has asked for.
const PUSHED_KEY: [u8; 32] = *b"push me to whoever wants a key..";

/// Push information with this key where there is none.
fn pushed_for(problem: &Problem, key: &str) -> Message {
    if *problem == NOT_FOUND {
        let body = format!("{{\"meKeyMaterial\":\"{key}\",\"gbaPushInfo\":\"00\"}}");
        return service::success(body);
    }
    service::refusal(problem)
}
