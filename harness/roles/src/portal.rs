//! The PKI portal (TS 24.109 clause 6 and Annex E, TS 33.221).
//!
//! A permitted enrolment ends with an opaque placeholder instead of a certificate: this portal
//! proves the HTTP and key handling of Annex E; issuing real certificates comes with a later
//! issue.

use gbaspec_wire::http::Message;

use crate::channel::{Channel, Channels};
use crate::naf::NafConfig;
use crate::proof;
use crate::role::{Input, Moment, Output, Role};
use crate::text;
use crate::ua::{Enrolment, EnrolmentRequest, Service, UaConfig, UaPolicy, UaServer, path_of};

/// The body of the 403 of table E.4-1, which the table itself leaves out although `auth-int`
/// needs one.
const REFUSAL: &[u8] =
    b"<html><head><title>403 Forbidden</title></head><body>Enrolment not allowed</body></html>\n";
/// What stands in for a certificate.
const PLACEHOLDER: &[u8] = b"placeholder for an X.509 certificate\n";
/// How long an answer stays fresh; table E.4-1 shows one day and one second.
const FRESH_SECONDS: i64 = 86_401;

/// A PKI portal: a NAF with the Ua protocol identifier 01 00 00 00 00.
pub struct Portal {
    ua: UaServer,
    channels: Channels,
}

impl Portal {
    /// A portal that has challenged no one yet; equal seeds give equal nonces.
    pub fn new(config: NafConfig, policy: UaPolicy, seed: u64) -> Self {
        let config = UaConfig {
            fqdn: config.fqdn,
            service: Service::Portal,
            source: config.source,
            algorithms: config.algorithms,
            server: "Apache/1.3.22 (Unix) mod_perl/1.27",
        };
        Portal {
            ua: UaServer::new(config, policy, seed),
            channels: Channels::default(),
        }
    }

    /// The name under which clients reach it.
    pub fn fqdn(&self) -> &str {
        self.ua.fqdn()
    }

    fn answer(&mut self, now: Moment, request: &Message, channel: &Channel) -> Message {
        let Some((method, target)) = text::request_line(request) else {
            return self.ua.malformed(now);
        };
        if method != b"POST" {
            let mut answer = self.ua.response(now, 405);
            answer.push("Allow", "POST");
            return text::with_body(answer, b"");
        }
        // Authentication comes before any look at the certification request (TS 33.221).
        let authenticated = match self.ua.authenticate(now, request, channel) {
            Ok(authenticated) => authenticated,
            Err(rejection) => return rejection,
        };
        let status = (self.ua.policy.enrolment_status)(&EnrolmentRequest {
            enrolment: authenticated
                .as_ref()
                .map_or(Enrolment::Allowed, |user| user.key.enrolment),
            response: response_parameter(target),
            content_type: content_type(request),
        });
        let (media_type, body) = match status {
            200 => ("application/x-x509-user-cert", PLACEHOLDER),
            403 => ("text/html", REFUSAL),
            _ => ("text/html", b"".as_slice()),
        };
        let mut answer = self.ua.response(now, status);
        answer.push("Content-Type", media_type);
        if let Some(user) = &authenticated {
            self.ua.sign(user, status, body, &mut answer);
        }
        answer.push("Expires", text::http_date(now.plus_seconds(FRESH_SECONDS)));
        text::with_body(answer, body)
    }
}

impl Role for Portal {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        let channel = self.channels.follow(&input);
        proof::serve(input, |request| match request {
            Some(request) => self.answer(now, request, &channel),
            None => self.ua.malformed(now),
        })
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

/// The value of the `response` parameter (TS 24.109 clause 6.2.1: single, pointer or chain).
fn response_parameter(target: &[u8]) -> Option<&str> {
    let target = str::from_utf8(path_of(target)).ok()?;
    let (_, query) = target.split_once('?')?;
    query
        .split('&')
        .find_map(|parameter| parameter.strip_prefix("response="))
}

/// The media type of a request without its parameters.
fn content_type(request: &Message) -> &[u8] {
    let value = request
        .field("Content-Type")
        .map_or(b"".as_slice(), |field| field.value.as_slice());
    value
        .split(|&octet| octet == b';')
        .next()
        .unwrap_or_default()
        .trim_ascii()
}
