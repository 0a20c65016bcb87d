//! The reference peers: one BSF, one NAF, one PKI portal and one authentication proxy that know the same four subscribers
//! with a USIM; the BSF knows those of [`special`] as well.
//!
//! | private identity          | test set of TS 35.207 | enrolment |
//! |---------------------------|-----------------------|-----------|
//! | `user1_private@home1.net` | 1                     | refused   |
//! | `user2_private@home1.net` | 3                     | allowed   |
//! | `user3_private@home1.net` | 4                     | refused   |
//! | `user4_private@home1.net` | 6                     | allowed   |
//!
//! Each has two public identities, `sip:user1_public1@home1.net` and `sip:user1_public2@home1.net`
//! for the first, and the flag 1 in the user security settings.
//!
//! The first vector of the BSF for a subscriber has the SQN of the subscriber's test set. The NAF,
//! the portal and the proxy get the keys of one session a subscriber, the one that RAND of the test set
//! makes, so they can be used without a BSF.

pub mod special;

use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::kdf::{self, NafId, UaProtocolId};
use gbaspec_crypto::milenage::Milenage;
use gbaspec_crypto::pki::DistinguishedName;
use gbaspec_crypto::secret::{K, Opc};
use gbaspec_crypto::sqn::{SqnScheme, UsimSqn};
use gbaspec_crypto::token::{Amf, Rand, Sqn};
use gbaspec_wire::digest_header::Algorithm;
use gbaspec_wire::guss_xml::{BsfInfo, Guss, UiccType, Uss, UssList};

use crate::bsf::{Bsf, BsfConfig, BsfNetwork, BsfOffer, BsfPolicy, Home, NafGrant, Switch};
use crate::diameter::Node;
use crate::hss::{Hss, HssConfig, HssPolicy, HssSubscriber};
use crate::naf::{Naf, NafConfig};
use crate::names::{Identity, Imsi, MncDigits};
use crate::portal::{Portal, PortalConfig};
use crate::proxy::{Application, Proxy, ProxyPolicy};
use crate::role::{Moment, Transport};
use crate::subscriber::Subscriber;
use crate::ua::UaPolicy;
use crate::ua::keys::{BootstrappedSession, Enrolment, KeySource, NafKey, StandIn};
use crate::ua::zn::ZnSource;
use crate::ub::KeyInput;
use crate::ue::{Card, Ue, UeConfig, UeKeys, UePolicy};
use special::{SPECIAL, SpecialSubscriber};

/// The name of the BSF.
pub const BSF_FQDN: &str = "bsf.home1.net";
/// The name of the HSS.
pub const HSS_FQDN: &str = "hss.home1.net";
/// The name of the NAF.
pub const NAF_FQDN: &str = "naf1.home1.net";
/// The public identity that the reference UE acts as: the one of table B.3-1.
pub const PUBLIC_IDENTITY: &str = "user@as1.home1.net";
/// The name of the PKI portal.
pub const PORTAL_FQDN: &str = "pkiportal.home1.net";
/// The names of the application servers behind the authentication proxy.
pub const AS_FQDNS: [&str; 2] = ["as1.home1.net", "as2.home1.net"];
/// The lifetime of a key in seconds: one day, as in the tables of TS 24.109.
pub const LIFETIME_SECONDS: u32 = 86_400;
/// The IMSI of the UE that has no ISIM: MCC 001, MNC 01 (the test network of ITU-T E.212).
pub const IMSI: &str = "001010123456789";
/// How long a UE waits for an answer, in milliseconds.
pub const PATIENCE_MILLIS: i64 = 5_000;
/// L of the USIMs: a SEQ so far below the highest accepted one is too old (TS 33.102
/// clause C.2.3).
pub const AGE_LIMIT: u64 = 1 << 24;

/// When the HSS changed the user security settings for the last time: 2004-01-01T00:00:00Z.
pub const GUSS_CHANGED: Moment = Moment::from_unix_seconds(1_072_915_200);
/// The flag in the user security settings of each subscriber.
pub const FLAG: &str = "1";
/// RAND of the session at the NAF whose lifetime has ended: the one of the second set of
/// TS 35.207.
pub const EXPIRED_RAND: [u8; 16] = [
    0xc0, 0x0d, 0x60, 0x31, 0x03, 0xdc, 0xee, 0x52, 0xc4, 0x47, 0x81, 0x19, 0x49, 0x42, 0x02, 0xe8,
];

/// A subscriber of the reference peers, with the published test values.
#[derive(Clone, Copy)]
pub struct TestSubscriber {
    /// The private identity.
    pub impi: &'static str,
    /// The test set of TS 35.207.
    pub set: &'static str,
    /// Whether the portal lets the subscriber enrol.
    pub enrolment: Enrolment,
    /// The public identities, the default one first.
    pub public_identities: [&'static str; 2],
    k: u128,
    opc: u128,
    rand: u128,
    sqn: u64,
    amf: u16,
}

/// The four subscribers, in the order of their numbers.
pub const SUBSCRIBERS: [TestSubscriber; 4] = [
    TestSubscriber {
        impi: "user1_private@home1.net",
        set: "MIL-207-1",
        enrolment: Enrolment::Refused,
        public_identities: ["sip:user1_public1@home1.net", "sip:user1_public2@home1.net"],
        k: 0x465b_5ce8_b199_b49f_aa5f_0a2e_e238_a6bc,
        opc: 0xcd63_cb71_954a_9f4e_48a5_994e_37a0_2baf,
        rand: 0x2355_3cbe_9637_a89d_218a_e64d_ae47_bf35,
        sqn: 0xff9b_b4d0_b607,
        amf: 0xb9b9,
    },
    TestSubscriber {
        impi: "user2_private@home1.net",
        set: "MIL-207-3",
        enrolment: Enrolment::Allowed,
        public_identities: ["sip:user2_public1@home1.net", "sip:user2_public2@home1.net"],
        k: 0xfec8_6ba6_eb70_7ed0_8905_757b_1bb4_4b8f,
        opc: 0x1006_020f_0a47_8bf6_b699_f15c_062e_42b3,
        rand: 0x9f7c_8d02_1acc_f4db_213c_cff0_c7f7_1a6a,
        sqn: 0x9d02_7759_5ffc,
        amf: 0x725c,
    },
    TestSubscriber {
        impi: "user3_private@home1.net",
        set: "MIL-207-4",
        enrolment: Enrolment::Refused,
        public_identities: ["sip:user3_public1@home1.net", "sip:user3_public2@home1.net"],
        k: 0x9e59_44ae_a94b_8116_5c82_fbf9_f32d_b751,
        opc: 0xa64a_507a_e1a2_a98b_b88e_b421_0135_dc87,
        rand: 0xce83_dbc5_4ac0_274a_157c_17f8_0d01_7bd6,
        sqn: 0x0b60_4a81_eca8,
        amf: 0x9e09,
    },
    TestSubscriber {
        impi: "user4_private@home1.net",
        set: "MIL-207-6",
        enrolment: Enrolment::Allowed,
        public_identities: ["sip:user4_public1@home1.net", "sip:user4_public2@home1.net"],
        k: 0x6c38_a116_ac28_0c45_4f59_332e_e35c_8c4f,
        opc: 0x3803_ef53_63b9_47c6_aaa2_25e5_8fae_3934,
        rand: 0xee64_66bc_9620_2c5a_557a_bbef_f8ba_bf63,
        sqn: 0x414b_9822_2181,
        amf: 0x4464,
    },
];

impl TestSubscriber {
    /// The functions f1 to f5* with the set's K and `OPc`.
    pub fn functions(&self) -> AkaFunctions {
        let (k, opc) = (
            K::new(self.k.to_be_bytes()),
            Opc::new(self.opc.to_be_bytes()),
        );
        AkaFunctions::Milenage(Milenage::new(&k, &opc))
    }

    /// RAND of the set.
    pub fn rand(&self) -> Rand {
        Rand::from(self.rand.to_be_bytes())
    }

    /// SQN of the set, the one of the first vector.
    pub fn sqn(&self) -> Sqn {
        let [_, _, octets @ ..] = self.sqn.to_be_bytes();
        Sqn::from_bytes(octets)
    }

    /// AMF of the set.
    pub fn amf(&self) -> Amf {
        Amf::from(self.amf.to_be_bytes())
    }

    /// The SQN before the one of the set in the generation of TS 33.102 clause C.1.1.2: SEQ and
    /// IND one lower. The BSF has handed it out and the USIM has accepted it.
    pub fn last_sqn(&self) -> Sqn {
        step_before(self.sqn())
    }

    /// The USIM after it has accepted [`TestSubscriber::last_sqn`].
    pub fn usim(&self) -> UsimSqn {
        usim_after(self.last_sqn())
    }

    /// What the UE of the subscriber has.
    pub fn ue_keys(&self) -> UeKeys {
        UeKeys::Usim {
            functions: self.functions(),
            usim: self.usim(),
        }
    }

    /// The subscriber as the authentication centre has it.
    pub fn subscriber(&self) -> Subscriber {
        Subscriber::usim(self.impi, self.functions(), self.amf(), self.last_sqn())
    }

    /// The session that RAND of the set makes; its lifetime does not end.
    pub fn session(&self) -> BootstrappedSession {
        self.session_with(self.rand())
    }

    /// The key of that session for one NAF.
    pub fn naf_key(&self, naf_fqdn: &str, ua_id: UaProtocolId) -> NafKey {
        self.session().naf_key(&NafId::new(naf_fqdn, ua_id))
    }

    fn session_with(&self, rand: Rand) -> BootstrappedSession {
        BootstrappedSession {
            btid: kdf::btid(rand, BSF_FQDN),
            ks: self.functions().vector(rand, self.sqn(), self.amf()).ks(),
            input: KeyInput::Rand(rand),
            impi: self.impi.to_owned(),
            enrolment: self.enrolment,
            expires: None,
            public_identities: self.public_identities.map(str::to_owned).into(),
            flags: vec![FLAG.to_owned()],
        }
    }
}

/// The reference BSF: Digest AKA version 1, 2G GBA and `GBA_Digest`.
pub fn bsf(policy: BsfPolicy, seed: u64) -> Bsf {
    let offer = BsfOffer {
        second_generation: Switch::On,
        gba_digest: Switch::On,
        ..BsfOffer::default()
    };
    bsf_with(offer, policy, seed)
}

/// Every way of bootstrapping that a BSF of this project knows. Digest AKA version 1 comes first: a
/// client that looks no further finds what it always found.
pub fn every_way() -> BsfOffer {
    BsfOffer {
        algorithms: vec![
            Algorithm::AkaV1Md5,
            Algorithm::AkaV2Md5,
            Algorithm::AkaV2Sha256,
        ],
        second_generation: Switch::On,
        gba_digest: Switch::On,
    }
}

/// The reference BSF with other ways of bootstrapping.
pub fn bsf_with(offer: BsfOffer, policy: BsfPolicy, seed: u64) -> Bsf {
    let subscribers = SUBSCRIBERS
        .iter()
        .map(TestSubscriber::subscriber)
        .chain(SPECIAL.iter().map(SpecialSubscriber::subscriber));
    let config = BsfConfig {
        fqdn: BSF_FQDN.to_owned(),
        subscribers: subscribers.collect(),
        scheme: SqnScheme::default(),
        lifetime_seconds: LIFETIME_SECONDS,
        offer,
        network: BsfNetwork {
            home: Home::Local,
            nafs: naf_grants(),
        },
    };
    Bsf::new(config, policy, seed)
}

/// A BSF with every way of bootstrapping that has no subscribers of its own: whoever comes, it asks
/// its home network.
pub fn bsf_behind_hss(home: Home, policy: BsfPolicy, seed: u64) -> Bsf {
    let config = BsfConfig {
        fqdn: BSF_FQDN.to_owned(),
        subscribers: Vec::new(),
        scheme: SqnScheme::default(),
        lifetime_seconds: LIFETIME_SECONDS,
        offer: every_way(),
        network: BsfNetwork {
            home,
            nafs: naf_grants(),
        },
    };
    Bsf::new(config, policy, seed)
}

/// The home network of [`bsf_behind_hss`] over Zh.
pub fn home_over_zh() -> Home {
    Home::Diameter(Node::new(HSS_FQDN))
}

/// The home network of [`bsf_behind_hss`] over HTTP/2.
pub fn home_over_sbi() -> Home {
    Home::Sbi(Node::new(HSS_FQDN))
}

/// The BSF of [`naf_behind_bsf`] over HTTP/2.
pub fn keys_over_sbi() -> ZnSource {
    ZnSource::Sbi(Node::new(BSF_FQDN))
}

/// The BSF of [`naf_behind_bsf`] over Diameter.
pub fn keys_over_zn() -> ZnSource {
    ZnSource::Diameter(Node::new(BSF_FQDN))
}

/// NAF, portal and BSF may have the keys that bear their names, and anybody those of the application
/// servers, whose proxy has a name of its own.
fn naf_grants() -> Vec<NafGrant> {
    let own = [NAF_FQDN, PORTAL_FQDN, BSF_FQDN].map(|fqdn| (Some(fqdn.to_owned()), fqdn));
    let of_proxy = AS_FQDNS.map(|fqdn| (None, fqdn));
    let all = own.into_iter().chain(of_proxy);
    all.map(|(host, fqdn)| NafGrant {
        host,
        fqdn: fqdn.to_owned(),
    })
    .collect()
}

/// The reference HSS: it knows the four subscribers with Milenage, and of those of [`special`] the
/// two with TUAK and the one with a password.
///
/// The settings of each say `GBA`, the lifetime of [`LIFETIME_SECONDS`], and both public identities
/// and the flag 1 for the services 0 (unspecific), 1 (PKI portal) and 2 (authentication proxy); a
/// subscriber who may not enrol has no flag for service 1. They were changed at [`GUSS_CHANGED`].
pub fn hss(policy: HssPolicy, seed: u64) -> Hss {
    let usual = SUBSCRIBERS.iter().map(|subscriber| {
        let flags = match subscriber.enrolment {
            Enrolment::Allowed => vec![FLAG.to_owned()],
            Enrolment::Refused => Vec::new(),
        };
        let identities = subscriber.public_identities.map(str::to_owned);
        HssSubscriber {
            subscriber: subscriber.subscriber(),
            guss: settings(subscriber.impi, &identities, &flags),
            guss_changed: GUSS_CHANGED,
        }
    });
    let special = SPECIAL.iter().map(|special| HssSubscriber {
        subscriber: special.subscriber(),
        guss: settings(special.impi, &[], &[]),
        guss_changed: GUSS_CHANGED,
    });
    let config = HssConfig {
        fqdn: HSS_FQDN.to_owned(),
        subscribers: usual.chain(special).collect(),
        scheme: SqnScheme::default(),
    };
    Hss::new(config, policy, seed)
}

fn settings(impi: &str, identities: &[String], enrolment: &[String]) -> Guss {
    let services = [
        ("0", vec![FLAG.to_owned()]),
        ("1", enrolment.to_vec()),
        ("2", vec![FLAG.to_owned()]),
    ];
    let services = services.map(|(gsid, flags)| Uss {
        id: gsid.to_owned(),
        kind: gsid.to_owned(),
        naf_group: None,
        uids: identities.to_vec(),
        flags,
    });
    Guss {
        id: impi.to_owned(),
        bsf_info: BsfInfo {
            uicc_type: Some(UiccType::Gba),
            life_time: Some(LIFETIME_SECONDS),
            security_features: Vec::new(),
        },
        uss_list: UssList(services.into()),
    }
}

/// The reference NAF. Beside the four sessions it holds the key of an older one of the first
/// subscriber, with [`EXPIRED_RAND`], whose lifetime ended with the run that the tables of
/// TS 24.109 show.
pub fn naf(policy: UaPolicy, seed: u64) -> Naf {
    let mut source = sessions();
    source.add(BootstrappedSession {
        expires: Some(Moment::from_unix_seconds(1_073_556_797)),
        ..SUBSCRIBERS[0].session_with(Rand::from(EXPIRED_RAND))
    });
    naf_with(Box::new(source), policy, seed)
}

/// The reference NAF with keys from elsewhere.
pub fn naf_with(source: Box<dyn KeySource>, policy: UaPolicy, seed: u64) -> Naf {
    naf_behind_bsf(ZnSource::StandIn(source), policy, seed)
}

/// The reference NAF that asks a BSF for each key.
pub fn naf_behind_bsf(zn: ZnSource, policy: UaPolicy, seed: u64) -> Naf {
    let fqdn = NAF_FQDN.to_owned();
    // The first is the one that a client finds which looks no further.
    let algorithms = vec![
        Algorithm::Md5,
        Algorithm::Sha256,
        Algorithm::Md5Sess,
        Algorithm::Sha256Sess,
    ];
    let config = NafConfig {
        fqdn,
        zn,
        algorithms,
    };
    Naf::new(config, policy, seed)
}

/// The reference PKI portal.
pub fn portal(policy: UaPolicy, seed: u64) -> Portal {
    portal_with(Box::new(sessions()), policy, seed)
}

/// The reference PKI portal with keys from elsewhere.
pub fn portal_with(source: Box<dyn KeySource>, policy: UaPolicy, seed: u64) -> Portal {
    let fqdn = PORTAL_FQDN.to_owned();
    let config = PortalConfig {
        fqdn,
        source,
        authority: ca_name(),
    };
    Portal::new(config, policy, seed)
}

/// The name of the certificate authority of the portal. Its base64 text has a plus sign, a slash
/// and two equals signs, which a request for its certificate has to escape.
pub fn ca_name() -> DistinguishedName {
    DistinguishedName::new(Some("Home network"), "Subscriber CA ~ 2004?!")
}

/// The reference authentication proxy, before two application servers.
pub fn proxy(policy: ProxyPolicy, seed: u64) -> Proxy {
    let applications = AS_FQDNS.map(|fqdn| Application {
        fqdn: fqdn.to_owned(),
        source: Box::new(sessions()),
    });
    Proxy::new(applications.into(), policy, seed)
}

/// What the BSF would know of the four subscribers after one run each.
pub fn sessions() -> StandIn {
    StandIn::new(SUBSCRIBERS.iter().map(TestSubscriber::session))
}

/// A reference UE; `index` 0 to 3 is the place in [`SUBSCRIBERS`], 4 to 7 are those of
/// [`special`], 8 is one with the keys of the first that knows its IMSI only; higher ones start over.
/// Its card can do `GBA_U`.
pub fn ue(index: usize, policy: UePolicy, seed: u64) -> Ue {
    let index = index % (SUBSCRIBERS.len() + SPECIAL.len() + 1);
    if index == SUBSCRIBERS.len() + SPECIAL.len()
        && let Ok(imsi) = Imsi::new(IMSI, MncDigits::Two)
    {
        let keys = SUBSCRIBERS[0].ue_keys();
        return ue_with_card(Identity::Imsi(imsi), keys, Card::GbaU, policy, seed);
    }
    let (impi, keys) = if let Some(subscriber) = SUBSCRIBERS.get(index) {
        (subscriber.impi, subscriber.ue_keys())
    } else {
        let special = &SPECIAL[(index - SUBSCRIBERS.len()) % SPECIAL.len()];
        (special.impi, special.ue_keys())
    };
    let identity = Identity::Isim {
        impi: impi.to_owned(),
    };
    ue_with_card(identity, keys, Card::GbaU, policy, seed)
}

/// A UE with any identity and keys, and a card without `GBA_U`, that knows the peers of this module.
pub fn ue_with(identity: Identity, keys: UeKeys, policy: UePolicy, seed: u64) -> Ue {
    ue_with_card(identity, keys, Card::Plain, policy, seed)
}

/// The same with any card.
pub fn ue_with_card(
    identity: Identity,
    keys: UeKeys,
    card: Card,
    policy: UePolicy,
    seed: u64,
) -> Ue {
    let config = UeConfig {
        identity,
        keys,
        algorithms: vec![
            Algorithm::AkaV2Sha256,
            Algorithm::AkaV2Md5,
            Algorithm::AkaV1Md5,
        ],
        naf_fqdn: NAF_FQDN.to_owned(),
        portal_fqdn: PORTAL_FQDN.to_owned(),
        ca_name: ca_name(),
        ua_transport: Transport::Tcp,
        card,
        public_identity: Some(PUBLIC_IDENTITY.to_owned()),
        patience_millis: PATIENCE_MILLIS,
    };
    Ue::new(config, policy, seed)
}

/// The SQN before this one in the generation of TS 33.102 clause C.1.1.2: SEQ and IND one lower.
fn step_before(sqn: Sqn) -> Sqn {
    let scheme = SqnScheme::default();
    let (seq, ind) = (sqn.seq(&scheme), sqn.ind(&scheme));
    let slots = 1 << scheme.ind_bits;
    Sqn::from_parts(&scheme, seq.saturating_sub(1), (ind + slots - 1) % slots).unwrap_or(sqn)
}

/// A USIM that has accepted this SQN and nothing else.
fn usim_after(last: Sqn) -> UsimSqn {
    let scheme = SqnScheme {
        age_limit: Some(AGE_LIMIT),
        ..SqnScheme::default()
    };
    UsimSqn::with_slots(scheme, [(last.ind(&scheme), last.seq(&scheme))])
}
