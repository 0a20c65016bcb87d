//! From the raw form of a handshake step to a typed one.

use gbaspec_crypto::kdf::CipherSuite;

use super::Lower;
use crate::case::{Awaits, Case, Connect, StepKind};
use crate::compose;
use crate::element::Element;
use crate::handshake::psk_suites;
use crate::load::problem::did_you_mean;
use crate::load::raw;
use crate::load::resolve::unknown;
use crate::load::vocabulary::{PSK_SPECS, SERVER_NAMES};
use crate::load::yaml::{self, Located};

impl Lower<'_> {
    pub(super) fn connect(&mut self, raw: &raw::Connect) -> Connect {
        if let Some(identity) = &raw.identity {
            for name in compose::unknown_placeholders(&identity.value) {
                let known = compose::all_placeholders().map(|(known, _)| *known);
                let advice = did_you_mean(&name, known);
                let what = format!("unknown placeholder `{{{name}}}`");
                self.problem(yaml::place(self.source, identity), what, advice);
            }
        }
        let suites = raw.suites.iter();
        Connect {
            identity: raw.identity.as_ref().map(|text| text.value.clone()),
            key: self.word(raw.key.as_ref(), "key of a handshake", PSK_SPECS),
            suites: suites.filter_map(|name| self.psk_suite(name)).collect(),
            server_name: self.word(raw.server_name.as_ref(), "server name", SERVER_NAMES),
        }
    }

    fn psk_suite(&mut self, name: &Located<String>) -> Option<CipherSuite> {
        let mut known = psk_suites();
        let found = known.find(|(_, known)| *known == name.value);
        if found.is_none() {
            let known = psk_suites().map(|(_, name)| name);
            let problem = unknown(self.source, name, "suite with a shared key", known);
            self.problems.push(problem);
        }
        found.map(|(suite, _)| suite)
    }

    /// Which steps wait for the end of a handshake: against a server those that follow a `connect`,
    /// against a client those that ask how one ended.
    pub(super) fn find_handshakes(&mut self, case: &mut Case) {
        let is_psk = case.transport.psk_version().is_some();
        let mut follows = false;
        for step in &mut case.steps {
            let place = &step.place;
            match &mut step.kind {
                StepKind::Await(wait) => {
                    let asked = wait.only.iter().chain(&wait.conditions);
                    let asks = asked.into_iter().any(|condition| {
                        let fact = condition.fact.to_string();
                        ["tls.handshake", "tls.end", "tls.alert"].contains(&fact.as_str())
                    });
                    if follows || asks && case.target == Element::Ue {
                        wait.awaits = Awaits::Handshake;
                    }
                    follows = false;
                }
                other => {
                    if follows {
                        let what = "a handshake without an end".to_owned();
                        let advice = "put `given` or `expect` right after `connect`".to_owned();
                        self.problems.push(super::Problem {
                            place: place.clone(),
                            what,
                            advice,
                        });
                    }
                    follows = matches!(other, StepKind::Connect(_));
                    if follows && (case.target != Element::Naf || !is_psk) {
                        let what = "`connect` is a handshake with a NAF under test".to_owned();
                        let advice = "use it with `target: naf` and `transport: psk-tls-1.2` or `psk-tls-1.3`";
                        self.problems.push(super::Problem {
                            place: place.clone(),
                            what,
                            advice: advice.to_owned(),
                        });
                    }
                }
            }
        }
        let is_served = matches!(case.target, Element::Naf | Element::Ue);
        if is_psk && !is_served {
            let what = format!("a {} shares no key in a handshake", case.target);
            let advice = "remove `transport`, or test a naf or a ue".to_owned();
            self.problem(case.place.clone(), what, advice);
        }
    }
}
