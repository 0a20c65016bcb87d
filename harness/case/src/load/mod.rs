//! Loads vector files: text in, typed cases and problems out. Never fails as a whole: each problem
//! has its place and advice, and what is sound is kept for the next check.

mod block;
mod expand;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod lower;
mod manifest;
mod names;
mod problem;
mod profile;
mod properties;
mod raw;
mod register;
mod resolve;
pub mod vocabulary;
mod yaml;

use std::collections::BTreeMap;

pub(crate) use expand::fill;
pub use manifest::{Suite, load_suite};
pub use problem::{Problem, nearest};
pub use profile::{Environment, load_profile, load_profile_seeded};
pub use properties::MOST_TRIES;
pub use yaml::Source;

use crate::case::{Answer, Case, CaseId, Template};
use crate::element::Element;
use crate::property::{Property, Sequence};
use crate::requirement::Requirement;

/// Everything that the vectors say.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// The cases, in the order of their files.
    pub cases: Vec<Case>,
    /// The requirement register.
    pub requirements: Vec<Requirement>,
    /// Named messages.
    pub messages: BTreeMap<String, Template>,
    /// What the harness answers in every case about a target.
    pub standing: Vec<Standing>,
    /// Printed tables by number.
    pub tables: BTreeMap<String, Table>,
    /// What is known to be wrong in the printed tables.
    pub errata: Vec<Erratum>,
}

impl Library {
    /// The case with this identity, or that had it once.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases
            .iter()
            .find(|case| case.id.as_str() == id)
            .or_else(|| {
                self.cases
                    .iter()
                    .find(|case| case.aliases.iter().any(|alias| alias == id))
            })
    }

    /// The valid twin of a negative case.
    pub fn twin_of(&self, case: &Case) -> Option<&Case> {
        self.case(case.twin.as_ref()?.case.as_str())
    }

    /// The case that this sequence of a property makes.
    ///
    /// # Errors
    ///
    /// Why it makes none: the property has been changed since the sequence was recorded.
    pub fn case_of(&self, property: &Property, sequence: &Sequence) -> Result<Case, String> {
        properties::case_of(property, sequence, self)
    }

    /// The requirement with this id.
    pub fn requirement(&self, id: &str) -> Option<&Requirement> {
        self.requirements
            .iter()
            .find(|requirement| requirement.id == id)
    }
}

/// What the harness answers in every case about this target, unless the case says otherwise.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The target.
    pub target: Element,
    /// The answer.
    pub answer: Answer,
}

/// A printed table of a specification, in its three forms.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its number, for example `4.5-6`.
    pub number: String,
    /// Its title.
    pub title: String,
    /// The errata that concern it.
    pub errata: Vec<String>,
    /// Exactly as printed.
    pub printed: Template,
    /// As printed, errors kept, with placeholders where the print has formulas or sample digits.
    pub as_printed: Template,
    /// As a conforming element sends it.
    pub corrected: Template,
}

/// One thing that is wrong in a printed table.
#[derive(Clone, Debug)]
pub struct Erratum {
    /// Its id, for example `ERR-01`.
    pub id: String,
    /// The tables.
    pub tables: String,
    /// What is wrong.
    pub wrong: String,
    /// What the suite does about it.
    pub handling: String,
}

/// The result of loading.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// What is sound.
    pub library: Library,
    /// What is not, in the order of the files.
    pub problems: Vec<Problem>,
}

/// Loads vector files. A file's folder tells what it holds: `requirements/`, `tables/`,
/// `messages/`; `data/` and `schema/` are no vectors of this loader; all others hold cases.
pub fn load(sources: &[Source]) -> Loaded {
    let mut loaded = Loaded::default();
    let folder = |source: &Source| source.name.split('/').next().unwrap_or("").to_owned();
    for source in sources {
        match folder(source).as_str() {
            "requirements" => register::read(source, &mut loaded),
            "tables" => resolve::read_table(source, &mut loaded),
            "messages" => resolve::read_messages(source, &mut loaded),
            _ => {}
        }
    }
    for source in sources {
        if folder(source) == "messages" {
            lower::read_standing(source, &mut loaded);
        }
    }
    for source in sources {
        let folder = folder(source);
        if !["requirements", "tables", "messages", "data", "schema"].contains(&folder.as_str()) {
            lower::read_cases(source, &mut loaded);
        }
    }
    resolve::check_across(&mut loaded);
    loaded
}

/// The identity that a twin's name stands for: a slug of the same topic, or a whole identity.
pub(crate) fn twin_id(topic: &str, name: &str) -> CaseId {
    match name.rsplit_once('/') {
        Some((topic, slug)) => CaseId::new(topic, slug),
        None => CaseId::new(topic, name),
    }
}
