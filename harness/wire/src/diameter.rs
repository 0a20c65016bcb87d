//! Diameter messages and their AVPs (RFC 6733 clauses 3 and 4).
//!
//! ```text
//!  version 1 | length 3 | flags 1 (R P E T) | command 3 | application 4 | hop-by-hop 4 | end-to-end 4
//!  AVPs: code 4 | flags 1 (V M P) | length 3 | vendor 4, if V | data | zeros up to a multiple of 4
//! ```

mod check;
pub mod dictionary;
pub mod notation;

use crate::error::DecodeError;

/// The octets of a header.
pub const HEADER: usize = 20;
/// The longest message that is read; one with a whole GUSS has some 10 KiB.
pub const MOST_OCTETS: usize = 64 * 1024;

/// The flag of a request in a header.
pub const REQUEST: u8 = 0x80;
/// The flag of a message that may go over proxies.
pub const PROXIABLE: u8 = 0x40;
/// The flag of an answer that reports an error of the protocol.
pub const ERROR: u8 = 0x20;
/// The flag of a message that may have been sent before.
pub const RETRANSMITTED: u8 = 0x10;

/// The flag of an AVP with a vendor.
pub const VENDOR: u8 = 0x80;
/// The flag of an AVP whose receiver must know it.
pub const MANDATORY: u8 = 0x40;

/// The seconds between 1900, where the Time of Diameter begins, and 1970 (RFC 6733 clause 4.3.1).
const NTP_TO_UNIX: i64 = 2_208_988_800;
/// The number of seconds after which a Time begins anew.
const ERA: i64 = 1 << 32;

/// A message as it is on the wire.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Packet {
    /// 1 in every message that can be told apart on a connection.
    pub version: u8,
    /// The length field, where it is not the number of octets.
    pub wrong_length: Option<u32>,
    /// R, P, E, T and four reserved bits.
    pub flags: u8,
    /// The command code, 24 bits.
    pub command: u32,
    /// The application.
    pub application: u32,
    /// Ties the answer to the request on one connection.
    pub hop_by_hop: u32,
    /// Ties the answer to the request between its ends.
    pub end_to_end: u32,
    /// The AVPs up to the first that cannot be read.
    pub avps: Vec<Avp>,
    /// What follows them.
    pub rest: Vec<u8>,
}

/// One attribute-value pair.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Avp {
    /// Its code.
    pub code: u32,
    /// V, M, P and five reserved bits.
    pub flags: u8,
    /// The length field, where it is not that of header and data.
    pub wrong_length: Option<u32>,
    /// The vendor, if the flag says that there is one.
    pub vendor: Option<u32>,
    /// The value.
    pub data: Vec<u8>,
    /// What fills it up to a multiple of 4 octets; zeros, if all is right.
    pub padding: Vec<u8>,
}

impl Packet {
    /// A request without AVPs and identifiers.
    pub fn request(command: u32, application: u32) -> Self {
        Self {
            version: 1,
            flags: REQUEST | PROXIABLE,
            command,
            application,
            ..Self::default()
        }
    }

    /// The start of the answer to this request (RFC 6733 clause 6.2): its identifiers, its Session-Id
    /// and whatever proxies have left in it.
    #[must_use]
    pub fn answer(&self) -> Self {
        let is_returned = |avp: &&Avp| {
            avp.vendor.is_none()
                && [dictionary::SESSION_ID, dictionary::PROXY_INFO].contains(&avp.code)
        };
        Self {
            flags: self.flags & PROXIABLE,
            avps: self.avps.iter().filter(is_returned).cloned().collect(),
            wrong_length: None,
            rest: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether it is a request.
    pub fn is_request(&self) -> bool {
        self.flags & REQUEST != 0
    }

    /// The number of octets of the message that begins with these, from its header.
    ///
    /// `MissingData` before the length is there; `BadValue` for another version, and for a length
    /// that no message can have, after which nothing more can be told apart on a connection;
    /// `TooLong` for one beyond [`MOST_OCTETS`].
    pub fn framed_length(start: &[u8]) -> Result<usize, DecodeError> {
        const FIELD: &str = "Diameter header";
        let Some([version, length @ ..]) = start.first_chunk::<4>() else {
            return Err(DecodeError::MissingData(FIELD));
        };
        let bad = |why| Err(DecodeError::BadValue { field: FIELD, why });
        if *version != 1 {
            return bad("the version is not 1");
        }
        let length = be24(*length) as usize;
        if length < HEADER || !length.is_multiple_of(4) {
            return bad("the length is no multiple of 4, or below 20");
        }
        if length > MOST_OCTETS {
            return Err(DecodeError::TooLong(FIELD));
        }
        Ok(length)
    }

    /// Reads a whole message. AVPs are read as far as that can be done.
    ///
    /// `MissingData` for fewer than 20 octets, `TooLong` for more than [`MOST_OCTETS`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DecodeError> {
        const FIELD: &str = "Diameter message";
        if bytes.len() > MOST_OCTETS {
            return Err(DecodeError::TooLong(FIELD));
        }
        let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else {
            return Err(DecodeError::MissingData(FIELD));
        };
        let word = |at: usize| {
            u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
        };
        let length = word(0) & 0x00ff_ffff;
        let (avps, rest) = Avp::list(rest);
        Ok(Self {
            version: header[0],
            wrong_length: (length as usize != bytes.len()).then_some(length),
            flags: header[4],
            command: word(4) & 0x00ff_ffff,
            application: word(8),
            hop_by_hop: word(12),
            end_to_end: word(16),
            avps,
            rest: rest.to_vec(),
        })
    }

    /// Writes back what was read.
    pub fn to_bytes(&self) -> Vec<u8> {
        let body = Avp::list_to_bytes(&self.avps);
        let octets = HEADER + body.len() + self.rest.len();
        let length = self.wrong_length.unwrap_or_else(|| low24(octets));
        let mut bytes = Vec::with_capacity(octets);
        bytes.push(self.version);
        bytes.extend_from_slice(&length.to_be_bytes()[1..]);
        bytes.push(self.flags);
        bytes.extend_from_slice(&self.command.to_be_bytes()[1..]);
        for word in [self.application, self.hop_by_hop, self.end_to_end] {
            bytes.extend_from_slice(&word.to_be_bytes());
        }
        bytes.extend_from_slice(&body);
        bytes.extend_from_slice(&self.rest);
        bytes
    }

    /// Adds an AVP of the dictionary at the end.
    pub fn push(&mut self, avp: Avp) {
        self.avps.push(avp);
    }

    /// The first AVP with this name, wherever it stands; groups are searched in their order.
    pub fn avp(&self, name: &str) -> Option<Avp> {
        self.avps_named(name).into_iter().next()
    }

    /// All AVPs with this name, at any depth.
    pub fn avps_named(&self, name: &str) -> Vec<Avp> {
        let mut found = Vec::new();
        if let Some(info) = dictionary::named(name) {
            search(&self.avps, info, 0, &mut found);
        }
        found
    }

    /// The value of Result-Code, or of Experimental-Result-Code (RFC 6733 clause 7).
    pub fn result(&self) -> Option<u32> {
        let base = self.avp("Result-Code");
        base.or_else(|| self.avp("Experimental-Result-Code"))?
            .number()
    }
}

/// So deep groups are looked into.
const MOST_DEPTH: usize = 16;

fn search(avps: &[Avp], wanted: &dictionary::AvpInfo, depth: usize, found: &mut Vec<Avp>) {
    for avp in avps {
        if avp.is(wanted) {
            found.push(avp.clone());
        }
        let is_group = avp
            .info()
            .is_some_and(|info| info.kind == dictionary::Kind::Grouped);
        if is_group && depth < MOST_DEPTH {
            search(&avp.children(), wanted, depth + 1, found);
        }
    }
}

impl Avp {
    /// An AVP of the dictionary with these octets; the flags are those that it has by rule.
    ///
    /// A name that the dictionary does not have gives AVP 0 of no vendor, which nobody knows.
    pub fn new(name: &str, data: impl Into<Vec<u8>>) -> Self {
        let info = dictionary::named(name);
        let (code, vendor) = info.map_or((0, None), |info| (info.code, info.vendor));
        let flags = info.map_or(MANDATORY, dictionary::AvpInfo::flags);
        Self {
            code,
            flags,
            vendor,
            ..Self::default()
        }
        .with_data(data)
    }

    /// The same with a number of 32 bits as its value.
    pub fn of_number(name: &str, number: u32) -> Self {
        Self::new(name, number.to_be_bytes())
    }

    /// The same with a moment as its value.
    pub fn of_time(name: &str, unix_seconds: i64) -> Self {
        Self::of_number(name, ntp_seconds(unix_seconds))
    }

    /// The same with others as its value.
    pub fn of_group(name: &str, children: &[Self]) -> Self {
        Self::new(name, Self::list_to_bytes(children))
    }

    /// The same AVP with this value and the padding that belongs to it.
    #[must_use]
    pub fn with_data(mut self, data: impl Into<Vec<u8>>) -> Self {
        self.data = data.into();
        self.padding = vec![0; self.data.len().next_multiple_of(4) - self.data.len()];
        self
    }

    /// What the dictionary knows of it.
    pub fn info(&self) -> Option<&'static dictionary::AvpInfo> {
        dictionary::of_code(self.code, self.vendor)
    }

    /// Whether it is this one of the dictionary.
    fn is(&self, info: &dictionary::AvpInfo) -> bool {
        self.code == info.code && self.vendor == info.vendor
    }

    /// The AVPs of a group, up to the first that cannot be read.
    pub fn children(&self) -> Vec<Self> {
        Self::list(&self.data).0
    }

    /// A value of 32 bits.
    pub fn number(&self) -> Option<u32> {
        Some(u32::from_be_bytes(self.data.as_slice().try_into().ok()?))
    }

    /// A Time, in seconds of Unix time. The era is the one that makes it 1968 or later
    /// (RFC 6733 clause 4.3.1, RFC 5905).
    pub fn unix_seconds(&self) -> Option<i64> {
        let seconds = i64::from(self.number()?);
        let era = if seconds & 0x8000_0000 == 0 { ERA } else { 0 };
        Some(seconds + era - NTP_TO_UNIX)
    }

    /// The AVPs at the start of these octets, and what follows them.
    fn list(mut bytes: &[u8]) -> (Vec<Self>, &[u8]) {
        let mut avps = Vec::new();
        while let Some((avp, rest)) = Self::first(bytes) {
            avps.push(avp);
            bytes = rest;
        }
        (avps, bytes)
    }

    /// The AVP at the start of these octets; none where its length does not fit.
    fn first(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (header, rest) = bytes.split_first_chunk::<8>()?;
        let [code @ .., flags, l0, l1, l2] = *header;
        let code = u32::from_be_bytes(code);
        let length = be24([l0, l1, l2]) as usize;
        let (vendor, rest) = if flags & VENDOR == 0 {
            (None, rest)
        } else {
            let (vendor, rest) = rest.split_first_chunk::<4>()?;
            (Some(u32::from_be_bytes(*vendor)), rest)
        };
        let octets = length.checked_sub(bytes.len() - rest.len())?;
        let (data, rest) = rest.split_at_checked(octets)?;
        // The last one of a group may come without its padding.
        let padding = (octets.next_multiple_of(4) - octets).min(rest.len());
        let (padding, rest) = rest.split_at(padding);
        let avp = Self {
            code,
            flags,
            wrong_length: None,
            vendor,
            data: data.to_vec(),
            padding: padding.to_vec(),
        };
        Some((avp, rest))
    }

    /// The octets of these AVPs one after the other.
    pub fn list_to_bytes(avps: &[Self]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for avp in avps {
            let header = if avp.vendor.is_some() { 12 } else { 8 };
            let right = || low24(header + avp.data.len());
            let length = avp.wrong_length.unwrap_or_else(right);
            bytes.extend_from_slice(&avp.code.to_be_bytes());
            bytes.push(avp.flags);
            bytes.extend_from_slice(&length.to_be_bytes()[1..]);
            if let Some(vendor) = avp.vendor {
                bytes.extend_from_slice(&vendor.to_be_bytes());
            }
            bytes.extend_from_slice(&avp.data);
            bytes.extend_from_slice(&avp.padding);
        }
        bytes
    }
}

/// A moment of Unix time as a Time of Diameter.
pub fn ntp_seconds(unix_seconds: i64) -> u32 {
    let seconds = unix_seconds.wrapping_add(NTP_TO_UNIX).rem_euclid(ERA);
    u32::try_from(seconds).unwrap_or(0)
}

fn be24([high, middle, low]: [u8; 3]) -> u32 {
    u32::from_be_bytes([0, high, middle, low])
}

fn low24(octets: usize) -> u32 {
    u32::try_from(octets & 0x00ff_ffff).unwrap_or(0)
}

#[cfg(test)]
mod tests;
