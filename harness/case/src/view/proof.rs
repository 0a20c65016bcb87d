//! What a subscriber proves itself with on Ub, and the bootstrapped key that follows: Digest AKA,
//! 2G GBA, or `GBA_Digest`.

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::digest::{self, Hash};
use gbaspec_crypto::gba_2g::{Nonce2g, Triplet};
use gbaspec_crypto::gba_digest;
use gbaspec_crypto::kdf::{self, NafId};
use gbaspec_crypto::secret::{Ha1, Ks, KsNaf, TlsMkExtr};
use gbaspec_crypto::token::{KsInput, Rand};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;

use super::View;
use super::digest::{AkaVersion, aka_version, hash_of};
use super::near_misses::{self, Candidate};
use crate::element::Element;
use crate::scene::{GbaDigestForms, Scene};
use crate::subscriber::{Subscriber, SubscriberKeys};
use crate::transcript::{EntryKind, Transcript};

/// What a subscriber makes of one challenge.
pub(crate) enum Proof<'a> {
    /// RES, CK and IK of a USIM (RFC 3310, RFC 4169).
    Aka(&'a AkaFunctions, Rand),
    /// SRES and Kc of a SIM, and the network's part of Ks (TS 33.220 Annex I).
    SecondGeneration(Triplet, KsInput),
    /// A password bound to the TLS session (TS 33.220 Annex M).
    GbaDigest(PasswordProof<'a>),
}

/// The pieces of `GBA_Digest`.
pub(crate) struct PasswordProof<'a> {
    /// The password as the subscriber has it.
    pub(crate) plain: &'a str,
    /// H(A1) of username, realm and that password.
    pub(crate) ha1: Ha1,
    /// What the TLS session exports.
    pub(crate) exporter: TlsMkExtr,
    /// How hashes and passwd are written.
    pub(crate) forms: GbaDigestForms,
}

/// What a proof is made from beside the keys of the subscriber.
pub(crate) struct Around<'a> {
    /// The nonce of the challenge, as text.
    pub(crate) nonce: &'a [u8],
    /// The credentials: username, realm and algorithm count.
    pub(crate) list: &'a DirectiveList,
    /// The TLS session in which the proof goes.
    pub(crate) exporter: Option<TlsMkExtr>,
    /// How the profile has `GBA_Digest` written.
    pub(crate) forms: GbaDigestForms,
}

impl<'a> Proof<'a> {
    /// The proof of this subscriber; none where the challenge is not one for its keys.
    pub(crate) fn new(subscriber: &'a Subscriber, around: &Around<'_>) -> Option<Self> {
        Some(match &subscriber.keys {
            SubscriberKeys::Usim(usim) => {
                let nonce = AkaNonce::decode(around.nonce).ok()?;
                Self::Aka(&usim.functions, Rand::from(nonce.rand))
            }
            SubscriberKeys::Sim(_) => {
                let nonce = nonce_2g(around.nonce).ok()?;
                Self::SecondGeneration(subscriber.triplet(nonce.rand)?, nonce.ks_input)
            }
            SubscriberKeys::Digest(password) => {
                let value = |name| around.list.value(name).unwrap_or_default();
                let plain = password.expose();
                let hash = hash(around.list);
                let ha1 = digest::ha1(hash, value("username"), value("realm"), plain.as_bytes());
                Self::GbaDigest(PasswordProof {
                    plain,
                    ha1,
                    exporter: around.exporter.clone()?,
                    forms: around.forms,
                })
            }
        })
    }

    /// The passwords that it can be turned into, the right ones first.
    pub(crate) fn candidates(&self, list: &DirectiveList) -> Vec<Candidate> {
        match self {
            Self::Aka(functions, rand) => near_misses::of_aka(hash(list), functions, *rand),
            Self::SecondGeneration(triplet, _) => near_misses::of_2g(triplet),
            Self::GbaDigest(proof) => near_misses::of_gba_digest(proof),
        }
    }

    /// The password in the form with this name.
    pub(crate) fn password(&self, list: &DirectiveList, form: &str) -> Option<Vec<u8>> {
        let mut forms = self.candidates(list).into_iter();
        Some(forms.find(|(name, _)| *name == form)?.1)
    }

    /// The form that the rule asks for.
    pub(crate) fn right_form(&self, list: &DirectiveList) -> &'static str {
        match self {
            Self::Aka(..) if aka_version(list) == Some(AkaVersion::V2) => "akav2",
            Self::Aka(..) | Self::SecondGeneration(..) => "res",
            Self::GbaDigest(_) => "gba-digest",
        }
    }

    /// The bootstrapped key of a run that ended with this response.
    pub(crate) fn ks(&self, response: &[u8]) -> Ks {
        match self {
            Self::Aka(functions, rand) => kdf::ks(&functions.f3(*rand), &functions.f4(*rand)),
            Self::SecondGeneration(triplet, ks_input) => triplet.ks(*ks_input),
            Self::GbaDigest(proof) => {
                let resp = HEXLOWER_PERMISSIVE.decode(response).unwrap_or_default();
                gba_digest::ks(proof.forms.hashes, &proof.ha1, &proof.exporter, &resp)
            }
        }
    }

    /// The key for a NAF (TS 33.220 B.3 and B.6).
    pub(crate) fn ks_naf(&self, impi: &str, credentials: &DirectiveList, naf: &NafId) -> KsNaf {
        let value = |name| credentials.value(name).unwrap_or_default();
        let ks = self.ks(value("response"));
        match self {
            Self::Aka(_, rand) => kdf::ks_naf(&ks, *rand, impi, naf),
            Self::SecondGeneration(triplet, _) => kdf::ks_naf(&ks, triplet.rand, impi, naf),
            Self::GbaDigest(_) => gba_digest::ks_naf(&ks, value("nonce"), impi, naf),
        }
    }
}

/// The hash of the algorithm that these directives name; MD5 where it is not known.
fn hash(list: &DirectiveList) -> Hash {
    hash_of(list.value("algorithm").unwrap_or_default()).unwrap_or(Hash::Md5)
}

/// RAND and Ks-input from the nonce of 2G GBA, or why it is none.
pub(crate) fn nonce_2g(nonce: &[u8]) -> Result<Nonce2g, String> {
    let octets = BASE64.decode(nonce);
    let octets = octets.map_err(|_| "nonce: not base64 with its padding".to_owned())?;
    Nonce2g::try_from(octets.as_slice()).map_err(|why| why.to_string())
}

/// The B-TID of a run with this nonce: base64 of its first 16 octets, which are RAND where a card
/// answers, and the name of the BSF (TS 33.220 4.5.2).
pub(crate) fn btid(nonce: &[u8], bsf: &str) -> Option<String> {
    let octets = BASE64.decode(nonce).ok()?;
    let rand = Rand::from(*octets.first_chunk::<16>()?);
    Some(kdf::btid(rand, bsf))
}

impl Transcript {
    /// `TLS_MK_Extr` of the connection on which entry `index` went.
    pub(crate) fn exporter_of(&self, index: usize) -> Option<TlsMkExtr> {
        match self.handshake_of(index)? {
            EntryKind::Secured { exporter, .. } => Some(exporter.clone()),
            _ => None,
        }
    }
}

/// Ks_NAF of this B-TID for this NAF: provisioned, or derived in this play before entry `end`.
pub(crate) fn ks_naf(
    scene: &Scene,
    transcript: &Transcript,
    end: usize,
    btid: &[u8],
    naf: &NafId,
) -> Option<KsNaf> {
    let first = transcript.subscriber;
    scene.ks_naf(btid, naf, first).or_else(|| {
        (0..end).rev().find_map(|index| {
            let view = View::new(scene, transcript, index)?;
            view.bootstrapped(btid, naf)
        })
    })
}

impl<'a> View<'a> {
    /// What these credentials of this message can have been proved with on Ub. An algorithm that is
    /// not one of AKA is no business of a USIM.
    pub(super) fn proof(&self, list: &DirectiveList) -> Option<Proof<'a>> {
        let (from, to) = self.ends()?;
        let subscriber = self.subscriber_of(list.value("username"))?;
        let is_ub = match subscriber.keys {
            SubscriberKeys::Usim(_) => aka_version(list).is_some(),
            SubscriberKeys::Sim(_) | SubscriberKeys::Digest(_) => {
                [from, to].contains(&Element::Bsf)
            }
        };
        if !is_ub {
            return None;
        }
        let around = Around {
            nonce: list.value("nonce")?,
            list,
            exporter: self.transcript.exporter_of(self.index),
            forms: self.scene.gba_digest,
        };
        Proof::new(subscriber, &around)
    }

    /// The key for a NAF, if this request on Ub is the proof of the run with this B-TID.
    fn bootstrapped(&self, btid: &[u8], naf: &NafId) -> Option<KsNaf> {
        let list = self.credentials_list()?;
        let names = &self.scene.names;
        let own = super::proof::btid(list.value("nonce")?, &names.bsf)?;
        if own.as_bytes() != btid || list.value("auts").is_some() {
            return None;
        }
        let subscriber = self.subscriber_of(list.value("username"))?;
        let proof = self.proof(&list)?;
        Some(proof.ks_naf(&subscriber.impi, &list, naf))
    }
}
