//! What the correct servers answer to a single request that they do not serve: each refusal of the
//! BSF, and the answers of NAF and PKI portal that no correct UE provokes.

use gbaspec_roles::bsf::RefusalReason;
use gbaspec_roles::embedded;
use gbaspec_roles::{Bsf, BsfOffer, ConnectionId, Input, Output, Role, Switch, Unanswered};
use gbaspec_wire::diameter::notation;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::peers::{
    PLAIN, SECURED, ask, known_bsf, known_ua, tls_session_at_server as tls_session,
};
use super::{NOW, assert_tells_no_secret, snapshot, text_of};

const USER_1: &str = "username=\"user1_private@home1.net\", realm=\"bsf.home1.net\"";
const USER_7: &str = "username=\"user7_private@home1.net\", realm=\"bsf.home1.net\"";
const USER_8: &str = "username=\"user8_private@home1.net\", realm=\"home1.net\"";
const FIRST: &str = "nonce=\"\", uri=\"/\", response=\"\"";
/// An answer to the first challenge up to its response.
const ANSWER: &str = "nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", uri=\"/\", \
    qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\"";
const ANSWER_2G: &str = "nonce=\"I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/\", uri=\"/\", \
    qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\"";
/// `step6_response_empty_password` of `ub_resync_flow`.
const EMPTY_PASSWORD: &str = "response=\"0c6b780251d1cc17f1efdcbe83e90720\", algorithm=AKAv1-MD5";
/// The response of `ub_success_flow`.
const RES: &str = "response=\"c3010b8b0c8fe3d6425a4d50b6a66ba8\", algorithm=AKAv1-MD5";

// ---------------------------------------------------------------- the BSF

/// One row a reason that a correct BSF has; the text in the body tells which it was.
#[rstest]
#[case::malformed_request(
    RefusalReason::MalformedRequest,
    PLAIN,
    &["GET /\r\nHost: bsf.home1.net\r\n\r\n".to_owned()],
    "400 Bad Request", "the request is malformed"
)]
#[case::method_not_allowed(
    RefusalReason::MethodNotAllowed,
    PLAIN,
    &[request("POST /", &format!("Digest {USER_1}, {FIRST}"))],
    "405 Method Not Allowed", "bootstrapping uses GET"
)]
#[case::not_found(
    RefusalReason::NotFound,
    PLAIN,
    &[request("GET /other", &format!("Digest {USER_1}, {FIRST}"))],
    "404 Not Found", "bootstrapping is at /"
)]
#[case::malformed_credentials(
    RefusalReason::MalformedCredentials,
    PLAIN,
    &[request("GET /", "Digest username=\"user1_private@home1.net, nonce")],
    "400 Bad Request", "the Authorization field is malformed"
)]
#[case::uri_mismatch(
    RefusalReason::UriMismatch,
    PLAIN,
    &[first(USER_1), changed(RES, "uri=\"/\"", "uri=\"/other\"")],
    "400 Bad Request", "uri does not name the request target"
)]
#[case::foreign_realm(
    RefusalReason::ForeignRealm,
    PLAIN,
    &[first(USER_1), changed(RES, "realm=\"bsf.home1.net\"", "realm=\"home1.net\"")],
    "400 Bad Request", "realm is not the one of the challenge"
)]
#[case::downgrade(
    RefusalReason::Downgrade,
    PLAIN,
    &[first(USER_1), changed(RES, "qop=auth-int", "qop=auth")],
    "400 Bad Request", "qop and algorithm are not those of the challenge"
)]
#[case::nonce_count(
    RefusalReason::NonceCount,
    PLAIN,
    &[first(USER_1), changed(RES, "nc=00000001", "nc=00000002")],
    "400 Bad Request", "nc must be 00000001"
)]
// A challenge with a new vector is the answer to a wrong response (TS 24.109 clause 4.3).
#[case::wrong_response(
    RefusalReason::WrongResponse,
    PLAIN,
    &[first(USER_1), changed(RES, "c3010b8b", "c3010b8a")],
    "401 Unauthorized", ""
)]
#[case::malformed_auts(
    RefusalReason::MalformedAuts,
    PLAIN,
    &[first(USER_1), answer(&format!("{EMPTY_PASSWORD}, auts=\"uoU/PBLcTIsCWhx6\""))],
    "400 Bad Request", "auts is not 14 octets of base64"
)]
#[case::forged_auts(
    RefusalReason::ForgedAuts,
    PLAIN,
    &[first(USER_1), answer(&format!("{EMPTY_PASSWORD}, auts=\"uoU/PBLcTIsCWhx6zb4=\""))],
    "403 Forbidden", "auts does not verify"
)]
#[case::unexpected_auts(
    RefusalReason::UnexpectedAuts,
    SECURED,
    &[
        first(USER_7),
        request(
            "GET /",
            &format!(
                "Digest {USER_7}, {ANSWER_2G}, {EMPTY_PASSWORD}, auts=\"uoU/PBLcTIsCWhx6zb8=\""
            ),
        ),
    ],
    "400 Bad Request", "this subscriber has no sequence numbers"
)]
#[case::unknown_identity(
    RefusalReason::UnknownIdentity,
    PLAIN,
    &[first("username=\"nobody@home1.net\", realm=\"bsf.home1.net\"")],
    "403 Forbidden", "no such subscriber"
)]
#[case::unknown_tmpi(
    RefusalReason::UnknownTmpi,
    PLAIN,
    &[first(
        "username=\"WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org\", \
         realm=\"bsf.home1.net\""
    )],
    "403 Forbidden", "no such temporary identity"
)]
#[case::tls_required(
    RefusalReason::TlsRequired,
    PLAIN,
    &[first(USER_7)],
    "403 Forbidden", "this subscriber bootstraps inside TLS"
)]
#[case::second_generation_disallowed(
    RefusalReason::SecondGenerationDisallowed,
    SECURED,
    &[first(USER_7)],
    "403 Forbidden", "2G GBA is not allowed"
)]
#[case::gba_digest_disallowed(
    RefusalReason::GbaDigestDisallowed,
    SECURED,
    &[first(USER_8)],
    "403 Forbidden", "GBA_Digest is not allowed"
)]
fn the_bsf_refuses(
    #[case] reason: RefusalReason,
    #[case] connection: ConnectionId,
    #[case] requests: &[String],
    #[case] status: &str,
    #[case] why: &str,
) {
    let mut server = bsf(reason);
    if connection == SECURED {
        let tls = &tls_session();
        assert_eq!(server.handle(NOW, Input::Secured { connection, tls }), []);
    }
    let text = last_answer(&mut server, connection, requests, status);
    assert!(text.contains(why), "{text}");
    let is_challenge = text.contains("WWW-Authenticate");
    assert_eq!(
        is_challenge,
        reason == RefusalReason::WrongResponse,
        "{text}"
    );
    snapshot(&format!("bsf-refuses-{}", slug(reason)), &text);
}

/// The reasons of a BSF whose subscribers an HSS knows, and what comes of its question there.
#[rstest]
#[case::home_unreachable(
    RefusalReason::HomeUnreachable,
    Err(Unanswered::Broken),
    "503 Service Unavailable",
    "the home network cannot be reached"
)]
#[case::home_silent(
    RefusalReason::HomeSilent,
    Err(Unanswered::TooLate),
    "504 Gateway Timeout",
    "the home network does not answer"
)]
#[case::home_refused(
    RefusalReason::HomeRefused,
    Ok("Result-Code: 5012"),
    "500 Internal Server Error",
    "the home network refuses"
)]
#[case::home_malformed(
    RefusalReason::HomeMalformed,
    Ok("Result-Code: 2001"),
    "502 Bad Gateway",
    "the home network gives no vector"
)]
fn the_bsf_refuses_without_its_home_network(
    #[case] reason: RefusalReason,
    #[case] answer: Result<&str, Unanswered>,
    #[case] status: &str,
    #[case] why: &str,
) {
    let mut server = embedded::bsf_behind_hss(embedded::home_over_zh(), known_bsf(), 1);
    let request = read(&first(USER_1));
    let input = Input::Message {
        connection: PLAIN,
        message: &request,
    };
    let asked = server.handle(NOW, input);
    assert!(
        matches!(asked.as_slice(), [Output::Ask { .. }]),
        "{asked:?}"
    );
    let answer = answer.map(|avps| {
        notation::parse(&format!("Diameter MAA\n{avps}\n")).expect("the notation of Diameter")
    });
    let told = server.handle(
        NOW,
        Input::Asked {
            connection: PLAIN,
            answer: answer.as_ref().map_err(|why| *why),
        },
    );
    let [Output::Respond { message, .. }] = told.as_slice() else {
        panic!("one answer: {told:?}");
    };
    let text = text_of(&message.to_bytes());
    let is_right = text.starts_with(&format!("HTTP/1.1 {status}\\r\\n"));
    assert!(is_right && text.contains(why), "{text}");
    assert!(!text.contains("WWW-Authenticate"), "{text}");
    snapshot(&format!("bsf-refuses-{}", slug(reason)), &text);
}

/// A challenge counts once, and only for whom it was made.
#[rstest]
#[case::the_answer_of_before("bsf-challenges-after-a-replay", &[first(USER_1), answer(RES), answer(RES)])]
#[case::an_answer_to_no_challenge("bsf-challenges-after-a-foreign-nonce", &[answer(RES)])]
#[case::auts_for_no_challenge(
    "bsf-challenges-after-auts-for-a-foreign-nonce",
    &[answer(&format!("{EMPTY_PASSWORD}, auts=\"uoU/PBLcTIsCWhx6zb8=\""))]
)]
fn the_bsf_challenges_after(#[case] name: &str, #[case] requests: &[String]) {
    let mut server = embedded::bsf(known_bsf(), 1);
    let text = last_answer(&mut server, PLAIN, requests, "401 Unauthorized");
    snapshot(name, &text);
}

/// The reference BSF, unless the reason is that something is switched off.
fn bsf(reason: RefusalReason) -> Bsf {
    let is_off = matches!(
        reason,
        RefusalReason::SecondGenerationDisallowed | RefusalReason::GbaDigestDisallowed
    );
    if !is_off {
        return embedded::bsf(known_bsf(), 1);
    }
    let offer = BsfOffer {
        second_generation: Switch::Off,
        gba_digest: Switch::Off,
        ..BsfOffer::default()
    };
    embedded::bsf_with(offer, known_bsf(), 1)
}

/// The name of a reason in its snapshot. A new one needs a name here and a row above.
fn slug(reason: RefusalReason) -> &'static str {
    match reason {
        RefusalReason::MalformedRequest => "malformed-request",
        RefusalReason::MethodNotAllowed => "method",
        RefusalReason::NotFound => "target",
        RefusalReason::MalformedCredentials => "malformed-credentials",
        RefusalReason::UriMismatch => "uri",
        RefusalReason::ForeignRealm => "realm",
        RefusalReason::Downgrade => "downgrade",
        RefusalReason::NonceCount => "nonce-count",
        RefusalReason::WrongResponse => "wrong-response",
        RefusalReason::MalformedAuts => "malformed-auts",
        RefusalReason::ForgedAuts => "forged-auts",
        RefusalReason::UnexpectedAuts => "unexpected-auts",
        RefusalReason::UnknownIdentity => "unknown-identity",
        RefusalReason::UnknownTmpi => "unknown-tmpi",
        RefusalReason::TlsRequired => "outside-tls",
        RefusalReason::SecondGenerationDisallowed => "2g-gba",
        RefusalReason::GbaDigestDisallowed => "gba-digest",
        RefusalReason::HomeUnreachable => "home-unreachable",
        RefusalReason::HomeSilent => "home-silent",
        RefusalReason::HomeRefused => "home-refused",
        RefusalReason::HomeMalformed => "home-malformed",
    }
}

fn request(line: &str, authorization: &str) -> String {
    format!("{line} HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: {authorization}\r\n\r\n")
}

fn first(user: &str) -> String {
    request("GET /", &format!("Digest {user}, {FIRST}"))
}

fn answer(rest: &str) -> String {
    request("GET /", &format!("Digest {USER_1}, {ANSWER}, {rest}"))
}

fn changed(rest: &str, was: &str, becomes: &str) -> String {
    let right = answer(rest);
    assert!(right.contains(was), "{right}");
    right.replace(was, becomes)
}

// ---------------------------------------------------------------- NAF and PKI portal

const AT_NAF: &str = "realm=\"3GPP-bootstrapping@naf1.home1.net\", \
    nonce=\"6629fae49393a05397450978507c4ef1\", uri=\"/\", qop=auth-int, nc=00000001, \
    cnonce=\"6629fae49393a05397450978507c4ef1\", algorithm=MD5";
const USERNAME: &str = "username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\"";
/// The response of `ua_digest_flow`, and the one with `qop=auth`.
const KS_NAF: &str = "response=\"bdaff3ef0ab631659549ddcfc828ec53\"";
const KS_NAF_WITH_AUTH: &str = "response=\"1f47e97d8eb31d8a2120d47bb3d0729c\"";

/// `ua_digest_flow` has the digits of the right answers.
#[rstest]
#[case::without_credentials("no-credentials", &[at_naf("GET", "")], "401 Unauthorized")]
#[case::with_the_right_answer(
    "right",
    &[at_naf("GET", ""), authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF}"))],
    "200 OK"
)]
#[case::with_half_an_answer(
    "malformed-credentials",
    &[authorized("username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net, nonce")],
    "400 Bad Request"
)]
#[case::with_a_b_tid_of_nobody(
    "unknown-btid",
    &[
        at_naf("GET", ""),
        authorized(&format!("username=\"AAAA@bsf.home1.net\", {AT_NAF}, {KS_NAF}")),
    ],
    "401 Unauthorized"
)]
#[case::with_the_wrong_answer(
    "wrong-response",
    &[
        at_naf("GET", ""),
        authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF}")).replace("bdaff3ef", "bdaff3ee"),
    ],
    "401 Unauthorized"
)]
#[case::with_the_right_answer_to_no_challenge(
    "unknown-nonce",
    &[authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF}"))],
    "401 Unauthorized"
)]
#[case::with_the_right_answer_again(
    "replay",
    &[
        at_naf("GET", ""),
        authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF}")),
        authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF}")),
    ],
    "401 Unauthorized"
)]
#[case::without_protection_of_the_body(
    "weak-protection",
    &[
        at_naf("GET", ""),
        authorized(&format!("{USERNAME}, {AT_NAF}, {KS_NAF_WITH_AUTH}"))
            .replace("qop=auth-int", "qop=auth"),
    ],
    "401 Unauthorized"
)]
#[case::of_another_method("method", &[at_naf("PUT", "")], "405 Method Not Allowed")]
fn the_naf_answers_a_request(
    #[case] name: &str,
    #[case] requests: &[String],
    #[case] status: &str,
) {
    let mut server = embedded::naf(known_ua(), 1);
    let text = last_answer(&mut server, PLAIN, requests, status);
    // Only a right response to an old nonce makes it stale (RFC 7616 clause 3.3).
    let is_stale = text.contains("stale=true");
    assert_eq!(
        is_stale,
        ["unknown-nonce", "replay"].contains(&name),
        "{text}"
    );
    snapshot(&format!("naf-answers-{name}"), &text);
}

/// The first form is the one of `ua_pki_e4_flow`; the response of the second was computed by other
/// means.
#[rstest]
#[case::of_one_who_may_not(
    "refused",
    &[enrolment("single", "application/x-pkcs10", "0f5d22fb5a473670fea228e5f15e7a14")],
    "403 Forbidden"
)]
#[case::for_a_chain(
    "chain",
    &[enrolment("chain", "application/x-pkcs10", "bf58c4d2ffbc940478d3afa3956149ad")],
    "403 Forbidden"
)]
#[case::of_another_media_type(
    "media-type",
    &[enrolment("single", "text/plain", "0f5d22fb5a473670fea228e5f15e7a14")],
    "415 Unsupported Media Type"
)]
#[case::with_the_wrong_answer(
    "wrong-response",
    &[enrolment("single", "application/x-pkcs10", "0f5d22fb5a473670fea228e5f15e7a15")],
    "401 Unauthorized"
)]
#[case::of_another_method("method", &[at_portal("GET", "single", "text/plain", "")], "405 Method Not Allowed")]
fn the_portal_answers_a_request(
    #[case] name: &str,
    #[case] requests: &[String],
    #[case] status: &str,
) {
    let mut server = embedded::portal(known_ua(), 1);
    // The nonce of the published flow has to be handed out before it can be answered.
    let opening = read(&at_portal("POST", "single", "application/x-pkcs10", ""));
    let challenge = ask(&mut server, PLAIN, &opening);
    assert_eq!(challenge.status(), Ok(401));
    let text = last_answer(&mut server, PLAIN, requests, status);
    snapshot(&format!("portal-answers-{name}"), &text);
}

fn at_naf(method: &str, authorization: &str) -> String {
    format!("{method} / HTTP/1.1\r\nHost: naf1.home1.net\r\n{authorization}\r\n")
}

fn authorized(credentials: &str) -> String {
    at_naf("GET", &format!("Authorization: Digest {credentials}\r\n"))
}

fn at_portal(method: &str, form: &str, media_type: &str, authorization: &str) -> String {
    format!(
        "{method} /enrol?response={form} HTTP/1.1\r\nHost: pkiportal.home1.net\r\n\
         Content-Type: {media_type}\r\nContent-Length: 82\r\n{authorization}\r\n\
         -----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n"
    )
}

fn enrolment(form: &str, media_type: &str, response: &str) -> String {
    let authorization = format!(
        "Authorization: Digest {USERNAME}, realm=\"3GPP-bootstrapping@pkiportal.home1.net\", \
         nonce=\"6629fae49393a05397450978507c4ef1\", uri=\"/enrol?response={form}\", \
         qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", \
         response=\"{response}\", algorithm=MD5\r\n"
    );
    at_portal("POST", form, media_type, &authorization)
}

// ---------------------------------------------------------------- both

/// The answer to the last request, which has this status; none of them holds a secret.
fn last_answer(
    server: &mut dyn Role,
    connection: ConnectionId,
    requests: &[String],
    status: &str,
) -> String {
    let mut last = Vec::new();
    for request in requests {
        last = ask(server, connection, &read(request)).to_bytes();
        assert_tells_no_secret(request, [request.as_bytes(), &last]);
    }
    let text = text_of(&last);
    let is_right = text.starts_with(&format!("HTTP/1.1 {status}\\r\\n"));
    assert!(is_right, "{text}");
    text
}

fn read(text: &str) -> Message {
    Message::from_bytes(text.as_bytes()).expect("the text is not empty")
}
