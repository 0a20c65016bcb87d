//! All published sets of Milenage.

use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAutn, OpenedAuts};
use gbaspec_crypto::milenage::{Milenage, derive_opc};
use gbaspec_crypto::secret::{K, Op, Opc};
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand, Sqn};
use rstest::rstest;

use crate::hex;
use crate::milenage_sets::*;

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
fn gives_the_published_outputs(#[case] set: Set) {
    let (rand, sqn, amf) = inputs(&set);
    let k = K::new(hex(set.k));
    let op = Op::new(hex(set.op));
    assert_eq!(derive_opc(&k, &op).expose(), &hex(set.opc));

    let from_opc = Milenage::new(&k, &Opc::new(hex(set.opc)));
    for functions in [from_opc, Milenage::from_op(&k, &op)] {
        assert_eq!(functions.f1(rand, sqn, amf).as_bytes(), &hex(set.mac_a));
        assert_eq!(
            functions.f1_star(rand, sqn, amf).as_bytes(),
            &hex(set.mac_s)
        );
        assert_eq!(functions.f2(rand).expose(), hex::<8>(set.res));
        assert_eq!(functions.f3(rand).expose(), &hex(set.ck));
        assert_eq!(functions.f4(rand).expose(), &hex(set.ik));
        assert_eq!(functions.f5(rand).expose(), &hex(set.ak));
        assert_eq!(functions.f5_star(rand).expose(), &hex(set.ak_s));
    }
}

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
fn makes_and_opens_the_tokens(#[case] set: Set) {
    let (rand, sqn, amf) = inputs(&set);
    let functions = functions(&set);
    let autn = Autn::from(hex(set.autn));
    let auts = Auts::from(hex(set.auts));

    let vector = functions.vector(rand, sqn, amf);
    assert_eq!((vector.rand, vector.autn), (rand, autn));
    assert_eq!(vector.xres.expose(), hex::<8>(set.res));
    assert_eq!(vector.ks().expose(), &hex(&[set.ck, set.ik].concat()));
    let opened = OpenedAutn {
        sqn,
        amf,
        mac: MacCheck::Valid,
    };
    assert_eq!(functions.open_autn(rand, &autn), opened);

    assert_eq!(functions.auts(rand, sqn), auts);
    let opened = OpenedAuts {
        sqn_ms: sqn,
        mac: MacCheck::Valid,
    };
    assert_eq!(functions.open_auts(rand, &auts), opened);
}

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
fn refuses_auts_of_challenge_amf(#[case] set: Set) {
    let (rand, sqn, amf) = inputs(&set);
    let functions = functions(&set);
    let auts = Auts::from(hex(set.auts_of_challenge_amf));
    assert_eq!(functions.auts_with_amf(rand, sqn, amf), auts);

    let opened = OpenedAuts {
        sqn_ms: sqn,
        mac: MacCheck::Mismatch,
    };
    assert_eq!(functions.open_auts(rand, &auts), opened);
}

fn inputs(set: &Set) -> (Rand, Sqn, Amf) {
    (
        Rand::from(hex(set.rand)),
        Sqn::from_bytes(hex(set.sqn)),
        Amf::from(hex(set.amf)),
    )
}

fn functions(set: &Set) -> AkaFunctions {
    AkaFunctions::Milenage(Milenage::new(&K::new(hex(set.k)), &Opc::new(hex(set.opc))))
}
