//! Starts the client under test: a role in this process, or the user's command.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use gbaspec_case::case::{Errand, Transport as CaseTransport};
use gbaspec_case::compose::ca_name;
use gbaspec_case::element::Element;
use gbaspec_case::transcript::ClientOutcome;
use gbaspec_roles::faults::{Tamper, tampered_bytes};
use gbaspec_roles::{
    Action, ClientOutcome as RoleOutcome, ConnectionId, Input, Output, Peer, Role, TlsVersion,
    Transport,
};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

use crate::hook::Handed;
use crate::host::now;
use crate::link::closes_connection;
use crate::psk::{connector_of_role, role_version};
use crate::stream::{Incoming, Stream};
use crate::tls::Connector;

/// How a client is started.
#[derive(Clone)]
pub(crate) enum Starter {
    /// A UE role in this process.
    Embedded(Embedded),
    /// The user's command with placeholders.
    Command(Vec<String>),
    /// A person starts it; the harness only waits.
    ByHand,
}

/// The UE of each subscriber (index).
pub(crate) type Clients = BTreeMap<usize, Arc<Mutex<Box<dyn Role>>>>;

/// The UE roles in this process.
#[derive(Clone)]
pub(crate) struct Embedded {
    pub(crate) roles: Clients,
    /// The fault that tampers with its messages.
    pub(crate) tamper: Tamper,
    /// Its side of TLS handshakes with each server. It leaves the name in the certificate to the role,
    /// which compares it with the realm (TS 24.109 H.2, 5.3.2).
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            clippy::zero_sized_map_values,
            reason = "a connector is nothing without TLS"
        )
    )]
    pub(crate) connectors: BTreeMap<Element, Connector>,
}

/// How a client ended, and how many connections it had opened if that is known.
pub(crate) struct Ended {
    pub(crate) outcome: ClientOutcome,
    pub(crate) connections: Option<usize>,
}

/// The longest that a UE role of this process waits for one answer or handshake.
const PATIENCE: Duration = Duration::from_secs(5);

/// So many messages of one errand; a role that wants more loops.
const MOST_MESSAGES: usize = 64;

/// What the command is told.
pub(crate) struct Errands<'a> {
    pub(crate) errand: Errand,
    pub(crate) addresses: &'a BTreeMap<Element, SocketAddr>,
    pub(crate) impi: &'a str,
    pub(crate) case: &'a str,
    /// The file with the certificate of the run's authority; empty if there is none.
    pub(crate) ca: &'a str,
    /// How NAF and portal are reached: `tcp` or `tls`.
    pub(crate) transport: CaseTransport,
    /// The session that a client is handed which does not bootstrap.
    pub(crate) handed: Option<&'a Handed>,
}

/// What a client is told beside its errand: how NAF and portal are reached, the command with its
/// placeholders filled, and the session that its environment tells of.
#[derive(Default)]
pub(crate) struct Told {
    transport: CaseTransport,
    arguments: Vec<String>,
    handed: Option<Handed>,
}

impl Starter {
    /// Runs the client until it ends.
    pub(crate) async fn run(
        self,
        errand: Errand,
        subscriber: usize,
        addresses: BTreeMap<Element, SocketAddr>,
        told: Told,
    ) -> Result<Ended, String> {
        match self {
            Self::Embedded(client) => {
                client
                    .run(errand, subscriber, &addresses, told.transport)
                    .await
            }
            Self::Command(_) => command(&told).await,
            Self::ByHand => std::future::pending().await,
        }
    }

    /// What the command is told.
    pub(crate) fn told(&self, errands: &Errands<'_>) -> Told {
        let Self::Command(words) = self else {
            return Told {
                transport: errands.transport,
                ..Told::default()
            };
        };
        let btid = errands.handed.map_or("", Handed::btid);
        let address = |element| {
            errands
                .addresses
                .get(&element)
                .map(SocketAddr::to_string)
                .unwrap_or_default()
        };
        let arguments = words.iter();
        let arguments = arguments
            .map(|word| {
                word.replace("{errand}", errands.errand.as_str())
                    .replace("{bsf}", &address(Element::Bsf))
                    .replace("{naf}", &address(Element::Naf))
                    .replace("{portal}", &address(Element::Portal))
                    .replace("{impi}", errands.impi)
                    .replace("{case}", errands.case)
                    .replace("{ca}", errands.ca)
                    .replace("{transport}", errands.transport.as_str())
                    .replace("{issuer}", &ca_name().base64())
                    .replace("{btid}", btid)
            })
            .collect();
        Told {
            transport: errands.transport,
            arguments,
            handed: errands.handed.cloned(),
        }
    }
}

/// Runs the user's command; its exit status is its outcome.
async fn command(told: &Told) -> Result<Ended, String> {
    let words = told.arguments.split_first();
    let (program, rest) = words.ok_or("the trigger hook is empty")?;
    let mut command = Command::new(program);
    if let Some(handed) = &told.handed {
        handed.tell(&mut command);
    }
    let status = command
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

impl Embedded {
    /// Runs the role of this subscriber against the harness's listeners.
    async fn run(
        &self,
        errand: Errand,
        subscriber: usize,
        addresses: &BTreeMap<Element, SocketAddr>,
        transport: CaseTransport,
    ) -> Result<Ended, String> {
        let role = self.roles.get(&subscriber);
        let role = role.ok_or_else(|| "no embedded client of this subscriber".to_owned())?;
        let action = match errand {
            Errand::Bootstrap => Action::Bootstrap,
            Errand::Fetch => Action::Fetch,
            Errand::Enrol => Action::Enrol,
            Errand::CaCertificate => Action::CaCertificate,
        };
        let mut talk = Talk {
            client: self,
            role: role.lock().await,
            addresses,
            open: BTreeMap::new(),
            opened: 0,
        };
        talk.tell(Input::Reach(match transport {
            CaseTransport::Tcp => Transport::Tcp,
            CaseTransport::Tls => Transport::Tls,
            CaseTransport::Psk(version) => Transport::Psk(role_version(version)),
        }));
        let outcome = talk.errand(action).await;
        Ok(Ended {
            outcome: client_outcome(outcome),
            connections: Some(talk.opened),
        })
    }
}

/// One errand of a role in this process.
struct Talk<'a> {
    client: &'a Embedded,
    role: MutexGuard<'a, Box<dyn Role>>,
    addresses: &'a BTreeMap<Element, SocketAddr>,
    open: BTreeMap<Whither, (ConnectionId, Stream)>,
    /// How many connections there were.
    opened: usize,
}

/// Whom a message goes to, and how.
type Whither = (Peer, Transport);

/// What became of a message that the role wants to send.
enum Posted {
    /// It is on its way.
    Sent,
    /// It could not be sent.
    Lost,
    /// It was not sent: the handshake before it made the role want something else.
    Overtaken(Vec<Output>),
}

impl Talk<'_> {
    async fn errand(&mut self, action: Action) -> RoleOutcome {
        let mut outputs = self.tell(Input::Start(action));
        for _ in 0..MOST_MESSAGES {
            if outputs.is_empty() {
                break;
            }
            outputs = match self.carry_out(outputs).await {
                Ok(outputs) => outputs,
                Err(outcome) => return outcome,
            };
        }
        RoleOutcome::Failed
    }

    fn tell(&mut self, input: Input<'_>) -> Vec<Output> {
        self.role.handle(now(), input)
    }

    /// Does what the role wants, and tells it what came of it; or the errand ends.
    async fn carry_out(&mut self, outputs: Vec<Output>) -> Result<Vec<Output>, RoleOutcome> {
        let mut sent = None;
        for output in outputs {
            match output {
                Output::Finished(outcome) => return Err(outcome),
                Output::Send {
                    to,
                    secure,
                    message,
                } => {
                    let bytes = tampered_bytes(&message, &self.client.tamper);
                    match self.post((to, secure), &bytes).await {
                        Posted::Sent => sent = Some((to, secure)),
                        Posted::Lost => {}
                        Posted::Overtaken(outputs) => return Ok(outputs),
                    }
                }
                Output::Drop { connection } => {
                    self.open.retain(|_, (other, _)| *other != connection);
                }
                Output::Respond { .. }
                | Output::Answer { .. }
                | Output::Ask { .. }
                | Output::Forward { .. }
                | Output::Note(_) => {}
            }
        }
        Ok(self.answer(sent).await)
    }

    /// Waits for the answer of this peer and hands it to the role.
    async fn answer(&mut self, from: Option<Whither>) -> Vec<Output> {
        let Some((whither, (connection, stream))) =
            from.and_then(|whither| Some((whither, self.open.get_mut(&whither)?)))
        else {
            let connection = ConnectionId(0);
            return self.tell(Input::Closed { connection });
        };
        let connection = *connection;
        match timeout(PATIENCE, stream.read()).await {
            Ok(Incoming::Message(message)) => {
                if closes_connection(&message) {
                    self.open.remove(&whither);
                }
                self.tell(Input::Message {
                    connection,
                    message: &message,
                })
            }
            Ok(Incoming::Unreadable { .. }) => self.tell(Input::Unreadable { connection }),
            Ok(Incoming::End) => {
                self.open.remove(&whither);
                self.tell(Input::Closed { connection })
            }
            Err(_) => self.tell(Input::TimedOut),
        }
    }

    /// Writes on the connection that is open already, or on a new one.
    async fn post(&mut self, whither: Whither, bytes: &[u8]) -> Posted {
        if let Some((_, stream)) = self.open.get_mut(&whither)
            && !stream.has_ended().await
            && stream.write(bytes).await.is_ok()
        {
            return Posted::Sent;
        }
        self.open.remove(&whither);
        let Some((connection, mut stream)) = self.connect(whither).await else {
            return Posted::Lost;
        };
        let outputs = match stream.agreement() {
            Some(agreement) => {
                let tls = &agreement.session();
                self.tell(Input::Secured { connection, tls })
            }
            None => Vec::new(),
        };
        if outputs
            .iter()
            .any(|output| !matches!(output, Output::Note(_)))
        {
            self.open.insert(whither, (connection, stream));
            return Posted::Overtaken(outputs);
        }
        let written = stream.write(bytes).await;
        self.open.insert(whither, (connection, stream));
        written.map_or(Posted::Lost, |()| Posted::Sent)
    }

    async fn connect(&mut self, (to, secure): Whither) -> Option<(ConnectionId, Stream)> {
        let element = match to {
            Peer::Bsf => Element::Bsf,
            Peer::Naf => Element::Naf,
            Peer::Portal => Element::Portal,
        };
        let address = self.addresses.get(&element)?;
        let connector = match secure {
            Transport::Tcp => None,
            Transport::Tls => Some(self.client.connectors.get(&element)?),
            Transport::Psk(version) => return self.connect_shared(*address, version).await,
        };
        let tcp = timeout(PATIENCE, TcpStream::connect(address)).await.ok()?;
        let tcp = tcp.ok()?;
        // The listener counts it from here, whatever comes of the handshake.
        self.opened += 1;
        let stream = timeout(PATIENCE, Stream::over(tcp, connector)).await.ok()?;
        Some((ConnectionId(self.opened as u64), stream.ok()?))
    }

    /// Connects with the key that the role shares.
    async fn connect_shared(
        &mut self,
        address: SocketAddr,
        version: TlsVersion,
    ) -> Option<(ConnectionId, Stream)> {
        let connector = connector_of_role(self.role.as_mut(), version)?;
        let tcp = timeout(PATIENCE, TcpStream::connect(address)).await.ok()?;
        let tcp = tcp.ok()?;
        self.opened += 1;
        let stream = Stream::over_shared(tcp, &connector, PATIENCE).await;
        Some((ConnectionId(self.opened as u64), stream.ok()?))
    }
}

fn client_outcome(outcome: RoleOutcome) -> ClientOutcome {
    match outcome {
        RoleOutcome::Success => ClientOutcome::Success,
        RoleOutcome::Refused => ClientOutcome::Refused,
        RoleOutcome::NotAuthentic => ClientOutcome::NotAuthentic,
        RoleOutcome::Failed => ClientOutcome::Failed,
    }
}
