//! What a response proves: the Authentication-Info header.

use gbaspec_crypto::digest::{DigestInput, Qop};

use super::digest::{digest_input, response_of, rspauth_of};
use super::{View, deviations};
use crate::fact::Value;

impl View<'_> {
    pub(crate) fn info_directive(&self, name: &str) -> Option<Value> {
        self.info_list()?.value(name).map(Value::escaped)
    }

    pub(crate) fn info(&self) -> Option<Value> {
        self.info_list().map(|_| Value::word("there"))
    }

    pub(crate) fn info_form(&self) -> Option<Value> {
        let list = self.info_list()?;
        let (_, found) = gbaspec_wire::digest_header::AuthenticationInfo::parse(&list);
        Some(deviations(&found))
    }

    pub(crate) fn info_made_with(&self) -> Option<Value> {
        let info = self.info_list()?;
        let rspauth = info.value("rspauth")?;
        let request = self.answered()?;
        let list = request.credentials_list()?;
        let line = request.message.request_line().ok()?;
        let sent = request.message.content().ok()?;
        let content = self.message.content().ok()?;
        let password = request.right_password(&list)?;
        let right = digest_input(&list, &password, line.method, &content);
        let path = right.uri.split(|&b| b == b'?').next().unwrap_or(right.uri);
        let over = |body| DigestInput {
            body,
            ..right.clone()
        };
        let candidates = [
            ("response-body", rspauth_of(&list, &right)),
            ("empty-body", rspauth_of(&list, &over(b""))),
            ("request-body", rspauth_of(&list, &over(&sent))),
            // With the method in A2, rspauth is what a response over the same body would be.
            ("method", response_of(&list, &right)),
            (
                "path-only",
                rspauth_of(
                    &list,
                    &DigestInput {
                        uri: path,
                        ..right.clone()
                    },
                ),
            ),
            (
                "qop-auth",
                rspauth_of(
                    &list,
                    &DigestInput {
                        qop: Some(Qop::Auth),
                        ..right.clone()
                    },
                ),
            ),
        ];
        let made_with = candidates
            .iter()
            .find(|(_, candidate)| gbaspec_crypto::digest::digests_equal(candidate, rspauth));
        Some(Value::word(made_with.map_or("unknown", |(name, _)| name)))
    }
}
