//! A target made ready: its lanes, each a subscriber with a way to the target of its own.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_roles::faults::{Fault, Tamper};
use gbaspec_roles::{BsfPolicy, Role, StockPeer, UaPolicy, UePolicy, embedded};
use tokio::sync::Mutex;

use crate::DriveError;
use crate::client::Starter;
use crate::host::Host;
use crate::link::{ClientLink, ServerLink};
use crate::listen::Listeners;
use crate::pace::Pace;
use crate::play::Link;

/// A target and where it comes from.
#[derive(Clone, Debug)]
pub struct Target {
    /// What is known of it.
    pub profile: TargetProfile,
    /// Where it comes from.
    pub origin: Origin,
}

/// Where a target comes from.
#[derive(Clone, Copy, Debug)]
pub enum Origin {
    /// The user's, on the network.
    Network,
    /// A peer of this project, in this process.
    Embedded(Peer),
}

/// A peer of this project.
#[derive(Clone, Copy, Debug)]
pub enum Peer {
    /// It follows the specification.
    Correct,
    /// It is correct but for one fault.
    Faulty(&'static Fault),
    /// It knows nothing of the protocol.
    Stock(StockPeer),
}

/// Who is asked whether an address that is neither loopback nor private may be a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Only addresses of our own.
    OwnOnly,
    /// The user said that the target is theirs.
    Given,
}

/// A target made ready.
pub struct Ready {
    /// What is known of it, with the address where it really is.
    pub profile: TargetProfile,
    /// Plays run side by side, one a lane.
    pub lanes: Vec<Lane>,
    /// The adaptive deadline.
    pub pace: Arc<Pace>,
    /// The embedded server, if it is one; it goes with this.
    pub host: Option<Host>,
}

/// One subscriber with a way to the target of its own.
pub struct Lane {
    /// The first subscriber of this lane's plays (index); the second one is the next.
    pub subscriber: usize,
    /// The way.
    pub link: Link,
    /// The harness's SQN counter for this subscriber, when it plays the home network.
    pub he: HeSqn,
}

impl Target {
    /// Makes the target ready; `seed` fixes the choices of an embedded peer.
    pub async fn make_ready(&self, seed: u64, permission: Permission) -> Result<Ready, DriveError> {
        let mut profile = self.profile.clone();
        let pace = Arc::new(Pace::new(profile.deadlines.answer));
        let mut host = None;
        if profile.role != Element::Ue {
            match self.origin {
                Origin::Network => check_ours(&profile.address, permission).await?,
                Origin::Embedded(peer) => {
                    let raised = raise(profile.role, peer, seed).await;
                    let raised = raised.map_err(|source| DriveError::Listen {
                        address: "127.0.0.1".to_owned(),
                        source,
                    })?;
                    profile.address = raised.address.to_string();
                    host = Some(raised);
                }
            }
        }
        let mut lanes = Vec::new();
        for subscriber in self.lane_subscribers() {
            let link = self.link(&profile, subscriber, seed).await?;
            let scheme = profile.scene.scheme;
            let start = profile.scene.subscribers.get(subscriber);
            let start = start.unwrap_or(&profile.scene.stranger).start_sqn;
            lanes.push(Lane {
                subscriber,
                link,
                he: HeSqn::new(scheme, start),
            });
        }
        Ok(Ready {
            profile,
            lanes,
            pace,
            host,
        })
    }

    /// Each lane has a subscriber and a neighbour of its own, so that plays do not disturb each
    /// other: a challenge for one subscriber may replace an earlier one.
    fn lane_subscribers(&self) -> Vec<usize> {
        let count = self.profile.scene.subscribers.len();
        let is_single = self.profile.role == Element::Ue && matches!(self.origin, Origin::Network);
        if is_single || count < 4 {
            return vec![0];
        }
        (0..count - 1).step_by(2).collect()
    }

    async fn link(
        &self,
        profile: &TargetProfile,
        subscriber: usize,
        seed: u64,
    ) -> Result<Link, DriveError> {
        if profile.role != Element::Ue {
            let link = ServerLink::new(profile.address.clone(), profile.tls.clone());
            return Ok(Link::Server(Box::new(link)));
        }
        let elements = [Element::Bsf, Element::Naf, Element::Portal];
        let listeners = Listeners::bind(&elements, &profile.listen).await?;
        let starter = match self.origin {
            Origin::Network => profile
                .hooks
                .trigger
                .clone()
                .map_or(Starter::ByHand, Starter::Command),
            Origin::Embedded(peer) => {
                let (role, tamper) = client_role(peer, subscriber, seed);
                Starter::Embedded(Arc::new(Mutex::new(role)), tamper)
            }
        };
        Ok(Link::Client(Box::new(ClientLink::new(listeners, starter))))
    }
}

/// Puts an embedded server on a free loopback port.
async fn raise(role: Element, peer: Peer, seed: u64) -> io::Result<Host> {
    let (role, tamper) = server_role(role, peer, seed);
    Host::start(role, tamper, "127.0.0.1:0").await
}

/// The role that plays this server, with what tampers with its messages.
pub fn server_role(role: Element, peer: Peer, seed: u64) -> (Box<dyn Role>, Tamper) {
    let fault = match peer {
        Peer::Stock(stock) => return (Box::new(stock.server(seed)), Tamper::default()),
        Peer::Correct => None,
        Peer::Faulty(fault) => Some(fault),
    };
    let ua_policy = || fault.map_or_else(UaPolicy::default, Fault::ua_policy);
    let server: Box<dyn Role> = match role {
        Element::Bsf => {
            let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
            Box::new(embedded::bsf(policy, seed))
        }
        Element::Naf => Box::new(embedded::naf(ua_policy(), seed)),
        Element::Portal | Element::Ue => Box::new(embedded::portal(ua_policy(), seed)),
    };
    (server, fault.map_or_else(Tamper::default, Fault::tamper))
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

/// Refuses an address that is neither loopback nor private, unless the user owns it.
async fn check_ours(address: &str, permission: Permission) -> Result<(), DriveError> {
    let resolved = tokio::net::lookup_host(address).await;
    let resolved: Vec<SocketAddr> = match resolved {
        Ok(addresses) => addresses.collect(),
        Err(why) => {
            let why = why.to_string();
            return Err(DriveError::Resolve {
                address: address.to_owned(),
                why,
            });
        }
    };
    let is_ours = |address: &SocketAddr| match address.ip() {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    };
    if permission == Permission::Given || resolved.iter().all(is_ours) {
        return Ok(());
    }
    Err(DriveError::NotOurs {
        address: address.to_owned(),
    })
}
