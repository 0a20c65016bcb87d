//! The certificate of a CA.

use data_encoding::BASE64;
use gbaspec_crypto::pki::{CERTIFICATE_LABEL, DistinguishedName, pem};
use gbaspec_wire::http::Message;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::portal::{self, CaRequest, Document};
use crate::proof::{self, InfoFacts};
use crate::ua::Presence;

/// Every fault about the certificate of a CA, in the order of the requirements.
pub const ALL: &[Fault] = &[
    CA_CERTIFICATE_WITHOUT_AUTHENTICATION,
    CA_CERTIFICATE_WITHOUT_PROOF,
    CA_CERTIFICATE_PROVED_WRONGLY,
    CA_CERTIFICATE_AS_HTML,
    CA_CERTIFICATE_OF_A_STRANGER,
    CA_CERTIFICATE_IS_EMPTY,
    RAW_EQUALS_SIGNS_REFUSED,
    ISSUER_NOT_UNESCAPED,
    ANOTHER_CA_CERTIFICATE,
    UNKNOWN_CA_GIVES_500,
    UNKNOWN_CA_GIVES_403,
    UNREADABLE_ISSUER_GIVES_500,
    NOT_FOUND_PROVED_WRONGLY,
    NOT_FOUND_PROVED_FOR_ANOTHER_REQUEST,
];

const CA_CERTIFICATE_WITHOUT_AUTHENTICATION: Fault = fault(
    "portal/ca-certificate-without-authentication",
    "PKI-6.3-02",
    "The certificate of the CA is handed out without authentication.",
    Seam::Ua(|policy| {
        policy.must_authenticate =
            |request| request.method != b"GET" || request.authorization == Presence::Present;
    }),
    &["pki/ca-certificate/challenges-a-request-without-credentials"],
);
const CA_CERTIFICATE_WITHOUT_PROOF: Fault = fault(
    "portal/ca-certificate-without-proof",
    "PKI-6.3-02",
    "The answer with the certificate of the CA has no Authentication-Info.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            if info.facts.method == b"GET" && info.status == 200 {
                None
            } else {
                proof::authentication_info(info)
            }
        };
    }),
    &["pki/ca-certificate/proves-itself-with-the-certificate"],
);
const CA_CERTIFICATE_PROVED_WRONGLY: Fault = fault(
    "portal/ca-certificate-proved-wrongly",
    "PKI-6.3-02",
    "rspauth beside the certificate of the CA covers the empty body of the request.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            if info.facts.method == b"GET" && info.status == 200 {
                proof::authentication_info(&InfoFacts { body: b"", ..*info })
            } else {
                proof::authentication_info(info)
            }
        };
    }),
    &["pki/ca-certificate/proves-itself-with-the-certificate"],
);
const CA_CERTIFICATE_AS_HTML: Fault = fault(
    "portal/ca-certificate-as-html",
    "PKI-6.3-02",
    "The certificate of the CA is sent as text/html.",
    Seam::Ua(|policy| {
        policy.portal.deliver_ca = |delivery| Document {
            media_type: "text/html",
            ..portal::deliver_ca(delivery)
        };
    }),
    &["pki/ca-certificate/labels-the-certificate"],
);
const CA_CERTIFICATE_OF_A_STRANGER: Fault = fault(
    "portal/ca-certificate-of-a-stranger",
    "PKI-6.3-02",
    "The certificate of the CA holds another key than the one that signs.",
    Seam::Ua(|policy| {
        policy.portal.deliver_ca = |delivery| Document {
            body: pem(CERTIFICATE_LABEL, delivery.stranger.as_der()).into_bytes(),
            ..portal::deliver_ca(delivery)
        };
    }),
    &["pki/ca-certificate/delivers-the-certificate-of-the-issuer"],
);
const CA_CERTIFICATE_IS_EMPTY: Fault = fault(
    "portal/ca-certificate-is-empty",
    "PKI-6.3-02",
    "The answer to a request for the certificate of the CA has no body.",
    Seam::Ua(|policy| {
        policy.portal.deliver_ca = |delivery| Document {
            body: Vec::new(),
            ..portal::deliver_ca(delivery)
        };
    }),
    &["pki/ca-certificate/delivers-the-certificate-of-the-issuer"],
);
const RAW_EQUALS_SIGNS_REFUSED: Fault = fault(
    "portal/raw-equals-signs-refused",
    "PKI-6.3-02",
    "An issuer name that ends with equals signs as table E.5-1 prints them is not read.",
    Seam::Ua(|policy| {
        policy.portal.issuer_name =
            |text| portal::issuer_name(text).filter(|_| !text.contains(&b'='));
    }),
    &["pki/ca-certificate/reads-equals-signs-as-printed"],
);
const ISSUER_NOT_UNESCAPED: Fault = fault(
    "portal/issuer-not-unescaped",
    "PKI-6.3-02",
    "The issuer name is read without undoing its escapes.",
    Seam::Ua(|policy| {
        policy.portal.issuer_name =
            |text| DistinguishedName::from_der(&BASE64.decode(text).ok()?).ok();
    }),
    &["pki/ca-certificate/delivers-the-certificate-of-the-issuer"],
);
const ANOTHER_CA_CERTIFICATE: Fault = fault(
    "portal/another-ca-certificate",
    "PKI-6.3-03",
    "Whoever asks for the certificate of an unknown CA gets that of another one.",
    Seam::Ua(|policy| policy.portal.ca_status = |request| replacing(request, 404, 200)),
    &["pki/ca-certificate/knows-no-other-ca"],
);
const UNKNOWN_CA_GIVES_500: Fault = fault(
    "portal/unknown-ca-gives-500",
    "PKI-6.3-03",
    "A request for the certificate of an unknown CA leads to 500.",
    Seam::Ua(|policy| policy.portal.ca_status = |request| replacing(request, 404, 500)),
    &["pki/ca-certificate/knows-no-other-ca"],
);
const UNKNOWN_CA_GIVES_403: Fault = fault(
    "portal/unknown-ca-gives-403",
    "PKI-6.3-03",
    "A request for the certificate of an unknown CA is forbidden.",
    Seam::Ua(|policy| policy.portal.ca_status = |request| replacing(request, 404, 403)),
    &["pki/ca-certificate/knows-no-other-ca"],
);
const UNREADABLE_ISSUER_GIVES_500: Fault = fault(
    "portal/unreadable-issuer-gives-500",
    "PKI-6.3-03",
    "An issuer name that cannot be read leads to 500.",
    Seam::Ua(|policy| policy.portal.ca_status = |request| replacing(request, 400, 500)),
    &[
        "pki/ca-certificate/refuses-an-issuer-that-is-no-der",
        "pki/ca-certificate/refuses-an-issuer-that-is-no-base64",
        "pki/ca-certificate/refuses-an-issuer-that-is-empty",
    ],
);
const NOT_FOUND_PROVED_WRONGLY: Fault = fault(
    "portal/not-found-proved-wrongly",
    "PKI-6.3-03",
    "A2 of rspauth in the 404 has the method.",
    Seam::Ua(|policy| {
        policy.authentication_info = |info| {
            if info.status == 404 {
                Some(edit::rspauth_with_method(info))
            } else {
                proof::authentication_info(info)
            }
        };
    }),
    &["pki/ca-certificate/proves-itself-with-the-404"],
);
const NOT_FOUND_PROVED_FOR_ANOTHER_REQUEST: Fault = fault(
    "portal/not-found-proved-for-another-request",
    "PKI-6.3-03",
    "Authentication-Info of the 404 has another cnonce than the request.",
    Seam::Message(|message: &mut Message| {
        if message.status() == Ok(404) {
            edit::info(message, |list| {
                list.set_raw("cnonce", b"\"00000000000000000000000000000000\"");
            });
        }
    }),
    &["pki/ca-certificate/proves-itself-with-the-404"],
);

/// The right verdict, with one status code replaced.
fn replacing(request: &CaRequest<'_>, from: u16, to: u16) -> u16 {
    let status = portal::ca_status(request);
    if status == from { to } else { status }
}
