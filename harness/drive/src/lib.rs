//! Sockets, time and processes: plays cases against targets, and hosts roles on the network.
//!
//! Everything that a target does, however odd, is an observation in the transcript; a
//! [`DriveError`] is our own trouble.

pub mod host;
pub mod link;
pub mod pace;
pub mod play;
pub mod probe;
pub mod prove;
pub mod runner;
pub mod server;
pub mod target;
pub mod tls;

mod client;
pub mod diameter;
mod hook;
mod http2;
mod listen;
mod news;
mod property;
mod psk;
mod stream;
#[cfg(all(test, feature = "tls"))]
mod tests;

use std::io;

use tls::TlsTrouble;

/// What the harness itself could not do.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// It could not listen.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// Where.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// A hook command could not be run.
    #[error("hook `{command}`: {why}")]
    Hook {
        /// The command.
        command: String,
        /// Why.
        why: String,
    },
    /// An address is not allowed without the user's explicit word.
    #[error(
        "{address} is neither a loopback nor a private address; say --i-own-this-target if it is yours"
    )]
    NotOurs {
        /// The address.
        address: String,
    },
    /// An address could not be resolved.
    #[error("cannot resolve {address}: {why}")]
    Resolve {
        /// The address.
        address: String,
        /// Why.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(#[from] TlsTrouble),
}
