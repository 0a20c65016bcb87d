//! Whatever a target answers, judged.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_case::load::fuzzing::fuzz_judge(data));
