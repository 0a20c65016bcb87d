//! The commands and AVPs that Zh, Zn and Zpn use (RFC 6733, RFC 4740, TS 29.229, TS 29.109).

use super::{MANDATORY, VENDOR};

/// The vendor of 3GPP.
pub const VENDOR_3GPP: u32 = 10415;

/// The application of Zh (TS 29.109 clause 4).
pub const ZH: u32 = 16_777_221;
/// The application of Zn (TS 29.109 clause 5).
pub const ZN: u32 = 16_777_220;
/// The application of Zpn (TS 29.109).
pub const ZPN: u32 = 16_777_268;
/// The application of messages about the connection itself (RFC 6733 clause 2.4).
pub const COMMON: u32 = 0;

/// The command codes with the application that they belong to and the names of request and answer.
pub const COMMANDS: [(u32, u32, &str, &str); 6] = [
    (257, COMMON, "CER", "CEA"),
    (280, COMMON, "DWR", "DWA"),
    (282, COMMON, "DPR", "DPA"),
    (303, ZH, "MAR", "MAA"),
    (310, ZN, "BIR", "BIA"),
    (312, ZPN, "GPIR", "GPIA"),
];

/// Capabilities-Exchange.
pub const CAPABILITIES_EXCHANGE: u32 = 257;
/// Device-Watchdog.
pub const DEVICE_WATCHDOG: u32 = 280;
/// Disconnect-Peer.
pub const DISCONNECT_PEER: u32 = 282;
/// Multimedia-Auth.
pub const MULTIMEDIA_AUTH: u32 = 303;
/// Bootstrapping-Info.
pub const BOOTSTRAPPING_INFO: u32 = 310;
/// GBAPush-Info.
pub const PUSH_INFO: u32 = 312;

pub(super) const SESSION_ID: u32 = 263;
pub(super) const PROXY_INFO: u32 = 284;

/// The name of a command, for example MAR.
pub fn command_name(command: u32, is_request: bool) -> Option<&'static str> {
    let known = COMMANDS.iter().find(|(code, ..)| *code == command);
    known.map(|(_, _, request, answer)| if is_request { *request } else { *answer })
}

/// What the dictionary says of one AVP.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AvpInfo {
    /// Its code.
    pub code: u32,
    /// Its vendor.
    pub vendor: Option<u32>,
    /// Its name.
    pub name: &'static str,
    /// What its data is.
    pub kind: Kind,
    /// Whether the M flag is to be set.
    pub must_be_known: bool,
}

/// What the data of an AVP is (RFC 6733 clauses 4.2 to 4.4).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// Any octets.
    Octets,
    /// Text, or a `DiameterIdentity`.
    Text,
    /// A number of 32 bits, or an enumerated value.
    Number,
    /// Seconds since 1900 in 32 bits.
    Time,
    /// An address with its family in front.
    Address,
    /// Other AVPs.
    Grouped,
}

impl AvpInfo {
    /// The flags that it has by rule.
    pub fn flags(&self) -> u8 {
        let vendor = if self.vendor.is_some() { VENDOR } else { 0 };
        let mandatory = if self.must_be_known { MANDATORY } else { 0 };
        vendor | mandatory
    }
}

const fn base(code: u32, name: &'static str, kind: Kind) -> AvpInfo {
    AvpInfo {
        code,
        vendor: None,
        name,
        kind,
        must_be_known: true,
    }
}

const fn of_3gpp(code: u32, name: &'static str, kind: Kind) -> AvpInfo {
    AvpInfo {
        vendor: Some(VENDOR_3GPP),
        ..base(code, name, kind)
    }
}

const fn optional(info: AvpInfo) -> AvpInfo {
    AvpInfo {
        must_be_known: false,
        ..info
    }
}

/// All AVPs that this project knows, in the order of their codes.
pub const AVPS: [AvpInfo; 66] = [
    base(1, "User-Name", Kind::Text),
    base(33, "Proxy-State", Kind::Octets),
    base(104, "Digest-Realm", Kind::Text),
    base(110, "Digest-QoP", Kind::Text),
    base(111, "Digest-Algorithm", Kind::Text),
    base(121, "Digest-HA1", Kind::Text),
    base(257, "Host-IP-Address", Kind::Address),
    base(258, "Auth-Application-Id", Kind::Number),
    base(259, "Acct-Application-Id", Kind::Number),
    base(260, "Vendor-Specific-Application-Id", Kind::Grouped),
    base(263, "Session-Id", Kind::Text),
    base(264, "Origin-Host", Kind::Text),
    base(265, "Supported-Vendor-Id", Kind::Number),
    base(266, "Vendor-Id", Kind::Number),
    optional(base(267, "Firmware-Revision", Kind::Number)),
    base(268, "Result-Code", Kind::Number),
    optional(base(269, "Product-Name", Kind::Text)),
    base(273, "Disconnect-Cause", Kind::Number),
    base(277, "Auth-Session-State", Kind::Number),
    base(278, "Origin-State-Id", Kind::Number),
    base(279, "Failed-AVP", Kind::Grouped),
    base(280, "Proxy-Host", Kind::Text),
    optional(base(281, "Error-Message", Kind::Text)),
    base(282, "Route-Record", Kind::Text),
    base(283, "Destination-Realm", Kind::Text),
    base(284, "Proxy-Info", Kind::Grouped),
    base(293, "Destination-Host", Kind::Text),
    optional(base(294, "Error-Reporting-Host", Kind::Text)),
    base(296, "Origin-Realm", Kind::Text),
    base(297, "Experimental-Result", Kind::Grouped),
    base(298, "Experimental-Result-Code", Kind::Number),
    base(299, "Inband-Security-Id", Kind::Number),
    of_3gpp(400, "GBA-UserSecSettings", Kind::Octets),
    of_3gpp(401, "Transaction-Identifier", Kind::Octets),
    of_3gpp(402, "NAF-Id", Kind::Octets),
    of_3gpp(403, "GAA-Service-Identifier", Kind::Octets),
    of_3gpp(404, "Key-ExpiryTime", Kind::Time),
    of_3gpp(405, "ME-Key-Material", Kind::Octets),
    of_3gpp(406, "UICC-Key-Material", Kind::Octets),
    of_3gpp(407, "GBA_U-Awareness-Indicator", Kind::Number),
    of_3gpp(408, "BootstrapInfoCreationTime", Kind::Time),
    optional(of_3gpp(409, "GUSS-Timestamp", Kind::Time)),
    of_3gpp(410, "GBA-Type", Kind::Number),
    of_3gpp(411, "UE-Id", Kind::Octets),
    of_3gpp(412, "UE-Id-Type", Kind::Number),
    of_3gpp(413, "UICC-App-Label", Kind::Octets),
    of_3gpp(414, "UICC-ME", Kind::Number),
    of_3gpp(415, "Requested-Key-Lifetime", Kind::Time),
    of_3gpp(416, "Private-Identity-Request", Kind::Number),
    of_3gpp(417, "GBA-Push-Info", Kind::Octets),
    of_3gpp(418, "NAF-SA-Identifier", Kind::Octets),
    of_3gpp(419, "Security-Feature-Request", Kind::Octets),
    of_3gpp(420, "Security-Feature-Response", Kind::Octets),
    of_3gpp(601, "Public-Identity", Kind::Text),
    of_3gpp(607, "SIP-Number-Auth-Items", Kind::Number),
    of_3gpp(608, "SIP-Authentication-Scheme", Kind::Text),
    of_3gpp(609, "SIP-Authenticate", Kind::Octets),
    of_3gpp(610, "SIP-Authorization", Kind::Octets),
    of_3gpp(612, "SIP-Auth-Data-Item", Kind::Grouped),
    of_3gpp(613, "SIP-Item-Number", Kind::Number),
    of_3gpp(625, "Confidentiality-Key", Kind::Octets),
    of_3gpp(626, "Integrity-Key", Kind::Octets),
    optional(of_3gpp(628, "Supported-Features", Kind::Grouped)),
    optional(of_3gpp(629, "Feature-List-ID", Kind::Number)),
    optional(of_3gpp(630, "Feature-List", Kind::Number)),
    of_3gpp(635, "SIP-Digest-Authenticate", Kind::Grouped),
];

/// The AVP with this name, as it is spelled.
pub fn named(name: &str) -> Option<&'static AvpInfo> {
    AVPS.iter().find(|info| info.name == name)
}

/// The AVP with this code of this vendor.
pub fn of_code(code: u32, vendor: Option<u32>) -> Option<&'static AvpInfo> {
    AVPS.iter()
        .find(|info| info.code == code && info.vendor == vendor)
}

#[cfg(test)]
mod tests {
    use super::{AVPS, of_code};

    #[test]
    fn knows_each_code_once_and_in_order() {
        assert!(AVPS.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn tells_the_flags_of_an_avp() {
        let flags = |code, vendor| of_code(code, vendor).map(super::AvpInfo::flags);
        assert_eq!(flags(263, None), Some(0x40));
        assert_eq!(flags(402, Some(10415)), Some(0xc0));
        // TS 29.109: the M bit of GUSS-Timestamp is not set.
        assert_eq!(flags(409, Some(10415)), Some(0x80));
        assert_eq!(flags(402, None), None);
    }
}
