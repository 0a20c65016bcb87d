//! What a BSF shows of a fault in the web service of Zn.

use data_encoding::BASE64;
use gbaspec_wire::http::Message;

use super::Script;
use crate::bsf::BsfPolicy;
use crate::embedded;
use crate::faults::Fault;

const FIRST: &str = "http://www.3gpp.org/GBAService";
const SECOND: &str = "urn:3gpp:gba:GBAService";
/// The Ua security protocol of HTTP digest behind the name of the reference NAF.
const NAF_ID: &[u8] = b"naf1.home1.net\x01\0\0\0\x02";

fn question(namespace: &str, inside: &str) -> Message {
    let body = format!(
        "<e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body>\
         <requestBootstrappingInfoRequest xmlns=\"{namespace}\">{inside}\
         </requestBootstrappingInfoRequest></e:Body></e:Envelope>"
    );
    let mut message = Message::request("POST /gba HTTP/1.1");
    message.push("Content-Type", "text/xml; charset=utf-8");
    message.push("Content-Length", body.len().to_string());
    message.body = body.into_bytes();
    message
}

/// A run, and questions about it: right ones in each form, and wrong ones.
pub(super) fn shown_by_bsf(fault: Option<&Fault>) -> Vec<Vec<u8>> {
    let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
    let mut bsf = embedded::bsf(policy, 7);
    let mut script = Script {
        server: &mut bsf,
        tamper: fault.map(Fault::tamper).unwrap_or_default(),
        shown: Vec::new(),
    };
    let done = script.run(|_| ());
    let done = String::from_utf8_lossy(&done.body).into_owned();
    let btid = done.split("<btid>").nth(1).unwrap_or_default();
    let btid = btid.split('<').next().unwrap_or_default();
    let naf = BASE64.encode(NAF_ID);
    let ids = format!("<btid>{btid}</btid><nafid>{naf}</nafid>");
    for (namespace, inside) in [
        (FIRST, format!("{ids}<gbaUAware>true</gbaUAware>")),
        (SECOND, format!("{ids}<gbaUAware>false</gbaUAware>")),
        (
            FIRST,
            format!("{ids}<x:later xmlns:x=\"urn:x\"/><gbaUAware>false</gbaUAware>"),
        ),
        (FIRST, ids.clone()),
        (FIRST, ids.replace(btid, "none@bsf.home1.net")),
        (FIRST, ids.replace(&naf, "naf1.home1.net")),
        (
            FIRST,
            ids.replace(&naf, &BASE64.encode(b"evil.example\x01\0\0\0\x02")),
        ),
        (FIRST, String::new()),
    ] {
        script.ask(&question(namespace, &inside));
    }
    script.shown
}
