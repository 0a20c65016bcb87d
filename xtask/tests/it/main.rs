//! The chores, tried on the repository itself.

mod new_case;
mod replay;
mod sbi;
mod schema;
mod tidy;
