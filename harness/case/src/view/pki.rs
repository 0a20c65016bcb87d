//! Certification requests, certificates, and the queries that ask for them.

use data_encoding::BASE64;
use gbaspec_crypto::pki::{
    Armour, Certificate, CertificationRequest, DistinguishedName, Signed, certificates,
};
use gbaspec_wire::query;

use super::View;
use crate::fact::Value;

impl View<'_> {
    /// The certification request in the body of a request.
    pub(crate) fn csr(&self) -> Option<CertificationRequest> {
        Some(self.csr_and_form()?.0)
    }

    fn csr_and_form(&self) -> Option<(CertificationRequest, Armour)> {
        self.message.request_line().ok()?;
        CertificationRequest::read(&self.message.content().ok()?).ok()
    }

    pub(crate) fn csr_form(&self) -> Option<Value> {
        Some(Value::word(self.csr_and_form()?.1.as_str()))
    }

    pub(crate) fn csr_subject(&self) -> Option<Value> {
        Some(name(self.csr()?.subject()))
    }

    pub(crate) fn csr_signature(&self) -> Option<Value> {
        signature(self.csr()?.signed())
    }

    /// The certificates in the body of a response.
    fn certificates(&self) -> Option<(Vec<Certificate>, Armour)> {
        self.message.status().ok()?;
        certificates(&self.message.content().ok()?).ok()
    }

    /// The certificate of a response that it is about: the one of the key in the request that is
    /// answered, else the first.
    pub(crate) fn own_certificate(&self) -> Option<Certificate> {
        let (mut found, _) = self.certificates()?;
        let request = self.answered().and_then(|request| request.csr());
        let own = request.and_then(|request| {
            found
                .iter()
                .position(|certificate| certificate.key() == request.key())
        });
        Some(found.swap_remove(own.unwrap_or(0)))
    }

    pub(crate) fn certificate(&self) -> Option<Value> {
        self.certificates().map(|_| Value::word("there"))
    }

    pub(crate) fn certificate_form(&self) -> Option<Value> {
        Some(Value::word(self.certificates()?.1.as_str()))
    }

    pub(crate) fn certificate_count(&self) -> Option<Value> {
        Some(Value::Number(self.certificates()?.0.len() as u64))
    }

    pub(crate) fn certificate_key(&self) -> Option<Value> {
        let request = self.answered()?.csr()?;
        let is_own = self.own_certificate()?.key() == request.key();
        Some(Value::word(if is_own { "of-request" } else { "other" }))
    }

    pub(crate) fn certificate_subject(&self) -> Option<Value> {
        Some(name(self.own_certificate()?.subject()))
    }

    pub(crate) fn certificate_issuer(&self) -> Option<Value> {
        Some(name(self.own_certificate()?.issuer()))
    }

    /// Whether one of the certificates of the play with the name of the issuer holds the key that
    /// has signed this one.
    pub(crate) fn certificate_signature(&self) -> Option<Value> {
        let own = self.own_certificate()?;
        let known = (0..self.transcript.entries.len())
            .filter_map(|index| View::new(self.scene, self.transcript, index))
            .filter_map(|view| Some(view.certificates()?.0))
            .flatten()
            .filter(|certificate| certificate.subject() == own.issuer());
        let checks: Vec<Signed> = known
            .map(|certificate| own.signed_by(certificate.key()))
            .collect();
        let best = [Signed::Valid, Signed::Unknown, Signed::Wrong];
        let best = best.into_iter().find(|signed| checks.contains(signed))?;
        signature(best)
    }

    /// A parameter in the query of a request target, as a form would read it: with a blank for each
    /// plus sign.
    pub(crate) fn query(&self, name: &str) -> Option<Value> {
        Some(Value::escaped(&self.parameter(name)?))
    }

    fn parameter(&self, name: &str) -> Option<Vec<u8>> {
        let line = self.message.request_line().ok()?;
        let raw = query::parameter(line.target, name)?;
        let spaced: Vec<u8> = raw
            .iter()
            .map(|octet| if *octet == b'+' { b' ' } else { *octet })
            .collect();
        Some(query::percent_decode(&spaced))
    }

    pub(crate) fn query_in_issuer(&self) -> Option<Value> {
        let der = BASE64.decode(&self.parameter("in")?).ok()?;
        Some(name(&DistinguishedName::from_der(&der).ok()?))
    }
}

fn name(name: &DistinguishedName) -> Value {
    Value::escaped(name.to_string().as_bytes())
}

fn signature(signed: Signed) -> Option<Value> {
    match signed {
        Signed::Valid => Some(Value::word("valid")),
        Signed::Wrong => Some(Value::word("wrong")),
        Signed::Unknown => None,
    }
}
