//! One byte stream, with or without TLS, read as HTTP messages with bounded memory.

use std::io;
use std::pin::Pin;

use gbaspec_case::profile::TlsSettings;
use gbaspec_wire::http::{Decoder, Expecting, FrameError, Limits, Message};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A byte stream, whatever carries it.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Bytes for T {}

/// So many bytes of something unreadable are kept as evidence.
const EVIDENCE: usize = 4096;

/// A connection that reads messages.
pub(crate) struct Stream {
    bytes: Pin<Box<dyn Bytes>>,
    decoder: Decoder,
}

/// What a read brought.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A complete message.
    Message(Message),
    /// Something that is no message.
    Unreadable {
        /// The start of it.
        bytes: Vec<u8>,
        /// The rule that it breaks.
        why: FrameError,
    },
    /// The end, between two messages.
    End,
}

impl Stream {
    /// A stream on which messages of this kind come in.
    pub(crate) fn new(bytes: impl Bytes + 'static, expecting: Expecting) -> Self {
        Self {
            bytes: Box::pin(bytes),
            decoder: Decoder::new(expecting, Limits::default()),
        }
    }

    /// Connects to `address`, with TLS if the profile asks for it.
    pub(crate) async fn connect(address: &str, tls: Option<&TlsSettings>) -> io::Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        match tls {
            None => Ok(Self::new(tcp, Expecting::Response)),
            Some(settings) => secure(tcp, address, settings).await,
        }
    }

    /// Writes all bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.bytes.write_all(bytes).await?;
        self.bytes.flush().await
    }

    /// Ends the sending direction.
    pub(crate) async fn shut_down(&mut self) {
        // The peer may be gone already; then there is nothing left to tell it.
        drop(self.bytes.shutdown().await);
    }

    /// The next message. A connection reset counts as its end: the bytes before it are kept.
    pub(crate) async fn read(&mut self) -> Incoming {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if let Some(message) = self.decoder.next_message() {
                return Incoming::Message(message);
            }
            let read = self.bytes.read(&mut buffer).await.unwrap_or(0);
            let fed = if read == 0 {
                self.decoder.eof()
            } else {
                self.decoder.feed(&buffer[..read]).map(|()| None)
            };
            match fed {
                Ok(Some(message)) => return Incoming::Message(message),
                Ok(None) if read == 0 => return Incoming::End,
                Ok(None) => {}
                Err(why) => {
                    return Incoming::Unreadable {
                        bytes: self.evidence(),
                        why,
                    };
                }
            }
        }
    }

    /// The start of what has come in without becoming a message.
    pub(crate) fn evidence(&self) -> Vec<u8> {
        let buffered = self.decoder.buffered();
        buffered[..buffered.len().min(EVIDENCE)].to_vec()
    }
}

#[cfg(feature = "tls")]
async fn secure(tcp: TcpStream, address: &str, settings: &TlsSettings) -> io::Result<Stream> {
    use gbaspec_case::profile::Verification;
    use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};

    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    if let Some(ca) = &settings.ca {
        builder.set_ca_file(ca)?;
    }
    if settings.verification == Verification::Off {
        builder.set_verify(SslVerifyMode::NONE);
    }
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let name = settings.server_name.as_deref().unwrap_or(host);
    let mut configuration = builder.build().configure()?;
    configuration.set_verify_hostname(settings.verification == Verification::Required);
    let ssl = configuration.into_ssl(name)?;
    let mut stream = tokio_openssl::SslStream::new(ssl, tcp)?;
    Pin::new(&mut stream)
        .connect()
        .await
        .map_err(io::Error::other)?;
    Ok(Stream::new(stream, Expecting::Response))
}

#[cfg(not(feature = "tls"))]
async fn secure(_: TcpStream, _: &str, _: &TlsSettings) -> io::Result<Stream> {
    Err(io::Error::other("this build has no TLS (feature `tls`)"))
}
