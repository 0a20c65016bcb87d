//! From the raw form of a `send` to a message that can be composed.

use gbaspec_wire::digest_header::Algorithm;

use super::Lower;
use crate::case::{
    AutsSpec, CertificateSpec, CsrSpec, Send, SeqDistance, SqnFrom, SqnMs, SqnSpec, Template,
    VectorSpec,
};
use crate::compose::{Body, Edit};
use crate::load::raw;
use crate::load::resolve::{check_placeholders, unknown};
use crate::load::vocabulary::{
    ALGORITHMS, AUTS_AMFS, CERTIFICATE_KEYS, CERTIFICATE_NAMES, CLOSINGS, CODINGS, CONNECTIONS,
    CSR_DEFECTS, DOCUMENT_FORMS, FORMS, Form, PASSWORDS, RESPONSES, RSPAUTHS, SUBSCRIBERS,
    VECTOR_SQNS,
};
use crate::load::yaml::{self, Located};

/// The longest text in a certification request, in octets: 16 MiB.
const MOST_PADDING: usize = 16 << 20;

impl Lower<'_> {
    pub(super) fn send(&mut self, entry: &Located<raw::Send>) -> Option<Send> {
        let raw = &entry.value;
        let template = self.template(entry)?;
        Some(Send {
            template,
            name: raw.name.as_ref().map(|name| name.value.clone()),
            from: raw.from.as_ref().and_then(|from| self.element(from)),
            connection: self.word(raw.connection.as_ref(), "connection", CONNECTIONS),
            suites: self.suites(raw.suite.as_ref()),
            subscriber: self.word(raw.subscriber.as_ref(), "subscriber", SUBSCRIBERS),
            answers: raw.answers.as_ref().map(|name| name.value.clone()),
            algorithm: raw.algorithm.as_ref().map(|name| self.algorithm(name)),
            password: self.word(raw.password.as_ref(), "password", PASSWORDS),
            auts: self.auts(raw.auts.as_ref()),
            vector: self.vector(raw.vector.as_ref()),
            response: self.word(raw.response.as_ref(), "response", RESPONSES),
            rspauth: self.word(raw.rspauth.as_ref(), "rspauth", RSPAUTHS),
            csr: self.csr(raw.csr.as_ref()),
            certificate: self.certificate_spec(raw.certificate.as_ref()),
            body: raw.body.clone().map(Body),
            change: raw
                .change
                .iter()
                .filter_map(|edit| self.edit(edit))
                .collect(),
            spoil: raw
                .spoil
                .iter()
                .filter_map(|edit| self.edit(edit))
                .collect(),
            coding: self.word(raw.coding.as_ref(), "coding", CODINGS),
            closing: self.word(raw.then.as_ref(), "ending", CLOSINGS),
        })
    }

    /// An algorithm that the harness can answer with.
    fn algorithm(&mut self, name: &Located<String>) -> String {
        let found = Algorithm::from_bytes(name.value.as_bytes());
        if matches!(found, Algorithm::Unknown(_)) {
            self.problems
                .push(unknown(self.source, name, "algorithm", ALGORITHMS));
        }
        name.value.clone()
    }

    pub(super) fn template(&mut self, entry: &Located<raw::Send>) -> Option<Template> {
        let raw = &entry.value;
        match (&raw.message, &raw.table, &raw.wire) {
            (Some(name), None, None) => {
                let template = self.library.messages.get(&name.value).cloned();
                if template.is_none() {
                    let known: Vec<&str> =
                        self.library.messages.keys().map(String::as_str).collect();
                    self.problems
                        .push(unknown(self.source, name, "message", known));
                }
                template
            }
            (None, Some(number), None) => self.table_form(number, raw.form.as_ref()),
            (None, None, Some(wire)) => {
                check_placeholders(self.source, wire, &mut self.problems);
                let text = wire.value.clone();
                let name = "a message of this case".to_owned();
                Some(Template {
                    name,
                    release_6: text.clone(),
                    release_17: text,
                })
            }
            _ => {
                let advice = "name a `message`, a `table`, or write the message out under `wire`";
                let place = yaml::place(self.source, entry);
                self.problem(
                    place,
                    "send needs exactly one text".to_owned(),
                    advice.to_owned(),
                );
                None
            }
        }
    }

    pub(super) fn table_form(
        &mut self,
        number: &Located<String>,
        form: Option<&Located<String>>,
    ) -> Option<Template> {
        let Some(table) = self.library.tables.get(&number.value) else {
            let known: Vec<&str> = self.library.tables.keys().map(String::as_str).collect();
            self.problems
                .push(unknown(self.source, number, "table", known));
            return None;
        };
        Some(match self.word(form, "form", FORMS) {
            Form::Corrected => table.corrected.clone(),
            Form::AsPrinted => table.as_printed.clone(),
        })
    }

    fn csr(&mut self, raw: Option<&raw::Csr>) -> CsrSpec {
        let Some(raw) = raw else {
            return CsrSpec::default();
        };
        let padding = raw.padding.as_ref().map_or(0, |padding| padding.value);
        if let Some(located) = raw.padding.as_ref().filter(|_| padding > MOST_PADDING) {
            let place = yaml::place(self.source, located);
            let advice = format!("at most {MOST_PADDING} octets");
            self.problem(place, "the request is too long".to_owned(), advice);
        }
        CsrSpec {
            form: self.word(raw.form.as_ref(), "form", DOCUMENT_FORMS),
            defect: self.word(raw.defect.as_ref(), "defect", CSR_DEFECTS),
            padding: padding.min(MOST_PADDING),
        }
    }

    fn certificate_spec(&mut self, raw: Option<&raw::Certificate>) -> CertificateSpec {
        let Some(raw) = raw else {
            return CertificateSpec::default();
        };
        CertificateSpec {
            form: self.word(raw.form.as_ref(), "form", DOCUMENT_FORMS),
            key: self.word(raw.key.as_ref(), "key", CERTIFICATE_KEYS),
            name: self.word(raw.name.as_ref(), "name", CERTIFICATE_NAMES),
        }
    }

    pub(super) fn auts(&mut self, raw: Option<&raw::Auts>) -> AutsSpec {
        let Some(raw) = raw else {
            return AutsSpec::default();
        };
        let sqn_ms = match (&raw.sqn_ms_ahead, &raw.sqn_ms_behind) {
            (Some(_), Some(behind)) => {
                let what = "SQN_MS cannot be both ahead and behind".to_owned();
                let place = yaml::place(self.source, behind);
                self.problem(place, what, "write one of the two".to_owned());
                SqnMs::default()
            }
            (Some(steps), None) => SqnMs::Ahead(steps.value),
            (None, Some(steps)) => SqnMs::Behind(steps.value),
            (None, None) => SqnMs::default(),
        };
        AutsSpec {
            sqn_ms,
            amf: self.word(raw.amf.as_ref(), "AMF", AUTS_AMFS),
            flip_bit: self.bit(raw.flip_bit.as_ref(), 112),
            octets: raw.octets,
            key: self.word(raw.key.as_ref(), "subscriber", SUBSCRIBERS),
            junk: raw.junk.clone().unwrap_or_default(),
        }
    }

    pub(super) fn vector(&mut self, raw: Option<&raw::Vector>) -> VectorSpec {
        let Some(raw) = raw else {
            return VectorSpec::default();
        };
        let amf = raw.amf.as_ref().and_then(|amf| self.amf(amf));
        VectorSpec {
            sqn: self.vector_sqn(raw.sqn.as_ref()),
            rand_of: raw.rand.as_ref().map(|rand| rand.same_as.value.clone()),
            flip_mac_bit: self.bit(raw.flip_mac_bit.as_ref(), 64),
            flip_bit: self.bit(raw.flip_bit.as_ref(), 128),
            key: self.word(raw.key.as_ref(), "subscriber", SUBSCRIBERS),
            amf,
            server_data: raw
                .server_data
                .as_ref()
                .and_then(|data| self.hex(data))
                .unwrap_or_default(),
            cut_to: raw.cut_to,
        }
    }

    fn vector_sqn(&mut self, raw: Option<&Located<raw::VectorSqn>>) -> SqnSpec {
        let counted = match raw.map(|located| (located, &located.value)) {
            None => return SqnSpec::default(),
            Some((at, raw::VectorSqn::Word(word))) => {
                let word = Located {
                    value: word.clone(),
                    referenced: at.referenced,
                    defined: at.defined,
                };
                return SqnSpec::Chosen(self.word(Some(&word), "SQN", VECTOR_SQNS));
            }
            Some((_, raw::VectorSqn::CountedFrom(counted))) => counted,
        };
        if let (Some(_), Some(behind)) = (&counted.seq_ahead, &counted.seq_behind) {
            let what = "SEQ cannot be both ahead and behind".to_owned();
            let place = yaml::place(self.source, behind);
            self.problem(place, what, "write one of the two".to_owned());
        }
        let ahead = counted.seq_ahead.as_ref().map_or(0, |steps| steps.value);
        let seq = match &counted.seq_behind {
            Some(steps) => SeqDistance::Behind(steps.value),
            None => SeqDistance::Ahead(ahead),
        };
        SqnSpec::CountedFrom(SqnFrom {
            message: counted.from.value.clone(),
            seq,
            ind_ahead: counted.ind_ahead.unwrap_or(0),
        })
    }

    pub(super) fn amf(&mut self, text: &Located<String>) -> Option<[u8; 2]> {
        let octets = self.hex(text)?;
        let amf = octets.try_into().ok();
        if amf.is_none() {
            let place = yaml::place(self.source, text);
            let advice = "write four hex digits in double quotes".to_owned();
            self.problem(place, "AMF has 2 octets".to_owned(), advice);
        }
        amf
    }

    pub(super) fn bit(&mut self, bit: Option<&Located<u8>>, bits: u8) -> Option<u8> {
        let bit = bit?;
        if bit.value >= bits {
            let place = yaml::place(self.source, bit);
            let advice = format!("bits are counted from 0 to {}", bits - 1);
            self.problem(place, format!("there is no bit {}", bit.value), advice);
        }
        Some(bit.value)
    }

    pub(super) fn hex(&mut self, text: &Located<String>) -> Option<Vec<u8>> {
        let octets = data_encoding::HEXLOWER_PERMISSIVE.decode(text.value.as_bytes());
        if let Err(why) = &octets {
            let place = yaml::place(self.source, text);
            let advice =
                "write two hex digits an octet, in double quotes, without blanks".to_owned();
            self.problem(place, format!("`{}` is no hex: {why}", text.value), advice);
        }
        octets.ok()
    }

    pub(super) fn edit(&mut self, entry: &Located<raw::Edit>) -> Option<Edit> {
        let raw = &entry.value;
        let text = raw.to.clone().unwrap_or_default();
        let times = self.times(raw.times.as_ref(), &text);
        let to = || text.repeat(times);
        let mut edits = Vec::new();
        let mut add = |edit: Option<Edit>| edits.extend(edit);
        add(raw
            .set
            .clone()
            .map(|name| Edit::SetDirective { name, to: to() }));
        add(raw
            .add
            .clone()
            .map(|name| Edit::AddDirective { name, to: to() }));
        add(raw.drop.clone().map(|name| Edit::DropDirective { name }));
        add(raw.flip.clone().map(|name| Edit::FlipDirective { name }));
        add(raw
            .header
            .clone()
            .map(|name| Edit::SetHeader { name, to: to() }));
        add(raw
            .drop_header
            .clone()
            .map(|name| Edit::DropHeader { name }));
        add(raw.start_line.clone().map(|to| Edit::StartLine { to }));
        add(raw
            .replace
            .clone()
            .map(|text| Edit::Replace { text, by: to() }));
        let place = yaml::place(self.source, entry);
        let takes_to =
            raw.set.is_some() || raw.add.is_some() || raw.header.is_some() || raw.replace.is_some();
        if edits.len() != 1 {
            let advice = "write one of set, add, header, replace with `to`, or drop, flip, \
                          drop-header, start-line without";
            let what = "an edit changes exactly one thing".to_owned();
            self.problem(place, what, advice.to_owned());
        } else if takes_to && raw.to.is_none() {
            let advice = "add `to:` with what shall stand there".to_owned();
            self.problem(place, "this edit needs `to`".to_owned(), advice);
        } else if !takes_to && raw.to.is_some() {
            let what = "`to` has no meaning in this edit".to_owned();
            self.problem(place, what, "remove it".to_owned());
        }
        edits.pop()
    }

    /// How often the text of an edit stands there. More than a few megabytes try the harness, not
    /// the target.
    fn times(&mut self, times: Option<&Located<u32>>, text: &str) -> usize {
        const MOST_OCTETS: usize = 4 << 20;
        let Some(times) = times else {
            return 1;
        };
        let wanted = usize::try_from(times.value).unwrap_or(usize::MAX);
        if wanted.saturating_mul(text.len()) > MOST_OCTETS {
            let place = yaml::place(self.source, times);
            let advice = format!("stay below {MOST_OCTETS} octets");
            self.problem(place, "so much is not sent".to_owned(), advice);
            return 1;
        }
        wanted
    }
}
