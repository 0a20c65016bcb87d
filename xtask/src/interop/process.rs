//! Children of a lane: each ends in time, and none outlives it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// So much of what a child says is kept; a decoder says some kilobytes of each message.
const MOST_OCTETS: u64 = 1 << 24;

/// How a child ended, and what it said on both channels.
pub(super) struct Ended {
    status: ExitStatus,
    pub(super) said: String,
}

impl Ended {
    /// What it said, if it ended well.
    pub(super) fn well(self) -> Result<String, String> {
        if self.status.success() {
            return Ok(self.said);
        }
        Err(format!("{}\n{}", self.status, self.said))
    }
}

/// Runs a command to its end; at the deadline it is ended.
pub(super) fn finish(command: &mut Command, limit: Duration) -> Result<Ended, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let deadline = Instant::now() + limit;
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().map_err(|why| format!("{name}: {why}"))?;
    let mut child = Owned(child);
    let channels = [
        child.0.stdout.take().map(read_all),
        child.0.stderr.take().map(read_all),
    ];
    let mut said = String::new();
    for channel in channels.into_iter().flatten() {
        let left = deadline.saturating_duration_since(Instant::now());
        let text = channel.recv_timeout(left);
        said.push_str(&text.map_err(|_| format!("{name}: not at its end after {limit:?}"))?);
    }
    // Both channels are closed: it is at its end, or is none that ends.
    let status = child.end().map_err(|why| format!("{name}: {why}"))?;
    Ok(Ended { status, said })
}

/// Reads a channel to its end in the background.
fn read_all(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What cannot be read is not there; the reader of the text sees that it is cut.
        drop(pipe.take(MOST_OCTETS).read_to_end(&mut bytes));
        drop(tell.send(String::from_utf8_lossy(&bytes).into_owned()));
    });
    told
}

/// A child that goes with its owner.
struct Owned(Child);

impl Owned {
    fn end(&mut self) -> std::io::Result<ExitStatus> {
        // One that has ended already keeps its status.
        drop(self.0.kill());
        self.0.wait()
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        drop(self.end());
    }
}

/// A server of a lane; it ends with this.
pub(super) struct Server {
    child: Owned,
    /// Ends the server and what it has started, if killing one process does not do.
    stop: Option<Command>,
    lines: Receiver<String>,
}

/// So long a server may take to come up, and to go.
const SERVER_LIMIT: Duration = Duration::from_secs(10);

impl Server {
    /// Starts a server and waits until a line that it says holds this sign.
    pub(super) fn start(
        command: &mut Command,
        sign: &str,
        stop: Option<Command>,
    ) -> Result<Self, String> {
        let name = command.get_program().to_string_lossy().into_owned();
        command.stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn();
        let mut child = child.map_err(|why| format!("{name}: {why}"))?;
        let (tell, lines) = channel();
        read_lines(child.stdout.take(), tell.clone());
        read_lines(child.stderr.take(), tell);
        let server = Self {
            child: Owned(child),
            stop,
            lines,
        };
        let deadline = Instant::now() + SERVER_LIMIT;
        let mut said = String::new();
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match server.lines.recv_timeout(left) {
                Ok(line) if line.contains(sign) => return Ok(server),
                Ok(line) => said.extend(["\n", &line]),
                Err(_) => return Err(format!("{name} does not come up{said}")),
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut stop) = self.stop.take() {
            drop(finish(&mut stop, SERVER_LIMIT));
            // The channel closes when the last of its processes has ended.
            let deadline = Instant::now() + SERVER_LIMIT;
            let left = || deadline.saturating_duration_since(Instant::now());
            while self.lines.recv_timeout(left()).is_ok() {}
        }
        drop(self.child.end());
    }
}

fn read_lines(pipe: Option<impl Read + Send + 'static>, tell: Sender<String>) {
    thread::spawn(move || {
        let Some(pipe) = pipe else { return };
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { return };
            // Nobody listens once the server is up; it must be able to go on speaking.
            drop(tell.send(line));
        }
    });
}

/// A folder of a lane, gone with it.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new(lane: &str) -> Result<Self, String> {
        let name = format!("gbaspec-interop-{lane}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).map_err(|why| format!("{}: {why}", path.display()))?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}
