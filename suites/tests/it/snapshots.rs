//! Every message as it goes over the wire, with fixed time, seed and the keys of the published test
//! sets: the printed tables and the named messages as the harness sends them, and what the correct
//! roles say. The digits that are published or computed elsewhere are asserted beside the
//! snapshots.

mod answers;
mod conversations;
mod messages;
mod network;
mod peers;
mod play;
mod tables;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use data_encoding::HEXLOWER;
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::redact::{encodings, secrets};
use gbaspec_case::transcript::{Entry, EntryKind, Transcript};
use gbaspec_roles::Moment;

use crate::world::profiles;

/// 2004-01-08T10:13:17Z, the moment of the printed tables.
const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);
/// RAND, and AUTN for SQN ff9bb4d0b607, of test set 1 of TS 35.207.
const FIRST_NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
/// RAND of test set 2, and AUTN for SQN ff9bb4d0b708 with the key of set 1.
const SECOND_NONCE: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";
/// AUTS for the first nonce and SQN_MS ff9bb4d0b6e7.
const AUTS: &str = "uoU/PBLcTIsCWhx6zb8=";
const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
/// RAND of test set 1 names the session.
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

/// H(A1), password and Ks of `GBA_Digest` for user 8 and the TLS session of these tests, computed
/// by other means; what the TLS session exports begins with the octets 00 to 0f.
const SECRETS_OF_GBA_DIGEST: [&str; 4] = [
    "29b14d3ee4179f225c03cb8e879a2290f13c066f81a974a262254fe187a5c3d6",
    "da12aab2b54cb7eb3d982cd5511376e4b999828a6bb224c7d7387dc9e2ddd63c",
    "f98e3d1b235410b3ea9df6d21cc5d1cd3dfe0c53b6d6cb7b433a3485ec9bfc26",
    "000102030405060708090a0b0c0d0e0f",
];

static PROFILES: LazyLock<Vec<TargetProfile>> = LazyLock::new(profiles);

/// Compares a text with its snapshot. No secret of any subscriber may be in it.
fn snapshot(name: &str, text: &str) {
    insta::assert_snapshot!(name, text);
}

/// No key, RES or password, and nothing that is made of them for a RAND on the wire.
fn assert_tells_no_secret<'a>(name: &str, messages: impl IntoIterator<Item = &'a [u8]>) {
    let entries = messages.into_iter().map(|bytes| Entry {
        step: None,
        at_micros: 0,
        connection: 1,
        kind: EntryKind::Received {
            from: Element::Ue,
            to: Element::Bsf,
            bytes: bytes.to_vec(),
        },
    });
    let transcript = Transcript {
        entries: entries.collect(),
        ..Transcript::default()
    };
    let mut all: BTreeSet<Vec<u8>> = BTreeSet::new();
    for profile in PROFILES.iter() {
        all.extend(secrets(&profile.scene, &transcript));
    }
    let of_gba_digest = SECRETS_OF_GBA_DIGEST.map(|hex| HEXLOWER.decode(hex.as_bytes()));
    all.extend(of_gba_digest.map(|octets| octets.expect("hex")));
    let all: Vec<Vec<u8>> = all.into_iter().collect();
    assert!(all.len() > 20, "only {} secrets", all.len());
    for needle in encodings(&all) {
        for index in 0..transcript.entries.len() {
            let bytes = transcript.message_bytes(index).unwrap_or_default();
            let mut parts = bytes.windows(needle.text.len()).enumerate();
            let leaks = parts.any(|(at, part)| part == needle.text && needle.counts_at(bytes, at));
            assert!(!leaks, "{name}: {}", needle.text.escape_ascii());
        }
    }
}

/// The octets as text, each CR LF visible, so that the snapshot keeps the line ends.
fn text_of(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("the message is text");
    text.replace("\r\n", "\\r\\n\n")
}
