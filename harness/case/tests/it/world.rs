//! What several modules need: a scene with a published subscriber, and plays written by hand.

use data_encoding::BASE64;
use gbaspec_case::element::Element;
use gbaspec_case::fact::FactPath;
use gbaspec_case::load::{Source, load_profile};
use gbaspec_case::scene::Scene;
use gbaspec_case::transcript::{Entry, EntryKind, TlsMkExtr, Transcript};
use gbaspec_case::view::View;
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::token::{Amf, Rand, Sqn};

/// The subscriber of Milenage test set 1 (TS 35.207), as a profile has it.
const SUBSCRIBER: &str = "\
subscribers:
  - impi: user1_private@home1.net
    k: \"465b5ce8b199b49faa5f0a2ee238a6bc\"
    opc: \"cd63cb71954a9f4e48a5994e37a02baf\"
    amf: \"b9b9\"
    sqn: \"ff9bb4d0b607\"
";

/// Its private identity.
pub(crate) const IMPI: &str = "user1_private@home1.net";

/// A scene for a client under test, with more lines of a profile.
pub(crate) fn scene(more: &str) -> Scene {
    scene_with(&format!("{more}{SUBSCRIBER}"))
}

/// A scene for a client under test, from the lines of its profile.
pub(crate) fn scene_with(lines: &str) -> Scene {
    let text = format!("role: ue\n{lines}");
    let source = Source {
        name: "profile.yaml".to_owned(),
        text,
    };
    load_profile(&source, &|_| None)
        .expect("the profile is sound")
        .scene
}

/// A play in which these messages went to and fro, all on one connection and all of step 0.
#[derive(Default)]
pub(crate) struct Play {
    pub(crate) transcript: Transcript,
}

/// The exporter value of `gba_digest`.
pub(crate) fn exporter() -> TlsMkExtr {
    TlsMkExtr::new(std::array::from_fn(|i| u8::try_from(i).expect("48 octets")))
}

/// Which side a message came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum From {
    /// The harness.
    Harness,
    /// The target.
    Target,
}

impl Play {
    /// Adds a message to or from the BSF.
    pub(crate) fn add(&mut self, side: From, text: &str) -> usize {
        let is_request = !text.starts_with("HTTP");
        let (from, to) = if is_request {
            (Element::Ue, Element::Bsf)
        } else {
            (Element::Bsf, Element::Ue)
        };
        self.add_between(side, from, to, text)
    }

    /// Adds a message between two elements; line ends become CR LF.
    pub(crate) fn add_between(
        &mut self,
        side: From,
        from: Element,
        to: Element,
        text: &str,
    ) -> usize {
        self.add_bytes(side, (from, to), text.replace('\n', "\r\n").into_bytes())
    }

    /// Adds the octets of a message from the BSF.
    pub(crate) fn add_octets(&mut self, side: From, octets: &[u8]) -> usize {
        self.add_bytes(side, (Element::Bsf, Element::Ue), octets.to_vec())
    }

    fn add_bytes(&mut self, side: From, (from, to): (Element, Element), bytes: Vec<u8>) -> usize {
        let kind = match side {
            From::Harness => EntryKind::Sent { from, to, bytes },
            From::Target => EntryKind::Received { from, to, bytes },
        };
        self.transcript.entries.push(Entry {
            step: Some(0),
            at_micros: 0,
            connection: 1,
            kind,
        });
        self.transcript.entries.len() - 1
    }

    /// Adds a TLS handshake on this connection, with the exporter value of `gba_digest`.
    pub(crate) fn secure(&mut self, connection: u32, server_name: Option<&str>) {
        self.secure_with(connection, server_name, 0x1301, None);
    }

    /// The same with this suite, and with a shared key if there is an identity.
    pub(crate) fn secure_with(
        &mut self,
        connection: u32,
        server_name: Option<&str>,
        suite_number: u16,
        psk_identity: Option<Vec<u8>>,
    ) {
        self.transcript.entries.push(Entry {
            step: None,
            at_micros: 0,
            connection,
            kind: EntryKind::Secured {
                exporter: exporter(),
                server_name: server_name.map(str::to_owned),
                version: "TLSv1.3".to_owned(),
                suite: "TLS_AES_128_GCM_SHA256".to_owned(),
                suite_number,
                psk_identity,
                psk_hint: None,
            },
        });
    }

    /// A fact of a message, as reports show it.
    pub(crate) fn fact(&self, scene: &Scene, index: usize, name: &str) -> Option<String> {
        let view = View::new(scene, &self.transcript, index)?;
        let path = FactPath::from_name(name).expect("the fact is known");
        path.read(&view).map(|value| value.to_string())
    }
}

/// A challenge with this SQN and a RAND that is made of `octet`.
pub(crate) fn challenge(scene: &Scene, octet: u8, sqn: Sqn) -> String {
    let rand = Rand::from([octet; 16]);
    let autn = scene.subscribers[0]
        .aka()
        .expect("a USIM")
        .autn(rand, sqn, Amf::from([0x80, 0]));
    let nonce = BASE64.encode(&[rand.as_bytes().as_slice(), autn.as_bytes()].concat());
    format!(
        "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Digest realm=\"bsf.home1.net\", nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\nContent-Length: 0\n\n"
    )
}

/// The nonce of a challenge.
pub(crate) fn nonce_of(challenge: &str) -> &str {
    let (_, rest) = challenge.split_once("nonce=\"").expect("a nonce");
    rest.split('"').next().unwrap_or_default()
}

/// The request that answers this challenge with RES.
pub(crate) fn answer(scene: &Scene, challenge: &str) -> String {
    let res = scene.subscribers[0]
        .aka()
        .expect("a USIM")
        .f2(rand_of(challenge));
    request(challenge, res.expose(), "")
}

/// The request that answers this challenge with an AUTS for `sqn_ms`.
pub(crate) fn resynchronisation(scene: &Scene, challenge: &str, sqn_ms: Sqn) -> String {
    let auts = scene.subscribers[0]
        .aka()
        .expect("a USIM")
        .auts(rand_of(challenge), sqn_ms);
    let auts = format!(", auts=\"{}\"", BASE64.encode(auts.as_bytes()));
    request(challenge, b"", &auts)
}

fn rand_of(challenge: &str) -> Rand {
    let octets = BASE64.decode(nonce_of(challenge).as_bytes());
    let octets = octets.expect("the nonce is base64");
    Rand::try_from(&octets[..16]).expect("a nonce begins with RAND")
}

fn request(challenge: &str, password: &[u8], more: &str) -> String {
    let nonce = nonce_of(challenge);
    let response = DigestInput {
        hash: Hash::Md5,
        username: IMPI.as_bytes(),
        realm: b"bsf.home1.net",
        password: Password::Octets(password),
        nonce: nonce.as_bytes(),
        uri: b"/",
        nc: b"00000001",
        cnonce: b"c",
        qop: Some(Qop::AuthInt),
        method: b"GET",
        body: b"",
    }
    .response();
    format!(
        "GET / HTTP/1.1\nHost: bsf.home1.net\nAuthorization: Digest username=\"{IMPI}\", realm=\"bsf.home1.net\", nonce=\"{nonce}\", uri=\"/\", qop=auth-int, nc=00000001, cnonce=\"c\", response=\"{response}\", algorithm=AKAv1-MD5{more}\n\n"
    )
}
