//! The one way in which this project shows bytes of a peer to people.

/// The bytes as printable ASCII: printable characters stay, the backslash is doubled, and every
/// other octet becomes `\xNN` with two lower-case hex digits. The result never holds a control
/// character, so it is safe in a terminal and on one line.
pub fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        push_escaped(&mut text, byte);
    }
    text
}

/// The octets that an escaped text stands for; none if an escape in it is none.
pub fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        if first != b'\\' {
            octets.push(first);
            continue;
        }
        rest = match after {
            [b'\\', after @ ..] => {
                octets.push(b'\\');
                after
            }
            [b'x', high, low, after @ ..] => {
                let digit = |octet: u8| char::from(octet).to_digit(16);
                let value = digit(*high)? * 16 + digit(*low)?;
                octets.push(u8::try_from(value).ok()?);
                after
            }
            _ => return None,
        };
    }
    Some(octets)
}

/// Escaped, and cut to at most `limit` characters; a cut excerpt ends in `...`, and no escape
/// sequence is torn apart.
pub(crate) fn excerpt(bytes: &[u8], limit: usize) -> String {
    const CUT: &str = "...";
    let mut text = String::new();
    // Where to cut if the text turns out to be too long.
    let mut fits = 0;
    for &byte in bytes {
        push_escaped(&mut text, byte);
        if text.len() + CUT.len() <= limit {
            fits = text.len();
        }
        if text.len() > limit {
            text.truncate(fits);
            text.push_str(CUT);
            return text;
        }
    }
    text
}

fn push_escaped(text: &mut String, byte: u8) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    match byte {
        b'\\' => text.push_str("\\\\"),
        b' '..=b'~' => text.push(char::from(byte)),
        _ => {
            text.push_str("\\x");
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 0x0f)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain(b"Digest realm=\"a\"", "Digest realm=\"a\"")]
    #[case::backslash(b"a\\b", "a\\\\b")]
    #[case::line_end(b"\r\n", "\\x0d\\x0a")]
    #[case::terminal_escape(b"\x1b[2J", "\\x1b[2J")]
    #[case::delete(b"\x7f", "\\x7f")]
    #[case::not_ascii(b"\xc3\xa9\xff\x80", "\\xc3\\xa9\\xff\\x80")]
    fn escapes_what_is_not_printable(#[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(escape(bytes), text);
    }

    #[rstest]
    #[case::fits(b"0123456789", "0123456789")]
    #[case::cut(b"0123456789a", "0123456...")]
    #[case::cut_before_escape(b"012345\x000123", "012345...")]
    #[case::last_escape_fits(b"012345\x00", "012345\\x00")]
    fn cuts_excerpts_between_characters(#[case] bytes: &[u8], #[case] text: &str) {
        assert_eq!(excerpt(bytes, 10), text);
    }

    proptest! {
        #[test]
        fn never_yields_control_characters(bytes: Vec<u8>) {
            prop_assert!(escape(&bytes).bytes().all(|byte| matches!(byte, b' '..=b'~')));
            prop_assert!(excerpt(&bytes, 60).len() <= 60);
        }
    }
}
