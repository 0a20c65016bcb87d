//! Each case fails at least one peer that breaks its rule, and each faulty peer is caught.

use gbaspec_roles::faults;

use crate::world::{network, plan, profiles, runtime};

#[test]
fn every_case_can_fail_and_every_fault_is_caught() {
    let _alone = network();
    let faults: Vec<_> = faults::all().collect();
    let matrix = runtime().block_on(gbaspec_drive::prove::prove(&plan(), &profiles(), &faults));
    assert!(
        matrix.holds(),
        "{} problems:\n{}",
        matrix.problems.len(),
        matrix.problems.join("\n")
    );
    assert!(matrix.faults.len() >= 150, "{} faults", matrix.faults.len());
    assert!(matrix.cases.len() >= 150, "{} cases", matrix.cases.len());
}
