//! The chores of the developers as code, so that they are typed, tested and the same for everybody.
//!
//! Each chore is a function from the root of the repository to what it did, in words.

pub mod corpus;
pub mod files;
pub mod interop;
pub mod new_case;
pub mod schema;
pub mod tidy;

use std::path::PathBuf;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map_or(here.clone(), PathBuf::from)
}
