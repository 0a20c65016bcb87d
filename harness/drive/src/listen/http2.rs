//! A door at which clients speak HTTP/2: each of their requests comes in as on a connection of its
//! own.

use std::sync::Arc;

use gbaspec_case::element::Element;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use super::{Arrival, Door, Listeners, MOST_CONNECTIONS, Reply, listen, locked};
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
            counters: self.counters.clone(),
        };
        self.tasks.spawn(door.accept_http2(listener));
        Ok(())
    }
}

impl Door {
    async fn accept_http2(self, listener: TcpListener) {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            let Ok((tcp, _)) = listener.accept().await else {
                return;
            };
            let door = self.clone();
            connections.spawn(async move {
                door.serve_http2(tcp).await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    }

    async fn serve_http2(self, tcp: TcpStream) {
        let served = serve(tcp, |exchange| self.clone().exchange(exchange)).await;
        if let Err(stranger) = served {
            let connection = self.counters.numbers.take();
            self.tell_of(stranger, connection).await;
        }
    }

    /// One request and what is replied to it.
    async fn exchange(self, mut exchange: Exchange) {
        let connection = self.counters.numbers.take();
        let (sender, mut replies) = mpsc::channel(8);
        locked(&self.counters.open).insert(connection, sender);
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
                locked(&self.counters.open).remove(&connection);
                drop(self.sender.send(Arrival::Ended { connection }).await);
            }
            Err(stranger) => {
                locked(&self.counters.open).remove(&connection);
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

fn carry_out(reply: Option<Reply>, exchange: &mut Exchange) {
    match reply {
        // What cannot be sent is refused already.
        Some(Reply::Bytes(bytes) | Reply::Last(bytes)) => drop(exchange.answer(&bytes)),
        Some(Reply::Close) | None => exchange.refuse(),
    }
}
