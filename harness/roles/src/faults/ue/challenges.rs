//! Faults of a UE that reads challenges: which one it takes, how it finds it, what it copies.

use data_encoding::BASE64;
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::ue::{self, OfferedChallenges, ReferencePoint};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    NONCE_BASE64URL,
    REALM_MADE_ANEW,
    REALM_LOWER_CASE,
    GIVES_UP_AT_UNKNOWN_ALGORITHM,
    FINDS_CHALLENGE_BY_PLACE,
    WANTS_A_REASON_PHRASE,
    NO_CHALLENGE_BESIDE_A_BODY,
    WANTS_ONE_BLANK_BEFORE_A_CHALLENGE,
    REFUSES_FOLDED_CHALLENGE,
    TAKES_LAST_CHALLENGE,
    TAKES_FIRST_CHALLENGE_AT_NAF,
    GIVES_UP_AT_UNKNOWN_ALGORITHM_AT_NAF,
    KNOWS_ONE_SCHEME,
    RES_IN_BASIC,
    BASIC_WHERE_NOTHING_ELSE_IS,
    SESS_AS_PLAIN,
];

const NONCE_BASE64URL: Fault = fault(
    "ue/nonce-base64url",
    "UB-4.2-34",
    "The nonce is sent back in the other alphabet of base64.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            edit::with_value(list, "nonce", |value| {
                let text = String::from_utf8_lossy(value);
                let text = text.replace('+', "-").replace('/', "_");
                format!("\"{text}\"").into_bytes()
            });
        });
    }),
    &["ue/challenges/copies-a-nonce-with-plus-and-slash"],
);
const REALM_MADE_ANEW: Fault = fault(
    "ue/realm-made-anew",
    "UB-4.2-34",
    "The realm of the answer is the name that the UE knows, not the one of the challenge.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            list.set_raw("realm", b"\"bsf.home1.net\"");
        });
    }),
    &[
        "ue/challenges/changes-nothing-of-a-realm-in-mixed-case",
        "ue/challenges/changes-nothing-of-a-realm-with-blanks-and-commas",
        "ue/challenges/changes-nothing-of-a-realm-of-another-name",
    ],
);
const REALM_LOWER_CASE: Fault = fault(
    "ue/realm-lower-case",
    "UB-4.2-34",
    "The realm is sent back in lower case.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            edit::with_value(list, "realm", |value| {
                [b"\"", value.to_ascii_lowercase().as_slice(), b"\""].concat()
            });
        });
    }),
    &["ue/challenges/changes-nothing-of-a-realm-in-mixed-case"],
);
const GIVES_UP_AT_UNKNOWN_ALGORITHM: Fault = fault(
    "ue/gives-up-at-unknown-algorithm",
    "UB-4.2-37",
    "A first challenge with an algorithm that the UE does not know ends the run.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| if_first(offered, ReferencePoint::Ub);
    }),
    &[
        "ue/challenges/completes-the-run-from-a-challenge-behind-an-unknown-algorithm",
        "ue/challenges/completes-the-run-from-a-header-with-the-challenge-behind-an-unknown-algorithm",
    ],
);
const FINDS_CHALLENGE_BY_PLACE: Fault = fault(
    "ue/finds-challenge-by-place",
    "UB-4.2-64",
    "WWW-Authenticate is looked for where the tables have it, in the third field.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| {
            let third = offered.message.fields.get(2);
            let is_there = third.is_some_and(|field| field.is_named("WWW-Authenticate"));
            where_on_ub(offered, is_there)
        };
    }),
    &[
        "ue/challenges/finds-the-challenge-in-the-first-field",
        "ue/challenges/finds-the-challenge-in-the-last-field",
        "ue/challenges/finds-the-challenge-in-the-midst-of-unknown-fields",
    ],
);
const WANTS_A_REASON_PHRASE: Fault = fault(
    "ue/wants-a-reason-phrase",
    "UB-4.2-64",
    "A status line without a reason phrase is not understood.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| {
            let line = offered.message.start_line.as_slice();
            where_on_ub(offered, line.ends_with(b"Unauthorized"))
        };
    }),
    &["ue/challenges/finds-the-challenge-in-an-answer-without-a-reason"],
);
const NO_CHALLENGE_BESIDE_A_BODY: Fault = fault(
    "ue/no-challenge-beside-a-body",
    "UB-4.2-64",
    "A 401 that has a body is not read.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_on_ub(offered, offered.message.body.is_empty());
    }),
    &[
        "ue/challenges/finds-the-challenge-beside-a-page",
        "ue/challenges/finds-the-challenge-beside-a-page-in-chunks",
    ],
);
const WANTS_ONE_BLANK_BEFORE_A_CHALLENGE: Fault = fault(
    "ue/wants-one-blank-before-a-challenge",
    "UB-4.2-64",
    "A challenge is read only with one blank before it and none behind it.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| {
            let is_plain = offered
                .message
                .fields_named("WWW-Authenticate")
                .all(|field| {
                    field.separator == b": "
                        && !field.value.ends_with(b" ")
                        && !field.value.ends_with(b"\t")
                });
            where_on_ub(offered, is_plain)
        };
    }),
    &[
        "ue/challenges/reads-a-challenge-without-a-blank-before-it",
        "ue/challenges/reads-a-challenge-with-blanks-behind-its-end",
    ],
);
const REFUSES_FOLDED_CHALLENGE: Fault = fault(
    "ue/refuses-folded-challenge",
    "UB-4.2-64",
    "A challenge that is folded over several lines is not answered.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| {
            let is_folded = offered
                .message
                .fields_named("WWW-Authenticate")
                .any(|field| field.value.contains(&b'\n'));
            where_on_ub(offered, !is_folded)
        };
    }),
    &["ue/challenges/reads-a-folded-challenge"],
);
const TAKES_LAST_CHALLENGE: Fault = fault(
    "ue/takes-last-challenge",
    "DG-08",
    "Of several challenges the last one is answered, whatever its algorithm.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| offered.challenges.len().checked_sub(1);
    }),
    &[
        "ue/challenges/completes-the-run-from-a-challenge-before-an-unknown-algorithm",
        "ue/challenges/completes-the-run-from-a-header-with-the-challenge-before-an-unknown-algorithm",
        "ue/digest/answers-the-naf-from-two-challenges-an-unknown-one-behind-md5",
    ],
);
const TAKES_FIRST_CHALLENGE_AT_NAF: Fault = fault(
    "ue/takes-first-challenge-at-naf",
    "DG-08",
    "Of several challenges of a NAF the first one is answered as if it were for MD5.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| match offered.point {
            ReferencePoint::Ub => ue::choose_challenge(offered),
            ReferencePoint::Ua => (!offered.challenges.is_empty()).then_some(0),
        };
    }),
    &["ue/digest/answers-the-naf-from-two-challenges-an-unknown-one-before-md5"],
);
const GIVES_UP_AT_UNKNOWN_ALGORITHM_AT_NAF: Fault = fault(
    "ue/gives-up-at-unknown-algorithm-at-naf",
    "DG-08",
    "A first challenge of a NAF with an algorithm that the UE does not know ends the errand.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| if_first(offered, ReferencePoint::Ua);
    }),
    &[
        "ue/digest/answers-the-naf-from-two-challenges-sha-256-before-md5",
        "ue/digest/answers-the-naf-from-two-challenges-an-unknown-one-before-md5",
    ],
);
const KNOWS_ONE_SCHEME: Fault = fault(
    "ue/knows-one-scheme",
    "DG-08",
    "A challenge beside one of another scheme is not found.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| where_on_ub(offered, has_one_scheme(offered.message));
    }),
    &[
        "ue/challenges/completes-the-run-from-a-challenge-behind-an-unknown-scheme",
        "ue/challenges/completes-the-run-from-a-challenge-before-an-unknown-scheme",
        "ue/challenges/completes-the-run-from-a-challenge-behind-basic",
        "ue/challenges/completes-the-run-from-a-challenge-before-basic",
        "ue/challenges/completes-the-run-from-a-header-with-the-challenge-behind-basic",
        "ue/challenges/completes-the-run-from-a-header-with-the-challenge-before-basic",
    ],
);
const RES_IN_BASIC: Fault = fault(
    "ue/res-in-basic",
    "DG-09",
    "Where Basic stands beside Digest AKA, RES goes out in Basic.",
    Seam::Ue(|policy| {
        policy.answer_other_scheme = |facts| {
            let password = facts.password?;
            offers_basic(facts.message).then(|| basic(facts.impi, password))
        };
    }),
    &[
        "ue/challenges/answers-no-basic-challenge-before-digest-aka",
        "ue/challenges/answers-no-basic-challenge-behind-digest-aka",
    ],
);
const BASIC_WHERE_NOTHING_ELSE_IS: Fault = fault(
    "ue/basic-where-nothing-else-is",
    "DG-09",
    "A Basic challenge is answered where there is no other that the UE knows.",
    Seam::Ue(|policy| {
        policy.answer_other_scheme = |facts| {
            let is_alone = facts.password.is_none() && offers_basic(facts.message);
            is_alone.then(|| basic(facts.impi, b""))
        };
    }),
    &[
        "ue/challenges/answers-no-basic-challenge-behind-an-unknown-algorithm",
        "ue/challenges/answers-no-basic-challenge-that-stands-alone",
    ],
);
const SESS_AS_PLAIN: Fault = fault(
    "ue/sess-as-plain",
    "DG-05",
    "A challenge for an algorithm of sessions is answered without the session in A1.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| {
            let of_session = offered.challenges.iter().position(|challenge| {
                matches!(
                    challenge.algorithm,
                    Some(Algorithm::Md5Sess | Algorithm::Sha256Sess)
                )
            });
            ue::choose_challenge(offered).or(of_session)
        };
    }),
    &[
        "ue/digest/makes-no-wrong-md5-sess-response",
        "ue/digest/makes-no-wrong-sha-256-sess-response",
    ],
);

/// The default choice, on Ub only if this parser can read the message.
fn where_on_ub(offered: &OfferedChallenges<'_>, can_read: bool) -> Option<usize> {
    ue::choose_challenge(offered).filter(|_| offered.point == ReferencePoint::Ua || can_read)
}

/// The default choice, at this reference point only if it is the first challenge.
fn if_first(offered: &OfferedChallenges<'_>, point: ReferencePoint) -> Option<usize> {
    ue::choose_challenge(offered).filter(|&place| offered.point != point || place == 0)
}

fn offers_basic(message: &Message) -> bool {
    message
        .fields_named("WWW-Authenticate")
        .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
        .any(|list| list.scheme.as_deref() == Some(b"Basic"))
}

/// Credentials of RFC 7617.
fn basic(user: &str, password: &[u8]) -> String {
    let pair = [user.as_bytes(), b":", password].concat();
    format!("Basic {}", BASE64.encode(&pair))
}

fn has_one_scheme(message: &Message) -> bool {
    message
        .fields_named("WWW-Authenticate")
        .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
        .all(|list| list.scheme.as_deref() == Some(b"Digest"))
}
