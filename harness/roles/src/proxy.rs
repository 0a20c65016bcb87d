//! The authentication proxy: a NAF and reverse proxy in front of application servers (TS 24.109
//! clause 7, Annexes D and G, TS 33.222).

mod policy;

use std::collections::BTreeMap;

use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::{Field, Message};

pub use policy::{
    ASSERTED_IDENTITY, AUTHORIZATION_FLAGS, AssertedFacts, FieldFacts, HostFacts,
    INTENDED_IDENTITY, IdentityDecision, IdentityFacts, KeyNameFacts, ProxyPolicy, application,
    asserted, clean, flags, has_sound_fields, identity, is_about_the_connection,
    keeps_answer_field, keeps_field, key_name, unanswered,
};

use policy::is_token;

use crate::channel::{Channel, Channels};
use crate::role::{After, ConnectionId, Input, Moment, Output, Role, Unanswered, Upstream};
use crate::text;
use crate::ua::keys::{KeySource, NafKey, ZnRefusal};
use crate::ua::zn::ZnSource;
use crate::ua::{Authenticated, Service, UaConfig, UaServer, path_of};

/// So many requests may wait for their answers; the oldest is forgotten first.
const WAITING: usize = 1024;
/// The methods that are passed on; the others of RFC 9110 need more than passing on.
const METHODS: [&[u8]; 5] = [b"GET", b"PUT", b"POST", b"DELETE", b"PATCH"];
const SERVER: &str = "Authentication Proxy; Release-6";

/// An application server behind the proxy.
pub struct Application {
    /// The name under which clients ask for it; part of the realm and of the keys.
    pub fqdn: String,
    /// What the proxy asks for the keys of its users: the BSF, over Zn.
    pub source: Box<dyn KeySource>,
}

/// An authentication proxy.
pub struct Proxy {
    /// The names, in the order of `servers`.
    names: Vec<String>,
    /// The digest server half of each name.
    servers: Vec<UaServer>,
    waiting: BTreeMap<ConnectionId, Waiting>,
    channels: Channels,
    policy: ProxyPolicy,
}

/// A request whose answer the application server owes.
struct Waiting {
    server: usize,
    /// Whom the answer is proved to; nobody where the policy let the request pass without proof.
    user: Option<Authenticated>,
    after: After,
}

impl Proxy {
    /// A proxy that has challenged no one yet, before at least one application server; equal seeds
    /// give equal nonces.
    pub fn new(applications: Vec<Application>, policy: ProxyPolicy, seed: u64) -> Self {
        let names: Vec<String> = applications
            .iter()
            .map(|application| application.fqdn.clone())
            .collect();
        let first = names.first().cloned().unwrap_or_default();
        let servers = applications
            .into_iter()
            .zip(0..)
            .map(|(application, place)| {
                let key_name = (policy.key_name)(&KeyNameFacts {
                    asked: &application.fqdn,
                    first: &first,
                });
                let source = Named {
                    name: key_name,
                    source: application.source,
                };
                let config = UaConfig {
                    fqdn: application.fqdn,
                    service: Service::Naf,
                    source: ZnSource::StandIn(Box::new(source)),
                    algorithms: vec![Algorithm::Md5],
                    server: SERVER,
                };
                UaServer::new(config, &policy.ua, seed.wrapping_add(place))
            });
        Proxy {
            servers: servers.collect(),
            names,
            waiting: BTreeMap::new(),
            channels: Channels::default(),
            policy,
        }
    }

    /// The names of the application servers behind it.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn request(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        request: &Message,
        channel: &Channel,
    ) -> Output {
        let after = text::after(request);
        match self.checked(now, request, channel) {
            Ok((message, server, user)) => {
                if self.waiting.len() == WAITING {
                    self.waiting.pop_first();
                }
                let waiting = Waiting {
                    server,
                    user,
                    after,
                };
                self.waiting.insert(connection, waiting);
                Output::Forward {
                    connection,
                    to: Upstream::As,
                    message,
                }
            }
            Err(message) => Output::Respond {
                connection,
                message,
                after,
            },
        }
    }

    /// The request for the application server, which that is and who sent it; or the answer that
    /// the proxy gives itself.
    fn checked(
        &mut self,
        now: Moment,
        request: &Message,
        channel: &Channel,
    ) -> Result<(Message, usize, Option<Authenticated>), Message> {
        let Some((method, target)) = text::request_line(request) else {
            return Err(plain(now, 400));
        };
        if !(self.policy.has_sound_fields)(request) {
            return Err(plain(now, 400));
        }
        let host = host(request);
        let place = (self.policy.application)(&HostFacts {
            host: &host,
            known: &self.names,
        });
        let server = place.and_then(|place| Some((place, self.servers.get_mut(place)?)));
        let Some((place, server)) = server else {
            return Err(plain(now, 421));
        };
        if !METHODS.contains(&method) {
            return Err(plain(now, 501));
        }
        // Nothing of a request is looked at before it is known whose it is (TS 24.109 clause 7).
        let user = server.authenticate(now, request, channel)?;
        let Ok(body) = request.content() else {
            return Err(plain(now, 400));
        };
        let own = user
            .as_ref()
            .map(|user| user.key.public_identities.as_slice());
        let decision = (self.policy.identity)(&IdentityFacts {
            intended: &identities(request, INTENDED_IDENTITY),
            claimed: &identities(request, ASSERTED_IDENTITY),
            own: own.unwrap_or_default(),
        });
        let asserted = match decision {
            IdentityDecision::Assert(asserted) => asserted,
            IdentityDecision::Refuse(status) => {
                let mut refusal = plain(now, status);
                if let Some(user) = &user {
                    server.sign(user, status, b"", &mut refusal);
                }
                return Err(refusal);
            }
        };
        let mut message = self.forwarded(request, method, target);
        let asserted = AssertedFacts {
            identities: &asserted,
            options: &connection_options(request),
        };
        for value in (self.policy.asserted)(&asserted) {
            message.push(ASSERTED_IDENTITY, value);
        }
        let flags = user.as_ref().map(|user| user.key.flags.as_slice());
        if let Some(flags) = (self.policy.flags)(flags.unwrap_or_default()) {
            message.push(AUTHORIZATION_FLAGS, flags);
        }
        message.push("Connection", "close");
        if !body.is_empty() || method != b"GET" {
            message = text::with_body(message, &body);
        }
        Ok((message, place, user))
    }

    /// The head of the request with the fields that are passed on, each on a line of its own.
    fn forwarded(&self, request: &Message, method: &[u8], target: &[u8]) -> Message {
        let options = connection_options(request);
        let start_line = [method, path_of(target), b"HTTP/1.1"].join(&b' ');
        let mut message = Message::request("");
        message.start_line = start_line;
        for (index, field) in request.fields.iter().enumerate() {
            let name = spelled(field);
            let earlier = &request.fields[..index];
            let facts = FieldFacts {
                name: &name,
                before: earlier.iter().filter(|other| other.is_named(&name)).count(),
            };
            let is_option = options.iter().any(|option| field.is_named(option));
            if (self.policy.keeps_field)(&facts) && !is_option {
                message.push(&name, (self.policy.clean)(&field.text()));
            }
        }
        message
    }

    fn answered(
        &mut self,
        now: Moment,
        connection: ConnectionId,
        answer: Result<&Message, Unanswered>,
    ) -> Vec<Output> {
        let Some(waiting) = self.waiting.remove(&connection) else {
            return Vec::new();
        };
        let message = match answer.and_then(readable) {
            Ok((answer, status, body)) => self.passed_on(&waiting, answer, status, &body),
            Err(why) => self.unanswered(now, &waiting, why),
        };
        vec![Output::Respond {
            connection,
            message,
            after: waiting.after,
        }]
    }

    /// The answer of the application server as the client gets it.
    fn passed_on(&self, waiting: &Waiting, answer: &Message, status: u16, body: &[u8]) -> Message {
        let options = connection_options(answer);
        let mut message = Message::response(status, text::reason_phrase(status));
        for field in &answer.fields {
            let is_option = options.iter().any(|option| field.is_named(option));
            let is_sound = is_token(&field.name);
            if is_sound && !is_option && (self.policy.keeps_answer_field)(&field.name) {
                let name = String::from_utf8_lossy(&field.name);
                message.push(&name, (self.policy.clean)(&field.text()));
            }
        }
        self.finished(waiting, message, status, body)
    }

    fn unanswered(&self, now: Moment, waiting: &Waiting, why: Unanswered) -> Message {
        let status = (self.policy.unanswered)(why);
        self.finished(waiting, text::response(status, SERVER, now), status, b"")
    }

    /// Proves the answer over the body that the client gets, and ends it.
    fn finished(
        &self,
        waiting: &Waiting,
        mut message: Message,
        status: u16,
        body: &[u8],
    ) -> Message {
        let is_bodiless = matches!(status, 204 | 304);
        let body = if is_bodiless { b"".as_slice() } else { body };
        if let (Some(user), Some(server)) = (&waiting.user, self.servers.get(waiting.server)) {
            server.sign(user, status, body, &mut message);
        }
        if is_bodiless {
            return message;
        }
        text::with_body(message, body)
    }
}

impl Role for Proxy {
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Output> {
        let channel = self.channels.follow(&input);
        match input {
            Input::Message {
                connection,
                message,
            } => vec![self.request(now, connection, message, &channel)],
            Input::Forwarded { connection, answer } => self.answered(now, connection, answer),
            Input::Unreadable { connection } => vec![Output::Respond {
                connection,
                message: plain(now, 400),
                after: After::Close,
            }],
            Input::Closed { connection } => {
                self.waiting.remove(&connection);
                Vec::new()
            }
            Input::Secured { .. }
            | Input::Diameter { .. }
            | Input::Asked { .. }
            | Input::TimedOut => Vec::new(),
            Input::Start(_) | Input::Reach(_) => vec![Output::Note(
                "a server takes no action of its own".to_owned(),
            )],
        }
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }
}

/// A source of keys that are made for the NAF with this name.
struct Named {
    name: String,
    source: Box<dyn KeySource>,
}

impl KeySource for Named {
    fn key(&mut self, now: Moment, btid: &str, naf_id: &NafId) -> Result<NafKey, ZnRefusal> {
        let protocol = naf_id.as_bytes().last_chunk::<5>();
        let protocol = protocol.map_or(UaProtocolId::HTTP_DIGEST, |octets| {
            UaProtocolId::new(*octets)
        });
        self.source
            .key(now, btid, &NafId::new(&self.name, protocol))
    }
}

/// An answer of the proxy itself without a body.
fn plain(now: Moment, status: u16) -> Message {
    text::with_body(text::response(status, SERVER, now), b"")
}

/// Status and content of an answer that can be passed on.
fn readable(answer: &Message) -> Result<(&Message, u16, Vec<u8>), Unanswered> {
    let status = answer.status().map_err(|_| Unanswered::Broken)?;
    let body = answer.content().map_err(|_| Unanswered::Broken)?;
    if !(200..600).contains(&status) {
        return Err(Unanswered::Broken);
    }
    Ok((answer, status, body.into_owned()))
}

/// The name in Host, in lower case and without its port.
fn host(request: &Message) -> String {
    let field = request.field("Host");
    let text = field.map(|field| String::from_utf8_lossy(&field.text()).to_ascii_lowercase());
    let text = text.unwrap_or_default();
    match text.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => name.to_owned(),
        _ => text,
    }
}

/// The fields that Connection says are about this connection only (RFC 9110 clause 7.6.1).
fn connection_options(message: &Message) -> Vec<String> {
    let fields = message.fields_named("Connection");
    let options = fields.flat_map(|field| {
        let text = String::from_utf8_lossy(&field.text()).into_owned();
        let options: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        options
    });
    options.filter(|option| !option.is_empty()).collect()
}

/// The name of a field as it is spelled, with the blanks before its colon.
fn spelled(field: &Field) -> String {
    let blanks = field.separator.split(|&octet| octet == b':').next();
    let octets = [field.name.as_slice(), blanks.unwrap_or_default()].concat();
    String::from_utf8_lossy(&octets).into_owned()
}

/// The identities in all fields of this name, with or without quotes (TS 24.109 Annex G; open
/// question U-17).
fn identities(request: &Message, name: &str) -> Vec<String> {
    let fields = request.fields_named(name);
    let values = fields.flat_map(|field| {
        let text = String::from_utf8_lossy(&field.text()).into_owned();
        let values: Vec<String> = text
            .split(',')
            .map(|value| value.trim().trim_matches('"').to_owned())
            .collect();
        values
    });
    values.filter(|value| !value.is_empty()).collect()
}
