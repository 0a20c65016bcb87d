//! Where the keys of a NAF or portal under test come from, and the commands of the user.

use gbaspec_crypto::token::Rand;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt as _, SeedableRng as _};

use super::Reader;
use crate::case::Need;
use crate::element::Element;
use crate::load::raw;
use crate::load::resolve::unknown;
use crate::load::yaml::Located;
use crate::profile::Hooks;

const PROVISIONED: &str = "provisioned";
const HOOK: &str = "hook";

/// Draws the RANDs of sessions that the profile leaves open.
pub(super) struct Draw(ChaCha8Rng);

impl Draw {
    /// The same seed draws the same, so that what was stored can be judged again.
    pub(super) fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }
}

impl Reader<'_> {
    /// The commands, and whether one of them installs the keys.
    pub(super) fn hooks(&mut self, file: &raw::ProfileFile, role: Element) -> Hooks {
        self.keys(file, role);
        file.hooks
            .as_ref()
            .map_or_else(Hooks::default, |hooks| Hooks {
                trigger: hooks.trigger.clone(),
                reset: hooks.reset.clone(),
                install_key: hooks.install_key.as_ref().map(|words| words.value.clone()),
            })
    }

    /// `keys: hook` and the hook itself go together, and only servers are given keys.
    fn keys(&mut self, file: &raw::ProfileFile, role: Element) {
        let hook = file
            .hooks
            .as_ref()
            .and_then(|hooks| hooks.install_key.as_ref());
        let known = [PROVISIONED, HOOK];
        match &file.keys {
            Some(word) if !known.contains(&word.value.as_str()) => {
                self.problems
                    .push(unknown(self.source, word, "source of keys", known));
            }
            Some(word) if is_hook(file) && matches!(role, Element::Ue | Element::Bsf) => {
                let what = format!("no keys of sessions are installed in a {role}");
                self.problem(word, what, "remove it: that is for servers on Ua");
            }
            Some(word) if is_hook(file) && hook.is_none_or(|words| words.value.is_empty()) => {
                let what = "there is no hook that installs keys".to_owned();
                let advice = "add `hooks: { install-key: [\"./install-key\"] }`";
                self.problem(word, what, advice);
            }
            _ => {}
        }
        if is_hook(file) && role == Element::Naf && speaks_tls(file) {
            self.suite_is_unknown(file);
        }
        if let Some(words) = hook.filter(|_| !is_hook(file)) {
            let what = "the keys of this profile are provisioned".to_owned();
            self.problem(words, what, "say `keys: hook`, or remove the hook");
        }
    }

    /// The hook runs before the first handshake, and inside TLS the key of a NAF is bound to the cipher
    /// suite (TS 33.220 H.3).
    fn suite_is_unknown(&mut self, file: &raw::ProfileFile) {
        let sessions = file.sessions.iter();
        for session in sessions.filter(|session| session.value.subscriber.is_some()) {
            let what = "no hook can know the key of a NAF inside TLS beforehand".to_owned();
            let advice = "give `btid` and `ks-naf`, which then hold for every cipher suite";
            self.problem(session, what, advice);
        }
    }

    /// RAND of a session: the one in the profile, or one that nobody had before where a hook tells
    /// the target of it.
    pub(super) fn session_rand(&mut self, entry: &Located<raw::Session>) -> Option<Rand> {
        if let Some(rand) = &entry.value.rand {
            return Some(Rand::from(self.octets::<16>(rand, "RAND")?));
        }
        if let Some(draw) = &mut self.draw {
            return Some(Rand::from(draw.0.random::<[u8; 16]>()));
        }
        let advice = "give `rand`; with `keys: hook` and `hooks: { install-key }` it is drawn";
        self.problem(entry, "a session needs its RAND".to_owned(), advice);
        None
    }

    /// A client that is handed a session need not bootstrap, and then needs no keys of a subscriber.
    pub(super) fn bootstraps(file: &raw::ProfileFile) -> bool {
        let claim = Need::Bootstraps.as_str();
        file.sessions.is_empty() || file.claims.iter().any(|word| word.value == claim)
    }
}

fn speaks_tls(file: &raw::ProfileFile) -> bool {
    file.tls.is_some() || file.tls_address.is_some()
}

/// Whether a hook installs the keys.
pub(super) fn is_hook(file: &raw::ProfileFile) -> bool {
    file.keys.as_ref().is_some_and(|word| word.value == HOOK)
}
