//! What the correct UE and its servers say to each other, in each way of bootstrapping.

use gbaspec_roles::embedded;
use gbaspec_roles::{Action, BsfOffer, ClientOutcome, UaPolicy};
use gbaspec_wire::digest_header::Algorithm;
use rstest::rstest;

use super::peers::{
    World, bsf_with_rand_of_tuak_1, bsf_with_rand_of_tuak_5, known_bsf, known_ue, placeholder_ue,
    ue_ahead,
};
use super::{AUTS, BTID, FIRST_NONCE, SECOND_NONCE, snapshot};

const NONCE_2G: &str = "I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/";
const TMPI: &str = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";
const SESSION_2: &str = "wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net";

/// The digits beside each are published or were computed by other means.
#[rstest]
// ub_success_flow: nonce, response, rspauth.
#[case::with_milenage(
    "roles-bootstrap",
    World::new(0),
    &[FIRST_NONCE, "c3010b8b0c8fe3d6425a4d50b6a66ba8", "555af6499afdd4138f23c23ab0e0a81f"]
)]
// ub_resync_flow: steps 4, 6, 8 and 9, and the B-TID of the second RAND.
#[case::after_resynchronisation(
    "roles-resynchronisation",
    World::of(ue_ahead(), embedded::bsf(known_bsf(), 1)),
    &[
        FIRST_NONCE, AUTS, "0c6b780251d1cc17f1efdcbe83e90720",
        SECOND_NONCE, "0e5048da9a982cf359b3ddba9391fd56", SESSION_2,
    ]
)]
#[case::with_akav2_md5(
    "roles-akav2-md5",
    World::with_offer(offer(&[Algorithm::AkaV1Md5, Algorithm::AkaV2Md5])),
    &[FIRST_NONCE, "3a912f43f0f899c2bc13e4f80281f73d", "cc54955ab58935f3675556ef20d9b4f3"]
)]
#[case::with_akav2_sha_256(
    "roles-akav2-sha-256",
    World::with_offer(offer(&[
        Algorithm::AkaV2Md5, Algorithm::AkaV2Sha256, Algorithm::AkaV1Md5,
    ])),
    &[
        FIRST_NONCE, "519b303232567686e10862b0fd5ee89805d6ef6e0155fee34b3ffd29eb6dec1f",
        "b7ff3b9034692c1d22c3d293ec6bee29f53063f19c9491c8c051e4977cc8327c",
    ]
)]
#[case::with_akav2_after_resynchronisation(
    "roles-akav2-md5-resynchronisation",
    World::of(
        ue_ahead(),
        embedded::bsf_with(offer(&[Algorithm::AkaV2Md5, Algorithm::AkaV1Md5]), known_bsf(), 1),
    ),
    &[FIRST_NONCE, AUTS, "0c6b780251d1cc17f1efdcbe83e90720", SECOND_NONCE, SESSION_2]
)]
// TUAK test set 1 of TS 35.233.
#[case::with_tuak_of_128_bits(
    "roles-tuak-128",
    World::of(embedded::ue(4, known_ue(), 1), embedded::bsf(bsf_with_rand_of_tuak_1(), 1)),
    &["QkJCQkJCQkJCQkJCQkJCQmCOD4qBRf//+aVOauqoYY0=", "937400e63044c5a5c5ff74886310a3e9"]
)]
// TUAK test set 5 with RES of 16 octets.
#[case::with_tuak_of_256_bits(
    "roles-tuak-256",
    World::of(embedded::ue(5, known_ue(), 1), embedded::bsf(bsf_with_rand_of_tuak_5(), 1)),
    &["xXCqxozeZR+x4wiDIkmL7xxu6EhZsyl91zQNrQK0ywE=", "c6241d569e77b3e35426fbabe47d12fc"]
)]
#[case::with_a_sim(
    "roles-2g-gba",
    World::new(6),
    &[NONCE_2G, "87d7bc36d4660535d9330c17a623beea", "911cdb5e2ac29d62124fa82c2dc94966"]
)]
#[case::with_a_password(
    "roles-gba-digest",
    World::new(7),
    &[
        "32a1034b85d60a3726b371abe7816c0ad4be2ce64d52c34158c818c6a031f65a",
        "e31e494c8d2ffe4141c7944dc4226d145afe91528f5d1b7eae0d131c05d29401",
    ]
)]
fn bootstraps(#[case] name: &str, #[case] mut world: World, #[case] digits: &[&str]) {
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Success);
    shows(name, &world, digits);
}

#[test]
fn uses_the_tmpi_of_the_first_run_in_the_second() {
    let mut world = World::new(0);
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Success);
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Success);
    let digits = [
        FIRST_NONCE,
        TMPI,
        SECOND_NONCE,
        "fe2e66df3de9a89a13601303cae81707",
    ];
    shows("roles-tmpi", &world, &digits);
}

#[test]
fn says_who_it_is_where_its_tmpi_is_not_known() {
    let mut world = World::new(0);
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Success);
    world.bsf = embedded::bsf(known_bsf(), 1);
    // The second BSF begins with the vector that the USIM knows already, so the run goes through a
    // resynchronisation.
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Success);
    shows(
        "roles-tmpi-unknown",
        &world,
        &[TMPI, FIRST_NONCE, SECOND_NONCE],
    );
}

#[test]
fn gives_up_where_its_imsi_is_not_known() {
    let mut world = World::new(8);
    assert_eq!(world.run(Action::Bootstrap), ClientOutcome::Failed);
    let names = [
        "001010123456789@ims.mnc001.mcc001.3gppnetwork.org",
        "bsf.mnc001.mcc001.pub.3gppnetwork.org",
    ];
    shows("roles-without-isim", &world, &names);
}

/// `ua_digest_flow`.
#[test]
fn fetches() {
    let mut world = World::published(&known_ue());
    assert_eq!(world.run(Action::Fetch), ClientOutcome::Success);
    let digits = [
        BTID,
        "bdaff3ef0ab631659549ddcfc828ec53",
        "a19388699c69b48bad69e82fe74d72cd",
    ];
    shows("roles-fetch", &world, &digits);
}

/// The second page has a nonce of its own, but the session of the first.
#[test]
fn fetches_twice_with_one_session() {
    let mut world = World::published(&known_ue());
    world.naf = embedded::naf(UaPolicy::default(), 1);
    assert_eq!(world.run(Action::Fetch), ClientOutcome::Success);
    assert_eq!(world.run(Action::Fetch), ClientOutcome::Success);
    let text = world.text();
    // The second errand begins with the nonce that the NAF has proposed.
    assert_eq!(text.matches("GET / HTTP/1.1").count(), 5, "{text}");
    shows("roles-fetch-again", &world, &[BTID]);
}

/// `ua_pki_e4_flow`: `request_response` and `error_403_rspauth`.
#[test]
fn is_refused_the_enrolment() {
    let mut world = World::published(&placeholder_ue());
    assert_eq!(world.run(Action::Enrol), ClientOutcome::Refused);
    let digits = [
        BTID,
        "0f5d22fb5a473670fea228e5f15e7a14",
        "1afc60af49b8fda27aa964fd26d6855d",
    ];
    shows("roles-enrolment-refused", &world, &digits);
}

#[test]
fn enrols() {
    let mut world = World::new(1);
    assert_eq!(world.run(Action::Enrol), ClientOutcome::Success);
    shows(
        "roles-enrolment",
        &world,
        &[BTID, "Content-Type: application/x-x509-user-cert"],
    );
}

/// The issuer of its certificate is the CA whose certificate it fetches then.
#[test]
fn fetches_the_certificate_of_its_ca() {
    let mut world = World::new(1);
    world.renew_portal();
    assert_eq!(world.run(Action::Enrol), ClientOutcome::Success);
    assert_eq!(world.run(Action::CaCertificate), ClientOutcome::Success);
    shows(
        "roles-ca-certificate",
        &world,
        &[
            "GET /getcertificate?in=MDgxFTATBgNVBAoMDEhvbWUgbmV0d29yazEfMB0GA1UEAwwWU3Vic2NyaWJlciBDQSB%2BIDIwMDQ%2FIQ%3D%3D HTTP/1.1",
            "Content-Type: application/x-x509-ca-cert",
        ],
    );
}

fn shows(name: &str, world: &World, digits: &[&str]) {
    let text = world.text();
    for digits in digits {
        assert!(text.contains(digits), "{digits}");
    }
    snapshot(name, &text);
}

fn offer(algorithms: &[Algorithm]) -> BsfOffer {
    BsfOffer {
        algorithms: algorithms.to_vec(),
        ..BsfOffer::default()
    }
}
