//! Reads a suite manifest.

use std::collections::BTreeMap;

use super::problem::{Problem, did_you_mean};
use super::yaml::{self, Source};
use super::{Library, raw};
use crate::element::Element;

/// A suite: what it is called, and how a target's sanity is tried.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: String,
    /// The cases of each role of which the first that the profile has everything for is tried before
    /// any other.
    pub sanity: BTreeMap<Element, Vec<String>>,
}

/// Reads a manifest and checks it against the vectors.
pub fn load_suite(source: &Source, library: &Library) -> Result<Suite, Vec<Problem>> {
    let file: raw::ManifestFile = yaml::read(source).map_err(|problem| vec![problem])?;
    let mut suite = Suite {
        name: file.suite,
        title: file.title,
        sanity: BTreeMap::new(),
    };
    let mut problems = Vec::new();
    let named = file
        .sanity
        .iter()
        .flat_map(|(role, ids)| ids.iter().map(move |id| (role, id)));
    for (role, id) in named {
        let element = Element::from_name(role);
        let found = library
            .case(&id.value)
            .filter(|case| Some(case.target) == element);
        match (element, found) {
            (Some(element), Some(case)) => {
                let of_role = suite.sanity.entry(element).or_default();
                of_role.push(case.id.to_string());
            }
            _ => problems.push(Problem {
                place: yaml::place(source, id),
                what: format!("there is no case `{}` for a {role}", id.value),
                advice: did_you_mean(&id.value, library.cases.iter().map(|case| case.id.as_str())),
            }),
        }
    }
    if problems.is_empty() {
        Ok(suite)
    } else {
        Err(problems)
    }
}
