//! The derivations of `GBA_Digest`, with the value that each known mistake gives.

use data_encoding::HEXLOWER;
use gbaspec_crypto::digest::{Hash, ha1};
use gbaspec_crypto::gba_digest::{HashForm, PasswdForm, ks, ks_naf, passwd};
use gbaspec_crypto::kdf::{self, FC_GBA, NafId, UaProtocolId, kdf};
use gbaspec_crypto::secret::{Ha1, Ks, Passwd, TlsMkExtr};
use gbaspec_crypto::token::Rand;
use rstest::rstest;

use crate::hex;

const HA1: &str = "862e2953e6f2f4d737aaa5712edf7108fc2a420b8d051fefbfc57cfccf65dd27";
const TLS_MK_EXTR: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\
                           202122232425262728292a2b2c2d2e2f";
const RESP: &str = "26d5e1a9655c5f637c3d6f2869cb5d98fdec179fc1fb6448247aaa962375444c";
const PASSWD: &str = "65c546ba222993aa47fc3509edf3c9a79bee6ecf8cffca7583c78652001dfb35";
const KS: &str = "711e7c8afced5e82ea30a861de57f880f3e266d03692ba4941a42c4dcd436b94";

#[rstest]
#[case::octets(HashForm::Octets, PASSWD)]
#[case::digits(
    HashForm::LowerHex,
    "a1c35af83f288df0fd67b152f324375ec5805e05d3c16c20286867d7830be504"
)]
fn derives_passwd(#[case] form: HashForm, #[case] expected: &str) {
    let made = passwd(form, &h_a1(), &tls_mk_extr());
    assert_eq!(made.expose(), &hex(expected));
}

#[rstest]
#[case::octets(HashForm::Octets, KS)]
#[case::digits(
    HashForm::LowerHex,
    "52481d7a31fe6f4e73befd4bebeddc78d7101765e5afdd6776d021bf3e6d3e89"
)]
fn derives_ks(#[case] form: HashForm, #[case] expected: &str) {
    let made = ks(form, &h_a1(), &tls_mk_extr(), &hex::<32>(RESP));
    assert_eq!(made.expose(), &hex(expected));
}

#[test]
fn differs_when_the_label_of_passwd_begins_with_a_blank() {
    let made = kdf(
        &hex::<32>(HA1),
        FC_GBA,
        &[b" GBA_Digest_RESP", &hex::<48>(TLS_MK_EXTR)],
    );
    let expected = hex("5d5078611660ba4f5ca6afc65915fd25024731aa5286d8e54e99af98514d3b42");
    assert_eq!(made, expected);
    let right = passwd(HashForm::Octets, &h_a1(), &tls_mk_extr());
    assert_ne!(right.expose(), &made);
}

// The note of TS 33.220 Annex B.5 prints the label with a leading blank.
#[rstest]
#[case::blank_of_the_note(
    [b" GBA_Digest_Ks".as_slice(), &hex::<48>(TLS_MK_EXTR), &hex::<32>(RESP)],
    "ac0ae679bc21f62e4d8a2a8e060aeb6e6f43593f19d61b8e9431da9e07e41b52"
)]
#[case::resp_first(
    [b"GBA_Digest_Ks".as_slice(), &hex::<32>(RESP), &hex::<48>(TLS_MK_EXTR)],
    "a871fe983c3e874410110716a0056c9b1a428a490f6d33662f9a366117df57ad"
)]
fn differs_from_a_ks_made_otherwise(#[case] params: [&[u8]; 3], #[case] expected: &str) {
    let made = kdf(&hex::<32>(HA1), FC_GBA, &params);
    assert_eq!(made, hex(expected));
    let right = ks(HashForm::Octets, &h_a1(), &tls_mk_extr(), &hex::<32>(RESP));
    assert_ne!(right.expose(), &made);
}

const NONCE: &[u8] = b"6629fae49393a05397450978507c4ef1";
const IMPI: &str = "user8_private@home1.net";

#[test]
fn derives_the_key_of_a_naf() {
    let naf_id = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
    let expected = hex("399665c89475e037b156dfa563e5c888fc1dc40a6aaf73ce02d25cb37aae2952");
    let key = ks_naf(&Ks::new(hex(KS)), NONCE, IMPI, &naf_id);
    assert_eq!(key.expose(), &expected);
    let of_aka = kdf::ks_naf(&Ks::new(hex(KS)), Rand::from([0; 16]), IMPI, &naf_id);
    assert_ne!(of_aka, key);
}

#[rstest]
#[case::label_of_aka(
    b"gba-me",
    "c2cb86c98c82e714790098cc0cb7a36cd39e8737cdeff8bba4b053d61c780e36"
)]
#[case::label_with_a_blank(
    b" gba-digest",
    "5f4606ed8a2668bb5913afb08ac342f04a8200c91b7649126cc2ca30e6c7de7b"
)]
fn differs_from_a_key_of_another_label(#[case] label: &[u8], #[case] expected: &str) {
    let naf_id = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
    let params = [label, NONCE, IMPI.as_bytes(), naf_id.as_bytes()];
    let made = kdf(&hex::<32>(KS), FC_GBA, &params);
    assert_eq!(made, hex(expected));
    let right = ks_naf(&Ks::new(hex(KS)), NONCE, IMPI, &naf_id);
    assert_ne!(right.expose(), &made);
}

#[rstest]
#[case::base64(PasswdForm::Base64, b"ZcVGuiIpk6pH/DUJ7fPJp5vubs+M/8p1g8eGUgAd+zU=")]
#[case::octets(PasswdForm::Octets, &hex::<32>(PASSWD))]
#[case::digits(PasswdForm::LowerHex, PASSWD.as_bytes())]
fn has_three_forms_of_the_password(#[case] form: PasswdForm, #[case] expected: &[u8]) {
    let password = form.password(&Passwd::new(hex(PASSWD)));
    assert_eq!(password.as_slice(), expected);
    assert!(PasswdForm::ALL.contains(&form));
}

#[rstest]
#[case::md5(Hash::Md5, "ba2fd2e7b317ec5f360cc528daec546b")]
#[case::sha_256(
    Hash::Sha256,
    "137a74a3958166524ae845554911ef1f25f508afa9c369d17aafe5a984436572"
)]
#[case::sha_512_256(
    Hash::Sha512Trunc256,
    "1fda9c8622645c20bdf1850154c039825fc2c6951e4da5a8a04be2fda040db25"
)]
fn hashes_a1(#[case] hash: Hash, #[case] expected: &str) {
    let made = ha1(hash, IMPI.as_bytes(), b"home1.net", b"correct horse");
    assert_eq!(HEXLOWER.encode(made.expose()), expected);
}

// RES as the password of AKA is one, whose H(A1) is published with the flow.
#[test]
fn hashes_the_published_a1() {
    let res = hex::<8>("a54211d5e3ba50bf");
    let made = ha1(
        Hash::Md5,
        b"user1_private@home1.net",
        b"bsf.home1.net",
        &res,
    );
    assert_eq!(made.expose(), hex::<16>("308bb02714388e6e939e4649f5ec4fb0"));
}

fn h_a1() -> Ha1 {
    Ha1::from(hex::<32>(HA1))
}

fn tls_mk_extr() -> TlsMkExtr {
    TlsMkExtr::new(hex(TLS_MK_EXTR))
}
