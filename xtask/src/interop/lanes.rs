//! The lanes: what each needs, and how its peer is started.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::{Server, finish};
use crate::files;

/// A foreign program that the suite is run against.
pub(super) struct Lane {
    /// Its name, and that of its folder.
    pub(super) name: &'static str,
    tools: &'static [Tool],
    peer: Peer,
    /// The cases that it is about; all of its target if none is named.
    pub(super) select: &'static [&'static str],
}

/// Something that must be installed.
pub(super) struct Tool {
    /// What it is, for people.
    pub(super) what: &'static str,
    /// The Debian package that holds it.
    pub(super) package: &'static str,
    /// What there is to say of that package.
    pub(super) remark: &'static str,
    /// Ends well where it is installed; the first of these programs is used that does.
    programs: &'static [&'static str],
    arguments: &'static [&'static str],
}

/// How the peer comes to be.
enum Peer {
    /// The run starts it as a client, by the hook of the profile.
    Client,
    /// Apache httpd, started by the lane.
    Apache,
    /// freeDiameter, started by the lane as a relay between the run and the HSS of this project.
    Relay,
    /// An HSS, started by the lane: a script `hss.py` in its folder.
    Hss,
    /// None: the program reads what a run has said.
    Decoder,
}

/// An interpreter that the user names, for a Python package that the system has not.
const PYTHON: &str = "INTEROP_PYTHON";

const CURL: Tool = Tool {
    what: "curl",
    package: "curl",
    remark: "",
    programs: &["curl"],
    arguments: &["--version"],
};
const WGET: Tool = Tool {
    what: "wget",
    package: "wget",
    remark: "",
    programs: &["wget"],
    arguments: &["--version"],
};
const APACHE: Tool = Tool {
    what: "Apache httpd",
    package: "apache2-bin",
    remark: "",
    programs: &["/usr/sbin/apache2", "apache2"],
    arguments: &["-v"],
};
const OPENSSL: Tool = Tool {
    what: "openssl",
    package: "openssl",
    remark: "",
    programs: &["openssl"],
    arguments: &["version"],
};
const AIOHTTP: Tool = Tool {
    what: "aiohttp 3.12 or newer",
    package: "python3-aiohttp",
    remark: ", where it is new enough; else name an interpreter that has it in INTEROP_PYTHON",
    programs: &["/usr/bin/python3", "python3"],
    arguments: &[
        "-c",
        "import aiohttp; aiohttp.DigestAuthMiddleware; print('aiohttp', aiohttp.__version__)",
    ],
};
const FREEDIAMETER: Tool = Tool {
    what: "freeDiameterd",
    package: "freediameter",
    remark: "",
    programs: &["freeDiameterd"],
    arguments: &["--version"],
};
const PYTHON_DIAMETER: Tool = Tool {
    what: "the Python packages python-diameter 0.9 and cryptography",
    package: "python3-cryptography",
    remark: "; python-diameter is on PyPI: name an interpreter that has both in INTEROP_PYTHON",
    programs: &["/usr/bin/python3", "python3"],
    arguments: &[
        "-c",
        "import diameter.node, cryptography, importlib.metadata as it; \
         print('python-diameter', it.version('python-diameter'))",
    ],
};
const TSHARK: Tool = Tool {
    what: "tshark",
    package: "tshark",
    remark: "",
    programs: &["tshark"],
    arguments: &["--version"],
};

/// All lanes.
pub(super) const LANES: &[Lane] = &[
    Lane {
        name: "curl",
        tools: &[CURL],
        peer: Peer::Client,
        select: &[],
    },
    Lane {
        name: "wget",
        tools: &[WGET],
        peer: Peer::Client,
        select: &[],
    },
    Lane {
        name: "aiohttp",
        tools: &[AIOHTTP],
        peer: Peer::Client,
        select: &[],
    },
    Lane {
        name: "apache",
        tools: &[APACHE],
        peer: Peer::Apache,
        select: &[],
    },
    Lane {
        name: "openssl",
        tools: &[OPENSSL, CURL],
        peer: Peer::Client,
        select: &["ue/psk", "ue/digest/fetches-with-the-naf-key"],
    },
    Lane {
        name: "tshark",
        tools: &[TSHARK],
        peer: Peer::Decoder,
        select: &["hss", "zh", "zn"],
    },
    Lane {
        name: "freediameter",
        tools: &[FREEDIAMETER],
        peer: Peer::Relay,
        select: &["hss"],
    },
    Lane {
        name: "python-diameter",
        tools: &[PYTHON_DIAMETER],
        peer: Peer::Hss,
        select: &["hss"],
    },
];

/// A program that is there.
struct Found {
    program: String,
    /// What it says of its version.
    version: String,
}

impl Tool {
    /// The program, if it is there.
    fn found(&self) -> Option<Found> {
        let named = std::env::var(PYTHON).ok();
        let named = named.filter(|_| self.programs.iter().any(|name| name.contains("python")));
        let known = self.programs.iter().map(|&name| name.to_owned());
        let mut candidates = named.into_iter().chain(known);
        candidates.find_map(|program| {
            let mut command = Command::new(&program);
            let ended = finish(command.args(self.arguments), PROBE_LIMIT);
            let said = ended.ok()?.well().ok()?;
            let version = said.lines().next().unwrap_or_default().to_owned();
            Some(Found { program, version })
        })
    }
}

/// So long a program may take to say that it is there.
const PROBE_LIMIT: Duration = Duration::from_secs(20);

/// A lane under way: what the marks of its profile stand for, and its server.
pub(super) struct Started {
    /// What the program says of its version.
    pub(super) version: String,
    pub(super) program: String,
    texts: Vec<(&'static str, String)>,
    /// They end with the lane, in this order.
    _servers: Vec<Server>,
}

impl Started {
    /// Each mark of a profile with its text.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.texts.iter().map(|(mark, text)| (*mark, text.as_str()))
    }
}

impl Lane {
    /// What is not installed.
    pub(super) fn missing(&self) -> Vec<&'static Tool> {
        let missing = self.tools.iter().filter(|tool| tool.found().is_none());
        missing.collect()
    }

    /// Whether its program reads what a run has said.
    pub(super) fn is_decoder(&self) -> bool {
        matches!(self.peer, Peer::Decoder)
    }

    /// Starts what the lane has to start.
    ///
    /// `binary` is the one of this project, for a lane that needs a peer of its own.
    pub(super) fn start(
        &self,
        own: &Path,
        scratch: &Path,
        binary: &Path,
    ) -> Result<Started, String> {
        let found = self.tools.first().and_then(Tool::found);
        let Found { program, version } =
            found.ok_or_else(|| format!("{} is not there any more", self.name))?;
        let folder = scratch.display().to_string();
        let address = free_address()?;
        let servers = match self.peer {
            Peer::Client | Peer::Decoder => Vec::new(),
            Peer::Apache => vec![apache(&program, &address, own, scratch)?],
            Peer::Relay => relay(&program, &address, own, scratch, binary)?,
            Peer::Hss => {
                let mut command = Command::new(&program);
                command.arg(own.join("hss.py")).arg(&address);
                vec![Server::start(&mut command, "ready", None)?]
            }
        };
        let texts = vec![
            ("<program>", program.clone()),
            ("<folder>", folder),
            ("<address>", address),
        ];
        Ok(Started {
            version,
            program,
            texts,
            _servers: servers,
        })
    }
}

/// A port of loopback that was free a moment ago.
fn free_address() -> Result<String, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|why| why.to_string())?;
    let address = listener.local_addr().map_err(|why| why.to_string())?;
    Ok(address.to_string())
}

/// Apache with a configuration of its own: nothing of the system's is read or written.
fn apache(program: &str, address: &str, own: &Path, scratch: &Path) -> Result<Server, String> {
    let text = files::read(&own.join("httpd.conf"))?;
    let text = text
        .replace("<address>", address)
        .replace("<folder>", &scratch.display().to_string());
    let file = scratch.join("httpd.conf");
    files::write(&file, text.as_bytes())?;
    files::write(&scratch.join("passwords"), b"")?;
    let documents = scratch.join("documents");
    fs::create_dir(&documents).map_err(|why| why.to_string())?;
    files::write(&documents.join("index.html"), b"the resource\n")?;
    let command = |arguments: &[&str]| {
        let mut command = Command::new(program);
        command.arg("-d").arg(scratch).arg("-f").arg(&file);
        command.args(arguments);
        command
    };
    let stop = command(&["-k", "stop"]);
    let sign = "resuming normal operations";
    Server::start(&mut command(&["-D", "FOREGROUND"]), sign, Some(stop))
}

/// freeDiameter in front of an HSS of this project, which knows the subscribers of its own profile.
fn relay(
    program: &str,
    address: &str,
    own: &Path,
    scratch: &Path,
    binary: &Path,
) -> Result<Vec<Server>, String> {
    let hss = free_address()?;
    let mut command = Command::new(binary);
    command.args(["serve", "hss", "--listen", &hss]);
    let served = Server::start(&mut command, "speaks Diameter on", None)?;
    let port = |address: &str| address.rsplit(':').next().unwrap_or_default().to_owned();
    let text = files::read(&own.join("relay.conf"))?;
    let text = text
        .replace("<port>", &port(address))
        .replace("<hss-port>", &port(&hss))
        .replace("<peers>", &own.join("peers.conf").display().to_string());
    let file = scratch.join("relay.conf");
    files::write(&file, text.as_bytes())?;
    let mut command = Command::new(program);
    let sign = "-> 'STATE_OPEN'\t'hss.home1.net'";
    let relay = Server::start(command.arg("-c").arg(&file), sign, None)?;
    Ok(vec![relay, served])
}
