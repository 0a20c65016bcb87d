//! Faults of a UE at the end of a run: the document and the proof of the 200, and refusals.

use super::fault;
use crate::faults::{Fault, Seam};
use crate::role::ClientOutcome;
use crate::ue::{self, NextStep, Proof, ReferencePoint, ResultFacts, SessionFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    READS_THE_PRINTED_DOCUMENT_ONLY,
    TAKES_ANY_ELEMENT_NAMED_BTID,
    TAKES_ANY_ATTRIBUTE_NAMED_BTID,
    KEEPS_MARKUP_OF_CHARACTER_DATA,
    BELIEVES_200_WITHOUT_PROOF,
    IGNORES_STATUS_OF_DOCUMENT,
    PROOF_OVER_CHUNKS,
    TRIES_ON_AFTER_403,
    ANSWERS_SAME_CHALLENGE_FOR_EVER,
    USES_RES_TWICE,
];

/// How many octets the longest value has that the reader of the printed document takes.
const LONGEST: usize = 255;

const READS_THE_PRINTED_DOCUMENT_ONLY: Fault = fault(
    "ue/reads-the-printed-document-only",
    "UB-4.2-54",
    "A document is read only if it has the two elements and nothing else, in the usual spelling.",
    Seam::Ue(|policy| {
        policy.read_session = |body| ue::read_session(body).filter(|_| is_as_printed(body));
    }),
    &[
        "ue/bootstrap/reads-a-prefixed-document-with-extensions",
        "ue/result/reads-a-document-with-another-prefix",
        "ue/result/reads-a-document-with-a-comment",
        "ue/result/reads-a-document-with-a-foreign-attribute",
        "ue/result/reads-a-document-with-a-foreign-extension",
        "ue/result/reads-a-document-with-the-current-time",
        "ue/result/reads-a-document-with-an-empty-extension",
        "ue/result/reads-a-document-with-no-declaration",
        "ue/result/reads-a-document-with-a-processing-instruction",
        "ue/result/reads-a-document-with-character-data-sections",
        "ue/result/reads-a-document-with-fractions-of-seconds",
    ],
);
const TAKES_ANY_ELEMENT_NAMED_BTID: Fault = fault(
    "ue/takes-any-element-named-btid",
    "UB-4.2-54",
    "The last text between tags with the name btid is the B-TID, wherever it stands.",
    Seam::Ue(|policy| {
        policy.read_session = |body| {
            with_btid(body, |text| {
                let (before, _) = text.rsplit_once("btid>")?;
                let start = before.strip_suffix("</").or(before.strip_suffix("</x:"))?;
                start.rsplit_once('>').map(|(_, btid)| btid)
            })
        };
    }),
    &["ue/result/takes-the-btid-from-a-document-with-another-btid-in-an-extension"],
);
const TAKES_ANY_ATTRIBUTE_NAMED_BTID: Fault = fault(
    "ue/takes-any-attribute-named-btid",
    "UB-4.2-54",
    "An attribute with the name btid counts as the B-TID.",
    Seam::Ue(|policy| {
        policy.read_session = |body| {
            with_btid(body, |text| {
                let (_, rest) = text.split_once("btid=\"")?;
                rest.split_once('"').map(|(btid, _)| btid)
            })
        };
    }),
    &["ue/result/takes-the-btid-from-a-document-with-another-btid-in-a-foreign-attribute"],
);
const KEEPS_MARKUP_OF_CHARACTER_DATA: Fault = fault(
    "ue/keeps-markup-of-character-data",
    "UB-4.2-54",
    "All that stands between the tags is the B-TID, the marks of a character data section included.",
    Seam::Ue(|policy| {
        policy.read_session = |body| {
            with_btid(body, |text| {
                let (_, rest) = text.split_once("<btid>")?;
                rest.split_once("</btid>").map(|(btid, _)| btid)
            })
        };
    }),
    &[
        "ue/result/takes-the-btid-from-a-document-with-character-data-sections",
        "ue/result/takes-the-btid-from-a-document-with-another-btid-in-a-comment",
    ],
);
const BELIEVES_200_WITHOUT_PROOF: Fault = fault(
    "ue/believes-200-without-proof",
    "UB-4.2-57",
    "A wrong proof of the BSF is found, a missing one is not missed.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match facts.proof {
            Proof::Absent if facts.point == ReferencePoint::Ub => {
                let proof = Proof::Valid;
                ue::judge_result(&ResultFacts { proof, ..*facts })
            }
            _ => ue::judge_result(facts),
        };
    }),
    &[
        "ue/bootstrap/drops-the-session-of-a-200-without-authentication-info",
        "ue/result/takes-no-session-to-a-naf-from-a-200-without-authentication-info",
    ],
);
const IGNORES_STATUS_OF_DOCUMENT: Fault = fault(
    "ue/ignores-status-of-document",
    "UB-4.3-03",
    "A good document makes a session whatever the status that it comes with.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match (facts.point, facts.proof) {
            (ReferencePoint::Ub, Proof::Valid) => ClientOutcome::Success,
            _ => ue::judge_result(facts),
        };
    }),
    &[
        "ue/user-authentication/keeps-no-session-from-a-document-with-status-400",
        "ue/user-authentication/keeps-no-session-from-a-document-with-status-401",
        "ue/user-authentication/keeps-no-session-from-a-document-with-status-403",
        "ue/user-authentication/keeps-no-session-from-a-document-with-status-503",
    ],
);

const PROOF_OVER_CHUNKS: Fault = fault(
    "ue/proof-over-chunks",
    "DG-02",
    "rspauth is expected to cover a body as it came, in its chunks.",
    Seam::Ue(|policy| policy.content = |message| message.body.clone()),
    &[
        "ue/result/believes-a-document-in-chunks",
        "ue/digest/believes-a-resource-in-chunks",
    ],
);
const TRIES_ON_AFTER_403: Fault = fault(
    "ue/tries-on-after-403",
    "UB-4.3-03",
    "A 403 to the response starts the run again, without end.",
    Seam::Ue(|policy| {
        policy.after_refusal = |facts| match (facts.point, facts.status) {
            (ReferencePoint::Ub, 403) => NextStep::BootstrapAgain,
            _ => ue::after_refusal(facts),
        };
    }),
    &["ue/user-authentication/gives-up-after-repeated-refusals"],
);
const ANSWERS_SAME_CHALLENGE_FOR_EVER: Fault = fault(
    "ue/answers-same-challenge-for-ever",
    "UB-4.3-03",
    "A challenge that comes again is answered with the same RES again, without end.",
    Seam::Ue(|policy| {
        policy.check_sqn = |_, _| Ok(());
        policy.after_refusal = |facts| match (facts.point, facts.status) {
            (ReferencePoint::Ub, 401) => NextStep::AnswerAgain,
            _ => ue::after_refusal(facts),
        };
    }),
    &["ue/user-authentication/gives-up-after-the-same-challenge-again-and-again"],
);

const USES_RES_TWICE: Fault = fault(
    "ue/uses-res-twice",
    "DG-10",
    "A vector that comes again in another nonce is answered with the same RES.",
    Seam::Ue(|policy| {
        policy.check_sqn = |usim, sqn| {
            if sqn.seq(usim.scheme()) == usim.sqn_ms().seq(usim.scheme()) {
                return Ok(());
            }
            ue::check_sqn(usim, sqn)
        };
    }),
    &["ue/user-authentication/uses-a-short-res-once"],
);

/// The default session, with the B-TID that this reader finds in the text.
fn with_btid(body: &[u8], find: fn(&str) -> Option<&str>) -> Option<SessionFacts> {
    let session = ue::read_session(body)?;
    let found = str::from_utf8(body).ok().and_then(find);
    let btid = found.map_or_else(|| session.btid.clone(), str::to_owned);
    Some(SessionFacts { btid, ..session })
}

/// Whether a document has the shape of the tables and nothing that they do not show.
fn is_as_printed(body: &[u8]) -> bool {
    let text: String = String::from_utf8_lossy(body).split_whitespace().collect();
    let between = |text: &str, start: &str, end: &str| {
        let (value, rest) = text.strip_prefix(start)?.split_once(end)?;
        let is_plain = value.len() <= LONGEST && !value.contains(['<', '&']);
        is_plain.then(|| rest.to_owned())
    };
    let head =
        "<?xmlversion=\"1.0\"encoding=\"UTF-8\"?><BootstrappingInfoxmlns=\"uri:3gpp-gba\"><btid>";
    between(&text, head, "</btid>")
        .and_then(|rest| {
            let (lifetime, _) = rest.strip_prefix("<lifetime>")?.split_once('<')?;
            let has_no_fraction = lifetime.len() == "2026-01-01T00:00:00Z".len();
            has_no_fraction.then(|| between(&rest, "<lifetime>", "</lifetime>"))?
        })
        .is_some_and(|rest| rest == "</BootstrappingInfo>")
}
