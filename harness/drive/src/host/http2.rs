//! A role on a port where HTTP/2 is spoken, and what it asks others over HTTP/2.

use std::io;

use gbaspec_case::case::Closing;
use gbaspec_case::element::Element;
use gbaspec_case::player::{Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;
use gbaspec_roles::{Input, Unanswered, Upstream};
use gbaspec_wire::http::Message;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

use super::{Asked, Door, Host, Security, WayBack, ask};
use crate::DriveError;
use crate::http2::{Exchange, Http2Line, serve};
use crate::listen::{accept_each, listen};

impl Host {
    /// Lets the role speak HTTP/2 in the clear at one more address (TS 29.309, TS 29.562). Each
    /// request comes to it as on a connection of its own.
    pub async fn serve_http2(&mut self, address: &str) -> Result<(), DriveError> {
        let (listener, address) = listen(address).await?;
        self.http2_address = Some(address);
        let door = self.door(Security::None);
        self.tasks.spawn(accept_each(listener, move |tcp| {
            door.clone().serve_http2(tcp)
        }));
        Ok(())
    }
}

impl Door {
    async fn serve_http2(self, tcp: TcpStream) {
        // Who speaks something else has nothing to say to a role.
        drop(serve(tcp, |exchange| self.clone().exchange(exchange)).await);
    }

    async fn exchange(self, mut exchange: Exchange) {
        let connection = self.next_connection();
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

impl Asked {
    /// Asks over HTTP/2, on a connection of its own.
    pub(super) async fn ask_http2(
        &self,
        to: Upstream,
        bytes: &[u8],
    ) -> Result<Message, Unanswered> {
        let address = self.upstreams.sbi.get(&to).ok_or(Unanswered::Broken)?;
        let deadline = Instant::now() + self.upstreams.patience;
        let mut line = Http2Line::new(address.clone());
        let asking = async {
            // Who asks whom makes no difference to a line.
            let outgoing = Outgoing {
                protocol: Protocol::Http2,
                from: Element::Bsf,
                to: Element::Hss,
                route: Route::New,
                bytes: bytes.to_vec(),
                closing: Closing::Open,
            };
            match line.send(outgoing, self.upstreams.patience).await {
                Occurrence::Sent { .. } => {}
                _ => return Err(Unanswered::Broken),
            }
            match line.wait(self.upstreams.patience).await {
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
