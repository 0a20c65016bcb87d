//! The keys and tokens of a resynchronisation on Ub: the subscriber of `MIL_207_1`, whose USIM is
//! seven steps ahead of the `AuC`, and the RAND of `MIL_207_2` in the second challenge.

use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAutn, OpenedAuts};
use gbaspec_crypto::kdf;
use gbaspec_crypto::milenage::Milenage;
use gbaspec_crypto::secret::{K, Opc};
use gbaspec_crypto::sqn::{HeSqn, Resynchronisation, Sqn, SqnOutOfRange, SqnScheme, UsimSqn};
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand};
use rstest::rstest;

use crate::milenage_sets::{MIL_207_1, MIL_207_2};
use crate::{base64, hex};

const SQN_HE: &str = "ff9bb4d0b607";
const SQN_MS: &str = "ff9bb4d0b6e7";
const AUTS: &str = "uoU/PBLcTIsCWhx6zb8=";
const SECOND_AUTN: &str = "768772fa5a0cb9b9feadbf0af44a68c4";
const SECOND_SQN: &str = "ff9bb4d0b708";

#[test]
fn ends_with_an_accepted_challenge() {
    let (functions, scheme) = (functions(), SqnScheme::default());
    let mut usim = UsimSqn::with_slots(scheme, [(7, 8_782_631_830_967)]);
    let mut counter = HeSqn::new(scheme, sqn(SQN_HE));

    let challenge = functions.open_autn(first_rand(), &Autn::from(hex(MIL_207_1.autn)));
    assert_eq!(
        (challenge.sqn, challenge.mac),
        (sqn(SQN_HE), MacCheck::Valid)
    );
    assert_eq!(
        usim.accept(challenge.sqn),
        Err(SqnOutOfRange::NotGreaterThanSlot)
    );
    let auts = functions.auts(first_rand(), usim.sqn_ms());
    assert_eq!(auts.as_bytes(), &base64(AUTS));
    assert_eq!(auts.as_bytes(), &hex("ba853f3c12dc4c8b025a1c7acdbf"));

    let opened = functions.open_auts(first_rand(), &auts);
    assert_eq!(
        opened,
        OpenedAuts {
            sqn_ms: sqn(SQN_MS),
            mac: MacCheck::Valid
        }
    );
    assert_eq!(
        counter.resynchronise(opened.sqn_ms),
        Resynchronisation::Reset
    );
    let next = counter.advance();
    assert_eq!(next, sqn(SECOND_SQN));

    let vector = functions.vector(second_rand(), next, Amf::from([0xb9, 0xb9]));
    assert_eq!(vector.autn.as_bytes(), &hex(SECOND_AUTN));
    assert_eq!(vector.xres.expose(), hex::<8>("0d36b3d6c4be6e90"));
    let ks = "e503ef5e68e6395674d21feeb05a143967c6a0c05940e256b1a3b294e34909ff";
    assert_eq!(vector.ks().expose(), &hex(ks));
    assert_eq!(usim.accept(next), Ok(()));
}

#[test]
fn opens_the_second_challenge() {
    let opened = functions().open_autn(second_rand(), &Autn::from(hex(SECOND_AUTN)));
    let amf = Amf::from([0xb9, 0xb9]);
    assert_eq!(
        opened,
        OpenedAutn {
            sqn: sqn(SECOND_SQN),
            amf,
            mac: MacCheck::Valid
        }
    );
}

#[rstest]
#[case::bsf("bsf.home1.net", "wA1gMQPc7lLER4EZSUIC6A==@bsf.home1.net")]
#[case::release_6("registrar.home1.net", "wA1gMQPc7lLER4EZSUIC6A==@registrar.home1.net")]
fn names_the_second_session(#[case] fqdn: &str, #[case] btid: &str) {
    assert_eq!(kdf::btid(second_rand(), fqdn), btid);
}

#[rstest]
#[case::challenge_amf("uoU/PBLcG2H6hO/YWyg=")]
#[case::f5_instead_of_f5_star("VfMotDWXTIsCWhx6zb8=")]
#[case::f1_instead_of_f1_star("uoU/PBLcSNeTMy3Uq1k=")]
#[case::mac_first("TIsCWhx6zb+6hT88Etw=")]
fn refuses_a_near_miss(#[case] auts: &str) {
    let opened = functions().open_auts(first_rand(), &Auts::from(base64(auts)));
    assert_eq!(opened.mac, MacCheck::Mismatch);
}

#[test]
fn makes_the_near_miss_of_challenge_amf() {
    let auts = functions().auts_with_amf(first_rand(), sqn(SQN_MS), Amf::from([0xb9, 0xb9]));
    assert_eq!(auts.as_bytes(), &base64("uoU/PBLcG2H6hO/YWyg="));
}

/// A USIM that reports the received SQN makes an AUTS that verifies, but that moves nothing.
#[test]
fn keeps_the_counter_for_auts_with_received_sqn() {
    let auts = Auts::from(base64("uoU/PBI8z0TpNZbjVcY="));
    assert_eq!(functions().auts(first_rand(), sqn(SQN_HE)), auts);
    let opened = functions().open_auts(first_rand(), &auts);
    assert_eq!(
        opened,
        OpenedAuts {
            sqn_ms: sqn(SQN_HE),
            mac: MacCheck::Valid
        }
    );

    let mut counter = HeSqn::new(SqnScheme::default(), sqn(SQN_HE));
    assert_eq!(
        counter.resynchronise(opened.sqn_ms),
        Resynchronisation::Kept
    );
    assert_eq!(counter.last(), sqn(SQN_HE));
}

fn functions() -> AkaFunctions {
    let (k, opc) = (K::new(hex(MIL_207_1.k)), Opc::new(hex(MIL_207_1.opc)));
    AkaFunctions::Milenage(Milenage::new(&k, &opc))
}

fn sqn(text: &str) -> Sqn {
    Sqn::from_bytes(hex(text))
}

fn first_rand() -> Rand {
    Rand::from(hex(MIL_207_1.rand))
}

fn second_rand() -> Rand {
    Rand::from(hex(MIL_207_2.rand))
}
