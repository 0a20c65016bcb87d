//! Conversations of the other ways of bootstrapping whose every digit is known: TMPI, AKAv2, TUAK,
//! 2G GBA and `GBA_Digest`. The values are those of the test sets or were computed from them by
//! other means than this project.

use data_encoding::HEXLOWER;
use gbaspec_crypto::gba_2g::Nonce2g;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::token::{KsInput, Rand, Sqn};
use gbaspec_wire::digest_header::Algorithm;
use rstest::rstest;

use super::world::{NOW, Usim, World, user1};
use crate::bsf::{self, BsfOffer, BsfPolicy, Switch, VectorSeed};
use crate::embedded::{self, NAF_FQDN};
use crate::role::{Action, ClientOutcome};
use crate::ua::UaPolicy;
use crate::ue::{self, Freshness, UePolicy};

const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
/// RAND of set 1 of TS 35.207 names the sessions.
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const RAND_1: u128 = 0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35;
const RAND_2: u128 = 0xc00d_6031_03dc_ee52_c447_8119_4942_02e8;

fn known_ue() -> UePolicy {
    UePolicy {
        freshness: |facts| Freshness {
            cnonce: CNONCE.to_owned(),
            ..ue::freshness(facts)
        },
        ..UePolicy::default()
    }
}

/// RAND of set 1, then RAND of set 2 with SQN ff9bb4d0b708.
pub(super) fn known_bsf() -> BsfPolicy {
    BsfPolicy {
        choose_vector: |choice| match choice.previous {
            None => VectorSeed {
                rand: Rand::from(RAND_1.to_be_bytes()),
                ..bsf::choose_vector(choice)
            },
            Some(_) => VectorSeed {
                rand: Rand::from(RAND_2.to_be_bytes()),
                sqn: Sqn::from_bytes([0xff, 0x9b, 0xb4, 0xd0, 0xb7, 0x08]),
            },
        },
        choose_second_generation: |_| Nonce2g {
            rand: Rand::from(RAND_1.to_be_bytes()),
            ks_input: KsInput::from(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes()),
        },
        gba_digest_nonce: |_| "I1U8vpY3qJ0hiuZNrke/NQ==".to_owned(),
        ..BsfPolicy::default()
    }
}

/// The reference UE and BSF with values that are known beforehand; `index` counts from 0.
fn world(index: usize) -> World {
    let (ue, bsf) = (known_ue(), known_bsf());
    World::of(
        embedded::ue(index, ue, 4),
        embedded::bsf(bsf, 1),
        &UaPolicy::default(),
    )
}

fn bootstraps(world: &mut World) {
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Success));
}

#[test]
fn uses_the_tmpi_of_the_first_run_in_the_second() {
    let mut world = world(0);
    bootstraps(&mut world);
    let tmpi = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";
    assert_eq!(world.ue.tmpi(), Some(tmpi));
    assert_eq!(world.bsf.tmpi("user1_private@home1.net"), Some(tmpi));
    bootstraps(&mut world);
    assert!(world.text(4).contains(&format!(
        "Digest username=\"{tmpi}\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", response=\"\""
    )));
    assert!(
        world
            .text(5)
            .contains("nonce=\"wA1gMQPc7lLER4EZSUIC6HaHcvpaDLm5/q2/CvRKaMQ=\"")
    );
    assert!(world.text(6).contains(&format!("username=\"{tmpi}\"")));
    assert!(
        world
            .text(6)
            .contains("response=\"fe2e66df3de9a89a13601303cae81707\"")
    );
    // The second run has a TMPI of its own.
    assert_eq!(
        world.ue.tmpi(),
        Some("qQUWRBADsRhGR853O1DWD0UQO26lBwcb@tmpi.bsf.3gppnetwork.org")
    );
    assert_eq!(world.bsf.tmpi("user1_private@home1.net"), world.ue.tmpi());
}

#[rstest]
#[case::md5(
    vec![Algorithm::AkaV1Md5, Algorithm::AkaV2Md5],
    "AKAv2-MD5",
    "3a912f43f0f899c2bc13e4f80281f73d",
    "cc54955ab58935f3675556ef20d9b4f3"
)]
#[case::sha_256(
    vec![Algorithm::AkaV2Md5, Algorithm::AkaV2Sha256, Algorithm::AkaV1Md5],
    "AKAv2-SHA-256",
    "519b303232567686e10862b0fd5ee89805d6ef6e0155fee34b3ffd29eb6dec1f",
    "b7ff3b9034692c1d22c3d293ec6bee29f53063f19c9491c8c051e4977cc8327c"
)]
#[case::version_one_alone(
    vec![Algorithm::AkaV1Md5],
    "AKAv1-MD5",
    "c3010b8b0c8fe3d6425a4d50b6a66ba8",
    "555af6499afdd4138f23c23ab0e0a81f"
)]
fn takes_the_strongest_algorithm_of_the_offer(
    #[case] algorithms: Vec<Algorithm>,
    #[case] taken: &str,
    #[case] response: &str,
    #[case] rspauth: &str,
) {
    let challenges = algorithms.len();
    let offer = BsfOffer {
        algorithms,
        ..BsfOffer::default()
    };
    let bsf = embedded::bsf_with(offer, known_bsf(), 1);
    let mut world = World::of(user1(Usim::InStep, &known_ue()), bsf, &UaPolicy::default());
    bootstraps(&mut world);
    assert_eq!(
        world.text(1).matches("WWW-Authenticate: Digest ").count(),
        challenges
    );
    assert!(
        world
            .text(2)
            .contains(&format!("response=\"{response}\", algorithm={taken}\r\n"))
    );
    assert!(world.text(3).contains(&format!("rspauth=\"{rspauth}\"")));
    assert_eq!(world.ue.btid(NOW), Some(BTID));
}

#[test]
fn bootstraps_with_tuak_to_the_digit() {
    let bsf = BsfPolicy {
        choose_vector: |choice| VectorSeed {
            rand: Rand::from([0x42; 16]),
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    };
    let bsf = embedded::bsf(bsf, 1);
    let mut world = World::of(embedded::ue(4, known_ue(), 4), bsf, &UaPolicy::default());
    bootstraps(&mut world);
    // RAND and AUTN of TUAK test set 1 of TS 35.233.
    assert!(
        world
            .text(1)
            .contains("nonce=\"QkJCQkJCQkJCQkJCQkJCQmCOD4qBRf//+aVOauqoYY0=\"")
    );
    // RES of that set has four octets.
    assert!(
        world
            .text(2)
            .contains("response=\"937400e63044c5a5c5ff74886310a3e9\"")
    );
}

#[test]
fn bootstraps_with_tuak_and_a_key_of_256_bits_to_the_digit() {
    let bsf = BsfPolicy {
        choose_vector: |choice| VectorSeed {
            rand: Rand::from(0xc570_aac6_8cde_651f_b1e3_0883_2249_8bef_u128.to_be_bytes()),
            ..bsf::choose_vector(choice)
        },
        ..BsfPolicy::default()
    };
    let bsf = embedded::bsf(bsf, 1);
    let mut world = World::of(embedded::ue(5, known_ue(), 4), bsf, &UaPolicy::default());
    bootstraps(&mut world);
    // K, RAND, SQN and AMF of TUAK test set 5 of TS 35.233, whose AK depends on the length of RES;
    // with 16 octets it was computed by other means.
    assert!(
        world
            .text(1)
            .contains("nonce=\"xXCqxozeZR+x4wiDIkmL7xxu6EhZsyl91zQNrQK0ywE=\"")
    );
    assert!(
        world
            .text(2)
            .contains("response=\"c6241d569e77b3e35426fbabe47d12fc\"")
    );
}

#[test]
fn bootstraps_with_a_sim_to_the_digit() {
    let mut world = world(6);
    bootstraps(&mut world);
    assert!(world.text(1).contains(
        "WWW-Authenticate: Digest realm=\"bsf.home1.net\", \
         nonce=\"I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/\", \
         algorithm=AKAv1-MD5, qop=\"auth-int\"\r\n"
    ));
    assert!(
        world
            .text(2)
            .contains("response=\"87d7bc36d4660535d9330c17a623beea\"")
    );
    assert!(
        world
            .text(3)
            .contains("rspauth=\"911cdb5e2ac29d62124fa82c2dc94966\"")
    );
    assert_eq!(
        naf_key(&world),
        "0b19414d1679f6151138b26c1abf1972383f3dec6d23a633bbe3d63438a2e85c"
    );
    // The private identity is the only username of 2G GBA.
    assert_eq!(world.ue.tmpi(), None);
}

#[test]
fn bootstraps_with_a_password_to_the_digit() {
    let mut world = world(7);
    bootstraps(&mut world);
    assert!(world.text(0).contains(
        "User-Agent: Bootstrapping Client Agent; Release-6; 3gpp-gba-tmpi; GBA_Digest\r\n"
    ));
    assert!(world.text(0).contains(
        "Digest username=\"user8_private@home1.net\", realm=\"home1.net\", nonce=\"\", uri=\"/\""
    ));
    assert!(world.text(1).contains(
        "WWW-Authenticate: Digest realm=\"home1.net\", nonce=\"I1U8vpY3qJ0hiuZNrke/NQ==\", \
         algorithm=SHA-256, qop=\"auth-int\"\r\n"
    ));
    assert!(world.text(2).contains(
        "response=\"32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a\", \
         algorithm=SHA-256\r\n"
    ));
    assert!(
        world.text(3).contains(
            "rspauth=\"e31e494c8d2ffe4141c7944dc4226d145afe91528f5d1b7eae0d131c05d29401\""
        )
    );
    assert_eq!(
        naf_key(&world),
        "beeb182daf3319ce315a87fffb05e288c4791d741e0b937c5deb83fd7d819e30"
    );
}

#[rstest]
#[case::tuak_128(4)]
#[case::tuak_256(5)]
#[case::sim(6)]
#[case::password(7)]
fn fetches_with_the_key_that_the_bsf_has(#[case] index: usize) {
    let mut world = world(index);
    assert_eq!(world.run(Action::Fetch), Some(ClientOutcome::Success));
}

#[rstest]
#[case::second_generation(
    6,
    BsfOffer { second_generation: Switch::Off, gba_digest: Switch::On, ..BsfOffer::default() }
)]
#[case::gba_digest(
    7,
    BsfOffer { second_generation: Switch::On, gba_digest: Switch::Off, ..BsfOffer::default() }
)]
fn refuses_what_is_switched_off(#[case] index: usize, #[case] offer: BsfOffer) {
    let bsf = embedded::bsf_with(offer, known_bsf(), 1);
    let mut world = World::of(
        embedded::ue(index, known_ue(), 4),
        bsf,
        &UaPolicy::default(),
    );
    assert_eq!(world.run(Action::Bootstrap), Some(ClientOutcome::Failed));
    assert_eq!(
        world.start_lines(),
        ["GET / HTTP/1.1", "HTTP/1.1 403 Forbidden"]
    );
}

/// `Ks_NAF` of the session, as the BSF would give it to a NAF.
fn naf_key(world: &World) -> String {
    let key = world
        .bsf
        .naf_key(BTID, NAF_FQDN, UaProtocolId::HTTP_DIGEST, NOW);
    let (key, _) = key.expect("there is a session");
    HEXLOWER.encode(key.expose())
}
