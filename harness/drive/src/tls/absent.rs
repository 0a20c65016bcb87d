//! TLS in a build without it: every way in says so, and what lies behind cannot exist.

use std::future::{Ready, ready};
use std::io;
use std::path::Path;
use std::time::Duration;

use gbaspec_case::profile::TlsSettings;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_roles::TlsVersion;
use gbaspec_roles::psk::PskOffer;
use tokio::net::TcpStream;

use super::{Agreement, Holder, Keys, Naming, PskFailure, TlsTrouble};

fn absent<T>() -> Result<T, TlsTrouble> {
    Err(TlsTrouble(
        "this build has no TLS (feature `tls`)".to_owned(),
    ))
}

/// Nothing is one of these.
#[derive(Clone, Copy, Debug)]
enum Never {}

/// A certificate authority of one run; this build has none.
#[derive(Debug)]
pub struct Authority(Never);

impl Authority {
    /// Always refused.
    pub fn new() -> Result<Self, TlsTrouble> {
        absent()
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> &[u8] {
        match self.0 {}
    }

    /// Its certificate in a file.
    pub fn file(&self) -> io::Result<CaFile> {
        match self.0 {}
    }

    pub(crate) fn acceptor(&self, _: &Holder) -> Result<Acceptor, TlsTrouble> {
        match self.0 {}
    }
}

/// A file with the certificate of an authority; this build has none.
#[derive(Debug)]
pub struct CaFile(Never);

impl CaFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        match self.0 {}
    }
}

/// The server's side of handshakes; this build has none.
#[derive(Clone, Debug)]
pub(crate) struct Acceptor(Never);

impl Acceptor {
    pub(crate) fn with_suites(&self, _: &[String]) -> Self {
        match self.0 {}
    }

    pub(crate) fn accept(&self, _: TcpStream) -> Ready<Result<(TcpStream, Agreement), TlsTrouble>> {
        match self.0 {}
    }
}

/// The client's side of handshakes; this build has none.
#[derive(Clone, Debug)]
pub(crate) struct Connector(Never);

impl Connector {
    pub(crate) fn with_suites(&self, _: &[String]) -> Self {
        match self.0 {}
    }

    pub(crate) fn of_profile(_: &TlsSettings, _: &str) -> Result<Self, TlsTrouble> {
        absent()
    }

    pub(crate) fn of_run(authority: &Authority, _: &str, _: Naming) -> Result<Self, TlsTrouble> {
        match authority.0 {}
    }

    pub(crate) fn connect(
        &self,
        _: TcpStream,
    ) -> Ready<Result<(TcpStream, Agreement), TlsTrouble>> {
        match self.0 {}
    }
}

/// The server's side of handshakes with shared keys; this build has none.
#[derive(Clone)]
#[expect(dead_code, reason = "read where there is TLS")]
pub(crate) struct PskAcceptor {
    pub(crate) version: Option<TlsVersion>,
    pub(crate) suites: Vec<CipherSuite>,
    pub(crate) hint: Option<String>,
    pub(crate) keys: Keys,
}

impl PskAcceptor {
    #[expect(clippy::unused_self, reason = "as where there is TLS")]
    pub(crate) fn accept(
        &self,
        _: TcpStream,
        _: Duration,
    ) -> Ready<Result<(TcpStream, Agreement), Box<PskFailure>>> {
        ready(absent().map_err(Box::from))
    }
}

/// The client's side of one handshake with a shared key; this build has none.
#[derive(Clone)]
#[expect(dead_code, reason = "read where there is TLS")]
pub(crate) struct PskConnector {
    pub(crate) version: TlsVersion,
    pub(crate) offer: PskOffer,
    pub(crate) keys: Keys,
}

impl PskConnector {
    #[expect(clippy::unused_self, reason = "as where there is TLS")]
    pub(crate) fn connect(
        &self,
        _: TcpStream,
        _: Duration,
    ) -> Ready<Result<(TcpStream, Agreement), Box<PskFailure>>> {
        ready(absent().map_err(Box::from))
    }
}
