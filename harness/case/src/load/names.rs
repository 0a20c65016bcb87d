//! The names by which the steps of a case refer to each other's messages.

use crate::case::{Condition, Send, SqnSpec, StepKind};
use crate::matcher::{Matcher, Relation};

/// The name that a step gives to its message.
pub(crate) fn own_name(kind: &StepKind) -> Option<&str> {
    match kind {
        StepKind::Send(send) => send.name.as_deref(),
        StepKind::Await(wait) => wait.name.as_deref(),
        StepKind::Connect(_)
        | StepKind::Trigger(_)
        | StepKind::Check(_)
        | StepKind::Never(_)
        | StepKind::Finish(_) => None,
    }
}

/// The names of earlier steps that a step refers to.
pub(crate) fn referred_names(kind: &StepKind) -> Vec<&str> {
    let (direct, conditions): (Vec<&str>, [&[Condition]; 2]) = match kind {
        StepKind::Send(send) => (names_in_send(send).collect(), [&[], &[]]),
        StepKind::Await(wait) => (Vec::new(), [&wait.only, &wait.conditions]),
        StepKind::Check(check) => (
            check.on.as_deref().into_iter().collect(),
            [&check.when, &check.conditions],
        ),
        StepKind::Never(never) => (Vec::new(), [&never.conditions, &[]]),
        StepKind::Connect(_) | StepKind::Trigger(_) | StepKind::Finish(_) => {
            (Vec::new(), [&[], &[]])
        }
    };
    let in_matchers = conditions.into_iter().flat_map(names_in);
    direct.into_iter().chain(in_matchers).collect()
}

/// The messages that this one is made from.
pub(crate) fn names_in_send(send: &Send) -> impl Iterator<Item = &str> {
    let counted = match &send.vector.sqn {
        SqnSpec::CountedFrom(counted) => Some(counted.message.as_str()),
        SqnSpec::Chosen(_) => None,
    };
    let rand = send.vector.rand_of.as_deref();
    [send.answers.as_deref(), counted, rand]
        .into_iter()
        .flatten()
}

/// The messages that these conditions compare with.
pub(crate) fn names_in(conditions: &[Condition]) -> impl Iterator<Item = &str> {
    let relations = conditions
        .iter()
        .flat_map(|condition| match &condition.matcher {
            Matcher::Relations(relations) => relations.as_slice(),
            _ => &[],
        });
    relations.filter_map(|relation| match relation {
        Relation::SameAs(other)
        | Relation::DiffersFrom(other)
        | Relation::Above(other)
        | Relation::NotAbove(other)
        | Relation::WithinDeltaOf(other) => Some(other.message.as_str()),
        _ => None,
    })
}
