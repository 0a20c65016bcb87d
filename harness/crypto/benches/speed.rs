//! How many vectors, keys and digests one core makes in a second.

use divan::Bencher;
use divan::counter::ItemsCount;
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::milenage::Milenage;
use gbaspec_crypto::secret::{K, Ks, Opc};
use gbaspec_crypto::token::{Amf, Rand, Sqn};

fn main() {
    divan::main();
}

#[divan::bench]
fn vector(bencher: Bencher<'_, '_>) {
    let milenage = Milenage::new(&K::new([0x46; 16]), &Opc::new([0xcd; 16]));
    let functions = AkaFunctions::Milenage(milenage);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        let rand = divan::black_box(Rand::from([0x23; 16]));
        functions.vector(rand, Sqn::default(), Amf::RESYNC)
    });
}

#[divan::bench]
fn ks_naf(bencher: Bencher<'_, '_>) {
    let (ks, rand) = (Ks::new([0xb4; 32]), Rand::from([0x23; 16]));
    let naf_id = NafId::new("naf1.home1.net", UaProtocolId::HTTP_DIGEST);
    bencher.counter(ItemsCount::new(1_usize)).bench(|| {
        kdf::ks_naf(
            divan::black_box(&ks),
            rand,
            "user1_private@home1.net",
            &naf_id,
        )
    });
}

#[divan::bench(args = [Hash::Md5, Hash::Sha256])]
fn response(bencher: Bencher<'_, '_>, hash: Hash) {
    let input = DigestInput {
        hash,
        username: b"user1_private@home1.net",
        realm: b"bsf.home1.net",
        password: Password::Octets(&[0xa5, 0x42, 0x11, 0xd5, 0xe3, 0xba, 0x50, 0xbf]),
        nonce: b"I1U8vpY3qJ0hiuZNrke/NVXzKLQ1d7m5Sp/6w1Tfr7M=",
        uri: b"/",
        nc: b"00000001",
        cnonce: b"6629fae49393a05397450978507c4ef1",
        qop: Some(Qop::AuthInt),
        method: b"GET",
        body: b"",
    };
    bencher
        .counter(ItemsCount::new(1_usize))
        .bench(|| divan::black_box(&input).response());
}
