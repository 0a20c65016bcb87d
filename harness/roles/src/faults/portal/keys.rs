//! The key that a portal takes (TS 33.220 Annex H.1).

use gbaspec_crypto::kdf::{NafId, UaProtocolId};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    KEY_OF_HTTP_DIGEST,
    KEY_OF_ANY_PROTOCOL,
    KEY_OF_ANY_SPELLING,
    KEY_OF_ANOTHER_NAF,
    KEY_IN_BASE64URL,
];

/// The NAF of the reference peers.
const NAF: &str = "naf1.home1.net";

const KEY_OF_HTTP_DIGEST: Fault = fault(
    "portal/key-of-http-digest",
    "PKI-6.2-06",
    "The key is the one of a NAF with HTTP digest.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| vec![NafId::new(facts.fqdn, UaProtocolId::HTTP_DIGEST)];
    }),
    &["pki/keys/takes-the-key-of-its-name-and-protocol"],
);
const KEY_OF_ANY_PROTOCOL: Fault = fault(
    "portal/key-of-any-protocol",
    "PKI-6.2-06",
    "A key that the BSF has for HTTP digest is as good as the right one.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let other = NafId::new(facts.fqdn, UaProtocolId::HTTP_DIGEST);
            ua::naf_ids(facts).into_iter().chain([other]).collect()
        };
    }),
    &["pki/keys/refuses-the-key-of-another-protocol"],
);
const KEY_OF_ANY_SPELLING: Fault = fault(
    "portal/key-of-any-spelling",
    "PKI-6.2-06",
    "Where the key for its name does not fit, the portal tries its name with a port and in capitals.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let others = [format!("{}:80", facts.fqdn), facts.fqdn.to_uppercase()];
            let others = others.map(|name| NafId::new(&name, facts.protocol));
            ua::naf_ids(facts).into_iter().chain(others).collect()
        };
    }),
    &[
        "pki/keys/refuses-the-key-of-its-name-with-a-port",
        "pki/keys/refuses-the-key-of-its-name-in-capitals",
    ],
);
const KEY_OF_ANOTHER_NAF: Fault = fault(
    "portal/key-of-another-naf",
    "PKI-6.2-06",
    "The key of the NAF beside it is as good as its own.",
    Seam::Ua(|policy| {
        policy.naf_ids = |facts| {
            let naf = NafId::new(NAF, UaProtocolId::HTTP_DIGEST);
            ua::naf_ids(facts).into_iter().chain([naf]).collect()
        };
    }),
    &["pki/keys/refuses-the-key-of-another-naf"],
);
const KEY_IN_BASE64URL: Fault = fault(
    "portal/key-in-base64url",
    "PKI-6.2-06",
    "The key in the alphabet for URLs is as good as its base64 text.",
    Seam::Ua(|policy| policy.accept_response = edit::accept_base64url),
    &["pki/keys/refuses-the-key-in-base64url"],
);
