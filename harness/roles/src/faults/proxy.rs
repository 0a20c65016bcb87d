//! Faults of an authentication proxy.

use super::Fault;

/// Every fault of an authentication proxy.
pub fn all() -> impl Iterator<Item = &'static Fault> {
    [].into_iter()
}
