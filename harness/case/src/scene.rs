//! What a play knows before it begins: names, subscribers with their keys, Ua sessions.

use std::collections::BTreeSet;

use gbaspec_crypto::gba_digest::{HashForm, PasswdForm};
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::btid::BTid;

use crate::case::{Need, SessionChoice, SubscriberChoice};
use crate::element::Element;
use crate::handshake::PskForms;
use crate::subscriber::{Subscriber, SubscriberKind};

/// The scene of a run: everything that the profile and the suite fix before the first case.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Release whose message forms are sent.
    pub release: u8,
    /// Fully qualified names of the elements.
    pub names: Names,
    /// The same with their ports, as they stand in `Host`.
    pub authorities: Names,
    /// The test subscribers, at least one.
    pub subscribers: Vec<Subscriber>,
    /// A subscriber that the target does not know, with keys of its own.
    pub stranger: Subscriber,
    /// How SQN is divided, and delta.
    pub scheme: SqnScheme,
    /// Whether the profile states how SQN is divided.
    pub sqn_division: SqnDivision,
    /// Keys that a NAF or portal under test was provisioned with.
    pub sessions: Vec<Session>,
    /// How `GBA_Digest` is written.
    pub gba_digest: GbaDigestForms,
    /// How handshakes with a shared key are made.
    pub psk: PskForms,
    /// What the profile claims or has.
    pub capabilities: BTreeSet<Need>,
}

/// What TS 33.220 leaves open of `GBA_Digest` (open question U-11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GbaDigestForms {
    /// How passwd becomes the password of the digest.
    pub passwd: PasswdForm,
    /// How H(A1) and RESP enter the derivations.
    pub hashes: HashForm,
}

/// Whether the division of SQN into SEQ and IND is known (open question U-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SqnDivision {
    /// The profile states it.
    Stated,
    /// It is the usual one until something else is known; nothing strict rests on it.
    Assumed,
}

/// Fully qualified domain names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The BSF.
    pub bsf: String,
    /// The NAF.
    pub naf: String,
    /// The PKI portal.
    pub portal: String,
    /// The application server behind an authentication proxy; the proxy is reached under it.
    pub application: String,
    /// Another one behind the same proxy.
    pub second_application: String,
    /// The HSS.
    pub hss: String,
}

impl Names {
    /// The name of this element; a UE has none.
    pub fn of(&self, element: Element) -> &str {
        match element {
            Element::Ue => "",
            Element::Bsf => &self.bsf,
            Element::Naf => &self.naf,
            Element::Portal => &self.portal,
            Element::Proxy | Element::As => &self.application,
            Element::Hss => &self.hss,
        }
    }
}

/// A bootstrapped session that a NAF or portal under test was provisioned with.
#[derive(Clone, Debug)]
pub struct Session {
    /// The bootstrapping transaction identifier.
    pub btid: String,
    /// Where Ks_NAF of the target comes from.
    pub key: SessionKey,
    /// Whether the subscriber may enrol for a certificate, if the profile says so.
    pub enrolment: Option<Enrolment>,
    /// The common name that the portal under test wants in a certification request, if the profile
    /// says so; the private identity otherwise.
    pub subject: Option<String>,
    /// Whether it can be used.
    pub state: SessionState,
    /// The public identities of the subscriber, the default one first, as far as the profile says
    /// them.
    pub public_identities: Vec<String>,
    /// The authorization flags in the subscriber's user security settings.
    pub flags: Vec<String>,
}

/// Whether a session can be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionState {
    /// It can.
    #[default]
    Live,
    /// Its lifetime has ended.
    Expired,
}

/// Where the key of a session comes from.
#[derive(Clone, Debug)]
pub enum SessionKey {
    /// It is given, for whatever connection the target wants it.
    Given(KsNaf),
    /// It is derived for each connection, as it depends on the Ua protocol (TS 33.220 H.3).
    Derived {
        /// The private identity of the subscriber.
        impi: String,
        /// RAND of the bootstrapping run.
        rand: Rand,
    },
}

/// Whether a subscriber may enrol (user security settings of TS 33.221).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enrolment {
    /// The portal issues a certificate.
    Allowed,
    /// The portal refuses (TS 24.109 E.4).
    Refused,
}

impl Session {
    fn is_live_and(&self, enrolment: Enrolment) -> bool {
        self.state == SessionState::Live && self.enrolment == Some(enrolment)
    }
}

impl Scene {
    /// The subscriber of a message, seen from the one that the play was given.
    pub fn subscriber(&self, first: usize, choice: SubscriberChoice) -> &Subscriber {
        match choice {
            SubscriberChoice::First => self.subscribers.get(first).unwrap_or(&self.stranger),
            SubscriberChoice::Second => self.second(first).unwrap_or(&self.stranger),
            SubscriberChoice::Unknown => &self.stranger,
        }
    }

    /// The next one after the first that has the same sort of keys; the first itself if there is no
    /// other.
    fn second(&self, first: usize) -> Option<&Subscriber> {
        let own = self.subscribers.get(first)?;
        let others = self.subscribers.iter().cycle().skip(first + 1);
        others
            .take(self.subscribers.len())
            .find(|other| other.is_like(own))
    }

    /// The subscribers that cases of the usual kind are played for (indices): those with Milenage,
    /// or if there is none, those with any USIM.
    pub fn usims(&self) -> Vec<usize> {
        let of = |is_wanted: fn(&Subscriber) -> bool| {
            let all = self.subscribers.iter().enumerate();
            let wanted = all.filter(|(_, subscriber)| is_wanted(subscriber));
            wanted.map(|(index, _)| index).collect::<Vec<_>>()
        };
        let usual = of(|subscriber| subscriber.kind() == SubscriberKind::Usim);
        if usual.is_empty() {
            return of(|subscriber| subscriber.usim().is_some());
        }
        usual
    }

    /// The first subscriber of this kind (index).
    pub fn first_of(&self, kind: SubscriberKind) -> Option<usize> {
        if kind == SubscriberKind::Usim {
            return self.usims().first().copied();
        }
        self.subscribers
            .iter()
            .position(|subscriber| subscriber.kind() == kind)
    }

    /// The subscriber with this private identity.
    pub fn subscriber_named(&self, impi: &[u8]) -> Option<&Subscriber> {
        self.subscribers
            .iter()
            .chain([&self.stranger])
            .find(|subscriber| subscriber.impi.as_bytes() == impi)
    }

    /// The Ua session that a case uses.
    pub fn session(&self, choice: SessionChoice) -> Option<&Session> {
        let is_wanted = |session: &&Session| match choice {
            SessionChoice::Any => session.state == SessionState::Live,
            SessionChoice::Refused => session.is_live_and(Enrolment::Refused),
            SessionChoice::Allowed => session.is_live_and(Enrolment::Allowed),
            SessionChoice::Expired => session.state == SessionState::Expired,
        };
        self.sessions.iter().find(is_wanted)
    }

    /// Ks_NAF of this B-TID for this NAF: provisioned, or derived where the harness is the BSF and the
    /// subscriber is its own (TS 33.220 B.3).
    pub fn ks_naf(&self, btid: &[u8], naf: &NafId, first: usize) -> Option<KsNaf> {
        if let Some(session) = self
            .sessions
            .iter()
            .find(|known| known.btid.as_bytes() == btid)
        {
            return self.session_key(session, naf);
        }
        let rand = Rand::from(BTid::decode(btid).ok()?.rand().ok()?);
        let subscriber = self.subscribers.get(first)?;
        derived_ks_naf(subscriber, rand, naf)
    }

    /// Ks_NAF of a session for this NAF.
    pub fn session_key(&self, session: &Session, naf: &NafId) -> Option<KsNaf> {
        match &session.key {
            SessionKey::Given(key) => Some(key.clone()),
            SessionKey::Derived { impi, rand } => {
                let subscriber = self.subscriber_named(impi.as_bytes())?;
                derived_ks_naf(subscriber, *rand, naf)
            }
        }
    }

    /// What the keys for this element are derived with on a connection of this Ua protocol.
    pub fn naf_id(&self, at: Element, protocol: UaProtocolId) -> NafId {
        NafId::new(self.names.of(at), protocol)
    }

    /// The same for a request with this Host: an authentication proxy has a key for each server
    /// behind it (TS 24.109 Annex D.2).
    pub fn naf_id_of_host(&self, at: Element, host: &str, protocol: UaProtocolId) -> NafId {
        NafId::new(self.name_under(at, host), protocol)
    }

    /// The name under which an element is asked by a request with this Host.
    pub fn name_under(&self, at: Element, host: &str) -> &str {
        let second = &self.names.second_application;
        if at == Element::Proxy && host == second {
            return second;
        }
        self.names.of(at)
    }

    /// The first need that the profile does not meet.
    pub fn unmet<'a>(&self, needs: impl IntoIterator<Item = &'a Need>) -> Option<Need> {
        needs
            .into_iter()
            .copied()
            .find(|need| !self.capabilities.contains(need))
    }
}

/// Ks_NAF from the key of a USIM and the RAND of the bootstrapping run; none without a USIM.
pub fn derived_ks_naf(subscriber: &Subscriber, rand: Rand, naf: &NafId) -> Option<KsNaf> {
    let functions = subscriber.aka()?;
    let ks = kdf::ks(&functions.f3(rand), &functions.f4(rand));
    Some(kdf::ks_naf(&ks, rand, &subscriber.impi, naf))
}

/// `Ks_int_NAF` of the same run, for a card that can make it.
pub fn derived_ks_int_naf(subscriber: &Subscriber, rand: Rand, naf: &NafId) -> Option<KsNaf> {
    let functions = subscriber.aka()?;
    let ks = kdf::ks(&functions.f3(rand), &functions.f4(rand));
    Some(kdf::ks_int_naf(&ks, rand, &subscriber.impi, naf))
}

/// The Ua security protocol of an element outside of TLS (TS 33.220 H.3).
pub fn ua_protocol(element: Element) -> UaProtocolId {
    match element {
        Element::Portal => UaProtocolId::PKI_PORTAL,
        _ => UaProtocolId::HTTP_DIGEST,
    }
}
