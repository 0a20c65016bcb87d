//! The server's end of connections of HTTP/2: each request is an exchange of its own.

use std::future::poll_fn;
use std::io::Cursor;
use std::time::Duration;

use gbaspec_wire::http::Message;
use h2::server::{Builder, SendResponse};
use h2::{Reason, RecvStream};
use http::request;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::tap::{First, Tapped};
use super::text::{response_of, text_of_request};
use super::{Body, MOST_FIELDS, Unfinished, body_of};

/// So many exchanges of one connection are open at once.
const MOST_STREAMS: u32 = 64;

/// A client that has begun may take so long for the preface of its connection, and for each request.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection on which nothing begins for so long is closed.
const IDLE: Duration = Duration::from_secs(30);

/// A request and the way back for its answer.
pub(crate) struct Exchange {
    head: request::Parts,
    body: RecvStream,
    back: SendResponse<Body>,
}

/// Somebody who does not speak HTTP/2, or breaks its rules.
#[derive(Debug)]
pub(crate) struct Stranger {
    /// The start of what came, if it is no HTTP/2 at all.
    pub(crate) bytes: Vec<u8>,
    /// What is wrong with it.
    pub(crate) why: String,
}

/// Serves one connection to its end; `take` is given each exchange and says what becomes of it. All
/// exchanges end with the connection.
pub(crate) async fn serve<F>(
    tcp: TcpStream,
    take: impl Fn(Exchange) -> F + Send,
) -> Result<(), Stranger>
where
    F: Future<Output = ()> + Send + 'static,
{
    // Without it an answer is only later.
    drop(tcp.set_nodelay(true));
    let first = First::default();
    let mut builder = Builder::new();
    builder
        .max_header_list_size(MOST_FIELDS)
        .max_concurrent_streams(MOST_STREAMS);
    let handshake = builder.handshake::<_, Body>(Tapped::new(tcp, first.clone()));
    let mut connection = match timeout(PATIENCE, handshake).await {
        Ok(Ok(connection)) => connection,
        Ok(Err(why)) => return stranger(&why, &first),
        Err(_) => return silent(&first),
    };
    let mut exchanges = JoinSet::new();
    while let Ok(Some(next)) = timeout(IDLE, connection.accept()).await {
        let (request, back) = match next {
            Ok(next) => next,
            Err(why) => return stranger(&why, &first),
        };
        let (head, body) = request.into_parts();
        exchanges.spawn(take(Exchange { head, body, back }));
        while exchanges.try_join_next().is_some() {}
    }
    Ok(())
}

fn stranger(why: &h2::Error, first: &First) -> Result<(), Stranger> {
    if let Some(bytes) = first.of_no_client() {
        let why = "something else came instead of HTTP/2".to_owned();
        return Err(Stranger { bytes, why });
    }
    if why.is_io() || why.is_remote() {
        return Ok(());
    }
    Err(Stranger {
        bytes: Vec::new(),
        why: format!("the rules of HTTP/2 are broken: {why}"),
    })
}

fn silent(first: &First) -> Result<(), Stranger> {
    match first.of_no_client() {
        None => Ok(()),
        Some(bytes) => Err(Stranger {
            bytes,
            why: "no beginning of HTTP/2 came in time".to_owned(),
        }),
    }
}

impl Exchange {
    /// Reads the request to its end.
    pub(crate) async fn request(&mut self) -> Result<Message, Stranger> {
        let body = timeout(PATIENCE, body_of(&mut self.body)).await;
        let (body, why) = match body {
            Ok(Ok(body)) => (body, None),
            Ok(Err(Unfinished::TooLong)) => (Vec::new(), Some("the body is too long".to_owned())),
            Ok(Err(Unfinished::Broken(why))) => (Vec::new(), Some(why.to_string())),
            Err(_) => (Vec::new(), Some("the body has no end".to_owned())),
        };
        let message = text_of_request(&self.head, body);
        match why {
            None => Ok(message),
            Some(why) => Err(Stranger {
                bytes: message.to_bytes(),
                why,
            }),
        }
    }

    /// Sends this text as the answer; says why that cannot be done, and then there is none.
    pub(crate) fn answer(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (response, body) = match response_of(bytes) {
            Ok(response) => response,
            Err(why) => {
                self.back.send_reset(Reason::INTERNAL_ERROR);
                return Err(why.to_owned());
            }
        };
        let is_empty = body.is_empty();
        let sent = self.back.send_response(response, is_empty);
        let mut stream = sent.map_err(|why| why.to_string())?;
        if is_empty {
            return Ok(());
        }
        let written = stream.send_data(Cursor::new(body), true);
        written.map_err(|why| why.to_string())
    }

    /// Ends the exchange without an answer, by `RST_STREAM` (RFC 9113 clause 6.4).
    pub(crate) fn refuse(&mut self) {
        self.back.send_reset(Reason::CANCEL);
    }

    /// Waits until the client does not want an answer any more.
    pub(crate) async fn given_up(&mut self) {
        drop(poll_fn(|context| self.back.poll_reset(context)).await);
    }
}
