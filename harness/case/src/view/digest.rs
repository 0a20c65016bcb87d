//! The digest that the directives of a message ask for.

use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_wire::directive::DirectiveList;

/// The digest that these credentials ask for, with their own values.
pub(crate) fn digest_input<'a>(
    list: &'a DirectiveList,
    password: &'a [u8],
    method: &'a [u8],
    body: &'a [u8],
) -> DigestInput<'a> {
    let value = |name| list.value(name).unwrap_or_default();
    DigestInput {
        hash: hash_of(value("algorithm")).unwrap_or(Hash::Md5),
        username: value("username"),
        realm: value("realm"),
        password: if password.is_empty() {
            Password::Empty
        } else {
            Password::Octets(password)
        },
        nonce: value("nonce"),
        uri: value("uri"),
        nc: value("nc"),
        cnonce: value("cnonce"),
        qop: match list.value("qop") {
            Some(b"auth-int") => Some(Qop::AuthInt),
            Some(b"auth") => Some(Qop::Auth),
            _ => None,
        },
        method,
        body,
    }
}

/// The hash of an algorithm, `-sess` or not (RFC 7616 6.1, RFC 3310).
pub(crate) fn hash_of(algorithm: &[u8]) -> Option<Hash> {
    let name = algorithm.to_ascii_lowercase();
    Some(match name.strip_suffix(b"-sess").unwrap_or(&name) {
        b"md5" | b"akav1-md5" | b"akav2-md5" => Hash::Md5,
        b"sha-256" | b"akav2-sha-256" => Hash::Sha256,
        b"sha-512-256" => Hash::Sha512Trunc256,
        _ => return None,
    })
}

/// `response` under the algorithm of these credentials.
pub(crate) fn response_of(list: &DirectiveList, input: &DigestInput<'_>) -> String {
    if is_session(list) {
        input.session_response()
    } else {
        input.response()
    }
}

/// `rspauth` under the algorithm of these credentials.
pub(crate) fn rspauth_of(list: &DirectiveList, input: &DigestInput<'_>) -> String {
    if is_session(list) {
        input.session_rspauth()
    } else {
        input.rspauth()
    }
}

/// Whether the algorithm hashes nonce and cnonce into A1 (RFC 7616 3.4.2).
fn is_session(list: &DirectiveList) -> bool {
    list.value("algorithm")
        .is_some_and(|value| value.to_ascii_lowercase().ends_with(b"-sess"))
}

/// The versions of Digest AKA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AkaVersion {
    /// RFC 3310.
    V1,
    /// RFC 4169.
    V2,
}

/// The version of Digest AKA that these directives name; none if it is another algorithm.
pub(crate) fn aka_version(list: &DirectiveList) -> Option<AkaVersion> {
    let name = list.value("algorithm")?.to_ascii_lowercase();
    if name.starts_with(b"akav2") {
        return Some(AkaVersion::V2);
    }
    name.starts_with(b"aka").then_some(AkaVersion::V1)
}
