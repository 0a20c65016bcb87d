//! The JSON schemas in `schema/` fit the golden documents in `samples/`, and name all that they
//! hold. The validator knows the keywords that our schemas use, and refuses any other.

use std::fs;
use std::path::PathBuf;

use rstest::rstest;
use serde_json::{Map, Value, json};

#[rstest]
#[case::run("run", "failing.json")]
#[case::recorded_run("run", "run/result.json")]
#[case::list("list", "list.json")]
#[case::prove("prove", "prove.json")]
#[case::coverage("coverage", "coverage.json")]
fn the_golden_document_fits_its_schema(#[case] schema: &str, #[case] sample: &str) {
    let schema = read(&format!("schema/{schema}.json"));
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
    let problems = problems(&schema, &read(&format!("samples/{sample}")));
    assert!(problems.is_empty(), "{problems:#?}");
}

#[rstest]
#[case::another_version("/schema", json!("gbaspec.run/2"))]
#[case::an_unknown_outcome("/cases/0/verdict/outcome", json!("great"))]
#[case::a_count_as_text("/summary/failed", json!("2"))]
#[case::no_list("/cases", json!({}))]
#[case::a_field_without_a_description("/summary/mood", json!(1))]
fn the_schema_refuses(#[case] pointer: &str, #[case] value: Value) {
    let schema = read("schema/run.json");
    let mut document = read("samples/failing.json");
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = document.pointer_mut(parent).expect("the place");
    parent
        .as_object_mut()
        .expect("an object")
        .insert(field.to_owned(), value);
    assert_eq!(
        problems(&schema, &document).len(),
        1,
        "{:#?}",
        problems(&schema, &document)
    );
}

#[test]
fn the_schema_refuses_a_document_without_a_required_field() {
    let mut document = read("samples/failing.json");
    document
        .as_object_mut()
        .expect("an object")
        .remove("partial");
    assert_eq!(
        problems(&read("schema/run.json"), &document),
        ["/: `partial` is missing"]
    );
}

fn read(file: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(path).expect("the file is there");
    serde_json::from_str(&text).expect("JSON")
}

fn problems(schema: &Value, document: &Value) -> Vec<String> {
    let mut validator = Validator {
        root: schema,
        problems: Vec::new(),
    };
    validator.check(schema, document, "");
    validator.problems
}

/// A validator for the part of JSON Schema (draft 2020-12) that our schemas use. It is stricter in
/// one point: a field that `properties` does not name is a problem, so a new field cannot go
/// without a description.
struct Validator<'a> {
    root: &'a Value,
    problems: Vec<String>,
}

impl<'a> Validator<'a> {
    fn check(&mut self, schema: &'a Value, value: &Value, at: &str) {
        let keywords = schema.as_object().expect("a schema is an object");
        for (keyword, rule) in keywords {
            match keyword.as_str() {
                "$ref" => self.check(self.resolved(rule), value, at),
                "type" => self.check_type(rule, value, at),
                "enum" => {
                    let allowed = rule.as_array().expect("`enum` is a list");
                    self.require(allowed.contains(value), at, || {
                        format!("{value} is not allowed")
                    });
                }
                "const" => self.require(rule == value, at, || format!("{value} is not {rule}")),
                "required" => self.check_required(rule, value, at),
                "properties" => self.check_properties(rule, value, at),
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(rule, item, &format!("{at}/{index}"));
                    }
                }
                "minimum" => {
                    let least = rule.as_i64().expect("`minimum` is a number");
                    let is_enough = value.as_i64().is_none_or(|number| number >= least);
                    self.require(is_enough, at, || format!("{value} is less than {least}"));
                }
                "anyOf" => self.check_any(rule, value, at),
                "$schema" | "$id" | "$defs" | "title" | "description" => {}
                other => panic!("the validator does not know `{other}`"),
            }
        }
    }

    fn resolved(&self, reference: &Value) -> &'a Value {
        let reference = reference.as_str().expect("`$ref` is a text");
        let pointer = reference
            .strip_prefix('#')
            .expect("`$ref` stays in its file");
        self.root.pointer(pointer).expect("`$ref` leads somewhere")
    }

    fn check_type(&mut self, rule: &Value, value: &Value, at: &str) {
        let names: Vec<&str> = match rule {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            _ => rule.as_str().into_iter().collect(),
        };
        let fits = names.iter().any(|&name| match name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_u64() || value.is_i64(),
            "null" => value.is_null(),
            other => panic!("the validator does not know the type `{other}`"),
        });
        self.require(fits, at, || format!("{value} is not of type {rule}"));
    }

    fn check_required(&mut self, rule: &Value, value: &Value, at: &str) {
        let Some(object) = value.as_object() else {
            return;
        };
        for name in rule.as_array().expect("`required` is a list") {
            let name = name.as_str().expect("a name");
            self.require(object.contains_key(name), at, || {
                format!("`{name}` is missing")
            });
        }
    }

    fn check_properties(&mut self, rule: &'a Value, value: &Value, at: &str) {
        let rules: &'a Map<String, Value> = rule.as_object().expect("`properties` is an object");
        for (name, field) in value.as_object().into_iter().flatten() {
            match rules.get(name) {
                Some(schema) => self.check(schema, field, &format!("{at}/{name}")),
                None => self.require(false, at, || format!("`{name}` is not described")),
            }
        }
    }

    fn check_any(&mut self, rule: &'a Value, value: &Value, at: &str) {
        let choices = rule.as_array().expect("`anyOf` is a list");
        let fits = choices.iter().any(|choice| {
            let mut validator = Validator {
                root: self.root,
                problems: Vec::new(),
            };
            validator.check(choice, value, at);
            validator.problems.is_empty()
        });
        self.require(fits, at, || format!("{value} fits no choice"));
    }

    fn require(&mut self, holds: bool, at: &str, problem: impl FnOnce() -> String) {
        if !holds {
            let at = if at.is_empty() { "/" } else { at };
            self.problems.push(format!("{at}: {}", problem()));
        }
    }
}
