//! The resources of the services: what a request does with which of them (TS 29.309 clause 6,
//! TS 29.562 clause 6).

use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::query::{percent_decode, percent_encode};

const PATH: &str = "path";
const NBSP: &str = "nbsp-gba";
const UEAU: &str = "nhss-gba-ueau";
const SDM: &str = "nhss-gba-sdm";
const VERSION: &str = "v1";

/// The longest target that is read.
const MAX_OCTETS: usize = 4096;

/// What a request is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Operation {
    /// POST of `.../nbsp-gba/v1/bootstrapping-info-retrieval`.
    BootstrappingInfo,
    /// POST of `.../nbsp-gba/v1/push-info-retrieval`.
    PushInfo,
    /// POST of `.../nhss-gba-ueau/v1/{ueId}/security-information/generate-auth-data`.
    GenerateAuthData(UeId),
    /// GET of `.../nhss-gba-sdm/v1/{ueId}/subscriber-data`.
    SubscriberData(UeId),
    /// POST of `.../nhss-gba-sdm/v1/{ueId}/subscriptions`.
    Subscriptions(UeId),
}

/// A target of a request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// The path of the apiRoot, which stands before all paths of a service: empty, or it begins
    /// with a slash and ends without one (TS 29.501 clause 4.4.1).
    pub prefix: String,
    /// What the request is about.
    pub operation: Operation,
}

/// The identity of a user in a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum UeId {
    /// `imsi-` and 5 to 15 digits.
    Imsi(String),
    /// `msisdn-` and 5 to 15 digits.
    Msisdn(String),
    /// `impi-` and a private identity.
    Impi(String),
    /// `impu-` and a public identity.
    Impu(String),
    /// Any other text.
    Unknown(String),
}

impl UeId {
    /// The identity as text, not escaped.
    pub fn text(&self) -> String {
        match self {
            Self::Imsi(digits) => format!("imsi-{digits}"),
            Self::Msisdn(digits) => format!("msisdn-{digits}"),
            Self::Impi(impi) => format!("impi-{impi}"),
            Self::Impu(impu) => format!("impu-{impu}"),
            Self::Unknown(text) => text.clone(),
        }
    }

    /// The identity that a text stands for, which is not escaped.
    pub fn from_text(text: &str) -> Self {
        let is_number = |rest: &str| {
            (5..=15).contains(&rest.len()) && rest.bytes().all(|octet| octet.is_ascii_digit())
        };
        match text.split_once('-') {
            Some(("imsi", digits)) if is_number(digits) => Self::Imsi(digits.to_owned()),
            Some(("msisdn", digits)) if is_number(digits) => Self::Msisdn(digits.to_owned()),
            Some(("impi", impi)) if !impi.is_empty() => Self::Impi(impi.to_owned()),
            Some(("impu", impu)) if !impu.is_empty() => Self::Impu(impu.to_owned()),
            _ => Self::Unknown(text.to_owned()),
        }
    }
}

impl Operation {
    /// The method of a request for it.
    pub fn method(&self) -> &'static str {
        match self {
            Self::SubscriberData(_) => "GET",
            _ => "POST",
        }
    }

    /// The target of a request for it, below the path of an apiRoot; see [`Target::prefix`].
    pub fn target(&self, prefix: &str) -> String {
        let ue = |id: &UeId| percent_encode(&id.text());
        match self {
            Self::BootstrappingInfo => {
                format!("{prefix}/{NBSP}/{VERSION}/bootstrapping-info-retrieval")
            }
            Self::PushInfo => format!("{prefix}/{NBSP}/{VERSION}/push-info-retrieval"),
            Self::GenerateAuthData(id) => format!(
                "{prefix}/{UEAU}/{VERSION}/{}/security-information/generate-auth-data",
                ue(id)
            ),
            Self::SubscriberData(id) => {
                format!("{prefix}/{SDM}/{VERSION}/{}/subscriber-data", ue(id))
            }
            Self::Subscriptions(id) => {
                format!("{prefix}/{SDM}/{VERSION}/{}/subscriptions", ue(id))
            }
        }
    }
}

impl Target {
    /// Reads the target of a request: a path, or a URI with scheme and authority, which are
    /// dropped as is a query. An identity without its prefix is a deviation.
    ///
    /// `TooLong` for more than 4096 octets; `BadValue` for what leads to no resource of these
    /// services.
    pub fn parse(target: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        let bad = |why| DecodeError::BadValue { field: PATH, why };
        if target.len() > MAX_OCTETS {
            return Err(DecodeError::TooLong(PATH));
        }
        let text = str::from_utf8(target).map_err(|_| bad("the target is not UTF-8"))?;
        let path = path_of(text).ok_or_else(|| bad("the target has no path"))?;
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        if !segments.iter().any(|segment| is_service(segment)) {
            return Err(bad("no service of GBA has this path"));
        }
        let mut found = Deviations::default();
        // The path of an apiRoot may be anything, the name of a service included.
        let (start, operation) = (0..segments.len())
            .find_map(|start| Some((start, operation(&segments[start..], &mut found)?)))
            .ok_or_else(|| bad("the service has no such resource"))?;
        let prefix = segments[..start]
            .iter()
            .fold(String::new(), |prefix, segment| prefix + "/" + segment);
        Ok((Self { prefix, operation }, found.into_vec()))
    }
}

fn path_of(target: &str) -> Option<&str> {
    let path = match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => &rest[rest.find('/')?..],
        _ => target,
    };
    let path = path.split(['?', '#']).next()?;
    path.starts_with('/').then_some(path)
}

fn is_service(segment: &str) -> bool {
    [NBSP, UEAU, SDM].contains(&segment)
}

fn operation(segments: &[&str], found: &mut Deviations) -> Option<Operation> {
    match segments {
        [NBSP, VERSION, "bootstrapping-info-retrieval"] => Some(Operation::BootstrappingInfo),
        [NBSP, VERSION, "push-info-retrieval"] => Some(Operation::PushInfo),
        [
            UEAU,
            VERSION,
            id,
            "security-information",
            "generate-auth-data",
        ] => Some(Operation::GenerateAuthData(ue_id(id, found))),
        [SDM, VERSION, id, "subscriber-data"] => Some(Operation::SubscriberData(ue_id(id, found))),
        [SDM, VERSION, id, "subscriptions"] => Some(Operation::Subscriptions(ue_id(id, found))),
        _ => None,
    }
}

fn ue_id(segment: &str, found: &mut Deviations) -> UeId {
    let octets = percent_decode(segment.as_bytes());
    let id = UeId::from_text(&String::from_utf8_lossy(&octets));
    if let UeId::Unknown(text) = &id {
        let rule = "ueId is imsi- or msisdn- with 5 to 15 digits, impi- or impu- (TS 29.562)";
        found.note(Kind::BadUeId, "ueId", rule, text.as_bytes());
    }
    id
}
