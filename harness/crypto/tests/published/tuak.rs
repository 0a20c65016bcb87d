//! All published sets of TUAK.

use std::num::NonZeroU8;

use data_encoding::HEXLOWER;
use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAutn, OpenedAuts};
use gbaspec_crypto::secret::{K, K256, Top, Topc};
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand, Sqn};
use gbaspec_crypto::tuak::{
    KeyLength, MacLength, ResLength, Tuak, TuakKey, TuakSizes, WideResLength, WideTuak, derive_topc,
};
use rstest::rstest;

use crate::hex;
use crate::tuak_sets::*;

#[rstest]
#[case::tuak_1(TUAK_1)]
#[case::tuak_2(TUAK_2)]
#[case::tuak_3(TUAK_3)]
#[case::tuak_4(TUAK_4)]
#[case::tuak_5(TUAK_5)]
#[case::tuak_6(TUAK_6)]
fn gives_the_published_outputs(#[case] set: Set) {
    let (rand, sqn, amf) = inputs(&set);
    let topc = derive_topc(&key(&set), &Top::new(hex(set.top)), iterations(&set));
    assert_eq!(topc.expose(), &hex(set.topc));

    let functions = WideTuak::new(key(&set), topc, iterations(&set), sizes(&set));
    let hexadecimal = |octets: &[u8]| HEXLOWER.encode(octets);
    assert_eq!(
        hexadecimal(functions.f1(rand, sqn, amf).expose()),
        set.mac_a
    );
    assert_eq!(
        hexadecimal(functions.f1_star(rand, sqn, amf).expose()),
        set.mac_s
    );
    assert_eq!(hexadecimal(functions.f2(rand).expose()), set.res);
    assert_eq!(hexadecimal(functions.f3(rand).expose()), set.ck);
    assert_eq!(hexadecimal(functions.f4(rand).expose()), set.ik);
    assert_eq!(functions.f5(rand).expose(), &hex(set.ak));
    assert_eq!(functions.f5_star(rand).expose(), &hex(set.ak_s));
}

// The sets whose RES, CK and IK have the sizes of AKA.
#[rstest]
#[case::res_of_4_octets(TUAK_1, ResLength::Bits32)]
#[case::res_of_8_octets_and_k_of_32(TUAK_2, ResLength::Bits64)]
#[case::res_of_16_octets(TUAK_4, ResLength::Bits128)]
fn gives_res_and_keys_in_the_sizes_of_aka(#[case] set: Set, #[case] res: ResLength) {
    let (rand, ..) = inputs(&set);
    let functions = functions(&set, res);
    assert_eq!(HEXLOWER.encode(functions.f2(rand).expose()), set.res);
    assert_eq!(functions.f3(rand).expose(), &hex(set.ck));
    assert_eq!(functions.f4(rand).expose(), &hex(set.ik));
    assert_eq!(functions.f5(rand).expose(), &hex(set.ak));
    assert_eq!(functions.f5_star(rand).expose(), &hex(set.ak_s));
}

// The sets whose codes have the size of AKA: the size of RES is no input of f1, f1* and f5*.
#[rstest]
#[case::k_of_16_octets(TUAK_1, ResLength::Bits32)]
#[case::another_length_of_res(TUAK_1, ResLength::Bits128)]
#[case::k_of_32_octets(TUAK_5, ResLength::Bits64)]
fn gives_the_codes_in_the_size_of_aka(#[case] set: Set, #[case] res: ResLength) {
    let (rand, sqn, amf) = inputs(&set);
    let functions = functions(&set, res);
    assert_eq!(functions.f1(rand, sqn, amf).as_bytes(), &hex(set.mac_a));
    assert_eq!(
        functions.f1_star(rand, sqn, amf).as_bytes(),
        &hex(set.mac_s)
    );
    assert_eq!(functions.f5_star(rand).expose(), &hex(set.ak_s));
}

#[test]
fn makes_and_opens_autn() {
    let (rand, sqn, amf) = inputs(&TUAK_1);
    let autn = Autn::from(hex("608e0f8a8145fffff9a54e6aeaa8618d"));
    let functions = functions(&TUAK_1, ResLength::Bits32);
    let vector = functions.vector(rand, sqn, amf);
    assert_eq!(vector.autn, autn);
    assert_eq!(vector.ks().expose(), &hex(&[TUAK_1.ck, TUAK_1.ik].concat()));
    let opened = OpenedAutn {
        sqn,
        amf,
        mac: MacCheck::Valid,
    };
    assert_eq!(functions.open_autn(rand, &autn), opened);
}

// The size of RES is no input of f1* and f5*, so TUAK-5, whose RES is too long for AKA, has an AUTS.
#[rstest]
#[case::k_of_16_octets(TUAK_1, "f6be7a2c1f29a31fbcf6547c4682")]
#[case::k_of_32_octets(TUAK_5, "020de23973c77c69c44bf690408b")]
fn makes_and_opens_auts(#[case] set: Set, #[case] auts: &str) {
    let (rand, sqn_ms, _) = inputs(&set);
    let auts = Auts::from(hex(auts));
    let functions = functions(&set, ResLength::Bits64);
    assert_eq!(functions.auts(rand, sqn_ms), auts);
    let opened = OpenedAuts {
        sqn_ms,
        mac: MacCheck::Valid,
    };
    assert_eq!(functions.open_auts(rand, &auts), opened);
}

#[rstest]
#[case::once(TUAK_5, 1)]
#[case::twice(TUAK_6, 2)]
fn runs_keccak_as_often_as_asked(#[case] set: Set, #[case] right: u8) {
    for iterations in [1, 2, 3] {
        let times = NonZeroU8::new(iterations).expect("no count is zero");
        let topc = derive_topc(&key(&set), &Top::new(hex(set.top)), times);
        let is_right = topc.expose() == &hex(set.topc);
        assert_eq!(is_right, iterations == right, "{iterations} iterations");
    }
}

#[test]
fn takes_top_or_topc() {
    let (rand, ..) = inputs(&TUAK_1);
    let top = Top::new(hex(TUAK_1.top));
    let from_top = Tuak::from_top(key(&TUAK_1), &top, NonZeroU8::MIN, ResLength::Bits32);
    assert_eq!(from_top.f2(rand).expose(), hex::<4>(TUAK_1.res));
}

#[test]
fn prints_no_key() {
    let block = "Block { key: Bits128(K(16 octets)), topc: Topc(32 octets), iterations: 1 }";
    assert_eq!(
        format!("{:?}", functions(&TUAK_1, ResLength::Bits32)),
        format!("Tuak(Tuak {{ block: {block}, res: Bits32 }})")
    );
    let topc = Topc::new(hex(TUAK_3.topc));
    let wide = WideTuak::new(key(&TUAK_3), topc, iterations(&TUAK_3), sizes(&TUAK_3));
    let (rand, ..) = inputs(&TUAK_3);
    assert_eq!(format!("{:?}", wide.f4(rand)), "WideOutput(32 octets)");
}

fn functions(set: &Set, res: ResLength) -> AkaFunctions {
    let topc = Topc::new(hex(set.topc));
    AkaFunctions::Tuak(Tuak::new(key(set), topc, iterations(set), res))
}

fn inputs(set: &Set) -> (Rand, Sqn, Amf) {
    (
        Rand::from(hex(set.rand)),
        Sqn::from_bytes(hex(set.sqn)),
        Amf::from(hex(set.amf)),
    )
}

fn key(set: &Set) -> TuakKey {
    if set.k.len() == 32 {
        TuakKey::Bits128(K::new(hex(set.k)))
    } else {
        TuakKey::Bits256(K256::new(hex(set.k)))
    }
}

fn iterations(set: &Set) -> NonZeroU8 {
    NonZeroU8::new(set.iterations).expect("the count of a set is not zero")
}

/// The sizes of the published outputs, from the number of their digits.
fn sizes(set: &Set) -> TuakSizes {
    TuakSizes {
        mac: match set.mac_a.len() {
            16 => MacLength::Bits64,
            32 => MacLength::Bits128,
            _ => MacLength::Bits256,
        },
        res: match set.res.len() {
            8 => WideResLength::Bits32,
            16 => WideResLength::Bits64,
            32 => WideResLength::Bits128,
            _ => WideResLength::Bits256,
        },
        ck: key_length(set.ck),
        ik: key_length(set.ik),
    }
}

fn key_length(key: &str) -> KeyLength {
    if key.len() == 32 {
        KeyLength::Bits128
    } else {
        KeyLength::Bits256
    }
}
