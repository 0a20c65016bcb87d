//! Faults of a UE in the bootstrapping run: requests, reading of challenges, results.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::digest::Qop;

use super::decisions::{
    has_known_directives, is_ordered_as_printed, is_spaced_as_printed, is_spelt_as_printed,
    keeping_refused_run, read_any_session, read_autn_from_end, read_nonce_without_junk,
    read_padded_nonce, reencoded, search_for_text, trusting, where_readable, with_res,
};
use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::role::ClientOutcome;
use crate::ue::{self, ChallengeVerdict, Freshness, NextStep, ReferencePoint, UsernameFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    FIRST_REQUEST_WITHOUT_AUTHORIZATION,
    FIRST_REQUEST_BY_POST,
    USERNAME_SIP_URI,
    FIRST_REALM_HOME_DOMAIN,
    FIRST_RESPONSE_DUMMY,
    FIRST_REQUEST_WITHOUT_NONCE,
    URI_ABSOLUTE,
    RES_AS_HEX_TEXT,
    RES_AS_BASE64_TEXT,
    RES_PADDED,
    RES_TRUNCATED,
    QOP_AUTH,
    QOP_QUOTED,
    NC_ONE_DIGIT,
    NC_QUOTED,
    NC_CONTINUES,
    NONCE_REENCODED,
    OPAQUE_OMITTED,
    ALGORITHM_OMITTED,
    AUTN_FROM_END,
    REFUSES_SERVER_DATA,
    SHORT_NONCE_PADDED,
    NONCE_JUNK_SKIPPED,
    BAD_NONCE_COUNTS_AS_SUCCESS,
    ANSWERS_UNKNOWN_ALGORITHM,
    SEARCHES_FOR_BTID_TEXT,
    RSPAUTH_NOT_CHECKED,
    READS_DIRECTIVES_BY_PLACE,
    SPLITS_AT_COMMA_AND_BLANK,
    COMPARES_NAMES_EXACTLY,
    REFUSES_UNKNOWN_DIRECTIVE,
    TRIES_ON_AFTER_401,
    REFUSAL_COUNTS_AS_SUCCESS,
    RESPONSE_UPPER_CASE,
    ALGORITHM_QUOTED,
    USERNAME_UNQUOTED,
];

const FIRST_REQUEST_WITHOUT_AUTHORIZATION: Fault = fault(
    "ue/first-request-without-authorization",
    "UB-4.2-03",
    "The first request has no Authorization.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            message.remove("Authorization");
        }
    }),
    &["ue/bootstrap/starts-with-get-and-digest-credentials"],
);
const FIRST_REQUEST_BY_POST: Fault = fault(
    "ue/first-request-by-post",
    "UB-4.2-03",
    "The first request is a POST.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            message.start_line = b"POST / HTTP/1.1".to_vec();
        }
    }),
    &["ue/bootstrap/starts-with-get-and-digest-credentials"],
);
const USERNAME_SIP_URI: Fault = fault(
    "ue/username-sip-uri",
    "UB-4.2-04",
    "The username is a SIP URI instead of the private identity.",
    Seam::Ue(|policy| {
        policy.username = |facts| match facts {
            UsernameFacts::Ub { impi, .. } => format!("sip:{impi}"),
            UsernameFacts::Ua { .. } => ue::username(facts),
        };
    }),
    &["ue/bootstrap/starts-with-the-private-identity"],
);
const FIRST_REALM_HOME_DOMAIN: Fault = fault(
    "ue/first-realm-home-domain",
    "UB-4.2-06",
    "The realm of the first request is the home domain instead of the name of the BSF.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            edit::credentials(message, |list| list.set_raw("realm", b"\"home1.net\""));
        }
    }),
    &["ue/bootstrap/starts-with-the-bsf-name-as-realm"],
);
const FIRST_RESPONSE_DUMMY: Fault = fault(
    "ue/first-response-dummy",
    "UB-4.2-07",
    "The first request has 32 zeros as its response.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            edit::credentials(message, |list| {
                list.set_raw("response", b"\"00000000000000000000000000000000\"");
            });
        }
    }),
    &["ue/bootstrap/starts-with-empty-nonce-and-response"],
);
const FIRST_REQUEST_WITHOUT_NONCE: Fault = fault(
    "ue/first-request-without-nonce",
    "UB-4.2-07",
    "The first request leaves out nonce and response.",
    Seam::Message(|message| {
        if edit::is_initial(message) {
            edit::credentials(message, |list| {
                list.remove("nonce");
                list.remove("response");
            });
        }
    }),
    &["ue/bootstrap/starts-with-empty-nonce-and-response"],
);
const URI_ABSOLUTE: Fault = fault(
    "ue/uri-absolute",
    "UB-4.2-08",
    "uri is an absolute URL while the request line has a path.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            list.set_raw("uri", b"\"http://bsf.home1.net/\"");
        });
    }),
    &["ue/bootstrap/starts-with-the-request-target-as-uri"],
);
const RES_AS_HEX_TEXT: Fault = fault(
    "ue/res-as-hex-text",
    "UB-4.2-31",
    "The password is RES as hex text.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| HEXLOWER.encode(res).into_bytes());
    }),
    &["ue/bootstrap/completes-the-run"],
);
const RES_AS_BASE64_TEXT: Fault = fault(
    "ue/res-as-base64-text",
    "UB-4.2-31",
    "The password is RES as base64 text.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| BASE64.encode(res).into_bytes());
    }),
    &["ue/bootstrap/completes-the-run"],
);
const RES_PADDED: Fault = fault(
    "ue/res-padded",
    "UB-4.2-31",
    "RES is padded with zeros to 16 octets.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| {
            with_res(facts, |res| {
                let mut padded = res.to_vec();
                padded.resize(16, 0);
                padded
            })
        };
    }),
    &["ue/bootstrap/completes-the-run"],
);
const RES_TRUNCATED: Fault = fault(
    "ue/res-truncated",
    "UB-4.2-31",
    "RES is cut to its first 4 octets.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| res.iter().copied().take(4).collect());
    }),
    &["ue/bootstrap/completes-the-run"],
);
const QOP_AUTH: Fault = fault(
    "ue/qop-auth",
    "UB-4.2-32",
    "The response protects with auth although auth-int was offered.",
    Seam::Ue(|policy| policy.choose_qop = |_| Some(Qop::Auth)),
    &[
        "ue/bootstrap/answers-under-auth-int",
        "ue/bootstrap/takes-auth-int-from-a-list",
    ],
);
const QOP_QUOTED: Fault = fault(
    "ue/qop-quoted",
    "DG-04",
    "qop of the response is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "qop"))),
    &["ue/bootstrap/answers-in-the-strict-form"],
);
const NC_ONE_DIGIT: Fault = fault(
    "ue/nc-one-digit",
    "UB-4.2-33",
    "nc is written as 1.",
    Seam::Ue(|policy| {
        policy.freshness = |facts| Freshness {
            nc: "1".to_owned(),
            ..ue::freshness(facts)
        };
    }),
    &[
        "ue/bootstrap/counts-a-new-nonce-from-one",
        "ue/resync/counts-the-nonce-of-the-second-challenge-from-one",
    ],
);
const NC_QUOTED: Fault = fault(
    "ue/nc-quoted",
    "DG-04",
    "nc is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "nc"))),
    &["ue/bootstrap/answers-in-the-strict-form"],
);
const NC_CONTINUES: Fault = fault(
    "ue/nc-continues",
    "UB-4.2-33",
    "nc goes on counting over nonces.",
    Seam::Ue(|policy| {
        policy.freshness = |facts| Freshness {
            nc: format!("{:08x}", facts.requests_before.saturating_add(1)),
            ..ue::freshness(facts)
        };
    }),
    &["ue/resync/counts-the-nonce-of-the-second-challenge-from-one"],
);
const NONCE_REENCODED: Fault = fault(
    "ue/nonce-reencoded",
    "UB-4.2-34",
    "The nonce is sent back without the server's own data.",
    Seam::Message(|message| {
        edit::credentials(message, |list| edit::with_value(list, "nonce", reencoded));
    }),
    &[
        "ue/bootstrap/answers-nonce-with-one-octet-of-server-data",
        "ue/bootstrap/answers-nonce-with-four-octets-of-server-data",
        "ue/bootstrap/answers-nonce-with-two-hundred-octets-of-server-data",
    ],
);
const OPAQUE_OMITTED: Fault = fault(
    "ue/opaque-omitted",
    "UB-4.2-34",
    "opaque is not sent back.",
    Seam::Message(|message| edit::credentials(message, |list| list.remove("opaque"))),
    &[
        "ue/bootstrap/copies-opaque",
        "ue/bootstrap/copies-opaque-with-odd-characters",
    ],
);
const ALGORITHM_OMITTED: Fault = fault(
    "ue/algorithm-omitted",
    "UB-4.2-34",
    "The algorithm of the challenge is not sent back.",
    Seam::Message(|message| edit::credentials(message, |list| list.remove("algorithm"))),
    &["ue/bootstrap/copies-realm-nonce-and-algorithm"],
);
const AUTN_FROM_END: Fault = fault(
    "ue/autn-from-end",
    "UB-4.2-35",
    "AUTN is taken from the end of the nonce, over the server's own data.",
    Seam::Ue(|policy| policy.read_nonce = read_autn_from_end),
    &[
        "ue/bootstrap/answers-nonce-with-one-octet-of-server-data",
        "ue/bootstrap/answers-nonce-with-four-octets-of-server-data",
        "ue/bootstrap/answers-nonce-with-two-hundred-octets-of-server-data",
    ],
);
const REFUSES_SERVER_DATA: Fault = fault(
    "ue/refuses-server-data",
    "UB-4.2-35",
    "A nonce with the server's own data behind AUTN is refused.",
    Seam::Ue(|policy| {
        policy.read_nonce = |nonce| ue::read_nonce(nonce).filter(|_| nonce.len() == 44);
    }),
    &[
        "ue/bootstrap/answers-nonce-with-four-octets-of-server-data",
        "ue/bootstrap/answers-nonce-with-two-hundred-octets-of-server-data",
    ],
);
const SHORT_NONCE_PADDED: Fault = fault(
    "ue/short-nonce-padded",
    "UB-4.2-36",
    "A nonce that is too short is padded with zeros and answered.",
    Seam::Ue(|policy| {
        policy.read_nonce = read_padded_nonce;
        policy.judge_challenge = |_| ChallengeVerdict::Answer;
    }),
    &[
        "ue/bootstrap/leaves-empty-nonce-unanswered",
        "ue/bootstrap/leaves-nonce-with-rand-alone-unanswered",
        "ue/bootstrap/leaves-nonce-one-octet-short-unanswered",
        "ue/bootstrap/leaves-nonce-that-is-no-base64-unanswered",
    ],
);
const NONCE_JUNK_SKIPPED: Fault = fault(
    "ue/nonce-junk-skipped",
    "UB-4.2-36",
    "Characters of the nonce that are no base64 are skipped.",
    Seam::Ue(|policy| policy.read_nonce = read_nonce_without_junk),
    &["ue/bootstrap/leaves-nonce-with-junk-in-its-base64-unanswered"],
);
const BAD_NONCE_COUNTS_AS_SUCCESS: Fault = fault(
    "ue/bad-nonce-counts-as-success",
    "UB-4.2-36",
    "A nonce that is no challenge ends the run as a success.",
    Seam::Ue(|policy| {
        policy.read_nonce = read_padded_nonce;
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch => ChallengeVerdict::Stop(ClientOutcome::Success),
            MacCheck::Valid => ue::judge_challenge(challenge),
        };
    }),
    &[
        "ue/bootstrap/reports-no-success-after-an-empty-nonce",
        "ue/bootstrap/reports-no-success-after-a-nonce-with-rand-alone",
        "ue/bootstrap/reports-no-success-after-a-nonce-one-octet-short",
        "ue/bootstrap/reports-no-success-after-a-nonce-that-is-no-base64",
    ],
);
const ANSWERS_UNKNOWN_ALGORITHM: Fault = fault(
    "ue/answers-unknown-algorithm",
    "UB-4.2-37",
    "The first challenge is answered whatever its algorithm.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| (!offered.challenges.is_empty()).then_some(0);
    }),
    &["ue/bootstrap/skips-an-unknown-algorithm"],
);
const SEARCHES_FOR_BTID_TEXT: Fault = fault(
    "ue/searches-for-btid-text",
    "UB-4.2-54",
    "The document is searched for <btid> instead of being parsed.",
    Seam::Ue(|policy| policy.read_session = search_for_text),
    &["ue/bootstrap/reads-a-prefixed-document-with-extensions"],
);
const RSPAUTH_NOT_CHECKED: Fault = fault(
    "ue/rspauth-not-checked",
    "UB-4.2-57",
    "The session is kept whatever the proof of the BSF.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ub, 200)),
    &[
        "ue/bootstrap/drops-the-session-of-a-200-with-one-bit-of-rspauth-flipped",
        "ue/bootstrap/drops-the-session-of-a-200-without-authentication-info",
        "ue/bootstrap/drops-the-session-of-a-200-with-an-altered-body",
    ],
);
const READS_DIRECTIVES_BY_PLACE: Fault = fault(
    "ue/reads-directives-by-place",
    "UB-4.2-64",
    "The directives of a challenge are read by their places.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_readable(offered, is_ordered_as_printed);
    }),
    &["ue/bootstrap/reads-directives-in-another-order"],
);
const SPLITS_AT_COMMA_AND_BLANK: Fault = fault(
    "ue/splits-at-comma-and-blank",
    "UB-4.2-64",
    "Directives are read only where one comma and one blank stand between them.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_readable(offered, is_spaced_as_printed);
    }),
    &[
        "ue/bootstrap/reads-directives-without-blanks",
        "ue/bootstrap/reads-directives-with-more-blanks",
    ],
);
const COMPARES_NAMES_EXACTLY: Fault = fault(
    "ue/compares-names-exactly",
    "UB-4.2-64",
    "Header, scheme and directive names are read in one spelling only.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_readable(offered, is_spelt_as_printed);
    }),
    &["ue/bootstrap/reads-names-in-another-case"],
);
const REFUSES_UNKNOWN_DIRECTIVE: Fault = fault(
    "ue/refuses-unknown-directive",
    "UB-4.2-64",
    "A challenge with a directive that the UE does not know is not answered.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_readable(offered, has_known_directives);
    }),
    &["ue/bootstrap/ignores-an-unknown-directive"],
);
const TRIES_ON_AFTER_401: Fault = fault(
    "ue/tries-on-after-401",
    "UB-4.3-03",
    "A 401 to the response starts the run again, without end.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match (facts.point, facts.status) {
            (ReferencePoint::Ub, 401) => NextStep::BootstrapAgain,
            _ => ue::after_refusal(facts),
        };
    }),
    &["ue/bootstrap/gives-up-after-repeated-challenges"],
);
const REFUSAL_COUNTS_AS_SUCCESS: Fault = fault(
    "ue/refusal-counts-as-success",
    "UB-4.3-03",
    "A 401 or 403 to the response ends the run as a success, and Ks is kept.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| keeping_refused_run(*facts);
        policy.read_session = read_any_session;
    }),
    &[
        "ue/bootstrap/reports-no-success-after-repeated-challenges",
        "ue/bootstrap/reports-no-success-after-a-403",
    ],
);
const RESPONSE_UPPER_CASE: Fault = fault(
    "ue/response-upper-case",
    "DG-01",
    "The response is written in upper case.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            edit::with_value(list, "response", |value| {
                [b"\"", value.to_ascii_uppercase().as_slice(), b"\""].concat()
            });
        });
    }),
    &["ue/bootstrap/response-is-lower-case-hex"],
);
const ALGORITHM_QUOTED: Fault = fault(
    "ue/algorithm-quoted",
    "DG-04",
    "The algorithm of the response is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "algorithm"))),
    &["ue/bootstrap/answers-in-the-strict-form"],
);
const USERNAME_UNQUOTED: Fault = fault(
    "ue/username-unquoted",
    "DG-04",
    "The username is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "username"))),
    &["ue/bootstrap/answers-in-the-strict-form"],
);
