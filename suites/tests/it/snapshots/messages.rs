//! Every named message of `vectors/messages/`, in the form of Release 6 and in that of Release 17,
//! as the harness sends it to a correct peer. The last message of each play is the one that counts.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use gbaspec_case::case::{Case, Step, StepKind};
use gbaspec_case::element::Element;
use gbaspec_case::load::Library;
use gbaspec_case::protocol::shown_diameter;
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_crypto::kdf;
use gbaspec_crypto::sqn::SqnScheme;
use gbaspec_roles::embedded::special::{SPECIAL, SpecialSubscriber};
use gbaspec_roles::embedded::{self, AS_FQDNS, LIFETIME_SECONDS, SUBSCRIBERS, TestSubscriber};
use gbaspec_roles::proxy::Application;
use gbaspec_roles::{
    BootstrappedSession, Bsf, BsfConfig, BsfNetwork, BsfOffer, Proxy, Role, StandIn, Switch,
};
use rstest::rstest;

use super::network::{self, PLAYS_OF_NETWORK};
use super::peers::{known_bsf, known_proxy, known_ua, known_ue};
use super::play::{Partner, Played, bsf_name, library, play};
use super::{assert_tells_no_secret, snapshot, text_of};
use crate::world::LIBRARY;

static PLAYS: LazyLock<Library> = LazyLock::new(|| library(&format!("{CASES}{PLAYS_OF_NETWORK}")));

/// One play a message, whose identity is that of the message with a hyphen for the slash. The
/// client nonces are the one that the published flows have.
const CASES: &str = r#"
topic: snapshot/messages
specification: { document: "TS 24.109", clause: "4.2" }
cases:
  - id: ub-initial-get
    title: The first request
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ub/initial-get }
      - expect: { status: 401 }
  - id: ub-answer
    title: The answer with RES
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: ub/answer, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: ub-challenge
    title: The challenge
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - expect: { at: bsf, method: GET }
  - id: ub-ok
    title: The end of a run
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - given: { at: bsf }
      - send: { message: ub/ok }
      - finish: {}
  - id: ub-forbidden
    title: The refusal
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: ub/forbidden }
      - finish: {}
  - id: tmpi-initial-get
    title: The first request of a client that can do TMPI
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: tmpi/initial-get }
      - expect: { status: 401 }
  - id: tmpi-answer
    title: The answer of a client that can do TMPI
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: tmpi/initial-get }
      - given: { status: 401 }
      - send: { message: tmpi/answer, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: tmpi-initial-get-with-tmpi
    title: The first request of the second run
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: tmpi/initial-get }
      - given: { status: 401 }
      - send: { message: tmpi/answer }
      - given: { status: 200 }
      - send: { message: tmpi/initial-get-with-tmpi }
      - expect: { status: 401 }
  - id: tmpi-answer-with-tmpi
    title: The answer of the second run
    target: bsf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: tmpi/initial-get }
      - given: { status: 401 }
      - send: { message: tmpi/answer }
      - given: { status: 200 }
      - send: { message: tmpi/initial-get-with-tmpi }
      - given: { status: 401 }
      - send: { message: tmpi/answer-with-tmpi, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: tmpi-challenge
    title: The challenge of a BSF that can do TMPI
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: tmpi/challenge }
      - expect: { at: bsf, method: GET }
  - id: tmpi-ok
    title: The end of a run at a BSF that can do TMPI
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: tmpi/challenge }
      - given: { at: bsf }
      - send: { message: tmpi/ok }
      - finish: {}
  - id: tmpi-unknown
    title: The error for an unknown TMPI
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: tmpi/unknown }
      - finish: {}
  - id: akav2-two-challenges
    title: Two challenges in one answer
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: akav2/two-challenges, change: [{ replace: "algorithm=ONE", to: algorithm=AKAv2-MD5 }, { replace: "algorithm=OTHER", to: algorithm=AKAv1-MD5 }] }
      - expect: { at: bsf, method: GET }
  - id: gba-2g-answer
    title: The answer of a client with a SIM
    target: bsf
    requirements: [UB-4.2-03]
    subscriber-kind: sim
    transport: tls
    steps:
      - send: { message: ub/initial-get }
      - given: { status: 401 }
      - send: { message: gba-2g/answer, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: gba-digest-initial-get
    title: The first request of a client with a password
    target: bsf
    requirements: [UB-4.2-03]
    subscriber-kind: digest
    transport: tls
    steps:
      - send: { message: gba-digest/initial-get }
      - expect: { status: 401 }
  - id: gba-digest-answer
    title: The answer of a client with a password
    target: bsf
    requirements: [UB-4.2-03]
    subscriber-kind: digest
    transport: tls
    steps:
      - send: { message: gba-digest/initial-get }
      - given: { status: 401 }
      - send: { message: gba-digest/answer, password: gba-digest, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: gba-digest-challenge
    title: The challenge for a client with a password
    target: ue
    requirements: [UB-4.2-03]
    subscriber-kind: digest
    transport: tls
    steps:
      - trigger: bootstrap
      - given: { at: bsf }
      - send: { message: gba-digest/challenge }
      - expect: { at: bsf, method: GET }
  - id: ua-get
    title: A request at a NAF
    target: naf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ua/get }
      - expect: { status: 401 }
  - id: ua-get-authorized
    title: A request at a NAF with credentials
    target: naf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ua/get }
      - given: { status: 401 }
      - send: { message: ua/get-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: ua-post
    title: A request with a body at a NAF
    target: naf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ua/post }
      - expect: { status: 401 }
  - id: ua-post-authorized
    title: A request with a body at a NAF with credentials
    target: naf
    requirements: [UB-4.2-03]
    steps:
      - send: { message: ua/post }
      - given: { status: 401 }
      - send: { message: ua/post-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: ua-challenge
    title: The challenge of a NAF
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: fetch
      - given: { at: naf }
      - send: { message: ua/challenge }
      - expect: { at: bsf, method: GET }
  - id: ua-ok
    title: The resource of a NAF
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: fetch
      - given: { at: naf }
      - send: { message: ua/challenge }
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - given: { at: bsf }
      - send: { message: ub/ok }
      - given: { at: naf }
      - send: { message: ua/ok }
      - finish: {}
  - id: proxy-get
    title: A request for a server behind a proxy
    target: proxy
    requirements: [UB-4.2-03]
    steps:
      - send: { message: proxy/get }
      - expect: { status: 401 }
  - id: proxy-get-authorized
    title: A request for a server behind a proxy with credentials
    target: proxy
    requirements: [UB-4.2-03]
    steps:
      - send: { message: proxy/get }
      - given: { status: 401 }
      - send: { message: proxy/get-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { at: as, method: GET }
  - id: proxy-put-authorized
    title: A change of the resource of a server behind a proxy
    target: proxy
    requirements: [UB-4.2-03]
    steps:
      - send: { message: proxy/get }
      - given: { status: 401 }
      - send: { message: proxy/put-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { at: as, method: PUT }
  - id: proxy-page
    title: The resource of a server behind a proxy
    target: proxy
    requirements: [UB-4.2-03]
    steps:
      - send: { message: proxy/get }
      - given: { status: 401 }
      - send: { message: proxy/get-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - given: { at: as, method: GET }
      - send: { message: proxy/page }
      - expect: { status: 200 }
  - id: pki-enrol
    title: An enrolment request
    target: portal
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/enrol }
      - expect: { status: 401 }
  - id: pki-enrol-authorized
    title: An enrolment request with credentials
    target: portal
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/enrol }
      - given: { status: 401 }
      - send: { message: pki/enrol-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 403 }
  - id: pki-challenge
    title: The challenge of a portal
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { message: pki/challenge }
      - expect: { at: bsf, method: GET }
  - id: pki-certificate
    title: The certificate
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { message: pki/challenge }
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - given: { at: bsf }
      - send: { message: ub/ok }
      - given: { at: portal }
      - send: { message: pki/certificate }
      - finish: {}
  - id: pki-certificate-chain
    title: The certificate with the one of its CA
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: enrol
      - given: { at: portal }
      - send: { message: pki/challenge }
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - given: { at: bsf }
      - send: { message: ub/ok }
      - given: { at: portal }
      - send: { message: pki/certificate-chain }
      - finish: {}
  - id: pki-ca-certificate
    title: The certificate of a CA
    target: ue
    requirements: [UB-4.2-03]
    steps:
      - trigger: get-ca
      - given: { at: portal }
      - send: { message: pki/challenge }
      - given: { at: bsf }
      - send: { message: ub/challenge }
      - given: { at: bsf }
      - send: { message: ub/ok }
      - given: { at: portal }
      - send: { message: pki/ca-certificate }
      - finish: {}
  - id: pki-get-ca
    title: A request for the certificate of a CA
    target: portal
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/get-ca }
      - expect: { status: 401 }
  - id: pki-get-unknown-ca-authorized
    title: A request for the certificate of a CA that no portal has
    target: portal
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/get-ca }
      - given: { status: 401 }
      - send: { message: pki/get-unknown-ca-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 404 }
  - id: pki-get-ca-authorized
    title: A request for the certificate of the CA that has issued the latest
    target: portal
    session: allowed
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/enrol }
      - given: { status: 401 }
      - send: { message: pki/enrol-authorized, password: ks-naf }
      - given: { status: 200 }
      - send: { message: pki/get-ca }
      - given: { status: 401 }
      - send: { message: pki/get-ca-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
  - id: pki-get-ca-raw-authorized
    title: The same with equals signs as printed
    target: portal
    session: allowed
    requirements: [UB-4.2-03]
    steps:
      - send: { message: pki/enrol }
      - given: { status: 401 }
      - send: { message: pki/enrol-authorized, password: ks-naf }
      - given: { status: 200 }
      - send: { message: pki/get-ca }
      - given: { status: 401 }
      - send: { message: pki/get-ca-raw-authorized, password: ks-naf, change: [{ set: cnonce, to: '"6629fae49393a05397450978507c4ef1"' }] }
      - expect: { status: 200 }
"#;

#[rstest]
fn sends_every_message_as_before(#[values(6, 17)] release: u8) {
    for id in LIBRARY.messages.keys() {
        let case = play_of(id);
        let mut partner = Partner::Role(partner(case, release));
        let Played { sent, transcript } = play(case, release, &mut partner);
        // A play that stops early would show an earlier message.
        let sends = |step: &&Step| matches!(step.kind, StepKind::Send(_));
        assert_eq!(sent.len(), case.steps.iter().filter(sends).count(), "{id}");
        let messages = (0..transcript.entries.len()).filter_map(|at| transcript.message_bytes(at));
        assert_tells_no_secret(id, messages);
        let last = sent.last().expect("a message was sent");
        let lines = shown_diameter(last).map(|lines| lines.join("\n"));
        let text = lines.unwrap_or_else(|| text_of(last));
        snapshot(&snapshot_name(id, release), &text);
    }
}

/// Each message has its two snapshots, and there is none of a message that is gone.
#[test]
fn no_message_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/snapshots");
    let entries = folder.read_dir().expect("the folder of the snapshots");
    let found: BTreeSet<String> = entries
        .map(|entry| entry.expect("the entry is readable").file_name())
        .filter_map(|name| {
            let name = name.to_str()?.strip_prefix("it__snapshots__")?;
            let name = name.strip_suffix(".snap")?;
            name.starts_with("message-").then(|| name.to_owned())
        })
        .collect();
    let expected: BTreeSet<String> = LIBRARY
        .messages
        .keys()
        .flat_map(|id| [6, 17].map(|release| snapshot_name(id, release)))
        .collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    let stale: Vec<_> = found.difference(&expected).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "missing {missing:?}, of no message {stale:?}"
    );
}

/// The digits of the published flows, in the form of Release 17.
#[rstest]
// ub_success_flow.
#[case::answer("ub/answer", "response=\"c3010b8b0c8fe3d6425a4d50b6a66ba8\"")]
#[case::answer_of_a_client_with_tmpi(
    "tmpi/answer",
    "response=\"c3010b8b0c8fe3d6425a4d50b6a66ba8\""
)]
// tmpi of kdf_vectors.
#[case::first_request_with_tmpi(
    "tmpi/initial-get-with-tmpi",
    "username=\"WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org\""
)]
#[case::answer_with_tmpi(
    "tmpi/answer-with-tmpi",
    "response=\"fe2e66df3de9a89a13601303cae81707\""
)]
// gba_2g and gba_digest of kdf_vectors, and the digests computed from them by other means.
#[case::answer_with_a_sim("gba-2g/answer", "response=\"87d7bc36d4660535d9330c17a623beea\"")]
#[case::answer_with_a_password(
    "gba-digest/answer",
    "response=\"32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a\""
)]
// Computed by other means from the key of ua_pki_e4_flow.
#[case::request_for_an_unknown_ca(
    "pki/get-unknown-ca-authorized",
    "response=\"af647a96a48c4b3b366a65c2f0955b4c\""
)]
// ua_digest_flow.
#[case::request_at_naf("ua/get-authorized", "response=\"bdaff3ef0ab631659549ddcfc828ec53\"")]
fn sends_the_published_digits(#[case] id: &str, #[case] digits: &str) {
    let case = play_of(id);
    let mut partner = Partner::Role(partner(case, 17));
    let Played { sent, .. } = play(case, 17, &mut partner);
    let text = text_of(sent.last().expect("a message was sent"));
    assert!(text.contains(digits), "{text}");
}

fn snapshot_name(id: &str, release: u8) -> String {
    format!("message-{}-release-{release}", id.replace('/', "-"))
}

fn play_of(id: &str) -> &'static Case {
    let case = PLAYS.case(&format!("snapshot/messages/{}", id.replace('/', "-")));
    case.unwrap_or_else(|| panic!("`{id}` needs a play in CASES of this file"))
}

/// A correct peer that has the name of the release.
fn partner(case: &Case, release: u8) -> Box<dyn Role> {
    if let Some(partner) = network::partner(case) {
        return partner;
    }
    match case.target {
        Element::Ue => Box::new(embedded::ue(index(case.subscriber_kind), known_ue(), 1)),
        Element::Naf => Box::new(embedded::naf(known_ua(), 1)),
        Element::Portal => {
            let source = Box::new(sessions(release));
            Box::new(embedded::portal_with(source, known_ua(), 1))
        }
        Element::Proxy => {
            let applications = AS_FQDNS.map(|fqdn| Application {
                fqdn: fqdn.to_owned(),
                source: Box::new(sessions(release)),
            });
            Box::new(Proxy::new(applications.into(), known_proxy(), 1))
        }
        Element::As | Element::Hss => panic!("{} is no target", case.target),
        Element::Bsf => {
            let usims = SUBSCRIBERS.iter().map(TestSubscriber::subscriber);
            let others = SPECIAL.iter().map(SpecialSubscriber::subscriber);
            let config = BsfConfig {
                fqdn: bsf_name(release).to_owned(),
                subscribers: usims.chain(others).collect(),
                scheme: SqnScheme::default(),
                lifetime_seconds: LIFETIME_SECONDS,
                offer: BsfOffer {
                    second_generation: Switch::On,
                    gba_digest: Switch::On,
                    ..BsfOffer::default()
                },
                network: BsfNetwork::default(),
            };
            Box::new(Bsf::new(config, known_bsf(), 1))
        }
    }
}

/// What a portal knows of runs at the BSF with the name of the release.
fn sessions(release: u8) -> StandIn {
    StandIn::new(SUBSCRIBERS.iter().map(|user| BootstrappedSession {
        btid: kdf::btid(user.rand(), bsf_name(release)),
        ..user.session()
    }))
}

/// The place of the first subscriber of this kind among those of the reference peers.
fn index(kind: SubscriberKind) -> usize {
    match kind {
        SubscriberKind::Usim => 0,
        SubscriberKind::Tuak128 => 4,
        SubscriberKind::Tuak256 => 5,
        SubscriberKind::Sim => 6,
        SubscriberKind::Digest => 7,
        SubscriberKind::Imsi => 8,
    }
}
