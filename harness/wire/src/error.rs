//! What can be wrong with bytes: errors that end a decoding, deviations that are only noted.

use std::fmt;

use crate::escape;

/// The longest text of [`Deviation::found`], in characters.
const EXCERPT: usize = 60;

/// Why bytes could not be decoded. The text names the field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DecodeError {
    /// The input ends before this field is complete.
    MissingData(&'static str),
    /// Bytes follow the end of this field.
    TrailingData(&'static str),
    /// The field is there and has a value that its specification does not allow.
    BadValue {
        /// The field as its specification names it.
        field: &'static str,
        /// What is wrong with it, a short phrase.
        why: &'static str,
    },
    /// The field exceeds the limit of this crate.
    TooLong(&'static str),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingData(field) => write!(f, "{field}: the data ends too early"),
            Self::TrailingData(field) => write!(f, "{field}: data follows the end"),
            Self::BadValue { field, why } => write!(f, "{field}: {why}"),
            Self::TooLong(field) => write!(f, "{field}: too long"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// One departure from a specification in bytes that could be read nevertheless.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Deviation {
    /// The field, directive or element that deviates; `directive` or `header field` where the
    /// name itself is not a known one.
    pub field: &'static str,
    /// The rule that is broken, with its source.
    pub rule: &'static str,
    /// The deviation for machines.
    pub kind: DeviationKind,
    /// What was found instead: escaped, at most 60 characters.
    pub found: String,
}

impl fmt::Display for Deviation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (found {})", self.field, self.rule, self.found)
    }
}

/// Every deviation that this crate can tell apart. Together with [`Deviation::field`] it says
/// what to do; the sentence for people is [`Deviation::rule`].
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DeviationKind {
    // HTTP syntax.
    /// A line ends in LF without CR.
    BareLf,
    /// A CR that no LF follows.
    BareCr,
    /// The head ends without the empty line.
    UnfinishedHead,
    /// The first line is no request line and no status line.
    BadStartLine,
    /// A field line without a colon.
    MissingColon,
    /// A field name that is empty or no token.
    BadFieldName,
    /// Blanks between field name and colon.
    BlankBeforeColon,
    /// A field value continued on the next line.
    ObsFold,
    /// A NUL or another control character.
    ControlCharacter,
    /// An octet above 0x7f.
    NonAscii,
    /// `Content-Length` and `Transfer-Encoding` in one message.
    LengthAndTransferEncoding,
    /// More than one `Content-Length` value.
    RepeatedContentLength,
    /// A `Content-Length` that is no number.
    BadContentLength,
    /// The body is longer or shorter than `Content-Length` says.
    BodyLengthMismatch,
    /// The chunked framing is broken.
    BadChunkedBody,
    /// An HTTP/1.1 request without `Host`.
    MissingHost,
    /// A request with several `Host` fields.
    RepeatedHost,

    // Lists of directives.
    /// The scheme is absent or not the one that the field needs.
    WrongScheme,
    /// A directive that has to be there is not.
    MissingDirective,
    /// A directive is there more than once.
    DuplicateDirective,
    /// Blanks around `=`.
    BlankAroundEquals,
    /// Two directives without a comma between them.
    MissingComma,
    /// A comma with nothing before it.
    EmptyElement,
    /// A quoted string without its closing quote.
    UnterminatedQuote,
    /// Text that is neither a directive nor part of one.
    StrayText,
    /// A directive with `=` and nothing behind it.
    EmptyValue,

    // Values of directives.
    /// A token that is written in quotes.
    QuotedToken,
    /// A string that is written without quotes.
    UnquotedString,
    /// `nc` is not eight lower-case hex digits.
    NcNotEightHex,
    /// `response` is not the lower-case hex digest of its algorithm (32 digits for MD5).
    ResponseNot32LowerHex,
    /// `rspauth` is not the lower-case hex digest of its algorithm (32 digits for MD5).
    RspauthNot32LowerHex,
    /// An algorithm that this suite does not know.
    UnknownAlgorithm,
    /// A quality of protection that is neither `auth` nor `auth-int`.
    UnknownQop,
    /// `stale` is neither `true` nor `false`.
    BadStale,
    /// Text that has to be base64 is not.
    BadBase64,
    /// The nonce of an AKA challenge has fewer octets than RAND and AUTN.
    NonceTooShort,
    /// AUTS has not 14 octets.
    AutsNot14Octets,

    // The bootstrapping document.
    /// The root element has another name.
    WrongRoot,
    /// An element is not in the namespace of the schema.
    WrongNamespace,
    /// The elements stand in another order.
    WrongOrder,
    /// A value stands in an attribute instead of an element.
    AttributeInsteadOfElement,
    /// An element that has to be there is not.
    MissingElement,
    /// An element is there more than once.
    DuplicateElement,
    /// An element stands in another place of the tree.
    MisplacedElement,
    /// A time that is not an `xs:dateTime` in UTC with `Z`.
    TimeNotUtc,
    /// The B-TID is not base64, `@`, domain.
    BadBTid,

    // The user security settings.
    /// An attribute that has to be there is not.
    MissingAttribute,
    /// A number is not written in digits, or too great.
    BadNumber,
    /// A word is none of those that the schema lists.
    UnknownWord,

    // Diameter.
    /// A field of the header has a value that it may not have.
    BadHeader,
    /// The length of an AVP leads beyond its surroundings, or into its own header.
    BadAvpLength,
    /// What fills an AVP up is not zero, or not there.
    BadPadding,
    /// The flags of an AVP are not those of its specification.
    BadAvpFlags,
    /// The data of an AVP does not have the form of its type.
    BadAvpData,
    /// An AVP with the M flag that the dictionary does not have.
    UnknownAvp,

    // JSON of the service-based interfaces.
    /// A member that has to be there is not.
    MissingMember,
    /// A member has a value of another type.
    WrongMemberType,
    /// A number that its type cannot hold.
    NumberOutOfRange,
    /// A list without an item.
    EmptyList,
    /// A value that is none of those that the schema names.
    UnknownValue,
    /// Text that has to be hex digits is not.
    BadHex,
    /// Hex digits with `0x` before them.
    HexPrefix,
    /// Hex digits for another number of octets.
    BadHexLength,
    /// Base64 where hex digits have to be.
    Base64InsteadOfHex,
    /// A time that is not a date-time of RFC 3339.
    BadTime,
    /// An identity of a UE without the prefix that says what it is.
    BadUeId,
}

/// The deviations of one message. Each kind is noted once a field, at its first occurrence, which
/// bounds the list whatever the input.
#[derive(Debug, Default)]
pub(crate) struct Deviations(Vec<Deviation>);

impl Deviations {
    /// Notes a deviation, unless the field already has one of this kind.
    pub(crate) fn note(
        &mut self,
        kind: DeviationKind,
        field: &'static str,
        rule: &'static str,
        found: &[u8],
    ) {
        let is_known = self
            .0
            .iter()
            .any(|known| known.kind == kind && known.field == field);
        if is_known {
            return;
        }
        let found = escape::excerpt(found, EXCERPT);
        self.0.push(Deviation {
            field,
            rule,
            kind,
            found,
        });
    }

    pub(crate) fn has(&self, kind: DeviationKind, field: &str) -> bool {
        self.0
            .iter()
            .any(|known| known.kind == kind && known.field == field)
    }

    pub(crate) fn into_vec(self) -> Vec<Deviation> {
        self.0
    }
}

impl From<Vec<Deviation>> for Deviations {
    fn from(list: Vec<Deviation>) -> Self {
        Self(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_each_kind_once_a_field() {
        let mut found = Deviations::default();
        found.note(DeviationKind::NonAscii, "Host", "rule", b"first");
        found.note(DeviationKind::NonAscii, "Host", "rule", b"second");
        found.note(DeviationKind::NonAscii, "Date", "rule", b"third");
        let found = found.into_vec();
        let texts: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            ["Host: rule (found first)", "Date: rule (found third)"]
        );
    }

    #[test]
    fn cuts_what_was_found_to_60_characters() {
        let mut found = Deviations::default();
        found.note(DeviationKind::StrayText, "nonce", "rule", &[0; 1000]);
        assert_eq!(
            found.into_vec()[0].found,
            format!("{}...", "\\x00".repeat(14))
        );
    }

    #[test]
    fn names_the_field_in_errors() {
        let error = DecodeError::BadValue {
            field: "nonce",
            why: "the padding is wrong",
        };
        assert_eq!(error.to_string(), "nonce: the padding is wrong");
        assert_eq!(
            DecodeError::MissingData("RAND").to_string(),
            "RAND: the data ends too early"
        );
    }
}
