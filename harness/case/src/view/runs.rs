//! The bootstrapping runs that ended well in this play, and the identities that they left.

use gbaspec_crypto::kdf;
use gbaspec_crypto::secret::Ks;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;

use super::View;
use crate::element::Element;
use crate::fact::Value;
use crate::scene::Scene;
use crate::subscriber::Subscriber;
use crate::transcript::Transcript;

/// What follows the @ of every TMPI (TS 33.220 B.4).
const TMPI_DOMAIN: &[u8] = b"@tmpi.bsf.3gppnetwork.org";

/// A run that ended with 200.
pub(crate) struct Run<'a> {
    /// Whose run it was.
    pub(crate) subscriber: &'a Subscriber,
    /// The identity that it leaves for the next one (TS 33.220 4.5.2).
    pub(crate) tmpi: String,
}

/// The completed runs of a play before entry `end`, in their order.
///
/// A TMPI counts as derived even where no side said that it knows TMPI: whether it may be used is a
/// question of its own.
pub(crate) fn completed_runs<'a>(
    scene: &'a Scene,
    transcript: &'a Transcript,
    end: usize,
) -> Vec<Run<'a>> {
    let mut runs: Vec<Run<'a>> = Vec::new();
    for index in 0..end {
        let run = View::new(scene, transcript, index).and_then(|view| {
            let list = view.completed_credentials()?;
            let subscriber = subscriber(scene, transcript, &runs, list.value("username"))?;
            let (rand, ks) = keys(subscriber, &list)?;
            let tmpi = kdf::tmpi(&ks, rand, &subscriber.impi, &scene.names.bsf);
            Some(Run { subscriber, tmpi })
        });
        runs.extend(run);
    }
    runs
}

/// The TMPI of the last completed run of this subscriber.
pub(crate) fn tmpi_of(runs: &[Run<'_>], subscriber: &Subscriber) -> Option<String> {
    let mut latest = runs.iter().rev();
    let run = latest.find(|run| run.subscriber.impi == subscriber.impi)?;
    Some(run.tmpi.clone())
}

/// The subscriber with this username: an IMPI, or a TMPI of one of these runs; else the play's.
fn subscriber<'a>(
    scene: &'a Scene,
    transcript: &Transcript,
    runs: &[Run<'a>],
    username: Option<&[u8]>,
) -> Option<&'a Subscriber> {
    let own = || scene.subscribers.get(transcript.subscriber);
    let Some(username) = username else {
        return own();
    };
    let with_tmpi = || runs.iter().find(|run| run.tmpi.as_bytes() == username);
    scene
        .subscriber_named(username)
        .or_else(|| with_tmpi().map(|run| run.subscriber))
        .or_else(own)
}

/// RAND and Ks of the run that these credentials belong to.
fn keys(subscriber: &Subscriber, list: &DirectiveList) -> Option<(Rand, Ks)> {
    let rand = Rand::from(AkaNonce::decode(list.value("nonce")?).ok()?.rand);
    let functions = subscriber.aka()?;
    Some((rand, kdf::ks(&functions.f3(rand), &functions.f4(rand))))
}

impl<'a> View<'a> {
    /// The subscriber that a request is about: the one with its username, else the play's.
    pub(super) fn subscriber_of(&self, username: Option<&[u8]>) -> Option<&'a Subscriber> {
        let is_tmpi = username.is_some_and(|username| username.ends_with(TMPI_DOMAIN));
        let runs = if is_tmpi { self.runs() } else { Vec::new() };
        subscriber(self.scene, self.transcript, &runs, username)
    }

    /// Who the client says that it is.
    pub(crate) fn credentials_identity(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let username = list.value("username")?;
        let own = self.scene.subscribers.get(self.transcript.subscriber)?;
        if own.impi.as_bytes() == username {
            return Some(Value::word("impi"));
        }
        let tmpi = tmpi_of(&self.runs(), own);
        let is_tmpi = tmpi.is_some_and(|tmpi| tmpi.as_bytes() == username);
        Some(Value::word(if is_tmpi { "tmpi" } else { "other" }))
    }

    fn runs(&self) -> Vec<Run<'a>> {
        completed_runs(self.scene, self.transcript, self.index)
    }

    /// The credentials that this message accepts, if it is the 200 that ends a run on Ub.
    fn completed_credentials(&self) -> Option<DirectiveList> {
        let is_ub = self.ends().is_some_and(|(from, _)| from == Element::Bsf);
        if !is_ub || self.message.status() != Ok(200) {
            return None;
        }
        let list = self.answered()?.credentials_list()?;
        let proves = list.value("auts").is_none() && list.value("response") != Some(b"");
        proves.then_some(list)
    }
}
