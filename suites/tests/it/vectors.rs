//! Every file of the vectors, one test each.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use gbaspec_case::element::Element;
use gbaspec_case::event::{CaseResult, Event, RunSummary};
use gbaspec_case::load;
use gbaspec_case::verdict::Outcome;
use rstest::rstest;

use crate::world::{LIBRARY, embedded, plan, results, run};

/// What stands in print where the as-printed form has a placeholder: the sample values, names and
/// formulas of the tables of TS 24.109, for Release 6 and for the later ones.
const PRINTED: [(&str, [&str; 2]); 12] = [
    (
        "{bsf.authority}",
        ["registrar.home1.net:9999", "bsf.home1.net:80"],
    ),
    ("{bsf.fqdn}", ["registrar.home1.net", "bsf.home1.net"]),
    (
        "{challenge.realm}",
        ["registrar.home1.net", "bsf.home1.net"],
    ),
    ("{portal.authority}", ["pki-portal.home1.net:2311"; 2]),
    ("{ue.impi}", ["user1_private@home1.net"; 2]),
    (
        "{challenge.nonce}",
        ["base64(RAND + AUTN + server specific data)"; 2],
    ),
    ("{nonce}", ["base64(RAND + AUTN + server specific data)"; 2]),
    ("{auts}", ["base64(AUTS)"; 2]),
    ("{cnonce}", ["6629fae49393a05397450978507c4ef1"; 2]),
    ("{request.cnonce}", ["6629fae49393a05397450978507c4ef1"; 2]),
    ("{response}", ["6629fae49393a05397450978507c4ef1"; 2]),
    ("{rspauth}", ["6629fae49394a05397450978507c4ef1"; 2]),
];

/// The same for what differs from table to table.
const PRINTED_IN: [(&str, &str, &str); 13] = [
    ("4.5-6", "{date}", "Thu, 08 Jan 2004 10:13:17 GMT"),
    ("4.5-8", "{date}", "Thu, 08 Jan 2004 10:13:17 GMT"),
    ("E.4-1", "{date}", "Thu, 08 Jan 2004 10:50:35 GMT"),
    ("E.4-1", "{expires}", "Fri, 09 Jan 2004 10:50:36 GMT"),
    ("E.4-1", "{request.nc}", "00000001"),
    ("E.3.1-1", "{portal.authority}", "pkiportal.home1.net:1234"),
    ("E.3.1-1", "{body.length}", "(...)"),
    ("E.3.1-1", "{date}", "Thu, 08 Jan 2004 10:50:35 GMT"),
    ("E.3.1-1", "{csr.base64}", "<PKCS#10 BLOB>"),
    ("E.5-1", "{portal.authority}", "pkiportal.home1.net:1234"),
    ("E.5-1", "{date}", "Thu, 08 Jan 2004 10:50:35 GMT"),
    ("E.6-1", "{date}", "Thu, 08 Jan 2004 10:50:35 GMT"),
    ("E.6-1", "{request.nc}", "00000001"),
];

/// Both releases, each with everything that happened.
static RUNS: LazyLock<[(u8, Vec<Event>, RunSummary); 2]> = LazyLock::new(|| {
    [17, 6].map(|release| {
        let (events, summary) = run(&plan(), &embedded(release));
        (release, events, summary)
    })
});

#[rstest]
fn holds(#[files("../vectors/**/*.yaml")] path: PathBuf) {
    let name = name_of(&path);
    match name.split('/').next().unwrap_or("") {
        "tables" if name.ends_with("errata.yaml") => assert!(LIBRARY.errata.len() >= 35),
        "tables" => prints_what_is_printed(&name),
        "messages" => assert!(LIBRARY.messages.keys().any(|id| is_of(id, &name)), "{name}"),
        "requirements" => assert!(
            LIBRARY
                .requirements
                .iter()
                .any(|row| row.place.file == name),
            "{name} has no row"
        ),
        // Published values are the business of the tests of the cryptography.
        "data" => {}
        _ => passes_against_the_correct_peers(&name),
    }
}

#[test]
fn has_all_rows_of_the_register() {
    assert_eq!(LIBRARY.requirements.len(), 493);
}

#[test]
fn no_case_is_left_out() {
    for (release, _, summary) in RUNS.iter() {
        assert_eq!(summary.planned, LIBRARY.cases.len(), "Release {release}");
        assert_eq!(
            summary.ran, summary.planned,
            "Release {release}: {summary:?}"
        );
        assert_eq!(summary.exit_code, 0, "Release {release}: {summary:?}");
    }
}

#[test]
fn has_no_problem() {
    assert_eq!(load::load(&gbaspec_suites::vectors()).problems, []);
}

fn passes_against_the_correct_peers(name: &str) {
    let cases: Vec<_> = LIBRARY
        .cases
        .iter()
        .filter(|case| case.place.file == name)
        .collect();
    assert!(!cases.is_empty(), "{name} has no case");
    for (release, events, _) in RUNS.iter() {
        for case in &cases {
            let result = results(events).find(|result| result.case.id == case.id.as_str());
            let result = result.unwrap_or_else(|| panic!("{} was not run", case.id));
            assert_passed(*release, result);
        }
    }
}

fn assert_passed(release: u8, result: &CaseResult) {
    let CaseResult { case, verdict, .. } = result;
    assert_eq!(
        verdict.outcome,
        Outcome::Pass,
        "Release {release}: {}: {verdict:#?}",
        case.id
    );
    assert!(verdict.assertions > 0, "Release {release}: {}", case.id);
}

fn prints_what_is_printed(name: &str) {
    let number = name.trim_start_matches("tables/").trim_end_matches(".yaml");
    let table = LIBRARY
        .tables
        .get(number)
        .unwrap_or_else(|| panic!("{name} has no table {number}"));
    let releases = [
        (&table.as_printed.release_6, &table.printed.release_6),
        (&table.as_printed.release_17, &table.printed.release_17),
    ];
    for (release, (as_printed, printed)) in releases.into_iter().enumerate() {
        let mut text = as_printed.clone();
        for (table, placeholder, value) in PRINTED_IN {
            if table == number {
                text = text.replace(placeholder, value);
            }
        }
        for (placeholder, values) in PRINTED {
            text = text.replace(placeholder, values[release]);
        }
        assert_eq!(&text, printed, "table {number}");
    }
}

/// Whether a message belongs to the file of messages with this name.
fn is_of(id: &str, name: &str) -> bool {
    let topic = name
        .trim_start_matches("messages/")
        .trim_end_matches(".yaml");
    id.split('/').next() == Some(topic)
}

fn name_of(path: &Path) -> String {
    let path = path.canonicalize().expect("the file is there");
    let name = path
        .strip_prefix(folder())
        .expect("it lies in the folder of the vectors");
    name.to_string_lossy().replace('\\', "/")
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    folder.canonicalize().expect("the folder is there")
}

/// The printed tables came from the seed documents; these lines are copied from there by hand.
#[rstest]
#[case::auts_request_of_release_6(
    "4.5-6",
    Element::Ue,
    "Authorization: Digest username=\"user1_private@home1.net\", realm=\"registrar.home1.net\", nonce=base64(RAND + AUTN + server specific data), uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"6629fae49393a05397450978507c4ef1, opaque=\"5ccc069c403ebaf9f0171e9517f30e41\", algorithm=AKAv1-MD5, auts=base64(AUTS)"
)]
#[case::challenge_of_release_6(
    "4.5-8",
    Element::Bsf,
    "WWW-Authenticate: Digest realm=\"registrar.home1.net\", nonce= base64(RAND + AUTN + server specific data), algorithm=AKAv1-MD5, qop=\"auth-int\""
)]
#[case::refusal_of_the_portal(
    "E.4-1",
    Element::Portal,
    "Authentication-Info: qop=auth-int, rspauth=\"6629fae49394a05397450978507c4ef1\", cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001"
)]
fn keeps_the_printed_line(#[case] number: &str, #[case] from: Element, #[case] line: &str) {
    let printed = &LIBRARY.tables[number].printed.release_6;
    assert!(printed.lines().any(|printed| printed == line), "{printed}");
    assert_eq!(printed.starts_with("HTTP/1.1 "), from != Element::Ue);
}
