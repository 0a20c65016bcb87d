//! What a target leaks does not get into the evidence, whatever kind of subscriber it belongs to.
//! The values are published ones (TS 35.207 set 1, TS 35.233 set 1, `gba_2g`, `ub_success_flow`).

use gbaspec_case::redact::redact;
use rstest::rstest;

use crate::world::{From, Play, scene_with};

const USIM: &str =
    "k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"";
const TUAK: &str = "kind: tuak, k: \"abababababababababababababababab\", top: \"5555555555555555555555555555555555555555555555555555555555555555\", res-octets: 4";

/// A challenge with RAND of set 1, and one with RAND of the first set of TUAK.
const CHALLENGES: &str = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"b\", nonce=\"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=\", algorithm=AKAv1-MD5\nWWW-Authenticate: Digest realm=\"b\", nonce=\"QkJCQkJCQkJCQkJCQkJCQmCOD4qBRf//+aVOauqoYY0=\", algorithm=AKAv1-MD5\n\n";

#[rstest]
#[case::k(USIM, "465b5ce8b199b49faa5f0a2ee238a6bc")]
#[case::res(USIM, "a54211d5e3ba50bf")]
#[case::password_of_akav2(USIM, "shzt3q8CWaZnCAWqs3WmEQ==")]
#[case::password_of_akav2_sha_256(USIM, "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk=")]
#[case::topc(
    TUAK,
    "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff"
)]
#[case::ck_of_tuak(TUAK, "d71a1e5c6caffe986a26f783e5c78be1")]
#[case::res_of_tuak(TUAK, "657acd64")]
#[case::sres(
    "kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"",
    "46f8416a"
)]
#[case::kc(
    "kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"",
    "eae4be823af9a08b"
)]
#[case::res_of_2g(
    "kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"",
    "91a40904556e5b5427543b008b1fc21e"
)]
#[case::password("kind: digest, password: \"open sesame\"", "open sesame")]
fn overwrites_what_leaks(#[case] keys: &str, #[case] secret: &str) {
    let scene = scene_with(&format!(
        "subscribers:\n  - {{ impi: user1_private@home1.net, {keys} }}\n"
    ));
    let mut play = Play::default();
    play.add(From::Harness, CHALLENGES);
    let leak = format!("GET /?{secret} HTTP/1.1\nX: {secret}\n\n");
    let index = play.add(From::Target, &leak);
    redact(&scene, &mut play.transcript);
    let bytes = play.transcript.message_bytes(index).expect("a message");
    let text = String::from_utf8_lossy(bytes);
    let stars = "*".repeat(secret.len());
    assert_eq!(
        text,
        format!("GET /?{stars} HTTP/1.1\r\nX: {stars}\r\n\r\n")
    );
}
