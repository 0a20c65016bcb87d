//! Reads vectors, suites and profiles: the built-in ones, or the user's files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_encoding::HEXLOWER;
use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::load::{self, Library, Problem, Source, Suite};
use gbaspec_case::profile::TargetProfile;
use gbaspec_case::select::{self, Pattern};
use sha2::{Digest as _, Sha256};

use crate::failure::Failure;

/// Sound vectors with their suite.
pub(crate) struct Workspace {
    pub(crate) library: Arc<Library>,
    pub(crate) suite: Suite,
    /// SHA-256 over the names and texts of all vector files.
    pub(crate) digest: String,
}

/// Loads the vectors of a folder, or the built-in ones; any problem is a failure.
pub(crate) fn open(folder: Option<&Path>) -> Result<Workspace, Failure> {
    open_with(folder, &[])
}

/// The same with these case files beside them, or in the place of those that they are.
pub(crate) fn open_with(folder: Option<&Path>, files: &[PathBuf]) -> Result<Workspace, Failure> {
    let mut sources = sources(folder)?;
    for path in files {
        let text = fs::read_to_string(path).map_err(|why| Failure::File(path.clone(), why))?;
        let name = name_among(path, &sources);
        sources.retain(|other| other.name != name);
        sources.push(Source { name, text });
    }
    let loaded = load::load(&sources);
    if !loaded.problems.is_empty() {
        return Err(Failure::Problems(loaded.problems));
    }
    let suite = load::load_suite(&gbaspec_suites::manifest(), &loaded.library);
    let suite = suite.map_err(Failure::Problems)?;
    Ok(Workspace {
        library: Arc::new(loaded.library),
        suite,
        digest: digest(&sources),
    })
}

/// The texts of the vectors.
pub(crate) fn sources(folder: Option<&Path>) -> Result<Vec<Source>, Failure> {
    match folder {
        None => Ok(gbaspec_suites::vectors()),
        Some(folder) => {
            let found = read_folder(folder).map_err(|why| Failure::File(folder.to_owned(), why))?;
            if found.is_empty() {
                let why = io::Error::new(io::ErrorKind::NotFound, "the folder holds no .yaml file");
                return Err(Failure::File(folder.to_owned(), why));
            }
            Ok(found)
        }
    }
}

/// Whether an argument of the command line is a case file rather than a pattern.
pub(crate) fn is_case_file(argument: &str) -> bool {
    let path = Path::new(argument);
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ["yaml", "yml"].contains(&ending))
}

/// The name of a file among these: that of the one that it is, else its path.
pub(crate) fn name_among(path: &Path, sources: &[Source]) -> String {
    known_name(path, sources).unwrap_or_else(|| path.display().to_string())
}

/// The name of the vector file that this path ends with, if it is one of these.
pub(crate) fn known_name(path: &Path, sources: &[Source]) -> Option<String> {
    let parts: Vec<String> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let tail = |count: usize| parts[parts.len().saturating_sub(count)..].join("/");
    let mut tails = [tail(3), tail(2), tail(1)].into_iter();
    tails.find(|tail| sources.iter().any(|other| other.name == *tail))
}

/// All YAML files below a folder, named relative to it.
pub(crate) fn read_folder(folder: &Path) -> io::Result<Vec<Source>> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let name = file.strip_prefix(folder).unwrap_or(&file);
            let name = name.to_string_lossy().replace('\\', "/");
            Ok(Source {
                name,
                text: fs::read_to_string(&file)?,
            })
        })
        .collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        // A link could lead out of the folder, or round in circles.
        if entry.file_type()?.is_dir() {
            walk(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml" || extension == "yml")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The indices of the cases that the patterns select.
pub(crate) fn select(library: &Library, patterns: &[String]) -> Result<Vec<usize>, Failure> {
    select_with(library, patterns, &[])
}

/// The same with all cases of these files, named as they were loaded.
pub(crate) fn select_with(
    library: &Library,
    patterns: &[String],
    files: &[String],
) -> Result<Vec<usize>, Failure> {
    let of_file = |name: &String| {
        let mut cases = library.cases.iter();
        cases.any(|case| case.place.file == *name)
    };
    if let Some(empty) = files.iter().find(|name| !of_file(name)) {
        return Err(Failure::Run(format!("{empty}: the file holds no case")));
    }
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text)).collect();
    let selected = if patterns.is_empty() && !files.is_empty() {
        Vec::new()
    } else {
        select::select(&library.cases, &patterns).map_err(Failure::NoMatch)?
    };
    let is_selected = |case: &Case| {
        files.contains(&case.place.file) || selected.iter().any(|other| other.id == case.id)
    };
    let indices = library.cases.iter().enumerate();
    Ok(indices
        .filter(|(_, case)| is_selected(case))
        .map(|(index, _)| index)
        .collect())
}

/// The profile in a file; what it leaves to chance is drawn from the seed.
pub(crate) fn read_profile(path: &Path, seed: u64) -> Result<TargetProfile, Failure> {
    let text = fs::read_to_string(path).map_err(|why| Failure::File(path.to_owned(), why))?;
    let name = path.display().to_string();
    load::load_profile_seeded(&Source { name, text }, &variable, seed).map_err(Failure::Problems)
}

/// A profile from its text.
pub(crate) fn parse_profile(source: &Source) -> Result<TargetProfile, Vec<Problem>> {
    load::load_profile(source, &variable)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The profiles of the built-in peers.
pub(crate) fn built_in_profiles() -> Result<Vec<TargetProfile>, Failure> {
    let profiles = gbaspec_suites::profiles();
    profiles
        .iter()
        .map(|source| parse_profile(source).map_err(Failure::Problems))
        .collect()
}

/// The built-in profile of one role.
pub(crate) fn built_in_profile(role: Element) -> Result<TargetProfile, Failure> {
    let profile = built_in_profiles()?
        .into_iter()
        .find(|profile| profile.role == role);
    profile.ok_or_else(|| Failure::Run(format!("there is no built-in profile for a {role}")))
}

fn digest(sources: &[Source]) -> String {
    let mut hash = Sha256::new();
    for source in sources {
        for part in [&source.name, &source.text] {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part.as_bytes());
        }
    }
    HEXLOWER.encode(&hash.finalize())
}
