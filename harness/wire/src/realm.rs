//! The realm of Ua: which bootstrapped keys a NAF takes (TS 24.109 clause 5.2.4).
//!
//! ```text
//! realm = offer *( ";" offer )
//! offer = "3GPP-bootstrapping" [ "-uicc" / "-digest" ] "@" FQDN of the NAF
//! ```

use crate::error::DecodeError;

const FIELD: &str = "realm";

/// The realm of a NAF, offer by offer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UaRealm {
    /// The offers in their order; at least one.
    pub offers: Vec<Offer>,
}

/// One kind of key, for one NAF.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Offer {
    /// The part before the `@`.
    pub prefix: Prefix,
    /// The part after the `@`: the FQDN of the NAF.
    pub fqdn: String,
}

/// The kind of key that an offer is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Prefix {
    /// `3GPP-bootstrapping`: Ks_NAF or Ks_ext_NAF.
    Bootstrapping,
    /// `3GPP-bootstrapping-uicc`: Ks_int_NAF.
    BootstrappingUicc,
    /// `3GPP-bootstrapping-digest`: a key of GBA_Digest.
    BootstrappingDigest,
    /// Any other text.
    Unknown(String),
}

impl Prefix {
    /// The text of the prefix.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Bootstrapping => "3GPP-bootstrapping",
            Self::BootstrappingUicc => "3GPP-bootstrapping-uicc",
            Self::BootstrappingDigest => "3GPP-bootstrapping-digest",
            Self::Unknown(text) => text,
        }
    }

    /// The prefix with this text. Case matters: nothing in the clause says that it does not.
    fn from_text(text: &str) -> Self {
        [
            Self::Bootstrapping,
            Self::BootstrappingUicc,
            Self::BootstrappingDigest,
        ]
        .into_iter()
        .find(|known| known.as_str() == text)
        .unwrap_or_else(|| Self::Unknown(text.to_owned()))
    }
}

impl UaRealm {
    /// Splits a realm at its semicolons, and each offer at its only `@`.
    ///
    /// `BadValue` for a character that is not printable ASCII, an offer without exactly one `@`,
    /// or one with nothing on a side of it.
    pub fn decode(text: &[u8]) -> Result<Self, DecodeError> {
        let bad = |why| DecodeError::BadValue { field: FIELD, why };
        let text = std::str::from_utf8(text)
            .ok()
            .filter(|text| text.bytes().all(is_printable));
        let text = text.ok_or_else(|| bad("a character is not printable ASCII"))?;
        let offers = text.split(';').map(|offer| {
            let (prefix, fqdn) = offer
                .split_once('@')
                .ok_or_else(|| bad("an offer has no @"))?;
            if fqdn.contains('@') {
                return Err(bad("an offer has more than one @"));
            }
            if prefix.is_empty() || fqdn.is_empty() {
                return Err(bad("nothing stands on one side of the @"));
            }
            Ok(Offer {
                prefix: Prefix::from_text(prefix),
                fqdn: fqdn.to_owned(),
            })
        });
        Ok(Self {
            offers: offers.collect::<Result<_, _>>()?,
        })
    }

    /// The realm as text.
    pub fn encode(&self) -> String {
        let offers: Vec<String> = self
            .offers
            .iter()
            .map(|offer| format!("{}@{}", offer.prefix.as_str(), offer.fqdn))
            .collect();
        offers.join(";")
    }
}

/// Blanks are no part of a name, and a semicolon has been taken out already.
fn is_printable(byte: u8) -> bool {
    byte.is_ascii_graphic()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::{Offer, Prefix, UaRealm};
    use crate::error::DecodeError;

    #[test]
    fn deconstructs_a_list_as_seen_in_the_field() {
        let text = b"3GPP-bootstrapping-uicc@naf1.home1.net;3GPP-bootstrapping@naf1.home1.net";
        let realm = UaRealm::decode(text).expect("a realm");
        let prefixes: Vec<_> = realm
            .offers
            .iter()
            .map(|offer| offer.prefix.clone())
            .collect();
        assert_eq!(prefixes, [Prefix::BootstrappingUicc, Prefix::Bootstrapping]);
        assert!(
            realm
                .offers
                .iter()
                .all(|offer| offer.fqdn == "naf1.home1.net")
        );
    }

    #[test]
    fn constructs_the_realm_of_a_naf() {
        let offer = Offer {
            prefix: Prefix::Bootstrapping,
            fqdn: "naf1.home1.net".to_owned(),
        };
        let realm = UaRealm {
            offers: vec![offer],
        };
        assert_eq!(realm.encode(), "3GPP-bootstrapping@naf1.home1.net");
    }

    #[rstest]
    #[case::no_at(b"3GPP-bootstrapping", "an offer has no @")]
    #[case::two_ats(b"3GPP-bootstrapping@a@b", "an offer has more than one @")]
    #[case::no_name(b"3GPP-bootstrapping@", "nothing stands on one side of the @")]
    #[case::no_prefix(b"@naf1.home1.net", "nothing stands on one side of the @")]
    #[case::empty_offer(b"3GPP-bootstrapping@a;", "an offer has no @")]
    #[case::blank(b"3GPP-bootstrapping @a", "a character is not printable ASCII")]
    fn refuses_what_is_no_list_of_offers(#[case] text: &[u8], #[case] why: &'static str) {
        let refused = DecodeError::BadValue {
            field: "realm",
            why,
        };
        assert_eq!(UaRealm::decode(text), Err(refused));
    }

    #[test]
    fn keeps_an_unknown_prefix() {
        let realm = UaRealm::decode(b"3gpp-bootstrapping@a").expect("a realm");
        let unknown = Prefix::Unknown("3gpp-bootstrapping".to_owned());
        assert_eq!(realm.offers[0].prefix, unknown);
    }

    proptest! {
        #[test]
        fn round_trips(text in "[!-:<-?A-~]{1,20}@[a-z.]{1,20}(;[!-:<-?A-~]{1,20}@[a-z.]{1,20}){0,3}") {
            let realm = UaRealm::decode(text.as_bytes()).expect("a realm");
            prop_assert_eq!(realm.encode(), text);
        }
    }
}
