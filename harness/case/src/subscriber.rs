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
    /// The IMSI that a client without an ISIM has its identities from.
    pub imsi: Option<Imsi>,
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

/// The identity of a USIM, from which a client without an ISIM derives all others (TS 23.003).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imsi {
    digits: String,
    mnc: String,
}

impl Imsi {
    /// An IMSI whose MNC has so many digits, two or three (TS 23.003 2.2); `None` if it is none.
    pub fn new(digits: &str, mnc_digits: u8) -> Option<Self> {
        let is_imsi =
            (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if !is_imsi || !(2..=3).contains(&mnc_digits) {
            return None;
        }
        let mnc = digits.get(3..3 + usize::from(mnc_digits))?.to_owned();
        let digits = digits.to_owned();
        Some(Self { digits, mnc })
    }

    /// Its digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The private identity (TS 23.003 13.3).
    pub fn impi(&self) -> String {
        format!("{}@ims.{}.3gppnetwork.org", self.digits, self.network())
    }

    /// The name of the BSF (TS 23.003 16.2).
    pub fn bsf_fqdn(&self) -> String {
        format!("bsf.{}.pub.3gppnetwork.org", self.network())
    }

    /// The labels of MNC and MCC; an MNC of two digits has a zero before it (TS 23.003 13.2).
    fn network(&self) -> String {
        let mcc = self.digits.get(..3).unwrap_or_default();
        format!("mnc{:0>3}.mcc{mcc}", self.mnc)
    }
}

/// The kinds of subscribers that a case can ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriberKind {
    /// One with a USIM: with Milenage, or with anything where the profile has none of these.
    #[default]
    Usim,
    /// One whose client derives its identities from the IMSI.
    Imsi,
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
            SubscriberKeys::Usim(_) if self.imsi.is_some() => SubscriberKind::Imsi,
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::Imsi;

    #[rstest]
    #[case::mnc_of_two_digits(
        2,
        "001010123456789@ims.mnc001.mcc001.3gppnetwork.org",
        "bsf.mnc001.mcc001.pub.3gppnetwork.org"
    )]
    #[case::mnc_of_three_digits(
        3,
        "001010123456789@ims.mnc010.mcc001.3gppnetwork.org",
        "bsf.mnc010.mcc001.pub.3gppnetwork.org"
    )]
    fn derives_names_from_an_imsi(#[case] mnc: u8, #[case] impi: &str, #[case] bsf: &str) {
        let imsi = Imsi::new("001010123456789", mnc);
        assert_eq!(imsi.as_ref().map(Imsi::impi).as_deref(), Some(impi));
        assert_eq!(imsi.as_ref().map(Imsi::bsf_fqdn).as_deref(), Some(bsf));
    }

    #[rstest]
    #[case::too_short("00101", 2)]
    #[case::letters("00101012345678a", 2)]
    #[case::mnc_of_one_digit("001010123456789", 1)]
    fn refuses_what_is_no_imsi(#[case] digits: &str, #[case] mnc: u8) {
        assert_eq!(Imsi::new(digits, mnc), None);
    }
}
