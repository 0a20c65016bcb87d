//! Faults of a NAF in the identifier for which it asks the BSF for a key (TS 33.220 Annex H.1).

use gbaspec_crypto::kdf::{NafId, UaProtocolId};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::{self, NafIdFacts};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    NAF_ID_WITH_PORT,
    NAF_ID_UPPER_CASE,
    NAF_ID_OF_ANOTHER_PROTOCOL,
    KEY_OF_ANY_PROTOCOL,
    KEY_OF_ANY_SPELLING,
    KEY_OF_ANOTHER_NAF,
    KEY_IN_BASE64URL,
];

/// The portal of the reference peers.
const PORTAL: &str = "pkiportal.home1.net";

const NAF_ID_WITH_PORT: Fault = fault(
    "naf/naf-id-with-port",
    "KD-05",
    "The BSF is asked for a key for the name of the NAF and its port.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| vec![NafId::new(&with_port(facts), facts.protocol)];
    }),
    &["ua/keys/serves-the-key-of-its-name-and-protocol"],
);
const NAF_ID_UPPER_CASE: Fault = fault(
    "naf/naf-id-upper-case",
    "KD-05",
    "The BSF is asked for a key for the name of the NAF in capitals.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| vec![NafId::new(&facts.fqdn.to_uppercase(), facts.protocol)];
    }),
    &["ua/keys/serves-the-key-of-its-name-and-protocol"],
);
const NAF_ID_OF_ANOTHER_PROTOCOL: Fault = fault(
    "naf/naf-id-of-another-protocol",
    "KD-05",
    "The BSF is asked for a key of the MBMS protocol.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| vec![NafId::new(facts.fqdn, UaProtocolId::MBMS)];
    }),
    &["ua/keys/serves-the-key-of-its-name-and-protocol"],
);
const KEY_OF_ANY_PROTOCOL: Fault = fault(
    "naf/key-of-any-protocol",
    "KD-05",
    "A key that the BSF has for another Ua protocol is as good as the right one.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let others = [UaProtocolId::MBMS, UaProtocolId::PKI_PORTAL];
            let others = others.map(|protocol| NafId::new(facts.fqdn, protocol));
            ua::naf_ids(facts).into_iter().chain(others).collect()
        };
    }),
    &["ua/keys/refuses-the-key-of-another-protocol"],
);
const KEY_OF_ANY_SPELLING: Fault = fault(
    "naf/key-of-any-spelling",
    "KD-05",
    "Where the key for its name does not fit, the NAF tries its name with the port and in capitals.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let others = [with_port(facts), facts.fqdn.to_uppercase()];
            let others = others.map(|name| NafId::new(&name, facts.protocol));
            ua::naf_ids(facts).into_iter().chain(others).collect()
        };
    }),
    &[
        "ua/keys/refuses-the-key-of-its-name-with-a-port",
        "ua/keys/refuses-the-key-of-its-name-in-capitals",
    ],
);

const KEY_OF_ANOTHER_NAF: Fault = fault(
    "naf/key-of-another-naf",
    "KD-05",
    "The key of the portal beside it is as good as its own.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let portal = NafId::new(PORTAL, UaProtocolId::PKI_PORTAL);
            ua::naf_ids(facts).into_iter().chain([portal]).collect()
        };
    }),
    &["ua/keys/refuses-the-key-of-another-naf"],
);
const KEY_IN_BASE64URL: Fault = fault(
    "naf/key-in-base64url",
    "UA-5.2.2-02",
    "The key in the alphabet for URLs is as good as its base64 text.",
    Seam::Ua(|policy| policy.accept_response = edit::accept_base64url),
    &["ua/keys/refuses-the-key-in-base64url"],
);

fn with_port(facts: &NafIdFacts<'_>) -> String {
    format!("{}:80", facts.fqdn)
}
