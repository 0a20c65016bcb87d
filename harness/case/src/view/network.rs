//! What elements of the network tell each other: Zh and Zn over Diameter (TS 29.109).

mod keys;
mod sbi;
mod secrets;
mod soap;
mod vectors;

use data_encoding::HEXLOWER;
use gbaspec_wire::diameter::{Avp, Packet, dictionary, notation};

use super::View;
use crate::fact::Value;
use crate::protocol::Protocol;

pub(crate) use secrets::mark;

impl View<'_> {
    pub(crate) fn protocol(&self) -> Option<Value> {
        let bytes = self.transcript.message_bytes(self.index)?;
        Some(Value::word(Protocol::of(bytes).as_str()))
    }

    pub(crate) fn command(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        let name = dictionary::command_name(packet.command, packet.is_request());
        Some(name.map_or_else(|| Value::Text(packet.command.to_string()), Value::word))
    }

    pub(crate) fn application(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        Some(Value::Number(packet.application.into()))
    }

    pub(crate) fn diameter_flags(&self) -> Option<Value> {
        let flags = self.packet.as_ref()?.flags;
        let names = [(0x80, "R"), (0x40, "P"), (0x20, "E"), (0x10, "T")];
        let set = names.iter().filter(|(flag, _)| flags & flag != 0);
        Some(Value::List(
            set.map(|(_, name)| (*name).to_owned()).collect(),
        ))
    }

    pub(crate) fn diameter_result(&self) -> Option<Value> {
        let result = self.packet.as_ref()?.result()?;
        Some(Value::Number(result.into()))
    }

    pub(crate) fn diameter_result_form(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        let base = packet.avp("Result-Code").map(|_| "base");
        let experimental = packet.avp("Experimental-Result");
        let vendor = experimental.map(|group| {
            let inside = group.children();
            let vendor = inside
                .iter()
                .find(|avp| avp.info().is_some_and(|info| info.name == "Vendor-Id"));
            if vendor.and_then(Avp::number) == Some(dictionary::VENDOR_3GPP) {
                "experimental"
            } else {
                "experimental of another vendor"
            }
        });
        Some(Value::word(match (base, vendor) {
            (Some(_), Some(_)) => "both",
            (Some(form), None) | (None, Some(form)) => form,
            (None, None) => return None,
        }))
    }

    /// The class of an answer of either protocol, so that a case can be about both.
    pub(crate) fn answer_outcome(&self) -> Option<Value> {
        let Some(packet) = &self.packet else {
            let status = self.message.status().ok()?;
            return Some(Value::word(if status / 100 == 2 {
                "done"
            } else {
                "refused"
            }));
        };
        let result = packet.result()?;
        Some(Value::word(if result / 1000 == 2 {
            "done"
        } else {
            "refused"
        }))
    }

    /// The values of all AVPs with this name, at any depth.
    pub(crate) fn avp(&self, name: &str) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        let kind = dictionary::named(name)?.kind;
        let mut values: Vec<String> = packet
            .avps_named(name)
            .iter()
            .map(|avp| match kind {
                dictionary::Kind::Grouped => format!("{} octets", avp.data.len()),
                kind => notation::shown(avp, kind),
            })
            .collect();
        match values.len() {
            0 => None,
            1 => values.pop().map(|only| {
                let number = matches!(kind, dictionary::Kind::Number);
                match only.parse() {
                    Ok(value) if number => Value::Number(value),
                    _ => Value::Text(only),
                }
            }),
            _ => Some(Value::List(values)),
        }
    }

    pub(crate) fn avps(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        Some(Value::List(packet.avps.iter().map(name_of).collect()))
    }

    pub(crate) fn first_avp(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        packet.avps.first().map(|avp| Value::Text(name_of(avp)))
    }

    pub(crate) fn failed_avps(&self) -> Option<Value> {
        let failed = self.packet.as_ref()?.avp("Failed-AVP")?;
        Some(Value::List(failed.children().iter().map(name_of).collect()))
    }

    /// Whether the identifier that ties an answer to its request between the ends came back.
    pub(crate) fn end_to_end(&self) -> Option<Value> {
        let packet = self.packet.as_ref()?;
        let request = self.answered()?.packet?;
        let is_same = !packet.is_request() && packet.end_to_end == request.end_to_end;
        Some(Value::word(if is_same { "same" } else { "other" }))
    }

    /// What the peer that sent this message said about itself at the start of the connection.
    fn introduction(&self) -> Option<Packet> {
        let (from, to) = self.ends()?;
        (0..=self.index).rev().find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let packet = view.packet.as_ref()?;
            let is_one = packet.command == dictionary::CAPABILITIES_EXCHANGE;
            (is_one && view.ends()? == (from, to)).then(|| packet.clone())
        })
    }

    pub(crate) fn peer_applications(&self) -> Option<Value> {
        let packet = self.introduction()?;
        let mut found = Vec::new();
        for avp in &packet.avps {
            let name = avp.info().map(|info| info.name);
            let inside = avp.children();
            let value = |wanted: &str| {
                let mut named = inside
                    .iter()
                    .filter(|avp| avp.info().is_some_and(|info| info.name == wanted));
                named.next().and_then(Avp::number)
            };
            match name {
                Some("Auth-Application-Id") => {
                    found.extend(avp.number().map(|id| id.to_string()));
                }
                Some("Vendor-Specific-Application-Id") => {
                    let vendor = value("Vendor-Id").unwrap_or_default();
                    let id = value("Auth-Application-Id").unwrap_or_default();
                    found.push(format!("{vendor}:{id}"));
                }
                _ => {}
            }
        }
        Some(Value::List(found))
    }

    pub(crate) fn peer_vendors(&self) -> Option<Value> {
        let packet = self.introduction()?;
        let vendors = packet.avps_named("Supported-Vendor-Id");
        let numbers = vendors.iter().filter_map(Avp::number);
        Some(Value::List(
            numbers.map(|number| number.to_string()).collect(),
        ))
    }

    pub(crate) fn peer_result(&self) -> Option<Value> {
        Some(Value::Number(self.introduction()?.result()?.into()))
    }

    pub(crate) fn peer_host(&self) -> Option<Value> {
        let host = self.introduction()?.avp("Origin-Host")?;
        Some(Value::escaped(&host.data))
    }
}

/// The name of an AVP, or its code if the dictionary does not have it.
fn name_of(avp: &Avp) -> String {
    let known = avp.info().map(|info| info.name.to_owned());
    known.unwrap_or_else(|| format!("AVP {}", avp.code))
}

/// Octets in hex.
fn hex(octets: &[u8]) -> Value {
    Value::Text(HEXLOWER.encode(octets))
}
