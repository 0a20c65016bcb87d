//! Milenage, TUAK, AKA tokens, sequence numbers, HTTP digest and the GBA key derivation.
//!
//! The crate computes; it knows no message. Octets that were read from a message come in as
//! [`token`] types or slices, and octets that go into one leave in the same way.
//!
//! | module | content | specification |
//! |---|---|---|
//! | [`secret`] | K, OP, `OPc`, CK, IK, AK, RES, Kc, SRES, Ks, `Ks_NAF`, H(A1), `TLS_MK_Extr`: redacted, wiped, compared in constant time | |
//! | [`token`] | RAND, AUTN, AUTS, AMF, MAC-A, MAC-S, SQN, Ks-input: public values | TS 33.102 clause 6.3 |
//! | [`milenage`] | the example set of f1 to f5* | TS 35.206 |
//! | [`tuak`] | the set of f1 to f5* over Keccak | TS 35.231 |
//! | [`aka`] | tokens and vectors made from any set of f1 to f5* | TS 33.102 clause 6.3 |
//! | [`sqn`] | what a USIM accepts, what an `AuC` sends next | TS 33.102 Annex C |
//! | [`kdf`] | Ks, `Ks_NAF`, TMPI, B-TID | TS 33.220 Annexes B and H |
//! | [`gba_2g`] | SRES and Kc, RES, Ks and nonce of 2G GBA | TS 33.102 clause 6.8.1.2, TS 33.220 Annex I |
//! | [`gba_digest`] | passwd, Ks and `Ks_NAF` of `GBA_Digest` | TS 33.220 Annexes B.5 and B.6 |
//! | [`akav2`] | the password of Digest AKA version 2 | RFC 4169 |
//! | [`digest`] | `response` and `rspauth` | RFC 2617, RFC 7616, RFC 3310 |
//! | [`pki`] | certification requests and certificates: keys, signatures, DER | RFC 2986, RFC 5280, TS 33.221 |
//!
//! No function panics, whatever its input. Sizes are in the types, so the only errors are
//! [`WrongLength`], where a slice becomes a value, [`gba_2g::NotNonce2g`] and
//! [`sqn::SqnOutOfRange`].

pub mod aka;
pub mod akav2;
pub mod digest;
pub mod gba_2g;
pub mod gba_digest;
pub mod kdf;
mod length;
pub mod milenage;
pub mod pki;
pub mod secret;
pub mod sqn;
pub mod token;
pub mod tuak;

pub use crate::length::WrongLength;
