//! Seeds and former findings of the fuzz targets, replayed without libFuzzer.

use std::fs;

use gbaspec_case::load::fuzzing::{fuzz_judge, fuzz_vector_loader};
use gbaspec_crypto::pki::fuzzing::fuzz_certificates;
use gbaspec_wire::fuzzing::{
    fuzz_bsf_xml, fuzz_diameter, fuzz_digest_headers, fuzz_guss_xml, fuzz_http, fuzz_nonce_auts,
    fuzz_sbi,
};
use rstest::rstest;
use xtask::{files, root};

#[rstest]
#[case::digest_headers("digest_headers", fuzz_digest_headers)]
#[case::nonce_auts("nonce_auts", fuzz_nonce_auts)]
#[case::http("http", fuzz_http)]
#[case::bsf_xml("bsf_xml", fuzz_bsf_xml)]
#[case::sbi("sbi", fuzz_sbi)]
#[case::diameter("diameter", fuzz_diameter)]
#[case::guss_xml("guss_xml", fuzz_guss_xml)]
#[case::certificates("certificates", fuzz_certificates)]
#[case::vector_loader("vector_loader", fuzz_vector_loader)]
#[case::judge("judge", fuzz_judge)]
fn nothing_breaks_again(#[case] target: &str, #[case] body: fn(&[u8])) {
    let fuzz = root().join("fuzz");
    let mut inputs = files::below(&fuzz.join("corpus").join(target), "");
    inputs.retain(|path| path.to_string_lossy().contains("seed-"));
    assert!(!inputs.is_empty(), "`cargo xtask corpus` writes seeds");
    inputs.extend(files::below(&fuzz.join("regressions").join(target), ""));
    for input in inputs {
        body(&fs::read(&input).expect("an input that can be read"));
    }
}

#[test]
fn every_target_is_replayed() {
    let targets = files::stems(&root().join("fuzz/fuzz_targets"));
    let replayed = [
        "bsf_xml",
        "certificates",
        "diameter",
        "digest_headers",
        "guss_xml",
        "http",
        "judge",
        "nonce_auts",
        "sbi",
        "vector_loader",
    ];
    assert_eq!(targets, replayed);
}
