//! Faults of a UE in what its requests on Ub hold: names, identities, the form of directives.

use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::proof::DigestFacts;
use crate::ue::{self, UsernameFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    HOST_OF_ANOTHER_NAME,
    HOST_WITH_OLD_PORT,
    HOST_CHANGES_IN_THE_ANSWER,
    USERNAME_IMSI_DIGITS,
    USERNAME_PUBLIC_IDENTITY,
    USERNAME_CHANGES_IN_THE_ANSWER,
    FIRST_REALM_EMPTY,
    FIRST_REALM_WITH_PORT,
    FIRST_VALUES_UNQUOTED,
    URI_EMPTY,
    URI_OF_THE_BSF_IN_THE_ANSWER,
    QOP_OMITTED,
    RESPONSE_OF_RFC_2069,
    RESPONSE_OVER_NO_BODY,
    RESPONSE_UNQUOTED,
    URI_UNQUOTED,
];

const HOST_OF_ANOTHER_NAME: Fault = fault(
    "ue/host-of-another-name",
    "UB-4.2-02",
    "Host names the home network instead of the BSF.",
    Seam::Message(|message| edit::field(message, "Host", "home1.net")),
    &["ue/requests/names-the-bsf-in-host"],
);
const HOST_WITH_OLD_PORT: Fault = fault(
    "ue/host-with-old-port",
    "UB-4.2-02",
    "Host has the port 9999 of the first tables.",
    Seam::Message(|message| edit::field(message, "Host", "bsf.home1.net:9999")),
    &["ue/requests/names-no-port-of-its-own-in-host"],
);
const HOST_CHANGES_IN_THE_ANSWER: Fault = fault(
    "ue/host-changes-in-the-answer",
    "UB-4.2-02",
    "The answer to the challenge is addressed to another name than the first request.",
    Seam::Message(|message| {
        if !edit::is_initial(message) {
            edit::field(message, "Host", "bootstrapping.home1.net");
        }
    }),
    &["ue/requests/names-the-bsf-in-each-request"],
);
const USERNAME_IMSI_DIGITS: Fault = fault(
    "ue/username-imsi-digits",
    "UB-4.2-04",
    "The username is the private identity without its domain.",
    Seam::Ue(|policy| policy.username = |facts| on_ub(facts, before_the_at_sign)),
    &["ue/bootstrap/starts-with-the-private-identity"],
);
const USERNAME_PUBLIC_IDENTITY: Fault = fault(
    "ue/username-public-identity",
    "UB-4.2-04",
    "The username is the public identity instead of the private one.",
    Seam::Ue(|policy| policy.username = |facts| on_ub(facts, |impi| impi.replace("_private", ""))),
    &["ue/bootstrap/starts-with-the-private-identity"],
);
const USERNAME_CHANGES_IN_THE_ANSWER: Fault = fault(
    "ue/username-changes-in-the-answer",
    "UB-4.2-04",
    "The answer to the challenge has the username without its domain.",
    Seam::Message(|message| {
        if !edit::is_initial(message) {
            edit::credentials(message, |list| {
                edit::with_value(list, "username", |value| {
                    let name = before_the_at_sign(&String::from_utf8_lossy(value));
                    format!("\"{name}\"").into_bytes()
                });
            });
        }
    }),
    &["ue/requests/keeps-one-identity-through-the-run"],
);
const FIRST_REALM_EMPTY: Fault = fault(
    "ue/first-realm-empty",
    "UB-4.2-06",
    "The realm of the first request is empty.",
    Seam::Message(|message| first_realm(message, "")),
    &["ue/bootstrap/starts-with-the-bsf-name-as-realm"],
);
const FIRST_REALM_WITH_PORT: Fault = fault(
    "ue/first-realm-with-port",
    "UB-4.2-06",
    "The realm of the first request has a port behind the name of the BSF.",
    Seam::Message(|message| first_realm(message, "bsf.home1.net:80")),
    &["ue/bootstrap/starts-with-the-bsf-name-as-realm"],
);
const FIRST_VALUES_UNQUOTED: Fault = fault(
    "ue/first-values-unquoted",
    "DG-04",
    "Nothing stands behind the equals signs of nonce and response in the first request.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            edit::credentials(message, |list| {
                edit::unquote(list, "nonce");
                edit::unquote(list, "response");
            });
        }
    }),
    &["ue/requests/quotes-what-the-first-request-holds"],
);
const URI_EMPTY: Fault = fault(
    "ue/uri-empty",
    "UB-4.2-08",
    "uri is empty.",
    Seam::Message(|message| edit::credentials(message, |list| list.set_raw("uri", b"\"\""))),
    &[
        "ue/bootstrap/starts-with-the-request-target-as-uri",
        "ue/requests/repeats-the-request-target-in-the-answer",
    ],
);
const URI_OF_THE_BSF_IN_THE_ANSWER: Fault = fault(
    "ue/uri-of-the-bsf-in-the-answer",
    "UB-4.2-08",
    "uri of the answer is the address of the BSF, though the request line has a path.",
    Seam::Message(|message| {
        if !edit::is_initial(message) {
            edit::credentials(message, |list| {
                list.set_raw("uri", b"\"http://bsf.home1.net/\"");
            });
        }
    }),
    &["ue/requests/repeats-the-request-target-in-the-answer"],
);
const QOP_OMITTED: Fault = fault(
    "ue/qop-omitted",
    "UB-4.2-32",
    "The answer has no qop, no count and no client nonce.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            for name in ["qop", "nc", "cnonce"] {
                list.remove(name);
            }
        });
    }),
    &["ue/bootstrap/answers-under-auth-int"],
);
const RESPONSE_OF_RFC_2069: Fault = fault(
    "ue/response-of-rfc-2069",
    "DG-01",
    "Count, client nonce and qop are named, but are not in the digest.",
    Seam::Ue(|policy| {
        policy.response = |facts, password| {
            let qop = None;
            ue::response(
                &DigestFacts {
                    qop,
                    ..facts.clone()
                },
                password,
            )
        };
    }),
    &["ue/requests/computes-the-response-by-the-rule"],
);
const RESPONSE_OVER_NO_BODY: Fault = fault(
    "ue/response-over-no-body",
    "DG-02",
    "The digest covers an empty body whatever the body of the request.",
    Seam::Ue(|policy| {
        policy.response = |facts, password| {
            let body = Vec::new();
            ue::response(
                &DigestFacts {
                    body,
                    ..facts.clone()
                },
                password,
            )
        };
    }),
    &["ue/enrolment/covers-the-certification-request"],
);
const RESPONSE_UNQUOTED: Fault = fault(
    "ue/response-unquoted",
    "DG-04",
    "The response is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "response"))),
    &["ue/bootstrap/answers-in-the-strict-form"],
);
const URI_UNQUOTED: Fault = fault(
    "ue/uri-unquoted",
    "DG-04",
    "uri is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "uri"))),
    &[
        "ue/bootstrap/answers-in-the-strict-form",
        "ue/requests/quotes-what-the-first-request-holds",
    ],
);

/// The username with `make` of the private identity on Ub.
fn on_ub(facts: &UsernameFacts<'_>, make: fn(&str) -> String) -> String {
    match facts {
        UsernameFacts::Ub { impi, .. } => make(impi),
        UsernameFacts::Ua { .. } => ue::username(facts),
    }
}

fn before_the_at_sign(identity: &str) -> String {
    let name = identity.split('@').next();
    name.unwrap_or(identity).to_owned()
}

fn first_realm(message: &mut gbaspec_wire::http::Message, realm: &str) {
    if edit::is_initial(message) {
        edit::credentials(message, |list| {
            list.set_raw("realm", format!("\"{realm}\"").as_bytes());
        });
    }
}
