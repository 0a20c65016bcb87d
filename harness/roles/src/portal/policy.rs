//! The decisions of a PKI portal about certificates, one function each; the defaults are the rules
//! of the specifications.

use data_encoding::BASE64;
use gbaspec_crypto::pki::{
    Authority, CERTIFICATE_LABEL, Certificate, CertificationRequest, DistinguishedName, NotRead,
    PublicKey, Signed, Validity, pem,
};
use gbaspec_wire::query::percent_decode;

use crate::ua::Enrolment;

/// Every decision about certificates that a PKI portal takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct PortalPolicy {
    /// Says when the portal looks at a certification request (TS 33.221: after authentication).
    pub look: fn() -> Look,
    /// Reads the form of the answer that a request asks for; `None` where there is no such form
    /// (TS 24.109 clause 6.2.1).
    pub form: fn(Option<&[u8]>) -> Option<ResponseForm>,
    /// Reads the body of an enrolment request (erratum ERR-28: DER or PEM).
    pub read_request: fn(&[u8]) -> Result<CertificationRequest, NotRead>,
    /// Decides on a certification request (TS 24.109 clause E.4, TS 33.221).
    pub enrolment_status: fn(&EnrolmentRequest<'_>) -> u16,
    /// Chooses the key of the certificate (RFC 2986 clause 3: the one of the request).
    pub certified_key: fn(&CertificationRequest) -> PublicKey,
    /// Issues the certificate.
    pub issue: fn(&IssueFacts<'_>) -> Certificate,
    /// Writes the certificate in the form that was asked for.
    pub deliver: fn(&Delivery<'_>) -> Document,
    /// Reads the issuer name in a request for the certificate of a CA (TS 24.109 clause E.5).
    pub issuer_name: fn(&[u8]) -> Option<DistinguishedName>,
    /// Decides on a request for the certificate of a CA (TS 24.109 clauses E.5 and E.6).
    pub ca_status: fn(&CaRequest<'_>) -> u16,
    /// Writes the certificate of a CA.
    pub deliver_ca: fn(&CaDelivery<'_>) -> Document,
}

impl Default for PortalPolicy {
    fn default() -> Self {
        PortalPolicy {
            look,
            form,
            read_request,
            enrolment_status,
            certified_key,
            issue,
            deliver,
            issuer_name,
            ca_status,
            deliver_ca,
        }
    }
}

/// When a portal looks at a certification request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// When it knows who sent it.
    AfterAuthentication,
    /// Before that.
    BeforeAuthentication,
}

/// The forms of an answer to an enrolment (TS 24.109 clause 6.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResponseForm {
    /// The certificate.
    Single,
    /// Where the certificate is.
    Pointer,
    /// The certificate and the one of its issuer.
    Chain,
}

/// What [`PortalPolicy::enrolment_status`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EnrolmentRequest<'a> {
    /// What the home network allows the subscriber.
    pub enrolment: Enrolment,
    /// The form of answer that is asked for, if there is such a form.
    pub form: Option<ResponseForm>,
    /// The `Content-Type` of the request, without parameters.
    pub content_type: &'a [u8],
    /// The certification request.
    pub request: Result<&'a CertificationRequest, NotRead>,
}

/// What [`PortalPolicy::issue`] may use.
#[derive(Clone, Copy, Debug)]
pub struct IssueFacts<'a> {
    /// Who issues.
    pub authority: &'a Authority,
    /// Another authority, which nobody knows.
    pub stranger: &'a Authority,
    /// The subject of the request.
    pub subject: &'a DistinguishedName,
    /// The key to certify.
    pub key: &'a PublicKey,
    /// A serial number that was not used before.
    pub serial: &'a [u8],
    /// From now on.
    pub validity: Validity,
}

/// What [`PortalPolicy::deliver`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct Delivery<'a> {
    /// The form that was asked for.
    pub form: ResponseForm,
    /// The new certificate.
    pub certificate: &'a Certificate,
    /// The one of its issuer.
    pub authority: &'a Certificate,
    /// Where the new certificate can be fetched.
    pub url: &'a str,
}

/// A body with its media type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The value of `Content-Type`.
    pub media_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
}

/// What [`PortalPolicy::ca_status`] looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CaRequest<'a> {
    /// The name that is asked for; `None` where there is none that can be read.
    pub asked: Option<&'a DistinguishedName>,
    /// The name of the authority of this portal.
    pub own: &'a DistinguishedName,
}

/// What [`PortalPolicy::deliver_ca`] chooses from.
#[derive(Clone, Copy, Debug)]
pub struct CaDelivery<'a> {
    /// The certificate of the authority.
    pub certificate: &'a Certificate,
    /// The one of the authority of the same name that nobody knows.
    pub stranger: &'a Certificate,
}

/// The default of [`PortalPolicy::look`].
pub fn look() -> Look {
    Look::AfterAuthentication
}

/// The default of [`PortalPolicy::form`].
pub fn form(parameter: Option<&[u8]>) -> Option<ResponseForm> {
    match parameter? {
        b"single" => Some(ResponseForm::Single),
        b"pointer" => Some(ResponseForm::Pointer),
        b"chain" => Some(ResponseForm::Chain),
        _ => None,
    }
}

/// The default of [`PortalPolicy::read_request`].
pub fn read_request(body: &[u8]) -> Result<CertificationRequest, NotRead> {
    CertificationRequest::read(body).map(|(request, _)| request)
}

/// The default of [`PortalPolicy::enrolment_status`]: what is asked for and in which way, then the
/// right to it, then the certification request with its proof of possession (TS 33.221). A proof
/// that cannot be checked is none.
pub fn enrolment_status(request: &EnrolmentRequest<'_>) -> u16 {
    if !request
        .content_type
        .eq_ignore_ascii_case(b"application/x-pkcs10")
    {
        return 415;
    }
    if request.form.is_none() {
        return 400;
    }
    if request.enrolment == Enrolment::Refused {
        return 403;
    }
    match request.request {
        Ok(request) if request.signed() == Signed::Valid => 200,
        Ok(_) | Err(NotRead::NoDer | NotRead::WrongStructure) => 400,
        Err(NotRead::TooLong) => 413,
    }
}

/// The default of [`PortalPolicy::certified_key`].
pub fn certified_key(request: &CertificationRequest) -> PublicKey {
    request.key().clone()
}

/// The default of [`PortalPolicy::issue`].
pub fn issue(facts: &IssueFacts<'_>) -> Certificate {
    facts
        .authority
        .issue(facts.subject, facts.key, facts.serial, facts.validity)
}

/// The default of [`PortalPolicy::deliver`]. The media type of a chain is open (U-10); this one is
/// registered for it (RFC 8555 clause 9.1).
pub fn deliver(delivery: &Delivery<'_>) -> Document {
    let certificate = pem(CERTIFICATE_LABEL, delivery.certificate.as_der());
    let (media_type, text) = match delivery.form {
        ResponseForm::Single => ("application/x-x509-user-cert", certificate),
        ResponseForm::Pointer => (
            "application/vnd.wap.cert-response",
            format!("{}\r\n", delivery.url),
        ),
        ResponseForm::Chain => (
            "application/pem-certificate-chain",
            certificate + &pem(CERTIFICATE_LABEL, delivery.authority.as_der()),
        ),
    };
    Document {
        media_type,
        body: text.into_bytes(),
    }
}

/// The default of [`PortalPolicy::issuer_name`]: base64 of DER, escaped or not (erratum ERR-27). A
/// plus sign that is not escaped is one: no blank is base64.
pub fn issuer_name(parameter: &[u8]) -> Option<DistinguishedName> {
    let der = BASE64.decode(&percent_decode(parameter)).ok()?;
    DistinguishedName::from_der(&der).ok()
}

/// The default of [`PortalPolicy::ca_status`].
pub fn ca_status(request: &CaRequest<'_>) -> u16 {
    match request.asked {
        None => 400,
        Some(asked) if asked == request.own => 200,
        Some(_) => 404,
    }
}

/// The default of [`PortalPolicy::deliver_ca`].
pub fn deliver_ca(delivery: &CaDelivery<'_>) -> Document {
    Document {
        media_type: "application/x-x509-ca-cert",
        body: pem(CERTIFICATE_LABEL, delivery.certificate.as_der()).into_bytes(),
    }
}
