//! What the readers and writers of the XML documents share.

use roxmltree::{Document, Node, ParsingOptions};

use crate::error::DecodeError;

/// The longest document that is read. A correct one has some hundred octets.
const MAX_OCTETS: usize = 64 * 1024;
/// The most XML nodes that are read, attributes not counted. This bounds the depth as well.
const MAX_NODES: u32 = 4096;

/// The blanks that types with a collapsed white space ignore at both ends.
pub(crate) const XML_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// Reads a document. No document type definition is read, so no entity can expand.
///
/// `TooLong` for more than 64 KiB, or more than 4096 nodes;
/// `BadValue` for text that is not UTF-8 or not well-formed XML.
pub(crate) fn parse<'input>(
    bytes: &'input [u8],
    field: &'static str,
) -> Result<Document<'input>, DecodeError> {
    if bytes.len() > MAX_OCTETS {
        return Err(DecodeError::TooLong(field));
    }
    let bad = |why| DecodeError::BadValue { field, why };
    let text = str::from_utf8(bytes).map_err(|_| bad("the document is not UTF-8"))?;
    let options = ParsingOptions {
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => DecodeError::TooLong(field),
        _ => bad("the document is not well-formed XML without a DTD"),
    })
}

/// Whether a node is an element with this local name.
pub(crate) fn is_element(node: Node<'_, '_>, name: &str) -> bool {
    node.is_element() && node.tag_name().name() == name
}

/// The text of an element without comments and processing instructions between its pieces.
pub(crate) fn text_of(element: Node<'_, '_>) -> String {
    element
        .children()
        .filter_map(|node| if node.is_text() { node.text() } else { None })
        .collect()
}

/// Text between tags. A carriage return is written as a reference, because a reader would turn
/// the character itself into a line feed (XML 1.0 clause 2.11).
pub(crate) fn escape_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\r' => escaped.push_str("&#xD;"),
            '\t' | '\n' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'.. => {
                escaped.push(character);
            }
            _ => escaped.push('\u{fffd}'),
        }
    }
    escaped
}

/// The value of an attribute in double quotes. Blanks other than the space are written as
/// references, because a reader would turn the characters into spaces (XML 1.0 clause 3.3.3).
pub(crate) fn escape_attribute(text: &str) -> String {
    escape_text(text)
        .replace('"', "&quot;")
        .replace('\t', "&#x9;")
        .replace('\n', "&#xA;")
}
