//! Vector files and target profiles.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_case::load::fuzzing::fuzz_vector_loader(data));
