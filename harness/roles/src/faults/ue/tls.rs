//! NAF and portal inside TLS.

use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::role::TlsSession;
use crate::ue::{self, CertificateCheck, ReferencePoint};

/// Every fault of a UE inside TLS on Ua.
pub const ALL: &[Fault] = &[
    TLS_KEY_OF_PLAIN_DIGEST,
    TLS_KEY_OF_SUITE_LITTLE_ENDIAN,
    TLS_KEY_OF_ONE_SUITE,
    TLS_PORTAL_KEY_OF_SUITE,
    UA_CERTIFICATE_NOT_COMPARED,
    UA_CERTIFICATE_COMPARED_WITH_REALM,
    UA_REALM_NOT_COMPARED,
    UA_CERTIFICATE_COMPARED_WITH_WHOLE_REALM,
];

/// The cases about the key at a NAF.
const AT_NAF: &[&str] = &[
    "ue/tls/binds-the-key-of-the-naf-to-aes-128-in-tls-1-3",
    "ue/tls/binds-the-key-of-the-naf-to-aes-256-in-tls-1-3",
    "ue/tls/binds-the-key-of-the-naf-to-aes-128-in-tls-1-2",
    "ue/tls/binds-the-key-of-the-naf-to-aes-256-in-tls-1-2",
];

const TLS_KEY_OF_PLAIN_DIGEST: Fault = fault(
    "ue/tls-key-of-plain-digest",
    "UA-5.2.2-04",
    "Inside TLS the key of a NAF is the one of HTTP digest in the clear.",
    Seam::Ue(|policy| {
        policy.ua_protocol = |channel| {
            ue::ua_protocol(&ue::UeChannel {
                tls: None,
                ..*channel
            })
        };
    }),
    AT_NAF,
);
const TLS_KEY_OF_SUITE_LITTLE_ENDIAN: Fault = fault(
    "ue/tls-key-of-suite-little-endian",
    "UA-5.2.2-04",
    "The octets of the cipher suite are swapped in the Ua protocol identifier.",
    Seam::Ue(|policy| {
        policy.ua_protocol = |channel| edit::with_swapped_suite(ue::ua_protocol(channel));
    }),
    AT_NAF,
);
const TLS_KEY_OF_ONE_SUITE: Fault = fault(
    "ue/tls-key-of-one-suite",
    "UA-5.2.2-04",
    "Inside TLS the key of a NAF is always that of TLS_RSA_WITH_AES_128_CBC_SHA.",
    Seam::Ue(|policy| {
        policy.ua_protocol = |channel| {
            let right = ue::ua_protocol(channel);
            if edit::is_of_suite(right) {
                UaProtocolId::of_suite(CipherSuite(0x002f))
            } else {
                right
            }
        };
    }),
    AT_NAF,
);
const TLS_PORTAL_KEY_OF_SUITE: Fault = fault(
    "ue/tls-portal-key-of-suite",
    "UA-5.2.2-04",
    "Inside TLS the key of the portal is bound to the cipher suite, as at any other NAF.",
    Seam::Ue(|policy| {
        policy.ua_protocol = |channel| {
            let of_suite = channel.tls.map(TlsSession::ua_protocol);
            of_suite.unwrap_or_else(|| ue::ua_protocol(channel))
        };
    }),
    &[
        "ue/tls/keeps-the-protocol-of-the-portal-in-tls-1-3",
        "ue/tls/keeps-the-protocol-of-the-portal-in-tls-1-2",
    ],
);
const UA_CERTIFICATE_NOT_COMPARED: Fault = fault(
    "ue/ua-certificate-not-compared",
    "UA-5.3-01",
    "NAF and portal get the digest whatever the name in their certificate.",
    Seam::Ue(|policy| {
        policy.accept_certificate =
            |check| check.point == ReferencePoint::Ua || ue::accept_certificate(check);
    }),
    &[
        "ue/tls/tells-a-naf-with-the-certificate-of-another-nothing",
        "ue/tls/tells-a-portal-with-the-certificate-of-another-nothing",
    ],
);
const UA_CERTIFICATE_COMPARED_WITH_REALM: Fault = fault(
    "ue/ua-certificate-compared-with-realm",
    "UA-5.3-01",
    "The certificate is compared with the realm, and neither with the host that was contacted.",
    Seam::Ue(|policy| {
        policy.accept_realm = |_| true;
        policy.accept_certificate = |check| match check.point {
            ReferencePoint::Ua => is_of_realm(check),
            ReferencePoint::Ub => ue::accept_certificate(check),
        };
    }),
    &[
        "ue/tls/believes-no-realm-beside-the-host-contacted-at-a-naf",
        "ue/tls/believes-no-realm-beside-the-host-contacted-at-a-portal",
    ],
);
const UA_REALM_NOT_COMPARED: Fault = fault(
    "ue/ua-realm-not-compared",
    "UA-5.3-01",
    "The certificate is compared with the host that was contacted, and the realm with neither.",
    Seam::Ue(|policy| {
        policy.accept_realm = |_| true;
        policy.accept_certificate = |check| {
            let claimed = match check.point {
                ReferencePoint::Ua => check.contacted.as_bytes(),
                ReferencePoint::Ub => check.claimed,
            };
            ue::accept_certificate(&CertificateCheck { claimed, ..*check })
        };
    }),
    &[
        "ue/tls/compares-realm-and-certificate-of-a-naf",
        "ue/tls/compares-realm-and-certificate-of-a-portal",
    ],
);

const UA_CERTIFICATE_COMPARED_WITH_WHOLE_REALM: Fault = fault(
    "ue/ua-certificate-compared-with-whole-realm",
    "UA-5.3-01",
    "The certificate is compared with the realm as a whole, prefix and all, so that none fits.",
    Seam::Ue(|policy| {
        policy.accept_certificate =
            |check| check.point == ReferencePoint::Ub && ue::accept_certificate(check);
    }),
    &["ue/tls/fetches-inside-tls", "ue/tls/enrols-inside-tls"],
);

fn is_of_realm(check: &CertificateCheck<'_>) -> bool {
    let mut names = check.names.iter();
    names.any(|name| name.as_bytes().eq_ignore_ascii_case(check.claimed))
}
