//! Placeholders: their names, their values, and the text between them.

use data_encoding::HEXLOWER;
use gbaspec_wire::date;
use rand::RngExt as _;

use super::pki::Equals;
use super::{CannotCompose, Composer, Stores, network};
use crate::case::{Case, Send, SubscriberChoice};
use crate::scene::Scene;
use crate::subscriber::{Imsi, Subscriber};
use crate::view::View;
use crate::view::proof;
use crate::view::runs::{completed_runs, tmpi_of};

/// The placeholders of templates and matchers that are about Ub and Ua.
const PLACEHOLDERS: &[(&str, &str)] = &[
    ("ue.impi", "private identity of the subscriber"),
    (
        "ue.bsf",
        "name of the subscriber's BSF: derived from the IMSI if the profile has one, else the profile's",
    ),
    ("ue.domain", "domain of that identity, what follows its @"),
    (
        "ue.tmpi",
        "TMPI of the last run that this play completed; not in matchers",
    ),
    ("bsf.fqdn", "name of the BSF"),
    ("bsf.authority", "name of the BSF with its port"),
    ("naf.fqdn", "name of the NAF"),
    ("naf.authority", "name of the NAF with its port"),
    ("portal.fqdn", "name of the PKI portal"),
    ("portal.authority", "name of the PKI portal with its port"),
    ("as.fqdn", "name of the application server behind the proxy"),
    (
        "as.authority",
        "name of that server with the port of the proxy",
    ),
    (
        "as2.fqdn",
        "name of the second application server behind the proxy",
    ),
    (
        "as2.authority",
        "name of that server with the port of the proxy",
    ),
    ("hss.fqdn", "name of the HSS"),
    ("session.btid", "B-TID of the Ua session"),
    (
        "session.identity",
        "public identity of its subscriber, the default one",
    ),
    (
        "session.second-identity",
        "another public identity of its subscriber",
    ),
    ("challenge.realm", "realm of the challenge that is answered"),
    ("challenge.nonce", "nonce of the challenge that is answered"),
    (
        "challenge.opaque",
        "opaque of the challenge that is answered",
    ),
    (
        "challenge.algorithm",
        "algorithm of the challenge that is answered",
    ),
    (
        "challenge.qop",
        "auth-int, unless the challenge that is answered offers only another",
    ),
    ("request.cnonce", "cnonce of the request that is answered"),
    ("request.nc", "nc of the request that is answered"),
    (
        "info.nextnonce",
        "nonce that the latest Authentication-Info proposes; not in matchers",
    ),
    ("cnonce", "a new client nonce"),
    (
        "nonce",
        "nonce of a new authentication vector, made as the step says",
    ),
    ("server-nonce", "nonce of a plain digest challenge"),
    ("auts", "AUTS, made as the step says"),
    ("response", "digest response, made as the step says"),
    ("rspauth", "digest of the response, made as the step says"),
    ("btid", "B-TID of the run that this message completes"),
    ("lifetime", "xs:dateTime one day ahead"),
    ("date", "HTTP-date of now"),
    ("expires", "HTTP-date one day ahead"),
    ("body.length", "length of the body in octets"),
    ("csr", "certification request, made as the step says"),
    ("csr.base64", "the same as base64 without markers"),
    (
        "certificate",
        "certificate for the certification request that is answered, made as the step says",
    ),
    (
        "certificate.chain",
        "the same with the certificate of its CA after it",
    ),
    (
        "ca.certificate",
        "certificate of the CA of the harness, made as the step says",
    ),
    (
        "ca.issuer",
        "issuer of the certificate that the play received last: base64 of its name, escaped",
    ),
    (
        "ca.issuer.raw",
        "the same with its equals signs as they are (table E.5-1)",
    ),
];

/// The placeholders of every message.
pub fn all_placeholders() -> impl Iterator<Item = &'static (&'static str, &'static str)> + Clone {
    PLACEHOLDERS.iter().chain(network::PLACEHOLDERS)
}

/// Marks the place of an optional placeholder without a value until its directive is removed.
pub(super) const NOTHING: &str = "\u{1}nothing\u{1}";
const DAY: i64 = 86_400;
const TMPI: &str = "{ue.tmpi}";
const NEXTNONCE: &str = "{info.nextnonce}";

impl Composer<'_> {
    /// The text with its placeholders filled; `{response}` and `{rspauth}` stay.
    pub(super) fn fill(
        &self,
        text: &str,
        send: &Send,
        body: &[u8],
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        self.fill_as(|value| value, text, send, body, stores)
    }

    /// The same with each value in the form that `written` gives it.
    pub(super) fn fill_as(
        &self,
        written: fn(String) -> String,
        text: &str,
        send: &Send,
        body: &[u8],
        stores: &mut Stores<'_>,
    ) -> Result<String, CannotCompose> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder {
                    name: "response", ..
                } => filled.push_str("{response}"),
                Piece::Placeholder {
                    name: "rspauth", ..
                } => filled.push_str("{rspauth}"),
                Piece::Placeholder { name, optional } => {
                    match self.value(name, send, body, stores)? {
                        Some(value) => filled.push_str(&written(value)),
                        None if optional => filled.push_str(NOTHING),
                        None => {
                            return Err(CannotCompose {
                                missing: format!("a value for {{{name}}}"),
                            });
                        }
                    }
                }
            }
        }
        Ok(filled)
    }

    fn value(
        &self,
        name: &str,
        send: &Send,
        body: &[u8],
        stores: &mut Stores<'_>,
    ) -> Result<Option<String>, CannotCompose> {
        Ok(match name {
            "cnonce" | "server-nonce" => Some(HEXLOWER.encode(&stores.rng.random::<[u8; 16]>())),
            "nonce" => Some(self.nonce(&send.vector, stores)?),
            "auts" => Some(self.auts(send)?),
            "body.length" => Some(body.len().to_string()),
            "ue.impi" => Some(self.subscriber(send.subscriber).impi.clone()),
            "ue.bsf" => Some(bsf_of(self.scene, self.subscriber(send.subscriber))),
            "ue.domain" => Some(self.subscriber(send.subscriber).domain().to_owned()),
            "ue.tmpi" => self.tmpi(send),
            "challenge.realm" => self.answered_directive("realm", send),
            "challenge.nonce" => self.answered_directive("nonce", send),
            "challenge.opaque" => self.answered_directive("opaque", send),
            "challenge.algorithm" => self.answered_directive("algorithm", send),
            "challenge.qop" => Some(self.answered_qop(send)),
            "request.cnonce" => self.answered_directive("cnonce", send),
            "request.nc" => self.answered_directive("nc", send),
            "info.nextnonce" => self.nextnonce(),
            "btid" => self.btid(send),
            "lifetime" => Some(date::utc_date_time(self.now + DAY)),
            "date" => Some(date::http_date(self.now)),
            "expires" => Some(date::http_date(self.now + DAY)),
            "csr" | "csr.base64" | "certificate" | "certificate.chain" | "ca.certificate" => {
                Some(self.document_text(name, send, stores)?)
            }
            "ca.issuer" => self.issuer(Equals::Escaped),
            "ca.issuer.raw" => self.issuer(Equals::AsPrinted),
            other => {
                let first = self.transcript.subscriber;
                let fixed = fixed_value(self.scene, self.case, first, other);
                match fixed {
                    None => self.network_value(other, send, stores)?,
                    Some(_) => fixed,
                }
            }
        })
    }

    /// The qop to answer with: the one that protects the body, unless only another is offered.
    fn answered_qop(&self, send: &Send) -> String {
        const BEST: &str = "auth-int";
        let offered = self.answered_directive("qop", send).unwrap_or_default();
        let mut offered = offered
            .split(',')
            .map(str::trim)
            .filter(|qop| !qop.is_empty());
        let first = offered.next().unwrap_or(BEST);
        if offered.any(|qop| qop == BEST) {
            BEST.to_owned()
        } else {
            first.to_owned()
        }
    }

    /// The text of an edit, with the names and identities in it filled; other placeholders stay.
    pub(super) fn filled_in_edit(&self, text: &str, send: &Send) -> Result<String, CannotCompose> {
        let subscriber = self.subscriber(send.subscriber);
        let mut text = text
            .replace("{ue.impi}", &subscriber.impi)
            .replace("{ue.domain}", subscriber.domain());
        if text.contains(TMPI) {
            let tmpi = self.tmpi(send).ok_or_else(|| CannotCompose {
                missing: format!("a value for {TMPI}"),
            })?;
            text = text.replace(TMPI, &tmpi);
        }
        if text.contains(NEXTNONCE) {
            let nonce = self.nextnonce().ok_or_else(|| CannotCompose {
                missing: format!("a value for {NEXTNONCE}"),
            })?;
            text = text.replace(NEXTNONCE, &nonce);
        }
        let first = self.transcript.subscriber;
        Ok(fill_fixed(self.scene, self.case, first, &text))
    }

    /// What the target has proposed last for the nonce of the next request (RFC 7616 3.5).
    fn nextnonce(&self) -> Option<String> {
        (0..self.transcript.entries.len()).rev().find_map(|index| {
            let list = View::new(self.scene, self.transcript, index)?.info_list()?;
            let value = String::from_utf8_lossy(list.value("nextnonce")?);
            // It goes between quotes again (RFC 9110 5.6.4).
            Some(value.replace('\\', "\\\\").replace('"', "\\\""))
        })
    }

    /// TMPI of the subscriber that the step is about (TS 33.220 B.4).
    fn tmpi(&self, send: &Send) -> Option<String> {
        let end = self.transcript.entries.len();
        let runs = completed_runs(self.scene, self.transcript, end);
        tmpi_of(&runs, self.subscriber(send.subscriber))
    }

    /// B-TID of the run that the answered request completes (TS 33.220 4.5.2).
    fn btid(&self, send: &Send) -> Option<String> {
        let list = self.answered_list(send)?;
        proof::btid(list.value("nonce")?, &self.scene.names.bsf)
    }
}

/// The text with the placeholders filled that do not depend on the play; others stay.
pub fn fill_fixed(scene: &Scene, case: &Case, subscriber: usize, text: &str) -> String {
    pieces(text)
        .map(|piece| match piece {
            Piece::Text(text) => text.to_owned(),
            Piece::Placeholder { name, optional } => fixed_value(scene, case, subscriber, name)
                .unwrap_or_else(|| {
                    let mark = if optional { "?" } else { "" };
                    format!("{{{name}{mark}}}")
                }),
        })
        .collect()
}

fn fixed_value(scene: &Scene, case: &Case, subscriber: usize, name: &str) -> Option<String> {
    Some(match name {
        "ue.impi" => own(scene, subscriber).impi.clone(),
        "ue.bsf" => bsf_of(scene, own(scene, subscriber)),
        "ue.domain" => own(scene, subscriber).domain().to_owned(),
        "bsf.fqdn" => scene.names.bsf.clone(),
        "naf.fqdn" => scene.names.naf.clone(),
        "portal.fqdn" => scene.names.portal.clone(),
        "bsf.authority" => scene.authorities.bsf.clone(),
        "naf.authority" => scene.authorities.naf.clone(),
        "portal.authority" => scene.authorities.portal.clone(),
        "as.fqdn" => scene.names.application.clone(),
        "hss.fqdn" => scene.names.hss.clone(),
        "as2.fqdn" => scene.names.second_application.clone(),
        "as.authority" => scene.authorities.application.clone(),
        "as2.authority" => scene.authorities.second_application.clone(),
        "session.btid" => scene.session(case.session)?.btid.clone(),
        "session.identity" => public_identity(scene, case, 0)?,
        "session.second-identity" => public_identity(scene, case, 1)?,
        other => return network::fixed_value(scene, other),
    })
}

/// A public identity of the session's subscriber.
fn public_identity(scene: &Scene, case: &Case, place: usize) -> Option<String> {
    let identities = &scene.session(case.session)?.public_identities;
    identities.get(place).cloned()
}

/// The name of the subscriber's BSF.
fn bsf_of(scene: &Scene, subscriber: &Subscriber) -> String {
    let derived = subscriber.imsi.as_ref().map(Imsi::bsf_fqdn);
    derived.unwrap_or_else(|| scene.names.bsf.clone())
}

fn own(scene: &Scene, subscriber: usize) -> &Subscriber {
    scene.subscriber(subscriber, SubscriberChoice::First)
}

/// The names of placeholders in a text that are not known, with advice left to the caller.
pub fn unknown_placeholders(text: &str) -> Vec<String> {
    pieces(text)
        .filter_map(|piece| match piece {
            Piece::Placeholder { name, .. }
                if !all_placeholders().any(|(known, _)| *known == name) =>
            {
                Some(name.to_owned())
            }
            _ => None,
        })
        .collect()
}

/// A template cut into text and placeholders.
enum Piece<'a> {
    Text(&'a str),
    Placeholder { name: &'a str, optional: bool },
}

fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(open) = rest.find('{') else {
            return Some(Piece::Text(std::mem::take(&mut rest)));
        };
        if open > 0 {
            let (before, after) = rest.split_at(open);
            rest = after;
            return Some(Piece::Text(before));
        }
        let inside = &rest[1..];
        let end = inside
            .find('}')
            .filter(|end| is_placeholder_name(&inside[..*end]));
        let Some(end) = end else {
            let (brace, after) = rest.split_at(1);
            rest = after;
            return Some(Piece::Text(brace));
        };
        let name = &inside[..end];
        rest = &inside[end + 1..];
        let optional = name.ends_with('?');
        Some(Piece::Placeholder {
            name: name.trim_end_matches('?'),
            optional,
        })
    })
}

fn is_placeholder_name(name: &str) -> bool {
    let name = name.strip_suffix('?').unwrap_or(name);
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b))
}

/// Removes the directives whose optional value is missing.
pub(super) fn drop_nothing(head: &str) -> String {
    let mut head = head.to_owned();
    while let Some(mark) = head.find(NOTHING) {
        let start = head[..mark].rfind([',', '\n']).unwrap_or(0);
        let after = mark + NOTHING.len();
        let end = head[after..]
            .find([',', '\n'])
            .map_or(head.len(), |end| after + end);
        head.replace_range(start..end, "");
    }
    head
}

#[cfg(test)]
mod tests {
    use super::{NOTHING, drop_nothing, unknown_placeholders};

    #[test]
    fn names_unknown_placeholders_and_leaves_other_braces() {
        assert_eq!(
            unknown_placeholders("a {nonc} { b: c } {cnonce} {X}"),
            ["nonc"]
        );
    }

    #[test]
    fn drops_a_directive_without_a_value() {
        let head = format!("A: Digest realm=\"x\", opaque=\"{NOTHING}\", qop=auth\nB: c");
        assert_eq!(drop_nothing(&head), "A: Digest realm=\"x\", qop=auth\nB: c");
        let last = format!("A: Digest realm=\"x\", opaque=\"{NOTHING}\"\nB: c");
        assert_eq!(drop_nothing(&last), "A: Digest realm=\"x\"\nB: c");
    }
}
