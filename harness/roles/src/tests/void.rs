//! No fault is void: each one changes what a scripted conversation shows.

mod certificates;
mod hss;
mod naf;
mod network;
mod psk;
mod sbi;
mod scripts;
mod soap;
mod variants;
mod zn;

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::token::{Rand, Sqn};
use gbaspec_wire::http::Message;
use rstest::rstest;

use super::inside_tls;
use super::probe::{Answer, auts, initial, user};
use super::proxy;
use super::world::{NOW, Usim, World, ask};
use crate::bsf::{self, BsfPolicy, VectorSeed};
use crate::embedded;
use crate::faults::{Fault, Seam, Tamper, all, tampered_bytes};
use crate::role::{Action, Role, RoleName};
use crate::ua::keys::BootstrappedSession;
use crate::ua::{self, Staleness, UaPolicy};
use crate::ue::UePolicy;

#[rstest]
#[case::bsf(RoleName::Bsf)]
#[case::ue(RoleName::Ue)]
#[case::naf(RoleName::Naf)]
#[case::portal(RoleName::Portal)]
#[case::proxy(RoleName::Proxy)]
#[case::hss(RoleName::Hss)]
fn changes_what_its_role_shows(#[case] role: RoleName) {
    let right = shown(role, None);
    let void: Vec<&str> = all()
        .filter(|fault| fault.role == role && shown(role, Some(fault)) == right)
        .map(|fault| fault.id)
        .collect();
    assert!(void.is_empty(), "{void:?}");
}

#[test]
fn shows_the_same_without_a_change() {
    for role in RoleName::ALL {
        let nothing = Fault {
            id: "none/none",
            role,
            requirement: "none",
            what: "Nothing changes.",
            seam: Seam::Message(|_| ()),
            caught_by: &[],
        };
        assert!(shown(role, Some(&nothing)) == shown(role, None), "{role}");
    }
}

#[test]
fn is_numerous_enough_for_each_role() {
    let count = |role| all().filter(|fault| fault.role == role).count();
    assert!(count(RoleName::Bsf) >= 36);
    assert!(count(RoleName::Ue) >= 20);
    assert!(count(RoleName::Naf) + count(RoleName::Portal) >= 12);
    assert!(count(RoleName::Proxy) >= 14);
    assert!(count(RoleName::Hss) >= 40);
}

fn shown(role: RoleName, fault: Option<&Fault>) -> Vec<Vec<u8>> {
    match role {
        RoleName::Bsf => shown_by_bsf(fault),
        RoleName::Ue => shown_by_ue(fault),
        RoleName::Naf => shown_by_naf(fault),
        RoleName::Portal => shown_by_portal(fault),
        RoleName::Proxy => proxy::shown_by_proxy(fault),
        RoleName::Hss => [hss::shown_by_hss(fault), sbi::shown_by_hss(fault)].concat(),
    }
}

/// A server and what it has shown so far.
struct Script<'a> {
    server: &'a mut dyn Role,
    tamper: Tamper,
    shown: Vec<Vec<u8>>,
}

impl Script<'_> {
    fn ask(&mut self, request: &Message) -> Message {
        let answer = tampered_bytes(&ask(self.server, NOW, request), &self.tamper);
        self.shown.push(answer.clone());
        // A peer that says nothing is understood as one that says nothing of use.
        Message::from_bytes(&answer).unwrap_or_else(|_| Message::response(500, "Silence"))
    }

    /// A first request, and the answer to its challenge after `change`.
    fn run(&mut self, change: impl FnOnce(&mut Answer)) -> Message {
        let challenge = self.ask(&initial(user(0).impi));
        let mut answer = Answer::to_bsf(user(0), &challenge);
        change(&mut answer);
        self.ask(&answer.sign())
    }

    /// A first request, and the right answer with this change in its credentials.
    fn run_spoilt(&mut self, from: &str, to: &str) -> Message {
        let challenge = self.ask(&initial(user(0).impi));
        let request = Answer::to_bsf(user(0), &challenge).sign();
        self.ask(&spoilt(&request, from, to))
    }

    /// A first request, and an answer under auth-int whose A2 has no hash of the body.
    fn without_body_hash(&mut self) -> Message {
        let challenge = self.ask(&initial(user(0).impi));
        let answer = Answer::to_bsf(user(0), &challenge);
        self.ask(&answer.sign_as(&answer.digest_without_body_hash()))
    }

    /// A first request and an AUTS 1000 steps ahead of the last one, after `change`.
    fn resynchronise(&mut self, sqn_ms: u64, change: impl FnOnce(&mut Answer)) -> Message {
        let challenge = self.ask(&initial(user(0).impi));
        let mut answer = Answer::auts_to_bsf(user(0), &challenge, sqn_ms);
        change(&mut answer);
        self.ask(&answer.sign())
    }
}

fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
    let mut bsf = embedded::bsf(policy, 1);
    let mut script = Script {
        server: &mut bsf,
        tamper: fault.map(Fault::tamper).unwrap_or_default(),
        shown: Vec::new(),
    };
    script.ask(&initial("nobody@home1.net"));
    script.ask(&initial("xuser1_private@home1.net"));
    let wishes = "algorithm=MD5, qop=auth, nc=00000001, cnonce=\"x\", uri=";
    script.ask(&spoilt(&initial(user(0).impi), "uri=", wishes));
    let elsewhere = "realm=\"elsewhere.invalid\", nonce";
    let realm = format!("realm=\"{}\", nonce", embedded::BSF_FQDN);
    script.ask(&spoilt(&initial(user(0).impi), &realm, elsewhere));
    script.ask(&Message::request("GET / HTTP/1.1"));
    wrong_answers(&mut script);
    odd_answers(&mut script);
    wrong_vectors(&mut script);
    resynchronisations(&mut script);
    let mut shown = script.shown;
    shown.append(&mut variants::shown_by_bsf(fault));
    shown.append(&mut network::shown_by_bsf(fault));
    shown.append(&mut zn::shown_by_bsf(fault));
    shown.append(&mut sbi::shown_by_bsf(fault));
    shown.append(&mut soap::shown_by_bsf(fault));
    shown
}

/// The request with another text in its credentials.
fn spoilt(request: &Message, from: &str, to: &str) -> Message {
    let mut request = request.clone();
    let field = request.field("Authorization").expect("signed");
    let value = field.text();
    let value = String::from_utf8_lossy(&value).replacen(from, to, 1);
    request.set("Authorization", value);
    request
}

fn wrong_answers(script: &mut Script<'_>) {
    script.run(|_| ());
    script.run(|answer| answer.password = HEXLOWER.encode(&answer.password).into_bytes());
    script.run(|answer| answer.password = BASE64.encode(&answer.password).into_bytes());
    script.run(|answer| answer.password.resize(16, 0));
    script.run(|answer| answer.password.truncate(4));
    script.run(|answer| answer.uri = "/x".to_owned());
    script.run(|answer| answer.qop = Some(Qop::Auth));
    script.run(|answer| answer.qop = None);
    script.run(|answer| answer.algorithm = "MD5");
    script.run_spoilt("algorithm=AKAv1-MD5", "opaque=\"o\", algorithm=AKAv1-MD5");
    script.run_spoilt(", algorithm=AKAv1-MD5", "");
    script.without_body_hash();
    for response in [
        |_: &str| String::new(),
        |_: &str| "0".repeat(32),
        |right: &str| format!("{}{}", &right[..31], i32::from(right.ends_with('0'))),
    ] {
        let challenge = script.ask(&initial(user(0).impi));
        let answer = Answer::to_bsf(user(0), &challenge);
        script.ask(&answer.sign_as(&response(&answer.digest())));
    }
    for (from, to) in [("\", auts", ", auts"), ("uri=", "uri=\"/\", uri=")] {
        let challenge = script.ask(&initial(user(0).impi));
        let mut request = Answer::to_bsf(user(0), &challenge).sign();
        let field = request
            .field("Authorization")
            .expect("signed")
            .value
            .clone();
        let field = String::from_utf8(field).expect("ASCII");
        // The missing quote is the one behind the response.
        let broken = match from {
            "uri=" => field.replace(from, to),
            _ => field.replacen("\", cnonce", ", cnonce", 1),
        };
        request.set("Authorization", broken);
        script.ask(&request);
    }
}

fn odd_answers(script: &mut Script<'_>) {
    script.run(|answer| answer.cnonce = "a=b, c");
    script.run(|answer| answer.nc = "1");
    script.run(|answer| answer.nonce = "no base64 *".to_owned());
    script.run(|answer| answer.body = b"bootstrap".to_vec());
    script.run(|answer| {
        answer.target = format!("http://{}/", embedded::BSF_FQDN);
        answer.uri.clone_from(&answer.target);
    });
    let challenge = script.ask(&initial(user(0).impi));
    let answer = Answer::to_bsf(user(0), &challenge);
    script.ask(&answer.sign_as(&answer.digest().to_ascii_uppercase()));
    let challenge = script.ask(&initial(user(0).impi));
    let answer = Answer::to_bsf(user(0), &challenge);
    script.ask(&answer.sign_as(&answer.session_digest()));
}

fn wrong_vectors(script: &mut Script<'_>) {
    let first = script.ask(&initial(user(0).impi));
    let second = script.ask(&initial(user(0).impi));
    script.ask(&Answer::to_bsf(user(0), &first).sign());
    script.ask(&Answer::to_bsf(user(0), &second).sign());
    let challenge = script.ask(&initial(user(0).impi));
    let answer = Answer::to_bsf(user(0), &challenge).sign();
    script.ask(&answer);
    script.ask(&answer);
    script.run(|answer| answer.nonce = BASE64.encode(&[9; 32]));
    script.run(|answer| {
        answer.nonce = BASE64.encode(&[9; 32]);
        let rand = Rand::from([9; 16]);
        answer.password = user(0).functions().f2(rand).expose().to_vec();
    });
    let challenge = script.ask(&initial(user(1).impi));
    let mut answer = Answer::to_bsf(user(1), &challenge);
    answer.username = user(0).impi.to_owned();
    script.ask(&answer.sign());
}

fn resynchronisations(script: &mut Script<'_>) {
    const STEP: u64 = 1000 * 32;
    let ahead = |steps: u64| 0xff9b_b4d0_b607 + steps * STEP;
    let challenge = script.resynchronise(ahead(1), |_| ());
    script.ask(&Answer::to_bsf(user(0), &challenge).sign());
    script.resynchronise(ahead(1) - 64, |_| ());
    let forged = |answer: &mut Answer, steps| {
        let mut octets = *auts(user(0), &answer.nonce, ahead(steps)).as_bytes();
        octets[13] ^= 1;
        answer.auts = Some(BASE64.encode(&octets));
    };
    script.resynchronise(ahead(2), |answer| forged(answer, 2));
    script.resynchronise(ahead(3), |answer| answer.password = b"wrong".to_vec());
    script.resynchronise(ahead(4), |answer| {
        answer.nonce = BASE64.encode(&[9; 32]);
        answer.auts = Some(BASE64.encode(auts(user(0), &answer.nonce, ahead(4)).as_bytes()));
    });
    script.resynchronise(ahead(5), |answer| {
        let octets = auts(user(0), &answer.nonce, ahead(5));
        answer.auts = Some(BASE64.encode(&octets.as_bytes()[..13]));
    });
    // The AUTS is right for the challenge, and only the nonce beside it speaks against it.
    script.resynchronise(ahead(6), |answer| answer.nonce = BASE64.encode(&[9; 32]));
    script.resynchronise(ahead(7), |answer| {
        let mut nonce = BASE64.decode(answer.nonce.as_bytes()).unwrap_or_default();
        nonce.resize(32, 0);
        let rand = Rand::try_from(&nonce[..16]).expect("16 octets");
        let sqn_ms = Sqn::new(ahead(7)).expect("48 bits");
        let octets = user(0)
            .functions()
            .auts_with_amf(rand, sqn_ms, user(0).amf());
        answer.auts = Some(BASE64.encode(octets.as_bytes()));
    });
    let challenge = script.ask(&initial(user(0).impi));
    let request = Answer::auts_to_bsf(user(0), &challenge, ahead(8)).sign();
    let unquoted = "auts=AAAAAAAAAAAAAAAAAAA=, was=\"";
    script.ask(&spoilt(&request, "auts=\"", unquoted));
    script.resynchronise(ahead(9), |answer| {
        answer.auts = answer.auts.take().map(|auts| format!("!{auts}"));
    });
    // More than delta below the counter.
    script.resynchronise(ahead(0) - (1 << 34), |_| ());
    script.run(|_| ());
}

/// The servers that a UE meets, each with something of its own.
struct Encounter {
    usim: Usim,
    bsf: fn(&mut BsfPolicy),
    ua: fn(&mut UaPolicy),
    server: Option<fn(&mut Message)>,
    actions: &'static [Action],
}

const PLAIN: Encounter = Encounter {
    usim: Usim::InStep,
    bsf: |_| (),
    ua: |_| (),
    server: None,
    actions: &[Action::Bootstrap],
};

const ENCOUNTERS: &[Encounter] = &[
    Encounter {
        actions: &[Action::Bootstrap, Action::Fetch, Action::Enrol],
        ..PLAIN
    },
    Encounter {
        usim: Usim::Ahead,
        ..PLAIN
    },
    // The MAC is wrong; in the second one SQN is out of range as well.
    Encounter {
        bsf: |policy| {
            policy.nonce = |rand, autn| {
                let mut octets = *autn.as_bytes();
                octets[15] ^= 1;
                bsf::nonce(rand, octets.into())
            };
        },
        ..PLAIN
    },
    Encounter {
        usim: Usim::Ahead,
        bsf: |policy| {
            policy.nonce = |rand, autn| {
                let mut octets = *autn.as_bytes();
                octets[15] ^= 1;
                bsf::nonce(rand, octets.into())
            };
        },
        ..PLAIN
    },
    // AMF is not the one that the MAC covers.
    Encounter {
        bsf: |policy| {
            policy.nonce = |rand, autn| {
                let mut octets = *autn.as_bytes();
                octets[6] ^= 0x80;
                bsf::nonce(rand, octets.into())
            };
        },
        ..PLAIN
    },
    // Server data behind AUTN, and an opaque value.
    Encounter {
        bsf: |policy| {
            policy.nonce = |rand, autn| {
                BASE64.encode(&[rand.as_ref(), autn.as_ref(), b"server data"].concat())
            };
        },
        server: Some(|message| add_to_challenge(message, ", opaque=\"o+/=p\"")),
        ..PLAIN
    },
    Encounter {
        bsf: |policy| policy.nonce = |rand, _| BASE64.encode(rand.as_bytes()),
        ..PLAIN
    },
    Encounter {
        bsf: |policy| policy.nonce = |rand, autn| format!("*{}", bsf::nonce(rand, autn)),
        ..PLAIN
    },
    // A jump beyond delta, and a vector that is older than the one before, in another slot.
    Encounter {
        bsf: |policy| {
            policy.choose_vector = |choice| VectorSeed {
                sqn: Sqn::new(choice.next_sqn.value() + (1 << 34)).expect("48 bits"),
                ..bsf::choose_vector(choice)
            };
        },
        ..PLAIN
    },
    Encounter {
        bsf: |policy| {
            policy.choose_vector = |choice| VectorSeed {
                sqn: choice.previous.map_or(choice.next_sqn, |previous| {
                    Sqn::new((previous.sqn.value() - 32) ^ 0x10).expect("48 bits")
                }),
                ..bsf::choose_vector(choice)
            };
        },
        actions: &[Action::Bootstrap, Action::Bootstrap],
        ..PLAIN
    },
    // An algorithm that nobody knows comes first.
    Encounter {
        server: Some(|message| {
            let unknown = "Digest realm=\"x\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", \
                           algorithm=FOO, qop=\"auth-int\"";
            if let Some(place) = message
                .fields
                .iter()
                .position(|field| field.is_named("WWW-Authenticate"))
            {
                let mut field = message.fields[place].clone();
                field.value = unknown.as_bytes().to_vec();
                message.fields.insert(place, field);
            }
        }),
        ..PLAIN
    },
    Encounter {
        bsf: |policy| {
            policy.success_body = |facts| {
                bsf::success_body(facts)
                    .replace("xmlns=", "xmlns:g=")
                    .replace("</", "</g:")
                    .replace("<b", "<g:b")
                    .replace("<l", "<g:l")
                    .replace("<Boot", "<g:Boot")
            };
        },
        ..PLAIN
    },
    // No proof is right.
    Encounter {
        server: Some(|message| {
            if message.field("Authentication-Info").is_some() {
                message.set("Authentication-Info", "qop=auth-int, rspauth=\"00\"");
            }
        }),
        ..PLAIN
    },
    Encounter {
        ua: |policy| policy.authentication_info = |_| None,
        actions: &[Action::Fetch],
        ..PLAIN
    },
    Encounter {
        ua: |policy| policy.authentication_info = |_| None,
        actions: &[Action::Enrol],
        ..PLAIN
    },
    // No answer is right.
    Encounter {
        bsf: |policy| policy.accept_response = |_| false,
        ..PLAIN
    },
    // The vector is always the same.
    Encounter {
        usim: Usim::Ahead,
        bsf: |policy| {
            policy.choose_vector = |choice| VectorSeed {
                rand: Rand::from([3; 16]),
                sqn: choice
                    .previous
                    .map_or(choice.next_sqn, |previous| previous.sqn),
            };
        },
        ..PLAIN
    },
    Encounter {
        bsf: |policy| {
            policy.choose_vector = |choice| VectorSeed {
                rand: Rand::from([3; 16]),
                sqn: choice
                    .previous
                    .map_or(choice.next_sqn, |previous| previous.sqn),
            };
        },
        actions: &[Action::Bootstrap, Action::Bootstrap],
        ..PLAIN
    },
    // A challenge as no table prints it.
    Encounter {
        server: Some(|message| {
            if let Some(field) = message.field("WWW-Authenticate") {
                let text = String::from_utf8_lossy(&field.value).into_owned();
                let odd = text
                    .replace("Digest ", "DIGEST x=\"y\",")
                    .replace("realm", "Realm");
                message.set("WWW-Authenticate", odd);
            }
        }),
        ..PLAIN
    },
    Encounter {
        ua: |policy| {
            policy.challenge = |facts| {
                let realm = format!(
                    "3GPP-bootstrapping-uicc@{0};3GPP-bootstrapping@{0}",
                    facts.fqdn
                );
                gbaspec_wire::digest_header::Challenge {
                    realm: Some(realm.into_bytes()),
                    ..ua::challenge(facts)
                }
            };
        },
        actions: &[Action::Fetch],
        ..PLAIN
    },
    Encounter {
        ua: |policy| {
            policy.challenge = |facts| {
                let fqdn = "other.home1.net";
                ua::challenge(&ua::ChallengeFacts { fqdn, ..*facts })
            };
        },
        actions: &[Action::Fetch],
        ..PLAIN
    },
    // The NAF knows no key.
    Encounter {
        ua: |policy| policy.key_is_valid = |_| false,
        actions: &[Action::Bootstrap, Action::Fetch],
        ..PLAIN
    },
];

fn shown_by_ue(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    for encounter in ENCOUNTERS {
        let mut bsf = BsfPolicy::default();
        (encounter.bsf)(&mut bsf);
        let mut ua = UaPolicy::default();
        (encounter.ua)(&mut ua);
        let ue = fault.map_or_else(UePolicy::default, Fault::ue_policy);
        let mut world = World::with_usim(encounter.usim, &bsf, &ua, &ue);
        world.ue_tamper = fault.map(Fault::tamper).unwrap_or_default();
        world.server_tamper.message = encounter.server;
        for action in encounter.actions {
            let outcome = world.run(*action);
            world.wire.push(format!("{outcome:?}").into_bytes());
        }
        shown.append(&mut world.wire);
    }
    shown.append(&mut variants::shown_by_ue(fault));
    shown.append(&mut scripts::shown_by_ue(fault));
    let policy = fault.map_or_else(UePolicy::default, Fault::ue_policy);
    shown.extend(inside_tls::shown_by_ue(&policy));
    shown.append(&mut certificates::shown_by_ue(fault));
    shown.append(&mut psk::shown_by_ue(&policy));
    shown
}

fn add_to_challenge(message: &mut Message, text: &str) {
    if let Some(field) = message.field("WWW-Authenticate") {
        let value = [field.value.as_slice(), text.as_bytes()].concat();
        message.set("WWW-Authenticate", value);
    }
}

fn shown_by_naf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(UaPolicy::default, Fault::ua_policy);
    let mut source = embedded::sessions();
    source.add(BootstrappedSession {
        expires: Some(NOW),
        ..user(1).session()
    });
    let mut naf = embedded::naf_with(Box::new(source), policy, 2);
    let key = |place: usize| {
        let key = user(place).naf_key(embedded::NAF_FQDN, UaProtocolId::HTTP_DIGEST);
        (key.btid, password(&key.key))
    };
    let keys = [
        key(0),
        key(1),
        ("AAAA@bsf.home1.net".to_owned(), String::new()),
    ];
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut shown = probe_ua(&mut naf, tamper, &keys, false);
    let mut script = Script {
        server: &mut naf,
        tamper,
        shown: Vec::new(),
    };
    naf::odd_digests(&mut script);
    naf::odd_counts(&mut script);
    naf::odd_requests(&mut script);
    naf::keys_of_others(&mut script);
    shown.append(&mut script.shown);
    let mut other = embedded::naf(policy, 2);
    shown.extend(inside_tls::shown_by_server(&mut other, false));
    shown.append(&mut psk::shown_by_naf(&mut other));
    shown.append(&mut network::shown_by_naf(&policy));
    shown.append(&mut sbi::shown_by_naf(&policy));
    shown.append(&mut zn::shown_by_naf(&policy));
    shown
}

fn shown_by_portal(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(UaPolicy::default, Fault::ua_policy);
    let mut portal = embedded::portal(policy, 3);
    let key = |place: usize| {
        let key = user(place).naf_key(embedded::PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
        (key.btid, password(&key.key))
    };
    let keys = [
        key(0),
        key(1),
        ("AAAA@bsf.home1.net".to_owned(), String::new()),
    ];
    let others = passwords_of_others(embedded::PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let others = others.map(|password| (keys[0].0.clone(), password));
    let keys: Vec<(String, String)> = keys.into_iter().chain(others).collect();
    let tamper = fault.map(Fault::tamper).unwrap_or_default();
    let mut shown = probe_ua(&mut portal, tamper, &keys, true);
    let mut other = embedded::portal(policy, 3);
    shown.extend(inside_tls::shown_by_server(&mut other, true));
    shown.append(&mut certificates::shown_by_portal(fault));
    shown
}

fn password(key: &KsNaf) -> String {
    BASE64.encode(key.expose())
}

/// Passwords that are wrong for the server with this name and protocol, each for a reason of its own.
fn passwords_of_others(fqdn: &str, protocol: UaProtocolId) -> [String; 6] {
    let key = |name: &str, protocol| password(&user(0).naf_key(name, protocol).key);
    [
        key(fqdn, UaProtocolId::MBMS),
        key(fqdn, UaProtocolId::HTTP_DIGEST),
        key(&format!("{fqdn}:80"), protocol),
        key(&fqdn.to_uppercase(), protocol),
        key(embedded::NAF_FQDN, UaProtocolId::HTTP_DIGEST),
        BASE64URL.encode(user(0).naf_key(fqdn, protocol).key.expose()),
    ]
}

fn probe_ua(
    server: &mut dyn Role,
    tamper: Tamper,
    keys: &[(String, String)],
    post: bool,
) -> Vec<Vec<u8>> {
    let shown = Vec::new();
    let mut script = Script {
        server,
        tamper,
        shown,
    };
    for (btid, password) in keys {
        let plain = Answer::to_naf(btid, password, post, &Message::request("")).plain();
        let challenge = script.ask(&plain);
        let right = Answer::to_naf(btid, password, post, &challenge);
        script.ask(&right.sign());
        script.ask(&right.sign());
        for change in [
            |answer: &mut Answer| answer.password = b"wrong".to_vec(),
            |answer: &mut Answer| answer.qop = Some(Qop::Auth),
            |answer: &mut Answer| answer.qop = None,
            |answer: &mut Answer| answer.nonce = "0".repeat(32),
            |answer: &mut Answer| answer.username = "BBBB@bsf.home1.net".to_owned(),
            |answer: &mut Answer| answer.target = "/enrol?response=postcard".to_owned(),
        ] {
            let challenge = script.ask(&plain);
            let mut answer = Answer::to_naf(btid, password, post, &challenge);
            change(&mut answer);
            answer.uri.clone_from(&answer.target);
            script.ask(&answer.sign());
        }
        let challenge = script.ask(&plain);
        let answer = Answer::to_naf(btid, password, post, &challenge);
        let mut altered = answer.sign();
        altered.body = b"altered".to_vec();
        script.ask(&altered);
        script.ask(&answer.sign_as(&"0".repeat(32)));
        let (right, last) = (answer.digest(), i32::from(answer.digest().ends_with('0')));
        script.ask(&answer.sign_as(&format!("{}{last}", &right[..31])));
    }
    script.shown
}

#[test]
fn keeps_staleness_apart_from_bootstrapping() {
    assert_eq!(
        ua::reject(ua::Rejection::OldNonce),
        ua::RejectionAnswer::Challenge(Staleness::Stale)
    );
    assert_eq!(
        ua::reject(ua::Rejection::WrongResponse),
        ua::RejectionAnswer::Challenge(Staleness::BootstrappingRequired)
    );
}
