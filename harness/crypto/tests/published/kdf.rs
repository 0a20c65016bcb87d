//! Keys and identities of TS 33.220 for the session of `MIL_207_1`.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{self, CipherSuite, NafId, UaProtocolId};
use gbaspec_crypto::secret::{Ck, Ik, Ks};
use gbaspec_crypto::token::Rand;
use rstest::rstest;

use crate::hex;
use crate::milenage_sets::MIL_207_1;

const IMPI: &str = "user1_private@home1.net";
const NAF: &str = "naf1.home1.net";
const BTID: &str = "I1U8vpY3qJ0hiuZNrke/NQ==@bsf.home1.net";
const TMPI: &str = "WEkKGtQh8Tmmo2PURGh2v/y/lsZpJq4a@tmpi.bsf.3gppnetwork.org";

// The columns: NAF and Ua protocol, NAF_Id, Ks_NAF, Ks_NAF in base64, Ks_int_NAF.
#[rstest]
#[case::naf1_http_digest_24109(
    ("naf1.home1.net", "0100000002"),
    "6e6166312e686f6d65312e6e65740100000002",
    "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501",
    "fDUbacSRDS2loxKtc846x75vRhZf25/8NJTYdKyopQE=",
    "dc1ceb72700b7c0e17c8eac76838f8bafb134885011e713f782bfca16a2df691"
)]
#[case::naf1_tls_c02f_ecdhe_rsa_aes128_gcm(
    ("naf1.home1.net", "010001c02f"),
    "6e6166312e686f6d65312e6e6574010001c02f",
    "06eff3c520dfa07c55fa988d3b033eb857979a96535aea9f2da1b6635425f664",
    "Bu/zxSDfoHxV+piNOwM+uFeXmpZTWuqfLaG2Y1Ql9mQ=",
    "4e46f71bc59538fff4d63619f8c6dfc9d1db8d1d8a21553b1400702693251b71"
)]
#[case::naf1_tls_002f_rsa_aes128_sha(
    ("naf1.home1.net", "010001002f"),
    "6e6166312e686f6d65312e6e6574010001002f",
    "b84c7addb52b27169b4415b71d4001af2f39e42b264ed896b098ee3bf8d0725f",
    "uEx63bUrJxabRBW3HUABry855CsmTtiWsJjuO/jQcl8=",
    "a4f9adafc63a6d3681a9cff5c6aa8c19bad7afb5d135971ada0b30a8ee546217"
)]
#[case::naf1_tls_00ae_psk_aes128_sha256(
    ("naf1.home1.net", "01000100ae"),
    "6e6166312e686f6d65312e6e657401000100ae",
    "8c7d45272d4b46175d1c29fed8a55819a0b82db86150e9ccb7bd628d796586b2",
    "jH1FJy1LRhddHCn+2KVYGaC4LbhhUOnMt71ijXllhrI=",
    "949d2fbde8685ced447d80bd6011f07c0a9b8966625bad8cfd64222e4d18a1e3"
)]
#[case::naf1_tls13_psk(
    ("naf1.home1.net", "0100000007"),
    "6e6166312e686f6d65312e6e65740100000007",
    "931b99dfc888330d05395b42b66252f646950215d5cc8fcb89cfc06346cd57c6",
    "kxuZ38iIMw0FOVtCtmJS9kaVAhXVzI/Lic/AY0bNV8Y=",
    "d96e5b1a5f4536964b6caa8892b290f6b4123663a0f0a2d55bf02d475f3394c0"
)]
#[case::naf1_browser_tls_c02f(
    ("naf1.home1.net", "010002c02f"),
    "6e6166312e686f6d65312e6e6574010002c02f",
    "42560cff7c3094cadac856a00e9d8aa200dbb84d11bfea4ff6971371831adef4",
    "QlYM/3wwlMrayFagDp2KogDbuE0Rv+pP9pcTcYMa3vQ=",
    "85df86d7ec7b5e85fee8e4ffeb5be5f38ff5a88c684a6844adc7d58ebd86d3bb"
)]
#[case::pkiportal_pki_33221(
    ("pkiportal.home1.net", "0100000000"),
    "706b69706f7274616c2e686f6d65312e6e65740100000000",
    "a3e1bf73bddd7be7559233b1f47a14801c5df61bb3fba24693137fb5b3ed6f1d",
    "o+G/c73de+dVkjOx9HoUgBxd9huz+6JGkxN/tbPtbx0=",
    "01aa3b7d673e03d29a095421b97bdd1f30a806dc078889a2f4c6f10e6e83252b"
)]
#[case::pkiportal_http_digest_24109(
    ("pkiportal.home1.net", "0100000002"),
    "706b69706f7274616c2e686f6d65312e6e65740100000002",
    "200aa460093a71ceb890faba14e1bb48edb544d16fb2df0536368adc97af82f4",
    "IAqkYAk6cc64kPq6FOG7SO21RNFvst8FNjaK3JevgvQ=",
    "3438f5c92a78fe255bbc7118a6e3db3240d1277d38f4b687be7b79969b3f9422"
)]
#[case::xcap_tls_c02f_ecdhe_rsa_aes128_gcm(
    ("xcap.ims.mnc001.mcc001.pub.3gppnetwork.org", "010001c02f"),
    "786361702e696d732e6d6e633030312e6d63633030312e7075622e336770706e6574776f726b2e6f7267010001c02f",
    "c765acc10bb1d12b22a790159ccc073c0a153814487e622a158bd12958b88051",
    "x2WswQux0Ssip5AVnMwHPAoVOBRIfmIqFYvRKVi4gFE=",
    "01347f9dc15aedd38b812db6f4211d04120bdfa418138db431ee1e41eafecbce"
)]
fn derives_the_keys_of_a_naf(
    #[case] (fqdn, ua_id): (&str, &str),
    #[case] naf_id_octets: &str,
    #[case] ks_naf: &str,
    #[case] password: &str,
    #[case] ks_int_naf: &str,
) {
    let naf_id = NafId::new(fqdn, UaProtocolId::new(hex(ua_id)));
    assert_eq!(HEXLOWER.encode(naf_id.as_bytes()), naf_id_octets);
    let key = kdf::ks_naf(&ks(), rand(), IMPI, &naf_id);
    assert_eq!(key.expose(), &hex(ks_naf));
    assert_eq!(BASE64.encode(key.expose()), password);
    let key = kdf::ks_int_naf(&ks(), rand(), IMPI, &naf_id);
    assert_eq!(key.expose(), &hex(ks_int_naf));
}

#[rstest]
#[case::pki_portal(UaProtocolId::PKI_PORTAL, "0100000000")]
#[case::mbms(UaProtocolId::MBMS, "0100000001")]
#[case::http_digest(UaProtocolId::HTTP_DIGEST, "0100000002")]
#[case::tmpi(UaProtocolId::TMPI, "0100000100")]
#[case::tls_c02f(UaProtocolId::of_suite(CipherSuite(0xc02f)), "010001c02f")]
#[case::tls_1301(UaProtocolId::of_suite(CipherSuite(0x1301)), "0100011301")]
#[case::psk_tls_1_3(UaProtocolId::PSK_TLS13, "0100000007")]
fn names_the_ua_protocols(#[case] protocol: UaProtocolId, #[case] octets: &str) {
    assert_eq!(protocol.as_bytes(), &hex(octets));
}

// Each value is what one known mistake gives, so a peer that makes it can be told so.
#[rstest]
#[case::right(
    IMPI,
    NAF,
    "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501"
)]
#[case::impi_replaced_by_btid(
    BTID,
    NAF,
    "9d8eba96aa807f1b63a49d12dca6291dd6e1a929991b399a76b3eccb3f25f433"
)]
#[case::impi_replaced_by_tmpi(
    TMPI,
    NAF,
    "e78314623977cc4d392ba5c32aa6f04ef13480a828e2afddb06cf6267df1b5a8"
)]
#[case::naf_fqdn_with_port(
    IMPI,
    "naf1.home1.net:1234",
    "f6f2832765b46171012b05c1dd05b3094fe7889f421bc70bb15ff33b236944ef"
)]
#[case::naf_fqdn_upper_case(
    IMPI,
    "NAF1.HOME1.NET",
    "d3d294b8ad68e44058d856072af5f3cf7f46233640e211736d648d2523f3b3aa"
)]
fn takes_names_as_they_are(#[case] impi: &str, #[case] fqdn: &str, #[case] ks_naf: &str) {
    let naf_id = NafId::new(fqdn, UaProtocolId::HTTP_DIGEST);
    assert_eq!(
        kdf::ks_naf(&ks(), rand(), impi, &naf_id).expose(),
        &hex(ks_naf)
    );
}

#[test]
fn differs_when_ks_is_ik_then_ck() {
    let swapped = Ks::new(hex(&[MIL_207_1.ik, MIL_207_1.ck].concat()));
    let naf_id = NafId::new(NAF, UaProtocolId::HTTP_DIGEST);
    let expected = hex("2b150df370762e307d105560dc398c3bfa9791abc4d864d8ab29e448cf75de0f");
    assert_eq!(
        kdf::ks_naf(&swapped, rand(), IMPI, &naf_id).expose(),
        &expected
    );
}

const NAF_ID: &[u8] = b"naf1.home1.net\x01\x00\x00\x00\x02";

#[rstest]
#[case::right(
    0x01,
    b"gba-me",
    NAF_ID,
    "7c351b69c4910d2da5a312ad73ce3ac7be6f46165fdb9ffc3494d874aca8a501"
)]
#[case::fc_00(
    0x00,
    b"gba-me",
    NAF_ID,
    "43426f49d912657a5c5d4590de90b6f0f1d19ab6a67e8f8db061d508b19d192b"
)]
#[case::label_gba_u_used_for_me(
    0x01,
    b"gba-u",
    NAF_ID,
    "dc1ceb72700b7c0e17c8eac76838f8bafb134885011e713f782bfca16a2df691"
)]
#[case::naf_id_without_ua_id(
    0x01,
    b"gba-me",
    b"naf1.home1.net",
    "7d7af1e35eca835e6d3eb752822cff49deec37556fc9084e4ecd131d165ec8af"
)]
fn derives_from_any_parameters(
    #[case] fc: u8,
    #[case] label: &[u8],
    #[case] naf_id: &[u8],
    #[case] expected: &str,
) {
    let rand = rand();
    let params = [label, rand.as_bytes(), IMPI.as_bytes(), naf_id];
    assert_eq!(kdf::kdf(ks().expose(), fc, &params), hex(expected));
}

#[test]
fn differs_when_rand_is_its_base64_text() {
    let params: [&[u8]; 4] = [
        b"gba-me",
        b"I1U8vpY3qJ0hiuZNrke/NQ==",
        IMPI.as_bytes(),
        NAF_ID,
    ];
    let expected = hex("d7960a63be1beef3f97d64f689bee50626856fca37cbfb42856fe9425468befc");
    assert_eq!(kdf::kdf(ks().expose(), kdf::FC_GBA, &params), expected);
}

const KS_INPUT: &[u8] = &0x0011_2233_4455_6677_8899_aabb_ccdd_eeff_u128.to_be_bytes();

// The 2G variant, TS 33.220 Annex I: the key is Kc || Kc || RAND.
#[rstest]
#[case::res(
    &[b"3gpp-gba-res".as_slice(), &[0x46, 0xf8, 0x41, 0x6a]],
    "91a40904556e5b5427543b008b1fc21e26d0d96aa1e30e0268d0d5d9ce92fb34"
)]
#[case::ks(
    &[KS_INPUT, b"3gpp-gba-ks", &[0x46, 0xf8, 0x41, 0x6a]],
    "e25730eeb86cb402bcb10845916bbd71f45b6dbf8b1464d2e6123e82af674238"
)]
fn derives_2g_gba(#[case] params: &[&[u8]], #[case] expected: &str) {
    let key = "eae4be823af9a08beae4be823af9a08b23553cbe9637a89d218ae64dae47bf35";
    assert_eq!(
        kdf::kdf(&hex::<32>(key), kdf::FC_GBA, params),
        hex(expected)
    );
}

// HMAC hashes a key that is longer than its block of 64 octets; computed with another library.
#[rstest]
#[case::empty(0, "2c930dfffc8a50b4c6f2a39f31d7864ccc93001eb717b0159e1e18dab42d129f")]
#[case::one_block(64, "bddcecf656ac7716b23598ed33464655f322df91063cf2a4d5679a0ada6f5448")]
#[case::longer_than_a_block(65, "86f4795c12e47f69493f05830ce770334e4dde1c253bc9d91a7d9a91a668d2ae")]
#[case::two_blocks(
    131,
    "5a31c88b574ceb83a98361aa85e6e390f9b787994a6e16c9e8eba4bcb35d32ed"
)]
fn takes_a_key_of_any_length(#[case] length: usize, #[case] expected: &str) {
    assert_eq!(
        kdf::kdf(&vec![0xaa; length], kdf::FC_GBA, &[b"P0"]),
        hex(expected)
    );
}

#[rstest]
#[case::longest(
    65535,
    "9abcea30cf6178938a0a77860f88c6157d882316db1486a1797f7168e8f698bb"
)]
#[case::too_long(
    65536,
    "be5f3a4c6e9bed8a0aae4686624c62df1b378bd551c00f8359f1428ffcb88532"
)]
fn marks_a_parameter_with_at_most_65535(#[case] length: usize, #[case] expected: &str) {
    let param = vec![b'a'; length];
    assert_eq!(kdf::kdf(b"k", kdf::FC_GBA, &[&param]), hex(expected));
}

#[test]
fn derives_from_an_imsi_based_impi() {
    let impi = "001010123456789@ims.mnc001.mcc001.3gppnetwork.org";
    let naf_id = NafId::new(NAF, UaProtocolId::HTTP_DIGEST);
    let expected = hex("1ecf0a4f8817819d14f6760ceed49020ed8b68c09e7fde52a9bed5320423f828");
    assert_eq!(
        kdf::ks_naf(&ks(), rand(), impi, &naf_id).expose(),
        &expected
    );
}

#[test]
fn derives_the_tmpi() {
    assert_eq!(kdf::tmpi(&ks(), rand(), IMPI, "bsf.home1.net"), TMPI);
}

#[test]
fn joins_the_btid() {
    assert_eq!(kdf::btid(rand(), "bsf.home1.net"), BTID);
}

fn ks() -> Ks {
    kdf::ks(&Ck::new(hex(MIL_207_1.ck)), &Ik::new(hex(MIL_207_1.ik)))
}

fn rand() -> Rand {
    Rand::from(hex(MIL_207_1.rand))
}
