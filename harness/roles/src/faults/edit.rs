//! Edits of outgoing messages that the faults share.

use data_encoding::{BASE64, BASE64URL, BASE64URL_NOPAD};
use gbaspec_crypto::digest::Password;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::diameter::dictionary::Kind;
use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::digest_header::{AuthenticationInfo, Challenge};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use crate::proof::{self, InfoFacts, ResponseCheck};
use crate::role::Transport;
use crate::ua::{
    self, ChallengeFacts, Presence, Rejection, RejectionAnswer, RequestFacts, Staleness,
};

/// Changes the directives of the first `WWW-Authenticate`, if there is one.
pub(super) fn challenge(message: &mut Message, change: impl FnOnce(&mut DirectiveList)) {
    edit(
        message,
        "WWW-Authenticate",
        DirectiveList::parse_credentials,
        change,
    );
}

/// Changes the directives of `Authorization`, if there is one.
pub(super) fn credentials(message: &mut Message, change: impl FnOnce(&mut DirectiveList)) {
    edit(
        message,
        "Authorization",
        DirectiveList::parse_credentials,
        change,
    );
}

/// Changes the directives of `Authentication-Info`, if there is one.
pub(super) fn info(message: &mut Message, change: impl FnOnce(&mut DirectiveList)) {
    edit(
        message,
        "Authentication-Info",
        DirectiveList::parse_info,
        change,
    );
}

/// Whether a message is the first request of a Ub run: its credentials have an empty nonce.
pub(super) fn is_initial(message: &Message) -> bool {
    message.field("Authorization").is_some_and(|field| {
        DirectiveList::parse_credentials(&field.value).value("nonce") == Some(b"")
    })
}

/// The value of a directive of `Authorization`.
pub(super) fn credentials_value(message: &Message, name: &str) -> Option<Vec<u8>> {
    let field = message.field("Authorization")?;
    let list = DirectiveList::parse_credentials(&field.value);
    list.value(name).map(<[u8]>::to_vec)
}

/// Writes a directive's value between quotes.
pub(super) fn quote(list: &mut DirectiveList, name: &str) {
    with_value(list, name, |value| [b"\"", value, b"\""].concat());
}

/// Writes a directive's value without quotes.
pub(super) fn unquote(list: &mut DirectiveList, name: &str) {
    with_value(list, name, <[u8]>::to_vec);
}

/// Writes a directive as `make` of its value; an absent one stays absent.
pub(super) fn with_value(
    list: &mut DirectiveList,
    name: &str,
    make: impl FnOnce(&[u8]) -> Vec<u8>,
) {
    if let Some(value) = list.value(name) {
        let raw = make(value);
        list.set_raw(name, &raw);
    }
}

/// An `authentication_info` decision whose A2 has the method of the request.
pub(super) fn rspauth_with_method(info: &InfoFacts<'_>) -> AuthenticationInfo {
    let digest = info.facts.input(Password::Octets(info.password), info.body);
    proof::signed_with(info.facts, digest.response())
}

/// Inside TLS a request without credentials passes.
pub(super) fn trusts_tls(request: &RequestFacts<'_>) -> bool {
    request.transport != Transport::Tls || request.authorization == Presence::Present
}

/// Whether this protocol is named by a cipher suite (TS 33.220 Annex H.3).
pub(super) fn is_of_suite(protocol: UaProtocolId) -> bool {
    protocol.as_bytes().starts_with(&[1, 0, 1])
}

/// The same protocol with the octets of its cipher suite swapped.
pub(super) fn with_swapped_suite(protocol: UaProtocolId) -> UaProtocolId {
    let [.., yy, zz] = *protocol.as_bytes();
    if is_of_suite(protocol) {
        UaProtocolId::new([1, 0, 1, zz, yy])
    } else {
        protocol
    }
}

/// A `must_authenticate` decision that asks for nothing and looks only at credentials that come
/// unasked.
pub(super) fn serves_without_authentication(request: &RequestFacts<'_>) -> bool {
    request.authorization == Presence::Present
}

/// A `challenge` decision with another realm.
pub(super) fn with_realm(facts: &ChallengeFacts<'_>, realm: &str) -> Challenge {
    Challenge {
        realm: Some(realm.as_bytes().to_vec()),
        ..ua::challenge(facts)
    }
}

/// A `challenge` decision that leaves out the bootstrapping prefix after this rejection.
pub(super) fn without_prefix_after(facts: &ChallengeFacts<'_>, rejection: Rejection) -> Challenge {
    if facts.rejection == rejection {
        with_realm(facts, facts.fqdn)
    } else {
        ua::challenge(facts)
    }
}

/// An `accept_response` decision that takes the password in the alphabet for URLs as well.
pub(super) fn accept_base64url(check: &ResponseCheck<'_>) -> bool {
    let key = BASE64.decode(check.password).unwrap_or_default();
    let accepts = |text: String| {
        let password = Password::Octets(text.as_bytes());
        check.facts.proves(password, check.response)
    };
    proof::accept_response(check)
        || accepts(BASE64URL.encode(&key))
        || accepts(BASE64URL_NOPAD.encode(&key))
}

/// An `accept_response` decision that compares the first 31 digits.
pub(super) fn accept_prefix(check: &ResponseCheck<'_>) -> bool {
    let password = Password::Octets(check.password);
    let expected = check.facts.input(password, &check.facts.body).response();
    check.response.len() == 32 && check.response[..31] == expected.as_bytes()[..31]
}

/// A `reject` decision with a bare status code for one reason.
pub(super) fn status_for(rejection: Rejection, reason: Rejection, status: u16) -> RejectionAnswer {
    if rejection == reason {
        RejectionAnswer::Status(status)
    } else {
        ua::reject(rejection)
    }
}

/// A `reject` decision that calls a wrong response stale.
pub(super) fn stale_for_wrong_response(rejection: Rejection) -> RejectionAnswer {
    match rejection {
        Rejection::WrongResponse => RejectionAnswer::Challenge(Staleness::Stale),
        other => ua::reject(other),
    }
}

/// Changes the status line of a response with this status.
pub(super) fn status(message: &mut Message, from: u16, to: &str) {
    if message.status() == Ok(from) {
        message.start_line = format!("HTTP/1.1 {to}").into_bytes();
    }
}

/// Changes the method of a request.
pub(super) fn method(message: &mut Message, from: &str, to: &str) {
    if let Some(rest) = message.start_line.strip_prefix(from.as_bytes()) {
        message.start_line = [to.as_bytes(), rest].concat();
    }
}

/// Replaces the value of a field, if the field is there.
pub(super) fn field(message: &mut Message, name: &str, value: &str) {
    if message.field(name).is_some() {
        message.set(name, value);
    }
}

/// Writes another text for each place of one in the value of a field.
pub(super) fn replace_in_field(message: &mut Message, name: &str, from: &str, to: &str) {
    if let Some(field) = message.field(name) {
        let value = String::from_utf8_lossy(&field.value).replace(from, to);
        message.set(name, value);
    }
}

/// A body as a single chunk and the last one (RFC 9112 clause 7.1).
pub(super) fn one_chunk(body: &[u8]) -> Vec<u8> {
    let size = format!("{:x}\r\n", body.len());
    [size.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
}

fn edit(
    message: &mut Message,
    name: &str,
    parse: fn(&[u8]) -> DirectiveList,
    change: impl FnOnce(&mut DirectiveList),
) {
    if let Some(field) = message.field(name) {
        let mut list = parse(&field.value);
        change(&mut list);
        message.set(name, list.to_bytes());
    }
}

/// Whether it is the AVP with this name.
pub(super) fn is_avp(avp: &Avp, name: &str) -> bool {
    avp.info().is_some_and(|info| info.name == name)
}

/// Takes the AVPs of this name out of a message.
pub(super) fn drop_avp(packet: &mut Packet, name: &str) {
    packet.avps.retain(|avp| !is_avp(avp, name));
}

/// Puts other octets into the AVPs of this name, at the top of a message or in a group there.
pub(super) fn change_avp(packet: &mut Packet, name: &str, change: impl Fn(&[u8]) -> Vec<u8>) {
    for avp in &mut packet.avps {
        if is_avp(avp, name) {
            *avp = avp.clone().with_data(change(&avp.data));
        } else if avp.info().is_some_and(|info| info.kind == Kind::Grouped) {
            let mut children = avp.children();
            for child in children.iter_mut().filter(|child| is_avp(child, name)) {
                *child = child.clone().with_data(change(&child.data));
            }
            *avp = avp.clone().with_data(Avp::list_to_bytes(&children));
        }
    }
}
