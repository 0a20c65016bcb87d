//! `gbaspec run` with and without a target.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gbaspec_roles::{BsfPolicy, ConnectionId, Input, Moment, Output, Role, embedded};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::{Decoder, Expecting, Limits, Message};
use rstest::rstest;

use crate::process::{Gbaspec, Served, cases_with, clock, ended, json, json_file, profile};

/// The tables of TS 24.109 that the suite began with.
const TABLES: [&str; 3] = ["4.5-6", "4.5-8", "E.4-1"];

#[test]
fn runs_against_the_reference_peers_without_a_target() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line("run --run-dir evidence --json run.json");
    ended.expect_code(0);
    assert!(
        ended.stdout.contains("verdict CONFORMANT"),
        "{}",
        ended.stdout
    );
    let run = json_file(&gbaspec.path("run.json"));
    assert_eq!(run["schema"], "gbaspec.run/1");
    let stored = json_file(&gbaspec.path("evidence/result.json"));
    assert_eq!(run["summary"], stored["summary"]);
    assert_eq!(cases_with(&run, "pass"), cases_with(&stored, "pass"));
    assert!(cases_with(&run, "pass").len() >= 150);
    for table in TABLES {
        let text = run.to_string();
        assert!(
            text.contains(&format!("\"{table}\"")),
            "no case replays table {table}"
        );
    }
    gbaspec.line("recheck evidence").expect_code(0);
}

/// Whoever runs the suite sees without a file that the printed tables were replayed.
#[test]
fn names_the_three_tables_to_people() {
    let _alone = clock();
    let ended = Gbaspec::new().line("run --no-evidence");
    ended.expect_code(0);
    for table in TABLES {
        assert!(
            ended.stdout.contains(table),
            "table {table} is not named:\n{}",
            ended.stdout
        );
    }
}

#[rstest]
#[case("bsf")]
#[case("portal")]
#[case("naf")]
fn passes_a_served_reference_peer(#[case] role: &str) {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &[role]);
    gbaspec.write("target.yaml", &profile(role, &served.address));
    let ended = gbaspec.line("run -t target.yaml --format json");
    ended.expect_code(0);
    let run = json(&ended.stdout);
    assert_eq!(run["run"]["targets"][0]["address"], served.address.as_str());
    assert!(!cases_with(&run, "pass").is_empty());
    assert_eq!(run["summary"]["passed"], run["summary"]["ran"]);
}

/// A proxy in another process, the harness as client before it and as application server behind it.
#[rstest]
#[case::correct(&[], 0, None)]
#[case::with_a_fault(
    &["--fault", "proxy/credentials-passed-on"],
    1,
    Some(("proxy/identity/keeps-the-credentials", "AP-7-02"))
)]
fn stands_around_a_served_proxy(
    #[case] fault: &[&str],
    #[case] code: i32,
    #[case] caught: Option<(&str, &str)>,
) {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let behind = free_address();
    let served = Served::new(
        &gbaspec,
        &[&["proxy", "--upstream", &behind], fault].concat(),
    );
    let profile = profile("proxy", &served.address);
    gbaspec.write("target.yaml", &profile.replace("127.0.0.1:9090", &behind));
    let ended = gbaspec.line("run -t target.yaml --format json");
    ended.expect_code(code);
    let run = json(&ended.stdout);
    assert!(cases_with(&run, "pass").len() >= 30);
    let failed = cases_with(&run, "fail");
    let expected: Vec<&str> = caught.iter().map(|(case, _)| *case).collect();
    assert_eq!(failed, expected);
    if let Some((_, requirement)) = caught {
        assert!(ended.stdout.contains(&format!("\"{requirement}\"")));
    }
}

/// An address at which nobody listens yet.
fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    address.to_string()
}

/// It takes two and a half seconds where nothing else runs; what must not be is a wait for each case.
#[test]
fn gives_up_on_a_mute_target_soon() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener
        .local_addr()
        .expect("it has an address")
        .to_string();
    // Connections wait in the queue of the system and are never answered.
    gbaspec.write("target.yaml", &profile("bsf", &address));
    let ended = gbaspec.line("run -t target.yaml --run-dir evidence");
    assert!(matches!(ended.code, Some(3 | 6)), "{ended:?}");
    assert!(ended.took < Duration::from_secs(10), "{:?}", ended.took);
    assert_eq!(
        json_file(&gbaspec.path("evidence/result.json"))["summary"]["passed"],
        0
    );
    drop(listener);
}

#[test]
fn says_at_once_that_nothing_listens() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener
        .local_addr()
        .expect("it has an address")
        .to_string();
    drop(listener);
    gbaspec.write("target.yaml", &profile("bsf", &address));
    let ended = gbaspec.line("run -t target.yaml --run-dir evidence");
    ended.expect_code(3);
    assert!(ended.took < Duration::from_secs(8), "{:?}", ended.took);
    let result = json_file(&gbaspec.path("evidence/result.json"));
    assert_eq!(result["summary"]["exit_code"], 3);
    assert_eq!(result["probes"][0]["result"], "unreachable");
}

/// A BSF that answers AUTS with the nonce that failed: served with the fault, and written by hand.
#[rstest]
#[case::served(true)]
#[case::written_by_hand(false)]
fn blames_the_old_nonce_after_auts_on_resynchronisation(#[case] is_served: bool) {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let served;
    let address = if is_served {
        served = Served::new(&gbaspec, &["bsf", "--fault", "bsf/nonce-again-after-auts"]);
        served.address.clone()
    } else {
        bsf_with_old_nonce().to_string()
    };
    // The one that is written by hand knows version 1 of AKA only.
    let target = profile("bsf", &address).replace("akav2-md5, akav2-sha-256, ", "");
    gbaspec.write("target.yaml", &target);
    let ended = gbaspec.line("run -t target.yaml --run-dir evidence");
    ended.expect_code(1);
    let failed = cases_with(&json_file(&gbaspec.path("evidence/result.json")), "fail");
    assert!(
        failed.contains(&"ub/resync/fresh-challenge-after-auts".to_owned()),
        "{failed:?}"
    );
    // Whatever the keys and the username, it is the resynchronisation that fails.
    let is_about_auts = |id: &String| {
        let topics = ["ub/resync/", "ub/sqn/"];
        topics.iter().any(|topic| id.starts_with(topic)) || id.contains("/auts-")
    };
    assert!(failed.iter().all(is_about_auts), "{failed:?}");
    let block = ended
        .stdout
        .split("\n\n")
        .find(|block| block.starts_with("FAIL  ub/resync/fresh-challenge-after-auts"))
        .unwrap_or_else(|| panic!("no block for the case:\n{}", ended.stdout));
    for words in [
        "TS 24.109 4.5",
        "UB-4.5-07",
        "challenge.rand",
        "expected",
        "actual",
        "vectors/ub/resync.yaml",
    ] {
        let words = words.trim_start_matches("vectors/");
        assert!(block.contains(words), "no `{words}` in\n{block}");
    }
    // What is expected stands beside what came.
    let lines: Vec<&str> = block.lines().map(str::trim).collect();
    let expected = lines.iter().position(|line| line.starts_with("expected  "));
    let expected = expected.expect("an expectation");
    assert!(lines[expected + 1].starts_with("actual    "), "{block}");
}

#[test]
fn keeps_what_was_measured_when_it_is_interrupted() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &["bsf"]);
    let slow = slowed(&served.address, Duration::from_millis(120));
    gbaspec.write("target.yaml", &profile("bsf", &slow.to_string()));
    let began = Instant::now();
    let running = gbaspec.start([
        "run",
        "-t",
        "target.yaml",
        "--run-dir",
        "evidence",
        "--junit",
        "run.xml",
    ]);
    let transcripts = gbaspec.path("evidence/transcripts");
    let is_measured = || fs::read_dir(&transcripts).is_ok_and(|mut files| files.next().is_some());
    while !is_measured() && began.elapsed() < Duration::from_secs(30) {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(is_measured(), "no case ended");
    let id = running.0.id().to_string();
    let status = Command::new("kill")
        .args(["-TERM", &id])
        .status()
        .expect("kill is there");
    assert!(status.success());
    let asked = Instant::now();
    let ended = ended(running, began);
    ended.expect_code(130);
    assert!(
        asked.elapsed() < Duration::from_secs(5),
        "{:?}",
        asked.elapsed()
    );
    let result = json_file(&gbaspec.path("evidence/result.json"));
    assert_eq!(result["partial"], true);
    assert_eq!(result["summary"]["exit_code"], 130);
    let ran = result["summary"]["ran"].as_u64().expect("a number");
    assert!(
        ran >= 1 && ran < result["summary"]["planned"].as_u64().expect("a number"),
        "{result}"
    );
    let xml = fs::read_to_string(gbaspec.path("run.xml")).expect("the report is there");
    roxmltree::Document::parse(&xml).expect("the report is XML");
    gbaspec.line("recheck evidence").expect_code(0);
}

/// Which lane plays a case must be no matter of luck: the subscriber and all random choices of the
/// harness follow from the seed.
#[test]
fn makes_the_same_choices_for_the_same_seed() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let choices = |folder: &str| {
        gbaspec
            .line(&format!("run ub --seed 7 --run-dir {folder}"))
            .expect_code(0);
        let files = fs::read_dir(gbaspec.path(folder).join("transcripts")).expect("evidence");
        let files = files.map(|file| file.expect("a file").path());
        files
            .map(|path| choices_in(&path))
            .collect::<BTreeMap<_, _>>()
    };
    let (one, two) = (choices("one"), choices("two"));
    assert!(
        one.len() > 50 && one.values().any(|words| words.len() > 2),
        "{one:?}"
    );
    assert_eq!(one, two);
}

/// The name of a transcript, its subscriber and every client nonce that the harness made.
fn choices_in(path: &Path) -> (String, Vec<String>) {
    let transcript = json_file(path);
    let entries = transcript["case"]["entries"].as_array().expect("entries");
    let mut choices = vec![transcript["case"]["subscriber"].to_string()];
    for entry in entries
        .iter()
        .filter(|entry| entry["what"]["kind"] == "sent")
    {
        let text = entry["what"]["bytes"]["text"].as_str().unwrap_or_default();
        let cnonce = text
            .split(" cnonce=")
            .nth(1)
            .and_then(|rest| rest.split(',').next());
        choices.extend(cnonce.map(str::to_owned));
    }
    (transcript["id"].to_string(), choices)
}

// ---------------------------------------------------------------- targets written by hand

/// The reference BSF behind a server of its own, but a request with AUTS gets its own nonce again.
fn bsf_with_old_nonce() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let bsf: Arc<Mutex<dyn Role>> = Arc::new(Mutex::new(embedded::bsf(BsfPolicy::default(), 1)));
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bsf = Arc::clone(&bsf);
            thread::spawn(move || answer_all(&*bsf, stream));
        }
    });
    address
}

fn answer_all(bsf: &Mutex<dyn Role>, mut stream: TcpStream) {
    let mut decoder = Decoder::new(Expecting::Request, Limits::default());
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        if read == 0 {
            return;
        }
        // What cannot be framed gets the answer that the role gives to it.
        let is_framed = decoder.feed(&buffer[..read]).is_ok();
        let mut answers = Vec::new();
        while let Some(request) = decoder.next_message() {
            answers.push(with_old_nonce(ask(bsf, Some(&request)), &request));
        }
        if !is_framed {
            answers.push(ask(bsf, None));
        }
        for answer in answers {
            if stream.write_all(&answer.to_bytes()).is_err() {
                return;
            }
        }
        if !is_framed {
            return;
        }
    }
}

fn ask(bsf: &Mutex<dyn Role>, request: Option<&Message>) -> Message {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    let now = Moment {
        unix_millis: i64::try_from(since.as_millis()).expect("the year is not too far"),
    };
    let connection = ConnectionId(1);
    let input = match request {
        Some(message) => Input::Message {
            connection,
            message,
        },
        None => Input::Unreadable { connection },
    };
    let mut bsf = bsf.lock().unwrap_or_else(PoisonError::into_inner);
    match bsf.handle(now, input).into_iter().next() {
        Some(Output::Respond { message, .. }) => message,
        other => panic!("a BSF answers: {other:?}"),
    }
}

fn with_old_nonce(mut answer: Message, request: &Message) -> Message {
    let Some(field) = request.field("Authorization") else {
        return answer;
    };
    let credentials = DirectiveList::parse_credentials(&field.value);
    let (Some(nonce), true) = (
        credentials.value("nonce"),
        credentials.value("auts").is_some(),
    ) else {
        return answer;
    };
    if let Some(field) = answer.field("WWW-Authenticate") {
        let mut challenge = DirectiveList::parse_credentials(&field.value);
        challenge.set_raw("nonce", &[b"\"", nonce, b"\""].concat());
        answer.set("WWW-Authenticate", challenge.to_bytes());
    }
    answer
}

/// A way to a server that holds back each answer for a while.
fn slowed(address: &str, delay: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let front = listener.local_addr().expect("it has an address");
    let back = address.to_owned();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(&back) else {
                return;
            };
            let (Ok(to_server), Ok(to_client)) = (server.try_clone(), client.try_clone()) else {
                return;
            };
            thread::spawn(move || copy(client, to_server, Duration::ZERO));
            thread::spawn(move || copy(server, to_client, delay));
        }
    });
    front
}

fn copy(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let mut buffer = [0; 8192];
    loop {
        let read = from.read(&mut buffer).unwrap_or(0);
        thread::sleep(delay);
        if read == 0 || to.write_all(&buffer[..read]).is_err() {
            drop(to.shutdown(std::net::Shutdown::Both));
            return;
        }
    }
}
