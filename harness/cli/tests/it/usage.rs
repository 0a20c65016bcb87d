//! Exit codes 2 and 4: the command line, profiles and selections that cannot work, with advice.

use std::fs;

use rstest::rstest;

use crate::process::{Gbaspec, profile};

/// K of the first subscriber of the reference profiles.
const K: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";

#[test]
fn names_the_place_of_an_unknown_field() {
    let gbaspec = Gbaspec::new();
    let text = profile("bsf", "127.0.0.1:9").replace("claims:", "claim:");
    let line = 1 + text
        .lines()
        .position(|line| line.starts_with("claim:"))
        .expect("it is there");
    gbaspec.write("target.yaml", &text);
    let ended = gbaspec.line("run -t target.yaml --run-dir evidence");
    ended.expect_code(2);
    assert!(
        ended
            .stderr
            .contains(&format!("target.yaml:{line}:1: unknown field `claim`")),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("advice: did you mean `claims`?"),
        "{}",
        ended.stderr
    );
    assert!(
        !gbaspec.path("evidence").exists(),
        "a run that never began has no folder"
    );
}

#[rstest]
#[case::missing_profile("run -t nothing.yaml", "nothing.yaml")]
#[case::missing_vectors("--vectors nowhere run", "nowhere")]
#[case::missing_file_to_lint("lint nowhere.yaml", "nowhere.yaml")]
#[case::missing_run("recheck nowhere", "nowhere")]
#[case::unknown_fault(
    "serve bsf --fault bsf/nonce-again-after-aut",
    "bsf/nonce-again-after-auts"
)]
#[case::fault_of_another_role(
    "serve naf --fault bsf/nonce-again-after-auts",
    "unknown fault of this role"
)]
#[case::upstream_of_a_role_that_has_none(
    "serve naf --upstream 127.0.0.1:9",
    "a naf has no such interface"
)]
#[case::ca_without_tls("serve bsf --write-ca ca.pem", "--tls-listen <ADDRESS>")]
#[case::unknown_case_to_explain(
    "explain ub/resync/fresh-challenge-after-aut",
    "did you mean `ub/resync/fresh-challenge-after-auts`?"
)]
#[case::unknown_specification("coverage --spec 24.190", "did you mean `24.109`?")]
#[case::unknown_option("run --relase 6", "--release")]
#[case::unknown_release("run --release 9", "6, 17")]
#[case::seed_that_is_no_hex("run --seed xyz", "16 hex digits")]
#[case::two_ways_of_evidence("run --no-evidence --run-dir x", "cannot be used with")]
fn tells_what_is_wrong(#[case] line: &str, #[case] words: &str) {
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line(line);
    ended.expect_code(2);
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
}

/// A key that is wrong is not repeated: the message may end in a log.
#[rstest]
#[case::too_short("465b5ce8b199b49faa5f0a2ee238a6")]
#[case::too_long("465b5ce8b199b49faa5f0a2ee238a6bc00")]
#[case::not_hex("465b5ce8b199b49faa5f0a2ee238a6bz")]
fn does_not_print_a_wrong_key(#[case] wrong: &str) {
    let gbaspec = Gbaspec::new();
    let text = profile("bsf", "127.0.0.1:9").replace(K, wrong);
    let line = 1 + text
        .lines()
        .position(|line| line.contains(wrong))
        .expect("it is there");
    gbaspec.write("target.yaml", &text);
    let ended = gbaspec.line("run -t target.yaml --no-evidence");
    ended.expect_code(2);
    assert!(
        ended.stderr.contains(&format!("target.yaml:{line}:")),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("advice: "), "{}", ended.stderr);
    for part in [wrong, &wrong[..16], &wrong[14..30]] {
        let is_there = [&ended.stdout, &ended.stderr]
            .into_iter()
            .any(|text| text.contains(part));
        assert!(!is_there, "{}", ended.stderr);
    }
}

#[test]
fn does_not_print_a_key_without_quotes() {
    let gbaspec = Gbaspec::new();
    let digits = "12345678901234567890123456789012";
    let text = profile("bsf", "127.0.0.1:9").replace(&format!("\"{K}\""), digits);
    gbaspec.write("target.yaml", &text);
    let ended = gbaspec.line("run -t target.yaml --no-evidence");
    ended.expect_code(2);
    assert!(
        !ended.stderr.contains("345678901234567890"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("double quotes"), "{}", ended.stderr);
}

#[test]
fn refuses_a_public_address_that_nobody_claims() {
    let gbaspec = Gbaspec::new();
    // A documentation address (RFC 5737): nothing is sent to it.
    gbaspec.write("target.yaml", &profile("bsf", "192.0.2.1:80"));
    let ended = gbaspec.line("run -t target.yaml --run-dir evidence");
    ended.expect_code(3);
    assert!(
        ended
            .stdout
            .contains("neither a loopback nor a private address"),
        "{}",
        ended.stdout
    );
}

/// `portal` is no topic, but the target of the cases of several.
#[rstest]
#[case("portal", "pki/enrolment")]
#[case("naf", "ua/digest")]
#[case("bsf", "ub/resync")]
fn takes_the_name_of_a_target_for_its_cases(#[case] target: &str, #[case] topic: &str) {
    let gbaspec = Gbaspec::new();
    let named = gbaspec.line(&format!("list {target}"));
    named.expect_code(0);
    assert!(named.stdout.contains(topic), "{}", named.stdout);
    let by_role = gbaspec.line(&format!("list role:{target}"));
    assert_eq!(named.stdout, by_role.stdout);
}

#[rstest]
#[case("ub/resnyc", "ub/resync")]
#[case("role:bfs", "role:bsf")]
#[case("req:UB-4.5-070", "req:UB-4.5-07")]
#[case("24.109/4.6", "24.109/4.")]
fn names_a_near_pattern_when_nothing_is_selected(#[case] pattern: &str, #[case] near: &str) {
    let gbaspec = Gbaspec::new();
    let ended = gbaspec.line(&format!("run {pattern} --run-dir evidence"));
    ended.expect_code(4);
    assert!(
        ended
            .stderr
            .contains(&format!("`{pattern}` selects no case")),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains(&format!("did you mean `{near}")),
        "{}",
        ended.stderr
    );
    assert!(!gbaspec.path("evidence").exists());
}

#[test]
fn selects_nothing_for_another_role() {
    let gbaspec = Gbaspec::new();
    gbaspec.write("target.yaml", &profile("naf", "127.0.0.1:9"));
    gbaspec
        .line("run ub -t target.yaml --no-evidence")
        .expect_code(4);
}

#[test]
fn misses_the_number_of_cases_that_was_asked_for() {
    let gbaspec = Gbaspec::new();
    let line = "run ub/resync/fresh-challenge-after-auts --no-evidence --min-cases";
    gbaspec.line(&format!("{line} 1")).expect_code(0);
    gbaspec.line(&format!("{line} 2")).expect_code(4);
}

#[test]
fn does_not_overwrite_the_evidence_of_another_run() {
    let gbaspec = Gbaspec::new();
    let line = "run ub/resync/fresh-challenge-after-auts --run-dir evidence";
    gbaspec.line(line).expect_code(0);
    let result = fs::read(gbaspec.path("evidence/result.json")).expect("it is there");
    gbaspec.line(line).expect_code(2);
    let again = fs::read(gbaspec.path("evidence/result.json")).expect("it is still there");
    assert!(result == again);
}
