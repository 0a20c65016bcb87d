//! A role on a port where HTTP/2 is spoken, and what it asks others over HTTP/2.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use gbaspec_case::case::Closing;
use gbaspec_case::element::Element;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_roles::{ConnectionId, Input, Unanswered, Upstream};
use gbaspec_wire::http::Message;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use super::{Door, Host, MOST_CONNECTIONS, Security, Upstreams, WayBack, ask};
use crate::DriveError;
use crate::http2::{Exchange, Http2Line, serve};
use crate::listen::listen;

impl Host {
    /// Lets the role speak HTTP/2 in the clear at one more address (TS 29.309, TS 29.562). Each
    /// request comes to it as on a connection of its own.
    pub async fn serve_http2(&mut self, address: &str) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.http2_address = Some(address);
        let door = self.door(Security::None);
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
                // Who speaks something else has nothing to say to a role.
                drop(serve(tcp, |exchange| door.clone().exchange(exchange)).await);
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    }

    async fn exchange(self, mut exchange: Exchange) {
        let connection = ConnectionId(self.next.fetch_add(1, Ordering::Relaxed));
        let outputs = match &exchange.request().await {
            Ok(message) => ask(
                &self.role,
                Input::Message {
                    connection,
                    message,
                },
            ),
            Err(_) => ask(&self.role, Input::Unreadable { connection }),
        };
        let mut back = Back {
            exchange,
            is_answered: false,
        };
        self.carry_out(outputs, &mut back).await;
        if !back.is_answered {
            back.exchange.refuse();
        }
        ask(&self.role, Input::Closed { connection });
    }
}

/// The way back of one exchange.
struct Back {
    exchange: Exchange,
    is_answered: bool,
}

impl WayBack for Back {
    async fn answer(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.is_answered = true;
        self.exchange.answer(bytes).map_err(io::Error::other)
    }

    /// An exchange ends with its answer.
    async fn end(&mut self) {}
}

impl Upstreams {
    /// Asks over HTTP/2, on a connection of its own.
    pub(super) async fn ask_http2(
        &self,
        to: Upstream,
        bytes: &[u8],
    ) -> Result<Message, Unanswered> {
        let address = self.sbi.get(&to).ok_or(Unanswered::Broken)?;
        let deadline = Instant::now() + self.patience;
        let mut line = Http2Line::new(address.clone());
        let asking = async {
            // Who asks whom makes no difference to a line.
            let outgoing = Outgoing {
                from: Element::Bsf,
                to: Element::Hss,
                route: Route::New,
                bytes: bytes.to_vec(),
                closing: Closing::Open,
            };
            match line.send(outgoing, self.patience).await {
                Occurrence::Sent { .. } => {}
                _ => return Err(Unanswered::Broken),
            }
            match line.wait(self.patience).await {
                Occurrence::Received { bytes, .. } => {
                    Message::from_bytes(&bytes).map_err(|_| Unanswered::Broken)
                }
                Occurrence::TimedOut { .. } => Err(Unanswered::TooLate),
                _ => Err(Unanswered::Broken),
            }
        };
        let asked = timeout_at(deadline, asking).await;
        asked.map_err(|_| Unanswered::TooLate)?
    }
}
