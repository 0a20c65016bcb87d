//! The names by which the steps of a case refer to each other's messages.

use crate::case::{Condition, StepKind};
use crate::matcher::{Matcher, Relation};

/// The name that a step gives to its message.
pub(crate) fn own_name(kind: &StepKind) -> Option<&str> {
    match kind {
        StepKind::Send(send) => send.name.as_deref(),
        StepKind::Await(wait) => wait.name.as_deref(),
        StepKind::Trigger(_) | StepKind::Check(_) | StepKind::Never(_) | StepKind::Finish(_) => {
            None
        }
    }
}

/// The names of earlier steps that a step refers to.
pub(crate) fn referred_names(kind: &StepKind) -> Vec<&str> {
    let (direct, conditions): (Option<&str>, [&[Condition]; 2]) = match kind {
        StepKind::Send(send) => (send.answers.as_deref(), [&[], &[]]),
        StepKind::Await(wait) => (None, [&wait.only, &wait.conditions]),
        StepKind::Check(check) => (check.on.as_deref(), [&check.when, &check.conditions]),
        StepKind::Never(never) => (None, [&never.conditions, &[]]),
        StepKind::Trigger(_) | StepKind::Finish(_) => (None, [&[], &[]]),
    };
    let in_matchers = conditions.into_iter().flat_map(names_in);
    direct.into_iter().chain(in_matchers).collect()
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
