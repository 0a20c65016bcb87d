//! Conversations about certificates, in which a fault of portal or UE shows.

use gbaspec_crypto::kdf::UaProtocolId;
use gbaspec_crypto::pki::{
    CERTIFICATE_LABEL, CertificationRequest, DistinguishedName, KeyPair, Signed, nested, pem,
};

use super::super::probe::{Answer, user};
use super::super::world::{Usim, World};
use super::{Script, password};
use crate::bsf::BsfPolicy;
use crate::embedded::{self, PORTAL_FQDN};
use crate::faults::Fault;
use crate::portal::{self, Document};
use crate::proof;
use crate::role::Action;
use crate::ua::UaPolicy;
use crate::ue::UePolicy;
use gbaspec_wire::http::Message;

/// A change of the right enrolment request.
type Change = fn(&mut Answer);

const REQUESTS: &[Change] = &[
    |_| (),
    |answer| at(answer, "POST", "/enrol?response=pointer"),
    |answer| at(answer, "POST", "/enrol?response=chain"),
    |answer| answer.body = b"altered".to_vec(),
    |answer| answer.body = nested(100),
    |answer| answer.body = request(2, 1),
    |answer| answer.body = request(1, 1),
    |answer| answer.content_type = Some("text/plain"),
    |answer| {
        at(
            answer,
            "GET",
            "/getcertificate?in=MBExDzANBgNVBAMMBk5vYm9keQ%3D%3D",
        );
    },
    |answer| at(answer, "GET", "/getcertificate?in=%25"),
    |answer| at(answer, "GET", &own_ca(true)),
    |answer| at(answer, "GET", &own_ca(false)),
];

pub(super) fn shown_by_portal(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(UaPolicy::default, Fault::ua_policy);
    let mut portal = embedded::portal(policy, 3);
    let mut script = Script {
        server: &mut portal,
        tamper: fault.map(Fault::tamper).unwrap_or_default(),
        shown: Vec::new(),
    };
    let key = user(1).naf_key(PORTAL_FQDN, UaProtocolId::PKI_PORTAL);
    let password = password(&key.key);
    for change in REQUESTS {
        let mut plain = Answer::to_naf(&key.btid, &password, true, &Message::request(""));
        change(&mut plain);
        let challenge = script.ask(&plain.plain());
        let mut answer = Answer::to_naf(&key.btid, &password, true, &challenge);
        change(&mut answer);
        script.ask(&answer.sign());
    }
    script.shown
}

fn at(answer: &mut Answer, method: &'static str, target: &str) {
    answer.method = method;
    answer.target = target.to_owned();
    answer.uri = target.to_owned();
    if method == "GET" {
        answer.body = Vec::new();
        answer.content_type = None;
    }
}

fn own_ca(is_escaped: bool) -> String {
    let text = embedded::ca_name().base64();
    let text = text.replace('+', "%2B").replace('/', "%2F");
    let text = if is_escaped {
        text.replace('=', "%3D")
    } else {
        text
    };
    format!("/getcertificate?in={text}")
}

/// A request for one key, signed by another, in DER.
fn request(key: u8, signer: u8) -> Vec<u8> {
    let (key, signer) = (
        KeyPair::from_seed(&[key; 32]),
        KeyPair::from_seed(&[signer; 32]),
    );
    let name = DistinguishedName::new(None, "user2_private@home1.net");
    let request = CertificationRequest::new(&name, &key.public(), &signer, 0);
    request.as_der().to_vec()
}

/// Portals that issue to everybody, right ones and wrong ones.
const PORTALS: &[fn(&mut UaPolicy)] = &[
    |_| (),
    |policy| policy.authentication_info = |_| None,
    |policy| {
        policy.authentication_info = |info| Some(proof::signed_with(info.facts, "0".repeat(32)));
    },
    |policy| {
        policy.portal.deliver = |delivery| Document {
            body: delivery.certificate.as_der().to_vec(),
            ..portal::deliver(delivery)
        };
    },
    |policy| {
        policy.portal.certified_key = |_| KeyPair::from_seed(&[9; 32]).public();
        policy.portal.deliver_ca = |delivery| Document {
            body: b"no certificate".to_vec(),
            ..portal::deliver_ca(delivery)
        };
    },
    |policy| {
        policy.portal.deliver = |delivery| Document {
            body: b"no certificate".to_vec(),
            ..portal::deliver(delivery)
        };
        policy.portal.deliver_ca = |delivery| {
            let key = KeyPair::from_seed(&[9; 32]);
            let name = DistinguishedName::new(None, "Nobody");
            let other = gbaspec_crypto::pki::Authority::new(name, key);
            let validity = gbaspec_crypto::pki::Validity { from: 0, to: 1 };
            let other = other.certificate(validity);
            Document {
                body: pem(CERTIFICATE_LABEL, other.as_der()).into_bytes(),
                ..portal::deliver_ca(delivery)
            }
        };
    },
    |policy| {
        policy.portal.ca_status = |_| 404;
        policy.authentication_info = |_| None;
    },
    |policy| {
        policy.portal.ca_status = |_| 404;
        policy.authentication_info = |info| Some(proof::signed_with(info.facts, "0".repeat(32)));
    },
];

pub(super) fn shown_by_ue(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let mut shown = Vec::new();
    for portal in PORTALS {
        let mut ua = UaPolicy::default();
        ua.portal.enrolment_status = |_| 200;
        portal(&mut ua);
        let ue = fault.map_or_else(UePolicy::default, Fault::ue_policy);
        let mut world = World::with_usim(Usim::InStep, &BsfPolicy::default(), &ua, &ue);
        world.ue_tamper = fault.map(Fault::tamper).unwrap_or_default();
        for action in [Action::Enrol, Action::CaCertificate] {
            let outcome = world.run(action);
            world.wire.push(format!("{outcome:?}").into_bytes());
        }
        shown.append(&mut world.wire);
    }
    shown
}

#[test]
fn has_a_request_whose_proof_is_wrong() {
    let read = |body: Vec<u8>| CertificationRequest::read(&body).expect("a request").0;
    assert_eq!(read(request(2, 1)).signed(), Signed::Wrong);
    assert_eq!(read(request(1, 1)).signed(), Signed::Valid);
}
