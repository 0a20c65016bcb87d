//! Properties of the resynchronisation on Ub, through real HTTP messages (TS 33.102 6.3.3, 6.3.5
//! and Annex C): the UE and the BSF are exercised, the expectations are arithmetic written here.
//!
//! Each property also runs against peers with a fault that it must notice: a property that cannot
//! fail proves nothing.

use data_encoding::BASE64;
use gbaspec_crypto::aka::{AkaFunctions, MacCheck};
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::sqn::{Sqn, SqnScheme, UsimSqn};
use gbaspec_crypto::token::{Amf, Autn, Rand};
use gbaspec_roles::embedded::{self, BSF_FQDN, SUBSCRIBERS};
use gbaspec_roles::faults::{self, Fault, Tamper, tampered_bytes};
use gbaspec_roles::{
    Action, Bsf, BsfConfig, BsfOffer, BsfPolicy, ConnectionId, Identity, Input, Moment, Output,
    Peer, Role, Subscriber, Ue, UeKeys, UePolicy,
};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{FailurePersistence, FileFailurePersistence, TestError, TestRunner};
use rstest::rstest;

/// Delta of the profiles of TS 33.102 C.3.
const DELTA: u64 = 268_435_456;
/// 43 bits of SEQ beside 5 of IND.
const MOST_SEQ: u64 = 8_796_093_022_207;
/// Slots of the array.
const SLOTS: usize = 32;
/// 2004-01-08T10:13:17Z, the moment of the printed tables.
const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);
const IMPI: &str = "user1_private@home1.net";
const AMFS: [[u8; 2]; 4] = [[0, 0], [0x80, 0], [0xb9, 0xb9], [0xff, 0xff]];

type Verdict = Result<(), TestCaseError>;
type UeProperty = fn(&Challenge, Option<&'static Fault>) -> Verdict;
type BsfProperty = fn(&Failure, Option<&'static Fault>) -> Verdict;

// ---------------------------------------------------------------- what is generated

/// A challenge with a right MAC for a USIM in this state.
#[derive(Clone, Debug)]
struct Challenge {
    /// A\[0..31\], the highest accepted SEQ of each IND.
    slots: [u64; SLOTS],
    /// L, if the USIM has an age limit.
    limit: Option<u64>,
    seq: u64,
    ind: usize,
    rand: [u8; 16],
    amf: [u8; 2],
}

/// A USIM that fails to synchronise with a BSF in this state.
#[derive(Clone, Debug)]
struct Failure {
    /// SEQ and IND of the vector before the challenge.
    he: (u64, u64),
    /// SEQ and IND that the AUTS reports.
    ms: (u64, u64),
    /// The bit of AUTS that the property about forgery flips.
    bit: usize,
    seed: u64,
}

/// The choices of 7.2: near every border of the acceptance rule with weight 8, anywhere with 2.
fn seq_near(m: u64, own: u64, limit: u64) -> impl Strategy<Value = u64> {
    let borders = vec![
        own.saturating_sub(1),
        own,
        own + 1,
        m,
        m + 1,
        m + DELTA,
        m + DELTA + 1,
        m.saturating_sub(limit),
        (m + 1).saturating_sub(limit),
        0,
        MOST_SEQ,
    ];
    prop_oneof![8 => select(borders), 2 => 0..=MOST_SEQ].prop_map(|seq| seq.min(MOST_SEQ))
}

fn highest() -> impl Strategy<Value = u64> {
    prop_oneof![
        3 => 0..=MOST_SEQ,
        3 => 0_u64..2_000,
        2 => DELTA - 5..DELTA + 5,
        2 => MOST_SEQ - DELTA - 5..=MOST_SEQ,
    ]
}

/// M and the array first, then the SEQ that is received.
fn challenge() -> impl Strategy<Value = Challenge> {
    let limit = prop_oneof![1 => Just(None), 1 => (1_u64..2_000_000).prop_map(Some)];
    (highest(), limit, 0..SLOTS, 0..SLOTS)
        .prop_flat_map(|(m, limit, holder, ind)| {
            let below = prop_oneof![2 => Just(0), 3 => m.saturating_sub(50)..=m, 5 => 0..=m];
            (
                proptest::array::uniform32(below),
                Just((m, limit, holder, ind)),
            )
        })
        .prop_flat_map(|(mut slots, (m, limit, holder, ind))| {
            slots[holder] = m;
            let seq = seq_near(m, slots[ind], limit.unwrap_or(1_000));
            (
                Just((slots, limit, ind)),
                seq,
                any::<[u8; 16]>(),
                select(AMFS.to_vec()),
            )
        })
        .prop_map(|((slots, limit, ind), seq, rand, amf)| Challenge {
            slots,
            limit,
            seq,
            ind,
            rand,
            amf,
        })
}

fn failure() -> impl Strategy<Value = Failure> {
    // The counter must have room for the vectors of a property; SEQ never wraps.
    let he = prop_oneof![2 => 0..=MOST_SEQ - 10, 1 => 0_u64..100, 1 => DELTA - 5..DELTA + 5];
    he.prop_flat_map(|he| {
        let near: Vec<u64> = [
            (he + 1).checked_sub(DELTA + 1),
            (he + 1).checked_sub(DELTA),
            (he + 2).checked_sub(DELTA),
            he.checked_sub(4 * DELTA),
            he.checked_sub(40),
            Some(he),
            Some(he + 1),
            Some(he + 2),
            Some(he + 40),
            Some(he + DELTA),
            Some(he + DELTA + 1),
            Some(he + 4 * DELTA),
            Some(1),
            Some(MOST_SEQ - 10),
        ]
        .into_iter()
        .flatten()
        .map(|seq| seq.min(MOST_SEQ - 10))
        .collect();
        let ms = prop_oneof![8 => select(near), 2 => 0..=MOST_SEQ - 10];
        (
            Just(he),
            0_u64..32,
            ms,
            0_u64..32,
            0_usize..112,
            any::<u64>(),
        )
    })
    .prop_map(|(he, he_ind, ms, ms_ind, bit, seed)| Failure {
        he: (he, he_ind),
        ms: (ms, ms_ind),
        bit,
        seed,
    })
}

// ---------------------------------------------------------------- the rule, written again

impl Challenge {
    fn m(&self) -> u64 {
        self.slots.iter().copied().max().unwrap_or(0)
    }

    /// TS 33.102 C.2: not more than delta above the highest, not L or more below it, above its slot.
    fn is_acceptable(&self) -> bool {
        let (seq, m) = (i128::from(self.seq), i128::from(self.m()));
        seq - m <= i128::from(DELTA)
            && self.limit.is_none_or(|limit| m - seq < i128::from(limit))
            && self.seq > self.slots[self.ind]
    }

    /// The same USIM with a challenge that it cannot accept: SEQ 0 is above no slot.
    fn refused(&self) -> Self {
        let mut refused = self.clone();
        if refused.is_acceptable() {
            refused.seq = 0;
        }
        refused
    }

    fn sqn(&self) -> Sqn {
        Sqn::new(self.seq * 32 + self.ind as u64).expect("SEQ and IND fit 48 bits")
    }

    fn usim(&self) -> UsimSqn {
        let scheme = SqnScheme {
            age_limit: self.limit,
            ..SqnScheme::default()
        };
        UsimSqn::with_slots(scheme, (0..).zip(self.slots))
    }

    /// The nonce of the 401.
    fn nonce(&self) -> String {
        let rand = Rand::from(self.rand);
        let autn = functions().autn(rand, self.sqn(), Amf::from(self.amf));
        BASE64.encode(&[self.rand, *autn.as_bytes()].concat())
    }
}

/// TS 33.102 C.2.1 for a vector that is meant for a USIM which reported `ms`.
fn is_in_range(seq: u64, ms: u64) -> bool {
    seq > ms && seq - ms <= DELTA
}

// ---------------------------------------------------------------- the properties of the UE

/// P-UE-2: RES exactly if the SQN is acceptable, else AUTS; never both, never neither.
fn answers_with_res_or_auts(challenge: &Challenge, fault: Option<&'static Fault>) -> Verdict {
    let mut client = Client::new(challenge, fault);
    let answer = client.answer(challenge)?;
    let functions = functions();
    let rand = Rand::from(challenge.rand);
    let with_res = answer.response(functions.f2(rand).expose());
    let with_nothing = answer.response(&[]);
    if challenge.is_acceptable() {
        prop_assert_eq!(&answer.auts, &None, "AUTS for an acceptable SQN");
        prop_assert_eq!(&answer.response, &with_res);
    } else {
        prop_assert!(answer.auts.is_some(), "no AUTS for an SQN out of range");
        prop_assert_eq!(&answer.response, &with_nothing);
    }
    Ok(())
}

/// P-UE-4: after AUTS the array is unchanged, and the same challenge gives the same AUTS.
fn auts_changes_nothing(challenge: &Challenge, fault: Option<&'static Fault>) -> Verdict {
    let challenge = challenge.refused();
    let mut client = Client::new(&challenge, fault);
    let first = client.answer(&challenge)?.auts;
    prop_assert_eq!(client.ue.usim(), Some(&challenge.usim()));
    let second = client.answer(&challenge)?.auts;
    let fresh = Client::new(&challenge, fault).answer(&challenge)?.auts;
    prop_assert!(first.is_some(), "no AUTS");
    prop_assert_eq!(&first, &second);
    prop_assert_eq!(&first, &fresh);
    Ok(())
}

/// P-UE-5: f5* uncovers the highest accepted SEQ, and MAC-S verifies with AMF* of zeros only.
fn auts_makes_the_round_trip(challenge: &Challenge, fault: Option<&'static Fault>) -> Verdict {
    let challenge = challenge.refused();
    let answer = Client::new(&challenge, fault).answer(&challenge)?;
    let text = answer.auts.ok_or_else(|| TestCaseError::fail("no AUTS"))?;
    let octets = BASE64
        .decode(&text)
        .map_err(|why| TestCaseError::fail(format!("AUTS is no base64: {why}")))?;
    prop_assert_eq!(octets.len(), 14);
    let (concealed, mac) = octets.split_at(6);
    let (functions, rand) = (functions(), Rand::from(challenge.rand));
    let mask = functions.f5_star(rand);
    let sqn_ms: u64 = concealed
        .iter()
        .zip(mask.expose())
        .fold(0, |sqn, (octet, mask)| sqn << 8 | u64::from(octet ^ mask));
    prop_assert_eq!(sqn_ms >> 5, challenge.m());
    let sqn_ms = Sqn::new(sqn_ms).expect("48 bits");
    for amf in AMFS {
        let right = functions.f1_star(rand, sqn_ms, Amf::from(amf));
        prop_assert_eq!(right.as_bytes() == mac, amf == [0, 0], "AMF* {:02x?}", amf);
    }
    Ok(())
}

#[rstest]
#[case::p_ue_2("tests/regressions/p-ue-2.txt", answers_with_res_or_auts)]
#[case::p_ue_4("tests/regressions/p-ue-4.txt", auts_changes_nothing)]
#[case::p_ue_5("tests/regressions/p-ue-5.txt", auts_makes_the_round_trip)]
fn the_correct_ue_keeps(#[case] regressions: &'static str, #[case] property: UeProperty) {
    let outcome = run(Some(regressions), &challenge(), |challenge| {
        property(&challenge, None)
    });
    if let Err(why) = outcome {
        panic!("{why}");
    }
}

#[rstest]
#[case(answers_with_res_or_auts, "ue/answers-old-sqn")]
#[case(answers_with_res_or_auts, "ue/gives-up-on-old-sqn")]
#[case(answers_with_res_or_auts, "ue/auts-response-with-res")]
#[case(answers_with_res_or_auts, "ue/auts-response-empty")]
#[case(auts_changes_nothing, "ue/refused-sqn-stored")]
#[case(auts_makes_the_round_trip, "ue/auts-hex")]
#[case(auts_makes_the_round_trip, "ue/auts-16-octets")]
#[case(auts_makes_the_round_trip, "ue/auts-with-f5")]
#[case(auts_makes_the_round_trip, "ue/auts-with-f1")]
#[case(auts_makes_the_round_trip, "ue/auts-with-challenge-amf")]
#[case(auts_makes_the_round_trip, "ue/auts-with-received-sqn")]
#[case(auts_makes_the_round_trip, "ue/auts-mac-first")]
#[case(auts_makes_the_round_trip, "ue/auts-below-sqn-ms")]
fn notices_the_faulty_ue(#[case] property: UeProperty, #[case] id: &str) {
    let fault = faults::by_id(id).expect("the fault is there");
    let outcome = run(None, &challenge(), |challenge| {
        property(&challenge, Some(fault))
    });
    assert!(
        matches!(outcome, Err(TestError::Fail(..))),
        "{id} goes unnoticed"
    );
}

// ---------------------------------------------------------------- the properties of the BSF

/// P-HE-3 with P-HE-4 and P-HE-8: after a valid AUTS the next vector is in the range of the USIM,
/// and the counter was not lowered without need.
fn next_vector_is_in_range(failure: &Failure, fault: Option<&'static Fault>) -> Verdict {
    let mut server = Server::new(failure, fault);
    let first = server.first_challenge()?;
    let (ms, ind) = failure.ms;
    let sqn_ms = Sqn::new(ms * 32 + ind).expect("SEQ and IND fit 48 bits");
    let auts = functions().auts(first.rand, sqn_ms);
    let answer = server.ask(&auts_request(&first.nonce, auts.as_bytes()));
    let second = opened(&answer)?;
    prop_assert!(
        is_in_range(second.seq, ms),
        "SEQ {} for SEQ_MS {}",
        second.seq,
        ms
    );
    prop_assert_ne!(second.rand, first.rand);
    if is_in_range(first.seq + 1, ms) {
        prop_assert!(
            second.seq > first.seq,
            "lowered from {} to {}",
            first.seq,
            second.seq
        );
    }
    Ok(())
}

/// P-HE-5: an AUTS with a flipped bit moves nothing: the answer is an error or a vector of the
/// unreset range, and so is the next one.
fn forged_auts_moves_nothing(failure: &Failure, fault: Option<&'static Fault>) -> Verdict {
    let mut server = Server::new(failure, fault);
    let first = server.first_challenge()?;
    let (ms, ind) = failure.ms;
    let sqn_ms = Sqn::new(ms * 32 + ind).expect("SEQ and IND fit 48 bits");
    let mut auts = *functions().auts(first.rand, sqn_ms).as_bytes();
    auts[failure.bit / 8] ^= 0x80 >> (failure.bit % 8);
    let answer = server.ask(&auts_request(&first.nonce, &auts));
    let status = answer.status().unwrap_or(0);
    prop_assert!((400..500).contains(&status), "status {}", status);
    if answer.field("WWW-Authenticate").is_some() {
        let seq = opened(&answer)?.seq;
        prop_assert!(
            (first.seq + 1..=first.seq + 2).contains(&seq),
            "SEQ {} after {}",
            seq,
            first.seq
        );
    }
    let next = server.first_challenge()?;
    prop_assert!(
        (first.seq + 1..=first.seq + 4).contains(&next.seq),
        "SEQ {} after {}",
        next.seq,
        first.seq
    );
    Ok(())
}

#[rstest]
#[case::p_he_3("tests/regressions/p-he-3.txt", next_vector_is_in_range)]
#[case::p_he_5("tests/regressions/p-he-5.txt", forged_auts_moves_nothing)]
fn the_correct_bsf_keeps(#[case] regressions: &'static str, #[case] property: BsfProperty) {
    let outcome = run(Some(regressions), &failure(), |failure| {
        property(&failure, None)
    });
    if let Err(why) = outcome {
        panic!("{why}");
    }
}

#[rstest]
#[case(next_vector_is_in_range, "bsf/nonce-again-after-auts")]
#[case(next_vector_is_in_range, "bsf/auts-ignored")]
#[case(next_vector_is_in_range, "bsf/auts-gives-403")]
#[case(next_vector_is_in_range, "bsf/sqn-ms-again-after-auts")]
#[case(next_vector_is_in_range, "bsf/counter-lowered-by-auts")]
#[case(next_vector_is_in_range, "bsf/old-vector-after-auts")]
#[case(next_vector_is_in_range, "bsf/rand-constant")]
#[case(forged_auts_moves_nothing, "bsf/auts-without-mac-check")]
#[case(forged_auts_moves_nothing, "bsf/sqn-not-advanced")]
fn notices_the_faulty_bsf(#[case] property: BsfProperty, #[case] id: &str) {
    let fault = faults::by_id(id).expect("the fault is there");
    let outcome = run(None, &failure(), |failure| property(&failure, Some(fault)));
    assert!(
        matches!(outcome, Err(TestError::Fail(..))),
        "{id} goes unnoticed"
    );
}

// ---------------------------------------------------------------- the peers and their messages

/// 256 cases; counterexamples of the correct peers are kept in the file.
fn run<S: Strategy>(
    regressions: Option<&'static str>,
    strategy: &S,
    test: impl Fn(S::Value) -> Verdict,
) -> Result<(), TestError<S::Value>> {
    let persistence = regressions.map(|file| -> Box<dyn FailurePersistence> {
        Box::new(FileFailurePersistence::Direct(file))
    });
    let config = ProptestConfig {
        cases: 256,
        failure_persistence: persistence,
        // A planted fault needs no small counterexample.
        max_shrink_iters: if regressions.is_some() { 1 << 14 } else { 0 },
        ..ProptestConfig::default()
    };
    TestRunner::new(config).run(strategy, test)
}

/// Test set 1 of TS 35.207.
fn functions() -> AkaFunctions {
    SUBSCRIBERS[0].functions()
}

/// A UE behind real messages.
struct Client {
    ue: Ue,
    tamper: Tamper,
}

/// What the request that answers a challenge says.
struct Answer {
    list: DirectiveList,
    nonce: String,
    response: String,
    auts: Option<Vec<u8>>,
}

impl Client {
    fn new(challenge: &Challenge, fault: Option<&'static Fault>) -> Self {
        let identity = Identity::Isim {
            impi: IMPI.to_owned(),
        };
        let keys = UeKeys::Usim {
            functions: functions(),
            usim: challenge.usim(),
        };
        let policy = fault.map_or_else(UePolicy::default, Fault::ue_policy);
        Self {
            ue: embedded::ue_with(identity, keys, policy, 7),
            tamper: fault.map_or_else(Tamper::default, Fault::tamper),
        }
    }

    /// Starts a run, challenges the UE and reads its next request.
    fn answer(&mut self, challenge: &Challenge) -> Result<Answer, TestCaseError> {
        let start = self.ue.handle(NOW, Input::Start(Action::Bootstrap));
        self.request(&start)?;
        let nonce = challenge.nonce();
        let text = format!(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", \
             nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n"
        );
        let message = Message::from_bytes(text.as_bytes()).expect("the text is a message");
        let outputs = self.ue.handle(
            NOW,
            Input::Message {
                connection: ConnectionId(1),
                message: &message,
            },
        );
        let list = credentials(&self.request(&outputs)?)?;
        Ok(Answer {
            response: text_of(&list, "response")?,
            auts: list.value("auts").map(<[u8]>::to_vec),
            nonce,
            list,
        })
    }

    fn request(&self, outputs: &[Output]) -> Result<Message, TestCaseError> {
        match outputs {
            [
                Output::Send {
                    to: Peer::Bsf,
                    message,
                    ..
                },
            ] => {
                let bytes = tampered_bytes(message, &self.tamper);
                Message::from_bytes(&bytes).map_err(|why| TestCaseError::fail(why.to_string()))
            }
            other => Err(TestCaseError::fail(format!(
                "no request to the BSF but {other:?}"
            ))),
        }
    }
}

impl Answer {
    /// The digest over this request with a password (RFC 3310 3.3 and 3.4).
    fn response(&self, password: &[u8]) -> String {
        let value = |name| self.list.value(name).unwrap_or_default();
        let input = DigestInput {
            hash: Hash::Md5,
            username: IMPI.as_bytes(),
            realm: BSF_FQDN.as_bytes(),
            password: Password::Octets(password),
            nonce: self.nonce.as_bytes(),
            uri: b"/",
            nc: value("nc"),
            cnonce: value("cnonce"),
            qop: Some(Qop::AuthInt),
            method: b"GET",
            body: b"",
        };
        input.response()
    }
}

/// A BSF behind real messages.
struct Server {
    bsf: Bsf,
    tamper: Tamper,
}

/// A challenge as the UE reads it.
struct Opened {
    nonce: String,
    rand: Rand,
    seq: u64,
}

impl Server {
    fn new(failure: &Failure, fault: Option<&'static Fault>) -> Self {
        let (seq, ind) = failure.he;
        let last_sqn = Sqn::new(seq * 32 + ind).expect("SEQ and IND fit 48 bits");
        let amf = Amf::from([0xb9, 0xb9]);
        let subscriber = Subscriber::usim(IMPI, functions(), amf, last_sqn);
        let config = BsfConfig {
            fqdn: BSF_FQDN.to_owned(),
            subscribers: vec![subscriber],
            scheme: SqnScheme::default(),
            lifetime_seconds: 86_400,
            offer: BsfOffer::default(),
        };
        let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
        Self {
            bsf: Bsf::new(config, policy, failure.seed),
            tamper: fault.map_or_else(Tamper::default, Fault::tamper),
        }
    }

    fn ask(&mut self, request: &str) -> Message {
        let message = Message::from_bytes(request.as_bytes()).expect("the text is a message");
        let input = Input::Message {
            connection: ConnectionId(1),
            message: &message,
        };
        match self.bsf.handle(NOW, input).as_slice() {
            [Output::Respond { message, .. }] => {
                let bytes = tampered_bytes(message, &self.tamper);
                Message::from_bytes(&bytes).expect("an answer has octets")
            }
            other => panic!("a BSF answers: {other:?}"),
        }
    }

    fn first_challenge(&mut self) -> Result<Opened, TestCaseError> {
        opened(&self.ask(
            "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest \
             username=\"user1_private@home1.net\", realm=\"bsf.home1.net\", nonce=\"\", uri=\"/\", \
             response=\"\"\r\n\r\n",
        ))
    }
}

/// The request with AUTS: the digest has the empty password (RFC 3310 3.4).
fn auts_request(nonce: &str, auts: &[u8]) -> String {
    let cnonce = "6629fae49393a05397450978507c4ef1";
    let input = DigestInput {
        hash: Hash::Md5,
        username: IMPI.as_bytes(),
        realm: BSF_FQDN.as_bytes(),
        password: Password::Empty,
        nonce: nonce.as_bytes(),
        uri: b"/",
        nc: b"00000001",
        cnonce: cnonce.as_bytes(),
        qop: Some(Qop::AuthInt),
        method: b"GET",
        body: b"",
    };
    let (response, auts) = (input.response(), BASE64.encode(auts));
    format!(
        "GET / HTTP/1.1\r\nHost: bsf.home1.net\r\nAuthorization: Digest \
         username=\"{IMPI}\", realm=\"{BSF_FQDN}\", nonce=\"{nonce}\", uri=\"/\", qop=auth-int, \
         nc=00000001, cnonce=\"{cnonce}\", response=\"{response}\", algorithm=AKAv1-MD5, \
         auts=\"{auts}\"\r\n\r\n"
    )
}

/// RAND and SEQ of the challenge in a 401 whose MAC is right.
fn opened(answer: &Message) -> Result<Opened, TestCaseError> {
    prop_assert_eq!(answer.status().ok(), Some(401));
    let field = answer.field("WWW-Authenticate");
    let value = &field
        .ok_or_else(|| TestCaseError::fail("no challenge"))?
        .value;
    let nonce = text_of(&DirectiveList::parse_credentials(value), "nonce")?;
    let octets = BASE64.decode(nonce.as_bytes());
    let octets = octets.map_err(|why| TestCaseError::fail(why.to_string()))?;
    let (rand, autn) = (octets.first_chunk::<16>(), octets.last_chunk::<16>());
    let (Some(rand), Some(autn), 32) = (rand, autn, octets.len()) else {
        return Err(TestCaseError::fail("the nonce is not RAND and AUTN"));
    };
    let opened = functions().open_autn(Rand::from(*rand), &Autn::from(*autn));
    prop_assert_eq!(opened.mac, MacCheck::Valid);
    Ok(Opened {
        nonce,
        rand: Rand::from(*rand),
        seq: opened.sqn.value() / 32,
    })
}

fn credentials(request: &Message) -> Result<DirectiveList, TestCaseError> {
    let field = request.field("Authorization");
    let field = field.ok_or_else(|| TestCaseError::fail("no credentials"))?;
    Ok(DirectiveList::parse_credentials(&field.value))
}

fn text_of(list: &DirectiveList, name: &str) -> Result<String, TestCaseError> {
    let value = list.value(name);
    let value = value.ok_or_else(|| TestCaseError::fail(format!("no {name}")))?;
    Ok(String::from_utf8_lossy(value).into_owned())
}
