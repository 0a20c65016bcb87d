//! Reading a message of a transcript: the functions behind the table of facts.

pub(crate) mod aka;
mod bsf_info;
mod challenge;
mod credentials;
pub(crate) mod digest;
mod handshake;
pub(crate) mod http;
mod identity;
mod info;
pub(crate) mod near_misses;
pub(crate) mod network;
mod pki;
pub(crate) mod proof;
pub(crate) mod runs;
mod usim;

use gbaspec_crypto::kdf::NafId;
use gbaspec_wire::diameter::Packet;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::error::Deviation;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use self::digest::hash_of;
use crate::element::Element;
use crate::fact::Value;
use crate::protocol::Protocol;
use crate::scene::Scene;
use crate::subscriber::Subscriber;
use crate::transcript::{EntryKind, Transcript};

/// One message in its surroundings.
pub struct View<'a> {
    /// Names and keys.
    pub scene: &'a Scene,
    /// The play that it belongs to.
    pub transcript: &'a Transcript,
    /// Its entry.
    pub index: usize,
    /// The message, decoded; an empty one where it is none of HTTP.
    pub message: Message,
    /// The message, where it is one of Diameter.
    pub packet: Option<Packet>,
}

impl<'a> View<'a> {
    /// The message of this entry, if it holds one that can be decoded.
    pub fn new(scene: &'a Scene, transcript: &'a Transcript, index: usize) -> Option<Self> {
        let bytes = transcript.message_bytes(index)?;
        let is_packet = Protocol::of(bytes) == Protocol::Diameter;
        let (message, packet) = if is_packet {
            (Message::request(""), Some(Packet::from_bytes(bytes).ok()?))
        } else {
            (Message::from_bytes(bytes).ok()?, None)
        };
        Some(Self {
            scene,
            transcript,
            index,
            message,
            packet,
        })
    }

    /// The message of this entry, or the end of a handshake, which only the facts of TLS are about.
    pub(crate) fn of_entry(
        scene: &'a Scene,
        transcript: &'a Transcript,
        index: usize,
    ) -> Option<Self> {
        let kind = &transcript.entries.get(index)?.kind;
        if !matches!(kind, EntryKind::Secured { .. } | EntryKind::Unshared { .. }) {
            return Self::new(scene, transcript, index);
        }
        Some(Self {
            scene,
            transcript,
            index,
            message: Message::request(""),
            packet: None,
        })
    }

    /// Whether there is a message to read.
    pub(crate) fn has_message(&self) -> bool {
        self.transcript.message_bytes(self.index).is_some()
    }

    /// The elements between which it went: the one that spoke, the one that heard.
    pub fn ends(&self) -> Option<(Element, Element)> {
        match self.transcript.entries.get(self.index)?.kind {
            EntryKind::Sent { from, to, .. } | EntryKind::Received { from, to, .. } => {
                Some((from, to))
            }
            _ => None,
        }
    }

    /// What the keys for the element that hears this request are derived with: its name, and the Ua
    /// protocol of the connection.
    pub(crate) fn naf_id(&self) -> Option<NafId> {
        let (_, at) = self.ends()?;
        let protocol = self.transcript.ua_protocol(self.index, at);
        let host = self.host_name().unwrap_or_default();
        Some(self.scene.naf_id_of_host(at, &host, protocol))
    }

    /// The message that this one answers.
    pub fn answered(&self) -> Option<View<'a>> {
        View::new(
            self.scene,
            self.transcript,
            self.transcript.answered_by(self.index)?,
        )
    }

    /// The Digest credentials of a request.
    pub fn credentials_list(&self) -> Option<DirectiveList> {
        let field = self.message.field("Authorization")?;
        Some(DirectiveList::parse_credentials(&field.text()))
    }

    /// The challenge that the harness's client uses: the first one for AKAv1, else the first Digest
    /// one with an algorithm that it knows, else the first (RFC 3310 3.1, RFC 7616 3.7).
    pub fn challenge_list(&self) -> Option<DirectiveList> {
        let mut lists = self.challenge_lists();
        let is_digest = |list: &DirectiveList| {
            list.scheme
                .as_deref()
                .is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"digest"))
        };
        let is_aka = |list: &DirectiveList| {
            list.value("algorithm")
                .is_some_and(|value| value.eq_ignore_ascii_case(b"AKAv1-MD5"))
        };
        let is_known = |list: &DirectiveList| {
            let algorithm = list.value("algorithm").unwrap_or(b"MD5");
            hash_of(algorithm).is_some()
        };
        let chosen = lists
            .iter()
            .position(|list| is_digest(list) && is_aka(list))
            .or_else(|| {
                lists
                    .iter()
                    .position(|list| is_digest(list) && is_known(list))
            })
            .or_else(|| lists.iter().position(is_digest))
            .unwrap_or(0);
        (chosen < lists.len()).then(|| lists.swap_remove(chosen))
    }

    /// The first Digest challenge with this algorithm.
    pub(crate) fn challenge_list_for(&self, algorithm: &str) -> Option<DirectiveList> {
        self.challenge_lists().into_iter().find(|list| {
            let named = list.value("algorithm").unwrap_or(b"MD5");
            named.eq_ignore_ascii_case(algorithm.as_bytes())
        })
    }

    /// All challenges of a response, whatever their schemes, in their order.
    pub fn challenge_lists(&self) -> Vec<DirectiveList> {
        self.message
            .fields_named("WWW-Authenticate")
            .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
            .collect()
    }

    /// The Authentication-Info directives of a response.
    pub fn info_list(&self) -> Option<DirectiveList> {
        let field = self.message.field("Authentication-Info")?;
        Some(DirectiveList::parse_info(&field.text()))
    }

    /// The challenge's nonce, read as RAND, AUTN and server data.
    pub fn aka_nonce(&self) -> Option<AkaNonce> {
        AkaNonce::decode(self.challenge_list()?.value("nonce")?).ok()
    }

    /// The subscriber that this message is about.
    fn subject(&self) -> Option<&'a Subscriber> {
        if self.message.is_request() {
            let list = self.credentials_list();
            return self.subscriber_of(list.as_ref().and_then(|list| list.value("username")));
        }
        self.challenged()
    }

    /// The subscriber that this response is about.
    fn challenged(&self) -> Option<&'a Subscriber> {
        let request = self.answered();
        let list = request.as_ref().and_then(View::credentials_list);
        self.subscriber_of(list.as_ref().and_then(|list| list.value("username")))
    }
}

fn deviations(found: &[Deviation]) -> Value {
    if found.is_empty() {
        return Value::word("none");
    }
    Value::List(
        found
            .iter()
            .map(|deviation| {
                format!(
                    "{}: {} [{}]",
                    deviation.field, deviation.rule, deviation.found
                )
            })
            .collect(),
    )
}
