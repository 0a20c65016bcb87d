//! Certification requests and certificates that the harness makes (TS 24.109 clause 6, TS 33.221).

use gbaspec_crypto::pki::{
    Authority, CERTIFICATE_LABEL, CertificationRequest, DistinguishedName, KeyPair, REQUEST_LABEL,
    Validity, nested, pem,
};
use gbaspec_wire::query::percent_encode;
use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;

use super::{CannotCompose, Composer, Stores};
use crate::case::{
    CertificateKey, CertificateName, CsrDefect, DocumentForm, Send, SubscriberChoice,
};
use crate::scene::SessionKey;
use crate::view::View;

/// How long certificates are valid, before and after the moment of the message, in seconds.
const VALID: i64 = 86_400;
/// How deep a request of nested sequences is.
const DEPTH: usize = 5_000;

/// The keys behind the certificates of one play: each is drawn when it is first needed.
#[derive(Default)]
pub struct PlayKeys {
    /// Of the subscriber that the harness plays.
    subscriber: Option<KeyPair>,
    /// Of the CA of the harness.
    authority: Option<KeyPair>,
}

/// What becomes of equals signs in the query of a request target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Equals {
    /// They are escaped, as everything else that base64 has beside letters and digits.
    Escaped,
    /// They stand as table E.5-1 prints them.
    AsPrinted,
}

/// The name of the CA of the harness. Its base64 text has a plus sign, a slash and two equals signs,
/// so that a client under test has something to escape.
pub fn ca_name() -> DistinguishedName {
    DistinguishedName::new(Some("Home network"), "Subscriber CA ~ 2004?!")
}

impl Composer<'_> {
    /// The octets of a body that is nothing but this placeholder, if it stands for a document.
    pub(super) fn document(
        &self,
        body: &str,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<Option<Vec<u8>>, CannotCompose> {
        let name = body
            .strip_prefix('{')
            .and_then(|name| name.strip_suffix('}'));
        let (form, label) = match name {
            Some("csr") => (send.csr.form, REQUEST_LABEL),
            Some("certificate" | "ca.certificate") => (send.certificate.form, CERTIFICATE_LABEL),
            _ => return Ok(None),
        };
        let der = self.der(name.unwrap_or_default(), send, stores)?;
        Ok(Some(match form {
            DocumentForm::Der => der,
            DocumentForm::Pem => pem(label, &der).into_bytes(),
        }))
    }

    /// A document as text, without the line end after it.
    pub(super) fn document_text(
        &self,
        name: &str,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let text = match name {
            "csr" => pem(REQUEST_LABEL, &self.der("csr", send, stores)?),
            "csr.base64" => {
                let wrapped = pem("", &self.der("csr", send, stores)?);
                let lines = wrapped.lines().filter(|line| !line.starts_with('-'));
                lines.collect::<Vec<_>>().join("\n")
            }
            "certificate.chain" => {
                let certificate = self.der("certificate", send, stores)?;
                let authority = self.der("ca.certificate", send, stores)?;
                pem(CERTIFICATE_LABEL, &certificate) + &pem(CERTIFICATE_LABEL, &authority)
            }
            name => pem(CERTIFICATE_LABEL, &self.der(name, send, stores)?),
        };
        Ok(text.trim_end().to_owned())
    }

    fn der(
        &self,
        name: &str,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<Vec<u8>, CannotCompose> {
        match name {
            "csr" => Ok(self.csr(send, stores)),
            "certificate" => self.certificate(send, stores),
            _ => Ok(self.ca_certificate(send, stores)),
        }
    }

    /// A certification request for the key of this play.
    fn csr(&self, send: &Send, stores: &mut Stores<'_>) -> Vec<u8> {
        let spec = &send.csr;
        if spec.defect == CsrDefect::Nested {
            return nested(DEPTH);
        }
        let subject = DistinguishedName::new(None, &self.subject_name());
        let signer = drawn(&mut stores.keys.subscriber, stores.rng);
        let key = if spec.defect == CsrDefect::OtherKey {
            KeyPair::from_seed(&stores.rng.random()).public()
        } else {
            signer.public()
        };
        let request = CertificationRequest::new(&subject, &key, signer, spec.padding);
        let mut der = request.as_der().to_vec();
        match spec.defect {
            CsrDefect::WrongSignature => {
                if let Some(last) = der.last_mut() {
                    *last ^= 1;
                }
            }
            CsrDefect::Cut => der.truncate(der.len() / 2),
            CsrDefect::None | CsrDefect::OtherKey | CsrDefect::Nested => {}
        }
        der
    }

    /// The common name of the subject: what the profile says, else the private identity.
    fn subject_name(&self) -> String {
        let session = self.scene.session(self.case.session);
        let stated = session.and_then(|session| session.subject.clone());
        let derived = || match &session?.key {
            SessionKey::Derived { impi, .. } => Some(impi.clone()),
            SessionKey::Given(_) => None,
        };
        stated
            .or_else(derived)
            .unwrap_or_else(|| self.subscriber(SubscriberChoice::First).impi.clone())
    }

    /// A certificate that answers a certification request.
    fn certificate(&self, send: &Send, stores: &mut Stores<'_>) -> Result<Vec<u8>, CannotCompose> {
        let request = self.answered().and_then(|view| view.csr());
        let request = request.ok_or_else(|| CannotCompose {
            missing: "a certification request to answer".to_owned(),
        })?;
        let authority = authority(CertificateName::Right, stores);
        let key = match send.certificate.key {
            CertificateKey::OfRequest => request.key().clone(),
            CertificateKey::Other => KeyPair::from_seed(&stores.rng.random()).public(),
        };
        let serial: [u8; 8] = stores.rng.random();
        let validity = self.validity();
        let issued = authority.issue(request.subject(), &key, &serial, validity);
        Ok(issued.as_der().to_vec())
    }

    fn ca_certificate(&self, send: &Send, stores: &mut Stores<'_>) -> Vec<u8> {
        let authority = authority(send.certificate.name, stores);
        authority.certificate(self.validity()).as_der().to_vec()
    }

    fn validity(&self) -> Validity {
        Validity {
            from: self.now.saturating_sub(VALID),
            to: self.now.saturating_add(VALID),
        }
    }

    /// The issuer of the certificate that came last.
    pub(super) fn issuer(&self, equals: Equals) -> Option<String> {
        let entries = 0..self.transcript.entries.len();
        let found = entries.rev().find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            view.own_certificate()
        })?;
        let escaped = percent_encode(&found.issuer().base64());
        Some(match equals {
            Equals::Escaped => escaped,
            Equals::AsPrinted => escaped.replace("%3D", "="),
        })
    }
}

fn authority(name: CertificateName, stores: &mut Stores<'_>) -> Authority {
    let key = drawn(&mut stores.keys.authority, stores.rng);
    let name = match name {
        CertificateName::Right => ca_name(),
        CertificateName::Other => DistinguishedName::new(None, "Another CA"),
    };
    Authority::new(name, key.clone())
}

fn drawn<'a>(key: &'a mut Option<KeyPair>, rng: &mut ChaCha8Rng) -> &'a KeyPair {
    key.get_or_insert_with(|| KeyPair::from_seed(&rng.random()))
}
