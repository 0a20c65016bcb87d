//! The TUAK set of f1, f1*, f2, f3, f4, f5 and f5* (TS 35.231).
//!
//! All functions run Keccak-f\[1600\] over one block that differs in the octet INSTANCE and in the
//! inputs that a function has. TS 35.231 numbers the octets of a value from the last one, so every
//! value enters the block, and leaves it, in reverse order.

use std::fmt;
use std::num::NonZeroU8;

use keccak::Keccak;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::secret::{Ak, Ck, Ik, K, K256, Res, Top, Topc};
use crate::token::{Amf, MacA, MacS, Rand, Sqn};

/// The subscriber key K, which TUAK takes in two lengths (TS 35.231 clause 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TuakKey {
    /// 128 bits.
    Bits128(K),
    /// 256 bits.
    Bits256(K256),
}

impl TuakKey {
    fn expose(&self) -> &[u8] {
        match self {
            Self::Bits128(k) => k.expose(),
            Self::Bits256(k) => k.expose(),
        }
    }

    /// The part of INSTANCE that tells the length of K.
    const fn bit(&self) -> u8 {
        match self {
            Self::Bits128(_) => 0x00,
            Self::Bits256(_) => 0x01,
        }
    }
}

/// The length of RES (TS 35.231 clause 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResLength {
    /// 4 octets.
    Bits32,
    /// 8 octets, as Milenage has.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
}

/// The functions of one subscriber in the sizes that tokens of AKA have room for: MAC-A and MAC-S
/// of 64 bits, CK and IK of 128 (TS 33.102 clause 6.3.7).
#[derive(Clone, Debug)]
pub struct Tuak {
    block: Block,
    res: ResLength,
}

impl Tuak {
    /// The functions for K and `TOPc`, with this number of runs of Keccak and length of RES.
    pub fn new(key: TuakKey, topc: Topc, iterations: NonZeroU8, res: ResLength) -> Self {
        let block = Block {
            key,
            topc,
            iterations,
        };
        Self { block, res }
    }

    /// The functions for K and TOP.
    pub fn from_top(key: TuakKey, top: &Top, iterations: NonZeroU8, res: ResLength) -> Self {
        let topc = derive_topc(&key, top, iterations);
        Self::new(key, topc, iterations, res)
    }

    /// f1: MAC-A over SQN and AMF.
    pub fn f1(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacA {
        let output = self.block.f1(F1, MacLength::Bits64, rand, sqn, amf);
        MacA::from(output.reversed::<0, 8>())
    }

    /// f1*: MAC-S over SQN and AMF.
    ///
    /// Resynchronisation uses [`Amf::RESYNC`] here, never the AMF of the challenge.
    pub fn f1_star(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacS {
        let output = self.block.f1(F1_STAR, MacLength::Bits64, rand, sqn, amf);
        MacS::from(output.reversed::<0, 8>())
    }

    /// f2: RES in the length of this subscriber.
    pub fn f2(&self, rand: Rand) -> Res {
        let output = self.f2_to_5(rand);
        match self.res {
            ResLength::Bits32 => Res::from(output.reversed::<0, 4>()),
            ResLength::Bits64 => Res::from(output.reversed::<0, 8>()),
            ResLength::Bits128 => Res::from(output.reversed::<0, 16>()),
        }
    }

    /// f3: CK.
    pub fn f3(&self, rand: Rand) -> Ck {
        Ck::new(self.f2_to_5(rand).reversed::<32, 16>())
    }

    /// f4: IK.
    pub fn f4(&self, rand: Rand) -> Ik {
        Ik::new(self.f2_to_5(rand).reversed::<64, 16>())
    }

    /// f5: AK, which conceals SQN in AUTN.
    pub fn f5(&self, rand: Rand) -> Ak {
        Ak::new(self.f2_to_5(rand).reversed::<AK_AT, AK_LEN>())
    }

    /// f5*: AK*, which conceals `SQN_MS` in AUTS.
    pub fn f5_star(&self, rand: Rand) -> Ak {
        Ak::new(self.block.f5_star(rand).reversed::<AK_AT, AK_LEN>())
    }

    fn f2_to_5(&self, rand: Rand) -> Output {
        let res = match self.res {
            ResLength::Bits32 => WideResLength::Bits32,
            ResLength::Bits64 => WideResLength::Bits64,
            ResLength::Bits128 => WideResLength::Bits128,
        };
        let sizes = TuakSizes {
            res,
            ..TuakSizes::default()
        };
        self.block.f2_to_5(sizes, rand)
    }
}

/// The functions in every size that TS 35.231 knows, also those that no token has room for.
///
/// The sizes are inputs of the functions: a short RES does not begin a long one.
#[derive(Clone, Debug)]
pub struct WideTuak {
    block: Block,
    sizes: TuakSizes,
}

impl WideTuak {
    /// The functions for K and `TOPc`, with this number of runs of Keccak and these sizes.
    pub fn new(key: TuakKey, topc: Topc, iterations: NonZeroU8, sizes: TuakSizes) -> Self {
        let block = Block {
            key,
            topc,
            iterations,
        };
        Self { block, sizes }
    }

    /// f1: MAC-A over SQN and AMF, 8 to 32 octets.
    pub fn f1(&self, rand: Rand, sqn: Sqn, amf: Amf) -> WideOutput {
        let output = self.block.f1(F1, self.sizes.mac, rand, sqn, amf);
        output.wide(0, self.sizes.mac.octets())
    }

    /// f1*: MAC-S over SQN and AMF, 8 to 32 octets.
    pub fn f1_star(&self, rand: Rand, sqn: Sqn, amf: Amf) -> WideOutput {
        let output = self.block.f1(F1_STAR, self.sizes.mac, rand, sqn, amf);
        output.wide(0, self.sizes.mac.octets())
    }

    /// f2: RES, 4 to 32 octets.
    pub fn f2(&self, rand: Rand) -> WideOutput {
        let output = self.block.f2_to_5(self.sizes, rand);
        output.wide(0, self.sizes.res.octets())
    }

    /// f3: CK, 16 or 32 octets.
    pub fn f3(&self, rand: Rand) -> WideOutput {
        let output = self.block.f2_to_5(self.sizes, rand);
        output.wide(32, self.sizes.ck.octets())
    }

    /// f4: IK, 16 or 32 octets.
    pub fn f4(&self, rand: Rand) -> WideOutput {
        let output = self.block.f2_to_5(self.sizes, rand);
        output.wide(64, self.sizes.ik.octets())
    }

    /// f5: AK.
    pub fn f5(&self, rand: Rand) -> Ak {
        Ak::new(
            self.block
                .f2_to_5(self.sizes, rand)
                .reversed::<AK_AT, AK_LEN>(),
        )
    }

    /// f5*: AK*.
    pub fn f5_star(&self, rand: Rand) -> Ak {
        Ak::new(self.block.f5_star(rand).reversed::<AK_AT, AK_LEN>())
    }
}

/// The sizes of [`WideTuak`]; the default is what AKA on Ub has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TuakSizes {
    /// MAC-A and MAC-S.
    pub mac: MacLength,
    /// RES.
    pub res: WideResLength,
    /// CK.
    pub ck: KeyLength,
    /// IK.
    pub ik: KeyLength,
}

/// The length of MAC-A and MAC-S (TS 35.231 clause 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MacLength {
    /// 8 octets, the only length that AUTN and AUTS have room for.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
    /// 32 octets.
    Bits256,
}

impl MacLength {
    const fn octets(self) -> usize {
        match self {
            Self::Bits64 => 8,
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Bits64 => 0x08,
            Self::Bits128 => 0x10,
            Self::Bits256 => 0x20,
        }
    }
}

/// The length of RES, with the one that is too long for AKA (TS 35.231 clause 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WideResLength {
    /// 4 octets.
    Bits32,
    /// 8 octets.
    #[default]
    Bits64,
    /// 16 octets.
    Bits128,
    /// 32 octets.
    Bits256,
}

impl WideResLength {
    const fn octets(self) -> usize {
        match self {
            Self::Bits32 => 4,
            Self::Bits64 => 8,
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }

    const fn bits(self) -> u8 {
        match self {
            Self::Bits32 => 0x00,
            Self::Bits64 => 0x08,
            Self::Bits128 => 0x10,
            Self::Bits256 => 0x20,
        }
    }
}

/// The length of CK or IK (TS 35.231 clause 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyLength {
    /// 16 octets.
    #[default]
    Bits128,
    /// 32 octets.
    Bits256,
}

impl KeyLength {
    const fn octets(self) -> usize {
        match self {
            Self::Bits128 => 16,
            Self::Bits256 => 32,
        }
    }
}

/// An output of [`WideTuak`], a secret like the values of [`secret`](crate::secret).
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct WideOutput(Vec<u8>);

impl WideOutput {
    /// The octets themselves; not for anything that is written or logged.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WideOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WideOutput({} octets)", self.0.len())
    }
}

/// `TOPc`, TOP bound to one K (TS 35.231 clause 6).
pub fn derive_topc(key: &TuakKey, top: &Top, iterations: NonZeroU8) -> Topc {
    let input = block(key, top.expose(), key.bit());
    Topc::new(permuted(input, iterations).reversed::<0, 32>())
}

/// The parts of the block that are the same in every run for a subscriber.
#[derive(Clone, Debug)]
struct Block {
    key: TuakKey,
    topc: Topc,
    iterations: NonZeroU8,
}

impl Block {
    fn f1(&self, function: u8, mac: MacLength, rand: Rand, sqn: Sqn, amf: Amf) -> Output {
        let mut input = self.input(function | mac.bits(), rand);
        put_reversed(&mut input[AMF_AT..SQN_AT], amf.as_bytes());
        put_reversed(&mut input[SQN_AT..KEY_AT], &sqn.to_bytes());
        permuted(input, self.iterations)
    }

    fn f2_to_5(&self, sizes: TuakSizes, rand: Rand) -> Output {
        let ck = match sizes.ck {
            KeyLength::Bits128 => 0x00,
            KeyLength::Bits256 => 0x04,
        };
        let ik = match sizes.ik {
            KeyLength::Bits128 => 0x00,
            KeyLength::Bits256 => 0x02,
        };
        let input = self.input(F2_TO_5 | sizes.res.bits() | ck | ik, rand);
        permuted(input, self.iterations)
    }

    fn f5_star(&self, rand: Rand) -> Output {
        permuted(self.input(F5_STAR, rand), self.iterations)
    }

    fn input(&self, instance: u8, rand: Rand) -> Zeroizing<[u8; WIDTH]> {
        let mut input = block(&self.key, self.topc.expose(), instance | self.key.bit());
        put_reversed(&mut input[RAND_AT..AMF_AT], rand.as_bytes());
        input
    }
}

/// INSTANCE of each function, less the bits that tell the sizes (TS 35.231 clause 6).
const F1: u8 = 0x00;
const F1_STAR: u8 = 0x80;
const F2_TO_5: u8 = 0x40;
const F5_STAR: u8 = 0xc0;

/// Where the inputs stand in the block (TS 35.231 clause 6).
const INSTANCE_AT: usize = 32;
const ALGONAME_AT: usize = 33;
const RAND_AT: usize = 40;
const AMF_AT: usize = 56;
const SQN_AT: usize = 58;
const KEY_AT: usize = 64;
const PADDING_AT: usize = 96;
const PADDING_END: usize = 135;
const ALGONAME: &[u8; 7] = b"TUAK1.0";

/// Where AK stands in the output.
const AK_AT: usize = 96;
const AK_LEN: usize = 6;

/// The octets of Keccak-f\[1600\], and of one of its 25 lanes.
const WIDTH: usize = 200;
const LANE: usize = 8;

/// The block with everything but RAND, SQN and AMF.
fn block(key: &TuakKey, top: &[u8; 32], instance: u8) -> Zeroizing<[u8; WIDTH]> {
    let mut block = Zeroizing::new([0; WIDTH]);
    put_reversed(&mut block[..INSTANCE_AT], top);
    block[INSTANCE_AT] = instance;
    put_reversed(&mut block[ALGONAME_AT..RAND_AT], ALGONAME);
    put_reversed(&mut block[KEY_AT..PADDING_AT], key.expose());
    block[PADDING_AT] = 0x1f;
    block[PADDING_END] = 0x80;
    block
}

/// Puts a value at the start of its place with its last octet first; the rest of the place stays.
fn put_reversed(place: &mut [u8], value: &[u8]) {
    for (octet, &from) in place.iter_mut().zip(value.iter().rev()) {
        *octet = from;
    }
}

fn permuted(input: Zeroizing<[u8; WIDTH]>, iterations: NonZeroU8) -> Output {
    let mut lanes = Zeroizing::new([0_u64; WIDTH / LANE]);
    for (lane, octets) in lanes.iter_mut().zip(input.chunks_exact(LANE)) {
        *lane = octets
            .iter()
            .rfold(0, |lane, &octet| lane << 8 | u64::from(octet));
    }
    Keccak::new().with_f1600(|f| {
        for _ in 0..iterations.get() {
            f(&mut lanes);
        }
    });
    let mut output = input;
    for (octets, lane) in output.chunks_exact_mut(LANE).zip(lanes.iter()) {
        octets.copy_from_slice(&lane.to_le_bytes());
    }
    Output(output)
}

/// The block after Keccak.
struct Output(Zeroizing<[u8; WIDTH]>);

impl Output {
    /// N octets from an offset on, the last one first; that they lie inside is checked when this is
    /// compiled.
    fn reversed<const FROM: usize, const N: usize>(&self) -> [u8; N] {
        const { assert!(FROM + N <= WIDTH, "the part lies inside the block") };
        std::array::from_fn(|i| self.0[FROM + N - 1 - i])
    }

    fn wide(&self, from: usize, octets: usize) -> WideOutput {
        let part = self.0.iter().skip(from).take(octets).copied();
        let mut value: Vec<u8> = part.collect();
        value.reverse();
        WideOutput(value)
    }
}
