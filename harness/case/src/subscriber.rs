//! The test subscribers of a profile, and what each of them shares with the home network.

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::gba_2g::Triplet;
use gbaspec_crypto::secret::{DigestPassword, K, Opc, Topc};
use gbaspec_crypto::token::{Amf, Rand, Sqn};
use gbaspec_crypto::tuak::TuakKey;

use crate::load::vocabulary::SUBSCRIBER_KINDS;

/// A test subscriber.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// The private identity.
    pub impi: String,
    /// What it shares with the home network.
    pub keys: SubscriberKeys,
}

/// What a subscriber shares with the home network.
#[derive(Clone, Debug)]
pub enum SubscriberKeys {
    /// The keys of a USIM or ISIM.
    Usim(Usim),
    /// The keys of a SIM (TS 33.220 Annex I).
    Sim(Sim),
    /// A password (TS 33.220 Annex M).
    Digest(DigestPassword),
}

/// The keys of a USIM, and what the home network does with them.
#[derive(Clone, Debug)]
pub struct Usim {
    /// The keys on the card.
    pub card: CardKeys,
    /// The AKA functions with these keys inside.
    pub functions: AkaFunctions,
    /// AMF of vectors that the harness makes.
    pub amf: Amf,
    /// Where the harness's own counter starts when it plays the home network.
    pub start_sqn: Sqn,
}

/// The keys of a SIM.
#[derive(Clone, Debug)]
pub struct Sim {
    /// The keys on the card.
    pub card: CardKeys,
    /// The functions whose outputs give SRES and Kc by conversion (TS 33.102 6.8.1.2).
    pub functions: AkaFunctions,
}

/// The keys on a card, kept so that they can be found and redacted in what a target sends.
#[derive(Clone, Debug)]
pub enum CardKeys {
    /// For Milenage.
    Milenage {
        /// K.
        k: K,
        /// OPc.
        opc: Opc,
    },
    /// For TUAK.
    Tuak {
        /// K.
        k: TuakKey,
        /// `TOPc`.
        topc: Topc,
    },
}

/// The kinds of subscribers that a case can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriberKind {
    /// One with a USIM: with Milenage, or with anything where the profile has none of these.
    #[default]
    Usim,
    /// One with a USIM with TUAK and a K of 128 bits.
    Tuak128,
    /// One with a USIM with TUAK and a K of 256 bits.
    Tuak256,
    /// One with a SIM.
    Sim,
    /// One with a password.
    Digest,
}

impl SubscriberKind {
    /// The name in vectors.
    pub fn as_str(self) -> &'static str {
        SUBSCRIBER_KINDS
            .iter()
            .find(|(_, kind)| *kind == self)
            .map_or("", |(name, _)| name)
    }
}

impl Subscriber {
    /// The kind that the keys make.
    pub fn kind(&self) -> SubscriberKind {
        match &self.keys {
            SubscriberKeys::Usim(usim) => match usim.card {
                CardKeys::Milenage { .. } => SubscriberKind::Usim,
                CardKeys::Tuak {
                    k: TuakKey::Bits128(_),
                    ..
                } => SubscriberKind::Tuak128,
                CardKeys::Tuak {
                    k: TuakKey::Bits256(_),
                    ..
                } => SubscriberKind::Tuak256,
            },
            SubscriberKeys::Sim(_) => SubscriberKind::Sim,
            SubscriberKeys::Digest(_) => SubscriberKind::Digest,
        }
    }

    /// The AKA functions of a USIM.
    pub fn aka(&self) -> Option<&AkaFunctions> {
        self.usim().map(|usim| &usim.functions)
    }

    /// The USIM, if the subscriber has one.
    pub fn usim(&self) -> Option<&Usim> {
        match &self.keys {
            SubscriberKeys::Usim(usim) => Some(usim),
            SubscriberKeys::Sim(_) | SubscriberKeys::Digest(_) => None,
        }
    }

    /// What a SIM makes of this RAND.
    pub fn triplet(&self, rand: Rand) -> Option<Triplet> {
        match &self.keys {
            SubscriberKeys::Sim(sim) => Some(Triplet::from_aka(&sim.functions, rand)),
            SubscriberKeys::Usim(_) | SubscriberKeys::Digest(_) => None,
        }
    }

    /// The password of a subscriber without a card.
    pub fn password(&self) -> Option<&DigestPassword> {
        match &self.keys {
            SubscriberKeys::Digest(password) => Some(password),
            SubscriberKeys::Usim(_) | SubscriberKeys::Sim(_) => None,
        }
    }

    /// The domain of the private identity, the home network's: what follows the @.
    pub fn domain(&self) -> &str {
        self.impi.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// Where the harness's own counter starts; zero where there is none.
    pub fn start_sqn(&self) -> Sqn {
        self.usim().map_or_else(Sqn::default, |usim| usim.start_sqn)
    }

    /// Whether the other has a card of the same sort, or none either.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(&self.keys) == std::mem::discriminant(&other.keys)
    }
}

impl CardKeys {
    /// The octets of each key; not for anything that is written or logged.
    pub fn expose(&self) -> [&[u8]; 2] {
        match self {
            Self::Milenage { k, opc } => [k.expose(), opc.expose()],
            Self::Tuak { k, topc } => {
                let k: &[u8] = match k {
                    TuakKey::Bits128(k) => k.expose(),
                    TuakKey::Bits256(k) => k.expose(),
                };
                [k, topc.expose()]
            }
        }
    }
}
