//! Faults of a UE at a NAF or PKI portal.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use gbaspec_crypto::digest::Qop;

use super::decisions::{
    chosen_realm, host_of_realm, naf_key_of_swapped_ks, naf_key_with, trusting,
};
use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::role::ClientOutcome;
use crate::ua::REALM_PREFIX;
use crate::ue::{self, NafKeyFacts, NextStep, Proof, ReferencePoint, UsernameFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    AGENT_WITHOUT_GBA_TOKEN,
    USERNAME_IMPI_AT_NAF,
    DROPS_REALM_PREFIX,
    SENDS_CHOSEN_PART_OF_REALM,
    NAF_PASSWORD_RAW,
    NAF_PASSWORD_HEX,
    NAF_PASSWORD_BASE64URL,
    REALM_OF_ANOTHER_HOST,
    NAF_RSPAUTH_NOT_CHECKED,
    NEW_DIGEST_WITH_WITHDRAWN_KEY,
    IK_BEFORE_CK,
    NAF_ID_WITHOUT_PROTOCOL,
    NAF_ID_WITH_HEX_TEXT,
    NAF_ID_WITH_PORT,
    TRUSTS_FORGED_REFUSAL,
    REFUSAL_NEVER_BELIEVED,
    BOOTSTRAPS_AFTER_REFUSAL,
    ENROLS_WITH_A_GET,
    CERTIFICATION_REQUEST_AS_OCTETS,
    QOP_AUTH_AT_NAF,
    BELIEVES_REFUSAL_WITHOUT_PROOF,
];

const AGENT_WITHOUT_GBA_TOKEN: Fault = fault(
    "ue/agent-without-gba-token",
    "UA-5.2.1-01",
    "User-Agent lacks the product token of GBA.",
    Seam::Message(|message| edit::field(message, "User-Agent", "Plain Agent; Release-6")),
    &["ue/enrolment/announces-gba-to-the-portal"],
);
const USERNAME_IMPI_AT_NAF: Fault = fault(
    "ue/username-impi-at-naf",
    "UA-5.2.2-01",
    "The username at a NAF is the private identity.",
    Seam::Ue(|policy| {
        policy.username = |facts| match *facts {
            UsernameFacts::Ub { impi, .. } | UsernameFacts::Ua { impi, .. } => impi.to_owned(),
        };
    }),
    &["ue/enrolment/uses-the-btid-as-username"],
);
const DROPS_REALM_PREFIX: Fault = fault(
    "ue/drops-realm-prefix",
    "UA-5.2.2-03",
    "The realm is sent back without its bootstrapping prefix.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            edit::with_value(list, "realm", host_of_realm);
        });
    }),
    &[
        "ue/enrolment/copies-the-bootstrapping-realm",
        "ue/enrolment/copies-a-list-of-realms",
    ],
);
const SENDS_CHOSEN_PART_OF_REALM: Fault = fault(
    "ue/sends-chosen-part-of-realm",
    "UA-5.2.2-03",
    "Of a list of realms only the part in use is sent back.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            edit::with_value(list, "realm", chosen_realm);
        });
    }),
    &["ue/enrolment/copies-a-list-of-realms"],
);
const NAF_PASSWORD_RAW: Fault = fault(
    "ue/naf-password-raw",
    "UA-5.2.2-02",
    "The password at a NAF is the key itself instead of its base64 text.",
    Seam::Ue(|policy| policy.ua_password = |key| key.expose().to_vec()),
    &[
        "ue/enrolment/uses-the-naf-key-as-password",
        "ue/digest/fetches-with-the-naf-key",
    ],
);
const NAF_PASSWORD_HEX: Fault = fault(
    "ue/naf-password-hex",
    "UA-5.2.2-02",
    "The password at a NAF is the hex text of the key.",
    Seam::Ue(|policy| policy.ua_password = |key| HEXLOWER.encode(key.expose()).into_bytes()),
    &[
        "ue/enrolment/uses-the-naf-key-as-password",
        "ue/digest/fetches-with-the-naf-key",
    ],
);
const NAF_PASSWORD_BASE64URL: Fault = fault(
    "ue/naf-password-base64url",
    "UA-5.2.2-02",
    "The password at a NAF is base64url, with another alphabet and no padding.",
    Seam::Ue(|policy| policy.ua_password = |key| BASE64URL_NOPAD.encode(key.expose()).into_bytes()),
    &[
        "ue/enrolment/uses-the-naf-key-as-password",
        "ue/digest/fetches-with-the-naf-key",
    ],
);
const REALM_OF_ANOTHER_HOST: Fault = fault(
    "ue/realm-of-another-host",
    "UA-5.2.2-05",
    "A realm that names another host than the one contacted is accepted.",
    Seam::Ue(|policy| {
        policy.accept_realm = |check| check.realm.starts_with(REALM_PREFIX.as_bytes());
    }),
    &["ue/enrolment/stops-at-a-realm-of-another-host"],
);
const NAF_RSPAUTH_NOT_CHECKED: Fault = fault(
    "ue/naf-rspauth-not-checked",
    "UA-5.2.2-08",
    "A 200 of a NAF is believed whatever its proof.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ua, 200)),
    &["ue/digest/disbelieves-a-200-with-one-bit-of-rspauth-flipped"],
);
const NEW_DIGEST_WITH_WITHDRAWN_KEY: Fault = fault(
    "ue/new-digest-with-withdrawn-key",
    "UA-5.2.5-02",
    "A 401 to the existing key is answered with the same key again.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match ue::after_refusal(facts) {
            NextStep::BootstrapAgain => NextStep::AnswerAgain,
            step => step,
        };
    }),
    &["ue/digest/bootstraps-when-the-key-is-withdrawn"],
);
const IK_BEFORE_CK: Fault = fault(
    "ue/ik-before-ck",
    "KD-04",
    "Ks is IK and CK instead of CK and IK.",
    Seam::Ue(|policy| policy.naf_key = naf_key_of_swapped_ks),
    &[
        "ue/digest/derives-the-key-from-ck-and-ik",
        "ue/keys/derives-the-key-of-the-portal-from-ck-and-ik",
    ],
);
const NAF_ID_WITHOUT_PROTOCOL: Fault = fault(
    "ue/naf-id-without-protocol",
    "KD-05",
    "NAF_Id lacks the Ua protocol identifier.",
    Seam::Ue(|policy| policy.naf_key = |facts| naf_key_with(facts, facts.fqdn.as_bytes())),
    &[
        "ue/enrolment/binds-the-key-to-the-portal",
        "ue/keys/derives-the-key-of-the-naf-for-its-name-and-protocol",
    ],
);
const NAF_ID_WITH_HEX_TEXT: Fault = fault(
    "ue/naf-id-with-hex-text",
    "KD-05",
    "NAF_Id has the Ua protocol identifier as hex text.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let protocol = HEXLOWER.encode(facts.ua_id.as_bytes());
            naf_key_with(facts, format!("{}{protocol}", facts.fqdn).as_bytes())
        };
    }),
    &[
        "ue/enrolment/binds-the-key-to-the-portal",
        "ue/keys/derives-the-key-of-the-naf-for-its-name-and-protocol",
    ],
);
const NAF_ID_WITH_PORT: Fault = fault(
    "ue/naf-id-with-port",
    "KD-05",
    "NAF_Id has the port behind the host name.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let with_port = format!("{}:80", facts.fqdn);
            ue::naf_key(&NafKeyFacts {
                fqdn: &with_port,
                ..*facts
            })
        };
    }),
    &[
        "ue/enrolment/binds-the-key-to-the-portal",
        "ue/keys/derives-the-key-of-the-naf-for-its-name-and-protocol",
    ],
);
const TRUSTS_FORGED_REFUSAL: Fault = fault(
    "ue/trusts-forged-refusal",
    "PKI-E4-04",
    "A 403 is believed whatever its proof.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ua, 403)),
    &[
        "ue/enrolment/disbelieves-a-403-with-one-bit-of-rspauth-flipped",
        "ue/enrolment/disbelieves-a-403-with-rspauth-over-the-request-body",
        "ue/enrolment/disbelieves-a-403-with-the-method-in-rspauth",
    ],
);
const REFUSAL_NEVER_BELIEVED: Fault = fault(
    "ue/refusal-never-believed",
    "PKI-E4-04",
    "A 403 is no refusal of the portal, however good its proof.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match (facts.point, facts.status) {
            (ReferencePoint::Ua, 403) => ClientOutcome::NotAuthentic,
            _ => ue::judge_result(facts),
        };
    }),
    &[
        "ue/enrolment/believes-a-403-that-proves-itself",
        "ue/enrolment/believes-table-e-4-1-as-printed",
    ],
);
const BOOTSTRAPS_AFTER_REFUSAL: Fault = fault(
    "ue/bootstraps-after-refusal",
    "PKI-E4-06",
    "A 403 starts a new Ub run.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match facts.status {
            403 if facts.point == ReferencePoint::Ua && facts.answers < 2 => {
                NextStep::BootstrapAgain
            }
            _ => ue::after_refusal(facts),
        };
    }),
    &["ue/enrolment/does-not-bootstrap-because-of-a-403"],
);
const ENROLS_WITH_A_GET: Fault = fault(
    "ue/enrols-with-a-get",
    "PKI-6.2-01",
    "The certification request is sent with GET.",
    Seam::Message(|message| {
        if let Some(target) = message.start_line.strip_prefix(b"POST ") {
            message.start_line = [b"GET ", target].concat();
        }
    }),
    &["ue/enrolment/enrols-with-a-post"],
);
const CERTIFICATION_REQUEST_AS_OCTETS: Fault = fault(
    "ue/certification-request-as-octets",
    "PKI-6.2-02",
    "The certification request is sent as application/octet-stream.",
    Seam::Message(|message| edit::field(message, "Content-Type", "application/octet-stream")),
    &["ue/enrolment/sends-a-certification-request"],
);
const QOP_AUTH_AT_NAF: Fault = fault(
    "ue/qop-auth-at-naf",
    "UA-5.2.6-01",
    "The response at a NAF protects with auth although auth-int alone was offered.",
    Seam::Ue(|policy| {
        policy.choose_qop = |offer| match offer.point {
            ReferencePoint::Ub => ue::choose_qop(offer),
            ReferencePoint::Ua => Some(Qop::Auth),
        };
    }),
    &[
        "ue/enrolment/protects-the-certification-request",
        "ue/digest/protects-the-request",
    ],
);
const BELIEVES_REFUSAL_WITHOUT_PROOF: Fault = fault(
    "ue/believes-refusal-without-proof",
    "PKI-E4-04",
    "A 403 without Authentication-Info is a refusal of the portal.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match (facts.point, facts.status, facts.proof) {
            (ReferencePoint::Ua, 403, Proof::Absent) => ClientOutcome::Refused,
            _ => ue::judge_result(facts),
        };
    }),
    &["ue/enrolment/disbelieves-a-403-without-authentication-info"],
);
