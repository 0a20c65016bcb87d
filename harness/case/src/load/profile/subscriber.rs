//! Reads the test subscribers of a profile.

use std::num::NonZeroU8;

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::milenage::{Milenage, derive_opc};
use gbaspec_crypto::secret::{DigestPassword, K, K256, Op, Opc, Top, Topc};
use gbaspec_crypto::token::{Amf, Sqn};
use gbaspec_crypto::tuak::{ResLength, Tuak, TuakKey, derive_topc};

use super::Reader;
use crate::load::raw;
use crate::load::resolve::unknown;
use crate::load::yaml::Located;
use crate::subscriber::{CardKeys, Imsi, Sim, Subscriber, SubscriberKeys, Usim};

/// The kinds of a profile; whether K of TUAK has 128 or 256 bits, its length tells.
const KINDS: [&str; 4] = ["usim", "tuak", "sim", "digest"];

impl Reader<'_> {
    pub(super) fn subscriber(&mut self, entry: &Located<raw::Subscriber>) -> Option<Subscriber> {
        let raw = &entry.value;
        if let Some(algorithm) = &raw.algorithm
            && algorithm.value != "milenage"
        {
            self.problems
                .push(unknown(self.source, algorithm, "algorithm", ["milenage"]));
        }
        let kind = raw.kind.as_ref().map_or("usim", |kind| kind.value.as_str());
        self.refuse_keys(raw, kind);
        let keys = match kind {
            "usim" => {
                let (card, functions) = self.milenage(raw)?;
                SubscriberKeys::Usim(self.usim(raw, card, functions)?)
            }
            "tuak" => {
                let (card, functions) = self.tuak(raw)?;
                SubscriberKeys::Usim(self.usim(raw, card, functions)?)
            }
            "sim" => {
                let (card, functions) = self.milenage(raw)?;
                SubscriberKeys::Sim(Sim { card, functions })
            }
            "digest" => {
                let password = self.needed(raw, raw.password.as_ref(), "a password")?;
                let text = self.secret_text(password, "the password")?;
                SubscriberKeys::Digest(DigestPassword::new(text))
            }
            _ => {
                let problem = raw
                    .kind
                    .as_ref()
                    .map(|kind| unknown(self.source, kind, "kind", KINDS));
                self.problems.extend(problem);
                return None;
            }
        };
        let imsi = match &raw.imsi {
            Some(digits) => Some(self.imsi(raw, digits)?),
            None => None,
        };
        Some(Subscriber {
            impi: raw.impi.value.clone(),
            imsi,
            keys,
        })
    }

    /// An IMSI whose private identity is the one that the profile states.
    fn imsi(&mut self, raw: &raw::Subscriber, digits: &Located<String>) -> Option<Imsi> {
        let mnc_digits = raw.mnc_digits.as_ref().map_or(2, |digits| digits.value);
        let Some(imsi) = Imsi::new(&digits.value, mnc_digits) else {
            let advice = "write 6 to 15 digits, and `mnc-digits: 3` where the MNC has three";
            self.problem(digits, "this is no IMSI".to_owned(), advice);
            return None;
        };
        if imsi.impi() != raw.impi.value {
            let what = "the private identity is not the one of this IMSI".to_owned();
            let advice = format!("TS 23.003 13.3 makes it `{}`", imsi.impi());
            self.problem(&raw.impi, what, &advice);
            return None;
        }
        Some(imsi)
    }

    /// A key that another kind has must not be dropped in silence.
    fn refuse_keys(&mut self, raw: &raw::Subscriber, kind: &str) {
        let secrets = [
            ("k", &raw.k, KINDS[..3].as_ref()),
            ("opc", &raw.opc, &["usim", "sim"]),
            ("op", &raw.op, &["usim", "sim"]),
            ("topc", &raw.topc, &["tuak"]),
            ("top", &raw.top, &["tuak"]),
            ("password", &raw.password, &["digest"]),
        ];
        for (name, secret, kinds) in secrets {
            if let Some(secret) = secret
                && KINDS.contains(&kind)
                && !kinds.contains(&kind)
            {
                let what = format!("`{name}` has no meaning for a subscriber of kind `{kind}`");
                let advice = format!("remove it, or write `kind: {}`", kinds.join("` or `"));
                self.problem(secret, what, &advice);
            }
        }
        for (name, number) in [
            ("res-octets", &raw.res_octets),
            ("keccak-iterations", &raw.keccak_iterations),
        ] {
            if let Some(number) = number
                && kind != "tuak"
            {
                let what = format!("`{name}` has no meaning for a subscriber of kind `{kind}`");
                self.problem(number, what, "remove it, or write `kind: tuak`");
            }
        }
    }

    fn usim(
        &mut self,
        raw: &raw::Subscriber,
        card: CardKeys,
        functions: AkaFunctions,
    ) -> Option<Usim> {
        let amf = match &raw.amf {
            Some(amf) => Amf::from(self.octets::<2>(amf, "AMF")?),
            None => Amf::from(USUAL_AMF),
        };
        let start_sqn = match &raw.sqn {
            Some(sqn) => Sqn::from_bytes(self.octets::<6>(sqn, "SQN")?),
            None => Sqn::default(),
        };
        Some(Usim {
            card,
            functions,
            amf,
            start_sqn,
        })
    }

    fn milenage(&mut self, raw: &raw::Subscriber) -> Option<(CardKeys, AkaFunctions)> {
        let k = self.needed(raw, raw.k.as_ref(), "K")?;
        let k = K::new(self.secret(k, "K")?);
        let opc = match (&raw.opc, &raw.op) {
            (Some(opc), None) => Opc::new(self.secret(opc, "OPc")?),
            (None, Some(op)) => derive_opc(&k, &Op::new(self.secret(op, "OP")?)),
            _ => {
                let advice = "give exactly one of the two";
                self.problem(&raw.impi, "a subscriber needs OPc or OP".to_owned(), advice);
                return None;
            }
        };
        let functions = AkaFunctions::Milenage(Milenage::new(&k, &opc));
        Some((CardKeys::Milenage { k, opc }, functions))
    }

    fn tuak(&mut self, raw: &raw::Subscriber) -> Option<(CardKeys, AkaFunctions)> {
        let k = self.needed(raw, raw.k.as_ref(), "K")?;
        let digits = self.secret_text(k, "K")?.trim().len();
        let k = if digits == 2 * K256::LEN {
            TuakKey::Bits256(K256::new(self.secret(k, "K")?))
        } else {
            TuakKey::Bits128(K::new(self.secret(k, "K")?))
        };
        let iterations = self.iterations(raw)?;
        let res = self.res_length(raw)?;
        let topc = match (&raw.topc, &raw.top) {
            (Some(topc), None) => Topc::new(self.secret(topc, "TOPc")?),
            (None, Some(top)) => {
                let top = Top::new(self.secret(top, "TOP")?);
                derive_topc(&k, &top, iterations)
            }
            _ => {
                let advice = "give exactly one of the two";
                let what = "a subscriber with TUAK needs TOPc or TOP".to_owned();
                self.problem(&raw.impi, what, advice);
                return None;
            }
        };
        let functions = Tuak::new(k.clone(), topc.clone(), iterations, res);
        Some((CardKeys::Tuak { k, topc }, AkaFunctions::Tuak(functions)))
    }

    fn iterations(&mut self, raw: &raw::Subscriber) -> Option<NonZeroU8> {
        let Some(number) = &raw.keccak_iterations else {
            return Some(NonZeroU8::MIN);
        };
        let iterations = NonZeroU8::new(number.value);
        if iterations.is_none() {
            let what = "TUAK needs at least one iteration of Keccak".to_owned();
            self.problem(number, what, "write 1, or leave it out");
        }
        iterations
    }

    fn res_length(&mut self, raw: &raw::Subscriber) -> Option<ResLength> {
        let Some(number) = &raw.res_octets else {
            return Some(ResLength::Bits64);
        };
        let length = match number.value {
            4 => ResLength::Bits32,
            8 => ResLength::Bits64,
            16 => ResLength::Bits128,
            other => {
                let what = format!("RES of TUAK cannot have {other} octets");
                self.problem(number, what, "known are 4, 8 and 16");
                return None;
            }
        };
        Some(length)
    }

    fn needed<'b>(
        &mut self,
        raw: &raw::Subscriber,
        secret: Option<&'b Located<raw::Secret>>,
        name: &str,
    ) -> Option<&'b Located<raw::Secret>> {
        if secret.is_none() {
            let what = format!("a subscriber of this kind needs {name}");
            self.problem(
                &raw.impi,
                what,
                "add it; vectors/schema/profile.json lists the keys",
            );
        }
        secret
    }
}

/// AMF where the profile names none: the separation bit alone.
const USUAL_AMF: [u8; 2] = [0x80, 0x00];

/// A subscriber that no target knows; its keys are fixed, public and worthless.
pub(super) fn stranger() -> Subscriber {
    let k = K::new([0x5a; 16]);
    let opc = Opc::new([0xa5; 16]);
    let functions = AkaFunctions::Milenage(Milenage::new(&k, &opc));
    Subscriber {
        impi: "nobody_private@unknown.invalid".to_owned(),
        imsi: None,
        keys: SubscriberKeys::Usim(Usim {
            card: CardKeys::Milenage { k, opc },
            functions,
            amf: Amf::from(USUAL_AMF),
            start_sqn: Sqn::default(),
        }),
    }
}
