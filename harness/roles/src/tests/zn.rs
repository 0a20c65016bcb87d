//! What the correct BSF tells a NAF over Zn. Keys are those of set 1 of TS 35.207 and the names of
//! the test sets.

use gbaspec_wire::diameter::Packet;
use rstest::rstest;

use super::diameter::{avps, exchange, packet, tell};
use super::probe::{Answer, initial, user};
use super::world::{NOW, PLAIN, ask};
use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded;
use crate::role::{Input, Output, Role};

const BIR: &str = "\
Diameter BIR [hop-by-hop=1 end-to-end=2]
Session-Id: naf1.home1.net;1;2
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777220
Origin-Host: naf1.home1.net
Origin-Realm: home1.net
Destination-Realm: home1.net
Destination-Host: bsf.home1.net
Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net
NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002
";
const HEAD: &str = "\
Session-Id: naf1.home1.net;1;2
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777220
";
const ORIGIN: &str = "\
Auth-Session-State: 1
Origin-Host: bsf.home1.net
Origin-Realm: home1.net
";
const MAA: &str = "\
Diameter MAA
Result-Code: 2001
User-Name: user1_private@home1.net
SIP-Auth-Data-Item:
  SIP-Authenticate: 0x23553cbe9637a89d218ae64dae47bf3555f328b43577b9b94a9ffac354dfafb3
  SIP-Authorization: 0xa54211d5e3ba50bf
  Confidentiality-Key: 0xb40ba9a3c58b2a05bbf0d987b21bf8cb
  Integrity-Key: 0xf769bcd751044604127672711c6d3441
GBA-UserSecSettings: ";
const ME_KEY: &str = "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501";
const UICC_KEY: &str = "dc1ceb72700b7c0e17c8eac76838f8bafb134885011e713f782bfca16a2df691";
const SETTINGS: &str = "<guss id='user1_private@home1.net'><bsfInfo><uiccType>GBA</uiccType>\
    <lifeTime>60</lifeTime></bsfInfo><ussList>\
    <uss id='1' type='1'><uids><uid>sip:a@home1.net</uid></uids><flags><flag>1</flag></flags></uss>\
    <uss id='4' type='4'><uids><uid>sip:b@home1.net</uid></uids></uss></ussList></guss>";

/// A BSF after a run of user 1 at [`NOW`] with these settings.
fn bsf_with(settings: &str) -> Bsf {
    let mut bsf = embedded::bsf_behind_hss(embedded::home_over_zh(), BsfPolicy::default(), 1);
    let message = &initial(user(0).impi);
    bsf.handle(
        NOW,
        Input::Message {
            connection: PLAIN,
            message,
        },
    );
    let maa = packet(&format!("{MAA}{settings}\n"));
    let outputs = tell(&mut bsf, NOW, PLAIN, Ok(&maa));
    let [Output::Respond { message, .. }] = outputs.as_slice() else {
        panic!("a challenge: {outputs:?}");
    };
    let answer = Answer::to_bsf(user(0), message).sign();
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(200));
    bsf
}

fn bsf() -> Bsf {
    bsf_with(SETTINGS)
}

fn key(answer: &Packet, name: &str) -> Option<String> {
    let data = answer.avp(name)?.data;
    Some(data_encoding::HEXLOWER.encode(&data))
}

#[test]
fn tells_the_key_and_its_end() {
    let answer = exchange(&mut bsf(), NOW, &packet(BIR));
    assert_eq!((answer.flags, answer.command), (0x40, 310));
    assert_eq!((answer.hop_by_hop, answer.end_to_end), (1, 2));
    assert_eq!(answer.deviations(), []);
    let expected = format!(
        "{HEAD}Result-Code: 2001\n{ORIGIN}\
User-Name: user1_private@home1.net
ME-Key-Material: 0x{ME_KEY}
Key-ExpiryTime: 2004-01-08T10:14:17Z
BootstrapInfoCreationTime: 2004-01-08T10:13:17Z
GBA-Type: 0
"
    );
    assert_eq!(avps(&answer), expected);
}

#[rstest]
#[case::tls(
    "6e6166312e686f6d65312e6e6574010001c02f",
    "06eff3c520dfa07c55fa988d3b033eb857979a96535aea9f2da1b6635425f664"
)]
#[case::psk(
    "6e6166312e686f6d65312e6e65740100000007",
    "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6"
)]
fn derives_the_key_of_the_protocol(#[case] naf_id: &str, #[case] expected: &str) {
    let request = BIR.replace("6e6166312e686f6d65312e6e65740100000002", naf_id);
    let answer = exchange(&mut bsf(), NOW, &packet(&request));
    assert_eq!(key(&answer, "ME-Key-Material").as_deref(), Some(expected));
}

#[rstest]
#[case::before_the_end(59, BIR.to_owned(), 2001)]
#[case::at_the_end(60, BIR.to_owned(), 5403)]
#[case::unknown(0, BIR.replace("I1U8", "AAAA"), 5403)]
#[case::of_another_bsf(0, BIR.replace("==@bsf.home1.net", "==@bsf.home2.net"), 5403)]
#[case::no_text(0, BIR.replace("I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net", "0xff"), 5403)]
#[case::naf_of_another_name(0, BIR.replace("Origin-Host: naf1", "Origin-Host: naf2"), 5402)]
#[case::naf_in_capitals(0, BIR.replace("Origin-Host: naf1", "Origin-Host: NAF1"), 2001)]
#[case::foreign_name(0, BIR.replace("6e6166312e", "6e6166392e"), 5402)]
#[case::portal_for_itself(
    0,
    BIR.replace("Origin-Host: naf1", "Origin-Host: pkiportal")
        .replace("6e6166312e", "706b69706f7274616c2e"),
    2001
)]
#[case::naf_for_the_portal(0, BIR.replace("6e6166312e", "706b69706f7274616c2e"), 5402)]
#[case::proxy_for_an_application_server(
    0,
    BIR.replace("Origin-Host: naf1", "Origin-Host: ap").replace("6e6166312e", "6173312e"),
    2001
)]
fn has_a_result_for_each_question(
    #[case] after: i64,
    #[case] request: String,
    #[case] result: u32,
) {
    let now = NOW.plus_seconds(after);
    let answer = exchange(&mut bsf(), now, &packet(&request));
    assert_eq!(answer.result(), Some(result));
    assert_eq!(answer.avp("ME-Key-Material").is_some(), result == 2001);
    let is_of_3gpp = answer.avp("Experimental-Result").is_some();
    assert_eq!(is_of_3gpp, result != 2001);
}

#[rstest]
#[case::command("Diameter BIR", "Diameter GPIR [application=16777220]", 3001)]
#[case::push("Diameter BIR", "Diameter GPIR", 3007)]
#[case::no_btid(
    "Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\n",
    "",
    5005
)]
#[case::no_naf_id("NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002\n", "", 5005)]
#[case::naf_id_of_five_octets("6e6166312e686f6d65312e6e65740100000002", "0100000002", 5004)]
#[case::naf_id_empty("0x6e6166312e686f6d65312e6e65740100000002", "0x", 5004)]
#[case::name_no_text("6e6166312e686f6d65312e6e65740100000002", "ff0100000002", 5004)]
#[case::unknown_avp("NAF-Id", "AVP [code=9999 flags=0x40]: 0x01\nNAF-Id", 5001)]
fn refuses_a_malformed_question(#[case] from: &str, #[case] to: &str, #[case] result: u32) {
    let request = packet(&BIR.replacen(from, to, 1));
    let answer = exchange(&mut bsf(), NOW, &request);
    assert_eq!(answer.result(), Some(result));
    assert_eq!(answer.avp("Failed-AVP").is_some(), result >= 5000);
}

#[rstest]
#[case::none(&[], None)]
#[case::one(&["1"], Some(&["1"][..]))]
#[case::unknown(&["7"], None)]
#[case::both(&["4", "1", "7"], Some(&["1", "4"][..]))]
fn tells_the_settings_of_the_services_that_are_asked_for(
    #[case] gsids: &[&str],
    #[case] expected: Option<&[&str]>,
) {
    let gsids = gsids
        .iter()
        .map(|gsid| format!("GAA-Service-Identifier: {gsid}\n"));
    let request = format!("{BIR}{}", gsids.collect::<String>());
    let answer = exchange(&mut bsf(), NOW, &packet(&request));
    let settings = answer.avp("GBA-UserSecSettings");
    let told = settings.map(|avp| {
        let text = String::from_utf8(avp.data).expect("XML");
        assert!(
            text.contains("<ussList>") && !text.contains("<guss"),
            "{text}"
        );
        ["1", "4"]
            .into_iter()
            .filter(|gsid| text.contains(&format!("<uss id=\"{gsid}\"")))
            .collect()
    });
    assert_eq!(told, expected.map(<[&str]>::to_vec));
}

#[rstest]
#[case::both("GBA_U", "GBA_U-Awareness-Indicator: 1\n", Some(UICC_KEY))]
#[case::unaware("GBA_U", "GBA_U-Awareness-Indicator: 0\n", None)]
#[case::silent("GBA_U", "", None)]
#[case::other_card("GBA", "GBA_U-Awareness-Indicator: 1\n", None)]
fn tells_the_key_of_the_card_to_a_naf_that_knows_of_it(
    #[case] uicc_type: &str,
    #[case] indicator: &str,
    #[case] expected: Option<&str>,
) {
    let settings = SETTINGS.replace("GBA<", &format!("{uicc_type}<"));
    let request = format!("{BIR}{indicator}");
    let answer = exchange(&mut bsf_with(&settings), NOW, &packet(&request));
    assert_eq!(key(&answer, "UICC-Key-Material").as_deref(), expected);
    assert_eq!(key(&answer, "ME-Key-Material").as_deref(), Some(ME_KEY));
}

#[test]
fn knows_no_session_before_the_right_response_and_none_that_was_replaced() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    let run = |bsf: &mut Bsf| {
        let challenge = ask(bsf, NOW, &initial(user(0).impi));
        let answer = Answer::to_bsf(user(0), &challenge);
        let nonce = data_encoding::BASE64
            .decode(answer.nonce.as_bytes())
            .expect("base64");
        let rand = data_encoding::BASE64.encode(&nonce[..16]);
        let bir = packet(&BIR.replace("I1U8vpY3qJ0hiuZNrke/NQ==", &rand));
        (answer.sign(), bir)
    };
    let result = |bsf: &mut Bsf, bir: &Packet| exchange(bsf, NOW, bir).result();
    let (answer, first) = run(&mut bsf);
    assert_eq!(result(&mut bsf, &first), Some(5403));
    ask(&mut bsf, NOW, &answer);
    assert_eq!(result(&mut bsf, &first), Some(2001));
    let (answer, second) = run(&mut bsf);
    ask(&mut bsf, NOW, &answer);
    assert_eq!(result(&mut bsf, &second), Some(2001));
    assert_eq!(result(&mut bsf, &first), Some(5403));
}
