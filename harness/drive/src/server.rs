//! Towards a server under test with all its interfaces: lines that the harness opens, one for each
//! client that it plays, and listeners for what the target opens itself. One play goes over all of
//! them; a number names one connection, whoever opened it.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use gbaspec_case::case::Transport;
use gbaspec_case::element::Element;
use gbaspec_case::handshake::PskClient;
use gbaspec_case::player::{NextWay, Occurrence, Outgoing, Route};

use crate::http2::{Http2Line, is_http2};
use crate::link::{ServerLink, reply_of};
use crate::listen::{Arrival, Listeners, Reply};
use crate::news::{News, Told, keep};

/// The interfaces of a server under test.
pub struct Server {
    /// By the element that the harness speaks as.
    lines: BTreeMap<Element, ServerLink>,
    /// The same for messages of HTTP/2.
    sbi: BTreeMap<Element, Http2Line>,
    /// The elements behind the target; there may be none.
    behind: Listeners,
    news: Vec<News>,
}

impl Server {
    /// Interfaces on which nothing has been said.
    pub(crate) fn new(lines: BTreeMap<Element, ServerLink>, behind: Listeners) -> Self {
        let numbered = |(speaker, line): (Element, ServerLink)| {
            let line = line.numbered(behind.numbers());
            (speaker, line)
        };
        Self {
            lines: lines.into_iter().map(numbered).collect(),
            sbi: BTreeMap::new(),
            behind,
            news: Vec::new(),
        }
    }

    /// The same with lines for messages of HTTP/2, by the element that the harness speaks as.
    pub(crate) fn with_sbi(mut self, lines: BTreeMap<Element, Http2Line>) -> Self {
        let numbered = |(speaker, line): (Element, Http2Line)| {
            let line = line.numbered(self.behind.numbers());
            (speaker, line)
        };
        self.sbi = lines.into_iter().map(numbered).collect();
        self
    }

    /// Starts a play: what an earlier one left is forgotten.
    pub(crate) fn reset(&mut self, transport: Transport) {
        self.behind.clear();
        for line in self.lines.values_mut() {
            line.reset(transport);
        }
        self.sbi.values_mut().for_each(Http2Line::reset);
        self.news.clear();
    }

    /// What happened before the occurrence that was returned last.
    pub(crate) fn news(&mut self) -> Vec<News> {
        let mut news = std::mem::take(&mut self.news);
        news.extend(self.lines.values_mut().flat_map(ServerLink::news));
        news.sort_by_key(|news| news.at);
        news
    }

    /// What the handshake before the next message of a UE begins with.
    pub(crate) fn share(&mut self, client: PskClient) {
        if let Some(line) = self.lines.get_mut(&Element::Ue) {
            line.share(client);
        }
    }

    /// Begins a handshake with a shared key as a UE.
    pub(crate) async fn connect(&mut self, client: PskClient, limit: Duration) -> Occurrence {
        match self.lines.get_mut(&Element::Ue) {
            Some(line) => line.connect(client, limit).await,
            None => Occurrence::Unreachable {
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
        match self.lines.get_mut(&way.from) {
            Some(line) => line.prepare(way.route, way.suites, limit).await,
            None => Ok(()),
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
        let over_http2 = self.sbi.get_mut(&outgoing.from);
        if let Some(line) = over_http2.filter(|_| is_http2(&outgoing.bytes)) {
            return line.send(outgoing, limit).await;
        }
        match self.lines.get_mut(&outgoing.from) {
            Some(line) => line.send(outgoing, limit).await,
            None => Occurrence::Unreachable {
                why: format!("the profile has no address for a {}", outgoing.from),
            },
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
            sbi,
            behind,
            news,
        } = self;
        let mut answer = pin!(first_answer(lines, sbi, limit));
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
    pub(crate) async fn control(&self, limit: Duration) -> Occurrence {
        match (self.lines.values().next(), self.sbi.values().next()) {
            (Some(line), _) => line.control(limit).await,
            (None, Some(line)) => line.control(limit).await,
            (None, None) => Occurrence::Control { answered: false },
        }
    }
}

/// The first answer on the lines that have asked for one; if none has, what comes on any of them.
async fn first_answer(
    lines: &mut BTreeMap<Element, ServerLink>,
    sbi: &mut BTreeMap<Element, Http2Line>,
    limit: Duration,
) -> Occurrence {
    let is_any_asking =
        lines.values().any(ServerLink::is_asking) || sbi.values().any(Http2Line::is_asking);
    let mut waits: Vec<Pin<Box<dyn Future<Output = Occurrence> + Send + '_>>> = Vec::new();
    for line in lines.values_mut() {
        if !is_any_asking || line.is_asking() {
            waits.push(Box::pin(line.wait(limit)));
        }
    }
    for line in sbi.values_mut().filter(|line| line.is_asking()) {
        waits.push(Box::pin(line.wait(limit)));
    }
    poll_fn(|context| {
        let mut polled = waits.iter_mut().map(|wait| wait.as_mut().poll(context));
        polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
    })
    .await
}

#[cfg(test)]
mod tests;
