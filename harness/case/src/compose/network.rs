//! The placeholders of messages between elements of the network.

use data_encoding::{BASE64, HEXLOWER};
use gbaspec_crypto::aka::AkaFunctions;
use gbaspec_crypto::kdf;
use gbaspec_crypto::token::{Autn, Rand};
use gbaspec_wire::nonce::AkaNonce;
use rand::RngExt as _;

use super::{CannotCompose, Composer, Stores};
use crate::case::{Send, SubscriberChoice};
use crate::element::Element;
use crate::scene::{Scene, ua_protocol};
use crate::view::View;

/// What they stand for; `av.` are the parts of one new vector of the message.
pub(super) const PLACEHOLDERS: &[(&str, &str)] = &[
    (
        "bsf.realm",
        "realm of the BSF: its name without the first label",
    ),
    ("naf.realm", "realm of the NAF"),
    ("hss.realm", "realm of the HSS"),
    ("session-id", "a new Session-Id; not in matchers"),
    (
        "request.session-id",
        "Session-Id of the request that is answered",
    ),
    (
        "request.impi",
        "private identity that the answered request for a vector is about",
    ),
    (
        "av.rand",
        "RAND of a new vector, made as the step says, in hex",
    ),
    ("av.autn", "AUTN of it"),
    ("av.xres", "XRES of it"),
    ("av.ck", "CK of it"),
    ("av.ik", "IK of it"),
    ("vector.rand", "RAND of the vector that is answered, in hex"),
    ("auts.hex", "AUTS, made as the step says, in hex"),
    ("run.btid", "B-TID of the run that this play completed last"),
    ("run.btid.lower-case", "the same in lower case"),
    (
        "first-run.btid",
        "B-TID of the run that this play completed first",
    ),
    (
        "challenge.btid",
        "B-TID that a run with the first challenge of this play would have",
    ),
    (
        "new.btid",
        "B-TID that nobody has used yet, of a run of the subscriber with this BSF; not in matchers",
    ),
    (
        "naf.id",
        "NAF-Id of the NAF under the Ua protocol of HTTP digest, in hex",
    ),
    ("naf.id.base64", "the same in base64"),
    ("naf.ua-id", "that Ua protocol, in hex"),
    ("portal.id", "NAF-Id of the PKI portal, in hex"),
    (
        "ks-naf",
        "key of the session for the NAF-Id that is asked for, in hex",
    ),
    ("now", "xs:dateTime of now"),
    (
        "used.btid",
        "username of the last request of this play that had one",
    ),
];

/// One vector of a message; its parts are made together and used one by one.
#[derive(Clone, Debug)]
pub struct NewVector {
    rand: Rand,
    autn: Autn,
    functions: AkaFunctions,
}

impl Composer<'_> {
    /// The value of a placeholder of this file that depends on the play.
    pub(super) fn network_value(
        &self,
        name: &str,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<Option<String>, CannotCompose> {
        if let Some(part) = name.strip_prefix("av.") {
            return self.vector_part(part, send, stores).map(Some);
        }
        Ok(match name {
            "session-id" => {
                let from = self.scene.names.of(self.ends.0);
                let [high, low] = stores.rng.random::<[u32; 2]>();
                Some(format!("{from};{high};{low}"))
            }
            "request.session-id" => self
                .answered()
                .and_then(|view| view.packet?.avp("Session-Id"))
                .map(|avp| String::from_utf8_lossy(&avp.data).into_owned()),
            "request.impi" => self.answered().and_then(|view| view.vector_impi()),
            "vector.rand" => self
                .answered()
                .and_then(|view| view.given_challenge())
                .map(|(rand, _)| HEXLOWER.encode(rand.as_bytes())),
            "auts.hex" => Some(HEXLOWER.encode(&self.auts_octets(send)?)),
            "run.btid" => self.btids_told().pop(),
            "run.btid.lower-case" => self.btids_told().pop().map(|btid| btid.to_lowercase()),
            "first-run.btid" => self.btids_told().into_iter().next(),
            "challenge.btid" => self.btid_of_challenge(),
            "new.btid" => {
                let rand = Rand::from(stores.rng.random::<[u8; 16]>());
                Some(kdf::btid(rand, &self.scene.names.bsf))
            }
            "ks-naf" => self.key_asked_for(),
            "used.btid" => self.latest_username(),
            "now" => Some(gbaspec_wire::date::utc_date_time(self.now)),
            _ => None,
        })
    }

    fn vector_part(
        &self,
        part: &str,
        send: &Send,
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let vector = match stores.vector.take() {
            Some(vector) => vector,
            None => self.new_vector(send, stores)?,
        };
        let NewVector {
            rand,
            autn,
            functions,
        } = &vector;
        let text = match part {
            "rand" => HEXLOWER.encode(rand.as_bytes()),
            "autn" => HEXLOWER.encode(autn.as_bytes()),
            "xres" => HEXLOWER.encode(functions.f2(*rand).expose()),
            "ck" => HEXLOWER.encode(functions.f3(*rand).expose()),
            _ => HEXLOWER.encode(functions.f4(*rand).expose()),
        };
        stores.vector = Some(vector);
        Ok(text)
    }

    /// A vector for the subscriber that the answered request is about.
    fn new_vector(&self, send: &Send, stores: &mut Stores<'_>) -> Result<NewVector, CannotCompose> {
        let asked = self.answered().and_then(|view| view.vector_subscriber());
        let usim = match (asked, send.vector.key) {
            (Some(subscriber), SubscriberChoice::First) => subscriber.usim(),
            (_, choice) => self.subscriber(choice).usim(),
        };
        let usim = usim.ok_or_else(|| CannotCompose {
            missing: "a subscriber with a USIM".to_owned(),
        })?;
        let rand = Rand::from(stores.rng.random::<[u8; 16]>());
        let octets = self.aka_challenge_of(usim, rand, &send.vector, stores.he)?;
        let (rand, autn) = octets.split_at(16);
        let part = |octets: &[u8]| <[u8; 16]>::try_from(octets).unwrap_or_default();
        Ok(NewVector {
            rand: Rand::from(part(rand)),
            autn: Autn::from(part(autn)),
            functions: usim.functions.clone(),
        })
    }

    /// The B-TIDs that the target told UEs, in their order.
    fn btids_told(&self) -> Vec<String> {
        let told = (0..self.transcript.entries.len()).filter_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let (from, _) = view.ends()?;
            let (btid, _) = (from == Element::Bsf).then(|| view.session_told())??;
            Some(btid)
        });
        told.collect()
    }

    /// What the B-TID of a run is made of before the run has ended (TS 33.220 4.5.2).
    fn btid_of_challenge(&self) -> Option<String> {
        (0..self.transcript.entries.len()).find_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let challenge = view.opened_challenges().into_iter().next()?;
            let nonce = AkaNonce::decode(&challenge.nonce).ok()?;
            Some(kdf::btid(Rand::from(nonce.rand), &self.scene.names.bsf))
        })
    }

    fn latest_username(&self) -> Option<String> {
        (0..self.transcript.entries.len()).rev().find_map(|index| {
            let list = View::new(self.scene, self.transcript, index)?.credentials_list()?;
            String::from_utf8(list.value("username")?.to_vec()).ok()
        })
    }

    fn key_asked_for(&self) -> Option<String> {
        let request = self.answered()?;
        let (btid, naf) = (request.btid_asked()?, request.naf_id_asked()?);
        let key = self.scene.ks_naf(&btid, &naf, self.transcript.subscriber)?;
        Some(HEXLOWER.encode(key.expose()))
    }
}

/// The value of a placeholder of this file that does not depend on the play.
pub(super) fn fixed_value(scene: &Scene, name: &str) -> Option<String> {
    let names = &scene.names;
    let naf = || scene.naf_id(Element::Naf, ua_protocol(Element::Naf));
    Some(match name {
        "bsf.realm" => realm(&names.bsf),
        "naf.realm" => realm(&names.naf),
        "hss.realm" => realm(&names.hss),
        "naf.id" => HEXLOWER.encode(naf().as_bytes()),
        "naf.id.base64" => BASE64.encode(naf().as_bytes()),
        "naf.ua-id" => HEXLOWER.encode(ua_protocol(Element::Naf).as_bytes()),
        "portal.id" => {
            let portal = scene.naf_id(Element::Portal, ua_protocol(Element::Portal));
            HEXLOWER.encode(portal.as_bytes())
        }
        _ => return None,
    })
}

/// The realm of an element of the network: what follows the first label of its name.
fn realm(fqdn: &str) -> String {
    let rest = fqdn.split_once('.').map(|(_, rest)| rest);
    rest.unwrap_or(fqdn).to_owned()
}
