//! Tries a property over the network: random sequences until one fails, and then simpler ones until
//! none that is simpler still fails.

use std::time::{Duration, Instant};

use gbaspec_case::case::Case;
use gbaspec_case::judge::judge_play;
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::property::{Found, Property, Sequence, Trial};
use gbaspec_case::transcript::{EntryKind, Evidence, Transcript};
use gbaspec_case::verdict::{Outcome, Verdict};

use crate::pace::Pace;
use crate::runner::{Plan, play_once, seed_of};
use crate::target::Lane;

/// So many sequences are replayed to shorten one; each takes the time of a whole play.
const MOST_REPLAYS: usize = 64;

/// A slow target is not kept busy longer than this to shorten a sequence.
const LONGEST_SHRINKING: Duration = Duration::from_secs(60);

/// The evidence of so many passed sequences is kept, so that many tries do not fill the disk.
const MOST_KEPT: usize = 16;

/// A target that leaves so many sequences without a verdict is not asked for more.
const MOST_INCONCLUSIVE: usize = 2;

/// What is done with a sequence that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Simpler ones are tried, for the user to read.
    Shorten,
    /// It is enough that one fails.
    FirstFailure,
}

/// What the tries of a property brought.
#[derive(Debug, Default)]
pub(crate) struct Tried {
    pub(crate) evidence: Evidence,
    pub(crate) found: Option<Box<Found>>,
}

/// Where the sequences of a property are played.
pub(crate) struct Stage<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) case: &'a Case,
    pub(crate) property: &'a Property,
    pub(crate) profile: &'a TargetProfile,
    pub(crate) lane: &'a mut Lane,
    pub(crate) pace: &'a Pace,
}

/// One sequence, played and judged.
struct Played {
    sequence: Sequence,
    transcript: Transcript,
    verdict: Verdict,
    /// The subscriber and the seed of the play.
    choice: (usize, u64),
}

impl Stage<'_> {
    /// Tries sequences until one fails, or as many as the run wants.
    pub(crate) async fn try_all(&mut self, effort: Effort) -> Tried {
        let tries = self.plan.tries.unwrap_or(self.property.tries);
        let mut passed: Vec<Trial> = Vec::new();
        let mut undecided: Vec<Played> = Vec::new();
        for number in 0..tries {
            let played = self.try_one(number).await;
            let is_silent = is_silent(&played.transcript);
            match played.verdict.outcome {
                Outcome::Pass => {
                    if passed.len() == MOST_KEPT {
                        passed.remove(0);
                    }
                    passed.push(Trial {
                        sequence: played.sequence,
                        transcript: played.transcript,
                    });
                }
                Outcome::Fail => return self.failed(played, passed, effort).await,
                Outcome::Inconclusive | Outcome::Error => undecided.push(played),
            }
            if is_silent || undecided.len() >= MOST_INCONCLUSIVE {
                break;
            }
        }
        let deciding = match undecided.into_iter().next() {
            Some(played) => Some((played.sequence, played.transcript)),
            None => passed.pop().map(|trial| (trial.sequence, trial.transcript)),
        };
        let Some((sequence, transcript)) = deciding else {
            return Tried::default();
        };
        Tried {
            evidence: evidence(sequence, transcript, passed),
            found: None,
        }
    }

    /// Draws a sequence and plays it. The same seed draws the same, whatever was tried before.
    async fn try_one(&mut self, number: usize) -> Played {
        let number_of_seed = self.plan.seed.wrapping_add(number as u64);
        let subscriber = self.lane.subscriber_of(self.case, &self.profile.scene);
        let seed = seed_of(number_of_seed, self.case, 3, subscriber);
        let sequence = self.property.draw(seed, number);
        self.play(sequence, (subscriber, seed)).await
    }

    async fn play(&mut self, sequence: Sequence, choice: (usize, u64)) -> Played {
        let case = match self.plan.library.case_of(self.property, &sequence) {
            Ok(case) => case,
            Err(why) => {
                return Played {
                    sequence,
                    transcript: Transcript::default(),
                    verdict: Verdict::error(why, self.case.place.clone()),
                    choice,
                };
            }
        };
        let transcript = play_once(&case, self.profile, self.lane, self.pace, choice).await;
        let verdict = judge_play(&case, &self.profile.scene, &transcript);
        Played {
            sequence,
            transcript,
            verdict,
            choice,
        }
    }

    async fn failed(&mut self, first: Played, passed: Vec<Trial>, effort: Effort) -> Tried {
        let shrunk_from = first.sequence.moves.len();
        let (shortest, replays) = match effort {
            Effort::Shorten => self.shortened(first).await,
            Effort::FirstFailure => (first, 0),
        };
        let text = self
            .property
            .case_file(&shortest.sequence)
            .unwrap_or_default();
        let found = Found {
            sequence: shortest.sequence.clone(),
            shrunk_from,
            replays,
            text,
        };
        Tried {
            evidence: evidence(shortest.sequence, shortest.transcript, passed),
            found: Some(Box::new(found)),
        }
    }

    /// The simplest sequence that still breaks the same rule, as far as the bounds allow to look for
    /// it. The target is in another state each time, so only what fails again counts.
    async fn shortened(&mut self, first: Played) -> (Played, usize) {
        let began = Instant::now();
        let mut shortest = first;
        let mut replays = 0;
        'simpler: loop {
            let current = shortest.sequence.clone();
            for candidate in self.property.simpler(&current) {
                if replays == MOST_REPLAYS || began.elapsed() > LONGEST_SHRINKING {
                    break 'simpler;
                }
                replays += 1;
                let played = self.play(candidate, shortest.choice).await;
                if is_silent(&played.transcript) {
                    break 'simpler;
                }
                if breaks_the_same(&played.verdict, &shortest.verdict) {
                    shortest = played;
                    continue 'simpler;
                }
            }
            break;
        }
        (shortest, replays)
    }
}

/// Whether a verdict fails for a rule for which the other one failed.
fn breaks_the_same(verdict: &Verdict, other: &Verdict) -> bool {
    let broken = |verdict: &Verdict| {
        let rules = verdict
            .findings
            .iter()
            .map(|finding| finding.requirement.clone());
        rules.collect::<Vec<_>>()
    };
    let known = broken(other);
    verdict.outcome == Outcome::Fail && broken(verdict).iter().any(|rule| known.contains(rule))
}

/// Whether the target said nothing any more, so that the next sequence would only wait.
fn is_silent(transcript: &Transcript) -> bool {
    transcript.entries.iter().any(|entry| {
        matches!(
            entry.kind,
            EntryKind::Unreachable { .. } | EntryKind::Control { answered: false }
        )
    })
}

fn evidence(sequence: Sequence, case: Transcript, earlier: Vec<Trial>) -> Evidence {
    Evidence {
        case,
        sequence: Some(sequence),
        earlier,
        ..Evidence::default()
    }
}
