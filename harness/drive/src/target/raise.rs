//! The peers of this project, embedded: servers on free loopback ports, in each of the surroundings that
//! their cases ask for, and clients.

use std::collections::BTreeMap;
use std::sync::Arc;

use gbaspec_case::case::Surroundings;
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_roles::faults::{Fault, Tamper};
use gbaspec_roles::{
    Bsf, BsfPolicy, HssPolicy, Naf, ProxyPolicy, Role, UaPolicy, UePolicy, Upstream, embedded,
};
use tokio::sync::Mutex;

use super::{Around, Peer};
use crate::DriveError;
use crate::client::Clients;
use crate::diameter::DiameterIdentity;
use crate::host::{Host, TlsPort, Upstreams};
use crate::listen::{ANY_PORT, Listeners};
use crate::tls::{self, Authority};

/// An embedded server waits for others this part of the time that it has for its own answer.
const UPSTREAM_SHARE: u32 = 2;

/// What embedded servers are raised from.
pub(super) struct Raise<'a> {
    pub(super) profile: &'a TargetProfile,
    pub(super) peer: Peer,
    pub(super) seed: u64,
    pub(super) authority: Option<&'a Authority>,
    /// Where the harness listens for them.
    pub(super) behind: Option<&'a Listeners>,
}

impl Raise<'_> {
    /// The server in each of its surroundings.
    pub(super) async fn all(&self) -> Result<BTreeMap<Surroundings, Host>, DriveError> {
        let mut hosts = BTreeMap::new();
        for &surroundings in surroundings_of(self.profile.role) {
            hosts.insert(surroundings, self.one(surroundings).await?);
        }
        Ok(hosts)
    }

    async fn one(&self, surroundings: Surroundings) -> Result<Host, DriveError> {
        let role = self.profile.role;
        let name = self.profile.scene.names.of(role);
        let (server, tamper) = server_role(role, surroundings, self.peer, self.seed);
        let is_usual = surroundings == Surroundings::Provisioned;
        let port = self
            .authority
            .filter(|_| is_usual)
            .map(|authority| TlsPort {
                address: ANY_PORT,
                name,
                authority,
            });
        let upstreams = self.upstreams(surroundings);
        let mut host = if role == Element::Hss {
            Host::new(server, tamper, upstreams)
        } else {
            Host::start_before(server, tamper, ANY_PORT, port, upstreams).await?
        };
        if role == Element::Naf && is_usual && tls::IS_BUILT_IN {
            host.share_keys(ANY_PORT).await?;
        }
        if let Some(identity) = DiameterIdentity::serving(role, name) {
            host.serve_diameter(ANY_PORT, identity).await?;
            host.serve_http2(ANY_PORT).await?;
        }
        Ok(host)
    }

    /// Where the harness listens for a server in these surroundings.
    fn upstreams(&self, surroundings: Surroundings) -> Upstreams {
        let mut upstreams = Upstreams {
            patience: self.profile.deadlines.answer / UPSTREAM_SHARE,
            ..Upstreams::default()
        };
        let Some(behind) = self.behind else {
            return upstreams;
        };
        let role = self.profile.role;
        let name = self.profile.scene.names.of(role);
        for (element, address) in &behind.addresses {
            let to = upstream(*element).map(|to| (to, address.to_string()));
            upstreams.addresses.extend(to);
        }
        let identity = DiameterIdentity::asking(role, name);
        if let (Surroundings::Diameter, Some(identity)) = (surroundings, identity) {
            for (element, address) in &behind.diameter_addresses {
                let identity = identity.clone();
                let to = upstream(*element).map(|to| (to, (identity, address.to_string())));
                upstreams.diameter.extend(to);
            }
        }
        if surroundings == Surroundings::Sbi {
            for (element, address) in &behind.http2_addresses {
                let to = upstream(*element).map(|to| (to, address.to_string()));
                upstreams.sbi.extend(to);
            }
        }
        upstreams
    }
}

/// The one behind a server.
fn upstream(element: Element) -> Option<Upstream> {
    match element {
        Element::As => Some(Upstream::As),
        Element::Hss => Some(Upstream::Hss),
        Element::Bsf => Some(Upstream::Bsf),
        _ => None,
    }
}

/// The surroundings in which a server is raised: those that any of its cases may ask for.
fn surroundings_of(role: Element) -> &'static [Surroundings] {
    match role {
        Element::Bsf | Element::Naf => &Surroundings::ALL,
        _ => &[Surroundings::Provisioned],
    }
}

/// The role that plays this server, with what tampers with its messages.
pub fn server_role(
    role: Element,
    surroundings: Surroundings,
    peer: Peer,
    seed: u64,
) -> (Box<dyn Role>, Tamper) {
    let fault = match peer {
        Peer::Stock(stock) => return (Box::new(stock.server(seed)), Tamper::default()),
        Peer::Correct => None,
        Peer::Faulty(fault) => Some(fault),
    };
    let ua_policy = || fault.map_or_else(UaPolicy::default, Fault::ua_policy);
    let server: Box<dyn Role> = match role {
        Element::Hss => {
            let policy = fault.map_or_else(HssPolicy::default, Fault::hss_policy);
            Box::new(embedded::hss(policy, seed))
        }
        Element::Bsf => {
            let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
            Box::new(bsf(surroundings, &policy, seed))
        }
        Element::Naf => Box::new(naf(surroundings, &ua_policy(), seed)),
        Element::Portal | Element::Ue => Box::new(embedded::portal(ua_policy(), seed)),
        Element::Proxy | Element::As => {
            let policy = fault.map_or_else(ProxyPolicy::default, Fault::proxy_policy);
            Box::new(embedded::proxy(policy, seed))
        }
    };
    (server, fault.map_or_else(Tamper::default, Fault::tamper))
}

fn bsf(surroundings: Surroundings, policy: &BsfPolicy, seed: u64) -> Bsf {
    let home = match surroundings {
        Surroundings::Provisioned => {
            return embedded::bsf_with(embedded::every_way(), *policy, seed);
        }
        Surroundings::Diameter => embedded::home_over_zh(),
        Surroundings::Sbi => embedded::home_over_sbi(),
    };
    embedded::bsf_behind_hss(home, *policy, seed)
}

fn naf(surroundings: Surroundings, policy: &UaPolicy, seed: u64) -> Naf {
    let source = match surroundings {
        Surroundings::Provisioned => return embedded::naf(*policy, seed),
        Surroundings::Diameter => embedded::keys_over_zn(),
        Surroundings::Sbi => embedded::keys_over_sbi(),
    };
    embedded::naf_behind_bsf(source, *policy, seed)
}

/// A client of each subscriber that the plays of a lane can be for: its own, and those of other
/// kinds. Each keeps its USIM and its sessions.
pub(super) fn client_roles(
    peer: Peer,
    subscriber: usize,
    around: &Around<'_>,
) -> (Clients, Tamper) {
    let scene = &around.profile.scene;
    let usual = scene.usims();
    let others = (0..scene.subscribers.len()).filter(|index| !usual.contains(index));
    let mut roles = Clients::new();
    let mut tamper = Tamper::default();
    for index in others.chain([subscriber]) {
        let (role, own) = client_role(peer, index, around.seed);
        roles.insert(index, Arc::new(Mutex::new(role)));
        tamper = own;
    }
    (roles, tamper)
}

fn client_role(peer: Peer, subscriber: usize, seed: u64) -> (Box<dyn Role>, Tamper) {
    let fault = match peer {
        Peer::Stock(stock) => return (Box::new(stock.client(seed)), Tamper::default()),
        Peer::Correct => None,
        Peer::Faulty(fault) => Some(fault),
    };
    let policy = fault.map_or_else(UePolicy::default, Fault::ue_policy);
    (
        Box::new(embedded::ue(subscriber, policy, seed)),
        fault.map_or_else(Tamper::default, Fault::tamper),
    )
}
