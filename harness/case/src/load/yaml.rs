//! The only place that knows YAML: budgets, and errors with place and advice.

use serde::de::DeserializeOwned;

use super::problem::{Problem, did_you_mean};
use crate::verdict::Place;

/// A value with the place where it stands.
pub(crate) type Located<T> = serde_yaml::Spanned<T>;

/// A file as it was read by somebody who may do I/O.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name for people, relative to the folder of the vectors.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// No vector file comes near this size; a larger one is not one.
const MOST_OCTETS: usize = 1 << 20;

/// Reads one file into its raw form.
pub(crate) fn read<T: DeserializeOwned>(source: &Source) -> Result<T, Problem> {
    if source.text.len() > MOST_OCTETS {
        return Err(problem(
            source,
            1,
            1,
            "the file is larger than 1 MiB".to_owned(),
            "split it by topic",
        ));
    }
    let budget =
        serde_yaml::budget! { max_depth: 32, max_nodes: 200_000, max_anchors: 0, max_aliases: 0 };
    let options =
        serde_yaml::options! { strict_booleans: true, with_snippet: false, budget: budget };
    serde_yaml::from_str_with_options(&source.text, options).map_err(|error| {
        let (line, column) = error
            .location()
            .map_or((1, 1), |at| (at.line(), at.column()));
        let text = error.to_string();
        // The place is told apart, and the parser's own options are no advice for a vector.
        let ends = [" at line ", ", set DuplicateKeyPolicy", "\n"];
        let end = ends.iter().filter_map(|end| text.find(end)).min();
        let what = text[..end.unwrap_or(text.len())].to_owned();
        let advice = advice(&what);
        problem(source, line, column, what, &advice)
    })
}

/// Where a value stands.
pub(crate) fn place<T>(source: &Source, value: &Located<T>) -> Place {
    let at = value.referenced;
    Place {
        file: source.name.clone(),
        line: at.line(),
        column: at.column(),
    }
}

fn problem(source: &Source, line: u64, column: u64, what: String, advice: &str) -> Problem {
    let place = Place {
        file: source.name.clone(),
        line,
        column,
    };
    Problem {
        place,
        what,
        advice: advice.to_owned(),
    }
}

/// Advice for what the parser says.
fn advice(what: &str) -> String {
    if let Some(rest) = what.strip_prefix("unknown field `") {
        let typed = rest.split('`').next().unwrap_or("");
        let known = rest.split("expected ").nth(1).unwrap_or("");
        let known: Vec<&str> = known
            .trim_start_matches("one of ")
            .split(", ")
            .map(|name| name.trim_matches(|c| c == '`' || c == ' '))
            .collect();
        return did_you_mean(typed, known);
    }
    let hints = [
        (
            "duplicate mapping key",
            "keep one of the two; a vector says each thing once",
        ),
        (
            "missing field",
            "add it, or mend its indentation if it is there; vectors/schema/case.json lists what an entry needs",
        ),
        ("found a tab", "YAML allows no tabs; indent with blanks"),
        (
            "quoted scalar",
            "close the quote on this line or the one before",
        ),
        (
            "expected mapping start",
            "a case file is a map of topic, specification, target and cases",
        ),
        (
            "expected sequence start",
            "write a list; each entry begins with `- `",
        ),
        (
            "unexpected end of input",
            "the file is empty, or ends too early",
        ),
        (
            "float",
            "put digits and hex in double quotes, so that they stay text",
        ),
        (
            "integer",
            "put digits and hex in double quotes, so that they stay text",
        ),
        ("boolean", "put the word in double quotes"),
        (
            "budget",
            "a vector needs no anchors, no aliases and at most 32 levels",
        ),
        (
            "nchor",
            "a vector needs no anchors and no aliases: write the value out",
        ),
        (
            "lias",
            "a vector needs no anchors and no aliases: write the value out",
        ),
        ("depth", "a vector needs at most 32 levels"),
        (
            "indent",
            "align the entry with its neighbours; two blanks a level",
        ),
        ("invalid type", "compare the shape with a neighbouring case"),
    ];
    let hint = hints
        .iter()
        .find(|(sign, _)| what.contains(sign))
        .map(|(_, advice)| *advice);
    hint.unwrap_or("check the indentation and the quotes of this line and the one before")
        .to_owned()
}
