//! Faults of a BSF towards NAFs that ask by its web service.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::error::DeviationKind;
use gbaspec_wire::sbi::Undisclosed;
use gbaspec_wire::soap::{InfoRequest, InfoResponse, NAMESPACES};

use super::fault;
use crate::bsf::soap::{self, Trouble};
use crate::faults::{Fault, Seam};

/// The faults.
pub const ALL: &[Fault] = &[
    KEY_IN_HEX,
    OTHER_NAMESPACE_REFUSED,
    UNKNOWN_ELEMENTS_REFUSED,
    OPTIONS_REQUIRED,
    EMPTY_KEY_INSTEAD_OF_FAULT,
    NAF_ID_IN_PLAIN_TEXT,
    FAULTS_WITH_STATUS_200,
    KEY_FOR_ANY_NAME,
    LIFETIME_OF_ITS_OWN,
    KEY_OF_CARD_FOR_ANY_NAF,
];

const KEY_IN_HEX: Fault = fault(
    "bsf/soap-key-in-hex",
    "ZN-08",
    "The key is written in hex.",
    Seam::Bsf(|policy| {
        policy.network.soap.info = |info| {
            let key = &info.me_key_material.0;
            info.emit()
                .replace(&BASE64.encode(key), &HEXLOWER.encode(key))
        };
    }),
    &["zn/soap/gives-the-key-of-a-run"],
);
const OTHER_NAMESPACE_REFUSED: Fault = fault(
    "bsf/soap-other-namespace-refused",
    "ZN-08",
    "Of the two namespaces in use only the first is understood.",
    Seam::Bsf(|policy| {
        policy.network.soap.read = |body| {
            if holds(body, NAMESPACES[1]) {
                return Err(Trouble::Malformed);
            }
            soap::read(body)
        };
    }),
    &["zn/soap/gives-the-key-in-the-other-namespace"],
);
const UNKNOWN_ELEMENTS_REFUSED: Fault = fault(
    "bsf/soap-unknown-elements-refused",
    "ZN-08",
    "A request with an element that the BSF does not know is refused.",
    Seam::Bsf(|policy| {
        policy.network.soap.read = |body| {
            if holds(body, "later") {
                return Err(Trouble::Malformed);
            }
            soap::read(body)
        };
    }),
    &["zn/soap/gives-the-key-with-unknown-elements"],
);
const OPTIONS_REQUIRED: Fault = fault(
    "bsf/soap-options-required",
    "ZN-08",
    "A request that does not say whether the NAF knows GBA_U is refused.",
    Seam::Bsf(|policy| {
        policy.network.soap.read = |body| {
            let asked = soap::read(body)?;
            let is_said = asked.gba_u_aware.is_some();
            is_said.then_some(asked).ok_or(Trouble::Malformed)
        };
    }),
    &["zn/soap/gives-the-key-without-options"],
);
const EMPTY_KEY_INSTEAD_OF_FAULT: Fault = fault(
    "bsf/soap-empty-key-instead-of-fault",
    "ZN-08",
    "Where there is no key the answer has an empty one.",
    Seam::Bsf(|policy| {
        policy.network.soap.refusal = |trouble| match trouble {
            Trouble::NoKey => (200, InfoResponse::default().emit()),
            Trouble::Malformed => soap::refusal(trouble),
        };
    }),
    &[
        "zn/soap/no-key-for-a-b-tid-that-nobody-has",
        "zn/soap/no-key-for-a-private-identity",
    ],
);
const NAF_ID_IN_PLAIN_TEXT: Fault = fault(
    "bsf/soap-naf-id-in-plain-text",
    "ZN-08",
    "A NAF-Id that is a name in plain text is understood as this name under HTTP digest.",
    Seam::Bsf(|policy| {
        policy.network.soap.read = |body| {
            let (mut asked, found) = InfoRequest::parse(body).map_err(|_| Trouble::Malformed)?;
            let is_plain = found.iter().any(|one| one.kind == DeviationKind::BadBase64);
            if is_plain {
                let text = String::from_utf8_lossy(body).into_owned();
                let name = text.split("<nafid>").nth(1).unwrap_or_default();
                let name = name.split('<').next().unwrap_or_default();
                let protocol = UaProtocolId::HTTP_DIGEST;
                asked.naf_id = [name.as_bytes(), protocol.as_bytes()].concat();
                return Ok(asked);
            }
            soap::read(body)
        };
    }),
    &["zn/soap/no-key-for-a-naf-id-in-plain-text"],
);
const FAULTS_WITH_STATUS_200: Fault = fault(
    "bsf/soap-faults-with-status-200",
    "ZN-08",
    "A Fault has the status 200.",
    Seam::Bsf(|policy| {
        policy.network.soap.refusal = |trouble| (200, soap::refusal(trouble).1);
    }),
    &[
        "zn/soap/no-key-for-a-naf-id-in-hex",
        "zn/soap/no-key-for-a-naf-id-without-a-name",
        "zn/soap/no-key-for-a-naf-id-of-four-octets",
        "zn/soap/no-key-for-a-naf-id-of-no-octets",
        "zn/soap/no-key-for-a-request-that-is-no-xml",
        "zn/soap/no-key-for-a-request-without-a-body",
        "zn/soap/no-key-for-a-request-cut-off",
        "zn/soap/no-key-for-a-request-without-a-b-tid",
        "zn/soap/no-key-for-a-request-with-two-b-tids",
        "zn/soap/no-key-for-a-request-of-deep-elements",
    ],
);
const KEY_FOR_ANY_NAME: Fault = fault(
    "bsf/soap-key-for-any-name",
    "ZN-08",
    "A NAF gets the key for whatever name it asks for.",
    Seam::Bsf(|policy| policy.network.authorize = |_| true),
    &["zn/soap/no-key-for-a-foreign-name"],
);
const LIFETIME_OF_ITS_OWN: Fault = fault(
    "bsf/soap-lifetime-of-its-own",
    "KD-10",
    "The key has a lifetime of its own, which ends in 2040.",
    Seam::Bsf(|policy| {
        policy.network.soap.info = |info| {
            let key_expiry_time = Some("2040-01-01T00:00:00Z".to_owned());
            let info = InfoResponse {
                key_expiry_time,
                ..info.clone()
            };
            info.emit()
        };
    }),
    &["zn/soap/gives-the-key-of-a-run"],
);
const KEY_OF_CARD_FOR_ANY_NAF: Fault = fault(
    "bsf/soap-key-of-card-for-any-naf",
    "KD-14",
    "There is something in the place of the key of the card, whatever card it is.",
    Seam::Bsf(|policy| {
        policy.network.soap.info = |info| {
            let uicc_key_material = Some(Undisclosed::from([0; 32]));
            let info = InfoResponse {
                uicc_key_material,
                ..info.clone()
            };
            info.emit()
        };
    }),
    &["zn/soap/gives-the-key-of-a-run"],
);

fn holds(body: &[u8], text: &str) -> bool {
    String::from_utf8_lossy(body).contains(text)
}
