//! The service-based interfaces of HSS and BSF, from both ends. Vectors and keys are those of set 1
//! of TS 35.207.

use gbaspec_crypto::token::Rand;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::{Answer, initial, user};
use super::world::{NOW, PLAIN, Usim, World, ask, challenge_value, user1};
use crate::auc::{VectorCause, VectorSeed};
use crate::bsf::{Bsf, BsfPolicy};
use crate::embedded;
use crate::hss::{Hss, HssPolicy};
use crate::naf::Naf;
use crate::role::{Action, ClientOutcome, Input, Output, Role, Unanswered, Upstream};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

const UEAU: &str =
    "/nhss-gba-ueau/v1/impi-user1_private%40home1.net/security-information/generate-auth-data";
const SDM: &str = "/nhss-gba-sdm/v1/impi-user1_private%40home1.net/subscriber-data";
const NBSP: &str = "/nbsp-gba/v1/bootstrapping-info-retrieval";
const AKA: &str = r#"{"authenticationScheme":"DIGEST_AKAV1_MD5"}"#;
const VECTOR: &str = r#"{"impi":"user1_private@home1.net","3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211d5e3ba50bf","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#;
const SETTINGS: &str = r#"{"guss":{"bsfInfo":{"uiccType":"GBA","lifeTime":60},"ussList":[{"uss":{"gsId":1,"gsType":1,"ueIds":[{"ueId":"sip:a@home1.net"}],"flags":[{"flag":1}]}},{"uss":{"gsId":4,"gsType":4,"ueIds":[{"ueId":"sip:b@home1.net"}]}}]}}"#;
const ASKED: &str = r#"{"btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","nafId":{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"}}"#;
const INFO: &str = r#"{"meKeyMaterial":"7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501","keyExpiryTime":"2004-01-08T10:14:17Z","bootstrappingInfoCreationTime":"2004-01-08T10:13:17Z","gbaType":"3G_GBA","impi":"user1_private@home1.net"}"#;
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const PASSWORD: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";

fn post(path: &str, body: &str) -> Message {
    let mut message = Message::request(&format!("POST {path} HTTP/2"));
    message.push("host", "hss.home1.net");
    message.push("content-type", "application/json");
    message.body = body.as_bytes().to_vec();
    message
}

fn get(path: &str) -> Message {
    Message::request(&format!("GET {path} HTTP/2"))
}

fn answer(status: u16, body: &str) -> Message {
    let mut message = Message::request(&format!("HTTP/2 {status}"));
    message.push("content-type", "application/json");
    message.body = body.as_bytes().to_vec();
    message
}

fn text(message: &Message) -> String {
    String::from_utf8(message.body.clone()).expect("JSON")
}

/// The HSS with RAND of set 1, and after a synchronisation failure with that of set 2.
fn hss() -> Hss {
    let policy = HssPolicy {
        choose_vector: |choice| VectorSeed {
            rand: match choice.cause {
                VectorCause::Resynchronisation => Rand::from(embedded::EXPIRED_RAND),
                _ => embedded::SUBSCRIBERS[0].rand(),
            },
            sqn: choice.next_sqn,
        },
        ..HssPolicy::default()
    };
    embedded::hss(policy, 1)
}

#[rstest]
#[case::scheme(AKA)]
#[case::no_scheme("{}")]
fn gives_a_vector_in_hex(#[case] body: &str) {
    let given = ask(&mut hss(), NOW, &post(UEAU, body));
    assert_eq!(given.start_line, b"HTTP/2 200");
    assert_eq!(text(&given), VECTOR);
}

#[test]
fn gives_the_settings() {
    let given = ask(&mut hss(), NOW, &get(SDM));
    assert_eq!(given.start_line, b"HTTP/2 200");
    let begin = r#"{"guss":{"bsfInfo":{"uiccType":"GBA","lifeTime":86400},"ussList":[{"uss":{"gsId":0,"gsType":0,"ueIds":[{"ueId":"sip:user1_public1@home1.net"}"#;
    assert!(text(&given).starts_with(begin), "{}", text(&given));
}

/// AUTS with `SQN_MS` ff9bb4d0b6e7; the vector after it has SQN ff9bb4d0b708.
#[test]
fn gives_a_vector_beyond_an_authentic_auts() {
    let body = r#"{"authenticationScheme":"DIGEST_AKAV1_MD5","resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#;
    let mut hss = hss();
    let forged = ask(&mut hss, NOW, &post(UEAU, &body.replace("cdbf", "cdbe")));
    assert_eq!(forged.status(), Ok(403));
    assert!(!text(&forged).contains("3gAkaAv"));
    let given = text(&ask(&mut hss, NOW, &post(UEAU, body)));
    assert!(
        given.contains(r#""autn":"768772fa5a0cb9b9feadbf0af44a68c4""#),
        "{given}"
    );
}

#[rstest]
#[case::unknown_user(post(&UEAU.replace("user1", "nobody"), AKA), 404)]
#[case::unknown_user_of_settings(get(&SDM.replace("user1", "nobody")), 404)]
#[case::unknown_path(post("/nhss-gba-ueau/v2/x", AKA), 404)]
#[case::path_of_a_bsf(post(NBSP, ASKED), 404)]
#[case::method(get(UEAU), 405)]
#[case::posted_settings(post(SDM, "{}"), 405)]
#[case::no_json(post(UEAU, "authenticationScheme"), 400)]
#[case::scheme(post(UEAU, r#"{"authenticationScheme":"BASIC"}"#), 400)]
#[case::auts_alone(
    post(
        UEAU,
        r#"{"resynchronizationInfo":{"auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#
    ),
    400
)]
#[case::rand_cut(
    post(
        UEAU,
        r#"{"resynchronizationInfo":{"rand":"2355","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#
    ),
    400
)]
fn refuses_with_a_problem(#[case] request: Message, #[case] status: u16) {
    let given = ask(&mut hss(), NOW, &request);
    assert_eq!(given.status(), Ok(status));
    let kind = given.field("content-type").map(|field| field.value.clone());
    assert_eq!(kind.as_deref(), Some(&b"application/problem+json"[..]));
    assert!(
        text(&given).contains(&format!(r#""status":{status}"#)),
        "{}",
        text(&given)
    );
}

#[test]
fn refuses_another_media_type() {
    let mut request = post(UEAU, AKA);
    request.set("content-type", "text/plain");
    assert_eq!(ask(&mut hss(), NOW, &request).status(), Ok(415));
}

/// The request that a role sends because of this one.
fn forwarded(role: &mut dyn Role, to: Upstream, input: Input<'_>) -> Message {
    match role.handle(NOW, input).as_slice() {
        [
            Output::Forward {
                connection: PLAIN,
                to: addressee,
                message,
            },
        ] => {
            assert_eq!(*addressee, to);
            message.clone()
        }
        other => panic!("a request for another: {other:?}"),
    }
}

fn told(role: &mut dyn Role, answer: Result<&Message, Unanswered>) -> Message {
    let connection = PLAIN;
    match role
        .handle(NOW, Input::Forwarded { connection, answer })
        .as_slice()
    {
        [Output::Respond { message, .. }] => message.clone(),
        other => panic!("one answer: {other:?}"),
    }
}

fn arrives(message: &Message) -> Input<'_> {
    Input::Message {
        connection: PLAIN,
        message,
    }
}

fn bsf() -> Bsf {
    embedded::bsf_behind_hss(embedded::home_over_sbi(), BsfPolicy::default(), 1)
}

/// The challenge of user 1 with this vector and these settings.
fn challenged(bsf: &mut Bsf) -> Message {
    let asked = forwarded(bsf, Upstream::Hss, arrives(&initial(user(0).impi)));
    assert_eq!(asked.start_line, format!("POST {UEAU} HTTP/2").into_bytes());
    assert_eq!(text(&asked), AKA);
    let vector = answer(200, VECTOR);
    let input = Input::Forwarded {
        connection: PLAIN,
        answer: Ok(&vector),
    };
    let asked = forwarded(bsf, Upstream::Hss, input);
    assert_eq!(asked.start_line, format!("GET {SDM} HTTP/2").into_bytes());
    told(bsf, Ok(&answer(200, SETTINGS)))
}

/// The BSF after a run of user 1.
fn bootstrapped() -> Bsf {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf);
    let request = Answer::to_bsf(user(0), &challenge).sign();
    let success = ask(&mut bsf, NOW, &request);
    assert_eq!(success.status(), Ok(200));
    assert!(text(&success).contains("<lifetime>2004-01-08T10:14:17Z</lifetime>"));
    bsf
}

#[test]
fn challenges_with_the_vector_of_the_hss() {
    let challenge = challenged(&mut bsf());
    assert_eq!(challenge.status(), Ok(401));
    let nonce = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
    assert_eq!(challenge_value(&challenge, "nonce").as_deref(), Some(nonce));
}

#[rstest]
#[case::unknown(Ok(answer(404, "{}")), 403)]
#[case::refused(Ok(answer(500, "{}")), 500)]
#[case::no_vector(Ok(answer(200, "{}")), 502)]
#[case::no_json(Ok(answer(200, "vector")), 502)]
#[case::autn_cut(Ok(answer(200, &VECTOR.replace("afb3", "af"))), 502)]
#[case::rand_in_base64(
    Ok(answer(200, &VECTOR.replace("23553cbe9637a89d218ae64dae47bf35", "I1U8vpY3qJ0hiuZNrke/NQ=="))),
    502
)]
#[case::of_another_user(Ok(answer(200, &VECTOR.replace("user1", "user2"))), 502)]
#[case::broken(Err(Unanswered::Broken), 503)]
#[case::too_late(Err(Unanswered::TooLate), 504)]
fn challenges_nobody_without_a_vector(
    #[case] given: Result<Message, Unanswered>,
    #[case] status: u16,
) {
    let mut bsf = bsf();
    forwarded(&mut bsf, Upstream::Hss, arrives(&initial(user(0).impi)));
    let given = told(&mut bsf, given.as_ref().map_err(|why| *why));
    assert_eq!(given.status(), Ok(status));
    assert!(given.field("WWW-Authenticate").is_none());
}

#[test]
fn forwards_rand_and_auts_in_hex() {
    let mut bsf = bsf();
    let challenge = challenged(&mut bsf);
    let report = Answer::auts_to_bsf(user(0), &challenge, 0xff9b_b4d0_b6e7).sign();
    let asked = forwarded(&mut bsf, Upstream::Hss, arrives(&report));
    let body = r#"{"authenticationScheme":"DIGEST_AKAV1_MD5","resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#;
    assert_eq!(text(&asked), body);
    let refused = told(&mut bsf, Ok(&answer(403, "{}")));
    assert_eq!(refused.status(), Ok(403));
    assert!(refused.field("WWW-Authenticate").is_none());
}

#[test]
fn tells_a_naf_its_key_in_hex() {
    let mut bsf = bootstrapped();
    let given = ask(&mut bsf, NOW, &post(NBSP, ASKED));
    assert_eq!(
        (given.start_line.as_slice(), text(&given).as_str()),
        (&b"HTTP/2 200"[..], INFO)
    );
    let services = ASKED.replace("}}", r#"},"gsIds":[4,7]}"#);
    let given = text(&ask(&mut bsf, NOW, &post(NBSP, &services)));
    let list = r#""ussList":[{"uss":{"gsId":4,"gsType":4,"ueIds":[{"ueId":"sip:b@home1.net"}]}}]"#;
    assert!(given.contains(list) && !given.contains("sip:a"), "{given}");
}

#[rstest]
#[case::unknown(0, post(NBSP, &ASKED.replace("I1U8", "AAAA")), 404)]
#[case::expired(60, post(NBSP, ASKED), 404)]
#[case::foreign_name(0, post(NBSP, &ASKED.replace("naf1", "naf9")), 403)]
#[case::no_btid(0, post(NBSP, &ASKED.replace("btId", "x")), 400)]
#[case::protocol_of_four_octets(0, post(NBSP, &ASKED.replace("0100000002", "01000000")), 400)]
#[case::no_naf(0, post(NBSP, &ASKED.replace("nafId", "x")), 400)]
#[case::no_json(0, post(NBSP, "btId"), 400)]
#[case::push(0, post("/nbsp-gba/v1/push-info-retrieval", "{}"), 404)]
#[case::method(0, get(NBSP), 405)]
fn tells_a_naf_nothing_else(#[case] after: i64, #[case] request: Message, #[case] status: u16) {
    let given = ask(&mut bootstrapped(), NOW.plus_seconds(after), &request);
    assert_eq!(given.status(), Ok(status));
    assert!(!text(&given).contains("meKeyMaterial"));
}

fn naf() -> Naf {
    embedded::naf_behind_bsf(embedded::keys_over_sbi(), UaPolicy::default(), 2)
}

#[rstest]
#[case::key(Ok(answer(200, INFO)), 200)]
#[case::zone(Ok(answer(200, &INFO.replace("10:14:17Z", "12:14:17+02:00"))), 200)]
#[case::expired(Ok(answer(200, &INFO.replace("10:14:17Z", "10:13:17Z"))), 401)]
#[case::unknown(Ok(answer(404, "{}")), 401)]
#[case::not_authorized(Ok(answer(403, "{}")), 403)]
#[case::refused(Ok(answer(500, "{}")), 503)]
#[case::no_key(Ok(answer(200, "{}")), 503)]
#[case::key_cut(Ok(answer(200, &INFO.replace("a501", "a5"))), 503)]
#[case::no_time(Ok(answer(200, &INFO.replace("2004-01-08T10:14:17Z", "soon"))), 503)]
#[case::silent(Err(Unanswered::TooLate), 503)]
fn serves_a_page_by_the_word_of_the_bsf(
    #[case] given: Result<Message, Unanswered>,
    #[case] status: u16,
) {
    let mut naf = naf();
    let plain = Answer::to_naf(BTID, PASSWORD, false, &Message::request("")).plain();
    let challenge = ask(&mut naf, NOW, &plain);
    let request = Answer::to_naf(BTID, PASSWORD, false, &challenge).sign();
    let asked = forwarded(&mut naf, Upstream::Bsf, arrives(&request));
    assert_eq!(asked.start_line, format!("POST {NBSP} HTTP/2").into_bytes());
    assert_eq!(text(&asked), ASKED);
    let page = told(&mut naf, given.as_ref().map_err(|why| *why));
    assert_eq!(page.status(), Ok(status));
}

/// UE, NAF, BSF and HSS know nothing but the messages of each other.
#[rstest]
#[case::milenage(0)]
#[case::long_tuak(5)]
#[case::password(7)]
fn serves_a_page_through_the_whole_network(#[case] index: usize) {
    let ue = embedded::ue(index, UePolicy::default(), 4);
    let mut world = World::of(ue, bsf(), &UaPolicy::default());
    world.hss = Some(embedded::hss(HssPolicy::default(), 3));
    world.naf = naf();
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
}

#[test]
fn resynchronises_a_card_that_is_ahead() {
    let ue = user1(Usim::Ahead, &UePolicy::default());
    let mut world = World::of(ue, bsf(), &UaPolicy::default());
    world.hss = Some(embedded::hss(HssPolicy::default(), 3));
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
}
