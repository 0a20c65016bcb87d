//! Faults of a BSF that judges an answer: responses, directives, AUTS.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::kdf;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Auts, Sqn};
use gbaspec_wire::digest_header::{Algorithm, Credentials, QopValue};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{fault, previous_after, server_error_for};
use crate::bsf::{
    self, RefusalReason, RequestCheck, ResyncDecision, ResyncRequest, ResyncResponse, VectorChoice,
    VectorSeed, VectorUse,
};
use crate::faults::{Fault, Seam};
use crate::proof::{self, MalformedCredentials, ResponseCheck};
use crate::store::{VectorCause, VectorState};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ACCEPTS_ANY_RESPONSE,
    ACCEPTS_RES_AS_HEX_TEXT,
    ACCEPTS_RES_AS_BASE64_TEXT,
    ACCEPTS_VECTOR_OF_ANOTHER_USER,
    ACCEPTS_REPLAY,
    ACCEPTS_REPLACED_VECTOR,
    IGNORES_URI,
    MALFORMED_GIVES_500,
    READS_PAST_MISSING_QUOTE,
    TAKES_FIRST_OF_DUPLICATES,
    ACCEPTS_QOP_AUTH,
    ACCEPTS_MISSING_QOP,
    ACCEPTS_ALGORITHM_MD5,
    COMPARES_PREFIX_OF_RESPONSE,
    EMPTY_RESPONSE_ACCEPTED,
    NONCE_AGAIN_AFTER_AUTS,
    AUTS_IGNORED,
    AUTS_GIVES_403,
    SQN_MS_AGAIN_AFTER_AUTS,
    COUNTER_LOWERED_BY_AUTS,
    AUTS_WITHOUT_MAC_CHECK,
    AUTS_FOR_ANY_NONCE,
    AUTS_RESPONSE_IGNORED,
    MALFORMED_AUTS_GIVES_500,
    MALFORMED_AUTS_RESETS,
    BTID_OF_FIRST_RAND,
    OLD_VECTOR_AFTER_AUTS,
    NC_COUNTS_ACROSS_VECTORS,
];

const ACCEPTS_ANY_RESPONSE: Fault = fault(
    "bsf/accepts-any-response",
    "UB-4.2-40",
    "Any 32 hex digits are taken as the response.",
    Seam::Bsf(|policy| policy.accept_response = |check| check.response.len() == 32),
    &[],
);
const ACCEPTS_RES_AS_HEX_TEXT: Fault = fault(
    "bsf/accepts-res-as-hex-text",
    "UB-4.2-40",
    "The response made with RES as hex text is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| or_with(check, &HEXLOWER.encode(check.password));
    }),
    &[],
);
const ACCEPTS_RES_AS_BASE64_TEXT: Fault = fault(
    "bsf/accepts-res-as-base64-text",
    "UB-4.2-40",
    "The response made with RES as base64 text is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| or_with(check, &BASE64.encode(check.password));
    }),
    &[],
);
const ACCEPTS_VECTOR_OF_ANOTHER_USER: Fault = fault(
    "bsf/accepts-vector-of-another-user",
    "UB-4.2-40",
    "The response to a challenge of one subscriber is accepted from another.",
    Seam::Bsf(|policy| policy.answerable = |vector| vector.state == VectorState::Outstanding),
    &[],
);
const ACCEPTS_REPLAY: Fault = fault(
    "bsf/accepts-replay",
    "UB-4.2-41",
    "An Authorization that was used before makes a second session.",
    Seam::Bsf(|policy| policy.answerable = |vector| own_or(vector, VectorState::Spent)),
    &[],
);
const ACCEPTS_REPLACED_VECTOR: Fault = fault(
    "bsf/accepts-replaced-vector",
    "UB-4.2-42",
    "The answer to a challenge that a newer one replaced is accepted.",
    Seam::Bsf(|policy| policy.answerable = |vector| own_or(vector, VectorState::Replaced)),
    &[],
);
const IGNORES_URI: Fault = fault(
    "bsf/ignores-uri",
    "UB-4.2-43",
    "A uri directive that does not match the request line is ignored.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| tolerating(check, RefusalReason::UriMismatch);
    }),
    &[],
);
const MALFORMED_GIVES_500: Fault = fault(
    "bsf/malformed-gives-500",
    "UB-4.2-44",
    "Credentials that cannot be read lead to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedCredentials);
    }),
    &[],
);
const READS_PAST_MISSING_QUOTE: Fault = fault(
    "bsf/reads-past-missing-quote",
    "UB-4.2-44",
    "A missing closing quote is overlooked and the response accepted.",
    Seam::Bsf(|policy| policy.read_credentials = read_past_missing_quote),
    &[],
);
const TAKES_FIRST_OF_DUPLICATES: Fault = fault(
    "bsf/takes-first-of-duplicates",
    "UB-4.2-44",
    "Of a directive that is there twice the first is taken.",
    Seam::Bsf(|policy| policy.read_credentials = read_leniently),
    &[],
);
const ACCEPTS_QOP_AUTH: Fault = fault(
    "bsf/accepts-qop-auth",
    "UB-4.2-45",
    "A response with qop=auth is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_qop_auth),
    &[],
);
const ACCEPTS_MISSING_QOP: Fault = fault(
    "bsf/accepts-missing-qop",
    "UB-4.2-45",
    "A response in the form of RFC 2069, without qop, is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_missing_qop),
    &[],
);
const ACCEPTS_ALGORITHM_MD5: Fault = fault(
    "bsf/accepts-algorithm-md5",
    "UB-4.2-45",
    "A response that names MD5 is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_any_algorithm),
    &[],
);
const COMPARES_PREFIX_OF_RESPONSE: Fault = fault(
    "bsf/compares-prefix-of-response",
    "UB-4.3-01",
    "Only the first 31 digits of the response are compared.",
    Seam::Bsf(|policy| policy.accept_response = accept_prefix),
    &[],
);
const EMPTY_RESPONSE_ACCEPTED: Fault = fault(
    "bsf/empty-response-accepted",
    "UB-4.4-03",
    "An empty response after a challenge counts as success.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| check.response.is_empty() || proof::accept_response(check);
    }),
    &[],
);
const NONCE_AGAIN_AFTER_AUTS: Fault = fault(
    "bsf/nonce-again-after-auts",
    "UB-4.5-07",
    "The challenge after a valid AUTS repeats the nonce.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| previous_after(choice, VectorCause::Resynchronisation);
    }),
    &[],
);
const AUTS_IGNORED: Fault = fault(
    "bsf/auts-ignored",
    "UB-4.5-07",
    "The challenge after a valid AUTS continues the old range of SQN.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| match bsf::resynchronise(request) {
            ResyncDecision::Resynchronise(_) => ResyncDecision::ChallengeAgain,
            other => other,
        };
    }),
    &[],
);
const AUTS_GIVES_403: Fault = fault(
    "bsf/auts-gives-403",
    "UB-4.5-07",
    "A valid AUTS is refused with 403.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| match bsf::resynchronise(request) {
            ResyncDecision::Resynchronise(_) => ResyncDecision::Refuse(RefusalReason::ForgedAuts),
            other => other,
        };
    }),
    &[],
);
const SQN_MS_AGAIN_AFTER_AUTS: Fault = fault(
    "bsf/sqn-ms-again-after-auts",
    "SQN-AUC-03",
    "The vector after a reset has SQN_MS itself, which the USIM has accepted before.",
    Seam::Bsf(|policy| policy.reset_counter = reset_before_sqn_ms),
    &[],
);
const COUNTER_LOWERED_BY_AUTS: Fault = fault(
    "bsf/counter-lowered-by-auts",
    "SQN-AUC-02",
    "A valid AUTS lowers the counter although the next SQN was acceptable.",
    Seam::Bsf(|policy| {
        policy.reset_counter = |counter, sqn_ms| HeSqn::new(*counter.scheme(), sqn_ms);
    }),
    &[],
);
const AUTS_WITHOUT_MAC_CHECK: Fault = fault(
    "bsf/auts-without-mac-check",
    "UB-4.5-08",
    "An AUTS with a wrong MAC-S resets the counter.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| match bsf::resynchronise(request) {
            ResyncDecision::Refuse(RefusalReason::ForgedAuts) => unchecked(request),
            other => other,
        };
    }),
    &[],
);
const AUTS_FOR_ANY_NONCE: Fault = fault(
    "bsf/auts-for-any-nonce",
    "UB-4.5-09",
    "RAND for the AUTS is taken from the client's nonce, whoever issued it.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| {
            bsf::resynchronise(&ResyncRequest {
                issued_rand: request.client_rand,
                ..*request
            })
        };
    }),
    &[],
);
const AUTS_RESPONSE_IGNORED: Fault = fault(
    "bsf/auts-response-ignored",
    "UB-4.5-10",
    "The response beside an AUTS is not verified.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| {
            bsf::resynchronise(&ResyncRequest {
                response: ResyncResponse::Right,
                ..*request
            })
        };
    }),
    &[],
);
const MALFORMED_AUTS_GIVES_500: Fault = fault(
    "bsf/malformed-auts-gives-500",
    "UB-4.5-11",
    "An AUTS that is not 14 octets of base64 leads to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedAuts);
    }),
    &[],
);
const MALFORMED_AUTS_RESETS: Fault = fault(
    "bsf/malformed-auts-resets",
    "UB-4.5-11",
    "An AUTS that is not 14 octets of base64 resets the counter.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| match bsf::resynchronise(request) {
            ResyncDecision::Refuse(RefusalReason::MalformedAuts) => unchecked(request),
            other => other,
        };
    }),
    &[],
);
const BTID_OF_FIRST_RAND: Fault = fault(
    "bsf/btid-of-first-rand",
    "UB-4.5-12",
    "The B-TID after a resynchronisation has RAND of the first challenge.",
    Seam::Bsf(|policy| policy.btid = |facts| kdf::btid(facts.first_rand, facts.fqdn)),
    &[],
);
const OLD_VECTOR_AFTER_AUTS: Fault = fault(
    "bsf/old-vector-after-auts",
    "UB-4.5-14",
    "After a resynchronisation a vector of the old range is served from a batch.",
    Seam::Bsf(|policy| policy.choose_vector = next_of_old_batch),
    &[],
);
const NC_COUNTS_ACROSS_VECTORS: Fault = fault(
    "bsf/nc-counts-across-vectors",
    "UB-4.5-15",
    "nc 00000001 with the nonce after a resynchronisation is refused as a replay.",
    Seam::Bsf(|policy| policy.check_request = nc_across_vectors),
    &[],
);

/// The right response, or the one with this password text.
fn or_with(check: &ResponseCheck<'_>, password: &str) -> bool {
    let near_miss = Password::Octets(password.as_bytes());
    proof::accept_response(check) || check.facts.proves(near_miss, check.response)
}

/// The default, or the same subscriber's vector in one more state.
fn own_or(vector: &VectorUse<'_>, state: VectorState) -> bool {
    bsf::answerable(vector) || (vector.state == state && vector.issued_to == vector.claimed_by)
}

/// The default without one of its reasons.
fn tolerating(check: &RequestCheck<'_>, reason: RefusalReason) -> Result<(), RefusalReason> {
    bsf::check_request(check).or_else(|found| if found == reason { Ok(()) } else { Err(found) })
}

fn accept_qop_auth(check: &RequestCheck<'_>) -> Result<(), RefusalReason> {
    tolerating_downgrade(check, check.credentials.qop == Some(QopValue::Auth))
}

fn accept_missing_qop(check: &RequestCheck<'_>) -> Result<(), RefusalReason> {
    tolerating_downgrade(check, check.credentials.qop.is_none())
}

fn accept_any_algorithm(check: &RequestCheck<'_>) -> Result<(), RefusalReason> {
    let known = check.credentials.algorithm == Some(Algorithm::Md5);
    tolerating_downgrade(check, known)
}

fn tolerating_downgrade(check: &RequestCheck<'_>, tolerated: bool) -> Result<(), RefusalReason> {
    if tolerated {
        tolerating(check, RefusalReason::Downgrade)
    } else {
        bsf::check_request(check)
    }
}

/// Reads what the tolerant parser makes of it, duplicates and gaps included.
fn read_leniently(request: &Message) -> Result<Credentials, MalformedCredentials> {
    let field = request.field("Authorization").ok_or(MalformedCredentials)?;
    Ok(Credentials::parse(&DirectiveList::parse_credentials(&field.text())).0)
}

/// Closes an unterminated `response` behind its 32 digits, as a parser that counts them does.
fn read_past_missing_quote(request: &Message) -> Result<Credentials, MalformedCredentials> {
    let mut credentials = proof::read_credentials(request).or_else(|_| read_leniently(request))?;
    if let Some(response) = &mut credentials.response {
        response.truncate(32);
    }
    Ok(credentials)
}

fn accept_prefix(check: &ResponseCheck<'_>) -> bool {
    let password = Password::Octets(check.password);
    let expected = check.facts.input(password, &check.facts.body).response();
    check.response.len() == 32 && check.response[..31] == expected.as_bytes()[..31]
}

/// Takes the octets that are there, without any check of MAC-S.
fn unchecked(request: &ResyncRequest<'_>) -> ResyncDecision {
    let mut octets = BASE64.decode(request.auts).unwrap_or_default();
    octets.resize(Auts::LEN, 0);
    let (Some(rand), Ok(auts)) = (request.issued_rand, Auts::try_from(octets.as_slice())) else {
        return ResyncDecision::ChallengeAgain;
    };
    ResyncDecision::Resynchronise(request.functions.open_auts(rand, &auts).sqn_ms)
}

/// Sets the counter such that its next number is `SQN_MS`.
fn reset_before_sqn_ms(counter: HeSqn, sqn_ms: Sqn) -> HeSqn {
    let scheme = *counter.scheme();
    let reset = bsf::reset_counter(counter, sqn_ms);
    if reset.last() != sqn_ms {
        return reset;
    }
    let (seq, ind) = (sqn_ms.seq(&scheme), sqn_ms.ind(&scheme));
    let ind_before = (ind + scheme.slots() - 1) % scheme.slots();
    Sqn::from_parts(&scheme, seq.saturating_sub(1), ind_before)
        .map_or(reset, |before| HeSqn::new(scheme, before))
}

fn next_of_old_batch(choice: &VectorChoice) -> VectorSeed {
    let fresh = bsf::choose_vector(choice);
    match (choice.cause, choice.previous) {
        (VectorCause::Resynchronisation, Some(previous)) => VectorSeed {
            // SEQ and IND one higher, in the layout of five bits that the reference peers use.
            sqn: Sqn::new(previous.sqn.value() + 33).unwrap_or(previous.sqn),
            ..fresh
        },
        _ => fresh,
    }
}

fn nc_across_vectors(check: &RequestCheck<'_>) -> Result<(), RefusalReason> {
    bsf::check_request(check)?;
    if check.cause == Some(VectorCause::Resynchronisation) {
        return Err(RefusalReason::NonceCount);
    }
    Ok(())
}
