//! Handshakes with a shared key.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
use gbaspec_crypto::secret::Psk;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::psk::PskAnswer;
use crate::role::TlsVersion;
use crate::ua::psk::{PSK_PREFIX, ua_protocol};

/// Every fault of a NAF that shares keys, in the order of the requirements.
pub const ALL: &[Fault] = &[
    PSK_WITHOUT_HINT,
    PSK_HINT_OF_PRODUCT,
    PSK_HINT_IS_HOST,
    PSK_BASE64_TEXT,
    PSK_HEX_TEXT,
    PSK_KEY_OF_HTTP_DIGEST,
    PSK_SUITE_LITTLE_ENDIAN,
    PSK_KEY_OF_ONE_SUITE,
    PSK_KEY_OF_ANOTHER_SUITE,
    PSK_KEY_OF_TLS_1_3,
    PSK_IDENTITY_IGNORED,
    PSK_IDENTITY_IGNORED_IN_TLS_1_3,
    PSK_UNKNOWN_IDENTITY_HANGS,
    PSK_UNKNOWN_IDENTITY_DROPPED,
    PSK_ENDED_KEY_SERVED,
    PSK_KEY_OF_SUITE_IN_TLS_1_3,
    PSK_BASE64_TEXT_IN_TLS_1_3,
];

/// The B-TID of the first session of the reference peers.
const SOMEBODY: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

const PSK_WITHOUT_HINT: Fault = fault(
    "naf/psk-without-hint",
    "UA-5.3-03",
    "There is no identity hint.",
    Seam::Ua(|policy| policy.psk.hint = || None),
    &["ua/psk/hints-at-bootstrapping"],
);
const PSK_HINT_OF_PRODUCT: Fault = fault(
    "naf/psk-hint-of-product",
    "UA-5.3-03",
    "The identity hint is the default of a library.",
    Seam::Ua(|policy| policy.psk.hint = || Some("Client_identity".to_owned())),
    &["ua/psk/hints-at-bootstrapping"],
);
const PSK_HINT_IS_HOST: Fault = fault(
    "naf/psk-hint-is-host",
    "UA-5.3-03",
    "The identity hint is the name of the NAF.",
    Seam::Ua(|policy| policy.psk.hint = || Some("naf1.home1.net".to_owned())),
    &["ua/psk/hints-at-bootstrapping"],
);
const PSK_BASE64_TEXT: Fault = fault(
    "naf/psk-base64-text",
    "UA-5.3-05",
    "The shared key is the base64 text of Ks_NAF, as if it were a password.",
    Seam::Ua(|policy| policy.psk.key = |key| Psk::new(BASE64.encode(key.expose()))),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-base64-text",
    ],
);
const PSK_HEX_TEXT: Fault = fault(
    "naf/psk-hex-text",
    "UA-5.3-05",
    "The shared key is the hex text of Ks_NAF.",
    Seam::Ua(|policy| policy.psk.key = |key| Psk::new(HEXLOWER.encode(key.expose()))),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-hex-text",
    ],
);
const PSK_KEY_OF_HTTP_DIGEST: Fault = fault(
    "naf/psk-key-of-http-digest",
    "UA-5.3-05",
    "The shared key is the one of HTTP digest.",
    Seam::Ua(|policy| policy.psk.ua_protocol = |_| Some(UaProtocolId::HTTP_DIGEST)),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-key-of-http-digest",
    ],
);
const PSK_SUITE_LITTLE_ENDIAN: Fault = fault(
    "naf/psk-suite-little-endian",
    "UA-5.3-05",
    "The octets of the cipher suite are swapped in the Ua protocol identifier.",
    Seam::Ua(|policy| {
        policy.psk.ua_protocol = |handshake| ua_protocol(handshake).map(edit::with_swapped_suite);
    }),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-key-of-a-turned-suite",
    ],
);
const PSK_KEY_OF_ONE_SUITE: Fault = fault(
    "naf/psk-key-of-one-suite",
    "UA-5.3-05",
    "The key of one cipher suite is used with all.",
    Seam::Ua(|policy| {
        policy.psk.ua_protocol = |handshake| match handshake.version {
            TlsVersion::Tls12 => Some(UaProtocolId::of_suite(CipherSuite(0x00a8))),
            TlsVersion::Tls13 => ua_protocol(handshake),
        };
    }),
    &["ua/psk/binds-the-key-to-each-suite"],
);
const PSK_KEY_OF_ANOTHER_SUITE: Fault = fault(
    "naf/psk-key-of-another-suite",
    "UA-5.3-05",
    "The key is the one of a cipher suite that the handshake does not have.",
    Seam::Ua(|policy| {
        policy.psk.ua_protocol = |handshake| match handshake.version {
            TlsVersion::Tls12 => Some(UaProtocolId::of_suite(CipherSuite(0x00ae))),
            TlsVersion::Tls13 => ua_protocol(handshake),
        };
    }),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-key-of-another-suite",
    ],
);
const PSK_KEY_OF_TLS_1_3: Fault = fault(
    "naf/psk-key-of-tls-1-3",
    "UA-5.3-05",
    "In TLS 1.2 the key is the one of TLS 1.3.",
    Seam::Ua(|policy| policy.psk.ua_protocol = |_| Some(UaProtocolId::PSK_TLS13)),
    &[
        "ua/psk/shares-the-key-of-the-suite",
        "ua/psk/takes-no-key-of-tls-1-3",
    ],
);
const PSK_IDENTITY_IGNORED: Fault = fault(
    "naf/psk-identity-ignored",
    "UA-5.3-05",
    "Whoever has the key of one session gets through, whatever the identity is.",
    Seam::Ua(|policy| policy.psk.btid = |_| Some(SOMEBODY)),
    &["ua/psk/refuses-an-unknown-identity"],
);
const PSK_IDENTITY_IGNORED_IN_TLS_1_3: Fault = fault(
    "naf/psk-identity-ignored-in-tls-1-3",
    "UA-5.3-07",
    "An identity with the right prefix is good for the key of one session.",
    Seam::Ua(|policy| {
        policy.psk.btid = |identity| {
            identity
                .starts_with(PSK_PREFIX.as_bytes())
                .then_some(SOMEBODY)
        };
    }),
    &["ua/psk/refuses-an-unknown-identity-in-tls-1-3"],
);
const PSK_UNKNOWN_IDENTITY_HANGS: Fault = fault(
    "naf/psk-unknown-identity-hangs",
    "UA-5.3-06",
    "A client with an unknown identity is left waiting.",
    Seam::Ua(|policy| policy.psk.unknown = || PskAnswer::Silence),
    &["ua/psk/tells-an-unknown-identity-by-an-alert"],
);
const PSK_UNKNOWN_IDENTITY_DROPPED: Fault = fault(
    "naf/psk-unknown-identity-dropped",
    "UA-5.3-08",
    "The connection of a client with an unknown identity is closed without a word.",
    Seam::Ua(|policy| policy.psk.unknown = || PskAnswer::HangUp),
    &["ua/psk/asks-for-bootstrapping-by-refusing-the-handshake"],
);
const PSK_ENDED_KEY_SERVED: Fault = fault(
    "naf/psk-ended-key-served",
    "UA-5.3-08",
    "A key whose lifetime has ended is shared all the same.",
    Seam::Ua(|policy| policy.key_is_valid = |_| true),
    &["ua/psk/asks-for-a-new-run-by-refusing-an-ended-key"],
);
const PSK_KEY_OF_SUITE_IN_TLS_1_3: Fault = fault(
    "naf/psk-key-of-suite-in-tls-1-3",
    "UA-5.3-07",
    "In TLS 1.3 the key is the one of the cipher suite.",
    Seam::Ua(|policy| {
        policy.psk.ua_protocol = |handshake| match handshake.version {
            TlsVersion::Tls12 => ua_protocol(handshake),
            TlsVersion::Tls13 => Some(UaProtocolId::of_suite(CipherSuite(0x1301))),
        };
    }),
    &["ua/psk/shares-the-key-of-tls-1-3"],
);
const PSK_BASE64_TEXT_IN_TLS_1_3: Fault = fault(
    "naf/psk-base64-text-in-tls-1-3",
    "UA-5.3-07",
    "The external key is the base64 text of Ks_NAF, as if it were a password.",
    Seam::Ua(|policy| policy.psk.key = |key| Psk::new(BASE64.encode(key.expose()))),
    &["ua/psk/shares-the-key-of-tls-1-3"],
);
