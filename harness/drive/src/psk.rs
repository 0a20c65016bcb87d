//! Handshakes with shared keys between cases, roles and TLS: who is asked for a key, and in which
//! form each side names things.

#[cfg(all(test, feature = "tls"))]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use gbaspec_case::case::Case;
use gbaspec_case::compose::psk_of_client;
use gbaspec_case::handshake::{PskClient, PskVersion, psk_suites};
use gbaspec_case::scene::Scene;
use gbaspec_roles::psk::{PskAnswer, PskHandshake, PskOffer};
use gbaspec_roles::{Role, TlsVersion};

use crate::host::now;
use crate::tls::{Keys, PskAcceptor, PskConnector};

/// The hint that the harness gives as a NAF (TS 24.109 5.3.3.1).
const HINT: &str = "3GPP-bootstrapping";

/// The side of a handshake that a case wants of the harness as a client.
pub(crate) fn connector_of(client: &PskClient) -> PskConnector {
    let keys: BTreeMap<_, _> = client.keys.iter().cloned().collect();
    let any = client.keys.first().map(|(_, key)| key.clone());
    PskConnector {
        version: role_version(client.version),
        offer: PskOffer {
            identity: client.identity.clone(),
            server_name: client.server_name.clone(),
            suites: client.keys.iter().map(|(suite, _)| *suite).collect(),
        },
        keys: Arc::new(move |handshake| {
            let key = match handshake.suite {
                Some(suite) => keys.get(&suite),
                // In TLS 1.3 one key serves all suites.
                None => any.as_ref(),
            };
            key.cloned().map_or(PskAnswer::Unknown, PskAnswer::Key)
        }),
    }
}

/// The side of the harness as a NAF towards a client under test: it shares the keys of the sessions
/// of this subscriber, as the home network would derive them.
pub(crate) fn acceptor_for(
    scene: &Scene,
    subscriber: usize,
    version: PskVersion,
    case: &Case,
) -> PskAcceptor {
    let scene = scene.clone();
    let known = psk_suites().filter(|(_, name)| case.suites.iter().any(|suite| suite == name));
    let suites = known.map(|(suite, _)| suite).collect();
    PskAcceptor {
        version: Some(role_version(version)),
        suites,
        hint: Some(HINT.to_owned()),
        keys: Arc::new(move |handshake| {
            let PskHandshake {
                identity, suite, ..
            } = *handshake;
            let key = psk_of_client(&scene, subscriber, identity, version, suite);
            key.map_or(PskAnswer::Unknown, PskAnswer::Key)
        }),
    }
}

/// The side of a role that is a server, in either version.
pub(crate) fn acceptor_of(role: &Arc<Mutex<Box<dyn Role>>>) -> PskAcceptor {
    let asked = Arc::clone(role);
    // A role is sound after a panic of another connection: its stores change in whole steps.
    let hint = role
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .psk_hint();
    PskAcceptor {
        version: None,
        suites: Vec::new(),
        hint,
        keys: Arc::new(move |handshake| {
            let mut role = asked.lock().unwrap_or_else(PoisonError::into_inner);
            role.psk(now(), handshake)
        }),
    }
}

/// The side of a role that is a client; none if it has no key to share. It is asked for the keys of
/// all suites beforehand, as nobody else may hold it during the handshake.
pub(crate) fn connector_of_role(role: &mut dyn Role, version: TlsVersion) -> Option<PskConnector> {
    let offer = role.psk_offer()?;
    let of_1_2 = offer.suites.iter().map(|suite| Some(*suite));
    let suites: Vec<_> = match version {
        TlsVersion::Tls12 => of_1_2.collect(),
        TlsVersion::Tls13 => vec![None],
    };
    let mut answers = BTreeMap::new();
    for suite in suites {
        let handshake = PskHandshake {
            version,
            suite,
            identity: &offer.identity,
            hint: None,
        };
        answers.insert(suite, role.psk(now(), &handshake));
    }
    let keys: Keys = Arc::new(move |handshake| {
        let answer = answers.get(&handshake.suite).cloned();
        answer.unwrap_or(PskAnswer::Unknown)
    });
    Some(PskConnector {
        version,
        offer,
        keys,
    })
}

/// The version as roles name it.
pub(crate) fn role_version(version: PskVersion) -> TlsVersion {
    match version {
        PskVersion::Tls12 => TlsVersion::Tls12,
        PskVersion::Tls13 => TlsVersion::Tls13,
    }
}
