use data_encoding::HEXLOWER;
use proptest::prelude::*;
use rstest::rstest;

use super::notation::{parse, write};
use super::*;
use crate::error::DeviationKind as Kind;

/// A BIR with a B-TID and a NAF-Id, written octet by octet.
const BIR: &str = "\
    01000048 c0000136 01000004 00000001 00000002\
    00000107 40000010 6e61663b 313b3200\
    00000191 c000000f 000028af 41414100\
    00000192 c0000014 000028af 6e000102 03040506";
/// The same as text. The Session-Id has 8 octets, the last of them a zero.
const BIR_TEXT: &str = "\
Diameter BIR [hop-by-hop=1 end-to-end=2]
Session-Id: naf;1;2\\x00
Transaction-Identifier: AAA
NAF-Id: 0x6e00010203040506
";

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.split_whitespace().collect();
    HEXLOWER.decode(digits.as_bytes()).expect("hex")
}

fn bir() -> Packet {
    Packet::from_bytes(&hex(BIR)).expect("a message")
}

fn kinds(packet: &Packet) -> Vec<(&'static str, Kind)> {
    let found = packet.deviations();
    found
        .iter()
        .map(|found| (found.field, found.kind))
        .collect()
}

#[test]
fn deconstructs() {
    let packet = bir();
    assert_eq!(
        (
            packet.version,
            packet.flags,
            packet.command,
            packet.application
        ),
        (1, 0xc0, 310, dictionary::ZN)
    );
    assert_eq!((packet.hop_by_hop, packet.end_to_end), (1, 2));
    let avp = packet.avp("Transaction-Identifier").expect("there");
    assert_eq!((avp.code, avp.flags, avp.vendor), (401, 0xc0, Some(10415)));
    assert_eq!(
        (avp.data.as_slice(), avp.padding.as_slice()),
        (&b"AAA"[..], &[0][..])
    );
    assert_eq!(kinds(&packet), []);
}

#[test]
fn constructs() {
    let mut packet = Packet::request(310, dictionary::ZN);
    (packet.hop_by_hop, packet.end_to_end) = (1, 2);
    packet.push(Avp::new("Session-Id", &b"naf;1;2\0"[..]));
    packet.push(Avp::new("Transaction-Identifier", &b"AAA"[..]));
    packet.push(Avp::new("NAF-Id", hex("6e00010203040506")));
    assert_eq!(
        HEXLOWER.encode(&packet.to_bytes()),
        HEXLOWER.encode(&hex(BIR))
    );
}

#[test]
fn reads_and_writes_text() {
    assert_eq!(
        parse(BIR_TEXT).map(|packet| packet.to_bytes()),
        Ok(hex(BIR))
    );
    let written = write(&bir());
    assert_eq!(parse(&written), Ok(bir()));
    assert_eq!(written.lines().nth(3), Some("NAF-Id: 0x6e00010203040506"));
}

#[test]
fn answers_with_the_identifiers_of_the_request() {
    let mut request = bir();
    request.flags |= RETRANSMITTED;
    let answer = request.answer();
    assert_eq!(
        (answer.flags, answer.hop_by_hop, answer.end_to_end),
        (0x40, 1, 2)
    );
    assert_eq!(answer.avps, request.avps[..1]);
}

#[test]
fn finds_avps_inside_of_groups() {
    let text = "\
Diameter MAA
Experimental-Result:
  Vendor-Id: 10415
  Experimental-Result-Code: 5401
SIP-Auth-Data-Item:
  SIP-Authenticate: 0x00
SIP-Auth-Data-Item:
  SIP-Authenticate: 0x01
";
    let packet = parse(text).expect("sound");
    assert_eq!(packet.result(), Some(5401));
    let found: Vec<Vec<u8>> = packet
        .avps_named("SIP-Authenticate")
        .into_iter()
        .map(|avp| avp.data)
        .collect();
    assert_eq!(found, [vec![0], vec![1]]);
    assert_eq!(kinds(&packet), []);
}

#[rstest]
#[case::begin(-NTP_TO_UNIX + (1 << 31), 0x8000_0000)]
#[case::unix(0, 0x83aa_7e80)]
#[case::next_era(2_085_978_496, 0)]
fn counts_time_from_1900_and_from_2036(#[case] unix: i64, #[case] ntp: u32) {
    assert_eq!(ntp_seconds(unix), ntp);
    let avp = Avp::of_time("Key-ExpiryTime", unix);
    assert_eq!(avp.unix_seconds(), Some(unix));
}

#[rstest]
#[case::version("[version=2]", "", Kind::BadHeader)]
#[case::length("[length=24]", "", Kind::BadHeader)]
#[case::reserved("[flags=0xc1]", "", Kind::BadHeader)]
#[case::error_in_request("[flags=0xa0]", "", Kind::BadHeader)]
#[case::short("", "User-Name [length=7]: a", Kind::BadAvpLength)]
#[case::zero("", "User-Name [length=0]: a", Kind::BadAvpLength)]
#[case::over_the_end("", "User-Name [length=20]: a", Kind::BadAvpLength)]
#[case::inside_a_group(
    "",
    "SIP-Auth-Data-Item:\n  User-Name [length=200]: a",
    Kind::BadAvpLength
)]
#[case::rest("", "octets: 0x000000", Kind::BadAvpLength)]
#[case::padding("", "User-Name [padding=0x000001]: a", Kind::BadPadding)]
#[case::no_vendor("", "NAF-Id [flags=0x40]: a", Kind::UnknownAvp)]
#[case::not_mandatory("", "NAF-Id [flags=0x80]: a", Kind::BadAvpFlags)]
#[case::reserved_in_avp("", "User-Name [flags=0x41]: a", Kind::BadAvpFlags)]
#[case::unknown("", "AVP [code=9999 flags=0x40]: a", Kind::UnknownAvp)]
#[case::long_number("", "Result-Code: 0x0000000001", Kind::BadAvpData)]
#[case::no_utf_8("", "User-Name: 0xff", Kind::BadAvpData)]
fn names_what_is_wrong(#[case] header: &str, #[case] avps: &str, #[case] kind: Kind) {
    let packet = parse(&format!("Diameter MAR {header}\n{avps}\n")).expect("sound");
    let packet = Packet::from_bytes(&packet.to_bytes()).expect("a message");
    let found: Vec<Kind> = packet.deviations().iter().map(|found| found.kind).collect();
    assert_eq!(found, [kind]);
}

#[test]
fn accepts_an_unknown_avp_without_the_flag() {
    let packet = parse("Diameter MAR\nAVP [code=9999 vendor=1 flags=0x80]: a\n").expect("sound");
    assert_eq!(kinds(&packet), []);
}

#[test]
fn looks_no_deeper_than_its_limit() {
    let text = "Diameter MAR\nSIP-Auth-Data-Item [nested=1000]: 0x\n";
    let packet = parse(text).expect("sound");
    assert_eq!(Packet::from_bytes(&packet.to_bytes()), Ok(packet.clone()));
    assert_eq!(kinds(&packet), []);
    assert!(packet.avps_named("SIP-Auth-Data-Item").len() < 20);
}

#[rstest]
#[case::nothing(&[], Err(DecodeError::MissingData("Diameter header")))]
#[case::version(&[2, 0, 0, 20], Err(DecodeError::BadValue { field: "Diameter header", why: "the version is not 1" }))]
#[case::too_short(&[1, 0, 0, 16], Err(DecodeError::BadValue { field: "Diameter header", why: "the length is no multiple of 4, or below 20" }))]
#[case::odd(&[1, 0, 0, 21], Err(DecodeError::BadValue { field: "Diameter header", why: "the length is no multiple of 4, or below 20" }))]
#[case::too_long(&[1, 1, 0, 4], Err(DecodeError::TooLong("Diameter header")))]
#[case::right(&[1, 0, 0, 84, 0], Ok(84))]
fn frames_messages(#[case] start: &[u8], #[case] expected: Result<usize, DecodeError>) {
    assert_eq!(Packet::framed_length(start), expected);
}

#[test]
fn refuses_less_than_a_header() {
    assert_eq!(
        Packet::from_bytes(&[1; 19]),
        Err(DecodeError::MissingData("Diameter message"))
    );
}

#[rstest]
#[case::nothing("", 1)]
#[case::other("GET / HTTP/1.1", 1)]
#[case::command("Diameter XXR", 1)]
#[case::attribute("Diameter MAR [wrong=1]", 1)]
#[case::bracket("Diameter MAR [flags=1", 1)]
#[case::avp("Diameter MAR\n\nUser-Nam: x", 3)]
#[case::colon("Diameter MAR\nUser-Name", 2)]
#[case::number("Diameter MAR\nResult-Code: x", 2)]
#[case::hex("Diameter MAR\nUser-Name: 0xx", 2)]
#[case::escape("Diameter MAR\nUser-Name: \\q", 2)]
#[case::time("Diameter MAR\nKey-ExpiryTime: tomorrow", 2)]
#[case::address("Diameter CER\nHost-IP-Address: here", 2)]
#[case::group("Diameter MAR\nFailed-AVP: x", 2)]
#[case::indented("Diameter MAR\n  User-Name: x", 2)]
fn tells_the_line_that_is_no_avp(#[case] text: &str, #[case] line: usize) {
    assert_eq!(parse(text).map_err(|error| error.line), Err(line));
}

proptest! {
    #[test]
    fn round_trips(bytes in prop::collection::vec(any::<u8>(), 20..200)) {
        let packet = Packet::from_bytes(&bytes).expect("long enough");
        prop_assert_eq!(packet.to_bytes(), bytes);
        let _ = packet.deviations();
    }

    #[test]
    fn text_round_trips(
        code in 1_u32..700,
        is_3gpp: bool,
        flags in 0_u8..0x80,
        data in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        let vendor = is_3gpp.then_some(10415);
        let flags = if is_3gpp { flags | VENDOR } else { flags };
        let avp = Avp { code, flags, vendor, ..Avp::default() }.with_data(data);
        let mut packet = Packet::request(303, dictionary::ZH);
        packet.push(avp);
        let packet = Packet::from_bytes(&packet.to_bytes()).expect("a message");
        prop_assert_eq!(parse(&write(&packet)), Ok(packet));
    }
}
