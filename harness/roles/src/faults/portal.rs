//! Faults of a PKI portal, by what they spoil.

pub mod ca;
pub mod certificates;
pub mod enrolment;
pub mod keys;
pub mod tls;

use super::{Fault, Seam};
use crate::role::RoleName;

/// Every fault of a PKI portal.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [
        enrolment::ALL,
        certificates::ALL,
        ca::ALL,
        tls::ALL,
        keys::ALL,
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
        role: RoleName::Portal,
        requirement,
        what,
        seam,
        caught_by,
    }
}
