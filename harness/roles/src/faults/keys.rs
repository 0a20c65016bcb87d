//! Wrong passwords and keys that a UE and a BSF can make alike.

use data_encoding::BASE64;
use gbaspec_crypto::akav2;
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::kdf::{FC_GBA, NafId, UaProtocolId, kdf};
use gbaspec_crypto::secret::Ks;

use crate::ub::aka::{self, AkaPasswordFacts};
use crate::ub::gba_digest::GbaDigestFacts;
use crate::ub::second_generation::{self, SecondGenerationFacts, SecondGenerationKeys};
use crate::ub::tmpi::TmpiFacts;

/// The password of version 2 as `form` of its facts and hash; version 1 keeps its own.
fn version_two(
    facts: &AkaPasswordFacts<'_>,
    form: fn(&AkaPasswordFacts<'_>, Hash) -> Vec<u8>,
) -> Vec<u8> {
    match facts.version_two() {
        Some(hash) => form(facts, hash),
        None => aka::password(facts),
    }
}

/// RES cut or filled with zeros to eight octets in version 1.
pub(super) fn eight_octets(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    let mut password = aka::password(facts);
    if facts.version_two().is_none() {
        password.resize(8, 0);
    }
    password
}

/// CK before IK in the key of the password, as in Ks.
pub(super) fn akav2_ck_before_ik(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    version_two(facts, |facts, hash| {
        let key = [
            facts.res.expose(),
            facts.ck.expose().as_slice(),
            facts.ik.expose().as_slice(),
        ];
        let octets = akav2::keyed_hash(hash, &key.concat());
        BASE64.encode(&octets).into_bytes()
    })
}

/// The octets of the keyed hash instead of their base64 text.
pub(super) fn akav2_octets(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    version_two(facts, |facts, hash| {
        akav2::password_octets(hash, facts.res, facts.ik, facts.ck).to_vec()
    })
}

/// The label as the key, and RES, IK and CK as the data.
pub(super) fn akav2_key_and_data_swapped(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    version_two(facts, |facts, hash| {
        let data = [
            facts.res.expose(),
            facts.ik.expose().as_slice(),
            facts.ck.expose().as_slice(),
        ];
        let octets = hash.hmac(akav2::LABEL, &data.concat());
        BASE64.encode(&octets).into_bytes()
    })
}

/// RES itself, as in version 1.
pub(super) fn akav2_res(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    facts.res.expose().to_vec()
}

/// The keyed hash with MD5, whatever the algorithm.
pub(super) fn akav2_always_md5(facts: &AkaPasswordFacts<'_>) -> Vec<u8> {
    version_two(facts, |facts, _| {
        akav2::password(Hash::Md5, facts.res, facts.ik, facts.ck)
            .as_bytes()
            .to_vec()
    })
}

/// The keys of 2G GBA with another key of the derivations.
fn second_generation_with(facts: &SecondGenerationFacts<'_>, key: &[u8]) -> SecondGenerationKeys {
    let sres = facts.triplet.sres.expose();
    let res = kdf(key, FC_GBA, &[b"3gpp-gba-res", sres]);
    let ks_input = facts.ks_input;
    SecondGenerationKeys {
        password: res[..16].to_vec(),
        ks: Ks::new(kdf(
            key,
            FC_GBA,
            &[ks_input.as_bytes(), b"3gpp-gba-ks", sres],
        )),
    }
}

/// Kc once instead of twice.
pub(super) fn kc_once(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    let (kc, rand) = (facts.triplet.kc.expose(), facts.triplet.rand);
    second_generation_with(facts, &[kc.as_slice(), rand.as_ref()].concat())
}

/// RAND before Kc.
pub(super) fn rand_before_kc(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    let (kc, rand) = (facts.triplet.kc.expose(), facts.triplet.rand);
    second_generation_with(
        facts,
        &[rand.as_ref(), kc.as_slice(), kc.as_slice()].concat(),
    )
}

/// All 32 octets of the derivation as RES.
pub(super) fn res_not_truncated(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    let triplet = facts.triplet;
    let kc = triplet.kc.expose().as_slice();
    let key = [kc, kc, triplet.rand.as_ref()].concat();
    let res = kdf(&key, FC_GBA, &[b"3gpp-gba-res", triplet.sres.expose()]);
    SecondGenerationKeys {
        password: res.to_vec(),
        ..second_generation::keys(facts)
    }
}

/// SRES as RES.
pub(super) fn sres_as_res(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    SecondGenerationKeys {
        password: facts.triplet.sres.expose().to_vec(),
        ..second_generation::keys(facts)
    }
}

/// The label before Ks-input in the derivation of Ks.
pub(super) fn label_before_ks_input(facts: &SecondGenerationFacts<'_>) -> SecondGenerationKeys {
    let triplet = facts.triplet;
    let kc = triplet.kc.expose().as_slice();
    let key = [kc, kc, triplet.rand.as_ref()].concat();
    let ks_input = facts.ks_input;
    let parameters: [&[u8]; 3] = [b"3gpp-gba-ks", ks_input.as_bytes(), triplet.sres.expose()];
    SecondGenerationKeys {
        ks: Ks::new(kdf(&key, FC_GBA, &parameters)),
        ..second_generation::keys(facts)
    }
}

/// The password of `GBA_Digest` with other parameters of the derivation.
pub(super) fn passwd_of(facts: &GbaDigestFacts<'_>, parameters: &[&[u8]]) -> Vec<u8> {
    let passwd = kdf(facts.ha1.expose(), FC_GBA, parameters);
    BASE64.encode(&passwd).into_bytes()
}

/// passwd with the blank before the label that the note of Annex B.5 prints.
pub(super) fn label_with_blank(facts: &GbaDigestFacts<'_>) -> Vec<u8> {
    passwd_of(facts, &[b" GBA_Digest_RESP", facts.tls_mk_extr.expose()])
}

/// passwd that has nothing of the TLS session.
pub(super) fn passwd_without_tls(facts: &GbaDigestFacts<'_>) -> Vec<u8> {
    passwd_of(facts, &[b"GBA_Digest_RESP"])
}

/// passwd with the label of Ks.
pub(super) fn passwd_with_label_of_ks(facts: &GbaDigestFacts<'_>) -> Vec<u8> {
    passwd_of(facts, &[b"GBA_Digest_Ks", facts.tls_mk_extr.expose()])
}

/// The TMPI from all 32 octets of the derivation.
pub(super) fn tmpi_of_32_octets(facts: &TmpiFacts<'_>) -> String {
    tmpi_with(facts, facts.impi, UaProtocolId::TMPI, 32, TMPI_DOMAIN)
}

/// The TMPI under another domain.
pub(super) fn tmpi_of_another_domain(facts: &TmpiFacts<'_>) -> String {
    let domain = "@tmpi.3gppnetwork.org";
    tmpi_with(facts, facts.impi, UaProtocolId::TMPI, 24, domain)
}

/// The TMPI with the protocol identifier of HTTP digest.
pub(super) fn tmpi_of_another_protocol(facts: &TmpiFacts<'_>) -> String {
    tmpi_with(
        facts,
        facts.impi,
        UaProtocolId::HTTP_DIGEST,
        24,
        TMPI_DOMAIN,
    )
}

/// The TMPI that another subscriber would have.
pub(super) fn tmpi_of_another_impi(facts: &TmpiFacts<'_>) -> String {
    let impi = format!("another_{}", facts.impi);
    tmpi_with(facts, &impi, UaProtocolId::TMPI, 24, TMPI_DOMAIN)
}

const TMPI_DOMAIN: &str = "@tmpi.bsf.3gppnetwork.org";

fn tmpi_with(
    facts: &TmpiFacts<'_>,
    impi: &str,
    protocol: UaProtocolId,
    octets: usize,
    domain: &str,
) -> String {
    let bsf_id = NafId::new(facts.bsf_fqdn, protocol);
    let parameters: [&[u8]; 4] = [
        b"gba-me",
        facts.rand.as_ref(),
        impi.as_bytes(),
        bsf_id.as_bytes(),
    ];
    let output = kdf(facts.ks.expose(), FC_GBA, &parameters);
    let text = BASE64.encode(output.get(..octets).unwrap_or(&output));
    format!("{text}{domain}")
}
