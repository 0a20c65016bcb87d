//! `gbaspec serve` for a client that is not ours.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Gbaspec, Running, Served, ended};

#[test]
fn curl_gets_what_the_naf_protects() {
    let is_there = Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if is_there.is_err() {
        writeln!(std::io::stderr(), "skipped: there is no curl").expect("a place for words");
        return;
    }
    let gbaspec = Gbaspec::new();
    let mut served = Served::new(&gbaspec, &["naf", "--show-test-credentials"]);
    let line = served.line();
    let words: Vec<&str> = line.split_whitespace().collect();
    let ["test", "credentials:", "user", user, "password", password] = words.as_slice() else {
        panic!("no credentials: {line}");
    };
    // The key of ua_digest_flow, made with the RAND of test set 1.
    assert_eq!(*user, "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net");
    assert_eq!(*password, "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=");
    assert_eq!(status(&served.address, user, password), "200");
    assert_eq!(status(&served.address, user, "not-the-password"), "401");
    assert_eq!(
        status(&served.address, "nobody@bsf.home1.net", password),
        "401"
    );
}

fn status(address: &str, user: &str, password: &str) -> String {
    let url = format!("http://{address}/");
    let credentials = format!("{user}:{password}");
    let mut curl = Command::new("curl");
    curl.args([
        "--silent",
        "--noproxy",
        "*",
        "--max-time",
        "10",
        "--digest",
        "--user",
        &credentials,
    ])
    // The NAF asks for bootstrapping only who announces it (TS 24.109 5.2.1).
    .args(["--user-agent", "curl 3gpp-gba", "--output", "/dev/null"])
    .args(["--write-out", "%{http_code}", &url])
    .stdin(Stdio::null())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped());
    let running = Running(curl.spawn().expect("curl starts"));
    ended(running, Instant::now()).stdout
}

#[test]
fn serves_others_while_one_is_silent() {
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &["bsf"]);
    let mut silent: Vec<TcpStream> = (0..20)
        .map(|_| TcpStream::connect(&served.address).expect("it listens"))
        .collect();
    for stream in &mut silent {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost:")
            .expect("it reads");
    }
    thread::sleep(Duration::from_millis(50));
    gbaspec.write(
        "target.yaml",
        &crate::process::profile("bsf", &served.address),
    );
    let ended = gbaspec.line("run ub/bootstrap/full-run -t target.yaml --no-evidence");
    ended.expect_code(0);
}

#[test]
fn does_not_start_where_another_one_listens() {
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &["bsf"]);
    let line = format!("serve portal --listen {}", served.address);
    let ended = gbaspec.line(&line);
    ended.expect_code(2);
    assert!(ended.stderr.contains(&served.address), "{}", ended.stderr);
}
