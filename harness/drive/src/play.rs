//! One play of one case over one link.

use std::time::{Duration, Instant};

use gbaspec_case::case::{Case, Errand};
use gbaspec_case::player::{Action, Occurrence, Player, Start};
use gbaspec_case::redact::redact;
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::Transcript;
use gbaspec_crypto::sqn::HeSqn;

use crate::hook::Handed;
use crate::link::{ClientLink, Setting, Who};
use crate::news::News;
use crate::pace::Pace;
use crate::psk::acceptor_for;
use crate::server::Server;

/// The way to the target.
pub enum Link {
    /// It is a server.
    Server(Box<Server>),
    /// It is a client.
    Client(Box<ClientLink>),
}

/// How long to wait.
pub struct Patiences<'a> {
    /// For the answer of a server.
    pub pace: &'a Pace,
    /// For a client to come or to end.
    pub client: Duration,
}

/// No case has so many steps, answers and arrivals; a longer play is one that loops.
const MOST_ACTIONS: usize = 2_000;

impl Link {
    async fn reset(&mut self, case: &Case) {
        match self {
            Self::Server(link) => link.reset(case.transport, case.surroundings()),
            Self::Client(link) => link.reset(Setting::of(case)).await,
        }
    }

    /// Towards a client, the keys of this subscriber are shared, if the case is about that.
    fn share(&mut self, case: &Case, scene: &Scene, subscriber: usize) {
        if let Self::Client(link) = self {
            let version = case.transport.psk_version();
            link.share(version.map(|version| acceptor_for(scene, subscriber, version, case)));
        }
    }

    /// The handshakes before the occurrence that was returned last.
    fn news(&mut self) -> Vec<News> {
        match self {
            Self::Server(link) => link.news(),
            Self::Client(link) => link.news(),
        }
    }
}

/// Plays a case; the transcript holds no secret any more.
pub async fn play(
    case: &Case,
    scene: &Scene,
    start: Start,
    link: &mut Link,
    patiences: &Patiences<'_>,
) -> (Transcript, HeSqn) {
    let began = Instant::now();
    let subscriber = start.subscriber;
    let impi = scene.subscribers.get(subscriber);
    let impi = impi.map_or("", |known| known.impi.as_str());
    let who = Who {
        subscriber,
        impi,
        handed: None,
    };
    let mut player = Player::new(case, scene, start);
    link.reset(case).await;
    link.share(case, scene, subscriber);
    for _ in 0..MOST_ACTIONS {
        if let (Link::Server(server), Some(way)) = (&mut *link, player.next_way()) {
            match player.next_handshake() {
                Some(Ok(client)) => server.share(client),
                Some(Err(why)) => {
                    tell(&mut player, began, link, Some(Occurrence::Stopped { why }));
                    continue;
                }
                None => {}
            }
            let prepared = server.prepare(way, patiences.pace.most()).await;
            tell(&mut player, began, link, prepared.err());
        }
        let action = player.next_action(began.elapsed());
        if action == Action::Done {
            break;
        }
        let occurrence = carry_out(action, link, who, (case, scene), patiences).await;
        tell(&mut player, began, link, occurrence);
    }
    let (mut transcript, he) = player.finish();
    redact(scene, &mut transcript);
    (transcript, he)
}

/// Tells the player what happened, the handshakes before it first.
fn tell(player: &mut Player<'_>, began: Instant, link: &mut Link, occurrence: Option<Occurrence>) {
    for news in link.news() {
        let elapsed = news.at.saturating_duration_since(began);
        for occurrence in news.occurrences() {
            player.record(elapsed, occurrence);
        }
    }
    if let Some(occurrence) = occurrence {
        player.record(began.elapsed(), occurrence);
    }
}

async fn carry_out(
    action: Action,
    link: &mut Link,
    who: Who<'_>,
    (case, scene): (&Case, &Scene),
    patiences: &Patiences<'_>,
) -> Option<Occurrence> {
    Some(match (action, link) {
        (Action::Done, _) => return None,
        (Action::Hang(connection), Link::Server(link)) => {
            link.hang(connection).await;
            return None;
        }
        (Action::Hang(connection), Link::Client(link)) => {
            link.hang(connection).await;
            return None;
        }
        (Action::Send(outgoing), Link::Server(link)) => {
            link.send(outgoing, patiences.pace.deadline()).await
        }
        (Action::Send(outgoing), Link::Client(link)) => link.send(outgoing).await,
        (Action::Connect(client), Link::Server(link)) => {
            link.connect(client, patiences.pace.most()).await
        }
        (Action::Connect(_), Link::Client(_)) => Occurrence::Stopped {
            why: "a client is not connected to".to_owned(),
        },
        (Action::Wait, link) => wait(link, patiences).await,
        (Action::Trigger(errand), Link::Client(link)) => {
            let handed = handed(errand, case, scene);
            let handed = handed.as_ref();
            link.trigger(errand, Who { handed, ..who }, case.id.as_str())
        }
        (Action::Trigger(_), Link::Server(_)) => Occurrence::Stopped {
            why: "a server is not started".to_owned(),
        },
        (Action::Control, Link::Server(link)) => link.control(patiences.pace.control()).await,
        (Action::Control, Link::Client(_)) => Occurrence::Control { answered: false },
    })
}

/// The session that a client is told of which is handed one, with the key for the server that its
/// errand leads to.
fn handed(errand: Errand, case: &Case, scene: &Scene) -> Option<Handed> {
    if errand == Errand::Bootstrap {
        return None;
    }
    Handed::new(scene, scene.session(case.session)?, errand.leads_to())
}

async fn wait(link: &mut Link, patiences: &Patiences<'_>) -> Occurrence {
    match link {
        Link::Server(link) => {
            let began = Instant::now();
            // Not the usual round trip decides a verdict, but the time that the profile allows: one
            // slow answer among many quick ones is none that is missing.
            let occurrence = link.wait(patiences.pace.most()).await;
            if matches!(occurrence, Occurrence::Received { .. }) {
                patiences.pace.measured(began.elapsed());
            }
            occurrence
        }
        Link::Client(link) => link.wait(patiences.client).await,
    }
}
