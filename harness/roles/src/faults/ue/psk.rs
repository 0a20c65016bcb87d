//! Faults of a UE in handshakes with a shared key.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
use gbaspec_crypto::secret::Psk;

use super::fault;
use crate::faults::{Fault, Seam, edit};
use crate::role::TlsVersion;
use crate::ua::psk::ua_protocol;

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    PSK_WITHOUT_SERVER_NAME,
    PSK_NAMES_THE_BSF,
    PSK_IDENTITY_IS_BTID,
    PSK_IDENTITY_IS_IMPI,
    PSK_IDENTITY_IN_LOWER_CASE,
    PSK_IDENTITY_WITHOUT_DOMAIN,
    PSK_BASE64_TEXT,
    PSK_HEX_TEXT,
    PSK_KEY_OF_HTTP_DIGEST,
    PSK_SUITE_LITTLE_ENDIAN,
    PSK_KEY_OF_ONE_SUITE,
    PSK_KEY_OF_TLS_1_3,
    PSK_KEY_OF_SUITE_IN_TLS_1_3,
    PSK_BASE64_TEXT_IN_TLS_1_3,
    PSK_IDENTITY_IS_BTID_IN_TLS_1_3,
];

const PSK_WITHOUT_SERVER_NAME: Fault = fault(
    "ue/psk-without-server-name",
    "UA-5.3-02",
    "The handshake asks for no host name.",
    Seam::Ue(|policy| policy.psk.server_name = |_| None),
    &["ue/psk/names-the-naf-in-the-first-message"],
);
const PSK_NAMES_THE_BSF: Fault = fault(
    "ue/psk-names-the-bsf",
    "UA-5.3-02",
    "The handshake with the NAF asks for the BSF.",
    Seam::Ue(|policy| policy.psk.server_name = |_| Some("bsf.home1.net".to_owned())),
    &["ue/psk/names-the-naf-in-the-first-message"],
);
const PSK_IDENTITY_IS_BTID: Fault = fault(
    "ue/psk-identity-is-btid",
    "UA-5.3-04",
    "The identity is the B-TID without its prefix.",
    Seam::Ue(|policy| policy.psk.identity = |facts| facts.btid.to_owned()),
    &["ue/psk/identifies-itself-by-its-btid"],
);
const PSK_IDENTITY_IS_IMPI: Fault = fault(
    "ue/psk-identity-is-impi",
    "UA-5.3-04",
    "The identity is the private identity.",
    Seam::Ue(|policy| {
        policy.psk.identity = |facts| format!("3GPP-bootstrapping;{}", facts.impi);
    }),
    &["ue/psk/identifies-itself-by-its-btid"],
);
const PSK_IDENTITY_IN_LOWER_CASE: Fault = fault(
    "ue/psk-identity-in-lower-case",
    "UA-5.3-04",
    "The prefix of the identity is in lower case.",
    Seam::Ue(|policy| {
        policy.psk.identity = |facts| format!("3gpp-bootstrapping;{}", facts.btid);
    }),
    &["ue/psk/identifies-itself-by-its-btid"],
);
const PSK_IDENTITY_WITHOUT_DOMAIN: Fault = fault(
    "ue/psk-identity-without-domain",
    "UA-5.3-04",
    "Of the B-TID only what stands before the @ is sent.",
    Seam::Ue(|policy| {
        policy.psk.identity = |facts| {
            let rand = facts.btid.split('@').next().unwrap_or_default();
            format!("3GPP-bootstrapping;{rand}")
        };
    }),
    &["ue/psk/identifies-itself-by-its-btid"],
);
const PSK_BASE64_TEXT: Fault = fault(
    "ue/psk-base64-text",
    "UA-5.3-05",
    "The shared key is the base64 text of Ks_NAF, as if it were a password.",
    Seam::Ue(|policy| policy.psk.key = |key| Psk::new(BASE64.encode(key.expose()))),
    &["ue/psk/shares-the-key-of-the-suite"],
);
const PSK_HEX_TEXT: Fault = fault(
    "ue/psk-hex-text",
    "UA-5.3-05",
    "The shared key is the hex text of Ks_NAF.",
    Seam::Ue(|policy| policy.psk.key = |key| Psk::new(HEXLOWER.encode(key.expose()))),
    &["ue/psk/shares-the-key-of-the-suite"],
);
const PSK_KEY_OF_HTTP_DIGEST: Fault = fault(
    "ue/psk-key-of-http-digest",
    "UA-5.3-05",
    "The shared key is the one of HTTP digest.",
    Seam::Ue(|policy| policy.psk.ua_protocol = |_| Some(UaProtocolId::HTTP_DIGEST)),
    &["ue/psk/shares-the-key-of-the-suite"],
);
const PSK_SUITE_LITTLE_ENDIAN: Fault = fault(
    "ue/psk-suite-little-endian",
    "UA-5.3-05",
    "The octets of the cipher suite are swapped in the Ua protocol identifier.",
    Seam::Ue(|policy| {
        policy.psk.ua_protocol = |handshake| ua_protocol(handshake).map(edit::with_swapped_suite);
    }),
    &["ue/psk/shares-the-key-of-the-suite"],
);
const PSK_KEY_OF_ONE_SUITE: Fault = fault(
    "ue/psk-key-of-one-suite",
    "UA-5.3-05",
    "The key of the preferred cipher suite is used with all.",
    Seam::Ue(|policy| {
        policy.psk.ua_protocol = |handshake| match handshake.version {
            TlsVersion::Tls12 => Some(UaProtocolId::of_suite(CipherSuite(0x00a8))),
            TlsVersion::Tls13 => ua_protocol(handshake),
        };
    }),
    &[
        "ue/psk/binds-the-key-to-cbc-and-sha-256",
        "ue/psk/binds-the-key-to-cbc-and-sha-1",
    ],
);
const PSK_KEY_OF_TLS_1_3: Fault = fault(
    "ue/psk-key-of-tls-1-3",
    "UA-5.3-05",
    "In TLS 1.2 the key is the one of TLS 1.3.",
    Seam::Ue(|policy| policy.psk.ua_protocol = |_| Some(UaProtocolId::PSK_TLS13)),
    &[
        "ue/psk/shares-the-key-of-the-suite",
        "ue/psk/binds-the-key-to-gcm-and-sha-256",
    ],
);
const PSK_KEY_OF_SUITE_IN_TLS_1_3: Fault = fault(
    "ue/psk-key-of-suite-in-tls-1-3",
    "UA-5.3-07",
    "In TLS 1.3 the key is the one of the cipher suite.",
    Seam::Ue(|policy| {
        policy.psk.ua_protocol = |handshake| match handshake.version {
            TlsVersion::Tls12 => ua_protocol(handshake),
            TlsVersion::Tls13 => Some(UaProtocolId::of_suite(CipherSuite(0x1301))),
        };
    }),
    &["ue/psk/shares-the-key-of-tls-1-3"],
);
const PSK_BASE64_TEXT_IN_TLS_1_3: Fault = fault(
    "ue/psk-base64-text-in-tls-1-3",
    "UA-5.3-07",
    "The external key is the base64 text of Ks_NAF, as if it were a password.",
    Seam::Ue(|policy| policy.psk.key = |key| Psk::new(BASE64.encode(key.expose()))),
    &["ue/psk/shares-the-key-of-tls-1-3"],
);
const PSK_IDENTITY_IS_BTID_IN_TLS_1_3: Fault = fault(
    "ue/psk-identity-is-btid-in-tls-1-3",
    "UA-5.3-07",
    "The identity of the external key is the B-TID without a prefix.",
    Seam::Ue(|policy| policy.psk.identity = |facts| facts.btid.to_owned()),
    &["ue/psk/identifies-itself-by-its-btid-in-tls-1-3"],
);
