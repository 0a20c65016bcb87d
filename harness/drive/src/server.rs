//! Towards a server under test with all its interfaces: lines that the harness opens, one for each
//! client that it plays, and listeners for what the target opens itself. One play goes over all of
//! them; a number names one connection, whoever opened it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use gbaspec_case::case::{Surroundings, Transport};
use gbaspec_case::element::Element;
use gbaspec_case::handshake::PskClient;
use gbaspec_case::player::{NextWay, Occurrence, Outgoing, Route};
use gbaspec_case::protocol::Protocol;

use crate::diameter::DiameterLine;
use crate::http2::Http2Line;
use crate::link::{ServerLink, reply_of};
use crate::listen::{Arrival, Listeners, Numbers, Reply};
use crate::news::{News, Told, keep};

/// The interfaces of a server under test.
pub struct Server {
    /// By what stands around the target, the element that the harness speaks as, and what it speaks.
    lines: BTreeMap<LineKey, Line>,
    /// What stands around the target in this play.
    surroundings: Surroundings,
    /// The elements behind the target; there may be none.
    behind: Listeners,
    news: Vec<News>,
}

impl Server {
    /// Interfaces on which nothing has been said.
    pub(crate) fn new(lines: BTreeMap<LineKey, Line>, behind: Listeners) -> Self {
        let numbered = |(key, line): (LineKey, Line)| (key, line.numbered(behind.numbers()));
        Self {
            lines: lines.into_iter().map(numbered).collect(),
            surroundings: Surroundings::default(),
            behind,
            news: Vec::new(),
        }
    }

    /// Starts a play: what an earlier one left is forgotten.
    pub(crate) fn reset(&mut self, transport: Transport, surroundings: Surroundings) {
        self.behind.clear();
        self.surroundings = surroundings;
        for line in self.lines.values_mut() {
            line.reset(transport);
        }
        self.news.clear();
    }

    /// What happened before the occurrence that was returned last.
    pub(crate) fn news(&mut self) -> Vec<News> {
        let mut news = std::mem::take(&mut self.news);
        news.extend(self.lines.values_mut().flat_map(Line::news));
        news.sort_by_key(|news| news.at);
        news
    }

    /// What the handshake before the next message of a UE begins with.
    pub(crate) fn share(&mut self, client: PskClient) {
        if let Some(Line::Http(line)) = self.line(Element::Ue, Protocol::Http) {
            line.share(client);
        }
    }

    /// Begins a handshake with a shared key as a UE.
    pub(crate) async fn connect(&mut self, client: PskClient, limit: Duration) -> Occurrence {
        match self.line(Element::Ue, Protocol::Http) {
            Some(Line::Http(line)) => line.connect(client, limit).await,
            _ => Occurrence::Unreachable {
                why: "no UE speaks to this target".to_owned(),
            },
        }
    }

    /// Makes sure of a connection for the next message before that is composed.
    pub(crate) async fn prepare(
        &mut self,
        way: NextWay<'_>,
        limit: Duration,
    ) -> Result<(), Occurrence> {
        match self.line(way.from, way.protocol) {
            Some(Line::Http(line)) => line.prepare(way.route, way.suites, limit).await,
            _ => Ok(()),
        }
    }

    pub(crate) async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        if let Route::Reply(connection) = outgoing.route {
            // The answer stands in the transcript even if the target has hung up before it.
            self.behind.reply(connection, reply_of(&outgoing)).await;
            return Occurrence::Sent {
                connection,
                outgoing,
            };
        }
        let Outgoing { from, protocol, .. } = outgoing;
        if let Some(line) = self.line(from, protocol) {
            return line.send(outgoing, limit).await;
        }
        Occurrence::Unreachable {
            why: format!("the profile has no address for a {from} over {protocol}"),
        }
    }

    /// Closes a connection that the target has opened.
    pub(crate) async fn hang(&self, connection: u32) {
        self.behind.reply(connection, Reply::Close).await;
    }

    /// The next message on any interface.
    pub(crate) async fn wait(&mut self, limit: Duration) -> Occurrence {
        let Self {
            lines,
            surroundings,
            behind,
            news,
        } = self;
        let mut answer = pin!(first_answer(lines, *surroundings, limit));
        loop {
            tokio::select! {
                biased;
                arrival = behind.next() => match arrival.map(Arrival::told) {
                    Some(Told::Occurrence(occurrence)) => return occurrence,
                    Some(Told::News(told)) => keep(news, told),
                    Some(Told::Ended) => {}
                    None => return Occurrence::Stopped { why: "the listeners are gone".to_owned() },
                },
                occurrence = &mut answer => return occurrence,
            }
        }
    }

    /// Whether the target is alive; any of its interfaces shows that.
    pub(crate) async fn control(&mut self, limit: Duration) -> Occurrence {
        let mut lines = self.lines.iter_mut();
        let line = lines.find(|(key, _)| key.surroundings == self.surroundings);
        match line {
            Some((_, line)) => line.control(limit).await,
            None => Occurrence::Control { answered: false },
        }
    }

    /// The line of this element in the surroundings of the play.
    fn line(&mut self, speaker: Element, protocol: Protocol) -> Option<&mut Line> {
        self.lines.get_mut(&LineKey {
            surroundings: self.surroundings,
            speaker,
            protocol,
        })
    }
}

/// What tells the lines of a server apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LineKey {
    /// What stands around the target that it leads to.
    pub(crate) surroundings: Surroundings,
    /// The element that the harness speaks as.
    pub(crate) speaker: Element,
    /// What it speaks.
    pub(crate) protocol: Protocol,
}

/// A line to a server under test.
pub(crate) enum Line {
    /// HTTP/1.1, with or without TLS.
    Http(Box<ServerLink>),
    /// Diameter.
    Diameter(Box<DiameterLine>),
    /// HTTP/2.
    Http2(Box<Http2Line>),
}

impl Line {
    fn numbered(self, numbers: Numbers) -> Self {
        match self {
            Self::Http(line) => Self::Http(Box::new(line.numbered(numbers))),
            Self::Diameter(line) => Self::Diameter(Box::new(line.numbered(numbers))),
            Self::Http2(line) => Self::Http2(Box::new(line.numbered(numbers))),
        }
    }

    fn reset(&mut self, transport: Transport) {
        match self {
            Self::Http(line) => line.reset(transport),
            Self::Diameter(line) => line.reset(),
            Self::Http2(line) => line.reset(),
        }
    }

    fn news(&mut self) -> Vec<News> {
        match self {
            Self::Http(line) => line.news(),
            Self::Diameter(_) | Self::Http2(_) => Vec::new(),
        }
    }

    fn is_asking(&self) -> bool {
        match self {
            Self::Http(line) => line.is_asking(),
            Self::Diameter(line) => line.is_asking(),
            Self::Http2(line) => line.is_asking(),
        }
    }

    async fn send(&mut self, outgoing: Outgoing, limit: Duration) -> Occurrence {
        match self {
            Self::Http(line) => line.send(outgoing, limit).await,
            Self::Diameter(line) => line.send(outgoing, limit).await,
            Self::Http2(line) => line.send(outgoing, limit).await,
        }
    }

    async fn wait(&mut self, limit: Duration) -> Occurrence {
        match self {
            Self::Http(line) => line.wait(limit).await,
            Self::Diameter(line) => line.wait(limit).await,
            Self::Http2(line) => line.wait(limit).await,
        }
    }

    async fn control(&mut self, limit: Duration) -> Occurrence {
        match self {
            Self::Http(line) => line.control(limit).await,
            Self::Diameter(line) => line.control(limit).await,
            Self::Http2(line) => line.control(limit).await,
        }
    }
}

/// The first answer on the lines that have asked for one; if none has, what comes on any of them.
async fn first_answer(
    lines: &mut BTreeMap<LineKey, Line>,
    surroundings: Surroundings,
    limit: Duration,
) -> Occurrence {
    let is_any_asking = lines.values().any(Line::is_asking);
    let mut waits: Vec<_> = lines
        .iter_mut()
        .filter(|(key, line)| {
            let is_usual = || {
                let of_ue = (key.speaker, key.protocol) == (Element::Ue, Protocol::Http);
                of_ue && key.surroundings == surroundings
            };
            line.is_asking() || !is_any_asking && is_usual()
        })
        .map(|(_, line)| line)
        .map(|line| Box::pin(line.wait(limit)))
        .collect();
    poll_fn(|context| {
        let mut polled = waits.iter_mut().map(|wait| wait.as_mut().poll(context));
        polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

#[cfg(test)]
mod tests;
