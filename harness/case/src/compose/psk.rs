//! What the harness begins a TLS handshake with a shared key with, and which keys it knows as the
//! server of one (TS 24.109 5.3.3, TS 33.220 H.3).

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{CipherSuite, UaProtocolId};
use gbaspec_crypto::secret::Psk;

use super::{CannotCompose, fill_fixed};
use crate::case::{Case, Connect, PskSpec, ServerName};
use crate::element::Element;
use crate::handshake::{PskClient, PskVersion, identity_parts};
use crate::scene::{Scene, Session, SessionKey};

/// The suite of TLS 1.3 that a near miss is bound to as if it were one of TLS 1.2.
const SUITE_OF_TLS_13: CipherSuite = CipherSuite(0x1301);

/// Two suites that stand for each other where a key is bound to the wrong one.
const OTHER_SUITES: [CipherSuite; 2] = [CipherSuite(0x00ae), CipherSuite(0x00a8)];

/// What a handshake of this case begins with: as the step says, or as a right client would.
pub fn psk_client(
    scene: &Scene,
    case: &Case,
    subscriber: usize,
    version: PskVersion,
    connect: &Connect,
) -> Result<PskClient, CannotCompose> {
    let missing = |missing: &str| CannotCompose {
        missing: missing.to_owned(),
    };
    let session = scene.session(case.session);
    let session = session.ok_or_else(|| missing("a Ua session with its Ks_NAF"))?;
    let identity = match &connect.identity {
        Some(text) => fill_fixed(scene, case, subscriber, text),
        None => scene.psk.identity(&session.btid),
    };
    let suites = match (version, connect.suites.as_slice()) {
        (PskVersion::Tls13, _) => &[SUITE_OF_TLS_13],
        (PskVersion::Tls12, []) => &[scene.psk.suite],
        (PskVersion::Tls12, suites) => suites,
    };
    let key = |suite| near_key(scene, session, connect.key, Bound { version, suite });
    let keys = suites.iter().map(|&suite| Some((suite, key(suite)?)));
    let keys: Option<Vec<_>> = keys.collect();
    Ok(PskClient {
        version,
        identity: identity.into_bytes(),
        server_name: match connect.server_name {
            ServerName::Right => Some(scene.names.naf.clone()),
            ServerName::Absent => None,
        },
        keys: keys.ok_or_else(|| missing("a Ua session whose key is derived, not given"))?,
    })
}

/// The key that a client under test shares with the harness as NAF under this identity: the one of
/// the B-TID in it, however the identity is written (open question U-08).
pub fn psk_of_client(
    scene: &Scene,
    subscriber: usize,
    identity: &[u8],
    version: PskVersion,
    suite: Option<CipherSuite>,
) -> Option<Psk> {
    let protocol = match version {
        PskVersion::Tls12 => UaProtocolId::of_suite(suite?),
        PskVersion::Tls13 => UaProtocolId::PSK_TLS13,
    };
    let (_, btid) = identity_parts(identity);
    let naf = scene.naf_id(Element::Naf, protocol);
    let key = scene.ks_naf(btid, &naf, subscriber)?;
    Some(Psk::from(&key))
}

/// What a key is bound to.
#[derive(Clone, Copy)]
struct Bound {
    version: PskVersion,
    suite: CipherSuite,
}

impl Bound {
    /// The Ua protocol of the handshake.
    fn right(self) -> UaProtocolId {
        match self.version {
            PskVersion::Tls12 => UaProtocolId::of_suite(self.suite),
            PskVersion::Tls13 => UaProtocolId::PSK_TLS13,
        }
    }

    /// The one that a mistake has in its place; none if the mistake is another one.
    fn mistaken(self, spec: PskSpec) -> Option<UaProtocolId> {
        let [other, usual] = OTHER_SUITES;
        Some(match spec {
            PskSpec::OfHttpDigest => UaProtocolId::HTTP_DIGEST,
            PskSpec::LittleEndianSuite => {
                UaProtocolId::of_suite(CipherSuite(self.suite.0.swap_bytes()))
            }
            PskSpec::OfOtherSuite if self.suite == usual => UaProtocolId::of_suite(other),
            PskSpec::OfOtherSuite => UaProtocolId::of_suite(usual),
            PskSpec::OfOtherVersion => match self.version {
                PskVersion::Tls12 => UaProtocolId::PSK_TLS13,
                PskVersion::Tls13 => UaProtocolId::of_suite(self.suite),
            },
            _ => return None,
        })
    }
}

/// The key as the step asks for it; none if a mistake needs what is not known of the session.
fn near_key(scene: &Scene, session: &Session, spec: PskSpec, bound: Bound) -> Option<Psk> {
    let key_for = |protocol| scene.session_key(session, &scene.naf_id(Element::Naf, protocol));
    // A given key stays the same whatever it should be bound to.
    let mistaken = || match session.key {
        SessionKey::Given(_) => None,
        SessionKey::Derived { .. } => key_for(bound.mistaken(spec)?),
    };
    let right = || key_for(bound.right());
    Some(match spec {
        PskSpec::Right => Psk::from(&right()?),
        PskSpec::AsBase64 => Psk::new(BASE64.encode(right()?.expose())),
        PskSpec::AsHex => Psk::new(HEXLOWER.encode(right()?.expose())),
        PskSpec::OfHttpDigest
        | PskSpec::LittleEndianSuite
        | PskSpec::OfOtherSuite
        | PskSpec::OfOtherVersion => Psk::from(&mistaken()?),
    })
}
