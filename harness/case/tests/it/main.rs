//! The tests of this crate from outside: vectors that are broken and vectors that are short, plays,
//! and evidence that never was.

mod broken;
mod families;
mod player;
mod totality;
mod usim;
mod world;
