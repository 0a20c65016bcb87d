//! Properties over random inputs, with another implementation of Milenage as a second opinion.

use gbaspec_crypto::aka::{AkaFunctions, MacCheck, OpenedAutn, OpenedAuts};
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::milenage::{Milenage, derive_opc};
use gbaspec_crypto::secret::{Ak, Ck, Ik, K, Op, Opc, Res};
use gbaspec_crypto::sqn::{
    Generation, HeSqn, Resynchronisation, Sqn, SqnOutOfRange, SqnScheme, UsimSqn,
};
use gbaspec_crypto::token::{Amf, Autn, Auts, Rand};
use proptest::prelude::*;

proptest! {
    #[test]
    fn agrees_with_another_milenage(
        k: [u8; 16], op: [u8; 16], rand: [u8; 16], sqn: [u8; 6], amf: [u8; 2],
    ) {
        let mut other = milenage::Milenage::new_with_op(k, op);
        let opc = derive_opc(&K::new(k), &Op::new(op));
        prop_assert_eq!(opc.expose(), other.opc());

        let functions = Milenage::new(&K::new(k), &opc);
        let values = (Rand::from(rand), Sqn::from_bytes(sqn), Amf::from(amf));
        let mac_a = functions.f1(values.0, values.1, values.2);
        prop_assert_eq!(mac_a.as_bytes(), &other.f1(&rand, &sqn, &amf));
        let mac_s = functions.f1_star(values.0, values.1, values.2);
        prop_assert_eq!(mac_s.as_bytes(), &other.f1star(&rand, &sqn, &amf));

        let (res, ck, ik, ak) = other.f2345(&rand);
        prop_assert_eq!(functions.f2(values.0), Res::from(res));
        prop_assert_eq!(functions.f3(values.0), Ck::new(ck));
        prop_assert_eq!(functions.f4(values.0), Ik::new(ik));
        prop_assert_eq!(functions.f5(values.0), Ak::new(ak));
        prop_assert_eq!(functions.f5_star(values.0), Ak::new(other.f5star(&rand)));
    }

    #[test]
    fn opens_the_autn_that_it_made(
        functions in functions(), rand: [u8; 16], sqn in sqn(), amf: [u8; 2], bit in 0_usize..128,
    ) {
        let (rand, amf) = (Rand::from(rand), Amf::from(amf));
        let autn = functions.autn(rand, sqn, amf);
        let opened = OpenedAutn { sqn, amf, mac: MacCheck::Valid };
        prop_assert_eq!(functions.open_autn(rand, &autn), opened);

        let flipped = Autn::from(with_flipped_bit(*autn.as_bytes(), bit));
        prop_assert_eq!(functions.open_autn(rand, &flipped).mac, MacCheck::Mismatch);
    }

    #[test]
    fn opens_the_auts_that_it_made(
        functions in functions(), rand: [u8; 16], sqn_ms in sqn(), bit in 0_usize..112,
    ) {
        let rand = Rand::from(rand);
        let auts = functions.auts(rand, sqn_ms);
        let opened = OpenedAuts { sqn_ms, mac: MacCheck::Valid };
        prop_assert_eq!(functions.open_auts(rand, &auts), opened);

        let flipped = Auts::from(with_flipped_bit(*auts.as_bytes(), bit));
        prop_assert_eq!(functions.open_auts(rand, &flipped).mac, MacCheck::Mismatch);
    }

    #[test]
    fn refuses_auts_of_any_other_amf(
        functions in functions(), rand: [u8; 16], sqn_ms in sqn(), amf in 1_u16..,
    ) {
        let (rand, amf) = (Rand::from(rand), Amf::from(amf.to_be_bytes()));
        let auts = functions.auts_with_amf(rand, sqn_ms, amf);
        prop_assert_eq!(functions.open_auts(rand, &auts).mac, MacCheck::Mismatch);
    }

    #[test]
    fn joins_the_parts_that_it_split(scheme in any_scheme(), sqn in sqn()) {
        let (seq, ind) = (sqn.seq(&scheme), sqn.ind(&scheme));
        prop_assert_eq!(Sqn::from_parts(&scheme, seq, ind), Some(sqn));
        prop_assert_eq!(Sqn::from_parts(&scheme, scheme.max_seq() + 1, ind), None);
        prop_assert_eq!(Sqn::from_parts(&scheme, seq, scheme.slots()), None);
    }

    #[test]
    fn stores_an_accepted_sqn_and_no_other(
        scheme in small_scheme(), received in prop::collection::vec(0_u64..400, 1..40),
    ) {
        let mut usim = UsimSqn::new(scheme);
        for sqn in received.into_iter().filter_map(Sqn::new) {
            let before = usim.clone();
            let verdict = usim.accept(sqn);
            prop_assert!(usim.sqn_ms().seq(&scheme) >= before.sqn_ms().seq(&scheme));
            if verdict.is_ok() {
                prop_assert_eq!(before.check(sqn), Ok(()));
                prop_assert!(usim.check(sqn).is_err());
            } else {
                prop_assert_eq!(usim, before.clone());
                usim = before;
            }
        }
    }

    #[test]
    fn ends_the_range_at_delta(seq_ms in 0_u64..(1 << 42), delta in 1_u64..(1 << 42)) {
        let scheme = SqnScheme { delta, ..SqnScheme::default() };
        let usim = UsimSqn::with_slots(scheme, [(3, seq_ms)]);
        let at = |seq| Sqn::from_parts(&scheme, seq, 3).map(|sqn| usim.check(sqn));
        prop_assert_eq!(at(seq_ms + delta), Some(Ok(())));
        let beyond = at(seq_ms + delta + 1);
        prop_assert!(beyond.is_none() || beyond == Some(Err(SqnOutOfRange::BeyondDelta)));
    }

    #[test]
    fn serves_a_usim_after_one_resynchronisation(
        slots in prop::collection::vec((0_u64..32, 0_u64..(1 << 40)), 0..8),
        sqn_he in 0_u64..(1 << 45),
    ) {
        let scheme = SqnScheme::default();
        let mut usim = UsimSqn::with_slots(scheme, slots);
        let mut counter = HeSqn::new(scheme, Sqn::new(sqn_he).unwrap_or_default());
        let before = counter.clone();
        let outcome = counter.resynchronise(usim.sqn_ms());
        if outcome == Resynchronisation::Kept {
            prop_assert_eq!(&counter, &before);
        }
        for _ in 0..40 {
            let next = counter.advance();
            prop_assert!(next > usim.sqn_ms());
            prop_assert_eq!(usim.accept(next), Ok(()));
        }
    }

    #[test]
    fn works_with_any_numbers(
        scheme in any_scheme(), first in sqn(), second in sqn(), ind: u64, seq: u64,
        clock: [u64; 3],
    ) {
        let mut usim = UsimSqn::with_slots(scheme, [(ind, seq)]);
        let mut counter = HeSqn::new(scheme, first);
        for millis in clock {
            counter.read_clock(millis);
            let before = counter.last();
            prop_assert!(counter.advance().seq(&scheme) >= before.seq(&scheme));
        }
        counter.resynchronise(second);
        let peeked = counter.peek_next();
        prop_assert_eq!(counter.advance(), peeked);
        prop_assert_eq!(counter.last(), peeked);
        let _verdict = usim.accept(peeked);
    }

    #[test]
    fn digests_any_octets(
        values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 9),
        hash in hash(), qop in qop(),
    ) {
        let input = DigestInput {
            hash,
            username: &values[0],
            realm: &values[1],
            password: Password::Octets(&values[2]),
            nonce: &values[3],
            uri: &values[4],
            nc: &values[5],
            cnonce: &values[6],
            qop,
            method: &values[7],
            body: &values[8],
        };
        let length = if hash == Hash::Md5 { 32 } else { 64 };
        for digest in [input.response(), input.rspauth(), input.session_response()] {
            prop_assert_eq!(digest.len(), length);
            prop_assert!(digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        }
    }
}

fn functions() -> impl Strategy<Value = AkaFunctions> {
    any::<([u8; 16], [u8; 16])>()
        .prop_map(|(k, opc)| AkaFunctions::Milenage(Milenage::new(&K::new(k), &Opc::new(opc))))
}

fn sqn() -> impl Strategy<Value = Sqn> {
    any::<[u8; 6]>().prop_map(Sqn::from_bytes)
}

fn any_scheme() -> impl Strategy<Value = SqnScheme> {
    let parameters = (
        0_u32..20,
        any::<u64>(),
        any::<Option<u64>>(),
        any_generation(),
    );
    parameters.prop_map(|(ind_bits, delta, age_limit, generation)| SqnScheme {
        ind_bits,
        delta,
        age_limit,
        generation,
    })
}

fn any_generation() -> impl Strategy<Value = Generation> {
    prop_oneof![
        Just(Generation::Counter),
        any::<(u32, u64, u64)>().prop_map(|(glc_bits, safety, unit_millis)| {
            Generation::PartlyTimeBased {
                glc_bits,
                safety,
                unit_millis,
            }
        }),
        any::<u64>().prop_map(|unit_millis| Generation::TimeBased { unit_millis }),
    ]
}

/// Few slots and short distances, so that each of the three tests is met often.
fn small_scheme() -> impl Strategy<Value = SqnScheme> {
    (0_u32..4, 1_u64..100, prop::option::of(1_u64..60)).prop_map(|(ind_bits, delta, age_limit)| {
        SqnScheme {
            ind_bits,
            delta,
            age_limit,
            generation: Generation::Counter,
        }
    })
}

fn hash() -> impl Strategy<Value = Hash> {
    prop_oneof![
        Just(Hash::Md5),
        Just(Hash::Sha256),
        Just(Hash::Sha512Trunc256)
    ]
}

fn qop() -> impl Strategy<Value = Option<Qop>> {
    prop_oneof![Just(None), Just(Some(Qop::Auth)), Just(Some(Qop::AuthInt))]
}

fn with_flipped_bit<const N: usize>(mut octets: [u8; N], bit: usize) -> [u8; N] {
    octets[bit / 8] ^= 0x80 >> (bit % 8);
    octets
}
