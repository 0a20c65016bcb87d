//! From a template to the bytes of a message: placeholders, computed values, changes.
//!
//! ```text
//! template ─ fill placeholders ─► message ─ change ─► compute {response}, {rspauth} ─ spoil ─► bytes
//! ```
//!
//! The digest is computed from the directives as they stand after `change`, so that a changed
//! message is consistent; `spoil` comes after it and breaks the message on purpose.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand, Sqn};
use gbaspec_wire::auts;
use gbaspec_wire::date;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use rand::RngExt as _;
use rand::rngs::ChaCha8Rng;

use crate::case::{
    AutsAmf, Case, Password, ResponseSpec, RspauthSpec, Send, SqnMs, SubscriberChoice, VectorSpec,
    VectorSqn,
};
use crate::element::Element;
use crate::scene::{Scene, Subscriber};
use crate::transcript::Transcript;
use crate::view::{View, digest_input, response_of, rspauth_of};

/// A body that replaces the template's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(pub String);

/// One change to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Sets a directive of the authentication header to these raw characters, quotes included;
    /// it is added at the end if it is not there.
    SetDirective {
        /// Its name.
        name: String,
        /// What stands after the equals sign.
        to: String,
    },
    /// Adds a directive at the end, even if it is there already.
    AddDirective {
        /// Its name.
        name: String,
        /// What stands after the equals sign.
        to: String,
    },
    /// Removes a directive of the authentication header.
    DropDirective {
        /// Its name.
        name: String,
    },
    /// Flips one bit of the last hex digit of a directive.
    FlipDirective {
        /// Its name.
        name: String,
    },
    /// Sets a header; it is added at the end if it is not there.
    SetHeader {
        /// Its name.
        name: String,
        /// Its value.
        to: String,
    },
    /// Removes all headers of this name.
    DropHeader {
        /// Its name.
        name: String,
    },
    /// Replaces the start line.
    StartLine {
        /// The new one, without the line end.
        to: String,
    },
    /// Replaces a text wherever it stands in the message.
    Replace {
        /// The text.
        text: String,
        /// What takes its place.
        by: String,
    },
}

/// The placeholders of templates and matchers.
pub const PLACEHOLDERS: &[(&str, &str)] = &[
    ("ue.impi", "private identity of the subscriber"),
    ("bsf.fqdn", "name of the BSF"),
    ("bsf.authority", "name of the BSF with its port"),
    ("naf.fqdn", "name of the NAF"),
    ("naf.authority", "name of the NAF with its port"),
    ("portal.fqdn", "name of the PKI portal"),
    ("portal.authority", "name of the PKI portal with its port"),
    ("session.btid", "B-TID of the Ua session"),
    ("challenge.realm", "realm of the challenge that is answered"),
    ("challenge.nonce", "nonce of the challenge that is answered"),
    (
        "challenge.opaque",
        "opaque of the challenge that is answered",
    ),
    (
        "challenge.algorithm",
        "algorithm of the challenge that is answered",
    ),
    (
        "challenge.qop",
        "auth-int, unless the challenge that is answered offers only another",
    ),
    ("request.cnonce", "cnonce of the request that is answered"),
    ("request.nc", "nc of the request that is answered"),
    ("cnonce", "a new client nonce"),
    (
        "nonce",
        "nonce of a new authentication vector, made as the step says",
    ),
    ("server-nonce", "nonce of a plain digest challenge"),
    ("auts", "AUTS, made as the step says"),
    ("response", "digest response, made as the step says"),
    ("rspauth", "digest of the response, made as the step says"),
    ("btid", "B-TID of the run that this message completes"),
    ("lifetime", "xs:dateTime one day ahead"),
    ("date", "HTTP-date of now"),
    ("expires", "HTTP-date one day ahead"),
    ("body.length", "length of the body in octets"),
];

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
}

/// Marks the place of an optional placeholder without a value until its directive is removed.
const NOTHING: &str = "\u{1}nothing\u{1}";
const DAY: i64 = 86_400;

impl Composer<'_> {
    /// The bytes of the message.
    pub fn compose(&self, send: &Send, stores: &mut Stores<'_>) -> Result<Vec<u8>, CannotCompose> {
        let text = send.template.text(self.scene.release);
        let (head, body) = text
            .split_once("\n\n")
            .unwrap_or((text.trim_end_matches('\n'), ""));
        let body = send.body.as_ref().map_or(body, |body| body.0.as_str());
        let body = self.fill(body, send, "", stores)?;
        let head = self.fill(head, send, &body, stores)?;
        let bytes = format!(
            "{}\r\n\r\n{body}",
            drop_nothing(&head).replace('\n', "\r\n")
        );
        let message = Message::from_bytes(bytes.as_bytes()).map_err(|why| CannotCompose {
            missing: format!("a message that can be built: {why}"),
        })?;
        let message = self.edited(message, &send.change, send);
        let message = self.signed(message, send)?;
        Ok(self.edited(message, &send.spoil, send).to_bytes())
    }

    /// The text with its placeholders filled; `{response}` and `{rspauth}` stay.
    fn fill(
        &self,
        text: &str,
        send: &Send,
        body: &str,
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder {
                    name: "response", ..
                } => filled.push_str("{response}"),
                Piece::Placeholder {
                    name: "rspauth", ..
                } => filled.push_str("{rspauth}"),
                Piece::Placeholder { name, optional } => {
                    match self.value(name, send, body, stores)? {
                        Some(value) => filled.push_str(&value),
                        None if optional => filled.push_str(NOTHING),
                        None => {
                            return Err(CannotCompose {
                                missing: format!("a value for {{{name}}}"),
                            });
                        }
                    }
                }
            }
        }
        Ok(filled)
    }

    fn value(
        &self,
        name: &str,
        send: &Send,
        body: &str,
        stores: &mut Stores<'_>,
    ) -> Result<Option<String>, CannotCompose> {
        Ok(match name {
            "cnonce" | "server-nonce" => Some(HEXLOWER.encode(&stores.rng.random::<[u8; 16]>())),
            "nonce" => Some(self.nonce(&send.vector, stores)?),
            "auts" => Some(self.auts(send)?),
            "body.length" => Some(body.len().to_string()),
            "ue.impi" => Some(self.subscriber(send.subscriber).impi.clone()),
            "challenge.realm" => self.answered_directive("realm"),
            "challenge.nonce" => self.answered_directive("nonce"),
            "challenge.opaque" => self.answered_directive("opaque"),
            "challenge.algorithm" => self.answered_directive("algorithm"),
            "challenge.qop" => Some(self.answered_qop()),
            "request.cnonce" => self.answered_directive("cnonce"),
            "request.nc" => self.answered_directive("nc"),
            "btid" => self.btid(),
            "lifetime" => Some(date::utc_date_time(self.now + DAY)),
            "date" => Some(date::http_date(self.now)),
            "expires" => Some(date::http_date(self.now + DAY)),
            other => fixed_value(self.scene, self.case, self.transcript.subscriber, other),
        })
    }

    fn subscriber(&self, choice: SubscriberChoice) -> &Subscriber {
        self.scene.subscriber(self.transcript.subscriber, choice)
    }

    /// The message that this one answers, seen in its surroundings.
    fn answered(&self) -> Option<View<'_>> {
        View::new(self.scene, self.transcript, self.answers?)
    }

    /// A directive of the message that is answered: of its challenge or of its credentials.
    fn answered_directive(&self, name: &str) -> Option<String> {
        let view = self.answered()?;
        let list = view.challenge_list().or_else(|| view.credentials_list())?;
        let value = String::from_utf8_lossy(list.value(name)?);
        // The templates put it between quotes again (RFC 9110 5.6.4).
        Some(value.replace('\\', "\\\\").replace('"', "\\\""))
    }

    /// The qop to answer with: the one that protects the body, unless only another is offered.
    fn answered_qop(&self) -> String {
        const BEST: &str = "auth-int";
        let offered = self.answered_directive("qop").unwrap_or_default();
        let mut offered = offered
            .split(',')
            .map(str::trim)
            .filter(|qop| !qop.is_empty());
        let first = offered.next().unwrap_or(BEST);
        if offered.any(|qop| qop == BEST) {
            BEST.to_owned()
        } else {
            first.to_owned()
        }
    }

    /// The challenge that is answered, as RAND and AUTN.
    fn aka_challenge(&self) -> Result<(Rand, Autn), CannotCompose> {
        let nonce = self
            .answered()
            .and_then(|view| view.aka_nonce())
            .ok_or_else(|| CannotCompose {
                missing: "a challenge whose nonce holds RAND and AUTN".to_owned(),
            })?;
        Ok((Rand::from(nonce.rand), Autn::from(nonce.autn)))
    }

    /// B-TID of the run that the answered request completes (TS 33.220 4.5.2).
    fn btid(&self) -> Option<String> {
        let nonce = self.answered_directive("nonce")?;
        let nonce = AkaNonce::decode(nonce.as_bytes()).ok()?;
        Some(kdf::btid(Rand::from(nonce.rand), &self.scene.names.bsf))
    }

    /// A new nonce, as the step says (RFC 3310 3.2).
    fn nonce(&self, spec: &VectorSpec, stores: &mut Stores<'_>) -> Result<String, CannotCompose> {
        let rand = Rand::from(stores.rng.random::<[u8; 16]>());
        let sqn = self.vector_sqn(spec.sqn, stores.he)?;
        let subscriber = self.subscriber(spec.key);
        let amf = spec.amf.map_or(subscriber.amf, Amf::from);
        let mut autn = *subscriber.functions.autn(rand, sqn, amf).as_bytes();
        if let Some(bit) = spec.flip_mac_bit {
            flip_bit(&mut autn[8..], bit);
        }
        let mut octets = [rand.as_bytes().as_slice(), &autn, &spec.server_data].concat();
        octets.truncate(spec.cut_to.unwrap_or(usize::MAX));
        Ok(BASE64.encode(&octets))
    }

    fn vector_sqn(&self, choice: VectorSqn, he: &mut HeSqn) -> Result<Sqn, CannotCompose> {
        let zero = Sqn::from_bytes([0; 6]);
        Ok(match choice {
            VectorSqn::Next => he.advance(),
            VectorSqn::Zero => zero,
            VectorSqn::Repeated => he.last(),
            VectorSqn::OlderInAnotherSlot => {
                let scheme = &self.scene.scheme;
                let slots = 1u64 << scheme.ind_bits.min(16);
                if slots < 2 {
                    return Err(CannotCompose {
                        missing: "an SQN scheme with more than one slot".to_owned(),
                    });
                }
                let ind = (he.last().ind(scheme) + slots / 2) % slots;
                let seq = he.last().seq(scheme).saturating_sub(1);
                Sqn::from_parts(scheme, seq, ind).unwrap_or(zero)
            }
            VectorSqn::BeyondDelta => {
                let scheme = &self.scene.scheme;
                let seq = he
                    .last()
                    .seq(scheme)
                    .saturating_add(scheme.delta.saturating_mul(4));
                Sqn::from_parts(scheme, seq, 0).unwrap_or(zero)
            }
            VectorSqn::AfterAuts => {
                let sqn_ms = self.reported_sqn_ms().ok_or_else(|| CannotCompose {
                    missing: "an AUTS in the request that is answered".to_owned(),
                })?;
                he.resynchronise(sqn_ms);
                he.advance()
            }
        })
    }

    /// SQN_MS of the AUTS in the request that is answered.
    fn reported_sqn_ms(&self) -> Option<Sqn> {
        let list = self.answered()?.credentials_list()?;
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let auts = Auts::from(auts::decode(list.value("auts")?).ok()?);
        let subscriber = self.subscriber(SubscriberChoice::First);
        Some(
            subscriber
                .functions
                .open_auts(Rand::from(nonce.rand), &auts)
                .sqn_ms,
        )
    }

    /// AUTS for the challenge that is answered (TS 33.102 6.3.3), with the step's deviations.
    fn auts(&self, send: &Send) -> Result<String, CannotCompose> {
        let (rand, autn) = self.aka_challenge()?;
        let scheme = &self.scene.scheme;
        // The SQN is read with the key that belongs to the challenge, whoever makes the AUTS.
        let received = self
            .subscriber(send.subscriber)
            .functions
            .open_autn(rand, &autn)
            .sqn;
        let seq = match send.auts.sqn_ms {
            SqnMs::Ahead(steps) => received.seq(scheme).saturating_add(steps),
            SqnMs::Behind(steps) => received.seq(scheme).saturating_sub(steps),
        };
        let sqn_ms = Sqn::from_parts(scheme, seq, received.ind(scheme)).unwrap_or(received);
        let amf = match send.auts.amf {
            AutsAmf::Zero => Amf::RESYNC,
            AutsAmf::OfChallenge => autn.amf(),
        };
        let key = match send.auts.key {
            SubscriberChoice::First => self.subscriber(send.subscriber),
            other => self.subscriber(other),
        };
        let mut octets = key
            .functions
            .auts_with_amf(rand, sqn_ms, amf)
            .as_bytes()
            .to_vec();
        if let Some(bit) = send.auts.flip_bit {
            flip_bit(&mut octets, bit);
        }
        if let Some(length) = send.auts.octets {
            octets.resize(length.into(), 0);
        }
        let mut text = BASE64.encode(&octets);
        text.insert_str(text.len() / 2, &send.auts.junk);
        Ok(text)
    }

    /// Fills `{response}` and `{rspauth}` from the message as it stands.
    fn signed(&self, mut message: Message, send: &Send) -> Result<Message, CannotCompose> {
        let method = message
            .request_line()
            .map(|line| line.method.to_vec())
            .unwrap_or_default();
        let body = message.body.clone();
        for field in &mut message.fields {
            let Ok(value) = String::from_utf8(field.value.clone()) else {
                continue;
            };
            if value.contains("{response}") {
                let list = DirectiveList::parse_credentials(&field.value);
                let password = self.password(send, &list)?;
                let input = digest_input(&list, &password, &method, &body);
                let response = match send.response {
                    ResponseSpec::Right => response_of(&list, &input),
                    ResponseSpec::WithoutBodyHash => {
                        input.finish(&[&method, b":".as_slice(), input.uri].concat())
                    }
                };
                field.value = value.replace("{response}", &response).into_bytes();
            } else if value.contains("{rspauth}") {
                let rspauth = self.rspauth(send.rspauth, &body)?;
                field.value = value.replace("{rspauth}", &rspauth).into_bytes();
            }
        }
        Ok(message)
    }

    /// The password of `{response}`.
    fn password(&self, send: &Send, list: &DirectiveList) -> Result<Vec<u8>, CannotCompose> {
        let res = |choice: SubscriberChoice| {
            let (rand, _) = self.aka_challenge()?;
            Ok(self.subscriber(choice).functions.f2(rand).expose().to_vec())
        };
        let ks_naf = |at: Element| {
            let username = list.value("username").unwrap_or_default();
            let key = self.scene.ks_naf(username, at, self.transcript.subscriber);
            let key = key.or_else(|| Some(self.scene.session(self.case.session)?.ks_naf.clone()));
            let missing = || CannotCompose {
                missing: "a Ua session with its Ks_NAF".to_owned(),
            };
            Ok(key.ok_or_else(missing)?.expose().to_vec())
        };
        let (_, to) = self.ends;
        Ok(match send.password {
            Password::Res => res(send.subscriber)?,
            Password::Empty => Vec::new(),
            Password::ResAsHex => HEXLOWER.encode(&res(send.subscriber)?).into_bytes(),
            Password::ResAsBase64 => BASE64.encode(&res(send.subscriber)?).into_bytes(),
            Password::ResOfSecond => res(SubscriberChoice::Second)?,
            Password::ResOfNonce => {
                let nonce = AkaNonce::decode(list.value("nonce").unwrap_or_default());
                let nonce = nonce.map_err(|why| CannotCompose {
                    missing: format!("a nonce with a RAND: {why}"),
                })?;
                let functions = &self.subscriber(send.subscriber).functions;
                functions.f2(Rand::from(nonce.rand)).expose().to_vec()
            }
            Password::KsNaf => BASE64.encode(&ks_naf(to)?).into_bytes(),
            Password::KsNafRaw => ks_naf(to)?,
            Password::KsNafAsHex => HEXLOWER.encode(&ks_naf(to)?).into_bytes(),
            Password::KsNafOfOther => {
                let mut key = ks_naf(to)?;
                key.reverse();
                BASE64.encode(&key).into_bytes()
            }
        })
    }

    /// rspauth of a response that the harness sends (RFC 7616 3.5).
    fn rspauth(&self, spec: RspauthSpec, body: &[u8]) -> Result<String, CannotCompose> {
        let missing = || CannotCompose {
            missing: "a request with credentials to answer".to_owned(),
        };
        let request = self.answered().ok_or_else(missing)?;
        let list = request.credentials_list().ok_or_else(missing)?;
        let line = request.message.request_line().map_err(|_| missing())?;
        let password = request.right_password(&list).ok_or_else(missing)?;
        let over = if spec == RspauthSpec::OverRequestBody {
            &request.message.body
        } else {
            body
        };
        let input = digest_input(&list, &password, line.method, over);
        Ok(match spec {
            RspauthSpec::Right | RspauthSpec::OverRequestBody => rspauth_of(&list, &input),
            // With the method in A2 it is what a response over the same body would be.
            RspauthSpec::WithMethod => response_of(&list, &input),
            RspauthSpec::FlippedBit => flip_last_hex_digit(&rspauth_of(&list, &input)),
        })
    }

    /// The message after these edits, one after the other.
    fn edited(&self, mut message: Message, edits: &[Edit], send: &Send) -> Message {
        for edit in edits {
            message = self.edited_once(message, edit, send);
        }
        message
    }

    fn edited_once(&self, mut message: Message, edit: &Edit, send: &Send) -> Message {
        let text = |text: &str| {
            let subscriber = &self.subscriber(send.subscriber).impi;
            let text = text.replace("{ue.impi}", subscriber);
            fill_fixed(self.scene, self.case, self.transcript.subscriber, &text)
        };
        match edit {
            Edit::SetDirective { name, to } => {
                edit_directives(&mut message, |list| list.set_raw(name, text(to).as_bytes()));
            }
            Edit::AddDirective { name, to } => {
                edit_directives(&mut message, |list| {
                    list.push_raw(name, text(to).as_bytes());
                });
            }
            Edit::DropDirective { name } => edit_directives(&mut message, |list| list.remove(name)),
            Edit::FlipDirective { name } => edit_directives(&mut message, |list| {
                let value = list.value(name).unwrap_or_default();
                let flipped = flip_last_hex_digit(&String::from_utf8_lossy(value));
                list.set_raw(name, format!("\"{flipped}\"").as_bytes());
            }),
            Edit::SetHeader { name, to } => message.set(name, text(to)),
            Edit::DropHeader { name } => message.remove(name),
            Edit::StartLine { to } => message.start_line = text(to).into_bytes(),
            Edit::Replace { text: from, by } => {
                let whole = String::from_utf8_lossy(&message.to_bytes()).replace(from, &text(by));
                if let Ok(replaced) = Message::from_bytes(whole.as_bytes()) {
                    message = replaced;
                }
            }
        }
        message
    }
}

/// The text with the placeholders filled that do not depend on the play; others stay.
pub fn fill_fixed(scene: &Scene, case: &Case, subscriber: usize, text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Placeholder { name, optional } => fixed_value(scene, case, subscriber, name)
                .unwrap_or_else(|| {
                    let mark = if optional { "?" } else { "" };
                    format!("{{{name}{mark}}}")
                }),
        })
        .collect()
}

fn fixed_value(scene: &Scene, case: &Case, subscriber: usize, name: &str) -> Option<String> {
    Some(match name {
        "ue.impi" => scene
            .subscriber(subscriber, SubscriberChoice::First)
            .impi
            .clone(),
        "bsf.fqdn" => scene.names.bsf.clone(),
        "naf.fqdn" => scene.names.naf.clone(),
        "portal.fqdn" => scene.names.portal.clone(),
        "bsf.authority" => scene.authorities.bsf.clone(),
        "naf.authority" => scene.authorities.naf.clone(),
        "portal.authority" => scene.authorities.portal.clone(),
        "session.btid" => scene.session(case.session)?.btid.clone(),
        _ => return None,
    })
}

/// The names of placeholders in a text that are not known, with advice left to the caller.
pub fn unknown_placeholders(text: &str) -> Vec<String> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Placeholder { name, .. }
                if !PLACEHOLDERS.iter().any(|(known, _)| *known == name) =>
            {
                Some(name.to_owned())
            }
            _ => None,
        })
        .collect()
}

/// A template cut into text and placeholders.
enum Piece<'a> {
    Text(&'a str),
    Placeholder { name: &'a str, optional: bool },
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(open) = rest.find('{') else {
            return Some(Piece::Text(std::mem::take(&mut rest)));
        };
        if open > 0 {
            let (before, after) = rest.split_at(open);
            rest = after;
            return Some(Piece::Text(before));
        }
        let inside = &rest[1..];
        let end = inside
            .find('}')
            .filter(|end| is_placeholder_name(&inside[..*end]));
        let Some(end) = end else {
            let (brace, after) = rest.split_at(1);
            rest = after;
            return Some(Piece::Text(brace));
        };
        let name = &inside[..end];
        rest = &inside[end + 1..];
        let optional = name.ends_with('?');
        Some(Piece::Placeholder {
            name: name.trim_end_matches('?'),
            optional,
        })
    })
}

fn is_placeholder_name(name: &str) -> bool {
    let name = name.strip_suffix('?').unwrap_or(name);
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b"-.".contains(&b))
}

/// Removes the directives whose optional value is missing.
fn drop_nothing(head: &str) -> String {
    let mut head = head.to_owned();
    while let Some(mark) = head.find(NOTHING) {
        let start = head[..mark].rfind([',', '\n']).unwrap_or(0);
        let after = mark + NOTHING.len();
        let end = head[after..]
            .find([',', '\n'])
            .map_or(head.len(), |end| after + end);
        head.replace_range(start..end, "");
    }
    head
}

/// The header that carries the directives of a message: one of the three of RFC 7616.
fn edit_directives(message: &mut Message, edit: impl FnOnce(&mut DirectiveList)) {
    for name in ["Authorization", "WWW-Authenticate", "Authentication-Info"] {
        let Some(value) = message.field(name).map(|field| field.value.clone()) else {
            continue;
        };
        let mut list = if name == "Authentication-Info" {
            DirectiveList::parse_info(&value)
        } else {
            DirectiveList::parse_credentials(&value)
        };
        edit(&mut list);
        message.set(name, list.to_bytes());
        return;
    }
}

/// Flips a bit, counted from the most significant one of the first octet.
fn flip_bit(octets: &mut [u8], bit: u8) {
    if let Some(octet) = octets.get_mut(usize::from(bit / 8)) {
        *octet ^= 0x80 >> (bit % 8);
    }
}

/// The text with the lowest bit of its last hex digit flipped.
fn flip_last_hex_digit(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    if let Some(last) = characters.last_mut()
        && let Some(digit) = last.to_digit(16)
    {
        *last = char::from_digit(digit ^ 1, 16).unwrap_or('0');
    }
    characters.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::{NOTHING, drop_nothing, flip_last_hex_digit, unknown_placeholders};

    #[test]
    fn names_unknown_placeholders_and_leaves_other_braces() {
        assert_eq!(
            unknown_placeholders("a {nonc} { b: c } {cnonce} {X}"),
            ["nonc"]
        );
    }

    #[test]
    fn drops_a_directive_without_a_value() {
        let head = format!("A: Digest realm=\"x\", opaque=\"{NOTHING}\", qop=auth\nB: c");
        assert_eq!(drop_nothing(&head), "A: Digest realm=\"x\", qop=auth\nB: c");
        let last = format!("A: Digest realm=\"x\", opaque=\"{NOTHING}\"\nB: c");
        assert_eq!(drop_nothing(&last), "A: Digest realm=\"x\"\nB: c");
    }

    #[test]
    fn flips_one_bit_of_a_digest() {
        assert_eq!(flip_last_hex_digit("c3010b8b"), "c3010b8a");
    }
}
