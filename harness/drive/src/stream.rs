//! One byte stream, with or without TLS, read as HTTP messages with bounded memory.

use std::io;
use std::pin::Pin;
use std::time::Duration;

use gbaspec_wire::http::{Decoder, Expecting, Limits, Message};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};

use crate::tls::{Acceptor, Agreement, Connector, PskAcceptor, PskConnector, PskFailure};

/// A byte stream, whatever carries it.
pub(crate) trait Bytes: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Bytes for T {}

/// So many bytes of something unreadable are kept as evidence.
const EVIDENCE: usize = 4096;

/// So long a peer may leave unread what is written to it.
const WRITING: Duration = Duration::from_secs(5);

/// Where a server is, and how it is spoken to.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    /// `host:port`.
    pub(crate) address: String,
    /// TLS, if any.
    pub(crate) connector: Option<Connector>,
}

impl Way {
    /// The one without TLS.
    pub(crate) fn plain(address: String) -> Self {
        Self {
            address,
            connector: None,
        }
    }
}

/// A connection that reads messages.
pub(crate) struct Stream {
    bytes: Pin<Box<dyn Bytes>>,
    decoder: Decoder,
    agreement: Option<Agreement>,
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
        why: String,
    },
    /// The end, between two messages.
    End,
}

impl Stream {
    /// A stream in the clear on which messages of this kind come in.
    pub(crate) fn plain(tcp: TcpStream, expecting: Expecting) -> Self {
        Self::new(tcp, expecting, None)
    }

    fn new(
        bytes: impl Bytes + 'static,
        expecting: Expecting,
        agreement: Option<Agreement>,
    ) -> Self {
        Self {
            bytes: Box::pin(bytes),
            decoder: Decoder::new(expecting, Limits::default()),
            agreement,
        }
    }

    /// The server's end of a connection: requests come in, inside TLS if there is an acceptor.
    pub(crate) async fn accept(tcp: TcpStream, acceptor: Option<&Acceptor>) -> io::Result<Self> {
        // Without it an answer is only later.
        drop(tcp.set_nodelay(true));
        let Some(acceptor) = acceptor else {
            return Ok(Self::plain(tcp, Expecting::Request));
        };
        let (stream, agreement) = acceptor.accept(tcp).await.map_err(io::Error::other)?;
        Ok(Self::new(stream, Expecting::Request, Some(agreement)))
    }

    /// The client's end of a connection: responses come in, inside TLS if there is a connector.
    pub(crate) async fn over(tcp: TcpStream, connector: Option<&Connector>) -> io::Result<Self> {
        tcp.set_nodelay(true)?;
        let Some(connector) = connector else {
            return Ok(Self::plain(tcp, Expecting::Response));
        };
        let connected = connector.connect(tcp).await;
        let (stream, agreement) = connected
            .map_err(|why| io::Error::other(format!("the TLS handshake failed: {why}")))?;
        Ok(Self::new(stream, Expecting::Response, Some(agreement)))
    }

    /// The server's end of a connection inside TLS with a shared key.
    pub(crate) async fn accept_shared(
        tcp: TcpStream,
        acceptor: &PskAcceptor,
        limit: Duration,
    ) -> Result<Self, Box<PskFailure>> {
        drop(tcp.set_nodelay(true));
        let (stream, agreement) = acceptor.accept(tcp, limit).await?;
        Ok(Self::new(stream, Expecting::Request, Some(agreement)))
    }

    /// The client's end of a connection inside TLS with a shared key.
    pub(crate) async fn over_shared(
        tcp: TcpStream,
        connector: &PskConnector,
        limit: Duration,
    ) -> Result<Self, Box<PskFailure>> {
        drop(tcp.set_nodelay(true));
        let (stream, agreement) = connector.connect(tcp, limit).await?;
        Ok(Self::new(stream, Expecting::Response, Some(agreement)))
    }

    /// Connects within the limit; says what did not happen.
    pub(crate) async fn connect(way: &Way, limit: Duration) -> Result<Self, String> {
        let deadline = Instant::now() + limit;
        let late = |what| format!("no {what} within {} ms", limit.as_millis());
        let tcp = reached(&way.address, limit).await?;
        let stream = timeout_at(deadline, Self::over(tcp, way.connector.as_ref())).await;
        let stream = stream.map_err(|_| late("TLS handshake"))?;
        stream.map_err(|why| why.to_string())
    }

    /// What its TLS handshake agreed on, if there was one.
    pub(crate) fn agreement(&self) -> Option<&Agreement> {
        self.agreement.as_ref()
    }

    /// Writes all bytes; a peer that does not read them in time counts as gone.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let writing = async {
            self.bytes.write_all(bytes).await?;
            self.bytes.flush().await
        };
        timeout(WRITING, writing).await?
    }

    /// Ends the sending direction.
    pub(crate) async fn shut_down(&mut self) {
        // The peer may be gone already; then there is nothing left to tell it.
        drop(timeout(WRITING, self.bytes.shutdown()).await);
    }

    /// The next message. A connection reset counts as its end: the bytes before it are kept.
    pub(crate) async fn read(&mut self) -> Incoming {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            if let Some(message) = self.decoder.next_message() {
                return Incoming::Message(message);
            }
            let read = self.bytes.read(&mut buffer).await.unwrap_or(0);
            let came = &buffer[..read];
            // It need not hold a line end that the decoder could find, and is no HTTP for sure.
            if self.decoder.buffered().is_empty() && is_tls_record(came) {
                return Incoming::Unreadable {
                    bytes: came[..read.min(EVIDENCE)].to_vec(),
                    why: "a TLS record came instead of HTTP".to_owned(),
                };
            }
            let fed = if read == 0 {
                self.decoder.eof()
            } else {
                self.decoder.feed(came).map(|()| None)
            };
            match fed {
                Ok(Some(message)) => return Incoming::Message(message),
                Ok(None) if read == 0 => return Incoming::End,
                Ok(None) => {}
                Err(why) => {
                    return Incoming::Unreadable {
                        bytes: self.evidence(),
                        why: why.to_string(),
                    };
                }
            }
        }
    }

    /// Whether the peer has closed the connection while nobody waited for a message.
    pub(crate) async fn has_ended(&mut self) -> bool {
        let mut buffer = vec![0; 4 * 1024];
        match timeout(Duration::ZERO, self.bytes.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => true,
            Ok(Ok(read)) => {
                // An error stays in the decoder, which repeats it.
                let _ = self.decoder.feed(&buffer[..read]);
                false
            }
            Err(_) => false,
        }
    }

    /// The start of what has come in without becoming a message.
    pub(crate) fn evidence(&self) -> Vec<u8> {
        let buffered = self.decoder.buffered();
        buffered[..buffered.len().min(EVIDENCE)].to_vec()
    }
}

/// A connection to this address within the limit; says what did not happen.
pub(crate) async fn reached(address: &str, limit: Duration) -> Result<TcpStream, String> {
    let tcp = timeout(limit, TcpStream::connect(address)).await;
    let tcp = tcp.map_err(|_| format!("no connection within {} ms", limit.as_millis()))?;
    tcp.map_err(|why| why.to_string())
}

/// Whether this is the start of a TLS record: a content type, then the 3 of every version
/// (RFC 8446 5.1).
fn is_tls_record(came: &[u8]) -> bool {
    matches!(came, [20..=23, 3, ..])
}
