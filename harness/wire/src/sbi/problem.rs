//! The body of an error (RFC 9457, TS 29.571 `ProblemDetails`).

use super::json::{self, Writer};
use crate::error::{DecodeError, Deviation};

/// Why a request was refused. All of it may be absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProblemDetails {
    /// A URI of the kind of problem.
    pub kind: Option<String>,
    /// The problem in a few words.
    pub title: Option<String>,
    /// The status of the answer.
    pub status: Option<u32>,
    /// What is special about this occurrence.
    pub detail: Option<String>,
    /// A URI of this occurrence.
    pub instance: Option<String>,
    /// The application error, a word of the service's specification.
    pub cause: Option<String>,
    /// The parameters that were refused.
    pub invalid_params: Vec<InvalidParam>,
}

/// A parameter that was refused.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct InvalidParam {
    /// Its name, or a JSON pointer to it.
    pub param: String,
    /// What is wrong with it.
    pub reason: Option<String>,
}

impl ProblemDetails {
    /// Reads a body.
    ///
    /// `TooLong` for more than 64 KiB or 16 levels; `BadValue` for what is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<(Self, Vec<Deviation>), DecodeError> {
        json::parse(bytes, |reader, object| Self {
            kind: reader.text(object, "type"),
            title: reader.text(object, "title"),
            status: reader.number(object, "status"),
            detail: reader.text(object, "detail"),
            instance: reader.text(object, "instance"),
            cause: reader.text(object, "cause"),
            invalid_params: reader.objects(object, "invalidParams", |reader, item| {
                reader.require(item, &["param"]);
                Some(InvalidParam {
                    param: reader.text(item, "param")?,
                    reason: reader.text(item, "reason"),
                })
            }),
        })
    }

    /// The body as JSON.
    pub fn emit(&self) -> String {
        let params = self.invalid_params.iter().map(|invalid| {
            Writer::default()
                .put("param", invalid.param.as_str())
                .maybe("reason", invalid.reason.as_deref())
        });
        Writer::default()
            .maybe("type", self.kind.as_deref())
            .maybe("title", self.title.as_deref())
            .maybe("status", self.status)
            .maybe("detail", self.detail.as_deref())
            .maybe("instance", self.instance.as_deref())
            .maybe("cause", self.cause.as_deref())
            .list("invalidParams", params)
            .text()
    }
}
