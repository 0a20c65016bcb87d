//! A Diameter message as text: how vectors write one, and how reports show one.
//!
//! ```text
//! Diameter MAR [flags=0x40]                    or `Diameter 303 request`; attributes where something
//! Session-Id: bsf.home1.net;1;2                differs from the rule: command, application, flags,
//! Vendor-Specific-Application-Id:              version, length, hop-by-hop, end-to-end
//!   Vendor-Id: 10415                           a group is indented by two blanks a level
//! User-Name [flags=0x00 length=7]: 0x61        of an AVP: code, vendor, flags, length, padding, nested
//! AVP [code=9999 flags=0x40]: 0x00             one that the dictionary does not have
//! octets: 0x0000                               what stands there instead of AVPs
//! ```
//!
//! `0x` begins octets in hex, for every type; else a number is written in decimals, a Time as an
//! `xs:dateTime` in UTC, an address as such, anything else as text with the escapes of
//! [`crate::escape`].

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};

use super::dictionary::{self, COMMANDS, Kind};
use super::{Avp, PROXIABLE, Packet, REQUEST, VENDOR};
use crate::date;
use crate::escape::{escape, unescape};

/// The word with which the first line begins.
pub const FIRST_WORD: &str = "Diameter ";
/// The name of a line with octets that are no AVP.
const OCTETS: &str = "octets";
/// So many groups may stand in each other where `nested` asks for them.
const MOST_NESTED: u32 = 1000;

/// Why a text is no message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NotationError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for NotationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for NotationError {}

/// Whether a text is meant to be such a message.
pub fn is_notation(text: &str) -> bool {
    text.starts_with(FIRST_WORD)
}

/// Whether a text is meant to be an answer.
pub fn is_answer(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    let name = line.strip_prefix(FIRST_WORD).unwrap_or_default();
    let name = name.split('[').next().unwrap_or_default().trim();
    let is_known = COMMANDS.iter().any(|(.., answer)| name == *answer);
    is_known || name.ends_with(" answer")
}

/// Reads a message.
pub fn parse(text: &str) -> Result<Packet, NotationError> {
    let lines: Vec<Line<'_>> = text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(index, text)| Line {
            number: index + 1,
            depth: (text.len() - text.trim_start().len()) / 2,
            text: text.trim(),
        })
        .collect();
    let Some((first, rest)) = lines.split_first() else {
        return Err(NotationError {
            line: 1,
            what: "there is no message".to_owned(),
        });
    };
    let mut packet = first.message()?;
    let (avps, octets) = group(rest, 0)?;
    packet.avps = avps;
    packet.rest = octets;
    Ok(packet)
}

/// What stands in brackets, each with its value.
type Attributes<'a> = Vec<(&'a str, &'a str)>;

/// One line that is not empty.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: usize,
    depth: usize,
    text: &'a str,
}

/// The AVPs of these lines, of which the first of each has this depth, and the octets behind them.
fn group(lines: &[Line<'_>], depth: usize) -> Result<(Vec<Avp>, Vec<u8>), NotationError> {
    let mut avps = Vec::new();
    let mut octets = Vec::new();
    let mut rest = lines;
    while let Some((line, after)) = rest.split_first() {
        if line.depth != depth {
            return Err(line.error("it is indented too far".to_owned()));
        }
        let children = after.iter().take_while(|child| child.depth > depth).count();
        let (children, after) = after.split_at(children);
        if let Some(value) = line.text.strip_prefix("octets:") {
            octets.extend_from_slice(&line.hex(value.trim())?);
        } else {
            avps.push(line.avp(children, depth)?);
        }
        rest = after;
    }
    Ok((avps, octets))
}

impl Line<'_> {
    fn error(&self, what: String) -> NotationError {
        NotationError {
            line: self.number,
            what,
        }
    }

    fn message(&self) -> Result<Packet, NotationError> {
        let (name, attributes) = self.attributes(self.text)?;
        let name = name.strip_prefix(FIRST_WORD).map(str::trim);
        let name =
            name.ok_or_else(|| self.error("it does not begin with `Diameter`".to_owned()))?;
        let known = COMMANDS
            .iter()
            .find_map(|(command, application, request, answer)| {
                (name == *request || name == *answer).then_some((
                    *command,
                    *application,
                    name == *request,
                ))
            });
        let known = known.or_else(|| {
            let (command, kind) = name.split_once(' ')?;
            let is_request = match kind.trim() {
                "request" => true,
                "answer" => false,
                _ => return None,
            };
            Some((command.parse().ok()?, dictionary::COMMON, is_request))
        });
        let Some((command, application, is_request)) = known else {
            let known = COMMANDS.map(|(_, _, request, answer)| format!("{request}, {answer}"));
            let known = known.join(", ");
            let what = format!("`{name}` is no command; write `303 request`, or one of {known}");
            return Err(self.error(what));
        };
        let mut packet = Packet::request(command, application);
        if !is_request {
            packet.flags &= !REQUEST;
        }
        if application == dictionary::COMMON {
            packet.flags &= !PROXIABLE;
        }
        for (name, value) in attributes {
            let number = self.number(value)?;
            match name {
                "command" => packet.command = number & 0x00ff_ffff,
                "application" => packet.application = number,
                "flags" => packet.flags = self.octet(number)?,
                "version" => packet.version = self.octet(number)?,
                "length" => packet.wrong_length = Some(number & 0x00ff_ffff),
                "hop-by-hop" => packet.hop_by_hop = number,
                "end-to-end" => packet.end_to_end = number,
                _ => return Err(self.error(format!("a message has no attribute `{name}`"))),
            }
        }
        Ok(packet)
    }

    fn avp(&self, children: &[Line<'_>], depth: usize) -> Result<Avp, NotationError> {
        let (head, value) = split_value(self.text)
            .ok_or_else(|| self.error("an AVP is written `Name: value`".to_owned()))?;
        let (name, attributes) = self.attributes(head)?;
        let info = dictionary::named(name);
        if info.is_none() && name != "AVP" {
            let what = format!("the dictionary has no AVP `{name}`; write `AVP [code=1]`");
            return Err(self.error(what));
        }
        let kind = info.map_or(Kind::Octets, |info| info.kind);
        let data = if children.is_empty() {
            self.value(value, kind)?
        } else if value.is_empty() {
            let (children, octets) = group(children, depth + 1)?;
            [Avp::list_to_bytes(&children), octets].concat()
        } else {
            return Err(self.error("a group has no value of its own".to_owned()));
        };
        let mut avp = Avp::new(name, data);
        let mut nested = 0;
        for (name, value) in attributes {
            if name == "padding" {
                avp.padding = self.hex(value)?;
                continue;
            }
            let number = self.number(value)?;
            match name {
                "code" => avp.code = number,
                "vendor" => {
                    avp.vendor = Some(number);
                    avp.flags |= VENDOR;
                }
                "flags" => avp.flags = self.octet(number)?,
                "length" => avp.wrong_length = Some(number & 0x00ff_ffff),
                "nested" if number <= MOST_NESTED => nested = number,
                _ => return Err(self.error(format!("an AVP has no attribute `{name}={value}`"))),
            }
        }
        // Without the flag there is no room for a vendor, and the other way round.
        if avp.flags & VENDOR == 0 {
            avp.vendor = None;
        } else if avp.vendor.is_none() {
            avp.vendor = Some(0);
        }
        for _ in 0..nested {
            let inner = Avp::list_to_bytes(std::slice::from_ref(&avp));
            avp = avp.with_data(inner);
        }
        Ok(avp)
    }

    fn value(&self, value: &str, kind: Kind) -> Result<Vec<u8>, NotationError> {
        if value.starts_with("0x") {
            return self.hex(value);
        }
        let wrong = |what: &str| self.error(format!("`{value}` is no {what}"));
        match kind {
            Kind::Octets | Kind::Text => unescape(value).ok_or_else(|| wrong("text with escapes")),
            Kind::Number => {
                let number: u32 = value.parse().map_err(|_| wrong("number"))?;
                Ok(number.to_be_bytes().to_vec())
            }
            Kind::Time => {
                let seconds = date::parse_utc_date_time(value.as_bytes());
                let seconds = seconds.map_err(|_| wrong("time in UTC"))?;
                Ok(super::ntp_seconds(seconds).to_be_bytes().to_vec())
            }
            Kind::Address => match value.parse().map_err(|_| wrong("address"))? {
                IpAddr::V4(address) => Ok([&[0, 1][..], &address.octets()].concat()),
                IpAddr::V6(address) => Ok([&[0, 2][..], &address.octets()].concat()),
            },
            Kind::Grouped if value.is_empty() => Ok(Vec::new()),
            Kind::Grouped => Err(wrong("group; indent what it holds on the next lines")),
        }
    }

    /// The text before the brackets, and what stands in them.
    fn attributes<'a>(&self, text: &'a str) -> Result<(&'a str, Attributes<'a>), NotationError> {
        let Some((name, rest)) = text.split_once('[') else {
            return Ok((text.trim(), Vec::new()));
        };
        let inside = rest.trim_end().strip_suffix(']');
        let inside = inside.ok_or_else(|| self.error("a bracket is not closed".to_owned()))?;
        let pairs = inside.split_whitespace().map(|pair| {
            let split = pair.split_once('=');
            split.ok_or_else(|| self.error(format!("`{pair}` is no attribute with a value")))
        });
        Ok((name.trim(), pairs.collect::<Result<_, _>>()?))
    }

    fn number(&self, text: &str) -> Result<u32, NotationError> {
        let number = match text.strip_prefix("0x") {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => text.parse(),
        };
        number.map_err(|_| self.error(format!("`{text}` is no number of 32 bits")))
    }

    fn octet(&self, number: u32) -> Result<u8, NotationError> {
        u8::try_from(number).map_err(|_| self.error(format!("{number} is no octet")))
    }

    fn hex(&self, text: &str) -> Result<Vec<u8>, NotationError> {
        let digits = text.strip_prefix("0x").unwrap_or(text);
        let octets = HEXLOWER_PERMISSIVE.decode(digits.as_bytes());
        octets.map_err(|_| self.error(format!("`{text}` is no hex")))
    }
}

/// Name with attributes, and value, of a line; a colon inside of brackets is none.
fn split_value(text: &str) -> Option<(&str, &str)> {
    let from = match (text.find('['), text.find(':')) {
        (Some(bracket), Some(colon)) if bracket < colon => text.find(']')?,
        _ => 0,
    };
    let colon = from + text[from..].find(':')?;
    Some((text[..colon].trim(), text[colon + 1..].trim()))
}

/// Writes a message, each AVP on a line of its own; what the target sent is escaped.
pub fn write(packet: &Packet) -> String {
    let mut text = String::new();
    let name = dictionary::command_name(packet.command, packet.is_request());
    let name = name.map_or_else(
        || {
            let kind = if packet.is_request() {
                "request"
            } else {
                "answer"
            };
            format!("{} {kind}", packet.command)
        },
        str::to_owned,
    );
    let _ = write!(
        text,
        "{FIRST_WORD}{name} [application={} flags={:#04x} hop-by-hop={:#010x} end-to-end={:#010x}",
        packet.application, packet.flags, packet.hop_by_hop, packet.end_to_end
    );
    if packet.version != 1 {
        let _ = write!(text, " version={}", packet.version);
    }
    if let Some(length) = packet.wrong_length {
        let _ = write!(text, " length={length}");
    }
    text.push_str("]\n");
    write_list(&packet.avps, &packet.rest, 0, &mut text);
    text
}

fn write_list(avps: &[Avp], rest: &[u8], depth: usize, text: &mut String) {
    let indent = "  ".repeat(depth);
    for avp in avps {
        let info = avp.info();
        let name = info.map_or("AVP", |info| info.name);
        let _ = write!(text, "{indent}{name}");
        let mut attributes = Vec::new();
        match info {
            None => {
                attributes.push(format!("code={}", avp.code));
                attributes.extend(avp.vendor.map(|vendor| format!("vendor={vendor}")));
                attributes.push(format!("flags={:#04x}", avp.flags));
            }
            Some(info) if info.flags() != avp.flags => {
                attributes.push(format!("flags={:#04x}", avp.flags));
            }
            Some(_) => {}
        }
        let is_padded = (avp.data.len() + avp.padding.len()) % 4 == 0;
        if !is_padded || avp.padding.iter().any(|&octet| octet != 0) {
            attributes.push(format!("padding=0x{}", HEXLOWER.encode(&avp.padding)));
        }
        if !attributes.is_empty() {
            let _ = write!(text, " [{}]", attributes.join(" "));
        }
        text.push(':');
        let kind = info.map_or(Kind::Octets, |info| info.kind);
        if kind == Kind::Grouped && depth < super::MOST_DEPTH {
            text.push('\n');
            let (children, rest) = Avp::list(&avp.data);
            write_list(&children, rest, depth + 1, text);
        } else {
            let _ = writeln!(text, " {}", shown(avp, kind));
        }
    }
    if !rest.is_empty() {
        let _ = writeln!(text, "{indent}{OCTETS}: 0x{}", HEXLOWER.encode(rest));
    }
}

/// The value of an AVP as the notation has it; octets in hex where it is not of its type.
pub fn shown(avp: &Avp, kind: Kind) -> String {
    let hex = || format!("0x{}", HEXLOWER.encode(&avp.data));
    let is_text = |data: &[u8]| {
        let is_printable = |&octet: &u8| (0x20..0x7f).contains(&octet);
        data.iter().all(is_printable) && !data.starts_with(b"0x") && data.trim_ascii() == data
    };
    match kind {
        Kind::Number => avp.number().map_or_else(hex, |number| number.to_string()),
        Kind::Time => avp.unix_seconds().map_or_else(hex, date::utc_date_time),
        Kind::Text => match str::from_utf8(&avp.data) {
            Ok(_) if !avp.data.starts_with(b"0x") && avp.data.trim_ascii() == avp.data => {
                escape(&avp.data)
            }
            _ => hex(),
        },
        Kind::Address => match avp.data.as_slice() {
            [0, 1, octets @ ..] if octets.len() == 4 => {
                let octets: [u8; 4] = octets.try_into().unwrap_or_default();
                IpAddr::from(octets).to_string()
            }
            [0, 2, octets @ ..] if octets.len() == 16 => {
                let octets: [u8; 16] = octets.try_into().unwrap_or_default();
                IpAddr::from(octets).to_string()
            }
            _ => hex(),
        },
        Kind::Octets if is_text(&avp.data) && !avp.data.is_empty() => escape(&avp.data),
        Kind::Octets | Kind::Grouped => hex(),
    }
}
