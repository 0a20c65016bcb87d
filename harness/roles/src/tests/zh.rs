//! A BSF whose subscribers an HSS knows. Vectors and keys are those of set 1 of TS 35.207 and of the
//! conversations that follow from it.

use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::diameter::{asked, avps, packet, tell};
use super::probe::{Answer, initial, user};
use super::world::{NOW, PLAIN, Usim, World, ask, challenge_value, user1};
use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded;
use crate::hss::HssPolicy;
use crate::role::{Action, ClientOutcome, ConnectionId, Input, Output, Role, Unanswered, Upstream};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

const MAR: &str = "\
Session-Id: bsf.home1.net;1073556797;1
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
const MAA: &str = "\
Diameter MAA
Session-Id: bsf.home1.net;1;1
Result-Code: 2001
User-Name: user1_private@home1.net
SIP-Auth-Data-Item:
  SIP-Authentication-Scheme: Digest-AKAv1-MD5
  SIP-Authenticate: 0x23553cbe9637a89d218ae64dae47bf3555f328b43577b9b94a9ffac354dfafb3
  SIP-Authorization: 0xa54211d5e3ba50bf
  Confidentiality-Key: 0xb40ba9a3c58b2a05bbf0d987b21bf8cb
  Integrity-Key: 0xf769bcd751044604127672711c6d3441
";
const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

fn bsf() -> Bsf {
    embedded::bsf_behind_hss(embedded::home_over_zh(), BsfPolicy::default(), 1)
}

/// What the HSS is asked because of this request.
fn question(bsf: &mut Bsf, request: &Message) -> Packet {
    let input = Input::Message {
        connection: PLAIN,
        message: request,
    };
    let outputs = bsf.handle(NOW, input);
    let (to, connection, question) = asked(&outputs).expect("a question to the HSS");
    assert_eq!((to, connection), (Upstream::Hss, PLAIN));
    assert_eq!(question.deviations(), []);
    question
}

/// The answer to the client after this answer of the HSS.
fn told(bsf: &mut Bsf, answer: Result<&Packet, Unanswered>) -> Message {
    match tell(bsf, NOW, PLAIN, answer).as_slice() {
        [Output::Respond { message, .. }] => message.clone(),
        other => panic!("one answer: {other:?}"),
    }
}

fn challenged(bsf: &mut Bsf, maa: &str) -> Message {
    question(bsf, &initial(user(0).impi));
    told(bsf, Ok(&packet(maa)))
}

fn with_settings(settings: &str) -> String {
    format!("{MAA}GBA-UserSecSettings: {settings}\n")
}

#[test]
fn asks_for_a_vector_and_challenges_with_it() {
    let mut bsf = bsf();
    let mar = question(&mut bsf, &initial(user(0).impi));
    assert_eq!(
        (mar.flags, mar.command, mar.application),
        (0xc0, 303, 16_777_221)
    );
    assert_eq!(avps(&mar), MAR);
    let challenge = told(&mut bsf, Ok(&packet(MAA)));
    assert_eq!(challenge.status(), Ok(401));
    assert_eq!(challenge_value(&challenge, "nonce").as_deref(), Some(NONCE));
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    let success = ask(&mut bsf, NOW, &answer);
    assert_eq!(success.status(), Ok(200));
    let body = String::from_utf8(success.body).expect("XML");
    assert!(
        body.contains(BTID) && body.contains("2004-01-09T10:13:17Z"),
        "{body}"
    );
    let session = bsf.session(BTID, NOW).expect("it began");
    // CK || IK.
    let ks = "b40ba9a3c58b2a05bbf0d987b21bf8cbf769bcd751044604127672711c6d3441";
    assert_eq!(data_encoding::HEXLOWER.encode(session.ks.expose()), ks);
}

#[rstest]
#[case::a_minute(
    "<guss id='a'><bsfInfo><lifeTime>60</lifeTime></bsfInfo><ussList/></guss>",
    "2004-01-08T10:14:17Z"
)]
#[case::two_days(
    "<guss id='a'><bsfInfo><lifeTime>172800</lifeTime></bsfInfo><ussList/></guss>",
    "2004-01-10T10:13:17Z"
)]
#[case::none("<guss id='a'><bsfInfo/><ussList/></guss>", "2004-01-09T10:13:17Z")]
fn obeys_the_lifetime_of_the_settings(#[case] settings: &str, #[case] lifetime: &str) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, &with_settings(settings));
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    let body = String::from_utf8(ask(&mut bsf, NOW, &answer).body).expect("XML");
    assert!(
        body.contains(&format!("<lifetime>{lifetime}</lifetime>")),
        "{body}"
    );
}

#[rstest]
#[case::unknown(
    "Diameter MAA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5401\n",
    403
)]
#[case::refused("Diameter MAA\nResult-Code: 5012\n", 500)]
#[case::undeliverable("Diameter MAA [flags=0x60]\nResult-Code: 3002\n", 500)]
#[case::no_result("Diameter MAA\n", 502)]
#[case::no_vector("Diameter MAA\nResult-Code: 2001\n", 502)]
#[case::challenge_cut(&MAA.replace("54dfafb3", "54dfaf"), 502)]
#[case::xres_cut(&MAA.replace("a54211d5e3ba50bf", "a54211"), 502)]
#[case::no_ck(&MAA.replace("Confidentiality-Key", "SIP-Authorization"), 502)]
#[case::ik_too_long(&MAA.replace("1c6d3441", "1c6d344100"), 502)]
#[case::of_another_user(&MAA.replace("user1", "user2"), 502)]
#[case::settings_that_are_no_xml(&with_settings("0xff"), 502)]
fn challenges_nobody_without_a_vector(#[case] answer: &str, #[case] status: u16) {
    let mut bsf = bsf();
    let answer = challenged(&mut bsf, answer);
    assert_eq!(answer.status(), Ok(status));
    assert!(answer.field("WWW-Authenticate").is_none());
    // The next request is served as if nothing had happened.
    assert_eq!(challenged(&mut bsf, MAA).status(), Ok(401));
}

#[rstest]
#[case::broken(Unanswered::Broken, 503)]
#[case::too_late(Unanswered::TooLate, 504)]
fn ends_in_an_error_where_the_hss_is_silent(#[case] why: Unanswered, #[case] status: u16) {
    let mut bsf = bsf();
    question(&mut bsf, &initial(user(0).impi));
    let answer = told(&mut bsf, Err(why));
    assert_eq!(answer.status(), Ok(status));
    assert!(answer.field("WWW-Authenticate").is_none());
}

#[test]
fn forgets_a_request_whose_connection_ended() {
    let mut bsf = bsf();
    question(&mut bsf, &initial(user(0).impi));
    assert_eq!(bsf.handle(NOW, Input::Closed { connection: PLAIN }), []);
    assert_eq!(tell(&mut bsf, NOW, PLAIN, Ok(&packet(MAA))), []);
    let stranger = ConnectionId(99);
    assert_eq!(tell(&mut bsf, NOW, stranger, Ok(&packet(MAA))), []);
}

#[test]
fn asks_for_a_new_vector_after_a_wrong_response() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, MAA);
    let mut answer = Answer::to_bsf(user(0), &challenge);
    let right = answer.sign();
    answer.password = b"wrong".to_vec();
    assert_eq!(
        avps(&question(&mut bsf, &answer.sign())),
        MAR.replace(";1\n", ";2\n")
    );
    // The vector is spent.
    question(&mut bsf, &right);
}

/// AUTS of `ub_resync_flow`.
#[test]
fn forwards_rand_and_auts() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, MAA);
    let report = Answer::auts_to_bsf(user(0), &challenge, 0xff9b_b4d0_b6e7).sign();
    let resync =
        "  SIP-Authorization: 0x23553cbe9637a89d218ae64dae47bf35ba853f3c12dc4c8b025a1c7acdbf\n";
    let expected = format!("{}{resync}", MAR.replace(";1\n", ";2\n"));
    assert_eq!(avps(&question(&mut bsf, &report)), expected);
    let next = MAA
        .replace(
            "23553cbe9637a89d218ae64dae47bf35",
            "c00d603103dcee52c4478119494202e8",
        )
        .replace(
            "55f328b43577b9b94a9ffac354dfafb3",
            "768772fa5a0cb9b9feadbf0af44a68c4",
        );
    let again = told(&mut bsf, Ok(&packet(&next)));
    assert_eq!(again.status(), Ok(401));
    let nonce = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";
    assert_eq!(challenge_value(&again, "nonce").as_deref(), Some(nonce));
}

#[test]
fn challenges_nobody_after_an_auts_that_the_hss_refuses() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, MAA);
    question(
        &mut bsf,
        &Answer::auts_to_bsf(user(0), &challenge, 7).sign(),
    );
    let answer = told(&mut bsf, Ok(&packet("Diameter MAA\nResult-Code: 5012\n")));
    assert_eq!(answer.status(), Ok(403));
    assert!(answer.field("WWW-Authenticate").is_none());
}

#[rstest]
#[case::another_nonce(|answer: &mut Answer| answer.nonce = "A".repeat(44))]
#[case::wrong_response(|answer: &mut Answer| answer.password = b"wrong".to_vec())]
fn keeps_an_auts_to_itself_that_is_not_of_its_challenge(#[case] change: fn(&mut Answer)) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, MAA);
    let mut answer = Answer::auts_to_bsf(user(0), &challenge, 0xff9b_b4d0_b6e7);
    change(&mut answer);
    assert_eq!(
        avps(&question(&mut bsf, &answer.sign())),
        MAR.replace(";1\n", ";2\n")
    );
}

#[test]
fn tells_the_time_of_the_settings_that_it_has() {
    let mut bsf = bsf();
    let settings = "<guss id='a'><bsfInfo><lifeTime>60</lifeTime></bsfInfo><ussList/></guss>";
    let maa = format!(
        "{}GUSS-Timestamp: 2004-01-01T00:00:00Z\n",
        with_settings(settings)
    );
    challenged(&mut bsf, &maa);
    let mar = question(&mut bsf, &initial(user(0).impi));
    assert!(avps(&mar).ends_with("GUSS-Timestamp: 2004-01-01T00:00:00Z\n"));
    let challenge = told(&mut bsf, Ok(&packet(MAA)));
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    let body = String::from_utf8(ask(&mut bsf, NOW, &answer).body).expect("XML");
    // The settings that the HSS left out stay.
    assert!(body.contains("2004-01-08T10:14:17Z"), "{body}");
}

/// A UE, a BSF and an HSS that know nothing but the messages of each other.
#[rstest]
#[case::milenage(0)]
#[case::tuak(4)]
#[case::long_tuak(5)]
#[case::password(7)]
fn bootstraps_each_subscriber_of_the_hss(#[case] index: usize) {
    let bsf = embedded::bsf_behind_hss(embedded::home_over_zh(), BsfPolicy::default(), 1);
    let policy = UaPolicy::default();
    let ue = embedded::ue(index, UePolicy::default(), 4);
    let mut world = World::of(ue, bsf, &policy);
    world.hss = Some(embedded::hss(HssPolicy::default(), 3));
    let outcome = world.run(Action::Fetch);
    assert_eq!(outcome, Some(ClientOutcome::Success));
}

#[test]
fn resynchronises_a_card_that_is_ahead() {
    let ue = user1(Usim::Ahead, &UePolicy::default());
    let mut world = World::of(ue, bsf(), &UaPolicy::default());
    world.hss = Some(embedded::hss(HssPolicy::default(), 3));
    let outcome = world.run(Action::Bootstrap);
    assert_eq!(outcome, Some(ClientOutcome::Success));
    // Request, challenge, AUTS, challenge, answer, success.
    assert_eq!(world.wire.len(), 6);
}

#[test]
fn refuses_a_password_in_the_clear_without_asking() {
    let mut bsf = bsf();
    let mut request = initial("user8_private@home1.net");
    request.push("User-Agent", "GBA_Digest");
    assert_eq!(ask(&mut bsf, NOW, &request).status(), Ok(403));
}
