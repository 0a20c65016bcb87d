//! Keys and challenges inside TLS.

use gbaspec_crypto::kdf::UaProtocolId;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::role::TlsSession;
use crate::ua;

/// Every fault of a PKI portal inside TLS.
pub const ALL: &[Fault] = &[
    TLS_WITHOUT_AUTHENTICATION,
    TLS_KEY_OF_SUITE,
    TLS_KEY_OF_HTTP_DIGEST,
];

/// The cases about a request with the key of the portal.
const SERVED: &[&str] = &[
    "pki/tls/keeps-its-protocol-in-tls-1-3",
    "pki/tls/keeps-its-protocol-in-tls-1-2",
];

const TLS_WITHOUT_AUTHENTICATION: Fault = fault(
    "portal/tls-without-authentication",
    "PKI-6.2-05",
    "Inside TLS a certificate is issued to everybody.",
    Seam::Ua(|policy| policy.must_authenticate = edit::trusts_tls),
    &["pki/tls/challenges-a-request-without-credentials"],
);
const TLS_KEY_OF_SUITE: Fault = fault(
    "portal/tls-key-of-suite",
    "UA-5.2.2-04",
    "Inside TLS the key is bound to the cipher suite, as at any other NAF.",
    Seam::Ua(|policy| {
        policy.ua_protocol = |channel| {
            let of_suite = channel.tls.map(TlsSession::ua_protocol);
            of_suite.unwrap_or_else(|| ua::ua_protocol(channel))
        };
    }),
    SERVED,
);
const TLS_KEY_OF_HTTP_DIGEST: Fault = fault(
    "portal/tls-key-of-http-digest",
    "UA-5.2.2-04",
    "Inside TLS the key is the one of HTTP digest.",
    Seam::Ua(|policy| {
        policy.ua_protocol = |channel| match channel.tls {
            Some(_) => UaProtocolId::HTTP_DIGEST,
            None => ua::ua_protocol(channel),
        };
    }),
    SERVED,
);
