//! Faults of an HSS on its service-based interfaces.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_wire::sbi::{
    AkaAv, AuthDataRequest, AuthDataResponse, AuthenticationScheme, Operation, UeId,
};

use super::{anybody, fault, known};
use crate::faults::{Fault, Seam, edit};
use crate::hss::sbi;
use crate::sbi::{self as service, BAD_REQUEST, NOT_FOUND, Problem};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    ESCAPES_NOT_UNDERSTOOD,
    BODY_COMPARED,
    KEYS_OF_FIRST_SUBSCRIBER,
    SCHEME_IGNORED,
    RESYNC_REFUSED,
    RESYNC_READ_LENIENTLY,
    IDENTITY_WITHOUT_PREFIX_GIVES_500,
    VECTOR_FOR_ANY_BODY,
    ANY_PATH_SERVED,
    VECTOR_IN_BASE64,
    CK_AND_IK_SWAPPED,
    MEMBER_MISSING,
    MEDIA_TYPE_OF_TEXT,
    HA1_MISSING,
    VECTOR_FOR_NOBODY,
    NOBODY_GIVES_500,
    SETTINGS_AS_XML,
    LIFETIME_AS_TEXT,
    SETTINGS_FOR_NOBODY,
    FORGED_AUTS_IGNORED,
    FORGED_AUTS_OBEYED,
];

const ESCAPES_NOT_UNDERSTOOD: Fault = fault(
    "hss/sbi-escapes-not-understood",
    "SB-05",
    "A path with an escaped character leads nowhere.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| {
            let is_escaped = request.start_line.contains(&b'%');
            let operation = service::operation(request)?;
            if is_escaped {
                Err(NOT_FOUND)
            } else {
                Ok(operation)
            }
        };
    }),
    &["hss/sbi/gives-a-vector-for-an-escaped-identity"],
);
const BODY_COMPARED: Fault = fault(
    "hss/sbi-body-compared",
    "SB-05",
    "A body is refused that is not letter by letter what the HSS would have written.",
    Seam::Hss(|policy| {
        policy.sbi.read = |body| {
            let (asked, _) = AuthDataRequest::parse(body).map_err(|_| BAD_REQUEST)?;
            if asked.emit().as_bytes() == body {
                Ok(asked)
            } else {
                Err(BAD_REQUEST)
            }
        };
    }),
    &[
        "hss/sbi/gives-a-vector-beside-a-member-of-another-release",
        "hss/sbi/gives-a-vector-for-json-with-blanks",
        "hss/sbi/gives-a-vector-for-json-with-escapes",
    ],
);
const KEYS_OF_FIRST_SUBSCRIBER: Fault = fault(
    "hss/sbi-keys-of-first-subscriber",
    "SB-05",
    "Vectors of one subscriber are given to all.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| service::operation(request).map(for_anybody);
    }),
    &["hss/sbi/vector-is-of-whoever-is-named"],
);
const SCHEME_IGNORED: Fault = fault(
    "hss/sbi-scheme-ignored",
    "SB-05",
    "Whatever the scheme, a vector of AKA is given.",
    Seam::Hss(|policy| {
        policy.sbi.read = |body| {
            let (asked, _) = AuthDataRequest::parse(body).map_err(|_| BAD_REQUEST)?;
            Ok(AuthDataRequest {
                authentication_scheme: Some(AuthenticationScheme::AkaV1Md5),
                ..asked
            })
        };
    }),
    &[
        "hss/sbi/no-vector-under-the-scheme-of-passwords",
        "hss/sbi/no-vector-for-a-body-with-an-unknown-scheme",
        "hss/sbi/no-vector-for-a-body-with-a-number-as-scheme",
    ],
);
const RESYNC_REFUSED: Fault = fault(
    "hss/sbi-resync-refused",
    "SB-05",
    "A request that tells of a synchronisation failure is refused.",
    Seam::Hss(|policy| {
        policy.sbi.read = |body| {
            let asked = service::strict(AuthDataRequest::parse(body))?;
            match asked.resynchronization {
                Some(_) => Err(BAD_REQUEST),
                None => Ok(asked),
            }
        };
    }),
    &[
        "hss/sbi/vector-beyond-sqn-ms",
        "hss/sbi/vector-beyond-sqn-ms-over-a-gap",
    ],
);
const RESYNC_READ_LENIENTLY: Fault = fault(
    "hss/sbi-resync-read-leniently",
    "SB-05",
    "RAND and AUTS are taken in any form, and if they cannot be understood there are none.",
    Seam::Hss(|policy| {
        policy.sbi.read = |body| {
            let (asked, _) = AuthDataRequest::parse(body).map_err(|_| BAD_REQUEST)?;
            let resync = asked.resynchronization;
            Ok(AuthDataRequest {
                resynchronization: resync.filter(|it| it.rand.len() == 16 && it.auts.len() == 14),
                authentication_scheme: asked.authentication_scheme,
            })
        };
    }),
    &[
        "hss/sbi/no-vector-for-auts-without-rand",
        "hss/sbi/no-vector-for-rand-without-auts",
        "hss/sbi/no-vector-for-neither-rand-nor-auts",
        "hss/sbi/no-vector-for-auts-in-base64",
        "hss/sbi/no-vector-for-auts-of-13-octets",
        "hss/sbi/no-vector-for-auts-of-15-octets",
        "hss/sbi/no-vector-for-rand-of-15-octets",
        "hss/sbi/no-vector-for-auts-that-is-no-hex",
        "hss/sbi/no-vector-for-empty-texts",
        "hss/sbi/no-vector-for-a-number-as-auts",
        "hss/sbi/no-vector-for-a-list-of-both",
    ],
);
const IDENTITY_WITHOUT_PREFIX_GIVES_500: Fault = fault(
    "hss/sbi-identity-without-prefix-gives-500",
    "SB-05",
    "An identity without its prefix leads to 500.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| match service::operation(request)? {
            Operation::GenerateAuthData(UeId::Unknown(_)) => Err(SERVER_ERROR),
            other => Ok(other),
        };
    }),
    &["hss/sbi/identity-without-prefix-harms-nothing"],
);
const VECTOR_FOR_ANY_BODY: Fault = fault(
    "hss/sbi-vector-for-any-body",
    "SB-05",
    "A body that cannot be read is as good as one that asks for a vector.",
    Seam::Hss(|policy| {
        policy.sbi.read =
            |body| Ok(service::strict(AuthDataRequest::parse(body)).unwrap_or_default());
    }),
    &[
        "hss/sbi/no-vector-for-a-body-that-is-empty",
        "hss/sbi/no-vector-for-a-body-that-is-no-json",
        "hss/sbi/no-vector-for-a-body-that-is-cut-off",
        "hss/sbi/no-vector-for-a-body-that-is-a-list",
        "hss/sbi/no-vector-for-a-body-of-64-kib",
        "hss/sbi/no-vector-for-a-body-that-is-nested-deeply",
    ],
);
const ANY_PATH_SERVED: Fault = fault(
    "hss/sbi-any-path-served",
    "SB-05",
    "Whatever the method and the path, a vector is given.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| match service::operation(request) {
            Ok(operation @ (Operation::GenerateAuthData(_) | Operation::SubscriberData(_))) => {
                Ok(operation)
            }
            _ => Ok(Operation::GenerateAuthData(UeId::Impi(anybody()))),
        };
    }),
    &[
        "hss/sbi/no-vector-at-another-method",
        "hss/sbi/no-vector-at-another-resource",
        "hss/sbi/no-vector-at-another-version",
        "hss/sbi/no-vector-at-another-service",
    ],
);
const VECTOR_IN_BASE64: Fault = fault(
    "hss/sbi-vector-in-base64",
    "SB-06",
    "The parts of a vector are written as base64.",
    Seam::Hss(|policy| {
        policy.sbi.auth_data = |answer| {
            let text = answer.emit();
            let Some(vector) = &answer.aka_av else {
                return text;
            };
            let parts = [
                &vector.rand,
                &vector.xres.0,
                &vector.autn,
                &vector.ck.0,
                &vector.ik.0,
            ];
            parts.into_iter().fold(text, |text, part| {
                text.replace(&HEXLOWER.encode(part), &BASE64.encode(part))
            })
        };
    }),
    &["hss/sbi/gives-a-vector"],
);
const CK_AND_IK_SWAPPED: Fault = fault(
    "hss/sbi-ck-and-ik-swapped",
    "SB-06",
    "CK stands where IK belongs, and IK where CK does.",
    Seam::Hss(|policy| {
        policy.sbi.vector = |vector| {
            let right = sbi::vector(vector);
            AkaAv {
                ck: right.ik.clone(),
                ik: right.ck.clone(),
                ..right
            }
        };
    }),
    &["hss/sbi/gives-a-vector"],
);
const MEMBER_MISSING: Fault = fault(
    "hss/sbi-vector-beside-its-member",
    "SB-06",
    "The member with the vector has a name without its digit.",
    Seam::Hss(|policy| {
        policy.sbi.auth_data = |answer| answer.emit().replace("3gAkaAv", "AkaAv");
    }),
    &["hss/sbi/gives-a-vector"],
);
const MEDIA_TYPE_OF_TEXT: Fault = fault(
    "hss/sbi-media-type-of-text",
    "SB-06",
    "Answers say that their bodies are plain text.",
    Seam::Message(|message| {
        if message.status().is_ok() {
            edit::field(message, "content-type", "text/plain");
        }
    }),
    &["hss/sbi/gives-a-vector"],
);
const HA1_MISSING: Fault = fault(
    "hss/sbi-ha1-missing",
    "SB-06",
    "H(A1) is left out beside its realm.",
    Seam::Hss(|policy| {
        policy.sbi.auth_data =
            |answer: &AuthDataResponse| answer.emit().replace("\"ha1\"", "\"h\"");
    }),
    &["hss/sbi/gives-what-a-password-leads-to"],
);
const VECTOR_FOR_NOBODY: Fault = fault(
    "hss/sbi-vector-for-nobody",
    "SB-06",
    "For an identity that nobody has, the vector of somebody is given.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| {
            service::operation(request).map(|operation| match operation {
                Operation::GenerateAuthData(ue) if !is_known(&ue) => {
                    Operation::GenerateAuthData(UeId::Impi(anybody()))
                }
                other => other,
            })
        };
    }),
    NOBODY,
);
const NOBODY_GIVES_500: Fault = fault(
    "hss/sbi-nobody-gives-500",
    "SB-06",
    "An identity that nobody has leads to 500.",
    Seam::Hss(|policy| {
        policy.sbi.refusal = |problem| {
            service::refusal(if problem.status == 404 {
                &SERVER_ERROR
            } else {
                problem
            })
        };
    }),
    NOBODY,
);
const SETTINGS_AS_XML: Fault = fault(
    "hss/sbi-settings-as-xml",
    "SB-08",
    "User security settings are written as XML.",
    Seam::Hss(|policy| policy.sbi.subscriber_data = |guss| guss.emit()),
    &["hss/sbi/gives-settings"],
);
const LIFETIME_AS_TEXT: Fault = fault(
    "hss/sbi-lifetime-as-text",
    "SB-08",
    "The lifetime of keys is written as a text.",
    Seam::Hss(|policy| {
        policy.sbi.subscriber_data = |guss| {
            let number = guss.bsf_info.life_time.unwrap_or_default();
            let right = format!("\"lifeTime\":{number}");
            let text = format!("\"lifeTime\":\"{number}\"");
            sbi::subscriber_data(guss).replace(&right, &text)
        };
    }),
    &["hss/sbi/gives-settings"],
);
const SETTINGS_FOR_NOBODY: Fault = fault(
    "hss/sbi-settings-for-nobody",
    "SB-08",
    "For an identity that nobody has, the settings of somebody are given.",
    Seam::Hss(|policy| {
        policy.sbi.operation = |request| {
            service::operation(request).map(|operation| match operation {
                Operation::SubscriberData(ue) if !is_known(&ue) => {
                    Operation::SubscriberData(UeId::Impi(anybody()))
                }
                other => other,
            })
        };
    }),
    &["hss/sbi/no-settings-of-nobody"],
);
const FORGED_AUTS_IGNORED: Fault = fault(
    "hss/sbi-forged-auts-ignored",
    "SB-09",
    "An AUTS whose MAC-S is wrong leads to the next vector, as if there had been none.",
    Seam::Hss(|policy| {
        policy.resynchronise = |facts| Ok(crate::hss::resynchronise(facts).unwrap_or_default());
    }),
    FORGED,
);
const FORGED_AUTS_OBEYED: Fault = fault(
    "hss/sbi-forged-auts-obeyed",
    "SB-09",
    "An AUTS moves the counter whatever its MAC-S.",
    Seam::Hss(|policy| {
        policy.resynchronise = |facts| {
            Ok(Some(
                facts.functions.open_auts(facts.rand, &facts.auts).sqn_ms,
            ))
        };
    }),
    FORGED,
);

/// What an HSS says that has broken down.
const SERVER_ERROR: Problem = Problem {
    status: 500,
    title: "something went wrong",
    cause: None,
};

/// The cases about identities that nobody has.
const NOBODY: &[&str] = &[
    "hss/sbi/no-vector-for-nobody-by-impi",
    "hss/sbi/no-vector-for-nobody-by-imsi",
    "hss/sbi/no-vector-for-nobody-by-msisdn",
    "hss/sbi/no-vector-for-nobody-by-impu",
    "hss/sbi/no-vector-for-nobody-by-an-empty-impi",
    "hss/sbi/no-vector-for-nobody-beyond-a-nul",
    "hss/sbi/no-vector-for-nobody-beyond-a-line-break",
    "hss/sbi/no-vector-for-nobody-of-4000-letters",
];

/// The cases about an AUTS that does not verify.
const FORGED: &[&str] = &[
    "hss/sbi/forged-sqn-bit-is-an-error",
    "hss/sbi/forged-first-mac-bit-is-an-error",
    "hss/sbi/forged-last-mac-bit-is-an-error",
    "hss/sbi/auts-beside-another-rand-is-an-error",
    "hss/sbi/auts-of-another-subscriber-is-an-error",
];

/// The same request, for the vector of somebody.
fn for_anybody(operation: Operation) -> Operation {
    match operation {
        Operation::GenerateAuthData(_) => Operation::GenerateAuthData(UeId::Impi(anybody())),
        other => other,
    }
}

/// Whether a subscriber with Milenage has this identity.
fn is_known(ue: &UeId) -> bool {
    matches!(ue, UeId::Impi(impi) if known().any(|known| known == impi))
}
