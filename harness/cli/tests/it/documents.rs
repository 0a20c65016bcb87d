//! The commands that print what the vectors say, and the stored run.

use std::fs;

use rstest::rstest;

use crate::process::{Gbaspec, clock, json};

#[test]
fn lists_the_cases_as_json() {
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line("list --format json");
    ended.expect_code(0);
    let list = json(&ended.stdout);
    assert_eq!(list["schema"], "gbaspec.list/1");
    let cases = list["cases"].as_array().expect("a list");
    assert!(cases.len() >= 150, "{} cases", cases.len());
    assert_eq!(list["count"], cases.len());
    let count = gbaspec.line("list --count");
    assert_eq!(count.stdout.trim(), cases.len().to_string());
    let of_table = json(&gbaspec.line("list table:4.5-6 --format json").stdout);
    let of_table = of_table["cases"].as_array().expect("a list");
    assert!(!of_table.is_empty() && of_table.len() < cases.len());
    for case in of_table {
        assert!(
            case["tables"]
                .as_array()
                .expect("a list")
                .contains(&"4.5-6".into()),
            "{case}"
        );
    }
}

#[test]
fn shows_the_coverage_as_json() {
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line("coverage --format json");
    ended.expect_code(0);
    let coverage = json(&ended.stdout);
    assert_eq!(coverage["schema"], "gbaspec.coverage/1");
    assert_eq!(coverage["totals"]["requirements"], 493);
    assert!(
        coverage["totals"]["tested"].as_u64() >= Some(80),
        "{}",
        coverage["totals"]
    );
    let clause = json(
        &gbaspec
            .line("coverage --spec 24.109 --clause 4.5 --format json")
            .stdout,
    );
    let rows = clause["requirements"].as_array().expect("rows");
    assert!(rows.len() >= 10, "{} rows", rows.len());
    for row in rows {
        assert_eq!(row["clause"], "4.5", "{row}");
    }
}

#[test]
fn explains_a_case() {
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line("explain ub/resync/fresh-challenge-after-auts");
    ended.expect_code(0);
    for words in ["TS 24.109 4.5", "UB-4.5-07", "4.5-6", "ub/resync.yaml"] {
        assert!(
            ended.stdout.contains(words),
            "no `{words}` in\n{}",
            ended.stdout
        );
    }
}

#[test]
fn proves_a_selection() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line("prove ub/resync/fresh-challenge-after-auts --format json");
    let proof = json(&ended.stdout);
    assert_eq!(proof["schema"], "gbaspec.prove/1");
    assert_eq!(proof["problems"], json("[]"), "{proof}");
    assert!(!proof["faults"].as_array().expect("faults").is_empty());
    ended.expect_code(0);
}

/// One octet more or less in any file, and the evidence is refused.
#[rstest]
#[case::transcript(
    "transcripts/ub__resync__fresh-challenge-after-auts.json",
    "401",
    "402"
)]
#[case::events("events.ndjson", "pass", "fail")]
#[case::verdict_in_the_result("result.json", "\"outcome\": \"pass\"", "\"outcome\": \"fail\"")]
#[case::digest_in_the_result("result.json", "\"sha256\": \"", "\"sha256\": \"0")]
fn notices_an_altered_run(#[case] file: &str, #[case] was: &str, #[case] becomes: &str) {
    let gbaspec = Gbaspec::new();
    gbaspec
        .line("run ub/resync/fresh-challenge-after-auts --run-dir runs/1")
        .expect_code(0);
    let recheck = gbaspec.line("recheck runs/1");
    recheck.expect_code(0);
    assert!(
        recheck.stdout.contains("1 verdict recomputed, 0 differ"),
        "{}",
        recheck.stdout
    );
    // The folder that holds runs stands for the latest of them.
    gbaspec.line("recheck runs").expect_code(0);
    let path = gbaspec.path("runs/1").join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    let altered = text.replacen(was, becomes, 1);
    assert_ne!(text, altered);
    fs::write(&path, altered).expect("the file can be changed");
    let recheck = gbaspec.line("recheck runs/1");
    recheck.expect_code(2);
    let name = file.rsplit('/').next().expect("a name");
    let blames_a_file = recheck.stderr.contains(name) || recheck.stderr.contains("events.ndjson");
    assert!(blames_a_file, "{}", recheck.stderr);
}
