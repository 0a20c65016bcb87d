//! Correct UE, BSF, HSS, NAF, PKI portal and authentication proxy of the Generic Bootstrapping Architecture as pure state
//! machines, and the faults that break them.
//!
//! A role owns no socket, no clock and no entropy: messages, the wall clock and the seed of its
//! generator are arguments, so the same inputs always give the same outputs. The roles serve three
//! purposes: the harness's own side of a conversation, the embedded target, and, with exactly one
//! [`faults::Fault`], a peer that is known to be wrong.
//!
//! The split that keeps the correct code free of faults: each role takes its decisions through a
//! policy ([`bsf::BsfPolicy`], [`ue::UePolicy`], [`ua::UaPolicy`], [`proxy::ProxyPolicy`],
//! [`hss::HssPolicy`]), a small
//! record of functions whose default values are the rules of the specifications. A fault replaces
//! one of these functions, or edits the outgoing message; the role never asks whether it is faulty.
//!
//! Sources: TS 24.109 (Ub and Ua), TS 33.220 (GBA), TS 33.102 (AKA), RFC 2617, RFC 7616 and
//! RFC 3310 (digest).

pub mod auc;
pub mod bsf;
mod channel;
pub mod diameter;
pub mod embedded;
pub mod faults;
pub mod hss;
pub mod naf;
pub mod names;
pub mod portal;
pub mod proof;
pub mod proxy;
pub mod psk;
pub mod role;
pub mod sbi;
pub mod store;
pub mod subscriber;
mod text;
pub mod ua;
pub mod ub;
pub mod ue;

pub use bsf::{
    Bsf, BsfConfig, BsfNetwork, BsfOffer, BsfPolicy, Home, NafGrant, NetworkPolicy, Switch,
};
pub use faults::stock::StockPeer;
pub use faults::{Fault, Seam, Tamper};
pub use hss::{Hss, HssConfig, HssPolicy, HssSubscriber};
pub use naf::{Naf, NafConfig};
pub use names::Identity;
pub use portal::{Portal, PortalConfig};
pub use proxy::{Proxy, ProxyPolicy};
pub use role::{
    Action, After, ClientOutcome, ConnectionId, Input, Moment, Output, Peer, Role, RoleName,
    TlsSession, TlsVersion, Transport, Unanswered, Upstream,
};
pub use subscriber::{Subscriber, SubscriberKeys, SubscriberKind};
pub use ua::UaPolicy;
pub use ua::keys::{BootstrappedSession, Enrolment, KeySource, NafKey, StandIn, ZnRefusal};
pub use ua::zn::{UaZnPolicy, ZnSource};
pub use ue::{Ue, UeConfig, UeKeys, UePolicy};

#[cfg(test)]
mod tests;
