//! Appends the scaffold of a case to the file of its topic.

use std::fs;
use std::path::Path;

use gbaspec_case::requirement::Requirement;

use crate::files;

/// Appends a case with this identity, `interface/topic/slug`, that tests this requirement.
pub fn append(root: &Path, id: &str, requirement: &str) -> Result<String, String> {
    let library = files::library(root)?.library;
    let requirement = library
        .requirement(requirement)
        .ok_or_else(|| format!("`{requirement}` is not in vectors/requirements"))?;
    if library.case(id).is_some() {
        return Err(format!("case `{id}` is there already"));
    }
    let (topic, slug) = id.rsplit_once('/').filter(|(topic, _)| topic.matches('/').count() == 1).ok_or_else(
        || format!("`{id}` is no identity: write interface/topic/slug, for example ub/resync/answers-twice"),
    )?;
    let path = root.join("vectors").join(format!("{topic}.yaml"));
    let mut text = fs::read_to_string(&path).unwrap_or_else(|_| header(topic, requirement));
    open_list(&mut text).map_err(|why| format!("{}: {why}", files::shown(root, &path)))?;
    text.push('\n');
    text.push_str(&entry(topic, slug, requirement));
    files::write(&path, text.as_bytes())?;
    let shown = files::shown(root, &path);
    Ok(format!(
        "{id} stands at the end of {shown}; write its steps, then `gbaspec lint {shown}`"
    ))
}

/// Sees to it that the list of cases is the last one of the file, so that the end is its end.
pub fn open_list(text: &mut String) -> Result<(), &'static str> {
    let last = |key| text.rfind(key);
    match (last("\ncases:"), last("\nproperties:")) {
        (Some(cases), Some(properties)) if cases < properties => {
            Err("put `cases:` behind `properties:`, as new cases stand at the end of the file")
        }
        (None, Some(_)) => {
            text.push_str("\ncases:");
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The head of a new file.
pub fn header(topic: &str, requirement: &Requirement) -> String {
    let target = match topic.split('/').next() {
        Some("ue") => "ue",
        Some("ua") => "naf",
        Some("pki") => "portal",
        _ => "bsf",
    };
    format!(
        "# What this topic is about.\ntopic: {topic}\nspecification: {{ document: \"{}\", clause: \"{}\" }}\ntarget: {target}\ncases:",
        requirement.document, requirement.clause
    )
}

/// A case that loads and can fail, but says nothing of its own yet.
pub fn entry(topic: &str, slug: &str, requirement: &Requirement) -> String {
    let id = &requirement.id;
    let steps = match topic.split('/').next() {
        Some("ue") => [
            "- trigger: bootstrap".to_owned(),
            "- given: { at: bsf, credentials: present, as: first }".to_owned(),
            "- send: { message: ub/challenge }".to_owned(),
            format!("- expect: {{ for: {id}, at: bsf, credentials.response.made-with: res }}"),
        ],
        Some("ua") => ua_steps("ua/get", "ua/get-authorized", id),
        Some("pki") => ua_steps("pki/enrol", "pki/enrol-authorized", id),
        _ => [
            "- send: { message: ub/initial-get }".to_owned(),
            "- given: { status: 401, challenge.mac: valid, as: first }".to_owned(),
            "- send: { message: ub/answer }".to_owned(),
            format!("- expect: {{ for: {id}, status: 200, bsf-info: there }}"),
        ],
    };
    format!(
        "  # {}\n  - id: {slug}\n    title: One sentence that says what holds\n    requirements: [{id}]\n    steps:\n      {}\n",
        requirement.text,
        steps.join("\n      ")
    )
}

fn ua_steps(first: &str, second: &str, id: &str) -> [String; 4] {
    [
        format!("- send: {{ message: {first} }}"),
        "- given: { status: 401, challenge.nonce: present }".to_owned(),
        format!("- send: {{ message: {second}, password: ks-naf }}"),
        format!("- expect: {{ for: {id}, status: [\"2xx\", 403] }}"),
    ]
}
