//! Faults of a UE with temporary identities.

use gbaspec_wire::http::Message;

use super::fault;
use crate::faults::{Fault, Seam, edit, keys};
use crate::ub::ProductToken;
use crate::ub::tmpi::{self, TmpiFacts};
use crate::ue::{self, TmpiStep, UsernameFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    NEVER_USES_TMPI,
    TMPI_ONLY_IN_FIRST_REQUEST,
    TMPI_OF_ANOTHER_IMPI,
    TMPI_TOKEN_MISSING,
    TMPI_TOKEN_ONLY_IN_FIRST_REQUEST,
    TMPI_TOKEN_NOT_BESIDE_AUTS,
    TMPI_TOKEN_MISSPELT,
    TMPI_IN_ANOTHER_HEADER,
    LOOPS_WITH_SAME_TMPI,
    GIVES_UP_WITH_TMPI,
    OLD_TMPI_KEPT,
    TMPI_DERIVED_WITHOUT_TOKEN,
    TMPI_32_OCTETS,
    TMPI_WRONG_SUFFIX,
    TMPI_WRONG_UA_ID,
];

const NEVER_USES_TMPI: Fault = fault(
    "ue/never-uses-tmpi",
    "UB-4.2-04",
    "The private identity is the username of every run, though there is a TMPI.",
    Seam::Ue(|policy| {
        policy.username = |facts| match *facts {
            UsernameFacts::Ub { impi, .. } => impi.to_owned(),
            UsernameFacts::Ua { .. } => ue::username(facts),
        };
    }),
    &["ue/tmpi/starts-the-next-run-with-the-tmpi"],
);
const TMPI_ONLY_IN_FIRST_REQUEST: Fault = fault(
    "ue/tmpi-only-in-first-request",
    "UB-4.2-04",
    "A run that was started under the TMPI goes on under the private identity.",
    Seam::Message(|message| {
        let username = edit::credentials_value(message, "username").unwrap_or_default();
        if !edit::is_initial(message) && username.ends_with(b"@tmpi.bsf.3gppnetwork.org") {
            edit::credentials(message, |list| {
                list.set_raw("username", b"\"user1_private@home1.net\"");
            });
        }
    }),
    &["ue/tmpi/answers-under-the-tmpi"],
);
const TMPI_OF_ANOTHER_IMPI: Fault = fault(
    "ue/tmpi-of-another-impi",
    "KD-09",
    "The username of the next run is the TMPI of another private identity.",
    Seam::Ue(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_another_impi)),
    &["ue/tmpi/starts-the-next-run-with-the-tmpi"],
);
const TMPI_TOKEN_MISSING: Fault = fault(
    "ue/tmpi-token-missing",
    "UB-4.2-09",
    "The User-Agent header on Ub lacks the product token of TMPI.",
    Seam::Message(|message| without_token_where(message, |_| true)),
    &[
        "ue/tmpi/announces-tmpi-in-the-first-request",
        "ue/tmpi/announces-tmpi-in-the-answer",
        "ue/tmpi/announces-tmpi-beside-auts",
    ],
);
const TMPI_TOKEN_ONLY_IN_FIRST_REQUEST: Fault = fault(
    "ue/tmpi-token-only-in-first-request",
    "UB-4.2-09",
    "Only the first request of a run has the product token of TMPI.",
    Seam::Message(|message| without_token_where(message, |message| !edit::is_initial(message))),
    &[
        "ue/tmpi/announces-tmpi-in-the-answer",
        "ue/tmpi/announces-tmpi-beside-auts",
    ],
);
const TMPI_TOKEN_NOT_BESIDE_AUTS: Fault = fault(
    "ue/tmpi-token-not-beside-auts",
    "UB-4.2-09",
    "The report of a synchronisation failure lacks the product token of TMPI.",
    Seam::Message(|message| {
        without_token_where(message, |message| {
            edit::credentials_value(message, "auts").is_some()
        });
    }),
    &["ue/tmpi/announces-tmpi-beside-auts"],
);
const TMPI_TOKEN_MISSPELT: Fault = fault(
    "ue/tmpi-token-misspelt",
    "UB-4.2-09",
    "The product token of TMPI is written 3gpp-gba_tmpi.",
    Seam::Message(|message| {
        edit::replace_in_field(message, "User-Agent", tmpi::TOKEN, "3gpp-gba_tmpi");
    }),
    &[
        "ue/tmpi/announces-tmpi-in-the-first-request",
        "ue/tmpi/announces-tmpi-in-the-answer",
    ],
);
const TMPI_IN_ANOTHER_HEADER: Fault = fault(
    "ue/tmpi-in-another-header",
    "UB-4.2-09",
    "The product token of TMPI stands in X-Product instead of User-Agent.",
    Seam::Message(|message| {
        without_token_where(message, |_| true);
        message.push("X-Product", tmpi::TOKEN);
    }),
    &[
        "ue/tmpi/announces-tmpi-in-the-first-request",
        "ue/tmpi/announces-tmpi-in-the-answer",
    ],
);
const LOOPS_WITH_SAME_TMPI: Fault = fault(
    "ue/loops-with-same-tmpi",
    "UB-4.2-13",
    "A TMPI that the BSF does not know is sent again and again.",
    Seam::Ue(|policy| policy.after_tmpi_refusal = |_| TmpiStep::TryAgain),
    &["ue/tmpi/returns-to-the-private-identity-after-an-error"],
);
const GIVES_UP_WITH_TMPI: Fault = fault(
    "ue/gives-up-with-tmpi",
    "UB-4.2-13",
    "A TMPI that the BSF does not know ends each action, and stays in use.",
    Seam::Ue(|policy| policy.after_tmpi_refusal = |_| TmpiStep::Stop),
    &["ue/tmpi/returns-to-the-private-identity-after-an-error"],
);
const OLD_TMPI_KEPT: Fault = fault(
    "ue/old-tmpi-kept",
    "UB-4.2-14",
    "The TMPI of the first run stays in use after the second one.",
    Seam::Ue(|policy| {
        policy.tmpi = |facts| match facts.previous {
            Some(previous) => Some(previous.to_owned()),
            None => tmpi::tmpi(facts),
        };
    }),
    &["ue/tmpi/takes-a-new-tmpi-from-each-run"],
);
const TMPI_DERIVED_WITHOUT_TOKEN: Fault = fault(
    "ue/tmpi-derived-without-token",
    "UB-4.2-14",
    "A TMPI is used though the BSF did not announce that it can do TMPI.",
    Seam::Ue(|policy| {
        policy.tmpi = |facts| {
            tmpi::tmpi(&TmpiFacts {
                token: ProductToken::Present,
                ..*facts
            })
        };
    }),
    &["ue/tmpi/uses-the-private-identity-where-the-bsf-cannot-do-tmpi"],
);
const TMPI_32_OCTETS: Fault = fault(
    "ue/tmpi-32-octets",
    "KD-09",
    "The TMPI is made of all 32 octets of the derivation.",
    Seam::Ue(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_32_octets)),
    &["ue/tmpi/starts-the-next-run-with-the-tmpi"],
);
const TMPI_WRONG_SUFFIX: Fault = fault(
    "ue/tmpi-wrong-suffix",
    "KD-09",
    "The domain of the TMPI is tmpi.3gppnetwork.org.",
    Seam::Ue(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_another_domain)),
    &["ue/tmpi/starts-the-next-run-with-the-tmpi"],
);
const TMPI_WRONG_UA_ID: Fault = fault(
    "ue/tmpi-wrong-ua-id",
    "KD-09",
    "The TMPI is derived with the protocol identifier of HTTP digest.",
    Seam::Ue(|policy| policy.tmpi = |facts| announced(facts, keys::tmpi_of_another_protocol)),
    &["ue/tmpi/starts-the-next-run-with-the-tmpi"],
);

/// This TMPI where the default has one.
fn announced(facts: &TmpiFacts<'_>, form: fn(&TmpiFacts<'_>) -> String) -> Option<String> {
    tmpi::tmpi(facts).map(|_| form(facts))
}

/// Takes the product token out of a request on Ub that is one of these.
fn without_token_where(message: &mut Message, is_one: fn(&Message) -> bool) {
    if is_one(message) {
        let gone = format!("; {}", tmpi::TOKEN);
        edit::replace_in_field(message, "User-Agent", &gone, "");
    }
}
