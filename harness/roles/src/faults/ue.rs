//! Faults of a UE, by where it goes wrong.

pub mod aka;
pub mod akav2;
pub mod bootstrap;
mod decisions;
pub mod gba_2g;
pub mod gba_digest;
pub mod identity;
pub mod renewal;
pub mod tmpi;
pub mod ua;

use super::{Fault, Seam};
use crate::role::RoleName;

/// Every fault of a UE.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [
        bootstrap::ALL,
        aka::ALL,
        renewal::ALL,
        ua::ALL,
        tmpi::ALL,
        akav2::ALL,
        gba_2g::ALL,
        gba_digest::ALL,
        identity::ALL,
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
        role: RoleName::Ue,
        requirement,
        what,
        seam,
        caught_by,
    }
}
