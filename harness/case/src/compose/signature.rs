//! `{response}` and `{rspauth}`: the digests over a message as it stands.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::token::Rand;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use super::edit::flip_last_hex_digit;
use super::{CannotCompose, Composer};
use crate::case::{Password, ResponseSpec, RspauthSpec, Send, SubscriberChoice};
use crate::element::Element;
use crate::view::digest::{digest_input, response_of, rspauth_of};

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

    /// The password of `{response}`.
    fn password(&self, send: &Send, list: &DirectiveList) -> Result<Vec<u8>, CannotCompose> {
        let res = |choice: SubscriberChoice| {
            let (rand, _) = self.aka_challenge()?;
            Ok(self.usim(choice)?.functions.f2(rand).expose().to_vec())
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
                let functions = &self.usim(send.subscriber)?.functions;
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
}
