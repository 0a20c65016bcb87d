//! What the harness sends as a BSF: vectors whose SQN and RAND a step counts from a message that
//! was there before, and a counter that learns from the client.

use std::time::Duration;

use data_encoding::BASE64;
use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load};
use gbaspec_case::player::{Action, Occurrence, Player, Start};
use gbaspec_case::scene::Scene;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Autn, Rand, Sqn};
use rstest::rstest;

use crate::world::{answer, nonce_of, resynchronisation, scene};

const DIVIDED: &str = "sqn: { ind-bits: 5, delta: 268435456 }\n";
/// The same with an age limit.
const AGEING: &str = "sqn: { ind-bits: 5, delta: 268435456, age-limit: 40 }\n";

/// The counter of the harness before the play: SEQ 100, slot 3.
const COUNTER: u64 = 100 * 32 + 3;

/// A case for a client in which the harness sends a first challenge and then one made so.
fn case(first: &str, then: &str) -> Case {
    let text = format!(
        "topic: ue/vectors\n\
         specification: {{ document: \"TS 24.109\", clause: \"4.5\" }}\n\
         target: ue\n\
         cases:\n\
         \x20 - id: counts\n\
         \x20   title: The harness counts\n\
         \x20   requirements: [UB-4.5-01]\n\
         \x20   steps:\n\
         \x20     - trigger: bootstrap\n\
         \x20     - expect: {{ at: bsf, as: request, method: GET }}\n\
         \x20     - send: {{ message: stage/challenge, as: first{first} }}\n\
         \x20     - expect: {{ at: bsf, as: reply, method: GET }}\n\
         \x20     - send: {{ message: stage/challenge, vector: {then} }}\n"
    );
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml"),
        ),
        source("messages/stage.yaml", CHALLENGE),
        source("ue/vectors.yaml", &text),
    ]);
    assert_eq!(loaded.problems, []);
    loaded.library.cases[0].clone()
}

const CHALLENGE: &str = "\
messages:
  - id: stage/challenge
    title: A challenge
    wire: |
      HTTP/1.1 401 Unauthorized
      WWW-Authenticate: Digest realm=\"{bsf.fqdn}\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"
      Content-Length: 0
";

/// What the client says to the first challenge.
type Reply = fn(&Scene, &str) -> String;

/// RES.
const RES: Reply = |scene, challenge| answer(scene, challenge);

/// An AUTS with SEQ 120 in slot 9.
const AUTS: Reply = |scene, challenge| {
    resynchronisation(scene, challenge, Sqn::new(120 * 32 + 9).expect("48 bits"))
};

/// The two challenges that the harness sends, and its counter afterwards.
fn played(case: &Case, scene: &Scene, reply: Reply) -> ([Sent; 2], u64) {
    let counter = Sqn::new(COUNTER).expect("48 bits");
    let start = Start {
        subscriber: 0,
        unix_millis: 0,
        seed: 1,
        he: HeSqn::new(scene.scheme, counter),
    };
    let mut player = Player::new(case, scene, start);
    let mut sent = Vec::new();
    let mut text = "GET / HTTP/1.1\nHost: bsf.home1.net\n\n".to_owned();
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Action::Trigger(errand) => Occurrence::Triggered(errand),
            Action::Wait => Occurrence::Received {
                connection: 1,
                at: Element::Bsf,
                bytes: text.replace('\n', "\r\n").into_bytes(),
            },
            Action::Send(outgoing) => {
                let challenge = String::from_utf8(outgoing.bytes.clone()).expect("a text");
                sent.push(Sent::of(scene, &challenge));
                text = reply(scene, &challenge);
                Occurrence::Sent {
                    connection: 1,
                    outgoing,
                }
            }
            _ => break,
        };
        player.record(Duration::ZERO, occurrence);
    }
    let (transcript, he) = player.finish();
    let sent = sent.try_into();
    let sent = sent.unwrap_or_else(|_| panic!("two challenges: {transcript:?}"));
    (sent, he.last().value())
}

/// RAND of a challenge, SEQ and IND.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sent {
    rand: Rand,
    seq: u64,
    ind: u64,
}

impl Sent {
    fn of(scene: &Scene, challenge: &str) -> Self {
        let octets = BASE64.decode(nonce_of(challenge).as_bytes());
        let octets = octets.expect("the nonce is base64");
        let rand = Rand::try_from(&octets[..16]).expect("RAND");
        let autn = Autn::try_from(&octets[16..32]).expect("AUTN");
        let sqn = scene.subscribers[0]
            .aka()
            .expect("a USIM")
            .open_autn(rand, &autn)
            .sqn;
        Self {
            rand,
            seq: sqn.value() / 32,
            ind: sqn.value() % 32,
        }
    }
}

/// The first challenge has SEQ 101 in slot 4, the next of the counter.
#[rstest]
#[case::the_same("{ sqn: { from: first } }", RES, (101, 4))]
#[case::ahead("{ sqn: { from: first, seq-ahead: 7 } }", RES, (108, 4))]
#[case::behind("{ sqn: { from: first, seq-behind: 2 } }", RES, (99, 4))]
#[case::never_below_zero("{ sqn: { from: first, seq-behind: 500 } }", RES, (0, 4))]
#[case::never_above_the_range("{ sqn: { from: first, seq-ahead: 18446744073709551615 } }", RES, (8_796_093_022_207, 4))]
#[case::another_slot("{ sqn: { from: first, ind-ahead: 1 } }", RES, (101, 5))]
#[case::slots_go_round("{ sqn: { from: first, seq-ahead: 1, ind-ahead: 30 } }", RES, (102, 2))]
#[case::of_the_challenge_that_a_reply_answers("{ sqn: { from: reply, seq-ahead: 1 } }", RES, (102, 4))]
#[case::of_sqn_ms("{ sqn: { from: reply, seq-ahead: 1 } }", AUTS, (121, 9))]
#[case::of_the_challenge_all_the_same("{ sqn: { from: first, seq-ahead: 1 } }", AUTS, (102, 4))]
fn counts_from_a_message_that_was_there(
    #[case] vector: &str,
    #[case] reply: Reply,
    #[case] expected: (u64, u64),
) {
    let scene = scene(DIVIDED);
    let ([first, second], _) = played(&case("", vector), &scene, reply);
    assert_eq!((first.seq, first.ind), (101, 4));
    assert_eq!((second.seq, second.ind), expected);
    assert_ne!(first.rand, second.rand);
}

#[test]
fn sends_the_rand_of_an_earlier_challenge_again() {
    let scene = scene(DIVIDED);
    let vector = "{ rand: { same-as: first }, sqn: { from: first, seq-ahead: 1 } }";
    let ([first, second], _) = played(&case("", vector), &scene, RES);
    assert_eq!(first.rand, second.rand);
    assert_eq!((second.seq, second.ind), (102, 4));
}

/// The first challenge moves the counter to SEQ 101 in slot 4; the fixture has a delta of 2^28 and an
/// age limit of 40.
#[rstest]
#[case::as_far_as_delta_allows("{ sqn: at-delta }", (101 + (1 << 28), 4))]
#[case::one_step_too_far("{ sqn: just-beyond-delta }", (102 + (1 << 28), 4))]
#[case::in_any_state_too_far("{ sqn: beyond-delta }", (101 + (4 << 28), 0))]
#[case::one_step_back("{ sqn: older-in-another-slot }", (100, 20))]
#[case::too_old("{ sqn: at-age-limit }", (61, 20))]
#[case::as_old_as_allowed("{ sqn: within-age-limit }", (62, 20))]
fn counts_from_the_vector_before(#[case] vector: &str, #[case] expected: (u64, u64)) {
    let scene = scene(AGEING);
    let ([_, second], _) = played(&case("", vector), &scene, RES);
    assert_eq!((second.seq, second.ind), expected);
}

/// What the counter is after a first challenge with this vector, before the second one is made
/// from it.
#[rstest]
#[case::next("", RES, 101 * 32 + 4)]
#[case::a_jump_that_was_accepted(", vector: { sqn: beyond-delta }", RES, (100 + (4 << 28)) * 32)]
#[case::a_jump_that_was_refused(", vector: { sqn: beyond-delta }", AUTS, COUNTER)]
#[case::an_older_one_that_was_accepted(", vector: { sqn: older-in-another-slot }", RES, COUNTER)]
fn the_counter_follows_what_the_client_accepted(
    #[case] first: &str,
    #[case] reply: Reply,
    #[case] counter: u64,
) {
    let scene = scene(DIVIDED);
    let (_, after) = played(&case(first, "{ sqn: repeated }"), &scene, reply);
    assert_eq!(after, counter);
}

#[rstest]
#[case::no_such_step("{ sqn: { from: nowhere } }", "no earlier step is named `nowhere`")]
#[case::no_such_rand("{ rand: { same-as: nowhere } }", "no earlier step is named `nowhere`")]
#[case::both_ways(
    "{ sqn: { from: reply, seq-ahead: 1, seq-behind: 1 } }",
    "SEQ cannot be both ahead and behind"
)]
#[case::unknown_word("{ sqn: nexst }", "unknown SQN `nexst`")]
#[case::unknown_key(
    "{ sqn: { from: reply, ahead: 1 } }",
    "unknown field `ahead`, expected one of from, seq-ahead, seq-behind, ind-ahead"
)]
fn refuses_a_vector_that_cannot_be_made(#[case] vector: &str, #[case] what: &str) {
    let text = format!(
        "topic: ue/vectors\nspecification: {{ document: \"TS 24.109\", clause: \"4.5\" }}\ntarget: ue\ncases:\n  - id: counts\n    title: t\n    requirements: [UB-4.5-01]\n    steps:\n      - trigger: bootstrap\n      - expect: {{ at: bsf, as: reply, method: GET }}\n      - send: {{ wire: \"{{nonce}}\", vector: {vector} }}\n"
    );
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml"),
        ),
        source("ue/vectors.yaml", &text),
    ]);
    let problems: Vec<&str> = loaded.problems.iter().map(|p| p.what.as_str()).collect();
    assert_eq!(problems, [what]);
    assert_eq!(loaded.problems[0].place.line, 11);
}
