//! The subscribers of the reference peers who do not have a USIM with Milenage.
//!
//! | private identity          | holds                                                     |
//! |---------------------------|-----------------------------------------------------------|
//! | `user5_private@home1.net` | a USIM with TUAK, K of 128 bits, RES of 4 octets: TUAK-1  |
//! | `user6_private@home1.net` | a USIM with TUAK, K of 256 bits, RES of 16 octets: TUAK-5 |
//! | `user7_private@home1.net` | a SIM with K and `OPc` of set 1 of TS 35.207              |
//! | `user8_private@home1.net` | a password                                                |

use std::num::NonZeroU8;

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::secret::{DigestPassword, K, K256, Topc};
use gbaspec_crypto::token::{Amf, Sqn};
use gbaspec_crypto::tuak::{ResLength, Tuak, TuakKey};

use super::{SUBSCRIBERS, step_before, usim_after};
use crate::subscriber::{Subscriber, SubscriberKeys};
use crate::ue::UeKeys;

/// A subscriber of the reference peers who does not have a USIM with Milenage.
#[derive(Clone, Copy)]
pub struct SpecialSubscriber {
    /// The private identity.
    pub impi: &'static str,
    holds: Holds,
}

#[derive(Clone, Copy)]
enum Holds {
    Tuak {
        key: TestKey,
        topc: [u128; 2],
        res: ResLength,
        sqn: u64,
        amf: u16,
    },
    Sim,
    Password(&'static str),
}

#[derive(Clone, Copy)]
enum TestKey {
    Bits128(u128),
    Bits256([u128; 2]),
}

/// The four subscribers, in the order of their numbers.
pub const SPECIAL: [SpecialSubscriber; 4] = [
    SpecialSubscriber {
        impi: "user5_private@home1.net",
        holds: Holds::Tuak {
            key: TestKey::Bits128(0xabab_abab_abab_abab_abab_abab_abab_abab),
            topc: [
                0xbd04_d953_0e87_513c_5d83_7ac2_ad95_4623,
                0xa8e2_330c_1153_05a7_3eb4_5d1f_40cc_cbff,
            ],
            res: ResLength::Bits32,
            sqn: 0x1111_1111_1111,
            amf: 0xffff,
        },
    },
    SpecialSubscriber {
        impi: "user6_private@home1.net",
        holds: Holds::Tuak {
            key: TestKey::Bits256([
                0x1574_ca56_881d_05c1_89c8_2880_f789_c9cd,
                0x4244_955f_4426_aa2b_69c2_9f15_770e_5aa5,
            ]),
            topc: [
                0x3c60_52e4_1532_a28a_47aa_3cbb_89f2_23e8,
                0xf3aa_a976_aecd_48bc_3e7d_6165_a55e_ff62,
            ],
            res: ResLength::Bits128,
            sqn: 0xc89b_b71f_3a41,
            amf: 0x297d,
        },
    },
    SpecialSubscriber {
        impi: "user7_private@home1.net",
        holds: Holds::Sim,
    },
    SpecialSubscriber {
        impi: "user8_private@home1.net",
        holds: Holds::Password("correct horse battery staple"),
    },
];

impl SpecialSubscriber {
    /// The subscriber as the authentication centre has it.
    pub fn subscriber(&self) -> Subscriber {
        let impi = self.impi.to_owned();
        let keys = match self.holds {
            Holds::Tuak { sqn, amf, .. } => {
                let last_sqn = step_before(sqn_of(sqn));
                let amf = Amf::from(amf.to_be_bytes());
                return Subscriber::usim(self.impi, self.functions(), amf, last_sqn);
            }
            Holds::Sim => SubscriberKeys::Sim(self.functions()),
            Holds::Password(password) => SubscriberKeys::Digest(DigestPassword::new(password)),
        };
        Subscriber { impi, keys }
    }

    /// What the UE of the subscriber has. A USIM has accepted the SQN before the one of the set.
    pub fn ue_keys(&self) -> UeKeys {
        match self.holds {
            Holds::Tuak { sqn, .. } => UeKeys::Usim {
                functions: self.functions(),
                usim: usim_after(step_before(sqn_of(sqn))),
            },
            Holds::Sim => UeKeys::Sim(self.functions()),
            Holds::Password(password) => UeKeys::Digest(DigestPassword::new(password)),
        }
    }

    /// The functions of the card; those of set 1 of TS 35.207 where there is none with TUAK.
    fn functions(&self) -> AkaFunctions {
        let Holds::Tuak { key, topc, res, .. } = self.holds else {
            return SUBSCRIBERS[0].functions();
        };
        let key = match key {
            TestKey::Bits128(k) => TuakKey::Bits128(K::new(k.to_be_bytes())),
            TestKey::Bits256(halves) => TuakKey::Bits256(K256::new(joined(halves))),
        };
        let topc = Topc::new(joined(topc));
        AkaFunctions::Tuak(Tuak::new(key, topc, NonZeroU8::MIN, res))
    }
}

fn joined(halves: [u128; 2]) -> [u8; 32] {
    let mut octets = [0; 32];
    octets[..16].copy_from_slice(&halves[0].to_be_bytes());
    octets[16..].copy_from_slice(&halves[1].to_be_bytes());
    octets
}

fn sqn_of(sqn: u64) -> Sqn {
    let [_, _, octets @ ..] = sqn.to_be_bytes();
    Sqn::from_bytes(octets)
}
