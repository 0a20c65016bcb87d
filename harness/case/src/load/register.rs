//! Reads the requirement register.

use super::problem::Problem;
use super::resolve::unknown;
use super::yaml::{self, Source};
use super::{Loaded, raw};
use crate::requirement::{Level, Observability, ReferencePoint, Requirement};

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
    let observability = match (&raw.observable, &raw.observed_on, &raw.excluded) {
        (Some(flag), None, None) if flag.value => Observability::Observable,
        (Some(flag), Some(point), None) if flag.value => {
            let known = ReferencePoint::ALL.map(ReferencePoint::as_str);
            let found = ReferencePoint::from_name(&point.value);
            let found = found.ok_or_else(|| unknown(source, point, "reference point", known))?;
            Observability::Elsewhere(found)
        }
        (None, None, Some(reason)) if !reason.is_empty() => Observability::Excluded(reason.clone()),
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::coverage::{Coverage, coverage};
    use crate::load::{Source, load};
    use crate::requirement::ReferencePoint;

    fn register(ending: &str) -> Source {
        let text = format!(
            "specification: {{ document: \"TS 33.220\", title: \"GBA\" }}\nrequirements:\n  \
             - {{ id: \"KD-08\", source: \"33.220\", clause: \"4.5.3\", actor: [bsf], level: shall, \
             confidence: \"K\", text: \"t\", fault: \"\", {ending} }}\n"
        );
        Source {
            name: "requirements/33.220.yaml".to_owned(),
            text,
        }
    }

    #[rstest]
    #[case::on_ub("observable: true", Coverage::Untested)]
    #[case::elsewhere(
        "observable: true, observed-on: zn",
        Coverage::Elsewhere(ReferencePoint::Zn)
    )]
    #[case::nowhere("excluded: \"why\"", Coverage::Excluded("why".to_owned()))]
    fn tells_where_a_rule_can_be_seen(#[case] ending: &str, #[case] expected: Coverage) {
        let loaded = load(&[register(ending)]);
        assert_eq!(loaded.problems, []);
        let rows = coverage(&loaded.library.requirements, &[]);
        assert_eq!(rows[0].coverage, expected);
    }

    #[rstest]
    #[case::unknown_place("observable: true, observed-on: zz", "unknown reference point `zz`")]
    #[case::excluded_and_seen(
        "observed-on: zn, excluded: \"why\"",
        "requirement `KD-08` is neither observable nor excluded"
    )]
    fn refuses_what_is_neither(#[case] ending: &str, #[case] expected: &str) {
        let problems = load(&[register(ending)]).problems;
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].what, expected);
        assert_eq!(problems[0].place.line, 3);
    }
}
