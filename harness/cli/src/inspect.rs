//! `gbaspec list`, `explain`, `lint` and `faults`: what the vectors say.

#![expect(clippy::print_stdout, reason = "the command line speaks to people")]

use std::fs;
use std::path::Path;

use gbaspec_case::case::Case;
use gbaspec_case::load::{self, Problem, Source, nearest};
use gbaspec_case::property::Property;
use gbaspec_drive::runner::exit;
use gbaspec_reports::{Style, list_json, list_text};
use gbaspec_roles::faults;

use crate::arguments::{ExplainOptions, FactFormat, LintOptions, ListOptions};
use crate::failure::{Failure, counted};
use crate::workspace;

/// Lists cases.
pub(crate) fn list(vectors: Option<&Path>, options: &ListOptions) -> Result<u8, Failure> {
    let workspace = workspace::open(vectors)?;
    let selected = workspace::select(&workspace.library, &options.select)?;
    let headers: Vec<_> = selected
        .iter()
        .map(|&index| workspace.library.cases[index].header())
        .collect();
    if options.count {
        println!("{}", headers.len());
        return Ok(exit::OK);
    }
    match options.format {
        FactFormat::Text => print!("{}", list_text(&headers, Style::default())),
        FactFormat::Json => println!("{}", list_json(&headers)),
    }
    Ok(exit::OK)
}

/// Tells what a case shows.
pub(crate) fn explain(vectors: Option<&Path>, options: &ExplainOptions) -> Result<u8, Failure> {
    let workspace = workspace::open(vectors)?;
    let Some(case) = workspace.library.case(&options.case) else {
        let known = workspace.library.cases.iter().map(|case| case.id.as_str());
        let near = nearest(&options.case, known);
        let advice = near.map_or("`gbaspec list` shows all cases".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        return Err(Failure::Unknown {
            what: "case",
            name: options.case.clone(),
            advice,
        });
    };
    println!("{}\n{}\n", case.id, case.title);
    println!(
        "specification  {} {} ({})",
        case.document,
        case.clause,
        case.level.as_str()
    );
    println!("target         {}", case.target);
    if !case.tables.is_empty() {
        println!("tables         {}", case.tables.join(", "));
    }
    if let Some(twin) = &case.twin {
        println!("valid twin     {} (tried before and after)", twin.case);
    }
    if let Some(property) = &case.property {
        explain_property(property);
    }
    println!("vector         {}\n", case.place);
    for id in &case.requirements {
        if let Some(requirement) = workspace.library.requirement(id) {
            println!(
                "{id}  {} ({}, confidence {})",
                requirement.text,
                requirement.level.as_str(),
                requirement.confidence
            );
        }
    }
    explain_faults(case);
    Ok(exit::OK)
}

fn explain_property(property: &Property) {
    println!(
        "property       {} of at most {}, seeded; `--tries N` for more",
        counted(property.tries, "sequence"),
        counted(property.most_moves, "move")
    );
    if !property.invariants.is_empty() {
        println!("invariants     {}", property.invariants.join(", "));
    }
    for kind in &property.moves {
        let choices = kind.choices.iter();
        let choices = choices.map(|(name, values)| format!("  {name}: {}", values.join(", ")));
        println!(
            "move           {}{}",
            kind.name,
            choices.collect::<String>()
        );
    }
}

fn explain_faults(case: &Case) {
    println!("\nproven to catch");
    for fault in faults::all().filter(|fault| fault.caught_by.contains(&case.id.as_str())) {
        println!("  {}  {}", fault.id, fault.what);
    }
}

/// Lists the faults.
pub(crate) fn faults() -> u8 {
    for fault in faults::all() {
        println!("{}  {}  {}", fault.id, fault.requirement, fault.what);
    }
    exit::OK
}

/// Checks vector files, folders of vectors and profiles.
pub(crate) fn lint(vectors: Option<&Path>, options: &LintOptions) -> Result<u8, Failure> {
    let mut problems = Vec::new();
    for path in &options.files {
        problems.extend(lint_path(vectors, path)?);
    }
    if problems.is_empty() {
        println!(
            "{} checked, no problem found",
            counted(options.files.len(), "file")
        );
        return Ok(exit::OK);
    }
    Err(Failure::Problems(problems))
}

fn lint_path(vectors: Option<&Path>, path: &Path) -> Result<Vec<Problem>, Failure> {
    if path.is_dir() {
        let sources = workspace::sources(Some(path))?;
        return Ok(load::load(&sources).problems);
    }
    let text = fs::read(path).map_err(|why| Failure::File(path.to_owned(), why))?;
    let name = path.display().to_string();
    let text = match String::from_utf8(text) {
        Ok(text) => text,
        Err(why) => {
            return Ok(vec![not_utf8(
                &name,
                why.as_bytes(),
                why.utf8_error().valid_up_to(),
            )]);
        }
    };
    let source = Source { name, text };
    if is_profile(&source.text) {
        return Ok(workspace::parse_profile(&source).err().unwrap_or_default());
    }
    lint_vector(vectors, path, source)
}

/// One vector file among the others; where it replaces one of them, it stands in its place.
fn lint_vector(
    vectors: Option<&Path>,
    path: &Path,
    source: Source,
) -> Result<Vec<Problem>, Failure> {
    let mut sources = workspace::sources(vectors)?;
    let shown = source.name.clone();
    let part = |path: Option<&Path>| {
        let name = path.and_then(Path::file_name);
        name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let (folder, file) = (part(path.parent()), part(Some(path)));
    let name = workspace::known_name(path, &sources).unwrap_or_else(|| match folder.as_str() {
        "requirements" | "tables" | "messages" => format!("{folder}/{file}"),
        _ => format!("linted/{file}"),
    });
    sources.retain(|other| other.name != name);
    sources.push(Source {
        name: name.clone(),
        text: source.text,
    });
    let mut problems = load::load(&sources).problems;
    problems.retain(|problem| problem.place.file == name);
    for problem in &mut problems {
        problem.place.file.clone_from(&shown);
    }
    Ok(problems)
}

/// A profile says at its top level which role the target has; no vector file does.
fn is_profile(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("role:"))
}

fn not_utf8(name: &str, bytes: &[u8], at: usize) -> Problem {
    let before = String::from_utf8_lossy(&bytes[..at]);
    let line = before.lines().count().max(1) as u64;
    let column = before.lines().last().map_or(0, str::len) as u64 + 1;
    Problem {
        place: gbaspec_case::verdict::Place {
            file: name.to_owned(),
            line,
            column,
        },
        what: "the file is not UTF-8".to_owned(),
        advice: "write octets that are no text as hex, in double quotes".to_owned(),
    }
}
