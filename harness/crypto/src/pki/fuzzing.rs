//! The body of the libFuzzer target: it takes any bytes and asserts what has to hold of every input.

use super::{
    CERTIFICATE_LABEL, Certificate, CertificationRequest, DistinguishedName, REQUEST_LABEL,
    certificates, pem,
};

/// Reads the input as certification request, as certificates and as a name: as it is, and between
/// the markers of PEM.
///
/// # Panics
///
/// If something that was read is not the same when its octets are read again.
pub fn fuzz_certificates(data: &[u8]) {
    let wrapped = pem(REQUEST_LABEL, data);
    for body in [data, wrapped.as_bytes()] {
        if let Ok((request, _)) = CertificationRequest::read(body) {
            let again = CertificationRequest::from_der(request.as_der());
            assert_eq!(again, Ok(request), "a request changes");
        }
    }
    let wrapped = pem(CERTIFICATE_LABEL, data);
    for body in [data, wrapped.as_bytes()] {
        let Ok((found, _)) = certificates(body) else {
            continue;
        };
        assert!(!found.is_empty(), "no certificate was read");
        for certificate in found {
            let _ = certificate.signed_by(certificate.key());
            let again = Certificate::from_der(certificate.as_der());
            assert_eq!(again, Ok(certificate), "a certificate changes");
        }
    }
    if let Ok(name) = DistinguishedName::from_der(data) {
        assert_eq!(name.as_der(), data, "a name changes");
    }
}

#[cfg(test)]
mod tests {
    use super::fuzz_certificates;
    use crate::pki::{CertificationRequest, DistinguishedName, KeyPair, nested};

    /// Every prefix of a request, and the request with each octet changed in three ways.
    #[test]
    fn survives_broken_requests() {
        let key = KeyPair::from_seed(&[1; 32]);
        let name = DistinguishedName::new(Some("O"), "CN");
        let request = CertificationRequest::new(&name, &key.public(), &key, 3);
        let der = request.as_der();
        for place in 0..der.len() {
            fuzz_certificates(&der[..place]);
            for change in [0x01, 0x80, 0xff] {
                let mut changed = der.to_vec();
                changed[place] ^= change;
                fuzz_certificates(&changed);
            }
        }
        fuzz_certificates(der);
        fuzz_certificates(&nested(2000));
        fuzz_certificates(name.as_der());
    }
}
