//! The subscribers of a profile: what each kind holds, and what is wrong with one that cannot be.

use data_encoding::HEXLOWER;
use gbaspec_case::case::{Need, SubscriberChoice};
use gbaspec_case::load::{Source, load_profile, load_profile_seeded};
use gbaspec_case::scene::Scene;
use gbaspec_case::subscriber::SubscriberKind;
use gbaspec_crypto::token::Rand;
use rstest::rstest;

const K_128: &str = "465b5ce8b199b49faa5f0a2ee238a6bc";
const OPC: &str = "cd63cb71954a9f4e48a5994e37a02baf";
const K_256: &str = "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5";
const TOPC_5: &str = "3c6052e41532a28a47aa3cbb89f223e8f3aaa976aecd48bc3e7d6165a55eff62";
const TOP_5: &str = "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e";

fn source(subscribers: &[&str]) -> Source {
    let lines: Vec<String> = subscribers
        .iter()
        .enumerate()
        .map(|(index, keys)| format!("  - {{ impi: user{index}@home1.net, {keys} }}\n"))
        .collect();
    Source {
        name: "profile.yaml".to_owned(),
        text: format!("role: ue\nsubscribers:\n{}", lines.concat()),
    }
}

fn scene(subscribers: &[&str]) -> Scene {
    load_profile(&source(subscribers), &|name| {
        (name == "PASSWORD").then(|| "open sesame".to_owned())
    })
    .expect("the profile is sound")
    .scene
}

fn milenage() -> String {
    format!("k: \"{K_128}\", opc: \"{OPC}\"")
}

/// The outputs of f2 are those of TS 35.207 set 1 and TS 35.233 sets 1 and 5.
#[rstest]
#[case::usim(&format!("k: \"{K_128}\", opc: \"{OPC}\""), SubscriberKind::Usim, "23553cbe9637a89d218ae64dae47bf35", "a54211d5e3ba50bf")]
#[case::tuak_128(
    "kind: tuak, k: \"abababababababababababababababab\", topc: \"bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff\", res-octets: 4",
    SubscriberKind::Tuak128,
    "42424242424242424242424242424242",
    "657acd64"
)]
#[case::tuak_128_with_top(
    "kind: tuak, k: \"abababababababababababababababab\", top: \"5555555555555555555555555555555555555555555555555555555555555555\", res-octets: 4, keccak-iterations: 1",
    SubscriberKind::Tuak128,
    "42424242424242424242424242424242",
    "657acd64"
)]
fn takes_the_keys_of_a_usim(
    #[case] keys: &str,
    #[case] kind: SubscriberKind,
    #[case] rand: &str,
    #[case] res: &str,
) {
    let scene = scene(&[keys]);
    let subscriber = &scene.subscribers[0];
    assert_eq!(subscriber.kind(), kind);
    let rand = HEXLOWER.decode(rand.as_bytes()).expect("hex");
    let rand = Rand::try_from(rand.as_slice()).expect("16 octets");
    let functions = subscriber.aka().expect("a USIM");
    assert_eq!(HEXLOWER.encode(functions.f2(rand).expose()), res);
}

/// A RES of another length is made for itself in TUAK, so that only its length is looked at here.
#[rstest]
#[case::topc(&format!("kind: tuak, k: \"{K_256}\", topc: \"{TOPC_5}\""), 8)]
#[case::top(&format!("kind: tuak, k: \"{K_256}\", top: \"{TOP_5}\", res-octets: 16"), 16)]
fn takes_a_k_of_256_bits(#[case] keys: &str, #[case] octets: usize) {
    let scene = scene(&[keys]);
    let subscriber = &scene.subscribers[0];
    assert_eq!(subscriber.kind(), SubscriberKind::Tuak256);
    let functions = subscriber.aka().expect("a USIM");
    assert_eq!(functions.f2(Rand::from([1; 16])).len(), octets);
}

#[test]
fn takes_the_keys_of_a_sim() {
    let keys = format!("kind: sim, {}", milenage());
    let scene = scene(&[&keys]);
    let subscriber = &scene.subscribers[0];
    assert_eq!(subscriber.kind(), SubscriberKind::Sim);
    assert!(subscriber.aka().is_none());
    let rand = Rand::from(0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35_u128.to_be_bytes());
    let triplet = subscriber.triplet(rand).expect("a SIM");
    assert_eq!(HEXLOWER.encode(triplet.sres.expose()), "46f8416a");
    assert_eq!(HEXLOWER.encode(triplet.kc.expose()), "eae4be823af9a08b");
}

#[rstest]
#[case::in_the_file("password: \"open sesame\"")]
#[case::from_the_environment("password: { env: PASSWORD }")]
fn takes_a_password(#[case] password: &str) {
    let scene = scene(&[&format!("kind: digest, {password}")]);
    let subscriber = &scene.subscribers[0];
    assert_eq!(subscriber.kind(), SubscriberKind::Digest);
    let password = subscriber.password().expect("a password");
    assert_eq!(password.expose(), "open sesame");
    assert!(!format!("{subscriber:?}").contains("sesame"));
}

#[rstest]
#[case::no_k(
    "opc: \"cd63cb71954a9f4e48a5994e37a02baf\"",
    "a subscriber of this kind needs K"
)]
#[case::no_password("kind: digest", "a subscriber of this kind needs a password")]
#[case::no_topc(
    "kind: tuak, k: \"abababababababababababababababab\"",
    "a subscriber with TUAK needs TOPc or TOP"
)]
#[case::k_of_192_bits(
    "kind: tuak, k: \"abababababababababababababababababababababababab\", top: \"00\"",
    "K is not 16 octets of hex; it has 48 characters"
)]
#[case::res_of_6_octets(
    "kind: tuak, k: \"abababababababababababababababab\", top: \"5555555555555555555555555555555555555555555555555555555555555555\", res-octets: 6",
    "RES of TUAK cannot have 6 octets"
)]
#[case::no_iteration(
    "kind: tuak, k: \"abababababababababababababababab\", top: \"5555555555555555555555555555555555555555555555555555555555555555\", keccak-iterations: 0",
    "TUAK needs at least one iteration of Keccak"
)]
#[case::key_of_another_kind(
    "kind: digest, password: \"x\", k: \"abababababababababababababababab\"",
    "`k` has no meaning for a subscriber of kind `digest`"
)]
#[case::iterations_of_milenage(
    "keccak-iterations: 2, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"",
    "`keccak-iterations` has no meaning for a subscriber of kind `usim`"
)]
#[case::unknown_kind(
    "kind: isim, k: \"abababababababababababababababab\"",
    "unknown kind `isim`"
)]
fn refuses_what_cannot_be(#[case] keys: &str, #[case] what: &str) {
    let problems = load_profile(&source(&[keys]), &|_| None).expect_err("a problem");
    assert_eq!(problems[0].what, what);
    assert_eq!(problems[0].place.line, 3);
    assert!(!problems[0].advice.is_empty());
}

const SIM: &str =
    "kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"";
const TUAK: &str = "kind: tuak, k: \"abababababababababababababababab\", top: \"5555555555555555555555555555555555555555555555555555555555555555\"";
const DIGEST: &str = "kind: digest, password: \"x\"";

#[rstest]
#[case::the_next_one(&["usim", "usim", "sim"], 0, "user1@home1.net")]
#[case::never_one_of_another_sort(&["usim", "sim", "usim"], 0, "user2@home1.net")]
#[case::from_the_start_again(&["usim", "sim", "usim"], 2, "user0@home1.net")]
#[case::another_usim(&["usim", "tuak", "sim"], 1, "user0@home1.net")]
#[case::itself_without_another(&["usim", "sim"], 1, "user1@home1.net")]
fn second_subscriber(#[case] kinds: &[&str], #[case] first: usize, #[case] second: &str) {
    let scene = scene_of(kinds);
    let found = scene.subscriber(first, SubscriberChoice::Second);
    assert_eq!(found.impi, second);
}

#[rstest]
#[case::milenage(&["tuak", "usim", "sim", "usim"], &[1, 3])]
#[case::tuak_alone(&["tuak", "sim", "tuak"], &[0, 2])]
#[case::none(&["sim", "digest"], &[])]
fn usual_subscribers(#[case] kinds: &[&str], #[case] indices: &[usize]) {
    let scene = scene_of(kinds);
    assert_eq!(scene.usims(), indices);
    assert_eq!(
        scene.first_of(SubscriberKind::Usim),
        indices.first().copied()
    );
}

#[test]
fn first_of_each_kind() {
    let scene = scene_of(&["usim", "digest", "sim", "tuak", "sim"]);
    let firsts = [
        (SubscriberKind::Usim, Some(0)),
        (SubscriberKind::Digest, Some(1)),
        (SubscriberKind::Sim, Some(2)),
        (SubscriberKind::Tuak128, Some(3)),
        (SubscriberKind::Tuak256, None),
    ];
    for (kind, first) in firsts {
        assert_eq!(scene.first_of(kind), first, "{}", kind.as_str());
    }
}

fn scene_of(kinds: &[&str]) -> Scene {
    let usim = milenage();
    let keys: Vec<&str> = kinds
        .iter()
        .map(|kind| match *kind {
            "sim" => SIM,
            "tuak" => TUAK,
            "digest" => DIGEST,
            _ => usim.as_str(),
        })
        .collect();
    scene(&keys)
}

/// A profile of a NAF whose sessions name a subscriber; `more` is the rest of it.
fn naf(more: &str) -> Source {
    Source {
        name: "profile.yaml".to_owned(),
        text: format!(
            "role: naf\naddress: \"127.0.0.1:80\"\nsubscribers:\n  - {{ impi: a@home1.net, {} }}\n{more}",
            milenage()
        ),
    }
}

const HOOK: &str =
    "keys: hook\nhooks: { install-key: [install] }\nsessions:\n  - { subscriber: a@home1.net }\n";

fn btids(seed: u64) -> Vec<String> {
    let text = format!("{HOOK}  - {{ subscriber: a@home1.net }}\n");
    let profile = load_profile_seeded(&naf(&text), &|_| None, seed).expect("the profile is sound");
    let sessions = profile.scene.sessions.into_iter();
    sessions.map(|session| session.btid).collect()
}

#[test]
fn draws_a_rand_for_each_session_that_a_hook_installs() {
    let drawn = btids(1);
    assert_eq!(drawn.len(), 2);
    assert_ne!(drawn[0], drawn[1]);
    assert_eq!(drawn, btids(1), "the same seed draws the same");
    assert_ne!(drawn, btids(2), "another seed draws others");
}

#[rstest]
#[case::rand_that_nobody_installs(
    "sessions: [{ subscriber: a@home1.net }]\n",
    "a session needs its RAND"
)]
#[case::hook_without_a_command(
    "keys: hook\nsessions: [{ subscriber: a@home1.net }]\n",
    "there is no hook that installs keys"
)]
#[case::hook_of_no_words(
    "keys: hook\nhooks: { install-key: [] }\nsessions: [{ subscriber: a@home1.net }]\n",
    "there is no hook that installs keys"
)]
#[case::command_without_the_word(
    "hooks: { install-key: [install] }\nsessions: [{ subscriber: a@home1.net, rand: \"00112233445566778899aabbccddeeff\" }]\n",
    "the keys of this profile are provisioned"
)]
#[case::unknown_source(
    "keys: hooks\nsessions: [{ subscriber: a@home1.net, rand: \"00112233445566778899aabbccddeeff\" }]\n",
    "unknown source of keys `hooks`"
)]
fn refuses_keys_that_come_from_nowhere(#[case] more: &str, #[case] what: &str) {
    let problems = load_profile(&naf(more), &|_| None).expect_err("a problem");
    assert_eq!(problems[0].what, what);
    assert!(!problems[0].advice.is_empty());
}

/// A client that is handed its session.
const HANDED: &str = "role: ue\nsessions:\n  - { btid: \"a@bsf.home1.net\", ks-naf: \"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\" }\n";

#[rstest]
#[case::with_subscribers_alone(source(&[&milenage()]), true)]
#[case::handed_a_session(Source { name: String::new(), text: HANDED.to_owned() }, false)]
#[case::that_says_so(Source { name: String::new(), text: format!("{}{}claims: [bootstraps]\n", source(&[&milenage()]).text, &HANDED["role: ue\n".len()..]) }, true)]
fn bootstraps(#[case] profile: Source, #[case] expected: bool) {
    let profile = load_profile(&profile, &|_| None).expect("the profile is sound");
    let has = profile.scene.capabilities.contains(&Need::Bootstraps);
    assert_eq!(has, expected);
}

#[test]
fn refuses_a_client_with_neither_a_session_nor_a_subscriber() {
    let text = format!("{HANDED}claims: [bootstraps]\n");
    let name = "profile.yaml".to_owned();
    let problems = load_profile(&Source { name, text }, &|_| None).expect_err("a problem");
    assert_eq!(problems[0].what, "a ue needs at least one test subscriber");
}

#[test]
fn refuses_a_hook_for_keys_that_the_handshake_decides() {
    let problems = load_profile(&naf(&format!("tls: {{}}\n{HOOK}")), &|_| None);
    let problems = problems.expect_err("a problem");
    let what = "no hook can know the key of a NAF inside TLS beforehand";
    assert_eq!(problems[0].what, what);
}
