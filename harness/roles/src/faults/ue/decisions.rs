//! The wrong decisions of a UE that do not fit one line.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::kdf::{self, FC_GBA};
use gbaspec_crypto::secret::{Ks, KsNaf};
use gbaspec_crypto::sqn::UsimSqn;
use gbaspec_crypto::token::{Amf, Autn, Rand, Sqn};

use crate::role::ClientOutcome;
use crate::ua::REALM_PREFIX;
use crate::ue::{
    self, AutsFacts, ChallengeJudgement, ChallengeVerdict, NafKeyFacts, OfferedChallenges, Proof,
    ReferencePoint, ResultFacts, SessionFacts, UbAnswer, UbPasswordFacts, UsimUpdate,
};

/// The password of an answer with RES as `form` of RES; AUTS keeps the empty one.
pub(super) fn with_res(facts: &UbPasswordFacts<'_>, form: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    match facts.answer {
        UbAnswer::Response => form(facts.aka.res.expose()),
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

/// The part of a list of realms that this UE takes.
pub(super) fn chosen_realm(realm: &[u8]) -> Vec<u8> {
    let part = realm
        .split(|&octet| octet == b';')
        .find(|part| part.starts_with(REALM_PREFIX.as_bytes()));
    [b"\"", part.unwrap_or(realm), b"\""].concat()
}

/// The realm without all that stands before the last at sign.
pub(super) fn host_of_realm(realm: &[u8]) -> Vec<u8> {
    let host = realm.rsplit(|&octet| octet == b'@').next();
    [b"\"", host.unwrap_or(realm), b"\""].concat()
}

/// The default choice, if this parser can make sense of the text of the AKA challenge.
pub(super) fn where_readable(
    offered: &OfferedChallenges<'_>,
    can_read: fn(&str) -> bool,
) -> Option<usize> {
    let chosen = ue::choose_challenge(offered)?;
    let is_read = offered.point == ReferencePoint::Ua
        || offered
            .message
            .fields_named("WWW-Authenticate")
            .all(|field| {
                let text = String::from_utf8_lossy(&field.value);
                can_read(&format!("{}: {text}", String::from_utf8_lossy(&field.name)))
            });
    is_read.then_some(chosen)
}

/// Whether realm, nonce and algorithm come first, in this order.
pub(super) fn is_ordered_as_printed(field: &str) -> bool {
    let names: Vec<_> = directive_names(field).map(str::to_lowercase).collect();
    names.starts_with(&["realm", "nonce", "algorithm"].map(str::to_owned))
}

/// Whether one blank stands behind each comma and none before it.
pub(super) fn is_spaced_as_printed(field: &str) -> bool {
    let is_spaced = |(place, _)| {
        let (before, behind) = (&field[..place], &field[place + 1..]);
        !before.ends_with(' ') && behind.starts_with(' ') && !behind.starts_with("  ")
    };
    field.match_indices(',').all(is_spaced)
}

/// Whether all names stand in the spelling of the tables.
pub(super) fn is_spelt_as_printed(field: &str) -> bool {
    field
        .strip_prefix("WWW-Authenticate:")
        .is_some_and(|value| value.trim_start().starts_with("Digest "))
        && directive_names(field).all(|name| !name.bytes().any(|octet| octet.is_ascii_uppercase()))
}

/// Whether all names are those of RFC 7616 clause 3.3.
pub(super) fn has_known_directives(field: &str) -> bool {
    const KNOWN: [&str; 7] = [
        "realm",
        "nonce",
        "algorithm",
        "qop",
        "opaque",
        "stale",
        "domain",
    ];
    directive_names(field).all(|name| KNOWN.contains(&name.to_lowercase().as_str()))
}

/// What stands before the equals signs of a challenge, as a simple parser sees it.
fn directive_names(field: &str) -> impl Iterator<Item = &str> {
    field
        .split_once(':')
        .map_or(field, |(_, value)| value)
        .split(',')
        .filter_map(|directive| directive.split_once('='))
        .filter_map(|(name, _)| name.split_whitespace().last())
}

/// The default judgement, but a refused run counts as a good one.
pub(super) fn keeping_refused_run(facts: ResultFacts) -> ClientOutcome {
    match (facts.point, facts.status) {
        (ReferencePoint::Ub, 401 | 403) => ClientOutcome::Success,
        _ => ue::judge_result(&facts),
    }
}

/// The session of the document, or one without a name where there is no document.
pub(super) fn read_any_session(body: &[u8]) -> Option<SessionFacts> {
    ue::read_session(body)
        .or_else(|| ue::session_facts("unnamed@bsf.home1.net".to_owned(), "2099-12-31T23:59:59Z"))
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

/// RAND and AUTN from a nonce without the characters that are no base64.
pub(super) fn read_nonce_without_junk(nonce: &[u8]) -> Option<(Rand, Autn)> {
    let mut text = nonce.to_vec();
    text.retain(|&octet| octet.is_ascii_alphanumeric() || b"+/=".contains(&octet));
    ue::read_nonce(&text)
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
    only(update, update.sqn, |seq| seq)
}

/// The array with one SEQ less than what was accepted, so that the same one is accepted again.
pub(super) fn store_one_seq_lower(update: &UsimUpdate<'_>) -> UsimSqn {
    if update.verdict != ChallengeVerdict::Answer {
        return ue::update_usim(update);
    }
    only(update, update.sqn, |seq| seq.saturating_sub(1))
}

/// The array with the accepted SEQ in every slot.
pub(super) fn store_in_all_slots(update: &UsimUpdate<'_>) -> UsimSqn {
    if update.verdict != ChallengeVerdict::Answer {
        return ue::update_usim(update);
    }
    let scheme = *update.usim.scheme();
    let seq = update.sqn.seq(&scheme);
    UsimSqn::with_slots(scheme, (0..scheme.slots()).map(|ind| (ind, seq)))
}

/// The array with one SEQ more than its highest one after each refusal.
pub(super) fn advance_on_refusal(update: &UsimUpdate<'_>) -> UsimSqn {
    if update.verdict != ChallengeVerdict::Resynchronise {
        return ue::update_usim(update);
    }
    only(update, update.usim.sqn_ms(), |seq| seq + 1)
}

/// An array with nothing but this SQN after a change of its SEQ.
fn only(update: &UsimUpdate<'_>, sqn: Sqn, change: fn(u64) -> u64) -> UsimSqn {
    let scheme = *update.usim.scheme();
    UsimSqn::with_slots(scheme, [(sqn.ind(&scheme), change(sqn.seq(&scheme)))])
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
