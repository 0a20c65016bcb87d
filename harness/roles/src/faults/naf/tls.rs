//! Keys and challenges inside TLS.

use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::ua::{self, KeyName};

/// Every fault of a NAF inside TLS.
pub const ALL: &[Fault] = &[
    TLS_WITHOUT_AUTHENTICATION,
    TLS_KEY_OF_PLAIN_DIGEST,
    TLS_KEY_OF_SUITE_LITTLE_ENDIAN,
    TLS_KEY_OF_ONE_SUITE,
    TLS_KEY_OF_FIRST_CONNECTION,
    TLS_WITHOUT_PROOF,
];

/// The cases about a request with the key of the connection.
const SERVED: &[&str] = &[
    "ua/tls/serves-the-key-of-the-connection",
    "ua/tls/serves-the-key-of-aes-128-in-tls-1-3",
    "ua/tls/serves-the-key-of-aes-128-in-tls-1-2",
    "ua/tls/serves-the-key-of-aes-256-in-tls-1-2",
];

const TLS_WITHOUT_AUTHENTICATION: Fault = fault(
    "naf/tls-without-authentication",
    "UA-5.3-01",
    "Inside TLS everybody is served.",
    Seam::Ua(|policy| policy.must_authenticate = edit::trusts_tls),
    &["ua/tls/asks-for-bootstrapping"],
);
const TLS_KEY_OF_PLAIN_DIGEST: Fault = fault(
    "naf/tls-key-of-plain-digest",
    "UA-5.2.2-04",
    "Inside TLS the key is the one of HTTP digest in the clear.",
    Seam::Ua(|policy| policy.ua_protocol = |_| UaProtocolId::HTTP_DIGEST),
    SERVED,
);
const TLS_KEY_OF_SUITE_LITTLE_ENDIAN: Fault = fault(
    "naf/tls-key-of-suite-little-endian",
    "UA-5.2.2-04",
    "The octets of the cipher suite are swapped in the Ua protocol identifier.",
    Seam::Ua(|policy| {
        policy.ua_protocol = |channel| edit::with_swapped_suite(ua::ua_protocol(channel));
    }),
    SERVED,
);
const TLS_KEY_OF_ONE_SUITE: Fault = fault(
    "naf/tls-key-of-one-suite",
    "UA-5.2.2-04",
    "Inside TLS the key is always that of TLS_RSA_WITH_AES_128_CBC_SHA.",
    Seam::Ua(|policy| {
        policy.ua_protocol = |channel| match channel.tls {
            Some(_) => UaProtocolId::of_suite(CipherSuite(0x002f)),
            None => ua::ua_protocol(channel),
        };
    }),
    SERVED,
);
const TLS_KEY_OF_FIRST_CONNECTION: Fault = fault(
    "naf/tls-key-of-first-connection",
    "UA-5.2.2-04",
    "The key of a B-TID is fetched once and serves every connection, whatever protects it.",
    Seam::Ua(|policy| {
        policy.has_key = names_btid;
        policy.names_key = names_btid;
    }),
    &["ua/tls/serves-connections-of-two-suites"],
);
const TLS_WITHOUT_PROOF: Fault = fault(
    "naf/tls-without-proof",
    "UA-5.2.2-07",
    "The 200 has no Authentication-Info, as if TLS had proved enough.",
    Seam::Ua(|policy| policy.authentication_info = |_| None),
    &["ua/tls/proves-itself-with-the-resource"],
);

fn names_btid(name: &KeyName<'_>) -> bool {
    name.btid.as_bytes() == name.username
}
