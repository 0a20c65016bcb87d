//! Connections of Diameter (RFC 6733 clause 5): messages are told apart by their length, two peers say
//! first what they can do, and each answers the watchdog of the other.

mod door;
mod host;
mod line;

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use gbaspec_case::element::Element;
use gbaspec_wire::diameter::{Avp, Packet, dictionary};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::stream::Bytes;
use crate::tls::{Acceptor, Connector};

pub(crate) use door::serve as serve_door;
pub(crate) use host::{Client, accept};
pub(crate) use line::DiameterLine;

/// So long a peer may leave unread what is written to it.
const WRITING: Duration = Duration::from_secs(5);

/// `DIAMETER_SUCCESS`.
const SUCCESS: u32 = 2001;

/// Disconnect-Cause of one that will be back (RFC 6733 clause 5.4.3).
const REBOOTING: u32 = 0;

/// Who speaks on a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiameterIdentity {
    /// Origin-Host.
    pub host: String,
    /// Origin-Realm.
    pub realm: String,
    /// The applications of 3GPP that it speaks.
    pub applications: Vec<u32>,
}

impl DiameterIdentity {
    /// The one of an element with this name; its realm is what follows the first label.
    fn of(fqdn: &str, applications: &[u32]) -> Self {
        let realm = fqdn.split_once('.').map_or(fqdn, |(_, rest)| rest);
        Self {
            host: fqdn.to_owned(),
            realm: realm.to_owned(),
            applications: applications.to_vec(),
        }
    }

    /// The one of an element that serves others of the network; none if it does not.
    pub fn serving(element: Element, fqdn: &str) -> Option<Self> {
        let application = match element {
            Element::Bsf => dictionary::ZN,
            Element::Hss => dictionary::ZH,
            _ => return None,
        };
        Some(Self::of(fqdn, &[application]))
    }

    /// The one of an element that asks the one behind it; none if it asks nobody.
    pub fn asking(element: Element, fqdn: &str) -> Option<Self> {
        let application = match element {
            Element::Bsf => dictionary::ZH,
            Element::Naf => dictionary::ZN,
            _ => return None,
        };
        Some(Self::of(fqdn, &[application]))
    }

    fn sign(&self, packet: &mut Packet) {
        packet.push(Avp::new("Origin-Host", self.host.as_bytes()));
        packet.push(Avp::new("Origin-Realm", self.realm.as_bytes()));
    }

    /// What a peer says about itself first (RFC 6733 clause 5.3).
    fn introduce(&self, packet: &mut Packet, address: SocketAddr) {
        self.sign(packet);
        let octets = match address {
            SocketAddr::V4(address) => [&[0, 1][..], &address.ip().octets()].concat(),
            SocketAddr::V6(address) => [&[0, 2][..], &address.ip().octets()].concat(),
        };
        packet.push(Avp::new("Host-IP-Address", octets));
        packet.push(Avp::of_number("Vendor-Id", 0));
        packet.push(Avp::new("Product-Name", &b"gbaspec"[..]));
        let vendor = dictionary::VENDOR_3GPP;
        packet.push(Avp::of_number("Supported-Vendor-Id", vendor));
        for application in &self.applications {
            let inside = [
                Avp::of_number("Vendor-Id", vendor),
                Avp::of_number("Auth-Application-Id", *application),
            ];
            packet.push(Avp::of_group("Vendor-Specific-Application-Id", &inside));
        }
    }

    fn capabilities_request(&self, address: SocketAddr) -> Packet {
        let mut request = base_request(dictionary::CAPABILITIES_EXCHANGE);
        self.introduce(&mut request, address);
        request
    }

    fn watchdog_request(&self) -> Packet {
        let mut request = base_request(dictionary::DEVICE_WATCHDOG);
        self.sign(&mut request);
        request
    }

    /// What a peer says before it ends a connection (RFC 6733 clause 5.4).
    fn disconnect_request(&self) -> Packet {
        let mut request = base_request(dictionary::DISCONNECT_PEER);
        self.sign(&mut request);
        request.push(Avp::of_number("Disconnect-Cause", REBOOTING));
        request
    }

    /// The answer to a message about the connection itself; none to any other message.
    fn base_answer(&self, request: &Packet, address: SocketAddr) -> Option<Packet> {
        let mut answer = request.answer();
        answer.push(Avp::of_number("Result-Code", SUCCESS));
        match request.command {
            dictionary::CAPABILITIES_EXCHANGE => self.introduce(&mut answer, address),
            dictionary::DEVICE_WATCHDOG | dictionary::DISCONNECT_PEER => self.sign(&mut answer),
            _ => return None,
        }
        Some(answer)
    }
}

fn base_request(command: u32) -> Packet {
    let mut request = Packet::request(command, dictionary::COMMON);
    request.flags &= !gbaspec_wire::diameter::PROXIABLE;
    request.hop_by_hop = 1;
    request.end_to_end = 1;
    request
}

/// Whether a message is about the connection itself.
fn is_base(packet: &Packet) -> bool {
    matches!(
        packet.command,
        dictionary::CAPABILITIES_EXCHANGE
            | dictionary::DEVICE_WATCHDOG
            | dictionary::DISCONNECT_PEER
    )
}

/// What a read brought.
#[derive(Debug)]
pub(crate) enum Framed {
    /// A whole message, as its octets and taken apart.
    Packet(Vec<u8>, Packet),
    /// Something after which no message can be told apart any more.
    Unreadable {
        /// The start of it.
        bytes: Vec<u8>,
        /// The rule that it breaks.
        why: String,
    },
    /// The end.
    End,
}

/// One connection. A read may be given up and begun again: what came in stays.
pub(crate) struct DiameterStream {
    bytes: Pin<Box<dyn Bytes>>,
    buffered: Vec<u8>,
    local: SocketAddr,
}

impl DiameterStream {
    pub(crate) fn new(tcp: TcpStream) -> io::Result<Self> {
        // Without it an answer is only later.
        drop(tcp.set_nodelay(true));
        let local = tcp.local_addr()?;
        Ok(Self {
            bytes: Box::pin(tcp),
            buffered: Vec::new(),
            local,
        })
    }

    /// The client's end of a connection, inside TLS if there is a connector (RFC 6733 clause 2.2).
    async fn over(tcp: TcpStream, connector: Option<&Connector>) -> io::Result<Self> {
        let Some(connector) = connector else {
            return Self::new(tcp);
        };
        let local = tcp.local_addr()?;
        let connected = connector.connect(tcp).await;
        let (stream, _) = connected
            .map_err(|why| io::Error::other(format!("the TLS handshake failed: {why}")))?;
        Ok(Self {
            bytes: Box::pin(stream),
            buffered: Vec::new(),
            local,
        })
    }

    /// The server's end, inside TLS if there is an acceptor.
    async fn accept(tcp: TcpStream, acceptor: Option<&Acceptor>) -> io::Result<Self> {
        let Some(acceptor) = acceptor else {
            return Self::new(tcp);
        };
        let local = tcp.local_addr()?;
        let (stream, _) = acceptor.accept(tcp).await.map_err(io::Error::other)?;
        Ok(Self {
            bytes: Box::pin(stream),
            buffered: Vec::new(),
            local,
        })
    }

    /// The address of this end.
    fn local(&self) -> SocketAddr {
        self.local
    }

    pub(crate) async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let writing = async {
            self.bytes.write_all(bytes).await?;
            self.bytes.flush().await
        };
        timeout(WRITING, writing).await?
    }

    /// Says no more, and waits for the end of the peer.
    async fn finish(&mut self) {
        if self.bytes.shutdown().await.is_ok() {
            while let Framed::Packet(..) = self.read().await {}
        }
    }

    pub(crate) async fn read(&mut self) -> Framed {
        let mut buffer = vec![0; 16 * 1024];
        loop {
            match self.framed() {
                Ok(Some(framed)) => return framed,
                Ok(None) => {}
                Err(why) => {
                    let bytes = std::mem::take(&mut self.buffered);
                    return Framed::Unreadable { bytes, why };
                }
            }
            // A connection reset counts as its end.
            let read = self.bytes.read(&mut buffer).await.unwrap_or(0);
            if read == 0 && self.buffered.is_empty() {
                return Framed::End;
            }
            if read == 0 {
                let bytes = std::mem::take(&mut self.buffered);
                let why = "the connection ended within a message of Diameter".to_owned();
                return Framed::Unreadable { bytes, why };
            }
            self.buffered.extend_from_slice(&buffer[..read]);
        }
    }

    /// The next whole message of what came in, if there is one.
    fn framed(&mut self) -> Result<Option<Framed>, String> {
        if self.buffered.len() < 4 {
            return Ok(None);
        }
        let length = Packet::framed_length(&self.buffered).map_err(|why| why.to_string())?;
        if self.buffered.len() < length {
            return Ok(None);
        }
        let rest = self.buffered.split_off(length);
        let bytes = std::mem::replace(&mut self.buffered, rest);
        let packet = Packet::from_bytes(&bytes).map_err(|why| why.to_string())?;
        Ok(Some(Framed::Packet(bytes, packet)))
    }

    /// Whether the peer has closed the connection while nobody waited for a message.
    async fn has_ended(&mut self) -> bool {
        let mut buffer = vec![0; 4 * 1024];
        match timeout(Duration::ZERO, self.bytes.read(&mut buffer)).await {
            Ok(Ok(0) | Err(_)) => true,
            Ok(Ok(read)) => {
                self.buffered.extend_from_slice(&buffer[..read]);
                false
            }
            Err(_) => false,
        }
    }
}

#[cfg(test)]
mod tests;
