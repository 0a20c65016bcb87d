//! 2G GBA: SRES and Kc of every published set of Milenage, RES and Ks with the value that each
//! known mistake gives.

use gbaspec_crypto::WrongLength;
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::gba_2g::{Nonce2g, NotNonce2g, Triplet, kc, sres};
use gbaspec_crypto::kdf::{FC_GBA, kdf};
use gbaspec_crypto::milenage::Milenage;
use gbaspec_crypto::secret::{Ck, Ik, K, Kc, Opc, Res, Sres};
use gbaspec_crypto::token::{KsInput, Rand};
use rstest::rstest;

use crate::milenage_sets::*;
use crate::{base64, hex};

const RES: &str = "91a40904556e5b5427543b008b1fc21e";
const KS: &str = "e25730eeb86cb402bcb10845916bbd71f45b6dbf8b1464d2e6123e82af674238";
const KS_INPUT: &str = "00112233445566778899aabbccddeeff";
const NONCE: &str = "I1U8vpY3qJ0hiuZNrke/NQAAAAAAAAAAAAAAAAAAAAAAESIzRFVmd4iZqrvM3e7/";

#[rstest]
#[case::mil_207_1(MIL_207_1)]
#[case::mil_207_2(MIL_207_2)]
#[case::mil_207_3(MIL_207_3)]
#[case::mil_207_4(MIL_207_4)]
#[case::mil_207_5(MIL_207_5)]
#[case::mil_207_6(MIL_207_6)]
#[case::mil_208_01(MIL_208_01)]
#[case::mil_208_02(MIL_208_02)]
#[case::mil_208_03(MIL_208_03)]
#[case::mil_208_04(MIL_208_04)]
#[case::mil_208_05(MIL_208_05)]
#[case::mil_208_06(MIL_208_06)]
#[case::mil_208_07(MIL_208_07)]
#[case::mil_208_08(MIL_208_08)]
#[case::mil_208_09(MIL_208_09)]
#[case::mil_208_10(MIL_208_10)]
#[case::mil_208_11(MIL_208_11)]
#[case::mil_208_12(MIL_208_12)]
#[case::mil_208_13(MIL_208_13)]
#[case::mil_208_14(MIL_208_14)]
#[case::mil_208_15(MIL_208_15)]
#[case::mil_208_16(MIL_208_16)]
#[case::mil_208_17(MIL_208_17)]
#[case::mil_208_18(MIL_208_18)]
#[case::mil_208_19(MIL_208_19)]
#[case::mil_208_20(MIL_208_20)]
fn converts_to_sres_and_kc(#[case] set: Set) {
    let milenage = Milenage::new(&K::new(hex(set.k)), &Opc::new(hex(set.opc)));
    let rand = Rand::from(hex(set.rand));
    let expected = Triplet {
        rand,
        sres: Sres::new(hex(set.sres)),
        kc: Kc::new(hex(set.kc)),
    };
    assert_eq!(
        Triplet::from_aka(&AkaFunctions::Milenage(milenage), rand),
        expected
    );
    assert_eq!(sres(&Res::from(hex::<8>(set.res))).expose(), &hex(set.sres));
    let keys = (Ck::new(hex(set.ck)), Ik::new(hex(set.ik)));
    assert_eq!(kc(&keys.0, &keys.1).expose(), &hex(set.kc));
}

// RES is filled with zeros to 16 octets, whatever its length.
#[rstest]
#[case::res_of_4_octets("01020304", "01020304")]
#[case::res_of_5_octets("0102030410", "11020304")]
#[case::res_of_8_octets("0102030410203040", "11223344")]
#[case::res_of_16_octets("01020304102030400506070850607080", "444444cc")]
fn adds_the_words_of_res(#[case] res: &str, #[case] expected: &str) {
    let octets = data_encoding::HEXLOWER.decode(res.as_bytes());
    let res = Res::new(&octets.unwrap_or_default()).map(|res| *sres(&res).expose());
    assert_eq!(res, Ok(hex(expected)));
}

#[test]
fn derives_res_and_ks() {
    assert_eq!(triplet().res().expose(), hex::<16>(RES));
    assert_eq!(
        triplet().ks(KsInput::from(hex(KS_INPUT))).expose(),
        &hex(KS)
    );
}

const LABEL: &[u8] = b"3gpp-gba-res";
const SRES: &[u8] = &[0x46, 0xf8, 0x41, 0x6a];
const KC_KC_RAND: &str = "eae4be823af9a08beae4be823af9a08b23553cbe9637a89d218ae64dae47bf35";
const KC_RAND: &str = "eae4be823af9a08b23553cbe9637a89d218ae64dae47bf35";
const RAND_KC_KC: &str = "23553cbe9637a89d218ae64dae47bf35eae4be823af9a08beae4be823af9a08b";

// Each value is what one known mistake gives, so a peer that makes it can be told so.
#[rstest]
#[case::kc_once(KC_RAND, [LABEL, SRES], "c5ce42b51f52a1ecfea61689e68be44c")]
#[case::rand_first(RAND_KC_KC, [LABEL, SRES], "e4f384304738df2993cce46cc017c5b3")]
#[case::sres_first(KC_KC_RAND, [SRES, LABEL], "d9cf86024e23e2afd56c8a3f8d4b6058")]
fn differs_from_a_res_made_otherwise(
    #[case] key: &str,
    #[case] params: [&[u8]; 2],
    #[case] res: &str,
) {
    let key = data_encoding::HEXLOWER.decode(key.as_bytes());
    let octets = kdf(&key.unwrap_or_default(), FC_GBA, &params);
    assert_eq!(octets[..16], hex::<16>(res));
    assert_ne!(triplet().res().expose(), &octets[..16]);
}

#[test]
fn differs_from_the_last_16_octets() {
    let last = hex::<16>("26d0d96aa1e30e0268d0d5d9ce92fb34");
    let octets = kdf(&hex::<32>(KC_KC_RAND), FC_GBA, &[LABEL, SRES]);
    assert_eq!(octets[16..], last);
    assert_ne!(triplet().res().expose(), last);
}

const KS_LABEL: &[u8] = b"3gpp-gba-ks";

#[rstest]
#[case::kc_once(
    KC_RAND,
    [&hex::<16>(KS_INPUT), KS_LABEL, SRES],
    "79043be648d7ee459c5363c6eaaa731e2f542acdb29048ef4b529196bcf46b53"
)]
#[case::label_first(
    KC_KC_RAND,
    [KS_LABEL, &hex::<16>(KS_INPUT), SRES],
    "7df21ff2dfbd1da8c53eb04113f0763c93d57179c379fef45da215f6a590574c"
)]
fn differs_from_a_ks_made_otherwise(
    #[case] key: &str,
    #[case] params: [&[u8]; 3],
    #[case] ks: &str,
) {
    let key = data_encoding::HEXLOWER.decode(key.as_bytes());
    let octets = kdf(&key.unwrap_or_default(), FC_GBA, &params);
    assert_eq!(octets, hex(ks));
    assert_ne!(triplet().ks(KsInput::from(hex(KS_INPUT))).expose(), &octets);
}

#[test]
fn joins_and_splits_the_nonce() {
    let nonce = Nonce2g {
        rand: Rand::from(hex(MIL_207_1.rand)),
        ks_input: KsInput::from(hex(KS_INPUT)),
    };
    let octets: [u8; 48] = base64(NONCE);
    assert_eq!(nonce.to_bytes(), octets);
    assert_eq!(Nonce2g::try_from(octets.as_slice()), Ok(nonce));
}

#[rstest]
#[case::empty(0)]
#[case::nonce_of_aka(32)]
#[case::one_short(47)]
#[case::one_long(49)]
fn refuses_a_nonce_of_another_length(#[case] length: usize) {
    let wrong = WrongLength {
        what: "nonce",
        expected: 48..=48,
        actual: length,
    };
    let octets = vec![0; length];
    assert_eq!(
        Nonce2g::try_from(octets.as_slice()),
        Err(NotNonce2g::Length(wrong))
    );
}

#[rstest]
#[case::first_octet_of_autn(16)]
#[case::last_octet_of_autn(31)]
fn refuses_a_nonce_with_autn(#[case] octet: usize) {
    let mut octets: [u8; 48] = base64(NONCE);
    octets[octet] = 1;
    assert_eq!(
        Nonce2g::try_from(octets.as_slice()),
        Err(NotNonce2g::AutnNotZero)
    );
}

#[test]
fn prints_no_key() {
    let printed = format!("{:?}", triplet());
    assert!(printed.ends_with("sres: Sres(4 octets), kc: Kc(8 octets) }"));
}

fn triplet() -> Triplet {
    Triplet {
        rand: Rand::from(hex(MIL_207_1.rand)),
        sres: Sres::new(hex("46f8416a")),
        kc: Kc::new(hex("eae4be823af9a08b")),
    }
}
