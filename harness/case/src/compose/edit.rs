//! Changes to a message.

use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{CannotCompose, Composer};
use crate::case::Send;

/// One change to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets a directive of the authentication header to these raw characters, quotes included;
    /// it is added at the end if it is not there.
    SetDirective {
        /// Its name.
        name: String,
        /// What stands after the equals sign.
        to: String,
    },
    /// Adds a directive at the end, even if it is there already.
    AddDirective {
        /// Its name.
        name: String,
        /// What stands after the equals sign.
        to: String,
    },
    /// Removes a directive of the authentication header.
    DropDirective {
        /// Its name.
        name: String,
    },
    /// Flips one bit of the last hex digit of a directive.
    FlipDirective {
        /// Its name.
        name: String,
    },
    /// Sets a header; it is added at the end if it is not there.
    SetHeader {
        /// Its name.
        name: String,
        /// Its value.
        to: String,
    },
    /// Removes all headers of this name.
    DropHeader {
        /// Its name.
        name: String,
    },
    /// Replaces the start line.
    StartLine {
        /// The new one, without the line end.
        to: String,
    },
    /// Replaces a text wherever it stands in the message.
    Replace {
        /// The text.
        text: String,
        /// What takes its place.
        by: String,
    },
}

impl Composer<'_> {
    /// The message after these edits, one after the other.
    pub(super) fn edited(
        &self,
        mut message: Message,
        edits: &[Edit],
        send: &Send,
    ) -> Result<Message, CannotCompose> {
        for edit in edits {
            message = self.edited_once(message, edit, send)?;
        }
        Ok(message)
    }

    fn edited_once(
        &self,
        mut message: Message,
        edit: &Edit,
        send: &Send,
    ) -> Result<Message, CannotCompose> {
        match edit {
            Edit::SetDirective { name, to } => {
                let to = self.filled_in_edit(to, send)?;
                edit_directives(&mut message, |list| list.set_raw(name, to.as_bytes()));
            }
            Edit::AddDirective { name, to } => {
                let to = self.filled_in_edit(to, send)?;
                edit_directives(&mut message, |list| list.push_raw(name, to.as_bytes()));
            }
            Edit::DropDirective { name } => edit_directives(&mut message, |list| list.remove(name)),
            Edit::FlipDirective { name } => edit_directives(&mut message, |list| {
                let value = list.value(name).unwrap_or_default();
                let flipped = flip_last_hex_digit(&String::from_utf8_lossy(value));
                list.set_raw(name, format!("\"{flipped}\"").as_bytes());
            }),
            Edit::SetHeader { name, to } => message.set(name, self.filled_in_edit(to, send)?),
            Edit::DropHeader { name } => message.remove(name),
            Edit::StartLine { to } => {
                message.start_line = self.filled_in_edit(to, send)?.into_bytes();
            }
            Edit::Replace { text: from, by } => {
                let by = self.filled_in_edit(by, send)?;
                let whole = String::from_utf8_lossy(&message.to_bytes()).replace(from, &by);
                if let Ok(replaced) = Message::from_bytes(whole.as_bytes()) {
                    message = replaced;
                }
            }
        }
        Ok(message)
    }
}

/// The header that carries the directives of a message: one of the three of RFC 7616.
fn edit_directives(message: &mut Message, edit: impl FnOnce(&mut DirectiveList)) {
    for name in ["Authorization", "WWW-Authenticate", "Authentication-Info"] {
        let Some(value) = message.field(name).map(|field| field.value.clone()) else {
            continue;
        };
        let mut list = if name == "Authentication-Info" {
            DirectiveList::parse_info(&value)
        } else {
            DirectiveList::parse_credentials(&value)
        };
        edit(&mut list);
        message.set(name, list.to_bytes());
        return;
    }
}

/// Flips a bit, counted from the most significant one of the first octet.
pub(super) fn flip_bit(octets: &mut [u8], bit: u8) {
    if let Some(octet) = octets.get_mut(usize::from(bit / 8)) {
        *octet ^= 0x80 >> (bit % 8);
    }
}

/// The text with the lowest bit of its last hex digit flipped.
pub(super) fn flip_last_hex_digit(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(last) = characters.last_mut()
        && let Some(digit) = last.to_digit(16)
    {
        *last = char::from_digit(digit ^ 1, 16).unwrap_or('0');
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::flip_last_hex_digit;

    #[test]
    fn flips_one_bit_of_a_digest() {
        assert_eq!(flip_last_hex_digit("c3010b8b"), "c3010b8a");
    }
}
