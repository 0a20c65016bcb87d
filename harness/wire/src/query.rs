//! Parameters in the query of a request target (RFC 3986 clauses 2.1 and 3.4).
//!
//! ```text
//! /enrol?response=single
//! /getcertificate?in=MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB%2BIDIwMDQ%2FIQ%3D%3D
//! ```

/// The first value of a parameter as it stands in the target. It ends at the next `&` or at a
/// fragment, and an equals sign inside it belongs to it: base64 ends with some (TS 24.109 table
/// E.5-1).
pub fn parameter<'a>(target: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let start = target.iter().position(|octet| *octet == b'?')? + 1;
    let query = target[start..].split(|octet| *octet == b'#').next()?;
    query.split(|octet| *octet == b'&').find_map(|parameter| {
        parameter
            .strip_prefix(name.as_bytes())?
            .strip_prefix(b"=".as_slice())
    })
}

/// The octets that a text with percent signs stands for. A percent sign without two hex digits
/// after it stands for itself.
pub fn percent_decode(text: &[u8]) -> Vec<u8> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escaped = after
            .split_at_checked(2)
            .filter(|_| *first == b'%')
            .and_then(|(digits, after)| Some((octet_of(digits)?, after)));
        let (octet, after) = escaped.unwrap_or((*first, after));
        octets.push(octet);
        rest = after;
    }
    octets
}

/// The text with everything escaped but letters, digits and `-._~`.
pub fn percent_encode(text: &str) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let mut escaped = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || b"-._~".contains(&octet) {
            escaped.push(char::from(octet));
        } else {
            let (high, low) = (usize::from(octet >> 4), usize::from(octet & 15));
            escaped.extend(['%', DIGITS[high], DIGITS[low]]);
        }
    }
    escaped
}

fn octet_of(digits: &[u8]) -> Option<u8> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    let [high, low] = digits else {
        return None;
    };
    u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::table_e_3_1_1("/enrol?response=single", "response", Some("single"))]
    #[case::table_e_5_1("/getcertificate?in=aabbccdd==", "in", Some("aabbccdd=="))]
    #[case::second("/enrol?a=b&response=chain", "response", Some("chain"))]
    #[case::twice("/enrol?response=a&response=b", "response", Some("a"))]
    #[case::empty("/enrol?response=", "response", Some(""))]
    #[case::absolute_form("http://a.example/enrol?response=x#y", "response", Some("x"))]
    #[case::other_name("/enrol?responses=single", "response", None)]
    #[case::no_value("/enrol?response", "response", None)]
    #[case::no_query("/enrol/response=single", "response", None)]
    fn finds_a_parameter(#[case] target: &str, #[case] name: &str, #[case] value: Option<&str>) {
        assert_eq!(parameter(target.as_bytes(), name), value.map(str::as_bytes));
    }

    #[rstest]
    #[case::escaped("a%2Bb%2f%3D", b"a+b/=")]
    #[case::plus_is_plus("a+b", b"a+b")]
    #[case::no_digits("100%", b"100%")]
    #[case::one_digit("%4", b"%4")]
    #[case::no_hex("%zz%41", b"%zzA")]
    #[case::any_octet("%ff%00", &[0xff, 0])]
    fn decodes(#[case] text: &str, #[case] octets: &[u8]) {
        assert_eq!(percent_decode(text.as_bytes()), octets);
    }

    #[test]
    fn encodes() {
        assert_eq!(percent_encode("aZ9-._~+/=ü"), "aZ9-._~%2B%2F%3D%C3%BC");
    }
}
