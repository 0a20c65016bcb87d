//! libFuzzer targets over the parsers.
fn main() {}
