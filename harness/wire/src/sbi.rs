//! JSON of the service-based interfaces of GBA, and their paths: of the BSF (`Nbsp_GBA`, TS 29.309)
//! and of the HSS (`Nhss_gbaUEAU` and `Nhss_gbaSDM`, TS 29.562).
//!
//! ```text
//! POST /nbsp-gba/v1/bootstrapping-info-retrieval      BootstrappingInfoRequest, ...Response
//! POST /nbsp-gba/v1/push-info-retrieval               PushInfoRequest, PushInfoResponse
//! POST /nhss-gba-ueau/v1/{ueId}/security-information/generate-auth-data
//!                                                     AuthDataRequest, AuthDataResponse
//! GET  /nhss-gba-sdm/v1/{ueId}/subscriber-data        SubscriberData
//! any answer that is an error                         ProblemDetails
//! ```
//!
//! A reader ignores members that it does not know, takes what can be understood and lists each
//! deviation. A writer leaves out what is empty or absent, and writes hex in lower case.

use std::fmt;

mod json;
mod nbsp;
mod nhss;
mod path;
mod problem;
#[cfg(test)]
mod tests;

pub use json::date_time;
pub use nbsp::{
    BootstrappingInfoRequest, BootstrappingInfoResponse, GbaType, KeyChoice, NafId,
    PushInfoRequest, PushInfoResponse, SecFeature, UeIdType, UiccOrMe, Uss,
};
pub use nhss::{
    AkaAv, AuthDataRequest, AuthDataResponse, AuthenticationScheme, BsfInfo, DigestAlgorithm,
    DigestAuth, DigestQop, Guss, Resynchronization, SubscriberData, UiccType,
};
pub use path::{Operation, Target, UeId};
pub use problem::{InvalidParam, ProblemDetails};

/// The media type of all bodies but those of errors.
pub const MEDIA_TYPE: &str = "application/json";

/// The media type of the body of an error (RFC 9457).
pub const PROBLEM_MEDIA_TYPE: &str = "application/problem+json";

/// Octets that may be a key, or lead to one. What is written for people shows only how many there
/// are.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Undisclosed(
    /// The octets.
    pub Vec<u8>,
);

impl<T: Into<Vec<u8>>> From<T> for Undisclosed {
    fn from(octets: T) -> Self {
        Self(octets.into())
    }
}

impl fmt::Debug for Undisclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{} octets]", self.0.len())
    }
}

/// An enumeration of a schema that may be extended: its words, and any other text.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $word:ident => $text:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub enum $name {
            $($(#[$meaning])* $word,)*
            /// Any other text.
            Unknown(String),
        }

        impl $name {
            /// The text in JSON.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$word => $text,)*
                    Self::Unknown(text) => text,
                }
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$word,)*
                    _ => Self::Unknown(text),
                }
            }
        }

        impl super::json::Word for $name {
            fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }
        }
    };
}
use words;
