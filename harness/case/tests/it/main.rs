//! The tests of this crate from outside: vectors, plays and evidence that nobody ever made.

mod applies;
mod broken;
mod compose;
mod families;
mod host;
mod identity;
mod interfaces;
mod made_with;
mod player;
mod profile;
mod properties;
mod redact;
mod stage;
mod totality;
mod transport;
mod ua;
mod usim;
mod variants;
mod world;
