//! What a BSF shows of a fault to its HSS and to NAFs, and a NAF to its BSF.

use data_encoding::BASE64;
use gbaspec_wire::diameter::{Packet, notation};
use gbaspec_wire::http::Message;

use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded;
use crate::faults::{Fault, Tamper};
use crate::role::{Input, Output, Role, Unanswered};
use crate::tests::diameter::{exchange, packet, tell};
use crate::tests::probe::{Answer, initial, user};
use crate::tests::world::{NOW, PLAIN};
use crate::ua::UaPolicy;

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
    <uss id='4' type='4'><uids><uid>sip:b@home1.net</uid></uids></uss></ussList></guss>\n\
    GUSS-Timestamp: 2004-01-01T00:00:00Z\n";
const ODD_SETTINGS: &str = "GBA-UserSecSettings: <guss id='a'><bsfInfo><lifeTime>soon</lifeTime></bsfInfo><ussList/></guss>\n";
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
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const PASSWORD: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";
/// Answers of an HSS that give no vector.
const WITHOUT_VECTOR: [&str; 6] = [
    "Diameter MAA\n",
    "Diameter MAA\nResult-Code: 2001\n",
    "Diameter MAA\nResult-Code: 5012\n",
    "Diameter MAA\nResult-Code: 3002\n",
    "Diameter MAA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5401\n",
    "Diameter MAA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5402\n",
];
/// What is put in the place of what in a question of a NAF, one by one.
const CHANGES: [(&str, &str); 14] = [
    ("", ""),
    ("I1U8", "AAAA"),
    ("I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", "0xff"),
    ("Origin-Host: naf1", "Origin-Host: naf2"),
    ("6e6166312e", "6e6166392e"),
    ("6e6166312e686f6d65312e6e65740100000002", "0100000002"),
    ("NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002\n", ""),
    (
        "Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\n",
        "",
    ),
    ("Diameter BIR", "Diameter MAR"),
    ("Diameter BIR", "Diameter GPIR [application=16777220]"),
    ("NAF-Id", "AVP [code=9999 flags=0x40]: 0x01\nNAF-Id"),
    ("NAF-Id", "GAA-Service-Identifier: 1\nNAF-Id"),
    ("NAF-Id", "GAA-Service-Identifier: 7\nNAF-Id"),
    ("NAF-Id", "GBA_U-Awareness-Indicator: 1\nNAF-Id"),
];

const BIA: &str = "\
Diameter BIA
Result-Code: 2001
ME-Key-Material: 0x7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501
Key-ExpiryTime: 2004-01-08T10:14:17Z
";
/// Answers of a BSF that give no key, then some that do.
const KEYS: [&str; 9] = [
    "Diameter BIA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5403\n",
    "Diameter BIA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5402\n",
    "Diameter BIA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5401\n",
    "Diameter BIA\nResult-Code: 5012\n",
    "Diameter BIA\nResult-Code: 2001\n",
    "Diameter BIA\n",
    "Diameter BIA\nResult-Code: 2001\nME-Key-Material: 0x7c35\n",
    BIA,
    BIA,
];

/// What is put in the place of what in an answer of an HSS, one by one.
const ODD_ANSWERS: [(&str, &str); 9] = [
    ("23553cbe", "33553cbe"),
    ("Result-Code: 2001", "Result-Code: 5012"),
    ("User-Name: user1", "User-Name: user2"),
    (
        "Result-Code",
        "AVP [code=9999 flags=0x00]: 0x00\nResult-Code",
    ),
    (
        "SIP-Authentication-Scheme",
        "SIP-Item-Number: 1\n  SIP-Authentication-Scheme",
    ),
    ("54dfafb3", "54dfaf"),
    ("  SIP-Authorization: 0xa54211d5e3ba50bf\n", ""),
    ("21bf8cb", "21bf8cb00"),
    ("  Integrity-Key: 0xf769bcd751044604127672711c6d3441\n", ""),
];
/// What a BSF says to an HSS before it asks.
const CER: &str = "\
Diameter CER
Origin-Host: bsf.home1.net
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777221
";
const TMPI: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA@tmpi.bsf.3gppnetwork.org";

struct Shown<R> {
    role: R,
    tamper: Tamper,
    octets: Vec<Vec<u8>>,
}

impl<R: Role> Shown<R> {
    fn show(&mut self, packet: &Packet) {
        let mut packet = packet.clone();
        if let Some(change) = self.tamper.packet {
            change(&mut packet);
        }
        self.octets.push(notation::write(&packet).into_bytes());
    }

    /// A request, and this answer to the question that it leads to, if it leads to one.
    fn ask(&mut self, request: &Message, answer: Result<&str, Unanswered>) -> Message {
        self.ask_at(0, request, answer)
    }

    fn ask_at(
        &mut self,
        after: i64,
        request: &Message,
        answer: Result<&str, Unanswered>,
    ) -> Message {
        let now = NOW.plus_seconds(after);
        let input = Input::Message {
            connection: PLAIN,
            message: request,
        };
        let mut outputs = self.role.handle(now, input);
        if let [Output::Ask { message, .. }] = outputs.as_slice() {
            self.show(message);
            let answer = answer.map(packet);
            outputs = tell(
                &mut self.role,
                now,
                PLAIN,
                answer.as_ref().map_err(|why| *why),
            );
        }
        let [Output::Respond { message, .. }] = outputs.as_slice() else {
            return Message::response(500, "Silence");
        };
        self.octets.push(message.to_bytes());
        message.clone()
    }

    fn question(&mut self, after: i64, request: &str) {
        let now = NOW.plus_seconds(after);
        let answer = exchange(&mut self.role, now, &packet(request));
        self.show(&answer);
    }
}

pub(super) fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
    let mut shown = Shown {
        role: embedded::bsf_behind_hss(embedded::home_over_zh(), policy, 1),
        tamper: fault.map(Fault::tamper).unwrap_or_default(),
        octets: Vec::new(),
    };
    let first = initial(user(0).impi);
    for answer in WITHOUT_VECTOR {
        shown.ask(&first, Ok(answer));
    }
    shown.ask(&first, Err(Unanswered::Broken));
    shown.ask(&first, Err(Unanswered::TooLate));
    let challenge = shown.ask(&first, Ok(MAA));
    for sqn_ms in [0xff9b_b4d0_b6e7, 7] {
        let report = Answer::auts_to_bsf(user(0), &challenge, sqn_ms).sign();
        shown.ask(&report, Ok(WITHOUT_VECTOR[2]));
    }
    let challenge = shown.ask(&first, Ok(MAA));
    let mut report = Answer::auts_to_bsf(user(0), &challenge, 7);
    report.password = b"wrong".to_vec();
    shown.ask(&report.sign(), Ok(MAA));
    odd_questions(&mut shown);
    for settings in ["", ODD_SETTINGS, SETTINGS, ""] {
        let challenge = shown.ask(&first, Ok(&format!("{MAA}{settings}")));
        let answer = Answer::to_bsf(user(0), &challenge).sign();
        shown.ask(&answer, Ok(MAA));
        for (from, to) in CHANGES {
            shown.question(0, &BIR.replacen(from, to, 1));
        }
    }
    shown.question(60, BIR);
    shown.octets
}

pub(super) fn shown_by_naf(policy: &UaPolicy) -> Vec<Vec<u8>> {
    let mut shown = Shown {
        role: embedded::naf_behind_bsf(embedded::keys_over_zn(), *policy, 2),
        tamper: Tamper::default(),
        octets: Vec::new(),
    };
    let first = Answer::to_naf(BTID, PASSWORD, false, &Message::request("")).plain();
    let known = KEYS.into_iter().map(Ok);
    let silent = [Err(Unanswered::Broken), Err(Unanswered::TooLate)];
    for (answer, after) in silent.into_iter().chain(known).zip(0..) {
        // The last ones come before and after the end of the key.
        let after = if after > 9 { 60 } else { 0 };
        let challenge = shown.ask_at(after, &first, answer);
        let right = Answer::to_naf(BTID, PASSWORD, false, &challenge);
        shown.ask_at(after, &right.sign(), answer);
    }
    shown.octets
}

/// Odd requests of UEs and odd answers of the HSS.
fn odd_questions(shown: &mut Shown<Bsf>) {
    shown.show(&packet(CER));
    let first = initial(user(0).impi);
    for request in [
        Message::request("GET / HTTP/1.1"),
        initial(""),
        initial(TMPI),
        initial(user(1).impi),
    ] {
        shown.ask(&request, Ok(WITHOUT_VECTOR[4]));
    }
    for (from, to) in ODD_ANSWERS {
        shown.ask(&first, Ok(&MAA.replacen(from, to, 1)));
    }
    for change in [
        |answer: &mut Answer| answer.auts = Some(BASE64.encode(&[7; 13])),
        |answer: &mut Answer| answer.nonce = BASE64.encode(&[9; 32]),
    ] {
        let challenge = shown.ask(&first, Ok(MAA));
        let mut report = Answer::auts_to_bsf(user(0), &challenge, 7);
        change(&mut report);
        shown.ask(&report.sign(), Ok(MAA));
    }
    let challenge = shown.ask(&first, Ok(MAA));
    let mut answer = Answer::to_bsf(user(0), &challenge);
    answer.password = b"wrong".to_vec();
    shown.ask(&answer.sign(), Ok(MAA));
}
