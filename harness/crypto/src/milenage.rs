//! The Milenage example set of f1, f1*, f2, f3, f4, f5 and f5* (TS 35.206).
//!
//! Blocks are held as big-endian `u128`: exclusive or, cyclic rotation and the constants c1 to
//! c5, whose bits are in the least significant places, are then single operators.

use aes::Aes128;
use aes::cipher::{BlockCipherEncrypt, KeyInit};

use crate::secret::{Ak, Ck, Ik, K, Op, Opc, Res};
use crate::token::{Amf, MacA, MacS, Rand, Sqn, part};

/// Milenage with the K and `OPc` of one subscriber.
#[derive(Clone, Debug)]
pub struct Milenage {
    cipher: Aes128,
    opc: Opc,
}

impl Milenage {
    /// The functions for K and `OPc`.
    pub fn new(k: &K, opc: &Opc) -> Self {
        Self {
            cipher: Aes128::new(k.expose().into()),
            opc: opc.clone(),
        }
    }

    /// The functions for K and OP.
    pub fn from_op(k: &K, op: &Op) -> Self {
        Self::new(k, &derive_opc(k, op))
    }

    /// f1: MAC-A over SQN and AMF, the first half of OUT1.
    pub fn f1(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacA {
        MacA::from(part::<0, _, _>(&self.out1(rand, sqn, amf)))
    }

    /// f1*: MAC-S over SQN and AMF, the second half of OUT1.
    ///
    /// Resynchronisation uses [`Amf::RESYNC`] here, never the AMF of the challenge.
    pub fn f1_star(&self, rand: Rand, sqn: Sqn, amf: Amf) -> MacS {
        MacS::from(part::<8, 8, _>(&self.out1(rand, sqn, amf)))
    }

    /// f2: RES of 8 octets, the second half of OUT2.
    pub fn f2(&self, rand: Rand) -> Res {
        Res::from(part::<8, 8, _>(&self.out2_to_5(rand, OUT2)))
    }

    /// f3: CK, the whole of OUT3.
    pub fn f3(&self, rand: Rand) -> Ck {
        Ck::new(self.out2_to_5(rand, OUT3))
    }

    /// f4: IK, the whole of OUT4.
    pub fn f4(&self, rand: Rand) -> Ik {
        Ik::new(self.out2_to_5(rand, OUT4))
    }

    /// f5: AK, which conceals SQN in AUTN, the first 48 bits of OUT2.
    pub fn f5(&self, rand: Rand) -> Ak {
        Ak::new(part::<0, _, _>(&self.out2_to_5(rand, OUT2)))
    }

    /// f5*: AK*, which conceals `SQN_MS` in AUTS, the first 48 bits of OUT5.
    pub fn f5_star(&self, rand: Rand) -> Ak {
        Ak::new(part::<0, _, _>(&self.out2_to_5(rand, OUT5)))
    }

    /// `OUT1 = E(TEMP xor rot(IN1 xor OPc, r1) xor c1) xor OPc`, with r1 = 64 and c1 = 0.
    fn out1(&self, rand: Rand, sqn: Sqn, amf: Amf) -> [u8; 16] {
        let mut in1 = [0; 16];
        for half in in1.chunks_exact_mut(8) {
            half[..6].copy_from_slice(&sqn.to_bytes());
            half[6..].copy_from_slice(amf.as_bytes());
        }
        let rotated = (u128::from_be_bytes(in1) ^ self.opc()).rotate_left(64);
        let block = encrypt(&self.cipher, self.temp(rand) ^ rotated);
        (block ^ self.opc()).to_be_bytes()
    }

    /// `OUTn = E(rot(TEMP xor OPc, rn) xor cn) xor OPc`.
    fn out2_to_5(&self, rand: Rand, output: Output) -> [u8; 16] {
        let rotated = (self.temp(rand) ^ self.opc()).rotate_left(output.rotation);
        let block = encrypt(&self.cipher, rotated ^ output.constant);
        (block ^ self.opc()).to_be_bytes()
    }

    /// `TEMP = E(RAND xor OPc)`.
    fn temp(&self, rand: Rand) -> u128 {
        encrypt(
            &self.cipher,
            u128::from_be_bytes(*rand.as_bytes()) ^ self.opc(),
        )
    }

    fn opc(&self) -> u128 {
        u128::from_be_bytes(*self.opc.expose())
    }
}

/// `OPc = OP xor E(OP)` (TS 35.206 clause 4.1).
pub fn derive_opc(k: &K, op: &Op) -> Opc {
    let op = u128::from_be_bytes(*op.expose());
    let cipher = Aes128::new(k.expose().into());
    Opc::new((op ^ encrypt(&cipher, op)).to_be_bytes())
}

/// A rotation r, in bits to the left, and a constant c (TS 35.206 clause 4.1).
#[derive(Clone, Copy)]
struct Output {
    rotation: u32,
    constant: u128,
}

const OUT2: Output = Output {
    rotation: 0,
    constant: 1,
};
const OUT3: Output = Output {
    rotation: 32,
    constant: 2,
};
const OUT4: Output = Output {
    rotation: 64,
    constant: 4,
};
const OUT5: Output = Output {
    rotation: 96,
    constant: 8,
};

fn encrypt(cipher: &Aes128, block: u128) -> u128 {
    let mut block = block.to_be_bytes().into();
    cipher.encrypt_block(&mut block);
    u128::from_be_bytes(block.into())
}
