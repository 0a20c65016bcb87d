//! Faults of a NAF.

use super::{Fault, Seam, edit};
use crate::role::RoleName;
use crate::ua::{REALM_PREFIX, Rejection};

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
    Seam::Ua(|policy| policy.accept_nonce_count = |_| true),
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

const fn fault(
    id: &'static str,
    requirement: &'static str,
    what: &'static str,
    seam: Seam,
    caught_by: &'static [&'static str],
) -> Fault {
    Fault {
        id,
        role: RoleName::Naf,
        requirement,
        what,
        seam,
        caught_by,
    }
}
