//! Embeds the vectors, the suites and the profiles, so that the binary needs no files beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or(io::ErrorKind::NotFound)?);
    let vectors = here.join("../vectors");
    println!("cargo::rerun-if-changed={}", vectors.display());
    println!(
        "cargo::rerun-if-changed={}",
        here.join("profiles").display()
    );
    println!(
        "cargo::rerun-if-changed={}",
        here.join("manifests").display()
    );
    let mut code = String::new();
    for (constant, folder) in [
        ("VECTORS", vectors),
        ("PROFILES", here.join("profiles")),
        ("MANIFESTS", here.join("manifests")),
    ] {
        code.push_str(&table(constant, &folder)?);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?);
    fs::write(out.join("embedded.rs"), code)
}

/// A table of (name relative to the folder, text) of all its YAML files.
fn table(constant: &str, folder: &Path) -> io::Result<String> {
    let mut files = Vec::new();
    walk(folder, &mut files)?;
    files.sort();
    let mut code = format!("pub(crate) static {constant}: &[(&str, &str)] = &[\n");
    for file in files {
        let name = file
            .strip_prefix(folder)
            .unwrap_or(&file)
            .to_string_lossy()
            .replace('\\', "/");
        let path = file.canonicalize()?;
        let path = path.to_string_lossy().into_owned();
        writeln!(code, "    ({name:?}, include_str!({path:?})),").map_err(io::Error::other)?;
    }
    code.push_str("];\n");
    Ok(code)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
        {
            files.push(path);
        }
    }
    Ok(())
}
