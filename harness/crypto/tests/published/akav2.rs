//! The password of Digest AKA version 2, with the value that each known mistake gives.

use data_encoding::BASE64;
use gbaspec_crypto::akav2::{keyed_hash, password, password_octets};
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::secret::{Ck, Ik, Res};
use rstest::rstest;

use crate::hex;
use crate::milenage_sets::MIL_207_1;

#[rstest]
#[case::md5(Hash::Md5, "shzt3q8CWaZnCAWqs3WmEQ==")]
#[case::sha_256(Hash::Sha256, "wpC+5dv/7kC35JEI2hluv8XcBd+vf8XcfedJBan1buk=")]
#[case::sha_512_256(Hash::Sha512Trunc256, "no5hYBM+YClv3o/+t+DPR6AGuLzWwpYut4Bsyg8pH8Q=")]
fn makes_the_password(#[case] hash: Hash, #[case] text: &str) {
    let (res, ck, ik) = keys();
    assert_eq!(password(hash, &res, &ik, &ck).as_str(), text);
    let octets = password_octets(hash, &res, &ik, &ck);
    assert_eq!(BASE64.encode(&octets), text);
}

#[rstest]
#[case::md5(Hash::Md5, "5R4177BfJdFllTWkbUGrSA==")]
#[case::sha_256(Hash::Sha256, "dr9BObfyppH6UyDchA6gdprtWn+Ymqnr1wmN9sWdc34=")]
fn differs_when_ck_stands_before_ik(#[case] hash: Hash, #[case] text: &str) {
    let (res, ck, ik) = keys();
    let key = [res.expose(), ck.expose(), ik.expose()].concat();
    assert_eq!(BASE64.encode(&keyed_hash(hash, &key)), text);
    assert_ne!(password(hash, &res, &ik, &ck).as_str(), text);
}

// The label, hashed under keys that fill the block of the hash and that exceed it.
#[rstest]
#[case::md5_one_block(Hash::Md5, 64, "9f5857e2ac0b5f9f5e14b3629c925c45")]
#[case::md5_longer_than_a_block(Hash::Md5, 65, "54ed246fbe060a6977fe0d1d6c48dd82")]
#[case::sha_512_256_one_block(
    Hash::Sha512Trunc256,
    128,
    "ef159e5e4e0c4a64dbac0d4681e2b71390810f0f7bbe13bafad380fdd4fc61eb"
)]
#[case::sha_512_256_longer_than_a_block(
    Hash::Sha512Trunc256,
    129,
    "bceffda415511bbf0114b6cb0de576399fdeca74dec90eaa3390b389da1f015b"
)]
fn takes_a_key_of_any_length(#[case] hash: Hash, #[case] length: usize, #[case] expected: &str) {
    let key = vec![0xaa; length];
    let octets = data_encoding::HEXLOWER.encode(&keyed_hash(hash, &key));
    assert_eq!(octets, expected);
}

fn keys() -> (Res, Ck, Ik) {
    (
        Res::from(hex::<8>(MIL_207_1.res)),
        Ck::new(hex(MIL_207_1.ck)),
        Ik::new(hex(MIL_207_1.ik)),
    )
}
