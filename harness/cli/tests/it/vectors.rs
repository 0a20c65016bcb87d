//! Vectors and profiles of the user: added without a new build, and checked.

use std::fs;
use std::path::Path;

use crate::process::{Gbaspec, cases_with, json, profile};

const ADDED: &str = r#"topic: ub/added
specification: { document: "TS 24.109", clause: "4.2" }
target: bsf
cases:
  - id: challenges-at-once
    title: The BSF challenges the first request, as a user of this suite wrote it
    requirements: [UB-4.2-20]
    steps:
      - send: { message: ub/initial-get }
      - expect: { status: 401, challenge.mac: valid }
"#;

#[test]
fn runs_a_case_that_was_added_to_a_folder() {
    let gbaspec = Gbaspec::new();
    copy(&vectors(), &gbaspec.path("vectors"));
    gbaspec.write("vectors/ub/added.yaml", ADDED);
    gbaspec.line("lint vectors").expect_code(0);
    gbaspec
        .line("--vectors vectors lint vectors/ub/added.yaml")
        .expect_code(0);
    let ended = gbaspec.line("--vectors vectors run ub/added --format json --run-dir evidence");
    ended.expect_code(0);
    assert_eq!(
        cases_with(&json(&ended.stdout), "pass"),
        ["ub/added/challenges-at-once"]
    );
    gbaspec
        .line("--vectors vectors recheck evidence")
        .expect_code(0);
    // Other vectors would give other verdicts.
    gbaspec.line("recheck evidence").expect_code(2);
}

#[test]
fn checks_a_new_file_among_the_built_in_ones() {
    let gbaspec = Gbaspec::new();
    gbaspec.write("added.yaml", ADDED);
    gbaspec.line("lint added.yaml").expect_code(0);
    gbaspec.write(
        "wrong.yaml",
        &ADDED.replace("challenge.mac", "challenge.mca"),
    );
    let ended = gbaspec.line("lint added.yaml wrong.yaml");
    ended.expect_code(2);
    assert!(ended.stderr.contains("wrong.yaml:10:"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("did you mean `challenge.mac`?"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("added.yaml"), "{}", ended.stderr);
}

#[test]
fn checks_a_profile() {
    let gbaspec = Gbaspec::new();
    gbaspec.write("target.yaml", &profile("bsf", "127.0.0.1:8080"));
    gbaspec.line("lint target.yaml").expect_code(0);
    gbaspec.write("target.yaml", &profile("bsf", "8080"));
    let ended = gbaspec.line("lint target.yaml");
    ended.expect_code(2);
    assert!(ended.stderr.contains("target.yaml:"), "{}", ended.stderr);
}

#[test]
fn refuses_a_vector_that_is_no_text() {
    let gbaspec = Gbaspec::new();
    fs::write(gbaspec.path("wrong.yaml"), b"topic: ub/x\ntitle: \xff\n").expect("a file");
    let ended = gbaspec.line("lint wrong.yaml");
    ended.expect_code(2);
    assert!(
        ended
            .stderr
            .contains("wrong.yaml:2:8: the file is not UTF-8"),
        "{}",
        ended.stderr
    );
}

fn vectors() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("the folder is there") {
        let path = entry.expect("the entry is readable").path();
        let to = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a file");
        }
    }
}
