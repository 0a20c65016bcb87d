//! Faults of an HSS that cannot fulfil a request, or should not.

use gbaspec_wire::diameter::{Avp, ERROR, MANDATORY, Packet};

use super::{anybody, fault, is, known, remove};
use crate::diameter::{self, Failure, IDENTITY_UNKNOWN, ZH};
use crate::faults::{Fault, Seam};
use crate::hss;

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    APPLICATION_IGNORED,
    UNKNOWN_USER_5012,
    UNKNOWN_USER_IN_BASE_FORM,
    UNKNOWN_USER_OF_ANOTHER_VENDOR,
    UNKNOWN_USER_IS_ANYBODY,
    NAME_CUT_AT_NUL,
    NAME_FOUND_BY_ITS_START,
    UNREADABLE_NAME_IS_ANYBODY,
    SETTINGS_OF_ANYBODY_FOR_NOBODY,
    UNKNOWN_AVP_REFUSED,
    UNKNOWN_MANDATORY_AVP_IGNORED,
    UNKNOWN_MANDATORY_AVP_5012,
    FAILED_AVP_MISSING,
    LENGTHS_IGNORED,
    RESULT_MISSING_WHERE_IT_IS_MUCH,
    NO_ERROR_FLAG,
    ERROR_FLAG_ON_SUCCESS,
    COMMAND_IGNORED,
    MISSING_NAME_IS_ANYBODY,
    NAME_OUT_OF_A_GROUP,
    ERROR_FLAG_IGNORED,
    TWO_NAMES_TAKEN,
];

const APPLICATION_IGNORED: Fault = fault(
    "hss/application-ignored",
    "ZH-01",
    "A request is served whatever its application.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            hss::check(&Packet {
                application: ZH.application,
                ..request.clone()
            })
        };
    }),
    &[
        "hss/errors/serves-no-other-application",
        "hss/errors/serves-no-application-of-zn",
    ],
);
const UNKNOWN_USER_5012: Fault = fault(
    "hss/unknown-user-5012",
    "ZH-05",
    "An unknown identity gets the result 5012.",
    Seam::Hss(|policy| policy.unknown_user = || Failure::UnableToComply),
    &["hss/errors/knows-no-such-identity"],
);
const UNKNOWN_USER_IN_BASE_FORM: Fault = fault(
    "hss/unknown-user-in-result-code",
    "ZH-05",
    "5401 stands in Result-Code.",
    Seam::Hss(|policy| {
        policy.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            if *why == Failure::Experimental(IDENTITY_UNKNOWN) {
                remove(&mut answer, "Experimental-Result");
                answer.push(Avp::of_number("Result-Code", IDENTITY_UNKNOWN));
            }
            answer
        };
    }),
    &["hss/errors/knows-no-such-identity"],
);
const UNKNOWN_USER_OF_ANOTHER_VENDOR: Fault = fault(
    "hss/unknown-user-of-another-vendor",
    "ZH-05",
    "5401 is a result of vendor 0.",
    Seam::Hss(|policy| {
        policy.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            let result = [
                Avp::of_number("Vendor-Id", 0),
                Avp::of_number("Experimental-Result-Code", why.code()),
            ];
            let mut avps = answer.avps.iter_mut();
            if let Some(group) = avps.find(|avp| is(avp, "Experimental-Result")) {
                *group = Avp::of_group("Experimental-Result", &result);
            }
            answer
        };
    }),
    &["hss/errors/knows-no-such-identity"],
);
const UNKNOWN_USER_IS_ANYBODY: Fault = fault(
    "hss/unknown-user-is-anybody",
    "ZH-05",
    "An unknown identity gets a vector of the first subscriber.",
    Seam::Hss(|policy| {
        policy.identity = |request| {
            let impi = hss::identity(request)?;
            let is_known = known().any(|known| known == impi);
            Ok(if is_known { impi } else { anybody() })
        };
    }),
    &[
        "hss/errors/knows-no-such-identity",
        "hss/errors/tells-no-vector-for-an-empty-identity",
        "hss/errors/tells-no-vector-for-an-identity-without-a-user",
        "hss/guss/no-settings-for-nobody",
    ],
);
const NAME_CUT_AT_NUL: Fault = fault(
    "hss/name-cut-at-nul",
    "ZH-05",
    "The private identity ends before the first NUL.",
    Seam::Hss(|policy| {
        policy.identity = |request| {
            let impi = hss::identity(request)?;
            Ok(impi.split('\0').next().unwrap_or_default().to_owned())
        };
    }),
    &["hss/errors/tells-no-vector-for-an-identity-with-nul-behind-it"],
);
const NAME_FOUND_BY_ITS_START: Fault = fault(
    "hss/name-found-by-its-start",
    "ZH-05",
    "A private identity is found if it begins with that of a subscriber.",
    Seam::Hss(|policy| {
        policy.identity = |request| {
            let impi = hss::identity(request)?;
            let found = known().find(|known| impi.starts_with(known));
            Ok(found.map_or(impi, str::to_owned))
        };
    }),
    &[
        "hss/errors/tells-no-vector-for-an-identity-with-more-behind-it",
        "hss/malformed/finds-nobody-by-the-start-of-a-long-name",
        "hss/malformed/finds-nobody-by-the-start-of-a-very-long-name",
    ],
);
const UNREADABLE_NAME_IS_ANYBODY: Fault = fault(
    "hss/unreadable-name-is-anybody",
    "ZH-05",
    "A name that is no text stands for the first subscriber.",
    Seam::Hss(|policy| {
        policy.check = |request| match hss::check(request) {
            Err(Failure::InvalidValue(avp)) if is(&avp, "User-Name") => Ok(()),
            other => other,
        };
        policy.identity = |request| hss::identity(request).or_else(|_| Ok(anybody()));
    }),
    &["hss/malformed/refuses-a-name-that-is-no-utf-8"],
);
const SETTINGS_OF_ANYBODY_FOR_NOBODY: Fault = fault(
    "hss/settings-for-nobody",
    "ZH-05",
    "The refusal of an unknown identity has the settings that everybody has.",
    Seam::Hss(|policy| {
        policy.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            if *why == Failure::Experimental(IDENTITY_UNKNOWN) {
                answer.push(Avp::new("GBA-UserSecSettings", "<guss id=\"\"/>"));
            }
            answer
        };
    }),
    &["hss/guss/no-settings-for-nobody"],
);
const UNKNOWN_AVP_REFUSED: Fault = fault(
    "hss/unknown-avp-refused",
    "DIA-4.1-01",
    "A request with any AVP that the HSS does not know is refused.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            let mut avps = request.avps.iter();
            let unknown = avps.find(|avp| avp.info().is_none());
            unknown.map_or_else(
                || hss::check(request),
                |avp| Err(Failure::UnsupportedAvp(avp.clone())),
            )
        };
    }),
    &["hss/errors/ignores-other-avps"],
);
const UNKNOWN_MANDATORY_AVP_IGNORED: Fault = fault(
    "hss/unknown-mandatory-avp-ignored",
    "DIA-4.1-02",
    "An AVP that the HSS does not know is ignored whatever its flags.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            let mut request = request.clone();
            let unknown = request.avps.iter_mut().filter(|avp| avp.info().is_none());
            unknown.for_each(|avp| avp.flags &= !MANDATORY);
            hss::check(&request)
        };
    }),
    &["hss/errors/knows-its-mandatory-avps"],
);
const UNKNOWN_MANDATORY_AVP_5012: Fault = fault(
    "hss/unknown-mandatory-avp-5012",
    "DIA-4.1-02",
    "An AVP that the HSS has to know, and does not, gets the result 5012.",
    Seam::Hss(|policy| {
        policy.check = |request| match hss::check(request) {
            Err(Failure::UnsupportedAvp(_)) => Err(Failure::UnableToComply),
            other => other,
        };
    }),
    &["hss/errors/knows-its-mandatory-avps"],
);
const FAILED_AVP_MISSING: Fault = fault(
    "hss/failed-avp-missing",
    "DIA-4.1-02",
    "A refusal does not say which AVP is to blame.",
    Seam::Packet(|packet| remove(packet, "Failed-AVP")),
    &["hss/errors/knows-its-mandatory-avps"],
);
const LENGTHS_IGNORED: Fault = fault(
    "hss/lengths-ignored",
    "DIA-4.1-03",
    "What cannot be read is as if it were not there, and what is needed of it has a default.",
    Seam::Hss(|policy| {
        policy.check = |request| match hss::check(request) {
            Err(Failure::InvalidLength(_)) => Ok(()),
            other => other,
        };
        policy.identity = |request| hss::identity(request).or_else(|_| Ok(anybody()));
        policy.scheme = |request| hss::scheme(request).or(Ok(hss::Scheme::Aka));
    }),
    &[
        "hss/malformed/refuses-avp-of-length-0",
        "hss/malformed/refuses-avp-of-length-7",
        "hss/malformed/refuses-avp-over-the-end",
        "hss/malformed/refuses-trailing-octets",
        "hss/malformed/refuses-a-name-of-length-0",
        "hss/malformed/refuses-avp-over-its-end-in-a-group",
        "hss/malformed/refuses-a-number-of-3-octets",
    ],
);
const RESULT_MISSING_WHERE_IT_IS_MUCH: Fault = fault(
    "hss/result-missing-where-it-is-much",
    "DIA-6.2-02",
    "A request with many AVPs, or with groups in groups, gets an answer without a result.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            if request.avps.len() > 100 || request.avps.iter().any(is_deep) {
                Err(NO_RESULT)
            } else {
                hss::check(request)
            }
        };
        policy.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            if *why == NO_RESULT {
                remove(&mut answer, "Experimental-Result");
            }
            answer
        };
    }),
    &[
        "hss/malformed/survives-groups-in-groups",
        "hss/malformed/survives-thousands-of-avps",
    ],
);
const NO_ERROR_FLAG: Fault = fault(
    "hss/error-flag-missing",
    "DIA-7.1-01",
    "Errors of the protocol have no E flag.",
    Seam::Packet(|packet| packet.flags &= !ERROR),
    &["hss/errors/marks-errors-of-the-protocol-only"],
);
const ERROR_FLAG_ON_SUCCESS: Fault = fault(
    "hss/error-flag-on-success",
    "DIA-7.1-01",
    "An answer with a vector has the E flag.",
    Seam::Hss(|policy| {
        policy.finish = |mut answer| {
            answer.flags |= ERROR;
            answer
        };
    }),
    &["hss/errors/marks-errors-of-the-protocol-only"],
);
const COMMAND_IGNORED: Fault = fault(
    "hss/command-ignored",
    "DIA-7.1-02",
    "Each command of the application is taken for the one that there is.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            hss::check(&Packet {
                command: ZH.command,
                ..request.clone()
            })
        };
    }),
    &["hss/errors/has-no-such-command"],
);
const MISSING_NAME_IS_ANYBODY: Fault = fault(
    "hss/missing-name-is-anybody",
    "DIA-7.1-03",
    "A request without User-Name gets a vector of the first subscriber.",
    Seam::Hss(|policy| {
        policy.check = without_name;
        policy.identity = |request| hss::identity(request).or_else(|_| Ok(anybody()));
    }),
    &[
        "hss/errors/answers-nothing-without-user-name",
        "hss/errors/takes-no-name-out-of-a-group",
    ],
);
const NAME_OUT_OF_A_GROUP: Fault = fault(
    "hss/name-out-of-a-group",
    "DIA-7.1-03",
    "User-Name is taken from wherever it stands, from groups as well.",
    Seam::Hss(|policy| {
        policy.check = without_name;
        policy.identity = |request| {
            let name = diameter::text(request, "User-Name");
            name.ok_or(Failure::MissingAvp("User-Name"))
        };
    }),
    &["hss/errors/takes-no-name-out-of-a-group"],
);
const ERROR_FLAG_IGNORED: Fault = fault(
    "hss/error-flag-ignored",
    "DIA-7.1-04",
    "A request with the E flag is served.",
    Seam::Hss(|policy| {
        policy.check = |request| {
            hss::check(&Packet {
                flags: request.flags & !ERROR,
                ..request.clone()
            })
        };
    }),
    &["hss/errors/knows-no-request-with-the-error-flag"],
);
const TWO_NAMES_TAKEN: Fault = fault(
    "hss/two-names-taken",
    "DIA-7.1-05",
    "Of two names the first counts.",
    Seam::Hss(|policy| {
        policy.check = |request| match hss::check(request) {
            Err(Failure::TooManyTimes(_)) => Ok(()),
            other => other,
        };
    }),
    &["hss/errors/takes-one-user-name"],
);

/// The mark of a failure that the answer says nothing about.
const NO_RESULT: Failure = Failure::Experimental(0);

fn is_deep(avp: &Avp) -> bool {
    avp.children()
        .iter()
        .any(|child| child.children().iter().any(|inner| inner.info().is_some()))
}

/// The check of a request in which nobody misses User-Name.
fn without_name(request: &Packet) -> Result<(), Failure> {
    match hss::check(request) {
        Err(Failure::MissingAvp("User-Name")) => Ok(()),
        other => other,
    }
}
