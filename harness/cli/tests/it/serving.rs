//! `gbaspec serve` for a client that is not ours.

use std::io::Write as _;
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::{Gbaspec, Running, Served, ended};

#[test]
fn curl_gets_what_the_naf_protects() {
    if !has_curl() {
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

fn has_curl() -> bool {
    let version = Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if version.is_err() {
        writeln!(std::io::stderr(), "skipped: there is no curl").expect("a place for words");
    }
    version.is_ok()
}

#[cfg(feature = "tls")]
#[test]
fn curl_trusts_the_bsf_by_the_ca_that_was_written() {
    if !has_curl() {
        return;
    }
    let gbaspec = Gbaspec::new();
    let options = ["bsf", "--tls-listen", "127.0.0.1:0", "--write-ca", "ca.pem"];
    let mut served = Served::new(&gbaspec, &options);
    let line = served.line();
    let port = line.trim().trim_end_matches('/').rsplit_once(':');
    let (start, port) = port.expect("a port");
    assert_eq!(start, "bsf bsf.home1.net listens on https://127.0.0.1");
    // The name of the BSF is in the certificate; no other name and no other CA is believed.
    for (name, ca, code) in [
        ("bsf.home1.net", Some("ca.pem"), Some(0)),
        ("naf.home1.net", Some("ca.pem"), Some(60)),
        ("bsf.home1.net", None, Some(60)),
    ] {
        let mut curl = Command::new("curl");
        curl.current_dir(gbaspec.folder.path())
            .args(["--silent", "--noproxy", "*", "--max-time", "10"])
            .args(["--resolve", &format!("{name}:{port}:127.0.0.1")])
            .args(["--output", "/dev/null", "--write-out", "%{http_code}"])
            .args(ca.map(|ca| ["--cacert", ca]).iter().flatten())
            .arg(format!("https://{name}:{port}/"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let running = Running(curl.spawn().expect("curl starts"));
        let ended = ended(running, Instant::now());
        assert_eq!(ended.code, code, "{name}, {ca:?}: {}", ended.stderr);
        assert_eq!(ended.stdout == "000", code != Some(0), "{}", ended.stdout);
    }
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

/// The port of a served role inside TLS, from the line that tells of it.
#[cfg(feature = "tls")]
fn tls_port(line: &str) -> &str {
    let port = line.trim().trim_end_matches('/').rsplit_once(':');
    port.expect("a port").1
}

/// A NAF or portal of another process, in the clear and inside TLS. The key of each connection is the
/// one of its suite; the portal has one for all.
#[cfg(feature = "tls")]
#[rstest::rstest]
#[case::naf("naf", "naf1.home1.net", "ua/*", None, 0)]
#[case::portal("portal", "pkiportal.home1.net", "pki/*", None, 0)]
#[case::naf_that_knows_one_suite(
    "naf",
    "naf1.home1.net",
    "ua/tls",
    Some("naf/tls-key-of-one-suite"),
    1
)]
#[case::portal_that_binds_to_the_suite(
    "portal",
    "pkiportal.home1.net",
    "pki/tls",
    Some("portal/tls-key-of-suite"),
    1
)]
#[case::certificate_of_another("naf", "naf2.home1.net", "ua/tls/asks-for-bootstrapping", None, 6)]
fn judges_a_server_of_another_process_inside_tls(
    #[case] role: &str,
    #[case] name: &str,
    #[case] cases: &str,
    #[case] fault: Option<&str>,
    #[case] code: i32,
) {
    let gbaspec = Gbaspec::new();
    let mut options = vec![role, "--tls-listen", "127.0.0.1:0", "--write-ca", "ca.pem"];
    options.extend(fault.map(|fault| ["--fault", fault]).iter().flatten());
    let mut served = Served::new(&gbaspec, &options);
    let line = served.line();
    let profile = crate::process::profile(role, &served.address);
    let tls = format!(
        "tls-address: \"127.0.0.1:{}\"\ntls: {{ ca: ca.pem, server-name: {name} }}\n",
        tls_port(&line)
    );
    gbaspec.write("target.yaml", &(profile + &tls));
    let ended = gbaspec.line(&format!("run {cases} -t target.yaml --no-evidence"));
    ended.expect_code(code);
    if code == 6 {
        assert!(
            ended.stdout.contains("hostname mismatch"),
            "{}",
            ended.stdout
        );
    }
}

/// A server that begins a TLS handshake and does not go on: the run says so, and ends in time.
#[cfg(feature = "tls")]
#[test]
fn a_handshake_that_stops_half_way_is_told_and_costs_no_more_than_its_deadline() {
    let gbaspec = Gbaspec::new();
    let served = Served::new(&gbaspec, &["naf"]);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("it comes");
            // The head of a ServerHello of 122 octets, of which two come.
            drop(stream.write_all(&[0x16, 3, 3, 0, 0x7a, 2, 0]));
            kept.push(stream);
        }
    });
    let profile = crate::process::profile("naf", &served.address);
    let tls = format!("tls-address: \"{address}\"\ntls: {{ verify: off }}\n");
    let deadlines = "deadlines: { answer: 500ms }\n";
    gbaspec.write("target.yaml", &(profile + &tls + deadlines));
    let began = Instant::now();
    let ended = gbaspec.line("run ua/tls/asks-for-bootstrapping -t target.yaml --no-evidence");
    assert!(began.elapsed() < Duration::from_secs(8));
    ended.expect_code(6);
    let words = "no TLS handshake within 500 ms";
    assert!(ended.stdout.contains(words), "{}", ended.stdout);
}
