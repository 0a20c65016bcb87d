//! Messages and tables, and the checks that need more than one file.

use std::collections::{BTreeMap, BTreeSet};

use super::problem::{Problem, did_you_mean};
use super::yaml::{self, Located, Source};
use super::{Erratum, Library, Loaded, Table, raw};
use crate::case::Template;
use crate::compose;
use crate::element::Element;
use crate::verdict::Place;

pub(crate) fn read_messages(source: &Source, loaded: &mut Loaded) {
    let file: raw::MessageFile = match yaml::read(source) {
        Ok(file) => file,
        Err(problem) => return loaded.problems.push(problem),
    };
    for Located { value: message, .. } in &file.messages {
        let release_6 = message.release_6.as_ref().unwrap_or(&message.wire);
        let name = message.id.value.clone();
        check_placeholders(source, &message.wire, &mut loaded.problems);
        check_placeholders(source, release_6, &mut loaded.problems);
        let template = Template {
            name: name.clone(),
            release_6: release_6.value.clone(),
            release_17: message.wire.value.clone(),
        };
        if loaded
            .library
            .messages
            .insert(name.clone(), template)
            .is_some()
        {
            loaded.problems.push(Problem {
                place: yaml::place(source, &message.id),
                what: format!("message `{name}` is there already"),
                advice: "give the new one its own name".to_owned(),
            });
        }
    }
}

pub(crate) fn read_table(source: &Source, loaded: &mut Loaded) {
    if source.name.ends_with("errata.yaml") {
        return read_errata(source, loaded);
    }
    let file: raw::TableFile = match yaml::read(source) {
        Ok(file) => file,
        Err(problem) => return loaded.problems.push(problem),
    };
    for end in [&file.from, &file.to] {
        if Element::from_name(&end.value).is_none() {
            loaded.problems.push(unknown(
                source,
                end,
                "element",
                Element::ALL.map(Element::as_str),
            ));
        }
    }
    let forms = |forms: &raw::Forms, which: &str| Template {
        name: format!("table {} {which}", file.table.value),
        release_6: forms.release_6.value.clone(),
        release_17: forms.release_17.value.clone(),
    };
    for form in [&file.as_printed, &file.corrected] {
        check_placeholders(source, &form.release_6, &mut loaded.problems);
        check_placeholders(source, &form.release_17, &mut loaded.problems);
    }
    let table = Table {
        number: file.table.value.clone(),
        title: file.title,
        errata: file.errata.iter().map(|id| id.value.clone()).collect(),
        printed: forms(&file.printed, "as it stands in print"),
        as_printed: forms(&file.as_printed, "as printed"),
        corrected: forms(&file.corrected, "corrected"),
    };
    loaded
        .library
        .tables
        .insert(file.table.value.clone(), table);
}

fn read_errata(source: &Source, loaded: &mut Loaded) {
    let file: raw::ErrataFile = match yaml::read(source) {
        Ok(file) => file,
        Err(problem) => return loaded.problems.push(problem),
    };
    loaded
        .library
        .errata
        .extend(file.errata.into_iter().map(|erratum| Erratum {
            id: erratum.id.value,
            tables: erratum.tables,
            wrong: erratum.wrong,
            handling: erratum.handling,
        }));
}

/// Names every unknown placeholder of a template.
pub(crate) fn check_placeholders(
    source: &Source,
    text: &Located<String>,
    problems: &mut Vec<Problem>,
) {
    for name in compose::unknown_placeholders(&text.value) {
        let known = compose::all_placeholders().map(|(known, _)| *known);
        problems.push(Problem {
            place: yaml::place(source, text),
            what: format!("unknown placeholder `{{{name}}}`"),
            advice: did_you_mean(&name, known),
        });
    }
}

/// A problem: a name that is not one of the known ones.
pub(crate) fn unknown<'a>(
    source: &Source,
    name: &Located<String>,
    kind: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Problem {
    Problem {
        place: yaml::place(source, name),
        what: format!("unknown {kind} `{}`", name.value),
        advice: did_you_mean(&name.value, known),
    }
}

/// Checks what needs all files: unique ids, twins.
pub(crate) fn check_across(loaded: &mut Loaded) {
    let mut problems = duplicate_ids(&loaded.library);
    problems.extend(wrong_twins(&loaded.library));
    loaded.problems.extend(problems);
    let mut seen = BTreeSet::new();
    loaded
        .library
        .cases
        .retain(|case| seen.insert(case.id.clone()));
}

fn duplicate_ids(library: &Library) -> Vec<Problem> {
    let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
    let mut problems = Vec::new();
    for case in &library.cases {
        for id in [case.id.as_str()]
            .into_iter()
            .chain(case.aliases.iter().map(String::as_str))
        {
            if let Some(place) = first.get(id) {
                problems.push(Problem {
                    place: case.place.clone(),
                    what: format!("case `{id}` is there already, at {place}"),
                    advice: "an identity is assigned once; give the new case its own slug"
                        .to_owned(),
                });
            } else {
                first.insert(id, &case.place);
            }
        }
    }
    problems
}

fn wrong_twins(library: &Library) -> Vec<Problem> {
    let mut problems = Vec::new();
    for case in &library.cases {
        let Some(twin) = &case.twin else { continue };
        let ids = library.cases.iter().map(|case| case.id.as_str());
        let (what, advice) = match library.case(twin.case.as_str()) {
            None => (
                format!("the twin `{}` is not there", twin.case),
                did_you_mean(twin.case.as_str(), ids),
            ),
            Some(found) if found.is_negative() => (
                format!("the twin `{}` is itself a negative case", twin.case),
                "name the case that shows the valid form".to_owned(),
            ),
            Some(found) if found.target != case.target => (
                format!(
                    "the twin `{}` has another target ({})",
                    twin.case, found.target
                ),
                "a twin is played against the same element".to_owned(),
            ),
            Some(_) => continue,
        };
        problems.push(Problem {
            place: case.place.clone(),
            what,
            advice,
        });
    }
    problems
}
