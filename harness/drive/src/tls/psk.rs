//! TLS handshakes with a shared key in place of certificates: TLS 1.2 (RFC 4279) and the external
//! keys of TLS 1.3 (RFC 8446 4.2.11), as TS 24.109 5.3.3 has them on Ua.
//!
//! Each handshake has a context of its own, so that what its callbacks see belongs to it alone.

#[cfg(test)]
mod tests;

use std::ffi::CString;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use gbaspec_case::handshake::{HandshakeEnd, Hello, PskAttempt};
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_roles::TlsVersion;
use gbaspec_roles::psk::{PskAnswer, PskHandshake, PskOffer};
use openssl::dh::Dh;
use openssl::error::ErrorStack;
use openssl::ssl::{
    self, Ssl, SslContext, SslContextBuilder, SslMethod, SslOptions, SslRef, SslSessionCacheMode,
    SslVerifyMode, SslVersion,
};
use openssl::x509::X509VerifyResult;
use tokio::io::sink;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_openssl::SslStream;

use super::hello::{client_hello, server_hello_suite};
use super::hint::use_psk_identity_hint;
use super::secured::{agreement, trouble};
use super::tap::{Muted, Tap, Tapping};
use super::{Agreement, EXPORTER_LABEL, Keys, PskFailure, TlsTrouble};

/// The suites of TLS 1.2 with a shared key, each with the name that OpenSSL has for it. A server of
/// the harness prefers them in this order: those first that need nothing but the key.
const SUITES: [(u16, &str); 18] = [
    (0x00a8, "PSK-AES128-GCM-SHA256"),
    (0x00a9, "PSK-AES256-GCM-SHA384"),
    (0x00ae, "PSK-AES128-CBC-SHA256"),
    (0x00af, "PSK-AES256-CBC-SHA384"),
    (0x008c, "PSK-AES128-CBC-SHA"),
    (0x008d, "PSK-AES256-CBC-SHA"),
    (0xccab, "PSK-CHACHA20-POLY1305"),
    (0xc037, "ECDHE-PSK-AES128-CBC-SHA256"),
    (0xc038, "ECDHE-PSK-AES256-CBC-SHA384"),
    (0xc035, "ECDHE-PSK-AES128-CBC-SHA"),
    (0xc036, "ECDHE-PSK-AES256-CBC-SHA"),
    (0xccac, "ECDHE-PSK-CHACHA20-POLY1305"),
    (0x00aa, "DHE-PSK-AES128-GCM-SHA256"),
    (0x00ab, "DHE-PSK-AES256-GCM-SHA384"),
    (0x00b2, "DHE-PSK-AES128-CBC-SHA256"),
    (0x00b3, "DHE-PSK-AES256-CBC-SHA384"),
    (0x0090, "DHE-PSK-AES128-CBC-SHA"),
    (0x0091, "DHE-PSK-AES256-CBC-SHA"),
];

/// The suites of TLS 1.3 whose hash is SHA-256, the one of every key that a callback gives.
const SUITES_OF_TLS_13: &str = "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256";

/// Errors of OpenSSL that stand for an alert of the peer have its number plus this one.
const ALERT_REASONS: std::ops::RangeInclusive<i32> = 1000..=1255;

/// A stream inside TLS with a shared key.
type Secured = SslStream<Tapping<TcpStream>>;

/// The server's side of handshakes with shared keys.
#[derive(Clone)]
pub(crate) struct PskAcceptor {
    /// The only version that it speaks; both if not given.
    pub(crate) version: Option<TlsVersion>,
    /// The suites of TLS 1.2 that it takes; all that it knows if there is none.
    pub(crate) suites: Vec<CipherSuite>,
    /// The hint that it gives in TLS 1.2.
    pub(crate) hint: Option<String>,
    /// Who knows the keys.
    pub(crate) keys: Keys,
}

impl PskAcceptor {
    /// Takes part in the client's handshake, for no longer than the limit.
    pub(crate) async fn accept(
        &self,
        tcp: TcpStream,
        limit: Duration,
    ) -> Result<(Secured, Agreement), Box<PskFailure>> {
        let deadline = Instant::now() + limit;
        let course = Course::new(Side::Server, &self.keys);
        let mut stream = self.stream(tcp, &course).map_err(TlsTrouble::from)?;
        let shaking = timeout_at(deadline, Pin::new(&mut stream).accept()).await;
        if course.tap.muted() == Some(Muted::Lingers) {
            // The client is left waiting, for as long as it may.
            let (tcp, mut nowhere) = (stream.get_mut(), sink());
            drop(timeout_at(deadline, tokio::io::copy(tcp, &mut nowhere)).await);
        }
        course.conclude(stream, shaking.ok(), limit)
    }

    fn stream(&self, tcp: TcpStream, course: &Course) -> Result<Secured, ErrorStack> {
        let mut builder = SslContext::builder(SslMethod::tls_server())?;
        set_up(&mut builder, self.version, &self.suites)?;
        builder.set_options(SslOptions::NO_TICKET | SslOptions::CIPHER_SERVER_PREFERENCE);
        builder.set_session_cache_mode(SslSessionCacheMode::OFF);
        builder.set_num_tickets(0)?;
        builder.set_tmp_dh(&*Dh::get_2048_256()?)?;
        let hint = self
            .hint
            .as_deref()
            .and_then(|hint| CString::new(hint).ok());
        if let Some(hint) = hint {
            use_psk_identity_hint(&mut builder, &hint)?;
        }
        let asked = course.clone();
        builder.set_psk_server_callback(move |ssl, identity, key| {
            let version = version_of(ssl);
            Ok(asked.key(version, identity.unwrap_or_default(), None, key))
        });
        SslStream::new(
            Ssl::new(&builder.build())?,
            Tapping::new(tcp, course.tap.clone()),
        )
    }
}

/// The client's side of one handshake with a shared key.
#[derive(Clone)]
pub(crate) struct PskConnector {
    /// The only version that it speaks.
    pub(crate) version: TlsVersion,
    /// What it puts into its first message.
    pub(crate) offer: PskOffer,
    /// Who knows the key.
    pub(crate) keys: Keys,
}

impl PskConnector {
    /// Shakes hands, for no longer than the limit.
    pub(crate) async fn connect(
        &self,
        tcp: TcpStream,
        limit: Duration,
    ) -> Result<(Secured, Agreement), Box<PskFailure>> {
        let deadline = Instant::now() + limit;
        let course = Course::new(Side::Client, &self.keys);
        let mut stream = self.stream(tcp, &course).map_err(TlsTrouble::from)?;
        let shaking = timeout_at(deadline, Pin::new(&mut stream).connect()).await;
        course.conclude(stream, shaking.ok(), limit)
    }

    fn stream(&self, tcp: TcpStream, course: &Course) -> Result<Secured, ErrorStack> {
        let mut builder = SslContext::builder(SslMethod::tls_client())?;
        set_up(&mut builder, Some(self.version), &self.offer.suites)?;
        // A server that goes on with a certificate is found out by what was agreed on.
        builder.set_verify(SslVerifyMode::NONE);
        let (asked, version) = (course.clone(), self.version);
        let identity = self.offer.identity.clone();
        builder.set_psk_client_callback(move |_, hint, place, key| {
            asked.lock().hint = hint.map(<[u8]>::to_vec);
            let Some((written, end)) = place
                .split_at_mut_checked(identity.len())
                .and_then(|(written, rest)| Some((written, rest.first_mut()?)))
            else {
                return Ok(0);
            };
            written.copy_from_slice(&identity);
            *end = 0;
            Ok(asked.key(version, &identity, hint, key))
        });
        let mut ssl = Ssl::new(&builder.build())?;
        if let Some(name) = &self.offer.server_name {
            ssl.set_hostname(name)?;
        }
        SslStream::new(ssl, Tapping::new(tcp, course.tap.clone()))
    }
}

/// What both sides have in common: one version, and only suites with a shared key. Also the old
/// ones, which OpenSSL keeps from careless users, but which a target may ask for.
fn set_up(
    builder: &mut SslContextBuilder,
    version: Option<TlsVersion>,
    suites: &[CipherSuite],
) -> Result<(), ErrorStack> {
    builder.set_security_level(0);
    let number = |version| match version {
        TlsVersion::Tls12 => SslVersion::TLS1_2,
        TlsVersion::Tls13 => SslVersion::TLS1_3,
    };
    let (least, most) = (TlsVersion::Tls12, TlsVersion::Tls13);
    builder.set_min_proto_version(Some(number(version.unwrap_or(least))))?;
    builder.set_max_proto_version(Some(number(version.unwrap_or(most))))?;
    let is_wanted = |number: u16| suites.is_empty() || suites.contains(&CipherSuite(number));
    let names = SUITES.into_iter().filter(|(number, _)| is_wanted(*number));
    let mut names: Vec<(u16, &str)> = names.collect();
    // The order of the caller, if there is one, is the order of the offer.
    names.sort_by_key(|(number, _)| suites.iter().position(|suite| suite.0 == *number));
    let names = names.into_iter().map(|(_, name)| name);
    let names = names.collect::<Vec<_>>().join(":");
    builder.set_ciphersuites(SUITES_OF_TLS_13)?;
    // OpenSSL takes no empty list; in TLS 1.3 this one says nothing.
    let is_empty = names.is_empty();
    builder.set_cipher_list(if is_empty { SUITES[0].1 } else { &names })
}

fn version_of(ssl: &SslRef) -> TlsVersion {
    match ssl.version2() {
        Some(SslVersion::TLS1_3) => TlsVersion::Tls13,
        _ => TlsVersion::Tls12,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// One handshake, as its callbacks and its end see it.
#[derive(Clone)]
struct Course {
    side: Side,
    keys: Keys,
    tap: Tap,
    seen: Arc<Mutex<PskAttempt>>,
}

impl Course {
    fn new(side: Side, keys: &Keys) -> Self {
        Self {
            side,
            keys: Arc::clone(keys),
            tap: Tap::default(),
            seen: Arc::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, PskAttempt> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The suite of TLS 1.2, as soon as the server has said which.
    fn suite(&self) -> Option<CipherSuite> {
        let octets = match self.side {
            Side::Client => self.tap.heard(),
            Side::Server => self.tap.spoken(),
        };
        server_hello_suite(&octets)
    }

    /// Writes the key of this identity; gives its length, 0 if there is none.
    fn key(
        &self,
        version: TlsVersion,
        identity: &[u8],
        hint: Option<&[u8]>,
        place: &mut [u8],
    ) -> usize {
        self.lock().identity = Some(identity.to_vec());
        let answer = (self.keys)(&PskHandshake {
            version,
            suite: self.suite().filter(|_| version == TlsVersion::Tls12),
            identity,
            hint,
        });
        match answer {
            PskAnswer::Key(key) => {
                let octets = key.expose();
                let Some(written) = place.get_mut(..octets.len()) else {
                    return 0;
                };
                written.copy_from_slice(octets);
                octets.len()
            }
            PskAnswer::Unknown => 0,
            PskAnswer::Silence => {
                self.tap.mute(Muted::Lingers);
                0
            }
            PskAnswer::HangUp => {
                self.tap.mute(Muted::Leaves);
                0
            }
        }
    }

    /// What came of the handshake; `None` stands for a deadline that has passed.
    fn conclude(
        &self,
        stream: Secured,
        shaking: Option<Result<(), ssl::Error>>,
        limit: Duration,
    ) -> Result<(Secured, Agreement), Box<PskFailure>> {
        let (end, why) = match shaking {
            _ if self.tap.muted().is_some() => (
                HandshakeEnd::Broken,
                TlsTrouble("this end fell silent, as it was meant to".to_owned()),
            ),
            None => (
                HandshakeEnd::Silent,
                TlsTrouble(format!("no TLS handshake within {} ms", limit.as_millis())),
            ),
            Some(Err(why)) => (end_of(&why), trouble(&why, X509VerifyResult::OK)),
            Some(Ok(())) => match self.agreed(stream.ssl()) {
                Ok(agreement) => return Ok((stream, agreement)),
                Err(why) => (HandshakeEnd::Broken, why),
            },
        };
        let attempt = PskAttempt { end, ..self.seen() };
        let hello = self.hello();
        Err(Box::new(PskFailure {
            attempt,
            hello,
            why,
        }))
    }

    fn seen(&self) -> PskAttempt {
        let mut seen = self.lock().clone();
        seen.suite_number = self.suite().map(|suite| suite.0);
        seen
    }

    /// What the client said first, as its server sees it.
    fn hello(&self) -> Hello {
        if self.side == Side::Client {
            return Hello::default();
        }
        let hello = client_hello(&self.tap.heard()).unwrap_or_default();
        let name = hello.server_name;
        Hello {
            suites: hello.suites.iter().map(|suite| suite.0).collect(),
            server_name: name.map(|name| String::from_utf8_lossy(&name).into_owned()),
            identity: None,
        }
    }

    fn agreed(&self, ssl: &SslRef) -> Result<Agreement, TlsTrouble> {
        // In TLS 1.3 a server that does not take the key may go on with a certificate.
        if version_of(ssl) == TlsVersion::Tls13 && !ssl.session_reused() {
            let why = "the handshake went on without the shared key";
            return Err(TlsTrouble(why.to_owned()));
        }
        let agreement = agreement(ssl, EXPORTER_LABEL)?;
        let seen = self.seen();
        Ok(Agreement {
            psk_identity: seen.identity,
            psk_hint: seen.hint,
            hello: Some(self.hello()),
            ..agreement
        })
    }
}

/// How a handshake ended that OpenSSL gave up.
fn end_of(why: &ssl::Error) -> HandshakeEnd {
    let Some(stack) = why.ssl_error() else {
        // The connection ended, in order or not.
        return HandshakeEnd::Closed;
    };
    for error in stack.errors() {
        if ALERT_REASONS.contains(&error.reason_code()) {
            let alert = error.reason_code() - ALERT_REASONS.start();
            return HandshakeEnd::Refused(u8::try_from(alert).unwrap_or(u8::MAX));
        }
        if error.reason() == Some("unexpected eof while reading") {
            return HandshakeEnd::Closed;
        }
    }
    HandshakeEnd::Broken
}
