//! Faults of an authentication proxy.

use gbaspec_crypto::digest::Qop;
use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_wire::digest_header::Credentials;
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::{Fault, Seam, edit};
use crate::proof::{self, InfoFacts, MalformedCredentials};
use crate::proxy::{
    self, ASSERTED_IDENTITY, AUTHORIZATION_FLAGS, AssertedFacts, FieldFacts, IdentityDecision,
    IdentityFacts,
};
use crate::role::{RoleName, Unanswered};
use crate::ua::{self, Rejection};

/// Every fault of an authentication proxy.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    ALL.iter()
}

/// In the order of the requirements.
const ALL: &[Fault] = &[
    ONE_KEY_FOR_ALL_SERVERS,
    ONE_REALM_FOR_ALL_SERVERS,
    KEY_OF_ANY_SERVER_SERVED,
    KEY_NAME_IN_CAPITALS,
    KEY_NAME_WITH_PORT,
    CHALLENGES_IN_ITS_OWN_NAME,
    BODY_LOST,
    METHOD_LOST,
    REFUSAL_HIDDEN,
    SUCCESS_FOR_A_BROKEN_SERVER,
    SUCCESS_FOR_A_SILENT_SERVER,
    CARRIAGE_RETURN_PASSED_ON,
    FRAMING_PASSED_ON,
    CREDENTIALS_PASSED_ON,
    SECOND_CREDENTIALS_PASSED_ON,
    NO_IDENTITY_ASSERTED,
    IDENTITY_DROPPED_WITH_CONNECTION,
    FOREIGN_IDENTITY_ASSERTED,
    FOREIGN_IDENTITY_IGNORED,
    FOREIGN_IDENTITY_CHALLENGED,
    INTENDED_IDENTITY_IGNORED,
    IDENTITY_COMPARED_BY_ITS_START,
    IDENTITY_COMPARED_BY_ITS_END,
    FIRST_INTENDED_IDENTITY_CHECKED,
    CLAIMED_IDENTITY_PASSED_ON,
    CLAIMED_IDENTITY_PASSED_ON_IN_LOWER_CASE,
    SECOND_CLAIMED_IDENTITY_PASSED_ON,
    CLAIMED_IDENTITY_ASSERTED,
    BLANK_BEFORE_COLON_PASSED_ON,
    CLAIMED_FLAGS_PASSED_ON,
    SECOND_CLAIMED_FLAGS_PASSED_ON,
    FORWARDS_WITHOUT_AUTHENTICATION,
    WRONG_DIGEST_FORWARDED,
    UNKNOWN_BTID_GIVES_500,
    ALTERED_BODY_FORWARDED,
    KEY_NOT_BOUND_TO_THE_SUITE,
    NONCE_COUNT_FORWARDED_AGAIN,
    ANSWER_NOT_PROVED,
    PROOF_WITHOUT_THE_BODY,
    PROOF_OF_THE_SERVER_PASSED_ON,
    ANY_RESPONSE_FORWARDED,
    NEAR_RESPONSE_FORWARDED,
    USERNAME_IGNORED,
    UNKNOWN_NONCE_FORWARDED,
    MISSING_QOP_FORWARDED,
    QOP_AUTH_FORWARDED,
    EMPTY_RESPONSE_FORWARDED,
    ANY_URI_FORWARDED,
];

const fn fault(
    id: &'static str,
    requirement: &'static str,
    what: &'static str,
    seam: Seam,
    caught_by: &'static [&'static str],
) -> Fault {
    Fault {
        id,
        role: RoleName::Proxy,
        requirement,
        what,
        seam,
        caught_by,
    }
}

const ONE_KEY_FOR_ALL_SERVERS: Fault = fault(
    "proxy/one-key-for-all-servers",
    "AP-7-01",
    "The keys for every server are made with the name of the first one.",
    Seam::Proxy(|policy| policy.key_name = |facts| facts.first.to_owned()),
    &["proxy/keys/second-server-has-a-key-of-its-own"],
);
const ONE_REALM_FOR_ALL_SERVERS: Fault = fault(
    "proxy/one-realm-for-all-servers",
    "AP-7-01",
    "Every request is taken for one to the first server.",
    Seam::Proxy(|policy| policy.application = |_| Some(0)),
    &[
        "proxy/keys/challenges-for-the-second-server-in-its-name",
        "proxy/keys/second-server-has-a-key-of-its-own",
        "proxy/keys/refuses-credentials-for-the-other-server",
    ],
);
const KEY_OF_ANY_SERVER_SERVED: Fault = fault(
    "proxy/key-of-any-server-served",
    "AP-7-01",
    "A response that was made with the key of another server is good enough.",
    Seam::Proxy(|policy| policy.ua.accept_response = |check| check.response.len() == 32),
    &["proxy/keys/refuses-the-key-of-the-other-server"],
);
const KEY_NAME_IN_CAPITALS: Fault = fault(
    "proxy/key-name-in-capitals",
    "AP-7-01",
    "The keys are made with the name of the server in capitals.",
    Seam::Proxy(|policy| policy.key_name = |facts| facts.asked.to_uppercase()),
    &["proxy/keys/forwards-with-the-key-of-the-server"],
);
const KEY_NAME_WITH_PORT: Fault = fault(
    "proxy/key-name-with-port",
    "AP-7-01",
    "The keys are made with name and port of the server.",
    Seam::Proxy(|policy| policy.key_name = |facts| format!("{}:8083", facts.asked)),
    &["proxy/keys/forwards-with-the-key-of-the-server"],
);
const CHALLENGES_IN_ITS_OWN_NAME: Fault = fault(
    "proxy/challenges-in-its-own-name",
    "AP-7-01",
    "The challenge names the proxy instead of the server that the client asked for.",
    Seam::Proxy(|policy| {
        policy.ua.challenge = |facts| edit::with_realm(facts, "3GPP-bootstrapping@proxy.home1.net");
    }),
    &[
        "proxy/keys/asks-for-bootstrapping-for-the-server",
        "proxy/keys/challenges-for-the-second-server-in-its-name",
    ],
);
const BODY_LOST: Fault = fault(
    "proxy/body-lost",
    "AP-7-01",
    "The body of a request does not reach the server.",
    Seam::Message(|message| {
        if message.is_request() {
            message.body.clear();
            message.set("Content-Length", "0");
        }
    }),
    &[
        "proxy/forwarding/forwards-a-body-whole",
        "proxy/forwarding/forwards-a-body-in-chunks",
    ],
);
const METHOD_LOST: Fault = fault(
    "proxy/method-lost",
    "AP-7-01",
    "Every request reaches the server as a GET.",
    Seam::Message(|message| edit::method(message, "PUT", "GET")),
    &["proxy/forwarding/forwards-a-body-whole"],
);
const REFUSAL_HIDDEN: Fault = fault(
    "proxy/refusal-hidden",
    "AP-7-01",
    "A 404 of the server becomes a 200.",
    Seam::Message(|message| edit::status(message, 404, "200 OK")),
    &["proxy/forwarding/passes-on-what-the-server-refuses"],
);
const SUCCESS_FOR_A_BROKEN_SERVER: Fault = fault(
    "proxy/success-for-a-broken-server",
    "AP-7-01",
    "Where the server gives no complete answer the client gets an empty page.",
    Seam::Proxy(|policy| {
        policy.unanswered = |why| match why {
            Unanswered::Broken => 200,
            other @ Unanswered::TooLate => proxy::unanswered(other),
        };
    }),
    &[
        "proxy/forwarding/makes-up-no-answer-of-a-server-that-is-gone",
        "proxy/forwarding/makes-up-no-answer-of-a-server-that-says-what-is-no-http",
        "proxy/forwarding/makes-up-no-answer-of-a-server-that-hangs-up-in-the-middle",
    ],
);
const SUCCESS_FOR_A_SILENT_SERVER: Fault = fault(
    "proxy/success-for-a-silent-server",
    "AP-7-01",
    "Where the server does not answer in time the client gets an empty page.",
    Seam::Proxy(|policy| {
        policy.unanswered = |why| match why {
            Unanswered::TooLate => 200,
            other @ Unanswered::Broken => proxy::unanswered(other),
        };
    }),
    &["proxy/forwarding/makes-up-no-answer-of-a-server-that-says-nothing"],
);
const CARRIAGE_RETURN_PASSED_ON: Fault = fault(
    "proxy/carriage-return-passed-on",
    "AP-7-01",
    "A bare CR in a header of the server reaches the client.",
    Seam::Proxy(|policy| policy.clean = <[u8]>::to_vec),
    &["proxy/forwarding/lets-no-server-write-a-line-of-the-head"],
);
const FRAMING_PASSED_ON: Fault = fault(
    "proxy/framing-passed-on",
    "AP-7-01",
    "Transfer-Encoding of the server reaches the client, the chunks do not.",
    Seam::Proxy(|policy| {
        policy.keeps_answer_field = |name| {
            name.eq_ignore_ascii_case(b"Transfer-Encoding") || proxy::keeps_answer_field(name)
        };
    }),
    &["proxy/forwarding/proves-an-answer-in-chunks"],
);
const CREDENTIALS_PASSED_ON: Fault = fault(
    "proxy/credentials-passed-on",
    "AP-7-02",
    "The credentials of the client reach the server.",
    Seam::Proxy(|policy| {
        policy.keeps_field = |field| keeps_also(field, "Authorization");
    }),
    &["proxy/identity/keeps-the-credentials"],
);
const SECOND_CREDENTIALS_PASSED_ON: Fault = fault(
    "proxy/second-credentials-passed-on",
    "AP-7-02",
    "Of several Authorization headers one is used and the others reach the server.",
    Seam::Proxy(|policy| {
        policy.ua.read_credentials = read_digest_credentials;
        policy.keeps_field = |field| keeps_but_first(field, "Authorization");
    }),
    &[
        "proxy/identity/keeps-each-of-several-credentials-before",
        "proxy/identity/keeps-each-of-several-credentials-after",
    ],
);
const NO_IDENTITY_ASSERTED: Fault = fault(
    "proxy/no-identity-asserted",
    "AP-7-02",
    "The server is not told who the user is.",
    Seam::Proxy(|policy| policy.asserted = |_| Vec::new()),
    &["proxy/identity/asserts-an-identity"],
);
const IDENTITY_DROPPED_WITH_CONNECTION: Fault = fault(
    "proxy/identity-dropped-with-connection",
    "AP-7-02",
    "An asserted identity goes with the headers that Connection names.",
    Seam::Proxy(|policy| policy.asserted = asserted_unless_an_option),
    &["proxy/identity/asserts-although-connection-names-the-header"],
);
const FOREIGN_IDENTITY_ASSERTED: Fault = fault(
    "proxy/foreign-identity-asserted",
    "AP-7-03",
    "Whatever identity the client intends is asserted.",
    Seam::Proxy(|policy| policy.identity = intended_as_it_is),
    &[
        "proxy/identity/refuses-a-foreign-identity-as-intended-identity",
        "proxy/identity/refuses-a-foreign-identity-without-quotes-as-intended-identity",
        "proxy/identity/refuses-a-foreign-identity-beside-the-own-one",
    ],
);
const FOREIGN_IDENTITY_IGNORED: Fault = fault(
    "proxy/foreign-identity-ignored",
    "AP-7-03",
    "A foreign intended identity is passed over, and the default one asserted.",
    Seam::Proxy(|policy| policy.identity = own_if_foreign),
    &["proxy/identity/refuses-a-foreign-identity-as-intended-identity"],
);
const FOREIGN_IDENTITY_CHALLENGED: Fault = fault(
    "proxy/foreign-identity-challenged",
    "AP-7-03",
    "A foreign intended identity leads to 401 instead of 403.",
    Seam::Proxy(|policy| policy.identity = |facts| refused_with(facts, 401)),
    &[
        "proxy/identity/refuses-a-foreign-identity-as-intended-identity",
        "proxy/identity/refuses-a-longer-identity-as-intended-identity",
    ],
);
const INTENDED_IDENTITY_IGNORED: Fault = fault(
    "proxy/intended-identity-ignored",
    "AP-7-03",
    "The default identity is asserted, whichever of the own ones the client intends.",
    Seam::Proxy(|policy| policy.identity = default_unless_refused),
    &["proxy/identity/asserts-the-intended-identity"],
);
const IDENTITY_COMPARED_BY_ITS_START: Fault = fault(
    "proxy/identity-compared-by-its-start",
    "AP-7-03",
    "An intended identity that only begins like an own one is asserted.",
    Seam::Proxy(|policy| {
        policy.identity = |facts| asserted_if(facts, |name, own| name.starts_with(own));
    }),
    &["proxy/identity/refuses-a-longer-identity-as-intended-identity"],
);
const IDENTITY_COMPARED_BY_ITS_END: Fault = fault(
    "proxy/identity-compared-by-its-end",
    "AP-7-03",
    "An intended identity that only ends like an own one is asserted.",
    Seam::Proxy(|policy| {
        policy.identity = |facts| asserted_if(facts, |name, own| name.ends_with(own));
    }),
    &["proxy/identity/refuses-a-domain-before-the-own-one-as-intended-identity"],
);
const FIRST_INTENDED_IDENTITY_CHECKED: Fault = fault(
    "proxy/first-intended-identity-checked",
    "AP-7-03",
    "Of several intended identities only the first is compared, and all are asserted.",
    Seam::Proxy(|policy| policy.identity = first_compared),
    &["proxy/identity/refuses-a-foreign-identity-beside-the-own-one"],
);
const CLAIMED_IDENTITY_PASSED_ON: Fault = fault(
    "proxy/claimed-identity-passed-on",
    "AP-7-04",
    "An identity that the client calls asserted reaches the server beside the right one.",
    Seam::Proxy(|policy| policy.keeps_field = |field| keeps_also(field, ASSERTED_IDENTITY)),
    &[
        "proxy/identity/drops-a-claimed-identity-as-it-is-spelled",
        "proxy/identity/drops-a-claimed-identity-on-a-folded-line",
        "proxy/identity/drops-a-claimed-identity-in-upper-case",
    ],
);
const CLAIMED_IDENTITY_PASSED_ON_IN_LOWER_CASE: Fault = fault(
    "proxy/claimed-identity-passed-on-in-lower-case",
    "AP-7-04",
    "Only the usual spelling of the header is dropped.",
    Seam::Proxy(|policy| {
        policy.keeps_field =
            |field| field.name != ASSERTED_IDENTITY && keeps_also(field, ASSERTED_IDENTITY);
    }),
    &[
        "proxy/identity/drops-a-claimed-identity-in-lower-case",
        "proxy/identity/drops-a-claimed-identity-in-upper-case",
    ],
);
const SECOND_CLAIMED_IDENTITY_PASSED_ON: Fault = fault(
    "proxy/second-claimed-identity-passed-on",
    "AP-7-04",
    "Of several headers with a claimed identity only the first is dropped.",
    Seam::Proxy(|policy| policy.keeps_field = |field| keeps_but_first(field, ASSERTED_IDENTITY)),
    &["proxy/identity/drops-a-claimed-identity-twice"],
);
const CLAIMED_IDENTITY_ASSERTED: Fault = fault(
    "proxy/claimed-identity-asserted",
    "AP-7-04",
    "What the client calls its asserted identity is what the proxy asserts.",
    Seam::Proxy(|policy| policy.identity = claimed_first),
    &[
        "proxy/identity/drops-a-claimed-identity-as-it-is-spelled",
        "proxy/identity/drops-a-claimed-identity-in-lower-case",
    ],
);
const BLANK_BEFORE_COLON_PASSED_ON: Fault = fault(
    "proxy/blank-before-colon-passed-on",
    "AP-7-04",
    "A claimed identity with a blank before the colon is no such header, and reaches the server.",
    Seam::Proxy(|policy| policy.has_sound_fields = |_| true),
    &["proxy/identity/drops-a-claimed-identity-with-a-blank-before-the-colon"],
);
const CLAIMED_FLAGS_PASSED_ON: Fault = fault(
    "proxy/claimed-flags-passed-on",
    "AP-7-04",
    "Flags that the client claims reach the server.",
    Seam::Proxy(|policy| policy.keeps_field = |field| keeps_also(field, AUTHORIZATION_FLAGS)),
    &[
        "proxy/identity/drops-claimed-flags-as-they-are-spelled",
        "proxy/identity/drops-claimed-flags-in-lower-case",
    ],
);
const SECOND_CLAIMED_FLAGS_PASSED_ON: Fault = fault(
    "proxy/second-claimed-flags-passed-on",
    "AP-7-04",
    "Of several headers with claimed flags only the first is dropped.",
    Seam::Proxy(|policy| policy.keeps_field = |field| keeps_but_first(field, AUTHORIZATION_FLAGS)),
    &["proxy/identity/drops-claimed-flags-twice"],
);
const FORWARDS_WITHOUT_AUTHENTICATION: Fault = fault(
    "proxy/forwards-without-authentication",
    "UA-5.2.4-01",
    "A request without credentials reaches the server.",
    Seam::Proxy(|policy| policy.ua.must_authenticate = edit::serves_without_authentication),
    &[
        "proxy/keys/answers-a-request-without-credentials-itself",
        "proxy/keys/asks-for-bootstrapping-for-the-server",
    ],
);
const WRONG_DIGEST_FORWARDED: Fault = fault(
    "proxy/wrong-digest-forwarded",
    "UA-5.2.3-01",
    "Any response of the right length is accepted.",
    Seam::Proxy(|policy| policy.ua.accept_response = |check| check.response.len() == 32),
    &["proxy/keys/answers-a-wrong-digest-itself"],
);
const UNKNOWN_BTID_GIVES_500: Fault = fault(
    "proxy/unknown-btid-gives-500",
    "UA-5.2.3-01",
    "An unknown B-TID leads to 500 instead of a new challenge.",
    Seam::Proxy(|policy| {
        policy.ua.reject = |rejection| edit::status_for(rejection, Rejection::NoKey, 500);
    }),
    &["proxy/keys/answers-an-unknown-btid-itself"],
);
const ALTERED_BODY_FORWARDED: Fault = fault(
    "proxy/altered-body-forwarded",
    "UA-5.2.6-01",
    "The digest of a request with a body is not compared.",
    Seam::Proxy(|policy| {
        policy.ua.accept_response =
            |check| !check.facts.body.is_empty() || proof::accept_response(check);
    }),
    &["proxy/forwarding/keeps-a-body-that-was-altered"],
);
const KEY_NOT_BOUND_TO_THE_SUITE: Fault = fault(
    "proxy/key-not-bound-to-the-suite",
    "UA-5.2.2-04",
    "Inside TLS the keys are those of a connection in the clear.",
    Seam::Proxy(|policy| policy.ua.ua_protocol = |_| UaProtocolId::HTTP_DIGEST),
    &["proxy/keys/forwards-inside-tls-with-the-key-for-the-suite"],
);
const NONCE_COUNT_FORWARDED_AGAIN: Fault = fault(
    "proxy/nonce-count-forwarded-again",
    "UA-5.2.2-09",
    "A nonce count may come again.",
    Seam::Proxy(|policy| policy.ua.accept_nonce_count = |count| count.highest.is_some()),
    &["proxy/keys/forwards-a-nonce-count-once"],
);
const ANSWER_NOT_PROVED: Fault = fault(
    "proxy/answer-not-proved",
    "UA-5.2.2-07",
    "The answer of the server reaches the client without Authentication-Info.",
    Seam::Proxy(|policy| policy.ua.authentication_info = |_| None),
    &["proxy/forwarding/proves-the-answer-that-the-client-gets"],
);
const PROOF_WITHOUT_THE_BODY: Fault = fault(
    "proxy/proof-without-the-body",
    "UA-5.2.2-07",
    "Authentication-Info is made before the answer of the server is there.",
    Seam::Proxy(|policy| {
        policy.ua.authentication_info =
            |info| proof::authentication_info(&InfoFacts { body: b"", ..*info });
    }),
    &["proxy/forwarding/proves-the-answer-that-the-client-gets"],
);
const PROOF_OF_THE_SERVER_PASSED_ON: Fault = fault(
    "proxy/proof-of-the-server-passed-on",
    "UA-5.2.2-07",
    "Authentication-Info of the server reaches the client before the right one.",
    Seam::Proxy(|policy| {
        policy.keeps_answer_field = |name| {
            name.eq_ignore_ascii_case(b"Authentication-Info") || proxy::keeps_answer_field(name)
        };
    }),
    &["proxy/forwarding/proves-with-its-own-key"],
);
const ANY_RESPONSE_FORWARDED: Fault = fault(
    "proxy/any-response-forwarded",
    "AP-7-01",
    "Any 32 hex digits are taken as the response.",
    Seam::Proxy(|policy| policy.ua.accept_response = |check| check.response.len() == 32),
    &[
        "proxy/credentials/keeps-from-the-server-the-raw-key",
        "proxy/credentials/keeps-from-the-server-the-key-in-hex",
        "proxy/credentials/keeps-from-the-server-the-key-in-base64url",
    ],
);
const NEAR_RESPONSE_FORWARDED: Fault = fault(
    "proxy/near-response-forwarded",
    "AP-7-01",
    "Only the first 31 digits of the response are compared.",
    Seam::Proxy(|policy| policy.ua.accept_response = edit::accept_prefix),
    &["proxy/credentials/keeps-from-the-server-a-flipped-bit"],
);
const USERNAME_IGNORED: Fault = fault(
    "proxy/username-ignored",
    "AP-7-01",
    "A response is right if any key fits, whatever the username.",
    Seam::Proxy(|policy| policy.ua.names_key = |_| true),
    &["proxy/credentials/keeps-from-the-server-a-foreign-btid"],
);
const UNKNOWN_NONCE_FORWARDED: Fault = fault(
    "proxy/unknown-nonce-forwarded",
    "AP-7-01",
    "A nonce that this proxy never issued is as good as one of its own.",
    Seam::Proxy(|policy| {
        policy.ua.accept_nonce_count =
            |count| count.highest.is_none() || ua::accept_nonce_count(count);
    }),
    &["proxy/credentials/keeps-from-the-server-a-nonce-never-issued"],
);
const MISSING_QOP_FORWARDED: Fault = fault(
    "proxy/missing-qop-forwarded",
    "AP-7-01",
    "A response in the form of RFC 2069, without qop, is accepted.",
    Seam::Proxy(|policy| policy.ua.accept_qop = |qop| qop != Some(Qop::Auth)),
    &["proxy/credentials/keeps-from-the-server-a-request-without-qop"],
);
const QOP_AUTH_FORWARDED: Fault = fault(
    "proxy/qop-auth-forwarded",
    "UA-5.2.6-01",
    "A request with qop=auth passes though auth-int alone is offered.",
    Seam::Proxy(|policy| policy.ua.accept_qop = |qop| qop.is_some()),
    &["proxy/credentials/keeps-from-the-server-a-weaker-qop"],
);
const EMPTY_RESPONSE_FORWARDED: Fault = fault(
    "proxy/empty-response-forwarded",
    "AP-7-01",
    "As many digits are compared as the response has: an empty one is right.",
    Seam::Proxy(|policy| {
        policy.ua.accept_response =
            |check| check.response.is_empty() || proof::accept_response(check);
    }),
    &["proxy/credentials/keeps-from-the-server-an-empty-response"],
);
const ANY_URI_FORWARDED: Fault = fault(
    "proxy/any-uri-forwarded",
    "AP-7-01",
    "What the uri names is not compared with the target of the request.",
    Seam::Proxy(|policy| policy.ua.accept_uri = |_| true),
    &["proxy/credentials/keeps-from-the-server-the-uri-of-another-resource"],
);

/// A `keeps_field` decision that also keeps this field.
fn keeps_also(field: &FieldFacts<'_>, name: &str) -> bool {
    field.name.eq_ignore_ascii_case(name) || proxy::keeps_field(field)
}

/// A `keeps_field` decision that drops only the first field of this name.
fn keeps_but_first(field: &FieldFacts<'_>, name: &str) -> bool {
    field.name.eq_ignore_ascii_case(name) && field.before > 0 || proxy::keeps_field(field)
}

/// A `read_credentials` decision that takes the Digest credentials among several.
fn read_digest_credentials(request: &Message) -> Result<Credentials, MalformedCredentials> {
    let mut fields = request.fields_named("Authorization");
    let digest = fields.find(|field| field.text().to_ascii_lowercase().starts_with(b"digest"));
    let field = digest.ok_or(MalformedCredentials)?;
    let list = DirectiveList::parse_credentials(&field.text());
    Ok(Credentials::parse(&list).0)
}

/// An `asserted` decision that leaves out what Connection names.
fn asserted_unless_an_option(facts: &AssertedFacts<'_>) -> Vec<String> {
    let mut options = facts.options.iter();
    if options.any(|option| option.eq_ignore_ascii_case(ASSERTED_IDENTITY)) {
        return Vec::new();
    }
    proxy::asserted(facts)
}

/// An `identity` decision that asserts what is intended, whoever it is.
fn intended_as_it_is(facts: &IdentityFacts<'_>) -> IdentityDecision {
    asserted_if(facts, |_, _| true)
}

/// An `identity` decision that asserts what is intended if some own identity is like it.
fn asserted_if(facts: &IdentityFacts<'_>, is_like: fn(&str, &str) -> bool) -> IdentityDecision {
    let is_known = |name: &String| facts.own.iter().any(|own| is_like(name, own));
    if !facts.intended.is_empty() && facts.intended.iter().all(is_known) {
        return IdentityDecision::Assert(facts.intended.to_vec());
    }
    proxy::identity(facts)
}

/// An `identity` decision that looks at the first intended identity.
fn first_compared(facts: &IdentityFacts<'_>) -> IdentityDecision {
    let first = facts.intended.get(..1).unwrap_or_default();
    let first = IdentityFacts {
        intended: first,
        ..*facts
    };
    match proxy::identity(&first) {
        IdentityDecision::Assert(_) if !facts.intended.is_empty() => {
            IdentityDecision::Assert(facts.intended.to_vec())
        }
        other => other,
    }
}

/// An `identity` decision that takes a refusal for a request without an intended identity.
fn own_if_foreign(facts: &IdentityFacts<'_>) -> IdentityDecision {
    match proxy::identity(facts) {
        IdentityDecision::Refuse(_) => default_of(facts),
        other @ IdentityDecision::Assert(_) => other,
    }
}

/// An `identity` decision that asserts the default identity of whoever is not refused.
fn default_unless_refused(facts: &IdentityFacts<'_>) -> IdentityDecision {
    match proxy::identity(facts) {
        IdentityDecision::Assert(_) => default_of(facts),
        other @ IdentityDecision::Refuse(_) => other,
    }
}

fn default_of(facts: &IdentityFacts<'_>) -> IdentityDecision {
    proxy::identity(&IdentityFacts {
        intended: &[],
        ..*facts
    })
}

/// An `identity` decision that refuses with another status code.
fn refused_with(facts: &IdentityFacts<'_>, status: u16) -> IdentityDecision {
    match proxy::identity(facts) {
        IdentityDecision::Refuse(_) => IdentityDecision::Refuse(status),
        other @ IdentityDecision::Assert(_) => other,
    }
}

/// An `identity` decision that believes what the client claims.
fn claimed_first(facts: &IdentityFacts<'_>) -> IdentityDecision {
    if facts.claimed.is_empty() {
        return proxy::identity(facts);
    }
    IdentityDecision::Assert(facts.claimed.to_vec())
}
