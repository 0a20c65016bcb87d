//! The one error of values that have a size.

use std::error::Error;
use std::fmt;
use std::ops::RangeInclusive;

/// A slice that is too short or too long for the value that it should become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLength {
    /// The name of the value as the specifications have it, e.g. `AUTS`.
    pub what: &'static str,
    /// The lengths that the value may have, in octets.
    pub expected: RangeInclusive<usize>,
    /// The length of the slice, in octets.
    pub actual: usize,
}

impl WrongLength {
    pub(crate) const fn fixed(what: &'static str, expected: usize, actual: usize) -> Self {
        Self {
            what,
            expected: expected..=expected,
            actual,
        }
    }
}

impl fmt::Display for WrongLength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (self.expected.start(), self.expected.end());
        write!(
            f,
            "{} has {} octets, expected {least}",
            self.what, self.actual
        )?;
        if least != most {
            write!(f, " to {most}")?;
        }
        Ok(())
    }
}

impl Error for WrongLength {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_one_length() {
        let error = WrongLength::fixed("AUTS", 14, 13);
        assert_eq!(error.to_string(), "AUTS has 13 octets, expected 14");
    }

    #[test]
    fn names_a_range_of_lengths() {
        let error = WrongLength {
            what: "RES",
            expected: 4..=16,
            actual: 17,
        };
        assert_eq!(error.to_string(), "RES has 17 octets, expected 4 to 16");
    }
}
