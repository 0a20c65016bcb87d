//! Keys that elements of the network hand to each other. A transcript never holds one: in its place
//! stands a mark of the same length, in the same encoding, that whoever knows the key can make.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use gbaspec_crypto::digest::Hash;

/// What stands for a secret where it was sent as such: of the same length, and nobody finds the
/// secret in it.
pub(crate) fn mark(secret: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(secret.len());
    for block in 0_u32.. {
        if octets.len() >= secret.len() {
            break;
        }
        let text = [secret, &block.to_be_bytes()].concat();
        octets.extend(Hash::Sha256.hmac(b"a secret stood here", &text));
    }
    octets.truncate(secret.len());
    octets
}

/// The name of the first of these secrets that the octets are, with the encoding if there is one.
pub(super) fn named(octets: &[u8], known: &[(&'static str, Vec<u8>)]) -> String {
    let is = |octets: &[u8], secret: &[u8]| octets == secret || octets == mark(secret);
    let find = |octets: &[u8]| {
        let mut known = known.iter();
        known
            .find(|(_, secret)| !secret.is_empty() && is(octets, secret))
            .map(|(name, _)| *name)
    };
    if let Some(name) = find(octets) {
        return name.to_owned();
    }
    let text = octets.trim_ascii();
    let bare = text.strip_prefix(b"0x").unwrap_or(text);
    let encodings = [
        ("base64", BASE64.decode(text).ok()),
        ("hex", HEXLOWER_PERMISSIVE.decode(bare).ok()),
    ];
    for (encoding, decoded) in encodings {
        if let Some(name) = decoded.as_deref().and_then(find) {
            return format!("{name} as {encoding}");
        }
    }
    if octets.is_empty() {
        "empty".to_owned()
    } else if octets.iter().all(|octet| *octet == 0) {
        "zeros".to_owned()
    } else {
        format!("other, {} octets", octets.len())
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::BASE64;
    use rstest::rstest;

    use super::{mark, named};

    const KEY: [u8; 32] = [0x5a; 32];

    #[test]
    fn marks_have_the_length_of_the_secret_and_tell_two_apart() {
        for octets in [0, 4, 16, 32, 100] {
            assert_eq!(mark(&vec![7; octets]).len(), octets);
        }
        assert_ne!(mark(&[1; 16]), mark(&[2; 16]));
        assert_ne!(mark(&[1; 16]), vec![1; 16]);
    }

    #[rstest]
    #[case::key(KEY.to_vec(), "key")]
    #[case::its_mark(mark(&KEY), "key")]
    #[case::base64(BASE64.encode(&KEY).into_bytes(), "key as base64")]
    #[case::mark_in_base64(BASE64.encode(&mark(&KEY)).into_bytes(), "key as base64")]
    #[case::hex("5A".repeat(32).into_bytes(), "key as hex")]
    #[case::hex_with_prefix(format!("0x{}", "5a".repeat(32)).into_bytes(), "key as hex")]
    #[case::zeros(vec![0; 32], "zeros")]
    #[case::nothing(Vec::new(), "empty")]
    #[case::other(vec![1, 2], "other, 2 octets")]
    fn names_a_secret(#[case] octets: Vec<u8>, #[case] expected: &str) {
        assert_eq!(named(&octets, &[("key", KEY.to_vec())]), expected);
    }
}
