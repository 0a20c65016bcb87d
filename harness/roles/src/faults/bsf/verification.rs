//! Faults of a BSF that judges an answer: responses, directives, AUTS.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::digest::{Password, digests_equal};
use gbaspec_crypto::kdf;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Auts, Sqn};
use gbaspec_wire::auts;
use gbaspec_wire::digest_header::{Algorithm, Credentials, QopValue};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{fault, one_step_below, previous_after, server_error_for};
use crate::bsf::{
    self, FoundBy, RefusalReason, RequestCheck, ResyncDecision, ResyncRequest, ResyncResponse,
    VectorChoice, VectorSeed, VectorUse,
};
use crate::faults::{Fault, Seam, edit};
use crate::proof::{self, MalformedCredentials, ResponseCheck};
use crate::store::{VectorCause, VectorState};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ACCEPTS_ANY_RESPONSE,
    ACCEPTS_RES_AS_HEX_TEXT,
    ACCEPTS_RES_AS_BASE64_TEXT,
    ACCEPTS_PADDED_RES,
    ACCEPTS_FIRST_OCTETS_OF_RES,
    ACCEPTS_VECTOR_OF_ANOTHER_USER,
    ACCEPTS_ANY_CREDENTIALS,
    IGNORES_NONCE,
    RAND_OF_THE_CLIENT,
    ACCEPTS_RESPONSE_WITHOUT_BODY_HASH,
    ACCEPTS_REPLAY,
    ACCEPTS_REPLACED_VECTOR,
    IGNORES_URI,
    MALFORMED_GIVES_500,
    READS_PAST_MISSING_QUOTE,
    TAKES_FIRST_OF_DUPLICATES,
    UNOFFERED_OPAQUE_GIVES_500,
    ACCEPTS_QOP_AUTH,
    ACCEPTS_MISSING_QOP,
    ACCEPTS_ALGORITHM_MD5,
    ACCEPTS_MISSING_ALGORITHM,
    COMPARES_PREFIX_OF_RESPONSE,
    EMPTY_RESPONSE_ACCEPTED,
    NONCE_AGAIN_AFTER_AUTS,
    AUTS_IGNORED,
    AUTS_GIVES_403,
    SQN_MS_AGAIN_AFTER_AUTS,
    SEQ_MS_AGAIN_WITH_NEW_IND,
    COUNTER_LOWERED_BY_AUTS,
    COUNTER_LOWERED_BELOW_SQN_MS,
    COUNTER_NEVER_LOWERED,
    COUNTER_LOWERED_BY_REPEATED_AUTS,
    AUTS_WITH_CHALLENGE_AMF_ACCEPTED,
    AUTS_WITHOUT_MAC_CHECK,
    AUTS_FOR_ANY_NONCE,
    AUTS_NONCE_IGNORED,
    AUTS_RESPONSE_IGNORED,
    MALFORMED_AUTS_GIVES_500,
    MALFORMED_AUTS_RESETS,
    AUTS_JUNK_SKIPPED,
    UNQUOTED_AUTS_GIVES_500,
    BTID_OF_FIRST_RAND,
    OLD_VECTOR_AFTER_AUTS,
    NC_COUNTS_ACROSS_VECTORS,
];

const ACCEPTS_ANY_RESPONSE: Fault = fault(
    "bsf/accepts-any-response",
    "UB-4.2-40",
    "Any 32 hex digits are taken as the response.",
    Seam::Bsf(|policy| policy.accept_response = |check| check.response.len() == 32),
    &[
        "ub/user-authentication/refuses-response-with-res-as-hex",
        "ub/user-authentication/refuses-response-with-res-as-base64",
        "ub/user-authentication/refuses-response-with-empty-password",
        "ub/user-authentication/refuses-res-of-another-key",
    ],
);
const ACCEPTS_RES_AS_HEX_TEXT: Fault = fault(
    "bsf/accepts-res-as-hex-text",
    "UB-4.2-40",
    "The response made with RES as hex text is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| or_with(check, HEXLOWER.encode(check.password).as_bytes());
    }),
    &["ub/user-authentication/refuses-response-with-res-as-hex"],
);
const ACCEPTS_RES_AS_BASE64_TEXT: Fault = fault(
    "bsf/accepts-res-as-base64-text",
    "UB-4.2-40",
    "The response made with RES as base64 text is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| or_with(check, BASE64.encode(check.password).as_bytes());
    }),
    &["ub/user-authentication/refuses-response-with-res-as-base64"],
);
const ACCEPTS_PADDED_RES: Fault = fault(
    "bsf/accepts-padded-res",
    "UB-4.2-40",
    "The response made with RES and zeros up to 16 octets is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            let mut padded = check.password.to_vec();
            padded.resize(16, 0);
            or_with(check, &padded)
        };
    }),
    &["ub/user-authentication/refuses-response-with-padded-res"],
);
const ACCEPTS_FIRST_OCTETS_OF_RES: Fault = fault(
    "bsf/accepts-first-octets-of-res",
    "UB-4.2-40",
    "The response made with the first four octets of RES is accepted as well.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| {
            let first = check.password.first_chunk::<4>();
            first.is_some_and(|first| or_with(check, first))
        };
    }),
    &["ub/user-authentication/refuses-response-with-cut-res"],
);
const ACCEPTS_VECTOR_OF_ANOTHER_USER: Fault = fault(
    "bsf/accepts-vector-of-another-user",
    "UB-4.2-40",
    "The response to a challenge of one subscriber is accepted from another.",
    Seam::Bsf(|policy| {
        policy.answerable = |vector| {
            bsf::answerable(&VectorUse {
                issued_to: vector.claimed_by,
                ..*vector
            })
        };
    }),
    &["ub/user-authentication/refuses-run-of-another-user"],
);
const ACCEPTS_ANY_CREDENTIALS: Fault = fault(
    "bsf/accepts-any-credentials",
    "UB-4.2-40",
    "Any 32 hex digits are taken as the response, whatever the nonce and whoever was challenged.",
    Seam::Bsf(|policy| {
        policy.answerable = |_| true;
        policy.accept_response = |check| check.response.len() == 32;
    }),
    &[
        "ub/user-authentication/refuses-run-of-another-user",
        "ub/user-authentication/refuses-vector-issued-to-another-user",
        "ub/user-authentication/refuses-nonce-never-issued",
    ],
);
const IGNORES_NONCE: Fault = fault(
    "bsf/ignores-nonce",
    "UB-4.2-40",
    "A nonce that was never issued stands for the latest challenge.",
    Seam::Bsf(|policy| {
        policy.answerable = |vector| {
            bsf::answerable(&VectorUse {
                found_by: FoundBy::Nonce,
                ..*vector
            })
        };
    }),
    &["ub/user-authentication/refuses-nonce-never-issued"],
);
const RAND_OF_THE_CLIENT: Fault = fault(
    "bsf/rand-of-the-client",
    "UB-4.2-40",
    "XRES is computed for the RAND in the client's nonce, whoever made it.",
    Seam::Bsf(|policy| {
        policy.answerable = |vector| {
            bsf::answerable(&VectorUse {
                found_by: FoundBy::Nonce,
                ..*vector
            })
        };
        policy.answered_rand = |rand| rand.client.unwrap_or(rand.issued);
    }),
    &["ub/user-authentication/refuses-res-for-a-nonce-of-its-own-making"],
);
const ACCEPTS_RESPONSE_WITHOUT_BODY_HASH: Fault = fault(
    "bsf/accepts-response-without-body-hash",
    "DG-14",
    "A response under auth-int may leave out the hash of the empty body.",
    Seam::Bsf(|policy| policy.accept_response = accept_without_body_hash),
    &["ub/user-authentication/refuses-response-without-body-hash"],
);
const ACCEPTS_REPLAY: Fault = fault(
    "bsf/accepts-replay",
    "UB-4.2-41",
    "An Authorization that was used before makes a second session.",
    Seam::Bsf(|policy| policy.answerable = |vector| own_or(vector, VectorState::Spent)),
    &["ub/user-authentication/refuses-replay-of-the-answer"],
);
const ACCEPTS_REPLACED_VECTOR: Fault = fault(
    "bsf/accepts-replaced-vector",
    "UB-4.2-42",
    "The answer to a challenge that a newer one replaced is accepted.",
    Seam::Bsf(|policy| policy.answerable = |vector| own_or(vector, VectorState::Replaced)),
    &["ub/user-authentication/refuses-challenge-that-was-replaced"],
);
const IGNORES_URI: Fault = fault(
    "bsf/ignores-uri",
    "UB-4.2-43",
    "A uri directive that does not match the request line is ignored.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| tolerating(check, RefusalReason::UriMismatch);
    }),
    &["ub/user-authentication/advises-400-for-foreign-uri"],
);
const MALFORMED_GIVES_500: Fault = fault(
    "bsf/malformed-gives-500",
    "UB-4.2-44",
    "Credentials that cannot be read lead to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedCredentials);
    }),
    &[
        "ub/malformed/refuses-missing-username",
        "ub/malformed/refuses-missing-realm",
        "ub/malformed/refuses-missing-nonce",
        "ub/malformed/refuses-missing-uri",
        "ub/malformed/refuses-missing-response",
        "ub/malformed/refuses-missing-cnonce",
        "ub/malformed/refuses-missing-nc",
        "ub/malformed/refuses-response-given-twice",
        "ub/malformed/refuses-response-without-closing-quote",
        "ub/malformed/refuses-nonce-printed-as-formula",
        "ub/malformed/survives-nonce-without-quotes",
        "ub/malformed/survives-release-6-form-of-the-auts-request",
    ],
);
const READS_PAST_MISSING_QUOTE: Fault = fault(
    "bsf/reads-past-missing-quote",
    "UB-4.2-44",
    "A missing closing quote is overlooked and the response accepted.",
    Seam::Bsf(|policy| policy.read_credentials = read_past_missing_quote),
    &["ub/malformed/refuses-response-without-closing-quote"],
);
const TAKES_FIRST_OF_DUPLICATES: Fault = fault(
    "bsf/takes-first-of-duplicates",
    "UB-4.2-44",
    "Of a directive that is there twice the first is taken.",
    Seam::Bsf(|policy| policy.read_credentials = read_leniently),
    &["ub/malformed/refuses-response-given-twice"],
);
const UNOFFERED_OPAQUE_GIVES_500: Fault = fault(
    "bsf/unoffered-opaque-gives-500",
    "UB-4.2-44",
    "An opaque that no challenge offered, as the tables print it, leads to 500.",
    Seam::Bsf(|policy| {
        policy.check_request = |check| match check.credentials.opaque {
            Some(_) => Err(RefusalReason::MalformedRequest),
            None => bsf::check_request(check),
        };
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedRequest);
    }),
    &["ub/malformed/survives-table-4-5-6-as-printed"],
);
const ACCEPTS_QOP_AUTH: Fault = fault(
    "bsf/accepts-qop-auth",
    "UB-4.2-45",
    "A response with qop=auth is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_qop_auth),
    &["ub/user-authentication/refuses-qop-auth"],
);
const ACCEPTS_MISSING_QOP: Fault = fault(
    "bsf/accepts-missing-qop",
    "UB-4.2-45",
    "A response in the form of RFC 2069, without qop, is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_missing_qop),
    &["ub/user-authentication/refuses-missing-qop"],
);
const ACCEPTS_ALGORITHM_MD5: Fault = fault(
    "bsf/accepts-algorithm-md5",
    "UB-4.2-45",
    "A response that names MD5 is accepted.",
    Seam::Bsf(|policy| policy.check_request = accept_any_algorithm),
    &["ub/user-authentication/refuses-algorithm-md5"],
);
const ACCEPTS_MISSING_ALGORITHM: Fault = fault(
    "bsf/accepts-missing-algorithm",
    "UB-4.2-45",
    "A response without an algorithm is accepted.",
    Seam::Bsf(|policy| {
        policy.check_request =
            |check| tolerating_downgrade(check, check.credentials.algorithm.is_none());
    }),
    &["ub/user-authentication/reports-missing-algorithm"],
);
const COMPARES_PREFIX_OF_RESPONSE: Fault = fault(
    "bsf/compares-prefix-of-response",
    "UB-4.3-01",
    "Only the first 31 digits of the response are compared.",
    Seam::Bsf(|policy| policy.accept_response = edit::accept_prefix),
    &["ub/user-authentication/refuses-response-with-one-bit-flipped"],
);
const EMPTY_RESPONSE_ACCEPTED: Fault = fault(
    "bsf/empty-response-accepted",
    "UB-4.4-03",
    "An empty response after a challenge counts as success.",
    Seam::Bsf(|policy| {
        policy.accept_response = |check| check.response.is_empty() || proof::accept_response(check);
    }),
    &[
        "ub/network-authentication/empty-response-is-no-success",
        "ub/network-authentication/run-succeeds-after-an-empty-response",
    ],
);
const NONCE_AGAIN_AFTER_AUTS: Fault = fault(
    "bsf/nonce-again-after-auts",
    "UB-4.5-07",
    "The challenge after a valid AUTS repeats the nonce.",
    Seam::Bsf(|policy| {
        policy.choose_vector = |choice| previous_after(choice, VectorCause::Resynchronisation);
    }),
    &[
        "ub/resync/fresh-challenge-after-auts",
        "ub/resync/second-auts-moves-the-range-again",
        "ub/sqn/every-resynchronisation-leads-into-range",
    ],
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
    &[
        "ub/resync/fresh-challenge-after-auts",
        "ub/resync/second-auts-moves-the-range-again",
    ],
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
    &["ub/resync/fresh-challenge-after-auts"],
);
const SQN_MS_AGAIN_AFTER_AUTS: Fault = fault(
    "bsf/sqn-ms-again-after-auts",
    "SQN-AUC-03",
    "The vector after a reset has SQN_MS itself, which the USIM has accepted before.",
    Seam::Bsf(|policy| policy.reset_counter = reset_before_sqn_ms),
    &[
        "ub/resync/next-vector-lies-within-delta-of-sqn-ms",
        "ub/sqn/every-resynchronisation-leads-into-range",
        "ub/sqn/every-distance-leads-into-range",
    ],
);
const SEQ_MS_AGAIN_WITH_NEW_IND: Fault = fault(
    "bsf/seq-ms-again-with-new-ind",
    "SQN-AUC-03",
    "The vector after a reset has the SEQ of SQN_MS with the next IND.",
    Seam::Bsf(|policy| policy.reset_counter = reset_one_seq_lower),
    &[
        "ub/resync/next-vector-lies-within-delta-of-sqn-ms",
        "ub/sqn/every-resynchronisation-leads-into-range",
    ],
);
const COUNTER_LOWERED_BY_AUTS: Fault = fault(
    "bsf/counter-lowered-by-auts",
    "SQN-AUC-02",
    "A valid AUTS lowers the counter although the next SQN was acceptable.",
    Seam::Bsf(|policy| {
        policy.reset_counter = |counter, sqn_ms| HeSqn::new(*counter.scheme(), sqn_ms);
    }),
    &[
        "ub/resync/keeps-counter-for-sqn-ms-below-it",
        "ub/sqn/no-report-from-below-lowers-the-counter",
    ],
);
const COUNTER_LOWERED_BELOW_SQN_MS: Fault = fault(
    "bsf/counter-lowered-below-sqn-ms",
    "SQN-AUC-02",
    "Every valid AUTS sets the counter such that its next number is SQN_MS.",
    Seam::Bsf(|policy| {
        policy.reset_counter =
            |counter, sqn_ms| HeSqn::new(*counter.scheme(), one_step_below(sqn_ms));
    }),
    &[
        "ub/resync/keeps-counter-for-sqn-ms-below-it",
        "ub/resync/keeps-counter-for-equal-sqn-ms",
        "ub/sqn/no-report-from-below-lowers-the-counter",
    ],
);
const COUNTER_NEVER_LOWERED: Fault = fault(
    "bsf/counter-never-lowered",
    "SQN-AUC-02",
    "A valid AUTS does not lower the counter, even if the next SQN is beyond delta.",
    Seam::Bsf(|policy| {
        policy.reset_counter = |counter, sqn_ms| {
            if sqn_ms < counter.last() {
                counter
            } else {
                bsf::reset_counter(counter, sqn_ms)
            }
        };
    }),
    &[
        "ub/resync/lowers-counter-for-sqn-ms-far-below-it",
        "ub/sqn/every-distance-leads-into-range",
    ],
);
const COUNTER_LOWERED_BY_REPEATED_AUTS: Fault = fault(
    "bsf/counter-lowered-by-repeated-auts",
    "SQN-AUC-02",
    "An AUTS that was obeyed already sets the counter to its SQN_MS once more.",
    Seam::Bsf(|policy| {
        policy.answerable = |vector| own_or(vector, VectorState::Spent);
        policy.reset_counter = |counter, sqn_ms| HeSqn::new(*counter.scheme(), sqn_ms);
    }),
    &["ub/sqn/a-repeated-auts-moves-nothing-back"],
);
const AUTS_WITH_CHALLENGE_AMF_ACCEPTED: Fault = fault(
    "bsf/auts-with-challenge-amf-accepted",
    "SQN-AUC-04",
    "MAC-S over the AMF of the challenge counts as valid.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| match bsf::resynchronise(request) {
            ResyncDecision::Refuse(RefusalReason::ForgedAuts) if covers_challenge_amf(request) => {
                unchecked(request)
            }
            other => other,
        };
    }),
    &["ub/resync/auts-with-amf-of-the-challenge-resets-nothing"],
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
    &[
        "ub/resync/forged-mac-first-bit-resets-nothing",
        "ub/resync/forged-mac-last-bit-resets-nothing",
        "ub/resync/forged-sqn-bit-resets-nothing",
        "ub/resync/auts-of-another-key-resets-nothing",
        "ub/sqn/no-altered-auts-moves-the-counter",
        "ub/sqn/users-do-not-move-each-other",
    ],
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
    &[
        "ub/resync/auts-for-nonce-of-another-user-resets-nothing",
        "ub/sqn/users-do-not-move-each-other",
    ],
);
const AUTS_NONCE_IGNORED: Fault = fault(
    "bsf/auts-nonce-ignored",
    "UB-4.5-09",
    "An AUTS is held against the latest challenge, whatever nonce stands beside it.",
    Seam::Bsf(|policy| {
        policy.resynchronise = |request| {
            bsf::resynchronise(&ResyncRequest {
                issued_rand: request.latest_rand,
                ..*request
            })
        };
    }),
    &[
        "ub/resync/auts-for-nonce-never-issued-resets-nothing",
        "ub/sqn/users-do-not-move-each-other",
    ],
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
    &["ub/resync/advises-to-verify-the-response-beside-auts"],
);
const MALFORMED_AUTS_GIVES_500: Fault = fault(
    "bsf/malformed-auts-gives-500",
    "UB-4.5-11",
    "An AUTS that is not 14 octets of base64 leads to 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedAuts);
    }),
    &[
        "ub/resync/refuses-auts-of-13-octets",
        "ub/resync/refuses-auts-of-15-octets",
        "ub/resync/refuses-empty-auts",
        "ub/resync/refuses-auts-that-is-no-base64",
    ],
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
    &[
        "ub/resync/refuses-auts-of-13-octets",
        "ub/resync/refuses-auts-of-15-octets",
        "ub/resync/refuses-empty-auts",
        "ub/resync/refuses-auts-that-is-no-base64",
        "ub/sqn/no-altered-auts-moves-the-counter",
    ],
);
const AUTS_JUNK_SKIPPED: Fault = fault(
    "bsf/auts-junk-skipped",
    "UB-4.5-11",
    "Characters of auts that are no base64 are skipped.",
    Seam::Bsf(|policy| policy.resynchronise = resynchronise_without_junk),
    &["ub/resync/refuses-auts-with-junk-in-its-base64"],
);
const UNQUOTED_AUTS_GIVES_500: Fault = fault(
    "bsf/unquoted-auts-gives-500",
    "UB-4.5-11",
    "An auts without quotes is taken for an empty one and leads to 500.",
    Seam::Bsf(|policy| {
        policy.read_credentials = read_unquoted_auts_as_empty;
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::MalformedAuts);
    }),
    &[
        "ub/resync/refuses-auts-printed-as-formula",
        "ub/resync/survives-auts-without-quotes",
    ],
);
const BTID_OF_FIRST_RAND: Fault = fault(
    "bsf/btid-of-first-rand",
    "UB-4.5-12",
    "The B-TID after a resynchronisation has RAND of the first challenge.",
    Seam::Bsf(|policy| policy.btid = |facts| kdf::btid(facts.first_rand, facts.fqdn)),
    &["ub/resync/run-completes-after-auts"],
);
const OLD_VECTOR_AFTER_AUTS: Fault = fault(
    "bsf/old-vector-after-auts",
    "UB-4.5-14",
    "After a resynchronisation a vector of the old range is served from a batch.",
    Seam::Bsf(|policy| policy.choose_vector = next_of_old_batch),
    &["ub/resync/no-vector-of-the-old-range-after-auts"],
);
const NC_COUNTS_ACROSS_VECTORS: Fault = fault(
    "bsf/nc-counts-across-vectors",
    "UB-4.5-15",
    "nc 00000001 with the nonce after a resynchronisation is refused as a replay.",
    Seam::Bsf(|policy| policy.check_request = nc_across_vectors),
    &["ub/resync/nonce-count-restarts-after-auts"],
);

/// The right response, or the one with this password text.
fn or_with(check: &ResponseCheck<'_>, password: &[u8]) -> bool {
    let near_miss = Password::Octets(password);
    proof::accept_response(check) || check.facts.proves(near_miss, check.response)
}

/// The default, or the same subscriber's vector in one more state.
fn own_or(vector: &VectorUse<'_>, state: VectorState) -> bool {
    let outstanding = VectorUse {
        state: VectorState::Outstanding,
        ..*vector
    };
    bsf::answerable(vector) || (vector.state == state && bsf::answerable(&outstanding))
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

/// Overlooks what is wrong with credentials that have an AUTS, and the AUTS with it.
fn read_unquoted_auts_as_empty(request: &Message) -> Result<Credentials, MalformedCredentials> {
    proof::read_credentials(request).or_else(|why| {
        let credentials = read_leniently(request)?;
        credentials.auts.as_ref().ok_or(why)?;
        Ok(Credentials {
            auts: Some(Vec::new()),
            ..credentials
        })
    })
}

fn accept_without_body_hash(check: &ResponseCheck<'_>) -> bool {
    let facts = check.facts;
    let input = facts.input(Password::Octets(check.password), &facts.body);
    let a2 = [facts.method.as_slice(), b":", &facts.uri].concat();
    proof::accept_response(check) || digests_equal(&input.finish(&a2), check.response)
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

/// Whether MAC-S is right for the AMF of the challenge in place of zeros.
fn covers_challenge_amf(request: &ResyncRequest<'_>) -> bool {
    let (Some(rand), Ok(octets)) = (request.issued_rand, auts::decode(request.auts)) else {
        return false;
    };
    let functions = request.functions;
    let sqn_ms = functions.open_auts(rand, &Auts::from(octets)).sqn_ms;
    *functions
        .auts_with_amf(rand, sqn_ms, request.amf)
        .as_bytes()
        == octets
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

/// Sets the counter such that its next number has the SEQ of `SQN_MS`, and the next IND.
fn reset_one_seq_lower(counter: HeSqn, sqn_ms: Sqn) -> HeSqn {
    let scheme = *counter.scheme();
    let reset = bsf::reset_counter(counter, sqn_ms);
    if reset.last() != sqn_ms {
        return reset;
    }
    let seq = sqn_ms.seq(&scheme).saturating_sub(1);
    Sqn::from_parts(&scheme, seq, sqn_ms.ind(&scheme))
        .map_or(reset, |lower| HeSqn::new(scheme, lower))
}

/// Reads AUTS as a decoder does that skips what it does not know.
fn resynchronise_without_junk(request: &ResyncRequest<'_>) -> ResyncDecision {
    let mut auts = request.auts.to_vec();
    auts.retain(|&octet| octet.is_ascii_alphanumeric() || b"+/=".contains(&octet));
    bsf::resynchronise(&ResyncRequest {
        auts: &auts,
        ..*request
    })
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
