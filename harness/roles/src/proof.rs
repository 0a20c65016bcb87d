//! The digest of requests and answers as all roles use it, and the decisions that more than one
//! role takes.

use std::fmt;

use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop, digests_equal};
use gbaspec_wire::digest_header::{AuthenticationInfo, Credentials, QopValue};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::error::DeviationKind;
use gbaspec_wire::http::Message;

use crate::role::{After, Input, Output};
use crate::text;
use crate::ub::aka::AkaPasswordFacts;

/// The parts of a digest that both sides know (RFC 7616 clause 3.4.1), without the password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFacts {
    /// The hash of the algorithm.
    pub hash: Hash,
    /// The user: a private identity on Ub, a B-TID on Ua.
    pub username: Vec<u8>,
    /// The realm of the challenge.
    pub realm: Vec<u8>,
    /// The nonce of the challenge, as text.
    pub nonce: Vec<u8>,
    /// The `uri` directive.
    pub uri: Vec<u8>,
    /// The eight digits of the nonce count.
    pub nc: Vec<u8>,
    /// The client nonce.
    pub cnonce: Vec<u8>,
    /// The client nonce of the first request under the nonce, where the algorithm is one of those
    /// that hash it into A1 (RFC 7616 clause 3.4.2).
    pub session_cnonce: Option<Vec<u8>>,
    /// The quality of protection; `None` is the form of RFC 2069.
    pub qop: Option<Qop>,
    /// The request method.
    pub method: Vec<u8>,
    /// The content of the request, free of any transfer coding.
    pub body: Vec<u8>,
}

/// What an `accept_response` decision looks at.
#[derive(Clone, Copy)]
pub struct ResponseCheck<'a> {
    /// The digest's public parts.
    pub facts: &'a DigestFacts,
    /// The password octets, e.g. XRES on Ub or the base64 text of `Ks_NAF` on Ua.
    pub password: &'a [u8],
    /// What the password was made of, where it is one of Digest AKA.
    pub aka: Option<AkaPasswordFacts<'a>>,
    /// The `response` directive as received.
    pub response: &'a [u8],
}

/// What an `authentication_info` decision looks at.
#[derive(Clone, Copy)]
pub struct InfoFacts<'a> {
    /// The public parts of the digest of the request that is answered.
    pub facts: &'a DigestFacts,
    /// The password octets.
    pub password: &'a [u8],
    /// What the password was made of, where it is one of Digest AKA.
    pub aka: Option<AkaPasswordFacts<'a>>,
    /// The body of the answer.
    pub body: &'a [u8],
    /// The status code of the answer.
    pub status: u16,
}

/// The `Authorization` field is absent, repeated, of another scheme or broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedCredentials;

impl DigestFacts {
    /// The digest that the credentials of a request claim to be, with MD5.
    pub fn of_request(request: &Message, credentials: &Credentials) -> Self {
        let method = text::request_line(request).map_or(b"".as_slice(), |(method, _)| method);
        let copy = |field: &Option<Vec<u8>>| field.clone().unwrap_or_default();
        DigestFacts {
            hash: Hash::Md5,
            username: copy(&credentials.username),
            realm: copy(&credentials.realm),
            nonce: copy(&credentials.nonce),
            uri: copy(&credentials.uri),
            nc: copy(&credentials.nc),
            cnonce: copy(&credentials.cnonce),
            session_cnonce: None,
            qop: credentials.qop.as_ref().and_then(digest_qop),
            method: method.to_vec(),
            // Content whose chunks cannot be read proves nothing either way; its raw octets make
            // the digest differ.
            body: request
                .content()
                .map_or_else(|_| request.body.clone(), std::borrow::Cow::into_owned),
        }
    }

    /// The digest input with this password, over this body.
    pub fn input<'a>(&'a self, password: Password<'a>, body: &'a [u8]) -> DigestInput<'a> {
        DigestInput {
            hash: self.hash,
            username: &self.username,
            realm: &self.realm,
            password,
            nonce: &self.nonce,
            uri: &self.uri,
            nc: &self.nc,
            cnonce: &self.cnonce,
            qop: self.qop,
            method: &self.method,
            body,
        }
    }

    /// The request digest with this password (RFC 7616 clauses 3.4.1 and 3.4.2).
    pub fn response(&self, password: Password<'_>) -> String {
        let input = self.input(password, &self.body);
        match &self.session_cnonce {
            Some(first) => input.response_in_session(first),
            None => input.response(),
        }
    }

    /// The digest of an answer with this body (RFC 7616 clause 3.5).
    pub fn rspauth(&self, password: Password<'_>, body: &[u8]) -> String {
        let input = self.input(password, body);
        match &self.session_cnonce {
            Some(first) => input.rspauth_in_session(first),
            None => input.rspauth(),
        }
    }

    /// Whether `response` is the request digest with this password; compared in constant time.
    pub fn proves(&self, password: Password<'_>, response: &[u8]) -> bool {
        digests_equal(&self.response(password), response)
    }
}

/// The default of `accept_response`: the request digest, in constant time.
pub fn accept_response(check: &ResponseCheck<'_>) -> bool {
    check
        .facts
        .proves(Password::Octets(check.password), check.response)
}

/// The default of `authentication_info`: `rspauth` over the answer's body with an A2 that has no
/// method, and `cnonce` and `nc` of the request (RFC 7616 clause 3.5).
pub fn authentication_info(info: &InfoFacts<'_>) -> Option<AuthenticationInfo> {
    let rspauth = info
        .facts
        .rspauth(Password::Octets(info.password), info.body);
    Some(signed_with(info.facts, rspauth))
}

/// An `Authentication-Info` with the values of the request and the given `rspauth`.
pub fn signed_with(facts: &DigestFacts, rspauth: String) -> AuthenticationInfo {
    AuthenticationInfo {
        qop: facts.qop.map(qop_value),
        rspauth: Some(rspauth.into_bytes()),
        cnonce: Some(facts.cnonce.clone()),
        nc: Some(facts.nc.clone()),
        nextnonce: None,
    }
}

/// The default of `read_credentials`: exactly one Digest `Authorization` with the five directives
/// that RFC 2617 clause 3.2.2 requires, none of them broken or repeated.
pub fn read_credentials(request: &Message) -> Result<Credentials, MalformedCredentials> {
    let mut fields = request.fields_named("Authorization");
    let (Some(field), None) = (fields.next(), fields.next()) else {
        return Err(MalformedCredentials);
    };
    let list = DirectiveList::parse_credentials(&field.text());
    let (credentials, deviations) = Credentials::parse(&list);
    if deviations.iter().any(|deviation| is_fatal(deviation.kind)) {
        return Err(MalformedCredentials);
    }
    Ok(credentials)
}

/// Whether credentials with this deviation cannot be used. Blanks around `=` and quotes around a
/// token are read: RFC 9110 clause 11.2 and old clients have them.
fn is_fatal(kind: DeviationKind) -> bool {
    matches!(
        kind,
        DeviationKind::WrongScheme
            | DeviationKind::MissingDirective
            | DeviationKind::DuplicateDirective
            | DeviationKind::UnterminatedQuote
            | DeviationKind::UnquotedString
            | DeviationKind::StrayText
            | DeviationKind::MissingComma
            | DeviationKind::ControlCharacter
    )
}

/// The digest's name for a `qop` directive; `None` where it is neither `auth` nor `auth-int`.
pub(crate) fn digest_qop(value: &QopValue) -> Option<Qop> {
    match value {
        QopValue::Auth => Some(Qop::Auth),
        QopValue::AuthInt => Some(Qop::AuthInt),
        QopValue::Unknown(_) => None,
    }
}

/// The directive's name for a quality of protection.
pub(crate) fn qop_value(qop: Qop) -> QopValue {
    match qop {
        Qop::Auth => QopValue::Auth,
        Qop::AuthInt => QopValue::AuthInt,
    }
}

/// How every server role takes its inputs: one answer to each request, `None` for bytes that are
/// no request, whose connection ends.
pub(crate) fn serve(
    input: Input<'_>,
    answer: impl FnOnce(Option<&Message>) -> Message,
) -> Vec<Output> {
    match input {
        Input::Message {
            connection,
            message,
        } => vec![Output::Respond {
            connection,
            message: answer(Some(message)),
            after: text::after(message),
        }],
        Input::Unreadable { connection } => vec![Output::Respond {
            connection,
            message: answer(None),
            after: After::Close,
        }],
        Input::Reach(_)
        | Input::Secured { .. }
        | Input::Diameter { .. }
        | Input::Closed { .. }
        | Input::Forwarded { .. }
        | Input::Asked { .. }
        | Input::TimedOut => Vec::new(),
        Input::Start(_) => vec![Output::Note(
            "a server takes no action of its own".to_owned(),
        )],
    }
}

impl fmt::Debug for ResponseCheck<'_> {
    /// Leaves the password out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseCheck")
            .field("facts", self.facts)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for InfoFacts<'_> {
    /// Leaves the password out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InfoFacts")
            .field("facts", self.facts)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
