//! Faults of a NAF in what it makes of broken credentials.

use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::{Field, Message};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::proof::{self, MalformedCredentials};
use crate::ua::{self, Rejection};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    WRONG_DIGEST_GIVES_500,
    MALFORMED_CREDENTIALS_GIVE_500,
    FIRST_AUTHORIZATION_TAKEN,
    LAST_AUTHORIZATION_TAKEN,
    URI_NOT_COMPARED,
    REALM_NOT_COMPARED,
    NC_READ_LENIENTLY,
    LONG_REQUEST_GIVES_500,
    EMPTY_RESPONSE_TAKEN,
];

const WRONG_DIGEST_GIVES_500: Fault = fault(
    "naf/wrong-digest-gives-500",
    "UA-5.2.3-01",
    "A wrong response leads to 500 instead of a new challenge.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| edit::status_for(rejection, Rejection::WrongResponse, 500);
    }),
    &[
        "ua/malformed/refuses-a-short-response",
        "ua/malformed/refuses-a-response-that-is-no-hex",
        "ua/malformed/covers-cnonce-with-the-digest",
    ],
);
const MALFORMED_CREDENTIALS_GIVE_500: Fault = fault(
    "naf/malformed-credentials-give-500",
    "UA-5.2.3-01",
    "Credentials that cannot be read lead to 500.",
    Seam::Ua(|policy| {
        policy.reject =
            |rejection| edit::status_for(rejection, Rejection::MalformedCredentials, 500);
    }),
    &[
        "ua/malformed/refuses-missing-username",
        "ua/malformed/refuses-missing-realm",
        "ua/malformed/refuses-missing-nonce",
        "ua/malformed/refuses-missing-uri",
        "ua/malformed/refuses-missing-response",
        "ua/malformed/survives-authorization-without-directives",
        "ua/malformed/survives-authorization-with-an-endless-quote",
    ],
);
const FIRST_AUTHORIZATION_TAKEN: Fault = fault(
    "naf/first-authorization-taken",
    "UA-5.2.3-01",
    "Of several fields or directives of one name the first counts.",
    Seam::Ua(|policy| {
        policy.read_credentials = |request| lenient(request.field("Authorization"));
    }),
    &[
        "ua/malformed/advises-to-refuse-two-authorization-fields-the-right-one-first",
        "ua/malformed/advises-to-refuse-a-second-username",
    ],
);
const LAST_AUTHORIZATION_TAKEN: Fault = fault(
    "naf/last-authorization-taken",
    "UA-5.2.3-01",
    "Of several Authorization fields the last counts.",
    Seam::Ua(|policy| policy.read_credentials = last_field),
    &["ua/malformed/advises-to-refuse-two-authorization-fields-the-right-one-last"],
);
const EMPTY_RESPONSE_TAKEN: Fault = fault(
    "naf/empty-response-taken",
    "UA-5.2.3-01",
    "As many digits are compared as the response has: an empty one is right.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| check.response.is_empty() || proof::accept_response(check);
    }),
    &["ua/malformed/refuses-an-empty-response"],
);

const URI_NOT_COMPARED: Fault = fault(
    "naf/uri-not-compared",
    "UA-5.2.3-01",
    "The uri of the credentials may name any resource.",
    Seam::Ua(|policy| policy.accept_uri = |_| true),
    &["ua/malformed/refuses-the-uri-of-another-resource"],
);
const REALM_NOT_COMPARED: Fault = fault(
    "naf/realm-not-compared",
    "UA-5.2.3-01",
    "The realm of the credentials may be any text.",
    Seam::Ua(|policy| policy.accept_realm = |_| true),
    &[
        "ua/malformed/advises-to-refuse-a-realm-without-name",
        "ua/malformed/advises-to-refuse-a-realm-of-another-host",
        "ua/malformed/advises-to-refuse-a-realm-without-prefix",
    ],
);
const NC_READ_LENIENTLY: Fault = fault(
    "naf/nc-read-leniently",
    "UA-5.2.3-01",
    "A nonce count that is no number of eight digits stands for one.",
    Seam::Ua(|policy| {
        policy.read_nonce_count = |nc| Some(ua::read_nonce_count(nc).unwrap_or(1));
    }),
    &[
        "ua/malformed/advises-to-refuse-nc-that-is-no-number",
        "ua/malformed/advises-to-refuse-nc-of-one-digit",
        "ua/malformed/advises-to-refuse-an-empty-nc",
    ],
);
const LONG_REQUEST_GIVES_500: Fault = fault(
    "naf/long-request-gives-500",
    "UA-5.2.3-01",
    "A request that is too long leads to 500.",
    Seam::Ua(|policy| policy.unreadable = || 500),
    &[
        "ua/malformed/survives-a-header-of-a-megabyte",
        "ua/malformed/survives-a-username-of-a-megabyte",
    ],
);

fn last_field(request: &Message) -> Result<Credentials, MalformedCredentials> {
    lenient(request.fields_named("Authorization").last())
}

/// The credentials of a field, whatever is wrong with them.
fn lenient(field: Option<&Field>) -> Result<Credentials, MalformedCredentials> {
    let field = field.ok_or(MalformedCredentials)?;
    Ok(Credentials::parse(&DirectiveList::parse_credentials(&field.text())).0)
}
