//! What the correct BSF answers to right, wrong, late and malformed requests.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::digest::Qop;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::{Answer, auts, initial, sqn_of, user};
use super::world::{NOW, ask, challenge_value};
use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded;
use crate::role::{After, ConnectionId, Input, Output, Role};

/// SEQ 1000 steps ahead of the SQN of set 1, in its slot.
const AHEAD: u64 = 0xff9b_b4d0_b607 + 1000 * 32;

fn bsf() -> Bsf {
    embedded::bsf(BsfPolicy::default(), 1)
}

fn challenged(bsf: &mut Bsf, place: usize) -> Message {
    let challenge = ask(bsf, NOW, &initial(user(place).impi));
    assert_eq!(challenge.status(), Ok(401));
    challenge
}

#[test]
fn takes_the_right_answer() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(200));
}

#[rstest]
#[case::uri_of_another_resource(|answer: &mut Answer| answer.uri = "/x".to_owned(), 400)]
#[case::foreign_realm(|answer: &mut Answer| answer.realm = "home1.net".to_owned(), 400)]
#[case::qop_auth(|answer: &mut Answer| answer.qop = Some(Qop::Auth), 400)]
#[case::qop_absent(|answer: &mut Answer| answer.qop = None, 400)]
#[case::algorithm_md5(|answer: &mut Answer| answer.algorithm = "MD5", 400)]
#[case::algorithm_akav2(|answer: &mut Answer| answer.algorithm = "AKAv2-MD5", 400)]
#[case::second_count(|answer: &mut Answer| answer.nc = "00000002", 400)]
#[case::unknown_identity(|answer: &mut Answer| answer.username = "nobody@home1.net".to_owned(), 403)]
#[case::nonce_never_issued(|answer: &mut Answer| answer.nonce = BASE64.encode(&[7; 32]), 401)]
#[case::password_empty(|answer: &mut Answer| answer.password.clear(), 401)]
#[case::res_as_hex(|answer: &mut Answer| answer.password = HEXLOWER.encode(&answer.password).into_bytes(), 401)]
#[case::res_cut(|answer: &mut Answer| answer.password.truncate(4), 401)]
#[case::posted(|answer: &mut Answer| answer.method = "POST", 405)]
#[case::another_path(|answer: &mut Answer| answer.target = "/x".to_owned(), 404)]
#[case::absolute_target(|answer: &mut Answer| answer.target = "http://bsf.home1.net:80/".to_owned(), 200)]
#[case::absolute_target_of_another_host(|answer: &mut Answer| answer.target = "http://home1.net/".to_owned(), 404)]
#[case::auts_empty(|answer: &mut Answer| answer.auts = Some(String::new()), 400)]
#[case::auts_of_13_octets(|answer: &mut Answer| answer.auts = Some(BASE64.encode(&[1; 13])), 400)]
#[case::auts_of_15_octets(|answer: &mut Answer| answer.auts = Some(BASE64.encode(&[1; 15])), 400)]
#[case::auts_not_base64(|answer: &mut Answer| answer.auts = Some("base64(AUTS)".to_owned()), 400)]
fn answers_a_changed_request(#[case] change: fn(&mut Answer), #[case] status: u16) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let mut answer = Answer::to_bsf(user(0), &challenge);
    change(&mut answer);
    let reply = ask(&mut bsf, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(status));
    assert_eq!(reply.field("WWW-Authenticate").is_some(), status == 401);
}

#[rstest]
#[case::no_username("username")]
#[case::no_realm("realm")]
#[case::no_nonce("nonce")]
#[case::no_uri("uri")]
#[case::no_response("response")]
#[case::no_cnonce("cnonce")]
#[case::no_nc("nc")]
#[case::no_qop("qop")]
#[case::no_algorithm("algorithm")]
fn refuses_a_missing_directive(#[case] name: &str) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let mut answer = Answer::to_bsf(user(0), &challenge).sign();
    let value = answer.field("Authorization").expect("signed").value.clone();
    let mut list = gbaspec_wire::directive::DirectiveList::parse_credentials(&value);
    list.remove(name);
    answer.set("Authorization", list.to_bytes());
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(400));
}

#[rstest]
#[case::absent("")]
#[case::basic("Basic dXNlcjE6cGFzcw==")]
#[case::nothing_but_the_scheme("Digest")]
#[case::open_quote(
    "Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\""
)]
#[case::username_twice(
    "Digest username=\"user1_private@home1.net\", username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\""
)]
#[case::printed_formula(
    "Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=base64(RAND + AUTN + server specific data), uri=\"/\", response=\"\""
)]
fn refuses_malformed_credentials(#[case] value: &str) {
    let mut request = initial("user1_private@home1.net");
    request.set("Authorization", value);
    assert_eq!(ask(&mut bsf(), NOW, &request).status(), Ok(400));
    request.remove("Authorization");
    assert_eq!(ask(&mut bsf(), NOW, &request).status(), Ok(400));
}

#[rstest]
#[case::one_digit_off(|digest: &str| format!("{}{}", &digest[..31], if digest.ends_with('0') { '1' } else { '0' }))]
#[case::empty(|_: &str| String::new())]
#[case::zeros(|_: &str| "0".repeat(32))]
fn challenges_anew_after_a_wrong_response(#[case] change: fn(&str) -> String) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let answer = Answer::to_bsf(user(0), &challenge);
    let reply = ask(&mut bsf, NOW, &answer.sign_as(&change(&answer.digest())));
    assert_eq!(reply.status(), Ok(401));
    assert_ne!(
        challenge_value(&reply, "nonce"),
        challenge_value(&challenge, "nonce")
    );
    // The vector is spent: even the right response comes too late.
    assert_eq!(ask(&mut bsf, NOW, &answer.sign()).status(), Ok(401));
}

#[test]
fn makes_no_second_session_of_a_replay() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(200));
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(401));
}

#[test]
fn refuses_the_answer_to_a_replaced_challenge() {
    let mut bsf = bsf();
    let first = challenged(&mut bsf, 0);
    challenged(&mut bsf, 0);
    let answer = Answer::to_bsf(user(0), &first).sign();
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(401));
}

#[test]
fn refuses_the_vector_of_another_subscriber() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 1);
    let mut answer = Answer::to_bsf(user(1), &challenge);
    answer.username = user(0).impi.to_owned();
    assert_eq!(ask(&mut bsf, NOW, &answer.sign()).status(), Ok(401));
}

#[test]
fn advances_rand_and_sqn_with_each_challenge() {
    let mut bsf = bsf();
    let sqns = [0; 3].map(|place| sqn_of(user(place), &challenged(&mut bsf, place)).to_string());
    // SEQ and IND one higher each time, from the SQN of the set on.
    assert_eq!(sqns, ["ff9bb4d0b607", "ff9bb4d0b628", "ff9bb4d0b649"]);
}

/// What is done to an AUTS 1000 steps ahead, and what the next SQN is then.
#[rstest]
#[case::right(|_: &mut Answer| (), 401, "ff9bb4d13328")]
#[case::forged(|answer: &mut Answer| answer.auts = Some(flipped_auts(&answer.nonce)), 403, "ff9bb4d0b628")]
#[case::malformed(|answer: &mut Answer| answer.auts = Some("AAAA".to_owned()), 400, "ff9bb4d0b628")]
#[case::for_another_nonce(|answer: &mut Answer| {
    answer.nonce = BASE64.encode(&[9; 32]);
    answer.auts = Some(BASE64.encode(auts(user(0), &answer.nonce, AHEAD).as_bytes()));
}, 401, "ff9bb4d0b628")]
#[case::with_the_wrong_response(|answer: &mut Answer| answer.password = b"wrong".to_vec(), 401, "ff9bb4d0b628")]
#[case::not_ahead(|answer: &mut Answer| {
    answer.auts = Some(BASE64.encode(auts(user(0), &answer.nonce, 0xff9b_b4d0_b5e6).as_bytes()));
}, 401, "ff9bb4d0b628")]
fn moves_the_counter_only_for_a_right_auts(
    #[case] change: fn(&mut Answer),
    #[case] status: u16,
    #[case] next_sqn: &str,
) {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let mut answer = Answer::auts_to_bsf(user(0), &challenge, AHEAD);
    change(&mut answer);
    let reply = ask(&mut bsf, NOW, &answer.sign());
    assert_eq!(reply.status(), Ok(status));
    let next = if status == 401 {
        reply
    } else {
        challenged(&mut bsf, 0)
    };
    assert_eq!(sqn_of(user(0), &next).to_string(), next_sqn);
}

fn flipped_auts(nonce: &str) -> String {
    let mut octets = *auts(user(0), nonce, AHEAD).as_bytes();
    octets[13] ^= 1;
    BASE64.encode(&octets)
}

#[test]
fn forgets_a_session_at_its_end() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf, 0);
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    let body = ask(&mut bsf, NOW, &answer).body;
    let body = String::from_utf8(body).expect("the document is text");
    let (_, rest) = body.split_once("<btid>").expect("there is a B-TID");
    let (btid, _) = rest.split_once("</btid>").expect("there is a B-TID");
    assert!(bsf.session(btid, NOW.plus_seconds(86_399)).is_some());
    assert!(bsf.session(btid, NOW.plus_seconds(86_400)).is_none());
}

#[test]
fn ends_the_connection_after_unreadable_bytes() {
    let outputs = bsf().handle(
        NOW,
        Input::Unreadable {
            connection: ConnectionId(5),
        },
    );
    let [
        Output::Respond {
            connection,
            message,
            after,
        },
    ] = outputs.as_slice()
    else {
        panic!("one answer: {outputs:?}");
    };
    assert_eq!(*connection, ConnectionId(5));
    assert_eq!(message.status(), Ok(400));
    assert_eq!(*after, After::Close);
}
