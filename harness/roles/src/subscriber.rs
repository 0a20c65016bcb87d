//! A subscriber as the home network knows it.

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::secret::DigestPassword;
use gbaspec_crypto::token::{Amf, Sqn};
use gbaspec_wire::digest_header::Algorithm;

/// One entry of the in-memory authentication centre behind the BSF.
pub struct Subscriber {
    /// The private identity, e.g. `user1_private@home1.net` (TS 23.003 clause 13.3).
    pub impi: String,
    /// What the subscriber shares with the home network.
    pub keys: SubscriberKeys,
}

/// What a subscriber and the home network share.
pub enum SubscriberKeys {
    /// The keys of a USIM or ISIM.
    Usim {
        /// The functions f1 to f5* with the subscriber's K inside.
        functions: AkaFunctions,
        /// The authentication management field put into every AUTN (TS 33.102 Annex F).
        amf: Amf,
        /// The sequence number of the last vector handed out; the next vector uses the one after
        /// it (TS 33.102 clause C.1.1.2).
        last_sqn: Sqn,
        /// The algorithms that this subscriber is offered, in the order of the message; `None`
        /// where they are those that the BSF offers to everybody.
        algorithms: Option<Vec<Algorithm>>,
    },
    /// The keys of a SIM, as the functions whose outputs give SRES and Kc by conversion
    /// (TS 33.102 clause 6.8.1.2).
    Sim(AkaFunctions),
    /// A password (TS 33.220 Annex M).
    Digest(DigestPassword),
}

/// Which way of bootstrapping a subscriber can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriberKind {
    /// Digest AKA (TS 24.109 clause 4.2).
    Usim,
    /// 2G GBA (TS 24.109 Annex H).
    Sim,
    /// `GBA_Digest` (TS 24.109 Annex I).
    Digest,
}

impl Subscriber {
    /// A subscriber with a USIM, who is offered what the BSF offers to everybody.
    pub fn usim(impi: &str, functions: AkaFunctions, amf: Amf, last_sqn: Sqn) -> Self {
        Subscriber {
            impi: impi.to_owned(),
            keys: SubscriberKeys::Usim {
                functions,
                amf,
                last_sqn,
                algorithms: None,
            },
        }
    }
}
