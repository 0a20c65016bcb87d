//! The wrong decisions of a UE that do not fit one line.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{self, FC_GBA};
use gbaspec_crypto::secret::{Ks, KsNaf};
use gbaspec_crypto::sqn::UsimSqn;
use gbaspec_crypto::token::{Amf, Autn, Rand, Sqn};

use crate::role::ClientOutcome;
use crate::ue::{
    self, AutsFacts, ChallengeJudgement, ChallengeVerdict, NafKeyFacts, Proof, ReferencePoint,
    ResultFacts, SessionFacts, UbAnswer, UbPasswordFacts, UsimUpdate,
};

/// The password of an answer with RES as `form` of RES; AUTS keeps the empty one.
pub(super) fn with_res(facts: &UbPasswordFacts<'_>, form: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    match facts.answer {
        UbAnswer::Response => form(facts.res.expose()),
        UbAnswer::Resynchronisation => ue::ub_password(facts),
    }
}

/// The nonce text for its first 32 octets only.
pub(super) fn reencoded(nonce: &[u8]) -> Vec<u8> {
    let mut octets = BASE64.decode(nonce).unwrap_or_default();
    octets.truncate(32);
    format!("\"{}\"", BASE64.encode(&octets)).into_bytes()
}

/// The AUTS text in hex.
pub(super) fn auts_as_hex(auts: &[u8]) -> Vec<u8> {
    let octets = BASE64.decode(auts).unwrap_or_default();
    format!("\"{}\"", HEXLOWER.encode(&octets)).into_bytes()
}

/// RAND from the front of the nonce and AUTN from its end.
pub(super) fn read_autn_from_end(nonce: &[u8]) -> Option<(Rand, Autn)> {
    let octets = BASE64.decode(nonce).ok()?;
    let rand = octets.first_chunk::<16>()?;
    let autn = octets.last_chunk::<16>()?;
    Some((Rand::from(*rand), Autn::from(*autn)))
}

/// RAND and AUTN from whatever octets there are, zeros behind them.
pub(super) fn read_padded_nonce(nonce: &[u8]) -> Option<(Rand, Autn)> {
    let mut octets = BASE64.decode(nonce).unwrap_or_default();
    octets.resize(octets.len().max(32), 0);
    let (rand, rest) = octets.split_first_chunk::<16>()?;
    Some((Rand::from(*rand), Autn::from(*rest.first_chunk::<16>()?)))
}

/// A reader that looks for the tags as text, so that a prefix or an attribute defeats it.
pub(super) fn search_for_text(body: &[u8]) -> Option<SessionFacts> {
    let body = str::from_utf8(body).ok()?;
    let text = |open: &str, close: &str| {
        let (_, rest) = body.split_once(open)?;
        rest.split_once(close).map(|(text, _)| text)
    };
    let btid = text("<btid>", "</btid>")?;
    let lifetime = text("<lifetime>", "</lifetime>")?;
    ue::session_facts(btid.to_owned(), lifetime)
}

/// The default judgement, as if each answer with this status there had a valid proof.
pub(super) fn trusting(facts: ResultFacts, point: ReferencePoint, status: u16) -> ClientOutcome {
    let trusted = facts.point == point && facts.status == status;
    let proof = if trusted { Proof::Valid } else { facts.proof };
    ue::judge_result(&ResultFacts { proof, ..facts })
}

/// This verdict in place of a resynchronisation.
pub(super) fn on_old_sqn(
    challenge: ChallengeJudgement,
    verdict: ChallengeVerdict,
) -> ChallengeVerdict {
    match ue::judge_challenge(&challenge) {
        ChallengeVerdict::Resynchronise => verdict,
        other => other,
    }
}

/// AUTS with the anonymity key of AUTN.
pub(super) fn auts_with_f5(facts: &AutsFacts<'_>) -> Vec<u8> {
    let right = ue::auts(facts);
    let (f5, f5_star) = (
        facts.functions.f5(facts.rand),
        facts.functions.f5_star(facts.rand),
    );
    let masks = f5.expose().iter().zip(f5_star.expose());
    let mut octets = right.clone();
    for (octet, (old, new)) in octets.iter_mut().zip(masks) {
        *octet ^= old ^ new;
    }
    octets
}

/// AUTS with MAC-A in place of MAC-S.
pub(super) fn auts_with_f1(facts: &AutsFacts<'_>) -> Vec<u8> {
    let right = ue::auts(facts);
    let mac = facts.functions.f1(facts.rand, facts.sqn_ms, Amf::RESYNC);
    let concealed = right.first_chunk::<6>().copied().unwrap_or_default();
    [&concealed[..], mac.as_ref()].concat()
}

/// AUTS with a SEQ one lower than the highest accepted one, in the layout of five bits of IND.
pub(super) fn auts_below_sqn_ms(facts: &AutsFacts<'_>) -> Vec<u8> {
    let lower = facts.sqn_ms.value().saturating_sub(32);
    let sqn_ms = Sqn::new(lower).unwrap_or(facts.sqn_ms);
    ue::auts(&AutsFacts { sqn_ms, ..*facts })
}

/// The array that knows nothing but the SQN that it refused.
pub(super) fn store_refused_sqn(update: &UsimUpdate<'_>) -> UsimSqn {
    if update.verdict != ChallengeVerdict::Resynchronise {
        return ue::update_usim(update);
    }
    let scheme = *update.usim.scheme();
    UsimSqn::with_slots(scheme, [(update.sqn.ind(&scheme), update.sqn.seq(&scheme))])
}

/// The key of a NAF from IK || CK.
pub(super) fn naf_key_of_swapped_ks(facts: &NafKeyFacts<'_>) -> KsNaf {
    let mut octets = *facts.ks.expose();
    octets.rotate_left(16);
    ue::naf_key(&NafKeyFacts {
        ks: &Ks::new(octets),
        ..*facts
    })
}

/// The key of a NAF for any octets in place of `NAF_Id`.
pub(super) fn naf_key_with(facts: &NafKeyFacts<'_>, naf_id: &[u8]) -> KsNaf {
    let parameters: [&[u8]; 4] = [
        b"gba-me",
        facts.rand.as_ref(),
        facts.impi.as_bytes(),
        naf_id,
    ];
    KsNaf::new(kdf::kdf(facts.ks.expose(), FC_GBA, &parameters))
}
