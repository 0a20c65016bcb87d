//! The faults of an HSS.

mod connection;
mod errors;
mod resync;
mod sbi;
mod vectors;

use super::edit::{change_avp as change, drop_avp as remove, is_avp as is};
use super::{Fault, Seam};
use crate::embedded;
use crate::role::RoleName;

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    let lists = [
        vectors::ALL,
        resync::ALL,
        errors::ALL,
        connection::ALL,
        sbi::ALL,
    ];
    lists.into_iter().flatten()
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
        role: RoleName::Hss,
        requirement,
        what,
        seam,
        caught_by,
    }
}

/// The subscriber that is taken where no other is found.
fn anybody() -> String {
    embedded::SUBSCRIBERS[0].impi.to_owned()
}

/// The identities of the subscribers with Milenage.
fn known() -> impl Iterator<Item = &'static str> {
    embedded::SUBSCRIBERS.iter().map(|known| known.impi)
}
