//! Faults of the challenge that a BSF sends.

use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, HEXLOWER};
use gbaspec_crypto::token::{Autn, Rand};

use super::{
    fault, invented_challenge_for, next_ind, one_step_below, previous_after, server_error_for,
};
use crate::bsf::{self, RefusalReason, VectorSeed};
use crate::faults::{Fault, Seam, edit};
use crate::store::VectorCause;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    REALM_TWICE,
    REFUSES_INITIAL_REQUEST,
    PROXY_CHALLENGE,
    BASIC_CHALLENGE,
    REALM_IS_PRODUCT_NAME,
    REALM_IS_HOME_DOMAIN,
    NONCE_AUTN_FIRST,
    NONCE_HEX,
    NONCE_BASE64URL,
    NONCE_WITHOUT_PADDING,
    NONCE_WITHOUT_AUTN,
    NONCE_IN_TWO_LINES,
    NONCE_UNQUOTED,
    AUTN_WITH_WRONG_MAC,
    ALGORITHM_MISSING,
    ALGORITHM_QUOTED,
    ALGORITHM_MD5,
    QOP_AUTH_ONLY,
    QOP_MISSING,
    QOP_OFFER_UNQUOTED,
    RAND_CONSTANT,
    SQN_NOT_ADVANCED,
    SAME_VECTOR_AGAIN,
    SQN_COUNTS_DOWN,
    SEQ_REPEATS_WITH_NEW_IND,
    UNKNOWN_USER_CHALLENGED,
    UNKNOWN_USER_500,
];

const REALM_TWICE: Fault = fault(
    "bsf/realm-twice",
    "DG-04",
    "The challenge names its realm twice.",
    Seam::Message(|message| {
        edit::challenge(message, |list| list.push_raw("realm", b"\"bsf.home1.net\""));
    }),
    &["ub/bootstrap/directives-are-quoted-as-the-digest-rules-say"],
);
const REFUSES_INITIAL_REQUEST: Fault = fault(
    "bsf/refuses-initial-request",
    "UB-4.2-20",
    "The first request is answered with 403 instead of a challenge.",
    Seam::Message(|message| {
        edit::status(message, 401, "403 Forbidden");
        message.remove("WWW-Authenticate");
    }),
    &["ub/bootstrap/first-request-is-challenged"],
);
const PROXY_CHALLENGE: Fault = fault(
    "bsf/proxy-challenge",
    "UB-4.2-20",
    "The challenge comes with status 407.",
    Seam::Message(|message| edit::status(message, 401, "407 Proxy Authentication Required")),
    &["ub/bootstrap/first-request-is-challenged"],
);
const BASIC_CHALLENGE: Fault = fault(
    "bsf/basic-challenge",
    "UB-4.2-20",
    "The challenge offers Basic instead of Digest.",
    Seam::Message(|message| {
        if message.field("WWW-Authenticate").is_some() {
            message.remove("WWW-Authenticate");
            message.push("WWW-Authenticate", "Basic realm=\"bsf.home1.net\"");
        }
    }),
    &["ub/bootstrap/first-request-is-challenged"],
);
const REALM_IS_PRODUCT_NAME: Fault = fault(
    "bsf/realm-is-product-name",
    "UB-4.2-21",
    "The realm is a product name.",
    Seam::Message(|message| {
        edit::challenge(message, |list| {
            list.set_raw("realm", b"\"Bootstrapping Server\"");
        });
    }),
    &["ub/bootstrap/challenge-realm-is-the-bsf-name"],
);
const REALM_IS_HOME_DOMAIN: Fault = fault(
    "bsf/realm-is-home-domain",
    "UB-4.2-21",
    "The realm is the home domain instead of the name of the BSF.",
    Seam::Message(|message| {
        edit::challenge(message, |list| list.set_raw("realm", b"\"home1.net\""));
    }),
    &["ub/bootstrap/challenge-realm-is-the-bsf-name"],
);
const NONCE_AUTN_FIRST: Fault = fault(
    "bsf/nonce-autn-first",
    "UB-4.2-22",
    "The nonce has AUTN before RAND.",
    Seam::Bsf(|policy| {
        policy.nonce = |rand, autn| BASE64.encode(&[autn.as_ref(), rand.as_ref()].concat());
    }),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const NONCE_HEX: Fault = fault(
    "bsf/nonce-hex",
    "UB-4.2-22",
    "The nonce is hex text.",
    Seam::Bsf(|policy| policy.nonce = |rand, autn| HEXLOWER.encode(&octets(rand, autn))),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const NONCE_BASE64URL: Fault = fault(
    "bsf/nonce-base64url",
    "UB-4.2-22",
    "The nonce uses the URL alphabet of base64.",
    Seam::Bsf(|policy| policy.nonce = |rand, autn| BASE64URL.encode(&octets(rand, autn))),
    &["ub/bootstrap/each-nonce-uses-the-standard-base64-alphabet"],
);
const NONCE_WITHOUT_PADDING: Fault = fault(
    "bsf/nonce-without-padding",
    "UB-4.2-22",
    "The nonce lacks the padding of base64.",
    Seam::Bsf(|policy| policy.nonce = |rand, autn| BASE64_NOPAD.encode(&octets(rand, autn))),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const NONCE_WITHOUT_AUTN: Fault = fault(
    "bsf/nonce-without-autn",
    "UB-4.2-22",
    "The nonce holds RAND alone.",
    Seam::Bsf(|policy| policy.nonce = |rand, _| BASE64.encode(rand.as_bytes())),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const NONCE_IN_TWO_LINES: Fault = fault(
    "bsf/nonce-in-two-lines",
    "UB-4.2-22",
    "The base64 of the nonce is broken into two lines.",
    Seam::Bytes(break_nonce),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const NONCE_UNQUOTED: Fault = fault(
    "bsf/nonce-unquoted",
    "UB-4.2-22",
    "The nonce is not quoted.",
    Seam::Message(|message| edit::challenge(message, |list| edit::unquote(list, "nonce"))),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const AUTN_WITH_WRONG_MAC: Fault = fault(
    "bsf/autn-with-wrong-mac",
    "UB-4.2-22",
    "AUTN in the nonce does not verify with the subscriber's key.",
    Seam::Bsf(|policy| policy.nonce = nonce_with_wrong_mac),
    &["ub/bootstrap/nonce-holds-rand-and-autn"],
);
const ALGORITHM_MISSING: Fault = fault(
    "bsf/algorithm-missing",
    "UB-4.2-23",
    "The challenge names no algorithm, which means MD5.",
    Seam::Message(|message| edit::challenge(message, |list| list.remove("algorithm"))),
    &["ub/bootstrap/challenge-asks-for-akav1-md5"],
);
const ALGORITHM_QUOTED: Fault = fault(
    "bsf/algorithm-quoted",
    "UB-4.2-23",
    "The algorithm is quoted.",
    Seam::Message(|message| edit::challenge(message, |list| edit::quote(list, "algorithm"))),
    &["ub/bootstrap/challenge-asks-for-akav1-md5"],
);
const ALGORITHM_MD5: Fault = fault(
    "bsf/algorithm-md5",
    "UB-4.2-23",
    "The challenge names MD5.",
    Seam::Message(|message| edit::challenge(message, |list| list.set_raw("algorithm", b"MD5"))),
    &["ub/bootstrap/challenge-asks-for-akav1-md5"],
);
const QOP_AUTH_ONLY: Fault = fault(
    "bsf/qop-auth-only",
    "UB-4.2-24",
    "The challenge offers auth only.",
    Seam::Message(|message| edit::challenge(message, |list| list.set_raw("qop", b"\"auth\""))),
    &["ub/bootstrap/challenge-offers-auth-int"],
);
const QOP_MISSING: Fault = fault(
    "bsf/qop-missing",
    "UB-4.2-24",
    "The challenge offers no quality of protection.",
    Seam::Message(|message| edit::challenge(message, |list| list.remove("qop"))),
    &["ub/bootstrap/challenge-offers-auth-int"],
);
const QOP_OFFER_UNQUOTED: Fault = fault(
    "bsf/qop-offer-unquoted",
    "UB-4.2-24",
    "The offered qop is not quoted.",
    Seam::Message(|message| edit::challenge(message, |list| edit::unquote(list, "qop"))),
    &["ub/bootstrap/challenge-offers-auth-int"],
);
const RAND_CONSTANT: Fault = fault(
    "bsf/rand-constant",
    "UB-4.2-26",
    "Every vector has the same RAND.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            rand: Rand::from([0x5a; 16]),
            ..bsf::choose_vector(choice)
        };
    }),
    &[
        "ub/bootstrap/each-challenge-has-a-fresh-vector",
        "ub/bootstrap/users-get-vectors-of-their-own",
        "ub/sqn/every-vector-is-fresh",
    ],
);
const SQN_NOT_ADVANCED: Fault = fault(
    "bsf/sqn-not-advanced",
    "UB-4.2-26",
    "SQN stays where it was after the first vector.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            sqn: choice
                .previous
                .map_or(choice.next_sqn, |previous| previous.sqn),
            ..bsf::choose_vector(choice)
        };
    }),
    &["ub/bootstrap/each-challenge-has-a-fresh-vector"],
);
const SAME_VECTOR_AGAIN: Fault = fault(
    "bsf/same-vector-again",
    "UB-4.2-26",
    "An initial request gets the vector that went out before.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| previous_after(choice, VectorCause::Initial);
    }),
    &[
        "ub/bootstrap/each-challenge-has-a-fresh-vector",
        "ub/sqn/every-vector-is-fresh",
    ],
);
const SQN_COUNTS_DOWN: Fault = fault(
    "bsf/sqn-counts-down",
    "SQN-AUC-01",
    "SEQ falls from one vector to the next.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            sqn: choice
                .previous
                .map_or(choice.next_sqn, |previous| one_step_below(previous.sqn)),
            ..bsf::choose_vector(choice)
        };
    }),
    &[
        "ub/bootstrap/sequence-number-rises-from-run-to-run",
        "ub/sqn/every-vector-is-fresh",
    ],
);
const SEQ_REPEATS_WITH_NEW_IND: Fault = fault(
    "bsf/seq-repeats-with-new-ind",
    "SQN-AUC-01",
    "SEQ stays where it was after the first vector, and only IND rises.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| VectorSeed {
            sqn: choice
                .previous
                .map_or(choice.next_sqn, |previous| next_ind(previous.sqn)),
            ..bsf::choose_vector(choice)
        };
    }),
    &[
        "ub/bootstrap/sequence-number-rises-from-run-to-run",
        "ub/sqn/every-vector-is-fresh",
    ],
);
const UNKNOWN_USER_CHALLENGED: Fault = fault(
    "bsf/unknown-user-challenged",
    "UB-4.2-27",
    "An unknown private identity gets a challenge with an invented vector.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| invented_challenge_for(refusal, RefusalReason::UnknownIdentity);
    }),
    &["ub/bootstrap/unknown-user-gets-no-vector"],
);
const UNKNOWN_USER_500: Fault = fault(
    "bsf/unknown-user-500",
    "UB-4.2-27",
    "An unknown private identity leads to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::UnknownIdentity);
    }),
    &["ub/bootstrap/unknown-user-gets-no-vector"],
);

fn octets(rand: Rand, autn: Autn) -> Vec<u8> {
    [rand.as_ref(), autn.as_ref()].concat()
}

/// Puts a line end with a blank behind the first 32 characters of a nonce.
fn break_nonce(bytes: &mut Vec<u8>) {
    const START: &[u8] = b"nonce=\"";
    let start = bytes
        .windows(START.len())
        .position(|window| window == START);
    if let Some(place) = start.map(|start| start + START.len() + 32)
        && place < bytes.len()
    {
        bytes.splice(place..place, *b"\r\n ");
    }
}

fn nonce_with_wrong_mac(rand: Rand, autn: Autn) -> String {
    let mut octets = *autn.as_bytes();
    octets[15] ^= 1;
    bsf::nonce(rand, Autn::from(octets))
}
