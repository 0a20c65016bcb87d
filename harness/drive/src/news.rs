//! What handshakes came to, on its way from the connections to the play.

use std::time::Instant;

use gbaspec_case::element::Element;
use gbaspec_case::handshake::{Hello, PskAttempt};
use gbaspec_case::player::Occurrence;

use crate::listen::Arrival;
use crate::tls::{Agreement, PskFailure};

/// What came of a TLS handshake; it is told before the occurrence that follows it.
#[derive(Debug)]
pub(crate) struct News {
    /// When.
    pub(crate) at: Instant,
    /// The connection.
    pub(crate) connection: u32,
    /// What the handshake agreed on, or why it came to nothing.
    pub(crate) outcome: Result<Agreement, Refusal>,
    /// Of a handshake with a shared key: what its client said first, and the element of the harness.
    pub(crate) hello: Option<(Element, Hello)>,
}

/// A handshake at one of the harness's listeners that came to nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The element at whose listener it was.
    pub(crate) at: Element,
    /// Why.
    pub(crate) why: String,
    /// Of a handshake with a shared key: what was seen of it.
    pub(crate) attempt: Option<PskAttempt>,
}

impl Refusal {
    /// At the harness as a client.
    pub(crate) fn ours(why: String, attempt: Option<PskAttempt>) -> Self {
        Self {
            at: Element::Ue,
            why,
            attempt,
        }
    }
}

impl News {
    /// The same as the player takes it, in the order in which it happened.
    pub(crate) fn occurrences(self) -> impl Iterator<Item = Occurrence> {
        let connection = self.connection;
        let hello = self.hello.map(|(at, hello)| Occurrence::Hello {
            connection,
            at,
            hello,
        });
        let end = match self.outcome {
            Ok(agreement) => Occurrence::Secured {
                connection,
                exporter: agreement.exporter,
                server_name: agreement.server_name,
                version: agreement.version,
                suite: agreement.suite,
                suite_number: agreement.suite_number.0,
                psk_identity: agreement.psk_identity,
                psk_hint: agreement.psk_hint,
            },
            Err(Refusal {
                at,
                why,
                attempt: None,
            }) => Occurrence::Unsecured {
                connection,
                at,
                why,
            },
            Err(Refusal {
                at,
                why,
                attempt: Some(attempt),
            }) => Occurrence::Unshared {
                connection,
                at,
                why,
                attempt,
            },
        };
        hello.into_iter().chain([end])
    }
}

/// What something that came in at a listener means for the play.
pub(crate) enum Told {
    /// The player is told of it.
    Occurrence(Occurrence),
    /// It is told together with what follows.
    News(News),
    /// A connection ended.
    Ended,
}

impl Arrival {
    /// The same for the play.
    pub(crate) fn told(self) -> Told {
        let news = |connection, outcome, hello| {
            Told::News(News {
                at: Instant::now(),
                connection,
                outcome,
                hello,
            })
        };
        match self {
            Self::Request {
                connection,
                at,
                message,
            } => Told::Occurrence(Occurrence::Received {
                connection,
                at,
                bytes: message.to_bytes(),
            }),
            Self::Packet {
                connection,
                at,
                bytes,
            } => Told::Occurrence(Occurrence::Received {
                connection,
                at,
                bytes,
            }),
            Self::Introduced {
                connection,
                at,
                first,
                request,
                answer,
            } => Told::Occurrence(Occurrence::Introduced {
                connection,
                at,
                first,
                request,
                answer,
            }),
            Self::Unreadable {
                connection,
                at,
                bytes,
                why,
            } => Told::Occurrence(Occurrence::Unreadable {
                connection,
                at,
                bytes,
                why,
            }),
            Self::Secured {
                connection,
                agreement,
            } => {
                let hello = agreement.hello.clone();
                let hello = hello.map(|hello| (Element::Naf, hello));
                news(connection, Ok(agreement), hello)
            }
            Self::Unsecured {
                connection,
                at,
                why,
            } => {
                let refusal = Refusal {
                    at,
                    why,
                    attempt: None,
                };
                news(connection, Err(refusal), None)
            }
            Self::Unshared {
                connection,
                at,
                failure,
            } => {
                let PskFailure {
                    attempt,
                    hello,
                    why,
                } = *failure;
                let refusal = Refusal {
                    at,
                    why: why.to_string(),
                    attempt: Some(attempt),
                };
                news(connection, Err(refusal), Some((at, hello)))
            }
            Self::Ended { .. } => Told::Ended,
        }
    }
}

/// Keeps news of one wait.
pub(crate) fn keep(kept: &mut Vec<News>, news: News) {
    if kept.len() < MOST_NEWS {
        kept.push(news);
    }
}

/// So much news of one wait is kept; a client that shakes hands more often than that loops.
const MOST_NEWS: usize = 64;
