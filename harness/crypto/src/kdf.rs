//! The key derivation of GBA and the identities that go with it (TS 33.220 Annexes B and H).

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::digest::hmac_block;
use crate::secret::{Ck, Ik, Ks, KsNaf};
use crate::token::Rand;

/// The FC octet of all GBA derivations (TS 33.220 Annex B).
pub const FC_GBA: u8 = 0x01;

/// The generic derivation: HMAC-SHA-256 over FC || P0 || L0 || P1 || L1 || ...
/// (TS 33.220 Annex B.2).
///
/// Each L is the length of its P in two octets, the most significant first. The two octets hold no
/// more than 65535, so a longer P, which no specification has, is marked with 65535.
pub fn kdf(key: &[u8], fc: u8, params: &[&[u8]]) -> [u8; 32] {
    let block = hmac_block::<Sha256, 64>(key);
    let mut mac = Hmac::<Sha256>::new((&*block).into());
    mac.update(&[fc]);
    for param in params {
        let length = u16::try_from(param.len()).unwrap_or(u16::MAX);
        mac.update(param);
        mac.update(&length.to_be_bytes());
    }
    mac.finalize().into_bytes().into()
}

/// Ks = CK || IK (TS 33.220 clause 4.5.2).
pub fn ks(ck: &Ck, ik: &Ik) -> Ks {
    let mut octets = [0; Ks::LEN];
    octets[..Ck::LEN].copy_from_slice(ck.expose());
    octets[Ck::LEN..].copy_from_slice(ik.expose());
    Ks::new(octets)
}

/// `Ks_NAF`, which is `Ks_ext_NAF` with a GBA-aware UICC: P0 is `gba-me` (TS 33.220 Annex B.3).
///
/// `impi` and the name inside `naf_id` are taken as they are: their case matters.
pub fn ks_naf(ks: &Ks, rand: Rand, impi: &str, naf_id: &NafId) -> KsNaf {
    KsNaf::new(derive(ks, b"gba-me", rand, impi, naf_id))
}

/// `Ks_int_NAF`, the key that stays on the UICC: P0 is `gba-u` (TS 33.220 Annex B.3).
pub fn ks_int_naf(ks: &Ks, rand: Rand, impi: &str, naf_id: &NafId) -> KsNaf {
    KsNaf::new(derive(ks, b"gba-u", rand, impi, naf_id))
}

/// The temporary identity of the next run, e.g. `WEkK...pq4a@tmpi.bsf.3gppnetwork.org`: the first
/// 24 octets of the derivation in base64, and a fixed domain (TS 33.220 Annex B.4).
pub fn tmpi(ks: &Ks, rand: Rand, impi: &str, bsf_fqdn: &str) -> String {
    let bsf_id = NafId::new(bsf_fqdn, UaProtocolId::TMPI);
    let octets = derive(ks, b"gba-me", rand, impi, &bsf_id);
    format!("{}@tmpi.bsf.3gppnetwork.org", BASE64.encode(&octets[..24]))
}

/// The bootstrapping transaction identifier, base64(RAND)@FQDN of the BSF (TS 33.220 clause 4.5.2).
pub fn btid(rand: Rand, bsf_fqdn: &str) -> String {
    format!("{}@{bsf_fqdn}", BASE64.encode(rand.as_bytes()))
}

/// The number of a TLS cipher suite in the IANA registry, e.g. `0x1301` of `TLS_AES_128_GCM_SHA256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CipherSuite(pub u16);

impl CipherSuite {
    /// The two octets yy zz, the most significant one first.
    pub const fn octets(self) -> [u8; 2] {
        self.0.to_be_bytes()
    }
}

/// The identifier of a Ua security protocol, 5 octets (TS 33.220 Annex H).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UaProtocolId([u8; 5]);

impl UaProtocolId {
    /// The PKI portal of TS 33.221 (TS 33.220 Annex H.3).
    pub const PKI_PORTAL: Self = Self([0x01, 0x00, 0x00, 0x00, 0x00]);
    /// MBMS of TS 33.246 (TS 33.220 Annex H.3).
    pub const MBMS: Self = Self([0x01, 0x00, 0x00, 0x00, 0x01]);
    /// HTTP digest of TS 24.109 clause 5.2 (TS 33.220 Annex H.3).
    pub const HTTP_DIGEST: Self = Self([0x01, 0x00, 0x00, 0x00, 0x02]);
    /// TLS 1.3 with a shared key (TS 33.220 Annex H.3).
    pub const PSK_TLS13: Self = Self([0x01, 0x00, 0x00, 0x00, 0x07]);
    /// The place of a Ua protocol in the derivation of a TMPI (TS 33.220 Annex B.4).
    pub const TMPI: Self = Self([0x01, 0x00, 0x00, 0x01, 0x00]);

    /// The organisation octet and the four octets that it assigned.
    pub const fn new(octets: [u8; 5]) -> Self {
        Self(octets)
    }

    /// TLS between UE and NAF with this cipher suite, `01 00 01 yy zz` (TS 33.220 Annex H.3).
    pub const fn of_suite(suite: CipherSuite) -> Self {
        let [yy, zz] = suite.octets();
        Self([0x01, 0x00, 0x01, yy, zz])
    }

    /// The five octets.
    pub const fn as_bytes(&self) -> &[u8; 5] {
        &self.0
    }
}

/// `NAF_Id`: the FQDN of the NAF and the Ua security protocol identifier (TS 33.220 clause 4.5.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NafId(Vec<u8>);

impl NafId {
    /// Joins both; the name stands as given, without a port and in the caller's case.
    pub fn new(fqdn: &str, protocol: UaProtocolId) -> Self {
        Self([fqdn.as_bytes(), protocol.as_bytes()].concat())
    }

    /// The octets of the name, then the five of the protocol.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for NafId {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn derive(ks: &Ks, label: &[u8], rand: Rand, impi: &str, naf_id: &NafId) -> [u8; 32] {
    let params = [label, rand.as_bytes(), impi.as_bytes(), naf_id.as_bytes()];
    kdf(ks.expose(), FC_GBA, &params)
}
