//! Faults of a BSF that tells NAFs their keys.

mod connection;
mod errors;
mod keys;
mod malformed;

use gbaspec_wire::diameter::Packet;
use gbaspec_wire::diameter::dictionary::BOOTSTRAPPING_INFO;

use super::fault;
use crate::faults::Fault;

/// All of them.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    let lists = [keys::ALL, errors::ALL, malformed::ALL, connection::ALL];
    lists.into_iter().flatten()
}

/// Whether it is an answer to a question of a NAF.
fn is_answer(packet: &Packet) -> bool {
    packet.command == BOOTSTRAPPING_INFO && !packet.is_request()
}
