//! Faults of the 200 that ends a Ub run.

use gbaspec_crypto::kdf;
use gbaspec_crypto::token::Rand;

use super::fault;
use crate::bsf::{self, SuccessFacts};
use crate::faults::{Fault, Seam, edit};
use crate::proof::{self, InfoFacts};
use crate::text;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    SUCCESS_AS_TEXT_XML,
    SUCCESS_WITHOUT_BODY,
    XML_WITHOUT_NAMESPACE,
    XML_URN_NAMESPACE,
    XML_ORDER_SWAPPED,
    XML_ATTRIBUTES,
    XML_EXTENSION_FIRST,
    LIFETIME_WITH_OFFSET,
    LIFETIME_WITHOUT_ZONE,
    LIFETIME_IN_SECONDS,
    LIFETIME_IN_THE_PAST,
    CURRENT_TIME_BESIDE_BTID,
    CURRENT_TIME_WITH_OFFSET,
    BTID_HEX,
    BTID_WRONG_HOST,
    BTID_NOT_FROM_RAND,
    NO_AUTHENTICATION_INFO,
    RSPAUTH_WITH_METHOD,
    RSPAUTH_OVER_EMPTY_BODY,
    RSPAUTH_WITH_EMPTY_PASSWORD,
    RSPAUTH_UPPER_CASE,
    INFO_CNONCE_CHANGED,
    INFO_NC_CHANGED,
    INFO_QOP_QUOTED,
    INFO_NC_QUOTED,
];

const SUCCESS_AS_TEXT_XML: Fault = fault(
    "bsf/success-as-text-xml",
    "UB-4.2-50",
    "The document of the 200 is sent as text/xml.",
    Seam::Message(|message| {
        if message.status() == Ok(200) {
            edit::field(message, "Content-Type", "text/xml");
        }
    }),
    &["ub/bootstrap/full-run"],
);
const SUCCESS_WITHOUT_BODY: Fault = fault(
    "bsf/success-without-body",
    "UB-4.2-50",
    "The 200 has no body.",
    Seam::Bsf(|policy| policy.success_body = |_| String::new()),
    &["ub/bootstrap/full-run"],
);
const XML_WITHOUT_NAMESPACE: Fault = fault(
    "bsf/xml-without-namespace",
    "UB-4.2-51",
    "The document has no namespace.",
    Seam::Bsf(|policy| policy.success_body = |facts| body_with(facts, NAMESPACE, "")),
    &["ub/bootstrap/bootstrapping-info-follows-the-schema"],
);
const XML_URN_NAMESPACE: Fault = fault(
    "bsf/xml-urn-namespace",
    "UB-4.2-51",
    "The namespace is a URN.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| body_with(facts, NAMESPACE, " xmlns=\"urn:3gpp-gba\"");
    }),
    &["ub/bootstrap/bootstrapping-info-follows-the-schema"],
);
const XML_ORDER_SWAPPED: Fault = fault(
    "bsf/xml-order-swapped",
    "UB-4.2-51",
    "lifetime stands before btid.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| {
            let (btid, lifetime) = elements(facts);
            document(NAMESPACE, &[lifetime, btid])
        };
    }),
    &["ub/bootstrap/bootstrapping-info-follows-the-schema"],
);
const XML_ATTRIBUTES: Fault = fault(
    "bsf/xml-attributes",
    "UB-4.2-51",
    "btid and lifetime are attributes instead of elements.",
    Seam::Bsf(|policy| policy.success_body = body_of_attributes),
    &["ub/bootstrap/bootstrapping-info-follows-the-schema"],
);
const XML_EXTENSION_FIRST: Fault = fault(
    "bsf/xml-extension-first",
    "UB-4.2-51",
    "Extension stands before btid.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| {
            let (btid, lifetime) = elements(facts);
            let extension = "  <Extension/>\n".to_owned();
            document(NAMESPACE, &[extension, btid, lifetime])
        };
    }),
    &["ub/bootstrap/bootstrapping-info-follows-the-schema"],
);
const LIFETIME_WITH_OFFSET: Fault = fault(
    "bsf/lifetime-with-offset",
    "UB-4.2-52",
    "lifetime has a zone offset instead of Z.",
    Seam::Bsf(|policy| policy.success_body = |facts| body_with(facts, ZONE, "+00:00</lifetime>")),
    &["ub/bootstrap/lifetime-is-utc-and-in-the-future"],
);
const LIFETIME_WITHOUT_ZONE: Fault = fault(
    "bsf/lifetime-without-zone",
    "UB-4.2-52",
    "lifetime has no zone.",
    Seam::Bsf(|policy| policy.success_body = |facts| body_with(facts, ZONE, "</lifetime>")),
    &["ub/bootstrap/lifetime-is-utc-and-in-the-future"],
);
const LIFETIME_IN_SECONDS: Fault = fault(
    "bsf/lifetime-in-seconds",
    "UB-4.2-52",
    "lifetime is a count of seconds.",
    Seam::Bsf(|policy| policy.success_body = body_with_seconds),
    &["ub/bootstrap/lifetime-is-utc-and-in-the-future"],
);
const LIFETIME_IN_THE_PAST: Fault = fault(
    "bsf/lifetime-in-the-past",
    "UB-4.2-52",
    "lifetime ended an hour ago.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| {
            let expires = facts.now.plus_seconds(-3600);
            bsf::success_body(&SuccessFacts { expires, ..*facts })
        };
    }),
    &["ub/bootstrap/lifetime-is-utc-and-in-the-future"],
);
const CURRENT_TIME_BESIDE_BTID: Fault = fault(
    "bsf/current-time-beside-btid",
    "UB-4.2-53",
    "currenttime is a sibling of btid instead of a child of Extension.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| {
            let (btid, lifetime) = elements(facts);
            let now = text::utc_date_time(facts.now);
            let current = format!("  <currenttime>{now}</currenttime>\n");
            document(NAMESPACE, &[btid, lifetime, current])
        };
    }),
    &["ub/bootstrap/current-time-stands-in-the-extension"],
);
const CURRENT_TIME_WITH_OFFSET: Fault = fault(
    "bsf/current-time-with-offset",
    "UB-4.2-53",
    "currenttime has a zone offset instead of Z.",
    Seam::Bsf(|policy| {
        policy.success_body = |facts| {
            let (btid, lifetime) = elements(facts);
            let now = text::utc_date_time(facts.now).replace('Z', "+00:00");
            let current = format!("  <Extension><currenttime>{now}</currenttime></Extension>\n");
            document(NAMESPACE, &[btid, lifetime, current])
        };
    }),
    &["ub/bootstrap/current-time-stands-in-the-extension"],
);
const BTID_HEX: Fault = fault(
    "bsf/btid-hex",
    "UB-4.2-55",
    "The B-TID has RAND as hex text.",
    Seam::Bsf(|policy| {
        policy.btid = |facts| format!("{}@{}", text::hex(facts.rand.as_bytes()), facts.fqdn);
    }),
    &[
        "ub/bootstrap/runs-of-two-users-interleave",
        "ub/bootstrap/btid-names-the-vector-and-the-bsf",
        "ub/bootstrap/each-run-has-its-own-btid",
    ],
);
const BTID_WRONG_HOST: Fault = fault(
    "bsf/btid-wrong-host",
    "UB-4.2-55",
    "The B-TID names the home domain instead of the BSF.",
    Seam::Bsf(|policy| policy.btid = |facts| kdf::btid(facts.rand, "home1.net")),
    &["ub/bootstrap/btid-names-the-vector-and-the-bsf"],
);
const BTID_NOT_FROM_RAND: Fault = fault(
    "bsf/btid-not-from-rand",
    "UB-4.2-55",
    "The B-TID has an identifier of its own instead of RAND.",
    Seam::Bsf(|policy| {
        policy.btid = |facts| {
            let own = facts.rand.as_bytes().map(|octet| octet ^ 0xff);
            kdf::btid(Rand::from(own), facts.fqdn)
        };
    }),
    &[
        "ub/bootstrap/runs-of-two-users-interleave",
        "ub/bootstrap/btid-names-the-vector-and-the-bsf",
        "ub/bootstrap/each-run-has-its-own-btid",
    ],
);
const NO_AUTHENTICATION_INFO: Fault = fault(
    "bsf/no-authentication-info",
    "UB-4.2-56",
    "The 200 has no Authentication-Info.",
    Seam::Bsf(|policy| policy.authentication_info = |_| None),
    &[
        "ub/bootstrap/authentication-info-repeats-the-request",
        "ub/bootstrap/rspauth-proves-the-body",
    ],
);
const RSPAUTH_WITH_METHOD: Fault = fault(
    "bsf/rspauth-with-method",
    "UB-4.2-56",
    "A2 of rspauth has the method.",
    Seam::Bsf(|policy| policy.authentication_info = |info| Some(edit::rspauth_with_method(info))),
    &["ub/bootstrap/rspauth-proves-the-body"],
);
const RSPAUTH_OVER_EMPTY_BODY: Fault = fault(
    "bsf/rspauth-over-empty-body",
    "UB-4.2-56",
    "rspauth is computed over an empty body.",
    Seam::Bsf(|policy| {
        policy.authentication_info =
            |info| proof::authentication_info(&InfoFacts { body: b"", ..*info });
    }),
    &["ub/bootstrap/rspauth-proves-the-body"],
);
const RSPAUTH_WITH_EMPTY_PASSWORD: Fault = fault(
    "bsf/rspauth-with-empty-password",
    "UB-4.2-56",
    "rspauth is not keyed with XRES.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            proof::authentication_info(&InfoFacts {
                password: b"",
                ..*info
            })
        };
    }),
    &["ub/bootstrap/rspauth-proves-the-body"],
);
const RSPAUTH_UPPER_CASE: Fault = fault(
    "bsf/rspauth-upper-case",
    "DG-01",
    "rspauth is written in upper case.",
    Seam::Message(|message| {
        edit::info(message, |list| {
            edit::with_value(list, "rspauth", |value| {
                [b"\"", value.to_ascii_uppercase().as_slice(), b"\""].concat()
            });
        });
    }),
    &["ub/bootstrap/rspauth-is-lower-case-hex"],
);
const INFO_CNONCE_CHANGED: Fault = fault(
    "bsf/info-cnonce-changed",
    "UB-4.2-56",
    "Authentication-Info has another cnonce than the request.",
    Seam::Message(|message| {
        edit::info(message, |list| {
            list.set_raw("cnonce", b"\"00000000000000000000000000000000\"");
        });
    }),
    &["ub/bootstrap/authentication-info-repeats-the-request"],
);
const INFO_NC_CHANGED: Fault = fault(
    "bsf/info-nc-changed",
    "UB-4.2-56",
    "Authentication-Info counts on instead of repeating nc.",
    Seam::Message(|message| edit::info(message, |list| list.set_raw("nc", b"00000002"))),
    &["ub/bootstrap/authentication-info-repeats-the-request"],
);
const INFO_QOP_QUOTED: Fault = fault(
    "bsf/info-qop-quoted",
    "UB-4.2-56",
    "qop of Authentication-Info is quoted.",
    Seam::Message(|message| edit::info(message, |list| edit::quote(list, "qop"))),
    &["ub/bootstrap/authentication-info-repeats-the-request"],
);
const INFO_NC_QUOTED: Fault = fault(
    "bsf/info-nc-quoted",
    "DG-04",
    "nc of Authentication-Info is quoted.",
    Seam::Message(|message| edit::info(message, |list| edit::quote(list, "nc"))),
    &["ub/bootstrap/directives-are-quoted-as-the-digest-rules-say"],
);

const NAMESPACE: &str = " xmlns=\"uri:3gpp-gba\"";
const ZONE: &str = "Z</lifetime>";

/// The right document with one piece of text replaced.
fn body_with(facts: &SuccessFacts<'_>, from: &str, to: &str) -> String {
    bsf::success_body(facts).replace(from, to)
}

fn body_with_seconds(facts: &SuccessFacts<'_>) -> String {
    let lifetime = text::utc_date_time(facts.expires);
    let seconds = facts.expires.unix_seconds() - facts.now.unix_seconds();
    body_with(facts, &lifetime, &seconds.to_string())
}

fn body_of_attributes(facts: &SuccessFacts<'_>) -> String {
    let (btid, lifetime) = (facts.btid, text::utc_date_time(facts.expires));
    let attributes = format!("{NAMESPACE} btid=\"{btid}\" lifetime=\"{lifetime}\"");
    document(&attributes, &[])
}

fn elements(facts: &SuccessFacts<'_>) -> (String, String) {
    let lifetime = text::utc_date_time(facts.expires);
    (
        format!("  <btid>{}</btid>\n", facts.btid),
        format!("  <lifetime>{lifetime}</lifetime>\n"),
    )
}

fn document(attributes: &str, elements: &[String]) -> String {
    let content = elements.concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BootstrappingInfo{attributes}>\n{content}</BootstrappingInfo>\n"
    )
}
