//! Digest challenges, credentials and `Authentication-Info` (RFC 7616 clauses 3.3 to 3.5,
//! RFC 3310): the repr layer over [`crate::directive`].
//!
//! ```text
//! WWW-Authenticate: Digest realm="", nonce="", algorithm=, qop="", opaque="", stale=, domain=""
//! Authorization: Digest username="", realm="", nonce="", uri="", qop=, nc=, cnonce="",
//!                       response="", opaque="", algorithm=, auts=""
//! Authentication-Info: qop=, rspauth="", cnonce="", nc=, nextnonce=""
//! ```
//!
//! Reading is total: a deviating value is taken as it stands and the deviation is listed. If a
//! directive is there several times, the first one counts. Directives without a place here are
//! ignored. Writing gives the strict form, in the order of the tables of TS 24.109.

use crate::auts;
use crate::directive::{Directive, DirectiveList, Form};
use crate::error::{DecodeError, Deviation, DeviationKind as Kind, Deviations};
use crate::http::is_token;
use crate::nonce::AkaNonce;

/// A digest algorithm by its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// `MD5` (RFC 7616).
    Md5,
    /// `MD5-sess` (RFC 7616).
    Md5Sess,
    /// `SHA-256` (RFC 7616).
    Sha256,
    /// `SHA-256-sess` (RFC 7616).
    Sha256Sess,
    /// `SHA-512-256` (RFC 7616).
    Sha512Trunc256,
    /// `SHA-512-256-sess` (RFC 7616).
    Sha512Trunc256Sess,
    /// `AKAv1-MD5` (RFC 3310).
    AkaV1Md5,
    /// `AKAv2-MD5` (RFC 4169).
    AkaV2Md5,
    /// `AKAv2-SHA-256`: RFC 4169 with the hash of RFC 7616; no RFC registers it.
    AkaV2Sha256,
    /// Any other, as written.
    Unknown(Vec<u8>),
}

impl Algorithm {
    /// The algorithm with this name. Case does not matter; the directive keeps the spelling.
    pub fn from_bytes(name: &[u8]) -> Self {
        let known = [
            Self::Md5,
            Self::Md5Sess,
            Self::Sha256,
            Self::Sha256Sess,
            Self::Sha512Trunc256,
            Self::Sha512Trunc256Sess,
            Self::AkaV1Md5,
            Self::AkaV2Md5,
            Self::AkaV2Sha256,
        ];
        known
            .into_iter()
            .find(|algorithm| algorithm.as_bytes().eq_ignore_ascii_case(name))
            .unwrap_or_else(|| Self::Unknown(name.to_vec()))
    }

    /// The name as its RFC writes it; an unknown one as it was read.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Md5 => b"MD5",
            Self::Md5Sess => b"MD5-sess",
            Self::Sha256 => b"SHA-256",
            Self::Sha256Sess => b"SHA-256-sess",
            Self::Sha512Trunc256 => b"SHA-512-256",
            Self::Sha512Trunc256Sess => b"SHA-512-256-sess",
            Self::AkaV1Md5 => b"AKAv1-MD5",
            Self::AkaV2Md5 => b"AKAv2-MD5",
            Self::AkaV2Sha256 => b"AKAv2-SHA-256",
            Self::Unknown(name) => name,
        }
    }

    /// Whether this is Digest AKA (RFC 3310, RFC 4169), so that the nonce carries RAND and AUTN.
    pub fn is_aka(&self) -> bool {
        matches!(self, Self::AkaV1Md5 | Self::AkaV2Md5 | Self::AkaV2Sha256)
    }

    /// The hex digits of a digest of this algorithm; `None` if the algorithm is unknown.
    fn digest_digits(&self) -> Option<usize> {
        match self {
            Self::Md5 | Self::Md5Sess | Self::AkaV1Md5 | Self::AkaV2Md5 => Some(32),
            Self::Sha256
            | Self::Sha256Sess
            | Self::Sha512Trunc256
            | Self::Sha512Trunc256Sess
            | Self::AkaV2Sha256 => Some(64),
            Self::Unknown(_) => None,
        }
    }
}

/// A quality of protection (RFC 7616 clause 3.3).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum QopValue {
    /// `auth`: the request is protected without its body.
    Auth,
    /// `auth-int`: the body is protected too. The only one on Ub (TS 24.109 clause 4.2).
    AuthInt,
    /// Any other, as written.
    Unknown(Vec<u8>),
}

impl QopValue {
    /// The value with this name; case does not matter.
    pub fn from_bytes(name: &[u8]) -> Self {
        if name.eq_ignore_ascii_case(b"auth") {
            return Self::Auth;
        }
        if name.eq_ignore_ascii_case(b"auth-int") {
            return Self::AuthInt;
        }
        Self::Unknown(name.to_vec())
    }

    /// The name as RFC 7616 writes it; an unknown one as it was read.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Auth => b"auth",
            Self::AuthInt => b"auth-int",
            Self::Unknown(name) => name,
        }
    }
}

/// A `Digest` challenge of `WWW-Authenticate` (RFC 7616 clause 3.3). `None` means that the
/// directive is absent, which is different from an empty value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Challenge {
    /// The protection space: on Ub the name of the BSF.
    pub realm: Option<Vec<u8>>,
    /// The nonce as text; with AKA it is base64, see [`AkaNonce`].
    pub nonce: Option<Vec<u8>>,
    /// The algorithm; absent means MD5.
    pub algorithm: Option<Algorithm>,
    /// What is offered, in the order of the offer.
    pub qop: Vec<QopValue>,
    /// A value that the client has to send back.
    pub opaque: Option<Vec<u8>>,
    /// Whether the digest was right and only the nonce too old.
    pub stale: Option<bool>,
    /// The URIs of the protection space, separated by blanks.
    pub domain: Option<Vec<u8>>,
}

impl Challenge {
    /// Reads one challenge. The deviations include those of the list itself.
    pub fn parse(list: &DirectiveList) -> (Self, Vec<Deviation>) {
        let mut reader = Reader::new(list);
        reader.check_scheme_is_digest();
        let challenge = Self {
            realm: reader.required_string("realm"),
            nonce: reader.required_string("nonce"),
            algorithm: reader.algorithm(),
            qop: reader.offered_qop(),
            opaque: reader.string("opaque"),
            stale: reader.stale(),
            domain: reader.string("domain"),
        };
        if challenge.algorithm.as_ref().is_some_and(Algorithm::is_aka) {
            reader.check_aka_nonce(challenge.nonce.as_deref());
        }
        (challenge, reader.found.into_vec())
    }

    /// The field value in the strict form.
    pub fn emit(&self) -> Vec<u8> {
        let mut writer = Writer::digest();
        writer.string("realm", self.realm.as_deref());
        writer.string("nonce", self.nonce.as_deref());
        writer.token(
            "algorithm",
            self.algorithm.as_ref().map(Algorithm::as_bytes),
        );
        if !self.qop.is_empty() {
            let names: Vec<&[u8]> = self.qop.iter().map(QopValue::as_bytes).collect();
            writer.string("qop", Some(&names.join(&b',')));
        }
        writer.string("opaque", self.opaque.as_deref());
        writer.token(
            "stale",
            self.stale
                .map(|stale| if stale { &b"true"[..] } else { b"false" }),
        );
        writer.string("domain", self.domain.as_deref());
        writer.bytes
    }
}

/// `Digest` credentials of `Authorization` (RFC 7616 clause 3.4, RFC 3310 clause 3.4). `None`
/// means that the directive is absent, which is different from an empty value.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Credentials {
    /// The private identity or TMPI on Ub, the B-TID on Ua.
    pub username: Option<Vec<u8>>,
    /// The realm of the challenge.
    pub realm: Option<Vec<u8>>,
    /// The nonce of the challenge as text; empty in the first request on Ub.
    pub nonce: Option<Vec<u8>>,
    /// The request target that the digest covers.
    pub uri: Option<Vec<u8>>,
    /// The quality of protection that was chosen.
    pub qop: Option<QopValue>,
    /// The nonce count as text, eight hex digits: the digest covers the text.
    pub nc: Option<Vec<u8>>,
    /// The nonce of the client.
    pub cnonce: Option<Vec<u8>>,
    /// The digest in hex; empty in the first request on Ub.
    pub response: Option<Vec<u8>>,
    /// The opaque value of the challenge.
    pub opaque: Option<Vec<u8>>,
    /// The algorithm of the challenge.
    pub algorithm: Option<Algorithm>,
    /// AUTS of a synchronisation failure as base64 text, see [`crate::auts`].
    pub auts: Option<Vec<u8>>,
}

impl Credentials {
    /// Reads credentials. The deviations include those of the list itself. The empty `nonce` and
    /// `response` of a first request on Ub (TS 24.109 clause 4.2) are no deviation.
    pub fn parse(list: &DirectiveList) -> (Self, Vec<Deviation>) {
        let mut reader = Reader::new(list);
        reader.check_scheme_is_digest();
        let credentials = Self {
            username: reader.required_string("username"),
            realm: reader.required_string("realm"),
            nonce: reader.required_string("nonce"),
            uri: reader.required_string("uri"),
            qop: reader.chosen_qop(),
            nc: reader.nonce_count(),
            cnonce: reader.string("cnonce"),
            response: reader.required_string("response"),
            opaque: reader.string("opaque"),
            algorithm: reader.algorithm(),
            auts: reader.string("auts"),
        };
        credentials.check(&mut reader);
        (credentials, reader.found.into_vec())
    }

    /// The field value in the strict form.
    pub fn emit(&self) -> Vec<u8> {
        let mut writer = Writer::digest();
        writer.string("username", self.username.as_deref());
        writer.string("realm", self.realm.as_deref());
        writer.string("nonce", self.nonce.as_deref());
        writer.string("uri", self.uri.as_deref());
        writer.token("qop", self.qop.as_ref().map(QopValue::as_bytes));
        writer.token("nc", self.nc.as_deref());
        writer.string("cnonce", self.cnonce.as_deref());
        writer.string("response", self.response.as_deref());
        writer.string("opaque", self.opaque.as_deref());
        writer.token(
            "algorithm",
            self.algorithm.as_ref().map(Algorithm::as_bytes),
        );
        writer.string("auts", self.auts.as_deref());
        writer.bytes
    }

    fn check(&self, reader: &mut Reader<'_>) {
        let has_nonce = self.nonce.as_deref().is_some_and(|nonce| !nonce.is_empty());
        let has_response = self
            .response
            .as_deref()
            .is_some_and(|response| !response.is_empty());
        if has_nonce || has_response {
            let algorithm = self.algorithm.as_ref();
            reader.check_digest("response", self.response.as_deref(), algorithm);
        }
        if has_nonce && self.algorithm.as_ref().is_some_and(Algorithm::is_aka) {
            reader.check_aka_nonce(self.nonce.as_deref());
        }
        reader.check_together(&["qop", "nc", "cnonce"]);
        if let Some(auts) = &self.auts {
            reader.check_auts(auts);
        }
    }
}

/// `Authentication-Info` (RFC 7616 clause 3.5). `None` means that the directive is absent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuthenticationInfo {
    /// The quality of protection of the response.
    pub qop: Option<QopValue>,
    /// The digest of the server over its response, in hex.
    pub rspauth: Option<Vec<u8>>,
    /// The client's nonce, repeated.
    pub cnonce: Option<Vec<u8>>,
    /// The nonce count of the request as text, repeated.
    pub nc: Option<Vec<u8>>,
    /// The nonce that the server wants to see next.
    pub nextnonce: Option<Vec<u8>>,
}

impl AuthenticationInfo {
    /// Reads the field. The deviations include those of the list itself. The algorithm does not
    /// stand in this field, so `rspauth` is checked as hex with 32 or 64 digits.
    pub fn parse(list: &DirectiveList) -> (Self, Vec<Deviation>) {
        let mut reader = Reader::new(list);
        if let Some(scheme) = &list.scheme {
            let rule = "the field has no scheme (RFC 7616 3.5)";
            reader.found.note(Kind::WrongScheme, SCHEME, rule, scheme);
        }
        let info = Self {
            qop: reader.chosen_qop(),
            rspauth: reader.string("rspauth"),
            cnonce: reader.string("cnonce"),
            nc: reader.nonce_count(),
            nextnonce: reader.string("nextnonce"),
        };
        if info.rspauth.is_some() {
            reader.check_digest("rspauth", info.rspauth.as_deref(), None);
        }
        reader.check_together(&["qop", "rspauth", "cnonce", "nc"]);
        (info, reader.found.into_vec())
    }

    /// The field value in the strict form.
    pub fn emit(&self) -> Vec<u8> {
        let mut writer = Writer { bytes: Vec::new() };
        writer.token("qop", self.qop.as_ref().map(QopValue::as_bytes));
        writer.string("rspauth", self.rspauth.as_deref());
        writer.string("cnonce", self.cnonce.as_deref());
        writer.token("nc", self.nc.as_deref());
        writer.string("nextnonce", self.nextnonce.as_deref());
        writer.bytes
    }
}

const SCHEME: &str = "scheme";

/// Takes values out of a list and notes what is wrong with them.
struct Reader<'a> {
    list: &'a DirectiveList,
    found: Deviations,
}

impl<'a> Reader<'a> {
    fn new(list: &'a DirectiveList) -> Self {
        Self {
            list,
            found: list.deviations().into(),
        }
    }

    fn check_scheme_is_digest(&mut self) {
        let scheme = self.list.scheme.as_deref().unwrap_or_default();
        if !scheme.eq_ignore_ascii_case(b"Digest") {
            self.found.note(
                Kind::WrongScheme,
                SCHEME,
                "the scheme is Digest (RFC 7616 3)",
                scheme,
            );
        }
    }

    fn required_string(&mut self, name: &'static str) -> Option<Vec<u8>> {
        if self.list.directive(name).is_none() {
            self.note_missing(name);
        }
        self.string(name)
    }

    fn note_missing(&mut self, name: &'static str) {
        let rule = "the directive is required (RFC 7616 3.3 to 3.5)";
        self.found.note(Kind::MissingDirective, name, rule, b"");
    }

    /// A value that is written as a quoted string.
    fn string(&mut self, name: &'static str) -> Option<Vec<u8>> {
        let directive = self.list.directive(name)?;
        if directive.form != Form::Quoted && !directive.is_unterminated() {
            let rule = "the value is a quoted string (RFC 7616 3.3 to 3.5, RFC 3310 3.4)";
            self.found
                .note(Kind::UnquotedString, name, rule, &directive.raw);
        }
        Some(directive.value.clone())
    }

    /// A value that is written as a token.
    fn token(&mut self, name: &'static str) -> Option<&'a Directive> {
        let directive = self.list.directive(name)?;
        if directive.form == Form::Quoted || directive.is_unterminated() {
            let rule = "the value is a token and is not quoted (RFC 7616 3.3 to 3.5)";
            self.found
                .note(Kind::QuotedToken, name, rule, &directive.raw);
        } else if directive.form == Form::Token && !is_token(&directive.value) {
            let rule = "the value is a token (RFC 9110 5.6.2)";
            self.found.note(Kind::StrayText, name, rule, &directive.raw);
        }
        Some(directive)
    }

    fn algorithm(&mut self) -> Option<Algorithm> {
        let directive = self.token("algorithm")?;
        let algorithm = Algorithm::from_bytes(&directive.value);
        if let Algorithm::Unknown(name) = &algorithm {
            let rule = "the algorithm is one of RFC 7616, RFC 3310 or RFC 4169";
            self.found
                .note(Kind::UnknownAlgorithm, "algorithm", rule, name);
        }
        Some(algorithm)
    }

    fn chosen_qop(&mut self) -> Option<QopValue> {
        let directive = self.token("qop")?;
        let qop = QopValue::from_bytes(&directive.value);
        self.check_qop(&qop);
        Some(qop)
    }

    fn offered_qop(&mut self) -> Vec<QopValue> {
        let Some(list) = self.required_string("qop") else {
            return Vec::new();
        };
        let offered: Vec<QopValue> = list
            .split(|&byte| byte == b',')
            .map(|name| QopValue::from_bytes(name.trim_ascii()))
            .collect();
        // The list may hold tokens of extensions, which a client passes over (RFC 7616 3.3).
        for qop in &offered {
            if matches!(qop, QopValue::Unknown(name) if !is_token(name)) {
                self.check_qop(qop);
            }
        }
        offered
    }

    fn check_qop(&mut self, qop: &QopValue) {
        if let QopValue::Unknown(name) = qop {
            self.found.note(
                Kind::UnknownQop,
                "qop",
                "qop is auth or auth-int (RFC 7616 3.3)",
                name,
            );
        }
    }

    fn stale(&mut self) -> Option<bool> {
        let directive = self.token("stale")?;
        if directive.value.eq_ignore_ascii_case(b"true") {
            return Some(true);
        }
        if !directive.value.eq_ignore_ascii_case(b"false") {
            let rule = "stale is true or false (RFC 7616 3.3)";
            self.found
                .note(Kind::BadStale, "stale", rule, &directive.raw);
        }
        // Anything but true means false (RFC 7616 clause 3.3).
        Some(false)
    }

    fn nonce_count(&mut self) -> Option<Vec<u8>> {
        let directive = self.token("nc")?;
        if !is_lower_hex(&directive.value, 8) {
            let rule = "nc is eight lower-case hex digits (RFC 7616 3.4)";
            self.found
                .note(Kind::NcNotEightHex, "nc", rule, &directive.value);
        }
        Some(directive.value.clone())
    }

    /// Checks the form of a digest; without a known algorithm either length will do.
    fn check_digest(
        &mut self,
        name: &'static str,
        digest: Option<&[u8]>,
        algorithm: Option<&Algorithm>,
    ) {
        let Some(digest) = digest else {
            return;
        };
        let is_sound = match algorithm.and_then(Algorithm::digest_digits) {
            Some(digits) => is_lower_hex(digest, digits),
            None => is_lower_hex(digest, 32) || is_lower_hex(digest, 64),
        };
        if is_sound {
            return;
        }
        let kind = match name {
            "rspauth" => Kind::RspauthNot32LowerHex,
            _ => Kind::ResponseNot32LowerHex,
        };
        let rule = "a digest is lower-case hex, 32 digits for MD5, 64 for SHA-256 (RFC 7616 3.4.1)";
        self.found.note(kind, name, rule, digest);
    }

    fn check_aka_nonce(&mut self, nonce: Option<&[u8]>) {
        let Some(nonce) = nonce else {
            return;
        };
        match AkaNonce::decode(nonce) {
            Ok(_) => {}
            Err(DecodeError::MissingData(_)) => {
                let rule = "an AKA nonce carries RAND and AUTN, 32 octets (RFC 3310 3.2)";
                self.found.note(Kind::NonceTooShort, "nonce", rule, nonce);
            }
            Err(_) => {
                let rule = "an AKA nonce is base64 with its padding (RFC 3310 3.2)";
                self.found.note(Kind::BadBase64, "nonce", rule, nonce);
            }
        }
    }

    fn check_auts(&mut self, text: &[u8]) {
        match auts::decode(text) {
            Ok(_) => {}
            Err(DecodeError::BadValue { .. } | DecodeError::TooLong(_)) => {
                let rule = "auts is base64 with its padding (RFC 3310 3.4)";
                self.found.note(Kind::BadBase64, "auts", rule, text);
            }
            Err(DecodeError::MissingData(_) | DecodeError::TrailingData(_)) => {
                let rule = "auts carries 14 octets (RFC 3310 3.4, TS 33.102 6.3.3)";
                self.found.note(Kind::AutsNot14Octets, "auts", rule, text);
            }
        }
    }

    /// Directives of which all are there or none (RFC 7616 clauses 3.4 and 3.5).
    fn check_together(&mut self, names: &[&'static str]) {
        let list = self.list;
        let is_there = |name: &&'static str| list.directive(name).is_some();
        if !names.iter().any(is_there) {
            return;
        }
        for name in names.iter().filter(|name| !is_there(name)) {
            self.note_missing(name);
        }
    }
}

struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    fn digest() -> Self {
        Self {
            bytes: b"Digest".to_vec(),
        }
    }

    fn token(&mut self, name: &str, value: Option<&[u8]>) {
        let Some(value) = value else {
            return;
        };
        // What is no token, read from a quoted value, would end the directive when written bare.
        if !is_token(value) {
            return self.string(name, Some(value));
        }
        self.name(name);
        self.bytes.extend(value);
    }

    fn string(&mut self, name: &str, value: Option<&[u8]>) {
        let Some(value) = value else {
            return;
        };
        self.name(name);
        self.bytes.push(b'"');
        for &byte in value {
            if matches!(byte, b'"' | b'\\') {
                self.bytes.push(b'\\');
            }
            self.bytes.push(representable(byte));
        }
        self.bytes.push(b'"');
    }

    fn name(&mut self, name: &str) {
        let separator: &[u8] = match self.bytes.as_slice() {
            b"" => b"",
            b"Digest" => b" ",
            _ => b", ",
        };
        self.bytes.extend_from_slice(separator);
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(b'=');
    }
}

/// Control characters have no form in a field value; a blank takes their place, as RFC 9110
/// clause 5.5 has it. So a value can never end the line that it stands in.
fn representable(byte: u8) -> u8 {
    if byte.is_ascii_control() && byte != b'\t' {
        b' '
    } else {
        byte
    }
}

fn is_lower_hex(text: &[u8], digits: usize) -> bool {
    text.len() == digits
        && text
            .iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests;
