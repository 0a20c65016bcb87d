//! Every message as it goes over the wire, with fixed time, seed and test set 1 of TS 35.207: the
//! printed tables in both forms and releases as the harness sends them, and what the correct roles
//! say to each other. The digits that are published or computed elsewhere are asserted beside the
//! snapshots.

use std::time::Duration;

use gbaspec_case::element::Element;
use gbaspec_case::load::{self, Library, Source, load_profile};
use gbaspec_case::player::{Action as Next, Occurrence, Player, Start};
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::ClientOutcome;
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::sqn::{HeSqn, Sqn, SqnScheme, UsimSqn};
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_roles::bsf::{self, VectorSeed};
use gbaspec_roles::embedded::{self, PORTAL_FQDN, SUBSCRIBERS};
use gbaspec_roles::ue::{self, Freshness};
use gbaspec_roles::{
    Action, Bsf, BsfPolicy, ConnectionId, Identity, Input, Moment, NafKey, Output, Peer, Portal,
    Role, UaPolicy, Ue, UeKeys, UePolicy,
};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use rstest::rstest;

/// 2004-01-08T10:13:17Z, the moment of the printed tables.
const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);
/// RAND, and AUTN for SQN ff9bb4d0b607, of test set 1.
const FIRST_NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=";
/// RAND of test set 2, and AUTN for SQN ff9bb4d0b708 with the key of set 1.
const SECOND_NONCE: &str = "wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=";
/// AUTS for the first nonce and SQN_MS ff9bb4d0b6e7.
const AUTS: &str = "uoU/PBLcTIsCWhx6zb8=";
const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";

/// Cases whose only purpose is to send the tables.
const CASES: &str = r#"
topic: snapshot/tables
specification: { document: "TS 24.109", clause: "4.5" }
cases:
  - id: t456-corrected
    title: The request with AUTS as a conforming UE sends it
    target: bsf
    requirements: [UB-4.5-01]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { table: "4.5-6", password: empty, auts: { sqn-ms-ahead: 7 }, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 401 }
  - id: t456-as-printed
    title: The request with AUTS with the errors of the print
    target: bsf
    requirements: [UB-4.5-01]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { table: "4.5-6", form: as-printed, password: empty, auts: { sqn-ms-ahead: 7 }, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 401 }
  - id: t458-corrected
    title: The challenge as a conforming BSF sends it
    target: ue
    requirements: [UB-4.5-07]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { table: "4.5-8" }
      - expect: { at: bsf, method: GET }
  - id: t458-as-printed
    title: The challenge with the errors of the print
    target: ue
    requirements: [UB-4.5-07]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { table: "4.5-8", form: as-printed, then: close }
      - expect: { at: bsf, method: GET }
  - id: te41-corrected
    title: The refusal as a conforming portal sends it
    target: ue
    requirements: [PKI-E4-01]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { table: "E.4-1" }
      - finish: {}
  - id: te41-as-printed
    title: The refusal with the errors of the print
    target: ue
    requirements: [PKI-E4-01]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { table: "E.4-1", form: as-printed, then: close }
      - finish: {}
"#;

// ---------------------------------------------------------------- the tables

#[rstest]
#[case::corrected_6("t456-corrected", 6)]
#[case::corrected_17("t456-corrected", 17)]
#[case::as_printed_6("t456-as-printed", 6)]
#[case::as_printed_17("t456-as-printed", 17)]
fn sends_table_4_5_6(#[case] slug: &str, #[case] release: u8) {
    let realm = bsf_name(release);
    let challenge = format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"{realm}\", \
         nonce=\"{FIRST_NONCE}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n"
    );
    let sent = play(slug, release, &[&challenge, &challenge]);
    let [_, request] = sent.as_slice() else {
        panic!("two requests, not {}", sent.len());
    };
    let text = text_of(request);
    // step6_auts_base64 and step6_response_empty_password of ub_resync_flow.
    assert!(text.contains(AUTS), "{text}");
    let response = if release == 6 {
        "6f9ea419c2e4598cbf4b61a28a74aafc"
    } else {
        "0c6b780251d1cc17f1efdcbe83e90720"
    };
    // The print of Release 6 has no quote after the response and so spoils its own digest.
    let is_readable = slug.ends_with("corrected") || release == 17;
    assert_eq!(
        text.contains(&format!("response=\"{response}\"")),
        is_readable,
        "{text}"
    );
    snapshot(slug, release, &text);
}

#[rstest]
#[case::corrected_6("t458-corrected", 6)]
#[case::corrected_17("t458-corrected", 17)]
#[case::as_printed_6("t458-as-printed", 6)]
#[case::as_printed_17("t458-as-printed", 17)]
fn sends_table_4_5_8(#[case] slug: &str, #[case] release: u8) {
    let realm = bsf_name(release);
    let initial = format!(
        "GET / HTTP/1.1\r\nHost: {realm}\r\nAuthorization: Digest \
         username=\"user1_private@home1.net\", realm=\"{realm}\", nonce=\"\", uri=\"/\", \
         response=\"\"\r\n\r\n"
    );
    let sent = play(slug, release, &[&initial]);
    let [challenge] = sent.as_slice() else {
        panic!("one challenge, not {}", sent.len());
    };
    let text = text_of(challenge);
    // The RAND comes from the seed; with it AUTN is the one for the first SQN after ff9bb4d0b607.
    let nonce = text.split("nonce=").nth(1).expect("a nonce");
    let nonce = nonce.trim_start_matches([' ', '"']);
    let nonce = nonce.split(['"', ',']).next().expect("its end");
    let nonce = AkaNonce::decode(nonce.as_bytes()).expect("RAND and AUTN");
    let opened = SUBSCRIBERS[0]
        .functions()
        .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
    assert_eq!(opened.mac, MacCheck::Valid);
    assert_eq!(opened.sqn.to_bytes(), [0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0x28]);
    snapshot(slug, release, &text);
}

#[rstest]
#[case::corrected_6("te41-corrected", 6)]
#[case::corrected_17("te41-corrected", 17)]
#[case::as_printed_6("te41-as-printed", 6)]
#[case::as_printed_17("te41-as-printed", 17)]
fn sends_table_e_4_1(#[case] slug: &str, #[case] release: u8) {
    let sent = play(slug, release, &[ENROLMENT]);
    let [refusal] = sent.as_slice() else {
        panic!("one refusal, not {}", sent.len());
    };
    let text = text_of(refusal);
    // error_403_rspauth of ua_pki_e4_flow covers the body that the print does not have.
    let proves_the_body = text.contains("rspauth=\"1afc60af49b8fda27aa964fd26d6855d\"");
    assert_eq!(proves_the_body, slug.ends_with("corrected"), "{text}");
    snapshot(slug, release, &text);
}

/// The enrolment request of `ua_pki_e4_flow`.
const ENROLMENT: &str = "POST /enrol?response=single HTTP/1.1\r\n\
    Host: pkiportal.home1.net\r\n\
    Content-Type: application/x-pkcs10\r\n\
    Content-Length: 82\r\n\
    Authorization: Digest username=\"I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net\", \
    realm=\"3GPP-bootstrapping@pkiportal.home1.net\", nonce=\"6629fae49393a05397450978507c4ef1\", \
    uri=\"/enrol?response=single\", qop=auth-int, nc=00000001, \
    cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"0f5d22fb5a473670fea228e5f15e7a14\", \
    algorithm=MD5\r\n\
    \r\n\
    -----BEGIN CERTIFICATE REQUEST-----\nPLACEHOLDER\n-----END CERTIFICATE REQUEST-----\n";

/// Plays a case against a target that says these messages, and gives back what the harness sent.
fn play(slug: &str, release: u8, script: &[&str]) -> Vec<Vec<u8>> {
    let library = library();
    let case = library
        .case(&format!("snapshot/tables/{slug}"))
        .expect("the case is there");
    let scene = scene(case.target, release);
    let scheme = SqnScheme::default();
    let start = Start {
        subscriber: 0,
        unix_millis: NOW.unix_millis,
        seed: 1,
        he: HeSqn::new(
            scheme,
            Sqn::from_bytes([0xff, 0x9b, 0xb4, 0xd0, 0xb6, 0x07]),
        ),
    };
    let at = match case.target {
        Element::Ue if slug.starts_with("te41") => Element::Portal,
        Element::Ue => Element::Bsf,
        _ => Element::Ue,
    };
    let mut script = script.iter();
    let mut sent = Vec::new();
    let mut player = Player::new(case, &scene, start);
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Next::Done => return sent,
            Next::Send(outgoing) => {
                sent.push(outgoing.bytes.clone());
                Occurrence::Sent {
                    connection: 1,
                    outgoing,
                }
            }
            Next::Wait => match script.next() {
                Some(text) => Occurrence::Received {
                    connection: 1,
                    at,
                    bytes: text.as_bytes().to_vec(),
                },
                None => Occurrence::Finished(ClientOutcome::Unknown),
            },
            Next::Trigger(errand) => Occurrence::Triggered(errand),
            Next::Control => Occurrence::Control { answered: false },
            Next::Hang(_) => continue,
        };
        player.record(Duration::ZERO, occurrence);
    }
}

fn library() -> Library {
    let mut sources = gbaspec_suites::vectors();
    sources.push(Source {
        name: "snapshot/tables.yaml".to_owned(),
        text: CASES.to_owned(),
    });
    let loaded = load::load(&sources);
    let problems: Vec<String> = loaded.problems.iter().map(ToString::to_string).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    loaded.library
}

/// The profile of the embedded peers, with the name of the BSF that the print of the release has.
fn scene(role: Element, release: u8) -> Scene {
    let profiles = gbaspec_suites::profiles();
    let source = profiles
        .into_iter()
        .find(|source| source.text.contains(&format!("role: {role}\n")))
        .expect("each role has a profile");
    let text = source
        .text
        .replace("bsf: bsf.home1.net", &format!("bsf: {}", bsf_name(release)));
    let source = Source { text, ..source };
    let mut scene = load_profile(&source, &|_| None)
        .expect("the profile is sound")
        .scene;
    scene.release = release;
    scene
}

fn bsf_name(release: u8) -> &'static str {
    if release == 6 {
        "registrar.home1.net"
    } else {
        "bsf.home1.net"
    }
}

fn snapshot(slug: &str, release: u8, text: &str) {
    insta::assert_snapshot!(format!("{slug}-release-{release}"), text);
}

// ---------------------------------------------------------------- the roles

#[test]
fn bootstraps() {
    let mut world = World::new(Usim::InStep);
    assert_eq!(
        world.run(Action::Bootstrap),
        gbaspec_roles::ClientOutcome::Success
    );
    let text = world.text();
    // ub_success_flow: nonce, response, rspauth.
    for digits in [
        FIRST_NONCE,
        "c3010b8b0c8fe3d6425a4d50b6a66ba8",
        "555af6499afdd4138f23c23ab0e0a81f",
    ] {
        assert!(text.contains(digits), "{digits}");
    }
    insta::assert_snapshot!("roles-bootstrap", text);
}

#[test]
fn resynchronises() {
    let mut world = World::new(Usim::Ahead);
    assert_eq!(
        world.run(Action::Bootstrap),
        gbaspec_roles::ClientOutcome::Success
    );
    let text = world.text();
    // ub_resync_flow: steps 4, 6, 8 and 9, and the B-TID of the second RAND.
    for digits in [
        FIRST_NONCE,
        AUTS,
        "0c6b780251d1cc17f1efdcbe83e90720",
        SECOND_NONCE,
        "0e5048da9a982cf359b3ddba9391fd56",
        "wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net",
    ] {
        assert!(text.contains(digits), "{digits}");
    }
    insta::assert_snapshot!("roles-resynchronisation", text);
}

#[test]
fn is_refused_the_enrolment() {
    let mut world = World::new(Usim::InStep);
    assert_eq!(
        world.run(Action::Enrol),
        gbaspec_roles::ClientOutcome::Refused
    );
    let text = world.text();
    // ua_pki_e4_flow: request_response and error_403_rspauth.
    for digits in [
        BTID,
        "0f5d22fb5a473670fea228e5f15e7a14",
        "1afc60af49b8fda27aa964fd26d6855d",
    ] {
        assert!(text.contains(digits), "{digits}");
    }
    insta::assert_snapshot!("roles-enrolment-refused", text);
}

/// What the USIM has accepted before.
#[derive(Clone, Copy)]
enum Usim {
    /// The SQN before the first vector of the BSF.
    InStep,
    /// SQN ff9bb4d0b6e7, seven SEQ ahead of the first vector, in the same slot.
    Ahead,
}

/// The correct roles in one process, with the random values of the published flows.
struct World {
    ue: Ue,
    bsf: Bsf,
    portal: Portal,
    wire: Vec<Message>,
}

impl World {
    fn new(usim: Usim) -> Self {
        let subscriber = &SUBSCRIBERS[0];
        let usim = match usim {
            Usim::InStep => subscriber.usim(),
            // SEQ 8 782 631 830 967 in slot 7.
            Usim::Ahead => UsimSqn::with_slots(SqnScheme::default(), [(7, 8_782_631_830_967)]),
        };
        let identity = Identity::Isim {
            impi: subscriber.impi.to_owned(),
        };
        let keys = UeKeys::Usim {
            functions: subscriber.functions(),
            usim,
        };
        let ue = UePolicy {
            freshness: |facts| Freshness {
                cnonce: CNONCE.to_owned(),
                ..ue::freshness(facts)
            },
            ..UePolicy::default()
        };
        let bsf = BsfPolicy {
            choose_vector: |choice| VectorSeed {
                rand: match choice.previous {
                    None => {
                        Rand::from(0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35_u128.to_be_bytes())
                    }
                    Some(_) => {
                        Rand::from(0xc00d_6031_03dc_ee52_c447_8119_4942_02e8_u128.to_be_bytes())
                    }
                },
                ..bsf::choose_vector(choice)
            },
            ..BsfPolicy::default()
        };
        let ua = UaPolicy {
            nonce: |_| CNONCE.to_owned(),
            ..UaPolicy::default()
        };
        Self {
            ue: embedded::ue_with(identity, keys, ue, 1),
            bsf: embedded::bsf(bsf, 1),
            portal: embedded::portal(ua, 1),
            wire: Vec::new(),
        }
    }

    fn run(&mut self, action: Action) -> gbaspec_roles::ClientOutcome {
        let mut outputs = self.ue.handle(NOW, Input::Start(action));
        for _ in 0..16 {
            match outputs.as_slice() {
                [Output::Finished(outcome)] => return *outcome,
                [Output::Send { to, message, .. }] => {
                    let answer = self.serve(*to, message.clone());
                    outputs = self.ue.handle(NOW, arrived(&answer));
                }
                other => panic!("a UE sends or finishes: {other:?}"),
            }
        }
        panic!("the UE does not end");
    }

    fn serve(&mut self, to: Peer, request: Message) -> Message {
        if to == Peer::Portal {
            self.share_key(&request);
        }
        let server: &mut dyn Role = match to {
            Peer::Bsf => &mut self.bsf,
            Peer::Naf | Peer::Portal => &mut self.portal,
        };
        let answer = match server.handle(NOW, arrived(&request)).into_iter().next() {
            Some(Output::Respond { message, .. }) => message,
            other => panic!("a server answers: {other:?}"),
        };
        self.wire.extend([request, answer.clone()]);
        answer
    }

    /// Zn in memory: the key of the B-TID goes from the BSF to the portal.
    fn share_key(&mut self, request: &Message) {
        let Some(field) = request.field("Authorization") else {
            return;
        };
        let list = DirectiveList::parse_credentials(&field.value);
        let btid = String::from_utf8_lossy(list.value("username").unwrap_or_default()).into_owned();
        let key = self
            .bsf
            .naf_key(&btid, PORTAL_FQDN, self.portal.ua_id(), NOW);
        if let Some((key, expires)) = key {
            self.portal.add_key(NafKey {
                btid,
                key,
                enrolment: SUBSCRIBERS[0].enrolment,
                expires: Some(expires),
            });
        }
    }

    fn text(&self) -> String {
        let texts: Vec<String> = self
            .wire
            .iter()
            .map(|message| text_of(&message.to_bytes()))
            .collect();
        texts.join("\n--------\n")
    }
}

fn arrived(message: &Message) -> Input<'_> {
    Input::Message {
        connection: ConnectionId(1),
        message,
    }
}

/// The octets as text, each CR LF visible, so that the snapshot keeps the line ends.
fn text_of(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).expect("the message is text");
    text.replace("\r\n", "\\r\\n\n")
}
