//! Faults of a UE.

mod decisions;

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::digest::Qop;

use super::{Fault, Seam, edit};
use crate::role::{ClientOutcome, RoleName};
use crate::ua::REALM_PREFIX;
use crate::ue::{
    self, AutsFacts, ChallengeJudgement, ChallengeVerdict, Freshness, NafKeyFacts, NextStep,
    ReferencePoint, UbAnswer, UbPasswordFacts, UsernameFacts,
};
use decisions::{
    auts_as_hex, auts_below_sqn_ms, auts_with_f1, auts_with_f5, naf_key_of_swapped_ks,
    naf_key_with, on_old_sqn, read_autn_from_end, read_padded_nonce, reencoded, search_for_text,
    store_refused_sqn, trusting, with_res,
};

/// Every fault of a UE, in the order of the requirements.
pub const ALL: &[Fault] = &[
    FIRST_REQUEST_WITHOUT_AUTHORIZATION,
    FIRST_REQUEST_BY_POST,
    USERNAME_SIP_URI,
    FIRST_REALM_HOME_DOMAIN,
    FIRST_RESPONSE_DUMMY,
    FIRST_REQUEST_WITHOUT_NONCE,
    URI_ABSOLUTE,
    SQN_BEFORE_MAC,
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
    ANSWERS_UNKNOWN_ALGORITHM,
    SEARCHES_FOR_BTID_TEXT,
    RSPAUTH_NOT_CHECKED,
    TRIES_ON_AFTER_401,
    ANSWERS_BAD_MAC,
    AUTS_ON_BAD_MAC,
    GIVES_UP_ON_OLD_SQN,
    ANSWERS_OLD_SQN,
    AUTS_UNQUOTED,
    AUTS_HEX,
    AUTS_16_OCTETS,
    AUTS_RESPONSE_WITH_RES,
    AUTS_RESPONSE_EMPTY,
    AUTS_WITH_F5,
    AUTS_WITH_F1,
    AUTS_WITH_CHALLENGE_AMF,
    AUTS_WITH_RECEIVED_SQN,
    AUTS_MAC_FIRST,
    AUTS_BELOW_SQN_MS,
    REFUSED_SQN_STORED,
    RESYNCHRONISES_FOR_EVER,
    AGENT_WITHOUT_GBA_TOKEN,
    USERNAME_IMPI_AT_NAF,
    NAF_PASSWORD_RAW,
    NAF_PASSWORD_HEX,
    NAF_PASSWORD_BASE64URL,
    REALM_OF_ANOTHER_HOST,
    NAF_RSPAUTH_NOT_CHECKED,
    NEW_DIGEST_WITH_WITHDRAWN_KEY,
    IK_BEFORE_CK,
    NAF_ID_WITHOUT_PROTOCOL,
    NAF_ID_WITH_HEX_TEXT,
    NAF_ID_WITH_PORT,
    RESPONSE_UPPER_CASE,
    ALGORITHM_QUOTED,
    USERNAME_UNQUOTED,
    TRUSTS_FORGED_REFUSAL,
    BOOTSTRAPS_AFTER_REFUSAL,
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
    &[],
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
    &[],
);
const USERNAME_SIP_URI: Fault = fault(
    "ue/username-sip-uri",
    "UB-4.2-04",
    "The username is a SIP URI instead of the private identity.",
    Seam::Ue(|policy| {
        policy.username = |facts| match facts {
            UsernameFacts::Ub { impi } => format!("sip:{impi}"),
            UsernameFacts::Ua { .. } => ue::username(facts),
        };
    }),
    &[],
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
    &[],
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
    &[],
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
    &[],
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
    &[],
);
const SQN_BEFORE_MAC: Fault = fault(
    "ue/sqn-before-mac",
    "UB-4.2-30",
    "SQN is checked before the MAC, so a forged AUTN can draw an AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| {
            let mac = if challenge.sqn.is_err() {
                MacCheck::Valid
            } else {
                challenge.mac
            };
            ue::judge_challenge(&ChallengeJudgement { mac, ..*challenge })
        };
    }),
    &[],
);
const RES_AS_HEX_TEXT: Fault = fault(
    "ue/res-as-hex-text",
    "UB-4.2-31",
    "The password is RES as hex text.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| HEXLOWER.encode(res).into_bytes());
    }),
    &[],
);
const RES_AS_BASE64_TEXT: Fault = fault(
    "ue/res-as-base64-text",
    "UB-4.2-31",
    "The password is RES as base64 text.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| BASE64.encode(res).into_bytes());
    }),
    &[],
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
    &[],
);
const RES_TRUNCATED: Fault = fault(
    "ue/res-truncated",
    "UB-4.2-31",
    "RES is cut to its first 4 octets.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| with_res(facts, |res| res.iter().copied().take(4).collect());
    }),
    &[],
);
const QOP_AUTH: Fault = fault(
    "ue/qop-auth",
    "UB-4.2-32",
    "The response protects with auth although auth-int was offered.",
    Seam::Ue(|policy| policy.choose_qop = |_| Some(Qop::Auth)),
    &[],
);
const QOP_QUOTED: Fault = fault(
    "ue/qop-quoted",
    "UB-4.2-32",
    "qop of the response is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "qop"))),
    &[],
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
    &[],
);
const NC_QUOTED: Fault = fault(
    "ue/nc-quoted",
    "UB-4.2-33",
    "nc is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "nc"))),
    &[],
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
    &[],
);
const NONCE_REENCODED: Fault = fault(
    "ue/nonce-reencoded",
    "UB-4.2-34",
    "The nonce is sent back without the server's own data.",
    Seam::Message(|message| {
        edit::credentials(message, |list| edit::with_value(list, "nonce", reencoded));
    }),
    &[],
);
const OPAQUE_OMITTED: Fault = fault(
    "ue/opaque-omitted",
    "UB-4.2-34",
    "opaque is not sent back.",
    Seam::Message(|message| edit::credentials(message, |list| list.remove("opaque"))),
    &[],
);
const ALGORITHM_OMITTED: Fault = fault(
    "ue/algorithm-omitted",
    "UB-4.2-34",
    "The algorithm of the challenge is not sent back.",
    Seam::Message(|message| edit::credentials(message, |list| list.remove("algorithm"))),
    &[],
);
const AUTN_FROM_END: Fault = fault(
    "ue/autn-from-end",
    "UB-4.2-35",
    "AUTN is taken from the end of the nonce, over the server's own data.",
    Seam::Ue(|policy| policy.read_nonce = read_autn_from_end),
    &[],
);
const REFUSES_SERVER_DATA: Fault = fault(
    "ue/refuses-server-data",
    "UB-4.2-35",
    "A nonce with the server's own data behind AUTN is refused.",
    Seam::Ue(|policy| {
        policy.read_nonce = |nonce| ue::read_nonce(nonce).filter(|_| nonce.len() == 44);
    }),
    &[],
);
const SHORT_NONCE_PADDED: Fault = fault(
    "ue/short-nonce-padded",
    "UB-4.2-36",
    "A nonce that is too short is padded with zeros and answered.",
    Seam::Ue(|policy| {
        policy.read_nonce = read_padded_nonce;
        policy.judge_challenge = |_| ChallengeVerdict::Answer;
    }),
    &[],
);
const ANSWERS_UNKNOWN_ALGORITHM: Fault = fault(
    "ue/answers-unknown-algorithm",
    "UB-4.2-37",
    "The first challenge is answered whatever its algorithm.",
    Seam::Ue(|policy| {
        policy.choose_challenge = |offered| (!offered.challenges.is_empty()).then_some(0);
    }),
    &[],
);
const SEARCHES_FOR_BTID_TEXT: Fault = fault(
    "ue/searches-for-btid-text",
    "UB-4.2-54",
    "The document is searched for <btid> instead of being parsed.",
    Seam::Ue(|policy| policy.read_session = search_for_text),
    &[],
);
const RSPAUTH_NOT_CHECKED: Fault = fault(
    "ue/rspauth-not-checked",
    "UB-4.2-57",
    "The session is kept whatever the proof of the BSF.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ub, 200)),
    &[],
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
    &[],
);
const ANSWERS_BAD_MAC: Fault = fault(
    "ue/answers-bad-mac",
    "UB-4.4-01",
    "A challenge whose MAC does not verify is answered with RES.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch => ChallengeVerdict::Answer,
            MacCheck::Valid => ue::judge_challenge(challenge),
        };
    }),
    &[],
);
const AUTS_ON_BAD_MAC: Fault = fault(
    "ue/auts-on-bad-mac",
    "UB-4.4-01",
    "A challenge whose MAC does not verify is answered with AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| match challenge.mac {
            MacCheck::Mismatch if challenge.resynchronisations < 2 => {
                ChallengeVerdict::Resynchronise
            }
            _ => ue::judge_challenge(challenge),
        };
    }),
    &[],
);
const GIVES_UP_ON_OLD_SQN: Fault = fault(
    "ue/gives-up-on-old-sqn",
    "UB-4.5-01",
    "An SQN out of range ends the run without AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge =
            |challenge| on_old_sqn(*challenge, ChallengeVerdict::Stop(ClientOutcome::Failed));
    }),
    &[],
);
const ANSWERS_OLD_SQN: Fault = fault(
    "ue/answers-old-sqn",
    "UB-4.5-01",
    "An SQN out of range is answered with RES.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| on_old_sqn(*challenge, ChallengeVerdict::Answer);
    }),
    &[],
);
const AUTS_UNQUOTED: Fault = fault(
    "ue/auts-unquoted",
    "UB-4.5-02",
    "auts is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "auts"))),
    &[],
);
const AUTS_HEX: Fault = fault(
    "ue/auts-hex",
    "UB-4.5-02",
    "auts is hex text.",
    Seam::Message(|message| {
        edit::credentials(message, |list| edit::with_value(list, "auts", auts_as_hex));
    }),
    &[],
);
const AUTS_16_OCTETS: Fault = fault(
    "ue/auts-16-octets",
    "UB-4.5-02",
    "auts holds 16 octets.",
    Seam::Ue(|policy| policy.auts = |facts| [ue::auts(facts).as_slice(), &[0, 0]].concat()),
    &[],
);
const AUTS_RESPONSE_WITH_RES: Fault = fault(
    "ue/auts-response-with-res",
    "UB-4.5-03",
    "The response beside auts is made with RES instead of the empty password.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| {
            ue::ub_password(&UbPasswordFacts {
                answer: UbAnswer::Response,
                ..*facts
            })
        };
    }),
    &[],
);
const AUTS_RESPONSE_EMPTY: Fault = fault(
    "ue/auts-response-empty",
    "UB-4.5-03",
    "The response beside auts is empty.",
    Seam::Message(|message| {
        edit::credentials(message, |list| {
            if list.value("auts").is_some() {
                list.set_raw("response", b"\"\"");
            }
        });
    }),
    &[],
);
const AUTS_WITH_F5: Fault = fault(
    "ue/auts-with-f5",
    "UB-4.5-04",
    "SQN_MS is concealed with f5 instead of f5*.",
    Seam::Ue(|policy| policy.auts = auts_with_f5),
    &[],
);
const AUTS_WITH_F1: Fault = fault(
    "ue/auts-with-f1",
    "UB-4.5-04",
    "MAC-S is made with f1 instead of f1*.",
    Seam::Ue(|policy| policy.auts = auts_with_f1),
    &[],
);
const AUTS_WITH_CHALLENGE_AMF: Fault = fault(
    "ue/auts-with-challenge-amf",
    "UB-4.5-04",
    "MAC-S covers the AMF of the challenge instead of zeros.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let (rand, sqn) = (facts.rand, facts.sqn_ms);
            facts
                .functions
                .auts_with_amf(rand, sqn, facts.amf)
                .as_bytes()
                .to_vec()
        };
    }),
    &[],
);
const AUTS_WITH_RECEIVED_SQN: Fault = fault(
    "ue/auts-with-received-sqn",
    "UB-4.5-04",
    "AUTS reports the SQN of the challenge instead of SQN_MS.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            ue::auts(&AutsFacts {
                sqn_ms: facts.received_sqn,
                ..*facts
            })
        };
    }),
    &[],
);
const AUTS_MAC_FIRST: Fault = fault(
    "ue/auts-mac-first",
    "UB-4.5-04",
    "AUTS has MAC-S before the concealed SQN_MS.",
    Seam::Ue(|policy| {
        policy.auts = |facts| {
            let mut octets = ue::auts(facts);
            octets.rotate_left(6);
            octets
        };
    }),
    &[],
);
const AUTS_BELOW_SQN_MS: Fault = fault(
    "ue/auts-below-sqn-ms",
    "UB-4.5-05",
    "AUTS reports an SQN below the highest accepted one.",
    Seam::Ue(|policy| policy.auts = auts_below_sqn_ms),
    &[],
);
const REFUSED_SQN_STORED: Fault = fault(
    "ue/refused-sqn-stored",
    "UB-4.5-06",
    "A refused SQN takes the place of the array's values.",
    Seam::Ue(|policy| policy.update_usim = store_refused_sqn),
    &[],
);
const RESYNCHRONISES_FOR_EVER: Fault = fault(
    "ue/resynchronises-for-ever",
    "UB-4.5-13",
    "Every challenge out of range is answered with one more AUTS.",
    Seam::Ue(|policy| {
        policy.judge_challenge = |challenge| {
            ue::judge_challenge(&ChallengeJudgement {
                resynchronisations: 0,
                ..*challenge
            })
        };
    }),
    &[],
);
const AGENT_WITHOUT_GBA_TOKEN: Fault = fault(
    "ue/agent-without-gba-token",
    "UA-5.2.1-01",
    "User-Agent lacks the product token of GBA.",
    Seam::Message(|message| edit::field(message, "User-Agent", "Plain Agent; Release-6")),
    &[],
);
const USERNAME_IMPI_AT_NAF: Fault = fault(
    "ue/username-impi-at-naf",
    "UA-5.2.2-01",
    "The username at a NAF is the private identity.",
    Seam::Ue(|policy| {
        policy.username = |facts| match *facts {
            UsernameFacts::Ub { impi } | UsernameFacts::Ua { impi, .. } => impi.to_owned(),
        };
    }),
    &[],
);
const NAF_PASSWORD_RAW: Fault = fault(
    "ue/naf-password-raw",
    "UA-5.2.2-02",
    "The password at a NAF is the key itself instead of its base64 text.",
    Seam::Ue(|policy| policy.ua_password = |key| key.expose().to_vec()),
    &[],
);
const NAF_PASSWORD_HEX: Fault = fault(
    "ue/naf-password-hex",
    "UA-5.2.2-02",
    "The password at a NAF is the hex text of the key.",
    Seam::Ue(|policy| policy.ua_password = |key| HEXLOWER.encode(key.expose()).into_bytes()),
    &[],
);
const NAF_PASSWORD_BASE64URL: Fault = fault(
    "ue/naf-password-base64url",
    "UA-5.2.2-02",
    "The password at a NAF uses the URL alphabet of base64.",
    Seam::Ue(|policy| policy.ua_password = |key| BASE64URL.encode(key.expose()).into_bytes()),
    &[],
);
const REALM_OF_ANOTHER_HOST: Fault = fault(
    "ue/realm-of-another-host",
    "UA-5.2.2-05",
    "A realm that names another host than the one contacted is accepted.",
    Seam::Ue(|policy| {
        policy.accept_realm = |check| check.realm.starts_with(REALM_PREFIX.as_bytes());
    }),
    &[],
);
const NAF_RSPAUTH_NOT_CHECKED: Fault = fault(
    "ue/naf-rspauth-not-checked",
    "UA-5.2.2-08",
    "A 200 of a NAF is believed whatever its proof.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ua, 200)),
    &[],
);
const NEW_DIGEST_WITH_WITHDRAWN_KEY: Fault = fault(
    "ue/new-digest-with-withdrawn-key",
    "UA-5.2.5-02",
    "A 401 to the existing key is answered with the same key again.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match ue::after_refusal(facts) {
            NextStep::BootstrapAgain => NextStep::AnswerAgain,
            step => step,
        };
    }),
    &[],
);
const IK_BEFORE_CK: Fault = fault(
    "ue/ik-before-ck",
    "KD-04",
    "Ks is IK and CK instead of CK and IK.",
    Seam::Ue(|policy| policy.naf_key = naf_key_of_swapped_ks),
    &[],
);
const NAF_ID_WITHOUT_PROTOCOL: Fault = fault(
    "ue/naf-id-without-protocol",
    "KD-05",
    "NAF_Id lacks the Ua protocol identifier.",
    Seam::Ue(|policy| policy.naf_key = |facts| naf_key_with(facts, facts.fqdn.as_bytes())),
    &[],
);
const NAF_ID_WITH_HEX_TEXT: Fault = fault(
    "ue/naf-id-with-hex-text",
    "KD-05",
    "NAF_Id has the Ua protocol identifier as hex text.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let protocol = HEXLOWER.encode(facts.ua_id.as_bytes());
            naf_key_with(facts, format!("{}{protocol}", facts.fqdn).as_bytes())
        };
    }),
    &[],
);
const NAF_ID_WITH_PORT: Fault = fault(
    "ue/naf-id-with-port",
    "KD-05",
    "NAF_Id has the port behind the host name.",
    Seam::Ue(|policy| {
        policy.naf_key = |facts| {
            let with_port = format!("{}:80", facts.fqdn);
            ue::naf_key(&NafKeyFacts {
                fqdn: &with_port,
                ..*facts
            })
        };
    }),
    &[],
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
    &[],
);
const ALGORITHM_QUOTED: Fault = fault(
    "ue/algorithm-quoted",
    "DG-04",
    "The algorithm of the response is quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::quote(list, "algorithm"))),
    &[],
);
const USERNAME_UNQUOTED: Fault = fault(
    "ue/username-unquoted",
    "DG-04",
    "The username is not quoted.",
    Seam::Message(|message| edit::credentials(message, |list| edit::unquote(list, "username"))),
    &[],
);
const TRUSTS_FORGED_REFUSAL: Fault = fault(
    "ue/trusts-forged-refusal",
    "PKI-E4-04",
    "A 403 is believed whatever its proof.",
    Seam::Ue(|policy| policy.judge_result = |facts| trusting(*facts, ReferencePoint::Ua, 403)),
    &[],
);
const BOOTSTRAPS_AFTER_REFUSAL: Fault = fault(
    "ue/bootstraps-after-refusal",
    "PKI-E4-06",
    "A 403 starts a new Ub run.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match facts.status {
            403 if facts.point == ReferencePoint::Ua && facts.answers < 2 => {
                NextStep::BootstrapAgain
            }
            _ => ue::after_refusal(facts),
        };
    }),
    &[],
);

const fn fault(
    id: &'static str,
    requirement: &'static str,
    what: &'static str,
    seam: Seam,
    caught_by: &'static [&'static str],
) -> Fault {
    Fault {
        id,
        role: RoleName::Ue,
        requirement,
        what,
        seam,
        caught_by,
    }
}
