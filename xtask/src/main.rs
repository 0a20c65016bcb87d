//! chores of the developers as code.
fn main() {}
