//! A play over two interfaces: the harness is the client before the target and the server behind it.

use std::time::Duration;

use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::judge::judge_play;
use gbaspec_case::load::{Source, load, load_profile};
use gbaspec_case::player::{Action, Occurrence, Outgoing, Player, Route, Start};
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::Transcript;
use gbaspec_case::verdict::{Outcome, Verdict};
use gbaspec_crypto::sqn::{HeSqn, Sqn};
use rstest::rstest;

const PROFILE: &str = r#"
role: proxy
address: "127.0.0.1:8083"
sessions:
  - { btid: "AAAA@bsf.home1.net", ks-naf: "0101010101010101010101010101010101010101010101010101010101010101" }
"#;

const MESSAGES: &str = r"
messages:
  - id: two/get
    title: A request
    wire: |
      GET /page HTTP/1.1
      Host: {as.authority}
  - id: two/page
    title: An answer
    wire: |
      HTTP/1.1 200 OK
      Content-Length: 0
";

/// Where the client is connected, and where the target has come to the server.
const FRONT: u32 = 1;
const BEHIND: u32 = 2;

/// What comes next of the target.
#[derive(Clone, Copy)]
enum Comes {
    /// A request at the server behind.
    Request(&'static str),
    /// An answer at the client.
    Answer(&'static str),
    /// The end of the client's connection.
    End,
    /// Nothing in time.
    Silence,
}

fn case(answers: &str, steps: &str) -> Case {
    let text = format!(
        "topic: two/interfaces\n\
         specification: {{ document: \"TS 24.109\", clause: \"4.2\" }}\n\
         target: proxy\n\
         cases:\n\
         \x20 - id: plays\n\
         \x20   title: Both ends are played\n\
         \x20   requirements: [UB-4.2-20]\n\
         \x20   answers: [{answers}]\n\
         \x20   steps: [{{ send: {{ message: two/get }} }}, {steps}]\n"
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
        source("messages/two.yaml", MESSAGES),
        source("two/interfaces.yaml", &text),
    ]);
    assert_eq!(loaded.problems, []);
    loaded.library.cases[0].clone()
}

fn scene() -> Scene {
    let source = Source {
        name: "profile.yaml".to_owned(),
        text: PROFILE.to_owned(),
    };
    let profile = load_profile(&source, &|_| None);
    profile.expect("the profile is sound").scene
}

/// Plays a case against this script; the harness's own actions in short.
fn played(case: &Case, script: &[Comes]) -> (Vec<String>, Transcript, Verdict) {
    let scene = scene();
    let start = Start {
        subscriber: 0,
        unix_millis: 0,
        seed: 1,
        he: HeSqn::new(scene.scheme, Sqn::from_bytes([0; 6])),
    };
    let mut player = Player::new(case, &scene, start);
    let mut script = script.iter();
    let mut done = Vec::new();
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Action::Send(outgoing) => {
                let connection = match outgoing.route {
                    Route::Reply(connection) => connection,
                    Route::Current | Route::New => FRONT,
                };
                done.push(short(&outgoing, connection));
                Occurrence::Sent {
                    connection,
                    outgoing,
                }
            }
            Action::Wait => match script.next() {
                Some(Comes::Request(line)) => arrival(BEHIND, Element::As, line),
                Some(Comes::Answer(line)) => arrival(FRONT, Element::Ue, line),
                Some(Comes::End) => Occurrence::Closed { connection: FRONT },
                Some(Comes::Silence) | None => Occurrence::TimedOut { after_millis: 1 },
            },
            Action::Hang(connection) => {
                done.push(format!("hang {connection}"));
                continue;
            }
            Action::Control => Occurrence::Control { answered: true },
            Action::Connect(_) | Action::Trigger(_) | Action::Done => break,
        };
        player.record(Duration::ZERO, occurrence);
    }
    let (transcript, _) = player.finish();
    let verdict = judge_play(case, &scene, &transcript);
    (done, transcript, verdict)
}

fn short(outgoing: &Outgoing, connection: u32) -> String {
    let Outgoing { from, to, .. } = outgoing;
    format!("{from} to {to} on {connection}")
}

fn arrival(connection: u32, at: Element, line: &str) -> Occurrence {
    Occurrence::Received {
        connection,
        at,
        bytes: format!("{line}\r\nContent-Length: 0\r\n\r\n").into_bytes(),
    }
}

const GET: Comes = Comes::Request("GET /page HTTP/1.1");
const OTHER: Comes = Comes::Request("OPTIONS /health HTTP/1.1");
const OK: Comes = Comes::Answer("HTTP/1.1 200 OK");
const REFUSED: Comes = Comes::Answer("HTTP/1.1 401 Unauthorized");
const BAD_GATEWAY: Comes = Comes::Answer("HTTP/1.1 502 Bad Gateway");

const THROUGH: &str = "{ expect: { at: as, only: { target: /page }, method: GET } }, \
                       { send: { message: two/page } }, { expect: { status: 200 } }";
const PAGE: &str = "{ at: as, send: { message: two/page } }";
const HANG: &str = "{ at: as }";
const UNREACHED: &str = "{ never: { at: as, target: /page } }, { expect: { status: 401 } }";
const NO_SUCCESS: &str = "{ never: { at: ue, status: 2xx } }";

const ASKS: &str = "ue to proxy on 1";
const SERVES: &str = "as to proxy on 2";

#[rstest]
#[case::goes_through("", THROUGH, &[GET, OK], &[ASKS, SERVES], Outcome::Pass)]
#[case::serves_others_meanwhile(PAGE, THROUGH, &[OTHER, GET, OK], &[ASKS, SERVES, SERVES], Outcome::Pass)]
#[case::serves_while_the_answer_is_awaited(PAGE, "{ expect: { status: 200 } }", &[GET, OK], &[ASKS, SERVES], Outcome::Pass)]
#[case::hangs_up_where_it_is_told_to(HANG, "{ expect: { status: 502 } }", &[GET, BAD_GATEWAY], &[ASKS, "hang 2"], Outcome::Pass)]
#[case::answers_before_it_asks("", THROUGH, &[BAD_GATEWAY], &[ASKS], Outcome::Fail)]
#[case::closes_before_it_asks("", THROUGH, &[Comes::End], &[ASKS], Outcome::Fail)]
#[case::asks_where_an_answer_is_due("", "{ expect: { status: 401 } }", &[GET], &[ASKS], Outcome::Fail)]
#[case::is_not_reached("", UNREACHED, &[REFUSED], &[ASKS], Outcome::Pass)]
#[case::is_reached_by_others(PAGE, UNREACHED, &[OTHER, REFUSED], &[ASKS, SERVES], Outcome::Pass)]
#[case::is_reached("", UNREACHED, &[GET], &[ASKS], Outcome::Fail)]
#[case::is_not_reached_but_served("", UNREACHED, &[OK], &[ASKS], Outcome::Fail)]
#[case::is_not_reached_and_closed("", UNREACHED, &[Comes::End], &[ASKS], Outcome::Fail)]
#[case::is_not_reached_and_silent("", UNREACHED, &[Comes::Silence], &[ASKS], Outcome::Fail)]
#[case::no_success_but_a_failure("", NO_SUCCESS, &[BAD_GATEWAY], &[ASKS], Outcome::Pass)]
#[case::no_success_but_an_end("", NO_SUCCESS, &[Comes::End], &[ASKS], Outcome::Pass)]
#[case::no_success_but_silence("", NO_SUCCESS, &[Comes::Silence], &[ASKS], Outcome::Pass)]
#[case::a_success(PAGE, NO_SUCCESS, &[GET, OK], &[ASKS, SERVES], Outcome::Fail)]
fn plays_both_ends(
    #[case] answers: &str,
    #[case] steps: &str,
    #[case] script: &[Comes],
    #[case] expected: &[&str],
    #[case] outcome: Outcome,
) {
    let (done, transcript, verdict) = played(&case(answers, steps), script);
    assert_eq!(done, expected);
    assert_eq!(verdict.outcome, outcome, "{verdict:?} {transcript:?}");
}

#[test]
fn says_at_which_end_something_came_instead() {
    let (_, _, verdict) = played(&case("", THROUGH), &[BAD_GATEWAY]);
    let finding = &verdict.findings[0];
    assert_eq!(finding.check, "at");
    assert_eq!(finding.expected, "a message at as");
    assert_eq!(finding.actual, "at ue: HTTP/1.1 502 Bad Gateway");
}

/// A client answers the last challenge that it got, whatever came to the server since.
#[test]
fn each_end_answers_what_came_to_it() {
    let steps = "{ given: { at: as } }, { send: { message: two/page } }, { given: { status: 401 } }, \
                 { given: { at: as } }, { send: { message: two/page } }, \
                 { send: { wire: \"GET / HTTP/1.1\\nX-Answers: {challenge.realm}\\n\" } }, \
                 { expect: { status: 200 } }";
    let challenge =
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"";
    let script = [GET, Comes::Answer(challenge), OTHER, OK];
    let (done, transcript, verdict) = played(&case("", steps), &script);
    assert_eq!(done, [ASKS, SERVES, SERVES, ASKS]);
    assert_eq!(verdict.outcome, Outcome::Pass, "{verdict:?}");
    let sent = (0..transcript.entries.len()).filter_map(|index| transcript.message_bytes(index));
    let is_answer = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("X-Answers: r\r\n");
    assert_eq!(sent.filter(|bytes| is_answer(bytes)).count(), 1);
}

#[rstest]
#[case::target_as("target: as", "unknown target `as`")]
#[case::nothing_forbidden("steps: [{ never: {} }]", "this step forbids nothing")]
fn refuses_what_cannot_be_played(#[case] line: &str, #[case] what: &str) {
    let mut text = "topic: two/wrong\n\
                specification: { document: \"TS 24.109\", clause: \"4.2\" }\n\
                cases:\n\
                \x20 - id: wrong\n\
                \x20   title: t\n\
                \x20   requirements: [UB-4.2-20]\n"
        .to_owned();
    let lines = ["target: proxy", "steps: [{ expect: { status: 200 } }]"];
    let key = |line: &str| line.split(':').next().map(str::to_owned);
    for known in lines
        .iter()
        .filter(|known| key(known) != key(line))
        .chain([&line])
    {
        text.extend(["    ", known, "\n"]);
    }
    let source = |name: &str, text: &str| Source {
        name: name.to_owned(),
        text: text.to_owned(),
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml"),
        ),
        source("two/wrong.yaml", &text),
    ]);
    let problems: Vec<&str> = loaded.problems.iter().map(|p| p.what.as_str()).collect();
    assert_eq!(problems, [what]);
}
