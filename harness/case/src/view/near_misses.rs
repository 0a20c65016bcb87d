//! Passwords that are nearly right: each is what one known mistake makes, so that a failure can
//! name it.

use data_encoding::{BASE64, BASE64URL, HEXLOWER};
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::akav2;
use gbaspec_crypto::digest::Hash;
use gbaspec_crypto::gba_2g::Triplet;
use gbaspec_crypto::gba_digest::{self, HashForm, PasswdForm};
use gbaspec_crypto::kdf::{self, CipherSuite, FC_GBA, NafId, UaProtocolId};
use gbaspec_crypto::secret::{Passwd, Res};
use gbaspec_crypto::token::Rand;

use super::proof::PasswordProof;
use crate::subscriber::Subscriber;

/// A password and the name of what it is.
pub(crate) type Candidate = (&'static str, Vec<u8>);

/// The passwords of Digest AKA: the right ones of both versions first (RFC 3310 3.3, RFC 4169 2.1).
pub(crate) fn of_aka(hash: Hash, functions: &AkaFunctions, rand: Rand) -> Vec<Candidate> {
    let (res, ck, ik) = (functions.f2(rand), functions.f3(rand), functions.f4(rand));
    let octets = res.expose();
    // A near miss must not be RES itself, whatever its length.
    let mut padded = octets.to_vec();
    padded.resize(Res::MAX_LEN.max(octets.len() + 1), 0);
    let cut = &octets[..Res::MIN_LEN.min(octets.len().saturating_sub(1))];
    let akav2 = akav2::password_octets(hash, &res, &ik, &ck);
    let keys = |parts: [&[u8]; 3]| parts.concat();
    let ck_ik = akav2::keyed_hash(hash, &keys([octets, ck.expose(), ik.expose()]));
    let right_key = keys([octets, ik.expose(), ck.expose()]);
    let swapped = hash.hmac(akav2::LABEL, &right_key);
    vec![
        ("res", octets.to_vec()),
        ("akav2", BASE64.encode(&akav2).into_bytes()),
        ("res-as-hex", HEXLOWER.encode(octets).into_bytes()),
        ("res-as-base64", BASE64.encode(octets).into_bytes()),
        ("res-padded", padded),
        ("res-4", cut.to_vec()),
        ("akav2-raw", akav2.to_vec()),
        ("akav2-as-hex", HEXLOWER.encode(&akav2).into_bytes()),
        ("akav2-ck-ik", BASE64.encode(&ck_ik).into_bytes()),
        ("akav2-swapped", BASE64.encode(&swapped).into_bytes()),
    ]
}

/// RES of 2G GBA, the right one first (TS 33.220 Annex I).
pub(super) fn of_2g(triplet: &Triplet) -> Vec<Candidate> {
    const LABEL: &[u8] = b"3gpp-gba-res";
    let (rand, kc, sres) = (
        triplet.rand.as_bytes().as_slice(),
        triplet.kc.expose().as_slice(),
        triplet.sres.expose().as_slice(),
    );
    let res = triplet.res();
    let cut = |octets: [u8; 32]| octets[..16].to_vec();
    let derived = |key: &[&[u8]], params: [&[u8]; 2]| kdf::kdf(&key.concat(), FC_GBA, &params);
    let whole = derived(&[kc, kc, rand], [LABEL, sres]);
    vec![
        ("res", res.expose().to_vec()),
        ("res-as-hex", HEXLOWER.encode(res.expose()).into_bytes()),
        ("res-as-base64", BASE64.encode(res.expose()).into_bytes()),
        ("res-2g-kc-once", cut(derived(&[kc, rand], [LABEL, sres]))),
        (
            "res-2g-rand-first",
            cut(derived(&[rand, kc, kc], [LABEL, sres])),
        ),
        (
            "res-2g-sres-first",
            cut(derived(&[kc, kc, rand], [sres, LABEL])),
        ),
        ("res-2g-last-half", whole[16..].to_vec()),
        ("res-2g-untruncated", whole.to_vec()),
        ("sres", sres.to_vec()),
    ]
}

/// passwd of `GBA_Digest`, the form of the profile first, then the other forms that no text at hand
/// rules out, then mistakes (TS 33.220 B.5).
pub(super) fn of_gba_digest(proof: &PasswordProof<'_>) -> Vec<Candidate> {
    let PasswordProof {
        plain,
        ha1,
        exporter,
        forms,
    } = proof;
    let other_hashes = match forms.hashes {
        HashForm::Octets => HashForm::LowerHex,
        HashForm::LowerHex => HashForm::Octets,
    };
    let passwd = gba_digest::passwd(forms.hashes, ha1, exporter);
    let of_other_hashes = gba_digest::passwd(other_hashes, ha1, exporter);
    let params: [&[u8]; 2] = [b" GBA_Digest_RESP", exporter.expose()];
    let with_blank = Passwd::new(kdf::kdf(ha1.expose(), FC_GBA, &params));
    let mut found = vec![("gba-digest", forms.passwd.password(&passwd).to_vec())];
    for form in PasswdForm::ALL {
        let name = match form {
            PasswdForm::Base64 => "gba-digest-as-base64",
            PasswdForm::Octets => "gba-digest-as-octets",
            PasswdForm::LowerHex => "gba-digest-as-hex",
        };
        found.push((name, form.password(&passwd).to_vec()));
        let other = form.password(&of_other_hashes).to_vec();
        found.push(("gba-digest-of-other-hashes", other));
    }
    let blanks = PasswdForm::ALL.map(|form| form.password(&with_blank).to_vec());
    found.extend(blanks.map(|password| ("gba-digest-label-with-blank", password)));
    found.push(("plain-password", plain.as_bytes().to_vec()));
    found
}

/// Whether a form is right though it is not the profile's: no text at hand rules it out.
pub(super) fn is_other_form(form: &str) -> bool {
    form.starts_with("gba-digest-as-")
}

/// Ks_NAF in the forms that it can be written in, the right one first (TS 24.109 5.2.2).
pub(super) fn of_key(ks_naf: &[u8]) -> [Candidate; 4] {
    [
        ("ks-naf", BASE64.encode(ks_naf).into_bytes()),
        ("ks-naf-as-hex", HEXLOWER.encode(ks_naf).into_bytes()),
        ("ks-naf-as-base64url", BASE64URL.encode(ks_naf).into_bytes()),
        ("ks-naf-raw", ks_naf.to_vec()),
    ]
}

/// What a key for a NAF is derived from (TS 33.220 B.3 and H.1).
pub(super) struct Derivation<'a> {
    /// Whose key it is.
    pub(super) subscriber: &'a Subscriber,
    /// The functions of its USIM.
    pub(super) functions: &'a AkaFunctions,
    /// RAND of the run.
    pub(super) rand: Rand,
    /// The B-TID of the run.
    pub(super) btid: &'a [u8],
    /// The name of the BSF.
    pub(super) bsf: &'a str,
    /// The Ua protocol of the connection.
    pub(super) protocol: UaProtocolId,
    /// The suite of its TLS session, if there is one.
    pub(super) suite: Option<CipherSuite>,
    /// Its name.
    pub(super) naf: &'a str,
    /// `Host` of the request.
    pub(super) host: &'a str,
    /// The names of the other elements that keys are derived for.
    pub(super) others: Vec<(&'a str, UaProtocolId)>,
    /// The RAND of other runs of the play.
    pub(super) other_runs: &'a [Rand],
}

impl Derivation<'_> {
    /// The keys that the known mistakes give, in base64 as on Ua.
    pub(super) fn near_misses(&self) -> Vec<Candidate> {
        let functions = self.functions;
        let (ck, ik) = (functions.f3(self.rand), functions.f4(self.rand));
        let ks = kdf::ks(&ck, &ik);
        let naf_id = self.naf_id(self.naf);
        let right = Derived {
            key: ks.expose(),
            fc: FC_GBA,
            label: b"gba-me",
            rand: self.rand.as_bytes(),
            impi: self.subscriber.impi.as_bytes(),
            naf_id: &naf_id,
            lengths: Lengths::After,
        };
        let swapped = [ik.expose().as_slice(), ck.expose()].concat();
        let ik_ck = right.with(|wrong| wrong.key = &swapped);
        let mut found = vec![
            ("ks", BASE64.encode(ks.expose()).into_bytes()),
            ("ks-naf-ik-ck", ik_ck),
        ];
        found.extend(right.of_known_mistakes());
        let tmpi = kdf::tmpi(&ks, self.rand, &self.subscriber.impi, self.bsf);
        for (name, impi) in [
            ("ks-naf-with-btid", self.btid),
            ("ks-naf-with-tmpi", tmpi.as_bytes()),
        ] {
            found.push((name, right.with(|wrong| wrong.impi = impi)));
        }
        for (name, naf_id) in self.other_naf_ids() {
            found.push((name, right.with(|wrong| wrong.naf_id = &naf_id)));
        }
        found.extend(self.of_other_runs(&right));
        found
    }

    fn naf_id(&self, name: &str) -> Vec<u8> {
        NafId::new(name, self.protocol).as_bytes().to_vec()
    }

    /// What stands in the place of the right `NAF_Id`.
    fn other_naf_ids(&self) -> Vec<Candidate> {
        let hex = HEXLOWER.encode(self.protocol.as_bytes());
        let with_port = |port: &str| self.naf_id(&format!("{}:{port}", self.naf));
        let with = |name: &str, protocol| NafId::new(name, protocol).as_bytes().to_vec();
        let mut found = vec![
            ("ks-naf-without-ua-id", self.naf.as_bytes().to_vec()),
            ("ks-naf-id-text", format!("{}{hex}", self.naf).into_bytes()),
            ("ks-naf-upper-case", self.naf_id(&self.naf.to_uppercase())),
            ("ks-naf-port", with_port("80")),
            ("ks-naf-port", with_port("443")),
            ("ks-naf-port", self.naf_id(self.host)),
        ];
        for (name, other) in self.other_protocols() {
            found.push((name, with(self.naf, other)));
        }
        for &(name, protocol) in &self.others {
            found.push(("ks-naf-of-other-naf", with(name, protocol)));
        }
        found
    }

    /// The protocols that the connection does not have: those with a fixed identifier, and those that
    /// are named by a suite.
    fn other_protocols(&self) -> Vec<(&'static str, UaProtocolId)> {
        let own = self.suite;
        let turned = own.map(|CipherSuite(number)| CipherSuite(number.swap_bytes()));
        let others = SUITES.map(CipherSuite).into_iter();
        let others = others.filter(|other| Some(*other) != own);
        let fixed = PROTOCOLS.map(|protocol| ("ks-naf-other-ua-id", protocol));
        let of = |name| move |suite| (name, UaProtocolId::of_suite(suite));
        let mut found = fixed.to_vec();
        found.extend(own.map(of("ks-naf-other-ua-id")));
        found.extend(turned.map(of("ks-naf-suite-little-endian")));
        found.extend(others.map(of("ks-naf-other-suite")));
        found.retain(|(_, protocol)| *protocol != self.protocol);
        found
    }

    fn of_other_runs(&self, right: &Derived<'_>) -> Vec<Candidate> {
        let functions = self.functions;
        let others = self.other_runs.iter().filter(|rand| **rand != self.rand);
        let password = |rand: &Rand| {
            let ks = kdf::ks(&functions.f3(*rand), &functions.f4(*rand));
            right.with(|other| (other.key, other.rand) = (ks.expose(), rand.as_bytes()))
        };
        others
            .map(|rand| ("ks-naf-of-other-run", password(rand)))
            .collect()
    }
}

/// The identifiers of TS 33.220 H.3 that do not depend on a cipher suite, and the place of one in
/// the TMPI (B.4).
const PROTOCOLS: [UaProtocolId; 5] = [
    UaProtocolId::HTTP_DIGEST,
    UaProtocolId::PKI_PORTAL,
    UaProtocolId::MBMS,
    UaProtocolId::PSK_TLS13,
    UaProtocolId::TMPI,
];

/// Suites that a NAF may take for the one of the connection: those that TS 33.310 Annex E names, and
/// those that peers offer beside them.
const SUITES: [u16; 19] = [
    0x0000, 0x002f, 0x008c, 0x009c, 0x009e, 0x009f, 0x00a8, 0x00a9, 0x00aa, 0x1301, 0x1302, 0x1303,
    0xc02b, 0xc02c, 0xc02f, 0xc030, 0xc0a6, 0xcca8, 0xcca9,
];

/// The derivation of TS 33.220 B.2 with its octets open to change.
#[derive(Clone, Copy)]
struct Derived<'a> {
    key: &'a [u8],
    fc: u8,
    label: &'a [u8],
    rand: &'a [u8],
    impi: &'a [u8],
    naf_id: &'a [u8],
    lengths: Lengths,
}

/// How the lengths of the parameters are written.
#[derive(Clone, Copy)]
enum Lengths {
    /// After each parameter, the most significant octet first: the rule.
    After,
    /// After each parameter, the least significant octet first.
    LittleEndian,
    /// Before each parameter.
    Before,
    /// Not at all.
    None,
}

impl<'a> Derived<'a> {
    fn of_known_mistakes(self) -> Vec<Candidate> {
        let rand_text = BASE64.encode(self.rand);
        let lengths = |lengths| self.with(|wrong| wrong.lengths = lengths);
        vec![
            ("ks-naf-gba-u", self.with(|wrong| wrong.label = b"gba-u")),
            (
                "ks-naf-label-with-zero",
                self.with(|wrong| wrong.label = b"gba-me\0"),
            ),
            ("ks-naf-fc-00", self.with(|wrong| wrong.fc = 0)),
            ("ks-naf-little-endian", lengths(Lengths::LittleEndian)),
            ("ks-naf-length-first", lengths(Lengths::Before)),
            ("ks-naf-no-lengths", lengths(Lengths::None)),
            (
                "ks-naf-rand-as-base64",
                self.with(|wrong| wrong.rand = rand_text.as_bytes()),
            ),
        ]
    }

    /// The password with one thing changed.
    fn with<'b>(self, change: impl FnOnce(&mut Derived<'b>)) -> Vec<u8>
    where
        'a: 'b,
    {
        let mut changed: Derived<'b> = self;
        change(&mut changed);
        changed.password()
    }

    fn password(self) -> Vec<u8> {
        let mut s = vec![self.fc];
        for param in [self.label, self.rand, self.impi, self.naf_id] {
            let length = u16::try_from(param.len()).unwrap_or(u16::MAX);
            let (before, after) = match self.lengths {
                Lengths::After => (None, Some(length.to_be_bytes())),
                Lengths::LittleEndian => (None, Some(length.to_le_bytes())),
                Lengths::Before => (Some(length.to_be_bytes()), None),
                Lengths::None => (None, None),
            };
            s.extend(before.into_iter().flatten());
            s.extend(param);
            s.extend(after.into_iter().flatten());
        }
        BASE64.encode(&Hash::Sha256.hmac(self.key, &s)).into_bytes()
    }
}
