//! The facts that a vector can ask about: names for what a message says, and how to read them.
//!
//! A fact is one row of [`FACTS`]; the loader, the judge, the JSON schema and the reports all work
//! from that table. A fact of the wrong kind of message, or one that cannot be read, is absent.

mod made_with;
mod network;

use std::fmt;

use gbaspec_wire::diameter::dictionary;

use crate::view::View;

pub use made_with::MADE_WITH;
pub use network::NETWORK_FACTS;

/// The value of a fact. Texts of the target are escaped when they are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text or an enumerated word.
    Text(String),
    /// A number.
    Number(u64),
    /// A sequence number of 48 bits.
    Sqn(u64),
    /// A list of words.
    List(Vec<String>),
}

impl Value {
    /// A text as the target sent it, escaped.
    pub fn escaped(bytes: &[u8]) -> Self {
        Self::Text(gbaspec_wire::escape::escape(bytes))
    }

    /// An enumerated word.
    pub fn word(word: &str) -> Self {
        Self::Text(word.to_owned())
    }

    /// Whether it equals the literal; a status code also equals its class, for example `4xx`.
    pub fn equals(&self, literal: &str) -> bool {
        match self {
            Self::Text(text) => text == literal,
            Self::Number(number) => {
                literal.parse() == Ok(*number)
                    || literal
                        .strip_suffix("xx")
                        .is_some_and(|class| class.parse() == Ok(number / 100))
            }
            Self::Sqn(_) => self.to_string() == literal,
            Self::List(words) => words.len() == 1 && words[0] == literal,
        }
    }

    /// Whether a list holds the word, or a text the part.
    pub fn contains(&self, part: &str) -> bool {
        match self {
            Self::List(words) => words.iter().any(|word| word == part),
            Self::Text(text) => text.contains(part),
            Self::Number(_) | Self::Sqn(_) => false,
        }
    }

    /// Whether a header value holds the product token (TS 24.109 tables, erratum ERR-08).
    pub fn has_token(&self, token: &str) -> bool {
        match self {
            Self::Text(text) => gbaspec_wire::product::has_token(text.as_bytes(), token),
            _ => false,
        }
    }

    /// The number, if it is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) | Self::Sqn(number) => Some(*number),
            Self::Text(_) | Self::List(_) => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) if text.is_empty() => f.write_str("\"\" (empty)"),
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Sqn(sqn) => write!(f, "{sqn:012x}"),
            Self::List(words) if words.is_empty() => f.write_str("none"),
            Self::List(words) => f.write_str(&words.join(", ")),
        }
    }
}

/// A fact as a vector names it: a row of the table, and for headers which one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactPath {
    name: &'static str,
    /// The header, the parameter of the query, or the AVP.
    part: Option<String>,
}

impl FactPath {
    /// The fact with this name; `header.<Name>` stands for any header, `query.<name>` for any
    /// parameter of the query, `avp.<Name>` for any AVP of the dictionary.
    pub fn from_name(name: &str) -> Option<Self> {
        if let Some(fact) = all_facts().find(|fact| fact.name == name) {
            return Some(Self {
                name: fact.name,
                part: None,
            });
        }
        if let Some(avp) = name.strip_prefix(AVP_PREFIX) {
            return dictionary::named(avp).map(|info| Self {
                name: AVP_PREFIX,
                part: Some(info.name.to_owned()),
            });
        }
        [HEADER_PREFIX, QUERY_PREFIX]
            .into_iter()
            .find_map(|prefix| {
                let part = name.strip_prefix(prefix)?;
                let is_name = !part.is_empty()
                    && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
                is_name.then(|| Self {
                    name: prefix,
                    part: Some(part.to_owned()),
                })
            })
    }

    /// Reads the fact from a message.
    pub fn read(&self, view: &View<'_>) -> Option<Value> {
        if !view.has_message() && !self.name.starts_with("tls") {
            return None;
        }
        // A message of Diameter has no start line, header or body.
        let is_of_http = FACTS.iter().any(|fact| fact.name == self.name) || self.is_part_of_http();
        if view.packet.is_some() && is_of_http && !self.name.starts_with("tls") {
            return (self.name == SYNTAX).then(|| view.syntax());
        }
        match (self.name, &self.part) {
            (AVP_PREFIX, Some(name)) => view.avp(name),
            (HEADER_PREFIX, Some(header)) => view
                .message
                .field(header)
                .map(|field| Value::escaped(&field.text())),
            (QUERY_PREFIX, Some(parameter)) => view.query(parameter),
            _ => {
                let fact = all_facts().find(|fact| fact.name == self.name)?;
                (fact.read)(view)
            }
        }
    }

    fn is_part_of_http(&self) -> bool {
        [HEADER_PREFIX, QUERY_PREFIX].contains(&self.name)
    }
}

/// The facts of both tables.
pub fn all_facts() -> impl Iterator<Item = &'static FactInfo> {
    FACTS.iter().chain(NETWORK_FACTS)
}

impl fmt::Display for FactPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        f.write_str(self.part.as_deref().unwrap_or(""))
    }
}

/// The prefix of the facts that read a header.
pub const HEADER_PREFIX: &str = "header.";
/// The prefix of the facts that read a parameter of the query.
pub const QUERY_PREFIX: &str = "query.";

/// The prefix of the facts that read an AVP of a message of Diameter.
pub const AVP_PREFIX: &str = "avp.";
/// The fact that messages of any kind have.
const SYNTAX: &str = "syntax";

/// One row of the table.
pub struct FactInfo {
    /// The name in vectors.
    pub name: &'static str,
    /// What it is, for the schema and for people.
    pub doc: &'static str,
    /// How it is read.
    pub read: fn(&View<'_>) -> Option<Value>,
}

/// All facts about messages of HTTP but the headers and the parameters of the query.
pub const FACTS: &[FactInfo] = &[
    // Any message.
    FactInfo {
        name: "status",
        doc: "status code of a response; 4xx stands for the class",
        read: |view| view.status(),
    },
    FactInfo {
        name: "method",
        doc: "method of a request",
        read: |view| view.method(),
    },
    FactInfo {
        name: "target",
        doc: "request target",
        read: |view| view.target(),
    },
    FactInfo {
        name: "target.form",
        doc: "its form (RFC 9112 3.2): origin for a path, absolute for a URL, else other",
        read: |view| view.target_form(),
    },
    FactInfo {
        name: "host",
        doc: "name in Host, in lower case and without its port (RFC 9110 4.2.3)",
        read: |view| view.host(),
    },
    FactInfo {
        name: "host.port",
        doc: "port in Host, if it names one",
        read: |view| view.host_port(),
    },
    FactInfo {
        name: "syntax",
        doc: "deviations from HTTP/1.1 message syntax, or from that of Diameter; `none` if there are none",
        read: |view| Some(view.syntax()),
    },
    FactInfo {
        name: "body",
        doc: "body as text, transfer coding removed",
        read: |view| view.body(),
    },
    FactInfo {
        name: "body.octets",
        doc: "length of the body in octets",
        read: |view| view.body_octets(),
    },
    FactInfo {
        name: "content-type",
        doc: "media type of the body in lower case, without parameters (RFC 9110 8.3.1)",
        read: |view| view.content_type(),
    },
    FactInfo {
        name: "tls",
        doc: "version of TLS, if the message went inside it",
        read: |view| view.tls(),
    },
    FactInfo {
        name: "tls.server-name",
        doc: "name that the client asked for in the handshake (SNI)",
        read: |view| view.tls_server_name(),
    },
    FactInfo {
        name: "tls.suite",
        doc: "IANA name of the cipher suite, if the message went inside TLS",
        read: |view| view.tls_suite(),
    },
    FactInfo {
        name: "tls.handshake",
        doc: "how a handshake with a shared key ended: `done`, `refused` (with an alert), `closed`, `silent`, or `broken` if what came was none",
        read: |view| view.tls_handshake(),
    },
    FactInfo {
        name: "tls.alert",
        doc: "name of the alert that refused it, in lower case with hyphens, for example unknown-psk-identity",
        read: |view| view.tls_alert(),
    },
    FactInfo {
        name: "tls.end",
        doc: "both in one, for example `refused: decrypt-error`",
        read: |view| view.tls_end(),
    },
    FactInfo {
        name: "tls.psk-hint",
        doc: "identity hint of the server (RFC 4279 2)",
        read: |view| view.tls_psk_hint(),
    },
    FactInfo {
        name: "tls.psk-identity",
        doc: "identity of the client in a handshake with a shared key",
        read: |view| view.tls_psk_identity(),
    },
    FactInfo {
        name: "tls.psk-identity.prefix",
        doc: "its prefix, if it is 3GPP-bootstrapping or 3GPP-bootstrapping-uicc",
        read: |view| view.tls_psk_identity_prefix(),
    },
    FactInfo {
        name: "tls.psk-identity.btid",
        doc: "what follows the prefix, and a semicolon behind it if there is one",
        read: |view| view.tls_psk_identity_btid(),
    },
    FactInfo {
        name: "tls.suites",
        doc: "IANA names of the suites that the client offered in a handshake with a shared key, or their numbers in hex",
        read: |view| view.tls_suites(),
    },
    // WWW-Authenticate.
    FactInfo {
        name: "intended-identity",
        doc: "public identity in X-3GPP-Intended-Identity, without quotes (TS 24.109 B.3)",
        read: |view| view.intended_identity(),
    },
    FactInfo {
        name: "intended-identity.form",
        doc: "`quoted` if the field is one quoted string, as table B.3-1 prints it, else `bare`",
        read: |view| view.intended_identity_form(),
    },
    FactInfo {
        name: "challenge",
        doc: "scheme of the challenge that the client would use",
        read: |view| view.challenge(),
    },
    FactInfo {
        name: "challenge.basic",
        doc: "`there` if one of the challenges is of the scheme Basic",
        read: |view| view.challenge_basic(),
    },
    FactInfo {
        name: "challenge.schemes",
        doc: "list of the schemes of all challenges, each once, in lower case and in their order",
        read: |view| view.challenge_schemes(),
    },
    FactInfo {
        name: "challenge.form",
        doc: "deviations from the strict form; `none` if there are none",
        read: |view| view.challenge_form(),
    },
    FactInfo {
        name: "challenge.algorithm",
        doc: "algorithm directive",
        read: |view| view.challenge_directive("algorithm"),
    },
    FactInfo {
        name: "challenge.algorithms",
        doc: "algorithms of all Digest challenges in their order; MD5 where none is named (RFC 7616 3.3)",
        read: |view| view.challenge_algorithms(),
    },
    FactInfo {
        name: "challenge.realm",
        doc: "realm directive",
        read: |view| view.challenge_directive("realm"),
    },
    FactInfo {
        name: "challenge.realm.prefixes",
        doc: "the prefixes of a Ua realm that are offered for the NAF contacted, in their order",
        read: |view| view.challenge_realm_prefixes(),
    },
    FactInfo {
        name: "challenge.bootstrapping",
        doc: "`asked` if it is a Digest challenge whose realm offers a known kind of bootstrapping for the NAF contacted, else `not-asked` (TS 24.109 5.2.4)",
        read: |view| view.challenge_bootstrapping(),
    },
    FactInfo {
        name: "challenge.qop",
        doc: "list of offered qop values",
        read: |view| view.challenge_qop(),
    },
    FactInfo {
        name: "challenge.opaque",
        doc: "opaque directive",
        read: |view| view.challenge_directive("opaque"),
    },
    FactInfo {
        name: "challenge.stale",
        doc: "stale directive",
        read: |view| view.challenge_directive("stale"),
    },
    FactInfo {
        name: "challenge.nonce",
        doc: "nonce directive, as text",
        read: |view| view.challenge_directive("nonce"),
    },
    FactInfo {
        name: "challenge.nonce.aka",
        doc: "`decodes` if the nonce is base64 of at least RAND and AUTN, else why not",
        read: |view| view.challenge_nonce_aka(),
    },
    FactInfo {
        name: "challenge.nonce.2g",
        doc: "`decodes` if the nonce is base64 of RAND, 16 zero octets and Ks-input (TS 33.220 Annex I), else why not",
        read: |view| view.challenge_nonce_2g(),
    },
    FactInfo {
        name: "challenge.ks-input",
        doc: "Ks-input of 2G GBA in hex",
        read: |view| view.challenge_ks_input(),
    },
    FactInfo {
        name: "challenge.rand",
        doc: "RAND in hex",
        read: |view| view.challenge_rand(),
    },
    FactInfo {
        name: "challenge.mac",
        doc: "`valid` if MAC-A of AUTN verifies with the subscriber's key, else `mismatch`",
        read: |view| view.challenge_mac(),
    },
    FactInfo {
        name: "challenge.sqn",
        doc: "SQN in AUTN, unmasked with the subscriber's key",
        read: |view| view.challenge_sqn(),
    },
    FactInfo {
        name: "challenge.seq",
        doc: "SEQ of that SQN, under the profile's division into SEQ and IND",
        read: |view| view.seq_of(&view.challenge_sqn()?),
    },
    FactInfo {
        name: "challenge.usim",
        doc: "what a USIM says that has seen this play (TS 33.102 C.2): accepts, not above its slot, beyond delta, older than the age limit; absent if MAC-A is wrong, or if the play does not tell what a client under test holds",
        read: |view| view.challenge_usim(),
    },
    FactInfo {
        name: "challenge.amf",
        doc: "AMF in hex",
        read: |view| view.challenge_amf(),
    },
    // Authorization.
    FactInfo {
        name: "credentials",
        doc: "scheme of the Authorization header",
        read: |view| view.credentials(),
    },
    FactInfo {
        name: "credentials.form",
        doc: "deviations from the strict form; `none` if there are none",
        read: |view| view.credentials_form(),
    },
    FactInfo {
        name: "credentials.username",
        doc: "username directive",
        read: |view| view.credential("username"),
    },
    FactInfo {
        name: "credentials.identity",
        doc: "`impi`, `tmpi` if it is the TMPI of the last run that this play completed (TS 33.220 B.4), else `other`",
        read: |view| view.credentials_identity(),
    },
    FactInfo {
        name: "credentials.realm",
        doc: "realm directive",
        read: |view| view.credential("realm"),
    },
    FactInfo {
        name: "credentials.nonce",
        doc: "nonce directive",
        read: |view| view.credential("nonce"),
    },
    FactInfo {
        name: "credentials.uri",
        doc: "uri directive",
        read: |view| view.credential("uri"),
    },
    FactInfo {
        name: "credentials.qop",
        doc: "qop directive",
        read: |view| view.credential("qop"),
    },
    FactInfo {
        name: "credentials.nc",
        doc: "nc directive",
        read: |view| view.credential("nc"),
    },
    FactInfo {
        name: "credentials.cnonce",
        doc: "cnonce directive",
        read: |view| view.credential("cnonce"),
    },
    FactInfo {
        name: "credentials.opaque",
        doc: "opaque directive",
        read: |view| view.credential("opaque"),
    },
    FactInfo {
        name: "credentials.algorithm",
        doc: "algorithm directive",
        read: |view| view.credential("algorithm"),
    },
    FactInfo {
        name: "credentials.response",
        doc: "response directive",
        read: |view| view.credential("response"),
    },
    FactInfo {
        name: "credentials.response.made-with",
        doc: "what the response was computed with; right are res (AKAv1), akav2 (AKAv2) and ks-naf (Ua), `unknown` is none of those and none of the mistakes below",
        read: |view| view.credentials_made_with(),
    },
    FactInfo {
        name: "credentials.usim",
        doc: "challenge.usim of the challenge that the request answers; absent if it does so with neither RES nor a right AUTS",
        read: |view| view.credentials_usim(),
    },
    FactInfo {
        name: "credentials.auts",
        doc: "auts directive",
        read: |view| view.credential("auts"),
    },
    FactInfo {
        name: "credentials.auts.octets",
        doc: "length of the decoded AUTS",
        read: |view| view.credentials_auts_octets(),
    },
    FactInfo {
        name: "credentials.auts.mac",
        doc: "`valid` if MAC-S verifies with AMF* 0000, else `challenge-amf`, `f1`, `f5`, `mac-first`, or `mismatch`",
        read: |view| view.credentials_auts_mac(),
    },
    FactInfo {
        name: "credentials.auts.sqn-ms",
        doc: "SQN_MS in AUTS, unmasked with the subscriber's key",
        read: |view| view.credentials_auts_sqn_ms(),
    },
    FactInfo {
        name: "credentials.auts.seq-ms",
        doc: "SEQ of that SQN_MS; its IND says nothing (TS 33.102 C.2.2)",
        read: |view| view.seq_of(&view.credentials_auts_sqn_ms()?),
    },
    // Authentication-Info.
    FactInfo {
        name: "info",
        doc: "`there` if an Authentication-Info header is sent",
        read: |view| view.info(),
    },
    FactInfo {
        name: "info.form",
        doc: "deviations from the strict form; `none` if there are none",
        read: |view| view.info_form(),
    },
    FactInfo {
        name: "info.qop",
        doc: "qop directive",
        read: |view| view.info_directive("qop"),
    },
    FactInfo {
        name: "info.nc",
        doc: "nc directive",
        read: |view| view.info_directive("nc"),
    },
    FactInfo {
        name: "info.cnonce",
        doc: "cnonce directive",
        read: |view| view.info_directive("cnonce"),
    },
    FactInfo {
        name: "info.nextnonce",
        doc: "nextnonce directive",
        read: |view| view.info_directive("nextnonce"),
    },
    FactInfo {
        name: "info.rspauth",
        doc: "rspauth directive",
        read: |view| view.info_directive("rspauth"),
    },
    FactInfo {
        name: "info.rspauth.made-with",
        doc: "what rspauth was computed over: response-body (right), empty-body, request-body, method, path-only, qop-auth, or unknown",
        read: |view| view.info_made_with(),
    },
    // application/vnd.3gpp.bsf+xml.
    FactInfo {
        name: "bsf-info",
        doc: "`there` if the body is a BootstrappingInfo document that hands out a B-TID",
        read: |view| view.bsf_info(),
    },
    FactInfo {
        name: "bsf-info.form",
        doc: "deviations from the schema; `none` if there are none",
        read: |view| view.bsf_info_form(),
    },
    FactInfo {
        name: "bsf-info.btid",
        doc: "the B-TID",
        read: |view| view.bsf_info_btid(),
    },
    FactInfo {
        name: "bsf-info.btid.rand",
        doc: "what the part before the @ decodes to, in hex",
        read: |view| view.bsf_info_btid_rand(),
    },
    FactInfo {
        name: "bsf-info.btid.domain",
        doc: "the part after the @",
        read: |view| view.bsf_info_btid_domain(),
    },
    FactInfo {
        name: "bsf-info.lifetime",
        doc: "`future`, `past`, or `broken` if it is no UTC xs:dateTime",
        read: |view| view.bsf_info_lifetime(),
    },
    FactInfo {
        name: "bsf-info.lifetime.seconds",
        doc: "seconds from the Date of the response, or without one from its arrival, to the end of the lifetime; 0 if that is past",
        read: |view| view.bsf_info_lifetime_seconds(),
    },
    // application/x-pkcs10 and certificates.
    FactInfo {
        name: "csr.form",
        doc: "how the certification request in the body travels: der, pem or base64",
        read: |view| view.csr_form(),
    },
    FactInfo {
        name: "csr.subject",
        doc: "subject of the certification request (RFC 4514)",
        read: |view| view.csr_subject(),
    },
    FactInfo {
        name: "csr.signature",
        doc: "`valid` if the key in the certification request has signed it, else `wrong`; absent if the algorithm is not known",
        read: |view| view.csr_signature(),
    },
    FactInfo {
        name: "certificate",
        doc: "`there` if the body holds a certificate, or several",
        read: |view| view.certificate(),
    },
    FactInfo {
        name: "certificate.form",
        doc: "how it travels: der, pem or base64",
        read: |view| view.certificate_form(),
    },
    FactInfo {
        name: "certificate.count",
        doc: "how many certificates the body holds",
        read: |view| view.certificate_count(),
    },
    FactInfo {
        name: "certificate.key",
        doc: "`of-request` if one of them holds the key of the certification request that is answered, else `other`",
        read: |view| view.certificate_key(),
    },
    FactInfo {
        name: "certificate.subject",
        doc: "subject of that one, else of the first (RFC 4514)",
        read: |view| view.certificate_subject(),
    },
    FactInfo {
        name: "certificate.issuer",
        doc: "its issuer (RFC 4514)",
        read: |view| view.certificate_issuer(),
    },
    FactInfo {
        name: "certificate.signature",
        doc: "`valid` if a certificate of its issuer that the play has seen holds the key that signed it, else `wrong`; absent if there is none, or the algorithm is not known",
        read: |view| view.certificate_signature(),
    },
    FactInfo {
        name: "query.in.issuer",
        doc: "the name that the parameter in holds as base64 of DER (RFC 4514)",
        read: |view| view.query_in_issuer(),
    },
    // Dates.
    FactInfo {
        name: "expires",
        doc: "`after-date`, `before-date`, or `broken`",
        read: |view| view.expires(),
    },
    FactInfo {
        name: "expires.lifetime",
        doc: "`same` if Expires is the moment of the lifetime in the document, else `other`",
        read: |view| view.expires_lifetime(),
    },
    FactInfo {
        name: "shared-caches",
        doc: "`kept-out` if Cache-Control has no-store or private (RFC 9111 5.2.2), else `let-in`",
        read: |view| view.shared_caches(),
    },
    // An authentication proxy and the servers behind it.
    FactInfo {
        name: "head",
        doc: "start line and header fields as they came, escaped",
        read: |view| Some(view.head()),
    },
    FactInfo {
        name: "identity.asserted",
        doc: "list of the identities in X-3GPP-Asserted-Identity, with or without quotes (U-17)",
        read: |view| view.list_in("X-3GPP-Asserted-Identity"),
    },
    FactInfo {
        name: "identity.intended",
        doc: "list of the identities in X-3GPP-Intended-Identity, with or without quotes (U-17)",
        read: |view| view.list_in("X-3GPP-Intended-Identity"),
    },
    FactInfo {
        name: "identity.flags",
        doc: "list in X-3GPP-Authorization-Flags, with or without quotes (U-17)",
        read: |view| view.list_in("X-3GPP-Authorization-Flags"),
    },
];

#[cfg(test)]
mod tests {
    use super::{FactPath, Value, all_facts};

    #[test]
    fn names_are_unique_and_found() {
        for fact in all_facts() {
            let same = all_facts().filter(|other| other.name == fact.name);
            assert_eq!(same.count(), 1, "{}", fact.name);
            assert_eq!(
                FactPath::from_name(fact.name)
                    .map(|path| path.to_string())
                    .as_deref(),
                Some(fact.name)
            );
        }
        assert_eq!(FactPath::from_name("challenge.sqm"), None);
        assert_eq!(FactPath::from_name("header."), None);
    }

    #[test]
    fn a_status_equals_its_class() {
        assert!(Value::Number(403).equals("403"));
        assert!(Value::Number(403).equals("4xx"));
        assert!(!Value::Number(403).equals("5xx"));
    }
}
