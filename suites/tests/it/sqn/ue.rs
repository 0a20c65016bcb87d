//! P-UE-1 to 12: the suite plays the BSF with the K of the USIM.

use std::collections::HashSet;

use gbaspec_crypto::sqn::HeSqn;
use gbaspec_crypto::token::Amf;
use gbaspec_roles::faults::Fault;
use proptest::prelude::*;

use super::model::{
    Array, Challenge, DELTA, MOST_SEQ, Move, Profile, SLOTS, Start, one_move, script, sqn, start,
};
use super::peers::{Client, Said, unmasked};
use super::{Verdict, invariants};

/// A USIM and the challenges that it meets.
pub(super) type Script = (Start, Vec<Move>);

invariants! {
    /// P-UE-1: no challenge with a wrong MAC changes A, or draws RES or AUTS.
    p_ue_1_a_wrong_mac_moves_and_draws_nothing: forged() => draws_nothing;
    /// P-UE-2: RES exactly if the SQN is acceptable, else AUTS; never both, never neither.
    p_ue_2_res_exactly_if_acceptable: script(4) => answers_with_res_or_auts;
    /// P-UE-3: after RES A\[IND\] = SEQ, all other slots as before; M never decreases.
    p_ue_3_res_stores_seq_in_its_slot_only: script(6) => stores_what_it_accepts;
    /// P-UE-4: after AUTS A is unchanged, and the same challenge gives the same AUTS.
    p_ue_4_auts_moves_nothing: script(1) => auts_changes_nothing;
    /// P-UE-5: f5* uncovers M, and MAC-S verifies with AMF* of zeros only.
    p_ue_5_auts_makes_the_round_trip: (script(1), 1_u16..) => auts_makes_the_round_trip;
    /// P-UE-6: what was accepted once is answered with AUTS ever after.
    p_ue_6_a_replay_is_refused: (script(6), any::<[usize; 6]>()) => refuses_replays;
    /// P-UE-7: challenges of different IND within delta and L are accepted in any order.
    p_ue_7_interleaving_is_accepted: interleaved() => accepts_any_order;
    /// P-UE-8: M + delta and M - L + 1 are accepted, M + delta + 1 and M - L are not.
    p_ue_8_borders_are_exact: bordered() => has_exact_borders;
    /// P-UE-9: the accepted SEQs of one IND rise strictly.
    p_ue_9_seq_rises_in_each_slot: script(6) => seq_rises_in_each_slot;
    /// P-UE-10: SEQ near its end is refused unless M is near, and no overflow makes it fresh.
    p_ue_10_seq_never_wraps: wrapping() => never_wraps;
    /// P-UE-11: AUTS conceals `SQN_MS` with another mask for each RAND, and never with that of AUTN.
    p_ue_11_masks_differ: (script(1), any::<[u8; 16]>()) => masks_differ;
    /// P-UE-12: after one resynchronisation the next challenge is accepted.
    p_ue_12_lives_after_one_resynchronisation: (script(1), any::<u64>()) => lives_after_auts;
}

// ---------------------------------------------------------------- generators of single properties

/// A bit of AUTN to flip for each challenge.
pub(super) fn forged() -> impl Strategy<Value = (Start, Vec<(Move, usize)>)> {
    let one = (one_move(), 0_usize..128);
    (start(), prop::collection::vec(one, 1..4))
}

/// The greatest SEQ above M, and for each IND how far below it, in the order of sending.
#[derive(Clone, Debug)]
pub(super) struct Interleaved {
    start: Start,
    ahead: u64,
    sent: Vec<(Move, u64)>,
}

pub(super) fn interleaved() -> impl Strategy<Value = Interleaved> {
    let sent = prop::collection::vec((one_move(), any::<u64>()), 1..8);
    (start(), 1..=DELTA, sent).prop_map(|(start, ahead, sent)| Interleaved { start, ahead, sent })
}

/// A USIM that is not at the end of SEQ, with an age limit below M.
pub(super) fn bordered() -> impl Strategy<Value = (Start, Move, u64)> {
    let limit = prop_oneof![1_u64..2_000, 1_u64..2_000_000];
    (start(), one_move(), limit).prop_map(|(mut start, one, limit)| {
        for seq in &mut start.array.slots {
            *seq %= MOST_SEQ - DELTA;
        }
        (start, one, limit)
    })
}

/// How far below the end of SEQ the received one is, or how far behind its start.
pub(super) fn wrapping() -> impl Strategy<Value = (Start, Move, u64, u64)> {
    let near = prop_oneof![0_u64..10, 0..=2 * DELTA];
    (start(), one_move(), near.clone(), near)
}

// ---------------------------------------------------------------- the properties

pub(super) fn draws_nothing(
    (start, challenges): &(Start, Vec<(Move, usize)>),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    for (one, bit) in challenges {
        let mut octets = one.against(&start.array).octets(start.kit);
        octets[16 + bit / 8] ^= 0x80 >> (bit % 8);
        prop_assert_eq!(client.meet_octets(octets)?, Said::Nothing);
        prop_assert_eq!(client.slots(), start.array.slots);
    }
    Ok(())
}

pub(super) fn answers_with_res_or_auts(
    (start, moves): &Script,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let mut array = start.array.clone();
    for one in moves {
        let challenge = one.against(&array);
        let is_acceptable = array.accepts(challenge.seq, challenge.ind);
        match (is_acceptable, client.meet(&challenge)?) {
            (true, Said::Res) => array.slots[challenge.ind] = challenge.seq,
            (false, Said::Auts(_)) => {}
            (true, said) => prop_assert!(false, "{:?} to an acceptable SQN", said),
            (false, said) => prop_assert!(false, "{:?} to an SQN out of range", said),
        }
    }
    Ok(())
}

pub(super) fn stores_what_it_accepts(
    (start, moves): &Script,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let mut array = start.array.clone();
    for one in moves {
        let challenge = one.against(&array);
        let said = client.meet(&challenge)?;
        if said == Said::Res {
            let highest = array.highest();
            array.slots[challenge.ind] = challenge.seq;
            prop_assert!(array.highest() >= highest);
        }
        prop_assert_eq!(client.slots(), array.slots, "{:?} to {:?}", said, challenge);
    }
    Ok(())
}

pub(super) fn auts_changes_nothing(
    (start, moves): &Script,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let challenge = moves[0].against(&start.array).refused_by(&start.array);
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let first = client.meet(&challenge)?;
    prop_assert!(matches!(first, Said::Auts(_)), "{:?}", first);
    prop_assert_eq!(client.slots(), start.array.slots);
    prop_assert_eq!(&client.meet(&challenge)?, &first);
    let mut fresh = Client::new(start.kit, &start.array, profile, fault);
    prop_assert_eq!(&fresh.meet(&challenge)?, &first);
    Ok(())
}

pub(super) fn auts_makes_the_round_trip(
    ((start, moves), other_amf): &(Script, u16),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let challenge = moves[0].against(&start.array).refused_by(&start.array);
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let Said::Auts(auts) = client.meet(&challenge)? else {
        return Err(TestCaseError::fail("no AUTS"));
    };
    let (functions, rand) = (start.kit.functions(), challenge.rand());
    let (seq, ind) = unmasked(auts, functions, rand);
    prop_assert_eq!(seq, start.array.highest());
    let mac_s = |amf| *functions.f1_star(rand, sqn(seq, ind), amf).as_bytes();
    prop_assert_eq!(&mac_s(Amf::from([0, 0]))[..], &auts[6..]);
    for amf in [other_amf.to_be_bytes(), challenge.amf] {
        let is_right = mac_s(Amf::from(amf)) == auts[6..];
        prop_assert_eq!(is_right, amf == [0, 0], "AMF* {:02x?}", amf);
    }
    Ok(())
}

pub(super) fn refuses_replays(
    ((start, moves), order): &(Script, [usize; 6]),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let mut array = start.array.clone();
    let mut accepted: Vec<Challenge> = Vec::new();
    for (place, one) in moves.iter().enumerate() {
        let challenge = one.against(&array);
        if client.meet(&challenge)? == Said::Res {
            array.slots[challenge.ind] = challenge.seq;
            accepted.push(challenge);
        }
        if !accepted.is_empty() {
            refuses(&mut client, &accepted[order[place] % accepted.len()])?;
        }
    }
    for old in accepted.iter().rev() {
        refuses(&mut client, old)?;
    }
    Ok(())
}

fn refuses(client: &mut Client, old: &Challenge) -> Verdict {
    let said = client.meet(old)?;
    prop_assert!(matches!(said, Said::Auts(_)), "{:?} to a replay", said);
    Ok(())
}

pub(super) fn accepts_any_order(
    Interleaved { start, ahead, sent }: &Interleaved,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let array = &start.array;
    let highest = (array.highest() + ahead).min(MOST_SEQ);
    // All lie within delta of M, and within L of the highest.
    let width = array.limit.unwrap_or(MOST_SEQ);
    let mut used = [false; SLOTS];
    for (one, below) in sent {
        let lowest = (array.slots[one.ind] + 1).max((highest + 1).saturating_sub(width));
        if std::mem::replace(&mut used[one.ind], true) || lowest > highest {
            continue;
        }
        let challenge = one.with_seq(highest - below % (highest - lowest + 1));
        prop_assert_eq!(client.meet(&challenge)?, Said::Res, "{:?}", challenge);
    }
    Ok(())
}

pub(super) fn has_exact_borders(
    (start, one, limit): &(Start, Move, u64),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let says = |array: &Array, seq| {
        let mut client = Client::new(start.kit, array, profile, fault);
        client.meet(&one.with_seq(seq))
    };
    let mut array = start.array.clone();
    let m = array.highest();
    array.limit = None;
    prop_assert_eq!(says(&array, m + DELTA)?, Said::Res);
    let beyond = says(&array, m + DELTA + 1)?;
    prop_assert!(matches!(beyond, Said::Auts(_)), "{:?} beyond delta", beyond);

    // A lower slot, so that nothing but L stands against SEQ = M - L.
    let holder = (one.ind + 1) % SLOTS;
    array.slots[holder] = m.max(limit + 1);
    array.slots[one.ind] = 0;
    array.limit = Some(*limit);
    let m = array.highest();
    prop_assert_eq!(says(&array, m - limit + 1)?, Said::Res);
    let too_old = says(&array, m - limit)?;
    prop_assert!(matches!(too_old, Said::Auts(_)), "{:?} at L", too_old);
    Ok(())
}

pub(super) fn seq_rises_in_each_slot(
    (start, moves): &Script,
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let mut client = Client::new(start.kit, &start.array, profile, fault);
    let mut array = start.array.clone();
    for one in moves {
        // Few slots, so that each is met several times.
        let one = Move {
            ind: one.ind % 3,
            ..one.clone()
        };
        let challenge = one.against(&array);
        if client.meet(&challenge)? == Said::Res {
            let before = std::mem::replace(&mut array.slots[challenge.ind], challenge.seq);
            prop_assert!(challenge.seq > before, "{:?} after {}", challenge, before);
        }
    }
    Ok(())
}

pub(super) fn never_wraps(
    (start, one, below_end, behind_start): &(Start, Move, u64, u64),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let array = &start.array;
    let (m, slot) = (array.highest(), array.slots[one.ind]);
    let near_end = MOST_SEQ - below_end;
    let said = Client::new(start.kit, array, profile, fault).meet(&one.with_seq(near_end))?;
    if near_end - m.min(near_end) > DELTA {
        prop_assert!(matches!(said, Said::Auts(_)), "{:?} near the end", said);
    }
    // What comes after the end of SEQ if it were counted modulo 2^43, from M and from the slot.
    for from in [m, slot] {
        let wrapped = (from + behind_start + 1) % (MOST_SEQ + 1);
        let said = Client::new(start.kit, array, profile, fault).meet(&one.with_seq(wrapped))?;
        if wrapped <= slot {
            prop_assert!(matches!(said, Said::Auts(_)), "{:?} below the slot", said);
        }
    }
    Ok(())
}

pub(super) fn masks_differ(
    ((start, moves), other_rand): &(Script, [u8; 16]),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let array = &start.array;
    let first = moves[0].against(array).refused_by(array);
    let second = Challenge {
        rand: *other_rand,
        ..first.clone()
    };
    prop_assume!(first.rand != second.rand);
    let mut concealed = HashSet::new();
    for challenge in [&first, &second] {
        let mut client = Client::new(start.kit, array, profile, fault);
        let Said::Auts(auts) = client.meet(challenge)? else {
            return Err(TestCaseError::fail("no AUTS"));
        };
        prop_assert!(
            concealed.insert(auts[..6].to_vec()),
            "one mask for two RANDs"
        );
        // AK, which the sender of a challenge can read off its AUTN.
        let concealed_sqn = &challenge.octets(start.kit)[16..22];
        let sent = sqn(challenge.seq, challenge.ind).to_bytes();
        let with_ak = auts.iter().zip(concealed_sqn).zip(sent);
        let sqn_ms = with_ak.fold(0_u64, |sqn, ((masked, mask), sent)| {
            sqn << 8 | u64::from(masked ^ mask ^ sent)
        });
        prop_assert_ne!(sqn_ms / 32, array.highest(), "AUTS concealed with AK");
    }
    Ok(())
}

pub(super) fn lives_after_auts(
    ((start, moves), millis): &(Script, u64),
    profile: Profile,
    fault: Option<&'static Fault>,
) -> Verdict {
    let array = &start.array;
    // At the very end of SEQ no vector can follow.
    prop_assume!(array.highest() < MOST_SEQ);
    let challenge = moves[0].against(array).refused_by(array);
    let mut client = Client::new(start.kit, array, profile, fault);
    let Said::Auts(auts) = client.meet(&challenge)? else {
        return Err(TestCaseError::fail("no AUTS"));
    };
    let (seq, ind) = unmasked(auts, start.kit.functions(), challenge.rand());
    let mut home = HeSqn::new(profile.scheme(None), sqn(challenge.seq, challenge.ind));
    home.read_clock(millis % 3_000_000_000_000);
    home.resynchronise(sqn(seq, ind));
    let next = home.advance().value();
    let mut renewed = moves[0].with_seq(next / 32);
    renewed.ind = usize::try_from(next % 32).expect("IND fits");
    prop_assert_eq!(client.meet(&renewed)?, Said::Res, "{:?}", renewed);
    Ok(())
}
