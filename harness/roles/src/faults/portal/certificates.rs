//! Certification requests and the certificates that answer them.

use gbaspec_crypto::pki::{CERTIFICATE_LABEL, CertificationRequest, KeyPair, NotRead, pem};

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::portal::{self, Delivery, Document, EnrolmentRequest, Look, ResponseForm};

/// Every fault about certificates, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ALWAYS_SINGLE,
    POINTER_FOR_EVERY_FORM,
    CHAIN_OF_ONE,
    CHAIN_OF_STRANGERS,
    CERTIFICATE_IS_EMPTY,
    CERTIFICATE_IS_CUT,
    POINTER_UNLABELLED,
    LOOKS_BEFORE_AUTHENTICATION,
    ANOTHER_MEDIA_TYPE_SERVED,
    DER_REFUSED,
    PEM_REFUSED,
    CERTIFIES_ANOTHER_KEY,
    NO_PROOF_OF_POSSESSION,
    ISSUES_FOR_ANYTHING,
    MALFORMED_REQUEST_GIVES_500,
    BAD_REQUEST_AS_500,
];

const ALWAYS_SINGLE: Fault = fault(
    "portal/always-single",
    "PKI-6.2-03",
    "The certificate alone is delivered, whichever form was asked for.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| {
            portal::deliver(&Delivery {
                form: ResponseForm::Single,
                ..*delivery
            })
        };
    }),
    &[
        "pki/forms/answers-with-a-chain",
        "pki/forms/answers-with-a-pointer",
    ],
);
const POINTER_FOR_EVERY_FORM: Fault = fault(
    "portal/pointer-for-every-form",
    "PKI-6.2-03",
    "A pointer is delivered, whichever form was asked for.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| {
            portal::deliver(&Delivery {
                form: ResponseForm::Pointer,
                ..*delivery
            })
        };
    }),
    &[
        "pki/forms/answers-with-a-single-certificate",
        "pki/forms/answers-with-a-chain",
    ],
);
const CHAIN_OF_ONE: Fault = fault(
    "portal/chain-of-one",
    "PKI-6.2-03",
    "The chain has the media type of one, but lacks the certificate of the issuer.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| {
            let document = portal::deliver(delivery);
            match delivery.form {
                ResponseForm::Chain => Document {
                    body: pem(CERTIFICATE_LABEL, delivery.certificate.as_der()).into_bytes(),
                    ..document
                },
                ResponseForm::Single | ResponseForm::Pointer => document,
            }
        };
    }),
    &["pki/forms/answers-with-a-chain"],
);
const CHAIN_OF_STRANGERS: Fault = fault(
    "portal/chain-of-strangers",
    "PKI-6.2-03",
    "The certificate is signed with another key than that of the authority whose name it bears.",
    Seam::Ua(|policy| {
        policy.portal.issue = |facts| {
            facts
                .stranger
                .issue(facts.subject, facts.key, facts.serial, facts.validity)
        };
    }),
    &["pki/forms/signs-what-the-chain-shows"],
);
const CERTIFICATE_IS_EMPTY: Fault = fault(
    "portal/certificate-is-empty",
    "PKI-6.2-03",
    "The answer to an enrolment has no body.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| Document {
            body: Vec::new(),
            ..portal::deliver(delivery)
        };
    }),
    &["pki/forms/answers-with-a-single-certificate"],
);
const CERTIFICATE_IS_CUT: Fault = fault(
    "portal/certificate-is-cut",
    "PKI-6.2-03",
    "The second half of the certificate is missing.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| {
            let der = delivery.certificate.as_der();
            let half = &der[..der.len() / 2];
            Document {
                body: pem(CERTIFICATE_LABEL, half).into_bytes(),
                ..portal::deliver(delivery)
            }
        };
    }),
    &["pki/forms/answers-with-a-single-certificate"],
);
const POINTER_UNLABELLED: Fault = fault(
    "portal/pointer-unlabelled",
    "PKI-6.2-04",
    "A pointer is sent as text/html.",
    Seam::Ua(|policy| {
        policy.portal.deliver = |delivery| {
            let document = portal::deliver(delivery);
            match delivery.form {
                ResponseForm::Pointer => Document {
                    media_type: "text/html",
                    ..document
                },
                ResponseForm::Single | ResponseForm::Chain => document,
            }
        };
    }),
    &["pki/forms/labels-a-pointer"],
);
const LOOKS_BEFORE_AUTHENTICATION: Fault = fault(
    "portal/looks-before-authentication",
    "PKI-6.2-06",
    "A certification request is judged before it is known who sent it.",
    Seam::Ua(|policy| policy.portal.look = || Look::BeforeAuthentication),
    &[
        "pki/requests/judges-no-request-of-a-stranger",
        "pki/requests/judges-no-request-before-the-challenge",
    ],
);
const ANOTHER_MEDIA_TYPE_SERVED: Fault = fault(
    "portal/another-media-type-served",
    "PKI-6.2-02",
    "A certification request is read under any media type.",
    Seam::Ua(|policy| {
        policy.portal.enrolment_status = |request| {
            portal::enrolment_status(&EnrolmentRequest {
                content_type: b"application/x-pkcs10",
                ..*request
            })
        };
    }),
    &["pki/requests/advises-against-another-media-type"],
);
const DER_REFUSED: Fault = fault(
    "portal/der-refused",
    "PKI-6.2-02",
    "A certification request in DER is not read.",
    Seam::Ua(|policy| policy.portal.read_request = |body| unless(is_der(body), body)),
    &["pki/requests/reads-a-request-in-der"],
);
const PEM_REFUSED: Fault = fault(
    "portal/pem-refused",
    "PKI-6.2-02",
    "A certification request in PEM is not read.",
    Seam::Ua(|policy| policy.portal.read_request = |body| unless(!is_der(body), body)),
    &["pki/requests/reads-a-request-in-pem"],
);
const CERTIFIES_ANOTHER_KEY: Fault = fault(
    "portal/certifies-another-key",
    "PKI-6.2-08",
    "The certificate holds another key than the request.",
    Seam::Ua(|policy| {
        policy.portal.certified_key = |_| KeyPair::from_seed(&[0x5a; 32]).public();
    }),
    &["pki/enrolment/certifies-the-key-of-the-request"],
);
const NO_PROOF_OF_POSSESSION: Fault = fault(
    "portal/no-proof-of-possession",
    "PKI-6.2-09",
    "The signature of a certification request is not checked.",
    Seam::Ua(|policy| {
        policy.portal.enrolment_status = |request| match portal::enrolment_status(request) {
            400 if request.form.is_some() && request.request.is_ok() => 200,
            status => status,
        };
    }),
    &[
        "pki/requests/refuses-a-wrong-signature",
        "pki/requests/refuses-the-signature-of-another-key",
    ],
);
const ISSUES_FOR_ANYTHING: Fault = fault(
    "portal/issues-for-anything",
    "PKI-6.2-09",
    "What is no certification request is answered with a certificate.",
    Seam::Ua(|policy| {
        policy.portal.enrolment_status = |request| match portal::enrolment_status(request) {
            400 | 413 if request.form.is_some() && request.request.is_err() => 200,
            status => status,
        };
    }),
    &[
        "pki/requests/refuses-a-request-that-is-cut",
        "pki/requests/refuses-a-request-of-nested-sequences",
        "pki/requests/refuses-a-request-that-is-text",
    ],
);
const MALFORMED_REQUEST_GIVES_500: Fault = fault(
    "portal/malformed-request-gives-500",
    "PKI-6.2-09",
    "What is no certification request leads to 500.",
    Seam::Ua(|policy| {
        policy.portal.enrolment_status = |request| match portal::enrolment_status(request) {
            400 if request.form.is_some() && request.request.is_err() => 500,
            status => status,
        };
    }),
    &["pki/requests/calls-a-broken-request-the-fault-of-the-client"],
);

const BAD_REQUEST_AS_500: Fault = fault(
    "portal/bad-request-as-500",
    "PKI-6.2-09",
    "Whatever is malformed or too long leads to 500.",
    Seam::Message(|message| edit::status(message, 400, "500 Internal Server Error")),
    &["pki/requests/survives-a-request-of-ten-megabytes"],
);

fn is_der(body: &[u8]) -> bool {
    body.first() == Some(&0x30)
}

/// Reads a body that is not of the sort that this portal does not know.
fn unless(unknown: bool, body: &[u8]) -> Result<CertificationRequest, NotRead> {
    if unknown {
        return Err(NotRead::NoDer);
    }
    portal::read_request(body)
}
