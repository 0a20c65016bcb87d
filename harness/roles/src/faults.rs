//! Known faults: a correct role plus one named change each.
//!
//! A fault is one constant in the list of its role. It names the requirement that it breaks, in
//! one sentence what it does, and the cases that must catch it. To add one, add a constant; no
//! role code changes.

pub mod bsf;
mod edit;
pub mod hss;
mod keys;
pub mod naf;
pub mod portal;
pub mod proxy;
pub mod stock;
pub mod ue;

use gbaspec_wire::diameter::Packet;
use gbaspec_wire::http::Message;

use crate::bsf::BsfPolicy;
use crate::hss::HssPolicy;
use crate::proxy::ProxyPolicy;
use crate::role::RoleName;
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

/// One way in which a role can be wrong.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// Its name, `role/slug`, e.g. `bsf/nonce-again-after-auts`; assigned once.
    pub id: &'static str,
    /// The role that has it.
    pub role: RoleName,
    /// The row of the requirement register that it breaks: the reason for which it must be caught.
    pub requirement: &'static str,
    /// What it does, in one sentence.
    pub what: &'static str,
    /// Where it acts.
    pub seam: Seam,
    /// The cases that must catch it.
    pub caught_by: &'static [&'static str],
}

/// Where a fault acts.
#[derive(Clone, Copy, Debug)]
pub enum Seam {
    /// One decision of a BSF.
    Bsf(fn(&mut BsfPolicy)),
    /// One decision of a UE.
    Ue(fn(&mut UePolicy)),
    /// One decision of a NAF or PKI portal.
    Ua(fn(&mut UaPolicy)),
    /// One decision of an authentication proxy.
    Proxy(fn(&mut ProxyPolicy)),
    /// One decision of an HSS.
    Hss(fn(&mut HssPolicy)),
    /// Every outgoing message of HTTP, before it becomes bytes.
    Message(fn(&mut Message)),
    /// Every outgoing message of Diameter, before it becomes bytes.
    Packet(fn(&mut Packet)),
    /// The bytes of every outgoing message of HTTP.
    Bytes(fn(&mut Vec<u8>)),
}

/// The part of a fault that acts on outgoing messages; the driver runs it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tamper {
    /// Runs on a message of HTTP before it is serialised.
    pub message: Option<fn(&mut Message)>,
    /// Runs on a message of Diameter before it is serialised.
    pub packet: Option<fn(&mut Packet)>,
    /// Runs on the bytes of a message of HTTP.
    pub bytes: Option<fn(&mut Vec<u8>)>,
}

impl Seam {
    /// Makes the change in the policy of a BSF, if the fault acts there.
    pub fn apply_to_bsf(self, policy: &mut BsfPolicy) {
        if let Seam::Bsf(change) = self {
            change(policy);
        }
    }

    /// Makes the change in the policy of a UE, if the fault acts there.
    pub fn apply_to_ue(self, policy: &mut UePolicy) {
        if let Seam::Ue(change) = self {
            change(policy);
        }
    }

    /// Makes the change in the policy of a NAF or portal, if the fault acts there.
    pub fn apply_to_ua(self, policy: &mut UaPolicy) {
        if let Seam::Ua(change) = self {
            change(policy);
        }
    }

    /// Makes the change in the policy of an authentication proxy, if the fault acts there.
    pub fn apply_to_proxy(self, policy: &mut ProxyPolicy) {
        if let Seam::Proxy(change) = self {
            change(policy);
        }
    }

    /// Makes the change in the policy of an HSS, if the fault acts there.
    pub fn apply_to_hss(self, policy: &mut HssPolicy) {
        if let Seam::Hss(change) = self {
            change(policy);
        }
    }

    /// What the driver has to run on outgoing messages.
    pub fn tamper(self) -> Tamper {
        Tamper {
            message: match self {
                Seam::Message(change) => Some(change),
                _ => None,
            },
            packet: match self {
                Seam::Packet(change) => Some(change),
                _ => None,
            },
            bytes: match self {
                Seam::Bytes(change) => Some(change),
                _ => None,
            },
        }
    }
}

impl Fault {
    /// The policy of a BSF with this fault.
    pub fn bsf_policy(&self) -> BsfPolicy {
        let mut policy = BsfPolicy::default();
        self.seam.apply_to_bsf(&mut policy);
        policy
    }

    /// The policy of a UE with this fault.
    pub fn ue_policy(&self) -> UePolicy {
        let mut policy = UePolicy::default();
        self.seam.apply_to_ue(&mut policy);
        policy
    }

    /// The policy of a NAF or portal with this fault.
    pub fn ua_policy(&self) -> UaPolicy {
        let mut policy = UaPolicy::default();
        self.seam.apply_to_ua(&mut policy);
        policy
    }

    /// The policy of an authentication proxy with this fault.
    pub fn proxy_policy(&self) -> ProxyPolicy {
        let mut policy = ProxyPolicy::default();
        self.seam.apply_to_proxy(&mut policy);
        policy
    }

    /// The policy of an HSS with this fault.
    pub fn hss_policy(&self) -> HssPolicy {
        let mut policy = HssPolicy::default();
        self.seam.apply_to_hss(&mut policy);
        policy
    }

    /// What the driver has to run on outgoing messages.
    pub fn tamper(&self) -> Tamper {
        self.seam.tamper()
    }
}

/// Every fault of every role.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    bsf::all()
        .chain(ue::all())
        .chain(naf::all())
        .chain(portal::all())
        .chain(proxy::all())
        .chain(hss::all())
}

/// The fault with this identity.
pub fn by_id(id: &str) -> Option<&'static Fault> {
    all().find(|fault| fault.id == id)
}

/// Up to three identities that resemble `id`, the nearest first, for a message about a typing
/// error.
pub fn near(id: &str) -> Vec<&'static str> {
    // Longer input resembles no identity, and the distance costs the product of both lengths.
    if id.len() > 80 {
        return Vec::new();
    }
    let mut ranked: Vec<(usize, &'static str)> = all()
        .map(|fault| (distance(id, fault.id), fault.id))
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .collect();
    ranked.sort_unstable();
    ranked.into_iter().take(3).map(|(_, id)| id).collect()
}

/// The bytes that go out for a message, with a fault's changes in them.
pub fn tampered_bytes(message: &Message, tamper: &Tamper) -> Vec<u8> {
    let mut message = message.clone();
    if let Some(change) = tamper.message {
        change(&mut message);
    }
    let mut bytes = message.to_bytes();
    if let Some(change) = tamper.bytes {
        change(&mut bytes);
    }
    bytes
}

/// The bytes that go out for a message of Diameter, with a fault's changes in them.
pub fn tampered_packet(packet: &Packet, tamper: &Tamper) -> Vec<u8> {
    let mut packet = packet.clone();
    if let Some(change) = tamper.packet {
        change(&mut packet);
    }
    packet.to_bytes()
}

/// The number of single-octet insertions, deletions and replacements between two texts.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left_octet) in left.bytes().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, right_octet) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(left_octet != right_octet);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use rstest::rstest;

    use super::*;

    #[test]
    fn names_each_fault_once_after_its_role() {
        let mut seen = HashSet::new();
        for fault in all() {
            assert!(seen.insert(fault.id), "{} is there twice", fault.id);
            let prefix = format!("{}/", fault.role);
            assert!(fault.id.starts_with(&prefix), "{}", fault.id);
            assert!(fault.what.ends_with('.'), "{}", fault.id);
            assert!(!fault.requirement.is_empty(), "{}", fault.id);
        }
    }

    #[test]
    fn names_the_cases_that_must_catch_it() {
        for fault in all() {
            assert!(!fault.caught_by.is_empty(), "{}", fault.id);
            let topics = match fault.role {
                RoleName::Bsf => ["ub/", "zh/", "zn/", "sbi/"].as_slice(),
                RoleName::Ue => &["ue/"],
                RoleName::Naf => &["ua/"],
                RoleName::Portal => &["pki/"],
                RoleName::Proxy => &["proxy/"],
                RoleName::Hss => &["hss/"],
            };
            let mut seen = HashSet::new();
            for case in fault.caught_by {
                let is_of_role = topics.iter().any(|topic| case.starts_with(topic));
                let fits = is_of_role && seen.insert(case);
                assert!(fits, "{}: {case}", fault.id);
            }
        }
    }

    #[test]
    fn uses_seams_of_the_own_role() {
        for fault in all() {
            let fits = match fault.seam {
                Seam::Bsf(_) => fault.role == RoleName::Bsf,
                Seam::Ue(_) => fault.role == RoleName::Ue,
                Seam::Ua(_) => matches!(fault.role, RoleName::Naf | RoleName::Portal),
                Seam::Proxy(_) => fault.role == RoleName::Proxy,
                Seam::Hss(_) => fault.role == RoleName::Hss,
                Seam::Message(_) | Seam::Packet(_) | Seam::Bytes(_) => true,
            };
            assert!(fits, "{}", fault.id);
        }
    }

    #[rstest]
    #[case::same("kitten", "kitten", 0)]
    #[case::replaced("kitten", "sitten", 1)]
    #[case::mixed("kitten", "sitting", 3)]
    #[case::from_nothing("", "abc", 3)]
    fn counts_edits(#[case] left: &str, #[case] right: &str, #[case] edits: usize) {
        assert_eq!(distance(left, right), edits);
    }

    #[test]
    fn proposes_the_identity_that_was_meant() {
        assert_eq!(
            near("bsf/nonce-agian-after-auts").first(),
            Some(&"bsf/nonce-again-after-auts")
        );
        assert!(near("completely unrelated text of some length").is_empty());
    }
}
