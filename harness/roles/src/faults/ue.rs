//! Faults of a UE, by where it goes wrong.

pub mod aka;
pub mod akav2;
pub mod bootstrap;
pub mod challenges;
mod decisions;
pub mod gba_2g;
pub mod gba_digest;
pub mod identity;
pub mod integrity;
pub mod keys;
pub mod pki;
pub mod psk;
pub mod renewal;
pub mod requests;
pub mod result;
pub mod session;
pub mod tls;
pub mod tmpi;
pub mod tuak;
pub mod ua;
pub mod ua_fetch;
pub mod ua_keys;
pub mod ua_renewal;
pub mod usim;

use super::{Fault, Seam};
use crate::role::RoleName;

/// Every fault of a UE.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [
        requests::ALL,
        bootstrap::ALL,
        challenges::ALL,
        result::ALL,
        aka::ALL,
        usim::ALL,
        integrity::ALL,
        renewal::ALL,
        ua::ALL,
        ua_fetch::ALL,
        ua_renewal::ALL,
        ua_keys::ALL,
        session::ALL,
        keys::ALL,
        tmpi::ALL,
        akav2::ALL,
        tuak::ALL,
        gba_2g::ALL,
        gba_digest::ALL,
        identity::ALL,
        psk::ALL,
        tls::ALL,
        pki::ALL,
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
