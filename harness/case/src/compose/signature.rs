//! `{response}` and `{rspauth}`: the digests over a message as it stands.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::token::Rand;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use gbaspec_wire::nonce::AkaNonce;

use super::edit::flip_last_hex_digit;
use super::{CannotCompose, Composer};
use crate::case::{Password, ResponseSpec, RspauthSpec, Send, SubscriberChoice};
use crate::view::digest::{digest_input, hash_of, response_of, rspauth_of};
use crate::view::near_misses;

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
        let ks_naf = || self.ks_naf(list);
        let of_challenge = |word| {
            let (rand, _) = self.aka_challenge(send)?;
            self.aka_password(send.subscriber, rand, list, word)
        };
        Ok(match send.password {
            Password::Empty => Vec::new(),
            Password::ResOfSecond => {
                let (rand, _) = self.aka_challenge(send)?;
                self.aka_password(SubscriberChoice::Second, rand, list, "res")?
            }
            Password::ResOfNonce => {
                let nonce = AkaNonce::decode(list.value("nonce").unwrap_or_default());
                let nonce = nonce.map_err(|why| CannotCompose {
                    missing: format!("a nonce with a RAND: {why}"),
                })?;
                self.aka_password(send.subscriber, Rand::from(nonce.rand), list, "res")?
            }
            Password::KsNaf => BASE64.encode(&ks_naf()?).into_bytes(),
            Password::KsNafRaw => ks_naf()?,
            Password::KsNafAsHex => HEXLOWER.encode(&ks_naf()?).into_bytes(),
            Password::KsNafOfOther => {
                let mut key = ks_naf()?;
                key.reverse();
                BASE64.encode(&key).into_bytes()
            }
            Password::Res => of_challenge("res")?,
            Password::ResAsHex => of_challenge("res-as-hex")?,
            Password::ResAsBase64 => of_challenge("res-as-base64")?,
            Password::ResPadded => of_challenge("res-padded")?,
            Password::ResCut => of_challenge("res-4")?,
            Password::AkaV2 => of_challenge("akav2")?,
            Password::AkaV2Raw => of_challenge("akav2-raw")?,
            Password::AkaV2CkIk => of_challenge("akav2-ck-ik")?,
            Password::AkaV2Swapped => of_challenge("akav2-swapped")?,
        })
    }

    /// What a USIM makes of this RAND, in the form with this name.
    fn aka_password(
        &self,
        choice: SubscriberChoice,
        rand: Rand,
        list: &DirectiveList,
        form: &str,
    ) -> Result<Vec<u8>, CannotCompose> {
        let hash = hash_of(list.value("algorithm").unwrap_or_default()).unwrap_or(Hash::Md5);
        let forms = near_misses::of_aka(hash, &self.usim(choice)?.functions, rand);
        let mut forms = forms.into_iter().filter(|(name, _)| *name == form);
        let missing = || CannotCompose {
            missing: format!("a password of the form {form}"),
        };
        forms
            .next()
            .map(|(_, password)| password)
            .ok_or_else(missing)
    }

    /// Ks_NAF of the session that the message names, else of the profile's.
    fn ks_naf(&self, list: &DirectiveList) -> Result<Vec<u8>, CannotCompose> {
        let (_, at) = self.ends;
        let username = list.value("username").unwrap_or_default();
        let key = self.scene.ks_naf(username, at, self.transcript.subscriber);
        let key = key.or_else(|| Some(self.scene.session(self.case.session)?.ks_naf.clone()));
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
