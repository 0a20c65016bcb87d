//! The faults of an HSS.

mod connection;
mod errors;
mod resync;
mod sbi;
mod vectors;

use gbaspec_wire::diameter::{Avp, Packet};

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

/// Whether it is the AVP with this name.
fn is(avp: &Avp, name: &str) -> bool {
    avp.info().is_some_and(|info| info.name == name)
}

/// Puts other octets into the AVPs of this name, at the top of a message or in a group there.
fn change(packet: &mut Packet, name: &str, change: impl Fn(&[u8]) -> Vec<u8>) {
    for avp in &mut packet.avps {
        if is(avp, name) {
            *avp = avp.clone().with_data(change(&avp.data));
        } else if is(avp, "SIP-Auth-Data-Item") || is(avp, "Vendor-Specific-Application-Id") {
            let mut children = avp.children();
            for child in children.iter_mut().filter(|child| is(child, name)) {
                *child = child.clone().with_data(change(&child.data));
            }
            *avp = avp.clone().with_data(Avp::list_to_bytes(&children));
        }
    }
}

/// Takes the AVPs of this name out of a message.
fn remove(packet: &mut Packet, name: &str) {
    packet.avps.retain(|avp| !is(avp, name));
}
