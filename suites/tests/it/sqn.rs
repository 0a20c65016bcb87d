//! The 28 invariants of sequence numbers, one test each (TS 33.102 clauses 6.3.3, 6.3.5 and
//! Annex C), for the three profiles of clause C.3.
//!
//! | module | content |
//! |---|---|
//! | [`model`] | the rules, written again, and the generators |
//! | [`peers`] | a UE and a BSF behind real HTTP messages |
//! | [`ue`] | P-UE-1 to 12: the suite plays the BSF |
//! | [`he`] | P-HE-1 to 11: the suite plays the UE |
//! | [`system`] | P-SYS-1 to 5: a UE and a BSF, with messages lost, reordered and sent again |
//! | [`planted`] | the same properties against peers with a fault: each must find its own |
//!
//! Each property runs over 1,000 cases. The seed of a counterexample goes to a file of its own
//! under `tests/regressions`, which is committed and tried first from then on.

mod he;
mod model;
mod peers;
mod planted;
mod system;
mod ue;

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};

/// Whether a property holds for one input.
type Verdict = Result<(), TestCaseError>;

/// Defines one test for each invariant, with a case for each profile.
macro_rules! invariants {
    ($($(#[$doc:meta])* $name:ident: $strategy:expr => $property:ident;)+) => {$(
        $(#[$doc])*
        #[rstest::rstest]
        #[case::c_3_1($crate::sqn::model::Profile::C31)]
        #[case::c_3_2($crate::sqn::model::Profile::C32)]
        #[case::c_3_3($crate::sqn::model::Profile::C33)]
        fn $name(#[case] profile: $crate::sqn::model::Profile) {
            let regressions = concat!("tests/regressions/", stringify!($name), ".txt");
            $crate::sqn::holds(regressions, &$strategy, |input| $property(input, profile, None));
        }
    )+};
}
use invariants;

/// 1,000 cases; the seed of a counterexample is kept in the file.
fn holds<S: Strategy>(
    regressions: &'static str,
    strategy: &S,
    property: impl Fn(&S::Value) -> Verdict,
) {
    let config = ProptestConfig {
        cases: 1_000,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        max_shrink_iters: 1 << 14,
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(strategy, |input| property(&input));
    if let Err(why) = outcome {
        panic!("{why}");
    }
}
