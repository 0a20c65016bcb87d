//! What a BSF and a NAF show of a fault to each other.

use data_encoding::BASE64;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;

use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::faults::{Fault, Tamper, tampered_packet};
use crate::naf::Naf;
use crate::role::{Input, Output, Role};
use crate::tests::diameter::{exchange, packet, tell};
use crate::tests::probe::{Answer, initial, user};
use crate::tests::world::{NOW, PLAIN};
use crate::ua::UaPolicy;

const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const BIR: &str = "\
Diameter BIR
Session-Id: naf1.home1.net;1;2
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777220
Origin-Host: naf1.home1.net
Origin-Realm: home1.net
Destination-Realm: home1.net
Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net
NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002
";
const MAA: &str = "\
Diameter MAA
Result-Code: 2001
User-Name: user1_private@home1.net
SIP-Auth-Data-Item:
  SIP-Authentication-Scheme: Digest-AKAv1-MD5
  SIP-Authenticate: 0x23553cbe9637a89d218ae64dae47bf3555f328b43577b9b94a9ffac354dfafb3
  SIP-Authorization: 0xa54211d5e3ba50bf
  Confidentiality-Key: 0xb40ba9a3c58b2a05bbf0d987b21bf8cb
  Integrity-Key: 0xf769bcd751044604127672711c6d3441
";
const SETTINGS: &str = "GBA-UserSecSettings: <guss id='user1_private@home1.net'><bsfInfo>\
    <uiccType>GBA_U</uiccType><lifeTime>60</lifeTime></bsfInfo><ussList>\
    <uss id='1' type='1'><uids><uid>sip:a@home1.net</uid></uids></uss>\
    <uss id='4' type='4'><uids><uid>sip:b@home1.net</uid></uids></uss></ussList></guss>\n";
/// What is put in the place of what in a question, one by one.
const CHANGES: [(&str, &str); 28] = [
    ("", ""),
    ("I1U8", "AAAA"),
    ("I1U8vpY3qJ0hiuZNrke", "i1u8vpy3qj0hiuznrke"),
    ("==@", "==@other."),
    ("bsf.home1.net\nNAF", "bsf.home1.net\\x00.org\nNAF"),
    (BTID, "user1_private@home1.net"),
    (BTID, "0x"),
    (BTID, "@"),
    (
        "Transaction-Identifier:",
        "Transaction-Identifier [length=7]:",
    ),
    (
        "Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\n",
        "",
    ),
    (
        "Transaction-Identifier",
        "Transaction-Identifier: A\nTransaction-Identifier",
    ),
    ("Origin-Host: naf1", "Origin-Host: naf2"),
    (
        "6e6166312e686f6d65312e6e65740100000002",
        "6e6166392e686f6d65312e6e65740100000002",
    ),
    ("6e65740100000002", "6e65742e6e65740100000002"),
    ("6e65740100000002", "6e6574010001c02f"),
    ("6e65740100000002", "6e6574"),
    ("6e6166312e686f6d65312e6e65740100000002", "01000000"),
    ("NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002\n", ""),
    ("Diameter BIR", "Diameter BIR [application=16777221]"),
    (
        "Diameter BIR",
        "Diameter 399 request [application=16777220]",
    ),
    ("Diameter BIR", "Diameter BIR [flags=0xe0]"),
    ("NAF-Id", "AVP [code=9999 flags=0x40]: 0x01\nNAF-Id"),
    ("NAF-Id", "AVP [code=9999 flags=0x00]: 0x01\nNAF-Id"),
    ("NAF-Id", "GAA-Service-Identifier: 1\nNAF-Id"),
    ("NAF-Id", "GAA-Service-Identifier: 7\nNAF-Id"),
    ("NAF-Id", "GBA_U-Awareness-Indicator: 1\nNAF-Id"),
    ("NAF-Id", "GBA_U-Awareness-Indicator: 0\nNAF-Id"),
    ("0x6e6166312e686f6d65312e6e65740100000002", "0xff"),
];
/// What is said about the connection itself, which the driver says, and of a session with a SIM.
const OTHERS: [&str; 3] = [
    "\
Diameter CEA
Result-Code: 2001
Origin-Host: bsf.home1.net
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777220
",
    "Diameter DWA\nResult-Code: 2001\nOrigin-Host: bsf.home1.net\n",
    "Diameter BIA\nResult-Code: 2001\nGBA-Type: 1\n",
];

struct Shown<R> {
    bsf: R,
    tamper: Tamper,
    octets: Vec<Vec<u8>>,
}

impl<R: Role> Shown<R> {
    /// The answer to a request of a UE, for which the HSS gives this vector if it is asked.
    fn ask(&mut self, request: &Message, maa: &Packet) -> Message {
        let input = Input::Message {
            connection: PLAIN,
            message: request,
        };
        let mut outputs = self.bsf.handle(NOW, input);
        if let [Output::Ask { .. }] = outputs.as_slice() {
            outputs = tell(&mut self.bsf, NOW, PLAIN, Ok(maa));
        }
        match outputs.as_slice() {
            [Output::Respond { message, .. }] => message.clone(),
            _ => Message::response(500, "Silence"),
        }
    }

    /// A run of a UE; its B-TID.
    fn run(&mut self, index: usize, settings: &str) -> String {
        let maa = packet(&format!("{MAA}{settings}"));
        let challenge = self.ask(&initial(user(index).impi), &maa);
        let answer = Answer::to_bsf(user(index), &challenge);
        self.ask(&answer.sign(), &maa);
        let nonce = BASE64.decode(answer.nonce.as_bytes()).unwrap_or_default();
        let rand = BASE64.encode(nonce.get(..16).unwrap_or_default());
        format!("{rand}@bsf.home1.net")
    }

    fn question(&mut self, request: &str) {
        let answer = exchange(&mut self.bsf, NOW, &packet(request));
        self.octets.push(tampered_packet(&answer, &self.tamper));
    }
}

pub(super) fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut shown = Shown {
        bsf: embedded::bsf_behind_hss(embedded::home_over_zh(), policy, 1),
        tamper,
        octets: Vec::new(),
    };
    for settings in [SETTINGS, ""] {
        shown.run(0, settings);
        for (from, to) in CHANGES {
            shown.question(&BIR.replacen(from, to, 1));
        }
    }
    let mut octets = shown.octets;
    octets.extend(OTHERS.map(|text| tampered_packet(&packet(text), &tamper)));
    let mut shown = Shown {
        bsf: embedded::bsf(policy, 1),
        tamper,
        octets,
    };
    // The first of them is replaced by the third.
    let btids = [0, 1, 0].map(|index| shown.run(index, ""));
    for btid in btids {
        shown.question(&BIR.replace(BTID, &btid));
    }
    shown.octets
}

const PASSWORD: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";
const BIA: &str = "\
Diameter BIA
Result-Code: 2001
ME-Key-Material: 0x7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501
Key-ExpiryTime: 2004-01-08T11:13:17Z
";
/// What is put in the place of what in the answer of a BSF, one by one; a NAF that has got the key asks
/// for it no more.
const ANSWERS: [(&str, &str); 8] = [
    ("2001", "5012"),
    ("Result-Code: 2001\n", ""),
    ("a501", "a50100"),
    ("0x7c35", "7c35"),
    ("2004-01-08T11", "2004-01-08T09"),
    (
        "Key-ExpiryTime",
        "AVP [code=9999 flags=0x00]: 0x01\nKey-ExpiryTime",
    ),
    ("", ""),
    ("", ""),
];

pub(super) fn shown_by_naf(policy: &UaPolicy) -> Vec<Vec<u8>> {
    let mut naf = embedded::naf_behind_bsf(embedded::keys_over_zn(), *policy, 3);
    let mut octets = Vec::new();
    for (from, to) in ANSWERS {
        fetch(&mut naf, BTID, &BIA.replacen(from, to, 1), &mut octets);
    }
    let other = BTID.replacen("I1U8", "AAAA", 1);
    fetch(&mut naf, &other, BIA, &mut octets);
    octets
}

/// Two requests of a client, for whose key the BSF has this answer.
fn fetch(naf: &mut Naf, btid: &str, bia: &str, octets: &mut Vec<Vec<u8>>) {
    let mut answer = Message::request("");
    for is_signed in [false, true] {
        let request = Answer::to_naf(btid, PASSWORD, false, &answer);
        let request = if is_signed {
            request.sign()
        } else {
            request.plain()
        };
        let input = Input::Message {
            connection: PLAIN,
            message: &request,
        };
        let mut outputs = naf.handle(NOW, input);
        if let [Output::Ask { message, .. }] = outputs.as_slice() {
            octets.push(message.to_bytes());
            outputs = tell(naf, NOW, PLAIN, Ok(&packet(bia)));
        }
        if let [Output::Respond { message, .. }] = outputs.as_slice() {
            octets.push(message.to_bytes());
            answer = message.clone();
        }
    }
}
