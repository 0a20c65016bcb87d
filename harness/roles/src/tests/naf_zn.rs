//! A NAF that asks a BSF for its keys. Names and keys are those of the test sets.

use gbaspec_crypto::digest::Qop;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::diameter::{asked, avps, packet, tell};
use super::probe::Answer;
use super::world::{NOW, PLAIN, World, ask, ask_on};
use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::hss::HssPolicy;
use crate::naf::Naf;
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Moment, Output, Role, Unanswered, Upstream,
};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

const BIR: &str = "\
Session-Id: naf1.home1.net;1073556797;1
Vendor-Specific-Application-Id:
  Vendor-Id: 10415
  Auth-Application-Id: 16777220
Auth-Session-State: 1
Origin-Host: naf1.home1.net
Origin-Realm: home1.net
Destination-Realm: home1.net
Destination-Host: bsf.home1.net
Transaction-Identifier: I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net
NAF-Id: 0x6e6166312e686f6d65312e6e65740100000002
";
const BIA: &str = "\
Diameter BIA
Result-Code: 2001
User-Name: user1_private@home1.net
ME-Key-Material: 0x7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501
Key-ExpiryTime: 2004-01-08T10:14:17Z
BootstrapInfoCreationTime: 2004-01-08T10:13:17Z
GBA-Type: 0
";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const PASSWORD: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";

fn naf() -> Naf {
    embedded::naf_behind_bsf(embedded::keys_over_zn(), UaPolicy::default(), 2)
}

/// The right request after a challenge.
fn right(naf: &mut Naf, now: Moment) -> Answer {
    let plain = Answer::to_naf(BTID, PASSWORD, false, &Message::request("")).plain();
    let challenge = ask(naf, now, &plain);
    assert_eq!(challenge.status(), Ok(401));
    Answer::to_naf(BTID, PASSWORD, false, &challenge)
}

/// What the BSF is asked because of this request.
fn question(naf: &mut Naf, now: Moment, request: &Message) -> Packet {
    let input = Input::Message {
        connection: PLAIN,
        message: request,
    };
    let outputs = naf.handle(now, input);
    let (to, connection, question) = asked(&outputs).expect("a question to the BSF");
    assert_eq!((to, connection), (Upstream::Bsf, PLAIN));
    assert_eq!(question.deviations(), []);
    question
}

fn told(naf: &mut Naf, now: Moment, answer: Result<&Packet, Unanswered>) -> Message {
    match tell(naf, now, PLAIN, answer).as_slice() {
        [Output::Respond { message, .. }] => message.clone(),
        other => panic!("one answer: {other:?}"),
    }
}

#[test]
fn asks_for_a_key_once_until_its_end() {
    let mut naf = naf();
    let request = right(&mut naf, NOW).sign();
    let bir = question(&mut naf, NOW, &request);
    assert_eq!(
        (bir.flags, bir.command, bir.application),
        (0xc0, 310, 16_777_220)
    );
    assert_eq!(avps(&bir), BIR);
    assert_eq!(told(&mut naf, NOW, Ok(&packet(BIA))).status(), Ok(200));
    let before_the_end = NOW.plus_seconds(59);
    let request = right(&mut naf, before_the_end).sign();
    assert_eq!(ask(&mut naf, before_the_end, &request).status(), Ok(200));
    let end = NOW.plus_seconds(60);
    let request = right(&mut naf, end).sign();
    question(&mut naf, end, &request);
    // A key whose lifetime has ended is none.
    let answer = told(&mut naf, end, Ok(&packet(BIA)));
    assert_eq!(answer.status(), Ok(401));
}

#[rstest]
#[case::unknown(
    "Diameter BIA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5403\n",
    401
)]
#[case::not_authorized(
    "Diameter BIA\nExperimental-Result:\n  Vendor-Id: 10415\n  Experimental-Result-Code: 5402\n",
    403
)]
#[case::other_error("Diameter BIA\nResult-Code: 5012\n", 503)]
#[case::no_result("Diameter BIA\n", 503)]
#[case::no_key("Diameter BIA\nResult-Code: 2001\n", 503)]
#[case::key_cut(&BIA.replace("a501", "a5"), 503)]
#[case::other_key(&BIA.replace("a501", "a502"), 401)]
fn serves_nobody_without_a_key(#[case] answer: &str, #[case] status: u16) {
    let mut naf = naf();
    let request = right(&mut naf, NOW).sign();
    question(&mut naf, NOW, &request);
    let answer = told(&mut naf, NOW, Ok(&packet(answer)));
    assert_eq!(answer.status(), Ok(status));
    assert_eq!(answer.field("WWW-Authenticate").is_some(), status == 401);
}

#[rstest]
#[case::broken(Unanswered::Broken)]
#[case::too_late(Unanswered::TooLate)]
fn ends_in_an_error_where_the_bsf_is_silent(#[case] why: Unanswered) {
    let mut naf = naf();
    let request = right(&mut naf, NOW).sign();
    question(&mut naf, NOW, &request);
    assert_eq!(told(&mut naf, NOW, Err(why)).status(), Ok(503));
    // It asks again with the next request.
    let request = right(&mut naf, NOW).sign();
    question(&mut naf, NOW, &request);
}

#[rstest]
#[case::foreign_realm(|answer: &mut Answer| answer.realm = "x".to_owned())]
#[case::uri_of_another_resource(|answer: &mut Answer| answer.uri = "/x".to_owned())]
#[case::unknown_algorithm(|answer: &mut Answer| answer.algorithm = "AKAv1-MD5")]
#[case::count_that_is_none(|answer: &mut Answer| answer.nc = "x")]
fn asks_for_nothing_where_no_key_would_help(#[case] change: fn(&mut Answer)) {
    let mut naf = naf();
    let mut request = right(&mut naf, NOW);
    change(&mut request);
    let status = ask(&mut naf, NOW, &request.sign()).status();
    assert!(matches!(status, Ok(400 | 401)), "{status:?}");
}

#[test]
fn judges_the_digest_after_the_key_is_there() {
    let mut naf = naf();
    let mut weak = right(&mut naf, NOW);
    weak.qop = Some(Qop::Auth);
    question(&mut naf, NOW, &weak.sign());
    assert_eq!(told(&mut naf, NOW, Ok(&packet(BIA))).status(), Ok(401));
}

#[test]
fn keeps_the_requests_of_two_connections_apart() {
    let mut naf = naf();
    let request = right(&mut naf, NOW).sign();
    question(&mut naf, NOW, &request);
    let other = ConnectionId(8);
    let plain = Answer::to_naf(BTID, PASSWORD, false, &Message::request("")).plain();
    assert_eq!(ask_on(&mut naf, NOW, other, &plain).status(), Ok(401));
    assert_eq!(tell(&mut naf, NOW, other, Ok(&packet(BIA))), []);
    assert_eq!(told(&mut naf, NOW, Ok(&packet(BIA))).status(), Ok(200));
}

#[test]
fn forgets_a_request_whose_connection_ended() {
    let mut naf = naf();
    let request = right(&mut naf, NOW).sign();
    question(&mut naf, NOW, &request);
    assert_eq!(naf.handle(NOW, Input::Closed { connection: PLAIN }), []);
    assert_eq!(tell(&mut naf, NOW, PLAIN, Ok(&packet(BIA))), []);
}

/// UE, NAF, BSF and HSS know nothing but the messages of each other.
#[rstest]
#[case::milenage(0)]
#[case::tuak(5)]
#[case::password(7)]
fn serves_a_page_through_the_whole_network(#[case] index: usize) {
    let bsf = embedded::bsf_behind_hss(embedded::home_over_zh(), BsfPolicy::default(), 1);
    let ue = embedded::ue(index, UePolicy::default(), 4);
    let mut world = World::of(ue, bsf, &UaPolicy::default());
    world.hss = Some(embedded::hss(HssPolicy::default(), 3));
    world.naf = naf();
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
}
