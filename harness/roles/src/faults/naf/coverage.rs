//! Faults of a NAF in what its digests cover, and under which algorithm (RFC 7616 clause 3.4).

use gbaspec_crypto::digest::{self, DigestInput, Hash, Password, Qop};
use gbaspec_wire::digest_header::AuthenticationInfo;

use super::super::{Fault, Seam};
use super::fault;
use crate::proof::{self, DigestFacts, InfoFacts, MalformedCredentials, ResponseCheck};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    BODY_HASH_OPTIONAL,
    BODY_NOT_COVERED,
    EMPTY_BODY_HASHED,
    SHA_256_AS_MD5,
    CHUNKED_REQUEST_NOT_READ,
    RSPAUTH_ALWAYS_MD5,
    CNONCE_CUT_AT_COMMA,
    INFO_COUNTS_FROM_ONE,
    SESSION_AS_PLAIN,
    SESSION_WITH_OCTETS,
    SESSION_FOR_ONE_REQUEST,
    RSPAUTH_OF_SESSION_AS_PLAIN,
    REFUSES_UPPER_CASE,
];

const BODY_HASH_OPTIONAL: Fault = fault(
    "naf/body-hash-optional",
    "UA-5.2.6-01",
    "A response under auth-int is right with and without the hash of the body.",
    Seam::Ua(|policy| {
        policy.accept_response =
            |check| proof::accept_response(check) || proves_without_body_hash(check);
    }),
    &["ua/digest/refuses-a-response-without-the-hash-of-the-empty-body"],
);
const BODY_NOT_COVERED: Fault = fault(
    "naf/body-not-covered",
    "UA-5.2.6-01",
    "The response of a request with a body is not checked.",
    Seam::Ua(|policy| {
        policy.accept_response =
            |check| !check.facts.body.is_empty() || proof::accept_response(check);
    }),
    &[
        "ua/digest/refuses-a-body-exchanged-on-the-way",
        "ua/digest/refuses-a-body-made-longer-on-the-way",
    ],
);
const EMPTY_BODY_HASHED: Fault = fault(
    "naf/empty-body-hashed",
    "UA-5.2.6-01",
    "The response is held against a digest over an empty body.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| {
            accepts(check, |facts| DigestFacts {
                body: Vec::new(),
                ..facts
            })
        };
    }),
    &["ua/digest/takes-a-body-under-auth-int"],
);
const SHA_256_AS_MD5: Fault = fault(
    "naf/sha-256-as-md5",
    "DG-01",
    "A response under SHA-256 is held against one under MD5.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| {
            accepts(check, |facts| DigestFacts {
                hash: Hash::Md5,
                ..facts
            })
        };
    }),
    &["ua/digest/serves-the-right-key-under-sha-256"],
);
const CHUNKED_REQUEST_NOT_READ: Fault = fault(
    "naf/chunked-request-not-read",
    "DG-02",
    "A request whose body travels in chunks counts as broken.",
    Seam::Ua(|policy| {
        policy.read_credentials = |request| {
            if request.field("Transfer-Encoding").is_some() {
                return Err(MalformedCredentials);
            }
            proof::read_credentials(request)
        };
    }),
    &["ua/digest/advises-to-read-a-chunked-request"],
);
const RSPAUTH_ALWAYS_MD5: Fault = fault(
    "naf/rspauth-always-md5",
    "DG-03",
    "rspauth is made with MD5, whatever the algorithm of the request.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            signed(info, |facts| DigestFacts {
                hash: Hash::Md5,
                ..facts
            })
        };
    }),
    &["ua/digest/proves-itself-under-sha-256"],
);
const CNONCE_CUT_AT_COMMA: Fault = fault(
    "naf/cnonce-cut-at-comma",
    "DG-03",
    "Authentication-Info repeats the cnonce up to its first comma.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            signed(info, |facts| {
                let end = facts.cnonce.iter().position(|&octet| octet == b',');
                let cnonce = facts.cnonce[..end.unwrap_or(facts.cnonce.len())].to_vec();
                DigestFacts { cnonce, ..facts }
            })
        };
    }),
    &["ua/digest/rspauth-covers-an-odd-cnonce"],
);
const INFO_COUNTS_FROM_ONE: Fault = fault(
    "naf/info-counts-from-one",
    "DG-03",
    "Authentication-Info says 00000001 for every request.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            signed(info, |facts| DigestFacts {
                nc: b"00000001".to_vec(),
                ..facts
            })
        };
    }),
    &["ua/digest/repeats-the-nonce-count-of-a-later-request"],
);
const SESSION_AS_PLAIN: Fault = fault(
    "naf/session-as-plain",
    "DG-05",
    "A1 of a -sess algorithm lacks nonce and cnonce.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| {
            accepts(check, |facts| DigestFacts {
                session_cnonce: None,
                ..facts
            })
        };
    }),
    &[
        "ua/digest/serves-the-right-key-under-md5-sess",
        "ua/digest/serves-the-right-key-under-sha-256-sess",
    ],
);
const SESSION_WITH_OCTETS: Fault = fault(
    "naf/session-with-octets",
    "DG-05",
    "A1 of MD5-sess begins with the octets of the first digest instead of their hex text.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| match &check.facts.session_cnonce {
            Some(first) if check.facts.hash == Hash::Md5 => proves_with_octets(check, first),
            _ => proof::accept_response(check),
        };
    }),
    &["ua/digest/serves-the-right-key-under-md5-sess"],
);
const SESSION_FOR_ONE_REQUEST: Fault = fault(
    "naf/session-for-one-request",
    "DG-05",
    "A1 of a -sess algorithm lacks nonce and cnonce from the second request on.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| {
            accepts(check, |facts| DigestFacts {
                session_cnonce: facts.session_cnonce.filter(|_| facts.nc == b"00000001"),
                ..facts
            })
        };
    }),
    &[
        "ua/digest/serves-a-second-request-of-a-session-of-md5-sess",
        "ua/digest/serves-a-second-request-of-a-session-of-sha-256-sess",
    ],
);
const RSPAUTH_OF_SESSION_AS_PLAIN: Fault = fault(
    "naf/rspauth-of-session-as-plain",
    "DG-05",
    "rspauth of a -sess algorithm is made without nonce and cnonce in A1.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            signed(info, |facts| DigestFacts {
                session_cnonce: None,
                ..facts
            })
        };
    }),
    &[
        "ua/digest/proves-itself-under-md5-sess",
        "ua/digest/proves-itself-under-sha-256-sess",
    ],
);
const REFUSES_UPPER_CASE: Fault = fault(
    "naf/refuses-upper-case",
    "DG-15",
    "A response in upper case is wrong.",
    Seam::Ua(|policy| {
        policy.accept_response = |check| {
            proof::accept_response(check) && !check.response.iter().any(u8::is_ascii_uppercase)
        };
    }),
    &["ua/digest/advises-to-read-upper-case-hex"],
);

/// An `accept_response` decision over other facts.
fn accepts(check: &ResponseCheck<'_>, change: fn(DigestFacts) -> DigestFacts) -> bool {
    let facts = change(check.facts.clone());
    proof::accept_response(&ResponseCheck {
        facts: &facts,
        ..*check
    })
}

/// An `authentication_info` decision over other facts.
fn signed(
    info: &InfoFacts<'_>,
    change: fn(DigestFacts) -> DigestFacts,
) -> Option<AuthenticationInfo> {
    let facts = change(info.facts.clone());
    proof::authentication_info(&InfoFacts {
        facts: &facts,
        ..*info
    })
}

fn proves_without_body_hash(check: &ResponseCheck<'_>) -> bool {
    let facts = check.facts;
    let a2 = [facts.method.as_slice(), b":", &facts.uri].concat();
    let expected = facts
        .input(Password::Octets(check.password), &facts.body)
        .finish(&a2);
    facts.qop == Some(Qop::AuthInt) && digest::digests_equal(&expected, check.response)
}

/// MD5-sess with the 16 octets of the inner hash. The outer digest takes a user, a realm and a
/// password with colons between them as well as nonce and cnonce.
fn proves_with_octets(check: &ResponseCheck<'_>, first_cnonce: &[u8]) -> bool {
    let facts = check.facts;
    let inner = digest::ha1(Hash::Md5, &facts.username, &facts.realm, check.password);
    let input = DigestInput {
        username: inner.expose(),
        realm: &facts.nonce,
        password: Password::Octets(first_cnonce),
        ..facts.input(Password::Empty, &facts.body)
    };
    digest::digests_equal(&input.response(), check.response)
}
