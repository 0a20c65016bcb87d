//! What every element does alike that speaks the service-based interfaces: requests and answers of
//! HTTP/2, and user security settings in JSON (TS 29.309, TS 29.562, TS 29.500).

use gbaspec_wire::error::{DecodeError, Deviation};
use gbaspec_wire::guss_xml;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::{self, MEDIA_TYPE, Operation, PROBLEM_MEDIA_TYPE, ProblemDetails, Target};

use crate::diameter::{Failure, IDENTITY_UNKNOWN, NOT_AUTHORIZED, TRANSACTION_IDENTIFIER_INVALID};

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status of the answer.
    pub status: u16,
    /// The problem in a few words.
    pub title: &'static str,
    /// The application error (TS 29.500 clause 5.2.7.2), where its word is sure.
    pub cause: Option<&'static str>,
}

impl Problem {
    const fn new(status: u16, title: &'static str) -> Self {
        Problem {
            status,
            title,
            cause: None,
        }
    }
}

/// Nothing has this path.
pub const NOT_FOUND: Problem = Problem::new(404, "no such resource");
/// The resource has another method.
pub const METHOD_NOT_ALLOWED: Problem = Problem::new(405, "the resource has another method");
/// The body is of another media type.
pub const UNSUPPORTED_MEDIA_TYPE: Problem = Problem::new(415, "the body is no application/json");
/// The body does not follow its schema.
pub const BAD_REQUEST: Problem = Problem::new(400, "the body does not follow its schema");

impl From<&Failure> for Problem {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Experimental(IDENTITY_UNKNOWN) => Problem {
                cause: Some("USER_NOT_FOUND"),
                ..Problem::new(404, "no such user")
            },
            Failure::Experimental(TRANSACTION_IDENTIFIER_INVALID) => {
                Problem::new(404, "no such transaction identifier")
            }
            Failure::Experimental(NOT_AUTHORIZED) => Problem::new(403, "not for this NAF"),
            Failure::UnableToComply => Problem::new(403, "there is no vector for that"),
            _ => BAD_REQUEST,
        }
    }
}

/// Whether a request came over HTTP/2, as all requests of these interfaces do.
pub(crate) fn is_http2(request: &Message) -> bool {
    request.start_line.ends_with(b" HTTP/2")
}

/// What a request is about.
pub(crate) fn operation(request: &Message) -> Result<Operation, Problem> {
    let line = request.request_line().map_err(|_| NOT_FOUND)?;
    let (target, _) = Target::parse(line.target).map_err(|_| NOT_FOUND)?;
    let operation = target.operation;
    if line.method != operation.method().as_bytes() {
        return Err(METHOD_NOT_ALLOWED);
    }
    if line.method == b"POST" && !is_json(request) {
        return Err(UNSUPPORTED_MEDIA_TYPE);
    }
    Ok(operation)
}

/// The body of a request or answer as its reader takes it, if it follows the schema.
pub(crate) fn strict<T>(read: Result<(T, Vec<Deviation>), DecodeError>) -> Result<T, Problem> {
    match read {
        Ok((value, deviations)) if deviations.is_empty() => Ok(value),
        Ok(_) | Err(_) => Err(BAD_REQUEST),
    }
}

/// A request for an operation at the element with this name.
pub fn request(operation: &Operation, host: &str, body: Option<String>) -> Message {
    let line = format!("{} {} HTTP/2", operation.method(), operation.target(""));
    let mut message = Message::request(&line);
    message.push("host", host);
    message.push("accept", format!("{MEDIA_TYPE}, {PROBLEM_MEDIA_TYPE}"));
    if let Some(body) = body {
        message.push("content-type", MEDIA_TYPE);
        message.body = body.into_bytes();
    }
    message
}

/// The answer with this body.
pub(crate) fn success(body: String) -> Message {
    let mut message = Message::request("HTTP/2 200");
    message.push("content-type", MEDIA_TYPE);
    message.body = body.into_bytes();
    message
}

/// The answer to a request that is refused.
pub fn refusal(problem: &Problem) -> Message {
    let mut message = Message::request(&format!("HTTP/2 {}", problem.status));
    message.push("content-type", PROBLEM_MEDIA_TYPE);
    let details = ProblemDetails {
        title: Some(problem.title.to_owned()),
        status: Some(u32::from(problem.status)),
        cause: problem.cause.map(str::to_owned),
        ..ProblemDetails::default()
    };
    message.body = details.emit().into_bytes();
    message
}

/// Settings for services as JSON has them. Those whose numbers are none are left out.
pub(crate) fn uss_to_json(list: &guss_xml::UssList) -> Vec<sbi::Uss> {
    let settings = list.0.iter().filter_map(|uss| {
        let flags = uss.flags.iter().filter_map(|flag| flag.parse().ok());
        Some(sbi::Uss {
            gs_id: uss.id.parse().ok()?,
            gs_type: uss.kind.parse().unwrap_or_default(),
            ue_ids: uss.uids.clone(),
            naf_group: uss.naf_group.clone(),
            flags: flags.collect(),
            key_choice: None,
        })
    });
    settings.collect()
}

/// Settings for services as XML has them.
pub(crate) fn uss_from_json(list: &[sbi::Uss]) -> guss_xml::UssList {
    let settings = list.iter().map(|uss| guss_xml::Uss {
        id: uss.gs_id.to_string(),
        kind: uss.gs_type.to_string(),
        naf_group: uss.naf_group.clone(),
        uids: uss.ue_ids.clone(),
        flags: uss.flags.iter().map(u32::to_string).collect(),
    });
    guss_xml::UssList(settings.collect())
}

/// All settings of a subscriber as JSON has them.
pub(crate) fn guss_to_json(guss: &guss_xml::Guss) -> sbi::Guss {
    let info = &guss.bsf_info;
    sbi::Guss {
        bsf_info: Some(sbi::BsfInfo {
            uicc_type: info.uicc_type.map(|kind| match kind {
                guss_xml::UiccType::Gba => sbi::UiccType::Gba,
                guss_xml::UiccType::GbaU => sbi::UiccType::GbaU,
            }),
            life_time: info.life_time,
            security_features: Vec::new(),
        }),
        uss_list: uss_to_json(&guss.uss_list),
    }
}

/// All settings of the subscriber with this private identity as XML has them.
pub(crate) fn guss_from_json(impi: &str, guss: &sbi::Guss) -> guss_xml::Guss {
    let info = guss.bsf_info.clone().unwrap_or_default();
    guss_xml::Guss {
        id: impi.to_owned(),
        bsf_info: guss_xml::BsfInfo {
            uicc_type: info.uicc_type.and_then(|kind| match kind {
                sbi::UiccType::Gba => Some(guss_xml::UiccType::Gba),
                sbi::UiccType::GbaU => Some(guss_xml::UiccType::GbaU),
                sbi::UiccType::Unknown(_) => None,
            }),
            life_time: info.life_time,
            security_features: Vec::new(),
        },
        uss_list: uss_from_json(&guss.uss_list),
    }
}

fn is_json(request: &Message) -> bool {
    let value = request.field("content-type").map(|field| field.text());
    let value = value.unwrap_or_default();
    let kind = value.split(|&octet| octet == b';').next();
    kind.unwrap_or_default()
        .trim_ascii()
        .eq_ignore_ascii_case(MEDIA_TYPE.as_bytes())
}
