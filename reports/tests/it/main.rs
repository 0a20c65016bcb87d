//! The reports as their readers see them.

mod common;
mod hostile;
mod recorder;
mod samples;
mod schema;
mod terminal;
