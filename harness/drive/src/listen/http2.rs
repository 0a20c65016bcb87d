//! A door at which clients speak HTTP/2: each of their requests comes in as on a connection of its
//! own.

use gbaspec_case::element::Element;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::{Arrival, Door, Listeners, Reply, accept_each, listen};
use crate::DriveError;
use crate::http2::{Exchange, Stranger, serve};

impl Listeners {
    /// Opens a door of this element where HTTP/2 is spoken in the clear.
    pub(crate) async fn speak_http2_at(
        &mut self,
        element: Element,
        address: &str,
    ) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.http2_addresses.insert(element, address);
        let door = Door {
            element,
            security: None,
            sender: self.sender.clone(),
            exchanges: self.exchanges.clone(),
        };
        self.tasks.spawn(accept_each(listener, move |tcp| {
            door.clone().serve_http2(tcp)
        }));
        Ok(())
    }
}

impl Door {
    async fn serve_http2(self, tcp: TcpStream) {
        let served = serve(tcp, |exchange| self.clone().exchange(exchange)).await;
        if let Err(stranger) = served {
            let connection = self.exchanges.take();
            self.tell_of(stranger, connection).await;
        }
    }

    /// One request and what is replied to it.
    async fn exchange(self, mut exchange: Exchange) {
        let (sender, mut replies) = mpsc::channel(8);
        let connection = self.exchanges.begin(sender);
        match exchange.request().await {
            Ok(message) => {
                let at = self.element;
                let arrival = Arrival::Request {
                    connection,
                    at,
                    message,
                };
                if self.sender.send(arrival).await.is_ok() {
                    tokio::select! {
                        reply = replies.recv() => carry_out(reply, &mut exchange),
                        () = exchange.given_up() => {}
                    }
                }
                self.exchanges.end(connection);
                drop(self.sender.send(Arrival::Ended { connection }).await);
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
        let at = self.element;
        let arrival = Arrival::Unreadable {
            connection,
            at,
            bytes,
            why,
        };
        if self.sender.send(arrival).await.is_ok() {
            drop(self.sender.send(Arrival::Ended { connection }).await);
        }
    }
}

fn carry_out(reply: Option<(u32, Reply)>, exchange: &mut Exchange) {
    match reply.map(|(_, reply)| reply) {
        // What cannot be sent is refused already.
        Some(Reply::Bytes(bytes) | Reply::Last(bytes)) => drop(exchange.answer(&bytes)),
        Some(Reply::Close | Reply::Over) | None => exchange.refuse(),
    }
}
