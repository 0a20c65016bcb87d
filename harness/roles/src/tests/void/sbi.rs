//! What HSS, BSF and NAF show of a fault on the service-based interfaces.

use gbaspec_wire::http::Message;

use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::faults::{Fault, tampered_bytes};
use crate::hss::HssPolicy;
use crate::role::{Input, Output, Role, Unanswered};
use crate::tests::probe::{Answer, initial, user};
use crate::tests::world::{NOW, PLAIN};
use crate::ua::UaPolicy;

const UEAU: &str =
    "/nhss-gba-ueau/v1/impi-user1_private%40home1.net/security-information/generate-auth-data";
const SDM: &str = "/nhss-gba-sdm/v1/impi-user1_private%40home1.net/subscriber-data";
const NBSP: &str = "/nbsp-gba/v1/bootstrapping-info-retrieval";
const RESYNC: &str = r#"{"resynchronizationInfo":{"rand":"23553cbe9637a89d218ae64dae47bf35","auts":"ba853f3c12dc4c8b025a1c7acdbf"}}"#;
const VECTOR: &str = r#"{"impi":"user1_private@home1.net","3gAkaAv":{"rand":"23553cbe9637a89d218ae64dae47bf35","xres":"a54211d5e3ba50bf","autn":"55f328b43577b9b94a9ffac354dfafb3","ck":"b40ba9a3c58b2a05bbf0d987b21bf8cb","ik":"f769bcd751044604127672711c6d3441"}}"#;
const SETTINGS: &str = r#"{"guss":{"bsfInfo":{"uiccType":"GBA_U","lifeTime":60},"ussList":[{"uss":{"gsId":1,"gsType":1,"ueIds":[{"ueId":"sip:a@home1.net"}],"flags":[{"flag":1}]}},{"uss":{"gsId":4,"gsType":4,"ueIds":[{"ueId":"sip:b@home1.net"}]}}]}}"#;
const ASKED: &str = r#"{"btId":"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net","nafId":{"nafFqdn":"naf1.home1.net","uaSecProtId":"0100000002"},"gbaUAware":true,"gsIds":[4]}"#;
const INFO: &str = r#"{"meKeyMaterial":"7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501","keyExpiryTime":"2004-01-08T10:14:17Z"}"#;
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const PASSWORD: &str = "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=";

type Told<'a> = Result<(u16, &'a str), Unanswered>;

fn request(line: &str, body: &str) -> Message {
    let mut message = Message::request(&format!("{line} HTTP/2"));
    message.push("content-type", "application/json");
    message.body = body.as_bytes().to_vec();
    message
}

/// A request, and one after the other these answers to the questions that it leads to.
fn ask(role: &mut dyn Role, message: &Message, told: &[Told<'_>]) -> (Vec<Vec<u8>>, Message) {
    let connection = PLAIN;
    let mut shown = Vec::new();
    let input = Input::Message {
        connection,
        message,
    };
    let mut outputs = role.handle(NOW, input);
    for told in told {
        let [Output::Forward { message, .. }] = outputs.as_slice() else {
            break;
        };
        shown.push(message.to_bytes());
        let answer = told.map(|(status, body)| {
            let mut answer = Message::request(&format!("HTTP/2 {status}"));
            answer.push("content-type", "application/json; charset=utf-8");
            answer.body = body.as_bytes().to_vec();
            answer
        });
        let answer = answer.as_ref().map_err(|why| *why);
        outputs = role.handle(NOW, Input::Forwarded { connection, answer });
    }
    let [Output::Respond { message, .. }] = outputs.as_slice() else {
        return (shown, Message::response(500, "Silence"));
    };
    shown.push(message.to_bytes());
    (shown, message.clone())
}

pub(super) fn shown_by_hss(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(HssPolicy::default, Fault::hss_policy);
    let mut hss = embedded::hss(policy, 5);
    let post = |path: &str, body: &str| request(&format!("POST {path}"), body);
    let get = |path: &str| request(&format!("GET {path}"), "");
    let requests = [
        post(UEAU, "{}"),
        post(UEAU, r#"{"authenticationScheme":"DIGEST_AKAV1_MD5"}"#),
        post(UEAU, r#"{"authenticationScheme":"BASIC"}"#),
        post(UEAU, r#"{ "authenticationScheme":"DIGEST_AKAV1_MD5"}"#),
        post(&UEAU.replace("%40", "@"), "{}"),
        post(&UEAU.replace("user1", "user2"), "{}"),
        post(&UEAU.replace("impi-", ""), "{}"),
        post(&UEAU.replace("user1", "nobody"), "{}"),
        post(
            &UEAU.replace("user1", "user8"),
            r#"{"authenticationScheme":"DIGEST_HTTP"}"#,
        ),
        post(UEAU, "x"),
        post(UEAU, &RESYNC.replace("cdbf", "cdbe")),
        post(UEAU, &RESYNC.replace("rand", "x")),
        post(NBSP, ASKED),
        post(UEAU, RESYNC),
        get(UEAU),
        get(SDM),
        get(&SDM.replace("user1", "nobody")),
        get(&SDM.replace("impi-", "")),
        get("/x"),
    ];
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let answers = requests.map(|request| ask(&mut hss, &request, &[]).1);
    answers
        .map(|answer| tampered_bytes(&answer, &tamper))
        .into()
}

pub(super) fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
    let mut bsf = embedded::bsf_behind_hss(embedded::home_over_sbi(), policy, 1);
    let first = initial(user(0).impi);
    let mut shown = Vec::new();
    for told in [
        Err(Unanswered::Broken),
        Err(Unanswered::TooLate),
        Ok((404, "{}")),
        Ok((403, "{}")),
        Ok((500, "{}")),
        Ok((200, "{}")),
    ] {
        shown.extend(ask(&mut bsf, &first, &[told]).0);
        shown.extend(ask(&mut bsf, &first, &[Ok((200, VECTOR)), told]).0);
    }
    for settings in [
        "{}",
        r#"{"guss":{"bsfInfo":{"lifeTime":"soon"}}}"#,
        r#"{"guss":{"bsfInfo":{"lifeTime":60,"securityFeatures":["LATER"]}}}"#,
    ] {
        shown.extend(ask(&mut bsf, &first, &[Ok((200, VECTOR)), Ok((200, settings))]).0);
    }
    let other = VECTOR.replace("23553cbe", "23553cbf");
    shown.extend(ask(&mut bsf, &first, &[Ok((200, &other)), Ok((404, "{}"))]).0);
    let second = initial(user(1).impi);
    shown.extend(ask(&mut bsf, &second, &[Ok((404, "{}"))]).0);
    shown.extend(ask(&mut bsf, &first, &[Ok((500, VECTOR))]).0);
    let vector = [Ok((200, VECTOR)), Ok((200, SETTINGS))];
    let (_, challenge) = ask(&mut bsf, &first, &vector);
    let report = Answer::auts_to_bsf(user(0), &challenge, 0xff9b_b4d0_b6e7).sign();
    shown.extend(ask(&mut bsf, &report, &[Ok((403, "{}"))]).0);
    let (_, challenge) = ask(&mut bsf, &first, &vector);
    let mut report = Answer::auts_to_bsf(user(0), &challenge, 0xff9b_b4d0_b6e7);
    report.auts = Some("*".to_owned());
    shown.extend(ask(&mut bsf, &report.sign(), &[Ok((403, "{}"))]).0);
    let (_, challenge) = ask(&mut bsf, &first, &vector);
    let mut wrong = Answer::to_bsf(user(0), &challenge);
    wrong.password = b"wrong".to_vec();
    shown.extend(ask(&mut bsf, &wrong.sign(), &vector).0);
    let (_, challenge) = ask(&mut bsf, &first, &vector);
    let right = Answer::to_bsf(user(0), &challenge).sign();
    shown.extend(ask(&mut bsf, &right, &vector).0);
    for (from, to) in [
        ("", ""),
        ("I1U8", "AAAA"),
        ("naf1", "naf9"),
        ("0100000002", "01000002"),
        ("btId", "x"),
        ("nafId", "x"),
        ("true", "false"),
        ("[4]", "[7]"),
        ("{", ""),
        ("0100000002", "0x0100000002"),
        ("0100000002", "010001c02b"),
        ("{", "{ "),
    ] {
        let asked = request(&format!("POST {NBSP}"), &ASKED.replacen(from, to, 1));
        shown.extend(ask(&mut bsf, &asked, &[]).0);
    }
    let push = NBSP.replace("bootstrapping", "push");
    let pushed = request(&format!("POST {push}"), ASKED);
    shown.extend(ask(&mut bsf, &pushed, &[]).0);
    shown
}

pub(super) fn shown_by_naf(policy: &UaPolicy) -> Vec<Vec<u8>> {
    let mut naf = embedded::naf_behind_bsf(embedded::keys_over_sbi(), *policy, 2);
    let first = Answer::to_naf(BTID, PASSWORD, false, &Message::request("")).plain();
    let mut shown = Vec::new();
    let ended = INFO.replace("10:14:17", "10:13:17");
    for told in [
        Err(Unanswered::TooLate),
        Ok((200, ended.as_str())),
        Ok((404, "{}")),
        Ok((403, "{}")),
        Ok((500, "{}")),
        Ok((200, "{}")),
        Ok((500, INFO)),
        Ok((200, INFO)),
        Ok((200, INFO)),
    ] {
        let (_, challenge) = ask(&mut naf, &first, &[]);
        let right = Answer::to_naf(BTID, PASSWORD, false, &challenge).sign();
        shown.extend(ask(&mut naf, &right, &[told]).0);
    }
    shown
}
