//! User security settings of Zh and Zn.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_guss_xml(data));
