//! What an HSS shows of a fault.

use gbaspec_wire::diameter::notation;

use crate::embedded;
use crate::faults::Fault;
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
const CHANGES: [(&str, &str); 16] = [
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

pub(super) fn shown_by_hss(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(HssPolicy::default, Fault::hss_policy);
    let mut hss = embedded::hss(policy, 5);
    let changed = CHANGES.map(|(from, to)| MAR.replacen(from, to, 1));
    let resyncs = RESYNCS.map(|hex| format!("{MAR}  SIP-Authorization: 0x{hex}\n"));
    let requests = changed.into_iter().chain(resyncs).chain([MAR.to_owned()]);
    requests
        .map(|request| notation::write(&exchange(&mut hss, NOW, &packet(&request))).into_bytes())
        .collect()
}
