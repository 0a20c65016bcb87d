//! JSON bodies and paths of the service-based interfaces.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_sbi(data));
