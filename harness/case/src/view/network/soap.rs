//! Messages of the web service of Zn (TS 29.109).

use gbaspec_wire::soap::{Fault, InfoRequest, InfoResponse};

use super::View;
use crate::element::Element;
use crate::fact::Value;
use crate::protocol::Protocol;
use crate::view::deviations;

impl View<'_> {
    /// Whether the message is one that NAF and BSF exchange over HTTP/1.1.
    fn is_soap(&self) -> bool {
        let is_between = matches!(
            self.ends(),
            Some((Element::Naf, Element::Bsf) | (Element::Bsf, Element::Naf))
        );
        let bytes = self.transcript.message_bytes(self.index);
        is_between && bytes.is_some_and(|bytes| Protocol::of(bytes) == Protocol::Http)
    }

    fn soap_content(&self) -> Option<Vec<u8>> {
        let content = self.is_soap().then(|| self.message.content().ok())??;
        Some(content.into_owned())
    }

    /// The question of a NAF.
    pub(super) fn soap_request(&self) -> Option<InfoRequest> {
        let content = self.message.is_request().then(|| self.soap_content())??;
        Some(InfoRequest::parse(&content).ok()?.0)
    }

    /// The answer of a BSF, whatever its status: a key is one even beside an error.
    pub(super) fn soap_response(&self) -> Option<InfoResponse> {
        let content = (!self.message.is_request()).then(|| self.soap_content())??;
        Some(InfoResponse::parse(&content).ok()?.0)
    }

    /// What is wrong with the envelope and what it holds.
    pub(crate) fn soap_form(&self) -> Option<Value> {
        let content = self.soap_content()?;
        let found = if self.message.is_request() {
            InfoRequest::parse(&content).map(|(_, found)| found)
        } else if self.message.status() == Ok(500) {
            Fault::parse(&content).map(|(_, found)| found)
        } else {
            InfoResponse::parse(&content).map(|(_, found)| found)
        };
        Some(match found {
            Ok(found) => deviations(&found),
            Err(why) => Value::List(vec![why.to_string()]),
        })
    }

    pub(crate) fn soap_fault(&self) -> Option<Value> {
        let content = (!self.message.is_request()).then(|| self.soap_content())??;
        let (fault, _) = Fault::parse(&content).ok()?;
        Some(Value::escaped(fault.code.as_bytes()))
    }
}
