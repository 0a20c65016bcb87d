//! The vectors as a whole: each file passes against the correct peers, each case can fail, the
//! sequence numbers obey TS 33.102, every message is what it was, and no secret leaves the harness.

mod documents;
mod kill_matrix;
mod properties;
mod secrets;
mod snapshots;
mod sqn;
mod vectors;
mod world;
