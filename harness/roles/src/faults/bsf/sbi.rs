//! Faults of a BSF that asks an HSS over its service-based interfaces.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::secret::{Ck, Ik, Res};
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::guss_xml::Guss;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::{AuthDataResponse, Operation, SubscriberData, UeId};

use super::{fault, invented_challenge_for};
use crate::bsf::RefusalReason;
use crate::bsf::network::{self, HomeMaterial, HomeResyncDecision};
use crate::bsf::sbi::{self, AuthDataAnswer, AuthDataFacts};
use crate::embedded;
use crate::faults::{Fault, Seam, edit};
use crate::sbi as service;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ASKS_BY_PUT,
    SCHEME_OF_PASSWORDS,
    QUESTION_OF_TEXT,
    RESYNC_IN_EACH_QUESTION,
    AUTS_WITHOUT_RAND,
    AUTS_IN_BASE64,
    AUTS_WITH_ANOTHER_RAND,
    MALFORMED_AUTS_FORWARDED,
    ANSWER_COMPARED,
    ANSWER_OF_OTHER_MEDIA_TYPE_REFUSED,
    XRES_IGNORED,
    VECTOR_INVENTED,
    IDENTITY_WITHOUT_PREFIX,
    ASKS_FOR_FIRST_SUBSCRIBER,
    SETTINGS_OF_IDENTITY_WITHOUT_PREFIX,
    SETTINGS_BY_POST,
    LIFETIME_IGNORED,
    LIFETIME_IN_MINUTES,
    SETTINGS_REQUIRED,
    UNKNOWN_SETTINGS_REFUSED,
    CHALLENGE_WITHOUT_SETTINGS,
    CHALLENGE_AFTER_ERROR,
    STATUS_IGNORED,
    VECTOR_OF_ZEROS,
    CHALLENGE_AFTER_SILENCE,
    CHALLENGE_AFTER_FORGED_AUTS,
];

const ASKS_BY_PUT: Fault = fault(
    "bsf/sbi-asks-by-put",
    "SB-05",
    "The HSS is asked for a vector by PUT.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let mut question = sbi::auth_data_request(facts);
            edit::method(&mut question, "POST", "PUT");
            question
        };
    }),
    ASKING,
);
const SCHEME_OF_PASSWORDS: Fault = fault(
    "bsf/sbi-scheme-of-passwords",
    "SB-05",
    "The HSS is asked for H(A1) where a card is to be challenged.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request =
            |facts| with_body(facts, |body| body.replace("AKAV1_MD5", "HTTP"));
    }),
    &["sbi/vectors/asks-for-a-vector-of-aka"],
);
const QUESTION_OF_TEXT: Fault = fault(
    "bsf/sbi-question-of-text",
    "SB-05",
    "The question to the HSS says that its body is plain text.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let mut question = sbi::auth_data_request(facts);
            question.set("content-type", "text/plain");
            question
        };
    }),
    ASKING,
);
const RESYNC_IN_EACH_QUESTION: Fault = fault(
    "bsf/sbi-resync-in-each-question",
    "SB-05",
    "A question without AUTS has a resynchronisation of zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let resync = facts.resync.unwrap_or(&[0; 30]);
            sbi::auth_data_request(&AuthDataFacts {
                resync: Some(resync),
                ..*facts
            })
        };
    }),
    &[
        "sbi/vectors/asks-for-a-vector-of-aka",
        "sbi/resync/nothing-is-resynchronised-without-auts",
    ],
);
const AUTS_WITHOUT_RAND: Fault = fault(
    "bsf/sbi-auts-without-rand",
    "SB-05",
    "AUTS goes to the HSS without RAND.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            with_body(facts, |body| match body.split_once("\"rand\":") {
                Some((before, after)) => {
                    let (_, rest) = after.split_once(',').unwrap_or_default();
                    format!("{before}{rest}")
                }
                None => body,
            })
        };
    }),
    EACH_AUTS,
);
const AUTS_IN_BASE64: Fault = fault(
    "bsf/sbi-auts-in-base64",
    "SB-05",
    "RAND and AUTS go to the HSS as base64.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let (rand, auts) = facts.resync.unwrap_or(&[0; 30]).split_at(16);
            with_body(facts, |body| {
                [rand, auts].into_iter().fold(body, |body, part| {
                    body.replace(&HEXLOWER.encode(part), &BASE64.encode(part))
                })
            })
        };
    }),
    EACH_AUTS,
);
const AUTS_WITH_ANOTHER_RAND: Fault = fault(
    "bsf/sbi-auts-with-another-rand",
    "SB-05",
    "AUTS goes to the HSS with a RAND of zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let octets = facts
                .resync
                .map(|resync| [&[0; 16], &resync[16.min(resync.len())..]].concat());
            sbi::auth_data_request(&AuthDataFacts {
                resync: octets.as_deref(),
                ..*facts
            })
        };
    }),
    &[
        "sbi/resync/auts-arrives-with-its-rand",
        "sbi/resync/auts-arrives-with-its-rand-over-a-gap",
        "sbi/resync/auts-arrives-with-its-rand-from-below",
        "sbi/resync/second-auts-goes-with-the-second-rand",
    ],
);
const MALFORMED_AUTS_FORWARDED: Fault = fault(
    "bsf/sbi-malformed-auts-forwarded",
    "SB-05",
    "An AUTS that cannot be read goes to the HSS as zeros.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| match network::forward_auts(resync) {
            HomeResyncDecision::Refuse(RefusalReason::MalformedAuts) => {
                HomeResyncDecision::Forward(vec![0; 30])
            }
            other => other,
        };
    }),
    &[
        "sbi/resync/keeps-auts-of-13-octets-to-itself",
        "sbi/resync/keeps-auts-of-15-octets-to-itself",
        "sbi/resync/keeps-auts-that-is-no-base64-to-itself",
        "sbi/resync/keeps-empty-auts-to-itself",
    ],
);
const ANSWER_COMPARED: Fault = fault(
    "bsf/sbi-answer-compared",
    "SB-05",
    "A vector is not used if its answer has anything beside it, blanks included.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| match facts.answer {
            Ok(answer) if answer.status() == Ok(200) && !is_bare_vector(&answer.body) => {
                Err(RefusalReason::HomeMalformed)
            }
            _ => sbi::auth_data(facts),
        };
    }),
    &[
        "sbi/vectors/reads-an-answer-with-members-of-another-release",
        "sbi/vectors/reads-an-answer-with-the-private-identity",
        "sbi/vectors/reads-an-answer-with-blanks",
    ],
);
const ANSWER_OF_OTHER_MEDIA_TYPE_REFUSED: Fault = fault(
    "bsf/sbi-media-type-compared",
    "SB-05",
    "The media type of an answer is held letter by letter against application/json.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| {
            let field = facts.answer.ok().and_then(|it| it.field("content-type"));
            if field.is_some_and(|field| field.value != b"application/json") {
                return Err(RefusalReason::HomeMalformed);
            }
            sbi::auth_data(facts)
        };
    }),
    &[
        "sbi/vectors/reads-an-answer-with-a-parameter-of-the-media-type",
        "sbi/vectors/reads-an-answer-with-a-media-type-in-capitals",
    ],
);
const XRES_IGNORED: Fault = fault(
    "bsf/sbi-xres-of-hss-ignored",
    "SB-05",
    "Any response of 32 digits is accepted, whatever XRES the HSS gave.",
    Seam::Bsf(|policy| policy.accept_response = |check| check.response.len() == 32),
    &["sbi/vectors/xres-of-the-hss-counts"],
);
const VECTOR_INVENTED: Fault = fault(
    "bsf/sbi-vector-invented",
    "SB-05",
    "The challenge is made with a vector of the BSF's own, the same for each run.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| {
            let mut known = embedded::SUBSCRIBERS.iter();
            let known = known.find(|known| known.impi == facts.impi);
            sbi::auth_data(facts).map(|material| match known {
                Some(known) => {
                    let functions = known.functions();
                    let vector = functions.vector(known.rand(), known.sqn(), known.amf());
                    HomeMaterial::Vector(vector)
                }
                None => material,
            })
        };
    }),
    &[
        "sbi/vectors/run-completes-with-a-vector-of-the-hss",
        "sbi/vectors/next-run-takes-the-next-vector",
    ],
);
const IDENTITY_WITHOUT_PREFIX: Fault = fault(
    "bsf/sbi-identity-without-prefix",
    "SB-07",
    "The path to the vector of a user has the private identity without its prefix.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            let ue = UeId::Unknown(facts.impi.to_owned());
            let mut question = sbi::auth_data_request(facts);
            question.start_line = start_line(&Operation::GenerateAuthData(ue));
            question
        };
    }),
    &["sbi/vectors/names-the-user-in-the-path"],
);
const ASKS_FOR_FIRST_SUBSCRIBER: Fault = fault(
    "bsf/sbi-asks-for-first-subscriber",
    "SB-07",
    "Each question is about the same subscriber, whoever bootstraps.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data_request = |facts| {
            sbi::auth_data_request(&AuthDataFacts {
                impi: embedded::SUBSCRIBERS[0].impi,
                ..*facts
            })
        };
    }),
    &["sbi/vectors/is-about-whoever-asks"],
);
const SETTINGS_OF_IDENTITY_WITHOUT_PREFIX: Fault = fault(
    "bsf/sbi-settings-of-identity-without-prefix",
    "SB-07",
    "The path to the settings of a user has the private identity without its prefix.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data_request = |facts| {
            let ue = UeId::Unknown(facts.impi.to_owned());
            service::request(&Operation::SubscriberData(ue), facts.host, None)
        };
    }),
    &["sbi/vectors/settings-are-of-a-named-user"],
);
const SETTINGS_BY_POST: Fault = fault(
    "bsf/sbi-settings-by-post",
    "SB-08",
    "The HSS is asked for settings by POST.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data_request = |facts| {
            let mut question = sbi::subscriber_data_request(facts);
            edit::method(&mut question, "GET", "POST");
            question
        };
    }),
    &["sbi/vectors/settings-are-asked-for-by-get"],
);
const LIFETIME_IGNORED: Fault = fault(
    "bsf/sbi-lifetime-of-settings-ignored",
    "SB-08",
    "The lifetime in the settings is not looked at.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data = |facts| settings(facts, |_| None);
    }),
    &["sbi/vectors/lifetime-of-the-settings-is-obeyed"],
);
const LIFETIME_IN_MINUTES: Fault = fault(
    "bsf/sbi-lifetime-of-settings-in-minutes",
    "SB-08",
    "The lifetime in the settings is taken for minutes.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data =
            |facts| settings(facts, |seconds| seconds.map(|time| time.saturating_mul(60)));
    }),
    &["sbi/vectors/lifetime-of-the-settings-is-obeyed"],
);
const SETTINGS_REQUIRED: Fault = fault(
    "bsf/sbi-settings-required",
    "SB-08",
    "A user without settings, or without a lifetime in them, is refused.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data = |facts| {
            let guss = sbi::subscriber_data(facts)?;
            let has_lifetime = |guss: &Guss| guss.bsf_info.life_time.is_some();
            let guss = guss.filter(has_lifetime);
            guss.map(Some).ok_or(RefusalReason::HomeMalformed)
        };
    }),
    &[
        "sbi/vectors/run-completes-with-empty-settings",
        "sbi/vectors/run-completes-with-settings-without-a-lifetime",
    ],
);
const UNKNOWN_SETTINGS_REFUSED: Fault = fault(
    "bsf/sbi-unknown-settings-refused",
    "SB-08",
    "A user with a word in the settings that the BSF does not know is refused.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data = |facts| {
            if are_strict(facts) {
                sbi::subscriber_data(facts)
            } else {
                Err(RefusalReason::HomeMalformed)
            }
        };
    }),
    &["sbi/vectors/run-completes-with-settings-of-another-release"],
);
const CHALLENGE_WITHOUT_SETTINGS: Fault = fault(
    "bsf/sbi-challenge-without-settings",
    "SB-08",
    "Where settings cannot be had or read, random octets are the challenge.",
    Seam::Bsf(|policy| {
        policy.network.sbi.subscriber_data = |facts| match sbi::subscriber_data(facts) {
            Ok(Some(guss)) if are_strict(facts) => Ok(Some(guss)),
            _ => Err(RefusalReason::HomeMalformed),
        };
        policy.refuse = |refusal| invented_challenge_for(refusal, RefusalReason::HomeMalformed);
    }),
    &[
        "sbi/vectors/survives-no-settings",
        "sbi/vectors/survives-an-error-for-settings",
        "sbi/vectors/survives-settings-that-are-no-json",
        "sbi/vectors/survives-settings-cut-off",
        "sbi/vectors/survives-a-lifetime-that-is-no-number",
        "sbi/vectors/survives-a-negative-lifetime",
        "sbi/vectors/survives-a-lifetime-beyond-all-numbers",
        "sbi/vectors/survives-settings-nested-deeply",
    ],
);
const CHALLENGE_AFTER_ERROR: Fault = fault(
    "bsf/sbi-challenge-after-error",
    "ZH-06",
    "An error of the HSS leads to a challenge of zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| match facts.answer {
            Ok(answer) if answer.status() != Ok(200) => Ok(zeros()),
            _ => sbi::auth_data(facts),
        };
    }),
    &[
        "sbi/errors/no-challenge-for-an-unknown-user",
        "sbi/errors/no-challenge-for-a-forbidden-user",
        "sbi/errors/no-challenge-for-a-bad-request",
        "sbi/errors/no-challenge-for-an-hss-with-a-fault",
        "sbi/errors/no-challenge-for-an-unavailable-hss",
        "sbi/errors/no-challenge-for-a-busy-hss",
        "sbi/errors/no-challenge-for-an-error-without-a-body",
        "sbi/errors/no-challenge-for-no-content",
        "sbi/errors/no-challenge-for-nobody",
        "sbi/errors/no-challenge-after-an-error-for-an-auts",
        "sbi/errors/failure-is-over-with-the-request",
    ],
);
const STATUS_IGNORED: Fault = fault(
    "bsf/sbi-status-of-hss-ignored",
    "ZH-06",
    "A vector is used though the HSS says that it failed.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| {
            let answer = facts.answer.map(|answer| {
                let mut answer = answer.clone();
                answer.start_line = b"HTTP/2 200".to_vec();
                answer
            });
            sbi::auth_data(&AuthDataAnswer {
                answer: answer.as_ref().map_err(|why| *why),
                ..*facts
            })
        };
    }),
    &["sbi/errors/no-challenge-for-an-error-with-a-vector"],
);
const VECTOR_OF_ZEROS: Fault = fault(
    "bsf/sbi-vector-of-zeros",
    "ZH-06",
    "Where an answer of the HSS cannot be used, the challenge is one of zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| match sbi::auth_data(facts) {
            Err(RefusalReason::HomeMalformed) => Ok(zeros()),
            other => other,
        };
    }),
    &[
        "sbi/errors/no-challenge-for-an-empty-body",
        "sbi/errors/no-challenge-for-garbage",
        "sbi/errors/no-challenge-for-a-body-cut-off",
        "sbi/errors/no-challenge-for-a-list",
        "sbi/errors/no-challenge-for-success-without-a-vector",
        "sbi/errors/no-challenge-for-an-empty-vector",
        "sbi/errors/no-challenge-for-nothing-for-a-vector",
        "sbi/errors/no-challenge-for-what-a-password-leads-to",
        "sbi/errors/no-challenge-for-a-body-of-deep-lists",
        "sbi/errors/no-challenge-from-a-vector-without-rand",
        "sbi/errors/no-challenge-from-a-vector-without-autn",
        "sbi/errors/no-challenge-from-a-vector-without-xres",
        "sbi/errors/no-challenge-from-a-vector-without-ck",
        "sbi/errors/no-challenge-from-a-vector-without-ik",
        "sbi/errors/no-challenge-from-a-vector-with-an-autn-too-long",
        "sbi/errors/no-challenge-from-a-vector-with-an-ik-too-long",
        "sbi/errors/no-challenge-from-a-vector-with-an-odd-digit",
        "sbi/errors/no-challenge-from-a-vector-that-is-no-hex",
        "sbi/errors/no-challenge-from-a-vector-with-a-number-as-rand",
        "sbi/errors/no-challenge-from-a-vector-with-a-rand-too-short",
        "sbi/errors/no-challenge-from-a-vector-in-base64",
        "sbi/errors/no-challenge-from-a-vector-with-an-empty-xres",
        "sbi/errors/no-challenge-after-success-without-a-vector-for-an-auts",
    ],
);
const CHALLENGE_AFTER_SILENCE: Fault = fault(
    "bsf/sbi-challenge-after-silence",
    "ZH-06",
    "An HSS that hangs up leads to a challenge of zeros.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| match facts.answer {
            Err(_) => Ok(zeros()),
            Ok(_) => sbi::auth_data(facts),
        };
    }),
    &["sbi/errors/no-challenge-from-an-hss-that-hangs-up"],
);
const CHALLENGE_AFTER_FORGED_AUTS: Fault = fault(
    "bsf/sbi-challenge-after-forged-auts",
    "SB-09",
    "Where the HSS rejects an AUTS, a challenge of zeros goes to the UE.",
    Seam::Bsf(|policy| {
        policy.network.sbi.auth_data = |facts| match sbi::auth_data(facts) {
            Err(_) if facts.is_resync => Ok(zeros()),
            other => other,
        };
    }),
    &[
        "sbi/resync/forged-auts-that-the-hss-answers-with-400-is-no-way-to-a-key",
        "sbi/resync/forged-auts-that-the-hss-answers-with-403-is-no-way-to-a-key",
        "sbi/resync/forged-auts-that-the-hss-answers-with-404-is-no-way-to-a-key",
        "sbi/resync/forged-auts-that-the-hss-answers-with-500-is-no-way-to-a-key",
    ],
);
/// The cases about the question for a vector as a whole.
const ASKING: &[&str] = &[
    "sbi/vectors/run-completes-with-a-vector-of-the-hss",
    "sbi/vectors/asks-for-a-vector-of-aka",
];

/// The cases about the form in which an AUTS arrives.
const EACH_AUTS: &[&str] = &[
    "sbi/resync/auts-arrives-with-its-rand",
    "sbi/resync/auts-arrives-with-its-rand-over-a-gap",
    "sbi/resync/auts-arrives-with-its-rand-from-below",
];

/// The question for a vector with another body.
fn with_body(facts: &AuthDataFacts<'_>, change: impl Fn(String) -> String) -> Message {
    let mut question = sbi::auth_data_request(facts);
    let body = String::from_utf8_lossy(&question.body).into_owned();
    question.body = change(body).into_bytes();
    question
}

fn start_line(operation: &Operation) -> Vec<u8> {
    format!("{} {} HTTP/2", operation.method(), operation.target("")).into_bytes()
}

/// Whether a body is a vector and nothing else, as the BSF itself would write it.
fn is_bare_vector(body: &[u8]) -> bool {
    let read = AuthDataResponse::parse(body);
    let bare = read.map(|(answer, _)| AuthDataResponse {
        impi: None,
        ..answer
    });
    bare.is_ok_and(|bare| bare.emit().as_bytes() == body)
}

/// What the HSS says of the settings, with another lifetime.
fn settings(
    facts: &AuthDataAnswer<'_>,
    change: impl Fn(Option<u32>) -> Option<u32>,
) -> Result<Option<Guss>, RefusalReason> {
    let mut guss = sbi::subscriber_data(facts)?;
    if let Some(guss) = &mut guss {
        guss.bsf_info.life_time = change(guss.bsf_info.life_time);
    }
    Ok(guss)
}

/// Whether settings follow their schema to the letter, if there are any.
fn are_strict(facts: &AuthDataAnswer<'_>) -> bool {
    let Ok(answer) = facts.answer else {
        return false;
    };
    let read = SubscriberData::parse(&answer.body);
    answer.status() != Ok(200) || read.is_ok_and(|(_, deviations)| deviations.is_empty())
}

fn zeros() -> HomeMaterial {
    HomeMaterial::Vector(AuthenticationVector {
        rand: Rand::from([0; 16]),
        autn: Autn::from([0; 16]),
        xres: Res::from([0; 8]),
        ck: Ck::new([0; 16]),
        ik: Ik::new([0; 16]),
    })
}
