//! Takes the secrets out of what was recorded: a target that leaks a key must not leak it through
//! the evidence. The octets are overwritten by stars of the same length, so that lengths still fit.
//!
//! The verdict is made from the redacted transcript, so it can be recomputed from what is stored.

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXUPPER};
use gbaspec_crypto::token::Rand;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use crate::element::Element;
use crate::scene::Scene;
use crate::transcript::{EntryKind, Transcript};

/// Overwrites every known secret, in every encoding that is likely.
pub fn redact(scene: &Scene, transcript: &mut Transcript) {
    let needles = encodings(&secrets(scene, transcript));
    for entry in &mut transcript.entries {
        match &mut entry.kind {
            EntryKind::Sent { bytes, .. }
            | EntryKind::Received { bytes, .. }
            | EntryKind::Unreadable { bytes, .. } => {
                for needle in &needles {
                    overwrite(bytes, needle);
                }
            }
            _ => {}
        }
    }
}

/// K, OPc and Ks_NAF of the profile; RES, CK, IK, Ks and Ks_NAF of every RAND in the transcript.
pub fn secrets(scene: &Scene, transcript: &Transcript) -> Vec<Vec<u8>> {
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    for session in &scene.sessions {
        secrets.push(session.ks_naf.expose().to_vec());
    }
    let rands = rands(transcript);
    for subscriber in scene.subscribers.iter().chain([&scene.stranger]) {
        secrets.push(subscriber.k.expose().to_vec());
        secrets.push(subscriber.opc.expose().to_vec());
        for &rand in &rands {
            let ck = subscriber.functions.f3(rand);
            let ik = subscriber.functions.f4(rand);
            secrets.push([ck.expose().as_slice(), ik.expose().as_slice()].concat());
            secrets.push(ck.expose().to_vec());
            secrets.push(ik.expose().to_vec());
            secrets.push(subscriber.functions.f2(rand).expose().to_vec());
            for at in [Element::Naf, Element::Portal] {
                secrets.push(scene.derived_ks_naf(subscriber, rand, at).expose().to_vec());
            }
        }
    }
    secrets
}

/// Every RAND that a nonce of the transcript holds.
pub(crate) fn rands(transcript: &Transcript) -> Vec<Rand> {
    let mut rands = Vec::new();
    for index in 0..transcript.entries.len() {
        let Some(bytes) = transcript.message_bytes(index) else {
            continue;
        };
        let Ok(message) = Message::from_bytes(bytes) else {
            continue;
        };
        for name in ["WWW-Authenticate", "Authorization"] {
            let lists = message
                .fields_named(name)
                .flat_map(|field| DirectiveList::parse_challenges(&field.text()));
            for nonce in lists.filter_map(|list| AkaNonce::decode(list.value("nonce")?).ok()) {
                rands.push(Rand::from(nonce.rand));
            }
        }
    }
    rands.sort_unstable();
    rands.dedup();
    rands
}

/// The raw octets, hex in both cases, base64 with and without padding.
pub fn encodings(secrets: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut needles: Vec<Vec<u8>> = secrets
        .iter()
        .flat_map(|secret| {
            [
                secret.clone(),
                HEXLOWER.encode(secret).into_bytes(),
                HEXUPPER.encode(secret).into_bytes(),
                BASE64.encode(secret).into_bytes(),
                BASE64_NOPAD.encode(secret).into_bytes(),
            ]
        })
        .filter(|needle| needle.len() >= 4)
        .collect();
    // Longer ones first: Ks holds CK, and must not be cut in two.
    needles.sort_by_key(|needle| std::cmp::Reverse(needle.len()));
    needles.dedup();
    needles
}

fn overwrite(bytes: &mut [u8], needle: &[u8]) {
    let mut from = 0;
    while let Some(at) = find(&bytes[from..], needle) {
        bytes[from + at..from + at + needle.len()].fill(b'*');
        from += at + needle.len();
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    let first = *needle.first()?;
    let mut from = 0;
    while let Some(at) = haystack[from..].iter().position(|&b| b == first) {
        let candidate = &haystack[from + at..];
        if candidate.len() < needle.len() {
            return None;
        }
        if candidate.starts_with(needle) {
            return Some(from + at);
        }
        from += at + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{encodings, overwrite};

    #[test]
    fn overwrites_every_encoding_with_stars_of_the_same_length() {
        let secret = vec![0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf];
        let mut text = b"x=a54211d5e3ba50bf; y=A54211D5E3BA50BF; z=pUIR1eO6UL8=; ".to_vec();
        text.extend_from_slice(&secret);
        let length = text.len();
        for needle in encodings(&[secret]) {
            overwrite(&mut text, &needle);
        }
        assert_eq!(text.len(), length);
        let expected = "x=****************; y=****************; z=************; ********";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}
