//! What a NAF shows of a fault when it is asked as no usual client asks.

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::http::Message;

use super::super::probe::{Answer, user};
use super::super::world::{NOW, PLAIN};
use super::{Script, password, passwords_of_others, spoilt};
use crate::embedded::{NAF_FQDN, PORTAL_FQDN};
use crate::faults::tampered_bytes;
use crate::role::{Input, Output};

/// The right answer of the first user to this challenge, after `change`.
fn answer(challenge: &Message, change: impl FnOnce(&mut Answer)) -> Answer {
    let key = user(0).naf_key(NAF_FQDN, UaProtocolId::HTTP_DIGEST);
    let mut answer = Answer::to_naf(&key.btid, &password(&key.key), false, challenge);
    change(&mut answer);
    answer
}

impl Script<'_> {
    fn challenge(&mut self) -> Message {
        self.ask(&answer(&Message::request(""), |_| ()).plain())
    }

    /// A new challenge, and the right answer to it after `change`.
    fn fetch(&mut self, change: impl FnOnce(&mut Answer)) {
        let challenge = self.challenge();
        let request = answer(&challenge, change).sign();
        self.ask(&request);
    }
}

pub(super) fn odd_digests(script: &mut Script<'_>) {
    let challenge = script.challenge();
    let right = answer(&challenge, |_| ());
    script.ask(&right.sign_as(&right.digest_without_body_hash()));
    script.ask(&right.sign_as(&right.digest().to_ascii_uppercase()));
    script.ask(&right.sign_as(""));
    script.fetch(|answer| answer.cnonce = "a=b, c");
    script.fetch(|answer| answer.algorithm = "SHA-256");
    script.fetch(|answer| answer.body = b"amount=100".to_vec());
    for algorithm in ["MD5-sess", "SHA-256-sess"] {
        let challenge = script.challenge();
        for nc in ["00000001", "00000002"] {
            let answer = answer(&challenge, |answer| {
                (answer.algorithm, answer.nc) = (algorithm, nc);
            });
            script.ask(&answer.sign_as(&answer.session_digest()));
        }
    }
}

pub(super) fn odd_counts(script: &mut Script<'_>) {
    for counts in [
        ["00000001", "00000002", "00000001"],
        ["00000001", "ffffffff", "00000001"],
        ["00000000", "00000009", "0000000a"],
        ["0000000x", "1", ""],
    ] {
        let challenge = script.challenge();
        for nc in counts {
            let request = answer(&challenge, |answer| answer.nc = nc).sign();
            script.ask(&request);
        }
    }
}

pub(super) fn odd_requests(script: &mut Script<'_>) {
    script.fetch(|answer| answer.uri = "/x".to_owned());
    script.fetch(|answer| answer.realm = "x".to_owned());
    let challenge = script.challenge();
    let right = answer(&challenge, |_| ()).sign();
    let broken = spoilt(&right, "username=", "user=");
    script.ask(&broken);
    let other = Message::request("GET / HTTP/1.1");
    let field = |message: &mut Message, request: &Message| {
        let field = request.field("Authorization").expect("signed");
        message.push("Authorization", field.value.clone());
    };
    for pair in [[&right, &broken], [&broken, &right]] {
        let mut message = other.clone();
        for request in pair {
            field(&mut message, request);
        }
        script.ask(&message);
    }
    for (name, value) in [
        ("X-3GPP-Intended-Identity", "\"user@as1.home1.net\""),
        ("User-Agent", "Agent 3gpp-gba-uicc"),
        ("User-Agent", "Agent 3gpp-gba-digest"),
        ("Transfer-Encoding", "chunked"),
    ] {
        let challenge = script.challenge();
        let mut message = answer(&challenge, |_| ()).plain();
        message.push(name, value);
        script.ask(&message);
        let mut message = answer(&challenge, |_| ()).sign();
        message.push(name, value);
        script.ask(&message);
    }
    let outputs = script
        .server
        .handle(NOW, Input::Unreadable { connection: PLAIN });
    for output in outputs {
        if let Output::Respond { message, .. } = output {
            script.shown.push(tampered_bytes(&message, &script.tamper));
        }
    }
}

pub(super) fn keys_of_others(script: &mut Script<'_>) {
    let portal = user(0).naf_key(PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let others = passwords_of_others(NAF_FQDN, UaProtocolId::HTTP_DIGEST);
    // Among them is the right one: the key for HTTP digest.
    for password in others.into_iter().chain([password(&portal.key)]) {
        script.fetch(|answer| answer.password = password.into_bytes());
    }
}
