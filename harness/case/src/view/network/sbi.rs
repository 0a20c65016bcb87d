//! Messages of the service-based interfaces, read by what their request is about (TS 29.309,
//! TS 29.562).

use gbaspec_wire::error::Deviation;
use gbaspec_wire::sbi::{
    AuthDataRequest, AuthDataResponse, BootstrappingInfoRequest, BootstrappingInfoResponse,
    Operation, ProblemDetails, PushInfoRequest, PushInfoResponse, SubscriberData, Target, UeId,
};

use super::View;
use crate::fact::Value;
use crate::protocol::Protocol;
use crate::view::deviations;

impl View<'_> {
    fn is_sbi(&self) -> bool {
        let bytes = self.transcript.message_bytes(self.index);
        bytes.is_some_and(|bytes| Protocol::of(bytes) == Protocol::Http2)
    }

    /// What a request asks for.
    fn sbi_target(&self) -> Option<(Target, Vec<Deviation>)> {
        let line = self.message.request_line().ok()?;
        self.is_sbi().then(|| Target::parse(line.target).ok())?
    }

    /// What this request, or the one that this message answers, asks for.
    fn sbi_subject(&self) -> Option<Operation> {
        if self.message.is_request() {
            return Some(self.sbi_target()?.0.operation);
        }
        self.is_sbi().then(|| self.answered()?.sbi_subject())?
    }

    fn sbi_content(&self) -> Option<Vec<u8>> {
        let content = self.message.content().ok()?;
        Some(content.into_owned())
    }

    fn is_success(&self) -> bool {
        self.message.status().is_ok_and(|status| status / 100 == 2)
    }

    /// The body of a request for a vector.
    pub(super) fn auth_data_request(&self) -> Option<AuthDataRequest> {
        let operation = self.sbi_target()?.0.operation;
        let is_one = matches!(operation, Operation::GenerateAuthData(_));
        let content = is_one.then(|| self.sbi_content())??;
        Some(AuthDataRequest::parse(&content).ok()?.0)
    }

    /// The body of an answer with a vector.
    pub(super) fn auth_data_response(&self) -> Option<AuthDataResponse> {
        let is_answer = !self.message.is_request() && self.is_success();
        let subject = is_answer.then(|| self.sbi_subject())??;
        let is_one = matches!(subject, Operation::GenerateAuthData(_));
        let content = is_one.then(|| self.sbi_content())??;
        Some(AuthDataResponse::parse(&content).ok()?.0)
    }

    /// The body of a request for a key.
    pub(super) fn key_request(&self) -> Option<BootstrappingInfoRequest> {
        let operation = self.sbi_target()?.0.operation;
        let content = (operation == Operation::BootstrappingInfo).then(|| self.sbi_content())??;
        Some(BootstrappingInfoRequest::parse(&content).ok()?.0)
    }

    /// The body of an answer with a key.
    pub(super) fn key_response(&self) -> Option<BootstrappingInfoResponse> {
        let is_answer = !self.message.is_request() && self.is_success();
        let subject = is_answer.then(|| self.sbi_subject())??;
        let content = (subject == Operation::BootstrappingInfo).then(|| self.sbi_content())??;
        Some(BootstrappingInfoResponse::parse(&content).ok()?.0)
    }

    /// The private identity in the path of a request.
    pub(super) fn sbi_impi(&self) -> Option<String> {
        let (Operation::GenerateAuthData(id)
        | Operation::SubscriberData(id)
        | Operation::Subscriptions(id)) = self.sbi_target()?.0.operation
        else {
            return None;
        };
        match id {
            UeId::Impi(impi) => Some(impi),
            UeId::Imsi(digits) => {
                let mut known = self.scene.subscribers.iter();
                let is_its = |imsi: &crate::subscriber::Imsi| imsi.digits() == digits;
                known
                    .find(|subscriber| subscriber.imsi.as_ref().is_some_and(is_its))
                    .map(|subscriber| subscriber.impi.clone())
            }
            UeId::Msisdn(_) | UeId::Impu(_) | UeId::Unknown(_) => None,
        }
    }

    pub(crate) fn sbi_operation(&self) -> Option<Value> {
        Some(Value::word(name_of(&self.sbi_subject()?)))
    }

    /// What the sender of this message has asked others for before it.
    pub(crate) fn sbi_asked(&self) -> Option<Value> {
        let (sender, _) = self.ends()?;
        let asked = (0..self.index).filter_map(|index| {
            let view = View::new(self.scene, self.transcript, index)?;
            let (from, _) = view.ends()?;
            let (target, _) = (from == sender).then(|| view.sbi_target())??;
            Some(name_of(&target.operation).to_owned())
        });
        let mut asked: Vec<String> = asked.collect();
        asked.sort_unstable();
        asked.dedup();
        Some(Value::List(asked))
    }

    pub(crate) fn sbi_ue_id(&self) -> Option<Value> {
        let (Operation::GenerateAuthData(id)
        | Operation::SubscriberData(id)
        | Operation::Subscriptions(id)) = self.sbi_subject()?
        else {
            return None;
        };
        Some(Value::word(match id {
            UeId::Imsi(_) => "imsi",
            UeId::Msisdn(_) => "msisdn",
            UeId::Impi(_) => "impi",
            UeId::Impu(_) => "impu",
            UeId::Unknown(_) => "other",
        }))
    }

    /// What is wrong with path and body.
    pub(crate) fn sbi_form(&self) -> Option<Value> {
        let subject = self.sbi_subject()?;
        let content = self.sbi_content()?;
        let mut found = self.sbi_target().map_or_else(Vec::new, |(_, found)| found);
        let is_request = self.message.is_request();
        macro_rules! of {
            ($body:ident) => {
                $body::parse(&content).map(|(_, found)| found)
            };
        }
        let of_body = match subject {
            _ if !is_request && !self.is_success() => of!(ProblemDetails),
            Operation::BootstrappingInfo if is_request => of!(BootstrappingInfoRequest),
            Operation::BootstrappingInfo => of!(BootstrappingInfoResponse),
            Operation::PushInfo if is_request => of!(PushInfoRequest),
            Operation::PushInfo => of!(PushInfoResponse),
            Operation::GenerateAuthData(_) if is_request => of!(AuthDataRequest),
            Operation::GenerateAuthData(_) => of!(AuthDataResponse),
            Operation::SubscriberData(_) if !is_request => of!(SubscriberData),
            Operation::SubscriberData(_) | Operation::Subscriptions(_) => Ok(Vec::new()),
        };
        match of_body {
            Ok(more) => found.extend(more),
            Err(why) => return Some(Value::List(vec![why.to_string()])),
        }
        Some(deviations(&found))
    }

    pub(crate) fn sbi_scheme(&self) -> Option<Value> {
        let scheme = self.auth_data_request()?.authentication_scheme?;
        Some(Value::escaped(scheme.as_str().as_bytes()))
    }

    fn problem(&self) -> Option<ProblemDetails> {
        let is_one = self.is_sbi() && !self.message.is_request() && !self.is_success();
        let content = is_one.then(|| self.sbi_content())??;
        Some(ProblemDetails::parse(&content).ok()?.0)
    }

    pub(crate) fn problem_there(&self) -> Option<Value> {
        self.problem().map(|_| Value::word("there"))
    }

    pub(crate) fn problem_status(&self) -> Option<Value> {
        Some(Value::Number(self.problem()?.status?.into()))
    }

    pub(crate) fn problem_cause(&self) -> Option<Value> {
        Some(Value::escaped(self.problem()?.cause?.as_bytes()))
    }
}

/// The last part of the path of an operation.
fn name_of(operation: &Operation) -> &'static str {
    match operation {
        Operation::BootstrappingInfo => "bootstrapping-info-retrieval",
        Operation::PushInfo => "push-info-retrieval",
        Operation::GenerateAuthData(_) => "generate-auth-data",
        Operation::SubscriberData(_) => "subscriber-data",
        Operation::Subscriptions(_) => "subscriptions",
    }
}
