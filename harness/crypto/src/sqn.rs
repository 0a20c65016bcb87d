//! Sequence numbers on both sides: what a USIM accepts, and what an `AuC` sends next.
//!
//! TS 33.102 Annex C describes both as examples; its profiles (C.3) differ in numbers and in the way
//! in which SEQ rises, which are therefore the fields of [`SqnScheme`].

mod home;
mod profile;
mod usim;

pub use home::{HeSqn, Resynchronisation};
pub use profile::{Generation, SqnScheme};
pub use usim::{SqnOutOfRange, UsimSqn};

pub use crate::token::Sqn;
