//! The model of a conformance case: vector -> case -> plan, transcript -> verdict, and the events
//! that a run emits.
//!
//! ```text
//! YAML ── load ──► Library { cases, messages, tables, requirements }
//! Case + Scene ── Player ──► actions for the driver, a Transcript
//! Case + Scene + Evidence ── judge ──► Verdict            pure, total, repeatable
//! ```
//!
//! This crate does no I/O and knows no role: an expectation is never computed by asking the
//! simulator that is being exercised.

pub mod case;
pub mod compose;
pub mod coverage;
pub mod element;
pub mod event;
pub mod fact;
pub mod handshake;
pub mod judge;
pub mod load;
pub mod matcher;
pub mod player;
pub mod profile;
pub mod proof;
pub mod property;
pub mod protocol;
pub mod redact;
pub mod requirement;
pub mod scene;
pub mod select;
pub mod subscriber;
pub mod transcript;
pub mod verdict;
pub mod view;
