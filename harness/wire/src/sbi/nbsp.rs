//! Bodies of `Nbsp_GBA`, the service of the BSF (TS 29.309 Annex A).

use serde_json::{Map, Value};

use super::json::{self, Reader, Size, Writer};
use super::{Undisclosed, words};
use crate::error::{DecodeError, Deviation};

/// Octets of `Ks_(ext)_NAF` and `Ks_int_NAF`.
const KEY: usize = 32;
/// Octets of the Ua security protocol identifier.
const PROTOCOL: usize = 5;
const RAND: usize = 16;
const AUTS: usize = 14;

words! {
    /// How a session was bootstrapped.
    GbaType {
        /// With AKA.
        ThreeG => "3G_GBA",
        /// With a SIM.
        TwoG => "2G_GBA",
        /// With a password.
        Digest => "GBA_DIGEST",
    }
}

words! {
    /// Which keys a service asks for.
    KeyChoice {
        /// `Ks_(ext)_NAF`.
        Me => "ME_BASED_KEY",
        /// `Ks_int_NAF`.
        Uicc => "UICC_BASED_KEY",
        /// Both of them.
        Both => "ME_UICC_BASED_KEYS",
    }
}

words! {
    /// Where the keys of a push are used.
    UiccOrMe {
        /// In the ME.
        Me => "GBA_ME",
        /// On the UICC.
        Uicc => "GBA_U",
    }
}

words! {
    /// What kind of identity a push names a UE by.
    UeIdType {
        /// An IMPU.
        Public => "PUBLIC",
        /// An IMPI.
        Private => "PRIVATE",
    }
}

words! {
    /// A security feature of a push.
    SecFeature {
        /// The generic push layer with keys on the UICC.
        GplU => "GPL_U",
    }
}

/// Who a NAF is: `NAF_Id` in its two parts (TS 33.220 clause 4.4.7).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NafId {
    /// Its FQDN; empty if there is none.
    pub naf_fqdn: String,
    /// The Ua security protocol identifier: 5 octets if it is correct.
    pub ua_sec_prot_id: Vec<u8>,
}

impl NafId {
    /// The octets of `NAF_Id`: the FQDN, then the identifier of the protocol.
    pub fn octets(&self) -> Vec<u8> {
        [self.naf_fqdn.as_bytes(), &self.ua_sec_prot_id].concat()
    }

    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        reader.require(object, &["nafFqdn", "uaSecProtId"]);
        let id = reader.hex(object, "uaSecProtId", Size::Exactly(PROTOCOL));
        Self {
            naf_fqdn: reader.text(object, "nafFqdn").unwrap_or_default(),
            ua_sec_prot_id: id.unwrap_or_default(),
        }
    }

    fn write(&self) -> Writer {
        Writer::default()
            .put("nafFqdn", self.naf_fqdn.as_str())
            .hex("uaSecProtId", &self.ua_sec_prot_id)
    }
}

/// User security settings for one service.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Uss {
    /// The service.
    pub gs_id: u32,
    /// The kind of service.
    pub gs_type: u32,
    /// The identities of the user that the service may use; at least one if it is correct.
    pub ue_ids: Vec<String>,
    /// The group of NAFs that the settings are for.
    pub naf_group: Option<String>,
    /// What the user may do there.
    pub flags: Vec<u32>,
    /// The keys that the service asks for.
    pub key_choice: Option<KeyChoice>,
}

impl Uss {
    /// The settings in a list of them, which has an object around each.
    pub(super) fn read_list(reader: &mut Reader, object: &Map<String, Value>) -> Vec<Self> {
        reader.objects(object, "ussList", |reader, item| {
            reader.require(item, &["uss"]);
            reader.object(item, "uss", Self::read)
        })
    }

    pub(super) fn write_list(list: &[Self], writer: Writer) -> Writer {
        let items = list
            .iter()
            .map(|uss| Writer::default().put("uss", uss.write()));
        writer.list("ussList", items)
    }

    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        reader.require(object, &["gsId", "gsType", "ueIds"]);
        Self {
            gs_id: reader.number(object, "gsId").unwrap_or_default(),
            gs_type: reader.number(object, "gsType").unwrap_or_default(),
            ue_ids: reader.objects(object, "ueIds", |reader, item| {
                reader.require(item, &["ueId"]);
                reader.text(item, "ueId")
            }),
            naf_group: reader.text(object, "nafGroup"),
            flags: reader.objects(object, "flags", |reader, item| {
                reader.require(item, &["flag"]);
                reader.number(item, "flag")
            }),
            key_choice: reader.word(object, "keyChoice"),
        }
    }

    fn write(&self) -> Writer {
        let ue_ids = self.ue_ids.iter();
        let flags = self.flags.iter();
        Writer::default()
            .put("gsId", self.gs_id)
            .put("gsType", self.gs_type)
            .list(
                "ueIds",
                ue_ids.map(|id| Writer::default().put("ueId", id.as_str())),
            )
            .maybe("nafGroup", self.naf_group.as_deref())
            .list(
                "flags",
                flags.map(|flag| Writer::default().put("flag", *flag)),
            )
            .maybe("keyChoice", self.key_choice.as_ref().map(KeyChoice::as_str))
    }
}

/// What a NAF asks about a session.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BootstrappingInfoRequest {
    /// The B-TID as text; empty if there is none.
    pub bt_id: String,
    /// Who asks.
    pub naf_id: NafId,
    /// Whether the NAF knows `GBA_U`; it does not if it says nothing.
    pub gba_u_aware: Option<bool>,
    /// The services whose settings it wants.
    pub gs_ids: Vec<u32>,
}

impl BootstrappingInfoRequest {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| {
            reader.require(object, &["btId", "nafId"]);
            Self {
                bt_id: reader.text(object, "btId").unwrap_or_default(),
                naf_id: reader
                    .object(object, "nafId", NafId::read)
                    .unwrap_or_default(),
                gba_u_aware: reader.flag(object, "gbaUAware"),
                gs_ids: reader.numbers(object, "gsIds"),
            }
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        Writer::default()
            .put("btId", self.bt_id.as_str())
            .put("nafId", self.naf_id.write())
            .maybe("gbaUAware", self.gba_u_aware)
            .list("gsIds", self.gs_ids.iter().copied())
            .text()
    }
}

/// What a BSF tells about a session.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BootstrappingInfoResponse {
    /// `Ks_(ext)_NAF`: 32 octets if it is correct, none if it is not there.
    pub me_key_material: Undisclosed,
    /// `Ks_int_NAF`, of a session of `GBA_U`.
    pub uicc_key_material: Option<Undisclosed>,
    /// The end of the key's lifetime as text, a date-time; see [`super::date_time`].
    pub key_expiry_time: Option<String>,
    /// The time of bootstrapping as text, a date-time.
    pub bootstrapping_info_creation_time: Option<String>,
    /// The settings of the services that were asked for.
    pub uss_list: Vec<Uss>,
    /// How the session was bootstrapped.
    pub gba_type: Option<GbaType>,
    /// The private identity of the user.
    pub impi: Option<String>,
}

impl BootstrappingInfoResponse {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, Self::read)
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let writer = Writer::default().hex("meKeyMaterial", &self.me_key_material.0);
        self.write(writer).text()
    }

    fn read(reader: &mut Reader, object: &Map<String, Value>) -> Self {
        reader.require(object, &["meKeyMaterial"]);
        let key = Size::Exactly(KEY);
        let me = reader.undisclosed(object, "meKeyMaterial", key);
        Self {
            me_key_material: me.unwrap_or_default(),
            uicc_key_material: reader.undisclosed(object, "uiccKeyMaterial", key),
            key_expiry_time: reader.time(object, "keyExpiryTime"),
            bootstrapping_info_creation_time: reader.time(object, "bootstrappingInfoCreationTime"),
            uss_list: Uss::read_list(reader, object),
            gba_type: reader.word(object, "gbaType"),
            impi: reader.text(object, "impi"),
        }
    }

    /// All but the key that is always there.
    fn write(&self, writer: Writer) -> Writer {
        let writer = match &self.uicc_key_material {
            Some(key) => writer.hex("uiccKeyMaterial", &key.0),
            None => writer,
        };
        let created = self.bootstrapping_info_creation_time.as_deref();
        let writer = writer
            .maybe("keyExpiryTime", self.key_expiry_time.as_deref())
            .maybe("bootstrappingInfoCreationTime", created);
        Uss::write_list(&self.uss_list, writer)
            .maybe("gbaType", self.gba_type.as_ref().map(GbaType::as_str))
            .maybe("impi", self.impi.as_deref())
    }
}

/// What a push NAF asks for (TS 29.309; TS 33.223 clause 5).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PushInfoRequest {
    /// The identity of the UE.
    pub ue_id: String,
    /// What kind of identity that is.
    pub ue_id_type: UeIdType,
    /// The application on the UICC whose keys are meant.
    pub uicc_app_label: String,
    /// Who asks.
    pub naf_id: NafId,
    /// The push transaction identifier, P-TID.
    pub pt_id: String,
    /// Where the keys are used.
    pub uicc_or_me: UiccOrMe,
    /// The end of the lifetime that is wanted, as text, a date-time.
    pub requested_life_time: String,
    /// Whether the NAF wants the private identity.
    pub private_id_request: Option<bool>,
    /// Whether the NAF knows `GBA_U`.
    pub gba_u_aware: Option<bool>,
    /// The services whose settings it wants.
    pub gs_ids: Vec<u32>,
    /// AUTS of a resynchronisation: 14 octets if it is correct.
    pub auts: Option<Vec<u8>>,
    /// RAND of a resynchronisation: 16 octets if it is correct.
    pub rand: Option<Vec<u8>>,
    /// The security features that it wants.
    pub security_features: Vec<SecFeature>,
}

impl PushInfoRequest {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| {
            let required = [
                "ueId",
                "ueIdType",
                "uiccAppLabel",
                "nafId",
                "ptId",
                "uiccOrMe",
                "requestedLifeTime",
            ];
            reader.require(object, &required);
            // A resynchronisation has both of them (TS 33.102 clause 6.3.5).
            if object.contains_key("auts") || object.contains_key("rand") {
                reader.require(object, &["auts", "rand"]);
            }
            let id_type = reader.word(object, "ueIdType");
            let place = reader.word(object, "uiccOrMe");
            let naf_id = reader.object(object, "nafId", NafId::read);
            Self {
                ue_id: reader.text(object, "ueId").unwrap_or_default(),
                ue_id_type: id_type.unwrap_or(UeIdType::Unknown(String::new())),
                uicc_app_label: reader.text(object, "uiccAppLabel").unwrap_or_default(),
                naf_id: naf_id.unwrap_or_default(),
                pt_id: reader.text(object, "ptId").unwrap_or_default(),
                uicc_or_me: place.unwrap_or(UiccOrMe::Unknown(String::new())),
                requested_life_time: reader.time(object, "requestedLifeTime").unwrap_or_default(),
                private_id_request: reader.flag(object, "privateIdRequest"),
                gba_u_aware: reader.flag(object, "gbaUAware"),
                gs_ids: reader.numbers(object, "gsIds"),
                auts: reader.hex(object, "auts", Size::Exactly(AUTS)),
                rand: reader.hex(object, "rand", Size::Exactly(RAND)),
                security_features: reader.words(object, "securityFeaturesRequest"),
            }
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let features = self.security_features.iter();
        let mut writer = Writer::default()
            .put("ueId", self.ue_id.as_str())
            .put("ueIdType", self.ue_id_type.as_str())
            .put("uiccAppLabel", self.uicc_app_label.as_str())
            .put("nafId", self.naf_id.write())
            .put("ptId", self.pt_id.as_str())
            .put("uiccOrMe", self.uicc_or_me.as_str())
            .put("requestedLifeTime", self.requested_life_time.as_str())
            .maybe("privateIdRequest", self.private_id_request)
            .maybe("gbaUAware", self.gba_u_aware)
            .list("gsIds", self.gs_ids.iter().copied());
        if let Some(auts) = &self.auts {
            writer = writer.hex("auts", auts);
        }
        if let Some(rand) = &self.rand {
            writer = writer.hex("rand", rand);
        }
        let features = features.map(SecFeature::as_str);
        writer.list("securityFeaturesRequest", features).text()
    }
}

/// What a BSF gives for a push.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PushInfoResponse {
    /// The push information for the UE, which the NAF hands on as it is.
    pub gba_push_info: Vec<u8>,
    /// What the answer has in common with the one about a session.
    pub info: BootstrappingInfoResponse,
    /// The security features that the NAF may use.
    pub security_features: Vec<SecFeature>,
}

impl PushInfoResponse {
    /// Reads a body. A value that is not there or cannot be understood is empty.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| {
            let info = BootstrappingInfoResponse::read(reader, object);
            reader.require(object, &["gbaPushInfo"]);
            let push = reader.hex(object, "gbaPushInfo", Size::Some);
            Self {
                gba_push_info: push.unwrap_or_default(),
                info,
                security_features: reader.words(object, "securityFeaturesResponse"),
            }
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let writer = Writer::default()
            .hex("meKeyMaterial", &self.info.me_key_material.0)
            .hex("gbaPushInfo", &self.gba_push_info);
        let features = self.security_features.iter().map(SecFeature::as_str);
        let writer = self.info.write(writer);
        writer.list("securityFeaturesResponse", features).text()
    }
}
