//! Product tokens in `User-Agent` and `Server` (TS 24.109 clauses 4.2 and 5.2.1).
//!
//! ```text
//! NAF1 Application Agent; Release-6 3gpp-gba
//! Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi
//! ```

/// Whether `value` holds `token` as a word of its own. The tables of TS 24.109 do not follow the
/// product syntax of RFC 9110 clause 10.1.5: they put the token after a blank or after `; `. So
/// words end at blank, tab, `;` and `,`, and a word has to equal the token exactly. An empty token
/// is never there.
pub fn has_token(value: &[u8], token: &str) -> bool {
    let is_break = |byte: &u8| matches!(byte, b' ' | b'\t' | b';' | b',');
    !token.is_empty() && value.split(is_break).any(|word| word == token.as_bytes())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::table_a_3_1(
        "Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi",
        "3gpp-gba-tmpi"
    )]
    #[case::table_b_3_1("NAF1 Application Agent; Release-6 3gpp-gba", "3gpp-gba")]
    #[case::table_e_3_1_1("SCEnrolmentAgent; Release-6 3gpp-gba", "3gpp-gba")]
    #[case::alone("3gpp-gba", "3gpp-gba")]
    #[case::comma("x,3gpp-gba,y", "3gpp-gba")]
    #[case::tab("x\t3gpp-gba", "3gpp-gba")]
    fn finds_the_token(#[case] value: &str, #[case] token: &str) {
        assert!(has_token(value.as_bytes(), token));
    }

    #[rstest]
    #[case::longer_word("x; 3gpp-gba-tmpi", "3gpp-gba")]
    #[case::shorter_word("x; 3gpp-gba", "3gpp-gba-tmpi")]
    #[case::other_case("3GPP-GBA", "3gpp-gba")]
    #[case::with_version("3gpp-gba/1.0", "3gpp-gba")]
    #[case::table_e_5_1("SCEnrolmentAgent; Release-6", "3gpp-gba")]
    #[case::empty_token("a; b", "")]
    fn does_not_find_another_word(#[case] value: &str, #[case] token: &str) {
        assert!(!has_token(value.as_bytes(), token));
    }
}
