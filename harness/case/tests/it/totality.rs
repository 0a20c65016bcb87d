//! The judge over evidence that no play ever made: it never panics, and it never changes its mind.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use gbaspec_case::element::Element;
use gbaspec_case::handshake::{HandshakeEnd, Hello, PskAttempt};
use gbaspec_case::judge::judge;
use gbaspec_case::load::{Library, Source, load, load_profile};
use gbaspec_case::redact::redact;
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::{ClientOutcome, Entry, EntryKind, Evidence, TlsMkExtr, Transcript};
use gbaspec_case::verdict::Outcome;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// What goes over the wire in a right run, as a start for wrong ones.
const MESSAGES: [&str; 7] = [
    "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\"\r\n\r\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"c3010b8b0c8fe3d6425a4d50b6a66ba8\", algorithm=AKAv1-MD5\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"0c6b780251d1cc17f1efdcbe83e90720\", algorithm=AKAv1-MD5, auts=\"uoU/PBLcTIsCWhx6zb8=\"\r\n\r\n",
    "HTTP/1.1 200 OK\r\nAuthentication-Info: qop=auth-int, rspauth=\"555af6499afdd4138f23c23ab0e0a81f\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\r\nContent-Type: application/vnd.3gpp.bsf+xml\r\nContent-Length: 199\r\n\r\n<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BootstrappingInfo xmlns=\"uri:3gpp-gba\">\n  <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>\n  <lifetime>2004-01-09T10:13:17Z</lifetime>\n</BootstrappingInfo>\n",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"3GPP-bootstrapping@pkiportal.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5, qop=\"auth,auth-int\", opaque=\"x\"\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nAuthentication-Info: qop=auth-int, rspauth=\"1afc60af49b8fda27aa964fd26d6855d\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001\r\n\r\n<html></html>",
];

struct World {
    library: Library,
    scenes: Vec<(Element, Scene)>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut sources = Vec::new();
    read(&root.join("vectors"), "", &mut sources);
    let loaded = load(&sources);
    assert_eq!(loaded.problems, []);
    let mut profiles = Vec::new();
    read(&root.join("suites/profiles"), "", &mut profiles);
    let scenes = profiles
        .iter()
        .map(|source| load_profile(source, &|_| None).expect("the profile is sound"))
        .map(|profile| (profile.role, profile.scene))
        .collect();
    World {
        library: loaded.library,
        scenes,
    }
});

fn read(folder: &Path, name: &str, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the entry is readable").path();
        let own = path.file_name().expect("it has a name").to_string_lossy();
        let name = format!("{name}{own}");
        if path.is_dir() {
            read(&path, &format!("{name}/"), sources);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            sources.push(Source {
                name,
                text: fs::read_to_string(&path).expect("the file is readable"),
            });
        }
    }
}

fn element() -> impl Strategy<Value = Element> {
    select(Element::ALL.to_vec())
}

/// Octets: anything, a right message, or a right message with a few octets changed.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    let right = || select(MESSAGES.to_vec()).prop_map(|text| text.as_bytes().to_vec());
    let spoilt = (
        right(),
        vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    )
        .prop_map(|(mut octets, changes)| {
            for (at, octet) in changes {
                let at = at.index(octets.len());
                octets[at] = octet;
            }
            octets
        });
    let cut = (right(), any::<prop::sample::Index>()).prop_map(|(mut octets, at)| {
        octets.truncate(at.index(octets.len()));
        octets
    });
    prop_oneof![
        4 => right(),
        3 => spoilt,
        1 => cut,
        1 => vec(any::<u8>(), 0..200),
    ]
}

fn kind() -> impl Strategy<Value = EntryKind> {
    prop_oneof![
        4 => (element(), element(), octets()).prop_map(|(from, to, bytes)| EntryKind::Sent { from, to, bytes }),
        6 => (element(), element(), octets()).prop_map(|(from, to, bytes)| EntryKind::Received { from, to, bytes }),
        1 => (element(), octets(), "[ -~]{0,20}").prop_map(|(to, bytes, why)| EntryKind::Unreadable { to, bytes, why }),
        1 => (any::<[u8; 32]>(), option::of("[ -~]{0,20}"), "[ -~]{0,20}", any::<u16>(), option::of(vec(any::<u8>(), 0..40))).prop_map(|(octets, server_name, suite, suite_number, psk_identity)| {
            let mut exporter = [0; TlsMkExtr::LEN];
            exporter[..32].copy_from_slice(&octets);
            EntryKind::Secured { exporter: TlsMkExtr::new(exporter), server_name, version: "TLSv1.3".to_owned(), suite, suite_number, psk_identity, psk_hint: None }
        }),
        1 => (element(), "[ -~]{0,20}").prop_map(|(to, why)| EntryKind::Unsecured { to, why }),
        1 => (element(), element(), option::of("[ -~]{0,20}"), vec(any::<u16>(), 0..4), option::of(octets())).prop_map(|(from, to, server_name, suites, identity)| {
            EntryKind::Hello { from, to, hello: Hello { server_name, suites, identity } }
        }),
        1 => (element(), "[ -~]{0,20}", any::<u8>(), option::of(octets()), option::of(any::<u16>())).prop_map(|(to, why, alert, identity, suite_number)| {
            let end = if alert == 0 { HandshakeEnd::Silent } else { HandshakeEnd::Refused(alert) };
            EntryKind::Unshared { to, why, attempt: PskAttempt { end, hint: identity.clone(), identity, suite_number } }
        }),
        1 => Just(EntryKind::Closed),
        1 => "[ -~]{0,20}".prop_map(|why| EntryKind::Unreachable { why }),
        1 => any::<u64>().prop_map(|after_millis| EntryKind::TimedOut { after_millis }),
        1 => any::<bool>().prop_map(|answered| EntryKind::Control { answered }),
        1 => select(vec!["bootstrap", "fetch", "enrol", ""]).prop_map(|errand| EntryKind::Triggered { errand: errand.to_owned() }),
        1 => select(ClientOutcome::ALL.to_vec()).prop_map(|outcome| EntryKind::Finished { outcome }),
        1 => "[ -~]{0,20}".prop_map(|why| EntryKind::Stopped { why }),
    ]
}

fn transcript() -> impl Strategy<Value = Transcript> {
    let step = prop_oneof![9 => (0_usize..9).prop_map(Some), 1 => Just(None), 1 => any::<usize>().prop_map(Some)];
    let entry =
        (step, any::<u64>(), 0_u32..4, kind()).prop_map(|(step, at_micros, connection, kind)| {
            Entry {
                step,
                at_micros,
                connection,
                kind,
            }
        });
    (
        any::<i64>(),
        prop_oneof![0_usize..5, any::<usize>()],
        vec(entry, 0..14),
    )
        .prop_map(|(started_unix_millis, subscriber, entries)| Transcript {
            started_unix_millis,
            subscriber,
            entries,
        })
}

fn evidence() -> impl Strategy<Value = Evidence> {
    (
        option::of(transcript()),
        transcript(),
        option::of(transcript()),
    )
        .prop_map(|(before, case, after)| Evidence {
            before,
            case,
            after,
            ..Evidence::default()
        })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        failure_persistence: Some(Box::new(proptest::test_runner::FileFailurePersistence::Direct(
            "tests/regressions/totality.txt",
        ))),
        ..ProptestConfig::default()
    })]

    #[test]
    fn judges_any_evidence_the_same_way_twice(index in any::<prop::sample::Index>(), evidence in evidence()) {
        let library = &WORLD.library;
        let case = &library.cases[index.index(library.cases.len())];
        let twin = library.twin_of(case);
        for (_, scene) in &WORLD.scenes {
            let verdict = judge(case, twin, scene, &evidence);
            prop_assert_eq!(&verdict, &judge(case, twin, scene, &evidence));
            // A pass rests on something, and everything worse has its reason.
            match verdict.outcome {
                Outcome::Pass => prop_assert!(verdict.assertions > 0, "{}", case.id),
                _ => prop_assert!(!verdict.findings.is_empty(), "{}", case.id),
            }
            for finding in verdict.findings.iter().chain(&verdict.warnings) {
                let is_plain = finding.actual.chars().all(|c| (' '..='~').contains(&c));
                prop_assert!(is_plain, "{}: {:?}", case.id, finding.actual);
            }
        }
    }

    #[test]
    fn redacts_any_evidence_without_changing_its_size(transcript in transcript()) {
        for (_, scene) in &WORLD.scenes {
            let mut redacted = transcript.clone();
            redact(scene, &mut redacted);
            for (index, entry) in transcript.entries.iter().enumerate() {
                let length = |transcript: &Transcript| transcript.message_bytes(index).map(<[u8]>::len);
                prop_assert_eq!(length(&redacted), length(&transcript));
                prop_assert_eq!(redacted.entries[index].step, entry.step);
            }
            let mut again = redacted.clone();
            redact(scene, &mut again);
            prop_assert_eq!(again, redacted);
        }
    }

    /// Whatever text stands in a case file, loading it ends with problems that have a place.
    #[test]
    fn loads_any_text(text in "[ -~\n\t]{0,400}") {
        let loaded = load(&[Source { name: "any/text.yaml".to_owned(), text }]);
        for problem in &loaded.problems {
            prop_assert!(problem.place.line > 0 && problem.place.column > 0, "{}", problem);
            prop_assert!(!problem.advice.is_empty());
        }
    }
}
