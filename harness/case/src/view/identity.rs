//! Who a user is, between an authentication proxy and the servers behind it (TS 24.109 Annex G).

use gbaspec_wire::escape::escape;

use super::View;
use crate::fact::Value;

impl View<'_> {
    /// The list in all fields of this name, with or without quotes around the elements (open question
    /// U-17: one sample shows a quoted string).
    pub(crate) fn list_in(&self, name: &str) -> Option<Value> {
        let fields = self.message.fields_named(name);
        let elements = fields.flat_map(|field| {
            let text = field.text();
            let parts = text.split(|&octet| octet == b',');
            let parts = parts.map(|part| escape(unquoted(part.trim_ascii())));
            parts.collect::<Vec<_>>()
        });
        let elements: Vec<String> = elements.filter(|part| !part.is_empty()).collect();
        (!elements.is_empty()).then_some(Value::List(elements))
    }

    /// Everything before the body, as it came.
    pub(crate) fn head(&self) -> Value {
        let whole = self.message.to_bytes();
        let head = whole.len().saturating_sub(self.message.body.len());
        Value::escaped(&whole[..head])
    }
}

fn unquoted(text: &[u8]) -> &[u8] {
    let inside = text.strip_prefix(b"\"");
    inside
        .and_then(|inside| inside.strip_suffix(b"\""))
        .unwrap_or(text)
}
