//! No input makes a role panic or grow without limit.

use gbaspec_wire::diameter::{Avp, Packet, dictionary};
use gbaspec_wire::http::Message;
use proptest::prelude::*;
use rstest::rstest;

use super::diameter::exchange;
use super::probe::{Answer, initial, user};
use super::world::{NOW, SECURED, Usim, World, ask, ask_on, user1};
use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::faults::stock::StockPeer;
use crate::hss::HssPolicy;
use crate::role::{Action, ClientOutcome, ConnectionId, Input, Output, Role};
use crate::ua::UaPolicy;
use crate::ue::UePolicy;

/// Pieces of messages that get far into the roles.
const PIECES: [&str; 22] = [
    "GET / HTTP/1.1\r\n",
    "POST /enrol?response=single HTTP/1.1\r\n",
    "HTTP/1.1 401 Unauthorized\r\n",
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 403 Forbidden\r\n",
    "Authorization: Digest username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", ",
    "WWW-Authenticate: Digest realm=\"3GPP-bootstrapping@naf1.home1.net\", ",
    "Authentication-Info: qop=auth-int, rspauth=\"\", ",
    "nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", ",
    "nonce=\"\", ",
    "algorithm=AKAv1-MD5, ",
    "uri=\"/\", response=\"\", ",
    "qop=auth-int, nc=00000001, cnonce=\"x\", ",
    "auts=\"uoU/PBLcTIsCWhx6zb8=\"",
    "Authorization: Digest username=\"user7_private@home1.net\", realm=\"bsf.home1.net\", ",
    "Authorization: Digest username=\"user8_private@home1.net\", realm=\"home1.net\", ",
    "Authorization: Digest username=\"AAAA@tmpi.bsf.3gppnetwork.org\", realm=\"bsf.home1.net\", ",
    "User-Agent: GBA_Digest 3gpp-gba-tmpi\r\n",
    "WWW-Authenticate: Digest realm=\"home1.net\", algorithm=SHA-256, qop=\"auth-int\", ",
    "nonce=\"I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/\", ",
    "\r\n",
    "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
];

fn message() -> impl Strategy<Value = Message> {
    let piece = prop_oneof![
        4 => prop::sample::select(PIECES.as_slice()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 1..12).prop_map(|pieces| {
        let bytes = pieces.concat();
        Message::from_bytes(&bytes).unwrap_or_else(|_| Message::request(""))
    })
}

/// Targets of the service-based interfaces, and some that are none.
const PATHS: [&str; 6] = [
    "POST /nbsp-gba/v1/bootstrapping-info-retrieval",
    "POST /nhss-gba-ueau/v1/impi-user1_private%40home1.net/security-information/generate-auth-data",
    "GET /nhss-gba-sdm/v1/impi-user1_private%40home1.net/subscriber-data",
    "GET /nhss-gba-sdm/v1/%00/subscriber-data",
    "POST /",
    "x",
];

/// Requests over Diameter that get far into the roles.
fn diameter() -> impl Strategy<Value = Packet> {
    let names = prop::sample::select(dictionary::AVPS.map(|info| info.name).to_vec());
    let avp = (names, prop::collection::vec(any::<u8>(), 0..40));
    let avps = prop::collection::vec(avp, 0..20);
    let command = prop::sample::select(vec![(303, dictionary::ZH), (310, dictionary::ZN), (1, 2)]);
    (command, avps, any::<Vec<u8>>()).prop_map(|((command, application), avps, rest)| {
        let mut packet = Packet::request(command, application);
        packet.avps = avps
            .into_iter()
            .map(|(name, data)| Avp::new(name, data))
            .collect();
        packet.rest = rest;
        Packet::from_bytes(&packet.to_bytes()).unwrap_or_default()
    })
}

proptest! {
    #[test]
    fn servers_answer_whatever_comes(messages in prop::collection::vec(message(), 1..6)) {
        let servers: [&mut dyn Role; 3] = [
            &mut embedded::bsf(BsfPolicy::default(), 1),
            &mut embedded::naf(UaPolicy::default(), 2),
            &mut embedded::portal(UaPolicy::default(), 3),
        ];
        for server in servers {
            for message in &messages {
                let status = ask(server, NOW, message).status();
                prop_assert!(matches!(status, Ok(200..=499)), "{status:?}");
            }
        }
    }

    #[test]
    fn servers_answer_whatever_comes_over_diameter(
        requests in prop::collection::vec(diameter(), 1..6),
    ) {
        let servers: [&mut dyn Role; 2] = [
            &mut embedded::hss(HssPolicy::default(), 1),
            &mut embedded::bsf(BsfPolicy::default(), 1),
        ];
        for server in servers {
            for request in &requests {
                prop_assert!(exchange(server, NOW, request).result().is_some());
            }
        }
    }

    #[test]
    fn roles_survive_whatever_others_answer(answer in diameter(), body: Vec<u8>) {
        let bsf = |home| embedded::bsf_behind_hss(home, BsfPolicy::default(), 1);
        let mut by_diameter = bsf(embedded::home_over_zh());
        let mut by_sbi = bsf(embedded::home_over_sbi());
        let first = initial(user(0).impi);
        let connection = ConnectionId(1);
        let input = Input::Message { connection, message: &first };
        prop_assert_eq!(by_diameter.handle(NOW, input).len(), 1);
        let told = by_diameter.handle(NOW, Input::Asked { connection, answer: Ok(&answer) });
        prop_assert_eq!(told.len(), 1);
        prop_assert_eq!(by_sbi.handle(NOW, input).len(), 1);
        let mut answer = Message::request("HTTP/2 200");
        answer.body = body;
        let told = by_sbi.handle(NOW, Input::Forwarded { connection, answer: Ok(&answer) });
        prop_assert_eq!(told.len(), 1);
    }

    #[test]
    fn servers_answer_whatever_comes_over_http_2(
        path in prop::sample::select(PATHS.as_slice()),
        body in "(\\{|\\}|\\[|\\]|\"|:|,|btId|nafId|nafFqdn|uaSecProtId|authenticationScheme|rand|auts|0|x){0,40}",
    ) {
        let servers: [&mut dyn Role; 2] = [
            &mut embedded::hss(HssPolicy::default(), 1),
            &mut embedded::bsf(BsfPolicy::default(), 1),
        ];
        let mut request = Message::request(&format!("{path} HTTP/2"));
        request.push("content-type", "application/json");
        request.body = body.into_bytes();
        for server in servers {
            let status = ask(server, NOW, &request).status();
            prop_assert!(matches!(status, Ok(200..=499)), "{status:?}");
        }
    }

    #[test]
    fn a_bsf_answers_whatever_comes_inside_tls(
        messages in prop::collection::vec(message(), 1..6),
    ) {
        let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
        let tls = World::with_usim(
            Usim::InStep,
            &BsfPolicy::default(),
            &UaPolicy::default(),
            &UePolicy::default(),
        )
        .tls;
        bsf.handle(NOW, Input::Secured { connection: SECURED, tls: &tls });
        for message in &messages {
            let status = ask_on(&mut bsf, NOW, SECURED, message).status();
            prop_assert!(matches!(status, Ok(200..=499)), "{status:?}");
        }
    }

    #[test]
    fn a_ue_without_a_usim_survives_whatever_comes(
        messages in prop::collection::vec(message(), 1..6),
        index in 6..8_usize,
    ) {
        let mut ue = embedded::ue(index, UePolicy::default(), 4);
        ue.handle(NOW, Input::Start(Action::Bootstrap));
        for message in &messages {
            let input = Input::Message { connection: ConnectionId(1), message };
            prop_assert!(!ue.handle(NOW, input).is_empty());
        }
    }

    #[test]
    fn a_ue_survives_whatever_comes(
        messages in prop::collection::vec(message(), 1..6),
        action in prop::sample::select(vec![
            Action::Bootstrap,
            Action::Fetch,
            Action::Enrol,
            Action::CaCertificate,
        ]),
    ) {
        let mut ue = user1(Usim::Ahead, &UePolicy::default());
        ue.handle(NOW, Input::Start(action));
        for message in &messages {
            let input = Input::Message { connection: ConnectionId(1), message };
            prop_assert!(!ue.handle(NOW, input).is_empty());
        }
    }
}

#[test]
fn remembers_a_bounded_number_of_challenges() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    let first = ask(&mut bsf, NOW, &initial(user(0).impi));
    for _ in 0..100 {
        ask(&mut bsf, NOW, &initial(user(0).impi));
    }
    // Forgotten or replaced, the first challenge is of no use any more.
    let late = Answer::to_bsf(user(0), &first).sign();
    assert_eq!(ask(&mut bsf, NOW, &late).status(), Ok(401));
}

#[test]
fn takes_a_subscriber_of_each_test_set_through_a_run() {
    let mut bsf = embedded::bsf(BsfPolicy::default(), 1);
    for place in 0..4 {
        let mut ue = embedded::ue(place, UePolicy::default(), 9);
        let mut outputs = ue.handle(NOW, Input::Start(Action::Bootstrap));
        while let [Output::Send { message, .. }] = outputs.as_slice() {
            let answer = ask(&mut bsf, NOW, message);
            let connection = ConnectionId(1);
            outputs = ue.handle(
                NOW,
                Input::Message {
                    connection,
                    message: &answer,
                },
            );
        }
        assert_eq!(outputs, [Output::Finished(ClientOutcome::Success)]);
    }
}

#[test]
fn repeats_itself_with_the_same_seed() {
    let wire = || {
        let mut world = World::with_usim(
            Usim::Ahead,
            &BsfPolicy::default(),
            &UaPolicy::default(),
            &UePolicy::default(),
        );
        world.run(Action::Enrol);
        world.wire
    };
    assert_eq!(wire(), wire());
}

#[rstest]
#[case::close_all(StockPeer::CloseAll, None)]
#[case::unauthorized_all(StockPeer::Unauthorized401All, Some("HTTP/1.1 401 Unauthorized"))]
#[case::ok_all(StockPeer::Ok200All, Some("HTTP/1.1 200 OK"))]
#[case::echo(StockPeer::Echo, Some("GET / HTTP/1.1"))]
#[case::mute(StockPeer::Mute, None)]
fn stock_servers_do_one_thing(#[case] peer: StockPeer, #[case] start_line: Option<&str>) {
    let request = initial("user1_private@home1.net");
    let connection = ConnectionId(1);
    let outputs = peer.server(1).handle(
        NOW,
        Input::Message {
            connection,
            message: &request,
        },
    );
    let shown = outputs.iter().find_map(|output| match output {
        Output::Respond { message, .. } => Some(message.start_line.clone()),
        _ => None,
    });
    assert_eq!(shown.as_deref(), start_line.map(str::as_bytes));
}

#[rstest]
#[case::close_all(StockPeer::CloseAll, 1, ClientOutcome::Failed)]
#[case::unauthorized_all(StockPeer::Unauthorized401All, 10, ClientOutcome::Failed)]
#[case::ok_all(StockPeer::Ok200All, 10, ClientOutcome::Success)]
#[case::echo(StockPeer::Echo, 10, ClientOutcome::Failed)]
#[case::mute(StockPeer::Mute, 0, ClientOutcome::Failed)]
#[case::garbage(StockPeer::Garbage, 1, ClientOutcome::Failed)]
fn stock_clients_rest_at_last(
    #[case] peer: StockPeer,
    #[case] requests: usize,
    #[case] outcome: ClientOutcome,
) {
    let answer = Message::response(401, "Unauthorized");
    let mut client = peer.client(1);
    let mut outputs = client.handle(NOW, Input::Start(Action::Bootstrap));
    let mut sent = 0;
    while let [Output::Send { .. }] = outputs.as_slice() {
        sent += 1;
        let connection = ConnectionId(1);
        outputs = client.handle(
            NOW,
            Input::Message {
                connection,
                message: &answer,
            },
        );
    }
    assert_eq!((sent, outputs), (requests, vec![Output::Finished(outcome)]));
}
