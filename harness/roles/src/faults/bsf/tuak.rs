//! Faults of a BSF that shows with TUAK, whose RES has another length than that of Milenage.

use super::fault;
use crate::faults::{Fault, Seam, keys};

/// The faults.
pub const ALL: &[Fault] = &[RES_OF_EIGHT_OCTETS];

const RES_OF_EIGHT_OCTETS: Fault = fault(
    "bsf/res-of-eight-octets",
    "UB-4.2-40",
    "XRES is cut or filled with zeros to the eight octets of Milenage.",
    Seam::Bsf(|policy| policy.aka_password = keys::eight_octets),
    &[
        "ub/tuak/completes-the-run-of-a-k-of-128-bits",
        "ub/tuak/completes-the-run-of-a-k-of-256-bits",
    ],
);
