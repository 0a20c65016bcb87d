//! The decisions of an HSS, one function each; the defaults are the rules of the specifications.

use data_encoding::HEXLOWER;
use gbaspec_crypto::aka::{AkaFunctions, AuthenticationVector, MacCheck};
use gbaspec_crypto::secret::Ha1;
use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::{Auts, Rand, Sqn};
use gbaspec_wire::diameter::{Avp, Packet};
use gbaspec_wire::guss_xml::Guss;

use super::sbi::HssSbiPolicy;
use crate::auc::{VectorChoice, VectorSeed, choose_vector, reset_counter};
use crate::diameter::{self, AKA_SCHEME, DIGEST_SCHEME, Failure, IDENTITY_UNKNOWN, Node, ZH};

/// Every decision that an HSS takes. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct HssPolicy {
    /// Judges the form of a request (RFC 6733 clause 7.1).
    pub check: fn(&Packet) -> Result<(), Failure>,
    /// Finds the private identity in a request (TS 29.109 clause 4: User-Name).
    pub identity: fn(&Packet) -> Result<String, Failure>,
    /// Finds out what the request asks for (SIP-Authentication-Scheme).
    pub scheme: fn(&Packet) -> Result<Scheme, Failure>,
    /// The result for an identity that nobody has (TS 29.109 clause 6.2: 5401).
    pub unknown_user: fn() -> Failure,
    /// Chooses RAND and SQN of the next vector (TS 33.102 clause 6.3.2: both are fresh).
    pub choose_vector: fn(&VectorChoice) -> VectorSeed,
    /// Reads the proof of a synchronisation failure, RAND || AUTS in SIP-Authorization.
    pub read_resync: fn(&Avp) -> Result<(Rand, Auts), Failure>,
    /// Judges a synchronisation failure: gives the `SQN_MS` that the counter is moved to where that
    /// is needed (TS 33.102 clause 6.3.5: only if MAC-S is right).
    pub resynchronise: fn(&ResyncFacts<'_>) -> Result<Option<Sqn>, Failure>,
    /// Moves the counter after a valid AUTS (TS 33.102 clause 6.3.5).
    pub reset_counter: fn(HeSqn, Sqn) -> HeSqn,
    /// Writes a vector as SIP-Auth-Data-Item (TS 29.229: RAND || AUTN, XRES, CK, IK).
    pub vector_item: fn(&AuthenticationVector) -> Avp,
    /// Writes H(A1) as SIP-Auth-Data-Item.
    pub digest_item: fn(&DigestItem<'_>) -> Avp,
    /// Says whether the settings are sent (TS 29.109: not to a BSF that has the latest ones).
    pub sends_guss: fn(&GussAge) -> bool,
    /// Writes the settings (TS 29.109 Annex A: the root is `guss`).
    pub guss: fn(&Guss) -> Vec<u8>,
    /// Gives an answer that succeeds its last touch; there is none by the rules.
    pub finish: fn(Packet) -> Packet,
    /// Writes the answer to a request that fails.
    pub failure: fn(&Packet, &Node, &Failure) -> Packet,
    /// The decisions on the service-based interfaces only.
    pub sbi: HssSbiPolicy,
}

impl Default for HssPolicy {
    fn default() -> Self {
        HssPolicy {
            check,
            identity,
            scheme,
            unknown_user,
            choose_vector,
            read_resync,
            resynchronise,
            reset_counter,
            vector_item,
            digest_item,
            sends_guss,
            guss,
            finish: |answer| answer,
            failure: diameter::failure,
            sbi: HssSbiPolicy::default(),
        }
    }
}

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// A vector.
    Aka,
    /// H(A1).
    Digest,
}

/// What [`HssPolicy::resynchronise`] looks at.
#[derive(Clone, Copy)]
pub struct ResyncFacts<'a> {
    /// The functions of the subscriber.
    pub functions: &'a AkaFunctions,
    /// The counter of the subscriber.
    pub counter: &'a HeSqn,
    /// RAND of the challenge that the card refused, as the BSF says.
    pub rand: Rand,
    /// What the card answered.
    pub auts: Auts,
}

/// What [`HssPolicy::digest_item`] writes.
#[derive(Clone, Copy, Debug)]
pub struct DigestItem<'a> {
    /// The realm inside H(A1).
    pub realm: &'a str,
    /// H(A1), made with SHA-256.
    pub ha1: &'a Ha1,
}

/// What [`HssPolicy::sends_guss`] looks at, in seconds of Unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GussAge {
    /// The time of the settings that the BSF has, if it says so.
    pub known: Option<i64>,
    /// When the settings were changed for the last time.
    pub changed: i64,
}

/// The default of [`HssPolicy::check`].
pub fn check(request: &Packet) -> Result<(), Failure> {
    diameter::check(request, &ZH)
}

/// The default of [`HssPolicy::identity`].
pub fn identity(request: &Packet) -> Result<String, Failure> {
    diameter::own_text(request, "User-Name").ok_or(Failure::MissingAvp("User-Name"))
}

/// The default of [`HssPolicy::scheme`].
pub fn scheme(request: &Packet) -> Result<Scheme, Failure> {
    const NAME: &str = "SIP-Authentication-Scheme";
    let scheme = request.avp(NAME).ok_or(Failure::MissingAvp(NAME))?;
    if scheme.data == AKA_SCHEME.as_bytes() {
        Ok(Scheme::Aka)
    } else if scheme.data == DIGEST_SCHEME.as_bytes() {
        Ok(Scheme::Digest)
    } else {
        Err(Failure::InvalidValue(scheme))
    }
}

/// The default of [`HssPolicy::unknown_user`].
pub fn unknown_user() -> Failure {
    Failure::Experimental(IDENTITY_UNKNOWN)
}

/// The default of [`HssPolicy::read_resync`]: 16 octets and 14.
pub fn read_resync(authorization: &Avp) -> Result<(Rand, Auts), Failure> {
    let data = authorization.data.as_slice();
    let parts = data.split_first_chunk::<{ Rand::LEN }>();
    let parts =
        parts.and_then(|(rand, auts)| Some((Rand::from(*rand), Auts::try_from(auts).ok()?)));
    parts.ok_or_else(|| Failure::InvalidValue(authorization.clone()))
}

/// The default of [`HssPolicy::resynchronise`]: a wrong MAC-S ends in an error, never in a vector.
pub fn resynchronise(facts: &ResyncFacts<'_>) -> Result<Option<Sqn>, Failure> {
    let opened = facts.functions.open_auts(facts.rand, &facts.auts);
    match opened.mac {
        MacCheck::Valid => Ok(Some(opened.sqn_ms)),
        MacCheck::Mismatch => Err(Failure::UnableToComply),
    }
}

/// The default of [`HssPolicy::vector_item`].
pub fn vector_item(vector: &AuthenticationVector) -> Avp {
    let challenge = [*vector.rand.as_bytes(), *vector.autn.as_bytes()].concat();
    let parts = [
        Avp::new("SIP-Authentication-Scheme", AKA_SCHEME),
        Avp::new("SIP-Authenticate", challenge),
        Avp::new("SIP-Authorization", vector.xres.expose()),
        Avp::new("Confidentiality-Key", vector.ck.expose().as_slice()),
        Avp::new("Integrity-Key", vector.ik.expose().as_slice()),
    ];
    Avp::of_group("SIP-Auth-Data-Item", &parts)
}

/// The default of [`HssPolicy::digest_item`]: the digits of H(A1) (TS 29.229).
pub fn digest_item(item: &DigestItem<'_>) -> Avp {
    let digest = [
        Avp::new("Digest-Realm", item.realm),
        Avp::new("Digest-Algorithm", "SHA-256"),
        Avp::new("Digest-QoP", "auth-int"),
        Avp::new("Digest-HA1", HEXLOWER.encode(item.ha1.expose())),
    ];
    let parts = [
        Avp::new("SIP-Authentication-Scheme", DIGEST_SCHEME),
        Avp::of_group("SIP-Digest-Authenticate", &digest),
    ];
    Avp::of_group("SIP-Auth-Data-Item", &parts)
}

/// The default of [`HssPolicy::sends_guss`].
pub fn sends_guss(age: &GussAge) -> bool {
    age.known.is_none_or(|known| known < age.changed)
}

/// The default of [`HssPolicy::guss`].
pub fn guss(guss: &Guss) -> Vec<u8> {
    guss.emit().into_bytes()
}
