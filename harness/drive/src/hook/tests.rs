use std::time::{Duration, Instant};

use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::scene::Scene;
use rstest::rstest;

use super::{install_keys, run};

/// More than any command of these tests takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The key of the published derivation (`gba_kdf`) for the NAF.
const KEY: &str = "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501";

fn scene() -> Scene {
    let text = format!(
        "role: naf\naddress: \"127.0.0.1:80\"\nnames: {{ naf: naf1.home1.net }}\nkeys: hook\nhooks: {{ install-key: [install] }}\nsessions:\n  - {{ btid: \"a@bsf.home1.net\", ks-naf: \"{KEY}\", enrolment: allowed }}\n"
    );
    let name = "profile.yaml".to_owned();
    let profile = load_profile(&Source { name, text }, &|_| None);
    profile.expect("the profile is sound").scene
}

/// What a shell says of this text, as the hook that installs the key of the session.
async fn install(text: &str, limit: Duration) -> Result<(), String> {
    let words = ["sh", "-c", text].map(str::to_owned);
    let installed = install_keys(&words, limit, &scene(), Element::Naf).await;
    installed.map_err(|why| why.to_string())
}

#[rstest]
#[case::btid("BTID", "a@bsf.home1.net")]
#[case::realm("REALM", "3GPP-bootstrapping@naf1.home1.net")]
#[case::fqdn("FQDN", "naf1.home1.net")]
#[case::key("KS_NAF_BASE64", "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=")]
#[case::enrolment("ENROLMENT", "allowed")]
#[tokio::test]
async fn the_environment_tells_of_the_session(#[case] name: &str, #[case] value: &str) {
    let text = format!("test \"$GBASPEC_{name}\" = '{value}'");
    assert_eq!(install(&text, PATIENCE).await, Ok(()));
}

#[rstest]
#[case::says_nothing("exit 7", "it ended with exit status: 7")]
#[case::says_why(
    "echo no room >&2; exit 1",
    "it ended with exit status: 1; it said last: no room"
)]
#[case::on_the_usual_channel("echo no; exit 1", "it ended with exit status: 1; it said last: no")]
#[case::shows_the_key(
    "echo \"key $GBASPEC_KS_NAF_BASE64.\" >&2; exit 1",
    "it ended with exit status: 1; it said last: key ********************************************."
)]
// H(A1) was computed with another library.
#[case::shows_the_hash(
    "echo a2823c71785abe7a88f9276aa345dd6c >&2; exit 1",
    "it ended with exit status: 1; it said last: ********************************"
)]
#[case::controls_the_terminal(
    "printf 'a\\033[2Jb' >&2; exit 1",
    "it ended with exit status: 1; it said last: a\\x1b[2Jb"
)]
#[case::is_killed("kill -9 $$", "it ended with signal: 9 (SIGKILL)")]
#[tokio::test]
async fn a_hook_that_fails_is_told_of(#[case] text: &str, #[case] why: &str) {
    let told = install(text, PATIENCE).await.expect_err("it fails");
    let (_, told) = told.split_once("`: ").expect("the command and why");
    assert_eq!(told, why);
}

#[tokio::test]
async fn what_is_said_is_cut_to_its_end() {
    let text = "head -c 1000000 /dev/zero | tr '\\0' x >&2; echo '' >&2; echo the end >&2; exit 1";
    let told = install(text, PATIENCE).await.expect_err("it fails");
    assert!(told.ends_with("\\x0athe end"), "{told}");
    assert!(told.len() < 2_000, "{}", told.len());
}

#[rstest]
#[case::hangs("exec sleep 60")]
#[case::says_without_end("exec yes")]
#[tokio::test]
async fn a_hook_that_does_not_end_is_ended(#[case] text: &str) {
    let began = Instant::now();
    let told = install(text, Duration::from_millis(300)).await;
    let told = told.expect_err("it does not end");
    assert!(told.contains("it did not end within 300 ms"), "{told}");
    assert!(began.elapsed() < PATIENCE);
}

/// What it leaves behind may hold its channels.
#[tokio::test]
async fn a_hook_that_leaves_a_server_behind_has_ended() {
    let began = Instant::now();
    assert_eq!(install("sleep 3 & exit 0", PATIENCE).await, Ok(()));
    let told = install("sleep 3 & echo no >&2; exit 1", PATIENCE).await;
    assert!(told.is_err_and(|why| why.ends_with("it said last: no")));
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[rstest]
#[case::no_program(&["no-such-program-anywhere"])]
#[case::no_words(&[])]
#[tokio::test]
async fn a_hook_that_cannot_be_run_is_told_of(#[case] words: &[&str]) {
    let words: Vec<String> = words.iter().map(|&word| word.to_owned()).collect();
    assert!(run(&words, PATIENCE).await.is_err());
}
