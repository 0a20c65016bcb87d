//! Diameter exchanges with a role, as text.

use gbaspec_wire::diameter::{Packet, notation};

use super::world::NOW;
use crate::role::{ConnectionId, Input, Moment, Output, Role, Unanswered, Upstream};

/// The connection of the request that makes a server ask another one.
const EXCHANGE: ConnectionId = ConnectionId(7);

/// The message that the text stands for.
pub(super) fn packet(text: &str) -> Packet {
    notation::parse(text).expect("the notation of Diameter")
}

/// The answer to a request.
pub(super) fn exchange(server: &mut dyn Role, now: Moment, request: &Packet) -> Packet {
    let input = Input::Diameter {
        connection: EXCHANGE,
        message: request,
    };
    match server.handle(now, input).as_slice() {
        [
            Output::Answer {
                connection: EXCHANGE,
                message,
            },
        ] => message.clone(),
        other => panic!("one answer: {other:?}"),
    }
}

/// The AVPs of the answer to the request that the text stands for.
pub(super) fn answer_to(server: &mut dyn Role, request: &str) -> String {
    avps(&exchange(server, NOW, &packet(request)))
}

/// The AVPs of a message as text.
pub(super) fn avps(packet: &Packet) -> String {
    let text = notation::write(packet);
    let (_, avps) = text.split_once('\n').expect("a first line");
    avps.to_owned()
}

/// What a role asks whom, if it asks.
pub(super) fn asked(outputs: &[Output]) -> Option<(Upstream, ConnectionId, Packet)> {
    match outputs {
        [
            Output::Ask {
                connection,
                to,
                message,
            },
        ] => Some((*to, *connection, message.clone())),
        _ => None,
    }
}

/// Hands a role what came of its question.
pub(super) fn tell(
    role: &mut dyn Role,
    now: Moment,
    connection: ConnectionId,
    answer: Result<&Packet, Unanswered>,
) -> Vec<Output> {
    role.handle(now, Input::Asked { connection, answer })
}
