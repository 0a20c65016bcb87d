//! From the raw form of a case file to typed cases.

use std::collections::BTreeSet;

use super::names::{names_in, own_name, referred_names};
use super::problem::{Problem, did_you_mean};
use super::resolve::{check_placeholders, unknown};
use super::vocabulary::{
    AUTS_AMFS, CLOSINGS, CONNECTIONS, FORMS, Form, PASSWORDS, RESPONSES, RSPAUTHS, SESSIONS,
    SUBSCRIBERS, TWIN_REPEATS, VECTOR_SQNS, Words,
};
use super::yaml::{self, Located, Source};
use super::{Library, Loaded, raw, twin_id};
use crate::case::{
    Answer, AutsSpec, Await, Case, CaseId, Check, Condition, Errand, Finish, Need, Never, Send,
    SqnMs, Step, StepKind, Template, Twin, VectorSpec, Weight,
};
use crate::compose::{Body, Edit};
use crate::element::Element;
use crate::fact::{FACTS, FactPath};
use crate::matcher::{Literal, Matcher, Reference, Relation};
use crate::requirement::Level;
use crate::transcript::ClientOutcome;
use crate::verdict::Place;

pub(crate) fn read_cases(source: &Source, loaded: &mut Loaded) {
    let file: raw::CaseFile = match yaml::read(source) {
        Ok(file) => file,
        Err(problem) => return loaded.problems.push(problem),
    };
    let mut lower = Lower {
        source,
        library: &loaded.library,
        problems: Vec::new(),
        weight: Weight::Expect,
    };
    lower.specification(&file.specification);
    let cases: Vec<Case> = file
        .cases
        .iter()
        .map(|case| lower.case(&file, case))
        .collect();
    loaded.problems.append(&mut lower.problems);
    loaded.library.cases.extend(cases);
}

struct Lower<'a> {
    source: &'a Source,
    library: &'a Library,
    problems: Vec<Problem>,
    /// What an unmet `never` or `finish` of the current case means.
    weight: Weight,
}

impl Lower<'_> {
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
        let answers = answers.filter_map(|answer| self.answer(answer)).collect();
        let case = Case {
            id: CaseId::new(topic, &raw.id.value),
            aliases: raw.aliases.clone(),
            title: raw.title.clone(),
            requirements: self.requirements(raw),
            document: document.clone(),
            clause: clause.value.clone(),
            tables: self.tables(raw),
            target,
            level,
            needs: raw
                .needs
                .iter()
                .filter_map(|need| self.need(need))
                .collect(),
            twin: raw.twin.as_ref().map(|twin| Twin {
                case: twin_id(topic, &twin.value),
                repeat: self.word(raw.twin_after.as_ref(), "way to use the twin", TWIN_REPEATS),
            }),
            session: self.word(raw.session.as_ref(), "session", SESSIONS),
            steps,
            answers,
            place: yaml::place(self.source, &raw.id),
        };
        self.check_whole(&case);
        case
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
        self.element(name).unwrap_or(Element::Bsf)
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

    fn need(&mut self, name: &Located<String>) -> Option<Need> {
        let need = Need::from_name(&name.value);
        if need.is_none() {
            let known = Need::NAMES.map(|(name, _)| name);
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
            let advice =
                "write one of send, trigger, given, expect, applies, check, should, never, finish";
            self.problem(
                place.clone(),
                "a step does exactly one thing".to_owned(),
                advice.to_owned(),
            );
        }
        let kind = kinds.pop()?;
        let for_clients = matches!(
            kind,
            StepKind::Trigger(_) | StepKind::Never(_) | StepKind::Finish(_)
        );
        if for_clients && target != Element::Ue {
            let advice = "trigger, never and finish are for cases with `target: ue`".to_owned();
            self.problem(
                place,
                format!("a {target} is not started by the harness"),
                advice,
            );
        }
        Some(kind)
    }

    fn send(&mut self, entry: &Located<raw::Send>) -> Option<Send> {
        let raw = &entry.value;
        let template = self.template(entry)?;
        Some(Send {
            template,
            name: raw.name.as_ref().map(|name| name.value.clone()),
            connection: self.word(raw.connection.as_ref(), "connection", CONNECTIONS),
            subscriber: self.word(raw.subscriber.as_ref(), "subscriber", SUBSCRIBERS),
            answers: raw.answers.as_ref().map(|name| name.value.clone()),
            password: self.word(raw.password.as_ref(), "password", PASSWORDS),
            auts: self.auts(raw.auts.as_ref()),
            vector: self.vector(raw.vector.as_ref()),
            response: self.word(raw.response.as_ref(), "response", RESPONSES),
            rspauth: self.word(raw.rspauth.as_ref(), "rspauth", RSPAUTHS),
            body: raw.body.clone().map(Body),
            change: raw
                .change
                .iter()
                .filter_map(|edit| self.edit(edit))
                .collect(),
            spoil: raw
                .spoil
                .iter()
                .filter_map(|edit| self.edit(edit))
                .collect(),
            closing: self.word(raw.then.as_ref(), "ending", CLOSINGS),
        })
    }

    fn template(&mut self, entry: &Located<raw::Send>) -> Option<Template> {
        let raw = &entry.value;
        match (&raw.message, &raw.table, &raw.wire) {
            (Some(name), None, None) => {
                let template = self.library.messages.get(&name.value).cloned();
                if template.is_none() {
                    let known: Vec<&str> =
                        self.library.messages.keys().map(String::as_str).collect();
                    self.problems
                        .push(unknown(self.source, name, "message", known));
                }
                template
            }
            (None, Some(number), None) => self.table_form(number, raw.form.as_ref()),
            (None, None, Some(wire)) => {
                check_placeholders(self.source, wire, &mut self.problems);
                let text = wire.value.clone();
                let name = "a message of this case".to_owned();
                Some(Template {
                    name,
                    release_6: text.clone(),
                    release_17: text,
                })
            }
            _ => {
                let advice = "name a `message`, a `table`, or write the message out under `wire`";
                let place = yaml::place(self.source, entry);
                self.problem(
                    place,
                    "send needs exactly one text".to_owned(),
                    advice.to_owned(),
                );
                None
            }
        }
    }

    fn table_form(
        &mut self,
        number: &Located<String>,
        form: Option<&Located<String>>,
    ) -> Option<Template> {
        let Some(table) = self.library.tables.get(&number.value) else {
            let known: Vec<&str> = self.library.tables.keys().map(String::as_str).collect();
            self.problems
                .push(unknown(self.source, number, "table", known));
            return None;
        };
        Some(match self.word(form, "form", FORMS) {
            Form::Corrected => table.corrected.clone(),
            Form::AsPrinted => table.as_printed.clone(),
        })
    }

    fn auts(&mut self, raw: Option<&raw::Auts>) -> AutsSpec {
        let Some(raw) = raw else {
            return AutsSpec::default();
        };
        let sqn_ms = match (&raw.sqn_ms_ahead, &raw.sqn_ms_behind) {
            (Some(_), Some(behind)) => {
                let what = "SQN_MS cannot be both ahead and behind".to_owned();
                let place = yaml::place(self.source, behind);
                self.problem(place, what, "write one of the two".to_owned());
                SqnMs::default()
            }
            (Some(steps), None) => SqnMs::Ahead(steps.value),
            (None, Some(steps)) => SqnMs::Behind(steps.value),
            (None, None) => SqnMs::default(),
        };
        AutsSpec {
            sqn_ms,
            amf: self.word(raw.amf.as_ref(), "AMF", AUTS_AMFS),
            flip_bit: self.bit(raw.flip_bit.as_ref(), 112),
            octets: raw.octets,
            key: self.word(raw.key.as_ref(), "subscriber", SUBSCRIBERS),
            junk: raw.junk.clone().unwrap_or_default(),
        }
    }

    fn vector(&mut self, raw: Option<&raw::Vector>) -> VectorSpec {
        let Some(raw) = raw else {
            return VectorSpec::default();
        };
        let amf = raw.amf.as_ref().and_then(|amf| self.amf(amf));
        VectorSpec {
            sqn: self.word(raw.sqn.as_ref(), "SQN", VECTOR_SQNS),
            flip_mac_bit: self.bit(raw.flip_mac_bit.as_ref(), 64),
            key: self.word(raw.key.as_ref(), "subscriber", SUBSCRIBERS),
            amf,
            server_data: raw
                .server_data
                .as_ref()
                .and_then(|data| self.hex(data))
                .unwrap_or_default(),
            cut_to: raw.cut_to,
        }
    }

    fn amf(&mut self, text: &Located<String>) -> Option<[u8; 2]> {
        let octets = self.hex(text)?;
        let amf = octets.try_into().ok();
        if amf.is_none() {
            let place = yaml::place(self.source, text);
            let advice = "write four hex digits in double quotes".to_owned();
            self.problem(place, "AMF has 2 octets".to_owned(), advice);
        }
        amf
    }

    fn bit(&mut self, bit: Option<&Located<u8>>, bits: u8) -> Option<u8> {
        let bit = bit?;
        if bit.value >= bits {
            let place = yaml::place(self.source, bit);
            let advice = format!("bits are counted from 0 to {}", bits - 1);
            self.problem(place, format!("there is no bit {}", bit.value), advice);
        }
        Some(bit.value)
    }

    fn hex(&mut self, text: &Located<String>) -> Option<Vec<u8>> {
        let octets = data_encoding::HEXLOWER_PERMISSIVE.decode(text.value.as_bytes());
        if let Err(why) = &octets {
            let place = yaml::place(self.source, text);
            let advice =
                "write two hex digits an octet, in double quotes, without blanks".to_owned();
            self.problem(place, format!("`{}` is no hex: {why}", text.value), advice);
        }
        octets.ok()
    }

    fn edit(&mut self, entry: &Located<raw::Edit>) -> Option<Edit> {
        let raw = &entry.value;
        let to = || raw.to.clone().unwrap_or_default();
        let mut edits = Vec::new();
        let mut add = |edit: Option<Edit>| edits.extend(edit);
        add(raw
            .set
            .clone()
            .map(|name| Edit::SetDirective { name, to: to() }));
        add(raw
            .add
            .clone()
            .map(|name| Edit::AddDirective { name, to: to() }));
        add(raw.drop.clone().map(|name| Edit::DropDirective { name }));
        add(raw.flip.clone().map(|name| Edit::FlipDirective { name }));
        add(raw
            .header
            .clone()
            .map(|name| Edit::SetHeader { name, to: to() }));
        add(raw
            .drop_header
            .clone()
            .map(|name| Edit::DropHeader { name }));
        add(raw.start_line.clone().map(|to| Edit::StartLine { to }));
        add(raw
            .replace
            .clone()
            .map(|text| Edit::Replace { text, by: to() }));
        let place = yaml::place(self.source, entry);
        let takes_to =
            raw.set.is_some() || raw.add.is_some() || raw.header.is_some() || raw.replace.is_some();
        if edits.len() != 1 {
            let advice = "write one of set, add, header, replace with `to`, or drop, flip, \
                          drop-header, start-line without";
            let what = "an edit changes exactly one thing".to_owned();
            self.problem(place, what, advice.to_owned());
        } else if takes_to && raw.to.is_none() {
            let advice = "add `to:` with what shall stand there".to_owned();
            self.problem(place, "this edit needs `to`".to_owned(), advice);
        } else if !takes_to && raw.to.is_some() {
            let what = "`to` has no meaning in this edit".to_owned();
            self.problem(place, what, "remove it".to_owned());
        }
        edits.pop()
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
            name: raw.name.as_ref().map(|name| name.value.clone()),
            at: raw.at.as_ref().and_then(|at| self.element(at)),
            only: self.conditions(&raw.only),
            requirement: raw.requirement.as_ref().map(|id| self.requirement(id)),
            conditions: self.conditions(&raw.facts),
            note: self.facts(&raw.note),
        }
    }

    fn check(&mut self, raw: &raw::Expectation, weight: Weight, place: &Place) -> Check {
        let words = [
            ("as", raw.name.is_some()),
            ("at", raw.at.is_some()),
            ("only", !raw.only.0.is_empty()),
            ("at-most", raw.at_most.is_some()),
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
            ("at", raw.at.is_some()),
            ("only", !raw.only.0.is_empty()),
            ("when", !raw.when.0.is_empty()),
        ];
        self.refuse_words(place, &words);
        Never {
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
            send: Box::new(self.send(&raw.send)?),
            place: yaml::place(self.source, entry),
        })
    }

    fn conditions(&mut self, facts: &raw::Facts) -> Vec<Condition> {
        let mut conditions = Vec::new();
        for (name, matcher) in &facts.0 {
            let place = yaml::place(self.source, matcher);
            let Some(fact) = self.fact(name, &place) else {
                continue;
            };
            let matcher = self.matcher(&matcher.value, &place);
            conditions.push(Condition {
                fact,
                matcher,
                place,
            });
        }
        conditions
    }

    fn facts(&mut self, names: &[Located<String>]) -> Vec<FactPath> {
        let mut facts = Vec::new();
        for name in names {
            let place = yaml::place(self.source, name);
            facts.extend(self.fact(&name.value, &place));
        }
        facts
    }

    fn fact(&mut self, name: &str, place: &Place) -> Option<FactPath> {
        let fact = FactPath::from_name(name);
        if fact.is_none() {
            let known: Vec<&str> = FACTS.iter().map(|fact| fact.name).collect();
            let advice = did_you_mean(name, known);
            self.problem(place.clone(), format!("unknown fact `{name}`"), advice);
        }
        fact
    }

    fn matcher(&mut self, raw: &raw::Matcher, place: &Place) -> Matcher {
        match raw {
            raw::Matcher::AnyOf(words) => match words.0.as_slice() {
                [] => {
                    let advice = "write the value that is allowed, or `absent`".to_owned();
                    self.problem(
                        place.clone(),
                        "an empty list allows nothing".to_owned(),
                        advice,
                    );
                    Matcher::AnyOf(Vec::new())
                }
                [word] if word == "present" => Matcher::Present,
                [word] if word == "absent" => Matcher::Absent,
                words => Matcher::AnyOf(self.literals(words, place)),
            },
            raw::Matcher::Relations(raw) => Matcher::Relations(self.relations(raw, place)),
        }
    }

    fn literals(&mut self, words: &[String], place: &Place) -> Vec<Literal> {
        for word in words {
            for name in crate::compose::unknown_placeholders(word) {
                let known = crate::compose::PLACEHOLDERS.iter().map(|(known, _)| *known);
                let advice = did_you_mean(&name, known);
                self.problem(
                    place.clone(),
                    format!("unknown placeholder `{{{name}}}`"),
                    advice,
                );
            }
        }
        words.iter().cloned().map(Literal).collect()
    }

    fn relations(&mut self, raw: &raw::Relations, place: &Place) -> Vec<Relation> {
        let mut relations = Vec::new();
        if let Some(words) = &raw.not {
            relations.push(Relation::Not(self.literals(&words.0, place)));
        }
        relations.extend(
            raw.contains
                .clone()
                .map(|part| Relation::Contains(Literal(part))),
        );
        relations.extend(raw.has_token.clone().map(Relation::HasToken));
        let mut refer = |text: &Option<Located<String>>, relation: fn(Reference) -> Relation| {
            let reference = text.as_ref().and_then(|text| self.reference(text));
            relations.extend(reference.map(relation));
        };
        refer(&raw.same_as, Relation::SameAs);
        refer(&raw.differs_from, Relation::DiffersFrom);
        refer(&raw.above, Relation::Above);
        refer(&raw.not_above, Relation::NotAbove);
        refer(&raw.within_delta_of, Relation::WithinDeltaOf);
        relations.extend(raw.at_least.map(Relation::AtLeast));
        relations.extend(raw.at_most.map(Relation::AtMost));
        if relations.is_empty() {
            let advice =
                "write not, contains, same-as, differs-from, above, ... with a value".to_owned();
            self.problem(
                place.clone(),
                "this matcher asks nothing".to_owned(),
                advice,
            );
        }
        relations
    }

    /// `message` or `message:fact`.
    fn reference(&mut self, text: &Located<String>) -> Option<Reference> {
        let place = yaml::place(self.source, text);
        let Some((message, fact)) = text.value.split_once(':') else {
            return Some(Reference {
                message: text.value.clone(),
                fact: None,
            });
        };
        let fact = self.fact(fact.trim(), &place)?;
        Some(Reference {
            message: message.trim().to_owned(),
            fact: Some(fact),
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
            for name in names_in(&answer.conditions).filter(|name| !names.contains(name)) {
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
            StepKind::Send(_) | StepKind::Trigger(_) => false,
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
