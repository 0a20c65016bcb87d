//! A target made ready: its lanes, each a subscriber with a way to the target of its own.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::scene::Scene;
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_roles::faults::{Fault, Tamper};
use gbaspec_roles::{
    BsfPolicy, ProxyPolicy, Role, StockPeer, UaPolicy, UePolicy, Upstream, embedded,
};
use tokio::sync::Mutex;

use crate::DriveError;
use crate::client::{Clients, Embedded, Starter};
use crate::host::{Host, TlsPort, Upstreams};
use crate::http2::Http2Line;
use crate::link::{ClientLink, ServerLink};
use crate::listen::{ANY_PORT, Listeners, TlsDoor};
use crate::pace::Pace;
use crate::play::Link;
use crate::server::Server;
use crate::stream::Way;
use crate::tls::{self, Authority, CaFile, Connector, Naming, TlsTrouble};

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
    /// The file with the certificate of the run's authority, if the user's command asks for it; it
    /// goes with this.
    pub ca_file: Option<CaFile>,
}

/// One subscriber with a way to the target of its own.
pub struct Lane {
    /// The first subscriber of this lane's plays (index); the second one is the next.
    pub subscriber: usize,
    /// The way.
    pub link: Link,
    /// The harness's SQN counters, one a subscriber (index), when it plays the home network.
    counters: BTreeMap<usize, HeSqn>,
}

impl Lane {
    /// The subscriber that this case is played for: the lane's own, or the first one of the kind
    /// that the case asks for.
    pub fn subscriber_of(&self, case: &Case, scene: &Scene) -> usize {
        match case.subscriber_kind {
            SubscriberKind::Usim => self.subscriber,
            kind => scene.first_of(kind).unwrap_or(self.subscriber),
        }
    }

    /// The counter for a subscriber.
    pub fn counter(&mut self, subscriber: usize, scene: &Scene) -> &mut HeSqn {
        self.counters.entry(subscriber).or_insert_with(|| {
            let known = scene.subscribers.get(subscriber);
            let start = known.unwrap_or(&scene.stranger).start_sqn();
            HeSqn::new(scene.scheme, start)
        })
    }
}

impl Target {
    /// Makes the target ready; `seed` fixes the choices of an embedded peer.
    pub async fn make_ready(&self, seed: u64, permission: Permission) -> Result<Ready, DriveError> {
        let mut profile = self.profile.clone();
        let pace = Arc::new(Pace::new(profile.deadlines.answer));
        let mut host = None;
        let authority = self.authority()?;
        let ca_file = self.ca_file(authority.as_ref())?;
        let mut behind = self.behind().await?;
        if profile.role != Element::Ue {
            match self.origin {
                Origin::Network => {
                    check_ours(&profile.address, permission).await?;
                    let others = [&profile.tls_address, &profile.psk_address];
                    for address in others.into_iter().flatten() {
                        check_ours(address, permission).await?;
                    }
                }
                Origin::Embedded(peer) => {
                    let upstreams = upstreams(&profile, behind.as_ref());
                    let raised = raise(&profile, peer, seed, authority.as_ref(), upstreams).await?;
                    profile.address = raised.address.to_string();
                    // What the profile says of TLS is for the same peer on the network.
                    profile.tls_address = None;
                    profile.psk_address = raised.psk_address.map(|address| address.to_string());
                    profile.tls = None;
                    host = Some(raised);
                }
            }
        }
        let around = Around {
            profile: &profile,
            authority: authority.as_ref(),
            ca_file: ca_file.as_ref(),
            tls_address: host.as_ref().and_then(|host| host.tls_address),
            http2_address: host.as_ref().and_then(|host| host.http2_address),
            seed,
        };
        let mut lanes = Vec::new();
        for subscriber in self.lane_subscribers() {
            let link = self.link(&around, subscriber, behind.take()).await?;
            lanes.push(Lane {
                subscriber,
                link,
                counters: BTreeMap::new(),
            });
        }
        Ok(Ready {
            profile,
            lanes,
            pace,
            host,
            ca_file,
        })
    }

    /// The listeners of a server under test that is a client of others, before it begins to look for
    /// them.
    async fn behind(&self) -> Result<Option<Listeners>, DriveError> {
        let role = self.profile.role;
        if !role.is_server() || role.behind().is_empty() {
            return Ok(None);
        }
        // What the profile says of ports is for the same peer on the network.
        let none = BTreeMap::new();
        let wanted = match self.origin {
            Origin::Network => &self.profile.listen,
            Origin::Embedded(_) => &none,
        };
        let mut listeners = Listeners::bind(role.behind(), wanted, Vec::new()).await?;
        if matches!(self.origin, Origin::Embedded(_)) {
            for &element in role.behind().iter().filter(|element| has_sbi(**element)) {
                listeners.speak_http2_at(element, ANY_PORT).await?;
            }
        }
        Ok(Some(listeners))
    }

    /// The run's own authority, for whom the harness or an embedded peer shows a certificate.
    fn authority(&self) -> Result<Option<Authority>, DriveError> {
        let is_needed =
            self.profile.role == Element::Ue || matches!(self.origin, Origin::Embedded(_));
        if !is_needed || !tls::IS_BUILT_IN {
            return Ok(None);
        }
        Ok(Some(Authority::new()?))
    }

    /// The certificate of the authority in a file, if the user's command asks for it.
    fn ca_file(&self, authority: Option<&Authority>) -> Result<Option<CaFile>, DriveError> {
        let trigger = self.profile.hooks.trigger.iter().flatten();
        let is_asked_for = trigger.into_iter().any(|word| word.contains("{ca}"));
        let Some(authority) = authority.filter(|_| is_asked_for) else {
            return Ok(None);
        };
        let file = authority.file();
        Ok(Some(file.map_err(|why| {
            TlsTrouble(format!("no file for the CA certificate: {why}"))
        })?))
    }

    /// Whether a case inside TLS can be played.
    pub(crate) fn speaks_tls(&self) -> bool {
        let TargetProfile {
            role,
            tls,
            tls_address,
            ..
        } = &self.profile;
        let has_address = match (self.origin, role) {
            // The harness listens, or an embedded peer.
            (_, Element::Ue) | (Origin::Embedded(_), _) => true,
            (Origin::Network, _) => tls.is_some() || tls_address.is_some(),
        };
        has_address && tls::IS_BUILT_IN
    }

    /// Whether a case with a shared key can be played.
    pub(crate) fn shares_keys(&self) -> bool {
        let has_address = match (self.origin, self.profile.role) {
            // The harness listens.
            (_, Element::Ue) => true,
            (Origin::Embedded(_), role) => role == Element::Naf,
            (Origin::Network, _) => self.profile.psk_address.is_some(),
        };
        has_address && tls::IS_BUILT_IN
    }

    /// Each lane has a subscriber and a neighbour of its own, so that plays do not disturb each
    /// other: a challenge for one subscriber may replace an earlier one. Subscribers of other kinds
    /// than the usual one have no lane: their cases all go to the first.
    fn lane_subscribers(&self) -> Vec<usize> {
        let usims = self.profile.scene.usims();
        let role = self.profile.role;
        // It comes to one address of the harness for each element, whichever lane it serves.
        let comes_to_us = matches!(self.origin, Origin::Network) || role.is_server();
        let is_single = comes_to_us && !role.behind().is_empty();
        if is_single || usims.len() < 4 {
            return vec![usims.first().copied().unwrap_or(0)];
        }
        usims.chunks_exact(2).map(|pair| pair[0]).collect()
    }

    async fn link(
        &self,
        around: &Around<'_>,
        subscriber: usize,
        behind: Option<Listeners>,
    ) -> Result<Link, DriveError> {
        let role = around.profile.role;
        if role.is_server() {
            let behind = match behind {
                Some(behind) => behind,
                None => Listeners::bind(&[], &BTreeMap::new(), Vec::new()).await?,
            };
            let mut lines = BTreeMap::new();
            for &caller in role.before() {
                lines.insert(caller, around.server_link()?);
            }
            let server = Server::new(lines, behind).with_sbi(around.sbi_lines());
            return Ok(Link::Server(Box::new(server)));
        }
        let listeners = around.listeners().await?;
        let starter = match self.origin {
            Origin::Network => around
                .profile
                .hooks
                .trigger
                .clone()
                .map_or(Starter::ByHand, Starter::Command),
            Origin::Embedded(peer) => {
                let (roles, tamper) = client_roles(peer, subscriber, around);
                Starter::Embedded(Embedded {
                    roles,
                    tamper,
                    connectors: around.client_connectors()?,
                })
            }
        };
        let ca = around.ca_file.map(CaFile::path);
        let ca = ca.map_or_else(String::new, |path| path.display().to_string());
        Ok(Link::Client(Box::new(ClientLink::new(
            listeners, starter, ca,
        ))))
    }
}

/// What the links of all lanes are made from.
struct Around<'a> {
    profile: &'a TargetProfile,
    authority: Option<&'a Authority>,
    ca_file: Option<&'a CaFile>,
    /// Where an embedded server listens inside TLS.
    tls_address: Option<SocketAddr>,
    /// Where an embedded server speaks HTTP/2.
    http2_address: Option<SocketAddr>,
    seed: u64,
}

impl Around<'_> {
    fn server_link(&self) -> Result<ServerLink, DriveError> {
        let TargetProfile { address, .. } = self.profile;
        let secured = match (self.tls_address, &self.profile.tls_address) {
            (Some(address), _) => Some(Way {
                address: address.to_string(),
                connector: self.run_connector(self.profile.role, Naming::Checked)?,
            }),
            (None, Some(address)) => Some(self.way_inside_tls(address)?),
            (None, None) => None,
        };
        let usual = match &secured {
            Some(_) => Way {
                address: address.clone(),
                connector: None,
            },
            None => self.way_inside_tls(address)?,
        };
        let only = || Some(usual.clone()).filter(|way| way.connector.is_some());
        let secured = secured.or_else(only);
        let link = ServerLink::new(usual, secured);
        Ok(link.sharing_at(self.profile.psk_address.clone()))
    }

    /// Lines for messages of HTTP/2, as each client of the target.
    fn sbi_lines(&self) -> BTreeMap<Element, Http2Line> {
        let address = self.http2_address.map(|address| address.to_string());
        let line = |speaker: &Element| Some((*speaker, Http2Line::new(address.clone()?)));
        self.profile.role.before().iter().filter_map(line).collect()
    }

    /// The way to an address of the profile, inside TLS if it has settings for that.
    fn way_inside_tls(&self, address: &str) -> Result<Way, DriveError> {
        let tls = self.profile.tls.as_ref();
        let connector = tls.map(|tls| Connector::of_profile(tls, address));
        Ok(Way {
            address: address.to_owned(),
            connector: connector.transpose()?,
        })
    }

    /// The sides of TLS of an embedded client.
    #[cfg_attr(
        not(feature = "tls"),
        expect(
            clippy::zero_sized_map_values,
            reason = "a connector is nothing without TLS"
        )
    )]
    fn client_connectors(&self) -> Result<BTreeMap<Element, Connector>, TlsTrouble> {
        let mut connectors = BTreeMap::new();
        for &to in Element::Ue.behind() {
            let connector = self.run_connector(to, Naming::LeftToOthers)?;
            connectors.extend(connector.map(|connector| (to, connector)));
        }
        Ok(connectors)
    }

    /// A client's side of TLS towards an element that trusts the authority of this run.
    fn run_connector(&self, to: Element, naming: Naming) -> Result<Option<Connector>, TlsTrouble> {
        let name = self.profile.scene.names.of(to);
        self.authority
            .map(|authority| Connector::of_run(authority, name, naming))
            .transpose()
    }

    async fn listeners(&self) -> Result<Listeners, DriveError> {
        let elements = self.profile.role.behind();
        let TargetProfile {
            listen,
            tls_listen,
            tls,
            ..
        } = self.profile;
        let beside = |element| {
            let plain = listen.get(&element);
            plain
                .and_then(|plain| plain.rsplit_once(':'))
                .map_or_else(|| ANY_PORT.to_owned(), |(host, _)| format!("{host}:0"))
        };
        let label = tls.as_ref().and_then(|tls| tls.exporter_label.as_deref());
        let doors = self.authority.map(|authority| {
            elements.iter().map(move |&element| TlsDoor {
                element,
                address: tls_listen
                    .get(&element)
                    .cloned()
                    .unwrap_or_else(|| beside(element)),
                name: self.profile.scene.names.of(element),
                authority,
                patience: self.profile.deadlines.client / HANDSHAKE_SHARE,
                label: label.unwrap_or(tls::EXPORTER_LABEL),
            })
        });
        let doors = doors.into_iter().flatten().collect();
        let mut listeners = Listeners::bind(elements, listen, doors).await?;
        if tls::IS_BUILT_IN && elements.contains(&Element::Naf) {
            let beside = beside(Element::Naf);
            let address = self.profile.psk_listen.as_ref().unwrap_or(&beside);
            let patience = self.profile.deadlines.client / HANDSHAKE_SHARE;
            listeners.share_keys_at(address, patience).await?;
        }
        Ok(listeners)
    }
}

/// A handshake gets this part of the time that a client has for its errand, so that what went wrong
/// with it is known before the play ends.
const HANDSHAKE_SHARE: u32 = 2;

/// Puts an embedded server on a free loopback port, and on a second one inside TLS.
async fn raise(
    profile: &TargetProfile,
    peer: Peer,
    seed: u64,
    authority: Option<&Authority>,
    upstreams: Upstreams,
) -> Result<Host, DriveError> {
    let (role, tamper) = server_role(profile.role, peer, seed);
    let port = authority.map(|authority| TlsPort {
        address: ANY_PORT,
        name: profile.scene.names.of(profile.role),
        authority,
    });
    let mut host = Host::start_before(role, tamper, ANY_PORT, port, upstreams).await?;
    if profile.role == Element::Naf && tls::IS_BUILT_IN {
        host.share_keys(ANY_PORT).await?;
    }
    if has_sbi(profile.role) {
        host.serve_http2(ANY_PORT).await?;
    }
    Ok(host)
}

/// Whether an element has a service-based interface of its own (TS 29.309, TS 29.562).
fn has_sbi(element: Element) -> bool {
    matches!(element, Element::Bsf | Element::Hss)
}

/// An embedded server waits for others this part of the time that it has for its own answer.
const UPSTREAM_SHARE: u32 = 2;

/// Where the harness listens for an embedded server.
fn upstreams(profile: &TargetProfile, behind: Option<&Listeners>) -> Upstreams {
    let upstream = |(element, address): (&Element, &SocketAddr)| {
        let upstream = match element {
            Element::As => Upstream::As,
            Element::Hss => Upstream::Hss,
            Element::Bsf => Upstream::Bsf,
            _ => return None,
        };
        Some((upstream, address.to_string()))
    };
    let mut upstreams = Upstreams {
        patience: profile.deadlines.answer / UPSTREAM_SHARE,
        ..Upstreams::default()
    };
    if let Some(behind) = behind {
        upstreams.addresses = behind.addresses.iter().filter_map(upstream).collect();
        upstreams.sbi = behind.http2_addresses.iter().filter_map(upstream).collect();
    }
    upstreams
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
        Element::Bsf | Element::Hss => {
            let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
            Box::new(embedded::bsf_with(embedded::every_way(), policy, seed))
        }
        Element::Naf => Box::new(embedded::naf(ua_policy(), seed)),
        Element::Portal | Element::Ue => Box::new(embedded::portal(ua_policy(), seed)),
        Element::Proxy | Element::As => {
            let policy = fault.map_or_else(ProxyPolicy::default, Fault::proxy_policy);
            Box::new(embedded::proxy(policy, seed))
        }
    };
    (server, fault.map_or_else(Tamper::default, Fault::tamper))
}

/// A client of each subscriber that the plays of a lane can be for: its own, and those of other
/// kinds. Each keeps its USIM and its sessions.
fn client_roles(peer: Peer, subscriber: usize, around: &Around<'_>) -> (Clients, Tamper) {
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
