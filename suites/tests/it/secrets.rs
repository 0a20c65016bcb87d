//! No secret leaves the harness: every artefact of a whole run is searched for the keys of all
//! subscribers and for what they make of every RAND that went over the wire.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use gbaspec_case::element::Element;
use gbaspec_case::event::{Event, RunSummary};
use gbaspec_case::redact::{Needle, encodings, secrets};
use gbaspec_case::transcript::{EntryKind, Transcript};
use gbaspec_case::verdict::Outcome;
use gbaspec_drive::target::{Origin, Target};
use gbaspec_reports::{Detail, Format, Recorder, Reporter, Style, read_run, reporter};
use gbaspec_roles::embedded::{self, SUBSCRIBERS};
use gbaspec_roles::{Bsf, BsfPolicy, ConnectionId, Input, Moment, Output, Role as _};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::{Decoder, Expecting, Limits, Message};
use gbaspec_wire::nonce::AkaNonce;
use rstest::rstest;

use crate::world::{LIBRARY, embedded, plan, profile, profiles, results, run};

/// K of test set 1 of TS 35.207, as it stands in the profiles.
const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";

#[test]
fn a_whole_run_tells_no_secret() {
    let (events, summary) = run(&plan(), &embedded(17));
    let folder = tempfile::tempdir().expect("there is room for the artefacts");
    write_artefacts(folder.path(), &events, &summary);
    let scanner = Scanner::new(&secrets_of(&events));
    assert!(scanner.count > 10_000, "only {} needles", scanner.count);
    let artefacts = read_artefacts(folder.path());
    assert!(
        artefacts.len() > LIBRARY.cases.len(),
        "{} artefacts",
        artefacts.len()
    );
    for (name, bytes) in &artefacts {
        assert_eq!(scanner.find(bytes, Text::Json), None, "{name}");
    }
    let stored = read_run(&folder.path().join("run")).expect("the run is readable");
    let mut messages = 0;
    for result in stored.cases() {
        for bytes in plays(result).flat_map(octets) {
            messages += 1;
            assert_eq!(scanner.find(bytes, Text::Raw), None, "{}", result.case.id);
        }
    }
    assert!(messages > 500, "only {messages} messages");
}

/// The scanner is worth something only if it finds what is there.
#[rstest]
#[case::k(0)]
#[case::opc(1)]
#[case::ks(2)]
#[case::ck(3)]
#[case::ik(4)]
#[case::res(5)]
#[case::ks_naf(6)]
#[case::ks_naf_of_the_portal(7)]
fn the_scanner_finds_a_planted(#[case] which: usize) {
    let transcript = with_first_challenge();
    let all = secrets(&profile(Element::Bsf).scene, &transcript);
    let secret = &all[which];
    let scanner = Scanner::new(&BTreeSet::from_iter(all.clone()));
    for text in [
        HEXLOWER.encode(secret).into_bytes(),
        HEXUPPER.encode(secret).into_bytes(),
        BASE64.encode(secret).into_bytes(),
        secret.clone(),
    ] {
        let mut artefact = b"{\"actual\": \"before ".to_vec();
        artefact.extend_from_slice(&text);
        artefact.extend_from_slice(b" after\"}");
        assert!(scanner.find(&artefact, Text::Raw).is_some(), "{text:?}");
    }
    assert_eq!(scanner.find(b"{\"actual\": \"nothing\"}", Text::Raw), None);
}

/// The published values: what is searched for is what it should be.
#[test]
fn searches_for_the_values_of_the_test_set() {
    let all = secrets(&profile(Element::Bsf).scene, &with_first_challenge());
    let hex: Vec<String> = all.iter().map(|secret| HEXLOWER.encode(secret)).collect();
    for value in [
        K,
        "cd63cb71954a9f4e48a5994e37a02baf",
        "a54211d5e3ba50bf",
        "b40ba9a3c58b2a05bbf0d987b21bf8cb",
        "f769bcd751044604127672711c6d3441",
        "b40ba9a3c58b2a05bbf0d987b21bf8cbf769bcd751044604127672711c6d3441",
        // Ks_NAF of ua_digest_flow and of ua_pki_e4_flow, in base64 there.
        "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501",
        "a3e1bf73bddd7be7559233b1f47a14801c5df61bb3fba24693137fb5b3ed6f1d",
    ] {
        assert!(hex.iter().any(|known| known == value), "{value}");
    }
}

/// A target that puts RES and K into its answers does not reach the artefacts with them.
#[test]
fn a_leak_of_the_target_becomes_stars() {
    let server = leaking_bsf();
    let mut target = profile(Element::Bsf);
    target.address = server.to_string();
    let mut plan = plan();
    plan.selected = (0..LIBRARY.cases.len())
        .filter(|&index| LIBRARY.cases[index].id.topic() == "ub/bootstrap")
        .collect();
    let targets = [Target {
        profile: target,
        origin: Origin::Network,
    }];
    let (events, summary) = run(&plan, &targets);
    assert!(summary.passed >= 5, "{summary:?}");
    let mut leaks = 0;
    for bytes in results(&events).flat_map(plays).flat_map(octets) {
        let Ok(message) = Message::from_bytes(bytes) else {
            continue;
        };
        let Some(res) = message.field("X-Res") else {
            continue;
        };
        leaks += 1;
        assert_eq!(res.value, b"*".repeat(16));
        let k = &message.field("X-K").expect("both are there").value;
        assert_eq!(k, &b"*".repeat(24));
    }
    assert!(leaks > 0, "the target leaked nothing");
    let folder = tempfile::tempdir().expect("there is room for the artefacts");
    write_artefacts(folder.path(), &events, &summary);
    let scanner = Scanner::new(&secrets_of(&events));
    for (name, bytes) in read_artefacts(folder.path()) {
        assert_eq!(scanner.find(&bytes, Text::Json), None, "{name}");
    }
    // What was judged is what was stored, so the stars change no verdict.
    let failed = results(&events).filter(|result| result.verdict.outcome == Outcome::Fail);
    assert_eq!(
        failed
            .map(|result| result.case.id.as_str())
            .collect::<Vec<_>>(),
        [""; 0]
    );
}

// ---------------------------------------------------------------- artefacts

/// The run folder and every report, the talkative terminal included.
fn write_artefacts(folder: &Path, events: &[Event], summary: &RunSummary) {
    let mut reporters: Vec<Box<dyn Reporter>> = Format::ALL
        .into_iter()
        .map(|format| {
            let file = File::create(folder.join(format.as_str())).expect("a new file");
            let style = Style {
                detail: Detail::Verbose,
                ..Style::default()
            };
            reporter(format, Box::new(file), style)
        })
        .collect();
    let recorder = Recorder::new(folder.join("run")).expect("a new folder");
    reporters.push(Box::new(recorder));
    for reporter in &mut reporters {
        for event in events {
            reporter.on_event(event).expect("the disk takes it");
        }
        reporter.finish(summary).expect("the disk takes it");
    }
}

fn read_artefacts(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut artefacts = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the entry is readable").path();
        if path.is_dir() {
            artefacts.extend(read_artefacts(&path));
        } else {
            let bytes = fs::read(&path).expect("the file is readable");
            artefacts.push((path.display().to_string(), bytes));
        }
    }
    artefacts
}

/// Everything secret about the plays of a run, whatever the role of the target.
fn secrets_of(events: &[Event]) -> BTreeSet<Vec<u8>> {
    let scenes: Vec<_> = profiles()
        .into_iter()
        .map(|profile| (profile.role, profile.scene))
        .collect();
    let mut all = BTreeSet::new();
    for result in results(events) {
        for transcript in plays(result) {
            for (_, scene) in scenes
                .iter()
                .filter(|(role, _)| *role == result.case.target)
            {
                all.extend(secrets(scene, transcript));
            }
        }
    }
    all
}

fn plays(result: &gbaspec_case::event::CaseResult) -> impl Iterator<Item = &Transcript> {
    result.evidence.plays()
}

fn octets(transcript: &Transcript) -> impl Iterator<Item = &[u8]> {
    transcript
        .entries
        .iter()
        .filter_map(|entry| match &entry.kind {
            EntryKind::Sent { bytes, .. }
            | EntryKind::Received { bytes, .. }
            | EntryKind::Unreadable { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
}

/// A play that holds nothing but the challenge of `ub_success_flow`.
fn with_first_challenge() -> Transcript {
    use gbaspec_case::transcript::Entry;
    let text = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", \
        nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=AKAv1-MD5\r\n\r\n";
    let kind = EntryKind::Received {
        from: Element::Bsf,
        to: Element::Ue,
        bytes: text.as_bytes().to_vec(),
    };
    Transcript {
        entries: vec![Entry {
            step: None,
            at_micros: 0,
            connection: 1,
            kind,
        }],
        ..Transcript::default()
    }
}

// ---------------------------------------------------------------- the scanner

/// What the searched octets are: short raw secrets can stand in a text by chance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Json,
    Raw,
}

/// Finds any of many needles in one pass.
struct Scanner {
    count: usize,
    needles: HashMap<Vec<u8>, Needle>,
    short: HashSet<Vec<u8>>,
    lengths: Vec<usize>,
    /// One bit for the first three octets of each needle.
    starts: Vec<u64>,
    /// The first four octets of each needle: a body of ten megabytes has many places with three.
    firsts: HashSet<[u8; 4]>,
}

impl Scanner {
    fn new(secrets: &BTreeSet<Vec<u8>>) -> Self {
        let all: Vec<Vec<u8>> = secrets.iter().cloned().collect();
        let needles = encodings(&all).into_iter();
        let needles: HashMap<Vec<u8>, Needle> = needles
            .map(|needle| (needle.text.clone(), needle))
            .collect();
        let short = all.into_iter().filter(|secret| secret.len() <= 8).collect();
        let lengths: BTreeSet<usize> = needles.keys().map(Vec::len).collect();
        let mut starts = vec![0; 1 << 18];
        for needle in needles.keys() {
            let bit = start_of(needle).expect("a needle has four octets at least");
            starts[bit / 64] |= 1 << (bit % 64);
        }
        let firsts = needles.keys().filter_map(|needle| needle.first_chunk());
        Self {
            count: needles.len(),
            firsts: firsts.copied().collect(),
            needles,
            short,
            lengths: lengths.into_iter().collect(),
            starts,
        }
    }

    fn find(&self, bytes: &[u8], text: Text) -> Option<String> {
        for at in 0..bytes.len() {
            let rest = &bytes[at..];
            let bit = start_of(rest)?;
            if self.starts[bit / 64] >> (bit % 64) & 1 == 0 {
                continue;
            }
            let first = rest.first_chunk();
            if !first.is_some_and(|first| self.firsts.contains(first)) {
                continue;
            }
            for &length in &self.lengths {
                let Some(candidate) = rest.get(..length) else {
                    break;
                };
                let counts = text == Text::Raw || !self.short.contains(candidate);
                let needle = self.needles.get(candidate);
                if counts && needle.is_some_and(|needle| needle.counts_at(bytes, at)) {
                    return Some(format!("{} at {at}", String::from_utf8_lossy(candidate)));
                }
            }
        }
        None
    }
}

fn start_of(bytes: &[u8]) -> Option<usize> {
    let &[a, b, c] = bytes.first_chunk::<3>()?;
    Some(usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c))
}

// ---------------------------------------------------------------- the leaking target

/// A BSF that is right but for two headers of its 200: RES in hex, K in base64.
fn leaking_bsf() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let bsf = Arc::new(Mutex::new(embedded::bsf(BsfPolicy::default(), 1)));
    // The threads end with the connections, the last one with the process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let bsf = Arc::clone(&bsf);
            thread::spawn(move || serve(&bsf, stream));
        }
    });
    address
}

fn serve(bsf: &Mutex<Bsf>, mut stream: TcpStream) {
    let limit = stream.set_read_timeout(Some(Duration::from_secs(20)));
    limit.expect("a limit that is not zero");
    let mut decoder = Decoder::new(Expecting::Request, Limits::default());
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        if read == 0 || decoder.feed(&buffer[..read]).is_err() {
            return;
        }
        while let Some(request) = decoder.next_message() {
            let answer = leak(ask(bsf, &request), &request);
            if stream.write_all(&answer.to_bytes()).is_err() {
                return;
            }
        }
    }
}

fn ask(bsf: &Mutex<Bsf>, request: &Message) -> Message {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("it is after 1970");
    let now = Moment {
        unix_millis: i64::try_from(since.as_millis()).expect("the year is not too far"),
    };
    let input = Input::Message {
        connection: ConnectionId(1),
        message: request,
    };
    let mut bsf = bsf.lock().unwrap_or_else(PoisonError::into_inner);
    match bsf.handle(now, input).into_iter().next() {
        Some(Output::Respond { message, .. }) => message,
        other => panic!("a BSF answers: {other:?}"),
    }
}

fn leak(mut answer: Message, request: &Message) -> Message {
    if answer.status() != Ok(200) {
        return answer;
    }
    let field = request.field("Authorization").expect("a 200 has a reason");
    let list = DirectiveList::parse_credentials(&field.value);
    let nonce = AkaNonce::decode(list.value("nonce").unwrap_or_default()).expect("an AKA nonce");
    let username = list.value("username").unwrap_or_default();
    let subscriber = SUBSCRIBERS
        .iter()
        .find(|known| known.impi.as_bytes() == username);
    let subscriber = subscriber.expect("a known subscriber");
    let res = subscriber.functions().f2(nonce.rand.into());
    let k = HEXLOWER.decode(K.as_bytes()).expect("hex");
    answer.push("X-Res", HEXLOWER.encode(res.expose()));
    answer.push("X-K", BASE64.encode(&k));
    answer
}
