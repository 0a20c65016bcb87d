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

const SIM: &str =
    "kind: sim, k: \"465b5ce8b199b49faa5f0a2ee238a6bc\", opc: \"cd63cb71954a9f4e48a5994e37a02baf\"";
const PASSWORD: &str = "kind: digest, password: \"correct horse battery staple\"";

/// The proof of a run of 2G GBA, and that of one of `GBA_Digest`.
const PROOF_2G: &str = "nonce=\"I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/\", response=\"0\", algorithm=AKAv1-MD5";
const PROOF_DIGEST: &str = "nonce=\"I1U8vpY3qJ0hiuZNrke/NQ==\", response=\"32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a\", algorithm=SHA-256";

/// Keys that follow from a run, not from RAND alone; computed with another library.
#[rstest]
#[case::ks_of_2g(
    SIM,
    "user1_private@home1.net",
    PROOF_2G,
    "e25730eeb86cb402bcb10845916bbd71f45b6dbf8b1464d2e6123e82af674238"
)]
#[case::ks_naf_of_2g(
    SIM,
    "user1_private@home1.net",
    PROOF_2G,
    "YBAgJYX8DIv5uGD6EVsDJeqOyXuOCtYBUxVL2FIC97g="
)]
#[case::ha1(
    PASSWORD,
    "user8_private@home1.net",
    PROOF_DIGEST,
    "29b14d3ee4179f225c03cb8e879a2290f13c066f81a974a262254fe187a5c3d6"
)]
#[case::passwd(
    PASSWORD,
    "user8_private@home1.net",
    PROOF_DIGEST,
    "da12aab2b54cb7eb3d982cd5511376e4b999828a6bb224c7d7387dc9e2ddd63c"
)]
#[case::ks_of_gba_digest(
    PASSWORD,
    "user8_private@home1.net",
    PROOF_DIGEST,
    "f98e3d1b235410b3ea9df6d21cc5d1cd3dfe0c53b6d6cb7b433a3485ec9bfc26"
)]
#[case::ks_naf_of_gba_digest(
    PASSWORD,
    "user8_private@home1.net",
    PROOF_DIGEST,
    "beeb182daf3319ce315a87fffb05e288c4791d741e0b937c5deb83fd7d819e30"
)]
fn overwrites_the_keys_of_a_run(
    #[case] keys: &str,
    #[case] impi: &str,
    #[case] proof: &str,
    #[case] secret: &str,
) {
    let scene = scene_with(&format!(
        "names: {{ naf: naf1.home1.net }}\nsubscribers:\n  - {{ impi: {impi}, {keys} }}\n"
    ));
    let mut play = Play::default();
    play.secure(1, None);
    play.add(
        From::Target,
        &format!(
            "GET / HTTP/1.1\nAuthorization: Digest username=\"{impi}\", realm=\"home1.net\", {proof}\n\n"
        ),
    );
    let index = play.add(From::Target, &format!("GET / HTTP/1.1\nX: {secret}\n\n"));
    redact(&scene, &mut play.transcript);
    let bytes = play.transcript.message_bytes(index).expect("a message");
    let stars = "*".repeat(secret.len());
    let expected = format!("GET / HTTP/1.1\r\nX: {stars}\r\n\r\n");
    assert_eq!(String::from_utf8_lossy(bytes), expected);
}
