//! What a UE shows to servers that answer as a script says, whatever they are asked.

use data_encoding::BASE64;
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::token::{Amf, Rand, Sqn};
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use crate::embedded::{self, AGE_LIMIT, BSF_FQDN, NAF_FQDN};
use crate::faults::{Fault, tampered_bytes};
use crate::proof::DigestFacts;
use crate::role::{Action, Input, Output, Role as _};
use crate::tests::probe::user;
use crate::tests::world::{NOW, PLAIN, Usim, user1};
use crate::ue::{Card, UePolicy};

use Action::{Bootstrap, Fetch};

type Answer = fn(&Message) -> Message;

/// RAND of all challenges.
const RAND: [u8; 16] = [7; 16];
/// An SQN that the USIM accepts, and the distance of two SEQ.
const SQN: u64 = 0xff9b_b4d0_b607;
const SEQ: u64 = 32;

/// The answers to the requests of these actions: `before`, the one that the script is about, and
/// `behind`.
struct Script {
    card: Card,
    actions: &'static [Action],
    before: &'static [Answer],
    answer: Answer,
    behind: &'static [Answer],
}

/// The answer to a first request.
const CHALLENGE: Script = Script {
    card: Card::Plain,
    actions: &[Bootstrap],
    before: &[],
    answer: |_| challenge(SQN),
    behind: &[],
};

/// The answer to a response; a NAF sees what became of it.
const RESULT: Script = Script {
    card: Card::Plain,
    actions: &[Bootstrap, Fetch],
    before: &[|_| challenge(SQN)],
    answer: |request| document(request, ""),
    behind: &[|_| naf_challenge("MD5")],
};

/// The challenge of a NAF, and another request there.
const RESOURCE: Script = Script {
    card: Card::Plain,
    actions: &[Fetch, Fetch],
    before: &[],
    answer: |_| naf_challenge("MD5"),
    behind: &[
        |_| challenge(SQN),
        |request| document(request, ""),
        |request| resource(request),
    ],
};

const SCRIPTS: &[Script] = &[
    // How the message around a challenge is written.
    Script {
        answer: |_| {
            let mut message = challenge(SQN);
            message.fields.reverse();
            message
        },
        ..CHALLENGE
    },
    Script {
        answer: |_| edited(&challenge(SQN), "401 Unauthorized", "401 "),
        ..CHALLENGE
    },
    Script {
        answer: |_| {
            edited(
                &challenge(SQN),
                "Length: 0\r\n\r\n",
                "Length: 4\r\n\r\npage",
            )
        },
        ..CHALLENGE
    },
    Script {
        answer: |_| edited(&challenge(SQN), "Authenticate: ", "Authenticate:"),
        ..CHALLENGE
    },
    Script {
        answer: |_| edited(&challenge(SQN), ", qop", ",\r\n qop"),
        ..CHALLENGE
    },
    // Another scheme beside Digest AKA, and alone.
    Script {
        answer: |_| edited(&challenge(SQN), "WWW-", "WWW-Authenticate: Basic\r\nWWW-"),
        ..CHALLENGE
    },
    Script {
        answer: |_| edited(&challenge(SQN), "Digest ", "Basic "),
        ..CHALLENGE
    },
    // What MAC-A and the request with AUTS cover.
    Script {
        answer: |_| challenge_with(SQN, [0, 0], (8, 0)),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge_with(SQN, [0xb9, 0xb9], (8, 0x80)),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge_with(SQN, [0xb9, 0xb9], (5, 1)),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge_with(SQN, [0xb9, 0xb9], (7, 1)),
        ..CHALLENGE
    },
    Script {
        answer: |_| edited(&challenge(0), ", qop", ", opaque=\"o\", qop"),
        ..CHALLENGE
    },
    // The array: one step in the same slot, the same one again after another slot, and a refused
    // one below the highest.
    Script {
        card: Card::Plain,
        actions: &[Bootstrap, Bootstrap],
        before: &[|_| challenge(SQN), |request| document(request, "")],
        answer: |_| challenge(SQN + SEQ),
        behind: &[],
    },
    Script {
        card: Card::Plain,
        actions: &[Bootstrap, Bootstrap, Bootstrap],
        before: &[
            |_| challenge(SQN),
            |request| document(request, ""),
            |_| challenge(SQN + SEQ + 1),
            |request| document(request, ""),
        ],
        answer: |_| challenge(SQN),
        behind: &[],
    },
    Script {
        card: Card::Plain,
        actions: &[Bootstrap, Bootstrap, Bootstrap],
        before: &[
            |_| challenge(SQN + 100 * SEQ),
            |request| document(request, ""),
            |_| challenge(SQN + 50 * SEQ + 1),
            |request| document(request, ""),
        ],
        answer: |_| challenge(SQN + 50 * SEQ + 1),
        behind: &[],
    },
    // Delta and the age limit, from both sides; the USIM has accepted the SEQ before the first.
    Script {
        answer: |_| challenge(SQN + ((1 << 28) - 1) * SEQ),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge(SQN + (1 << 28) * SEQ),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge(SQN - AGE_LIMIT * SEQ + 1),
        ..CHALLENGE
    },
    Script {
        answer: |_| challenge(SQN - (AGE_LIMIT + 1) * SEQ + 1),
        ..CHALLENGE
    },
    // What comes in the place of a good 200.
    Script {
        answer: |request| {
            let mut message = document(request, "");
            message.remove("Authentication-Info");
            message
        },
        ..RESULT
    },
    Script {
        answer: |request| edited(&document(request, ""), "200 OK", "403 Forbidden"),
        ..RESULT
    },
    Script {
        answer: |_| response("403 Forbidden", "Server: x\n", ""),
        ..RESULT
    },
    Script {
        answer: |request| {
            let mut message = document(request, "");
            let size = format!("{:x}\r\n", message.body.len());
            message.body = [size.as_bytes(), &message.body, b"\r\n0\r\n\r\n"].concat();
            message.remove("Content-Length");
            message.push("Transfer-Encoding", "chunked");
            message
        },
        ..RESULT
    },
    // Documents that tempt.
    Script {
        answer: |request| {
            let wrong = "<Extension><x:btid xmlns:x=\"x\">WRONG</x:btid></Extension>";
            document(request, wrong)
        },
        ..RESULT
    },
    Script {
        answer: |request| document(request, "<!-- btid=\"WRONG\" <btid>WRONG</btid> -->"),
        ..RESULT
    },
    // What a NAF offers and proposes.
    Script {
        answer: |_| {
            let line = "algorithm=FOO, qop=\"auth-int\"\r\n\
                        WWW-Authenticate: Digest realm=\"3GPP-bootstrapping@naf1.home1.net\", \
                        nonce=\"4567\", algorithm=MD5, qop=\"auth-int\"";
            let offered = naf_challenge("FOO");
            edited(&offered, "algorithm=FOO, qop=\"auth-int\"", line)
        },
        ..RESOURCE
    },
    Script {
        answer: |_| naf_challenge("MD5-sess"),
        ..RESOURCE
    },
    Script {
        answer: |_| naf_challenge_with("x@naf1.home1.net", "auth-int"),
        ..RESOURCE
    },
    Script {
        answer: |_| naf_challenge_with("3GPP-bootstrapping@naf1.home1.net", "auth,auth-int"),
        ..RESOURCE
    },
    Script {
        card: Card::GbaU,
        answer: |_| naf_challenge_with("3GPP-bootstrapping-uicc@naf1.home1.net", "auth-int"),
        ..RESOURCE
    },
    // A nonce that is only old.
    Script {
        behind: &[
            |_| challenge(SQN),
            |request| document(request, ""),
            |_| {
                let stale = "algorithm=MD5, stale=true";
                edited(&naf_challenge("MD5"), "algorithm=MD5", stale)
            },
            |request| resource(request),
        ],
        ..RESOURCE
    },
    RESOURCE,
];

/// What a UE with this fault shows in all scripts.
pub(super) fn shown_by_ue(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(UePolicy::default, Fault::ue_policy);
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut shown = Vec::new();
    for script in SCRIPTS {
        let mut ue = match script.card {
            Card::Plain => user1(Usim::InStep, &policy),
            Card::GbaU => embedded::ue(0, policy, 4),
        };
        let middle = [script.answer];
        let mut answers = script.before.iter().chain(&middle).chain(script.behind);
        for action in script.actions {
            let mut outputs = ue.handle(NOW, Input::Start(*action));
            while let [Output::Send { message, .. }] = outputs.as_slice() {
                let bytes = tampered_bytes(message, &tamper);
                let request = Message::from_bytes(&bytes).expect("a request");
                shown.push(bytes);
                let Some(answer) = answers.next() else { break };
                outputs = ue.handle(
                    NOW,
                    Input::Message {
                        connection: PLAIN,
                        message: &answer(&request),
                    },
                );
            }
            shown.push(format!("{outputs:?}").into_bytes());
        }
    }
    shown
}

fn response(status: &str, fields: &str, body: &str) -> Message {
    let length = body.len();
    let head = format!("HTTP/1.1 {status}\n{fields}Content-Length: {length}\n\n");
    let text = format!("{}{body}", head.replace('\n', "\r\n"));
    Message::from_bytes(text.as_bytes()).expect("a response")
}

/// The message with another text in the place of `from`, which it holds once.
fn edited(message: &Message, from: &str, to: &str) -> Message {
    let text = String::from_utf8(message.to_bytes()).expect("text");
    assert_eq!(text.matches(from).count(), 1, "{from}");
    Message::from_bytes(text.replace(from, to).as_bytes()).expect("a message")
}

fn challenge(sqn: u64) -> Message {
    challenge_with(sqn, [0xb9, 0xb9], (8, 0))
}

/// A challenge with one octet of AUTN changed by these bits.
fn challenge_with(sqn: u64, amf: [u8; 2], (place, bits): (usize, u8)) -> Message {
    let sqn = Sqn::new(sqn).expect("48 bits");
    let autn = user(0)
        .functions()
        .autn(Rand::from(RAND), sqn, Amf::from(amf));
    let mut autn = *autn.as_bytes();
    autn[place] ^= bits;
    let nonce = BASE64.encode(&[RAND, autn].concat());
    let fields = format!(
        "Server: x\nDate: y\nWWW-Authenticate: Digest realm=\"{BSF_FQDN}\", nonce=\"{nonce}\", \
         algorithm=AKAv1-MD5, qop=\"auth-int\"\n"
    );
    response("401 Unauthorized", &fields, "")
}

fn naf_challenge(algorithm: &str) -> Message {
    let challenge = naf_challenge_with(&format!("3GPP-bootstrapping@{NAF_FQDN}"), "auth-int");
    edited(
        &challenge,
        "algorithm=MD5",
        &format!("algorithm={algorithm}"),
    )
}

fn naf_challenge_with(realm: &str, qop: &str) -> Message {
    let fields = format!(
        "Server: x\nDate: y\nWWW-Authenticate: Digest realm=\"{realm}\", \
         nonce=\"0123\", algorithm=MD5, qop=\"{qop}\"\n"
    );
    response("401 Unauthorized", &fields, "")
}

/// The end of a good run, with this inside the document.
fn document(request: &Message, more: &str) -> Message {
    let btid = kdf::btid(Rand::from(RAND), BSF_FQDN);
    let (comment, extension) = if more.starts_with("<!--") {
        (more, "")
    } else {
        ("", more)
    };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><BootstrappingInfo xmlns=\"uri:3gpp-gba\">\
         {comment}<btid><![CDATA[{btid}]]></btid><lifetime>2099-01-01T00:00:00Z</lifetime>\
         {extension}</BootstrappingInfo>"
    );
    let res = user(0).functions().f2(Rand::from(RAND));
    proven(request, res.expose(), "", &body)
}

/// The resource of the NAF, with the nonce for the next request.
fn resource(request: &Message) -> Message {
    let (functions, rand) = (user(0).functions(), Rand::from(RAND));
    let ks = kdf::ks(&functions.f3(rand), &functions.f4(rand));
    let naf_id = NafId::new(NAF_FQDN, UaProtocolId::HTTP_DIGEST);
    let key = kdf::ks_naf(&ks, rand, user(0).impi, &naf_id);
    let password = BASE64.encode(key.expose());
    let proposal = ", nextnonce=\"4567\"";
    proven(request, password.as_bytes(), proposal, "resource")
}

/// A 200 that proves that its sender knows the password.
fn proven(request: &Message, password: &[u8], more: &str, body: &str) -> Message {
    let field = request.field("Authorization").map(|field| field.text());
    let list = DirectiveList::parse_credentials(&field.unwrap_or_default());
    let facts = DigestFacts::of_request(request, &Credentials::parse(&list).0);
    let digest = facts.input(Password::Octets(password), body.as_bytes());
    let info = format!(
        "Authentication-Info: qop=auth-int, rspauth=\"{}\", cnonce=\"{}\", nc={}{more}\n",
        digest.rspauth(),
        String::from_utf8_lossy(&facts.cnonce),
        String::from_utf8_lossy(&facts.nc),
    );
    response("200 OK", &info, body)
}
