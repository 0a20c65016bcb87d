//! Digest with the key of a NAF.

use gbaspec_crypto::digest::Qop;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::{self, REALM_PREFIX, Rejection};

/// Every fault of a NAF, in the order of the requirements.
pub const ALL: &[Fault] = &[
    SERVES_WITHOUT_AUTHENTICATION,
    REALM_WITHOUT_PREFIX,
    REALM_LOWER_CASE,
    REALM_WITHOUT_HOST,
    REALM_IS_PRODUCT_NAME,
    PASSWORD_RAW_OCTETS,
    NO_AUTHENTICATION_INFO,
    RSPAUTH_WITH_METHOD,
    NC_REPLAY_SERVED,
    ACCEPTS_ANY_RESPONSE,
    WRONG_DIGEST_GIVES_403,
    UNKNOWN_BTID_GIVES_500,
    EXPIRED_KEY_SERVED,
    STALE_FOR_WRONG_DIGEST,
    INFO_NAMES_ANOTHER_QOP,
    UNKNOWN_NONCE_SERVED,
    USERNAME_IGNORED,
    COMPARES_PREFIX_OF_RESPONSE,
    REFUSAL_WITHOUT_PREFIX,
    QOP_NOT_OFFERED,
    QOP_AUTH_ACCEPTED,
    MISSING_QOP_ACCEPTED,
    CHALLENGE_ALGORITHM_QUOTED,
    INFO_NC_QUOTED,
];

const SERVES_WITHOUT_AUTHENTICATION: Fault = fault(
    "naf/serves-without-authentication",
    "UA-5.2.4-01",
    "The page is served without any challenge.",
    Seam::Ua(|policy| policy.must_authenticate = edit::serves_without_authentication),
    &["ua/digest/asks-for-bootstrapping"],
);
const REALM_WITHOUT_PREFIX: Fault = fault(
    "naf/realm-without-prefix",
    "UA-5.2.4-01",
    "The realm is the host name alone.",
    Seam::Ua(|policy| policy.challenge = |facts| edit::with_realm(facts, facts.fqdn)),
    &["ua/digest/asks-for-bootstrapping"],
);
const REALM_LOWER_CASE: Fault = fault(
    "naf/realm-lower-case",
    "UA-5.2.4-01",
    "The prefix of the realm is in lower case.",
    Seam::Ua(|policy| {
        policy.challenge =
            |facts| edit::with_realm(facts, &format!("3gpp-bootstrapping@{}", facts.fqdn));
    }),
    &["ua/digest/asks-for-bootstrapping"],
);
const REALM_WITHOUT_HOST: Fault = fault(
    "naf/realm-without-host",
    "UA-5.2.4-01",
    "The realm lacks the host name.",
    Seam::Ua(|policy| policy.challenge = |facts| edit::with_realm(facts, REALM_PREFIX)),
    &["ua/digest/asks-for-bootstrapping"],
);
const REALM_IS_PRODUCT_NAME: Fault = fault(
    "naf/realm-is-product-name",
    "UA-5.2.4-01",
    "The realm is a product name.",
    Seam::Ua(|policy| {
        policy.challenge = |facts| edit::with_realm(facts, "NAF1 Application Server");
    }),
    &["ua/digest/asks-for-bootstrapping"],
);
const PASSWORD_RAW_OCTETS: Fault = fault(
    "naf/password-raw-octets",
    "UA-5.2.2-02",
    "The password is the key itself instead of its base64 text.",
    Seam::Ua(|policy| policy.password = |key| key.expose().to_vec()),
    &["ua/digest/serves-the-right-key"],
);
const NO_AUTHENTICATION_INFO: Fault = fault(
    "naf/no-authentication-info",
    "UA-5.2.2-07",
    "The 200 has no Authentication-Info.",
    Seam::Ua(|policy| policy.authentication_info = |_| None),
    &["ua/digest/proves-itself-with-the-resource"],
);
const RSPAUTH_WITH_METHOD: Fault = fault(
    "naf/rspauth-with-method",
    "UA-5.2.2-07",
    "A2 of rspauth has the method.",
    Seam::Ua(|policy| policy.authentication_info = |info| Some(edit::rspauth_with_method(info))),
    &["ua/digest/proves-itself-with-the-resource"],
);
const NC_REPLAY_SERVED: Fault = fault(
    "naf/nc-replay-served",
    "UA-5.2.2-09",
    "A request with a nonce count that was used before is served.",
    Seam::Ua(|policy| policy.accept_nonce_count = |count| count.highest.is_some()),
    &["ua/digest/refuses-a-repeated-nonce-count"],
);
const ACCEPTS_ANY_RESPONSE: Fault = fault(
    "naf/accepts-any-response",
    "UA-5.2.3-01",
    "Any 32 hex digits are taken as the response.",
    Seam::Ua(|policy| policy.accept_response = |check| check.response.len() == 32),
    &["ua/digest/refuses-the-key-of-another-naf"],
);
const WRONG_DIGEST_GIVES_403: Fault = fault(
    "naf/wrong-digest-gives-403",
    "UA-5.2.3-01",
    "A wrong response leads to 403 instead of a new challenge.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::WrongResponse, 403);
    }),
    &[
        "ua/digest/refuses-the-raw-key",
        "ua/digest/refuses-the-key-in-hex",
        "ua/digest/refuses-the-key-of-another-naf",
    ],
);
const UNKNOWN_BTID_GIVES_500: Fault = fault(
    "naf/unknown-btid-gives-500",
    "UA-5.2.3-01",
    "An unknown B-TID leads to 500 instead of a new challenge.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::NoKey, 500);
    }),
    &["ua/digest/refuses-an-unknown-btid"],
);
const EXPIRED_KEY_SERVED: Fault = fault(
    "naf/expired-key-served",
    "UA-5.2.5-01",
    "A key is used after the end of its lifetime.",
    Seam::Ua(|policy| policy.key_is_valid = |_| true),
    &["ua/digest/refuses-a-key-whose-lifetime-has-ended"],
);
const STALE_FOR_WRONG_DIGEST: Fault = fault(
    "naf/stale-for-wrong-digest",
    "DG-06",
    "A wrong response is answered with stale=true.",
    Seam::Ua(|policy| policy.reject = edit::stale_for_wrong_response),
    &["ua/digest/calls-no-wrong-digest-stale"],
);

const INFO_NAMES_ANOTHER_QOP: Fault = fault(
    "naf/info-names-another-qop",
    "UA-5.2.2-07",
    "Authentication-Info says auth, but its rspauth is that of auth-int.",
    Seam::Message(|message| edit::info(message, |list| list.set_raw("qop", b"auth"))),
    &["ua/digest/proves-itself-with-the-resource"],
);
const UNKNOWN_NONCE_SERVED: Fault = fault(
    "naf/unknown-nonce-served",
    "UA-5.2.2-09",
    "A nonce that this NAF never issued is as good as one of its own.",
    Seam::Ua(|policy| {
        policy.accept_nonce_count =
            |count| count.highest.is_none() || ua::accept_nonce_count(count);
    }),
    &[
        "ua/digest/refuses-a-nonce-never-issued",
        "ua/malformed/refuses-an-empty-nonce",
    ],
);
const USERNAME_IGNORED: Fault = fault(
    "naf/username-ignored",
    "UA-5.2.3-01",
    "A response is right if any key fits, whatever the username.",
    Seam::Ua(|policy| policy.names_key = |_| true),
    &["ua/digest/refuses-the-right-key-under-a-foreign-btid"],
);
const COMPARES_PREFIX_OF_RESPONSE: Fault = fault(
    "naf/compares-prefix-of-response",
    "UA-5.2.3-01",
    "Only the first 31 digits of the response are compared.",
    Seam::Ua(|policy| policy.accept_response = edit::accept_prefix),
    &["ua/digest/refuses-a-response-wrong-by-one-bit"],
);
const REFUSAL_WITHOUT_PREFIX: Fault = fault(
    "naf/refusal-without-prefix",
    "UA-5.2.3-01",
    "The challenge after a wrong response lacks the bootstrapping prefix.",
    Seam::Ua(|policy| {
        policy.challenge = |facts| edit::without_prefix_after(facts, Rejection::WrongResponse);
    }),
    &[
        "ua/digest/refuses-a-response-wrong-by-one-bit",
        "ua/digest/refuses-the-key-of-another-naf",
    ],
);
const QOP_NOT_OFFERED: Fault = fault(
    "naf/qop-not-offered",
    "UA-5.2.6-01",
    "The challenge offers no quality of protection.",
    Seam::Message(|message| edit::challenge(message, |list| list.remove("qop"))),
    &["ua/digest/offers-integrity-protection"],
);
const QOP_AUTH_ACCEPTED: Fault = fault(
    "naf/qop-auth-accepted",
    "UA-5.2.6-01",
    "A response with qop=auth is accepted although auth-int alone was offered.",
    Seam::Ua(|policy| policy.accept_qop = |qop| qop.is_some()),
    &["ua/digest/refuses-qop-auth"],
);
const MISSING_QOP_ACCEPTED: Fault = fault(
    "naf/missing-qop-accepted",
    "UA-5.2.6-01",
    "A response in the form of RFC 2069, without qop, is accepted.",
    Seam::Ua(|policy| policy.accept_qop = |qop| qop != Some(Qop::Auth)),
    &[
        "ua/digest/refuses-missing-qop",
        "ua/malformed/refuses-an-unknown-qop",
    ],
);
const CHALLENGE_ALGORITHM_QUOTED: Fault = fault(
    "naf/challenge-algorithm-quoted",
    "DG-04",
    "The algorithm of the challenge is quoted.",
    Seam::Message(|message| edit::challenge(message, |list| edit::quote(list, "algorithm"))),
    &["ua/digest/directives-are-quoted-as-the-digest-rules-say"],
);
const INFO_NC_QUOTED: Fault = fault(
    "naf/info-nc-quoted",
    "DG-04",
    "nc of Authentication-Info is quoted.",
    Seam::Message(|message| {
        if message.status() == Ok(200) {
            edit::info(message, |list| edit::quote(list, "nc"));
        }
    }),
    &["ua/digest/directives-are-quoted-as-the-digest-rules-say"],
);
