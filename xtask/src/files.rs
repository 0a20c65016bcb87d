//! Files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

use gbaspec_case::load::{Loaded, Source, load};

/// All files below a folder whose name ends so, sorted; nothing below a folder that is not there.
pub fn below(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    walk(folder, ending, &mut files);
    files.sort();
    files
}

fn walk(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // Links may lead in circles; what they lead to is found where it stands.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, ending, files);
        } else if path.to_string_lossy().ends_with(ending) {
            files.push(path);
        }
    }
}

/// The names of what stands in a folder, without their endings, sorted; hidden files left out.
pub fn stems(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.path().file_stem()?.to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.'))
        .collect();
    names.sort();
    names
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))
}

/// Writes a file and the folders above it.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|why| format!("{}: {why}", path.display()))
}

/// The path relative to the root, with `/` between its parts.
pub fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    path.to_string_lossy().replace('\\', "/")
}

/// The vector files as they stand in the tree, which may be newer than the embedded ones.
pub fn vectors(root: &Path) -> Result<Vec<Source>, String> {
    let folder = root.join("vectors");
    let read = |path: PathBuf| {
        let name = shown(&folder, &path);
        Ok(Source {
            name,
            text: read(&path)?,
        })
    };
    below(&folder, ".yaml").into_iter().map(read).collect()
}

/// The vectors, loaded; a problem of theirs is an error.
pub fn library(root: &Path) -> Result<Loaded, String> {
    let loaded = load(&vectors(root)?);
    if loaded.problems.is_empty() {
        return Ok(loaded);
    }
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    Err(problems.join("\n"))
}
