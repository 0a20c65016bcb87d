//! A player with a case of a few lines, against a target that says what it is told to say.

use std::time::Duration;

use gbaspec_case::case::Case;
use gbaspec_case::element::Element;
use gbaspec_case::load::{Source, load};
use gbaspec_case::player::{Action, Occurrence, Player, Start};
use gbaspec_case::scene::Scene;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::Sqn;

use crate::world::exporter;

/// The answer of the published flow, with its cnonce.
const ANSWER: &str = "GET / HTTP/1.1
Host: bsf.home1.net
Authorization: Digest username=\"{ue.impi}\", realm=\"{challenge.realm}\", nonce=\"{challenge.nonce}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"6629fae49393a05397450978507c4ef1\", response=\"{response}\", algorithm={challenge.algorithm}
";

/// A case of one topic whose steps are these lines; `BODY` in them stands for the published one.
pub(crate) fn stage_case(target: Element, steps: &[&str]) -> Case {
    let body = BODY.replace('\n', "\\n").replace('"', "\\\"");
    let steps: Vec<String> = steps
        .iter()
        .map(|step| step.replace("BODY", &format!("\"{body}\"")))
        .map(|step| format!("      - {step}\n"))
        .collect();
    let text = format!(
        "topic: ub/stage\nspecification: {{ document: \"TS 24.109\", clause: \"4.5\" }}\ntarget: {target}\ncases:\n  - id: sends\n    title: t\n    requirements: [UB-4.5-01]\n    steps:\n{}",
        steps.concat()
    );
    let messages = |id: &str, wire: &str| {
        let lines: Vec<String> = wire.lines().map(|line| format!("      {line}\n")).collect();
        format!(
            "  - id: stage/{id}\n    title: t\n    wire: |\n{}",
            lines.concat()
        )
    };
    let source = |name: &str, text: String| Source {
        name: name.to_owned(),
        text,
    };
    let loaded = load(&[
        source(
            "requirements/fixture.yaml",
            include_str!("../fixture/requirements.yaml").to_owned(),
        ),
        source(
            "messages/stage.yaml",
            format!(
                "messages:\n{}{}{}{}",
                messages("get", "GET / HTTP/1.1\nHost: bsf.home1.net"),
                messages("answer", ANSWER),
                messages("ok", OK),
                messages("challenge", CHALLENGE),
            ),
        ),
        source("ub/stage.yaml", text),
    ]);
    assert_eq!(loaded.problems, []);
    loaded.library.cases[0].clone()
}

/// The end of the published flow, without its body.
const OK: &str = "HTTP/1.1 200 OK
Authentication-Info: qop=auth-int, rspauth=\"{rspauth}\", cnonce=\"{request.cnonce}\", nc={request.nc}
Content-Length: {body.length}
";

/// A challenge of the harness.
const CHALLENGE: &str = "HTTP/1.1 401 Unauthorized
WWW-Authenticate: Digest realm=\"{bsf.fqdn}\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"
";

/// The body of the published flow.
pub(crate) const BODY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<BootstrappingInfo xmlns=\"uri:3gpp-gba\">\n  <btid>I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net</btid>\n  <lifetime>2004-01-09T10:13:17Z</lifetime>\n</BootstrappingInfo>\n";

/// What the harness sends while the target says this, one text a wait.
pub(crate) fn sent(case: &Case, scene: &Scene, says: &[&str]) -> Vec<String> {
    let start = Start {
        subscriber: 0,
        unix_millis: 0,
        seed: 1,
        he: HeSqn::new(scene.scheme, Sqn::default()),
    };
    let mut player = Player::new(case, scene, start);
    // Whether or not a case asks for it, what it needs of TLS is there.
    player.record(
        Duration::ZERO,
        Occurrence::Secured {
            connection: 1,
            exporter: exporter(),
            server_name: None,
            version: "TLSv1.3".to_owned(),
            suite: "TLS_AES_128_GCM_SHA256".to_owned(),
            suite_number: 0x1301,
            psk_identity: None,
            psk_hint: None,
        },
    );
    let mut sent = Vec::new();
    let mut says = says.iter();
    loop {
        let occurrence = match player.next_action(Duration::ZERO) {
            Action::Trigger(errand) => Occurrence::Triggered(errand),
            Action::Wait => match says.next() {
                Some(text) => Occurrence::Received {
                    connection: 1,
                    at: if case.target == Element::Ue {
                        Element::Bsf
                    } else {
                        Element::Ue
                    },
                    bytes: crlf(text),
                },
                None => break,
            },
            Action::Send(outgoing) => {
                sent.push(String::from_utf8(outgoing.bytes.clone()).expect("a text"));
                Occurrence::Sent {
                    connection: 1,
                    outgoing,
                }
            }
            _ => break,
        };
        player.record(Duration::ZERO, occurrence);
    }
    sent
}

/// Head lines end in CR LF; the body stays.
pub(crate) fn crlf(text: &str) -> Vec<u8> {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    format!("{}\r\n\r\n{body}", head.replace('\n', "\r\n")).into_bytes()
}

/// A directive of a message.
pub(crate) fn directive<'a>(message: &'a str, name: &str) -> &'a str {
    let (_, rest) = message
        .split_once(&format!("{name}="))
        .expect("the directive");
    rest.split(['"', ',', '\r'])
        .find(|part| !part.is_empty())
        .unwrap_or_default()
}
