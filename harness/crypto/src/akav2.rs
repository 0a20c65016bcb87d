//! The password of Digest AKA version 2 (RFC 4169 clause 2).
//!
//! RFC 4169 speaks of MD5 only. With SHA-256 the HMAC takes the hash of the digest algorithm, which
//! is a generalisation that no published text confirms.

use data_encoding::BASE64;
use zeroize::Zeroizing;

use crate::digest::Hash;
use crate::secret::{Ck, Ik, Res};

/// What the keys are hashed with (RFC 4169 clause 2.1).
pub const LABEL: &[u8] = b"http-digest-akav2-password";

/// The password of A1: base64 of HMAC under RES || IK || CK over [`LABEL`] (RFC 4169 clause 2.1).
///
/// IK stands before CK, against the order of Ks.
pub fn password(hash: Hash, res: &Res, ik: &Ik, ck: &Ck) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(&password_octets(hash, res, ik, ck)))
}

/// The octets that [`password`] is the text of; they are no password themselves.
pub fn password_octets(hash: Hash, res: &Res, ik: &Ik, ck: &Ck) -> Zeroizing<Vec<u8>> {
    let key = Zeroizing::new([res.expose(), ik.expose(), ck.expose()].concat());
    keyed_hash(hash, &key)
}

/// HMAC over [`LABEL`] under any key, so that a caller can build forms that are wrong.
pub fn keyed_hash(hash: Hash, key: &[u8]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(hash.hmac(key, LABEL))
}
