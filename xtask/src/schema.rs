//! JSON Schemas (draft 2020-12) of the files that people write, for editors: completion, and a red
//! line while one types. The loader is stricter and has the last word.

mod case;
mod profile;
mod reference;

use std::path::Path;

use serde_json::{Value, json};

use crate::files;

pub use case::case_file;
pub use profile::profile_file;
pub use reference::reference;

/// The schemas by the path of their file.
pub fn all() -> [(&'static str, Value); 2] {
    [
        ("vectors/schema/case.json", case_file()),
        ("vectors/schema/profile.json", profile_file()),
    ]
}

/// A schema as it stands in its file.
pub fn text(schema: &Value) -> String {
    format!("{schema:#}\n")
}

/// The page for people who write cases.
pub const REFERENCE: &str = "vectors/README.md";

/// Writes the schemas, and the tables of the page for people.
pub fn write(root: &Path) -> Result<String, String> {
    for (path, schema) in all() {
        files::write(&root.join(path), text(&schema).as_bytes())?;
    }
    files::write(&root.join(REFERENCE), reference(root)?.as_bytes())?;
    Ok("vectors/schema and the tables of vectors/README.md are up to date".to_owned())
}

/// The words of a table of the loader.
fn words<T>(table: &[(&str, T)]) -> Vec<Value> {
    table.iter().map(|(word, _)| json!(word)).collect()
}

/// An object with exactly these fields.
fn closed(description: &str, required: &[&str], properties: &Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

/// A reference to a definition, with what it means here.
fn to(definition: &str, description: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{definition}"), "description": description })
}

/// A text.
fn text_of(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

/// One of these words.
fn one_of(words: &[Value], description: &str) -> Value {
    json!({ "enum": words, "description": description })
}

/// A list.
fn list_of(items: &Value, description: &str) -> Value {
    json!({ "type": "array", "items": items, "description": description })
}

/// A whole number from 0.
fn number(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}
