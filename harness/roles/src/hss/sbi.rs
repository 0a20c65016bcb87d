//! An HSS as `Nhss_gbaUEAU` and `Nhss_gbaSDM` (TS 29.562).

use data_encoding::HEXLOWER;
use gbaspec_crypto::aka::AuthenticationVector;
use gbaspec_crypto::token::{Auts, Rand};
use gbaspec_wire::guss_xml::Guss;
use gbaspec_wire::http::Message;
use gbaspec_wire::sbi::{
    AkaAv, AuthDataRequest, AuthDataResponse, AuthenticationScheme, DigestAlgorithm, DigestAuth,
    DigestQop, Operation, SubscriberData, UeId, Undisclosed,
};

use super::{DigestItem, Hss};
use crate::role::Moment;
use crate::sbi::{self, BAD_REQUEST, NOT_FOUND, Problem};

/// Every decision that an HSS takes on these interfaces only. A fault replaces exactly one of them.
#[derive(Clone, Copy, Debug)]
pub struct HssSbiPolicy {
    /// Finds out what a request is about (TS 29.562: its path and method).
    pub operation: fn(&Message) -> Result<Operation, Problem>,
    /// Reads what a BSF asks for (TS 29.562: by the schema).
    pub read: fn(&[u8]) -> Result<AuthDataRequest, Problem>,
    /// Writes a vector (TS 29.562: hex).
    pub vector: fn(&AuthenticationVector) -> AkaAv,
    /// Writes H(A1).
    pub digest: fn(&DigestItem<'_>) -> DigestAuth,
    /// Writes the answer with either.
    pub auth_data: fn(&AuthDataResponse) -> String,
    /// Writes the user security settings.
    pub subscriber_data: fn(&Guss) -> String,
    /// Writes the answer to a request that is refused.
    pub refusal: fn(&Problem) -> Message,
}

impl Default for HssSbiPolicy {
    fn default() -> Self {
        HssSbiPolicy {
            operation: sbi::operation,
            read: |body| sbi::strict(AuthDataRequest::parse(body)),
            vector,
            digest,
            auth_data: AuthDataResponse::emit,
            subscriber_data,
            refusal: sbi::refusal,
        }
    }
}

/// The default of [`HssSbiPolicy::vector`].
pub fn vector(vector: &AuthenticationVector) -> AkaAv {
    AkaAv {
        rand: vector.rand.as_bytes().to_vec(),
        xres: Undisclosed::from(vector.xres.expose()),
        autn: vector.autn.as_bytes().to_vec(),
        ck: Undisclosed::from(vector.ck.expose().as_slice()),
        ik: Undisclosed::from(vector.ik.expose().as_slice()),
    }
}

/// The default of [`HssSbiPolicy::digest`]. The schema has a word for MD5 only, and may be extended.
pub fn digest(item: &DigestItem<'_>) -> DigestAuth {
    DigestAuth {
        digest_realm: item.realm.to_owned(),
        digest_algorithm: DigestAlgorithm::Unknown("SHA_256".to_owned()),
        digest_qop: DigestQop::AuthInt,
        ha1: Undisclosed::from(HEXLOWER.encode(item.ha1.expose())),
    }
}

/// The default of [`HssSbiPolicy::subscriber_data`].
pub fn subscriber_data(guss: &Guss) -> String {
    SubscriberData {
        guss: Some(sbi::guss_to_json(guss)),
    }
    .emit()
}

impl Hss {
    /// The answer to one request over HTTP/2.
    pub(super) fn sbi_answer(&mut self, now: Moment, request: &Message) -> Message {
        self.sbi_answered(now, request)
            .map_or_else(|why| (self.policy.sbi.refusal)(&why), sbi::success)
    }

    fn sbi_answered(&mut self, now: Moment, request: &Message) -> Result<String, Problem> {
        match (self.policy.sbi.operation)(request)? {
            Operation::GenerateAuthData(ue) => {
                let asked = (self.policy.sbi.read)(&request.body)?;
                self.auth_data(now, &impi(ue), &asked)
            }
            Operation::SubscriberData(ue) => {
                let record = self.record(&impi(ue));
                let record = record.map_err(|why| Problem::from(&why))?;
                Ok((self.policy.sbi.subscriber_data)(&record.guss))
            }
            Operation::BootstrappingInfo | Operation::PushInfo | Operation::Subscriptions(_) => {
                Err(NOT_FOUND)
            }
        }
    }

    fn auth_data(
        &mut self,
        now: Moment,
        impi: &str,
        asked: &AuthDataRequest,
    ) -> Result<String, Problem> {
        let policy = self.policy.sbi;
        let mut answer = AuthDataResponse {
            impi: Some(impi.to_owned()),
            ..AuthDataResponse::default()
        };
        match &asked.authentication_scheme {
            Some(AuthenticationScheme::AkaV1Md5) | None => {
                let vector = self.next_vector(now, impi, resync(asked)?);
                let vector = vector.map_err(|why| Problem::from(&why))?;
                answer.aka_av = Some((policy.vector)(&vector));
            }
            Some(AuthenticationScheme::Http) => {
                let ha1 = self.ha1(impi).map_err(|why| Problem::from(&why))?;
                let realm = crate::names::domain(impi);
                answer.digest_auth = Some((policy.digest)(&DigestItem { realm, ha1: &ha1 }));
            }
            Some(AuthenticationScheme::Unknown(_)) => return Err(BAD_REQUEST),
        }
        Ok((policy.auth_data)(&answer))
    }
}

/// RAND and AUTS of a synchronisation failure, if the request tells of one.
fn resync(asked: &AuthDataRequest) -> Result<Option<(Rand, Auts)>, Problem> {
    let Some(resync) = &asked.resynchronization else {
        return Ok(None);
    };
    let rand = Rand::try_from(resync.rand.as_slice()).map_err(|_| BAD_REQUEST)?;
    let auts = Auts::try_from(resync.auts.as_slice()).map_err(|_| BAD_REQUEST)?;
    Ok(Some((rand, auts)))
}

/// The private identity that a path names. The subscribers are known by no other.
fn impi(ue: UeId) -> String {
    match ue {
        UeId::Impi(impi) => impi,
        other => other.text(),
    }
}
