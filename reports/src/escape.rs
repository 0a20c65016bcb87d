//! The last filter before text reaches people: printable ASCII passes, everything else is named.
//!
//! Findings are escaped already where they are made; this filter does not rely on it.

use std::borrow::Cow;
use std::fmt::Write as _;

/// `text` with every character that is not printable ASCII written as an escape: `\n`, `\r`, `\t`,
/// `\x1b` below 128, `\u{202e}` above. A backslash stays as it is, so text that is escaped already
/// does not change; the result is for reading, not for decoding.
pub fn shown(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        push_shown(&mut out, character);
    }
    Cow::Owned(out)
}

/// JSON text with every character outside printable ASCII, line ends apart, written as `\uXXXX`.
///
/// Outside strings JSON is ASCII, and `serde_json` has escaped all controls inside them but DEL, so
/// what is replaced here stands inside a string, where the escape means the same character.
pub(crate) fn ascii_json(json: &str) -> Cow<'_, str> {
    if json
        .chars()
        .all(|character| is_plain(character) || character == '\n')
    {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for character in json.chars() {
        if is_plain(character) || character == '\n' {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    Cow::Owned(out)
}

fn is_plain(character: char) -> bool {
    matches!(character, ' '..='~')
}

fn push_shown(out: &mut String, character: char) {
    // Writing to a string does not fail, so the results are of no use.
    let _ = match character {
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        ' '..='~' => out.write_char(character),
        '\0'..='\x7f' => write!(out, "\\x{:02x}", u32::from(character)),
        _ => write!(out, "\\u{{{:x}}}", u32::from(character)),
    };
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::{ascii_json, shown};

    #[rstest]
    #[case::plain_text("401 Unauthorized", "401 Unauthorized")]
    #[case::escaped_text_unchanged(r"\x1b[31m", r"\x1b[31m")]
    #[case::nul("a\0b", r"a\x00b")]
    #[case::escape_sequence("\x1b[31mred", r"\x1b[31mred")]
    #[case::line_ends("a\r\nb\tc", r"a\r\nb\tc")]
    #[case::delete("\x7f", r"\x7f")]
    #[case::c1_control("\u{9b}31m", r"\u{9b}31m")]
    #[case::right_to_left_override("\u{202e}exe", r"\u{202e}exe")]
    #[case::markup_is_printable("]]><script>", "]]><script>")]
    fn shows(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(shown(text), expected);
    }

    #[rstest]
    #[case::structure_unchanged("{\n  \"a\": 1\n}", "{\n  \"a\": 1\n}")]
    #[case::delete("\"\x7f\"", r#""\u007f""#)]
    #[case::right_to_left_override("\"\u{202e}\"", r#""\u202e""#)]
    #[case::beyond_the_basic_plane("\"\u{1f600}\"", r#""\ud83d\ude00""#)]
    fn writes_json_in_ascii(#[case] json: &str, #[case] expected: &str) {
        assert_eq!(ascii_json(json), expected);
    }
}
