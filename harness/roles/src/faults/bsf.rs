//! Faults of a BSF, by what they spoil.

pub mod akav2;
pub mod answers;
pub mod challenge;
pub mod gba_2g;
pub mod gba_digest;
pub mod headers;
pub mod sbi;
pub mod sbi_keys;
pub mod soap;
pub mod success;
pub mod tmpi;
pub mod tuak;
pub mod verification;
pub mod zh;
pub mod zn;

use data_encoding::BASE64;
use gbaspec_crypto::token::Sqn;
use gbaspec_wire::http::Message;

use super::{Fault, Seam, edit};
use crate::bsf::{self, Refusal, RefusalReason, VectorChoice, VectorSeed};
use crate::role::RoleName;
use crate::store::VectorCause;

/// Every fault of a BSF.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [
        challenge::ALL,
        verification::ALL,
        answers::ALL,
        success::ALL,
        headers::ALL,
        tmpi::ALL,
        akav2::ALL,
        tuak::ALL,
        gba_2g::ALL,
        gba_digest::ALL,
        zh::ALL,
        sbi::ALL,
        sbi_keys::ALL,
        soap::ALL,
    ]
    .into_iter()
    .flatten()
    .chain(zn::all())
}

const fn fault(
    id: &'static str,
    requirement: &'static str,
    what: &'static str,
    seam: Seam,
    caught_by: &'static [&'static str],
) -> Fault {
    Fault {
        id,
        role: RoleName::Bsf,
        requirement,
        what,
        seam,
        caught_by,
    }
}

/// The vector that went out before, where the new one has this cause.
fn previous_after(choice: &VectorChoice, cause: VectorCause) -> VectorSeed {
    match choice.previous {
        Some(previous) if choice.cause == cause => previous,
        _ => bsf::choose_vector(choice),
    }
}

/// SEQ and IND one lower, in the layout of five bits that the reference peers use.
fn one_step_below(sqn: Sqn) -> Sqn {
    Sqn::new(sqn.value().saturating_sub(33)).unwrap_or(sqn)
}

/// The same SEQ with the next IND, in the same layout.
fn next_ind(sqn: Sqn) -> Sqn {
    let (seq, ind) = (sqn.value() >> 5, (sqn.value() + 1) & 0x1f);
    Sqn::new(seq << 5 | ind).unwrap_or(sqn)
}

/// 500 where the reason is this one.
fn server_error_for(refusal: &Refusal<'_>, reason: RefusalReason) -> Message {
    let mut answer = bsf::refuse(refusal);
    if refusal.reason == reason {
        let status = answer.status().unwrap_or_default();
        edit::status(&mut answer, status, "500 Internal Server Error");
    }
    answer
}

/// A challenge with random octets where the reason is this one.
fn invented_challenge_for(refusal: &Refusal<'_>, reason: RefusalReason) -> Message {
    let mut answer = bsf::refuse(refusal);
    if refusal.reason == reason {
        edit::status(&mut answer, 403, "401 Unauthorized");
        let (realm, nonce) = (refusal.fqdn, BASE64.encode(&refusal.random));
        let challenge = format!(
            "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\""
        );
        answer.push("WWW-Authenticate", challenge);
    }
    answer
}
