//! The PKI portal (TS 24.109 clause 6 and Annex E, TS 33.221): it certifies keys of subscribers,
//! and hands out the certificate of its own authority.

mod policy;

use gbaspec_crypto::pki::{
    Authority, Certificate, CertificationRequest, DistinguishedName, KeyPair, Validity,
};
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;
use gbaspec_wire::query;
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

pub use policy::{
    CaDelivery, CaRequest, Delivery, Document, EnrolmentRequest, IssueFacts, Look, PortalPolicy,
    ResponseForm, ca_status, certified_key, deliver, deliver_ca, enrolment_status, form, issue,
    issuer_name, look, read_request,
};

use crate::channel::{Channel, Channels};
use crate::proof;
use crate::role::{Input, Moment, Output, Role};
use crate::text;
use crate::ua::keys::{Enrolment, KeySource};
use crate::ua::zn::ZnSource;
use crate::ua::{Authenticated, Service, UaConfig, UaPolicy, UaServer, path_of};

/// The body of the 403 of table E.4-1, which the table itself leaves out although `auth-int`
/// needs one.
const REFUSAL: &[u8] =
    b"<html><head><title>403 Forbidden</title></head><body>Enrolment not allowed</body></html>\n";
/// The body of the 404 of table E.6-1, which has none either.
const NOT_FOUND: &[u8] =
    b"<html><head><title>404 Not Found</title></head><body>No such certificate</body></html>\n";
/// How long an answer stays fresh; table E.4-1 shows one day and one second.
const FRESH_SECONDS: i64 = 86_401;
/// How long a certificate of a subscriber is valid: a day.
const SUBSCRIBER_SECONDS: i64 = 86_400;
/// How long the one of the authority is valid: a year.
const AUTHORITY_SECONDS: i64 = 31_536_000;
/// Clocks differ: certificates are valid from five minutes before they are issued.
const EARLIER_SECONDS: i64 = 300;
/// Keys are drawn from a generator of their own, so that nonces do not depend on them.
const SEED_OF_KEYS: u64 = 0x706b_6920_6b65_7973;

/// What a portal is set up with.
pub struct PortalConfig {
    /// The name under which clients reach it.
    pub fqdn: String,
    /// Where it gets its keys from.
    pub source: Box<dyn KeySource>,
    /// The name of its certificate authority.
    pub authority: DistinguishedName,
}

/// A PKI portal: a NAF with the Ua protocol identifier 01 00 00 00 00, and a certificate authority.
pub struct Portal {
    ua: UaServer,
    channels: Channels,
    authority: Authority,
    /// Another one of the same name, which signs nothing by the rules.
    stranger: Authority,
    serials: ChaCha8Rng,
}

/// What a portal answers to a request with the right digest.
struct Reply {
    status: u16,
    document: Document,
}

impl Portal {
    /// A portal that has challenged no one yet; equal seeds give equal nonces and equal keys.
    pub fn new(config: PortalConfig, policy: UaPolicy, seed: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed ^ SEED_OF_KEYS);
        let mut authority = || {
            let key = KeyPair::from_seed(&text::random(&mut generator));
            Authority::new(config.authority.clone(), key)
        };
        let (own, stranger) = (authority(), authority());
        let config = UaConfig {
            fqdn: config.fqdn,
            service: Service::Portal,
            source: ZnSource::StandIn(config.source),
            algorithms: vec![Algorithm::Md5],
            server: "Apache/1.3.22 (Unix) mod_perl/1.27",
        };
        Portal {
            ua: UaServer::new(config, &policy, seed),
            channels: Channels::default(),
            authority: own,
            stranger,
            serials: generator,
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
        match method {
            b"POST" => self.enrolled(now, request, channel, path_of(target)),
            b"GET" if path_of(target).starts_with(b"/getcertificate") => {
                self.ca_delivered(now, request, channel, path_of(target))
            }
            _ => {
                let mut answer = self.ua.response(now, 405);
                answer.push("Allow", "POST");
                text::with_body(answer, b"")
            }
        }
    }

    /// The answer to an enrolment request (TS 24.109 clauses E.3 and E.4).
    fn enrolled(
        &mut self,
        now: Moment,
        message: &Message,
        channel: &Channel,
        target: &[u8],
    ) -> Message {
        let policy = self.ua.policy.portal;
        let body = message.content().unwrap_or_default();
        let read = (policy.read_request)(&body);
        let facts = EnrolmentRequest {
            enrolment: Enrolment::Allowed,
            form: (policy.form)(query::parameter(target, "response")),
            content_type: content_type(message),
            request: read.as_ref().map_err(|why| *why),
        };
        let early = (policy.enrolment_status)(&facts);
        if (policy.look)() == Look::BeforeAuthentication && early != 200 {
            return text::with_body(self.ua.response(now, early), b"");
        }
        // Authentication comes before any certificate work (TS 33.221).
        let user = match self.ua.authenticate(now, message, channel) {
            Ok(user) => user,
            Err(rejection) => return rejection,
        };
        let enrolment = user
            .as_ref()
            .map_or(Enrolment::Allowed, |user| user.key.enrolment);
        let status = (policy.enrolment_status)(&EnrolmentRequest { enrolment, ..facts });
        let document = match (status, &read) {
            (200, Ok(request)) => {
                self.certificate(now, request, facts.form.unwrap_or(ResponseForm::Single))
            }
            // No rule leads here; a fault does, and whatever it hands out is a certificate.
            (200, Err(_)) => self.ca_document(now),
            (403, _) => html(REFUSAL),
            _ => html(b""),
        };
        let reply = Reply { status, document };
        let mut answer = self.signed(now, user.as_ref(), &reply);
        answer.push("Expires", text::http_date(now.plus_seconds(FRESH_SECONDS)));
        text::with_body(answer, &reply.document.body)
    }

    /// The answer to a request for the certificate of an authority (TS 24.109 clauses E.5 and E.6).
    fn ca_delivered(
        &mut self,
        now: Moment,
        message: &Message,
        channel: &Channel,
        target: &[u8],
    ) -> Message {
        let policy = self.ua.policy.portal;
        let user = match self.ua.authenticate(now, message, channel) {
            Ok(user) => user,
            Err(rejection) => return rejection,
        };
        let asked = query::parameter(target, "in").and_then(policy.issuer_name);
        let status = (policy.ca_status)(&CaRequest {
            asked: asked.as_ref(),
            own: self.authority.name(),
        });
        let document = match status {
            200 => self.ca_document(now),
            404 => html(NOT_FOUND),
            _ => html(b""),
        };
        let reply = Reply { status, document };
        let answer = self.signed(now, user.as_ref(), &reply);
        text::with_body(answer, &reply.document.body)
    }

    /// A new certificate in the form that was asked for.
    fn certificate(
        &mut self,
        now: Moment,
        request: &CertificationRequest,
        form: ResponseForm,
    ) -> Document {
        let policy = self.ua.policy.portal;
        let serial: [u8; 8] = text::random(&mut self.serials);
        let certificate = (policy.issue)(&IssueFacts {
            authority: &self.authority,
            stranger: &self.stranger,
            subject: request.subject(),
            key: &(policy.certified_key)(request),
            serial: &serial,
            validity: validity(now, SUBSCRIBER_SECONDS),
        });
        let url = format!("http://{}/certificate/{}", self.fqdn(), text::hex(&serial));
        (policy.deliver)(&Delivery {
            form,
            certificate: &certificate,
            authority: &self.own_certificate(now),
            url: &url,
        })
    }

    fn ca_document(&self, now: Moment) -> Document {
        let validity = validity(now, AUTHORITY_SECONDS);
        (self.ua.policy.portal.deliver_ca)(&CaDelivery {
            certificate: &self.authority.certificate(validity),
            stranger: &self.stranger.certificate(validity),
        })
    }

    fn own_certificate(&self, now: Moment) -> Certificate {
        self.authority.certificate(validity(now, AUTHORITY_SECONDS))
    }

    /// The head of an answer with the proof of its sender.
    fn signed(&self, now: Moment, user: Option<&Authenticated>, reply: &Reply) -> Message {
        let mut answer = self.ua.response(now, reply.status);
        answer.push("Content-Type", reply.document.media_type);
        if let Some(user) = user {
            self.ua
                .sign(user, reply.status, &reply.document.body, &mut answer);
        }
        answer
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

fn validity(now: Moment, seconds: i64) -> Validity {
    Validity {
        from: now.plus_seconds(-EARLIER_SECONDS).unix_seconds(),
        to: now.plus_seconds(seconds).unix_seconds(),
    }
}

fn html(body: &[u8]) -> Document {
    Document {
        media_type: "text/html",
        body: body.to_vec(),
    }
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
