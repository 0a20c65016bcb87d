//! Runs the binary: every wait is bounded, and nothing outlives its test.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// No command of these tests takes nearly as long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

/// The tests that measure silences and times run one at a time: a busy machine must not decide.
static CLOCK: Mutex<()> = Mutex::new(());

/// Waits until no other test depends on the clock.
pub(crate) fn clock() -> MutexGuard<'static, ()> {
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A child process that ends with its owner.
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The octets of the standard output, before they were taken as text.
    pub(crate) raw: Vec<u8>,
    pub(crate) took: Duration,
}

impl Ended {
    /// Fails with all output if the exit code is another one.
    #[track_caller]
    pub(crate) fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(
            self.code,
            Some(code),
            "stdout:\n{}\nstderr:\n{}",
            self.stdout,
            self.stderr
        );
        self
    }
}

/// The binary with a folder of its own, in which it works.
pub(crate) struct Gbaspec {
    pub(crate) folder: TempDir,
}

impl Gbaspec {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("there is room for a folder"),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file of the folder.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
        fs::write(&path, text).expect("a file");
        path
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gbaspec"));
        command
            .current_dir(self.folder.path())
            .env_remove("GBASPEC_VECTORS")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Starts a command.
    pub(crate) fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Running {
        let mut command = self.command();
        Running(command.args(arguments).spawn().expect("the binary starts"))
    }

    /// Runs a command to its end.
    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ended {
        ended(self.start(arguments), Instant::now())
    }

    /// Runs a command line without blanks in its words.
    pub(crate) fn line(&self, line: &str) -> Ended {
        self.run(line.split_whitespace())
    }
}

/// Waits for the end of a child.
pub(crate) fn ended(mut running: Running, began: Instant) -> Ended {
    let stdout = drained(running.0.stdout.take().expect("it is piped"));
    let stderr = drained(running.0.stderr.take().expect("it is piped"));
    let status = loop {
        if let Some(status) = running.0.try_wait().expect("the child is ours") {
            break Some(status);
        }
        if began.elapsed() > PATIENCE {
            break None;
        }
        thread::sleep(Duration::from_millis(5));
    };
    let took = began.elapsed();
    drop(running);
    let raw = stdout.join().expect("the reader ends");
    let stderr = stderr.join().expect("the reader ends");
    assert!(
        status.is_some(),
        "no end within {PATIENCE:?}: {}",
        String::from_utf8_lossy(&stderr)
    );
    Ended {
        code: status.and_then(|status| status.code()),
        stdout: String::from_utf8_lossy(&raw).into_owned(),
        stderr: String::from_utf8_lossy(&stderr).into_owned(),
        raw,
        took,
    }
}

fn drained(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).expect("a pipe is readable");
        bytes
    })
}

/// A peer that `gbaspec serve` put on the network.
pub(crate) struct Served {
    _running: Running,
    output: BufReader<ChildStdout>,
    /// `host:port`.
    pub(crate) address: String,
}

impl Served {
    /// Serves on a free port; the first line says which.
    pub(crate) fn new(gbaspec: &Gbaspec, arguments: &[&str]) -> Self {
        let line = ["serve"]
            .iter()
            .chain(arguments)
            .chain(&["--listen", "127.0.0.1:0"]);
        let mut running = gbaspec.start(line);
        let mut output = BufReader::new(running.0.stdout.take().expect("it is piped"));
        let mut first = String::new();
        output.read_line(&mut first).expect("a pipe is readable");
        let address = first
            .split("http://")
            .nth(1)
            .unwrap_or_else(|| panic!("no address: {first}"));
        Self {
            address: address.trim().trim_end_matches('/').to_owned(),
            _running: running,
            output,
        }
    }

    /// The next line of its output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.output
            .read_line(&mut line)
            .expect("a pipe is readable");
        line
    }
}

/// The profile of the reference peer of a role, at another address.
pub(crate) fn profile(role: &str, address: &str) -> String {
    let profiles = gbaspec_suites::profiles();
    let source = profiles
        .iter()
        .find(|source| source.text.contains(&format!("\nrole: {role}\n")))
        .expect("each role has a profile");
    let lines = source.text.lines().map(|line| {
        if line.starts_with("address: ") {
            format!("address: \"{address}\"")
        } else {
            line.to_owned()
        }
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// A JSON document.
#[track_caller]
pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

#[track_caller]
pub(crate) fn json_file(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    json(&text)
}

/// The cases of a `gbaspec.run/1` document with this outcome.
pub(crate) fn cases_with(document: &Value, outcome: &str) -> Vec<String> {
    let cases = document["cases"].as_array().expect("a run has cases");
    cases
        .iter()
        .filter(|case| case["verdict"]["outcome"] == outcome)
        .map(|case| {
            case["case"]["id"]
                .as_str()
                .expect("an id is text")
                .to_owned()
        })
        .collect()
}
