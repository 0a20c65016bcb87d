//! Plays a case without sockets, clock or randomness of its own: the driver asks for the next
//! action, carries it out, and tells what came of it. Everything lands in the transcript.

mod handshakes;
mod occurrence;

use std::time::Duration;

use gbaspec_crypto::sqn::HeSqn;
use rand::SeedableRng as _;
use rand::rngs::ChaCha8Rng;

use crate::case::{Answer, Await, Awaits, Case, ConnectionChoice, Never, Send, StepKind};
use crate::compose::{Composer, PlayKeys, Stores};
use crate::element::Element;
use crate::judge;
use crate::scene::Scene;
use crate::transcript::{ClientOutcome, Entry, EntryKind, Transcript};
use crate::view::View;
use crate::view::aka::ReplyKind;

pub use occurrence::{Action, Introducer, NextWay, Occurrence, Outgoing, Route};

/// So many requests of one play are answered by standing answers; a client that asks more often
/// than that loops. A server asks others for each request of the harness, of which some cases send
/// hundreds.
const MOST_STANDING_ANSWERS: usize = 24;
const MOST_STANDING_ANSWERS_TO_A_SERVER: usize = 1_000;

/// One play of one case.
pub struct Player<'a> {
    case: &'a Case,
    scene: &'a Scene,
    transcript: Transcript,
    rng: ChaCha8Rng,
    he: HeSqn,
    keys: PlayKeys,
    cursor: usize,
    pending: Option<Action>,
    latest_request: Option<usize>,
    standing_answers: usize,
    over: bool,
}

/// What a play starts from.
#[derive(Clone, Debug)]
pub struct Start {
    /// The subscriber of the profile (index).
    pub subscriber: usize,
    /// Unix time in milliseconds.
    pub unix_millis: i64,
    /// Seed of the random choices of this play.
    pub seed: u64,
    /// The harness's SQN counter for this subscriber.
    pub he: HeSqn,
}

impl<'a> Player<'a> {
    /// A play that has not begun.
    pub fn new(case: &'a Case, scene: &'a Scene, start: Start) -> Self {
        Self {
            case,
            scene,
            transcript: Transcript {
                started_unix_millis: start.unix_millis,
                subscriber: start.subscriber,
                entries: Vec::new(),
            },
            rng: ChaCha8Rng::seed_from_u64(start.seed),
            he: start.he,
            keys: PlayKeys::default(),
            cursor: 0,
            pending: None,
            latest_request: None,
            standing_answers: 0,
            over: false,
        }
    }

    /// What happened, and the SQN counter as the play leaves it.
    pub fn finish(self) -> (Transcript, HeSqn) {
        (self.transcript, self.he)
    }

    /// What to do next, `elapsed` after the play began.
    pub fn next_action(&mut self, elapsed: Duration) -> Action {
        if let Some(action) = self.pending.take() {
            return action;
        }
        while !self.over {
            let Some(step) = self.case.steps.get(self.cursor) else {
                break;
            };
            match &step.kind {
                StepKind::Send(send) => return self.send_step(send, elapsed),
                StepKind::Connect(connect) => {
                    return match self.handshake(connect) {
                        Some(Ok(client)) => Action::Connect(client),
                        Some(Err(why)) => self.stop(elapsed, why),
                        None => self.stop(elapsed, "the case shares no key".to_owned()),
                    };
                }
                StepKind::Trigger(errand) => return Action::Trigger(*errand),
                StepKind::Check(_) => self.leave_step(),
                StepKind::Never(_) | StepKind::Finish(_) if self.has_finished() => {
                    self.leave_step();
                }
                StepKind::Await(_) | StepKind::Never(_) | StepKind::Finish(_) => {
                    return Action::Wait;
                }
            }
        }
        self.over = true;
        Action::Done
    }

    /// The way that the next message to a server will take; none if another action is next. A driver
    /// that has to shake hands first does so before the message is composed, as its digest may depend
    /// on the keys of the TLS session.
    pub fn next_way(&self) -> Option<NextWay<'a>> {
        if self.over || self.pending.is_some() {
            return None;
        }
        let case: &'a Case = self.case;
        let mut steps = case.steps.iter().skip(self.cursor);
        match &steps
            .find(|step| !matches!(step.kind, StepKind::Check(_)))?
            .kind
        {
            StepKind::Send(send) if !self.is_answer(send) => Some(NextWay {
                from: self.caller_of(send),
                protocol: send.template.protocol(),
                route: route_of(send),
                suites: if send.suites.is_empty() {
                    &case.suites
                } else {
                    &send.suites
                },
            }),
            _ => None,
        }
    }

    /// Takes in what came of the last action, `elapsed` after the play began.
    pub fn record(&mut self, elapsed: Duration, occurrence: Occurrence) {
        match occurrence {
            Occurrence::Sent {
                connection,
                outgoing,
            } => {
                self.sent(elapsed, connection, outgoing);
            }
            Occurrence::Triggered(errand) => {
                let errand = errand.as_str().to_owned();
                self.enter(elapsed, 0, EntryKind::Triggered { errand });
                self.leave_step();
            }
            Occurrence::Received {
                connection,
                at,
                bytes,
            } => {
                self.received(elapsed, connection, at, bytes);
            }
            Occurrence::Unreadable {
                connection,
                at,
                bytes,
                why,
            } => {
                let kind = EntryKind::Unreadable { to: at, bytes, why };
                self.ended_by(at, elapsed, connection, kind);
            }
            Occurrence::Secured {
                connection,
                exporter,
                server_name,
                version,
                suite,
                suite_number,
                psk_identity,
                psk_hint,
            } => {
                let kind = EntryKind::Secured {
                    exporter,
                    server_name,
                    version,
                    suite,
                    suite_number,
                    psk_identity,
                    psk_hint,
                };
                self.handshake_ended(elapsed, connection, Element::Naf, kind);
            }
            Occurrence::Introduced {
                connection,
                at,
                first,
                request,
                answer,
            } => self.introduced(elapsed, (connection, at), first, (request, answer)),
            Occurrence::Hello {
                connection,
                at,
                hello,
            } => self.hello(elapsed, connection, at, hello),
            Occurrence::Unshared {
                connection,
                at,
                why,
                attempt,
            } => {
                let kind = EntryKind::Unshared {
                    to: at,
                    why,
                    attempt,
                };
                self.handshake_ended(elapsed, connection, at, kind);
            }
            Occurrence::Unsecured {
                connection,
                at,
                why,
            } => self.enter(elapsed, connection, EntryKind::Unsecured { to: at, why }),
            Occurrence::Closed { connection } => {
                self.ended_by(self.caller(), elapsed, connection, EntryKind::Closed);
            }
            Occurrence::Unreachable { why } => {
                self.enter(elapsed, 0, EntryKind::Unreachable { why });
                self.over = true;
            }
            Occurrence::TimedOut { after_millis } => self.timed_out(elapsed, after_millis),
            Occurrence::Control { answered } => {
                self.enter(elapsed, 0, EntryKind::Control { answered });
                self.over = true;
            }
            Occurrence::Finished(outcome) => self.client_finished(elapsed, outcome),
            Occurrence::Stopped { why } => {
                self.enter(elapsed, 0, EntryKind::Stopped { why });
                self.over = true;
            }
        }
    }

    fn send_step(&mut self, send: &Send, elapsed: Duration) -> Action {
        let (from, route) = if self.is_answer(send) {
            let Some((at, connection)) = self.request_to_answer() else {
                return self.stop(elapsed, "there is no request to answer".to_owned());
            };
            (at, Route::Reply(connection))
        } else {
            (self.caller_of(send), route_of(send))
        };
        let answers = self.answered_by(send, from);
        self.compose(send, elapsed, answers, from, route)
    }

    /// Composes a message; if that cannot be done, the play ends with the reason.
    fn compose(
        &mut self,
        send: &Send,
        elapsed: Duration,
        answers: Option<usize>,
        from: Element,
        route: Route,
    ) -> Action {
        let to = self.case.target;
        let now = self.transcript.started_unix_millis / 1000
            + i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX / 2);
        let composer = Composer {
            case: self.case,
            scene: self.scene,
            transcript: &self.transcript,
            answers,
            ends: (from, to),
            now,
        };
        let mut stores = Stores {
            rng: &mut self.rng,
            he: &mut self.he,
            keys: &mut self.keys,
            vector: None,
        };
        match composer.compose(send, &mut stores) {
            Ok(bytes) => Action::Send(Outgoing {
                from,
                to,
                protocol: send.template.protocol(),
                route,
                bytes,
                closing: send.closing,
            }),
            Err(why) => self.stop(elapsed, format!("the message needs {}", why.missing)),
        }
    }

    fn stop(&mut self, elapsed: Duration, why: String) -> Action {
        self.enter(elapsed, 0, EntryKind::Stopped { why });
        self.over = true;
        Action::Done
    }

    /// The element that the harness speaks as where it opens the connection.
    fn caller(&self) -> Element {
        let callers = self.case.target.before();
        callers.first().copied().unwrap_or(Element::Ue)
    }

    /// The element that the harness speaks as in a message that answers nothing.
    fn caller_of(&self, send: &Send) -> Element {
        send.from.unwrap_or_else(|| self.caller())
    }

    /// Whether the harness plays this element behind the target: what comes in there is a request.
    fn is_behind(&self, at: Element) -> bool {
        self.case.target.behind().contains(&at)
    }

    /// Whether a message goes to the target on a connection that the target has opened.
    fn is_answer(&self, send: &Send) -> bool {
        let target = self.case.target;
        !target.is_server() || !target.behind().is_empty() && send.template.is_response()
    }

    /// The message that a send step answers: the named one, else the latest that the target sent to
    /// the element that the harness speaks as.
    fn answered_by(&self, send: &Send, from: Element) -> Option<usize> {
        if let Some(name) = &send.answers {
            return self.transcript.message_of_step(self.case.step_named(name)?);
        }
        self.transcript
            .entries
            .iter()
            .rposition(|entry| matches!(entry.kind, EntryKind::Received { to, .. } if to == from))
    }

    fn request_to_answer(&self) -> Option<(Element, u32)> {
        let entry = self.transcript.entries.get(self.latest_request?)?;
        match entry.kind {
            EntryKind::Received { to, .. } => Some((to, entry.connection)),
            _ => None,
        }
    }

    /// Whether the client has ended since it was last started.
    fn has_finished(&self) -> bool {
        let since = self.transcript.entries.iter().rev();
        since
            .take_while(|entry| !matches!(entry.kind, EntryKind::Triggered { .. }))
            .any(|entry| matches!(entry.kind, EntryKind::Finished { .. }))
    }

    fn sent(&mut self, elapsed: Duration, connection: u32, outgoing: Outgoing) {
        let Outgoing {
            from, to, bytes, ..
        } = outgoing;
        let is_step = matches!(
            self.case.steps.get(self.cursor).map(|step| &step.kind),
            Some(StepKind::Send(_))
        );
        let kind = EntryKind::Sent { from, to, bytes };
        if is_step {
            self.enter(elapsed, connection, kind);
            self.cursor += 1;
        } else {
            self.enter_for(None, elapsed, connection, kind);
        }
    }

    fn received(&mut self, elapsed: Duration, connection: u32, at: Element, bytes: Vec<u8>) {
        let kind = EntryKind::Received {
            from: self.case.target,
            to: at,
            bytes,
        };
        let index = self.transcript.entries.len();
        self.enter_for(None, elapsed, connection, kind);
        self.learn(index);
        let is_request = self.is_behind(at);
        if is_request {
            self.latest_request = Some(index);
        } else {
            let step = self.step_that_takes(at);
            self.transcript.entries[index].step = Some(step);
            self.go_to(step);
        }
        if self.over {
            return;
        }
        let Some(step) = self.case.steps.get(self.cursor) else {
            return;
        };
        match &step.kind {
            StepKind::Await(wait)
                if wait.awaits == Awaits::Message && self.is_awaited(wait, at, index) =>
            {
                self.transcript.entries[index].step = Some(self.cursor);
                self.leave_step();
            }
            StepKind::Never(never) if never.is_at(at) => {
                self.transcript.entries[index].step = Some(self.cursor);
                if self.is_broken(never) {
                    self.over = true;
                } else if is_request {
                    self.answer_by_standing_answer(elapsed, connection, at, index);
                } else {
                    self.leave_step();
                }
            }
            StepKind::Never(_) if !is_request => self.leave_step(),
            _ if is_request => self.answer_by_standing_answer(elapsed, connection, at, index),
            _ => {}
        }
    }

    /// Two peers of Diameter are no step of a case: facts of later messages look at it.
    fn introduced(
        &mut self,
        elapsed: Duration,
        (connection, at): (u32, Element),
        first: Introducer,
        (request, answer): (Vec<u8>, Vec<u8>),
    ) {
        let target = self.case.target;
        let of_target = |bytes| EntryKind::Received {
            from: target,
            to: at,
            bytes,
        };
        let of_harness = |bytes| EntryKind::Sent {
            from: at,
            to: target,
            bytes,
        };
        let kinds = match first {
            Introducer::Target => [of_target(request), of_harness(answer)],
            Introducer::Harness => [of_harness(request), of_target(answer)],
        };
        for kind in kinds {
            self.enter_for(None, elapsed, connection, kind);
        }
    }

    /// The step that an answer of a server is for, or the end of its connection: what is forbidden
    /// until the answer comes is not forbidden any more, so the step after it that awaits something
    /// takes it, or a later `never` about this end.
    fn step_that_takes(&self, at: Element) -> usize {
        let steps = self.case.steps.iter().enumerate().skip(self.cursor);
        let mut waiting = steps.take_while(|(_, step)| {
            matches!(
                step.kind,
                StepKind::Never(_) | StepKind::Check(_) | StepKind::Await(_)
            )
        });
        let taker = waiting.find(|(_, step)| match &step.kind {
            StepKind::Await(_) => true,
            StepKind::Never(never) => never.is_at(at),
            _ => false,
        });
        taker.map_or(self.cursor, |(step, _)| step)
    }

    /// Leaves the steps before this one, as far as they hold.
    fn go_to(&mut self, step: usize) {
        while self.cursor < step && !self.over {
            self.leave_step();
        }
    }

    /// Enters what ends the conversation at one end of it.
    fn ended_by(&mut self, at: Element, elapsed: Duration, connection: u32, kind: EntryKind) {
        if self.is_behind(at) {
            self.enter(elapsed, connection, kind);
        } else {
            let step = self.step_that_takes(at);
            let is_step = step < self.case.steps.len();
            self.enter_for(is_step.then_some(step), elapsed, connection, kind);
        }
        self.over = true;
    }

    /// A client that answers a challenge with RES has accepted its SQN, so the next vector has to
    /// come after it. An AUTS alone changes nothing: a step says what is done about it.
    fn learn(&mut self, index: usize) {
        let Some(reply) = View::new(self.scene, &self.transcript, index)
            .as_ref()
            .and_then(View::reply)
        else {
            return;
        };
        let is_ours = (0..index).any(|earlier| {
            let sent = &self.transcript.entries[earlier].kind;
            matches!(sent, EntryKind::Sent { .. })
                && View::new(self.scene, &self.transcript, earlier)
                    .map(|view| view.opened_challenges())
                    .is_some_and(|challenges| {
                        challenges
                            .iter()
                            .any(|challenge| challenge.nonce == reply.nonce)
                    })
        });
        let accepted = matches!(reply.kind, ReplyKind::Res) && is_ours;
        if accepted && reply.challenge > self.he.last() {
            self.he = HeSqn::new(*self.he.scheme(), reply.challenge);
        }
    }

    fn is_awaited(&self, wait: &Await, at: Element, index: usize) -> bool {
        wait.is_at(self.case.target, at)
            && judge::meets(self.case, self.scene, &self.transcript, index, &wait.only)
            || !self.has_standing_answer(at, index)
    }

    fn has_standing_answer(&self, at: Element, index: usize) -> bool {
        self.standing_answer(at, index).is_some()
    }

    fn standing_answer(&self, at: Element, index: usize) -> Option<&'a Answer> {
        self.case.answers.iter().find(|answer| {
            answer.at == at
                && judge::meets(
                    self.case,
                    self.scene,
                    &self.transcript,
                    index,
                    &answer.conditions,
                )
        })
    }

    fn answer_by_standing_answer(
        &mut self,
        elapsed: Duration,
        connection: u32,
        at: Element,
        index: usize,
    ) {
        self.standing_answers += 1;
        let most = if self.case.target.is_server() {
            MOST_STANDING_ANSWERS_TO_A_SERVER
        } else {
            MOST_STANDING_ANSWERS
        };
        let answer = self.standing_answer(at, index);
        self.pending = Some(match answer {
            _ if self.standing_answers > most => {
                let target = self.case.target;
                let why = format!("the {target} sent {most} requests and went on");
                self.stop(elapsed, why)
            }
            Some(Answer {
                send: Some(send), ..
            }) => self.compose(send, elapsed, Some(index), at, Route::Reply(connection)),
            Some(Answer { send: None, .. }) | None => Action::Hang(connection),
        });
    }

    fn is_broken(&self, never: &Never) -> bool {
        let of_step = (0..self.transcript.entries.len())
            .filter(|&index| self.transcript.entries[index].step == Some(self.cursor));
        let forbidden = of_step.filter(|&index| {
            judge::meets(
                self.case,
                self.scene,
                &self.transcript,
                index,
                &never.conditions,
            )
        });
        forbidden.count() > never.at_most
    }

    fn timed_out(&mut self, elapsed: Duration, after_millis: u64) {
        if self.case.target.is_server() {
            let step = self.step_that_takes(self.caller());
            let is_step = step < self.case.steps.len();
            let kind = EntryKind::TimedOut { after_millis };
            self.enter_for(is_step.then_some(step), elapsed, 0, kind);
            self.go_to(step);
        } else {
            self.enter(elapsed, 0, EntryKind::TimedOut { after_millis });
        }
        let is_watching = matches!(
            self.case.steps.get(self.cursor).map(|step| &step.kind),
            Some(StepKind::Never(_))
        );
        if self.over {
        } else if is_watching {
            self.leave_step();
        } else if self.case.target.is_server() {
            self.pending = Some(Action::Control);
        } else {
            self.over = true;
        }
    }

    fn client_finished(&mut self, elapsed: Duration, outcome: ClientOutcome) {
        self.enter(elapsed, 0, EntryKind::Finished { outcome });
        match self.case.steps.get(self.cursor).map(|step| &step.kind) {
            Some(StepKind::Never(_) | StepKind::Finish(_)) => self.leave_step(),
            _ => self.over = true,
        }
    }

    /// Goes to the next step, or ends the play if this one was not met.
    fn leave_step(&mut self) {
        if judge::holds_so_far(self.case, self.scene, &self.transcript, self.cursor) {
            self.cursor += 1;
        } else {
            self.over = true;
        }
    }

    fn enter(&mut self, elapsed: Duration, connection: u32, kind: EntryKind) {
        let step = (self.cursor < self.case.steps.len()).then_some(self.cursor);
        self.enter_for(step, elapsed, connection, kind);
    }

    fn enter_for(
        &mut self,
        step: Option<usize>,
        elapsed: Duration,
        connection: u32,
        kind: EntryKind,
    ) {
        let at_micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        self.transcript.entries.push(Entry {
            step,
            at_micros,
            connection,
            kind,
        });
    }
}

/// The connection that a message to a server asks for.
fn route_of(send: &Send) -> Route {
    match send.connection {
        ConnectionChoice::Current => Route::Current,
        ConnectionChoice::New => Route::New,
    }
}
