//! The target profile (IXIT): what the harness must know of one target.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::element::Element;
use crate::scene::Scene;

/// One target.
#[derive(Clone, Debug)]
pub struct TargetProfile {
    /// Its name in reports.
    pub name: String,
    /// The file that it was read from, as the user named it.
    pub file: String,
    /// What it is.
    pub role: Element,
    /// Where it listens, `host:port`; empty for a client.
    pub address: String,
    /// TLS towards it, if any.
    pub tls: Option<TlsSettings>,
    /// Where a server under test speaks TLS, with the settings of `tls`, beside its usual address
    /// in the clear.
    pub tls_address: Option<String>,
    /// Where a NAF under test shares keys in handshakes (TS 24.109 5.3.3), `host:port`.
    pub psk_address: Option<String>,
    /// Where a server under test speaks Diameter: Zn of a BSF, Zh of an HSS, `host:port`.
    pub diameter_address: Option<String>,
    /// Where it offers its service-based interface, `host:port`.
    pub sbi_address: Option<String>,
    /// Where the harness offers a service-based interface, by element.
    pub sbi_listen: BTreeMap<Element, String>,
    /// Where the harness listens for a client under test, by element; free ports if not given. An HSS
    /// behind a BSF, and a BSF behind a NAF, speak Diameter there.
    pub listen: BTreeMap<Element, String>,
    /// Where the harness listens inside TLS, by element; a free port beside its plain one if not
    /// given.
    pub tls_listen: BTreeMap<Element, String>,
    /// Where the harness listens as a NAF that shares keys in handshakes; a free port beside its plain
    /// one if not given.
    pub psk_listen: Option<String>,
    /// Names, subscribers, sessions.
    pub scene: Scene,
    /// Commands of the user.
    pub hooks: Hooks,
    /// How long to wait.
    pub deadlines: Deadlines,
}

/// TLS towards a target; towards a client only the label counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsSettings {
    /// File with the certificates to trust, in PEM; the system's if not given.
    pub ca: Option<String>,
    /// The name that the certificate must carry; the target's name if not given.
    pub server_name: Option<String>,
    /// Whether the certificate is checked.
    pub verification: Verification,
    /// The label under which the keys of the session are exported, if not the registered one
    /// (open question U-11).
    pub exporter_label: Option<String>,
}

/// Whether a certificate is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Verification {
    /// It is.
    #[default]
    Required,
    /// It is not; for a laboratory only.
    Off,
}

/// Commands of the user: program and arguments, no shell in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Starts the client under test; placeholders `{errand}`, `{bsf}`, `{naf}`, `{portal}`,
    /// `{impi}`, `{btid}`, `{case}`, `{ca}`, `{transport}`, `{issuer}`.
    pub trigger: Option<Vec<String>>,
    /// Brings the target back to its first state, before the run.
    pub reset: Option<Vec<String>>,
    /// Gives a server under test the key of one session, before the run and once for each. B-TID and
    /// key stand in its environment.
    pub install_key: Option<Vec<String>>,
}

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadlines {
    /// For an answer of a server. Connections and signs of life are waited for as long as the measured
    /// round trip suggests, and never longer than this.
    pub answer: Duration,
    /// For a client to come, and to end.
    pub client: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(2),
            client: Duration::from_secs(10),
        }
    }
}
