use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::error::{DecodeError, Deviation, DeviationKind as Kind};

const NAF_REQUEST: &str = r#"{"btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","nafId":{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"},"gbaUAware":true,"gsIds":[1,4]}"#;
const NAF_RESPONSE: &str = r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","uiccKeyMaterial":"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f","keyExpiryTime":"2004-01-09T10:13:17Z","bootstrappingInfoCreationTime":"2004-01-08T10:13:17Z","ussList":[{"uss":{"gsId":1,"gsType":0,"ueIds":[{"ueId":"sip:user@home1.net"}],"nafGroup":"A","flags":[{"flag":1},{"flag":2}],"keyChoice":"ME_BASED_KEY"}}],"gbaType":"3G_GBA","impi":"user@home1.net"}"#;
const PUSH_REQUEST: &str = r#"{"ueId":"sip:user@home1.net","ueIdType":"PUBLIC","uiccAppLabel":"label","nafId":{"nafFqdn":"push.home1.net","uaSecProtId":"0000000000"},"ptId":"1@push.home1.net","uiccOrMe":"GBA_ME","requestedLifeTime":"2004-01-09T10:13:17Z","privateIdRequest":true,"auts":"ba853f3c12dc4c8b025a1c7acdbf","rand":"23553cbe9637a89d218ae64dae47bf35","securityFeaturesRequest":["GPL_U"]}"#;
const PUSH_RESPONSE: &str = r#"{"meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","gbaPushInfo":"0123456789abcdef","keyExpiryTime":"2004-01-09T10:13:17Z","securityFeaturesResponse":["GPL_U"]}"#;
const RESYNC: &str = r#"{"authenticationScheme":"DIGEST_AKAV1_MD5","resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#;
/// Milenage test set 1 of TS 35.207 with SQN ff9bb4d0b607 and AMF b9b9.
const VECTOR: &str = r#"{"3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211d5e3ba50bf","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#;
const PASSWORD: &str = r#"{"impi":"user@home1.net","digestAuth":{"digestRealm":"home1.net","digestAlgorithm":"MD5","digestQop":"AUTH_INT","ha1":"939e7578ed9e3c518a452acee763bce9"}}"#;
const GUSS: &str = r#"{"guss":{"bsfInfo":{"uiccType":"GBA_U","lifeTime":60,"securityFeatures":["GPL_U"]},"ussList":[{"uss":{"gsId":4,"gsType":1,"ueIds":[{"ueId":"sip:user@home1.net"}]}}]}}"#;
const PROBLEM: &str = r#"{"type":"https://home1.net/problem","title":"Not Found","status":404,"detail":"no such session","instance":"/1","cause":"CONTEXT_NOT_FOUND","invalidParams":[{"param":"/btId","reason":"unknown"}]}"#;

fn naf_request() -> BootstrappingInfoRequest {
    BootstrappingInfoRequest {
        bt_id: "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net".to_owned(),
        naf_id: NafId {
            naf_fqdn: "naf1.home1.net".to_owned(),
            ua_sec_prot_id: vec![1, 0, 0, 0, 2],
        },
        gba_u_aware: Some(true),
        gs_ids: vec![1, 4],
    }
}

fn naf_response() -> BootstrappingInfoResponse {
    BootstrappingInfoResponse {
        me_key_material: (0..32).collect::<Vec<u8>>().into(),
        uicc_key_material: Some((32..64).collect::<Vec<u8>>().into()),
        key_expiry_time: Some("2004-01-09T10:13:17Z".to_owned()),
        bootstrapping_info_creation_time: Some("2004-01-08T10:13:17Z".to_owned()),
        uss_list: vec![Uss {
            gs_id: 1,
            gs_type: 0,
            ue_ids: vec!["sip:user@home1.net".to_owned()],
            naf_group: Some("A".to_owned()),
            flags: vec![1, 2],
            key_choice: Some(KeyChoice::Me),
        }],
        gba_type: Some(GbaType::ThreeG),
        impi: Some("user@home1.net".to_owned()),
    }
}

fn vector() -> AuthDataResponse {
    let rand = b"\x23\x55\x3c\xbe\x96\x37\xa8\x9d\x21\x8a\xe6\x4d\xae\x47\xbf\x35";
    let autn = b"\x55\xf3\x28\xb4\x35\x77\xb9\xb9\x4a\x9f\xfa\xc3\x54\xdf\xaf\xb3";
    let ck = b"\xb4\x0b\xa9\xa3\xc5\x8b\x2a\x05\xbb\xf0\xd9\x87\xb2\x1b\xf8\xcb";
    let ik = b"\xf7\x69\xbc\xd7\x51\x04\x46\x04\x12\x76\x72\x71\x1c\x6d\x34\x41";
    AuthDataResponse {
        impi: None,
        aka_av: Some(AkaAv {
            rand: rand.to_vec(),
            xres: b"\xa5\x42\x11\xd5\xe3\xba\x50\xbf".into(),
            autn: autn.to_vec(),
            ck: ck.into(),
            ik: ik.into(),
        }),
        digest_auth: None,
    }
}

#[test]
fn deconstructs() {
    assert_eq!(
        BootstrappingInfoRequest::parse(NAF_REQUEST.as_bytes()),
        Ok((naf_request(), vec![]))
    );
    assert_eq!(
        BootstrappingInfoResponse::parse(NAF_RESPONSE.as_bytes()),
        Ok((naf_response(), vec![]))
    );
    assert_eq!(
        AuthDataResponse::parse(VECTOR.as_bytes()),
        Ok((vector(), vec![]))
    );
    let (push, found) = PushInfoRequest::parse(PUSH_REQUEST.as_bytes()).expect("an object");
    assert_eq!(found, []);
    assert_eq!(
        (push.ue_id_type, push.uicc_or_me),
        (UeIdType::Public, UiccOrMe::Me)
    );
    let auts = b"\xba\x85\x3f\x3c\x12\xdc\x4c\x8b\x02\x5a\x1c\x7a\xcd\xbf";
    assert_eq!(push.auts.as_deref(), Some(&auts[..]));
    let (guss, _) = SubscriberData::parse(GUSS.as_bytes()).expect("an object");
    let info = guss.guss.and_then(|guss| guss.bsf_info);
    let info = info.expect("a bsfInfo");
    assert_eq!(
        (info.uicc_type, info.life_time),
        (Some(UiccType::GbaU), Some(60))
    );
    let (problem, _) = ProblemDetails::parse(PROBLEM.as_bytes()).expect("an object");
    assert_eq!(problem.cause.as_deref(), Some("CONTEXT_NOT_FOUND"));
    assert_eq!(problem.invalid_params[0].param, "/btId");
}

#[test]
fn constructs() {
    assert_eq!(naf_request().emit(), NAF_REQUEST);
    assert_eq!(naf_response().emit(), NAF_RESPONSE);
    assert_eq!(vector().emit(), VECTOR);
    assert_eq!(AuthDataRequest::default().emit(), "{}");
    assert_eq!(
        naf_request().naf_id.octets(),
        b"naf1.home1.net\x01\x00\x00\x00\x02"
    );
}

type Again = fn(&[u8]) -> Result<(String, Vec<Deviation>), DecodeError>;

/// What is written of what was read.
macro_rules! again {
    ($body:ident) => {
        |bytes: &[u8]| $body::parse(bytes).map(|(body, found)| (body.emit(), found))
    };
}

#[rstest]
#[case::naf_request(again!(BootstrappingInfoRequest), NAF_REQUEST)]
#[case::naf_response(again!(BootstrappingInfoResponse), NAF_RESPONSE)]
#[case::push_request(again!(PushInfoRequest), PUSH_REQUEST)]
#[case::push_response(again!(PushInfoResponse), PUSH_RESPONSE)]
#[case::resync(again!(AuthDataRequest), RESYNC)]
#[case::vector(again!(AuthDataResponse), VECTOR)]
#[case::password(again!(AuthDataResponse), PASSWORD)]
#[case::guss(again!(SubscriberData), GUSS)]
#[case::problem(again!(ProblemDetails), PROBLEM)]
fn round_trips(#[case] again: Again, #[case] body: &str) {
    assert_eq!(again(body.as_bytes()), Ok((body.to_owned(), vec![])));
}

#[rstest]
#[case::blanks(
    "{ \"btId\" : \"a@b\",\r\n\t\"nafId\":{\"uaSecProtId\":\"0100000002\",\"nafFqdn\":\"c\"} }\n"
)]
#[case::unknown_member(
    r#"{"btId":"a@b","nafId":{"nafFqdn":"c","uaSecProtId":"0100000002","x":{}},"x":[[1]]}"#
)]
#[case::references(r#"{"btId":"a\u0040b","nafId":{"nafFqdn":"c","uaSecProtId":"0100000002"}}"#)]
fn ignores_what_receivers_ignore(#[case] body: &str) {
    let (request, found) = BootstrappingInfoRequest::parse(body.as_bytes()).expect("an object");
    assert_eq!(found, []);
    assert_eq!(
        request.emit(),
        r#"{"btId":"a@b","nafId":{"nafFqdn":"c","uaSecProtId":"0100000002"}}"#
    );
}

#[test]
fn takes_hex_in_upper_case() {
    let upper = VECTOR.replace(
        "b40ba9a3c58b2a05bbf0d987b21bf8cb",
        "B40BA9A3C58B2A05BBF0D987B21BF8CB",
    );
    assert_ne!(upper, VECTOR);
    assert_eq!(
        AuthDataResponse::parse(upper.as_bytes()),
        Ok((vector(), vec![]))
    );
}

/// A change of one of the bodies above, and the only deviation that it leads to.
#[rstest]
#[case::no_btid(
    NAF_REQUEST,
    r#""btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","#,
    "",
    "btId",
    Kind::MissingMember,
    ""
)]
#[case::no_fqdn(
    NAF_REQUEST,
    r#""nafFqdn":"naf1.home1.net","#,
    "",
    "nafFqdn",
    Kind::MissingMember,
    ""
)]
#[case::naf_id_as_text(
    NAF_REQUEST,
    r#"{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"}"#,
    r#""x""#,
    "nafId",
    Kind::WrongMemberType,
    "a string"
)]
#[case::prefix(
    NAF_REQUEST,
    "0100000002",
    "0x0100000002",
    "uaSecProtId",
    Kind::HexPrefix,
    "0x0100000002"
)]
#[case::short(
    NAF_REQUEST,
    "0100000002",
    "01000002",
    "uaSecProtId",
    Kind::BadHexLength,
    "01000002"
)]
#[case::odd(
    NAF_REQUEST,
    "0100000002",
    "100000002",
    "uaSecProtId",
    Kind::BadHexLength,
    "100000002"
)]
#[case::base64(
    NAF_REQUEST,
    "0100000002",
    "AQAAAAI=",
    "uaSecProtId",
    Kind::Base64InsteadOfHex,
    "AQAAAAI="
)]
#[case::no_hex(
    NAF_REQUEST,
    "0100000002",
    "01:00:00:00:02",
    "uaSecProtId",
    Kind::BadHex,
    "01:00:00:00:02"
)]
#[case::number(
    NAF_REQUEST,
    r#""0100000002""#,
    "2",
    "uaSecProtId",
    Kind::WrongMemberType,
    "a number"
)]
#[case::flag_as_text(
    NAF_REQUEST,
    "true",
    r#""true""#,
    "gbaUAware",
    Kind::WrongMemberType,
    "a string"
)]
#[case::numbers_as_text(
    NAF_REQUEST,
    "[1,4]",
    r#"["1"]"#,
    "gsIds",
    Kind::WrongMemberType,
    "a string"
)]
#[case::no_list(NAF_REQUEST, "[1,4]", "1", "gsIds", Kind::WrongMemberType, "a number")]
#[case::empty_list(NAF_REQUEST, "[1,4]", "[]", "gsIds", Kind::EmptyList, "[]")]
#[case::negative(NAF_REQUEST, "[1,4]", "[-1]", "gsIds", Kind::NumberOutOfRange, "-1")]
#[case::too_much(
    NAF_REQUEST,
    "[1,4]",
    "[4294967296]",
    "gsIds",
    Kind::NumberOutOfRange,
    "4294967296"
)]
#[case::null(NAF_REQUEST, "[1,4]", "null", "gsIds", Kind::WrongMemberType, "null")]
fn names_what_a_naf_does_wrong(
    #[case] body: &str,
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] field: &str,
    #[case] kind: Kind,
    #[case] shown: &str,
) {
    let found = only(again!(BootstrappingInfoRequest), body, right, wrong);
    assert_eq!(
        (found.field, found.kind, found.found.as_str()),
        (field, kind, shown)
    );
}

#[rstest]
#[case::no_key(
    r#""meKeyMaterial":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f","#,
    "",
    "meKeyMaterial",
    Kind::MissingMember,
    ""
)]
#[case::empty_key(
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "",
    "meKeyMaterial",
    Kind::BadHexLength,
    "0 characters"
)]
#[case::base64(
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "meKeyMaterial",
    Kind::Base64InsteadOfHex,
    "44 characters"
)]
#[case::key_in_a_list(
    r#""202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f""#,
    r#"["2021"]"#,
    "uiccKeyMaterial",
    Kind::WrongMemberType,
    "a list"
)]
#[case::seconds(
    r#""2004-01-09T10:13:17Z""#,
    "1073643197",
    "keyExpiryTime",
    Kind::WrongMemberType,
    "a number"
)]
#[case::no_zone(
    "2004-01-09T10:13:17Z",
    "2004-01-09T10:13:17",
    "keyExpiryTime",
    Kind::BadTime,
    "2004-01-09T10:13:17"
)]
#[case::xml(r#"[{"uss":{"gsId":1,"gsType":0,"ueIds":[{"ueId":"sip:user@home1.net"}],"nafGroup":"A","flags":[{"flag":1},{"flag":2}],"keyChoice":"ME_BASED_KEY"}}]"#, r#""<ussList/>""#, "ussList", Kind::WrongMemberType, "a string")]
#[case::no_object_around(r#"{"uss":{"gsId":1,"gsType":0,"ueIds":[{"ueId":"sip:user@home1.net"}],"nafGroup":"A","flags":[{"flag":1},{"flag":2}],"keyChoice":"ME_BASED_KEY"}}"#, r#"{"gsId":1,"gsType":0,"ueIds":[]}"#, "uss", Kind::MissingMember, "")]
#[case::other_type("3G_GBA", "GBA_ME", "gbaType", Kind::UnknownValue, "GBA_ME")]
fn names_what_a_bsf_does_wrong(
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] field: &str,
    #[case] kind: Kind,
    #[case] shown: &str,
) {
    let found = only(
        again!(BootstrappingInfoResponse),
        NAF_RESPONSE,
        right,
        wrong,
    );
    assert_eq!(
        (found.field, found.kind, found.found.as_str()),
        (field, kind, shown)
    );
}

#[rstest]
#[case::auts_without_rand(again!(AuthDataRequest), RESYNC, r#""rand":"23553cbe9637a89d218ae64dae47bf35","#, "", "rand", Kind::MissingMember, "")]
#[case::auts_in_base64(again!(AuthDataRequest), RESYNC, "ba853f3c12dc4c8b025a1c7acdbf", "uoU/PBLcTIsCWhx6zb8=", "auts", Kind::Base64InsteadOfHex, "uoU/PBLcTIsCWhx6zb8=")]
#[case::scheme_of_diameter(again!(AuthDataRequest), RESYNC, "DIGEST_AKAV1_MD5", "Digest-AKAv1-MD5", "authenticationScheme", Kind::UnknownValue, "Digest-AKAv1-MD5")]
#[case::push_auts_without_rand(again!(PushInfoRequest), PUSH_REQUEST, r#","rand":"23553cbe9637a89d218ae64dae47bf35""#, "", "rand", Kind::MissingMember, "")]
#[case::push_without_type(again!(PushInfoRequest), PUSH_REQUEST, r#""ueIdType":"PUBLIC","#, "", "ueIdType", Kind::MissingMember, "")]
#[case::push_info_in_base64(again!(PushInfoResponse), PUSH_RESPONSE, "0123456789abcdef", "ASNFZ4mrze8=", "gbaPushInfo", Kind::Base64InsteadOfHex, "ASNFZ4mrze8=")]
#[case::short_ck(again!(AuthDataResponse), VECTOR, "b40ba9a3c58b2a05bbf0d987b21bf8cb", "b40b", "ck", Kind::BadHexLength, "4 characters")]
#[case::short_xres(again!(AuthDataResponse), VECTOR, "a54211d5e3ba50bf", "a54211", "xres", Kind::BadHexLength, "6 characters")]
#[case::vectors_of_ims(again!(AuthDataResponse), VECTOR, "3gAkaAv", "3gAkaAvs", "3gAkaAv", Kind::MissingMember, "")]
#[case::qop_of_a_header(again!(AuthDataResponse), PASSWORD, "AUTH_INT", "auth-int", "digestQop", Kind::UnknownValue, "auth-int")]
#[case::no_ha1(again!(AuthDataResponse), PASSWORD, r#","ha1":"939e7578ed9e3c518a452acee763bce9""#, "", "ha1", Kind::MissingMember, "")]
#[case::lifetime_as_text(again!(SubscriberData), GUSS, ":60", r#":"60""#, "lifeTime", Kind::WrongMemberType, "a string")]
#[case::status_as_text(again!(ProblemDetails), PROBLEM, "404", r#""404""#, "status", Kind::WrongMemberType, "a string")]
fn names_what_others_do_wrong(
    #[case] again: Again,
    #[case] body: &str,
    #[case] right: &str,
    #[case] wrong: &str,
    #[case] field: &str,
    #[case] kind: Kind,
    #[case] shown: &str,
) {
    let found = only(again, body, right, wrong);
    assert_eq!(
        (found.field, found.kind, found.found.as_str()),
        (field, kind, shown)
    );
}

/// The only deviation of a body with a change.
fn only(again: Again, body: &str, right: &str, wrong: &str) -> Deviation {
    let changed = body.replacen(right, wrong, 1);
    assert_ne!(changed, body, "the change is none");
    let (_, found) = again(changed.as_bytes()).expect("an object");
    let [found] = found.as_slice() else {
        panic!("{found:?}");
    };
    found.clone()
}

#[test]
fn understands_keys_in_other_forms() {
    let forms = [
        "0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    ];
    for form in forms {
        let body = format!(r#"{{"meKeyMaterial":"{form}"}}"#);
        let (response, _) = BootstrappingInfoResponse::parse(body.as_bytes()).expect("an object");
        assert_eq!(response.me_key_material.0, (0..32).collect::<Vec<u8>>());
    }
}

#[rstest]
#[case::empty("", "the body is no JSON")]
#[case::xml("<guss/>", "the body is no JSON")]
#[case::half(r#"{"btId":"a"#, "the body is no JSON")]
#[case::two("{}{}", "the body is no JSON")]
#[case::comma("{\"a\":1,}", "the body is no JSON")]
#[case::list("[]", "the outermost value is no object")]
#[case::text("\"a\"", "the outermost value is no object")]
fn refuses_what_is_no_object(#[case] body: &str, #[case] why: &'static str) {
    let refused = DecodeError::BadValue {
        field: "JSON body",
        why,
    };
    assert_eq!(ProblemDetails::parse(body.as_bytes()), Err(refused));
}

#[test]
fn refuses_what_is_not_utf_8() {
    let refused = ProblemDetails::parse(b"{\"title\":\"\xff\"}");
    assert!(matches!(refused, Err(DecodeError::BadValue { .. })));
}

#[rstest]
#[case::octets(format!(r#"{{"title":"{}"}}"#, "x".repeat(64 * 1024)))]
#[case::depth(format!(r#"{{"x":{}"#, "[".repeat(1000)))]
fn refuses_what_is_too_large(#[case] body: String) {
    assert_eq!(
        ProblemDetails::parse(body.as_bytes()),
        Err(DecodeError::TooLong("JSON body"))
    );
}

#[test]
fn counts_no_brackets_in_strings() {
    let body = format!(r#"{{"title":"\"{}"}}"#, "[".repeat(1000));
    assert!(ProblemDetails::parse(body.as_bytes()).is_ok());
}

#[test]
fn shows_no_key() {
    let (password, _) = AuthDataResponse::parse(PASSWORD.as_bytes()).expect("an object");
    let shown = format!("{:?} {:?} {password:?}", naf_response(), vector());
    assert!(shown.contains("me_key_material: [32 octets]"), "{shown}");
    // Of the list of decimal numbers that a Vec<u8> shows, and of the hex in the bodies.
    for secret in [
        "2, 3, 4",
        "34, 35, 36",
        "165, 66",
        "180, 11",
        "939e",
        "57, 51, 57",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

#[rstest]
#[case::utc("2004-01-09T10:13:17Z", Some(1_073_643_197))]
#[case::fraction("2004-01-09T10:13:17.250Z", Some(1_073_643_197))]
#[case::lower_case("2004-01-09t10:13:17z", Some(1_073_643_197))]
#[case::ahead("2004-01-09T12:43:17+02:30", Some(1_073_643_197))]
#[case::behind("2004-01-09T05:13:17-05:00", Some(1_073_643_197))]
#[case::no_zone("2004-01-09T10:13:17", None)]
#[case::odd_zone("2004-01-09T10:13:17+24:00", None)]
#[case::zone_without_colon("2004-01-09T10:13:17+0200", None)]
#[case::seconds("1073643197", None)]
#[case::not_ascii("2004-01-09T10:13:17\u{e9}\u{e9}\u{e9}\u{e9}", None)]
#[case::empty("", None)]
fn reads_times(#[case] text: &str, #[case] seconds: Option<i64>) {
    assert_eq!(date_time(text).ok(), seconds);
}

#[rstest]
#[case::naf(
    "/nbsp-gba/v1/bootstrapping-info-retrieval",
    "",
    Operation::BootstrappingInfo
)]
#[case::push("/nbsp-gba/v1/push-info-retrieval", "", Operation::PushInfo)]
#[case::below("/a/b/nbsp-gba/v1/push-info-retrieval", "/a/b", Operation::PushInfo)]
#[case::below_a_namesake(
    "/nbsp-gba/v1/nbsp-gba/v1/push-info-retrieval",
    "/nbsp-gba/v1",
    Operation::PushInfo
)]
#[case::imsi(
    "/nhss-gba-ueau/v1/imsi-001010000000001/security-information/generate-auth-data",
    "",
    Operation::GenerateAuthData(UeId::Imsi("001010000000001".to_owned()))
)]
#[case::msisdn(
    "/nhss-gba-sdm/v1/msisdn-4912345678/subscriber-data",
    "",
    Operation::SubscriberData(UeId::Msisdn("4912345678".to_owned()))
)]
#[case::impi(
    "/nhss-gba-ueau/v1/impi-user%40home1.net/security-information/generate-auth-data",
    "",
    Operation::GenerateAuthData(UeId::Impi("user@home1.net".to_owned()))
)]
#[case::impu(
    "/nhss-gba-sdm/v1/impu-sip%3Auser%40home1.net/subscriptions",
    "",
    Operation::Subscriptions(UeId::Impu("sip:user@home1.net".to_owned()))
)]
fn reads_and_writes_paths(#[case] path: &str, #[case] prefix: &str, #[case] operation: Operation) {
    assert_eq!(operation.target(prefix), path);
    let prefix = prefix.to_owned();
    assert_eq!(
        Target::parse(path.as_bytes()),
        Ok((Target { prefix, operation }, vec![]))
    );
}

#[rstest]
#[case::uri("http://hss.home1.net:7777/x/nhss-gba-sdm/v1/impi-a%40b/subscriber-data")]
#[case::query("/x/nhss-gba-sdm/v1/impi-a%40b/subscriber-data?supported-features=1")]
#[case::not_escaped("/x/nhss-gba-sdm/v1/impi-a@b/subscriber-data")]
fn reads_other_forms_of_a_path(#[case] target: &str) {
    let operation = Operation::SubscriberData(UeId::Impi("a@b".to_owned()));
    let prefix = "/x".to_owned();
    assert_eq!(
        Target::parse(target.as_bytes()),
        Ok((Target { prefix, operation }, vec![]))
    );
}

#[rstest]
#[case::raw_imsi("001010000000001")]
#[case::short_imsi("imsi-0010")]
#[case::letters("msisdn-12345a")]
#[case::raw_impi("user@home1.net")]
#[case::nothing_behind("impi-")]
fn names_an_identity_without_its_kind(#[case] id: &str) {
    let path = format!("/nhss-gba-sdm/v1/{id}/subscriber-data");
    let (target, found) = Target::parse(path.as_bytes()).expect("a path");
    assert_eq!(
        target.operation,
        Operation::SubscriberData(UeId::Unknown(id.to_owned()))
    );
    let found: Vec<_> = found
        .iter()
        .map(|found| (found.kind, found.found.as_str()))
        .collect();
    assert_eq!(found, [(Kind::BadUeId, id)]);
}

#[rstest]
#[case::root("/", "no service of GBA has this path")]
#[case::ub("/GBA-BSF/", "no service of GBA has this path")]
#[case::other_version("/nbsp-gba/v2/push-info-retrieval", "the service has no such resource")]
#[case::name_of_the_schema(
    "/nbsp-gba/v1/bootstrapping-info-request",
    "the service has no such resource"
)]
#[case::more(
    "/nbsp-gba/v1/push-info-retrieval/x",
    "the service has no such resource"
)]
#[case::no_path("http://a", "the target has no path")]
#[case::star("*", "the target has no path")]
fn refuses_other_paths(#[case] target: &str, #[case] why: &'static str) {
    let refused = DecodeError::BadValue { field: "path", why };
    assert_eq!(Target::parse(target.as_bytes()), Err(refused));
}

proptest! {
    #[test]
    fn identities_survive_a_path(text in "\\PC{1,40}") {
        let operation = Operation::SubscriberData(UeId::Impu(text));
        let (read, found) = Target::parse(operation.target("/p").as_bytes()).expect("a path");
        prop_assert_eq!(read.operation, operation);
        prop_assert_eq!(found, vec![]);
    }

    #[test]
    fn bodies_survive(title in "\\PC{0,40}", key: [u8; 32]) {
        let body = BootstrappingInfoResponse {
            me_key_material: key.into(),
            impi: Some(title),
            ..BootstrappingInfoResponse::default()
        };
        let read = BootstrappingInfoResponse::parse(body.emit().as_bytes());
        prop_assert_eq!(read, Ok((body, vec![])));
    }
}
