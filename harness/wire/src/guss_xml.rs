//! User security settings: the whole of them, `guss`, as they go over Zh, and the `ussList` of single
//! services, as it goes over Zn (TS 29.109 Annex A).
//!
//! ```text
//! guss id=IMPI
//!   bsfInfo               0 or 1
//!     uiccType            0 or 1; GBA or GBA_U
//!     lifeTime            0 or 1; seconds
//!     securityFeatures    0 or more; text
//!   ussList               1 over Zh; the root over Zn
//!     uss id=GSID type=NUMBER nafGroup=TEXT    0 or more; nafGroup may be absent
//!       uids              1, with uid: public identities, 0 or more
//!       flags             0 or 1, with flag: numbers, 0 or more
//! ```

use roxmltree::Node;

use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::xml::{self, XML_SPACE, escape_attribute, escape_text, is_element, text_of};

const GUSS: &str = "guss";
const BSF_INFO: &str = "bsfInfo";
const UICC_TYPE: &str = "uiccType";
const LIFE_TIME: &str = "lifeTime";
const SECURITY_FEATURES: &str = "securityFeatures";
const USS_LIST: &str = "ussList";
const USS: &str = "uss";
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// All user security settings of a subscriber.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Guss {
    /// The private identity; empty if the document has none.
    pub id: String,
    /// What is for the BSF itself.
    pub bsf_info: BsfInfo,
    /// What is for its NAFs.
    pub uss_list: UssList,
}

/// The part of the settings that is for the BSF itself.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BsfInfo {
    /// What the card of the subscriber can do.
    pub uicc_type: Option<UiccType>,
    /// The lifetime of the keys in seconds.
    pub life_time: Option<u32>,
    /// The security features that the subscriber's equipment has.
    pub security_features: Vec<String>,
}

/// What a card can do.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum UiccType {
    /// `GBA_ME`: the keys are with the mobile equipment.
    Gba,
    /// `GBA_U`: Ks stays on the card.
    GbaU,
}

/// The settings for single services.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UssList(pub Vec<Uss>);

/// The settings for one service.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uss {
    /// The GAA service identifier (GSID) as text, a number; 1 is the PKI portal.
    pub id: String,
    /// The type of the service as text, a number.
    pub kind: String,
    /// The group of NAFs that they are for.
    pub naf_group: Option<String>,
    /// The identities under which the service knows the subscriber.
    pub uids: Vec<String>,
    /// The authorization flags as text, numbers.
    pub flags: Vec<String>,
}

impl Guss {
    /// Reads a document by its local names, whatever the prefixes, and ignores elements and
    /// attributes that it does not know. Values in the wrong place are taken and the deviation is
    /// listed. No document type definition is read, so no entity can expand.
    ///
    /// `TooLong` for more than 64 KiB, or more than 4096 nodes;
    /// `BadValue` for text that is not UTF-8 or not well-formed XML.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        let document = xml::parse(bytes, GUSS)?;
        let root = document.root_element();
        let mut reader = Reader::default();
        reader.check_root(root, GUSS);
        let guss = Self {
            id: reader.attribute(root, (GUSS, "id"), "guss id"),
            bsf_info: reader.bsf_info(root),
            uss_list: reader.uss_list(root),
        };
        Ok((guss, reader.found.into_vec()))
    }

    /// The document in the form of the schema, with an XML declaration and one line end after each
    /// element. Characters that XML 1.0 cannot hold become U+FFFD.
    pub fn emit(&self) -> String {
        format!(
            "{DECLARATION}<{GUSS} id=\"{}\">\n{}{}</{GUSS}>\n",
            escape_attribute(&self.id),
            self.bsf_info.emit("  "),
            self.uss_list.element("  "),
        )
    }
}

impl BsfInfo {
    fn emit(&self, indent: &str) -> String {
        if *self == Self::default() {
            return String::new();
        }
        let element = |name: &str, value: &str| {
            format!("{indent}  <{name}>{}</{name}>\n", escape_text(value))
        };
        let uicc = self.uicc_type.map(|kind| element(UICC_TYPE, kind.as_str()));
        let life = self
            .life_time
            .map(|life| element(LIFE_TIME, &life.to_string()));
        let features = self.security_features.iter();
        let features: String = features
            .map(|feature| element(SECURITY_FEATURES, feature))
            .collect();
        format!(
            "{indent}<{BSF_INFO}>\n{}{}{features}{indent}</{BSF_INFO}>\n",
            uicc.unwrap_or_default(),
            life.unwrap_or_default(),
        )
    }
}

impl UiccType {
    /// The word of the schema: `GBA` or `GBA_U`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gba => "GBA",
            Self::GbaU => "GBA_U",
        }
    }

    /// The type with this word.
    pub fn named(word: &str) -> Option<Self> {
        [Self::Gba, Self::GbaU]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl UssList {
    /// Reads the document of Zn as [`Guss::parse`] does that of Zh.
    ///
    /// Errors are those of [`Guss::parse`].
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        let document = xml::parse(bytes, USS_LIST)?;
        let root = document.root_element();
        let mut reader = Reader::default();
        reader.check_root(root, USS_LIST);
        let list = if is_element(root, USS_LIST) {
            reader.list(root)
        } else {
            reader.uss_list(root)
        };
        Ok((list, reader.found.into_vec()))
    }

    /// The document of Zn, in the form of [`Guss::emit`].
    pub fn emit(&self) -> String {
        format!("{DECLARATION}{}", self.element(""))
    }

    /// The settings of these services only, in their order here.
    #[must_use]
    pub fn of_services(&self, gsids: &[&str]) -> Self {
        let is_asked_for = |uss: &&Uss| gsids.contains(&uss.id.as_str());
        Self(self.0.iter().filter(is_asked_for).cloned().collect())
    }

    fn element(&self, indent: &str) -> String {
        let inner = format!("{indent}  ");
        let list: String = self.0.iter().map(|uss| uss.element(&inner)).collect();
        format!("{indent}<{USS_LIST}>\n{list}{indent}</{USS_LIST}>\n")
    }
}

impl Uss {
    fn element(&self, indent: &str) -> String {
        let group = self.naf_group.as_ref().map_or_else(String::new, |group| {
            format!(" nafGroup=\"{}\"", escape_attribute(group))
        });
        let list = |outer: &str, name: &str, values: &[String]| {
            let values = values.iter().map(|value| {
                let value = escape_text(value);
                format!("{indent}    <{name}>{value}</{name}>\n")
            });
            let values: String = values.collect();
            format!("{indent}  <{outer}>\n{values}{indent}  </{outer}>\n")
        };
        let flags = if self.flags.is_empty() {
            String::new()
        } else {
            list("flags", "flag", &self.flags)
        };
        format!(
            "{indent}<{USS} id=\"{}\" type=\"{}\"{group}>\n{}{flags}{indent}</{USS}>\n",
            escape_attribute(&self.id),
            escape_attribute(&self.kind),
            list("uids", "uid", &self.uids),
        )
    }
}

#[derive(Default)]
struct Reader {
    found: Deviations,
}

impl Reader {
    fn check_root(&mut self, root: Node<'_, '_>, name: &'static str) {
        let found = root.tag_name().name();
        if found != name {
            let rule = "the root is guss over Zh, ussList over Zn (TS 29.109 Annex A)";
            self.found
                .note(Kind::WrongRoot, name, rule, found.as_bytes());
        }
    }

    /// The value of an attribute; that of a child of this name where there is none.
    fn attribute(
        &mut self,
        element: Node<'_, '_>,
        (owner, name): (&str, &str),
        field: &'static str,
    ) -> String {
        if let Some(value) = element
            .attribute(name)
            .filter(|_| is_element(element, owner))
        {
            return value.trim_matches(XML_SPACE).to_owned();
        }
        let rule = "the attribute is required (TS 29.109 Annex A)";
        self.found.note(Kind::MissingAttribute, field, rule, b"");
        let child = element.children().find(|child| is_element(*child, name));
        child.map_or_else(String::new, |child| {
            text_of(child).trim_matches(XML_SPACE).to_owned()
        })
    }

    /// The only child with this name; a second one is a deviation, one in another place as well.
    fn child<'a, 'input>(
        &mut self,
        parent: Node<'a, 'input>,
        name: &'static str,
    ) -> Option<Node<'a, 'input>> {
        let mut children = parent.children().filter(|child| is_element(*child, name));
        if let Some(first) = children.next() {
            if let Some(second) = children.next() {
                let rule = "the element is there once (TS 29.109 Annex A)";
                let text = text_of(second);
                self.found
                    .note(Kind::DuplicateElement, name, rule, text.as_bytes());
            }
            return Some(first);
        }
        let deeper = parent
            .descendants()
            .find(|node| is_element(*node, name) && *node != parent)?;
        let rule = "the element stands where the schema has it (TS 29.109 Annex A)";
        let text = text_of(deeper);
        self.found
            .note(Kind::MisplacedElement, name, rule, text.as_bytes());
        Some(deeper)
    }

    fn bsf_info(&mut self, root: Node<'_, '_>) -> BsfInfo {
        let Some(info) = self.child(root, BSF_INFO) else {
            return BsfInfo::default();
        };
        let uicc_type = self.child(info, UICC_TYPE).and_then(|element| {
            let text = text_of(element);
            let word = text.trim_matches(XML_SPACE);
            let known = UiccType::named(word);
            if known.is_none() {
                let rule = "uiccType is GBA or GBA_U (TS 29.109 Annex A)";
                self.found
                    .note(Kind::UnknownWord, UICC_TYPE, rule, word.as_bytes());
            }
            known
        });
        let life_time = self
            .child(info, LIFE_TIME)
            .and_then(|element| self.number(LIFE_TIME, &text_of(element)));
        let features = info.children();
        let features = features.filter(|child| is_element(*child, SECURITY_FEATURES));
        BsfInfo {
            uicc_type,
            life_time,
            security_features: features.map(text_of).collect(),
        }
    }

    fn uss_list(&mut self, root: Node<'_, '_>) -> UssList {
        if is_element(root, USS_LIST) {
            return self.list(root);
        }
        if let Some(list) = self.child(root, USS_LIST) {
            return self.list(list);
        }
        let rule = "the element is required (TS 29.109 Annex A)";
        self.found.note(Kind::MissingElement, USS_LIST, rule, b"");
        UssList::default()
    }

    fn list(&mut self, list: Node<'_, '_>) -> UssList {
        let settings = list.children().filter(|child| is_element(*child, USS));
        UssList(settings.map(|uss| self.uss(uss)).collect())
    }

    fn uss(&mut self, uss: Node<'_, '_>) -> Uss {
        let id = self.attribute(uss, (USS, "id"), "uss id");
        let kind = self.attribute(uss, (USS, "type"), "uss type");
        for (field, text) in [("uss id", &id), ("uss type", &kind)] {
            if !text.is_empty() {
                self.number(field, text);
            }
        }
        let flags = self.texts(uss, "flags", "flag");
        for flag in &flags {
            self.number("flag", flag);
        }
        Uss {
            id,
            kind,
            naf_group: uss.attribute("nafGroup").map(str::to_owned),
            uids: self.texts(uss, "uids", "uid"),
            flags,
        }
    }

    /// The texts of the elements in a list, without the blanks around them.
    fn texts(&mut self, uss: Node<'_, '_>, list: &'static str, name: &'static str) -> Vec<String> {
        let Some(list) = self.child(uss, list) else {
            return Vec::new();
        };
        let elements = list.children().filter(|child| is_element(*child, name));
        elements
            .map(|element| text_of(element).trim_matches(XML_SPACE).to_owned())
            .collect()
    }

    fn number(&mut self, field: &'static str, text: &str) -> Option<u32> {
        let digits = text.trim_matches(XML_SPACE);
        let is_plain = digits.bytes().all(|octet| octet.is_ascii_digit());
        let number = digits.parse().ok().filter(|_| is_plain);
        if number.is_none() {
            let rule = "the value is a number in decimal digits (TS 29.109 Annex A)";
            self.found
                .note(Kind::BadNumber, field, rule, text.as_bytes());
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const WHOLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<guss id="user1_private@home1.net">
  <bsfInfo>
    <uiccType>GBA_U</uiccType>
    <lifeTime>86400</lifeTime>
  </bsfInfo>
  <ussList>
    <uss id="1" type="1">
      <uids>
        <uid>sip:user1_public1@home1.net</uid>
        <uid>sip:user1_public2@home1.net</uid>
      </uids>
      <flags>
        <flag>1</flag>
      </flags>
    </uss>
    <uss id="2" type="0" nafGroup="A">
      <uids>
      </uids>
    </uss>
  </ussList>
</guss>
"#;
    const LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ussList>
  <uss id="2" type="0" nafGroup="A">
    <uids>
    </uids>
  </uss>
</ussList>
"#;

    fn whole() -> Guss {
        let first = Uss {
            id: "1".to_owned(),
            kind: "1".to_owned(),
            naf_group: None,
            uids: ["sip:user1_public1@home1.net", "sip:user1_public2@home1.net"]
                .map(str::to_owned)
                .into(),
            flags: vec!["1".to_owned()],
        };
        let second = Uss {
            id: "2".to_owned(),
            kind: "0".to_owned(),
            naf_group: Some("A".to_owned()),
            ..Uss::default()
        };
        Guss {
            id: "user1_private@home1.net".to_owned(),
            bsf_info: BsfInfo {
                uicc_type: Some(UiccType::GbaU),
                life_time: Some(86_400),
                security_features: Vec::new(),
            },
            uss_list: UssList(vec![first, second]),
        }
    }

    fn kinds(found: &[Deviation]) -> Vec<(&'static str, Kind)> {
        found
            .iter()
            .map(|found| (found.field, found.kind))
            .collect()
    }

    #[test]
    fn deconstructs() {
        assert_eq!(Guss::parse(WHOLE.as_bytes()), Ok((whole(), vec![])));
        let list = whole().uss_list.of_services(&["2", "7"]);
        assert_eq!(UssList::parse(LIST.as_bytes()), Ok((list, vec![])));
    }

    #[test]
    fn constructs() {
        assert_eq!(whole().emit(), WHOLE);
        assert_eq!(whole().uss_list.of_services(&["2", "7"]).emit(), LIST);
    }

    #[test]
    fn leaves_out_what_is_not_known() {
        let guss = Guss {
            id: "\"<&>\"".to_owned(),
            ..Guss::default()
        };
        let written = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                       <guss id=\"&quot;&lt;&amp;&gt;&quot;\">\n  <ussList>\n  </ussList>\n</guss>\n";
        assert_eq!(guss.emit(), written);
        assert_eq!(Guss::parse(written.as_bytes()), Ok((guss, vec![])));
    }

    #[rstest]
    #[case::prefixes("<g:guss xmlns:g='urn:g' id='a'><g:ussList/></g:guss>")]
    #[case::foreign_elements(
        "<guss id='a'><x/><bsfInfo><y/></bsfInfo><ussList><z/></ussList></guss>"
    )]
    #[case::comments("<guss id='a'><!-- c --><ussList><!-- c --></ussList></guss>")]
    #[case::blanks("<guss id=' a '>\n<ussList>\n</ussList>\n</guss>")]
    fn ignores_what_receivers_ignore(#[case] text: &str) {
        let guss = Guss {
            id: "a".to_owned(),
            ..Guss::default()
        };
        assert_eq!(Guss::parse(text.as_bytes()), Ok((guss, vec![])));
    }

    #[rstest]
    #[case::root("<gus id='a'><ussList/></gus>", &[(GUSS, Kind::WrongRoot), ("guss id", Kind::MissingAttribute)])]
    #[case::list_as_root("<ussList/>", &[(GUSS, Kind::WrongRoot), ("guss id", Kind::MissingAttribute)])]
    #[case::no_id("<guss><ussList/></guss>", &[("guss id", Kind::MissingAttribute)])]
    #[case::no_list("<guss id='a'/>", &[(USS_LIST, Kind::MissingElement)])]
    #[case::two_lists("<guss id='a'><ussList/><ussList/></guss>", &[(USS_LIST, Kind::DuplicateElement)])]
    #[case::list_too_deep("<guss id='a'><x><ussList/></x></guss>", &[(USS_LIST, Kind::MisplacedElement)])]
    #[case::lifetime_outside(
        "<guss id='a'><bsfInfo><x><lifeTime>60</lifeTime></x></bsfInfo><ussList/></guss>",
        &[(LIFE_TIME, Kind::MisplacedElement)]
    )]
    #[case::lifetime_as_time(
        "<guss id='a'><bsfInfo><lifeTime>2004-01-09T10:13:17Z</lifeTime></bsfInfo><ussList/></guss>",
        &[(LIFE_TIME, Kind::BadNumber)]
    )]
    #[case::lifetime_too_long(
        "<guss id='a'><bsfInfo><lifeTime>4294967296</lifeTime></bsfInfo><ussList/></guss>",
        &[(LIFE_TIME, Kind::BadNumber)]
    )]
    #[case::lifetime_with_sign(
        "<guss id='a'><bsfInfo><lifeTime>+60</lifeTime></bsfInfo><ussList/></guss>",
        &[(LIFE_TIME, Kind::BadNumber)]
    )]
    #[case::uicc_type(
        "<guss id='a'><bsfInfo><uiccType>gba-u</uiccType></bsfInfo><ussList/></guss>",
        &[(UICC_TYPE, Kind::UnknownWord)]
    )]
    #[case::uss_without_id(
        "<guss id='a'><ussList><uss type='1'/></ussList></guss>",
        &[("uss id", Kind::MissingAttribute)]
    )]
    #[case::name_as_id(
        "<guss id='a'><ussList><uss id='pki' type='1'/></ussList></guss>",
        &[("uss id", Kind::BadNumber)]
    )]
    #[case::flag(
        "<guss id='a'><ussList><uss id='1' type='1'><flags><flag>x</flag></flags></uss></ussList></guss>",
        &[("flag", Kind::BadNumber)]
    )]
    fn names_what_is_wrong(#[case] text: &str, #[case] expected: &[(&str, Kind)]) {
        let (_, found) = Guss::parse(text.as_bytes()).expect("XML");
        assert_eq!(kinds(&found), expected);
    }

    #[test]
    fn names_a_whole_guss_in_the_place_of_a_list() {
        let (list, found) = UssList::parse(WHOLE.as_bytes()).expect("XML");
        assert_eq!(list, whole().uss_list);
        assert_eq!(kinds(&found), [(USS_LIST, Kind::WrongRoot)]);
    }

    #[rstest]
    #[case::empty("")]
    #[case::unfinished("<guss>")]
    #[case::entities("<!DOCTYPE a [<!ENTITY b 'c'>]><guss>&b;</guss>")]
    fn refuses_what_is_not_xml(#[case] text: &str) {
        let result = Guss::parse(text.as_bytes());
        assert!(
            matches!(result, Err(DecodeError::BadValue { field: GUSS, .. })),
            "{result:?}"
        );
    }

    #[rstest]
    #[case::octets("x".repeat(64 * 1024))]
    #[case::nodes("<a/>".repeat(5000))]
    fn refuses_what_is_too_large(#[case] inside: String) {
        let text = format!("<ussList>{inside}</ussList>");
        let too_long = Err(DecodeError::TooLong(USS_LIST));
        assert_eq!(UssList::parse(text.as_bytes()), too_long);
    }

    proptest! {
        #[test]
        fn round_trips(id in "[^\\x00-\\x20\u{fffe}\u{ffff}]{0,20}", life_time: Option<u32>) {
            let mut guss = whole();
            (guss.id, guss.bsf_info.life_time) = (id, life_time);
            let read = Guss::parse(guss.emit().as_bytes());
            prop_assert_eq!(read.map(|(read, _)| read), Ok(guss));
        }

        #[test]
        fn refuses_or_reads_any_text(text in "(<|>|/|guss|ussList|uss|id|x|'|=|&|!|-| )*") {
            let _ = Guss::parse(text.as_bytes());
            let _ = UssList::parse(text.as_bytes());
        }
    }
}
