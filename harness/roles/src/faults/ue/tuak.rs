//! Faults of a UE that shows with TUAK, whose RES has another length than that of Milenage.

use super::fault;
use crate::faults::{Fault, Seam, keys};
use crate::ue::{self, UbAnswer};

/// The faults.
pub const ALL: &[Fault] = &[RES_OF_EIGHT_OCTETS];

const RES_OF_EIGHT_OCTETS: Fault = fault(
    "ue/res-of-eight-octets",
    "UB-4.2-31",
    "RES is cut or filled with zeros to the eight octets of Milenage.",
    Seam::Ue(|policy| {
        policy.ub_password = |facts| match facts.answer {
            UbAnswer::Response => keys::eight_octets(&facts.aka),
            UbAnswer::Resynchronisation => ue::ub_password(facts),
        };
    }),
    &[
        "ue/tuak/answers-with-res-of-a-k-of-128-bits",
        "ue/tuak/answers-with-res-of-a-k-of-256-bits",
    ],
);
