//! Faults of a UE that derives its own identity and the name of its BSF.

use super::fault;
use crate::faults::{Fault, Seam};
use crate::names::{self, Identity};

/// The faults, in the order of the requirements.
pub const ALL: &[Fault] = &[
    BSF_NAME_WITHOUT_LABEL,
    BSF_NAME_WITHOUT_PUB,
    MNC_NOT_PADDED,
    IMPI_IS_THE_IMSI,
    IMPI_WITHOUT_IMS,
    IMPI_WITH_PUB,
];

const BSF_NAME_WITHOUT_LABEL: Fault = fault(
    "ue/bsf-name-without-label",
    "UB-4.2-06",
    "The BSF is looked for at the domain of the private identity itself.",
    Seam::Ue(|policy| {
        policy.bsf_fqdn = |identity| match identity {
            Identity::Isim { impi } => names::domain(impi).to_owned(),
            Identity::Given { .. } | Identity::Imsi(_) => names::bsf_fqdn(identity),
        };
    }),
    &["ue/bootstrap/starts-with-the-bsf-name-as-realm"],
);
const BSF_NAME_WITHOUT_PUB: Fault = fault(
    "ue/bsf-name-without-pub",
    "UB-4.2-01",
    "The name of the BSF lacks the label pub.",
    Seam::Ue(|policy| {
        policy.bsf_fqdn = |identity| names::bsf_fqdn(identity).replace(".pub.", ".");
    }),
    &[
        "ue/identity/derives-the-bsf-name-from-the-imsi",
        "ue/identity/calls-the-bsf-of-the-imsi-in-host",
    ],
);
const MNC_NOT_PADDED: Fault = fault(
    "ue/mnc-not-padded",
    "UB-4.2-01",
    "An MNC of two digits stays as it is in the name of the BSF.",
    Seam::Ue(|policy| {
        policy.bsf_fqdn = |identity| match identity {
            Identity::Imsi(imsi) => names::bsf_fqdn(identity).replace(
                &format!("mnc{}", imsi.padded_mnc()),
                &format!("mnc{}", imsi.mnc()),
            ),
            Identity::Given { .. } | Identity::Isim { .. } => names::bsf_fqdn(identity),
        };
    }),
    &[
        "ue/identity/derives-the-bsf-name-from-the-imsi",
        "ue/identity/calls-the-bsf-of-the-imsi-in-host",
    ],
);
const IMPI_IS_THE_IMSI: Fault = fault(
    "ue/impi-is-the-imsi",
    "UB-4.2-05",
    "The username is the digits of the IMSI alone.",
    Seam::Ue(|policy| {
        policy.impi = |identity| match identity {
            Identity::Imsi(imsi) => imsi.digits().to_owned(),
            Identity::Given { .. } | Identity::Isim { .. } => names::impi(identity),
        };
    }),
    &["ue/identity/derives-the-impi-from-the-imsi"],
);
const IMPI_WITHOUT_IMS: Fault = fault(
    "ue/impi-without-ims",
    "UB-4.2-05",
    "The domain of the derived private identity lacks the label ims.",
    Seam::Ue(|policy| policy.impi = |identity| names::impi(identity).replace("@ims.", "@")),
    &["ue/identity/derives-the-impi-from-the-imsi"],
);
const IMPI_WITH_PUB: Fault = fault(
    "ue/impi-with-pub",
    "UB-4.2-05",
    "The domain of the derived private identity has the label pub.",
    Seam::Ue(|policy| {
        policy.impi =
            |identity| names::impi(identity).replace(".3gppnetwork.org", ".pub.3gppnetwork.org");
    }),
    &["ue/identity/derives-the-impi-from-the-imsi"],
);
