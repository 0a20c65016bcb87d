//! The bootstrapping run of a UE (TS 24.109 clause 4 and Annexes H and I).

use data_encoding::BASE64;
use gbaspec_crypto::digest;
use gbaspec_crypto::gba_2g::Triplet;
use gbaspec_crypto::secret::{Ha1, Ks, TlsMkExtr};
use gbaspec_wire::digest_header::{Challenge, Credentials};
use gbaspec_wire::http::Message;

use super::answer::{Exchange, nextnonce};
use super::{
    AutsFacts, CertificateCheck, ChallengeJudgement, ChallengeVerdict, Errand, KeptSession,
    MacFacts, NextStep, OtherSchemeFacts, Received, ReferencePoint, ResultFacts, SessionAge,
    SessionChange, State, TmpiRefusal, TmpiStep, UbAnswer, UbPasswordFacts, Ue, UeKeys, UeSession,
    UsernameFacts, UsimUpdate,
};
use crate::names;
use crate::role::{ClientOutcome, Moment, Output, Peer, TlsSession};
use crate::subscriber::SubscriberKind;
use crate::text;
use crate::ub::aka::AkaPasswordFacts;
use crate::ub::gba_digest::{self, GbaDigestFacts};
use crate::ub::second_generation::SecondGenerationFacts;
use crate::ub::tmpi::{self, TmpiFacts};
use crate::ub::{self, KeyInput};

/// A Ub run that waits for its result.
pub(super) struct Run {
    exchange: Exchange,
    input: KeyInput,
    ks: Ks,
}

/// Where in a run a challenge stands.
#[derive(Clone, Copy)]
pub(super) struct Round<'a> {
    /// How many resynchronisations came before.
    pub(super) resynchronisations: u32,
    /// The password of the answer that was refused with it.
    pub(super) refused: Option<&'a [u8]>,
}

/// What a UE answers to a challenge.
struct Reply {
    password: Vec<u8>,
    content: ReplyContent,
}

/// What a reply carries, and what follows from it where it is accepted.
enum ReplyContent {
    /// The text of AUTS.
    Auts(String),
    /// A response, and the session that it makes.
    Response(KeyInput, KsSource),
}

/// Where Ks comes from.
enum KsSource {
    /// It is known.
    Known(Ks),
    /// From the response itself (TS 33.220 Annex B.5).
    Response(Ha1, TlsMkExtr),
}

impl Ue {
    /// The first request of a Ub run (TS 24.109 clause 4.2 a, table A.3-1).
    pub(super) fn start_run(&mut self, now: Moment, errand: Option<Errand>) -> Vec<Output> {
        let realm = match self.config.keys.kind() {
            SubscriberKind::Usim | SubscriberKind::Sim => self.bsf_fqdn.as_str(),
            // TS 24.109 clause I.2 a: the domain name of the home network.
            SubscriberKind::Digest => names::domain(&self.impi),
        };
        let credentials = Credentials {
            username: Some(self.ub_username().into_bytes()),
            realm: Some(realm.as_bytes().to_vec()),
            nonce: Some((self.policy.first_nonce)(self.nextnonce.as_deref())),
            uri: Some(b"/".to_vec()),
            response: Some(Vec::new()),
            ..Credentials::default()
        };
        let message = self.ub_request(now, &credentials);
        let state = State::ExpectChallenge {
            resynchronisations: 0,
            errand,
        };
        self.send(now, Peer::Bsf, message, state)
    }

    /// A challenge: response, AUTS or silence (TS 33.102 clause 6.3.3).
    pub(super) fn challenged(
        &mut self,
        now: Moment,
        received: Received<'_>,
        round: Round<'_>,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let chosen = self.chosen_challenge(received.message, ReferencePoint::Ub);
        let Some((challenge, nonce)) = chosen else {
            return match self.other_scheme(received.message, None) {
                Some(authorization) => self.answer_other_scheme(now, authorization, errand),
                None => self.finish(ClientOutcome::Failed),
            };
        };
        let reply = match self.config.keys.kind() {
            SubscriberKind::Usim => self.aka_reply(&challenge, &nonce, round),
            SubscriberKind::Sim => self.second_generation_reply(received, &challenge, &nonce),
            SubscriberKind::Digest => self.gba_digest_reply(received, &challenge, &nonce),
        };
        let reply = match reply {
            Ok(reply) => reply,
            Err(outcome) => return self.finish(outcome),
        };
        match self.other_scheme(received.message, Some(&reply.password)) {
            Some(authorization) => self.answer_other_scheme(now, authorization, errand),
            None => self.reply(now, &challenge, reply, round, errand),
        }
    }

    /// What goes to a challenge of another scheme than Digest, if anything does.
    fn other_scheme(&self, message: &Message, password: Option<&[u8]>) -> Option<String> {
        (self.policy.answer_other_scheme)(&OtherSchemeFacts {
            message,
            impi: &self.impi,
            password,
        })
    }

    fn answer_other_scheme(
        &mut self,
        now: Moment,
        authorization: String,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let mut message = self.ub_request(now, &Credentials::default());
        message.set("Authorization", authorization);
        let state = State::ExpectChallenge {
            resynchronisations: 0,
            errand,
        };
        self.send(now, Peer::Bsf, message, state)
    }

    /// An answer to the first request that is no challenge. One to a TMPI says that the BSF does
    /// not know it (TS 33.220 clause 4.5.2).
    pub(super) fn unchallenged(
        &mut self,
        now: Moment,
        status: u16,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        if self.tmpi.is_none() {
            return self.finish(ClientOutcome::Failed);
        }
        match (self.policy.after_tmpi_refusal)(&TmpiRefusal { status }) {
            TmpiStep::Stop => self.finish(ClientOutcome::Failed),
            TmpiStep::TryAgain => self.start_run(now, errand),
            TmpiStep::UseImpi => {
                self.tmpi = None;
                self.start_run(now, errand)
            }
        }
    }

    /// The result of a Ub run (TS 24.109 clauses 4.2 and 4.3).
    pub(super) fn concluded(
        &mut self,
        now: Moment,
        received: Received<'_>,
        run: Run,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let Received {
            message, status, ..
        } = received;
        let outcome = (self.policy.judge_result)(&ResultFacts {
            point: ReferencePoint::Ub,
            request: None,
            status,
            proof: run.exchange.proof_in(message, self.policy.content),
        });
        if outcome != ClientOutcome::Success {
            let step = self.step_after(message, ReferencePoint::Ub, status, SessionAge::New);
            return match step {
                NextStep::Stop => self.finish(outcome),
                // RFC 7616 clause 3.3: the new nonce is a new challenge, with RES of its own.
                NextStep::AnswerAgain => {
                    let round = Round {
                        resynchronisations: 0,
                        refused: Some(&run.exchange.password),
                    };
                    self.challenged(now, received, round, errand)
                }
                NextStep::BootstrapAgain => self.start_run(now, errand),
            };
        }
        let content = message.content().unwrap_or_default();
        let Some(facts) = (self.policy.read_session)(&content) else {
            return self.finish(ClientOutcome::Failed);
        };
        self.tmpi = self.tmpi_after(message, &run);
        self.nextnonce = nextnonce(message);
        self.keep(UeSession {
            btid: facts.btid,
            input: run.input,
            ks: run.ks,
            expires: facts.expires,
            used_at: Vec::new(),
            proposed: Vec::new(),
        });
        match errand {
            None => self.finish(ClientOutcome::Success),
            Some(errand) => self.answer_ua(
                now,
                Errand {
                    session: SessionAge::New,
                    ..errand
                },
            ),
        }
    }

    /// Keeps the session of a run, which takes the place of the one before it.
    fn keep(&mut self, new: UeSession) {
        let kept = self.session.as_ref().map(|old| {
            (self.policy.kept_session)(&SessionChange {
                old_expires: old.expires,
                new_expires: new.expires,
            })
        });
        if kept != Some(KeptSession::Old) {
            self.session = Some(new);
        }
    }

    /// The answer of a USIM to an AKA challenge.
    fn aka_reply(
        &mut self,
        challenge: &Challenge,
        nonce: &[u8],
        round: Round<'_>,
    ) -> Result<Reply, ClientOutcome> {
        let (rand, autn) = (self.policy.read_nonce)(nonce).ok_or(ClientOutcome::Failed)?;
        let UeKeys::Usim { functions, usim } = &mut self.config.keys else {
            return Err(ClientOutcome::Failed);
        };
        let opened = functions.open_autn(rand, &autn);
        let mac = (self.policy.check_mac)(&MacFacts {
            functions,
            rand,
            autn: &autn,
            sqn: opened.sqn,
        });
        let verdict = (self.policy.judge_challenge)(&ChallengeJudgement {
            mac,
            sqn: (self.policy.check_sqn)(usim, opened.sqn),
            resynchronisations: round.resynchronisations,
        });
        let vector = functions.vector(rand, opened.sqn, opened.amf);
        let updated = (self.policy.update_usim)(&UsimUpdate {
            usim,
            sqn: opened.sqn,
            verdict,
        });
        let (answer, content) = match verdict {
            ChallengeVerdict::Stop(outcome) => return Err(outcome),
            ChallengeVerdict::Answer => {
                let ks = KsSource::Known(vector.ks());
                (
                    UbAnswer::Response,
                    ReplyContent::Response(KeyInput::Rand(rand), ks),
                )
            }
            ChallengeVerdict::Resynchronise => {
                let octets = (self.policy.auts)(&AutsFacts {
                    functions,
                    rand,
                    sqn_ms: usim.sqn_ms(),
                    usim,
                    received_sqn: opened.sqn,
                    amf: opened.amf,
                });
                let report = ReplyContent::Auts(BASE64.encode(&octets));
                (UbAnswer::Resynchronisation, report)
            }
        };
        *usim = updated;
        let algorithm = challenge.algorithm.as_ref();
        let password = (self.policy.ub_password)(&UbPasswordFacts {
            aka: AkaPasswordFacts::new(algorithm, &vector),
            answer,
            mac,
            refused: round.refused,
        });
        Ok(Reply { password, content })
    }

    /// The answer of a SIM (TS 24.109 clause H.2, TS 33.220 Annex I).
    fn second_generation_reply(
        &self,
        received: Received<'_>,
        challenge: &Challenge,
        nonce: &[u8],
    ) -> Result<Reply, ClientOutcome> {
        self.trusted_tls(received, challenge.realm.as_deref().unwrap_or_default())?;
        let nonce = (self.policy.read_second_generation_nonce)(nonce);
        let (UeKeys::Sim(functions), Some(nonce)) = (&self.config.keys, nonce) else {
            return Err(ClientOutcome::Failed);
        };
        let triplet = Triplet::from_aka(functions, nonce.rand);
        let keys = (self.policy.second_generation_keys)(&SecondGenerationFacts {
            triplet: &triplet,
            ks_input: nonce.ks_input,
        });
        Ok(Reply {
            password: keys.password,
            content: ReplyContent::Response(KeyInput::Rand(nonce.rand), KsSource::Known(keys.ks)),
        })
    }

    /// The answer with a password (TS 24.109 clause I.2, TS 33.220 Annex M).
    fn gba_digest_reply(
        &self,
        received: Received<'_>,
        challenge: &Challenge,
        nonce: &[u8],
    ) -> Result<Reply, ClientOutcome> {
        let tls = self.trusted_tls(received, self.bsf_fqdn.as_bytes())?;
        let realm = challenge.realm.as_deref().unwrap_or_default();
        if realm != names::domain(&self.impi).as_bytes() {
            return Err(ClientOutcome::NotAuthentic);
        }
        let UeKeys::Digest(password) = &self.config.keys else {
            return Err(ClientOutcome::Failed);
        };
        let hash = ub::hash_of(challenge.algorithm.as_ref());
        let username = self.impi.as_bytes();
        let ha1 = digest::ha1(hash, username, realm, password.expose().as_bytes());
        let password = (self.policy.gba_digest_password)(&GbaDigestFacts {
            ha1: &ha1,
            tls_mk_extr: &tls.mk_extr,
        });
        let source = KsSource::Response(ha1, tls.mk_extr.clone());
        Ok(Reply {
            password,
            content: ReplyContent::Response(KeyInput::Nonce(nonce.to_vec()), source),
        })
    }

    /// The TLS session around a challenge, if its certificate is the one of the BSF.
    fn trusted_tls(
        &self,
        received: Received<'_>,
        claimed: &[u8],
    ) -> Result<&TlsSession, ClientOutcome> {
        let tls = self
            .tls(received.connection)
            .ok_or(ClientOutcome::NotAuthentic)?;
        let accepted = (self.policy.accept_certificate)(&CertificateCheck {
            point: ReferencePoint::Ub,
            names: &tls.peer_names,
            claimed,
            contacted: &self.bsf_fqdn,
        });
        accepted.then_some(tls).ok_or(ClientOutcome::NotAuthentic)
    }

    /// Sends an answer to a challenge.
    fn reply(
        &mut self,
        now: Moment,
        challenge: &Challenge,
        reply: Reply,
        round: Round<'_>,
        errand: Option<Errand>,
    ) -> Vec<Output> {
        let (username, point) = (self.ub_username(), ReferencePoint::Ub);
        let request = Message::request("GET / HTTP/1.1");
        let answer = self.answer_to(challenge, username, reply.password, point, &request);
        let Some((exchange, mut credentials)) = answer else {
            return self.finish(ClientOutcome::Failed);
        };
        self.answers.0 = self.answers.0.saturating_add(1);
        let state = match reply.content {
            ReplyContent::Auts(auts) => {
                credentials.auts = Some(auts.into_bytes());
                State::ExpectChallenge {
                    resynchronisations: round.resynchronisations.saturating_add(1),
                    errand,
                }
            }
            ReplyContent::Response(input, source) => {
                let ks = self.ks_from(source, &exchange);
                let run = Run {
                    exchange,
                    input,
                    ks,
                };
                State::ExpectResult { run, errand }
            }
        };
        let message = self.ub_request(now, &credentials);
        self.send(now, Peer::Bsf, message, state)
    }

    fn ks_from(&self, source: KsSource, exchange: &Exchange) -> Ks {
        match source {
            KsSource::Known(ks) => ks,
            KsSource::Response(ha1, tls_mk_extr) => {
                let facts = GbaDigestFacts {
                    ha1: &ha1,
                    tls_mk_extr: &tls_mk_extr,
                };
                let resp = gba_digest::resp(exchange.response.as_bytes());
                (self.policy.gba_digest_ks)(&facts, &resp)
            }
        }
    }

    /// The TMPI after a successful run. Only a UE with a USIM has one: the other ways of
    /// bootstrapping always use the private identity (TS 24.109 clauses H.2 and I.2).
    fn tmpi_after(&self, message: &Message, run: &Run) -> Option<String> {
        let (SubscriberKind::Usim, KeyInput::Rand(rand)) = (self.config.keys.kind(), &run.input)
        else {
            return None;
        };
        (self.policy.tmpi)(&TmpiFacts {
            ks: &run.ks,
            rand: *rand,
            impi: &self.impi,
            bsf_fqdn: &self.bsf_fqdn,
            token: ub::product_token(message, "Server", tmpi::TOKEN),
            previous: self.tmpi.as_deref(),
        })
    }

    fn ub_username(&self) -> String {
        (self.policy.username)(&UsernameFacts::Ub {
            impi: &self.impi,
            tmpi: self.tmpi.as_deref(),
        })
    }

    /// A request on Ub in the order of table A.3-1.
    fn ub_request(&self, now: Moment, credentials: &Credentials) -> Message {
        let mut agent = format!("Bootstrapping Client Agent; Release-6; {}", tmpi::TOKEN);
        if self.config.keys.kind() == SubscriberKind::Digest {
            agent = format!("{agent}; {}", gba_digest::TOKEN);
        }
        let mut message = Message::request("GET / HTTP/1.1");
        message.push("Host", self.bsf_fqdn.as_str());
        message.push("User-Agent", agent);
        message.push("Date", text::http_date(now));
        message.push("Accept", "*/*");
        message.push("Authorization", credentials.emit());
        message
    }
}
