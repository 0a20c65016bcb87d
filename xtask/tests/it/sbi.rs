//! The schemas of the service-based interfaces, which are written by hand, and the codec say the same:
//! what the codec writes fits, and what a schema refuses is a deviation.
//!
//! The validator knows the keywords that these schemas use, and refuses any other. It is stricter in
//! one point: a member that `properties` does not name is a problem, as the codec writes none.

use std::collections::BTreeMap;

use gbaspec_wire::error::{DecodeError, Deviation};
use gbaspec_wire::sbi;
use rstest::rstest;
use serde_json::Value;
use xtask::{files, root};

/// What is written of what was read, and what was odd about it.
type Read = fn(&[u8]) -> Result<(String, Vec<Deviation>), DecodeError>;

macro_rules! reader {
    ($body:ident) => {
        |bytes: &[u8]| sbi::$body::parse(bytes).map(|(body, found)| (body.emit(), found))
    };
}

const NAF_REQUEST: &str = r#"{"btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","nafId":{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"},"gbaUAware":true,"gsIds":[1,4]}"#;
const NAF_RESPONSE: &str = r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","uiccKeyMaterial":"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f","keyExpiryTime":"2004-01-09T10:13:17Z","bootstrappingInfoCreationTime":"2004-01-08T10:13:17Z","ussList":[{"uss":{"gsId":1,"gsType":0,"ueIds":[{"ueId":"sip:user@home1.net"}],"nafGroup":"A","flags":[{"flag":1}],"keyChoice":"ME_BASED_KEY"}}],"gbaType":"3G_GBA","impi":"user@home1.net"}"#;
const PUSH_REQUEST: &str = r#"{"ueId":"sip:user@home1.net","ueIdType":"PUBLIC","uiccAppLabel":"label","nafId":{"nafFqdn":"push.home1.net","uaSecProtId":"0000000000"},"ptId":"1@push.home1.net","uiccOrMe":"GBA_ME","requestedLifeTime":"2004-01-09T10:13:17Z","privateIdRequest":true,"gbaUAware":false,"gsIds":[4],"auts":"ba853f3c12dc4c8b025a1c7acdbf","rand":"23553cbe9637a89d218ae64dae47bf35","securityFeaturesRequest":["GPL_U"]}"#;
const PUSH_RESPONSE: &str = r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","gbaPushInfo":"0123456789abcdef","securityFeaturesResponse":["GPL_U"]}"#;
const RESYNC: &str = r#"{"authenticationScheme":"DIGEST_AKAV1_MD5","resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#;
const VECTOR: &str = r#"{"impi":"user@home1.net","3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211d5e3ba50bf","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#;
const PASSWORD: &str = r#"{"digestAuth":{"digestRealm":"home1.net","digestAlgorithm":"MD5","digestQop":"AUTH_INT","ha1":"939e7578ed9e3c518a452acee763bce9"}}"#;
const GUSS: &str = r#"{"guss":{"bsfInfo":{"uiccType":"GBA_U","lifeTime":60,"securityFeatures":["GPL_U"]},"ussList":[{"uss":{"gsId":4,"gsType":1,"ueIds":[{"ueId":"sip:user@home1.net"}]}}]}}"#;
const PROBLEM: &str = r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"a","instance":"/1","cause":"CONTEXT_NOT_FOUND","invalidParams":[{"param":"/btId","reason":"unknown"}]}"#;

#[rstest]
#[case::naf_request("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), NAF_REQUEST)]
#[case::naf_response("nbsp", "BootstrappingInfoResponse", reader!(BootstrappingInfoResponse), NAF_RESPONSE)]
#[case::push_request("nbsp", "PushInfoRequest", reader!(PushInfoRequest), PUSH_REQUEST)]
#[case::push_response("nbsp", "PushInfoResponse", reader!(PushInfoResponse), PUSH_RESPONSE)]
#[case::resync("nhss", "AuthDataRequest", reader!(AuthDataRequest), RESYNC)]
#[case::vector("nhss", "AuthDataResponse", reader!(AuthDataResponse), VECTOR)]
#[case::password("nhss", "AuthDataResponse", reader!(AuthDataResponse), PASSWORD)]
#[case::guss("nhss", "SubscriberData", reader!(SubscriberData), GUSS)]
#[case::problem("problem", "ProblemDetails", reader!(ProblemDetails), PROBLEM)]
fn what_the_codec_writes_fits(
    #[case] file: &str,
    #[case] body: &str,
    #[case] read: Read,
    #[case] text: &str,
) {
    let (written, found) = read(text.as_bytes()).expect("an object");
    assert_eq!((written.as_str(), found), (text, vec![]));
    assert_eq!(problems(file, body, &written), Vec::<String>::new());
}

#[rstest]
#[case::empty_request("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), "{}")]
#[case::prefix("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), r#"{"btId":"a","nafId":{"nafFqdn":"b","uaSecProtId":"0x0100000002"}}"#)]
#[case::naf_id_in_one("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), r#"{"btId":"a","nafId":"b"}"#)]
#[case::no_list("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), r#"{"btId":"a","nafId":{"nafFqdn":"b","uaSecProtId":"0100000002"},"gsIds":1}"#)]
#[case::empty_list("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), r#"{"btId":"a","nafId":{"nafFqdn":"b","uaSecProtId":"0100000002"},"gsIds":[]}"#)]
#[case::number_too_large("nbsp", "BootstrappingInfoRequest", reader!(BootstrappingInfoRequest), r#"{"btId":"a","nafId":{"nafFqdn":"b","uaSecProtId":"0100000002"},"gsIds":[4294967296]}"#)]
#[case::base64("nbsp", "BootstrappingInfoResponse", reader!(BootstrappingInfoResponse), r#"{"meKeyMaterial":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="}"#)]
#[case::no_key("nbsp", "BootstrappingInfoResponse", reader!(BootstrappingInfoResponse), r#"{"gbaType":"3G_GBA"}"#)]
#[case::short_key("nbsp", "BootstrappingInfoResponse", reader!(BootstrappingInfoResponse), r#"{"meKeyMaterial":"00"}"#)]
#[case::uss_without_identity("nbsp", "PushInfoResponse", reader!(PushInfoResponse), r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","gbaPushInfo":"00","ussList":[{"uss":{"gsId":1,"gsType":1}}]}"#)]
#[case::odd_digits("nbsp", "PushInfoResponse", reader!(PushInfoResponse), r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","gbaPushInfo":"012"}"#)]
#[case::push_without_anything("nbsp", "PushInfoRequest", reader!(PushInfoRequest), "{}")]
#[case::auts_alone("nhss", "AuthDataRequest", reader!(AuthDataRequest), r#"{"resynchronizationInfo":{"auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#)]
#[case::auts_in_base64("nhss", "AuthDataRequest", reader!(AuthDataRequest), r#"{"resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"uoU/PBLcTIsCWhx6zb8="}}"#)]
#[case::neither("nhss", "AuthDataResponse", reader!(AuthDataResponse), "{}")]
#[case::short_xres("nhss", "AuthDataResponse", reader!(AuthDataResponse), r#"{"3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#)]
#[case::no_ha1("nhss", "AuthDataResponse", reader!(AuthDataResponse), r#"{"digestAuth":{"digestRealm":"a","digestAlgorithm":"MD5","digestQop":"AUTH"}}"#)]
#[case::lifetime_as_text("nhss", "SubscriberData", reader!(SubscriberData), r#"{"guss":{"bsfInfo":{"lifeTime":"60"}}}"#)]
#[case::guss_as_xml("nhss", "SubscriberData", reader!(SubscriberData), r#"{"guss":"<guss/>"}"#)]
#[case::status_as_text("problem", "ProblemDetails", reader!(ProblemDetails), r#"{"status":"404"}"#)]
fn what_a_schema_refuses_is_a_deviation(
    #[case] file: &str,
    #[case] body: &str,
    #[case] read: Read,
    #[case] text: &str,
) {
    assert_ne!(problems(file, body, text), Vec::<String>::new());
    let (_, found) = read(text.as_bytes()).expect("an object");
    assert_ne!(found, []);
}

fn problems(file: &str, body: &str, text: &str) -> Vec<String> {
    let schemas = ["nbsp", "nhss", "problem"].map(|name| {
        let name = format!("{name}.json");
        let text = files::read(&root().join("vectors/schema/sbi").join(&name));
        let schema: Value = serde_json::from_str(&text.expect("a file")).expect("JSON");
        (name, schema)
    });
    let mut validator = Validator {
        schemas: &BTreeMap::from(schemas),
        problems: Vec::new(),
    };
    let document = serde_json::from_str(text).expect("JSON");
    let file = format!("{file}.json");
    let schema = &validator.schemas[&file]["$defs"][body];
    validator.check(&file, schema, &document, body);
    validator.problems
}

struct Validator<'a> {
    schemas: &'a BTreeMap<String, Value>,
    problems: Vec<String>,
}

impl<'a> Validator<'a> {
    fn check(&mut self, file: &str, schema: &'a Value, value: &Value, at: &str) {
        for (keyword, rule) in schema.as_object().expect("a schema is an object") {
            let holds = match keyword.as_str() {
                "$ref" => {
                    self.refer(file, rule, value, at);
                    true
                }
                "properties" => {
                    self.properties(file, rule, value, at);
                    true
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check(file, rule, item, &format!("{at}/{index}"));
                    }
                    true
                }
                "anyOf" => rule.as_array().expect("a list").iter().any(|choice| {
                    let problems = Vec::new();
                    let mut inner = Validator {
                        schemas: self.schemas,
                        problems,
                    };
                    inner.check(file, choice, value, at);
                    inner.problems.is_empty()
                }),
                "required" => {
                    let names = rule.as_array().expect("a list").iter();
                    let mut names = names.filter_map(Value::as_str);
                    names.all(|name| value.as_object().is_none_or(|it| it.contains_key(name)))
                }
                "type" => is_of_type(rule.as_str().expect("a text"), value),
                "enum" => rule.as_array().expect("a list").contains(value),
                "minItems" => value
                    .as_array()
                    .is_none_or(|items| items.len() as u64 >= rule.as_u64().expect("a number")),
                "minimum" => value.as_i64().is_none_or(|it| Some(it) >= rule.as_i64()),
                "maximum" => value.as_i64().is_none_or(|it| Some(it) <= rule.as_i64()),
                "pattern" => {
                    let pattern = rule.as_str().expect("a text");
                    value.as_str().is_none_or(|text| fits(pattern, text))
                }
                "title" | "description" | "format" => true,
                other => panic!("the validator does not know `{other}`"),
            };
            if !holds {
                self.problems.push(format!("{at}: {keyword}"));
            }
        }
    }

    fn refer(&mut self, file: &str, rule: &Value, value: &Value, at: &str) {
        let reference = rule.as_str().expect("a text");
        let (other, pointer) = reference.split_once('#').expect("a pointer");
        let file = if other.is_empty() { file } else { other };
        let schema = self.schemas[file].pointer(pointer);
        self.check(file, schema.expect("it leads somewhere"), value, at);
    }

    fn properties(&mut self, file: &str, rule: &'a Value, value: &Value, at: &str) {
        for (name, member) in value.as_object().into_iter().flatten() {
            match rule.get(name) {
                Some(schema) => self.check(file, schema, member, &format!("{at}/{name}")),
                None => self.problems.push(format!("{at}: {name} is not named")),
            }
        }
    }
}

fn is_of_type(name: &str, value: &Value) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        other => panic!("the validator does not know the type `{other}`"),
    }
}

/// The patterns of these schemas, all of them about hex digits.
fn fits(pattern: &str, text: &str) -> bool {
    if !text.bytes().all(|octet| octet.is_ascii_hexdigit()) {
        return false;
    }
    if pattern == "^([A-Fa-f0-9]{2})+$" {
        return !text.is_empty() && text.len().is_multiple_of(2);
    }
    let counts = pattern
        .strip_prefix("^[A-Fa-f0-9]{")
        .and_then(|rest| rest.strip_suffix("}$"))
        .expect("a known pattern");
    let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
    let number = |digits: &str| digits.parse::<usize>().expect("a number");
    (number(least)..=number(most)).contains(&text.len())
}
