//! What BSF and UE refuse in the other ways of bootstrapping, and how a UE goes on after an error.

use data_encoding::BASE64;
use gbaspec_crypto::kdf::CipherSuite;
use gbaspec_crypto::secret::TlsMkExtr;
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::probe::{Answer, initial, sqn_of, user};
use super::world::{NOW, PLAIN, SECURED, World, ask, ask_on};
use crate::bsf::{self, BsfConfig, BsfNetwork, BsfOffer, BsfPolicy, RefusalReason, SuccessFacts};
use crate::embedded::{self, BSF_FQDN};
use crate::role::{
    Action, ClientOutcome, ConnectionId, Input, Output, Role as _, TlsSession, TlsVersion,
};
use crate::subscriber::{Subscriber, SubscriberKeys};
use crate::ua::UaPolicy;
use crate::ub::tmpi::is_tmpi;
use crate::ue::UePolicy;
use crate::{Bsf, bsf::Switch};

const TMPI: &str = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";

fn world_with(index: usize, change: fn(&mut BsfPolicy)) -> World {
    let mut policy = BsfPolicy::default();
    change(&mut policy);
    World::of(
        embedded::ue(index, UePolicy::default(), 4),
        embedded::bsf(policy, 1),
        &UaPolicy::default(),
    )
}

fn world(index: usize) -> World {
    world_with(index, |_| ())
}

fn secured(bsf: &mut Bsf, mk_extr: TlsMkExtr) {
    let tls = TlsSession {
        mk_extr,
        peer_names: Vec::new(),
        suite: CipherSuite(0x1301),
        version: TlsVersion::Tls13,
        psk_identity: None,
    };
    let input = Input::Secured {
        connection: SECURED,
        tls: &tls,
    };
    assert_eq!(bsf.handle(NOW, input), []);
}

fn announcing(impi: &str, agent: &str) -> Message {
    let mut request = initial(impi);
    request.push("User-Agent", agent);
    request
}

#[rstest]
#[case::tmpi_that_nobody_has(TMPI, "x", PLAIN)]
#[case::sim_in_the_clear("user7_private@home1.net", "x", PLAIN)]
#[case::password_in_the_clear("user8_private@home1.net", "GBA_Digest", PLAIN)]
#[case::password_unannounced("user8_private@home1.net", "x", SECURED)]
#[case::password_announced_in_another_spelling("user8_private@home1.net", "gba_digest", SECURED)]
#[case::usim_that_announces_gba_digest("user1_private@home1.net", "GBA_Digest", SECURED)]
#[case::usim_that_announces_gba_digest_in_the_clear("user1_private@home1.net", "GBA_Digest", PLAIN)]
#[case::sim_that_announces_gba_digest("user7_private@home1.net", "GBA_Digest", SECURED)]
fn refuses_without_a_challenge(
    #[case] impi: &str,
    #[case] agent: &str,
    #[case] connection: ConnectionId,
) {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    secured(&mut bsf, TlsMkExtr::new([7; 48]));
    let answer = ask_on(&mut bsf, NOW, connection, &announcing(impi, agent));
    assert_eq!(answer.status(), Ok(403));
    assert!(answer.field("WWW-Authenticate").is_none());
}

#[rstest]
#[case::usim_inside_tls("user1_private@home1.net", "x")]
#[case::sim("user7_private@home1.net", "x")]
#[case::password("user8_private@home1.net", "a/1 GBA_Digest b/2")]
fn challenges_inside_tls(#[case] impi: &str, #[case] agent: &str) {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    secured(&mut bsf, TlsMkExtr::new([7; 48]));
    let answer = ask_on(&mut bsf, NOW, SECURED, &announcing(impi, agent));
    assert_eq!(answer.status(), Ok(401));
}

#[test]
fn forgets_that_a_connection_was_inside_tls_when_it_ends() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    secured(&mut bsf, TlsMkExtr::new([7; 48]));
    let connection = SECURED;
    assert_eq!(bsf.handle(NOW, Input::Closed { connection }), []);
    let answer = ask_on(&mut bsf, NOW, SECURED, &initial("user7_private@home1.net"));
    assert_eq!(answer.status(), Ok(403));
}

#[test]
fn challenges_a_known_tmpi_for_its_subscriber() {
    let mut world = world(0);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    let tmpi = world.ue.tmpi().expect("both announced it").to_owned();
    let challenge = ask(&mut world.bsf, NOW, &initial(&tmpi));
    // SEQ and IND one higher than in the first run.
    assert_eq!(sqn_of(user(0), &challenge).to_string(), "ff9bb4d0b628");
}

#[test]
fn knows_one_tmpi_of_a_subscriber_at_a_time() {
    let mut world = world(0);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    let first = world.ue.tmpi().expect("both announced it").to_owned();
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert_ne!(world.ue.tmpi(), Some(first.as_str()));
    let answer = ask(&mut world.bsf, NOW, &initial(&first));
    assert_eq!(answer.status(), Ok(403));
}

#[test]
fn gives_no_tmpi_to_a_client_that_does_not_announce_it() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    let challenge = ask(&mut bsf, NOW, &initial(user(0).impi));
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    assert_eq!(ask(&mut bsf, NOW, &answer).status(), Ok(200));
    assert_eq!(bsf.tmpi(user(0).impi), None);
}

#[test]
fn refuses_an_auts_of_a_subscriber_with_a_sim() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    secured(&mut bsf, TlsMkExtr::new([7; 48]));
    let challenge = ask_on(&mut bsf, NOW, SECURED, &initial("user7_private@home1.net"));
    let mut answer = Answer::auts_to_bsf(user(0), &challenge, 1);
    answer.username = "user7_private@home1.net".to_owned();
    let answer = ask_on(&mut bsf, NOW, SECURED, &answer.sign());
    assert_eq!(answer.status(), Ok(400));
}

#[test]
fn binds_a_password_to_the_tls_session() {
    let mut world = world(7);
    // The BSF sees another session than the UE, as with somebody in between.
    world.tls.mk_extr = TlsMkExtr::new([1; 48]);
    world.connect_bsf_with(TlsMkExtr::new([2; 48]));
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    assert_eq!(world.start_lines()[3], "HTTP/1.1 401 Unauthorized");
}

#[rstest]
#[case::of_everybody(None, Some("AKAv1-MD5"))]
#[case::of_the_subscriber(Some(vec![Algorithm::AkaV2Md5]), Some("AKAv2-MD5"))]
fn offers_the_algorithms(
    #[case] algorithms: Option<Vec<Algorithm>>,
    #[case] offered: Option<&str>,
) {
    let mut subscriber = user(0).subscriber();
    if let SubscriberKeys::Usim {
        algorithms: own, ..
    } = &mut subscriber.keys
    {
        *own = algorithms;
    }
    let mut bsf = bsf_of(subscriber);
    let challenge = ask(&mut bsf, NOW, &initial(user(0).impi));
    let algorithm = super::world::challenge_value(&challenge, "algorithm");
    assert_eq!(algorithm.as_deref(), offered);
    let mut answer = Answer::to_bsf(user(0), &challenge);
    answer.algorithm = "AKAv2-SHA-256";
    assert_eq!(ask(&mut bsf, NOW, &answer.sign()).status(), Ok(400));
}

fn bsf_of(subscriber: Subscriber) -> Bsf {
    let config = BsfConfig {
        fqdn: BSF_FQDN.to_owned(),
        subscribers: vec![subscriber],
        scheme: gbaspec_crypto::sqn::SqnScheme::default(),
        lifetime_seconds: 60,
        offer: BsfOffer::default(),
        network: BsfNetwork::default(),
    };
    Bsf::new(config, BsfPolicy::default(), 1)
}

#[test]
fn offers_digest_aka_version_1_alone_by_default() {
    let offer = BsfOffer::default();
    assert_eq!(offer.algorithms, [Algorithm::AkaV1Md5]);
    assert_eq!(
        (offer.second_generation, offer.gba_digest),
        (Switch::Off, Switch::Off)
    );
}

#[test]
fn returns_to_the_private_identity_after_an_error() {
    let mut world = world_with(0, |policy| {
        policy.identify = |facts| {
            if is_tmpi(facts.username) {
                return Err(RefusalReason::UnknownTmpi);
            }
            bsf::identify(facts)
        };
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    let tmpi = world.ue.tmpi().expect("both announced it").to_owned();
    world.wire.clear();
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert!(world.text(0).contains(&format!("username=\"{tmpi}\"")));
    assert!(world.text(1).starts_with("HTTP/1.1 403 "));
    assert!(
        world
            .text(2)
            .contains("username=\"user1_private@home1.net\"")
    );
    assert!(world.text(3).starts_with("HTTP/1.1 401 "));
}

#[test]
fn stops_where_the_private_identity_is_refused_as_well() {
    let mut world = world(0);
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    world.wire.clear();
    world.server_tamper.message = Some(|message| {
        message.start_line = b"HTTP/1.1 403 Forbidden".to_vec();
        message.remove("WWW-Authenticate");
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    assert_eq!(world.wire.len(), 4, "one try with each identity");
    assert_eq!(world.ue.tmpi(), None);
}

#[test]
fn has_no_tmpi_where_the_bsf_does_not_announce_it() {
    let mut world = world(0);
    world.server_tamper.message = Some(|message| message.set("Server", "BSF/1"));
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert_eq!(world.ue.tmpi(), None);
}

#[rstest]
#[case::sim(6)]
#[case::password(7)]
fn stops_at_a_certificate_of_another_name(#[case] index: usize) {
    let mut world = world(index);
    world.tls.peer_names = vec!["bsf.home2.net".to_owned(), "home1.net".to_owned()];
    assert_eq!(
        world.run(Action::Bootstrap),
        Some(ClientOutcome::NotAuthentic)
    );
    assert_eq!(world.wire.len(), 2, "nothing is sent after the challenge");
}

#[rstest]
#[case::sim(6)]
#[case::password(7)]
fn finds_the_name_among_others_in_any_case(#[case] index: usize) {
    let mut world = world(index);
    world.tls.peer_names = vec!["x.home1.net".to_owned(), "BSF.home1.net".to_owned()];
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
}

#[rstest]
#[case::sim_at_a_realm_that_the_certificate_does_not_name(6, "home1.net")]
#[case::password_at_the_realm_of_the_bsf(7, "bsf.home1.net")]
fn stops_at_another_realm(#[case] index: usize, #[case] realm: &'static str) {
    let mut world = world(index);
    world.server_tamper.message = Some(match realm {
        "home1.net" => |message| with_realm(message, "home1.net"),
        _ => |message| with_realm(message, "bsf.home1.net"),
    });
    assert_eq!(
        world.run(Action::Bootstrap),
        Some(ClientOutcome::NotAuthentic)
    );
    assert_eq!(world.wire.len(), 2, "nothing is sent after the challenge");
}

fn with_realm(message: &mut Message, realm: &str) {
    if let Some(field) = message.field("WWW-Authenticate") {
        let text = String::from_utf8_lossy(&field.value).into_owned();
        let (_, rest) = text.split_once("nonce=").expect("there is a nonce");
        message.set(
            "WWW-Authenticate",
            format!("Digest realm=\"{realm}\", nonce={rest}"),
        );
    }
}

#[rstest]
#[case::without_ks_input(32)]
#[case::with_half_a_ks_input(40)]
#[case::with_more(64)]
fn does_not_answer_a_nonce_that_is_none_of_2g_gba(#[case] octets: usize) {
    let nonce = BASE64.encode(&vec![0; octets]);
    assert_eq!(
        outcome_with_sim(&nonce),
        [Output::Finished(ClientOutcome::Failed)]
    );
}

#[test]
fn does_not_answer_a_vector_of_aka_with_a_sim() {
    let nonce = BASE64.encode(&[3; 48]);
    assert_eq!(
        outcome_with_sim(&nonce),
        [Output::Finished(ClientOutcome::Failed)]
    );
}

fn outcome_with_sim(nonce: &str) -> Vec<Output> {
    let mut ue = embedded::ue(6, UePolicy::default(), 4);
    ue.handle(NOW, Input::Start(Action::Bootstrap));
    let tls = world(6).tls;
    let connection = SECURED;
    let tls = &tls;
    ue.handle(NOW, Input::Secured { connection, tls });
    let mut message = Message::response(401, "Unauthorized");
    message.push(
        "WWW-Authenticate",
        format!("Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\""),
    );
    let message = &message;
    let input = Input::Message {
        connection,
        message,
    };
    ue.handle(NOW, input)
}

#[test]
fn computes_anew_for_a_stale_nonce_and_not_for_ever() {
    let mut world = world_with(0, |policy| policy.accept_response = |_| false);
    world.server_tamper.message = Some(|message| {
        if let Some(field) = message.field("WWW-Authenticate") {
            let value = [field.value.as_slice(), b", stale=true"].concat();
            message.set("WWW-Authenticate", value);
        }
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    // The first request and three answers.
    assert_eq!(world.wire.len(), 8);
    assert!(!world.text(4).contains("nonce=\"\""));
    assert_ne!(world.wire[2], world.wire[4]);
}

#[test]
fn bootstraps_anew_when_its_session_has_ended() {
    let mut world = world_with(0, |policy| {
        policy.success_body = |facts| {
            bsf::success_body(&SuccessFacts {
                expires: facts.now,
                ..*facts
            })
        };
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    world.wire.clear();
    world.run(Action::Fetch);
    let hosts = (0..world.wire.len())
        .step_by(2)
        .filter(|&place| world.text(place).contains("Host: bsf.home1.net"));
    assert_eq!(hosts.count(), 2, "a Ub run stands before the answer");
}

#[test]
fn starts_the_next_run_without_the_nextnonce() {
    let mut world = world(0);
    world.server_tamper.message = Some(|message| {
        if let Some(field) = message.field("Authentication-Info") {
            let value = [field.value.as_slice(), b", nextnonce=\"AAAA\""].concat();
            message.set("Authentication-Info", value);
        }
    });
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
    assert!(world.text(4).contains("nonce=\"\""));
}
