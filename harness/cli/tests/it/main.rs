//! The command line from end to end: the real binary, real sockets on loopback, hostile targets.

mod documents;
mod hostile;
mod process;
mod properties;
mod serving;
mod target;
mod usage;
mod vectors;
