//! Faults of a NAF that asks its BSF over Zn.

use data_encoding::HEXLOWER;
use gbaspec_crypto::secret::KsNaf;
use gbaspec_wire::diameter::{Avp, Packet};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::diameter::{SUCCESS, ZH};
use crate::ua::keys::{NafKey, ZnRefusal};
use crate::ua::zn::{self, BiaFacts, BirFacts};
use crate::ua::{self, Rejection, RejectionAnswer};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ASKS_AS_ZH,
    BTID_WITHOUT_DOMAIN,
    NAF_ID_WITHOUT_PROTOCOL,
    PROTOCOL_AS_TEXT,
    NAF_ID_WITH_PORT,
    ASKS_EACH_TIME,
    KEY_OF_ANY_BTID,
    RESPONSE_NOT_CHECKED,
    RESULT_IGNORED,
    KEY_CUT_TO_LENGTH,
    KEY_AS_TEXT,
    SERVES_WITHOUT_A_KEY,
    UNKNOWN_BTID_FORBIDDEN,
    UNKNOWN_BTID_IS_A_FAILURE,
    REFUSAL_IS_A_FAILURE,
    EXPIRY_IGNORED,
    UNKNOWN_AVP_REFUSED,
];

const SERVES: &str = "ua/zn/serves-with-the-key-of-the-bsf";
const NAMES: &str = "ua/zn/names-itself-and-its-protocol";

const ASKS_AS_ZH: Fault = fault(
    "naf/zn-asks-as-zh",
    "ZN-01",
    "The question to the BSF has the application of Zh.",
    Seam::Ua(|policy| {
        policy.zn.bir = |facts| Packet {
            application: ZH.application,
            ..zn::bir(facts)
        };
    }),
    &[SERVES],
);
const BTID_WITHOUT_DOMAIN: Fault = fault(
    "naf/zn-b-tid-without-domain",
    "ZN-02",
    "The BSF is asked for what stands before the @ of the B-TID.",
    Seam::Ua(|policy| {
        policy.zn.bir = |facts| {
            zn::bir(&BirFacts {
                btid: facts.btid.split('@').next().unwrap_or_default(),
                ..facts.clone()
            })
        };
    }),
    &[SERVES],
);
const NAF_ID_WITHOUT_PROTOCOL: Fault = fault(
    "naf/zn-naf-id-without-protocol",
    "ZN-02",
    "NAF-Id in the question is the name of the NAF alone.",
    Seam::Ua(|policy| {
        policy.zn.naf_id = |naf_id| {
            let octets = naf_id.as_bytes();
            let name = octets.split_last_chunk::<5>();
            name.map_or(octets, |(name, _)| name).to_vec()
        };
    }),
    &[NAMES],
);
const PROTOCOL_AS_TEXT: Fault = fault(
    "naf/zn-protocol-as-text",
    "ZN-02",
    "NAF-Id in the question has the Ua protocol as hex text.",
    Seam::Ua(|policy| {
        policy.zn.naf_id = |naf_id| match naf_id.as_bytes().split_last_chunk::<5>() {
            Some((name, protocol)) => [name, HEXLOWER.encode(protocol).as_bytes()].concat(),
            None => naf_id.as_bytes().to_vec(),
        };
    }),
    &[NAMES],
);
const NAF_ID_WITH_PORT: Fault = fault(
    "naf/zn-naf-id-with-port",
    "ZN-02",
    "NAF-Id in the question has a port behind the name.",
    Seam::Ua(|policy| {
        policy.zn.naf_id = |naf_id| match naf_id.as_bytes().split_last_chunk::<5>() {
            Some((name, protocol)) => [name, b":80", protocol].concat(),
            None => naf_id.as_bytes().to_vec(),
        };
    }),
    &[NAMES],
);
const ASKS_EACH_TIME: Fault = fault(
    "naf/zn-asks-each-time",
    "UA-5.2.2-06",
    "The BSF is asked for the key of each request.",
    Seam::Ua(|policy| policy.has_key = |_| false),
    &["ua/zn/asks-once-for-several-requests"],
);
const KEY_OF_ANY_BTID: Fault = fault(
    "naf/zn-key-of-any-b-tid",
    "UA-5.2.2-06",
    "The NAF asks for no key where it has any for its name and protocol.",
    Seam::Ua(|policy| policy.has_key = |name| name.made_for == name.wanted_for),
    &["ua/zn/asks-for-each-b-tid"],
);
const RESPONSE_NOT_CHECKED: Fault = fault(
    "naf/zn-response-not-checked",
    "UA-5.2.2-06",
    "Any response is right once the BSF has given a key.",
    Seam::Ua(|policy| policy.accept_response = |_| true),
    &[
        "ua/zn/refuses-a-wrong-response-though-the-key-came",
        "ua/zn/key-of-the-bsf-counts",
    ],
);
const RESULT_IGNORED: Fault = fault(
    "naf/zn-result-ignored",
    "UA-5.2.2-06",
    "A key is used though the BSF does not say that it succeeded.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| {
            with_answer(facts, |answer| {
                edit::drop_avp(answer, "Result-Code");
                answer.push(Avp::of_number("Result-Code", SUCCESS));
            })
        };
    }),
    &[
        "ua/zn/serves-nobody-for-an-error-with-a-key",
        "ua/zn/serves-nobody-for-no-result",
    ],
);
const KEY_CUT_TO_LENGTH: Fault = fault(
    "naf/zn-key-cut-to-length",
    "UA-5.2.2-06",
    "Of a key that is too long the first 32 octets count.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| {
            with_answer(facts, |answer| {
                edit::change_avp(answer, "ME-Key-Material", |key| {
                    key[..key.len().min(KsNaf::LEN)].to_vec()
                });
            })
        };
    }),
    &["ua/zn/serves-nobody-for-a-key-too-long"],
);
const KEY_AS_TEXT: Fault = fault(
    "naf/zn-key-as-text",
    "UA-5.2.2-06",
    "A key in hex is as good as its octets.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| {
            with_answer(facts, |answer| {
                edit::change_avp(answer, "ME-Key-Material", |key| {
                    HEXLOWER.decode(key).unwrap_or_else(|_| key.to_vec())
                });
            })
        };
    }),
    &["ua/zn/serves-nobody-for-a-key-as-text"],
);
const SERVES_WITHOUT_A_KEY: Fault = fault(
    "naf/zn-serves-without-a-key",
    "UA-5.2.2-06",
    "A client is served where the BSF says nothing of use.",
    Seam::Ua(|policy| {
        policy.reject = |rejection| match rejection {
            Rejection::NoBsf => RejectionAnswer::Status(200),
            other => ua::reject(other),
        };
    }),
    &[
        "ua/zn/serves-nobody-for-an-unreachable-bsf",
        "ua/zn/serves-nobody-for-a-bsf-that-fails",
        "ua/zn/serves-nobody-for-no-key",
        "ua/zn/serves-nobody-for-a-key-too-short",
        "ua/zn/serves-nobody-for-an-answer-cut-off",
        "ua/zn/serves-nobody-with-a-key-of-no-octets",
        "ua/zn/serves-nobody-while-the-bsf-is-silent",
    ],
);
const UNKNOWN_BTID_FORBIDDEN: Fault = fault(
    "naf/zn-unknown-b-tid-forbidden",
    "UA-5.2.3-02",
    "A client whose B-TID the BSF does not know is sent away without a challenge.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| {
            instead_of(
                facts,
                ZnRefusal::UnknownTransaction,
                ZnRefusal::NotAuthorized,
            )
        };
    }),
    &["ua/zn/asks-for-bootstrapping-where-the-bsf-knows-nothing"],
);
const UNKNOWN_BTID_IS_A_FAILURE: Fault = fault(
    "naf/zn-unknown-b-tid-is-a-failure",
    "UA-5.2.3-02",
    "A client whose B-TID the BSF does not know hears of a failure of the server.",
    Seam::Ua(|policy| {
        policy.zn.bia =
            |facts| instead_of(facts, ZnRefusal::UnknownTransaction, ZnRefusal::Unavailable);
    }),
    &["ua/zn/asks-for-bootstrapping-where-the-bsf-knows-nothing"],
);
const REFUSAL_IS_A_FAILURE: Fault = fault(
    "naf/zn-refusal-is-a-failure",
    "UA-5.2.3-02",
    "A client for whose key the NAF is not authorised hears of a failure of the server.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| instead_of(facts, ZnRefusal::NotAuthorized, ZnRefusal::Unavailable);
    }),
    &["ua/zn/refuses-a-client-where-the-bsf-refuses-the-naf"],
);
const EXPIRY_IGNORED: Fault = fault(
    "naf/zn-expiry-ignored",
    "KD-11",
    "The end of a key's lifetime that the BSF tells is not looked at.",
    Seam::Ua(|policy| {
        policy.zn.bia =
            |facts| with_answer(facts, |answer| edit::drop_avp(answer, "Key-ExpiryTime"));
    }),
    &["ua/zn/does-not-serve-a-key-beyond-its-lifetime"],
);
const UNKNOWN_AVP_REFUSED: Fault = fault(
    "naf/zn-unknown-avp-refused",
    "DIA-4.1-01",
    "An answer with any AVP that the NAF does not know is of no use.",
    Seam::Ua(|policy| {
        policy.zn.bia = |facts| {
            let mut avps = facts.answer.iter().flat_map(|answer| &answer.avps);
            if avps.any(|avp| avp.info().is_none()) {
                return Err(ZnRefusal::Unavailable);
            }
            zn::bia(facts)
        };
    }),
    &[
        "ua/zn/serves-with-an-answer-that-has-an-unknown-avp",
        "ua/zn/serves-with-an-answer-that-has-an-unknown-avp-of-a-vendor",
    ],
);

/// What the NAF makes of the answer after a change in it.
fn with_answer(facts: &BiaFacts<'_>, change: fn(&mut Packet)) -> Result<NafKey, ZnRefusal> {
    let answer = facts.answer.map(|answer| {
        let mut answer = answer.clone();
        change(&mut answer);
        answer
    });
    zn::bia(&BiaFacts {
        answer: answer.as_ref().map_err(|why| *why),
        ..*facts
    })
}

/// One refusal in the place of another.
fn instead_of(
    facts: &BiaFacts<'_>,
    reason: ZnRefusal,
    other: ZnRefusal,
) -> Result<NafKey, ZnRefusal> {
    zn::bia(facts).map_err(|why| if why == reason { other } else { why })
}
