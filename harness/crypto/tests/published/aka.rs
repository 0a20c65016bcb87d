//! AUTS as published with libosmocore, whose K and `OPc` are the same octets.

use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAuts};
use gbaspec_crypto::milenage::Milenage;
use gbaspec_crypto::secret::{K, Opc};
use gbaspec_crypto::sqn::{HeSqn, Resynchronisation, Sqn, SqnScheme};
use gbaspec_crypto::token::{Amf, Auts, Rand};
use rstest::rstest;

use crate::hex;

const KEY: &str = "000102030405060708090a0b0c0d0e0f";
const AUTS: &str = "8711a0ec9e1637df17f80b384ee4";

#[test]
fn makes_the_published_auts() {
    let rand = Rand::from([0; 16]);
    let sqn_ms = Sqn::from_bytes(hex("00000000001f"));
    let auts = Auts::from(hex(AUTS));
    assert_eq!(functions().f5_star(rand).expose(), &hex("8711a0ec9e09"));
    assert_eq!(
        functions().f1_star(rand, sqn_ms, Amf::RESYNC).as_bytes(),
        &hex("37df17f80b384ee4")
    );
    assert_eq!(functions().auts(rand, sqn_ms), auts);
    let opened = OpenedAuts {
        sqn_ms,
        mac: MacCheck::Valid,
    };
    assert_eq!(functions().open_auts(rand, &auts), opened);
}

#[rstest]
#[case::first_bit_of_sqn_ms(0, 0x80)]
#[case::last_bit_of_sqn_ms(5, 0x01)]
#[case::first_bit_of_mac_s(6, 0x80)]
#[case::last_bit_of_mac_s(13, 0x01)]
fn refuses_auts_with_a_flipped_bit(#[case] octet: usize, #[case] bit: u8) {
    let mut auts: [u8; 14] = hex(AUTS);
    auts[octet] ^= bit;
    let opened = functions().open_auts(Rand::from([0; 16]), &Auts::from(auts));
    assert_eq!(opened.mac, MacCheck::Mismatch);
}

#[test]
fn refuses_auts_for_another_rand() {
    let opened = functions().open_auts(Rand::from([1; 16]), &Auts::from(hex(AUTS)));
    assert_eq!(opened.mac, MacCheck::Mismatch);
}

#[test]
fn continues_after_the_published_resynchronisation() {
    let scheme = SqnScheme {
        ind_bits: 0,
        ..SqnScheme::default()
    };
    let sqn_ms = Sqn::from_bytes(hex("00000000001f"));
    let mut counter = HeSqn::new(scheme, Sqn::from_bytes(hex("000000000017")));
    assert_eq!(counter.resynchronise(sqn_ms), Resynchronisation::Reset);
    assert_eq!(counter.advance().to_bytes(), hex("000000000020"));
}

// The publisher keeps IND 10 for its own node, where HeSqn goes round; the layout is the same.
#[rstest]
#[case::first(1, "00000000002a")]
#[case::second(2, "00000000004a")]
#[case::third(3, "00000000006a")]
fn lays_out_seq_and_ind(#[case] seq: u64, #[case] sqn: &str) {
    let sqn = Sqn::from_bytes(hex(sqn));
    assert_eq!(Sqn::from_parts(&SqnScheme::default(), seq, 10), Some(sqn));
}

#[test]
fn prints_no_key() {
    let milenage = "Milenage { cipher: Aes128 { .. }, opc: Opc(16 octets) }";
    assert_eq!(
        format!("{:?}", functions()),
        format!("Milenage({milenage})")
    );
    let vector = functions().vector(Rand::from([0; 16]), Sqn::default(), Amf::RESYNC);
    let printed = format!("{vector:?}");
    assert!(printed.ends_with("xres: Res(8 octets), ck: Ck(16 octets), ik: Ik(16 octets) }"));
}

fn functions() -> AkaFunctions {
    AkaFunctions::Milenage(Milenage::new(&K::new(hex(KEY)), &Opc::new(hex(KEY))))
}
