//! A client of one's own hand: it answers challenges rightly and then changes what a test wants
//! changed. It shares the digest of `gbaspec-crypto` with the roles and nothing else.

use data_encoding::BASE64;
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::pki::{CertificationRequest, DistinguishedName, KeyPair, REQUEST_LABEL, pem};
use gbaspec_crypto::token::{Auts, Rand, Sqn};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;

use super::world::challenge_value;
use crate::embedded::{BSF_FQDN, SUBSCRIBERS, TestSubscriber};

const CNONCE: &str = "6629fae49393a05397450978507c4ef1";

/// The parts of a request with credentials, all of them free to change.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) username: String,
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) uri: String,
    pub(super) qop: Option<Qop>,
    pub(super) nc: &'static str,
    pub(super) cnonce: &'static str,
    pub(super) algorithm: &'static str,
    pub(super) password: Vec<u8>,
    pub(super) auts: Option<String>,
    pub(super) body: Vec<u8>,
    pub(super) content_type: Option<&'static str>,
}

impl Answer {
    /// The right answer of a subscriber to the challenge of a BSF; a challenge that cannot be
    /// read is answered as if it had a nonce of zeros.
    pub(super) fn to_bsf(user: &TestSubscriber, challenge: &Message) -> Self {
        let nonce = challenge_value(challenge, "nonce").unwrap_or_default();
        let rand = rand_of(&nonce);
        Answer {
            method: "GET",
            target: "/".to_owned(),
            username: user.impi.to_owned(),
            realm: BSF_FQDN.to_owned(),
            nonce,
            uri: "/".to_owned(),
            qop: Some(Qop::AuthInt),
            nc: "00000001",
            cnonce: CNONCE,
            algorithm: "AKAv1-MD5",
            password: user.functions().f2(rand).expose().to_vec(),
            auts: None,
            body: Vec::new(),
            content_type: None,
        }
    }

    /// The right report of a synchronisation failure with this `SQN_MS`.
    pub(super) fn auts_to_bsf(user: &TestSubscriber, challenge: &Message, sqn_ms: u64) -> Self {
        let answer = Self::to_bsf(user, challenge);
        let auts = auts(user, &answer.nonce, sqn_ms);
        Answer {
            password: Vec::new(),
            auts: Some(BASE64.encode(auts.as_bytes())),
            ..answer
        }
    }

    /// The right POST of a certification request, or GET of a page, with this key.
    pub(super) fn to_naf(username: &str, password: &str, post: bool, challenge: &Message) -> Self {
        let target = if post { "/enrol?response=single" } else { "/" };
        Answer {
            method: if post { "POST" } else { "GET" },
            target: target.to_owned(),
            username: username.to_owned(),
            realm: challenge_value(challenge, "realm").unwrap_or_default(),
            nonce: challenge_value(challenge, "nonce").unwrap_or_default(),
            uri: target.to_owned(),
            qop: Some(Qop::AuthInt),
            nc: "00000001",
            cnonce: CNONCE,
            algorithm: "MD5",
            password: password.as_bytes().to_vec(),
            auts: None,
            body: if post {
                certification_request()
            } else {
                Vec::new()
            },
            content_type: post.then_some("application/x-pkcs10"),
        }
    }

    /// The request with its digest.
    pub(super) fn sign(&self) -> Message {
        self.sign_as(&self.digest())
    }

    /// The request with this text as its response.
    pub(super) fn sign_as(&self, response: &str) -> Message {
        let mut list = DirectiveList::parse_credentials(b"Digest");
        let mut quoted = |name: &str, value: &str| {
            list.push_raw(name, format!("\"{value}\"").as_bytes());
        };
        quoted("username", &self.username);
        quoted("realm", &self.realm);
        quoted("nonce", &self.nonce);
        quoted("uri", &self.uri);
        quoted("response", response);
        if let Some(auts) = &self.auts {
            quoted("auts", auts);
        }
        if let Some(qop) = self.qop {
            quoted("cnonce", self.cnonce);
            list.push_raw("qop", qop.as_str().as_bytes());
            list.push_raw("nc", self.nc.as_bytes());
        }
        list.push_raw("algorithm", self.algorithm.as_bytes());
        let mut message = self.plain();
        message.push("Authorization", list.to_bytes());
        message
    }

    /// The request without credentials.
    pub(super) fn plain(&self) -> Message {
        let mut message = Message::request(&format!("{} {} HTTP/1.1", self.method, self.target));
        message.push("Host", "test");
        if let Some(content_type) = self.content_type {
            message.push("Content-Type", content_type);
        }
        message.body.clone_from(&self.body);
        message.with_length()
    }

    pub(super) fn digest(&self) -> String {
        self.input().response()
    }

    /// The digest with the session key of a `-sess` algorithm.
    pub(super) fn session_digest(&self) -> String {
        self.input().session_response()
    }

    /// The digest whose A2 ends after the uri, whatever the quality of protection.
    pub(super) fn digest_without_body_hash(&self) -> String {
        self.input()
            .finish(format!("{}:{}", self.method, self.uri).as_bytes())
    }

    fn input(&self) -> DigestInput<'_> {
        DigestInput {
            hash: if self.algorithm.starts_with("SHA-256") {
                Hash::Sha256
            } else {
                Hash::Md5
            },
            username: self.username.as_bytes(),
            realm: self.realm.as_bytes(),
            password: Password::Octets(&self.password),
            nonce: self.nonce.as_bytes(),
            uri: self.uri.as_bytes(),
            nc: self.nc.as_bytes(),
            cnonce: self.cnonce.as_bytes(),
            qop: self.qop,
            method: self.method.as_bytes(),
            body: &self.body,
        }
    }
}

/// A certification request with a right signature, in PEM.
pub(super) fn certification_request() -> Vec<u8> {
    let key = KeyPair::from_seed(&[1; 32]);
    let subject = DistinguishedName::new(None, "user2_private@home1.net");
    let request = CertificationRequest::new(&subject, &key.public(), &key, 0);
    pem(REQUEST_LABEL, request.as_der()).into_bytes()
}

/// The first request of a Ub run.
pub(super) fn initial(impi: &str) -> Message {
    let mut message = Message::request("GET / HTTP/1.1");
    message.push("Host", BSF_FQDN);
    message.push(
        "Authorization",
        format!(
            "Digest username=\"{impi}\", realm=\"{BSF_FQDN}\", nonce=\"\", uri=\"/\", response=\"\""
        ),
    );
    message
}

/// The SQN inside a challenge for this subscriber.
pub(super) fn sqn_of(user: &TestSubscriber, challenge: &Message) -> Sqn {
    let nonce = challenge_value(challenge, "nonce").expect("a challenge has a nonce");
    let nonce = BASE64.decode(nonce.as_bytes()).expect("a nonce is base64");
    let rand = Rand::try_from(&nonce[..16]).expect("16 octets");
    let autn = nonce[16..].try_into().expect("16 octets");
    user.functions().open_autn(rand, &autn).sqn
}

/// AUTS of a subscriber for the RAND of a nonce.
pub(super) fn auts(user: &TestSubscriber, nonce: &str, sqn_ms: u64) -> Auts {
    let sqn_ms = Sqn::new(sqn_ms).expect("48 bits");
    user.functions().auts(rand_of(nonce), sqn_ms)
}

/// User 1 to 4 by place.
pub(super) fn user(place: usize) -> &'static TestSubscriber {
    &SUBSCRIBERS[place]
}

fn rand_of(nonce: &str) -> Rand {
    let mut octets = BASE64.decode(nonce.as_bytes()).unwrap_or_default();
    octets.resize(16, 0);
    Rand::try_from(octets.as_slice()).expect("16 octets")
}
