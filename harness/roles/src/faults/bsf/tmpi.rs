//! Faults of a BSF with temporary identities.

use super::{fault, invented_challenge_for, server_error_for};
use crate::bsf::{self, IdentityFacts, RefusalReason};
use crate::faults::{Fault, Seam, edit, keys};
use crate::ub::ProductToken;
use crate::ub::tmpi::{self, TmpiFacts, is_tmpi};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    TMPI_TOKEN_MISSING,
    TMPI_TOKEN_ONLY_IN_200,
    TMPI_TOKEN_MISSPELT,
    TMPI_IN_ANOTHER_HEADER,
    TMPI_TREATED_AS_IMPI,
    TMPI_OF_ANOTHER_SUBSCRIBER,
    IMPI_REFUSED_BESIDE_TMPI,
    UNKNOWN_TMPI_CHALLENGED,
    UNKNOWN_TMPI_200,
    UNKNOWN_TMPI_500,
    OLD_TMPI_KEPT,
    TMPI_DERIVED_WITHOUT_TOKEN,
    TMPI_32_OCTETS,
    TMPI_WRONG_SUFFIX,
    TMPI_WRONG_UA_ID,
];

const TMPI_TOKEN_MISSING: Fault = fault(
    "bsf/tmpi-token-missing",
    "UB-4.2-10",
    "The Server header lacks the product token of TMPI.",
    Seam::Message(|message| edit::field(message, "Server", WITHOUT_TOKEN)),
    &[
        "ub/tmpi/announces-tmpi-in-the-challenge",
        "ub/tmpi/announces-tmpi-in-the-200",
    ],
);
const TMPI_TOKEN_ONLY_IN_200: Fault = fault(
    "bsf/tmpi-token-only-in-200",
    "UB-4.2-10",
    "The Server header of a challenge lacks the product token of TMPI.",
    Seam::Message(|message| {
        if message.status() == Ok(401) {
            edit::field(message, "Server", WITHOUT_TOKEN);
        }
    }),
    &["ub/tmpi/announces-tmpi-in-the-challenge"],
);
const TMPI_TOKEN_MISSPELT: Fault = fault(
    "bsf/tmpi-token-misspelt",
    "UB-4.2-10",
    "The product token of TMPI is written 3GPP-GBA-TMPI.",
    Seam::Message(|message| {
        edit::field(
            message,
            "Server",
            "Bootstrapping Server; Release-6; 3GPP-GBA-TMPI",
        );
    }),
    &[
        "ub/tmpi/announces-tmpi-in-the-challenge",
        "ub/tmpi/announces-tmpi-in-the-200",
    ],
);
const TMPI_IN_ANOTHER_HEADER: Fault = fault(
    "bsf/tmpi-in-another-header",
    "UB-4.2-10",
    "The product token of TMPI stands in X-Product instead of Server.",
    Seam::Message(|message| {
        edit::field(message, "Server", WITHOUT_TOKEN);
        message.push("X-Product", tmpi::TOKEN);
    }),
    &[
        "ub/tmpi/announces-tmpi-in-the-challenge",
        "ub/tmpi/announces-tmpi-in-the-200",
    ],
);
const TMPI_TREATED_AS_IMPI: Fault = fault(
    "bsf/tmpi-treated-as-impi",
    "UB-4.2-11",
    "A TMPI is looked for among the private identities and refused as unknown.",
    Seam::Bsf(|policy| {
        policy.identify = |facts| match facts.subscribers.record(facts.username) {
            Some(_) => Ok(facts.username.to_owned()),
            None => Err(RefusalReason::UnknownIdentity),
        };
    }),
    &["ub/tmpi/known-tmpi-is-challenged"],
);
const TMPI_OF_ANOTHER_SUBSCRIBER: Fault = fault(
    "bsf/tmpi-of-another-subscriber",
    "UB-4.2-11",
    "A known TMPI is challenged with a vector of another subscriber.",
    Seam::Bsf(|policy| policy.identify = another_subscriber),
    &["ub/tmpi/known-tmpi-is-challenged"],
);
const IMPI_REFUSED_BESIDE_TMPI: Fault = fault(
    "bsf/impi-refused-beside-tmpi",
    "UB-4.2-11",
    "A subscriber that has a TMPI is no longer known under the private identity.",
    Seam::Bsf(|policy| {
        policy.identify = |facts| {
            let impi = bsf::identify(facts)?;
            match facts.tmpis.tmpi(&impi) {
                Some(_) if !is_tmpi(facts.username) => Err(RefusalReason::UnknownIdentity),
                _ => Ok(impi),
            }
        };
    }),
    &["ub/tmpi/private-identity-works-beside-the-tmpi"],
);
const UNKNOWN_TMPI_CHALLENGED: Fault = fault(
    "bsf/unknown-tmpi-challenged",
    "UB-4.2-12",
    "A TMPI that nobody has is challenged with octets made up for it.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| invented_challenge_for(refusal, RefusalReason::UnknownTmpi);
    }),
    &["ub/tmpi/unknown-tmpi-is-refused"],
);
const UNKNOWN_TMPI_200: Fault = fault(
    "bsf/unknown-tmpi-200",
    "UB-4.2-12",
    "A TMPI that nobody has is answered with 200.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| {
            let mut answer = bsf::refuse(refusal);
            if refusal.reason == RefusalReason::UnknownTmpi {
                edit::status(&mut answer, 403, "200 OK");
            }
            answer
        };
    }),
    &["ub/tmpi/unknown-tmpi-is-refused"],
);
const UNKNOWN_TMPI_500: Fault = fault(
    "bsf/unknown-tmpi-500",
    "UB-4.2-12",
    "A TMPI that nobody has is answered with 500.",
    Seam::Bsf(|policy| {
        policy.refuse = |refusal| server_error_for(refusal, RefusalReason::UnknownTmpi);
    }),
    &["ub/tmpi/unknown-tmpi-is-refused"],
);
const OLD_TMPI_KEPT: Fault = fault(
    "bsf/old-tmpi-kept",
    "UB-4.2-14",
    "The TMPI of the first run stays in use after the second one.",
    Seam::Bsf(|policy| {
        policy.tmpi = |facts| match facts.previous {
            Some(previous) => Some(previous.to_owned()),
            None => tmpi::tmpi(facts),
        };
    }),
    &["ub/tmpi/second-run-gives-a-new-tmpi"],
);
const TMPI_DERIVED_WITHOUT_TOKEN: Fault = fault(
    "bsf/tmpi-derived-without-token",
    "UB-4.2-14",
    "A client that did not announce TMPI has one after its run.",
    Seam::Bsf(|policy| {
        policy.tmpi = |facts| {
            tmpi::tmpi(&TmpiFacts {
                token: ProductToken::Present,
                ..*facts
            })
        };
    }),
    &["ub/tmpi/run-without-the-token-gives-no-tmpi"],
);
const TMPI_32_OCTETS: Fault = fault(
    "bsf/tmpi-32-octets",
    "KD-09",
    "The TMPI is made of all 32 octets of the derivation.",
    Seam::Bsf(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_32_octets)),
    &["ub/tmpi/run-under-the-tmpi-completes"],
);
const TMPI_WRONG_SUFFIX: Fault = fault(
    "bsf/tmpi-wrong-suffix",
    "KD-09",
    "The domain of the TMPI is tmpi.3gppnetwork.org.",
    Seam::Bsf(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_another_domain)),
    &["ub/tmpi/run-under-the-tmpi-completes"],
);
const TMPI_WRONG_UA_ID: Fault = fault(
    "bsf/tmpi-wrong-ua-id",
    "KD-09",
    "The TMPI is derived with the protocol identifier of HTTP digest.",
    Seam::Bsf(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_another_protocol)),
    &["ub/tmpi/run-under-the-tmpi-completes"],
);

/// The Server header of a BSF that cannot do TMPI.
const WITHOUT_TOKEN: &str = "Bootstrapping Server; Release-6";

/// This TMPI where the default has one.
fn announced(facts: &TmpiFacts<'_>, form: fn(&TmpiFacts<'_>) -> String) -> Option<String> {
    tmpi::tmpi(facts).map(|_| form(facts))
}

/// Somebody else where the username is a known TMPI.
fn another_subscriber(facts: &IdentityFacts<'_>) -> Result<String, RefusalReason> {
    let impi = bsf::identify(facts)?;
    if !is_tmpi(facts.username) {
        return Ok(impi);
    }
    let another = facts.subscribers.identities().find(|known| *known != impi);
    Ok(another.map(str::to_owned).unwrap_or(impi))
}
