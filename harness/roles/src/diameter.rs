//! What every element that speaks Diameter does alike: it checks requests, and it writes the frames
//! of requests and answers (RFC 6733 clauses 6, 7 and 8, TS 29.109).

use gbaspec_wire::diameter::dictionary::{self, Kind, VENDOR_3GPP};
use gbaspec_wire::diameter::{Avp, ERROR, MANDATORY, Packet};

use crate::role::Moment;

/// The Result-Code of success (RFC 6733 clause 7.1.2).
pub const SUCCESS: u32 = 2001;
/// The identity is unknown (TS 29.109 clause 6.2, `DIAMETER_ERROR_IDENTITY_UNKNOWN`).
pub const IDENTITY_UNKNOWN: u32 = 5401;
/// The NAF may not have the key (TS 29.109 clause 6.2, `DIAMETER_ERROR_NOT_AUTHORIZED`).
pub const NOT_AUTHORIZED: u32 = 5402;
/// The transaction identifier is unknown or its lifetime has ended (TS 29.109 clause 6.2,
/// `DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID`).
pub const TRANSACTION_IDENTIFIER_INVALID: u32 = 5403;

/// `NO_STATE_MAINTAINED` (RFC 6733 clause 8.11).
const NO_STATE: u32 = 1;
/// So deep groups are looked into.
const MOST_DEPTH: usize = 8;

/// The scheme of Digest AKA over Zh, for which a vector is the answer.
pub const AKA_SCHEME: &str = "Digest-AKAv1-MD5";
/// The scheme of HTTP digest over Zh, for which H(A1) is the answer.
pub const DIGEST_SCHEME: &str = "SIP Digest";

/// The names of an element on Diameter connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The name of the element itself, its Origin-Host.
    pub host: String,
    /// The domain that it belongs to, its Origin-Realm.
    pub realm: String,
}

/// One command of an application, as a server offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The application.
    pub application: u32,
    /// The command code.
    pub command: u32,
    /// The AVPs that each request has once.
    pub required: &'static [&'static str],
    /// The AVPs that each request has in some group.
    pub inside: &'static [&'static str],
}

/// Multimedia-Auth over Zh (TS 29.109 clause 4).
pub const ZH: Service = Service {
    application: dictionary::ZH,
    command: dictionary::MULTIMEDIA_AUTH,
    required: &[
        "Session-Id",
        "Vendor-Specific-Application-Id",
        "Auth-Session-State",
        "Origin-Host",
        "Origin-Realm",
        "Destination-Realm",
        "User-Name",
        "SIP-Auth-Data-Item",
    ],
    inside: &["SIP-Authentication-Scheme"],
};

/// Bootstrapping-Info over Zn (TS 29.109 clause 5).
pub const ZN: Service = Service {
    application: dictionary::ZN,
    command: dictionary::BOOTSTRAPPING_INFO,
    required: &[
        "Session-Id",
        "Vendor-Specific-Application-Id",
        "Origin-Host",
        "Origin-Realm",
        "Destination-Realm",
        "Transaction-Identifier",
        "NAF-Id",
    ],
    inside: &[],
};

/// Why a request fails (RFC 6733 clause 7.1, TS 29.109 clause 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The application has no such command: 3001.
    CommandUnsupported,
    /// The application is another one: 3007.
    ApplicationUnsupported,
    /// The header of the request has the flag of an error: 3008.
    InvalidHeaderBits,
    /// The AVP has to be known, and is not: 5001.
    UnsupportedAvp(Avp),
    /// The value of the AVP is none that it may have: 5004.
    InvalidValue(Avp),
    /// The AVP with this name has to be there: 5005.
    MissingAvp(&'static str),
    /// The AVP may be there once, and this is the second: 5009.
    TooManyTimes(Avp),
    /// The request cannot be fulfilled for another reason: 5012.
    UnableToComply,
    /// The length of the AVP cannot be right: 5014.
    InvalidLength(Avp),
    /// A result of 3GPP.
    Experimental(u32),
}

impl Node {
    /// The element with this name; its realm is what follows the first dot.
    pub fn new(fqdn: &str) -> Self {
        let realm = fqdn.split_once('.').map_or(fqdn, |(_, realm)| realm);
        Node {
            host: fqdn.to_owned(),
            realm: realm.to_owned(),
        }
    }
}

impl Failure {
    /// The value of Result-Code, or of Experimental-Result-Code.
    pub const fn code(&self) -> u32 {
        match self {
            Failure::CommandUnsupported => 3001,
            Failure::ApplicationUnsupported => 3007,
            Failure::InvalidHeaderBits => 3008,
            Failure::UnsupportedAvp(_) => 5001,
            Failure::InvalidValue(_) => 5004,
            Failure::MissingAvp(_) => 5005,
            Failure::TooManyTimes(_) => 5009,
            Failure::UnableToComply => 5012,
            Failure::InvalidLength(_) => 5014,
            Failure::Experimental(code) => *code,
        }
    }

    /// The AVP that is to blame.
    fn failed_avp(&self) -> Option<Avp> {
        match self {
            Failure::UnsupportedAvp(avp)
            | Failure::InvalidValue(avp)
            | Failure::TooManyTimes(avp)
            | Failure::InvalidLength(avp) => Some(avp.clone()),
            Failure::MissingAvp(name) => Some(least(name)),
            Failure::CommandUnsupported
            | Failure::ApplicationUnsupported
            | Failure::InvalidHeaderBits
            | Failure::UnableToComply
            | Failure::Experimental(_) => None,
        }
    }
}

/// Checks a request before its values are looked at (RFC 6733 clauses 3, 4.1 and 7.1): its
/// application and command, the lengths of its AVPs, that those with the M flag are known, that
/// their data have the form of their type and that the required ones are there once.
///
/// # Errors
///
/// The first of these that does not hold, in this order.
pub fn check(request: &Packet, service: &Service) -> Result<(), Failure> {
    if request.application != service.application {
        return Err(Failure::ApplicationUnsupported);
    }
    if request.command != service.command {
        return Err(Failure::CommandUnsupported);
    }
    if request.flags & ERROR != 0 {
        return Err(Failure::InvalidHeaderBits);
    }
    check_list(&request.avps, &request.rest, 0)?;
    for name in service.required {
        let mut named = own(request, name);
        if named.next().is_none() {
            return Err(Failure::MissingAvp(name));
        }
        if let Some(second) = named.next() {
            return Err(Failure::TooManyTimes(second.clone()));
        }
    }
    let mut inside = service.inside.iter();
    let missing = inside.find(|name| request.avp(name).is_none());
    missing.map_or(Ok(()), |name| Err(Failure::MissingAvp(name)))
}

/// The AVPs with this name that stand in no group.
fn own<'a>(packet: &'a Packet, name: &'a str) -> impl Iterator<Item = &'a Avp> {
    let is_named = move |avp: &&Avp| avp.info().is_some_and(|info| info.name == name);
    packet.avps.iter().filter(is_named)
}

fn check_list(avps: &[Avp], rest: &[u8], depth: usize) -> Result<(), Failure> {
    for avp in avps {
        check_avp(avp, depth)?;
    }
    if rest.is_empty() {
        Ok(())
    } else {
        Err(Failure::InvalidLength(cut_off(rest)))
    }
}

fn check_avp(avp: &Avp, depth: usize) -> Result<(), Failure> {
    let Some(info) = avp.info() else {
        let must_be_known = avp.flags & MANDATORY != 0;
        return if must_be_known {
            Err(Failure::UnsupportedAvp(avp.clone()))
        } else {
            Ok(())
        };
    };
    match info.kind {
        Kind::Number | Kind::Time if avp.data.len() != 4 => {
            Err(Failure::InvalidLength(avp.clone()))
        }
        Kind::Text if str::from_utf8(&avp.data).is_err() => Err(Failure::InvalidValue(avp.clone())),
        Kind::Grouped if depth < MOST_DEPTH => {
            let children = avp.children();
            let read = Avp::list_to_bytes(&children).len();
            check_list(
                &children,
                avp.data.get(read..).unwrap_or_default(),
                depth + 1,
            )
        }
        Kind::Number | Kind::Time | Kind::Text | Kind::Address | Kind::Octets | Kind::Grouped => {
            Ok(())
        }
    }
}

/// The AVP whose header these octets begin with, with the least data of its type (RFC 6733
/// clause 7.1.5, 5014).
fn cut_off(rest: &[u8]) -> Avp {
    let word = |at: usize| {
        let octets = rest.get(at..at + 4).unwrap_or_default();
        octets.try_into().map_or(0, u32::from_be_bytes)
    };
    let flags = rest.get(4).copied().unwrap_or_default();
    let has_vendor = flags & gbaspec_wire::diameter::VENDOR != 0;
    let (code, vendor) = (word(0), has_vendor.then(|| word(8)));
    let known = dictionary::of_code(code, vendor);
    let avp = Avp {
        code,
        flags,
        vendor,
        ..Avp::default()
    };
    avp.with_data(known.map_or_else(Vec::new, |info| least_data(info.kind)))
}

/// The AVP with this name and the least data of its type (RFC 6733 clause 7.1.5, 5005).
fn least(name: &str) -> Avp {
    let kind = dictionary::named(name).map_or(Kind::Octets, |info| info.kind);
    Avp::new(name, least_data(kind))
}

fn least_data(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Number | Kind::Time => vec![0; 4],
        Kind::Address => vec![0; 6],
        Kind::Octets | Kind::Text | Kind::Grouped => Vec::new(),
    }
}

/// A request of `from` in the realm of `to`, up to the AVPs of its command.
pub fn request(service: &Service, from: &Node, to: &Node, session: &str) -> Packet {
    let mut request = Packet::request(service.command, service.application);
    request.push(Avp::new("Session-Id", session));
    request.push(vendor_application(service.application));
    request.push(Avp::of_number("Auth-Session-State", NO_STATE));
    push_origin(&mut request, from);
    request.push(Avp::new("Destination-Realm", to.realm.as_str()));
    request.push(Avp::new("Destination-Host", to.host.as_str()));
    request
}

/// The answer of `from` to a request that succeeds, up to the AVPs of its command.
pub fn success(request: &Packet, from: &Node) -> Packet {
    let mut answer = request.answer();
    answer.push(vendor_application(request.application));
    answer.push(Avp::of_number("Result-Code", SUCCESS));
    answer.push(Avp::of_number("Auth-Session-State", NO_STATE));
    push_origin(&mut answer, from);
    answer
}

/// The whole answer of `from` to a request that fails. Errors of the protocol have the E flag
/// (RFC 6733 clause 7.2).
pub fn failure(request: &Packet, from: &Node, why: &Failure) -> Packet {
    let mut answer = request.answer();
    let code = why.code();
    if (3000..4000).contains(&code) {
        answer.flags |= ERROR;
    } else {
        answer.push(vendor_application(request.application));
        answer.push(Avp::of_number("Auth-Session-State", NO_STATE));
    }
    push_origin(&mut answer, from);
    if let Failure::Experimental(code) = why {
        let result = [
            Avp::of_number("Vendor-Id", VENDOR_3GPP),
            Avp::of_number("Experimental-Result-Code", *code),
        ];
        answer.push(Avp::of_group("Experimental-Result", &result));
    } else {
        answer.push(Avp::of_number("Result-Code", code));
    }
    if let Some(failed) = why.failed_avp() {
        answer.push(Avp::of_group("Failed-AVP", &[failed]));
    }
    answer
}

/// The text of the first AVP with this name, wherever it stands.
pub fn text(packet: &Packet, name: &str) -> Option<String> {
    String::from_utf8(packet.avp(name)?.data).ok()
}

/// The text of the first AVP with this name that stands in no group.
pub fn own_text(packet: &Packet, name: &str) -> Option<String> {
    String::from_utf8(own(packet, name).next()?.data.clone()).ok()
}

/// A Session-Id that no other session has (RFC 6733 clause 8.8): the name of the sender, the seconds
/// of the clock in 32 bits, and a number that no other session of the sender has.
pub fn session_id(from: &Node, now: Moment, number: u32) -> String {
    let seconds = now.unix_seconds().rem_euclid(1 << 32);
    format!("{};{seconds};{number}", from.host)
}

/// The application of 3GPP (RFC 6733 clause 6.11).
fn vendor_application(application: u32) -> Avp {
    let parts = [
        Avp::of_number("Vendor-Id", VENDOR_3GPP),
        Avp::of_number("Auth-Application-Id", application),
    ];
    Avp::of_group("Vendor-Specific-Application-Id", &parts)
}

fn push_origin(packet: &mut Packet, from: &Node) {
    packet.push(Avp::new("Origin-Host", from.host.as_str()));
    packet.push(Avp::new("Origin-Realm", from.realm.as_str()));
}
