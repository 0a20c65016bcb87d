//! Faults of a BSF that asks an HSS: questions, synchronisation failures, answers, settings.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::secret::{Ck, Ik, Res};
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::auts;
use gbaspec_wire::diameter::{Avp, Packet, dictionary};
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::guss_xml::Guss;

use super::fault;
use crate::bsf::network::{
    self, HomeAnswer, HomeAnswerFacts, HomeMaterial, HomeResync, HomeResyncDecision, MarFacts,
};
use crate::bsf::{self, RefusalReason};
use crate::diameter::{self, IDENTITY_UNKNOWN, SUCCESS};
use crate::embedded;
use crate::faults::{Fault, Seam, edit};
use crate::proof;
use crate::role::Unanswered;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    MAR_OF_CX,
    MAR_NAMES_CX,
    ANNOUNCES_CX,
    PUBLIC_IDENTITY_ONLY,
    USER_NAME_WITHOUT_DOMAIN,
    ASKS_FOR_FIRST_SUBSCRIBER,
    TMPI_AS_USER_NAME,
    ASKS_FOR_UNKNOWN_TMPI,
    ASKS_FOR_NOBODY,
    SCHEME_MISSING,
    SCHEME_OF_HTTP_DIGEST,
    STATE_MAINTAINED,
    SESSION_ID_LAST,
    SESSION_ID_CONSTANT,
    DESTINATION_REALM_MISSING,
    AUTS_ALONE,
    RAND_AUTS_AS_BASE64,
    RAND_AUTS_AS_HEX,
    AUTS_BEFORE_RAND,
    AUTS_NOT_FORWARDED,
    AUTS_IN_EACH_QUESTION,
    MALFORMED_AUTS_FORWARDED,
    AUTS_FOR_ANY_NONCE_FORWARDED,
    VECTOR_OF_REFUSED_AUTS,
    XRES_IS_IK,
    VECTOR_ALWAYS_THE_SAME,
    READS_ITEM_BY_PLACE,
    UNKNOWN_AVP_REFUSED,
    XRES_IGNORED,
    CHALLENGE_FOR_UNKNOWN_IDENTITY,
    CHALLENGE_AFTER_FAILURE,
    CHALLENGE_AFTER_SILENCE,
    RESULT_IGNORED,
    VECTOR_PATCHED_WITH_ZEROS,
    VECTOR_OF_ANYBODY,
    ODD_SETTINGS_SPOIL_THE_VECTOR,
    HOME_ERROR_WITH_STATUS_200,
    LIFETIME_OF_SETTINGS_IGNORED,
    LIFETIME_OF_SETTINGS_IN_MINUTES,
    NO_LIFETIME_IS_ZERO,
    GUSS_TIMESTAMP_OF_1970,
];

const MAR_OF_CX: Fault = fault(
    "bsf/mar-of-cx",
    "ZH-01",
    "The question to the HSS is one of the application Cx by its header.",
    Seam::Packet(|packet| {
        if packet.application == dictionary::ZH {
            packet.application = CX;
        }
    }),
    &["zh/questions/is-one-of-zh"],
);
const MAR_NAMES_CX: Fault = fault(
    "bsf/mar-names-cx",
    "ZH-01",
    "Vendor-Specific-Application-Id of the question to the HSS names the application Cx.",
    Seam::Packet(|packet| {
        if packet.command == dictionary::MULTIMEDIA_AUTH {
            name_cx(packet);
        }
    }),
    &["zh/questions/is-one-of-zh"],
);
const ANNOUNCES_CX: Fault = fault(
    "bsf/announces-cx",
    "ZH-01",
    "The capabilities that the HSS is told are those of the application Cx.",
    Seam::Packet(|packet| {
        if packet.command == dictionary::CAPABILITIES_EXCHANGE {
            name_cx(packet);
        }
    }),
    &["zh/questions/announces-zh"],
);
const PUBLIC_IDENTITY_ONLY: Fault = fault(
    "bsf/public-identity-only",
    "ZH-02",
    "The question names a public identity in the place of the private one.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            let public = format!("sip:{}", facts.impi);
            with(facts, "User-Name", |_| {
                Some(Avp::new("Public-Identity", public.as_str()))
            })
        };
    }),
    &["zh/questions/names-the-private-identity"],
);
const USER_NAME_WITHOUT_DOMAIN: Fault = fault(
    "bsf/user-name-without-domain",
    "ZH-02",
    "User-Name is what stands before the @ of the private identity.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            let user = facts.impi.split('@').next().unwrap_or_default();
            network::mar(&MarFacts {
                impi: user,
                ..*facts
            })
        };
    }),
    &["zh/questions/names-the-private-identity"],
);
const ASKS_FOR_FIRST_SUBSCRIBER: Fault = fault(
    "bsf/asks-for-first-subscriber",
    "ZH-02",
    "Each question is about the same subscriber, whoever bootstraps.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            network::mar(&MarFacts {
                impi: "user1_private@home1.net",
                ..*facts
            })
        };
    }),
    &["zh/questions/is-about-whoever-asks"],
);
const TMPI_AS_USER_NAME: Fault = fault(
    "bsf/tmpi-as-user-name",
    "ZH-02",
    "The HSS is asked for whatever stands in the username, be it a TMPI.",
    Seam::Bsf(|policy| policy.identify = |facts| Ok(facts.username.to_owned())),
    &[
        "zh/questions/tmpi-is-not-asked-for",
        "zh/questions/nobody-is-asked-for-an-empty-username",
    ],
);
const ASKS_FOR_UNKNOWN_TMPI: Fault = fault(
    "bsf/asks-for-unknown-tmpi",
    "ZH-02",
    "A TMPI that nobody has is asked for as if it were a private identity.",
    Seam::Bsf(|policy| {
        policy.identify = |facts| match bsf::identify(facts) {
            Err(RefusalReason::UnknownTmpi) => Ok(facts.username.to_owned()),
            other => other,
        };
    }),
    &["zh/questions/unknown-tmpi-is-not-asked-for"],
);
const ASKS_FOR_NOBODY: Fault = fault(
    "bsf/asks-for-nobody",
    "ZH-02",
    "A request whose credentials cannot be read has the HSS asked for nobody.",
    Seam::Bsf(|policy| {
        policy.read_credentials = |request| {
            let nobody = Credentials {
                username: Some(b"@".to_vec()),
                nonce: Some(Vec::new()),
                ..Credentials::default()
            };
            Ok(proof::read_credentials(request).unwrap_or(nobody))
        };
    }),
    &[
        "zh/questions/nobody-is-asked-for-a-request-without-credentials",
        "zh/questions/nobody-is-asked-for-a-request-with-basic",
        "zh/questions/nobody-is-asked-for-a-request-without-username",
    ],
);
const SCHEME_MISSING: Fault = fault(
    "bsf/scheme-missing",
    "ZH-02",
    "The item of the question has no scheme.",
    Seam::Bsf(|policy| policy.network.mar = |facts| with_item(facts, &[])),
    &["zh/questions/names-the-private-identity"],
);
const SCHEME_OF_HTTP_DIGEST: Fault = fault(
    "bsf/scheme-of-http-digest",
    "ZH-02",
    "The item of the question asks for HTTP digest where Digest AKA is meant.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            let scheme = Avp::new("SIP-Authentication-Scheme", diameter::DIGEST_SCHEME);
            with_item(facts, &[scheme])
        };
    }),
    &["zh/questions/names-the-private-identity"],
);
const STATE_MAINTAINED: Fault = fault(
    "bsf/state-maintained",
    "ZH-02",
    "Auth-Session-State says that state is maintained.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            with(facts, "Auth-Session-State", |avp| {
                Some(avp.with_data([0; 4]))
            })
        };
    }),
    &["zh/questions/names-the-private-identity"],
);
const SESSION_ID_LAST: Fault = fault(
    "bsf/session-id-last",
    "ZH-02",
    "Session-Id of the question stands behind all other AVPs.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            let mut mar = network::mar(facts);
            mar.avps.rotate_left(1);
            mar
        };
    }),
    &["zh/questions/finds-its-way"],
);
const SESSION_ID_CONSTANT: Fault = fault(
    "bsf/session-id-constant",
    "ZH-02",
    "All questions have the same Session-Id.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            network::mar(&MarFacts {
                session: "bsf.home1.net;1;1",
                ..*facts
            })
        };
    }),
    &["zh/questions/session-is-a-new-one"],
);
const DESTINATION_REALM_MISSING: Fault = fault(
    "bsf/destination-realm-missing",
    "ZH-02",
    "The question does not say to which realm it goes.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| with(facts, "Destination-Realm", |_| None);
    }),
    &["zh/questions/finds-its-way"],
);
const AUTS_ALONE: Fault = fault(
    "bsf/auts-alone",
    "ZH-03",
    "SIP-Authorization of a resynchronisation is AUTS without RAND.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| forwarded(resync, |_, auts| auts.to_vec());
    }),
    EACH_AUTS,
);
const RAND_AUTS_AS_BASE64: Fault = fault(
    "bsf/rand-auts-as-base64",
    "ZH-03",
    "SIP-Authorization of a resynchronisation is base64 text.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| {
            forwarded(resync, |rand, auts| {
                BASE64.encode(&[rand, auts].concat()).into_bytes()
            })
        };
    }),
    EACH_AUTS,
);
const RAND_AUTS_AS_HEX: Fault = fault(
    "bsf/rand-auts-as-hex",
    "ZH-03",
    "SIP-Authorization of a resynchronisation is hex text.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| {
            forwarded(resync, |rand, auts| {
                HEXLOWER.encode(&[rand, auts].concat()).into_bytes()
            })
        };
    }),
    EACH_AUTS,
);
const AUTS_BEFORE_RAND: Fault = fault(
    "bsf/auts-before-rand",
    "ZH-03",
    "SIP-Authorization of a resynchronisation is AUTS || RAND.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts =
            |resync| forwarded(resync, |rand, auts| [auts, rand].concat());
    }),
    EACH_AUTS,
);
const AUTS_NOT_FORWARDED: Fault = fault(
    "bsf/auts-not-forwarded",
    "ZH-03",
    "After a synchronisation failure the HSS is asked as if there had been none.",
    Seam::Bsf(|policy| policy.network.forward_auts = |_| HomeResyncDecision::ChallengeAgain),
    EACH_AUTS,
);
const AUTS_IN_EACH_QUESTION: Fault = fault(
    "bsf/auts-in-each-question",
    "ZH-03",
    "A question without AUTS has a SIP-Authorization of 30 zeros.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            network::mar(&MarFacts {
                resync: facts.resync.or(Some(&[0; 30])),
                ..*facts
            })
        };
    }),
    &["zh/resync/nothing-is-resynchronised-without-auts"],
);
const MALFORMED_AUTS_FORWARDED: Fault = fault(
    "bsf/malformed-auts-forwarded",
    "ZH-03",
    "An AUTS that is malformed goes to the HSS, filled up with zeros or cut.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| match network::forward_auts(resync) {
            HomeResyncDecision::Refuse(RefusalReason::MalformedAuts) => {
                let mut auts = BASE64.decode(resync.auts).unwrap_or_default();
                auts.resize(14, 0);
                let rand = resync.issued_rand.unwrap_or(Rand::from([0; 16]));
                HomeResyncDecision::Forward([rand.as_bytes().as_slice(), &auts].concat())
            }
            other => other,
        };
    }),
    &[
        "zh/resync/keeps-auts-of-13-octets-to-itself",
        "zh/resync/keeps-auts-of-15-octets-to-itself",
        "zh/resync/keeps-auts-that-is-no-base64-to-itself",
        "zh/resync/keeps-empty-auts-to-itself",
    ],
);
const AUTS_FOR_ANY_NONCE_FORWARDED: Fault = fault(
    "bsf/auts-for-any-nonce-forwarded",
    "UB-4.5-09",
    "An AUTS goes to the HSS whatever nonce stands beside it.",
    Seam::Bsf(|policy| {
        policy.network.forward_auts = |resync| {
            let known = resync.issued_rand.or(Some(Rand::from([0; 16])));
            forwarded(
                &HomeResync {
                    issued_rand: known,
                    ..*resync
                },
                |rand, auts| [rand, auts].concat(),
            )
        };
    }),
    &[
        "zh/resync/keeps-auts-for-a-nonce-never-issued-to-itself",
        "zh/resync/keeps-auts-for-a-challenge-of-another-user-to-itself",
    ],
);
const VECTOR_OF_REFUSED_AUTS: Fault = fault(
    "bsf/vector-of-refused-auts",
    "UB-4.5-08",
    "Where the HSS rejects an AUTS, a challenge of zeros goes to the UE.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| match network::home_answer(facts) {
            Err(_) if facts.is_resync => Ok(zeros()),
            other => other,
        };
    }),
    &["zh/resync/forged-auts-is-no-way-to-a-key"],
);
const XRES_IS_IK: Fault = fault(
    "bsf/xres-is-ik",
    "ZH-04",
    "The response is held against the integrity key instead of XRES.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            given(facts, |vector| AuthenticationVector {
                xres: Res::new(vector.ik.expose()).unwrap_or(Res::from([0; 16])),
                ..vector
            })
        };
    }),
    &["zh/vectors/run-completes-with-a-vector-of-the-hss"],
);
const VECTOR_ALWAYS_THE_SAME: Fault = fault(
    "bsf/vector-always-the-same",
    "ZH-04",
    "Each subscriber gets one and the same vector again and again, whatever the HSS gives.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            given(facts, |vector| {
                let known = embedded::SUBSCRIBERS.iter();
                let mut known = known.filter(|known| known.impi == facts.impi);
                known.next().map_or(vector, |known| {
                    known
                        .functions()
                        .vector(known.rand(), known.sqn(), known.amf())
                })
            })
        };
    }),
    &[
        "zh/vectors/run-completes-with-a-vector-of-the-hss",
        "zh/vectors/next-run-takes-the-next-vector",
        "zh/vectors/unanswered-vector-is-not-used-again",
        "zh/vectors/each-subscriber-has-a-vector-of-its-own",
    ],
);
const READS_ITEM_BY_PLACE: Fault = fault(
    "bsf/reads-item-by-place",
    "ZH-04",
    "The parts of a vector are told apart by their places in the item.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let is_in_order = facts.answer.is_ok_and(|answer| {
                let item = answer.avp("SIP-Auth-Data-Item");
                let item = item.map(|item| item.children()).unwrap_or_default();
                let codes: Vec<u32> = item.iter().map(|avp| avp.code).collect();
                codes.starts_with(&[608, 609, 610])
            });
            let answer = network::home_answer(facts)?;
            if is_in_order {
                Ok(answer)
            } else {
                Err(RefusalReason::HomeMalformed)
            }
        };
    }),
    &[
        "zh/vectors/reads-an-answer-with-the-scheme-last",
        "zh/vectors/reads-an-answer-with-a-numbered-item",
        "zh/vectors/reads-an-answer-with-an-unknown-avp-in-the-item",
    ],
);
const UNKNOWN_AVP_REFUSED: Fault = fault(
    "bsf/unknown-avp-of-hss-refused",
    "ZH-04",
    "An answer of the HSS with an AVP that the BSF does not know is not used.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let answer = network::home_answer(facts)?;
            let is_known = |avp: &Avp| avp.info().is_some();
            let is_familiar = facts
                .answer
                .is_ok_and(|packet| packet.avps.iter().all(is_known));
            if is_familiar {
                Ok(answer)
            } else {
                Err(RefusalReason::HomeMalformed)
            }
        };
    }),
    &[
        "zh/vectors/reads-an-answer-with-an-unknown-avp",
        "zh/vectors/reads-an-answer-with-an-unknown-avp-of-3gpp",
    ],
);
const XRES_IGNORED: Fault = fault(
    "bsf/xres-of-hss-ignored",
    "ZH-04",
    "Any 32 hex digits are taken as the response, whatever XRES the HSS gave.",
    Seam::Bsf(|policy| policy.accept_response = |check| check.response.len() == 32),
    &["zh/vectors/xres-of-the-hss-counts"],
);
const CHALLENGE_FOR_UNKNOWN_IDENTITY: Fault = fault(
    "bsf/challenge-for-unknown-identity",
    "ZH-06",
    "A UE that the HSS does not know gets a challenge of zeros.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let result = facts.answer.ok().and_then(Packet::result);
            match network::home_answer(facts) {
                Err(_) if result == Some(IDENTITY_UNKNOWN) => Ok(zeros()),
                other => other,
            }
        };
    }),
    &[
        "zh/errors/no-challenge-for-an-unknown-identity",
        "zh/errors/no-challenge-for-nobody",
        "zh/errors/failure-is-over-with-the-request",
    ],
);
const CHALLENGE_AFTER_FAILURE: Fault = fault(
    "bsf/challenge-after-failure-of-hss",
    "ZH-06",
    "Where the HSS fails, the UE gets a challenge of zeros.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| match network::home_answer(facts) {
            Err(RefusalReason::HomeRefused | RefusalReason::ForgedAuts) => Ok(zeros()),
            other => other,
        };
    }),
    &[
        "zh/errors/no-challenge-for-an-identity-unable-to-be-served",
        "zh/errors/no-challenge-for-an-undeliverable-question",
        "zh/errors/no-challenge-for-a-busy-hss",
        "zh/errors/no-challenge-for-unavailable-data",
        "zh/errors/no-challenge-for-a-failure-with-a-vector",
        "zh/resync/no-challenge-after-a-failure-for-an-auts",
    ],
);
const CHALLENGE_AFTER_SILENCE: Fault = fault(
    "bsf/challenge-after-silence-of-hss",
    "ZH-06",
    "Where the HSS does not answer, the UE gets a challenge of zeros.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| match facts.answer {
            Err(Unanswered::Broken | Unanswered::TooLate) => Ok(zeros()),
            Ok(_) => network::home_answer(facts),
        };
    }),
    &[
        "zh/errors/no-challenge-from-a-silent-hss",
        "zh/errors/no-challenge-from-an-answer-to-another-question",
        "zh/errors/no-challenge-from-an-hss-that-hangs-up",
    ],
);
const RESULT_IGNORED: Fault = fault(
    "bsf/result-of-hss-ignored",
    "ZH-06",
    "A vector is used whatever the result beside it is.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let mut answer = facts.answer.cloned().unwrap_or_default();
            let is_failure = answer.result() != Some(SUCCESS);
            if is_failure && network::vector(&answer).is_some() {
                answer.avps.retain(|avp| !edit::is_avp(avp, "Result-Code"));
                answer.push(Avp::of_number("Result-Code", SUCCESS));
                return network::home_answer(&HomeAnswerFacts {
                    answer: Ok(&answer),
                    ..*facts
                });
            }
            network::home_answer(facts)
        };
    }),
    &["zh/errors/no-challenge-for-a-failure-with-a-vector"],
);
const VECTOR_PATCHED_WITH_ZEROS: Fault = fault(
    "bsf/vector-patched-with-zeros",
    "ZH-06",
    "What a vector of the HSS lacks is filled up with zeros, and what is too long is cut.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| match (network::home_answer(facts), facts.answer) {
            (Err(RefusalReason::HomeMalformed), Ok(answer)) => Ok(patched(answer)),
            (other, _) => other,
        };
    }),
    &[
        "zh/errors/no-challenge-for-success-without-a-vector",
        "zh/errors/no-challenge-for-neither-result-nor-vector",
        "zh/errors/no-challenge-for-an-item-without-rand-and-autn",
        "zh/errors/no-challenge-for-an-item-without-xres",
        "zh/errors/no-challenge-for-an-item-without-ck",
        "zh/errors/no-challenge-for-an-item-without-ik",
        "zh/errors/no-challenge-for-rand-without-autn",
        "zh/errors/no-challenge-for-rand-and-autn-as-text",
        "zh/errors/no-challenge-for-an-empty-xres",
        "zh/errors/no-challenge-for-a-ck-of-15-octets",
        "zh/errors/no-challenge-for-an-ik-of-17-octets",
        "zh/errors/no-challenge-from-an-avp-over-the-end",
        "zh/errors/no-challenge-from-an-avp-shorter-than-its-header",
        "zh/resync/no-challenge-after-success-without-a-vector-for-an-auts",
    ],
);
const VECTOR_OF_ANYBODY: Fault = fault(
    "bsf/vector-of-anybody",
    "ZH-06",
    "An answer of the HSS is used although it names another subscriber.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let mut answer = facts.answer.cloned();
            if let Ok(packet) = &mut answer {
                packet.avps.retain(|avp| !edit::is_avp(avp, "User-Name"));
            }
            network::home_answer(&HomeAnswerFacts {
                answer: answer.as_ref().map_err(|why| *why),
                ..*facts
            })
        };
    }),
    &["zh/errors/no-challenge-for-a-vector-of-somebody-else"],
);
const ODD_SETTINGS_SPOIL_THE_VECTOR: Fault = fault(
    "bsf/odd-settings-spoil-the-vector",
    "ZH-06",
    "Where the user security settings cannot be read, a challenge of zeros goes to the UE.",
    Seam::Bsf(|policy| {
        policy.network.home_answer = |facts| {
            let answer = facts.answer.ok();
            let settings = answer.and_then(|answer| answer.avp("GBA-UserSecSettings"));
            let is_odd = settings.is_some_and(|settings| {
                Guss::parse(&settings.data).map_or(true, |(_, found)| !found.is_empty())
            });
            if is_odd {
                Ok(zeros())
            } else {
                network::home_answer(facts)
            }
        };
    }),
    &[
        "zh/guss/survives-settings-that-are-no-xml",
        "zh/guss/survives-empty-settings",
        "zh/guss/survives-settings-cut-off",
        "zh/guss/survives-settings-with-entities",
        "zh/guss/survives-settings-with-an-external-entity",
        "zh/guss/survives-a-lifetime-that-is-no-number",
        "zh/guss/survives-a-lifetime-beyond-all-numbers",
        "zh/guss/survives-a-negative-lifetime",
    ],
);
const HOME_ERROR_WITH_STATUS_200: Fault = fault(
    "bsf/home-error-with-status-200",
    "ZH-06",
    "Where the HSS gives nothing of use, the page that says so has status 200.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| {
            let mut answer = bsf::refuse(refusal);
            let is_of_home = matches!(
                refusal.reason,
                RefusalReason::HomeUnreachable
                    | RefusalReason::HomeSilent
                    | RefusalReason::HomeRefused
                    | RefusalReason::HomeMalformed
            );
            if is_of_home {
                let status = answer.status().unwrap_or_default();
                edit::status(&mut answer, status, "200 OK");
            }
            answer
        };
    }),
    &[
        "zh/errors/no-challenge-for-an-identity-unable-to-be-served",
        "zh/errors/no-challenge-for-success-without-a-vector",
        "zh/guss/survives-settings-that-are-no-xml",
    ],
);
const LIFETIME_OF_SETTINGS_IGNORED: Fault = fault(
    "bsf/lifetime-of-settings-ignored",
    "ZH-08",
    "A session lives as long as the BSF likes, whatever the user security settings say.",
    Seam::Bsf(|policy| policy.network.lifetime = |facts| facts.own),
    &[
        "zh/guss/lifetime-is-obeyed",
        "zh/guss/lifetime-is-obeyed-beside-settings-of-services",
        "zh/guss/lifetime-is-obeyed-beside-an-unknown-element",
        "zh/guss/settings-last-while-the-hss-leaves-them-out",
    ],
);
const LIFETIME_OF_SETTINGS_IN_MINUTES: Fault = fault(
    "bsf/lifetime-of-settings-in-minutes",
    "ZH-08",
    "The lifetime of the user security settings is taken for one in minutes.",
    Seam::Bsf(|policy| {
        policy.network.lifetime = |facts| {
            let of_settings = facts.of_settings.map(|minutes| minutes.saturating_mul(60));
            of_settings.unwrap_or(facts.own)
        };
    }),
    &["zh/guss/lifetime-is-obeyed"],
);
const NO_LIFETIME_IS_ZERO: Fault = fault(
    "bsf/no-lifetime-is-zero",
    "ZH-08",
    "Where no settings name a lifetime, the session ends as it begins.",
    Seam::Bsf(|policy| policy.network.lifetime = |facts| facts.of_settings.unwrap_or(0)),
    &["zh/guss/run-completes-with-settings-that-say-nothing"],
);
const GUSS_TIMESTAMP_OF_1970: Fault = fault(
    "bsf/guss-timestamp-of-1970",
    "ZH-07",
    "GUSS-Timestamp of the question is not the one that the HSS gave.",
    Seam::Bsf(|policy| {
        policy.network.mar = |facts| {
            network::mar(&MarFacts {
                guss_timestamp: facts.guss_timestamp.map(|_| 0),
                ..*facts
            })
        };
    }),
    &["zh/guss/settings-last-while-the-hss-leaves-them-out"],
);

/// The application of the other interface that has these commands.
const CX: u32 = 16_777_216;

/// The cases about where and how an AUTS arrives.
const EACH_AUTS: &[&str] = &[
    "zh/resync/auts-arrives-behind-its-rand",
    "zh/resync/auts-arrives-behind-its-rand-over-a-gap",
    "zh/resync/auts-arrives-behind-its-rand-from-below",
    "zh/resync/auts-is-of-whoever-sent-it",
];

/// Cx in the place of Zh.
fn name_cx(packet: &mut Packet) {
    const NAME: &str = "Vendor-Specific-Application-Id";
    let named = packet.avps.iter_mut().filter(|avp| edit::is_avp(avp, NAME));
    for avp in named {
        let parts = [
            Avp::of_number("Vendor-Id", dictionary::VENDOR_3GPP),
            Avp::of_number("Auth-Application-Id", CX),
        ];
        *avp = Avp::of_group(NAME, &parts);
    }
}

/// The question with another AVP in the place of this one.
fn with(facts: &MarFacts<'_>, name: &str, change: impl Fn(Avp) -> Option<Avp>) -> Packet {
    let mut mar = network::mar(facts);
    let changed = mar.avps.into_iter().filter_map(|avp| {
        if edit::is_avp(&avp, name) {
            change(avp)
        } else {
            Some(avp)
        }
    });
    mar.avps = changed.collect();
    mar
}

/// The question with this in its item.
fn with_item(facts: &MarFacts<'_>, item: &[Avp]) -> Packet {
    const NAME: &str = "SIP-Auth-Data-Item";
    with(facts, NAME, |_| Some(Avp::of_group(NAME, item)))
}

/// What goes to the HSS where something does, written in this way.
fn forwarded(
    resync: &HomeResync<'_>,
    write: impl Fn(&[u8], &[u8]) -> Vec<u8>,
) -> HomeResyncDecision {
    match (
        network::forward_auts(resync),
        resync.issued_rand,
        auts::decode(resync.auts),
    ) {
        (HomeResyncDecision::Forward(_), Some(rand), Ok(auts)) => {
            HomeResyncDecision::Forward(write(rand.as_bytes(), &auts))
        }
        (other, ..) => other,
    }
}

/// What the HSS gives, with a change in its vector.
fn given(
    facts: &HomeAnswerFacts<'_>,
    change: impl Fn(AuthenticationVector) -> AuthenticationVector,
) -> Result<HomeAnswer, RefusalReason> {
    let answer = network::home_answer(facts)?;
    Ok(HomeAnswer {
        material: match answer.material {
            HomeMaterial::Vector(vector) => HomeMaterial::Vector(change(vector)),
            other @ HomeMaterial::Ha1 { .. } => other,
        },
        ..answer
    })
}

fn zeros() -> HomeAnswer {
    patched(&Packet::default())
}

/// What an HSS gives, as far as it is there, between zeros.
fn patched(answer: &Packet) -> HomeAnswer {
    let part = |name: &str| answer.avp(name).map(|avp| avp.data).unwrap_or_default();
    let challenge = part("SIP-Authenticate");
    let (rand, autn) = challenge.split_at(challenge.len().min(16));
    let xres = Res::new(&part("SIP-Authorization"));
    HomeAnswer {
        material: HomeMaterial::Vector(AuthenticationVector {
            rand: Rand::from(filled(rand)),
            autn: Autn::from(filled(autn)),
            xres: xres.unwrap_or(Res::from([0; 8])),
            ck: Ck::new(filled(&part("Confidentiality-Key"))),
            ik: Ik::new(filled(&part("Integrity-Key"))),
        }),
        guss: None,
        guss_timestamp: None,
    }
}

fn filled(octets: &[u8]) -> [u8; 16] {
    let mut filled = [0; 16];
    for (place, octet) in filled.iter_mut().zip(octets) {
        *place = *octet;
    }
    filled
}
