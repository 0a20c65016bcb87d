//! Faults of a BSF that should give a NAF no key.

use gbaspec_wire::diameter::Avp;

use super::fault;
use crate::bsf::network::{self, NafAuthorization};
use crate::diameter::{self, Failure, IDENTITY_UNKNOWN, TRANSACTION_IDENTIFIER_INVALID};
use crate::faults::{Fault, Seam, edit};
use crate::store::{Session, SessionStore};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    NO_SESSION_5401,
    NO_SESSION_IN_RESULT_CODE,
    NO_SESSION_IS_ZERO_KEY,
    BTID_OF_ANY_DOMAIN,
    BTID_OF_ANY_CASE,
    BTID_IS_IDENTITY,
    BTID_UP_TO_NUL,
    BTID_THAT_IS_NONE,
    LATEST_SESSION_FOR_OLD_BTID,
    NOT_AUTHORIZED_5012,
    NOT_AUTHORIZED_OF_UNKNOWN,
    NAMES_OF_ALL,
    NAMES_THAT_BEGIN_WELL,
    KEY_FOR_ANY_HOST,
];

const NO_SESSION_5401: Fault = fault(
    "bsf/zn-no-session-5401",
    "ZN-04",
    "A B-TID without a session gets the result of an unknown identity.",
    Seam::Bsf(|policy| {
        policy.network.no_session = || Failure::Experimental(IDENTITY_UNKNOWN);
    }),
    &[
        "zn/errors/no-key-for-a-b-tid-that-nobody-has",
        "zn/errors/no-key-before-the-ue-has-answered",
        "zn/errors/no-key-after-a-wrong-response",
        "zn/whole/no-key-of-the-vector-before-a-resynchronisation",
    ],
);
const NO_SESSION_IN_RESULT_CODE: Fault = fault(
    "bsf/zn-no-session-in-result-code",
    "ZN-04",
    "5403 stands in Result-Code.",
    Seam::Bsf(|policy| {
        policy.network.failure = |request, node, why| {
            let mut answer = diameter::failure(request, node, why);
            if *why == NO_SESSION {
                edit::drop_avp(&mut answer, "Experimental-Result");
                answer.push(Avp::of_number("Result-Code", why.code()));
            }
            answer
        };
    }),
    &["zn/errors/no-key-for-a-b-tid-that-nobody-has"],
);
const NO_SESSION_IS_ZERO_KEY: Fault = fault(
    "bsf/zn-no-session-is-zero-key",
    "ZN-04",
    "A B-TID without a session gets a key of zeros.",
    Seam::Bsf(|policy| {
        policy.network.failure = |request, node, why| {
            if *why != NO_SESSION {
                return diameter::failure(request, node, why);
            }
            let mut answer = diameter::success(request, node);
            answer.push(Avp::new("ME-Key-Material", [0; 32]));
            answer
        };
    }),
    &[
        "zn/errors/no-key-for-a-b-tid-that-nobody-has",
        "zn/errors/no-key-for-a-transaction-identifier-that-is-empty",
        "zn/errors/no-key-for-a-transaction-identifier-that-is-no-text",
        "zn/errors/no-key-for-a-transaction-identifier-that-is-longer-than-any",
        "zn/errors/no-key-before-the-ue-has-answered",
        "zn/errors/no-key-after-a-wrong-response",
        "zn/whole/no-key-of-the-vector-before-a-resynchronisation",
    ],
);
const BTID_OF_ANY_DOMAIN: Fault = fault(
    "bsf/zn-b-tid-of-any-domain",
    "ZN-04",
    "A session is found by what stands before the @ of its B-TID.",
    Seam::Bsf(|policy| {
        policy.network.session = |sessions, btid, _| {
            let key = |btid: &str| btid.split('@').next().map(str::to_owned);
            find(sessions, |known, _| key(known) == key(btid))
        };
    }),
    &["zn/errors/no-key-for-a-b-tid-of-another-domain"],
);
const BTID_OF_ANY_CASE: Fault = fault(
    "bsf/zn-b-tid-of-any-case",
    "ZN-04",
    "A session is found by its B-TID whatever the case of the letters.",
    Seam::Bsf(|policy| {
        policy.network.session =
            |sessions, btid, _| find(sessions, |known, _| known.eq_ignore_ascii_case(btid));
    }),
    &["zn/errors/no-key-for-a-b-tid-in-lower-case"],
);
const BTID_IS_IDENTITY: Fault = fault(
    "bsf/zn-b-tid-is-identity",
    "ZN-04",
    "A session is found by the private identity as well.",
    Seam::Bsf(|policy| {
        policy.network.session = |sessions, btid, _| {
            find(sessions, |known, session| {
                known == btid || session.impi == btid
            })
        };
    }),
    &["zn/errors/no-key-for-a-private-identity"],
);
const BTID_UP_TO_NUL: Fault = fault(
    "bsf/zn-b-tid-up-to-nul",
    "ZN-04",
    "A B-TID ends at its first NUL.",
    Seam::Bsf(|policy| {
        policy.network.transaction = |request| {
            let btid = network::transaction(request)?;
            Ok(btid.split('\0').next().unwrap_or_default().to_owned())
        };
    }),
    &["zn/errors/no-key-for-a-transaction-identifier-that-goes-on-behind-a-nul"],
);
const BTID_THAT_IS_NONE: Fault = fault(
    "bsf/zn-b-tid-that-is-none",
    "ZN-04",
    "A transaction identifier in which nothing stands before the @ leads to the session that began last.",
    Seam::Bsf(|policy| {
        policy.network.session = |sessions, btid, now| {
            if btid.is_empty() || btid.starts_with('@') {
                latest(sessions)
            } else {
                sessions.session(btid, now)
            }
        };
    }),
    &[
        "zn/errors/no-key-for-a-transaction-identifier-that-is-empty",
        "zn/errors/no-key-for-a-transaction-identifier-that-is-an-at-sign",
    ],
);
const LATEST_SESSION_FOR_OLD_BTID: Fault = fault(
    "bsf/zn-latest-session-for-old-b-tid",
    "ZN-06",
    "A B-TID whose session is gone leads to the session that began last.",
    Seam::Bsf(|policy| {
        policy.network.session =
            |sessions, btid, now| sessions.session(btid, now).or_else(|| latest(sessions));
    }),
    &["zn/errors/no-key-of-the-new-run-under-the-old-b-tid"],
);
const NOT_AUTHORIZED_5012: Fault = fault(
    "bsf/zn-not-authorized-5012",
    "ZN-05",
    "A NAF that may not have a key gets the result 5012.",
    Seam::Bsf(|policy| policy.network.not_authorized = || Failure::UnableToComply),
    &[
        "zn/errors/no-key-for-a-foreign-name",
        "zn/errors/no-key-for-a-name-that-begins-with-its-own",
        "zn/errors/no-key-for-the-name-of-the-bsf",
    ],
);
const NOT_AUTHORIZED_OF_UNKNOWN: Fault = fault(
    "bsf/zn-not-authorized-5403",
    "ZN-05",
    "A NAF that may not have a key hears that there is no session.",
    Seam::Bsf(|policy| policy.network.not_authorized = || NO_SESSION),
    &["zn/errors/no-key-for-a-foreign-name"],
);
const NAMES_OF_ALL: Fault = fault(
    "bsf/zn-names-of-all",
    "KD-08",
    "A NAF gets the key for any name.",
    Seam::Bsf(|policy| policy.network.authorize = |_| true),
    &[
        "zn/errors/no-key-for-a-foreign-name",
        "zn/errors/no-key-for-a-name-that-begins-with-its-own",
        "zn/errors/no-key-for-the-name-of-the-bsf",
        "zn/malformed/refuses-a-naf-id-without-a-protocol",
    ],
);
const NAMES_THAT_BEGIN_WELL: Fault = fault(
    "bsf/zn-names-that-begin-well",
    "KD-08",
    "A NAF gets the key for any name that begins with one of its own.",
    Seam::Bsf(|policy| {
        policy.network.authorize = |facts| {
            let mut grants = facts.grants.iter();
            let own = grants.find(|grant| facts.fqdn.starts_with(&grant.fqdn));
            network::authorize(&NafAuthorization {
                fqdn: own.map_or(facts.fqdn, |grant| &grant.fqdn),
                ..*facts
            })
        };
    }),
    &["zn/errors/no-key-for-a-name-that-begins-with-its-own"],
);
const KEY_FOR_ANY_HOST: Fault = fault(
    "bsf/zn-key-for-any-host",
    "KD-08",
    "The key for the name of a NAF goes to whoever asks for it.",
    Seam::Bsf(|policy| {
        policy.network.authorize = |facts| {
            network::authorize(&NafAuthorization {
                host: facts.fqdn,
                ..*facts
            })
        };
    }),
    &["zn/errors/no-key-for-a-stranger"],
);

/// The failure of a question about a B-TID that has no session.
const NO_SESSION: Failure = Failure::Experimental(TRANSACTION_IDENTIFIER_INVALID);

/// The newest session that this holds of.
fn find(sessions: &SessionStore, mut is: impl FnMut(&str, &Session) -> bool) -> Option<&Session> {
    let mut newest = sessions.all().rev();
    newest
        .find(|(btid, session)| is(btid, session))
        .map(|(_, session)| session)
}

/// The session that began last.
pub(super) fn latest(sessions: &SessionStore) -> Option<&Session> {
    find(sessions, |_, _| true)
}
