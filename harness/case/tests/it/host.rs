//! The parts of `Host`, whose name has no case and whose port is optional (RFC 9110 4.2.3 and 7.2).

use rstest::rstest;

use crate::world::{From, Play, scene};

#[rstest]
#[case::name("Host: bsf.home1.net\n", Some("bsf.home1.net"), None)]
#[case::name_in_capitals("Host: BSF.Home1.NET\n", Some("bsf.home1.net"), None)]
#[case::port("Host: bsf.home1.net:9999\n", Some("bsf.home1.net"), Some("9999"))]
#[case::empty_port("Host: bsf.home1.net:\n", Some("bsf.home1.net"), Some("\"\" (empty)"))]
#[case::address("Host: 127.0.0.1:8080\n", Some("127.0.0.1"), Some("8080"))]
#[case::address_of_ipv6("Host: [::1]\n", Some("[::1]"), None)]
#[case::address_of_ipv6_and_port("Host: [::1]:80\n", Some("[::1]"), Some("80"))]
#[case::empty("Host:\n", Some("\"\" (empty)"), None)]
#[case::none("", None, None)]
fn tells_name_and_port_apart(
    #[case] field: &str,
    #[case] name: Option<&str>,
    #[case] port: Option<&str>,
) {
    let scene = scene("");
    let mut play = Play::default();
    let index = play.add(From::Target, &format!("GET / HTTP/1.1\n{field}\n"));
    assert_eq!(play.fact(&scene, index, "host").as_deref(), name);
    assert_eq!(play.fact(&scene, index, "host.port").as_deref(), port);
}
