//! Reads the requirement register.

use super::problem::Problem;
use super::yaml::{self, Source};
use super::{Loaded, raw};
use crate::requirement::{Level, Observability, Requirement};

pub(crate) fn read(source: &Source, loaded: &mut Loaded) {
    let file: raw::RequirementFile = match yaml::read(source) {
        Ok(file) => file,
        Err(problem) => return loaded.problems.push(problem),
    };
    let document = &file.specification.document.value;
    for entry in &file.requirements {
        match requirement(source, document, entry) {
            Ok(requirement) => add(requirement, loaded),
            Err(problem) => loaded.problems.push(problem),
        }
    }
}

fn requirement(
    source: &Source,
    document: &str,
    entry: &yaml::Located<raw::Requirement>,
) -> Result<Requirement, Problem> {
    let raw = &entry.value;
    let at = |what: String, advice: &str, place| Problem {
        place,
        what,
        advice: advice.to_owned(),
    };
    let level = Level::from_name(&raw.level.value).ok_or_else(|| {
        let place = yaml::place(source, &raw.level);
        at(
            format!("unknown level `{}`", raw.level.value),
            "known are shall, should, may, fact",
            place,
        )
    })?;
    let observability = match (&raw.observable, &raw.excluded) {
        (Some(flag), None) if flag.value => Observability::Observable,
        (None, Some(reason)) if !reason.is_empty() => Observability::Excluded(reason.clone()),
        _ => {
            let what = format!(
                "requirement `{}` is neither observable nor excluded",
                raw.id.value
            );
            let advice = "write `observable: true`, or `excluded:` with the reason, and not both";
            return Err(at(what, advice, yaml::place(source, &raw.id)));
        }
    };
    Ok(Requirement {
        id: raw.id.value.clone(),
        document: document.to_owned(),
        source: raw.source.clone(),
        clause: raw.clause.clone(),
        actor: raw.actor.clone(),
        level,
        confidence: raw.confidence.clone(),
        text: raw.text.clone(),
        fault: raw.fault.clone(),
        observability,
        place: yaml::place(source, &raw.id),
    })
}

fn add(requirement: Requirement, loaded: &mut Loaded) {
    if let Some(first) = loaded.library.requirement(&requirement.id) {
        loaded.problems.push(Problem {
            what: format!(
                "requirement `{}` is there already, at {}",
                requirement.id, first.place
            ),
            advice: "an id is assigned once; give the new one its own".to_owned(),
            place: requirement.place,
        });
        return;
    }
    loaded.library.requirements.push(requirement);
}
