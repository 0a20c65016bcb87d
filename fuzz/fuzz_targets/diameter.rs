//! Messages of Diameter, and their notation.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_wire::fuzzing::fuzz_diameter(data));
