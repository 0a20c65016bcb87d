//! The digests of HTTP authentication (RFC 2617, RFC 7616) and Digest AKA (RFC 3310).

use std::fmt;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use md5::digest::Output;
use md5::{Digest, Md5};
use sha2::{Sha256, Sha512_256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::secret::Ha1;

/// The hash function H; `KD(secret, data)` is `H(secret ":" data)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hash {
    /// MD5, for `MD5` and `AKAv1-MD5` (RFC 2617 clause 3.2.1, RFC 3310 clause 3.1).
    Md5,
    /// SHA-256, for `SHA-256` (RFC 7616 clause 3.3).
    Sha256,
    /// SHA-512/256 of FIPS 180-4, for `SHA-512-256` (RFC 7616 clause 3.3).
    Sha512Trunc256,
}

impl Hash {
    /// The lower-case hexadecimal digits of the hash over all parts, one after the other.
    fn hex(self, parts: &[&[u8]]) -> String {
        match self {
            Self::Md5 => hex_of::<Md5>(parts),
            Self::Sha256 => hex_of::<Sha256>(parts),
            Self::Sha512Trunc256 => hex_of::<Sha512_256>(parts),
        }
    }

    /// HMAC under a key of any length (RFC 2104).
    pub fn hmac(self, key: &[u8], data: &[u8]) -> Vec<u8> {
        match self {
            Self::Md5 => {
                let block = hmac_block::<Md5, 64>(key);
                hmac_of(Hmac::<Md5>::new((&*block).into()), data)
            }
            Self::Sha256 => {
                let block = hmac_block::<Sha256, 64>(key);
                hmac_of(Hmac::<Sha256>::new((&*block).into()), data)
            }
            Self::Sha512Trunc256 => {
                let block = hmac_block::<Sha512_256, 128>(key);
                hmac_of(Hmac::<Sha512_256>::new((&*block).into()), data)
            }
        }
    }
}

/// The quality of protection (RFC 7616 clause 3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Qop {
    /// The method and the URI are protected.
    Auth,
    /// The method, the URI and the body are protected.
    AuthInt,
}

impl Qop {
    /// The word in the header: `auth` or `auth-int`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::AuthInt => "auth-int",
        }
    }
}

/// The password of A1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Password<'a> {
    /// Octets as they enter the hash: RES itself on Ub (RFC 3310 clause 3.3), the base64 text of
    /// `Ks_NAF` on Ua (TS 24.109 clause 5.2.2).
    Octets(&'a [u8]),
    /// The empty password of a request that carries `auts` (RFC 3310 clause 3.4).
    Empty,
}

impl Password<'_> {
    const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Octets(octets) => octets,
            Self::Empty => &[],
        }
    }
}

impl fmt::Debug for Password<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Octets(octets) => write!(f, "Octets({} octets)", octets.len()),
            Self::Empty => f.write_str("Empty"),
        }
    }
}

/// All that goes into a digest. Values are without the quotes of the header, escapes resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestInput<'a> {
    /// The hash function.
    pub hash: Hash,
    /// `username`: the private identity on Ub, the B-TID on Ua.
    pub username: &'a [u8],
    /// `realm`.
    pub realm: &'a [u8],
    /// The password that both sides share.
    pub password: Password<'a>,
    /// `nonce`, the text of the header and not what it encodes.
    pub nonce: &'a [u8],
    /// `uri`.
    pub uri: &'a [u8],
    /// `nc`, eight hexadecimal digits.
    pub nc: &'a [u8],
    /// `cnonce`.
    pub cnonce: &'a [u8],
    /// `qop`; `None` gives the form of RFC 2069 (RFC 2617 clause 3.2.2.1), without `nc` and
    /// `cnonce`.
    pub qop: Option<Qop>,
    /// The request method; `rspauth` does not use it.
    pub method: &'a [u8],
    /// The body: of the request for `response`, of the response for `rspauth`.
    pub body: &'a [u8],
}

impl DigestInput<'_> {
    /// `response`, lower-case hexadecimal: A2 is `method:uri`, with auth-int `method:uri:H(body)`
    /// (RFC 7616 clauses 3.4.1 and 3.4.3).
    pub fn response(&self) -> String {
        self.finish(&self.a2(self.method))
    }

    /// `rspauth`, lower-case hexadecimal: A2 is `:uri`, with auth-int `:uri:H(body)`, where the
    /// body is that of the response (RFC 7616 clause 3.5).
    pub fn rspauth(&self) -> String {
        self.finish(&self.a2(b""))
    }

    /// The digest over this A2, so that a caller can build forms of A2 that are wrong.
    pub fn finish(&self, a2: &[u8]) -> String {
        self.finish_with(&self.ha1(), a2)
    }

    /// `response` as the `-sess` algorithms have it: A1 is
    /// `H(username:realm:password):nonce:cnonce` (RFC 7616 clause 3.4.2).
    pub fn session_response(&self) -> String {
        self.response_in_session(self.cnonce)
    }

    /// `response` of a later request of a session, whose A1 has the `cnonce` of its first one
    /// (RFC 7616 clause 3.4.2).
    pub fn response_in_session(&self, first_cnonce: &[u8]) -> String {
        self.finish_with(&self.session_ha1(first_cnonce), &self.a2(self.method))
    }

    /// `rspauth` as the `-sess` algorithms have it (RFC 7616 clauses 3.4.2 and 3.5).
    pub fn session_rspauth(&self) -> String {
        self.rspauth_in_session(self.cnonce)
    }

    /// `rspauth` of a later answer of a session, whose A1 has the `cnonce` of its first request
    /// (RFC 7616 clauses 3.4.2 and 3.5).
    pub fn rspauth_in_session(&self, first_cnonce: &[u8]) -> String {
        self.finish_with(&self.session_ha1(first_cnonce), &self.a2(b""))
    }

    fn a2(&self, method: &[u8]) -> Vec<u8> {
        let mut a2 = [method, b":", self.uri].concat();
        if self.qop == Some(Qop::AuthInt) {
            a2.push(b':');
            a2.extend(self.hash.hex(&[self.body]).bytes());
        }
        a2
    }

    /// The digits of H(A1). They are worth as much as the password, so they do not leave this
    /// module.
    fn ha1(&self) -> String {
        let password = self.password.as_bytes();
        self.hash
            .hex(&[self.username, b":", self.realm, b":", password])
    }

    fn session_ha1(&self, first_cnonce: &[u8]) -> String {
        let parts = [self.ha1().as_bytes(), b":", self.nonce, b":", first_cnonce].concat();
        self.hash.hex(&[&parts])
    }

    fn finish_with(&self, ha1: &str, a2: &[u8]) -> String {
        let (ha1, ha2) = (ha1.as_bytes(), self.hash.hex(&[a2]));
        let Some(qop) = self.qop else {
            return self
                .hash
                .hex(&[ha1, b":", self.nonce, b":", ha2.as_bytes()]);
        };
        let qop = qop.as_str().as_bytes();
        let data = [self.nonce, self.nc, self.cnonce, qop, ha2.as_bytes()].join(&b':');
        self.hash.hex(&[ha1, b":", &data])
    }
}

/// H(A1) of a password as octets (RFC 7616 clause 3.4.2).
pub fn ha1(hash: Hash, username: &[u8], realm: &[u8], password: &[u8]) -> Ha1 {
    let parts = [username, b":", realm, b":", password];
    match hash {
        Hash::Md5 => Ha1::from(<[u8; 16]>::from(hash_of::<Md5>(&parts))),
        Hash::Sha256 => Ha1::from(<[u8; 32]>::from(hash_of::<Sha256>(&parts))),
        Hash::Sha512Trunc256 => Ha1::from(<[u8; 32]>::from(hash_of::<Sha512_256>(&parts))),
    }
}

/// Whether both are the same digest: in constant time, upper and lower case digits alike.
///
/// The grammar of RFC 7616 clause 3.4.1 knows lower-case digits only; a caller that wants to hold a
/// peer to it looks at the text.
pub fn digests_equal(expected: &str, actual: &[u8]) -> bool {
    let expected = expected.as_bytes().to_ascii_lowercase();
    expected.ct_eq(&actual.to_ascii_lowercase()).into()
}

fn hex_of<D: Digest>(parts: &[&[u8]]) -> String {
    HEXLOWER.encode(&hash_of::<D>(parts))
}

fn hash_of<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
}

fn hmac_of(mut mac: impl Mac, data: &[u8]) -> Vec<u8> {
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// The key as the block that HMAC starts from: hashed if it is longer, then filled with zeros
/// (RFC 2104 clause 2). A block has the one length that cannot be refused.
pub(crate) fn hmac_block<D: Digest, const N: usize>(key: &[u8]) -> Zeroizing<[u8; N]> {
    let mut block = Zeroizing::new([0; N]);
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => {
            for (octet, &hashed) in block.iter_mut().zip(&D::digest(key)) {
                *octet = hashed;
            }
        }
    }
    block
}
