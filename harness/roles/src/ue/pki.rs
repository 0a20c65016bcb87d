//! What a UE asks a PKI portal for, and what it does with the answer (TS 24.109 clause 6 and
//! Annex E, TS 33.221); the decisions about it, whose defaults are the rules.

use std::cell::OnceCell;

use gbaspec_crypto::pki::{
    Certificate, CertificationRequest, DistinguishedName, KeyPair, PublicKey, REQUEST_LABEL,
    Signed, certificates, pem,
};
use gbaspec_wire::query::percent_encode;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use crate::role::{ClientOutcome, Peer};
use crate::text;

/// Keys are drawn from a generator of their own, so that client nonces do not depend on them.
const SEED_OF_KEYS: u64 = 0x706b_6920_6b65_7973;

/// Every decision of a UE about certificates. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct PkiPolicy {
    /// Writes method and target of a request on Ua (TS 24.109 clause 6.2.1, tables E.3.1-1 and
    /// E.5-1).
    pub request_line: fn(&UaRequestFacts<'_>) -> (&'static str, String),
    /// Chooses the media type of a certification request (TS 24.109 table E.3.1-1).
    pub media_type: fn() -> &'static str,
    /// Writes the certification request (TS 33.221, RFC 2986).
    pub certification_request: fn(&CsrFacts<'_>) -> Vec<u8>,
    /// Writes the issuer name in a request for the certificate of a CA (TS 24.109 clause E.5).
    pub issuer_parameter: fn(&DistinguishedName) -> String,
    /// Judges what came with an authentic answer to an enrolment.
    pub judge_certificate: fn(&EnrolledFacts<'_>) -> ClientOutcome,
    /// Judges the certificate of a CA that came with an authentic answer.
    pub judge_ca_certificate: fn(&CaFacts<'_>) -> ClientOutcome,
}

impl Default for PkiPolicy {
    fn default() -> Self {
        PkiPolicy {
            request_line,
            media_type,
            certification_request,
            issuer_parameter,
            judge_certificate,
            judge_ca_certificate,
        }
    }
}

/// What a UE wants of a NAF or portal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UaRequest {
    /// A page of the NAF.
    Page,
    /// A certificate.
    Enrolment,
    /// The certificate of a CA.
    CaCertificate,
}

impl UaRequest {
    /// Who has it.
    pub fn peer(self) -> Peer {
        match self {
            UaRequest::Page => Peer::Naf,
            UaRequest::Enrolment | UaRequest::CaCertificate => Peer::Portal,
        }
    }
}

/// What [`PkiPolicy::request_line`] may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UaRequestFacts<'a> {
    /// What is wanted.
    pub request: UaRequest,
    /// The name of the server.
    pub fqdn: &'a str,
    /// The value of `in` in a request for the certificate of a CA, escaped.
    pub issuer: &'a str,
}

/// What [`PkiPolicy::certification_request`] may use.
#[derive(Clone, Copy, Debug)]
pub struct CsrFacts<'a> {
    /// Whose certificate it shall be.
    pub subject: &'a DistinguishedName,
    /// The key of the UE.
    pub key: &'a KeyPair,
    /// Another key, which is no business of the request.
    pub other: &'a KeyPair,
}

/// What [`PkiPolicy::judge_certificate`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct EnrolledFacts<'a> {
    /// The body of the answer.
    pub body: &'a [u8],
    /// The key that was to be certified.
    pub key: &'a PublicKey,
}

/// What [`PkiPolicy::judge_ca_certificate`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct CaFacts<'a> {
    /// The body of the answer.
    pub body: &'a [u8],
    /// The name that was asked for.
    pub asked: &'a DistinguishedName,
}

/// The default of [`PkiPolicy::request_line`]: a single certificate is asked for.
pub fn request_line(facts: &UaRequestFacts<'_>) -> (&'static str, String) {
    match facts.request {
        UaRequest::Page => ("GET", "/".to_owned()),
        UaRequest::Enrolment => ("POST", "/enrol?response=single".to_owned()),
        UaRequest::CaCertificate => ("GET", format!("/getcertificate?in={}", facts.issuer)),
    }
}

/// The default of [`PkiPolicy::media_type`].
pub fn media_type() -> &'static str {
    "application/x-pkcs10"
}

/// The default of [`PkiPolicy::certification_request`]: PEM, as table E.3.1-1 shows it.
pub fn certification_request(facts: &CsrFacts<'_>) -> Vec<u8> {
    let request = CertificationRequest::new(facts.subject, &facts.key.public(), facts.key, 0);
    pem(REQUEST_LABEL, request.as_der()).into_bytes()
}

/// The default of [`PkiPolicy::issuer_parameter`]: a plus sign that is not escaped may be read as
/// a blank.
pub fn issuer_parameter(issuer: &DistinguishedName) -> String {
    percent_encode(&issuer.base64())
}

/// The default of [`PkiPolicy::judge_certificate`]: the certificate has to hold the key that was to
/// be certified.
pub fn judge_certificate(facts: &EnrolledFacts<'_>) -> ClientOutcome {
    match certificates(facts.body) {
        Ok((found, _)) if found.iter().any(|one| one.key() == facts.key) => ClientOutcome::Success,
        _ => ClientOutcome::Failed,
    }
}

/// The default of [`PkiPolicy::judge_ca_certificate`]: it has to be the one that was asked for,
/// and if it is its own issuer, its signature has to be right.
pub fn judge_ca_certificate(facts: &CaFacts<'_>) -> ClientOutcome {
    let is_right = |certificate: &Certificate| {
        let is_root = certificate.issuer() == certificate.subject();
        certificate.subject() == facts.asked
            && !(is_root && certificate.signed_by(certificate.key()) == Signed::Wrong)
    };
    match certificates(facts.body) {
        Ok((found, _)) if found.iter().any(is_right) => ClientOutcome::Success,
        _ => ClientOutcome::Failed,
    }
}

/// What a UE has for its dealings with a portal.
pub(super) struct PkiState {
    subject: DistinguishedName,
    /// Its key, and another one.
    keys: OnceCell<[KeyPair; 2]>,
    /// What the keys are drawn from when they are first needed.
    seed: u64,
    /// The certification request, the same each time.
    request: OnceCell<Vec<u8>>,
    /// The CA whose certificate it asks for: the one that it was told of, then the issuer of its
    /// own certificate.
    issuer: DistinguishedName,
}

impl PkiState {
    /// Equal seeds give equal keys.
    pub(super) fn new(impi: &str, issuer: DistinguishedName, seed: u64) -> Self {
        PkiState {
            subject: DistinguishedName::new(None, impi),
            keys: OnceCell::new(),
            seed,
            request: OnceCell::new(),
            issuer,
        }
    }

    fn keys(&self) -> &[KeyPair; 2] {
        self.keys.get_or_init(|| {
            let mut generator = ChaCha8Rng::seed_from_u64(self.seed ^ SEED_OF_KEYS);
            [(); 2].map(|()| KeyPair::from_seed(&text::random(&mut generator)))
        })
    }

    pub(super) fn certification_request(&self, policy: &PkiPolicy) -> &[u8] {
        self.request.get_or_init(|| {
            let [key, other] = self.keys();
            (policy.certification_request)(&CsrFacts {
                subject: &self.subject,
                key,
                other,
            })
        })
    }

    pub(super) fn request_line(
        &self,
        policy: &PkiPolicy,
        request: UaRequest,
        fqdn: &str,
    ) -> (&'static str, String) {
        (policy.request_line)(&UaRequestFacts {
            request,
            fqdn,
            issuer: &(policy.issuer_parameter)(&self.issuer),
        })
    }

    /// Judges the body of an authentic 200, and keeps what is good.
    pub(super) fn receive(
        &mut self,
        policy: &PkiPolicy,
        request: UaRequest,
        body: &[u8],
    ) -> ClientOutcome {
        match request {
            UaRequest::Page => ClientOutcome::Success,
            UaRequest::CaCertificate => (policy.judge_ca_certificate)(&CaFacts {
                body,
                asked: &self.issuer,
            }),
            UaRequest::Enrolment => {
                let [key, _] = self.keys();
                let key = &key.public();
                let outcome = (policy.judge_certificate)(&EnrolledFacts { body, key });
                let found = certificates(body).map(|(found, _)| found);
                let own = found
                    .unwrap_or_default()
                    .into_iter()
                    .find(|one| one.key() == key);
                if let Some(own) = own.filter(|_| outcome == ClientOutcome::Success) {
                    self.issuer = own.issuer().clone();
                }
                outcome
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_base64_has_beside_letters_and_digits() {
        let name = DistinguishedName::new(Some("Home network"), "Subscriber CA ~ 2004?!");
        assert_eq!(
            name.base64(),
            "MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB+IDIwMDQ/IQ=="
        );
        assert_eq!(
            issuer_parameter(&name),
            "MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB%2BIDIwMDQ%2FIQ%3D%3D"
        );
    }
}
