//! What a profile says of the interfaces between elements of the network.

use std::collections::BTreeMap;

use super::{Addresses, Reader};
use crate::case::Need;
use crate::element::Element;
use crate::load::raw;
use crate::load::yaml::Located;

/// The names in `listen` of the service-based interfaces that the harness offers.
pub(super) const SBI_LISTENERS: [(&str, Element); 2] =
    [("hss-sbi", Element::Hss), ("bsf-sbi", Element::Bsf)];

impl Reader<'_> {
    /// An address of a server beside its usual one.
    pub(super) fn second_address(
        &mut self,
        address: Option<&Located<String>>,
        role: Element,
    ) -> Option<String> {
        let address = address?;
        if !matches!(role, Element::Bsf | Element::Hss) {
            let advice = "only a BSF and an HSS serve others of the network; remove it";
            self.problem(address, format!("a {role} has no such address"), advice);
        }
        self.socket_address(address);
        Some(address.value.clone())
    }

    /// Where the harness offers a service-based interface.
    pub(super) fn sbi_listen(&mut self, file: &raw::ProfileFile) -> Addresses {
        let mut listen = BTreeMap::new();
        for (name, element) in SBI_LISTENERS {
            if let Some(address) = file.listen.get(name) {
                self.socket_address(address);
                listen.insert(element, address.value.clone());
            }
        }
        listen
    }
}

/// What follows from the addresses that a profile gives.
pub(super) fn capabilities(file: &raw::ProfileFile, role: Element) -> impl Iterator<Item = Need> {
    let listens = |name: &str| file.listen.contains_key(name);
    let has_sbi = file.sbi_address.is_some();
    let known = match role {
        Element::Bsf => [
            (Need::Zh, listens("hss")),
            (Need::ZhSbi, listens("hss-sbi")),
            (Need::Zn, file.diameter_address.is_some()),
            (Need::ZnSbi, has_sbi),
        ],
        Element::Naf => [
            (Need::Zn, listens("bsf")),
            (Need::ZnSbi, listens("bsf-sbi")),
            (Need::Zh, false),
            (Need::ZhSbi, false),
        ],
        _ => [
            (Need::Zh, role == Element::Hss),
            (Need::ZhSbi, role == Element::Hss && has_sbi),
            (Need::Zn, false),
            (Need::ZnSbi, false),
        ],
    };
    let met = known.into_iter().filter(|(_, is_met)| *is_met);
    met.map(|(need, _)| need)
}
