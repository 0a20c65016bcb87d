//! OpenSSL reads and verifies what this crate writes. Skipped, and said so, where there is no
//! `openssl` command.

use std::path::Path;
use std::process::{Command, Output};

use gbaspec_crypto::pki::{
    Authority, CERTIFICATE_LABEL, CertificationRequest, DistinguishedName, KeyPair, REQUEST_LABEL,
    Validity, pem,
};

/// Runs a command of OpenSSL in a folder; `None` where there is none.
fn openssl(folder: &Path, arguments: &[&str]) -> Option<Output> {
    let output = Command::new("openssl")
        .args(arguments)
        .current_dir(folder)
        .output();
    output.ok()
}

/// What it printed on both channels, if it ended well.
fn said(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

#[test]
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn openssl_verifies_requests_certificates_and_chains() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    if openssl(folder, &["version"]).is_none() {
        eprintln!("skipped: there is no openssl command");
        return;
    }
    let write = |name: &str, text: String| {
        std::fs::write(folder.join(name), text).expect("a file");
    };
    let key = KeyPair::from_seed(&[7; 32]);
    let subject = DistinguishedName::new(None, "user1_private@home1.net");
    let request = CertificationRequest::new(&subject, &key.public(), &key, 0);
    write("request.pem", pem(REQUEST_LABEL, request.as_der()));
    let long = CertificationRequest::new(&subject, &key.public(), &key, 3000);
    write("long.pem", pem(REQUEST_LABEL, long.as_der()));

    let name = DistinguishedName::new(Some("Home network"), "Subscriber certificates");
    let authority = Authority::new(name, KeyPair::from_seed(&[8; 32]));
    // From 1970 to 2100, so that both forms of a date are there.
    let validity = Validity {
        from: 0,
        to: 4_102_444_800,
    };
    let root = authority.certificate(validity);
    let issued = authority.issue(&subject, &key.public(), &[0x9a, 0xbc], validity);
    write("ca.pem", pem(CERTIFICATE_LABEL, root.as_der()));
    write("issued.pem", pem(CERTIFICATE_LABEL, issued.as_der()));

    let run = |arguments: &[&str]| {
        let output = openssl(folder, arguments).expect("openssl");
        said(&output)
    };
    for name in ["request.pem", "long.pem"] {
        let text = run(&["req", "-in", name, "-verify", "-noout", "-subject"]);
        assert!(text.contains("user1_private@home1.net"), "{text}");
    }
    let text = run(&["x509", "-in", "issued.pem", "-noout", "-text"]);
    for part in [
        "Subject: CN = user1_private@home1.net",
        "Issuer: O = Home network, CN = Subscriber certificates",
        "39612 (0x9abc)",
        "Not After : Jan  1 00:00:00 2100 GMT",
        "Digital Signature",
    ] {
        // Newer releases print the names without blanks around the equals sign.
        let found = text.contains(part) || text.contains(&part.replace(" = ", "="));
        assert!(found, "{part} in {text}");
    }
    let text = run(&["verify", "-x509_strict", "-CAfile", "ca.pem", "issued.pem"]);
    assert!(text.contains("issued.pem: OK"), "{text}");
}
