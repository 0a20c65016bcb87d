//! What an HSS shows of a fault.

use data_encoding::HEXLOWER;
use gbaspec_crypto::token::Sqn;

use crate::embedded;
use crate::faults::{Fault, tampered_packet};
use crate::hss::HssPolicy;
use crate::tests::diameter::{exchange, packet};
use crate::tests::world::NOW;

const MAR: &str = "\
Diameter MAR
Session-Id: bsf.home1.net;1;2
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777221
Auth-Session-State: 1
Origin-Host: bsf.home1.net
Origin-Realm: home1.net
Destination-Realm: home1.net
Destination-Host: hss.home1.net
User-Name: user1_private@home1.net
SIP-Auth-Data-Item:
  SIP-Authentication-Scheme: Digest-AKAv1-MD5
";
/// What is put in the place of what, request by request.
const CHANGES: [(&str, &str); 28] = [
    ("", ""),
    ("", ""),
    ("user1_private", "user3_private"),
    ("user1_private", "user8_private"),
    ("user1_private", "nobody"),
    ("Digest-AKAv1-MD5", "Digest"),
    ("Digest-AKAv1-MD5", "Digest-AKAv2-SHA-256"),
    ("Diameter MAR", "Diameter BIR"),
    ("Diameter MAR", "Diameter MAR [application=16777216]"),
    ("Diameter MAR", "Diameter MAR [flags=0xe0]"),
    ("User-Name: user1_private@home1.net\n", ""),
    ("Session-Id: bsf.home1.net;1;2\n", ""),
    ("User-Name", "AVP [code=9999 flags=0x40]: 0x01\nUser-Name"),
    ("Auth-Session-State: 1", "Auth-Session-State: 0x01"),
    (
        "SIP-Auth-",
        "GUSS-Timestamp: 2004-01-01T00:00:00Z\nSIP-Auth-",
    ),
    (
        "SIP-Auth-",
        "GUSS-Timestamp: 2003-01-01T00:00:00Z\nSIP-Auth-",
    ),
    ("user1_private", "user5_private"),
    (".net\nSIP-", ".net\\x00x\nSIP-"),
    (".net\nSIP-", ".net.example.org\nSIP-"),
    ("user1_private@home1.net", "0xfffe80"),
    ("Diameter MAR", "Diameter MAR [flags=0xd0]"),
    ("User-Name", "AVP [code=9999 flags=0x00]: 0x01\nUser-Name"),
    ("User-Name:", "User-Name [length=7]:"),
    ("SIP-Auth-", "Proxy-Info [nested=100]: 0x\nSIP-Auth-"),
    ("SIP-Auth-", "User-Name: user2_private@home1.net\nSIP-Auth-"),
    (
        "User-Name: user1_private@home1.net\nSIP-Auth-Data-Item:",
        "SIP-Auth-Data-Item:\n  User-Name: user1_private@home1.net",
    ),
    (
        "SIP-Auth-Data-Item:\n  SIP-Authentication-Scheme: Digest-AKAv1-MD5\n",
        "",
    ),
    (
        "Diameter MAR",
        "Diameter 999 request [application=16777221]",
    ),
];
/// SIP-Authorization of synchronisation failures, in hex: right, right again, wrong in several ways.
const RESYNCS: [&str; 7] = [
    "23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbe",
    "23553cbe9637a89d218ae64dae47bf35ba853f3c12dc1b61fa84efd85b28",
    "ba853f3c12dc4c8b025a1c7acdbf",
    "",
    "23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf00",
    "23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf",
    "23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf",
];

/// What is said about the connection itself; the driver says it.
const ABOUT_THE_CONNECTION: [&str; 2] = [
    "\
Diameter CEA
Result-Code: 2001
Origin-Host: hss.home1.net
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777221
",
    "Diameter DWA\nResult-Code: 2001\nOrigin-Host: hss.home1.net\n",
];

pub(super) fn shown_by_hss(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(HssPolicy::default, Fault::hss_policy);
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut hss = embedded::hss(policy, 5);
    let changed = CHANGES.map(|(from, to)| MAR.replacen(from, to, 1));
    let resyncs = RESYNCS.map(str::to_owned).into_iter().chain(computed());
    let resyncs = resyncs.flat_map(|hex| {
        let resync = format!("{MAR}  SIP-Authorization: 0x{hex}\n");
        [resync, MAR.to_owned()]
    });
    let mut shown: Vec<Vec<u8>> = changed
        .into_iter()
        .chain(resyncs)
        .map(|request| tampered_packet(&exchange(&mut hss, NOW, &packet(&request)), &tamper))
        .collect();
    shown.extend(ABOUT_THE_CONNECTION.map(|text| tampered_packet(&packet(text), &tamper)));
    shown
}

/// More of them, computed: with `SQN_MS` ahead and more or less below, with MAC-S wrong in either half,
/// over the AMF of the challenge, of another subscriber, as text in hex, and with RAND behind AUTS.
fn computed() -> Vec<String> {
    const START: u64 = 0xff9b_b4d0_b607;
    let user = &embedded::SUBSCRIBERS[0];
    let (functions, rand) = (user.functions(), user.rand());
    let sqn = |value| Sqn::new(value).expect("48 bits");
    let whole = |auts: &[u8]| HEXLOWER.encode(&[rand.as_bytes(), auts].concat());
    let right = |value| *functions.auts(rand, sqn(value)).as_bytes();
    let ahead = START + (1 << 20);
    let wrong_at = |octet: usize| {
        let mut auts = right(ahead);
        auts[octet] ^= 1;
        whole(&auts)
    };
    let other = embedded::SUBSCRIBERS[1].functions();
    vec![
        whole(&right(START + (1 << 15))),
        whole(&right(START - (1 << 10))),
        whole(&right(START - (1 << 36))),
        whole(&right(START)),
        wrong_at(6),
        wrong_at(13),
        whole(
            functions
                .auts_with_amf(rand, sqn(ahead), user.amf())
                .as_bytes(),
        ),
        whole(other.auts(rand, sqn(ahead)).as_bytes()),
        HEXLOWER.encode(whole(&right(ahead)).as_bytes()),
        HEXLOWER.encode(&[right(ahead).as_slice(), rand.as_bytes()].concat()),
    ]
}
