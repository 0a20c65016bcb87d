//! Reading and writing members of JSON objects, tolerantly and strictly.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use serde_json::{Map, Value};

use super::Undisclosed;
use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::{base64, date};

const BODY: &str = "JSON body";
const DATE_TIME: &str = "date-time";

/// The longest body that is read. A correct one has some 500 octets.
const MAX_OCTETS: usize = 64 * 1024;
/// The deepest nesting that is read. Correct bodies have five levels.
const MAX_DEPTH: usize = 16;

/// An enumeration of a schema.
pub(super) trait Word: From<String> {
    /// Whether the schema names it.
    fn is_known(&self) -> bool;
}

/// How many octets hex digits stand for.
#[derive(Clone, Copy)]
pub(super) enum Size {
    Exactly(usize),
    Between(usize, usize),
    /// One or more.
    Some,
}

/// Reads a body whose outermost value is an object.
///
/// `TooLong` for more than 64 KiB, or more than 16 levels; `BadValue` for what is no JSON object.
pub(super) fn parse<T>(
    bytes: &[u8],
    read: impl FnOnce(&mut Reader, &Map<String, Value>) -> T,
) -> Result<(T, Vec<Deviation>), DecodeError> {
    let bad = |why| DecodeError::BadValue { field: BODY, why };
    if bytes.len() > MAX_OCTETS || is_deeper_than(MAX_DEPTH, bytes) {
        return Err(DecodeError::TooLong(BODY));
    }
    let value: Value = serde_json::from_slice(bytes).map_err(|_| bad("the body is no JSON"))?;
    let Value::Object(object) = value else {
        return Err(bad("the outermost value is no object"));
    };
    let mut reader = Reader::default();
    let read = read(&mut reader, &object);
    Ok((read, reader.found.into_vec()))
}

/// Whether brackets outside of strings are nested deeper than this.
fn is_deeper_than(limit: usize, bytes: &[u8]) -> bool {
    let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
    for &byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            b'[' | b'{' if !is_text => depth += 1,
            b']' | b'}' if !is_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > limit {
            return true;
        }
    }
    false
}

/// The moment of a date-time of RFC 3339 with any offset, as the schemas of TS 29.571 have it, in
/// seconds of Unix time. Fractions of a second are dropped.
///
/// `BadValue` for any other form, or a value out of range.
pub fn date_time(text: &str) -> Result<i64, DecodeError> {
    let why = "the form is not that of 2004-01-09T10:13:17Z or 2004-01-09T12:13:17+02:00";
    let bad = DecodeError::BadValue {
        field: DATE_TIME,
        why,
    };
    let text = text.to_ascii_uppercase();
    if text.ends_with('Z') {
        return date::parse_utc_date_time(text.as_bytes());
    }
    let cut = text.len().checked_sub(6).ok_or(bad)?;
    let (local, zone) = text.split_at_checked(cut).ok_or(bad)?;
    let (sign, hours, minutes) = match zone.as_bytes() {
        [sign, a, b, b':', c, d] => (sign, two_digits(*a, *b), two_digits(*c, *d)),
        _ => return Err(bad),
    };
    let hours = hours.filter(|hours| *hours < 24).ok_or(bad)?;
    let minutes = minutes.filter(|minutes| *minutes < 60).ok_or(bad)?;
    let ahead = hours * 3600 + minutes * 60;
    let there = date::parse_utc_date_time(format!("{local}Z").as_bytes())?;
    match sign {
        b'+' => Ok(there - ahead),
        b'-' => Ok(there + ahead),
        _ => Err(bad),
    }
}

fn two_digits(tens: u8, ones: u8) -> Option<i64> {
    let digit = |octet: u8| char::from(octet).to_digit(10).map(i64::from);
    Some(digit(tens)? * 10 + digit(ones)?)
}

/// Takes members out of objects and notes what is wrong with them.
///
/// Each method gives `None` for a member that is not there or cannot be understood; `null` counts
/// as another type, as no schema here allows it. [`Reader::require`] notes that one is not there.
#[derive(Default)]
pub(super) struct Reader {
    found: Deviations,
}

impl Reader {
    /// Notes each of these members that the object does not have.
    pub(super) fn require(&mut self, object: &Map<String, Value>, members: &[&'static str]) {
        for member in members {
            if !object.contains_key(*member) {
                let rule = "the member is required by its schema (TS 29.309, TS 29.562)";
                self.found.note(Kind::MissingMember, member, rule, b"");
            }
        }
    }

    pub(super) fn text(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<String> {
        let value = object.get(member)?;
        match value.as_str() {
            Some(text) => Some(text.to_owned()),
            None => self.wrong_type(member, value, "the member is a string"),
        }
    }

    pub(super) fn flag(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<bool> {
        let value = object.get(member)?;
        if let Value::Bool(flag) = value {
            return Some(*flag);
        }
        let _: Option<()> = self.wrong_type(member, value, "the member is true or false");
        match value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => None,
        }
    }

    /// A number from 0 to 2^32 - 1. Digits in a string are understood.
    pub(super) fn number(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<u32> {
        let value = object.get(member)?;
        self.number_of(member, value)
    }

    fn number_of(&mut self, member: &'static str, value: &Value) -> Option<u32> {
        let Value::Number(number) = value else {
            let _: Option<()> = self.wrong_type(member, value, "the member is a number");
            return value.as_str()?.parse().ok();
        };
        let fits = number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok());
        if fits.is_none() {
            let rule = "the number is a whole one from 0 to 4294967295 (TS 29.571)";
            let shown = number.to_string();
            self.found
                .note(Kind::NumberOutOfRange, member, rule, shown.as_bytes());
        }
        fits
    }

    pub(super) fn word<T: Word>(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<T> {
        let text = self.text(object, member)?;
        Some(self.word_of(member, &text))
    }

    fn word_of<T: Word>(&mut self, member: &'static str, text: &str) -> T {
        let word = T::from(text.to_owned());
        if !word.is_known() {
            let rule = "the schema names the values (TS 29.309, TS 29.562)";
            self.found
                .note(Kind::UnknownValue, member, rule, text.as_bytes());
        }
        word
    }

    /// The text of a date-time; see [`date_time`].
    pub(super) fn time(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<String> {
        let text = self.text(object, member)?;
        if date_time(&text).is_err() {
            let rule = "the time is a date-time of RFC 3339 (TS 29.571)";
            self.found
                .note(Kind::BadTime, member, rule, text.as_bytes());
        }
        Some(text)
    }

    /// The octets that hex digits stand for. A wrong number of them, digits behind `0x`, and base64
    /// are understood.
    pub(super) fn hex(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
        size: Size,
    ) -> Option<Vec<u8>> {
        let text = self.text(object, member)?;
        self.hex_of(member, &text, text.as_bytes(), size)
    }

    /// The same for octets that no deviation may show.
    pub(super) fn undisclosed(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
        size: Size,
    ) -> Option<Undisclosed> {
        let Undisclosed(text) = self.undisclosed_text(object, member)?;
        let text = String::from_utf8(text).ok()?;
        let shown = format!("{} characters", text.chars().count());
        self.hex_of(member, &text, shown.as_bytes(), size)
            .map(Undisclosed)
    }

    /// A text that no deviation may show.
    pub(super) fn undisclosed_text(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Option<Undisclosed> {
        let text = self.text(object, member)?;
        Some(Undisclosed(text.into_bytes()))
    }

    fn hex_of(
        &mut self,
        member: &'static str,
        text: &str,
        shown: &[u8],
        size: Size,
    ) -> Option<Vec<u8>> {
        let bare = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
        if bare.is_some() {
            let rule = "the digits stand alone, without 0x (TS 29.309, TS 29.562)";
            self.found.note(Kind::HexPrefix, member, rule, shown);
        }
        let digits = bare.unwrap_or(text).as_bytes();
        let fits = |octets: &[u8]| match size {
            Size::Exactly(count) => octets.len() == count,
            Size::Between(least, most) => (least..=most).contains(&octets.len()),
            Size::Some => !octets.is_empty(),
        };
        if digits.iter().all(u8::is_ascii_hexdigit) {
            let octets = HEXLOWER_PERMISSIVE.decode(digits).ok();
            if !octets.as_deref().is_some_and(fits) {
                let rule = "there are two digits for each octet (TS 29.309, TS 29.562)";
                self.found.note(Kind::BadHexLength, member, rule, shown);
            }
            return octets;
        }
        let octets = base64::decode(member, digits).ok();
        if let Some(octets) = octets.filter(|octets| fits(octets)) {
            let rule = "octets are written as hex, not as base64 (TS 29.309, TS 29.562)";
            self.found
                .note(Kind::Base64InsteadOfHex, member, rule, shown);
            return Some(octets);
        }
        let rule = "octets are written as hex (TS 29.309, TS 29.562)";
        self.found.note(Kind::BadHex, member, rule, shown);
        None
    }

    /// What is read of an object in a member.
    pub(super) fn object<T>(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
        read: impl FnOnce(&mut Self, &Map<String, Value>) -> T,
    ) -> Option<T> {
        let value = object.get(member)?;
        match value {
            Value::Object(inner) => Some(read(self, inner)),
            _ => self.wrong_type(member, value, "the member is an object"),
        }
    }

    /// The numbers of a list.
    pub(super) fn numbers(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Vec<u32> {
        self.list(object, member, |reader, value| {
            reader.number_of(member, value)
        })
    }

    /// The words of a list.
    pub(super) fn words<T: Word>(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
    ) -> Vec<T> {
        self.list(object, member, |reader, value| match value.as_str() {
            Some(text) => Some(reader.word_of(member, text)),
            None => reader.wrong_type(member, value, "an item of the list is a string"),
        })
    }

    /// What is read of each object in a list.
    pub(super) fn objects<T>(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
        mut read: impl FnMut(&mut Self, &Map<String, Value>) -> Option<T>,
    ) -> Vec<T> {
        self.list(object, member, |reader, value| match value {
            Value::Object(inner) => read(reader, inner),
            _ => reader.wrong_type(member, value, "an item of the list is an object"),
        })
    }

    fn list<T>(
        &mut self,
        object: &Map<String, Value>,
        member: &'static str,
        mut read: impl FnMut(&mut Self, &Value) -> Option<T>,
    ) -> Vec<T> {
        match object.get(member) {
            None => Vec::new(),
            Some(Value::Array(items)) => {
                if items.is_empty() {
                    let rule = "a list that is there has an item (TS 29.309, TS 29.562)";
                    self.found.note(Kind::EmptyList, member, rule, b"[]");
                }
                items.iter().filter_map(|item| read(self, item)).collect()
            }
            Some(value) => {
                let _: Option<()> = self.wrong_type(member, value, "the member is a list");
                Vec::new()
            }
        }
    }

    /// Only the type is shown: a key may stand in the wrong place.
    fn wrong_type<T>(
        &mut self,
        member: &'static str,
        value: &Value,
        rule: &'static str,
    ) -> Option<T> {
        let shown = type_of(value);
        self.found
            .note(Kind::WrongMemberType, member, rule, shown.as_bytes());
        None
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// An object in the making: members stand in the order in which they come, what is absent or empty
/// is left out.
#[derive(Default)]
pub(super) struct Writer(Map<String, Value>);

impl Writer {
    pub(super) fn put(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.insert(member.to_owned(), value.into());
        self
    }

    pub(super) fn maybe<T: Into<Value>>(self, member: &str, value: Option<T>) -> Self {
        match value {
            Some(value) => self.put(member, value),
            None => self,
        }
    }

    pub(super) fn hex(self, member: &str, octets: &[u8]) -> Self {
        self.put(member, HEXLOWER.encode(octets))
    }

    pub(super) fn list<T: Into<Value>>(
        self,
        member: &str,
        items: impl IntoIterator<Item = T>,
    ) -> Self {
        let items: Vec<Value> = items.into_iter().map(Into::into).collect();
        if items.is_empty() {
            return self;
        }
        self.put(member, items)
    }

    pub(super) fn text(self) -> String {
        Value::Object(self.0).to_string()
    }
}

impl From<Writer> for Value {
    fn from(writer: Writer) -> Self {
        Self::Object(writer.0)
    }
}
