//! The three digest headers: WWW-Authenticate, Authorization, Authentication-Info.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_digest_headers(data));
