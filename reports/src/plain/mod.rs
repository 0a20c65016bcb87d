//! The plain forms: what stands in JSON, one file a shape.
//!
//! Names are those of the README. Unknown fields are ignored on reading, because fields may be
//! added within a version; a field that was added later than /1 began carries a serde default.

pub(crate) mod case;
pub(crate) mod coverage;
pub(crate) mod event;
pub(crate) mod names;
pub(crate) mod prove;
pub(crate) mod run;
pub(crate) mod transcript;
pub(crate) mod verdict;

use serde::Serialize;

use crate::escape::ascii_json;

/// One line of JSON, in ASCII, without its line end.
pub(crate) fn line<T: Serialize>(value: &T) -> serde_json::Result<String> {
    Ok(ascii_json(&serde_json::to_string(value)?).into_owned())
}

/// An indented JSON document, in ASCII, with its line end.
pub(crate) fn document<T: Serialize>(value: &T) -> serde_json::Result<String> {
    let mut text = ascii_json(&serde_json::to_string_pretty(value)?).into_owned();
    text.push('\n');
    Ok(text)
}
