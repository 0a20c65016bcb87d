//! Faults of a BSF that reads a question which is no right one.

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::diameter::{ERROR, MANDATORY, Packet};

use super::fault;
use crate::bsf::NetworkPolicy;
use crate::bsf::network::{self, ZnNaf};
use crate::diameter::{self, Failure, ZN};
use crate::embedded::NAF_FQDN;
use crate::faults::{Fault, Seam, edit};

/// The faults, in the order of the requirements.
pub(super) const ALL: &[Fault] = &[
    NAME_WITHOUT_PROTOCOL,
    UNKNOWN_AVP_REFUSED,
    UNKNOWN_MANDATORY_AVP_IGNORED,
    UNKNOWN_MANDATORY_AVP_5012,
    FAILED_AVP_MISSING,
    LENGTHS_IGNORED,
    APPLICATION_IGNORED,
    COMMAND_IGNORED,
    MISSING_NAF_ID_IS_ITS_OWN,
    MISSING_BTID_IS_THE_LATEST,
    ERROR_FLAG_IGNORED,
    TWO_TAKEN,
    BROKEN_NAF_ID_IS_ITS_OWN,
];

const NAME_WITHOUT_PROTOCOL: Fault = fault(
    "bsf/zn-name-without-protocol",
    "KD-08",
    "A NAF-Id that ends like a name has no Ua protocol and means HTTP digest.",
    Seam::Bsf(|policy| {
        policy.network.naf = |request| {
            let octets = request.avp("NAF-Id").unwrap_or_default().data;
            match String::from_utf8(octets) {
                Ok(fqdn) if fqdn.ends_with(char::is_alphabetic) => Ok(ZnNaf {
                    fqdn,
                    protocol: UaProtocolId::HTTP_DIGEST,
                }),
                _ => network::naf(request),
            }
        };
    }),
    &["zn/malformed/refuses-a-naf-id-without-a-protocol"],
);
const UNKNOWN_AVP_REFUSED: Fault = fault(
    "bsf/zn-unknown-avp-refused",
    "DIA-4.1-01",
    "A question with any AVP that the BSF does not know is refused.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| {
            let mut avps = request.avps.iter();
            let unknown = avps.find(|avp| avp.info().is_none());
            unknown.map_or_else(
                || check(request),
                |avp| Err(Failure::UnsupportedAvp(avp.clone())),
            )
        };
    }),
    &[
        "zn/malformed/ignores-an-unknown-avp",
        "zn/malformed/ignores-an-unknown-avp-of-a-vendor",
        "zn/malformed/ignores-a-hundred-unknown-groups",
    ],
);
const UNKNOWN_MANDATORY_AVP_IGNORED: Fault = fault(
    "bsf/zn-unknown-mandatory-avp-ignored",
    "DIA-4.1-02",
    "An AVP that the BSF does not know is ignored whatever its flags.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| {
            let mut request = request.clone();
            let unknown = request.avps.iter_mut().filter(|avp| avp.info().is_none());
            unknown.for_each(|avp| avp.flags &= !MANDATORY);
            check(&request)
        };
    }),
    &["zn/malformed/refuses-an-unknown-avp-that-must-be-known"],
);
const UNKNOWN_MANDATORY_AVP_5012: Fault = fault(
    "bsf/zn-unknown-mandatory-avp-5012",
    "DIA-4.1-02",
    "An AVP that the BSF has to know, and does not, gets the result 5012.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| match check(request) {
            Err(Failure::UnsupportedAvp(_)) => Err(Failure::UnableToComply),
            other => other,
        };
    }),
    &["zn/malformed/refuses-an-unknown-avp-that-must-be-known"],
);
const FAILED_AVP_MISSING: Fault = fault(
    "bsf/zn-failed-avp-missing",
    "DIA-4.1-02",
    "A refusal does not say which AVP is to blame.",
    Seam::Packet(|packet| edit::drop_avp(packet, "Failed-AVP")),
    &["zn/malformed/refuses-an-unknown-avp-that-must-be-known"],
);
const LENGTHS_IGNORED: Fault = fault(
    "bsf/zn-lengths-ignored",
    "DIA-4.1-03",
    "What cannot be read is as if it were not there, and what is needed of it has a default.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| match check(request) {
            Err(Failure::InvalidLength(_)) => Ok(()),
            other => other,
        };
        with_defaults(&mut policy.network);
    }),
    &[
        "zn/malformed/refuses-a-b-tid-of-length-0",
        "zn/malformed/refuses-a-b-tid-of-length-7",
        "zn/malformed/refuses-a-b-tid-of-length-11",
        "zn/malformed/refuses-a-b-tid-of-length-65535",
        "zn/malformed/refuses-octets-behind-the-rest",
        "zn/malformed/refuses-an-avp-over-the-end-behind-the-rest",
        "zn/malformed/refuses-an-avp-of-length-0-behind-the-rest",
        "zn/malformed/refuses-a-group-that-does-not-end",
    ],
);
const APPLICATION_IGNORED: Fault = fault(
    "bsf/zn-application-ignored",
    "DIA-7.1-02",
    "A question is answered whatever its application.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| {
            check(&Packet {
                application: ZN.application,
                ..request.clone()
            })
        };
    }),
    &[
        "zn/malformed/refuses-another-application",
        "zn/malformed/refuses-the-application-of-zh",
    ],
);
const COMMAND_IGNORED: Fault = fault(
    "bsf/zn-command-ignored",
    "DIA-7.1-02",
    "Each command of the application is taken for the one that there is.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| {
            check(&Packet {
                command: ZN.command,
                ..request.clone()
            })
        };
    }),
    &["zn/malformed/refuses-an-unknown-command"],
);
const MISSING_NAF_ID_IS_ITS_OWN: Fault = fault(
    "bsf/zn-missing-naf-id-is-its-own",
    "DIA-7.1-03",
    "A question without NAF-Id is one for the NAF that asks.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| match check(request) {
            Err(Failure::MissingAvp("NAF-Id")) => Ok(()),
            other => other,
        };
        with_defaults(&mut policy.network);
    }),
    &["zn/malformed/refuses-a-question-without-a-naf-id"],
);
const MISSING_BTID_IS_THE_LATEST: Fault = fault(
    "bsf/zn-missing-b-tid-is-the-latest",
    "DIA-7.1-03",
    "A question without Transaction-Identifier is one about the session that began last.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| match check(request) {
            Err(Failure::MissingAvp("Transaction-Identifier")) => Ok(()),
            other => other,
        };
        with_defaults(&mut policy.network);
    }),
    &["zn/malformed/refuses-a-question-without-a-transaction-identifier"],
);
const ERROR_FLAG_IGNORED: Fault = fault(
    "bsf/zn-error-flag-ignored",
    "DIA-7.1-04",
    "A question with the E flag is answered.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| {
            check(&Packet {
                flags: request.flags & !ERROR,
                ..request.clone()
            })
        };
    }),
    &["zn/malformed/refuses-a-question-with-the-flag-of-an-error"],
);
const TWO_TAKEN: Fault = fault(
    "bsf/zn-two-taken",
    "DIA-7.1-05",
    "Of two NAF-Ids or transaction identifiers the first counts.",
    Seam::Bsf(|policy| {
        policy.network.check = |request| match check(request) {
            Err(Failure::TooManyTimes(_)) => Ok(()),
            other => other,
        };
    }),
    &[
        "zn/malformed/refuses-two-of-naf-ids",
        "zn/malformed/refuses-two-of-transaction-identifiers",
    ],
);
const BROKEN_NAF_ID_IS_ITS_OWN: Fault = fault(
    "bsf/zn-broken-naf-id-is-its-own",
    "DIA-7.1-06",
    "A NAF-Id that cannot be read is the one of the NAF that asks.",
    Seam::Bsf(|policy| policy.network.naf = |request| network::naf(request).or(Ok(its_own()))),
    &[
        "zn/malformed/refuses-a-naf-id-that-is-empty",
        "zn/malformed/refuses-a-naf-id-of-four-octets",
        "zn/malformed/refuses-a-naf-id-without-a-name",
    ],
);

fn check(request: &Packet) -> Result<(), Failure> {
    diameter::check(request, &ZN)
}

/// The NAF of the reference peers, which asks.
fn its_own() -> ZnNaf {
    ZnNaf {
        fqdn: NAF_FQDN.to_owned(),
        protocol: UaProtocolId::HTTP_DIGEST,
    }
}

/// What is missing or cannot be read is the NAF that asks, and the session that began last.
fn with_defaults(policy: &mut NetworkPolicy) {
    policy.naf = |request| network::naf(request).or(Ok(its_own()));
    policy.transaction = |request| network::transaction(request).or(Ok(String::new()));
    policy.session = |sessions, btid, now| {
        if btid.is_empty() {
            super::errors::latest(sessions)
        } else {
            sessions.session(btid, now)
        }
    };
}
