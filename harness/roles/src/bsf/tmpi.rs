//! Temporary private identities at a BSF (TS 33.220 clause 4.5.2).

use std::collections::BTreeMap;

use super::{Home, RefusalReason};
use crate::store::SubscriberStore;
use crate::ub::tmpi::is_tmpi;

/// The present TMPI of each private identity.
#[derive(Default)]
pub struct TmpiStore {
    by_impi: BTreeMap<String, String>,
}

impl TmpiStore {
    /// The TMPI of a private identity.
    pub fn tmpi(&self, impi: &str) -> Option<&str> {
        self.by_impi.get(impi).map(String::as_str)
    }

    /// The private identity behind a TMPI.
    pub fn impi(&self, tmpi: &str) -> Option<&str> {
        self.by_impi
            .iter()
            .find(|(_, known)| *known == tmpi)
            .map(|(impi, _)| impi.as_str())
    }

    /// Puts a TMPI, or none, in the place of the one before.
    pub(super) fn replace(&mut self, impi: &str, tmpi: Option<String>) {
        match tmpi {
            Some(tmpi) => self.by_impi.insert(impi.to_owned(), tmpi),
            None => self.by_impi.remove(impi),
        };
    }
}

/// What a decision on the identity of a client looks at.
#[derive(Clone, Copy)]
pub struct IdentityFacts<'a> {
    /// The username of the credentials.
    pub username: &'a str,
    /// The subscribers.
    pub subscribers: &'a SubscriberStore,
    /// Their TMPIs.
    pub tmpis: &'a TmpiStore,
    /// Where the subscribers are.
    pub home: &'a Home,
}

/// The default of [`super::BsfPolicy::identify`]: the form of the username says whether it is a
/// TMPI; one that nobody has is an error and no reason for a challenge.
pub fn identify(facts: &IdentityFacts<'_>) -> Result<String, RefusalReason> {
    if is_tmpi(facts.username) {
        return facts
            .tmpis
            .impi(facts.username)
            .map(str::to_owned)
            .ok_or(RefusalReason::UnknownTmpi);
    }
    let is_known = match facts.home {
        Home::Local => facts.subscribers.record(facts.username).is_some(),
        // Whether there is one, the HSS knows.
        Home::Diameter(_) | Home::Sbi(_) => !facts.username.is_empty(),
    };
    if is_known {
        Ok(facts.username.to_owned())
    } else {
        Err(RefusalReason::UnknownIdentity)
    }
}
