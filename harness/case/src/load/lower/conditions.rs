//! From the raw form of conditions to facts and matchers.

use super::Lower;
use crate::case::Condition;
use crate::compose;
use crate::fact::{FactPath, all_facts};
use crate::load::problem::did_you_mean;
use crate::load::raw;
use crate::load::yaml::{self, Located};
use crate::matcher::{Literal, Matcher, Reference, Relation};
use crate::verdict::Place;

impl Lower<'_> {
    pub(super) fn conditions(&mut self, facts: &raw::Facts) -> Vec<Condition> {
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

    pub(super) fn facts(&mut self, names: &[Located<String>]) -> Vec<FactPath> {
        let mut facts = Vec::new();
        for name in names {
            let place = yaml::place(self.source, name);
            facts.extend(self.fact(&name.value, &place));
        }
        facts
    }

    pub(super) fn fact(&mut self, name: &str, place: &Place) -> Option<FactPath> {
        let fact = FactPath::from_name(name);
        if fact.is_none() {
            let known: Vec<&str> = all_facts().map(|fact| fact.name).collect();
            let advice = did_you_mean(name, known);
            self.problem(place.clone(), format!("unknown fact `{name}`"), advice);
        }
        fact
    }

    pub(super) fn matcher(&mut self, raw: &raw::Matcher, place: &Place) -> Matcher {
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

    pub(super) fn literals(&mut self, words: &[String], place: &Place) -> Vec<Literal> {
        for word in words {
            for name in compose::unknown_placeholders(word) {
                let known = compose::all_placeholders().map(|(known, _)| *known);
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

    pub(super) fn relations(&mut self, raw: &raw::Relations, place: &Place) -> Vec<Relation> {
        let mut relations = Vec::new();
        if let Some(words) = &raw.not {
            relations.push(Relation::Not(self.literals(&words.0, place)));
        }
        relations.extend(
            raw.contains
                .clone()
                .map(|part| Relation::Contains(Literal(part))),
        );
        relations.extend(raw.lacks.clone().map(|part| Relation::Lacks(Literal(part))));
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
    pub(super) fn reference(&mut self, text: &Located<String>) -> Option<Reference> {
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
}
