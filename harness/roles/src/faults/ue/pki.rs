//! Requests to a PKI portal, and what is made of its answers.

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use gbaspec_crypto::pki::{CertificationRequest, REQUEST_LABEL, pem};
use gbaspec_wire::query::percent_encode;

use super::super::{Fault, Seam, edit};
use super::fault;
use crate::role::ClientOutcome;
use crate::ue::pki::{self, UaRequest, UaRequestFacts};
use crate::ue::{self, Proof, ReferencePoint, ResultFacts};

/// Every fault of a UE at a PKI portal, in the order of the requirements.
pub const ALL: &[Fault] = &[
    ENROLS_WITH_ABSOLUTE_FORM,
    RESPONSE_PARAMETER_MISSING,
    CERTIFICATION_REQUEST_IS_EMPTY,
    CERTIFICATION_REQUEST_IS_TEXT,
    CERTIFICATION_REQUEST_IS_CUT,
    CERTIFICATION_REQUEST_OF_ANOTHER_SIGNER,
    UNKNOWN_RESPONSE_FORM,
    INSTALLS_CERTIFICATE_OF_ANOTHER_KEY,
    INSTALLS_WHAT_IS_NO_CERTIFICATE,
    READS_PEM_ALONE,
    INSTALLS_CERTIFICATE_WITH_WRONG_PROOF,
    ISSUER_IN_HEX,
    ISSUER_AS_PEM,
    ISSUER_AS_TEXT,
    ISSUER_NOT_ESCAPED,
    ISSUER_IN_BASE64URL,
    ISSUER_UNDER_ANOTHER_NAME,
    CA_CERTIFICATE_POSTED_FOR,
    NO_TOKEN_FOR_THE_CA_CERTIFICATE,
    INSTALLS_CA_CERTIFICATE_WITH_WRONG_PROOF,
    INSTALLS_CA_CERTIFICATE_WITHOUT_PROOF,
    INSTALLS_ANOTHER_CA_CERTIFICATE,
    BELIEVES_A_FORGED_404,
    BELIEVES_A_404_WITHOUT_PROOF,
    BELIEVES_NO_PORTAL,
];

const ENROLS_WITH_ABSOLUTE_FORM: Fault = fault(
    "ue/enrols-with-absolute-form",
    "PKI-6.2-01",
    "The request target of an enrolment is a whole URL although there is no proxy.",
    Seam::Ue(|policy| {
        policy.pki.request_line = |facts| {
            let (method, target) = pki::request_line(facts);
            match facts.request {
                UaRequest::Enrolment => (method, format!("http://{}{target}", facts.fqdn)),
                UaRequest::Page | UaRequest::CaCertificate => (method, target),
            }
        };
    }),
    &["ue/certificate/names-path-and-form-alone"],
);
const RESPONSE_PARAMETER_MISSING: Fault = fault(
    "ue/response-parameter-missing",
    "PKI-6.2-01",
    "The request target of an enrolment does not name the form of the answer.",
    Seam::Ue(|policy| policy.pki.request_line = |facts| enrolling_at(facts, "/enrol")),
    &["ue/certificate/names-path-and-form-alone"],
);
const CERTIFICATION_REQUEST_IS_EMPTY: Fault = fault(
    "ue/certification-request-is-empty",
    "PKI-6.2-02",
    "The enrolment request has no body.",
    Seam::Ue(|policy| policy.pki.certification_request = |_| Vec::new()),
    &["ue/certificate/sends-a-pkcs-10-request"],
);
const CERTIFICATION_REQUEST_IS_TEXT: Fault = fault(
    "ue/certification-request-is-text",
    "PKI-6.2-02",
    "The body of the enrolment request is the name of the subject and no request of PKCS#10.",
    Seam::Ue(|policy| {
        policy.pki.certification_request = |facts| facts.subject.to_string().into_bytes();
    }),
    &["ue/certificate/sends-a-pkcs-10-request"],
);
const CERTIFICATION_REQUEST_IS_CUT: Fault = fault(
    "ue/certification-request-is-cut",
    "PKI-6.2-02",
    "The certification request ends before its signature.",
    Seam::Ue(|policy| {
        policy.pki.certification_request = |facts| {
            let key = facts.key.public();
            let request = CertificationRequest::new(facts.subject, &key, facts.key, 0);
            let der = request.as_der();
            pem(REQUEST_LABEL, &der[..der.len() / 2]).into_bytes()
        };
    }),
    &["ue/certificate/sends-a-pkcs-10-request"],
);
const CERTIFICATION_REQUEST_OF_ANOTHER_SIGNER: Fault = fault(
    "ue/certification-request-of-another-signer",
    "PKI-6.2-02",
    "The certification request is signed with another key than the one in it.",
    Seam::Ue(|policy| {
        policy.pki.certification_request = |facts| {
            let key = facts.key.public();
            let request = CertificationRequest::new(facts.subject, &key, facts.other, 0);
            pem(REQUEST_LABEL, request.as_der()).into_bytes()
        };
    }),
    &["ue/certificate/proves-possession-of-the-key"],
);
const UNKNOWN_RESPONSE_FORM: Fault = fault(
    "ue/unknown-response-form",
    "PKI-6.2-03",
    "The enrolment request asks for a form of answer that does not exist.",
    Seam::Ue(|policy| {
        policy.pki.request_line = |facts| enrolling_at(facts, "/enrol?response=certificate");
    }),
    &["ue/certificate/asks-for-a-form-that-exists"],
);
const INSTALLS_CERTIFICATE_OF_ANOTHER_KEY: Fault = fault(
    "ue/installs-certificate-of-another-key",
    "PKI-6.2-03",
    "A certificate is taken without a look at the key in it.",
    Seam::Ue(|policy| policy.pki.judge_certificate = |_| ClientOutcome::Success),
    &["ue/certificate/should-refuse-a-certificate-of-another-key"],
);
const INSTALLS_WHAT_IS_NO_CERTIFICATE: Fault = fault(
    "ue/installs-what-is-no-certificate",
    "PKI-6.2-03",
    "An answer whose body cannot be read counts as an enrolment.",
    Seam::Ue(|policy| {
        policy.pki.judge_certificate = |facts| match gbaspec_crypto::pki::certificates(facts.body) {
            Ok(_) => pki::judge_certificate(facts),
            Err(_) => ClientOutcome::Success,
        };
    }),
    &["ue/certificate/should-refuse-what-is-no-certificate"],
);
const READS_PEM_ALONE: Fault = fault(
    "ue/reads-pem-alone",
    "PKI-6.2-03",
    "A certificate in DER is not read.",
    Seam::Ue(|policy| {
        policy.pki.judge_certificate = |facts| {
            if facts.body.first() == Some(&0x30) {
                return ClientOutcome::Failed;
            }
            pki::judge_certificate(facts)
        };
    }),
    &["ue/certificate/takes-a-certificate-in-der"],
);
const INSTALLS_CERTIFICATE_WITH_WRONG_PROOF: Fault = fault(
    "ue/installs-certificate-with-wrong-proof",
    "UA-5.2.2-08",
    "A certificate is taken whatever rspauth says.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| believing(*facts, UaRequest::Enrolment, 200, Proof::Wrong);
    }),
    &["ue/certificate/refuses-a-certificate-with-one-bit-of-rspauth-flipped"],
);
const ISSUER_IN_HEX: Fault = fault(
    "ue/issuer-in-hex",
    "PKI-6.3-01",
    "The issuer name is sent as hex text.",
    Seam::Ue(|policy| policy.pki.issuer_parameter = |name| HEXLOWER.encode(name.as_der())),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const ISSUER_AS_PEM: Fault = fault(
    "ue/issuer-as-pem",
    "PKI-6.3-01",
    "The issuer name is sent between the markers of PEM.",
    Seam::Ue(|policy| {
        policy.pki.issuer_parameter = |name| percent_encode(&pem("X509 NAME", name.as_der()));
    }),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const ISSUER_AS_TEXT: Fault = fault(
    "ue/issuer-as-text",
    "PKI-6.3-01",
    "The issuer name is sent as the base64 of its text.",
    Seam::Ue(|policy| {
        policy.pki.issuer_parameter =
            |name| percent_encode(&BASE64.encode(name.to_string().as_bytes()));
    }),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const ISSUER_NOT_ESCAPED: Fault = fault(
    "ue/issuer-not-escaped",
    "PKI-6.3-01",
    "The plus signs of the issuer name are not escaped.",
    Seam::Ue(|policy| policy.pki.issuer_parameter = gbaspec_crypto::pki::DistinguishedName::base64),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const ISSUER_IN_BASE64URL: Fault = fault(
    "ue/issuer-in-base64url",
    "PKI-6.3-01",
    "The issuer name is sent in the other alphabet of base64.",
    Seam::Ue(|policy| policy.pki.issuer_parameter = |name| BASE64URL.encode(name.as_der())),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const ISSUER_UNDER_ANOTHER_NAME: Fault = fault(
    "ue/issuer-under-another-name",
    "PKI-6.3-01",
    "The issuer name is sent in the parameter issuer.",
    Seam::Ue(|policy| {
        policy.pki.request_line = |facts| {
            let (method, target) = pki::request_line(facts);
            (method, target.replace("?in=", "?issuer="))
        };
    }),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const CA_CERTIFICATE_POSTED_FOR: Fault = fault(
    "ue/ca-certificate-posted-for",
    "PKI-6.3-01",
    "The certificate of the CA is asked for with POST.",
    Seam::Ue(|policy| {
        policy.pki.request_line = |facts| match pki::request_line(facts) {
            (_, target) if facts.request == UaRequest::CaCertificate => ("POST", target),
            right => right,
        };
    }),
    &["ue/ca-certificate/asks-with-the-issuer-name"],
);
const NO_TOKEN_FOR_THE_CA_CERTIFICATE: Fault = fault(
    "ue/no-token-for-the-ca-certificate",
    "UA-5.2.1-01",
    "The request for the certificate of the CA lacks the product token, as table E.5-1 prints it.",
    Seam::Message(|message| {
        if message.start_line.starts_with(b"GET /getcertificate") {
            edit::field(message, "User-Agent", "SCEnrolmentAgent; Release-6");
        }
    }),
    &["ue/ca-certificate/announces-gba"],
);
const INSTALLS_CA_CERTIFICATE_WITH_WRONG_PROOF: Fault = fault(
    "ue/installs-ca-certificate-with-wrong-proof",
    "PKI-6.3-04",
    "The certificate of a CA is installed whatever rspauth says.",
    Seam::Ue(|policy| {
        policy.judge_result =
            |facts| believing(*facts, UaRequest::CaCertificate, 200, Proof::Wrong);
    }),
    &[
        "ue/ca-certificate/refuses-a-certificate-with-one-bit-of-rspauth-flipped",
        "ue/ca-certificate/refuses-a-certificate-with-the-method-in-rspauth",
    ],
);
const INSTALLS_CA_CERTIFICATE_WITHOUT_PROOF: Fault = fault(
    "ue/installs-ca-certificate-without-proof",
    "PKI-6.3-04",
    "The certificate of a CA is installed without Authentication-Info.",
    Seam::Ue(|policy| {
        policy.judge_result =
            |facts| believing(*facts, UaRequest::CaCertificate, 200, Proof::Absent);
    }),
    &["ue/ca-certificate/refuses-a-certificate-without-authentication-info"],
);
const INSTALLS_ANOTHER_CA_CERTIFICATE: Fault = fault(
    "ue/installs-another-ca-certificate",
    "PKI-6.3-04",
    "The certificate of a CA is installed whatever name is in it.",
    Seam::Ue(|policy| policy.pki.judge_ca_certificate = |_| ClientOutcome::Success),
    &["ue/ca-certificate/should-refuse-the-certificate-of-another-ca"],
);
const BELIEVES_A_FORGED_404: Fault = fault(
    "ue/believes-a-forged-404",
    "UA-5.2.2-08",
    "A 404 with a wrong rspauth is the word of the portal.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| {
            if facts.status == 404 && facts.proof == Proof::Wrong {
                ClientOutcome::Refused
            } else {
                ue::judge_result(facts)
            }
        };
    }),
    &["ue/ca-certificate/disbelieves-a-404-with-one-bit-of-rspauth-flipped"],
);

const BELIEVES_A_404_WITHOUT_PROOF: Fault = fault(
    "ue/believes-a-404-without-proof",
    "UA-5.2.2-08",
    "A 404 without Authentication-Info is the word of the portal.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| {
            if facts.status == 404 && facts.proof == Proof::Absent {
                ClientOutcome::Refused
            } else {
                ue::judge_result(facts)
            }
        };
    }),
    &["ue/ca-certificate/disbelieves-a-404-without-authentication-info"],
);
const BELIEVES_NO_PORTAL: Fault = fault(
    "ue/believes-no-portal",
    "UA-5.2.2-08",
    "A right rspauth of the PKI portal is taken for a wrong one.",
    Seam::Ue(|policy| {
        policy.judge_result = |facts| match facts.request {
            Some(UaRequest::Enrolment | UaRequest::CaCertificate) => ClientOutcome::NotAuthentic,
            Some(UaRequest::Page) | None => ue::judge_result(facts),
        };
    }),
    &[
        "ue/certificate/takes-a-certificate-that-proves-itself",
        "ue/ca-certificate/installs-a-certificate-that-proves-itself",
        "ue/ca-certificate/believes-a-404-that-proves-itself",
        "ue/ca-certificate/believes-table-e-6-1-as-printed",
    ],
);

/// A `request_line` decision with another target for an enrolment.
fn enrolling_at(facts: &UaRequestFacts<'_>, target: &str) -> (&'static str, String) {
    match facts.request {
        UaRequest::Enrolment => ("POST", target.to_owned()),
        UaRequest::Page | UaRequest::CaCertificate => pki::request_line(facts),
    }
}

/// A `judge_result` decision that takes such an answer without a right proof.
fn believing(facts: ResultFacts, request: UaRequest, status: u16, without: Proof) -> ClientOutcome {
    let is_believed = facts.point == ReferencePoint::Ua
        && facts.request == Some(request)
        && facts.status == status
        && facts.proof == without;
    if is_believed {
        return ClientOutcome::Success;
    }
    ue::judge_result(&facts)
}
