//! What is wrong with a message that could be read nevertheless.

use super::dictionary::{AvpInfo, Kind};
use super::{Avp, ERROR, MANDATORY, MOST_DEPTH, Packet, REQUEST, RETRANSMITTED, VENDOR};
use crate::error::{Deviation, DeviationKind, Deviations};

const HEADER: &str = "Diameter header";
/// The family of IPv4 in an Address, and of IPv6 (RFC 6733 clause 4.3.1).
const FAMILIES: [(u16, usize); 2] = [(1, 4), (2, 16)];

impl Packet {
    /// The departures from RFC 6733 clauses 3 and 4, and from the dictionary.
    pub fn deviations(&self) -> Vec<Deviation> {
        let mut found = Deviations::default();
        let mut note = |rule, bytes: &[u8]| {
            found.note(DeviationKind::BadHeader, HEADER, rule, bytes);
        };
        let length = self.wrong_length.map(u32::to_be_bytes);
        if let Some(length) = length {
            note("the length is that of the message (RFC 6733 3)", &length);
        } else if self.version != 1 {
            note("the version is 1 (RFC 6733 3)", &[self.version]);
        } else if self.flags & 0x0f != 0 {
            note("reserved flags are zero (RFC 6733 3)", &[self.flags]);
        } else if self.is_request() && self.flags & ERROR != 0 {
            note("a request has no E flag (RFC 6733 3)", &[self.flags]);
        } else if !self.is_request() && self.flags & RETRANSMITTED != 0 {
            note(
                "an answer has no T flag (RFC 6733 3)",
                &[self.flags & !REQUEST],
            );
        }
        check_list(&self.avps, &self.rest, 0, &mut found);
        found.into_vec()
    }
}

fn check_list(avps: &[Avp], rest: &[u8], depth: usize, found: &mut Deviations) {
    for avp in avps {
        check(avp, depth, found);
    }
    if !rest.is_empty() {
        let rule = "its length covers header and data, and ends where its surroundings do \
                    (RFC 6733 4.1)";
        found.note(DeviationKind::BadAvpLength, "AVP", rule, rest);
    }
}

fn check(avp: &Avp, depth: usize, found: &mut Deviations) {
    let info = avp.info();
    let name = info.map_or("AVP", |info| info.name);
    let is_filled = (avp.data.len() + avp.padding.len()).is_multiple_of(4);
    if avp.padding.iter().any(|&octet| octet != 0) || !is_filled {
        let rule = "zeros fill it up to a multiple of 4 octets (RFC 6733 4.1)";
        found.note(DeviationKind::BadPadding, name, rule, &avp.padding);
    }
    // The P flag has no meaning any more, and is one of no harm (RFC 6733 4.1).
    if avp.flags & 0x1f != 0 {
        let rule = "reserved flags are zero (RFC 6733 4.1)";
        found.note(DeviationKind::BadAvpFlags, name, rule, &[avp.flags]);
    }
    let Some(info) = info else {
        if avp.flags & MANDATORY != 0 {
            let rule = "an AVP that nobody knows has no M flag (RFC 6733 4.1)";
            let code = avp.code.to_be_bytes();
            found.note(DeviationKind::UnknownAvp, name, rule, &code);
        }
        return;
    };
    if (avp.flags ^ info.flags()) & (VENDOR | MANDATORY) != 0 && info.must_be_known {
        let rule = "V and M are set as its specification says";
        found.note(DeviationKind::BadAvpFlags, name, rule, &[avp.flags]);
    }
    if !has_right_form(avp, info) {
        let rule = "its data has the form of its type (RFC 6733 4.2, 4.3)";
        found.note(DeviationKind::BadAvpData, name, rule, &avp.data);
    }
    if info.kind == Kind::Grouped && depth < MOST_DEPTH {
        let (children, rest) = Avp::list(&avp.data);
        check_list(&children, rest, depth + 1, found);
    }
}

fn has_right_form(avp: &Avp, info: &AvpInfo) -> bool {
    match info.kind {
        Kind::Number | Kind::Time => avp.data.len() == 4,
        Kind::Text => str::from_utf8(&avp.data).is_ok(),
        Kind::Address => avp.data.split_first_chunk().is_some_and(|(family, rest)| {
            let family = u16::from_be_bytes(*family);
            let known = FAMILIES.iter().find(|(known, _)| *known == family);
            known.is_none_or(|(_, octets)| rest.len() == *octets)
        }),
        Kind::Octets | Kind::Grouped => true,
    }
}
