//! Runs a command of the user to its end, and tells it of a session.

use std::fmt::Write as _;
use std::io;
use std::pin::Pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use data_encoding::BASE64;
use gbaspec_case::case::{Case, Need, Transport};
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::redact::redact_text;
use gbaspec_case::scene::{Enrolment, Scene, Session, SessionKey, ua_protocol};
use gbaspec_crypto::digest::{Hash, ha1};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_wire::escape::escape;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::DriveError;

/// A session as a command of the user is told of it: in its environment, as every user of a machine
/// may read the arguments of a process.
#[derive(Clone, Debug)]
pub(crate) struct Handed {
    btid: String,
    fqdn: String,
    ks_naf: KsNaf,
    enrolment: Option<Enrolment>,
}

impl Handed {
    /// What the command has to know of this session to speak with, or as, this element:
    /// in the clear, or inside TLS if the key is given for all connections.
    pub(crate) fn new(scene: &Scene, session: &Session, at: Element) -> Option<Self> {
        Some(Self {
            btid: session.btid.clone(),
            fqdn: scene.names.of(at).to_owned(),
            ks_naf: scene.session_key(session, &scene.naf_id(at, ua_protocol(at)))?,
            enrolment: session.enrolment,
        })
    }

    /// The B-TID, which is no secret.
    pub(crate) fn btid(&self) -> &str {
        &self.btid
    }

    /// Puts it into the environment of a command.
    pub(crate) fn tell(&self, command: &mut Command) {
        let enrolment = match self.enrolment {
            Some(Enrolment::Allowed) => "allowed",
            Some(Enrolment::Refused) => "refused",
            None => "",
        };
        command
            .env("GBASPEC_BTID", &self.btid)
            .env("GBASPEC_REALM", self.realm())
            .env("GBASPEC_FQDN", &self.fqdn)
            .env("GBASPEC_KS_NAF_BASE64", self.password())
            .env("GBASPEC_ENROLMENT", enrolment);
    }

    /// The realm that a digest server asks with (TS 24.109 5.2.4).
    fn realm(&self) -> String {
        format!("3GPP-bootstrapping@{}", self.fqdn)
    }

    /// The password of the digest (TS 24.109 5.2.2).
    fn password(&self) -> String {
        BASE64.encode(self.ks_naf.expose())
    }

    /// What the command is likely to make of it: H(A1) is as good as the password.
    fn secrets(&self) -> Vec<Vec<u8>> {
        let (realm, password) = (self.realm(), self.password());
        let of = |hash| {
            let password = password.as_bytes();
            let ha1 = ha1(hash, self.btid.as_bytes(), realm.as_bytes(), password);
            ha1.expose().to_vec()
        };
        vec![of(Hash::Md5), of(Hash::Sha256)]
    }
}

/// Why a client that is handed its session cannot be handed the key for this case: inside TLS a derived
/// key is bound to the cipher suite (TS 33.220 H.3), which the handshake decides.
pub(crate) fn unknown_key(case: &Case, profile: &TargetProfile) -> Option<String> {
    let scene = &profile.scene;
    let bootstraps = scene.capabilities.contains(&Need::Bootstraps);
    if profile.role != Element::Ue || bootstraps || case.transport == Transport::Tcp {
        return None;
    }
    match scene.session(case.session)?.key {
        SessionKey::Given(_) => None,
        SessionKey::Derived { .. } => {
            Some("the session of the profile has no key given for all cipher suites".to_owned())
        }
    }
}

/// Runs a command; it must end in time and well.
pub(crate) async fn run(words: &[String], limit: Duration) -> Result<(), DriveError> {
    ended_well(words, limit, |_| {}, |_| {}).await
}

/// Gives a server under test the keys of all sessions, one after the other.
pub(crate) async fn install_keys(
    words: &[String],
    limit: Duration,
    scene: &Scene,
    at: Element,
) -> Result<(), DriveError> {
    let handed = scene.sessions.iter();
    for handed in handed.filter_map(|session| Handed::new(scene, session, at)) {
        let redact = |said: &mut Vec<u8>| redact_text(scene, &handed.secrets(), said);
        ended_well(words, limit, |command| handed.tell(command), redact).await?;
    }
    Ok(())
}

async fn ended_well(
    words: &[String],
    limit: Duration,
    tell: impl FnOnce(&mut Command),
    redact: impl FnOnce(&mut Vec<u8>),
) -> Result<(), DriveError> {
    let fault = |why: String| DriveError::Hook {
        command: escape(words.join(" ").as_bytes()),
        why,
    };
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| fault("it is empty".to_owned()))?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    tell(&mut command);
    let child = command.kill_on_drop(true).spawn();
    let mut child = child.map_err(|why| fault(why.to_string()))?;
    let mut said = Said::of(&mut child);
    let mut why = match timeout(limit, said.until_end(&mut child)).await {
        Ok(Ok(status)) if status.success() => return Ok(()),
        Ok(Ok(status)) => format!("it ended with {status}"),
        Ok(Err(why)) => why.to_string(),
        Err(_) => format!("it did not end within {} ms", limit.as_millis()),
    };
    if let Some(words) = said.last_words(redact) {
        // A `String` takes all that is written.
        let _ = write!(why, "; it said last: {words}");
    }
    Err(fault(why))
}

/// The end of what a command says, on either channel.
struct Said {
    out: Channel,
    err: Channel,
}

/// So much is kept; more than is shown, so that no part of a secret stands before what is shown.
const KEPT: usize = 4096;

/// So much is shown.
const SHOWN: usize = 400;

/// So long is waited for the last words of a command that has failed: what it left behind may hold
/// its channels open.
const LINGER: Duration = Duration::from_millis(200);

impl Said {
    fn of(child: &mut Child) -> Self {
        let out = child.stdout.take().map(|pipe| Box::pin(pipe) as Pipe);
        let err = child.stderr.take().map(|pipe| Box::pin(pipe) as Pipe);
        Self {
            out: Channel::new(out),
            err: Channel::new(err),
        }
    }

    /// Listens until the command ends, so that it is never held up by a full pipe.
    async fn until_end(&mut self, child: &mut Child) -> io::Result<ExitStatus> {
        let status = loop {
            tokio::select! {
                () = self.out.read(), if self.out.pipe.is_some() => {}
                () = self.err.read(), if self.err.pipe.is_some() => {}
                status = child.wait() => break status?,
            }
        };
        if !status.success() {
            let rest = async { tokio::join!(self.out.read_all(), self.err.read_all()) };
            drop(timeout(LINGER, rest).await);
        }
        Ok(status)
    }

    /// The last words, fit to be shown; those of the error channel if there are any.
    fn last_words(self, redact: impl FnOnce(&mut Vec<u8>)) -> Option<String> {
        let mut said = match self.err.kept {
            said if said.is_empty() => self.out.kept,
            said => said,
        };
        redact(&mut said);
        let shown = said.trim_ascii();
        let shown = &shown[shown.len().saturating_sub(SHOWN)..];
        (!shown.is_empty()).then(|| escape(shown))
    }
}

type Pipe = Pin<Box<dyn AsyncRead + Send>>;

/// One channel and the end of what came on it.
struct Channel {
    pipe: Option<Pipe>,
    kept: Vec<u8>,
}

impl Channel {
    fn new(pipe: Option<Pipe>) -> Self {
        let kept = Vec::new();
        Self { pipe, kept }
    }

    async fn read(&mut self) {
        let Some(pipe) = &mut self.pipe else { return };
        let mut chunk = [0; 1024];
        match pipe.read(&mut chunk).await {
            Ok(0) | Err(_) => self.pipe = None,
            Ok(count) => self.kept.extend_from_slice(&chunk[..count]),
        }
        if self.kept.len() > 2 * KEPT {
            self.kept.drain(..self.kept.len() - KEPT);
        }
    }

    async fn read_all(&mut self) {
        while self.pipe.is_some() {
            self.read().await;
        }
    }
}

#[cfg(all(test, unix))]
mod tests;
