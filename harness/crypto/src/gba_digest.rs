//! GBA with a password and no card, bound to the TLS session that it runs in
//! (TS 33.220 Annexes B.5, B.6 and M).

use data_encoding::{BASE64, HEXLOWER};
use zeroize::Zeroizing;

use crate::kdf::{FC_GBA, NafId, kdf};
use crate::secret::{Ha1, Ks, KsNaf, Passwd, TlsMkExtr};

/// How H(A1) and RESP enter the derivations. TS 33.220 does not say it; the length of RESP that it
/// names, 32 with SHA-256, speaks for octets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashForm {
    /// The octets of the hash.
    #[default]
    Octets,
    /// Its lower-case hexadecimal digits, as they stand in the header.
    LowerHex,
}

impl HashForm {
    fn of(self, octets: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Octets => octets.to_vec(),
            Self::LowerHex => HEXLOWER.encode(octets).into_bytes(),
        })
    }
}

/// passwd, from H(A1), `GBA_Digest_RESP` and `TLS_MK_Extr` (TS 33.220 Annex B.5).
pub fn passwd(form: HashForm, ha1: &Ha1, tls_mk_extr: &TlsMkExtr) -> Passwd {
    let params: [&[u8]; 2] = [b"GBA_Digest_RESP", tls_mk_extr.expose()];
    Passwd::new(kdf(&form.of(ha1.expose()), FC_GBA, &params))
}

/// Ks, from H(A1), `GBA_Digest_Ks`, `TLS_MK_Extr` and RESP (TS 33.220 Annex B.5).
///
/// RESP is given as octets: what the digits of `response` stand for. The note of Annex B.5 prints
/// the label with a leading blank, the octet list beside it has none.
pub fn ks(form: HashForm, ha1: &Ha1, tls_mk_extr: &TlsMkExtr, resp: &[u8]) -> Ks {
    let resp = form.of(resp);
    let params: [&[u8]; 3] = [b"GBA_Digest_Ks", tls_mk_extr.expose(), &resp];
    Ks::new(kdf(&form.of(ha1.expose()), FC_GBA, &params))
}

/// `Ks_NAF`, from Ks, `gba-digest`, the nonce of the run, the IMPI and the `NAF_Id`
/// (TS 33.220 Annex B.6).
///
/// The nonce stands where AKA has RAND; it enters as the text of the header.
pub fn ks_naf(ks: &Ks, nonce: &[u8], impi: &str, naf_id: &NafId) -> KsNaf {
    let params = [b"gba-digest", nonce, impi.as_bytes(), naf_id.as_bytes()];
    KsNaf::new(kdf(ks.expose(), FC_GBA, &params))
}

/// How passwd becomes the password of HTTP digest, which no text at hand says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PasswdForm {
    /// The base64 text, as `Ks_NAF` has on Ua (TS 24.109 clause 5.2.2).
    #[default]
    Base64,
    /// The octets themselves, as RES has on Ub (RFC 3310 clause 3.3).
    Octets,
    /// The lower-case hexadecimal digits.
    LowerHex,
}

impl PasswdForm {
    /// Every form, that of this suite first.
    pub const ALL: [Self; 3] = [Self::Base64, Self::Octets, Self::LowerHex];

    /// The password of A1 as it enters the hash.
    pub fn password(self, passwd: &Passwd) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Base64 => BASE64.encode(passwd.expose()).into_bytes(),
            Self::Octets => passwd.expose().to_vec(),
            Self::LowerHex => HEXLOWER.encode(passwd.expose()).into_bytes(),
        })
    }
}
