//! Faults of a NAF, by what they spoil.

pub mod coverage;
pub mod digest;
pub mod identity;
pub mod keys;
pub mod malformed;
pub mod psk;
pub mod renewal;
pub mod replay;
pub mod sbi;
pub mod tls;
pub mod zn;

use super::{Fault, Seam};
use crate::role::RoleName;

/// Every fault of a NAF.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [
        digest::ALL,
        coverage::ALL,
        keys::ALL,
        replay::ALL,
        malformed::ALL,
        identity::ALL,
        renewal::ALL,
        psk::ALL,
        tls::ALL,
        sbi::ALL,
        zn::ALL,
    ]
    .into_iter()
    .flatten()
}

const fn fault(
    id: &'static str,
    requirement: &'static str,
    what: &'static str,
    seam: Seam,
    caught_by: &'static [&'static str],
) -> Fault {
    Fault {
        id,
        role: RoleName::Naf,
        requirement,
        what,
        seam,
        caught_by,
    }
}
