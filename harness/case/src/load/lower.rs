//! From the raw form of a case file to typed cases.

mod conditions;
mod connect;
mod send;

use std::collections::BTreeSet;

use super::expand::expand;
use super::names::{names_in, names_in_send, own_name, referred_names};
use super::problem::{Problem, did_you_mean};
use super::properties::read_properties;
use super::resolve::unknown;
use super::vocabulary::{
    CERTIFICATES, SESSIONS, SILENCES, SUBSCRIBER_KINDS, TRANSPORTS, TWIN_REPEATS, Words,
};
use super::yaml::{self, Located, Source};
use super::{Library, Loaded, Standing, raw, twin_id};
use crate::case::{
    Answer, Await, Awaits, Case, CaseId, Certificate, Check, Errand, Finish, Need, Never, Step,
    StepKind, Twin, Weight,
};
use crate::element::Element;
use crate::requirement::Level;
use crate::transcript::ClientOutcome;
use crate::verdict::Place;

/// Reads the cases and the properties of a file.
pub(crate) fn read_cases(source: &Source, loaded: &mut Loaded) {
    let known = loaded.library.cases.len();
    let text = read_properties(source, loaded);
    let name = source.name.clone();
    let (cases, problems) = cases_of(&Source { name, text }, &loaded.library);
    loaded.problems.extend(problems);
    loaded.library.cases.extend(cases);
    loaded.library.cases[known..].sort_by_key(|case| case.place.line);
}

/// Reads the standing answers of a file of messages, once all messages are known.
pub(crate) fn read_standing(source: &Source, loaded: &mut Loaded) {
    // A file that cannot be read has been complained about with its messages.
    let Ok(file) = yaml::read::<raw::MessageFile>(source) else {
        return;
    };
    let mut lower = Lower {
        source,
        library: &loaded.library,
        problems: Vec::new(),
        weight: Weight::Expect,
    };
    let mut standing = Vec::new();
    for Located { value: raw, .. } in &file.standing {
        let target = lower.element(&raw.target);
        let answer = lower.answer(&raw.answer);
        let both = target.zip(answer);
        standing.extend(both.map(|(target, answer)| Standing { target, answer }));
    }
    let problems = lower.problems;
    loaded.problems.extend(problems);
    loaded.library.standing.extend(standing);
}

/// The cases of a file, and what is wrong with them.
pub(crate) fn cases_of(source: &Source, library: &Library) -> (Vec<Case>, Vec<Problem>) {
    let mut problems = Vec::new();
    let (text, families) = expand(source, &mut problems);
    let name = source.name.clone();
    let file: raw::CaseFile = match yaml::read(&Source { name, text }) {
        Ok(file) => file,
        Err(problem) => {
            problems.push(problem);
            return (Vec::new(), problems);
        }
    };
    let mut lower = Lower {
        source,
        library,
        problems,
        weight: Weight::Expect,
    };
    lower.specification(&file.specification);
    lower.check_list(&file);
    let written = file.cases.iter().flatten();
    let cases: Vec<Case> = written
        .chain(&families)
        .map(|case| lower.case(&file, case))
        .collect();
    (cases, said_once(lower.problems))
}

/// What is wrong with an entry is wrong in the case of each of its rows.
pub(crate) fn said_once(problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen = BTreeSet::new();
    let is_new = |problem: &Problem| seen.insert(problem.to_string());
    problems.into_iter().filter(is_new).collect()
}

struct Lower<'a> {
    source: &'a Source,
    library: &'a Library,
    problems: Vec<Problem>,
    /// What an unmet `never` or `finish` of the current case means.
    weight: Weight,
}

impl Lower<'_> {
    /// Checks the list as it is left when the entries with rows are taken out.
    fn check_list(&mut self, file: &raw::CaseFile) {
        let is_short = |key| self.source.text.contains(key);
        if file.cases.is_none() && !is_short("for-each:") && !is_short("properties:") {
            let place = yaml::place(self.source, &file.topic);
            let advice = "write `cases:` with a list of cases".to_owned();
            self.problem(place, "this file holds no cases".to_owned(), advice);
        }
        if file.properties.is_some() {
            let what = "the properties of this file cannot be read".to_owned();
            let advice = "begin each property and its keys on lines of their own".to_owned();
            self.problem(yaml::place(self.source, &file.topic), what, advice);
        }
        for case in file.cases.iter().flatten() {
            if case.value.for_each.is_some() {
                let what = "the rows of `for-each` cannot be read here".to_owned();
                let advice = "begin the entry and its keys on lines of their own".to_owned();
                self.problem(yaml::place(self.source, case), what, advice);
            }
        }
    }

    fn specification(&mut self, specification: &raw::Specification) {
        let documents: BTreeSet<&str> = self
            .library
            .requirements
            .iter()
            .map(|known| known.document.as_str())
            .collect();
        let document = &specification.document;
        if !documents.contains(document.value.as_str()) {
            self.problems
                .push(unknown(self.source, document, "document", documents));
            return;
        }
        self.clause(&document.value, &specification.clause);
    }

    /// A clause is known if the register has a rule of it.
    fn clause(&mut self, document: &str, clause: &Located<String>) {
        let of_document = self
            .library
            .requirements
            .iter()
            .filter(|known| known.document == document);
        let clauses: BTreeSet<&str> = of_document.map(|known| known.clause.as_str()).collect();
        if !clauses.is_empty() && !clauses.contains(clause.value.as_str()) {
            let mut problem = unknown(self.source, clause, "clause", clauses);
            problem.what = format!("{} of {document}", problem.what);
            self.problems.push(problem);
        }
    }

    fn case(&mut self, file: &raw::CaseFile, entry: &Located<raw::Case>) -> Case {
        let raw = &entry.value;
        let topic = &file.topic.value;
        self.slug(&raw.id);
        let document = &file.specification.document.value;
        if let Some(clause) = &raw.clause {
            self.clause(document, clause);
        }
        let clause = raw.clause.as_ref().unwrap_or(&file.specification.clause);
        let target = self.target(file, raw);
        let level = self.level(raw.level.as_ref());
        self.weight = if level == Level::Shall {
            Weight::Expect
        } else {
            Weight::Should
        };
        let mut steps = Vec::new();
        for step in &raw.steps {
            let kind = self.step(step, target);
            let place = yaml::place(self.source, step);
            steps.extend(kind.map(|kind| Step { kind, place }));
        }
        let answers = raw.answers.iter().chain(&file.answers);
        let answers = answers.filter_map(|answer| self.answer(answer));
        let mut answers: Vec<Answer> = answers.collect();
        let standing = self.library.standing.iter();
        let standing = standing.filter(|standing| standing.target == target);
        answers.extend(standing.map(|standing| standing.answer.clone()));
        let mut case = Case {
            id: CaseId::new(topic, &raw.id.value),
            aliases: raw.aliases.clone(),
            title: raw.title.clone(),
            requirements: self.requirements(raw),
            document: document.clone(),
            clause: clause.value.clone(),
            tables: self.tables(raw),
            target,
            level,
            needs: self.needs(&file.needs, raw, (target, &steps)),
            twin: raw.twin.as_ref().map(|twin| Twin {
                case: twin_id(topic, &twin.value),
                repeat: self.word(raw.twin_after.as_ref(), "way to use the twin", TWIN_REPEATS),
            }),
            session: self.word(raw.session.as_ref(), "session", SESSIONS),
            subscriber_kind: self.word(
                raw.subscriber_kind.as_ref(),
                "kind of subscriber",
                SUBSCRIBER_KINDS,
            ),
            transport: self.word(raw.transport.as_ref(), "transport", TRANSPORTS),
            certificate: self.certificate(raw, target),
            suites: self.suites_of_case(raw),
            steps,
            answers,
            property: None,
            place: yaml::place(self.source, &raw.id),
        };
        self.find_handshakes(&mut case);
        self.check_whole(&case);
        case
    }

    /// Only towards a client, and only inside TLS, does the harness show a certificate.
    fn certificate(&mut self, raw: &raw::Case, target: Element) -> Certificate {
        let certificate = raw.certificate.as_ref();
        let is_tls = raw
            .transport
            .as_ref()
            .is_some_and(|word| word.value == "tls");
        if let Some(word) = certificate
            && !(is_tls && target == Element::Ue)
        {
            let what = "the harness shows a certificate only to a client, inside TLS".to_owned();
            let advice = "add `transport: tls` to a case with `target: ue`, or remove it";
            self.problem(yaml::place(self.source, word), what, advice.to_owned());
        }
        self.word(certificate, "certificate", CERTIFICATES)
    }

    /// Only inside TLS are there suites.
    fn suites_of_case(&mut self, raw: &raw::Case) -> Vec<String> {
        let is_tls = raw
            .transport
            .as_ref()
            .is_some_and(|word| word.value != "tcp");
        if let Some(suites) = raw.suite.as_ref().filter(|_| !is_tls) {
            let what = "a suite is chosen only inside TLS".to_owned();
            let advice = "add `transport: tls`, or remove it".to_owned();
            self.problem(yaml::place(self.source, suites), what, advice);
        }
        self.suites(raw.suite.as_ref())
    }

    /// Names of the IANA registry.
    fn suites(&mut self, suites: Option<&Located<raw::Suites>>) -> Vec<String> {
        let Some(suites) = suites else {
            return Vec::new();
        };
        let is_letter = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
        let is_name = |name: &str| name.starts_with("TLS_") && name.bytes().all(is_letter);
        let names = suites.value.as_slice();
        if let Some(wrong) = names.iter().find(|name| !is_name(name)) {
            let what = format!("`{wrong}` is no cipher suite");
            let advice = "write its IANA name, for example TLS_AES_128_GCM_SHA256".to_owned();
            self.problem(yaml::place(self.source, suites), what, advice);
        }
        names.to_vec()
    }

    fn slug(&mut self, id: &Located<String>) {
        let is_slug = !id.value.is_empty()
            && id
                .value
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !is_slug || id.value.bytes().all(|b| b.is_ascii_digit()) {
            self.problem(
                yaml::place(self.source, id),
                format!("`{}` is no slug", id.value),
                "an id is lower case words joined by hyphens, and no number".to_owned(),
            );
        }
    }

    fn target(&mut self, file: &raw::CaseFile, raw: &raw::Case) -> Element {
        let Some(name) = raw.target.as_ref().or(file.target.as_ref()) else {
            let place = yaml::place(self.source, &raw.id);
            let advice = "add `target: bsf` to the case or to the file".to_owned();
            self.problem(
                place,
                format!("case `{}` has no target", raw.id.value),
                advice,
            );
            return Element::Bsf;
        };
        let target = self.element(name).unwrap_or(Element::Bsf);
        if !Element::TARGETS.contains(&target) {
            let known = Element::TARGETS.map(Element::as_str);
            self.problems
                .push(unknown(self.source, name, "target", known));
        }
        target
    }

    fn element(&mut self, name: &Located<String>) -> Option<Element> {
        let element = Element::from_name(&name.value);
        if element.is_none() {
            let known = Element::ALL.map(Element::as_str);
            self.problems
                .push(unknown(self.source, name, "element", known));
        }
        element
    }

    fn level(&mut self, name: Option<&Located<String>>) -> Level {
        let Some(name) = name else {
            return Level::Shall;
        };
        Level::from_name(&name.value).unwrap_or_else(|| {
            let known = ["shall", "should", "may"];
            self.problems
                .push(unknown(self.source, name, "level", known));
            Level::Shall
        })
    }

    /// What is written, and what the steps come to.
    fn needs(
        &mut self,
        of_file: &[Located<String>],
        raw: &raw::Case,
        (target, steps): (Element, &[Step]),
    ) -> Vec<Need> {
        let written = of_file.iter().chain(&raw.needs);
        let mut needs: Vec<Need> = written.filter_map(|need| self.need(need)).collect();
        needs.extend(Need::implied(target, steps).filter(|implied| !needs.contains(implied)));
        needs
    }

    fn need(&mut self, name: &Located<String>) -> Option<Need> {
        let need = Need::from_name(&name.value);
        if need.is_none() {
            let known = Need::NAMES.iter().map(|(name, _)| *name);
            self.problems
                .push(unknown(self.source, name, "need", known));
        }
        need
    }

    fn requirements(&mut self, raw: &raw::Case) -> Vec<String> {
        if raw.requirements.is_empty() {
            let place = yaml::place(self.source, &raw.id);
            let advice = "name at least one rule of vectors/requirements".to_owned();
            self.problem(
                place,
                format!("case `{}` tests no requirement", raw.id.value),
                advice,
            );
        }
        for id in &raw.requirements {
            self.requirement(id);
        }
        raw.requirements.iter().map(|id| id.value.clone()).collect()
    }

    fn requirement(&mut self, id: &Located<String>) -> String {
        if self.library.requirement(&id.value).is_none() {
            let known: Vec<&str> = self
                .library
                .requirements
                .iter()
                .map(|known| known.id.as_str())
                .collect();
            self.problems
                .push(unknown(self.source, id, "requirement", known));
        }
        id.value.clone()
    }

    fn tables(&mut self, raw: &raw::Case) -> Vec<String> {
        for table in &raw.tables {
            if !self.library.tables.contains_key(&table.value) {
                let known: Vec<&str> = self.library.tables.keys().map(String::as_str).collect();
                self.problems
                    .push(unknown(self.source, table, "table", known));
            }
        }
        raw.tables.iter().map(|table| table.value.clone()).collect()
    }

    fn step(&mut self, entry: &Located<raw::Step>, target: Element) -> Option<StepKind> {
        let place = yaml::place(self.source, entry);
        let mut kinds = Vec::new();
        let step = &entry.value;
        if let Some(send) = &step.send {
            kinds.extend(self.send(send).map(|send| StepKind::Send(Box::new(send))));
        }
        let connect = step.connect.as_ref().map(|raw| self.connect(raw));
        kinds.extend(connect.map(|connect| StepKind::Connect(Box::new(connect))));
        if let Some(errand) = &step.trigger {
            kinds.extend(self.errand(errand).map(StepKind::Trigger));
        }
        let waits = [(&step.given, Weight::Given), (&step.expect, Weight::Expect)];
        for (raw, weight) in waits {
            kinds.extend(
                raw.as_ref()
                    .map(|raw| StepKind::Await(self.wait(raw, weight, &place))),
            );
        }
        let checks = [
            (&step.check, Weight::Expect),
            (&step.should, Weight::Should),
            (&step.applies, Weight::Applies),
        ];
        for (raw, weight) in checks {
            kinds.extend(
                raw.as_ref()
                    .map(|raw| StepKind::Check(self.check(raw, weight, &place))),
            );
        }
        kinds.extend(
            step.never
                .as_ref()
                .map(|raw| StepKind::Never(self.never(raw, &place))),
        );
        kinds.extend(
            step.finish
                .as_ref()
                .map(|raw| StepKind::Finish(self.finish(raw))),
        );
        if step.keys() != 1 {
            let advice = "write one of send, connect, trigger, given, expect, applies, check, should, never, finish";
            self.problem(
                place.clone(),
                "a step does exactly one thing".to_owned(),
                advice.to_owned(),
            );
        }
        let kind = kinds.pop()?;
        let is_started = matches!(kind, StepKind::Trigger(_) | StepKind::Finish(_));
        if is_started && target.is_server() {
            let advice = "trigger and finish are for cases with `target: ue`".to_owned();
            self.problem(
                place,
                format!("a {target} is not started by the harness"),
                advice,
            );
        }
        Some(kind)
    }

    fn errand(&mut self, name: &Located<String>) -> Option<Errand> {
        let errand = Errand::from_name(&name.value);
        if errand.is_none() {
            let known = Errand::ALL.map(Errand::as_str);
            self.problems
                .push(unknown(self.source, name, "errand", known));
        }
        errand
    }

    fn wait(&mut self, raw: &raw::Expectation, weight: Weight, place: &Place) -> Await {
        let words = [
            ("on", raw.on.is_some()),
            ("when", !raw.when.0.is_empty()),
            ("at-most", raw.at_most.is_some()),
        ];
        self.refuse_words(place, &words);
        Await {
            weight,
            awaits: Awaits::default(),
            name: raw.name.as_ref().map(|name| name.value.clone()),
            at: raw.at.as_ref().and_then(|at| self.element(at)),
            only: self.conditions(&raw.only),
            requirement: raw.requirement.as_ref().map(|id| self.requirement(id)),
            conditions: self.conditions(&raw.facts),
            note: self.facts(&raw.note),
            silence: self.word(raw.or.as_ref(), "end of a connection", SILENCES),
        }
    }

    fn check(&mut self, raw: &raw::Expectation, weight: Weight, place: &Place) -> Check {
        let words = [
            ("as", raw.name.is_some()),
            ("at", raw.at.is_some()),
            ("only", !raw.only.0.is_empty()),
            ("at-most", raw.at_most.is_some()),
            ("or", raw.or.is_some()),
        ];
        self.refuse_words(place, &words);
        if raw.facts.0.is_empty() && raw.note.is_empty() {
            let advice = "name at least one fact, for example `status: 401`".to_owned();
            self.problem(place.clone(), "this step checks nothing".to_owned(), advice);
        }
        Check {
            weight,
            on: raw.on.as_ref().map(|name| name.value.clone()),
            requirement: raw.requirement.as_ref().map(|id| self.requirement(id)),
            when: self.conditions(&raw.when),
            conditions: self.conditions(&raw.facts),
            note: self.facts(&raw.note),
        }
    }

    fn never(&mut self, raw: &raw::Expectation, place: &Place) -> Never {
        let words = [
            ("as", raw.name.is_some()),
            ("on", raw.on.is_some()),
            ("only", !raw.only.0.is_empty()),
            ("when", !raw.when.0.is_empty()),
            ("or", raw.or.is_some()),
        ];
        self.refuse_words(place, &words);
        if raw.at.is_none() && raw.facts.0.is_empty() {
            let advice = "name `at` or at least one fact of what must not come".to_owned();
            self.problem(
                place.clone(),
                "this step forbids nothing".to_owned(),
                advice,
            );
        }
        Never {
            at: raw.at.as_ref().and_then(|at| self.element(at)),
            requirement: raw.requirement.as_ref().map(|id| self.requirement(id)),
            conditions: self.conditions(&raw.facts),
            at_most: raw
                .at_most
                .map_or(0, |most| usize::try_from(most).unwrap_or(usize::MAX)),
            weight: self.weight,
        }
    }

    fn finish(&mut self, raw: &raw::Finish) -> Finish {
        let mut outcomes = Vec::new();
        for name in raw.outcome.iter().flat_map(|names| &names.value.0) {
            if let Some(outcome) = ClientOutcome::from_name(name) {
                outcomes.push(outcome);
                continue;
            }
            let place = raw
                .outcome
                .as_ref()
                .map(|names| yaml::place(self.source, names));
            let known = ClientOutcome::ALL.map(ClientOutcome::as_str);
            let advice = did_you_mean(name, known);
            let what = format!("unknown outcome `{name}`");
            self.problem(place.unwrap_or_default(), what, advice);
        }
        Finish {
            weight: self.weight,
            requirement: raw.requirement.as_ref().map(|id| self.requirement(id)),
            outcomes,
        }
    }

    fn answer(&mut self, entry: &Located<raw::Answer>) -> Option<Answer> {
        let raw = &entry.value;
        Some(Answer {
            at: self.element(&raw.at)?,
            conditions: self.conditions(&raw.when),
            send: match &raw.send {
                Some(send) => Some(Box::new(self.send(send)?)),
                None => None,
            },
            place: yaml::place(self.source, entry),
        })
    }

    fn refuse_words(&mut self, place: &Place, words: &[(&str, bool)]) {
        for (word, _) in words.iter().filter(|(_, is_there)| *is_there) {
            let what = format!("`{word}` has no meaning in this step");
            self.problem(
                place.clone(),
                what,
                "remove it, or use another kind of step".to_owned(),
            );
        }
    }

    /// What a word stands for; the default if there is none.
    fn word<T: Copy + Default>(
        &mut self,
        word: Option<&Located<String>>,
        kind: &str,
        words: Words<T>,
    ) -> T {
        let Some(word) = word else {
            return T::default();
        };
        let found = words.iter().find(|(name, _)| *name == word.value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            self.problems.push(unknown(self.source, word, kind, known));
        }
        found.map(|(_, value)| *value).unwrap_or_default()
    }

    /// What can be said of a case only when all of it is there.
    fn check_whole(&mut self, case: &Case) {
        let mut names: Vec<&str> = Vec::new();
        for step in &case.steps {
            for name in referred_names(&step.kind) {
                if !names.contains(&name) {
                    let advice = did_you_mean(name, names.clone());
                    let what = format!("no earlier step is named `{name}`");
                    self.problems.push(Problem {
                        place: step.place.clone(),
                        what,
                        advice,
                    });
                }
            }
            names.extend(own_name(&step.kind));
        }
        for answer in &case.answers {
            let referred = names_in(&answer.conditions)
                .chain(answer.send.iter().flat_map(|send| names_in_send(send)));
            for name in referred.filter(|name| !names.contains(name)) {
                let advice = did_you_mean(name, names.clone());
                let what = format!("no step is named `{name}`");
                let place = answer.place.clone();
                self.problems.push(Problem {
                    place,
                    what,
                    advice,
                });
            }
        }
        let asserts = case.steps.iter().any(|step| match &step.kind {
            StepKind::Await(wait) => wait.weight == Weight::Expect && !wait.conditions.is_empty(),
            StepKind::Check(check) => {
                check.weight == Weight::Expect && !check.conditions.is_empty()
            }
            StepKind::Never(_) | StepKind::Finish(_) => true,
            StepKind::Send(_) | StepKind::Connect(_) | StepKind::Trigger(_) => false,
        });
        if !asserts {
            let what = format!("case `{}` asserts nothing about the target", case.id);
            let advice =
                "add an `expect` with at least one fact; a case that cannot fail proves nothing";
            self.problem(case.place.clone(), what, advice.to_owned());
        }
    }

    fn problem(&mut self, place: Place, what: String, advice: String) {
        self.problems.push(Problem {
            place,
            what,
            advice,
        });
    }
}
