//! TLS in a profile and in a case: towards a server, and where the harness listens.

use gbaspec_case::case::{Case, Certificate, Transport};
use gbaspec_case::load::{Source, load, load_profile};
use gbaspec_case::profile::{TargetProfile, TlsSettings, Verification};
use rstest::rstest;

use crate::world::{From, Play, scene};

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

#[rstest]
#[case::at_an_ip_address("127.0.0.1:8443", "tls: { ca: lab.pem }", Some("bsf.home1.net"))]
#[case::at_an_address_of_ipv6("[::1]:8443", "tls: { ca: lab.pem }", Some("bsf.home1.net"))]
#[case::at_a_name("lab.example:8443", "tls: { ca: lab.pem }", None)]
#[case::stated("127.0.0.1:8443", "tls: { server-name: x.example }", Some("x.example"))]
fn expects_the_name_of_the_target_in_its_certificate(
    #[case] address: &str,
    #[case] tls: &str,
    #[case] name: Option<&str>,
) {
    let text =
        format!("role: bsf\nnames: {{ bsf: bsf.home1.net }}\naddress: \"{address}\"\n{tls}\n");
    let tls = profile(&text).expect("it is sound").tls;
    assert_eq!(tls.and_then(|tls| tls.server_name).as_deref(), name);
}

#[test]
fn takes_addresses_of_the_listeners_of_a_client() {
    let profile = profile(
        "role: ue\nlisten: { bsf: \"127.0.0.1:9080\", bsf-tls: \"127.0.0.1:9443\" }\n\
         tls: { exporter-label: EXPORTER_other }\n",
    );
    let profile = profile.expect("it is sound");
    let tls = profile.tls_listen.get(&gbaspec_case::element::Element::Bsf);
    assert_eq!(tls.map(String::as_str), Some("127.0.0.1:9443"));
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
#[case::nobody_listens_so("listen: { ue-tls: \"127.0.0.1:1\" }", "as `ue-tls`")]
fn refuses_what_a_client_cannot_have(#[case] line: &str, #[case] words: &str) {
    let problems = profile(&format!("role: ue\n{line}\n")).expect_err("it is not sound");
    assert!(problems.contains(words), "{problems}");
}

#[test]
fn takes_a_second_address_inside_tls() {
    let profile =
        profile("role: bsf\naddress: \"127.0.0.1:8080\"\ntls-address: \"127.0.0.1:8443\"\n");
    let profile = profile.expect("the profile is sound");
    assert_eq!(profile.tls_address.as_deref(), Some("127.0.0.1:8443"));
    let expected = TlsSettings {
        server_name: Some("bsf.home1.net".to_owned()),
        ..TlsSettings::default()
    };
    assert_eq!(profile.tls, Some(expected));
    assert_eq!(profile.scene.authorities.bsf, "bsf.home1.net:8080");
}

#[rstest]
#[case::client("role: ue\n", "a client has no address")]
#[case::no_port("role: bsf\naddress: \"127.0.0.1:1\"\n", "`127.0.0.1` is no address")]
fn refuses_a_second_address(#[case] lines: &str, #[case] what: &str) {
    let address = if what.contains("no address") {
        "127.0.0.1"
    } else {
        "127.0.0.1:2"
    };
    let problems = profile(&format!("{lines}tls-address: \"{address}\"\n"));
    let problems = problems.expect_err("a problem");
    assert!(problems.contains(what), "{problems}");
}

/// A case with these keys beside the required ones.
fn case(target: &str, keys: &str) -> Result<Case, String> {
    let step = if target == "ue" {
        "trigger: bootstrap"
    } else {
        "send: { wire: \"GET / HTTP/1.1\" }"
    };
    let text = format!(
        "topic: ub/tls\nspecification: {{ document: \"TS 24.109\", clause: \"4.2\" }}\ntarget: {target}\ncases:\n  - id: speaks-tls\n    title: t\n    requirements: [UB-4.2-20]\n{keys}    steps:\n      - {step}\n      - expect: {{ header.Date: present }}\n"
    );
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml"),
        ),
        source("ub/tls.yaml", &text),
    ]);
    match loaded.problems.first() {
        Some(problem) => Err(problem.what.clone()),
        None => Ok(loaded.library.cases[0].clone()),
    }
}

#[rstest]
#[case::nothing("ue", "", Transport::Tcp, Certificate::Right)]
#[case::tls_server("bsf", "    transport: tls\n", Transport::Tls, Certificate::Right)]
#[case::tls_client("ue", "    transport: tls\n", Transport::Tls, Certificate::Right)]
#[case::other_name(
    "ue",
    "    transport: tls\n    certificate: of-other-name\n",
    Transport::Tls,
    Certificate::OfOtherName
)]
fn says_how_a_case_is_played(
    #[case] target: &str,
    #[case] keys: &str,
    #[case] transport: Transport,
    #[case] certificate: Certificate,
) {
    let case = case(target, keys).expect("the case is sound");
    assert_eq!((case.transport, case.certificate), (transport, certificate));
}

#[rstest]
#[case::to_a_server("bsf", "    transport: tls\n    certificate: right\n")]
#[case::in_the_clear("ue", "    certificate: of-other-name\n")]
fn refuses_a_certificate_that_nobody_sees(#[case] target: &str, #[case] keys: &str) {
    let problem = case(target, keys).expect_err("a problem");
    assert_eq!(
        problem,
        "the harness shows a certificate only to a client, inside TLS"
    );
}

#[test]
fn knows_what_went_inside_tls() {
    let scene = scene("");
    let mut play = Play::default();
    let plain = play.add(From::Target, "GET / HTTP/1.1\n\n");
    play.secure(2, Some("bsf.home1.net"));
    play.secure(3, None);
    let named = play.add(From::Target, "GET / HTTP/1.1\n\n");
    play.transcript.entries[named].connection = 2;
    let nameless = play.add(From::Target, "GET / HTTP/1.1\n\n");
    play.transcript.entries[nameless].connection = 3;
    let facts = [plain, named, nameless].map(|index| {
        let fact = |name| play.fact(&scene, index, name);
        (fact("tls"), fact("tls.server-name"))
    });
    let tls = || Some("TLSv1.3".to_owned());
    assert_eq!(
        facts,
        [
            (None, None),
            (tls(), Some("bsf.home1.net".to_owned())),
            (tls(), None)
        ]
    );
}

#[rstest]
#[case::one("transport: tls", "suite: TLS_AES_128_GCM_SHA256", &["TLS_AES_128_GCM_SHA256"])]
#[case::several(
    "transport: tls",
    "suite: [TLS_AES_128_GCM_SHA256, TLS_PSK_WITH_AES_128_GCM_SHA256]",
    &["TLS_AES_128_GCM_SHA256", "TLS_PSK_WITH_AES_128_GCM_SHA256"]
)]
#[case::none("transport: tls", "level: shall", &[])]
fn takes_the_suites_of_a_case(
    #[case] transport: &str,
    #[case] suite: &str,
    #[case] expected: &[&str],
) {
    for target in ["naf", "ue"] {
        let case = case(target, &format!("    {transport}\n    {suite}\n"));
        assert_eq!(case.expect("it is sound").suites, expected);
    }
}

#[rstest]
#[case::in_the_clear("suite: TLS_AES_128_GCM_SHA256", "a suite is chosen only inside TLS")]
#[case::of_openssl(
    "transport: tls\n    suite: ECDHE-ECDSA-AES128-SHA",
    "is no cipher suite"
)]
#[case::hidden_in_a_list(
    "transport: tls\n    suite: [TLS_AES_128_GCM_SHA256, \"TLS_:ALL\"]",
    "`TLS_:ALL` is no cipher suite"
)]
fn refuses_what_is_no_suite(#[case] keys: &str, #[case] words: &str) {
    let what = case("naf", &format!("    {keys}\n")).expect_err("it is not sound");
    assert!(what.contains(words), "{what}");
}

#[test]
fn listens_inside_tls_as_each_server() {
    let lines =
        "role: ue\nlisten: { naf-tls: \"127.0.0.1:9444\", portal-tls: \"127.0.0.1:9445\" }\n";
    let profile = profile(lines).expect("the profile is sound");
    let ports: Vec<&str> = profile.tls_listen.values().map(String::as_str).collect();
    assert_eq!(ports, ["127.0.0.1:9444", "127.0.0.1:9445"]);
    assert!(profile.listen.is_empty());
}
