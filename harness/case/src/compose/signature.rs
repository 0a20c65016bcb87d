//! `{response}` and `{rspauth}`: the digests over a message as it stands.

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD, HEXLOWER};
use gbaspec_crypto::kdf::{NafId, UaProtocolId};
use gbaspec_crypto::secret::{KsNaf, TlsMkExtr};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::edit::flip_last_hex_digit;
use super::{CannotCompose, Composer};
use crate::case::{OtherNafId, Password, ResponseSpec, RspauthSpec, Send, SubscriberChoice};
use crate::element::Element;
use crate::scene::{SessionKey, ua_protocol};
use crate::transcript::EntryKind;
use crate::view::digest::{digest_input, response_of, rspauth_of};
use crate::view::http::host_parts;
use crate::view::proof::{self, Around, Proof};

impl Composer<'_> {
    /// Fills `{response}` and `{rspauth}` from the message as it stands.
    pub(super) fn signed(
        &self,
        mut message: Message,
        send: &Send,
    ) -> Result<Message, CannotCompose> {
        let method = message
            .request_line()
            .map(|line| line.method.to_vec())
            .unwrap_or_default();
        let body = message.body.clone();
        let host = host_parts(&message).map_or_else(String::new, |(name, _)| name);
        for field in &mut message.fields {
            let Ok(value) = String::from_utf8(field.value.clone()) else {
                continue;
            };
            if value.contains("{response}") {
                let list = DirectiveList::parse_credentials(&field.value);
                let password = self.password(send, &list, &host)?;
                let input = digest_input(&list, &password, &method, &body);
                let response = match send.response {
                    ResponseSpec::Right => response_of(&list, &input),
                    ResponseSpec::WithoutBodyHash => {
                        input.finish(&[&method, b":".as_slice(), input.uri].concat())
                    }
                    ResponseSpec::UpperCase => response_of(&list, &input).to_ascii_uppercase(),
                };
                field.value = value.replace("{response}", &response).into_bytes();
            } else if value.contains("{rspauth}") {
                let rspauth = self.rspauth(send.rspauth, &body)?;
                field.value = value.replace("{rspauth}", &rspauth).into_bytes();
            }
        }
        Ok(message)
    }

    /// The password of `{response}` in a request with this Host.
    fn password(
        &self,
        send: &Send,
        list: &DirectiveList,
        host: &str,
    ) -> Result<Vec<u8>, CannotCompose> {
        let ks_naf = || self.ks_naf(list, host);
        let of_challenge = |choice, form| {
            let answered = self.answered_list(send);
            let nonce = answered.as_ref().and_then(|list| list.value("nonce"));
            self.proved(choice, nonce.unwrap_or_default(), list, form)
        };
        Ok(match send.password {
            Password::Empty => Vec::new(),
            Password::Form(form) => of_challenge(send.subscriber, form)?,
            Password::ResOfSecond => of_challenge(SubscriberChoice::Second, "res")?,
            Password::ResOfNonce => {
                let nonce = list.value("nonce").unwrap_or_default();
                self.proved(send.subscriber, nonce, list, "res")?
            }
            Password::KsNaf => BASE64.encode(&ks_naf()?).into_bytes(),
            Password::KsNafRaw => ks_naf()?,
            Password::KsNafAsHex => HEXLOWER.encode(&ks_naf()?).into_bytes(),
            Password::KsNafAsBase64Url => {
                let key = ks_naf()?;
                let text = BASE64URL.encode(&key);
                if text == BASE64.encode(&key) {
                    BASE64URL_NOPAD.encode(&key).into_bytes()
                } else {
                    text.into_bytes()
                }
            }
            Password::KsNafOfOtherHost => {
                let names = &self.scene.names;
                let other = if host == names.second_application {
                    &names.application
                } else {
                    &names.second_application
                };
                BASE64.encode(&self.ks_naf(list, other)?).into_bytes()
            }
            Password::KsNafOfOther => {
                let mut key = ks_naf()?;
                key.reverse();
                BASE64.encode(&key).into_bytes()
            }
            Password::KsNafFor(other) => BASE64.encode(self.key_for(other)?.expose()).into_bytes(),
        })
    }

    /// What a subscriber makes of a challenge with this nonce, in the form with this name.
    fn proved(
        &self,
        choice: SubscriberChoice,
        nonce: &[u8],
        list: &DirectiveList,
        form: &str,
    ) -> Result<Vec<u8>, CannotCompose> {
        let around = Around {
            nonce,
            list,
            exporter: self.exporter(),
            forms: self.scene.gba_digest,
        };
        let proof = Proof::new(self.subscriber(choice), &around);
        let proof = proof.ok_or_else(|| CannotCompose {
            missing: "a challenge that the subscriber has keys for".to_owned(),
        })?;
        proof.password(list, form).ok_or_else(|| CannotCompose {
            missing: format!("a subscriber whose password has the form {form}"),
        })
    }

    /// `TLS_MK_Extr` of the connection that the harness, as a client, has opened last.
    fn exporter(&self) -> Option<TlsMkExtr> {
        match self.latest_handshake()? {
            EntryKind::Secured { exporter, .. } => Some(exporter.clone()),
            _ => None,
        }
    }

    fn latest_handshake(&self) -> Option<&EntryKind> {
        let mut latest = self.transcript.entries.iter().rev();
        latest
            .find(|entry| matches!(entry.kind, EntryKind::Secured { .. }))
            .map(|entry| &entry.kind)
    }

    /// What the keys for the target are derived with in a request with this Host, on the connection
    /// that the harness, as a client, has opened last.
    fn naf_id(&self, host: &str) -> NafId {
        let (_, at) = self.ends;
        self.scene.naf_id_of_host(at, host, self.protocol())
    }

    /// The Ua protocol of that connection.
    fn protocol(&self) -> UaProtocolId {
        let (_, at) = self.ends;
        self.latest_handshake()
            .map_or_else(|| ua_protocol(at), |handshake| handshake.ua_protocol(at))
    }

    /// The key of the case's session for an identifier that the target must not take.
    fn key_for(&self, other: OtherNafId) -> Result<KsNaf, CannotCompose> {
        let (_, at) = self.ends;
        let (names, protocol) = (&self.scene.names, self.protocol());
        let (other_name, other_protocol) = match at {
            Element::Portal => (&names.naf, UaProtocolId::HTTP_DIGEST),
            _ => (&names.portal, UaProtocolId::PKI_PORTAL),
        };
        let naf = match other {
            OtherNafId::Protocol => NafId::new(names.of(at), other_protocol),
            OtherNafId::Port => NafId::new(&format!("{}:80", names.of(at)), protocol),
            OtherNafId::UpperCase => NafId::new(&names.of(at).to_uppercase(), protocol),
            OtherNafId::Name => NafId::new(other_name, other_protocol),
        };
        let session = self.scene.session(self.case.session);
        // A key that is given cannot be turned into that of another NAF.
        let session = session.filter(|known| matches!(known.key, SessionKey::Derived { .. }));
        let key = session.and_then(|session| self.scene.session_key(session, &naf));
        key.ok_or_else(|| CannotCompose {
            missing: "a Ua session that is given by subscriber and RAND".to_owned(),
        })
    }

    /// Ks_NAF of the session that the message names, else of the profile's.
    fn ks_naf(&self, list: &DirectiveList, host: &str) -> Result<Vec<u8>, CannotCompose> {
        let btid = list.value("username").unwrap_or_default();
        let end = self.transcript.entries.len();
        let naf = self.naf_id(host);
        let key = proof::ks_naf(self.scene, self.transcript, end, btid, &naf);
        let key = key.or_else(|| {
            let session = self.scene.session(self.case.session)?;
            self.scene.session_key(session, &naf)
        });
        let missing = || CannotCompose {
            missing: "a Ua session with its Ks_NAF".to_owned(),
        };
        Ok(key.ok_or_else(missing)?.expose().to_vec())
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
}
