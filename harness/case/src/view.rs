//! Reading a message of a transcript: the functions behind the table of facts.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::token::{Autn, Auts, Rand};
use gbaspec_wire::auts;
use gbaspec_wire::bsf_xml::BootstrappingInfo;
use gbaspec_wire::btid::BTid;
use gbaspec_wire::date;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::error::Deviation;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;
use gbaspec_wire::realm::UaRealm;

use crate::element::Element;
use crate::fact::Value;
use crate::scene::{Scene, Subscriber};
use crate::transcript::{EntryKind, Transcript};

/// One message in its surroundings.
pub struct View<'a> {
    /// Names and keys.
    pub scene: &'a Scene,
    /// The play that it belongs to.
    pub transcript: &'a Transcript,
    /// Its entry.
    pub index: usize,
    /// The message, decoded.
    pub message: Message,
}

impl<'a> View<'a> {
    /// The message of this entry, if it holds one that can be decoded.
    pub fn new(scene: &'a Scene, transcript: &'a Transcript, index: usize) -> Option<Self> {
        let message = Message::from_bytes(transcript.message_bytes(index)?).ok()?;
        Some(Self {
            scene,
            transcript,
            index,
            message,
        })
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
        let mut lists: Vec<_> = self
            .message
            .fields_named("WWW-Authenticate")
            .flat_map(|field| DirectiveList::parse_challenges(&field.text()))
            .collect();
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

    /// The Authentication-Info directives of a response.
    pub fn info_list(&self) -> Option<DirectiveList> {
        let field = self.message.field("Authentication-Info")?;
        Some(DirectiveList::parse_info(&field.text()))
    }

    /// The challenge's nonce, read as RAND, AUTN and server data.
    pub fn aka_nonce(&self) -> Option<AkaNonce> {
        AkaNonce::decode(self.challenge_list()?.value("nonce")?).ok()
    }

    /// The subscriber that a request is about: the one with its username, else the play's.
    fn subscriber_of(&self, username: Option<&[u8]>) -> Option<&'a Subscriber> {
        username
            .and_then(|username| self.scene.subscriber_named(username))
            .or_else(|| self.scene.subscribers.get(self.transcript.subscriber))
    }

    /// The subscriber that this response is about.
    fn challenged(&self) -> Option<&'a Subscriber> {
        let request = self.answered();
        let list = request.as_ref().and_then(View::credentials_list);
        self.subscriber_of(list.as_ref().and_then(|list| list.value("username")))
    }

    // Any message.

    pub(crate) fn status(&self) -> Option<Value> {
        self.message
            .status()
            .ok()
            .map(|status| Value::Number(status.into()))
    }

    pub(crate) fn method(&self) -> Option<Value> {
        self.message
            .request_line()
            .ok()
            .map(|line| Value::escaped(line.method))
    }

    pub(crate) fn target(&self) -> Option<Value> {
        self.message
            .request_line()
            .ok()
            .map(|line| Value::escaped(line.target))
    }

    pub(crate) fn syntax(&self) -> Value {
        deviations(&self.message.deviations())
    }

    pub(crate) fn body(&self) -> Option<Value> {
        self.message
            .content()
            .ok()
            .map(|content| Value::escaped(&content))
    }

    pub(crate) fn body_octets(&self) -> Option<Value> {
        self.message
            .content()
            .ok()
            .map(|content| Value::Number(content.len() as u64))
    }

    pub(crate) fn content_type(&self) -> Option<Value> {
        let field = self.message.field("Content-Type")?;
        let text = field.text().to_ascii_lowercase();
        let media_type = text.split(|&b| b == b';').next()?;
        Some(Value::escaped(media_type.trim_ascii()))
    }

    // WWW-Authenticate.

    pub(crate) fn challenge(&self) -> Option<Value> {
        self.challenge_list()?.scheme.as_deref().map(Value::escaped)
    }

    pub(crate) fn challenge_directive(&self, name: &str) -> Option<Value> {
        self.challenge_list()?.value(name).map(Value::escaped)
    }

    pub(crate) fn challenge_form(&self) -> Option<Value> {
        let (_, found) = gbaspec_wire::digest_header::Challenge::parse(&self.challenge_list()?);
        Some(deviations(&found))
    }

    pub(crate) fn challenge_realm_prefixes(&self) -> Option<Value> {
        let realm = UaRealm::decode(self.challenge_list()?.value("realm")?).ok()?;
        let (from, _) = self.ends()?;
        let own = realm
            .offers
            .iter()
            .filter(|offer| offer.fqdn == self.scene.names.of(from));
        let prefixes =
            own.map(|offer| gbaspec_wire::escape::escape(offer.prefix.as_str().as_bytes()));
        Some(Value::List(prefixes.collect()))
    }

    pub(crate) fn challenge_qop(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        let words = list
            .value("qop")?
            .split(|&b| b == b',')
            .map(|word| gbaspec_wire::escape::escape(word.trim_ascii()));
        Some(Value::List(words.collect()))
    }

    pub(crate) fn challenge_nonce_aka(&self) -> Option<Value> {
        let list = self.challenge_list()?;
        Some(match AkaNonce::decode(list.value("nonce")?) {
            Ok(_) => Value::word("decodes"),
            Err(why) => Value::Text(why.to_string()),
        })
    }

    pub(crate) fn challenge_rand(&self) -> Option<Value> {
        Some(Value::Text(HEXLOWER.encode(&self.aka_nonce()?.rand)))
    }

    pub(crate) fn challenge_mac(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        let opened = self
            .challenged()?
            .functions
            .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
        Some(mac_word(opened.mac))
    }

    pub(crate) fn challenge_sqn(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        let opened = self
            .challenged()?
            .functions
            .open_autn(Rand::from(nonce.rand), &Autn::from(nonce.autn));
        Some(Value::Sqn(opened.sqn.value()))
    }

    pub(crate) fn challenge_amf(&self) -> Option<Value> {
        let nonce = self.aka_nonce()?;
        Some(Value::Text(
            HEXLOWER.encode(Autn::from(nonce.autn).amf().as_bytes()),
        ))
    }

    pub(crate) fn seq_of(&self, sqn: &Value) -> Option<Value> {
        let bits = self.scene.scheme.ind_bits.min(47);
        sqn.number().map(|sqn| Value::Number(sqn >> bits))
    }

    // Authorization.

    pub(crate) fn credential(&self, name: &str) -> Option<Value> {
        self.credentials_list()?.value(name).map(Value::escaped)
    }

    pub(crate) fn credentials(&self) -> Option<Value> {
        self.credentials_list()?
            .scheme
            .as_deref()
            .map(Value::escaped)
    }

    pub(crate) fn credentials_form(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let (_, found) = gbaspec_wire::digest_header::Credentials::parse(&list);
        Some(deviations(&found))
    }

    pub(crate) fn credentials_auts_octets(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let octets = BASE64.decode(list.value("auts")?).ok()?;
        Some(Value::Number(octets.len() as u64))
    }

    /// The AUTS of a request with the RAND of the nonce that it names.
    fn resynchronisation(&self) -> Option<(&'a Subscriber, Rand, Autn, Auts)> {
        let list = self.credentials_list()?;
        let auts = Auts::from(auts::decode(list.value("auts")?).ok()?);
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let subscriber = self.subscriber_of(list.value("username"))?;
        Some((
            subscriber,
            Rand::from(nonce.rand),
            Autn::from(nonce.autn),
            auts,
        ))
    }

    pub(crate) fn credentials_auts_mac(&self) -> Option<Value> {
        let (subscriber, rand, challenge, auts) = self.resynchronisation()?;
        let opened = subscriber.functions.open_auts(rand, &auts);
        if opened.mac == MacCheck::Valid {
            return Some(Value::word("valid"));
        }
        // The near misses name the likely fault (TS 33.102 6.3.3: AMF* is all zero, f1* not f1).
        let with_amf = subscriber
            .functions
            .auts_with_amf(rand, opened.sqn_ms, challenge.amf());
        if with_amf.mac_s() == auts.mac_s() {
            return Some(Value::word("challenge-amf"));
        }
        let f1 = subscriber
            .functions
            .f1(rand, opened.sqn_ms, gbaspec_crypto::token::Amf::RESYNC);
        let is_f1 = f1.as_bytes() == auts.mac_s().as_bytes();
        Some(Value::word(if is_f1 { "f1" } else { "mismatch" }))
    }

    pub(crate) fn credentials_auts_sqn_ms(&self) -> Option<Value> {
        let (subscriber, rand, _, auts) = self.resynchronisation()?;
        Some(Value::Sqn(
            subscriber.functions.open_auts(rand, &auts).sqn_ms.value(),
        ))
    }

    pub(crate) fn credentials_made_with(&self) -> Option<Value> {
        let list = self.credentials_list()?;
        let response = list.value("response")?;
        let method = self.message.request_line().ok()?.method.to_vec();
        let body = self.message.content().ok()?;
        let secrets = self.candidates(&list);
        let made_with = secrets.iter().find(|(_, password)| {
            let input = digest_input(&list, password, &method, &body);
            gbaspec_crypto::digest::digests_equal(&response_of(&list, &input), response)
        });
        Some(Value::word(made_with.map_or("unknown", |(name, _)| name)))
    }

    /// The passwords that a response can have been computed with, right and near miss.
    fn candidates(&self, list: &DirectiveList) -> Vec<(&'static str, Vec<u8>)> {
        let mut found = vec![("empty-password", Vec::new())];
        if is_aka(list) {
            if let Some(res) = self.res(list) {
                found.push(("res", res.clone()));
                found.push(("res-as-hex", HEXLOWER.encode(&res).into_bytes()));
                found.push(("res-as-base64", BASE64.encode(&res).into_bytes()));
            }
        } else if let Some(key) = self.ks_naf(list) {
            found.push(("ks-naf", BASE64.encode(&key).into_bytes()));
            found.push(("ks-naf-as-hex", HEXLOWER.encode(&key).into_bytes()));
            found.push(("ks-naf-raw", key));
        }
        found
    }

    /// RES for the RAND in the nonce of these credentials.
    fn res(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let nonce = AkaNonce::decode(list.value("nonce")?).ok()?;
        let subscriber = self.subscriber_of(list.value("username"))?;
        Some(
            subscriber
                .functions
                .f2(Rand::from(nonce.rand))
                .expose()
                .to_vec(),
        )
    }

    /// The password that the rule asks for: RES for an AKA algorithm (RFC 3310 3.3), else the
    /// base64 text of Ks_NAF (TS 24.109 5.2.2).
    pub(crate) fn right_password(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        if is_aka(list) {
            return self.res(list);
        }
        Some(BASE64.encode(&self.ks_naf(list)?).into_bytes())
    }

    /// Ks_NAF for the B-TID in these credentials, at the element that hears them.
    fn ks_naf(&self, list: &DirectiveList) -> Option<Vec<u8>> {
        let (_, at) = self.ends()?;
        let key = self
            .scene
            .ks_naf(list.value("username")?, at, self.transcript.subscriber)?;
        Some(key.expose().to_vec())
    }

    // Authentication-Info.

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

    // application/vnd.3gpp.bsf+xml.

    fn bootstrapping_info(&self) -> Option<(BootstrappingInfo, Vec<Deviation>)> {
        BootstrappingInfo::parse(&self.message.content().ok()?).ok()
    }

    pub(crate) fn bsf_info(&self) -> Option<Value> {
        // A page that says why something was refused is well-formed XML now and then, but hands out
        // no B-TID.
        let (info, _) = self.bootstrapping_info()?;
        (!info.btid.is_empty()).then(|| Value::word("there"))
    }

    pub(crate) fn bsf_info_form(&self) -> Option<Value> {
        self.bootstrapping_info()
            .map(|(_, found)| deviations(&found))
    }

    pub(crate) fn bsf_info_btid(&self) -> Option<Value> {
        self.bootstrapping_info()
            .map(|(info, _)| Value::escaped(info.btid.as_bytes()))
    }

    pub(crate) fn bsf_info_btid_rand(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let btid = BTid::decode(info.btid.as_bytes()).ok()?;
        let octets = BASE64.decode(&btid.key).ok()?;
        Some(Value::Text(HEXLOWER.encode(&octets)))
    }

    pub(crate) fn bsf_info_btid_domain(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let btid = BTid::decode(info.btid.as_bytes()).ok()?;
        Some(Value::escaped(btid.domain.as_bytes()))
    }

    pub(crate) fn bsf_info_lifetime(&self) -> Option<Value> {
        let (info, _) = self.bootstrapping_info()?;
        let Ok(expires) = date::parse_utc_date_time(info.lifetime.as_bytes()) else {
            return Some(Value::word("broken"));
        };
        let is_future = expires.saturating_mul(1000) > self.transcript.started_unix_millis;
        Some(Value::word(if is_future { "future" } else { "past" }))
    }

    // Dates.

    pub(crate) fn expires(&self) -> Option<Value> {
        let expires = self.message.field("Expires")?.text();
        let Ok(expires) = date::parse_http_date(&expires) else {
            return Some(Value::word("broken"));
        };
        let date = self
            .message
            .field("Date")
            .and_then(|field| date::parse_http_date(&field.text()).ok());
        let is_after = date.is_none_or(|date| expires >= date);
        Some(Value::word(if is_after {
            "after-date"
        } else {
            "before-date"
        }))
    }
}

/// The digest that these credentials ask for, with their own values.
pub(crate) fn digest_input<'a>(
    list: &'a DirectiveList,
    password: &'a [u8],
    method: &'a [u8],
    body: &'a [u8],
) -> DigestInput<'a> {
    let value = |name| list.value(name).unwrap_or_default();
    DigestInput {
        hash: hash_of(value("algorithm")).unwrap_or(Hash::Md5),
        username: value("username"),
        realm: value("realm"),
        password: if password.is_empty() {
            Password::Empty
        } else {
            Password::Octets(password)
        },
        nonce: value("nonce"),
        uri: value("uri"),
        nc: value("nc"),
        cnonce: value("cnonce"),
        qop: match list.value("qop") {
            Some(b"auth-int") => Some(Qop::AuthInt),
            Some(b"auth") => Some(Qop::Auth),
            _ => None,
        },
        method,
        body,
    }
}

/// The hash of an algorithm, `-sess` or not (RFC 7616 6.1, RFC 3310).
fn hash_of(algorithm: &[u8]) -> Option<Hash> {
    let name = algorithm.to_ascii_lowercase();
    Some(match name.strip_suffix(b"-sess").unwrap_or(&name) {
        b"md5" | b"akav1-md5" => Hash::Md5,
        b"sha-256" => Hash::Sha256,
        b"sha-512-256" => Hash::Sha512Trunc256,
        _ => return None,
    })
}

/// `response` under the algorithm of these credentials.
pub(crate) fn response_of(list: &DirectiveList, input: &DigestInput<'_>) -> String {
    if is_session(list) {
        input.session_response()
    } else {
        input.response()
    }
}

/// `rspauth` under the algorithm of these credentials.
pub(crate) fn rspauth_of(list: &DirectiveList, input: &DigestInput<'_>) -> String {
    if is_session(list) {
        input.session_rspauth()
    } else {
        input.rspauth()
    }
}

/// Whether the algorithm hashes nonce and cnonce into A1 (RFC 7616 3.4.2).
fn is_session(list: &DirectiveList) -> bool {
    list.value("algorithm")
        .is_some_and(|value| value.to_ascii_lowercase().ends_with(b"-sess"))
}

/// Whether these directives name a Digest AKA algorithm (RFC 3310, RFC 4169).
pub(crate) fn is_aka(list: &DirectiveList) -> bool {
    list.value("algorithm")
        .is_some_and(|value| value.len() >= 3 && value[..3].eq_ignore_ascii_case(b"AKA"))
}

fn mac_word(mac: MacCheck) -> Value {
    Value::word(if mac == MacCheck::Valid {
        "valid"
    } else {
        "mismatch"
    })
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
