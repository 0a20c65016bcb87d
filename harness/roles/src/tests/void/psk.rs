//! What handshakes with a shared key show of a fault.

use gbaspec_crypto::kdf::CipherSuite;

use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::{Action, Input, Role, TlsVersion, Transport};
use crate::tests::world::{NOW, World};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

/// Two suites of TLS 1.2, and TLS 1.3, where the suite does not count.
const CHANNELS: [Option<CipherSuite>; 3] =
    [Some(CipherSuite(0x00a8)), Some(CipherSuite(0x00ae)), None];

const IDENTITIES: [&str; 5] = [
    "3GPP-bootstrapping;I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net",
    "3GPP-bootstrapping;AAAA@bsf.home1.net",
    // A session that has ended.
    "3GPP-bootstrapping;wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net",
    "",
];

pub(super) fn shown_by_naf(naf: &mut dyn Role) -> Vec<Vec<u8>> {
    let mut shown = vec![naf.psk_hint().unwrap_or_default().into_bytes()];
    for identity in IDENTITIES {
        shown.extend(keys(naf, identity.as_bytes()));
    }
    shown
}

pub(super) fn shown_by_ue(policy: &UePolicy) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    let ue = embedded::ue(0, *policy, 4);
    let bsf = embedded::bsf(BsfPolicy::default(), 1);
    let mut world = World::of(ue, bsf, &UaPolicy::default());
    world.run(Action::Bootstrap);
    let mut ue = world.ue;
    for version in [TlsVersion::Tls12, TlsVersion::Tls13] {
        ue.handle(NOW, Input::Reach(Transport::Psk(version)));
        let outputs = ue.handle(NOW, Input::Start(Action::Fetch));
        shown.push(format!("{outputs:?}").into_bytes());
        let offer = ue.psk_offer();
        let identity = offer.as_ref().map(|offer| offer.identity.clone());
        shown.push(format!("{offer:?}").into_bytes());
        shown.extend(keys(&mut ue, &identity.unwrap_or_default()));
    }
    shown
}

/// What this end takes for the key of the identity on each channel.
fn keys(end: &mut dyn Role, identity: &[u8]) -> Vec<Vec<u8>> {
    let answers = CHANNELS.map(|suite| {
        let version = match suite {
            Some(_) => TlsVersion::Tls12,
            None => TlsVersion::Tls13,
        };
        let answer = end.psk(
            NOW,
            &PskHandshake {
                version,
                suite,
                identity,
                hint: None,
            },
        );
        match answer {
            PskAnswer::Key(key) => key.expose().to_vec(),
            other => format!("{other:?}").into_bytes(),
        }
    });
    answers.to_vec()
}
