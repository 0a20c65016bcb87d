//! The web service of Zn: operation `requestBootstrappingInfo` in envelopes of SOAP 1.1
//! (TS 29.109).
//!
//! ```text
//! Envelope / Body
//!   requestBootstrappingInfoRequest    btid, nafid (base64 of name and 5 octets), gsid*, gbaUAware?
//!   requestBootstrappingInfoResponse   impi?, meKeyMaterial (base64), uiccKeyMaterial?,
//!                                      keyExpiryTime?, bootstrappingInfoCreationTime?
//!   Fault                              faultcode, faultstring
//! ```
//!
//! Which namespace and which form of the settings for services the document has is an open question:
//! elements are known by their local names, both namespaces that are in use count as right, and
//! settings are not read.

use roxmltree::Node;

use crate::base64;
use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::sbi::{Undisclosed, date_time};
use crate::xml::{self, XML_SPACE, escape_text, is_element, text_of};

/// The media type of every message (SOAP 1.1 clause 6.1).
pub const MEDIA_TYPE: &str = "text/xml";
/// The namespaces of the operation that are in use.
pub const NAMESPACES: [&str; 2] = ["http://www.3gpp.org/GBAService", "urn:3gpp:gba:GBAService"];

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const ENVELOPE: &str = "Envelope";
const BODY: &str = "Body";
/// The name of the operation, and how each of its elements begins.
const OPERATION: &str = "requestBootstrappingInfo";
const RESPONSE: &str = "requestBootstrappingInfoResponse";
const FAULT: &str = "Fault";
const BTID: &str = "btid";
const NAF_ID: &str = "nafid";
const GSID: &str = "gsid";
const AWARE: &str = "gbaUAware";
const IMPI: &str = "impi";
const ME_KEY: &str = "meKeyMaterial";
const UICC_KEY: &str = "uiccKeyMaterial";
const EXPIRY: &str = "keyExpiryTime";
const CREATED: &str = "bootstrappingInfoCreationTime";
const FAULT_CODE: &str = "faultcode";
const FAULT_STRING: &str = "faultstring";
/// The octets of `Ks_NAF` (TS 33.220 Annex B).
const KEY: usize = 32;
/// The most services that are read.
const GSIDS: usize = 64;

/// What a NAF asks.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InfoRequest {
    /// The B-TID as text; empty if there is none.
    pub btid: String,
    /// The NAF-Id, name and five octets; empty if there is none, or if it is not in base64.
    pub naf_id: Vec<u8>,
    /// The services whose settings it wants.
    pub gsids: Vec<String>,
    /// Whether it knows `GBA_U`.
    pub gba_u_aware: Option<bool>,
}

/// What a BSF tells about a session.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InfoResponse {
    /// The private identity of the user.
    pub impi: Option<String>,
    /// `Ks_(ext)_NAF`: 32 octets if it is correct, none if it is not there.
    pub me_key_material: Undisclosed,
    /// `Ks_int_NAF`, of a session of `GBA_U`.
    pub uicc_key_material: Option<Undisclosed>,
    /// The end of the key's lifetime as text, an `xs:dateTime`.
    pub key_expiry_time: Option<String>,
    /// The time of bootstrapping as text, an `xs:dateTime`.
    pub bootstrapping_info_creation_time: Option<String>,
}

/// Why there is no such answer (SOAP 1.1 clause 4.4).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Fault {
    /// The code with its prefix, such as `soap:Client`.
    pub code: String,
    /// The reason for people.
    pub text: String,
}

impl InfoRequest {
    /// Reads an envelope. A value that is not there or cannot be understood is empty; elements that
    /// are not known are ignored.
    ///
    /// `TooLong` for more than 64 KiB, or more than 4096 nodes; `BadValue` for what is not
    /// well-formed XML, no envelope, or holds something else.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        let is_one = |name: &str| name.starts_with(OPERATION) && name != RESPONSE;
        parse(bytes, is_one, |reader, operation| {
            reader.check_namespace(operation, &NAMESPACES, OPERATION);
            reader.require(operation, &[BTID, NAF_ID]);
            Self {
                btid: reader.text(operation, BTID).unwrap_or_default(),
                naf_id: reader.base64(operation, NAF_ID).unwrap_or_default(),
                gsids: children(operation, GSID).take(GSIDS).map(text).collect(),
                gba_u_aware: reader.boolean(operation, AWARE),
            }
        })
    }

    /// The envelope, in the first of [`NAMESPACES`].
    pub fn emit(&self) -> String {
        let gsids: String = self.gsids.iter().map(|id| element(GSID, id)).collect();
        let aware = self.gba_u_aware.map(|is| is.to_string());
        operation(
            "requestBootstrappingInfoRequest",
            &[
                element(BTID, &self.btid),
                element(NAF_ID, &base64::encode(&self.naf_id)),
                gsids,
                maybe(AWARE, aware.as_deref()),
            ],
        )
    }
}

impl InfoResponse {
    /// Reads an envelope, as [`InfoRequest::parse`] does.
    ///
    /// The errors are the same.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        parse(
            bytes,
            |name| name == RESPONSE,
            |reader, operation| {
                reader.check_namespace(operation, &NAMESPACES, OPERATION);
                reader.require(operation, &[ME_KEY]);
                Self {
                    impi: reader.text(operation, IMPI),
                    me_key_material: reader.key(operation, ME_KEY).unwrap_or_default(),
                    uicc_key_material: reader.key(operation, UICC_KEY),
                    key_expiry_time: reader.time(operation, EXPIRY),
                    bootstrapping_info_creation_time: reader.time(operation, CREATED),
                }
            },
        )
    }

    /// The envelope, in the first of [`NAMESPACES`].
    pub fn emit(&self) -> String {
        let key = |key: &Undisclosed| base64::encode(&key.0);
        let uicc_key = self.uicc_key_material.as_ref().map(key);
        let created = self.bootstrapping_info_creation_time.as_deref();
        operation(
            RESPONSE,
            &[
                maybe(IMPI, self.impi.as_deref()),
                element(ME_KEY, &key(&self.me_key_material)),
                maybe(UICC_KEY, uicc_key.as_deref()),
                maybe(EXPIRY, self.key_expiry_time.as_deref()),
                maybe(CREATED, created),
            ],
        )
    }
}

impl Fault {
    /// Reads an envelope, as [`InfoRequest::parse`] does.
    ///
    /// The errors are the same.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        parse(
            bytes,
            |name| name == FAULT,
            |reader, fault| {
                reader.check_namespace(fault, &[SOAP], FAULT);
                reader.require(fault, &[FAULT_CODE, FAULT_STRING]);
                Self {
                    code: reader.text(fault, FAULT_CODE).unwrap_or_default(),
                    text: reader.text(fault, FAULT_STRING).unwrap_or_default(),
                }
            },
        )
    }

    /// The envelope. The prefix of SOAP in it is `soap`.
    pub fn emit(&self) -> String {
        let (code, text) = (
            element(FAULT_CODE, &self.code),
            element(FAULT_STRING, &self.text),
        );
        envelope(&format!("<soap:{FAULT}>{code}{text}</soap:{FAULT}>"))
    }
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape_text(text))
}

fn maybe(name: &str, text: Option<&str>) -> String {
    text.map_or_else(String::new, |text| element(name, text))
}

fn operation(name: &str, children: &[String]) -> String {
    let namespace = NAMESPACES[0];
    let children = children.concat();
    envelope(&format!(
        "<{name} xmlns=\"{namespace}\">{children}</{name}>"
    ))
}

fn envelope(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soap:{ENVELOPE} xmlns:soap=\"{SOAP}\"><soap:{BODY}>{inside}</soap:{BODY}></soap:{ENVELOPE}>\n"
    )
}

/// Reads the element with such a name in the body of an envelope.
fn parse<T>(
    bytes: &[u8],
    is_one: impl Fn(&str) -> bool,
    read: impl FnOnce(&mut Reader, Node<'_, '_>) -> T,
) -> Result<(T, Vec<Deviation>), DecodeError> {
    let document = xml::parse(bytes, ENVELOPE)?;
    let bad = |why| DecodeError::BadValue {
        field: ENVELOPE,
        why,
    };
    let root = document.root_element();
    if !is_element(root, ENVELOPE) {
        return Err(bad("the root is no Envelope"));
    }
    let body = children(root, BODY).next();
    let body = body.ok_or_else(|| bad("the Envelope has no Body"))?;
    let inside = body
        .children()
        .find(|node| node.is_element() && is_one(node.tag_name().name()));
    let inside = inside.ok_or_else(|| bad("the Body holds something else"))?;
    let mut reader = Reader::default();
    reader.check_namespace(root, &[SOAP], ENVELOPE);
    let value = read(&mut reader, inside);
    Ok((value, reader.0.into_vec()))
}

fn children<'a, 'input>(
    parent: Node<'a, 'input>,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'input>> {
    let all = parent.children();
    all.filter(move |node| is_element(*node, name))
}

fn text(element: Node<'_, '_>) -> String {
    text_of(element).trim_matches(XML_SPACE).to_owned()
}

#[derive(Default)]
struct Reader(Deviations);

impl Reader {
    fn check_namespace(&mut self, node: Node<'_, '_>, known: &[&str], name: &'static str) {
        let namespace = node.tag_name().namespace().unwrap_or_default();
        if !known.contains(&namespace) {
            let rule = "the namespace is that of SOAP 1.1 or of the service (TS 29.109)";
            self.0
                .note(Kind::WrongNamespace, name, rule, namespace.as_bytes());
        }
    }

    fn require(&mut self, parent: Node<'_, '_>, names: &[&'static str]) {
        for name in names {
            if children(parent, name).next().is_none() {
                let rule = "the element is required (TS 29.109)";
                self.0.note(Kind::MissingElement, name, rule, b"");
            }
        }
    }

    /// The text of the first child with this name; a second one is a deviation.
    fn text(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<String> {
        let mut found = children(parent, name);
        let first = found.next()?;
        if let Some(second) = found.next() {
            let rule = "the element is there once (TS 29.109)";
            self.0
                .note(Kind::DuplicateElement, name, rule, text(second).as_bytes());
        }
        Some(text(first))
    }

    fn base64(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<Vec<u8>> {
        // A writer may break the lines of base64 (XML Schema part 2, clause 3.2.16).
        let text = self.text(parent, name)?.replace(XML_SPACE, "");
        let octets = base64::decode(name, text.as_bytes()).ok();
        if octets.is_none() {
            let rule = "the octets are written in base64 (TS 29.109)";
            self.0.note(Kind::BadBase64, name, rule, text.as_bytes());
        }
        octets
    }

    fn key(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<Undisclosed> {
        let octets = self.base64(parent, name)?;
        if octets.len() != KEY {
            let rule = "the key has 32 octets (TS 33.220 Annex B)";
            let length = octets.len().to_string();
            self.0.note(Kind::BadNumber, name, rule, length.as_bytes());
        }
        Some(Undisclosed::from(octets))
    }

    fn boolean(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<bool> {
        let text = self.text(parent, name)?;
        match text.as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => {
                let rule = "the value is true or false (XML Schema part 2, clause 3.2.2)";
                self.0.note(Kind::UnknownWord, name, rule, text.as_bytes());
                text.to_ascii_lowercase().parse().ok()
            }
        }
    }

    fn time(&mut self, parent: Node<'_, '_>, name: &'static str) -> Option<String> {
        let text = self.text(parent, name)?;
        if date_time(&text).is_err() {
            let rule = "the time is an xs:dateTime with its zone (XML Schema part 2, clause 3.2.7)";
            self.0.note(Kind::BadTime, name, rule, text.as_bytes());
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    const BTID_TEXT: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

    /// The name `naf1.home1.net` and the octets 01 00 00 00 00.
    const NAF_ID_OCTETS: &[u8] = b"naf1.home1.net\x01\0\0\0\0";

    const REQUEST: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
        <requestBootstrappingInfoRequest xmlns=\"http://www.3gpp.org/GBAService\">\
        <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>\
        <nafid>bmFmMS5ob21lMS5uZXQBAAAAAA==</nafid><gsid>0</gsid><gsid>1</gsid>\
        <gbaUAware>false</gbaUAware></requestBootstrappingInfoRequest></soap:Body></soap:Envelope>\n";

    const RESPONSE_TEXT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
        <requestBootstrappingInfoResponse xmlns=\"http://www.3gpp.org/GBAService\">\
        <impi>user1_private@home1.net</impi>\
        <meKeyMaterial>WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=</meKeyMaterial>\
        <keyExpiryTime>2004-01-09T10:13:17Z</keyExpiryTime>\
        </requestBootstrappingInfoResponse></soap:Body></soap:Envelope>\n";

    fn request() -> InfoRequest {
        InfoRequest {
            btid: BTID_TEXT.to_owned(),
            naf_id: NAF_ID_OCTETS.to_vec(),
            gsids: vec!["0".to_owned(), "1".to_owned()],
            gba_u_aware: Some(false),
        }
    }

    fn response() -> InfoResponse {
        InfoResponse {
            impi: Some("user1_private@home1.net".to_owned()),
            me_key_material: Undisclosed::from([0x5a; 32]),
            key_expiry_time: Some("2004-01-09T10:13:17Z".to_owned()),
            ..InfoResponse::default()
        }
    }

    #[test]
    fn a_request_is_read_and_written() {
        let read = InfoRequest::parse(REQUEST.as_bytes());
        assert_eq!(read, Ok((request(), vec![])));
        assert_eq!(request().emit(), REQUEST);
    }

    #[test]
    fn a_response_is_read_and_written() {
        let read = InfoResponse::parse(RESPONSE_TEXT.as_bytes());
        assert_eq!(read, Ok((response(), vec![])));
        assert_eq!(response().emit(), RESPONSE_TEXT);
    }

    #[test]
    fn a_fault_is_read_and_written() {
        let fault = Fault {
            code: "soap:Client".to_owned(),
            text: "a < b".to_owned(),
        };
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
            <soap:Fault><faultcode>soap:Client</faultcode><faultstring>a &lt; b</faultstring>\
            </soap:Fault></soap:Body></soap:Envelope>\n";
        assert_eq!(fault.emit(), expected);
        assert_eq!(Fault::parse(expected.as_bytes()), Ok((fault, vec![])));
    }

    #[rstest]
    #[case::other_namespace("http://www.3gpp.org/GBAService", "urn:3gpp:gba:GBAService")]
    #[case::name_of_the_operation("requestBootstrappingInfoRequest", "requestBootstrappingInfo")]
    #[case::unknown_element("<gsid>0", "<x:y xmlns:x='urn:x'><btid/></x:y><gsid>0")]
    #[case::header("<soap:Body>", "<soap:Header><btid>1</btid></soap:Header><soap:Body>")]
    #[case::no_declaration("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "")]
    #[case::broken_base64("bmFmMS5o", "\n  bmFm\r\n\tMS5o")]
    #[case::number("false", "0")]
    fn what_receivers_accept(#[case] from: &str, #[case] to: &str) {
        let text = REQUEST.replace(from, to);
        assert_eq!(InfoRequest::parse(text.as_bytes()), Ok((request(), vec![])));
    }

    #[rstest]
    #[case::soap_1_2(
        "http://schemas.xmlsoap.org/soap/envelope/",
        "http://www.w3.org/2003/05/soap-envelope",
        ENVELOPE,
        Kind::WrongNamespace
    )]
    #[case::namespace(
        "http://www.3gpp.org/GBAService",
        "urn:x",
        OPERATION,
        Kind::WrongNamespace
    )]
    #[case::plain_text(
        "bmFmMS5ob21lMS5uZXQBAAAAAA==",
        "naf1.home1.net",
        NAF_ID,
        Kind::BadBase64
    )]
    #[case::no_btid("btid>", "tid>", BTID, Kind::MissingElement)]
    #[case::two_of_them("<gsid>0", "<btid>2</btid><gsid>0", BTID, Kind::DuplicateElement)]
    #[case::upper_case("false", "False", AWARE, Kind::UnknownWord)]
    fn names_the_deviation(
        #[case] from: &str,
        #[case] to: &str,
        #[case] field: &str,
        #[case] kind: Kind,
    ) {
        let text = REQUEST.replace(from, to);
        let (_, found) = InfoRequest::parse(text.as_bytes()).expect("an envelope");
        let found: Vec<(&str, Kind)> = found.iter().map(|one| (one.field, one.kind)).collect();
        assert_eq!(found, [(field, kind)]);
    }

    #[rstest]
    #[case::short_key(
        "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=",
        "Wlo=",
        Kind::BadNumber
    )]
    #[case::hex(
        "WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=",
        "5a5a5",
        Kind::BadBase64
    )]
    #[case::time("2004-01-09T10:13:17Z", "86400", Kind::BadTime)]
    fn names_what_is_wrong_with_an_answer(
        #[case] from: &str,
        #[case] to: &str,
        #[case] kind: Kind,
    ) {
        let text = RESPONSE_TEXT.replace(from, to);
        let (_, found) = InfoResponse::parse(text.as_bytes()).expect("an envelope");
        let found: Vec<Kind> = found.iter().map(|one| one.kind).collect();
        assert_eq!(found, [kind]);
    }

    #[rstest]
    #[case::empty("")]
    #[case::not_xml("btid=1")]
    #[case::bare("<requestBootstrappingInfoRequest/>")]
    #[case::no_body("<Envelope><btid/></Envelope>")]
    #[case::empty_body("<Envelope><Body/></Envelope>")]
    #[case::answer(RESPONSE_TEXT)]
    #[case::entities("<!DOCTYPE a [<!ENTITY b 'c'>]><Envelope><Body>&b;</Body></Envelope>")]
    fn refuses_what_is_no_request(#[case] text: &str) {
        let result = InfoRequest::parse(text.as_bytes());
        let is_refused = matches!(
            result,
            Err(DecodeError::BadValue {
                field: ENVELOPE,
                ..
            })
        );
        assert!(is_refused, "{result:?}");
    }

    proptest! {
        #[test]
        fn round_trips(
            btid in "[!-~]{0,40}",
            naf_id in proptest::collection::vec(any::<u8>(), 1..40),
            gba_u_aware in any::<Option<bool>>(),
        ) {
            let asked = InfoRequest { btid, naf_id, gba_u_aware, ..request() };
            let read = InfoRequest::parse(asked.emit().as_bytes());
            prop_assert_eq!(read, Ok((asked, vec![])));
        }

        #[test]
        fn refuses_or_reads_any_text(text in "(<|>|/|Envelope|Body|btid|nafid|x|'|=|&|!|-| )*") {
            let _ = InfoRequest::parse(text.as_bytes());
            let _ = InfoResponse::parse(text.as_bytes());
            let _ = Fault::parse(text.as_bytes());
        }
    }
}
