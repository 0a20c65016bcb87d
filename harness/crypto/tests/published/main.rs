//! Published values, and values that another implementation computed from published ones.
//!
//! Nothing here is computed by the crate under test: each expectation is a literal.

mod aka;
mod akav2;
mod digest;
mod flows;
mod gba_2g;
mod gba_digest;
mod kdf;
mod milenage;
mod milenage_sets;
mod pki;
mod pki_openssl;
mod resynchronisation;
mod sqn;
mod tuak;
mod tuak_sets;

use data_encoding::{BASE64, HEXLOWER};

/// The octets of a lower-case hexadecimal text of this length.
fn hex<const N: usize>(text: &str) -> [u8; N] {
    let octets = HEXLOWER
        .decode(text.as_bytes())
        .expect("the text is hexadecimal");
    octets
        .try_into()
        .expect("the text has the length of the value")
}

/// The octets of a base64 text of this length.
fn base64<const N: usize>(text: &str) -> [u8; N] {
    let octets = BASE64.decode(text.as_bytes()).expect("the text is base64");
    octets
        .try_into()
        .expect("the text has the length of the value")
}
