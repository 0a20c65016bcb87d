//! Enrolment.

use gbaspec_crypto::digest::{Password, Qop};
use gbaspec_wire::digest_header::AuthenticationInfo;
use gbaspec_wire::http::Message;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::portal::{self, EnrolmentRequest, ResponseForm};
use crate::proof::{self, DigestFacts, InfoFacts, ResponseCheck};
use crate::ua::{self, Rejection};

/// Every fault of a PKI portal, in the order of the requirements.
pub const ALL: &[Fault] = &[
    NO_AUTHENTICATION,
    CHALLENGE_WITHOUT_PREFIX,
    ACCEPTS_ANY_RESPONSE,
    PASSWORD_RAW_OCTETS,
    UNKNOWN_BTID_SERVED,
    FORBIDS_WRONG_DIGEST,
    QOP_AUTH_ACCEPTED,
    BODY_NOT_COVERED,
    RESPONSE_PARAMETER_IGNORED,
    UNKNOWN_FORM_GIVES_500,
    CERTIFICATE_AS_HTML,
    ENROLS_REFUSED_SUBSCRIBER,
    REFUSAL_AS_401,
    REFUSAL_AS_500,
    RSPAUTH_OVER_REQUEST_BODY,
    RSPAUTH_WITH_METHOD,
    RSPAUTH_WITHOUT_QUERY,
    INFO_CNONCE_CHANGED,
    INFO_NC_CHANGED,
    INFO_QOP_QUOTED,
    INFO_RSPAUTH_UNQUOTED,
    EXPIRES_WITH_WRONG_WEEKDAY,
    EXPIRES_BEFORE_DATE,
    NO_AUTHENTICATION_INFO,
    USERNAME_IGNORED,
    MISSING_QOP_ACCEPTED,
    INFO_NAMES_ANOTHER_QOP,
    NC_REPLAY_SERVED,
    UNKNOWN_NONCE_SERVED,
    REFUSAL_WITHOUT_PREFIX,
    QOP_AUTH_OFFERED,
    CHALLENGE_ALGORITHM_QUOTED,
    INFO_NC_QUOTED,
];

const NO_AUTHENTICATION: Fault = fault(
    "portal/no-authentication",
    "PKI-6.2-05",
    "A certificate is issued without authentication.",
    Seam::Ua(|policy| policy.must_authenticate = edit::serves_without_authentication),
    &["pki/enrolment/challenges-a-request-without-credentials"],
);
const CHALLENGE_WITHOUT_PREFIX: Fault = fault(
    "portal/challenge-without-prefix",
    "PKI-6.2-05",
    "The challenge to an unauthenticated POST lacks the bootstrapping realm.",
    Seam::Ua(|policy| policy.challenge = |facts| edit::with_realm(facts, facts.fqdn)),
    &["pki/enrolment/challenges-a-request-without-credentials"],
);
const ACCEPTS_ANY_RESPONSE: Fault = fault(
    "portal/accepts-any-response",
    "PKI-6.2-06",
    "Any 32 hex digits are taken as the response.",
    Seam::Ua(|policy| policy.accept_response = |check| check.response.len() == 32),
    &[
        "pki/enrolment/refuses-the-raw-key",
        "pki/enrolment/refuses-the-key-in-hex",
        "pki/enrolment/refuses-the-key-of-another-naf",
        "pki/enrolment/refuses-a-response-wrong-by-one-bit",
    ],
);
const PASSWORD_RAW_OCTETS: Fault = fault(
    "portal/password-raw-octets",
    "PKI-6.2-06",
    "The digest is checked with the key itself instead of its base64 text.",
    Seam::Ua(|policy| policy.password = |key| key.expose().to_vec()),
    &["pki/enrolment/enrols-an-allowed-subscriber"],
);
const UNKNOWN_BTID_SERVED: Fault = fault(
    "portal/unknown-btid-served",
    "PKI-6.2-06",
    "A B-TID without a key is answered with 200.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::NoKey, 200);
    }),
    &["pki/enrolment/refuses-an-unknown-btid"],
);
const FORBIDS_WRONG_DIGEST: Fault = fault(
    "portal/forbids-wrong-digest",
    "PKI-6.2-06",
    "A wrong response is told the verdict on the enrolment instead of a challenge.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::WrongResponse, 403);
    }),
    &["pki/enrolment/tells-nobody-else-of-the-refusal"],
);
const QOP_AUTH_ACCEPTED: Fault = fault(
    "portal/qop-auth-accepted",
    "PKI-6.2-08",
    "A POST with qop=auth is served, so the certification request is not protected.",
    Seam::Ua(|policy| policy.accept_qop = |qop| qop.is_some()),
    &[
        "pki/enrolment/advises-against-qop-auth",
        "pki/enrolment/refuses-qop-auth",
    ],
);
const BODY_NOT_COVERED: Fault = fault(
    "portal/body-not-covered",
    "PKI-6.2-08",
    "The response is accepted for any body, so an altered certification request passes.",
    Seam::Ua(|policy| policy.accept_response = accept_over_any_body),
    &["pki/enrolment/refuses-an-altered-certification-request"],
);
const RESPONSE_PARAMETER_IGNORED: Fault = fault(
    "portal/response-parameter-ignored",
    "PKI-6.2-03",
    "The response parameter is ignored.",
    Seam::Ua(|policy| policy.portal.form = |_| Some(ResponseForm::Single)),
    &[
        "pki/enrolment/refuses-an-unknown-form",
        "pki/forms/answers-with-a-chain",
        "pki/forms/answers-with-a-pointer",
    ],
);
const UNKNOWN_FORM_GIVES_500: Fault = fault(
    "portal/unknown-form-gives-500",
    "PKI-6.2-03",
    "An unknown response parameter leads to 500.",
    Seam::Ua(|policy| policy.portal.enrolment_status = |request| replacing(request, 400, 500)),
    &["pki/enrolment/refuses-an-unknown-form"],
);
const CERTIFICATE_AS_HTML: Fault = fault(
    "portal/certificate-as-html",
    "PKI-6.2-04",
    "The certificate is sent as text/html.",
    Seam::Message(|message| {
        if message.status() == Ok(200) {
            edit::field(message, "Content-Type", "text/html");
        }
    }),
    &["pki/enrolment/labels-the-certificate"],
);
const ENROLS_REFUSED_SUBSCRIBER: Fault = fault(
    "portal/enrols-refused-subscriber",
    "PKI-E4-01",
    "A subscriber without permission gets a certificate.",
    Seam::Ua(|policy| policy.portal.enrolment_status = |request| replacing(request, 403, 200)),
    &["pki/enrolment/refuses-a-subscriber-who-may-not-enrol"],
);
const REFUSAL_AS_401: Fault = fault(
    "portal/refusal-as-401",
    "PKI-E4-01",
    "A subscriber without permission is challenged again and again.",
    Seam::Message(|message| {
        edit::status(message, 403, "401 Unauthorized");
    }),
    &["pki/enrolment/refuses-a-subscriber-who-may-not-enrol"],
);
const REFUSAL_AS_500: Fault = fault(
    "portal/refusal-as-500",
    "PKI-E4-01",
    "A subscriber without permission gets 500.",
    Seam::Ua(|policy| policy.portal.enrolment_status = |request| replacing(request, 403, 500)),
    &["pki/enrolment/refuses-a-subscriber-who-may-not-enrol"],
);
const RSPAUTH_OVER_REQUEST_BODY: Fault = fault(
    "portal/rspauth-over-request-body",
    "PKI-E4-02",
    "rspauth of the 403 covers the body of the request.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            proof::authentication_info(&InfoFacts {
                body: &info.facts.body,
                ..*info
            })
        };
    }),
    &["pki/enrolment/proves-itself-with-the-403"],
);
const RSPAUTH_WITH_METHOD: Fault = fault(
    "portal/rspauth-with-method",
    "PKI-E4-02",
    "A2 of rspauth has the method.",
    Seam::Ua(|policy| policy.authentication_info = |info| Some(edit::rspauth_with_method(info))),
    &["pki/enrolment/proves-itself-with-the-403"],
);
const RSPAUTH_WITHOUT_QUERY: Fault = fault(
    "portal/rspauth-without-query",
    "PKI-E4-02",
    "rspauth covers the path without its query.",
    Seam::Ua(|policy| policy.authentication_info = |info| Some(rspauth_without_query(info))),
    &["pki/enrolment/proves-itself-with-the-403"],
);
const INFO_CNONCE_CHANGED: Fault = fault(
    "portal/info-cnonce-changed",
    "PKI-E4-03",
    "Authentication-Info has another cnonce than the request.",
    Seam::Message(|message| {
        edit::info(message, |list| {
            list.set_raw("cnonce", b"\"00000000000000000000000000000000\"");
        });
    }),
    &["pki/enrolment/repeats-nc-and-cnonce-in-the-403"],
);
const INFO_NC_CHANGED: Fault = fault(
    "portal/info-nc-changed",
    "PKI-E4-03",
    "Authentication-Info counts on instead of repeating nc.",
    Seam::Message(|message| edit::info(message, |list| list.set_raw("nc", b"00000002"))),
    &["pki/enrolment/repeats-nc-and-cnonce-in-the-403"],
);
const INFO_QOP_QUOTED: Fault = fault(
    "portal/info-qop-quoted",
    "PKI-E4-03",
    "qop of Authentication-Info is quoted.",
    Seam::Message(|message| edit::info(message, |list| edit::quote(list, "qop"))),
    &["pki/enrolment/repeats-nc-and-cnonce-in-the-403"],
);
const INFO_RSPAUTH_UNQUOTED: Fault = fault(
    "portal/info-rspauth-unquoted",
    "PKI-E4-03",
    "rspauth of Authentication-Info is not quoted.",
    Seam::Message(|message| edit::info(message, |list| edit::unquote(list, "rspauth"))),
    &["pki/enrolment/repeats-nc-and-cnonce-in-the-403"],
);
const EXPIRES_WITH_WRONG_WEEKDAY: Fault = fault(
    "portal/expires-with-wrong-weekday",
    "PKI-E4-05",
    "Expires has a weekday that does not fit its date.",
    Seam::Message(wrong_weekday),
    &["pki/enrolment/dates-the-403"],
);
const EXPIRES_BEFORE_DATE: Fault = fault(
    "portal/expires-before-date",
    "PKI-E4-05",
    "Expires is a moment long before Date.",
    Seam::Message(|message| edit::field(message, "Expires", "Thu, 01 Jan 1970 00:00:00 GMT")),
    &["pki/enrolment/dates-the-403"],
);
const NO_AUTHENTICATION_INFO: Fault = fault(
    "portal/no-authentication-info",
    "UA-5.2.2-07",
    "The answer with the certificate has no Authentication-Info.",
    Seam::Ua(|policy| policy.authentication_info = |_| None),
    &["pki/enrolment/proves-itself-with-the-certificate"],
);

const USERNAME_IGNORED: Fault = fault(
    "portal/username-ignored",
    "PKI-6.2-06",
    "A response is right if any key fits, whatever the username.",
    Seam::Ua(|policy| policy.names_key = |_| true),
    &[
        "pki/enrolment/refuses-the-right-key-under-a-foreign-btid",
        "pki/enrolment/knows-nobody-under-a-foreign-btid",
    ],
);
const MISSING_QOP_ACCEPTED: Fault = fault(
    "portal/missing-qop-accepted",
    "PKI-6.2-08",
    "A response in the form of RFC 2069, without qop, is accepted.",
    Seam::Ua(|policy| policy.accept_qop = |qop| qop != Some(Qop::Auth)),
    &["pki/enrolment/refuses-missing-qop"],
);
const INFO_NAMES_ANOTHER_QOP: Fault = fault(
    "portal/info-names-another-qop",
    "UA-5.2.2-07",
    "Authentication-Info says auth, but its rspauth is that of auth-int.",
    Seam::Message(|message| edit::info(message, |list| list.set_raw("qop", b"auth"))),
    &["pki/enrolment/proves-itself-with-the-certificate"],
);
const NC_REPLAY_SERVED: Fault = fault(
    "portal/nc-replay-served",
    "UA-5.2.2-09",
    "A request with a nonce count that was used before is served.",
    Seam::Ua(|policy| policy.accept_nonce_count = |count| count.highest.is_some()),
    &["pki/enrolment/refuses-a-repeated-nonce-count"],
);
const UNKNOWN_NONCE_SERVED: Fault = fault(
    "portal/unknown-nonce-served",
    "UA-5.2.2-09",
    "A nonce that this portal never issued is as good as one of its own.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count =
            |count| count.highest.is_none() || ua::accept_nonce_count(count);
    }),
    &["pki/enrolment/refuses-a-nonce-never-issued"],
);
const REFUSAL_WITHOUT_PREFIX: Fault = fault(
    "portal/refusal-without-prefix",
    "UA-5.2.3-01",
    "The challenge after a wrong response or an unknown B-TID lacks the bootstrapping prefix.",
    Seam::Ua(|policy| {
        policy.challenge = |facts| match facts.rejection {
            Rejection::NoCredentials => ua::challenge(facts),
            _ => edit::with_realm(facts, facts.fqdn),
        };
    }),
    &["pki/enrolment/refuses-an-unknown-btid"],
);
const QOP_AUTH_OFFERED: Fault = fault(
    "portal/qop-auth-offered",
    "UA-5.2.6-01",
    "The challenge offers auth only.",
    Seam::Message(|message| edit::challenge(message, |list| list.set_raw("qop", b"\"auth\""))),
    &["pki/enrolment/offers-integrity-protection"],
);
const CHALLENGE_ALGORITHM_QUOTED: Fault = fault(
    "portal/challenge-algorithm-quoted",
    "DG-04",
    "The algorithm of the challenge is quoted.",
    Seam::Message(|message| edit::challenge(message, |list| edit::quote(list, "algorithm"))),
    &["pki/enrolment/directives-are-quoted-as-the-digest-rules-say"],
);
const INFO_NC_QUOTED: Fault = fault(
    "portal/info-nc-quoted",
    "DG-04",
    "nc of the Authentication-Info beside the certificate is quoted.",
    Seam::Message(|message| {
        if message.status() == Ok(200) {
            edit::info(message, |list| edit::quote(list, "nc"));
        }
    }),
    &["pki/enrolment/directives-are-quoted-as-the-digest-rules-say"],
);

/// The right verdict, with one status code replaced.
fn replacing(request: &EnrolmentRequest<'_>, from: u16, to: u16) -> u16 {
    let status = portal::enrolment_status(request);
    if status == from { to } else { status }
}

/// Takes the right response, and any other one with auth-int: whoever leaves the body out of the
/// check cannot tell a wrong digest from one over another body.
fn accept_over_any_body(check: &ResponseCheck<'_>) -> bool {
    let covers_body = check.facts.qop == Some(Qop::AuthInt);
    (covers_body && check.response.len() == 32) || proof::accept_response(check)
}

fn rspauth_without_query(info: &InfoFacts<'_>) -> AuthenticationInfo {
    let path = info.facts.uri.split(|&octet| octet == b'?').next();
    let cut = DigestFacts {
        uri: path.unwrap_or_default().to_vec(),
        ..info.facts.clone()
    };
    let digest = cut.input(Password::Octets(info.password), info.body);
    proof::signed_with(info.facts, digest.rspauth())
}

/// Writes the weekday after the right one.
fn wrong_weekday(message: &mut Message) {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    let Some(field) = message.field("Expires") else {
        return;
    };
    let right = String::from_utf8_lossy(&field.value).into_owned();
    let place = DAYS.iter().position(|day| right.starts_with(day));
    if let (Some(place), Some((_, date))) = (place, right.split_once(',')) {
        message.set("Expires", format!("{},{date}", DAYS[(place + 1) % 7]));
    }
}
