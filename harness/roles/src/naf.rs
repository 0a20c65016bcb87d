//! A network application function that serves one page (TS 24.109 clause 5, Annex B.3).

use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::http::Message;

use crate::channel::{Channel, Channels};
use crate::proof;
use crate::psk::{PskAnswer, PskHandshake};
use crate::role::{Input, Moment, Output, Role};
use crate::text;
use crate::ua::keys::KeySource;
use crate::ua::{Service, UaConfig, UaPolicy, UaServer};

/// The page.
const PAGE: &[u8] = b"<html><body>ok</body></html>\n";

/// What a NAF or portal is set up with.
pub struct NafConfig {
    /// The name under which clients reach it; part of its realm and of its keys.
    pub fqdn: String,
    /// What it asks for the keys of its users: the BSF, over Zn.
    pub source: Box<dyn KeySource>,
    /// The algorithms of its challenges, in this order (RFC 7616 clause 3.7).
    pub algorithms: Vec<Algorithm>,
}

/// A network application function.
pub struct Naf {
    ua: UaServer,
    channels: Channels,
}

impl Naf {
    /// A NAF that has challenged no one yet; equal seeds give equal nonces.
    pub fn new(config: NafConfig, policy: UaPolicy, seed: u64) -> Self {
        let config = UaConfig {
            fqdn: config.fqdn,
            service: Service::Naf,
            source: config.source,
            algorithms: config.algorithms,
            server: "NAF1 Application Server; Release-6",
        };
        Naf {
            ua: UaServer::new(config, policy, seed),
            channels: Channels::default(),
        }
    }

    /// The name under which clients reach it.
    pub fn fqdn(&self) -> &str {
        self.ua.fqdn()
    }

    fn answer(&mut self, now: Moment, request: &Message, channel: &Channel) -> Message {
        let Some((method, _)) = text::request_line(request) else {
            return self.ua.malformed(now);
        };
        if ![b"GET".as_slice(), b"POST"].contains(&method) {
            let mut answer = self.ua.response(now, 405);
            answer.push("Allow", "GET, POST");
            return text::with_body(answer, b"");
        }
        // A handshake with the key of the NAF has proved who the client is (TS 24.109
        // clause 5.3.3).
        let is_known = channel.tls().is_some_and(|tls| tls.psk_identity.is_some());
        let authenticated = if is_known {
            None
        } else {
            match self.ua.authenticate(now, request, channel) {
                Ok(authenticated) => authenticated,
                Err(rejection) => return rejection,
            }
        };
        let mut answer = self.ua.response(now, 200);
        answer.push("Content-Type", "text/html");
        if let Some(user) = authenticated {
            let next = self.ua.next_nonce();
            self.ua
                .sign_and_propose(&user, 200, (PAGE, next), &mut answer);
        }
        text::with_body(answer, PAGE)
    }
}

impl Role for Naf {
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

    fn psk(&mut self, now: Moment, handshake: &PskHandshake<'_>) -> PskAnswer {
        self.ua.shared_key(now, handshake)
    }

    fn psk_hint(&self) -> Option<String> {
        (self.ua.policy.psk.hint)()
    }
}
