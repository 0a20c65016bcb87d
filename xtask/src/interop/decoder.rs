//! A decoder of others reads what this project says in Diameter.
//!
//! The run is one of roles of this project against each other. Each Diameter message of its
//! transcripts goes into a capture file, and tshark reads that file with its own dictionary: an
//! AVP that it does not know, or one that does not fill its length, is a finding of the case.
//!
//! Left out are messages that are wrong on purpose: cases with a control are about such, and a
//! message that the harness sends may hold an AVP or a command that nobody has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::findings::Finding;
use super::process::Ended;

/// What `tshark` needs so that it reads the messages of a capture as Diameter.
pub(super) const ARGUMENTS: &[&str] = &[
    "-o",
    r#"uat:user_dlts:"User 0 (DLT=147)","diameter","0","","0","""#,
    "-V",
    "-r",
];

/// One message and the case in which it was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    case: String,
    octets: Vec<u8>,
}

/// What the decoder made of all messages.
#[derive(Debug, Default)]
pub(super) struct Reading {
    pub(super) findings: BTreeSet<Finding>,
    /// The names of all AVPs.
    pub(super) avps: BTreeSet<String>,
    /// The cases with a message and without a finding.
    pub(super) clean: usize,
}

/// The messages in the transcripts of a run (`gbaspec.transcript/1`), in the order of their files.
pub(super) fn messages(folder: &Path) -> Result<Vec<Message>, String> {
    let shown = |why: std::io::Error| format!("{}: {why}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(shown)? {
        files.push(entry.map_err(shown)?.path());
    }
    files.sort();
    let mut messages = Vec::new();
    for file in files {
        messages.extend(of_transcript(&crate::files::read(&file)?)?);
    }
    Ok(messages)
}

fn of_transcript(text: &str) -> Result<Vec<Message>, String> {
    let transcript: Value = serde_json::from_str(text).map_err(|why| why.to_string())?;
    if !transcript["before"].is_null() {
        return Ok(Vec::new());
    }
    let case = transcript["id"].as_str().unwrap_or_default();
    let entries = transcript["case"]["entries"].as_array();
    let mut odd_requests = BTreeSet::new();
    let mut messages = Vec::new();
    for what in entries.into_iter().flatten().map(|entry| &entry["what"]) {
        let Some(lines) = what["bytes"]["diameter"].as_array() else {
            continue;
        };
        let base64 = what["bytes"]["base64"].as_str().unwrap_or_default();
        let octets = from_base64(base64).ok_or_else(|| format!("{case}: no base64"))?;
        // Hop-by-hop and end-to-end identifier are the same in request and answer.
        let identifiers = octets.get(12..20).unwrap_or_default().to_vec();
        let mut lines = lines.iter().filter_map(Value::as_str);
        if what["kind"] == "sent" && lines.any(is_wrong_on_purpose) {
            odd_requests.insert(identifiers);
        } else if !odd_requests.contains(&identifiers) {
            messages.push(Message {
                case: case.to_owned(),
                octets,
            });
        }
    }
    Ok(messages)
}

/// Whether a line of a message in text names an AVP or a command by its number, as it has no name.
fn is_wrong_on_purpose(line: &str) -> bool {
    let command = line.strip_prefix("Diameter ");
    line.trim_start().starts_with("AVP [")
        || command.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_digit()))
}

/// The octets of a text in base64 with its padding; nothing if it is none.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let padding = group.iter().rev().take_while(|&&sign| sign == b'=').count();
        let signs = group.get(..4 - padding.min(2))?;
        let mut bits = 0;
        for &sign in signs {
            let value = match sign {
                b'A'..=b'Z' => sign - b'A',
                b'a'..=b'z' => sign - b'a' + 26,
                b'0'..=b'9' => sign - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(value);
        }
        bits <<= 6 * (4 - signs.len());
        octets.extend(bits.to_be_bytes().into_iter().skip(1).take(signs.len() - 1));
    }
    Some(octets)
}

/// The octets of a capture file: a header of 24, and one of 16 before each message.
///
/// The link type is 147, the first of those that mean what their users agree on.
pub(super) fn capture(messages: &[Message]) -> Vec<u8> {
    const MAGIC: u32 = 0xa1b2_c3d4;
    const VERSION: u32 = 2 | 4 << 16;
    const LONGEST: u32 = 262_144;
    const LINK_TYPE: u32 = 147;
    let header = [MAGIC, VERSION, 0, 0, LONGEST, LINK_TYPE];
    let mut file: Vec<u8> = header.into_iter().flat_map(u32::to_le_bytes).collect();
    for (second, message) in (1..).zip(messages) {
        let length = u32::try_from(message.octets.len()).unwrap_or(u32::MAX);
        let record = [second, 0, length, length];
        file.extend(record.into_iter().flat_map(u32::to_le_bytes));
        file.extend(&message.octets);
    }
    file
}

/// Reads what `tshark -V` says of the capture of these messages.
pub(super) fn reading(said: Ended, messages: &[Message]) -> Result<Reading, String> {
    of_text(&said.well()?, messages)
}

fn of_text(said: &str, messages: &[Message]) -> Result<Reading, String> {
    let mut reading = Reading::default();
    let mut all: BTreeMap<&str, BTreeSet<(&str, String)>> = BTreeMap::new();
    let mut frame = None;
    let mut frames = 0;
    for line in said.lines() {
        if let Some(rest) = line.strip_prefix("Frame ") {
            let number = rest.split(':').next().unwrap_or_default();
            let number = number.parse::<usize>().unwrap_or_default();
            frame = number.checked_sub(1).and_then(|at| messages.get(at));
            frames += 1;
        }
        let Some(Message { case, .. }) = frame else {
            continue;
        };
        let of_case = all.entry(case).or_default();
        let line = line.trim_start();
        if let Some((name, rest)) = line.strip_prefix("AVP: ").and_then(|it| it.split_once('(')) {
            if name == "Unknown" {
                let number = rest.split(')').next().unwrap_or_default();
                of_case.insert(("unknown", format!("AVP {number}")));
            } else {
                reading.avps.insert(name.to_owned());
            }
        }
        of_case.extend(finding(line));
    }
    if frames != messages.len() {
        let asked = messages.len();
        return Err(format!("it reads {frames} messages of {asked}"));
    }
    reading.clean = all.values().filter(|found| found.is_empty()).count();
    for (case, found) in all {
        let findings = found.into_iter().map(|(verdict, requirement)| Finding {
            case: case.to_owned(),
            verdict: verdict.to_owned(),
            requirement,
        });
        reading.findings.extend(findings);
    }
    Ok(reading)
}

/// What a line that is not the title of an AVP says against the message.
fn finding(line: &str) -> Option<(&'static str, String)> {
    for label in ["Command Code: ", "ApplicationId: ", "AVP Vendor Id: "] {
        if let Some(rest) = line.strip_prefix(label)
            && rest.starts_with("Unknown")
        {
            return Some(("unknown", line.to_owned()));
        }
    }
    // A value may have the same words in it; only the words of the decoder stand in brackets.
    let own = line.strip_prefix('[')?;
    if own.starts_with("Malformed") || own.starts_with("Expert Info (Error/") {
        return Some(("malformed", own.trim_end_matches(']').to_owned()));
    }
    None
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{Message, capture, from_base64, of_text, of_transcript};

    fn message(case: &str, octets: &[u8]) -> Message {
        Message {
            case: case.to_owned(),
            octets: octets.to_vec(),
        }
    }

    #[test]
    fn writes_a_header_of_24_octets_and_one_of_16_before_each_message() {
        let file = capture(&[message("a", &[1, 0, 0]), message("b", &[7])]);
        let expected: &[u8] = &[
            0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 147, 0, 0, 0,
            1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, //
            2, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 7,
        ];
        assert_eq!(file, expected);
    }

    #[rstest]
    #[case::nothing("", Some(b"".as_slice()))]
    #[case::two_padded("Zg==", Some(b"f".as_slice()))]
    #[case::one_padded("Zm8=", Some(b"fo".as_slice()))]
    #[case::whole("Zm9vYmFy", Some(b"foobar".as_slice()))]
    #[case::last_signs("+/+/", Some(b"\xfb\xff\xbf".as_slice()))]
    #[case::cut("Zm9", None)]
    #[case::padding_alone("====", None)]
    #[case::foreign("Zm-v", None)]
    fn reads_base64_or_nothing(#[case] text: &str, #[case] expected: Option<&[u8]>) {
        assert_eq!(from_base64(text).as_deref(), expected);
    }

    const SAID: &str = "\
Frame 1: 20 bytes on wire (160 bits), 20 bytes captured (160 bits)
Diameter Protocol
    Command Code: Multimedia-Auth (303)
    ApplicationId: 3GPP Zh (16777221)
    AVP: User-Name(1) l=9 f=-M- val=[Malformed Packet: x]
Frame 2: 20 bytes on wire (160 bits), 20 bytes captured (160 bits)
Diameter Protocol
    Command Code: Unknown (999)
        [Expert Info (Warning/Undecoded): Unknown command, if you know what this is you can add it to dictionary.xml]
    AVP: Unknown(9999) l=16 f=V-- vnd=99999 val=01020304
        AVP Vendor Id: Unknown (99999)
[Malformed Packet: Diameter]
";

    #[test]
    fn finds_what_the_decoder_does_not_know_and_what_is_malformed() {
        let messages = [message("good", &[1]), message("bad", &[2])];
        let reading = of_text(SAID, &messages).expect("a reading");
        let found = reading.findings.iter();
        let found: Vec<[&str; 3]> = found
            .map(|it| [it.case.as_str(), &it.verdict, &it.requirement])
            .collect();
        let expected = [
            ["bad", "malformed", "Malformed Packet: Diameter"],
            ["bad", "unknown", "AVP 9999"],
            ["bad", "unknown", "AVP Vendor Id: Unknown (99999)"],
            ["bad", "unknown", "Command Code: Unknown (999)"],
        ];
        assert_eq!(found, expected);
        assert_eq!(reading.clean, 1);
        assert_eq!(Vec::from_iter(reading.avps), ["User-Name"]);
    }

    #[test]
    fn refuses_a_text_with_fewer_messages() {
        let why = of_text("Frame 1: x\n", &[message("a", &[1]), message("a", &[2])])
            .expect_err("one message is not there");
        assert_eq!(why, "it reads 1 messages of 2");
    }

    /// A message whose identifiers are all this octet, with these lines.
    fn entry(kind: &str, base64: &str, line: &str) -> String {
        format!(
            r#"{{"what": {{"kind": "{kind}", "bytes": {{"base64": "{base64}", "diameter": ["{line}"]}}}}}}"#
        )
    }

    fn transcript(before: &str, entries: &[String]) -> String {
        let entries = entries.join(",");
        format!(
            r#"{{"id": "a/b/c", "before": {before}, "case": {{"entries": [{entries}]}}, "after": null}}"#
        )
    }

    /// Twenty octets of zero, and the same that end with one.
    const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    const ONE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAE=";

    #[rstest]
    #[case::unknown_avp("AVP [code=9998 flags=0x00]: 0x01")]
    #[case::unknown_avp_in_a_group("  AVP [code=9998 flags=0x00]: 0x01")]
    #[case::unknown_command("Diameter 999 request [application=16777221]")]
    fn leaves_out_what_is_wrong_on_purpose_and_its_answer(#[case] line: &str) {
        let entries = [
            entry("sent", ZEROS, line),
            entry("received", ZEROS, line),
            entry("sent", ONE, "Diameter DWR [application=0]"),
            entry("received", ONE, line),
        ];
        let messages = of_transcript(&transcript("null", &entries)).expect("a transcript");
        let mut octets = [0; 20];
        octets[19] = 1;
        let kept = message("a/b/c", &octets);
        assert_eq!(messages, [kept.clone(), kept]);
    }

    #[test]
    fn leaves_out_a_case_with_a_control() {
        let entries = [entry("sent", ZEROS, "Diameter DWR [application=0]")];
        let messages = of_transcript(&transcript(r#"{"entries": []}"#, &entries));
        assert_eq!(messages, Ok(Vec::new()));
    }
}
