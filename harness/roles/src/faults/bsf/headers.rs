//! Faults of a BSF in what stands around challenge and document: schemes, dates, caches, framing.

use gbaspec_crypto::digest::{Password, Qop};
use gbaspec_wire::http::Message;

use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::proof::{self, DigestFacts, InfoFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    CHALLENGES_NOBODY,
    BASIC_BESIDE_DIGEST,
    NO_SERVER_HEADER,
    CONTENT_TYPE_WITH_ODD_CHARSET,
    RSPAUTH_UNDER_QOP_AUTH,
    RSPAUTH_WITH_URI_AS_METHOD,
    CNONCE_CUT_AT_COMMA,
    HASH_OVER_CHUNKS,
    INFO_WITHOUT_QOP,
    EXPIRES_IN_LOCAL_TIME,
    EXPIRES_WITH_WRONG_WEEKDAY,
    EXPIRES_BEFORE_DATE,
    EXPIRES_UNLIKE_LIFETIME,
    RESULT_FOR_SHARED_CACHES,
    EVERY_CHALLENGE_STALE,
];

const CHALLENGES_NOBODY: Fault = fault(
    "bsf/challenges-nobody",
    "UB-4.2-20",
    "The first request is answered with 200 and no challenge.",
    Seam::Message(|message| {
        edit::status(message, 401, "200 OK");
        message.remove("WWW-Authenticate");
    }),
    &["ub/bootstrap/first-request-is-challenged"],
);
const BASIC_BESIDE_DIGEST: Fault = fault(
    "bsf/basic-beside-digest",
    "UB-4.2-20",
    "The challenge offers Basic beside Digest.",
    Seam::Message(|message| {
        if message.status() == Ok(401) {
            message.push("WWW-Authenticate", "Basic realm=\"bsf.home1.net\"");
        }
    }),
    &["ub/bootstrap/offers-no-basic-beside-digest"],
);
const NO_SERVER_HEADER: Fault = fault(
    "bsf/no-server-header",
    "UB-4.2-28",
    "No answer names its server.",
    Seam::Message(|message| message.remove("Server")),
    &["ub/bootstrap/names-its-server-product"],
);
const CONTENT_TYPE_WITH_ODD_CHARSET: Fault = fault(
    "bsf/content-type-with-odd-charset",
    "UB-4.2-50",
    "The media type of the document has a charset that the document does not use.",
    Seam::Message(|message| {
        let odd = "application/vnd.3gpp.bsf+xml; charset=\"x-unknown\"";
        on_success(message, |message| edit::field(message, "Content-Type", odd));
    }),
    &["ub/bootstrap/media-type-has-no-odd-charset"],
);
const RSPAUTH_UNDER_QOP_AUTH: Fault = fault(
    "bsf/rspauth-under-qop-auth",
    "UB-4.2-56",
    "rspauth is computed under auth, without the body, while qop says auth-int.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            let facts = DigestFacts {
                qop: Some(Qop::Auth),
                ..info.facts.clone()
            };
            let digest = facts.input(Password::Octets(info.password), info.body);
            Some(proof::signed_with(info.facts, digest.rspauth()))
        };
    }),
    &["ub/bootstrap/rspauth-proves-the-body"],
);
const RSPAUTH_WITH_URI_AS_METHOD: Fault = fault(
    "bsf/rspauth-with-uri-as-method",
    "DG-03",
    "A2 of rspauth has the uri where the method of a request stands.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            let facts = DigestFacts {
                method: info.facts.uri.clone(),
                ..info.facts.clone()
            };
            let digest = facts.input(Password::Octets(info.password), info.body);
            Some(proof::signed_with(info.facts, digest.response()))
        };
    }),
    &["ub/digest/rspauth-covers-an-odd-cnonce"],
);
const CNONCE_CUT_AT_COMMA: Fault = fault(
    "bsf/cnonce-cut-at-comma",
    "DG-03",
    "A comma in the cnonce of the request ends it in the answer.",
    Seam::Bsf(|policy| {
        policy.authentication_info = |info| {
            let facts = DigestFacts {
                cnonce: before_comma(&info.facts.cnonce),
                ..info.facts.clone()
            };
            proof::authentication_info(&InfoFacts {
                facts: &facts,
                ..*info
            })
        };
    }),
    &["ub/digest/rspauth-covers-an-odd-cnonce"],
);
const HASH_OVER_CHUNKS: Fault = fault(
    "bsf/hash-over-chunks",
    "DG-02",
    "The 200 is chunked, and rspauth covers the chunks instead of the body.",
    Seam::Bsf(|policy| {
        policy.frame_success = |mut message, body| {
            message.push("Transfer-Encoding", "chunked");
            message.body = edit::one_chunk(body);
            message
        };
        policy.authentication_info = |info| {
            proof::authentication_info(&InfoFacts {
                body: &edit::one_chunk(info.body),
                ..*info
            })
        };
    }),
    &["ub/digest/rspauth-covers-the-body-before-its-coding"],
);
const INFO_WITHOUT_QOP: Fault = fault(
    "bsf/info-without-qop",
    "DG-01",
    "Authentication-Info leaves out qop.",
    Seam::Message(|message| edit::info(message, |list| list.remove("qop"))),
    &["ub/bootstrap/rspauth-is-lower-case-hex"],
);
const EXPIRES_IN_LOCAL_TIME: Fault = fault(
    "bsf/expires-in-local-time",
    "UB-4.2-58",
    "Expires has a zone of its own instead of GMT.",
    Seam::Message(|message| change_expires(message, |date| date.replace("GMT", "+0100"))),
    &["ub/bootstrap/expires-fits-date-and-lifetime"],
);
const EXPIRES_WITH_WRONG_WEEKDAY: Fault = fault(
    "bsf/expires-with-wrong-weekday",
    "UB-4.2-58",
    "The weekday of Expires is not that of its date.",
    Seam::Message(|message| {
        change_expires(message, |date| {
            let other = if date.starts_with("Mon") {
                "Tue"
            } else {
                "Mon"
            };
            format!("{other}{}", date.get(3..).unwrap_or_default())
        });
    }),
    &["ub/bootstrap/expires-fits-date-and-lifetime"],
);
const EXPIRES_BEFORE_DATE: Fault = fault(
    "bsf/expires-before-date",
    "UB-4.2-58",
    "Expires lies before Date.",
    Seam::Message(|message| {
        change_expires(message, |_| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned());
    }),
    &["ub/bootstrap/expires-fits-date-and-lifetime"],
);
const EXPIRES_UNLIKE_LIFETIME: Fault = fault(
    "bsf/expires-unlike-lifetime",
    "UB-4.2-58",
    "Expires lies years beyond the lifetime of the session.",
    Seam::Message(|message| {
        change_expires(message, |_| "Fri, 31 Dec 9999 23:59:59 GMT".to_owned());
    }),
    &["ub/bootstrap/expires-fits-date-and-lifetime"],
);
const RESULT_FOR_SHARED_CACHES: Fault = fault(
    "bsf/result-for-shared-caches",
    "UB-4.2-59",
    "Any cache may keep the result of the run.",
    Seam::Message(|message| edit::field(message, "Cache-Control", "public, max-age=3600")),
    &["ub/bootstrap/keeps-the-result-out-of-shared-caches"],
);
const EVERY_CHALLENGE_STALE: Fault = fault(
    "bsf/every-challenge-stale",
    "DG-06",
    "Every challenge says stale=true, also after a wrong response.",
    Seam::Message(|message| edit::challenge(message, |list| list.set_raw("stale", b"true"))),
    &["ub/digest/calls-no-wrong-response-stale"],
);

fn on_success(message: &mut Message, change: impl FnOnce(&mut Message)) {
    if message.status() == Ok(200) {
        change(message);
    }
}

fn change_expires(message: &mut Message, change: impl FnOnce(&str) -> String) {
    let date = message
        .field("Expires")
        .and_then(|field| String::from_utf8(field.value.clone()).ok());
    if let Some(date) = date {
        message.set("Expires", change(date.trim()));
    }
}

fn before_comma(text: &[u8]) -> Vec<u8> {
    let first = text.split(|&octet| octet == b',').next();
    first.unwrap_or_default().to_vec()
}
