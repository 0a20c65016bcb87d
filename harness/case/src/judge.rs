//! The one place that decides. Pure and total: the same case and evidence give the same verdict.

mod instead;

use crate::case::{
    Await, Awaits, Case, Check, Condition, Finish, Never, Silence, StepKind, TwinRepeat, Weight,
};
use crate::compose::fill_fixed;
use crate::fact::{FactPath, Value};
use crate::load::Library;
use crate::matcher::{Literal, Reference, Surroundings};
use crate::scene::{Scene, SqnDivision};
use crate::transcript::{ClientOutcome, Entry, EntryKind, Evidence, Transcript};
use crate::verdict::{Finding, Observation, Outcome, Part, Place, Verdict};
use crate::view::View;

/// Judges a case from its evidence. `twin` is the case of its valid twin, if it has one.
///
/// A negative case counts only between two passes of its twin: before it, so that a target which
/// refuses everything cannot pass, and after it, so that one which it breaks cannot either.
pub fn judge(case: &Case, twin: Option<&Case>, scene: &Scene, evidence: &Evidence) -> Verdict {
    let (Some(twin_of), Some(twin)) = (&case.twin, twin) else {
        return judge_play(case, scene, &evidence.case);
    };
    let Some(before) = &evidence.before else {
        return unproven(case, "its valid twin was not played before it");
    };
    let before = judge_play(twin, scene, before);
    if before.outcome != Outcome::Pass {
        return blocked_by_twin(before);
    }
    let mut verdict = judge_play(case, scene, &evidence.case);
    if verdict.outcome != Outcome::Pass || twin_of.repeat == TwinRepeat::BeforeOnly {
        return verdict;
    }
    let Some(after) = &evidence.after else {
        return unproven(case, "its valid twin was not played after it");
    };
    let after_verdict = judge_play(twin, scene, after);
    if after_verdict.outcome != Outcome::Pass {
        let gone = after.entries.iter().any(|entry| {
            matches!(
                entry.kind,
                EntryKind::Unreachable { .. } | EntryKind::Closed
            )
        });
        // Silence may have other causes than the case, so it proves nothing.
        let broken = gone || after_verdict.outcome == Outcome::Fail;
        verdict.outcome = if broken {
            Outcome::Fail
        } else {
            Outcome::Inconclusive
        };
        verdict
            .findings
            .extend(after_verdict.findings.into_iter().map(|mut finding| {
                case.first_requirement()
                    .clone_into(&mut finding.requirement);
                finding.part = Part::TwinAfter;
                finding
            }));
    }
    verdict
}

/// Judges a case of the library from its evidence, whichever kind it is of: of a property, every
/// sequence that was kept.
pub fn judge_known(library: &Library, case: &Case, scene: &Scene, evidence: &Evidence) -> Verdict {
    let Some(property) = &case.property else {
        return judge(case, library.twin_of(case), scene, evidence);
    };
    let Some(sequence) = &evidence.sequence else {
        return unproven(case, "no sequence of it was played");
    };
    let mut whole = judge_nothing();
    let earlier = evidence.earlier.iter();
    let earlier = earlier.map(|trial| (&trial.sequence, &trial.transcript));
    for (sequence, transcript) in earlier.chain([(sequence, &evidence.case)]) {
        match library.case_of(property, sequence) {
            Ok(played) => add(&mut whole, judge_play(&played, scene, transcript)),
            Err(why) => return Verdict::error(why, case.place.clone()),
        }
    }
    whole
}

/// Adds what one sequence of a property showed. A warning is given once a check, not once a sequence.
fn add(whole: &mut Verdict, more: Verdict) {
    whole.outcome = whole.outcome.max(more.outcome);
    whole.assertions += more.assertions;
    whole.findings.extend(more.findings);
    for warning in more.warnings {
        let is_same = |known: &Finding| {
            (&known.requirement, &known.check) == (&warning.requirement, &warning.check)
        };
        if !whole.warnings.iter().any(is_same) {
            whole.warnings.push(warning);
        }
    }
    for observation in more.observations {
        if !whole.observations.contains(&observation) {
            whole.observations.push(observation);
        }
    }
}

/// Why a case of the library does not apply to this target, whichever kind it is of: what its valid
/// twin is not about, it is not about either.
pub fn known_not_applicable(
    library: &Library,
    case: &Case,
    scene: &Scene,
    evidence: &Evidence,
) -> Option<String> {
    let (Some(property), Some(sequence)) = (&case.property, &evidence.sequence) else {
        return not_applicable(case, scene, &evidence.case).or_else(|| {
            let twin = library.twin_of(case)?;
            not_applicable(twin, scene, evidence.before.as_ref()?)
        });
    };
    let played = library.case_of(property, sequence).ok()?;
    not_applicable(&played, scene, &evidence.case)
}

/// Judges one play of one case, without its twin.
pub fn judge_play(case: &Case, scene: &Scene, transcript: &Transcript) -> Verdict {
    let mut judge = Judge {
        around: Around {
            case,
            scene,
            transcript,
        },
        verdict: judge_nothing(),
    };
    for step in 0..case.steps.len() {
        if judge.step(step) == Next::Stop {
            break;
        }
    }
    let mut verdict = judge.verdict;
    if verdict.outcome == Outcome::Pass && verdict.assertions == 0 {
        return unproven(case, "nothing about the target was asserted");
    }
    // What was noted on the way to a failure stays; it helps to understand it.
    verdict.observations.dedup();
    verdict
}

/// Whether the step, as far as it was played, leaves the play worth going on with. The player asks
/// this after each step, so that later noise does not hide the cause.
pub(crate) fn holds_so_far(
    case: &Case,
    scene: &Scene,
    transcript: &Transcript,
    step: usize,
) -> bool {
    let mut judge = Judge {
        around: Around {
            case,
            scene,
            transcript,
        },
        verdict: judge_nothing(),
    };
    judge.step(step) == Next::GoOn
}

/// Whether a message meets all conditions.
pub(crate) fn meets(
    case: &Case,
    scene: &Scene,
    transcript: &Transcript,
    index: usize,
    conditions: &[Condition],
) -> bool {
    let around = Around {
        case,
        scene,
        transcript,
    };
    let view = View::of_entry(scene, transcript, index);
    conditions.iter().all(|condition| {
        let value = view.as_ref().and_then(|view| condition.fact.read(view));
        condition
            .matcher
            .matches(&condition.fact, value.as_ref(), &around)
    })
}

/// Why a case does not apply to this target, if a play of it showed that: the specification leaves a
/// choice, and the target chose what the case is not about.
pub fn not_applicable(case: &Case, scene: &Scene, transcript: &Transcript) -> Option<String> {
    let around = Around {
        case,
        scene,
        transcript,
    };
    if let Some(why) = no_common_suite(case, transcript) {
        return Some(why);
    }
    case.steps.iter().enumerate().find_map(|(step, entry)| {
        let StepKind::Check(check) = &entry.kind else {
            return None;
        };
        if check.weight != Weight::Applies {
            return None;
        }
        let index = around.message_for(step, check.on.as_deref())?;
        let view = View::of_entry(scene, transcript, index)?;
        let unmet = check.conditions.iter().find(|condition| {
            let value = condition.fact.read(&view);
            !condition
                .matcher
                .matches(&condition.fact, value.as_ref(), &around)
        })?;
        let actual = unmet
            .fact
            .read(&view)
            .map_or_else(|| "absent".to_owned(), |value| value.to_string());
        let wanted = unmet.matcher.describe(&unmet.fact, &around);
        Some(format!(
            "does not apply: {} is {actual}, the case is about {wanted}",
            unmet.fact
        ))
    })
}

/// What TLS libraries say of a handshake whose ends have no suite or version in common.
const NOTHING_IN_COMMON: [&str; 4] = [
    "handshake failure",
    "no shared cipher",
    "protocol version",
    "unsupported protocol",
];

/// Why a case about certain cipher suites is not for this target: it has none of them.
fn no_common_suite(case: &Case, transcript: &Transcript) -> Option<String> {
    let of_steps = case.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Send(send) => Some(&send.suites),
        _ => None,
    });
    let mut suites = of_steps.chain([&case.suites]).flatten().peekable();
    suites.peek()?;
    let refusal = transcript
        .entries
        .iter()
        .find_map(|entry| match &entry.kind {
            EntryKind::Unreachable { why } | EntryKind::Unsecured { why, .. } => Some(why),
            _ => None,
        })?;
    let is_about_suites = NOTHING_IN_COMMON
        .iter()
        .any(|words| refusal.contains(words));
    let names: Vec<&str> = suites.map(String::as_str).collect();
    is_about_suites.then(|| format!("the target does not offer {}", names.join(", ")))
}

fn judge_nothing() -> Verdict {
    Verdict {
        outcome: Outcome::Pass,
        findings: Vec::new(),
        warnings: Vec::new(),
        observations: Vec::new(),
        assertions: 0,
    }
}

fn unproven(case: &Case, why: &str) -> Verdict {
    let finding = Finding {
        requirement: case.first_requirement().to_owned(),
        check: "evidence".to_owned(),
        expected: "an observation about the target".to_owned(),
        actual: why.to_owned(),
        place: case.place.clone(),
        part: Part::Case,
    };
    Verdict {
        outcome: Outcome::Inconclusive,
        findings: vec![finding],
        ..judge_nothing()
    }
}

fn blocked_by_twin(mut before: Verdict) -> Verdict {
    before.outcome = Outcome::Inconclusive;
    for finding in &mut before.findings {
        finding.part = Part::TwinBefore;
    }
    before
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Stop,
}

struct Judge<'a> {
    around: Around<'a>,
    verdict: Verdict,
}

impl Judge<'_> {
    fn step(&mut self, step: usize) -> Next {
        let case = self.around.case;
        let place = &case.steps[step].place;
        match &case.steps[step].kind {
            StepKind::Send(_) => self.sent(step, place),
            StepKind::Connect(_) => self.connected(step, place),
            StepKind::Trigger(_) => self.triggered(step, place),
            StepKind::Await(wait) => self.awaited(step, wait, place),
            StepKind::Check(check) => self.checked(step, check, place),
            StepKind::Never(never) => self.never(step, never, place),
            StepKind::Finish(finish) => self.finished(step, finish, place),
        }
    }

    fn sent(&mut self, step: usize, place: &Place) -> Next {
        if self.around.transcript.message_of_step(step).is_some() {
            return Next::GoOn;
        }
        let actual = self.what_happened_instead(step);
        self.unmet(
            Weight::Given,
            None,
            "message",
            "a message that could be sent",
            &actual,
            place,
        )
    }

    fn connected(&mut self, step: usize, place: &Place) -> Next {
        let entries = &self.around.transcript.entries;
        let has_begun = entries
            .iter()
            .any(|entry| entry.step == Some(step) && matches!(entry.kind, EntryKind::Hello { .. }));
        if has_begun {
            return Next::GoOn;
        }
        let actual = self.what_happened_instead(step);
        self.unmet(
            Weight::Given,
            None,
            "handshake",
            "a handshake that could be begun",
            &actual,
            place,
        )
    }

    fn triggered(&mut self, step: usize, place: &Place) -> Next {
        let transcript = self.around.transcript;
        let triggered = transcript.entries.iter().any(|entry| {
            entry.step == Some(step) && matches!(entry.kind, EntryKind::Triggered { .. })
        });
        if triggered {
            return Next::GoOn;
        }
        let actual = self.what_happened_instead(step);
        self.unmet(
            Weight::Given,
            None,
            "client",
            "a client that could be started",
            &actual,
            place,
        )
    }

    fn awaited(&mut self, step: usize, wait: &Await, place: &Place) -> Next {
        let requirement = wait.requirement.as_deref();
        let Some(index) = self.around.entry_of_step(step) else {
            if wait.silence == Silence::Allowed && self.was_closed_on(step) {
                if wait.weight == Weight::Expect {
                    self.verdict.assertions += 1;
                }
                return Next::Stop;
            }
            let actual = self.what_happened_instead(step);
            let weight = if self.proves_absence(step) {
                wait.weight
            } else {
                Weight::Given
            };
            let (check, expected) = match wait.awaits {
                Awaits::Message => ("message", "a message"),
                Awaits::Handshake => ("handshake", "the end of a handshake"),
            };
            return self.unmet(weight, requirement, check, expected, &actual, place);
        };
        self.note(index, &wait.note);
        if let Some(actual) = self.arrived_elsewhere(index, wait) {
            let expected = wait.at.map_or("the answer of the target".to_owned(), |at| {
                format!("a message at {at}")
            });
            return self.unmet(wait.weight, requirement, "at", &expected, &actual, place);
        }
        self.conditions(index, wait.weight, requirement, &wait.conditions)
    }

    /// What came at which other element, if the message did not come where the step awaits it.
    fn arrived_elsewhere(&self, index: usize, wait: &Await) -> Option<String> {
        let Around {
            case, transcript, ..
        } = self.around;
        let EntryKind::Received { to, bytes, .. } = &transcript.entries.get(index)?.kind else {
            return None;
        };
        if wait.is_at(case.target, *to) {
            return None;
        }
        let line = bytes.split(|&octet| octet == b'\n').next()?.trim_ascii();
        let line = &line[..line.len().min(60)];
        Some(format!("at {to}: {}", gbaspec_wire::escape::escape(line)))
    }

    fn checked(&mut self, step: usize, check: &Check, place: &Place) -> Next {
        let Some(index) = self.around.message_for(step, check.on.as_deref()) else {
            let expected = format!(
                "the message \"{}\"",
                check.on.as_deref().unwrap_or("before")
            );
            return self.unmet(Weight::Given, None, "message", &expected, "nothing", place);
        };
        self.note(index, &check.note);
        let Around {
            case,
            scene,
            transcript,
        } = self.around;
        if !meets(case, scene, transcript, index, &check.when) {
            return Next::GoOn;
        }
        self.conditions(
            index,
            check.weight,
            check.requirement.as_deref(),
            &check.conditions,
        )
    }

    fn never(&mut self, step: usize, never: &Never, place: &Place) -> Next {
        let transcript = self.around.transcript;
        let mut forbidden = (0..transcript.entries.len()).filter(|&index| {
            transcript.entries[index].step == Some(step)
                && matches!(transcript.entries[index].kind, EntryKind::Received { to, .. } if never.is_at(to))
                && meets(
                    self.around.case,
                    self.around.scene,
                    transcript,
                    index,
                    &never.conditions,
                )
        });
        if let Some(index) = forbidden.nth(never.at_most) {
            let requirement = never.requirement.as_deref();
            let (expected, actual) = self.describe_forbidden(never, index);
            self.unmet(
                never.weight,
                requirement,
                &never_check(never),
                &expected,
                &actual,
                place,
            );
            // The play ends here, whatever it means: a client that does this once does it again.
            return Next::Stop;
        }
        if !self.was_watched(step) {
            let actual = self.what_happened_instead(step);
            return self.unmet(
                Weight::Given,
                None,
                "end",
                "a client that ends, or a server that answers",
                &actual,
                place,
            );
        }
        self.verdict.assertions += 1;
        Next::GoOn
    }

    /// Whether the time is over in which something must not come: the client has ended, the server
    /// has answered or closed the connection, or nothing came for as long as anything is waited for.
    fn was_watched(&self, step: usize) -> bool {
        let Around {
            case, transcript, ..
        } = self.around;
        let target = case.target;
        let is_end = |entry: &Entry| match &entry.kind {
            EntryKind::TimedOut { .. } => true,
            EntryKind::Closed => target.is_server(),
            EntryKind::Received { to, .. } | EntryKind::Unreadable { to, .. } => {
                target.is_server() && !target.behind().contains(to)
            }
            _ => false,
        };
        let ends_this = |entry: &Entry| {
            let is_this = entry.step == Some(step);
            let is_later = target.is_server() && entry.step.is_some_and(|later| later > step);
            (is_this || is_later) && is_end(entry)
        };
        self.around.outcome_at(step).is_some() || transcript.entries.iter().any(ends_this)
    }

    fn finished(&mut self, step: usize, finish: &Finish, place: &Place) -> Next {
        let expected = || {
            let names: Vec<_> = finish
                .outcomes
                .iter()
                .map(|outcome| outcome.as_str())
                .collect();
            if names.is_empty() {
                "a client that ends".to_owned()
            } else {
                names.join(" or ")
            }
        };
        let outcome = self.around.outcome_at(step);
        let Some(outcome) = outcome else {
            let entries = &self.around.transcript.entries;
            let stopped = entries.iter().any(|entry| {
                entry.step == Some(step) && matches!(entry.kind, EntryKind::Stopped { .. })
            });
            let actual = if stopped {
                self.what_happened_instead(step)
            } else {
                "the client did not end in time".to_owned()
            };
            return self.unmet(Weight::Given, None, "outcome", &expected(), &actual, place);
        };
        if !finish.outcomes.is_empty() && !finish.outcomes.contains(&outcome) {
            let requirement = finish.requirement.as_deref();
            let actual = outcome.as_str();
            return self.unmet(
                finish.weight,
                requirement,
                "outcome",
                &expected(),
                actual,
                place,
            );
        }
        if finish.weight == Weight::Expect {
            self.verdict.assertions += 1;
        }
        Next::GoOn
    }

    /// Checks all conditions of one message, so that a finding does not hide the next one.
    fn conditions(
        &mut self,
        index: usize,
        weight: Weight,
        requirement: Option<&str>,
        conditions: &[Condition],
    ) -> Next {
        let view = View::of_entry(self.around.scene, self.around.transcript, index);
        let mut next = Next::GoOn;
        for Condition {
            fact,
            matcher,
            place,
        } in conditions
        {
            let value = view.as_ref().and_then(|view| fact.read(view));
            if matcher.matches(fact, value.as_ref(), &self.around) {
                if weight == Weight::Expect {
                    self.verdict.assertions += 1;
                }
                continue;
            }
            let expected = matcher.describe(fact, &self.around);
            let actual = value.map_or_else(|| "absent".to_owned(), |value| value.to_string());
            if self.unmet(
                weight,
                requirement,
                &fact.to_string(),
                &expected,
                &actual,
                place,
            ) == Next::Stop
            {
                next = Next::Stop;
            }
        }
        next
    }

    /// Records what was not met, with the weight that the step gives it.
    fn unmet(
        &mut self,
        weight: Weight,
        requirement: Option<&str>,
        check: &str,
        expected: &str,
        actual: &str,
        place: &Place,
    ) -> Next {
        let finding = Finding {
            requirement: requirement
                .unwrap_or(self.around.case.first_requirement())
                .to_owned(),
            check: check.to_owned(),
            expected: expected.to_owned(),
            actual: actual.to_owned(),
            place: place.clone(),
            part: Part::Case,
        };
        let outcome = match weight {
            Weight::Should => {
                self.verdict.warnings.push(finding);
                return Next::GoOn;
            }
            Weight::Given | Weight::Applies => Outcome::Inconclusive,
            Weight::Expect => Outcome::Fail,
        };
        self.verdict.outcome = self.verdict.outcome.max(outcome);
        self.verdict.findings.push(finding);
        Next::Stop
    }

    fn note(&mut self, index: usize, facts: &[FactPath]) {
        let Some(view) = View::of_entry(self.around.scene, self.around.transcript, index) else {
            return;
        };
        for fact in facts {
            let seen = fact
                .read(&view)
                .map_or_else(|| "absent".to_owned(), |value| value.to_string());
            self.verdict.observations.push(Observation {
                check: fact.to_string(),
                seen,
            });
        }
    }

    fn describe_forbidden(&self, never: &Never, index: usize) -> (String, String) {
        let view = View::new(self.around.scene, self.around.transcript, index);
        let mut expected = Vec::new();
        let mut actual = Vec::new();
        if let Some(at) = never.at {
            let line = self.around.transcript.message_bytes(index);
            let line = line.and_then(|bytes| bytes.split(|&octet| octet == b'\r').next());
            let line = line.unwrap_or_default();
            let line = gbaspec_wire::escape::escape(&line[..line.len().min(60)]);
            expected.push(format!("an arrival at {at}"));
            actual.push(format!("at {at} {line}"));
        }
        for Condition { fact, matcher, .. } in &never.conditions {
            expected.push(format!("{fact} {}", matcher.describe(fact, &self.around)));
            let value = view.as_ref().and_then(|view| fact.read(view));
            let value = value.map_or_else(|| "absent".to_owned(), |value| value.to_string());
            actual.push(format!("{fact} {value}"));
        }
        let limit = match never.at_most {
            0 => "no message".to_owned(),
            most => format!("at most {most} messages"),
        };
        (
            format!("{limit} with {}", expected.join(" and ")),
            actual.join(", "),
        )
    }
}

fn never_check(never: &Never) -> String {
    never
        .conditions
        .first()
        .map_or_else(|| "message".to_owned(), |first| first.fact.to_string())
}

/// The play, as matchers see it.
#[derive(Clone, Copy)]
struct Around<'a> {
    case: &'a Case,
    scene: &'a Scene,
    transcript: &'a Transcript,
}

impl Around<'_> {
    /// How the errand ended that was under way at this step: the one that was triggered last before
    /// it.
    fn outcome_at(&self, step: usize) -> Option<ClientOutcome> {
        let trigger = (0..step)
            .rev()
            .find(|&earlier| matches!(self.case.steps[earlier].kind, StepKind::Trigger(_)))?;
        let since = self.transcript.entries.iter().skip_while(|entry| {
            !(entry.step == Some(trigger) && matches!(entry.kind, EntryKind::Triggered { .. }))
        });
        since
            .skip(1)
            .take_while(|entry| !matches!(entry.kind, EntryKind::Triggered { .. }))
            .find_map(|entry| match entry.kind {
                EntryKind::Finished { outcome } => Some(outcome),
                _ => None,
            })
    }

    /// What a step waited for: a message, or the end of a handshake.
    fn entry_of_step(&self, step: usize) -> Option<usize> {
        match &self.case.steps.get(step)?.kind {
            StepKind::Await(wait) if wait.awaits == Awaits::Handshake => {
                self.transcript.handshake_of_step(step)
            }
            _ => self.transcript.message_of_step(step),
        }
    }

    /// The message with this name, or the latest received one before the step.
    fn message_for(&self, step: usize, name: Option<&str>) -> Option<usize> {
        if let Some(name) = name {
            return self.entry_of_step(self.case.step_named(name)?);
        }
        let awaited = (0..step)
            .rev()
            .find(|&earlier| matches!(self.case.steps[earlier].kind, StepKind::Await(_)))?;
        self.entry_of_step(awaited)
    }
}

impl Surroundings for Around<'_> {
    fn fill(&self, literal: &Literal) -> String {
        fill_fixed(
            self.scene,
            self.case,
            self.transcript.subscriber,
            &literal.0,
        )
    }

    fn look_up(&self, reference: &Reference, same: &FactPath) -> Option<Value> {
        let index = self.message_for(0, Some(&reference.message))?;
        let view = View::of_entry(self.scene, self.transcript, index)?;
        reference.fact.as_ref().unwrap_or(same).read(&view)
    }

    fn rank(&self, sqn: u64) -> u64 {
        match self.scene.sqn_division {
            SqnDivision::Stated => self.seq(sqn),
            SqnDivision::Assumed => sqn,
        }
    }

    fn seq(&self, sqn: u64) -> u64 {
        sqn >> self.scene.scheme.ind_bits.min(47)
    }

    fn delta(&self) -> u64 {
        self.scene.scheme.delta
    }
}
