//! What the correct UE does with right, forged and odd answers.

use data_encoding::BASE64;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::world::{NOW, Usim, World, user1};
use crate::bsf::{self, BsfPolicy, VectorSeed};
use crate::role::{Action, ClientOutcome, ConnectionId, Input, Output, Peer, Role};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

fn world(change: fn(&mut BsfPolicy)) -> World {
    let mut bsf = BsfPolicy::default();
    change(&mut bsf);
    World::with_usim(
        Usim::InStep,
        &bsf,
        &UaPolicy::default(),
        &UePolicy::default(),
    )
}

fn ua_world(change: fn(&mut UaPolicy)) -> World {
    let mut ua = UaPolicy::default();
    change(&mut ua);
    World::with_usim(
        Usim::InStep,
        &BsfPolicy::default(),
        &ua,
        &UePolicy::default(),
    )
}

fn with_wrong_mac(policy: &mut BsfPolicy) {
    policy.nonce = |rand, autn| {
        let mut octets = *autn.as_bytes();
        octets[15] ^= 1;
        bsf::nonce(rand, octets.into())
    };
}

#[rstest]
#[case::sqn_in_range(Usim::InStep)]
#[case::sqn_out_of_range(Usim::Ahead)]
fn stops_silently_at_a_wrong_mac(#[case] usim: Usim) {
    let mut policy = BsfPolicy::default();
    with_wrong_mac(&mut policy);
    let mut world = World::with_usim(usim, &policy, &UaPolicy::default(), &UePolicy::default());
    assert_eq!(
        world.run(Action::Bootstrap),
        Some(ClientOutcome::NotAuthentic)
    );
    assert_eq!(world.wire.len(), 2, "nothing is sent after the challenge");
    assert_eq!(world.ue.btid(NOW), None);
}

#[test]
fn gives_up_after_two_resynchronisations() {
    let policy = BsfPolicy {
        choose_vector: |choice| VectorSeed {
            sqn: choice
                .previous
                .map_or(choice.next_sqn, |previous| previous.sqn),
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    };
    let mut world = World::with_usim(
        Usim::Ahead,
        &policy,
        &UaPolicy::default(),
        &UePolicy::default(),
    );
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    let reports = (0..world.wire.len()).filter(|&place| world.text(place).contains("auts="));
    assert_eq!(reports.count(), 2);
}

#[rstest]
#[case::empty("")]
#[case::of_15_octets("AAAAAAAAAAAAAAAAAAAA")]
#[case::of_16_octets("I1U8vpY3qJ0hiuZNrke/NQ==")]
#[case::of_31_octets("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfrw==")]
#[case::of_another_alphabet("I1U8vpY3qJ0hiuZNrke_NVXzKLQ1d7m5Sp_6w1Tfr7M=")]
#[case::without_padding("I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M")]
fn does_not_answer_an_unreadable_nonce(#[case] nonce: &str) {
    let mut message = Message::response(401, "Unauthorized");
    message.push(
        "WWW-Authenticate",
        format!("Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\""),
    );
    assert_eq!(
        outcome_of_first_answer(&message),
        [Output::Finished(ClientOutcome::Failed)]
    );
}

#[rstest]
#[case::forbidden(403, "")]
#[case::success_without_a_run(200, "")]
#[case::no_challenge(401, "")]
#[case::basic(401, "Basic realm=\"bsf.home1.net\"")]
#[case::plain_md5(
    401,
    "Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=MD5, qop=\"auth-int\""
)]
#[case::no_algorithm(
    401,
    "Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", qop=\"auth-int\""
)]
#[case::only_auth(
    401,
    "Digest realm=\"bsf.home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=AKAv1-MD5, qop=\"auth\""
)]
fn fails_without_a_usable_challenge(#[case] status: u16, #[case] challenge: &str) {
    let mut message = Message::response(status, "Some Reason");
    if !challenge.is_empty() {
        message.push("WWW-Authenticate", challenge);
    }
    assert_eq!(
        outcome_of_first_answer(&message),
        [Output::Finished(ClientOutcome::Failed)]
    );
}

fn outcome_of_first_answer(message: &Message) -> Vec<Output> {
    let mut ue = user1(Usim::InStep, &UePolicy::default());
    ue.handle(NOW, Input::Start(Action::Bootstrap));
    let connection = ConnectionId(1);
    ue.handle(
        NOW,
        Input::Message {
            connection,
            message,
        },
    )
}

#[test]
fn carries_server_data_and_opaque_unchanged() {
    let mut world = world(|policy| {
        policy.nonce =
            |rand, autn| BASE64.encode(&[rand.as_ref(), autn.as_ref(), b"server data"].concat());
    });
    world.server_tamper.message = Some(|message| {
        if let Some(field) = message.field("WWW-Authenticate") {
            let value = [field.value.as_slice(), b", opaque=\"o+/=p\""].concat();
            message.set("WWW-Authenticate", value);
        }
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert!(world.text(2).contains("opaque=\"o+/=p\""));
    let nonce = |text: &str| {
        let (_, rest) = text.split_once("nonce=\"").expect("there is a nonce");
        rest.split('"').next().map(str::to_owned)
    };
    assert_eq!(nonce(&world.text(2)), nonce(&world.text(1)));
}

#[test]
fn uses_the_second_challenge_where_the_first_is_of_no_use() {
    let mut world = world(|_| ());
    world.server_tamper.message = Some(|message| {
        if message.field("WWW-Authenticate").is_some() {
            let (unknown, mut right) = (
                "Digest realm=\"x\", nonce=\"x\", algorithm=FOO, qop=\"auth-int\"",
                message.clone(),
            );
            right
                .fields
                .retain(|field| field.is_named("WWW-Authenticate"));
            message.remove("WWW-Authenticate");
            message.push("WWW-Authenticate", unknown);
            message.fields.append(&mut right.fields);
        }
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
}

#[test]
fn reads_a_document_with_prefixes_and_foreign_parts() {
    let mut world = world(|policy| {
        policy.success_body = |facts| {
            let btid = facts.btid;
            format!(
                "<!-- c --><g:BootstrappingInfo xmlns:g=\"uri:3gpp-gba\" other=\"1\"><g:btid>{btid}</g:btid>\
                 <g:lifetime>2004-01-09T10:13:17Z</g:lifetime><g:Extension><x xmlns=\"u\"/></g:Extension>\
                 </g:BootstrappingInfo>"
            )
        };
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
}

#[rstest]
#[case::absent(|policy: &mut BsfPolicy| policy.authentication_info = |_| None)]
#[case::of_another_password(|policy: &mut BsfPolicy| {
    policy.authentication_info = |info| {
        crate::proof::authentication_info(&crate::proof::InfoFacts { password: b"", ..*info })
    };
})]
fn keeps_no_session_without_a_proof(#[case] change: fn(&mut BsfPolicy)) {
    let mut world = world(change);
    assert_eq!(
        world.run(Action::Bootstrap),
        Some(ClientOutcome::NotAuthentic)
    );
    assert_eq!(world.ue.btid(NOW), None);
}

#[test]
fn answers_one_challenge_in_a_run() {
    let mut world = world(|policy| policy.accept_response = |_| false);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    assert_eq!(world.wire.len(), 4);
}

#[rstest]
#[case::of_another_host("3GPP-bootstrapping@other.home1.net")]
#[case::without_prefix("naf1.home1.net")]
#[case::of_the_uicc_form("3GPP-bootstrapping-uicc@naf1.home1.net")]
fn does_not_bootstrap_for_a_realm(#[case] realm: &str) {
    let mut message = Message::response(401, "Unauthorized");
    message.push(
        "WWW-Authenticate",
        format!("Digest realm=\"{realm}\", nonce=\"n\", algorithm=MD5, qop=\"auth-int\""),
    );
    let mut ue = user1(Usim::InStep, &UePolicy::default());
    ue.handle(NOW, Input::Start(Action::Fetch));
    let connection = ConnectionId(1);
    let outputs = ue.handle(
        NOW,
        Input::Message {
            connection,
            message: &message,
        },
    );
    assert_eq!(outputs, [Output::Finished(ClientOutcome::Failed)]);
}

#[rstest]
#[case::right(None, Action::Enrol, ClientOutcome::Refused)]
#[case::page_without_proof(Some(without_info as fn(&mut Message)), Action::Fetch, ClientOutcome::NotAuthentic)]
#[case::refusal_without_proof(Some(without_info as fn(&mut Message)), Action::Enrol, ClientOutcome::Failed)]
#[case::page_with_wrong_proof(Some(with_wrong_info as fn(&mut Message)), Action::Fetch, ClientOutcome::NotAuthentic)]
#[case::refusal_with_wrong_proof(Some(with_wrong_info as fn(&mut Message)), Action::Enrol, ClientOutcome::NotAuthentic)]
fn believes_only_what_is_proved(
    #[case] tamper: Option<fn(&mut Message)>,
    #[case] action: Action,
    #[case] outcome: ClientOutcome,
) {
    let mut world = ua_world(|_| ());
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    world.wire.clear();
    world.server_tamper.message = tamper;
    assert_eq!(world.run(action), Some(outcome));
    assert_eq!(world.wire.len(), 4, "no second Ub run");
}

fn without_info(message: &mut Message) {
    message.remove("Authentication-Info");
}

fn with_wrong_info(message: &mut Message) {
    if message.field("Authentication-Info").is_some() {
        let forged = "qop=auth-int, rspauth=\"6629fae49394a05397450978507c4ef1\", \
                      cnonce=\"6629fae49393a05397450978507c4ef1\", nc=00000001";
        message.set("Authentication-Info", forged);
    }
}

#[test]
fn bootstraps_again_where_an_earlier_key_is_withdrawn() {
    let mut world = ua_world(|policy| policy.key_is_valid = |_| false);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    let first = world.ue.btid(NOW).map(str::to_owned);
    world.wire.clear();
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Failed));
    // Bare GET, answer with the old key, one Ub run, answer with the new key.
    assert_eq!(world.wire.len(), 10);
    assert_ne!(world.ue.btid(NOW).map(str::to_owned), first);
}

#[test]
fn answers_a_stale_nonce_with_the_same_key() {
    let mut world = ua_world(|_| ());
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    world.ue.handle(NOW, Input::Start(Action::Fetch));
    let mut answer_to = |nonce: &str, stale: &str| {
        let mut message = Message::response(401, "Unauthorized");
        let realm = "3GPP-bootstrapping@naf1.home1.net";
        message.push(
            "WWW-Authenticate",
            format!(
                "Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth-int\"{stale}"
            ),
        );
        let connection = ConnectionId(1);
        let input = Input::Message {
            connection,
            message: &message,
        };
        match world.ue.handle(NOW, input).as_slice() {
            [Output::Send { to, message, .. }] => Some((
                *to,
                String::from_utf8_lossy(&message.to_bytes()).into_owned(),
            )),
            _ => None,
        }
    };
    let (_, first) = answer_to("first", "").expect("the challenge is answered");
    assert!(first.contains("nonce=\"first\""));
    let (to, second) = answer_to("second", ", stale=true").expect("the new nonce is answered");
    assert_eq!(to, Peer::Naf);
    assert!(second.contains("nonce=\"second\""));
    // A third stale nonce is answered, a fourth is not.
    assert!(answer_to("third", ", stale=true").is_some());
    assert!(answer_to("fourth", ", stale=true").is_none());
}

#[test]
fn runs_ub_again_after_the_lifetime() {
    let mut world = ua_world(|_| ());
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
    world.now = NOW.plus_seconds(86_400);
    world.wire.clear();
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
    assert_eq!(world.wire.len(), 8);
}

#[test]
fn waits_for_a_while_and_then_gives_up() {
    let mut ue = user1(Usim::InStep, &UePolicy::default());
    assert_eq!(ue.deadline(), None);
    ue.handle(NOW, Input::Start(Action::Bootstrap));
    assert_eq!(ue.deadline(), Some(NOW.plus_millis(5_000)));
    let outputs = ue.handle(NOW, Input::TimedOut);
    assert_eq!(outputs, [Output::Finished(ClientOutcome::Failed)]);
    assert_eq!(ue.deadline(), None);
}
