//! Certification requests, certificates and names.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| gbaspec_crypto::pki::fuzzing::fuzz_certificates(data));
