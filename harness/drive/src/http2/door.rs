//! The harness as a server of HTTP/2 for an element under test: each request comes in as on a connection
//! of its own.

use gbaspec_case::element::Element;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::served::{self, Exchange, Stranger};
use crate::listen::{Arrival, Exchanges, Reply};

/// Serves one connection until one side closes it.
pub(crate) async fn serve(
    tcp: TcpStream,
    at: Element,
    exchanges: Exchanges,
    arrivals: mpsc::Sender<Arrival>,
) {
    let door = Door {
        at,
        exchanges,
        arrivals,
    };
    let served = served::serve(tcp, |exchange| door.clone().exchange(exchange)).await;
    if let Err(stranger) = served {
        let connection = door.exchanges.take();
        door.tell_of(stranger, connection).await;
    }
}

#[derive(Clone)]
struct Door {
    at: Element,
    exchanges: Exchanges,
    arrivals: mpsc::Sender<Arrival>,
}

impl Door {
    /// One request and what is replied to it.
    async fn exchange(self, mut exchange: Exchange) {
        let (sender, mut replies) = mpsc::channel(1);
        let connection = self.exchanges.begin(sender);
        match exchange.request().await {
            Ok(message) => {
                let at = self.at;
                let arrival = Arrival::Request {
                    connection,
                    at,
                    message,
                };
                if self.arrivals.send(arrival).await.is_ok() {
                    tokio::select! {
                        reply = replies.recv() => carry_out(reply, &mut exchange),
                        () = exchange.given_up() => {}
                    }
                }
                self.exchanges.end(connection);
                drop(self.arrivals.send(Arrival::Ended { connection }).await);
            }
            Err(stranger) => {
                self.exchanges.end(connection);
                exchange.refuse();
                self.tell_of(stranger, connection).await;
            }
        }
    }

    async fn tell_of(&self, stranger: Stranger, connection: u32) {
        let Stranger { bytes, why } = stranger;
        let at = self.at;
        let arrival = Arrival::Unreadable {
            connection,
            at,
            bytes,
            why,
        };
        if self.arrivals.send(arrival).await.is_ok() {
            drop(self.arrivals.send(Arrival::Ended { connection }).await);
        }
    }
}

fn carry_out(reply: Option<(u32, Reply)>, exchange: &mut Exchange) {
    match reply.map(|(_, reply)| reply) {
        // What cannot be sent is refused already.
        Some(Reply::Bytes(bytes) | Reply::Last(bytes)) => drop(exchange.answer(&bytes)),
        Some(Reply::Close) | None => exchange.refuse(),
    }
}
