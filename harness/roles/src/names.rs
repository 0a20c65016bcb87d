//! Who a UE is and where its BSF is, derived from the identity that its card holds (TS 23.003
//! clauses 2.2, 13.3 and 16.2).
//!
//! | card               | private identity                            | name of the BSF                         |
//! |--------------------|---------------------------------------------|-----------------------------------------|
//! | IMSI (SIM, USIM)   | `IMSI@ims.mncMNC.mccMCC.3gppnetwork.org`    | `bsf.mncMNC.mccMCC.pub.3gppnetwork.org` |
//! | IMPI (ISIM)        | the IMPI                                    | `bsf.` before its domain                |
//! | IMPI under `3gppnetwork.org` | the IMPI                          | `bsf.` before and `pub.` inside it      |

use std::fmt;

/// The domain of the operators that have no name of their own.
const NETWORK: &str = "3gppnetwork.org";
/// The digits of an IMSI (TS 23.003 clause 2.2): at most 15, and MCC and MNC with something after
/// them.
const IMSI_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;
/// The digits of MCC.
const MCC_DIGITS: usize = 3;

/// What a UE knows of its own identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// Both names as they were provisioned.
    Given {
        /// The private identity.
        impi: String,
        /// The name of the BSF.
        bsf_fqdn: String,
    },
    /// The IMSI of a SIM or USIM.
    Imsi(Imsi),
    /// The private identity of an ISIM.
    Isim {
        /// That identity.
        impi: String,
    },
}

/// An international mobile subscriber identity (TS 23.003 clause 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imsi {
    digits: String,
    mnc_digits: MncDigits,
}

/// How many digits the MNC has; the IMSI itself does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MncDigits {
    /// Two, as in most of the world.
    Two,
    /// Three.
    Three,
}

/// The text is no IMSI: it has something else than digits, or too few or too many of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnImsi;

impl Imsi {
    /// Reads 6 to 15 digits.
    pub fn new(digits: &str, mnc_digits: MncDigits) -> Result<Self, NotAnImsi> {
        let is_sound = IMSI_DIGITS.contains(&digits.len())
            && digits.bytes().all(|octet| octet.is_ascii_digit());
        if !is_sound {
            return Err(NotAnImsi);
        }
        Ok(Imsi {
            digits: digits.to_owned(),
            mnc_digits,
        })
    }

    /// All digits.
    pub fn digits(&self) -> &str {
        &self.digits
    }

    /// The mobile country code, three digits.
    pub fn mcc(&self) -> &str {
        self.digits.get(..MCC_DIGITS).unwrap_or_default()
    }

    /// The mobile network code as it stands in the IMSI, two or three digits.
    pub fn mnc(&self) -> &str {
        let digits = match self.mnc_digits {
            MncDigits::Two => 2,
            MncDigits::Three => 3,
        };
        self.digits
            .get(MCC_DIGITS..MCC_DIGITS + digits)
            .unwrap_or_default()
    }

    /// The mobile network code as names have it: always three digits, a zero in front of two
    /// (TS 23.003 clause 13.2).
    pub fn padded_mnc(&self) -> String {
        format!("{:0>3}", self.mnc())
    }
}

impl fmt::Display for NotAnImsi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an IMSI has 6 to 15 digits")
    }
}

impl std::error::Error for NotAnImsi {}

/// The private identity (TS 23.003 clause 13.3).
pub fn impi(identity: &Identity) -> String {
    match identity {
        Identity::Given { impi, .. } | Identity::Isim { impi } => impi.clone(),
        Identity::Imsi(imsi) => format!(
            "{}@ims.mnc{}.mcc{}.{NETWORK}",
            imsi.digits(),
            imsi.padded_mnc(),
            imsi.mcc()
        ),
    }
}

/// The name of the BSF (TS 23.003 clause 16.2).
pub fn bsf_fqdn(identity: &Identity) -> String {
    match identity {
        Identity::Given { bsf_fqdn, .. } => bsf_fqdn.clone(),
        Identity::Imsi(imsi) => {
            format!(
                "bsf.mnc{}.mcc{}.pub.{NETWORK}",
                imsi.padded_mnc(),
                imsi.mcc()
            )
        }
        Identity::Isim { impi } => {
            let domain = domain(impi);
            let labels = domain
                .strip_suffix(NETWORK)
                .and_then(|labels| labels.strip_suffix('.'));
            match labels {
                Some(labels) => format!("bsf.{labels}.pub.{NETWORK}"),
                None => format!("bsf.{domain}"),
            }
        }
    }
}

/// The domain of a private identity: what follows its `@`, the home network domain.
pub fn domain(impi: &str) -> &str {
    impi.split_once('@').map_or("", |(_, domain)| domain)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn imsi(digits: &str, mnc_digits: MncDigits) -> Identity {
        Identity::Imsi(Imsi::new(digits, mnc_digits).expect("an IMSI"))
    }

    fn isim(impi: &str) -> Identity {
        Identity::Isim {
            impi: impi.to_owned(),
        }
    }

    #[rstest]
    #[case::mnc_of_two_digits(
        imsi("001010123456789", MncDigits::Two),
        "001010123456789@ims.mnc001.mcc001.3gppnetwork.org",
        "bsf.mnc001.mcc001.pub.3gppnetwork.org"
    )]
    #[case::mnc_of_three_digits(
        imsi("310150123456789", MncDigits::Three),
        "310150123456789@ims.mnc150.mcc310.3gppnetwork.org",
        "bsf.mnc150.mcc310.pub.3gppnetwork.org"
    )]
    #[case::example_of_23_003(
        imsi("234150999999999", MncDigits::Two),
        "234150999999999@ims.mnc015.mcc234.3gppnetwork.org",
        "bsf.mnc015.mcc234.pub.3gppnetwork.org"
    )]
    #[case::isim_of_an_operator_with_a_name(
        isim("user1_private@home1.net"),
        "user1_private@home1.net",
        "bsf.home1.net"
    )]
    #[case::isim_of_an_operator_without_a_name(
        isim("234150999999999@ims.mnc015.mcc234.3gppnetwork.org"),
        "234150999999999@ims.mnc015.mcc234.3gppnetwork.org",
        "bsf.ims.mnc015.mcc234.pub.3gppnetwork.org"
    )]
    #[case::given(
        Identity::Given {
            impi: "user1_private@home1.net".to_owned(),
            bsf_fqdn: "registrar.home1.net".to_owned(),
        },
        "user1_private@home1.net",
        "registrar.home1.net"
    )]
    fn derives_both_names(#[case] identity: Identity, #[case] private: &str, #[case] bsf: &str) {
        assert_eq!(impi(&identity), private);
        assert_eq!(bsf_fqdn(&identity), bsf);
    }

    #[rstest]
    #[case::empty("")]
    #[case::five_digits("00101")]
    #[case::sixteen_digits("0010101234567890")]
    #[case::letter("00101012345678a")]
    #[case::digits_of_another_script("\u{664}01010123456789")]
    fn refuses_what_is_no_imsi(#[case] digits: &str) {
        assert_eq!(Imsi::new(digits, MncDigits::Two), Err(NotAnImsi));
    }

    #[rstest]
    #[case::usual("user1_private@home1.net", "home1.net")]
    #[case::without_domain("user1_private", "")]
    #[case::two_signs("a@b@c", "b@c")]
    fn takes_the_domain_after_the_sign(#[case] impi: &str, #[case] after: &str) {
        assert_eq!(domain(impi), after);
    }
}
