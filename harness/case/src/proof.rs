//! The kill matrix: which faulty peers each case catches, and for which reason.

use crate::element::Element;
use crate::verdict::Outcome;

/// What `gbaspec prove` found.
#[derive(Clone, Debug, Default)]
pub struct KillMatrix {
    /// The correct peers: each must pass every case meant for it.
    pub correct: Vec<PeerRow>,
    /// The faulty peers.
    pub faults: Vec<FaultRow>,
    /// The stock peers, which know nothing of the protocol.
    pub stock: Vec<StockRow>,
    /// Every case, with the faults that it catches for the reason that they name.
    pub cases: Vec<CaseRow>,
    /// What is wrong with the proof, one sentence each; empty if it holds.
    pub problems: Vec<String>,
    /// How many plays of a case the proof took.
    pub plays: usize,
    /// How long it took, in microseconds.
    pub duration_micros: u64,
}

/// A correct peer.
#[derive(Clone, Debug)]
pub struct PeerRow {
    /// The role.
    pub role: Element,
    /// How many cases it was given.
    pub cases: usize,
    /// How many it passed.
    pub passed: usize,
}

/// One faulty peer.
#[derive(Clone, Debug)]
pub struct FaultRow {
    /// Identity of the fault, `role/slug`.
    pub id: String,
    /// The role that it breaks.
    pub role: Element,
    /// The requirement that it breaks: the reason for which it must be caught.
    pub requirement: String,
    /// What the peer does wrong, one sentence.
    pub what: String,
    /// The cases that must catch it.
    pub caught_by: Vec<String>,
    /// The cases that failed it for the reason that it names.
    pub killed_by: Vec<String>,
    /// The cases that failed it for another reason.
    pub failed_otherwise: Vec<String>,
}

/// One stock peer.
#[derive(Clone, Debug)]
pub struct StockRow {
    /// Its name, for example `close-all`.
    pub name: String,
    /// The role in whose place it stands.
    pub role: Element,
    /// How many cases it was given.
    pub cases: usize,
    /// The cases that it passed.
    pub passed: Vec<String>,
}

/// One case of the proof.
#[derive(Clone, Debug)]
pub struct CaseRow {
    /// The case.
    pub id: String,
    /// Its outcome against the correct peer.
    pub correct: Option<Outcome>,
    /// The faults that it killed for their reason.
    pub kills: Vec<String>,
}

impl KillMatrix {
    /// Whether everything that the proof claims was shown.
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}
