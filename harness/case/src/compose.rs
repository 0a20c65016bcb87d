//! From a template to the bytes of a message: placeholders, computed values, changes.
//!
//! ```text
//! template ─ fill placeholders ─► message ─ change ─► compute {response}, {rspauth} ─ code body ─ spoil ─► bytes
//! ```
//!
//! The digest is computed from the directives as they stand after `change`, so that a changed
//! message is consistent; `spoil` comes after it and breaks the message on purpose.

mod auts;
mod coding;
mod diameter;
mod edit;
mod network;
mod pki;
mod placeholders;
mod psk;
mod signature;
mod vector;

use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use rand::rngs::ChaCha8Rng;

use self::coding::chunked;
pub use self::edit::Edit;
pub use self::network::NewVector;
pub use self::pki::{PlayKeys, ca_name};
use self::placeholders::drop_nothing;
pub use self::placeholders::{all_placeholders, fill_fixed, unknown_placeholders};
pub use self::psk::{psk_client, psk_of_client};
use crate::case::{Case, Coding, Send, SubscriberChoice};
use crate::element::Element;
use crate::protocol::Protocol;
use crate::scene::Scene;
use crate::subscriber::{Subscriber, Usim};
use crate::transcript::Transcript;
use crate::view::View;

/// A body that replaces the template's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(pub String);

/// Why a message cannot be made; the step before it did not bring what it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CannotCompose {
    /// What is missing.
    pub missing: String,
}

/// What a message is made from.
pub struct Composer<'a> {
    /// The case.
    pub case: &'a Case,
    /// Names and keys.
    pub scene: &'a Scene,
    /// What happened so far.
    pub transcript: &'a Transcript,
    /// The entry that the message answers, if there is one.
    pub answers: Option<usize>,
    /// The element that the harness speaks as, and the one that it speaks to.
    pub ends: (Element, Element),
    /// Unix time in seconds.
    pub now: i64,
}

/// The mutable stores of a play.
pub struct Stores<'a> {
    /// The random choices.
    pub rng: &'a mut ChaCha8Rng,
    /// The harness's SQN counter when it plays the home network.
    pub he: &'a mut HeSqn,
    /// The keys behind certificates.
    pub keys: &'a mut PlayKeys,
    /// The vector of the message that is being made, once a part of it is used.
    pub vector: Option<NewVector>,
}

impl Composer<'_> {
    /// The bytes of the message.
    pub fn compose(&self, send: &Send, stores: &mut Stores<'_>) -> Result<Vec<u8>, CannotCompose> {
        if send.template.protocol() == Protocol::Diameter {
            return self.compose_diameter(send, stores);
        }
        let text = send.template.text(self.scene.release);
        let (head, body) = text
            .split_once("\n\n")
            .unwrap_or((text.trim_end_matches('\n'), ""));
        let body = send.body.as_ref().map_or(body, |body| body.0.as_str());
        // A document that is the whole body may be binary.
        let body = match self.document(body.trim_end_matches('\n'), send, stores)? {
            Some(octets) => octets,
            None => self.fill(body, send, &[], stores)?.into_bytes(),
        };
        let head = self.fill(head, send, &body, stores)?;
        let head = drop_nothing(&head).replace('\n', "\r\n");
        let bytes = [head.as_bytes(), b"\r\n\r\n", &body].concat();
        let message = Message::from_bytes(&bytes).map_err(|why| CannotCompose {
            missing: format!("a message that can be built: {why}"),
        })?;
        let message = self.edited(message, &send.change, send)?;
        let message = self.signed(message, send)?;
        let message = match send.coding {
            Coding::Identity => message,
            Coding::Chunked => chunked(message),
        };
        Ok(self.edited(message, &send.spoil, send)?.to_bytes())
    }

    fn subscriber(&self, choice: SubscriberChoice) -> &Subscriber {
        self.scene.subscriber(self.transcript.subscriber, choice)
    }

    /// The USIM of a subscriber, without which there is no AKA.
    fn usim(&self, choice: SubscriberChoice) -> Result<&Usim, CannotCompose> {
        let usim = self.subscriber(choice).usim();
        usim.ok_or_else(|| CannotCompose {
            missing: "a subscriber with a USIM".to_owned(),
        })
    }

    /// The message that this one answers, seen in its surroundings.
    fn answered(&self) -> Option<View<'_>> {
        View::new(self.scene, self.transcript, self.answers?)
    }

    /// The directives that are answered: a challenge, of several the one that the step names, or
    /// the credentials of a request.
    fn answered_list(&self, send: &Send) -> Option<DirectiveList> {
        let view = self.answered()?;
        match &send.algorithm {
            Some(algorithm) => view.challenge_list_for(algorithm),
            None => view.challenge_list().or_else(|| view.credentials_list()),
        }
    }

    /// A directive of these.
    fn answered_directive(&self, name: &str, send: &Send) -> Option<String> {
        let list = self.answered_list(send)?;
        let value = String::from_utf8_lossy(list.value(name)?);
        // The templates put it between quotes again (RFC 9110 5.6.4).
        Some(value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// The challenge that is answered, as RAND and AUTN.
    fn aka_challenge(&self, send: &Send) -> Result<(Rand, Autn), CannotCompose> {
        if let Some(given) = self.answered().and_then(|view| view.given_challenge()) {
            return Ok(given);
        }
        let nonce = self
            .answered_list(send)
            .and_then(|list| AkaNonce::decode(list.value("nonce")?).ok())
            .ok_or_else(|| CannotCompose {
                missing: "a challenge whose nonce holds RAND and AUTN".to_owned(),
            })?;
        Ok((Rand::from(nonce.rand), Autn::from(nonce.autn)))
    }
}
