//! A UE and a BSF behind real messages, and the messages of the suite that plays the other side.

use data_encoding::BASE64;
use gbaspec_crypto::aka::{AkaFunctions, MacCheck};
use gbaspec_crypto::digest::{DigestInput, Hash, Password, Qop};
use gbaspec_crypto::sqn::UsimSqn;
use gbaspec_crypto::token::{Amf, Autn, Rand};
use gbaspec_roles::embedded::{self, BSF_FQDN, LIFETIME_SECONDS, SUBSCRIBERS};
use gbaspec_roles::faults::{Fault, Tamper, tampered_bytes};
use gbaspec_roles::{
    Action, Bsf, BsfConfig, BsfNetwork, BsfOffer, BsfPolicy, ConnectionId, Identity, Input, Moment,
    Output, Peer, Role, RoleName, Subscriber, Ue, UeKeys, UePolicy,
};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::http::Message;
use proptest::prelude::*;

use super::Verdict;
use super::model::{Array, Challenge, Kit, Office, Profile, sqn};

/// 2004-01-08T10:13:17Z, the moment of the printed tables.
pub(super) const NOW: Moment = Moment::from_unix_seconds(1_073_556_797);
pub(super) const IMPI: &str = "user1_private@home1.net";
const CNONCE: &str = "6629fae49393a05397450978507c4ef1";
const CONNECTION: ConnectionId = ConnectionId(1);

// ---------------------------------------------------------------- the UE

/// A UE behind real messages.
pub(super) struct Client {
    pub(super) ue: Ue,
    kit: Kit,
    tamper: Tamper,
}

/// What a request that answers a challenge says.
pub(super) struct Reply {
    list: DirectiveList,
    nonce: String,
}

/// What a UE says to a challenge.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Said {
    /// The digest of RES and no `auts`.
    Res,
    /// `auts` of these octets, and the digest of the empty password.
    Auts([u8; 14]),
    /// No request at all.
    Nothing,
    /// Anything else.
    Garbled,
}

impl Client {
    pub(super) fn new(
        kit: Kit,
        array: &Array,
        profile: Profile,
        fault: Option<&'static Fault>,
    ) -> Self {
        let identity = Identity::Isim {
            impi: IMPI.to_owned(),
        };
        let keys = UeKeys::Usim {
            functions: kit.functions().clone(),
            usim: array.usim(profile),
        };
        let fault = fault.filter(|fault| fault.role == RoleName::Ue);
        let policy = fault.map_or_else(UePolicy::default, Fault::ue_policy);
        Self {
            ue: embedded::ue_with(identity, keys, policy, 7),
            kit,
            tamper: fault.map_or_else(Tamper::default, Fault::tamper),
        }
    }

    pub(super) fn kit(&self) -> Kit {
        self.kit
    }

    /// The array of the USIM.
    pub(super) fn slots(&self) -> &[u64] {
        self.ue.usim().map_or(&[], UsimSqn::slots)
    }

    /// Starts a run and meets a challenge.
    pub(super) fn meet(&mut self, challenge: &Challenge) -> Result<Said, TestCaseError> {
        self.meet_octets(challenge.octets(self.kit))
    }

    /// Starts a run and meets RAND and AUTN.
    pub(super) fn meet_octets(&mut self, octets: [u8; 32]) -> Result<Said, TestCaseError> {
        self.start(NOW, Action::Bootstrap)?;
        let nonce = BASE64.encode(&octets);
        let text = format!(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"{BSF_FQDN}\", \
             nonce=\"{nonce}\", algorithm=AKAv1-MD5, qop=\"auth-int\"\r\nContent-Length: 0\r\n\r\n"
        );
        let message = Message::from_bytes(text.as_bytes()).expect("the text is a message");
        match self.receive(NOW, &message)? {
            Some(request) => Reply::read(&request)?.said(self.kit),
            None => Ok(Said::Nothing),
        }
    }

    /// Starts an action; the first request.
    pub(super) fn start(
        &mut self,
        now: Moment,
        action: Action,
    ) -> Result<Option<Message>, TestCaseError> {
        let outputs = self.ue.handle(now, Input::Start(action));
        self.request(&outputs)
    }

    /// Hands in an answer; the request that follows it, if any.
    pub(super) fn receive(
        &mut self,
        now: Moment,
        message: &Message,
    ) -> Result<Option<Message>, TestCaseError> {
        let input = Input::Message {
            connection: CONNECTION,
            message,
        };
        let outputs = self.ue.handle(now, input);
        self.request(&outputs)
    }

    /// The answer does not come.
    pub(super) fn give_up(&mut self, now: Moment) -> Verdict {
        let outputs = self.ue.handle(now, Input::TimedOut);
        let is_quiet = outputs
            .iter()
            .all(|output| matches!(output, Output::Finished(_)));
        prop_assert!(is_quiet, "{:?}", outputs);
        Ok(())
    }

    fn request(&self, outputs: &[Output]) -> Result<Option<Message>, TestCaseError> {
        match outputs {
            [
                Output::Send {
                    to: Peer::Bsf | Peer::Naf,
                    message,
                    ..
                },
            ] => {
                let bytes = tampered_bytes(message, &self.tamper);
                let message = Message::from_bytes(&bytes);
                message
                    .map(Some)
                    .map_err(|why| TestCaseError::fail(why.to_string()))
            }
            [Output::Finished(_) | Output::Note(_)] => Ok(None),
            other => Err(TestCaseError::fail(format!("unexpected: {other:?}"))),
        }
    }
}

impl Reply {
    pub(super) fn read(request: &Message) -> Result<Self, TestCaseError> {
        let field = request.field("Authorization");
        let field = field.ok_or_else(|| TestCaseError::fail("no credentials"))?;
        let list = DirectiveList::parse_credentials(&field.value);
        let nonce = text_of(&list, "nonce")?;
        Ok(Self { list, nonce })
    }

    /// The nonce that is answered; empty in the first request of a run.
    pub(super) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// A directive.
    pub(super) fn value(&self, name: &str) -> &[u8] {
        self.list.value(name).unwrap_or_default()
    }

    pub(super) fn said(&self, kit: Kit) -> Result<Said, TestCaseError> {
        let challenged = BASE64.decode(self.nonce.as_bytes());
        let challenged = challenged.map_err(|why| TestCaseError::fail(why.to_string()))?;
        let rand = challenged.first_chunk::<16>();
        let rand = rand.ok_or_else(|| TestCaseError::fail("the nonce has no RAND"))?;
        let response = self.value("response");
        // After its first run a UE may go by a TMPI (TS 33.220 4.5.2).
        let username = text_of(&self.list, "username")?;
        prop_assert!(
            username == IMPI || username.ends_with("@tmpi.bsf.3gppnetwork.org"),
            "{}",
            username
        );
        let is_made_with = |password| self.digest(&username, password).as_bytes() == response;
        let Some(auts) = self.list.value("auts") else {
            let res = kit.functions().f2(Rand::from(*rand));
            return Ok(if is_made_with(res.expose()) {
                Said::Res
            } else {
                Said::Garbled
            });
        };
        let auts = BASE64
            .decode(auts)
            .ok()
            .and_then(|auts| auts.try_into().ok());
        Ok(match auts {
            Some(auts) if is_made_with(&[]) => Said::Auts(auts),
            _ => Said::Garbled,
        })
    }

    /// The digest over this request with a password (RFC 3310 3.3 and 3.4).
    pub(super) fn digest(&self, username: &str, password: &[u8]) -> String {
        let input = DigestInput {
            hash: Hash::Md5,
            username: username.as_bytes(),
            realm: self.value("realm"),
            password: Password::Octets(password),
            nonce: self.nonce.as_bytes(),
            uri: b"/",
            nc: self.value("nc"),
            cnonce: self.value("cnonce"),
            qop: Some(Qop::AuthInt),
            method: b"GET",
            body: b"",
        };
        input.response()
    }
}

/// The highest accepted SEQ that an AUTS reports, with its IND, and its MAC-S; the mask is f5* of
/// this RAND.
pub(super) fn unmasked(auts: [u8; 14], functions: &AkaFunctions, rand: Rand) -> (u64, usize) {
    let mask = functions.f5_star(rand);
    let sqn = auts
        .iter()
        .zip(mask.expose())
        .fold(0_u64, |sqn, (octet, mask)| {
            sqn << 8 | u64::from(octet ^ mask)
        });
    (sqn / 32, usize::try_from(sqn % 32).expect("IND fits"))
}

// ---------------------------------------------------------------- the BSF

/// A BSF behind real messages. It knows two subscribers.
pub(super) struct Server {
    pub(super) bsf: Bsf,
    pub(super) now: Moment,
    tamper: Tamper,
}

/// A subscriber of [`Server`].
#[derive(Clone, Copy, Debug)]
pub(super) struct User {
    pub(super) impi: &'static str,
    pub(super) kit: Option<Kit>,
}

/// A challenge as the UE reads it.
#[derive(Clone, Debug)]
pub(super) struct Opened {
    pub(super) nonce: String,
    pub(super) rand: Rand,
    pub(super) seq: u64,
    pub(super) ind: usize,
}

impl User {
    /// The subscriber that the properties are about.
    pub(super) fn first(office: &Office) -> Self {
        Self {
            impi: IMPI,
            kit: Some(office.kit),
        }
    }

    /// Another one.
    pub(super) const OTHER: Self = Self {
        impi: "user2_private@home1.net",
        kit: None,
    };

    pub(super) fn functions(self) -> AkaFunctions {
        self.kit
            .map_or_else(|| SUBSCRIBERS[1].functions(), |kit| kit.functions().clone())
    }
}

impl Server {
    pub(super) fn new(office: &Office, profile: Profile, fault: Option<&'static Fault>) -> Self {
        let (seq, ind) = office.he;
        let last_sqn = sqn(seq, ind);
        let subscriber =
            |user: User| Subscriber::usim(user.impi, user.functions(), amf(), last_sqn);
        let config = BsfConfig {
            fqdn: BSF_FQDN.to_owned(),
            subscribers: vec![subscriber(User::first(office)), subscriber(User::OTHER)],
            scheme: profile.scheme(None),
            lifetime_seconds: LIFETIME_SECONDS,
            offer: BsfOffer::default(),
            network: BsfNetwork::default(),
        };
        let fault = fault.filter(|fault| fault.role == RoleName::Bsf);
        let policy = fault.map_or_else(BsfPolicy::default, Fault::bsf_policy);
        Self {
            bsf: Bsf::new(config, policy, office.seed),
            now: Moment {
                unix_millis: office.clock,
            },
            tamper: fault.map_or_else(Tamper::default, Fault::tamper),
        }
    }

    pub(super) fn wait(&mut self, millis: i64) {
        self.now = self.now.plus_millis(millis);
    }

    /// The answer to a request.
    pub(super) fn answer(&mut self, request: &Message) -> Result<Message, TestCaseError> {
        let input = Input::Message {
            connection: CONNECTION,
            message: request,
        };
        match self.bsf.handle(self.now, input).as_slice() {
            [Output::Respond { message, .. }] => {
                let bytes = tampered_bytes(message, &self.tamper);
                Message::from_bytes(&bytes).map_err(|why| TestCaseError::fail(why.to_string()))
            }
            other => Err(TestCaseError::fail(format!("a BSF answers: {other:?}"))),
        }
    }

    fn ask(&mut self, request: &str) -> Result<Message, TestCaseError> {
        let message = Message::from_bytes(request.as_bytes()).expect("the text is a message");
        self.answer(&message)
    }

    /// The challenge that a first request draws.
    pub(super) fn challenge(&mut self, user: User) -> Result<Opened, TestCaseError> {
        let answer = self.ask(&format!(
            "GET / HTTP/1.1\r\nHost: {BSF_FQDN}\r\nAuthorization: Digest username=\"{}\", \
             realm=\"{BSF_FQDN}\", nonce=\"\", uri=\"/\", response=\"\"\r\n\r\n",
            user.impi
        ))?;
        opened(&answer, user)
    }

    /// The answer to the right RES for a challenge.
    pub(super) fn conclude(
        &mut self,
        user: User,
        challenge: &Opened,
    ) -> Result<Message, TestCaseError> {
        let res = user.functions().f2(challenge.rand);
        self.ask(&answer_request(user.impi, &challenge.nonce, res.expose()))
    }

    /// The answer to any password for any nonce.
    pub(super) fn conclude_with(
        &mut self,
        user: User,
        nonce: &str,
        password: &[u8],
    ) -> Result<Message, TestCaseError> {
        self.ask(&answer_request(user.impi, nonce, password))
    }

    /// The answer to a right AUTS for a challenge.
    pub(super) fn report(
        &mut self,
        user: User,
        challenge: &Opened,
        ms: (u64, usize),
    ) -> Result<Message, TestCaseError> {
        let auts = user.functions().auts(challenge.rand, sqn(ms.0, ms.1));
        self.report_octets(user, &challenge.nonce, auts.as_bytes())
    }

    /// The answer to any octets of AUTS.
    pub(super) fn report_octets(
        &mut self,
        user: User,
        nonce: &str,
        auts: &[u8],
    ) -> Result<Message, TestCaseError> {
        self.ask(&auts_request(user.impi, nonce, auts))
    }
}

/// AMF in the challenges of the BSF.
pub(super) fn amf() -> Amf {
    Amf::from([0xb9, 0xb9])
}

fn answer_request(impi: &str, nonce: &str, password: &[u8]) -> String {
    request(impi, nonce, Password::Octets(password), "")
}

/// The request with AUTS: the digest has the empty password (RFC 3310 3.4).
fn auts_request(impi: &str, nonce: &str, auts: &[u8]) -> String {
    let auts = format!(", auts=\"{}\"", BASE64.encode(auts));
    request(impi, nonce, Password::Empty, &auts)
}

fn request(impi: &str, nonce: &str, password: Password<'_>, auts: &str) -> String {
    let input = DigestInput {
        hash: Hash::Md5,
        username: impi.as_bytes(),
        realm: BSF_FQDN.as_bytes(),
        password,
        nonce: nonce.as_bytes(),
        uri: b"/",
        nc: b"00000001",
        cnonce: CNONCE.as_bytes(),
        qop: Some(Qop::AuthInt),
        method: b"GET",
        body: b"",
    };
    let response = input.response();
    format!(
        "GET / HTTP/1.1\r\nHost: {BSF_FQDN}\r\nAuthorization: Digest \
         username=\"{impi}\", realm=\"{BSF_FQDN}\", nonce=\"{nonce}\", uri=\"/\", qop=auth-int, \
         nc=00000001, cnonce=\"{CNONCE}\", response=\"{response}\", algorithm=AKAv1-MD5{auts}\
         \r\n\r\n"
    )
}

/// RAND and SQN of the challenge in a 401 whose MAC is right.
pub(super) fn opened(answer: &Message, user: User) -> Result<Opened, TestCaseError> {
    prop_assert_eq!(answer.status().ok(), Some(401));
    let field = answer.field("WWW-Authenticate");
    let value = &field
        .ok_or_else(|| TestCaseError::fail("no challenge"))?
        .value;
    let nonce = text_of(&DirectiveList::parse_credentials(value), "nonce")?;
    let octets = BASE64.decode(nonce.as_bytes());
    let octets = octets.map_err(|why| TestCaseError::fail(why.to_string()))?;
    let (rand, autn) = (octets.first_chunk::<16>(), octets.last_chunk::<16>());
    let (Some(rand), Some(autn), 32) = (rand, autn, octets.len()) else {
        return Err(TestCaseError::fail("the nonce is not RAND and AUTN"));
    };
    let rand = Rand::from(*rand);
    let opened = user.functions().open_autn(rand, &Autn::from(*autn));
    prop_assert_eq!(opened.mac, MacCheck::Valid);
    let sqn = opened.sqn.value();
    Ok(Opened {
        nonce,
        rand,
        seq: sqn / 32,
        ind: usize::try_from(sqn % 32).expect("IND fits"),
    })
}

/// The B-TID of a run with this RAND (TS 33.220 4.5.2).
pub(super) fn btid(rand: Rand) -> String {
    format!("{}@{BSF_FQDN}", BASE64.encode(rand.as_bytes()))
}

/// Fails unless an answer is a challenge or a refusal of the client.
pub(super) fn is_no_server_error(answer: &Message) -> Verdict {
    let status = answer.status().unwrap_or(0);
    prop_assert!((400..500).contains(&status), "status {}", status);
    Ok(())
}

fn text_of(list: &DirectiveList, name: &str) -> Result<String, TestCaseError> {
    let value = list.value(name);
    let value = value.ok_or_else(|| TestCaseError::fail(format!("no {name}")))?;
    Ok(String::from_utf8_lossy(value).into_owned())
}
