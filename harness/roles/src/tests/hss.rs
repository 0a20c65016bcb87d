//! What the correct HSS answers over Zh. Vectors are those of set 1 of TS 35.207 and of its
//! synchronisation failure in `vectors`.

use gbaspec_crypto::token::Rand;
use gbaspec_wire::diameter::{Avp, ERROR, Packet};
use rstest::rstest;

use super::diameter::{answer_to, avps, exchange, packet};
use super::world::NOW;
use crate::auc::{VectorCause, VectorChoice, VectorSeed};
use crate::embedded;
use crate::hss::{Hss, HssPolicy};
use crate::role::{ConnectionId, Input, Role};

const MAR: &str = "\
Diameter MAR [hop-by-hop=1 end-to-end=2]
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
/// What each answer begins with.
const HEAD: &str = "\
Session-Id: bsf.home1.net;1;2
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777221
";
const ORIGIN: &str = "\
Auth-Session-State: 1
Origin-Host: hss.home1.net
Origin-Realm: home1.net
";
/// RAND || AUTS, with `SQN_MS` ff9bb4d0b6e7.
const RESYNC: &str =
    "  SIP-Authorization: 0x23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf\n";

/// The HSS with RAND of set 1, and after a synchronisation failure with that of set 2.
fn hss() -> Hss {
    fn seed(choice: &VectorChoice) -> VectorSeed {
        let rand = match choice.cause {
            VectorCause::Resynchronisation => Rand::from(embedded::EXPIRED_RAND),
            VectorCause::Initial | VectorCause::Failure => embedded::SUBSCRIBERS[0].rand(),
        };
        VectorSeed {
            rand,
            sqn: choice.next_sqn,
        }
    }
    let policy = HssPolicy {
        choose_vector: seed,
        ..HssPolicy::default()
    };
    embedded::hss(policy, 1)
}

#[test]
fn answers_with_a_vector_and_the_settings() {
    let answer = exchange(&mut hss(), NOW, &packet(MAR));
    assert_eq!((answer.flags, answer.command), (0x40, 303));
    assert_eq!((answer.hop_by_hop, answer.end_to_end), (1, 2));
    assert_eq!(answer.deviations(), []);
    let expected = format!(
        "{HEAD}Result-Code: 2001\n{ORIGIN}\
User-Name: user1_private@home1.net
SIP-Auth-Data-Item:
  SIP-Authentication-Scheme: Digest-AKAv1-MD5
  SIP-Authenticate: 0x23553cbe9637a89d218ae64dae47bf3555f328b43577b9b94a9ffac354dfafb3
  SIP-Authorization: 0xa54211d5e3ba50bf
  Confidentiality-Key: 0xb40ba9a3c58b2a05bbf0d987b21bf8cb
  Integrity-Key: 0xf769bcd751044604127672711c6d3441
"
    );
    let text = avps(&answer);
    assert!(text.starts_with(&expected), "{text}");
    let settings = answer.avp("GBA-UserSecSettings").expect("there").data;
    let settings = String::from_utf8(settings).expect("XML");
    let begin = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <guss id=\"user1_private@home1.net\">\n  <bsfInfo>\n    <uiccType>GBA</uiccType>\n    \
        <lifeTime>86400</lifeTime>\n  </bsfInfo>\n  <ussList>\n";
    assert!(settings.starts_with(begin), "{settings}");
    assert!(
        text.ends_with("GUSS-Timestamp: 2004-01-01T00:00:00Z\n"),
        "{text}"
    );
}

#[rstest]
#[case::none("", true)]
#[case::older("GUSS-Timestamp: 2003-12-31T23:59:59Z\n", true)]
#[case::same("GUSS-Timestamp: 2004-01-01T00:00:00Z\n", false)]
#[case::newer("GUSS-Timestamp: 2004-01-01T00:00:01Z\n", false)]
fn leaves_out_settings_that_the_bsf_has(#[case] timestamp: &str, #[case] is_sent: bool) {
    let answer = exchange(&mut hss(), NOW, &packet(&format!("{MAR}{timestamp}")));
    assert_eq!(answer.avp("GBA-UserSecSettings").is_some(), is_sent);
    assert_eq!(answer.result(), Some(2001));
}

#[test]
fn makes_a_vector_beyond_what_an_authentic_auts_reports() {
    let mut hss = hss();
    exchange(&mut hss, NOW, &packet(MAR));
    let text = answer_to(&mut hss, &format!("{MAR}{RESYNC}"));
    // SQN ff9bb4d0b708.
    let item = "\
  SIP-Authenticate: 0xc00d603103dcee52c4478119494202e8768772fa5a0cb9b9feadbf0af44a68c4
  SIP-Authorization: 0x0d36b3d6c4be6e90
";
    assert!(text.contains(item), "{text}");
}

#[rstest]
#[case::mac("23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbe", 5012)]
#[case::challenge_amf("23553cbe9637a89d218ae64dae47bf35ba853f3c12dc1b61fa84efd85b28", 5012)]
#[case::other_rand("c00d603103dcee52c4478119494202e8ba853f3c12dc4c8b025a1c7acdbf", 5012)]
#[case::auts_alone("ba853f3c12dc4c8b025a1c7acdbf", 5004)]
#[case::one_octet_more("23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf00", 5004)]
fn keeps_the_counter_where_an_auts_is_not_authentic(#[case] hex: &str, #[case] result: u32) {
    let mut hss = hss();
    exchange(&mut hss, NOW, &packet(MAR));
    let request = packet(&format!("{MAR}  SIP-Authorization: 0x{hex}\n"));
    let answer = exchange(&mut hss, NOW, &request);
    assert_eq!(answer.result(), Some(result));
    assert!(answer.avp("SIP-Authenticate").is_none());
    // The vector after that has SQN ff9bb4d0b628, whose concealed form differs in its last octets.
    let next = exchange(&mut hss, NOW, &packet(MAR));
    let challenge = next.avp("SIP-Authenticate").expect("a vector").data;
    // ff9bb4d0b628 xor AK aa689c648370.
    assert_eq!(challenge[16..22], [0x55, 0xf3, 0x28, 0xb4, 0x35, 0x58]);
}

#[test]
fn tells_an_unknown_user_by_a_result_of_3gpp() {
    let request = MAR.replace("user1_private", "nobody");
    let expected = format!(
        "{HEAD}{ORIGIN}Experimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5401\n"
    );
    assert_eq!(answer_to(&mut hss(), &request), expected);
}

#[rstest]
#[case::command(|mar: &mut Packet| mar.command = 304, 3001)]
#[case::application(|mar: &mut Packet| mar.application = 16_777_216, 3007)]
#[case::error_flag(|mar: &mut Packet| mar.flags |= ERROR, 3008)]
fn reports_errors_of_the_protocol(#[case] change: fn(&mut Packet), #[case] result: u32) {
    let mut request = packet(MAR);
    change(&mut request);
    let answer = exchange(&mut hss(), NOW, &request);
    assert_eq!(answer.flags, 0x60);
    let expected = format!(
        "Session-Id: bsf.home1.net;1;2\nOrigin-Host: hss.home1.net\nOrigin-Realm: home1.net\n\
         Result-Code: {result}\n"
    );
    assert_eq!(avps(&answer), expected);
    assert_eq!(answer.command, request.command);
}

#[rstest]
#[case::session("Session-Id: bsf.home1.net;1;2\n", "", 5005, "  Session-Id: \n")]
#[case::user("User-Name: user1_private@home1.net\n", "", 5005, "  User-Name: \n")]
#[case::state("Auth-Session-State: 1\n", "", 5005, "  Auth-Session-State: 0\n")]
#[case::item_without_scheme(
    "  SIP-Authentication-Scheme: Digest-AKAv1-MD5\n",
    "",
    5005,
    "  SIP-Authentication-Scheme: \n"
)]
#[case::scheme(
    "Digest-AKAv1-MD5",
    "Digest",
    5004,
    "  SIP-Authentication-Scheme: Digest\n"
)]
#[case::user_in_a_group(
    "User-Name: user1_private@home1.net\nSIP-Auth-Data-Item:",
    "SIP-Auth-Data-Item:\n  User-Name: user1_private@home1.net",
    5005,
    "  User-Name: \n"
)]
#[case::two_users(
    "SIP-Auth-Data-Item:",
    "User-Name: user2_private@home1.net\nSIP-Auth-Data-Item:",
    5009,
    "  User-Name: user2_private@home1.net\n"
)]
#[case::not_utf_8("user1_private@home1.net", "0xff", 5004, "  User-Name: 0xff\n")]
#[case::unknown_avp(
    "User-Name",
    "AVP [code=9999 flags=0x40]: 0x01\nUser-Name",
    5001,
    "  AVP [code=9999 flags=0x40]: 0x01\n"
)]
#[case::unknown_avp_in_a_group(
    "  SIP-Auth",
    "  AVP [code=9999 vendor=10415 flags=0xc0]: 0x01\n  SIP-Auth",
    5001,
    "  AVP [code=9999 vendor=10415 flags=0xc0]: 0x01\n"
)]
#[case::number_of_five_octets(
    "Auth-Session-State: 1",
    "Auth-Session-State: 0x0000000001",
    5014,
    "  Auth-Session-State: 0x0000000001\n"
)]
#[case::over_the_end(
    "User-Name: user1_private@home1.net",
    "User-Name [length=2000]: user1_private@home1.net",
    5014,
    "  User-Name: \n"
)]
#[case::too_short("User-Name:", "User-Name [length=4]:", 5014, "  User-Name: \n")]
fn names_the_avp_that_is_to_blame(
    #[case] from: &str,
    #[case] to: &str,
    #[case] result: u32,
    #[case] failed: &str,
) {
    let request = packet(&MAR.replacen(from, to, 1));
    let request = Packet::from_bytes(&request.to_bytes()).expect("a message");
    let answer = exchange(&mut hss(), NOW, &request);
    let text = avps(&answer);
    assert_eq!(
        (answer.flags, answer.result()),
        (0x40, Some(result)),
        "{text}"
    );
    assert!(text.ends_with(&format!("Failed-AVP:\n{failed}")), "{text}");
}

#[rstest]
#[case::unknown("AVP [code=9999 flags=0x00]: 0x01\n")]
#[case::unknown_vendor("AVP [code=1 vendor=9 flags=0x80]: 0x01\n")]
#[case::destination("Route-Record: proxy.home1.net\n")]
fn ignores_what_need_not_be_known(#[case] more: &str) {
    let answer = exchange(&mut hss(), NOW, &packet(&format!("{MAR}{more}")));
    assert_eq!(answer.result(), Some(2001));
}

/// H(A1) is SHA-256 of `user8_private@home1.net:home1.net:correct horse battery staple`.
#[test]
fn answers_the_scheme_of_a_password_with_its_hash() {
    let request = MAR
        .replace("user1_private", "user8_private")
        .replace("Digest-AKAv1-MD5", "SIP Digest");
    let text = answer_to(&mut hss(), &request);
    let item = "\
SIP-Auth-Data-Item:
  SIP-Authentication-Scheme: SIP Digest
  SIP-Digest-Authenticate:
    Digest-Realm: home1.net
    Digest-Algorithm: SHA-256
    Digest-QoP: auth-int
    Digest-HA1: 29b14d3ee4179f225c03cb8e879a2290f13c066f81a974a262254fe187a5c3d6
";
    assert!(text.contains(item), "{text}");
}

#[rstest]
#[case::vector_for_a_password("user8_private@home1.net", "Digest-AKAv1-MD5", 5012)]
#[case::hash_for_a_usim("user1_private@home1.net", "SIP Digest", 5012)]
#[case::sim("user7_private@home1.net", "Digest-AKAv1-MD5", 5401)]
fn has_one_scheme_for_each_subscriber(
    #[case] impi: &str,
    #[case] scheme: &str,
    #[case] result: u32,
) {
    let request = MAR
        .replace("user1_private@home1.net", impi)
        .replace("Digest-AKAv1-MD5", scheme);
    let answer = exchange(&mut hss(), NOW, &packet(&request));
    assert_eq!(answer.result(), Some(result));
}

/// TUAK set 1: RAND of the set is not at hand, so only lengths are looked at.
#[rstest]
#[case::res_of_4_octets("user5_private@home1.net", 4)]
#[case::res_of_16_octets("user6_private@home1.net", 16)]
fn serves_tuak(#[case] impi: &str, #[case] octets: usize) {
    let request = MAR.replace("user1_private@home1.net", impi);
    let answer = exchange(&mut hss(), NOW, &packet(&request));
    let length = |name: &str| answer.avp(name).map(|avp: Avp| avp.data.len());
    assert_eq!(length("SIP-Authorization"), Some(octets));
    assert_eq!(length("SIP-Authenticate"), Some(32));
}

#[test]
fn gives_no_answer_to_an_answer() {
    let mut answer = packet(MAR);
    answer.flags = 0x40;
    let input = Input::Diameter {
        connection: ConnectionId(1),
        message: &answer,
    };
    assert_eq!(hss().handle(NOW, input), []);
}
