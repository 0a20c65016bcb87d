//! A property that does not hold, from the failure to the file that repeats it.

use std::fs;

use rstest::rstest;

use crate::process::{Gbaspec, Served, clock, json_file, profile};

const PROPERTY: &str = "ub/sqn/no-report-from-below-lowers-the-counter";
const FOUND: &str = "evidence/found/ub__sqn__no-report-from-below-lowers-the-counter.yaml";
const FAULT: &str = "bsf/counter-lowered-by-auts";

#[test]
fn leaves_a_case_file_that_repeats_the_failure() {
    let _alone = clock();
    let gbaspec = Gbaspec::new();
    let faulty = Served::new(&gbaspec, &["bsf", "--fault", FAULT]);
    gbaspec.write("target.yaml", &profile("bsf", &faulty.address));
    let ended = gbaspec.line(&format!(
        "run {PROPERTY} -t target.yaml --run-dir evidence --seed 2a"
    ));
    ended.expect_code(1);
    let stdout = &ended.stdout;
    for words in [
        "  sequence  report (behind 1)\n",
        "  shortened from 8 moves in ",
        &format!("  again  gbaspec run {FOUND} -t target.yaml\n"),
    ] {
        assert!(stdout.contains(words), "no `{words}` in:\n{stdout}");
    }
    let stored = json_file(&gbaspec.path("evidence/result.json"));
    let found = &stored["cases"][0]["found"];
    assert_eq!(found["sequence"][0]["values"]["behind"], "1");
    let text = fs::read_to_string(gbaspec.path(FOUND)).expect("the case file");
    assert_eq!(found["text"], text.as_str());
    gbaspec
        .line("recheck evidence -t target.yaml")
        .expect_code(0);

    gbaspec.line(&format!("lint {FOUND}")).expect_code(0);
    let again = format!("run {FOUND} -t target.yaml --run-dir again");
    let ended = gbaspec.line(&again);
    ended.expect_code(1);
    assert!(ended.stdout.contains(&format!("FAIL  {PROPERTY}-found  ")));
    assert!(ended.stdout.contains("1 ran: 0 passed, 1 failed"));
    gbaspec.line("recheck again").expect_code(2);
    gbaspec
        .line(&format!("recheck again -t target.yaml --file {FOUND}"))
        .expect_code(0);

    // Against the built-in reference peers.
    gbaspec
        .line(&format!("run {FOUND} --no-evidence"))
        .expect_code(0);
}

#[test]
fn says_what_a_property_is_made_of() {
    let ended = Gbaspec::new().line(&format!("explain {PROPERTY}"));
    ended.expect_code(0);
    for words in [
        "invariants     P-HE-4\n",
        "move           report  behind: 0, 1, 2, ",
        FAULT,
    ] {
        assert!(ended.stdout.contains(words), "{}", ended.stdout);
    }
}

#[rstest]
#[case::none("run ub/sqn --tries 0", "1..=10000")]
#[case::too_many("run ub/sqn --tries 10001", "1..=10000")]
#[case::no_case_file("run nothing.yaml", "nothing.yaml")]
#[case::a_file_without_a_case("run role.yaml", "role.yaml")]
fn tells_what_cannot_be_tried(#[case] line: &str, #[case] words: &str) {
    let gbaspec = Gbaspec::new();
    gbaspec.write(
        "role.yaml",
        "topic: a/b\nspecification: { document: \"TS 24.109\", clause: \"4.5\" }\ncases: []\n",
    );
    let ended = gbaspec.line(line);
    ended.expect_code(2);
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
}
