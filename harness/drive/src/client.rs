//! Starts the client under test: a role in this process, or the user's command.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use gbaspec_case::case::Errand;
use gbaspec_case::element::Element;
use gbaspec_case::transcript::ClientOutcome;
use gbaspec_roles::faults::{Tamper, tampered_bytes};
use gbaspec_roles::{Action, ConnectionId, Input, Output, Peer, Role};
use tokio::process::Command;
use tokio::sync::Mutex;

use crate::host::now;
use crate::stream::{Incoming, Stream};

/// How a client is started.
#[derive(Clone)]
pub(crate) enum Starter {
    /// A UE role in this process, with the fault that tampers with its messages.
    Embedded(Arc<Mutex<Box<dyn Role>>>, Tamper),
    /// The user's command with placeholders.
    Command(Vec<String>),
    /// A person starts it; the harness only waits.
    ByHand,
}

/// How a client ended, and how many connections it had opened if that is known.
pub(crate) struct Ended {
    pub(crate) outcome: ClientOutcome,
    pub(crate) connections: Option<usize>,
}

/// The longest that a UE role of this process waits for one answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many messages of one errand; a role that wants more loops.
const MOST_MESSAGES: usize = 64;

/// What the command is told.
pub(crate) struct Errands<'a> {
    pub(crate) errand: Errand,
    pub(crate) addresses: &'a BTreeMap<Element, SocketAddr>,
    pub(crate) impi: &'a str,
    pub(crate) case: &'a str,
}

impl Starter {
    /// Runs the client until it ends.
    pub(crate) async fn run(
        self,
        errand: Errand,
        addresses: BTreeMap<Element, SocketAddr>,
        arguments: Vec<String>,
    ) -> Result<Ended, String> {
        match self {
            Self::Embedded(role, tamper) => Ok(embedded(&role, tamper, errand, &addresses).await),
            Self::Command(_) => command(arguments).await,
            Self::ByHand => std::future::pending().await,
        }
    }

    /// The command with its placeholders filled.
    pub(crate) fn arguments(&self, errands: &Errands<'_>) -> Vec<String> {
        let Self::Command(words) = self else {
            return Vec::new();
        };
        let address = |element| {
            errands
                .addresses
                .get(&element)
                .map(SocketAddr::to_string)
                .unwrap_or_default()
        };
        words
            .iter()
            .map(|word| {
                word.replace("{errand}", errands.errand.as_str())
                    .replace("{bsf}", &address(Element::Bsf))
                    .replace("{naf}", &address(Element::Naf))
                    .replace("{portal}", &address(Element::Portal))
                    .replace("{impi}", errands.impi)
                    .replace("{case}", errands.case)
            })
            .collect()
    }
}

/// Runs the user's command; its exit status is its outcome.
async fn command(arguments: Vec<String>) -> Result<Ended, String> {
    let (program, rest) = arguments.split_first().ok_or("the trigger hook is empty")?;
    let status = Command::new(program)
        .args(rest)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(|why| format!("the trigger hook `{program}` cannot be run: {why}"))?;
    let outcome = match status.code() {
        Some(0) => ClientOutcome::Success,
        Some(3) => ClientOutcome::Refused,
        Some(4) => ClientOutcome::NotAuthentic,
        Some(_) => ClientOutcome::Failed,
        None => ClientOutcome::Unknown,
    };
    Ok(Ended {
        outcome,
        connections: None,
    })
}

/// Runs a UE role against the harness's listeners.
async fn embedded(
    role: &Mutex<Box<dyn Role>>,
    tamper: Tamper,
    errand: Errand,
    addresses: &BTreeMap<Element, SocketAddr>,
) -> Ended {
    let mut role = role.lock().await;
    let action = match errand {
        Errand::Bootstrap => Action::Bootstrap,
        Errand::Fetch => Action::Fetch,
        Errand::Enrol => Action::Enrol,
    };
    let mut outputs = role.handle(now(), Input::Start(action));
    let mut streams: BTreeMap<Peer, Stream> = BTreeMap::new();
    let mut opened = 0;
    for _ in 0..MOST_MESSAGES {
        let mut sent = None;
        for output in std::mem::take(&mut outputs) {
            match output {
                Output::Finished(outcome) => {
                    return Ended {
                        outcome: client_outcome(outcome),
                        connections: Some(opened),
                    };
                }
                Output::Send { to, message, .. } => {
                    let bytes = tampered_bytes(&message, &tamper);
                    if write(&mut streams, &mut opened, to, &bytes, addresses).await {
                        sent = Some(to);
                    }
                }
                Output::Respond { .. } | Output::Drop { .. } | Output::Note(_) => {}
            }
        }
        let connection = ConnectionId(sent.map_or(0, |peer| peer as u64));
        outputs = match sent.and_then(|peer| streams.get_mut(&peer)) {
            None => role.handle(now(), Input::Closed { connection }),
            Some(stream) => match tokio::time::timeout(PATIENCE, stream.read()).await {
                Ok(Incoming::Message(message)) => role.handle(
                    now(),
                    Input::Message {
                        connection,
                        message: &message,
                    },
                ),
                Ok(Incoming::Unreadable { .. }) => {
                    role.handle(now(), Input::Unreadable { connection })
                }
                Ok(Incoming::End) => {
                    sent.map(|peer| streams.remove(&peer));
                    role.handle(now(), Input::Closed { connection })
                }
                Err(_) => role.handle(now(), Input::TimedOut),
            },
        };
        if outputs.is_empty() {
            break;
        }
    }
    Ended {
        outcome: ClientOutcome::Failed,
        connections: Some(opened),
    }
}

/// Writes on the connection to this peer, or on a new one; whether it could.
async fn write(
    streams: &mut BTreeMap<Peer, Stream>,
    opened: &mut usize,
    to: Peer,
    bytes: &[u8],
    addresses: &BTreeMap<Element, SocketAddr>,
) -> bool {
    if let Some(stream) = streams.get_mut(&to)
        && stream.write(bytes).await.is_ok()
    {
        return true;
    }
    let element = match to {
        Peer::Bsf => Element::Bsf,
        Peer::Naf => Element::Naf,
        Peer::Portal => Element::Portal,
    };
    let Some(address) = addresses.get(&element) else {
        return false;
    };
    let Ok(mut stream) = Stream::connect(&address.to_string(), None).await else {
        return false;
    };
    *opened += 1;
    let written = stream.write(bytes).await.is_ok();
    streams.insert(to, stream);
    written
}

fn client_outcome(outcome: gbaspec_roles::ClientOutcome) -> ClientOutcome {
    match outcome {
        gbaspec_roles::ClientOutcome::Success => ClientOutcome::Success,
        gbaspec_roles::ClientOutcome::Refused => ClientOutcome::Refused,
        gbaspec_roles::ClientOutcome::NotAuthentic => ClientOutcome::NotAuthentic,
        gbaspec_roles::ClientOutcome::Failed => ClientOutcome::Failed,
    }
}
