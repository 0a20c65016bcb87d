//! A target made ready: its lanes, each a subscriber with a way to the target of its own.

mod raise;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use gbaspec_case::case::{Case, Need, Surroundings};
use gbaspec_case::element::Element;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::protocol::Protocol;
use gbaspec_case::scene::Scene;
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_roles::StockPeer;
use gbaspec_roles::faults::Fault;

use crate::DriveError;
use crate::client::{Embedded, Starter};
use crate::diameter::{DiameterIdentity, DiameterLine};
use crate::host::Host;
use crate::http2::Http2Line;
use crate::link::{ClientLink, ServerLink};
use crate::listen::{ANY_PORT, Listeners, TlsDoor};
use crate::pace::Pace;
use crate::play::Link;
use crate::server::{Line, LineKey, Server};
use crate::stream::Way;
use crate::tls::{self, Authority, CaFile, Connector, Naming, TlsTrouble};

pub use self::raise::server_role;
use self::raise::{Raise, client_roles};

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
    /// The embedded server in each of its surroundings, if it is one; they go with this.
    pub hosts: BTreeMap<Surroundings, Host>,
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
    /// A peer of this project, in this process. It has all around it that its cases may ask for,
    /// whatever the profile says of addresses.
    pub fn embedded(mut profile: TargetProfile, peer: Peer) -> Self {
        let has: &[Need] = match profile.role {
            Element::Bsf => &[Need::Zh, Need::ZhSbi, Need::Zn, Need::ZnSbi, Need::ZnSoap],
            Element::Naf => &[Need::Zn, Need::ZnSbi],
            Element::Hss => &[Need::ZhSbi],
            _ => &[],
        };
        profile.scene.capabilities.extend(has);
        Self {
            profile,
            origin: Origin::Embedded(peer),
        }
    }

    /// Makes the target ready; `seed` fixes the choices of an embedded peer.
    pub async fn make_ready(&self, seed: u64, permission: Permission) -> Result<Ready, DriveError> {
        let mut profile = self.profile.clone();
        let pace = Arc::new(Pace::new(profile.deadlines.answer));
        let mut hosts = BTreeMap::new();
        let authority = self.authority()?;
        let ca_file = self.ca_file(authority.as_ref())?;
        let mut behind = self.behind().await?;
        if profile.role != Element::Ue {
            match self.origin {
                Origin::Network => {
                    check_ours(&profile.address, permission).await?;
                    let others = [
                        &profile.tls_address,
                        &profile.psk_address,
                        &profile.diameter_address,
                        &profile.sbi_address,
                    ];
                    for address in others.into_iter().flatten() {
                        check_ours(address, permission).await?;
                    }
                }
                Origin::Embedded(peer) => {
                    let raise = Raise {
                        profile: &profile,
                        peer,
                        seed,
                        authority: authority.as_ref(),
                        behind: behind.as_ref(),
                    };
                    hosts = raise.all().await?;
                    if let Some(raised) = hosts.get(&Surroundings::Provisioned) {
                        let usual = raised.address.or(raised.diameter_address);
                        profile.address = usual.map_or_else(String::new, |it| it.to_string());
                        profile.psk_address = raised.psk_address.map(|address| address.to_string());
                    }
                    // What the profile says of TLS is for the same peer on the network.
                    profile.tls_address = None;
                    profile.tls = None;
                }
            }
        }
        let around = Around {
            profile: &profile,
            authority: authority.as_ref(),
            ca_file: ca_file.as_ref(),
            hosts: &hosts,
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
            hosts,
            ca_file,
        })
    }

    /// The listeners of a server under test that is a client of others, before it begins to look for
    /// them.
    async fn behind(&self) -> Result<Option<Listeners>, DriveError> {
        let TargetProfile {
            role,
            listen,
            sbi_listen,
            scene,
            ..
        } = &self.profile;
        if !role.is_server() || role.behind().is_empty() {
            return Ok(None);
        }
        // What the profile says of ports is for the same peer on the network.
        let is_embedded = matches!(self.origin, Origin::Embedded(_));
        let none = BTreeMap::new();
        let wanted = if is_embedded { &none } else { listen };
        if DiameterIdentity::asking(*role, "").is_none() {
            return Ok(Some(
                Listeners::bind(role.behind(), wanted, Vec::new()).await?,
            ));
        }
        let mut listeners = Listeners::bind(&[], &none, Vec::new()).await?;
        for &element in role.behind() {
            // The harness serves what the target asks for.
            let asked = DiameterIdentity::asking(*role, scene.names.of(element));
            let given = wanted.get(&element).map(String::as_str);
            let address = given.or(is_embedded.then_some(ANY_PORT));
            if let Some((identity, address)) = asked.zip(address) {
                listeners
                    .speak_diameter_at(element, identity, address)
                    .await?;
            }
            let given = sbi_listen.get(&element).filter(|_| !is_embedded);
            let given = given.map(String::as_str);
            if let Some(address) = given.or(is_embedded.then_some(ANY_PORT)) {
                listeners.speak_http2_at(element, address).await?;
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
        // It comes to one address of the harness for each element, whichever lane it serves. Of an
        // embedded server of the network only one lane has others around it.
        let comes_to_us = match self.origin {
            Origin::Network => {
                let TargetProfile {
                    listen,
                    sbi_listen,
                    diameter_address,
                    ..
                } = &self.profile;
                let is_peer = diameter_address.is_some() || !sbi_listen.is_empty();
                is_peer || !listen.is_empty() || role == Element::Ue
            }
            Origin::Embedded(_) => role.is_server() && DiameterIdentity::asking(role, "").is_none(),
        };
        let is_single = comes_to_us && !role.behind().is_empty();
        // Two peers of Diameter have one connection with each other (RFC 6733 clause 2.1), and a
        // second one from the same host is refused.
        let is_peer = matches!(self.origin, Origin::Network) && role == Element::Hss;
        if is_single || is_peer || usims.len() < 4 {
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
            let lines = around.lines()?;
            return Ok(Link::Server(Box::new(Server::new(lines, behind))));
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
    /// The embedded server, if it is one.
    hosts: &'a BTreeMap<Surroundings, Host>,
    seed: u64,
}

impl Around<'_> {
    /// The lines to a server, of which an embedded one has some for each of its surroundings.
    fn lines(&self) -> Result<BTreeMap<LineKey, Line>, DriveError> {
        let mut lines = BTreeMap::new();
        if self.hosts.is_empty() {
            let TargetProfile {
                role,
                address,
                diameter_address,
                sbi_address,
                ..
            } = self.profile;
            let only = Some(address).filter(|_| *role == Element::Hss);
            let doors = Doors {
                diameter: diameter_address.as_ref().or(only).cloned(),
                sbi: sbi_address.clone(),
            };
            for surroundings in Surroundings::ALL {
                self.lines_of(surroundings, self.server_link()?, &doors, &mut lines)?;
            }
        }
        for (surroundings, host) in self.hosts {
            let doors = Doors {
                diameter: host.diameter_address.map(|address| address.to_string()),
                sbi: host.http2_address.map(|address| address.to_string()),
            };
            let link = match surroundings {
                Surroundings::Provisioned => self.server_link()?,
                Surroundings::Diameter | Surroundings::Sbi => {
                    let address = host.address.map(|address| address.to_string());
                    ServerLink::new(Way::plain(address.unwrap_or_default()), None)
                }
            };
            self.lines_of(*surroundings, link, &doors, &mut lines)?;
        }
        Ok(lines)
    }

    fn lines_of(
        &self,
        surroundings: Surroundings,
        link: ServerLink,
        doors: &Doors,
        lines: &mut BTreeMap<LineKey, Line>,
    ) -> Result<(), DriveError> {
        let role = self.profile.role;
        let key = |speaker, protocol| LineKey {
            surroundings,
            speaker,
            protocol,
        };
        let Some((&first, others)) = role.before().split_first() else {
            return Ok(());
        };
        let of_network = if role == Element::Hss {
            &[Element::Bsf]
        } else {
            // The web service of Zn is offered where Ub is.
            if others.contains(&Element::Naf) {
                let usual = ServerLink::new(link.usual().clone(), None);
                let place = key(Element::Naf, Protocol::Http);
                lines.insert(place, Line::Http(Box::new(usual)));
            }
            lines.insert(key(first, Protocol::Http), Line::Http(Box::new(link)));
            others
        };
        for &speaker in of_network {
            let name = self.profile.scene.names.of(speaker);
            let identity = DiameterIdentity::asking(speaker, name);
            if let Some((identity, address)) = identity.zip(doors.diameter.as_ref()) {
                let way = self.way_to_peer(address)?;
                let diameter = DiameterLine::new(speaker, identity, way);
                let place = key(speaker, Protocol::Diameter);
                lines.insert(place, Line::Diameter(Box::new(diameter)));
            }
            if let Some(address) = &doors.sbi {
                let http2 = Http2Line::new(address.clone());
                let place = key(speaker, Protocol::Http2);
                lines.insert(place, Line::Http2(Box::new(http2)));
            }
        }
        Ok(())
    }

    /// The way to a peer of Diameter: inside TLS where the profile says so of the target and gives no
    /// second address for that.
    fn way_to_peer(&self, address: &str) -> Result<Way, DriveError> {
        if self.profile.tls_address.is_some() {
            return Ok(Way::plain(address.to_owned()));
        }
        self.way_inside_tls(address)
    }

    fn server_link(&self) -> Result<ServerLink, DriveError> {
        let TargetProfile { address, .. } = self.profile;
        let provisioned = self.hosts.get(&Surroundings::Provisioned);
        let embedded = provisioned.and_then(|host| host.tls_address);
        let secured = match (embedded, &self.profile.tls_address) {
            (Some(address), _) => Some(Way {
                address: address.to_string(),
                connector: self.run_connector(self.profile.role, Naming::Checked)?,
            }),
            (None, Some(address)) => Some(self.way_inside_tls(address)?),
            (None, None) => None,
        };
        let usual = match &secured {
            Some(_) => Way::plain(address.clone()),
            None => self.way_inside_tls(address)?,
        };
        let only = || Some(usual.clone()).filter(|way| way.connector.is_some());
        let secured = secured.or_else(only);
        let link = ServerLink::new(usual, secured);
        Ok(link.sharing_at(self.profile.psk_address.clone()))
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

/// Where a server speaks to others of the network.
struct Doors {
    diameter: Option<String>,
    sbi: Option<String>,
}

/// A handshake gets this part of the time that a client has for its errand, so that what went wrong
/// with it is known before the play ends.
const HANDSHAKE_SHARE: u32 = 2;

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
