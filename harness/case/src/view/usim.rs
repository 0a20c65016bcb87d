//! The USIM model of TS 33.102 Annex C.2, fed with the challenges and the answers of this play.
//!
//! Towards a BSF under test the harness has no USIM of its own: the model takes each challenge as
//! delivered, and an AUTS of the harness says what the USIM holds instead. Towards a client under
//! test the model holds what the client has shown: the challenges that it answered with RES, and
//! the SQN_MS that it reported. What that leaves open the model does not guess.

use std::collections::BTreeMap;

use gbaspec_crypto::sqn::{Sqn, SqnScheme};

use super::View;
use super::aka::{Reply, ReplyKind};
use crate::fact::Value;
use crate::scene::SqnDivision;
use crate::transcript::EntryKind;

impl View<'_> {
    /// What a USIM says to this challenge. Absent if MAC-A is wrong, or if the play does not tell.
    pub(crate) fn challenge_usim(&self) -> Option<Value> {
        self.usim_says_to(self.opened_challenge()?.sqn)
    }

    /// The same for the challenge that this request answers.
    pub(crate) fn credentials_usim(&self) -> Option<Value> {
        let nonce = self.reply()?.nonce;
        let (view, sqn) = (0..self.index).rev().find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let mut challenges = view.opened_challenges().into_iter();
            let answered = challenges.find(|challenge| challenge.nonce == nonce)?;
            Some((view, answered.sqn))
        })?;
        view.usim_says_to(sqn)
    }

    /// What a USIM that has seen the play before this message says to an SQN in it.
    fn usim_says_to(&self, sqn: Sqn) -> Option<Value> {
        let entry = self.transcript.entries.get(self.index)?;
        let side = match entry.kind {
            EntryKind::Sent { .. } => Side::OfTarget,
            _ => Side::OfHarness,
        };
        if side == Side::OfTarget && self.scene.sqn_division == SqnDivision::Assumed {
            return None;
        }
        let mut usim = Usim::new(side, &self.scene.scheme, self.scene.sqn_division);
        for index in 0..self.index {
            if let Some(view) = View::new(self.scene, self.transcript, index)
                && view.concerns(self)
            {
                usim.hear(&view);
            }
        }
        usim.says_to(sqn).map(Value::word)
    }

    /// Whether this message is about the subscriber of the other.
    fn concerns(&self, other: &Self) -> bool {
        let impi = |view: &Self| view.subject().map(|subscriber| subscriber.impi.clone());
        impi(self) == impi(other)
    }
}

/// Whose USIM it is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    /// The harness's: it would accept whatever can be accepted.
    OfHarness,
    /// The client's under test.
    OfTarget,
}

/// Why the model believes that a slot holds a SEQ.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Belief {
    /// The challenge was delivered.
    Delivered,
    /// It was answered with RES.
    Answered,
}

struct Usim {
    side: Side,
    ind_bits: u32,
    delta: u64,
    age_limit: Option<u64>,
    /// Whether IND is known; if not, each SQN counts as a slot of its own.
    division: SqnDivision,
    slots: BTreeMap<u64, (u64, Belief)>,
    /// The most that a slot beside these can hold, if that is known.
    others: Option<u64>,
    /// The highest SEQ of the whole array, if it is known.
    highest: Option<u64>,
    /// The AUTS that were heard, each with its nonce; a repeated one says nothing new.
    reports: Vec<(Vec<u8>, Sqn)>,
    /// The nonces that the harness sent.
    sent: Vec<Vec<u8>>,
}

impl Usim {
    fn new(side: Side, scheme: &SqnScheme, division: SqnDivision) -> Self {
        let ind_bits = scheme.slots().trailing_zeros();
        // Without a known division SEQ is the whole SQN, and delta, which counts SEQs, is no distance
        // of it: how far is too far the model cannot say then.
        let (delta, age_limit) = match division {
            SqnDivision::Stated => (scheme.delta, scheme.age_limit),
            SqnDivision::Assumed => (u64::MAX, None),
        };
        Self {
            side,
            ind_bits,
            delta,
            age_limit,
            division,
            slots: BTreeMap::new(),
            others: (side == Side::OfHarness).then_some(0),
            highest: None,
            reports: Vec::new(),
            sent: Vec::new(),
        }
    }

    /// SEQ and slot.
    fn split(&self, sqn: Sqn) -> (u64, u64) {
        match self.division {
            SqnDivision::Stated => {
                let slots = 1_u64 << self.ind_bits;
                (sqn.value() / slots, sqn.value() % slots)
            }
            SqnDivision::Assumed => (sqn.value(), sqn.value()),
        }
    }

    fn hear(&mut self, view: &View<'_>) {
        if let Some(reply) = view.reply() {
            self.hear_reply(reply);
        }
        for challenge in view.opened_challenges() {
            match self.side {
                Side::OfTarget => self.sent.push(challenge.nonce),
                Side::OfHarness if self.says_to(challenge.sqn) == Some(ACCEPTS) => {
                    self.store(challenge.sqn, Belief::Delivered);
                }
                Side::OfHarness => {}
            }
        }
    }

    fn hear_reply(&mut self, reply: Reply) {
        // A client under test cannot have heard a challenge that the harness did not send.
        if self.side == Side::OfTarget && !self.sent.contains(&reply.nonce) {
            return;
        }
        match reply.kind {
            ReplyKind::Res => self.store(reply.challenge, Belief::Answered),
            ReplyKind::Auts { sqn_ms } => {
                let report = (reply.nonce, sqn_ms);
                if !self.reports.contains(&report) {
                    self.reports.push(report);
                    self.believe(sqn_ms);
                }
            }
        }
    }

    fn store(&mut self, sqn: Sqn, belief: Belief) {
        let (seq, slot) = self.split(sqn);
        let held = self.slots.entry(slot).or_insert((seq, belief));
        if seq >= held.0 {
            *held = (seq, belief);
        }
        let knows_highest = self.side == Side::OfHarness || self.highest.is_some();
        if knows_highest {
            self.highest = Some(self.highest.unwrap_or(0).max(seq));
        }
    }

    /// Takes SQN_MS for the highest SEQ of the array. Its IND says nothing (TS 33.102 C.2.2), so any
    /// slot may hold as much.
    fn believe(&mut self, sqn_ms: Sqn) {
        let (seq_ms, _) = self.split(sqn_ms);
        if self.side == Side::OfHarness {
            // What was delivered beyond it was lost on the way, and what lies below it tells a home
            // network nothing that SQN_MS does not.
            self.slots
                .retain(|_, (seq, belief)| *seq > seq_ms && *belief == Belief::Answered);
        }
        let known = self.slots.values().map(|(seq, _)| *seq).max();
        self.highest = Some(known.unwrap_or(0).max(seq_ms));
        self.others = Some(seq_ms);
    }

    /// The answer in the order of the tests of Annex C.2: delta, age limit, slot.
    fn says_to(&self, sqn: Sqn) -> Option<&'static str> {
        let (seq, slot) = self.split(sqn);
        if let Some(highest) = self.highest {
            if seq.saturating_sub(highest) > self.delta {
                return Some(BEYOND_DELTA);
            }
            let is_old = |limit| seq <= highest && highest - seq >= limit;
            if self.age_limit.is_some_and(is_old) {
                return Some(TOO_OLD);
            }
        }
        let is_above_slot = match (self.slots.get(&slot), self.others) {
            (Some((held, _)), _) => Some(seq > *held),
            (None, _) if seq == 0 => Some(false),
            (None, Some(most)) if seq > most => Some(true),
            // A home network must reckon with the fullest slot.
            (None, Some(_)) if self.side == Side::OfHarness => Some(false),
            (None, _) => None,
        };
        match is_above_slot? {
            false => Some(NOT_ABOVE),
            // Towards a client whose highest SEQ is not known, delta may still refuse it.
            true if self.side == Side::OfTarget && self.highest.is_none() => {
                self.is_near(seq).then_some(ACCEPTS)
            }
            true => Some(ACCEPTS),
        }
    }

    /// Whether the highest SEQ, whatever it is, lies near enough: not below one that is known.
    fn is_near(&self, seq: u64) -> bool {
        let known = self.slots.values().map(|(seq, _)| *seq).max();
        known.is_some_and(|known| {
            seq.saturating_sub(known) <= self.delta && self.age_limit.is_none()
        })
    }
}

const ACCEPTS: &str = "accepts";
const NOT_ABOVE: &str = "not above its slot";
const BEYOND_DELTA: &str = "beyond delta";
const TOO_OLD: &str = "older than the age limit";
