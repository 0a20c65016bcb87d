//! HTTP messages, alone and as streams in pieces.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_http(data));
