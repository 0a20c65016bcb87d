//! Bodies of `Nhss_gbaUEAU` and `Nhss_gbaSDM`, the services of the HSS for a BSF (TS 29.562 Annex A).

use serde_json::{Map, Value};

use super::json::{self, Reader, Size, Writer};
use super::nbsp::{SecFeature, Uss};
use super::{Undisclosed, words};
use crate::error::{DecodeError, Deviation};

/// Octets of RAND, AUTN, CK and IK.
const BLOCK: usize = 16;
const AUTS: usize = 14;

words! {
    /// How the user shall be authenticated.
    AuthenticationScheme {
        /// With AKA.
        AkaV1Md5 => "DIGEST_AKAV1_MD5",
        /// With a password.
        Http => "DIGEST_HTTP",
    }
}

words! {
    /// The algorithm of a password's digest.
    DigestAlgorithm {
        /// `MD5`.
        Md5 => "MD5",
        /// `MD5-sess`.
        Md5Sess => "MD5_SESS",
    }
}

words! {
    /// The quality of protection of a password's digest.
    DigestQop {
        /// `auth`.
        Auth => "AUTH",
        /// `auth-int`.
        AuthInt => "AUTH_INT",
    }
}

words! {
    /// What the UICC of a user can do.
    UiccType {
        /// Keys in the ME only.
        Gba => "GBA",
        /// Keys on the UICC as well.
        GbaU => "GBA_U",
    }
}

/// What a BSF asks for: a vector, or what a password leads to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthDataRequest {
    /// How the user shall be authenticated. The schema lets it be absent.
    pub authentication_scheme: Option<AuthenticationScheme>,
    /// After a synchronisation failure.
    pub resynchronization: Option<Resynchronization>,
}

/// What a UE has answered to a vector that it had seen (TS 33.102 clause 6.3.5).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resynchronization {
    /// RAND of that vector: 16 octets if it is correct.
    pub rand: Vec<u8>,
    /// AUTS: 14 octets if it is correct.
    pub auts: Vec<u8>,
}

impl AuthDataRequest {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| Self {
            authentication_scheme: reader.word(object, "authenticationScheme"),
            resynchronization: reader.object(
                object,
                "resynchronizationInfo",
                Resynchronization::read,
            ),
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let scheme = self.authentication_scheme.as_ref();
        let resync = self.resynchronization.as_ref().map(|resync| {
            Writer::default()
                .hex("rand", &resync.rand)
                .hex("auts", &resync.auts)
        });
        Writer::default()
            .maybe(
                "authenticationScheme",
                scheme.map(AuthenticationScheme::as_str),
            )
            .maybe("resynchronizationInfo", resync)
            .text()
    }
}

impl Resynchronization {
    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        reader.require(object, &["rand", "auts"]);
        let rand = reader.hex(object, "rand", Size::Exactly(BLOCK));
        let auts = reader.hex(object, "auts", Size::Exactly(AUTS));
        Self {
            rand: rand.unwrap_or_default(),
            auts: auts.unwrap_or_default(),
        }
    }
}

/// What an HSS gives a BSF. One of the two is there if it is correct.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthDataResponse {
    /// The private identity of the user.
    pub impi: Option<String>,
    /// For AKA.
    pub aka_av: Option<AkaAv>,
    /// For a password.
    pub digest_auth: Option<DigestAuth>,
}

/// An authentication vector.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AkaAv {
    /// RAND: 16 octets if it is correct, as are the others.
    pub rand: Vec<u8>,
    /// XRES: 4 to 16 octets.
    pub xres: Undisclosed,
    /// AUTN.
    pub autn: Vec<u8>,
    /// CK.
    pub ck: Undisclosed,
    /// IK.
    pub ik: Undisclosed,
}

/// What a password leads to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DigestAuth {
    /// The realm that is in H(A1).
    pub digest_realm: String,
    /// The algorithm.
    pub digest_algorithm: DigestAlgorithm,
    /// The quality of protection.
    pub digest_qop: DigestQop,
    /// The text of H(A1), usually 32 hex digits. The schema gives it no form.
    pub ha1: Undisclosed,
}

impl AuthDataResponse {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| {
            // A BSF can do nothing with an answer that has neither (TS 29.562).
            if !object.contains_key("digestAuth") {
                reader.require(object, &["3gAkaAv"]);
            }
            Self {
                impi: reader.text(object, "impi"),
                aka_av: reader.object(object, "3gAkaAv", AkaAv::read),
                digest_auth: reader.object(object, "digestAuth", DigestAuth::read),
            }
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        Writer::default()
            .maybe("impi", self.impi.as_deref())
            .maybe("3gAkaAv", self.aka_av.as_ref().map(AkaAv::write))
            .maybe(
                "digestAuth",
                self.digest_auth.as_ref().map(DigestAuth::write),
            )
            .text()
    }
}

impl AkaAv {
    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        reader.require(object, &["rand", "xres", "autn", "ck", "ik"]);
        let block = Size::Exactly(BLOCK);
        let mut secret = |member, size| reader.undisclosed(object, member, size);
        let (ck, ik) = (secret("ck", block), secret("ik", block));
        let xres = secret("xres", Size::Between(4, 16));
        Self {
            rand: reader.hex(object, "rand", block).unwrap_or_default(),
            xres: xres.unwrap_or_default(),
            autn: reader.hex(object, "autn", block).unwrap_or_default(),
            ck: ck.unwrap_or_default(),
            ik: ik.unwrap_or_default(),
        }
    }

    fn write(&self) -> Writer {
        Writer::default()
            .hex("rand", &self.rand)
            .hex("xres", &self.xres.0)
            .hex("autn", &self.autn)
            .hex("ck", &self.ck.0)
            .hex("ik", &self.ik.0)
    }
}

impl DigestAuth {
    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        let required = ["digestRealm", "digestAlgorithm", "digestQop", "ha1"];
        reader.require(object, &required);
        let algorithm = reader.word(object, "digestAlgorithm");
        let qop = reader.word(object, "digestQop");
        Self {
            digest_realm: reader.text(object, "digestRealm").unwrap_or_default(),
            digest_algorithm: algorithm.unwrap_or(DigestAlgorithm::Unknown(String::new())),
            digest_qop: qop.unwrap_or(DigestQop::Unknown(String::new())),
            ha1: reader.undisclosed_text(object, "ha1").unwrap_or_default(),
        }
    }

    fn write(&self) -> Writer {
        let ha1 = String::from_utf8_lossy(&self.ha1.0).into_owned();
        Writer::default()
            .put("digestRealm", self.digest_realm.as_str())
            .put("digestAlgorithm", self.digest_algorithm.as_str())
            .put("digestQop", self.digest_qop.as_str())
            .put("ha1", ha1)
    }
}

/// What an HSS knows of a user of GBA.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SubscriberData {
    /// The user security settings; a user may have none.
    pub guss: Option<Guss>,
}

/// GBA user security settings.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Guss {
    /// What the BSF has to obey.
    pub bsf_info: Option<BsfInfo>,
    /// The settings for services.
    pub uss_list: Vec<Uss>,
}

/// What a BSF has to obey.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BsfInfo {
    /// What the UICC can do.
    pub uicc_type: Option<UiccType>,
    /// How long a key lives, in seconds.
    pub life_time: Option<u32>,
    /// The security features of the user.
    pub security_features: Vec<SecFeature>,
}

impl SubscriberData {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| Self {
            guss: reader.object(object, "guss", |reader, guss| Guss {
                bsf_info: reader.object(guss, "bsfInfo", BsfInfo::read),
                uss_list: Uss::read_list(reader, guss),
            }),
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let guss = self.guss.as_ref().map(|guss| {
            let info = guss.bsf_info.as_ref().map(BsfInfo::write);
            Uss::write_list(&guss.uss_list, Writer::default().maybe("bsfInfo", info))
        });
        Writer::default().maybe("guss", guss).text()
    }
}

impl BsfInfo {
    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        Self {
            uicc_type: reader.word(object, "uiccType"),
            life_time: reader.number(object, "lifeTime"),
            security_features: reader.words(object, "securityFeatures"),
        }
    }

    fn write(&self) -> Writer {
        let features = self.security_features.iter().map(SecFeature::as_str);
        Writer::default()
            .maybe("uiccType", self.uicc_type.as_ref().map(UiccType::as_str))
            .maybe("lifeTime", self.life_time)
            .list("securityFeatures", features)
    }
}
