//! Messages of Diameter, from their notation to octets.

use gbaspec_wire::diameter::notation;
use rand::RngExt as _;

use super::{CannotCompose, Composer, Edit, Stores};
use crate::case::Send;

impl Composer<'_> {
    /// The octets of a message of Diameter. Edits change its text, as nothing in it is computed from
    /// the rest; identifiers that the text does not give are those of the request that it answers, or
    /// new ones.
    pub(super) fn compose_diameter(
        &self,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<Vec<u8>, CannotCompose> {
        let template = send.template.text(self.scene.release);
        let mut text = self.fill_as(as_value, template, send, &[], stores)?;
        for edit in send.change.iter().chain(&send.spoil) {
            text = self.edited_text(&text, edit, send, stores)?;
        }
        let text = without_nothing(&text);
        let mut packet = notation::parse(&text).map_err(|why| CannotCompose {
            missing: format!("a message that can be built: {why}"),
        })?;
        let answered = self.answered().and_then(|view| view.packet);
        let given = |of_text: u32, otherwise: u32| if of_text == 0 { otherwise } else { of_text };
        let (hop_by_hop, end_to_end) = match answered {
            Some(request) if send.template.is_response() => {
                (request.hop_by_hop, request.end_to_end)
            }
            _ => (
                stores.rng.random::<u32>() | 1,
                stores.rng.random::<u32>() | 1,
            ),
        };
        packet.hop_by_hop = given(packet.hop_by_hop, hop_by_hop);
        packet.end_to_end = given(packet.end_to_end, end_to_end);
        Ok(packet.to_bytes())
    }

    fn edited_text(
        &self,
        text: &str,
        edit: &Edit,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let mut filled = |to: &str| self.fill_as(as_value, to, send, &[], stores);
        Ok(match edit {
            Edit::SetDirective { name, to } => set_avp(text, name, &filled(to)?),
            Edit::AddDirective { name, to } => {
                let to = filled(to)?;
                format!("{}\n{name}: {to}\n", text.trim_end())
            }
            Edit::DropDirective { name } => drop_avp(text, name),
            Edit::StartLine { to } => {
                let to = filled(to)?;
                let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
                format!("{to}\n{rest}")
            }
            Edit::Replace { text: from, by } => text.replace(from, &filled(by)?),
            Edit::FlipDirective { .. } | Edit::SetHeader { .. } | Edit::DropHeader { .. } => {
                return Err(CannotCompose {
                    missing: "an edit that a message of Diameter can have".to_owned(),
                });
            }
        })
    }
}

/// A text as the value of an AVP: one that begins like octets in hex, as one B-TID in 4096 does, is
/// none.
fn as_value(value: String) -> String {
    match value.strip_prefix("0x") {
        Some(rest) => format!("\\x30x{rest}"),
        None => value,
    }
}

/// Name of the AVP in a line of the notation.
fn name_of(line: &str) -> &str {
    let end = line.find([':', '[']).unwrap_or(line.len());
    line[..end].trim()
}

fn indent_of(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The text with another value of the first AVP of this name, and without what stood in it; it is
/// added at the end if it is not there.
fn set_avp(text: &str, name: &str, to: &str) -> String {
    let mut lines = Vec::new();
    let mut inside = None;
    let mut is_set = false;
    for (number, line) in text.lines().enumerate() {
        let indent = indent_of(line);
        if inside.is_some_and(|outer| indent > outer) {
            continue;
        }
        inside = None;
        if number > 0 && !is_set && name_of(line) == name {
            is_set = true;
            inside = Some(indent);
            lines.push(format!("{}{name}: {to}", " ".repeat(indent)));
        } else {
            lines.push(line.to_owned());
        }
    }
    if !is_set {
        lines.push(format!("{name}: {to}"));
    }
    lines.join("\n")
}

/// The text without the AVPs of this name and what stands in them.
fn drop_avp(text: &str, name: &str) -> String {
    let mut lines = Vec::new();
    let mut inside = None;
    for (number, line) in text.lines().enumerate() {
        let indent = indent_of(line);
        if inside.is_some_and(|outer| indent > outer) {
            continue;
        }
        inside = (number > 0 && name_of(line) == name).then_some(indent);
        if inside.is_none() {
            lines.push(line);
        }
    }
    lines.join("\n")
}

/// The text without the lines whose optional value is missing.
fn without_nothing(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.contains(super::placeholders::NOTHING));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::{as_value, drop_avp, set_avp};

    const TEXT: &str = "Diameter MAR\nUser-Name: a\nGroup:\n  User-Name: b\n  Other: c\nLast: d";

    #[test]
    fn sets_the_first_avp_of_a_name_or_adds_it() {
        assert_eq!(
            set_avp(TEXT, "Group", "0x"),
            "Diameter MAR\nUser-Name: a\nGroup: 0x\nLast: d"
        );
        assert_eq!(
            set_avp(TEXT, "Other", "x"),
            "Diameter MAR\nUser-Name: a\nGroup:\n  User-Name: b\n  Other: x\nLast: d"
        );
        assert_eq!(set_avp("Diameter MAR", "New", "1"), "Diameter MAR\nNew: 1");
    }

    #[test]
    fn keeps_a_text_that_begins_like_octets() {
        assert_eq!(as_value("0x45g==@b".to_owned()), "\\x30x45g==@b");
        assert_eq!(as_value("x0x".to_owned()), "x0x");
    }

    #[test]
    fn drops_all_avps_of_a_name_with_what_is_in_them() {
        assert_eq!(
            drop_avp(TEXT, "User-Name"),
            "Diameter MAR\nGroup:\n  Other: c\nLast: d"
        );
        assert_eq!(
            drop_avp(TEXT, "Group"),
            "Diameter MAR\nUser-Name: a\nLast: d"
        );
    }
}
