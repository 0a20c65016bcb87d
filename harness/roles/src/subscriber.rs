//! A subscriber as the home network knows it.

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::token::{Amf, Sqn};

/// One entry of the in-memory authentication centre behind the BSF.
pub struct Subscriber {
    /// The private identity, e.g. `user1_private@home1.net` (TS 23.003 clause 13.3).
    pub impi: String,
    /// The functions f1 to f5* with the subscriber's K inside.
    pub functions: AkaFunctions,
    /// The authentication management field put into every AUTN (TS 33.102 Annex F).
    pub amf: Amf,
    /// The sequence number of the last vector handed out; the next vector uses the one after it
    /// (TS 33.102 clause C.1.1.2).
    pub last_sqn: Sqn,
}
