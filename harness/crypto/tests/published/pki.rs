//! Certification requests and certificates that OpenSSL has made, and what is no such thing.

use data_encoding::HEXLOWER;
use gbaspec_crypto::pki::{
    Armour, Authority, Certificate, CertificationRequest, DistinguishedName, KeyPair, MOST_OCTETS,
    NotRead, Signed, Validity, certificates, nested, pem,
};
use proptest::prelude::*;
use rstest::rstest;

const P256: &[u8] = include_bytes!("pki/p256.request.pem");
const P384: &[u8] = include_bytes!("pki/p384.request.pem");
const RSA: &[u8] = include_bytes!("pki/rsa.request.pem");
const LEAF: &[u8] = include_bytes!("pki/leaf.pem");
const CA: &[u8] = include_bytes!("pki/ca.pem");
const CHAIN: &[u8] = include_bytes!("pki/chain.pem");
const CHAIN_PKCS7: &[u8] = include_bytes!("pki/chain.p7.pem");

const VALIDITY: Validity = Validity {
    from: 1_073_559_035,
    to: 1_073_645_435,
};

#[rstest]
#[case::p256(P256, "CN=user1_private@home1.net,O=Home network", Signed::Valid)]
#[case::rsa(RSA, "CN=user1_private@home1.net", Signed::Valid)]
#[case::of_a_curve_that_is_not_known(P384, "CN=p384", Signed::Unknown)]
fn reads_a_request(#[case] body: &[u8], #[case] subject: &str, #[case] signed: Signed) {
    let (request, armour) = CertificationRequest::read(body).expect("a request");
    assert_eq!(armour, Armour::Pem);
    assert_eq!(request.subject().to_string(), subject);
    assert_eq!(request.signed(), signed);
    let (again, armour) = CertificationRequest::read(request.as_der()).expect("DER");
    assert_eq!((again, armour), (request.clone(), Armour::Der));
    let bare = data_encoding::BASE64.encode(request.as_der());
    let (again, armour) = CertificationRequest::read(bare.as_bytes()).expect("base64");
    assert_eq!((again, armour), (request, Armour::Base64));
}

#[rstest]
#[case::p256(P256)]
#[case::rsa(RSA)]
fn finds_a_wrong_signature(#[case] body: &[u8]) {
    let (request, _) = CertificationRequest::read(body).expect("a request");
    let mut der = request.as_der().to_vec();
    *der.last_mut().expect("the signature") ^= 1;
    let wrong = CertificationRequest::from_der(&der).expect("still a request");
    assert_eq!(wrong.signed(), Signed::Wrong);
}

#[rstest]
#[case::lines_end_with_cr_lf("\n", "\r\n")]
#[case::old_label("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")]
#[case::markers_of_table_e_3_1_1(
    "-----BEGIN CERTIFICATE REQUEST-----",
    "----- BEGIN CERTIFICATE REQUEST -----"
)]
#[case::end_of_table_e_3_1_1(
    "-----END CERTIFICATE REQUEST-----",
    "----- END CERTIFICATE REQUEST -----"
)]
#[case::text_before("-----BEGIN", "Certificate Request:\n    Data:\n-----BEGIN")]
fn reads_the_pem_of_others(#[case] from: &str, #[case] to: &str) {
    let text = String::from_utf8_lossy(P256).replace(from, to);
    assert!(
        CertificationRequest::read(text.as_bytes()).is_ok(),
        "{text}"
    );
}

#[rstest]
#[case::nothing(b"".to_vec(), NotRead::NoDer)]
#[case::placeholder(
    b"-----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n".to_vec(),
    NotRead::NoDer
)]
#[case::no_end(b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n".to_vec(), NotRead::NoDer)]
#[case::no_text(vec![0xff, 0x30], NotRead::NoDer)]
#[case::certificate(CA.to_vec(), NotRead::WrongStructure)]
#[case::nested(nested(10_000), NotRead::WrongStructure)]
#[case::empty_sequence(vec![0x30, 0x00], NotRead::WrongStructure)]
#[case::endless_length(vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff], NotRead::WrongStructure)]
#[case::too_long(vec![0x30; MOST_OCTETS + 1], NotRead::TooLong)]
#[case::ten_megabytes(vec![b'A'; 10_000_000], NotRead::TooLong)]
fn refuses_what_is_no_request(#[case] body: Vec<u8>, #[case] why: NotRead) {
    assert_eq!(CertificationRequest::read(&body), Err(why));
}

#[test]
fn refuses_a_request_cut_anywhere() {
    let (request, _) = CertificationRequest::read(P256).expect("a request");
    for length in 0..request.as_der().len() {
        assert!(CertificationRequest::read(&request.as_der()[..length]).is_err());
    }
    let longer = [request.as_der(), &[0]].concat();
    assert!(CertificationRequest::read(&longer).is_err());
}

#[rstest]
#[case::one(LEAF, 1, Armour::Pem)]
#[case::pem_of_two(CHAIN, 2, Armour::Pem)]
#[case::pkcs7(CHAIN_PKCS7, 2, Armour::Pem)]
fn reads_certificates(#[case] body: &[u8], #[case] count: usize, #[case] expected: Armour) {
    let (found, armour) = certificates(body).expect("certificates");
    assert_eq!((found.len(), armour), (count, expected));
    let leaf = &found[0];
    assert_eq!(leaf.subject().to_string(), "CN=user1_private@home1.net");
    assert_eq!(
        leaf.issuer().to_string(),
        "CN=Subscriber certificates,O=Home network"
    );
    let (request, _) = CertificationRequest::read(RSA).expect("a request");
    assert_eq!(leaf.key(), request.key());
    let (authority, _) = certificates(CA).expect("one");
    assert_eq!(leaf.signed_by(authority[0].key()), Signed::Valid);
    assert_eq!(leaf.signed_by(leaf.key()), Signed::Wrong);
    assert_eq!(authority[0].signed_by(authority[0].key()), Signed::Valid);
    if let Some(second) = found.get(1) {
        assert_eq!(second, &authority[0]);
    }
}

#[test]
fn reads_a_path_of_certificates() {
    let (chain, _) = certificates(CHAIN).expect("two");
    let inside = [chain[0].as_der(), chain[1].as_der()].concat();
    let length = u16::try_from(inside.len()).expect("short").to_be_bytes();
    let path = [&[0x30, 0x82], length.as_slice(), &inside].concat();
    assert_eq!(certificates(&path), Ok((chain, Armour::Der)));
}

#[rstest]
#[case::request(P256)]
#[case::text(b"placeholder for an X.509 certificate\n")]
#[case::empty_sequence(&[0x30, 0x00])]
fn refuses_what_holds_no_certificate(#[case] body: &[u8]) {
    assert!(certificates(body).is_err());
}

/// The octets of the name that the authority of this project has in its profiles.
#[test]
fn writes_a_name() {
    let name = DistinguishedName::new(Some("Home network"), "Subscriber certificates");
    assert_eq!(
        HEXLOWER.encode(name.as_der()),
        "3039311530130603550\
         40a0c0c486f6d65206e6574776f726b3120301e06035504030c17537562736372696265722063657274696669636174\
         6573"
    );
    assert_eq!(
        name.to_string(),
        "CN=Subscriber certificates,O=Home network"
    );
    let again = DistinguishedName::from_der(name.as_der());
    assert_eq!(again, Ok(name));
}

#[test]
fn tells_a_request_that_another_key_has_signed() {
    let (own, other) = (KeyPair::from_seed(&[1; 32]), KeyPair::from_seed(&[2; 32]));
    let name = DistinguishedName::new(None, "user1_private@home1.net");
    for (signer, signed) in [(&own, Signed::Valid), (&other, Signed::Wrong)] {
        let made = CertificationRequest::new(&name, &own.public(), signer, 0);
        assert_eq!(made.signed(), signed);
        assert_eq!(CertificationRequest::from_der(made.as_der()), Ok(made));
    }
}

#[test]
fn issues_what_it_can_read_again() {
    let name = DistinguishedName::new(Some("Home network"), "Subscriber certificates");
    let authority = Authority::new(name, KeyPair::from_seed(&[3; 32]));
    let (request, _) = CertificationRequest::read(RSA).expect("a request");
    let issued = authority.issue(request.subject(), request.key(), &[0x80, 1], VALIDITY);
    assert_eq!(Certificate::from_der(issued.as_der()), Ok(issued.clone()));
    let root = authority.certificate(VALIDITY);
    assert_eq!(Certificate::from_der(root.as_der()), Ok(root.clone()));
    assert_eq!(issued.signed_by(root.key()), Signed::Valid);
    assert_eq!(issued.issuer(), root.subject());
}

#[test]
fn hides_the_key() {
    let key = KeyPair::from_seed(&[1; 32]);
    assert_eq!(format!("{key:?}"), "KeyPair(P-256)");
}

proptest! {
    #[test]
    fn survives_any_body(body in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = CertificationRequest::read(&body);
        let _ = certificates(&body);
        let _ = DistinguishedName::from_der(&body);
    }

    #[test]
    fn survives_any_change_of_one_octet(place in 0usize..256, octet in any::<u8>()) {
        let (request, _) = CertificationRequest::read(P256).expect("a request");
        let mut der = request.as_der().to_vec();
        let place = place % der.len();
        der[place] = octet;
        let _ = CertificationRequest::read(&der);
        let text = pem("CERTIFICATE REQUEST", &der);
        let _ = CertificationRequest::read(text.as_bytes());
    }
}
