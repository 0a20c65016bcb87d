//! The AKA exchange that a message belongs to: the challenge that it holds, or what it answers.

use gbaspec_crypto::aka::MacCheck;
use gbaspec_crypto::token::{Autn, Rand, Sqn};
use gbaspec_wire::directive::DirectiveList;
use gbaspec_wire::nonce::AkaNonce;

use super::View;

/// A challenge as the holder of the subscriber's key reads it; MAC-A is right.
pub(crate) struct OpenedChallenge {
    /// The nonce directive, as text.
    pub(crate) nonce: Vec<u8>,
    /// SQN in AUTN.
    pub(crate) sqn: Sqn,
}

/// What a request answers to an AKA challenge.
pub(crate) struct Reply {
    /// The nonce of the challenge, as text.
    pub(crate) nonce: Vec<u8>,
    /// SQN of the challenge; its MAC-A is right.
    pub(crate) challenge: Sqn,
    /// The answer.
    pub(crate) kind: ReplyKind,
}

/// An answer that only the holder of the key can give.
pub(crate) enum ReplyKind {
    /// A response made with RES.
    Res,
    /// An AUTS with a right MAC-S.
    Auts {
        /// The SQN_MS in it.
        sqn_ms: Sqn,
    },
}

impl View<'_> {
    /// The challenge of this message that the harness's client uses, if it is one for its
    /// subscriber.
    pub(crate) fn opened_challenge(&self) -> Option<OpenedChallenge> {
        self.opened(&self.challenge_list()?)
    }

    /// Every challenge of this message that is one for its subscriber; two with the same nonce are
    /// one.
    pub(crate) fn opened_challenges(&self) -> Vec<OpenedChallenge> {
        let mut opened: Vec<OpenedChallenge> = Vec::new();
        for challenge in self
            .challenge_lists()
            .iter()
            .filter_map(|list| self.opened(list))
        {
            if opened.iter().all(|known| known.nonce != challenge.nonce) {
                opened.push(challenge);
            }
        }
        opened
    }

    fn opened(&self, list: &DirectiveList) -> Option<OpenedChallenge> {
        let nonce = list.value("nonce")?.to_vec();
        let AkaNonce { rand, autn, .. } = AkaNonce::decode(&nonce).ok()?;
        let functions = self.challenged()?.aka()?;
        let opened = functions.open_autn(Rand::from(rand), &Autn::from(autn));
        let sqn = opened.sqn;
        (opened.mac == MacCheck::Valid).then_some(OpenedChallenge { nonce, sqn })
    }

    /// The answer of this request to an AKA challenge for its subscriber.
    pub(crate) fn reply(&self) -> Option<Reply> {
        let list = self.credentials_list()?;
        let nonce = list.value("nonce")?.to_vec();
        let AkaNonce { rand, autn, .. } = AkaNonce::decode(&nonce).ok()?;
        let functions = self.subscriber_of(list.value("username"))?.aka()?;
        let opened = functions.open_autn(Rand::from(rand), &Autn::from(autn));
        if opened.mac == MacCheck::Mismatch {
            return None;
        }
        let kind = if list.value("auts").is_some() {
            let (_, rand, _, auts) = self.resynchronisation()?;
            let opened = functions.open_auts(rand, &auts);
            let sqn_ms = opened.sqn_ms;
            (opened.mac == MacCheck::Valid).then_some(ReplyKind::Auts { sqn_ms })?
        } else {
            self.made_with(&list)
                .is_some_and(proves_res)
                .then_some(ReplyKind::Res)?
        };
        Some(Reply {
            nonce,
            challenge: opened.sqn,
            kind,
        })
    }

    /// The SQN that this message is about: SQN_MS of a right AUTS, else the one of the challenge
    /// that it holds or answers.
    pub(crate) fn sqn_of_message(&self) -> Option<Sqn> {
        if let Some((functions, rand, _, auts)) = self.resynchronisation() {
            let opened = functions.open_auts(rand, &auts);
            if opened.mac == MacCheck::Valid {
                return Some(opened.sqn_ms);
            }
        }
        let nonce = self.nonce_of_message()?;
        let autn = Autn::from(nonce.autn);
        let functions = self.subject()?.aka()?;
        Some(functions.open_autn(Rand::from(nonce.rand), &autn).sqn)
    }

    /// The RAND of the challenge that this message holds or answers.
    pub(crate) fn rand_of_message(&self) -> Option<Rand> {
        self.nonce_of_message().map(|nonce| Rand::from(nonce.rand))
    }

    fn nonce_of_message(&self) -> Option<AkaNonce> {
        let list = self.challenge_list().or_else(|| self.credentials_list())?;
        AkaNonce::decode(list.value("nonce")?).ok()
    }
}

/// Whether who made a response with this had RES: the SQN was accepted, whatever was done with RES.
fn proves_res(made_with: &str) -> bool {
    made_with.starts_with("res") || made_with.starts_with("akav2")
}
