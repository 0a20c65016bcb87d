//! More faults of a BSF that judges an answer: what it accepts too much of, and how it fails.

use gbaspec_crypto::digest::{DigestInput, Hash, Password, digests_equal};
use gbaspec_crypto::kdf;
use gbaspec_crypto::token::Auts;
use gbaspec_wire::auts;
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::http::{LineEnd, Message};
use gbaspec_wire::nonce::AkaNonce;

use super::{fault, previous_after, server_error_for};
use crate::bsf::{
    self, FailureAnswer, FoundBy, IdentityFacts, RefusalReason, ResyncDecision, ResyncRequest,
    VectorUse,
};
use crate::embedded;
use crate::faults::{Fault, Seam, edit};
use crate::proof::{self, ResponseCheck};
use crate::store::{VectorCause, VectorState};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    REALM_OF_THE_REQUEST,
    REALM_FROM_HOST,
    ALGORITHM_OF_THE_REQUEST,
    QOP_OF_THE_REQUEST,
    MATCHES_PART_OF_USERNAME,
    VECTOR_WITHOUT_IDENTITY,
    SAME_NONCE_AFTER_WRONG_RESPONSE,
    ACCEPTS_ANY_HASH,
    REFUSES_ABSOLUTE_FORM,
    BAD_NONCE_GIVES_500,
    ACCEPTS_SHORT_NC,
    DOWNGRADE_GIVES_500,
    ODD_RESPONSE_GIVES_500,
    UNKNOWN_NAME_GIVES_500,
    MALFORMED_IS_LEFT_UNANSWERED,
    ACCEPTS_ANY_ALGORITHM,
    BTID_OF_EARLIER_RUN,
    BTID_FROM_HOST,
    WRONG_RESPONSE_GIVES_500,
    WRONG_RESPONSE_GIVES_200,
    ATTEMPTS_WITHOUT_LIMIT,
    EMPTY_RESPONSE_GIVES_500,
    AUTS_GIVES_200,
    COMPARES_HALF_OF_MAC_S,
    MALFORMED_AUTS_IS_LEFT_UNANSWERED,
    KEEPS_VECTOR_AFTER_AUTS,
    COMPARES_HEX_EXACTLY,
    HASHES_REQUEST_CHUNKS,
];

const REALM_OF_THE_REQUEST: Fault = fault(
    "bsf/realm-of-the-request",
    "UB-4.2-21",
    "The challenge repeats the realm of the first request.",
    Seam::Bsf(|policy| {
        policy.first_challenge = |mut challenge, _, credentials| {
            let realm = quoted(credentials.realm.as_deref().unwrap_or_default());
            edit::challenge(&mut challenge, |list| list.set_raw("realm", &realm));
            challenge
        };
    }),
    &["ub/bootstrap/takes-no-realm-from-the-first-request"],
);
const REALM_FROM_HOST: Fault = fault(
    "bsf/realm-from-host",
    "UB-4.2-21",
    "The realm of the challenge is the name in the Host of the request.",
    Seam::Bsf(|policy| {
        policy.first_challenge = |mut challenge, request, _| {
            let realm = quoted(&host_name(&host_of(request)));
            edit::challenge(&mut challenge, |list| list.set_raw("realm", &realm));
            challenge
        };
    }),
    &["ub/bootstrap/takes-no-realm-from-host"],
);
const ALGORITHM_OF_THE_REQUEST: Fault = fault(
    "bsf/algorithm-of-the-request",
    "UB-4.2-23",
    "The challenge has the algorithm that the first request names.",
    Seam::Bsf(|policy| {
        policy.first_challenge = |mut challenge, _, credentials| {
            if let Some(algorithm) = &credentials.algorithm {
                let name = algorithm.as_bytes().to_vec();
                edit::challenge(&mut challenge, |list| list.set_raw("algorithm", &name));
            }
            challenge
        };
    }),
    &["ub/bootstrap/takes-no-algorithm-from-the-first-request"],
);
const QOP_OF_THE_REQUEST: Fault = fault(
    "bsf/qop-of-the-request",
    "UB-4.2-24",
    "The challenge offers the qop that the first request names.",
    Seam::Bsf(|policy| {
        policy.first_challenge = |mut challenge, _, credentials| {
            if let Some(qop) = &credentials.qop {
                let offer = quoted(qop.as_bytes());
                edit::challenge(&mut challenge, |list| list.set_raw("qop", &offer));
            }
            challenge
        };
    }),
    &["ub/bootstrap/takes-no-qop-from-the-first-request"],
);
const MATCHES_PART_OF_USERNAME: Fault = fault(
    "bsf/matches-part-of-username",
    "UB-4.2-27",
    "A username that holds a known private identity, or nothing, stands for a known one.",
    Seam::Bsf(|policy| policy.identify = identify_by_part),
    &[
        "ub/bootstrap/no-vector-for-a-longer-identity",
        "ub/bootstrap/no-vector-for-an-identity-with-a-prefix",
        "ub/bootstrap/no-vector-for-two-identities",
        "ub/bootstrap/no-vector-for-an-empty-username",
        "ub/bootstrap/no-vector-for-an-at-sign",
    ],
);
const VECTOR_WITHOUT_IDENTITY: Fault = fault(
    "bsf/vector-without-identity",
    "UB-4.2-27",
    "A request without credentials gets a vector of the first subscriber.",
    Seam::Bsf(|policy| {
        policy.read_credentials = |request| match request.field("Authorization") {
            Some(_) => proof::read_credentials(request),
            None => Ok(Credentials {
                username: Some(b"user1_private@home1.net".to_vec()),
                ..Credentials::default()
            }),
        };
    }),
    &["ub/bootstrap/unauthenticated-request-gets-no-vector"],
);
const SAME_NONCE_AFTER_WRONG_RESPONSE: Fault = fault(
    "bsf/same-nonce-after-wrong-response",
    "UB-4.2-26",
    "The challenge after a wrong response has the vector that was answered.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| previous_after(choice, VectorCause::Failure);
    }),
    &["ub/user-authentication/challenge-after-a-wrong-response-is-fresh"],
);
const ACCEPTS_ANY_HASH: Fault = fault(
    "bsf/accepts-any-hash",
    "UB-4.2-40",
    "The response may be made with any hash of HTTP digest, whatever algorithm it names.",
    Seam::Bsf(|policy| policy.accept_response = accept_under_any_algorithm),
    &[
        "ub/user-authentication/refuses-response-made-with-another-hash",
        "ub/user-authentication/refuses-response-made-with-a-session-key",
    ],
);
const REFUSES_ABSOLUTE_FORM: Fault = fault(
    "bsf/refuses-absolute-form",
    "UB-4.2-43",
    "A uri that is the absolute URL of the request line is refused.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| match check.credentials.uri.as_deref() {
            Some(b"/") => bsf::check_request(check),
            _ => Err(RefusalReason::UriMismatch),
        };
    }),
    &["ub/user-authentication/advises-to-read-the-absolute-form"],
);
const BAD_NONCE_GIVES_500: Fault = fault(
    "bsf/bad-nonce-gives-500",
    "UB-4.2-44",
    "A nonce that does not hold RAND and AUTN leads to 500.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| {
            let nonce = check.credentials.nonce.as_deref().unwrap_or_default();
            AkaNonce::decode(nonce).map_err(|_| RefusalReason::MalformedRequest)?;
            bsf::check_request(check)
        };
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedRequest);
    }),
    &[
        "ub/malformed/refuses-nonce-that-is-no-base64",
        "ub/malformed/refuses-nonce-one-octet-short",
    ],
);
const ACCEPTS_SHORT_NC: Fault = fault(
    "bsf/accepts-short-nc",
    "UB-4.2-44",
    "A nonce count of one digit is accepted.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| match bsf::check_request(check) {
            Err(RefusalReason::NonceCount) if check.credentials.nc.as_deref() == Some(b"1") => {
                Ok(())
            }
            other => other,
        };
    }),
    &["ub/malformed/refuses-nc-of-one-digit"],
);
const DOWNGRADE_GIVES_500: Fault = fault(
    "bsf/downgrade-gives-500",
    "UB-4.2-44",
    "A qop or an algorithm that was not offered leads to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::Downgrade);
    }),
    &["ub/malformed/refuses-unknown-qop"],
);
const ODD_RESPONSE_GIVES_500: Fault = fault(
    "bsf/odd-response-gives-500",
    "UB-4.2-44",
    "A response or a nonce count that is not of so many hex digits leads to 500.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| {
            let is_hex = |text: &Option<Vec<u8>>, digits| {
                let text = text.as_deref().unwrap_or_default();
                text.len() == digits && text.iter().all(u8::is_ascii_hexdigit)
            };
            if !is_hex(&check.credentials.response, 32) || !is_hex(&check.credentials.nc, 8) {
                return Err(RefusalReason::MalformedRequest);
            }
            bsf::check_request(check)
        };
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedRequest);
    }),
    &[
        "ub/malformed/refuses-nc-that-is-no-number",
        "ub/malformed/refuses-response-of-31-digits",
        "ub/malformed/refuses-response-of-64-digits",
        "ub/malformed/refuses-response-that-is-no-hex",
    ],
);
const UNKNOWN_NAME_GIVES_500: Fault = fault(
    "bsf/unknown-name-gives-500",
    "UB-4.2-44",
    "An answer from a user that is not known leads to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::UnknownIdentity);
    }),
    &["ub/malformed/refuses-username-without-text"],
);
const MALFORMED_IS_LEFT_UNANSWERED: Fault = fault(
    "bsf/malformed-is-left-unanswered",
    "UB-4.2-44",
    "Credentials that cannot be read get no answer at all, as those of an unknown user.",
    Seam::Bsf(|policy| {
        policy.read_credentials = |request| match proof::read_credentials(request) {
            Err(_) if request.field("Authorization").is_some() => Ok(Credentials::default()),
            read => read,
        };
        policy.refuse = |refusal| match refusal.reason {
            RefusalReason::UnknownIdentity => silence(),
            _ => bsf::refuse(refusal),
        };
    }),
    &["ub/malformed/refuses-missing-username"],
);
const ACCEPTS_ANY_ALGORITHM: Fault = fault(
    "bsf/accepts-any-algorithm",
    "UB-4.2-45",
    "A response under any algorithm of HTTP digest is accepted.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| match bsf::check_request(check) {
            Err(RefusalReason::Downgrade) if check.credentials.algorithm.is_some() => Ok(()),
            other => other,
        };
        policy.accept_response = accept_under_any_algorithm;
    }),
    &[
        "ub/user-authentication/refuses-algorithm-md5",
        "ub/user-authentication/refuses-algorithm-md5-sess",
        "ub/user-authentication/refuses-algorithm-sha-256",
        "ub/user-authentication/refuses-algorithm-sha-512-256",
    ],
);
const BTID_OF_EARLIER_RUN: Fault = fault(
    "bsf/btid-of-earlier-run",
    "UB-4.2-55",
    "Every run of a subscriber ends with RAND of the first one in its B-TID.",
    Seam::Bsf(|policy| policy.btid = |facts| kdf::btid(facts.first_rand, facts.fqdn)),
    &[
        "ub/bootstrap/each-run-has-its-own-btid",
        "ub/bootstrap/second-run-has-a-btid-of-its-own",
    ],
);
const BTID_FROM_HOST: Fault = fault(
    "bsf/btid-from-host",
    "UB-4.2-55",
    "The B-TID names the host of the request instead of the BSF.",
    Seam::Bsf(|policy| {
        policy.btid =
            |facts| kdf::btid(facts.rand, &String::from_utf8_lossy(&host_name(facts.host)));
    }),
    &["ub/bootstrap/btid-takes-no-name-from-host"],
);
const WRONG_RESPONSE_GIVES_500: Fault = fault(
    "bsf/wrong-response-gives-500",
    "UB-4.3-01",
    "A wrong response leads to 500.",
    Seam::Bsf(|policy| {
        policy.fail_authentication = || FailureAnswer::Refuse;
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::WrongResponse);
    }),
    &["ub/user-authentication/refuses-response-with-one-bit-flipped"],
);
const WRONG_RESPONSE_GIVES_200: Fault = fault(
    "bsf/wrong-response-gives-200",
    "UB-4.3-01",
    "A wrong response is answered with 200, though without a session.",
    Seam::Bsf(|policy| {
        policy.fail_authentication = || FailureAnswer::Refuse;
        policy.refuse = |refusal| {
            let mut answer = bsf::refuse(refusal);
            if refusal.reason == RefusalReason::WrongResponse {
                edit::status(&mut answer, 403, "200 OK");
            }
            answer
        };
    }),
    &["ub/user-authentication/refuses-response-with-one-bit-flipped"],
);
const ATTEMPTS_WITHOUT_LIMIT: Fault = fault(
    "bsf/attempts-without-limit",
    "UB-4.3-02",
    "A vector can be answered until it is guessed, and after that as well.",
    Seam::Bsf(|policy| {
        policy.answerable =
            |vector| vector.found_by == FoundBy::Nonce && vector.issued_to == vector.claimed_by;
    }),
    &["ub/user-authentication/advises-to-limit-attempts-on-one-vector"],
);
const EMPTY_RESPONSE_GIVES_500: Fault = fault(
    "bsf/empty-response-gives-500",
    "UB-4.4-03",
    "An empty response after a challenge leads to 500.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| match check.credentials.response.as_deref() {
            Some(b"") => Err(RefusalReason::MalformedRequest),
            _ => bsf::check_request(check),
        };
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedRequest);
    }),
    &["ub/network-authentication/empty-response-is-no-success"],
);
const AUTS_GIVES_200: Fault = fault(
    "bsf/auts-gives-200",
    "UB-4.5-07",
    "An AUTS is not read, and the response with the empty password beside it counts as success.",
    Seam::Bsf(|policy| {
        policy.read_credentials = |request| {
            let credentials = proof::read_credentials(request)?;
            Ok(Credentials {
                auts: None,
                ..credentials
            })
        };
        policy.accept_response = |check| {
            proof::accept_response(check) || check.facts.proves(Password::Empty, check.response)
        };
    }),
    &["ub/resync/fresh-challenge-after-auts"],
);
const COMPARES_HALF_OF_MAC_S: Fault = fault(
    "bsf/compares-half-of-mac-s",
    "UB-4.5-08",
    "Only the first half of MAC-S is compared.",
    Seam::Bsf(|policy| policy.resynchronise = resynchronise_by_half_of_mac_s),
    &["ub/resync/forged-mac-last-bit-resets-nothing"],
);
const MALFORMED_AUTS_IS_LEFT_UNANSWERED: Fault = fault(
    "bsf/malformed-auts-is-left-unanswered",
    "UB-4.5-11",
    "An AUTS that is not 14 octets of base64 gets no answer at all.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| match refusal.reason {
            RefusalReason::MalformedAuts => silence(),
            _ => bsf::refuse(refusal),
        };
    }),
    &["ub/resync/refuses-auts-of-13-octets"],
);
const KEEPS_VECTOR_AFTER_AUTS: Fault = fault(
    "bsf/keeps-vector-after-auts",
    "UB-4.5-14",
    "The vector that an AUTS has refused can still be answered with RES.",
    Seam::Bsf(|policy| {
        policy.answerable = |vector| {
            bsf::answerable(&VectorUse {
                state: VectorState::Outstanding,
                ..*vector
            })
        };
    }),
    &["ub/resync/refuses-res-for-the-challenge-before-auts"],
);
const COMPARES_HEX_EXACTLY: Fault = fault(
    "bsf/compares-hex-exactly",
    "DG-15",
    "A response in upper case is wrong.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            proof::accept_response(check) && !check.response.iter().any(u8::is_ascii_uppercase)
        };
    }),
    &["ub/digest/advises-to-read-upper-case-hex"],
);
const HASHES_REQUEST_CHUNKS: Fault = fault(
    "bsf/hashes-request-chunks",
    "DG-02",
    "The response is held against a digest over the chunks of the request.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            if check.facts.body.is_empty() {
                return proof::accept_response(check);
            }
            let chunks = edit::one_chunk(&check.facts.body);
            let input = check.facts.input(Password::Octets(check.password), &chunks);
            digests_equal(&input.response(), check.response)
        };
    }),
    &["ub/digest/advises-to-read-a-chunked-request"],
);

fn quoted(text: &[u8]) -> Vec<u8> {
    [b"\"", text, b"\""].concat()
}

fn host_of(request: &Message) -> Vec<u8> {
    let host = request.field("Host");
    host.map_or_else(Vec::new, |host| host.text().into_owned())
}

/// A host without its port.
fn host_name(host: &[u8]) -> Vec<u8> {
    let name = host.split(|&octet| octet == b':').next();
    name.unwrap_or_default().to_vec()
}

/// The identity that the username is, holds or could be the beginning of.
fn identify_by_part(facts: &IdentityFacts<'_>) -> Result<String, RefusalReason> {
    bsf::identify(facts).or_else(|reason| {
        let known = embedded::SUBSCRIBERS.iter().map(|known| known.impi);
        let (name, at) = (facts.username, facts.username.trim_matches('@'));
        known
            .into_iter()
            .find(|impi| name.contains(impi) || at.is_empty())
            .map(str::to_owned)
            .ok_or(reason)
    })
}

/// A message of no octets.
fn silence() -> Message {
    Message {
        start_line: Vec::new(),
        start_end: LineEnd::None,
        fields: Vec::new(),
        head_end: LineEnd::None,
        body: Vec::new(),
    }
}

/// The right response, or the one of any other hash or with `-sess`.
fn accept_under_any_algorithm(check: &ResponseCheck<'_>) -> bool {
    let facts = check.facts;
    let hashes = [Hash::Md5, Hash::Sha256, Hash::Sha512Trunc256];
    hashes.into_iter().any(|hash| {
        let input = DigestInput {
            hash,
            ..facts.input(Password::Octets(check.password), &facts.body)
        };
        digests_equal(&input.response(), check.response)
            || digests_equal(&input.session_response(), check.response)
    })
}

/// Takes an AUTS whose first four octets of MAC-S are right for a right one.
fn resynchronise_by_half_of_mac_s(request: &ResyncRequest<'_>) -> ResyncDecision {
    let decision = bsf::resynchronise(request);
    let (Some(rand), Ok(octets)) = (request.issued_rand, auts::decode(request.auts)) else {
        return decision;
    };
    let sqn_ms = request
        .functions
        .open_auts(rand, &Auts::from(octets))
        .sqn_ms;
    let right = request.functions.auts(rand, sqn_ms);
    let is_near = octets[6..10] == right.as_bytes()[6..10];
    match decision {
        ResyncDecision::Refuse(RefusalReason::ForgedAuts) if is_near => {
            ResyncDecision::Resynchronise(sqn_ms)
        }
        other => other,
    }
}
