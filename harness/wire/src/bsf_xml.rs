//! The document of a successful bootstrapping run, `application/vnd.3gpp.bsf+xml`
//! (TS 24.109 Annex C).
//!
//! ```text
//! BootstrappingInfo            namespace uri:3gpp-gba, children in this order
//!   btid                       xs:string
//!   lifetime                   xs:dateTime in UTC with Z
//!   Extension                  0 or 1; any elements
//!     currenttime              0 or 1; xs:dateTime in UTC with Z
//! ```

use roxmltree::Node;

use crate::btid::BTid;
use crate::date;
use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::xml::{self, XML_SPACE, escape_text, is_element, text_of};

const DOCUMENT: &str = "BootstrappingInfo";
const NAMESPACE: &str = "uri:3gpp-gba";
const BTID: &str = "btid";
const LIFETIME: &str = "lifetime";
const EXTENSION: &str = "Extension";
const CURRENT_TIME: &str = "currenttime";

/// What a bootstrapping document says.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BootstrappingInfo {
    /// The B-TID as text; empty if the document has none.
    pub btid: String,
    /// The end of the key's lifetime as text, an `xs:dateTime`; empty if the document has none.
    pub lifetime: String,
    /// The time of the BSF as text, an `xs:dateTime`.
    pub current_time: Option<String>,
}

impl BootstrappingInfo {
    /// Reads a document by its local names, whatever the prefixes, and ignores elements and
    /// attributes that it does not know (TS 24.109 Annex C). Values in the wrong place are taken
    /// and the deviation is listed. No document type definition is read, so no entity can expand.
    ///
    /// `TooLong` for more than 64 KiB, or more than 4096 nodes;
    /// `BadValue` for text that is not UTF-8 or not well-formed XML.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        let document = xml::parse(bytes, DOCUMENT)?;
        let mut reader = Reader {
            found: Deviations::default(),
        };
        let info = reader.info(document.root_element());
        Ok((info, reader.found.into_vec()))
    }

    /// The document in the form of the schema, with an XML declaration and one line end after
    /// each element. Characters that XML 1.0 cannot hold become U+FFFD.
    pub fn emit(&self) -> String {
        let extension = self.current_time.as_ref().map_or_else(String::new, |time| {
            let time = escape_text(time);
            format!(
                "  <{EXTENSION}>\n    <{CURRENT_TIME}>{time}</{CURRENT_TIME}>\n  </{EXTENSION}>\n"
            )
        });
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <{DOCUMENT} xmlns=\"{NAMESPACE}\">\n  \
             <{BTID}>{}</{BTID}>\n  \
             <{LIFETIME}>{}</{LIFETIME}>\n\
             {extension}\
             </{DOCUMENT}>\n",
            escape_text(&self.btid),
            escape_text(&self.lifetime),
        )
    }
}

struct Reader {
    found: Deviations,
}

impl Reader {
    fn info(&mut self, root: Node<'_, '_>) -> BootstrappingInfo {
        if root.tag_name().name() != DOCUMENT {
            let rule = "the root element is BootstrappingInfo (TS 24.109 Annex C)";
            self.found.note(
                Kind::WrongRoot,
                DOCUMENT,
                rule,
                root.tag_name().name().as_bytes(),
            );
        }
        self.check_namespace(root, DOCUMENT);
        self.check_order(root);
        let btid = self.required(root, BTID);
        let lifetime = self.required(root, LIFETIME);
        let current_time = self.current_time(root);
        self.check_values(&btid, &lifetime, current_time.as_deref());
        BootstrappingInfo {
            btid,
            lifetime: lifetime.trim_matches(XML_SPACE).to_owned(),
            current_time,
        }
    }

    fn required(&mut self, root: Node<'_, '_>, name: &'static str) -> String {
        if let Some(element) = self.only_child(root, name) {
            return text_of(element);
        }
        if let Some(value) = root.attributes().find(|attribute| attribute.name() == name) {
            let rule = "the value stands in an element (TS 24.109 Annex C)";
            self.found.note(
                Kind::AttributeInsteadOfElement,
                name,
                rule,
                value.value().as_bytes(),
            );
            return value.value().to_owned();
        }
        let deeper = root
            .descendants()
            .find(|node| is_element(*node, name) && *node != root);
        if let Some(deeper) = deeper {
            let rule = "the element is a child of the root (TS 24.109 Annex C)";
            self.found.note(
                Kind::MisplacedElement,
                name,
                rule,
                text_of(deeper).as_bytes(),
            );
            return text_of(deeper);
        }
        let rule = "the element is required (TS 24.109 Annex C)";
        self.found.note(Kind::MissingElement, name, rule, b"");
        String::new()
    }

    /// The first child with this name; a second one is a deviation. Children in the namespace of
    /// the schema hide others, which then are unknown elements and ignored.
    fn only_child<'a, 'input>(
        &mut self,
        parent: Node<'a, 'input>,
        name: &'static str,
    ) -> Option<Node<'a, 'input>> {
        let children = || parent.children().filter(|node| is_element(*node, name));
        let is_ours = |node: &Node<'_, '_>| node.tag_name().namespace() == Some(NAMESPACE);
        let first = children().find(is_ours).or_else(|| children().next())?;
        self.check_namespace(first, name);
        let namespace = first.tag_name().namespace();
        let second = children()
            .filter(|child| child.tag_name().namespace() == namespace)
            .nth(1);
        if let Some(second) = second {
            let rule = "the element is there once (TS 24.109 Annex C)";
            self.found.note(
                Kind::DuplicateElement,
                name,
                rule,
                text_of(second).as_bytes(),
            );
        }
        Some(first)
    }

    fn current_time(&mut self, root: Node<'_, '_>) -> Option<String> {
        let extension = self.only_child(root, EXTENSION);
        let in_place = extension.and_then(|extension| self.only_child(extension, CURRENT_TIME));
        if let Some(element) = in_place {
            return Some(text_of(element).trim_matches(XML_SPACE).to_owned());
        }
        let sibling = self.only_child(root, CURRENT_TIME)?;
        let rule = "currenttime stands inside of Extension (TS 24.109 Annex C)";
        self.found.note(
            Kind::MisplacedElement,
            CURRENT_TIME,
            rule,
            text_of(sibling).as_bytes(),
        );
        Some(text_of(sibling).trim_matches(XML_SPACE).to_owned())
    }

    fn check_namespace(&mut self, element: Node<'_, '_>, name: &'static str) {
        let namespace = element.tag_name().namespace().unwrap_or_default();
        if namespace != NAMESPACE {
            let rule = "the namespace is uri:3gpp-gba (TS 24.109 Annex C)";
            self.found
                .note(Kind::WrongNamespace, name, rule, namespace.as_bytes());
        }
    }

    fn check_order(&mut self, root: Node<'_, '_>) {
        let rank = |name: &str| {
            [BTID, LIFETIME, EXTENSION]
                .iter()
                .position(|known| *known == name)
        };
        let ranks: Vec<usize> = root
            .children()
            .filter(|child| child.tag_name().namespace() == root.tag_name().namespace())
            .filter_map(|child| rank(child.tag_name().name()))
            .collect();
        if !ranks.is_sorted() {
            let order = [BTID, LIFETIME, EXTENSION];
            let seen: Vec<&str> = ranks.into_iter().map(|rank| order[rank]).collect();
            let rule = "the order is btid, lifetime, Extension (TS 24.109 Annex C)";
            self.found
                .note(Kind::WrongOrder, DOCUMENT, rule, seen.join(" ").as_bytes());
        }
    }

    fn check_values(&mut self, btid: &str, lifetime: &str, current_time: Option<&str>) {
        // An element that is missing or in another place has its own deviation already.
        let is_missing = |found: &Deviations, name| found.has(Kind::MissingElement, name);
        let is_key = BTid::decode(btid.as_bytes()).is_ok_and(|btid| btid.rand().is_ok());
        if !is_key && !is_missing(&self.found, BTID) {
            let rule = "the B-TID is base64 of RAND, @, domain name (TS 33.220 4.5.2)";
            self.found.note(Kind::BadBTid, BTID, rule, btid.as_bytes());
        }
        let times = [(LIFETIME, Some(lifetime)), (CURRENT_TIME, current_time)];
        for (name, time) in times {
            let Some(time) = time.filter(|_| !is_missing(&self.found, name)) else {
                continue;
            };
            if date::parse_utc_date_time(time.trim_matches(XML_SPACE).as_bytes()).is_err() {
                let rule = "the time is an xs:dateTime in UTC with Z (TS 24.109 Annex C)";
                self.found
                    .note(Kind::TimeNotUtc, name, rule, time.as_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// The body of the computed flow of TS 24.109 clause A.3, 199 octets.
    const GOLDEN: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<BootstrappingInfo xmlns="uri:3gpp-gba">
  <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>
  <lifetime>2004-01-09T10:13:17Z</lifetime>
</BootstrappingInfo>
"#;
    const BTID_TEXT: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
    const LIFETIME_TEXT: &str = "2004-01-09T10:13:17Z";

    fn golden() -> BootstrappingInfo {
        BootstrappingInfo {
            btid: BTID_TEXT.to_owned(),
            lifetime: LIFETIME_TEXT.to_owned(),
            current_time: None,
        }
    }

    /// `{b}` and `{l}` in a test document stand for the two elements of the golden one.
    fn document(template: &str) -> String {
        template
            .replace("{b}", &format!("<btid>{BTID_TEXT}</btid>"))
            .replace("{l}", &format!("<lifetime>{LIFETIME_TEXT}</lifetime>"))
    }

    #[test]
    fn deconstructs() {
        assert_eq!(GOLDEN.len(), 199);
        assert_eq!(
            BootstrappingInfo::parse(GOLDEN.as_bytes()),
            Ok((golden(), vec![]))
        );
    }

    #[test]
    fn constructs() {
        assert_eq!(golden().emit(), GOLDEN);
    }

    #[test]
    fn constructs_with_the_current_time() {
        let current_time = Some("2004-01-08T10:13:17Z".to_owned());
        let info = BootstrappingInfo {
            current_time,
            ..golden()
        };
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<BootstrappingInfo xmlns="uri:3gpp-gba">
  <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>
  <lifetime>2004-01-09T10:13:17Z</lifetime>
  <Extension>
    <currenttime>2004-01-08T10:13:17Z</currenttime>
  </Extension>
</BootstrappingInfo>
"#;
        assert_eq!(info.emit(), expected);
        assert_eq!(
            BootstrappingInfo::parse(expected.as_bytes()),
            Ok((info, vec![]))
        );
    }

    #[rstest]
    #[case::prefix(
        "<gba:BootstrappingInfo xmlns:gba='uri:3gpp-gba'><gba:btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\
         </gba:btid><gba:lifetime>2004-01-09T10:13:17Z</gba:lifetime></gba:BootstrappingInfo>"
    )]
    #[case::foreign_attribute(
        "<BootstrappingInfo xmlns='uri:3gpp-gba' xmlns:x='urn:x' x:btid='1' other='2'>{b}{l}</BootstrappingInfo>"
    )]
    #[case::foreign_elements(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><y/>{b}<!-- c -->{l}<Extension><x:btid xmlns:x='urn:x'/>\
         <more>1</more></Extension></BootstrappingInfo>"
    )]
    #[case::foreign_namesake(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><x:btid xmlns:x='urn:x'>1</x:btid>{b}{l}</BootstrappingInfo>"
    )]
    #[case::comment_in_text(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><btid>I1U8vpY3qJ0hiuZNrke/NQ==<!-- c -->@bsf.home1.net</btid>\
         {l}</BootstrappingInfo>"
    )]
    #[case::blanks_around_lifetime(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'>{b}<lifetime>\n 2004-01-09T10:13:17Z </lifetime></BootstrappingInfo>"
    )]
    #[case::references(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><btid>I1U8vpY3qJ0hiuZNrke/NQ==&#64;bsf.home1.net</btid>{l}\
         </BootstrappingInfo>"
    )]
    #[case::byte_order_mark(
        "\u{feff}<BootstrappingInfo xmlns='uri:3gpp-gba'>{b}{l}</BootstrappingInfo>"
    )]
    fn ignores_what_receivers_ignore(#[case] template: &str) {
        let text = document(template);
        assert_eq!(
            BootstrappingInfo::parse(text.as_bytes()),
            Ok((golden(), vec![]))
        );
    }

    #[rstest]
    #[case::no_namespace(
        "<BootstrappingInfo>{b}{l}</BootstrappingInfo>",
        &[(DOCUMENT, Kind::WrongNamespace), (BTID, Kind::WrongNamespace), (LIFETIME, Kind::WrongNamespace)]
    )]
    #[case::urn(
        "<BootstrappingInfo xmlns='urn:3gpp-gba'>{b}{l}</BootstrappingInfo>",
        &[(DOCUMENT, Kind::WrongNamespace), (BTID, Kind::WrongNamespace), (LIFETIME, Kind::WrongNamespace)]
    )]
    #[case::unqualified_children(
        "<g:BootstrappingInfo xmlns:g='uri:3gpp-gba'>{b}{l}</g:BootstrappingInfo>",
        &[(BTID, Kind::WrongNamespace), (LIFETIME, Kind::WrongNamespace)]
    )]
    #[case::order(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'>{l}{b}</BootstrappingInfo>",
        &[(DOCUMENT, Kind::WrongOrder)]
    )]
    #[case::extension_first(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><Extension/>{b}{l}</BootstrappingInfo>",
        &[(DOCUMENT, Kind::WrongOrder)]
    )]
    #[case::root_name(
        "<bootstrappinginfo xmlns='uri:3gpp-gba'>{b}{l}</bootstrappinginfo>",
        &[(DOCUMENT, Kind::WrongRoot)]
    )]
    #[case::twice(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'>{b}{b}{l}</BootstrappingInfo>",
        &[(BTID, Kind::DuplicateElement)]
    )]
    #[case::attributes(
        "<BootstrappingInfo xmlns='uri:3gpp-gba' btid='I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net' \
         lifetime='2004-01-09T10:13:17Z'/>",
        &[(BTID, Kind::AttributeInsteadOfElement), (LIFETIME, Kind::AttributeInsteadOfElement)]
    )]
    #[case::deeper(
        "<BootstrappingInfo xmlns='uri:3gpp-gba'><info>{b}{l}</info></BootstrappingInfo>",
        &[(BTID, Kind::MisplacedElement), (LIFETIME, Kind::MisplacedElement)]
    )]
    fn names_the_deviation(#[case] template: &str, #[case] expected: &[(&str, Kind)]) {
        let text = document(template);
        let (info, found) = BootstrappingInfo::parse(text.as_bytes()).expect("XML");
        let found: Vec<(&str, Kind)> = found.iter().map(|one| (one.field, one.kind)).collect();
        assert_eq!((info, found.as_slice()), (golden(), expected));
    }

    #[rstest]
    #[case::no_btid("{l}", BTID, Kind::MissingElement)]
    #[case::no_lifetime("{b}", LIFETIME, Kind::MissingElement)]
    #[case::empty_btid("<btid/>{l}", BTID, Kind::BadBTid)]
    #[case::btid_in_hex(
        "<btid>23553cbe9637a89d218ae64dae47bf35@bsf.home1.net</btid>{l}",
        BTID,
        Kind::BadBTid
    )]
    #[case::btid_in_blanks(
        "<btid> I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net </btid>{l}",
        BTID,
        Kind::BadBTid
    )]
    #[case::offset(
        "{b}<lifetime>2004-01-09T12:13:17+02:00</lifetime>",
        LIFETIME,
        Kind::TimeNotUtc
    )]
    #[case::no_zone(
        "{b}<lifetime>2004-01-09T12:13:17</lifetime>",
        LIFETIME,
        Kind::TimeNotUtc
    )]
    #[case::seconds("{b}<lifetime>86400</lifetime>", LIFETIME, Kind::TimeNotUtc)]
    #[case::time_beside(
        "{b}{l}<currenttime>2004-01-09T10:13:17Z</currenttime>",
        CURRENT_TIME,
        Kind::MisplacedElement
    )]
    #[case::time_without_zone(
        "{b}{l}<Extension><currenttime>2004-01-09T10:13:17</currenttime></Extension>",
        CURRENT_TIME,
        Kind::TimeNotUtc
    )]
    fn names_what_is_wrong_with_a_value(
        #[case] children: &str,
        #[case] field: &str,
        #[case] kind: Kind,
    ) {
        let text = document(&format!(
            "<BootstrappingInfo xmlns='uri:3gpp-gba'>{children}</BootstrappingInfo>"
        ));
        let (_, found) = BootstrappingInfo::parse(text.as_bytes()).expect("XML");
        let found: Vec<(&str, Kind)> = found.iter().map(|one| (one.field, one.kind)).collect();
        assert_eq!(found, [(field, kind)]);
    }

    #[rstest]
    #[case::empty("")]
    #[case::not_xml("btid=1")]
    #[case::unfinished("<BootstrappingInfo>")]
    #[case::two_roots("<a/><b/>")]
    #[case::entities("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>")]
    #[case::external_entity("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>")]
    #[case::unknown_entity("<a>&b;</a>")]
    fn refuses_what_is_not_xml(#[case] text: &str) {
        let result = BootstrappingInfo::parse(text.as_bytes());
        assert!(
            matches!(
                result,
                Err(DecodeError::BadValue {
                    field: DOCUMENT,
                    ..
                })
            ),
            "{result:?}"
        );
    }

    #[test]
    fn refuses_text_that_is_not_utf_8() {
        let utf16: Vec<u8> = GOLDEN.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let result = BootstrappingInfo::parse(&[&[0xfe, 0xff], &utf16[..]].concat());
        let why = "the document is not UTF-8";
        assert_eq!(
            result,
            Err(DecodeError::BadValue {
                field: DOCUMENT,
                why
            })
        );
    }

    #[rstest]
    #[case::octets(format!("<a>{}</a>", "x".repeat(64 * 1024)))]
    #[case::nodes("<a/>".repeat(5000))]
    #[case::depth("<a>".repeat(5000))]
    fn refuses_what_is_too_large(#[case] inside: String) {
        let text = format!("<r>{inside}</r>");
        assert_eq!(
            BootstrappingInfo::parse(text.as_bytes()),
            Err(DecodeError::TooLong(DOCUMENT))
        );
    }

    #[test]
    fn escapes_markup_and_drops_control_characters() {
        let btid = "<a>&]]>\r\u{0}".to_owned();
        let info = BootstrappingInfo { btid, ..golden() };
        let text = info.emit();
        assert!(
            text.contains("<btid>&lt;a&gt;&amp;]]&gt;&#xD;\u{fffd}</btid>"),
            "{text}"
        );
        let (read, _) = BootstrappingInfo::parse(text.as_bytes()).expect("XML");
        assert_eq!(read.btid, "<a>&]]>\r\u{fffd}");
    }

    proptest! {
        #[test]
        fn round_trips(btid in "[^\\x00-\\x1f\u{fffe}\u{ffff}]{0,40}") {
            let info = BootstrappingInfo { btid, ..golden() };
            let read = BootstrappingInfo::parse(info.emit().as_bytes());
            prop_assert_eq!(read.map(|(read, _)| read), Ok(info));
        }

        #[test]
        fn refuses_or_reads_any_text(text in "(<|>|/|btid|lifetime|x|'|=|&|!|-| )*") {
            let _ = BootstrappingInfo::parse(text.as_bytes());
        }
    }
}
