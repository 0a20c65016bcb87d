//! Takes the secrets out of what was recorded: a target that leaks a key must not leak it through
//! the evidence. The octets are overwritten by stars of the same length, so that lengths still fit.
//! Between elements of the network keys are what messages are about; there a mark of the same length
//! takes the place of a key, which tells it from any other to whoever has it.
//!
//! The verdict is made from the redacted transcript, so it can be recomputed from what is stored.

use std::collections::HashMap;

use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER, HEXUPPER};
use gbaspec_crypto::akav2;
use gbaspec_crypto::digest::{self, Hash};
use gbaspec_crypto::kdf::NafId;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::btid::BTid;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use crate::element::Element;
use crate::handshake::PskAttempt;
use crate::protocol::Protocol;
use crate::scene::{Scene, derived_ks_int_naf, derived_ks_naf, ua_protocol};
use crate::subscriber::{Subscriber, SubscriberKeys};
use crate::transcript::{EntryKind, Transcript};
use crate::view::View;
use crate::view::network::mark;
use crate::view::proof::{Around, Proof};

/// Overwrites every known secret, in every encoding that is likely.
pub fn redact(scene: &Scene, transcript: &mut Transcript) {
    let needles = Needles::new(encodings(&secrets(scene, transcript)));
    for entry in &mut transcript.entries {
        match &mut entry.kind {
            EntryKind::Sent { from, to, bytes } | EntryKind::Received { from, to, bytes }
                if hands_over_keys((*from, *to), bytes) =>
            {
                needles.replace_by_marks(bytes);
            }
            EntryKind::Sent { bytes, .. }
            | EntryKind::Received { bytes, .. }
            | EntryKind::Unreadable { bytes, .. } => {
                needles.overwrite(bytes);
            }
            EntryKind::Secured {
                psk_identity,
                psk_hint,
                ..
            } => {
                for bytes in [psk_identity, psk_hint].into_iter().flatten() {
                    needles.overwrite(bytes);
                }
            }
            EntryKind::Hello { hello, .. } => {
                if let Some(identity) = &mut hello.identity {
                    needles.overwrite(identity);
                }
            }
            EntryKind::Unshared { attempt, .. } => {
                let PskAttempt { identity, hint, .. } = attempt;
                for bytes in [identity, hint].into_iter().flatten() {
                    needles.overwrite(bytes);
                }
            }
            _ => {}
        }
    }
}

/// Whether keys are what a message is about: it is one of the network by its protocol, or by the
/// elements that it goes between, as with the web service of Zn over HTTP/1.1.
fn hands_over_keys(ends: (Element, Element), bytes: &[u8]) -> bool {
    let is_zn = matches!(
        ends,
        (Element::Naf, Element::Bsf) | (Element::Bsf, Element::Naf)
    );
    is_zn || Protocol::of(bytes) != Protocol::Http
}

/// Overwrites the secrets of the profile, and these, in something that is no transcript.
pub fn redact_text(scene: &Scene, others: &[Vec<u8>], text: &mut [u8]) {
    let mut all = secrets(scene, &Transcript::default());
    all.extend_from_slice(others);
    Needles::new(encodings(&all)).overwrite(text);
}

/// Keys, passwords and Ks_NAF of the profile; RES, CK, IK, Ks, Ks_NAF and the passwords made of them
/// for every RAND in the transcript.
pub fn secrets(scene: &Scene, transcript: &Transcript) -> Vec<Vec<u8>> {
    let mut secrets: Vec<Vec<u8>> = Vec::new();
    let mut nafs = naf_ids(scene, transcript);
    nafs.extend(naf_ids_asked(scene, transcript));
    for session in &scene.sessions {
        let keys = nafs
            .iter()
            .filter_map(|naf| scene.session_key(session, naf));
        secrets.extend(keys.map(|key| key.expose().to_vec()));
    }
    let mut rands = rands(transcript);
    rands.extend(rands_of_network(scene, transcript));
    rands.sort_unstable();
    rands.dedup();
    for subscriber in scene.subscribers.iter().chain([&scene.stranger]) {
        secrets.extend(long_term_secrets(subscriber));
        for &rand in &rands {
            secrets.extend(secrets_of_card(subscriber, rand));
            let keys = nafs
                .iter()
                .filter_map(|naf| derived_ks_naf(subscriber, rand, naf));
            secrets.extend(keys.map(|key| key.expose().to_vec()));
            let keys = nafs
                .iter()
                .filter_map(|naf| derived_ks_int_naf(subscriber, rand, naf));
            secrets.extend(keys.map(|key| key.expose().to_vec()));
        }
    }
    secrets.extend(secrets_of_runs(scene, transcript, &nafs));
    secrets.extend(secrets_of_passwords(scene, transcript));
    secrets
}

/// H(A1) of each password for each realm that an HSS names.
fn secrets_of_passwords(scene: &Scene, transcript: &Transcript) -> Vec<Vec<u8>> {
    let realms: Vec<Vec<u8>> = views(scene, transcript)
        .filter_map(|view| view.given_realm())
        .collect();
    let passwords = scene.subscribers.iter().filter_map(|subscriber| {
        let password = subscriber.password()?;
        Some((subscriber.impi.as_bytes(), password.expose().as_bytes()))
    });
    let mut secrets = Vec::new();
    for (impi, password) in passwords {
        for realm in &realms {
            for hash in [Hash::Md5, Hash::Sha256] {
                let ha1 = digest::ha1(hash, impi, realm, password);
                secrets.push(ha1.expose().to_vec());
            }
        }
    }
    secrets
}

/// What keys were asked for in this play.
fn naf_ids_asked(scene: &Scene, transcript: &Transcript) -> Vec<NafId> {
    let views = views(scene, transcript);
    let mut found: Vec<NafId> = views.filter_map(|view| view.naf_id_asked()).collect();
    found.sort_unstable();
    found.dedup();
    found
}

fn views<'a>(scene: &'a Scene, transcript: &'a Transcript) -> impl Iterator<Item = View<'a>> {
    let all = 0..transcript.entries.len();
    all.filter_map(|index| View::new(scene, transcript, index))
}

/// What keys of this play can have been derived with: each element under each Ua protocol that one of
/// the connections has.
fn naf_ids(scene: &Scene, transcript: &Transcript) -> Vec<NafId> {
    let kinds = transcript.entries.iter().map(|entry| &entry.kind);
    let handshakes: Vec<_> = kinds
        .filter(|kind| matches!(kind, EntryKind::Secured { .. }))
        .collect();
    let mut found: Vec<NafId> = [Element::Naf, Element::Portal]
        .into_iter()
        .flat_map(|at| {
            let inside = handshakes.iter().map(move |kind| kind.ua_protocol(at));
            let protocols = inside.chain([ua_protocol(at)]);
            protocols.map(move |protocol| scene.naf_id(at, protocol))
        })
        .collect();
    let names = [&scene.names.application, &scene.names.second_application];
    let protocols: Vec<_> = handshakes
        .iter()
        .map(|kind| kind.ua_protocol(Element::Proxy))
        .chain([ua_protocol(Element::Proxy)])
        .collect();
    found.extend(names.into_iter().flat_map(|name| {
        let each = protocols.iter();
        each.map(move |protocol| NafId::new(name, *protocol))
    }));
    found.sort_unstable();
    found.dedup();
    found
}

fn long_term_secrets(subscriber: &Subscriber) -> Vec<Vec<u8>> {
    let card = match &subscriber.keys {
        SubscriberKeys::Usim(usim) => &usim.card,
        SubscriberKeys::Sim(sim) => &sim.card,
        SubscriberKeys::Digest(password) => return vec![password.expose().as_bytes().to_vec()],
    };
    card.expose().map(<[u8]>::to_vec).to_vec()
}

/// What a card makes of a RAND, and what GBA makes of that.
fn secrets_of_card(subscriber: &Subscriber, rand: Rand) -> Vec<Vec<u8>> {
    let functions = match &subscriber.keys {
        SubscriberKeys::Usim(usim) => &usim.functions,
        SubscriberKeys::Sim(sim) => &sim.functions,
        SubscriberKeys::Digest(_) => return Vec::new(),
    };
    let (res, ck, ik) = (functions.f2(rand), functions.f3(rand), functions.f4(rand));
    let mut secrets = vec![
        [ck.expose().as_slice(), ik.expose().as_slice()].concat(),
        ck.expose().to_vec(),
        ik.expose().to_vec(),
        res.expose().to_vec(),
    ];
    for hash in [Hash::Md5, Hash::Sha256] {
        secrets.push(akav2::password_octets(hash, &res, &ik, &ck).to_vec());
    }
    if let Some(triplet) = subscriber.triplet(rand) {
        secrets.push(triplet.sres.expose().to_vec());
        secrets.push(triplet.kc.expose().to_vec());
        secrets.push(triplet.res().expose().to_vec());
    }
    secrets
}

/// What the runs of 2G GBA and `GBA_Digest` in the transcript come to: their keys do not follow from
/// RAND alone.
fn secrets_of_runs(scene: &Scene, transcript: &Transcript, nafs: &[NafId]) -> Vec<Vec<u8>> {
    let others = scene
        .subscribers
        .iter()
        .filter(|known| known.usim().is_none());
    let others: Vec<&Subscriber> = others.collect();
    if others.is_empty() {
        return Vec::new();
    }
    let mut secrets = Vec::new();
    for (index, mut list) in directives(transcript) {
        for subscriber in &others {
            if list.value("username").is_none() {
                list.set_raw("username", format!("\"{}\"", subscriber.impi).as_bytes());
            }
            let around = Around {
                nonce: list.value("nonce").unwrap_or_default(),
                list: &list,
                exporter: transcript.exporter_of(index),
                forms: scene.gba_digest,
            };
            let Some(proof) = Proof::new(subscriber, &around) else {
                continue;
            };
            let passwords = proof.candidates(&list).into_iter();
            secrets.extend(passwords.map(|(_, password)| password));
            if let Proof::GbaDigest(proof) = &proof {
                secrets.push(proof.ha1.expose().to_vec());
            }
            let response = list.value("response").unwrap_or_default();
            secrets.push(proof.ks(response).expose().to_vec());
            for naf in nafs {
                let key = proof.ks_naf(&subscriber.impi, &list, naf);
                secrets.push(key.expose().to_vec());
            }
        }
    }
    secrets
}

/// Every RAND that a nonce of the transcript holds.
pub(crate) fn rands(transcript: &Transcript) -> Vec<Rand> {
    let nonces = directives(transcript)
        .into_iter()
        .filter_map(|(_, list)| AkaNonce::decode(list.value("nonce")?).ok());
    let mut rands: Vec<Rand> = nonces.map(|nonce| Rand::from(nonce.rand)).collect();
    rands.sort_unstable();
    rands.dedup();
    rands
}

/// Every RAND that an HSS gave, or that a B-TID holds which a NAF asks about.
fn rands_of_network(scene: &Scene, transcript: &Transcript) -> Vec<Rand> {
    let mut found = Vec::new();
    for view in views(scene, transcript) {
        found.extend(view.given_challenge().map(|(rand, _)| rand));
        let btid = view.btid_asked().and_then(|btid| BTid::decode(&btid).ok());
        let rand = btid.and_then(|btid| btid.rand().ok());
        found.extend(rand.map(Rand::from));
    }
    found
}

/// The challenges and credentials of the transcript, each with its entry.
fn directives(transcript: &Transcript) -> Vec<(usize, DirectiveList)> {
    let mut lists = Vec::new();
    for index in 0..transcript.entries.len() {
        let Some(bytes) = transcript.message_bytes(index) else {
            continue;
        };
        let Ok(message) = Message::from_bytes(bytes) else {
            continue;
        };
        for name in ["WWW-Authenticate", "Authorization"] {
            let fields = message.fields_named(name);
            let found = fields.flat_map(|field| DirectiveList::parse_challenges(&field.text()));
            lists.extend(found.map(|list| (index, list)));
        }
    }
    lists
}

/// A text to overwrite: a secret in one of its encodings.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Needle {
    /// The octets.
    pub text: Vec<u8>,
    /// What takes their place where keys are what a message is about.
    pub mark: Vec<u8>,
    /// Where it counts.
    pub standing: Standing,
}

/// Where a text counts as the secret that it encodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Wherever it is.
    Anywhere,
    /// Between other characters than those of its encodings: the four octets of a short RES or of
    /// SRES are found by chance inside of a digest, once in so many thousand plays.
    Alone,
}

impl Needle {
    /// Whether it counts at this place of the octets, which hold its text there.
    pub fn counts_at(&self, bytes: &[u8], at: usize) -> bool {
        let is_coded = |octet: Option<&u8>| {
            octet.is_some_and(|octet| octet.is_ascii_alphanumeric() || b"+/".contains(octet))
        };
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(at + self.text.len());
        self.standing == Standing::Anywhere || !(is_coded(before) || is_coded(after))
    }
}

/// The raw octets, hex in both cases, base64 with and without padding.
pub fn encodings(secrets: &[Vec<u8>]) -> Vec<Needle> {
    let mut needles: Vec<Needle> = secrets
        .iter()
        .flat_map(|secret| {
            let standing = if secret.len() < SHORT {
                Standing::Alone
            } else {
                Standing::Anywhere
            };
            let texts = in_each_encoding(secret);
            let marks = in_each_encoding(&mark(secret));
            let both = texts.into_iter().zip(marks);
            both.map(move |(text, mark)| Needle {
                text,
                mark,
                standing,
            })
        })
        .filter(|needle| needle.text.len() >= START)
        .collect();
    needles.sort_unstable();
    needles.dedup();
    needles
}

fn in_each_encoding(secret: &[u8]) -> [Vec<u8>; 5] {
    [
        secret.to_vec(),
        HEXLOWER.encode(secret).into_bytes(),
        HEXUPPER.encode(secret).into_bytes(),
        BASE64.encode(secret).into_bytes(),
        BASE64_NOPAD.encode(secret).into_bytes(),
    ]
}

/// So many octets decide where a secret may begin; a shorter one would hit by chance.
const START: usize = 4;
/// A secret of fewer octets has encodings that stand in other texts by chance.
const SHORT: usize = 8;

/// The texts to overwrite, by their first octets: a play with many challenges has thousands of
/// them, and each message is read once for all.
struct Needles(HashMap<[u8; START], Vec<Needle>>);

impl Needles {
    fn new(texts: Vec<Needle>) -> Self {
        let mut needles: HashMap<_, Vec<_>> = HashMap::new();
        for needle in texts {
            if let Some(start) = needle.text.first_chunk() {
                needles.entry(*start).or_default().push(needle);
            }
        }
        Self(needles)
    }

    /// Overwrites each text wherever it stands. All are found before the first is overwritten: Ks
    /// holds CK, and neither must hide the other.
    fn overwrite(&self, bytes: &mut [u8]) {
        for (at, needle) in self.found_in(bytes) {
            bytes[at..at + needle.text.len()].fill(b'*');
        }
    }

    /// Puts marks in the place of the texts; of two that overlap, the one that begins first counts, and
    /// of the other stars are left.
    fn replace_by_marks(&self, bytes: &mut [u8]) {
        let mut end = 0;
        for (at, needle) in self.found_in(bytes) {
            let range = at..at + needle.text.len();
            if at >= end {
                bytes[range.clone()].copy_from_slice(&needle.mark);
                end = range.end;
            } else if range.end > end {
                bytes[end..range.end].fill(b'*');
                end = range.end;
            }
        }
    }

    /// The longest text at each place, in their order.
    fn found_in(&self, bytes: &[u8]) -> Vec<(usize, &Needle)> {
        let mut found = Vec::new();
        for at in 0..bytes.len() {
            let rest = &bytes[at..];
            let Some(candidates) = rest.first_chunk().and_then(|start| self.0.get(start)) else {
                continue;
            };
            let longest = candidates
                .iter()
                .filter(|needle| rest.starts_with(&needle.text) && needle.counts_at(bytes, at))
                .max_by_key(|needle| needle.text.len());
            found.extend(longest.map(|needle| (at, needle)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::{Needle, Needles, Standing, encodings};

    #[test]
    fn overwrites_every_encoding_with_stars_of_the_same_length() {
        let secret = vec![0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf];
        let mut text = b"x=a54211d5e3ba50bf; y=A54211D5E3BA50BF; z=pUIR1eO6UL8=; ".to_vec();
        text.extend_from_slice(&secret);
        let length = text.len();
        Needles::new(encodings(&[secret])).overwrite(&mut text);
        assert_eq!(text.len(), length);
        let expected = "x=****************; y=****************; z=************; ********";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }

    #[test]
    fn puts_marks_of_the_same_length_in_the_place_of_keys() {
        let secret = vec![0x5a; 16];
        let mut text = [b"\0\x01".as_slice(), &secret, b"\0 5a5a", &b"5a".repeat(14)].concat();
        let length = text.len();
        Needles::new(encodings(std::slice::from_ref(&secret))).replace_by_marks(&mut text);
        assert_eq!(text.len(), length);
        assert_eq!(text[2..18], crate::view::network::mark(&secret));
        assert!(!text.windows(4).any(|octets| octets == b"5a5a"));
    }

    #[test]
    fn overwrites_a_secret_inside_of_another_one_and_beside_it() {
        let whole = b"0123456789abcdef".to_vec();
        let half = b"89abcdef".to_vec();
        let mut text = b"0123456789abcdefg 89abcdef! 0123 9abcdef".to_vec();
        let needles = [half, whole].map(|text| Needle {
            mark: text.clone(),
            text,
            standing: Standing::Anywhere,
        });
        Needles::new(needles.to_vec()).overwrite(&mut text);
        let expected = "****************g ********! 0123 9abcdef";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }

    /// The four octets of SRES in `gba_2g` are `46f8416a`, and `RvhBag==` in base64.
    #[test]
    fn overwrites_a_short_secret_where_it_stands_alone_and_not_inside_of_a_digest() {
        let secret = vec![0x46, 0xf8, 0x41, 0x6a];
        let mut text =
            b"a=\"46f8416a\" b=46F8416A, c=RvhBag== d=\"0e46f8416a7b\" e=046f8416a f=RvhBagAA"
                .to_vec();
        Needles::new(encodings(&[secret])).overwrite(&mut text);
        let expected =
            "a=\"********\" b=********, c=******** d=\"0e46f8416a7b\" e=046f8416a f=RvhBagAA";
        assert_eq!(String::from_utf8_lossy(&text), expected);
    }
}
