//! One play of one case over one link.

use std::time::{Duration, Instant};

use gbaspec_case::case::Case;
use gbaspec_case::player::{Action, Occurrence, Player, Start};
use gbaspec_case::redact::redact;
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::Transcript;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_roles::Transport;

use crate::link::{ClientLink, ServerLink, Who};
use crate::pace::Pace;
use crate::tls::Certificate;

/// The way to the target.
pub enum Link {
    /// It is a server.
    Server(Box<ServerLink>),
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
    let mut player = Player::new(case, scene, start);
    match link {
        Link::Server(link) => link.reset(Transport::Tcp),
        Link::Client(link) => link.reset(Transport::Tcp, Certificate::Right),
    }
    for _ in 0..MOST_ACTIONS {
        if let Link::Server(link) = link
            && let Some(route) = player.next_route()
            && let Err(why) = link.prepare(route, patiences.pace.most()).await
        {
            player.record(began.elapsed(), why);
        }
        let occurrence = match player.next_action(began.elapsed()) {
            Action::Done => break,
            Action::Send(outgoing) => match link {
                Link::Server(link) => link.send(outgoing, patiences.pace.deadline()).await,
                Link::Client(link) => link.send(outgoing).await,
            },
            Action::Wait => wait(link, patiences).await,
            Action::Hang(connection) => {
                if let Link::Client(link) = link {
                    link.hang(connection).await;
                }
                continue;
            }
            Action::Trigger(errand) => match link {
                Link::Client(link) => {
                    let impi = scene
                        .subscribers
                        .get(subscriber)
                        .map_or("", |known| known.impi.as_str());
                    link.trigger(errand, Who { subscriber, impi }, case.id.as_str())
                }
                Link::Server(_) => Occurrence::Stopped {
                    why: "a server is not started".to_owned(),
                },
            },
            Action::Control => match link {
                Link::Server(link) => link.control(patiences.pace.control()).await,
                Link::Client(_) => Occurrence::Control { answered: false },
            },
        };
        player.record(began.elapsed(), occurrence);
    }
    let (mut transcript, he) = player.finish();
    redact(scene, &mut transcript);
    (transcript, he)
}

async fn wait(link: &mut Link, patiences: &Patiences<'_>) -> Occurrence {
    match link {
        Link::Server(link) => {
            let began = Instant::now();
            let occurrence = wait_for_server(link, patiences.pace).await;
            if matches!(occurrence, Occurrence::Received { .. }) {
                patiences.pace.measured(began.elapsed());
            }
            occurrence
        }
        Link::Client(link) => link.wait(patiences.client).await,
    }
}

/// Waits as long as the target usually needs. If it says nothing, but is alive, one slow answer must
/// not decide a verdict: then the rest of the profile's deadline is waited out.
async fn wait_for_server(link: &mut ServerLink, pace: &Pace) -> Occurrence {
    let usual = pace.deadline();
    let occurrence = link.wait(usual).await;
    let rest = pace.most().saturating_sub(usual);
    if rest.is_zero() || !matches!(occurrence, Occurrence::TimedOut { .. }) {
        return occurrence;
    }
    match link.control(pace.control()).await {
        Occurrence::Control { answered: true } => link.wait(rest).await,
        _ => occurrence,
    }
}
