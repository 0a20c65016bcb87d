//! TLS in a profile: towards a server, and where the harness listens.

use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::profile::{TargetProfile, TlsSettings, Verification};
use rstest::rstest;

const SUBSCRIBER: &str = "subscribers: [{ impi: user1@home1.net, \
    k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\" }]\n";

fn profile(text: &str) -> Result<TargetProfile, String> {
    let source = Source {
        name: "profile.yaml".to_owned(),
        text: format!("{text}{SUBSCRIBER}"),
    };
    let loaded = load_profile(&source, &|_| None);
    loaded.map_err(|problems| {
        let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
        words.join("\n")
    })
}

#[test]
fn takes_the_tls_settings_of_a_server() {
    let profile = profile(
        "role: bsf\naddress: \"127.0.0.1:8443\"\ntls: { ca: lab.pem, server-name: bsf.home1.net, \
         verify: off, exporter-label: \"EXPORTER other\" }\n",
    );
    let expected = TlsSettings {
        ca: Some("lab.pem".to_owned()),
        server_name: Some("bsf.home1.net".to_owned()),
        verification: Verification::Off,
        exporter_label: Some("EXPORTER other".to_owned()),
    };
    assert_eq!(profile.expect("it is sound").tls, Some(expected));
}

#[test]
fn takes_addresses_of_the_listeners_of_a_client() {
    let profile = profile(
        "role: ue\nlisten: { bsf: \"127.0.0.1:9080\", bsf-tls: \"127.0.0.1:9443\" }\n\
         tls: { exporter-label: EXPORTER_other }\n",
    );
    let profile = profile.expect("it is sound");
    assert_eq!(profile.tls_listen.as_deref(), Some("127.0.0.1:9443"));
    assert_eq!(profile.listen.len(), 1);
    let label = profile.tls.and_then(|tls| tls.exporter_label);
    assert_eq!(label.as_deref(), Some("EXPORTER_other"));
}

#[rstest]
#[case::ca("tls: { ca: lab.pem }", "the harness is no client of a client")]
#[case::server_name("tls: { server-name: x }", "the harness is no client of a client")]
#[case::verify("tls: { verify: off }", "the harness is no client of a client")]
#[case::empty_label("tls: { exporter-label: \"\" }", "no label of an exporter value")]
#[case::label_with_a_tab("tls: { exporter-label: \"a\\tb\" }", "no label of an exporter value")]
#[case::no_port("listen: { bsf-tls: localhost }", "`localhost` is no address")]
#[case::nobody_listens_so("listen: { naf-tls: \"127.0.0.1:1\" }", "as `naf-tls`")]
fn refuses_what_a_client_cannot_have(#[case] line: &str, #[case] words: &str) {
    let problems = profile(&format!("role: ue\n{line}\n")).expect_err("it is not sound");
    assert!(problems.contains(words), "{problems}");
}
