//! Reads a target profile.

mod keys;
mod network;
mod subscriber;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use data_encoding::HEXLOWER_PERMISSIVE;
use gbaspec_crypto::gba_digest::{HashForm, PasswdForm};
use gbaspec_crypto::kdf;
use gbaspec_crypto::secret::KsNaf;
use gbaspec_crypto::sqn::SqnScheme;

use self::keys::{Draw, is_hook};
use self::network::SBI_LISTENERS;
use super::problem::Problem;
use super::raw::{self, Secret};
use super::resolve::unknown;
use super::vocabulary::PSK_SEPARATORS;
use super::yaml::{self, Located, Source};
use crate::case::{Need, SessionChoice};
use crate::element::Element;
use crate::handshake::{PskForms, psk_suites};
use crate::profile::{Deadlines, TargetProfile, TlsSettings, Verification};
use crate::scene::{
    Enrolment, GbaDigestForms, Names, Scene, Session, SessionKey, SessionState, SqnDivision,
};
use crate::subscriber::Subscriber;

/// The name in `listen` of the NAF that shares keys in handshakes.
const PSK_LISTENER: &str = "naf-psk";

/// Looks up an environment variable; the caller does the I/O.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Reads a profile; all its problems at once, or a profile that is sound. What the profile leaves to
/// chance is drawn from the seed 0.
pub fn load_profile(
    source: &Source,
    environment: Environment<'_>,
) -> Result<TargetProfile, Vec<Problem>> {
    load_profile_seeded(source, environment, 0)
}

/// The same, with RANDs that the profile leaves open drawn from this seed.
pub fn load_profile_seeded(
    source: &Source,
    environment: Environment<'_>,
    seed: u64,
) -> Result<TargetProfile, Vec<Problem>> {
    let file: raw::ProfileFile = yaml::read(source).map_err(|problem| vec![problem])?;
    let mut reader = Reader {
        source,
        environment,
        draw: is_hook(&file).then(|| Draw::new(seed)),
        problems: Vec::new(),
    };
    let profile = reader.profile(&file);
    match profile {
        Some(profile) if reader.problems.is_empty() => Ok(profile),
        _ => Err(reader.problems),
    }
}

/// Addresses by element.
type Addresses = BTreeMap<Element, String>;

struct Reader<'a> {
    source: &'a Source,
    environment: Environment<'a>,
    draw: Option<Draw>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn profile(&mut self, file: &raw::ProfileFile) -> Option<TargetProfile> {
        let role = self.element(&file.role)?;
        let scene = self.scene(file, role);
        let address = self.address(file, role);
        let tls_address = self.tls_address(file, role);
        let psk_address = self.psk_address(file, role);
        let tls = file.tls.as_ref().map(|tls| self.tls(tls, role));
        // A second address is inside TLS, whether or not there is more to say about it.
        let tls = tls.or_else(|| tls_address.as_ref().map(|_| TlsSettings::default()));
        let reached = tls_address.as_ref().unwrap_or(&address);
        let tls = tls.map(|tls| named(tls, reached, scene.names.of(role)));
        let (listen, tls_listen) = self.listen(file);
        let hooks = self.hooks(file, role);
        let deadlines = self.deadlines(file.deadlines.as_ref());
        Some(TargetProfile {
            name: file.name.clone().unwrap_or_else(|| role.to_string()),
            file: self.source.name.clone(),
            role,
            address,
            tls_address,
            psk_address,
            diameter_address: self.second_address(file.diameter_address.as_ref(), role),
            sbi_address: self.second_address(file.sbi_address.as_ref(), role),
            sbi_listen: self.sbi_listen(file),
            tls,
            listen,
            tls_listen,
            psk_listen: self.psk_listen(file),
            scene,
            hooks,
            deadlines,
        })
    }

    fn element(&mut self, name: &Located<String>) -> Option<Element> {
        let element = Element::from_name(&name.value);
        let element = element.filter(|element| Element::TARGETS.contains(element));
        if element.is_none() {
            let known = Element::TARGETS.map(Element::as_str);
            self.problems
                .push(unknown(self.source, name, "role", known));
        }
        element
    }

    fn address(&mut self, file: &raw::ProfileFile, role: Element) -> String {
        match (&file.address, role) {
            (Some(address), Element::Ue) => {
                let advice = "a client comes to the harness: use `listen` and `hooks.trigger`";
                self.problem(address, "a client has no address".to_owned(), advice);
            }
            (Some(address), _) => self.socket_address(address),
            (None, Element::Ue) => {}
            (None, _) => {
                let what = format!("a {role} needs an address");
                self.problem(&file.role, what, "add `address: \"127.0.0.1:8080\"`");
            }
        }
        file.address
            .as_ref()
            .map(|address| address.value.clone())
            .unwrap_or_default()
    }

    fn tls_address(&mut self, file: &raw::ProfileFile, role: Element) -> Option<String> {
        let address = file.tls_address.as_ref()?;
        if role == Element::Ue {
            let advice = "a client comes to the harness: use `listen`";
            let what = "a client has no address".to_owned();
            self.problem(address, what, advice);
        }
        self.socket_address(address);
        Some(address.value.clone())
    }

    fn socket_address(&mut self, address: &Located<String>) {
        let port = address
            .value
            .rsplit_once(':')
            .map(|(host, port)| (host, u16::from_str(port)));
        if !matches!(port, Some((host, Ok(port))) if !host.is_empty() && port > 0) {
            let what = format!("`{}` is no address", address.value);
            self.problem(
                address,
                what,
                "write host and port, for example \"127.0.0.1:8080\"",
            );
        }
    }

    /// Where the harness listens by element: in the clear, and inside TLS.
    fn listen(&mut self, file: &raw::ProfileFile) -> (Addresses, Addresses) {
        let mut listen = BTreeMap::new();
        let mut tls_listen = BTreeMap::new();
        let is_played = |element| {
            let mut targets = Element::TARGETS.into_iter();
            targets.any(|target| target.behind().contains(&element))
        };
        let speaks_tls = |element| Element::Ue.behind().contains(&element);
        for (name, address) in &file.listen {
            let (plain, ports) = match name.strip_suffix("-tls") {
                Some(plain) => (plain, &mut tls_listen),
                None => (name.as_str(), &mut listen),
            };
            let is_secured = plain != name;
            match Element::from_name(plain) {
                Some(element) if is_played(element) && (!is_secured || speaks_tls(element)) => {
                    self.socket_address(address);
                    ports.insert(element, address.value.clone());
                }
                // Read by `psk_listen` and by `sbi_listen`.
                _ if name == PSK_LISTENER || SBI_LISTENERS.iter().any(|(known, _)| known == name) => {}
                _ => self.problem(
                    address,
                    format!("the harness does not listen as `{name}`"),
                    "known are bsf, bsf-tls, bsf-sbi, naf, naf-tls, naf-psk, portal, portal-tls, as, hss, hss-sbi",
                ),
            }
        }
        (listen, tls_listen)
    }

    /// Where the harness listens as a NAF that shares keys in handshakes.
    fn psk_listen(&mut self, file: &raw::ProfileFile) -> Option<String> {
        let address = file.listen.get(PSK_LISTENER)?;
        self.socket_address(address);
        Some(address.value.clone())
    }

    fn tls(&mut self, tls: &Located<raw::Tls>, role: Element) -> TlsSettings {
        let raw = &tls.value;
        if role == Element::Ue {
            let of_a_client = [&raw.ca, &raw.server_name, &raw.verify];
            for key in of_a_client.into_iter().flatten() {
                let advice =
                    "remove it: towards a client the harness shows a certificate of its own";
                let what = "the harness is no client of a client".to_owned();
                self.problem(key, what, advice);
            }
        }
        if let Some(label) = &raw.exporter_label
            && !is_exporter_label(&label.value)
        {
            let what = "no label of an exporter value".to_owned();
            self.problem(label, what, "write 1 to 200 printable characters of ASCII");
        }
        let verification = match raw.verify.as_ref() {
            Some(word) if word.value == "off" => Verification::Off,
            Some(word) if word.value != "required" => {
                let known = ["required", "off"];
                self.problems
                    .push(unknown(self.source, word, "verification", known));
                Verification::Required
            }
            _ => Verification::Required,
        };
        let text = |text: &Option<Located<String>>| text.as_ref().map(|text| text.value.clone());
        TlsSettings {
            ca: text(&raw.ca),
            server_name: text(&raw.server_name),
            verification,
            exporter_label: text(&raw.exporter_label),
        }
    }

    fn scene(&mut self, file: &raw::ProfileFile, role: Element) -> Scene {
        let names = self.names(file);
        let scheme = self.scheme(file.sqn.as_ref());
        let subscribers: Vec<Subscriber> = file
            .subscribers
            .iter()
            .filter_map(|raw| self.subscriber(raw))
            .collect();
        let needs_subscriber =
            role == Element::Bsf || role == Element::Ue && Self::bootstraps(file);
        if needs_subscriber && file.subscribers.is_empty() {
            let advice = "add `subscribers:` with impi, k and opc of a test subscriber";
            self.problem(
                &file.role,
                format!("a {role} needs at least one test subscriber"),
                advice,
            );
        }
        let release = file.release.as_ref().map_or(17, |release| release.value);
        if let Some(given) = &file.release
            && ![6, 17].contains(&release)
        {
            self.problem(
                given,
                format!("release {release} has no message forms"),
                "known are 6 and 17",
            );
        }
        let is_stated = file.sqn.as_ref().is_some_and(|sqn| sqn.ind_bits.is_some());
        let sqn_division = if is_stated {
            SqnDivision::Stated
        } else {
            SqnDivision::Assumed
        };
        let authorities = authorities(&names, file, role);
        let mut scene = Scene {
            release,
            authorities,
            names,
            stranger: subscriber::stranger(),
            subscribers,
            scheme,
            sqn_division,
            sessions: Vec::new(),
            gba_digest: self.gba_digest(file.gba_digest.as_ref()),
            psk: self.psk(file.psk.as_ref()),
            capabilities: BTreeSet::new(),
        };
        scene.sessions = file
            .sessions
            .iter()
            .filter_map(|raw| self.session(raw, &scene))
            .collect();
        if matches!(role, Element::Naf | Element::Portal | Element::Proxy)
            && file.sessions.is_empty()
        {
            let advice = "add `sessions:` with subscriber and rand, or btid and ks-naf";
            self.problem(
                &file.role,
                format!("a {role} needs at least one session"),
                advice,
            );
        }
        scene.capabilities = self.capabilities(file, &scene);
        scene.capabilities.extend(network::capabilities(file, role));
        if role == Element::Ue && Self::bootstraps(file) {
            scene.capabilities.insert(Need::Bootstraps);
        }
        scene
    }

    fn psk(&mut self, raw: Option<&raw::Psk>) -> PskForms {
        let mut forms = PskForms::default();
        let Some(raw) = raw else { return forms };
        if let Some(name) = &raw.suite {
            if let Some((suite, _)) = psk_suites().find(|(_, known)| *known == name.value) {
                forms.suite = suite;
            } else {
                let known = psk_suites().map(|(_, name)| name);
                let problem = unknown(self.source, name, "suite with a shared key", known);
                self.problems.push(problem);
            }
        }
        if let Some(word) = &raw.separator {
            let mut known = PSK_SEPARATORS.iter();
            if let Some((_, separator)) = known.find(|(name, _)| *name == word.value) {
                forms.separator = *separator;
            } else {
                let known = PSK_SEPARATORS.iter().map(|(name, _)| *name);
                self.problems
                    .push(unknown(self.source, word, "separator", known));
            }
        }
        forms
    }

    /// The address at which a NAF shares keys in handshakes.
    fn psk_address(&mut self, file: &raw::ProfileFile, role: Element) -> Option<String> {
        let address = file.psk_address.as_ref()?;
        if role != Element::Naf {
            let advice = "only a NAF shares keys in handshakes (TS 24.109 5.3.3); remove it";
            self.problem(address, format!("a {role} has no such address"), advice);
        }
        self.socket_address(address);
        Some(address.value.clone())
    }

    fn gba_digest(&mut self, raw: Option<&raw::GbaDigest>) -> GbaDigestForms {
        let Some(raw) = raw else {
            return GbaDigestForms::default();
        };
        let passwd = [
            ("base64", PasswdForm::Base64),
            ("octets", PasswdForm::Octets),
            ("hex", PasswdForm::LowerHex),
        ];
        let hashes = [("octets", HashForm::Octets), ("hex", HashForm::LowerHex)];
        GbaDigestForms {
            passwd: self.form(raw.passwd.as_ref(), &passwd),
            hashes: self.form(raw.hashes.as_ref(), &hashes),
        }
    }

    /// What a word of a small table stands for; the default if there is none.
    fn form<T: Copy + Default>(
        &mut self,
        word: Option<&Located<String>>,
        known: &[(&str, T)],
    ) -> T {
        let Some(word) = word else {
            return T::default();
        };
        let found = known.iter().find(|(name, _)| *name == word.value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            self.problems
                .push(unknown(self.source, word, "form", names));
        }
        found.map(|(_, form)| *form).unwrap_or_default()
    }

    fn names(&mut self, file: &raw::ProfileFile) -> Names {
        for (name, value) in &file.names {
            if !["bsf", "naf", "portal", "as", "as2", "hss"].contains(&name.as_str()) {
                self.problem(
                    value,
                    format!("unknown name `{name}`"),
                    "known are bsf, naf, portal, as, as2, hss",
                );
            }
        }
        let name = |key: &str, default: &str| {
            file.names
                .get(key)
                .map_or_else(|| default.to_owned(), |name| name.value.clone())
        };
        Names {
            bsf: name("bsf", "bsf.home1.net"),
            naf: name("naf", "naf1.home1.net"),
            portal: name("portal", "pkiportal.home1.net"),
            application: name("as", "as1.home1.net"),
            second_application: name("as2", "as2.home1.net"),
            hss: name("hss", "hss.home1.net"),
        }
    }

    fn scheme(&mut self, raw: Option<&raw::SqnParameters>) -> SqnScheme {
        let mut scheme = SqnScheme::default();
        let Some(raw) = raw else { return scheme };
        if let Some(bits) = &raw.ind_bits {
            if bits.value > 16 {
                self.problem(
                    bits,
                    format!("IND cannot have {} bits", bits.value),
                    "known schemes use 0 to 16",
                );
            } else {
                scheme.ind_bits = bits.value;
            }
        }
        scheme.delta = raw.delta.unwrap_or(scheme.delta);
        scheme.age_limit = raw.age_limit.or(scheme.age_limit);
        scheme
    }

    fn session(&mut self, entry: &Located<raw::Session>, scene: &Scene) -> Option<Session> {
        let raw = &entry.value;
        let enrolment =
            match raw.enrolment.as_ref().map(|word| word.value.as_str()) {
                None => None,
                Some("allowed") => Some(Enrolment::Allowed),
                Some("refused") => Some(Enrolment::Refused),
                Some(_) => {
                    let word = raw.enrolment.as_ref();
                    self.problems.extend(word.map(|word| {
                        unknown(self.source, word, "enrolment", ["allowed", "refused"])
                    }));
                    None
                }
            };
        let state = self.session_state(raw.state.as_ref());
        let (btid, key) = self.session_key(entry, scene)?;
        Some(Session {
            btid,
            key,
            enrolment,
            subject: raw.subject.as_ref().map(|subject| subject.value.clone()),
            state,
            public_identities: raw.public_identities.clone(),
            flags: raw.flags.clone(),
        })
    }

    /// The B-TID of a session and where its key comes from.
    fn session_key(
        &mut self,
        entry: &Located<raw::Session>,
        scene: &Scene,
    ) -> Option<(String, SessionKey)> {
        let raw = &entry.value;
        match (&raw.btid, &raw.ks_naf, &raw.subscriber, &raw.rand) {
            (Some(btid), Some(key), None, None) => {
                let ks_naf = KsNaf::new(self.secret(key, "Ks_NAF")?);
                Some((btid.value.clone(), SessionKey::Given(ks_naf)))
            }
            (None, None, Some(impi), _) => {
                let rand = self.session_rand(entry)?;
                let Some(subscriber) = scene.subscriber_named(impi.value.as_bytes()) else {
                    let known: Vec<&str> = scene
                        .subscribers
                        .iter()
                        .map(|known| known.impi.as_str())
                        .collect();
                    self.problems
                        .push(unknown(self.source, impi, "subscriber", known));
                    return None;
                };
                if subscriber.aka().is_none() {
                    let advice = "name a subscriber with a USIM, or give `btid` and `ks-naf`";
                    let what = "only a USIM makes keys from RAND alone".to_owned();
                    self.problem(impi, what, advice);
                    return None;
                }
                let key = SessionKey::Derived {
                    impi: subscriber.impi.clone(),
                    rand,
                };
                Some((kdf::btid(rand, &scene.names.bsf), key))
            }
            _ => {
                let advice = "give `subscriber` and `rand`, or `btid` and `ks-naf`";
                self.problem(entry, "a session needs its key".to_owned(), advice);
                None
            }
        }
    }

    fn session_state(&mut self, word: Option<&Located<String>>) -> SessionState {
        match word.map(|word| (word, word.value.as_str())) {
            None | Some((_, "live")) => SessionState::Live,
            Some((_, "expired")) => SessionState::Expired,
            Some((word, _)) => {
                let known = ["live", "expired"];
                self.problems
                    .push(unknown(self.source, word, "state", known));
                SessionState::Live
            }
        }
    }

    fn capabilities(&mut self, file: &raw::ProfileFile, scene: &Scene) -> BTreeSet<Need> {
        let mut capabilities = BTreeSet::new();
        for claim in &file.claims {
            if let Some(need) = Need::from_name(&claim.value) {
                capabilities.insert(need);
            } else {
                let known = Need::NAMES.iter().map(|(name, _)| *name);
                self.problems
                    .push(unknown(self.source, claim, "claim", known));
            }
        }
        // These follow from what the profile holds and need no claim.
        let usims = scene
            .subscribers
            .iter()
            .filter(|known| known.usim().is_some());
        if usims.count() > 1 {
            capabilities.insert(Need::SecondSubscriber);
        }
        if scene.scheme.age_limit.is_some() {
            capabilities.insert(Need::AgeLimit);
        }
        let first = scene.session(SessionChoice::Any);
        if let Some(session) = first {
            let identities = [Need::PublicIdentity, Need::SecondPublicIdentity];
            let held = session.public_identities.iter().zip(identities);
            capabilities.extend(held.map(|(_, need)| need));
            if matches!(session.key, SessionKey::Derived { .. }) {
                capabilities.insert(Need::DerivedSession);
                if file.names.contains_key("as2") {
                    capabilities.insert(Need::SecondApplication);
                }
            }
        }
        if scene.session(SessionChoice::Expired).is_some() {
            capabilities.insert(Need::ExpiredSession);
        }
        for session in &scene.sessions {
            if session.state == SessionState::Expired {
                continue;
            }
            match session.enrolment {
                Some(Enrolment::Refused) => {
                    capabilities.insert(Need::RefusedSession);
                }
                Some(Enrolment::Allowed) => {
                    capabilities.insert(Need::AllowedSession);
                }
                None => {}
            }
        }
        capabilities
    }

    fn deadlines(&mut self, raw: Option<&raw::Deadlines>) -> Deadlines {
        let mut deadlines = Deadlines::default();
        let Some(raw) = raw else { return deadlines };
        if let Some(text) = &raw.answer {
            deadlines.answer = self.duration(text).unwrap_or(deadlines.answer);
        }
        if let Some(text) = &raw.client {
            deadlines.client = self.duration(text).unwrap_or(deadlines.client);
        }
        deadlines
    }

    fn duration(&mut self, text: &Located<String>) -> Option<Duration> {
        let milliseconds = text.value.strip_suffix("ms").map(|number| (number, 1));
        let seconds = text.value.strip_suffix('s').map(|number| (number, 1000));
        let parsed = milliseconds.or(seconds).and_then(|(number, unit)| {
            let number: u64 = number.trim().parse().ok()?;
            (1..=600_000)
                .contains(&(number.checked_mul(unit)?))
                .then(|| Duration::from_millis(number * unit))
        });
        if parsed.is_none() {
            let what = format!("`{}` is no duration", text.value);
            self.problem(
                text,
                what,
                "write for example \"500ms\" or \"2s\", at most ten minutes",
            );
        }
        parsed
    }

    /// A secret of `N` octets. Its digits never appear in a message.
    fn secret<const N: usize>(&mut self, secret: &Located<Secret>, name: &str) -> Option<[u8; N]> {
        let text = self.secret_text(secret, name)?;
        let octets = HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).ok();
        let octets = octets.and_then(|octets| <[u8; N]>::try_from(octets).ok());
        if octets.is_none() {
            let what = format!(
                "{name} is not {N} octets of hex; it has {} characters",
                text.trim().chars().count()
            );
            self.problem(
                secret,
                what,
                &format!("write {} hex digits in double quotes", 2 * N),
            );
        }
        octets
    }

    /// The text of a secret, from the file or from the environment.
    fn secret_text(&mut self, secret: &Located<Secret>, name: &str) -> Option<String> {
        match &secret.value {
            Secret::Text(text) => Some(text.clone()),
            Secret::Variable(variable) => {
                let value = (self.environment)(variable);
                if value.is_none() {
                    let what = format!("environment variable `{variable}` for {name} is not set");
                    self.problem(secret, what, "set it before the run");
                }
                value
            }
        }
    }

    fn octets<const N: usize>(&mut self, text: &Located<String>, name: &str) -> Option<[u8; N]> {
        let octets = HEXLOWER_PERMISSIVE.decode(text.value.as_bytes()).ok();
        let octets = octets.and_then(|octets| <[u8; N]>::try_from(octets).ok());
        if octets.is_none() {
            let what = format!("{name} is not {N} octets of hex: `{}`", text.value);
            self.problem(
                text,
                what,
                &format!("write {} hex digits in double quotes", 2 * N),
            );
        }
        octets
    }

    fn problem<T>(&mut self, at: &Located<T>, what: String, advice: &str) {
        let place = yaml::place(self.source, at);
        self.problems.push(Problem {
            place,
            what,
            advice: advice.to_owned(),
        });
    }
}

/// TLS 1.3 puts the label into a field of at most 255 octets, with a prefix (RFC 8446 7.1).
fn is_exporter_label(text: &str) -> bool {
    (1..=200).contains(&text.len()) && text.bytes().all(|octet| (0x20..0x7f).contains(&octet))
}

/// The settings with the name that a certificate must hold: a target reached at a bare IP address has
/// the one that requests to it name (TS 24.109 5.3.2). The host of any other address is a name itself.
fn named(tls: TlsSettings, address: &str, target: &str) -> TlsSettings {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    let is_ip = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let is_open = tls.server_name.is_none() && is_ip && !target.is_empty();
    TlsSettings {
        server_name: if is_open {
            Some(target.to_owned())
        } else {
            tls.server_name
        },
        ..tls
    }
}

/// `Host` of each element: the name, and the port of the target's address unless it is the default.
fn authorities(names: &Names, file: &raw::ProfileFile, role: Element) -> Names {
    let port = file
        .address
        .as_ref()
        .and_then(|address| address.value.rsplit_once(':'));
    let is_secured = file.tls.is_some() && file.tls_address.is_none();
    let default_port = if is_secured { "443" } else { "80" };
    let authority = |element: Element, name: &str| match port {
        Some((_, port)) if element == role && port != default_port => format!("{name}:{port}"),
        _ => name.to_owned(),
    };
    Names {
        bsf: authority(Element::Bsf, &names.bsf),
        naf: authority(Element::Naf, &names.naf),
        portal: authority(Element::Portal, &names.portal),
        // An application server is asked at the address of the proxy before it.
        application: authority(Element::Proxy, &names.application),
        second_application: authority(Element::Proxy, &names.second_application),
        hss: authority(Element::Hss, &names.hss),
    }
}
