//! The decisions of an authentication proxy, one function each; the defaults are the rules of the
//! specifications.

use gbaspec_wire::http::Message;

use crate::role::Unanswered;
use crate::ua::UaPolicy;

/// The field in which a client says as whom it wants to act (TS 24.109 Annex G).
pub const INTENDED_IDENTITY: &str = "X-3GPP-Intended-Identity";
/// The field in which the proxy tells the application server who the user is (TS 24.109 Annex G).
pub const ASSERTED_IDENTITY: &str = "X-3GPP-Asserted-Identity";
/// The field in which the proxy tells the application server what the user may do (TS 24.109
/// Annex G).
pub const AUTHORIZATION_FLAGS: &str = "X-3GPP-Authorization-Flags";

/// Every decision that an authentication proxy takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct ProxyPolicy {
    /// How it authenticates: as any NAF (TS 24.109 clause 7).
    pub ua: UaPolicy,
    /// Chooses the application server that a request is for, by its place among those behind the
    /// proxy (TS 24.109 clause 7: the one that Host names).
    pub application: fn(&HostFacts<'_>) -> Option<usize>,
    /// Names the NAF that the keys for an application server are made for (TS 24.109 Annex D.2: the
    /// name of that server).
    pub key_name: fn(&KeyNameFacts<'_>) -> String,
    /// Says whether the fields of a request have names that every server reads alike (RFC 9112
    /// clauses 3.2 and 5.1).
    pub has_sound_fields: fn(&Message) -> bool,
    /// Says whether a field of the request reaches the application server (TS 24.109 clause 7 and
    /// Annex G).
    pub keeps_field: fn(&FieldFacts<'_>) -> bool,
    /// Decides as whom the user acts (TS 24.109 clause 7 and Annex G).
    pub identity: fn(&IdentityFacts<'_>) -> IdentityDecision,
    /// Writes the values of the fields that assert identities (TS 24.109 Annex G).
    pub asserted: fn(&AssertedFacts<'_>) -> Vec<String>,
    /// Writes the flags of the user; `None` for no field (TS 24.109 Annex G: they may be sent).
    pub flags: fn(&[String]) -> Option<String>,
    /// Says whether a field of the application server's answer reaches the client.
    pub keeps_answer_field: fn(&[u8]) -> bool,
    /// Makes a value of the application server safe to pass on (RFC 9110 clause 5.5).
    pub clean: fn(&[u8]) -> Vec<u8>,
    /// The status code where the application server gives no answer (RFC 9110 clauses 15.6.3 and
    /// 15.6.5).
    pub unanswered: fn(Unanswered) -> u16,
}

impl Default for ProxyPolicy {
    fn default() -> Self {
        ProxyPolicy {
            ua: UaPolicy::default(),
            application,
            key_name,
            has_sound_fields,
            keeps_field,
            identity,
            asserted,
            flags,
            keeps_answer_field,
            clean,
            unanswered,
        }
    }
}

/// What [`ProxyPolicy::application`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct HostFacts<'a> {
    /// The name in Host, in lower case and without a port.
    pub host: &'a str,
    /// The names of the application servers behind the proxy.
    pub known: &'a [String],
}

/// What [`ProxyPolicy::key_name`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct KeyNameFacts<'a> {
    /// The name of the application server that the client asked for.
    pub asked: &'a str,
    /// The name of the first one behind the proxy.
    pub first: &'a str,
}

/// What [`ProxyPolicy::keeps_field`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct FieldFacts<'a> {
    /// The name of the field as it is spelled.
    pub name: &'a str,
    /// How many fields of the same name stand before it.
    pub before: usize,
}

/// What [`ProxyPolicy::identity`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct IdentityFacts<'a> {
    /// The identities as which the client wants to act; none if it says nothing.
    pub intended: &'a [String],
    /// The identities that the client itself calls asserted; nothing follows from them.
    pub claimed: &'a [String],
    /// The public identities of the subscriber, the default one first.
    pub own: &'a [String],
}

/// What [`ProxyPolicy::asserted`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct AssertedFacts<'a> {
    /// The identities to assert.
    pub identities: &'a [String],
    /// What the client calls fields about its connection; nothing follows from it, as the fields
    /// are the proxy's own.
    pub options: &'a [String],
}

/// What becomes of a request of an authenticated user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentityDecision {
    /// It goes on, with these identities asserted.
    Assert(Vec<String>),
    /// It is refused with this status code.
    Refuse(u16),
}

/// The default of [`ProxyPolicy::application`].
pub fn application(facts: &HostFacts<'_>) -> Option<usize> {
    facts.known.iter().position(|name| name == facts.host)
}

/// The default of [`ProxyPolicy::key_name`].
pub fn key_name(facts: &KeyNameFacts<'_>) -> String {
    facts.asked.to_owned()
}

/// The default of [`ProxyPolicy::has_sound_fields`]: no blank before a colon, and one Host.
pub fn has_sound_fields(request: &Message) -> bool {
    let mut fields = request.fields.iter();
    let is_sound = fields.all(|field| is_token(&field.name) && field.separator.starts_with(b":"));
    is_sound && request.fields_named("Host").count() == 1
}

/// The default of [`ProxyPolicy::keeps_field`]: neither credentials, nor what only the proxy may
/// say, nor what is about the connection.
pub fn keeps_field(field: &FieldFacts<'_>) -> bool {
    let stays_here = [
        "Authorization",
        ASSERTED_IDENTITY,
        AUTHORIZATION_FLAGS,
        "Expect",
    ];
    let is_named = |name: &&str| field.name.eq_ignore_ascii_case(name);
    !(stays_here.iter().any(is_named) || is_about_the_connection(field.name))
}

/// The default of [`ProxyPolicy::identity`]: the intended identities if all of them are the
/// subscriber's own; the default one if none is intended.
pub fn identity(facts: &IdentityFacts<'_>) -> IdentityDecision {
    if facts.intended.is_empty() {
        let default = facts.own.first().cloned();
        return IdentityDecision::Assert(default.into_iter().collect());
    }
    if facts.intended.iter().all(|name| facts.own.contains(name)) {
        return IdentityDecision::Assert(facts.intended.to_vec());
    }
    IdentityDecision::Refuse(403)
}

/// The default of [`ProxyPolicy::asserted`]: one field with quoted strings.
pub fn asserted(facts: &AssertedFacts<'_>) -> Vec<String> {
    if facts.identities.is_empty() {
        return Vec::new();
    }
    let quoted: Vec<String> = facts.identities.iter().map(|name| quoted(name)).collect();
    vec![quoted.join(", ")]
}

/// The default of [`ProxyPolicy::flags`].
pub fn flags(flags: &[String]) -> Option<String> {
    (!flags.is_empty()).then(|| quoted(&flags.join(",")))
}

/// The default of [`ProxyPolicy::keeps_answer_field`]: the proof is the proxy's own, as only it has
/// the key, and what is about the connection ends here.
pub fn keeps_answer_field(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    !(name.eq_ignore_ascii_case("Authentication-Info") || is_about_the_connection(&name))
}

/// The default of [`ProxyPolicy::clean`]: CR, LF and NUL become blanks.
pub fn clean(value: &[u8]) -> Vec<u8> {
    let cleaned = value.iter().map(|octet| match octet {
        b'\r' | b'\n' | b'\0' => b' ',
        other => *other,
    });
    cleaned.collect()
}

/// The default of [`ProxyPolicy::unanswered`].
pub fn unanswered(why: Unanswered) -> u16 {
    match why {
        Unanswered::Broken => 502,
        Unanswered::TooLate => 504,
    }
}

/// Whether a field is about one connection only, or about how a body travels on it (RFC 9110 clause
/// 7.6.1, RFC 9112 clause 6).
pub fn is_about_the_connection(name: &str) -> bool {
    [
        "Connection",
        "Proxy-Connection",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Transfer-Encoding",
        "Content-Length",
        "Upgrade",
    ]
    .iter()
    .any(|known| name.eq_ignore_ascii_case(known))
}

/// A token of RFC 9110 clause 5.6.2.
pub(super) fn is_token(name: &[u8]) -> bool {
    let is_sign = |octet: &u8| b"!#$%&'*+-.^_`|~".contains(octet);
    !name.is_empty()
        && name
            .iter()
            .all(|octet| octet.is_ascii_alphanumeric() || is_sign(octet))
}

/// A quoted string (RFC 9110 clause 5.6.4).
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
