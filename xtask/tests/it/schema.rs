//! The schemas are up to date, and say what the loader reads.

use rstest::rstest;
use serde_json::Value;
use xtask::{files, root, schema};

#[test]
fn the_checked_in_schemas_are_up_to_date() {
    for (path, schema) in schema::all() {
        let stored = files::read(&root().join(path)).unwrap_or_default();
        assert_eq!(
            stored,
            schema::text(&schema),
            "{path}: run `cargo xtask schema`"
        );
    }
}

#[test]
fn the_tables_of_the_page_for_people_are_up_to_date() {
    let stored = files::read(&root().join(schema::REFERENCE)).expect("the page");
    let made = schema::reference(&root()).expect("the page");
    assert_eq!(stored, made, "run `cargo xtask schema`");
}

/// The structs of the loader and the places of the schema that describe them.
#[rstest]
#[case::case_file("CaseFile", "")]
#[case::specification("Specification", "/$defs/specification")]
#[case::case("Case", "/$defs/case")]
#[case::property("Property", "/$defs/property")]
#[case::a_move("Move", "/$defs/move")]
#[case::answer("Answer", "/$defs/answer")]
#[case::step("Step", "/$defs/step")]
#[case::send("Send", "/$defs/send")]
#[case::connect("Connect", "/$defs/step/properties/connect")]
#[case::auts("Auts", "/$defs/auts")]
#[case::vector("Vector", "/$defs/vector")]
#[case::sqn_from("SqnFrom", "/$defs/sqn-from")]
#[case::vector_rand("VectorRand", "/$defs/vector-rand")]
#[case::edit("Edit", "/$defs/edit")]
#[case::finish("Finish", "/$defs/finish")]
#[case::relations("Relations", "/$defs/relations")]
fn a_case_has_the_keys_of_the_loader(#[case] structure: &str, #[case] place: &str) {
    assert_eq!(
        keys_of_schema(&schema::case_file(), place),
        keys_of_struct(structure)
    );
}

#[rstest]
#[case::profile_file("ProfileFile", "")]
#[case::tls("Tls", "/$defs/tls")]
#[case::subscriber("Subscriber", "/$defs/subscriber")]
#[case::session("Session", "/$defs/session")]
#[case::sqn("SqnParameters", "/$defs/sqn")]
#[case::gba_digest("GbaDigest", "/properties/gba-digest")]
#[case::psk("Psk", "/properties/psk")]
#[case::hooks("Hooks", "/$defs/hooks")]
#[case::deadlines("Deadlines", "/$defs/deadlines")]
fn a_profile_has_the_keys_of_the_loader(#[case] structure: &str, #[case] place: &str) {
    assert_eq!(
        keys_of_schema(&schema::profile_file(), place),
        keys_of_struct(structure)
    );
}

#[test]
fn an_expectation_has_the_control_words_of_the_loader() {
    let raw = raw();
    let words: Vec<&str> = raw
        .lines()
        .filter(|line| line.contains("\" => expectation."))
        .filter_map(|line| line.split('"').nth(1))
        .collect();
    assert_eq!(words.len(), 9, "{words:?}");
    let schema = schema::case_file();
    for word in words {
        let is_there = ["await", "check", "never"]
            .iter()
            .any(|name| schema["$defs"][name]["properties"].get(word).is_some());
        assert!(is_there, "{word}");
    }
}

/// The pattern has to be no narrower than the register. It is read by hand: capital letter first,
/// parts joined by hyphens.
#[test]
fn every_requirement_has_the_form_of_the_schema() {
    let library = files::library(&root()).expect("sound vectors").library;
    for requirement in &library.requirements {
        let mut parts = requirement.id.split('-');
        let first = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let is_word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.')
        };
        let fits = first.starts_with(|c: char| c.is_ascii_uppercase())
            && first.bytes().all(|b| b.is_ascii_alphanumeric())
            && !rest.is_empty()
            && rest.iter().all(|part| is_word(part));
        assert!(fits, "{}", requirement.id);
    }
}

fn raw() -> String {
    ["raw.rs", "raw/profile.rs"]
        .map(|file| root().join("harness/case/src/load").join(file))
        .map(|file| files::read(&file).expect("the raw form"))
        .concat()
}

fn keys_of_schema(schema: &Value, place: &str) -> Vec<String> {
    let properties = schema
        .pointer(&format!("{place}/properties"))
        .and_then(Value::as_object);
    let mut keys: Vec<String> = properties.expect("properties").keys().cloned().collect();
    keys.sort();
    keys
}

/// The names that serde reads for the fields of a struct.
fn keys_of_struct(name: &str) -> Vec<String> {
    let raw = raw();
    let (_, rest) = raw
        .split_once(&format!("struct {name} {{\n"))
        .expect("the struct");
    let body = rest.split("\n}").next().unwrap_or_default();
    let mut renamed = None;
    let mut keys = Vec::new();
    for line in body.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[serde(rename = \"") {
            renamed = rest.split('"').next().map(str::to_owned);
        } else if let Some((field, _)) = line
            .strip_prefix("pub ")
            .and_then(|rest| rest.split_once(':'))
        {
            keys.push(renamed.take().unwrap_or_else(|| field.replace('_', "-")));
        }
    }
    keys.sort();
    keys
}
