//! bytes <-> messages: HTTP, digest headers, AKA nonces, bsf+xml, Diameter, JSON of the service-based
//! interfaces, SOAP.
//!
//! This crate holds no key, does no I/O and reads no clock. Each codec has two layers. The packet
//! layer ([`http::Message`], [`directive::DirectiveList`], [`diameter::Packet`]) shows every byte, nonsense included,
//! and writes back exactly what it read. The repr layer ([`digest_header`], [`nonce`], [`auts`],
//! [`btid`], [`bsf_xml`], [`guss_xml`], [`sbi`], [`soap`]) holds sensible values only; beside them it lists each
//! [`error::Deviation`] from the specification, so that a tolerant reader can still name what
//! was wrong. What repr types write is always the strict form.

pub mod auts;
mod base64;
pub mod bsf_xml;
pub mod btid;
pub mod date;
pub mod diameter;
pub mod digest_header;
pub mod directive;
pub mod error;
pub mod escape;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod guss_xml;
pub mod http;
pub mod nonce;
pub mod product;
pub mod query;
pub mod realm;
pub mod sbi;
pub mod soap;
mod xml;
