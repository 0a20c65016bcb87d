//! TLS over OpenSSL.

use std::fmt;
use std::io::{self, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;
use std::time::{SystemTime, UNIX_EPOCH};

use gbaspec_case::profile::{TlsSettings, Verification};
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use openssl::asn1::{Asn1Integer, Asn1Time};
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{
    self, NameType, Ssl, SslAcceptor, SslContext, SslMethod, SslOptions, SslRef,
    SslSessionCacheMode, SslVerifyMode, SslVersion,
};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName,
    SubjectKeyIdentifier,
};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509CheckFlags;
use openssl::x509::{X509, X509Builder, X509Name, X509NameRef, X509VerifyResult};
use tempfile::NamedTempFile;
use tokio::net::TcpStream;
use tokio_openssl::SslStream;

use super::{Agreement, EXPORTER_LABEL, Holder, Naming, TlsTrouble};

/// A certificate is valid for one day, which began an hour ago: the clock of a target may be behind.
const BEGAN_SECONDS_AGO: i64 = 3_600;
const VALID_SECONDS: i64 = 86_400;

/// What X.509 calls version 3.
const VERSION_3: i32 = 2;

/// An unmistakable name for whoever finds it in a trust store.
const AUTHORITY_NAME: &str = "gbaspec test CA of one run";

/// The longest common name of X.509; longer names stand in the subject alternative names only.
const LONGEST_COMMON_NAME: usize = 64;

/// A certificate authority of one run. Its key never leaves the process.
pub struct Authority {
    key: PKey<Private>,
    certificate: X509,
    pem: Vec<u8>,
}

impl Authority {
    /// A new key and a certificate for it.
    pub fn new() -> Result<Self, TlsTrouble> {
        Ok(Self::made()?)
    }

    fn made() -> Result<Self, ErrorStack> {
        let key = new_key()?;
        let name = named(AUTHORITY_NAME)?;
        let mut builder = begun(&key, &name, &name)?;
        builder.append_extension(BasicConstraints::new().critical().ca().pathlen(0).build()?)?;
        let usage = KeyUsage::new().critical().key_cert_sign().build()?;
        builder.append_extension(usage)?;
        let identifier = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(identifier)?;
        builder.sign(&key, MessageDigest::sha256())?;
        let certificate = builder.build();
        let pem = certificate.to_pem()?;
        Ok(Self {
            key,
            certificate,
            pem,
        })
    }

    /// Its certificate in PEM.
    pub fn pem(&self) -> &[u8] {
        &self.pem
    }

    /// Its certificate in a file that only this user can write, and that goes with the value.
    pub fn file(&self) -> io::Result<CaFile> {
        let mut file = tempfile::Builder::new()
            .prefix("gbaspec-ca-")
            .suffix(".pem")
            .tempfile()?;
        file.write_all(&self.pem)?;
        file.flush()?;
        Ok(CaFile(file))
    }

    /// The server's side of handshakes, with a new certificate for this holder.
    pub(crate) fn acceptor(&self, holder: &Holder) -> Result<Acceptor, TlsTrouble> {
        Ok(self.made_acceptor(holder)?)
    }

    fn made_acceptor(&self, holder: &Holder) -> Result<Acceptor, ErrorStack> {
        let key = new_key()?;
        let certificate = self.certified(&key, holder)?;
        let mut builder = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls_server())?;
        builder.set_private_key(&key)?;
        builder.set_certificate(&certificate)?;
        // Every connection makes keys of its own, so that no exporter value is seen twice.
        builder.set_session_cache_mode(SslSessionCacheMode::OFF);
        builder.set_options(SslOptions::NO_TICKET);
        builder.set_num_tickets(0)?;
        Ok(Acceptor {
            tls: builder.build(),
            label: holder.label.clone(),
            suites: Vec::new(),
        })
    }

    fn certified(&self, key: &PKey<Private>, holder: &Holder) -> Result<X509, ErrorStack> {
        let fits = holder.name.len() <= LONGEST_COMMON_NAME;
        let subject = named(if fits { &holder.name } else { "" })?;
        let mut builder = begun(key, &subject, self.certificate.subject_name())?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        let usage = KeyUsage::new().critical().digital_signature().build()?;
        builder.append_extension(usage)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().build()?)?;
        let mut alternatives = SubjectAlternativeName::new();
        alternatives.dns(&holder.name);
        if let Some(address) = holder.address {
            alternatives.ip(&address.to_string());
        }
        let context = builder.x509v3_context(Some(&self.certificate), None);
        let alternatives = alternatives.build(&context)?;
        let subject = SubjectKeyIdentifier::new().build(&context)?;
        let issuer = AuthorityKeyIdentifier::new().keyid(true).build(&context)?;
        for extension in [alternatives, subject, issuer] {
            builder.append_extension(extension)?;
        }
        builder.sign(&self.key, MessageDigest::sha256())?;
        Ok(builder.build())
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({AUTHORITY_NAME})")
    }
}

/// A file with the certificate of an authority, removed when this is dropped.
#[derive(Debug)]
pub struct CaFile(NamedTempFile);

impl CaFile {
    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// A new key on the curve P-256.
fn new_key() -> Result<PKey<Private>, ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    PKey::from_ec_key(EcKey::generate(&group)?)
}

fn named(common_name: &str) -> Result<X509Name, ErrorStack> {
    let mut builder = X509Name::builder()?;
    if !common_name.is_empty() {
        builder.append_entry_by_nid(Nid::COMMONNAME, common_name)?;
    }
    Ok(builder.build())
}

/// A certificate for this key, without extensions and signature.
fn begun(
    key: &PKey<Private>,
    subject: &X509NameRef,
    issuer: &X509NameRef,
) -> Result<X509Builder, ErrorStack> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let now = i64::try_from(since.as_secs()).unwrap_or(i64::MAX / 2);
    let begin = now - BEGAN_SECONDS_AGO;
    let mut serial = BigNum::new()?;
    serial.rand(127, MsbOption::ONE, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(VERSION_3)?;
    builder.set_serial_number(&*Asn1Integer::from_bn(&serial)?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_not_before(&*Asn1Time::from_unix(begin)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(begin + VALID_SECONDS)?)?;
    builder.set_pubkey(key)?;
    Ok(builder)
}

/// The server's side of handshakes.
#[derive(Clone)]
pub(crate) struct Acceptor {
    tls: SslAcceptor,
    label: String,
    /// The only suites that it takes, by their IANA names; what is usual if empty.
    suites: Vec<String>,
}

impl Acceptor {
    /// The same with these suites only.
    pub(crate) fn with_suites(&self, suites: &[String]) -> Self {
        Self {
            suites: suites.to_vec(),
            ..self.clone()
        }
    }

    /// Waits for the client's handshake; the caller sets the deadline.
    pub(crate) async fn accept(
        &self,
        tcp: TcpStream,
    ) -> Result<(SslStream<TcpStream>, Agreement), TlsTrouble> {
        let mut ssl = Ssl::new(self.tls.context())?;
        restrict(&mut ssl, &self.suites)?;
        let mut stream = SslStream::new(ssl, tcp)?;
        let handshake = Pin::new(&mut stream).accept().await;
        handshake.map_err(|why| trouble(&why, X509VerifyResult::OK))?;
        let agreement = agreement(stream.ssl(), &self.label)?;
        Ok((stream, agreement))
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

/// The client's side of handshakes.
#[derive(Clone)]
pub(crate) struct Connector {
    context: SslContext,
    /// The name or address that it asks for.
    server_name: String,
    naming: Naming,
    label: String,
    /// The only suites that it offers, by their IANA names; what is usual if empty.
    suites: Vec<String>,
}

impl Connector {
    /// The same with these suites only.
    pub(crate) fn with_suites(&self, suites: &[String]) -> Self {
        Self {
            suites: suites.to_vec(),
            ..self.clone()
        }
    }

    /// What the profile asks for towards the target at this address.
    pub(crate) fn of_profile(settings: &TlsSettings, address: &str) -> Result<Self, TlsTrouble> {
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        match &settings.ca {
            Some(ca) => builder.set_ca_file(ca).map_err(|why| {
                let why = TlsTrouble::from(why);
                TlsTrouble(format!("the CA file {ca} cannot be used: {why}"))
            })?,
            None => builder.set_default_verify_paths()?,
        }
        let naming = match settings.verification {
            Verification::Required => {
                builder.set_verify(SslVerifyMode::PEER);
                Naming::Checked
            }
            Verification::Off => {
                builder.set_verify(SslVerifyMode::NONE);
                Naming::LeftToOthers
            }
        };
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
        let server_name = settings.server_name.as_deref().unwrap_or(host);
        Ok(Self {
            context: builder.build(),
            server_name: server_name.trim_matches(['[', ']']).to_owned(),
            naming,
            label: settings
                .exporter_label
                .clone()
                .unwrap_or_else(|| EXPORTER_LABEL.to_owned()),
            suites: Vec::new(),
        })
    }

    /// Trusts nobody but the authority of this run.
    pub(crate) fn of_run(
        authority: &Authority,
        server_name: &str,
        naming: Naming,
    ) -> Result<Self, TlsTrouble> {
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        let mut store = X509StoreBuilder::new()?;
        store.add_cert(authority.certificate.clone())?;
        builder.set_cert_store(store.build());
        builder.set_verify(SslVerifyMode::PEER);
        Ok(Self {
            context: builder.build(),
            server_name: server_name.to_owned(),
            naming,
            label: EXPORTER_LABEL.to_owned(),
            suites: Vec::new(),
        })
    }

    /// Shakes hands; the caller sets the deadline.
    pub(crate) async fn connect(
        &self,
        tcp: TcpStream,
    ) -> Result<(SslStream<TcpStream>, Agreement), TlsTrouble> {
        let mut stream = SslStream::new(self.session()?, tcp)?;
        let handshake = Pin::new(&mut stream).connect().await;
        handshake.map_err(|why| trouble(&why, stream.ssl().verify_result()))?;
        let agreement = agreement(stream.ssl(), &self.label)?;
        Ok((stream, agreement))
    }

    fn session(&self) -> Result<Ssl, ErrorStack> {
        let mut ssl = Ssl::new(&self.context)?;
        restrict(&mut ssl, &self.suites)?;
        let address: Option<IpAddr> = self.server_name.parse().ok();
        // A server name is never an address (RFC 6066 3).
        if address.is_none() {
            ssl.set_hostname(&self.server_name)?;
        }
        if self.naming == Naming::Checked {
            let flags = X509CheckFlags::NO_PARTIAL_WILDCARDS;
            ssl.param_mut().set_hostflags(flags);
            match address {
                Some(address) => ssl.param_mut().set_ip(address)?,
                None => ssl.param_mut().set_host(&self.server_name)?,
            }
        }
        Ok(ssl)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connector({})", self.server_name)
    }
}

/// Leaves these suites alone, and the versions that have them: names with `WITH` are of TLS 1.2, the
/// others of TLS 1.3.
fn restrict(ssl: &mut SslRef, suites: &[String]) -> Result<(), ErrorStack> {
    if suites.is_empty() {
        return Ok(());
    }
    let (older, newer): (Vec<&str>, Vec<&str>) = suites
        .iter()
        .map(String::as_str)
        .partition(|name| name.contains("_WITH_"));
    if newer.is_empty() {
        ssl.set_max_proto_version(Some(SslVersion::TLS1_2))?;
    } else {
        ssl.set_ciphersuites(&newer.join(":"))?;
    }
    if older.is_empty() {
        ssl.set_min_proto_version(Some(SslVersion::TLS1_3))?;
    } else {
        let names: Vec<&str> = older.into_iter().map(ssl::cipher_name).collect();
        ssl.set_cipher_list(&names.join(":"))?;
    }
    Ok(())
}

/// What the handshake agreed on.
pub(super) fn agreement(ssl: &SslRef, label: &str) -> Result<Agreement, ErrorStack> {
    let mut exporter = [0; TlsMkExtr::LEN];
    ssl.export_keying_material(&mut exporter, label, None)?;
    let server_name = ssl.servername_raw(NameType::HOST_NAME);
    let server_name = server_name.map(|name| String::from_utf8_lossy(name).into_owned());
    let suite = ssl.current_cipher();
    let number = suite.map_or([0; 2], ssl::SslCipherRef::protocol_id);
    let suite = suite.map(|suite| suite.standard_name().unwrap_or_else(|| suite.name()));
    Ok(Agreement {
        exporter: TlsMkExtr::new(exporter),
        server_name,
        version: ssl.version_str().to_owned(),
        suite: suite.unwrap_or("unknown").to_owned(),
        suite_number: CipherSuite(u16::from_be_bytes(number)),
        psk_identity: None,
        psk_hint: None,
        hello: None,
        peer_names: peer_names(ssl),
    })
}

fn peer_names(ssl: &SslRef) -> Vec<String> {
    let alternatives = ssl
        .peer_certificate()
        .and_then(|certificate| certificate.subject_alt_names());
    let names = alternatives.iter().flatten();
    names
        .filter_map(|name| name.dnsname().map(str::to_owned))
        .collect()
}

/// The reasons of a handshake that came to nothing. Where the certificate is the reason, OpenSSL
/// keeps what is wrong with it apart from its list of errors.
pub(super) fn trouble(why: &ssl::Error, verified: X509VerifyResult) -> TlsTrouble {
    let Some(stack) = why.ssl_error() else {
        return TlsTrouble(match why.io_error() {
            Some(why) => why.to_string(),
            None => "the peer closed the connection".to_owned(),
        });
    };
    let mut trouble = TlsTrouble::from(stack.clone());
    if verified != X509VerifyResult::OK {
        trouble.0 = format!("{}: {}", trouble.0, verified.error_string());
    }
    trouble
}

impl From<ErrorStack> for TlsTrouble {
    /// Only the reasons: places in the sources of OpenSSL help nobody here.
    fn from(stack: ErrorStack) -> Self {
        let reasons: Vec<&str> = stack
            .errors()
            .iter()
            .filter_map(openssl::error::Error::reason)
            .map(plain_words)
            .collect();
        Self(if reasons.is_empty() {
            "the TLS library gives no reason".to_owned()
        } else {
            reasons.join(", ")
        })
    }
}

/// Reasons of OpenSSL that say little to whoever mixed up two ports.
fn plain_words(reason: &str) -> &str {
    match reason {
        "http request" | "https proxy request" => "plain HTTP came instead of a TLS handshake",
        "wrong version number" | "packet length too long" | "unknown protocol" => {
            "what came is no TLS"
        }
        "unexpected eof while reading" => "the peer closed the connection",
        other => other,
    }
}
