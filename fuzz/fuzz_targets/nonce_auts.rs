//! AKA nonces, AUTS, B-TID and dates.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_nonce_auts(data));
