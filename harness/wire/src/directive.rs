//! The directive lists of `WWW-Authenticate`, `Authorization` and `Authentication-Info`
//! (RFC 9110 clause 11, RFC 7616 clauses 3.3 to 3.5): the packet layer.
//!
//! ```text
//! blanks scheme blanks        absent in Authentication-Info
//! separator directive         0 or more; a separator is commas and blanks
//! separator
//!
//! directive = name blanks "=" blanks ( token | quoted string )
//! ```
//!
//! Reading never fails and loses no octet. Where a list is broken the reader recovers at the next
//! comma: a quoted string counts as closed only if a blank, a comma or the end follows its closing
//! quote. So the missing quote of `response` in table 4.5-6 of TS 24.109 (Release 6) makes that
//! one directive [`Form::Broken`] and leaves its neighbours readable.

use crate::error::{Deviation, DeviationKind as Kind, Deviations};
use crate::http::{is_token, is_token_char};

/// How the value of a directive is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// Without quotes: anything but blanks, quotes and control characters. This is wider than a
    /// token of RFC 9110, so that unquoted base64 is one value.
    Token,
    /// As a quoted string.
    Quoted,
    /// Nothing follows the `=`.
    Empty,
    /// None of these: an unterminated quote, a value with blanks in it, or text without a `=`.
    Broken,
}

/// One directive as written.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Directive {
    /// The name as written. For text without a `=` this is the whole text.
    pub name: Vec<u8>,
    /// The value without quotes and with `\x` resolved; a broken value as it stands, without the
    /// opening quote.
    pub value: Vec<u8>,
    /// How the value is written.
    pub form: Form,
    /// Name, `=` and value exactly as written, blanks around the `=` included.
    pub raw: Vec<u8>,
}

/// The directives of one challenge, one set of credentials, or one `Authentication-Info`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectiveList {
    /// The authentication scheme as written; `None` if there is none.
    pub scheme: Option<Vec<u8>>,
    /// What stands before the scheme.
    lead: Vec<u8>,
    entries: Vec<Entry>,
    /// What stands behind the last directive.
    tail: Vec<u8>,
    /// The commas in `tail` that separate this list from the next challenge: none or one.
    commas_due: usize,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Entry {
    /// The commas and blanks before the directive.
    before: Vec<u8>,
    directive: Directive,
}

impl DirectiveList {
    /// Reads the value of an `Authorization` or `Proxy-Authorization` field.
    pub fn parse_credentials(value: &[u8]) -> Self {
        let mut reader = Reader { rest: value };
        let mut list = Self::empty();
        list.lead = reader.take_separator();
        list.scheme = reader.take_scheme();
        reader.read_directives(&mut list, Schemes::AreText);
        list
    }

    /// Reads the value of a `WWW-Authenticate` or `Proxy-Authenticate` field, which may hold
    /// several challenges; a new one begins where, behind a comma, a token stands without a `=`.
    /// The bytes of all lists, one after the other, are the value.
    pub fn parse_challenges(value: &[u8]) -> Vec<Self> {
        let mut reader = Reader { rest: value };
        let mut lists = Vec::new();
        while !reader.rest.is_empty() {
            let mut list = Self::empty();
            list.lead = reader.take_separator();
            list.scheme = reader.take_scheme();
            reader.read_directives(&mut list, Schemes::EndTheList);
            lists.push(list);
        }
        lists
    }

    /// Reads the value of an `Authentication-Info` field, which has no scheme.
    pub fn parse_info(value: &[u8]) -> Self {
        let mut list = Self::empty();
        Reader { rest: value }.read_directives(&mut list, Schemes::AreText);
        list
    }

    /// The field value: exactly the bytes that were read, if nothing was changed.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.lead.clone();
        if let Some(scheme) = &self.scheme {
            bytes.extend_from_slice(scheme);
        }
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.before);
            bytes.extend_from_slice(&entry.directive.raw);
        }
        bytes.extend_from_slice(&self.tail);
        bytes
    }

    /// The directives in their order.
    pub fn directives(&self) -> impl Iterator<Item = &Directive> {
        self.entries.iter().map(|entry| &entry.directive)
    }

    /// The first directive with this name; case does not matter (RFC 7616 clause 3.3).
    pub fn directive(&self, name: &str) -> Option<&Directive> {
        self.directives().find(|directive| directive.is_named(name))
    }

    /// The value of the first directive with this name, without quotes.
    pub fn value(&self, name: &str) -> Option<&[u8]> {
        self.directive(name)
            .map(|directive| directive.value.as_slice())
    }

    /// Gives the first directive with this name the value `raw_value`, which is written as it is:
    /// quotes belong to it. The directive keeps its place; without such a directive one is
    /// appended.
    pub fn set_raw(&mut self, name: &str, raw_value: &[u8]) {
        let found = self
            .entries
            .iter_mut()
            .find(|entry| entry.directive.is_named(name));
        match found {
            Some(entry) => {
                entry.directive = Directive::from_parts(&entry.directive.name, raw_value);
            }
            None => self.push_raw(name, raw_value),
        }
    }

    /// Appends a directive, also if there is one with this name already. The value is written as
    /// it is: quotes belong to it.
    pub fn push_raw(&mut self, name: &str, raw_value: &[u8]) {
        let before: &[u8] = match (&self.scheme, self.entries.is_empty()) {
            (_, false) => b", ",
            (Some(_), true) => b" ",
            (None, true) => b"",
        };
        let before = before.to_vec();
        self.entries.push(Entry {
            before,
            directive: Directive::from_parts(name.as_bytes(), raw_value),
        });
    }

    /// Removes every directive with this name together with one separator.
    pub fn remove(&mut self, name: &str) {
        let first_before = self.entries.first().map(|entry| entry.before.clone());
        self.entries.retain(|entry| !entry.directive.is_named(name));
        if let (Some(entry), Some(before)) = (self.entries.first_mut(), first_before) {
            entry.before = before;
        }
    }

    /// Every departure from the list syntax of RFC 9110 clauses 5.6.1 and 11.2, each kind once a
    /// directive name. Which directives a header needs is the matter of [`crate::digest_header`].
    pub fn deviations(&self) -> Vec<Deviation> {
        let mut found = Deviations::default();
        for (place, entry) in self.entries.iter().enumerate() {
            entry.check_separator(place, &mut found);
            entry.directive.check(&mut found);
        }
        self.check_empty_elements(&mut found);
        self.check_duplicates(&mut found);
        found.into_vec()
    }

    fn empty() -> Self {
        Self {
            scheme: None,
            lead: Vec::new(),
            entries: Vec::new(),
            tail: Vec::new(),
            commas_due: 0,
        }
    }

    fn check_empty_elements(&self, found: &mut Deviations) {
        let is_doubled = self
            .entries
            .iter()
            .enumerate()
            .any(|(place, entry)| has_more_commas(&entry.before, usize::from(place > 0)));
        if is_doubled
            || has_more_commas(&self.lead, 0)
            || has_more_commas(&self.tail, self.commas_due)
        {
            let rule = "no element of the list is empty (RFC 9110 5.6.1)";
            found.note(Kind::EmptyElement, UNKNOWN, rule, b",");
        }
    }

    fn check_duplicates(&self, found: &mut Deviations) {
        let mut names: Vec<(Vec<u8>, &Directive)> = self
            .directives()
            .map(|directive| (directive.name.to_ascii_lowercase(), directive))
            .collect();
        // A stable sort keeps equal names in their order and the search linear in their number.
        names.sort_by(|a, b| a.0.cmp(&b.0));
        for pair in names.windows(2) {
            if pair[0].0 == pair[1].0 {
                let rule = "a directive is there once (RFC 7616 3.3)";
                found.note(
                    Kind::DuplicateDirective,
                    pair[1].1.known_name(),
                    rule,
                    &pair[1].1.raw,
                );
            }
        }
    }
}

impl Entry {
    fn check_separator(&self, place: usize, found: &mut Deviations) {
        if place > 0 && !self.before.contains(&b',') {
            let rule = "a comma stands between two directives (RFC 9110 11.2)";
            let directive = &self.directive;
            found.note(
                Kind::MissingComma,
                directive.known_name(),
                rule,
                &directive.raw,
            );
        }
    }
}

/// What a deviation calls a directive that has no name of the table below.
const UNKNOWN: &str = "directive";

/// The directives of RFC 7616, RFC 3310 and their kin.
const KNOWN: [&str; 19] = [
    "username",
    "realm",
    "nonce",
    "uri",
    "response",
    "algorithm",
    "cnonce",
    "nc",
    "qop",
    "opaque",
    "auts",
    "stale",
    "domain",
    "rspauth",
    "nextnonce",
    "charset",
    "userhash",
    "ik",
    "ck",
];

impl Directive {
    /// Whether the directive has this name; case does not matter (RFC 7616 clause 3.3).
    pub fn is_named(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }

    /// Whether the directive has a value that no closing quote ends.
    pub fn is_unterminated(&self) -> bool {
        self.form == Form::Broken
            && raw_value(&self.raw).is_some_and(|value| value.starts_with(b"\""))
    }

    pub(crate) fn known_name(&self) -> &'static str {
        KNOWN
            .into_iter()
            .find(|name| self.is_named(name))
            .unwrap_or(UNKNOWN)
    }

    fn from_parts(name: &[u8], raw_value: &[u8]) -> Self {
        let raw = [name, b"=", raw_value].concat();
        let mut reader = Reader { rest: raw_value };
        let (value, form) = reader.take_value();
        if reader.rest.is_empty() {
            return Self {
                name: name.to_vec(),
                value,
                form,
                raw,
            };
        }
        // The value would be read as more than one directive.
        let value = raw_value.strip_prefix(b"\"").unwrap_or(raw_value).to_vec();
        Self {
            name: name.to_vec(),
            value,
            form: Form::Broken,
            raw,
        }
    }

    fn check(&self, found: &mut Deviations) {
        let field = self.known_name();
        let Some(value) = raw_value(&self.raw) else {
            found.note(
                Kind::StrayText,
                field,
                "a directive is name=value (RFC 9110 11.2)",
                &self.raw,
            );
            return;
        };
        let is_tight = self.raw.get(self.name.len()) == Some(&b'=')
            && self.name.len() + 1 + value.len() >= self.raw.len();
        if !is_tight {
            let rule = "no blank stands around the equals sign (RFC 9110 11.2)";
            found.note(Kind::BlankAroundEquals, field, rule, &self.raw);
        }
        if !is_token(&self.name) {
            found.note(
                Kind::StrayText,
                field,
                "the name is a token (RFC 9110 11.2)",
                &self.raw,
            );
        }
        match self.form {
            Form::Broken if self.is_unterminated() => {
                let rule = "a quoted string ends in a quote (RFC 9110 5.6.4)";
                found.note(Kind::UnterminatedQuote, field, rule, &self.raw);
            }
            Form::Broken => {
                let rule = "the value is one token or quoted string (RFC 9110 11.2)";
                found.note(Kind::StrayText, field, rule, &self.raw);
            }
            Form::Empty => {
                found.note(
                    Kind::EmptyValue,
                    field,
                    "a value follows the equals sign (RFC 9110 11.2)",
                    &self.raw,
                );
            }
            Form::Token | Form::Quoted => {}
        }
        if self
            .value
            .iter()
            .any(|&byte| byte.is_ascii_control() && byte != b'\t')
        {
            let rule = "control characters are not allowed (RFC 9110 5.6.4)";
            found.note(Kind::ControlCharacter, field, rule, &self.raw);
        }
    }
}

/// The value of a raw directive with its quotes; `None` if there is no `=`.
fn raw_value(raw: &[u8]) -> Option<&[u8]> {
    let equals = raw.iter().position(|&byte| byte == b'=')?;
    let after = &raw[equals + 1..];
    let blanks = after.iter().take_while(|&&byte| is_space(byte)).count();
    Some(&after[blanks..])
}

/// What a token without a `=` behind a comma means.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Schemes {
    /// It is the scheme of the next challenge.
    EndTheList,
    /// It is text that does not belong there.
    AreText,
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn read_directives(&mut self, list: &mut DirectiveList, schemes: Schemes) {
        loop {
            let before = self.take_separator();
            let is_behind_comma = before.contains(&b',');
            let is_next_challenge =
                schemes == Schemes::EndTheList && is_behind_comma && self.scheme_length().is_some();
            if self.rest.is_empty() || is_next_challenge {
                list.tail = before;
                list.commas_due = usize::from(is_next_challenge);
                return;
            }
            let directive = self.take_directive();
            list.entries.push(Entry { before, directive });
        }
    }

    /// Commas and blanks. Line folds count as blanks (RFC 9112 clause 5.2).
    fn take_separator(&mut self) -> Vec<u8> {
        let is_separator = |&&byte: &&u8| byte == b',' || is_space(byte);
        let length = self.rest.iter().take_while(is_separator).count();
        self.take(length).to_vec()
    }

    fn take_scheme(&mut self) -> Option<Vec<u8>> {
        let length = self.scheme_length()?;
        Some(self.take(length).to_vec())
    }

    /// The length of the token that comes next, if a blank, a comma or the end follows it and no
    /// `=` comes behind the blanks.
    fn scheme_length(&self) -> Option<usize> {
        let length = token_length(self.rest);
        let after = &self.rest[length..];
        let blanks = space_length(after);
        let is_ended = matches!(after.first(), None | Some(b',')) || blanks > 0;
        let is_named = after.get(blanks) == Some(&b'=');
        (length > 0 && is_ended && !is_named).then_some(length)
    }

    /// A directive; the reader stands on an octet that is no separator, and at least that one is
    /// taken.
    fn take_directive(&mut self) -> Directive {
        let whole = self.rest;
        let is_name = |&&byte: &&u8| byte != b'=' && byte != b',' && !is_space(byte);
        let name_length = whole.iter().take_while(is_name).count();
        let name = self.take(name_length).to_vec();
        let blanks = space_length(self.rest);
        if self.rest.get(blanks) != Some(&b'=') {
            return Directive {
                raw: name.clone(),
                name,
                value: Vec::new(),
                form: Form::Broken,
            };
        }
        self.take(blanks + 1);
        let blanks = space_length(self.rest);
        // Blanks behind the `=` with no value after them belong to the separator.
        if !matches!(self.rest.get(blanks), None | Some(b',')) {
            self.take(blanks);
        }
        let (value, form) = self.take_value();
        let raw = whole[..whole.len() - self.rest.len()].to_vec();
        Directive {
            name,
            value,
            form,
            raw,
        }
    }

    fn take_value(&mut self) -> (Vec<u8>, Form) {
        if self.rest.first() == Some(&b'"') {
            return self.take_quoted();
        }
        let length = unquoted_length(self.rest);
        let value = self.take(length).to_vec();
        let is_plain = |byte: &u8| byte.is_ascii_graphic() && *byte != b'"' || !byte.is_ascii();
        let form = match value.as_slice() {
            [] => Form::Empty,
            value if value.iter().all(is_plain) => Form::Token,
            _ => Form::Broken,
        };
        (value, form)
    }

    fn take_quoted(&mut self) -> (Vec<u8>, Form) {
        if let Some((value, length)) = unquote(self.rest) {
            self.take(length);
            return (value, Form::Quoted);
        }
        let length = self.rest.iter().take_while(|&&byte| byte != b',').count();
        let value = trim_end(&self.rest[..length]);
        self.take(value.len());
        // The opening quote is the first octet of the value.
        (value[1..].to_vec(), Form::Broken)
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

/// The value of the quoted string at the front and its length with quotes; `None` if it does not
/// end, or if something other than a blank, a comma or the end follows it.
fn unquote(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut value = Vec::new();
    let mut place = 1;
    loop {
        match *text.get(place)? {
            b'"' => break,
            b'\\' => {
                value.push(*text.get(place + 1)?);
                place += 2;
            }
            byte => {
                value.push(byte);
                place += 1;
            }
        }
    }
    let length = place + 1;
    let is_closed = text
        .get(length)
        .is_none_or(|&byte| byte == b',' || is_space(byte));
    is_closed.then_some((value, length))
}

/// The length of an unquoted value: up to a comma, or up to blanks behind which the next
/// directive begins with `name=`, or the end; without blanks at its end.
fn unquoted_length(text: &[u8]) -> usize {
    let mut place = 0;
    loop {
        place += text[place..]
            .iter()
            .take_while(|&&byte| byte != b',' && !is_space(byte))
            .count();
        let blanks = space_length(&text[place..]);
        let next = &text[place + blanks..];
        if blanks == 0 || matches!(next.first(), None | Some(b',')) || starts_directive(next) {
            return place;
        }
        place += blanks;
    }
}

fn starts_directive(text: &[u8]) -> bool {
    let length = token_length(text);
    let blanks = space_length(&text[length..]);
    length > 0 && text.get(length + blanks) == Some(&b'=')
}

fn token_length(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_token_char(byte)).count()
}

fn space_length(text: &[u8]) -> usize {
    text.iter().take_while(|&&byte| is_space(byte)).count()
}

fn has_more_commas(separator: &[u8], due: usize) -> bool {
    separator
        .iter()
        .filter(|&&byte| byte == b',')
        .nth(due)
        .is_some()
}

fn trim_end(text: &[u8]) -> &[u8] {
    let end = text
        .iter()
        .rposition(|&byte| !is_space(byte))
        .map_or(0, |last| last + 1);
    &text[..end]
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

#[cfg(test)]
mod tests;
