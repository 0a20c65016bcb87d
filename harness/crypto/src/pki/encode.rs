//! DER, as it is written (ITU-T X.690 clause 10).

/// SEQUENCE and SEQUENCE OF.
pub(super) const SEQUENCE: u8 = 0x30;
/// SET and SET OF.
pub(super) const SET: u8 = 0x31;
/// INTEGER.
pub(super) const INTEGER: u8 = 0x02;
/// BIT STRING.
pub(super) const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub(super) const OCTET_STRING: u8 = 0x04;
/// `UTF8String`.
pub(super) const UTF8_STRING: u8 = 0x0c;
/// `UTCTime`.
pub(super) const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub(super) const GENERALIZED_TIME: u8 = 0x18;
/// BOOLEAN TRUE, whole.
pub(super) const TRUE: &[u8] = &[0x01, 0x01, 0xff];

/// How deep [`nested`] goes at most.
const DEEPEST: usize = 10_000;

/// The tag of a constructed value with this context-specific number.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// Tag, length and the parts one after the other.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length = parts.iter().map(|part| part.len()).sum();
    let mut octets = head(tag, length);
    for part in parts {
        octets.extend_from_slice(part);
    }
    octets
}

/// A BIT STRING of whole octets.
pub(super) fn bit_string(octets: &[u8]) -> Vec<u8> {
    tlv(BIT_STRING, &[&[0], octets])
}

/// A positive INTEGER.
pub(super) fn integer(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let significant = &octets[zeros..];
    match significant.first() {
        Some(first) if *first < 0x80 => tlv(INTEGER, &[significant]),
        _ => tlv(INTEGER, &[&[0], significant]),
    }
}

/// So many SEQUENCEs, one inside the other, at most 10 000: sound DER that says nothing, for a
/// receiver that follows it with its stack.
pub fn nested(depth: usize) -> Vec<u8> {
    // From the inside and backwards, so that no level copies the others.
    let mut reversed = Vec::new();
    for _ in 0..depth.min(DEEPEST) {
        let head = head(SEQUENCE, reversed.len());
        reversed.extend(head.into_iter().rev());
    }
    reversed.reverse();
    reversed
}

fn head(tag: u8, length: usize) -> Vec<u8> {
    let be = length.to_be_bytes();
    let zeros = be.iter().take_while(|octet| **octet == 0).count();
    match &be[zeros..] {
        [] => vec![tag, 0],
        [short] if *short < 0x80 => vec![tag, *short],
        long => {
            let mut head = vec![tag, 0x80];
            head.extend_from_slice(long);
            head[1] |= u8::try_from(long.len()).unwrap_or_default();
            head
        }
    }
}
